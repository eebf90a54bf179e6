"""What a closing adds up, what it tells TOTVS of it, and which orders a round of closings takes."""

import json
from typing import Any

import pytest

from local.stack.database import Database, batch, span
from tests.support.ended_order import DAY, LINE, OP, one_order_ended, signed_and_closed
from tests.support.plant_time import at
from tests.support.refusals import code

B, HAND = "SPEP-ENV-B", "SPEP-EMB-EST02"


@pytest.fixture
def plant(db: Database) -> Database:
    one_order_ended(db)
    return db


@pytest.fixture
def done(plant: Database) -> Database:
    signed_and_closed(plant)
    return plant


def asked(db: Database, function: str, *arguments: Any) -> Any:
    """What one of the inner functions answers; objects and lists go as JSON."""
    given = [json.dumps(one) if isinstance(one, dict | list) else one for one in arguments]
    return db.one(f"select interno.{function}({', '.join(['%s'] * len(given))})", *given)


# Sums -----------------------------------------------------------------------------------------------------------------


def test_p4_amounts_are_subtracted_key_by_key(db: Database) -> None:
    assert asked(db, "menos", {"a": 3, "b": 1, "d": 4}, {"b": 1, "c": 2, "d": 1}) == {"a": 3, "c": -2, "d": 3}
    assert asked(db, "menos", {}, {}) == {}


def test_p5_of_amounts_those_of_one_sign_are_told_as_positive(db: Database) -> None:
    amounts = {"b": 2, "a": 1, "c": -3, "d": 0}
    assert asked(db, "lista", amounts, "codigo", 1) == [
        {"codigo": "a", "quantidade": 1}, {"codigo": "b", "quantidade": 2},
    ]  # fmt: skip
    assert asked(db, "lista", amounts, "tipo", -1) == [{"tipo": "c", "quantidade": 3}]
    assert asked(db, "lista", {}, "tipo", 1) == []


def test_p4_totals_are_summed_by_kind_within_one_stage(db: Database) -> None:
    def one(stage: str, kind: str, reason: str, amount: int, cycles: int | None = None) -> dict[str, Any]:
        return {"etapa": stage, "tipo": kind, "codigo": reason, "quantidade": amount, "maquina": cycles}

    totals = [
        one("ENVASE", "PRODUZIDA", "", 100, 20), one("ENVASE", "PRODUZIDA", "", 50, 10),
        one("ENVASE", "REFUGO", "TAMPA", 3), one("ENVASE", "REFUGO", "TAMPA", 4), one("ENVASE", "REFUGO", "VOLUME", 1),
        one("ENVASE", "RETEM", "", 2), one("EMBALAGEM", "PRODUZIDA", "", 999, 999), one("EMBALAGEM", "RETEM", "", 9),
    ]  # fmt: skip
    assert asked(db, "resumo_totais", totals, "ENVASE") == {
        "produzidas": 150, "boas": 140, "refugos": {"TAMPA": 7, "VOLUME": 1}, "perdas": {"RETEM": 2}, "contador": 30,
    }  # fmt: skip
    assert asked(db, "resumo_totais", [], "ENVASE") == {
        "produzidas": 0, "boas": 0, "refugos": {}, "perdas": {}, "contador": 0,
    }  # fmt: skip


def test_the_stage_told_to_totvs_is_the_familys_with_the_longest_prefix(db: Database) -> None:
    db.sql(
        "insert into etapas_familia values ('07', 'EMBALAGEM', true), ('07', 'ENVASE', false),"
        " ('0701', 'ENVASE', true), ('08', 'EMBALAGEM', false)"
    )
    codes = ("07010012", "07990001", "08010001", "01")
    assert [asked(db, "etapa_apontada", code) for code in codes] == ["ENVASE", "EMBALAGEM", "ENVASE", "ENVASE"]


def told(db: Database, kind: str, situation: str, content: dict[str, Any], op: str = OP) -> None:
    number = asked(db, "criar_envio", op, kind, content)
    lease = "gen_random_uuid()" if situation == "ENVIANDO" else "null"
    db.sql(f"update envios_totvs set situacao = %s, lease = {lease} where id = %s", situation, number)


def partial(good: int, counter: int, **refused: int) -> dict[str, Any]:
    reasons = [{"codigo": reason, "quantidade": amount} for reason, amount in refused.items()]
    return {"boas": good, "contador_final": counter, "refugos": reasons}


