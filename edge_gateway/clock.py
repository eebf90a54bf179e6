"""Whether this computer's own clock can be believed: what witnesses said of the time, in; a judgement, out.

Nothing here reads a clock: whoever calls gives every time, wall and monotonic together (`Instant`). The monotonic clock
(`since_boot_ms`) shows no time of day, but it does not jump. What a witness said at one of its instants therefore holds
at a later one, however often the wall clock has been set since, but for the drift of the computer's quartz.

The witnesses, in the order in which they are asked:

1. **s3**: the ``Date`` of an answer of S3. It was written between the request and the answer and has whole seconds, so
   it bounds the true time from both sides. What it says is final.
2. **fontes**: sources whose clocks agree with each other and not with ours: two or more, and no fewer than those that
   agree with us. A clock that seems *behind* ours may belong to records that were delivered late, as all lines of one
   folder are at once: such lines count as one. Nothing is delivered before it happens: clocks ahead of ours count each.
   Sources that agree with us prove nothing, for a logger on this computer shows its clock.
3. **marca**: it is later than the last time that the spool keeps of a clock S3 had witnessed, which no mark and no
   sealing instant passes, and than the year of this program. It finds a clock that is behind, never one that is ahead.

With none of them the clock is *not witnessed*. It is not in doubt either: what was read by it waits unsealed for S3's
first answer, without which it could not be sent anyway, and is judged by that (`Judgement.of`).

All times are milliseconds; wall times since the epoch, UTC, monotonic ones since any fixed instant.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Final

from sicfar.counts.batch import ClockDoubt
from sicfar.instants import now_ms, to_ms

TOLERANCE_MS: Final = 60_000
"""How wrong a clock may be: what the cloud allows a sealing instant to lie after the arrival as well."""
STEP_MS: Final = 1_000
"""A change of the wall clock against the monotonic one by more than this is a setting, not a drift."""
EARLIEST_MS: Final = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
"""This program is no older."""
FOREVER_MS: Final = 1 << 62
_DRIFT_PPM: Final = 200
"""A bad quartz; a usual one has 20 to 50."""
_FRESH_MS: Final = 600_000
"""How long a source's clock counts without being seen again: a machine's clock is set, too."""
_FIRST_MS: Final = to_ms(datetime(2000, 1, 1, tzinfo=UTC))
_LAST_MS: Final = to_ms(datetime(2100, 1, 1, tzinfo=UTC)) - 1


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment by both clocks of this computer."""

    wall_ms: int
    mono_ms: int

    @property
    def setting_ms(self) -> int:
        """Wall less monotonic: what changes only when somebody sets the clock."""
        return self.wall_ms - self.mono_ms


if sys.platform == "linux":

    def since_boot_ms() -> int:
        """The monotonic clock, milliseconds, what the computer slept included: `time.monotonic` stands still then.

        By that one a computer that slept for an hour would seem to have been set an hour ahead.
        """
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

else:

    def since_boot_ms() -> int:
        """The monotonic clock, milliseconds; that of Windows goes on while the computer sleeps."""
        return time.monotonic_ns() // 1_000_000


def instant() -> Instant:
    """This computer's clocks, now."""
    return Instant(now_ms(), since_boot_ms())


def nearest_writable(wall_ms: int) -> int:
    """The nearest time that a batch can carry at all: the cloud reads the years 2000 to 2099."""
    return min(max(wall_ms, _FIRST_MS), _LAST_MS)


def can_be_written(wall_ms: int) -> bool:
    """Whether a batch can carry this time."""
    return wall_ms == nearest_writable(wall_ms)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The true time less the monotonic one lies between these two, known at `mono_ms`."""

    low_ms: int
    high_ms: int
    mono_ms: int

    @property
    def width_ms(self) -> int:
        return self.high_ms - self.low_ms

    def at(self, mono_ms: int) -> _Bounds:
        drift_ms = abs(mono_ms - self.mono_ms) * _DRIFT_PPM // 1_000_000
        return _Bounds(self.low_ms - drift_ms, self.high_ms + drift_ms, mono_ms)

    def offset_of(self, setting_ms: int) -> int:
        """By how much a clock with this setting is ahead, as near as is known; negative if behind."""
        return setting_ms - (self.low_ms + self.high_ms) // 2

    def doubts(self, setting_ms: int) -> bool:
        """Whether a clock with this setting is wrong for certain."""
        return setting_ms - self.high_ms > TOLERANCE_MS or self.low_ms - setting_ms > TOLERANCE_MS


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is believed of the clock at one instant.

    ``witnessed``: S3 has said what time it is. ``doubt``: the clock is wrong, as far as can be known. The true time is
    between ``earliest_ms`` and ``latest_ms``; both are the clock's own time while nothing speaks against it.
    """

    setting_ms: int
    witnessed: bool
    doubt: ClockDoubt | None
    earliest_ms: int
    latest_ms: int
    true: _Bounds | None = None

    def of(self, setting_ms: int) -> ClockDoubt | None:
        """What S3's answer says of the clock as it was set at another moment of the same monotonic clock."""
        if self.true is None or not self.true.doubts(setting_ms):
            return None
        return ClockDoubt(self.true.offset_of(setting_ms), "s3")


