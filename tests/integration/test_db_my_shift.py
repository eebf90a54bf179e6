"""The page a supervisor signs from: each line's sheet, confirming, returning, and what a signature covers."""

from typing import Any

import psycopg
import pytest

from local.stack.database import Database, batch, span
from tests.support.plant_time import at
from tests.support.refusals import code

A = "SPEP-ENV-A"
B = "SPEP-ENV-B"
HAND = "SPEP-EMB-EST02"
OP = "000123"
DAY = "2026-03-15"
D1 = {"p_data": DAY, "p_turno": "D1"}
CREW = ["Ana Lima", "Bruno Sá"]


@pytest.fixture
def plant(db: Database) -> Database:
    """Line A counted by a gateway; one order ran on it from 08:00 to 10:00 of D1, with one stop of 88 minutes."""
    db.gateway("planta-1", A, B)
    db.lot(OP)
    db.boss = db.person("SUPERVISOR", "SPEP")
    db.open(db.boss, OP, A, at("08:00"))
    db.record(batch(1, {A: {at("08:30"): (10, 1), at("09:59"): (5, 2)}}))
    db.shut(db.boss, OP, A, at("10:00"))
    return db


def shift(db: Database, turno: str = "D1", day: str = DAY, sector: str = "SPEP") -> dict[str, Any]:
    return db.call(db.boss, "meu_turno", p_setor=sector, p_data=day, p_turno=turno)


def row(db: Database, line: str = A, turno: str = "D1", day: str = DAY) -> dict[str, Any]:
    found: list[dict[str, Any]] = shift(db, turno, day)["linhas"]
    return next(one for one in found if one["linha_id"] == line)


def confirm(db: Database, user: str, line: str = A, **more: Any) -> dict[str, Any]:
    return db.call(user, "confirmar_turno", p_linha_id=line, **{**D1, "p_equipe": CREW, **more})


def give_back(db: Database, line: str = A, why: str = "falta o refugo das 9 h") -> dict[str, Any]:
    return db.call(db.boss, "devolver_diario", p_linha_id=line, **D1, p_motivo=why)


def holds(db: Database, signed: dict[str, Any]) -> bool:
    return bool(db.one("select verificar_assinatura(%s)", signed["id"]))


# The page -------------------------------------------------------------------------------------------------------------


def test_p7_the_page_says_of_each_line_what_was_made_lost_and_stood_still(plant: Database) -> None:
    plant.call(plant.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=4, p_tipo="RETEM")
    page = shift(plant)
    assert (page["turno"], page["turnos"], page["inicio"]) == ("D1", ["D1", "D2"], "2026-03-15T09:00:00+00:00")
    assert (page["anterior"], page["seguinte"]) == (
        {"data": "2026-03-14", "turno": "N1"}, {"data": DAY, "turno": "N1"}
    )  # fmt: skip
    assert page["pode"] == {"confirmar_turno": True, "devolver_diario": True, "assinar_diario": True}
    assert len(page["linhas"]) == 20
    assert page["linhas"][0]["linha_id"] == A
    line = row(plant)
    (order,) = line["ordens"]
    assert {key: order[key] for key in ("numero_op", "numero_lote", "produto_codigo", "inicial", "final")} == {
        "numero_op": OP, "numero_lote": "26C000123A", "produto_codigo": "07010012", "inicial": 0, "final": 15
    }  # fmt: skip
    assert (order["producao_maquina"], order["producao"], order["boas"]) == (15, 120, 113)
    assert (order["refugo"], order["outras"]) == ({"MAQUINA": 3}, {"RETEM": 4})
    assert (order["de"], order["ate"]) == ("2026-03-15T11:00:00+00:00", "2026-03-15T13:00:00+00:00")
    assert [(stop["minutos"], stop["codigo"]) for stop in line["paradas"]] == [(150, None), (88, None), (480, None)]
    assert (line["confirmacao"], line["devolucoes"], line["assinatura"], line["motivos"]) == (None, [], None, [])
    assert [one["codigo"] for one in line["avisos"]] == ["FONTE_ATRASADA"]
    assert [one["codigo"] for one in row(plant, B)["motivos"]] == ["NADA_A_ASSINAR"]


