"""A simulated plant: ten SPEP filling lines that count four times a second, some by sensors, some by their own PLC.

What sensors report a legacy FTP job leaves in a few TXT files, some of one line and some of several, and cuts them
wherever its buffer ends: a reader sees half lines all the time. The other lines count on their machines' displays
(`local.simulators.machines`). Beside them stands the truth: what every machine really counted, by second.
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local.simulators.machines import Limit, Machines

PLANT_TZ = ZoneInfo("America/Fortaleza")
RECORDS_PER_SECOND = 4
REJECT_SHARE = 0.006  # of the machine's counts; the plant's own sheet shows 0.52 %


@dataclass(frozen=True, slots=True)
class Line:
    """A filling line: its code, nominal speed in units an hour, units a machine cycle, and what its sensor calls it."""

    line: str
    units_per_hour: int
    cavities: int = 1
    sensor: str = ""

    @property
    def cycles_per_record(self) -> float:
        """Machine counts between two records at nominal speed."""
        return self.units_per_hour / self.cavities / 3600 / RECORDS_PER_SECOND


# Nominal speeds by line as qualified by the plant; SLE has none on paper and runs like its neighbours.
SPEP: dict[str, tuple[Line, ...]] = {
    "spep01.txt": (Line("SPEP-ENV-B", 4_000), Line("SPEP-ENV-C", 20_000, sensor="KV1")),
    "spep02.txt": (Line("SPEP-ENV-E", 4_000, sensor="KV 9"), Line("SPEP-ENV-F", 1_750)),
    "sle.txt": (Line("SPEP-ENV-SLE", 4_000),),
}
"""File of the FTP job → its lines."""
DISPLAYED = (
    Line("SPEP-ENV-A", 4_000, cavities=8),
    Line("SPEP-ENV-D", 20_000),
    Line("SPEP-ENV-G", 6_000),
    Line("SPEP-ENV-H", 8_000),
    Line("SPEP-ENV-I", 20_000),
)
"""Lines that count on their machine's own display."""
SENSED = tuple(line for lines in SPEP.values() for line in lines)
LINES = (*DISPLAYED, *SENSED)
ALIASES = {line.sensor: line.line for line in SENSED if line.sensor}


@dataclass(slots=True)
class Truth:
    """What the machines counted: (line, second since the epoch, UTC) → [made, rejected], in machine counts."""

    seconds: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def add(self, line: str, second: int, produced: int, rejected: int) -> None:
        """Count."""
        cell = self.seconds.setdefault((line, second), [0, 0])
        cell[0] += produced
        cell[1] += rejected

    def total(self, line: str, start: float = 0, end: float = float("inf")) -> tuple[int, int]:
        """Made and rejected on a line in [start, end), seconds since the epoch."""
        cells = [cell for (name, second), cell in list(self.seconds.items()) if name == line and start <= second < end]
        return sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)


class Plant:
    """The running plant: writes into `folder` from `start` to `stop`; `truth` is what it counted."""

    def __init__(self, folder: Path, *, seed: int = 20260315) -> None:
        self.folder = folder
        self.truth = Truth()
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plant", daemon=True)
        self._owed = dict.fromkeys((line.line for line in LINES), 0.0)
        self._held: dict[str, bytes] = dict.fromkeys(SPEP, b"")
        self.machines = Machines(Limit(line.line, line.units_per_hour / line.cavities) for line in DISPLAYED)
        self._resting: set[str] = set()
        self._surprises: queue.SimpleQueue[tuple[str, Callable[[datetime], str]]] = queue.SimpleQueue()

    def open(self) -> None:
        """Switch the machines on: their displays can be read, nothing counts yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.machines.start()

    def start(self) -> None:
        """Begin; every line counts from the next whole second on."""
        self._thread.start()

    def close(self) -> None:
        """Switch the machines off."""
        self.machines.stop()

    def stop(self) -> None:
        """Count no more; what the FTP job still held is written, so every file ends with a whole line."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        for name, held in self._held.items():
            _append(self.folder / name, held)

    def rest(self, lines: Iterable[str]) -> None:
        """These lines make nothing any more; their sensors and displays go on saying so."""
        self._resting.update(lines)

    def surprise(self, file: str, text: Callable[[datetime], str]) -> None:
        """Slip a line of one's own into a file, at the next record; `text` gets the plant's local time."""
        self._surprises.put((file, text))

    def _run(self) -> None:
        tick = timedelta(seconds=1 / RECORDS_PER_SECOND)
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        while not self._stop.is_set():
            time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
            rows = {name: [self._record(line, at) for line in lines] for name, lines in SPEP.items()}
            while not self._surprises.empty():
                name, text = self._surprises.get()
                rows[name].append(text(at.astimezone(PLANT_TZ)))
            self.machines.count([(line.line, *self._made(line, at)) for line in DISPLAYED], at)
            for name, texts in rows.items():
                self._write(name, "".join(f"{text}\r\n" for text in texts).encode())
            at += tick

    def _record(self, line: Line, at: datetime) -> str:
        return record(line.sensor or line.line, at, *self._made(line, at))

    def _made(self, line: Line, at: datetime) -> tuple[int, int]:
        if line.line in self._resting:
            return 0, 0
        pace = self._random.uniform(0.9, 1.1) * line.cycles_per_record
        self._owed[line.line] += pace
        produced = int(self._owed[line.line])
        self._owed[line.line] -= produced
        rejected = sum(self._random.random() < REJECT_SHARE for _ in range(produced))
        self.truth.add(line.line, int(at.timestamp()), produced, rejected)
        return produced, rejected

    def _write(self, name: str, new: bytes) -> None:
        """Append as the job does: what its buffer held and most of the new bytes, cut anywhere."""
        data = self._held[name] + new
        cut = self._random.randrange(len(data) + 1)
        _append(self.folder / name, data[:cut])
        self._held[name] = data[cut:]


def record(line: str, at: datetime, produced: int, rejected: int) -> str:
    """A line as the sensors write it: plant time with its offset, milliseconds."""
    return f"{at.astimezone(PLANT_TZ).isoformat(timespec='milliseconds')},{line},{produced},{rejected}"


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
