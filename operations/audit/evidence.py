"""What the database says, in one read-only snapshot: nothing an audit asks can change a row, and all its answers are of
one instant. Every question is a page or a stream, so that years need no more memory than a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from operations.audit.history import Change, Configuration, Period, Periods, Rows
from sicfar.errors import ConfigurationError

if TYPE_CHECKING:
    import psycopg

Row = Mapping[str, Any]

PAGE = 1_000
_STATEMENT_MS = 600_000  # one question of years of rows, on a small database


class DatabaseUnreadableError(ConfigurationError):
    """The database does not answer, refuses, or does not show all of it."""


@dataclass(slots=True)
class Filed:
    """A ledger row with everything that hangs on it."""

    row: Row
    lines: dict[str, Row] = field(default_factory=dict)
    quarantined: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    superseded: bool = False
    """A later row of the same object counted what this one had put into quarantine."""


@contextmanager
def connected(url: str) -> "Iterator[psycopg.Connection[dict[str, Any]]]":
    """One transaction of a database, committed in the end. Raises DatabaseUnreadableError."""
    try:
        import psycopg
        from psycopg.rows import dict_row
    except ImportError as cause:
        raise DatabaseUnreadableError(
            "psycopg_missing", "falta o pacote psycopg", action="make setup, ou pip install 'psycopg[binary]'"
        ) from cause
    try:
        with psycopg.connect(url, row_factory=dict_row, connect_timeout=10) as connection:
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


class Evidence:
    """One snapshot."""

    def __init__(self, connection: "psycopg.Connection[dict[str, Any]]") -> None:
        """Take the snapshot. Raises DatabaseUnreadableError if this user is shown only part of the rows."""
        self._connection = connection
        (first,) = self.all("select now() as em, row_security_active('public.arquivos_ingeridos') as parcial")
        if first["parcial"]:
            raise DatabaseUnreadableError(
                "database_partial",
                "este usuário do banco não vê todas as linhas",
                where="DATABASE_URL",
                action="use o dono das tabelas, ou um papel com pg_read_all_data e bypassrls",
            )
        self.taken_at: datetime = first["em"]
        self.acts: dict[str, list[Row]] = defaultdict(list)
        """What people and the system did, from the trail, by the object they did it to."""
        self._read_trail()

    # Whole, small tables ----------------------------------------------------------------------------------------------

    def all(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """All rows of a small answer."""
        return self._connection.execute(query.encode(), parameters).fetchall()

    def _read_trail(self) -> None:
        self._changes: dict[str, list[Change]] = {"fontes_linha": [], "linhas": []}
        kept = ("periodos_ordem", "contagens_manuais", "contagens_intervalo", "quarentena", "epocas_gateway")
        for row in self.stream(
            "select em, acao, objeto, antes, depois, motivo from trilha_auditoria"
            " where split_part(objeto, ':', 1) = any(%s) order by id",
            [*self._changes, *kept],
        ):
            table = row["objeto"].partition(":")[0]
            if table in self._changes and row["acao"] in ("insert", "update", "delete"):
                self._changes[table].append(Change(row["em"], row["antes"], row["depois"], row["motivo"] is not None))
            elif table in kept:
                self.acts[row["objeto"]].append(row)

    def configuration(self) -> Configuration:
        """Owners and limits at any instant."""
        return Configuration(
            Rows("id", self.all("select * from fontes_linha"), self._changes["fontes_linha"]),
            Rows("linha_id", self.all("select * from linhas"), self._changes["linhas"]),
        )

    def periods(self) -> tuple[Periods, list[Row]]:
        """The orders on the lines, for attribution and row by row (epochs in seconds; ``ate`` None while open)."""
        rows = self.all(
            "select id, numero_op, linha_id, fator_producao, fator_rejeicao,"
            " extract(epoch from lower(intervalo))::bigint as de, extract(epoch from upper(intervalo))::bigint as ate"
            " from periodos_ordem order by id"
        )
        return Periods(
            (
                row["linha_id"],
                Period(
                    row["numero_op"],
                    row["de"],
                    float("inf") if row["ate"] is None else row["ate"],
                    (row["fator_producao"], row["fator_rejeicao"]),
                ),
            )
            for row in rows
        ), list(rows)

    # The ledger -------------------------------------------------------------------------------------------------------

    def filed(self, keys: Iterable[str]) -> dict[str, list[Filed]]:
        """The ledger of some objects, each in the order of its rows."""
        rows = self.all("select * from arquivos_ingeridos where chave = any(%s) order by id", list(keys))
        found = {row["id"]: Filed(row) for row in rows}
        ids = list(found)
        for line in self.all("select * from arquivos_linhas where arquivo_id = any(%s)", ids):
            found[line["arquivo_id"]].lines[line["linha_id"]] = line
        for row in self.all("select * from quarentena where arquivo_id = any(%s) order by id", ids):
            found[row["arquivo_id"]].quarantined.append(row)
        for row in self.all("select * from contagens_intervalo where arquivo_id = any(%s) order by id", ids):
            found[row["arquivo_id"]].spans.append(row)
        by_key: dict[str, list[Filed]] = defaultdict(list)
        for filed in found.values():
            by_key[filed.row["chave"]].append(filed)
            if filed.row["substitui"] in found:
                found[filed.row["substitui"]].superseded = True
        return by_key

    def ledger(self) -> Iterator[Sequence[Row]]:
        """Every ledger row's id, bucket and key, in pages."""
        query = "select id, bucket, chave from arquivos_ingeridos where id > %s order by id limit %s"
        after = -1
        while page := self.all(query, after, PAGE):
            yield page
            after = page[-1]["id"]

    def files_of(self, line: str, first: int, last: int) -> list[str]:
        """Keys of the files that brought something of the line, in [first, last), by what the ledger says."""
        return [
            row["chave"]
            for row in self.all(
                "select distinct a.chave from arquivos_ingeridos as a"
                " inner join arquivos_linhas as l on l.arquivo_id = a.id"
                " where a.ate >= to_timestamp(%s) and a.de < to_timestamp(%s) and l.linha_id = %s",
                first,
                last,
                line,
            )
        ]

    def accepted(self, sha256: str, length: int, *, counted: bool = False) -> bool:
        """Whether a loose file's text, so long and of this digest, was accepted under some name; counted there."""
        return bool(
            self.all(
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
                "select * from arquivos_ingeridos where inicio_sha256 = %s and aceito_tamanho > %s"
                " and situacao = 'APLICADO' order by aceito_tamanho",
                beginning,
                length,
            )
        ]

    # Streams ----------------------------------------------------------------------------------------------------------

    def stream(self, query: str, *parameters: object) -> Iterator[dict[str, Any]]:
        """The rows of a long answer, one by one."""
        with self._connection.cursor(name="auditoria") as cursor:
            cursor.itersize = PAGE
            cursor.execute(query.encode(), parameters)
            yield from cursor
