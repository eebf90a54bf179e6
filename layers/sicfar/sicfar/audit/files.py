"""A ledger row's object, read again from the bucket."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sicfar import objects
from sicfar.audit.evidence import Filed
from sicfar.batch import BatchKey, TornBatchError, Unreadable, plain_chunks, read_batch
from sicfar.errors import PermanentError, SicfarError
from sicfar.intake import LARGEST_LOOSE_FILE
from sicfar.notifications import ObjectRef
from sicfar.txt import Tally, tally

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Reading:
    """What an object says, and the digest of its stored bytes. ``accepted``: digest of a loose file's counted text."""

    sha256: str
    tally: Tally
    unreadable: tuple[Unreadable, ...] = ()
    accepted: str | None = None


def batch_key(key: str) -> BatchKey | None:
    """The parts of a batch's key; None for any other object."""
    try:
        return BatchKey.parse(key)
    except PermanentError:
        return None


def read(s3: "S3Client", ref: ObjectRef, accepted: int | None = None, counted: int = 0) -> Reading | SicfarError:
    """Read a batch, or of a loose file the bytes from `counted` to `accepted` (None: to its last complete line).

    An object that cannot be read as what its key says is the error it gives; a bucket that does not answer, or
    not us, raises.
    """
    digest = hashlib.sha256()
    stored = objects.hashed(objects.chunks(s3, ref), digest)
    try:
        if key := batch_key(ref.key):
            batch = read_batch(key, stored)
            return Reading(digest.hexdigest(), batch.tally, batch.unreadable)
        text = _Text(plain_chunks(stored, limit=LARGEST_LOOSE_FILE), accepted)
        found = tally(text, skip=counted)
    except (TornBatchError, PermanentError) as error:
        return error
    return Reading(digest.hexdigest(), found, accepted=text.sha256)


class _Text:
    """A text's first bytes, all of it taken; digested through the last newline given."""

    def __init__(self, chunks: Iterator[bytes], length: int | None) -> None:
        self._chunks = chunks
        self._length = length
        self.sha256 = ""
        self.complete = 0

    def __iter__(self) -> Iterator[bytes]:
        running, done = hashlib.sha256(), 0
        for chunk in self._chunks:
            part = chunk if self._length is None else chunk[: max(0, self._length - done)]
            newline = part.rfind(b"\n") + 1
            if newline:
                running.update(part[:newline])
                self.complete, self.sha256 = done + newline, running.hexdigest()
                running.update(part[newline:])
            else:
                running.update(part)
            done += len(part)
            if part:
                yield part


def ref_of(filed: Filed) -> ObjectRef:
    """The object a ledger row was made from."""
    row = filed.row
    return ObjectRef(row["bucket"], row["chave"], row["versao_id"], row["tamanho"], row["gravado_em"])
