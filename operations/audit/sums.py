"""What all files come to: per order, per line, per second. Years of seconds are not kept, their fingerprints are.

A fingerprint of a line's day is the sum of every count times a weight of its second, drawn anew for each audit: two
days whose seconds differ have the same one with a chance of one in 2^64. A day that differs is read again, to name the
minute.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from operations.audit.differences import Pair
from operations.audit.history import Period, Periods, Place
from operations.audit.increments import Increment
from operations.audit.judging import Judged
from operations.audit.rows.ledger import SpanRow, SpanStanding
from operations.audit.rows.totals import ManualCountRow
from sicfar.counts.codes import Flag

DAY = 86_400
_MASK = (1 << 64) - 1


@dataclass(slots=True)
class Total:
    """An order on a line: units, machine counts, first and last second with a count (None: no count)."""

    units: list[int] = field(default_factory=lambda: [0, 0])
    machine: list[int] = field(default_factory=lambda: [0, 0])
    first: int | None = None
    last: int | None = None

    def add(self, pair: Pair, factors: Pair, second: int | None = None) -> None:
        """Add machine counts, made in that second."""
        for counter in (0, 1):
            self.units[counter] += pair[counter] * factors[counter]
            self.machine[counter] += pair[counter]
        if second is not None:
            self.first = second if self.first is None else min(self.first, second)
            self.last = second if self.last is None else max(self.last, second)


@dataclass(slots=True)
class Balance:
    """A line, in machine counts; held includes what a person discarded there, refused what is in quarantine."""

    received: list[int] = field(default_factory=lambda: [0, 0])
    without: list[int] = field(default_factory=lambda: [0, 0])
    held: list[int] = field(default_factory=lambda: [0, 0])
    refused: list[int] = field(default_factory=lambda: [0, 0])


class Prints:
    """Fingerprints by whatever is compared at once."""

    def __init__(self) -> None:
        self._salt = secrets.randbits(64)
        self.of: dict[tuple[str, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, what: tuple[str, ...], at: int, pair: Pair) -> None:
        """Add the counts of an instant (seconds since the epoch) to its day."""
        days = self.of[what]
        weighted = pair[0] * hash((self._salt, at)) + pair[1] * hash((self._salt, at, 1))
        days[at // DAY] = (days[at // DAY] + weighted) & _MASK

    def twin(self) -> "Prints":
        """An empty one with the same weights."""
        made = Prints()
        made._salt = self._salt
        return made

    def differing(self, other: "Prints") -> list[tuple[tuple[str, ...], int]]:
        """What and on which day (since the epoch) the two do not say the same."""
        return sorted(
            (what, day)
            for what in self.of.keys() | other.of.keys()
            for day in self.of[what].keys() | other.of[what].keys()
            if self.of[what].get(day, 0) != other.of[what].get(day, 0)
        )


@dataclass(frozen=True, slots=True)
class Situation:
    """Where an increment that spans time must be."""

    standing: SpanStanding
    why: str | None = None
    period: Period | None = None


def situation(periods: Periods, one: Increment) -> Situation:
    """By the periods: an order's, nobody's, or a person's to decide.

    A boundary that falls behind its first second and not behind its last makes it undecidable; so does doubt.
    """
    if Flag.IMPLAUSIBLE in one.flags:
        return Situation(SpanStanding.HELD, "IMPLAUSIVEL")
    if periods.boundary_between(one.line, one.first, one.second):
        return Situation(SpanStanding.HELD, "FRONTEIRA")
    period = periods.at(one.line, one.second)
    if period is None:
        return Situation(SpanStanding.WITHOUT_ORDER)
    return Situation(SpanStanding.ATTRIBUTED, None, period)


class Expected:
    """The sums of everything judged so far."""

    def __init__(self, periods: Periods) -> None:
        self._periods = periods
        self.orders: dict[tuple[str, str], Total] = defaultdict(Total)
        self.lines: dict[str, Balance] = defaultdict(Balance)
        self.seconds = Prints()
        self.shown = Prints()
        self.taken = Prints()

    def add(self, source: str, judged: Judged) -> None:
        """Add what became of a file of this source."""
        for one in judged.seconds:
            line = self.lines[one.line]
            _add(line.received, one.pair)
            self.seconds.add((one.line,), one.second, one.pair)
            period = self._periods.at(one.line, one.second)
            if period:
                self.orders[period.op, one.line].add(one.pair, period.factors, one.second)
            else:
                _add(line.without, one.pair)
        for one, row in judged.spans:
            self._add_span(one, row)
        for one in judged.taken:
            self.refuse(one.line, one.pair)
            self.taken.add((one.line, source), one.second, one.pair)
        for one, _, place in judged.apart:
            if place is Place.NOWHERE:
                self.refuse(one.line, one.pair)
        for one in [*judged.shown, *(one for one, _, place in judged.apart if place is Place.SHOWN)]:
            self.shown.add((one.line, source), one.second // 60 * 60, one.pair)
        for name, pair in judged.refused.items():
            self.refuse(name, pair)

    def _add_span(self, one: Increment, row: SpanRow | None) -> None:
        line = self.lines[one.line]
        _add(line.received, one.pair)
        if row and row.given:
            order, factors = row.given
            self.orders[order, one.line].add(one.pair, factors, one.second)
            return
        if row and row.standing is SpanStanding.DISCARDED:
            _add(line.held, one.pair)
            return
        must = situation(self._periods, one)
        if must.period:
            self.orders[must.period.op, one.line].add(one.pair, must.period.factors, one.second)
        else:
            _add(line.held if must.standing is SpanStanding.HELD else line.without, one.pair)

    def refuse(self, line: str, pair: Iterable[int]) -> None:
        """Add what is in quarantine."""
        _add(self.lines[line].received, pair)
        _add(self.lines[line].refused, pair)

    def by_hand(self, row: ManualCountRow) -> None:
        """Add a physical count: units, of no second."""
        self.orders[row.order, row.line].add(row.pair, (1, 1))
        _add(self.lines[row.line].received, row.pair)


def _add(to: list[int], pair: Iterable[int]) -> None:
    for counter, amount in enumerate(pair):
        to[counter] += amount
