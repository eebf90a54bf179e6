"""Branches, order types and stamps as the ERP's tables have them, over HTTP and into a database of its own."""

from typing import Any

import httpx
import pytest

from local.stack.database import Database, Rpc
from sicfar.totvs.sync import Outcome, Sync
from tests.integration.test_totvs_client import Erp, erp

__all__ = ["erp"]  # a fixture
PRODUCT = "07010012"
OP = "146734"
OURS, THEIRS = "0101", "0102"
ONLY_OURS = {"mapping": {"filiais": [OURS], "tiposOrdem": ["F"]}}


class House:
    """An ERP whose orders have a branch, a type and a stamp, and the pull from it."""

    def __init__(self, erp: Erp, db: Database) -> None:
        self.erp, self.db = erp, db
        self.control(
            columns={"ordens": {"C2_FILIAL": OURS, "C2_TPOP": "F", "D_E_L_E_T_": " "}},
            stamps=True,
            load={"produtos": [{"B1_COD": PRODUCT, "B1_DESC": "SOL"}]},
        )

    def control(self, **orders: Any) -> None:
        httpx.post(self.erp.url.replace("/api", "/_control"), json=orders, trust_env=False).raise_for_status()

    def holds(self, quantity: int, **columns: Any) -> None:
        """The ERP has this order now."""
        row = {"C2_NUM": OP, "C2_PRODUTO": PRODUCT, "C2_QUANT": quantity, "C2_YLOTE": f"L{quantity}", **columns}
        self.control(load={"ordens": [row]})

    def pull(self, page_size: int = 100, **more: Any) -> Outcome:
        client = self.erp.client(pageSize=page_size, **more)
        rpc: Any = Rpc(self.db)
        outcomes = Sync(self.erp.config(pageSize=page_size, **more), client, rpc, lambda: 600.0, 5.0).run()
        client.close()
        (found,) = [outcome for outcome in outcomes if outcome.entity == "ordens"]
        assert found.situation == "COMPLETA", found.error
        return found

    def lots(self) -> list[tuple[str, int, str]]:
        rows = self.db.sql(
            "select numero_op, quantidade_planejada::int as q, situacao_totvs from lotes_producao order by numero_op"
        )
        return [(row["numero_op"], row["q"], row["situacao_totvs"]) for row in rows]

    def refused(self) -> list[str]:
        rows = self.db.sql("select codigo from eventos_totvs where situacao = 'RECUSADO' and resolvido_em is null")
        return [row["codigo"] for row in rows]


@pytest.fixture
def house(erp: Erp, db: Database) -> House:
    return House(erp, db)


# ------------------------------------------------------------------------------------------------------------- stamps


def test_p11_a_later_answer_with_an_older_stamp_changes_nothing(house: House) -> None:
    house.holds(100)
    house.pull()
    house.holds(200)
    house.pull()
    house.control(faults=[{"kind": "stale_rows", "path": "/api/ordens-producao", "times": None}])
    late = house.pull()
    assert (late.situations["SUPERADO"], late.repaired) == (1, 0)
    assert house.lots() == [(OP, 200, "ABERTA")]
    house.control(faults=[])
    house.pull()
    assert house.lots() == [(OP, 200, "ABERTA")]


def test_p11_an_older_stamp_does_not_reopen_what_was_deleted(house: House) -> None:
    house.holds(100)
    house.pull()
    house.holds(100, D_E_L_E_T_="*")
    house.pull()
    house.control(faults=[{"kind": "stale_rows", "path": "/api/ordens-producao", "times": None}])
    house.pull()
    assert house.lots() == [(OP, 100, "CANCELADA")]


# ----------------------------------------------------------------------------------------------- branches, order types


@pytest.mark.parametrize("page_size", [1, 100])
@pytest.mark.parametrize("ours_last", [False, True])
def test_p2_another_branchs_same_number_does_not_hide_ours(house: House, page_size: int, ours_last: bool) -> None:
    rows: list[dict[str, Any]] = [{"quantity": 100}, {"quantity": 5, "C2_FILIAL": THEIRS}]
    for row in rows[::-1] if ours_last else rows:  # the later stamp is the later row's
        house.holds(**row)
    for _ in range(2):
        done = house.pull(page_size, **ONLY_OURS)
        assert done.situations["IGNORADO"] == 1
        assert house.lots() == [(OP, 100, "ABERTA")]
    assert house.refused() == []


@pytest.mark.parametrize("page_size", [1, 100])
def test_p2_another_branchs_living_order_does_not_keep_ours_alive(house: House, page_size: int) -> None:
    house.holds(100)
    house.pull(page_size, **ONLY_OURS)
    house.holds(100, D_E_L_E_T_="*")
    house.holds(5, C2_FILIAL=THEIRS)
    house.pull(page_size, **ONLY_OURS)
    assert house.lots() == [(OP, 100, "CANCELADA")]


@pytest.mark.parametrize("page_size", [1, 100])
def test_p2_an_order_that_is_only_foreseen_opens_and_keeps_no_lot(house: House, page_size: int) -> None:
    house.holds(100, R_E_C_N_O_=1)
    house.pull(page_size, **ONLY_OURS)
    house.holds(100, R_E_C_N_O_=1, D_E_L_E_T_="*")
    house.holds(5, R_E_C_N_O_=2, C2_TPOP="P")
    house.holds(7, R_E_C_N_O_=3, C2_NUM="146999", C2_TPOP="P")
    done = house.pull(page_size, **ONLY_OURS)
    assert done.situations["IGNORADO"] == 2
    assert house.lots() == [(OP, 100, "CANCELADA")]


@pytest.mark.parametrize("page_size", [1, 100])
def test_p2_without_a_rule_the_second_branch_of_a_number_is_refused(house: House, page_size: int) -> None:
    house.holds(100)
    house.holds(5, C2_FILIAL=THEIRS)
    house.pull(page_size)
    assert (house.lots(), house.refused()) == ([(OP, 100, "ABERTA")], ["OUTRA_FILIAL"])
    house.holds(120)
    house.pull(page_size)
    assert house.lots() == [(OP, 120, "ABERTA")]
    assert house.refused() == ["OUTRA_FILIAL"], "ours coming right says nothing of theirs"


@pytest.mark.parametrize("page_size", [1, 100])
def test_p2_a_deleted_order_of_each_branch_is_its_own(house: House, page_size: int) -> None:
    house.holds(100)
    house.pull(page_size)
    house.holds(100, D_E_L_E_T_="*")
    house.holds(5, C2_FILIAL=THEIRS)
    house.pull(page_size)
    assert house.lots() == [(OP, 100, "CANCELADA")]
    assert house.refused() == ["OUTRA_FILIAL"]
