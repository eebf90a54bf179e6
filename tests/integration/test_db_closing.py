"""From the signed Diário to frozen totals: when a lot closes, for what it waits, what happens afterwards."""

import json
import threading
from datetime import UTC, datetime

import psycopg
import pytest

from local.stack.database import Database, batch, iso, span
from local.waiting import until
from tests.support.plant_time import at

A = "SPEP-ENV-A"
B = "SPEP-ENV-B"
HAND = "SPEP-EMB-EST02"
OP = "000123"
DAY = "2026-03-15"


@pytest.fixture
def plant(db: Database) -> Database:
    """Line A counted by a gateway; one order ran on it from 08:00 to 10:00, all of it reported."""
    db.gateway("planta-1", A, B)
    db.lot(OP)
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.manager = db.person("GESTOR")
    db.open(db.boss, OP, A, at("08:00"))
    db.record(batch(1, {A: {at("08:30"): (10, 1), at("09:59"): (5, 2)}}))
    db.shut(db.boss, OP, A, at("10:00"))
    return db


def closed(db: Database, op: str = OP):
    rows = db.sql("select * from fechamentos_lote where numero_op = %s", op)
    return rows[0] if rows else None


def status(db, op=OP):
    return db.one("select status from lotes_producao where numero_op = %s", op)


def refusal(error) -> tuple[str, str, str]:
    return error.value.sqlstate, error.value.diag.message_primary, error.value.diag.message_detail


# Signing --------------------------------------------------------------------------------------------------------------


def test_p4_a_signature_holds_until_what_it_covers_changes(plant):
    first = plant.sign(plant.boss, A, DAY, "D1")
    assert plant.one("select verificar_assinatura(%s)", first["id"]) is True
    assert plant.sign(plant.boss, A, DAY, "D1")["id"] == first["id"]
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    assert plant.one("select verificar_assinatura(%s)", first["id"]) is False
    with pytest.raises(psycopg.Error) as error:
        plant.sign(plant.boss, A, DAY, "D1")
    assert refusal(error)[:2] == ("PT422", "MOTIVO_OBRIGATORIO")
    second = plant.sign(plant.boss, A, DAY, "D1", "lote atrasado do gateway conferido")
    assert plant.one("select verificar_assinatura(%s)", second["id"]) is True
    assert plant.one("select verificar_assinatura(%s)", first["id"]) is False
    rows = plant.sql("select id, substitui, nome, papel, significado, sha256 from diarios_bordo order by id")
    assert [row["substitui"] for row in rows] == [None, first["id"]]
    assert {(row["nome"], row["papel"]) for row in rows} == {("Maria das Dores (SUPERVISOR)", "SUPERVISOR")}


@pytest.mark.parametrize(
    "change",
    [
        lambda db: db.shut(db.boss, OP, A, at("09:00")),
        lambda db: db.call(db.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=1, p_tipo="RETEM",
                           p_em=at("09:00")),
        lambda db: db.record(batch(2, {A: {at("12:00"): (1, 0)}})),
    ],
    ids=["re-dating", "a sample", "counts without an order"],
)  # fmt: skip
def test_p4_each_kind_of_change_breaks_the_signature(plant, change):
    signed = plant.sign(plant.boss, A, DAY, "D1")
    change(plant)
    assert plant.one("select verificar_assinatura(%s)", signed["id"]) is False


def test_a_signature_does_not_depend_on_the_session_it_is_verified_in(plant):
    signed = plant.sign(plant.boss, A, DAY, "D1")
    for setting in ("timezone = 'Asia/Tokyo'", "datestyle = 'German'", "timezone = 'America/Fortaleza'"):
        plant.sql(f"set {setting}")
        assert plant.one("select verificar_assinatura(%s)", signed["id"]) is True


def test_p9_a_signature_needs_fresh_login_role_in_the_sector_and_name(plant):
    sign = {"p_linha_id": A, "p_data": DAY, "p_turno": "D1"}
    # A token renewed just now tells by its amr that the password was typed long ago; one without amr tells nothing.
    now = plant.one("select extract(epoch from now())::bigint")
    for amr in ([{"method": "password", "timestamp": at("08:00")}], [], None):
        plant.claimed = {"iat": now, "amr": amr}
        with pytest.raises(psycopg.Error) as error:
            plant.call(plant.boss, "assinar_diario", **sign)
        assert refusal(error)[:2] == ("PT403", "LOGIN_ANTIGO")
    plant.claimed = {}
    for role, sector in (("OPERADOR", "SPEP"), ("SUPERVISOR", "SPPV")):
        with pytest.raises(psycopg.Error) as error:
            plant.sign(plant.person(role, sector), A, DAY, "D1")
        assert refusal(error)[:2] == ("PT403", "SEM_PERMISSAO")
    plant.sql("delete from pessoas where usuario_id = %s", plant.boss)
    with pytest.raises(psycopg.Error) as error:
        plant.sign(plant.boss, A, DAY, "D1")
    assert refusal(error)[1] == "SEM_NOME"


