"""The simulated plant's machines with counters: three PLCs on Modbus TCP and one OPC UA server, as in the plant's mix.

Line A counts cycles of its eight cavities, line D wraps at 10,000, line G is a PLC of its own that can go away; lines H
and I stand behind OPC UA, H counting only good units and I in PackML's structures.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge_gateway.machines.modbus_config import Register
from local.simulators import modbus_plant, opcua_plant
from local.simulators.modbus_plant import ModbusPlc
from local.simulators.opcua_plant import OpcUaPlant

RESTARTS = "SPEP-ENV-A"
WRAPS = "SPEP-ENV-D"
GOES_AWAY = "SPEP-ENV-G"
_MARGIN = 1.3  # over nominal speed: what a machine cannot do


@dataclass(frozen=True, slots=True)
class Limit:
    """A machine's line and its nominal speed in its own counts an hour."""

    line: str
    per_hour: float


class Machines:
    """All of them. `start` serves what the displays show; counting is up to the plant."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._limits = {limit.line: round(limit.per_hour * _MARGIN) for limit in limits}
        self.plcs = {
            "bottelpack_a": ModbusPlc(
                [modbus_plant.Machine(RESTARTS, Register("holding", 100), Register("holding", 102), before=2_211)],
                heartbeat=90,
            ),
            "pro_maquina_d": ModbusPlc(
                [
                    modbus_plant.Machine(
                        WRAPS,
                        Register("input", 0, 2, "CDAB"),
                        Register("input", 2, 2, "CDAB"),
                        modulus=10_000,
                        before=9_900,
                        processed_includes_rejected=False,
                    )
                ]
            ),
            "pro_maquina_g": ModbusPlc(
                [modbus_plant.Machine(GOES_AWAY, Register("holding", 10, 1), Register("holding", 11, 1))]
            ),
        }
        self.opcua = OpcUaPlant(
            [
                opcua_plant.Machine("SPEP-ENV-H", processed_includes_rejected=False),
                opcua_plant.Machine("SPEP-ENV-I", packml=True, before=(1 << 31) - 40),
            ]
        )
        self._plc_of = {line: plc for plc in self.plcs.values() for line in plc.machines}

    def start(self) -> None:
        """Serve."""
        for plc in self.plcs.values():
            plc.start()
        self.opcua.start()

    def stop(self) -> None:
        """End."""
        for plc in self.plcs.values():
            plc.stop()
        self.opcua.stop()

    def count(self, counts: Iterable[tuple[str, int, int]], at: datetime) -> None:
        """What the lines made, of which rejected, at that time (aware)."""
        behind_opcua = []
        for line, made, rejected in counts:
            plc = self._plc_of.get(line)
            if plc is None:
                behind_opcua.append((line, made, rejected))
            else:
                plc.count(line, made, rejected)
        for plc in self.plcs.values():
            plc.beat()
        self.opcua.count_all(behind_opcua, at)

    def restart_at_zero(self, line: str) -> None:
        """A machine behind Modbus begins a new lot."""
        self._plc_of[line].restart_at_zero(line)

    def go_away(self) -> None:
        """One PLC leaves the network; its machine goes on."""
        self._plc_of[GOES_AWAY].go_away()

    def come_back(self) -> None:
        """And is back."""
        self._plc_of[GOES_AWAY].come_back()

    def attempts(self) -> list[str]:
        """Everything anybody asked of a machine beside reading."""
        return [attempt for plc in self.plcs.values() for attempt in plc.attempts] + self.opcua.attempts

    def configuration(self) -> dict[str, Any]:
        """Their entries in `clps`."""
        entries: dict[str, Any] = {
            name: {
                "protocol": "modbus",
                "address": plc.address,
                "lines": {line: machine.configured(self._limits[line]) for line, machine in plc.machines.items()},
            }
            for name, plc in self.plcs.items()
        }
        entries["bottelpack_a"]["heartbeat"] = {"holding": 90, "stale_s": 5}
        entries["bausch_hi"] = {
            "protocol": "opcua",
            "address": self.opcua.url,
            "security": {"policy": "None"},
            "lines": {line: self._behind_opcua(machine) for line, machine in self.opcua.machines.items()},
        }
        return entries

    def _behind_opcua(self, machine: opcua_plant.Machine) -> dict[str, Any]:
        if machine.packml:
            production = {"packml": machine.unit, "count": "ProdProcessedCount"}
            rejected = {"packml": machine.unit, "count": "ProdDefectiveCount"}
        else:
            production, rejected = {"node": machine.node("producao")}, {"node": machine.node("rejeicao")}
        return {
            "production": production,
            "rejected": rejected,
            "processed_includes_rejected": machine.processed_includes_rejected,
            "max_per_hour": self._limits[machine.line],
        }
