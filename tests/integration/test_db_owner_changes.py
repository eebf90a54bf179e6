"""Who counts a line, said after it was counted: one owner's counts stand, whatever came first."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso, span
from tests.support.refusals import code
from tests.support.rereading import reread

B, C = "SPEP-ENV-B", "SPEP-ENV-C"
DAY, HOUR = "2026-03-15", 3600
ONE, TWO = "planta-1", "planta-2"
PARTS = ("atribuido", "sem_ordem", "retido", "quarentena")


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway(ONE, B)
    db.gateway(TWO)
    db.lot("000123", "146734")
    db.boss = db.person("GESTOR")
    db.open(db.boss, "000123", B, T0)
    return db


def define(
    db: Database, source: str, since: int, until: int | None = None, role: str = "contagem", line: str = B
) -> dict[str, Any]:
    return db.call(
        db.boss, "definir_fonte", p_linha_id=line, p_fonte=source, p_papel=role, p_de=since, p_ate=until,
        p_motivo="o sensor mudou de gateway",
    )  # fmt: skip


def counts(since: int, many: int = 60, each: tuple[int, int] = (1, 0)) -> dict[str, dict[int, tuple[int, int]]]:
    return {B: {since + n: each for n in range(many)}}


def stored(db: Database) -> dict[str, Any]:
    """Everything that is kept of the line's counts, but for numbers of rows and instants of storing."""
    return {
        "minutes": db.sql(
            "select minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao"
            " from contagens_minuto order by 1"
        ),
        "spans": db.sql(
            "select desde, ate, producao, rejeicao, situacao, numero_op, fator_producao from contagens_intervalo"
            " order by 1, 2, 3"
        ),
        "shown": db.sql(
            "select fonte, minuto, producao, rejeicao, segundos_producao from contagens_conferencia order by 1, 2"
        ),
        "totals": db.sql(
            "select numero_op, producao_acumulada, rejeicao_acumulada, primeira_contagem, ultima_contagem"
            " from ordens_producao_ativas order by 1"
        ),
    }


def test_p1_the_owner_of_a_time_said_later_counts_it_alone(plant: Database) -> None:
    mine, theirs = batch(1, counts(T0)), batch(1, counts(T0), gateway=TWO)
    plant.record(mine, theirs)
    assert plant.totals()["000123", B] == (60, 0)
    done = define(plant, TWO, T0)
    assert plant.totals()["000123", B] == (0, 0)
    assert done["a_reler"] == 1
    reread(plant, mine, theirs)
    assert plant.totals()["000123", B] == (60, 0)
    assert plant.balance(B)["quarentena"] == (60, 0)
    (item,) = plant.sql("select * from quarentena where resolvida_em is null")
    assert (item["fonte"], item["motivo"], item["producao"]) == (ONE, "NAO_DONO", 60)
    assert [(row["detalhes"]["p_id"], row["detalhes"]["alternativa"]) for row in plant.pending("QUARENTENA")] == [
        (item["id"], "definir_fonte")
    ]


@pytest.mark.parametrize("cut", [T0, T0 + 25, T0 + 60])
def test_p1_a_withdrawn_owner_leaves_everything_as_it_was(plant: Database, cut: int) -> None:
    spans = [
        span(B, T0 + 3, T0 + 9, 7),
        span(B, T0 + 20, T0 + 31, 5, 1),
        span(B, T0 + 70, T0 + 71, 90, 0, "implausivel"),
    ]
    plant.record(batch(1, counts(T0, 130), spans=spans))
    (held,) = plant.sql("select id from contagens_retidas")
    plant.call(
        plant.boss, "decidir_retido", p_id=held["id"], p_decisao="ATRIBUIR", p_numero_op="000123", p_motivo="conferido"
    )
    before = stored(plant)
    define(plant, TWO, cut, T0 + 90)
    between = plant.balance(B)
    assert between["quarentena"][0] > 0
    assert stored(plant) != before
    define(plant, ONE, cut, T0 + 90)
    assert stored(plant) == before
    assert plant.balance(B)["quarentena"] == (0, 0)
    assert plant.sql("select fonte, de, ate from fontes_linha where linha_id = %s", B)[0]["ate"] is None


