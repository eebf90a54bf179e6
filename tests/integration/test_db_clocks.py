"""A gateway's clock is believed only as far as an arrival bears it out; nothing it counted is lost for that."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso, loose, span
from tests.support.refusals import code

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
OP = "000123"
HOUR = 3_600
DAY = 24 * HOUR
FAR = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.lot(OP, "000124")
    db.boss = db.person("GESTOR")
    db.open(db.boss, OP, A, T0)
    return db


def arrived(at: float, seq: int, *arguments: Any, **more: Any) -> dict[str, Any]:
    """A batch that S3 got at that second."""
    return batch(seq, *arguments, chegada=iso(at), **more)


def mark(db: Database, line: str = A) -> float:
    return float(db.one("select extract(epoch from ate)::float8 from marcas_linha where linha_id = %s", line))


def doubts(db: Database) -> list[dict[str, Any]]:
    return [row["detalhes"] for row in db.pending("RELOGIO_EM_DUVIDA")]


def test_p11_a_mark_reaches_no_further_than_its_batch_arrived(plant: Database) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0 + 9: (3, 0)}}, marks=[(A, FAR)]))
    assert mark(plant) == T0 + 11
    plant.record(arrived(T0 + 20, 2, marks=[(A, T0 + 19)]))
    assert mark(plant) == T0 + 19
    plant.record(batch(3, marks=[(A, FAR)]))
    assert mark(plant) <= plant.one("select extract(epoch from clock_timestamp())::float8"), "the database's own clock"


def test_p11_a_mark_that_waits_for_a_sequence_is_bound_by_its_own_arrival(plant: Database) -> None:
    plant.record(arrived(T0 + 10, 2, marks=[(A, FAR)]))
    plant.record(arrived(T0 + 500, 1, marks=[(A, T0 + 4)]))
    assert mark(plant) == T0 + 11


def test_p4_no_lot_closes_on_a_mark_of_a_clock_that_is_ahead(plant: Database) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0 + 9: (3, 0)}}, marks=[(A, FAR)]))
    plant.shut(plant.boss, OP, A, T0 + 100)
    signed = plant.sign(plant.boss, A, "2026-03-15", "D1", "conferido")
    assert "FONTE_ATRASADA" in [notice["codigo"] for notice in signed["avisos"]]
    assert plant.close_lots()["fechadas"] == []
    assert "FONTE_ATRASADA" in plant.missing(OP)
    plant.record(arrived(T0 + 200, 2, {A: {T0 + 90: (50, 0)}}, marks=[(A, T0 + 199)]))
    plant.sign(plant.boss, A, "2026-03-15", "D1", "chegou o resto")
    assert plant.close_lots()["fechadas"] == [OP]
    assert plant.totals()[OP, A] == (53 * 8, 0)


def test_p10_a_line_whose_clock_is_ahead_is_silent_when_nothing_comes(plant: Database) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0 + 9: (3, 0)}}, marks=[(A, FAR), (B, FAR)]))
    assert {A, B} <= set(plant.one("select saude_integracao()")["linhas_em_silencio"])


SEALED_AHEAD = {"selado_em": iso(T0 + 2 * HOUR)}
SAYS_BEHIND = {"selado_em": iso(T0), "relogio": {"desvio_ms": -HOUR * 1000, "testemunha": "fontes"}}


def test_p11_a_batch_sealed_after_it_arrived_is_counted_and_in_doubt(plant: Database) -> None:
    ahead = arrived(T0 + 10, 1, {A: {T0 + 2 * HOUR: (13, 1)}, B: {T0 + 2 * HOUR + 5: (1, 0)}}, **SEALED_AHEAD)
    assert plant.situations(ahead, ahead) == ["APLICADO", "JA_APLICADO"]
    assert plant.totals()[OP, A] == (13 * 8, 1)
    (doubt,) = doubts(plant)
    assert (doubt["linhas"], doubt["testemunha"], doubt["lotes"]) == ([A, B], "chegada", 1)
    assert doubt["desvio_ms"] == (2 * HOUR - 11) * 1000
    span_of = [datetime.fromisoformat(doubt[name]).timestamp() for name in ("desde", "ate")]
    assert span_of == [T0 + 11, T0 + 2 * HOUR + 5], "where it says it was, and where it may have been"


@pytest.mark.parametrize(("late_s", "doubted"), [(60, False), (61, True)])
def test_p11_a_clock_within_the_tolerance_is_believed(plant: Database, late_s: int, doubted: bool) -> None:
    plant.record(arrived(T0, 1, {A: {T0: (1, 0)}}, selado_em=iso(T0 + 1 + late_s)))
    assert bool(doubts(plant)) is doubted


def test_p11_what_a_gateway_says_of_its_own_clock_is_doubt_enough(plant: Database) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0: (13, 0)}}, **SAYS_BEHIND))
    (doubt,) = doubts(plant)
    assert (doubt["desvio_ms"], doubt["testemunha"]) == (-HOUR * 1000, "fontes")
    assert datetime.fromisoformat(doubt["ate"]).timestamp() == T0 + HOUR


def test_p11_a_batch_without_counts_or_refused_puts_nothing_in_doubt(plant: Database) -> None:
    plant.record(
        arrived(T0, 1, marks=[(A, T0)], **SEALED_AHEAD), arrived(T0, 1, {A: {T0: (1, 0)}}, content="b", **SEALED_AHEAD)
    )
    assert doubts(plant) == []


def test_p10_doubts_of_one_gateway_are_one_matter_until_decided(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.record(
        arrived(T0 + 10, 1, {A: {T0 + HOUR: (1, 0)}}, selado_em=iso(T0 + HOUR)),
        arrived(T0 + 20, 2, {B: {T0 + 2 * HOUR: (1, 0)}}, **SEALED_AHEAD),
        arrived(T0 + 30, 3, {A: {T0 + 30: (1, 0)}}, selado_em=iso(T0 + 30)),
    )
    (doubt,) = doubts(plant)
    assert (doubt["linhas"], doubt["lotes"], doubt["desvio_ms"]) == ([A, B], 2, (2 * HOUR - 21) * 1000)
    decide(plant, doubt)
    assert doubts(plant) == []
    plant.record(arrived(T0 + 40, 4, {B: {T0 + 2 * HOUR: (1, 0)}}, **SEALED_AHEAD))
    assert [one["linhas"] for one in doubts(plant)] == [[B]]
    files = plant.sql("select duvida_id, count(*)::int as n from duvidas_relogio_lotes group by 1 order by 1")
    assert [row["n"] for row in files] == [2, 1]


def decide(db: Database, doubt: dict[str, Any], decision: str = "MANTER", why: str = "relógio conferido") -> None:
    db.call(db.boss, "decidir_relogio", p_id=doubt["p_id"], p_decisao=decision, p_motivo=why)


@pytest.mark.parametrize("clock", [SEALED_AHEAD, SAYS_BEHIND])
def test_p4_no_lot_a_clock_doubt_touches_closes_unseen(plant: Database, clock: dict[str, Any]) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0 + 5: (13, 0)}}, marks=[(A, T0 + 10)], **clock))
    plant.record(arrived(T0 + 300, 2, marks=[(A, T0 + 299)], selado_em=iso(T0 + 300)))
    plant.shut(plant.boss, OP, A, T0 + 100)
    signed = plant.sign(plant.boss, A, "2026-03-15", "D1", "conferido")
    assert "RELOGIO_EM_DUVIDA" in [notice["codigo"] for notice in signed["avisos"]]
    assert plant.close_lots()["fechadas"] == []
    assert plant.missing(OP) == ["RELOGIO_EM_DUVIDA"]
    (doubt,) = doubts(plant)
    decide(plant, doubt)
    assert plant.close_lots()["fechadas"] == [OP]


def test_p4_a_clock_doubt_keeps_no_lot_it_does_not_touch(plant: Database) -> None:
    plant.shut(plant.boss, OP, A, T0 + 100)
    plant.record(arrived(T0 + 300, 1, marks=[(A, T0 + 299)], selado_em=iso(T0 + 300)))
    plant.record(arrived(T0 + DAY, 2, {A: {T0 + DAY + HOUR: (1, 0)}}, selado_em=iso(T0 + DAY + HOUR)))
    plant.record(arrived(T0 + 310, 3, {B: {T0 + 5: (1, 0)}}, marks=[(A, T0 + 309)], **SEALED_AHEAD))
    plant.sign(plant.boss, A, "2026-03-15", "D1", "conferido")
    # One matter holds the gateway's lines and the whole span they may touch.
    assert plant.close_lots()["fechadas"] == []
    decide(plant, doubts(plant)[0])
    assert plant.close_lots()["fechadas"] == [OP]


def test_p10_a_clock_decision_is_taken_once_by_the_role_and_with_a_reason(
    plant: Database,
) -> None:
    plant.record(arrived(T0 + 10, 1, {A: {T0: (13, 0)}}, **SAYS_BEHIND))
    (doubt,) = doubts(plant)
    operator = plant.person("OPERADOR")
    arguments = {"p_id": doubt["p_id"], "p_decisao": "MANTER", "p_motivo": "conferido"}
    assert code(lambda: plant.call(operator, "decidir_relogio", **arguments))[0] == "PT403"
    assert code(lambda: decide(plant, doubt, why=" "))[0] == "PT422"
    assert code(lambda: decide(plant, doubt, "ADIVINHAR"))[0] == "PT422"
    assert code(lambda: decide(plant, {"p_id": 999})) == ("PT404", "DUVIDA_DESCONHECIDA")
    decide(plant, doubt)
    assert code(lambda: decide(plant, doubt))[0] == "PT409"
    trail = plant.sql("select acao, motivo from trilha_auditoria where objeto = %s", f"duvidas_relogio:{doubt['p_id']}")
    assert trail == [{"acao": "decidir_relogio", "motivo": "relógio conferido"}]


# Records far in the future ------------------------------------------------------------------------------------------


def test_p11_counts_dated_days_after_they_came_are_held(plant: Database) -> None:
    late = T0 + 10 + 1 + DAY
    plant.record(
        arrived(
            T0 + 10, 1, {A: {late: (1, 0), late + 1: (5, 2)}, B: {FAR: (7, 0)}},
            spans=[span(A, T0, late + 1, 4), span(A, T0, late, 2), span(A, T0, FAR, 9, 0, "relogio")],
        )
    )  # fmt: skip
    assert plant.totals()[OP, A] == ((1 + 2) * 8, 0)
    held = plant.pending("RETIDA")
    assert {(row["linha_id"], row["detalhes"]["producao"]) for row in held} == {(A, 5 + 4 + 9), (B, 7)}
    assert all("muito depois de chegar" in row["descricao"] for row in held)
    assert plant.balance(A)["retido"] == (18, 2)
    plant.shut(plant.boss, OP, A, T0 + 50)
    plant.open(plant.boss, "000124", A, T0 + 60)
    still = {(row["linha_id"], row["detalhes"]["producao"]) for row in plant.pending("RETIDA")}
    assert still == {(A, 5 + 4 + 9), (B, 7), (A, 2)}, "re-dating lets none of it go; 2 spans a boundary now"


def test_p11_a_loose_file_dated_in_the_future_is_held_too(plant: Database) -> None:
    plant.sql("delete from fontes_linha where linha_id = %s", A)
    plant.owner(A, "avulso")
    plant.record(loose("avulsos/a.txt", "", "x", {A: {FAR: (3, 0)}}))
    assert plant.totals()[OP, A] == (0, 0)
    assert plant.balance(A)["retido"] == (3, 0)
