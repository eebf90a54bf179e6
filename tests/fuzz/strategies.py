"""What Hypothesis makes of each door's input: mostly right, wrong in one place, or anything at all.

Bytes at random rarely get past the first check; pieces that belong there do.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from sicfar.totvs.model import Kind, fields

STAMPS = [
    "2026-03-15T08:15:01.250-03:00",
    "2026-03-15T08:15:01",
    "2026-03-15 08:15:02.999999Z",
    "2001-12-31T23:30:00",
    "2026-02-29T08:15:01Z",
    "2026-03-15T08:15:60Z",
    "2026-03-15T08:15:01+14:59",
    "2026-03-15T08:15:01-15:00",
    "\u0662026-03-15T08:15:01",
    "",
]
LINE_IDS = ["SPEP-ENV-A", "SPEP-ENV-B", "B", "-A", "spep", "Á", "A" * 32, "A" * 33, ""]
COUNTS = ["0", "1", "7", "0001", "999999999", "1000000000", "-1", "1.5", "\u0667", "+1", "1e3", "", "0" * 60 + "9"]
EXTRAS = [
    "",
    "2026-03-15T08:14:00-03:00",
    "2026-03-15T09:14:00-03:00",
    "18234",
    "9" * 21,
    "relogio",
    "implausivel",
    "X",
]
DRESS = ["", " ", "\t", "\r", "\ufeff", "\0", "é", "\x0b", "\x1c", "\u2028", "\u00a0"]
HEADERS = [
    "timestamp,linha_id,producao_count,rejeicao_count",
    "Timestamp , linha_id,rejeicao_count,producao_count",
    "timestamp,linha_id,producao_count,rejeicao_count,desde,producao_raw,rejeicao_raw,flags,origem,timestamp_fonte",
    "timestamp,turno,linha_id,producao_count,rejeicao_count,flags",
    "timestamp,linha_id,producao_count",
    "timestamp,linha_id,linha_id,producao_count,rejeicao_count",
    "timestamp",
]

pick = st.sampled_from
_fields = st.tuples(pick(STAMPS), pick(LINE_IDS), pick(COUNTS), pick(COUNTS), st.lists(pick(EXTRAS), max_size=6))
_good: st.SearchStrategy[Any] = st.tuples(
    pick(STAMPS[:4]), pick(LINE_IDS[:3]), pick(COUNTS[:5]), pick(COUNTS[:5]), st.just([])
)


def _row(parts: Any) -> bytes:
    before, (stamp, line, made, rejected, extras), after = parts
    return f"{before}{','.join([stamp, line, made, rejected, *extras])}{after}".encode()


plain_lines = st.tuples(st.just(""), _good, st.just("")).map(_row) | st.tuples(
    pick(DRESS), _good | _fields, pick(DRESS)
).map(_row)
"""Records, or nearly."""
_lines = st.one_of(
    plain_lines,
    pick(HEADERS).map(str.encode),
    st.tuples(pick(DRESS), pick(HEADERS), pick(DRESS)).map(lambda parts: "".join(parts).encode()),
    pick(["", "# nota", "#", "\ufeff# nota", "# ilegivel bytes=%00"]).map(str.encode),
    st.binary(max_size=20),
    st.tuples(pick([b" ", b"#", b"x", b"0"]), pick([4_090, 4_096, 4_097])).map(lambda both: both[0] * both[1]),
)
counting_files = st.tuples(
    st.integers(0, 255), st.lists(_lines, max_size=25), pick([b"\n", b"\r\n", b"\n\n"]), st.binary(max_size=3)
).map(lambda parts: bytes([parts[0]]) + parts[2].join([*parts[1], b""]) + parts[3])
"""The first byte tells the size of the pieces."""

_words = st.text(st.characters() | pick(["\0", "\ud800", "'", ","]), max_size=8)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**6),
    st.integers(-(10**45), 10**45),
    st.floats(),
    _words,
    pick(
        [
            *STAMPS,
            *COUNTS,
            "20261125",
            "25/11/2026",
            "*",
            "S",
            "ABERTA",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59-14:00",
        ]
    ),
)
_names = pick(
    [
        *(
            "tipo",
            "dados",
            "id",
            "versao",
            "ocorrido_em",
            "items",
            "hasNext",
            "Header",
            "Content",
            "Tipo",
            "Itens",
            "Em",
        ),
        *("C2_NUM", "c2_num", "C2_ITEM", "C2_SEQUEN", "C2_OP", "C2_DATRF", "D_E_L_E_T_", "S_T_A_M_P_", "Qty", "Type"),
        *(name for kind in Kind for field in fields(kind) for name in (field.name, *field.columns)),
    ]
)
values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names | _words, inner, max_size=8),
    max_leaves=12,
)
_rows = st.dictionaries(_names, _scalars, max_size=12)
_events = st.one_of(
    _rows,
    st.fixed_dictionaries(
        {"tipo": pick(["ordem", "produto", "insumo", "lote", "velocidade", "x"]), "dados": _rows},
        optional={"id": _scalars, "versao": _scalars, "ocorrido_em": _scalars},
    ),
    st.fixed_dictionaries({"Header": st.just({"Type": "OP", "Id": "7"}), "Content": _rows | values}),
    st.fixed_dictionaries({"Tipo": st.just("SB1"), "Itens": st.lists(_rows, max_size=4) | values, "Id": _scalars}),
    values,
)
_RAW_JSON = [
    b"1e99999999999999999999",
    b'{"tipo":"ordem","dados":{"quantidade":-1e-99999999999999999999}}',
    b'{"C2_NUM":1,"C2_NUM":2}',
    b"[" * 100_000,
    b'{"a":' * 30_000,
    b"9" * 5_000,
    b'{"C2_NUM":"\\ud800"}',
    b"NaN",
    b'["\\u0000"]',
]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _cp1252(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("cp1252", "replace")


webhook_bodies = st.tuples(
    st.integers(0, 255).map(lambda byte: bytes([byte])),
    st.one_of(
        st.tuples(pick([_json, _text, _cp1252]), _events | st.lists(_events, max_size=4)).map(lambda p: p[0](p[1])),
        pick(_RAW_JSON),
        st.binary(max_size=40),
    ),
).map(b"".join)
"""The first byte chooses the content type."""

pages = st.tuples(
    st.integers(0, 255).map(lambda byte: bytes([byte])),
    st.fixed_dictionaries({"items": st.lists(_rows | values, max_size=3), "hasNext": _scalars}).map(_json)
    | pick(_RAW_JSON)
    | st.lists(_rows, max_size=3).map(_text),
).map(b"".join)

_s3_record = st.fixed_dictionaries(
    {
        "eventName": pick(["ObjectCreated:Put", "ObjectCreated:Copy", "ObjectRemoved:Delete"]) | values,
        "eventTime": pick(["2026-03-15T11:15:06.000Z", "2026-03-15", "2026-03-15T11:15:06", "x"]) | values,
        "s3": st.fixed_dictionaries(
            {
                "bucket": st.fixed_dictionaries({"name": pick(["plant", "", "\0"]) | values}),
                "object": st.fixed_dictionaries(
                    {"key": pick(["avulsos/a.txt", "avulsos/%00", "a%ED%A0%80", "\ud800", ""]) | values},
                    optional={"size": _scalars, "versionId": _scalars},
                ),
            }
        )
        | values,
    },
    optional={"reprocessar": _scalars},
)
s3_events = st.one_of(
    st.fixed_dictionaries({"Records": st.lists(_s3_record, max_size=3) | values}, optional={"Event": values}).map(
        _json
    ),
    values.map(_text),
    pick(_RAW_JSON),
    st.binary(max_size=40),
)
edits = st.lists(st.binary(min_size=4, max_size=4), max_size=4).map(b"".join)
