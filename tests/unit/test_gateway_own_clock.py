"""The judge of the gateway's own clock, against a simulation that knows the true time."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.clock import EARLIEST_MS, TOLERANCE_MS, Instant, Judgement, OwnClock, can_be_written, instant
from edge_gateway.spool.doubt import Span, from_json, judged, noted, to_json, without, worst
from sicfar.counts.batch import ClockDoubt

NOW = 1_800_000_000_250
MINUTE = 60_000
HOUR = 60 * MINUTE
BOOT = NOW - 17_123


@dataclass
class World:
    """A computer whose clock is `ahead_ms` of the true time; its monotonic clock runs `ppm` too fast."""

    true_ms: int = NOW
    ahead_ms: int = 0
    ppm: int = 0

    @property
    def now(self) -> Instant:
        elapsed = self.true_ms - BOOT
        return Instant(self.true_ms + self.ahead_ms, elapsed + elapsed * self.ppm // 1_000_000)

    def s3(self, clock: OwnClock, *, to_ms: int = 20, back_ms: int = 20) -> None:
        """One request: so long to S3, and so long back."""
        sent = self.now
        self.true_ms += to_ms
        date = formatdate(self.true_ms // 1000, usegmt=True)
        self.true_ms += back_ms
        clock.s3(date, sent, self.now)

    def machine(self, clock: OwnClock, name: str, line: str = "", *, late_ms: int = 0, ahead_ms: int = 0) -> None:
        """What a machine's clock shows; a record may be read so much later than it was made."""
        clock.source(name, line, self.true_ms + ahead_ms - late_ms, self.now)


def doubt(judgement: Judgement) -> tuple[str, int] | None:
    """The witness, and the offset in minutes."""
    found = judgement.doubt
    return None if found is None else (found.witness, round(found.offset_ms / MINUTE))


# -- S3 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead_min", [-525_600, -60, -2, 0, 2, 60, 525_600])
def test_p11_an_answer_of_s3_shows_by_how_much_the_clock_is_wrong(ahead_min: int) -> None:
    world, clock = World(ahead_ms=ahead_min * MINUTE), OwnClock()
    assert not clock.judge(world.now).witnessed
    world.s3(clock)
    judgement = clock.judge(world.now)
    assert judgement.witnessed
    assert doubt(judgement) == (("s3", ahead_min) if ahead_min else None)


def test_p11_a_clock_that_is_set_is_judged_by_what_s3_said_before() -> None:
    world, clock = World(), OwnClock()
    world.s3(clock)
    world.true_ms += 8 * HOUR  # no network any more
    world.ahead_ms = HOUR
    assert doubt(clock.judge(world.now)) == ("s3", 60)
    world.ahead_ms = 0
    assert clock.judge(world.now).doubt is None


def test_p11_what_was_read_before_the_clock_was_set_is_judged_too() -> None:
    world, clock = World(ahead_ms=HOUR), OwnClock()
    wrong = world.now.setting_ms
    world.true_ms += MINUTE
    world.ahead_ms = 0
    world.s3(clock)
    judgement = clock.judge(world.now)
    assert judgement.doubt is None
    told = judgement.of(wrong)
    assert told is not None
    assert (told.witness, round(told.offset_ms / MINUTE)) == ("s3", 60)
    assert judgement.of(world.now.setting_ms) is None


def test_a_slow_answer_says_less_than_a_quick_one_before_it() -> None:
    world, clock = World(ahead_ms=3 * MINUTE), OwnClock()
    world.s3(clock)
    world.s3(clock, to_ms=0, back_ms=10 * MINUTE)
    assert doubt(clock.judge(world.now)) == ("s3", 3)


@pytest.mark.parametrize("ppm", [-100, 100])
def test_p11_a_drifting_quartz_puts_no_right_clock_in_doubt_in_ten_days(ppm: int) -> None:
    world, clock = World(ppm=ppm), OwnClock()
    world.s3(clock)
    world.true_ms += 240 * HOUR
    assert clock.judge(world.now).doubt is None
    world.ahead_ms = HOUR
    assert doubt(clock.judge(world.now)) in (("s3", 59), ("s3", 60), ("s3", 61))


