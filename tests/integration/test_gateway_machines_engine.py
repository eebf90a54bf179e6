"""The engine over real PLCs: a dead one delays no other, and one that is back is read at once the next time it goes."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

import pytest

from edge_gateway import engine as module
from edge_gateway.config import parse_config
from edge_gateway.engine import Engine
from edge_gateway.shipper import Shipper
from edge_gateway.sources.machine import machine_source
from edge_gateway.sources.modbus_config import Register
from edge_gateway.spool import Spool
from edge_gateway.status import read_status
from local.simulators.modbus_plant import Machine, ModbusPlc

POLL_MS = 100


class NoCloud:
    """Stands for an uploader that has nothing to do: these tests end at the disk."""

    alive = True

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def stop(self, timeout_s: float) -> None: ...


def plc_of(line: str) -> ModbusPlc:
    return ModbusPlc([Machine(line, Register("holding", 100), Register("holding", 102))])


def run(folder: Path, plcs: dict[str, ModbusPlc], story: Any) -> Spool:
    clps = {
        name: {
            "protocol": "modbus",
            "address": plc.address,
            "poll_ms": POLL_MS,
            "timeout_ms": 2_000,
            "lines": {line: machine.configured(4_000) for line, machine in plc.machines.items()},
        }
        for name, plc in plcs.items()
    }
    spool = Spool(folder, "farmace-spep", seal_records=1_000)
    sources = [machine_source(machine, {}, {}) for machine in parse_config({"clps": clps}).machines]
    engine = Engine(sources, spool, cast("Shipper", NoCloud()), seal_seconds=1, seal_records=1_000)

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
        await asyncio.sleep(0.5)
        dead.delays = [5.0] * 3
        before = alive.requests
        await asyncio.sleep(1.5)
        # 15 ticks; a few may be late on a busy machine, none may wait for the two seconds of the other's time-out.
        assert alive.requests - before >= 10

    run(tmp_path, {"viva": alive, "morta": dead}, story).close()


def test_p6_a_plc_that_came_back_starts_its_waiting_times_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_CAP_S", 60.0)
    plc = plc_of("SPEP-ENV-A")
    returned: list[float] = []

    async def story() -> None:
        await asyncio.sleep(0.5)
        for _ in range(3):  # three outages on three days; without a new start the third would wait 4 s and more
            await asyncio.to_thread(plc.go_away)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(plc.come_back)
            plc.count("SPEP-ENV-A", 1, 0)
            begun, seen = time.monotonic(), plc.requests
            while plc.requests == seen and time.monotonic() - begun < 10:
                await asyncio.sleep(0.05)
            returned.append(time.monotonic() - begun)
            await asyncio.sleep(0.5)

    run(tmp_path, {"clp": plc}, story).close()
    assert max(returned) < 4.5
    (line,) = read_status(tmp_path).linhas
    assert line.linha_id == "SPEP-ENV-A"
