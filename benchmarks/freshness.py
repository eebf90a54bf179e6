"""From a line in a TXT file to a committed total: simulated plant, real gateway, deployed template, PostgreSQL.

A line begins to wait the moment its last byte is written to its file. It is fresh the moment a second connection to
the database, asking every 20 ms, sees the batch that holds it in the ledger: the ledger's row and the order's total
are one transaction. Which batch holds it is read from the batches in the bucket, record by record. So every single
line is followed, both instants are taken on one clock, and each wait is measured a little too long, never too short.
"""

import bisect
import gzip
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import psutil
import psycopg

from benchmarks.figures import block, share, table
from local.demo.orders import Order, programme
from local.simulators.plant import ALIASES, LINES, PLANT_TZ, RECORDS_PER_SECOND, Plant
from local.stack.cloud import ROOT
from local.stack.emulator import REGION
from local.stack.gateway import GatewayProcess
from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator

GATEWAY = "farmace-spep"
LOG_GROUP = "/aws/lambda/sicfar-local-txt-parser"
INVOKED = "arquivos processados"  # what the parser says once an invocation
POLL_SECONDS = 0.02
WARM_UP_SECONDS = 5.0
DRAIN_SECONDS = 30.0

Line = tuple[str, int]
"""A line in a file: linha_id and its instant, ms since the epoch. A sensor reports four times a second at most."""


class TimedPlant(Plant):
    """The simulated plant, noting when each of its files had grown how far."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.grown: dict[str, list[tuple[int, float]]] = {}
        """File → (its size, when the writing of its last bytes began), growing."""

    def stop(self) -> None:
        """End; the rest that is written now counts as well."""
        begun = time.time()
        super().stop()
        for name in self._held:
            self._note(name, begun)

    def _write(self, name: str, new: bytes) -> None:
        begun = time.time()
        super()._write(name, new)
        self._note(name, begun)

    def _note(self, name: str, begun: float) -> None:
        path = self.folder / name
        self.grown.setdefault(name, []).append((path.stat().st_size if path.exists() else 0, begun))

    def written(self) -> Iterator[tuple[Line, float]]:
        """Each complete line and when its last byte was written."""
        for name, grown in self.grown.items():
            end = 0
            for text in (self.folder / name).read_bytes().splitlines(keepends=True):
                end += len(text)
                at, sensor, _ = text.decode().split(",", 2)
                yield (ALIASES.get(sensor, sensor), _ms(at)), grown[bisect.bisect_left(grown, (end, 0.0))][1]


class Ledger(threading.Thread):
    """Looks into the ledger of files every 20 ms; `seen` is when each file was first found committed."""

    def __init__(self, database_url: str) -> None:
        super().__init__(name="ledger", daemon=True)
        self.seen: dict[str, float] = {}
        self._over = threading.Event()
        self._connection = psycopg.connect(database_url, autocommit=True)

    def run(self) -> None:
        """Until `stop`."""
        # Ids are given out before the commit, so that a later one may be seen earlier: look back a little.
        query = "select id, chave from arquivos_ingeridos where id > %s and situacao = 'APLICADO'"
        last = 0
        while not self._over.wait(POLL_SECONDS):
            rows = self._connection.execute(query, (last - 50,)).fetchall()
            now = time.time()
            for number, key in rows:
                last = max(last, number)
                self.seen.setdefault(key, now)

    def stop(self) -> None:
        """End."""
        self._over.set()
        self.join()
        self._connection.close()


@dataclass(slots=True)
class Measured:
    """What a run showed; seconds."""

    waits: list[float] = field(default_factory=list)
    """Line written → its total committed."""
    uploads: list[float] = field(default_factory=list)
    """Upload begun → its totals committed, by batch in their order; the parser's cold start is in the first one."""
    batches: int = 0
    calls: int = 0
    invocations: int = 0
    cpu: float = 0.0
    """The gateway's share of one core."""
    rss: list[int] = field(default_factory=list)


