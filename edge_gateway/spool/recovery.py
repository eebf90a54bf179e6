"""A spool that is damaged or has fallen back: put aside whole, replaced by a new one with all that is certain.

What is certain is decided in `findings`. The cloud doubts all of a later época that is older than its beginning. If
every source of files kept its positions, there is nothing to doubt: the new época then says the old one's beginning as
its own.

Whatever is lost is told three times: as a notice of the spool until a person acknowledges it, in the log, and to the
cloud, as unreadable content. The damaged files stay in `quarentena-<instant>/` beside the new spool.

The order of steps lets it be killed anywhere (`replace`, `finish`): the new file is complete and durable under another
name before the first damaged one is moved.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import sys
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_gateway.spool.findings import (
    LOGS,
    LOSS,
    Findings,
    SpoolFile,
    examine,
    log_of,
    opened_with_care,
    remove,
    sayable,
)
from edge_gateway.spool.tables import (
    DATABASE,
    UNREADABLE,
    Piece,
    connect,
    create_tables,
    insert_pieces,
    insert_sealed,
    new_identity,
)
from edge_gateway.spool.watermark import Watermark
from sicfar.counts.batch import MAX_UNREADABLE_BYTES
from sicfar.counts.codes import Reason
from sicfar.instants import from_ms

NEW: Final = "spool.novo.sqlite3"
_NOTHING: Final = "spool.nenhum"


def replace_spool(
    folder: Path,
    gateway: str,
    reason: str,
    known: Watermark | None,
    read_again: Collection[str],
    now_ms: int,
    *,
    unread: bool = False,
) -> Findings:
    """Put the spool's files aside and a new one in their place that holds what is certain. Returns what was found.

    `unread`: do not even try to read them. Raises sqlite3.Error or OSError if the disk does not take it, and anything
    if what is read makes no sense; nothing has changed then.
    """
    path = folder / (_NOTHING if unread else DATABASE)
    found = examine(path, known, read_again)
    aside = _free_name(folder, f"quarentena-{from_ms(now_ms):%Y%m%dT%H%M%SZ}")
    remove(folder / NEW)
    with closing(connect(str(folder / NEW))) as db, opened_with_care(path) as old:
        db.execute("PRAGMA synchronous=FULL")
        db.execute("BEGIN")
        create_tables(db)
        _fill(db, old, found, gateway, f"{sayable(reason)}; arquivos em {aside.name}", now_ms)
        db.execute("COMMIT")
    sync_folder(folder)
    aside.mkdir()
    _put_aside(folder, aside)
    finish(folder)
    return found


def finish(folder: Path) -> None:
    """Go on where an earlier process ended while it replaced the spool; if none did, do nothing."""
    if not (folder / NEW).exists():
        return
    if (folder / DATABASE).exists() or not _is_complete(folder / NEW):
        remove(folder / NEW)  # what was to be replaced is found again
        return
    if any(log_of(folder / DATABASE, log).exists() for log in LOGS):
        # Beside the new file the old log would be taken for its own.
        _put_aside(folder, max(folder.glob("quarentena-*")))
    sync_folder(folder)
    (folder / NEW).replace(folder / DATABASE)
    sync_folder(folder)


def _is_complete(path: Path) -> bool:
    with closing(connect(str(path))) as db:
        return bool(SpoolFile(db).meta("epoca"))


def _put_aside(folder: Path, aside: Path) -> None:
    for name in (DATABASE, *(f"{DATABASE}{log}" for log in LOGS)):
        if (folder / name).exists():
            (folder / name).replace(aside / name)


def _fill(db: sqlite3.Connection, old: SpoolFile, found: Findings, gateway: str, told: str, now_ms: int) -> None:
    meta = new_identity(gateway, now_ms if found.began_ms is None else found.began_ms, found.epoch)
    # Pieces keep their numbers, so what is known of the clock they were read by still names them.
    meta |= {key: said for key in ("relogio_trechos", "relogio_passado_ms") if (said := old.meta(key))}
    db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    for number, row in enumerate(found.sealed, -len(found.sealed)):
        insert_sealed(db, (number, *row[1:]))
    insert_pieces(db, old.pieces(found))
    insert_pieces(
        db,
        (
            Piece(number, UNREADABLE, 1, now_ms, LOSS, 0, _unreadable(f"spool@{found.epoch}", data))
            for number, data in enumerate(_told_to_the_cloud(old, found), found.last_piece + 1)
        ),
    )
    for source, positions in found.positions.items():
        db.execute("INSERT INTO leituras VALUES (?, ?, ?, ?)", (source, *found.readings[source]))
        db.executemany("INSERT INTO posicoes VALUES (?, ?, ?)", ((source, *item) for item in positions.items()))
    marks = (row for row in found.marks if row[2] <= now_ms)
    db.executemany("INSERT INTO marcas VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)", marks)
    ended = (
        f"A época {found.epoch} acabou na seq {found.last_seq}" if found.epoch else "A época anterior é desconhecida"
    )
    text = (
        f"O spool foi substituído ({told}). {ended}; a nova é {meta['epoca']}. Na nuvem, declare a última seq da "
        f"anterior. Mantidos: {found.kept}. Perdidos: {'; '.join(found.lost) or 'nada'}."
    )
    db.execute("INSERT INTO avisos (em_ms, texto) VALUES (?, ?)", (now_ms, text))


def _told_to_the_cloud(old: SpoolFile, found: Findings) -> Iterator[bytes]:
    """What was lost in words, and what waited and has changed as it is now."""
    for text in found.lost:
        yield f"perdido no spool danificado: {text}".encode()
    for piece in old.pieces(found, changed=True):
        data = f"leitura {piece.id} de {piece.source}:\n{piece.body}".encode("utf-8", "surrogateescape")
        for begin in range(0, len(data), MAX_UNREADABLE_BYTES):
            yield data[begin : begin + MAX_UNREADABLE_BYTES]


def _unreadable(origin: str, data: bytes) -> str:
    """The body of a piece for what cannot be counted."""
    reason = str(Reason.CONTEUDO_ALTERADO)
    return json.dumps({"origem": origin, "motivo": reason, "bytes": base64.b64encode(data).decode()})


def _free_name(folder: Path, name: str) -> Path:
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}"
    return path


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or deleted in a folder durable; Windows does so by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
