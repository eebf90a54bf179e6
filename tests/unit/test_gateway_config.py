"""The configuration: the specification's object loads, a wrong key is named, a path means what the rule says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.__main__ import main
from edge_gateway.config import ConfigError, is_this_machine, load_config, parse_config, resolve_folder

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
    assert (sensors.name, sensors.host, sensors.path) == ("keyence", "192.168.1.100", "/data/production")
    assert (sensors.files, sensors.poll_ms, sensors.rhythm, sensors.format) == ("*.txt", 250, "constant", None)
    assert config.gateway is None


@pytest.mark.parametrize(
    ("raw", "where", "said"),
    [
        (keyence(alises={}), "clps.keyence.alises", "'aliases'"),
        (keyence(pool_ms=1), "clps.keyence.pool_ms", "'poll_ms'"),
        ({**keyence(), "gatway": {}}, "gatway", "'gateway'"),
        ({**keyence(), "gateway": {**GATEWAY, "buket": "x"}}, "gateway.buket", "'bucket'"),
        ({"clps": {"keyence": {}}}, "clps.keyence.path", "falta a chave 'path'"),
        (keyence(poll_ms=True), "clps.keyence.poll_ms", "número inteiro"),
        (keyence(poll_ms="250"), "clps.keyence.poll_ms", "número inteiro"),
        (keyence(protocol="modbus"), "clps.keyence.protocol", '"file"'),
        (keyence(files="sub/*.txt"), "clps.keyence.files", "padrão do nome"),
        (keyence(rhythm="often"), "clps.keyence.rhythm", '"event"'),
        (keyence(aliases={"maq 1": "linha a"}), "clps.keyence.aliases.maq 1", "código da linha"),
        ({**keyence(), "gateway": {**GATEWAY, "id": "Farmace"}}, "gateway.id", "minúsculas"),
        ({"clps": []}, "clps", "objeto JSON"),
        ([], "(início do arquivo)", "objeto JSON"),
        ({"totvs": {}}, "clps.keyence", "nada a ler"),
    ],
)
def test_a_mistake_is_refused_with_its_key_and_the_way_out(raw: object, where: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(raw)
    assert caught.value.where == where
    assert said in str(caught.value)


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


def test_a_foreign_folder_that_is_not_mounted_is_refused_with_both_ways_out() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_folder("10.9.9.9", "/not/mounted", None, windows=False, this_machine=lambda _: False)
    assert "monte o compartilhamento" in caught.value.action
    assert "clps.keyence.mount" in caught.value.action


def test_this_machine_is_recognised_by_name_and_by_address() -> None:
    assert is_this_machine("localhost")
    assert is_this_machine("127.0.0.1")
    assert not is_this_machine("192.0.2.1")
    assert not is_this_machine("servidor-de-outro")
