"""What following a folder costs: thousands of old files that nobody writes to, and ten lines that are written to.

    python -m benchmarks folders [--seconds N] [--before CHECKOUT]

*Old files*: CPU time of one poll by the follower alone, once it has read them and they have been at rest. *Live*: CPU
time of the whole gateway process, everything made durable, its bucket not answering; a legacy job appends four records
a second for each of ten lines, to one file a line and, in the other case, to a single file. `--before`: another
checkout of the product, measured at the same time on the same writing.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psutil

from benchmarks.figures import block, table
from local.processes import LOOPBACK, free_port
from local.stack.gateway import GatewayProcess
from local.waiting import until
from sicfar.instants import PLANT_TZ

OLD_FILES = (100, 2_000)
LINES = [f"BENCH-{number:02}" for number in range(10)]
PERIOD_S = 0.25
SETTLE_S = 15.0
_HERE = Path(__file__).parents[1]

_POLLS = """
import sys, time
from pathlib import Path
from edge_gateway.folders.follower import Follower
now = [0.0]
follower = Follower(Path(sys.argv[1]), "*.txt", monotonic=lambda: now[0])
for _ in range(400):
    now[0] += 2.0
    follower.accept(follower.poll())
began = time.process_time()
for _ in range(400):
    now[0] += 0.25
    follower.accept(follower.poll())
print((time.process_time() - began) / 400 * 1000)
"""


def run(seconds: int, before: str | None) -> str:
    """Measure this checkout and, if given, another; the report."""
    checkouts = {"now": _HERE} if before is None else {"before": Path(before).resolve(), "now": _HERE}
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in OLD_FILES:
            costs = [_poll_ms(checkout, _old_files(folder, count)) for checkout in checkouts.values()]
            rows.append((f"one poll, {count:,} old files: CPU, ms", *(f"{cost:.2f}" for cost in costs)))
        for single in (False, True):
            costs = _live(folder / f"live-{single}", checkouts, seconds, single=single)
            where = "1 file" if single else "10 files"
            rows.append((f"10 lines, 4 records/s each, {where}: CPU, s a minute", *(f"{cost:.2f}" for cost in costs)))
    said = f"Live: {seconds} s after {SETTLE_S:.0f} s, gateways side by side."
    return block("folders", [said], table(("", *checkouts), rows))


def _imports(checkout: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "layers" / "sicfar")])}


def _old_files(folder: Path, count: int) -> Path:
    old = folder / f"old-{count}"
    old.mkdir(exist_ok=True)
    for number in range(count):
        path = old / f"{number:06}.txt"
        path.write_bytes(f"2026-03-15T08:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03},A,1,0\n".encode())
        os.utime(path, (number, number))
    return old


def _poll_ms(checkout: Path, folder: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _POLLS, str(folder)],
        env=os.environ | _imports(checkout),
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


class _Gateway(GatewayProcess):
    """A gateway of one checkout over a folder of its own."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        gateway = {"id": "bench", "bucket": "nowhere", "region": "sa-east-1", "spool": str(folder / "spool")}
        config = {"clps": {"keyence": {"protocol": "file", "path": str(self.data)}}, "gateway": gateway}
        aws = {"AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}
        keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        super().__init__(folder, config, aws | keys | _imports(checkout))
        self.checkout = checkout

    def start(self) -> None:
        """Start it where its checkout is."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "edge_gateway", "run", "--config", str(self.config)]
            self._process = subprocess.Popen(command, env=self._environment, cwd=self.checkout, stdout=log, stderr=log)

    @property
    def cpu_s(self) -> float:
        """CPU time it has taken."""
        if self._process is None:
            raise RuntimeError("not started")
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system


def _live(folder: Path, checkouts: Mapping[str, Path], seconds: int, *, single: bool) -> list[float]:
    gateways = [_Gateway(folder / name, checkout) for name, checkout in checkouts.items()]
    ended = threading.Event()
    writer = threading.Thread(target=_write, args=([gateway.data for gateway in gateways], ended, single), daemon=True)
    try:
        for gateway in gateways:
            gateway.start()
            until(lambda g=gateway: '"started"' in g.log.read_text(), "a gateway", alive=gateway.running)  # type: ignore[misc]
        writer.start()
        time.sleep(SETTLE_S)
        before = [gateway.cpu_s for gateway in gateways]
        time.sleep(seconds)
        after = [gateway.cpu_s for gateway in gateways]
    finally:
        ended.set()
        for gateway in gateways:
            with suppress(OSError):
                gateway.kill()
    return [(late - early) * 60 / seconds for early, late in zip(before, after, strict=True)]


def _write(folders: list[Path], ended: threading.Event, single: bool) -> None:
    while not ended.wait(PERIOD_S):
        at = datetime.now(PLANT_TZ).isoformat(timespec="milliseconds")
        for folder in folders:
            for line in LINES:
                with (folder / ("output.txt" if single else f"{line}.txt")).open("ab") as handle:
                    handle.write(f"{at},{line},1,0\n".encode())