def test_golden_a07_the_next_shifts_counter_begins_where_the_last_ended(plant: Database) -> None:
    """25A0002A of the plant's own sheet: 0 to 12,932 in D1, 12,932 to 32,400 in N1, in the machine's counts."""
    plant.lot("25A0002A")
    plant.sql("update linhas set maximo_por_segundo = null")
    plant.open(plant.boss, "25A0002A", B, at("15:32") + 30)
    plant.record(
        batch(2, {B: {at("15:32") + 29: (9, 0), at("15:32") + 30: (12_000, 0), at("17:59") + 59: (932, 0)}}),
        batch(3, {B: {at("18:00"): (19_000, 0), at("23:44") + 59: (468, 0), at("23:45"): (1, 0)}}),
    )
    plant.shut(plant.boss, "25A0002A", B, at("23:45"))
    for turno, expected in (("D1", (0, 12_932, 12_932)), ("N1", (12_932, 32_400, 19_468))):
        (order,) = row(plant, B, turno)["ordens"]
        assert (order["inicial"], order["final"], order["producao_maquina"]) == expected


def test_a_line_counted_by_hand_shows_units_and_no_stops(plant: Database) -> None:
    plant.owner(HAND, "manual")
    plant.open(plant.boss, OP, HAND, at("14:00"))
    plant.shut(plant.boss, OP, HAND, at("20:00"))
    typed = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY}
    plant.call(plant.boss, "registrar_contagem_manual", **typed, p_turno="D1", p_producao=300)
    plant.call(plant.boss, "registrar_contagem_manual", **typed, p_turno="N1", p_producao=200, p_rejeicao=20)
    line = row(plant, HAND, "N1")
    (order,) = line["ordens"]
    assert (order["inicial"], order["final"], order["producao"], order["boas"]) == (300, 500, 200, 180)
    assert (line["paradas"], line["avisos"]) == ([], [])


def test_p2_counts_cut_by_an_orders_end_are_attributed_to_the_second(plant: Database) -> None:
    """Whole minutes are taken as sums, the two an order cuts second by second."""
    plant.lot("000124")
    plant.sql("update linhas set maximo_por_segundo = null")
    begun, ended = at("12:00") + 17, at("12:03") + 41
    plant.open(plant.boss, "000124", B, begun)
    counts = {second: (second - begun + 7, 1) for second in range(begun - 5, ended + 5)}
    plant.record(batch(2, {B: counts}))
    plant.shut(plant.boss, "000124", B, ended)
    (order,) = row(plant, B)["ordens"]
    inside = [pair for second, pair in counts.items() if begun <= second < ended]
    assert (order["producao_maquina"], order["rejeicao"]) == (sum(p for p, _ in inside), len(inside))
    assert order["producao"] == order["producao_maquina"]


def test_without_a_shift_the_page_shows_the_one_of_an_hour_ago(plant: Database) -> None:
    page = plant.call(plant.boss, "meu_turno", p_setor="SPEP")
    covers = "select %s::timestamptz <= now() - interval '1 hour' and now() - interval '1 hour' < %s::timestamptz"
    assert plant.one(covers, page["inicio"], page["fim"])
    assert page["turno"] in ("D1", "N1")
    other = {"D1": "D2", "N1": "N2"}[page["turno"]]
    confirm(plant, plant.boss, p_data=page["data"], p_turno=other)
    assert plant.call(plant.boss, "meu_turno", p_setor="SPEP")["turno"] == other
    assert plant.call(plant.boss, "meu_turno", p_setor="SPPV")["turno"] == page["turno"]


@pytest.mark.parametrize(
    ("day", "turno", "refused"), [(DAY, "X9", "TURNO_INVALIDO"), ("2999-01-01", "D1", "INSTANTE_FUTURO")]
)
def test_a_shift_that_is_none_or_has_not_begun_is_refused(plant: Database, day: str, turno: str, refused: str) -> None:
    assert code(lambda: shift(plant, turno, day)) == ("PT422", refused)


# Confirming -----------------------------------------------------------------------------------------------------------


def test_p7_a_confirmation_is_part_of_what_is_signed_with_its_crew(plant: Database) -> None:
    operator = plant.person("OPERADOR", "SPEP")
    confirmed = confirm(plant, operator, p_equipe=["  Ana   Lima ", "", "Bruno Sá"], p_observacao=" ")
    assert (confirmed["equipe"], confirmed["observacao"], confirmed["papel"]) == (CREW, None, "OPERADOR")
    seen = row(plant)["confirmacao"]
    assert (seen["id"], seen["nome"], seen["mudou"]) == (confirmed["id"], "Maria das Dores (OPERADOR)", False)
    signed = plant.sign(plant.boss, A, DAY, "D1")
    content = plant.one("select conteudo from diarios_bordo where id = %s", signed["id"])
    assert content["confirmacao"]["equipe"] == CREW
    assert content["devolucoes"] == []
    assert [stop["minutos"] for stop in content["paradas"]] == [150, 88, 480]
    assert holds(plant, signed)
    (trail,) = plant.sql("select * from trilha_auditoria where acao = 'confirmar_turno'")
    assert (trail["papel"], trail["objeto"]) == ("OPERADOR", f"confirmacoes_turno:{confirmed['id']}")
    assert str(trail["usuario_id"]) == operator


