"""Dead letters go back in portions that end in time; each is on record first, and what is only looked at stays."""

import json
import time

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sicfar.dead_letters.command import Command, CommandError, read_answer
from sicfar.dead_letters.queue import BATCH_BYTES, Held, QueueError, packed
from sicfar.dead_letters.run import RESERVE_S
from sicfar.errors import TransientError
from tests.support.dead_letters import ARN, Record, do, invocation, letters


class Sqs:
    """moto's SQS, some of whose calls are somebody else's."""

    def __init__(self, real, **own):
        self._real = real
        self.__dict__ |= own

    def __getattr__(self, name):
        return getattr(self._real, name)


def refused(code, operation="X"):
    return ClientError({"Error": {"Code": code, "Message": "?"}}, operation)


@pytest.fixture
def queues(monkeypatch):
    for name, value in (("DEFAULT_REGION", "us-east-1"), ("ACCESS_KEY_ID", "t"), ("SECRET_ACCESS_KEY", "t")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        sqs = boto3.client("sqs")
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("a", "a-dlq", "b", "b-dlq")}
        for n in range(25):
            sqs.send_message(QueueUrl=urls["a-dlq"], MessageBody=json.dumps({"n": n}))
        yield sqs, urls


@pytest.fixture
def record():
    return Record()


@pytest.fixture
def dead(queues, record):
    return letters(*queues, record)


