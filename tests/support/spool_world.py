"""A plant around a spool, for tests that let its disk fail: issued records, a cloud, and what must hold between them.

It shares no code with the spool but what a batch looks like. The source issues records 1, 2, 3 … and reads again from
the position that the spool gives it; a mark says up to which of them the line is known.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_gateway.spool.status import read_status, snapshot
from edge_gateway.spool.store import SealedBatch, Spool
from edge_gateway.spool.tally import read_tally
from sicfar.counts.batch import Mark, Unreadable, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from tests.support.reading import Reading

LINE = "SPEP-ENV-A"
SOURCE = "plc"
NOW = 1_773_573_301_000
SEAL_RECORDS = 10
PAGES = 8
"""The log is put into the file after so few pages, so that short programs see it happen often."""


class Cloud:
    """Objects by key; a key is written once (`If-None-Match`), and a second time only with the same bytes."""

    def __init__(self, objects: Mapping[str, bytes] | None = None) -> None:
        self.objects = dict(objects or {})

    def put(self, batch: SealedBatch) -> None:
        assert self.objects.setdefault(batch.key, batch.body) == batch.body, "other bytes under the same key"


class Plant:
    """A source, a spool and a cloud. `issued`: the last record that exists; `acked`: the last one stored for certain.

    Every step may raise SpoolError and be tried again.
    """

    def __init__(self, folder: Path, cloud: Cloud, *, note: Any = None, spool: type[Spool] = Spool) -> None:
        self.folder = folder
        self.cloud = cloud
        self._note = note or (lambda _: None)
        self._kind = spool
        self.spool: Spool | None = None
        self.open()

    def open(self) -> None:
        self.spool = self._kind(self.folder, "farmace-spep", seal_records=SEAL_RECORDS)
        self.spool._db.execute(f"PRAGMA wal_autocheckpoint={PAGES}")
        self.acked = self.issued = int(self.spool.positions(SOURCE).get("at", b"0"))

    def close(self) -> None:
        if self.spool is not None:
            self.spool.close()
            self.spool = None

    @property
    def running(self) -> Spool:
        assert self.spool is not None
        return self.spool

    def store(self, count: int) -> None:
        """Issue `count` records more and store what is not stored yet; every seventh is one that cannot be read."""
        self.issued = max(self.issued, self.acked + count)
        self._note(("issued", self.issued))
        numbers = range(self.acked + 1, self.issued + 1)
        self.running.store(
            SOURCE,
            *Reading(
                [Record(at(n), LINE, 1, 0, origin=str(n)) for n in numbers if n % 7],
                {"at": str(self.issued).encode(), f"old{self.issued % 3}": b"x" * (self.issued % 50)},
                [Mark(LINE, at(self.issued), "ok")],
                [Unreadable(str(n), "COLUNAS", b"?" * n) for n in numbers if not n % 7],
            ).stored,
            at(self.issued),
        )
        self.acked = self.issued
        self._note(("acked", self.acked))

    def seal(self) -> None:
        self.running.seal(
            {SOURCE: [Mark(LINE, at(self.acked), "ok")]} if self.acked else {}, at(self.acked), allow_empty=True
        )

    def upload(self, *, answered: bool = True) -> bool:
        """Send the oldest batch. Not `answered`: it arrives, and nobody hears of it."""
        batch = self.running.next_sealed()
        if batch is None:
            return False
        self.cloud.put(batch)
        self._note(("cloud", batch.key, batch.body))
        if answered:
            self.running.confirm(batch.seq, at(self.acked))
        return True

    def act(self, step: tuple[Any, ...]) -> None:
        """One step of a program: its name and its arguments."""
        name, *arguments = step
        if name == "reopen":
            self.close()
            self.open()
        elif name == "lost":
            self.upload(answered=False)
        else:
            getattr(self, name)(*arguments)

    def drain(self) -> None:
        """Bring everything to the cloud."""
        self.store(max(self.issued - self.acked, 0) + 2)
        while self.running.waiting()[0] or self.running.waiting()[1]:
            self.seal()
            while self.upload():
                pass

    def check_counts(self) -> None:
        """What the spool knows by heart is what is in its file."""
        told = read_status(self.folder)
        assert self.running.waiting() == (told.pending_records, told.sealed_batches)
        with snapshot(self.folder) as db:
            tallied = sum(tally.produced for tally in read_tally(db, 0))
        assert tallied == sum(1 for number in range(1, self.acked + 1) if number % 7), "a shift's sheet"


def at(number: int) -> int:
    """The instant of a record, ms: one second each."""
    return NOW + number * 1000


def check(plant: Plant) -> None:
    """Issued is delivered, each once and in order; no mark ran ahead, and nothing was put aside."""
    batches = [(BatchKey.parse(key), body) for key, body in plant.cloud.objects.items()]
    batches.sort(key=lambda item: item[0].seq)
    assert len({key.epoch for key, _ in batches}) == 1, "the época changed"
    assert [key.seq for key, _ in batches] == list(range(1, len(batches) + 1)), "the sequences have a gap"
    records: list[int] = []
    others: list[int] = []
    for key, body in batches:
        batch = read_batch(key, [body])
        rows = [line.split(",") for line in gzip.decompress(body).decode().splitlines() if line[0].isdigit()]
        records += [int(row[8]) for row in rows]
        others += [int(item.origin) for item in batch.unreadable]
        known = {*records, *others}
        for mark in batch.marks:
            assert known.issuperset(range(1, (mark.until_ms - NOW) // 1000 + 1)), "a mark ran ahead of its records"
    assert records == [number for number in range(1, plant.issued + 1) if number % 7], "records"
    assert others == [number for number in range(1, plant.issued + 1) if not number % 7], "unreadable lines"
    assert not list(plant.folder.glob("quarentena-*")), "a spool was given up"
