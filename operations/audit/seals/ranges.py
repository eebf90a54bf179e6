"""Numbers of rows as ranges: a table of a million rows without a gap costs as much as one of two."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """A set of whole numbers."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._first: list[int] = []
        self._last: list[int] = []
        for number in numbers:
            self.add(number)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._first, number) - 1
        return at >= 0 and number <= self._last[at]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """First and last of each range, ascending."""
        return iter(zip(self._first, self._last, strict=True))

    @property
    def highest(self) -> int | None:
        """The highest number; None if there is none."""
        return self._last[-1] if self._last else None

    def add(self, number: int) -> None:
        """Add one; in rising order it costs nothing."""
        at = bisect_right(self._first, number)
        if at and number <= self._last[at - 1]:
            return
        before = bool(at) and self._last[at - 1] + 1 == number
        behind = at < len(self._first) and self._first[at] == number + 1
        if before and behind:
            self._last[at - 1] = self._last.pop(at)
            del self._first[at]
        elif before:
            self._last[at - 1] = number
        elif behind:
            self._first[at] = number
        else:
            self._first.insert(at, number)
            self._last.insert(at, number)

    def as_multirange(self) -> str:
        """As PostgreSQL reads an int8multirange."""
        return "{" + ",".join(f"[{first},{last}]" for first, last in self) + "}"
