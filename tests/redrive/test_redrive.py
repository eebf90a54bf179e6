"""The console's *Start DLQ redrive*, and what `sicfar dlq` does, on an SQS that moves messages itself.

The letters are announcements that the product's parser (`Intake`, `FailedMessages`) takes from the queue while they are
moved, and counts in a real PostgreSQL. Half of them were counted before they died: the consumer's process ended after
the commit and before the deletion. Whoever sends them back, and however often, each is counted once.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local import waiting
from local.stack.database import T0, Database, Rpc
from operations.dead_letters import Run, move_whole_queues
from sicfar.aws.identity import Caller
from sicfar.dead_letters.command import Action, Command
from sicfar.dead_letters.run import DeadLetters, Invocation
from sicfar.ingest.intake import Intake, Message
from tests.redrive.conftest import LocalSqs
from tests.support.bucket import BUCKET, Bucket, Gateway, emulated_s3, record

LINE, OP = "SPEP-ENV-A", "000123"
BATCHES = 12
UNITS = 8
"""Of one count of this line."""
ARN = "arn:aws:sts::123456789012:assumed-role/ti/ana"
WEEKS_S = 13 * 86_400.0


@dataclass
class Site:
    """One queue with its dead letters, a database, and the bucket whose objects the messages announce."""

    sqs: Any
    db: Database
    s3: Any
    queue: str
    dlq: str
    now: Callable[[], float]

    def count(self, url: str) -> int:
        """Visible, in work and delayed messages."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in found.items() if name.startswith("ApproximateNumberOfMessages"))

    def total(self) -> int:
        """How often the machine counted, as the order's total says."""
        units = self.db.one("select producao_acumulada from ordens_producao_ativas where numero_op = %s", OP) or 0
        return units // UNITS

    def die(self, counted: bool = False) -> None:
        """Every message in the queue is received until SQS moves it to the dead letters, as by a consumer that crashes;
        if `counted`, every second one after its commit."""
        intake = Intake(self.s3, Rpc(self.db))  # type: ignore[arg-type]
        seen: dict[str, int] = {}
        while self.count(self.queue):
            received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=60)
            for one in received.get("Messages", []):
                if counted and one["MessageId"] not in seen and len(seen) % 2:
                    assert intake.process([Message("m", one["Body"], 0)]).failures == {}
                seen[one["MessageId"]] = 1
                self.sqs.change_message_visibility(
                    QueueUrl=self.queue, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0
                )

    def dead(self) -> int:
        return self.count(self.dlq)


@pytest.fixture
def site(db: Database, local_sqs: LocalSqs, request: Any) -> Iterator[Site]:
    local_sqs.ahead(0)
    name = f"sicfar-local-txt-{abs(hash(request.node.name))}"
    sqs = local_sqs.client
    dlq = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    queue = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    db.gateway("planta-1", LINE)
    db.lot(OP)
    db.open(db.person(), OP, LINE, T0)
    with emulated_s3() as s3:
        bucket, gateway = Bucket(s3, db), Gateway("planta-1")
        for n in range(BATCHES):
            announced = bucket.upload(gateway.seal([record(LINE, n + 1, 1)]))
            event = {
                "eventName": "ObjectCreated:Put",
                "eventTime": "2026-03-15T12:00:00Z",
                "s3": {"bucket": {"name": BUCKET}, "object": announced},
            }
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [event]}))
        yield Site(sqs, db, s3, queue, dlq, local_sqs.now)


