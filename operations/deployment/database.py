"""The database of an environment: whether URL and key answer, which migrations it lacks, and applying those."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import httpx
import psycopg

from operations.deployment.release import Migration
from sicfar.errors import ConfigurationError, TransientError

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_FUNCTION = "migracoes_aplicadas"
_LIST: tuple[LiteralString, ...] = (
    "create schema if not exists supabase_migrations",
    "create table if not exists supabase_migrations.schema_migrations (version text not null primary key)",
    "alter table supabase_migrations.schema_migrations add column if not exists statements text[]",
    "alter table supabase_migrations.schema_migrations add column if not exists name text",
)
"""The list as the Supabase command line makes it, which goes on with `supabase db push` whenever somebody wants to:
https://github.com/supabase/cli/blob/main/pkg/migration/history.go"""
_ONE_AT_A_TIME = 7_226_418_053
"""Key of the advisory lock under which migrations are applied."""


class SupabaseSilentError(TransientError):
    """The project does not answer now."""


class SupabaseRefusesError(ConfigurationError):
    """URL or key are not those of a project of ours."""


class NotMigratedError(ConfigurationError):
    """The database is not of this version."""


class MigrationRefusedError(ConfigurationError):
    """PostgreSQL refused the connection or a migration."""


def applied(url: str, secret_key: str) -> set[str] | None:
    """Versions of the migrations a project has; None if it keeps no list of them.

    Raises SupabaseSilentError, SupabaseRefusesError, or NotMigratedError if it cannot even say.
    """
    # The key alone in `apikey`: a secret key is no token, and the hosted gateway puts the role's token in its place.
    # https://supabase.com/docs/guides/api/api-keys
    try:
        answer = httpx.post(f"{url}/rest/v1/rpc/{_FUNCTION}", headers={"apikey": secret_key}, json={}, timeout=_TIMEOUT)
    except httpx.HTTPError as cause:
        raise SupabaseSilentError(
            "supabase_silent",
            f"não respondeu ({type(cause).__name__})",
            where=url,
            action="confira supabaseUrl; um projeto pausado se religa no painel do Supabase",
        ) from cause
    if answer.status_code in (401, 403):
        raise SupabaseRefusesError(
            "supabase_refuses",
            f"recusou a chave (HTTP {answer.status_code})",
            where=url,
            action="copie a chave secreta (sb_secret_…) de Settings, API Keys, deste projeto",
        )
    if answer.status_code >= 500:
        raise SupabaseSilentError("supabase_silent", f"respondeu HTTP {answer.status_code}", where=url)
    told = _json(answer)
    if answer.status_code == 404 and isinstance(told, dict) and str(told.get("code", "")).startswith("PGRST"):
        raise NotMigratedError("not_migrated", f"o banco não tem a função {_FUNCTION}", where=url)
    if answer.status_code != 200:
        raise SupabaseRefusesError(
            "supabase_refuses",
            f"não é um projeto Supabase (HTTP {answer.status_code})",
            where=url,
            action="confira supabaseUrl: https://<ref>.supabase.co, sem mais nada",
        )
    return None if told is None else {str(one) for one in told} if isinstance(told, list) else set()


def _json(answer: httpx.Response) -> object:
    try:
        told: object = answer.json()
    except ValueError:
        return answer.text
    return told


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """The database, as the owner of its tables. Raises MigrationRefusedError, which never shows the URL."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as cause:
        raise MigrationRefusedError(
            "database_unreachable",
            "o banco não aceitou a conexão",
            where="DATABASE_URL",
            action="copie-a de novo em Supabase, Connect, Session pooler, com a senha do banco",
        ) from cause.with_traceback(None)
    with connection:
        yield connection


def missing(connection: psycopg.Connection, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations that the database has not had; nothing is changed."""
    listed = connection.execute("select to_regclass('supabase_migrations.schema_migrations') is not null").fetchone()
    if not (listed and listed[0]):
        return list(migrations)
    had = {row[0] for row in connection.execute("select version from supabase_migrations.schema_migrations")}
    return [one for one in migrations if one.version not in had]


def migrate(connection: psycopg.Connection, migrations: Sequence[Migration], say: Callable[[str], None]) -> int:
    """Apply what is missing, each migration and its entry in the list in one transaction; returns how many.

    A second command waits for this one and then finds nothing to do. Raises MigrationRefusedError: those before it
    stay applied, and the next run goes on where this one ended.
    """
    connection.execute("select pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
    for statement in _LIST:
        connection.execute(statement)
    todo = missing(connection, migrations)
    for one in todo:
        text = one.path.read_text(encoding="utf-8")
        try:
            with connection.transaction():
                # Who reads and writes meanwhile is waited for a while, and then let through.
                connection.execute("set local lock_timeout = '10s'")
                connection.execute(text.encode())
                connection.execute(
                    "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)",
                    (one.version, one.name, [text]),
                )
        except psycopg.Error as cause:
            raise MigrationRefusedError(
                "migration_refused",
                f"{one.path.name}: {cause.diag.message_primary or type(cause).__name__}",
                where="DATABASE_URL",
                action="nada desta migração ficou; se foi um bloqueio, repita; se não, avise quem desenvolve",
            ) from cause
        say(f"aplicada {one.version} {one.name}")
    # The hosted API looks by itself after a change of tables; where its trigger is missing, this has it look.
    connection.execute("notify pgrst, 'reload schema'")
    return len(todo)
