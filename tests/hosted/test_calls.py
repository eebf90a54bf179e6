"""The functions' calls through a model of hosted PostgREST: over HTTP, with the time-outs and rights of their role.

Each test of the boundary that calls the database is run again, with the real client and a project of its own.
"""

import inspect

import pytest

from local.stack.database import Database
from sicfar.database import supabase
from tests.integration import test_db_boundary
from tests.integration.test_db_boundary import plant
from tests.support import released
from tests.support.postgrest import Postgrest

__all__ = ["plant"]  # a fixture

RELEASES = released.releases()


globals().update(
    {
        name: test
        for name, test in inspect.getmembers(test_db_boundary, inspect.isfunction)
        if name.startswith("test_") and "rpc" in inspect.signature(test).parameters
    }
)


def test_p6_the_boundarys_tests_are_run_here() -> None:
    assert sum(name.startswith("test_") for name in globals()) > 15


@pytest.mark.parametrize(("key", "time_out"), [("secret", "8s"), ("person", "8s"), ("publishable", "3s")])
def test_p6_a_call_has_its_roles_time_out(db: Database, api: Postgrest, key: str, time_out: str) -> None:
    """Nothing of ours sets another; the functions wait longer than that (`supabase.TIMEOUT`)."""
    db.sql(
        "create function public.prazo() returns text language sql stable as $$"
        " select current_setting('statement_timeout') $$"
    )
    db.sql("grant execute on function public.prazo() to anon")
    headers = {"apikey": api.secret_key if key == "secret" else api.publishable_key}
    if key == "person":
        headers["authorization"] = f"Bearer {api.token(db.person())}"
    assert api.answer("POST", "/rest/v1/rpc/prazo", headers, b"{}") == (200, time_out)
    assert supabase.TIMEOUT.read is not None
    assert supabase.TIMEOUT.read > 8


def test_p10_no_call_of_the_functions_can_be_cut_at_a_thousand_rows(db: Database) -> None:
    """Each is answered by one value; of a function that returns rows the API hands over the first 1,000."""
    rows = {
        row["name"]: row["rows"]
        for row in db.sql(
            "select proname as name, proretset as rows from pg_proc where pronamespace = 'public'::regnamespace"
        )
    }
    called = set(released.calls())
    assert called <= set(rows)
    assert {name for name in called if rows[name]} == set()


FEW_ROWS = {
    "agora": "one a line of the plant",
    "atos_pessoas": "one a function that people call",
    "ordens_propostas": "at most twelve lots",
    "lotes": "51: a page, and whether there is another",
    "pessoas_que_podem": "the people of a sector who may do one act, at most a thousand",
    "producao_op": "one a line of the plant",
    "somar_assunto": "one",
    "producao_janela": "one an order of the line; the questions are made of it, no screen calls it (docs/consultas.md)",
}


def test_p10_a_question_of_people_refuses_what_would_be_cut(db: Database) -> None:
    """Of the functions that return rows, each that people may call counts them before it answers."""
    found = db.sql(
        "select proname as name, prosrc ~ 'conferir_pagina' as counts from pg_proc"
        " where pronamespace = 'public'::regnamespace and proretset"
        " and has_function_privilege('authenticated', oid, 'execute') order by 1"
    )
    assert {row["name"] for row in found if not row["counts"]} == set(FEW_ROWS)


@pytest.mark.parametrize("release", RELEASES)
def test_p6_every_call_of_a_release_is_still_understood(api: Postgrest, release: str) -> None:
    """By name and argument names, as PostgREST looks a function up."""
    for function, call in RELEASES[release].items():
        api.meant(function, set(call.arguments))
