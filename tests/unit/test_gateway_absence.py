"""Absence says nothing by itself: an empty or foreign folder forgets nothing, moves no mark, counts nothing again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from edge_gateway.config import FolderConfig
from edge_gateway.folders import polling
from edge_gateway.folders.follower import Follower
from edge_gateway.folders.identity import Stream
from edge_gateway.folders.listing import NEWEST, ROUND_S, Listing
from edge_gateway.folders.names import fits
from edge_gateway.folders.source import SURVEYED, FolderSource
from edge_gateway.source import SourceError
from sicfar.instants import parse_instant
from tests.support.reading import Reading

NOW = parse_instant("2026-03-15T08:15:10.000-03:00")
DAY_S = 24 * 3600


def line(number: int) -> bytes:
    return f"2026-03-15T08:15:{number // 1000:02}.{number % 1000:03}-03:00,SPEP-ENV-A,1,0\n".encode()


class Plant:
    """A folder as a share is mounted: `path` is the mount point, which shows another folder, or none, at any time."""

    def __init__(self, root: Path) -> None:
        self.share = root / "share"
        self.share.mkdir()
        self.path = root / "mount"
        self.mount(self.share)

    def mount(self, folder: Path) -> None:
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(folder)


class Gateway:
    """A source with an event rhythm, its clocks and what a spool would hold of it."""

    def __init__(self, folder: Path, *, surveyed: bool = True) -> None:
        self.config = FolderConfig(None, str(folder), rhythm="event", event_delay_s=1, aliases={"1": "SPEP-ENV-A"})
        self.elapsed_s = 0.0
        self.saved: dict[str, bytes] = {SURVEYED: b""} if surveyed else {}
        self.marks: dict[str, int] = {}
        self.counted = 0
        self.restart()

    def restart(self) -> None:
        self.source = FolderSource(
            self.config,
            self.saved,
            self.marks,
            wall_ms=lambda: NOW + round(self.elapsed_s * 1000),
            monotonic=lambda: self.elapsed_s,
        )
        asyncio.run(self.source.connect())

    def read(self, tick_s: float = 0.25) -> Reading:
        self.elapsed_s += tick_s
        reading = Reading.of(self.source.read_now())
        for key, value in reading.position.items():
            self.saved.pop(key, None)
            if value is not None:
                self.saved[key] = value
        self.counted += len(reading.records)
        self.marks |= {mark.line: mark.until_ms for mark in reading.marks}
        reading.ack()
        return reading

    def wait(self, seconds: float, tick_s: float = 2.0) -> Reading:
        for _ in range(int(seconds / tick_s)):
            reading = self.read(tick_s)
        return reading

    def refused(self, tick_s: float = 0.25) -> str:
        before = dict(self.saved), dict(self.marks), self.counted
        with pytest.raises(SourceError) as caught:
            self.read(tick_s)
        assert (self.saved, self.marks, self.counted) == before
        return str(caught.value)

    def streams(self) -> list[Stream]:
        return [Stream.from_bytes(raw) for key, raw in self.saved.items() if key != SURVEYED]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return Plant(tmp_path)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder on another device."""
    folder = Path("/dev/shm") / f"{tmp_path.parent.name}-{tmp_path.name}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no second device")
    if folder.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second device")
    return folder


def fill(folder: Path, count: int = 3) -> None:
    for number in range(count):
        (folder / f"{number}.txt").write_bytes(line(number))


def age(gateway: Gateway, seconds: float) -> None:
    """As if no file had changed for so long, and the gateway had been off."""
    for key, raw in list(gateway.saved.items()):
        if key != SURVEYED:
            values = json.loads(raw)
            gateway.saved[key] = json.dumps(values | {"seen_ms": int(values["seen_ms"] - seconds * 1000)}).encode()
    gateway.restart()


