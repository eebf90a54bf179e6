"""Wiring a machine: what its registers say now, and what it counts while someone runs ten pieces. Reads, only.

Nothing is stored or sent and no position moves, so both may be used beside a running gateway, unless the device takes
one connection only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from edge_gateway.config import Config, ConfigError
from edge_gateway.machines.description import Line, Machine
from edge_gateway.machines.modbus_config import ModbusConfig, Register
from edge_gateway.machines.source import machine_source
from edge_gateway.source import Kind, ReadResult
from sicfar.counts.codes import Flag
from sicfar.counts.record import Record
from sicfar.errors import SicfarError
from sicfar.instants import PLANT_TZ, from_ms

_RETRY_S = 1.0
_FIRST_VALUES_S = 10.0


@dataclass(frozen=True, slots=True)
class Touched:
    """One finding. `well`: whether the device answered as configured."""

    well: bool
    text: str


async def touch(machine: Machine[object]) -> AsyncIterator[Touched]:
    """Connect once and read every counter of the machine once; never raises SicfarError, tells it."""
    try:
        if isinstance(machine, ModbusConfig):
            async for found in _touch_modbus(machine):
                yield found
            return
        content, progress, _ = await _first_result(machine)
        for record in content.of(*Kind):
            yield Touched(True, f"{machine.name}: {record.line} {_raws(record)}")
        if progress.trouble:
            yield Touched(False, f"{machine.name}: {progress.trouble}")
    except SicfarError as error:
        yield Touched(False, f"{machine.name}: {error}")


async def _touch_modbus(machine: ModbusConfig) -> AsyncIterator[Touched]:
    from edge_gateway.machines.modbus import ModbusLink, RefusedError
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
        yield Touched(True, f"{machine.name}: {machine.address} aceita a conexão")
        for register, purpose in purposes.items():
            # One by one on purpose: a refusal then names its own register.
            try:
                words = await link.words(Block(register.table, register.address, register.words, (register,)))
            except RefusedError as error:
                yield Touched(False, f"{machine.name}: {purpose}: {error}")
                continue
            raw = " ".join(f"{word:04X}" for word in words)
            orders = "  ".join(
                f"{order}={value}{' ←' if order == register.order else ''}"
                for order, value in in_every_order(words).items()
            )
            yield Touched(True, f"{machine.name}: {purpose}: {register.table} {register.address} [{raw}]  {orders}")
    finally:
        link.close()


async def _first_result(machine: Machine[object]) -> ReadResult:
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


def machine_of(config: Config, line: str) -> tuple[Machine[object], Line[object]]:
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


async def follow(machine: Machine[object], line: Line[object], say: Callable[[str], None]) -> None:
    """Tell every increment of the line as it happens, with the sums since the start, until cancelled."""
    source = machine_source(machine, {}, {})
    sums = [0, 0]
    told = ""
    say(f"sondando {line.line} em {machine.name} ({machine.address}); nada é gravado nem enviado. Ctrl+C encerra")
    try:
        while True:
            try:
                await source.connect()
                while True:
                    content, progress, ack = await source.read()
                    ack()
                    for record in content.of(*Kind):
                        if record.line == line.line:
                            say(_told(record, sums))
                    if progress.trouble != told:
                        told = progress.trouble
                        say(f"atenção: {told}" if told else "tudo lido de novo")
                    await asyncio.sleep(source.period_ms / 1000)
            except SicfarError as error:
                say(f"erro: {error}; tentando de novo")
                await asyncio.sleep(_RETRY_S)
    finally:
        await source.close()
        say(f"desde o início: produção +{sums[0]}, rejeição +{sums[1]}")


def _told(record: Record, sums: list[int]) -> str:
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
