"""CPU time of a live batch of 37 lines: function, Supabase's API, PostgreSQL, and all of it; before and now.

Each version has a PostgreSQL with a day of history, a Supabase Lite on it, and a process of its own that does what the
parser does with an object's bytes, by that version's code. Both get the same batches in turns. What the runtime adds
(boto3, Powertools) is not in it; Supabase Lite stands where hosted Supabase has PostgREST.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil
import psycopg

from benchmarks import recording
from benchmarks.figures import block, table
from local.stack import postgres, supabase_lite
from local.stack.cloud import ROOT
from local.stack.run_folder import temporary_run

LINES = 37
DAY = 86_400
WARM_UP = 30
TURN = 10
"""Batches one version gets before it is the other's turn."""

_PARTS = ("function", "API (Supabase Lite)", "PostgreSQL")

_PARSER = """
import base64, json, sys, time
from datetime import UTC, datetime
from sicfar.aws.notifications import ObjectRef
from sicfar.counts.batch import read_batch
from sicfar.counts.keys import BatchKey
from sicfar.database import supabase
from sicfar.ingest.entries import batch_entry
client = supabase.connect(*sys.argv[1:])
for line in sys.stdin:
    key, sha256, body = json.loads(line)
    body = base64.b64decode(body)
    ref = ObjectRef("bench", key, None, len(body), datetime.now(UTC))
    begun = time.process_time()
    batch = read_batch(BatchKey.parse(key), [body])
    answers = supabase.registrar_contagens(client, [batch_entry(ref, sha256, batch, arrived_at=None).json])
    print(json.dumps([time.process_time() - begun, answers[0].situation]), flush=True)
"""


def run(calls: int, before: str | None) -> str:
    """Measure so many batches of each version; `before` is another checkout of the product. The report."""
    roots = [ROOT] if before is None else [Path(before).resolve(), ROOT]
    with ExitStack() as stack:
        versions = [stack.enter_context(_running(root)) for root in roots]
        for version in versions:
            version.record(WARM_UP)
        spent: list[list[Sequence[float]]] = [[] for _ in versions]
        for _ in range(calls // TURN):
            for version, costs in zip(versions, spent, strict=True):
                began = version.cpu_s()
                version.record(TURN)
                costs.append([(now - then) * 1000 / TURN for then, now in zip(began, version.cpu_s(), strict=True)])
    typical = [[statistics.median(part) for part in zip(*costs, strict=True)] for costs in spent]
    rows = [_row(part, [parts[n] for parts in typical]) for n, part in enumerate(_PARTS)]
    rows.append(_row("function and PostgreSQL", [statistics.median(f + p for f, _, p in costs) for costs in spent]))
    rows.append(_row("all of it", [statistics.median(map(sum, costs)) for costs in spent]))
    head = ["CPU of a live batch, ms", *(["before"] if before else []), "now", *(["before : now"] if before else [])]
    said = [
        f"Before: {before or 'nothing'}. {calls} batches of {LINES} lines × 5 s of each version, in turns of {TURN}."
    ]
    return block("live_batch", said, table(head, rows))


def _row(name: str, costs: Sequence[float]) -> tuple[str, ...]:
    ratio = [f"{costs[0] / costs[-1]:.2f} ×"] if len(costs) > 1 else []
    return (name, *(f"{cost:.1f}" for cost in costs), *ratio)


@contextmanager
def _running(root: Path) -> Iterator["_Version"]:
    with temporary_run() as folder:
        database = postgres.start(folder)
        served = supabase_lite.start(folder, database, root / "supabase" / "migrations")
        (api,) = (part.pid for part in folder.parts if part.name == "supabase-lite")
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute(recording.SETUP.encode())
            (lines,) = connection.execute("select array_agg(linha_id order by linha_id) from linhas").fetchone() or (
                [],
            )
            gateway = recording.lay(connection, lines, datetime(2024, 3, 1, tzinfo=UTC), DAY, lines_a_file=LINES)
        environment = {
            **os.environ,
            "PYTHONPATH": str(root / "layers" / "sicfar"),
            "PYDANTIC_DISABLE_PLUGINS": "__all__",
        }
        command = [sys.executable, "-c", _PARSER, served.url, served.secret_key]
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as parser:
            if parser.stdin is None or parser.stdout is None:
                raise RuntimeError("the parser has no pipes")
            try:
                yield _Version(gateway, database.url, api, parser.stdin, parser.stdout)
            finally:
                parser.kill()


class _Version:
    """One version at work."""

    def __init__(self, gateway: recording.Gateway, database: str, api: int, asked: IO[str], answered: IO[str]) -> None:
        self._gateway, self._database, self._asked, self._answered = gateway, database, asked, answered
        self._api = api
        self._function_s = 0.0

    def record(self, calls: int) -> None:
        """So many batches, one after the other."""
        for _ in range(calls):
            sealed = self._gateway.sealed(LINES)
            print(
                json.dumps([sealed.key, sealed.sha256, base64.b64encode(sealed.body).decode()]),
                file=self._asked,
                flush=True,
            )
            took, situation = json.loads(self._answered.readline())
            if situation != "APLICADO":
                raise RuntimeError(f"not applied: {situation}")
            self._function_s += took

    def cpu_s(self) -> tuple[float, float, float]:
        """CPU seconds so far of each part; of PostgreSQL the processes that serve the API."""
        with psycopg.connect(self._database) as database:
            rows = database.execute(
                "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
            ).fetchall()
        return self._function_s, _cpu_s(self._api), sum(_cpu_s(pid) for (pid,) in rows)


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
