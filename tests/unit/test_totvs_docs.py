"""docs/totvs.md is followed to the letter by people who cannot ask: what it shows must work."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from local.simulators.totvs.moods import SUCCESS
from operations.cli import main
from sicfar.database.codes import ReportKind
from sicfar.settings import SettingError
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import Event, read_events
from sicfar.totvs.inbox import LARGEST_BODY
from sicfar.totvs.model import MOST_EVENTS, Kind, fields
from sicfar.totvs.placeholders import FORMATS, Empty
from sicfar.totvs.report_values import VALUES
from sicfar.totvs.success import Reading, SuccessShape
from sicfar.totvs.templates import read_template
from sicfar.webhooks.auth import WebhookAuth
from sicfar.webhooks.signature import SIGNATURE, TIMESTAMP, Verified, sign, verify

TEXT = Path("docs/totvs.md").read_text(encoding="utf-8")
SECRET = "um segredo de açúcar, com 'aspas'"
BODIES = {
    "UTF-8": '{"descricao": "SOLUÇÃO"}\n'.encode(),
    "CP1252": '{"descricao": "SOLUÇÃO"}'.encode("cp1252"),
    "line ends": b'{\r\n"a": 1}\r\n\n',
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def table(first_column: str) -> list[list[str]]:
    """The rows of the table whose first heading this is, as lists of cells."""
    rows = TEXT.split(f"| {first_column} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


JSON_BLOCKS: list[Any] = [json.loads(block) for block in blocks("json")]
(CONFIGURATION,) = [one for one in JSON_BLOCKS if "totvs" in one]
(ENVELOPE,) = [one for one in JSON_BLOCKS if "Header" in one]
(ANSWER,) = [one for one in JSON_BLOCKS if "codigo" in one]
(TEMPLATE,) = [one for one in JSON_BLOCKS if "envios" in one]
SHAPES = [one for one in JSON_BLOCKS if "success" in one]
EVENTS = [one for one in JSON_BLOCKS if one not in (CONFIGURATION, ENVELOPE, ANSWER, TEMPLATE, *SHAPES)]


def read(value: object, **how: Any) -> list[Any]:
    return read_events(json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8", **how)


# ------------------------------------------------------------------------------------------------------------ signing


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_bash_of_the_document_computes_our_signature(body, tmp_path):
    (block,) = [one for one in blocks("bash") if "openssl" in one]
    (tmp_path / "evento.json").write_bytes(body)
    begun = int(time.time())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block + 'printf "%s %s" "$horario" "$assinatura"'],
        cwd=tmp_path,
        env={**os.environ, "SICFAR_SEGREDO": SECRET},
        capture_output=True,
        text=True,
        check=True,
    )
    timestamp, signature = done.stdout.split(" ")
    assert begun <= int(timestamp) <= time.time()
    assert signature == sign(SECRET, timestamp, body)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_python_of_the_document_makes_a_request_we_accept(body):
    (block,) = blocks("python")
    names: dict[str, Any] = {}
    exec(compile(block, "docs/totvs.md", "exec"), names)  # noqa: S102 - the document's own
    request = names["pedido"]("https://exemplo", SECRET, body)
    headers = dict(request.header_items())
    assert isinstance(verify(WebhookAuth(), [SECRET], headers, request.data, time.time()), Verified)
    assert (request.full_url, request.get_method()) == ("https://exemplo/totvs/eventos", "POST")


def test_the_advpl_of_the_document_sends_the_headers_we_read():
    (block,) = blocks("advpl")
    assert {TIMESTAMP, SIGNATURE} <= {name.lower() for name in re.findall(r'"(X-[A-Za-z-]+): "', block)}
    assert 'HMAC(cHorario + "." + cCorpo, cSegredo, 5)' in block
    timestamp = "2026-03-15T11:15:00Z"  # as that code writes it
    headers = {TIMESTAMP: timestamp, SIGNATURE: sign(SECRET, timestamp, b"{}").upper()}
    assert isinstance(verify(WebhookAuth(), [SECRET], headers, b"{}", 1_773_573_300), Verified)


# ----------------------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("example", EVENTS, ids=lambda one: str(type(one).__name__))
def test_every_event_of_the_document_is_accepted(example):
    found = read(example)
    assert [one for one in found if not isinstance(one, Event)] == []


def test_the_document_shows_events_in_both_styles():
    assert len(EVENTS) == 3
    canonical, row = (read(one)[0] for one in EVENTS[:2])
    shared = canonical.data.keys() & row.data.keys()
    assert {name: canonical.data[name] for name in shared} == {name: row.data[name] for name in shared}
    assert {"numero_op", "produto_codigo", "quantidade", "situacao"} <= shared


def test_the_mapping_of_the_document_reads_its_envelope():
    mapping = TotvsConfig.parse(json.dumps(CONFIGURATION), "docs/totvs.md").mapping
    (event,) = read(ENVELOPE, mapping=mapping)
    assert (event.kind, event.event_id) == (Kind.ORDER, ENVELOPE["Header"]["UUID"])
    assert event.data["linha_id"] == "SPEP-ENV-A"
    assert (event.data["quantidade"], event.data["situacao"]) == ("37254", "ABERTA")
    assert event.happened_at == "2026-03-15T11:15:00.000Z"


def test_the_shapes_of_the_document_take_its_answers():
    canonical, other = (SuccessShape.model_validate(one["success"], by_alias=True, by_name=False) for one in SHAPES)
    (booked,) = [block.partition("\n\n")[2] for block in blocks("http") if block.startswith("HTTP/")]
    external_id = "SF-146734-PRODUCAO-0001"
    assert canonical.read(201, json.loads(booked), external_id, empty=False) == Reading(None, "000123")
    (text,) = re.findall(r"^De um que responde `(.*)`:$", TEXT, re.MULTILINE)
    assert other.read(200, json.loads(text), external_id, empty=False) == Reading(None, "004711")
    assert SHAPES[0]["success"] == SUCCESS, "and the simulated TOTVS answers as the document says"


def test_the_refusal_of_the_document_is_what_its_event_is_answered():
    (error,) = ANSWER["erros"]
    order = {"tipo": "ordem", "dados": {"numero_op": "1", "produto_codigo": "2"}}
    (refusal,) = [one for one in read([EVENTS[0], order]) if not isinstance(one, Event)]
    assert error == {"indice": refusal.index, **vars_of(refusal.errors[0])}


def vars_of(error: Any) -> dict[str, str]:
    return {"campo": error.field, "codigo": error.code, "mensagem": error.message}


def test_the_document_names_each_kinds_required_fields():
    told = {row[0].strip("`"): re.findall(r"`(\w+)`", row[2].split(";")[0]) for row in table("`tipo`")}
    assert told == {kind.value: [field.name for field in fields(kind) if field.required] for kind in Kind}


def test_the_document_names_our_limits():
    assert f"{LARGEST_BODY:,}".replace(",", ".") + " bytes" in TEXT
    assert f"{MOST_EVENTS} eventos por pedido" in TEXT


# ------------------------------------------------------------------------------------------------------ configuration


def known_keys(above: str = "totvs") -> list[str]:
    """The keys the loader takes below one, as its refusal of a wrong one lists them; empty if it is no section."""
    document: dict[str, Any] = {"0": 0}
    for name in reversed(above.split(".")):
        document = {name: document}
    with pytest.raises(SettingError) as refused:
        TotvsConfig.parse(json.dumps(document), "x")
    listed = re.search(rf"{re.escape(above)}\.0: .*?as chaves são ([\w, $]+)", refused.value.what)
    return listed[1].split(", ") if listed else []


def leaves(above: str = "totvs") -> set[str]:
    found: set[str] = set()
    for name in known_keys(above):
        # What is below a mapping's parts is the site's own, and a template has a chapter of its own.
        ends = above == "totvs.mapping" or f"{above}.{name}" == "totvs.reports.template"
        below = set() if ends else leaves(f"{above}.{name}")
        found |= below or {f"{above}.{name}"}
    return found


def test_the_table_of_the_configuration_names_exactly_the_loaders_keys():
    told = [name for row in table("chave de `totvs`") for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(f"totvs.{name}" for name in told) == sorted(leaves())


# -------------------------------------------------------------------------------------------------- reports by template


def test_the_template_of_the_document_is_one():
    assert read_template(TEMPLATE, "docs/totvs.md").section(ReportKind.STATUS) is None


def test_the_tables_of_the_document_say_every_value_of_a_report():
    told = [[row[0].strip("`"), *row[1:]] for row in table("valor")]
    every = frozenset(ReportKind)
    assert told == [
        [
            value.name,
            value.type,
            "todos" if value.kinds == every else ", ".join(kind for kind in ReportKind if kind in value.kinds),
            value.meaning,
        ]
        for value in VALUES
    ]
    told = [[row[0].strip("`"), row[1].strip("`"), *row[2:]] for row in table("lista | valor")]
    assert told == [[value.name, item.name, item.type, item.meaning] for value in VALUES for item in value.items]


def test_the_document_names_every_format():
    (formats,) = re.findall(r"\| para \| formatos \|\n.*?\n\n", TEXT, re.DOTALL)
    rows = {row.split("|")[1].strip(): row for row in formats.splitlines()[2:] if row}
    for kind, forms in FORMATS.items():
        assert all(f"`{form}`" in rows[kind] for form in forms), kind
    for empty in Empty:
        assert empty.value in TEXT


def test_the_sample_of_the_document_is_what_the_command_shows(tmp_path, capsys):
    configuration = json.loads(Path("config/endpoints.json").read_text(encoding="utf-8"))
    configuration["totvs"]["tenantId"] = "01,0101"
    path = tmp_path / "endpoints.json"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    (command,) = re.findall(r"\.venv/bin/sicfar (totvs amostra .*)", TEXT)
    assert main([*command.split(), "--config", str(path)]) == 0
    (block,) = blocks("text")
    assert capsys.readouterr().out == block
