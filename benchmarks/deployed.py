"""The template deployed on the embedded stack, a gateway that owns the plant's lines, and what each process spends.

CPU time is read from the processes themselves (``/proc``): other work on the machine makes a second of it dearer, and
adds none. The process that measures, and its own connection to PostgreSQL, are in no figure.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
from supabase import Client

from local.processes import Part
from local.stack.emulator import REGION
from local.stack.run_folder import temporary_folder
from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator
from local.waiting import until
from operations.audit.differences import Difference
from operations.audit.run import audit
from sicfar.counts.batch import Mark, Sealed, seal
from sicfar.counts.record import Record, format_record

GATEWAY = "farmace-spep"
_PRODUCT = "07010012"
_REPORT = re.compile(r"REPORT RequestId: \S+\tDuration: ([0-9.]+) ms\t.*Max Memory Used: ([0-9]+) MB")
_PARTS = {
    "postgres": "PostgreSQL",
    "supabase-lite": "Supabase Lite, in the place of Supabase's API",
    "emulator": "emulated AWS: S3, SQS, Lambda's own part",
}
"""What a part of the stack is called in a report; the others have no share in a count."""


@dataclass(slots=True)
class Spent:
    """CPU seconds so far and the largest resident memory in MB, by part; a function's part is its own name."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


class Meter:
    """What the stack's processes have spent. A function's process may end: it is looked at again and again."""

    def __init__(self, stack: Stack, ours: int) -> None:
        """``ours``: the pid of our own connection's server process."""
        self._parts = [part for part in stack.run.parts if part.name in _PARTS]
        self._functions = set(stack.deployment.functions.values())
        self._ours = ours
        self._seen: dict[tuple[int, float], tuple[str, float, int]] = {}

    def look(self) -> Spent:
        """So far."""
        spent = Spent()
        for part in self._parts:
            spent.cpu[_PARTS[part.name]] = self._part(part)
        for name, cpu, memory in self._seen.values():
            spent.cpu[name] = spent.cpu.get(name, 0) + cpu
            spent.memory[name] = max(spent.memory.get(name, 0), memory)
        return spent

    def _part(self, part: Part) -> float:
        main = psutil.Process(part.pid)
        own = main.cpu_times()
        total = own.user + own.system
        # The emulator's children are the functions; PostgreSQL's that ended have worked for it.
        if part.name != "emulator":
            total += own.children_user + own.children_system
        for child in main.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                used = child.cpu_times()
                cpu = used.user + used.system
                function = child.environ().get("AWS_LAMBDA_FUNCTION_NAME") if part.name == "emulator" else None
                if function in self._functions:
                    self._seen[child.pid, child.create_time()] = (function, cpu, _largest_mb(child.pid))
                elif child.pid != self._ours:
                    total += cpu
        return total


def _largest_mb(pid: int) -> int:
    with suppress(OSError, StopIteration):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) // 1024
    return 0


