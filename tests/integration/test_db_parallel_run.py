"""Before a line's orders are reported it runs beside the plant's hand counts: figures typed and compared, nothing sent
to TOTVS, two approvals by two people to begin, and whose an order is that lies across a switch."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local.stack.database import Database, batch, iso
from local.stack.migrated import Cluster
from tests.support.ended_order import DAY, OP, one_order_ended, signed_and_closed
from tests.support.ended_order import LINE as A
from tests.support.plant_time import at
from tests.support.refusals import code

B, PACKING = "SPEP-ENV-B", "SPEP-EMB-EST02"
WHY = "as contagens conferem há duas semanas"


class Plant(Database):
    """A database with somebody of each of the two areas."""

    ti = quality = ""


@pytest.fixture
def plant(cluster: Cluster) -> Iterator[Plant]:
    """Every line in parallel run; on line A one order has ended: 120 units, 3 refused."""
    with cluster.fresh() as url:
        db = Plant(url)
        db.sql("delete from apontamentos_linha")
        one_order_ended(db)
        db.ti, db.quality = db.person("ADMIN"), db.person("QUALIDADE", "SPEP")
        yield db
        db.close()


def refused(call: Callable[[], object]) -> str | None:
    return code(call)[1]


def approve(db: Plant, area: str, line: str = A, since: int | None = None, why: str = WHY) -> dict[str, Any]:
    person = {"ti": db.ti, "qualidade": db.quality}[area]
    return db.call(person, f"aprovar_apontamento_{area}", p_linha_id=line, p_desde=since and iso(since), p_motivo=why)


def switch_on(db: Plant, line: str = A, since: int | None = None) -> None:
    approve(db, "ti", line, since)
    assert approve(db, "qualidade", line, since)["situacao"] == "APONTADA"


def suspend(db: Plant, line: str = A, until: int | None = None) -> dict[str, Any]:
    return db.call(db.quality, "suspender_apontamento", p_linha_id=line, p_ate=until, p_motivo="contagem em dúvida")


def reports(db: Database, op: str = OP) -> list[str]:
    return [row["tipo"] for row in db.sql("select tipo from envios_totvs where numero_op = %s order by ordem", op)]


def reported(db: Database, op: str = OP) -> bool:
    return bool(db.one("select informado from fechamentos_lote where numero_op = %s", op))


def run_order(db: Database, op: str, line: str, begun: int, ended: int, seq: int = 2) -> None:
    """An order that made ten in its first second, and ended."""
    db.lot(op)
    db.open(db.boss, op, line, begun)
    db.record(batch(seq, {line: {begun: (10, 0)}}))
    db.shut(db.boss, op, line, ended)


# Figures typed and compared -------------------------------------------------------------------------------------------


def type_in(db: Database, made: int, refused: int = 0, why: str | None = None, op: str = OP, line: str = A) -> Any:
    return db.call(
        db.boss, "registrar_conferencia", p_numero_op=op, p_linha_id=line, p_data=DAY, p_turno="D1", p_produzidas=made,
        p_refugadas=refused, p_motivo=why,
    )  # fmt: skip


def compared(db: Database, first: str = DAY, last: str = DAY, line: str | None = None) -> list[dict[str, Any]]:
    with db.as_role("authenticated", db.boss):
        return db.sql("select * from diferencas_conferencia(%s, %s, %s)", first, last, line)


def test_p10_ours_and_the_plants_figures_are_compared_per_shift(plant: Plant) -> None:
    typed = type_in(plant, 125, 4)
    (row,) = compared(plant)
    assert (row["linha_id"], row["data"], row["turnos"], row["numero_op"]) == (A, date(2026, 3, 15), ["D1", "D2"], OP)
    assert (row["numero_lote"], row["produto_codigo"]) == (f"26C{OP}A", "07010012")
    assert (row["produzidas"], row["digitadas"], row["diferenca"]) == (120, 125, -5)
    assert (row["refugo"], row["refugo_digitado"], row["diferenca_refugo"]) == (3, 4, -1)
    assert (row["percentual"], row["percentual_refugo"]) == (Decimal("-4.00"), Decimal("-25.00"))
    assert (str(row["digitado_por"]), row["digitado_em"].isoformat()) == (
        plant.boss, datetime.fromisoformat(typed["registrada_em"]).isoformat()
    )  # fmt: skip


def test_p10_what_only_one_side_has_is_a_row_with_the_other_side_empty(plant: Plant) -> None:
    plant.lot("000999")
    type_in(plant, 40, op="000999", line=B)
    ours, theirs = compared(plant)
    assert (ours["numero_op"], ours["produzidas"], ours["digitadas"], ours["diferenca"]) == (OP, 120, None, 120)
    assert (ours["percentual"], ours["refugo_digitado"], ours["digitado_por"]) == (None, None, None)
    assert (theirs["numero_op"], theirs["produzidas"], theirs["digitadas"], theirs["diferenca"]) == (
        "000999", None, 40, -40
    )  # fmt: skip
    assert (theirs["refugo"], theirs["percentual"]) == (None, Decimal("-100.00"))


def test_p10_ours_is_what_the_closing_freezes(plant: Plant) -> None:
    """Also with refused units under a rule that takes the typed ones."""
    plant.sql("update linhas set regra_refugo = 'DIGITADO' where linha_id = %s", A)
    refused = {"p_numero_op": OP, "p_linha_id": A, "p_quantidade": 7, "p_codigo": "R1", "p_em": at("09:00")}
    plant.call(plant.boss, "registrar_refugo", **refused)
    (row,) = compared(plant)
    signed_and_closed(plant)
    (frozen,) = plant.sql("select produzidas, refugo from fechamentos_lote")
    assert (row["produzidas"], row["refugo"]) == (frozen["produzidas"], frozen["refugo"]) == (120, 7)


def test_p10_a_correction_demands_a_reason_and_keeps_the_earlier_figure(plant: Plant) -> None:
    first = type_in(plant, 125)
    assert type_in(plant, 125)["id"] == first["id"]
    assert refused(lambda: type_in(plant, 120)) == "MOTIVO_OBRIGATORIO"
    type_in(plant, 120, 3, "contado outra vez")
    rows = plant.sql("select produzidas, refugadas, motivo from conferencia_manual order by id")
    assert [tuple(row.values()) for row in rows] == [(125, 0, None), (120, 3, "contado outra vez")]
    assert [row["digitadas"] for row in compared(plant)] == [120]
    trail = plant.sql("select antes, depois, motivo from trilha_auditoria where acao = 'registrar_conferencia'")
    assert [(row["antes"] or {}).get("produzidas") for row in trail] == [None, 125]
    assert (trail[1]["depois"]["produzidas"], trail[1]["motivo"]) == (120, "contado outra vez")
    assert refused(lambda: type_in(plant, 125)) == "MOTIVO_OBRIGATORIO"
    with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
        plant.sql("update conferencia_manual set produzidas = 1")


def test_p1_typed_figures_enter_no_total_and_break_no_signature(plant: Plant) -> None:
    plant.mark(A, at("10:00"))
    signed = plant.sign(plant.boss, A, DAY, "D1")
    before, balance = plant.totals(), plant.balance(A)
    type_in(plant, 99_999, 9)
    assert (plant.totals(), plant.balance(A)) == (before, balance)
    assert plant.one("select verificar_assinatura(%s)", signed["id"]) is True
    assert plant.close_lots()["fechadas"] == [OP]
    assert plant.one("select produzidas from fechamentos_lote") == 120


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"p_produzidas": -1}, "QUANTIDADE_INVALIDA"),
        ({"p_produzidas": 10_000_001}, "QUANTIDADE_INVALIDA"),
        ({"p_produzidas": None}, "QUANTIDADE_INVALIDA"),
        ({"p_refugadas": 101}, "QUANTIDADE_INVALIDA"),
        ({"p_refugadas": None}, "QUANTIDADE_INVALIDA"),
        ({"p_turno": "X9"}, "TURNO_INVALIDO"),
        ({"p_data": "2100-01-01"}, "INSTANTE_FUTURO"),
        ({"p_numero_op": "000998"}, "OP_DESCONHECIDA"),
        ({"p_motivo": "x" * 2001}, "TEXTO_LONGO"),
    ],
)
def test_p8_a_typed_figure_that_cannot_be_is_refused(plant: Plant, change: dict[str, Any], expected: str) -> None:
    given = {"p_numero_op": OP, "p_linha_id": A, "p_data": DAY, "p_turno": "D1", "p_produzidas": 100, "p_refugadas": 1}
    assert refused(lambda: plant.call(plant.boss, "registrar_conferencia", **{**given, **change})) == expected
    assert plant.sql("select * from conferencia_manual") == []


def test_p9_figures_are_typed_by_people_of_the_lines_sector(plant: Plant) -> None:
    plant.boss = plant.person("OPERADOR", "SPPV")
    assert refused(lambda: type_in(plant, 100)) == "SEM_PERMISSAO"
    plant.boss = plant.person("OPERADOR", "SPEP")
    assert type_in(plant, 100)["usuario_id"] == plant.boss


def test_p4_the_hours_of_a_shift_stay_once_a_figure_is_typed(db: Database) -> None:
    """Else the figure would be of no shift, and of no comparison."""
    db.boss, manager = db.person("OPERADOR"), db.person("GESTOR")
    db.lot(OP)
    hours = {"p_turno": "D1", "p_inicio": "07:00", "p_fim": "18:00", "p_motivo": "mudança de horário"}
    type_in(db, 5)
    assert refused(lambda: db.call(manager, "definir_turno", **hours)) == "TURNO_EM_USO"


def test_p10_a_reported_line_is_compared_where_somebody_typed(plant: Plant) -> None:
    switch_on(plant, A, at("06:00"))
    assert compared(plant) == []
    type_in(plant, 120, 3)
    (row,) = compared(plant)
    assert (row["diferenca"], row["percentual"], row["diferenca_refugo"]) == (0, Decimal("0.00"), 0)


def test_p10_a_shift_in_which_the_line_was_switched_on_is_compared(plant: Plant) -> None:
    switch_on(plant, A, at("06:00") + 1)
    assert [row["numero_op"] for row in compared(plant)] == [OP]


def test_p6_a_comparison_has_a_window_and_a_page(plant: Plant) -> None:
    assert refused(lambda: compared(plant, DAY, "2026-04-16")) == "JANELA_GRANDE"
    assert [row["numero_op"] for row in compared(plant, DAY, "2026-04-15")] == [OP]
    assert [row["numero_op"] for row in compared(plant, DAY, "2027-03-16", A)] == [OP]
    assert compared(plant, DAY, DAY, B) == []
    assert refused(lambda: compared(plant, DAY, "2027-03-17", A)) == "JANELA_GRANDE"
    with plant.as_role("authenticated", plant.boss), pytest.raises(psycopg.Error, match="INTERVALO_INVALIDO"):
        plant.sql("select * from diferencas_conferencia(null, null)")
    many = [f"1{n:05}" for n in range(1000)]
    plant.lot(*many)
    plant.sql(
        "insert into conferencia_manual (numero_op, linha_id, data, turno, janela, produzidas, refugadas, usuario_id)"
        " select o, %s, %s, 'D1', interno.janela_turno(%s, 'D1'), 1, 0, gen_random_uuid() from unnest(%s::text[]) as o",
        A, DAY, DAY, many,
    )  # fmt: skip
    assert refused(lambda: compared(plant)) == "JANELA_GRANDE"


# Nothing is sent ------------------------------------------------------------------------------------------------------


def test_p5_a_lot_of_a_line_in_parallel_run_closes_and_tells_nothing(plant: Plant) -> None:
    signed_and_closed(plant)
    assert plant.one("select status from lotes_producao where numero_op = %s", OP) == "CONCLUIDO"
    (row,) = plant.sql("select produzidas, refugo, boas, informado from fechamentos_lote")
    assert tuple(row.values()) == (120, 3, 117, False)
    assert reports(plant) == []


def test_p5_what_changes_after_such_a_closing_is_decided_and_not_told(plant: Plant) -> None:
    signed_and_closed(plant)
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    plant.close_lots()
    (row,) = plant.pending("AJUSTE")
    assert row["descricao"].endswith(" Não informado: linha em conferência.")
    switch_on(plant, A, at("06:00"))
    plant.sign(plant.boss, A, DAY, "D1", "lote atrasado")
    plant.call(plant.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="lote atrasado")
    assert plant.one("select situacao from ajustes_fechamento") == "APROVADO"
    assert reports(plant) == []


def test_p5_no_partial_report_of_a_line_in_parallel_run(plant: Plant) -> None:
    plant.sql("update parametros set valor = 60 where nome = 'PARCIAIS_SEGUNDOS'")
    plant.close_lots()
    assert reports(plant) == []
    switch_on(plant, A, at("06:00"))
    plant.close_lots()
    assert reports(plant) == ["PARCIAL"]


def test_p4_a_lot_closed_with_something_missing_is_not_told_either(plant: Plant) -> None:
    plant.sign(plant.boss, A, DAY, "D1")
    plant.call(plant.boss, "fechar_com_ressalva", p_numero_op=OP, p_motivo="o gateway foi trocado")
    assert (reported(plant), reports(plant)) == (False, [])


def test_p5_an_order_is_told_if_it_began_on_its_line_from_the_switch_on(plant: Plant) -> None:
    switch_on(plant, A, at("10:30"))
    for seq, op, begun in ((2, "000201", at("10:29:59")), (3, "000202", at("10:30:59"))):
        run_order(plant, op, A, begun, begun + 60, seq)
    plant.mark(A, at("12:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP, "000201", "000202"]
    assert [reported(plant, op) for op in (OP, "000201", "000202")] == [False, False, True]
    assert [reports(plant, op) for op in (OP, "000201", "000202")] == [[], [], ["PRODUCAO", "STATUS"]]


def begun(db: Database, *places: tuple[str, str]) -> bool:
    """Whether an order that was open on these lines from these times of day is reported."""
    db.lot("000300")
    for line, clock in places:
        db.sql(
            "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
            " values ('000300', %s, tstzrange(%s, %s), 1, 1)",
            line, iso(at(clock)), iso(at(clock) + 60),
        )  # fmt: skip
    return bool(db.one("select interno.op_apontada('000300')"))


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([(A, "12:00")], True),
        ([(A, "11:59")], False),
        ([(A, "11:59"), (A, "12:30")], False),
        ([(B, "12:00")], False),
        ([(A, "12:00"), (B, "12:30")], False),
        ([(A, "12:00"), (PACKING, "12:30")], True),
        ([(PACKING, "12:30")], False),
        ([], False),
    ],
    ids=["on it", "before", "begun before", "another line", "one of two lines", "packing beside", "packing", "nowhere"],
)
def test_p5_every_line_of_the_reported_stage_must_be_switched_on(
    plant: Plant, places: list[tuple[str, str]], told: bool
) -> None:
    switch_on(plant, A, at("12:00"))
    assert begun(plant, *places) is told


def test_p5_an_order_of_packing_lines_alone_is_judged_by_them(plant: Plant) -> None:
    switch_on(plant, PACKING, at("12:00"))
    assert begun(plant, (PACKING, "12:30")) is True


# Two approvals --------------------------------------------------------------------------------------------------------


def test_p4_a_new_line_begins_in_parallel_run(plant: Plant) -> None:
    plant.call(
        plant.manager, "definir_linha", p_linha_id="SPEP-ENV-J", p_nome="Linha J", p_setor="SPEP", p_etapa="ENVASE",
        p_marca_clp=None, p_ativa=True, p_maximo_por_segundo=100, p_regra_refugo="MAQUINA", p_motivo="linha nova",
    )  # fmt: skip
    assert plant.one("select interno.linha_apontada('SPEP-ENV-J', now())") is False


@pytest.mark.parametrize(("first", "second"), [("ti", "qualidade"), ("qualidade", "ti")])
def test_p10_the_first_approval_waits_for_the_other_area(plant: Plant, first: str, second: str) -> None:
    answer = approve(plant, first)
    assert (answer["situacao"], answer["falta"]) == ("AGUARDA", f"aprovar_apontamento_{second}")
    (row,) = plant.pending("APONTAMENTO_LINHA")
    decides = {"ti": "ADMIN", "qualidade": "QUALIDADE"}[second]
    assert (row["linha_id"], row["setor"], row["funcao"], row["quem_decide"]) == (A, "SPEP", answer["falta"], decides)
    assert WHY in row["descricao"]
    assert plant.one("select interno.linha_apontada(%s, now())", A) is False
    settled = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
    other = {"ti": plant.ti, "qualidade": plant.quality}[second]
    before = plant.one("select now()")
    answer = plant.call(other, row["funcao"], **settled, p_motivo=WHY)
    assert (answer["situacao"], plant.pending("APONTAMENTO_LINHA")) == ("APONTADA", [])
    assert plant.one("select interno.linha_apontada(%s, now() + interval '1 second')", A) is True
    assert plant.one("select interno.linha_apontada(%s, %s)", A, before) is False


def test_p10_both_approvals_and_the_switch_are_on_the_trail(plant: Plant) -> None:
    switch_on(plant)
    suspend(plant)
    rows = plant.sql(
        "select usuario_id::text, papel, acao, split_part(objeto, ':', 1) as tabela, motivo from trilha_auditoria"
        " where objeto in ('aprovacoes_apontamento:' || %s, 'apontamentos_linha:' || %s) and papel <> 'postgres'"
        " order by id", A, A,
    )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        (plant.ti, "ADMIN", "insert", "aprovacoes_apontamento", WHY),
        (plant.quality, "QUALIDADE", "delete", "aprovacoes_apontamento", WHY),
        (plant.quality, "QUALIDADE", "insert", "apontamentos_linha", WHY),
        (plant.quality, "QUALIDADE", "delete", "apontamentos_linha", "contagem em dúvida"),
    ]


def test_p9_one_person_cannot_approve_twice_by_changing_areas(plant: Plant) -> None:
    approve(plant, "ti")
    plant.sql("update papeis_usuario set papel = 'QUALIDADE' where usuario_id = %s", plant.ti)
    plant.quality = plant.ti
    assert refused(lambda: approve(plant, "qualidade")) == "MESMA_PESSOA"
    assert len(plant.pending("APONTAMENTO_LINHA")) == 1


def test_p9_one_area_cannot_approve_for_both(plant: Plant) -> None:
    approve(plant, "ti")
    plant.ti = plant.person("ADMIN")
    assert refused(lambda: approve(plant, "ti")) == "JA_APROVADA"
    for person in (plant.ti, plant.manager, plant.boss, plant.person("QUALIDADE", "SPPV")):
        plant.quality = person
        assert refused(lambda: approve(plant, "qualidade")) == "SEM_PERMISSAO"
    assert plant.sql("select * from apontamentos_linha") == []


def test_p10_the_two_approve_the_same_instant(plant: Plant) -> None:
    approve(plant, "ti", since=at("10:00"))
    assert refused(lambda: approve(plant, "qualidade")) == "INSTANTE_DIFERENTE"
    assert refused(lambda: approve(plant, "qualidade", since=at("10:01"))) == "INSTANTE_DIFERENTE"
    answer = approve(plant, "qualidade", since=at("10:00"))
    assert datetime.fromisoformat(answer["de"]) == datetime.fromtimestamp(at("10:00"), UTC)


def test_p8_an_approval_without_reason_line_or_sense_is_refused(plant: Plant) -> None:
    assert refused(lambda: approve(plant, "ti", why="ok")) == "MOTIVO_OBRIGATORIO"
    assert refused(lambda: approve(plant, "ti", "SPEP-ENV-X")) == "LINHA_DESCONHECIDA"
    assert refused(lambda: approve(plant, "ti", since=at("10:00") + 10**9)) == "INTERVALO_INVALIDO"
    switch_on(plant, since=at("10:00"))
    assert refused(lambda: approve(plant, "ti")) == "LINHA_JA_APONTADA"
    assert refused(lambda: approve(plant, "ti", since=at("09:00"))) == "LINHA_JA_APONTADA"


def test_p10_an_approval_that_waits_can_be_withdrawn(plant: Plant) -> None:
    approve(plant, "ti")
    assert suspend(plant)["situacao"] == "RETIRADA"
    assert plant.pending("APONTAMENTO_LINHA") == []
    assert refused(lambda: suspend(plant)) == "LINHA_EM_CONFERENCIA"
    assert approve(plant, "qualidade")["situacao"] == "AGUARDA"


def test_p1_two_approvals_at_once_are_one_switch(cluster: Cluster) -> None:
    """In either order one waits and the other switches on; never do both wait."""
    with cluster.fresh() as url:
        db = Plant(url)
        db.sql("delete from apontamentos_linha")
        db.ti, db.quality = db.person("ADMIN"), db.person("QUALIDADE")
        for line in (row["linha_id"] for row in db.sql("select linha_id from linhas order by 1 limit 12")):
            answers: list[str] = []
            start = threading.Barrier(2)

            def call(area: str, line: str = line, start: threading.Barrier = start, into: list[str] = answers) -> None:
                other = Plant(url)
                other.ti, other.quality = db.ti, db.quality
                start.wait()
                into.append(approve(other, area, line)["situacao"])
                other.close()

            both = [threading.Thread(target=call, args=(area,)) for area in ("ti", "qualidade")]
            for one in both:
                one.start()
            for one in both:
                one.join()
            assert sorted(answers) == ["AGUARDA", "APONTADA"]
        assert db.one("select count(*) from apontamentos_linha") == 12
        assert db.sql("select * from aprovacoes_apontamento") == []
        db.close()


# Switched off again ---------------------------------------------------------------------------------------------------


def test_p5_what_began_before_a_switch_off_stays_ours(plant: Plant) -> None:
    switch_on(plant, A, at("06:00"))
    answer = suspend(plant, until=at("10:30"))
    assert (answer["situacao"], answer["seguem_informadas"]) == ("SUSPENSA", [OP])
    run_order(plant, "000201", A, at("10:30"), at("10:40"))
    plant.mark(A, at("12:00"))
    plant.sign(plant.boss, A, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP, "000201"]
    assert (reported(plant), reported(plant, "000201")) == (True, False)
    assert (reports(plant), reports(plant, "000201")) == (["PRODUCAO", "STATUS"], [])


def test_p5_an_earlier_switch_off_leaves_unreported_orders_to_the_plant(plant: Plant) -> None:
    switch_on(plant, A, at("06:00"))
    assert suspend(plant, until=at("07:59"))["seguem_informadas"] == []
    signed_and_closed(plant)
    assert (reported(plant), reports(plant)) == (False, [])


def test_p5_an_order_told_in_part_stays_ours_through_any_switch(plant: Plant) -> None:
    """The plant's own report of the rest would stand beside ours."""
    plant.sql("update parametros set valor = 60 where nome = 'PARCIAIS_SEGUNDOS'")
    switch_on(plant, A, at("06:00"))
    plant.close_lots()
    assert suspend(plant, until=at("06:00"))["seguem_informadas"] == [OP]
    assert plant.sql("select * from apontamentos_linha") == []
    signed_and_closed(plant)
    assert reports(plant) == ["PARCIAL", "PRODUCAO", "STATUS"]


