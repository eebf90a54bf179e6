"""How a counted order ends where TOTVS, people and late counts contradict each other."""

import threading
from functools import partial
from typing import Any

import psycopg
import pytest

from local.stack.database import Database, batch
from local.waiting import until
from tests.integration.test_db_totvs import Erp, order, product
from tests.support.ended_order import DAY, LINE, OP, one_order_ended, signed_and_closed
from tests.support.plant_time import at
from tests.support.refusals import code

HAND = "SPEP-ENV-B"
RIGHT = "000124"


@pytest.fixture
def erp(db: Database) -> Erp:
    """The order of `ended_order`, not yet signed, as TOTVS sends it."""
    one_order_ended(db)
    erp = Erp(db)
    erp.tell(product(), said())
    return erp


def said(lot: str = f"26C{OP}A", **more: str) -> dict[str, Any]:
    event: dict[str, Any] = order(OP, **{"lot": lot, "quantity": "1000", **more})
    return event


def reports(db: Database) -> list[tuple[str, str, int | None]]:
    """Kind, lot and good units of each report, as it is sent."""
    content = "coalesce(conteudo, interno.conteudo_fechamento(numero_op)) as conteudo"
    rows = db.sql(f"select tipo, {content} from envios_totvs order by ordem")
    return [(row["tipo"], row["conteudo"]["numero_lote"], row["conteudo"].get("boas")) for row in rows]


# The header -----------------------------------------------------------------------------------------------------------


def test_p4_reports_after_the_closing_go_to_the_frozen_lot_and_product(erp: Erp) -> None:
    db = erp.db
    signed_and_closed(db)
    erp.tell(product("07010013", "OUTRO"), said(lot="26C999999B", product="07010013"))
    db.record(batch(2, {LINE: {at("09:00"): (1, 0)}}))
    db.close_lots()
    db.sign(db.boss, LINE, DAY, "D1", "contagem atrasada conferida")
    db.call(db.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="conferido na linha")
    lot = f"26C{OP}A"
    assert reports(db) == [("PRODUCAO", lot, 117), ("STATUS", lot, None), ("AJUSTE", lot, 8)]
    assert db.one("select conteudo ->> 'produto_codigo' from envios_totvs where tipo = 'AJUSTE'") == "07010012"


def test_p4_a_new_lot_in_totvs_breaks_no_signature_of_a_closed_order(erp: Erp) -> None:
    signed_and_closed(erp.db)
    erp.tell(said(lot="26C999999B"))
    assert erp.db.one("select bool_and(verificar_assinatura(id)) from diarios_bordo") is True


def test_p4_a_new_lot_in_totvs_breaks_the_signature_before_the_closing(erp: Erp) -> None:
    erp.db.sign(erp.db.boss, LINE, DAY, "D1")
    erp.tell(said(lot="26C999999B"))
    assert erp.db.one("select bool_and(verificar_assinatura(id)) from diarios_bordo") is False


# Closed here, contradicted there --------------------------------------------------------------------------------------


def test_p5_restored_in_totvs_a_closed_order_sends_no_partial_report(erp: Erp) -> None:
    db = erp.db
    signed_and_closed(db)
    for kind in ("PRODUCAO", "STATUS"):
        content = "coalesce(conteudo, interno.conteudo_fechamento(numero_op))"
        db.sql(f"update envios_totvs set situacao = 'CONFIRMADO', conteudo = {content} where tipo = %s", kind)
    db.sql("update parametros set valor = 60 where nome = 'PARCIAIS_SEGUNDOS'")
    db.sql("set session_replication_role = replica")
    db.sql("update envios_totvs set criado_em = criado_em - interval '1 day'")
    db.sql("set session_replication_role = origin")
    for situation in ("CANCELADA", "ABERTA"):
        erp.tell(said(situacao=situation))
        assert db.close_lots()["parciais"] == 0
    assert [kind for kind, _, _ in reports(db)] == ["PRODUCAO", "STATUS"]
    (matter,) = db.pending("OP_ALTERADA")
    assert "situação de ABERTA para CANCELADA; situação de CANCELADA para ABERTA" in matter["descricao"]
    db.call(db.boss, "reconhecer_alteracao_op", p_numero_op=OP, p_motivo="o PCP cancelou por engano")
    assert db.pending("OP_ALTERADA") == []