class Deployed:
    """A running stack with its gateway; what is put and counted."""

    def __init__(self, stack: Stack, begin: int) -> None:
        """``begin``: seconds since the epoch from which the gateway owns every line."""
        self.stack = stack
        self.bucket = stack.deployment.outputs["BucketName"]
        self._database = psycopg.connect(stack.database.url, autocommit=True)
        self.meter = Meter(stack, self._database.info.backend_pid)
        self._supervisor: Client = as_person(stack.supabase, create_operator(stack, "b@planta.example", "SUPERVISOR"))
        self._epoch = uuid.uuid4().hex
        self.sent: list[Sealed] = []
        self.made: dict[str, int] = {}
        self.at = begin
        """The next second to report."""
        since = datetime.fromtimestamp(begin - 60, UTC).isoformat()
        self._database.execute("insert into gateways (gateway) values (%s)", (GATEWAY,))
        self._database.execute(
            "insert into fontes_linha (linha_id, fonte, de) select linha_id, %s, %s from linhas", (GATEWAY, since)
        )
        self._database.execute("insert into produtos (produto_codigo) values (%s)", (_PRODUCT,))
        rows = self._database.execute("select linha_id from linhas order by linha_id").fetchall()
        self.lines: list[str] = [line for (line,) in rows]

    def close(self) -> None:
        """End the connection."""
        self._database.close()

    def open_orders(self, shift: int) -> None:
        """End the order of every line, if there is one, and open the next, as people do at the screens."""
        at = datetime.fromtimestamp(self.at, UTC).isoformat()
        for number, line in enumerate(self.lines):
            said = {"p_linha_id": line, "p_motivo": "troca de turno"}
            if shift:
                ended = {"p_numero_op": f"{number:03}{shift - 1:03}", "p_encerrada_em": at}
                self._supervisor.rpc("encerrar_ordem", {**said, **ended}).execute()
            op = f"{number:03}{shift:03}"
            self._database.execute(
                "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)"
                " values (%s, %s, %s, 100000)",
                (op, f"26K{op}", _PRODUCT),
            )
            self._supervisor.rpc("abrir_ordem", {**said, "p_numero_op": op, "p_aberta_em": at}).execute()

    def seal(self, lines: Iterable[str], seconds: int, per_second: int) -> Sealed:
        """The next batch: so many records a second of each of these lines, each of one count."""
        begin, self.at = self.at, self.at + seconds
        stamps = range(begin * 1000, self.at * 1000, 1000 // per_second)
        chosen = list(lines)
        batch = seal(
            gateway=GATEWAY,
            epoch=self._epoch,
            seq=len(self.sent) + 1,
            sealed_at=datetime.fromtimestamp(self.at, UTC),
            marks=[Mark(line, self.at * 1000, "ok") for line in chosen],
            lines=(format_record(Record(at, line, 1, int(at % 180_000 == 0))) for at in stamps for line in chosen),
            unreadable=[],
        )
        self.sent.append(batch)
        for line in chosen:
            self.made[line] = self.made.get(line, 0) + len(stamps)
        return batch

    def upload(self, batch: Sealed) -> None:
        """As a gateway does."""
        self.stack.aws.s3.put_object(Bucket=self.bucket, Key=batch.key, Body=batch.body, IfNoneMatch="*")

    def counted(self) -> int:
        """How many batches the ledger has, each once."""
        query = "select count(*) from arquivos_ingeridos where gateway = %s and situacao = 'APLICADO'"
        return int(self.one(query, GATEWAY))

    def one(self, query: str, *parameters: object) -> Any:  # noqa: ANN401 - whatever the query gives
        """The only value of the only row."""
        row = self._database.execute(query.encode(), parameters).fetchone()
        return row[0] if row else None

    def wait_for(self, batches: int) -> None:
        """Until so many batches are counted. Raises StalledError."""
        until(lambda: self.counted() >= batches, f"{batches} batches counted", state=self.counted, pause_s=0.2)

    def wait_for_last(self) -> None:
        """Until the batch sealed last is counted. Raises StalledError."""
        query = "select count(*) from arquivos_ingeridos where chave = %s and situacao = 'APLICADO'"
        key = self.sent[-1].key
        until(lambda: self.one(query, key), f"{key} counted", pause_s=0.01)

    def check(self, *, audited: bool) -> None:
        """Every count sent is counted once. ``audited``: also what ``sicfar auditar`` finds is nothing.

        Raises:
            RuntimeError: it is not so.
        """
        if (counted := self.counted()) != len(self.sent):
            raise RuntimeError(f"{len(self.sent)} batches were sent and {counted} are counted")
        query = "select jsonb_object_agg(linha_id, recebido_producao) from conservacao_linhas where linha_id = any(%s)"
        found = self.one(query, list(self.made))
        if found != self.made:
            raise RuntimeError(f"the machines made {self.made}, the database has {found}")
        if audited:
            lies: list[Difference] = []
            audit(self.stack.database.url, self.stack.aws.s3, self.bucket, lies.append, grace_s=0)
            if lies:
                raise RuntimeError(f"the audit found {len(lies)} differences; the first: {lies[0]}")

    def runs(self, function: str) -> list[tuple[float, int]]:
        """Milliseconds and MB of each run of a function, as the emulated Lambda reports them."""
        logs = boto3.client(
            "logs",
            endpoint_url=self.stack.aws.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
        )
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        found = (_REPORT.search(event["message"]) for page in pages for event in page["events"])
        return [(float(match[1]), int(match[2])) for match in found if match]


@contextmanager
def deployed(root: Path, begin: int) -> Iterator[Deployed]:
    """Deploy the template of a checkout, with its functions and its migrations, for the length of the block."""
    with temporary_folder() as folder:
        stack = Stack(
            folder / "run",
            template=root / "template.yaml",
            migrations=root / "supabase" / "migrations",
            build_dir=root / ".aws-sam" / "build",
        )
        with stack:
            made = Deployed(stack, begin)
            try:
                yield made
            finally:
                made.close()


def difference(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """What was spent in between."""
    return {name: spent - before.get(name, 0) for name, spent in now.items()}
