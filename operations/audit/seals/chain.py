"""The bucket the chain lies in: an object a seal, named by its position, written once.

A thousand seals share a folder, so that the newest are found without listing years of them.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.audit.seals.seal import Seal, SealUnreadableError, unpack
from sicfar.aws.notifications import ObjectRef
from sicfar.aws.objects import Version, chunks, typed_errors, versions
from sicfar.errors import SicfarError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AUDITS = "auditorias/"
LOCKED_YEARS = 5
"""Years that a seal cannot be deleted by anybody, at least: as long as the plant keeps its records."""
_FOLDER = 1_000
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Kept:
    """A seal's object. ``ref`` is its first version, written when it was sealed; ``rewritten``: there are more."""

    position: int
    ref: ObjectRef
    rewritten: bool


class Chain:
    """The seals in a bucket, meant to be ``locked`` or not. Raises BucketAccessError or BucketUnavailableError."""

    def __init__(self, s3: "S3Client", bucket: str, *, locked: bool = True) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._locked = locked

    def put(self, seal: Seal) -> bool:
        """Write a seal; False if there is one in its position already."""
        return self._put(_key(seal.header.position), seal.packed, "application/gzip")

    def put_audit(self, name: str, body: bytes) -> bool:
        """Write what an audit found; False if there is one of this name already."""
        return self._put(f"{AUDITS}{name}", body, "application/json")

    def kept(self, position: int = 1) -> Iterator[Kept]:
        """The objects from a position on, in order, to the end of the chain."""
        folder = position // _FOLDER
        while found := list(versions(self._s3, self._bucket, _folder(folder))):
            for key, of in found:
                if (number := _position(key)) is not None and number >= position:
                    yield self._kept(number, key, of)
            folder += 1

    def last(self, near: int) -> Kept | None:
        """The end of the chain; None if there is no seal. ``near``: a position that is said to exist."""
        newest = deque(self.kept(max(near, 1)), maxlen=1)
        if newest:
            return newest[0]
        return self.last(1) if near > 1 else None

    def read(self, kept: Kept) -> Seal:
        """A seal. Raises SealUnreadableError."""
        return unpack(b"".join(chunks(self._s3, kept.ref)), str(kept.ref))

    def read_all(self, kept: Iterable[Kept]) -> Iterator[tuple[Kept, Seal | SealUnreadableError]]:
        """Many seals, in order, some at once; what is no seal comes as its error."""

        def one(at: Kept) -> tuple[Kept, Seal | SealUnreadableError]:
            try:
                return at, self.read(at)
            except SealUnreadableError as error:
                return at, error

        waiting = iter(kept)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while some := list(islice(waiting, 10 * _AT_ONCE)):
                yield from pool.map(one, some)

    def lock_fault(self) -> str | None:
        """What the bucket lacks so that nobody can delete a seal; None if nothing, or if it is meant to lock none."""
        if not self._locked:
            return None
        try:
            answer = self._s3.get_object_lock_configuration(Bucket=self._bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ObjectLockConfigurationNotFoundError":
                return "o bucket não tem Object Lock"
            with typed_errors(f"s3://{self._bucket}"):
                raise
        kept = answer.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        years = kept.get("Years", 0) or kept.get("Days", 0) // 366
        if kept.get("Mode") != "COMPLIANCE" or years < LOCKED_YEARS:
            return f"o bucket guarda {years} anos em modo {kept.get('Mode', 'nenhum')}"
        return None

    def _put(self, key: str, body: bytes, content_type: str) -> bool:
        try:
            with typed_errors(f"s3://{self._bucket}/{key}"):
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
        except SicfarError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and cause.response["Error"]["Code"] == "PreconditionFailed":
                return False
            raise
        return True

    def _kept(self, position: int, key: str, of: list[Version]) -> Kept:
        first = min((one for one in of if one.size is not None), key=lambda one: one.written_at, default=of[0])
        ref = ObjectRef(self._bucket, key, first.version_id, first.size or 0, first.written_at)
        return Kept(position, ref, len(of) > 1)


def _folder(number: int) -> str:
    return f"selos/{number:09}/"


def _key(position: int) -> str:
    return f"{_folder(position // _FOLDER)}{position:012}.txt.gz"


def _position(key: str) -> int | None:
    name = key.rpartition("/")[2].removesuffix(".txt.gz")
    return int(name) if name.isdecimal() and key == _key(int(name)) else None
