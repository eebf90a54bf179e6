"""Every object the bucket holds or the ledger names, read: for each ledger row, and each version without one."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from operations.audit.evidence import Evidence, Filed
from operations.audit.files import Reading, read, ref_of
from sicfar.aws.notifications import ObjectRef
from sicfar.aws.objects import Version, versions
from sicfar.counts.keys import BATCHES, LOOSE
from sicfar.errors import SicfarError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 10  # as many connections as boto3 keeps; S3 answers in tens of milliseconds
_OBJECTS = 250  # whose ledger is asked for at once: a row a line each


@dataclass(frozen=True, slots=True)
class KnownObject:
    """A key with what bucket and ledger know of it. ``versions``: oldest first; none if it was not listed."""

    bucket: str
    key: str
    versions: Sequence[Version]
    filed: Sequence[Filed]


@dataclass(frozen=True, slots=True)
class Readings:
    """An object's readings: one per ledger row, and of those versions no row was made from."""

    of: KnownObject
    rows: Sequence[tuple[Filed, Reading | SicfarError]]
    unfiled: Sequence[tuple[Version, Reading | SicfarError]]


class Objects:
    """All of one bucket and one snapshot. ``since``: a version written later may still be on its way."""

    def __init__(self, evidence: Evidence, s3: "S3Client", bucket: str, since: datetime) -> None:
        self._evidence = evidence
        self._s3 = s3
        self._bucket = bucket
        self._since = since
        self._seen = bytearray()  # a bit for each ledger row that was read

    def all(self) -> Iterator[Readings]:
        """Each object once, a few read ahead."""
        with ThreadPoolExecutor(_READERS) as readers:
            yield from self._read_ahead(self._listed(), readers)
            yield from self._read_ahead(self._unlisted(), readers)

    def of_keys(self, keys: Sequence[str]) -> Iterator[Readings]:
        """These objects once more, by the ledger's rows alone."""
        for begin in range(0, len(keys), _OBJECTS):
            for key, filed in self._evidence.filed(keys[begin : begin + _OBJECTS]).items():
                yield self._read(KnownObject(filed[0].row.bucket, key, (), filed))

    def saw(self, number: int) -> bool:
        """Whether this ledger row's object was read."""
        place = number >> 3
        return place < len(self._seen) and bool(self._seen[place] & 1 << (number & 7))

    def _listed(self) -> Iterator[KnownObject]:
        """Everything the bucket holds, with the ledger's rows."""
        listing = chain.from_iterable(versions(self._s3, self._bucket, prefix) for prefix in (BATCHES, LOOSE))
        while page := list(islice(listing, _OBJECTS)):
            filed = self._evidence.filed(key for key, _ in page)
            for key, kept in page:
                own = [one for one in filed.get(key, ()) if one.row.bucket == self._bucket]
                yield self._mark(KnownObject(self._bucket, key, kept, own))

    def _unlisted(self) -> Iterator[KnownObject]:
        """Everything the ledger names that was not listed: of another bucket, or gone."""
        for page in self._evidence.ledger():
            keys = {(row.bucket, row.key) for row in page if not self.saw(row.id)}
            if keys:
                filed = self._evidence.filed({key for _, key in keys})
                for bucket, key in sorted(keys):
                    own = [one for one in filed.get(key, ()) if one.row.bucket == bucket]
                    yield self._mark(KnownObject(bucket, key, (), [one for one in own if not self.saw(one.row.id)]))

    def _mark(self, one: KnownObject) -> KnownObject:
        """Mark its rows before it is read: what is read ahead is not met again on the ledger's next page."""
        for filed in one.filed:
            place = filed.row.id >> 3
            if place >= len(self._seen):
                self._seen.extend(bytes(place + 1024 - len(self._seen)))
            self._seen[place] |= 1 << (filed.row.id & 7)
        return one

    def _read_ahead(self, found: Iterable[KnownObject], readers: ThreadPoolExecutor) -> Iterator[Readings]:
        """The objects' contents, in their order."""
        ahead: deque[Future[Readings]] = deque()
        for one in found:
            ahead.append(readers.submit(self._read, one))
            if len(ahead) > 2 * _READERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _read(self, one: KnownObject) -> Readings:
        rows = [
            (filed, read(self._s3, ref_of(filed), filed.row.accepted_length, filed.row.counted_before or 0))
            for filed in one.filed
        ]
        known = {filed.row.version_id for filed in one.filed}
        unfiled = [
            (
                version,
                read(self._s3, ObjectRef(one.bucket, one.key, version.version_id, version.size, version.written_at)),
            )
            for version in one.versions
            if version.size is not None and version.version_id not in known and version.written_at < self._since
        ]
        return Readings(one, rows, unfiled)
