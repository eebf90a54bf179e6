"""Which stream a file holds: decisions from the known streams and what a file shows. Pure; `polling` carries them out.

A file is looked at under these rules, in this order:

1. `holds`: reading resumes in a file that was changed in no byte already read, by the marker in the inode the stream
   was last seen in, by the whole prefix in any other.
2. `resumable`: a file that no stream was seen in may hold an *orphaned* one (its own file is missing or is another
   now): the longest that it holds, with the same inode or the same head.
3. `compare`: a file that begins with the same head as known streams is a copy, a copy that goes its own way (a fork),
   the same content grown on elsewhere, or what an orphaned stream was altered to. What cannot be told is suspect.
4. What is left is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge_gateway.folders.identity import HEAD_BYTES, Head, Stream


class Evidence(Protocol):
    """What a file shows; see `evidence.FileView`."""

    name: str
    device: int
    inode: int
    size: int

    @property
    def head(self) -> Head | None:
        """See `FileView.head`."""

    @property
    def named(self) -> str:
        """See `FileView.named`."""

    def marker_matches(self, stream: Stream, /) -> bool:
        """See `FileView.marker_matches`."""

    def prefix_matches(self, stream: Stream, /) -> bool:
        """See `FileView.prefix_matches`."""

    def last_common(self, stream: Stream, /) -> tuple[int, int]:
        """See `FileView.last_common`."""

    def shared(self, stream: Stream, /) -> int:
        """See `FileView.shared`."""

    def line_start(self, offset: int, reach: int, /) -> int:
        """See `FileView.line_start`."""

    def lines_after(self, offset: int, length: int, /) -> bool:
        """See `FileView.lines_after`."""

    def written_after(self, offset: int, /) -> int | None:
        """See `FileView.written_after`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The file holds the stream: read on in it."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Altered:
    """The file is the stream's up to `offset` (`crc`: of the bytes before it); what follows may have been counted."""

    stream: Stream
    offset: int
    crc: int


@dataclass(frozen=True, slots=True)
class Fork:
    """The file is the stream's up to `offset` and then differs while the stream goes on: what follows is suspect."""

    stream: Stream
    offset: int


@dataclass(frozen=True, slots=True)
class Copy:
    """There is nothing in the file but what the stream has."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Undecided:
    """It cannot be said now."""


Decision = Resume | Altered | Fork | Copy | Undecided


def same_inode(file: Evidence, stream: Stream) -> bool:
    """Whether the file is in the inode the stream was last seen in."""
    return file.inode != 0 and (file.device, file.inode) == (stream.device, stream.inode)


def in_place(file: Evidence, stream: Stream) -> bool:
    """Whether a file under the stream's name needs no more proof than the marker: it is the inode of before.

    Where files have no inode the name stands for it.
    """
    return file.size >= stream.offset and (file.inode == 0 or same_inode(file, stream))


def holds(file: Evidence, stream: Stream) -> bool:
    """Whether reading of the stream may resume in the file."""
    if file.size < stream.offset or not file.marker_matches(stream):
        return False
    if file.inode == 0 or same_inode(file, stream):
        return True
    # A header alone is like any other of its logger.
    return bool(stream.head or stream.offset >= HEAD_BYTES) and file.prefix_matches(stream)


def resumable(file: Evidence, orphaned: Iterable[Stream]) -> Iterable[Stream]:
    """The orphaned streams that the file holds, the longest first."""
    head, named = file.head, file.named
    for stream in sorted(orphaned, key=lambda s: -s.offset):
        same_head = head is not None and head.begins(stream)
        if (same_inode(file, stream) or same_head) and named in ("", stream.named) and holds(file, stream):
            yield stream


def same_head(head: Head | None, streams: Mapping[str, Stream]) -> list[Stream]:
    """The streams that begin with this head."""
    return [] if head is None else [stream for stream in streams.values() if head.begins(stream)]


def filled(file: Evidence, orphaned: Iterable[Stream]) -> Altered | None:
    """What a file may be whose NULs were given a fate and then filled, so that neither its head nor its prefix tells.

    It may be another content as well: then a person finds all of it in quarantine.
    """
    for stream in orphaned:
        if stream.holed and file.size >= stream.offset and (same_inode(file, stream) or stream.path == file.name):
            return Altered(stream, *file.last_common(stream))
    return None


def grown_on(file: Evidence, present: Collection[Stream], reach: int) -> Decision | None:
    """The same content as a stream whose own file is there, and whole lines more."""
    for stream in present:
        grown = file.size > stream.offset and file.lines_after(stream.offset, reach)
        if grown and file.prefix_matches(stream):
            return Resume(stream)
    return None


def compare(
    file: Evidence, present: Collection[Stream], orphaned: Collection[Stream], *, reach: int, at_rest: bool
) -> Decision:
    """What a file is that begins like known streams and holds none of them.

    `present`: those whose own file is there, the longest first; `reach`: bytes looked at from a place on; `at_rest`:
    whether a last line without newline is one.
    """
    try:
        copied, original = max(
            ((file.shared(stream), stream) for stream in present), key=lambda found: found[0], default=(0, None)
        )
    except OSError:
        return Undecided()  # a stream's own file cannot be read now; whoever reads it reports it
    rests = [(*file.last_common(stream), stream) for stream in orphaned]
    offset, crc, altered = max(rests, key=lambda found: found[0], default=(0, 0, None))
    if altered is not None and offset > copied:
        return Altered(altered, offset, crc)
    if original is None:
        return Undecided()
    start = file.line_start(copied, max(original.head_size, copied - reach))
    if file.lines_after(start, reach) or (at_rest and file.written_after(max(copied, start)) is not None):
        return Fork(original, start)
    return Copy(original)
