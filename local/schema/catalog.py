"""What a database says of itself, object by object, as text that two databases can be compared by.

Only what this product owns is read: the schemas `public` and `interno`. Left out on purpose: the order of a table's
columns (a forward migration can only append), owners, object identifiers and rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

SCHEMAS = ("public", "interno")


class Key(NamedTuple):
    """Names one object, or one property of an object that PostgreSQL keeps apart from it."""

    kind: str
    name: str
    """As PostgreSQL writes it in a statement: qualified, a function with its argument types."""


@dataclass(frozen=True)
class Fact:
    """What the catalog says under one key."""

    text: str
    """For an object of :data:`GENERATED` the statement that makes it, else a description."""
    owner: Key | None
    """The object this goes with when that is dropped: a trigger's table, the function a comment is on."""
    address: tuple[int, int]
    """PostgreSQL's own, class and object; a database installed once made its objects in the order of the latter."""
    shape: tuple[str, ...] = ()
    """Of a function and a view: what `create or replace` may not change, or may only append to."""


GENERATED = ("function", "view", "statistics", "index", "row security", "trigger", "policy", "publication")
"""Objects whose statement the catalog itself holds, in an order in which they can be made."""

Catalog = Mapping[Key, Fact]
Differences = dict[Key, tuple[str | None, str | None]]

_SAID = Path(__file__).with_suffix(".sql").read_bytes()
PROPERTIES = ("column", "row security", "trigger state", "publication", "privileges", "column privileges", "comment")
"""What belongs to an object but is none that something else could belong to."""


def read(connection: psycopg.Connection[Any]) -> Catalog:
    """Everything that the catalog says of our schemas."""
    with connection.transaction():
        connection.execute("set local search_path = ''")  # so that names in definitions are qualified
        said = connection.execute(_SAID, {"ours": list(SCHEMAS)}).fetchall()
    objects = {(class_, oid): Key(kind, name) for kind, name, _, class_, oid, *_ in said if kind not in PROPERTIES}
    return {
        Key(kind, name): Fact(text, objects.get((owner_class, owner)), (class_, oid), tuple(shape or ()))
        for kind, name, text, class_, oid, owner_class, owner, shape in said
    }


_TABLES = """
select
    array[c.relnamespace::regnamespace::text, c.relname],
    array(
        select a.attname::text from pg_attribute as a
        where a.attrelid = c.oid and a.atthasdef and a.atttypid = 'timestamptz'::regtype
    ),
    c.oid::int
from pg_class as c
where c.relnamespace::regnamespace::text = any(%s) and c.relkind in ('r', 'p')
  and c.oid <> to_regclass('public.trilha_auditoria')
"""


def rows(connection: psycopg.Connection[Any]) -> Catalog:
    """The rows of every table of ours, each under a key of its own, without the instants that the database wrote.

    The trail is left out: it says how rows came to be, which is another way in an installation that was migrated.
    """
    found = {}
    for table, omitted, address in connection.execute(_TABLES, [list(SCHEMAS)]).fetchall():
        query = sql.SQL("select (to_jsonb(t) - %s::text[])::text from {} as t").format(sql.Identifier(*table))
        for (content,) in connection.execute(query, [omitted]):
            found[Key("row", f"{'.'.join(table)} {content}")] = Fact("", None, (0, address))
    return found


def compare(old: Catalog, new: Catalog) -> Differences:
    """What is not the same in both: the old text and the new one, None where there is none."""
    texts = {key: (_text(old, key), _text(new, key)) for key in {**old, **new}}
    return {key: pair for key, pair in texts.items() if pair[0] != pair[1]}


def _text(catalog: Catalog, key: Key) -> str | None:
    fact = catalog.get(key)
    return None if fact is None else fact.text
