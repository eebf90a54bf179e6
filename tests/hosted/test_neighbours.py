"""The MES lives in the same project: its rights, the project's default privileges and its roles' settings stay.

Compared before and after our migrations, in a project that gives the API's roles everything on each new object.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.support.hosted import INSTALLER, Server
from tests.support.rights import Right, rights

# What a project gives on new objects, and what a role's sessions begin with.
_SETTINGS = """
select 'default privileges', defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype::text,
    defaclacl::text
from pg_default_acl
union all
select 'settings', coalesce(r.rolname, 'all'), coalesce(d.datname, 'all'), '', s.setconfig::text
from pg_db_role_setting as s
left join pg_roles as r on r.oid = s.setrole
left join pg_database as d on d.oid = s.setdatabase
union all
select 'role', rolname, '', '', to_jsonb(pg_roles)::text from pg_roles
"""


class Project(NamedTuple):
    """What is not ours in a project."""

    settings: set[Any]
    rights: set[Right]


def looked_at(server: Server, name: str) -> Project:
    with psycopg.connect(server.url(name)) as connection:
        settings = set(connection.execute(_SETTINGS.encode()).fetchall())
    return Project(settings, rights(server.url(name)))


@pytest.fixture
def name(server: Server) -> Iterator[str]:
    server.project("vizinho", exposed=True)
    yield "vizinho"
    server.drop("vizinho")


def test_p9_our_migrations_leave_what_belongs_to_others_as_it_was(server: Server, name: str) -> None:
    before = looked_at(server, name)
    assert {kind for kind, *_ in before.settings} == {"default privileges", "settings", "role"}
    server.install(name)
    after = looked_at(server, name)
    assert after.settings == before.settings
    assert before.rights <= after.rights
    with psycopg.connect(server.url(name, INSTALLER)) as connection:
        connection.execute("create table public.depois_do_mes (id integer)")
    given = {right.role for right in rights(server.url(name)) - after.rights}
    assert given == {"anon", "authenticated", "service_role"}, "as before us"


@pytest.mark.parametrize(
    "statement",
    [
        "alter default privileges for role postgres in schema public revoke all on tables from anon",
        "alter role authenticated set statement_timeout = '30s'",
        "revoke all on public.tela_do_mes from anon",
    ],
)
def test_p9_a_change_of_what_belongs_to_others_is_seen(server: Server, name: str, statement: str) -> None:
    before = looked_at(server, name)
    with psycopg.connect(server.url(name)) as connection:
        connection.execute(statement.encode())
        seen = set(connection.execute(_SETTINGS.encode()).fetchall())
        connection.execute("rollback") if "role authenticated" in statement else connection.commit()
    after = Project(seen, rights(server.url(name)))
    assert after.settings != before.settings or not before.rights <= after.rights
