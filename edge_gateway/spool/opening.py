"""Before a spool is opened: whether its file is what it was, and whose; a damaged one is replaced."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

from edge_gateway.spool import recovery
from edge_gateway.spool.errors import SpoolConfigurationError
from edge_gateway.spool.state import fault_in
from edge_gateway.spool.tables import DATABASE, VERSION, code_of, connect, has_tables, identity_sum
from edge_gateway.spool.watermark import Watermark
from sicfar.instants import now_ms

_log = logging.getLogger(__name__)


def make_whole(
    folder: Path, gateway: str, known: Watermark | None, read_again: Collection[str], damage: str = ""
) -> None:
    """Leave in the folder a spool's file that is whole and this gateway's, or none.

    `read_again` and `damage`: see `store.Spool`. Raises SpoolConfigurationError, sqlite3.Error or OSError.
    """
    recovery.finish(folder)
    if fault := damage or _fault(folder, gateway, known):
        _replace(folder, gateway, fault, known, read_again)


def _fault(folder: Path, gateway: str, known: Watermark | None) -> str:
    """What is wrong with the file, if anything is. Nothing is written to a file that is damaged."""
    path = folder / DATABASE
    if not path.is_file() or not path.stat().st_size:
        return "" if known is None else "o arquivo do spool não está mais lá"
    try:
        return fault_in(path, known, lambda meta: _refuse_others(folder, gateway, meta))
    except sqlite3.Error as error:
        if code_of(error) != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        # The very first start was cut before the file had its log: whoever opens it to write takes that back.
        with closing(connect(str(path))) as db:
            has_tables(db)
        return _fault(folder, gateway, known)


def _refuse_others(folder: Path, gateway: str, meta: Mapping[str, str]) -> None:
    if meta.get("soma", identity_sum(meta)) != identity_sum(meta):
        return  # it is damaged, and nobody else's
    if meta.get("gateway", gateway) != gateway:
        raise SpoolConfigurationError(
            "spool_of_another_gateway",
            f"o spool pertence ao gateway {meta['gateway']!r}, não a {gateway!r}",
            str(folder),
            "restaure gateway.id ou use outra pasta em gateway.spool",
        )
    if meta.get("versao", VERSION) != VERSION:
        raise SpoolConfigurationError(
            "spool_of_another_version",
            f"o spool é da versão {meta['versao']}; este gateway usa a {VERSION}",
            str(folder),
            "envie o que há nele com a versão que o fez, ou use outra pasta em gateway.spool",
        )


def _replace(folder: Path, gateway: str, fault: str, known: Watermark | None, read_again: Collection[str]) -> None:
    told = (folder, gateway, fault, known, read_again, now_ms())
    try:
        found = recovery.replace_spool(*told)
    except (ArithmeticError, LookupError, TypeError, ValueError, sqlite3.IntegrityError):
        # Damage of a kind nobody thought of must not keep the gateway from working.
        _log.exception("o spool danificado não pôde ser lido", extra={"event": "spool_unreadable"})
        found = recovery.replace_spool(*told, unread=True)
    facts = {"event": "spool_replaced", "fault": fault, "kept": found.kept, "lost": found.lost}
    _log.error("o spool estava danificado e foi substituído: %s", fault, extra=facts)
