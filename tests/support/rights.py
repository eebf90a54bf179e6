"""What a database's catalog says of who may do what."""

from typing import NamedTuple

import psycopg


class Right(NamedTuple):
    """One privilege of one role on one object; `role` is "PUBLIC" for everybody's."""

    kind: str
    name: str
    privilege: str
    role: str


def rights(url: str) -> set[Right]:
    """Every right but the owner's, on every schema, table, view, column, sequence and function that is neither
    PostgreSQL's own nor an extension's. What has no entry has PostgreSQL's default."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        return {Right(*row) for row in connection.execute(_RIGHTS)}


_RIGHTS = """
with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'),

entitled (kind, name, owner, entries, class, oid) as (
    select 'schema', nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner)), 'pg_namespace'::regclass, oid
    from pg_namespace where oid in (select oid from ours)
    union all
    select
        case relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, oid::regclass::text, relowner,
        coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)),
        'pg_class'::regclass, oid
    from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S') and relnamespace in (select oid from ours)
    union all
    select 'column', c.oid::regclass || '.' || a.attname, c.relowner, a.attacl, 'pg_class'::regclass, c.oid
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attacl is not null and c.relnamespace in (select oid from ours)
    union all
    select 'function', oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner)),
        'pg_proc'::regclass, oid
    from pg_proc where pronamespace in (select oid from ours)
)

select e.kind, e.name, x.privilege_type, case when x.grantee = 0 then 'PUBLIC' else x.grantee::regrole::text end
from entitled e cross join aclexplode(e.entries) x
where x.grantee <> e.owner and not exists (
    select from pg_depend d where d.classid = e.class and d.objid = e.oid and d.deptype = 'e'
)
"""
