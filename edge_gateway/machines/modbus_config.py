"""The keys of a Modbus TCP machine, beside those every machine has (`edge_gateway.machines.description`).

    "protocol": "modbus",
    "address": "192.168.1.21:502",         # the port is 502 unless said
    "device_id": 1,                        # the unit behind a serial gateway; 1 or 255 for a PLC itself
    "timeout_ms": 1000,
    "word_order": "ABCD",                  # ABCD big, CDAB words swapped, BADC bytes swapped, DCBA both
    "heartbeat": {"holding": 90, "stale_s": 10},   # a word the PLC's program changes all the time
    "lines": {"SPEP-ENV-A": {"production": {"holding": 100, "bits": 32}, ...}}

A counter is a ``holding`` or an ``input`` register, by its **address in the protocol, from 0**: what manuals write as
40101, 400101 or 30101 is 100. ``bits``: 16, 32 (default) or 64. ``word_order`` may stand in a counter as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast

from edge_gateway.machines.description import Machine, gap_of, parse_lines
from edge_gateway.section import ConfigError, Section

Table = Literal["holding", "input"]
WordOrder = Literal["ABCD", "CDAB", "BADC", "DCBA"]

WORD_ORDERS: Final[tuple[WordOrder, ...]] = ("ABCD", "CDAB", "BADC", "DCBA")
TABLES: Final[tuple[Table, ...]] = ("holding", "input")
MODBUS_KEYS: Final = ("device_id", "timeout_ms", "word_order", "heartbeat")
_POINT_KEYS: Final = ("holding", "input", "bits", "word_order")


@dataclass(frozen=True, slots=True)
class Register:
    """A value in one table of the device: `address` from 0, `words` of 16 bits."""

    table: Table
    address: int
    words: int = 2
    order: WordOrder = "ABCD"

    def __str__(self) -> str:
        return f"{self.table} {self.address} ({self.words * 16} bits, {self.order})"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A word that a running PLC program changes; unchanged for `stale_ms`, the program stands still."""

    register: Register
    stale_ms: int


@dataclass(frozen=True, slots=True)
class ModbusConfig(Machine[Register]):
    """One device, one connection."""

    host: str
    port: int
    device_id: int
    timeout_ms: int
    heartbeat: Heartbeat | None

    @property
    def registers(self) -> tuple[Register, ...]:
        """Everything one poll has to read."""
        counters = tuple(counter.point for line in self.lines for counter in line.counters)
        return counters if self.heartbeat is None else (*counters, self.heartbeat.register)


def parse_modbus(name: str, section: Section) -> ModbusConfig:
    """Read the entry. Raises ConfigError."""
    address = section.text("address")
    host, port = _split(address, section)
    poll_ms = section.whole("poll_ms", 250, 50, 60_000)
    order = _order(section, "ABCD")

    def point(place: Section) -> tuple[Register, int]:
        register = _register(place, order)
        return register, register.words * 16

    return ModbusConfig(
        name=name,
        address=f"{host}:{port}",
        poll_ms=poll_ms,
        lines=parse_lines(section, _POINT_KEYS, point, gap_of(poll_ms)),
        host=host,
        port=port,
        device_id=section.whole("device_id", 1, 0, 255),
        timeout_ms=section.whole("timeout_ms", 1_000, 50, 60_000),
        heartbeat=_heartbeat(section),
    )


def _heartbeat(section: Section) -> Heartbeat | None:
    place = section.section("heartbeat", ("holding", "input", "stale_s"))
    if place is None:
        return None
    table, address = _place(place)
    return Heartbeat(Register(table, address, words=1), place.whole("stale_s", 10, 1, 3_600) * 1_000)


def _register(place: Section, order: WordOrder) -> Register:
    table, address = _place(place)
    bits = place.whole("bits", 32, 16, 64)
    if bits not in (16, 32, 64):
        raise ConfigError(f"largura {bits} desconhecida", place.key("bits"), "use 16, 32 ou 64")
    if address + bits // 16 > 65_536:
        raise ConfigError(f"o registrador {address} passa do fim da tabela", place.path, "confira o endereço")
    return Register(table, address, bits // 16, _order(place, order))


def _place(place: Section) -> tuple[Table, int]:
    given: list[Table] = [table for table in TABLES if table in place.names()]
    if len(given) != 1:
        raise ConfigError(
            "esperado um endereço de registrador",
            place.path,
            'use "holding" ou "input", contados de 0: o 40101 do manual é {"holding": 100}, o 30101 é {"input": 100}',
        )
    return given[0], place.whole(given[0], 0, 0, 65_535)


def _order(section: Section, default: WordOrder) -> WordOrder:
    return cast("WordOrder", section.choice("word_order", WORD_ORDERS, default=default))


def _split(address: str, section: Section) -> tuple[str, int]:
    host, _, port = address.partition(":")
    if not host or (port and not port.isdecimal()) or not 0 < int(port or "502") < 65_536:
        raise ConfigError(f"endereço {address!r} inválido", section.key("address"), 'use "192.168.1.21" ou com ":502"')
    return host, int(port or "502")
