"""A described layout with real processes: what `check --sample` shows, and a counter's file read under kill -9."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from local.stack.emulator import Emulator
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.instants import PLANT_TZ

LINE = "SPEP-ENV-A"
BUCKET = "sicfar-formatos"
EXAMPLE = Path(__file__).parents[2] / "config" / "gateway-keyence-kv.json"


@pytest.fixture(scope="module")
def aws(aws: Emulator) -> Emulator:
    aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    return aws


def check(*samples: Path) -> subprocess.CompletedProcess[str]:
    named = [part for sample in samples for part in ("--sample", str(sample))]
    command = [sys.executable, "-m", "edge_gateway", "check", "--config", str(EXAMPLE), *named]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=LAST_RESORT_S, check=False)


def test_p8_check_shows_each_sample_line_and_why_one_is_no_record(tmp_path: Path) -> None:
    sample = tmp_path / "log.csv"
    good = b"Date,Time,Line,Total,OK,NG\r\n2026/03/15,08:15:02,L1,123,120,3\r\n2026/03/15,08:15:05,L1,126,122,4\r\n"
    sample.write_bytes(good)
    done = check(sample)
    assert (done.returncode, done.stderr) == (0, "")
    assert "      2  '2026/03/15,08:15:02,L1,123,120,3'\n" in done.stdout
    assert "→ 2026-03-15T08:15:05.000-03:00 SPEP-ENV-A produção 3 rejeição 1 contadores 126 e 4\n" in done.stdout
    assert "resumo: 3 linhas, 0 ilegíveis\n  SPEP-ENV-A: produção 3, rejeição 1, de 2026-03-15T08:15:02" in done.stdout
    bad = tmp_path / "outro.csv"
    bad.write_bytes(good + b"2026/03/15,08:15,L1,\xff\r\n" + b"2026/03/15,08:15:06,L9,1,1,0\r\n" * 5000 + b"2026/03")
    done = check(sample, bad)
    assert done.returncode == 1
    assert "→ ilegível (CODIFICACAO): byte 0xFF no byte 20 da linha" in done.stdout
    assert "→ ilegível (LINHA_ID_INVALIDA): linha 'L9' fora de aliases; esperado L1, L2" in done.stdout
    assert "5005 linhas, 5002 ilegíveis (CODIFICACAO 1, LINHA_ID_INVALIDA 5000, LINHA_INCOMPLETA 1)" in done.stdout
    assert len(done.stdout.splitlines()) < 300
    assert sorted(tmp_path.iterdir()) == [sample, bad]
    missing = check(tmp_path / "nenhum.csv")
    assert (missing.returncode, missing.stdout.count("\n")) == (1, 1)
    assert "nenhum.csv" in missing.stderr


class Logger:
    """The machine and its logger: a counter that wraps, in files that are rotated; `made` is the truth."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log.csv"
        self._total, self._scrap = 999_900, 40
        self._rotated = 0
        self.made = self.scrapped = 0
        self._write("Date,Time,Line,Total,OK,NG\r\n")
        self._log()

    def make(self, pieces: int, scrap: int) -> None:
        self.made, self.scrapped = self.made + pieces, self.scrapped + scrap
        self._total, self._scrap = (self._total + pieces) % 1_000_000, self._scrap + scrap
        self._log()

    def rotate(self) -> None:
        self._rotated += 1
        self._path.rename(self._path.with_name(f"log-{self._rotated:02}.csv"))
        self._write("Date,Time,Line,Total,OK,NG\r\n")

    def _log(self) -> None:
        at = datetime.now(PLANT_TZ)
        good = (self._total - self._scrap) % 1_000_000
        self._write(f"{at:%Y/%m/%d,%H:%M:%S},L1,{self._total},{good},{self._scrap}\r\n")

    def _write(self, text: str) -> None:
        with self._path.open("ab") as handle:
            handle.write(text.encode())


def delivered(aws: Emulator) -> tuple[int, int]:
    """What all batches say was made and rejected."""
    made = scrapped = 0
    for item in aws.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        body = aws.s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
        batch = read_batch(BatchKey.parse(item["Key"]), [body])
        assert not batch.unreadable
        assert not batch.tally.spans
        for sums in batch.tally.lines.values():
            made += sum(produced for produced, _ in sums.seconds.values())
            scrapped += sum(rejected for _, rejected in sums.seconds.values())
    return made, scrapped


def test_p1_counter_files_under_kill_9_deliver_what_the_machine_made(
    tmp_path: Path, aws: Emulator, chance: random.Random
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    config = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    config["clps"]["kv_envase"] |= {"path": str(data)}
    del config["clps"]["kv_envase"]["gateway"]
    config["gateway"] |= {"bucket": BUCKET, "spool": str(tmp_path / "spool"), "seal_seconds": 1}
    gateway = GatewayProcess(tmp_path, config, aws.environment() | {"PYTHONPATH": os.pathsep.join(sys.path)})
    logger = Logger(data)
    try:
        for _ in range(3):
            gateway.start()
            for _ in range(chance.randint(20, 50)):
                logger.make(chance.randint(0, 9), chance.randint(0, 1))
                if chance.random() < 0.1:
                    logger.rotate()
                time.sleep(0.03)
            gateway.kill()
        while logger.made <= 100:
            logger.make(9, 1)
        gateway.start()
        until(
            lambda: delivered(aws) == (logger.made, logger.scrapped),
            "all that the machine made",
            state=lambda: delivered(aws),
            alive=gateway.running,
            pause_s=0.2,
        )
    finally:
        gateway.stop()
    assert delivered(aws) == (logger.made, logger.scrapped)
    assert logger.made > 100, "the counter has wrapped"
