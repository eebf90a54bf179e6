"""The keys of a Modbus TCP machine, beside those every machine has (`edge_gateway.machines.description`).

A counter is a ``holding`` or an ``input`` register, by its **address in the protocol, from 0**: what manuals write as
40101, 400101 or 30101 is 100. All keys are explained in docs/maquinas.md.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple, Self, get_args

from pydantic import Field, PlainValidator, model_validator

from edge_gateway.machines.description import CounterKeys, Machine, MachineKeys, gap_of
from edge_gateway.section import Count, Endpoint, Part
from sicfar.validation import refused, said

Table = Literal["holding", "input"]
WordOrder = Literal["ABCD", "CDAB", "BADC", "DCBA"]

WORD_ORDERS: Final[tuple[WordOrder, ...]] = get_args(WordOrder)
_REGISTERS = 65_536
_PORTS = 65_536
_ADDRESS: Final = re.compile(r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<name>[^\s:\[\]]+))(?::(?P<port>[0-9]{1,5}))?")
"""A host, in brackets if it is an IPv6 address, and a port."""


class Register(NamedTuple):
    """A value in one table of the device: `address` from 0, `words` of 16 bits.

    A tuple, for it is the key of every value of every poll: its hash is not made in Python.
    """

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


class _Address(Part):
    holding: Count | None = Field(None, ge=0, le=_REGISTERS - 1, description="o registrador de escrita, contado de 0")
    input: Count | None = Field(None, ge=0, le=_REGISTERS - 1, description="o registrador de entrada, contado de 0")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.holding is None) == (self.input is None):
            raise said(
                'diga um registrador, em "holding" ou "input", contado de 0: o 40101 do manual é {"holding": 100}, o '
                '30101 é {"input": 100}'
            )
        return self

    def register(self, words: int, order: WordOrder) -> Register:
        """The value that begins here."""
        if self.holding is not None:
            return Register("holding", self.holding, words, order)
        return Register("input", self.input or 0, words, order)


class HeartbeatKeys(_Address):
    """The keys of a heartbeat."""

    stale_s: Count = Field(10, ge=1, le=3_600, description="segundos sem mudar até o CLP ser dado por parado")

    @property
    def word(self) -> Heartbeat:
        """The word that is read."""
        return Heartbeat(self.register(1, "ABCD"), self.stale_s * 1_000)


class ModbusCounter(_Address, CounterKeys):
    """The keys of a counter in registers."""

    word_order: WordOrder | None = Field(None, description="a ordem das palavras, se não for a da máquina")

    @model_validator(mode="after")
    def _ends_in_the_table(self) -> Self:
        first = self.input if self.holding is None else self.holding
        if first is not None and first + self.bits // 16 > _REGISTERS:
            raise said(f"{self.bits} bits a partir do registrador {first} passam do fim da tabela; confira o endereço")
        return self


def _endpoint(value: object) -> Endpoint:
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    port = int(match["port"] or 502) if match else 0
    if match is None or not 0 < port < _PORTS or (match["ipv6"] and not _is_ipv6(match["ipv6"])):
        raise refused('escreva "192.168.1.21" ou, com a porta, "192.168.1.21:502"; um IPv6, "[fd00::21]:502"')
    return Endpoint(match["name"] or match["ipv6"], port)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


class ModbusKeys(MachineKeys[ModbusCounter]):
    """The entry of ``clps``."""

    protocol: Literal["modbus"]
    address: Annotated[Endpoint, PlainValidator(_endpoint, json_schema_input_type=str)] = Field(
        description="o endereço do aparelho", examples=['"192.168.1.21:502"']
    )
    device_id: Count = Field(1, ge=0, le=255, description="a unidade atrás de um conversor; 1 ou 255 é o próprio CLP")
    timeout_ms: Count = Field(1_000, ge=50, le=60_000, description="milissegundos sem resposta até reconectar")
    word_order: WordOrder = Field(
        "ABCD", description="ABCD, CDAB (palavras trocadas), BADC (bytes trocados) ou DCBA (ambos)"
    )
    heartbeat: HeartbeatKeys | None = Field(None, description="uma palavra que o programa do CLP muda o tempo todo")

    def machine(self, name: str) -> ModbusConfig:
        """What the source reads."""
        host, port = self.address
        return ModbusConfig(
            name=name,
            address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            poll_ms=self.poll_ms,
            lines=self.counted(
                gap_of(self.poll_ms), lambda keys: keys.register(keys.bits // 16, keys.word_order or self.word_order)
            ),
            host=host,
            port=port,
            device_id=self.device_id,
            timeout_ms=self.timeout_ms,
            heartbeat=None if self.heartbeat is None else self.heartbeat.word,
        )
