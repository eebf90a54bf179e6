"""A line's counters as records: what shares a record, what is sent, what is stored with it, how far it is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_gateway.machines.counters import CounterBook, Observation, holds
from edge_gateway.machines.counting import Rule
from edge_gateway.machines.description import Counter, Line
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import Spool
from sicfar.counts.codes import Reason
from tests.support.reading import Reading

NOW = 1_773_573_301_250
HOUR_MS = 3_600_000
RULE = Rule(4_000, modulus=1 << 64, bits=64)


def line(*, includes: bool = True, rejects: bool = True, role: str = "contagem", place: str = "h100") -> Line[object]:
    return Line(
        line="SPEP-ENV-A",
        production=Counter(place, RULE),
        rejected=Counter("h102", RULE) if rejects else None,
        includes_rejected=includes,
        role=role,  # type: ignore[arg-type]
    )


def book(*lines: Line[object], positions: dict[str, bytes] | None = None) -> CounterBook:
    return CounterBook("clp", lines or (line(),), positions or {}, {})


def seen(production: int | None, rejected: int | None, at_ms: int = NOW) -> Observation:
    return Observation("SPEP-ENV-A", at_ms, production, rejected)


def take(counters: CounterBook, *observations: Observation) -> Reading:
    reading = Reading.of(counters.take(observations))
    reading.ack()
    return reading


def made(reading: Reading) -> list[tuple[int, int]]:
    return [(record.produced, record.rejected) for record in reading.records]


def test_p1_counting_all_or_only_good_units_makes_the_same_record() -> None:
    everything, good = book(line(includes=True)), book(line(includes=False))
    take(everything, seen(100, 5))
    take(good, seen(95, 5))
    assert made(take(everything, seen(110, 8))) == made(take(good, seen(102, 8))) == [(10, 3)]


def test_p1_a_held_reject_counter_does_not_hold_what_was_made() -> None:
    counters = book()
    take(counters, seen(100, 5))
    reading = take(counters, seen(103, 900_000))
    assert [(r.produced, r.rejected, r.flags) for r in reading.records] == [(3, 0, ()), (0, 899_995, ("implausivel",))]
    assert holds(reading.content)
    assert "contador de rejeição foi de 5 a 900000; 899995 retidos" in reading.notes[0]


def test_p1_increments_over_different_times_are_different_records() -> None:
    counters = book()
    take(counters, seen(100, 5))
    take(counters, seen(100, None, NOW + 60_000))
    reading = take(counters, seen(101, 6, NOW + 60_250))
    assert [(r.produced, r.rejected, r.since_ms) for r in reading.records] == [(1, 0, None), (0, 1, NOW)]


def test_p4_a_mark_goes_back_with_a_clock_that_was_ahead() -> None:
    counters = book()
    take(counters, seen(100, 5, NOW + HOUR_MS))
    reading = take(counters, seen(103, 5))
    assert [mark.until_ms for mark in reading.marks] == [NOW]
    assert made(reading) == [(3, 0)]
    assert made(take(counters, seen(104, 5, NOW + 250))) == [(1, 0)], "counted once"


def test_p4_a_bad_counter_keeps_the_mark_and_not_the_other_counter() -> None:
    counters = book()
    take(counters, seen(100, 5))
    reading = take(counters, seen(104, None, NOW + 250))
    assert made(reading) == [(4, 0)]
    assert [(mark.until_ms, mark.state) for mark in reading.marks] == [(NOW, "erro")]
    assert reading.trouble == "contador sem dado em SPEP-ENV-A"


def test_p8_more_than_a_record_can_carry_is_quarantined_as_read() -> None:
    counters = book()
    take(counters, seen(100, 5))
    reading = take(counters, seen(1 << 63, 5))
    assert reading.records == []
    (item,) = reading.unreadable
    assert item.reason == Reason.CONTAGEM_ABSURDA
    assert str((1 << 63) - 100).encode() in item.data


def test_p1_what_was_not_stored_comes_again_with_what_was_made_since() -> None:
    counters = book()
    take(counters, seen(100, 5))
    assert made(Reading.of(counters.take([seen(103, 5)]))) == [(3, 0)]
    assert made(Reading.of(counters.take([seen(107, 6, NOW + 250)]))) == [(7, 1)]


def test_p1_after_a_restart_counting_goes_on_from_the_stored_state() -> None:
    first = take(book(), seen(100, 5))
    stored = {key: value for key, value in first.position.items() if value is not None}
    reading = take(book(positions=stored), seen(140, 7, NOW + HOUR_MS))
    assert [(r.produced, r.rejected, r.since_ms) for r in reading.records] == [(40, 2, NOW)]


def test_a_counter_on_another_register_begins_with_a_new_baseline() -> None:
    first = take(book(), seen(100, 5))
    stored = {key: value for key, value in first.position.items() if value is not None}
    reading = take(book(line(place="h200"), positions=stored), seen(900_000, 5))
    assert made(reading) == [(0, 0)]
    assert reading.position["SPEP-ENV-A/production/h100"] is None


def test_the_time_of_a_still_counter_is_stored_every_ten_seconds_only() -> None:
    counters = book()
    take(counters, seen(100, 5))
    stored = [bool(take(counters, seen(100, 5, NOW + 250 * poll)).position) for poll in range(1, 100)]
    assert [poll for poll, written in enumerate(stored, 1) if written] == [40, 80]


def test_a_check_is_compared_and_never_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "farmace-spep", seal_records=10)
    for source, role, counts in (("clp", "contagem", (100, 140)), ("sensor", "conferencia", (0, 38))):
        counters = CounterBook(source, [line(role=role)], {}, {})
        for place, value in enumerate(counts):
            reading = Reading.of(counters.take([seen(value, 0, NOW + HOUR_MS * place // 60)]))
            spool.store(source, *reading.stored, NOW)
            reading.ack()
        assert bool(reading.marks) == (role == "contagem"), "a check says nothing about how far the line is known"
    assert spool.waiting()[0] == 2, "the baseline and the count of the one that counts"
    (pair,) = read_status(tmp_path).checks
    assert (pair.counted, pair.checked, pair.difference) == (40, 38, -2)
    assert (pair.counting_source, pair.checking_source) == ("clp", "sensor")


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10), st.booleans(), st.booleans(), st.booleans())),
    st.booleans(),
)
def test_p1_bad_readings_full_disks_and_restarts_lose_and_double_nothing(
    steps: list[tuple[int, int, bool, bool, bool]], includes: bool
) -> None:
    disk: dict[str, bytes] = {}
    counters = book(line(includes=includes))
    shown, scrapped, total = 1_000, 50, [0, 0]

    def store(reading: Reading) -> None:
        total[0] += sum(record.produced for record in reading.records)
        total[1] += sum(record.rejected for record in reading.records)
        disk.update({key: value for key, value in reading.position.items() if value is not None})
        reading.ack()

    store(Reading.of(counters.take([seen(shown, scrapped)])))
    at_ms = NOW
    for first, second, bad, full, restarted in [*steps, (0, 0, False, False, True)]:
        shown, scrapped, at_ms = shown + first, scrapped + second, at_ms + HOUR_MS
        reading = Reading.of(counters.take([seen(None if bad else shown, scrapped, at_ms)]))
        if not full:
            store(reading)
        if restarted:
            counters = book(line(includes=includes), positions=dict(disk))
    store(Reading.of(counters.take([seen(shown, scrapped, at_ms + HOUR_MS)])))
    expected = shown - 1_000 + (0 if includes else scrapped - 50)
    assert total == [expected, scrapped - 50]


@pytest.mark.parametrize("rejects", [True, False])
def test_a_line_without_a_reject_counter_is_known_by_its_production_alone(rejects: bool) -> None:
    counters = book(line(rejects=rejects))
    reading = take(counters, seen(100, None))
    assert bool(reading.trouble) == rejects
