"""After the database came back as an older copy: what the bucket received since is announced again.

What was recorded is recognised, so it does no harm to begin too early: everything from a while before the copy on. Each
version of a loose file is announced, oldest first, for each may hold counts the next one only adds to.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from pydantic import ValidationError

from operations.audit.evidence import DatabaseUnreadableError, connected
from sicfar.aws.notifications import ObjectRef, announcement
from sicfar.aws.objects import versions
from sicfar.counts.keys import BATCHES, LOOSE
from sicfar.database.answers import Restoration
from sicfar.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_AT_ONCE = 10  # messages SQS takes in one call


class AnnouncementError(TransientError):
    """SQS did not take all of it; what it took stays announced."""


def declare(database_url: str, copy_of: datetime, who: str, why: str) -> int:
    """Put in doubt every report TOTVS may have been told since; returns how many there are so far.

    Raises DatabaseUnreadableError, also if the database refuses.
    """
    with connected(database_url) as connection:
        asked = connection.execute("select declarar_restauracao(%s, %s, %s)", (copy_of, who, why))
        ((answer,),) = asked.fetchall()
    try:
        return Restoration.model_validate(answer, by_alias=True, by_name=False).in_doubt
    except ValidationError as cause:
        raise DatabaseUnreadableError(
            "database_unreadable",
            f"declarar_restauracao devolveu o que esta versão não espera: {answer!r:.200}",
            where="DATABASE_URL",
            action="use o comando da versão do banco; a restauração já está declarada",
        ) from cause


def written_since(s3: "S3Client", bucket: str, since: datetime) -> list[ObjectRef]:
    """Every version of every object the parser reads that was written at `since` or later, in the order of writing.

    Any order counts the same; in another one a gateway's new spool may be known before the one it replaced, and what it
    read again would wait for a person. Raises BucketAccessError or BucketUnavailableError.
    """
    begin = since.replace(microsecond=0)  # S3 keeps whole seconds
    found = [
        ObjectRef(bucket, key, version.version_id, version.size, version.written_at)
        for key, kept in chain.from_iterable(versions(s3, bucket, prefix) for prefix in (BATCHES, LOOSE))
        for version in kept
        if version.size is not None and version.written_at >= begin
    ]
    return sorted(found, key=lambda ref: ref.written_at)


def announce(
    sqs: "SQSClient",
    queue: str,
    refs: Iterable[ObjectRef],
    per_second: int,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Announce the objects on the parser's queue; yields how many so far, after each call. Raises AnnouncementError."""
    done, left = 0, iter(refs)
    while portion := list(islice(left, _AT_ONCE)):
        entries = [{"Id": str(number), "MessageBody": announcement(ref)} for number, ref in enumerate(portion)]
        failed = sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed", [])  # type: ignore[arg-type]
        if failed:
            raise AnnouncementError(
                "announcement_failed",
                f"o SQS recusou {len(failed)} avisos ({failed[0].get('Message', failed[0]['Code'])})",
                where=queue,
                action="repita o comando: o que já foi avisado não conta duas vezes",
            )
        done += len(portion)
        yield done
        pause(len(portion) / per_second)
