"""Running counters in files: their lines add up to what the machine made, whatever happens to files and gateway."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_gateway.config import parse_config
from edge_gateway.folders.source import FolderSource
from sicfar.counts.batch import Unreadable
from sicfar.counts.codes import Flag, Reason
from sicfar.instants import PLANT_TZ, from_ms, to_ms
from tests.support.reading import Reading

HEADER = b"Date,Time,Line,Total,OK,NG\r\n"
LINES = {"L1": "SPEP-ENV-A", "L2": "SPEP-ENV-B"}
MODULUS = 1_000_000
NEAR_WRAP = 900_000
"""From here a fall may be a wrap, after the longest silence of this plant: a person would not reset here."""
LITTER = b"2026/03/15,08:15,L1,\xff\r\n"
CONFIG: dict[str, Any] = {
    "protocol": "file",
    "files": "*.csv",
    "aliases": LINES,
    "format": {
        "encoding": "ascii",
        "header": True,
        "timestamp": {"columns": ["Date", "Time"], "format": "YYYY/MM/DD hh:mm:ss"},
        "line_column": "Line",
        "counters": {
            "production": {"column": "Total", "modulus": MODULUS},
            "rejected": {"column": "NG", "modulus": MODULUS},
            "processed_includes_rejected": True,
            "max_per_hour": 3600,
            "burst": 25,
        },
    },
}


class Gateway:
    """A source over a folder that keeps what a spool would keep, and sums what it delivered."""

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._config = parse_config({"clps": {"kv": CONFIG | {"path": str(folder)}}}).files[0]
        self._now_ms = now_ms
        self._saved: dict[str, bytes] = {}
        self._elapsed_s = 1000.0
        self.produced: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.held: list[str] = []
        self.unreadable: list[Unreadable] = []
        self.start()

    def start(self) -> None:
        """Begin with what is durable and nothing else."""
        self._source = FolderSource(
            self._config,
            self._saved,
            {},
            wall_ms=self._now_ms,
            monotonic=lambda: self._now_ms() / 1000 + self._elapsed_s,
        )
        asyncio.run(self._source.connect())

    def poll(self, *, kept: bool = True, tick_s: float = 0.25) -> bool:
        """Read once; unless `kept`, the disk was full. Returns whether something came."""
        self._elapsed_s += tick_s
        reading = Reading.of(self._source.read_now())
        if not kept:
            return False
        for key, value in reading.position.items():
            if value is None:
                self._saved.pop(key, None)
            else:
                self._saved[key] = value
        for record in (*reading.records, *reading.earlier):
            self.produced[record.line] += record.produced
            self.rejected[record.line] += record.rejected
            if Flag.IMPLAUSIBLE in record.flags:
                self.held.append(f"{record}")
        self.unreadable += reading.unreadable
        reading.ack()
        return bool(reading.has_news)

    def drain(self) -> None:
        """Until every wait the follower knows has passed without news."""
        quiet = 0
        while quiet < 13:
            quiet = 0 if self.poll(tick_s=1.1 if quiet % 4 else 12.0) else quiet + 1


@dataclass
class Machine:
    """What a logger's counters show and, apart from that, what was made since its first line."""

    total: int
    scrap: int
    made: int = 0
    scrapped: int = 0
    shown: bool = False
    reset: bool = False


