"""A real gateway process against a real S3: killed at random moments, started offline, refused a second time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from edge_gateway.machines.modbus_config import Register
from edge_gateway.spool.status import read_status
from local.processes import LOOPBACK, free_port
from local.simulators.modbus_plant import Machine, ModbusPlc
from local.stack.emulator import Emulator
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.instants import PLANT_TZ
from tests.support.small_s3 import known_lines, made, unsent

PYTHON = os.environ.get("GATEWAY_PYTHON", sys.executable)
KILLS = int(os.environ.get("KILLS", "4"))
LINES = [f"SPEP-ENV-{letter}" for letter in "ABCDEFGHIJ"]


@pytest.fixture
def bucket(aws: Emulator, request: pytest.FixtureRequest) -> str:
    name = f"sicfar-{abs(hash(request.node.name)) % 10**10}"
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    return name


class Gateway(GatewayProcess):
    """The gateway under the Python that GATEWAY_PYTHON names, by default this one."""

    def start(self) -> None:
        """Start it; the fixture `gateways` ends it."""
        with self.log.open("ab") as log:
            command = [PYTHON, "-m", "edge_gateway", "run", "--config", str(self.config)]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def starts(self) -> int:
        """How many times a gateway with this log was ready."""
        return self.log.read_text().count('"event": "started"')

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process


Gateways = Callable[[dict[str, object], dict[str, str]], Gateway]


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[Gateways]:
    """Makes gateways in the test's folder; none outlives the test, however it ends."""
    made: list[Gateway] = []

    def make(config: dict[str, object], environment: dict[str, str]) -> Gateway:
        made.append(Gateway(tmp_path, config, environment))
        return made[-1]

    try:
        yield make
    finally:
        for gateway in made:
            gateway.kill()


def configuration(folder: Path, bucket: str) -> dict[str, object]:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    return {
        "clps": {"keyence": {"protocol": "file", "path": str(data)}},
        "gateway": {"id": "farmace-spep", "bucket": bucket, "spool": str(folder / "spool"), "seal_seconds": 1},
    }


class Writer(threading.Thread):
    """The legacy job: appends to one file a line, four records a second each (`rate` times faster)."""

    def __init__(self, folder: Path, lines: list[str], rate: float = 1.0) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.lines = lines
        self.wait_s = 0.25 / rate
        self.written: Counter[str] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            self.write_once()
            self.ended.wait(self.wait_s)

    def write_once(self) -> None:
        for line in self.lines:
            at = datetime.now(PLANT_TZ)
            with (self.folder / f"{line}.txt").open("ab") as handle:
                handle.write(f"{at.isoformat(timespec='milliseconds')},{line},1,0\n".encode())
            self.written[line] += 1

    def end(self) -> None:
        self.ended.set()
        self.join()


def uploaded(aws: Emulator, bucket: str) -> tuple[Counter[str], list[int]]:
    """Records per line over all objects, and the sequences seen."""
    counts: Counter[str] = Counter()
    seqs: list[int] = []
    for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            key = BatchKey.parse(item["Key"])
            body = aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            batch = read_batch(key, [body])
            assert not batch.tally.problems
            for line, sums in batch.tally.lines.items():
                counts[line] += sums.records
                assert sums.records == sum(produced for produced, _ in sums.seconds.values())
            seqs.append(key.seq)
    return counts, sorted(seqs)


