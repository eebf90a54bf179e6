"""A real gateway whose spool is damaged while it runs and while it does not: it goes on by itself, and says so."""

from __future__ import annotations

import gzip
import json
import sqlite3
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from local.processes import free_port
from local.stack.gateway import GatewayProcess
from local.waiting import until
from sicfar.instants import PLANT_TZ, format_instant, parse_instant
from tests.support.small_s3 import S3, command, environment

LINE = "SPEP-ENV-A"


def write(folder: Path, count: int) -> None:
    """Append records that can be told apart: each of a millisecond of its own."""
    with (folder / "a.txt").open("a", encoding="utf-8") as file:
        for _ in range(count):
            at = datetime.now(PLANT_TZ).isoformat(timespec="milliseconds")
            file.write(f"{at},{LINE},1,0\n")
            time.sleep(0.002)


def delivered(s3: S3) -> tuple[Counter[str], Counter[str]]:
    """The instants of all records, those counted and those that may have been counted before."""
    plain: Counter[str] = Counter()
    earlier: Counter[str] = Counter()
    for batch in s3.batches():
        text = gzip.decompress(s3.bodies()[batch.key.format()]).decode()
        rows = [line.split(",")[0] for line in text.splitlines() if line[0].isdigit()]
        (earlier if batch.earlier else plain).update(rows)
    return plain, earlier


def test_p1_damaged_running_or_stopped_a_gateway_counts_nothing_twice(tmp_path: Path) -> None:
    data, spool = tmp_path / "data", tmp_path / "spool"
    data.mkdir()
    port = free_port()
    config = {
        "clps": {"keyence": {"protocol": "file", "path": str(data)}},
        "gateway": {"id": "farmace-spep", "bucket": "sicfar", "spool": str(spool), "seal_seconds": 1},
    }
    gateway = GatewayProcess(tmp_path, config, environment(port))
    gateway.start()

    def log(event: str) -> int:
        return gateway.log.read_text().count(f'"event": "{event}"')

    s3 = None
    try:
        until(lambda: (spool / "spool.sqlite3").exists(), "the spool", alive=gateway.running)
        s3 = first = S3(port)
        write(data, 10)
        until(lambda: first.counts()[0][LINE] == 10, "the first batch", alive=gateway.running)
        s3.shutdown()
        s3.server_close()

        # A bit of what waits turns over while the gateway runs: the next sealing meets it.
        write(data, 20)
        until(lambda: written_and_damaged(data, spool), "a reading that waits", alive=gateway.running)
        until(lambda: log("spool_replaced") == 1, "the replacement", alive=gateway.running)
        assert log("spool_damaged") == 1
        assert gateway.running()
        write(data, 20)
        until(
            lambda: command(gateway.config, "status", "--json")[1].count(LINE), "reading goes on", alive=gateway.running
        )

        # And half of the file while it does not run.
        gateway.kill()
        content = (spool / "spool.sqlite3").read_bytes()
        (spool / "spool.sqlite3").write_bytes(b"?" * (len(content) // 2) + content[len(content) // 2 :])
        (spool / "spool.sqlite3-wal").unlink()
        write(data, 20)
        assert command(gateway.config, "spool", "check")[0] == 1
        gateway.start()
        until(lambda: log("spool_replaced") == 2, "the second replacement", alive=gateway.running)
        s3 = second = S3(port)
        s3.bucket.objects |= first.bucket.objects
        write(data, 10)
        written = {utc(line.split(",")[0]) for line in (data / "a.txt").read_text().splitlines()}
        until(lambda: written == set().union(*delivered(second)), "all of the file", alive=gateway.running)
    finally:
        gateway.stop()
        if s3 is not None:
            s3.shutdown()
            s3.server_close()
    assert max(delivered(second)[0].values()) == 1
    told = json.loads(command(gateway.config, "status", "--json")[1])
    assert len(told["avisos"]) == 1
    assert "acabou na seq" in told["avisos"][0]["texto"]
    assert len(list(spool.glob("quarentena-*"))) == 2


def written_and_damaged(data: Path, spool: Path) -> bool:
    """Let something wait, and change it."""
    write(data, 5)
    return damaged(spool)


def damaged(spool: Path) -> bool:
    """Change the first record that waits, if one does."""
    db = sqlite3.connect(spool / "spool.sqlite3")
    try:
        with db:
            changed = db.execute(
                "UPDATE pendentes SET corpo = replace(corpo, ',1,0', ',7,0') WHERE id = (SELECT min(id) FROM pendentes)"
            ).rowcount
    finally:
        db.close()
    return changed > 0


def utc(text: str) -> str:
    return format_instant(parse_instant(text))
