"""``python -m local.schema.reference``: writes what `docs/consultas.md` says of each function people call.

Read from an installed database: who may call it (grants, `papeis_da_funcao`), arguments and answer with their types,
the codes its body and the functions it calls refuse with or give as reasons, the limits they check of its arguments,
its comment. And the columns of the views the MES reads.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import tuple_row

from local.schema import databases
from local.schema.command import ROOT, SCHEMAS
from local.stack import postgres
from local.stack.run_folder import temporary_run

GUIDE = ROOT / "docs" / "consultas.md"
MARK = "<!-- gerado por python -m local.schema.reference; não edite daqui até o fim -->\n"

_FUNCTIONS = """
select p.oid::regproc::text as name, p.pronamespace::regnamespace = 'public'::regnamespace and
    has_function_privilege('authenticated', p.oid, 'execute') as called, p.prosrc as body,
    pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as answer,
    public.papeis_da_funcao(p.proname::text) as roles, obj_description(p.oid, 'pg_proc') as comment
from pg_proc as p
where p.pronamespace in ('public'::regnamespace, 'interno'::regnamespace) and p.prokind = 'f' and not exists (
    select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
)
order by p.proname
"""
_VIEWS = """
select c.relname as name, obj_description(c.oid, 'pg_class') as comment, array(
    select array[a.attname, format_type(a.atttypid, a.atttypmod), coalesce(col_description(c.oid, a.attnum), '')]
    from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum
) as columns
from pg_class as c
where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace
    and (c.relname ~ '^mes_' or c.relname = any(%s))
order by c.relname
"""
REPLACEABLE = (
    "papeis_vigentes",
    "paradas_vigentes",
    "perdas_vigentes",
    "pessoas_vigentes",
    "turnos_vigentes",
    "velocidades_vigentes",
)
"""The views through which what the MES owns is read."""

_COMMENT = re.compile(r"--[^\n]*")
_CALL = re.compile(r"\b(interno|public)\.(\w+)\(")
_CODES = (
    re.compile(r"recusar\(\s*'(?P<status>\d{3})',\s*'(?P<code>[A-Z_]+)'"),
    re.compile(r"recusar_desconhecido\(\s*'(?P<code>[A-Z_]+)'"),
    re.compile(r"errcode = 'PT(?P<status>\d{3})', message = '(?P<code>[A-Z_]+)'"),
)
_PASSED_ON = re.compile(r"recusar\(\s*'(\d{3})', v_\w+ ->> 'codigo'")
"""A refusal with the first of the reasons that an `interno.impedimentos_…` gives."""
_REASON = re.compile(r"motivo_json\(\s*'([A-Z_]+)'")
_LIMITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"exigir_motivo\((?P<name>p_\w+)\)"), "5 a 2.000 caracteres"),
    (re.compile(r"exigir_texto\('[^']*', (?P<name>p_\w+), (?P<b>\d+)\)"), "até {b} caracteres"),
    (
        re.compile(r"exigir_nome\('[^']*', (?P<name>p_\w+), (?P<a>\d+), (?P<b>\d+)\)"),
        "{a} a {b} caracteres, em uma linha",
    ),
    (re.compile(r"exigir_codigo_totvs\('[^']*', (?P<name>p_\w+), (?P<b>\d+)\)"), "até {b} caracteres, em uma linha"),
    (re.compile(r"exigir_codigo\('[^']*', (?P<name>p_\w+), '(?P<a>[^']*)'\)"), "`{a}`"),
    (re.compile(r"exigir_inteiro\([^,]*, (?P<name>p_\w+), (?P<a>\d+), (?P<b>\d+)\)"), "inteiro de {a} a {b}"),
    (re.compile(r"exigir_(?:opcao\('[^']*', |decisao\()(?P<name>p_\w+), (?P<b>'[^)]*')\)"), "um de {b}"),
    (re.compile(r"(?P<name>p_\w+) not in \((?P<b>'[^)]*')\)(?! and)"), "um de {b}"),
    (re.compile(r"(?P<name>p_\w+)(?:, 0\))? not between (?P<a>\d+) and (?P<b>\d+)"), "inteiro de {a} a {b}"),
    (re.compile(r"resposta_dada\('\w+', (?P<name>p_\w+),"), "1 a 200 caracteres"),
    (re.compile(r"normalizar_op\((?P<name>p_\w+)\)"), "OP, 1 a 14 letras ou algarismos"),
    (re.compile(r"exigir_faixa\((?P<name>p_\w+),"), "de 2000 até daqui a um ano"),
)


class Function(NamedTuple):
    """One SQL function as the catalog has it."""

    called: bool
    body: str
    arguments: str
    answer: str
    roles: list[str]
    comment: str

    @property
    def calls(self) -> set[str]:
        """The functions of ours that it names, as in the catalog's regproc."""
        return {name if schema == "public" else f"{schema}.{name}" for schema, name in _CALL.findall(self.body)}

    def codes(self) -> Iterator[tuple[str, str]]:
        """HTTP status and code of each refusal written in its body."""
        for form in _CODES:
            for found in form.finditer(self.body):
                yield found.groupdict().get("status") or "404", found["code"]

    def passed_on(self) -> list[str]:
        """HTTP statuses of the refusals whose code is a reason's."""
        return _PASSED_ON.findall(self.body)

    def limits(self) -> dict[str, str]:
        """By argument, what its body checks of it."""
        found: dict[str, str] = {}
        for form, said in _LIMITS:
            for match in form.finditer(self.body):
                parts = {name: _number(part) for name, part in match.groupdict().items() if part and name != "name"}
                found.setdefault(match["name"], said.format(**parts))
        return found


