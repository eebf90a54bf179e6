"""What the totals must be, computed the slow and obvious way: every increment in a list, every question asked anew.

Shares nothing with the SQL but the rules. Times are whole seconds or milliseconds since the Unix epoch, UTC.
"""

from collections import defaultdict
from dataclasses import dataclass, field

Pair = tuple[int, int]  # produced, rejected


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """What the database must refuse, by its stable code."""


@dataclass
class Period:
    op: str
    start: int
    end: int | None
    factors: Pair

    def covers(self, second: int) -> bool:
        return self.start <= second and (self.end is None or second < self.end)

    def meets(self, start: int, end: int | None) -> bool:
        return (end is None or self.start < end) and (self.end is None or start < self.end)


@dataclass
class Unit:
    line: str
    second: int
    counts: Pair
    justified: bool = False


@dataclass
class Span:
    name: int  # byte_de, by which the test finds it again
    line: str
    since_ms: int
    until_ms: int
    counts: Pair
    implausible: bool
    decision: tuple[str, Pair] | str | None = None  # (op, factors) or "DESCARTADA"
    justified: bool = False


@dataclass
class Arrival:
    """Something a source brought. `placed`: it counted once, and follows the line's owners since; else in its file."""

    source: str
    what: Unit | Span
    placed: bool


