"""The rows of the sealed tables, as text: PostgreSQL's own JSON of a row, its keys in jsonb's order.

Its session writes instants in UTC and floats, intervals and bytes in one way, whatever the database or role was set to.
Functions are named with their schema: one of `public` that fits a row better would be taken instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from psycopg import sql
from pydantic import Field

from operations.audit.evidence import PAGE, DatabaseUnreadableError, made_as
from operations.audit.rows import Row
from operations.audit.seals.tables import SEALED, SealedTable

if TYPE_CHECKING:
    import psycopg

R = TypeVar("R", bound=Row)
Columns = Mapping[str, tuple[str, ...]]
"""The columns of each table, sorted."""
_SETTINGS = (
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local intervalstyle = 'postgres'",
    "set local extra_float_digits = 1",
    "set local bytea_output = 'hex'",
)


class RowText(Row, frozen=True):
    """A row: its number, its text, and when the database wrote it, where it did."""

    number: int = Field(alias="id")
    text: str = Field(alias="texto")
    made_at: datetime | None = Field(alias="feita_em")


class _NumberRow(Row, frozen=True):
    number: int = Field(alias="id")


class _TableRow(Row, frozen=True):
    name: str = Field(alias="tabela")
    columns: tuple[str, ...] = Field(alias="colunas")
    hidden: bool = Field(alias="parcial")


class _ClockRow(Row, frozen=True):
    now: datetime = Field(alias="agora")


class _GapRow(Row, frozen=True):
    first: int = Field(alias="de")
    last: int = Field(alias="ate")


class Rows:
    """One transaction's view of the sealed tables."""

    def __init__(self, connection: "psycopg.Connection[object]") -> None:
        """Fix the transaction's settings. Raises DatabaseUnreadableError if this user is shown part of the rows."""
        self._connection = connection
        for setting in _SETTINGS:
            connection.execute(setting.encode())
        names = [table.name for table in SEALED] + [table.part[0] for table in SEALED if table.part]
        tables = self._all(
            _TableRow,
            sql.SQL(
                "select c.relname::text as tabela, pg_catalog.array_agg(a.attname::text order by a.attname) as colunas,"
                " pg_catalog.bool_or(pg_catalog.row_security_active(c.oid)) as parcial from pg_catalog.pg_class as c"
                " inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace"
                " inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid"
                " where n.nspname = 'public' and c.relkind = 'r' and c.relname = any(%s)"
                " and a.attnum > 0 and not a.attisdropped group by 1"
            ),
            names,
        )
        if hidden := [table.name for table in tables if table.hidden]:
            raise DatabaseUnreadableError(
                "database_partial",
                f"este usuário do banco não vê todas as linhas de {', '.join(sorted(hidden))}",
                where="DATABASE_URL",
                action="dê a ele bypassrls (docs/seguranca.md)",
            )
        self.columns: Columns = {table.name: table.columns for table in tables}
        """The columns of each sealed table and part; one that is not there, or is no table any more, is not in it."""
        (clock,) = self._all(_ClockRow, sql.SQL("select pg_catalog.now() as agora"))
        self.read_at = clock.now
        """The database's clock at the beginning of the transaction."""

    def unsealed(self, table: SealedTable, most: int) -> list[RowText]:
        """The first rows that are in no seal yet by the database's index, by number, at most so many."""
        gaps = self._all(
            _GapRow,
            sql.SQL(
                "select coalesce(pg_catalog.lower(f), -9223372036854775807) as de,"
                " coalesce(pg_catalog.upper(f), 9223372036854775807) - 1 as ate from pg_catalog.unnest("
                "'{{(,)}}'::int8multirange operator(pg_catalog.-) coalesce((select r.faixas"
                " from public.registros_selados as r where r.tabela = %s), '{{}}'::int8multirange)) as f order by 1"
            ).format(),
            table.name,
        )
        # A gap costs an index probe; most are of transactions that were rolled back, the last one holds the new rows.
        return self._all(
            RowText,
            sql.SQL(
                "select t.* from rows from (pg_catalog.unnest(%s::bigint[]), pg_catalog.unnest(%s::bigint[]))"
                " as g (de, ate)"
                " cross join lateral"
                " ({rows} where t.id between g.de and g.ate order by t.id limit %s) as t order by t.id limit %s"
            ).format(rows=self._select(table, self.columns)),
            [gap.first for gap in gaps],
            [gap.last for gap in gaps],
            most,
            most,
        )

    def of(self, table: SealedTable, numbers: Sequence[int], columns: Columns) -> list[RowText]:
        """These rows, as far as they are there, with the columns a seal knew."""
        query = self._select(table, columns) + sql.SQL(" where t.id = any(%s)")
        return self._all(RowText, query, list(numbers))

    def numbers(self, table: SealedTable) -> Iterator[int]:
        """The numbers of all rows, ascending."""
        query = sql.SQL("select t.id from public.{name} as t order by t.id").format(name=sql.Identifier(table.name))
        with self._connection.cursor(name="numeros", row_factory=made_as(_NumberRow)) as cursor:
            cursor.itersize = 10 * PAGE
            for row in cursor.execute(query):
                yield row.number

    def _all(self, kind: type[R], query: sql.SQL | sql.Composed, *parameters: object) -> list[R]:
        with self._connection.cursor(row_factory=made_as(kind)) as cursor:
            found: list[R] = cursor.execute(query, parameters).fetchall()
            return found

    def _select(self, table: SealedTable, columns: Columns) -> sql.Composed:
        """Number, text and instant of each row, without the columns that are not among these."""
        text = sql.SQL("pg_catalog.to_jsonb(t) operator(pg_catalog.-) {more}::text[]").format(
            more=self._more(table.name, columns)
        )
        if table.part:
            part, key = table.part
            text = sql.SQL(
                "({text}) operator(pg_catalog.||) pg_catalog.jsonb_build_object({name}::text, (select"
                ' pg_catalog.jsonb_agg(x.linha order by x.linha::text collate "C") from (select pg_catalog.to_jsonb(p)'
                " operator(pg_catalog.-) {more}::text[] as linha from public.{part} as p where p.{key} = t.id) as x))"
            ).format(
                text=text,
                name=sql.Literal(part),
                more=self._more(part, columns),
                part=sql.Identifier(part),
                key=sql.Identifier(key),
            )
        made_at = sql.Identifier("t", table.instant) if table.instant else sql.SQL("null::timestamptz")
        return sql.SQL("select t.id, ({text})::text as texto, {made_at} as feita_em from public.{name} as t").format(
            text=text, made_at=made_at, name=sql.Identifier(table.name)
        )

    def _more(self, name: str, columns: Columns) -> sql.Literal:
        """The columns that have come since."""
        return sql.Literal(sorted(set(self.columns.get(name, ())) - set(columns.get(name, ()))))
