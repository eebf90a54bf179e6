"""A commissioning session: the mistakes people make in the gateway's configuration, and what `check` says of each."""

from __future__ import annotations

import copy
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_gateway import filesystems
from edge_gateway.__main__ import main
from edge_gateway.config import ConfigError, load_config, parse_config
from edge_gateway.conflicts import doubts
from edge_gateway.folders import place

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
CERTIFICATES = {"certificate": "gateway.der", "private_key": "gateway.pem", "server_certificate": "maquina.der"}
GOOD: dict[str, Any] = {
    "clps": {
        "plc": {
            "protocol": "modbus",
            "address": "192.168.1.21",
            "lines": {
                A: {
                    "production": {"holding": 100},
                    "rejected": {"holding": 102},
                    "processed_includes_rejected": True,
                    "max_per_hour": 600,
                }
            },
        },
        "ua": {
            "protocol": "opcua",
            "address": "opc.tcp://192.168.1.40:4840",
            "security": {"policy": "None"},
            "lines": {B: {"production": {"node": "ns=3;s=Total"}, "max_per_hour": 600}},
        },
        "kv": {
            "protocol": "file",
            "path": "/dados/kv",
            "files": "kv_*.csv",
            "format": {
                "encoding": "ascii",
                "fields": 4,
                "timestamp": {"columns": [1], "format": "YYYY/MM/DD hh:mm:ss"},
                "line": "SPEP-ENV-C",
                "counters": {"production": {"column": 2}, "max_per_hour": 600},
            },
        },
    },
    "gateway": {"id": "farmace-spep", "bucket": "sicfar-contagens", "spool": "/var/lib/sicfar"},
}
MISSING = object()


def mistaken(*changes: tuple[str, object]) -> dict[str, Any]:
    """The good configuration with other values at paths written with ``/``; MISSING takes a key away."""
    made: dict[str, Any] = copy.deepcopy(GOOD)
    for path, value in changes:
        *sections, key = path.split("/")
        place = made
        for section in sections:
            place = place[section]
        if value is MISSING:
            del place[key]
        else:
            place[key] = value
    return made


def another(name: str, **changes: object) -> dict[str, Any]:
    """An entry of the good configuration under a line of its own, with other values."""
    entry: dict[str, Any] = copy.deepcopy(GOOD["clps"][name])
    if "lines" in entry:
        entry["lines"] = {"SPEP-ENV-D": next(iter(entry["lines"].values()))}
    else:
        entry["format"]["line"] = "SPEP-ENV-D"
    return entry | changes


