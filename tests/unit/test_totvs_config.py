"""The configuration of the ERP: the shipped file works, and what cannot work is told all at once."""

import contextlib
import json
import re
import traceback
from pathlib import Path

import boto3
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from local import contracts
from operations.cli import main
from sicfar.settings import SettingError
from sicfar.totvs.config import TotvsConfig, load_config

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


FAULTS: list[tuple[str, object, str]] = [
    ("baseUrl", "totvs.farmace.com", 'totvs.baseUrl: "totvs.farmace.com" não serve; escreva o endereço do serviço'),
    ("baseUrl", "http://totvs.farmace.com/api", "allowHttp"),
    ("baseUrl", "https://user:segredo@totvs/api", "totvs.baseUrl: (oculto) não serve; tire usuário e senha"),
    ("baseUrl", "ftp://user:segredo@[", "totvs.baseUrl: (oculto) não serve"),
    ("endpoints", {"ordens": "ordens"}, "totvs.endpoints.produtos: falta; escreva o caminho depois de baseUrl"),
    ("endpoints", {"ordens": "o"}, 'totvs.endpoints.ordens: "o" não serve; escreva o caminho depois de baseUrl'),
    ("endpoints", {"ordem": "/x"}, "totvs.endpoints.ordem: chave desconhecida; seria `ordens`?"),
    ("auth", {"type": "oauth1", "tokenUrl": "/t"}, 'totvs.auth.type: "oauth1" não serve; use um de bearer, basic'),
    ("auth", {}, "totvs.auth.type: falta; use um de bearer, basic"),
    (
        "auth",
        {"type": "bearer"},
        'totvs.auth.tokenUrl: "" não serve; escreva o caminho depois de baseUrl, p. ex. /auth/token',
    ),
    (
        "auth",
        {"type": "basic", "password": "segredo"},
        "totvs.auth.password: (oculto) não serve; escreva uma referência",
    ),
    ("auth", {"type": "basic", "password": ["segredo"]}, "totvs.auth.password: (oculto) não serve"),
    ("auth", {"type": "basic", "pasword": "segredo"}, "totvs.auth.pasword: chave desconhecida; seria `password`?"),
    ("auth", ["segredo"], "totvs.auth: uma lista não serve; escreva um objeto { … }"),
    ("timeouts", {"readSeconds": 0}, "totvs.timeouts.readSeconds: 0 não serve; escreva um inteiro de 1 a 300"),
    ("pageSize", "100", 'totvs.pageSize: "100" não serve; escreva um inteiro de 1 a 1000'),
    ("pageSize", True, "totvs.pageSize: true não serve"),
    ("pageSize", 2.5, "totvs.pageSize"),
    ("concurrency", 4, "totvs.concurrency: 4 não serve; escreva um inteiro de 1 a 3"),
    ("allowHttp", "sim", 'totvs.allowHttp: "sim" não serve; escreva true ou false'),
    ("charset", "latin1", 'totvs.charset: "latin1" não serve; use um de utf-8, cp1252'),
    ("changedSince", {"format": "unix"}, "totvs.changedSince.format"),
    ("mapping", {"campos": {"ordem": {"numero": "x"}}}, 'totvs.mapping.campos.ordem.numero: "numero" não serve; seria'),
    (
        "mapping",
        {"campos": {"ordens": {}}},
        'totvs.mapping.campos.ordens: "ordens" não serve; use um de ordem, produto',
    ),
    (
        "mapping",
        {"campos": {"ordem": {"dossie": ""}}},
        'totvs.mapping.campos.ordem.dossie: "" não serve; escreva um caminho',
    ),
    ("mapping", {"valores": {"lote": {"situacao": {"1": 2}}}}, "totvs.mapping.valores.lote.situacao.1: 2 não serve"),
    (
        "mapping",
        {"envelopes": [{"tipo": "ordem", "dados": "x"}]},
        "totvs.mapping.envelopes[0].quando: falta; escreva um",
    ),
    ("mapping", {"envelopes": [{"quando": {}, "tipo": "ordem", "dados": "x"}]}, 'p. ex. {"Header.Type": "OP"}'),
    (
        "mapping",
        {"envelopes": [{"quando": {"a": "b"}, "tipo": "ordem"}]},
        "envelopes[0]: um objeto não serve; diga em `dados`",
    ),
    (
        "mapping",
        {"carimbos": {"S_T_A_M_P_": "Marte"}},
        'totvs.mapping.carimbos.S_T_A_M_P_: "Marte" não serve; escreva um fuso',
    ),
    ("mapping", None, "totvs.mapping: null não serve; escreva um objeto { … }"),
    ("webhook", {"auth": {"secrets": ["segredo"]}}, "totvs.webhook.auth.secrets[0]: (oculto) não serve"),
    (
        "webhook",
        {"auth": {"secrets": ["env:A", "env:B", "env:C"]}},
        "totvs.webhook.auth.secrets: (oculto) não serve; escreva",
    ),
    ("webhook", {"auth": {"secrets": "segredo"}}, "totvs.webhook.auth.secrets: (oculto) não serve; escreva uma lista"),
    ("auth", "segredo", "totvs.auth: um texto não serve; escreva um objeto { … }"),
    ("lockTexts", "x", "totvs.lockTexts: um texto não serve; escreva uma lista [ … ]"),
    ("lockTexts", [""], 'totvs.lockTexts[0]: "" não serve; escreva um texto não vazio'),
    ("tenantID", "01,01", "totvs.tenantID: chave desconhecida; seria `tenantId`?"),
    ("tenantId", 1, "totvs.tenantId: 1 não serve; escreva um texto entre aspas, p. ex. 01,0101"),
    ("zzz", 1, "totvs.zzz: chave desconhecida; as chaves são charset, mapping, webhook"),
]


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


