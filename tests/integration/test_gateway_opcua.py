"""The OPC UA source against a real server: what it counts, survives and refuses, and that it only reads."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.ua.uaerrors import UaError
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_gateway.clock import Instant, OwnClock, since_boot_ms
from edge_gateway.config import parse_config
from edge_gateway.machines import opcua, opcua_client
from edge_gateway.machines.opcua import OpcUaSource
from edge_gateway.machines.opcua_config import OpcUaConfig
from edge_gateway.machines.opcua_identity import OpcUaRefusedError
from edge_gateway.machines.opcua_security import OpcUaClient
from edge_gateway.source import SourceError
from local.simulators.opcua_plant import NAMESPACE, Machine, OpcUaPlant, Security
from local.waiting import LAST_RESORT_S, Patience
from sicfar.counts.record import Record
from sicfar.instants import now_ms
from tests.support.reading import Reading

PLAIN, PACKML = "SPEP-ENV-A", "SPPV-ENV-VIDRO01"


def line_of(machine: Machine, **more: object) -> dict[str, object]:
    if machine.packml:
        production: dict[str, object] = {"packml": machine.unit, "count": "ProdProcessedCount"}
        rejected: dict[str, object] = {"packml": machine.unit, "count": "ProdDefectiveCount"}
    else:
        production, rejected = {"node": machine.node("producao")}, {"node": machine.node("rejeicao")}
        if machine.modulus != 1 << 32:
            production["modulus"] = machine.modulus
    return {
        "production": production,
        "rejected": rejected,
        "processed_includes_rejected": machine.processed_includes_rejected,
        "max_per_hour": 1_000_000,
    } | more


def entry(plant: OpcUaPlant, **more: object) -> dict[str, object]:
    return {
        "protocol": "opcua",
        "address": plant.url,
        "poll_ms": 100,
        "security": {"policy": "None"},
        "lines": {machine.line: line_of(machine) for machine in plant.machines.values()},
    } | more


def parsed(machine: dict[str, object]) -> OpcUaConfig:
    config = parse_config({"clps": {"maquina": machine}}).machines[0]
    assert isinstance(config, OpcUaConfig)
    return config


@dataclass
class Reader:
    """Does what the engine does with one source, without waiting long, and remembers what was committed."""

    source: OpcUaSource
    records: list[Record] = field(default_factory=list)
    positions: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    failures: list[Exception] = field(default_factory=list)
    connected: bool = False

    async def once(self) -> None:
        try:
            if not self.connected:
                await self.source.connect()
                self.connected = True
            reading = Reading.of(await self.source.read())
        except (SourceError, OpcUaRefusedError) as error:
            self.failures.append(error)
            self.connected = False
            return
        self.records += reading.records
        self.positions |= {key: value for key, value in reading.position.items() if value is not None}
        self.marks |= {mark.line: mark.until_ms for mark in reading.marks}
        self.states = {mark.line: mark.state for mark in reading.marks}
        self.trouble = reading.trouble
        reading.ack()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        patience = Patience(what, state=lambda: (self.trouble, self.records, self.failures))
        while not condition():
            patience.look()
            await self.once()
            await asyncio.sleep(0.05)

    def total(self, line: str) -> tuple[int, int]:
        mine = [record for record in self.records if record.line == line]
        return sum(record.produced for record in mine), sum(record.rejected for record in mine)

    def flags(self, line: str) -> set[str]:
        return {flag for record in self.records if record.line == line for flag in record.flags}


@pytest.fixture(autouse=True)
def no_time_outs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine is slow when the machine is; those that say nothing have a test each."""
    for name in ("REQUEST_S", "_CONNECT_S", "_SILENCE_S"):
        monkeypatch.setattr(opcua_client, name, LAST_RESORT_S)


@pytest.fixture
def started() -> Iterator[Callable[..., OpcUaPlant]]:
    with ExitStack() as stack:

        def start(*machines: Machine, security: Security | None = None) -> OpcUaPlant:
            plant = OpcUaPlant(machines, security=security)
            stack.callback(plant.stop)
            plant.start()
            return plant

        yield start


