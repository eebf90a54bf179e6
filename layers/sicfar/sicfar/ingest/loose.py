"""Loose files (`avulsos/`): plain TXT dropped by hand or by an old FTP job that uploads the same growing file again.

What counts once is content, not names. Files that begin alike, through their first record, are one content: copies of
it, or stages of its growth, whatever they are called. Of each content the database keeps the length and SHA-256 of the
longest prefix it has counted (through the last complete line). What continues that prefix adds its tail only; what is
itself a prefix of it (an older version that comes late, a copy made earlier) adds nothing; anything else is changed
content, and goes to quarantine for a person. A file without any record is known by its name alone. Lengths are of the
uncompressed text.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sicfar.aws import objects
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.codes import Reason
from sicfar.counts.compression import QuarantineError, plain_chunks
from sicfar.counts.record import Layout, LineError, decode_line, is_header, parse_record
from sicfar.counts.txt import tally
from sicfar.ingest.entries import Entry, Prefix, loose_entry

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOTHING_COUNTED = Prefix()
HEAD_BYTES = 65_536
"""How far into a file its first record is looked for."""


class ContentChangedError(QuarantineError):
    """The file does not continue what was counted under its name."""

    reason = Reason.CONTEUDO_ALTERADO


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database has of a content: the prefix, and the object it was read from.

    ``version_id`` is None on an unversioned bucket. ``until``: how much of the file is wanted, in bytes; None for all.
    """

    prefix: Prefix
    key: str
    version_id: str | None
    until: int | None = None


def read_loose(s3: "S3Client", ref: ObjectRef, counted: Counted | None, *, limit: int) -> Entry | None:
    """The entry for what `ref` adds to `counted`; None if it is an older version of it and adds nothing.

    Raises ContentChangedError, and the errors of `sicfar.aws.objects.chunks` and of `sicfar.counts.batch.plain_chunks`.
    """
    prefix = counted.prefix if counted else NOTHING_COUNTED
    digest = hashlib.sha256()
    chunks = plain_chunks(objects.hashed(objects.chunks(s3, ref), digest), limit=limit)
    if counted and counted.until is not None:
        chunks = first_bytes(chunks, counted.until)
    text = _Measured(chunks, prefix.length)
    counts = tally(text, skip=prefix.length)
    if text.head == prefix:
        begin = first_record(text.start)
        return loose_entry(ref, digest.hexdigest(), counts, counted=prefix, accepted=text.complete, beginning=begin)
    if text.head.length == prefix.length:
        raise _changed(ref, f"os primeiros {prefix.length} bytes, já contados, são outros")
    if counted and (counted.version_id or counted.key != ref.key):
        newer = replace(ref, key=counted.key, version_id=counted.version_id)
        if _head(plain_chunks(objects.chunks(s3, newer), limit=limit), text.head.length) == text.head:
            return None
    raise _changed(ref, f"tem {text.head.length} bytes e já foram contados {prefix.length}")


def first_record(start: bytes) -> Prefix:
    """What a file whose first bytes are `start` begins with, through its first record; nothing without one."""
    layout: Layout | None = None
    begin = 0
    while (end := start.find(b"\n", begin) + 1) > 0:
        line, begin = start[begin:end], end
        with suppress(LineError):
            text = decode_line(line[:-1])
            if is_header(text):
                layout = Layout.from_header(text)
            elif not text.startswith("#"):
                parse_record(text, layout)
                return Prefix(end, hashlib.sha256(start[:end]).hexdigest())
    return NOTHING_COUNTED


def _changed(ref: ObjectRef, how: str) -> ContentChangedError:
    return ContentChangedError(
        code="conteudo_alterado",
        what=f"o conteúdo sob este nome mudou em vez de crescer: {how}",
        where=str(ref),
        action="compare as versões no bucket; o que faltar, envie com outro nome e sem o que já foi contado",
    )


def first_bytes(chunks: Iterable[bytes], length: int) -> Iterator[bytes]:
    """Pass on a text's first `length` bytes; the rest is read too, for the digest of the whole."""
    for chunk in chunks:
        if length:
            yield chunk[:length]
        length -= min(length, len(chunk))


def _head(chunks: Iterable[bytes], length: int) -> Prefix:
    """A text's first `length` bytes, or all of it if it is shorter."""
    text = _Measured(chunks, length)
    for _ in text:
        pass
    return text.head


class _Measured:
    """A text's chunks, passed on; what they were is known afterwards.

    `head`: the first `length` bytes, or all of them if the text is shorter; `complete`: through the last newline;
    `start`: the first `HEAD_BYTES` themselves.
    """

    def __init__(self, chunks: Iterable[bytes], length: int) -> None:
        self._chunks = chunks
        self._length = length
        self.head = self.complete = NOTHING_COUNTED
        self.start = b""

    def __iter__(self) -> Iterator[bytes]:
        head, whole = _Running(), _Running()
        for chunk in self._chunks:
            self.start += chunk[: HEAD_BYTES - len(self.start)]
            head.add(chunk[: self._length - head.length])
            newline = chunk.rfind(b"\n") + 1
            if newline:
                whole.add(chunk[:newline])
                self.complete = whole.prefix()
            whole.add(chunk[newline:])
            yield chunk
        self.head = head.prefix()


class _Running:
    """Length and digest of what was added."""

    def __init__(self) -> None:
        self.length = 0
        self._digest = hashlib.sha256()

    def add(self, part: bytes) -> None:
        self.length += len(part)
        self._digest.update(part)

    def prefix(self) -> Prefix:
        return Prefix(self.length, self._digest.hexdigest()) if self.length else NOTHING_COUNTED
