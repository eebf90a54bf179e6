"""What an S3 event in an SQS message says: which objects came to be; and the same said anew.

S3 delivers at least once and in any order; one message may name several objects; keys are URL-encoded (a blank is `+`);
and the first message of all is a test event that names none.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_plus, unquote_plus

from pydantic import AwareDatetime, Field, ValidationError

from sicfar.boundary import Boundary
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


class _Bucket(Boundary):
    name: str


class _Object(Boundary):
    key: str
    version_id: str | None = Field(None, alias="versionId")
    size: int = 0


class _Entity(Boundary):
    bucket: _Bucket
    object: _Object


class _Record(Boundary):
    """What came to be; `reread` is ours."""

    event: str = Field(alias="eventName")
    written_at: AwareDatetime = Field(alias="eventTime")
    entity: _Entity = Field(alias="s3")
    reread: int | None = Field(None, alias="reprocessar")


class _Notification(Boundary):
    """S3's test event has no records."""

    event: str | None = Field(None, alias="Event")
    records: tuple[_Record, ...] | None = Field(None, alias="Records")


def object_refs(body: str) -> list[ObjectRef]:
    """The objects an SQS message body announces; empty for S3's test event and for events other than a creation.

    Raises NotAnS3EventError.
    """
    try:
        notification = _Notification.model_validate_json(body, strict=True, by_alias=True, by_name=False)
        return [_ref(record) for record in _records(notification) if record.event.startswith("ObjectCreated:")]
    except ValueError as cause:
        raise NotAnS3EventError(
            code="not_an_s3_event",
            what=f"a mensagem não é uma notificação do S3 ({_fault(cause)})",
            where=f"corpo: {body[:200]!r}",
            action="descubra quem escreveu na fila; só o bucket da planta pode (política da fila)",
        ) from cause


def _records(notification: _Notification) -> tuple[_Record, ...]:
    if notification.event == "s3:TestEvent":
        return ()
    if notification.records is None:
        raise ValueError("sem Records")
    return notification.records


def _fault(cause: ValueError) -> str:
    if not isinstance(cause, ValidationError):
        return str(cause)
    first = cause.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'corpo'}: {first['msg']}"


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


def _ref(record: _Record) -> ObjectRef:
    found = record.entity.object
    return ObjectRef(
        bucket=_name(record.entity.bucket.name),
        key=_name(unquote_plus(found.key)),
        version_id=_name(found.version_id) if found.version_id else None,
        size=found.size,
        written_at=record.written_at,
        reread=record.reread,
    )


def _name(text: str) -> str:
    """A name S3 can be asked for and the database can keep: one NUL would make it refuse all files of the call."""
    if not text or "\0" in text:
        raise ValueError(f"{text!r} não é um nome")
    text.encode()  # raises UnicodeEncodeError, a ValueError, for half of a surrogate pair
    return text
