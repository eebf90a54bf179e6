"""A gateway as the cloud sees it: sealed batches put into the bucket."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sicfar.counts.batch import Mark, Sealed, seal

START = datetime(2026, 3, 15, 11, 0, tzinfo=UTC)


class Gateway:
    """Seals batches for one line as the edge gateway does, one record a second from START on."""

    def __init__(self, s3: Any, bucket: str, name: str, line: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self.name = name
        self.line = line
        self.epoch = uuid.uuid4().hex
        self.seq = 0

    def seal(self, *counts: tuple[int, int], second: int = 0) -> Sealed:
        self.seq += 1
        first = START + timedelta(seconds=second)
        lines = [
            f"{(first + timedelta(seconds=n)).strftime('%Y-%m-%dT%H:%M:%S')}.250Z,{self.line},{made},{rejected},,,,,,"
            for n, (made, rejected) in enumerate(counts)
        ]
        mark = Mark(self.line, int((first + timedelta(seconds=len(counts))).timestamp() * 1000), "ok", None)
        return seal(
            gateway=self.name,
            epoch=self.epoch,
            seq=self.seq,
            sealed_at=first,
            marks=[mark],
            lines=lines,
            unreadable=[],
        )

    def upload(self, batch: Sealed) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=batch.key, Body=batch.body, IfNoneMatch="*")