def test_everything_that_speaks_against_signing_is_told_at_once(plant):
    plant.record(
        batch(
            2,
            {A: {at("11:00"): (7, 0)}, f"{A}-X": {at("08:00"): (1, 0)}},
            spans=[span(A, at("09:00"), at("09:01"), 9_999, 0, "implausivel")],
        )
    )
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", A)
    with pytest.raises(psycopg.Error) as error:
        plant.sign(plant.boss, A, DAY, "D1")
    sqlstate, code, detail = refusal(error)
    assert (sqlstate, code) == ("PT409", "DIARIO_INCOMPLETO")
    for part in ("contagem duvidosa", "7 (rejeição 0) sem OP", "a máquina rejeitou 3 unidades, foram digitadas 0"):
        assert part in detail
    assert error.value.diag.message_hint
    seen = plant.call(plant.boss, "verificar_diario", p_linha_id=A, p_data=DAY, p_turno="D1")
    assert [one["codigo"] for one in seen["motivos"]] == ["CONTAGEM_RETIDA", "SEM_ORDEM", "REFUGO_DIVERGENTE"]
    assert seen["pode_assinar"] is False


def test_there_is_nothing_to_sign_where_no_order_was_open(plant):
    for line, shift in ((B, "D1"), (A, "N1")):
        with pytest.raises(psycopg.Error) as error:
            plant.sign(plant.boss, line, DAY, shift)
        assert "Nenhuma OP esteve aberta" in refusal(error)[2]
    with pytest.raises(psycopg.Error) as error:
        plant.sign(plant.boss, A, DAY, "X9")
    assert refusal(error)[1] == "TURNO_INVALIDO"


# Closing --------------------------------------------------------------------------------------------------------------


def test_p4_a_signed_complete_lot_closes_with_totals_frozen_by_kind(plant):
    plant.call(plant.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=4, p_tipo="RETEM")
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP]
    found = closed(plant)
    assert (found["produzidas"], found["refugo"], found["amostras"], found["boas"]) == (120, 3, 4, 113)
    totals = plant.sql(
        "select etapa, linha_id, data::text, turno, tipo, codigo, quantidade, maquina"
        " from fechamento_totais order by tipo"
    )
    assert [tuple(row.values()) for row in totals] == [
        ("ENVASE", A, DAY, "D1", "PRODUZIDA", "", 120, 15),
        ("ENVASE", A, DAY, "D1", "REFUGO", "MAQUINA", 3, None),
        ("ENVASE", A, DAY, "D1", "RETEM", "", 4, None),
    ]
    assert status(plant) == "CONCLUIDO"
    assert [row["tipo"] for row in plant.sql("select tipo from envios_totvs order by ordem")] == [
        "PRODUCAO", "PERDAS", "STATUS"
    ]  # fmt: skip
    assert plant.pending("FECHAMENTO") == []
    assert plant.close_lots()["fechadas"] == []


def test_p4_p10_an_incomplete_lot_names_who_settles_each_thing_missing(plant):
    plant.record(batch(2, spans=[span(A, at("09:00"), at("09:01"), 9_999, 0, "implausivel")]))
    assert plant.close_lots()["aguardam"] == 1
    assert plant.missing(OP) == ["FONTE_ATRASADA", "CONTAGEM_RETIDA", "DIARIO_NAO_ASSINADO"]
    rows = plant.pending("FECHAMENTO")
    assert [row["funcao"] for row in rows] == ["fechar_com_ressalva", "decidir_retido", "assinar_diario"]
    assert rows[2]["detalhes"]["p_linha_id"] == A
    assert all(row["quem_decide"] and row["desde"] == datetime.fromtimestamp(at("10:00"), UTC) for row in rows)
    plant.call(plant.boss, "decidir_retido", p_id=rows[1]["detalhes"]["p_id"], p_decisao="DESCARTAR", p_numero_op=None,
               p_motivo="pulso falso")  # fmt: skip
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    assert plant.missing(OP) == ["FONTE_ATRASADA"]
    plant.mark(A, at("10:00") - 1)
    plant.close_lots()
    assert plant.missing(OP) == ["FONTE_ATRASADA"]
    plant.mark(A, at("10:00"))
    assert plant.close_lots()["fechadas"] == [OP]


