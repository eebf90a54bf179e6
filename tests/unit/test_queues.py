import functools
import time

import boto3
import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import ClientError
from moto import mock_aws

from local.waiting import until
from sicfar.aws.queues import HIDDEN, LONGEST_DELAY, Backoff, FailedMessages, attempts, waiting_seconds
from sicfar.errors import ConfigurationError, PermanentError, TransientError
from tests.support.queues import records


class PassingError(TransientError):
    pass


class FinalError(PermanentError):
    pass


class MisconfiguredError(ConfigurationError):
    pass


@pytest.fixture
def sqs(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("sqs")


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName="txt", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]


def received(sqs, queue):
    return [SQSRecord(record) for record in records(sqs, queue)]


@pytest.mark.parametrize("kind", [PassingError, MisconfiguredError])
def test_p6_a_transient_failure_becomes_a_delayed_copy_with_attempts(sqs, queue, kind):
    sqs.send_message(QueueUrl=queue, MessageBody="work")
    failed = FailedMessages(sqs, lambda: Backoff(1, 1), pytest.fail)
    (record,) = received(sqs, queue)
    assert attempts(record) == 0
    assert failed.settle(record, kind("code", "what")) == 1
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=record.receipt_handle)

    time.sleep(1.1)
    (copy,) = received(sqs, queue)
    assert copy.body == "work"
    assert attempts(copy) == 1


def test_p6_a_copy_of_a_copy_still_knows_when_the_original_was_sent(sqs, queue, monkeypatch):
    begun = time.time()
    sqs.send_message(QueueUrl=queue, MessageBody="work")
    failed = FailedMessages(sqs, lambda: Backoff(1, 1), pytest.fail)
    for copies in range(3):
        (record,) = until(functools.partial(received, sqs, queue), f"copy {copies}")
        assert attempts(record) == copies
        failed.settle(record, PassingError("code", "what"))
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=record.receipt_handle)
    monkeypatch.setattr(time, "time", lambda: begun + 3600)
    assert waiting_seconds(record) == pytest.approx(3600, abs=1)
    assert int(record.attributes.sent_timestamp) / 1000 > begun + 1


def test_p6_a_hopeless_message_is_visible_again_at_once_and_reported(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="work")
    (record,) = received(sqs, queue)
    assert received(sqs, queue) == []
    told = []
    failed = FailedMessages(sqs, lambda: Backoff(1, 1), lambda *what: told.append(what))
    assert failed.settle(record, FinalError("code", "what")) is None
    assert [(name, message, error.code) for name, message, error in told] == [("txt", record.message_id, "code")]
    (again,) = received(sqs, queue)
    assert again.body == "work"


def test_p6_without_a_copy_a_message_is_hidden_for_more_than_a_day(sqs, queue, monkeypatch):
    sqs.send_message(QueueUrl=queue, MessageBody="work")
    (record,) = received(sqs, queue)
    hidden = []
    monkeypatch.setattr(sqs, "change_message_visibility", lambda **how: hidden.append(how["VisibilityTimeout"]))

    def refuse(**_copy):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendMessage")

    monkeypatch.setattr(sqs, "send_message", refuse)
    for received_times in range(1, 6):
        record["attributes"]["ApproximateReceiveCount"] = str(received_times)
        with pytest.raises(ClientError):
            FailedMessages(sqs, lambda: Backoff(1, 1), pytest.fail).settle(record, PassingError("code", "what"))
    assert hidden == list(HIDDEN)
    assert sum(HIDDEN) > 24 * 3600
    assert max(HIDDEN) <= 12 * 3600, "SQS allows no more"


def test_p6_delays_double_up_to_the_ceiling_and_never_pass_what_sqs_allows():
    backoff = Backoff(5, 300)
    for attempt, longest in enumerate([5, 10, 20, 40, 80, 160, 300, 300]):
        seen = {backoff.delay(attempt) for _ in range(200)}
        assert min(seen) >= longest // 2
        assert max(seen) <= longest
        assert len(seen) > 1, "without jitter a thousand messages come back in the same second"
    assert Backoff(600, 3600).delay(1_000_000) <= LONGEST_DELAY