class OwnClock:
    """Takes what witnesses say and judges. Safe to use from several threads."""

    def __init__(self) -> None:
        self._past = 0
        self._true: _Bounds | None = None
        self._sources: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = threading.Lock()

    @property
    def witnessed(self) -> bool:
        """Whether S3 has said what time it is since this process began."""
        return self._true is not None

    def s3(self, date: str, sent: Instant, answered: Instant) -> None:
        """Take the ``Date`` header of an answer, and when it was asked for and came. What is no date says nothing."""
        try:
            date_ms = to_ms(parsedate_to_datetime(date))
        except ValueError:
            return
        if date_ms < EARLIEST_MS:
            return
        found = _Bounds(date_ms - answered.mono_ms, date_ms + 1_000 - sent.mono_ms, answered.mono_ms)
        with self._lock:
            known = None if self._true is None else self._true.at(found.mono_ms)
            # A slow answer says less than a quick one before it, unless that one has become wrong.
            if known is None or found.width_ms <= known.width_ms or not _overlap(found, known):
                self._true = found

    def has_passed(self, past_ms: int, now: Instant) -> None:
        """Take a time that has passed for certain, as the spool keeps it."""
        with self._lock:
            self._past = past_ms - now.mono_ms

    def source(self, name: str, line: str, clock_ms: int, now: Instant) -> None:
        """Take what a source's own clock showed, read live: of one `line`, or of the whole source ("")."""
        with self._lock:
            self._sources[name, line] = (clock_ms - now.mono_ms, now.mono_ms)

    def s3_offset(self, now: Instant) -> tuple[int, int] | None:
        """By how much the clock is ahead of S3's, at least and at most; None before S3's first answer."""
        true = self._true
        if true is None:
            return None
        true = true.at(now.mono_ms)
        return now.setting_ms - true.high_ms, now.setting_ms - true.low_ms

    def judge(self, now: Instant) -> Judgement:
        """What is believed of the clock now."""
        with self._lock:
            if self._true is not None:
                return _by_s3(now, self._true.at(now.mono_ms))
            offset = self._by_sources(now)
            past_ms = max(self._past + now.mono_ms, EARLIEST_MS)
        if offset is not None:
            true_ms = now.wall_ms - offset
            doubt = ClockDoubt(offset, "fontes")
            return Judgement(now.setting_ms, False, doubt, true_ms - TOLERANCE_MS, true_ms + TOLERANCE_MS)
        if past_ms - now.wall_ms > TOLERANCE_MS:
            doubt = ClockDoubt(now.wall_ms - past_ms, "marca")
            return Judgement(now.setting_ms, False, doubt, past_ms, FOREVER_MS)
        return Judgement(now.setting_ms, False, None, now.wall_ms, now.wall_ms)

    def _by_sources(self, now: Instant) -> int | None:
        """By how much we are ahead of sources that agree with each other; None if they do not speak against us."""
        offsets: dict[tuple[str, str], int] = {}
        with_us = 0
        for (name, line), (setting_ms, seen_ms) in self._sources.items():
            if now.mono_ms - seen_ms > _FRESH_MS:
                continue
            offset = setting_ms - now.setting_ms
            if abs(offset) <= TOLERANCE_MS:
                with_us += 1
                continue
            key = (name, line if offset > 0 else "")
            offsets[key] = max(offset, offsets.get(key, offset))
        agreed = _largest_group(sorted(offsets.values()))
        return -round(median(agreed)) if len(agreed) >= max(2, with_us) else None


def _overlap(one: _Bounds, other: _Bounds) -> bool:
    return one.low_ms <= other.high_ms and other.low_ms <= one.high_ms


def _by_s3(now: Instant, true: _Bounds) -> Judgement:
    if not true.doubts(now.setting_ms):
        return Judgement(now.setting_ms, True, None, now.wall_ms, now.wall_ms, true)
    doubt = ClockDoubt(true.offset_of(now.setting_ms), "s3")
    return Judgement(now.setting_ms, True, doubt, true.low_ms + now.mono_ms, true.high_ms + now.mono_ms, true)


def _largest_group(offsets: list[int]) -> list[int]:
    """The most of these sorted offsets that lie within the tolerance of each other."""
    best: list[int] = []
    first = 0
    for end, offset in enumerate(offsets, 1):
        while offset - offsets[first] > TOLERANCE_MS:
            first += 1
        if end - first > len(best):
            best = offsets[first:end]
    return best