# Partial reports of an order set aside --------------------------------------------------------------------------------


def partial_report(db: Database) -> None:
    db.sql("update parametros set valor = 60 where nome = 'PARCIAIS_SEGUNDOS'")
    db.close_lots()
    db.sql("update parametros set valor = 0 where nome = 'PARCIAIS_SEGUNDOS'")


def confirm(db: Database) -> None:
    db.sql("update envios_totvs set situacao = 'CONFIRMADO' where situacao = 'PENDENTE'")


def test_p5_setting_an_order_aside_takes_back_its_partial_reports(erp: Erp) -> None:
    db, lot = erp.db, f"26C{OP}A"
    partial_report(db)
    aside = {"p_numero_op": OP, "p_motivo": "lote descartado, ver desvio 12"}
    assert code(lambda: db.call(db.manager, "por_ordem_de_lado", **aside)) == ("PT409", "ENVIO_PENDENTE")
    confirm(db)
    db.call(db.manager, "por_ordem_de_lado", **aside)
    assert reports(db) == [("PARCIAL", lot, 117), ("ESTORNO", lot, 117)]
    confirm(db)
    db.call(db.manager, "retomar_ordem", p_numero_op=OP, p_motivo="desvio 12 encerrado")
    signed_and_closed(db)
    assert reports(db)[2:] == [("PRODUCAO", lot, 117), ("STATUS", lot, None)]


def test_p5_a_reversal_given_up_leaves_the_partial_reports_as_they_were(erp: Erp) -> None:
    db, lot = erp.db, f"26C{OP}A"
    partial_report(db)
    confirm(db)
    db.call(db.manager, "por_ordem_de_lado", p_numero_op=OP, p_motivo="lote descartado, ver desvio 12")
    db.sql("update envios_totvs set situacao = 'DESCARTADO' where tipo = 'ESTORNO'")
    db.call(db.manager, "retomar_ordem", p_numero_op=OP, p_motivo="desvio 12 encerrado")
    signed_and_closed(db)
    assert reports(db)[2:] == [("PRODUCAO", lot, 0), ("STATUS", lot, None)]


# Hand counts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted_by_hand(db: Database) -> Database:
    """500 counted by hand for the order that was opened by mistake, whose opening is annulled since."""
    db.lot(OP, RIGHT)
    db.owner(HAND, "manual")
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.manager = db.person("GESTOR")
    db.open(db.boss, OP, HAND, at("08:00"))
    hand(db, OP, 500)
    db.shut(db.boss, OP, HAND, at("08:00"))
    db.open(db.boss, RIGHT, HAND, at("08:00"))
    db.shut(db.boss, RIGHT, HAND, at("10:00"))
    return db


