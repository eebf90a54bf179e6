"""What the gateway costs, as the whole process the plant runs: live TXT, Modbus, OPC UA, memory, a backlog.

    python -m benchmarks gateway [--seconds N] [--records N]

Each subject is `python -m edge_gateway run` with its spool (every commit synced to disk) and its uploads, to an S3 stub
in this process that answers at once. CPU and memory are the operating system's figures of that process, from when its
first batch has arrived; all counts that were made must have arrived too. Floors are measured beside them: a Python loop
that does nothing but wake up four times a second and write and sync one row, and a client of the OPC UA library alone
that subscribes to as many nodes and does nothing with what comes.
"""

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import block, table
from edge_gateway.machines.modbus_config import Register
from edge_gateway.spool.status import NoSpoolError, read_status
from local.simulators import modbus_plant, opcua_plant
from local.simulators.s3 import Served, Version
from local.stack.gateway import GatewayProcess
from sicfar.counts.txt import tally

PERIOD_S = 0.25
TXT_LINES = 10
MODBUS_LINES = 25
"""Of four registers each: two counters of 32 bits."""
NODES = 100
SETTLE_S = 6.0
"""From the first read of every source, in which machines give their baselines."""
WAIT_S = 120.0


@dataclass
class Arrived:
    """An S3 stub's tally of what came: counts of all lines; batches are not kept."""

    s3: Served = field(default_factory=Served)
    produced: int = 0
    records: int = 0
    _last: Version | None = None

    def __post_init__(self) -> None:
        self.s3.bucket.on_write = self._take

    def _take(self, _key: str, version: Version) -> None:
        found = tally([gzip.decompress(version.body)])
        self.records += found.records
        self.produced += sum(made for line in found.lines.values() for made, _ in line.seconds.values())
        self.produced += sum(span.produced for span in found.spans)
        if self._last is not None:
            self._last.body = b""  # a backlog's would fill this process's memory
        self._last = version


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a minute, RSS in MB at the end, threads, and counts that have not arrived."""

    cpu_s: float
    rss_mb: float
    threads: int
    missing: int


@dataclass
class Subject:
    """Something the gateway reads: its entry of ``clps``, and what makes every line count one more."""

    name: str
    clps: Mapping[str, Any]
    tick: Callable[[], int]


def run(seconds: int, records: int) -> str:
    """Measure all; the report."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="sicfar-bench-") as name:
        folder = Path(name)
        for make in (txt, modbus, opcua, txt_and_modbus):
            place = folder / make.__name__
            place.mkdir()
            with make(place) as subject:
                cost = _live(place, subject, seconds)
            figures = f"{cost.cpu_s:.2f}", f"{cost.rss_mb:.0f}", str(cost.threads), str(cost.missing)
            rows.append((subject.name, *figures))
        rows.append((f"floor: asyncua alone, {NODES} nodes", f"{_library(seconds, folder):.2f}", "", "", ""))
        rows.append(("floor: a loop that wakes up", f"{_floor(seconds, folder, 'idle'):.2f}", "", "", ""))
        rows.append(("floor: and commits a row", f"{_floor(seconds, folder, 'durable'):.2f}", "", "", ""))
        backlog = _backlog(folder, records) if records else ""
    said = f"{seconds} s each, four reads a second."
    return block(
        "gateway", [said], table(("subject", "CPU, s a minute", "RSS, MB", "threads", "missing"), rows), backlog
    )


# -- what is read ------------------------------------------------------------------------------------------------------


@contextmanager
def txt(folder: Path) -> Iterator[Subject]:
    """Ten files of one line each."""
    place = folder / "txt"
    place.mkdir()
    paths = [place / f"line{number}.txt" for number in range(TXT_LINES)]

    def tick() -> int:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        for number, path in enumerate(paths):
            with path.open("ab") as handle:
                handle.write(f"{stamp},BENCH-T{number},1,0\n".encode())
        return TXT_LINES

    yield Subject(f"{TXT_LINES} TXT lines", {"keyence": {"path": str(place)}}, tick)