def test_p1_a_span_over_the_change_belongs_to_nobody(plant: Database) -> None:
    plant.record(batch(1, spans=[span(B, T0 + 10, T0 + 30, 5), span(B, T0 + 40, T0 + 50, 3)]))
    define(plant, TWO, T0 + 20)
    assert plant.totals()["000123", B] == (0, 0)
    define(plant, ONE, T0 + 35)
    assert plant.totals()["000123", B] == (3, 0)
    (item,) = plant.sql("select producao, de, ate from quarentena where resolvida_em is null")
    assert (item["producao"], item["ate"] - item["de"]) == (5, timedelta(seconds=20))


def test_p1_what_ends_in_one_second_is_read_again_each_by_itself(plant: Database) -> None:
    # Three increments of one second: within it, begun with the owner, begun before any owner.
    spans = [
        span(B, T0 + 10, T0 + 36.2, 2, 0) | {"byte_de": 500, "byte_ate": 560},
        span(B, T0 - 0.001, T0 + 36.5, 8, 0) | {"byte_de": 560, "byte_ate": 620},
        span(B, T0 - 120, T0 + 36.9, 32, 0) | {"byte_de": 620, "byte_ate": 680},
    ]
    file = batch(1, {B: {T0 + 36: (0, 3)}}, gateway=TWO, spans=spans)
    assert plant.situations(file) == ["APLICADO"]
    pending = []
    for since in (T0, T0 - 60, T0 - 120):
        define(plant, TWO, since)
        reread(plant, file)
        balance = plant.balance(B)
        pending.append(balance["quarentena"])
        assert tuple(map(sum, zip(*(balance[part] for part in PARTS), strict=True))) == (42, 3)
    assert pending == [(40, 0), (32, 0), (0, 0)]
    assert plant.sql("select count(*) as n from quarentena where resolvida_em is null") == [{"n": 0}]


def test_p1_a_second_sensor_that_takes_over_counts_what_it_showed(plant: Database) -> None:
    define(plant, TWO, T0 - 60, role="conferencia")
    seen = counts(T0, 60, (2, 1))
    seen[B][T0 + 70] = (200, 0)  # more than the line can make
    plant.record(batch(1, counts(T0)), batch(1, seen, gateway=TWO, spans=[span(B, T0 + 5, T0 + 7, 4)]))
    before = stored(plant)
    define(plant, TWO, T0 + 30)
    assert plant.totals()["000123", B] == (30 + 60, 30)
    define(plant, TWO, T0)
    assert plant.totals()["000123", B] == (120 + 4, 60)
    assert [row["producao"] for row in plant.sql("select * from contagens_retidas")] == [200]
    assert plant.sql("select * from contagens_conferencia") == []
    define(plant, ONE, T0, role="conferencia")
    assert plant.balance(B)["quarentena"] == (0, 0)
    assert [row["producao"] for row in plant.sql("select producao from contagens_conferencia")] == [60]
    define(plant, TWO, T0, role="conferencia")
    define(plant, ONE, T0)
    assert stored(plant) == before


def test_p1_a_sensor_of_a_replaced_spool_shows_nothing_twice(plant: Database) -> None:
    define(plant, TWO, T0 - 60, role="conferencia")
    lost = batch(1, counts(T0), gateway=TWO, epoch="a" * 32, inicio=iso(T0 - 9))
    again = batch(1, counts(T0), gateway=TWO, epoch="b" * 32, inicio=iso(T0 + 99), anterior=True)
    plant.record(lost, again)
    assert plant.one("select sum(producao)::int from contagens_conferencia") == 60
    assert [row["detalhes"]["motivo"] for row in plant.pending("QUARENTENA")] == ["EPOCA_ANTERIOR"]
    define(plant, TWO, T0)
    assert plant.totals()["000123", B] == (60, 0)


@pytest.fixture
def other_line(plant: Database) -> str:
    """A line that has the sources of B until somebody says otherwise."""
    plant.owner(C, ONE)
    return C


