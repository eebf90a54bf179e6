"""What the API's roles reach of ours, every object listed, in a project that gives them everything and in one of today.

Ours is what a push adds to a project. Nothing is closed by altering the project's default privileges, for the MES lives
in it too; so each object says beside its definition who may use it, and here is seen that none has forgotten to.
"""

import psycopg
import pytest

from local.stack.database import Database
from local.stack.table_rights import API_ROLES
from tests.hosted.conftest import Pushed
from tests.support import released
from tests.support.hosted import INSTALLER, Server
from tests.support.rights import Right, rights

READS = {"SELECT"}
# By PostgreSQL's own default everybody may use a function, by Supabase's `anon` may.
NOBODY = ("PUBLIC", "anon")

# What screens ask, besides the acts: those change something and name the roles that may (`papeis_da_funcao`).
QUESTIONS = {
    "agora",
    "arquivos_da_linha",
    "atos_pessoas",
    "conferir_janela",
    "conferir_pagina",
    "conferir_revisao",
    "diferencas_conferencia",
    "lote_detalhe",
    "lotes",
    "meu_turno",
    "minhas_pendencias",
    "normalizar_op",
    "papeis_da_funcao",
    "paradas_linha",
    "pendencias_escolhidas",
    "pessoas_que_podem",
    "producao_hora",
    "producao_janela",
    "producao_op",
    "producao_turno",
    "quem_sou",
    "rastrear",
    "reprocessavel",
    "somar_assunto",
    "vale_digitado",
    "verificar_abertura",
    "verificar_assinatura",
    "verificar_diario",
    "verificar_revisao",
}


@pytest.fixture(params=["exposed", "closed"])
def ours(request: pytest.FixtureRequest, server: Server) -> set[Right]:
    project: Pushed = request.getfixturevalue(request.param)
    return project.ours(server)


def of(found: set[Right], kind: str, role: str) -> dict[str, set[str]]:
    """What a role may do, by object of a kind."""
    held: dict[str, set[str]] = {}
    for right in found:
        if (right.kind, right.role) == (kind, role):
            held.setdefault(right.name, set()).add(right.privilege)
    return held


def named(functions: dict[str, set[str]]) -> set[str]:
    return {name.split("(")[0].removeprefix("public.") for name in functions}


def test_p9_nobody_reaches_an_object_of_ours_without_signing_in(ours: set[Right]) -> None:
    assert {right for right in ours if right.role in NOBODY} == set()


def test_p9_signed_in_people_read_tables_and_views_and_no_more(
    ours: set[Right], server: Server, closed: Pushed
) -> None:
    reached = of(ours, "table", "authenticated") | of(ours, "view", "authenticated")
    assert {name for name, held in reached.items() if held != READS} == set()
    with psycopg.connect(server.url(closed.name, INSTALLER)) as connection:
        rows = connection.execute(
            "select 'public.' || relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'v') and relname !~ '_do_mes$'"
        ).fetchall()
    assert set(reached) == {name for (name,) in rows}
    for kind in ("schema", "sequence", "column"):
        assert of(ours, kind, "authenticated") == {}, kind


def test_p9_signed_in_people_call_peoples_functions_and_no_others(ours: set[Right], db: Database) -> None:
    called = named(of(ours, "function", "authenticated"))
    acts = {
        row["name"]
        for row in db.sql("select proname as name from pg_proc where papeis_da_funcao(proname::text) <> '{}'")
    }
    assert called == QUESTIONS | acts
    assert called & set(released.calls()) == set()


def test_p9_the_service_key_reads_and_calls_and_changes_no_row_itself(ours: set[Right]) -> None:
    """Its role is given every right on each new table; only calling the integration's functions must be left."""
    for kind in ("table", "view"):
        assert {name for name, held in of(ours, kind, "service_role").items() if held != READS} == set()
    for kind in ("schema", "sequence", "column"):
        assert of(ours, kind, "service_role") == {}, kind
    assert set(released.calls()) <= named(of(ours, "function", "service_role"))


def test_p9_the_rights_do_not_depend_on_what_the_project_gives(server: Server, exposed: Pushed, closed: Pushed) -> None:
    assert exposed.ours(server) == closed.ours(server)


def test_p9_the_service_key_is_refused_each_change_of_a_table(db: Database) -> None:
    tables = [
        row["name"]
        for row in db.sql(
            "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
            " and relname !~ '_do_mes$'"
        )
    ]
    assert len(tables) > 50
    for table in tables:
        for change in (f"insert into {table} default values", f"delete from {table}", f"truncate {table}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.as_role("service_role"):
                db.sql(change)


FORGOTTEN = {
    "function": "create function public.nova() returns integer language sql as 'select 1'",
    "internal function": "create function interno.nova() returns integer language sql as 'select 1'",
    "table": "create table public.nova (texto text)",
    "view": "create view public.nova as select linha_id from public.linhas",
    "identity": "create table public.nova (id bigint generated always as identity);"
    " revoke all on public.nova from anon, authenticated, service_role",
    "sequence": "create sequence public.nova",
}


@pytest.mark.parametrize("kind", FORGOTTEN)
def test_p9_a_new_object_that_forgets_to_close_itself_is_found(server: Server, db: Database, kind: str) -> None:
    before = rights(server.url(db.connection.info.dbname))
    db.sql(FORGOTTEN[kind])
    new = rights(server.url(db.connection.info.dbname)) - before
    assert {right.role for right in new} & {*NOBODY}
    assert {right.role for right in new} <= {*NOBODY, *API_ROLES}
