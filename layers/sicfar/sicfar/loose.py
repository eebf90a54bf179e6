"""Loose files (`avulsos/`): plain TXT dropped by hand or by an old FTP job that uploads the same growing file again.

What counts once is content, not names: the database keeps, per key, the length and SHA-256 of the prefix it has
counted (through the last complete line). A version that continues that prefix adds its tail only; an older version
that arrives late is recognised as a prefix of the counted one and adds nothing; anything else under the same name is
changed content, and goes to quarantine for a person. Lengths are of the uncompressed text.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sicfar import objects
from sicfar.batch import plain_chunks
from sicfar.entries import Entry, Prefix, loose_entry
from sicfar.errors import PermanentError
from sicfar.notifications import ObjectRef
from sicfar.txt import tally

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOTHING_COUNTED = Prefix()


class ContentChangedError(PermanentError):
    """The file does not continue what was counted under its name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database has of a key: the prefix, and the version it was read from (None on an unversioned bucket)."""

    prefix: Prefix
    version_id: str | None


def read_loose(s3: "S3Client", ref: ObjectRef, counted: Counted | None, *, limit: int) -> Entry | None:
    """The entry for what `ref` adds to `counted`; None if it is an older version of it and adds nothing.

    Raises ContentChangedError, and the errors of `sicfar.objects.chunks` and of `sicfar.batch.plain_chunks`.
    """
    prefix = counted.prefix if counted else NOTHING_COUNTED
    digest = hashlib.sha256()
    text = _Measured(plain_chunks(objects.hashed(objects.chunks(s3, ref), digest), limit=limit), prefix.length)
    counts = tally(text, skip=prefix.length)
    if text.head == prefix:
        return loose_entry(ref, digest.hexdigest(), counts, counted=prefix, accepted=text.complete)
    if text.head.length == prefix.length:
        raise _changed(ref, f"os primeiros {prefix.length} bytes, já contados, são outros")
    if counted and counted.version_id:
        newer = replace(ref, version_id=counted.version_id)
        if _head(plain_chunks(objects.chunks(s3, newer), limit=limit), text.head.length) == text.head:
            return None
    raise _changed(ref, f"tem {text.head.length} bytes e já foram contados {prefix.length}")


def _changed(ref: ObjectRef, how: str) -> ContentChangedError:
    return ContentChangedError(
        code="conteudo_alterado",
        what=f"o conteúdo sob este nome mudou em vez de crescer: {how}",
        where=str(ref),
        action="compare as versões no bucket; o que faltar, envie com outro nome e sem o que já foi contado",
    )


def _head(chunks: Iterable[bytes], length: int) -> Prefix:
    """A text's first `length` bytes, or all of it if it is shorter."""
    text = _Measured(chunks, length)
    for _ in text:
        pass
    return text.head


class _Measured:
    """A text's chunks, passed on; what they were is known afterwards.

    `head`: the first `length` bytes, or all of them if the text is shorter; `complete`: through the last newline.
    """

    def __init__(self, chunks: Iterable[bytes], length: int) -> None:
        self._chunks = chunks
        self._length = length
        self.head = self.complete = NOTHING_COUNTED

    def __iter__(self) -> Iterator[bytes]:
        head, whole = _Running(), _Running()
        for chunk in self._chunks:
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
