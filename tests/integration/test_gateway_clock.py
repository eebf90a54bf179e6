"""A gateway whose clock is wrong and is set right while it works: what its batches, its marks and its pages say.

In one process with the real engine, spool and uploader the gateway's clock is shifted; with the real gateway process
it is S3's that is, which is the same to the gateway.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path

import pytest

from edge_gateway import engine, uploader
from edge_gateway.clock import Instant, OwnClock, since_boot_ms
from edge_gateway.config import FolderConfig
from edge_gateway.engine import Engine
from edge_gateway.folders.source import SURVEYED, FolderSource
from edge_gateway.source import AnySource, ReadResult, SourceError
from edge_gateway.spool.status import NoSpoolError, read_status
from edge_gateway.spool.store import SealedBatch, Spool
from edge_gateway.uploader import Uploader, UploadUnavailableError
from local.processes import LOOPBACK, free_port
from local.stack.gateway import GatewayProcess
from local.waiting import until
from sicfar.counts.batch import Batch, Mark, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from sicfar.instants import format_instant, now_ms
from tests.support.reading import Reading
from tests.support.small_s3 import S3, command, environment

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
MINUTE = 60_000
HOUR = 60 * MINUTE


class Polled:
    """A machine without a clock: each reading makes one, at the gateway's time."""

    name, period_ms = "plc", 20

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.made = 0
        self.dead = False

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def read(self) -> ReadResult:
        if self.dead:
            raise SourceError("a máquina não responde", self.name)
        self.made += 1
        at_ms = self.plant.wall_ms()
        return Reading([Record(at_ms, A, 1, 0)], marks=[Mark(A, at_ms, "ok")]).result


class Plant:
    """A gateway with a clock that is `ahead_ms` of this computer's, which is right, and an S3 that may be `away`."""

    def __init__(self, folder: Path, *, ahead_ms: int, away: bool = False) -> None:
        self.folder = folder
        self.ahead_ms = ahead_ms
        self.away = away
        self.spool = Spool(folder / "spool", "planta-1", seal_records=20_000)
        self.clock = OwnClock()
        self.clock.has_passed(self.spool.past_ms(), self.now())
        self.batches: list[Batch] = []

    def wall_ms(self) -> int:
        return now_ms() + self.ahead_ms

    def now(self) -> Instant:
        return Instant(self.wall_ms(), since_boot_ms())

    def check(self, _gateway: str) -> None:
        sent = self.now()
        if self.away:
            raise UploadUnavailableError("sem rede", "s3")
        self.clock.s3(formatdate(time.time(), usegmt=True), sent, self.now())

    def put(self, batch: SealedBatch) -> None:
        self.check("")
        self.batches.append(read_batch(BatchKey.parse(batch.key), [batch.body]))

    def folder_source(self) -> FolderSource:
        config = FolderConfig(path=str(self.folder), poll_ms=50)
        return FolderSource(config, {SURVEYED: b""}, {}, own_clock=self.clock, wall_ms=self.wall_ms)

    def append(self, *lines: str) -> None:
        """What the sensors write now, by their own clocks, which are right."""
        with (self.folder / "keyence_output.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{format_instant(now_ms())},{line},1,0\n" for line in lines)

    def counted(self) -> int:
        return sum(batch.tally.records for batch in self.batches)

    def run(self, source: AnySource, story: Callable[[], None]) -> None:
        """Let the gateway work until the story has ended."""

        async def play() -> None:
            sender = Uploader(self.spool, self, first_wait_s=0.02, clock=self.clock)
            gateway = Engine([source], self.spool, sender, seal_seconds=0, seal_records=20_000, clock=self.clock)
            stop = asyncio.Event()
            running = asyncio.create_task(gateway.run(stop))
            try:
                await asyncio.to_thread(story)
            finally:
                stop.set()
                await running

        asyncio.run(play())


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Plant]]:
    plants: list[Plant] = []

    def start(**how: object) -> Plant:
        plant = Plant(tmp_path, **how)  # type: ignore[arg-type]
        monkeypatch.setattr(engine, "instant", plant.now)
        monkeypatch.setattr(engine, "now_ms", plant.wall_ms)
        monkeypatch.setattr(engine, "BEAT_S", 0.05)
        monkeypatch.setattr(uploader, "now_ms", plant.wall_ms)
        plants.append(plant)
        return plant

    yield start
    for plant in plants:
        plant.spool.close()


