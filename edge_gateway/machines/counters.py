"""From readings of a machine's counters to records, positions and marks: the same for every protocol.

`CounterBook` holds, per counter, the state of `counting` that was last acknowledged. `CounterBook.take` turns
what was just read into records and new states, which the spool commits in one step. A read that is not
acknowledged changes nothing: counters run on, so the next one brings its counts as well.

- What was made: the production counter, and the rejects counter too where production counts only good ones.
- A held increment (``implausivel``) never takes a plausible one with it: it becomes a record of its own, as do
  increments that span different times.
- A line is known up to its last reading in which every one of its counters was good; that is its mark. A bad counter
  keeps the mark, not the other counter's counts.
- A position belongs to a line, a counter **and the place it is read at**: a register or node that is changed in the
  configuration starts with a baseline instead of a false jump.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edge_gateway.machines.counting import Increment, State, advance
from edge_gateway.machines.description import Counter, Line
from edge_gateway.source import Content, Kind, Progress, ReadResult
from sicfar.counts.batch import Mark, Unreadable
from sicfar.counts.codes import Flag, Reason
from sicfar.counts.record import MAX_COUNT, Record

_REFRESH_MS = 10_000
"""How old the stored time of an unmoving counter may get: after a crash `desde` is at most this much early."""


class Observation(NamedTuple):
    """One line's counters at one instant (ms since the epoch, UTC); None is no data, not zero.

    ``clock_ms``: the machine's clock less ours, where it has one.
    """

    line: str
    at_ms: int
    production: int | None
    rejected: int | None = None
    clock_ms: int | None = None


@dataclass(slots=True)
class _Draft:
    """What one reading will change, until it is acknowledged."""

    states: dict[str, State] = field(default_factory=dict)
    positions: dict[str, bytes | None] = field(default_factory=dict)
    counted: list[Record] = field(default_factory=list)
    checked: list[Record] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    known: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def records(self) -> dict[Kind, list[Record]]:
        """What becomes of its records; a kind without any is left out."""
        kinds = ((Kind.COUNTED, self.counted), (Kind.CHECKED, self.checked))
        return {kind: records for kind, records in kinds if records}


class CounterBook:
    """The counters of one source. `positions` and `marks` are what the spool holds of it."""

    def __init__(
        self, source: str, lines: Sequence[Line[object]], positions: Mapping[str, bytes], marks: Mapping[str, int]
    ) -> None:
        self._source = source
        self._lines = {line.line: line for line in lines}
        self._counting = sorted(line.line for line in lines if line.counts)
        self._keys = {
            (line.line, name): f"{line.line}/{name}/{counter.point}"
            for line in lines
            for name, counter in (("production", line.production), ("rejected", line.rejected))
            if counter is not None
        }
        live = set(self._keys.values())
        self._states = {key: State.from_json(raw) for key, raw in positions.items() if key in live}
        self._stored_ms = {key: state.at_ms for key, state in self._states.items()}
        self._obsolete = [key for key in positions if key not in live]
        self._known: dict[str, tuple[int, int | None]] = {
            line: (until, None) for line, until in marks.items() if line in self._lines
        }

    def take(self, observations: Iterable[Observation]) -> ReadResult:
        """What these observations bring since the last acknowledged read, in their order."""
        draft = _Draft(known=dict(self._known))
        for observation in observations:
            self._observe(self._lines[observation.line], observation, draft)
        draft.positions |= dict.fromkeys(self._obsolete)

        def accept() -> None:
            self._states |= draft.states
            self._stored_ms |= {key: draft.states[key].at_ms for key, value in draft.positions.items() if value}
            self._known = draft.known
            self._obsolete = []

        progress = Progress(
            positions=draft.positions,
            marks=self._marks(draft.known, set(draft.missing)),
            trouble=_trouble(draft.missing),
            notes=draft.notes,
        )
        return ReadResult(Content(draft.records, draft.unreadable), progress, accept)

    def unmoved(self, trouble: str = "") -> ReadResult:
        """A read that proves nothing about any line: the marks stay, with `trouble` in error."""
        marks = self._marks(self._known, set(self._lines) if trouble else set())
        return ReadResult(Content(), Progress(marks=marks, trouble=trouble))

    def _marks(self, known: Mapping[str, tuple[int, int | None]], bad: set[str]) -> list[Mark]:
        return [
            Mark(line, known[line][0], "erro" if line in bad else "ok", known[line][1])
            for line in self._counting
            if line in known
        ]

    def _observe(self, line: Line[object], seen: Observation, draft: _Draft) -> None:
        production = self._advance(line, "production", line.production, seen.production, seen.at_ms, draft)
        rejected = None
        if line.rejected is not None:
            rejected = self._advance(line, "rejected", line.rejected, seen.rejected, seen.at_ms, draft)
        if seen.production is None or (line.rejected is not None and seen.rejected is None):
            draft.missing.append(line.line)
        else:
            # Not the later of two: a time before the last one is that of a clock that was set back.
            draft.known[line.line] = (seen.at_ms, seen.clock_ms)
        if production is None and rejected is None:
            return  # as most readings: nothing has moved
        for record in merge(line, seen, production, rejected, origin=self._source):
            if record.produced > MAX_COUNT or record.rejected > MAX_COUNT:
                draft.unreadable.append(_absurd(record))
            elif line.role == "contagem":
                draft.counted.append(record)
            else:
                draft.checked.append(record)

    def _advance(
        self, line: Line[object], name: str, counter: Counter[object], value: int | None, at_ms: int, draft: _Draft
    ) -> Increment | None:
        if value is None:
            return None
        key = self._keys[line.line, name]
        before = draft.states.get(key) or self._states.get(key)
        after, increment = advance(counter.rule, before, value, at_ms)
        if after is None:
            return None
        draft.states[key] = after
        moved = before is None or after.raw != before.raw or after.before != before.before
        if moved or at_ms - self._stored_ms.get(key, 0) >= _REFRESH_MS:
            draft.positions[key] = after.to_json().encode()
        if increment is not None and increment.flags and increment.held:
            was = "?" if before is None else before.raw
            counted = "produção" if name == "production" else "rejeição"
            draft.notes.append(
                f"{line.line}: contador de {counted} foi de {was} a {after.raw}; {increment.amount} retidos "
                f"({', '.join(increment.flags)})"
            )
        return increment


def holds(content: Content) -> bool:
    """Whether something in it would wait for a person; worth a second look at the machine first."""
    return bool(content.unreadable) or any(Flag.IMPLAUSIBLE in record.flags for record in content.of(*Kind))


def merge(
    line: Line[object], seen: Observation, production: Increment | None, rejected: Increment | None, *, origin: str
) -> list[Record]:
    """The records of one observation: one, or two where the counters' increments may not share their fate."""
    parts: list[tuple[Increment, int, int]] = []
    if production is not None:
        parts.append((production, production.amount, 0))
    if rejected is not None:
        made = 0 if line.includes_rejected else rejected.amount
        if production is not None and (production.since_ms, production.held) == (rejected.since_ms, rejected.held):
            both = rejected._replace(flags=tuple(dict.fromkeys((*production.flags, *rejected.flags))))
            parts = [(both, production.amount + made, rejected.amount)]
        else:
            parts.append((rejected, made, rejected.amount))
    return [
        Record(
            at_ms=seen.at_ms,
            line=line.line,
            produced=produced,
            rejected=scrapped,
            since_ms=increment.since_ms,
            produced_raw=_raw(line.production, seen.production),
            rejected_raw=None if line.rejected is None else _raw(line.rejected, seen.rejected),
            flags=increment.flags,
            origin=origin,
        )
        for increment, produced, scrapped in parts
    ]


def _raw(counter: Counter[object], value: int | None) -> int | None:
    return None if value is None else counter.rule.unsigned(value)


def _absurd(record: Record) -> Unreadable:
    """More than any counter shows in one step: no record can carry it, the quarantine can."""
    text = f"{record.line} produção {record.produced} rejeição {record.rejected} lidos {record.produced_raw}"
    return Unreadable(f"{record.origin}@{record.at_ms}", Reason.CONTAGEM_ABSURDA, text.encode())


def _trouble(missing: list[str]) -> str:
    return f"contador sem dado em {', '.join(dict.fromkeys(missing))}" if missing else ""
