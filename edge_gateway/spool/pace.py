"""How fast what is read fills the disk: bytes an hour, over the last ten minutes or so of live reading.

A backlog is no pace: days of files read in a minute say nothing about the next hour. What a source brings is counted
once it is up to date: not in the first reading with news after a start, not while more waits in the source, and not in
the reading that ends the backlog.
"""

from __future__ import annotations

import math
import sqlite3
from typing import Final

_WINDOW_MS: Final = 600_000
_MS_PER_HOUR: Final = 3_600_000


class Pace:
    """The pace of one spool. `note` each stored reading, `write` from time to time.

    Instants in ms by one clock: the monotonic one where it is known, for the time of day may be set.
    """

    def __init__(self) -> None:
        self._behind: dict[str, bool] = {}
        self._bytes = 0
        self._since_ms: int | None = None
        self._observed_ms = 0

    def note(self, source: str, size: int, at_ms: int, *, more: bool) -> None:
        """A reading of `size` bytes was stored; `more`: the source has more waiting."""
        if self._since_ms is None:
            self._since_ms = at_ms
        if not more and not self._behind.get(source, True):
            self._bytes += size
        self._behind[source] = more

    def write(self, db: sqlite3.Connection, at_ms: int) -> None:
        """Put what was noted since the last call into ``meta``, inside the caller's transaction."""
        if self._since_ms is None:
            return
        elapsed_ms, size = at_ms - self._since_ms, self._bytes
        self._since_ms, self._bytes = at_ms, 0
        if elapsed_ms <= 0:
            return  # the computer's clock was set back
        row = db.execute("SELECT valor FROM meta WHERE chave = 'ritmo_bytes_h'").fetchone()
        before = 0.0 if row is None else float(row[0])
        if row is not None and not self._observed_ms:
            self._observed_ms = _WINDOW_MS  # an earlier process has observed it
        # A plain mean until the window is full, then one in which the past fades.
        weight = max(1 - math.exp(-elapsed_ms / _WINDOW_MS), elapsed_ms / (self._observed_ms + elapsed_ms))
        self._observed_ms = min(self._observed_ms + elapsed_ms, _WINDOW_MS)
        pace = before + weight * (size * _MS_PER_HOUR / elapsed_ms - before)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('ritmo_bytes_h', ?)", (f"{pace:.6g}",))