def visible(queues, name):
    sqs, urls = queues
    attributes = sqs.get_queue_attributes(QueueUrl=urls[name], AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_a_look_or_a_dry_run_leaves_every_letter_visible_again(queues, record, dead):
    for command in ({}, {"acao": "mostrar"}, {"acao": "reenviar", "simular": True}):
        assert do(dead, command).found == 25
    assert visible(queues, "a-dlq") == 25
    assert record.treated == []


def test_p6_letters_go_back_in_portions_to_the_queue_they_came_from(queues, dead):
    command = {"acao": "reenviar", "limite": 10}
    done = [do(dead, command) for _ in range(3)]
    assert [(one.moved, one.complete, one.left) for one in done] == [(10, False, None), (10, False, None), (5, True, 0)]
    assert (visible(queues, "a"), visible(queues, "a-dlq"), visible(queues, "b")) == (25, 0, 0)


def test_p6_a_portion_ends_with_its_time_and_the_next_goes_on(queues, record):
    now = [0.0]
    dead = letters(*queues, record, pause=lambda s: now.__setitem__(0, now[0] + s), clock=lambda: now[0])
    command = {"acao": "reenviar", "segundos": 1, "por_segundo": 10}
    moved = []
    while not (done := do(dead, command)).complete:
        moved.append(done.moved)
        assert visible(queues, "a-dlq") == 25 - sum(moved)
    assert [*moved, done.moved] == [10, 10, 5]


def test_p6_no_work_begins_in_the_reserve_of_the_invocation(queues, record):
    dead = letters(*queues, record)
    done = do(dead, {"acao": "reenviar"}, invocation(left_s=lambda: RESERVE_S - 1))
    assert (done.moved, done.complete, record.treated) == (0, False, [])
    looked = do(dead, {}, invocation(left_s=lambda: RESERVE_S - 1))
    assert (looked.found, looked.complete) == (0, False)
    assert visible(queues, "a-dlq") == 25


def test_p6_a_letter_is_hidden_no_longer_than_the_portion_may_take(queues, record):
    sqs, urls = queues
    asked = []

    def receive(**given):
        asked.append(given["VisibilityTimeout"])
        return sqs.receive_message(**given)

    dead = letters(Sqs(sqs, receive_message=receive), urls, record)
    do(dead, {"acao": "reenviar", "segundos": 10, "limite": 1})
    assert max(asked) <= 10 + RESERVE_S + 2
    for looking in ({}, {"acao": "reenviar", "simular": True, "segundos": 10}, {"segundos": 10}):
        asked.clear()
        do(dead, looking, invocation(left_s=lambda: 120.0))
        assert set(asked) == {121}


def test_p6_a_portion_that_finds_only_letters_of_later_ends_too(queues, record):
    now = [0.0]
    sqs, urls = queues

    def receive(**given):
        now[0] += 6
        return sqs.receive_message(**given)

    dead = letters(Sqs(sqs, receive_message=receive), urls, record, clock=lambda: now[0])
    done = do(dead, {"acao": "reenviar", "segundos": 10, "ate_ms": 1})
    assert (done.moved, done.complete) == (0, False)
    assert visible(queues, "a-dlq") == 25


def test_p6_a_letter_that_comes_back_meanwhile_is_not_sent_again(queues, record, dead):
    sqs, urls = queues
    before = do(dead, {}).until_ms
    time.sleep(0.002)
    sqs.send_message(QueueUrl=urls["a-dlq"], MessageBody="de volta")
    done = do(dead, {"acao": "reenviar", "ate_ms": before})
    assert (done.moved, done.left, done.returned) == (25, 0, 1)
    assert visible(queues, "a-dlq") == 1


def test_only_the_letters_that_are_meant_go(queues, dead):
    found = do(dead, {"acao": "reenviar", "filtro": {"texto": '"n": 7'}})
    assert (found.moved, found.left) == (1, 0)
    assert (visible(queues, "a"), visible(queues, "a-dlq")) == (1, 24)


def test_p9_who_asked_is_on_record_before_a_letter_moves(queues, record):
    sqs, urls = queues
    seen = []

    def send(**given):
        seen.append(record.in_phase("PEDIDO"))
        return sqs.send_message_batch(**given)

    done = do(letters(Sqs(sqs, send_message_batch=send), urls, record), {"acao": "reenviar"})
    assert seen == [ids for ids in seen if len(ids)]
    assert record.in_phase("PEDIDO") == record.in_phase("FEITO")
    assert len(record.in_phase("FEITO")) == done.moved == 25
    assert {(one["quem"], one["comprovado"], one["requisicao"], one["fila"]) for one in record.treated} == {
        (ARN, True, "req-1", "a-dlq")
    }


def test_p9_nothing_moves_that_cannot_be_put_on_record(queues, record, dead):
    record.fails["registrar_tratamento"] = httpx.ConnectError("fora")
    with pytest.raises(TransientError):
        do(dead, {"acao": "reenviar"})
    assert (visible(queues, "a"), visible(queues, "a-dlq")) == (0, 25)


def test_p6_a_fault_in_mid_portion_is_told_with_what_was_done(queues, record):
    sqs, urls = queues
    calls = []

    def send(**given):
        calls.append(given)
        if len(calls) == 2:
            raise refused("InternalError", "SendMessageBatch")
        return sqs.send_message_batch(**given)

    done = do(letters(Sqs(sqs, send_message_batch=send), urls, record), {"acao": "reenviar"})
    assert (done.moved, done.complete, done.stopped.code) == (10, False, "queue_refused")
    assert (visible(queues, "a"), visible(queues, "a-dlq")) == (10, 15)


def test_p6_a_letter_that_fails_is_counted_named_and_stays(queues, record):
    sqs, urls = queues

    def send(**given):
        answer = sqs.send_message_batch(**{**given, "Entries": given["Entries"][1:]})
        return {**answer, "Failed": [{"Id": "0", "Code": "InternalError", "Message": "não", "SenderFault": False}]}

    dead = letters(Sqs(sqs, send_message_batch=send), urls, record)
    done = do(dead, {"acao": "reenviar"})
    assert (done.moved, done.failed_count, done.left) == (22, 3, 3)
    assert {one.id for one in done.failed} == record.in_phase("FALHOU")
    assert visible(queues, "a-dlq") == 3
    again = do(dead, {"acao": "reenviar", "exceto": [one.id for one in done.failed]})
    assert (again.moved, again.failed_count, again.left) == (0, 0, 3)


def test_p6_a_letter_sent_that_is_not_deleted_is_said_so(queues, record):
    sqs, urls = queues
    nothing = {"Failed": [{"Id": str(n), "Code": "InternalError", "SenderFault": False} for n in range(10)]}
    only = Sqs(sqs, delete_message_batch=lambda **_: nothing)
    done = do(letters(only, urls, record), {"acao": "reenviar", "limite": 10})
    assert (done.moved, done.failed_count) == (0, 10)
    assert "foi reenviada, mas não saiu da fila de mortos" in done.failed[0].reason


def test_p6_more_hidden_letters_than_sqs_allows_ends_the_look(queues, record):
    sqs, urls = queues
    calls = []

    def receive(**given):
        calls.append(given)
        if len(calls) > 1:
            raise refused("OverLimit", "ReceiveMessage")
        return sqs.receive_message(**given)

    done = do(letters(Sqs(sqs, receive_message=receive), urls, record), {"fila": "a-dlq"})
    assert (done.found, done.complete) == (10, False)
    assert visible(queues, "a-dlq") == 25


def test_whole_queues_go_back_by_the_native_move_and_it_is_on_record(queues, record):
    sqs, urls = queues
    moved = []
    tasks = {"Results": [{"Status": "RUNNING", "ApproximateNumberOfMessagesMoved": 3}]}
    real = Sqs(
        sqs, start_message_move_task=lambda **asked: moved.append(asked), list_message_move_tasks=lambda **_: tasks
    )
    dead = letters(real, urls, record)
    done = do(dead, {"acao": "reenviar", "nativo": True, "por_segundo": 7, "fila": "a-dlq"})
    assert [(one.queue, one.status, one.moved) for one in done.native] == [("a-dlq", "RUNNING", 3)]
    (asked,) = moved
    assert asked["SourceArn"].endswith(":a-dlq")
    assert asked["MaxNumberOfMessagesPerSecond"] == 7
    assert [(one["fase"], one["quem"], one["mensagens"][0]["id"]) for one in record.treated] == [("PEDIDO", ARN, None)]
    for wrong in ({"filtro": {"texto": "x"}}, {"limite": 1}, {"por_segundo": 501}):
        with pytest.raises(CommandError):
            do(dead, {"acao": "reenviar", "nativo": True, **wrong})


def test_a_move_that_sqs_refuses_is_said_in_its_words(queues, record):
    def refuse(**_):
        raise refused("AWS.SimpleQueueService.UnsupportedOperation", "StartMessageMoveTask")

    sqs, urls = queues
    with pytest.raises(QueueError, match="UnsupportedOperation"):
        do(letters(Sqs(sqs, start_message_move_task=refuse), urls, record), {"acao": "reenviar", "nativo": True})


def test_a_letter_thrown_away_is_kept_before_it_goes(queues, record, dead):
    with pytest.raises(CommandError):
        do(dead, {"acao": "descartar", "motivo": "x"})
    assert visible(queues, "a-dlq") == 25
    done = do(dead, {"acao": "descartar", "motivo": "teste da fila", "filtro": {"texto": '"n": 7'}})
    (kept,) = record.kept
    assert (kept["p_corpo"], kept["p_quem"], done.moved) == ('{"n": 7}', ARN, 1)
    assert (visible(queues, "a"), visible(queues, "a-dlq")) == (0, 24)
    assert record.treated[0]["mensagens"][0]["detalhe"] == "teste da fila"


WRONG = (
    {"acao": "apagar"},
    {"fila": "c"},
    {"acao": "reenviar", "filtro": {"texo": "x"}},
    {"limite": 0},
    {"acao": "descartar", "motivo": "teste da fila", "quem": "ana"},
)


@pytest.mark.parametrize("command", WRONG)
def test_what_cannot_be_done_is_said_and_nothing_moves(queues, dead, command):
    with pytest.raises(CommandError):
        do(dead, command)
    assert visible(queues, "a-dlq") == 25


def test_p9_a_command_that_cannot_be_read_shows_nothing_of_its_proof():
    with pytest.raises(CommandError) as raised:
        Command.parse({"acao": "reenviar", "prova": ["https://sts/?X-Amz-Signature=segredo"]})
    assert "segredo" not in f"{raised.value} {raised.value.__cause__}"
    command = Command.parse({"acao": "reenviar", "prova": "segredo"})
    assert "segredo" not in f"{command!r} {command.as_json()} {command.event()}"
    assert command.event("segredo")["prova"] == "segredo"


def test_an_answer_stays_far_below_what_lambda_lets_through(queues, record, dead):
    sqs, urls = queues
    for _ in range(30):
        sqs.send_message(QueueUrl=urls["b-dlq"], MessageBody='"' + "ç" * 100_000 + '"')
    for action in ("listar", "mostrar"):
        done = do(dead, {"acao": action})
        assert done.found == 55
        answer = json.dumps(done.as_json()).encode()
        assert len(answer) < 4_000_000
        assert read_answer(answer, where="") == done
    assert 25 < len(done.letters) < 55


def test_the_batches_fit_into_one_call_of_sqs():
    many = [Held(str(n), "h", "x" * 60_000, 0) for n in range(9)] + [Held("grande", "h", "x" * 250_000, 0)]
    batches = list(packed(many, 10))
    assert [one.id for batch in batches for one in batch] == [one.id for one in many]
    assert all(sum(len(one.body) for one in batch) <= BATCH_BYTES for batch in batches)
    assert [len(batch) for batch in packed([Held(str(n), "h", "x", 0) for n in range(5)], 2)] == [2, 2, 1]


def test_how_many_failed_with_which_code_is_said(queues, record, dead):
    (first, *_) = do(dead, {}).letters
    record.reasons[first.id] = {"em": "2026-01-01T00:00:00Z", "funcao": "f", "codigo": "c", "motivo": "m"}
    done = do(dead, {})
    assert {(one.queue, one.code, one.count) for one in done.groups} == {("a-dlq", None, 24), ("a-dlq", "c", 1)}
    assert do(dead, {"filtro": {"codigo": "c"}}).found == 1
