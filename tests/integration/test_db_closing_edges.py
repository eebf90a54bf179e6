"""What a closing waits for to the second, what an adjustment remembers, what the frozen totals are the sum of."""

import json

import psycopg
import pytest

from local.stack.database import Database, batch, span
from tests.support.ended_order import DAY, OP, one_order_ended, signed_and_closed
from tests.support.ended_order import LINE as A
from tests.support.plant_time import at
from tests.support.refusals import code

CLOSING = "numero_lote, produto_codigo, etapa, inicio, fim, assinaturas, informado"
"""Columns of a closing that a test copies."""


@pytest.fixture
def plant(db: Database) -> Database:
    one_order_ended(db)
    db.gateway("planta-2")
    return db


@pytest.fixture
def done(plant: Database) -> Database:
    signed_and_closed(plant)
    return plant


@pytest.mark.parametrize(
    ("since", "until", "waits"),
    [
        ("07:50:00", "07:59:59", False),
        ("07:50:00", "08:00:00", True),
        ("08:30:00", "08:30:05", True),
        ("09:59:59", "10:00:30", True),  # its reading comes after the end, the units may be from before
        ("07:50:00", "10:00:30", True),
        ("10:00:00", "10:00:30", False),
    ],
)
def test_p4_a_held_count_that_touches_the_order_keeps_it_open(plant: Database, since, until, waits) -> None:
    plant.record(batch(2, spans=[span(A, at(since), at(until), 9_999, 0, "implausivel")]))
    plant.close_lots()
    assert ("CONTAGEM_RETIDA" in plant.missing(OP)) is waits


@pytest.mark.parametrize(
    ("clock", "waits"), [("07:59:59", False), ("08:00:00", True), ("09:59:59", True), ("10:00:00", False)]
)
def test_p4_quarantine_keeps_an_order_open_from_first_to_last_second(plant: Database, clock, waits) -> None:
    plant.record(batch(1, {A: {at(clock): (1, 0)}}, gateway="planta-2"))
    plant.close_lots()
    assert ("QUARENTENA" in plant.missing(OP)) is waits


def proposed(db: Database) -> list[tuple[str, int]]:
    rows = db.sql("select tipo, diferenca from ajustes_fechamento where situacao = 'PROPOSTO' order by tipo")
    return [(row["tipo"], row["diferenca"]) for row in rows]


@pytest.mark.parametrize("decision", ["APROVAR", "RECUSAR"])
def test_p4_an_adjustment_is_what_has_not_been_decided_yet(done: Database, decision: str) -> None:
    done.record(batch(2, {A: {at("09:00"): (2, 1)}}))
    done.close_lots()
    assert proposed(done) == [("PRODUZIDA", 16), ("REFUGO", 1)]
    done.sign(done.boss, A, DAY, "D1", "contagem atrasada conferida")
    done.call(done.manager, "decidir_ajustes", p_numero_op=OP, p_decisao=decision, p_motivo="conferido na linha")
    done.record(batch(3, {A: {at("09:01"): (1, 0)}}))
    assert done.close_lots()["ajustes"] == 1
    assert proposed(done) == [("PRODUZIDA", 8)]


def test_p4_a_superseded_adjustment_settles_nothing(done: Database) -> None:
    for ended, expected in (
        ("09:00", [("PRODUZIDA", -40), ("REFUGO", -2)]),
        ("10:00", []),
        ("09:00", [("PRODUZIDA", -40), ("REFUGO", -2)]),
    ):
        done.shut(done.boss, OP, A, at(ended))
        done.close_lots()
        assert proposed(done) == expected
    assert done.one("select count(*) from ajustes_fechamento where situacao = 'SUPERADO'") == 2


def test_p4_a_difference_that_grows_before_it_is_decided_is_proposed_once(done: Database) -> None:
    for seq, expected in ((2, 8), (3, 16)):
        done.record(batch(seq, {A: {at("09:00") + seq: (1, 0)}}))
        done.close_lots()
        assert proposed(done) == [("PRODUZIDA", expected)]


def test_p4_a_difference_that_stays_is_proposed_once_whatever_else_changes(done: Database) -> None:
    done.record(batch(2, {A: {at("09:00"): (1, 0)}}))
    done.close_lots()
    done.record(batch(3, {A: {at("09:01"): (0, 1)}}))
    assert done.close_lots()["ajustes"] == 1
    assert proposed(done) == [("PRODUZIDA", 8), ("REFUGO", 1)]