def functions(connection: psycopg.Connection[Any]) -> dict[str, Function]:
    """Every function of ours, by name."""
    return {
        row[0]: Function(row[1], _COMMENT.sub("", row[2]), _plain(row[3]), _plain(row[4]), row[5], row[6])
        for row in connection.cursor(row_factory=tuple_row).execute(_FUNCTIONS.encode()).fetchall()
    }


def reached(name: str, known: Mapping[str, Function]) -> set[str]:
    """A function and all it calls, in whatever that calls."""
    seen: set[str] = set()
    left = {name}
    while left:
        seen |= left
        left = {call for one in left for call in known[one].calls if call in known} - seen
    return seen


def refusals(name: str, known: Mapping[str, Function]) -> list[tuple[str, str]]:
    """HTTP status and code of all that a function may refuse with."""
    seen = reached(name, known)
    passed_on = {
        (status, code)
        for one in seen
        for status in known[one].passed_on()
        for call in known[one].calls
        if call.startswith("interno.impedimentos_")
        for code in reasons(call, known)
    }
    return sorted(passed_on | {code for one in seen for code in known[one].codes()})


def reasons(name: str, known: Mapping[str, Function]) -> list[str]:
    """Codes of the reasons and warnings a function may give in its answer, or in a refusal's text."""
    return sorted({code for one in reached(name, known) for code in _REASON.findall(known[one].body)})


def write(connection: psycopg.Connection[Any]) -> str:
    """The generated part of the guide."""
    known = functions(connection)
    parts = ["", "## Cada função que pessoas e telas chamam", ""]
    for name, function in known.items():
        if function.called:
            parts += _function(name, function, known)
    parts += ["## Cada view do MES, e cada view que o MES pode substituir", ""]
    views = connection.cursor(row_factory=tuple_row).execute(_VIEWS.encode(), [list(REPLACEABLE)])
    for view, comment, columns in views.fetchall():
        parts += [f"### {view}", "", comment or "", "", "| coluna | tipo | |", "|---|---|---|"]
        parts += [f"| `{column}` | {_plain(kind)} | {said} |" for column, kind, said in columns]
        parts.append("")
    return "\n".join(parts)


def _function(name: str, function: Function, known: Mapping[str, Function]) -> Iterator[str]:
    limits = function.limits()
    for call in sorted(function.calls & known.keys()):
        for argument, limit in known[call].limits().items():
            if re.search(rf"\b{argument}\b", function.arguments):
                limits.setdefault(argument, limit)
    yield f"### {name}"
    yield ""
    yield f"    {name}({function.arguments})"
    yield f"    → {function.answer}"
    yield ""
    yield function.comment
    yield ""
    if function.roles:
        yield f"- Papéis: {', '.join(function.roles)}."
    if limits:
        yield "- Limites: " + "; ".join(f"`{one}` {limit}" for one, limit in sorted(limits.items())) + "."
    codes = refusals(name, known)
    yield (
        "- Erros: "
        + (", ".join(f"{status} `{code}`" for status, code in codes) if codes else "nenhum de negócio")
        + "."
    )
    if given := reasons(name, known):
        yield "- Motivos e avisos que pode dar: " + ", ".join(f"`{code}`" for code in given) + "."
    yield ""


def _plain(types: str) -> str:
    return (
        re.sub(r"(NULL|')::[a-z ]+(?:\[\])?", r"\1", types)
        .replace("timestamp with time zone", "timestamptz")
        .replace("time without time zone", "time")
        .replace(" DEFAULT ", " = ")
        .replace("NULL", "null")
    )


def _number(text: str) -> str:
    return f"{int(text):,}".replace(",", ".") if text.isdigit() else text.replace("'", "")


def generated(guide: Path = GUIDE) -> str:
    """What the guide has after its mark."""
    return guide.read_text(encoding="utf-8").split(MARK, 1)[1]


def main() -> int:
    """Install `supabase/schemas` on a PostgreSQL of its own and write the guide's generated part."""
    with temporary_run() as run:
        server = postgres.start(run).url
        with databases.temporary(server, "consultas") as url:
            databases.install(url, SCHEMAS)
            with psycopg.connect(url) as connection:
                text = write(connection)
    by_hand = GUIDE.read_text(encoding="utf-8").split(MARK, 1)[0]
    GUIDE.write_text(by_hand + MARK + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