def test_p4_counts_after_the_signature_ask_for_a_new_one_first(plant):
    warned = plant.sign(plant.boss, A, DAY, "D1")["avisos"]
    assert [one["codigo"] for one in warned] == ["FONTE_ATRASADA"]
    plant.record(batch(2, {A: {at("09:30"): (100, 0)}}))
    plant.mark(A, at("10:00"))
    plant.close_lots()
    assert plant.missing(OP) == ["DIARIO_ALTERADO"]
    plant.sign(plant.boss, A, DAY, "D1", "chegou o que faltava do gateway")
    plant.close_lots()
    assert closed(plant)["produzidas"] == 920


def test_p4_a_lot_over_two_shifts_needs_both_signed(plant):
    """25A0002A of the plant's own sheet: 12,932 in D1 and 19,468 in N1 are 32,400."""
    plant.lot("25A0002")
    plant.open(plant.boss, "25A0002", B, at("15:32"))
    counts = {B: {at("16:00"): (12_932, 0), at("20:00"): (19_468, 0)}}
    plant.sql("update linhas set maximo_por_segundo = null where linha_id = %s", B)
    plant.record(batch(2, counts))
    plant.shut(plant.boss, "25A0002", B, at("23:45"))
    plant.mark(B, at("23:45"))
    plant.sign(plant.boss, B, DAY, "D1")
    plant.close_lots()
    assert plant.missing("25A0002") == ["DIARIO_NAO_ASSINADO"]
    plant.sign(plant.boss, B, DAY, "N2")
    assert plant.close_lots()["fechadas"] == ["25A0002"]
    rows = plant.sql("select turno, quantidade from fechamento_totais where linha_id = %s order by inicio", B)
    assert [(row["turno"], row["quantidade"]) for row in rows] == [("D1", 12_932), ("N2", 19_468)]
    assert closed(plant, "25A0002")["contador_final"] == 32_400


def test_golden_line_a_of_6_june_reproduces_from_frozen_totals(db):
    """Two lots on line A, 2,215 and 2,200 cycles of eight, 94 and 90 refused: 35,136 good bottles, 0.52 % lost."""
    db.gateway("planta-1", A)
    boss = db.person("SUPERVISOR")
    lots = (("25F0226", "06:00", "11:17", 2_215, 94), ("25F0227", "12:47", "18:00", 2_200, 90))
    for n, (op, begun, ended, cycles, rejected) in enumerate(lots):
        db.lot(op)
        db.open(boss, op, A, at(begun))
        seconds = {at(begun) + 60 + i: (1, int(i < rejected)) for i in range(cycles)}
        db.record(batch(n + 1, {A: seconds}))
        db.shut(boss, op, A, at(ended))
    db.mark(A, at("18:00"))
    db.sign(boss, A, DAY, "D1")
    assert len(db.close_lots()["fechadas"]) == 2
    rows = db.sql("select numero_op, produzidas, refugo, boas from fechamentos_lote order by numero_op")
    assert [tuple(row.values()) for row in rows] == [("25F0226", 17_720, 94, 17_626), ("25F0227", 17_600, 90, 17_510)]
    made, good = sum(row["produzidas"] for row in rows), sum(row["boas"] for row in rows)
    assert (made, good, f"{(made - good) / made:.2%}") == (35_320, 35_136, "0.52%")
    available, stopped, speed = 12.0, 3 + 10 / 60, 4_000
    operating = available - stopped
    availability, performance = operating / available, made / speed / operating
    figures = (availability, performance, availability * performance * good / made)
    assert [f"{figure:.2%}" for figure in figures] == ["73.61%", "99.96%", "73.20%"]


def test_golden_a05_oee_example_reproduces_from_frozen_totals(db):
    """95,000 produced, 90,000 good, 10 of 12 h, 10,000 an hour: 83.33 / 95.00 / 94.74 / 75.00 %."""
    db.gateway("planta-1", B)
    boss = db.person("SUPERVISOR")
    db.lot("A05")
    db.sql("update linhas set maximo_por_segundo = null where linha_id = %s", B)
    db.open(boss, "A05", B, at("06:00"))
    db.record(batch(1, {B: {at("07:00") + n: (950, 50) for n in range(100)}}))
    db.shut(boss, "A05", B, at("18:00"))
    db.mark(B, at("18:00"))
    db.sign(boss, B, DAY, "D1")
    db.close_lots()
    found = closed(db, "A05")
    made, good = found["produzidas"], found["boas"]
    availability, performance, quality = 10 / 12, made / 10_000 / 10, good / made
    figures = (availability, performance, quality, availability * performance * quality)
    assert [f"{figure:.2%}" for figure in figures] == ["83.33%", "95.00%", "94.74%", "75.00%"]