def test_p5_a_closing_stays_as_decided_whatever_is_switched_later(plant: Plant) -> None:
    switch_on(plant, A, at("06:00"))
    signed_and_closed(plant)
    suspend(plant, until=at("06:00"))
    plant.record(batch(2, {A: {at("08:31"): (1, 0)}}))
    plant.close_lots()
    plant.sign(plant.boss, A, DAY, "D1", "lote atrasado")
    plant.call(plant.manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="lote atrasado")
    assert reports(plant) == ["PRODUCAO", "STATUS", "AJUSTE"]


def test_p5_a_line_can_be_switched_on_again_and_never_for_a_time_twice(plant: Plant) -> None:
    switch_on(plant, A, at("06:00"))
    suspend(plant, until=at("08:00"))
    assert refused(lambda: approve(plant, "ti", since=at("07:59"))) == "LINHA_JA_APONTADA"
    switch_on(plant, A, at("09:00"))
    told = [begun_at(plant, clock) for clock in ("05:59", "06:00", "07:59", "08:00", "08:59", "09:00")]
    assert told == [False, True, True, False, False, True]
    assert refused(lambda: suspend(plant, until=at("09:00") + 10**9)) == "INSTANTE_FUTURO"


def begun_at(db: Database, clock: str) -> bool:
    return bool(db.one("select interno.linha_apontada(%s, %s)", A, iso(at(clock))))


