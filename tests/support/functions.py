"""A function of `functions/` run in this process as Lambda runs it, against AWS in memory."""

import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
from samcli.yamlhelper import yaml_parse

from tests.support.queues import records

TEMPLATE = yaml_parse(Path("template.yaml").read_text(encoding="utf-8"))
FUNCTIONS = {
    properties["CodeUri"].removeprefix("functions/"): properties
    for properties in (
        entry["Properties"] for entry in TEMPLATE["Resources"].values() if entry["Type"] == "AWS::Serverless::Function"
    )
}
CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:sa-east-1:123456789012:function:f",
    aws_request_id="1",
    get_remaining_time_in_millis=lambda: 60_000,
)
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: a call is refused at once."""
WEBHOOK_SECRET, WAKE_SECRET, PASSWORD = "webhook-" + "a" * 16, "fechamento-" + "a" * 16, "senha-" + "a" * 16
SECRETS = {
    "supabase": "sb_secret_a",
    "totvs": json.dumps({"username": "sicfar", "password": PASSWORD}),
    "webhook": WEBHOOK_SECRET,
    "fechamentos": WAKE_SECRET,
}
_VALUES = {
    "SUPABASE_URL": NOWHERE,
    "SUPABASE_SECRET_ID": "supabase",
    "TOTVS_CONFIG": "ssm:/totvs",
    "TOTVS_SECRET_ID": "totvs",
    "TOTVS_WEBHOOK_SECRET_ID": "webhook",
    "FECHAMENTOS_SECRET_ID": "fechamentos",
    "ENVIO_ESCADA_SEGUNDOS": "60,300",
    "BUCKET": "planta",
}


def variables(name: str) -> dict[str, str]:
    """The variables that the template gives a function of ours, with values for AWS in memory."""
    names = {
        **TEMPLATE["Globals"]["Function"]["Environment"]["Variables"],
        **FUNCTIONS[name]["Environment"]["Variables"],
    }
    del names["AWS_ENDPOINT_URL"], names["PYDANTIC_DISABLE_PLUGINS"], names["POWERTOOLS_LOG_LEVEL"]
    given = {key: value for key, value in names.items() if isinstance(value, str)}
    return {key: _VALUES.get(key) or given.get(key) or "5" for key in names}


def totvs_config(url: str = "https://erp.planta.example") -> str:
    """A configuration of the ERP at an address."""
    return json.dumps(
        {
            "totvs": {
                "baseUrl": url,
                "endpoints": {"ordens": "/ordens-producao", "produtos": "/produtos", "lotes": "/lotes"},
                "auth": {"type": "bearer", "tokenUrl": "/auth/token"},
            }
        }
    )


def put_secret(name: str, text: str | None = None) -> None:
    """Make a secret, or change it."""
    client = boto3.client("secretsmanager")
    text = SECRETS[name] if text is None else text
    if name in {one["Name"] for one in client.list_secrets()["SecretList"]}:
        client.put_secret_value(SecretId=name, SecretString=text)
    else:
        client.create_secret(Name=name, SecretString=text)


def put_config(text: str) -> None:
    """Publish a configuration of the ERP."""
    boto3.client("ssm").put_parameter(Name="/totvs", Value=text, Type="String", Overwrite=True)


def load(name: str) -> ModuleType:
    """A function's module, imported as a new process does."""
    spec = importlib.util.spec_from_file_location(f"function_{name}", f"functions/{name}/app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if (folder := str(Path("functions", name))) not in sys.path:
        sys.path.append(folder)  # as on Lambda, where it holds the function's own packages
    spec.loader.exec_module(module)
    return module


class Fed:
    """A queue with its dead letters, and the function it feeds."""

    def __init__(self, app: ModuleType) -> None:
        self.app = app
        self.sqs = boto3.client("sqs")
        self.dlq = self.sqs.create_queue(QueueName="q-dlq")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        self.url = self.sqs.create_queue(
            QueueName="q", Attributes={"VisibilityTimeout": "360", "RedrivePolicy": redrive}
        )["QueueUrl"]

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def feed(self) -> list[dict[str, Any]]:
        """Hand over what is there and delete what did not fail; returns what was handed over."""
        given = records(self.sqs, self.url)
        if given:
            failed = {
                one["itemIdentifier"] for one in self.app.handler({"Records": given}, CONTEXT)["batchItemFailures"]
            }
            for record in given:
                if record["messageId"] not in failed:
                    self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])
        return given

    def counted(self, url: str, what: str = "") -> int:
        """How many messages of a queue are visible, or `Delayed`, or `NotVisible`."""
        name = f"ApproximateNumberOfMessages{what}"
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return next(int(value) for attribute, value in found.items() if attribute == name)


def metric(out: str, name: str) -> list[float]:
    """What was put out of a metric, in the order of the invocations."""
    printed = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return [value for one in printed if "_aws" in one for value in one.get(name, [])]


def proxy(resource: str, body: str = "", **headers: str) -> dict[str, Any]:
    """A request as API Gateway hands it over."""
    return {
        "resource": resource,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "queryStringParameters": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": f"r-{time.time_ns()}", "identity": {"sourceIp": "10.0.0.1"}},
    }
