"""The Modbus source against jsmodbus: four word orders, refusals, and replies that are not the one asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from edge_gateway.config import parse_config
from edge_gateway.machines.modbus import ModbusSource
from edge_gateway.machines.modbus_config import WORD_ORDERS, ModbusConfig
from edge_gateway.machines.modbus_link import ModbusLink, RefusedError, SilentError
from edge_gateway.machines.modbus_requests import Block, encode
from local.processes import free_port
from tests.peers.peer import Peer
from tests.support.reading import Reading

LINE = "SPEP-ENV-A"
PATIENT_MS, SHORT_MS = 60_000, 300


@dataclass(frozen=True)
class Devices:
    """`peer`: jsmodbus; `refusing`: the port of modbus-serial."""

    peer: Peer
    refusing: int


@pytest.fixture(scope="module")
def devices() -> Iterator[Devices]:
    port = free_port()
    peer = Peer("modbus.js", port)
    yield Devices(peer, port)
    peer.stop()


@pytest.fixture
def device(devices: Devices) -> Peer:
    devices.peer.ask(mood="well")
    return devices.peer


def configured(port: int, order: str = "ABCD") -> ModbusConfig:
    production = {"holding": 100, "word_order": order}
    line = {
        "production": production,
        "rejected": {"input": 102, "word_order": order},
        "processed_includes_rejected": True,
        "max_per_hour": 4_000,
    }
    entry: dict[str, Any] = {
        "protocol": "modbus",
        "address": f"127.0.0.1:{port}",
        "timeout_ms": PATIENT_MS,
        "lines": {LINE: line},
    }
    (machine,) = parse_config({"clps": {"bottelpack_a": entry}}).machines
    assert isinstance(machine, ModbusConfig)
    return machine


def show(device: Peer, made: int, rejected: int, order: Any) -> None:
    device.ask(set={"address": 100, "words": [*encode(made, 2, order), *encode(rejected, 2, order)]})


@pytest.mark.parametrize("order", WORD_ORDERS)
def test_p1_what_the_device_makes_is_counted_once_in_every_word_order(device: Peer, order: Any) -> None:
    source = ModbusSource(configured(device.ready["port"], order), {}, {})
    steps = [(3, 1), (0, 0), (9, 0), (5, 2), (7, 7)]
    total = [0, 0]

    async def story() -> None:
        made, rejected = 65_530, 65_534
        try:
            await source.connect()
            for more, scrapped in [(0, 0), *steps]:
                made, rejected = made + more, rejected + scrapped
                show(device, made, rejected, order)
                reading = Reading.of(await source.read())
                for record in reading.records:
                    total[0] += record.produced
                    total[1] += record.rejected
                    assert "implausivel" not in record.flags
                reading.ack()
        finally:
            await source.close()

    asyncio.run(story())
    assert total == [sum(made for made, _ in steps), sum(rejected for _, rejected in steps)]


def refused(port: int, address: int) -> str:
    """How `check --probe` words what modbus-serial refuses."""

    async def story() -> str:
        link = ModbusLink(configured(port))
        await link.open()
        try:
            await link.words(Block("holding", address, 2, ()))
        except RefusedError as error:
            return str(error)
        finally:
            link.close()
        return ""

    return asyncio.run(story())


def test_p8_what_modbus_serial_refuses_is_named_with_its_code(devices: Devices) -> None:
    assert "exceção 6 (aparelho ocupado)" in refused(devices.refusing, 100)
    assert "exceção 2 (endereço inexistente)" in refused(devices.refusing, 300)


def asked(device: Peer, mood: str, timeout_ms: int) -> list[Exception | int]:
    """What one request in this mood brings, and the next one of a well device."""
    found: list[Exception | int] = []

    async def story() -> None:
        link = ModbusLink(configured(device.ready["port"]))
        for now, limit_ms in ((mood, timeout_ms), ("well", PATIENT_MS)):
            device.ask(mood=now)
            await link.open()
            link.timeout_s = limit_ms / 1000
            try:
                found.append(len(await link.words(Block("holding", 100, 2, ()))))
            except (SilentError, RefusedError) as error:
                found.append(error)
        link.close()

    asyncio.run(story())
    return found


@pytest.mark.parametrize(
    ("mood", "timeout_ms", "what", "action"),
    [
        ("unit", PATIENT_MS, "veio a resposta da unidade 2, e o pedido foi à 1", "corrija device_id"),
        ("transaction", PATIENT_MS, "veio a resposta a outro pedido", "mesma conexão"),
        ("protocol", PATIENT_MS, "bytes que não são Modbus TCP (", "outro protocolo"),
        ("hangup", PATIENT_MS, "o aparelho fechou a conexão, sem responder", "única conexão"),
        ("half", SHORT_MS, "meia resposta", "confira o aparelho"),
        ("silent", SHORT_MS, "nenhuma resposta veio em 300 ms", "timeout_ms"),
    ],
)
def test_p8_the_error_says_what_came_and_the_next_request_is_answered(
    device: Peer, mood: str, timeout_ms: int, what: str, action: str
) -> None:
    error, words = asked(device, mood, timeout_ms)
    assert isinstance(error, SilentError)
    assert what in error.what
    assert action in error.action
    assert "bottelpack_a (127.0.0.1:" in error.where
    assert words == 2
