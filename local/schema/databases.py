"""Databases made from files, and what in them stands on what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from local.schema.catalog import PROPERTIES, Catalog, Fact, Key
from local.stack.table_rights import API_ROLES


class InstallationError(Exception):
    """A file of the database's definition was refused by PostgreSQL; the message names the file and the reason."""


def install(url: str, folder: Path, names: str = "*.sql") -> None:
    """Execute a folder's files whose names fit a pattern, in the order of their names, each in its own transaction.

    Raises:
        InstallationError: PostgreSQL refused one of them; those before it are installed.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for file in sorted(folder.glob(names)):
            execute(connection, file)


def execute(connection: psycopg.Connection[Any], file: Path) -> None:
    """Execute one SQL file in a transaction.

    Raises:
        InstallationError: PostgreSQL refused it; nothing of it is done.
    """
    try:
        with connection.transaction():
            connection.execute(file.read_bytes())
    except psycopg.Error as error:
        raise InstallationError(f"{file.name}: {error}") from error


@contextmanager
def temporary(server: str, name: str) -> Iterator[str]:
    """Give the connection string of a new database as the hosted Supabase hands it over; drop it afterwards."""
    _administer(server, f"drop database if exists {name} with (force)", f"create database {name}")
    url = make_conninfo(server, dbname=name)
    try:
        like_hosted(url)
        yield url
    finally:
        _administer(server, f"drop database {name} with (force)")


def _administer(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def like_hosted(url: str) -> None:
    """Give an empty database the hosted Supabase's roles and its generous rights on each new object of `public`."""
    with psycopg.connect(url, autocommit=True) as connection:
        for role in API_ROLES:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                extra = " bypassrls" if role == "service_role" else ""
                connection.execute(f"create role {role} nologin noinherit{extra}".encode())
        for kind in ("tables", "functions", "sequences"):
            grant = f"alter default privileges in schema public grant all on {kind} to {', '.join(API_ROLES)}"
            connection.execute(grant.encode())


def dependants(connection: psycopg.Connection[Any], catalog: Catalog, fact: Fact) -> Iterator[Key | str]:
    """What stands on an object and keeps it from being dropped: by key, or in PostgreSQL's words what has none."""
    keys = {other.address: key for key, other in catalog.items() if key.kind not in PROPERTIES}
    for class_, oid, described in connection.execute(_DEPENDANTS, fact.address).fetchall():
        yield keys.get((class_, oid), described)


# A view stands on what its rule names. What takes or returns a view's rows stands on the view's row type.
_DEPENDANTS = """
with object (class, oid) as (values (%s::oid, %s::oid)),

target as (
    select class, oid from object
    union all
    select 'pg_type'::regclass, t.oid
    from pg_type t join object o on o.class = 'pg_class'::regclass and t.typrelid = o.oid
)

select distinct
    (case when r.oid is null then d.classid else 'pg_class'::regclass end)::int,
    coalesce(r.ev_class, d.objid)::int,
    pg_describe_object(d.classid, d.objid, 0)
from pg_depend d join target t on d.refclassid = t.class and d.refobjid = t.oid
left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
where d.deptype = 'n' and coalesce(r.ev_class, d.objid) not in (select oid from object)
order by 2
"""
