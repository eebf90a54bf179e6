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
   releases however the process ends. (Another one may set a notice's `visto`.)
8. No batch leaves before its sequence is in the `watermark`. A spool that is damaged, or knows less than its
   watermark, is put aside when it is opened and replaced by one with all that is certain (`recovery`). Damage met
   later is a SpoolDamagedError: whoever runs the spool opens it anew.
9. No mark is later than the sealing instant of the batch that carries it, nor than the true time if the clock is known
   to be ahead. A stored mark later than the true time came from a clock that was ahead: it comes down once S3 has said
   what time it is.
10. A batch says that the clock is in doubt if it is, or was when something in the batch was read (`doubt`).
11. The last of the disk is for sending: while less than a reserve is free no reading is taken (`store`), so that what
   is in the spool can still be sealed, uploaded and forgotten.

Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

import base64
import errno
import json
import logging
import math
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.clock import Judgement, nearest_writable
from edge_gateway.source import Reading
from edge_gateway.spool import doubt, recovery
from edge_gateway.spool.state import fault_in
from edge_gateway.spool.tables import (
    DATABASE,
    DB_ERRORS,
    EARLIER,
    PIECE_COLUMNS,
    RECORDS,
    RESERVE_BYTES,
    SEALED_COLUMNS,
    UNREADABLE,
    VERSION,
    Piece,
    code_of,
    connect,
    create_tables,
    has_tables,
    identity_sum,
    insert_pieces,
    insert_sealed,
    is_as_sealed,
    is_damage,
    new_identity,
    position_sum,
    room_bytes,
    total,
)
from edge_gateway.spool.watermark import Watermark, WatermarkFile
from sicfar.counts.batch import Mark, Unreadable, seal
from sicfar.counts.codes import Flag
from sicfar.counts.record import COLUMNS, format_record
from sicfar.errors import ConfigurationError, TransientError
from sicfar.instants import PLANT_TZ, from_ms, now_ms

__all__ = [
    "DATABASE",
    "RESERVE_BYTES",
    "SealedBatch",
    "Spool",
    "SpoolConfigurationError",
    "SpoolDamagedError",
    "SpoolError",
]

_log = logging.getLogger(__name__)

_LOCK = "spool.lock"
_PIECE_RECORDS = 500
_BATCH_BYTES = 16 << 20
"""Plain bytes of one batch: far under what the cloud reads, and small enough to seal in a moment."""

_TOTALS_DAYS = 8
"""How many of the plant's days the totals per line and source are kept, to compare two sensors of one line."""

_PACE_MS = 600_000


class SpoolError(TransientError):
    """The spool cannot be written (disk full, I/O error); nothing was acknowledged, so nothing is lost."""

    def __init__(self, what: str, where: str = "", action: str = "") -> None:
        super().__init__("spool_unavailable", what, where=where, action=action)


class SpoolDamagedError(TransientError):
    """The spool's file is damaged: it must be opened anew, which replaces it and keeps what is certain."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__("spool_damaged", what, where=where, action="o gateway o substitui sozinho")


class SpoolConfigurationError(ConfigurationError):
    """The spool folder cannot be used, or another gateway uses it."""

    def __init__(self, code: str, what: str, where: str, action: str) -> None:
        super().__init__(code, what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A sealed batch that waits for its upload. `seq`: its sequence; below zero if an earlier época sealed it."""

    seq: int
    key: str
    body: bytes
    sha256: str
    records: int


class Spool:
    """See the module's invariants. Safe to call from several threads; a call blocks for one disk write.

    `read_again`: sources that, without their positions, read again what is in their files. `damage`: why the file must
    not be believed although it can be opened. Raises SpoolConfigurationError, or SpoolError if the disk is full.
    """

    def __init__(
        self, folder: Path, gateway: str, *, seal_records: int, read_again: Collection[str] = (), damage: str = ""
    ) -> None:
        self._folder = folder
        self._gateway = gateway
        self._seal_records = seal_records
        self._read_again = read_again
        self._mutex = threading.RLock()
        self._files = ExitStack()
        with self._told_apart():
            if not folder.is_dir():
                folder.mkdir(parents=True)
                recovery.sync_folder(folder.parent)
            self._files.callback(_take_lock(folder).close)
            self._watermark = WatermarkFile(folder)
            self._files.callback(self._watermark.close)
            recovery.finish(folder)
            if fault := damage or self._fault():
                self._replace(fault)
            self._db = self._open()
            self._load()

    def _fault(self) -> str:
        """What is wrong with the file, if anything is. Nothing is written to a file that is damaged."""
        path, known = self._folder / DATABASE, self._watermark.known
        if not path.is_file() or not path.stat().st_size:
            return "" if known is None else "o arquivo do spool não está mais lá"
        try:
            return fault_in(path, known, self._refuse_others)
        except sqlite3.Error as error:
            if code_of(error) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            # The very first start was cut before the file had its log: whoever opens it to write takes that back.
            with closing(connect(str(path))) as db:
                has_tables(db)
            return self._fault()

    def _refuse_others(self, meta: Mapping[str, str]) -> None:
        if meta.get("soma", identity_sum(meta)) != identity_sum(meta):
            return  # it is damaged, and nobody else's
        if meta.get("gateway", self._gateway) != self._gateway:
            raise SpoolConfigurationError(
                "spool_of_another_gateway",
                f"o spool pertence ao gateway {meta['gateway']!r}, não a {self._gateway!r}",
                str(self._folder),
                "restaure gateway.id ou use outra pasta em gateway.spool",
            )
        if meta.get("versao", VERSION) != VERSION:
            raise SpoolConfigurationError(
                "spool_of_another_version",
                f"o spool é da versão {meta['versao']}; este gateway usa a {VERSION}",
                str(self._folder),
                "envie o que há nele com a versão que o fez, ou use outra pasta em gateway.spool",
            )

    def _replace(self, fault: str) -> None:
        told = (self._folder, self._gateway, fault, self._watermark.known, self._read_again, now_ms())
        try:
            found = recovery.replace_spool(*told)
        except (ArithmeticError, LookupError, TypeError, ValueError, sqlite3.IntegrityError):
            # Damage of a kind nobody thought of must not keep the gateway from working.
            _log.exception("o spool danificado não pôde ser lido", extra={"event": "spool_unreadable"})
            found = recovery.replace_spool(*told, unread=True)
        facts = {"event": "spool_replaced", "fault": fault, "kept": found.kept, "lost": found.lost}
        _log.error("o spool estava danificado e foi substituído: %s", fault, extra=facts)

    def _open(self) -> sqlite3.Connection:
        """Open the file, or make it."""
        self._db = connect(str(self._folder / DATABASE))
        self._files.callback(self._db.close)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        # What is deleted needs no erasing: some builds of SQLite would write it a second time.
        self._db.execute("PRAGMA secure_delete=OFF")
        if not has_tables(self._db):
            with self._transaction() as db:
                create_tables(db)
                db.executemany("INSERT INTO meta VALUES (?, ?)", new_identity(self._gateway, now_ms()).items())
            recovery.sync_folder(self._folder)
        return self._db

    def _load(self) -> None:
        """What is known by heart: whoever asks waits for no disk."""
        self.epoch = self._meta("epoca")
        # Made while the computer showed no year that a batch can say, it began in the nearest one that it can.
        self._began = from_ms(nearest_writable(int(self._meta("inicio_ms"))))
        known = self._watermark.known
        if known is None or known.epoch != self.epoch:
            waits = self._db.execute("SELECT min(seq) FROM selados WHERE seq > 0").fetchone()[0]
            seq = (waits or int(self._meta("proxima_seq"))) - 1
            last = "SELECT coalesce(max(ate_peca), 0) FROM selados WHERE seq < 0"
            piece = max(self._db.execute(last).fetchone()[0], 0 if known is None else known.piece)
            known = Watermark(self.epoch, seq, piece)
            self._watermark.record(known)
        # Summed once: after days without network the table has a million rows.
        waiting, piece, reading = self._db.execute(
            "SELECT coalesce(sum(registros), 0), coalesce(max(id), 0), coalesce(max(leitura), 0) FROM pendentes"
        ).fetchone()
        query = "SELECT count(*), coalesce(max(ate_peca), 0) FROM selados"
        self._sealed, sealed_piece = self._db.execute(query).fetchone()
        self._waiting = int(waiting)
        self._readings: dict[str, int] = {}
        self._piece = max(known.piece, piece, sealed_piece)
        self._reading = max(reading, *known.readings.values(), 0)
        for source, latest, last in self._db.execute("SELECT fonte, leitura, peca FROM leituras"):
            self._readings[source] = latest
            self._piece, self._reading = max(self._piece, last), max(self._reading, latest)
        self._run = uuid.uuid4().hex
        self._spans = doubt.from_json(self._meta("relogio_trechos", "[]"))
        self._sums: dict[str, dict[str, int]] = {}
        for source, key, value in self._db.execute("SELECT fonte, chave, valor FROM posicoes"):
            self._sums.setdefault(source, {})[key] = position_sum(key, value)

    def close(self) -> None:
        """Close the database and release the lock."""
        with self._mutex:
            self._files.close()

    @property
    def gateway(self) -> str:
        """Whose spool this is."""
        return self._gateway

    # -- reading side ----------------------------------------------------------------------------------------------

    def positions(self, source: str) -> dict[str, bytes]:
        """What `source` had read up to, by its own keys. Raises SpoolError."""
        with self._transaction() as db:
            return dict(db.execute("SELECT chave, valor FROM posicoes WHERE fonte = ?", (source,)).fetchall())

    def marks(self, source: str) -> dict[str, int]:
        """Last stored mark per line of `source`, ms. Raises SpoolError."""
        with self._transaction() as db:
            return dict(db.execute("SELECT linha_id, ate_ms FROM marcas WHERE fonte = ?", (source,)).fetchall())

    def past_ms(self) -> int:
        """A time that has passed, by a clock that S3 had witnessed, ms; 0 if none is known. Raises SpoolError."""
        with self._transaction():
            said = self._meta("relogio_passado_ms", "") or self._meta("ultimo_envio_ms", "")
            return int(said) if said.isdecimal() else 0

    def store(self, source: str, reading: Reading, now_ms: int, clock: Judgement | None = None) -> None:
        """Commit one reading: records, positions and marks, all or nothing. Raises SpoolError.

        `clock`: what is believed of the clock it was read by; None where nobody judges it.
        """
        last: dict[str, int] = {}
        for record in (*reading.records, *reading.earlier):
            last[record.line] = max(last.get(record.line, 0), record.at_ms)
        kept = {key: value for key, value in reading.position.items() if value is not None}
        gone = [(source, key) for key, value in reading.position.items() if value is None]
        with self._mutex:
            number = self._reading + 1
            parts = enumerate(_parts(reading, min(_PIECE_RECORDS, self._seal_records)), self._piece + 1)
            pieces = [Piece(at, kind, count, now_ms, source, number, body) for at, (kind, count, body) in parts]
            piece = pieces[-1].id if pieces else self._piece
            sums = {key: value for key, value in self._sums.get(source, {}).items() if key not in reading.position}
            sums |= {key: position_sum(key, value) for key, value in kept.items()}
            spans = doubt.noted(self._spans, pieces[0].id, clock, self._run) if clock and pieces else self._spans
            with self._transaction() as db:
                self._keep_reserve()
                insert_pieces(db, pieces)
                self._write_spans(db, spans)
                positions = [(source, *item) for item in kept.items()]
                db.executemany("INSERT OR REPLACE INTO posicoes VALUES (?, ?, ?)", positions)
                db.executemany("DELETE FROM posicoes WHERE fonte = ? AND chave = ?", gone)
                told = (source, number, piece, total(sums.values()))
                db.execute("INSERT OR REPLACE INTO leituras VALUES (?, ?, ?, ?)", told)
                _write_marks(db, source, reading.marks, last)
                _add_totals(db, source, reading)
            self._piece, self._reading, self._spans = piece, number, spans
            self._readings[source], self._sums[source] = number, sums
            self._waiting += sum(piece.records for piece in pieces)

    def _write_spans(self, db: sqlite3.Connection, spans: doubt.Spans) -> None:
        if spans != self._spans:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('relogio_trechos', ?)", (doubt.to_json(spans),))

    def _keep_reserve(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < RESERVE_BYTES and room_bytes(self._db, self._folder) < 0:
            raise SpoolError(
                f"o disco do spool está cheio: restam {free >> 20} MB, reservados para enviar o que já foi lido",
                str(self._folder),
                "libere espaço em disco; a leitura recomeça sozinha de onde parou",
            )

    def set_state(self, source: str, state: str, detail: str, now_ms: int) -> None:
        """Record how a source is doing, for `status`. Raises SpoolError."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO fontes VALUES (?, ?, ?, ?)", (source, state, detail, now_ms))

    def beat(self, read_ms: Mapping[str, int], now_ms: int, clock: Judgement | None = None) -> None:
        """Record that the gateway works, its sources, and when each last answered (0: not yet). Raises SpoolError.

        `clock`: what is believed of the clock, for `status` and for the next process.
        """
        with self._transaction() as db:
            news = {"vivo_ms": str(now_ms), "leituras": json.dumps(dict(read_ms))} | _clock_news(clock)
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())

    # -- shipping side ---------------------------------------------------------------------------------------------

    def waiting(self) -> tuple[int, int]:
        """(records that wait unsealed, sealed batches that wait for their upload); from memory, never blocks."""
        return self._waiting, self._sealed

    def seal(
        self,
        marks: Mapping[str, Sequence[Mark]],
        now_ms: int,
        *,
        allow_empty: bool,
        clock: Judgement | None = None,
    ) -> int | None:
        """Seal what waits, at most `seal_records` of it, into the next batch; its seq, or None if there was nothing.

        `marks`: per source, those of its last stored reading, taken before this call. `clock`: what is believed of the
        clock that says `now_ms`. Raises SpoolError.
        """
        bound_ms = now_ms if clock is None else min(now_ms, clock.earliest_ms)
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
                if clock is not None and clock.witnessed:
                    _lower_marks(db, clock.earliest_ms)
                sent = db.execute(
                    "SELECT linha_id, enviada_ate_ms, enviada_estado, relogio_ms FROM marcas "
                    "WHERE enviada_ate_ms > 0 ORDER BY linha_id"
                ).fetchall()
                if not pieces and not sent:
                    return None
                seq = int(self._meta("proxima_seq"))
                spans = self._spans if clock is None else doubt.judged(self._spans, clock, self._run)
                first, until = (pieces[0].id, pieces[-1].id) if pieces else (0, 0)
                sealed = seal(
                    gateway=self._gateway,
                    epoch=self.epoch,
                    seq=seq,
                    sealed_at=from_ms(now_ms),
                    marks=[Mark(line, min(ms, bound_ms), state, offset) for line, ms, state, offset in sent],
                    lines=(
                        _widened(line)
                        for piece in pieces
                        if piece.kind != UNREADABLE
                        for line in piece.body.split("\n")
                    ),
                    unreadable=[_unreadable(piece.body) for piece in pieces if piece.kind == UNREADABLE],
                    epoch_began=self._began,
                    earlier=any(piece.kind == EARLIER for piece in pieces),
                    clock=None if clock is None else doubt.worst(spans, first, until, clock),
                )
                since = min((piece.since_ms for piece in pieces), default=None)
                row = (seq, sealed.key, sealed.body, sealed.sha256, sealed.records, since, now_ms, until)
                insert_sealed(db, row)
                if pieces:
                    _write_pace(db, pieces)
                    db.execute("DELETE FROM pendentes WHERE id <= ?", (until,))
                    spans = doubt.without(spans, until)
                self._write_spans(db, spans)
                db.execute("UPDATE meta SET valor = ? WHERE chave = 'proxima_seq'", (str(seq + 1),))
            self._spans = spans
            self._waiting -= sum(piece.records for piece in pieces)
            self._sealed += 1
            return seq

    def _take(self) -> tuple[list[Piece], bool]:
        """What the next batch takes, and whether that is everything."""
        pieces: list[Piece] = []
        records = size = 0
        only = ""
        with closing(self._db.execute(f"SELECT {PIECE_COLUMNS} FROM pendentes ORDER BY id")) as rows:  # noqa: S608
            for *columns, digest in rows:
                piece = Piece(*columns)
                if piece.sum != digest:
                    raise SpoolDamagedError(f"a leitura {piece.id} mudou no disco", str(self._folder))
                full = records + piece.records > self._seal_records or size + piece.size > _BATCH_BYTES
                other = piece.kind != UNREADABLE and only not in ("", piece.kind)
                if pieces and (full or other):
                    return pieces, False
                if piece.kind != UNREADABLE:
                    only = piece.kind
                pieces.append(piece)
                records += piece.records
                size += piece.size
        return pieces, True

    def next_sealed(self) -> SealedBatch | None:
        """The oldest batch that waits for its upload; the watermark knows of it. Raises SpoolError."""
        with self._transaction() as db:
            row = db.execute(f"SELECT {SEALED_COLUMNS} FROM selados ORDER BY seq LIMIT 1").fetchone()  # noqa: S608
            if row is None:
                return None
            if not is_as_sealed(row):
                raise SpoolDamagedError(f"o lote selado {row[1]} mudou no disco", str(self._folder))
            batch = SealedBatch(*row[:5])
            known = self._watermark.known or Watermark(self.epoch)
            if batch.seq > known.seq:
                self._watermark.record(Watermark(self.epoch, batch.seq, max(known.piece, row[7]), dict(self._readings)))
            return batch

    def confirm(self, seq: int, now_ms: int) -> None:
        """The object store holds this batch: forget it. Raises SpoolError."""
        with self._mutex:
            with self._transaction() as db:
                removed = db.execute("DELETE FROM selados WHERE seq = ?", (seq,)).rowcount
                news = {"ultimo_envio_ms": str(now_ms), "erro_envio": ""}
                if seq > 0:
                    news["ultimo_envio_seq"] = str(seq)
                db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())
            self._sealed -= removed

    def notices(self) -> list[str]:
        """What a person has not acknowledged yet. Raises SpoolError."""
        with self._transaction() as db:
            return [text for (text,) in db.execute("SELECT texto FROM avisos WHERE visto_ms IS NULL ORDER BY id")]

    def set_upload_error(self, text: str, now_ms: int) -> None:
        """Record why uploads fail at the moment, for `status`. Raises SpoolError."""
        with self._transaction() as db:
            news = {"erro_envio": text, "erro_envio_ms": str(now_ms)}
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", news.items())

    def _meta(self, key: str, default: str | None = None) -> str:
        row = self._db.execute("SELECT valor FROM meta WHERE chave = ?", (key,)).fetchone()
        return default if row is None and default is not None else str(row[0])

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
            except DB_ERRORS as error:
                if is_damage(error):
                    raise SpoolDamagedError(str(error), str(self._folder)) from error
                raise _not_written(error, self._folder) from error

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """What keeps a spool from being opened, by who can mend it; nothing stays open then."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            self._files.close()
            if _disk_refuses(error):
                raise _not_written(error, self._folder) from error
            raise SpoolConfigurationError(
                "spool_unusable",
                f"a pasta do spool não pode ser usada: {error}",
                str(self._folder),
                "confira gateway.spool",
            ) from error
        except BaseException:
            self._files.close()
            raise


def _disk_refuses(error: OSError | sqlite3.Error) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EIO)
    return (code_of(error) & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _not_written(error: Exception, folder: Path) -> SpoolError:
    action = "libere espaço em disco; a leitura recomeça sozinha de onde parou"
    return SpoolError(f"o spool não pôde ser gravado: {error}", str(folder), action)


def _take_lock(folder: Path) -> sqlite3.Connection:
    lock = sqlite3.connect(folder / _LOCK, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        lock.close()
        if is_damage(error):  # nothing is in it, and who held it could not have opened it either
            (folder / _LOCK).unlink()
            return _take_lock(folder)
        if code_of(error) != sqlite3.SQLITE_BUSY:
            raise
        raise SpoolConfigurationError(
            "spool_locked",
            "outro gateway em execução já usa esta pasta de spool",
            str(folder),
            "encerre o outro processo ou dê a cada gateway a sua pasta em gateway.spool",
        ) from error
    return lock


def _parts(reading: Reading, limit: int) -> Iterator[tuple[str, int, str]]:
    for kind, records in ((EARLIER, reading.earlier), (RECORDS, reading.records)):
        lines = [format_record(record) for record in records]
        for start in range(0, len(lines), limit):
            part = lines[start : start + limit]
            yield kind, len(part), "\n".join(part)
    for item in reading.unreadable:
        body = {"origem": item.origin, "motivo": str(item.reason), "bytes": base64.b64encode(item.data).decode()}
        yield UNREADABLE, 1, json.dumps(body)


def _widened(line: str) -> str:
    """A stored record with today's columns: an earlier version of this program stored it without the last."""
    return line + "," * (len(COLUMNS) - 1 - line.count(","))


def _unreadable(body: str) -> Unreadable:
    item = json.loads(body)
    return Unreadable(item["origem"], item["motivo"], base64.b64decode(item["bytes"]))


def _write_pace(db: sqlite3.Connection, pieces: Sequence[Piece]) -> None:
    """How fast what waits grows, bytes of the disk an hour, as it was read over the last ten minutes or so."""
    meta = dict(db.execute("SELECT chave, valor FROM meta WHERE chave IN ('ritmo_ms', 'ritmo_bytes_h')").fetchall())
    until_ms = pieces[-1].since_ms
    elapsed_ms = until_ms - int(meta.get("ritmo_ms", until_ms))
    if elapsed_ms < 0:
        elapsed_ms = 0  # the computer's clock was set back
    news = {"ritmo_ms": str(until_ms)}
    if elapsed_ms:
        pace = sum(piece.size for piece in pieces) * 3_600_000 / elapsed_ms
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


def _lower_marks(db: sqlite3.Connection, bound_ms: int) -> None:
    """Bring down what a clock that was ahead has stored: no line is known beyond the present."""
    db.execute(
        "UPDATE marcas SET ate_ms = min(ate_ms, ?1), enviada_ate_ms = min(enviada_ate_ms, ?1) "
        "WHERE ate_ms > ?1 OR enviada_ate_ms > ?1",
        (bound_ms,),
    )


def _clock_news(clock: Judgement | None) -> dict[str, str]:
    """The rows of `meta` that say what is believed of the clock."""
    if clock is None:
        return {}
    said: dict[str, object] = {"testemunhado": clock.witnessed}
    if clock.doubt is not None:
        said |= {"desvio_ms": clock.doubt.offset_ms, "testemunha": clock.doubt.witness}
    news = {"relogio": json.dumps(said)}
    return news | {"relogio_passado_ms": str(clock.earliest_ms)} if clock.witnessed else news


def _add_totals(db: sqlite3.Connection, source: str, reading: Reading) -> None:
    """Sum what counted by line and the plant's day; what is held for a person is in no total."""
    sums: dict[tuple[str, int, str], list[int]] = {}
    counted = (*reading.earlier, *reading.records)
    for role, records in (("contagem", counted), ("conferencia", reading.checked)):
        for record in records:
            if Flag.IMPLAUSIBLE not in record.flags:
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
