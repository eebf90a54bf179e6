"""docs/openapi-totvs.yaml says what the code does: what it sends and takes fits, its examples are read."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from local import contracts
from local.report_contracts import REPORTS
from local.simulators.totvs.moods import SUCCESS
from local.simulators.totvs.server import Simulator
from operations.totvs_sample import sample
from sicfar.database.codes import ReportKind
from sicfar.totvs.access_token import Token, TokenAnswer, TokenRequest
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import Reports, TotvsConfig
from sicfar.totvs.events import Event, read_events
from sicfar.totvs.inbox import LARGEST_BODY, QueueUnavailableError, Reply, Request, take_in, unavailable
from sicfar.totvs.model import LONGEST_ID, MOST_EVENTS, Kind, fields
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import expected, written
from sicfar.webhooks.signature import sign
from tests.unit.test_totvs_door import configuration
from tests.unit.test_totvs_templates import CONTENT, HEADER, listed

DOCUMENT: dict[str, Any] = yaml.safe_load(Path("docs/openapi-totvs.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
_FORMATS = jsonschema.FormatChecker()


def validate(value: object, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=_FORMATS).validate(value)


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_the_document_is_what_the_models_make_of_it():
    assert contracts.OPENAPI.read_text(encoding="utf-8") == contracts.openapi(
        contracts.OPENAPI.read_text(encoding="utf-8")
    ), "run python -m local.contracts"


@pytest.mark.parametrize("kind", Kind)
def test_the_schema_of_a_kind_names_exactly_the_fields_that_are_read(kind):
    schema = SCHEMAS[f"Dados{kind.capitalize()}"]
    assert set(schema["properties"]) == {field.name for field in fields(kind)}
    assert set(schema["required"]) == {field.name for field in fields(kind) if field.required}
    for field in fields(kind):
        described = schema["properties"][field.name]
        assert described["description"]
        assert all(column in described["description"] for column in field.columns)


@pytest.mark.parametrize(
    ("data", "field", "right", "wrong"),
    [
        ("DadosOrdem", "numero_op", ["146734"], ["", " ", 146734, None, "1" * 15]),
        ("DadosOrdem", "numero_lote", ["25L16503F", "", None], [1, "x" * 41]),
        ("DadosOrdem", "quantidade", [0, "2,5", "37254"], [-1, "", None, "0,0000001"]),
        ("DadosOrdem", "volume_ml", [2, "2.5", None], [-1, "dois"]),
        (
            "DadosOrdem",
            "data_validade",
            ["20280331", "2028-03-31", "31/03/2028", None],
            ["ontem", 20280331, "2028-13-01"],
        ),
        ("DadosOrdem", "situacao", ["ABERTA", None], ["PARADA"]),
        ("DadosProduto", "bloqueado", [True, False], [1, "sim"]),
        ("DadosVelocidade", "velocidade", [1, "3600"], [0, "0"]),
    ],
)
def test_the_schema_of_a_field_takes_what_may_be_sent(data, field, right, wrong):
    schema = SCHEMAS[data]["properties"][field]
    for value in right:
        validate(value, schema)
    for value in wrong:
        with pytest.raises(jsonschema.ValidationError):
            validate(value, schema)


def test_the_limits_are_the_codes_own():
    post = DOCUMENT["paths"]["/totvs/eventos"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"]["anyOf"][1]["maxItems"] == MOST_EVENTS
    assert f"{LARGEST_BODY:,}".replace(",", ".") in post["description"]
    assert SCHEMAS["Evento"]["properties"]["id"]["maxLength"] == LONGEST_ID
    assert SCHEMAS["Evento"]["properties"]["tipo"]["enum"] == [kind.value for kind in Kind]


@pytest.mark.parametrize("name", [*(f"Evento{kind.capitalize()}" for kind in Kind), "LinhaProtheus"])
def test_every_example_is_valid_and_is_read(name):
    for example in SCHEMAS[name]["examples"]:
        validate(example, SCHEMAS[name])
        (found,) = read_events(json.dumps(example).encode(), None)
        assert isinstance(found, Event), found


def test_what_the_schema_refuses_is_refused_and_says_so():
    order = SCHEMAS["EventoOrdem"]["examples"][0]
    for wrong in ({"numero_op": 146734}, {"quantidade": -1}, {"numero_lote": "x" * 41}, {"situacao": "PARADA"}):
        value = {**order, "dados": {**order["dados"], **wrong}}
        with pytest.raises(jsonschema.ValidationError):
            validate(value, SCHEMAS["EventoOrdem"])
        (found,) = read_events(json.dumps(value).encode(), None)
        assert not isinstance(found, Event)


# -------------------------------------------------------------------------------------------- what a sender is answered

SECRET, NOW = "um segredo", 1_773_573_300
CONFIG = configuration()
EXAMPLE = json.dumps(SCHEMAS["EventoOrdem"]["examples"][0]).encode()


def request(
    body: bytes = EXAMPLE, *, rehearsal: bool = False, at: str = str(NOW), signature: str | None = None
) -> Request:
    signed = sign(SECRET, at, body) if signature is None else signature
    return Request(
        body, {"X-SicFar-Timestamp": at, "X-SicFar-Signature": signed}, "pedido-1", "10.0.0.1", NOW, rehearsal
    )


def answered(request: Request) -> Reply:
    return take_in(request, CONFIG, [SECRET])


def as_documented(reply: Reply) -> None:
    responses = DOCUMENT["paths"]["/totvs/eventos"]["post"]["responses"]
    body = json.loads(json.dumps(reply.body))
    validate(body, responses[str(reply.status)]["content"]["application/json"]["schema"])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (request(), 200),
        (request(rehearsal=True), 200),
        (request(b"[]"), 422),
        (request(b"[]", rehearsal=True), 422),
        (request(b"x" * (LARGEST_BODY + 1)), 413),
        *((request(signature=wrong), 401) for wrong in ("", "x", "ab" * 32)),
        (request(at=str(NOW - 9_000)), 401),
    ],
)
def test_each_answer_to_a_sender_is_as_documented(request_: Request, status: int) -> None:
    reply = answered(request_)
    assert reply.status == status
    as_documented(reply)


def test_the_answer_when_nothing_can_be_stored_is_as_documented():
    as_documented(unavailable(request(), QueueUnavailableError("queue_unavailable", "o SQS não guardou o pedido")))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
named_values = st.dictionaries(
    st.sampled_from(["tipo", "dados", "id", "versao", "C2_NUM", "C2_QUANT", "B1_COD", "numero_op", "quantidade"]),
    json_values | st.sampled_from([kind.value for kind in Kind]),
)


@given(st.one_of(json_values, st.lists(named_values, max_size=3)), st.booleans())
def test_p8_whatever_is_sent_the_answer_is_as_documented(value: object, rehearsal: bool) -> None:
    as_documented(answered(request(json.dumps(value).encode(), rehearsal=rehearsal)))


# --------------------------------------------------------------------------------------------------- what TOTVS is sent


def sent_schema(kind: ReportKind) -> dict[str, Any]:
    path = written(Reports(), sample(kind, whole=False)).path
    return dict(DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"])


WORDS = {
    "etapa": st.sampled_from(["ENVASE", "EMBALAGEM"]),
    "perdas": listed("tipo", st.sampled_from(["RETEM", "AMOSTRA_SEMIACABADO", "AMOSTRA_ACABADO"])),
}


@pytest.mark.parametrize("kind", ReportKind)
@given(data=st.data())
def test_p5_every_report_that_is_sent_is_as_documented(kind: ReportKind, data: Any) -> None:
    (name,) = [name for name, kinds in REPORTS.items() if kind in kinds]
    said = {**HEADER, **CONTENT[kind]}
    said |= {key: values for key, values in WORDS.items() if key in said}
    content = data.draw(
        st.fixed_dictionaries(
            {key: said.pop(key) for key in ("boas", "refugos", "perdas") if key in said}, optional=said
        )
    )
    body = json.loads(written(Reports(), Report(kind, "SF-1", content)).body or b"")
    validate(body, SCHEMAS[name])
    validate(body, sent_schema(kind))


@pytest.mark.parametrize("kind", ReportKind)
def test_p5_a_report_that_says_less_or_more_is_not_as_documented(kind: ReportKind) -> None:
    body = json.loads(written(Reports(), sample(kind, whole=False)).body or b"")
    wrong: list[dict[str, Any]] = [{**body, "outro": 1}, {key: body[key] for key in body if key != "id_externo"}]
    wrong += [{**body, "operacao": "OUTRA"}, {**body, "numero_lote": "x" * 11}]
    wrong += [{**body, "boas": -1}] if "boas" in body else []
    for one in wrong:
        with pytest.raises(jsonschema.ValidationError):
            validate(one, sent_schema(kind))


def test_the_forms_that_ask_for_a_token_are_as_documented():
    asked: list[TokenRequest] = []

    def call(form: TokenRequest) -> TokenAnswer:
        asked.append(form)
        return TokenAnswer(access_token=f"a{len(asked)}", refresh_token="r", expires_in=0)

    token = Token(call, "sicfar", "senha")
    assert token.granted(token.refreshed(token.current())) == "a3"
    described = DOCUMENT["paths"]["/auth/token"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    for form in asked:
        validate(form.as_json(), described["schema"])
        assert "senha" not in repr(form)
    assert [form.grant_type for form in asked] == ["password", "refresh_token", "password"]


# ------------------------------------------------------------------------------------------------ what TOTVS is asked


@pytest.fixture(scope="module")
def erp():
    server = Simulator(0, "sicfar", "senha")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.state.store("produtos", [{"B1_COD": f"{n:08}", "B1_DESC": "X"} for n in range(3)])
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def simulator(erp):
    with httpx.Client(base_url=f"http://127.0.0.1:{erp.server_address[1]}/api", trust_env=False) as client:
        yield client


def test_what_the_client_sends_and_is_answered_is_as_documented(erp):
    document = json.loads(Path("config/endpoints.json").read_text(encoding="utf-8"))
    totvs = document["totvs"] | {"baseUrl": f"http://127.0.0.1:{erp.server_address[1]}/api"}
    totvs["reports"] = {one: {"success": SUCCESS, "query": {}} for one in ("production", "losses", "status")}
    config = TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")
    client = TotvsClient(config, "sicfar", "senha", record=lambda _attempt: None)
    erp.state.received.clear()
    for kind in ReportKind:
        report = sample(kind, whole=False)
        made = written(config.reports, report)
        shape = expected(config.reports, kind, report.external_id)
        assert client.post(kind.lower(), made.path, made.body, shape, headers=made.headers).key
        answer = client.read("pergunta", made.path, {"id_externo": report.external_id})
        validate(json.loads(answer.body), answer_schema(made.path, "get", "200"))
    posted = [one for one in erp.state.received if one.method == "POST" and not one.path.endswith("/token")]
    assert len(posted) == len(ReportKind)
    for one in posted:
        described = DOCUMENT["paths"][one.path.removeprefix("/api")]["post"]["requestBody"]
        validate(json.loads(one.body), described["content"]["application/json"]["schema"])
    client.close()


def answer_schema(path: str, method: str, status: str) -> dict[str, Any]:
    described = DOCUMENT["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    return dict(described)


def test_the_simulated_totvs_answers_as_the_document_says_totvs_must(simulator):
    login = {"grant_type": "password", "username": "sicfar", "password": "senha"}
    token = simulator.post("/auth/token", data=login).json()
    validate(token, answer_schema("/auth/token", "post", "200"))
    refused = simulator.post("/auth/token", data={**login, "password": "x"})
    assert refused.status_code == 401
    validate(refused.json(), answer_schema("/auth/token", "post", "401"))
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    tagged = {path: methods.get("get", {}).get("tags", []) for path, methods in DOCUMENT["paths"].items()}
    pages = [path for path, tags in tagged.items() if "consulta" in tags]
    assert len(pages) == 6
    for path in pages:
        names = {parameter["name"] for parameter in DOCUMENT["paths"][path]["get"]["parameters"]}
        assert names == {"page", "pageSize", "order", "alteradoDesde"}
        page = simulator.get(path, params={"page": 1, "pageSize": 2}, headers=headers)
        validate(page.json(), answer_schema(path, "get", "200"))
    for path in [path for path, tags in tagged.items() if "apontamento" in tags]:
        asked = simulator.get(path, params={"id_externo": "SF-1-0001"}, headers=headers)
        validate(asked.json(), answer_schema(path, "get", "200"))
        assert asked.json()["items"] == []
    for path, status in (("/produtos", 401), ("/nada", 404)):
        wrong = simulator.get(path, headers={} if status == 401 else headers)
        assert wrong.status_code == status
        validate(wrong.json(), answer_schema("/produtos", "get", "4XX"))