def test_p11_a_shift_signed_without_a_confirmation_says_so(plant: Database) -> None:
    signed = plant.sign(plant.boss, A, DAY, "D1")
    content = plant.one("select conteudo from diarios_bordo where id = %s", signed["id"])
    assert "confirmacao" in content
    assert content["confirmacao"] is None


def test_p4_neither_confirming_nor_returning_changes_what_is_signed(plant: Database) -> None:
    signed = plant.sign(plant.boss, A, DAY, "D1")
    assert code(lambda: confirm(plant, plant.boss)) == ("PT409", "JA_ASSINADO")
    assert code(lambda: give_back(plant)) == ("PT409", "JA_ASSINADO")
    assert holds(plant, signed)
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    confirm(plant, plant.boss)
    again = plant.sign(plant.boss, A, DAY, "D1", "contagem atrasada conferida")
    assert holds(plant, again)
    assert row(plant)["assinatura"]["vale"] is True


def test_p11_what_changed_after_the_confirmation_is_shown(plant: Database) -> None:
    confirm(plant, plant.boss)
    plant.call(plant.boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=4, p_tipo="RETEM")
    assert row(plant)["confirmacao"]["mudou"] is True
    confirm(plant, plant.boss)
    assert row(plant)["confirmacao"]["mudou"] is False
    assert plant.one("select count(*) from confirmacoes_turno") == 2


@pytest.mark.parametrize("crew", [[], [" "], ["Jo"], ["x" * 81], [f"Nome {n}" for n in range(21)], None])
def test_a_crew_is_one_to_twenty_names(plant: Database, crew: list[str] | None) -> None:
    assert code(lambda: confirm(plant, plant.boss, p_equipe=crew)) == ("PT422", "EQUIPE_INVALIDA")


def test_p9_who_may_confirm_and_who_may_return(plant: Database) -> None:
    operator = plant.person("OPERADOR", "SPEP")
    back = {"p_linha_id": A, **D1, "p_motivo": "falta o refugo"}
    assert code(lambda: plant.call(operator, "devolver_diario", **back)) == ("PT403", "SEM_PERMISSAO")
    asked = {"p_setor": "SPEP", **D1}
    allowed = {"confirmar_turno": True, "devolver_diario": False, "assinar_diario": False}
    assert plant.call(operator, "meu_turno", **asked)["pode"] == allowed
    assert set(plant.call(operator, "meu_turno", **{**asked, "p_setor": "SPPV"})["pode"].values()) == {False}
    for stranger in (plant.person("OPERADOR", "SPPV"), plant.person("QUALIDADE", "SPEP")):
        assert code(lambda who=stranger: confirm(plant, who)) == ("PT403", "SEM_PERMISSAO")
    plant.sql("delete from pessoas where usuario_id = %s", operator)
    assert code(lambda: confirm(plant, operator)) == ("PT403", "SEM_NOME")


# Returning ------------------------------------------------------------------------------------------------------------


def test_p10_a_returned_shift_is_signed_only_after_it_is_confirmed_again(plant: Database) -> None:
    operator = plant.person("OPERADOR", "SPEP")
    first = confirm(plant, operator)
    returned = give_back(plant)
    assert returned["confirmacao_id"] == first["id"]
    (reason,) = row(plant)["motivos"]
    assert reason["codigo"] == "DIARIO_DEVOLVIDO"
    assert "falta o refugo das 9 h" in reason["detalhe"]
    assert code(lambda: plant.sign(plant.boss, A, DAY, "D1")) == ("PT409", "DIARIO_INCOMPLETO")
    assert code(lambda: give_back(plant)) == ("PT409", "JA_DEVOLVIDO")
    confirm(plant, operator, p_observacao="refugo digitado")
    signed = plant.sign(plant.boss, A, DAY, "D1")
    content = plant.one("select conteudo from diarios_bordo where id = %s", signed["id"])
    assert [one["motivo"] for one in content["devolucoes"]] == ["falta o refugo das 9 h"]
    assert content["confirmacao"]["observacao"] == "refugo digitado"
    assert holds(plant, signed)


def test_p10_a_shift_nobody_confirmed_can_be_returned_and_returned_again(plant: Database) -> None:
    assert give_back(plant)["confirmacao_id"] is None
    confirm(plant, plant.boss)
    assert row(plant)["motivos"] == []
    give_back(plant, why="ainda falta o refugo")
    assert [one["codigo"] for one in row(plant)["motivos"]] == ["DIARIO_DEVOLVIDO"]
    assert len(row(plant)["devolucoes"]) == 2