def test_p4_only_an_unreported_line_keeps_its_own_lots_waiting(plant):
    plant.lot("000124")
    plant.open(plant.boss, "000124", B, at("08:00"))
    plant.record(batch(2, {B: {at("09:00"): (1, 0)}}))
    plant.shut(plant.boss, "000124", B, at("10:00"))
    plant.mark(B, at("10:00"))
    for line in (A, B):
        plant.sign(plant.boss, line, DAY, "D1")
    assert plant.close_lots()["fechadas"] == ["000124"]
    assert plant.missing(OP) == ["FONTE_ATRASADA"]


def test_p4_a_lost_spool_keeps_the_lot_waiting_until_its_end_is_declared(plant):
    plant.sign(plant.boss, A, DAY, "D1")
    mark = {"linha_id": A, "ate": iso(at("11:00")), "estado": "ok", "relogio_ms": None}
    plant.record(batch(1, epoch="f" * 32, marcas=[mark]))
    plant.close_lots()
    assert plant.missing(OP) == ["EPOCA_ABERTA"]
    (old,) = plant.pending("EPOCA_NOVA")
    ended = {"p_gateway": "planta-1", "p_epoca": old["detalhes"]["p_epoca"], "p_ultima_seq": 1}
    plant.call(plant.manager, "encerrar_epoca", **ended, p_motivo="disco trocado")
    assert plant.close_lots()["fechadas"] == [OP]


def test_p4_an_unreadable_piece_keeps_the_lots_of_its_lines_waiting(plant):
    torn = {
        "motivo": "LINHA_INCOMPLETA", "detalhe": "cortada", "linha_id": None, "registros": 1, "producao": None,
        "rejeicao": None, "byte_de": 1, "byte_ate": 2, "origem": None, "amostra_base64": "",
    }  # fmt: skip
    plant.record(batch(2, quarentena=[torn]))
    plant.mark(A, at("10:00"))
    plant.close_lots()
    assert plant.missing(OP) == ["QUARENTENA", "DIARIO_NAO_ASSINADO"]


def test_p4_past_the_limit_a_person_closes_with_a_reason_on_record(plant):
    plant.close_lots()
    with pytest.raises(psycopg.Error) as error:
        plant.call(plant.boss, "fechar_com_ressalva", p_numero_op=OP, p_motivo="gateway queimado")
    assert refusal(error)[1] == "FALTA_OBRIGATORIA"
    plant.sign(plant.boss, A, DAY, "D1")
    plant.sql("update parametros set maximo = 2000000000, valor = 2000000000 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    with pytest.raises(psycopg.Error) as error:
        plant.call(plant.boss, "fechar_com_ressalva", p_numero_op=OP, p_motivo="gateway queimado")
    assert refusal(error)[1] == "AINDA_NO_PRAZO"
    plant.sql("update parametros set valor = 60 where nome = 'FECHAMENTO_LIMITE_SEGUNDOS'")
    plant.call(plant.boss, "fechar_com_ressalva", p_numero_op=OP, p_motivo="gateway queimado")
    found = closed(plant)
    assert [one["codigo"] for one in found["ressalvas"]] == ["FONTE_ATRASADA"]
    assert (found["motivo"], str(found["usuario_id"])) == ("gateway queimado", plant.boss)


def test_a_packed_family_waits_for_packing_and_reports_filling_only(plant):
    plant.sql("insert into etapas_familia values ('0701', 'ENVASE', true), ('0701', 'EMBALAGEM', false)")
    plant.owner(HAND, "manual")
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    assert plant.missing(OP) == ["ETAPA_AUSENTE"]
    plant.open(plant.boss, OP, HAND, at("11:00"))
    plant.shut(plant.boss, OP, HAND, at("12:00"))
    with pytest.raises(psycopg.Error) as error:
        plant.sign(plant.boss, HAND, DAY, "D1")
    assert "Falta a contagem física" in refusal(error)[2]
    count = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
    plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=110)
    plant.sign(plant.boss, HAND, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP]
    assert closed(plant)["produzidas"] == 120
    rows = plant.sql("select etapa, quantidade from fechamento_totais where tipo = 'PRODUZIDA' order by etapa")
    assert [tuple(row.values()) for row in rows] == [("EMBALAGEM", 110), ("ENVASE", 120)]


