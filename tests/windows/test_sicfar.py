"""The release on Windows' own CPython under wine: the command starts, and says in words what it lacks."""

import json
import shutil
import zipfile
from collections.abc import Callable

import pytest

from local import release
from local.bundle import ROOT
from local.processes import LOOPBACK, free_port
from tests.windows.wine import Answer, Wine

Sicfar = Callable[..., Answer]


@pytest.fixture(scope="module")
def sicfar(windows: Wine, tmp_path_factory: pytest.TempPathFactory) -> Sicfar:
    """The release as IT unpacks it, on a computer that reaches nothing. Of sources that were not built."""
    cloud = release.lay(ROOT, tmp_path_factory.mktemp("versao") / "nuvem", "teste")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    packed = release.windows(cloud, uv, None, tmp_path_factory.mktemp("dist"))
    with zipfile.ZipFile(packed) as files:
        files.extractall(windows.drive)
    folder = windows.drive / "sicfar"
    (windows.drive / packed.stem).rename(folder)
    closed = f"http://{LOOPBACK}:{free_port()}"
    said = {"ambiente": "homolog", "supabaseUrl": closed, "totvsConfig": r"config\endpoints.json"}
    (folder / "config" / "ambientes" / "homolog.json").write_text(json.dumps(said), encoding="utf-8")

    def run(*words: str) -> Answer:
        return windows.run(
            *("cmd", "/c", "cd", "/d", r"C:\sicfar", "&&", "sicfar.cmd", *words),
            AWS_ENDPOINT_URL=closed,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            DATABASE_URL=f"postgresql://postgres:senha@{LOOPBACK}:{free_port()}/postgres",
        )

    return run


def test_the_command_starts(sicfar: Sicfar) -> None:
    answer = sicfar("--help")
    assert answer.code == 0, answer.text
    assert "implantar" in answer.text


def test_preparar_names_all_that_cannot_be_reached(sicfar: Sicfar) -> None:
    answer = sicfar("preparar", "--ambiente", "homolog", "--simular")
    assert answer.code == 1, answer.text
    assert "Traceback" not in answer.text
    rows = {line[15:37].strip(): line[:13].strip() for line in answer.text.splitlines() if line[15:37].strip()}
    assert rows["parâmetros"] == "OK"
    assert rows["credenciais"] == rows["Supabase"] == "falta"
    assert rows["segredo totvs"] == "não conferido"


def test_p9_migrar_says_that_the_database_is_away(sicfar: Sicfar) -> None:
    answer = sicfar("migrar", "--ambiente", "homolog")
    assert answer.code == 2, answer.text
    assert "DATABASE_URL" in answer.text
    assert "senha@" not in answer.text


def test_a_misspelt_option_is_refused(sicfar: Sicfar) -> None:
    answer = sicfar("implantar", "--ambiente", "homolog", "--parametro", "x")
    assert answer.code == 2
    assert "NOME=VALOR" in answer.text
