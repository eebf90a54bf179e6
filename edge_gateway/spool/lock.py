"""The lock that lets one process write to a spool; the operating system releases it however the process ends."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge_gateway.spool.errors import SpoolConfigurationError
from edge_gateway.spool.tables import code_of, is_damage

_LOCK = "spool.lock"


def take_lock(folder: Path) -> sqlite3.Connection:
    """Become the one process that writes; closing the connection ends that.

    Raises SpoolConfigurationError if another process is it, or sqlite3.Error.
    """
    lock = sqlite3.connect(folder / _LOCK, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        lock.close()
        if is_damage(error):  # nothing is in it, and who held it could not have opened it either
            (folder / _LOCK).unlink()
            return take_lock(folder)
        if code_of(error) != sqlite3.SQLITE_BUSY:
            raise
        raise SpoolConfigurationError(
            "spool_locked",
            "outro gateway em execução já usa esta pasta de spool",
            str(folder),
            "encerre o outro processo ou dê a cada gateway a sua pasta em gateway.spool",
        ) from error
    return lock