def test_p1_what_one_line_gets_back_the_other_keeps_waiting(plant: Database, other_line: str) -> None:
    plant.record(batch(1, counts(T0) | {other_line: {T0: (9, 0)}}))
    define(plant, TWO, T0)
    define(plant, TWO, T0, line=other_line)
    define(plant, ONE, T0)
    assert (plant.balance(B)["quarentena"], plant.totals()["000123", B]) == ((0, 0), (60, 0))
    assert (plant.balance(other_line)["quarentena"], plant.balance(other_line)["sem_ordem"]) == ((9, 0), (0, 0))


def test_p1_a_second_sensor_takes_over_one_line_of_two(plant: Database, other_line: str) -> None:
    for line in (B, other_line):
        define(plant, TWO, T0 - 60, role="conferencia", line=line)
    seen = counts(T0) | {other_line: {T0: (9, 0)}}
    plant.record(batch(1, seen, gateway=TWO, spans=[span(other_line, T0 + 5, T0 + 7, 4)]))
    define(plant, TWO, T0)
    assert plant.totals()["000123", B] == (60, 0)
    shown = plant.sql("select linha_id, producao, segundos_producao from contagens_conferencia")
    assert [(row["linha_id"], row["producao"], row["segundos_producao"][0]) for row in shown] == [(other_line, 13, 9)]


def test_p7_what_left_the_totals_says_from_when_to_when(plant: Database) -> None:
    plant.record(batch(1, counts(T0 + 7, 130)))
    define(plant, TWO, T0)
    (item,) = plant.sql("select id, de, ate from quarentena")
    assert (iso(item["de"].timestamp()), iso(item["ate"].timestamp())) == (iso(T0 + 7), iso(T0 + 7 + 129))
    assert plant.sql("select id from trilha_auditoria where objeto = %s", f"quarentena:{item['id']}") == []


def test_p1_rejects_a_second_sensor_showed_alone_stay_shown(plant: Database) -> None:
    define(plant, TWO, T0 - 60, role="conferencia")
    plant.record(batch(1, {B: {T0: (0, 3), T0 + 60: (5, 0)}}, gateway=TWO))
    define(plant, TWO, T0 + 60)
    assert plant.totals()["000123", B] == (5, 0)
    assert plant.sql("select producao, rejeicao from contagens_conferencia") == [{"producao": 0, "rejeicao": 3}]


def test_p10_a_change_on_one_line_reopens_no_decision_of_another(plant: Database, other_line: str) -> None:
    plant.record(batch(1, {B: {T0: (5, 0)}, other_line: {T0: (9, 0)}}, gateway=TWO))
    for row in plant.sql("select id from quarentena"):
        plant.call(plant.boss, "resolver_quarentena", p_id=row["id"], p_motivo="é do outro gateway")
    assert define(plant, TWO, T0)["a_reler"] == 1
    (asked,) = plant.sql("select linha_id from quarentena where reprocessar_em is not null")
    assert asked["linha_id"] == B


def test_p1_a_new_owner_does_not_answer_for_a_lost_spool(plant: Database) -> None:
    lost = batch(1, counts(T0), epoch="a" * 32, inicio=iso(T0 - 9))
    again = batch(1, counts(T0), epoch="b" * 32, inicio=iso(T0 + 99), anterior=True)
    plant.record(lost, again)
    define(plant, TWO, T0)
    assert define(plant, ONE, T0)["a_reler"] == 0
    assert plant.totals()["000123", B] == (60, 0)


def test_p2_a_span_the_clock_decision_replaced_changes_no_more(plant: Database) -> None:
    doubt: dict[str, Any] = {"relogio": {"desvio_ms": 60_000, "testemunha": "s3"}, "chegada": iso(T0 + HOUR)}
    plant.record(batch(1, spans=[span(B, T0 + 100, T0 + 110, 7)], **doubt))
    (waiting,) = plant.pending("RELOGIO_EM_DUVIDA")
    decision = {"p_decisao": "DESLOCAR", "p_deslocar_s": 60, "p_motivo": "relógio visto"}
    plant.call(plant.boss, "decidir_relogio", p_id=waiting["detalhes"]["p_id"], **decision)
    with plant.as_role("service_role"):
        while plant.one("select aplicar_decisoes_relogio(9)")["restam"]:
            pass
    stops = "select minutos from paradas_linha(%s, to_timestamp(%s), to_timestamp(%s))"
    assert plant.sql(stops, B, T0 + 60, T0 + 120) == [{"minutos": 1}], "what ran in that minute ran a minute before it"
    define(plant, TWO, T0)
    assert plant.balance(B)["quarentena"] == (7, 0)
    define(plant, ONE, T0)
    assert plant.totals()["000123", B] == (7, 0)


