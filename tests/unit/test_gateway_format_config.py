"""The description of a file's lines: the examples load, and every mistake is told with its key and the right word."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.config import ConfigError, load_config, parse_config
from edge_gateway.folders.instant_format import FormatError, InstantFormat
from edge_gateway.folders.place import may_share

EXAMPLES = Path(__file__).parents[2] / "config"
KV = json.loads((EXAMPLES / "gateway-keyence-kv.json").read_text(encoding="utf-8"))["clps"]["kv_envase"]
PIECES = json.loads((EXAMPLES / "gateway-keyence-pecas.json").read_text(encoding="utf-8"))["clps"]["inspecao_a"]
MISSING = object()


def changed(entry: dict[str, Any], **changes: object) -> dict[str, Any]:
    """An entry with other values at dotted keys (``__`` for the dot); MISSING takes the key away."""
    made = copy.deepcopy(entry)
    for path, value in changes.items():
        *sections, key = path.split("__")
        place = made
        for section in sections:
            place = place[section]
        if value is MISSING:
            del place[key]
        else:
            place[key] = value
    return made


def test_the_examples_of_the_layouts_load() -> None:
    camera, logger, pieces = (
        load_config(EXAMPLES / f"gateway-keyence-{name}.json").files[0] for name in ("cvx", "kv", "pecas")
    )
    assert camera.format is not None
    assert logger.format is not None
    assert pieces.format is not None
    assert camera.format.counters is not None
    assert camera.format.counters.production.highest == 999_999_999
    assert (camera.rhythm, camera.lines, camera.format.fields) == ("event", ("SPEP-ENV-A",), (6, 6))
    assert (logger.rhythm, logger.lines, logger.format.fields) == ("constant", ("SPEP-ENV-A", "SPEP-ENV-B"), None)
    assert pieces.format.pieces is not None
    assert (pieces.rhythm, pieces.name) == ("event", "inspecao_a")


@pytest.mark.parametrize(
    ("entry", "where", "said"),
    [
        (changed(KV, fromat={}), "fromat", "seria `format`?"),
        (changed(KV, format=MISSING), "format", "só clps.keyence"),
        (changed(KV, format__encodin="ascii"), "format.encodin", "seria `encoding`?"),
        (changed(KV, format__encoding=MISSING), "format.encoding", "falta; use um de ascii, utf-8"),
        (changed(KV, format__encoding="UTF8"), "format.encoding", "use um de ascii, utf-8"),
        (changed(KV, format__encoding="utf-16le"), "format.encoding", "use um de ascii, utf-8"),
        (changed(KV, format__delimiter=" "), "format.delimiter", '"\\t"'),
        (changed(KV, format__header="sim"), "format.header", "true"),
        (changed(KV, format__fields=6), "format.fields", "cabeçalho"),
        (changed(KV, format__header=False), "format.fields", '"header": true'),
        (changed(PIECES, format__fields=[3, 2]), "format.fields", "conte os campos"),
        (changed(PIECES, format__fields=True), "format.fields", "conte os campos"),
        (
            changed(PIECES, format__fields=[1, 3]),
            "format",
            "pieces.column: a coluna 2 pode faltar, uma linha tem a partir de 1",
        ),
        (changed(PIECES, format__line="linha a"), "format.line", "código da linha"),
        (changed(PIECES, format__line=MISSING), "format.line_column", "falta dizer de que linha"),
        (changed(PIECES, format__line_column=2), "format.line_column", "já é dita em line"),
        (changed(PIECES, aliases={"L1": "SPEP-ENV-A"}), "aliases", "retire"),
        (changed(KV, aliases=MISSING), "aliases", '"L1"'),
        (changed(KV, format__line_column=3), "format", "line_column: a coluna 3 não serve, escreva o nome"),
        (changed(PIECES, format__pieces__column="OK"), "format", "pieces.column: a coluna 'OK' não serve"),
        (changed(PIECES, format__pieces__column=0), "format.pieces.column", "0 não serve"),
        (changed(PIECES, format__pieces__good=["OK", "NG"]), "format.pieces.rejected", "'NG' está também em good"),
        (changed(PIECES, format__pieces__good=[1]), "format.pieces.good[0]", "escreva um texto entre aspas"),
        (changed(PIECES, format__pieces__good="OK"), "format.pieces.good", 'escreva uma lista [ … ], p. ex. ["OK"]'),
        (changed(PIECES, format__pieces__goood=[]), "format.pieces.goood", "seria `good`?"),
        (changed(PIECES, format__pieces=MISSING), "format.pieces", 'use "counters"'),
        (changed(KV, format__pieces={"column": "NG", "good": ["OK"]}), "format.pieces", "um dos dois"),
        (changed(PIECES, rhythm="constant"), "rhythm", '"event"'),
        (changed(KV, format__timestamp=MISSING), "format.timestamp", "YYYY/MM/DD"),
        (changed(KV, format__timestamp__colums=[]), "format.timestamp.colums", "seria `columns`?"),
        (changed(KV, format__timestamp__format="yyyy/mm/dd hh:mm:ss"), "format.timestamp.format", "YYYY, YY, MM"),
        (changed(KV, format__timestamp__format="YYYY/MM/DD"), "format.timestamp", "cada uma de um lugar"),
        (changed(KV, format__timestamp__file_name="YYMMDD"), "format.timestamp", "cada uma de um lugar"),
        (changed(KV, format__timestamp__columns=MISSING), "format.timestamp", "só valem juntos"),
        (
            changed(KV, format__timestamp__zone="America/Fortalesa"),
            "format.timestamp.zone",
            "seria `America/Fortaleza`?",
        ),
        (changed(KV, format__counters__max_per_hour=MISSING), "format.counters.max_per_hour", "uma hora"),
        (changed(KV, format__counters__production__colum="x"), "format.counters.production.colum", "seria `column`?"),
        (changed(KV, format__counters__production__column=MISSING), "format.counters.production.column", "falta"),
        (changed(KV, format__counters__production__saturates=9), "format.counters.production", "modulus"),
        (
            changed(KV, format__counters__processed_includes_rejected=MISSING),
            "format.counters.processed_includes_rejected",
            "false se só as boas",
        ),
        (changed(KV, format__counters__skip="-"), "format.counters.skip", "escreva uma lista [ … ]"),
    ],
)
def test_a_mistake_is_refused_with_its_key_and_the_way_out(entry: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"clps": {"logger": entry}})
    told = str(caught.value).splitlines()
    assert any(line.startswith(f"clps.logger.{where}: ") and said in line for line in told), told


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_separator_is_one_sign(delimiter: str) -> None:
    described = parse_config({"clps": {"logger": changed(KV, format__delimiter=delimiter)}}).files[0].format
    assert described is not None
    assert described.delimiter == delimiter


def test_p1_two_entries_that_may_read_one_file_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"clps\.a\b"):
        parse_config({"clps": {"a": KV, "b": changed(PIECES, path=KV["path"], files="26*.csv")}})
    with pytest.raises(ConfigError, match=r"clps\.a\b"):  # Windows takes these for the same
        parse_config(
            {"clps": {"a": changed(KV, path="/Data/kv/"), "b": changed(PIECES, path="/data/KV", files="*.CSV")}}
        )
    apart = {"a": changed(KV, files="kv_*.csv"), "b": changed(PIECES, path=KV["path"], files="26*.csv")}
    with pytest.raises(ConfigError, match="SPEP-ENV-A"):
        parse_config({"clps": apart})
    apart["b"]["format"]["line"] = "SPEP-ENV-C"
    config = parse_config({"clps": apart | {"keyence": {"path": "/data"}}})
    assert [folder.name for folder in config.files] == ["a", "b", "keyence"]
    assert config.counted_elsewhere(config.files[2]) == {"SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"}


@pytest.mark.parametrize(
    ("ours", "theirs", "share"),
    [
        ("*.csv", "*.txt", False),
        ("a*", "*b", True),
        ("a*.csv", "b*.csv", False),
        ("26????.csv", "26*.csv", True),
        ("26????.csv", "26*_*.csv", True),
        ("26????.csv", "26?????.csv", False),
        ("[ab].csv", "c.csv", True),
        ("*", "x", True),
        ("", "*", True),
    ],
)
def test_patterns_share_a_name_or_not(ours: str, theirs: str, share: bool) -> None:
    assert may_share(ours, theirs) is share
    assert may_share(theirs, ours) is share


@pytest.mark.parametrize("text", ["YYYY/MM", "hh", "MM/DD hh:mm", "YYYY/MM/DD hh:mm:hh", "YYYY-MM-DDZhh:mm", "", "//"])
def test_a_format_that_could_be_read_in_two_ways_is_none(text: str) -> None:
    with pytest.raises(FormatError):
        InstantFormat(text)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("260315_081502.csv", "2026-03-15T08:15:02"),
        ("SD1_001 260315_081502 (2).csv", "2026-03-15T08:15:02"),
        ("1260315_081502.csv", None),
        ("260315_0815023.csv", None),
        ("269915_081502 260315_081502.csv", "2026-03-15T08:15:02"),
        ("resultado.csv", None),
    ],
)
def test_the_instant_in_a_file_s_name_is_found_among_other_numbers(name: str, found: str | None) -> None:
    at = InstantFormat("YYMMDD_hhmmss").search(name)
    assert (at.isoformat() if at else None) == found
