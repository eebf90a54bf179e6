"""Running counters: golden cases from the plant and from published designs, and a machine as the oracle."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_gateway.machines.counting import Increment, Rule, State, advance
from sicfar.counts.codes import Flag

POLL_MS = 250
HOUR_MS = 3_600_000
LINE = Rule(max_per_hour=4_000)


def play(rule: Rule, readings: Iterable[tuple[int, int | None]]) -> list[Increment | None]:
    """What each reading (instant, value) brings, the state going to disk and back after every one."""
    state: State | None = None
    out = []
    for at_ms, value in readings:
        state, increment = advance(rule, state, value, at_ms)
        state = None if state is None else State.from_json(state.to_json())
        out.append(increment)
    return out


def polled(*values: int | None) -> list[tuple[int, int | None]]:
    return [(number * POLL_MS, value) for number, value in enumerate(values)]


def amounts(increments: Iterable[Increment | None]) -> list[int]:
    return [increment.amount for increment in increments if increment is not None and not increment.held]


def test_p1_lot_25f0226a_is_2215_cycles_and_the_next_counts_from_zero() -> None:
    # The plant's sheet of 6 June 2025: 2,211 → 4,426 until 11:17, then 0 → 2,200 from 12:47; times 8 units a cycle.
    rule = Rule(max_per_hour=4_000 // 8, burst=11)
    start, first_end, second_start, end = (round(hour * HOUR_MS) for hour in (6, 11 + 17 / 60, 12 + 47 / 60, 18))
    first = [(start + (first_end - start) * n // 2215, 2_211 + n) for n in range(2_216)]
    pause = [(at, 4_426) for at in range(first_end + POLL_MS, second_start, 60_000)]
    second = [(second_start + (end - second_start) * n // 2200, n) for n in range(2_201)]
    rule = dataclasses.replace(rule, gap_ms=120_000)
    counted = play(rule, [*first, *pause, *second])
    made = amounts(counted)
    assert sum(made[: 1 + 2_215]) == 2_215
    assert sum(made[: 1 + 2_215]) * 8 == 17_720
    assert sum(made[1 + 2_215 :]) == 2_200
    assert not [increment for increment in counted if increment and increment.held]


def test_p1_read_only_before_and_after_the_lot_is_the_same_2215_cycles() -> None:
    rule = Rule(max_per_hour=500)
    begin, end = 6 * HOUR_MS, round((11 + 17 / 60) * HOUR_MS)
    assert play(rule, [(begin, 2_211), (end, 4_426)])[1] == Increment(2_215, since_ms=begin)


def test_p1_an_implausible_hand_count_of_28900_is_held_not_dropped() -> None:
    end = round(5.97 * HOUR_MS)
    assert play(LINE, [(0, 0), (end, 28_900)])[1] == Increment(28_900, since_ms=0, flags=(Flag.IMPLAUSIBLE,))
    # With a fifth of margin it is still more than the line can make.
    assert play(Rule(max_per_hour=4_800), [(0, 0), (end, 28_900)])[1] == Increment(28_900, 0, (Flag.IMPLAUSIBLE,))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((1000, 0, 1002), 2, id="a zero glitch counts what was made meanwhile"),
        pytest.param((1000, 0, 0, 0, 1002), 2, id="however many polls it lasts"),
        pytest.param((1000, 0, 1000, 1001), 1, id="a glitch on a standing machine counts nothing"),
        pytest.param((1000, 0, 10), 10, id="a reset counts from zero"),
        pytest.param((1000, 0, 0, 1, 3), 3, id="a reset seen at work"),
        pytest.param((1000, 1001, 1001, 1004), 4, id="growth"),
        pytest.param((1000, None, 1002), 2, id="a bad reading is no data, not zero"),
        pytest.param((None, None, 7), 0, id="the first value ever is a baseline"),
        pytest.param((0, 3), 3, id="from a baseline of zero"),
        pytest.param((5, 2), 2, id="a small fall can be a reset between two polls"),
        pytest.param((1000, 900_000, 1002, 1003), 3, id="back from a garbled value"),
        pytest.param((131_071, 65_536, 131_073), 2, id="back from a torn value: the low word had wrapped already"),
        pytest.param((1000, 0, 900_000, 1003), 3, id="two faults in a row, then back"),
    ],
)
def test_p1_what_is_counted(values: tuple[int | None, ...], expected: int) -> None:
    assert sum(amounts(play(LINE, polled(*values)))) == expected


def test_the_flags_say_what_was_concluded() -> None:
    assert play(LINE, polled(1000))[0] == Increment(0, flags=(Flag.BASELINE,))
    assert play(LINE, polled(1000, 0, 10))[2] == Increment(10, flags=(Flag.RESET,))
    assert play(LINE, polled(1000, 0, 1002))[2] == Increment(2, flags=(Flag.RETURNED,))
    assert play(LINE, polled(5, 2))[1] == Increment(2, flags=(Flag.RESET, Flag.FALL))
    assert play(LINE, polled(5000, 4998))[1] == Increment(4_998, flags=(Flag.IMPLAUSIBLE, Flag.FALL))
    assert play(LINE, polled(1000, 900_000))[1] == Increment(899_000, flags=(Flag.IMPLAUSIBLE,))
    assert play(Rule(4_000, modulus=65_536), polled(65_530, 4))[1] == Increment(10, flags=(Flag.WRAP,))
    assert play(Rule(4_000, modulus=65_536), polled(65_530, 0, 1))[2] == Increment(7, flags=(Flag.WRAP,))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((999_990, 0), [], id="a wrap or a glitch: nothing yet"),
        pytest.param((999_990, 0, 0, 0), [], id="nor while it stands there"),
        pytest.param((999_990, 0, 999_990), [], id="a glitch on a standing machine"),
        pytest.param((999_990, 0, 0, 999_990, 999_992), [2], id="a glitch, then growth"),
        pytest.param((999_990, 0, 999_993), [3], id="a glitch while it counted"),
        pytest.param((999_990, None, 0, None, 999_990), [], id="amid readings without data"),
        pytest.param((999_990, 0, 3), [13], id="a wrap"),
        pytest.param((999_990, 0, 10, 15), [20, 5], id="a wrap, by as much as may appear at each reading"),
        pytest.param((999_989, 0, 3), [3], id="one count too many for a wrap: a restart"),
        pytest.param((999_995, 0, 0, 5), [10], id="a wrap that stood at zero"),
        pytest.param((999_995, 500_000, 0, 999_996), [1], id="a garbled value, a zero, then back"),
        pytest.param((999_995, 500_000, 0, 4), [9], id="a garbled value, then a wrap"),
    ],
)
def test_p1_a_zero_near_the_modulus_waits_for_the_next_reading(
    values: tuple[int | None, ...], expected: list[int]
) -> None:
    counted = play(Rule(4_000, modulus=1_000_000), polled(*values))
    assert [amount for amount in amounts(counted) if amount] == expected


def test_p1_a_jump_from_the_zero_of_a_wrap_is_held_with_what_led_to_it() -> None:
    counted = play(Rule(4_000, modulus=1_000_000), polled(999_990, 0, 700_000, 700_001))
    assert counted[2] == Increment(700_010, flags=(Flag.IMPLAUSIBLE,))
    assert counted[3] == Increment(1)


def test_p1_a_wrap_to_a_zero_that_stood_for_hours_says_since_when() -> None:
    rule = Rule(4_000, modulus=1_000_000)
    readings = [(0, 999_990), *((250 + 60_000 * minute, 0) for minute in range(120)), (2 * HOUR_MS, 2)]
    assert play(rule, readings)[-1] == Increment(12, since_ms=0, flags=(Flag.WRAP,))


def test_p1_a_zero_no_wrap_explained_when_it_came_stays_a_restart() -> None:
    rule = Rule(4_000, modulus=1_000_000)
    readings = [(0, 990_000), *((250 + 60_000 * minute, 0) for minute in range(300)), (5 * HOUR_MS, 2)]
    assert play(rule, readings)[-1] == Increment(2, since_ms=readings[-2][0], flags=(Flag.RESET,))


def test_p1_a_state_stored_before_wraps_were_kept_in_doubt_is_read() -> None:
    assert State.from_json('{"raw":0,"at_ms":250,"before":7,"before_at_ms":0}') == State(0, 250, 7, 0, wrap=False)


def test_a_held_jump_is_the_new_baseline_once_the_counter_goes_on_from_it() -> None:
    counted = play(LINE, polled(1000, 9_000, 9_001, 1002))
    assert counted[1] == Increment(8_000, flags=(Flag.IMPLAUSIBLE,))
    assert counted[2] == Increment(1)
    assert counted[3] == Increment(1_002, flags=(Flag.IMPLAUSIBLE, Flag.FALL))


@pytest.mark.parametrize("modulus", [10_000, 1_000_000, 65_536, 1 << 31, 1 << 32, 1 << 64])
def test_p1_a_counter_wraps_at_its_own_modulus(modulus: int) -> None:
    rule = Rule(4_000, modulus=modulus, bits=64)
    assert play(rule, polled(modulus - 3, 5))[1] == Increment(8, flags=(Flag.WRAP,))


def test_p1_a_signed_counter_is_read_as_the_unsigned_one_it_stands_for() -> None:
    rule = Rule(4_000, modulus=1 << 32)
    assert amounts(play(rule, polled((1 << 31) - 2, -(1 << 31) + 1, -1, 2))) == [0, 3, 3]  # past 2³¹, a jump, its wrap
    assert amounts(play(rule, polled(-2, -1, 0, 1))) == [0, 1, 2]
    assert amounts(play(Rule(4_000, modulus=65_536, bits=16), polled(-2, 1))) == [0, 3]


def test_p1_across_a_gap_the_delta_counts_from_the_last_good_reading() -> None:
    counted = play(LINE, [(0, 100), (250, 101), (500, None), (60_000, None), (HOUR_MS, 3_000)])
    assert counted[-1] == Increment(2_899, since_ms=250)


def test_p1_a_reset_in_a_gap_counts_what_the_counter_shows() -> None:
    assert play(LINE, [(0, 4_426), (HOUR_MS, 2_200)])[1] == Increment(2_200, since_ms=0, flags=(Flag.RESET, Flag.FALL))


def test_p1_a_gap_in_which_a_small_counter_may_have_gone_round_is_held() -> None:
    rule = Rule(20_000, modulus=10_000)
    assert play(rule, [(0, 5_000), (HOUR_MS, 6_000)])[1] == Increment(1_000, 0, (Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))


def test_p1_after_a_zero_and_a_gap_with_two_stories_a_person_decides() -> None:
    counted = play(LINE, [(0, 1_000), (250, 0), (HOUR_MS, 1_002)])
    assert counted[2] == Increment(1_002, since_ms=0, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))


def test_a_clock_set_back_takes_no_count_away() -> None:
    assert amounts(play(LINE, [(HOUR_MS, 100), (HOUR_MS + 250, 101), (0, 103), (250, 104)])) == [0, 1, 2, 1]


def test_what_a_machine_can_make_is_whole_counts_and_nothing_in_no_time() -> None:
    assert LINE.allowance(450) == LINE.burst
    assert LINE.allowance(900) == LINE.burst + 1
    a_thousand_a_second = Rule(max_per_hour=3_600_000)
    assert [a_thousand_a_second.allowance(ms) for ms in (-5, 0, 1)] == [10, 10, 11]


def test_p1_what_the_machine_can_just_have_made_counts_one_more_is_held() -> None:
    most = LINE.allowance(HOUR_MS)
    for begin in (0, 50_000):
        assert play(LINE, [(0, begin), (HOUR_MS, begin + most)])[1] == Increment(most, since_ms=0)
        jump = Increment(most + 1, since_ms=0, flags=(Flag.IMPLAUSIBLE,))
        assert play(LINE, [(0, begin), (HOUR_MS, begin + most + 1)])[1] == jump
    assert play(LINE, [(0, 50_000), (HOUR_MS, most)])[1] == Increment(most, 0, (Flag.RESET, Flag.FALL))
    assert play(LINE, [(0, 50_000), (HOUR_MS, most + 1)])[1] == Increment(most + 1, 0, (Flag.IMPLAUSIBLE, Flag.FALL))


def test_p1_a_gap_begins_beyond_its_length() -> None:
    assert play(LINE, [(0, 100), (LINE.gap_ms, 101)])[1] == Increment(1)
    assert play(LINE, [(HOUR_MS, 100), (HOUR_MS + 1, 101)])[1] == Increment(1)
    assert play(LINE, [(0, 100), (LINE.gap_ms + 1, 101)])[1] == Increment(1, since_ms=0)


def test_p1_a_gap_long_enough_for_a_whole_modulus_is_held() -> None:
    def after_an_hour(modulus: int, begin: int, end: int) -> Increment | None:
        return play(Rule(4_000, modulus=modulus), [(0, begin), (HOUR_MS, end)])[1]

    assert after_an_hour(4_010, 3, 5) == Increment(2, 0, (Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))
    assert after_an_hour(4_011, 3, 5) == Increment(2, 0)
    assert after_an_hour(4_010, 5, 3) == Increment(4_008, 0, (Flag.WRAP, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))


def test_p1_no_wrap_is_taken_from_a_value_the_counter_cannot_show() -> None:
    rule = Rule(4_000, modulus=10_000)
    assert play(rule, polled(9_999, 2))[1] == Increment(3, flags=(Flag.WRAP,))
    assert play(rule, polled(10_000, 5))[1] == Increment(5, flags=(Flag.RESET, Flag.FALL))


def test_only_a_negative_value_is_read_as_another() -> None:
    assert [Rule(1, bits=16).unsigned(value) for value in (-1, 0, 65_535, 70_000)] == [65_535, 0, 65_535, 70_000]


def test_p1_after_a_zero_and_a_gap_what_only_a_restart_explains_is_counted() -> None:
    assert play(LINE, [(0, 9_000), (250, 0), (HOUR_MS, 10)])[2] == Increment(10, since_ms=250, flags=(Flag.RESET,))


def test_p1_a_small_count_after_a_zero_may_be_a_reset_a_person_decides() -> None:
    most = LINE.allowance(250)
    assert play(LINE, polled(4, 0, 6))[2] == Increment(6, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))
    assert play(LINE, polled(4, 0, 4))[2] is None
    assert play(LINE, polled(4, 0, 4, 5))[3] == Increment(1)
    assert play(LINE, polled(most - 1, 0, most))[2] == Increment(
        most, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS)
    )
    assert play(LINE, polled(most, 0, most + 1))[2] == Increment(1, flags=(Flag.RETURNED,))


def test_p1_a_counters_new_start_is_judged_by_the_time_since_its_zero() -> None:
    noon = 1_764_158_400_000  # 26 November 2025
    assert play(LINE, [(noon, 1_000), (noon + 250, 0), (noon + 500, 1_002)])[2] == Increment(2, flags=(Flag.RETURNED,))
    anew = Increment(6, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))
    assert play(LINE, [(noon, 4), (noon + 250, 0), (noon + 500, 6)])[2] == anew


def test_p1_after_garbage_and_a_gap_the_counter_goes_on_where_it_was() -> None:
    counted = play(LINE, [(0, 1_000), (250, 900_000), (HOUR_MS, 1_002)])
    assert counted[2] == Increment(2, since_ms=0, flags=(Flag.RETURNED,))


def test_p1_the_last_value_after_a_zero_and_a_gap_has_two_stories() -> None:
    counted = play(LINE, [(0, 1_000), (250, 0), (HOUR_MS, 1_000)])
    assert counted[2] == Increment(1_000, since_ms=0, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))
    # As much as can just have been made since the zero; of one more only the standstill is true, and it made nothing.
    most = LINE.allowance(HOUR_MS - 250)
    held = Increment(most, since_ms=0, flags=(Flag.RETURNED, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))
    assert play(LINE, [(0, most), (250, 0), (HOUR_MS, most)])[2] == held
    assert play(LINE, [(0, most + 1), (250, 0), (HOUR_MS, most + 1)])[2] is None


TWELVE_HOURS_MS = 12 * HOUR_MS
HELD_FALL = (Flag.FALL, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS)


def test_p1_a_small_fall_after_a_power_cut_is_a_reset_or_a_restored_memory() -> None:
    rule = Rule(750, modulus=1 << 32)
    counted = play(rule, [(0, 7_000), (TWELVE_HOURS_MS, 6_990), (TWELVE_HOURS_MS + HOUR_MS, 7_400)])
    assert counted[1] == Increment(6_990, since_ms=0, flags=HELD_FALL)
    # Either way the machine went on from 6,990.
    assert counted[2] == Increment(410, since_ms=TWELVE_HOURS_MS)


def test_p1_a_restored_memory_too_high_for_a_reset_goes_on_from_there() -> None:
    counted = play(LINE, [(0, 5_000), (60_000, 4_990), (HOUR_MS, 5_600)])
    assert counted[1] == Increment(4_990, since_ms=0, flags=(Flag.IMPLAUSIBLE, Flag.FALL))
    assert counted[2] == Increment(610, since_ms=60_000)


def test_p1_a_restored_memory_after_zeros_at_the_start_is_held() -> None:
    counted = play(Rule(750), [(0, 7_000), (250, 0), (TWELVE_HOURS_MS, 6_990)])
    assert counted[2] == Increment(6_990, since_ms=250, flags=(Flag.RESET, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))


def test_p1_a_restored_memory_or_a_whole_turn_of_the_counter_is_held() -> None:
    counted = play(Rule(4_000, modulus=10_000), [(0, 7_000), (2.495 * HOUR_MS, 6_970)])  # type: ignore[list-item]
    assert counted[1] == Increment(9_970, since_ms=0, flags=(Flag.WRAP, Flag.IMPLAUSIBLE, Flag.AMBIGUOUS))


def test_p1_a_reset_at_a_lot_change_counts_as_before() -> None:
    rule = Rule(24_000, modulus=1 << 32, burst=77)
    assert amounts(play(rule, polled(4_426, 0, 12, 15))) == [0, 12, 3]
    assert amounts(play(rule, [(0, 4_426), (3_000, 0), (6_000, 12)])) == [0, 12]
    assert amounts(play(LINE, [(0, 4_426), (HOUR_MS, 12)])) == [0, 12]
    assert amounts(play(LINE, polled(5, 2))) == [0, 2]


def test_p1_how_little_a_memory_may_lack_and_how_soon_it_may_be_back() -> None:
    most = LINE.allowance(600_000)
    held = Increment(3_000, since_ms=0, flags=HELD_FALL)
    reset = Increment(3_000, since_ms=0, flags=(Flag.RESET, Flag.FALL))
    assert play(LINE, [(0, 3_000 + most), (HOUR_MS, 3_000)])[1] == held
    assert play(LINE, [(0, 3_001 + most), (HOUR_MS, 3_000)])[1] == reset
    assert play(LINE, [(0, 8), (5_000, 6)])[1] == Increment(6, since_ms=0, flags=(Flag.RESET, Flag.FALL))
    assert play(LINE, [(0, 8), (5_001, 6)])[1] == Increment(6, since_ms=0, flags=HELD_FALL)


def test_growth_after_a_fall_in_doubt_is_no_second_doubt() -> None:
    assert play(LINE, [(0, 5_000), (250, 4_998), (60_000, 4_999)])[2] == Increment(1, since_ms=250)


@dataclass
class Machine:
    """The oracle: a machine that knows what it made and a display that shows it, with faults that are told apart.

    It shares nothing with the rules but their limits: what it makes in a step is what a machine of its speed can.
    """

    rule: Rule
    shown: int
    at_ms: int = 0
    made: int = 0
    garbage: int = 0

    def __post_init__(self) -> None:
        self.readings: list[tuple[int, int | None]] = [(0, self.shown)]

    def read(self, value: int | None, after_ms: int = POLL_MS) -> None:
        self.at_ms += after_ms
        self.readings.append((self.at_ms, value))

    def run(self, count: int, after_ms: int = POLL_MS) -> None:
        self.made += count
        self.shown = (self.shown + count) % (self.rule.modulus or 1 << 63)
        self.read(self.shown, after_ms)

    def glitch(self, polls: int, meanwhile: int) -> None:
        if self.shown < 100:
            return  # too near zero to be told from a wrap or a restart
        for _ in range(polls):
            self.read(0)
        self.run(meanwhile)

    def restart(self, first: int) -> None:
        if self.shown < 100 or self.shown > (self.rule.modulus or 1 << 63) - 100:
            return
        self.shown = 0
        self.read(0)
        self.run(first)

    def garble(self, value: int, meanwhile: int) -> None:
        if abs(value - self.shown) < 1_000 or self.shown < 1_000:
            return
        self.garbage += value - self.shown if value > self.shown else value
        self.read(value)
        self.run(meanwhile)

    def power_cut(self, lost: int, away_ms: int, meanwhile: int) -> None:
        """The controller goes on from a backup: what it lost was counted, and nobody can tell it from a reset."""
        if lost > self.shown - 100:
            return
        self.shown -= lost
        self.garbage += self.shown
        self.read(self.shown, away_ms)
        self.run(meanwhile)


MADE = st.integers(0, 10)
STEPS = st.one_of(
    st.tuples(st.just("run"), MADE),
    st.tuples(st.just("run"), st.integers(0, 4_000), st.just(HOUR_MS)),
    st.tuples(st.just("read"), st.none(), st.integers(1, HOUR_MS)),
    st.tuples(st.just("glitch"), st.integers(1, 4), MADE),
    # Seen at work after a restart: a zero, then a gap, is a case of its own (above) that a person decides.
    st.tuples(st.just("restart"), st.integers(1, 10)),
    st.tuples(st.just("garble"), st.integers(20_000, 999_000), MADE),
    st.tuples(st.just("power_cut"), st.integers(1, 600), st.integers(10_000, 12 * HOUR_MS), MADE),
)


@example(start=999_990, modulus=1_000_000, steps=[("glitch", 1, 0)])
@example(start=999_990, modulus=1_000_000, steps=[("run", 10), ("run", 10)])
@example(start=999_995, modulus=1_000_000, steps=[("glitch", 4, 10)])
@given(
    start=st.one_of(st.integers(0, 999_999), st.integers(999_980, 999_999)),
    modulus=st.sampled_from([None, 1_000_000, 1 << 32]),
    steps=st.lists(STEPS, max_size=30),
)
def test_p1_whatever_a_display_does_increments_are_what_was_made(
    start: int, modulus: int | None, steps: list[tuple[object, ...]]
) -> None:
    machine = Machine(Rule(4_000, modulus=modulus), start)
    for name, *arguments in steps:
        getattr(machine, str(name))(*arguments)
    if machine.shown == 0:
        machine.run(1)  # a zero that is seen last waits for the reading after it
    counted = [increment for increment in play(machine.rule, machine.readings) if increment is not None]
    assert sum(increment.amount for increment in counted if not increment.held) == machine.made
    assert sum(increment.amount for increment in counted if increment.held) == machine.garbage


@given(st.lists(st.tuples(st.integers(0, HOUR_MS), st.one_of(st.none(), st.integers(-(1 << 31), (1 << 32) - 1)))))
def test_no_readings_give_a_negative_count_or_a_span_ending_too_early(
    steps: list[tuple[int, int | None]],
) -> None:
    at_ms = 0
    readings = []
    for after_ms, value in steps:
        at_ms += after_ms
        readings.append((at_ms, value))
    for (seen_ms, _), increment in zip(readings, play(Rule(20_000, modulus=1 << 32), readings), strict=True):
        if increment is not None:
            assert increment.amount > 0 or increment.flags == (Flag.BASELINE,)
            assert increment.since_ms is None or increment.since_ms < seen_ms


@given(
    st.lists(st.tuples(st.integers(1, HOUR_MS), st.sampled_from([None, 0, 10, 999, 1_000, 1_002, 3_000, 900_000]))),
    st.integers(0, 2_000_000_000_000),
)
def test_p1_when_it_happened_does_not_matter_only_how_long_after(
    steps: list[tuple[int, int | None]], later_ms: int
) -> None:
    at_ms = 0
    readings = []
    for after_ms, value in steps:
        at_ms += after_ms
        readings.append((at_ms, value))
    rule = Rule(4_000, modulus=10_000)
    told = play(rule, readings)
    later = play(rule, [(at_ms + later_ms, value) for at_ms, value in readings])
    assert later == [
        one if one is None or one.since_ms is None else one._replace(since_ms=one.since_ms + later_ms) for one in told
    ]