def test_p10_shown_before_seconds_were_kept_keeps_its_role(plant: Database) -> None:
    define(plant, TWO, T0, role="conferencia")
    plant.record(batch(1, counts(T0), gateway=TWO))
    plant.sql("update contagens_conferencia set segundos_producao = null")
    assert code(partial(define, plant, TWO, T0)) == ("PT409", "CONFERENCIA_SEM_SEGUNDOS")
    define(plant, TWO, T0 + 60)


def test_p10_a_discard_for_want_of_an_owner_ends_with_it(plant: Database) -> None:
    mine, theirs = batch(1, counts(T0)), batch(1, counts(T0), gateway=TWO)
    plant.record(mine, theirs)
    define(plant, TWO, T0)
    reread(plant, mine, theirs)
    for row in plant.sql("select id from quarentena where resolvida_em is null"):
        plant.call(plant.boss, "resolver_quarentena", p_id=row["id"], p_motivo="é do outro gateway")
    define(plant, ONE, T0, T0 + 20)
    assert plant.totals()["000123", B] == (60, 0)
    (left,) = plant.sql("select * from quarentena where fonte = %s and decisao = 'DESCARTADO'", ONE)
    assert (left["producao"], left["decisao_motivo"]) == (40, "é do outro gateway")
    assert len(plant.sql("select id from trilha_auditoria where objeto = %s", f"quarentena:{left['id']}")) == 1

    stray = batch(2, counts(T0 + 100), gateway="planta-3")
    plant.gateway("planta-3")
    plant.record(stray)
    (piece,) = plant.sql("select id from quarentena where resolvida_em is null and fonte is null")
    plant.call(plant.boss, "resolver_quarentena", p_id=piece["id"], p_motivo="não é desta linha")
    assert define(plant, "planta-3", T0 + 100)["a_reler"] == 1
    reread(plant, mine, theirs, stray)
    assert plant.totals()["000123", B] == (120, 0)


def test_p10_what_left_the_totals_cannot_be_read_from_a_file(plant: Database) -> None:
    plant.record(batch(1, counts(T0)))
    define(plant, TWO, T0)
    (item,) = plant.sql("select id from quarentena")
    again = partial(plant.call, plant.boss, "reprocessar_quarentena", p_id=item["id"], p_motivo="conferido")
    assert code(again) == ("PT409", "NADA_A_REPROCESSAR")


def test_p1_a_shift_counted_by_hand_is_corrected_first(plant: Database) -> None:
    define(plant, "manual", T0 - 6 * HOUR, T0 + 12 * HOUR)
    hand = {"p_numero_op": "000123", "p_linha_id": B, "p_data": DAY, "p_turno": "D1", "p_motivo": "contado à mão"}
    plant.call(plant.boss, "registrar_contagem_manual", **hand, p_producao=70)
    taken = partial(define, plant, ONE, T0 - 6 * HOUR)
    assert code(taken) == ("PT409", "CONTAGEM_MANUAL")
    plant.call(plant.boss, "registrar_contagem_manual", **hand, p_producao=0)
    taken()
    plant.record(batch(1, counts(T0)))
    assert plant.totals()["000123", B] == (60, 0)


def test_p10_a_change_of_more_than_ten_days_of_counts_goes_in_parts(plant: Database) -> None:
    plant.shut(plant.boss, "000123", B, T0 + HOUR)
    plant.sql(
        "insert into contagens_minuto (linha_id, minuto, producao, total_producao, sem_ordem_producao)"
        " select %s, to_timestamp(%s) + n * interval '1 minute', array_fill(0, array[59]) || 1, 1, 1"
        " from generate_series(0, 15000) as n",
        B,
        T0 + 86_400,
    )
    plant.sql("update fontes_linha set de = to_timestamp(%s)", T0)
    assert code(partial(define, plant, TWO, T0)) == ("PT422", "JANELA_GRANDE")
    define(plant, TWO, T0, T0 + 86_400 + 60)


