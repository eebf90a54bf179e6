"""What each line made, by quarters of an hour: what a shift's sheet is made of while the cloud cannot be reached.

It is written in the transaction that stores the records themselves, so each record is in it once, whatever happened;
it stays when they have been uploaded. A new spool begins an empty one: what it cannot know it says (`began_ms`).

A quarter of an hour, because shifts begin on one and no zone of ours is off by less.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from edge_gateway.source import Content, Kind
from edge_gateway.spool.tables import day_of
from sicfar.counts.codes import Flag
from sicfar.counts.record import Record

QUARTER_MS: Final = 900_000
KEPT_MS: Final = 8 * 86_400_000

TABLE: Final = """
CREATE TABLE contagens_quarto (
  linha_id TEXT NOT NULL, inicio_ms INTEGER NOT NULL, fonte TEXT NOT NULL, producao INTEGER NOT NULL,
  rejeicao INTEGER NOT NULL, duvidosa INTEGER NOT NULL, desde_ms INTEGER, primeiro_ms INTEGER NOT NULL,
  primeiro INTEGER, ultimo_ms INTEGER NOT NULL, ultimo INTEGER,
  PRIMARY KEY (linha_id, inicio_ms, fonte)) WITHOUT ROWID
""".strip()
_BEGAN: Final = "contagens_desde_ms"


class Tally(NamedTuple):
    """What one source counted of a line between two instants, in the machine's own counts.

    `doubtful`: made, but held for a person; in no other figure. `since_ms`: the earliest instant from which a count
    after a gap may have been made. `first`, `last`: what the machine's counter showed at the first and at the last
    record, None where it has none. Instants: ms since the epoch, UTC.
    """

    line: str
    begins_ms: int
    source: str
    produced: int
    rejected: int
    doubtful: int
    since_ms: int | None
    first_ms: int
    first: int | None
    last_ms: int
    last: int | None

    def joined(self, other: Tally) -> Tally:
        """Both together."""
        earlier = self if self.first_ms <= other.first_ms else other
        later = other if self.last_ms <= other.last_ms else self
        return Tally(
            self.line,
            min(self.begins_ms, other.begins_ms),
            self.source if self.source == other.source else f"{self.source}, {other.source}",
            self.produced + other.produced,
            self.rejected + other.rejected,
            self.doubtful + other.doubtful,
            min((at for at in (self.since_ms, other.since_ms) if at is not None), default=None),
            earlier.first_ms,
            earlier.first,
            later.last_ms,
            later.last,
        )


def begin_tally(db: sqlite3.Connection, now_ms: int) -> None:
    """Make the table where an earlier version of this program made the spool, and say since when it is kept."""
    db.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
    db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_BEGAN, str(now_ms)))


def began_ms(db: sqlite3.Connection) -> int | None:
    """Since when everything that was read is in the tally; None where there is none yet."""
    row = db.execute("SELECT valor FROM meta WHERE chave = ?", (_BEGAN,)).fetchone()
    return None if row is None else int(row[0])


def add_totals(db: sqlite3.Connection, source: str, content: Content) -> None:
    """Sum what a read of a source brought, inside the caller's transaction: by line and the plant's day, and, of what
    counts, by quarters of an hour."""
    counted = _cells(content.of(Kind.EARLIER, Kind.COUNTED))
    for role, cells in (("contagem", counted), ("conferencia", _cells(content.of(Kind.CHECKED)))):
        db.executemany(
            "INSERT INTO totais_dia VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET papel = excluded.papel, "
            "producao = producao + excluded.producao, rejeicao = rejeicao + excluded.rejeicao",
            [(line, day_of(at_ms), source, role, *cell[:2]) for (line, at_ms), cell in cells.items()],
        )
    db.executemany(
        "INSERT INTO contagens_quarto VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "producao = producao + excluded.producao, rejeicao = rejeicao + excluded.rejeicao, "
        "duvidosa = duvidosa + excluded.duvidosa, "
        "desde_ms = coalesce(min(desde_ms, excluded.desde_ms), desde_ms, excluded.desde_ms), "
        "primeiro = CASE WHEN excluded.primeiro_ms < primeiro_ms THEN excluded.primeiro ELSE primeiro END, "
        "primeiro_ms = min(primeiro_ms, excluded.primeiro_ms), "
        "ultimo = CASE WHEN excluded.ultimo_ms >= ultimo_ms THEN excluded.ultimo ELSE ultimo END, "
        "ultimo_ms = max(ultimo_ms, excluded.ultimo_ms)",
        [(line, at_ms, source, *cell) for (line, at_ms), cell in counted.items()],
    )


_Cell = list[Any]
"""produced, rejected, doubtful, since_ms, first_ms, first, last_ms, last: as in `Tally`."""


def _cells(records: Iterable[Record]) -> dict[tuple[str, int], _Cell]:
    """What records make by line and the beginning of a quarter of an hour; the first of equals is first."""
    cells: dict[tuple[str, int], _Cell] = {}
    for record in records:
        at_ms = record.at_ms
        key = record.line, at_ms - at_ms % QUARTER_MS
        cell = cells.get(key)
        if cell is None:
            cells[key] = cell = [0, 0, 0, None, at_ms, record.produced_raw, at_ms, record.produced_raw]
        if record.flags and Flag.IMPLAUSIBLE in record.flags:
            cell[2] += record.produced
        else:
            cell[0] += record.produced
            cell[1] += record.rejected
        if record.since_ms is not None:
            cell[3] = record.since_ms if cell[3] is None else min(cell[3], record.since_ms)
        if at_ms < cell[4]:
            cell[4:6] = at_ms, record.produced_raw
        if at_ms >= cell[6]:
            cell[6:] = at_ms, record.produced_raw
    return cells


def forget_totals(db: sqlite3.Connection, now_ms: int) -> None:
    """Forget what is older than anybody signs by it or compares two sensors of a line with it."""
    oldest_ms = now_ms - KEPT_MS
    db.execute("DELETE FROM totais_dia WHERE dia < ?", (day_of(oldest_ms),))
    db.execute("DELETE FROM contagens_quarto WHERE inicio_ms < ?", (oldest_ms,))


def read_tally(db: sqlite3.Connection, begins_ms: int) -> list[Tally]:
    """Every quarter of an hour from an instant on, by line and time."""
    rows = db.execute(
        "SELECT * FROM contagens_quarto WHERE inicio_ms >= ? ORDER BY linha_id, inicio_ms, fonte", (begins_ms,)
    )
    return [Tally(*row) for row in rows]