def hand(db: Database, op: str, made: int) -> None:
    count = {"p_numero_op": op, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1", "p_motivo": "contagem conferida"}
    db.call(db.boss, "registrar_contagem_manual", **count, p_producao=made)


def move(db: Database) -> None:
    shift = {"p_linha_id": HAND, "p_data": DAY, "p_turno": "D1", "p_motivo": "OP aberta por engano"}
    db.call(db.boss, "mover_contagem_manual", p_de_numero_op=OP, p_numero_op=RIGHT, **shift)


def test_p1_one_hand_count_is_not_signed_on_two_orders(counted_by_hand: Database) -> None:
    db = counted_by_hand
    hand(db, RIGHT, 500)
    seen = db.call(db.boss, "verificar_diario", p_linha_id=HAND, p_data=DAY, p_turno="D1")
    assert [one["codigo"] for one in seen["motivos"]] == ["CONTAGEM_MANUAL_SEM_PERIODO"]
    assert code(lambda: db.sign(db.boss, HAND, DAY, "D1")) == ("PT409", "DIARIO_INCOMPLETO")
    db.close_lots()
    assert db.missing(OP) == ["SEM_PERIODO", "ETAPA_AUSENTE", "DIARIO_NAO_ASSINADO"]
    assert code(lambda: move(db)) == ("PT409", "OP_JA_CONTADA")
    hand(db, OP, 0)
    db.sign(db.boss, HAND, DAY, "D1")
    assert db.totals()[RIGHT, HAND] == (500, 0)
    assert db.one("select status from lotes_producao where numero_op = %s", OP) == "PLANEJADO"


def test_p1_a_hand_count_moves_to_the_right_order(counted_by_hand: Database) -> None:
    db = counted_by_hand
    move(db)
    assert db.totals() == {(OP, HAND): (0, 0), (RIGHT, HAND): (500, 0)}
    assert code(lambda: move(db)) == ("PT404", "NADA_A_MOVER")
    db.sign(db.boss, HAND, DAY, "D1")
    assert db.close_lots()["fechadas"] == [RIGHT]
    assert db.sql("select * from ordens_sem_destino") == []


def test_p1_a_hand_count_is_corrected_to_zero_on_a_line_of_another_source(counted_by_hand: Database) -> None:
    db = counted_by_hand
    db.gateway("planta-1")
    db.sql("update fontes_linha set fonte = 'planta-1' where linha_id = %s", HAND)
    assert code(lambda: hand(db, OP, 400)) == ("PT409", "FONTE_NAO_MANUAL")
    hand(db, OP, 0)
    assert db.totals()[OP, HAND] == (0, 0)


def test_p1_a_loss_of_an_annulled_order_is_not_signed(erp: Erp) -> None:
    db = erp.db
    loss = {"p_numero_op": OP, "p_linha_id": LINE, "p_quantidade": 3, "p_tipo": "RETEM", "p_em": at("09:00")}
    typed = db.call(db.boss, "registrar_refugo", **loss)
    db.shut(db.boss, OP, LINE, at("08:00"))
    db.lot(RIGHT)
    db.open(db.boss, RIGHT, LINE, at("08:00"))
    db.shut(db.boss, RIGHT, LINE, at("10:00"))
    seen = db.call(db.boss, "verificar_diario", p_linha_id=LINE, p_data=DAY, p_turno="D1")
    assert "PERDA_SEM_PERIODO" in [one["codigo"] for one in seen["motivos"]]
    db.call(db.boss, "estornar_refugo", p_id=typed["id"], p_motivo="digitada na OP errada")
    db.sign(db.boss, LINE, DAY, "D1")


# A signed shift that changes without its closed orders ----------------------------------------------------------------


@pytest.fixture
def shared(erp: Erp) -> Database:
    """The order is closed; another was open in the same shift and counted nothing."""
    db = erp.db
    db.lot(RIGHT)
    db.open(db.boss, RIGHT, LINE, at("11:00"))
    db.shut(db.boss, RIGHT, LINE, at("12:00"))
    signed_and_closed(db)
    assert db.missing(OP) == []
    return db


def sign_again(db: Database) -> None:
    db.sign(db.boss, LINE, DAY, "D1", "conferido de novo")


def annul_the_other(db: Database) -> None:
    db.shut(db.boss, RIGHT, LINE, at("11:00"))


def type_a_sample_of_the_other(db: Database) -> None:
    loss = {"p_numero_op": RIGHT, "p_linha_id": LINE, "p_quantidade": 3, "p_tipo": "RETEM", "p_em": at("11:30")}
    db.call(db.boss, "registrar_refugo", **loss)


def take_the_sample_back(db: Database) -> None:
    typed = db.one("select max(id) from perdas_qualidade")
    db.call(db.boss, "estornar_refugo", p_id=typed, p_motivo="digitada na OP errada")


def justify_units_without_an_order(db: Database) -> None:
    db.record(batch(2, {LINE: {at("14:00"): (1, 0)}}))
    db.close_lots()
    unordered = {"p_linha_id": LINE, "p_de": at("14:00"), "p_ate": at("14:01")}
    db.call(db.boss, "justificar_sem_ordem", **unordered, p_motivo="teste da máquina, sem produto")


@pytest.mark.parametrize(
    ("change", "settle"),
    [
        (annul_the_other, sign_again),
        (type_a_sample_of_the_other, take_the_sample_back),
        (justify_units_without_an_order, sign_again),
    ],
)
def test_p4_a_signature_that_became_invalid_waits_to_be_made_again(shared: Database, change, settle) -> None:
    change(shared)
    shared.close_lots()
    assert shared.missing(OP) == ["DIARIO_ALTERADO"]
    (matter,) = (row for row in shared.pending("FECHAMENTO") if row["detalhes"]["numero_op"] == OP)
    assert matter["funcao"] == "assinar_diario"
    settle(shared)
    shared.close_lots()
    assert shared.missing(OP) == []


# What a round decided before it had the locks -------------------------------------------------------------------------


def test_p4_an_order_cancelled_while_a_round_waits_is_not_closed(erp: Erp, db: Database) -> None:
    db.mark(LINE, at("10:00"))
    db.sign(db.boss, LINE, DAY, "D1")
    holder = psycopg.connect(db.url)
    holder.execute("select from linhas where linha_id = %s for update", (LINE,))
    rounds = Database(db.url)
    answers: list[dict[str, Any]] = []
    worker = threading.Thread(target=lambda: answers.append(rounds.close_lots()))
    worker.start()
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%%fechar_lotes%%'"
    until(lambda: db.one(waiting) == 1, "the round waits for the line", alive=worker.is_alive)
    erp.tell(said(situacao="CANCELADA"))
    holder.rollback()
    holder.close()
    worker.join()
    rounds.close()
    assert answers[0]["fechadas"] == []
    assert db.missing(OP) == ["OP_CANCELADA"]


def test_p10_a_closing_that_fails_waits_with_its_reason(erp: Erp, db: Database) -> None:
    db.mark(LINE, at("10:00"))
    db.sign(db.boss, LINE, DAY, "D1")
    db.sql(
        "create function public.falhar() returns trigger language plpgsql as"
        " $$ begin raise exception 'defeito de teste'; end $$"
    )
    db.sql("create trigger falhar before insert on fechamentos_lote for each row execute function public.falhar()")
    with db.as_role("service_role"):
        answer = db.one("select fechar_lotes()")
    assert [error["numero_op"] for error in answer["erros"]] == [OP]
    assert db.missing(OP) == ["ERRO_AO_FECHAR"]
    assert "defeito de teste" in db.pending("FECHAMENTO")[0]["descricao"]
    db.sql("drop trigger falhar on fechamentos_lote")
    assert db.close_lots()["fechadas"] == [OP]
    assert db.pending("FECHAMENTO") == []


# Adjustments ----------------------------------------------------------------------------------------------------------


def test_p4_an_adjustment_that_changed_since_it_was_shown_is_not_decided(erp: Erp) -> None:
    db = erp.db
    signed_and_closed(db)
    db.record(batch(2, {LINE: {at("09:00"): (1, 0)}}))
    db.close_lots()
    db.record(batch(3, {LINE: {at("09:01"): (1, 0)}}))
    db.sign(db.boss, LINE, DAY, "D1", "contagens atrasadas conferidas")
    for decision in ("APROVAR", "RECUSAR"):
        decide = {"p_numero_op": OP, "p_decisao": decision, "p_motivo": "conferido na linha"}
        refused = partial(db.call, db.manager, "decidir_ajustes", **decide)
        assert code(refused) == ("PT409", "AJUSTE_MUDOU")
    db.close_lots()
    db.call(db.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="conferido na linha")
    assert reports(db)[-1] == ("AJUSTE", f"26C{OP}A", 16)


def test_p4_a_shift_that_lost_its_only_order_is_signed_again_empty(erp: Erp) -> None:
    db = erp.db
    signed_and_closed(db)
    db.shut(db.boss, OP, LINE, at("08:00"))
    db.close_lots()
    unordered = {"p_linha_id": LINE, "p_de": at("08:00"), "p_ate": at("10:00")}
    db.call(db.boss, "justificar_sem_ordem", **unordered, p_motivo="teste da máquina, sem produto")
    decide = {"p_numero_op": OP, "p_decisao": "APROVAR", "p_motivo": "a OP nunca produziu"}
    assert code(lambda: db.call(db.manager, "decidir_ajustes", **decide)) == ("PT409", "DIARIO_A_ASSINAR")
    db.sign(db.boss, LINE, DAY, "D1", "a OP nunca produziu")
    db.call(db.manager, "decidir_ajustes", **decide)
    assert reports(db)[-1] == ("ESTORNO", f"26C{OP}A", 117)