@dataclass
class Oracle:
    """One plant: `factors` answers (line, second) with the units per count of production and rejection."""

    factors: dict[str, list[tuple[int, Pair]]] = field(default_factory=dict)
    owners: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    ceiling: dict[str, int] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    quarantined: list[tuple[str, Pair]] = field(default_factory=list)
    periods: dict[str, list[Period]] = field(default_factory=lambda: defaultdict(list))
    seen: set[str] = field(default_factory=set)

    # Deliveries -----------------------------------------------------------------------------------------------------

    def deliver(self, key: str, source: str, units: list[Unit], spans: list[Span]) -> None:
        """Take a file in, once. A record of nothing (0, 0) is nothing."""
        if key in self.seen:
            return
        self.seen.add(key)
        for unit in (unit for unit in units if any(unit.counts)):
            at = unit.second * 1000
            held = max(unit.counts) > self.ceiling.get(unit.line, 999_999_999)
            self.arrive(source, Span(-1, unit.line, at, at, unit.counts, True) if held else unit)
        for span in (span for span in spans if any(span.counts)):
            self.arrive(source, span)

    def arrive(self, source: str, what: Unit | Span) -> None:
        arrival = Arrival(source, what, False)
        arrival.placed = self.counts(arrival)
        self.arrivals.append(arrival)
        if not arrival.placed:
            self.quarantined.append((what.line, what.counts))
        elif isinstance(what, Unit):
            self.units.append(what)
        else:
            self.spans.append(what)

    def counts(self, arrival: Arrival) -> bool:
        """Whether its source owns the line all the way."""
        what = arrival.what
        first, last = (
            (what.second, what.second) if isinstance(what, Unit) else (what.since_ms // 1000, what.until_ms // 1000)
        )
        return self.owns(arrival.source, what.line, first, last)

    # Owners ---------------------------------------------------------------------------------------------------------

    def hand_over(self, line: str, source: str, start: int, end: int | None) -> None:
        """Somebody says that the source counts the line from `start` to `end`, and nobody else does."""
        counted = [a for a in self.arrivals if a.what.line == line and a.placed and self.counts(a)]
        others = [one for one in self.owners if one[0] != line]
        for _, owner, since, until in (one for one in self.owners if one[0] == line):
            if since < start:
                others.append((line, owner, since, start if until is None else min(until, start)))
            if end is not None and (until is None or end < until):
                others.append((line, owner, max(since, end), until))
        self.owners = [*others, (line, source, start, end)]
        self.settle(line, [a for a in counted if self.counts(a)])
        self.settle(line, [a for a in self.arrivals if a.what.line == line and a.placed and self.counts(a)])

    def read_again(self, line: str) -> None:
        """What waited in files for its source to own the line is read again."""
        own = [a for a in self.arrivals if a.what.line == line and self.counts(a)]
        for arrival in own:
            arrival.placed = True
        self.settle(line, own)

    def settle(self, line: str, counted: list[Arrival]) -> None:
        """Only these of the line count; all else of it is in quarantine."""
        chosen = {id(arrival.what) for arrival in counted}
        mine = [a.what for a in self.arrivals if a.what.line == line]
        for what in mine:
            if id(what) not in chosen:
                what.justified = False
        inside = [what for what in mine if id(what) in chosen]
        self.units = [u for u in self.units if u.line != line] + [w for w in inside if isinstance(w, Unit)]
        self.spans = [s for s in self.spans if s.line != line] + [w for w in inside if isinstance(w, Span)]
        self.quarantined = [one for one in self.quarantined if one[0] != line]
        self.quarantined += [(line, what.counts) for what in mine if id(what) not in chosen]

    def owns(self, source: str, line: str, first: int, last: int) -> bool:
        own = [(start, end) for owned, owner, start, end in self.owners if (owned, owner) == (line, source)]
        edges = {second for start, end in own for second in (start, end) if second is not None}
        # Ownership changes at edges only: between two of them one second stands for all.
        return all(
            any(start <= second and (end is None or second < end) for start, end in own)
            for second in {first, last, *(edge for edge in edges if first <= edge <= last)}
        )

    # Orders ---------------------------------------------------------------------------------------------------------

    def open(self, op: str, line: str, second: int) -> None:
        later = sorted((p for p in self.periods[line] if p.end is None or p.end > second), key=lambda p: p.start)
        target = later[0] if later else None
        if target and target.op == op:
            target.start = second
            target.factors = self.factor_at(line, second)
        elif target and target.covers(second):
            raise Refused("LINHA_OCUPADA")
        else:
            end = target.start if target else None
            self.periods[line].append(Period(op, second, end, self.factor_at(line, second)))

    def close(self, op: str, line: str, second: int) -> None:
        begun = [p for p in self.periods[line] if p.op == op and p.start <= second]
        if not begun:
            raise Refused("ORDEM_NAO_ABERTA")
        if any(p.end == second for p in begun):
            return
        target = max(begun, key=lambda p: p.start)
        others = [p for p in self.periods[line] if p is not target]
        if target.start == second:
            self.periods[line] = others
        elif any(p.meets(target.start, second) for p in others):
            raise Refused("LINHA_OCUPADA")
        else:
            target.end = second

    def factor_at(self, line: str, second: int) -> Pair:
        return [pair for since, pair in self.factors.get(line, [(0, (1, 1))]) if since <= second][-1]

    def period_at(self, line: str, second: int) -> Period | None:
        return next((p for p in self.periods[line] if p.covers(second)), None)

    # Decisions ------------------------------------------------------------------------------------------------------

    def situation(self, span: Span) -> str:
        if span.decision:
            return "DESCARTADA" if span.decision == "DESCARTADA" else "DECIDIDA"
        first, last = span.since_ms // 1000, span.until_ms // 1000
        edges = {e for p in self.periods[span.line] for e in (p.start, p.end) if e is not None}
        if span.implausible or any(first < edge <= last for edge in edges):
            return "RETIDA"
        return "ATRIBUIDA" if self.period_at(span.line, last) else "SEM_ORDEM"

    def decide(self, span: Span, op: str | None) -> None:
        if op is None:
            span.decision = "DESCARTADA"
            return
        known = [p for p in self.periods[span.line] if p.op == op]
        if not known:
            raise Refused("ORDEM_NAO_ABERTA")
        begun = [p for p in known if p.start * 1000 <= span.until_ms]
        nearest = max(begun, key=lambda p: p.start) if begun else min(known, key=lambda p: p.start)
        span.decision = (op, nearest.factors)

    def justify(self, line: str, first: int, last: int) -> None:
        first, last = first // 60 * 60, -(-last // 60) * 60
        waiting = self.waiting(line)
        for unit in self.units:
            if unit.line == line and first <= unit.second < last and self.period_at(line, unit.second) is None:
                unit.justified = True
        for span in self.spans:
            if (
                span.line == line
                and first * 1000 <= span.until_ms < last * 1000
                and self.situation(span) == "SEM_ORDEM"
            ):
                span.justified = True
        if self.waiting(line) == waiting:
            raise Refused("NADA_A_JUSTIFICAR")

    # Answers --------------------------------------------------------------------------------------------------------

    def without_order(self, line: str) -> list[Unit]:
        return [u for u in self.units if u.line == line and self.period_at(line, u.second) is None]

    def waiting(self, line: str) -> Pair:
        """Without order and not justified: what a person justified stays so, through whatever orders it went."""
        units = [u.counts for u in self.without_order(line) if not u.justified]
        spans = [
            s.counts for s in self.spans if s.line == line and self.situation(s) == "SEM_ORDEM" and not s.justified
        ]
        return add(units + spans)

    def attributed(self) -> dict[tuple[str, str], list[tuple[int, Pair, Pair]]]:
        """By order and line: second, machine counts, factors of everything attributed."""
        found: dict[tuple[str, str], list[tuple[int, Pair, Pair]]] = defaultdict(list)
        for unit in self.units:
            period = self.period_at(unit.line, unit.second)
            if period:
                found[period.op, unit.line].append((unit.second, unit.counts, period.factors))
        for span in self.spans:
            at = span.until_ms // 1000
            if isinstance(span.decision, tuple):
                found[span.decision[0], span.line].append((at, span.counts, span.decision[1]))
            elif self.situation(span) == "ATRIBUIDA":
                period = self.period_at(span.line, at)
                assert period
                found[period.op, span.line].append((at, span.counts, period.factors))
        return found

    def totals(self) -> dict[tuple[str, str], tuple[int, int, int, int, int, int]]:
        """By order and line: units, machine counts, first and last second with a count."""
        return {
            where: (
                sum(counts[0] * factors[0] for _, counts, factors in parts),
                sum(counts[1] * factors[1] for _, counts, factors in parts),
                *add(counts for _, counts, _ in parts),
                min(second for second, _, _ in parts),
                max(second for second, _, _ in parts),
            )
            for where, parts in self.attributed().items()
        }

    def balance(self, line: str) -> tuple[Pair, Pair, Pair, Pair]:
        """Attributed, without order, held or discarded, quarantined: machine counts."""
        attributed = add(counts for (_, at), parts in self.attributed().items() if at == line for _, counts, _ in parts)
        loose = [(self.situation(s), s.counts) for s in self.spans if s.line == line]
        apart = [unit.counts for unit in self.without_order(line)]
        without = add(apart + [counts for state, counts in loose if state == "SEM_ORDEM"])
        held = add(counts for state, counts in loose if state in ("RETIDA", "DESCARTADA"))
        return attributed, without, held, add(counts for at, counts in self.quarantined if at == line)


def add(pairs) -> Pair:
    produced = rejected = 0
    for made, bad in pairs:
        produced += made
        rejected += bad
    return produced, rejected
