"""What can be wrong with a spool, by who can mend it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from edge_gateway.spool.tables import code_of
from sicfar.errors import ConfigurationError, TransientError


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


def disk_refuses(error: OSError | sqlite3.Error) -> bool:
    """Whether the disk is full or does not work, which passes, rather than the folder being wrong."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EIO)
    return (code_of(error) & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def not_written(error: Exception, folder: Path) -> SpoolError:
    """The error of a write that the disk did not take."""
    action = "libere espaço em disco; a leitura recomeça sozinha de onde parou"
    return SpoolError(f"o spool não pôde ser gravado: {error}", str(folder), action)
