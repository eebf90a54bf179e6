"""A reply is taken only if it is the one asked for; else the error says what came, and the connection is closed."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence

import pytest

from edge_gateway.config import parse_config
from edge_gateway.machines.modbus_config import ModbusConfig
from edge_gateway.machines.modbus_link import ModbusLink, RefusedError, SilentError, UnreachableError
from edge_gateway.machines.modbus_requests import Block
from edge_gateway.machines.network import addresses_of
from local.processes import free_port
from local.waiting import LAST_RESORT_S

WORDS = [0x000A, 0xABCD]
BLOCK = Block("holding", 100, 2, ())
GOOD = bytes((3, 4)) + b"".join(word.to_bytes(2, "big") for word in WORDS)
Answer = Callable[[bytes], Sequence[bytes]]
"""What a device sends, piece by piece, for a request."""


def frame(
    request: bytes, body: bytes, *, transaction: int = 0, protocol: int = 0, unit: int = 0, length: int = 0
) -> bytes:
    """A reply with these bytes after the unit; what is added to what a right one says, or a length in its place."""
    number = int.from_bytes(request[:2], "big") + transaction
    size = length or len(body) + 1
    head = b"".join(each.to_bytes(2, "big") for each in (number, protocol, size))
    return head + bytes((request[6] + unit,)) + body


def config(port: int, unit: int = 1, host: str = "127.0.0.1") -> ModbusConfig:
    line = {"production": {"holding": 100}, "max_per_hour": 9}
    entry = {"protocol": "modbus", "address": f"{host}:{port}", "device_id": unit, "lines": {"SPEP-ENV-A": line}}
    (machine,) = parse_config({"clps": {"clp": entry | {"timeout_ms": 60_000}}}).machines
    assert isinstance(machine, ModbusConfig)
    return machine


def ask(answer: Answer, *, unit: int = 1, timeout_s: float = 60, times: int = 1) -> list[Sequence[int] | Exception]:
    """What so many requests on one connection bring."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(100):
            requests.append(request)
            for piece in answer(request):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.close()

    async def story() -> list[Sequence[int] | Exception]:
        found: list[Sequence[int] | Exception] = []
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            link = ModbusLink(config(server.sockets[0].getsockname()[1], unit))
            link.timeout_s = timeout_s
            await link.open()
            for _ in range(times):
                try:
                    found.append(await link.words(BLOCK))
                except (SilentError, RefusedError, UnreachableError) as error:
                    found.append(error)
            link.close()
        return found

    found = asyncio.run(story())
    assert {(request[2:4], request[6], request[7:]) for request in requests} == {
        (b"\0\0", unit, bytes((3, 0, 100, 0, 2)))
    }, "nothing but a read is ever sent"
    return found


def test_p1_a_reply_is_its_words_in_one_piece_or_byte_by_byte() -> None:
    assert ask(lambda request: [frame(request, GOOD)]) == [WORDS]
    assert ask(lambda request: [bytes((byte,)) for byte in frame(request, GOOD)], times=3) == [WORDS] * 3


def test_p1_a_device_behind_unit_0_may_answer_under_any_number() -> None:
    assert ask(lambda request: [frame(request, GOOD, unit=7)], unit=0) == [WORDS]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda r: [frame(r, GOOD, unit=1)], "veio a resposta da unidade 2, e o pedido foi à 1"),
        (lambda r: [frame(r, GOOD, transaction=1)], "veio a resposta a outro pedido (2, não 1)"),
        (lambda r: [frame(r, GOOD, protocol=1)], "vieram bytes que não são Modbus TCP"),
        (lambda _: [b"HTTP/1.1 400 Bad Request\r\n\r\n"], "48 54 54 50"),
        (lambda r: [frame(r, GOOD, length=255)], "vieram bytes que não são Modbus TCP"),
        (lambda r: [frame(r, GOOD, length=1)], "vieram bytes que não são Modbus TCP"),
        (lambda r: [frame(r, bytes((4,)) + GOOD[1:])], "veio a resposta da função 4, não da 3"),
        (lambda r: [frame(r, bytes((0x84, 2)))], "veio a resposta da função 132, não da 3"),
        (lambda r: [frame(r, bytes((3, 2, 0, 1)))], "resposta com 1 palavras"),
        (lambda r: [frame(r, bytes((3, 0)))], "resposta com 0 palavras"),
        (lambda r: [frame(r, bytes((3, 2)) + GOOD[2:])], "resposta com 2 palavras"),
        (lambda r: [frame(r, GOOD) + b"\0"], "resposta com bytes a mais (14 bytes"),
        (lambda r: [frame(r, GOOD) * 2], "resposta com bytes a mais (26 bytes"),
    ],
)
def test_p1_any_other_reply_is_named_and_closes_the_connection(answer: Answer, what: str) -> None:
    error, after = ask(answer, times=2)
    assert isinstance(error, SilentError)
    assert what in error.what
    assert error.where.startswith("clp (127.0.0.1:")
    assert isinstance(after, UnreachableError), "a late reply has nowhere to come to"


@pytest.mark.parametrize("length", [0, 2], ids=["right", "without the code, as some devices say"])
def test_p8_a_refusal_is_an_answer_and_the_connection_stays(length: int) -> None:
    replies = [bytes((0x83, 6)), GOOD]

    def answer(request: bytes) -> list[bytes]:
        body = replies.pop(0)
        return [frame(request, body, length=length if body[0] & 0x80 else 0)]

    refusal, words = ask(answer, times=2)
    assert isinstance(refusal, RefusedError)
    assert refusal.exception == 6
    assert words == WORDS


@pytest.mark.parametrize(("sent", "what"), [(0, "nenhuma resposta veio em 1000 ms"), (5, "só 5 bytes: 00 01 00 00 00")])
def test_p8_half_a_reply_and_none_are_told_apart(sent: int, what: str) -> None:
    (error,) = ask(lambda request: [frame(request, GOOD)[:sent]] if sent else [], timeout_s=1.0)
    assert isinstance(error, SilentError)
    assert what in error.what


def test_p6_a_port_nobody_listens_at_and_a_name_nobody_knows_are_told() -> None:
    def opened(machine: ModbusConfig) -> str:
        with pytest.raises(UnreachableError) as caught:
            asyncio.run(ModbusLink(machine).open())
        return str(caught.value)

    assert "o aparelho não aceita conexão" in opened(config(free_port()))
    assert "a rede não conhece o nome 'nao-existe.invalid'" in opened(config(502, host="nao-existe.invalid"))


def test_a_name_server_that_hangs_keeps_nobody_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    waited: list[bool] = []

    def hang(*_: object, **__: object) -> list[object]:
        waited.append(released.wait(LAST_RESORT_S))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(addresses_of("clp-envase", 502), 0.05))
    assert waited == [], "the loop has ended while the name server still hangs"
    released.set()


def test_an_address_is_not_asked_for() -> None:
    assert asyncio.run(addresses_of("192.0.2.7", 502)) == ["192.0.2.7"]
    assert "127.0.0.1" in asyncio.run(addresses_of("localhost", 502))