def test_p10_the_closing_names_the_confirmation_a_returned_shift_waits_for(plant: Database) -> None:
    give_back(plant)
    plant.mark(A, at("10:00"))
    plant.close_lots()
    assert plant.missing(OP) == ["DIARIO_DEVOLVIDO"]
    (matter,) = [one for one in plant.pending("FECHAMENTO") if one["funcao"] == "confirmar_turno"]
    assert (matter["detalhes"]["p_linha_id"], matter["detalhes"]["p_turno"]) == (A, "D1")
    confirm(plant, plant.boss)
    plant.sign(plant.boss, A, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP]


# Signatures -----------------------------------------------------------------------------------------------------------


def test_p4_a_signature_from_before_confirmations_were_kept_still_holds(plant: Database) -> None:
    """Its content has no such keys, and its hash is over what it has."""
    signed = plant.sign(plant.boss, A, DAY, "D1")
    plant.sql("alter table diarios_bordo disable trigger user")
    plant.sql("update diarios_bordo set conteudo = conteudo - '{confirmacao,devolucoes,paradas}'::text[]")
    assert holds(plant, signed) is False
    plant.sql("update diarios_bordo as d set sha256 = interno.sha_diario(d, d.conteudo)")
    assert holds(plant, signed) is True
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    assert holds(plant, signed) is False


def test_p11_a_sheet_that_changed_while_it_was_read_is_not_signed(plant: Database) -> None:
    sheet = {"p_linha_id": A, **D1}
    seen = row(plant)["conteudo_sha256"]
    assert plant.call(plant.boss, "verificar_diario", **sheet)["conteudo_sha256"] == seen
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    assert code(lambda: plant.call(plant.boss, "assinar_diario", **sheet, p_visto=seen)) == ("PT409", "DIARIO_MUDOU")
    seen = row(plant)["conteudo_sha256"]
    confirm(plant, plant.boss)
    assert code(lambda: plant.call(plant.boss, "assinar_diario", **sheet, p_visto=seen)) == ("PT409", "DIARIO_MUDOU")
    signed = plant.call(plant.boss, "assinar_diario", **sheet, p_visto=row(plant)["conteudo_sha256"])
    assert holds(plant, signed)


@pytest.mark.parametrize("reported", [True, False])
def test_p11_a_shift_that_just_ended_waits_for_its_sources(plant: Database, reported: bool) -> None:
    """For so long that this one has just ended; then what has not reported is named by the signature's answer."""
    wait = "update parametros set valor = %s, maximo = 2000000000 where nome = 'ASSINAR_ESPERA_SEGUNDOS'"
    plant.sql(wait, 2_000_000_000)
    plant.mark(A, at("17:59"))
    with pytest.raises(psycopg.Error) as caught:
        plant.sign(plant.boss, A, DAY, "D1")
    assert (caught.value.sqlstate, caught.value.diag.message_primary) == ("PT409", "ESPERA_FONTES")
    assert f"reportou a linha {A} até 15/03/2026 17:59:00" in (caught.value.diag.message_detail or "")
    assert plant.sql("select * from diarios_bordo") == []
    if reported:
        plant.mark(A, at("18:00"))
    else:
        plant.sql(wait, 600)
    warned = [one["codigo"] for one in plant.sign(plant.boss, A, DAY, "D1")["avisos"]]
    assert warned == ([] if reported else ["FONTE_ATRASADA"])


@pytest.mark.parametrize(
    "change", ["jsonb_set(conteudo, '{paradas,0,codigo}', '\"P1.8\"')", "conteudo || '{\"confirmacao\": {}}'"]
)
def test_p7_a_signed_record_altered_in_the_table_does_not_hold(plant: Database, change: str) -> None:
    signed = plant.sign(plant.boss, A, DAY, "D1")
    plant.sql("alter table diarios_bordo disable trigger user")
    plant.sql(f"update diarios_bordo set conteudo = {change}")
    assert holds(plant, signed) is False


def test_p4_stops_are_shown_as_they_were_signed(plant: Database) -> None:
    """A count that spans time and comes later says that the machine ran in between; it was no part of the shift."""
    signed = plant.sign(plant.boss, A, DAY, "D1")
    plant.record(batch(2, spans=[span(A, at("17:00"), at("18:30"), 1)]))
    assert holds(plant, signed)
    assert [stop["minutos"] for stop in row(plant)["paradas"]] == [150, 88, 480]
    seen = plant.call(plant.boss, "verificar_diario", p_linha_id=A, **D1)
    assert [stop["minutos"] for stop in seen["paradas"]] == [150, 88, 420]
