"""Wiring a machine: what its registers say now, and what it counts while someone runs ten pieces. Reads, only.

Nothing is stored or sent and no position moves, so both may be used beside a running gateway, unless the device takes
one connection only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from edge_gateway.commands.report import Result
from edge_gateway.config import Config, ConfigError
from edge_gateway.machines.description import AnyMachine, Line
from edge_gateway.machines.modbus_config import ModbusConfig, Register
from edge_gateway.machines.source import machine_source
from edge_gateway.source import Kind, ReadResult, UnexpectedSourceError
from sicfar.counts.codes import Flag
from sicfar.counts.record import Record
from sicfar.errors import SicfarError
from sicfar.instants import PLANT_TZ, from_ms

_RETRY_S = 1.0
_FIRST_VALUES_S = 10.0


async def probe(machine: AnyMachine) -> AsyncIterator[Result]:
    """Connect once and read every counter of the machine once; an error of any kind is a finding."""
    try:
        if isinstance(machine, ModbusConfig):
            async for found in _probe_modbus(machine):
                yield found
            return
        content, progress, _ = await _first_result(machine)
        for record in content.of(*Kind):
            yield Result("ok", f"{machine.name}: {record.line} {_raws(record)}")
        if progress.trouble:
            yield Result("erro", f"{machine.name}: {progress.trouble}")
    except SicfarError as error:
        yield Result("erro", f"{machine.name}: {error}")
    except Exception as error:  # noqa: BLE001 - it is one machine's, and the others are still to be probed
        yield Result("erro", f"{machine.name}: {UnexpectedSourceError(error, 'ler os contadores', machine.address)}")


async def _probe_modbus(machine: ModbusConfig) -> AsyncIterator[Result]:
    from edge_gateway.machines.modbus_link import ModbusLink, RefusedError
    from edge_gateway.machines.modbus_requests import Block, in_every_order

    purposes: dict[Register, str] = {}
    for line in machine.lines:
        for purpose, counter in (("produção", line.production), ("rejeição", line.rejected)):
            if counter is not None:
                purposes[counter.point] = f"{line.line} {purpose}"
    if machine.heartbeat is not None:
        purposes[machine.heartbeat.register] = "palavra de vida"
    link = ModbusLink(machine)
    try:
        await link.open()
        yield Result("ok", f"{machine.name}: {machine.address} aceita a conexão")
        for register, purpose in purposes.items():
            # One by one on purpose: a refusal then names its own register.
            try:
                words = await link.words(Block(register.table, register.address, register.words, (register,)))
            except RefusedError as error:
                yield Result("erro", f"{machine.name}: {purpose}: {error}")
                continue
            raw = " ".join(f"{word:04X}" for word in words)
            orders = "  ".join(
                f"{order}={value}{' ←' if order == register.order else ''}"
                for order, value in in_every_order(words).items()
            )
            yield Result("ok", f"{machine.name}: {purpose}: {register.table} {register.address} [{raw}]  {orders}")
    finally:
        link.close()


async def _first_result(machine: AnyMachine) -> ReadResult:
    """The first read with values; a subscription may need a moment for them. Raises SicfarError."""
    source = machine_source(machine, {}, {})
    try:
        await source.connect()
        deadline = asyncio.get_running_loop().time() + _FIRST_VALUES_S
        while True:
            result = await source.read()
            if any(result.content.of(*Kind)) or asyncio.get_running_loop().time() > deadline:
                return result
            await asyncio.sleep(source.period_ms / 1000)
    finally:
        await source.close()


def machine_of(config: Config, line: str) -> tuple[AnyMachine, Line[object]]:
    """The machine that counts `line`, else the one that checks it. Raises ConfigError naming the lines there are."""
    found = [(machine, item) for machine in config.machines for item in machine.lines if item.line == line]
    if not found:
        known = sorted({item.line for machine in config.machines for item in machine.lines})
        raise ConfigError(
            f"nenhuma máquina da configuração conta a linha {line!r}",
            "clps",
            f"linhas com contador: {', '.join(known) or 'nenhuma'}; uma linha de arquivos TXT se confere com check",
        )
    return min(found, key=lambda pair: pair[1].role != "contagem")


def follow_line(config: Config, line: str, seconds: float | None) -> int:
    """Print every increment of a line until Ctrl+C or for so many seconds. Returns 0. Raises ConfigError."""
    machine, counted = machine_of(config, line)
    with suppress(KeyboardInterrupt, TimeoutError):
        asyncio.run(asyncio.wait_for(_follow(machine, counted), seconds))
    return 0


async def _follow(machine: AnyMachine, line: Line[object]) -> None:
    """Print every increment of the line as it happens, with the sums since the start, until cancelled."""
    source = machine_source(machine, {}, {})
    sums = [0, 0]
    trouble = ""
    _say(f"sondando {line.line} em {machine.name} ({machine.address}); nada é gravado nem enviado. Ctrl+C encerra")
    try:
        while True:
            try:
                await source.connect()
                while True:
                    content, progress, ack = await source.read()
                    ack()
                    for record in content.of(*Kind):
                        if record.line == line.line:
                            _say(_increment(record, sums))
                    if progress.trouble != trouble:
                        trouble = progress.trouble
                        _say(f"atenção: {trouble}" if trouble else "tudo lido de novo")
                    await asyncio.sleep(source.period_ms / 1000)
            except SicfarError as error:
                _say(f"erro: {error}; tentando de novo")
                await asyncio.sleep(_RETRY_S)
    finally:
        await source.close()
        _say(f"desde o início: produção +{sums[0]}, rejeição +{sums[1]}")


def _say(text: str) -> None:
    print(text, flush=True)


def _increment(record: Record, sums: list[int]) -> str:
    at = from_ms(record.at_ms).astimezone(PLANT_TZ).strftime("%H:%M:%S.%f")[:-3]
    if Flag.BASELINE in record.flags:
        return f"{at}  partida: {_raws(record)}; rode 10 peças e confira +10"
    if Flag.IMPLAUSIBLE not in record.flags:
        sums[0] += record.produced
        sums[1] += record.rejected
    flags = f"  [{', '.join(record.flags)}]" if record.flags else ""
    return (
        f"{at}  produção +{record.produced}  rejeição +{record.rejected}  "
        f"(soma +{sums[0]} e +{sums[1]}; {_raws(record)}){flags}"
    )


def _raws(record: Record) -> str:
    produced = "sem dado" if record.produced_raw is None else str(record.produced_raw)
    rejected = "" if record.rejected_raw is None else f", rejeição {record.rejected_raw}"
    return f"contador de produção {produced}{rejected}"
