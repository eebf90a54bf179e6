"""A ledger row's object, read again from the bucket."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operations.audit.evidence import Filed
from sicfar.aws import objects
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import Unreadable, read_batch
from sicfar.counts.compression import TornBatchError, plain_chunks
from sicfar.counts.keys import BatchKey
from sicfar.counts.sums import Tally
from sicfar.counts.txt import tally
from sicfar.errors import PermanentError, SicfarError
from sicfar.ingest.intake import LARGEST_LOOSE_FILE
from sicfar.ingest.loose import HEAD_BYTES, first_bytes, first_record

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Reading:
    """What an object says, and the digest of its stored bytes.

    Of a loose file also what it is known by: ``accepted`` and ``before``, the digests of its text through its last
    complete line and of the part counted before; ``beginning``, that of the text through its first record ("" each for
    none).
    """

    sha256: str
    tally: Tally
    unreadable: tuple[Unreadable, ...] = ()
    accepted: str = ""
    before: str = ""
    beginning: str = ""


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
        chunks = plain_chunks(stored, limit=LARGEST_LOOSE_FILE)
        text = _Text(chunks if accepted is None else first_bytes(chunks, accepted), counted)
        found = tally(text, skip=counted)
    except (TornBatchError, PermanentError) as error:
        return error
    return Reading(digest.hexdigest(), found, (), text.accepted, text.before, first_record(bytes(text.start)).sha256)


class _Text:
    """A text, passed on. Digested through its last newline, and through the part counted before."""

    def __init__(self, chunks: Iterator[bytes], counted: int) -> None:
        self._chunks = chunks
        self._counted = counted
        self.accepted = self.before = ""
        self.start = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        running, done = hashlib.sha256(), 0
        for part in self._chunks:
            self.start += part[: HEAD_BYTES - len(self.start)]
            cuts = {len(part), part.rfind(b"\n") + 1}
            if done < self._counted <= done + len(part):
                cuts.add(self._counted - done)
            begin = 0
            for end in sorted(cuts):
                running.update(part[begin:end])
                if end and part[end - 1 : end] == b"\n":
                    self.accepted = running.hexdigest()
                if done + end == self._counted > 0:
                    self.before = running.hexdigest()
                begin = end
            done += len(part)
            yield part


def ref_of(filed: Filed) -> ObjectRef:
    """The object a ledger row was made from."""
    row = filed.row
    return ObjectRef(row.bucket, row.key, row.version_id, row.size, row.written_at)
