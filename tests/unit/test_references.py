"""Secrets and parameters: where a reference leads, how long what it led to is used, and who may call a webhook."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import base
from moto import mock_aws

from sicfar.aws import parameters
from sicfar.references import Latest, read_again, resolve
from sicfar.settings import SettingError
from sicfar.totvs.config import Auth, credentials, latest_config
from sicfar.totvs.intake import webhook_references, webhook_secrets
from sicfar.webhooks.auth import WebhookAuth, valid_secrets


@pytest.fixture
def aws(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "sa-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    parameters.forget()
    with mock_aws():
        yield
    parameters.forget()


class Clock(datetime):
    """Powertools' clock, which a test puts forward."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(base, "datetime", Clock)
    monkeypatch.setattr(Clock, "ahead", timedelta(0))
    return Clock


def put(name: str, value: str) -> None:
    boto3.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def test_a_reference_leads_to_environment_parameter_or_secret(aws, monkeypatch):
    monkeypatch.setenv("SENHA", "da variável")
    boto3.client("ssm").put_parameter(Name="/sicfar/x", Value="do ssm", Type="SecureString")
    boto3.client("secretsmanager").create_secret(Name="sicfar/x", SecretString='{"password": "do segredo"}')
    assert resolve("env:SENHA", "x") == "da variável"
    assert resolve("ssm:/sicfar/x", "x") == "do ssm"
    assert resolve("secretsmanager:sicfar/x#password", "x") == "do segredo"
    assert resolve("secretsmanager:sicfar/x", "x") == '{"password": "do segredo"}'


@pytest.mark.parametrize(
    "reference",
    [
        "env:NADA_DISSO",
        "ssm:/nada",
        "secretsmanager:nada",
        "secretsmanager:sicfar/x#outra",
        "secretsmanager:binario",
        "literal",
    ],
)
def test_p9_a_reference_that_leads_nowhere_names_the_setting_and_no_secret(aws, reference):
    boto3.client("secretsmanager").create_secret(Name="sicfar/x", SecretString='{"password": "do segredo"}')
    boto3.client("secretsmanager").create_secret(Name="binario", SecretBinary=b"do segredo")
    with pytest.raises(SettingError) as refused:
        resolve(reference, "totvs.auth.password")
    assert refused.value.where == "totvs.auth.password"
    assert "do segredo" not in str(refused.value)


def test_what_came_from_aws_is_used_for_its_age_and_then_read_again(aws, clock):
    put("/x", "velho")
    assert resolve("ssm:/x", "x") == "velho"
    put("/x", "novo")
    clock.ahead = timedelta(seconds=parameters.MAX_AGE_S - 1)
    assert resolve("ssm:/x", "x") == "velho"
    clock.ahead = timedelta(seconds=parameters.MAX_AGE_S + 1)
    assert resolve("ssm:/x", "x") == "novo"


def test_p6_while_aws_cannot_be_read_the_last_text_stays_in_use(aws, clock, caplog):
    put("/x", "velho")
    assert resolve("ssm:/x", "x") == "velho"
    boto3.client("ssm").delete_parameter(Name="/x")
    clock.ahead = timedelta(seconds=parameters.MAX_AGE_S + 1)
    assert resolve("ssm:/x", "x") == "velho"
    assert "segue valendo o texto anterior de /x" in caplog.text
    put("/x", "novo")
    assert resolve("ssm:/x", "x") == "velho"  # asked again after its age, not at every call
    clock.ahead = timedelta(seconds=2 * parameters.MAX_AGE_S + 2)
    assert resolve("ssm:/x", "x") == "novo"


def test_p6_what_was_refused_is_read_again_at_once_but_once_a_minute(aws, monkeypatch):
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="sicfar/x", SecretString="velho")
    put("/x", "velho")
    now = 1_000.0
    monkeypatch.setattr(parameters.time, "monotonic", lambda: now)
    references = ("secretsmanager:sicfar/x", "ssm:/x")
    assert [resolve(one, "x") for one in references] == ["velho", "velho"]

    def change(text):
        secrets.put_secret_value(SecretId="sicfar/x", SecretString=text)
        put("/x", text)
        for one in references:
            read_again(one)
        return [resolve(one, "x") for one in references]

    assert change("novo") == ["novo", "novo"]
    assert change("mais novo") == ["novo", "novo"], "a wrong caller must not make us ask AWS at every call"
    now += parameters.AGAIN_S
    assert change("o último") == ["o último", "o último"]
    secrets.delete_secret(SecretId="sicfar/x", ForceDeleteWithoutRecovery=True)
    now += parameters.AGAIN_S
    read_again("secretsmanager:sicfar/x")
    assert resolve("secretsmanager:sicfar/x", "x") == "o último"
    read_again("secretsmanager:nunca-houve")
    read_again("env:NADA")


