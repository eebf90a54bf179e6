"""How fast the disk fills: live reading counts, a backlog does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_gateway.clock import Instant, Judgement, OwnClock
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import Spool
from sicfar.counts.record import Record
from tests.support.reading import Reading

NOW = 1_773_573_301_250
LINE = "SPEP-ENV-A"


class World:
    """A spool with the sign of life every ten seconds of its own time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spool = Spool(folder, "farmace-spep", seal_records=100_000)
        self.spool._db.execute("PRAGMA synchronous=OFF")
        self.at = NOW
        self.set_by_ms = 0

    @property
    def clock(self) -> Judgement:
        return OwnClock().judge(Instant(self.at + self.set_by_ms, self.at))

    def reads(self, records: int, *, more: bool = False, earlier: bool = False, source: str = "keyence") -> None:
        now_ms = self.at + self.set_by_ms
        made = [Record(now_ms, LINE, 1, 0)] * records
        self.spool.store(
            source,
            *Reading(records=[] if earlier else made, earlier=made if earlier else [], more=more).stored,
            now_ms,
            self.clock,
        )

    def passes(self, seconds: int) -> None:
        for _ in range(seconds // 10):
            self.at += 10_000
            self.spool.beat({}, self.at + self.set_by_ms, self.clock)

    def lives(self, seconds: int) -> None:
        """Ten records in ten seconds."""
        for _ in range(seconds // 10):
            self.reads(10)
            self.passes(10)

    def bytes_an_hour(self) -> float:
        status = read_status(self.folder)
        return 0.0 if status.hours_left is None else status.disk_usable_bytes / status.hours_left

    def again(self) -> None:
        self.spool.close()
        self.spool = Spool(self.folder, "farmace-spep", seal_records=100_000)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_p6_a_first_backlog_is_no_pace(world: World) -> None:
    world.reads(5_000, more=True)
    world.passes(10)
    world.reads(5_000, more=True)
    world.reads(3_000)
    world.passes(900)
    assert read_status(world.folder).hours_left is None
    world.lives(600)
    live = world.bytes_an_hour()
    assert 0 < live < 2 * 3_600 * 200, "a record a second of some 200 bytes, with nothing of the 13,000"


def test_p6_a_backlog_in_one_reading_after_a_restart_is_no_pace(world: World) -> None:
    world.lives(1_200)
    live = world.bytes_an_hour()
    world.again()
    world.reads(20_000)
    world.lives(600)
    assert world.bytes_an_hour() == pytest.approx(live, rel=0.1)


def test_p6_what_was_there_before_the_spool_is_no_pace(world: World) -> None:
    world.lives(1_200)
    live = world.bytes_an_hour()
    world.reads(20_000, earlier=True)
    world.lives(600)
    assert world.bytes_an_hour() == pytest.approx(live, rel=0.1)


def test_p6_one_source_s_backlog_hides_no_other_s_pace(world: World) -> None:
    for number in range(60):
        world.reads(1_000, more=number < 59, source="other")
        world.lives(10)
    one_alone = World(world.folder / "alone")
    one_alone.lives(600)
    assert world.bytes_an_hour() == pytest.approx(one_alone.bytes_an_hour(), rel=0.1)


def test_p6_the_pace_is_followed_while_nothing_can_be_sealed(world: World) -> None:
    world.lives(1_200)
    before = world.bytes_an_hour()
    for _ in range(180):
        world.reads(40)
        world.passes(10)
    assert 3 * before < world.bytes_an_hour() < 4 * before


def test_p6_a_night_without_records_still_has_its_hours(world: World) -> None:
    world.lives(600)
    before = world.bytes_an_hour()
    world.passes(12 * 3_600)
    assert 0 < world.bytes_an_hour() < before / 1_000


@pytest.mark.parametrize("by_s", [3_600, -3_600])
def test_p6_a_clock_that_is_set_leaves_the_pace_as_it_is(world: World, by_s: int) -> None:
    world.lives(600)
    before = world.bytes_an_hour()
    world.set_by_ms = by_s * 1_000
    world.lives(10)
    assert world.bytes_an_hour() == pytest.approx(before, rel=0.05)


def test_a_clock_set_back_that_nobody_judges_makes_no_pace(world: World) -> None:
    world.lives(600)
    before = world.bytes_an_hour()
    world.reads(10)
    world.spool.beat({}, world.at - 3_600_000)
    assert world.bytes_an_hour() == pytest.approx(before, rel=0.01)
