"""Dead letters go back by SQS's own move where it has one, else one by one; what is only looked at stays."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sicfar.handlers.dead_letters import Command, CommandError, DeadLetters


class Database:
    """Knows why one message failed; keeps what is thrown away."""

    base_url = "http://banco"

    def __init__(self):
        self.reasons, self.kept = {}, []

    def rpc(self, function, params):
        self.answer = self.reasons if function == "motivos_falhas" else self.kept.append(params)
        return self

    def execute(self):
        return type("Answer", (), {"data": self.answer})


class Sqs:
    """moto's SQS, whose own move can be had or not."""

    def __init__(self, real, *, moves):
        self._real, self._moves, self.moved = real, moves, []

    def __getattr__(self, name):
        return getattr(self._real, name)

    def start_message_move_task(self, **asked):
        if not self._moves:
            raise ClientError({"Error": {"Code": "InvalidAction", "Message": "?"}}, "StartMessageMoveTask")
        self.moved.append(asked)


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


def dead(queues, *, moves=False):
    sqs, urls = queues
    made = Sqs(sqs, moves=moves)
    return DeadLetters(made, Database(), [urls["a-dlq"], urls["b-dlq"]], pause=lambda _seconds: None, wait_s=0), made


def do(letters, event):
    return letters.do(Command.parse(event))


def held(queues, name):
    sqs, urls = queues
    attributes = sqs.get_queue_attributes(QueueUrl=urls[name], AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def test_looking_and_pretending_leave_every_letter_where_it_is_visible_again(queues):
    letters, _ = dead(queues)
    for command in ({}, {"acao": "mostrar"}, {"acao": "reenviar", "simular": True}):
        assert do(letters, command).found == 25
    assert held(queues, "a-dlq") == 25


def test_whole_queues_go_back_by_the_native_move_where_there_is_one(queues):
    letters, sqs = dead(queues, moves=True)
    assert do(letters, {"acao": "reenviar", "nativo": True, "por_segundo": 7}).native is True
    (asked,) = sqs.moved
    assert asked["SourceArn"].endswith(":a-dlq")
    assert asked["MaxNumberOfMessagesPerSecond"] == 7


def test_without_it_letters_go_back_in_portions_to_the_queue_they_came_from(queues):
    letters, _ = dead(queues)
    command = {"acao": "reenviar", "nativo": True, "limite": 10}
    left = [do(letters, command).left for _ in range(3)]
    assert left == [15, 5, 0]
    assert (held(queues, "a"), held(queues, "a-dlq"), held(queues, "b")) == (25, 0, 0)


def test_a_filter_is_never_left_to_the_native_move(queues):
    letters, sqs = dead(queues, moves=True)
    found = do(letters, {"acao": "reenviar", "nativo": True, "filtro": {"texto": '"n": 7'}})
    assert (found.moved, found.native, sqs.moved) == (1, False, [])
    assert (held(queues, "a"), held(queues, "a-dlq")) == (1, 24)


def test_a_letter_thrown_away_is_kept_before_it_goes(queues):
    letters, _ = dead(queues)
    with pytest.raises(CommandError):
        do(letters, {"acao": "descartar", "motivo": "x", "quem": "ti"})
    assert held(queues, "a-dlq") == 25
    do(letters, {"acao": "descartar", "motivo": "teste da fila", "quem": "ti", "filtro": {"texto": '"n": 7'}})
    (kept,) = letters._database.kept
    assert (kept["p_corpo"], kept["p_quem"]) == ('{"n": 7}', "ti")
    assert held(queues, "a-dlq") == 24


WRONG = ({"acao": "apagar"}, {"fila": "c"}, {"acao": "reenviar", "filtro": {"texo": "x"}}, {"limite": 0})


@pytest.mark.parametrize("command", WRONG)
def test_what_cannot_be_done_is_said_and_nothing_moves(queues, command):
    letters, _ = dead(queues)
    with pytest.raises(CommandError):
        do(letters, command)
    assert held(queues, "a-dlq") == 25
