"""The spool: what was read and is not yet in the cloud, in one SQLite file on the gateway's own disk.

Invariants:

1. The records of a reading, the positions they were read up to and the marks are one transaction (`store`). After any
   crash the source resumes exactly behind the last record stored.
2. `synchronous=FULL` on a WAL: a committed transaction survives a power cut.
3. Sealing turns waiting records into one batch in one transaction: the batch's bytes and key are stored, the records
   removed, the sequence advanced. A batch sealed once never changes: retries send the same bytes under the same key.
4. A sealed batch is removed only when the object store has confirmed it (`confirm`).
5. A batch carries new marks only if it takes every waiting record; otherwise the marks of the last batch that did. A
   mark in the cloud therefore never runs ahead of the records.
6. The época is made with the file; sequences count from 1 in it without a gap. Every batch says when that was, and
   whether its records were there before (`Reading.earlier`); none holds both kinds.
7. One process writes: the lock is an exclusive transaction on a database of its own, which the operating system
   releases however the process ends.

Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import base64
import json
import math
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.source import Reading
from sicfar.batch import Mark, Unreadable, seal
from sicfar.errors import ConfigurationError, TransientError
from sicfar.instants import PLANT_TZ, from_ms, now_ms
from sicfar.record import IMPLAUSIBLE
from sicfar.txt import COLUMNS, format_record

DATABASE = "spool.sqlite3"
_LOCK = "spool.lock"
_PIECE_RECORDS = 500
_RECORDS, _EARLIER, _UNREADABLE = "registros", "anteriores", "ilegivel"
"""Kinds of pieces."""
_BATCH_BYTES = 16 << 20
"""Plain bytes of one batch: far under what the cloud reads, and small enough to seal in a moment."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (chave TEXT PRIMARY KEY, valor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pendentes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tipo TEXT NOT NULL, registros INTEGER NOT NULL, bytes INTEGER NOT NULL,
  desde_ms INTEGER NOT NULL, corpo TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS posicoes (
  fonte TEXT NOT NULL, chave TEXT NOT NULL, valor BLOB NOT NULL, PRIMARY KEY (fonte, chave)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marcas (
  linha_id TEXT PRIMARY KEY, fonte TEXT NOT NULL, ate_ms INTEGER NOT NULL, estado TEXT NOT NULL, relogio_ms INTEGER,
  ultimo_registro_ms INTEGER, enviada_ate_ms INTEGER, enviada_estado TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS selados (
  seq INTEGER PRIMARY KEY, chave TEXT NOT NULL, corpo BLOB NOT NULL, sha256 TEXT NOT NULL, registros INTEGER NOT NULL,
  desde_ms INTEGER, selado_em_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fontes (
  fonte TEXT PRIMARY KEY, estado TEXT NOT NULL, detalhe TEXT NOT NULL, desde_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totais_dia (
  linha_id TEXT NOT NULL, dia TEXT NOT NULL, fonte TEXT NOT NULL, papel TEXT NOT NULL, producao INTEGER NOT NULL,
  rejeicao INTEGER NOT NULL, PRIMARY KEY (linha_id, dia, fonte)) WITHOUT ROWID;
"""
_TOTALS_DAYS = 8
"""How many of the plant's days the totals per line and source are kept, to compare two sensors of one line."""

_PACE_MS = 600_000


class SpoolError(TransientError):
    """The spool cannot be written (disk full, I/O error); nothing was acknowledged, so nothing is lost."""

    def __init__(self, what: str, where: str = "", action: str = "") -> None:
        super().__init__("spool_unavailable", what, where=where, action=action)


class SpoolConfigurationError(ConfigurationError):
    """The spool folder cannot be used, or another gateway uses it."""

    def __init__(self, code: str, what: str, where: str, action: str) -> None:
        super().__init__(code, what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A sealed batch that waits for its upload."""

    seq: int
    key: str
    body: bytes
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class _Piece:
    id: int
    kind: str
    records: int
    since_ms: int
    body: str


class Spool:
    """See the module's invariants. Safe to call from several threads; a call blocks for one disk write."""

    def __init__(self, folder: Path, gateway: str, *, seal_records: int) -> None:
        self._folder = folder
        self._gateway = gateway
        self._seal_records = seal_records
        self._mutex = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _take_lock(folder)
            self._db = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise SpoolConfigurationError(
                "spool_unusable", f"a pasta do spool não pode ser usada: {error}", str(folder), "confira gateway.spool"
            ) from error
        self.epoch = self._meta("epoca")
        self._began = from_ms(int(self._meta("inicio_ms")))
        # Summed once: after days without network the table has a million rows.
        self._waiting = int(self._db.execute("SELECT coalesce(sum(registros), 0) FROM pendentes").fetchone()[0])
        self._sealed = int(self._db.execute("SELECT count(*) FROM selados").fetchone()[0])

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        with self._transaction() as db:
            if db.execute("SELECT count(*) FROM meta").fetchone() == (0,):
                new = {"versao": "1", "epoca": uuid.uuid4().hex, "gateway": self._gateway, "proxima_seq": "1"}
                db.executemany("INSERT INTO meta VALUES (?, ?)", (new | {"inicio_ms": str(now_ms())}).items())
        if self._meta("gateway") != self._gateway:
            raise SpoolConfigurationError(
                "spool_of_another_gateway",
                f"o spool pertence ao gateway {self._meta('gateway')!r}, não a {self._gateway!r}",
                str(self._folder),
                "restaure gateway.id ou use outra pasta em gateway.spool",
            )

    def close(self) -> None:
        """Close the database and release the lock."""
        with self._mutex:
            self._db.close()
            self._lock.close()

    # -- reading side ----------------------------------------------------------------------------------------------

    def positions(self, source: str) -> dict[str, bytes]:
        """What `source` had read up to, by its own keys."""
        with self._mutex:
            rows = self._db.execute("SELECT chave, valor FROM posicoes WHERE fonte = ?", (source,))
            return {str(key): bytes(value) for key, value in rows}

    def marks(self, source: str) -> dict[str, int]:
        """Last stored mark per line of `source`, ms."""
        with self._mutex:
            return dict(self._db.execute("SELECT linha_id, ate_ms FROM marcas WHERE fonte = ?", (source,)).fetchall())

    def store(self, source: str, reading: Reading, now_ms: int) -> None:
        """Commit one reading: records, positions and marks, all or nothing. Raises SpoolError."""
        pieces = list(_pieces(reading, min(_PIECE_RECORDS, self._seal_records)))
        last: dict[str, int] = {}
        for record in (*reading.records, *reading.earlier):
            last[record.line] = max(last.get(record.line, 0), record.at_ms)
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO pendentes (tipo, registros, bytes, desde_ms, corpo) VALUES (?, ?, ?, ?, ?)",
                [(kind, count, len(body), now_ms, body) for kind, count, body in pieces],
            )
            kept = [(source, key, value) for key, value in reading.position.items() if value is not None]
            db.executemany("INSERT OR REPLACE INTO posicoes VALUES (?, ?, ?)", kept)
            gone = [(source, key) for key, value in reading.position.items() if value is None]
            db.executemany("DELETE FROM posicoes WHERE fonte = ? AND chave = ?", gone)
            _write_marks(db, source, reading.marks, last)
            _add_totals(db, source, reading)
        with self._mutex:
            self._waiting += sum(count for _, count, _ in pieces)

    def set_state(self, source: str, state: str, detail: str, now_ms: int) -> None:
        """Record how a source is doing, for `status`. Raises SpoolError."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO fontes VALUES (?, ?, ?, ?)", (source, state, detail, now_ms))

    def beat(self, read_ms: Mapping[str, int], now_ms: int) -> None:
        """Record that the gateway works, its sources, and when each last answered (0: not yet). Raises SpoolError."""
        with self._transaction() as db:
            news = {"vivo_ms": str(now_ms), "leituras": json.dumps(dict(read_ms))}
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())

    # -- shipping side ---------------------------------------------------------------------------------------------

    def waiting(self) -> tuple[int, int]:
        """(records that wait unsealed, sealed batches that wait for their upload); from memory, never blocks."""
        return self._waiting, self._sealed

    def seal(self, marks: Mapping[str, Sequence[Mark]], now_ms: int, *, allow_empty: bool) -> int | None:
        """Seal what waits, at most `seal_records` of it, into the next batch; its seq, or None if there was nothing.

        `marks`: per source, those of its last stored reading, taken before this call. Raises SpoolError.
        """
        with self._mutex:
            with self._transaction() as db:
                pieces, all_of_it = self._take()
                if not pieces and not allow_empty:
                    return None
                for source, fresh in marks.items():
                    _write_marks(db, source, fresh, {})
                db.execute("DELETE FROM totais_dia WHERE dia < ?", (_day(now_ms - _TOTALS_DAYS * 86_400_000),))
                if all_of_it:
                    db.execute("UPDATE marcas SET enviada_ate_ms = ate_ms, enviada_estado = estado")
                sent = db.execute(
                    "SELECT linha_id, enviada_ate_ms, enviada_estado, relogio_ms FROM marcas "
                    "WHERE enviada_ate_ms > 0 ORDER BY linha_id"
                ).fetchall()
                if not pieces and not sent:
                    return None
                seq = int(self._meta("proxima_seq"))
                sealed = seal(
                    gateway=self._gateway,
                    epoch=self.epoch,
                    seq=seq,
                    sealed_at=from_ms(now_ms),
                    marks=[Mark(line, until, state, clock) for line, until, state, clock in sent],
                    lines=(
                        _widened(line)
                        for piece in pieces
                        if piece.kind != _UNREADABLE
                        for line in piece.body.split("\n")
                    ),
                    unreadable=[_unreadable(piece.body) for piece in pieces if piece.kind == _UNREADABLE],
                    epoch_began=self._began,
                    earlier=any(piece.kind == _EARLIER for piece in pieces),
                )
                since = min((piece.since_ms for piece in pieces), default=None)
                db.execute(
                    "INSERT INTO selados VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (seq, sealed.key, sealed.body, sealed.sha256, sealed.records, since, now_ms),
                )
                if pieces:
                    _write_pace(db, pieces)
                    db.execute("DELETE FROM pendentes WHERE id <= ?", (pieces[-1].id,))
                db.execute("UPDATE meta SET valor = ? WHERE chave = 'proxima_seq'", (str(seq + 1),))
            self._waiting -= sum(piece.records for piece in pieces)
            self._sealed += 1
            return seq

    def _take(self) -> tuple[list[_Piece], bool]:
        """What the next batch takes, and whether that is everything."""
        pieces: list[_Piece] = []
        records = size = 0
        only = ""
        query = "SELECT id, tipo, registros, desde_ms, corpo, bytes FROM pendentes ORDER BY id"
        with closing(self._db.execute(query)) as rows:
            for identity, kind, count, since, body, length in rows:
                full = records + count > self._seal_records or size + length > _BATCH_BYTES
                other = kind != _UNREADABLE and only not in ("", kind)
                if pieces and (full or other):
                    return pieces, False
                if kind != _UNREADABLE:
                    only = kind
                pieces.append(_Piece(identity, kind, count, since, body))
                records += count
                size += length
        return pieces, True

    def next_sealed(self) -> SealedBatch | None:
        """The oldest batch that waits for its upload. Raises SpoolError."""
        with self._transaction() as db:
            row = db.execute("SELECT seq, chave, corpo, sha256, registros FROM selados ORDER BY seq LIMIT 1").fetchone()
            return None if row is None else SealedBatch(*row)

    def confirm(self, seq: int, now_ms: int) -> None:
        """The object store holds this batch: forget it. Raises SpoolError."""
        with self._mutex:
            with self._transaction() as db:
                removed = db.execute("DELETE FROM selados WHERE seq = ?", (seq,)).rowcount
                news = {"ultimo_envio_seq": str(seq), "ultimo_envio_ms": str(now_ms), "erro_envio": ""}
                db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())
            self._sealed -= removed

    def set_upload_error(self, text: str, now_ms: int) -> None:
        """Record why uploads fail at the moment, for `status`. Raises SpoolError."""
        with self._transaction() as db:
            news = {"erro_envio": text, "erro_envio_ms": str(now_ms)}
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())

    def _meta(self, key: str) -> str:
        return str(self._db.execute("SELECT valor FROM meta WHERE chave = ?", (key,)).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mutex:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    # A failed COMMIT (disk full) may have rolled back by itself.
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise SpoolError(
                    f"o spool não pôde ser gravado: {error}",
                    str(self._folder),
                    "libere espaço em disco; a leitura recomeça sozinha de onde parou",
                ) from error


def _take_lock(folder: Path) -> sqlite3.Connection:
    lock = sqlite3.connect(folder / _LOCK, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise SpoolConfigurationError(
            "spool_locked",
            "outro gateway em execução já usa esta pasta de spool",
            str(folder),
            "encerre o outro processo ou dê a cada gateway a sua pasta em gateway.spool",
        ) from error
    return lock


def _pieces(reading: Reading, limit: int) -> Iterator[tuple[str, int, str]]:
    for kind, records in ((_EARLIER, reading.earlier), (_RECORDS, reading.records)):
        lines = [format_record(record) for record in records]
        for start in range(0, len(lines), limit):
            part = lines[start : start + limit]
            yield kind, len(part), "\n".join(part)
    for item in reading.unreadable:
        body = {"origem": item.origin, "motivo": str(item.reason), "bytes": base64.b64encode(item.data).decode()}
        yield _UNREADABLE, 1, json.dumps(body)


def _widened(line: str) -> str:
    """A stored record with today's columns: an earlier version of this program stored it without the last."""
    return line + "," * (len(COLUMNS) - 1 - line.count(","))


def _unreadable(body: str) -> Unreadable:
    item = json.loads(body)
    return Unreadable(item["origem"], item["motivo"], base64.b64decode(item["bytes"]))


def _write_pace(db: sqlite3.Connection, pieces: Sequence[_Piece]) -> None:
    """How fast what waits grows, bytes of text an hour, as it was read over the last ten minutes or so."""
    meta = dict(db.execute("SELECT chave, valor FROM meta WHERE chave IN ('ritmo_ms', 'ritmo_bytes_h')").fetchall())
    until_ms = pieces[-1].since_ms
    elapsed_ms = until_ms - int(meta.get("ritmo_ms", until_ms))
    if elapsed_ms < 0:
        elapsed_ms = 0  # the computer's clock was set back
    news = {"ritmo_ms": str(until_ms)}
    if elapsed_ms:
        pace = sum(len(piece.body) for piece in pieces) * 3_600_000 / elapsed_ms
        before = float(meta.get("ritmo_bytes_h", pace))
        weight = 1 - math.exp(-elapsed_ms / _PACE_MS)
        news["ritmo_bytes_h"] = f"{before + weight * (pace - before):.0f}"
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())


def _write_marks(db: sqlite3.Connection, source: str, marks: Iterable[Mark], last: Mapping[str, int]) -> None:
    db.executemany(
        "INSERT INTO marcas (linha_id, fonte, ate_ms, estado, relogio_ms) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (linha_id) DO UPDATE SET fonte = excluded.fonte, ate_ms = max(ate_ms, excluded.ate_ms), "
        "estado = excluded.estado, relogio_ms = excluded.relogio_ms",
        [(mark.line, source, mark.until_ms, mark.state, mark.clock_ms) for mark in marks],
    )
    # A line whose mark is still withheld (a backlog is being read) is known all the same.
    db.executemany(
        "INSERT INTO marcas (linha_id, fonte, ate_ms, estado, ultimo_registro_ms) VALUES (?, ?, 0, 'ok', ?) "
        "ON CONFLICT (linha_id) DO UPDATE SET ultimo_registro_ms = "
        "max(coalesce(ultimo_registro_ms, 0), excluded.ultimo_registro_ms)",
        [(line, source, at_ms) for line, at_ms in last.items()],
    )


def _add_totals(db: sqlite3.Connection, source: str, reading: Reading) -> None:
    """Sum what counted by line and the plant's day; what is held for a person is in no total."""
    sums: dict[tuple[str, int, str], list[int]] = {}
    counted = (*reading.earlier, *reading.records)
    for role, records in (("contagem", counted), ("conferencia", reading.checked)):
        for record in records:
            if IMPLAUSIBLE not in record.flags:
                cell = sums.setdefault((record.line, record.at_ms // 3_600_000, role), [0, 0])
                cell[0] += record.produced
                cell[1] += record.rejected
    db.executemany(
        "INSERT INTO totais_dia VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET papel = excluded.papel, "
        "producao = producao + excluded.producao, rejeicao = rejeicao + excluded.rejeicao",
        [(line, _day(hour * 3_600_000), source, role, *cell) for (line, hour, role), cell in sums.items()],
    )


def _day(at_ms: int) -> str:
    return from_ms(at_ms).astimezone(PLANT_TZ).date().isoformat()
