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
   whether its records were there before (`Kind.EARLIER`); none holds both kinds.
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

import json
import logging
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge_gateway.clock import Judgement, nearest_writable
from edge_gateway.source import Content, Progress
from edge_gateway.spool import doubt
from edge_gateway.spool.content import latest_of, parts_of
from edge_gateway.spool.errors import SpoolConfigurationError, SpoolDamagedError, SpoolError, disk_refuses, not_written
from edge_gateway.spool.lock import take_lock
from edge_gateway.spool.opening import make_whole
from edge_gateway.spool.pace import Pace
from edge_gateway.spool.recovery import sync_folder
from edge_gateway.spool.sealing import SealedBatch, Sealer
from edge_gateway.spool.tables import (
    DATABASE,
    DB_ERRORS,
    EARLIER,
    RESERVE_BYTES,
    SEALED_COLUMNS,
    Piece,
    connect,
    create_tables,
    has_tables,
    insert_pieces,
    is_as_sealed,
    is_damage,
    meta_value,
    new_identity,
    position_sum,
    room_bytes,
    total,
    write_marks,
)
from edge_gateway.spool.tally import add_totals, begin_tally
from edge_gateway.spool.watermark import Watermark, WatermarkFile
from sicfar.counts.batch import Mark
from sicfar.instants import from_ms, now_ms

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

_PIECE_RECORDS = 500


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
        self._mutex = threading.RLock()
        self._pace = Pace()
        self._files = ExitStack()
        with self._told_apart():
            if not folder.is_dir():
                folder.mkdir(parents=True)
                sync_folder(folder.parent)
            self._files.callback(take_lock(folder).close)
            self._watermark = WatermarkFile(folder)
            self._files.callback(self._watermark.close)
            make_whole(folder, gateway, self._watermark.known, read_again, damage)
            self._db = self._open()
            self._load()

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
            sync_folder(self._folder)
        with self._transaction() as db:
            begin_tally(db, now_ms())
        return self._db

    def _load(self) -> None:
        """What is known by heart: whoever asks waits for no disk."""
        self.epoch = meta_value(self._db, "epoca")
        # Made while the computer showed no year that a batch can say, it began in the nearest one that it can.
        began = from_ms(nearest_writable(int(meta_value(self._db, "inicio_ms"))))
        self._sealer = Sealer(self._db, self._folder, self._gateway, self.epoch, began, self._seal_records)
        known = self._watermark.known
        if known is None or known.epoch != self.epoch:
            waits = self._db.execute("SELECT min(seq) FROM selados WHERE seq > 0").fetchone()[0]
            seq = (waits or int(meta_value(self._db, "proxima_seq"))) - 1
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
        self._spans = doubt.from_json(meta_value(self._db, "relogio_trechos", "[]"))
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
        with self._transaction() as db:
            text = meta_value(db, "relogio_passado_ms", "") or meta_value(db, "ultimo_envio_ms", "")
            return int(text) if text.isdecimal() else 0

    def store(
        self, source: str, content: Content, progress: Progress, now_ms: int, clock: Judgement | None = None
    ) -> None:
        """Commit what a read brought: records, positions and marks, all or nothing. Raises SpoolError.

        `clock`: what is believed of the clock it was read by; None where nobody judges it.
        """
        kept = {key: value for key, value in progress.positions.items() if value is not None}
        gone = [(source, key) for key, value in progress.positions.items() if value is None]
        with self._mutex:
            number = self._reading + 1
            parts = enumerate(parts_of(content, min(_PIECE_RECORDS, self._seal_records)), self._piece + 1)
            pieces = [Piece(at, kind, count, now_ms, source, number, body) for at, (kind, count, body) in parts]
            piece = pieces[-1].id if pieces else self._piece
            sums = {key: value for key, value in self._sums.get(source, {}).items() if key not in progress.positions}
            sums |= {key: position_sum(key, value) for key, value in kept.items()}
            spans = doubt.noted(self._spans, pieces[0].id, clock, self._run) if clock and pieces else self._spans
            with self._transaction() as db:
                self._keep_reserve()
                insert_pieces(db, pieces)
                self._write_spans(db, spans)
                positions = [(source, *item) for item in kept.items()]
                db.executemany(
                    "INSERT INTO posicoes VALUES (?, ?, ?) "
                    "ON CONFLICT (fonte, chave) DO UPDATE SET valor = excluded.valor",
                    positions,
                )
                db.executemany("DELETE FROM posicoes WHERE fonte = ? AND chave = ?", gone)
                told = (source, number, piece, total(sums.values()))
                db.execute("INSERT OR REPLACE INTO leituras VALUES (?, ?, ?, ?)", told)
                write_marks(db, source, progress.marks, latest_of(content))
                add_totals(db, source, content)
            self._piece, self._reading, self._spans = piece, number, spans
            self._readings[source], self._sums[source] = number, sums
            self._waiting += sum(piece.records for piece in pieces)
            live = sum(piece.size for piece in pieces if piece.kind != EARLIER)
            self._pace.note(source, live, _monotonic_ms(now_ms, clock), more=progress.more)

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
            self._pace.write(db, _monotonic_ms(now_ms, clock))

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
        with self._mutex:
            with self._transaction() as db:
                batch = self._sealer.seal(marks, now_ms, clock, self._spans, self._run, allow_empty=allow_empty)
                if batch is None:
                    return None
                self._write_spans(db, batch.spans)
            self._spans = batch.spans
            self._waiting -= batch.records
            self._sealed += 1
            return batch.seq

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
                raise not_written(error, self._folder) from error

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """What keeps a spool from being opened, by who can mend it; nothing stays open then."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            self._files.close()
            if disk_refuses(error):
                raise not_written(error, self._folder) from error
            raise SpoolConfigurationError(
                "spool_unusable",
                f"a pasta do spool não pode ser usada: {error}",
                str(self._folder),
                "confira gateway.spool",
            ) from error
        except BaseException:
            self._files.close()
            raise


def _monotonic_ms(now_ms: int, clock: Judgement | None) -> int:
    """The same instant on the monotonic clock, which is never set; the time of day where the clock is not judged."""
    return now_ms if clock is None else now_ms - clock.setting_ms


def _clock_news(clock: Judgement | None) -> dict[str, str]:
    """The rows of `meta` that say what is believed of the clock."""
    if clock is None:
        return {}
    said: dict[str, object] = {"testemunhado": clock.witnessed}
    if clock.doubt is not None:
        said |= {"desvio_ms": clock.doubt.offset_ms, "testemunha": clock.doubt.witness}
    news = {"relogio": json.dumps(said)}
    return news | {"relogio_passado_ms": str(clock.earliest_ms)} if clock.witnessed else news
