"""The tables of a spool, and the sums that vouch for what is in them.

SQLite tells a damaged page from a whole one only where the damage breaks its own structure. A changed byte of a text,
or a page that fell back to what it held an hour ago, it does not see. Therefore:

- a piece carries the sum of all its columns;
- every reading has a number, that goes into its pieces and, with the sum over all of a source's positions, into
  `leituras`: positions and pieces can be told to belong together.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sicfar.counts.batch import Mark
from sicfar.instants import PLANT_TZ, from_ms

DATABASE = "spool.sqlite3"
RESERVE_BYTES = 64 << 20
"""Of the disk: room for the largest batch, and for all that the log may hold to be put into the file."""
VERSION = "2"
RECORDS, EARLIER, UNREADABLE = "registros", "anteriores", "ilegivel"
"""Kinds of pieces."""

_SCHEMA = """
CREATE TABLE meta (chave TEXT PRIMARY KEY, valor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pendentes (
  id INTEGER PRIMARY KEY, tipo TEXT NOT NULL, registros INTEGER NOT NULL, bytes INTEGER NOT NULL,
  desde_ms INTEGER NOT NULL, fonte TEXT NOT NULL, leitura INTEGER NOT NULL, soma TEXT NOT NULL, corpo TEXT NOT NULL);
CREATE TABLE posicoes (
  fonte TEXT NOT NULL, chave TEXT NOT NULL, valor BLOB NOT NULL, PRIMARY KEY (fonte, chave)) WITHOUT ROWID;
CREATE TABLE leituras (
  fonte TEXT PRIMARY KEY, leitura INTEGER NOT NULL, peca INTEGER NOT NULL, soma TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE marcas (
  linha_id TEXT PRIMARY KEY, fonte TEXT NOT NULL, ate_ms INTEGER NOT NULL, estado TEXT NOT NULL, relogio_ms INTEGER,
  ultimo_registro_ms INTEGER, enviada_ate_ms INTEGER, enviada_estado TEXT) WITHOUT ROWID;
CREATE TABLE selados (
  seq INTEGER PRIMARY KEY, chave TEXT NOT NULL, corpo BLOB NOT NULL, sha256 TEXT NOT NULL, registros INTEGER NOT NULL,
  desde_ms INTEGER, selado_em_ms INTEGER NOT NULL, ate_peca INTEGER NOT NULL, soma TEXT NOT NULL);
CREATE TABLE fontes (
  fonte TEXT PRIMARY KEY, estado TEXT NOT NULL, detalhe TEXT NOT NULL, desde_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE totais_dia (
  linha_id TEXT NOT NULL, dia TEXT NOT NULL, fonte TEXT NOT NULL, papel TEXT NOT NULL, producao INTEGER NOT NULL,
  rejeicao INTEGER NOT NULL, PRIMARY KEY (linha_id, dia, fonte)) WITHOUT ROWID;
CREATE TABLE avisos (
  id INTEGER PRIMARY KEY, em_ms INTEGER NOT NULL, texto TEXT NOT NULL, visto_ms INTEGER, visto_por TEXT);
"""

_STATEMENTS = tuple(statement.strip() for statement in _SCHEMA.split(";") if statement.strip())
"""Every spool has these, at the same pages; what came later is made behind them (`tally`)."""
_ROW_BYTES = 90
"""What a piece takes beside its text: the other columns and the row's share of a page."""
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
DB_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""The second when an error's own text is damaged: a name in the file that is no UTF-8."""
_READ_FAILED = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})
_SUM_MODULUS = 1 << 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reading that waits unsealed. `source` and `reading`: whose, and of which of its readings."""

    id: int
    kind: str
    records: int
    since_ms: int
    source: str
    reading: int
    body: str

    @property
    def size(self) -> int:
        """Bytes it takes on disk, about."""
        return len(self.body.encode()) + _ROW_BYTES

    @property
    def sum(self) -> str:
        """The sum of all its columns."""
        text = f"{self.id}|{self.kind}|{self.records}|{self.since_ms}|{self.source}|{self.reading}|{self.body}"
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


PIECE_COLUMNS = "id, tipo, registros, desde_ms, fonte, leitura, corpo, soma"


def insert_pieces(db: sqlite3.Connection, pieces: Iterable[Piece]) -> None:
    """Add pieces with their sums."""
    db.executemany(
        f"INSERT INTO pendentes ({PIECE_COLUMNS}, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        ((p.id, p.kind, p.records, p.since_ms, p.source, p.reading, p.body, p.sum, p.size) for p in pieces),
    )


SEALED_COLUMNS = "seq, chave, corpo, sha256, registros, desde_ms, selado_em_ms, ate_peca, soma"


def sealed_sum(row: Sequence[object]) -> str:
    """The sum of a row of `selados` but for its body, which has a digest of its own."""
    seq, key, _, *others = row
    text = "|".join(map(str, (seq, key, *others)))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def is_as_sealed(row: Sequence[Any]) -> bool:
    """Whether a row of `SEALED_COLUMNS` is what was sealed."""
    return bool(sealed_sum(row[:-1]) == row[-1] and hashlib.sha256(row[2]).hexdigest() == row[3])


def insert_sealed(db: sqlite3.Connection, row: Sequence[object]) -> None:
    """Add a sealed batch: the columns of `SEALED_COLUMNS` but the last."""
    db.execute(
        f"INSERT INTO selados ({SEALED_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (*row, sealed_sum(row)),
    )


def position_sum(key: str, value: bytes) -> int:
    """What one position adds to its source's sum."""
    text = key.encode("utf-8", "surrogateescape") + b"\0" + value
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def total(sums: Iterable[int]) -> str:
    """The sum over all positions of a source, as `leituras` holds it."""
    return f"{sum(sums) % _SUM_MODULUS:016x}"


def connect(path: str, *, uri: bool = False) -> sqlite3.Connection:
    """A connection that begins its own transactions and takes text that is no UTF-8 for what it is: changed text."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, uri=uri)
    db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return db


def read_only(path: Path) -> str:
    """The address with which SQLite opens a database without writing to it."""
    return f"{path.resolve().as_uri()}?mode=ro"


def code_of(error: BaseException) -> int:
    """SQLite's extended code of an error; 0 if it is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0))


def is_damage(error: BaseException, *, reading_fails: bool = False) -> bool:
    """Whether an error means that the file itself is damaged; `reading_fails`: also if the disk does not give it."""
    if isinstance(error, UnicodeDecodeError):
        return True
    code = code_of(error)
    return (code & 0xFF) in _DAMAGE or (reading_fails and code in _READ_FAILED)


def new_identity(gateway: str, began_ms: int, previous: str = "") -> dict[str, str]:
    """The rows of `meta` that a spool is born with. `previous`: the época of the spool that it replaces."""
    fixed = {
        "versao": VERSION,
        "epoca": uuid.uuid4().hex,
        "gateway": gateway,
        "inicio_ms": str(began_ms),
        "anterior": previous,
    }
    return {**fixed, "soma": identity_sum(fixed), "proxima_seq": "1"}


def identity_sum(meta: Mapping[str, str]) -> str:
    """The sum over what never changes in `meta`."""
    text = "|".join(meta.get(key, "") for key in ("versao", "epoca", "gateway", "inicio_ms", "anterior"))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def has_tables(db: sqlite3.Connection) -> bool:
    """Whether the tables were made; they are in one transaction."""
    return db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def has_our_tables(db: sqlite3.Connection) -> bool:
    """Whether the tables are those that were made, to the letter. Others, that another version made, are no fault."""
    return {text for (text,) in db.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")} >= set(_STATEMENTS)


def create_tables(db: sqlite3.Connection) -> None:
    """Make the tables, inside the caller's transaction."""
    for statement in _STATEMENTS:
        db.execute(statement)


def room_bytes(db: sqlite3.Connection, folder: Path) -> int:
    """What reading may still take of the disk, the reserve left alone; negative if that has been begun.

    Room is also what the spool has and uses again: pages of its file that nothing is in, and its log.
    """
    pages: int = db.execute("PRAGMA freelist_count").fetchone()[0]
    size: int = db.execute("PRAGMA page_size").fetchone()[0]
    log = folder / f"{DATABASE}-wal"
    log_bytes = log.stat().st_size if log.exists() else 0
    return shutil.disk_usage(folder).free + pages * size + log_bytes - RESERVE_BYTES


def meta_value(db: sqlite3.Connection, key: str, default: str | None = None) -> str:
    """A value of `meta`; without `default` it is one that every spool has."""
    row = db.execute("SELECT valor FROM meta WHERE chave = ?", (key,)).fetchone()
    return default if row is None and default is not None else str(row[0])


def write_marks(db: sqlite3.Connection, source: str, marks: Iterable[Mark], last: Mapping[str, int]) -> None:
    """Advance the marks of a source's lines; `last`: the latest record of a line, ms."""
    rows = [(mark.line, source, mark.until_ms, mark.state, mark.clock_ms, last.get(mark.line)) for mark in marks]
    # With its record in one row: half the work for what is written at every read.
    db.executemany(
        "INSERT INTO marcas (linha_id, fonte, ate_ms, estado, relogio_ms, ultimo_registro_ms) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (linha_id) DO UPDATE "
        "SET fonte = excluded.fonte, ate_ms = max(ate_ms, excluded.ate_ms), estado = excluded.estado, "
        "relogio_ms = excluded.relogio_ms, ultimo_registro_ms = coalesce("
        "max(ultimo_registro_ms, excluded.ultimo_registro_ms), ultimo_registro_ms, excluded.ultimo_registro_ms)",
        rows,
    )
    # A line whose mark is still withheld (a backlog is being read) is known all the same.
    marked = {row[0] for row in rows}
    db.executemany(
        "INSERT INTO marcas (linha_id, fonte, ate_ms, estado, ultimo_registro_ms) VALUES (?, ?, 0, 'ok', ?) "
        "ON CONFLICT (linha_id) DO UPDATE SET ultimo_registro_ms = "
        "max(coalesce(ultimo_registro_ms, 0), excluded.ultimo_registro_ms)",
        [(line, source, at_ms) for line, at_ms in last.items() if line not in marked],
    )


def lower_marks(db: sqlite3.Connection, bound_ms: int) -> None:
    """Bring down what a clock that was ahead has stored: no line is known beyond the present."""
    db.execute(
        "UPDATE marcas SET ate_ms = min(ate_ms, ?1), enviada_ate_ms = min(enviada_ate_ms, ?1) "
        "WHERE ate_ms > ?1 OR enviada_ate_ms > ?1",
        (bound_ms,),
    )


@lru_cache(maxsize=64)
def day_of(at_ms: int) -> str:
    """The plant's day of an instant, ISO."""
    return from_ms(at_ms).astimezone(PLANT_TZ).date().isoformat()
