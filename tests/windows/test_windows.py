"""The gateway on Windows' own CPython under wine: files, console, and the service from installation to its removal."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path

import pytest

from edge_gateway.spool.status import read_status
from edge_gateway.spool.store import DATABASE
from local.waiting import until
from tests.windows.conftest import Plant, Run
from tests.windows.wine import Wine

HERE = Path(__file__).parent
SHARING = r"""
import json, sys
from pathlib import Path
from edge_gateway.folders.files import open_to_read

def tried(act):
    try:
        act()
    except OSError as error:
        return [type(error).__name__, error.winerror, str(error.filename)]
    return "done"

folder = Path(sys.argv[1])
said = {}
for name, opened in (("ours", lambda path: open_to_read(str(path))), ("open", lambda path: path.open("rb"))):
    path = folder / f"{name}.txt"
    path.write_bytes(b"1\r\n\x1a2\n")
    with opened(path) as handle:
        said[name] = tried(lambda: path.rename(path.with_suffix(".old")))
        said[f"{name} again"] = tried(lambda: path.with_suffix(".old").unlink()) if said[name] == "done" else ""
        said[f"{name} bytes"] = handle.read().decode()
        said[f"{name} inherited"] = __import__("os").get_inheritable(handle.fileno())
said["missing"] = tried(lambda: open_to_read(str(folder / "missing.txt")))
said["folder"] = tried(lambda: open_to_read(str(folder)))
print(json.dumps(said))
"""
CONFIG = {
    "clps": {"keyence": {"protocol": "file", "path": "C:\\dados-ç→"}},
    "gateway": {"id": "farmace-spep", "bucket": "contagens", "spool": "C:\\spool"},
}


@pytest.fixture
def folder(windows: Wine) -> Path:
    made = windows.drive / "arquivos"
    made.mkdir()
    return made


def log_of(plant: Plant, *words: str) -> dict[str, object]:
    """Run the logger there to its end, and count what it wrote."""
    shutil.copy(HERE / "logger.py", plant.windows.drive / "logger.py")
    answer = plant.windows.run(r"C:\pacote\programa\python.exe", r"C:\logger.py", r"C:\dados", *words)
    assert answer.code == 0, answer.text
    said: dict[str, object] = json.loads(answer.text)
    plant.written += int(str(said["written"]))
    return said


def test_a_followed_file_can_be_renamed_and_deleted(python: Run, folder: Path) -> None:
    said = json.loads(python("-c", SHARING, r"C:\arquivos").text)
    assert said["ours"] == said["ours again"] == "done"
    assert said["ours bytes"] == said["open bytes"] == "1\r\n\x1a2\n"
    assert not said["ours inherited"]
    # The reason for it: another program's rename fails while a file is open in Python's usual way.
    assert said["open"][:2] == ["PermissionError", 32]
    assert said["missing"] == ["FileNotFoundError", 2, r"C:\arquivos\missing.txt"]
    assert said["folder"][0] == "PermissionError"


@pytest.mark.parametrize("encoding", ["", "cp850", "cp1252"])
def test_output_never_fails_for_a_character(python: Run, windows: Wine, encoding: str) -> None:
    (windows.drive / "c.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    for words in (("check", "--config", r"C:\c.json"), ("x→",)):
        answer = python("-m", "edge_gateway", *words, PYTHONIOENCODING=encoding)
        assert answer.code == 2, answer.text
        assert "Traceback" not in answer.text
        assert "→" in answer.output.decode(encoding or "utf-8").replace("\\u2192", "→")


def test_the_service_is_installed_and_says_what_is_missing(plant: Plant) -> None:
    said = plant.said["instalar"]
    assert said.code == 0, said.text
    lines = said.text.splitlines()
    assert any(line.startswith("ok     serviço: a versão") for line in lines), said.text
    assert "ok     conta: NT SERVICE\\sicfar-gateway" in lines
    # What wine does not have is said, not passed over.
    assert any(line.startswith("aviso  hora:") for line in lines)
    assert any(line.startswith("aviso  antivírus:") for line in lines)
    assert plant.act("instalar", "--config", "x", "--credenciais", "x").code == 2


def test_p1_a_logger_renames_at_will_and_all_is_counted(plant: Plant) -> None:
    assert log_of(plant, "write", "400")["failed"] == []
    plant.until_all_counted()
    assert log_of(plant, "delete")["failed"] == []
    # One that the gateway had open at that moment goes when it closes it.
    until(lambda: not list(plant.folder.glob("saida-*.txt")), "the end of the deleted files")


def test_status_and_page_show_what_the_service_does(plant: Plant) -> None:
    log_of(plant, "write", "3")
    plant.until_all_counted()
    status = json.loads(plant.gateway("status", "--json").output)
    assert status["gateway"] == "farmace-spep"
    config = json.loads((plant.data / "gateway.json").read_text(encoding="utf-8"))
    with urllib.request.urlopen(f"http://{config['gateway']['page']}/", timeout=60) as page:
        assert "SPEP-ENV-A" in page.read().decode()


def test_p1_killed_and_started_again_on_the_same_spool(plant: Plant) -> None:
    epoch = plant.epoch()
    for _ in range(2):
        log_of(plant, "write", "20")
        plant.kill()
        log_of(plant, "write", "20")
        until(lambda: plant.windows.run("sc", "start", "sicfar-gateway").code == 0, "the service's start")
        plant.until_all_counted()
    assert plant.epoch() == epoch


def test_p1_upgraded_and_rolled_back_on_the_same_spool(plant: Plant, package: Path) -> None:
    described = json.loads((package / "programa" / "versao.json").read_text(encoding="utf-8"))
    before, epoch = described["versao"], plant.epoch()
    assert plant.act("atualizar").code == 2
    described["versao"] = "9.9.9"
    (package / "programa" / "versao.json").write_text(json.dumps(described), encoding="utf-8")
    try:
        for words, running in ((("atualizar",), "9.9.9"), (("voltar",), before)):
            answer = plant.act(*words)
            assert answer.code == 0, answer.text
            assert f"a versão {running} lê e envia" in answer.text
            log_of(plant, "write", "10")
            plant.until_all_counted()
    finally:
        described["versao"] = before
        (package / "programa" / "versao.json").write_text(json.dumps(described), encoding="utf-8")
    assert plant.epoch() == epoch


def test_p1_a_version_that_does_not_start_gives_way(plant: Plant, package: Path) -> None:
    record = package / "programa" / "versao.json"
    host = package / "programa" / "Lib" / "site-packages" / "edge_gateway" / "service" / "host.py"
    kept = {path: path.read_bytes() for path in (record, host)}
    record.write_text(json.dumps({"versao": "6.6.6"}), encoding="utf-8")
    compiled = list((host.parent / "__pycache__").glob("host.*.pyc"))
    kept |= {path: path.read_bytes() for path in compiled}
    for path in compiled:
        path.unlink()
    host.write_text(
        host.read_text(encoding="utf-8").replace("        run(config)", "        raise SystemExit(1)"), encoding="utf-8"
    )
    try:
        answer = plant.act("atualizar")
        assert answer.code == 1
        assert "a versão 6.6.6 não subiu" in answer.text
        log_of(plant, "write", "10")
        plant.until_all_counted()
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


def test_p1_a_damaged_spool_is_replaced_and_nothing_counts_twice(plant: Plant) -> None:
    epoch = plant.epoch()
    assert plant.windows.run("sc", "stop", "sicfar-gateway").code == 0
    until(lambda: not plant.processes(), "the end of the service")
    assert '"event": "stopped"' in plant.log.read_text(encoding="utf-8").splitlines()[-1]
    database = plant.spool / DATABASE
    with database.open("r+b") as file:
        file.write(b"\xa5" * 4_096)
    log_of(plant, "write", "10")
    until(lambda: plant.windows.run("sc", "start", "sicfar-gateway").code == 0, "the service's start")
    plant.until_all_counted()
    assert plant.epoch() != epoch
    assert list(plant.spool.glob("quarentena-*"))
    assert read_status(plant.spool).notices


def test_p1_uninstalled_the_spool_stays(plant: Plant) -> None:
    epoch = plant.epoch()
    answer = plant.act("desinstalar")
    assert answer.code == 0, answer.text
    assert not plant.programs.exists()
    assert not plant.processes()
    assert plant.epoch() == epoch
    assert plant.act("verificar").code == 1