# What is typed --------------------------------------------------------------------------------------------------------


def test_p1_a_hand_count_is_the_total_and_a_correction_replaces_it(plant):
    plant.owner(HAND, "manual")
    plant.open(plant.boss, OP, HAND, at("11:00"))
    count = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1"}
    plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=100, p_rejeicao=3)
    assert plant.totals()[OP, HAND] == (100, 3)
    with pytest.raises(psycopg.Error) as error:
        plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=90)
    assert refusal(error)[1] == "MOTIVO_OBRIGATORIO"
    plant.call(plant.boss, "registrar_contagem_manual", **count, p_producao=90, p_rejeicao=2, p_motivo="recontagem")
    assert plant.totals()[OP, HAND] == (90, 2)
    assert plant.balance(HAND)["atribuido"] == (90, 2)
    assert plant.one("select count(*) from contagens_manuais") == 2
    with pytest.raises(psycopg.Error) as error:
        plant.call(plant.boss, "registrar_contagem_manual", **{**count, "p_linha_id": A}, p_producao=1)
    assert refusal(error)[1] == "FONTE_NAO_MANUAL"


@pytest.mark.parametrize(
    ("rule", "typed", "expected"),
    [
        ("MAQUINA", {}, [("MAQUINA", 3)]),
        ("DIGITADO", {"TAMPA": 2, "VOLUME": 9}, [("TAMPA", 2), ("VOLUME", 9)]),
        ("CONCILIAR", {"TAMPA": 1, "VOLUME": 2}, [("TAMPA", 1), ("VOLUME", 2)]),
    ],
)
def test_the_lines_rule_says_whose_refused_units_count_never_both(plant, rule, typed, expected):
    plant.sql("update linhas set regra_refugo = %s where linha_id = %s", rule, A)
    refuse = {"p_numero_op": OP, "p_linha_id": A, "p_em": at("09:00")}
    for code, amount in typed.items():
        plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=amount, p_codigo=code)
    if rule == "MAQUINA":
        with pytest.raises(psycopg.Error) as error:
            plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=1, p_codigo="TAMPA")
        assert refusal(error)[1] == "REFUGO_DA_MAQUINA"
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    rows = plant.sql("select codigo, quantidade from fechamento_totais where tipo = 'REFUGO' order by codigo")
    assert [tuple(row.values()) for row in rows] == expected
    assert closed(plant)["boas"] == 120 - sum(amount for _, amount in expected)


def test_p10_diverging_rejects_are_settled_for_exactly_those_figures(plant):
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", A)
    refuse = {"p_numero_op": OP, "p_linha_id": A, "p_em": at("09:00"), "p_codigo": "TAMPA"}
    typed = plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=7)
    settle = {
        "p_numero_op": OP,
        "p_linha_id": A,
        "p_data": DAY,
        "p_turno": "D1",
        "p_motivo": "contador de rejeito sujo",
    }
    plant.close_lots()
    assert "REFUGO_DIVERGENTE" in plant.missing(OP)
    plant.call(plant.boss, "conciliar_refugo", **settle, p_vale="DIGITADO")
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=1)
    with pytest.raises(psycopg.Error, match="DIARIO_INCOMPLETO"):
        plant.sign(plant.boss, A, DAY, "D1", "mais um")
    plant.call(plant.boss, "estornar_refugo", p_id=typed["id"] + 1, p_motivo="digitado em dobro")
    plant.close_lots()
    assert closed(plant)["refugo"] == 7


def test_p10_of_two_words_about_the_same_refused_units_the_later_holds(plant):
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", A)
    plant.call(
        plant.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_em=at("09:00"), p_codigo="TAMPA", p_quantidade=7
    )
    for held in ("DIGITADO", "MAQUINA"):
        plant.sql(
            "insert into conciliacoes_refugo (numero_op, linha_id, janela, maquina, digitado, vale, motivo, usuario_id)"
            " select %s, %s, interno.janela_turno(%s, 'D1'), 3, 7, %s, 'conferido', %s", OP, A, DAY, held, plant.boss
        )  # fmt: skip
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    assert closed(plant)["refugo"] == 3


# Afterwards -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def done(plant):
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    return plant


