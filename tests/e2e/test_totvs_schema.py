"""Whatever the published schema allows, and much it does not, sent to the deployed webhook."""

import json
import time
from pathlib import Path

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from local.stack.database import Database
from sicfar.webhooks.signature import sign
from tests.support import queues

DOCUMENT = yaml.safe_load(Path("docs/openapi-totvs.yaml").read_text(encoding="utf-8"))
OFFERED = {**DOCUMENT, "paths": {"/totvs/eventos": DOCUMENT["paths"]["/totvs/eventos"]}}
OPERATION = schemathesis.openapi.from_dict(OFFERED)["/totvs/eventos"]["POST"]
some = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def door(stack):
    with httpx.Client(trust_env=False, timeout=30) as client:

        def send(body, secret):
            headers = {"Content-Type": "application/json"}
            if secret:
                at = str(int(time.time()))
                headers |= {"X-SicFar-Timestamp": at, "X-SicFar-Signature": sign(secret, at, body)}
            return client.post(f"{stack.deployment.api_url}/totvs/eventos", content=body, headers=headers)

        yield send, stack.totvs.webhook_secret


def told_as_documented(answer: httpx.Response) -> None:
    assert answer.status_code in (200, 413, 422), answer.text
    described = OPERATION.schema.raw_schema["paths"]["/totvs/eventos"]["post"]["responses"]
    assert str(answer.status_code) in described
    assert answer.headers["x-correlation-id"] == answer.json()["correlacao"]


def body_of(case):
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


@given(case=OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE))
@some
def test_what_the_schema_allows_is_taken_or_told_by_field(door, case):
    send, secret = door
    told_as_documented(send(body_of(case), secret))


@given(case=OPERATION.as_strategy(generation_mode=GenerationMode.NEGATIVE))
@some
def test_p8_what_the_schema_forbids_is_never_a_server_error(door, case):
    send, secret = door
    told_as_documented(send(body_of(case), secret))


@given(st.binary(max_size=400))
@some
def test_p8_no_bytes_whatever_are_a_server_error(door, body):
    send, secret = door
    told_as_documented(send(body, secret))


@given(case=OPERATION.as_strategy(generation_mode=GenerationMode.POSITIVE))
@some
def test_p9_nothing_unsigned_is_taken(door, case):
    send, _ = door
    assert send(body_of(case), None).status_code == 401


def test_p9_and_nothing_of_it_had_an_effect(door, stack, eventually):
    database = Database(stack.database.url)
    queue = stack.deployment.outputs["TotvsQueueUrl"]

    def idle() -> bool:
        return queues.idle(stack.aws.sqs, queue)

    eventually(idle, within=60)
    before = database.one("select count(*) from recebimentos_totvs")
    send, _ = door
    for example in OFFERED["components"]["schemas"]["EventoOrdem"]["examples"]:
        assert send(json.dumps(example).encode(), None).status_code == 401
    time.sleep(1)
    assert idle()
    assert database.one("select count(*) from recebimentos_totvs") == before
    letters = stack.aws.sqs.receive_message(QueueUrl=stack.deployment.outputs["TotvsDlqUrl"], VisibilityTimeout=0)
    assert letters.get("Messages", []) == []
    database.close()
