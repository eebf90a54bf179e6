"""What an S3 event in an SQS message says: which objects came to be; and the same said anew.

S3 delivers at least once and in any order; one message may name several objects; keys are URL-encoded (a blank is `+`);
and the first message of all is a test event that names none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from sicfar.errors import PermanentError


class NotAnS3EventError(PermanentError):
    """The message body is not an S3 notification; no delivery of it can ever succeed."""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One version of one object.

    `size` is in bytes; `written_at` is S3's own instant, aware, UTC; `version_id` is None on an unversioned bucket.
    `reread` is the quarantined piece for whose sake it is read again, None for a file that is new.
    """

    bucket: str
    key: str
    version_id: str | None
    size: int
    written_at: datetime
    reread: int | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}" + (f"?versionId={self.version_id}" if self.version_id else "")


def object_refs(body: str) -> list[ObjectRef]:
    """The objects an SQS message body announces; empty for S3's test event and for events other than a creation.

    Raises NotAnS3EventError.
    """
    try:
        event = json.loads(body)
        if event.get("Event") == "s3:TestEvent":
            return []
        return [_ref(record) for record in event["Records"] if record["eventName"].startswith("ObjectCreated:")]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as cause:
        raise NotAnS3EventError(
            code="not_an_s3_event",
            what=f"a mensagem não é uma notificação do S3 ({type(cause).__name__}: {cause})",
            where=f"corpo: {body[:200]!r}",
            action="descubra quem escreveu na fila; só o bucket da planta pode (política da fila)",
        ) from cause


def announcement(ref: ObjectRef) -> str:
    """The message body S3 itself would send for an object."""
    named = {"key": quote_plus(ref.key), "versionId": ref.version_id, "size": ref.size}
    event = {
        "eventName": "ObjectCreated:Put",
        "eventTime": ref.written_at.isoformat(),
        "s3": {"bucket": {"name": ref.bucket}, "object": named},
        **({} if ref.reread is None else {"reprocessar": ref.reread}),
    }
    return json.dumps({"Records": [event]})


def _ref(record: Mapping[str, Any]) -> ObjectRef:
    entity = record["s3"]["object"]
    version_id, reread = entity.get("versionId"), record.get("reprocessar")
    written_at = datetime.fromisoformat(record["eventTime"])
    if written_at.tzinfo is None:
        raise ValueError("eventTime sem fuso")
    return ObjectRef(
        bucket=_name(record["s3"]["bucket"]["name"]),
        key=_name(unquote_plus(entity["key"])),
        version_id=_name(version_id) if version_id else None,
        size=int(entity.get("size", 0)),
        written_at=written_at,
        reread=None if reread is None else int(reread),
    )


def _name(text: object) -> str:
    """A name S3 can be asked for and the database can keep: one NUL would make it refuse all files of the call."""
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"{text!r} não é um nome")
    text.encode()  # raises UnicodeEncodeError, a ValueError, for half of a surrogate pair
    return text