def play(
    plant: OpcUaPlant,
    story: Callable[[Reader], Awaitable[None]],
    clock: OwnClock | None = None,
    marks: dict[str, int] | None = None,
    /,
    **more: object,
) -> Reader:
    """Run a story against a source of this server's machines; nobody may have written or called anything."""
    config = parsed(entry(plant, **more))

    async def run() -> Reader:
        reader = Reader(OpcUaSource(config, {}, marks or {}, own_clock=clock))
        try:
            await story(reader)
        finally:
            await reader.source.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.sleep(0)
            assert not {task for task in others if not task.done()}, "the source leaves tasks behind"
        return reader

    reader = asyncio.run(run())
    assert plant.attempts == []
    return reader


async def ready(reader: Reader, plant: OpcUaPlant) -> None:
    await reader.until(lambda: set(reader.marks) == set(plant.machines), "a mark for every line")


async def make(plant: OpcUaPlant, line: str, made: int, rejected: int = 0, at: datetime | None = None) -> datetime:
    at = at or datetime.now(UTC)
    await asyncio.to_thread(plant.count, line, made, rejected, at)
    return at


@pytest.mark.parametrize("packml", [False, True], ids=["plain nodes", "PackML structures"])
def test_p1_increments_carry_the_machines_own_time_and_sum_to_what_it_made(
    started: Callable[..., OpcUaPlant], packml: bool
) -> None:
    plant = started(Machine(PACKML, packml=packml))
    instants: list[int] = []

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        for made, rejected in ((3, 1), (2, 0), (4, 2)):
            at = await make(plant, PACKML, made, rejected)
            instants.append(int(at.timestamp() * 1000))
            await asyncio.sleep(0.03)
        await reader.until(lambda: reader.total(PACKML) == (9, 3), "everything counted")

    reader = play(plant, story)
    assert {record.at_ms for record in reader.records if record.produced} == set(instants)
    assert not any(record.since_ms for record in reader.records)


def test_p1_a_counter_of_good_units_only_counts_the_rejected_as_made_too(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN, processed_includes_rejected=False))

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 10, 3)
        await reader.until(lambda: reader.total(PLAIN) == (10, 3), "7 good and 3 rejected are 10 made")

    play(plant, story)


def test_p1_a_signed_packml_counter_and_a_six_digit_one_wrap_without_loss(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(
        Machine(PACKML, packml=True, before=(1 << 31) - 2), Machine(PLAIN, modulus=1_000_000, before=999_998)
    )

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        for line in (PACKML, PLAIN):
            await make(plant, line, 5)
        await reader.until(lambda: reader.total(PACKML)[0] == reader.total(PLAIN)[0] == 5, "both wrapped")

    reader = play(plant, story)
    assert "implausivel" not in reader.flags(PLAIN) | reader.flags(PACKML)


def test_p1_a_machine_that_restarts_at_zero_counts_from_there(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 4)
        await asyncio.to_thread(plant.restart_at_zero, PLAIN)
        await make(plant, PLAIN, 3)
        await reader.until(lambda: reader.total(PLAIN)[0] == 7, "4 before and 3 after")

    play(plant, story)


def test_p1_what_was_made_while_the_server_was_away_counts_when_it_is_back(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN), Machine(PACKML, packml=True))
    marks: dict[str, int] = {}

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await asyncio.to_thread(plant.go_away)
        await reader.until(lambda: bool(reader.failures), "the loss is noticed")
        marks.update(reader.marks)
        for line in plant.machines:
            await make(plant, line, 6, 1)
        await asyncio.to_thread(plant.come_back)
        await reader.until(lambda: all(reader.total(line) == (6, 1) for line in plant.machines), "counted once back")
        await make(plant, PLAIN, 1)
        await reader.until(lambda: reader.total(PLAIN) == (7, 1), "and goes on")

    reader = play(plant, story)
    assert all(reader.marks[line] > marks[line] for line in plant.machines)
    assert isinstance(reader.failures[0], SourceError)
    assert "a conexão se perdeu" in reader.failures[0].what