@contextmanager
def modbus(_folder: Path) -> Iterator[Subject]:
    """One PLC of 100 registers that all move."""
    machines = [
        modbus_plant.Machine(f"BENCH-M{n:02}", Register("holding", 4 * n), Register("holding", 4 * n + 2), before=0)
        for n in range(MODBUS_LINES)
    ]
    plc = modbus_plant.ModbusPlc(machines, heartbeat=4 * MODBUS_LINES + 10)
    plc.start()
    lines = {line: machine.configured(100_000) for line, machine in plc.machines.items()}

    def tick() -> int:
        for line in plc.machines:
            plc.count(line, 2, 1)
        return 2 * MODBUS_LINES

    entry = {"protocol": "modbus", "address": plc.address, "poll_ms": 250, "lines": lines}
    yield Subject(f"{4 * MODBUS_LINES} Modbus registers", {"clp": entry}, tick)
    plc.stop()


@contextmanager
def opcua(_folder: Path) -> Iterator[Subject]:
    """A server of 100 nodes that all change."""
    plant = opcua_plant.OpcUaPlant(opcua_plant.Machine(f"BENCH-N{number:03}") for number in range(NODES))
    plant.start()
    lines = {
        machine.line: {"production": {"node": machine.node("producao")}, "max_per_hour": 100_000}
        for machine in plant.machines.values()
    }

    def tick() -> int:
        plant.count_all([(line, 1, 0) for line in plant.machines], datetime.now(UTC))
        return NODES

    security = {"policy": "None"}
    entry = {"protocol": "opcua", "address": plant.url, "poll_ms": 250, "security": security, "lines": lines}
    yield Subject(f"{NODES} OPC UA nodes", {"sala": entry}, tick)
    plant.stop()


@contextmanager
def txt_and_modbus(folder: Path) -> Iterator[Subject]:
    """Both, as a plant without OPC UA has them."""
    with txt(folder) as files, modbus(folder) as plc:
        yield Subject("TXT and Modbus", {**files.clps, **plc.clps}, lambda: files.tick() + plc.tick())


# -- measuring ---------------------------------------------------------------------------------------------------------


