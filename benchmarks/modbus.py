"""What one PLC of 100 registers read four times a second costs the gateway, everything durable at every poll.

    python -m benchmarks modbus [--seconds N]

A real Modbus server, in this process, shows 25 lines of two 32-bit counters; all move between any two polls. The
gateway is its own process as the plant runs it, with its shipper, whose bucket does not answer: all it reads stays on
disk. Each poll is one request, one SQLite transaction of 25 records with synchronous=FULL, one acknowledgement. After
the time the process is killed without warning; what its spool holds is compared with the counters.

CPU and memory are the gateway process's, once it has started; the period is measured where the requests arrive.
"""

import gzip
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil
from pymodbus.pdu import ModbusPDU

from edge_gateway.machines.modbus_config import Register
from edge_gateway.spool.store import DATABASE
from local.processes import LOOPBACK, free_port
from local.simulators.modbus_plant import Machine, ModbusPlc
from sicfar.counts.record import LineError, parse_record

LINES = 25
PERIOD_MS = 250
SETTLE_S = 3.0


class TimedPlc(ModbusPlc):
    """Notes when each request arrives."""

    arrivals: list[float]

    def _watch(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        if not sending:
            self.arrivals.append(time.perf_counter())
        return super()._watch(sending, pdu)


def run(seconds: int) -> str:
    """Run; returns the figures, a sentence a line."""
    machines = [
        Machine(f"BENCH-{n:02}", Register("holding", 4 * n), Register("holding", 4 * n + 2), before=0)
        for n in range(LINES)
    ]
    plc = TimedPlc(machines, heartbeat=4 * LINES + 10)
    plc.arrivals = []
    plc.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gateway = subprocess.Popen(
            [sys.executable, "-m", "edge_gateway", "run", "--config", str(_configure(folder, plc))],
            env={**os.environ, **_no_cloud()},
            stderr=subprocess.DEVNULL,
        )
        stop = threading.Event()
        try:
            while not plc.arrivals:
                time.sleep(0.05)
            time.sleep(1)
            threading.Thread(target=_count, args=(plc, stop), daemon=True).start()
            time.sleep(SETTLE_S)
            process = psutil.Process(gateway.pid)
            before, first = process.cpu_times(), len(plc.arrivals)
            time.sleep(seconds)
            after, last = process.cpu_times(), len(plc.arrivals)
            memory, threads = process.memory_info().rss, process.num_threads()
            stop.set()
            time.sleep(2 * PERIOD_MS / 1000)
        finally:
            gateway.send_signal(signal.SIGKILL)
            gateway.wait()
        kept = _kept(folder / "spool")
    plc.stop()
    shown = {line: machine.made for line, machine in plc.machines.items()}
    cpu = after.user + after.system - before.user - before.system
    gaps = [1000 * (b - a) for a, b in zip(plc.arrivals[first:last], plc.arrivals[first + 1 : last], strict=False)]
    samples = (last - first) * 4 * LINES
    missing = sum(shown.values()) - sum(kept.values())
    return "\n".join(
        [
            f"{seconds} s, {last - first} polls of {4 * LINES} registers, {(last - first) * LINES} records",
            f"CPU {cpu:.2f} s = {100 * cpu / seconds:.2f} % of a core, {1e6 * cpu / samples:.1f} µs a register sample",
            f"RSS {memory / 1e6:.1f} MB, {threads} threads",
            f"period mean {statistics.mean(gaps):.2f} ms, sd {statistics.pstdev(gaps):.2f} ms",
            f"period p99 {sorted(gaps)[int(len(gaps) * 0.99)]:.1f} ms, worst {max(gaps):.1f} ms",
            f"killed: of {sum(shown.values())} counts on the displays, {sum(kept.values())} durable, {missing} missing",
        ]
    )


def _configure(folder: Path, plc: ModbusPlc) -> Path:
    lines = {line: machine.configured(100_000) for line, machine in plc.machines.items()}
    path = folder / "gateway.json"
    entry = {"protocol": "modbus", "address": plc.address, "poll_ms": PERIOD_MS, "lines": lines}
    gateway = {"id": "bench", "bucket": "nowhere", "region": "sa-east-1", "spool": str(folder / "spool")}
    path.write_text(json.dumps({"clps": {"clp": entry}, "gateway": gateway}))
    return path


def _no_cloud() -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }


def _count(plc: ModbusPlc, stop: threading.Event) -> None:
    while not stop.wait(PERIOD_MS / 1000 / 2):
        for line in plc.machines:
            plc.count(line, 2, 1)


def _kept(spool: Path) -> dict[str, int]:
    """What the dead gateway's disk holds, by line."""
    kept: dict[str, int] = {}
    with closing(sqlite3.connect(spool / DATABASE)) as db:
        texts = [body for (body,) in db.execute("SELECT corpo FROM pendentes WHERE tipo = 'registros'")]
        texts += [gzip.decompress(body).decode() for (body,) in db.execute("SELECT corpo FROM selados")]
    for line in "\n".join(texts).splitlines():
        try:
            record = parse_record(line)
        except LineError:
            continue  # the header and the metadata of a sealed batch
        kept[record.line] = kept.get(record.line, 0) + record.produced
    return kept
