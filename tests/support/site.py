"""One plant on one disk, with our own code from the sensor's file to the database: only the network, the clock and the
bucket are the test's, so that anything can be cut, doubled, reordered, lost or spoilt between any two steps."""

import asyncio
import hashlib
import itertools
import json
import shutil
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge_gateway.config import FolderConfig
from edge_gateway.folders.source import FolderSource
from edge_gateway.machines.counters import CounterBook, Observation
from edge_gateway.machines.counting import Rule
from edge_gateway.machines.description import Counter, Line
from edge_gateway.spool import store as spool_module
from edge_gateway.spool.store import Spool
from local.simulators.s3 import Bucket, Version
from local.stack.database import Database
from sicfar.counts.batch import Mark
from sicfar.ingest.intake import Intake, Message
from tests.support.reading import Reading

GATEWAY = "planta-1"
BUCKET = "teste"


class Clock:
    """The plant's time, in milliseconds since the epoch."""

    def __init__(self, at_ms: int) -> None:
        self.ms = at_ms

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


@dataclass
class Call:
    """One call of the recording function, as it was committed."""

    files: list[dict[str, Any]]
    answers: list[dict[str, Any]]


class Supabase:
    """The client as `sicfar.database.supabase` uses it, straight into PostgreSQL. `fate` of the next call: ok,
    lost (nothing happened) or late (committed, and nobody heard)."""

    base_url = "teste"

    def __init__(self, db: Database) -> None:
        self.db = db
        self.fate = "ok"
        self.calls: list[Call] = []

    def rpc(self, function: str, params: Mapping[str, Any]) -> "Supabase":
        self.asked = function, params
        return self

    def execute(self) -> "Supabase":
        fate, self.fate = self.fate, "ok"
        if fate == "lost":
            raise httpx.ConnectError("away")
        function, params = self.asked
        with self.db.as_role("service_role"):
            named = ", ".join(f"{name} => %s::jsonb" for name in params)
            self.data = self.db.one(f"select {function}({named})", *(json.dumps(value) for value in params.values()))
        self.calls.append(Call(params["p_arquivos"], self.data))
        if fate == "late":
            raise httpx.ReadTimeout("no answer")
        return self


@dataclass
class Made:
    """What a machine made: counts by instant (ms), nothing else knows them."""

    produced: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    rejected: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, at_ms: int, produced: int, rejected: int = 0) -> None:
        self.produced[at_ms] += produced
        self.rejected[at_ms] += rejected


