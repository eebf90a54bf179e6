"""From what a read brought to what waits of it in the spool, and the latest record of each line."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from edge_gateway.source import Content, Kind
from edge_gateway.spool.tables import EARLIER, RECORDS, UNREADABLE
from sicfar.counts.record import format_record


def parts_of(content: Content, limit: int) -> Iterator[tuple[str, int, str]]:
    """The pieces that wait to be sealed, of at most `limit` records each: kind, records, body."""
    for kind, piece in ((Kind.EARLIER, EARLIER), (Kind.COUNTED, RECORDS)):
        lines = list(map(format_record, content.of(kind)))
        for start in range(0, len(lines), limit):
            part = lines[start : start + limit]
            yield piece, len(part), "\n".join(part)
    for item in content.unreadable:
        body = {"origem": item.origin, "motivo": str(item.reason), "bytes": base64.b64encode(item.data).decode()}
        yield UNREADABLE, 1, json.dumps(body)


def latest_of(content: Content) -> dict[str, int]:
    """The latest record of each line that is sent, ms."""
    last: dict[str, int] = {}
    for record in content.of(Kind.COUNTED, Kind.EARLIER):
        if record.at_ms > last.get(record.line, 0):
            last[record.line] = record.at_ms
    return last
