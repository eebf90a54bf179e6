"""What was configured at an instant of the past: today's rows, with every later change of the trail undone.

A file is judged by the owners and limits of the moment it was recorded. A later change of owners takes what was
recorded with it if it was made by the function that does so (its trail gives a reason); one made in the tables moves
nothing. Changes of owners and limits take the line's lock, as recording does, so the order of the two instants
is the order they happened.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import pairwise
from typing import Generic, TypeVar

from operations.audit.differences import Pair
from operations.audit.rows.history import LineRow, OwnerRow, Role

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_LIMIT = 999_999_999  # machine counts a second, where a line names none


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """One change of a row: what it was, what it became (None: it was not, or is no more)."""

    at: datetime
    before: R | None
    after: R | None
    moves: bool = False
    """Whether what had been recorded followed it."""


class Rows(Generic[K, R]):
    """A small table as it was at any instant. ``key`` identifies a row."""

    def __init__(self, key: Callable[[R], K], now: Iterable[R], changes: Iterable[Change[R]]) -> None:
        """``changes`` in the order they happened."""
        state = {key(row): row for row in now}
        self._changes = list(changes)
        self._since: list[datetime] = []
        self._states: list[dict[K, R]] = []
        for change in reversed(self._changes):
            self._since.append(change.at)
            self._states.append(state)
            state = dict(state)
            if change.after is not None:
                state.pop(key(change.after), None)
            if change.before is not None:
                state[key(change.before)] = change.before
        self._since.append(_BEGINNING)
        self._states.append(state)
        self._since.reverse()
        self._states.reverse()

    def at(self, when: datetime) -> Mapping[K, R]:
        """The rows by key, as they stood then."""
        return self._states[bisect_right(self._since, when) - 1]

    def steps(self) -> Iterator[tuple[Change[R], Mapping[K, R], Mapping[K, R]]]:
        """Each change with the rows just before and just after it, in the order they happened."""
        for change, (before, after) in zip(self._changes, pairwise(self._states), strict=True):
            yield change, before, after


@dataclass(frozen=True, slots=True)
class Owner:
    """Who counts a line in [start, end), seconds since the epoch; ``adds``: not a second sensor."""

    source: str
    adds: bool
    start: int
    end: float


_Owners = Mapping[int, OwnerRow]


class Place(Enum):
    """Where the counts of a source of a line are."""

    COUNTED = auto()
    SHOWN = auto()
    NOWHERE = auto()


def _place(owner: Owner | None) -> Place:
    return Place.NOWHERE if owner is None else Place.COUNTED if owner.adds else Place.SHOWN


class Configuration:
    """Owners and limits of the lines, then."""

    def __init__(self, owners: Rows[int, OwnerRow], lines: Rows[str, LineRow]) -> None:
        self._owners = owners
        self._lines = lines
        self._by_line: dict[int, dict[str, list[Owner]]] = {}
        self._moves: dict[str, list[tuple[datetime, _Owners, _Owners]]] = defaultdict(list)
        for change, before, after in owners.steps():
            row = change.after or change.before
            if change.moves and row is not None:
                self._moves[row.line].append((change.at, before, after))

    def owner(self, when: datetime, line: str, source: str, first: int, last: int) -> Owner | None:
        """What `source` was to the line all the way from one second to another, as configured at `when`."""
        return self._owner(self._owners.at(when), line, source, first, last)

    def place(self, when: datetime, line: str, source: str, first: int, last: int) -> Place:
        """What has become of it since: where counts recorded at `when` are today."""
        place = _place(self.owner(when, line, source, first, last))
        for at, before, after in self._moves.get(line, ()):
            if at > when and place is _place(self._owner(before, line, source, first, last)):
                place = _place(self._owner(after, line, source, first, last))
        return place

    def _owner(self, rows: _Owners, line: str, source: str, first: int, last: int) -> Owner | None:
        if id(rows) not in self._by_line:
            grouped: dict[str, list[Owner]] = defaultdict(list)
            for row in rows.values():
                grouped[row.line].append(
                    Owner(row.source, row.role is Role.COUNTING, _second(row.since), _end(row.until))
                )
            self._by_line[id(rows)] = {name: _joined(owners) for name, owners in grouped.items()}
        for owner in self._by_line[id(rows)].get(line, ()):
            if owner.source == source and owner.start <= first and last < owner.end:
                return owner
        return None

    def limit(self, when: datetime, line: str) -> int | None:
        """Most machine counts a second that are plausible; None if the line was not registered."""
        row = self._lines.at(when).get(line)
        return None if row is None else row.limit or _LIMIT


def _joined(owners: list[Owner]) -> list[Owner]:
    """Assignments of one source that follow each other without a gap as one."""
    joined: list[Owner] = []
    for owner in sorted(owners, key=lambda one: (one.source, one.adds, one.start)):
        last = joined[-1] if joined else None
        if last and (last.source, last.adds) == (owner.source, owner.adds) and owner.start <= last.end:
            joined[-1] = replace(last, end=max(last.end, owner.end))
        else:
            joined.append(owner)
    return joined


@dataclass(frozen=True, slots=True)
class Period:
    """An order on a line in [start, end), seconds since the epoch; units per machine count."""

    op: str
    start: int
    end: float
    factors: Pair


class Periods:
    """The orders of each line, as they stand."""

    def __init__(self, periods: Iterable[tuple[str, Period]]) -> None:
        self._lines: dict[str, list[Period]] = defaultdict(list)
        for line, period in sorted(periods, key=lambda one: one[1].start):
            self._lines[line].append(period)
        self._starts = {line: [one.start for one in found] for line, found in self._lines.items()}

    def at(self, line: str, second: int) -> Period | None:
        """The order open on the line in that second."""
        index = bisect_right(self._starts.get(line, ()), second) - 1
        if index < 0:
            return None
        period = self._lines[line][index]
        return period if second < period.end else None

    def boundary_between(self, line: str, first: int, last: int) -> bool:
        """Whether an order begins or ends in (first, last]."""
        return any(first < edge <= last for one in self._lines.get(line, ()) for edge in (one.start, one.end))

    def orders(self) -> set[str]:
        """Orders that are, or were, open on some line."""
        return {one.op for found in self._lines.values() for one in found}

    def open_orders(self) -> set[str]:
        """Orders that are open on some line."""
        return {one.op for found in self._lines.values() for one in found if one.end == float("inf")}


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _end(at: datetime | None) -> float:
    return float("inf") if at is None else float(_second(at))
