"""The configuration of the ERP: the shipped file works, and what cannot work is told all at once."""

import contextlib
import json
import re
import traceback
from pathlib import Path

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from operations.cli import main
from sicfar.settings import SettingError
from sicfar.totvs.config import TotvsConfig, load_config
from sicfar.totvs.intake import IntakeFile, read_file
from tests.support.config_faults import FAULTS

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
    assert (config.auth.type, config.auth.token_url, config.webhook.auth.type) == ("bearer", "/auth/token", "hmac")
    assert (config.page_size, config.concurrency, config.charset) == (100, 3, "utf-8")


def test_only_the_address_need_be_changed():
    assert parse(baseUrl="https://erp.planta.example/rest").url("/lotes") == "https://erp.planta.example/rest/lotes"


@pytest.mark.parametrize(("key", "value", "told"), FAULTS)
def test_a_key_that_cannot_be_used_is_named_with_what_to_write_instead(key, value, told):
    text = fault(**{key: value})
    assert told in text
    assert "segredo" not in text


def test_p9_a_fault_carries_no_secret_in_its_causes():
    password = "-".join(("a", "senha", "mesmo"))
    with pytest.raises(SettingError) as refused:
        parse(auth={"type": "basic", "password": password})
    assert password not in "".join(traceback.format_exception(refused.value))


def test_all_faults_are_told_at_once():
    text = fault(pageSize=0, charset="x", concurrency=9, endpoints={}, tenantID="x")
    told = [
        "pageSize",
        "charset",
        "concurrency",
        "endpoints.ordens",
        "endpoints.produtos",
        "endpoints.lotes",
        "tenantID",
    ]
    assert all(f"totvs.{key}: " in text for key in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "não é JSON"),
        ('{"totvs": {}, "totvs": {}}', "a chave 'totvs' está repetida"),
        ("[]", "o arquivo: uma lista não serve; escreva um objeto"),
        ("{}", "totvs: falta; escreva um objeto"),
        ('{"tovts": {}}', "tovts: chave desconhecida; seria `totvs`?"),
    ],
)
def test_a_file_that_is_no_configuration_is_told(text, told):
    with pytest.raises(SettingError, match="teste") as refused:
        TotvsConfig.parse(text, "teste")
    assert told in str(refused.value)


def test_no_fault_is_told_in_the_words_of_the_library():
    for key, value, _ in FAULTS:
        assert not re.search(r"Input|should|valid |Value error|expected", fault(**{key: value}))


def test_p8_a_fault_in_what_is_sent_to_totvs_does_not_stop_what_is_heard():
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    document["totvs"] |= {"reports": {"digits": 0}, "baseUrl": "x", "webhook": {"auth": {"type": "bearer"}}}
    intake = read_file(IntakeFile, json.dumps(document), "teste").totvs
    assert (intake.webhook.auth.type, intake.charset) == ("bearer", "utf-8")
    document["totvs"] |= {"charset": "x", "mapping": {"campos": {"ordem": {"nada": "x"}}}}
    with pytest.raises(SettingError) as refused:
        read_file(IntakeFile, json.dumps(document), "teste")
    assert "totvs.charset" in str(refused.value)
    assert "totvs.mapping.campos.ordem.nada" in str(refused.value)


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


@mock_aws
def test_publishing_writes_a_checked_configuration_and_no_other(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    name = "/sicfar/teste/totvs"
    assert main(["totvs", "publicar", "--config", str(SHIPPED), "--parametro", name, "--sem-envios"]) == 0
    assert boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == SHIPPED.read_text(encoding="utf-8")
    wrong = tmp_path / "endpoints.json"
    wrong.write_text(SHIPPED.read_text(encoding="utf-8").replace("https://", "ftp://"), encoding="utf-8")
    assert main(["totvs", "publicar", "--config", str(wrong), "--parametro", "/outro", "--sem-envios"]) == 2
    assert "totvs.baseUrl" in capsys.readouterr().err
    with pytest.raises(boto3.client("ssm").exceptions.ParameterNotFound):
        boto3.client("ssm").get_parameter(Name="/outro")


def test_where_reports_go_has_defaults_and_asks_nothing_unconfigured():
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
