"""From the running counter of a machine to what it made since the last look: pure, one reading at a time.

A machine shows a number that grows, starts again, wraps, and sometimes lies for a moment. ``advance`` takes what was
last known (``State``), one good reading, and says what was made (``Increment``). It never drops a count: what cannot
be true of this machine comes out flagged ``implausivel``, for a person to decide.

No public standard settles these rules. Each stands with its source: [PackOS] is an independent published design (ilabo,
wiki page 1828454403), [PackML] OPC 30050 v1.01, [sheet] the plant's own count sheet of line A, 6 June 2025.

1. **Baseline.** The first value ever says nothing about what was made: no increment [PackOS].
2. **Growth** is what was made, if the machine can have made it in the time since the last good reading:
   ``Rule.allowance``. The check is against the machine's design speed over the elapsed time [PackOS].
3. **Wrap.** A counter of modulus M that fell is taken to have passed M if what that makes is plausible. M is a fact of
   each machine: a PackML count is a signed 32-bit integer and rolls "to 0 or to -2^31", as its program has it [PackML];
   a negative value is therefore read as the unsigned value of the same bits.
4. **Reset.** A counter that starts again counts from 0: line A ended lot 25F0226A at 4,426 and began 25F0227A at 0
   [sheet]. An increment after a fall is the new value.
5. **Zero glitch.** 1000 → 0 → 1002 is +2, a communication fault; 1000 → 0 → 10 is +10, a reset [PackOS]. So a zero
   counts nothing yet and the value before it is kept; the next reading decides, for the nearest earlier value it can
   have grown from. The same memory undoes a torn or garbled reading: 1000 → 900000 → 1002 is +2 beside what is held.
   A zero that a wrap explains is no exception: at modulus 10000, 9990 → 0 → 9990 is nothing, 9990 → 0 → 3 is a wrap,
   +13. What a wrap makes is counted with the first reading that goes on from its zero, with the time since when.
6. **A fall, not to zero**, is nothing a counter does: PackOS ignores it. If all of the new value can have been made
   since (a reset between two readings) it counts as a reset, unless rule 8 has a second explanation; otherwise it is
   held. Either way it is flagged ``queda``.
7. **Implausible growth** is held whole, with the reading as the new baseline [PackOS checks; that nothing is dropped is
   this project's promise]. A sheet that says 28,900 in 5.97 h on a line of 4,000/h is such a case.
8. **Two explanations** are held, flagged ``ambiguo``. After a time without good reading, a gap, the delta counts, with
   the instant since when, except where

   - the counter can have gone round in the gap;
   - all that follows a zero can have been made since: 4 → 0 → 6 is a glitch and +2, or a reset and +6. The same value
     again, at once, is a glitch on a standing machine; after a gap it may also be as much made anew;
   - a retentive memory can have been restored: after a power cut some controllers go on from their last backup
     (Beckhoff NOVRAM, persistent data). 7000 → 6990 after 12 h at 750 an hour is a reset and +6990, or a restored
     memory and nothing. A controller needs ``_BOOT_MS`` to start, and a backup is no older than ``_BACKUP_MS``; no
     standard states either figure, both are assumptions of this project. 4426 → 0 → 12 without a gap is a plain reset.
9. **No data.** A reading of bad quality is None and changes nothing, not even the time of the last good one.

All instants: milliseconds since the epoch, UTC. All counts: the machine's own, int.
"""

import json
from dataclasses import dataclass
from typing import NamedTuple

from sicfar.counts.codes import Flag

_MS_PER_HOUR = 3_600_000
_BOOT_MS = 5_000
"""A controller that was without power shows no value for at least so long."""
_BACKUP_MS = 600_000
"""How far back the backup of a retentive memory may lie."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known about one counter.

    ``modulus``: the number of values it shows before it starts again by itself (65,536 of a 16-bit register, 1,000,000
    of a six-digit counter); None if it never does. ``max_per_hour``: what the machine cannot exceed, in its own counts.
    ``burst``: what may appear in one reading beyond that, because counters move in steps and readings jitter.
    ``gap_ms``: a longer time between two good readings is a gap. ``bits``: width of the register, for negative values.
    """

    max_per_hour: int
    modulus: int | None = None
    burst: int = 10
    gap_ms: int = 2_000
    bits: int = 32

    def allowance(self, elapsed_ms: int) -> int:
        """The most the machine can have made in this time. A clock set back elapses nothing."""
        return self.burst + self.max_per_hour * max(elapsed_ms, 0) // _MS_PER_HOUR

    def unsigned(self, value: int) -> int:
        """The value a signed reading of an unsigned register stands for."""
        return value & ((1 << self.bits) - 1) if value < 0 else value


