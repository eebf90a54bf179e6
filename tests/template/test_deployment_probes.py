"""`sicfar testar` where AWS answers what the emulator does not: permissions, moves of messages, errors of functions.

The answers are checked by botocore against AWS's own description of each call.
"""

import time
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from botocore.stub import Stubber

from operations.deployment.aws import Account
from operations.deployment.deployed import Deployed, _identified
from operations.deployment.outcome import Outcome, Result, attempted
from operations.deployment.probes import Probes
from sicfar.counts.keys import BATCHES
from sicfar.webhooks.auth import WebhookAuth
from sicfar.webhooks.signature import Verified, verify

REGION, BUCKET, KEY = "sa-east-1", "sicfar-contagens-prod-1", f"{BATCHES}farmace-spep/a.txt.gz"
FAILED, OK, NOT_SHOWN = Outcome.FAILED, Outcome.OK, Outcome.NOT_SHOWN
TOPIC = f"arn:aws:sns:{REGION}:1:alarmes"
QUEUES = {name: f"https://sqs.sa-east-1.amazonaws.com/1/{name}" for name in ("TxtDlqUrl", "TotvsDlqUrl", "PostDlqUrl")}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def probes(account: Account, gateway: Account | None = None) -> Probes:
    deployed = SimpleNamespace(
        account=account,
        name="prod",
        outputs={"BucketName": BUCKET, "AlarmesTopic": TOPIC, **QUEUES},
        made={"AWS::Lambda::Function": ["a", "b"]},
    )
    return Probes(cast("Deployed", deployed), gateway)


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [(("AccessDenied", 403), OK), (("BadDigest", 400), FAILED), (("SlowDown", 503), FAILED), (None, FAILED)],
)
def test_p9_a_gateway_that_may_write_elsewhere_is_told(refusal: tuple[str, int] | None, outcome: Outcome) -> None:
    gateway = Account(REGION)
    with Stubber(gateway.s3) as s3:
        if refusal:
            s3.add_client_error("put_object", refusal[0], http_status_code=refusal[1])
        else:
            s3.add_response("put_object", {})
        result = probes(Account(REGION), gateway)._foreign()
        s3.assert_no_pending_responses()
    assert result.outcome is outcome, result
    # Nothing is asked, and nothing said to be well, without the gateway's own key.
    assert probes(Account(REGION))._foreign().outcome is NOT_SHOWN


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (("PreconditionFailed", 412), OK),
        (("AccessDenied", 403), FAILED),
        (("ConditionalRequestConflict", 409), FAILED),
        (None, FAILED),
    ],
)
def test_p1_a_bucket_that_takes_a_batch_again_is_told(refusal: tuple[str, int] | None, outcome: Outcome) -> None:
    account = Account(REGION)
    with Stubber(account.s3) as s3:
        s3.add_response(
            "list_objects_v2", {"Contents": [{"Key": KEY}]}, {"Bucket": BUCKET, "Prefix": BATCHES, "MaxKeys": 1}
        )
        s3.add_response("get_object", {"Body": SimpleNamespace(read=lambda: b"lote")}, {"Bucket": BUCKET, "Key": KEY})
        again = {"Bucket": BUCKET, "Key": KEY, "Body": b"lote", "IfNoneMatch": "*"}
        if refusal:
            s3.add_client_error("put_object", refusal[0], http_status_code=refusal[1], expected_params=again)
        else:
            s3.add_response("put_object", {}, again)
        result = probes(account)._overwritten()
        s3.assert_no_pending_responses()
    assert result.outcome is outcome, result


def test_a_bucket_without_any_batch_shows_nothing() -> None:
    account = Account(REGION)
    with Stubber(account.s3) as s3:
        s3.add_response("list_objects_v2", {})
        assert probes(account)._overwritten().outcome is NOT_SHOWN


def waiting(sqs: Stubber, *counts: int) -> None:
    for count in counts:
        sqs.add_response("get_queue_attributes", {"Attributes": {"ApproximateNumberOfMessages": str(count)}})


@pytest.mark.parametrize(("counts", "outcome"), [((0, 0, 0), OK), ((0, 2, 0), FAILED)])
def test_p6_letters_that_wait_are_told(counts: tuple[int, ...], outcome: Outcome) -> None:
    account = Account(REGION)
    with Stubber(account.sqs) as sqs:
        waiting(sqs, *counts)
        result = probes(account)._dead_letters()
    assert result.outcome is outcome
    assert ("TotvsDlqUrl 2" in result.seen) is (outcome is FAILED)


