"""A plant's bucket and the parser that empties it, in this process: S3 is moto's, the database a real one."""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.stack.database import T0, Database, Rpc
from sicfar.counts.batch import ClockDoubt, Mark, Sealed, Unreadable, seal
from sicfar.ingest.intake import TORN_READS, Intake, Message

BUCKET = "planta"


def at(second: float) -> str:
    """Seconds after T0 as a record's timestamp."""
    when = datetime.fromtimestamp(T0, UTC) + timedelta(seconds=second)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def record(
    line: str,
    second: float,
    made: int,
    rejected: int = 0,
    since: float | None = None,
    flags: str = "",
    source: float | None = None,
) -> str:
    """A canonical record of a batch; seconds after T0."""
    begun, own = ("" if one is None else at(one) for one in (since, source))
    return f"{at(second)},{line},{made},{rejected},{begun},,,{flags},,{own}"


def bare(line: str, second: float, made: int, rejected: int = 0) -> str:
    """A line of a loose file."""
    return f"{at(second)},{line},{made},{rejected}\n"


@contextmanager
def emulated_s3() -> Iterator[Any]:
    """An S3 of this process with one versioned bucket."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield s3


@dataclass
class Gateway:
    """Seals batches of a spool."""

    name: str
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex)
    seq: int = 0
    began: datetime | None = None
    """When this spool was made."""

    def seal(
        self,
        lines: Iterable[str],
        marks: Sequence[Mark] = (),
        garbage: Sequence[bytes] = (),
        *,
        earlier: bool = False,
        clock: ClockDoubt | None = None,
    ) -> Sealed:
        self.seq += 1
        return seal(
            gateway=self.name,
            epoch=self.epoch,
            seq=self.seq,
            sealed_at=datetime.fromtimestamp(T0, UTC),
            marks=marks,
            lines=list(lines),
            unreadable=[Unreadable("spep01.txt@77", "COLUNAS", one) for one in garbage],
            epoch_began=self.began,
            earlier=earlier,
            clock=clock,
        )


class Bucket:
    """Objects, and the parser's way with them."""

    def __init__(self, s3: Any, db: Database) -> None:
        self.s3 = s3
        self.db = db
        self.announced: list[dict[str, Any]] = []

    def put(self, key: str, body: bytes) -> dict[str, Any]:
        """Write an object; its announcement."""
        version = self.s3.put_object(Bucket=BUCKET, Key=key, Body=body).get("VersionId")
        found = {"key": key, "versionId": version, "size": len(body)}
        self.announced.append(found)
        return found

    def upload(self, batch: Sealed) -> dict[str, Any]:
        return self.put(batch.key, batch.body)

    def parse(self, *objects: dict[str, Any], attempts: int = TORN_READS, **more: object) -> list[str]:
        """The parser takes one message with these objects; what became of each."""
        records = [
            {
                "eventName": "ObjectCreated:Put",
                "eventTime": "2026-03-15T12:00:00Z",
                "s3": {"bucket": {"name": BUCKET}, "object": one},
                **more,
            }
            for one in objects
        ]
        return self.receive(json.dumps({"Records": records}), attempts)

    def receive(self, body: str, attempts: int = TORN_READS) -> list[str]:
        """The parser takes a message as it lies in the queue."""
        result = Intake(self.s3, Rpc(self.db)).process([Message("m", body, attempts)])  # type: ignore[arg-type]
        assert result.failures == {}, result.failures
        return [answer.situation for answer in result.answers]

    def send(self, batch: Sealed) -> list[str]:
        return self.parse(self.upload(batch))
