"""For tests of a gateway process: what it uploads, and what such tests need besides."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from edge_gateway.spool.status import NoSpoolError, read_status
from local.processes import LOOPBACK
from local.simulators.s3 import Served
from local.waiting import LAST_RESORT_S
from sicfar.counts.batch import Batch, read_batch
from sicfar.counts.keys import BatchKey


class S3(Served):
    """What a gateway uploads, read."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.read: dict[str, Batch] = {}

    def batches(self) -> list[Batch]:
        """All batches, by época and sequence."""
        for key, body in self.bodies().items():
            if key not in self.read:
                self.read[key] = read_batch(BatchKey.parse(key), [body])
        return sorted(self.read.values(), key=lambda batch: (batch.key.epoch, batch.key.seq))

    def counts(self) -> tuple[Counter[str], list[int], int]:
        """What was made per line, the sequences, and how many increments span time."""
        batches = self.batches()
        return made(batches), [batch.key.seq for batch in batches], sum(len(batch.tally.spans) for batch in batches)


def made(batches: Iterable[Batch]) -> Counter[str]:
    """What they say was made per line; nothing may be unreadable or held."""
    counts: Counter[str] = Counter()
    for batch in batches:
        assert not batch.tally.problems
        assert not batch.unreadable, batch.unreadable
        for line, sums in batch.tally.lines.items():
            counts[line] += sum(produced for produced, _ in sums.seconds.values())
        for span in batch.tally.spans:
            assert "implausivel" not in span.flags
            counts[span.line] += span.produced
    return counts


def known_lines(spool: Path) -> set[str]:
    """The lines whose counters a gateway has read at least once: what they make from then on is counted."""
    try:
        return {line.line_id for line in read_status(spool).lines if line.counter is not None}
    except NoSpoolError:  # not there yet, or there and without its tables
        return set()


def unsent(spool: Path) -> int:
    """How many records wait in the spool."""
    try:
        status = read_status(spool)
    except NoSpoolError:
        return 0
    return status.pending_records + status.sealed_records


def environment(port: int) -> dict[str, str]:
    """The variables with which a gateway talks to the S3 at this port, which may not be there yet."""
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def command(config: Path, *words: str) -> tuple[int, str]:
    told = subprocess.run(
        [sys.executable, "-m", "edge_gateway", *words, "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=LAST_RESORT_S,
        check=False,
    )
    return told.returncode, told.stdout