def reports(db: Database):
    return db.sql("select tipo, conteudo from envios_totvs where tipo in ('AJUSTE', 'ESTORNO') order by ordem")


def test_p4_a_late_batch_is_an_adjustment_reported_once_approved(done):
    done.record(batch(2, {A: {at("09:00"): (2, 1)}}))
    assert done.close_lots()["ajustes"] == 2
    assert done.close_lots()["ajustes"] == 0
    assert closed(done)["produzidas"] == 120
    (row,) = done.pending("AJUSTE")
    assert "produzida +16" in row["descricao"]
    assert reports(done) == []
    done.sign(done.boss, A, DAY, "D1", "contagem atrasada conferida")
    done.call(done.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="lote atrasado, conferido")
    (report,) = reports(done)
    assert (report["tipo"], report["conteudo"]["boas"]) == ("AJUSTE", 15)
    assert report["conteudo"]["refugos"] == [{"codigo": "MAQUINA", "quantidade": 1}]
    assert done.pending("AJUSTE") == []
    done.record(batch(3, {A: {at("09:01"): (1, 0)}}))
    assert done.close_lots()["ajustes"] == 1


def test_p4_units_re_dated_away_return_as_a_reversal_in_positive_amounts(done):
    done.shut(done.boss, OP, A, at("09:00"))
    done.close_lots()
    unordered = {"p_linha_id": A, "p_de": at("09:00"), "p_ate": at("10:00")}
    done.call(done.boss, "justificar_sem_ordem", **unordered, p_motivo="limpeza da linha")
    done.sign(done.boss, A, DAY, "D1", "encerrada tarde demais")
    done.call(done.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="encerrada tarde demais")
    (report,) = reports(done)
    assert (report["tipo"], report["conteudo"]["boas"]) == ("ESTORNO", 38)
    assert report["conteudo"]["refugos"] == [{"codigo": "MAQUINA", "quantidade": 2}]


def test_p4_a_vanished_difference_is_no_adjustment_a_refused_one_stays(done):
    done.shut(done.boss, OP, A, at("09:00"))
    done.close_lots()
    done.shut(done.boss, OP, A, at("10:00"))
    done.close_lots()
    assert done.pending("AJUSTE") == []
    assert {row["situacao"] for row in done.sql("select situacao from ajustes_fechamento")} == {"SUPERADO"}
    done.record(batch(2, {A: {at("09:30"): (1, 0)}}))
    done.close_lots()
    done.call(
        done.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="RECUSAR", p_motivo="pulso de teste da manutenção"
    )
    done.close_lots()
    assert (done.pending("AJUSTE"), reports(done)) == ([], [])


def test_p4_a_lot_opened_again_is_adjusted_once_it_has_ended_again(done):
    done.open(done.boss, OP, A, at("11:00"))
    done.record(batch(2, {A: {at("11:30"): (2, 0)}}))
    assert done.close_lots()["ajustes"] == 0
    done.shut(done.boss, OP, A, at("12:00"))
    assert done.close_lots()["ajustes"] == 1


def test_p9_closings_and_signatures_cannot_change_even_by_the_owner(done):
    for table in ("fechamentos_lote", "fechamento_totais", "diarios_bordo", "perdas_qualidade", "contagens_manuais"):
        for statement in (f"delete from {table}", f"truncate {table} cascade"):
            with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
                done.sql(statement)
    with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
        done.sql("update fechamentos_lote set boas = 1")


def test_p7_a_number_told_to_totvs_walks_back_to_files_and_byte_ranges(done):
    with done.as_role("authenticated", done.boss):
        found = done.one("select rastrear(%s)", f"{OP}")
    (line,) = found["linhas"]
    (file,) = line["arquivos"]
    assert (file["byte_de"], file["byte_ate"], file["producao"]) == (100, 900, 15)
    assert found["fechamento"]["produzidas"] == file["producao"] * line["periodos"][0]["fator_producao"]
    assert [one["tipo"] for one in found["envios"]] == ["PRODUCAO", "STATUS"]
    assert [one["vale"] for one in found["diarios"]] == [True]


def test_p6_a_file_found_for_a_gap_is_announced_once_an_hour(db):
    with db.as_role("service_role"):
        assert [db.one("select anunciar_lacuna('contagens/x')") for _ in range(3)] == [True, False, False]
    db.sql("update lacunas_anunciadas set anunciada_em = now() - interval '61 minutes'")
    with db.as_role("service_role"):
        assert [db.one("select anunciar_lacuna('contagens/x')") for _ in range(2)] == [True, False]


# Read again -----------------------------------------------------------------------------------------------------------