def test_p9_only_it_or_quality_switch_off(plant: Plant) -> None:
    switch_on(plant)
    plant.quality = plant.manager
    assert refused(lambda: suspend(plant)) == "SEM_PERMISSAO"


# Opening --------------------------------------------------------------------------------------------------------------


def test_p10_who_opens_an_order_hears_that_its_line_is_in_parallel_run(plant: Plant) -> None:
    def warned(op: str, line: str) -> list[str]:
        answer = plant.one("select verificar_abertura(%s, %s)", op, line)
        return [one["acao"] for one in answer["avisos"] if one["codigo"] == "LINHA_EM_CONFERENCIA"]

    plant.lot("000201")
    assert warned("000201", A) == ["O SicFar não informa ao TOTVS as OPs abertas nela agora; aponte-as à mão."]
    assert warned("000201", PACKING) == []
    switch_on(plant, A, at("06:00"))
    assert warned("000201", A) == []
    assert ["segue informando" in one for one in warned(OP, B)] == [True]


# Any order of switches ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scratch(cluster: Cluster) -> Iterator[Plant]:
    with cluster.fresh() as url:
        db = Plant(url)
        db.sql("delete from apontamentos_linha")
        db.lot(OP)
        db.ti, db.quality = db.person("ADMIN"), db.person("QUALIDADE")
        yield db
        db.close()


@settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])
@given(
    switches=st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=8),
    openings=st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 20)), min_size=1, max_size=3),
)
def test_p5_who_reports_an_order_follows_from_switches_and_openings_alone(
    scratch: Plant, switches: list[tuple[bool, int]], openings: list[tuple[str, int]]
) -> None:
    """A model of instants: line A is switched, B always reported; refused switches change nothing."""
    db, zero = scratch, at("06:00")
    db.sql("delete from apontamentos_linha")
    db.sql("delete from periodos_ordem")
    db.sql("insert into apontamentos_linha (linha_id, de) values (%s, '2000-01-01Z')", B)
    told: set[int] = set()  # the steps at which A is reported
    for on, step in switches:
        instant = zero + step * 600
        if on:
            if any(later >= step for later in told):
                assert refused(lambda: approve(db, "ti", A, instant)) == "LINHA_JA_APONTADA"  # noqa: B023
                continue
            switch_on(db, A, instant)
            told |= set(range(step, 200))
        elif 199 in told:
            suspend(db, A, instant)
            since = max(s for s in told if s - 1 not in told)
            told -= set(range(max(step, since), 200))
        else:
            assert refused(lambda: suspend(db, A, instant)) == "LINHA_EM_CONFERENCIA"  # noqa: B023
    first = {line: min(s for other, s in openings if other == line) for line, _ in openings}
    for line, step in {(line, step) for line, step in openings}:
        db.sql(
            "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
            " values (%s, %s, tstzrange(%s, %s), 1, 1)",
            OP, line, iso(zero + step * 600), iso(zero + step * 600 + 60),
        )  # fmt: skip
    assert db.one("select interno.op_apontada(%s)", OP) is (A not in first or first[A] in told)
