"""From a machine's configuration to its source."""

from __future__ import annotations

from collections.abc import Mapping

from edge_gateway.machines import Machine
from edge_gateway.source import Source
from edge_gateway.sources.modbus import ModbusSource
from edge_gateway.sources.modbus_config import ModbusConfig


def machine_source(machine: Machine[object], positions: Mapping[str, bytes], marks: Mapping[str, int]) -> Source:
    """The source of a machine; `positions` and `marks` are what the spool holds under its name."""
    match machine:
        case ModbusConfig():
            return ModbusSource(machine, positions, marks)
        case _:
            raise TypeError(f"no source for {type(machine).__name__}")