def test_p1_an_empty_mount_point_is_an_error_and_forgets_nothing(plant: Plant, tmp_path: Path) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share, 500)
    gateway.read()
    assert gateway.counted == 500
    age(gateway, 40 * DAY_S)
    empty = tmp_path / "empty"
    empty.mkdir()
    plant.mount(empty)
    assert "sem nenhum arquivo *.txt, e 500 já foram lidos" in gateway.refused()
    for _ in range(100):
        gateway.refused(60.0)
    (empty / "leia-me.pdf").write_bytes(b"x")
    gateway.refused()
    plant.mount(plant.share)
    gateway.wait(90)
    assert gateway.counted == 500
    assert len(gateway.streams()) == 500


def test_p10_a_folder_emptied_on_purpose_goes_on_with_its_next_file(plant: Plant) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share)
    gateway.wait(10)
    for path in plant.share.iterdir():
        path.unlink()
    assert "esvaziada de propósito" in gateway.refused()
    (plant.share / "novo.txt").touch()  # as the message says: for the marks
    gateway.wait(10)
    assert gateway.marks["SPEP-ENV-A"] > NOW
    (plant.share / "novo.txt").write_bytes(line(9))
    gateway.wait(4)
    assert gateway.counted == 4


def test_p1_a_logger_may_delete_all_and_begin_one_new_file(plant: Plant) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share)
    gateway.wait(10)
    for path in plant.share.iterdir():
        path.unlink()
    (plant.share / "novo.txt").write_bytes(line(9))
    assert not gateway.wait(4).trouble
    assert gateway.counted == 4


def test_p1_a_part_of_the_files_tells_that_the_folder_is_the_same(plant: Plant, elsewhere: Path) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share)
    gateway.wait(10)
    try:
        shutil.copyfile(plant.share / "1.txt", elsewhere / "renamed.txt")
        plant.mount(elsewhere)
        gateway.restart()
        assert not gateway.wait(4).trouble
        shutil.copyfile(plant.share / "0.txt", elsewhere / "0.txt")
        with (elsewhere / "0.txt").open("ab") as handle:
            handle.write(line(8))
        (elsewhere / "novo.txt").write_bytes(line(9))
        gateway.wait(4)
        assert gateway.counted == 5
    finally:
        shutil.rmtree(elsewhere)


def test_p1_another_volume_is_foreign_until_a_writer_is_seen_in_it(plant: Plant, elsewhere: Path) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share)
    gateway.wait(10)
    try:
        (elsewhere / "of-another-sensor.txt").write_bytes(line(100))
        plant.mount(elsewhere)
        assert "é outro volume, sem nenhum dos 3 arquivos já lidos" in gateway.refused()
        gateway.refused(60.0)
        (elsewhere / "empty.txt").touch()
        (elsewhere / "garbage.txt").write_bytes(b"x\n")
        gateway.refused(60.0)
        plant.mount(plant.share)
        gateway.wait(4)
        assert gateway.counted == 3
        plant.mount(elsewhere)
        gateway.refused()
        (elsewhere / "novo.txt").write_bytes(line(9))  # the logger of a server that was replaced
        gateway.wait(4)
        assert gateway.counted == 5
    finally:
        shutil.rmtree(elsewhere)


def test_p1_nothing_is_surveyed_and_no_mark_moves_before_the_first_file(plant: Plant) -> None:
    gateway = Gateway(plant.path, surveyed=False)
    (plant.share / "OUTPUT.CSV").write_bytes(line(1))
    reading = gateway.wait(10)
    assert "nenhum arquivo *.txt em" in reading.trouble
    assert "OUTPUT.CSV" in reading.trouble
    assert not gateway.marks
    assert not gateway.saved
    fill(plant.share)
    reading = gateway.read()
    assert (len(reading.earlier), reading.trouble) == (3, "")
    assert SURVEYED in gateway.saved


@pytest.mark.parametrize(("name", "pattern"), [("OUTPUT.TXT", "*.txt"), ("a.TxT", "A.*"), ("log[1].csv", "LOG*.CSV")])
def test_p1_names_fit_in_any_case(plant: Plant, name: str, pattern: str) -> None:
    assert fits(name, pattern)
    assert not fits(name, "*.log")
    gateway = Gateway(plant.path)
    (plant.share / "OUTPUT.TXT").write_bytes(line(1))
    gateway.read()
    assert gateway.counted == 1


