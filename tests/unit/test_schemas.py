"""The definitions in `supabase/schemas` stay small enough to be read."""

import re
from pathlib import Path

import pytest

SCHEMAS = Path(__file__).parents[2] / "supabase" / "schemas"
MIGRATIONS = SCHEMAS.parent / "migrations"
MOST_LINES_A_FILE = 400
MOST_LINES_A_FUNCTION = 80
LONGER: set[str] = set()
"""Still to be divided."""
_FUNCTION = re.compile(r"^create function (\S+?)\(.*?^(?:end )?\$\$;$", re.MULTILINE | re.DOTALL)


def test_a_function_has_at_most_eighty_lines() -> None:
    lengths = {
        match[1]: match[0].count("\n") + 1
        for path in SCHEMAS.glob("*.sql")
        for match in _FUNCTION.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(lengths) > 200
    assert {name for name, lines in lengths.items() if lines > MOST_LINES_A_FUNCTION} == LONGER


def test_a_file_has_at_most_four_hundred_lines() -> None:
    lengths = {path.name: path.read_text(encoding="utf-8").count("\n") for path in SCHEMAS.glob("*.sql")}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_A_FILE} == {}


# The project is the MES's too: its roles, their time-outs, what it gives on new objects, what it has given.
_OF_OTHERS = re.compile(
    r"\balter\s+(?:default\s+privileges|role|user|database|system)\b"
    r"|\b(?:drop|reassign)\s+(?:role|owned)\b"
    r"|\bon\s+all\s+(?:tables|functions|routines|procedures|sequences)\s+in\s+schema\s+(?!interno\b)"
    r"|\brevoke\b[^;]*\bon\s+schema\s+(?!interno\b)",
    re.IGNORECASE,
)


def test_p9_nothing_is_said_of_what_belongs_to_others_in_the_project() -> None:
    files = [*SCHEMAS.glob("*.sql"), *MIGRATIONS.glob("*.sql")]
    assert len(files) > 80
    found = {
        path.name: match[0]
        for path in files
        if (match := _OF_OTHERS.search(re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "statement",
    [
        "alter default privileges in schema public revoke all on tables from anon",
        "ALTER ROLE authenticated SET statement_timeout = '30s'",
        "alter role authenticator in database postgres set statement_timeout = '1min'",
        "alter database postgres set timezone = 'UTC'",
        "alter system set statement_timeout = 0",
        "revoke all on all tables in schema public from anon",
        "grant select on all tables in schema public to authenticated",
        "revoke all on schema public from public",
    ],
)
def test_what_would_reach_others_is_recognised(statement: str) -> None:
    assert _OF_OTHERS.search(statement)
