"""What an act changed in the tables of counting and closing, row by row: all of it, so that nothing else did."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.types.range import Range

from local.stack.database import T0, Database

COUNTING = (
    *("contagens_minuto", "contagens_intervalo", "contagens_conferencia", "contagens_retiradas", "contagens_em_duvida"),
    *("ordens_producao_ativas", "quarentena", "arquivos_ingeridos"),
    *("epocas_gateway", "marcas_linha", "marcas_a_espera", "duvidas_relogio", "duvidas_relogio_lotes"),
)
CLOSING = (
    *("fechamentos_lote", "fechamento_totais", "fechamentos_pendentes", "ajustes_fechamento"),
    *("apuracoes_fechamento", "envios_totvs"),
)
_KEY = (
    "select a.attname as nome from pg_index as i"
    " inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
    " where i.indrelid = %s::regclass and i.indisprimary order by array_position(i.indkey::int2[], a.attnum)"
)
_SAID_ELSEWHERE = {
    *("chave", "bucket", "sha256", "gravado_em", "tamanho", "criada_em", "criado_em", "atualizado_em", "atualizada_em"),
    *("ultima_em", "ingerido_em", "primeira_vez_em", "assunto", "descricao", "cadastro"),
}
"""Columns of which no rule speaks, or whose value others determine."""
_LONG = re.compile(r"\b([0-9a-f]{4})[0-9a-f]{28,}\b")
"""Épocas and hashes: the first digits tell them apart."""
_USER = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_INSTANT = re.compile(r'"(\d{4}-\d\d-\d\dT[0-9:.]+\+00:00)"')
_SECOND = re.compile(rf"\b{T0 // 100_000}\d{{5}}\b")
_NAMED = {
    "contagens_intervalo": ["linha_id", "desde", "ate", "producao"],
    "ajustes_fechamento": ["fechamento_id", "linha_id", "inicio", "tipo", "codigo"],
}
"""Rows whose number says nothing: several are written at once, in no order."""

_keys: dict[str, list[str]] = {}
"""Of each table the columns of its primary key: the same in every test's database."""

Rows = dict[tuple[str, ...], dict[str, str]]


def told(text: str) -> list[str]:
    """The lines of an expected text; one that begins with `…` goes on from the one before it."""
    return text.strip().replace("\n        … ", " ").replace("\n        ", "\n").splitlines()


def changes(db: Database, act: Callable[[], object], tables: Iterable[str] = COUNTING) -> list[str]:
    """The rows that came, went or became different, one a line: `table key: column value`, `old -> new` if it was there
    before. Instants are seconds from T0, those of the database's clock `now`; null, zero and empty are left out."""
    before = {table: _rows(db, table) for table in tables}
    act()
    found = []
    for table, old in before.items():
        new = _rows(db, table)
        for key in sorted(old.keys() | new.keys(), key=_natural):
            name = f"{table} {' '.join(key)}"
            if key not in new:
                found.append(f"{name}: gone")
            elif key not in old:
                found.append(f"{name}: {', '.join(f'{column} {value}' for column, value in new[key].items())}")
            elif old[key] != new[key]:
                columns = dict.fromkeys((*new[key], *old[key]))
                pairs = [(column, old[key].get(column, "-"), new[key].get(column, "-")) for column in columns]
                found.append(f"{name}: {', '.join(f'{c} {a} -> {b}' for c, a, b in pairs if a != b)}")
    return found


def answers(db: Database, query: str, *parameters: object) -> list[str]:
    """The rows of a query, one a line, `-` for null."""
    found = db.sql(query, *parameters)
    return [" | ".join("-" if value is None else shown(value) for value in row.values()) for row in found]


def shown(value: Any) -> str:
    """A value as `changes` says it."""
    if isinstance(value, datetime):
        now = abs(value - datetime.now(UTC)) < timedelta(hours=1)
        return "now" if now else f"{value.timestamp() - T0:+g}"
    if isinstance(value, Range):
        return f"[{shown(value.lower)},{shown(value.upper)})"
    if isinstance(value, list) and len(value) == 60:
        return " ".join(f"{second}:{amount}" for second, amount in enumerate(value) if amount)
    if isinstance(value, dict | list):
        if isinstance(value, list) and all(isinstance(item, dict | list) for item in value):
            value = sorted(value, key=json.dumps)
        text = json.dumps(_short(value), ensure_ascii=False, default=str)
        text = _INSTANT.sub(lambda found: shown(datetime.fromisoformat(found[1])), text)
        text = _SECOND.sub(lambda found: f"{int(found[0]) - T0:+d}", text)
        return _plain(text)
    if isinstance(value, date):
        return value.isoformat()
    return _plain(str(value))


def _short(value: Any) -> Any:
    """Without what a person reads of something missing, and without master data, which other tests hold."""
    if isinstance(value, list):
        return [_short(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "cadastro" in value:
        value = value | {"cadastro": (value["cadastro"] or {}).get("estorna")}
    return {k: _short(v) for k, v in value.items() if "funcao" not in value or k not in ("acao", "detalhe")}


def _plain(text: str) -> str:
    return _USER.sub("somebody", _LONG.sub(r"\1~", text))


def _rows(db: Database, table: str) -> Rows:
    columns = _keys.get(table) or [row["nome"] for row in db.sql(_KEY, f"public.{table}")]
    _keys[table] = columns
    found: Rows = {}
    for row in db.sql(f"select * from public.{table} order by {', '.join(columns)}"):
        if table in _NAMED:
            row = {column: value for column, value in row.items() if column not in columns}
        key = tuple(shown(row.pop(column)) for column in _NAMED.get(table, columns))
        while key in found:
            key = (*key, "again")
        found[key] = {c: shown(v) for c, v in row.items() if c not in _SAID_ELSEWHERE and (v or v == "")}
    return found


def _natural(key: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    return tuple((float(part), "") if part.lstrip("+-").isdigit() else (float("inf"), part) for part in key)
