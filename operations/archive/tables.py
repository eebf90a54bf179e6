"""What belongs to a year: of the tables that grow with the machines its rows, of every other table all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import sql

from sicfar.instants import PLANT_TZ

if TYPE_CHECKING:
    import psycopg

BY_YEAR = {
    "arquivos_ingeridos": "ingerido_em",
    "contagens_conferencia": "minuto",
    "contagens_minuto": "minuto",
    "recebimentos_totvs": "recebido_em",
    "tentativas_integracao": "em",
    "trilha_auditoria": "em",
}
"""The tables that grow by the day, and the column that says of which year a row is."""

_COLUMNS = """
select c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class as c inner join pg_attribute as a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
group by c.relname order by c.relname
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that are kept: those that are not computed from others."""

    name: str
    columns: tuple[str, ...]

    def rows_of(self, year: int) -> sql.Composed:
        """The rows that belong to a year of the plant's calendar."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        chosen = sql.SQL("select {} from public.{} as t").format(columns, sql.Identifier(self.name))
        if column := BY_YEAR.get(self.name):
            first, last = (datetime(one, 1, 1, tzinfo=PLANT_TZ) for one in (year, year + 1))
            chosen += sql.SQL(" where {0} >= {1} and {0} < {2}").format(sql.Identifier(column), first, last)
        return chosen


def tables(connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[Table]:
    """Every table of ours."""
    for name, columns in connection.execute(_COLUMNS):
        yield Table(str(name), tuple(columns))  # type: ignore[arg-type]


def migration(connection: "psycopg.Connection[tuple[object, ...]]") -> str | None:
    """The database's last migration; None where nobody keeps the list."""
    query = "select max(m) from jsonb_array_elements_text(public.migracoes_aplicadas()) as m"
    ((found,),) = connection.execute(query).fetchall()
    return None if found is None else str(found)
