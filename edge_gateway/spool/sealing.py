"""Sealing: what waits becomes a batch. Inside the transaction of `Spool.seal`; for the invariants see `store`."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from edge_gateway.clock import Judgement
from edge_gateway.spool import doubt
from edge_gateway.spool.errors import SpoolDamagedError
from edge_gateway.spool.tables import (
    EARLIER,
    PIECE_COLUMNS,
    UNREADABLE,
    Piece,
    insert_sealed,
    lower_marks,
    meta_value,
    write_marks,
)
from edge_gateway.spool.tally import forget_totals
from sicfar.counts.batch import Mark, Unreadable, seal
from sicfar.counts.record import COLUMNS
from sicfar.instants import from_ms

_BATCH_BYTES = 16 << 20
"""Plain bytes of one batch: far under what the cloud reads, and small enough to seal in a moment."""


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A sealed batch that waits for its upload. `seq`: its sequence; below zero if an earlier época sealed it."""

    seq: int
    key: str
    body: bytes
    sha256: str
    records: int


class Sealed(NamedTuple):
    """A batch that was just sealed: its sequence, how many records no longer wait, and the spans of those that do."""

    seq: int
    records: int
    spans: doubt.Spans


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals what waits in one spool's database. `began`: when its época did, UTC; `folder`: for messages."""

    db: sqlite3.Connection
    folder: Path
    gateway: str
    epoch: str
    began: datetime
    seal_records: int

    def seal(
        self,
        marks: Mapping[str, Sequence[Mark]],
        now_ms: int,
        clock: Judgement | None,
        spans: doubt.Spans,
        run: str,
        *,
        allow_empty: bool,
    ) -> Sealed | None:
        """See `Spool.seal`. `spans`: by which settings of the clock the pieces were read; `run`: this process.

        None if there was nothing to seal.
        """
        db = self.db
        bound_ms = now_ms if clock is None else min(now_ms, clock.earliest_ms)
        pieces, all_of_it = self._take()
        if not pieces and not allow_empty:
            return None
        for source, fresh in marks.items():
            write_marks(db, source, fresh, {})
        forget_totals(db, bound_ms)
        if all_of_it:
            db.execute("UPDATE marcas SET enviada_ate_ms = ate_ms, enviada_estado = estado")
        if clock is not None and clock.witnessed:
            lower_marks(db, clock.earliest_ms)
        sent = db.execute(
            "SELECT linha_id, enviada_ate_ms, enviada_estado, relogio_ms FROM marcas "
            "WHERE enviada_ate_ms > 0 ORDER BY linha_id"
        ).fetchall()
        if not pieces and not sent:
            return None
        seq = int(meta_value(db, "proxima_seq"))
        first, until = (pieces[0].id, pieces[-1].id) if pieces else (0, 0)
        if clock is not None:
            spans = doubt.judged(spans, clock, run)
        sealed = seal(
            gateway=self.gateway,
            epoch=self.epoch,
            seq=seq,
            sealed_at=from_ms(now_ms),
            marks=[Mark(line, min(ms, bound_ms), state, offset) for line, ms, state, offset in sent],
            lines=(line for piece in pieces if piece.kind != UNREADABLE for line in _lines(piece)),
            unreadable=[_unreadable(piece.body) for piece in pieces if piece.kind == UNREADABLE],
            epoch_began=self.began,
            earlier=any(piece.kind == EARLIER for piece in pieces),
            clock=None if clock is None else doubt.worst(spans, first, until, clock),
        )
        since = min((piece.since_ms for piece in pieces), default=None)
        row = (seq, sealed.key, sealed.body, sealed.sha256, sealed.records, since, now_ms, until)
        insert_sealed(db, row)
        if pieces:
            db.execute("DELETE FROM pendentes WHERE id <= ?", (until,))
            spans = doubt.without(spans, until)
        db.execute("UPDATE meta SET valor = ? WHERE chave = 'proxima_seq'", (str(seq + 1),))
        return Sealed(seq, sum(piece.records for piece in pieces), spans)

    def _take(self) -> tuple[list[Piece], bool]:
        """What the next batch takes, and whether that is everything."""
        pieces: list[Piece] = []
        records = size = 0
        only = ""
        with closing(self.db.execute(f"SELECT {PIECE_COLUMNS} FROM pendentes ORDER BY id")) as rows:  # noqa: S608
            for *columns, digest in rows:
                piece = Piece(*columns)
                if piece.sum != digest:
                    raise SpoolDamagedError(f"a leitura {piece.id} mudou no disco", str(self.folder))
                full = records + piece.records > self.seal_records or size + piece.size > _BATCH_BYTES
                other = piece.kind != UNREADABLE and only not in ("", piece.kind)
                if pieces and (full or other):
                    return pieces, False
                if piece.kind != UNREADABLE:
                    only = piece.kind
                pieces.append(piece)
                records += piece.records
                size += piece.size
        return pieces, True


def _lines(piece: Piece) -> list[str]:
    """A piece's records with today's columns: an earlier version of this program stored them without the last."""
    lines, commas = piece.body.split("\n"), len(COLUMNS) - 1
    if piece.body.count(",") == commas * len(lines):
        return lines
    return [line + "," * (commas - line.count(",")) for line in lines]


def _unreadable(body: str) -> Unreadable:
    item = json.loads(body)
    return Unreadable(item["origem"], item["motivo"], base64.b64decode(item["bytes"]))
