"""No byte of a followed file without a fate: holes, padding, last lines without end, whenever they are filled."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from edge_gateway.config import FolderConfig, Rhythm
from edge_gateway.folders.source import SURVEYED, FolderSource
from edge_gateway.folders.tail import REST_S
from edge_gateway.source import SourceError
from sicfar.counts.batch import MAX_UNREADABLE_BYTES, Unreadable
from sicfar.counts.codes import Reason
from sicfar.instants import format_instant, parse_instant
from tests.support.reading import Reading

NOW = parse_instant("2026-03-15T18:00:00.000-03:00")
BEGIN = parse_instant("2026-03-15T08:00:00.000-03:00")
LINE = "SPEP-ENV-A"


def at(number: int) -> int:
    return BEGIN + number * 250


def record(number: int) -> bytes:
    """A record without its line end that exists once in the world: its instant is its number."""
    return f"{format_instant(at(number))},{LINE},1,0".encode()


def lines(*numbers: int) -> bytes:
    return b"".join(record(number) + b"\n" for number in numbers)


SIZE = len(lines(0))


class Gateway:
    """A source over a folder, its clock, what a spool would hold of it and what it has brought."""

    def __init__(self, folder: Path, rhythm: Rhythm = "constant") -> None:
        self.folder = folder
        self.config = FolderConfig(path=str(folder), rhythm=rhythm, event_delay_s=1, clock_tolerance_s=86_400)
        self.elapsed_s = 1000.0
        self.saved: dict[str, bytes] = {SURVEYED: b""}
        self.counted: Counter[bytes] = Counter()
        self.unreadable: list[Unreadable] = []
        self.marks: dict[str, int] = {}
        self.restart()

    def restart(self) -> None:
        """A new process with what is durable."""
        self.source = FolderSource(
            self.config, self.saved, self.marks, wall_ms=self.now_ms, monotonic=lambda: self.elapsed_s
        )
        asyncio.run(self.source.connect())

    def now_ms(self) -> int:
        return NOW + round(self.elapsed_s * 1000)

    def read(self, tick_s: float = 0.25, *, kept: bool = True) -> Reading:
        self.elapsed_s += tick_s
        reading = Reading.of(self.source.read_now())
        if not kept:
            return reading
        for key, value in reading.position.items():
            self.saved.pop(key, None)
            if value is not None:
                self.saved[key] = value
        for item in reading.records:
            self.counted[f"{format_instant(item.at_ms)},{item.line},{item.produced},{item.rejected}".encode()] += 1
        self.unreadable += reading.unreadable
        for mark in reading.marks:
            assert mark.until_ms >= self.marks.get(mark.line, 0)
            self.marks[mark.line] = mark.until_ms
        reading.ack()
        return reading

    def wait(self, seconds: float) -> None:
        """Poll for so long."""
        for _ in range(int(seconds / 2) + 1):
            while self.read(2.0).more:
                pass

    def write(self, name: str, data: bytes, place: int | None = None) -> None:
        """At the end, or over what is there."""
        path = self.folder / name
        with path.open("r+b" if path.exists() else "wb") as handle:
            handle.seek(0 if place is None else place, os.SEEK_END if place is None else os.SEEK_SET)
            handle.write(data)

    def quarantined(self) -> bytes:
        return b"".join(item.data for item in self.unreadable)


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return Gateway(tmp_path)


def counted(*numbers: int) -> Counter[bytes]:
    return Counter(map(record, numbers))


# -- holes and padding ---------------------------------------------------------------------------------------------


def test_p1_a_preallocated_file_is_read_as_it_is_filled(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(*range(40)) + bytes(50 * SIZE))
    gateway.wait(1)
    assert gateway.counted == counted(*range(40))
    gateway.wait(3 * REST_S)  # longer than a meal
    for number in range(40, 90):
        gateway.write("a.txt", lines(number), number * SIZE)
        gateway.wait(1)
    gateway.wait(3 * REST_S)
    assert gateway.counted == counted(*range(90))
    assert not gateway.unreadable


def test_p1_padding_of_megabytes_is_no_line_too_long(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(0) + bytes(3_000_000))
    gateway.wait(3 * REST_S)
    gateway.restart()
    gateway.write("a.txt", lines(1), SIZE)
    gateway.wait(1)
    assert gateway.counted == counted(0, 1)
    assert not gateway.unreadable


def test_p1_a_hole_filled_within_a_minute_is_read_in_its_place(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(0) + bytes(SIZE) + lines(2))
    gateway.wait(REST_S / 2)
    assert gateway.counted == counted(0)
    gateway.write("a.txt", lines(1), SIZE)
    gateway.wait(1)
    assert gateway.counted == counted(0, 1, 2)


@pytest.mark.parametrize("size", [SIZE, 300_000])
def test_p8_a_hole_nobody_fills_is_quarantined_the_rest_counts(gateway: Gateway, size: int) -> None:
    gateway.write("a.txt", lines(0) + bytes(size) + lines(1, 2))
    for number in range(3, 50):  # the logger goes on
        gateway.write("a.txt", lines(number))
        gateway.wait(2)
    # The record behind the hole may lack its beginning.
    assert gateway.counted == counted(0, *range(2, 50))
    assert record(1) in gateway.quarantined()
    assert gateway.unreadable[0].origin == f"a.txt@{SIZE}"
    assert gateway.unreadable[0].reason is Reason.BYTES_NULOS
    assert len(gateway.unreadable) <= 2


def test_p1_a_hole_filled_after_its_fate_goes_before_a_person(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(*range(20)) + bytes(SIZE) + b"\n" + lines(*range(21, 40)))
    gateway.wait(2 * REST_S)
    before = dict(gateway.counted)
    assert record(25) in before
    gateway.write("a.txt", record(20), 20 * SIZE)
    gateway.wait(3700)
    assert gateway.counted == before
    assert record(20) in gateway.quarantined()


def test_p1_a_first_line_written_late_does_not_make_a_new_file(gateway: Gateway) -> None:
    gateway.write("a.txt", bytes(SIZE) + lines(1, 2, 3))
    gateway.wait(2 * REST_S)
    gateway.write("a.txt", lines(0), 0)
    gateway.wait(3700)
    assert gateway.counted == counted(2, 3)
    assert record(0) in gateway.quarantined()
    assert record(1) in gateway.quarantined()


def test_p1_a_line_edited_after_it_was_read_is_noticed(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(*range(1000)))
    gateway.wait(REST_S + 5)
    gateway.restart()  # nor is it overlooked by the next process
    gateway.write("a.txt", record(3).replace(b",1,0", b",9,0"), 3 * SIZE)
    gateway.wait(2 * REST_S)
    assert record(3).replace(b",1,0", b",9,0") in gateway.quarantined()
    assert {item.reason for item in gateway.unreadable} == {Reason.CONTEUDO_ALTERADO}
    assert gateway.counted == counted(*range(1000))


# -- last lines without an end -------------------------------------------------------------------------------------


def test_p1_the_last_line_of_a_finished_file_counts_after_a_minute(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(0) + record(1))
    gateway.wait(REST_S - 10)
    assert gateway.counted == counted(0)
    gateway.wait(15)
    assert gateway.counted == counted(0, 1)
    gateway.write("a.txt", b"\r\n" + lines(2))
    gateway.wait(1)
    assert gateway.counted == counted(0, 1, 2)
    assert not gateway.unreadable


def test_p1_a_newline_before_each_record_loses_none_and_delays_one(gateway: Gateway) -> None:
    for number in range(10):
        gateway.write("a.txt", b"\n" + record(number))
        gateway.wait(1)
    assert gateway.counted == counted(*range(9))
    assert gateway.marks[LINE] == at(8)
    gateway.wait(REST_S)
    gateway.restart()
    gateway.write("a.txt", b"\n" + record(10))
    gateway.wait(2 * REST_S)
    assert gateway.counted == counted(*range(11))


def test_p8_a_last_line_that_is_none_is_quarantined_with_its_bytes(gateway: Gateway) -> None:
    gateway.write("a.txt", lines(0) + record(1)[:20])
    gateway.wait(REST_S + 5)
    assert [(item.origin, item.reason, item.data) for item in gateway.unreadable] == [
        (f"a.txt@{SIZE}", Reason.LINHA_INCOMPLETA, record(1)[:20])
    ]


def test_p1_more_of_a_counted_line_is_quarantined_and_not_counted(gateway: Gateway) -> None:
    gateway.write("a.txt", record(0))
    gateway.wait(REST_S + 5)
    gateway.restart()
    gateway.write("a.txt", b"5\n" + lines(1))  # 1,0 was the beginning of 1,05
    gateway.wait(1)
    assert gateway.counted == counted(0, 1)
    assert [(item.origin, item.reason, item.data) for item in gateway.unreadable] == [
        (f"a.txt@{len(record(0))}", Reason.LINHA_INCOMPLETA, b"5\n")
    ]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_p1_one_line_without_an_end_counts_once_whatever_its_copies(gateway: Gateway, end: bytes) -> None:
    gateway.write("a.txt", record(0))
    gateway.wait(2 * REST_S)
    gateway.write("a.txt", end)
    gateway.wait(10)
    shutil.copyfile(gateway.folder / "a.txt", gateway.folder / "b.txt")
    gateway.wait(2 * REST_S)
    gateway.restart()
    gateway.write("c.txt", record(0))
    gateway.wait(2 * REST_S)
    assert gateway.counted == counted(0)
    assert not gateway.unreadable


def test_p1_a_copy_cut_inside_the_first_record_counts_nothing(gateway: Gateway) -> None:
    whole = record(0)[:-1] + b"12\n"
    gateway.write("a.txt", whole)
    gateway.wait(2)
    gateway.write("b.txt", whole[:-2])  # a record as well, of another number
    gateway.wait(2 * REST_S)
    assert gateway.counted == Counter([whole.rstrip()])
    assert not gateway.unreadable


def test_p8_lines_ended_by_cr_alone_are_quarantined_whole(gateway: Gateway) -> None:
    data = lines(*range(10)).replace(b"\n", b"\r")
    gateway.write("a.txt", data)
    gateway.wait(REST_S + 5)
    assert not gateway.counted
    assert gateway.quarantined() == data


def test_p4_no_mark_passes_bytes_that_are_not_yet_written(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, rhythm="event")
    gateway.write("a.txt", lines(0) + record(1))
    gateway.wait(REST_S / 2)
    assert gateway.marks[LINE] == at(0)
    gateway.wait(REST_S)
    assert gateway.marks[LINE] > NOW
    gateway.write("a.txt", b"\n" + bytes(SIZE) + lines(3))
    stands = gateway.marks[LINE]
    gateway.wait(REST_S / 2)
    assert gateway.marks[LINE] == stands


def test_p10_a_file_that_changes_for_minutes_without_a_line_is_named(gateway: Gateway) -> None:
    for number in range(100):
        (gateway.folder / "a.txt").write_bytes(b"TOTAL=%05d" % number)
        reading = gateway.read(2.0)
    assert "a.txt muda há minutos" in reading.trouble
    assert not gateway.unreadable


def test_p8_a_megabyte_of_another_format_is_a_few_stretches(gateway: Gateway) -> None:
    data = b"".join(b"%07d;ok;lote-77;kg\n" % number for number in range(50_000))
    gateway.write("a.txt", lines(0) + data + lines(1))
    gateway.wait(10)
    assert gateway.counted == counted(0, 1)
    assert gateway.quarantined() == data
    assert len(gateway.unreadable) <= len(data) // (MAX_UNREADABLE_BYTES // 2)
    assert gateway.unreadable[0].origin == f"a.txt@{SIZE}"


# -- any history ---------------------------------------------------------------------------------------------------


class AWriterOfHoles(RuleBasedStateMachine):
    """Reserves, fills late, ends without newline, rotates, uploads anew; the share goes; the gateway is killed."""

    names = st.sampled_from(["a.txt", "b.txt"])

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="unwritten-"))
        self.share, self.mount_point, self.link = self.root / "share", self.root / "empty", self.root / "link"
        self.share.mkdir()
        self.mount_point.mkdir()
        self.link.symlink_to(self.share)
        self.gateway = Gateway(self.link)
        self.number = 0
        self.rotated = 0
        self.holes: list[tuple[str, int, bytes]] = []
        self.open: dict[str, bytes] = {}
        self.doubtful: set[str] = set()

    def path(self, name: str) -> Path:
        return self.share / name

    def put(self, name: str, data: bytes, place: int | None = None) -> None:
        path = self.path(name)
        with path.open("r+b" if path.exists() else "wb") as handle:
            handle.seek(0 if place is None else place, os.SEEK_END if place is None else os.SEEK_SET)
            handle.write(data)

    def next(self) -> bytes:
        self.number += 1
        return record(self.number) + b"\n"

    def finish(self, name: str) -> None:
        self.put(name, self.open.pop(name, b""))

    @rule(name=names, count=st.integers(1, 5))
    def append(self, name: str, count: int) -> None:
        self.finish(name)
        self.put(name, b"".join(self.next() for _ in range(count)))

    @rule(name=names, cut=st.integers(1, SIZE - 1))
    def begin_a_line(self, name: str, cut: int) -> None:
        self.finish(name)
        line = self.next()
        self.put(name, line[:cut])
        self.open[name] = line[cut:]

    @rule(name=names, count=st.integers(1, 3), behind=st.booleans())
    def reserve(self, name: str, count: int, behind: bool) -> None:
        self.finish(name)
        place = self.path(name).stat().st_size if self.path(name).exists() else 0
        for index in range(count):
            self.holes.append((name, place + index * SIZE, self.next()))
        self.put(name, bytes(count * SIZE) + (self.next() if behind else b""))

    @rule(index=st.integers(0, 5))
    def fill(self, index: int) -> None:
        if index < len(self.holes):
            name, place, line = self.holes.pop(index)
            self.put(name, line, place)

    @rule(name=names)
    def rotate(self, name: str) -> None:
        if self.path(name).exists():
            self.rotated += 1
            aside = f"old-{self.rotated}.txt"
            self.path(name).rename(self.path(aside))
            self.holes = [(aside if hole[0] == name else hole[0], *hole[1:]) for hole in self.holes]
            if name in self.open:
                self.open[aside] = self.open.pop(name)

    @rule(name=names)
    def upload_anew(self, name: str) -> None:
        if self.path(name).exists():
            data = self.path(name).read_bytes()
            self.path(name).unlink()
            self.path(name).write_bytes(data)

    @rule(times=st.integers(1, 3), tick_s=st.sampled_from([0.25, 3.0, 40.0]))
    def poll(self, times: int, tick_s: float) -> None:
        for _ in range(times):
            self.look(tick_s)

    @rule()
    def poll_without_commit(self) -> None:
        self.look(0.25, kept=False)

    @rule()
    def kill_and_restart(self) -> None:
        self.gateway.restart()

    @rule(polls=st.integers(1, 3))
    def unmount_for_a_while(self, polls: int) -> None:
        before = dict(self.gateway.saved)
        known = any(key != SURVEYED for key in before)
        self.point_to(self.mount_point)
        for _ in range(polls):
            self.look(20.0)
        self.point_to(self.share)
        assert not known or self.gateway.saved == before

    def point_to(self, folder: Path) -> None:
        self.link.unlink()
        self.link.symlink_to(folder)

    def look(self, tick_s: float, *, kept: bool = True) -> None:
        try:
            self.gateway.read(tick_s, kept=kept)
        except SourceError:
            assert not any(self.link.iterdir())

    def teardown(self) -> None:
        for _ in range(120):
            self.look(5.0)
        gateway = self.gateway
        assert all(times == 1 for times in gateway.counted.values()), "counted twice"
        quarantined = b"\0".join(item.data for item in gateway.unreadable)
        joined = gateway.quarantined()
        for path in self.share.iterdir():
            for text in path.read_bytes().replace(b"\n", b"\0").split(b"\0"):
                told = text in gateway.counted or text in quarantined or text in joined
                assert told or self.halves(text, joined), f"without a fate: {text!r}"
        shutil.rmtree(self.root)

    def halves(self, text: bytes, quarantined: bytes) -> bool:
        """A line cut in two: its beginning was counted for a whole line or quarantined, and its end came later."""
        known = self.gateway.counted
        return any(
            (text[:cut] in known or text[:cut] in quarantined) and text[cut:] in quarantined
            for cut in range(1, len(text))
        )


TestP1EveryByteHasAFate = AWriterOfHoles.TestCase
TestP1EveryByteHasAFate.settings = settings(
    max_examples=int(os.environ.get("FOLLOWING_EXAMPLES", "60")),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
