"""Making the next seals of a chain.

The bucket is written first and decides: a seal that is there is a seal, whatever becomes of the copy in the database.
So a crash, two sealers at once and a database that came back as an older copy end in the same way: the seals that are
there are copied, and the next one goes on from the last of them.
"""

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from pydantic import Field

from operations.audit.evidence import connected
from operations.audit.seals.chain import Chain
from operations.audit.seals.ranges import Ranges
from operations.audit.seals.rows import Rows
from operations.audit.seals.seal import Header, Line, Seal, compose, row_hash
from operations.audit.seals.tables import SEALED
from sicfar.boundary import Boundary

if TYPE_CHECKING:
    import psycopg

MOST = 20_000
"""Rows of one seal: what a function holds in memory. More are sealed by the next ones of the same run."""


class Sealed(Boundary):
    """What a run did.

    ``adopted``: seals that were in the bucket and not in the database. ``disputed``: seals in whose position the
    database has another. ``last``: the end of the chain; 0 while there is no seal.
    """

    seals: int = Field(0, alias="selos")
    rows: int = Field(0, alias="registros_selados")
    adopted: int = Field(0, alias="copiados")
    disputed: int = Field(0, alias="divergentes")
    last: int = Field(0, alias="ultimo_selo")


def seal_rows(database_url: str, chain: Chain, most: int = MOST) -> Sealed:
    """Seal all rows that are committed and in no seal.

    Raises DatabaseUnreadableError, SealUnreadableError, BucketAccessError or BucketUnavailableError; what was written
    until then stands, and the next run goes on from it.
    """
    done = Sealed()
    while True:
        last = _caught_up(database_url, chain, done)
        done.last = last.header.position if last else 0
        drawn = _drawn(database_url, last, most)
        if drawn is None:
            return done
        if not chain.put(drawn):  # another sealer was faster
            continue
        done.seals += 1
        done.rows += drawn.header.rows
        done.last = drawn.header.position
        _copy(database_url, drawn, done, again=False)
        if drawn.header.complete:
            return done


def _caught_up(database_url: str, chain: Chain, done: Sealed) -> Seal | None:
    """The last seal of the bucket, once the database has a copy of all behind the last one it knew."""
    with connected(database_url) as connection:
        copied = _copied(connection)
    last = chain.last(copied)
    if last is None:
        return None
    end = chain.read(last)
    for kept in chain.kept(copied + 1):
        _copy(database_url, end if kept == last else chain.read(kept), done, again=True)
        done.adopted += 1
    return end


def _drawn(database_url: str, last: Seal | None, most: int) -> Seal | None:
    """The seal of what is in none yet; None if nothing is. Read in one snapshot, which nobody waits for."""
    lines: list[Line] = []
    with connected(database_url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        rows = Rows(connection)
        for table in SEALED:
            # One more than fits says whether that was all.
            found = rows.unsealed(table, most + 1 - len(lines)) if len(lines) <= most else []
            lines += [Line(table.name, row.number, row_hash(row.text)) for row in found]
    if not lines:
        return None
    complete = len(lines) <= most
    lines = lines[:most]
    header = Header(
        position=last.header.position + 1 if last else 1,
        previous=last.sha256 if last else None,
        read_at=rows.read_at,
        complete=complete,
        rows=len(lines),
        columns=rows.columns,
    )
    return compose(header, lines)


def _copied(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    row = connection.execute("select coalesce(max(s.posicao), 0) from public.selos as s").fetchone()
    return int(str(row[0])) if row else 0


def _copy(database_url: str, seal: Seal, done: Sealed, *, again: bool) -> None:
    """Write a seal's copy, and which numbers it covers. ``again``: the bucket had it before."""
    numbers: dict[str, Ranges] = defaultdict(Ranges)
    for line in seal.lines:
        numbers[line.table].add(line.number)
    header = seal.header
    said = {
        "posicao": header.position,
        "anterior": header.previous,
        "sha256": seal.sha256,
        "selado_em": header.read_at.isoformat(),
        "registros": header.rows,
    }
    with connected(database_url) as connection:
        row = connection.execute(
            "select interno.registrar_selo(%s::jsonb, %s::jsonb, %s)",
            (json.dumps(said), json.dumps({name: ranges.as_multirange() for name, ranges in numbers.items()}), again),
        ).fetchone()
    done.disputed += row != (True,)