def test_p5_only_confirmed_partial_reports_of_the_order_are_taken_off(plant: Database) -> None:
    plant.lot("000124")
    assert asked(plant, "parciais_confirmados", OP) == {"boas": 0, "contador": 0, "refugos": {}}
    told(plant, "PARCIAL", "CONFIRMADO", partial(10, 5, TAMPA=1))
    told(plant, "PARCIAL", "CONFIRMADO", partial(20, 9, TAMPA=2, VOLUME=4))
    for situation in ("PENDENTE", "ENVIANDO", "RECUSADO", "INCERTO", "ESGOTADO", "DESCARTADO"):
        told(plant, "PARCIAL", situation, partial(1000, 1000, TAMPA=1000))
    told(plant, "AJUSTE", "CONFIRMADO", partial(1000, 1000, TAMPA=1000))
    told(plant, "PARCIAL", "CONFIRMADO", partial(1000, 1000, TAMPA=1000), "000124")
    assert asked(plant, "parciais_confirmados", OP) == {"boas": 30, "contador": 9, "refugos": {"TAMPA": 3, "VOLUME": 4}}


@pytest.mark.parametrize(
    ("before", "report", "back"),
    [
        (partial(0, 0), (117, 3, 0), None),
        (partial(17, 5, MAQUINA=1), (100, 2, 5), None),
        (partial(117, 15, MAQUINA=3), (0, 0, 15), None),
        (partial(118, 15), (0, 3, 15), (1, [])),
        (partial(17, 5, MAQUINA=4), (100, 0, 5), (0, [{"codigo": "MAQUINA", "quantidade": 1}])),
        (partial(0, 0, TAMPA=2), (117, 3, 0), (0, [{"codigo": "TAMPA", "quantidade": 2}])),
    ],
)
def test_p5_the_closing_report_is_what_is_frozen_less_what_was_told(done: Database, before, report, back) -> None:
    told(done, "PARCIAL", "CONFIRMADO", before)
    content = asked(done, "conteudo_fechamento", OP)
    assert (content["boas"], content["refugo"], content["contador_inicial"]) == report
    assert (content["contador_final"], content["parcial"], content["etapa"]) == (15, False, "ENVASE")
    assert content["refugo"] == sum(one["quantidade"] for one in content["refugos"])
    rows = done.sql("select conteudo from envios_totvs where tipo = 'ESTORNO'")
    assert [(row["conteudo"]["boas"], row["conteudo"]["refugos"]) for row in rows] == ([back] if back else [])


def test_p5_a_closing_report_that_a_person_must_decide_shows_its_amounts(done: Database) -> None:
    done.sql("update envios_totvs set situacao = 'INCERTO', proxima_em = null where tipo = 'PRODUCAO'")
    number = done.one("select id from envios_totvs where tipo = 'PRODUCAO' and conteudo is null")
    assert done.one("select reivindicar_envio(%s, 'sino', 60, false) ->> 'porque'", number) == "INCERTO"
    assert done.one("select conteudo ->> 'boas' from envios_totvs where id = %s", number) == "117"


def test_p5_partials_taken_back_before_the_closing_are_taken_off_no_more(plant: Database) -> None:
    told(plant, "PARCIAL", "CONFIRMADO", partial(10, 5))
    told(plant, "ESTORNO", "CONFIRMADO", partial(10, 0))
    taken_back = plant.one("select ordem from envios_totvs where tipo = 'ESTORNO'")
    assert asked(plant, "parciais_desde", OP) == taken_back
    told(plant, "PRODUCAO", "CONFIRMADO", partial(10, 5))
    told(plant, "ESTORNO", "CONFIRMADO", partial(1, 0))
    assert asked(plant, "parciais_desde", OP) == taken_back, "a reversal after the closing is of its own amounts"


def test_p5_a_reversal_names_the_closing_or_else_the_last_partial(plant: Database) -> None:
    names = (
        "select interno.cadastro_do_envio(e) #>> '{estorna,id_externo}' from envios_totvs as e where tipo = 'ESTORNO'"
    )

    def reversed_by_the_next() -> str:
        plant.sql("delete from envios_totvs where tipo = 'ESTORNO'")
        told(plant, "ESTORNO", "PENDENTE", partial(1, 0))
        return str(plant.one(names))

    def last(kind: str) -> str:
        return str(plant.one("select id_externo from envios_totvs where tipo = %s order by ordem desc limit 1", kind))

    plant.sql("alter table envios_totvs disable trigger user")
    for _ in range(2):
        told(plant, "PARCIAL", "CONFIRMADO", partial(10, 5))
    assert reversed_by_the_next() == last("PARCIAL")
    told(plant, "PRODUCAO", "CONFIRMADO", partial(10, 5))
    told(plant, "PERDAS", "CONFIRMADO", partial(0, 0))
    told(plant, "PARCIAL", "CONFIRMADO", partial(10, 5))
    assert reversed_by_the_next() == last("PRODUCAO")


