"""From a machine's configuration to its source."""

from __future__ import annotations

from collections.abc import Mapping

from edge_gateway.clock import OwnClock
from edge_gateway.machines.description import AnyMachine
from edge_gateway.machines.modbus_config import ModbusConfig
from edge_gateway.machines.opcua_config import OpcUaConfig
from edge_gateway.source import Source


def machine_source(
    machine: AnyMachine,
    positions: Mapping[str, bytes],
    marks: Mapping[str, int],
    *,
    own_clock: OwnClock | None = None,
) -> Source:
    """The source of a machine; `positions` and `marks` are what the spool holds under its name.

    `own_clock`: the judge of this computer's clock, for a machine that has one of its own.
    """
    match machine:
        # A protocol's library is imported only where there is such a machine: it takes 0.2 s or more, and up to 20 MB.
        case ModbusConfig():
            from edge_gateway.machines.modbus import ModbusSource

            return ModbusSource(machine, positions, marks)
        case OpcUaConfig():
            from edge_gateway.machines.opcua import OpcUaSource

            return OpcUaSource(machine, positions, marks, own_clock=own_clock)
        case _:
            raise TypeError(f"no source for {type(machine).__name__}")