class Presses(threading.Thread):
    """Three machines of a PLC that make something twenty times a second; their counters wrap on the way."""

    def __init__(self, plc: ModbusPlc, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.plc = plc
        self.chance = chance
        self.made: Counter[str] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            for line in self.plc.machines:
                count = self.chance.randrange(3)
                self.plc.count(line, count, 0)
                self.made[line] += count

    def end(self) -> None:
        self.ended.set()
        self.join()


def presses(chance: random.Random) -> Presses:
    machines = [
        Machine(line, Register("holding", 100 + 4 * number), Register("holding", 102 + 4 * number))
        for number, line in enumerate(LINES[4:7])
    ]
    for machine in machines:
        machine.modulus, machine.made = 65_536, 65_500
    return Presses(ModbusPlc(machines), random.Random(chance.getrandbits(32)))


def test_p1_random_kills_under_load_lose_and_double_nothing(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str, chance: random.Random
) -> None:
    """`make kill KILLS=300` does it longer. Every third start finds no network."""
    config = configuration(tmp_path, bucket)
    machines = presses(chance)
    lines = {line: machine.configured(150_000) for line, machine in machines.plc.machines.items()}
    clp = {"protocol": "modbus", "address": machines.plc.address, "poll_ms": 50, "lines": lines}
    config["clps"] |= {"clp_spep": clp}  # type: ignore[operator]
    online = aws.environment()
    offline = online | {"AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}
    gateway = gateways(config, online)
    writer = Writer(tmp_path / "data", LINES[:4], rate=8)
    machines.plc.start()
    try:
        gateway.start()
        # The baseline first: what a counter showed before anyone looked is nobody's.
        until(
            lambda: set(LINES[4:7]) <= known_lines(tmp_path / "spool"), "the counters' baselines", alive=gateway.running
        )
        writer.start()
        machines.start()
        for number in range(KILLS):
            time.sleep(chance.uniform(0.1, chance.choice((1, 3, 7))))
            gateway.kill()
            gateway = gateways(config, online if number % 3 else offline)
            gateway.start()
        gateway.kill()
        gateway = gateways(config, online)
        before, made_before = gateway.starts(), writer.written.total()
        gateway.start()
        until(lambda: gateway.starts() > before, "the last start", alive=gateway.running)
        until(lambda: writer.written.total() > made_before + 50, "more production under the last gateway")
        writer.end()
        machines.end()
        expected = writer.written + machines.made
        until(
            lambda: counted(aws, bucket)[0].total() >= expected.total() and unsent(tmp_path / "spool") == 0,
            "everything uploaded",
            state=lambda: counted(aws, bucket)[0],
            alive=gateway.running,
            pause_s=0.2,
        )
    finally:
        writer.ended.set()
        machines.ended.set()
        gateway.stop()
        machines.plc.stop()
    counts, batches = counted(aws, bucket)
    assert counts == expected
    assert sorted(batches) == [(batches[0][0], seq) for seq in range(1, len(batches) + 1)]
    print(f"{KILLS} kills, {len(batches)} batches, {counts.total()} counts")  # noqa: T201 - the figure of `make kill`
    assert not list((tmp_path / "spool").glob("quarentena-*"))


def counted(aws: Emulator, bucket: str) -> tuple[Counter[str], list[tuple[str, int]]]:
    """What was made per line, over all objects, and their épocas and seqs; nothing may have been held."""
    batches = []
    for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            body = aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            batches.append(read_batch(BatchKey.parse(item["Key"]), [body]))
    return made(batches), [(batch.key.epoch, batch.key.seq) for batch in batches]


def test_p6_started_before_any_network_nothing_is_lost_when_s3_comes(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    offline = aws.environment() | {"AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{free_port()}"}
    config = configuration(tmp_path, bucket)
    writer = Writer(tmp_path / "data", LINES[:2], rate=4)
    gateway = gateways(config, offline)
    writer.start()
    try:
        gateway.start()
        # Several sealings long.
        until(lambda: unsent(tmp_path / "spool") > 60, "much that waits", alive=gateway.running)
        gateway.kill()
        writer.end()
        gateway.start()
        until(
            lambda: unsent(tmp_path / "spool") == writer.written.total(),
            "everything in the spool",
            state=lambda: unsent(tmp_path / "spool"),
            alive=gateway.running,
        )
        gateway.kill()
        status = read_status(tmp_path / "spool")
        assert status.sealed_batches <= 2, "what waits behind a failing uploader accumulates unsealed"
        # The files go too: what counts now is what the spool took while there was no network.
        for path in (tmp_path / "data").iterdir():
            path.unlink()
        gateway = gateways(config, aws.environment())
        gateway.start()
        until(
            lambda: uploaded(aws, bucket)[0].total() >= writer.written.total(),
            "everything uploaded",
            state=lambda: uploaded(aws, bucket),
            alive=gateway.running,
            pause_s=0.2,
        )
    finally:
        writer.ended.set()
        gateway.stop()
    counts, seqs = uploaded(aws, bucket)
    assert counts == writer.written
    assert seqs == list(range(1, len(seqs) + 1))


def test_p1_a_share_that_is_away_is_an_error_and_nothing_counts_again(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    config = configuration(tmp_path, bucket)
    data, away = tmp_path / "data", tmp_path / "away"
    for number in range(500):
        at = f"2026-03-15T08:{number // 60:02}:{number % 60:02}.000-03:00"
        (data / f"{number:03}.TXT").write_bytes(f"{at},{LINES[0]},1,0\n".encode())
    gateway = gateways(config, aws.environment())

    def state() -> str:
        told = json.loads(command("status", gateway.config, aws.environment(), "--json").stdout)
        return "; ".join(f"{source['estado']} {source['detalhe']}" for source in told["fontes"])

    def error() -> bool:
        return "sem nenhum arquivo *.txt, e 500 já foram lidos" in state()

    gateway.start()
    try:
        until(lambda: uploaded(aws, bucket)[0].total() == 500, "all of it", alive=gateway.running, pause_s=0.2)
        data.rename(away)
        data.mkdir()  # the mount point
        until(error, "the error", state=state, alive=gateway.running, pause_s=0.2)
        gateway.kill()
        gateway.start()  # before the share is mounted
        until(lambda: gateway.starts() == 2 and error(), "the error again", state=state, alive=gateway.running)
        data.rmdir()
        away.rename(data)
        Writer(data, LINES[1:2]).write_once()
        until(lambda: uploaded(aws, bucket)[0].total() > 500, "the next record", alive=gateway.running, pause_s=0.2)
    finally:
        gateway.stop()
    assert uploaded(aws, bucket)[0] == Counter({LINES[0]: 500, LINES[1]: 1})


def test_p6_no_source_file_is_held_open_between_polls(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    gateway = gateways(configuration(tmp_path, bucket), aws.environment())
    writer = Writer(tmp_path / "data", LINES, rate=1)
    writer.start()
    gateway.start()
    try:
        until(lambda: uploaded(aws, bucket)[1], "a first upload", alive=gateway.running, pause_s=0.2)
        process = psutil.Process(gateway.process.pid)
        free = 0
        for _ in range(40):
            free += not open_files(process, tmp_path / "data")
            time.sleep(0.05)
    finally:
        writer.end()
        gateway.stop()
    # A poll holds one file for well under a millisecond; a handle kept between polls would be seen every time. On a
    # busy machine a look meets an open file more often, and still none at some of the moments.
    assert free >= 4


def open_files(process: psutil.Process, folder: Path) -> list[str]:
    return [item.path for item in process.open_files() if Path(item.path).is_relative_to(folder)]


def test_p1_a_second_gateway_on_the_same_spool_is_refused(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    gateway = gateways(configuration(tmp_path, bucket), aws.environment())
    gateway.start()
    until(lambda: (tmp_path / "spool" / "spool.sqlite3").exists(), "the spool", alive=gateway.running)
    second = command("run", gateway.config, aws.environment())
    assert second.returncode == 2
    assert "outro gateway em execução já usa esta pasta de spool" in second.stderr


def command(name: str, config: Path, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", "edge_gateway", name, "--config", str(config), *more],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=LAST_RESORT_S,
        check=False,
    )


def test_a_missing_bucket_is_told_and_reading_goes_on(tmp_path: Path, gateways: Gateways, aws: Emulator) -> None:
    gateway = gateways(configuration(tmp_path, "sicfar-nao-existe"), aws.environment())
    Writer(tmp_path / "data", LINES[:1]).write_once()
    gateway.start()
    until(lambda: "NoSuchBucket" in gateway.log.read_text(), "the refusal in the log", alive=gateway.running)
    Writer(tmp_path / "data", LINES[:1]).write_once()
    until(lambda: unsent(tmp_path / "spool") == 2, "the second reading in the spool", alive=gateway.running)
    until(lambda: read_status(tmp_path / "spool").upload_error, "a batch refused", alive=gateway.running)
    status = command("status", gateway.config, aws.environment(), "--json")
    check = command("check", gateway.config, aws.environment())
    told = json.loads(status.stdout)
    assert status.returncode == 0, "as /saude: nothing is lost, and in a quarter of an hour it is an error"
    assert "o bucket não existe" in told["erro_envio"]
    assert "gateway.bucket" in told["erro_envio"]
    assert told["registros_pendentes"] + told["registros_selados"] == 2
    assert check.returncode == 2
    assert "o bucket não existe" in check.stdout


def test_missing_credentials_are_told_with_what_to_do(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    bare = aws.environment() | {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    gateway = gateways(configuration(tmp_path, bucket), bare)
    Writer(tmp_path / "data", LINES[:1]).write_once()
    check = command("check", gateway.config, bare)
    assert check.returncode == 2
    assert "faltam as credenciais da AWS" in check.stdout
    assert "AWS_ACCESS_KEY_ID" in check.stdout


def test_a_stop_signal_ends_the_gateway_in_order(
    tmp_path: Path, gateways: Gateways, aws: Emulator, bucket: str
) -> None:
    gateway = gateways(configuration(tmp_path, bucket), aws.environment())
    gateway.start()
    until(lambda: gateway.starts() == 1, "the start", alive=gateway.running)
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(LAST_RESORT_S) == 0
    events = [json.loads(line)["event"] for line in gateway.log.read_text().splitlines()]
    assert events[-1] == "stopped"
