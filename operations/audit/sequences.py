"""Sequence numbers as ranges: a gap of billions costs what one of two costs."""

from collections.abc import Iterator


class Sequences:
    """Which of 1, 2, 3 … are there, as ranges."""

    def __init__(self) -> None:
        self._ranges: list[list[int]] = []

    def add(self, first: int, last: int) -> None:
        """Add a range; in rising order it costs nothing."""
        if self._ranges and first == self._ranges[-1][1] + 1:
            self._ranges[-1][1] = last
        else:
            self._ranges.append([first, last])

    def _merged(self) -> list[list[int]]:
        merged: list[list[int]] = []
        for first, last in sorted(self._ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        self._ranges = merged
        return merged

    def prefix(self) -> int:
        """The largest n of which 1 to n are all there."""
        merged = self._merged()
        return merged[0][1] if merged and merged[0][0] == 1 else 0

    def gaps(self, until: int) -> Iterator[tuple[int, int]]:
        """What is missing up to a number, as ranges."""
        expected = 1
        for first, last in [*self._merged(), [until + 1, until + 1]]:
            if expected < min(first, until + 1):
                yield expected, min(first - 1, until)
            expected = max(expected, last + 1)
