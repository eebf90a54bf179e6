"""From what a read brought to what the spool keeps of it: pieces that wait, the latest record of a line, the totals."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator

from edge_gateway.source import Content, Kind
from edge_gateway.spool.tables import EARLIER, RECORDS, UNREADABLE, day_of
from sicfar.counts.codes import Flag
from sicfar.counts.record import format_record

_HOUR_MS = 3_600_000


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


def add_totals(db: sqlite3.Connection, source: str, content: Content) -> None:
    """Sum what counted by line and the plant's day; what is held for a person is in no total."""
    sums: dict[tuple[str, int, str], list[int]] = {}
    for role, kinds in (("contagem", (Kind.EARLIER, Kind.COUNTED)), ("conferencia", (Kind.CHECKED,))):
        for record in content.of(*kinds):
            if record.flags and Flag.IMPLAUSIBLE in record.flags:
                continue
            key = record.line, record.at_ms // _HOUR_MS, role
            cell = sums.get(key)
            if cell is None:
                sums[key] = [record.produced, record.rejected]
            else:
                cell[0] += record.produced
                cell[1] += record.rejected
    db.executemany(
        "INSERT INTO totais_dia VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET papel = excluded.papel, "
        "producao = producao + excluded.producao, rejeicao = rejeicao + excluded.rejeicao",
        [(line, day_of(hour * _HOUR_MS), source, role, *cell) for (line, hour, role), cell in sums.items()],
    )