def test_p10_counts_without_an_owner_count_once_when_the_line_has_one(plant):
    line = "SPEP-ENV-D"
    plant.lot("000200")
    plant.open(plant.boss, "000200", line, at("08:00"))
    file = batch(2, {line: {at("08:30"): (10, 1)}, A: {at("11:00"): (0, 1)}})
    plant.record(file)
    (row,) = plant.pending("QUARENTENA")
    plant.owner(line, "planta-1")
    reread = {**file, "reprocessar": row["detalhes"]["p_id"]}
    plant.record(reread)
    assert plant.totals()["000200", line] == (0, 0)
    plant.call(plant.boss, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="a linha agora tem dono")
    with plant.as_role("service_role"):
        (asked,) = plant.one("select quarentenas_a_reprocessar(10)")
        assert plant.one("select quarentenas_a_reprocessar(10)") == []
    assert (asked["chave"], asked["trecho"]) == (file["chave"], True)
    changed = json.loads(json.dumps(reread))
    changed["linhas"][0]["segundos"][0][1] = 11
    assert plant.record(changed)[0]["motivo"] == "REPROCESSO_DIVERGENTE"
    plant.call(plant.boss, "reprocessar_quarentena", p_id=row["detalhes"]["p_id"], p_motivo="a linha agora tem dono")
    for _ in range(2):
        plant.record(reread)
    assert plant.totals()["000200", line] == (10, 1)
    assert plant.balance(line)["quarentena"] == (0, 0)
    assert plant.pending("QUARENTENA") == []


def test_p10_a_piece_whose_file_was_not_readable_can_be_asked_for_again(plant):
    line = "SPEP-ENV-D"
    plant.lot("000200")
    plant.open(plant.boss, "000200", line, at("08:00"))
    file = batch(2, {line: {at("08:30"): (10, 1)}})
    plant.record(file)
    (row,) = plant.pending("QUARENTENA")
    number = row["detalhes"]["p_id"]
    plant.owner(line, "planta-1")
    again = {"p_id": number, "p_motivo": "a linha agora tem dono"}
    plant.call(plant.boss, "reprocessar_quarentena", **again)
    torn = {"motivo": "BATCH_TORN", "detalhe": "o arquivo acabou antes do fim"}
    broken_off = {**batch(2, rejeitado=torn, sha256=None), "chave": file["chave"], "reprocessar": number}
    assert plant.record(broken_off)[0]["motivo"] == "REPROCESSO_ILEGIVEL"
    (kept,) = plant.pending("QUARENTENA")
    assert kept["detalhes"]["p_id"] == number
    plant.call(plant.boss, "reprocessar_quarentena", **again)
    assert plant.situations({**file, "reprocessar": number}) == ["APLICADO"]
    assert plant.totals()["000200", line] == (10, 1)


def test_p4_an_order_annulled_meanwhile_keeps_no_other_lot_open(plant):
    """The round finds the lot to close, waits for its line, and the person who has the line annuls the order."""
    plant.lot("000300")
    plant.open(plant.boss, "000300", B, at("08:00"))
    plant.shut(plant.boss, "000300", B, at("10:00"))
    for line in (A, B):
        plant.mark(line, at("10:00"))
        plant.sign(plant.boss, line, DAY, "D1")
    person = psycopg.connect(plant.url)
    person.execute("select from linhas where linha_id = %s for update", (A,))
    answers = []
    closing = threading.Thread(target=lambda: answers.append(plant.close_lots()))
    closing.start()
    with psycopg.connect(plant.url, autocommit=True) as looking:
        waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        until(lambda: looking.execute(waits).fetchone()[0], "the round to wait for the line")
    person.execute("delete from periodos_ordem where numero_op = %s", (OP,))
    person.commit()
    person.close()
    closing.join()
    assert [answer["fechadas"] for answer in answers] == [["000300"]]
    assert plant.close_lots()["fechadas"] == []
    assert status(plant) != "CONCLUIDO"