# What the tables forbid -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["produzidas", "refugo", "amostras", "contador_final"])
def test_p4_frozen_totals_are_the_sum_of_their_rows(done: Database, column: str) -> None:
    done.lot("000124")
    figures = {"produzidas": 10, "refugo": 2, "amostras": 3, "boas": 5, "contador_final": 4}

    def close(**wrong: int) -> None:
        with done.connection.transaction():
            said = {**figures, **wrong}
            said["boas"] = said["produzidas"] - said["refugo"] - said["amostras"]
            number = done.one(
                f"insert into fechamentos_lote (numero_op, {CLOSING}, {', '.join(said)}) select '000124', {CLOSING},"
                f" {', '.join(map(str, said.values()))} from fechamentos_lote limit 1 returning id"
            )
            done.sql(
                "insert into fechamento_totais"
                " select %s, 'ENVASE', 'SPEP-ENV-A', now(), now(), 'D1', t.* from (values"
                " ('PRODUZIDA', '', 10, 4), ('REFUGO', 'TAMPA', 2, null), ('RETEM', '', 3, null)) as t",
                number,
            )
            other_stage = "'EMBALAGEM', 'X', now(), now(), 'D1', 'PRODUZIDA', '', 7, 7"
            done.sql(f"insert into fechamento_totais select %s, {other_stage}", number)

    assert code(lambda: close(**{column: figures[column] + 1})) == ("PT409", "CONGELADO_DIVERGE")
    close()


@pytest.mark.parametrize("column", ["refugo", "amostras"])
def test_p4_a_frozen_total_without_any_row_is_refused(done: Database, column: str) -> None:
    done.lot("000124")
    figures = {"produzidas": 10, "refugo": 0, "amostras": 0, "contador_final": 4, column: 1, "boas": 9}

    def close() -> None:
        with done.connection.transaction():
            number = done.one(
                f"insert into fechamentos_lote (numero_op, {CLOSING}, {', '.join(figures)}) select '000124', {CLOSING},"
                f" {', '.join(map(str, figures.values()))} from fechamentos_lote limit 1 returning id"
            )
            made = "'ENVASE', 'SPEP-ENV-A', now(), now(), 'D1', 'PRODUZIDA', '', 10, 4"
            done.sql(f"insert into fechamento_totais select %s, {made}", number)

    assert code(close) == ("PT409", "CONGELADO_DIVERGE")


def test_p4_a_shift_is_still_an_orders_when_nothing_of_it_is_left(done: Database) -> None:
    shifts = "select distinct data::text, turnos from interno.turnos_op(%s) order by 1"
    frozen = done.sql(shifts, OP)
    done.sql("delete from contagens_minuto")
    done.sql("update periodos_ordem set intervalo = tstzrange(lower(intervalo) - interval '9 days',"
             " upper(intervalo) - interval '9 days')")  # fmt: skip
    assert [row for row in done.sql(shifts, OP) if row in frozen] == frozen


def test_p5_the_line_that_made_most_is_named_first_in_a_report(done: Database) -> None:
    totals = [
        {"etapa": "ENVASE", "linha_id": A, "tipo": "PRODUZIDA", "quantidade": 10},
        {"etapa": "ENVASE", "linha_id": A, "tipo": "REFUGO", "quantidade": 5},
        {"etapa": "ENVASE", "linha_id": "SPEP-ENV-B", "tipo": "PRODUZIDA", "quantidade": 12},
    ]
    lines = done.one("select interno.linhas_do_envio(%s, 'ENVASE', %s)", OP, json.dumps(totals))
    assert [line["linha_id"] for line in lines] == ["SPEP-ENV-B", A]


def test_p4_nothing_can_be_added_to_the_rows_of_a_frozen_total(done: Database) -> None:
    add = (
        "insert into fechamento_totais select fechamento_id, etapa, linha_id, inicio, data, turno, 'REFUGO', 'VOLUME',"
        " 1, null from fechamento_totais limit 1"
    )
    assert code(lambda: done.sql(add)) == ("PT409", "CONGELADO_DIVERGE")


def test_p4_a_closing_that_does_not_add_up_keeps_no_other_from_closing(plant: Database) -> None:
    line, other = "SPEP-ENV-B", "000124"
    plant.owner(line, "planta-1")
    plant.lot(other)
    plant.open(plant.boss, other, line, at("08:00"))
    plant.record(batch(2, {line: {at("08:30"): (3, 0)}}))
    plant.shut(plant.boss, other, line, at("10:00"))
    for each in (A, line):
        plant.mark(each, at("10:00"))
        plant.sign(plant.boss, each, DAY, "D1")
    plant.sql(
        "create function pg_temp.falsear() returns trigger language plpgsql as"
        " $$ begin new.quantidade := new.quantidade + (new.linha_id = 'SPEP-ENV-A')::int; return new; end $$"
    )
    plant.sql(
        "create trigger falsear before insert on fechamento_totais for each row execute function pg_temp.falsear()"
    )
    with plant.as_role("service_role"):
        answer = plant.one("select fechar_lotes()")
    assert answer["fechadas"] == [other]
    assert [error["numero_op"] for error in answer["erros"]] == [OP]