def test_p1_a_stream_is_forgotten_after_thirty_days_observed(plant: Plant) -> None:
    gateway = Gateway(plant.path)
    fill(plant.share, 2)
    gateway.wait(10)
    (plant.share / "0.txt").unlink()
    gateway.wait(3 * 3600, tick_s=60.0)
    gateway.read(60 * DAY_S)  # the share did not answer: nobody looked
    gateway.elapsed_s += 60 * DAY_S  # the gateway is off: nor did anyone
    gateway.restart()
    gateway.wait(3 * 3600, tick_s=60.0)
    missing = next(stream for stream in gateway.streams() if not stream.path)
    assert 4 * 3_600_000 < missing.absent_ms <= 6 * 3_600_000, "what was observed is kept through a restart"
    gateway.saved[missing.key] = missing._replace(absent_ms=(30 * DAY_S - 3600) * 1000).to_bytes()
    gateway.restart()
    gateway.wait(1800, tick_s=60.0)
    assert len(gateway.streams()) == 2
    gateway.wait(2400, tick_s=60.0)
    assert [stream.path for stream in gateway.streams()] == ["1.txt"]


def test_p1_states_of_earlier_versions_are_read_and_written_for_them() -> None:
    stream = Stream("k", "a.txt", 1, 2, checkpoints=((5, 6),))
    values = json.loads(stream.to_bytes())
    assert not {"absent_ms", "open_line", "holed"} & values.keys()
    assert Stream.from_bytes(json.dumps(values | {"of a later version": 1}).encode()) == stream
    lost = Stream("k", "", 1, 2, absent_ms=5, open_line=True, holed=True)
    assert Stream.from_bytes(lost.to_bytes()) == lost


# -- how often a file is asked for ---------------------------------------------------------------------------------


def old_files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number:05}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(line(number))
        os.utime(path, (number, number))
    return paths


def test_p3_new_and_changed_files_are_asked_for_always_the_rest_in_turn(
    tmp_path: Path,
) -> None:
    paths = old_files(tmp_path, 1000)
    listing = Listing(str(tmp_path))
    settled = {path.name for path in paths}
    assert len(listing.look(0.0, settled=settled, wanted=lambda _: True).stats) == 1000
    asked: set[str] = set()
    now = 0.0
    while now < ROUND_S:
        now += 0.25
        look = listing.look(now, settled=settled, wanted=lambda _: True)
        assert len(look.stats) <= NEWEST + 10
        assert {path.name for path in paths[-NEWEST:]} <= look.stats.keys()
        assert look.unseen_s == ROUND_S
        asked |= look.stats.keys()
    assert asked == settled
    paths[3].unlink()
    paths[3].write_bytes(line(1))
    paths[4].rename(paths[3])
    look = listing.look(now + 0.25, settled=settled, wanted=lambda _: True)
    assert paths[3].name in look.stats
    assert look.changed


def test_p1_what_is_appended_to_an_old_file_is_read_within_the_round(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    paths = old_files(tmp_path, 300)
    gateway.wait(20)
    assert gateway.counted == 300
    status = paths[7].stat()
    with paths[7].open("ab") as handle:
        handle.write(line(999))
    os.utime(paths[7], (status.st_atime, status.st_mtime))
    gateway.wait(ROUND_S + 2)
    assert gateway.counted == 301


def test_p4_no_mark_passes_what_an_old_file_may_hold_unseen(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    old_files(tmp_path, 300)
    gateway.wait(60)
    assert gateway.marks["SPEP-ENV-A"] == NOW + 60_000 - 1000 - ROUND_S * 1000


def test_a_poll_of_old_files_opens_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_files(tmp_path, 300)
    now = [0.0]
    follower = Follower(tmp_path, "*.txt", monotonic=lambda: now[0])
    for _ in range(200):
        now[0] += 2.0
        poll = follower.poll()
        follower.accept(poll)
    monkeypatch.setattr(polling, "FileView", None)
    for _ in range(100):
        now[0] += 0.25
        assert not follower.poll().chunks