# Partial reports ------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(plant):
    """An order that runs on line B, reported while it runs; nothing else does."""
    plant.mark(A, at("10:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    plant.close_lots()
    plant.sql("update envios_totvs set situacao = 'DESCARTADO'")
    plant.lot("000300")
    plant.open(plant.boss, "000300", B, at("08:00"))
    plant.sql("update parametros set valor = 1 where nome = 'PARCIAIS_SEGUNDOS'")
    return plant


def outbox(db):
    return db.sql("select * from envios_totvs where numero_op = '000300' order by ordem")


def tell(db, situation):
    """What the poster does with the head of the order's queue."""
    with db.as_role("service_role"):
        (head,) = [row for row in db.one("select campainhas_totvs(50, 0)") if row in {one["id"] for one in outbox(db)}]
        claim = db.one("select reivindicar_envio(%s, 'sino', 60, true)", head)
        conclusion = {"id_externo": claim["id_externo"], "lease": claim["lease"], "situacao": situation, "conta": False}
        db.one("select concluir_envio(%s, '[]')", json.dumps(conclusion))
    return claim["conteudo"]


def later(db):
    db.connection.execute("select pg_sleep(1.05)")
    return db.close_lots()


def end(db):
    db.shut(db.boss, "000300", B, at("10:00"))
    db.mark(B, at("10:00"))
    db.sign(db.boss, B, DAY, "D1")
    assert db.close_lots()["fechadas"] == ["000300"]


def test_p5_the_closing_tells_what_partial_reports_have_not_by_kind(running):
    running.record(batch(2, {B: {at("08:30"): (10, 1)}}))
    assert running.close_lots()["parciais"] == 1
    first = tell(running, "CONFIRMADO")
    assert (first["parcial"], first["boas"], first["contador_inicial"], first["contador_final"]) == (True, 9, 0, 10)
    running.record(batch(3, {B: {at("09:00"): (5, 0)}}))
    assert later(running)["parciais"] == 1
    assert tell(running, "CONFIRMADO")["boas"] == 5
    assert later(running)["parciais"] == 0, "nothing new, nothing told"
    running.record(batch(4, {B: {at("09:30"): (4, 2)}}))
    running.sql("update parametros set valor = 0 where nome = 'PARCIAIS_SEGUNDOS'")
    end(running)
    closing = tell(running, "CONFIRMADO")
    assert (closing["parcial"], closing["boas"], closing["refugo"]) == (False, 2, 2)
    assert (closing["contador_inicial"], closing["contador_final"]) == (15, 19)
    told = [row["conteudo"] for row in outbox(running) if row["tipo"] in ("PARCIAL", "PRODUCAO")]
    frozen = closed(running, "000300")
    assert sum(one["boas"] for one in told) == frozen["boas"] == 16
    assert sum(one["refugo"] for one in told) == frozen["refugo"] == 3


def test_p5_no_partial_and_no_closing_report_goes_while_one_is_in_doubt(running):
    running.record(batch(2, {B: {at("08:30"): (10, 0)}}))
    running.close_lots()
    tell(running, "INCERTO")
    running.record(batch(3, {B: {at("09:00"): (5, 0)}}))
    assert later(running)["parciais"] == 0
    end(running)
    assert [row["situacao"] for row in outbox(running)] == ["INCERTO", "PENDENTE", "PENDENTE"]
    with running.as_role("service_role"):
        assert running.one("select campainhas_totvs(50, 0)") == []
    doubt = outbox(running)[0]["id"]
    running.call(
        running.manager, "decidir_envio", p_id=doubt, p_decisao="DESCARTAR", p_motivo="não entrou; vai no total"
    )
    assert tell(running, "CONFIRMADO")["boas"] == 15


def test_p5_partial_reports_of_re_dated_units_come_back_as_a_reversal(running):
    running.record(batch(2, {B: {at("08:30"): (10, 0), at("09:30"): (7, 1)}}))
    running.close_lots()
    assert tell(running, "CONFIRMADO")["boas"] == 16
    running.sql("update parametros set valor = 0 where nome = 'PARCIAIS_SEGUNDOS'")
    running.shut(running.boss, "000300", B, at("09:00"))
    running.call(
        running.boss, "justificar_sem_ordem", p_linha_id=B, p_de=at("09:30"), p_ate=at("09:31"), p_motivo="outro lote"
    )
    running.mark(B, at("10:00"))
    running.sign(running.boss, B, DAY, "D1")
    running.close_lots()
    assert tell(running, "CONFIRMADO")["boas"] == 0
    back = [row["conteudo"] for row in outbox(running) if row["tipo"] == "ESTORNO"]
    assert [(one["boas"], one["refugos"]) for one in back] == [(6, [{"codigo": "MAQUINA", "quantidade": 1}])]


def test_p4_only_one_closing_runs_at_a_time(plant):
    with psycopg.connect(plant.url) as other:
        other.execute("select fechar_lotes()")
        with plant.as_role("service_role"):
            assert plant.one("select fechar_lotes()") == {"em_andamento": True}