def test_p11_a_monotonic_clock_that_stood_still_is_put_right() -> None:
    world, clock = World(), OwnClock()
    world.s3(clock, to_ms=0, back_ms=0)
    still = world.now
    world.true_ms += 2 * HOUR  # the computer was suspended
    woken = Instant(world.now.wall_ms, still.mono_ms)
    assert doubt(clock.judge(woken)) == ("s3", 120), "nothing shows yet that it slept"
    clock.s3(formatdate(world.true_ms // 1000, usegmt=True), woken, Instant(woken.wall_ms, woken.mono_ms + 9_000))
    assert clock.judge(woken).doubt is None


@pytest.mark.parametrize("date", ["", "agora", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_none_says_nothing(date: str) -> None:
    world, clock = World(), OwnClock()
    clock.s3(date, world.now, world.now)
    assert not clock.witnessed


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 12 * HOUR)),
    st.tuples(st.just("set"), st.integers(-2 * HOUR, 2 * HOUR) | st.integers(-2 * MINUTE, 2 * MINUTE)),
    st.tuples(st.just("s3"), st.integers(0, 20_000), st.integers(0, 20_000)),
    st.tuples(st.just("machine"), st.sampled_from("AB"), st.integers(0, 2 * HOUR), st.integers(-HOUR, HOUR)),
)


@given(st.lists(STEPS, max_size=12), st.integers(-100, 100), st.integers(-HOUR, HOUR))
def test_p11_once_s3_answered_a_clock_is_believed_if_it_is_right(
    steps: list[tuple[object, ...]], ppm: int, ahead_ms: int
) -> None:
    world, clock = World(ppm=ppm, ahead_ms=ahead_ms), OwnClock()
    unsure_ms, answered_ms = 0, 0
    for name, *values in steps:
        if name == "wait":
            world.true_ms += values[0]  # type: ignore[operator]
        elif name == "set":
            world.ahead_ms = values[0]  # type: ignore[assignment]
        elif name == "s3":
            world.s3(clock, to_ms=values[0], back_ms=values[1])  # type: ignore[arg-type]
            # A first answer may be slow; whatever it leaves unsure, a later one leaves no more.
            unsure_ms, answered_ms = 1_000 + values[0] + values[1], world.true_ms  # type: ignore[operator]
        else:
            world.machine(clock, values[0], late_ms=values[1], ahead_ms=values[2])  # type: ignore[arg-type]
        judgement = clock.judge(world.now)
        if not judgement.witnessed:
            continue
        slack_ms = unsure_ms + (world.true_ms - answered_ms) // 1000 + 5
        if abs(world.ahead_ms) <= TOLERANCE_MS:
            assert judgement.doubt is None
        elif abs(world.ahead_ms) > TOLERANCE_MS + slack_ms:
            assert judgement.doubt is not None
            assert abs(judgement.doubt.offset_ms - world.ahead_ms) <= slack_ms
        if judgement.doubt is not None:
            assert judgement.doubt.witness == "s3"
            assert judgement.earliest_ms <= world.true_ms <= judgement.latest_ms


# -- without S3 --------------------------------------------------------------------------------------------------------


def test_p11_a_clock_behind_what_the_spool_has_seen_is_in_doubt() -> None:
    world = World(ahead_ms=-HOUR)
    clock = OwnClock()
    clock.has_passed(NOW - 5 * MINUTE, world.now)
    judgement = clock.judge(world.now)
    assert doubt(judgement) == ("marca", -55)
    world.true_ms += 10 * MINUTE
    assert doubt(clock.judge(world.now)) == ("marca", -55), "the time it had seen goes on"
    world.ahead_ms = 0
    assert clock.judge(world.now).doubt is None


def test_p11_a_clock_of_an_impossible_year_is_in_doubt_without_spool() -> None:
    at_2001 = Instant(978_307_200_000, 1_000)
    judgement = OwnClock().judge(at_2001)
    assert judgement.doubt == ClockDoubt(at_2001.wall_ms - EARLIEST_MS, "marca")
    assert can_be_written(at_2001.wall_ms)
    assert not can_be_written(0)
    assert not can_be_written(4_102_444_800_000)


def test_p11_offline_with_no_clock_beside_it_nothing_is_said() -> None:
    world = World(ahead_ms=-HOUR)
    clock = OwnClock()
    clock.has_passed(NOW - 2 * HOUR, world.now)
    judgement = clock.judge(world.now)
    assert judgement.doubt is None
    assert not judgement.witnessed


def test_p11_two_machines_that_agree_against_us_are_right() -> None:
    world, clock = World(ahead_ms=HOUR), OwnClock()
    world.machine(clock, "a")
    assert clock.judge(world.now).doubt is None, "one machine may be the one that is wrong"
    world.machine(clock, "b", ahead_ms=20_000)
    assert doubt(clock.judge(world.now)) == ("fontes", 60)
    world.ahead_ms = 0
    assert clock.judge(world.now).doubt is None, "ended by itself"


def test_p11_machines_that_are_wrong_each_in_its_own_way_prove_nothing() -> None:
    world, clock = World(), OwnClock()
    world.machine(clock, "a", ahead_ms=HOUR)
    world.machine(clock, "b", ahead_ms=3 * HOUR)
    world.machine(clock, "c", ahead_ms=-HOUR)
    assert clock.judge(world.now).doubt is None


def test_p11_two_wrong_machines_among_three_right_ones_prove_nothing() -> None:
    world, clock = World(), OwnClock()
    for name in ("a", "b"):
        world.machine(clock, name, ahead_ms=HOUR)
    for name in ("c", "d", "e"):
        world.machine(clock, name)
    assert clock.judge(world.now).doubt is None


def test_p2_the_lines_of_one_folder_delivered_late_are_one_witness() -> None:
    world, clock = World(), OwnClock()
    for line in ("A", "B", "C"):
        world.machine(clock, "keyence", line, late_ms=2 * HOUR)
    assert clock.judge(world.now).doubt is None
    world.ahead_ms = -HOUR  # nothing is delivered before it happens: our clock is behind
    for line in ("A", "B", "C"):
        world.machine(clock, "keyence", line)
    assert doubt(clock.judge(world.now)) == ("fontes", -60)


def test_a_machine_that_was_not_seen_for_long_is_no_witness_any_more() -> None:
    world, clock = World(ahead_ms=HOUR), OwnClock()
    world.machine(clock, "a")
    world.machine(clock, "b")
    world.true_ms += 11 * MINUTE
    assert clock.judge(world.now).doubt is None


def test_p11_the_first_answer_of_s3_overrules_the_machines() -> None:
    world, clock = World(), OwnClock()
    for name in ("a", "b"):
        world.machine(clock, name, ahead_ms=HOUR)
    assert doubt(clock.judge(world.now)) == ("fontes", -60)
    world.s3(clock)
    assert clock.judge(world.now).doubt is None


# -- what waits in the spool -------------------------------------------------------------------------------------------


def test_p11_a_piece_is_doubted_by_the_clock_it_was_read_by() -> None:
    world, clock = World(ahead_ms=HOUR), OwnClock()
    spans = noted((), 1, clock.judge(world.now), "p")
    assert noted(spans, 2, clock.judge(world.now), "p") is spans
    world.ahead_ms = 0
    spans = noted(spans, 3, clock.judge(world.now), "p")
    assert worst(judged(spans, clock.judge(world.now), "p"), 1, 3, clock.judge(world.now)) is None, "no witness yet"
    world.s3(clock)
    now = clock.judge(world.now)
    spans = judged(spans, now, "p")
    told = worst(spans, 1, 2, now)
    assert told is not None
    assert round(told.offset_ms / MINUTE) == 60
    assert worst(spans, 3, 9, now) is None
    world.ahead_ms = -HOUR
    assert worst(spans, 3, 9, clock.judge(world.now)) is not None, "sealed at a wrong time"
    assert without(spans, 1) == spans
    assert [span.piece for span in without(spans, 2)] == [3]


def test_p11_what_nobody_witnessed_before_a_reboot_is_in_doubt() -> None:
    before = noted((), 1, OwnClock().judge(World(ahead_ms=HOUR).now), "first")
    world, clock = World(), OwnClock()
    world.s3(clock)
    now = clock.judge(world.now)
    assert worst(judged(before, now, "second"), 1, 1, now) == ClockDoubt(0, "marca")
    same = noted((), 1, OwnClock().judge(World().now), "first")
    assert worst(judged(same, now, "second"), 1, 1, now) is None, "only the process was started again"


def test_p8_spans_that_the_disk_has_changed_leave_every_piece_unwitnessed() -> None:
    spans = (Span(1, "p", 5, witnessed=True, doubt=ClockDoubt(9, "s3")), Span(4, "p", 6, witnessed=False))
    assert from_json(to_json(spans)) == spans
    for text in ("", "[[1]]", "7", '[["x","p",5,true,null]]'):
        assert from_json(text) == (Span(0, "", 0, witnessed=False),)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), min_size=1, max_size=8),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_p11_a_batch_says_the_worst_clock_of_its_own_pieces(
    settings: list[tuple[int, int]], begin: int, length: int
) -> None:
    world, clock = World(), OwnClock()
    spans: tuple[Span, ...] = ()
    wrong: list[int] = []  # by piece, in minutes
    for ahead_min, pieces in settings:
        world.ahead_ms = 5 * ahead_min * MINUTE
        for _ in range(pieces):
            wrong.append(5 * ahead_min)
            spans = noted(spans, len(wrong), clock.judge(world.now), "p")
            world.true_ms += 1_000
    world.ahead_ms = 0
    world.s3(clock)
    now = clock.judge(world.now)
    first = min(begin + 1, len(wrong))
    last = min(first + length, len(wrong))
    told = worst(judged(spans, now, "p"), first, last, now)
    expected = max(abs(minutes) for minutes in wrong[first - 1 : last])
    assert round(abs(told.offset_ms) / MINUTE if told else 0) == expected


def test_p11_a_computer_that_slept_does_not_doubt_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    awake_s, slept_s = 1_000, 0

    def monotonic_ns() -> int:
        """That of Linux stands still in sleep."""
        return (awake_s + (0 if sys.platform == "linux" else slept_s)) * 1_000_000_000

    monkeypatch.setattr(time, "monotonic_ns", monotonic_ns)
    monkeypatch.setattr(time, "clock_gettime_ns", lambda _: (awake_s + slept_s) * 1_000_000_000, raising=False)
    monkeypatch.setattr("edge_gateway.clock.now_ms", lambda: NOW + slept_s * 1_000)
    clock = OwnClock()
    clock.s3(formatdate(NOW // 1000, usegmt=True), instant(), instant())
    slept_s = 8 * 3_600
    assert clock.judge(instant()).witnessed
    assert clock.judge(instant()).doubt is None
