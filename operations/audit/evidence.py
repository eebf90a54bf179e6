"""What the database says, in one read-only snapshot: nothing an audit asks can change a row, and all its answers are of
one instant. Every question is a page or a stream, so that years need no more memory than a day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from operations.audit.history import Change, Configuration, Period, Periods, Rows
from operations.audit.rows import Row
from operations.audit.rows.history import Act, Document, ItemsSaid, LineRow, OwnerRow, PeriodRow, Snapshot
from operations.audit.rows.ledger import FileLineRow, FileRow, KeyRow, LedgerRow, MoveRow, QuarantineRow, SpanRow
from sicfar.errors import ConfigurationError

if TYPE_CHECKING:
    import psycopg

R = TypeVar("R", bound=Row)

PAGE = 1_000
_STATEMENT_MS = 600_000  # one question of years of rows, on a small database


class DatabaseUnreadableError(ConfigurationError):
    """The database does not answer, refuses, or does not show all of it."""


@dataclass(slots=True)
class Filed:
    """A ledger row with everything that hangs on it."""

    row: FileRow
    lines: dict[str, FileLineRow] = field(default_factory=dict)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    spans: list[SpanRow] = field(default_factory=list)
    move: MoveRow | None = None
    """When a decision on its gateway's clock made it count at other instants."""
    superseded: bool = False
    """A later row of the same object counted what this one had put into quarantine."""


@contextmanager
def connected(url: str) -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
    """One transaction of a database, committed in the end. Raises DatabaseUnreadableError."""
    try:
        import psycopg
    except ImportError as cause:
        raise DatabaseUnreadableError(
            "psycopg_missing", "falta o pacote psycopg", action="make setup, ou pip install 'psycopg[binary]'"
        ) from cause
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # Its text shows what was given, and the password is in that.
        what = "não é um endereço de banco"
        action = "escreva postgresql://usuário:senha@host:5432/banco, com os sinais da senha codificados (%40 por @)"
        raise DatabaseUnreadableError("database_url", what, where="DATABASE_URL", action=action) from None
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            connection.execute("set local timezone = 'UTC'")  # poolers take no options at the start
            yield connection
    except psycopg.Error as cause:
        raise DatabaseUnreadableError(
            "database_unreadable",
            f"o banco não respondeu ou recusou ({type(cause).__name__}: {str(cause).strip()})",
            where="DATABASE_URL",
            action="confira o endereço, a rede e se as migrações desta versão foram aplicadas",
        ) from cause