@pytest.mark.parametrize(
    "lie",
    [
        "justificada_producao = sem_ordem_producao + 1",
        "justificada_rejeicao = sem_ordem_rejeicao + 1",
        "justificada_producao = -1",
        "justificada_rejeicao = -1",
        "sem_ordem_producao = total_producao + 1",
        "sem_ordem_rejeicao = total_rejeicao + 1",
        "sem_ordem_producao = -1, justificada_producao = -1",
        "sem_ordem_rejeicao = -1, justificada_rejeicao = -1",
    ],
)
def test_p1_justified_fits_into_without_order_and_that_into_the_total(plant: Database, lie: str) -> None:
    plant.record(batch(2, {A: {at("11:00"): (5, 3)}}))
    plant.call(
        plant.boss, "justificar_sem_ordem", p_linha_id=A, p_de=at("11:00"), p_ate=at("11:01"), p_motivo="teste da linha"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        plant.sql(f"update contagens_minuto set {lie}")


@pytest.mark.parametrize("column", ["producao_acumulada", "rejeicao_acumulada", "producao_maquina", "rejeicao_maquina"])
def test_p1_no_total_is_negative(plant: Database, column: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        plant.sql(f"update ordens_producao_ativas set {column} = -1")


@pytest.mark.parametrize("column", ["numero_op", "fator_producao", "fator_rejeicao"])
def test_p1_a_span_has_an_order_and_its_factors_or_none_of_them(plant: Database, column: str) -> None:
    plant.record(batch(2, spans=[span(A, at("09:00"), at("09:01"), 9, 0, "implausivel")]))
    with pytest.raises(psycopg.errors.CheckViolation):
        plant.sql(f"update contagens_intervalo set {column} = {OP}::{'text' if column == 'numero_op' else 'integer'}")


def test_p1_one_source_counts_a_line_at_an_instant(plant: Database) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation):
        plant.owner(A, "planta-2", at("08:00"), at("08:00:01"))
    plant.owner(A, "planta-2", at("08:00"), at("08:00:01"), role="conferencia")


def test_p5_a_report_is_named_by_order_kind_and_number_once(plant: Database) -> None:
    """The closing of an order is reported once, unless a person gave that report up."""
    told = "select interno.criar_envio('000123', %s, '{}')"
    first = plant.one(told, "PRODUCAO")
    named = "insert into envios_totvs (numero_op, ordem, id_externo, tipo) values ('000123', 9, %s, 'PRODUCAO')"
    for name in ("SF-000124-PRODUCAO-0001", "SF-000123-STATUS-0001", "SF-000123-PRODUCAO-1", "SF-000123-PRODUCAO-x001"):
        with pytest.raises(psycopg.errors.CheckViolation):
            plant.sql(named, name)
    with pytest.raises(psycopg.errors.UniqueViolation):
        plant.one(told, "PRODUCAO")
    plant.sql("update envios_totvs set situacao = 'DESCARTADO' where id = %s", first)
    plant.one(told, "PRODUCAO")
    plant.one(told, "PARCIAL")
    plant.one(told, "PARCIAL")
    names = plant.sql("select id_externo from envios_totvs order by id")
    assert [row["id_externo"].removeprefix("SF-000123-") for row in names] == [
        "PRODUCAO-0001", "PRODUCAO-0002", "PARCIAL-0001", "PARCIAL-0002",
    ]  # fmt: skip


def test_p5_the_ten_thousandth_report_of_a_kind_has_a_name_too(plant: Database) -> None:
    plant.sql(
        "insert into envios_totvs (numero_op, ordem, id_externo, tipo, conteudo, situacao)"
        " select '000123', n, 'SF-000123-PARCIAL-' || to_char(n, 'FM0000'), 'PARCIAL', '{}', 'CONFIRMADO'"
        " from generate_series(1, 9999) as n"
    )
    number = plant.one("select interno.criar_envio('000123', 'PARCIAL', '{}')")
    assert plant.one("select id_externo from envios_totvs where id = %s", number) == "SF-000123-PARCIAL-10000"