class Logger:
    """Writes the counters of two machines into one file, which is rotated, copied and torn. The oracle is `Machine`."""

    def __init__(self, folder: Path, starts: tuple[int, int]) -> None:
        self.folder = folder
        self.now = datetime(2026, 3, 15, 8, 15, tzinfo=PLANT_TZ)
        self.machines = {shown: Machine(start, start) for shown, start in zip(LINES, starts, strict=True)}
        self.garbage = 0
        self._path = folder / "log.csv"
        self._files = 0
        self._torn = b""
        self._begin_file()

    def now_ms(self) -> int:
        return to_ms(self.now)

    def wait(self, seconds: int) -> None:
        self.now = from_ms(self.now_ms() + seconds * 1000).astimezone(PLANT_TZ)

    def pause(self, seconds: int) -> None:
        """No line stays half written: after a minute it would be taken as it is. No zero of a reset comes last before
        a gap: what follows it may then be a restored memory, too, and a person decides."""
        self.complete()
        for shown, machine in self.machines.items():
            if machine.reset:
                self.make(shown, 1, 1)
        self.wait(seconds)

    def make(self, shown: str, pieces: int, scrap: int) -> None:
        machine = self.machines[shown]
        machine.reset = machine.reset and not (pieces and scrap)
        machine.total = (machine.total + pieces) % MODULUS
        machine.scrap = (machine.scrap + scrap) % MODULUS
        if machine.shown:
            machine.made += pieces
            machine.scrapped += scrap
        self.log(shown)

    def log(self, shown: str) -> None:
        machine = self.machines[shown]
        machine.shown = True
        self._write(self._row(shown, machine.total, machine.scrap))

    def reset(self, shown: str) -> None:
        """By a person, at a moment when the log is up to date: what is made after the last line, no line shows."""
        machine = self.machines[shown]
        if machine.shown and all(100 <= value < NEAR_WRAP for value in (machine.total, machine.scrap)):
            machine.total = machine.scrap = 0
            self.log(shown)
            machine.reset = True

    def glitch(self, shown: str) -> None:
        if self.machines[shown].shown:
            self._write(self._row(shown, 0, 0))
            self.log(shown)

    def litter(self) -> None:
        self.garbage += 1
        self._write(LITTER)

    def tear(self, shown: str, length: int) -> None:
        """Half a line now, its end before whatever comes next."""
        machine = self.machines[shown]
        machine.shown = True
        row = self._row(shown, machine.total, machine.scrap)
        length = min(length, len(row) - 1)
        self._write(row[:length])
        self._torn = row[length:]

    def rotate(self, *, renamed: bool) -> None:
        self.complete()
        self._files += 1
        if renamed:
            self._path.rename(self.folder / f"log-{self._files:03}.csv")
        else:
            self._path = self.folder / f"log-{self._files:03}-on.csv"
        self._begin_file()

    def copy(self) -> None:
        self._files += 1
        shutil.copyfile(self._path, self.folder / f"copy-{self._files:03}.csv")

    def complete(self) -> None:
        rest, self._torn = self._torn, b""
        self._append(rest)

    def _begin_file(self) -> None:
        self._append(HEADER)

    def _write(self, data: bytes) -> None:
        self.complete()
        self._append(data)

    def _append(self, data: bytes) -> None:
        with self._path.open("ab") as handle:
            handle.write(data)

    def _row(self, shown: str, total: int, scrap: int) -> bytes:
        self.wait(1)
        return f"{self.now:%Y/%m/%d,%H:%M:%S},{shown},{total},{(total - scrap) % MODULUS},{scrap}\r\n".encode()


first_values = st.one_of(st.integers(0, 300), st.integers(MODULUS - 60, MODULUS - 1))
shown_lines = st.sampled_from(sorted(LINES))
steps = st.one_of(
    st.tuples(st.just("make"), shown_lines, st.integers(0, 20), st.integers(0, 20)),
    st.tuples(st.just("make"), shown_lines, st.integers(0, 20), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.sampled_from([5, 60, 600])),
    st.tuples(st.just("reset"), shown_lines),
    st.tuples(st.just("glitch"), shown_lines),
    st.tuples(st.just("litter")),
    st.tuples(st.just("tear"), shown_lines, st.integers(1, 40)),
    st.tuples(st.just("rotate"), st.booleans()),
    st.tuples(st.just("copy")),
    st.tuples(st.just("poll")),
    st.tuples(st.just("poll")),
    st.tuples(st.just("full")),
    st.tuples(st.just("kill")),
)


@settings(max_examples=int(os.environ.get("RUNNING_EXAMPLES", "100")))
@example((0, 100), [("make", "L2", 0, 0), ("reset", "L2"), ("wait", 60)])
@given(st.tuples(first_values, first_values), st.lists(steps, max_size=60))
def test_p1_increments_add_up_to_what_was_made_since_the_first_line(
    starts: tuple[int, int], taken: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory(prefix="running-") as folder:
        logger = Logger(Path(folder), starts)
        gateway = Gateway(Path(folder), logger.now_ms)
        acts: dict[str, Callable[..., object]] = {
            "make": logger.make,
            "wait": logger.pause,
            "reset": logger.reset,
            "glitch": logger.glitch,
            "litter": logger.litter,
            "tear": logger.tear,
            "rotate": lambda renamed: logger.rotate(renamed=renamed),
            "copy": logger.copy,
            "poll": gateway.poll,
            "full": lambda: gateway.poll(kept=False),
            "kill": gateway.start,
        }
        for name, *arguments in taken:
            acts[name](*arguments)
        for shown, machine in logger.machines.items():
            while machine.shown and 0 in (machine.total, machine.scrap):
                logger.make(shown, 1, 1)  # a zero that is written last waits for the line after it
        logger.complete()
        gateway.drain()
        made = {LINES[shown]: machine.made for shown, machine in logger.machines.items() if machine.shown}
        scrapped = {LINES[shown]: machine.scrapped for shown, machine in logger.machines.items() if machine.shown}
        assert dict(gateway.produced) == made
        assert dict(gateway.rejected) == scrapped
        assert not gateway.held
        # A file in which no line is a record yet looks like no other: its copy is reported again, with half a line.
        unreadable = b"".join(item.data for item in gateway.unreadable if item.reason != Reason.LINHA_INCOMPLETA)
        assert unreadable.count(LITTER) >= logger.garbage
        assert not unreadable.replace(LITTER, b"")