class Consumer:
    """The parser, taking messages from the queue on a thread of its own, with a connection of its own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._database = Database(site.db.url)
        self._thread = threading.Thread(target=self._work)
        self.taken = 0
        self.failed: list[object] = []

    def __enter__(self) -> "Consumer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._database.close()

    def _work(self) -> None:
        intake = Intake(self._site.s3, Rpc(self._database))  # type: ignore[arg-type]
        while not self._stop.is_set():
            received = self._site.sqs.receive_message(
                QueueUrl=self._site.queue, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=1
            ).get("Messages", [])
            messages = [Message(one["MessageId"], one["Body"], 0) for one in received]
            if messages:
                self.failed += intake.process(messages).failures.values()
            for one in received:
                self._site.sqs.delete_message(QueueUrl=self._site.queue, ReceiptHandle=one["ReceiptHandle"])
                self.taken += 1


def as_the_console_does(site: Site) -> None:
    """*Start DLQ redrive*, "Redrive to source queue(s)", a velocity of its own: no destination is given."""
    arn = site.sqs.get_queue_attributes(QueueUrl=site.dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    site.sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=50)

    def task() -> Any:
        return site.sqs.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"][0]

    waiting.until(lambda: task()["Status"] == "COMPLETED", "the move", state=task)
    assert task()["ApproximateNumberOfMessagesMoved"] == BATCHES


def asked(site: Site) -> Any:
    dead = DeadLetters(site.sqs, Rpc(site.db), [site.dlq], wall=site.now)  # type: ignore[arg-type]
    return lambda command: dead.do(command, Invocation(Caller(ARN, proven=True), "req", lambda: 300.0))


def as_sicfar_natively(site: Site) -> None:
    """`sicfar dlq replay --nativo`."""
    said: list[str] = []
    command = Command(action=Action.REPLAY, native=True, per_second=50)
    assert move_whole_queues(asked(site), command, said.append, lambda _: None)
    assert said[-1].endswith(f"COMPLETED, cerca de {BATCHES} de {BATCHES}")
    (row,) = site.db.sql("select quem, mensagem_id from tratamentos_mensagens where execucao = %s", command.run)
    assert row == {"quem": ARN, "mensagem_id": None}


def as_sicfar_letter_by_letter(site: Site) -> None:
    """`sicfar dlq replay`."""
    said: list[str] = []
    run = Run(asked(site), Command(action=Action.REPLAY, per_second=1000), said.append, lambda _: None)
    assert run.go()
    assert (run.moved, run.left, run.failed) == (BATCHES, 0, {})
    phases = site.db.sql(
        "select fase, count(distinct mensagem_id) as letters from tratamentos_mensagens group by 1 order by 1"
    )
    assert {row["fase"] for row in phases} == {"PEDIDO", "FEITO"}


WAYS = {"console": as_the_console_does, "nativo": as_sicfar_natively, "uma a uma": as_sicfar_letter_by_letter}


@pytest.mark.parametrize("way", WAYS)
def test_p1_p6_letters_sent_back_while_the_parser_works_count_once(site: Site, way: str) -> None:
    site.die(counted=True)
    assert (site.dead(), site.total()) == (BATCHES, BATCHES // 2)
    with Consumer(site) as consumer:
        WAYS[way](site)
        waiting.until(lambda: consumer.taken == BATCHES, "the parser", state=lambda: consumer.taken)
    assert (consumer.failed, site.total(), site.dead(), site.count(site.queue)) == ([], BATCHES, 0, 0)


@pytest.mark.parametrize("way", WAYS)
def test_p1_p6_letters_sent_back_twice_and_weeks_old_count_once(site: Site, local_sqs: LocalSqs, way: str) -> None:
    site.die(counted=True)
    local_sqs.ahead(WEEKS_S)
    WAYS[way](site)  # nobody reads: they die once more, now all of them known or half of them
    site.die(counted=True)
    assert site.dead() == BATCHES
    local_sqs.ahead(WEEKS_S * 2)
    (letter,) = site.sqs.receive_message(QueueUrl=site.dlq, AttributeNames=["All"], VisibilityTimeout=0)["Messages"]
    received_ms = int(letter["Attributes"]["ApproximateFirstReceiveTimestamp"])
    assert received_ms - int(letter["Attributes"]["SentTimestamp"]) >= WEEKS_S * 1000
    assert letter["Attributes"]["DeadLetterQueueSourceArn"].endswith(site.queue.rsplit("/", 1)[-1])
    with Consumer(site) as consumer:
        WAYS[way](site)
        waiting.until(lambda: consumer.taken == BATCHES, "the parser", state=lambda: consumer.taken)
    assert (consumer.failed, site.total(), site.dead()) == ([], BATCHES, 0)
