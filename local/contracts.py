"""``python -m local.contracts``: writes what is made from the models of `sicfar.totvs` and of the gateway.

The JSON Schemas of `config/endpoints.json`, of the gateway's configuration and of an environment's file, and in
`docs/openapi-totvs.yaml` every schema of what crosses to or from TOTVS: all that follows its line "# gerado …". The
rest of that document, which says where each of them is used, is written by hand.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter

from edge_gateway.config import Config as GatewayFile
from local.report_contracts import report_schemas
from local.stack.cloud import ROOT
from operations.deployment.environment import Environment
from sicfar.totvs.access_token import TokenAnswer, TokenRequest
from sicfar.totvs.config import ConfigFile
from sicfar.totvs.error_bodies import ErrorBody
from sicfar.totvs.events import Page
from sicfar.totvs.model import ROWS, Columns, Kind, Notice
from sicfar.totvs.replies import NotTaken, PartlyTaken, Rehearsed, Taken, Unauthorised

CONFIG_SCHEMA = ROOT / "config" / "endpoints.schema.json"
GATEWAY_SCHEMA = ROOT / "config" / "gateway.schema.json"
ENVIRONMENT_SCHEMA = ROOT / "config" / "ambiente.schema.json"
OPENAPI = ROOT / "docs" / "openapi-totvs.yaml"
MARK = "    # gerado por python -m local.contracts; não edite daqui até o fim\n"
_EVENT = "Campo não enviado fica como está; enviado vazio ou nulo, é apagado. Chaves desconhecidas são ignoradas."
_ROW = "Uma linha da SC2, SB8 ou SB1 com as colunas do Protheus, com brancos à direita, AAAAMMDD e vírgula decimal."
_OF_A_ROW = ("C2_NUM", "C2_OP", "B8_PRODUTO", "B1_COD")
"""Columns of which a row of Protheus has at least one."""
_BODIES: dict[str, TypeAdapter[Any]] = {
    "Recebido": TypeAdapter(Taken),
    "NaoRecebido": TypeAdapter(NotTaken),
    "NaoAutorizado": TypeAdapter(Unauthorised),
    "EventosRecusados": TypeAdapter(PartlyTaken),
    "Ensaio": TypeAdapter(Rehearsed),
    "PedidoToken": TypeAdapter(TokenRequest),
    "Token": TypeAdapter(TokenAnswer),
    "Pagina": TypeAdapter(Page),
    "ErroTotvs": TypeAdapter(ErrorBody),
}
"""Component of the document → the model that the code reads or writes it by."""
_EXAMPLES: dict[Kind, dict[str, object]] = {
    Kind.ORDER: {
        "numero_op": "146734",
        "produto_codigo": "07010013",
        "quantidade": 17254,
        "numero_lote": "25L16503F",
        "descricao": "SOL. CLORETO DE SODIO 0,9% 250ML - SF",
        "data_emissao": "2025-10-31",
        "situacao": "ABERTA",
    },
    Kind.PRODUCT: {
        "produto_codigo": "07010013",
        "descricao": "SOL. CLORETO DE SODIO 0,9% 250ML - SF",
        "unidade": "UN",
        "tipo": "PA",
        "bloqueado": False,
        "volume_ml": 250,
    },
    Kind.MATERIAL: {
        "insumo_codigo": "01010001",
        "descricao": "POLIETILENO BAIXA DENSIDADE",
        "unidade": "KG",
        "tipo": "MP",
    },
    Kind.LOT: {
        "produto_codigo": "01010001",
        "numero_lote": "PE-2025-118",
        "quantidade": "3022.52",
        "unidade": "KG",
        "data_validade": "2027-01-31",
        "situacao": "EM_ESTOQUE",
    },
    Kind.SPEED: {
        "linha_id": "SPEP-ENV-A",
        "produto_codigo": "07010012",
        "velocidade": 4000,
        "vigente_desde": "2025-01-01",
    },
}
_ROWS_OF_PROTHEUS: list[dict[str, object]] = [
    {
        "C2_NUM": 146734,
        "C2_PRODUTO": "07010013       ",
        "C2_QUANT": 17254,
        "C2_YLOTE": "25L16503F ",
        "B1_YQTML": "2,5",
        "C2_EMISSAO": "20251031",
        "C2_DATRF": "        ",
    },
    {
        "B1_COD": "07010013",
        "B1_DESC": "SOL. CLORETO DE SODIO",
        "B1_UM": "UN",
        "B1_TIPO": "PA",
        "B1_MSBLQL": "2",
    },
    {"B8_PRODUTO": "01010001", "B8_LOTECTL": "PE-2025-118", "B8_SALDO": "3022,52", "B8_DTVALID": "20270131"},
]

Schema = dict[str, object]


def config_schema() -> str:
    """The JSON Schema of the cloud's configuration, as an editor reads it."""
    return _editor_schema("config/endpoints.json", ConfigFile)