def run(seconds: int) -> str:
    """Let the plant run so long; the report."""
    with (
        tempfile.TemporaryDirectory(prefix="sicfar-bench-") as folder,
        Stack(Path(folder) / "stack", build_dir=ROOT / ".aws-sam" / "build") as stack,
    ):
        measured = _measure(stack, Path(folder), seconds)
    rows = [
        ("line written → total committed", *_spread(measured.waits, 1, "s"), "p99 < 5.5 s"),
        ("upload begun → total committed", *_spread(measured.uploads[1:], 1000, "ms"), "≤ 100 ms"),
    ]
    mean, most = sum(measured.rss) / len(measured.rss) / 2**20, max(measured.rss) / 2**20
    others = [
        ("database calls a parser invocation", f"{measured.calls / measured.invocations:.2f}", "1"),
        ("database calls a batch", f"{measured.calls / measured.batches:.2f}", "≤ 1"),
        ("first upload → total, with the parser's cold start", f"{measured.uploads[0] * 1000:.0f} ms", ""),
        ("gateway, share of one core", f"{measured.cpu:.1%}", ""),
        ("gateway, resident memory, mean (largest)", f"{mean:.0f} ({most:.0f}) MiB", ""),
    ]
    said = (
        f"{len(LINES)} lines × {RECORDS_PER_SECOND} records/s for {seconds} s: {len(measured.waits):,} lines of text,"
        f" each followed into one of {measured.batches} batches, sealed every 5 s;"
        f" {measured.invocations} parser invocations."
    )
    return block(
        "freshness",
        [said],
        table(("way", "p50", "p99", "max", "goal"), rows),
        table(("cost", "figure", "goal"), others),
    )


def _measure(stack: Stack, folder: Path, seconds: int) -> Measured:
    begun = datetime.now(UTC).replace(microsecond=0)
    with psycopg.connect(stack.database.url, autocommit=True) as database:
        database.execute("alter system set track_functions = 'pl'")
        database.execute("select pg_reload_conf()")
        _prepare(stack, begun)
        plant = TimedPlant(folder / "ftp")
        gateway = _gateway(stack, folder, plant)
        ledger = Ledger(stack.database.url)
        measured = Measured()
        ledger.start()
        try:
            plant.start()
            gateway.start()
            _watch_gateway(measured, seconds)
            plant.stop()
            _drain(database, plant)
        finally:
            gateway.stop()
            ledger.stop()
        time.sleep(1.5)  # a session reports its function calls once it has been idle for a second
        _follow(stack, plant, ledger, gateway.log, measured)
        calls = "select calls from pg_stat_user_functions where funcname = 'registrar_contagens'"
        (measured.calls,) = database.execute(calls).fetchone() or (0,)
    measured.invocations = _invocations(stack)
    return measured


def _prepare(stack: Stack, begun: datetime) -> None:
    """Master data as in the demonstration, and an order open on every line that has one."""
    first: dict[str, Order] = {}
    for order in programme(begun.date()):
        first.setdefault(order.linha_id, order)
    lines = [line.line for line in LINES]
    orders = [first[line] for line in lines if line in first]
    since = (begun - timedelta(minutes=1)).isoformat()
    with psycopg.connect(stack.database.url) as connection:
        for order in orders:
            connection.execute(
                "insert into produtos (produto_codigo, descricao) values (%s, %s) on conflict do nothing",
                (order.produto_codigo, order.descricao),
            )
            connection.execute(
                "insert into lotes_producao (numero_op, numero_lote, linha_id, produto_codigo, quantidade_planejada)"
                " values (%s, %s, %s, %s, %s)",
                (order.numero_op, order.numero_lote, order.linha_id, order.produto_codigo, order.quantidade_planejada),
            )
        connection.execute("insert into gateways (gateway) values (%s)", (GATEWAY,))
        connection.cursor().executemany(
            "insert into fontes_linha (linha_id, fonte, de) values (%s, %s, %s)",
            [(line, GATEWAY, since) for line in lines],
        )
    token = create_operator(stack, "operador@planta.example", "OPERADOR", "SPEP")
    operator = as_person(stack.supabase, token)
    for order in orders:
        arguments = {"p_numero_op": order.numero_op, "p_linha_id": order.linha_id, "p_aberta_em": since}
        operator.rpc("abrir_ordem", arguments).execute()


