"""What a spool's file still tells for certain, when it is damaged or has fallen back. Reads; changes nothing.

Certain is, and nothing else is carried over:

- **A sealed batch** that, read whole, is the one that its key names. It keeps its key, so that it cannot exist twice
  even if it had been uploaded already.
- **A piece that waits**, if its sum is right and its number lies beyond all that the watermark says may have left and
  all that the sealed batches hold.
- **The positions of a source**, if together they have the sum that was stored with its last reading, and neither a
  piece nor the watermark knows a later reading.

A source without its positions begins anew: a counter with a baseline, files as content that was there before the spool
(`Kind.EARLIER`), about which the cloud decides. What waits of such files is not carried over, for they bring it.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from edge_gateway.spool.tables import (
    DATABASE,
    DB_ERRORS,
    PIECE_COLUMNS,
    SEALED_COLUMNS,
    Piece,
    code_of,
    connect,
    create_tables,
    has_our_tables,
    identity_sum,
    position_sum,
    read_only,
    sealed_sum,
    total,
)
from edge_gateway.spool.watermark import Watermark
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.errors import SicfarError

LOGS: Final = ("-wal", "-shm", "-journal")
LOSS: Final = "spool"
"""Of pieces that no machine brought: what is told about a loss."""
_EARLIER_BATCHES: Final = 1_000
"""How many batches of earlier épocas can wait at most; they have the numbers below zero."""
_BLIND: Final = 2_000
"""How many numbers beyond the last certain one are tried where the highest cannot be read."""
_PATIENCE: Final = 100_000
"""How many keys in damaged pages are tried, and how many batches may wait beyond what the watermark knows."""
_NAMED: Final = 1_000
"""How many lost batches are named, the latest."""
_PAGE: Final = 4_096


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one source: pieces, the records in them, and the number of the latest reading."""

    pieces: int = 0
    records: int = 0
    reading: int = 0


@dataclass(slots=True)
class Findings:
    """What a spool's file still tells for certain. `lost`: what it does not, for people.

    `began_ms`: the época's beginning, if all that the new one will bring is new. `last_seq`: the highest sequence of
    época `epoch` that is known of. `first_piece` to `last_piece` wait, or should; `waiting`: those that can be read,
    per source. `read_again`: sources whose files bring again what waits of them.
    """

    epoch: str = ""
    began_ms: int | None = None
    last_seq: int = 0
    sealed: list[tuple[Any, ...]] = field(default_factory=list)
    first_piece: int = 1
    last_piece: int = 0
    waiting: dict[str, Waiting] = field(default_factory=dict)
    readings: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    positions: dict[str, dict[str, bytes]] = field(default_factory=dict)
    marks: list[tuple[Any, ...]] = field(default_factory=list)
    read_again: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    @property
    def kept(self) -> str:
        """What is carried over, for people."""
        waiting = [each for source, each in self.waiting.items() if source not in self.read_again]
        return (
            f"{len(self.sealed)} lotes selados ({sum(row[4] for row in self.sealed)} registros), "
            f"{sum(each.pieces for each in waiting)} leituras por selar ({sum(each.records for each in waiting)} "
            f"registros), posição de: {', '.join(sorted(self.positions)) or 'nenhuma fonte'}"
        )


