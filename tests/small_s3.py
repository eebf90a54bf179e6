"""A small S3 for a gateway process under test: keeps what it is given, once a key; and what such tests need besides."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from edge_gateway.status import NoSpoolError, read_status
from local.processes import LOOPBACK
from local.waiting import LAST_RESORT_S
from sicfar.batch import Batch, BatchKey, read_batch


class S3(ThreadingHTTPServer):
    """Takes an object once; not there until it is started."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.objects: dict[str, bytes] = {}
        self.read: dict[str, Batch] = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def batches(self) -> list[Batch]:
        """All batches, by época and sequence."""
        for key, body in list(self.objects.items()):
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
        assert not batch.unreadable
        for line, sums in batch.tally.lines.items():
            counts[line] += sum(produced for produced, _ in sums.seconds.values())
        for span in batch.tally.spans:
            assert "implausivel" not in span.flags
            counts[span.line] += span.produced
    return counts


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: S3

    def do_PUT(self) -> None:
        key = self.path.split("/", 2)[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.server.objects.setdefault(key, body)
        assert known == body
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def known_lines(spool: Path) -> set[str]:
    """The lines whose counters a gateway has read at least once: what they make from then on is counted."""
    try:
        return {line.linha_id for line in read_status(spool).linhas if line.contador is not None}
    except NoSpoolError:  # not there yet, or there and without its tables
        return set()


def unsent(spool: Path) -> int:
    """How many records wait in the spool."""
    try:
        status = read_status(spool)
    except NoSpoolError:
        return 0
    return status.registros_pendentes + status.registros_selados


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