def test_p5_a_report_says_the_lines_and_amounts_of_its_stage(plant: Database) -> None:
    made = [
        {"etapa": "ENVASE", "linha_id": LINE, "tipo": "PRODUZIDA", "codigo": "", "quantidade": 10},
        {"etapa": "EMBALAGEM", "linha_id": HAND, "tipo": "PRODUZIDA", "codigo": "", "quantidade": 9},
    ]
    assert list(asked(plant, "quantidades_por_linha", made, "ENVASE")) == [LINE]
    assert [line["linha_id"] for line in asked(plant, "linhas_do_envio", OP, "ENVASE", [])] == [LINE], "open, no count"
    assert asked(plant, "cadastro_op", OP, "EMBALAGEM", made) is not None, "a stage the family does not name"


# What an order's totals come from -------------------------------------------------------------------------------------


def keep_samples(db: Database) -> None:
    kept = {"p_numero_op": OP, "p_linha_id": LINE, "p_quantidade": 4, "p_tipo": "RETEM", "p_em": at("09:00")}
    db.call(db.boss, "registrar_refugo", **kept)


def totals(db: Database, op: str = OP) -> list[tuple[Any, ...]]:
    rows = db.sql(
        "select linha_id, data::text, turno, tipo, codigo, quantidade, maquina from interno.totais_op(%s)"
        " order by linha_id, inicio, tipo, codigo",
        op,
    )
    return [tuple(row.values()) for row in rows]


def test_p4_totals_hold_every_shift_in_which_the_order_has_anything(plant: Database) -> None:
    """Counts of its period, a decided count read after it, a loss typed, a count by hand; other orders' never."""
    plant.owner(HAND, "manual")
    plant.lot("000124")
    plant.open(plant.boss, "000124", LINE, at("12:00"))
    plant.open(plant.boss, "000124", HAND, at("11:00"))
    plant.open(plant.boss, OP, HAND, at("05:00"))
    plant.shut(plant.boss, OP, HAND, at("06:30"))
    plant.record(
        batch(2, {LINE: {at("12:30"): (100, 0)}}, spans=[span(LINE, at("19:00"), at("19:01"), 2, 0, "implausivel")])
    )
    held = plant.one("select id from contagens_retidas")
    plant.call(
        plant.boss, "decidir_retido", p_id=held, p_decisao="ATRIBUIR", p_numero_op=OP, p_motivo="conferido na linha"
    )
    plant.call(
        plant.boss,
        "registrar_refugo",
        p_numero_op=OP,
        p_linha_id=LINE,
        p_quantidade=4,
        p_tipo="RETEM",
        p_em=at("09:00"),
    )
    for op, made in ((OP, 70), ("000124", 500)):
        count = {"p_numero_op": op, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
        plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=made, p_rejeicao=1)
    assert totals(plant) == [
        (HAND, DAY, "D1", "PRODUZIDA", "", 70, 70),
        (HAND, DAY, "D1", "REFUGO", "MAQUINA", 1, None),
        (LINE, DAY, "D1", "PRODUZIDA", "", 120, 15),
        (LINE, DAY, "D1", "REFUGO", "MAQUINA", 3, None),
        (LINE, DAY, "D1", "RETEM", "", 4, None),
        (LINE, DAY, "N1", "PRODUZIDA", "", 16, 2),
    ]