class Site:
    """Two lines in one sensor file, one behind a PLC, one in loose files; one gateway; the parser."""

    SENSORS = ("SPEP-ENV-A", "SPEP-ENV-B")
    PLC = "SPEP-ENV-C"
    LOOSE = "SPPV-ENV-VIDRO01"

    def __init__(self, folder: Path, db: Database, at_ms: int, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clock = Clock(at_ms)
        patch.setattr(spool_module, "now_ms", self.clock.now_ms)
        numbers = itertools.count(1)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(hashlib.sha256(str(next(numbers)).encode()).hexdigest()[:32]))
        self.txt = folder / "txt"
        self.txt.mkdir()
        self.file = "keyence.txt"
        self.renamed = 0
        self.tail = b""
        self.made: dict[str, Made] = defaultdict(Made)
        self.counter = 0
        self.before_baseline: int | None = None
        self.bucket = Bucket(BUCKET)
        self.bucket.on_write = self.announce
        self.queue: list[Message] = []
        self.heard: list[Message] = []
        self.dead: list[Message] = []
        self.messages = 0
        self.supabase = Supabase(db)
        self.intake = Intake(self.bucket, self.supabase)  # type: ignore[arg-type]
        self.lives = 0
        self.epochs: list[str] = []
        self.boot()

    # The machines -----------------------------------------------------------------------------------------------------

    def write(self, line: str, counts: Sequence[tuple[int, int]], step_ms: int, cut: int | None) -> None:
        """The sensor appends records; `cut`: the last one's end comes only with the next writing."""
        text = self.tail
        record = b""
        for produced, rejected in counts:
            self.clock.ms += step_ms
            self.made[line].add(self.clock.ms, produced, rejected)
            stamp = datetime.fromtimestamp(self.clock.ms / 1000, UTC).isoformat(timespec="milliseconds")
            record = f"{stamp},{line},{produced},{rejected}\n".encode()
            text += record
        self.tail = record[len(record) - cut :] if cut and cut < len(record) else b""
        with (self.txt / self.file).open("ab") as handle:
            handle.write(text[: len(text) - len(self.tail)])

    def finish(self) -> None:
        """What was cut is completed."""
        if self.tail:
            with (self.txt / self.file).open("ab") as handle:
                handle.write(self.tail)
            self.tail = b""

    def garbage(self, data: bytes) -> None:
        self.finish()
        with (self.txt / self.file).open("ab") as handle:
            handle.write(data + b"\n")

    def rotate(self) -> None:
        self.finish()
        if (self.txt / self.file).exists():
            self.renamed += 1
            (self.txt / self.file).rename(self.txt / f"keyence-{self.renamed}.txt")

    def run(self, amount: int) -> None:
        """The PLC's counter runs on."""
        self.clock.ms += 700
        self.counter += amount
        self.made[self.PLC].add(self.clock.ms, amount)

    # The gateway ------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """A process begins with what the disk holds."""
        self.spool = Spool(self.folder / "spool", GATEWAY, seal_records=40)
        if self.spool.epoch not in self.epochs:
            self.epochs.append(self.spool.epoch)
        config = FolderConfig(path=str(self.txt), clock_tolerance_s=86_400)
        rule = Rule(max_per_hour=1_000_000, gap_ms=2_000)
        line: Line[object] = Line(self.PLC, Counter("40001", rule), None, includes_rejected=True, role="contagem")
        self.keyence = FolderSource(
            config,
            self.spool.positions("keyence"),
            self.spool.marks("keyence"),
            wall_ms=self.clock.now_ms,
            monotonic=self.clock.monotonic,
        )
        self.connected = False
        self.book = CounterBook("plc", [line], self.spool.positions("plc"), self.spool.marks("plc"))
        self.marks: dict[str, Sequence[Mark]] = {
            name: [Mark(line, until, "erro") for line, until in self.spool.marks(name).items() if until]
            for name in ("keyence", "plc")
        }

    def reboot(self) -> None:
        self.spool.close()
        self.boot()

    def lose_spool(self) -> None:
        """The disk dies; a new one comes."""
        self.spool.close()
        shutil.rmtree(self.folder / "spool")
        self.clock.ms += 1_000
        self.boot()

    def poll(self, source: str, crash: str) -> bool:
        """One reading; a crash before it is stored, or after that and before it is acknowledged."""
        reading = self._read(source)
        if crash == "before":
            self.reboot()
            return True
        if reading.has_news:
            self.spool.store(source, *reading.stored, self.clock.ms)
            if source == "plc" and self.before_baseline is None:
                self.before_baseline = self.counter
        if crash == "after":
            self.reboot()
            return True
        reading.ack()
        self.marks[source] = reading.marks
        return reading.more or reading.has_news

    def _read(self, source: str) -> Reading:
        if source == "plc":
            return Reading.of(self.book.take([Observation(self.PLC, self.clock.ms, self.counter)]))
        if not self.connected:
            asyncio.run(self.keyence.connect())
            self.connected = True
        return Reading.of(self.keyence.read_now())

    def seal(self) -> None:
        self.spool.seal(self.marks, self.clock.ms, allow_empty=True)

    def ship(self, crash: str) -> bool:
        """The oldest batch goes up; a crash before, or after it arrived and before that was noted."""
        batch = self.spool.next_sealed()
        if batch is None:
            return False
        if crash == "before":
            self.reboot()
            return True
        self.bucket.put_new(batch.key, batch.body)
        if crash == "after":
            self.reboot()
        else:
            self.spool.confirm(batch.seq, self.clock.ms)
        return True

    def send_all(self) -> None:
        """Everything that waits is sealed and goes up."""
        self.seal()
        while self.spool.waiting()[0]:
            self.seal()
        while self.ship("no"):
            pass

    # The cloud --------------------------------------------------------------------------------------------------------

    def announce(self, key: str, version: Version, reread: int | None = None) -> None:
        self.messages += 1
        event: dict[str, Any] = {
            "eventName": "ObjectCreated:Put",
            "eventTime": datetime.fromtimestamp(self.clock.ms / 1000, UTC).isoformat(),
            "s3": {
                "bucket": {"name": BUCKET},
                "object": {"key": key, "versionId": version.id, "size": len(version.body)},
            },
        }
        if reread is not None:
            event["reprocessar"] = reread
        self.queue.append(Message(str(self.messages), json.dumps({"Records": [event]})))

    def parse(self, chosen: Sequence[Message], fate: str) -> list[Call]:
        """One invocation. Messages that succeeded leave the queue, those that never can go to the dead letters."""
        self.supabase.fate = fate
        before = len(self.supabase.calls)
        result = self.intake.process(chosen)
        for message in {m.id: m for m in chosen}.values():
            error = result.failures.get(message.id)
            self.queue = [m for m in self.queue if m.id != message.id]
            if error is None:
                self.heard.append(message)
            elif error.fate.value == "permanent":
                self.dead.append(message)
            else:
                self.queue.append(Message(message.id, message.body, message.attempts + 1))
        return self.supabase.calls[before:]
