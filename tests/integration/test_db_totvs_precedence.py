"""Which of two things the ERP says of one subject holds: a stated rule at every step, never a content hash."""

import itertools
from typing import Any

import pytest

from local.stack.database import T0, Database, iso
from tests.integration.test_db_totvs import Erp, event, order, product


@pytest.fixture
def erp(db: Database) -> Erp:
    made = Erp(db)
    made.tell(product())
    return made


Told = dict[str, Any]


def living(**more: Any) -> Told:
    told: Told = order(**{"situacao": "ABERTA", **more})
    return told


def deleted(**more: Any) -> Told:
    told: Told = order(**{"situacao": "CANCELADA", **more})
    return told


def stamped(one: dict[str, Any], second: int) -> dict[str, Any]:
    return {**one, "ocorrido_em": iso(T0 + second)}


def said(erp: Erp, op: str = "146734") -> str:
    return str(erp.lot(op)["situacao_totvs"])


# ----------------------------------------------------------------------------------------------- one page of a pull


@pytest.mark.parametrize("deleted_first", [True, False])
def test_p11_in_one_page_a_living_row_beats_the_deleted_one(erp: Erp, deleted_first: bool) -> None:
    for n in range(40):  # forty contents: a hash would decide about half of them otherwise
        op = f"2000{n:02}"
        rows = [deleted(op=op, quantity=str(n)), living(op=op, quantity=str(n + 1))]
        erp.tell(*(rows if deleted_first else rows[::-1]), origin="consulta")
        assert (said(erp, op), erp.lot(op)["quantidade_planejada"]) == ("ABERTA", n + 1)


def test_p11_a_live_row_beats_a_later_deleted_one_of_its_page(erp: Erp) -> None:
    for rows in itertools.permutations([stamped(deleted(), 20), stamped(living(), 10)]):
        erp.tell(*rows, origin="consulta")
        assert said(erp) == "ABERTA"


def test_a_page_with_the_deleted_row_alone_cancels(erp: Erp) -> None:
    erp.tell(living(), origin="consulta")
    erp.tell(deleted(), origin="consulta")
    assert said(erp) == "CANCELADA"


def test_p11_an_unreadable_live_row_still_beats_a_deleted_one(erp: Erp) -> None:
    erp.tell(living())
    unreadable = {"indice": 0, "tipo": "ordem", "evento_id": None, "referencia": "14673401001",
                  "recusa": [{"campo": "C2_QUANT", "codigo": "TIPO", "mensagem": "não é número"}]}  # fmt: skip
    for gone in (deleted(), deleted(filial="0101")):
        assert erp.situations(gone, unreadable, origin="consulta") == ["SUPERADO", "RECUSADO"]
        assert said(erp) == "ABERTA"


def test_p2_in_one_page_each_branchs_order_is_its_own(erp: Erp) -> None:
    page = [stamped(living(filial="0101"), 10), stamped(living(quantity="5", filial="0102"), 20)]
    assert erp.situations(*page, origin="consulta") == ["APLICADO", "RECUSADO"]
    page = [stamped(living(quantity="7", filial="0101"), 30), {**stamped(deleted(), 40), "ignorado": "não conta"}]
    for rows, answers in ((page, ["APLICADO", "IGNORADO"]), (page[::-1], ["IGNORADO", "SEM_EFEITO"])):
        assert erp.situations(*rows, origin="consulta") == answers
    assert (said(erp), erp.lot()["quantidade_planejada"]) == ("ABERTA", 7)


def test_p8_an_unreadable_row_keeps_no_other_of_its_page_back(erp: Erp) -> None:
    unreadable = {"indice": 0, "tipo": "ordem", "evento_id": None, "referencia": "146734",
                  "recusa": [{"campo": "C2_QUANT", "codigo": "TIPO", "mensagem": "não é número"}]}  # fmt: skip
    for quantity, rows in ((5, [living(quantity="5"), unreadable]), (6, [unreadable, living(quantity="6")])):
        assert sorted(erp.situations(*rows, origin="consulta")) == ["APLICADO", "RECUSADO"]
        assert erp.lot()["quantidade_planejada"] == quantity


def test_p11_of_two_rows_of_a_page_the_higher_version_holds(erp: Erp) -> None:
    for n, versions in enumerate(itertools.permutations(["9", "10", "11"])):
        op = f"40000{n}"
        rows = [{**living(op=op, quantity=version), "versao": version} for version in versions]
        erp.tell(*rows, origin="consulta")
        assert erp.lot(op)["quantidade_planejada"] == 11


def test_another_description_in_one_page_is_noted(erp: Erp) -> None:
    rows = [stamped(living(descricao="SOL A"), 20), stamped(living(descricao="SOL B"), 10)]
    for n, page in enumerate(itertools.permutations(rows)):
        op = f"50000{n}"
        erp.tell(*({**row, "dados": {**row["dados"], "numero_op": op}} for row in page), origin="consulta")
        noted = erp.db.sql("select antes, depois from alteracoes_op where numero_op = %s", op)
        assert [tuple(row.values()) for row in noted] == [("SOL A", "SOL B")]


