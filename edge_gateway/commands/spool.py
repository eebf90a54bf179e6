"""`spool check` and `spool reconhecer`: what a spool holds, whole or damaged, and what a start would do with it.

Nothing is changed by a look, and it works while the gateway runs: all is read in one snapshot.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from edge_gateway.commands.report import Level, Result
from edge_gateway.health import disk_lasts, duration
from edge_gateway.spool.findings import examine
from edge_gateway.spool.state import fault_in
from edge_gateway.spool.status import NoSpoolError, read_status
from edge_gateway.spool.store import DATABASE
from edge_gateway.spool.tables import connect, read_only
from edge_gateway.spool.watermark import Watermark, read_watermark
from sicfar.instants import now_ms


def explain(folder: Path, read_again: Collection[str]) -> Iterator[Result]:
    """What is in the spool of this folder and what a start would do. Raises NoSpoolError."""
    path = folder / DATABASE
    known = read_watermark(folder)
    if known is None and not path.is_file():
        raise NoSpoolError("ainda não há spool", str(folder), "confira gateway.spool; o primeiro run o cria")
    fault = _fault(path, known)
    while fault and (later := read_watermark(folder)) != known:
        # A batch left between the two looks: look again.
        known = later
        fault = _fault(path, known)
    if known is not None:
        yield Result("ok", f"testemunha: da época {known.epoch} já pode ter saído até a seq {known.seq}")
    if fault:
        yield from _explain_damage(path, fault, known, read_again)
    else:
        yield Result("ok", "íntegro: a estrutura, cada leitura, cada lote e as posições conferem")
        yield from _explain_whole(folder)
    for aside in sorted(folder.glob("quarentena-*")):
        size = sum(file.stat().st_size for file in aside.iterdir())
        yield Result("ok", f"{aside.name}: {size >> 10} kB de um spool substituído, só para consulta")


def _fault(path: Path, known: Watermark | None) -> str:
    if not path.is_file():
        return "o arquivo do spool não está mais lá"
    try:
        return fault_in(path, known)
    except sqlite3.Error as error:
        raise NoSpoolError(
            f"o spool não pode ser lido: {error}", str(path), "confira as permissões e o disco"
        ) from error


def _explain_damage(path: Path, fault: str, known: Watermark | None, read_again: Collection[str]) -> Iterator[Result]:
    yield Result("erro", f"danificado: {fault}")
    found = examine(path, known, read_again)
    yield Result("aviso", f"época {found.epoch or 'desconhecida'}: última seq conhecida {found.last_seq}")
    yield Result(
        "aviso", f"um início (run) põe estes arquivos em quarentena-…, abre uma época nova e mantém: {found.kept}"
    )
    for lost in found.lost:
        yield Result("aviso", f"perde: {lost}")


def _explain_whole(folder: Path) -> Iterator[Result]:
    status = read_status(folder)
    last = status.next_seq - 1
    yield Result("ok", f"gateway {status.gateway}, época {status.epoch}: {last} lotes selados até agora")
    oldest = status.oldest_s
    since = "" if oldest is None else f"; o mais antigo espera há {duration(oldest)}"
    yield Result("ok", f"{status.pending_records} registros por selar, {status.sealed_records} selados{since}")
    with closing(connect(read_only(folder / DATABASE), uri=True)) as db:
        for key, size, records in db.execute("SELECT chave, length(corpo), registros FROM selados ORDER BY seq"):
            yield Result("ok", f"espera envio: {key}, {records} registros, {size >> 10} kB, sha256 confere")
    full = "cheio: nada novo é lido" if not status.disk_usable_bytes else f"sem envio, dura: {disk_lasts(status)}"
    level: Level = "erro" if not status.disk_usable_bytes else "ok"
    yield Result(level, f"disco: {shutil.disk_usage(folder).free >> 20} MB livres; {full}")
    yield Result("ok", "um início (run) continua exatamente daqui")
    for notice in status.notices:
        yield Result("aviso", f"aviso {notice.id}, de {notice.at}, por reconhecer: {notice.text}")


def acknowledge(folder: Path, person: str) -> int:
    """Note that a person has read all notices. Returns how many there were. Raises NoSpoolError."""
    if not (folder / DATABASE).is_file():
        raise NoSpoolError("ainda não há spool", str(folder), "confira gateway.spool")
    try:
        with closing(connect(str(folder / DATABASE))) as db:
            return db.execute(
                "UPDATE avisos SET visto_ms = ?, visto_por = ? WHERE visto_ms IS NULL", (now_ms(), person)
            ).rowcount
    except sqlite3.Error as error:
        raise NoSpoolError(f"o spool não pode ser gravado: {error}", str(folder), "tente de novo") from error
