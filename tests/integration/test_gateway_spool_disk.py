"""A real gateway on a small disk of its own that gets full: by its own spool while S3 is away, and by somebody else."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest

from edge_gateway.machines.modbus_config import Register
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import RESERVE_BYTES, Spool
from local.processes import LOOPBACK, free_port
from local.simulators.modbus_plant import Machine, ModbusPlc
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import Mark
from sicfar.counts.record import Record
from sicfar.instants import PLANT_TZ, now_ms
from tests.support.reading import Reading
from tests.support.small_s3 import S3, command, environment, known_lines

FILE_LINE, PLC_LINE = "SPEP-ENV-A", "SPEP-ENV-B"
LINES = 100_000
MB = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """96 MB in memory, of which 31 are taken: 1 MB for the spool above its reserve."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.fail(f"no disk of its own can be mounted (root is needed): {mounted.stderr.decode()}", pytrace=False)
    try:
        (folder / "taken").write_bytes(bytes(31 * MB))
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def health(port: int) -> str:
    with (
        suppress(HTTPError),
        urllib.request.urlopen(f"http://{LOOPBACK}:{port}/saude", timeout=LAST_RESORT_S) as answer,
    ):
        return str(answer.read().decode())
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(f"http://{LOOPBACK}:{port}/saude", timeout=LAST_RESORT_S)
    return refused.value.read().decode()


def fill(path: Path) -> None:
    """Take what is left of the disk, to the last byte."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(64 << 10))
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x")


def test_p1_a_full_disk_costs_resolution_no_unit_and_recovers_by_itself(tmp_path: Path, disk: Path) -> None:
    begun = datetime.now(PLANT_TZ) - timedelta(days=1)
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "a.txt").open("w", encoding="utf-8") as file:
        for number in range(LINES):
            at = begun + timedelta(milliseconds=250 * number)
            file.write(f"{at.isoformat(timespec='milliseconds')},{FILE_LINE},1,0\n")
    plc = ModbusPlc([Machine(PLC_LINE, Register("holding", 100), Register("holding", 102))])
    s3_port, page = free_port(), free_port()
    lines = {line: machine.configured(400_000) for line, machine in plc.machines.items()}
    config = {
        "clps": {
            "keyence": {"protocol": "file", "path": str(tmp_path / "data")},
            "clp": {"protocol": "modbus", "address": plc.address, "poll_ms": 100, "lines": lines},
        },
        "gateway": {
            "id": "farmace-spep",
            "bucket": "sicfar",
            "spool": str(disk / "spool"),
            "seal_seconds": 1,
            "seal_records": 10_000,
            "page": f"{LOOPBACK}:{page}",
        },
    }
    gateway = GatewayProcess(tmp_path, config, environment(s3_port))
    plc.start()
    gateway.start()
    made = 0
    s3 = None
    try:

        def produce(seconds: float) -> int:
            for _ in range(int(seconds * 10)):
                plc.count(PLC_LINE, 3, 0)
                time.sleep(0.1)
            return int(seconds * 10) * 3

        until(lambda: PLC_LINE in known_lines(disk / "spool"), "the baseline", alive=gateway.running)
        made += produce(1)
        until(
            lambda: "o disco do spool está cheio" in gateway.log.read_text(),
            "the full disk in the log",
            alive=gateway.running,
        )
        made += produce(2.5)
        code, told = command(gateway.config, "status")
        assert (code, "o disco do spool está cheio" in told) == (1, True)
        assert "disco: o disco do spool está cheio" in health(page)
        fill(disk / "another")
        made += produce(1.5)
        assert gateway.running()
        code, told = command(gateway.config, "spool", "check")
        assert (code, "cheio: nada novo é lido" in told) == (1, True)
        (disk / "another").unlink()
        # The room is the spool's own, and it gives it back: nobody has to delete anything.
        s3 = S3(s3_port)
        until(lambda: s3.counts()[0][FILE_LINE] >= LINES, "all of the file", alive=gateway.running)
        made += produce(0.5)
        until(lambda: s3.counts()[0][PLC_LINE] >= made, "all of the counter", alive=gateway.running)
        assert gateway.running()
    finally:
        gateway.stop()
        plc.stop()
        if s3 is not None:
            s3.shutdown()
            s3.server_close()
    counts, seqs, spans = s3.counts()
    assert counts == {FILE_LINE: LINES, PLC_LINE: made}
    assert seqs == list(range(1, len(seqs) + 1))
    assert spans > 0, "what was made while nothing could be stored says since when"


def test_p6_a_gateway_that_starts_on_a_full_disk_waits_for_it(tmp_path: Path, disk: Path) -> None:
    (tmp_path / "data").mkdir()
    fill(disk / "another")
    config = {
        "clps": {"keyence": {"protocol": "file", "path": str(tmp_path / "data")}},
        "gateway": {"id": "farmace-spep", "bucket": "sicfar", "spool": str(disk / "spool")},
    }
    gateway = GatewayProcess(tmp_path, config, environment(free_port()))
    gateway.start()
    try:
        until(lambda: "libere espaço em disco" in gateway.log.read_text(), "the reason", alive=gateway.running)
        assert gateway.running()
        (disk / "another").unlink()
        until(lambda: '"started"' in gateway.log.read_text(), "the start", alive=gateway.running)
    finally:
        gateway.stop()


def test_the_hours_told_are_never_more_than_the_disk_lasts(tmp_path: Path) -> None:
    """A day of small readings that nobody takes: what they took on disk, and what was foretold."""
    spool = Spool(tmp_path, "farmace-spep", seal_records=20_000)
    spool._db.execute("PRAGMA synchronous=OFF")
    readings, period_ms = 2_000, 43_200
    start = now_ms() - readings * period_ms
    sizes = []
    for number in range(readings):
        at = start + number * period_ms
        records = [Record(at, f"SPEP-ENV-{letter}", 1, 0, origin="clp") for letter in "AB"]
        marks = [Mark(f"SPEP-ENV-{letter}", at, "ok") for letter in "AB"]
        spool.store("clp", *Reading(records, {"a/b/c": b"x" * 60}, marks).stored, at)
        spool.beat({}, at)
        if number == readings // 4:
            spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sizes.append((tmp_path / "spool.sqlite3").stat().st_size)
    spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sizes.append((tmp_path / "spool.sqlite3").stat().st_size)
    status = read_status(tmp_path)
    spool.close()
    assert status.hours_left is not None
    foretold = status.disk_usable_bytes / status.hours_left
    took = (sizes[1] - sizes[0]) * 3_600_000 / (readings * 3 // 4 * period_ms)
    assert took <= foretold < 1.6 * took
    assert status.disk_usable_bytes < status.disk_free_bytes - RESERVE_BYTES + 10 * MB
