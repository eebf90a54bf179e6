"""Whether a spool that can be opened is what it was: structure, sums, and what its watermark knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from edge_gateway.spool.tables import (
    DB_ERRORS,
    PIECE_COLUMNS,
    SEALED_COLUMNS,
    Piece,
    code_of,
    connect,
    has_our_tables,
    has_tables,
    identity_sum,
    is_as_sealed,
    is_damage,
    position_sum,
    read_only,
    total,
)
from edge_gateway.spool.watermark import Watermark


def fault_in(path: Path, known: Watermark | None, refuse: Callable[[Mapping[str, str]], None] = lambda _: None) -> str:
    """What is wrong with the spool's file, Portuguese; empty if nothing is. Reads it whole and writes nothing.

    `refuse` is given what is in `meta` first, and may raise. Raises sqlite3.Error where the file cannot be judged.
    """
    try:
        with closing(connect(read_only(path), uri=True)) as db:
            db.execute("BEGIN")
            if has_tables(db):
                refuse(dict(db.execute("SELECT chave, valor FROM meta").fetchall()))
            return _fault_of(db, known)
    except DB_ERRORS as error:
        if is_damage(error, reading_fails=True) or code_of(error) == sqlite3.SQLITE_ERROR:
            return str(error)
        raise
    except (TypeError, ValueError) as error:
        return f"o conteúdo mudou no disco: {error}"


def _fault_of(db: sqlite3.Connection, known: Watermark | None) -> str:
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        return f"o SQLite diz: {found}"
    if not has_tables(db):
        return "" if known is None else "o arquivo do spool está vazio"
    if not has_our_tables(db):
        return "as tabelas do spool mudaram no disco"
    meta = dict(db.execute("SELECT chave, valor FROM meta").fetchall())
    if meta.get("soma") != identity_sum(meta) or not meta.get("proxima_seq", "").isdecimal():
        return "a identidade do spool mudou no disco"
    return _fell_back(db, meta, known) or _sums(db)


def _fell_back(db: sqlite3.Connection, meta: dict[str, str], known: Watermark | None) -> str:
    """Whether less is in the spool than has left it."""
    if known is None or known.epoch == meta.get("anterior"):
        return ""
    if known.epoch != meta["epoca"]:
        return f"o arquivo é da época {meta['epoca']}; a última desta pasta é {known.epoch}"
    if known.seq >= int(meta["proxima_seq"]):
        return f"o arquivo voltou no tempo: só sabe da seq {int(meta['proxima_seq']) - 1}, a {known.seq} já saiu"
    last = max(known.seq, db.execute("SELECT coalesce(max(seq), 0) FROM selados").fetchone()[0])
    if int(meta["proxima_seq"]) != last + 1:
        return f"a próxima seq é {meta['proxima_seq']}, depois da {last}"
    if db.execute("SELECT 1 FROM pendentes WHERE id <= ? LIMIT 1", (known.piece,)).fetchone():
        return "uma leitura que já foi selada espera de novo"
    latest = dict(db.execute("SELECT fonte, leitura FROM leituras").fetchall())
    behind = [source for source, reading in known.readings.items() if latest.get(source, 0) < reading]
    return f"a posição de {', '.join(sorted(behind))} voltou no tempo" if behind else ""


def _sums(db: sqlite3.Connection) -> str:
    """Whether what waits is what was stored, and each source's positions those of its last reading."""
    latest: dict[str, int] = {}
    for *columns, digest in db.execute(f"SELECT {PIECE_COLUMNS} FROM pendentes ORDER BY id"):  # noqa: S608
        piece = Piece(*columns)
        if piece.sum != digest:
            return f"a leitura {piece.id} mudou no disco"
        latest[piece.source] = piece.reading
    for row in db.execute(f"SELECT {SEALED_COLUMNS} FROM selados"):  # noqa: S608
        if not is_as_sealed(row):
            return f"o lote selado {row[1]} mudou no disco"
    sums: dict[str, list[int]] = {}
    for source, key, value in db.execute("SELECT fonte, chave, valor FROM posicoes"):
        sums.setdefault(source, []).append(position_sum(key, value))
    told = {row[0]: row[1:] for row in db.execute("SELECT fonte, leitura, soma FROM leituras")}
    for source in sorted({*sums, *told}):
        reading, digest = told.get(source, (0, ""))
        if total(sums.get(source, ())) != digest or reading < latest.get(source, 0):
            return f"a posição de {source} não é a da última leitura"
    return ""
