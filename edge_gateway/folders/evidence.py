"""What an open file shows about which stream it holds. Reads; decides nothing (`match`)."""

from __future__ import annotations

import os
import zlib
from io import FileIO
from typing import Self

from edge_gateway.folders.files import open_to_read
from edge_gateway.folders.identity import HEAD_BYTES, MARKER_BYTES, Head, Stream, digest, find_head
from edge_gateway.folders.lines import Dialect
from edge_gateway.folders.tail import complete_part

_SCAN = 1 << 20


class FileView:
    """One file of the folder, open from the call on until the ``with`` ends; its size is what it was at the call.

    All may raise OSError. Every file with news is opened at every poll: hence neither a Path nor a buffer.
    """

    def __init__(self, folder: str, name: str, dialect: Dialect) -> None:
        handle = open_to_read(os.path.join(folder, name))  # noqa: PTH118 - see above
        try:
            status = os.fstat(handle.fileno())
        except OSError:
            handle.close()
            raise
        self.name = name
        self.device, self.inode, self.size = status.st_dev, status.st_ino, status.st_size
        self.signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        self._folder = folder
        self._handle = handle
        self._dialect = dialect
        self._start: bytes | None = None
        self._head: Head | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    @property
    def start(self) -> bytes:
        """The first bytes, as many as a head may have."""
        if self._start is None:
            self._start = self.read(0, HEAD_BYTES)
            self._head = find_head(self._start, self.name, self._dialect)
        return self._start

    @property
    def head(self) -> Head | None:
        """The file's head, if it has one yet."""
        return self._head if self.start else None

    @property
    def named(self) -> str:
        """What the file's name says of the date of its lines."""
        return self._dialect.named(self.name)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from an offset on: as many as asked for, or all up to the end of the file."""
        self._handle.seek(offset)
        return _read(self._handle, max(0, length))

    def marker_matches(self, stream: Stream) -> bool:
        """Whether the bytes just before the stream's offset are those that were read."""
        return self.marker_at(stream.offset) == stream.marker

    def prefix_matches(self, stream: Stream) -> bool:
        """Whether all bytes before the stream's offset are those that were read. Reads them."""
        return self.crc(0, stream.offset) == stream.crc

    def marker_at(self, offset: int) -> str:
        """The marker of a stream read up to `offset`."""
        start = max(0, offset - MARKER_BYTES)
        return digest(self.read(start, offset - start))

    def crc(self, begin: int, end: int, crc: int = 0) -> int:
        """CRC-32 of a range of bytes, carried on from `crc`; -1 if the file ends before it."""
        self._handle.seek(begin)
        remaining = end - begin
        while remaining > 0:
            chunk = self._handle.read(min(_SCAN, remaining))
            if not chunk:
                return -1  # shorter than what was read: no CRC equals it
            crc = zlib.crc32(chunk, crc)
            remaining -= len(chunk)
        return crc

    def last_common(self, stream: Stream) -> tuple[int, int]:
        """(offset, crc) of the furthest checkpoint up to which the file is what was read.

        At least those of the head, if it is the stream's.
        """
        same_head = self.head is not None and self.head.begins(stream)
        position = stream.head_size if same_head else 0
        crc = self.crc(0, position)
        common = (position, crc)
        for offset, expected in stream.checkpoints:
            if not position < offset <= self.size:
                continue
            crc = self.crc(position, offset, crc)
            if crc != expected:
                break
            position = offset
            common = (offset, crc)
        return common

    def shared(self, stream: Stream) -> int:
        """How many bytes it has in common with what was read of a stream, by the stream's own file."""
        with open_to_read(os.path.join(self._folder, stream.path)) as other:  # noqa: PTH118
            return _common_prefix(self._handle, other, stream.offset)

    def line_start(self, offset: int, reach: int) -> int:
        """Where the line begins in which `offset` is; not before `reach`."""
        return reach + self.read(reach, offset - reach).rfind(b"\n") + 1

    def lines_after(self, offset: int, length: int) -> bool:
        """Whether a whole line, or what can be none, is written behind an offset."""
        return complete_part(self.read(offset, length), skipping=False).size > 0

    def written_after(self, offset: int) -> int | None:
        """Where the first byte that is no NUL stands from `offset` on; None if there is none."""
        self._handle.seek(offset)
        while data := self._handle.read(_SCAN):
            rest = data.lstrip(b"\0")
            if rest:
                return offset + len(data) - len(rest)
            offset += len(data)
        return None


def _read(handle: FileIO, length: int) -> bytes:
    """So many bytes from where the file stands, or all up to its end."""
    data = handle.read(length)
    while len(data) < length and (more := handle.read(length - len(data))):
        data += more  # of a share one read may bring only a part
    return data


def _common_prefix(handle: FileIO, other: FileIO, limit: int) -> int:
    """How many bytes two files have in common from their start, at most `limit`."""
    handle.seek(0)
    other.seek(0)
    common = 0
    while common < limit:
        ours, theirs = (_read(each, min(_SCAN, limit - common)) for each in (handle, other))
        if not ours or ours != theirs:
            length = min(len(ours), len(theirs))
            return common + next((at for at in range(length) if ours[at] != theirs[at]), length)
        common += len(ours)
    return common
