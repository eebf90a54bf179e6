"""The watermark: how far a spool's batches have come, kept beside the spool in a database of its own.

It is written before a batch may leave and never says less than what has left. A spool that knows less has fallen back:
its file was restored, cut or deleted, or its log was. To go on from there would send under old numbers what has been
sent already.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from edge_gateway.spool.tables import DB_ERRORS, connect, is_damage, read_only

WATERMARK = "spool.testemunha"


@dataclass(frozen=True, slots=True)
class Watermark:
    """What may have left: batches up to `seq` of época `epoch`, with pieces up to `piece` and readings per source."""

    epoch: str
    seq: int = 0
    piece: int = 0
    readings: Mapping[str, int] = field(default_factory=dict)


class WatermarkFile:
    """The watermark of the spool in one folder. `known` is None if there is none, or none that can be read."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / WATERMARK
        try:
            self._open()
        except DB_ERRORS as error:
            if not is_damage(error):
                raise
            # It only confirms what the spool says of itself: without it a spool that is whole is believed.
            for path in (self._path, self._path.with_name(f"{WATERMARK}-journal")):
                path.unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        self._db = connect(str(self._path))
        try:
            # Nothing is created or deleted at a commit, so that it works on a disk that is full.
            self._db.execute("PRAGMA journal_mode=PERSIST")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("CREATE TABLE IF NOT EXISTS sabido (id INTEGER PRIMARY KEY, valor TEXT NOT NULL)")
            self.known = _read(self._db)
        except BaseException:
            self._db.close()
            raise

    def record(self, known: Watermark) -> None:
        """Make it durable. Raises sqlite3.Error."""
        text = json.dumps([known.epoch, known.seq, known.piece, dict(known.readings)])
        self._db.execute("INSERT OR REPLACE INTO sabido VALUES (1, ?)", (text,))
        self.known = known

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def read_watermark(folder: Path) -> Watermark | None:
    """What the watermark in a folder says, read-only; None if there is none that can be read."""
    path = folder / WATERMARK
    if not path.is_file():
        return None
    try:
        with closing(connect(read_only(path), uri=True)) as db:
            return _read(db)
    except DB_ERRORS:
        return None


def _read(db: sqlite3.Connection) -> Watermark | None:
    row = db.execute("SELECT valor FROM sabido WHERE id = 1").fetchone()
    try:
        epoch, seq, piece, readings = json.loads(row[0]) if row else ("", 0, 0, {})
        return Watermark(str(epoch), int(seq), int(piece), dict(readings)) if epoch else None
    except (ValueError, TypeError):
        return None  # changed by the disk; the sums of the spool still hold
