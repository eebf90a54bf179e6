"""``python -m local.contracts``: writes what is made from the models of `sicfar.totvs` and of the gateway.

The JSON Schemas of `config/endpoints.json` and of the gateway's configuration, and in `docs/openapi-totvs.yaml` what an
event holds: all that follows its line "# gerado …". The rest of that document is written by hand.
"""

import json
import sys
from pathlib import Path

import yaml
from pydantic import BaseModel

from edge_gateway.config import ConfigFile as GatewayFile
from local.stack.cloud import ROOT
from sicfar.totvs.config import ConfigFile
from sicfar.totvs.model import ROWS, Columns, Kind, Notice

CONFIG_SCHEMA = ROOT / "config" / "endpoints.schema.json"
GATEWAY_SCHEMA = ROOT / "config" / "gateway.schema.json"
OPENAPI = ROOT / "docs" / "openapi-totvs.yaml"
_EVENT = "Campo não enviado fica como está; enviado vazio ou nulo, é apagado. Chaves desconhecidas são ignoradas."
MARK = "    # gerado por python -m local.contracts; não edite daqui até o fim\n"


def config_schema() -> str:
    """The JSON Schema of the cloud's configuration, as an editor reads it."""
    return _editor_schema("config/endpoints.json", ConfigFile)


def gateway_schema() -> str:
    """The JSON Schema of a gateway's configuration, as an editor reads it."""
    return _editor_schema("gateway.json", GatewayFile)


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
    notice = _described(Notice)["properties"]
    assert isinstance(notice, dict)  # noqa: S101 - a model's
    schemas: dict[str, object] = {
        "Evento": {
            "type": "object",
            "description": _EVENT,
            "required": ["tipo", "dados"],
            "properties": {"tipo": {"enum": [kind.value for kind in Kind]}, **notice},
        }
    }
    schemas |= {f"Dados{kind.capitalize()}": _described(row) for kind, row in ROWS.items()}
    written = yaml.safe_dump(schemas, sort_keys=False, allow_unicode=True, width=110)
    return by_hand + MARK + "".join(f"    {line}\n" for line in written.splitlines())


def _described(model: type[BaseModel]) -> dict[str, object]:
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


def _plain(schema: dict[str, object]) -> dict[str, object]:
    """A schema without pydantic's titles and the docstrings, which are not for its readers."""
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
    OPENAPI.write_text(openapi(OPENAPI.read_text(encoding="utf-8")), encoding="utf-8")
    for path in (CONFIG_SCHEMA, GATEWAY_SCHEMA, OPENAPI):
        print(Path(path).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
