"""The Modbus source against a real server: faults of network and PLC, and a gateway process killed at random."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymodbus.constants import ExcCodes

from edge_gateway.config import parse_config
from edge_gateway.machines.modbus import ModbusSource
from edge_gateway.machines.modbus_config import ModbusConfig, Register
from edge_gateway.machines.modbus_link import RefusedError, SilentError, UnreachableError
from local.simulators.modbus_plant import Machine, ModbusPlc
from local.stack.emulator import Emulator
from local.stack.gateway import GatewayProcess
from local.waiting import until
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from tests.support.reading import Reading
from tests.support.small_s3 import known_lines

LINE = "SPEP-ENV-A"
PRODUCTION = Register("holding", 100)
REJECTED = Register("holding", 102)


@pytest.fixture
def plc() -> Iterator[ModbusPlc]:
    plc = ModbusPlc([Machine(LINE, PRODUCTION, REJECTED)], heartbeat=90)
    plc.start()
    yield plc
    plc.stop()
    assert plc.attempts == [], "nothing is ever written to a machine"


def entry(plc: ModbusPlc, **more: object) -> dict[str, Any]:
    lines = {name: machine.configured(4_000) for name, machine in plc.machines.items()}
    return {"protocol": "modbus", "address": plc.address, "timeout_ms": 60_000, "lines": lines, **more}


class Clock:
    """The gateway's, which the test moves on."""

    def __init__(self) -> None:
        self.ms = 1_773_573_301_250

    def wall_ms(self) -> int:
        return self.ms

    def elapsed_s(self) -> float:
        return self.ms / 1000


def source(plc: ModbusPlc, clock: Clock | None = None, **more: object) -> ModbusSource:
    (machine,) = parse_config({"clps": {"bottelpack_a": entry(plc, **more)}}).machines
    assert isinstance(machine, ModbusConfig)
    clock = clock or Clock()
    return ModbusSource(machine, {}, {}, wall_ms=clock.wall_ms, elapsed_s=clock.elapsed_s)


def play(reader: ModbusSource, story: Callable[[Callable[[], Awaitable[Reading]]], Awaitable[None]]) -> None:
    """Run a story with a connected source; it gets `take`: one read, acknowledged."""

    async def run() -> None:
        async def take() -> Reading:
            reading = Reading.of(await reader.read())
            reading.ack()
            return reading

        try:
            await reader.connect()
            await take()
            await story(take)
        finally:
            await reader.close()

    asyncio.run(run())


def give_up_soon(reader: ModbusSource) -> None:
    """The next time-out is over in no time; those before and after it have a minute, however busy."""
    patient, reader._link.timeout_s = reader._link.timeout_s, 0.1
    close = reader._link.close

    def patient_again() -> None:
        reader._link.timeout_s = patient
        close()

    reader._link.close = patient_again  # type: ignore[method-assign]


def made(reading: Reading) -> list[tuple[int, int]]:
    return [(record.produced, record.rejected) for record in reading.records]


def test_p1_ten_pieces_and_one_reject_are_read_as_such(plc: ModbusPlc) -> None:
    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 10, 1)
        reading = await take()
        assert made(reading) == [(10, 1)]
        record = reading.records[0]
        assert (record.produced_raw, record.rejected_raw, record.origin) == (1_010, 1, "bottelpack_a")
        assert reading.marks[0].until_ms == record.at_ms
        assert made(await take()) == []

    play(source(plc), story)


@pytest.mark.parametrize("order", ["ABCD", "CDAB", "BADC", "DCBA"])
@pytest.mark.parametrize(("table", "words"), [("holding", 1), ("input", 2), ("holding", 4)])
def test_p1_every_width_order_and_table_counts(order: Any, table: Any, words: int) -> None:
    machine = Machine(LINE, Register(table, 100, words, order), Register(table, 110, words, order), before=60_000)
    machine.modulus = 1 << 16 * words
    plc = ModbusPlc([machine])
    plc.start()

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 9, 2)
        assert made(await take()) == [(9, 2)]

    try:
        play(source(plc), story)
    finally:
        plc.stop()
    assert plc.attempts == []


def test_neighbouring_counters_cost_one_request_a_poll(plc: ModbusPlc) -> None:
    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        before = plc.requests
        await take()
        assert plc.requests == before + 1

    play(source(plc), story)


def test_p1_a_late_reply_is_never_taken_for_the_next_request_s(plc: ModbusPlc) -> None:
    reader = source(plc)

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        answered = plc.replies
        plc.silent = True
        give_up_soon(reader)
        with pytest.raises(SilentError):
            await take()
        plc.count(LINE, 5, 0)
        with pytest.raises(UnreachableError):
            await take()  # closed: the late reply has nowhere to come to
        await reader.connect()
        plc.silent = False
        await asyncio.to_thread(until, lambda: plc.replies > answered, "the late reply")
        assert made(await take()) == [(5, 0)]

    play(reader, story)


def test_p1_a_plc_that_was_away_brings_what_it_counted_since_last_read(plc: ModbusPlc) -> None:
    clock = Clock()
    reader = source(plc, clock)

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        last = (await take()).marks[0].until_ms
        plc.go_away()
        give_up_soon(reader)
        with pytest.raises(SilentError):
            await take()
        with pytest.raises(UnreachableError, match="não aceita conexão"):
            await reader.connect()
        plc.count(LINE, 7, 0)
        clock.ms += 2_100
        plc.come_back()
        await reader.connect()
        (record,) = (await take()).records
        assert (record.produced, record.since_ms) == (7, last)

    play(reader, story)