class State(NamedTuple):
    """What must survive a crash: the last good reading, and while it is in doubt the one before.

    ``before`` is set from a zero, a fall or an implausible jump until the counter moves on from it. ``wrap``: ``raw``
    is a zero that ``before`` can have reached over the modulus by the time it was first seen.
    """

    raw: int
    at_ms: int
    before: int | None = None
    before_at_ms: int = 0
    wrap: bool = False

    def to_json(self) -> str:
        """Compact text for the spool."""
        # Written for every counter that moved, four times a second: json.dumps takes eight times as long.
        before = "null" if self.before is None else self.before
        doubt = f'"before":{before},"before_at_ms":{self.before_at_ms},"wrap":{"true" if self.wrap else "false"}'
        return f'{{"raw":{self.raw},"at_ms":{self.at_ms},{doubt}}}'

    @classmethod
    def from_json(cls, text: str | bytes) -> "State":
        """Inverse of ``to_json``; a text of before ``wrap`` was kept has none."""
        return cls(**json.loads(text))


class Increment(NamedTuple):
    """What was made since the last good reading.

    ``since_ms``: set only across a gap. ``amount`` is 0 for the baseline only. ``flags``: ``Flag``s;
    with ``implausivel`` the amount is to be held, not counted.
    """

    amount: int
    since_ms: int | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def held(self) -> bool:
        """Whether a person has to decide about it."""
        return Flag.IMPLAUSIBLE in self.flags


def advance(rule: Rule, state: State | None, value: int | None, at_ms: int) -> tuple[State | None, Increment | None]:
    """Take one reading of a counter; the module's docstring has the rules.

    ``state`` is None before the first reading; ``value`` is None when the reading is no data. Returns the state to keep
    and the increment to send, None if there is no news. Both belong in one durable step: an increment sent without its
    state is counted twice after a crash, a state kept without its increment never.
    """
    if value is None:
        return state, None
    value = rule.unsigned(value)
    if state is None:
        return State(value, at_ms), Increment(0, flags=(Flag.BASELINE,))
    if value == state.raw:
        return State(value, at_ms, state.before, state.before_at_ms, state.wrap), None
    if state.before is None and _goes_on(rule, state, value, at_ms):
        # What nearly every reading is, and what all that follows makes of it, too.
        return State(value, at_ms), Increment(value - state.raw)
    return _advance_judging(rule, state, value, at_ms)


def _advance_judging(rule: Rule, state: State, value: int, at_ms: int) -> tuple[State, Increment | None]:
    """The same for a value that is another one than before, whatever has become of the counter."""
    origin = _origin(rule, state, value, at_ms)
    if origin is not None and value == 0 < origin.raw:
        return State(0, at_ms, origin.raw, origin.at_ms, wrap=True), None
    if origin is not None:
        return State(value, at_ms), _grown(rule, state, origin, value, at_ms)
    if value == 0:
        return _in_doubt(state, 0, at_ms), None
    since_ms = _since(rule, state.at_ms, at_ms)
    if value > state.raw:
        jump = Increment(value - state.raw + _to_zero(rule, state), since_ms, (Flag.IMPLAUSIBLE,))
        return _in_doubt(state, value, at_ms), jump
    fits = value <= rule.allowance(at_ms - state.at_ms)
    if _perhaps_restored(rule, state, value, at_ms):
        # Whatever the explanation, the counter goes on from here: the value before is no origin any more.
        flags = (Flag.FALL, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS) if fits else (Flag.IMPLAUSIBLE, Flag.FALL)
        return State(value, at_ms), Increment(value, since_ms, flags)
    if fits:
        return State(value, at_ms), Increment(value, since_ms, (Flag.RESET, Flag.FALL))
    return _in_doubt(state, value, at_ms), Increment(value, since_ms, (Flag.IMPLAUSIBLE, Flag.FALL))


def _goes_on(rule: Rule, state: State, value: int, at_ms: int) -> bool:
    """Whether the counter has grown, without a gap, by no more than the machine can have made."""
    elapsed_ms = at_ms - state.at_ms
    return elapsed_ms <= rule.gap_ms and 0 < value - state.raw <= rule.allowance(elapsed_ms)


