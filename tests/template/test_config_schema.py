"""config/endpoints.schema.json is what an editor checks the configuration by: it says what the loader does."""

import json
from pathlib import Path

import jsonschema
import pytest

from local import contracts
from sicfar.totvs.config import TotvsConfig
from tests.support.config_faults import FAULTS

SHIPPED = Path("config/endpoints.json")
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
    assert TotvsConfig.parse(json.dumps(named), "teste") == TotvsConfig.parse(json.dumps(document), "teste")


@pytest.mark.parametrize(("key", "value", "told"), [one for one in FAULTS if one[0] in CHECKED_BY_THE_EDITOR])
def test_the_schema_refuses_what_the_loader_refuses(key, value, told):
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    document["totvs"][key] = value
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)), told


def test_the_schema_completes_the_fields_of_each_kind():
    kinds = SCHEMA["$defs"]["Mapping"]["properties"]["campos"]["properties"]
    assert set(kinds) == {"ordem", "produto", "insumo", "lote", "velocidade"}
    assert "numero_op" in kinds["ordem"]["propertyNames"]["enum"]
