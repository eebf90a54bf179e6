"""The engine over real PLCs: a dead one delays no other, and one that is back is read at once the next time it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from edge_gateway.config import parse_config
from edge_gateway.engine import Engine
from edge_gateway.machines.modbus_config import Register
from edge_gateway.machines.source import machine_source
from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import Spool
from edge_gateway.uploader import Uploader
from local.simulators.modbus_plant import Machine, ModbusPlc
from local.waiting import until

POLL_MS = 100


class NoCloud:
    """Stands for an uploader that has nothing to do: these tests end at the disk."""

    alive, unanswered = True, False

    def start(self, changed: object = None) -> None: ...
    def wake(self) -> None: ...
    def stop(self, timeout_s: float) -> None: ...


def plc_of(line: str) -> ModbusPlc:
    return ModbusPlc([Machine(line, Register("holding", 100), Register("holding", 102))])


async def come(what: str, condition: Callable[[], object]) -> None:
    await asyncio.to_thread(until, condition, what, pause_s=0.02)


def run(folder: Path, plcs: dict[str, ModbusPlc], story: Any) -> Spool:
    clps = {
        name: {
            "protocol": "modbus",
            "address": plc.address,
            "poll_ms": POLL_MS,
            "timeout_ms": 60_000,
            "lines": {line: machine.configured(4_000) for line, machine in plc.machines.items()},
        }
        for name, plc in plcs.items()
    }
    spool = Spool(folder, "farmace-spep", seal_records=1_000)
    sources = [machine_source(machine, {}, {}) for machine in parse_config({"clps": clps}).machines]
    engine = Engine(sources, spool, cast("Uploader", NoCloud()), seal_seconds=1, seal_records=1_000)

    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(engine.run(stop))
        try:
            await story()
        finally:
            stop.set()
            await running

    for plc in plcs.values():
        plc.start()
    try:
        asyncio.run(play())
    finally:
        for plc in plcs.values():
            plc.stop()
    assert not [attempt for plc in plcs.values() for attempt in plc.attempts]
    return spool


def test_a_plc_that_does_not_answer_delays_no_other(tmp_path: Path) -> None:
    alive, dead = plc_of("SPEP-ENV-A"), plc_of("SPEP-ENV-B")

    async def story() -> None:
        await come("a first reading of both", lambda: min(alive.replies, dead.replies) >= 2)
        dead.silent = True
        await come("a request without a reply", lambda: dead.requests > dead.replies)
        hanging, polls = dead.requests, alive.replies
        await come("ten more readings of the other", lambda: alive.replies >= polls + 10)
        assert dead.requests == hanging, "ten polls of the other while this one's request was still under way"
        dead.silent = False

    run(tmp_path, {"viva": alive, "morta": dead}, story).close()


def test_p6_a_plc_that_came_back_starts_its_waiting_times_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plc = plc_of("SPEP-ENV-A")
    waits: list[list[float]] = []

    def failures() -> list[float]:
        return [record.retry_in_s for record in caplog.records if getattr(record, "event", "") == "source_failed"]  # type: ignore[attr-defined]

    def more_replies(many: int) -> bool:
        return plc.replies >= many

    def more_failures(many: int) -> bool:
        return len(failures()) >= many

    async def story() -> None:
        for _ in range(3):  # three outages on three days; without a new start the third would begin at 4 s and more
            await come("two whole readings", partial(more_replies, plc.replies + 2))
            earlier = len(failures())
            await asyncio.to_thread(plc.go_away)
            await come("a failed reading", partial(more_failures, earlier + 1))
            await asyncio.to_thread(plc.come_back)
            plc.count("SPEP-ENV-A", 1, 0)
            waits.append(failures()[earlier:])

    run(tmp_path, {"clp": plc}, story).close()
    assert [first for first, *_ in waits] == [1, 1, 1]
    (line,) = read_status(tmp_path).lines
    assert line.line_id == "SPEP-ENV-A"
