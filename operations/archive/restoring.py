"""An archive into an empty database of the same migrations: what the migrations themselves put there is replaced."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from operations.archive.manifest import Manifest, read, table_file
from operations.archive.tables import migration, tables
from operations.audit.evidence import connected
from sicfar.errors import PermanentError

if TYPE_CHECKING:
    import psycopg

_BLOCK = 1 << 20


class NotEmptyError(PermanentError):
    """The database is in use, or of other migrations."""


def restore(database_url: str, folder: Path) -> Manifest:
    """Fill an empty database with an archive, in one transaction. Raises ArchiveDamagedError, NotEmptyError."""
    manifest = read(folder)
    with connected(database_url) as connection:
        ((used,),) = connection.execute("select exists (select from public.lotes_producao)").fetchall()
        if used:
            raise _refused("o banco não está vazio", "restaure num banco só com as migrações")
        if migration(connection) != manifest.migration or {one.name for one in tables(connection)} != set(
            manifest.tables
        ):
            raise _refused(
                f"o banco não é da migração {manifest.migration} do arquivo", "aplique as migrações até essa, e só elas"
            )
        # As a standby fills its tables: rows are what they were, and no trigger or key makes others of them.
        connection.execute("set local session_replication_role = replica")
        for name, one in manifest.tables.items():
            _fill(connection, name, one.columns, folder / table_file(name))
    return manifest


def _fill(
    connection: "psycopg.Connection[tuple[object, ...]]", name: str, columns: tuple[str, ...], path: Path
) -> None:
    table = sql.Identifier("public", name)
    connection.execute(sql.SQL("delete from {}").format(table))
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    with (
        gzip.open(path) as file,
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("copy {} ({}) from stdin").format(table, listed)) as copied,
    ):
        while block := file.read(_BLOCK):
            copied.write(block)
    found = connection.execute(
        "select a.attname::text, pg_get_serial_sequence(%s, a.attname)"
        " from pg_attribute as a where a.attrelid = %s::regclass and a.attidentity <> ''",
        (f"public.{name}", f"public.{name}"),
    )
    for column, sequence in found.fetchall():
        last = sql.SQL("select setval({}, max({})) from {} having max({}) is not null")
        connection.execute(last.format(str(sequence), sql.Identifier(str(column)), table, sql.Identifier(str(column))))


def _refused(what: str, action: str) -> NotEmptyError:
    return NotEmptyError("database_not_empty", what, where="DATABASE_URL", action=action)