def test_p4_a_closing_spans_its_stages_first_opening_to_last_end(plant: Database) -> None:
    plant.owner(HAND, "manual")
    plant.owner(B, "planta-1")
    for line, begun, ended in ((HAND, "07:00", "12:00"), (B, "08:30", "11:00"), (LINE, "10:30", "10:45")):
        plant.open(plant.boss, OP, line, at(begun))
        plant.shut(plant.boss, OP, line, at(ended))
    count = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
    plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=50)
    for line in (LINE, B):
        plant.mark(line, at("11:00"))
    for line in (LINE, B, HAND):
        plant.sign(plant.boss, line, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP]
    (row,) = plant.sql(
        "select extract(epoch from inicio)::int as de, extract(epoch from fim)::int as ate, produzidas, assinaturas,"
        " contador_final from fechamentos_lote"
    )
    assert (row["de"], row["ate"], row["produzidas"]) == (at("08:00"), at("11:00"), 120)
    assert row["assinaturas"] == [one["id"] for one in plant.sql("select id from diarios_bordo order by id")]
    assert row["contador_final"] == 15


def test_p4_an_order_without_the_reported_stage_closes_with_its_times(plant: Database) -> None:
    plant.owner(HAND, "manual")
    plant.lot("000124")
    plant.sql("update parametros set valor = 60 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    for begun, ended in (("07:00", "08:00"), ("09:00", "11:00")):
        plant.open(plant.boss, "000124", HAND, at(begun))
        plant.shut(plant.boss, "000124", HAND, at(ended))
    count = {"p_numero_op": "000124", "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
    plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=50)
    plant.sign(plant.boss, HAND, DAY, "D1")
    closed = close_anyway(plant, plant.boss, "000124")
    assert [one["codigo"] for one in closed["ressalvas"]] == ["ETAPA_AUSENTE"]
    assert (closed["produzidas"], closed["etapa"]) == (0, "ENVASE")
    ends = "extract(epoch from inicio)::int as de, extract(epoch from fim)::int as ate"
    (row,) = plant.sql(f"select {ends} from fechamentos_lote")
    assert (row["de"], row["ate"]) == (at("07:00"), at("11:00"))


# What it waits for ----------------------------------------------------------------------------------------------------


def missing(db: Database, op: str = OP) -> list[tuple[Any, ...]]:
    """Code, function, and line or item of everything that an order waits for."""
    found = db.one("select interno.faltas_fechamento(%s, interno.assinaturas_validas(array[%s]))", op, op)
    names = ("p_linha_id", "p_id")
    return [(one["codigo"], one["funcao"], *(v for k, v in one["argumentos"].items() if k in names)) for one in found]


@pytest.fixture
def ready(plant: Database) -> Database:
    plant.mark(LINE, at("10:00"))
    plant.sign(plant.boss, LINE, DAY, "D1")
    plant.owner(B, "planta-1")
    plant.mark(B, at("23:00"))
    plant.lot("000124")
    assert missing(plant) == []
    return plant


def test_p4_an_order_waits_for_what_is_its_own(ready: Database) -> None:
    """Another one that is open, unsigned, held or diverging concerns it not."""
    ready.open(ready.boss, "000124", B, at("11:00"))
    ready.record(batch(7, {B: {at("11:30"): (3, 1)}}, spans=[span(B, at("11:00"), at("11:01"), 9, 0, "implausivel")]))
    ready.shut(ready.boss, "000124", B, at("12:00"))
    ready.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", B)
    assert missing(ready) == []
    assert missing(ready, "000124") == [
        ("CONTAGEM_RETIDA", "decidir_retido", ready.one("select id from contagens_retidas")),
        ("REFUGO_DIVERGENTE", "conciliar_refugo", B),
        ("DIARIO_NAO_ASSINADO", "assinar_diario", B),
    ]


def test_p4_a_stage_is_passed_by_the_order_itself(ready: Database) -> None:
    ready.sql("insert into etapas_familia values ('0701', 'ENVASE', true), ('0701', 'EMBALAGEM', false)")
    ready.owner(HAND, "manual")
    ready.open(ready.boss, "000124", HAND, at("11:00"))
    assert missing(ready) == [("ETAPA_AUSENTE", "abrir_ordem")]


def test_p4_an_order_open_anywhere_waits_for_its_end(ready: Database) -> None:
    ready.open(ready.boss, OP, B, at("11:00"))
    found = missing(ready)
    assert found[0] == ("ORDEM_ABERTA", "encerrar_ordem", B)
    assert {code for code, *_ in found[1:]} == {"DIARIO_NAO_ASSINADO"}


def test_p4_what_is_missing_is_looked_for_in_every_period(ready: Database) -> None:
    ready.open(ready.boss, OP, B, at("13:00"))
    ready.shut(ready.boss, OP, B, at("14:00"))
    ready.sign(ready.boss, B, DAY, "D1")
    assert missing(ready) == []
    ready.record(batch(7, spans=[span(B, at("13:10"), at("13:11"), 9, 0, "implausivel")]))
    held = ready.one("select id from contagens_retidas")
    ready.gateway("planta-2")
    ready.record(batch(1, {B: {at("13:20"): (1, 0)}}, gateway="planta-2"))
    quarantined = ready.one("select id from quarentena")
    ready.sql("delete from marcas_linha where linha_id = %s", B)
    assert missing(ready) == [
        ("FONTE_ATRASADA", "fechar_com_ressalva"),
        ("QUARENTENA", "resolver_quarentena", quarantined),
        ("CONTAGEM_RETIDA", "decidir_retido", held),
    ]
    ready.call(ready.boss, "resolver_quarentena", p_id=quarantined, p_motivo="sensor de bancada")
    ready.call(ready.boss, "decidir_retido", p_id=held, p_decisao="DESCARTAR", p_numero_op=None, p_motivo="pulso falso")
    assert missing(ready) == [("FONTE_ATRASADA", "fechar_com_ressalva")]


def test_p4_losses_beyond_production_and_uncovered_hours_are_named(ready: Database) -> None:
    ready.sql(
        "insert into perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, usuario_id)"
        " values (%s, %s, %s, 'RETEM', '', 117, %s)",
        OP, LINE, "2026-03-15T09:00-03", ready.boss,
    )  # fmt: skip
    assert [code for code, *_ in missing(ready)] == ["DIARIO_ALTERADO"], "nothing good is left, no less than that"
    ready.sql(
        "insert into perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, usuario_id)"
        " values (%s, %s, %s, 'RETEM', '', 1, %s)",
        OP, LINE, "2026-03-15T09:00-03", ready.boss,
    )  # fmt: skip
    assert missing(ready)[1:] == [("BOAS_NEGATIVAS", "estornar_refugo")]
    ready.sql("update turnos set inicio = '08:45' where turno in ('D1', 'D2')")
    assert ("TOTAIS_DIVERGEM", "fechar_com_ressalva") in missing(ready)


def test_p4_a_total_of_which_no_shift_has_anything_is_named(ready: Database) -> None:
    ready.open(ready.boss, OP, B, at("11:00"))
    ready.shut(ready.boss, OP, B, at("12:00"))
    ready.sign(ready.boss, B, DAY, "D1")
    ready.sql("update ordens_producao_ativas set producao_acumulada = 5 where linha_id = %s", B)
    assert missing(ready) == [("TOTAIS_DIVERGEM", "fechar_com_ressalva")]


def test_p10_the_oldest_unsigned_shift_comes_first(plant: Database) -> None:
    plant.open(plant.boss, OP, LINE, at("10:30"))
    plant.shut(plant.boss, OP, LINE, at("23:00"))
    shifts = [one["argumentos"]["p_turno"] for one in asked(plant, "faltas_diarios", OP, "{}")]
    assert len(shifts) > 1
    windows = plant.sql("select turnos[1] as turno from interno.turnos_op(%s) order by lower(janela)", OP)
    assert shifts == [row["turno"] for row in windows]


def test_p10_an_order_waits_since_its_own_end(plant: Database) -> None:
    plant.owner(B, "planta-1")
    plant.lot("000124")
    plant.open(plant.boss, "000124", B, at("09:00"))
    plant.shut(plant.boss, "000124", B, at("12:00"))
    a_round(plant)
    since = "select extract(epoch from desde)::int from fechamentos_pendentes where numero_op = %s"
    assert [plant.one(since, op) for op in (OP, "000124")] == [at("10:00"), at("12:00")]


def test_p4_an_order_that_closed_meanwhile_is_not_taken_again(done: Database) -> None:
    taken = "select interno.travar_ops(array[%s], array[%s], %s)"
    assert done.one(taken, OP, LINE, "A_FECHAR") == []
    assert done.one(taken, OP, LINE, "CONCLUIDO") == [OP]


# A round --------------------------------------------------------------------------------------------------------------


def ended(db: Database, *ops: str) -> None:
    """More orders that ended, one hour each on line B, nothing counted."""
    db.owner(B, "planta-1")
    db.lot(*ops)
    for n, op in enumerate(ops):
        db.open(db.boss, op, B, at("08:00") + 3600 * n)
        db.shut(db.boss, op, B, at("09:00") + 3600 * n)
    db.mark(B, at("17:00"))


def a_round(db: Database, after: str = "", limit: int = 20) -> dict[str, Any]:
    with db.as_role("service_role"):
        found: dict[str, Any] = db.one("select fechar_lotes(%s, %s)", after, limit)
    assert found["erros"] == []
    return found


def test_p4_a_round_takes_so_many_orders_and_says_where_to_go_on(plant: Database) -> None:
    ended(plant, "000200", "000201", "000202")
    signed_and_closed(plant)
    plant.sign(plant.boss, B, DAY, "D1")
    first = a_round(plant, limit=2)
    assert (first["fechadas"], first["depois"]) == (["000200", "000201"], "000201")
    second = a_round(plant, first["depois"], 2)
    assert (second["fechadas"], second["depois"]) == (["000202"], None)


def test_p4_a_round_goes_on_from_where_the_shorter_of_its_two_lists_ended(done: Database) -> None:
    ended(done, "000122", "000124", "000125")
    done.record(batch(9, {LINE: {at("09:00"): (1, 0)}}))
    answer = a_round(done, limit=1)
    assert (answer["aguardam"], answer["ajustes"], answer["depois"]) == (1, 1, "000122")
    assert (a_round(done, "000124", 1)["aguardam"], a_round(done, "000125")["aguardam"]) == (1, 0)


def test_p4_only_orders_that_ended_on_all_their_lines_close(plant: Database) -> None:
    ended(plant, "000200", "000201")
    plant.sign(plant.boss, B, DAY, "D1")
    plant.open(plant.boss, "000201", "SPEP-ENV-C", at("08:00"))
    plant.lot("000204")  # never opened
    answer = a_round(plant)
    assert (answer["fechadas"], answer["aguardam"]) == (["000200"], 1), "and the one that is not signed"
    assert [row["numero_op"] for row in plant.sql("select numero_op from fechamentos_pendentes")] == [OP]


def test_p4_an_order_opened_again_or_set_aside_waits_no_longer(plant: Database) -> None:
    ended(plant, "000200", "000201")
    a_round(plant)
    waiting = "select array_agg(numero_op order by numero_op) from fechamentos_pendentes"
    assert plant.one(waiting) == [OP, "000200", "000201"]
    plant.open(plant.boss, OP, LINE, at("11:00"))
    plant.call(plant.manager, "por_ordem_de_lado", p_numero_op="000200", p_motivo="aberta por engano")
    a_round(plant)
    assert plant.one(waiting) == ["000201"]
    since = plant.one("select extract(epoch from desde)::int from fechamentos_pendentes")
    assert since == at("10:00"), "since it ended"


def test_p4_changes_of_a_closed_order_open_again_wait_for_its_end(done: Database) -> None:
    done.open(done.boss, OP, LINE, at("11:00"))
    done.record(batch(2, {LINE: {at("09:00"): (1, 0)}}))
    assert a_round(done)["ajustes"] == 0
    done.shut(done.boss, OP, LINE, at("12:00"))
    assert (a_round(done, OP)["ajustes"], a_round(done)["ajustes"]) == (0, 1)
    assert done.one("select count(*) from apuracoes_pendentes") == 0


# Partial reports ------------------------------------------------------------------------------------------------------


def partials(db: Database) -> list[tuple[Any, ...]]:
    """Ask for partial reports, and what is told of each made now."""
    last = db.one("select coalesce(max(id), 0) from envios_totvs")
    made = asked(db, "criar_parciais")
    rows = db.sql("select numero_op, conteudo from envios_totvs where id > %s and tipo = 'PARCIAL' order by id", last)
    assert made == len(rows)
    names = ("boas", "refugo", "contador_inicial", "contador_final")
    return [(row["numero_op"], *(row["conteudo"][name] for name in names)) for row in rows]


@pytest.fixture
def hourly(plant: Database) -> Database:
    plant.sql("update parametros set valor = 3600 where nome = 'PARCIAIS_SEGUNDOS'")
    return plant


def earlier(db: Database) -> None:
    """What was told was told two hours ago."""
    db.sql("set session_replication_role = replica")
    db.sql("update envios_totvs set criado_em = criado_em - interval '2 hours'")
    db.sql("set session_replication_role = origin")


def test_p5_partial_reports_are_made_of_what_is_new(hourly: Database) -> None:
    assert partials(hourly) == [(OP, 117, 3, 0, 15)]
    hourly.sql("update envios_totvs set situacao = 'CONFIRMADO'")
    assert partials(hourly) == [], "not so soon"
    earlier(hourly)
    assert partials(hourly) == [], "nothing new"
    hourly.record(batch(2, {LINE: {at("09:00"): (0, 1)}}))
    assert partials(hourly) == [], "less good than was told: the closing settles it"
    hourly.record(batch(3, {LINE: {at("09:01"): (1, 0)}}))
    assert partials(hourly) == [(OP, 7, 1, 15, 16)]
    hourly.sql("update envios_totvs set situacao = 'DESCARTADO' where situacao = 'PENDENTE'")
    earlier(hourly)
    assert partials(hourly) == [(OP, 7, 1, 15, 16)], "given up, so told with the next"


def test_p5_what_is_new_waits_for_the_next_partial(hourly: Database) -> None:
    assert len(partials(hourly)) == 1
    hourly.sql("update envios_totvs set situacao = 'CONFIRMADO'")
    hourly.record(batch(2, {LINE: {at("09:01"): (1, 0)}}))
    assert partials(hourly) == []
    earlier(hourly)
    assert partials(hourly) == [(OP, 8, 0, 15, 16)]


@pytest.mark.parametrize("situation", ["PENDENTE", "ENVIANDO", "RECUSADO", "INCERTO", "ESGOTADO"])
def test_p5_no_partial_report_beside_one_that_is_not_done(hourly: Database, situation: str) -> None:
    told(hourly, "PERDAS", situation, {})
    earlier(hourly)
    assert partials(hourly) == []


def test_p5_partial_reports_are_of_orders_in_progress_that_made_something(hourly: Database) -> None:
    ended(hourly, "000200")
    hourly.lot("000201")
    told(hourly, "PARCIAL", "INCERTO", partial(1, 1), "000201")
    assert [op for op, *_ in partials(hourly)] == [OP]
    earlier(hourly)
    hourly.sql("update envios_totvs set situacao = 'DESCARTADO'")
    signed_and_closed(hourly)
    assert partials(hourly) == []


def test_p5_partial_reports_are_made_only_if_the_plant_wants_them(plant: Database) -> None:
    assert partials(plant) == []
    assert a_round(plant)["parciais"] == 0
    plant.sql("update parametros set valor = 3600 where nome = 'PARCIAIS_SEGUNDOS'")
    assert (a_round(plant, "0")["parciais"], a_round(plant)["parciais"]) == (0, 1), "once in a round of many pages"


def test_p5_a_partial_report_begins_with_the_order(hourly: Database) -> None:
    hourly.open(hourly.boss, OP, LINE, at("11:00"))
    hourly.lot("000124")
    hourly.open(hourly.boss, "000124", B, at("06:00"))
    partials(hourly)
    begun = "select extract(epoch from (conteudo ->> 'inicio')::timestamptz)::int from envios_totvs"
    assert hourly.one(begun) == at("08:00")


# People ---------------------------------------------------------------------------------------------------------------


def close_anyway(db: Database, person: str, op: str = OP) -> dict[str, Any]:
    return db.call(person, "fechar_com_ressalva", p_numero_op=op, p_motivo="gateway queimado")


def test_p4_what_a_person_cannot_leave_open(plant: Database) -> None:
    """Past the limit, unsigned, with the refused units diverging, or with the order open: each is refused by name."""
    plant.sql("update parametros set valor = 60 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    firm = ("PT409", "FALTA_OBRIGATORIA")
    assert code(lambda: close_anyway(plant, plant.boss)) == firm
    plant.sign(plant.boss, LINE, DAY, "D1")
    plant.record(batch(2, {LINE: {at("09:00"): (1, 0)}}))
    assert code(lambda: close_anyway(plant, plant.boss)) == firm
    plant.sign(plant.boss, LINE, DAY, "D1", "conferido de novo")
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", LINE)
    assert code(lambda: close_anyway(plant, plant.boss)) == firm
    plant.sql("update linhas set regra_refugo = 'MAQUINA' where linha_id = %s", LINE)
    plant.open(plant.boss, OP, B, at("11:00"))
    assert code(lambda: close_anyway(plant, plant.boss)) == firm
    plant.shut(plant.boss, OP, B, at("11:00"))
    closed = close_anyway(plant, plant.boss)
    assert [one["codigo"] for one in closed["ressalvas"]] == ["FONTE_ATRASADA"]
    assert code(lambda: close_anyway(plant, plant.boss)) == ("PT404", "NADA_A_FECHAR")


def test_p4_a_complete_order_closes_by_hand_without_a_reservation(plant: Database) -> None:
    plant.sql("update parametros set valor = 2592000 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    plant.mark(LINE, at("10:00"))
    plant.sign(plant.boss, LINE, DAY, "D1")
    closed = close_anyway(plant, plant.boss)
    assert (closed["ressalvas"], closed["motivo"], closed["usuario_id"]) == ([], None, None)
    (act,) = plant.sql("select depois from trilha_auditoria where acao = 'fechar_com_ressalva'")
    assert act["depois"]["id"] == closed["id"]


def test_p9_who_closes_with_a_reservation_has_the_sector_of_all_its_lines(plant: Database) -> None:
    refused = ("PT403", "SEM_PERMISSAO")
    assert code(lambda: close_anyway(plant, plant.person("SUPERVISOR", "SPPV"))) == refused
    other = plant.one("select linha_id from linhas where setor = 'SPPV' and etapa = 'ENVASE' limit 1")
    plant.open(plant.person("SUPERVISOR"), OP, other, at("11:00"))
    assert code(lambda: close_anyway(plant, plant.boss)) == refused
    assert code(lambda: close_anyway(plant, plant.person("SUPERVISOR")))[1] == "FALTA_OBRIGATORIA"


def reports(db: Database) -> list[tuple[Any, ...]]:
    rows = db.sql("select tipo, conteudo from envios_totvs where tipo in ('AJUSTE', 'ESTORNO') order by ordem")
    return [
        (row["tipo"], row["conteudo"]["boas"], row["conteudo"]["refugos"], row["conteudo"]["perdas"]) for row in rows
    ]


def decide(db: Database, decision: str = "APROVAR", op: str = OP) -> dict[str, Any]:
    return db.call(db.manager, "decidir_ajustes", p_numero_op=op, p_decisao=decision, p_motivo="conferido na linha")


def test_p4_more_and_less_go_to_totvs_apart_and_only_of_the_stage_it_knows(done: Database) -> None:
    """Good ones less, refused ones and samples more; the packing's own changes stay here."""
    done.owner(HAND, "manual")
    done.open(done.boss, OP, HAND, at("11:00"))
    done.shut(done.boss, OP, HAND, at("12:00"))
    count = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
    done.call(done.boss, "registrar_contagem_manual", **count, p_producao=50)
    keep_samples(done)
    done.record(batch(2, {LINE: {at("09:00"): (0, 2)}}))
    assert a_round(done)["ajustes"] == 3
    for line in (LINE, HAND):
        done.sign(done.boss, line, DAY, "D1", "conferido na linha")
    answer = decide(done)
    assert (answer["ajustes"], len(answer["envios"])) == (3, 2)
    assert reports(done) == [
        ("AJUSTE", 0, [{"codigo": "MAQUINA", "quantidade": 2}], [{"tipo": "RETEM", "quantidade": 4}]),
        ("ESTORNO", 6, [], []),
    ]
    assert done.one("select every(decidido_por = %s and decidido_em is not null) from ajustes_fechamento", done.manager)


@pytest.mark.parametrize(("decision", "becomes"), [("APROVAR", "APROVADO"), ("RECUSAR", "RECUSADO")])
def test_p4_a_decision_is_about_what_is_proposed_for_one_order(done: Database, decision: str, becomes: str) -> None:
    ended(done, "000200")
    done.sign(done.boss, B, DAY, "D1")
    a_round(done)
    done.record(batch(5, {LINE: {at("09:00"): (1, 0)}, B: {at("08:30"): (7, 0)}}))
    a_round(done)
    done.sign(done.boss, LINE, DAY, "D1", "conferido na linha")
    assert decide(done, decision)["ajustes"] == 1
    rows = done.sql("select diferenca, situacao from ajustes_fechamento order by diferenca")
    assert [tuple(row.values()) for row in rows] == [(7, "PROPOSTO"), (8, becomes)]
    assert len(reports(done)) == (decision == "APROVAR")
    assert code(lambda: decide(done, decision)) == ("PT404", "NADA_A_DECIDIR")
    assert code(lambda: decide(done, decision, "000999")) == ("PT404", "OP_DESCONHECIDA")