@contextmanager
def _gateway(folder: Path, clps: Mapping[str, Any], arrived: Arrived) -> Iterator[psutil.Process]:
    environment = {"AWS_ENDPOINT_URL": arrived.s3.url, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    config = {"clps": clps, "gateway": {"id": "bench", "bucket": "bench", "spool": str(folder / "spool")}}
    gateway = GatewayProcess(folder, config, environment)
    gateway.start()
    try:
        yield next(each for each in psutil.Process(os.getpid()).children() if "edge_gateway" in each.cmdline())
    finally:
        gateway.stop()
        arrived.s3.shutdown()


def _live(folder: Path, subject: Subject, seconds: int) -> Cost:
    arrived, made = Arrived(), 0
    with _gateway(folder, subject.clps, arrived) as process:
        # On a busy computer the start alone takes longer than that; what is made before the baselines is in no count.
        _wait(lambda: _reads(folder / "spool", len(subject.clps)))
        time.sleep(SETTLE_S)
        begun = time.monotonic()
        before = process.cpu_times()
        measuring_from = begun
        for number in range(int((SETTLE_S + seconds) / PERIOD_S)):
            time.sleep(max(0.0, begun + number * PERIOD_S - time.monotonic()))
            made += subject.tick()
            if number * PERIOD_S <= SETTLE_S:  # the first batch goes, for which the client is made
                before, measuring_from = process.cpu_times(), time.monotonic()
        after, elapsed = process.cpu_times(), time.monotonic() - measuring_from
        rss, threads = process.memory_info().rss / 1e6, process.num_threads()
        _wait(lambda: arrived.produced >= made)
    cpu = after.user + after.system - before.user - before.system
    return Cost(60 * cpu / elapsed, rss, threads, made - arrived.produced)


def _reads(spool: Path, sources: int) -> bool:
    """Whether every source has been read."""
    try:
        status = read_status(spool)
    except NoSpoolError:
        return False
    return len(status.sources) == sources and all(source.state == "ok" for source in status.sources)


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not done() and time.monotonic() < end:
        time.sleep(0.1)


_LOOP = """
import asyncio, sqlite3, sys
period_s, path = float(sys.argv[1]), sys.argv[2]
db = sqlite3.connect(path, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE IF NOT EXISTS t (x)")
async def main():
    while True:
        await asyncio.sleep(period_s)
        if sys.argv[3] == "durable":
            db.execute("INSERT INTO t VALUES (zeroblob(1000))")
asyncio.run(main())
"""


_CLIENT = """
import asyncio, sys
from asyncua import Client
class Nothing:
    def datachange_notification(self, node, value, data):
        if self.first:
            print(flush=True)
        self.first = False
    first = True
async def main():
    async with Client(sys.argv[1]) as client:
        subscription = await client.create_subscription(float(sys.argv[2]), Nothing())
        places = [node.removeprefix("nsu=").split(";", 1) for node in sys.argv[3:]]
        index = await client.get_namespace_index(places[0][0])
        nodes = [client.get_node(f"ns={index};{name}") for _, name in places]
        await subscription.subscribe_data_change(nodes)
        await asyncio.sleep(86_400)
asyncio.run(main())
"""


def _floor(seconds: int, folder: Path, kind: str) -> float:
    """CPU seconds a minute of the least a Python process can do four times a second."""
    arguments = [str(PERIOD_S), str(folder / "floor.sqlite3"), kind]
    process = subprocess.Popen([sys.executable, "-c", _LOOP, *arguments])
    time.sleep(1)
    return _minute(process, lambda: time.sleep(seconds))


def _library(seconds: int, folder: Path) -> float:
    """CPU seconds a minute of the OPC UA library's client while all nodes change four times a second."""
    with opcua(folder) as subject:
        entry = subject.clps["sala"]
        nodes = [line["production"]["node"] for line in entry["lines"].values()]
        words = [entry["address"], str(1000 * PERIOD_S), *nodes]
        process = subprocess.Popen([sys.executable, "-c", _CLIENT, *words], stdout=subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101 - as asked for
        process.stdout.readline()  # the first value has come

        def change() -> None:
            begun = time.monotonic()
            for number in range(int(seconds / PERIOD_S)):
                time.sleep(max(0.0, begun + number * PERIOD_S - time.monotonic()))
                subject.tick()

        return _minute(process, change)


def _minute(process: subprocess.Popen[bytes], act: Callable[[], None]) -> float:
    """CPU seconds a minute of a process while something is done; it is ended then."""
    try:
        subject = psutil.Process(process.pid)
        before, begun = subject.cpu_times(), time.monotonic()
        act()
        after, elapsed = subject.cpu_times(), time.monotonic() - begun
    finally:
        process.kill()
        process.wait()
    return 60 * (after.user + after.system - before.user - before.system) / elapsed


def _backlog(folder: Path, records: int) -> str:
    place = folder / "backlog"
    (place / "txt").mkdir(parents=True)
    size = _write(place / "txt" / "backlog.txt", records)
    arrived = Arrived()
    memory: list[float] = []
    with _gateway(place, {"keyence": {"path": str(place / "txt")}}, arrived) as process:
        end = time.monotonic() + WAIT_S + records / 2_000
        while arrived.records < records and time.monotonic() < end:
            time.sleep(0.5)
            memory.append(process.memory_info().rss / 1e6)
        cpu = process.cpu_times()
    (place / "txt" / "backlog.txt").unlink()
    tenth = max(1, len(memory) // 10)
    return (
        f"Backlog of {size / 1e6:,.0f} MB, {records:,} records, {records - arrived.records} missing: "
        f"{records / (cpu.user + cpu.system):,.0f} records a CPU second from file to bucket, starting included. "
        f"RSS {statistics.mean(memory[tenth : 2 * tenth] or memory):.0f} MB in the second tenth of the time, "
        f"{statistics.mean(memory[-tenth:]):.0f} MB in the last, {max(memory):.0f} MB at most."
    )


def _write(path: Path, records: int) -> int:
    """Ten lines, four records a second each; returns the file's size."""
    begin = datetime(2026, 3, 15, 8, 0, tzinfo=UTC)
    with path.open("wb") as handle:
        for first in range(0, records, 40):
            second = begin + timedelta(seconds=first // 40)
            stamp = second.strftime("%Y-%m-%dT%H:%M:%S")
            for number in range(min(40, records - first)):
                at = number // 10 * 250 + (first * 7 + number * 13) % 100
                text = f"{stamp}.{at:03}Z,BENCH-B{number % 10},{(first + number) % 4},0\n"
                handle.write(text.encode())
    return path.stat().st_size