# -------------------------------------------------------------------------------------------------- the editor's schema

SCHEMA = json.loads(contracts.CONFIG_SCHEMA.read_text(encoding="utf-8"))
CHECKED_BY_THE_EDITOR = {"endpoints", "timeouts", "pageSize", "concurrency", "charset", "lockTexts", "tenantID", "zzz"}


def test_the_schema_of_the_file_is_what_the_models_make_of_it():
    assert contracts.CONFIG_SCHEMA.read_text(encoding="utf-8") == contracts.config_schema(), (
        "run python -m local.contracts"
    )


def test_the_schema_takes_the_shipped_file_and_the_file_may_name_it():
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    named = {"$schema": "endpoints.schema.json", **document}
    jsonschema.Draft202012Validator(SCHEMA).validate(named)
    assert TotvsConfig.parse(json.dumps(named), "teste") == parse()


@pytest.mark.parametrize(("key", "value", "told"), [one for one in FAULTS if one[0] in CHECKED_BY_THE_EDITOR])
def test_the_schema_refuses_what_the_loader_refuses(key, value, told):
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    document["totvs"][key] = value
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)), told


def test_the_schema_completes_the_fields_of_each_kind():
    kinds = SCHEMA["$defs"]["Mapping"]["properties"]["campos"]["properties"]
    assert set(kinds) == {"ordem", "produto", "insumo", "lote", "velocidade"}
    assert "numero_op" in kinds["ordem"]["propertyNames"]["enum"]


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
    assert main(["totvs", "publicar", "--config", str(SHIPPED), "--parametro", name]) == 0
    assert boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == SHIPPED.read_text(encoding="utf-8")
    wrong = tmp_path / "endpoints.json"
    wrong.write_text(SHIPPED.read_text(encoding="utf-8").replace("https://", "ftp://"), encoding="utf-8")
    assert main(["totvs", "publicar", "--config", str(wrong), "--parametro", "/outro"]) == 2
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