def test_one_code_of_a_product_and_of_an_input_is_two_subjects(erp: Erp) -> None:
    erp.tell(event("insumo", insumo_codigo="07010012", descricao="X"))
    assert erp.situations(product(text="Y"), origin="consulta") == ["APLICADO"]


def test_of_two_live_rows_the_later_stamp_or_place_holds(erp: Erp) -> None:
    for n, (first, second) in enumerate(itertools.permutations(["1", "2"])):
        op = f"30000{n}"
        erp.tell(living(op=op, quantity=first), living(op=op, quantity=second), origin="consulta")
        assert erp.lot(op)["quantidade_planejada"] == int(second)
        erp.tell(
            stamped(living(op=op, quantity=first), 20), stamped(living(op=op, quantity=second), 10), origin="consulta"
        )
        assert erp.lot(op)["quantidade_planejada"] == int(first)


def test_the_two_ways_of_writing_one_number_are_one_subject_of_a_page(erp: Erp) -> None:
    erp.tell(deleted(op="14673401001"), living(), deleted(op="146734"), origin="consulta")
    assert said(erp) == "ABERTA"


def test_p11_of_a_stock_lot_too_the_living_row_holds(erp: Erp) -> None:
    erp.tell(event("insumo", insumo_codigo="MP1", descricao="X"))

    def lot(units: str, gone: bool) -> dict[str, Any]:
        return event("lote", produto_codigo="MP1", numero_lote="L1", quantidade=units, excluido=gone)

    for rows in itertools.permutations([lot("5", True), lot("7", False)]):
        erp.tell(*rows, origin="consulta")
        assert erp.db.one("select quantidade::int from lotes_insumo") == 7


# --------------------------------------------------------------------------------------------- the pages of one pull


@pytest.mark.parametrize("deleted_first", [True, False])
def test_p11_the_pages_of_a_pull_are_one_answer(erp: Erp, deleted_first: bool) -> None:
    rows = [stamped(deleted(), 20), stamped(living(), 10)]
    for page, row in enumerate(rows if deleted_first else rows[::-1]):
        erp.tell(row, origin="consulta", key=f"consulta:ordens:run1:{page}")
    assert said(erp) == "ABERTA"


def test_another_pull_is_another_answer(erp: Erp) -> None:
    erp.tell(living(), origin="consulta", key="consulta:ordens:run1:1")
    erp.tell(deleted(), origin="consulta", key="consulta:ordens:run2:1")
    assert said(erp) == "CANCELADA"


# ------------------------------------------------------------------------------------------------------ what is sent


@pytest.mark.parametrize("together", [True, False])
def test_p11_of_one_declared_instant_the_living_event_holds_in_any_order(erp: Erp, together: bool) -> None:
    for n, rows in enumerate(itertools.permutations([deleted, living])):
        events = [stamped(made(op=f"40000{n}"), 10) for made in rows]
        if together:
            erp.tell(*events)
        else:
            for one in events:
                erp.tell(one)
        assert said(erp, f"40000{n}") == "ABERTA"


def test_p11_of_one_version_the_living_event_holds_in_any_order(erp: Erp) -> None:
    for n, rows in enumerate(itertools.permutations([deleted, living])):
        for made in rows:
            erp.tell({**made(op=f"50000{n}"), "versao": "7"})
        assert said(erp, f"50000{n}") == "ABERTA"


def test_a_later_version_or_instant_that_deletes_does_delete(erp: Erp) -> None:
    erp.tell(stamped(living(), 10))
    erp.tell(stamped(deleted(), 11))
    assert said(erp) == "CANCELADA"
    erp.tell({**living(op="146735"), "versao": "1"}, {**deleted(op="146735"), "versao": "2"})
    assert said(erp, "146735") == "CANCELADA"


def test_of_one_receipt_without_an_order_of_its_own_the_later_place_holds(erp: Erp) -> None:
    for quantities in (["1", "2"], ["2", "1"]):
        erp.tell(*(living(quantity=one) for one in quantities))
        assert erp.lot()["quantidade_planejada"] == int(quantities[-1])


def test_of_events_that_waited_together_the_later_place_holds(erp: Erp) -> None:
    erp.tell(living(linha_id="L99", quantity="1"), living(quantity="2"))
    assert erp.lot()["quantidade_planejada"] == 2
    erp.db.sql("insert into linhas (linha_id, nome, setor, etapa) values ('L99', 'Nova', 'SPEP', 'ENVASE')")
    erp.db.sql("select concluir_sincronizacao_totvs('ordens', now(), 'COMPLETA', 1, '{}')")
    assert erp.lot()["quantidade_planejada"] == 2


@pytest.mark.parametrize("deleted_first", [True, False])
def test_p11_of_events_that_waited_for_a_product_the_living_one_holds(erp: Erp, deleted_first: bool) -> None:
    rows = [stamped(made(product="07010099"), 10) for made in (deleted, living)]
    for row in rows if deleted_first else rows[::-1]:
        assert erp.situations(row) == ["ESTACIONADO"]
    erp.tell(product("07010099"))
    assert said(erp) == "ABERTA"