LINES = {A: {"production": {"holding": 100}, "max_per_hour": 600}}
CASES: dict[str, object] = {
    "empty": "",
    "comment": '{\n  // a sala\n  "clps": {}\n}',
    "comment after a value": '{\n  "clps": {} # a sala\n}',
    "trailing comma": '{\n  "clps": {\n    "plc": {},\n  }\n}',
    "trailing comma in a list": '{"clps": {"kv": {"good": ["OK",]}}}',
    "missing comma": '{\n  "clps": {}\n  "gateway": {}\n}',
    "missing colon": '{\n  "clps" {}\n}',
    "one backslash": '{"gateway": {"spool": "C:\\SicFar"}}',
    "one backslash before u": '{"gateway": {"spool": "D:\\users"}}',
    "typographic quotes": "{“clps”: {}}",
    "single quotes": "{'clps': {}}",
    "no closing quote": '{"gateway": {"id": "farmace-spep\n}}',
    "no quotes": '{"gateway": {"id": farmace}}',
    "cut off": '{"clps": {"plc": {"protocol": "modbus"',
    "too deep": "[" * 100_000,
    "utf-16": json.dumps(GOOD).encode("utf-16"),
    "ansi": '{\n  "clps": {"keyence": {"path": "C:\\\\produção"}}}'.encode("cp1252"),
    "a machine twice": '{"clps": {\n"plc": {"protocol": "modbus"},\n"plc": ' + json.dumps(GOOD["clps"]["plc"]) + "}}",
    "a counter twice": json.dumps(GOOD).replace('{"holding": 100}', '{"holding": 100, "holding": 200}'),
    "mistyped keys": mistaken(("clps/plc/adress", "x"), ("clps/plc/pool_ms", 1), ("gatway", {})),
    "number as text": mistaken(("clps/plc/poll_ms", "250")),
    "true as number": mistaken(("clps/plc/poll_ms", True)),
    "not a number": mistaken(("clps/plc/poll_ms", float("nan"))),
    "infinity": mistaken(("clps/plc/lines/" + A + "/max_per_hour", float("inf"))),
    "a fraction": mistaken(("clps/plc/poll_ms", 250.5)),
    "a huge number": json.dumps(GOOD).replace('"max_per_hour": 600', '"max_per_hour": 1' + 5_000 * "0"),
    "a tab in a path": mistaken(("gateway/spool", "C:\temp")),
    "no lines": mistaken(("clps/plc/lines", {})),
    "no protocol": mistaken(("clps/plc/protocol", MISSING)),
    "another protocol": mistaken(("clps/plc/protocol", "s7")),
    "mistyped keyence": mistaken(("clps/keyense", {"path": "/x"})),
    "a machine called keyence": mistaken(("clps/keyence", another("plc", address="192.168.1.22"))),
    "a machine's name": mistaken(("clps/Linha 1", another("plc", address="192.168.1.22"))),
    "no format": mistaken(("clps/kv/format", MISSING)),
    "a line's code": mistaken(("clps/plc/lines", {"spep a": LINES[A]})),
    "manual's address": mistaken((f"clps/plc/lines/{A}/production", {"holding": 400101})),
    "no counter": mistaken((f"clps/plc/lines/{A}/production", {})),
    "both counters": mistaken((f"clps/plc/lines/{A}/rejected", {"holding": 100})),
    "overlapping counters": mistaken((f"clps/plc/lines/{A}/rejected", {"holding": 101})),
    "a heartbeat in a counter": mistaken(("clps/plc/heartbeat", {"holding": 103})),
    "one counter for two lines": mistaken(
        ("clps/plc/lines/SPEP-ENV-D", {"production": {"holding": 102}, "max_per_hour": 600})
    ),
    "end of the table": mistaken((f"clps/plc/lines/{A}/production", {"holding": 65535})),
    "one node for two lines": mistaken(("clps/ua/lines/SPEP-ENV-D", GOOD["clps"]["ua"]["lines"][B])),
    "both nodes": mistaken(
        (f"clps/ua/lines/{B}/rejected", {"node": "ns=3;s=Total"}),
        (f"clps/ua/lines/{B}/processed_includes_rejected", True),
    ),
    "one column for both": mistaken(
        ("clps/kv/format/counters/rejected", {"column": 2}),
        ("clps/kv/format/counters/processed_includes_rejected", True),
    ),
    "a line counted twice": mistaken(("clps/plc2", another("plc", address="192.168.1.22", lines=LINES))),
    "one address twice": mistaken(("clps/plc2", another("plc", address="192.168.1.21:502"))),
    "one computer under two names": mistaken(
        ("clps/plc/address", "localhost"), ("clps/plc2", another("plc", address="127.0.0.1:502"))
    ),
    "two endpoints of one server": mistaken(("clps/ua2", another("ua", address="opc.tcp://192.168.1.40/linha"))),
    "one folder twice": mistaken(("clps/kv2", another("kv", path="/dados/../DADOS/kv/", files="*.csv"))),
    "one folder as two users see it": mistaken(
        ("clps/kv/path", r"\\servidor\dados"), ("clps/kv2", another("kv", path="//Servidor/dados/", files="*.csv"))
    ),
    "the spool is followed": mistaken(("gateway/spool", "/dados/kv/")),
    "the spool in a followed folder": mistaken(("gateway/spool", "/dados/kv/spool")),
    "a followed folder in the spool": mistaken(("gateway/spool", "/dados")),
    "the spool on a share": mistaken(("gateway/spool", r"\\servidor\sicfar")),
    "two ports": mistaken(("gateway/page", "127.0.0.1:8080:8080")),
    "no port": mistaken(("gateway/page", "127.0.0.1")),
    "a shift between quarters": mistaken(("gateway/shifts", {"D1/D2": "06:10", "N1/N2": "18:00"})),
    "two shifts at once": mistaken(("gateway/shifts", {"D1": "06:00", "D2": "06:00", "N1": "18:00"})),
    "no shift": mistaken(("gateway/shifts", {})),
    "a machine's port": mistaken(("gateway/page", "502"), ("clps/plc/address", "localhost")),
    "a password in the address": mistaken(("clps/ua/address", "opc.tcp://eu:segredo@192.168.1.40")),
    "a password without a cipher": mistaken(("clps/ua/user", "eu"), ("clps/ua/password_file", "senha.txt")),
    "no security": mistaken(("clps/ua/security", MISSING)),
    "our certificate for theirs": mistaken(
        ("clps/ua/security", {"policy": "Basic256Sha256"} | CERTIFICATES | {"server_certificate": "gateway.der"})
    ),
    "a key that occurs twice beside other faults": json.dumps(GOOD)
    .replace('"poll_ms"', '"x"')
    .replace('"id":', '"id": "x", "id":')
    .replace("kv_*.csv", "sub/*.csv"),
    "keyence twice": '{"clps": {"keyence": {"path": "/a"}, "keyence": {"path": "/b"}}}',
    "several at once": mistaken(
        ("clps/plc/poll_ms", "250"),
        ("clps/ua/lines/SPEP-ENV-D", GOOD["clps"]["ua"]["lines"][B]),
        ("clps/kv/format/encoding", "utf8"),
        ("gateway/bucket", "Contagens"),
        ("gateway/spol", "x"),
    ),
}


