"""What is installed at the plant: wheels that hold every module and run where nothing else of this repository is."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECIFIED = {
    "totvs": {"baseUrl": "https://totvs.farmace.com/api", "auth": {"type": "bearer", "tokenUrl": "/auth/token"}},
    "clps": {"keyence": {"gateway": "192.168.1.100", "protocol": "file", "path": "/data/production"}},
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    for package in ("edge-gateway", "sicfar"):
        subprocess.run([uv, "build", "-q", "--wheel", "--package", package, "-o", folder], cwd=ROOT, check=True)
    return uv, sorted(folder.glob("*.whl"))


def test_every_module_of_the_gateway_and_of_its_rules_is_in_a_wheel(wheels):
    packed = {name for wheel in wheels[1] for name in zipfile.ZipFile(wheel).namelist()}
    for package, parent in (("edge_gateway", ROOT), ("sicfar", ROOT / "layers" / "sicfar")):
        modules = {str(path.relative_to(parent)) for path in (parent / package).rglob("*.py")}
        assert modules - packed == set()


def test_the_installed_gateway_checks_the_example_and_names_what_lacks(wheels, tmp_path):
    uv, files = wheels
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "-p", "3.11", tmp_path / "env"], cwd=ROOT, check=True)
    subprocess.run([uv, "pip", "install", "-q", "-p", python, *files], cwd=ROOT, check=True)
    config = tmp_path / "gateway.json"
    config.write_text(json.dumps(SPECIFIED), encoding="utf-8")
    command = [python, "-m", "edge_gateway", "check", "--config", config]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "clps.keyence.mount" in done.stdout
    assert "gateway.spool" in done.stdout