@dataclass(frozen=True, slots=True)
class _Origin:
    """A value the counter can have grown from; ``returned``: it is the one before a doubtful reading."""

    raw: int
    at_ms: int
    returned: bool


def _origin(rule: Rule, state: State, value: int, at_ms: int) -> _Origin | None:
    """The nearest earlier value below from which the growth is plausible, else one from which a wrap is; or None.

    A value that goes on from the zero of a wrap has grown from the value before that zero.
    """
    known = [_Origin(state.raw, state.at_ms, returned=False)]
    if state.before is not None:
        known.append(_Origin(state.before, state.before_at_ms, returned=True))
        if state.wrap and value < state.before and value <= rule.allowance(at_ms - state.at_ms):
            return known[1]
    below = sorted((origin for origin in known if origin.raw <= value), key=lambda origin: -origin.raw)
    above = [origin for origin in known if rule.modulus is not None and value < origin.raw < rule.modulus]
    for origin in (*below, *above):
        if _travel(rule, origin, value) <= rule.allowance(at_ms - origin.at_ms):
            return origin
    return None


def _travel(rule: Rule, origin: _Origin, value: int) -> int:
    """Counts from the origin to the value, over the modulus if the value is below."""
    return value - origin.raw if value >= origin.raw else value - origin.raw + (rule.modulus or 0)


def _to_zero(rule: Rule, state: State) -> int:
    """What a wrap to the zero of this state made and nothing has counted yet; 0 if there was none."""
    return 0 if state.before is None or not state.wrap else (rule.modulus or 0) - state.before


def _grown(rule: Rule, state: State, origin: _Origin, value: int, at_ms: int) -> Increment | None:
    flags: list[Flag] = []
    amount = _travel(rule, origin, value)
    since_ms = _since(rule, origin.at_ms, at_ms)
    if origin.returned and not (state.wrap and value < origin.raw):
        flags.append(Flag.RETURNED)
    elif origin.raw == 0 and state.before is not None:
        flags.append(Flag.RESET)
    if value < origin.raw:
        flags.append(Flag.WRAP)
    if since_ms is not None and rule.modulus is not None and rule.allowance(at_ms - origin.at_ms) >= rule.modulus:
        flags += (Flag.IMPLAUSIBLE, Flag.AMBIGUOUS)
    elif origin.returned and _perhaps_anew(rule, state, origin, value, at_ms):
        amount = value
        flags += (Flag.IMPLAUSIBLE, Flag.AMBIGUOUS)
    elif (value < origin.raw or origin.raw == 0) and _perhaps_restored_in_gap(rule, state, value, at_ms):
        flags += (Flag.IMPLAUSIBLE, Flag.AMBIGUOUS)
    return Increment(amount, since_ms, tuple(flags)) if amount else None


def _perhaps_anew(rule: Rule, state: State, origin: _Origin, value: int, at_ms: int) -> bool:
    """Whether a value that came back from zero may as well have been made since it."""
    if state.raw != 0 or value < origin.raw or value > rule.allowance(at_ms - state.at_ms):
        return False
    return value != origin.raw or _since(rule, state.at_ms, at_ms) is not None


def _perhaps_restored(rule: Rule, state: State, value: int, at_ms: int) -> bool:
    """Whether the value is a little below one seen before, and a controller can have started in between."""
    earlier = (state.raw,) if state.before is None else (state.raw, state.before)
    lost = rule.allowance(_BACKUP_MS)
    return at_ms - state.at_ms > _BOOT_MS and any(0 < raw - value <= lost for raw in earlier)


def _perhaps_restored_in_gap(rule: Rule, state: State, value: int, at_ms: int) -> bool:
    """The same for a counter that seems to have grown from a zero or over its modulus: seen at work, it has."""
    return _since(rule, state.at_ms, at_ms) is not None and _perhaps_restored(rule, state, value, at_ms)


def _in_doubt(state: State, value: int, at_ms: int) -> State:
    """Take the value as the new baseline and keep the last one that was beyond doubt."""
    if state.before is None:
        return State(value, at_ms, state.raw, state.at_ms)
    return State(value, at_ms, state.before, state.before_at_ms)


def _since(rule: Rule, from_ms: int, at_ms: int) -> int | None:
    return from_ms if at_ms - from_ms > rule.gap_ms else None