def _gateway(stack: Stack, folder: Path, plant: Plant) -> GatewayProcess:
    bucket = stack.deployment.outputs["BucketName"]
    config = {
        "gateway": {"id": GATEWAY, "bucket": bucket, "spool": str(folder / "gateway" / "spool"), "seal_seconds": 5},
        "clps": {"keyence": {"protocol": "file", "path": str(plant.folder), "aliases": ALIASES}},
    }
    return GatewayProcess(folder / "gateway", config, stack.aws.environment())


def _watch_gateway(measured: Measured, seconds: int) -> None:
    """Let it run; its CPU time and memory once it has started."""
    (process,) = [child for child in psutil.Process().children() if "edge_gateway" in child.cmdline()]
    time.sleep(min(WARM_UP_SECONDS, seconds / 2))
    before, begun = sum(process.cpu_times()[:2]), time.monotonic()
    end = begun + seconds - min(WARM_UP_SECONDS, seconds / 2)
    while time.monotonic() < end:
        time.sleep(1)
        measured.rss.append(process.memory_info().rss)
    measured.cpu = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begun)


def _drain(database: psycopg.Connection, plant: Plant) -> None:
    """Wait until the database holds what every machine counted; a figure about wrong totals would be none."""
    expected = {line.line: plant.truth.total(line.line) for line in LINES}
    query = "select linha_id, recebido_producao, recebido_rejeicao from conservacao_linhas where linha_id = any(%s)"
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        found = {line: (made, bad) for line, made, bad in database.execute(query, (list(expected),)).fetchall()}
        if found == expected:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the database counted {found}, the machines {expected}")
        time.sleep(0.2)


def _follow(stack: Stack, plant: TimedPlant, ledger: Ledger, log: Path, measured: Measured) -> None:
    """Join what was written, what was uploaded and what was committed."""
    held = {line: key for key in ledger.seen for line in _lines_of(stack, key)}
    measured.waits = [ledger.seen[held[line]] - written for line, written in plant.written()]
    with log.open(encoding="utf-8") as lines:
        sent = [entry for entry in map(json.loads, lines) if entry["event"] == "uploaded"]
    measured.uploads = [
        ledger.seen[entry["key"]] - (datetime.fromisoformat(entry["ts"]).timestamp() - entry["ms"] / 1000)
        for entry in sent
        if entry["key"] in ledger.seen
    ]
    measured.batches = len(ledger.seen)


def _lines_of(stack: Stack, key: str) -> Iterator[Line]:
    body = stack.aws.s3.get_object(Bucket=stack.deployment.outputs["BucketName"], Key=key)["Body"].read()
    for text in gzip.decompress(body).decode().splitlines():
        if not text.startswith(("#", "timestamp,")):
            at, line, _ = text.split(",", 2)
            yield line, _ms(at)


def _invocations(stack: Stack) -> int:
    logs = boto3.client(
        "logs",
        endpoint_url=stack.aws.endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
    )
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=LOG_GROUP)
    said = (event["message"] for page in pages for event in page["events"] if INVOKED in event["message"])
    # The bucket's own test event brings no file and needs no call.
    return sum(bool(json.loads(message[message.index("{") :])["arquivos"]) for message in said)


def _ms(stamp: str) -> int:
    at = datetime.fromisoformat(stamp)
    return round((at if at.tzinfo else at.replace(tzinfo=PLANT_TZ)).timestamp() * 1000)


def _spread(values: list[float], scale: int, unit: str) -> tuple[str, str, str]:
    digits = 2 if scale == 1 else 0
    p50, p99, most = (f"{share(values, part) * scale:.{digits}f} {unit}" for part in (0.5, 0.99, 1))
    return p50, p99, most
