"""A Modbus TCP device: one connection, a few read requests a poll, its counters into records.

- **Only read.** `modbus_link` knows functions 3 and 4 and no other; nothing is ever written to a machine.
- **No stale reply.** Whatever goes wrong on the connection (no reply in time, a reply to another request, half a frame)
  closes it. The engine connects again.
- **A refusal is an answer.** A device that refuses a request (exception reply) stays connected; the registers concerned
  are no data. A refused block is asked for register by register from then on, so that one wrong address costs only
  itself.
- **Torn values.** Some PLCs change the two words of a counter in two steps. What would have to be held is therefore
  read a second time at once, and only the second reading is believed.
- **A frozen PLC** behind a live network answers for ever with the same values. With a heartbeat word, the line is known
  only up to the last poll in which something moved, and after ``stale_s`` without movement the source says so.

Instants are the gateway's clock when the reply was there: a register has no time of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from edge_gateway.machines.counters import CounterBook, Observation, holds
from edge_gateway.machines.modbus_config import Heartbeat, ModbusConfig, Register
from edge_gateway.machines.modbus_link import ModbusLink, RefusedError
from edge_gateway.machines.modbus_requests import Block, group
from edge_gateway.source import ReadResult
from sicfar.instants import now_ms

_ADDRESS_REFUSED = frozenset({2, 3})


class ModbusSource:
    """A `Source` over one device. `positions` and `marks` are what the spool holds of it."""

    def __init__(
        self,
        config: ModbusConfig,
        positions: Mapping[str, bytes],
        marks: Mapping[str, int],
        *,
        wall_ms: Callable[[], int] = now_ms,
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._book = CounterBook(config.name, config.lines, positions, marks)
        self._link = ModbusLink(config)
        self._wall_ms = wall_ms
        self._elapsed_s = elapsed_s
        self._blocks: list[Block] = []
        self._refused: dict[Register, str] = {}
        self._last: Mapping[Register, int] = {}
        self._moved_s = 0.0

    @property
    def name(self) -> str:
        """The machine's key in the configuration."""
        return self._config.name

    @property
    def period_ms(self) -> int:
        """Time between two polls, milliseconds."""
        return self._config.poll_ms

    async def connect(self) -> None:
        """Open the connection. Raises UnreachableError."""
        await self._link.open()
        # Asked anew after each connect: whoever loads another program into the PLC restarts it.
        self._blocks = group(self._config.registers)
        self._moved_s = self._elapsed_s()

    async def read(self) -> ReadResult:
        """One poll. Raises UnreachableError, SilentError, or RefusedError if the device refuses everything."""
        values = await self._values()
        if self._config.heartbeat is not None and values == self._last:
            return self._frozen(self._config.heartbeat)
        taken = self._book.take(self._observations(values))
        if holds(taken.content):
            values = await self._values()
            taken = self._book.take(self._observations(values))
        return self._accepted(taken, values)

    async def close(self) -> None:
        """End the connection."""
        self._link.close()

    async def _values(self) -> dict[Register, int]:
        self._refused = {}
        values: dict[Register, int] = {}
        done: list[Block] = []
        refusal: RefusedError | None = None
        waiting = list(self._blocks)
        while waiting:
            block = waiting.pop(0)
            try:
                values |= block.values(await self._link.words(block))
            except RefusedError as error:
                if error.exception in _ADDRESS_REFUSED and len(block.registers) > 1:
                    waiting = [*block.alone(), *waiting]
                    continue
                refusal = error
                self._refused |= dict.fromkeys(block.registers, f"{error.what} ({block.registers[0]})")
            done.append(block)
        self._blocks = done
        if not values and refusal is not None:
            raise refusal
        return values

    def _observations(self, values: Mapping[Register, int]) -> list[Observation]:
        at_ms = self._wall_ms()
        return [
            Observation(
                line=line.line,
                at_ms=at_ms,
                production=values.get(line.production.point),
                rejected=None if line.rejected is None else values.get(line.rejected.point),
            )
            for line in self._config.lines
        ]

    def _accepted(self, taken: ReadResult, values: Mapping[Register, int]) -> ReadResult:
        """What was taken, with what a refusal is worth saying and with the memory of movement behind its ack."""
        now_s = self._elapsed_s()

        def accept() -> None:
            taken.ack()
            self._last, self._moved_s = values, now_s

        progress = taken.progress
        if self._refused:
            told = (progress.trouble, *dict.fromkeys(self._refused.values()))
            progress = replace(progress, trouble="; ".join(part for part in told if part))
        return ReadResult(taken.content, progress, accept)

    def _frozen(self, heartbeat: Heartbeat) -> ReadResult:
        if (self._elapsed_s() - self._moved_s) * 1000 < heartbeat.stale_ms:
            return self._book.unmoved()
        place = f"{heartbeat.register.table} {heartbeat.register.address}"
        return self._book.unmoved(f"o programa do CLP parou: nem a palavra de vida ({place}) nem os contadores mudam")
