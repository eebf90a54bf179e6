"""A real gateway process on an OPC UA server, killed at random moments: what reaches S3 is what the machines made."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from local.processes import free_port
from local.simulators.opcua_plant import Machine, OpcUaPlant
from local.stack.emulator import Emulator
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from tests.support.small_s3 import known_lines

MACHINES = (
    Machine("SPEP-ENV-A", modulus=1_000_000, before=999_950),
    Machine("SPEP-ENV-B", processed_includes_rejected=False),
    Machine("SPPV-ENV-VIDRO01", packml=True, before=(1 << 31) - 50),
)


def configuration(folder: Path, bucket: str, plant: OpcUaPlant, page: int) -> dict[str, object]:
    lines: dict[str, object] = {}
    for machine in plant.machines.values():
        production: dict[str, object] = {"node": machine.node("producao")}
        rejected: dict[str, object] = {"node": machine.node("rejeicao")}
        if machine.packml:
            production = {"packml": machine.unit, "count": "ProdProcessedCount"}
            rejected = {"packml": machine.unit, "count": "ProdDefectiveCount"}
        elif machine.modulus < 1 << 32:
            production["modulus"] = machine.modulus
        lines[machine.line] = {
            "production": production,
            "rejected": rejected,
            "processed_includes_rejected": machine.processed_includes_rejected,
            "max_per_hour": 1_000_000,
        }
    opcua = {"protocol": "opcua", "address": plant.url, "poll_ms": 100, "security": {"policy": "None"}, "lines": lines}
    gateway = {"id": "farmace-spep", "bucket": bucket, "spool": str(folder / "spool"), "seal_seconds": 1}
    return {"clps": {"sala_1": opcua}, "gateway": gateway | {"page": f"127.0.0.1:{page}"}}


class Making(threading.Thread):
    """The machines make something all the time; `made` is the truth, per line (made, rejected)."""

    def __init__(self, plant: OpcUaPlant) -> None:
        super().__init__(daemon=True)
        self.plant = plant
        self.made = {line: [0, 0] for line in plant.machines}
        self.ended = threading.Event()

    def run(self) -> None:
        chance = random.Random(7)
        while not self.ended.wait(0.05):
            counts = []
            for line, total in self.made.items():
                rejected = chance.random() < 0.1
                counts.append((line, 1 + rejected, int(rejected)))
                total[0] += 1 + rejected
                total[1] += rejected
            self.plant.count_all(counts, datetime.now(UTC))

    def end(self) -> None:
        self.ended.set()
        self.join()


def uploaded(aws: Emulator, bucket: str) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            body = aws.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            batch = read_batch(BatchKey.parse(item["Key"]), [body])
            assert not batch.tally.problems
            assert not any("implausivel" in found.flags for found in batch.tally.lines.values())
            for line, found in batch.tally.lines.items():
                total = sums.setdefault(line, [0, 0])
                total[0] += sum(produced for produced, _ in found.seconds.values())
                total[1] += sum(rejected for _, rejected in found.seconds.values())
            for span in batch.tally.spans:
                total = sums.setdefault(span.line, [0, 0])
                total[0] += span.produced
                total[1] += span.rejected
    return sums


def test_p1_kills_and_an_absent_server_lose_and_double_nothing(
    tmp_path: Path, aws: Emulator, chance: random.Random
) -> None:
    bucket = "sicfar-opcua-kill"
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    plant = OpcUaPlant(MACHINES)
    plant.start()
    page = free_port()
    gateway = GatewayProcess(tmp_path, configuration(tmp_path, bucket, plant, page), aws.environment())
    spool = tmp_path / "spool"
    making = Making(plant)
    reasons: list[list[str]] = []

    def health() -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/saude", timeout=LAST_RESORT_S) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            reasons.append(json.load(error)["motivos"])
            return error.code
        except OSError:
            return 0

    try:
        gateway.start()
        # Counting begins when every counter has its baseline: what was made before is nobody's.
        until(lambda: known_lines(spool) >= set(plant.machines), "baselines", alive=gateway.running)
        making.start()
        until(lambda: health() == 200, "healthy", alive=gateway.running)
        for _ in range(5):
            time.sleep(chance.uniform(0.2, 2.5))
            gateway.kill()
            gateway.start()
        plant.go_away()
        until(lambda: health() == 503, "red while the machine is away", alive=gateway.running)
        assert reasons[-1]
        plant.come_back()
        until(lambda: health() == 200, "healthy again by itself", state=lambda: reasons, alive=gateway.running)
        making.end()
        until(
            lambda: uploaded(aws, bucket) == making.made,
            "what was made is what arrived",
            state=lambda: uploaded(aws, bucket),
            alive=gateway.running,
            pause_s=0.2,
        )
        gateway.stop()
        assert uploaded(aws, bucket) == making.made
        assert plant.attempts == []
    finally:
        making.ended.set()
        gateway.kill()
        plant.stop()