def test_a_refused_register_costs_only_itself_and_is_named(plc: ModbusPlc) -> None:
    plc.refused["holding", 102] = ExcCodes.ILLEGAL_ADDRESS

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 3, 1)
        reading = await take()
        assert made(reading) == [(3, 0)], "the other counter goes on"
        assert "exceção 2 (endereço inexistente)" in reading.trouble
        assert [mark.state for mark in reading.marks] == []  # never known whole: nothing to declare
        plc.refused.clear()
        assert made(await take()) == [(0, 0)]  # the rejects' baseline

    play(source(plc), story)


def test_a_device_that_refuses_everything_is_an_error_with_its_code(plc: ModbusPlc) -> None:
    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.refused["holding", 100] = ExcCodes.DEVICE_BUSY
        with pytest.raises(RefusedError, match="aparelho ocupado") as caught:
            await take()
        assert (caught.value.code, caught.value.exception) == ("device_refused", 6)
        plc.refused.clear()
        plc.count(LINE, 2, 0)
        assert made(await take()) == [(2, 0)]

    play(source(plc), story)


def test_p1_a_torn_value_is_read_again_before_anything_is_held(plc: ModbusPlc) -> None:
    plc.write(PRODUCTION, 131_071)
    plc.machines[LINE].made = 131_071

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 2, 0)
        plc.torn.append({("holding", 101): 0xFFFF})  # the high word is new, the low one still old
        assert made(await take()) == [(2, 0)]

    play(source(plc), story)


def test_p4_a_frozen_plc_moves_no_mark_and_is_told(plc: ModbusPlc) -> None:
    clock = Clock()
    reader = source(plc, clock, heartbeat={"holding": 90, "stale_s": 1})

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.beat()
        alive = (await take()).marks[0]
        still = await take()
        assert (still.marks[0], still.trouble) == (alive, "")
        clock.ms += 1_100
        frozen = await take()
        assert (frozen.marks[0].until_ms, frozen.marks[0].state) == (alive.until_ms, "erro")
        assert "o programa do CLP parou" in frozen.trouble
        plc.count(LINE, 4, 0)
        plc.beat()
        again = await take()
        assert (made(again), again.marks[0].state, again.trouble) == ([(4, 0)], "ok", "")

    play(reader, story)


def test_p1_what_the_disk_refused_comes_again_even_from_an_idle_plc(plc: ModbusPlc) -> None:
    reader = source(plc, heartbeat={"holding": 90})

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 6, 0)
        assert made(Reading.of(await reader.read())) == [(6, 0)]  # not acknowledged: the disk was full
        assert made(await take()) == [(6, 0)]
        assert made(await take()) == []

    play(reader, story)


def test_p1_a_machine_that_counts_only_good_ones_made_both_together() -> None:
    plc = ModbusPlc([Machine(LINE, PRODUCTION, REJECTED, processed_includes_rejected=False)])
    plc.start()

    async def story(take: Callable[[], Awaitable[Reading]]) -> None:
        plc.count(LINE, 10, 3)  # the counters show 7 good and 3 rejected
        assert made(await take()) == [(10, 3)]

    try:
        play(source(plc), story)
    finally:
        plc.stop()


# ------------------------------------------------------------------------------------------- a whole gateway process


def uploaded(aws: Emulator, bucket: str) -> tuple[Counter[str], Counter[str]]:
    """Counts made per line in all objects, and those held."""
    counted: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            body = aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            tally = read_batch(BatchKey.parse(item["Key"]), [body]).tally
            assert not tally.problems
            for line, sums in tally.lines.items():
                counted[line] += sum(produced for produced, _ in sums.seconds.values())
            for span in tally.spans:
                (held if "implausivel" in span.flags else counted)[span.line] += span.produced
    return counted, held


def test_p1_six_kills_of_a_gateway_lose_and_double_no_count_of_a_plc(tmp_path: Path, aws: Emulator) -> None:
    bucket = "sicfar-modbus-kill"
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    lines = [f"SPEP-ENV-{letter}" for letter in "ABC"]
    machines = [
        Machine(line, Register("holding", 100 + 4 * number), Register("holding", 102 + 4 * number))
        for number, line in enumerate(lines)
    ]
    for machine in machines:
        machine.modulus, machine.made = 65_536, 65_500  # all three wrap before the end
    plc = ModbusPlc(machines)
    truth: Counter[str] = Counter()
    ended = threading.Event()
    chance = random.Random(5)

    def run() -> None:
        while not ended.wait(0.05):
            for line in lines:
                count = chance.randrange(3)
                plc.count(line, count, 0)
                truth[line] += count

    plc.start()
    configuration = {
        "clps": {
            "clp_spep": entry(plc, poll_ms=50) | {"lines": {n: m.configured(150_000) for n, m in plc.machines.items()}}
        },
        "gateway": {"id": "farmace-spep", "bucket": bucket, "spool": str(tmp_path / "spool"), "seal_seconds": 1},
    }
    gateway = GatewayProcess(tmp_path, configuration, aws.environment())
    writer = threading.Thread(target=run, daemon=True)
    try:
        gateway.start()
        # The baseline first: what was made before anyone looked is nobody's.
        until(lambda: known_lines(tmp_path / "spool") == set(lines), "the baselines", alive=gateway.running)
        writer.start()
        for _ in range(6):
            time.sleep(chance.uniform(0.2, 1.2))
            gateway.kill()
            gateway.start()
        until(lambda: min(truth.values()) > 50, "all three past their wrap", state=lambda: truth)
        ended.set()
        writer.join()
        until(
            lambda: uploaded(aws, bucket)[0] == truth,
            "all that was made",
            state=lambda: uploaded(aws, bucket),
            alive=gateway.running,
            pause_s=0.2,
        )
    finally:
        ended.set()
        gateway.stop()
        plc.stop()
    assert uploaded(aws, bucket) == (truth, Counter())
    assert plc.attempts == []
