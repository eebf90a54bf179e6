"""What the database says beside what the machines counted: the live table of a demonstration and its proof."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.table import Table

from local.demo.story import GARBAGE, Planted, Window
from local.simulators.plant import Truth

_CONSERVATION = """
select linha_id, atribuido_producao + atribuido_rejeicao as attributed, sem_ordem_producao + sem_ordem_rejeicao as
without_order, retido_producao + retido_rejeicao as held, quarentena_producao + quarentena_rejeicao as quarantined
from conservacao_linhas
"""
_ORDERS = """
select numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina
from ordens_producao_ativas
"""
# The oldest record of each batch waits longest: from its own instant to the commit that made it part of a total.
_FRESHNESS = """
select extract(epoch from a.ingerido_em - l.de)::float8 as waited,
  extract(epoch from a.ingerido_em - a.gravado_em)::float8 as in_cloud
from arquivos_ingeridos a join arquivos_linhas l on l.arquivo_id = a.id
where a.tipo = 'gateway' and a.situacao = 'APLICADO'
"""

_LATEST = """
select distinct on (l.linha_id) l.linha_id, extract(epoch from a.ingerido_em - l.de)::float8 as waited
from arquivos_ingeridos a join arquivos_linhas l on l.arquivo_id = a.id
where a.tipo = 'gateway' and a.situacao = 'APLICADO' order by l.linha_id, a.id desc
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A line's balance, made and rejected together, in machine counts; `machine` is the truth."""

    line: str
    machine: int
    attributed: int
    without_order: int
    held: int
    quarantined: int

    @property
    def balanced(self) -> bool:
        """Nothing lost, nothing doubled."""
        return self.machine == self.attributed + self.without_order + self.held + self.quarantined


class Report:
    """Reads the plant's database; compares with the truth."""

    def __init__(self, database_url: str, truth: Truth, planted: Planted) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)
        self._truth = truth
        self._planted = planted

    def close(self) -> None:
        """Leave the database."""
        self._connection.close()

    def rows(self) -> list[Row]:
        """One per line that counted or was counted."""
        said = {row["linha_id"]: row for row in self._all(_CONSERVATION)}
        torn = dict(self._torn())
        lines = sorted({line for line, _ in list(self._truth.seconds)})
        rows = []
        for line in lines:
            database = said.get(line, {})
            amounts = [int(database.get(name, 0)) for name in ("attributed", "without_order", "held", "quarantined")]
            amounts[3] += torn.get(line, 0)
            rows.append(Row(line, sum(self._truth.total(line)), *amounts))
        return rows

    def faults(self, windows: list[Window]) -> Iterator[str]:
        """Everything that is not as it must be, a sentence each; nothing if all is well."""
        for row in self.rows():
            if not row.balanced:
                yield f"não fecha: {row}"
            yield from self._unplanned(row)
        totals = {(row["numero_op"], row["linha_id"]): row for row in self._all(_ORDERS)}
        for window in windows:
            order = window.order
            total = totals.get((order.numero_op, order.linha_id))
            made, rejected = self._truth.total(order.linha_id, window.start, window.end)
            made -= self._outside(order.linha_id)
            if total is None or (total["producao_maquina"], total["rejeicao_maquina"]) != (made, rejected):
                yield f"OP {order.numero_op} em {order.linha_id}: esperado {made}/{rejected}, no banco {total}"
        for found in self._all("select chave, motivo, amostra from quarentena where producao is null"):
            if found["chave"] != GARBAGE and bytes(found["amostra"] or b"") not in self._planted.torn:
                yield f"quarentena não plantada: {found}"

    def freshness(self) -> tuple[list[float], list[float]]:
        """Seconds from a batch's oldest record to its commit, and from its upload to its commit; sorted."""
        rows = self._all(_FRESHNESS)
        return sorted(row["waited"] for row in rows), sorted(row["in_cloud"] for row in rows)

    def table(self, windows: list[Window]) -> Table:
        """The table people watch."""
        title = "contagens da máquina (boas + rejeitadas), uma a uma; na OP: unidades"
        table = Table(title=title, title_justify="left")
        table.add_column("linha", no_wrap=True)
        table.add_column("OP")
        for name in ("na OP", "máquina", "atribuído", "sem ordem", "retido", "quarentena", "a caminho", "frescor"):
            table.add_column(name, justify="right")
        units = {(row["numero_op"], row["linha_id"]): row["producao_acumulada"] for row in self._all(_ORDERS)}
        waited = {row["linha_id"]: f"{row['waited']:.1f} s" for row in self._all(_LATEST)}
        current = {window.order.linha_id: window.order.numero_op for window in windows}
        for row in self.rows():
            order = current.get(row.line, "—")
            made = units.get((order, row.line), 0)
            on_the_way = row.machine - row.attributed - row.without_order - row.held - row.quarantined
            amounts = (row.machine, row.attributed, row.without_order, row.held, row.quarantined, on_the_way)
            table.add_row(
                row.line,
                order,
                f"{made:,}".replace(",", "."),
                *(str(amount or "·") for amount in amounts),
                waited.get(row.line, "—"),
            )
        return table

    def _unplanned(self, row: Row) -> Iterator[str]:
        planned = self._planted
        if row.without_order != sum(self._truth.total(row.line)) * (row.line in planned.without_order):
            yield f"{row.line}: {row.without_order} sem ordem, não plantados"
        if row.quarantined != planned.quarantined.get(row.line, 0):
            yield f"{row.line}: {row.quarantined} em quarentena, plantados {planned.quarantined.get(row.line, 0)}"
        second = planned.held.get(row.line)
        most = sum(self._truth.total(row.line, second, second + 1)) if second else 0
        least = 5_000 if second else 0
        if not least <= row.held <= most:
            yield f"{row.line}: {row.held} retidos, plantados de {least} a {most}"

    def _outside(self, line: str) -> int:
        """Machine counts made in an order's time that are rightly not in it: held, or lost in a torn line."""
        held = self._all(
            "select coalesce(sum(producao), 0)::int as made from contagens_retidas where linha_id = %s", line
        )
        return int(held[0]["made"]) + dict(self._torn()).get(line, 0)

    def _torn(self) -> Iterator[tuple[str, int]]:
        for row in self._all("select amostra from quarentena where motivo = 'LINHA_INCOMPLETA'"):
            yield self._planted.torn.get(bytes(row["amostra"]), ("?", 0))

    def _all(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        return self._connection.execute(query, parameters).fetchall()