def test_p6_messages_are_moved_out_of_an_empty_queue_only() -> None:
    account = Account(REGION)
    source = "arn:aws:sqs:sa-east-1:1:TotvsDlqUrl"
    with Stubber(account.sqs) as sqs:
        waiting(sqs, 3, 0, 0)
        sqs.add_response("get_queue_attributes", {"Attributes": {"QueueArn": source}})
        sqs.add_response("start_message_move_task", {"TaskHandle": "x"}, {"SourceArn": source})
        assert probes(account)._redrive().outcome is OK
        waiting(sqs, 1, 1, 1)
        assert probes(account)._redrive().outcome is NOT_SHOWN
        sqs.assert_no_pending_responses()


def test_p6_a_real_account_that_refuses_the_move_has_failed() -> None:
    """Only the emulator may lack it."""
    account = Account(REGION)
    with Stubber(account.sqs) as sqs:
        waiting(sqs, 0, 0, 0)
        sqs.add_response("get_queue_attributes", {"Attributes": {"QueueArn": "arn:aws:sqs:sa-east-1:1:TxtDlqUrl"}})
        sqs.add_client_error("start_message_move_task", "InvalidAction", http_status_code=400)
        assert attempted("devolução", probes(account)._redrive).outcome is FAILED


@pytest.mark.parametrize(
    ("arns", "outcome"), [([], FAILED), (["Pending"], FAILED), ([TOPIC, "Pending"], FAILED), ([TOPIC], OK)]
)
def test_alarms_that_reach_nobody_are_told(arns: list[str], outcome: Outcome) -> None:
    account = Account(REGION)
    with Stubber(account.sns) as sns:
        told = [{"SubscriptionArn": arn, "Endpoint": "ti@planta.example"} for arn in arns]
        sns.add_response("list_subscriptions_by_topic", {"Subscriptions": told})
        assert probes(account)._subscribed().outcome is outcome


DOOR = {
    "_alive": (200, 503),
    "_unsigned": (401, 200),
    "_too_large": (413, 200),
    "_rehearsed": (200, 422),
    "_closing": (401, 200),
}


@pytest.mark.parametrize("method", DOOR)
def test_p9_a_door_that_answers_otherwise_has_failed(method: str) -> None:
    for status, outcome in zip(DOOR[method], (OK, FAILED), strict=True):

        def answer(*_: object, status: int = status) -> SimpleNamespace:
            return SimpleNamespace(status_code=status)

        judged = probes(Account(REGION))
        judged._deployed = cast("Deployed", SimpleNamespace(get=answer, post=answer, notify=answer))
        assert getattr(judged, method)().outcome is outcome


def test_a_probe_that_is_not_answered_has_failed() -> None:
    def silent() -> Result:
        raise httpx.ConnectError("ninguém responde")

    assert attempted("GET /saude", silent) == Result(FAILED, "GET /saude", "ConnectError: ninguém responde")


@pytest.mark.parametrize(("errors", "outcome"), [((0.0, 0.0), OK), ((0.0, 4.0), FAILED)])
def test_functions_that_failed_lately_are_told(errors: tuple[float, ...], outcome: Outcome) -> None:
    account = Account(REGION)
    with Stubber(account.cloudwatch) as cloudwatch:
        for count in errors:
            cloudwatch.add_response("get_metric_statistics", {"Datapoints": [{"Sum": count}] if count else []})
        result = probes(account)._errors()
    assert result.outcome is outcome
    assert ("b 4" in result.seen) is (outcome is FAILED)


@pytest.mark.parametrize("kind", ["hmac", "bearer", "header"])
def test_p9_the_webhook_is_identified_as_the_configuration_says(kind: str) -> None:
    """A site whose TOTVS cannot sign is probed by the secret it sends instead."""
    auth = WebhookAuth.model_validate({"type": kind, "header": "X-Segredo"})
    secret, body = "um segredo de teste", b"[]"
    headers = _identified(auth, secret, body)
    assert isinstance(verify(auth, [secret], headers, body, time.time()), Verified)
    assert not isinstance(verify(auth, ["outro segredo qualquer"], headers, body, time.time()), Verified)
