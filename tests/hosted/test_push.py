"""`supabase db push`, as `postgres`, who is no superuser: from nothing, again, and onto an older database with data."""

from collections.abc import Iterator

import psycopg
import pytest

from local.schema import catalog
from local.schema.command import MIGRATIONS
from local.stack.database import Database
from tests.hosted.conftest import Pushed
from tests.integration.test_db_upgrade import FROZEN, answers, fill
from tests.support.hosted import INSTALLER, Server
from tests.support.rights import rights

FILES = sorted(file.name for file in MIGRATIONS.glob("*.sql"))


@pytest.fixture
def old(server: Server) -> Iterator[Database]:
    """What the frozen migrations install, in use."""
    server.project("antigo", exposed=True)
    server.push("antigo", FROZEN)
    database = Database(server.url("antigo", INSTALLER))
    fill(database)
    yield database
    database.close()


def test_p6_every_migration_is_pushed_once(server: Server, exposed: Pushed) -> None:
    with psycopg.connect(server.url(exposed.name, INSTALLER)) as connection:
        applied = connection.execute("select version from supabase_migrations.schema_migrations order by 1").fetchall()
    assert [version for (version,) in applied] == [file.split("_")[0] for file in FILES]
    again = server.push(exposed.name)
    assert "Remote database is up to date" in again
    assert "Applying migration" not in again


def test_p6_who_pushes_is_no_superuser_and_owns_what_is_pushed(server: Server, exposed: Pushed) -> None:
    with psycopg.connect(server.url(exposed.name, INSTALLER)) as connection:
        assert connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)
        owners = connection.execute(
            "select relowner::regrole::text from pg_class where relnamespace in ('public'::regnamespace,"
            " 'interno'::regnamespace) union select proowner::regrole::text from pg_proc"
            " where pronamespace in ('public'::regnamespace, 'interno'::regnamespace)"
        ).fetchall()
    assert owners == [(INSTALLER,)]


def test_p6_a_push_onto_a_database_in_use_keeps_what_it_holds(server: Server, old: Database, exposed: Pushed) -> None:
    before = answers(old)
    server.push("antigo")
    after = answers(old)
    assert [after[kept] for kept in ("totals", "balance", "signature")] == [
        before[kept] for kept in ("totals", "balance", "signature")
    ]
    with (
        psycopg.connect(server.url("antigo", INSTALLER)) as upgraded,
        psycopg.connect(server.url(exposed.name, INSTALLER)) as fresh,
    ):
        assert catalog.compare(catalog.read(upgraded), catalog.read(fresh)) == {}
    assert rights(server.url("antigo")) == rights(server.url(exposed.name))


@pytest.mark.parametrize("kind", ["exposed", "closed"])
def test_p9_a_push_leaves_the_projects_own_rights_alone(
    server: Server, kind: str, request: pytest.FixtureRequest
) -> None:
    """The MES lives there: neither its objects, nor default privileges, nor the roles' time-outs are changed."""
    project: Pushed = request.getfixturevalue(kind)
    server.project(f"virgem_{kind}", exposed=kind == "exposed")
    assert project.before <= rights(server.url(project.name))
    asked = (
        "select defaclrole::regrole::text, defaclobjtype, defaclacl::text from pg_default_acl order by 1, 2",
        "select rolname, rolconfig from pg_roles order by 1",
        "select setrole::regrole::text, setconfig from pg_db_role_setting where setdatabase <> 0",
    )
    for question in asked:
        with (
            psycopg.connect(server.url(project.name)) as one,
            psycopg.connect(server.url(f"virgem_{kind}")) as other,
        ):
            assert one.execute(question).fetchall() == other.execute(question).fetchall()
