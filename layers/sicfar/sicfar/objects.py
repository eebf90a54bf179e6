"""Objects of the plant's bucket, read as streams, with errors that know their fate."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError
from sicfar.notifications import ObjectRef

if TYPE_CHECKING:
    from hashlib import _Hash

    from mypy_boto3_s3 import S3Client

CHUNK = 64 * 1024


class ObjectGoneError(PermanentError):
    """The object or version does not exist (S3 reads are consistent: it was deleted, or never was)."""


class BucketAccessError(ConfigurationError):
    """The bucket cannot be read at all: its name or the function's permissions are wrong."""


class BucketUnavailableError(TransientError):
    """S3 did not answer, or broke off."""


def chunks(s3: "S3Client", ref: ObjectRef) -> Iterator[bytes]:
    """The object's bytes, 64 KiB at a time.

    Raises ObjectGoneError, BucketAccessError or BucketUnavailableError, at the first chunk or in mid-stream.
    """
    version = {"VersionId": ref.version_id} if ref.version_id else {}
    try:
        body = s3.get_object(Bucket=ref.bucket, Key=ref.key, **version)["Body"]  # type: ignore[arg-type]
        yield from body.iter_chunks(CHUNK)
    except ClientError as cause:
        raise _client_error(cause, ref) from cause
    except (BotoCoreError, HTTPClientError, OSError) as cause:
        raise BucketUnavailableError(
            code="bucket_unavailable",
            what=f"a leitura do S3 falhou ({type(cause).__name__}: {cause})",
            where=str(ref),
            action="nenhuma: nova tentativa automática",
        ) from cause


def hashed(parts: Iterable[bytes], digest: "_Hash") -> Iterator[bytes]:
    """The same parts, each added to `digest` on its way."""
    for part in parts:
        digest.update(part)
        yield part


def _client_error(error: ClientError, ref: ObjectRef) -> SicfarError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in {"NoSuchKey", "NoSuchVersion", "404"}:
        return ObjectGoneError(
            code="object_gone",
            what=f"o objeto não existe no bucket ({code})",
            where=str(ref),
            action="verifique quem o apagou; o versionamento guarda as versões anteriores",
        )
    if code == "NoSuchBucket" or status in {401, 403}:
        return BucketAccessError(
            code="bucket_access",
            what=f"o bucket não pode ser lido ({code})",
            where=str(ref),
            action="confira o nome do bucket e as permissões da função",
        )
    return BucketUnavailableError(
        code="bucket_unavailable",
        what=f"o S3 recusou por ora ({code}, HTTP {status})",
        where=str(ref),
        action="nenhuma: nova tentativa automática",
    )