def test_a_configuration_without_aws_needs_neither_boto3_nor_powertools(tmp_path):
    file = tmp_path / "endpoints.json"
    totvs = {
        "baseUrl": "https://erp.planta.example",
        "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
        "auth": {"type": "basic", "username": "env:QUEM", "password": "env:SENHA"},
    }
    file.write_text(json.dumps({"totvs": totvs}), encoding="utf-8")
    code = (
        "import sys; sys.modules.update(boto3=None, botocore=None, aws_lambda_powertools=None)\n"
        "from sicfar.totvs.config import credentials, load_config\n"
        "from sicfar.totvs.intake import webhook_secrets\n"
        f"config = load_config({f'file:{file}'!r})\n"
        "secrets = webhook_secrets(lambda: config.webhook.auth, print)\n"
        "print(credentials(config.auth), secrets.get(), secrets.read_again() == secrets.get())"
    )
    environment = {"QUEM": "u", "SENHA": "p", "TOTVS_WEBHOOK_SECRET": "s" * 16}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"('u', 'p') ['{'s' * 16}'] True"


def test_credentials_come_from_the_named_secret_or_from_the_environment(aws, monkeypatch):
    boto3.client("secretsmanager").create_secret(Name="erp", SecretString='{"username": "u", "password": "p"}')
    monkeypatch.setenv("TOTVS_SECRET_ID", "erp")
    assert credentials(Auth(type="basic")) == ("u", "p")
    monkeypatch.delenv("TOTVS_SECRET_ID")
    monkeypatch.setenv("TOTVS_USERNAME", "u2")
    monkeypatch.setenv("TOTVS_PASSWORD", "p2")
    assert credentials(Auth(type="basic")) == ("u2", "p2")


@pytest.mark.parametrize(
    ("text", "many"),
    [("a" * 16, 1), (json.dumps(["a" * 16]), 1), (json.dumps(["a" * 16, "b" * 16]), 2), ("curto", 0), ("[]", 0),
     ("[1]", 0), ("[", 0), (json.dumps(["a" * 16] * 3), 0)],
)  # fmt: skip
def test_one_webhook_secret_or_two_while_one_is_being_changed(monkeypatch, text, many):
    monkeypatch.setenv("TOTVS_WEBHOOK_SECRET", text)
    if many:
        assert len(webhook_secrets(WebhookAuth, pytest.fail).get()) == many
    else:
        with pytest.raises(SettingError) as refused:
            webhook_secrets(WebhookAuth, pytest.fail).get()
        assert "curto" not in text or text not in refused.value.where


def test_a_webhooks_secrets_are_those_its_references_lead_to(monkeypatch):
    monkeypatch.setenv("UM", "a" * 16)
    monkeypatch.setenv("DOIS", "b" * 16)
    assert valid_secrets(["env:UM", "env:DOIS"], "x") == ["a" * 16, "b" * 16]
    assert webhook_references(WebhookAuth(secrets=("env:DOIS",))) == ("env:DOIS",)


# ----------------------------------------------------------------------------------------------- what is made of them


def test_what_is_made_of_a_text_is_made_again_only_when_the_text_changes():
    texts, made = iter(["a", "a", "b"]), []

    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    value = Latest(lambda: next(texts), make, pytest.fail)
    assert [value.get(), value.get(), value.get()] == ["A", "A", "B"]
    assert made == ["a", "b"]


def test_an_unusable_change_is_logged_once_and_not_taken(monkeypatch, tmp_path):
    file = tmp_path / "endpoints.json"
    totvs = {
        "baseUrl": "https://erp.planta.example",
        "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
        "auth": {"type": "basic"},
    }
    file.write_text(json.dumps({"totvs": totvs}), encoding="utf-8")
    told: list[str] = []
    monkeypatch.setenv("TOTVS_CONFIG", f"file:{file}")
    config = latest_config(told.append)
    used = config.get()
    file.write_text(json.dumps({"totvs": totvs | {"pageSize": 0}}), encoding="utf-8")
    assert config.get() is config.get() is used
    (one,) = told
    assert "totvs.pageSize" in one
    file.write_text(json.dumps({"totvs": totvs | {"pageSize": 7}}), encoding="utf-8")
    assert config.get().page_size == 7


def test_a_first_reading_that_fails_is_raised():
    def read() -> str:
        raise SettingError("x", "fora do ar")

    value = Latest(read, str, pytest.fail)
    for _ in range(2):
        with pytest.raises(SettingError):
            value.get()
