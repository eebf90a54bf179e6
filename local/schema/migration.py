"""The statements that make one database's definition into another's.

What PostgreSQL can say as a statement (functions, views, triggers, policies, indexes, privileges, comments) is taken
from the new catalog. A function or view is replaced where PostgreSQL allows it, else dropped and made again with all
that stands on it. Tables, types and rows are not: how their data comes along is a decision, written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from local.schema.catalog import GENERATED, PROPERTIES, Catalog, Differences, Fact, Key, compare
from local.stack.table_rights import API_ROLES

TO_BE_WRITTEN = "-- TO BE WRITTEN BY HAND, then delete this line. What differs:"

_ENTITLED = ("public", *API_ROLES)
"""To whom PostgreSQL itself, or the hosted Supabase, gives rights on a new object."""

Dependants = Callable[[Fact], Iterable[Key | str]]
"""What stands on an object: keys, or PostgreSQL's description of what has none."""


@dataclass
class Migration:
    """Statements in their order, without semicolons, around what is to be written by hand."""

    before: list[str] = field(default_factory=list)
    """Drops."""
    by_hand: list[str] = field(default_factory=list)
    """Differences that no statement is made for, one text each."""
    after: list[str] = field(default_factory=list)
    """What is new, replaced or made again."""

    def sql(self) -> str:
        """The file's text; what is to be written by hand stands in it as comments below :data:`TO_BE_WRITTEN`."""
        by_hand = [f"--   {line}" for text in self.by_hand for line in text.split("\n")]
        return "\n".join(
            [*_ended(self.before), *([TO_BE_WRITTEN, *by_hand, ""] if by_hand else []), *_ended(self.after)]
        )


def _ended(statements: Iterable[str]) -> list[str]:
    # One statement a line; those of several lines stand apart.
    return [f"{statement};\n" if "\n" in statement else f"{statement};" for statement in statements]


def between(old: Catalog, new: Catalog, dependants: Dependants) -> Migration:
    """The migration from one catalog to another; `dependants` speaks of the old database."""
    differences = compare(old, new)
    made = Migration()
    dropped = _dropped(old, new, differences, dependants, made)
    made.before = [_drop(key) for key in dropped]
    made.by_hand += _by_hand(old, new, differences)
    again = [key for key in dropped if key in new]
    changed = [key for key in differences if key in new and key.kind in GENERATED and key not in again]
    made.after = [new[key].text for key in sorted([*again, *changed], key=lambda key: _making_order(key, new[key]))]
    made.after += _privileges(old, new, differences, again)
    made.after += _comments(old, new, differences, again)
    return made


def _making_order(key: Key, fact: Fact) -> tuple[int, int]:
    # Functions and views use each other: in the order in which the new database made them.
    kind = GENERATED.index(key.kind)
    return (max(kind, GENERATED.index("view")), fact.address[1])


def _dropped(
    old: Catalog, new: Catalog, differences: Differences, dependants: Dependants, made: Migration
) -> list[Key]:
    """What is dropped, each after all that stands on it."""
    order: list[Key] = []

    def drop(key: Key) -> None:
        if key in order:
            return
        for dependant in dependants(old[key]) if key.kind not in PROPERTIES else ():
            if isinstance(dependant, Key) and dependant.kind in GENERATED:
                drop(dependant)
            else:
                what = dependant if isinstance(dependant, str) else f"{dependant.kind} {dependant.name}"
                made.by_hand.append(f"{what} stands on {key.kind} {key.name}, which is dropped")
        order.append(key)

    gone = {key for key in old if key.kind == "table" and key not in new}
    for key in differences:
        # What belongs to a table goes with it.
        if key.kind not in GENERATED or key not in old or old[key].owner in gone:
            continue
        if key not in new or not _replaceable(key, old[key], new[key]):
            drop(key)
    return order


def _replaceable(key: Key, old: Fact, new: Fact) -> bool:
    """Whether `create or replace` serves."""
    if key.kind == "view":
        return new.shape[: len(old.shape)] == old.shape
    if key.kind == "function":
        *same, defaults = old.shape
        return same == list(new.shape[:-1]) and int(new.shape[-1]) >= int(defaults)
    return False


def _drop(key: Key) -> str:
    if key.kind == "row security":
        return f"alter table {key.name} disable row level security"
    if key.kind == "publication":
        publication, _, table = key.name.partition(" table ")
        return f"alter publication {publication} drop table {table}"
    return f"drop {key.kind} {key.name}"


def _by_hand(old: Catalog, new: Catalog, differences: Differences) -> list[str]:
    texts = []
    for key, (before, after) in differences.items():
        if key.kind in (*GENERATED, "privileges", "comment"):
            continue
        owner = (new if key in new else old)[key].owner
        if owner is not None and (owner not in old or owner not in new):
            continue  # it comes and goes with its table
        what = f"{key.kind} {key.name}"
        if before is None:
            texts.append(f"{what} is new: {after}".removesuffix(": "))
        elif after is None:
            texts.append(f"{what} is gone, it was: {before}".removesuffix(", it was: "))
        else:
            texts.append(f"{what} was: {before}\n  and is: {after}")
    return texts


def _privileges(old: Catalog, new: Catalog, differences: Differences, again: Collection[Key]) -> list[str]:
    statements = []
    for key, fact in new.items():
        if key.kind == "privileges" and (key in differences or fact.owner in again):
            granted = {line.split(" to ", 1)[1].removesuffix(" with grant option") for line in _lines(old, key)}
            roles = [*_ENTITLED, *sorted(granted - set(_ENTITLED))]
            statements.append(f"revoke all on {key.name} from {', '.join(roles)}")
            for line in _lines(new, key):
                what, _, to = line.partition(" to ")
                statements.append(f"grant {what} on {key.name} to {to}")
    return statements


def _lines(catalog: Catalog, key: Key) -> list[str]:
    return catalog[key].text.splitlines() if key in catalog else []


def _comments(old: Catalog, new: Catalog, differences: Differences, again: Collection[Key]) -> list[str]:
    statements = []
    for key in {**old, **new}:
        if key.kind != "comment":
            continue
        if key in new:
            if key in differences or new[key].owner in again:
                statements.append(f"comment on {key.name} is {_literal(new[key].text)}")
        elif old[key].owner in new and old[key].owner not in again:
            statements.append(f"comment on {key.name} is null")
    return statements


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
