"""pg_safeupdate, which hosted Supabase loads into the API's sessions, refuses UPDATE and DELETE without WHERE.

It is in no registry, so its rule is modelled: it looks at each statement by itself, also inside functions and WITH. No
function of ours builds statements from text, so all of them are seen here.
https://github.com/eradman/pg-safeupdate, https://github.com/supabase/postgres (20260413000000_…)
"""

import re
from collections.abc import Iterator

import pytest

from local.stack.database import Database

# Not ON CONFLICT DO UPDATE, FOR UPDATE, nor a trigger's events.
_CHANGE = re.compile(r'\b(?:update\s+(?:only\s+)?[\w."]+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+from)\b', re.IGNORECASE)
_SILENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


def unbounded(text: str) -> Iterator[str]:
    """The statements of a function's text that change a table without saying which rows."""
    text = _SILENT.sub(" ", text)
    for found in _CHANGE.finditer(text):
        statement = _to_its_end(text[found.start() :])
        while (outer := re.sub(r"\([^()]*\)", " ", statement)) != statement:
            statement = outer
        if not re.search(r"\bwhere\b", statement, re.IGNORECASE):
            yield " ".join(statement.split())


def _to_its_end(text: str) -> str:
    """Up to its semicolon, or the bracket that closes the WITH it stands in."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0 or (character == ";" and depth == 0):
            return text[:place]
    return text


def test_p6_no_function_changes_a_table_without_where(db: Database) -> None:
    functions = db.sql(
        "select oid::regprocedure::text as name, prosrc from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'interno'::regnamespace)"
    )
    changes = sum(len(_CHANGE.findall(_SILENT.sub(" ", one["prosrc"]))) for one in functions)
    assert changes > 50
    assert {one["name"]: found for one in functions if (found := list(unbounded(one["prosrc"])))} == {}


def test_p6_no_function_builds_statements_from_text(db: Database) -> None:
    functions = db.sql(
        "select oid::regprocedure::text as name, prosrc from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'interno'::regnamespace)"
    )
    assert [one["name"] for one in functions if re.search(r"\bexecute\b", _SILENT.sub(" ", one["prosrc"]))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("update a set b = 1;", 1),
        ("update public.a as x set b = (select 1 from c where d); select 1 from e where f", 1),
        ("with gone as (delete from a returning b) select * from gone where b", 1),
        ("delete from a using b; -- where", 1),
        ("update a set b = ' where ';", 1),
        ("delete from a where true", 0),
        ("with x as (update a set b = 1 where c returning b) select 1", 0),
        ("insert into a values (1) on conflict (b) do update set c = 1", 0),
        ("select 1 from a for update", 0),
    ],
)
def test_the_model_of_pg_safeupdate_sees_what_it_refuses(text: str, found: int) -> None:
    assert len(list(unbounded(text))) == found
