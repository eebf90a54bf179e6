"""A simulated PLC behind a real Modbus TCP server: counters in registers that wrap, restart, freeze and go away.

The server keeps a list of every request that is not a plain read of registers: whoever only reads leaves it empty.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge_gateway.machines.modbus_config import Register
from edge_gateway.machines.modbus_requests import encode
from local.processes import LOOPBACK, free_port
from local.simulators.served import Served

_READS = {3: "holding", 4: "input"}


@dataclass(slots=True)
class Machine:
    """One machine's counters.

    `modulus`: where production wraps to zero, by default at its width. `before`: what had been counted before anyone
    looked. `processed_includes_rejected`: what its first counter means; otherwise it counts good units only.
    """

    line: str
    production: Register
    rejected: Register
    modulus: int = 0
    before: int = 1_000
    processed_includes_rejected: bool = True
    made: int = 0
    scrapped: int = 0

    def __post_init__(self) -> None:
        self.made = self.before
        self.modulus = self.modulus or 1 << 16 * self.production.words

    def configured(self, max_per_hour: int) -> dict[str, Any]:
        """Its line of a gateway's configuration."""
        return {
            "production": {**_place(self.production), "modulus": self.modulus},
            "rejected": _place(self.rejected),
            "processed_includes_rejected": self.processed_includes_rejected,
            "max_per_hour": max_per_hour,
        }


def _place(register: Register) -> dict[str, Any]:
    return {register.table: register.address, "bits": register.words * 16, "word_order": register.order}


class ModbusPlc(Served):
    """The server, in a thread of its own. Every method may be called from any thread.

    `heartbeat`: a holding register that counts the plant's ticks (`beat`). `silent`: the replies are kept back until it
    is over. `refused`: (table, address) → exception code. `torn`: words to show once in place of the real ones.
    """

    def __init__(self, machines: Iterable[Machine], *, port: int = 0, device_id: int = 1, heartbeat: int = 0) -> None:
        super().__init__("modbus-plc")
        self.machines = {machine.line: machine for machine in machines}
        self.port = port or free_port()
        self.address = f"{LOOPBACK}:{self.port}"
        self.attempts: list[str] = []
        """Every request that was no read of registers: a write, a diagnostic, a command."""
        self.requests = 0
        self.words: dict[tuple[str, int], int] = {("holding", heartbeat): 0}
        self.silent = False
        self.replies = 0
        self.refused: dict[tuple[str, int], ExcCodes] = {}
        self.torn: list[Mapping[tuple[str, int], int]] = []
        self._device_id = device_id
        self._heartbeat = heartbeat
        self._server: ModbusTcpServer | None = None
        for machine in self.machines.values():
            self._show(machine)

    # ------------------------------------------------------------------------------------------------ counting

    def count(self, line: str, made: int, rejected: int, _at: datetime | None = None) -> None:
        """A machine made so many, of which so many were rejected."""
        machine = self.machines[line]
        machine.made += made if machine.processed_includes_rejected else made - rejected
        machine.scrapped += rejected
        self._show(machine)

    def count_all(self, counts: Iterable[tuple[str, int, int]], at: datetime) -> None:
        """Several machines at once: (line, made, of which rejected)."""
        for line, made, rejected in counts:
            self.count(line, made, rejected, at)
        self.beat()

    def beat(self) -> None:
        """The PLC's program runs: its word of life moves."""
        place = ("holding", self._heartbeat)
        self.words[place] = (self.words[place] + 1) & 0xFFFF

    def restart_at_zero(self, line: str) -> None:
        """A machine's counters begin anew (new lot, new program, battery of the PLC gone)."""
        machine = self.machines[line]
        machine.made = machine.scrapped = 0
        self._show(machine)

    def write(self, register: Register, value: int) -> None:
        """Put any value in a register."""
        for place, word in _words(register, value).items():
            self.words[place] = word

    def _show(self, machine: Machine) -> None:
        # At once: the server's thread sees both counters as they were or as they are. Torn ones are a test's own doing.
        made = _words(machine.production, machine.made % machine.modulus)
        self.words |= made | _words(machine.rejected, machine.scrapped % (1 << machine.rejected.words * 16))

    # ------------------------------------------------------------------------------------------------ inside

    async def _serve(self) -> None:
        blank = [SimData(0, values=False, count=16, datatype=DataType.BITS)]

        def table(name: str) -> list[SimData]:
            highest = max((address for where, address in self.words if where == name), default=0)
            return [SimData(0, values=0, count=highest + 8, datatype=DataType.REGISTERS)]

        device = SimDevice(self._device_id, (blank, blank, table("holding"), table("input")), action=self._answer)
        self._server = ModbusTcpServer(device, address=(LOOPBACK, self.port), trace_pdu=self._watch)
        await self._server.serve_forever(background=True)

    async def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]

    def _watch(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        if sending:
            self.replies += 1
        else:
            self.requests += 1
            if pdu.function_code not in _READS:
                self.attempts.append(f"function {pdu.function_code}: {pdu}")
        return pdu

    async def _answer(
        self,
        function: int,
        first: int,
        address: int,
        count: int,
        registers: list[int],
        _new: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        table = _READS.get(function)
        if table is None:
            return None
        shown = {**self.words, **(self.torn.pop(0) if self.torn else {})}
        while self.silent:
            await asyncio.sleep(0.01)
        for place in range(address, address + count):
            if (table, place) in self.refused:
                return self.refused[table, place]
            registers[place - first] = shown.get((table, place), 0)
        return None


def _words(register: Register, value: int) -> dict[tuple[str, int], int]:
    words = encode(value, register.words, register.order)
    return {(register.table, register.address + place): word for place, word in enumerate(words)}
