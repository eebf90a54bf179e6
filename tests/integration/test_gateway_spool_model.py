"""The spool on a disk that fails in every way a disk can, against a plant that knows what it issued.

Integration and not unit: the disk is put under the SQLite library of the system (`tests.support.faulty_disk`).
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from edge_gateway.clock import Judgement
from edge_gateway.source import Content, Progress
from edge_gateway.spool.sealing import Sealer
from edge_gateway.spool.store import SealedBatch, Spool, SpoolConfigurationError, SpoolError
from tests.support.faulty_disk import SURVIVALS, Disk, Op, Refusal, Survival, faulty, is_effective
from tests.support.spool_world import Cloud, Plant, check

THOROUGH = bool(os.environ.get("SPOOL_THOROUGH"))
"""`make kill` looks at every crash and every refusal; the suite at a sample, the same each time."""

PROGRAM: list[tuple[Any, ...]] = [
    ("store", 3),
    ("seal",),
    ("store", 1),
    ("upload",),
    ("seal",),
    ("lost",),
    ("store", 14),
    ("upload",),
    ("reopen",),
    ("seal",),
    ("store", 2),
    ("upload",),
    ("seal",),
    ("upload",),
    ("store", 5),
]


@pytest.fixture
def folders(tmp_path: Path) -> Any:
    assert is_effective(), "Python's SQLite is not the system's: nothing would be tested"
    number = iter(range(1 << 30))

    @contextmanager
    def folder() -> Iterator[Path]:
        path = tmp_path / str(next(number))
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)

    return folder


def recorded(folder: Path, spool: type[Spool] = Spool, program: list[tuple[Any, ...]] = PROGRAM) -> Disk:
    """The log of a program that nothing disturbed."""
    with faulty(Disk(folder)) as disk:
        plant = Plant(folder, Cloud(), note=disk.note, spool=spool)
        for step in program:
            plant.act(step)
        plant.close()
    return disk


def survive(disk: Disk, until: int, survival: Survival, seed: int, image: Path, spool: type[Spool] = Spool) -> None:
    """Cut the power after `until` entries, start anew from what is left, and bring everything home."""
    notes = [op.note for op in disk.log[:until] if op.kind == "note"]
    acked = max((note[1] for note in notes if note[0] == "acked"), default=0)
    issued = max((note[1] for note in notes if note[0] == "issued"), default=0)
    cloud = Cloud({note[1]: note[2] for note in notes if note[0] == "cloud"})
    disk.crash(image, until, survival, seed)
    with faulty(Disk(image)):
        plant = Plant(image, cloud, spool=spool)
        try:
            assert acked <= plant.acked <= issued, "a stored reading is gone"
            plant.check_counts()
            plant.drain()
            plant.check_counts()
        finally:
            plant.close()
    check(plant)


def explore(
    folders: Any,
    seed: int,
    spool: type[Spool] = Spool,
    *,
    every: int = 1,
    program: list[tuple[Any, ...]] = PROGRAM,
) -> int:
    """Crash a program everywhere, in every way. Returns how many crashes that were."""
    with folders() as folder:
        disk = recorded(folder, spool, program)
        crashes = [(until, survival) for until in range(len(disk.log) + 1) for survival in SURVIVALS]
        random.Random(seed).shuffle(crashes)
        for until, survival in crashes[::every]:
            with folders() as image:
                try:
                    survive(disk, until, survival, seed + until, image, spool)
                except Exception as error:
                    where = disk.log[until - 1] if until else "the start"
                    raise AssertionError(f"crash after {until} ({where}), {survival}, {seed + until}") from error
    return len(crashes[::every])


def test_p1_a_power_cut_in_the_first_start_leaves_a_spool_that_starts(folders: Any, seed: int) -> None:
    """While SQLite still has its rollback journal, and before the folders are synced."""
    assert explore(folders, seed, every=4, program=[]) > 50


def test_p1_a_power_cut_at_any_operation_loses_and_doubles_nothing(folders: Any, seed: int) -> None:
    assert explore(folders, seed, every=1 if THOROUGH else 9) > 100


_REFUSED = {
    "create": sqlite3.SQLITE_CANTOPEN,
    "truncate": sqlite3.SQLITE_IOERR_TRUNCATE,
    "sync": sqlite3.SQLITE_IOERR_FSYNC,
    "delete": sqlite3.SQLITE_IOERR_DELETE,
}


def refusing(first: int, count: int, *, full: bool) -> Refusal:
    """Refuse `count` operations from number `first` on, each kind with its own error."""
    write = sqlite3.SQLITE_FULL if full else sqlite3.SQLITE_IOERR_WRITE

    def answer(number: int, op: Op) -> int:
        return _REFUSED.get(op.kind, write) if first <= number < first + count else 0

    return answer


def insist(plant: Plant, *step: Any) -> None:
    """Do a step as the gateway does: what the disk refuses is tried again later, opening too."""
    with suppress(SpoolError, SpoolConfigurationError):
        if plant.spool is None:
            plant.open()
        plant.act(step)


def refused(folders: Any, first: int, count: int, *, full: bool) -> bool:
    """Run the program on a disk that refuses for a while. Returns whether it did: the program may have ended before."""
    with folders() as folder, faulty(Disk(folder)) as disk:
        plant = Plant(folder, Cloud())
        begun = disk.operations + first
        disk.refuse = refusing(begun, count, full=full)
        try:
            for step in PROGRAM:
                insist(plant, *step)
            reached = disk.operations > begun
            disk.refuse = refusing(0, 0, full=full)
            if plant.spool is None:
                plant.open()
            plant.check_counts()
            plant.drain()
            plant.check_counts()
        finally:
            plant.close()
        check(plant)
    return reached


def test_p1_a_disk_full_or_failing_anywhere_loses_and_doubles_nothing(folders: Any, seed: int) -> None:
    pace = 1 if THOROUGH else 8
    first = seed % pace
    tried = 0
    while all(refused(folders, first, count, full=full) for count, full in ((1, True), (1, False), (6, True))):
        first += pace
        tried += 1
    assert tried > 20


class Programs(RuleBasedStateMachine):
    """Programs that nobody thought of, on a disk that fails and loses power as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="spool-model-")))
        self.number = 0
        self.cloud = Cloud()
        self.begin()

    def begin(self) -> None:
        """Open what is in the folder of this number."""
        place = self.folder / str(self.number)
        place.mkdir(exist_ok=True)
        self.disk = Disk(place)
        self.using = ExitStack()
        self.using.enter_context(faulty(self.disk))
        self.plant = Plant(place, self.cloud, note=self.disk.note)

    @rule(count=st.integers(1, 25))
    def store(self, count: int) -> None:
        insist(self.plant, "store", count)

    @rule()
    def seal(self) -> None:
        insist(self.plant, "seal")

    @rule(step=st.sampled_from(["upload", "upload", "lost", "reopen"]))
    def ship(self, step: str) -> None:
        insist(self.plant, step)

    @rule(first=st.integers(0, 30), count=st.integers(1, 12), full=st.booleans())
    def trouble(self, first: int, count: int, full: bool) -> None:
        self.disk.refuse = refusing(self.disk.operations + first, count, full=full)

    @rule(back=st.integers(0, 12), survival=st.sampled_from(SURVIVALS), seed=st.integers(0, 99))
    def cut_power(self, back: int, survival: Survival, seed: int) -> None:
        """Now, or up to `back` operations ago while nothing had been reported since."""
        until = len(self.disk.log)
        while back and until and self.disk.log[until - 1].kind != "note":
            back, until = back - 1, until - 1
        acked, issued = self.plant.acked, self.plant.issued
        self.number += 1
        self.disk.crash(self.folder / str(self.number), until, survival, seed)
        self.end()
        self.begin()
        assert acked <= self.plant.acked <= issued, "a stored reading is gone"

    @invariant()
    def counts(self) -> None:
        if self.plant.spool is not None:
            self.plant.check_counts()

    def end(self) -> None:
        self.disk.refuse = refusing(0, 0, full=False)
        self.plant.close()
        self.using.close()

    def teardown(self) -> None:
        try:
            self.disk.refuse = refusing(0, 0, full=False)
            if self.plant.spool is None:
                self.plant.open()
            self.plant.drain()
            self.plant.check_counts()
            check(self.plant)
        finally:
            self.end()
            self.stack.close()


