"""Write the forward migration that brings what `supabase/migrations` installs to what `supabase/schemas` defines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from local.schema import catalog, databases
from local.schema.catalog import Catalog, compare
from local.schema.migration import TO_BE_WRITTEN, between

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "supabase" / "migrations"
SCHEMAS = ROOT / "supabase" / "schemas"

_HEADER = "-- {name}: from the definitions in supabase/schemas, by `make migration`.\n\n"


class MigrationError(Exception):
    """There is no complete migration yet; the message says what is to be done."""


@dataclass(frozen=True)
class Folders:
    """Where migrations and definitions are."""

    migrations: Path = MIGRATIONS
    schemas: Path = SCHEMAS


def write(server: str, name: str, folders: Folders, now: datetime) -> Path | None:
    """Write the migration and prove it: applied to the old database it gives the new one.

    Args:
        server: connection string of a superuser; two databases are created there and dropped again.
        name: what changes, in letters, digits and underscores.
        folders: the migrations so far and the definitions.
        now: instant of the file's name.

    Returns:
        The file, or None if there is nothing to write.

    Raises:
        InstallationError: a migration or a definition was refused by PostgreSQL.
        MigrationError: the name is unusable, the file was written with a part left to a person, or it was written
            and does not lead to the definitions.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise MigrationError(
            f"{name!r} is no name for a migration: use letters, digits and underscores, as in nova_coluna"
        )
    with _installed(server, folders) as (old, new):
        before, after = _said(old), _said(new)
        if not compare(before, after):
            return None
        migration = between(before, after, lambda fact: databases.dependants(old, before, fact))
        file = folders.migrations / f"{now.astimezone(UTC):%Y%m%d%H%M%S}_{name}.sql"
        if file.name <= (latest := max(other.name for other in folders.migrations.glob("*.sql"))):
            raise MigrationError(f"{file.name} would come before {latest}: this computer's clock is wrong")
        file.write_text(_HEADER.format(name=name) + migration.sql() + "\n", encoding="utf-8")
        if migration.by_hand:
            what = "\n".join(f"  {text}" for text in migration.by_hand)
            raise MigrationError(
                f"{file} was written but for the part about data, which is yours to write where it says so:\n{what}\n"
                "Then run `make migration` again: it says whether the result is what supabase/schemas defines."
            )
        databases.execute(old, file)
        if left := compare(_said(old), after):
            what = "\n".join(f"  {key.kind} {key.name}" for key in left)
            raise MigrationError(
                f"{file} was written, but these are still not as supabase/schemas defines them:\n{what}"
            )
        return file


@contextmanager
def _installed(server: str, folders: Folders) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    for file in sorted(folders.migrations.glob("*.sql")):
        if TO_BE_WRITTEN in file.read_text(encoding="utf-8"):
            raise MigrationError(
                f"{file} still has a part to be written by hand; write it, delete the line that says so"
            )
    with databases.temporary(server, "definition_old") as old, databases.temporary(server, "definition_new") as new:
        databases.install(old, folders.migrations)
        databases.install(new, folders.schemas)
        with psycopg.connect(old, autocommit=True) as first, psycopg.connect(new, autocommit=True) as second:
            yield first, second


def _said(connection: psycopg.Connection[Any]) -> Catalog:
    return {**catalog.read(connection), **catalog.rows(connection)}