def check_marks(plant: Plant) -> None:
    """No mark passes the sealing instant, nor the present."""
    for batch in plant.batches:
        for mark in batch.marks:
            assert mark.until_ms <= batch.sealed_at.timestamp() * 1000
            assert mark.until_ms <= now_ms()


def test_p11_a_gateway_an_hour_ahead_offline_says_so_when_s3_answers(started: Callable[..., Plant]) -> None:
    plant = started(ahead_ms=HOUR, away=True)
    machine = Polled(plant)

    def story() -> None:
        until(lambda: machine.made > 5, "readings by the wrong clock")
        assert plant.spool.waiting()[1] == 0, "sealed by a clock that nobody witnessed"
        wrong = machine.made
        plant.ahead_ms = 0  # the time service has come up, before the network
        until(lambda: machine.made > wrong + 5, "readings by the right clock")
        plant.away = False
        until(lambda: plant.counted() > machine.made // 2 and len(plant.batches) >= 4, "batches")

    plant.run(machine, story)
    first, *later = plant.batches
    assert first.clock is not None
    assert (first.clock.witness, round(first.clock.offset_ms / MINUTE)) == ("s3", 60)
    assert [batch.clock for batch in later if batch.tally.records] == [None] * len(later)
    check_marks(plant)
    (line,) = read_status(plant.folder / "spool").lines
    assert line.mark is not None
    assert datetime.fromisoformat(line.mark) <= datetime.now(UTC), "the stored mark has come down"


def test_p11_marks_of_a_clock_known_to_be_ahead_never_pass_the_present(
    started: Callable[..., Plant],
) -> None:
    plant = started(ahead_ms=HOUR)
    machine = Polled(plant)

    def said() -> tuple[str | None, int] | None:
        clock = read_status(plant.folder / "spool").clock
        return None if clock is None else (clock.witness, round((clock.offset_ms or 0) / MINUTE))

    def story() -> None:
        until(lambda: len(plant.batches) >= 3 and plant.counted() > 0, "batches in doubt")
        until(lambda: said() == ("s3", 60), "the status")
        plant.ahead_ms = 0
        many = len(plant.batches)
        until(lambda: len(plant.batches) >= many + 4, "batches after it was set right")
        until(lambda: read_status(plant.folder / "spool").clock.offset_ms is None, "the status")  # type: ignore[union-attr]

    plant.run(machine, story)
    assert all(batch.clock is not None for batch in plant.batches[:2])
    assert plant.batches[-1].clock is None, "the doubt ended by itself"
    check_marks(plant)


def test_p4_a_dead_machines_mark_stays_while_the_clock_is_ahead(
    started: Callable[..., Plant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_SEAL_S", 0.05)
    plant = started(ahead_ms=HOUR)
    machine = Polled(plant)
    died_ms = 0

    def story() -> None:
        nonlocal died_ms
        until(lambda: plant.counted() > 3, "counts")
        plant.away = True
        until(lambda: plant.spool.waiting()[1] == engine.SEALED_WAITING, "no more is sealed")
        machine.dead, died_ms = True, now_ms()
        until(lambda: now_ms() > died_ms + 300, "time in which nothing is read")
        plant.away = False
        many = len(plant.batches)
        until(lambda: len(plant.batches) >= many + 6, "more batches")

    plant.run(machine, story)
    assert plant.batches[-1].marks[0].state == "erro"
    assert plant.batches[-1].marks[0].until_ms <= died_ms + 50
    check_marks(plant)


@pytest.mark.parametrize("away", [False, True])
def test_p2_right_times_of_machines_stand_while_the_gateway_is_behind(
    started: Callable[..., Plant], away: bool
) -> None:
    """With S3 by its word; without, by that of two lines that agree with each other."""
    plant = started(ahead_ms=-HOUR, away=away)
    source = plant.folder_source()
    begun = now_ms()

    def story() -> None:
        plant.append(A, B)
        until(lambda: plant.spool.waiting()[0] + plant.counted() >= 2, "the first lines")
        for number in range(2, 5):
            plant.append(A, B)
            until(lambda many=2 * number: plant.spool.waiting()[0] + plant.counted() >= many, "more lines")  # type: ignore[misc]
        plant.away = False
        until(lambda: plant.counted() == 8, "the batches")

    plant.run(source, story)
    counted = [second for batch in plant.batches for sums in batch.tally.lines.values() for second in sums.seconds]
    assert min(counted) >= begun // 1000
    assert not [flag for batch in plant.batches for sums in batch.tally.lines.values() for flag in sums.flags]
    assert all(batch.clock is not None and batch.clock.offset_ms < -55 * MINUTE for batch in plant.batches)
    check_marks(plant)


def test_p8_a_clock_of_1970_reads_nothing_and_goes_on_when_it_is_set(started: Callable[..., Plant]) -> None:
    plant = started(ahead_ms=-now_ms())
    machine = Polled(plant)

    def story() -> None:
        until(lambda: "1970" in "".join(s.detail for s in read_status(plant.folder / "spool").sources), "the error")
        assert not machine.made
        plant.ahead_ms = 0
        until(lambda: plant.counted() > 2, "counts")

    plant.run(machine, story)
    assert not [item for batch in plant.batches for item in batch.unreadable]


# -- the real process --------------------------------------------------------------------------------------------------


@pytest.fixture
def s3() -> Iterator[S3]:
    server = S3(0)
    yield server
    server.shutdown()
    server.server_close()


def test_p11_a_real_gateway_an_hour_ahead_says_whose_clock_is_wrong(
    tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.behind_s = 3_630
    page = free_port()
    folder = tmp_path / "txt"
    folder.mkdir()
    spool = tmp_path / "spool"
    config: dict[str, object] = {
        "clps": {"keyence": {"protocol": "file", "path": str(folder), "poll_ms": 50}},
        "gateway": {
            "id": "planta-1",
            "bucket": "contagens",
            "spool": str(spool),
            "seal_seconds": 1,
            "page": f"{LOOPBACK}:{page}",
        },
    }
    for name, value in environment(s3.server_address[1]).items():
        monkeypatch.setenv(name, value)
    gateway = GatewayProcess(tmp_path, config, {})

    def write(line: str, behind_ms: int) -> None:
        with (folder / "keyence_output.txt").open("a", encoding="utf-8") as file:
            file.write(f"{format_instant(now_ms() - behind_ms)},{line},1,0\n")

    def offset() -> int | None:
        try:
            clock = read_status(spool).clock
        except NoSpoolError:
            return None
        return None if clock is None else clock.offset_ms

    code, said = command(gateway.config, "check")
    assert code == 1
    assert "erro   relógio: a hora deste computador é a do S3 +3" in said
    write(A, 3_630_000)
    gateway.start()
    try:
        until(lambda: offset() is not None, "the clock's doubt", state=lambda: gateway.log.read_text()[-2000:])
        write(A, 3_630_000)
        until(lambda: sum(batch.tally.records for batch in s3.batches()) == 2, "both lines in S3")
        code, said = command(gateway.config, "status")
        assert code == 1
        assert "relógio: o relógio deste computador está 60 min adiantado (diz o S3)" in said
        with pytest.raises(urllib.error.HTTPError) as health:
            urllib.request.urlopen(f"http://{LOOPBACK}:{page}/saude")
        reasons = json.loads(health.value.read())["motivos"]
        assert [reason for reason in reasons if reason.startswith("relógio: o relógio deste computador")] == reasons
    finally:
        gateway.stop()
    assert all(batch.clock is not None and batch.clock.witness == "s3" for batch in s3.batches())
    for batch in s3.batches():
        for sums in batch.tally.lines.values():
            assert not sums.flags
            assert all(abs(second - (time.time() - 3_600)) < 600 for second in sums.seconds), "the machine's own time"
    s3.behind_s = 0
    gateway.start()
    try:
        many = len(s3.batches())
        write(A, 0)
        until(lambda: len(s3.batches()) > many and s3.batches()[-1].clock is None, "a batch that is believed")
        code, said = command(gateway.config, "check")
        assert code == 0
        assert "ok     relógio: a hora deste computador é a do S3 " in said
    finally:
        gateway.stop()