class SpoolFile:
    """A spool's file, read with care: what cannot be read is not there."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def meta(self, key: str) -> str:
        """A value of `meta`, empty if it cannot be read."""
        rows = self.rows("SELECT valor FROM meta WHERE chave = ?", key)
        return str(rows[0][0]) if rows else ""

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]] | None:
        """All rows, None if one of them cannot be read."""
        try:
            return self._db.execute(query, values).fetchall()
        except DB_ERRORS:
            return None

    def walk(self, columns: str, table: str, after: int, until: int) -> Iterator[tuple[Any, ...]]:
        """The rows with `after` < key <= `until` that can be read, once each; a damaged page is passed key by key."""
        key = columns.split(",", 1)[0]
        query = f"SELECT {columns} FROM {table} WHERE {key} > ? AND {key} <= ? ORDER BY {key}"  # noqa: S608
        seen: set[int] = set()
        failures = 0
        while after < until and failures < _PATIENCE:
            try:
                for row in self._db.execute(query, (after, until)):
                    after = max(after, row[0])
                    if row[0] not in seen:  # a damaged key may be another's, and out of order
                        seen.add(row[0])
                        yield row
            except DB_ERRORS as error:
                if code_of(error) == sqlite3.SQLITE_ERROR:
                    return  # there is no such table any more
                after += 1
                failures += 1
            else:
                return

    def last(self, key: str, table: str, known: int) -> int:
        """The highest key, or a number beyond it."""
        rows = self.rows(f"SELECT max({key}) FROM {table}")  # noqa: S608
        return known + _BLIND if rows is None else max(known, rows[0][0] or 0)

    def pieces(self, found: Findings, *, changed: bool = False) -> Iterator[Piece]:
        """The pieces that wait and are what they were (`changed`: are not), but for those that files bring again."""
        for *columns, digest in self.walk(PIECE_COLUMNS, "pendentes", found.first_piece - 1, found.last_piece):
            piece = Piece(*columns)
            if (piece.sum == digest) != changed and piece.source not in found.read_again:
                yield piece


def examine(path: Path, known: Watermark | None, read_again: Collection[str]) -> Findings:
    """Find what is certain in the spool's file at `path`, without changing it. `read_again`: sources that read files.

    Raises OSError if the disk does not take a copy where one is needed.
    """
    with opened_with_care(path) as file:
        found = _examine(file, known, read_again)
    found.lost = [sayable(text) for text in found.lost]
    return found


def sayable(text: str) -> str:
    """The text with what is no character written out: it may quote what the disk has changed."""
    return text.encode("utf-8", "backslashreplace").decode()


def _examine(file: SpoolFile, known: Watermark | None, read_again: Collection[str]) -> Findings:
    meta = {key: str(value) for key, value in file.rows("SELECT chave, valor FROM meta") or ()}
    if meta.get("soma") != identity_sum(meta):
        meta = {}
    found = Findings(epoch=meta.get("epoca", ""))
    confirmed = known is not None and (not found.epoch or known.epoch in (found.epoch, meta.get("anterior")))
    if known is None or not confirmed:
        known = Watermark(found.epoch)
    found.epoch = found.epoch or known.epoch
    if known.epoch == found.epoch:
        found.last_seq = known.seq
    else:
        known = replace(known, readings={})  # its época ended: nothing of this one has left yet
    found.first_piece = known.piece + 1
    _find_sealed(file, found)
    if not confirmed:
        found.lost.append("leituras por selar e posições: sem testemunha desta época não se sabe o que já saiu")
        found.read_again |= set(read_again)
        return found
    _find_waiting(file, found)
    for source in sorted({*found.waiting, *found.readings, *known.readings} - {LOSS}):
        positions = _positions(file, found, source, known.readings.get(source, 0))
        if positions is not None:
            found.positions[source] = positions
        elif source in read_again:
            found.read_again.add(source)
            found.lost.append(f"a posição de {source}: os arquivos são lidos de novo, para a nuvem conferir")
        else:
            found.lost.append(
                f"os contadores de {source}: recomeçam do valor atual, falta o feito desde a última leitura"
            )
    if "inicio_ms" in meta and not found.read_again:
        found.began_ms = int(meta["inicio_ms"])
    rows = file.rows("SELECT linha_id, fonte, ate_ms, estado, relogio_ms, ultimo_registro_ms FROM marcas") or []
    found.marks = [row for row in rows if row[1] in found.positions and isinstance(row[2], int)]
    return found


def _find_sealed(file: SpoolFile, found: Findings) -> None:
    next_seq, confirmed = file.meta("proxima_seq"), file.meta("ultimo_envio_seq")
    told = int(next_seq) - 1 if next_seq.isdecimal() else 0
    if told <= found.last_seq + _PATIENCE:  # or else the number itself is damaged
        found.last_seq = max(found.last_seq, told)
    whole = file.rows("SELECT chave, valor FROM meta") is not None
    first = int(confirmed) + 1 if confirmed.isdecimal() else 1 if whole else found.last_seq + 1
    missing = set(range(max(first, found.last_seq - _NAMED), found.last_seq + 1))
    until = file.last("seq", "selados", found.last_seq)
    for *row, row_digest in file.walk(SEALED_COLUMNS, "selados", -_EARLIER_BATCHES, until):
        seq, key, body = row[:3]
        missing.discard(seq)
        try:
            batch = read_batch(BatchKey.parse(key), [body])
        except (SicfarError, TypeError):
            found.lost.append(f"o lote selado {key}: mudou no disco")
            continue
        if row_digest == sealed_sum(row):
            found.first_piece = max(found.first_piece, row[7] + 1)
        else:
            # Only its bytes vouch for themselves: what else is told of it is put right.
            row[3:] = hashlib.sha256(body).hexdigest(), batch.tally.records, None, 0, 0
        found.sealed.append(tuple(row))
        if batch.key.epoch == found.epoch:
            found.last_seq = max(found.last_seq, batch.key.seq)
    found.lost += [f"o lote de seq {seq}: não pode ser lido; se já saiu, está na nuvem" for seq in sorted(missing)]


def _find_waiting(file: SpoolFile, found: Findings) -> None:
    readings = file.rows("SELECT fonte, leitura, peca, soma FROM leituras")
    if readings is None:
        found.lost.append("a lista das leituras de cada fonte")
    for source, reading, piece, digest in readings or ():
        if isinstance(reading, int) and isinstance(piece, int):
            found.readings[source] = (reading, piece, digest)
    known = max([found.first_piece - 1, *(piece for _, piece, _ in found.readings.values())])
    found.last_piece = file.last("id", "pendentes", known)
    there, last = 0, known
    for piece in file.pieces(found):
        before = found.waiting.get(piece.source, Waiting())
        found.waiting[piece.source] = Waiting(before.pieces + 1, before.records + piece.records, piece.reading)
        there, last = there + 1, max(last, piece.id)
    found.last_piece = last
    changed = [piece.id for piece in file.pieces(found, changed=True)]
    found.lost += [f"a leitura por selar {number}: mudou no disco, vai à nuvem como ilegível" for number in changed]
    if missing := last - found.first_piece + 1 - there - len(changed):
        found.lost.append(f"{missing} leituras por selar: não podem ser lidas")


def _positions(file: SpoolFile, found: Findings, source: str, latest: int) -> dict[str, bytes] | None:
    """The positions of a source if they are certain; `latest`: its reading that the watermark knows of."""
    reading, _, digest = found.readings.get(source, (-1, 0, ""))
    rows = file.rows("SELECT chave, valor FROM posicoes WHERE fonte = ?", source)
    if rows is None or reading < max(latest, found.waiting.get(source, Waiting()).reading):
        return None
    positions = {key: value for key, value in rows if isinstance(value, bytes)}
    return positions if total(position_sum(*item) for item in positions.items()) == digest else None


@contextmanager
def opened_with_care(path: Path) -> Iterator[SpoolFile]:
    """A spool\'s file; one whose first page is damaged as a copy that has a new one. Raises OSError."""
    if not path.is_file():
        with closing(connect(":memory:")) as nothing:
            yield SpoolFile(nothing)
        return
    with closing(connect(read_only(path), uri=True)) as db:
        if _whole_start(db):
            yield SpoolFile(db)
            return
    with TemporaryDirectory(prefix="spool-") as elsewhere:
        copy = Path(elsewhere) / DATABASE
        _copy_with_new_start(path, copy)
        with closing(connect(read_only(copy), uri=True)) as db:
            yield SpoolFile(db)


def _whole_start(db: sqlite3.Connection) -> bool:
    try:
        return has_our_tables(db)
    except DB_ERRORS:
        return False


def _copy_with_new_start(path: Path, copy: Path) -> None:
    """The file with the first page of an empty spool: every spool has its tables at the same pages."""
    with closing(connect(str(copy))) as db:
        db.execute("PRAGMA journal_mode=WAL")
        create_tables(db)
    with copy.open("rb") as empty:
        start = bytearray(empty.read(_PAGE))
    start[92:96] = b"\xff\xff\xff\xff"  # its number of pages is not this file's: the file's size counts
    remove(copy)
    shutil.copyfile(path, copy)
    if (log := log_of(path, "-wal")).exists():
        shutil.copyfile(log, log_of(copy, "-wal"))
    with copy.open("r+b") as file:
        file.write(start)


def log_of(path: Path, log: str) -> Path:
    """One of the `LOGS` that SQLite keeps beside a database."""
    return path.with_name(f"{path.name}{log}")


def remove(path: Path) -> None:
    """Delete a database and its logs, those that are there. Raises OSError."""
    for each in (path, *(log_of(path, log) for log in LOGS)):
        each.unlink(missing_ok=True)
