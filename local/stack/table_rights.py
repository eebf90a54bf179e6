"""The rights our migrations give on tables, kept although the local Supabase gives them away.

At its first request Supabase Lite 0.10 runs GRANT ALL ON ALL TABLES to the API's roles in every schema with row-level
security. The hosted Supabase does that once, when a table is made, and the migrations take it back; here it would come
last, and only row-level security would be left to test.
"""

from typing import NamedTuple

import psycopg
from psycopg import sql

API_ROLES = ("anon", "authenticated", "service_role")
_RIGHTS = """
select n.nspname, c.relname, x.privilege_type, x.grantee::regrole::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) x
where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v', 'm') and x.grantee::regrole::text = any(%s)
"""
_SCHEMAS = (
    "select distinct n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relrowsecurity"
)


class Right(NamedTuple):
    """One privilege of one role on one table or view."""

    schema: str
    table: str
    privilege: str
    role: str


def rights(database_url: str) -> set[Right]:
    """What the API's roles may do on the tables of the schemas that have row-level security."""
    with psycopg.connect(database_url) as connection:
        schemas = [schema for (schema,) in connection.execute(_SCHEMAS)]
        return {Right(*row) for row in connection.execute(_RIGHTS, [schemas, list(API_ROLES)])}


def take_back(database_url: str, given: set[Right]) -> None:
    """Leave the API's roles the rights `given` and no others."""
    surplus = rights(database_url) - given
    with psycopg.connect(database_url) as connection:
        for right in surplus:
            connection.execute(
                sql.SQL("revoke {} on {} from {}").format(
                    sql.SQL(right.privilege), sql.Identifier(right.schema, right.table), sql.Identifier(right.role)
                )
            )
