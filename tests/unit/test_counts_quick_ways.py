"""Reading by look-up, writing without reading back, sealing all at once: exactly what the slow way would have done."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sicfar.counts import batch, record
from sicfar.counts.memory import RecordReader
from sicfar.counts.record import CANONICAL, COLUMNS, Layout, LineError, Record, format_record, parse_record
from tests.unit.test_batch_seal_read import sealed
from tests.unit.test_txt_record import records

STAMPS = [
    "2026-03-15T08:15:01.250-03:00",
    "2026-03-15T08:15:01.25-03:00",
    "2026-03-15 08:15:02",
    "2026-03-15T11:15:01.250Z",
    "2026-02-29T08:15:01.250-03:00",
    "2101-03-15T08:15:01Z",
    " 2026-03-15T11:15:01.250Z",
    "\ufeff2026-03-15T11:15:01.250Z",
    "\ufeff\ufeff2026-03-15T11:15:01.250Z",
]
NAMES = ["SPEP-ENV-A", "SPEP-ENV-B", " SPEP-ENV-A ", "KV 9", "kv", "", "#"]
COUNTS = ["0", "1", "0001", "999999999", "1000000000", "-1", "1\r", " 2", "x", "", "\0", "é", "0" * 70]
LAYOUTS = [None, Layout(COLUMNS[:4]), CANONICAL, Layout(("timestamp", "producao_count", "linha_id", "rejeicao_count"))]

fields = st.tuples(*map(st.sampled_from, (STAMPS, NAMES, COUNTS, COUNTS)))
rests = st.sampled_from(["", "", "", "\r", ",", ",,,,,,", ",2026-03-15T08:15:01-03:00,,,,,", ",,12,x,relogio,a,"])
lines = st.builds(lambda four, rest: ",".join(four) + rest, fields, rests)
ALIASES = {b"KV 9": b"SPEP-ENV-C", b"SPEP-ENV-B": b"SPEP-ENV-D"}


def outcome(read: object, *arguments: object) -> object:
    try:
        return read(*arguments)  # type: ignore[operator]
    except LineError as error:
        return error.reason, error.detail


def renamed(raw: bytes, place: int) -> bytes:
    parts = raw.split(b",")
    if place < len(parts):
        parts[place] = ALIASES.get(parts[place].strip(), parts[place])
    return b",".join(parts)


@given(
    texts=st.lists(lines | st.text(max_size=8), max_size=20),
    layout=st.sampled_from(LAYOUTS),
    bare=st.booleans(),
)
def test_p1_a_line_looked_up_is_the_record_parsed(texts: list[str], layout: Layout | None, bare: bool) -> None:
    reader = RecordReader(layout, {} if bare else ALIASES)
    place = layout.names.index("linha_id") if layout else 1
    for raw in [text.encode() for text in texts] * 2:  # the second sight is where looking up takes over
        slow = parse_record, raw if bare else renamed(raw, place), layout
        assert outcome(reader.read, raw) == outcome(*slow)


@given(found=records(), spoilt=st.sampled_from(["", "line", "produced", "raw", "since", "at", "flags", "origin"]))
def test_p1_a_record_is_written_as_if_it_were_read_back(found: Record, spoilt: str) -> None:
    changes: dict[str, dict[str, object]] = {
        "line": {"line": "SPEP\n"},
        "produced": {"produced": 1_000_000_000},
        "raw": {"rejected_raw": 10**20},
        "since": {"since_ms": found.at_ms + 1},
        "at": {"at_ms": -1, "since_ms": None},
        "flags": {"flags": ("Não",)},
        "origin": {"origin": "é" * 3_000},
    }
    values = {name: getattr(found, name) for name in Record.__dataclass_fields__}
    made = Record(**(values | changes.get(spoilt, {})))
    quick = outcome(format_record, made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "_is_sound", lambda _: False)
        assert outcome(format_record, made) == quick
    assert isinstance(quick, str) is (not spoilt)


@example(rows=["\ufeff\ufeff2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,,,,,"])
@example(rows=["2026-03-15T11:15:01Z,A,1,0,,,,,,\n2026-03-15T11:15:02Z,A,1,0,,,,,,", ""])
@given(rows=st.lists(st.builds(format_record, records()) | lines | st.text(max_size=8), max_size=20))
def test_p1_what_is_sealed_at_once_is_what_each_line_says(rows: list[str]) -> None:
    quick = sealed(lines=rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_are_records", lambda _: False)
        assert sealed(lines=rows) == quick


@pytest.mark.parametrize("count", [1, 40])
def test_p3_good_records_are_sealed_without_parsing_each(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [format_record(Record(1773573301250 + n, "SPEP-ENV-A", 1, 0, produced_raw=n)) for n in range(count)]
    monkeypatch.setattr(batch, "_told_apart", lambda _: pytest.fail("each line is parsed"))
    assert sealed(lines=rows).records == count
