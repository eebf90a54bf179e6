import json
import time
from types import SimpleNamespace

import pytest
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.data_classes import SQSEvent

from sicfar.errors import Fate, PermanentError, TransientError
from sicfar.handlers.messages import Messages

AWAY = TransientError("away", "o banco não respondeu")
REFUSED = PermanentError("refused", "recusado")
CONTEXT = SimpleNamespace()


class Failed:
    """Settles as `FailedMessages` does: a delay, or None for a permanent error."""

    def __init__(self):
        self.settled = []

    def settle(self, record, error, *, body=None):
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

    return [one["itemIdentifier"] for one in messages.work_off(event(*fates), CONTEXT, work)["batchItemFailures"]]


def test_p6_p8_each_message_has_its_own_fate(failed, metrics, capsys):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito")
    fates = {"done": None, "away": AWAY, "refused": REFUSED, "bug": KeyError("x"), "later": None}
    assert worked_off(messages, fates) == ["refused", "bug"]
    assert failed.settled == [("away", AWAY, None), ("refused", REFUSED, None)]
    figures = metrics.serialize_metric_set()
    assert figures["MessagesDelayed"] == [1.0]
    assert figures["OldestWaitingSeconds"] == [pytest.approx(3600, abs=60)]
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "não feito" in line]
    assert [(one["codigo"], one["destino"], one.get("nova_tentativa_em_s")) for one in logged] == [
        ("away", "transient", 7),
        ("refused", "permanent", None),
    ]


def test_p7_a_copy_carries_what_could_not_be_recorded(failed, metrics):
    messages = Messages(failed, Logger(service="teste"), metrics, "não feito", lambda record, _error: record.body + "!")
    assert worked_off(messages, {"away": AWAY}) == []
    assert failed.settled == [("away", AWAY, "away!")]