def test_p6_the_librarys_look_at_the_server_uses_our_connection(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))

    async def story() -> object:
        client = OpcUaClient(plant.url, timeout=LAST_RESORT_S, watchdog_intervall=LAST_RESORT_S)
        async with client:
            return await client.nodes.server_state.read_value()

    assert asyncio.run(story()) == ua.ServerState.Running


def test_p4_bad_quality_is_no_data_and_holds_the_lines_mark_but_no_other(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN), Machine(PACKML, packml=True))

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await asyncio.to_thread(plant.bad_quality, PLAIN, bad=True)
        await reader.until(lambda: reader.states.get(PLAIN) == "erro", "the line in error")
        assert "BadNotConnected" in reader.trouble
        assert PLAIN in reader.trouble
        held, other = reader.marks[PLAIN], reader.marks[PACKML]
        await make(plant, PLAIN, 5)
        await make(plant, PACKML, 2)
        await reader.until(lambda: reader.total(PACKML)[0] == 2 and reader.marks[PACKML] > other + 500, "other counts")
        assert reader.marks[PLAIN] == held
        assert reader.total(PLAIN) == (0, 0)
        await asyncio.to_thread(plant.bad_quality, PLAIN, bad=False)
        await reader.until(lambda: reader.total(PLAIN)[0] == 5, "counted once it can be read")
        assert reader.states[PLAIN] == "ok"
        assert not reader.trouble

    play(plant, story)


def test_p8_a_missing_node_is_named_with_its_line_delaying_no_other(
    started: Callable[..., OpcUaPlant],
) -> None:
    plant = started(Machine(PLAIN))
    wrong = line_of(Machine("SPEP-ENV-B")) | {"production": {"node": f"nsu={NAMESPACE};s=nao.existe"}}
    elsewhere = line_of(Machine("SPEP-ENV-C")) | {"production": {"node": "nsu=urn:ninguem;i=7"}}
    lines = {PLAIN: line_of(plant.machines[PLAIN]), "SPEP-ENV-B": wrong, "SPEP-ENV-C": elsewhere}

    async def story(reader: Reader) -> None:
        await reader.until(lambda: PLAIN in reader.marks, "the good line's mark")
        await make(plant, PLAIN, 2)
        await reader.until(lambda: reader.total(PLAIN)[0] == 2, "the good line counts")
        assert "SPEP-ENV-B, production: não existe no servidor" in reader.trouble
        assert "nao.existe" in reader.trouble
        assert "SPEP-ENV-C, production: o servidor não tem o namespace 'urn:ninguem'" in reader.trouble

    play(plant, story, lines=lines)


def test_a_server_with_none_of_the_nodes_is_a_configuration_error(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))
    lines = {PLAIN: {"production": {"node": f"nsu={NAMESPACE};s=nao.existe"}, "max_per_hour": 9}}

    async def story(reader: Reader) -> None:
        await reader.once()

    reader = play(plant, story, lines=lines)
    assert isinstance(reader.failures[0], OpcUaRefusedError)
    assert "SPEP-ENV-A" in str(reader.failures[0])
    assert "nao.existe" in str(reader.failures[0])


def test_a_machine_whose_clock_is_an_hour_off_counts_at_our_time_flagged(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))
    begun = now_ms()

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 3, at=datetime.now(UTC) - timedelta(hours=1))
        await reader.until(lambda: reader.total(PLAIN)[0] == 3, "counted")

    reader = play(plant, story)
    counted = next(record for record in reader.records if record.produced)
    assert counted.flags == ("relogio",)
    assert begun <= counted.at_ms <= now_ms()


def test_p4_what_a_clock_that_was_ahead_has_marked_comes_down(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))
    ahead_ms = now_ms() + 3_600_000

    async def story(reader: Reader) -> None:
        await reader.until(lambda: reader.marks.get(PLAIN, ahead_ms) < ahead_ms, "a mark of the present")
        await make(plant, PLAIN, 3)
        await reader.until(lambda: reader.total(PLAIN)[0] == 3, "counted")

    reader = play(plant, story, None, {PLAIN: ahead_ms})
    counted = next(record for record in reader.records if record.produced)
    assert counted.at_ms <= now_ms() + 5_000
    assert reader.marks[PLAIN] <= now_ms() + 5_000


