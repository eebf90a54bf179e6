"""Machines as data: the examples load, and every mistake is told with its key and the right word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.config import ConfigError, load_config, parse_config
from edge_gateway.machines.modbus_config import ModbusConfig, Register

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("gateway-[!k]*.json"))


def machine(**changes: Any) -> dict[str, Any]:
    line = {"production": {"holding": 100}, "max_per_hour": 600}
    return {"protocol": "modbus", "address": "192.168.1.21", "lines": {"SPEP-ENV-A": line}} | changes


def line(**changes: Any) -> dict[str, Any]:
    return machine(lines={"SPEP-ENV-A": {"production": {"holding": 100}, "max_per_hour": 600} | changes})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_of_the_specification_s_machines_load(path: Path) -> None:
    assert load_config(path).machines


def test_bottelpack_counts_cycles_at_its_own_place_with_its_own_limits() -> None:
    config = load_config(next(path for path in EXAMPLES if "bottelpack" in path.name))
    counting, checking = config.machines
    assert isinstance(counting, ModbusConfig)
    (cycles,) = counting.lines
    assert cycles.production.point == Register("holding", 100, 2, "ABCD")
    assert cycles.production.rule.modulus == 1_000_000
    assert cycles.production.rule.max_per_hour == 600  # cycles: 4,000 units an hour by 8, with a margin
    assert (counting.host, counting.port) == ("192.168.1.21", 502)
    assert checking.lines[0].role == "conferencia"
    assert checking.lines[0].production.rule.modulus == 65_536  # what sixteen bits give


@pytest.mark.parametrize(
    ("entry", "key", "told"),
    [
        (machine(adress="x"), "clps.clp.adress", "seria `address`?"),
        (machine(protocol="s7"), "clps.clp.protocol", "use um de file, modbus, opcua"),
        (machine(address="host:porta"), "clps.clp.address", "192.168.1.21"),
        (machine(address="fd00::21"), "clps.clp.address", "[fd00::21]:502"),
        (machine(address="[plc]:502"), "clps.clp.address", "[fd00::21]:502"),
        (machine(address="[fd00::21]:0"), "clps.clp.address", "[fd00::21]:502"),
        (machine(lines={}), "clps.clp.lines", "SPEP-ENV-A"),
        (machine(lines={"spep a": {}}), "clps.clp.lines.spep a", "SPEP-ENV-A"),
        (line(modulos=3), "clps.clp.lines.SPEP-ENV-A.modulos", "as chaves são production, rejected"),
        (line(production={"holding": 1, "input": 1}), "clps.clp.lines.SPEP-ENV-A.production", "40101"),
        (line(production={"holding": 40_101, "bits": 12}), "clps.clp.lines.SPEP-ENV-A.production.bits", "16"),
        (line(production={"holding": 1, "word_order": "ABDC"}), "clps.clp.lines.SPEP-ENV-A.production.word_order", "C"),
        (
            line(production={"holding": 1, "bits": 16, "modulus": 70_000}),
            "clps.clp.lines.SPEP-ENV-A.production.modulus",
            "de 2 a 65536, o que cabe em 16 bits",
        ),
        (line(max_per_hour=None), "clps.clp.lines.SPEP-ENV-A.max_per_hour", "null não serve"),
        (line(rejected={"holding": 102}), "clps.clp.lines.SPEP-ENV-A.processed_includes_rejected", "só as boas"),
        (
            line(rejected={"holding": 102}, processed_includes_rejected="sim"),
            "clps.clp.lines.SPEP-ENV-A.processed_includes_rejected",
            "true ou false",
        ),
        (line(role="conferência"), "clps.clp.lines.SPEP-ENV-A.role", "use um de contagem, conferencia"),
        (machine(heartbeat={"holding": 90, "stale": 1}), "clps.clp.heartbeat.stale", "seria `stale_s`?"),
    ],
)
def test_a_mistake_is_refused_with_its_key_and_what_to_write(entry: dict[str, Any], key: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"clps": {"clp": entry}})
    lines = str(caught.value).splitlines()
    assert any(line.startswith(f"{key}: ") and told in line for line in lines), lines


def test_max_per_hour_has_no_default() -> None:
    entry = machine(lines={"SPEP-ENV-A": {"production": {"holding": 100}}})
    with pytest.raises(ConfigError, match=r"max_per_hour: falta; .*nas contagens dela: ciclos"):
        parse_config({"clps": {"clp": entry}})


def test_p1_two_sources_that_count_one_line_are_refused_naming_both() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"clps": {"a": machine(), "b": machine(address="192.168.1.22")}})
    told = str(caught.value)
    assert told.startswith("clps.b.lines.SPEP-ENV-A: a linha SPEP-ENV-A já é contada em clps.a.lines.SPEP-ENV-A; ")
    assert "conferencia" in told


def test_p1_a_line_of_the_sensor_files_is_not_counted_by_a_machine_as_well() -> None:
    keyence = {"protocol": "file", "path": "/data", "aliases": {"KV1": "SPEP-ENV-A"}}
    with pytest.raises(ConfigError, match=r"clps\.keyence\.aliases"):
        parse_config({"clps": {"keyence": keyence, "a": machine()}})
    config = parse_config({"clps": {"keyence": keyence, "a": line(role="conferencia")}})
    assert config.machines[0].lines[0].role == "conferencia"


def test_two_entries_of_one_address_are_refused() -> None:
    other = machine(lines={"SPEP-ENV-B": {"production": {"holding": 100}, "max_per_hour": 600}})
    with pytest.raises(ConfigError) as caught:
        parse_config({"clps": {"a": machine(), "b": other}})
    assert str(caught.value).startswith("clps.b.address: o endereço 192.168.1.21:502 já é lido em clps.a.address; ")


def test_a_mistyped_keyence_is_no_machine() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"clps": {"keyense": {"protocol": "file", "path": "/data"}}})
    assert str(caught.value) == 'clps.keyense: "keyense" não serve; seria `keyence`?'


def test_the_specification_s_own_object_still_loads_beside_a_machine() -> None:
    raw = json.loads('{"totvs": {"baseUrl": "x"}, "clps": {"keyence": {"protocol": "file", "path": "/data"}}}')
    raw["clps"]["bottelpack"] = machine()
    assert [entry.name for entry in parse_config(raw).machines] == ["bottelpack"]


def test_an_ipv6_address_in_brackets_is_a_device_s() -> None:
    (found,) = parse_config({"clps": {"clp": machine(address="[fd00::21]:1502")}}).machines
    assert isinstance(found, ModbusConfig)
    assert (found.host, found.port, found.address) == ("fd00::21", 1502, "[fd00::21]:1502")
