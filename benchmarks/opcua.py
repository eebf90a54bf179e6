"""100 OPC UA nodes that all change four times a second, for a minute: what our gateway needs, and whether it counts.

    python -m benchmarks opcua [--seconds N]

The subject is the real process (`python -m edge_gateway run`): subscription, counting, spool with every commit synced
to disk, batches sealed and uploaded to an S3 stub here that answers at once. Its CPU and memory are the operating
system's figures; what it counted is read from the batches it uploaded.
"""

import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import psutil

from local.simulators.opcua_plant import Machine, OpcUaPlant
from local.simulators.s3 import Served
from local.stack.gateway import GatewayProcess
from sicfar.counts.batch import read_batch
from sicfar.counts.batch_key import BatchKey
from sicfar.counts.compression import plain_chunks
from sicfar.counts.record import parse_record

NODES = 100
PERIOD_S = 0.25
BUCKET = "bench"


def counted(s3: Served) -> tuple[Counter[str], int, int]:
    """Per line what arrived; records that came twice; records that stand for more than one change."""
    totals: Counter[str] = Counter()
    seen: dict[str, set[int]] = defaultdict(set)
    twice = merged = 0
    for key, body in s3.bodies().items():
        read_batch(BatchKey.parse(key), [body])  # raises unless whole and true to its hash
        for line in b"".join(plain_chunks([body], limit=1 << 28)).decode().splitlines():
            if line.startswith(("#", "timestamp")):
                continue
            record = parse_record(line)
            twice += record.produced_raw in seen[record.line]
            seen[record.line].add(record.produced_raw or 0)
            merged += record.produced > 1
            totals[record.line] += record.produced
    return totals, twice, merged


def run(seconds: int) -> str:
    """Run; returns one JSON object."""
    with tempfile.TemporaryDirectory(prefix="sicfar-bench-") as folder:
        return _measured(seconds, Path(folder))


def _measured(seconds: int, folder: Path) -> str:
    s3 = Served()
    plant = OpcUaPlant(Machine(f"BENCH-{number:03}") for number in range(NODES))
    plant.start()
    lines = {
        machine.line: {"production": {"node": machine.node("producao")}, "max_per_hour": 100_000}
        for machine in plant.machines.values()
    }
    opcua = {"protocol": "opcua", "address": plant.url, "poll_ms": 250, "security": {"policy": "None"}, "lines": lines}
    environment = {
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }
    config = {
        "clps": {"sala": opcua},
        "gateway": {"id": "bench", "bucket": BUCKET, "spool": str(folder / "spool"), "seal_seconds": 5},
    }
    gateway = GatewayProcess(folder, config, environment)
    gateway.start()
    try:
        while not s3.bucket.objects:  # the baselines have arrived
            time.sleep(0.2)
        subject = next(
            process
            for process in psutil.Process(os.getpid()).children()
            if "edge_gateway" in " ".join(process.cmdline())
        )
        made = 0
        late_ms: list[float] = []
        before, started = subject.cpu_times(), time.monotonic()
        while (due := made * PERIOD_S) < seconds:
            time.sleep(max(0.0, started + due - time.monotonic()))
            late_ms.append((time.monotonic() - started - due) * 1000)
            plant.count_all([(line, 1, 0) for line in plant.machines], datetime.now(UTC))
            made += 1
        time.sleep(max(0.0, started + seconds - time.monotonic()))
        after, rss = subject.cpu_times(), subject.memory_info().rss
        threads = subject.num_threads()
        end = time.monotonic() + 20
        while sum(counted(s3)[0].values()) < made * NODES and time.monotonic() < end:
            time.sleep(0.5)
    finally:
        gateway.stop()
        plant.stop()
    totals, twice, merged = counted(s3)
    missing = sum(made - totals[line] for line in plant.machines)
    cpu_s = after.user + after.system - before.user - before.system
    return json.dumps(
        {
            "nodes": NODES,
            "seconds": seconds,
            "changes": made * NODES,
            "cpu_s": round(cpu_s, 2),
            "percent_of_a_core": round(100 * cpu_s / seconds, 2),
            "us_per_change": round(1e6 * cpu_s / (made * NODES)),
            "rss_mb": round(rss / 1e6, 1),
            "threads": threads,
            "missing": missing,
            "twice": twice,
            "records_of_more_than_one_change": merged,
            "batches": len(s3.bucket.objects),
            "writes_or_calls": len(plant.attempts),
            "driver_late_ms_max": round(max(late_ms), 1),
        },
        indent=2,
    )
