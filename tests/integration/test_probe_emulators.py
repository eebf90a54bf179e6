"""What the product relies on in the emulated AWS; each was seen on AWS or is documented there.

A test that fails here after an upgrade of the emulator says that local tests of the product prove less than before.
"""

import base64
import hashlib
import json
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.plain_http import http
from local.stack import cloud, emulator
from local.stack.cloud import Deployment
from local.stack.emulator import Emulator
from local.stack.run_folder import temporary_run
from local.waiting import until

PROBE = Path(__file__).parent / "probe"
BUCKET = "sicfar-probe"


@dataclass(frozen=True)
class Cloud:
    aws: Emulator
    deployment: Deployment

    def queue(self, name: str) -> str:
        return self.deployment.queues[f"sicfar-probe-{name}"]


@pytest.fixture(scope="module")
def probe() -> Iterator[Cloud]:
    with temporary_run() as run:
        aws = emulator.start(run)
        template = PROBE / "template.yaml"
        built = cloud.build(run, template)
        yield Cloud(aws, cloud.deploy(run, aws, template, {}, stack_name="probe", built=built))


def messages(probe: Cloud, queue: str, wanted: Callable[[Any], bool]) -> list[Any]:
    """Receive and delete messages until a wanted one came; returns all wanted ones of the last receive."""
    url = probe.queue(queue)

    def found() -> list[Any]:
        received = probe.aws.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        for message in received:
            probe.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message for message in received if wanted(message)]

    answer: list[Any] = until(found, f"a message in {queue}")
    return answer


def object_events(probe: Cloud, key: str, count: int) -> list[Any]:
    """Return the S3 part of the first `count` event records of a key."""
    records: list[Any] = []
    while len(records) < count:
        for message in messages(probe, "events", lambda message: "Records" in message["Body"]):
            seen = [record["s3"] for record in json.loads(message["Body"])["Records"]]
            records += [each for each in seen if urllib.parse.unquote_plus(each["object"]["key"]) == key]
    return records


def test_a_second_conditional_put_is_refused_with_412_when_versioned(probe: Cloud) -> None:
    key = f"lotes/{uuid.uuid4()}"
    probe.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        probe.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"second", IfNoneMatch="*")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    versions = probe.aws.s3.list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
    assert len(versions) == 1
    assert probe.aws.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"first"


def test_an_event_names_the_version_and_a_sequencer_growing_per_key(probe: Cloud) -> None:
    key = f"eventos/{uuid.uuid4()}"
    put = [probe.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"] for body in (b"one", b"two")]
    objects = sorted((event["object"] for event in object_events(probe, key, 2)), key=lambda o: o["sequencer"])
    assert [event["versionId"] for event in objects] == put
    assert objects[0]["sequencer"] < objects[1]["sequencer"]
    assert [event["size"] for event in objects] == [3, 3]


def test_a_key_with_blanks_plus_and_accents_is_url_encoded_in_the_event(probe: Cloud) -> None:
    key = f"eventos/{uuid.uuid4()} área 1+ç.txt"
    probe.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    event = object_events(probe, key, 1)[0]
    assert event["object"]["key"] == urllib.parse.quote_plus(key, safe="/")
    assert event["bucket"]["name"] == BUCKET


def test_a_put_whose_checksum_does_not_fit_is_refused_and_leaves_nothing(probe: Cloud) -> None:
    key = f"lotes/{uuid.uuid4()}"
    wrong = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
    with pytest.raises(ClientError) as refused:
        probe.aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"body", ChecksumSHA256=wrong)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Versions" not in probe.aws.s3.list_object_versions(Bucket=BUCKET, Prefix=key)


def test_p6_a_message_refused_at_once_is_a_dead_letter_that_says_whence(probe: Cloud) -> None:
    """The queue's visibility timeout is twelve hours: what waited for it would not arrive."""
    for body in ("good", "bad"):
        probe.aws.sqs.send_message(QueueUrl=probe.queue("work"), MessageBody=body)
    dead = messages(probe, "work-dlq", lambda _: True)
    assert [message["Body"] for message in dead] == ["bad"]
    source = dead[0]["Attributes"]["DeadLetterQueueSourceArn"]
    assert source.endswith(":sicfar-probe-work")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain; charset=windows-1252", "application/x"])
def test_a_rest_api_with_every_media_type_binary_hands_over_the_very_bytes(probe: Cloud, content_type: str) -> None:
    body = '{"descrição":"Dipirona 500 mg – caixa"}'.encode("cp1252") + bytes(range(256))
    url = f"{probe.deployment.api_url}/echo"
    said = http.post(url, content=body, headers={"Content-Type": content_type}).json()
    assert said == {"base64": True, "sha256": hashlib.sha256(body).hexdigest()}