def test_p10_only_what_the_change_moves_is_counted_for_its_limit(plant: Database, other_line: str) -> None:
    taken_out = (
        "with q as (insert into quarentena (motivo, detalhe, linha_id, fonte, producao, rejeicao, de, ate, decisao,"
        " resolvida_em) values ('NAO_DONO', 'x', %s, %s, 15001, 0, to_timestamp(%s), now(), %s, %s) returning id)"
        " insert into contagens_retiradas (quarentena_id, minuto, producao)"
        " select q.id, to_timestamp(%s) + n * interval '1 minute', array_fill(0, array[59]) || 1"
        " from q, generate_series(0, 15000) as n"
    )
    begin = T0 - 30 * 86_400
    plant.sql(taken_out, other_line, TWO, begin, None, None, begin)
    plant.sql(taken_out, B, TWO, begin, "REPROCESSADO", iso(T0), begin)
    plant.sql("update fontes_linha set de = to_timestamp(%s)", begin)
    define(plant, TWO, begin)
    plant.sql(taken_out, B, ONE, begin, None, None, begin)
    assert code(partial(define, plant, ONE, begin)) == ("PT422", "JANELA_GRANDE")


@pytest.fixture
def closed(plant: Database) -> Database:
    """The order closed with 60 units of line B and one decided by a person."""
    plant.record(batch(1, counts(T0), spans=[span(B, T0 + 5, T0 + 6, 200, 0, "implausivel")]))
    (held,) = plant.sql("select id from contagens_retidas")
    decision = {"p_decisao": "ATRIBUIR", "p_numero_op": "000123", "p_motivo": "conferido"}
    plant.call(plant.boss, "decidir_retido", p_id=held["id"], **decision)
    plant.shut(plant.boss, "000123", B, T0 + HOUR)
    plant.mark(B, T0 + 2 * HOUR)
    plant.sign(plant.boss, B, DAY, "D1")
    assert plant.close_lots()["fechadas"] == ["000123"]
    return plant


def adjustments(db: Database) -> list[int]:
    db.close_lots()
    return [row["diferenca"] for row in db.sql("select diferenca from ajustes_fechamento where situacao = 'PROPOSTO'")]


def test_p4_an_owner_said_after_the_closing_is_an_adjustment(closed: Database) -> None:
    assert adjustments(closed) == []
    define(closed, TWO, T0, T0 + 20)
    assert adjustments(closed) == [-220]
    define(closed, ONE, T0, T0 + 20)
    assert adjustments(closed) == []


def test_p4_a_factor_corrected_after_the_closing_is_an_adjustment(closed: Database) -> None:
    factor = {"p_linha_id": B, "p_contador": "producao", "p_motivo": "são três cavidades"}
    late = closed.call(closed.boss, "definir_fator", **factor, p_fator=3, p_de=T0 + 1, p_ate=None)
    assert (late["periodos"], adjustments(closed)) == (0, [])
    done = closed.call(closed.boss, "definir_fator", **factor, p_fator=3, p_de=T0 - 9, p_ate=T0 + 1)
    assert done["periodos"] == 1
    assert closed.totals()["000123", B] == (3 * 260, 0)
    assert adjustments(closed) == [2 * 260]
    (told,) = closed.sql("select * from trilha_auditoria where acao = 'definir_fator'")
    assert (told["antes"]["fator_producao"], told["depois"]["fator_producao"]) == (1, 3)
    closed.call(closed.boss, "definir_fator", **factor, p_fator=1, p_de=T0 - 9, p_ate=None)
    assert adjustments(closed) == []
    assert closed.sql("select fator from fatores_linha where linha_id = %s and upper_inf(validade)", B) == [
        {"fator": 1}
    ]


def test_p1_a_vector_that_is_null_adds_nothing(db: Database) -> None:
    vector = [*range(60)]
    for one, other, total in ((vector, None, vector), (None, vector, vector), (None, None, None)):
        assert db.one("select interno.somar_vetores(%s::integer[], %s::integer[])", one, other) == total
    assert db.one("select interno.somar_vetores(%s, %s)", vector, [-1] * 60) == [n - 1 for n in vector]
