"""Many parsers at once on the same lines, while orders change: what waiting for each other costs.

Every worker has a connection of its own and delivers live batches of five seconds, each call one durable transaction,
straight to PostgreSQL. *Same lines*: all batches are of the same ten lines, so that every call waits for every other.
*Other lines*: each worker has lines of its own; what is left is the machine. Meanwhile a supervisor opens and closes
orders on one of the lines without a pause. The run counts only if every batch counted once.
"""

import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from benchmarks.figures import block, share, table
from local.stack.database import T0, Database, batch
from local.stack.run_folder import temporary_folder
from local.stack.stack import Stack

WORKERS = (1, 4, 16)
LINES = 10
SECONDS = 5


class Case:
    """A plant of its own: so many gateways of ten lines each, an order, a supervisor."""

    def __init__(self, url: str, number: int, gateways: int) -> None:
        self._url = url
        self._db = Database(url)
        self._lines = [[f"BENCH-{number}-{gateway}-{n}" for n in range(LINES)] for gateway in range(gateways)]
        self._gateways = [f"bench-{number}-{gateway}" for gateway in range(gateways)]
        self._op = f"{number:06}"
        insert = "insert into linhas (linha_id, nome, setor, etapa) values (%s, %s, 'SPEP', 'ENVASE')"
        for gateway, lines in zip(self._gateways, self._lines, strict=True):
            for line in lines:
                self._db.sql(insert, line, line)
            self._db.gateway(gateway, *lines)
        self._db.lot(self._op)
        self._person = self._db.person("GESTOR")
        self._over = threading.Event()

    def measure(self, calls: int, workers: int) -> list[str]:
        """Deliver `calls` batches with so many workers; the row of the report. RuntimeError unless all counted once."""
        messages = [self._message(n) for n in range(calls)]
        before = self._deadlocks()
        with ThreadPoolExecutor(workers + 1) as pool:
            supervising = pool.submit(self._supervise)
            begun = time.perf_counter()
            delivering = [pool.submit(self._deliver, messages[worker::workers]) for worker in range(workers)]
            deliveries = [took for delivery in delivering for took in delivery.result()]
            seconds = time.perf_counter() - begun
            self._over.set()
            orders = supervising.result()
        parts = ("atribuido", "sem_ordem")
        counted = sum(self._db.balance(line)[part][0] for part in parts for lines in self._lines for line in lines)
        if counted != calls * LINES * SECONDS:
            raise RuntimeError(f"{counted} counted, {calls * LINES * SECONDS} delivered")
        time.sleep(1)  # PostgreSQL's statistics are told once a second
        deadlocks = self._deadlocks() - before
        self._db.close()
        spreads = [f"{share(deliveries, part) * 1000:.1f}" for part in (0.5, 0.99, 1)]
        spreads += [f"{share(orders, part) * 1000:.1f}" for part in (0.5, 1)]
        return [f"{calls / seconds:.0f}", *spreads, str(deadlocks)]

    def _message(self, number: int) -> str:
        seq, gateway = divmod(number, len(self._gateways))
        first = T0 + SECONDS * number
        cells = {line: {first + second: (1, 0) for second in range(SECONDS)} for line in self._lines[gateway]}
        marks = [(line, first + SECONDS) for line in self._lines[gateway]]
        return json.dumps([batch(seq + 1, cells, gateway=self._gateways[gateway], marks=marks)])

    def _deliver(self, messages: list[str]) -> list[float]:
        took = []
        with psycopg.connect(self._url, autocommit=True) as connection:
            for text in messages:
                begun = time.perf_counter()
                row = connection.execute("select public.registrar_contagens(%s::jsonb)", (text,)).fetchone()
                took.append(time.perf_counter() - begun)
                if row is None or row[0][0]["situacao"] != "APLICADO":
                    raise RuntimeError(f"not applied: {row}")
        return took

    def _supervise(self) -> list[float]:
        took = []
        own = Database(self._url)
        for turn in itertools.count(1):
            if self._over.is_set():
                break
            begun = time.perf_counter()
            (own.open if turn % 2 else own.shut)(self._person, self._op, self._lines[0][0], T0 + 60 * turn)
            took.append(time.perf_counter() - begun)
        own.close()
        return took

    def _deadlocks(self) -> int:
        return int(self._db.one("select deadlocks from pg_stat_database where datname = current_database()"))


def run(calls: int) -> str:
    """Measure every number of workers with `calls` batches in all; the report."""
    rows = []
    with temporary_folder() as folder:
        stack = Stack(folder / "run")
        stack.begin()
        try:
            stack.start_supabase()
            names = itertools.count(1)
            for way in ("same lines", "other lines"):
                for workers in WORKERS:
                    case = Case(stack.database.url, next(names), workers if way == "other lines" else 1)
                    rows.append((f"{way}, {workers}", *case.measure(calls, workers)))
        finally:
            stack.down()
    head = ("workers", "batches/s", "p50 ms", "p99", "max", "order: p50 ms", "max", "deadlocks")
    return block("Contention: `contention`", [f"{calls} batches in each case."], table(head, rows))
