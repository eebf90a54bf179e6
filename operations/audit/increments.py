"""What a file counts, piece by piece, and where a decision on its gateway's clock moves it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from operations.audit.differences import Pair
from operations.audit.files import Reading
from operations.audit.rows.ledger import ClockDecision, MoveRow


@dataclass(frozen=True, slots=True)
class Increment:
    """Counts of one second of a file, or one record that spans time. Milliseconds since the epoch.

    ``sources``: parts of it whose source gave another time, with that.
    """

    line: str
    since_ms: int
    until_ms: int
    pair: Pair
    span: bool
    flags: tuple[str, ...]
    byte_from: int
    byte_to: int
    sources: tuple[tuple[int, Pair], ...] = ()

    @property
    def first(self) -> int:
        """Its first second."""
        return self.since_ms // 1000

    @property
    def second(self) -> int:
        """Its last second."""
        return self.until_ms // 1000


def increments(reading: Reading) -> Iterator[Increment]:
    """Everything an object counts that is not nothing."""
    for sums in reading.tally.lines.values():
        for second, (made, rejected) in sums.seconds.items():
            if made or rejected:
                at = second * 1000
                place = (sums.byte_from, sums.byte_to)
                own = tuple(
                    (source * 1000, (produced, refused))
                    for (counted, source), (produced, refused) in sums.sourced.items()
                    if counted == second
                )
                yield Increment(sums.line, at, at, (made, rejected), False, (), *place, own)
    for span in reading.tally.spans:
        if span.produced or span.rejected:
            pair = (span.produced, span.rejected)
            place = (span.byte_from, span.byte_to)
            sources = () if span.source_ms is None else ((span.source_ms, pair),)
            yield Increment(span.line, span.since_ms, span.at_ms, pair, True, span.flags, *place, sources)


def moved(found: Iterable[Increment], move: MoveRow) -> list[Increment]:
    """Increments at the instants that a decision on their gateway's clock gave; one for each second of a line."""
    alone: list[Increment] = []
    seconds: dict[tuple[str, int], Increment] = {}
    for one in found:
        for part in _parts(one, move):
            same = seconds.get((part.line, part.until_ms))
            if part.span:
                alone.append(part)
            elif same is None:
                seconds[part.line, part.until_ms] = part
            else:
                pair = (same.pair[0] + part.pair[0], same.pair[1] + part.pair[1])
                seconds[part.line, part.until_ms] = replace(same, pair=pair)
    return [*alone, *seconds.values()]


def _parts(one: Increment, move: MoveRow) -> Iterator[Increment]:
    if move.decision is ClockDecision.SHIFT:
        shift_ms = (move.shift_s or 0) * 1000
        yield replace(one, since_ms=one.since_ms - shift_ms, until_ms=one.until_ms - shift_ms, sources=())
        return
    rest = list(one.pair)
    for at_ms, pair in one.sources:
        yield replace(one, since_ms=one.since_ms + at_ms - one.until_ms, until_ms=at_ms, pair=pair, sources=())
        rest = [rest[0] - pair[0], rest[1] - pair[1]]
    if any(rest):
        yield replace(one, pair=(rest[0], rest[1]), sources=())
