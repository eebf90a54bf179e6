"""Collections read to their end from services that cap their pages, say no hasNext, or do not heed `page`."""

from typing import Any

import pytest

from local.stack.database import Database, Rpc
from sicfar.totvs.client import PageRepeatedError
from sicfar.totvs.sync import Outcome, Sync
from tests.integration.test_totvs_client import Erp, erp, orders

__all__ = ["erp"]  # a fixture
ORDERS = "/api/ordens-producao"
PRODUCT = "07010012"


def always(erp: Erp, *kinds: str, cap: int = 50) -> None:
    for kind in kinds:
        erp.fault(kind, times=None, path=ORDERS, by=cap)


def numbers(erp: Erp, page_size: int = 100, first_page: int = 1) -> list[str]:
    client = erp.client(pageSize=page_size)
    pages = client.pages("ordens", since=None, first_page=first_page)
    return [str(row["C2_NUM"]) for page in pages for row in page.page.rows if isinstance(row, dict)]


def held(erp: Erp, many: int) -> list[str]:
    rows = orders(many, PRODUCT)
    erp.state.store("ordens", rows)
    return [str(row["C2_NUM"]) for row in rows]


def asked(erp: Erp) -> list[str]:
    return [one.query["page"] for one in erp.state.received if one.path == ORDERS]


@pytest.mark.parametrize("many", [0, 1, 49, 50, 51, 100, 230])
def test_p6_capped_pages_without_has_next_are_read_to_the_end(erp: Erp, many: int) -> None:
    expected = held(erp, many)
    always(erp, "no_has_next", "capped_pages")
    assert numbers(erp) == expected
    assert asked(erp) == [str(n + 1) for n in range(-(-many // 50) + 1)], "up to an empty page"


def test_p6_a_capped_service_that_says_has_next_is_read_to_its_end(erp: Erp) -> None:
    expected = held(erp, 230)
    always(erp, "capped_pages")
    assert numbers(erp) == expected
    assert len(asked(erp)) == 5, "the service says where it ends"


def test_a_service_that_gives_its_last_page_again_for_every_later_one_ends(erp: Erp) -> None:
    expected = held(erp, 230)
    always(erp, "no_has_next", "last_page_again")
    assert numbers(erp) == expected
    assert asked(erp) == ["1", "2", "3", "4"]
    erp.state.received.clear()
    assert numbers(erp, first_page=3) == expected[200:]


@pytest.mark.parametrize("has_next", [True, False])
def test_p6_a_service_that_ignores_page_ends_and_is_said(erp: Erp, has_next: bool) -> None:
    held(erp, 230)
    always(erp, "page_ignored", *(() if has_next else ("no_has_next",)))
    with pytest.raises(PageRepeatedError, match="a página 2 repete as 100 linhas"):
        numbers(erp)
    assert asked(erp) == ["1", "2"] if has_next else ["1", "2", "2"]


@pytest.mark.parametrize("many", [1, 2, 30])
def test_a_service_that_repeats_its_one_page_ends(erp: Erp, many: int) -> None:
    expected = held(erp, many)
    always(erp, "no_has_next", "last_page_again")
    assert numbers(erp) == expected


def test_p11_a_repeated_page_is_no_end_if_has_next_is_true(erp: Erp) -> None:
    held(erp, 230)
    expected = numbers(erp)
    erp.fault("page_shift", times=2, path=ORDERS, by=-100)  # page 2 is page 1 once more
    with pytest.raises(PageRepeatedError, match="hasNext"):
        numbers(erp)
    assert numbers(erp) == expected


# --------------------------------------------------------------------------------------------------------- the pull


class Pull:
    """The pull into a database of its own."""

    def __init__(self, erp: Erp, db: Database) -> None:
        self.erp, self.db = erp, db
        erp.state.store("produtos", [{"B1_COD": PRODUCT, "B1_DESC": "SOL"}])

    def run(self, **more: Any) -> Outcome:
        client = self.erp.client(pageSize=100, **more)
        rpc: Any = Rpc(self.db)
        outcomes = Sync(self.erp.config(pageSize=100, **more), client, rpc, lambda: 600.0, 5.0).run()
        client.close()
        (found,) = [outcome for outcome in outcomes if outcome.entity == "ordens"]
        return found

    def mark(self) -> Any:
        return self.db.one("select iniciar_sincronizacao_totvs('ordens') ->> 'alterado_desde'")

    def lots(self) -> list[str]:
        return [row["numero_op"] for row in self.db.sql("select numero_op from lotes_producao order by numero_op")]


@pytest.fixture
def pull(erp: Erp, db: Database) -> Pull:
    return Pull(erp, db)


def test_p6_230_orders_behind_a_cap_of_50_all_arrive(pull: Pull) -> None:
    expected = held(pull.erp, 230)
    always(pull.erp, "no_has_next", "capped_pages")
    done = pull.run()
    assert (done.situation, done.rows, done.pages) == ("COMPLETA", 230, 6)
    assert pull.lots() == expected
    assert pull.mark() is not None


def test_p6_a_service_that_ignores_page_moves_no_mark(pull: Pull) -> None:
    expected = held(pull.erp, 230)
    always(pull.erp, "no_has_next", "page_ignored")
    done = pull.run()
    assert (done.situation, done.code, done.rows) == ("FALHOU", "page_repeated", 100)
    assert "ignora `page`" in str(done.error)
    assert pull.lots() == expected[:100]
    assert pull.mark() is None
    pull.erp.state.faults.clear()
    assert pull.run().situation == "COMPLETA"
    assert pull.lots() == expected


@pytest.mark.parametrize("deleted_first", [True, False])
@pytest.mark.parametrize("page_size", [1, 2, 7])
def test_p11_a_deleted_row_and_its_live_one_across_a_page_border(
    pull: Pull, page_size: int, deleted_first: bool
) -> None:
    def row(record: int, op: int, gone: bool) -> dict[str, Any]:
        order = {"C2_NUM": op, "C2_PRODUTO": PRODUCT, "C2_QUANT": record, "C2_YLOTE": "25L5480A"}
        return {"R_E_C_N_O_": record, **order, "D_E_L_E_T_": "*" if gone else " "}

    pairs = [row(10 + 2 * n, 200_000 + n, deleted_first) for n in range(6)]
    pairs += [row(11 + 2 * n, 200_000 + n, not deleted_first) for n in range(6)]
    pull.erp.state.store("ordens", [*pairs, row(9, 300_000, gone=True)])
    for _ in range(2):
        client = pull.erp.client(pageSize=page_size)
        rpc: Any = Rpc(pull.db)
        outcomes = Sync(pull.erp.config(pageSize=page_size), client, rpc, lambda: 600.0, 5.0).run()
        client.close()
        assert {outcome.situation for outcome in outcomes} == {"COMPLETA"}
        found = pull.db.sql("select numero_op, situacao_totvs from lotes_producao order by numero_op")
        assert [tuple(one.values()) for one in found] == [
            *((str(200_000 + n), "ABERTA") for n in range(6)),
            ("300000", "CANCELADA"),
        ]
    changed = pull.db.sql("select referencia from eventos_totvs where tipo = 'ordem'")
    assert len(changed) == 7, "a settled pull changes nothing, not even for a moment"