def test_p1_any_program_on_any_disk_loses_and_doubles_nothing() -> None:
    run_state_machine_as_test(
        Programs,
        settings=settings(
            max_examples=1_000 if THOROUGH else 15,
            stateful_step_count=40 if THOROUGH else 25,
            suppress_health_check=list(HealthCheck),
        ),
    )


# -- whoever finds nothing must be able to find something --------------------------------------------------------------


class WithoutSync(Spool):
    """Leaves to the system when what was committed is written."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._db.execute("PRAGMA synchronous=OFF")


class PositionsApart(Spool):
    """Commits the records, then how far was read."""

    def store(
        self, source: str, content: Content, progress: Progress, now_ms: int, clock: Judgement | None = None
    ) -> None:
        super().store(source, content, replace(progress, positions={}), now_ms, clock)
        super().store(source, Content(), Progress(positions=progress.positions), now_ms, clock)


class PositionsFirst(Spool):
    """Commits how far was read, then the records."""

    def store(
        self, source: str, content: Content, progress: Progress, now_ms: int, clock: Judgement | None = None
    ) -> None:
        super().store(source, Content(), Progress(positions=progress.positions), now_ms, clock)
        super().store(source, content, replace(progress, positions={}), now_ms, clock)


class ForgetsFirst(Spool):
    """Forgets a batch when it is taken, not when it has arrived."""

    def next_sealed(self) -> SealedBatch | None:
        batch = super().next_sealed()
        if batch is not None:
            self.confirm(batch.seq, 0)
        return batch


class KeepsWhatItSealed(Spool):
    """Seals, and removes what it sealed in a transaction of its own."""

    def seal(self, *arguments: Any, **named: Any) -> int | None:
        kept = self._db.execute("SELECT * FROM pendentes").fetchall()
        seq = super().seal(*arguments, **named)
        row = f"({', '.join('?' * len(kept[0]))})" if kept else ""
        with self._transaction() as db:
            gone = [
                each for each in kept if not db.execute("SELECT 1 FROM pendentes WHERE id = ?", each[:1]).fetchone()
            ]
            db.executemany(f"INSERT INTO pendentes VALUES {row}", gone)
        with self._transaction() as db:
            db.executemany("DELETE FROM pendentes WHERE id = ?", [each[:1] for each in gone])
        return seq


class MarksAhead(Spool):
    """Lets a batch carry the newest marks though it does not take all that waits."""

    def seal(self, *arguments: Any, **named: Any) -> int | None:
        parts = (getattr(self._sealer, each.name) for each in fields(Sealer))
        self._sealer = TakesAll(*parts)
        return super().seal(*arguments, **named)


class TakesAll(Sealer):
    """Says that what it takes is all there is."""

    def _take(self) -> Any:
        return super()._take()[0], True


@pytest.mark.parametrize(
    "mistaken",
    [WithoutSync, PositionsApart, PositionsFirst, ForgetsFirst, KeepsWhatItSealed, MarksAhead],
)
def test_each_planted_mistake_is_found(folders: Any, seed: int, mistaken: type[Spool]) -> None:
    with pytest.raises(AssertionError):
        explore(folders, seed, mistaken, every=3)