def gateway_schema() -> str:
    """The JSON Schema of a gateway's configuration, as an editor reads it."""
    return _editor_schema("gateway.json", GatewayFile)


def environment_schema() -> str:
    """The JSON Schema of an environment's file, as an editor reads it."""
    return _editor_schema("ambiente.json", Environment)


def _editor_schema(title: str, model: type[BaseModel]) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_plain(model.model_json_schema()),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def openapi(text: str) -> str:
    """The OpenAPI document with its generated part as it must be."""
    by_hand = text.split(MARK)[0]
    schemas = {
        **_events(),
        **{name: _inlined(model.json_schema()) for name, model in _BODIES.items()},
        **report_schemas(),
    }
    copied = json.loads(json.dumps(schemas))  # what stands in several places is written in each of them
    written = yaml.safe_dump(copied, sort_keys=False, allow_unicode=True, width=110)
    return by_hand + MARK + "".join(f"    {line}\n" for line in written.splitlines())


def _events() -> dict[str, object]:
    """What may be sent: an event of each kind, or a row of Protheus's."""
    names = {kind: kind.capitalize() for kind in Kind}
    choices = [f"Evento{name}" for name in names.values()] + ["LinhaProtheus"]
    schemas: dict[str, object] = {
        "UmEvento": {"anyOf": [_reference(name) for name in choices]},
        "LinhaProtheus": {
            "type": "object",
            "description": _ROW,
            "anyOf": [{"required": [column]} for column in _OF_A_ROW],
            "examples": _ROWS_OF_PROTHEUS,
        },
    }
    for kind, name in names.items():
        example = {"tipo": kind.value, "id": f"{kind.value}-000042-7", "versao": 7, "dados": _EXAMPLES[kind]}
        schemas[f"Evento{name}"] = {
            "allOf": [_reference("Evento")],
            "type": "object",
            "properties": {"tipo": {"const": kind.value}, "dados": _reference(f"Dados{name}")},
            "examples": [example],
        }
    notice = _described(Notice)["properties"]
    assert isinstance(notice, dict)  # noqa: S101 - a model's
    schemas["Evento"] = {
        "type": "object",
        "description": _EVENT,
        "required": ["tipo", "dados"],
        "properties": {"tipo": {"enum": [kind.value for kind in Kind]}, **notice},
    }
    return schemas | {f"Dados{names[kind]}": _described(row) for kind, row in ROWS.items()}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _inlined(schema: Schema) -> Schema:
    """A schema with each definition it refers to in the place of the reference."""
    definitions = schema.pop("$defs", {})
    assert isinstance(definitions, dict)  # noqa: S101 - a model's

    def inside(value: object) -> object:
        if isinstance(value, list):
            return [inside(one) for one in value]
        if not isinstance(value, dict):
            return value
        name = str(value.get("$ref", "")).removeprefix("#/$defs/")
        # A definition's description is a docstring; what a field says of itself stands beside the reference.
        named = {key: one for key, one in definitions[name].items() if key != "description"} if name else {}
        return {key: inside(one) for key, one in {**named, **value}.items() if key not in ("$ref", "default")}

    return _plain(inside(schema))


def _described(model: type[BaseModel]) -> Schema:
    """A model of events; the columns of Protheus stand in each field's description."""
    schema = _plain(model.model_json_schema())
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - a model's
    for info in model.model_fields.values():
        described = properties[info.alias]
        described.pop("default", None)
        for columns in (mark.names for mark in info.metadata if isinstance(mark, Columns)):
            described["description"] += f" No Protheus: {' ou '.join(columns)}."
    return schema


def _plain(schema: object) -> Schema:
    """A schema without pydantic's titles and the docstrings, which are not for its readers."""
    assert isinstance(schema, dict)  # noqa: S101 - a model's
    if "properties" in schema:
        schema.pop("description", None)
    return {name: _inside(value) for name, value in schema.items() if not (name == "title" and isinstance(value, str))}


def _inside(value: object) -> object:
    if isinstance(value, list):
        return [_inside(one) for one in value]
    return _plain(value) if isinstance(value, dict) else value


def main() -> int:
    """Write the files."""
    CONFIG_SCHEMA.write_text(config_schema(), encoding="utf-8")
    GATEWAY_SCHEMA.write_text(gateway_schema(), encoding="utf-8")
    ENVIRONMENT_SCHEMA.write_text(environment_schema(), encoding="utf-8")
    OPENAPI.write_text(openapi(OPENAPI.read_text(encoding="utf-8")), encoding="utf-8")
    for path in (CONFIG_SCHEMA, GATEWAY_SCHEMA, ENVIRONMENT_SCHEMA, OPENAPI):
        print(Path(path).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