@pytest.mark.parametrize("known", [True, False])
def test_p11_a_gateway_an_hour_ahead_leaves_a_machine_its_time(
    started: Callable[..., OpcUaPlant], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Once S3 has said so; before, the machine seems an hour behind and counts at the time of the read."""
    hour = 3_600_000
    monkeypatch.setattr(opcua_client, "now_ms", lambda: now_ms() + hour)
    clock = OwnClock()

    def ahead() -> Instant:
        return Instant(now_ms() + hour, since_boot_ms())

    monkeypatch.setattr(opcua, "instant", ahead)
    if known:
        clock.s3(formatdate(time.time(), usegmt=True), ahead(), ahead())
    plant = started(Machine(PLAIN))

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 3)
        await reader.until(lambda: reader.total(PLAIN)[0] == 3, "counted")

    reader = play(plant, story, clock)
    counted = next(record for record in reader.records if record.produced)
    assert counted.flags == (() if known else ("relogio",))
    assert (counted.at_ms <= now_ms()) is known
    assert (reader.marks[PLAIN] <= now_ms()) is known


def test_p1_a_reading_that_was_not_acknowledged_comes_again_whole(started: Callable[..., OpcUaPlant]) -> None:
    plant = started(Machine(PLAIN))

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 3)
        patience = Patience("three pieces, none of them acknowledged")
        while sum(record.produced for record in Reading.of(await reader.source.read()).records) != 3:
            patience.look()
            await asyncio.sleep(0.05)
        await make(plant, PLAIN, 2)
        await reader.until(lambda: reader.total(PLAIN)[0] == 5, "all of it")

    play(plant, story)


def test_p6_a_server_that_accepts_and_answers_nothing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opcua_client, "REQUEST_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"opc.tcp://127.0.0.1:{mute.getsockname()[1]}"
        config = parsed(
            {
                "protocol": "opcua",
                "address": address,
                "security": {"policy": "None"},
                "lines": {PLAIN: {"production": {"node": "i=1"}, "max_per_hour": 9}},
            }
        )
        with pytest.raises(SourceError, match="não responde"):
            asyncio.run(OpcUaSource(config, {}, {}).connect())


class Relay(threading.Thread):
    """A network between gateway and server that can swallow everything without closing a connection."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.swallow = threading.Event()

    def run(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.swallow.is_set():
                    sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


def test_p6_a_cable_pulled_without_a_word_is_noticed_and_nothing_is_lost(
    started: Callable[..., OpcUaPlant], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("REQUEST_S", 5.0), ("_CONNECT_S", 30.0), ("_SILENCE_S", 3.0)):
        monkeypatch.setattr(opcua_client, name, seconds)
    plant = started(Machine(PLAIN))
    relay = Relay(plant.port)
    relay.start()

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        relay.swallow.set()
        await make(plant, PLAIN, 8)
        await reader.until(lambda: bool(reader.failures), "silence is a failure")
        relay.swallow.clear()
        await reader.until(lambda: reader.total(PLAIN)[0] == 8, "counted once the cable is back")

    try:
        play(plant, story, address=f"opc.tcp://127.0.0.1:{relay.port}/planta")
    finally:
        relay.listener.close()


# ------------------------------------------------------------------------------------------------ security


@dataclass
class Keys:
    server: Security
    gateway: dict[str, object]
    password: Path
    folder: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("chaves")

    def pair(name: str, uri: str) -> tuple[Path, Path]:
        key, certificate = folder / f"{name}.pem", folder / f"{name}.der"
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        asyncio.run(setup_self_signed_certificate(key, certificate, uri, socket.gethostname(), uses, {}))
        return key, certificate

    server_key, server_certificate = pair("maquina", "urn:freeopcua:python:server")
    gateway_key, gateway_certificate = pair("gateway", "urn:sicfar:gateway")
    password = folder / "senha.txt"
    password.write_text("só leitura 1\n", encoding="utf-8")
    return Keys(
        server=Security(server_certificate, server_key, "sicfar", "só leitura 1"),
        gateway={
            "policy": "Basic256Sha256",
            "mode": "SignAndEncrypt",
            "certificate": str(gateway_certificate),
            "private_key": str(gateway_key),
            "server_certificate": str(server_certificate),
        },
        password=password,
        folder=folder,
    )


def test_p9_a_secured_server_is_read_with_certificates_and_a_user(
    started: Callable[..., OpcUaPlant], keys: Keys
) -> None:
    plant = started(Machine(PLAIN), security=keys.server)

    async def story(reader: Reader) -> None:
        await ready(reader, plant)
        await make(plant, PLAIN, 2)
        await reader.until(lambda: reader.total(PLAIN)[0] == 2, "counted over an encrypted channel")

    play(plant, story, security=keys.gateway, user="sicfar", password_file=str(keys.password))


def failure(plant: OpcUaPlant, **more: object) -> Exception:
    async def story(reader: Reader) -> None:
        await reader.once()

    reader = play(plant, story, **more)
    assert reader.failures
    return reader.failures[0]


def test_p9_without_the_security_a_server_demands_there_is_no_connection(
    started: Callable[..., OpcUaPlant], keys: Keys
) -> None:
    plant = started(Machine(PLAIN), security=keys.server)
    error = failure(plant)
    assert isinstance(error, OpcUaRefusedError)
    assert "não aceita conexão sem segurança; oferece: Basic256Sha256 SignAndEncrypt" in str(error)


def test_p9_security_a_server_does_not_offer_is_never_replaced_by_none(
    started: Callable[..., OpcUaPlant], keys: Keys
) -> None:
    plant = started(Machine(PLAIN))
    error = failure(plant, security=keys.gateway)
    assert isinstance(error, OpcUaRefusedError)
    assert "oferece: None (sem segurança)" in str(error)


def test_p9_a_server_with_another_certificate_is_not_believed(started: Callable[..., OpcUaPlant], keys: Keys) -> None:
    plant = started(Machine(PLAIN), security=keys.server)
    other = keys.folder / "outra.der"
    other.write_bytes(Path(str(keys.gateway["certificate"])).read_bytes())
    security = keys.gateway | {"server_certificate": str(other)}
    error = failure(plant, security=security, user="sicfar", password_file=str(keys.password))
    assert isinstance(error, OpcUaRefusedError)
    assert "o certificado do servidor não é o da configuração" in str(error)


def test_p9_a_wrong_password_names_the_user_and_not_the_password(
    started: Callable[..., OpcUaPlant], keys: Keys
) -> None:
    plant = started(Machine(PLAIN), security=keys.server)
    wrong = keys.folder / "errada.txt"
    wrong.write_text("segredo-que-nao-vaza", encoding="utf-8")
    error = failure(plant, security=keys.gateway, user="sicfar", password_file=str(wrong))
    assert isinstance(error, OpcUaRefusedError)
    assert "recusou o usuário" in str(error)
    assert "segredo-que-nao-vaza" not in str(error)


def test_the_simulator_notes_a_write_and_a_call(started: Callable[..., OpcUaPlant]) -> None:
    from asyncua.client.client import Client

    plant = started(Machine(PLAIN))
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)

    async def meddle() -> None:
        async with Client(plant.url) as client:
            index = await client.get_namespace_index(NAMESPACE)
            node = client.get_node(ua.NodeId(f"{PLAIN}.producao", index))  # type: ignore[arg-type]
            with pytest.raises(UaError):
                await node.write_value(ua.Variant(0, ua.VariantType.UInt32))
            with pytest.raises(UaError):
                await client.nodes.server.call_method("0:GetMonitoredItems", ua.Variant(1, ua.VariantType.UInt32))

    asyncio.run(meddle())
    assert [attempt.split()[0] for attempt in plant.attempts] == ["write", "call"]
