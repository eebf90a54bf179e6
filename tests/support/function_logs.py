"""What the functions log when each thing the alarms watch happens to them: their own handlers, as the template sets
them up, with a database that answers as told and an emulated AWS in this process.
"""

import importlib.util
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws

from operations.audit import nightly
from operations.audit.seals import sealing
from operations.audit.seals.sealing import Sealed
from operations.audit.summary import Summary
from sicfar.aws import parameters
from sicfar.closing.run import Closing, Run
from sicfar.database import supabase
from sicfar.database.answers import Health
from sicfar.errors import TransientError
from sicfar.ingest.intake import Intake, Result
from sicfar.totvs.outbox import Poster
from sicfar.totvs.sync import Outcome, Sync
from tests.support.template import REGION, RESOURCES, TEMPLATE, resolved

SENT_AN_HOUR_AGO = 3600
_AWAY = TransientError("away", "o banco não respondeu")
_MATTERS = Health(
    breaker_open=1,
    overdue_closings=2,
    stopped_reports=3,
    silent_lines=("SPEP-ENV-A",),
    silent_gateways=("farmace-spep",),
    oldest_report_s=7200,
)


@dataclass(frozen=True)
class Point:
    """A data point as CloudWatch takes it from a log line in the embedded metric format."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    values: tuple[float, ...]


def points(lines: str) -> list[Point]:
    """The data points in what a function printed.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    logged = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    return [
        Point(
            directive["Namespace"],
            metric["Name"],
            tuple((name, line[name]) for name in dimensions),
            metric["Unit"],
            tuple(line[metric["Name"]]) if isinstance(line[metric["Name"]], list) else (line[metric["Name"]],),
        )
        for line in logged
        if "_aws" in line
        for directive in line["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    ]


def _messages(name: str, ago_s: int | None = None) -> Any:
    """A message sent now; with `ago_s` the copy of one that was first sent so long ago."""
    event = json.loads(Path(f"events/{name}.json").read_text(encoding="utf-8"))
    for record in event["Records"]:
        record["attributes"]["SentTimestamp"] = str(int(time.time() * 1000))
        if ago_s is not None:
            first = str(int((time.time() - ago_s) * 1000))
            record["messageAttributes"]["primeiro_envio"] = {"stringValue": first, "dataType": "Number"}
    return event


def _fails(*_: object, **__: object) -> Any:
    raise _AWAY


def _breaks(*_: object, **__: object) -> Any:
    raise KeyError("a key nobody expected to be missing")


def _closing(health: Health) -> Any:
    nothing = {"closed": (), "waiting": 1, "adjustments": 0, "partial_reports": 0, "failures": (), "busy": False}
    run = Run(**nothing, rung=0, found=0, reread=0, moved=0, health=health)
    return lambda *_: run


@contextmanager
def aws_and_database(answers: Mapping[Any, Mapping[str, Any]]) -> Iterator[None]:
    """AWS in this process with the configuration and secrets the template names, and these answers instead of a
    database's: by object and name of what is replaced."""
    with pytest.MonkeyPatch.context() as patched, mock_aws():
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patched.setenv("AWS_DEFAULT_REGION", REGION)
        patched.setattr(supabase, "connect", lambda *_, **__: object())
        for owner, replaced in answers.items():
            for name, answer in replaced.items():
                patched.setattr(owner, name, answer)
        parameters.forget()
        secrets = boto3.client("secretsmanager")
        config = Path("config/endpoints.json").read_text(encoding="utf-8")
        boto3.client("ssm").put_parameter(Name=resolved({"Ref": "TotvsConfigParametro"}), Value=config, Type="String")
        for name, text in {
            "SupabaseSecretId": "sb_secret_test",
            "TotvsSecretId": '{"username": "u", "password": "p"}',
            "TotvsWebhookSecretId": "a-secret-of-at-least-32-characters!!",
            "AuditoriaSecretId": "postgresql://sicfar_auditoria@127.0.0.1:1/postgres",
            "FechamentosSecretId": "another-secret-of-32-characters!!!!!",
        }.items():
            secrets.create_secret(Name=resolved({"Ref": name}), SecretString=text)
        yield
        parameters.forget()


def _loaded(logical_id: str) -> ModuleType:
    """A function's module, imported anew with the environment the template gives it."""
    path = Path(RESOURCES[logical_id]["Properties"]["CodeUri"]) / "app.py"
    spec = importlib.util.spec_from_file_location(f"app_{logical_id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def invoke(logical_id: str, event: object) -> None:
    """Call a function of the template by its logical id, set up as it is there."""
    properties = RESOURCES[logical_id]["Properties"]
    context = SimpleNamespace(
        function_name=logical_id,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:sa-east-1:000000000000:function:{logical_id}",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: 60_000,
    )
    environment = {
        name: str(value)
        for part in (_global_variables(), properties["Environment"]["Variables"])
        for name, value in resolved(part).items()
        if value != ""
    }
    with patch.dict(os.environ, environment):
        _loaded(logical_id).handler(event, context)


def _global_variables() -> dict[str, Any]:
    variables: dict[str, Any] = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    return {name: value for name, value in variables.items() if name != "AWS_ENDPOINT_URL"}


def everything_goes_wrong() -> None:
    """Each function meets what its alarms watch."""
    for logical_id, event, answers in (
        ("TxtParser", _messages("txt_parser", SENT_AN_HOUR_AGO), {}),
        (
            "TotvsApply",
            _messages("totvs_apply", SENT_AN_HOUR_AGO),
            {supabase: {"receber_eventos_totvs": _fails}},
        ),
        ("TotvsApply", _messages("totvs_apply"), {supabase: {"receber_eventos_totvs": _breaks}}),
        ("TotvsPost", _messages("totvs_post", SENT_AN_HOUR_AGO), {supabase: {"reivindicar_envio": _fails}}),
        ("TotvsWebhook", _unsigned(), {}),
        ("LotClosure", {}, {Closing: {"run": _closing(_MATTERS)}}),
        ("LotClosure", _unsigned(), {}),
        ("Auditoria", {"acao": "auditar"}, {nightly: {"audit_day": lambda *_: Summary()}}),
    ):
        with aws_and_database(answers):
            _queues()
            invoke(logical_id, event)


def everything_goes_well() -> None:
    """Nothing is the matter: a run of each function that runs all the time."""
    nothing_wrong = Health(
        breaker_open=0, overdue_closings=0, stopped_reports=0, silent_lines=(), silent_gateways=(), open_orders=12
    )
    answers: dict[Any, dict[str, Any]] = {
        supabase: {
            "disjuntor_aberto": lambda *_: False,
            "publicar_regras_totvs": lambda *_: None,
            "registrar_tentativas": lambda *_: None,
            "receber_eventos_totvs": lambda *_: (),
        },
        Intake: {"process": lambda *_: Result()},
        Poster: {"ring": lambda *_: []},
        Closing: {"run": _closing(nothing_wrong)},
        nightly: {"audit_day": lambda *_: Summary()},
        sealing: {"seal_rows": lambda *_: Sealed()},
        Sync: {"run": lambda _: [Outcome(entity="ordens"), Outcome(entity="produtos")]},
    }
    for logical_id, event in (
        ("TxtParser", _messages("txt_parser")),
        ("TotvsApply", _messages("totvs_apply")),
        ("TotvsPost", _messages("totvs_post")),
        ("TotvsSync", {}),
        ("LotClosure", {}),
        ("Auditoria", {"acao": "selar"}),
        ("Auditoria", {"acao": "auditar"}),
    ):
        with aws_and_database(answers):
            _queues()
            invoke(logical_id, event)


def _queues() -> None:
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::SQS::Queue":
            boto3.client("sqs").create_queue(QueueName=resolved(resource["Properties"]["QueueName"]))


def _unsigned() -> dict[str, Any]:
    """A request to the API without a header."""
    event: dict[str, Any] = json.loads(Path("events/totvs_webhook.json").read_text(encoding="utf-8"))
    return {**event, "headers": {}}
