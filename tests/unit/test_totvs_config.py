"""The configuration of the ERP: the shipped file works, and what cannot work is told all at once."""

import contextlib
import json
from pathlib import Path

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from operations.cli import main
from sicfar.settings import SettingError
from sicfar.totvs import references
from sicfar.totvs.config import TotvsConfig, credentials, load_config, webhook_secrets
from sicfar.totvs.references import Cached, resolve

SHIPPED = Path(__file__).parents[2] / "config" / "endpoints.json"


def parse(**more: object) -> TotvsConfig:
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    document["totvs"] |= more
    return TotvsConfig.parse(json.dumps(document), "teste")


def fault(**more: object) -> str:
    with pytest.raises(SettingError) as refused:
        parse(**more)
    return str(refused.value)


def test_the_shipped_file_works_as_it_is():
    config = load_config(f"file:{SHIPPED}")
    assert config.base_url == "https://totvs.farmace.com/api"
    assert config.url("/produtos") == "https://totvs.farmace.com/api/produtos"
    assert config.endpoints == {"ordens": "/ordens-producao", "produtos": "/produtos", "lotes": "/lotes"}
    assert (config.auth.type, config.auth.token_url, config.webhook.type) == ("bearer", "/auth/token", "hmac")
    assert (config.page_size, config.concurrency, config.charset) == (100, 3, "utf-8")


def test_only_the_address_need_be_changed():
    assert parse(baseUrl="https://erp.planta.example/rest").url("/lotes") == "https://erp.planta.example/rest/lotes"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("baseUrl", "totvs.farmace.com", "totvs.baseUrl"),
        ("baseUrl", "http://totvs.farmace.com/api", "allowHttp"),
        ("baseUrl", "https://user:segredo@totvs/api", "por referência"),
        ("endpoints", {"ordens": "ordens"}, "totvs.endpoints.ordens"),
        ("endpoints", {"ordem": "/x", "ordens": "/o", "produtos": "/p", "lotes": "/l"}, "seria `ordens`?"),
        ("auth", {"type": "oauth1", "tokenUrl": "/t"}, "totvs.auth.type"),
        ("auth", {"type": "bearer"}, "totvs.auth.tokenUrl"),
        ("auth", {"type": "bearer", "tokenUrl": "/t", "password": "segredo"}, "nunca o valor"),
        ("timeouts", {"readSeconds": 0}, "totvs.timeouts.readSeconds"),
        ("pageSize", "100", "totvs.pageSize"),
        ("concurrency", 4, "de 1 a 3"),
        ("charset", "latin1", "cp1252"),
        ("changedSince", {"format": "unix"}, "totvs.changedSince.format"),
        ("mapping", {"campos": {"ordem": {"numero": "x"}}}, "totvs.mapping.campos.ordem.numero"),
        ("mapping", {"envelopes": [{"tipo": "ordem", "dados": "x"}]}, "quando"),
        ("webhook", {"auth": {"type": "hmac", "secrets": ["segredo"]}}, "totvs.webhook.auth.secrets"),
        ("lockTexts", "x", "totvs.lockTexts"),
        ("tenantID", "01,01", "seria `tenantId`?"),
        ("tenantId", 1, "totvs.tenantId"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_with_what_to_write_instead(key, value, told):
    text = fault(**{key: value})
    assert told in text
    assert "segredo" not in text


def test_all_faults_are_told_at_once():
    text = fault(pageSize=0, charset="x", concurrency=9)
    assert all(f"totvs.{key}" in text for key in ("pageSize", "charset", "concurrency"))


KEYS = [
    "baseUrl",
    "endpoints",
    "auth",
    "tenantId",
    "timeouts",
    "pageSize",
    "changedSince",
    "order",
    "mapping",
    "webhook",
]
scalars = st.none() | st.booleans() | st.integers(-1, 9) | st.text(max_size=5)
values = (
    scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from([*KEYS, "type"]), scalars, max_size=2)
)


@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=3))
def test_whatever_is_written_there_is_only_ever_a_setting_error(totvs):
    with contextlib.suppress(SettingError):
        parse(**totvs)


def test_a_closed_network_may_do_without_https():
    assert parse(baseUrl="http://10.0.0.5:8080/rest", allowHttp=True).base_url == "http://10.0.0.5:8080/rest"
    assert parse(baseUrl="http://127.0.0.1:8080/rest").base_url == "http://127.0.0.1:8080/rest"


# -------------------------------------------------------------------------------------------------------- references


