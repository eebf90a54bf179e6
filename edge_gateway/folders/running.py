"""From the running counters a logger writes down to records: what was made between one line and the next.

State belongs to the folder, the line and the counter, never to a file: a rotated, renamed or re-created file goes on
where the last one stopped. It is kept in the same durable step as the file's position.

- **In the order of time.** A line older than the last one counted is no reset: it is from a file that came late, or was
  read before, and all of it may be in the counter's next values. It goes before a person (`FORA_DE_ORDEM`), is never
  counted and never moves the counter. One exception: a clock set back a little shows the counter going on; that counts.
- **Stopped.** A counter at the value it ends at (``saturates``) counts no more. Its line's mark stays, the source says
  so, and what it shows after the reset is held, with the time since when: how many went by uncounted, nobody knows.
- With an event rhythm a line is written by the piece it counts, so one piece was made at its own instant however long
  nothing was before.
- A reading that was not acknowledged changes nothing (`Pass.accept`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from edge_gateway.folders.format_config import Counters, Place
from edge_gateway.machines.counters import Observation, merge
from edge_gateway.machines.counting import Increment, State, advance
from edge_gateway.machines.description import Counter, Line
from sicfar.counts.codes import Flag, Reason
from sicfar.counts.record import MAX_COUNT, Record

POSITION: Final = "contador/"
"""What the keys of the counters' positions begin with."""


class RunningCounters:
    """The counters of one folder. `positions` is what the spool holds of the source; `step_ms`: see `Pass.take`."""

    def __init__(
        self, counting: Counters, lines: Iterable[str], positions: Mapping[str, bytes], *, event: bool, step_ms: int
    ) -> None:
        self.event = event
        self.step_ms = step_ms
        self.lines: dict[str, Line[Place]] = {
            line: Line(line, counting.production, counting.rejected, counting.includes_rejected, "contagem")
            for line in lines
        }
        keys = {self.key(line.line, counter) for line in self.lines.values() for counter in line.counters}
        self.states = {key: State.from_json(raw) for key, raw in positions.items() if key in keys}
        self.obsolete = [key for key in positions if key.startswith(POSITION) and key not in keys]
        self.stopped = {
            line.line: stopped for line in self.lines.values() if (stopped := self._stopped(line, self.states))
        }

    @staticmethod
    def key(line: str, counter: Counter[Place]) -> str:
        """The position of a counter: another column in the configuration is another counter, with a new baseline."""
        return f"{POSITION}{line}/{counter.point.column}"

    @classmethod
    def _stopped(cls, line: Line[Place], states: Mapping[str, State]) -> str:
        for counter in line.counters:
            state = states.get(cls.key(line.line, counter))
            if state is not None and state.raw == counter.point.saturates:
                return stopped_at(line, counter)
        return ""

    def begin(self, latest_ms: int) -> Pass:
        """One reading of the folder; `latest_ms`: after this nothing can have happened yet."""
        return Pass(self, latest_ms, dict(self.states), dict(self.stopped), dict.fromkeys(self.obsolete))


@dataclass(slots=True)
class Pass:
    """What one reading of the folder changes, until `accept`.

    `position`: for the spool. `known`: up to when each line's counters are known, ms. `stopped`: lines of which they
    are not known further, and why (Portuguese). `notes`: what was held, for the log.
    """

    _book: RunningCounters
    _latest_ms: int
    _states: dict[str, State]
    stopped: dict[str, str]
    position: dict[str, bytes | None]
    known: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, row: Record) -> list[Record] | Reason:
        """The records of a line that was read, none if nothing was made; or the reason why it is to be quarantined.

        `row` carries the counters as read. A clock set back by no more than `step_ms` shows in a counter that goes on
        from its last value, by no more than may appear at once.
        """
        line = self._book.lines[row.line]
        readings = list(zip(line.counters, (row.produced_raw, row.rejected_raw), strict=False))
        at_ms = max((state.at_ms for counter, _ in readings if (state := self._state(line, counter))), default=0)
        # A state of the future was made when this computer's clock was wrong: no line is older than it by that.
        if row.at_ms < at_ms <= self._latest_ms:
            if at_ms - row.at_ms > self._book.step_ms or not all(self._goes_on(line, *item) for item in readings):
                return Reason.FORA_DE_ORDEM
        else:
            at_ms = row.at_ms
        produced, *rejected = (self._advance(line, counter, value, at_ms) for counter, value in readings)
        self._know(line, readings, row.at_ms)
        seen = Observation(line.line, row.at_ms, row.produced_raw, row.rejected_raw)
        made = [
            replace(
                record,
                flags=tuple(dict.fromkeys((*row.flags, *record.flags))),
                since_ms=None if record.since_ms is None else min(record.since_ms, row.at_ms),
                source_time=row.source_time,
            )
            for record in merge(line, seen, produced, rejected[0] if rejected else None, origin=row.origin)
        ]
        absurd = any(max(record.produced, record.rejected) > MAX_COUNT for record in made)
        return Reason.CONTAGEM_ABSURDA if absurd else made

    def accept(self) -> None:
        """Take all of it as read: it is durable now."""
        self._book.states = self._states
        self._book.stopped = self.stopped
        self._book.obsolete = []

    def _state(self, line: Line[Place], counter: Counter[Place]) -> State | None:
        return self._states.get(self._book.key(line.line, counter))

    def _goes_on(self, line: Line[Place], counter: Counter[Place], value: int | None) -> bool:
        state = self._state(line, counter)
        return state is None or value is None or 0 <= value - state.raw <= counter.rule.burst

    def _advance(self, line: Line[Place], counter: Counter[Place], value: int | None, at_ms: int) -> Increment | None:
        before = self._state(line, counter)
        ends_at = counter.point.saturates
        if before is not None and before.raw == value == ends_at:
            return None  # its time stays the one up to which it is known to have counted
        after, increment = advance(counter.rule, before, value, at_ms)
        if after is None or value is None:
            return None
        key = self._book.key(line.line, counter)
        self._states[key] = after
        self.position[key] = after.to_json().encode()
        if increment is None or before is None:
            return increment
        if ends_at is not None and ends_at in (before.raw, before.before):
            stopped_ms = before.at_ms if before.raw == ends_at else before.before_at_ms
            increment = Increment(increment.amount, stopped_ms, (*increment.flags, Flag.IMPLAUSIBLE, Flag.SATURATED))
        elif self._book.event and increment.amount == 1 and not increment.held:
            increment = increment._replace(since_ms=None)
        if increment.held:
            self.notes.append(
                f"{line.line}: contador da coluna {counter.point.column} foi de {before.raw} a {after.raw}; "
                f"{increment.amount} retidos ({', '.join(increment.flags)})"
            )
        return increment

    def _know(self, line: Line[Place], readings: list[tuple[Counter[Place], int | None]], at_ms: int) -> None:
        """A line is known up to its last reading in which every counter was there and could count."""
        for counter, value in readings:
            if value is None:
                self.stopped[line.line] = f"{line.line}: coluna {counter.point.column} sem leitura"
                return
            if value == counter.point.saturates:
                self.stopped[line.line] = stopped_at(line, counter)
                return
        self.stopped.pop(line.line, None)
        self.known[line.line] = max(at_ms, self.known.get(line.line, 0))


def stopped_at(line: Line[Place], counter: Counter[Place]) -> str:
    """What a person must do about a counter that has reached its end."""
    place = counter.point
    return (
        f"{line.line}: o contador da coluna {place.column} parou em {place.saturates} e não conta mais: "
        "zere-o na máquina; o que ela fizer até lá não é contado"
    )
