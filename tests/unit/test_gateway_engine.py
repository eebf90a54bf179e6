"""The engine: every source on its own, back-off and idle batches by the clock, an orderly and prompt end."""

from __future__ import annotations

import asyncio
import itertools
import json
import selectors
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import engine
from edge_gateway.clock import Judgement
from edge_gateway.engine import SEALED_WAITING, STOP_S, Engine
from edge_gateway.source import Content, Progress, ReadResult, SourceError
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import SealedBatch, Spool, SpoolDamagedError, SpoolError
from edge_gateway.uploader import Uploader
from edge_gateway.worker import Worker
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import Batch, Mark, read_batch
from sicfar.counts.keys import BatchKey
from sicfar.counts.record import Record
from tests.support.reading import Reading

NOW = 1_773_573_301_250


class FastClock(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time: its clock jumps to the next timer once no thread is at work.

    `uploading`: whether the uploader is, whose thread is not the loop's.
    """

    class _Selector(selectors.DefaultSelector):
        loop: FastClock

        def select(self, timeout: float | None = None) -> list[Any]:
            ready = super().select(0)
            if ready or timeout == 0:
                return ready
            if self.loop.at_work or self.loop.uploading() or timeout is None:
                return super().select(0.002)
            self.loop.now += timeout
            return []

    def __init__(self) -> None:
        self.now = 1000.0
        self.at_work = 0
        self.uploading: Callable[[], bool] = lambda: False
        selector = self._Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Any, *arguments: Any) -> Any:  # type: ignore[override]
        self.at_work += 1
        future = super().run_in_executor(executor, func, *arguments)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self.at_work -= 1


class Machine:
    """A source of one line: what it does at each connect and read is told by the test, by default one record a read."""

    period_ms = 1000

    def __init__(self, name: str, read: Callable[[Machine], Awaitable[Reading]] | None = None) -> None:
        self.name = name
        self.line = name.upper()
        self.refuse = 0
        self.position = 0
        self.connected: list[float] = []
        self.reads: list[float] = []
        self.closed = 0
        self._read = read or Machine.one_record

    async def connect(self) -> None:
        self.connected.append(asyncio.get_running_loop().time())
        if self.refuse:
            self.refuse -= 1
            raise SourceError("a máquina não responde", self.name)

    async def read(self) -> ReadResult:
        self.reads.append(asyncio.get_running_loop().time())
        return (await self._read(self)).result

    async def close(self) -> None:
        self.closed += 1

    async def one_record(self) -> Reading:
        number = self.position

        def acknowledge() -> None:
            self.position = number + 1

        return Reading(
            records=[Record(NOW + number, self.line, 1, 0, origin=f"{number}")],
            position={"next": str(number + 1).encode()},
            marks=[Mark(self.line, NOW + number, "ok")],
            ack=acknowledge,
        )

    async def silence(self) -> Reading:
        return Reading(marks=[Mark(self.line, NOW, "ok")])


class Shelf:
    """An object store that takes everything."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def put(self, batch: SealedBatch) -> None:
        self.batches.append(read_batch(BatchKey.parse(batch.key), [batch.body]))

    def check(self, _gateway: str) -> None:
        """It always answers."""


class Plant:
    """An engine over machines, run for so many seconds of its own clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seal_records = 20_000
        self.spool = Spool(folder, "farmace-spep", seal_records=20_000)
        self.shelf = Shelf()
        self.uploader = Uploader(self.spool, self.shelf)

    def run(self, seconds: float, *machines: Machine) -> None:
        loop = FastClock()
        loop.uploading = lambda: self.uploader.alive and self.spool.waiting()[1] > 0
        try:
            loop.run_until_complete(self._run(seconds, machines))
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()

    async def _run(self, seconds: float, machines: tuple[Machine, ...]) -> None:
        self.uploader = Uploader(self.spool, self.shelf)
        engine = Engine(machines, self.spool, self.uploader, seal_seconds=5, seal_records=self.seal_records)
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        await engine.run(stop)

    def counted(self, line: str) -> int:
        """How many records of this line are in the cloud or sealed for it."""
        left = []
        while (batch := self.spool.next_sealed()) is not None:
            left.append(read_batch(BatchKey.parse(batch.key), [batch.body]))
            self.spool.confirm(batch.seq, NOW)
        return sum(
            batch.tally.lines[line].records for batch in (*self.shelf.batches, *left) if line in batch.tally.lines
        )


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path)
    yield made
    made.spool.close()


def gaps(times: list[float]) -> list[float]:
    return [round(later - earlier, 3) for earlier, later in itertools.pairwise(times)]


def test_p6_a_source_is_retried_after_1_2_4_seconds_up_to_a_cap(plant: Plant) -> None:
    dead = Machine("a")
    dead.refuse = 1000
    plant.run(200, dead)
    assert gaps(dead.connected) == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    assert not dead.reads


def test_p6_a_source_that_recovered_waits_one_second_at_the_next_failure(plant: Plant) -> None:
    async def read(machine: Machine) -> Reading:
        if len(machine.reads) in {3, 4, 8}:
            raise SourceError("a conexão caiu", machine.name)
        return await machine.one_record()

    machine = Machine("a", read)
    plant.run(20.5, machine)
    assert gaps(machine.reads)[:9] == [1, 1, 1, 2, 1, 1, 1, 1, 1]
    assert gaps(machine.connected) == [3, 2, 4]
    assert plant.counted("A") == machine.position
    assert [source.state for source in read_status(plant.folder).sources] == ["ok"]


def test_p1_a_read_after_reconnecting_goes_on_at_the_committed_position(plant: Plant) -> None:
    seen: list[tuple[int, dict[str, bytes]]] = []

    async def read(machine: Machine) -> Reading:
        seen.append((machine.position, plant.spool.positions("a")))
        if len(machine.reads) % 3 == 0:
            raise SourceError("a conexão caiu", machine.name)
        return await machine.one_record()

    machine = Machine("a", read)
    plant.run(30.5, machine)
    assert len(machine.connected) > 5
    for position, committed in seen:
        assert committed == ({"next": str(position).encode()} if position else {})
    assert plant.counted("A") == machine.position


def test_p1_a_reading_the_disk_refused_is_not_acknowledged(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, refusals = plant.spool.store, [3, 4]

    def store(source: str, content: Content, progress: Progress, now_ms: int, clock: Judgement) -> None:
        if len(machine.reads) in refusals:
            raise SpoolError("o disco está cheio")
        honest(source, content, progress, now_ms, clock)

    monkeypatch.setattr(plant.spool, "store", store)
    machine = Machine("a")
    plant.run(20.5, machine)
    assert len(machine.connected) == 1
    assert machine.position == len(machine.reads) - len(refusals)
    assert plant.counted("A") == machine.position


class Share:
    """A blocking source: one record a read, in the thread of its worker."""

    name = "a"
    period_ms = 10

    def __init__(self) -> None:
        self.worker = Worker(self.name)
        self.position = 0
        self.read_at: list[int] = []
        self.threads: set[str] = set()
        self.done: Callable[[int], object] = bool

    async def connect(self) -> None:
        """It is there."""

    def read_now(self) -> ReadResult:
        number = self.position
        self.read_at.append(number)
        self.threads.add(threading.current_thread().name)

        def acknowledge() -> None:
            self.threads.add(threading.current_thread().name)
            self.position = number + 1

        self.done(number)
        reading = Reading([Record(NOW + number, "A", 1, 0)], position={"next": b"%d" % number}, ack=acknowledge)
        return reading.result

    async def close(self) -> None:
        self.worker.end()


def turns_of(share: Share, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many readings there had been each time that the loop asked for more."""
    turns: list[int] = []
    honest = share.worker.run

    async def run(call: Callable[[], Any]) -> Any:
        turns.append(len(share.read_at))
        return await honest(call)

    monkeypatch.setattr(share.worker, "run", run)
    return turns


def test_a_quiet_blocking_source_is_read_on_while_the_loop_sleeps(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "QUIET_S", 600.0)
    share, stop = Share(), asyncio.Event()
    turns = turns_of(share, monkeypatch)

    async def story() -> None:
        loop = asyncio.get_running_loop()
        share.done = lambda number: number == 30 and loop.call_soon_threadsafe(stop.set)
        await Engine([share], plant.spool, plant.uploader, seal_seconds=600, seal_records=20_000).run(stop)

    asyncio.run(story())
    # The first one says that the source is well, the second that there is something to seal.
    assert turns[:3] == [0, 1, 2][: len(turns)]
    assert len(turns) <= 3
    until(lambda: share.position == len(share.read_at), "the reading under way at the end is stored")
    plant.spool.seal({}, NOW, allow_empty=False)
    assert plant.counted("A") == share.position > 30


def test_a_fault_met_while_the_loop_slept_is_told(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUIET_S", 600.0)
    share, stop = Share(), asyncio.Event()

    def done(number: int) -> None:
        if number == 10:
            raise SourceError("a pasta sumiu", "a")

    share.done = done

    async def story() -> None:
        running = asyncio.create_task(
            Engine([share], plant.spool, plant.uploader, seal_seconds=600, seal_records=20_000).run(stop)
        )
        while not any(source.state == "erro" for source in read_status(plant.folder).sources):
            await asyncio.sleep(0.01)
        stop.set()
        await running

    asyncio.run(story())
    assert share.position == 10
    (source,) = read_status(plant.folder).sources
    assert "a pasta sumiu" in source.detail


def test_p1_what_a_blocking_source_read_is_stored_then_acknowledged(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, refused = plant.spool.store, [3]

    def store(source: str, content: Content, progress: Progress, now_ms: int, clock: Judgement) -> None:
        share.threads.add(threading.current_thread().name)
        if share.position in refused:
            refused.remove(share.position)
            raise SpoolError("o disco está cheio")
        honest(source, content, progress, now_ms, clock)

    monkeypatch.setattr(plant.spool, "store", store)
    stop = asyncio.Event()

    async def story() -> None:
        loop = asyncio.get_running_loop()
        share.done = lambda number: number == 6 and loop.call_soon_threadsafe(stop.set)
        await Engine([share], plant.spool, plant.uploader, seal_seconds=5, seal_records=20_000).run(stop)

    share = Share()
    asyncio.run(story())
    assert share.read_at[:8] == [0, 1, 2, 3, 3, 4, 5, 6]
    assert share.threads == {"a"}
    until(lambda: share.position == len(share.read_at) - 1, "the reading under way at the end is stored")
    plant.spool.seal({}, NOW, allow_empty=False)
    assert plant.counted("A") == share.position


@pytest.mark.parametrize("hang_at", ["connect", "read"])
def test_p4_a_dead_and_a_hanging_source_delay_no_other(plant: Plant, hang_at: str) -> None:
    async def for_ever(_: Machine) -> Reading:
        await asyncio.Event().wait()
        raise AssertionError

    hanging, dead, alive = Machine("a", for_ever), Machine("b"), Machine("c")
    if hang_at == "connect":
        hanging.connect = lambda: for_ever(hanging)  # type: ignore[assignment, method-assign, return-value]
    dead.refuse = 1000
    plant.run(60.5, hanging, dead, alive)
    assert set(gaps(alive.reads)) == {1}
    assert plant.counted("C") == len(alive.reads) >= 60
    states = {source.name: source for source in read_status(plant.folder).sources}
    assert (states["b"].state, states["c"].state) == ("erro", "ok")
    assert (states["a"].state, states["a"].detail[:23]) == ("erro", "sem resposta há mais de")


def test_p4_a_source_that_answers_again_is_well_and_nothing_is_missing(plant: Plant) -> None:
    async def read(machine: Machine) -> Reading:
        if len(machine.reads) == 3:
            await asyncio.sleep(90)
        return await machine.one_record()

    plant.run(150.5, slow := Machine("a", read))
    assert gaps(slow.reads)[:5] == [1, 1, 90, 1, 1]
    assert any(mark.state == "erro" for batch in plant.shelf.batches for mark in batch.marks)
    assert [source.state for source in read_status(plant.folder).sources] == ["ok"]
    assert plant.counted("A") == slow.position


def test_p8_a_fault_in_one_source_is_told_with_its_place_and_ends_no_other(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Machine) -> Reading:
        return Reading(json.loads("{"))

    plant.run(10.5, Machine("a", broken), good := Machine("b"))
    assert plant.counted("B") == len(good.reads) >= 10
    told = next(record for record in caplog.records if getattr(record, "event", "") == "source_broken")
    assert told.exc_info is not None
    state = next(source for source in read_status(plant.folder).sources if source.name == "a")
    assert state.state == "erro"
    assert state.detail.startswith("erro inesperado ao ler (JSONDecodeError")
    logged = [record for record in caplog.records if getattr(record, "event", "") == "source_broken"]
    assert len(logged) == 1, "one traceback, however often it fails in the same way"


def test_p4_the_lines_of_a_dead_source_keep_their_mark_and_say_so(plant: Plant) -> None:
    async def read(machine: Machine) -> Reading:
        if len(machine.reads) > 2:
            raise SourceError("a conexão caiu", machine.name)
        return await machine.one_record()

    plant.run(30, Machine("a", read), Machine("b"))
    assert plant.counted("A") == 2
    marks = {mark.line: mark for mark in plant.shelf.batches[-1].marks}
    assert marks["A"] == Mark("A", NOW + 1, "erro")
    assert marks["B"].state == "ok"


def test_p4_with_nothing_made_one_batch_a_minute_carries_marks_only(plant: Plant) -> None:
    plant.run(310, Machine("a", Machine.silence))
    assert [batch.tally.records for batch in plant.shelf.batches] == [0] * 5
    assert all(batch.marks == (Mark("A", NOW, "ok"),) for batch in plant.shelf.batches)


def test_p3_what_was_read_is_sealed_every_five_seconds(plant: Plant) -> None:
    plant.run(31, Machine("a"))
    assert 6 <= len(plant.shelf.batches) <= 8
    assert max(batch.tally.records for batch in plant.shelf.batches) <= 6


def test_p3_a_batch_full_before_its_time_is_sealed_at_once(tmp_path: Path) -> None:
    plant = Plant(tmp_path)
    plant.seal_records = 3
    plant.run(14.5, Machine("a"))
    sizes = [batch.tally.records for batch in plant.shelf.batches[:4]]
    assert sizes == [3, 2, 3, 2], "the grid of five seconds goes on beside it"
    plant.spool.close()


def test_p6_sealing_goes_on_when_a_batch_has_gone(tmp_path: Path) -> None:
    """Not before: what is read while batches wait for the uploader accumulates unsealed."""
    open_again = threading.Event()

    class Slow(Shelf):
        def put(self, batch: SealedBatch) -> None:
            assert open_again.wait(LAST_RESORT_S)
            super().put(batch)

    shelf, machine = Slow(), Machine("a")
    machine.period_ms = 5
    spool = Spool(tmp_path, "farmace-spep", seal_records=20_000)

    def story() -> None:
        until(lambda: spool.waiting()[1] == SEALED_WAITING, "two batches sealed")
        reads = len(machine.reads)
        until(lambda: len(machine.reads) > reads + 20, "twenty more reads")
        assert spool.waiting()[1] == SEALED_WAITING
        open_again.set()
        until(lambda: len(shelf.batches) > SEALED_WAITING + 2, "batches sealed afterwards")

    async def run() -> None:
        engine = Engine([machine], spool, Uploader(spool, shelf), seal_seconds=0, seal_records=20_000)
        stop = asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        try:
            await asyncio.to_thread(story)
        finally:
            open_again.set()
            stop.set()
            await running

    asyncio.run(run())
    spool.seal({}, NOW, allow_empty=False)  # what was read while the last batches waited
    while (batch := spool.next_sealed()) is not None:
        shelf.put(batch)
        spool.confirm(batch.seq, NOW)
    assert spool.waiting() == (0, 0)
    # The stop may come between a reading's commit and its acknowledgement: the durable position is what was read.
    assert sum(batch.tally.records for batch in shelf.batches) == int(spool.positions("a")["next"])
    spool.close()


def test_the_calls_of_one_source_share_a_thread_until_it_is_closed() -> None:
    worker = Worker("folder of one test")

    async def run() -> set[int]:
        return {await worker.run(threading.get_ident) for _ in range(3)}

    (first,) = asyncio.run(run())
    worker.end()
    thread = next((each for each in threading.enumerate() if each.ident == first), None)
    if thread is not None:
        thread.join(LAST_RESORT_S)
    assert not [each for each in threading.enumerate() if each.name == "folder of one test"]
    assert len(asyncio.run(run())) == 1
    worker.end()


@pytest.mark.parametrize("change", ["UPDATE selados SET corpo = x'00'", "UPDATE pendentes SET corpo = '?'"])
def test_p1_damage_met_by_upload_or_sealing_ends_the_engine(plant: Plant, change: str) -> None:
    for position in (b"1", b"2"):
        plant.spool.store("a", *Reading([Record(NOW, "A", 1, 0)], {"next": position}).stored, NOW)
        if position == b"1":
            plant.spool.seal({}, NOW, allow_empty=False)
    plant.spool._db.execute(change)
    with pytest.raises(SpoolDamagedError, match="mudou no disco"):
        plant.run(60, Machine("a"))
    assert not plant.shelf.batches or "pendentes" in change


def test_p1_a_stop_seals_what_was_read_and_closes_every_source(plant: Plant) -> None:
    machines = [Machine("a"), Machine("b")]
    plant.run(2.5, *machines)
    assert [machine.closed for machine in machines] == [1, 1]
    assert plant.spool.waiting()[0] == 0
    assert plant.counted("A") == machines[0].position == 3


def test_p1_a_stop_leaves_behind_a_source_that_never_closes(plant: Plant, caplog: pytest.LogCaptureFixture) -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    machines = [Machine("a"), Machine("b")]
    machines[0].close = for_ever  # type: ignore[method-assign]
    loop = FastClock()
    begun: list[float] = []

    async def run() -> float:
        engine = Engine(machines, plant.spool, Uploader(plant.spool, plant.shelf), seal_seconds=5, seal_records=9)
        stop = asyncio.Event()

        def end() -> None:
            begun.append(loop.time())
            stop.set()

        loop.call_later(2.5, end)
        await engine.run(stop)
        return loop.time() - begun[0]

    try:
        assert loop.run_until_complete(run()) <= STOP_S
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    assert machines[1].closed == 1
    assert [record.getMessage() for record in caplog.records if getattr(record, "event", "") == "source_abandoned"] == [
        "fonte a abandonada sem resposta"
    ]
    assert plant.counted("A") == machines[0].position == 3


def test_a_stop_does_not_wait_for_a_back_off_nor_for_a_source_that_hangs(tmp_path: Path) -> None:
    async def for_ever(_: Machine) -> Reading:
        await asyncio.Event().wait()
        raise AssertionError

    released = threading.Event()
    waited_for: list[str] = []

    def a_share() -> None:
        if not released.wait(LAST_RESORT_S):
            waited_for.append("a network share whose server has gone")

    async def blocked(_: Machine) -> Reading:
        await Worker("folder").run(a_share)
        raise AssertionError

    dead = Machine("b")
    dead.refuse = 1000
    spool = Spool(tmp_path, "farmace-spep", seal_records=20_000)
    loop = FastClock()

    async def run() -> float:
        machines = [Machine("a", for_ever), dead, Machine("c", blocked)]
        engine = Engine(machines, spool, Uploader(spool, Shelf()), seal_seconds=5, seal_records=9)
        stop = asyncio.Event()
        asked: list[float] = []

        def end() -> None:
            asked.append(loop.time())
            stop.set()

        loop.call_later(20, end)  # eleven of the sixteen seconds of the back-off that began at 15 are left
        await engine.run(stop)
        return loop.time() - asked[0]

    try:
        assert loop.run_until_complete(run()) == 0
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    assert gaps(dead.connected) == [1, 2, 4, 8]
    assert waited_for == []
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "folder")
    released.set()
    spool.close()
