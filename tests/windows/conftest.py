"""The bundle, unpacked on a Windows under wine, and the service installed from it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from edge_gateway.spool.status import read_status
from local import bundle
from local.processes import LOOPBACK, free_port
from local.waiting import until
from tests.support.small_s3 import S3
from tests.windows.wine import Answer, Wine, wine

ROOT = Path(__file__).parents[2]
LINE = "SPEP-ENV-A"


@pytest.fixture(scope="session")
def windows() -> Iterator[Wine]:
    if shutil.which("wine") is None:
        pytest.fail("needs wine: apt-get install --no-install-recommends wine", pytrace=False)
    with wine(ROOT / ".windows") as made:
        yield made


@pytest.fixture(scope="session")
def package(windows: Wine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as an administrator unpacks it: C:\\pacote."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    packed = bundle.build(tmp_path_factory.mktemp("build"), uv, None, tmp_path_factory.mktemp("dist"))
    with zipfile.ZipFile(packed) as files:
        files.extractall(windows.drive)
    target = windows.drive / "pacote"
    (windows.drive / packed.stem).rename(target)
    return target


Run = Callable[..., Answer]


@pytest.fixture(scope="session")
def python(windows: Wine, package: Path) -> Run:
    """Runs the bundle's own Python."""

    def run(*words: str, **variables: str) -> Answer:
        return windows.run(r"C:\pacote\programa\python.exe", *words, **variables)

    return run


@dataclass
class Plant:
    """A computer of the plant with the service on it; the folders as this machine sees them."""

    windows: Wine
    s3: S3
    written: int = 0
    said: dict[str, Answer] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.windows.drive / "dados"

    @property
    def programs(self) -> Path:
        return self.windows.drive / "Program Files" / "sicfar-gateway"

    @property
    def data(self) -> Path:
        return self.windows.drive / "ProgramData" / "sicfar-gateway"

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def log(self) -> Path:
        return self.data / "log" / "gateway.log"

    def act(self, *words: str) -> Answer:
        """Run sicfar-gateway.cmd of the unpacked bundle."""
        return self.windows.run("cmd", "/c", r"C:\pacote\sicfar-gateway.cmd", *words)

    def gateway(self, *words: str, **variables: str) -> Answer:
        """Run the installed gateway.cmd."""
        return self.windows.run("cmd", "/c", r"C:\Program Files\sicfar-gateway\gateway.cmd", *words, **variables)

    def starts(self) -> int:
        return self.log.read_text(encoding="utf-8").count('"event": "started"') if self.log.exists() else 0

    def counted(self) -> int:
        return self.s3.counts()[0][LINE]

    def until_all_counted(self) -> None:
        until(lambda: self.counted() >= self.written, "the counts", state=lambda: (self.counted(), self.last_words()))
        assert self.counted() == self.written

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8")[-1_500:] if self.log.exists() else "no log"

    def epoch(self) -> str:
        return read_status(self.spool).epoch

    def processes(self) -> list[psutil.Process]:
        """The service's process, if it runs."""
        return self.windows.processes("edge_gateway.service.host")

    def kill(self) -> None:
        """End the service's process without warning."""
        (process,) = self.processes()
        process.kill()
        until(lambda: not self.processes(), "the end of the service")


@pytest.fixture(scope="session")
def plant(windows: Wine, package: Path) -> Iterator[Plant]:
    """Installed by the bundle's own command; uninstalled by it at the end, with the data still there."""
    plant = Plant(windows, S3(0))
    plant.folder.mkdir()
    prepared = windows.drive / "preparo"
    prepared.mkdir()
    config = {
        "clps": {"keyence": {"protocol": "file", "path": r"C:\dados", "poll_ms": 50}},
        "gateway": {
            "id": "farmace-spep",
            "bucket": "contagens",
            "region": "sa-east-1",
            "seal_seconds": 1,
            "spool": r"C:\ProgramData\sicfar-gateway\spool",
            "page": f"{LOOPBACK}:{free_port()}",
        },
    }
    (prepared / "gateway.json").write_text(json.dumps(config), encoding="utf-8")
    profile = [
        "[default]",
        "aws_access_key_id = test",
        "aws_secret_access_key = test",
        f"endpoint_url = {plant.s3.url}",
    ]
    (prepared / "credentials").write_text("\n".join(profile), encoding="utf-8")
    words = ("--config", r"C:\preparo\gateway.json", "--credenciais", r"C:\preparo\credentials")
    plant.said["instalar"] = plant.act("instalar", *words)
    try:
        yield plant
    finally:
        plant.s3.shutdown()
