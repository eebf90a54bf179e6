import json
import time
from types import SimpleNamespace

import pytest
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from botocore.exceptions import ClientError

from sicfar.errors import Fate, PermanentError, TransientError
from sicfar.handlers.messages import Messages
from sicfar.settings import SettingError

AWAY = TransientError("away", "o banco não respondeu")
SETTING = SettingError("setting_missing", "configuração ausente", where="X")
REFUSED = PermanentError("refused", "recusado")
CONTEXT = SimpleNamespace()


class Failed:
    """Settles as `FailedMessages` does: a delay, or None for a permanent error."""

    def __init__(self):
        self.settled = []
        self.refusal = None

    def settle(self, record, error, *, body=None):
        if self.refusal:
            raise self.refusal
        self.settled.append((record.message_id, error, body))
        return None if error.fate is Fate.PERMANENT else 7


def event(*names):
    """Messages sent an hour ago."""
    sent = {"attributes": {"SentTimestamp": str(int((time.time() - 3600) * 1000))}, "messageAttributes": {}}
    return SQSEvent(
        {"Records": [{"messageId": name, "body": name, "eventSource": "aws:sqs", **sent} for name in names]}
    )


@pytest.fixture
def failed():
    return Failed()


@pytest.fixture
def metrics():
    made = Metrics(namespace="teste", service="teste")
    yield made
    made.clear_metrics()


def worked_off(messages, fates):
    """Which messages are reported as failed; every other is deleted."""

    def work(record):
        if error := fates[record.message_id]:
            raise error

    answer = messages.work_off(event(*fates), CONTEXT, lambda: work)
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_p6_p8_each_message_has_its_own_fate(failed, metrics, capsys):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito")
    fates = {"done": None, "away": AWAY, "refused": REFUSED, "bug": KeyError("x"), "set": SETTING, "later": None}
    assert worked_off(messages, fates) == ["refused"]
    assert [(name, error.code) for name, error, _body in failed.settled] == [
        ("away", "away"),
        ("refused", "refused"),
        ("bug", "unexpected_error"),
        ("set", "setting_missing"),
    ]
    counted = metrics.serialize_metric_set()
    assert [counted[name] for name in ("MessagesDelayed", "UnknownFailures", "ConfigurationFaults")] == [
        [1.0] * 3, [1.0], [1.0]
    ]  # fmt: skip
    assert counted["OldestWaitingSeconds"] == [pytest.approx(3600, abs=60)] * 3
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "não feito" in line]
    assert [(one["codigo"], one["destino"], one.get("nova_tentativa_em_s")) for one in logged] == [
        ("away", "transient", 7),
        ("refused", "permanent", None),
        ("unexpected_error", "transient", 7),
        ("setting_missing", "configuration", 7),
    ]


def test_p6_p8_where_the_work_cannot_begin_every_message_waits(failed, metrics):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito")

    def begin():
        raise SETTING

    assert messages.work_off(event("one", "two"), CONTEXT, begin) == {"batchItemFailures": []}
    assert [(name, error) for name, error, _body in failed.settled] == [("one", SETTING), ("two", SETTING)]
    assert metrics.serialize_metric_set()["ConfigurationFaults"] == [1.0, 1.0]


def test_p6_what_sqs_does_not_take_is_reported_and_both_reasons_logged(failed, metrics, caplog):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito")
    failed.refusal = ClientError({"Error": {"Code": "Throttling"}}, "SendMessage")
    assert worked_off(messages, {"away": AWAY}) == ["away"]
    assert "Throttling" in caplog.text
    assert [getattr(one, "codigo", None) for one in caplog.records] == [None, "away"]


def test_p7_a_copy_carries_what_could_not_be_recorded(failed, metrics):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito", lambda record, _error: record.body + "!")
    assert worked_off(messages, {"away": AWAY}) == []
    assert failed.settled == [("away", AWAY, "away!")]
