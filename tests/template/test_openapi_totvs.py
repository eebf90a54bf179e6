"""docs/openapi-totvs.yaml says what the code does: same fields, same limits, and its examples are read."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from local import contracts
from local.simulators.totvs.server import Simulator
from sicfar.totvs.events import Event, read_events
from sicfar.totvs.inbox import LARGEST_BODY
from sicfar.totvs.model import LONGEST_ID, MOST_EVENTS, Kind, fields

DOCUMENT: dict[str, Any] = yaml.safe_load(Path("docs/openapi-totvs.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]


def validate(value: object, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


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


# ------------------------------------------------------------------------------------ the other direction: consulta


@pytest.fixture(scope="module")
def simulator():
    server = Simulator(0, "sicfar", "senha")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.state.store("produtos", [{"B1_COD": f"{n:08}", "B1_DESC": "X"} for n in range(3)])
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_address[1]}/api", trust_env=False) as client:
        yield client
    server.shutdown()
    server.server_close()


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
