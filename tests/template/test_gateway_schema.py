"""config/gateway.schema.json is what an editor checks a gateway's configuration by: it says what the loader does."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from edge_gateway.config import ConfigError, parse_config
from local import contracts
from tests.unit.test_gateway_commissioning import CASES, GOOD
from tests.unit.test_gateway_config import SPECIFICATION

SCHEMA = json.loads(contracts.GATEWAY_SCHEMA.read_text(encoding="utf-8"))
EXAMPLES = sorted(Path("config").glob("gateway-*.json"))
ONLY_THE_LOADER = {
    "both counters",
    "overlapping counters",
    "a heartbeat in a counter",
    "one counter for two lines",
    "end of the table",
    "no counter",
    "one node for two lines",
    "both nodes",
    "one column for both",
    "a line counted twice",
    "one address twice",
    "one computer under two names",
    "two endpoints of one server",
    "one folder twice",
    "one folder as two users see it",
    "the spool is followed",
    "the spool in a followed folder",
    "a followed folder in the spool",
    "the spool on a share",
    "two ports",
    "two shifts at once",
    "no port",
    "a machine's port",
    "a tab in a path",
    "no format",
    "mistyped keyence",
    "a machine called keyence",
    "a password in the address",
    "a password without a cipher",
    "our certificate for theirs",
}
"""What an editor cannot see: two places together, or what is in a text."""


def documented() -> list[str]:
    """The whole configurations in the documents: indented blocks that are one JSON object."""
    found = []
    for name in ("gateway.md", "maquinas.md"):
        text = Path("docs", name).read_text(encoding="utf-8")
        found += [block for block in re.findall(r"(?m)^    \{\n(?:      .*\n)+    \}$", text) if '"clps"' in block]
    return found


def refusals(document: object) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_schema_of_the_gateway_is_what_the_models_make_of_it():
    assert contracts.GATEWAY_SCHEMA.read_text(encoding="utf-8") == contracts.gateway_schema(), (
        "run python -m local.contracts"
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_name_the_schema_and_fit_it(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (path.parent / document["$schema"]).samefile(contracts.GATEWAY_SCHEMA)
    assert refusals(document) == []


def test_the_object_of_the_specification_fits_the_schema():
    assert refusals(SPECIFICATION) == []
    assert refusals({"clps": {"keyence": {"path": "/data"}}}) == []


def test_the_configurations_in_the_documents_load_and_fit_the_schema():
    assert len(documented()) >= 2
    for block in documented():
        document = json.loads(block)
        assert refusals(document) == []
        assert parse_config(document)


@pytest.mark.parametrize("case", [case for case, content in CASES.items() if isinstance(content, dict)])
def test_the_editor_sees_what_is_wrong_with_one_key(case):
    assert bool(refusals(CASES[case])) is (case not in ONLY_THE_LOADER)
    with pytest.raises(ConfigError):
        parse_config(CASES[case])


def test_the_schema_takes_what_the_loader_takes():
    assert refusals(GOOD) == []
    assert parse_config(GOOD)
