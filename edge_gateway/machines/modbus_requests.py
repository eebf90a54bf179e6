"""Which requests read a set of registers, and what their words mean. Pure: no device, no clock.

A request reads at most 125 registers of one table (Modbus application protocol, functions 3 and 4). Registers that
touch or overlap share a request; a gap between two is never read, because devices refuse a request that touches an
address they do not have. The words of one value always travel in one request: read in two, they may come from two
program cycles of the PLC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge_gateway.machines.modbus_config import WORD_ORDERS, Register, Table, WordOrder

MAX_WORDS: Final = 125


@dataclass(frozen=True, slots=True)
class Block:
    """One request and the registers whose words it brings."""

    table: Table
    address: int
    words: int
    registers: tuple[Register, ...]

    def alone(self) -> list[Block]:
        """One request for each of its registers, for a device that refuses the block."""
        return [Block(reg.table, reg.address, reg.words, (reg,)) for reg in self.registers]

    def values(self, words: Sequence[int]) -> dict[Register, int]:
        """The registers' values in the words of the reply."""
        return {
            reg: decode(words[reg.address - self.address : reg.address - self.address + reg.words], reg.order)
            for reg in self.registers
        }


def group(registers: Iterable[Register], max_words: int = MAX_WORDS) -> list[Block]:
    """The fewest requests for these registers, in the order of tables and addresses; see the module's docstring."""
    blocks: list[Block] = []
    for reg in sorted(set(registers), key=lambda reg: (reg.table, reg.address, reg.words, reg.order)):
        last = blocks[-1] if blocks else None
        if last is not None and last.table == reg.table and reg.address <= last.address + last.words:
            words = max(last.words, reg.address + reg.words - last.address)
            if words <= max_words:
                blocks[-1] = Block(last.table, last.address, words, (*last.registers, reg))
                continue
        blocks.append(Block(reg.table, reg.address, reg.words, (reg,)))
    return blocks


def decode(words: Sequence[int], order: WordOrder) -> int:
    """The unsigned value of a register's words, first word first."""
    if order == "ABCD" and len(words) == 2:  # what nearly every counter is
        return words[0] << 16 | words[1]
    value = 0
    for word in reversed(words) if order in ("CDAB", "DCBA") else words:
        value = value << 16 | (_swapped(word) if order in ("BADC", "DCBA") else word)
    return value


def encode(value: int, words: int, order: WordOrder) -> list[int]:
    """Inverse of `decode`, for what plays a device."""
    big = [value >> 16 * place & 0xFFFF for place in reversed(range(words))]
    if order in ("CDAB", "DCBA"):
        big.reverse()
    return [_swapped(word) for word in big] if order in ("BADC", "DCBA") else big


def in_every_order(words: Sequence[int]) -> Mapping[WordOrder, int]:
    """What the same words mean in each order, for whoever has the machine's own display in sight."""
    return {order: decode(words, order) for order in WORD_ORDERS}


def _swapped(word: int) -> int:
    return word >> 8 | (word & 0xFF) << 8
