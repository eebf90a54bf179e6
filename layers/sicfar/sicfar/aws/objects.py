"""Objects of the plant's bucket, read as streams, with errors that know their fate."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sicfar.aws.notifications import ObjectRef
from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError, UnknownError

if TYPE_CHECKING:
    from hashlib import _Hash

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, ObjectVersionTypeDef

    _Entry = tuple[ObjectVersionTypeDef | DeleteMarkerEntryTypeDef, int | None]

CHUNK = 64 * 1024


class ObjectGoneError(PermanentError):
    """The object or version does not exist (S3 reads are consistent: it was deleted, or never was)."""


class BucketAccessError(ConfigurationError):
    """The bucket cannot be read at all: its name or the function's permissions are wrong."""


class BucketUnavailableError(TransientError):
    """S3 did not answer, or broke off."""


class BucketUnknownError(BucketUnavailableError, UnknownError):
    """S3 refused in a way this version has no judgement about."""


_PASSING = ("RequestTimeout", "ExpiredToken", "RequestTimeTooSkewed", "InvalidToken", "OperationAborted")
"""Refusals with a 4xx that pass by themselves: a slow network, credentials or a clock about to be renewed.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is being read. ``written_at``: S3's LastModified of this version, UTC, whole seconds."""

    ref: ObjectRef
    written_at: datetime | None
    _body: "StreamingBody"

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, once, 64 KiB at a time. Raises as ``stored``, in mid-stream too."""
        with typed_errors(str(self.ref)):
            yield from self._body.iter_chunks(CHUNK)


def stored(s3: "S3Client", ref: ObjectRef) -> Stored:
    """Begin to read an object. Raises ObjectGoneError, BucketAccessError or BucketUnavailableError."""
    version = {"VersionId": ref.version_id} if ref.version_id else {}
    with typed_errors(str(ref)):
        answer = s3.get_object(Bucket=ref.bucket, Key=ref.key, **version)  # type: ignore[arg-type]
        return Stored(ref, answer.get("LastModified"), answer["Body"])


def chunks(s3: "S3Client", ref: ObjectRef) -> Iterator[bytes]:
    """The object's bytes, 64 KiB at a time. Raises as ``stored``, at the first chunk or in mid-stream."""
    yield from stored(s3, ref).chunks()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object. ``version_id`` None: the bucket keeps none; ``size`` None: it was deleted then."""

    version_id: str | None
    size: int | None
    written_at: datetime
    latest: bool


def versions(s3: "S3Client", bucket: str, prefix: str) -> Iterator[tuple[str, list[Version]]]:
    """Every object under a prefix, by key, with all its versions, oldest first.

    Raises BucketAccessError or BucketUnavailableError.
    """
    key, found = "", list[Version]()
    with typed_errors(f"s3://{bucket}/{prefix}"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            entries: list[_Entry] = [(entry, entry["Size"]) for entry in page.get("Versions", [])]
            entries += [(entry, None) for entry in page.get("DeleteMarkers", [])]
            for entry, size in sorted(entries, key=lambda one: one[0]["Key"]):
                if entry["Key"] != key:
                    if found:
                        yield key, _in_order(found)
                    key, found = entry["Key"], []
                found.append(Version(_version_id(entry), size, entry["LastModified"], entry["IsLatest"]))
    if found:
        yield key, _in_order(found)


def _in_order(found: list[Version]) -> list[Version]:
    return sorted(found, key=lambda one: (one.latest, one.written_at))


def _version_id(entry: "ObjectVersionTypeDef | DeleteMarkerEntryTypeDef") -> str | None:
    version = entry.get("VersionId")
    return None if version in (None, "null") else version


def hashed(parts: Iterable[bytes], digest: "_Hash") -> Iterator[bytes]:
    """The same parts, each added to `digest` on its way."""
    for part in parts:
        digest.update(part)
        yield part


@contextmanager
def typed_errors(where: str) -> Iterator[None]:
    """Errors of the client become errors that know their fate. Raises as ``stored``."""
    try:
        yield
    except ClientError as cause:
        raise _client_error(cause, where) from cause
    except (BotoCoreError, HTTPClientError, OSError) as cause:
        raise BucketUnavailableError(
            code="bucket_unavailable",
            what=f"a leitura do S3 falhou ({type(cause).__name__}: {cause})",
            where=where,
            action="nenhuma: nova tentativa automática",
        ) from cause


def _client_error(error: ClientError, where: str) -> SicfarError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in {"NoSuchKey", "NoSuchVersion", "404"}:
        return ObjectGoneError(
            code="object_gone",
            what=f"o objeto não existe no bucket ({code})",
            where=where,
            action="verifique quem o apagou; o versionamento guarda as versões anteriores",
        )
    if code == "NoSuchBucket" or (status in {401, 403} and code not in _PASSING):
        return BucketAccessError(
            code="bucket_access",
            what=f"o bucket não pode ser lido ({code})",
            where=where,
            action="confira o nome do bucket e as permissões da função",
        )
    if code in _PASSING or status == 429 or status >= 500:
        return BucketUnavailableError(
            code="bucket_unavailable",
            what=f"o S3 recusou por ora ({code}, HTTP {status})",
            where=where,
            action="nenhuma: nova tentativa automática",
        )
    return BucketUnknownError(
        code="bucket_unknown",
        what=f"o S3 recusou de um modo que esta versão não conhece ({code}, HTTP {status})",
        where=where,
        action="avise quem desenvolve; a mensagem espera",
    )