SESSION = Path(__file__).with_suffix(".txt")
"""What is said of each case: ``## case``, then a line for each fault."""


def session() -> dict[str, list[str]]:
    """The lines of every case."""
    blocks = SESSION.read_text(encoding="utf-8").split("## ")[1:]
    return {name: lines for name, *lines in (block.rstrip().split("\n") for block in blocks)}


def written(path: Path, content: object) -> None:
    """Write text or bytes as they are, anything else as JSON."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")


def test_every_case_of_the_session_is_tried() -> None:
    assert list(session()) == list(CASES)


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_said_with_its_place_and_what_to_write(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gateway.json"
    written(path, CASES[case])
    assert main(["check", "--config", str(path)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.replace(str(path), "gateway.json").splitlines() == session()[case]


def test_a_real_process_says_all_faults_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "gateway.json"
    written(path, CASES["several at once"])
    command = [sys.executable, "-m", "edge_gateway", "check", "--config", str(path)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.decode().splitlines() == session()["several at once"]
    assert ended.stdout == b""


def test_the_configuration_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    written(tmp_path / "gateway.json", GOOD)
    config = load_config(tmp_path / "gateway.json")
    assert [machine.name for machine in config.machines] == ["plc", "ua"]
    assert list(doubts(config)) == []


def test_a_key_twice_in_the_cloud_s_section_is_not_the_gateway_s_business(tmp_path: Path) -> None:
    text = json.dumps(GOOD)[:-1] + ', "totvs": {"a": 1, "a": 2}, "totvs": {"b": NaN}}'
    written(tmp_path / "gateway.json", text)
    assert load_config(tmp_path / "gateway.json").machines


def test_p1_a_link_to_a_followed_folder_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "kv").mkdir()
    (tmp_path / "atalho").symlink_to(tmp_path / "kv", target_is_directory=True)
    changes = ("clps/kv/path", str(tmp_path / "kv")), ("clps/kv2", another("kv", path=str(tmp_path / "atalho")))
    with pytest.raises(
        ConfigError, match=r"clps\.kv2\.files: um arquivo pode servir a 'kv_\*\.csv' e ao .* de clps\.kv,"
    ):
        parse_config(mistaken(*changes))
    with pytest.raises(ConfigError, match=r"gateway\.spool: .*spool fica dentro da pasta seguida em clps\.kv\.path"):
        parse_config(mistaken(changes[0], ("gateway/spool", str(tmp_path / "atalho" / "spool"))))
    (tmp_path / "KV").mkdir(exist_ok=True)
    if not (tmp_path / "KV").samefile(tmp_path / "kv"):  # on a disk that tells capitals apart these are two
        parse_config(mistaken(changes[0], ("clps/kv2", another("kv", path=str(tmp_path / "KV")))))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no table of mounts")
def test_a_spool_on_a_mounted_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "mounts"
    monkeypatch.setattr(filesystems, "MOUNTS", table)
    share = f"30 22 0:30 / {tmp_path}/a\\040b rw - cifs //servidor/x rw\n"
    table.write_text(f"22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n{share}", "utf-8")
    with pytest.raises(ConfigError, match=r"gateway\.spool: .* fica em outro computador"):
        parse_config(mistaken(("gateway/spool", f"{tmp_path}/a b/spool")))
    assert parse_config(mistaken(("gateway/spool", f"{tmp_path}/a b2/spool"))).gateway


def test_p1_one_computer_under_name_and_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.168.1.21", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    place._addresses.cache_clear()
    try:
        with pytest.raises(
            ConfigError, match=r"clps\.plc2\.address: clp-1:502 é o mesmo aparelho de clps\.plc\.address"
        ):
            parse_config(mistaken(("clps/plc2", another("plc", address="clp-1"))))
    finally:
        place._addresses.cache_clear()


def test_check_warns_of_what_may_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plc = GOOD["clps"]["plc"]
    manual = another(
        "plc", address="192.168.1.21:503", lines={B: {"production": {"holding": 40_101}, "max_per_hour": 9}}
    )
    machines = {"plc": plc, "plc2": another("plc", address="192.168.1.21:504"), "plc3": manual}
    written(tmp_path / "gateway.json", {"clps": machines})
    assert main(["check", "--config", str(tmp_path / "gateway.json")]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("aviso  clps")]
    second, first = "clps.plc2.lines.SPEP-ENV-D", "clps.plc.lines.SPEP-ENV-A"
    same = "192.168.1.21:504 parece o mesmo aparelho de 192.168.1.21:502"
    assert said == [
        f"aviso  clps.plc3.lines.{B}.production: se 40101 é o número do manual, o registrador é 100",
        *(
            f"aviso  {second}.{key}: {same}, e {first}.{key} lê o mesmo contador; confirme que são dois aparelhos"
            for key in ("production", "rejected")
        ),
    ]
