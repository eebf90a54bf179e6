"""`check` of the spool's folder and `status`: what a person reads, and the exit code a program does."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest

from edge_gateway.__main__ import main
from edge_gateway.commands import spool_folder
from edge_gateway.commands.report import Result
from edge_gateway.commands.spool_folder import check_spool
from edge_gateway.config import GatewayConfig
from edge_gateway.filesystems import filesystem_of, kind_in
from edge_gateway.health import problems
from edge_gateway.page import StatusPage
from edge_gateway.spool.status import NoSpoolError, read_status
from edge_gateway.spool.store import Spool
from sicfar.counts.batch import Mark
from sicfar.counts.record import Record
from sicfar.instants import now_ms
from tests.support.reading import Reading

LINE = "SPEP-ENV-A"
Usage = namedtuple("Usage", "total used free")


def checked(folder: Path, identity: str = "farmace-spep") -> list[Result]:
    return list(check_spool(GatewayConfig(id=identity, bucket="sicfar", spool=folder)))


def worst(results: list[Result]) -> Result:
    order = ("config", "erro", "aviso", "ok")
    return min(results, key=lambda result: order.index(result.level))


@pytest.fixture(autouse=True)
def a_disk_like_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_folder, "filesystem_of", lambda _: "ext4")
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1 << 40, 0, 100 << 30))


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """The folder of a spool in which a reading waits; its gateway has just given a sign of life."""
    made = Spool(tmp_path / "spool", "farmace-spep", seal_records=100)
    made.store("clp", *Reading([Record(now_ms(), LINE, 3, 0)], marks=[Mark(LINE, now_ms(), "ok")]).stored, now_ms())
    made.set_state("clp", "ok", "", now_ms())
    made.beat({"clp": now_ms()}, now_ms())
    made.close()
    return tmp_path / "spool"


# -- check ---------------------------------------------------------------------------------------------------------


def test_p1_a_folder_that_is_still_to_be_made_is_well_and_stays_unmade(tmp_path: Path) -> None:
    results = checked(tmp_path / "new" / "spool")
    assert worst(results).level == "ok"
    assert "será criada pelo primeiro run" in results[0].text
    assert list(tmp_path.iterdir()) == []


def test_p1_a_spool_in_use_by_its_own_gateway_is_well(spool: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in spool.iterdir()}
    results = checked(spool)
    assert worst(results).level == "ok"
    assert "é do gateway farmace-spep; em uso pelo gateway em execução" in results[-1].text
    assert "1 registros por enviar" in results[-1].text
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in spool.iterdir()}.items()


def test_p1_a_spool_of_another_gateway_is_a_mistake_of_the_configuration(spool: Path) -> None:
    found = worst(checked(spool, "farmace-sppv"))
    assert found.level == "config"
    assert "a pasta pertence ao gateway 'farmace-spep', não a 'farmace-sppv'" in found.text


def test_p1_a_damaged_spool_is_an_error_with_the_command_that_explains_it(spool: Path) -> None:
    (spool / "spool.sqlite3").write_bytes(b"nothing of the kind" * 100)
    found = worst(checked(spool))
    assert (found.level, "spool check explica" in found.text) == ("erro", True)


def test_p1_a_file_in_the_folder_s_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    assert "é um arquivo, não uma pasta" in worst(checked(tmp_path / "spool")).text


def test_p1_a_folder_nobody_may_write_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    found = worst(checked(tmp_path))
    assert found.level == "config"
    assert "não pode ser gravada por esta conta (Permission denied)" in found.text


def test_p1_a_spool_made_by_another_account_is_named(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "spool.sqlite3")
    found = worst(checked(spool))
    assert found.level == "config"
    assert "spool.sqlite3 é de outra conta" in found.text


@pytest.mark.parametrize(
    ("kind", "level", "said"),
    [
        ("nfs4", "config", "disco de rede (nfs4)"),
        ("cifs", "config", "disco de rede (cifs)"),
        ("vfat", "config", "não resiste a queda de energia"),
        ("exfat", "config", "não resiste a queda de energia"),
        ("tmpfs", "aviso", "na memória (tmpfs)"),
        ("ntfs", "ok", ""),
        ("", "ok", ""),
    ],
)
def test_p1_a_disk_that_keeps_nothing_safely_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, level: str, said: str
) -> None:
    monkeypatch.setattr(spool_folder, "filesystem_of", lambda _: kind)
    found = worst(checked(tmp_path))
    assert (found.level, said in found.text) == (level, True)


@pytest.mark.parametrize(
    ("free_mb", "level"), [(63, "erro"), (64, "erro"), (65, "aviso"), (1_023, "aviso"), (1_024, "ok")]
)
def test_p6_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, level: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(1 << 40, 0, free_mb << 20))
    found = worst(checked(tmp_path))
    assert found.level == level
    assert level == "ok" or f"{free_mb} MB livres" in found.text


def test_a_file_system_is_that_of_the_nearest_mount() -> None:
    mounts = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "30 22 0:30 / /mnt/a\\040b rw - cifs //srv/x rw\n"
        "31 22 0:31 / /mnt/a\\040b rw,relatime - nfs4 srv:/x rw\n"
        "broken line\n"
    )
    assert kind_in(mounts, Path("/var/lib/sicfar")) == "ext4"
    assert kind_in(mounts, Path("/mnt/a b/spool")) == "nfs4", "the later mount hides the earlier one"
    assert kind_in(mounts, Path("/mnt/a bc")) == "ext4"


def test_this_system_says_what_a_folder_is_on(tmp_path: Path) -> None:
    assert filesystem_of(tmp_path)


# -- status --------------------------------------------------------------------------------------------------------


def status_of(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    config = folder.parent / "gateway.json"
    config.write_text(json.dumps({"gateway": {"id": "farmace-spep", "bucket": "sicfar", "spool": str(folder)}}))
    code = main(["status", "--config", str(config), *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def health_of(folder: Path) -> int:
    page = StatusPage(folder, "127.0.0.1", 0)
    try:
        return page.answer("/saude")[0]
    finally:
        page.stop()


def change(folder: Path, statement: str) -> None:
    db = sqlite3.connect(folder / "spool.sqlite3")
    db.execute(statement)
    db.commit()
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "UPDATE fontes SET estado = 'erro', detalhe = 'sem rede'",
        "UPDATE fontes SET detalhe = 'um arquivo não pode ser aberto'",
        "UPDATE meta SET valor = '1' WHERE chave = 'vivo_ms'",
        "INSERT INTO meta VALUES ('erro_envio', 'sem conexão')",
        "UPDATE pendentes SET desde_ms = desde_ms - 3600000",
        "INSERT INTO avisos VALUES (1, 1, 'leia', NULL, NULL)",
        "INSERT OR REPLACE INTO meta VALUES ('ritmo_bytes_h', '1e12')",
    ],
)
def test_p10_status_and_saude_are_one_judgement(
    spool: Path, capsys: pytest.CaptureFixture[str], statement: str
) -> None:
    change(spool, statement)
    code, shown = status_of(spool, capsys)
    assert (code, health_of(spool)) in ((0, 200), (1, 503))
    assert status_of(spool, capsys, "--json")[0] == code
    for problem in problems(read_status(spool)):
        assert f"{problem.level} {problem.where}: {problem.what}" in shown
    assert ("saúde: falha" in shown) == bool(code)


def test_p10_a_spool_that_is_being_made_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "spool").mkdir()
    sqlite3.connect(tmp_path / "spool" / "spool.sqlite3").execute("PRAGMA journal_mode=WAL").connection.close()
    with pytest.raises(NoSpoolError, match="o spool está sendo criado"):
        read_status(tmp_path / "spool")
    code, shown = status_of(tmp_path / "spool", capsys)
    assert (code, "o spool está sendo criado" in shown, "no such table" in shown) == (1, True, False)


def test_p10_an_error_nobody_foresaw_is_one_line_with_the_command(
    spool: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise KeyError("rate")

    monkeypatch.setattr("edge_gateway.__main__.show_status", broken)
    code, shown = status_of(spool, capsys)
    assert code == 1
    assert shown.startswith("erro: erro inesperado em status (KeyError: 'rate', em __main__.py:")
    assert "Traceback" not in shown
