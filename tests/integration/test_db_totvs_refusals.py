"""What the ERP sent wrong waits as one matter per subject, and is settled when the subject comes right."""

from typing import Any

import pytest

from local.stack.database import T0, Database
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.door import read_rows
from sicfar.totvs.model import Kind
from tests.integration.test_db_totvs import PRODUCT, Erp, event, order, product
from tests.unit.test_totvs_door import NOW, configuration

ROW = {"C2_NUM": "146734", "C2_PRODUTO": PRODUCT, "C2_QUANT": 10, "C2_YLOTE": "25L5480A"}
BAD = {"C2_QUANT": "muito"}


@pytest.fixture
def erp(db: Database) -> Erp:
    return Erp(db)


@pytest.fixture(scope="module")
def config() -> TotvsConfig:
    return configuration()


def read(config: TotvsConfig, kind: Kind, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [one.as_json() for one in read_rows(kind, list(rows), config, NOW)]


@pytest.mark.parametrize("origin", ["webhook", "consulta"])
def test_p10_a_refused_event_sent_twenty_times_is_one_matter(erp: Erp, config: TotvsConfig, origin: str) -> None:
    for _ in range(20):
        erp.tell(*read(config, Kind.ORDER, ROW | BAD), origin=origin)
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert "ordem 146734" in matter["descricao"]
    assert matter["detalhes"]["itens"] == (20 if origin == "webhook" else 1)
    first = matter["chave"]
    erp.tell(*read(config, Kind.ORDER, ROW | {"C2_QUANT": "nada"}))
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert (matter["chave"], "nada" in matter["descricao"]) == (first, True)
    answer = erp.db.call(
        erp.db.person(), "resolver_evento_totvs", p_id=matter["detalhes"]["p_id"], p_motivo="corrigida no TOTVS"
    )
    assert answer["itens"] == (21 if origin == "webhook" else 2)
    assert erp.db.pending("EVENTO_RECUSADO") == []
    trail = erp.db.one("select depois from trilha_auditoria where acao = 'resolver_evento_totvs'")
    assert len(trail["resolvidos"]) == answer["itens"]
    erp.tell(*read(config, Kind.ORDER, ROW | BAD))
    assert len(erp.db.pending("EVENTO_RECUSADO")) == 1, "what comes after the decision is a new matter"


def test_p10_what_was_refused_after_the_decision_was_shown_waits_on(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(*read(config, Kind.ORDER, ROW | BAD))
    (shown,) = erp.db.pending("EVENTO_RECUSADO")
    erp.tell(*read(config, Kind.ORDER, ROW | BAD))
    erp.db.call(erp.db.person(), "resolver_evento_totvs", p_id=shown["detalhes"]["p_id"], p_motivo="corrigida")
    assert [matter["detalhes"]["itens"] for matter in erp.db.pending("EVENTO_RECUSADO")] == [1]


def test_p10_unreadable_bodies_of_one_fault_are_one_matter(erp: Erp) -> None:
    def unreadable(text: str) -> dict[str, Any]:
        errors = [{"campo": "", "codigo": "JSON", "mensagem": text}]
        return {"indice": 0, "tipo": None, "evento_id": None, "referencia": None, "recusa": errors}

    for text in ("não é JSON", "não é JSON", "é uma página de login"):
        erp.tell(unreadable(text))
    assert [matter["detalhes"]["itens"] for matter in erp.db.pending("EVENTO_RECUSADO")] == [2, 1]


def test_p10_an_order_that_waits_sent_three_times_is_one_matter(erp: Erp) -> None:
    for _ in range(3):
        erp.tell(order(product="07010099"), at=T0 - 86_400 * 365)
    (matter,) = erp.db.pending("EVENTO_ESTACIONADO")
    assert matter["detalhes"]["itens"] == 3


@pytest.mark.parametrize("refused", ["146734", "14673401001"])
@pytest.mark.parametrize("right", ["146734", "14673401001"])
def test_p10_a_refusal_clears_whatever_way_the_number_is_written(
    erp: Erp, config: TotvsConfig, refused: str, right: str
) -> None:
    erp.tell(*read(config, Kind.ORDER, ROW | BAD | {"C2_NUM": refused}))
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert matter["detalhes"]["referencia"] == "146734"
    erp.tell(product(), *read(config, Kind.ORDER, ROW | {"C2_NUM": right}))
    assert erp.db.pending("EVENTO_RECUSADO") == []


def test_p10_a_refusal_clears_by_a_pull_and_by_an_order_that_has_to_wait(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(*read(config, Kind.ORDER, ROW | BAD))
    assert erp.situations(*read(config, Kind.ORDER, ROW), origin="consulta") == ["ESTACIONADO"]
    assert erp.db.pending("EVENTO_RECUSADO") == []


def test_p10_a_refused_lot_clears_when_that_lot_comes_right(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(event("insumo", insumo_codigo="MP1", descricao="X"))
    lot = {"B8_PRODUTO": "MP1", "B8_LOTECTL": "L1", "B8_SALDO": "muito"}
    erp.tell(*read(config, Kind.LOT, lot, lot | {"B8_LOTECTL": "L2"}))
    erp.tell(*read(config, Kind.LOT, lot | {"B8_SALDO": 5}))
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert matter["detalhes"]["referencia"] == "MP1/L2"


def test_p10_a_refused_speed_clears_with_a_later_one(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(product())
    speed = {"linha_id": "SPEP-ENV-A", "produto_codigo": PRODUCT, "velocidade": 0}
    erp.tell(*read(config, Kind.SPEED, speed, speed | {"linha_id": "SPEP-ENV-B"}))
    erp.tell(*read(config, Kind.SPEED, speed | {"velocidade": 4000}))
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert matter["detalhes"]["referencia"] == f"SPEP-ENV-B/{PRODUCT}"


def test_p10_the_same_id_corrected_clears_its_refusal(erp: Erp, config: TotvsConfig) -> None:
    (wrong,) = read(config, Kind.ORDER, ROW | {"C2_NUM": "14 6734", "id": "SC2-1"})
    (other,) = read(config, Kind.ORDER, ROW | {"C2_NUM": "14 6734", "id": "SC2-2"})
    erp.tell(wrong, other)
    (matter,) = erp.db.pending("EVENTO_RECUSADO")
    assert matter["detalhes"]["referencia"] == "14 6734"
    erp.tell(product(), *read(config, Kind.ORDER, ROW | {"id": "SC2-1"}))
    assert [one["detalhes"]["itens"] for one in erp.db.pending("EVENTO_RECUSADO")] == [1]


def test_p10_a_lot_longer_than_can_be_told_back_is_refused_when_it_comes(erp: Erp) -> None:
    erp.tell(product())
    (refused,) = erp.tell(order(lot="25L5480A-01"))
    assert (refused["situacao"], refused["codigo"]) == ("RECUSADO", "LOTE_LONGO")
    assert "cabem 10" in refused["motivo"]
    assert erp.situations(order("146735", lot="DP25L295/01", product="08040015")) == ["IGNORADO"], "it opens no lot"
    erp.db.sql("select publicar_regras_totvs('{}', 8, 11)")
    assert erp.situations(order(lot="25L5480A-01")) == ["APLICADO"]
    erp.db.sql("select publicar_regras_totvs('{}', 8, 10)")
    assert erp.situations(order(lot="25L5480A-01", quantity="5")) == ["APLICADO"], "its changes are not lost"


def test_a_refusal_clears_only_by_a_later_event_of_its_subject(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(product())
    erp.tell(*read(config, Kind.ORDER, ROW | BAD), at=T0 + 100)
    erp.tell(*read(config, Kind.ORDER, ROW), at=T0 + 50)
    erp.tell(*read(config, Kind.ORDER, ROW | {"C2_NUM": "146735"}), at=T0 + 200)
    assert len(erp.db.pending("EVENTO_RECUSADO")) == 1


def test_p7_what_a_person_said_of_a_refusal_stays(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(product(), *read(config, Kind.ORDER, ROW | BAD))
    (shown,) = erp.db.pending("EVENTO_RECUSADO")
    erp.db.call(erp.db.person(), "resolver_evento_totvs", p_id=shown["detalhes"]["p_id"], p_motivo="corrigida")
    settled = "select resolvido_em, resolvido_motivo from eventos_totvs where situacao = 'RECUSADO'"
    before = erp.db.sql(settled)
    erp.tell(*read(config, Kind.ORDER, ROW))
    assert erp.db.sql(settled) == before


def test_p10_a_refusal_clears_by_a_right_event_of_the_same_request(erp: Erp, config: TotvsConfig) -> None:
    erp.tell(product())
    erp.tell(*read(config, Kind.ORDER, ROW | BAD, ROW))
    assert erp.db.pending("EVENTO_RECUSADO") == []


def test_p10_a_refusal_clears_by_its_own_kind_and_code_only(erp: Erp, config: TotvsConfig) -> None:
    blank = {"B1_COD": "ABCDEF01001", "B1_DESC": " "}
    erp.tell(*read(config, Kind.MATERIAL, blank), *read(config, Kind.ORDER, ROW | BAD | {"C2_NUM": "ABCDEF"}))
    lot = {"B8_PRODUTO": "ABCDEF", "B8_LOTECTL": " "}
    erp.tell(*read(config, Kind.LOT, lot))  # which lot it was nobody knows
    erp.tell(
        event("insumo", insumo_codigo="ABCDEF", descricao="X"), *read(config, Kind.LOT, lot | {"B8_LOTECTL": "L1"})
    )
    refused = [matter["detalhes"] for matter in erp.db.pending("EVENTO_RECUSADO")]
    assert sorted(one["referencia"] for one in refused) == ["ABCDEF", "ABCDEF", "ABCDEF01001"]
