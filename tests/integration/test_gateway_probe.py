"""Commissioning: `check --probe` and `sondar` against a real PLC, as an automation engineer runs them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from edge_gateway.machines.modbus_config import Register
from local.simulators.modbus_plant import Machine, ModbusPlc
from local.waiting import LAST_RESORT_S

LINE = "SPEP-ENV-A"


@pytest.fixture
def plc() -> Iterator[ModbusPlc]:
    plc = ModbusPlc([Machine(LINE, Register("holding", 100), Register("holding", 102), before=699_341)], heartbeat=90)
    plc.start()
    yield plc
    plc.stop()
    assert plc.attempts == [], "nothing is ever written to a machine"


def config(folder: Path, plc: ModbusPlc) -> Path:
    entry = {
        "protocol": "modbus",
        "address": plc.address,
        "poll_ms": 100,
        "timeout_ms": 60_000,
        "heartbeat": {"holding": 90},
    }
    lines = {name: machine.configured(4_000) for name, machine in plc.machines.items()}
    path = folder / "gateway.json"
    path.write_text(json.dumps({"clps": {"bottelpack_a": {**entry, "lines": lines}}}))
    return path


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge_gateway", *arguments],
        capture_output=True,
        text=True,
        timeout=LAST_RESORT_S,
        check=False,
    )


def test_check_probe_shows_each_register_in_every_word_order(tmp_path: Path, plc: ModbusPlc) -> None:
    told = command("check", "--probe", "--config", str(config(tmp_path, plc)))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "SPEP-ENV-A produção: holding 100 [000A ABCD]  ABCD=699341 ←  CDAB=2882338826" in told.stdout
    assert "palavra de vida: holding 90" in told.stdout


def test_check_without_probe_touches_no_machine(tmp_path: Path, plc: ModbusPlc) -> None:
    told = command("check", "--config", str(config(tmp_path, plc)))
    assert "máquina: bottelpack_a" in told.stdout
    assert plc.requests == 0


def test_check_probe_names_the_refused_register_and_shows_the_others(tmp_path: Path, plc: ModbusPlc) -> None:
    plc.refused["holding", 102] = ExcCodes.ILLEGAL_ADDRESS
    told = command("check", "--probe", "--config", str(config(tmp_path, plc)))
    assert told.returncode == 1
    assert "SPEP-ENV-A rejeição: o aparelho recusou a leitura: exceção 2 (endereço inexistente)" in told.stdout
    assert "ABCD=699341" in told.stdout


def test_check_probe_of_a_device_that_is_away_says_what_to_look_at(tmp_path: Path, plc: ModbusPlc) -> None:
    plc.go_away()
    told = command("check", "--probe", "--config", str(config(tmp_path, plc)))
    assert told.returncode == 1
    assert "o aparelho não aceita conexão" in told.stdout


def test_run_ten_pieces_read_ten_more(tmp_path: Path, plc: ModbusPlc) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "edge_gateway", "sondar", LINE, "--config", str(config(tmp_path, plc))],
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl+C means nothing to what a shell starts in the background, nor to its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert "nada é gravado nem enviado" in process.stdout.readline()
    assert "contador de produção 699341" in process.stdout.readline()
    plc.count(LINE, 10, 1)
    plc.beat()
    assert "produção +10  rejeição +1  (soma +10 e +1;" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert "desde o início: produção +10, rejeição +1" in process.stdout.read()
    assert process.wait(LAST_RESORT_S) == 0


def test_sondar_ends_by_itself_after_the_seconds_it_was_given(tmp_path: Path, plc: ModbusPlc) -> None:
    told = command("sondar", LINE, "--segundos", "1", "--config", str(config(tmp_path, plc)))
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "desde o início: produção +0, rejeição +0")


def test_sondar_of_an_unknown_line_names_the_lines_there_are(tmp_path: Path, plc: ModbusPlc) -> None:
    told = command("sondar", "SPEP-ENV-Z", "--config", str(config(tmp_path, plc)))
    assert told.returncode == 2
    assert "linhas com contador: SPEP-ENV-A" in told.stderr
