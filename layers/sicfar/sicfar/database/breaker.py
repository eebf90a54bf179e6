"""A breaker for one process: after several failures in a row nobody is called for a while.

Supabase away costs each call its time-out; a Lambda with ten messages would wait ten times, and be paid for it. Open, a
call fails at once; when the pause is over the next call tries, and one more failure opens it again.
"""

import time
from collections.abc import Callable


class Breaker:
    """Counts failures in a row. Times are seconds; `clock` is monotonic."""

    def __init__(self, failures: int = 3, seconds: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def is_open(self) -> bool:
        """Whether calls should fail at once."""
        return self._clock() < self._open_until

    def failed(self) -> None:
        """A call had no answer."""
        self._failures += 1
        if self._failures >= self._limit:
            self._open_until = self._clock() + self._seconds

    def succeeded(self) -> None:
        """A call was answered, whatever the answer."""
        self._failures = 0
