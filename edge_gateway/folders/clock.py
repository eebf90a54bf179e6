"""Whether a line's own clock can be believed, judged by comparing its records with the time they were read at.

That time is this computer's: a line is judged only while `edge_gateway.clock` has nothing against it.

Only what is read while it is being written says something about a clock: a backlog is old by nature and keeps its own
time. The hard case is a backlog that arrives late (the FTP job was down for two hours and now appends): it looks like
a clock two hours slow. The difference is continuity: a late delivery goes on where the machine's time stopped, after a
pause in arrival; a clock that was set jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_CONTINUOUS_MS = 60_000
_PAUSE_MS = 60_000


class Trust(Enum):
    """What is believed of one line's clock."""

    GOOD = "good"
    LATE = "late"
    """Records are old because they were delivered late; their time is right."""
    WRONG = "wrong"


@dataclass(slots=True)
class _Line:
    trust: Trust
    offset_ms: int
    last_ms: int
    read_ms: int
    late_since_ms: int = 0
    late_offset_ms: int = 0


class ClockJudge:
    """Remembers each line's last live record. All instants ms since the epoch, UTC."""

    def __init__(self, tolerance_ms: int) -> None:
        self._tolerance_ms = tolerance_ms
        self._lines: dict[str, _Line] = {}

    def offset_ms(self, line: str) -> int | None:
        """The line's clock less ours, by its last live record; None before the first."""
        known = self._lines.get(line)
        return None if known is None else known.offset_ms

    def judge(self, line: str, first_ms: int, last_ms: int, now_ms: int) -> Trust:
        """Judge a line by its records that were just appended, first to last, and our clock, which is believed."""
        offset = last_ms - now_ms
        known = self._lines.get(line)
        trust = Trust.GOOD if abs(offset) <= self._tolerance_ms else self._out_of_tolerance(known, first_ms, now_ms)
        state = _Line(trust, offset, last_ms, now_ms)
        if trust is Trust.LATE and known is not None:
            if known.trust is not Trust.LATE or abs(offset) < abs(known.late_offset_ms):
                state.late_since_ms, state.late_offset_ms = now_ms, offset
            else:
                state.late_since_ms, state.late_offset_ms = known.late_since_ms, known.late_offset_ms
        self._lines[line] = state
        return trust

    def _out_of_tolerance(self, known: _Line | None, first_ms: int, now_ms: int) -> Trust:
        if known is None or known.trust is Trust.WRONG:
            return Trust.WRONG
        if known.trust is Trust.LATE:
            # A late delivery catches up. One that comes no nearer for a minute is a wrong clock after all.
            return Trust.LATE if now_ms - known.late_since_ms <= _PAUSE_MS else Trust.WRONG
        continues = 0 <= first_ms - known.last_ms <= _CONTINUOUS_MS
        paused = now_ms - known.read_ms > _PAUSE_MS
        return Trust.LATE if continues and paused else Trust.WRONG
