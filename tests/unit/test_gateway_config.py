"""The configuration: the specification's object loads, a wrong key is named, a path means what the rule says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.__main__ import main
from edge_gateway.config import ConfigError, load_config, parse_config
from edge_gateway.folders.place import is_this_machine, resolve_folder

SPECIFICATION: dict[str, Any] = {
    "totvs": {
        "baseUrl": "https://totvs.farmace.com/api",
        "endpoints": {"ordens": "/ordens-producao", "produtos": "/produtos", "lotes": "/lotes"},
        "auth": {"type": "bearer", "tokenUrl": "/auth/token"},
    },
    "clps": {"keyence": {"gateway": "192.168.1.100", "protocol": "file", "path": "/data/production"}},
}
GATEWAY = {"id": "farmace-spep", "bucket": "sicfar-contagens", "spool": "/var/lib/sicfar"}


def keyence(**more: object) -> dict[str, Any]:
    return {"clps": {"keyence": {"path": "/data", **more}}, "gateway": GATEWAY}


def test_the_object_of_the_specification_loads_unchanged() -> None:
    config = parse_config(SPECIFICATION)
    (sensors,) = config.files
    assert (sensors.name, sensors.gateway, sensors.path) == ("keyence", "192.168.1.100", "/data/production")
    assert (sensors.files, sensors.poll_ms, sensors.rhythm, sensors.format) == ("*.txt", 250, "constant", None)
    assert config.gateway is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (keyence(alises={}), "clps.keyence.alises: chave desconhecida; seria `aliases`?"),
        (keyence(pool_ms=1), "clps.keyence.pool_ms: chave desconhecida; seria `poll_ms`?"),
        ({**keyence(), "gatway": {}}, "gatway: chave desconhecida; seria `gateway`?"),
        ({**keyence(), "gateway": {**GATEWAY, "buket": "x"}}, "gateway.buket: chave desconhecida; seria `bucket`?"),
        ({"clps": {"keyence": {}}}, "clps.keyence.path: falta; escreva a pasta dos arquivos"),
        (keyence(poll_ms=True), "clps.keyence.poll_ms: true não serve; escreva um inteiro de 50 a 60000"),
        (keyence(poll_ms="250"), 'clps.keyence.poll_ms: "250" não serve; escreva um inteiro de 50 a 60000'),
        (keyence(protocol="modbus"), "clps.keyence.address: falta"),
        (keyence(protocol="s7"), 'clps.keyence.protocol: "s7" não serve; use um de file, modbus, opcua'),
        (keyence(files="sub/*.txt"), 'clps.keyence.files: "sub/*.txt" não serve; escreva só o padrão do nome'),
        (keyence(rhythm="often"), 'clps.keyence.rhythm: "often" não serve; use um de constant, event'),
        (keyence(aliases={"maq 1": "linha a"}), 'clps.keyence.aliases.maq 1: "linha a" não serve; escreva o código da'),
        ({**keyence(), "gateway": {**GATEWAY, "id": "Farmace"}}, 'gateway.id: "Farmace" não serve; escreva o nome'),
        ({"clps": []}, "clps: uma lista não serve; escreva um objeto { … }"),
        ([], "o arquivo: uma lista não serve; escreva um objeto { … }"),
        ({"clps": {"keyence": []}}, "clps.keyence: uma lista não serve; escreva um objeto { … }"),
        ({"totvs": {}}, "nada a ler nem a enviar — clps.keyence"),
    ],
)
def test_a_mistake_is_refused_with_its_key_and_the_way_out(raw: object, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(raw)
    assert any(line.startswith(said) for line in str(caught.value).splitlines()), str(caught.value)


def test_run_without_the_gateway_section_refuses_naming_its_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(SPECIFICATION), encoding="utf-8")
    assert main(["run", "--config", str(path)]) == 2
    told = capsys.readouterr().err
    for key in ("gateway", "id", "bucket", "spool"):
        assert f'"{key}"' in told


def test_broken_json_is_told_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"clps": {\n  "keyence": }}', encoding="utf-8")
    with pytest.raises(ConfigError, match="linha 2, coluna 14"):
        load_config(path)


def test_a_missing_file_and_another_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="não foi possível ler"):
        load_config(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes('{"clps": "ç"}'.encode("cp1252"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "latin.json")


def test_a_utf8_bom_written_by_notepad_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(SPECIFICATION), encoding="utf-8-sig")
    assert load_config(path).files


@pytest.mark.parametrize(
    ("host", "path", "mount", "windows", "expected"),
    [
        (None, "/data/production", None, False, "/data/production"),
        ("here", "/data/production", None, True, "/data/production"),
        ("10.9.9.9", "/data/production", None, True, r"\\10.9.9.9\data\production"),
        ("10.9.9.9", "/data/production", r"Z:\txt", True, r"Z:\txt"),
        ("10.9.9.9", "/data/production", "/mnt/txt", False, "/mnt/txt"),
        ("10.9.9.9", r"\\other\share", "/mnt/txt", True, r"\\other\share"),
        ("10.9.9.9", r"D:\dados", None, True, r"D:\dados"),
        ("10.9.9.9", "/", None, False, "/"),
    ],
)
def test_host_and_path_mean_what_the_rule_says(
    host: str | None, path: str, mount: str | None, windows: bool, expected: str
) -> None:
    found = resolve_folder(host, path, mount, windows=windows, this_machine=lambda name: name == "here")
    assert found == Path(expected)


def test_an_unmounted_foreign_folder_is_refused_with_both_ways_out() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_folder("10.9.9.9", "/not/mounted", None, windows=False, this_machine=lambda _: False)
    assert "monte o compartilhamento" in caught.value.action
    assert "clps.keyence.mount" in caught.value.action


def test_this_machine_is_recognised_by_name_and_by_address() -> None:
    assert is_this_machine("localhost")
    assert is_this_machine("127.0.0.1")
    assert not is_this_machine("192.0.2.1")
    assert not is_this_machine("servidor-de-outro")
