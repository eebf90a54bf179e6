"""What an end-to-end test has at hand: the deployed template, the plant's bucket, the database behind it, people."""

import json
import uuid
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from supabase import create_client

from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator
from local.waiting import until
from tests.support import queues
from tests.support.gateway import START, Gateway
from tests.support.recorder import Recorder
from tests.support.stack import started


class Plant:
    """The deployed system seen from the plant, and the database behind it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.s3 = stack.aws.s3
        self.sqs = stack.aws.sqs
        self.bucket = stack.deployment.outputs["BucketName"]
        self.queue = stack.deployment.outputs["TxtQueueUrl"]
        self.dlq = stack.deployment.outputs["TxtDlqUrl"]
        self.service = create_client(stack.supabase.url, stack.supabase.secret_key)
        self.supervisor = as_person(stack.supabase, create_operator(stack, "e2e@planta.example", "SUPERVISOR"))
        self.manager = as_person(stack.supabase, create_operator(stack, "e2e-gestor@planta.example", "GESTOR"))
        self._database = psycopg.connect(stack.database.url, autocommit=True, row_factory=dict_row)
        self._ops = 0
        self.unrecorded: set[str] = set()
        """Keys of objects that a test put into the bucket and the database is never to know."""

    def close(self) -> None:
        self._database.close()

    def sql(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        return self._database.execute(query, parameters).fetchall()

    def sql_do(self, statement: str) -> None:
        self._database.execute(statement.encode())

    def gateway(self, line: str) -> Gateway:
        """A new gateway that owns `line` from before the story begins."""
        name = f"teste-{uuid.uuid4().hex[:8]}"
        self._database.execute("insert into gateways (gateway) values (%s)", (name,))
        self.owns(line, name)
        return Gateway(self.s3, self.bucket, name, line)

    def owns(self, line: str, source: str) -> None:
        since = (START - timedelta(days=1)).isoformat()
        self._database.execute(
            "insert into fontes_linha (linha_id, fonte, de) values (%s, %s, %s)", (line, source, since)
        )

    def open_order(self, line: str, at: datetime = START) -> str:
        self._ops += 1
        op = f"0{self._ops:05}"
        self._database.execute(
            "insert into produtos (produto_codigo, descricao) values ('07010012', 'SOL. CLORETO DE SODIO 0,9%')"
            " on conflict do nothing"
        )
        self._database.execute(
            "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)"
            " values (%s, %s, '07010012', 1000)",
            (op, f"26C{op}"),
        )
        arguments = {
            "p_numero_op": op,
            "p_linha_id": line,
            "p_aberta_em": at.isoformat(),
            "p_motivo": "roteiro de teste",
        }
        self.supervisor.rpc("abrir_ordem", arguments).execute()
        return op

    def close_order(self, op: str, line: str, at: datetime) -> None:
        arguments = {
            "p_numero_op": op,
            "p_linha_id": line,
            "p_encerrada_em": at.isoformat(),
            "p_motivo": "roteiro de teste",
        }
        self.supervisor.rpc("encerrar_ordem", arguments).execute()

    def sign(self, line: str, why: str | None = None) -> dict[str, Any]:
        """Sign the shift START lies in."""
        arguments = {"p_linha_id": line, "p_data": "2026-03-15", "p_turno": "D1", "p_motivo": why}
        answer: Any = self.supervisor.rpc("assinar_diario", arguments).execute().data
        return dict(answer)

    def wake(self, secret: str | None = None) -> httpx.Response:
        """What a screen's server does when somebody signed."""
        return self.stack.wake_closing(secret)

    def reports(self, op: str) -> list[dict[str, Any]]:
        return self.sql("select * from envios_totvs where numero_op = %s order by ordem", op)

    def states(self, op: str) -> list[str]:
        return [report["situacao"] for report in self.reports(op)]

    def status(self, op: str) -> str:
        (lot,) = self.sql("select status from lotes_producao where numero_op = %s", op)
        return str(lot["status"])

    def booked(self, op: str) -> list[tuple[str, int | None]]:
        """What TOTVS took in for an order: operation and good units."""
        taken = [one for one in self.stack.totvs.booked() if one["numero_op"] == op]
        return [(one["operacao"], one.get("boas")) for one in taken]

    def decide(self, function: str, **arguments: object) -> Any:
        return self.manager.rpc(function, arguments).execute().data

    def total(self, op: str) -> tuple[int, int]:
        """Units made and rejected of an order, as a screen reads them; (0, 0) before the first count."""
        query = "select producao_acumulada p, rejeicao_acumulada r from ordens_producao_ativas where numero_op = %s"
        rows = self.sql(query, op)
        return (rows[0]["p"], rows[0]["r"]) if rows else (0, 0)

    def quarantine(self, key: str) -> list[dict[str, Any]]:
        return self.sql("select * from quarentena where chave = %s order by id", key)

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def announce(self, *keys: str) -> None:
        """Send by hand what S3 sends by itself."""
        records = [
            {
                "eventName": "ObjectCreated:Put",
                "eventTime": "2026-03-15T11:15:06Z",
                "s3": {"bucket": {"name": self.bucket}, "object": {"key": key, "size": 1}},
            }
            for key in keys
        ]
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=json.dumps({"Records": records}))

    def idle(self) -> bool:
        """Whether the parser's queue holds nothing at all, visible, in work or delayed."""
        return queues.idle(self.sqs, self.queue)

    def dead_letters(self) -> list[dict[str, Any]]:
        received = self.sqs.receive_message(
            QueueUrl=self.dlq, MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=1
        )
        return list(received.get("Messages", []))  # type: ignore[arg-type]

    def invoke(self, output: str, **event: object) -> dict[str, Any]:
        """Call a function by the output that names it, as the schedule or a person does."""
        return self.stack.invoke(output, **event)


JUDGES_ALL = "test_p9_no_role_allows_what_no_call_of_the_whole_run_used"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What judges a whole run is part of a whole run only: a part of the tests does not use every permission."""
    chosen = {item.path for item in items}
    if chosen < set(Path(__file__).parent.glob("test_*.py")) or config.getoption("keyword"):
        left_out = [item for item in items if item.name == JUDGES_ALL]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show beside a failed test which runs of functions the emulator lost: its log is deleted with the stack."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and stack is not None:
        told = (line for line in stack.run.logged("emulator") if not line.startswith("{"))  # not what functions log
        lost = [line for line in told if "failed processing" in line or "timed out" in line]
        report.sections.append(("runs of functions that broke off", "\n".join(lost[-10:]) or "none"))
    return report


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One of their own: the audit at their end looks at all that was ever put into it."""
    with started(cloud=True) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def recorder(stack: Stack) -> Iterator[Recorder]:
    """Every call the functions make to AWS, from the first on."""
    with Recorder(stack) as made:
        yield made


@pytest.fixture(scope="session")
def plant(stack: Stack):
    made = Plant(stack)
    yield made
    made.close()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until a condition is what is expected; fails with what it last was.

    Looks take the cores that should bring it about. One that calls a function of the template takes most: it asks for a
    longer `pause_s`.
    """

    def wait(condition: Callable[[], Any], expected: Any = True, pause_s: float = 0.2) -> None:
        seen: list[Any] = []

        def come() -> bool:
            seen[:] = [condition()]
            return bool(seen[0] == expected)

        until(come, f"{expected!r}", state=lambda: seen[0], pause_s=pause_s)

    return wait
