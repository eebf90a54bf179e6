"""A table of the ERP, told by webhook and by pull in any order, doubled, with deleted and re-included rows: one end.

What a row says goes the whole way of the integration but for HTTP: read as the webhook and the pull read it, received
by the database. The oracle is the table itself.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stack import migrated
from local.stack.database import T0, Database, Rpc, iso
from sicfar.database.reception import Origin, Reception
from sicfar.totvs.answers import Answer
from sicfar.totvs.client import PageAnswer
from sicfar.totvs.door import read_request
from sicfar.totvs.events import read_page
from sicfar.totvs.sync import Sync
from tests.unit.test_totvs_door import configuration

PRODUCTS = ("07010001", "07010002")
Row = dict[str, Any]
Lot = tuple[str, int, str]
"""Product, quantity, situation."""

changes = st.lists(
    st.tuples(
        st.sampled_from(["146734", "14673502002", "000736"]),
        st.sampled_from(["include", "change", "change", "close", "delete"]),
        st.sampled_from(PRODUCTS),
        st.integers(1, 99),
        st.booleans(),  # at the same instant as the one before
    ),
    max_size=14,
)


class Table:
    """SC2: rows by record number; what happened to each, as the ERP would send it."""

    def __init__(self, stamps: bool) -> None:
        self.rows: dict[int, Row] = {}
        self.sent: list[Row] = []
        self._stamps = stamps
        self._second = T0

    def change(self, op: str, what: str, product: str, units: int, same_instant: bool) -> None:
        """One thing a person does in the ERP; what makes no sense there does not happen."""
        record = next((n for n, row in self.rows.items() if row["C2_NUM"] == op and row["D_E_L_E_T_"] == " "), None)
        if (record is None) != (what == "include"):
            return
        # Only what is deleted and included again may share an instant: a table changes one row once in it.
        self._second += 0 if same_instant and what == "include" else 1
        if record is None:
            record = len(self.rows) + 1
            self.rows[record] = {"R_E_C_N_O_": record, "C2_NUM": op, "D_E_L_E_T_": " ", "C2_DATRF": "        "}
        row = dict(self.rows[record])
        if what in ("include", "change"):
            row |= {"C2_PRODUTO": product, "C2_QUANT": units, "C2_YLOTE": f"L{units}"}
        elif what == "close":
            row["C2_DATRF"] = "20260315"
        else:
            row["D_E_L_E_T_"] = "*"
        if self._stamps:
            row["S_T_A_M_P_"] = iso(self._second)
        self.rows[record] = row
        self.sent.append(row)

    def expected(self) -> dict[str, Lot]:
        """Lot by lot. The living row holds, else the last deleted one."""
        found: dict[str, Lot] = {}
        for row in sorted(self.rows.values(), key=lambda row: (row["D_E_L_E_T_"] == " ", row["R_E_C_N_O_"])):
            situation = "ENCERRADA" if row["C2_DATRF"].strip() else "ABERTA"
            situation = "CANCELADA" if row["D_E_L_E_T_"] == "*" else situation
            found[row["C2_NUM"]] = (row["C2_PRODUTO"], row["C2_QUANT"], situation)
        return found


class Pages:
    """The client, as far as a pull asks it: the table's rows in some order, in pages of some size."""

    correlation = "teste"

    def __init__(self, rows: list[Row], size: int) -> None:
        self._rows, self._size = rows, size

    def pages(self, entity: str, **_asked: object) -> Iterator[PageAnswer]:
        """Every page of an entity; only orders have any."""
        rows = self._rows if entity == "ordens" else []
        for number, begin in enumerate(range(0, len(rows), self._size), 1):
            body = json.dumps({"items": rows[begin : begin + self._size], "hasNext": True}).encode()
            answer = Answer(200, httpx.Headers(), body)
            yield PageAnswer(number, datetime.now(UTC), answer, read_page(body, None))


class Told:
    """SicFar's database, told by webhook and by pull."""

    def __init__(self, db: Database, rng: random.Random) -> None:
        self.db = db
        self._rng = rng
        self._config = configuration()
        self._requests = 0
        self._rpc: Any = Rpc(db)

    def webhook(self, rows: list[Row]) -> None:
        """One request."""
        self._requests += 1
        rows = [self._written(row) for row in rows]
        at = datetime.fromtimestamp(T0 + 1_000 + self._requests, UTC)
        body = json.dumps(rows).encode()
        found = read_request(body, "application/json", self._config, at)
        request = Reception(
            f"k{self._requests}", Origin.WEBHOOK, at.isoformat(), "", "", "", body, [one.as_json() for one in found]
        )
        for _ in range(self._rng.choice([1, 1, 2])):
            answers = self.db.one("select receber_eventos_totvs(%s::jsonb)", json.dumps(request.as_json()))
            assert not {"ERRO", "RECUSADO"} & {answer["situacao"] for answer in answers}

    def pull(self, rows: list[Row]) -> None:
        """A whole pull, its rows in any order."""
        shuffled = [self._written(row) for row in self._rng.sample(rows, len(rows))]
        client: Any = Pages(shuffled, self._rng.randint(1, 5))
        outcomes = Sync(self._config, client, self._rpc, lambda: 600.0, 1.0).run()
        assert {outcome.situation for outcome in outcomes} == {"COMPLETA"}

    def _written(self, row: Row) -> Row:
        """The same row, its number as short or as long as ADVPL happens to write it."""
        number = row.get("C2_NUM", "")
        longer = f"{number}01001" if len(number) == 6 else number
        return row | {"C2_NUM": self._rng.choice([number, longer, f"{number}  "])} if number else row

    def lots(self) -> dict[str, Lot]:
        """As `Table.expected` writes them."""
        rows = self.db.sql(
            "select numero_op, produto_codigo, quantidade_planejada::int as q, situacao_totvs from lotes_producao"
        )
        return {row["numero_op"]: (row["produto_codigo"], row["q"], row["situacao_totvs"]) for row in rows}


@given(changes, st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_p1_a_table_told_in_any_order_by_webhook_and_pull_has_one_end(
    cluster: migrated.Cluster, happened: list[tuple[str, str, str, int, bool]], stamps: bool, rng: random.Random
) -> None:
    table = Table(stamps)
    for one in happened:
        table.change(*one)
    products = [{"B1_COD": code, "B1_DESC": "SOL", "B1_TIPO": "PA"} for code in PRODUCTS]
    sent = [*table.sent, *products]
    sent += rng.sample(sent, len(sent) // 2)
    rng.shuffle(sent)
    with cluster.fresh() as url:
        db = Database(url)
        told = Told(db, rng)
        while sent:
            many = rng.randint(1, 5)
            together, sent = sent[:many], sent[many:]
            told.webhook(together)
            if rng.random() < 0.2:
                told.pull(list(table.rows.values()))
        if stamps:
            # Everything was told at least once: that is enough, if what is told says when it was so.
            db.sql("select concluir_sincronizacao_totvs('ordens', now(), 'COMPLETA', 1, '{}')")
            assert told.lots() == table.expected()
        for _ in range(2):
            told.pull(list(table.rows.values()))
            assert comparable(told.lots(), stamps) == comparable(table.expected(), stamps)
        db.close()


def comparable(lots: dict[str, Lot], stamps: bool) -> dict[str, object]:
    """Without stamps nothing says which of two deleted rows was the later one."""
    return {op: lot if stamps or lot[2] != "CANCELADA" else lot[2] for op, lot in lots.items()}