@pytest.fixture
def aws(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "sa-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def test_a_reference_leads_to_the_environment_the_parameter_store_or_a_secret(aws, monkeypatch):
    monkeypatch.setenv("SENHA", "da variável")
    boto3.client("ssm").put_parameter(Name="/sicfar/x", Value="do ssm", Type="SecureString")
    boto3.client("secretsmanager").create_secret(Name="sicfar/x", SecretString='{"password": "do segredo"}')
    assert resolve("env:SENHA", "x") == "da variável"
    assert resolve("ssm:/sicfar/x", "x") == "do ssm"
    assert resolve("secretsmanager:sicfar/x#password", "x") == "do segredo"
    assert resolve("secretsmanager:sicfar/x", "x") == '{"password": "do segredo"}'


@pytest.mark.parametrize(
    "reference", ["env:NADA_DISSO", "ssm:/nada", "secretsmanager:nada", "secretsmanager:sicfar/x#outra", "literal"]
)
def test_a_reference_that_leads_nowhere_names_the_setting_and_no_secret(aws, reference):
    boto3.client("secretsmanager").create_secret(Name="sicfar/x", SecretString='{"password": "do segredo"}')
    with pytest.raises(SettingError) as refused:
        resolve(reference, "totvs.auth.password")
    assert refused.value.where == "totvs.auth.password"
    assert "do segredo" not in str(refused.value)


def test_credentials_come_from_the_named_secret_or_from_the_environment(aws, monkeypatch):
    boto3.client("secretsmanager").create_secret(Name="erp", SecretString='{"username": "u", "password": "p"}')
    monkeypatch.setenv("TOTVS_SECRET_ID", "erp")
    assert credentials(parse().auth) == ("u", "p")
    monkeypatch.delenv("TOTVS_SECRET_ID")
    monkeypatch.setenv("TOTVS_USERNAME", "u2")
    monkeypatch.setenv("TOTVS_PASSWORD", "p2")
    assert credentials(parse().auth) == ("u2", "p2")


@pytest.mark.parametrize(
    ("text", "many"),
    [("a" * 16, 1), (json.dumps(["a" * 16]), 1), (json.dumps(["a" * 16, "b" * 16]), 2), ("curto", 0), ("[]", 0),
     ("[1]", 0), ("[", 0), (json.dumps(["a" * 16] * 3), 0)],
)  # fmt: skip
def test_one_webhook_secret_or_two_while_one_is_being_changed(monkeypatch, text, many):
    monkeypatch.setenv("TOTVS_WEBHOOK_SECRET", text)
    if many:
        assert len(webhook_secrets(parse().webhook)) == many
    else:
        with pytest.raises(SettingError):
            webhook_secrets(parse().webhook)


def test_a_value_is_read_again_after_its_time_and_kept_if_that_fails(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(references.time, "monotonic", lambda: now[0])
    answers = iter(["velho", "novo"])

    def read():
        try:
            return next(answers)
        except StopIteration:
            raise SettingError("x", "fora do ar") from None

    told: list[str] = []
    value = Cached(read, told.append, seconds=300)
    assert value.get() == "velho"
    now[0] = 299.0
    assert value.get() == "velho"
    now[0] = 300.0
    assert value.get() == "novo"
    assert told == []
    now[0] = 900.0
    assert value.get() == "novo"
    assert "fora do ar" in told[0]


def test_a_first_reading_that_fails_is_raised():
    def read():
        raise SettingError("x", "fora do ar")

    with pytest.raises(SettingError):
        Cached(read, pytest.fail).get()


def test_publishing_writes_a_checked_configuration_and_no_other(aws, tmp_path, capsys):
    name = "/sicfar/teste/totvs"
    assert main(["totvs", "publicar", "--config", str(SHIPPED), "--parametro", name, "--sem-envios"]) == 0
    assert boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == SHIPPED.read_text(encoding="utf-8")
    wrong = tmp_path / "endpoints.json"
    wrong.write_text(SHIPPED.read_text(encoding="utf-8").replace("https://", "ftp://"), encoding="utf-8")
    assert main(["totvs", "publicar", "--config", str(wrong), "--parametro", "/outro", "--sem-envios"]) == 2
    assert "totvs.baseUrl" in capsys.readouterr().err
    with pytest.raises(boto3.client("ssm").exceptions.ParameterNotFound):
        boto3.client("ssm").get_parameter(Name="/outro")


def test_where_reports_go_has_defaults_and_no_question_is_asked_unless_configured():
    reports = parse().reports
    assert (reports.production.path, reports.losses.path, reports.status.path) == (
        "/apontamentos",
        "/perdas",
        "/lotes/status",
    )
    assert reports.production.query is None
    assert reports.lengths["codigo"] == 8
    asked = parse(reports={"production": {"query": {"parameter": "OH_IDMES"}}, "lengths": {"numero_lote": 20}}).reports
    assert asked.production.query is not None
    assert (asked.production.query.path, asked.production.query.parameter) == ("/apontamentos", "OH_IDMES")
    assert (asked.lengths["numero_lote"], asked.lengths["codigo"]) == (20, 8)


@pytest.mark.parametrize(
    ("reports", "told"),
    [
        ({"production": {"path": "apontamentos"}}, "totvs.reports.production.path"),
        ({"production": {"query": {"path": 1}}}, "totvs.reports.production.query.path"),
        ({"losses": {"fields": {"boas": 1}}}, "totvs.reports.losses.fields"),
        ({"codes": ["MAQUINA"]}, "totvs.reports.codes"),
        ({"lengths": {"codigo": 0}}, "totvs.reports.lengths.codigo"),
        ({"lengths": {"codgo": 8}}, "seria `codigo`?"),
        ({"produção": {}}, "chave desconhecida"),
    ],
)
def test_a_wrong_place_or_code_for_reports_is_named(reports, told):
    assert told in fault(reports=reports)