@contextmanager
def snapshot(url: str) -> "Iterator[Evidence]":
    """Everything as it stands now, read-only. Raises DatabaseUnreadableError."""
    with connected(url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute(f"set local statement_timeout = {_STATEMENT_MS}")
        yield Evidence(connection)


def read_as(kind: type[R], values: Document) -> R:
    """A row, or what the trail keeps of one, by its columns. Raises DatabaseUnreadableError."""
    try:
        return kind.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as cause:
        fault = cause.errors(include_url=False)[0]
        raise DatabaseUnreadableError(
            "database_unreadable",
            f"{kind.__name__}: {'.'.join(map(str, fault['loc']))}: {fault['msg']} ({fault['input']!r:.200})",
            where="DATABASE_URL",
            action="use o comando da versão do banco",
        ) from cause


def made_as(kind: type[R]) -> "Callable[[psycopg.Cursor[R]], Callable[[Sequence[object]], R]]":
    """A row factory of psycopg's."""

    def factory(cursor: "psycopg.Cursor[R]") -> Callable[[Sequence[object]], R]:
        names = [column.name for column in cursor.description or ()]
        return lambda values: read_as(kind, dict(zip(names, values, strict=True)))

    return factory


class Evidence:
    """One snapshot. What the database answers that this version does not expect raises DatabaseUnreadableError."""

    def __init__(self, connection: "psycopg.Connection[object]") -> None:
        """Take the snapshot. Raises DatabaseUnreadableError if this user is shown only part of the rows."""
        self.connection = connection
        (first,) = self.all(Snapshot, "select now() as em, row_security_active('public.arquivos_ingeridos') as parcial")
        if first.partial:
            raise DatabaseUnreadableError(
                "database_partial",
                "este usuário do banco não vê todas as linhas",
                where="DATABASE_URL",
                action="use o dono das tabelas, ou um papel com pg_read_all_data e bypassrls",
            )
        self.taken_at: datetime = first.at
        self.acts: dict[str, list[Act]] = defaultdict(list)
        """What people and the system did, from the trail, by the object they did it to."""
        self._read_trail()

    # Whole, small tables ----------------------------------------------------------------------------------------------

    def all(self, kind: type[R], query: str, *parameters: object) -> list[R]:
        """All rows of a small answer."""
        with self.connection.cursor(row_factory=made_as(kind)) as cursor:
            return cursor.execute(query.encode(), parameters).fetchall()

    def _read_trail(self) -> None:
        self._changes: dict[str, list[Act]] = {"fontes_linha": [], "linhas": []}
        kept = (
            "periodos_ordem",
            "contagens_manuais",
            "contagens_intervalo",
            "quarentena",
            "epocas_gateway",
            "duvidas_relogio",
        )
        for act in self.stream(
            Act,
            "select em, acao, objeto, antes, depois, motivo from trilha_auditoria"
            " where split_part(objeto, ':', 1) = any(%s) order by id",
            [*self._changes, *kept],
        ):
            table = act.what.partition(":")[0]
            if table in self._changes and act.action in ("insert", "update", "delete"):
                self._changes[table].append(act)
            elif table in kept:
                # A decision on several names them; each of them is decided by it.
                for number in read_as(ItemsSaid, act.after or {}).items:
                    self.acts[f"{table}:{number}"].append(act)
                self.acts[act.what].append(act)

    def configuration(self) -> Configuration:
        """Owners and limits at any instant."""
        owners = self.all(OwnerRow, "select * from fontes_linha")
        lines = self.all(LineRow, "select * from linhas")
        return Configuration(
            Rows(lambda row: row.id, owners, _changes(OwnerRow, self._changes["fontes_linha"])),
            Rows(lambda row: row.line, lines, _changes(LineRow, self._changes["linhas"])),
        )

    def periods(self) -> tuple[Periods, list[PeriodRow]]:
        """The orders on the lines, for attribution and row by row."""
        rows = self.all(
            PeriodRow,
            "select id, numero_op, linha_id, fator_producao, fator_rejeicao,"
            " extract(epoch from lower(intervalo))::bigint as de, extract(epoch from upper(intervalo))::bigint as ate"
            " from periodos_ordem order by id",
        )
        return Periods(
            (
                row.line,
                Period(
                    row.order,
                    row.start,
                    float("inf") if row.end is None else row.end,
                    (row.produced_factor, row.rejected_factor),
                ),
            )
            for row in rows
        ), rows

    # The ledger -------------------------------------------------------------------------------------------------------

    def filed(self, keys: Iterable[str]) -> dict[str, list[Filed]]:
        """The ledger of some objects, each in the order of its rows."""
        rows = self.all(FileRow, "select * from arquivos_ingeridos where chave = any(%s) order by id", list(keys))
        found = {row.id: Filed(row) for row in rows}
        ids = list(found)
        for line in self.all(FileLineRow, "select * from arquivos_linhas where arquivo_id = any(%s)", ids):
            found[line.file_id].lines[line.line] = line
        for piece in self.all(QuarantineRow, "select * from quarentena where arquivo_id = any(%s) order by id", ids):
            if piece.file_id is not None:
                found[piece.file_id].quarantined.append(piece)
        for span in self.all(SpanRow, "select * from contagens_intervalo where arquivo_id = any(%s) order by id", ids):
            found[span.file_id].spans.append(span)
        for move in self.all(
            MoveRow,
            "select l.arquivo_id, d.decisao, d.deslocar_s, l.corrigido_em from duvidas_relogio_lotes as l"
            " inner join duvidas_relogio as d on d.id = l.duvida_id"
            " where l.arquivo_id = any(%s) and l.corrigido_em is not null",
            ids,
        ):
            found[move.file_id].move = move
        by_key: dict[str, list[Filed]] = defaultdict(list)
        for filed in found.values():
            by_key[filed.row.key].append(filed)
            if filed.row.replaces in found:
                found[filed.row.replaces].superseded = True
        return by_key

    def ledger(self) -> Iterator[Sequence[LedgerRow]]:
        """Every ledger row by its object, in pages."""
        query = "select id, bucket, chave from arquivos_ingeridos where id > %s order by id limit %s"
        after = -1
        while page := self.all(LedgerRow, query, after, PAGE):
            yield page
            after = page[-1].id

    def files_of(self, line: str, first: int, last: int) -> list[str]:
        """Keys of the files that brought something of the line, in [first, last), by what the ledger says."""
        return [
            row.key
            for row in self.all(
                KeyRow,
                "select distinct a.chave from arquivos_ingeridos as a"
                " inner join arquivos_linhas as l on l.arquivo_id = a.id"
                " where a.ate >= to_timestamp(%s) and a.de < to_timestamp(%s) and l.linha_id = %s",
                first,
                last,
                line,
            )
        ]

    def accepted(self, sha256: str, length: int | None, *, counted: bool = False) -> bool:
        """Whether a loose file's text, so long and of this digest, was accepted under some name; counted there."""
        return bool(
            self.all(
                Row,
                "select from arquivos_ingeridos where aceito_sha256 = %s and aceito_tamanho = %s and tipo = 'avulso'"
                " and situacao = any(%s)",
                sha256,
                length,
                ["APLICADO"] if counted else ["APLICADO", "REPETIDO"],
            )
        )

    def grown(self, beginning: str, length: int) -> list[Filed]:
        """The loose files that begin with this first record and were accepted further than so many bytes."""
        return [
            Filed(row)
            for row in self.all(
                FileRow,
                "select * from arquivos_ingeridos where inicio_sha256 = %s and aceito_tamanho > %s"
                " and situacao = 'APLICADO' order by aceito_tamanho",
                beginning,
                length,
            )
        ]

    # Streams ----------------------------------------------------------------------------------------------------------

    def stream(self, kind: type[R], query: str, *parameters: object) -> Iterator[R]:
        """The rows of a long answer, one by one."""
        with self.connection.cursor(name="auditoria", row_factory=made_as(kind)) as cursor:
            cursor.itersize = PAGE
            cursor.execute(query.encode(), parameters)
            yield from cursor


def _changes(kind: type[R], acts: Iterable[Act]) -> Iterator[Change[R]]:
    for act in acts:
        before, after = (None if said is None else read_as(kind, said) for said in (act.before, act.after))
        yield Change(act.at, before, after, act.why is not None)
