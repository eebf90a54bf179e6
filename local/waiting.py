"""Waiting for what another process or thread brings about, however slow the machine is.

A wait ends when what it waits for is there, when that can no longer come, or when nothing has moved for minutes. How
long a thing takes is no part of any answer: a busy machine makes a wait longer and never makes it fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from local.processes import StackError

LAST_RESORT_S: Final = 300.0
"""Seconds without any sign of progress after which a wait, a request or a child process is given up: far longer than
any of them takes on the busiest machine, so that what never ends is reported instead of waited for."""
PAUSE_S: Final = 0.05

T = TypeVar("T")


class StalledError(StackError):
    """What was waited for cannot come any more, or nothing has moved for LAST_RESORT_S."""


class Patience:
    """Says when a wait is hopeless; for a loop that must do something else than sleep between two looks.

    Args:
        what: is waited for, for the error's text.
        state: what is seen meanwhile; each change of it is progress, and the last one is in the error's text.
        alive: whether the process that brings it about still runs; once False the wait ends at the next look.
    """

    def __init__(
        self, what: str, *, state: Callable[[], object] | None = None, alive: Callable[[], bool] | None = None
    ) -> None:
        self._what = what
        self._state = state
        self._alive = alive
        self._ended = False
        self._seen = ""
        self._moved = time.monotonic()

    def look(self) -> None:
        """Note what there is to see, after a look that did not find what is waited for.

        Raises:
            StalledError: it cannot come any more, or nothing moved for LAST_RESORT_S.
        """
        seen = repr(self._state()) if self._state else ""
        if seen != self._seen:
            self._seen, self._moved = seen, time.monotonic()
        shown = f"; seen last: {seen}" if self._state else ""
        if self._ended:
            raise StalledError(f"{self._what}: the process that should bring it about has ended{shown}")
        # What ends may have brought it about with its last act: one more look belongs to it.
        self._ended = self._alive is not None and not self._alive()
        if time.monotonic() - self._moved > LAST_RESORT_S:
            raise StalledError(f"{self._what}: nothing has moved for {LAST_RESORT_S:.0f} s{shown}")


def until(
    condition: Callable[[], T],
    what: str,
    *,
    state: Callable[[], object] | None = None,
    alive: Callable[[], bool] | None = None,
    pause_s: float = PAUSE_S,
) -> T:
    """Wait until the condition holds and return what it answered.

    Args:
        condition: looked at again and again; what it answers is taken as true or false.
        what: is waited for, for the error's text.
        state: see :class:`Patience`.
        alive: see :class:`Patience`.
        pause_s: seconds between two looks.

    Raises:
        StalledError: it cannot come any more, or nothing moved for LAST_RESORT_S.
    """
    patience = Patience(what, state=state, alive=alive)
    while not (answer := condition()):
        patience.look()
        time.sleep(pause_s)
    return answer
