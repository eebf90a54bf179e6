"""Re-dating an order: what stands at the very edge of the window that changes, and what must stay as it is."""

import pytest

from local.stack.database import T0, Database, batch, span

A, B = "SPEP-ENV-A", "SPEP-ENV-B"


@pytest.fixture
def plant(db: Database) -> Database:
    """Lines A and B of one gateway; OPs 000123 and 000124 are there."""
    db.gateway("planta-1", A, B)
    db.lot("000123", "000124")
    return db


def test_p2_a_re_dating_gives_nothing_to_orders_of_other_lines(plant: Database) -> None:
    """Neither counts nor an empty total: an order on a line is one that was opened there."""
    who = plant.person()
    plant.open(who, "000124", A, T0)
    plant.open(who, "000123", B, T0)
    counts = {T0 + n: (1, 0) for n in range(0, 120, 10)}
    plant.record(batch(1, {A: counts, B: counts}, spans=[span(A, T0 + 20, T0 + 30, 5), span(B, T0 + 20, T0 + 30, 5)]))
    plant.open(who, "000123", B, T0 + 60)
    assert plant.totals() == {("000123", B): (6, 0), ("000124", A): (17 * 8, 0)}


def test_p2_a_span_read_at_the_second_of_an_order_s_end_follows_that_end(plant: Database) -> None:
    who = plant.person()
    plant.open(who, "000123", B, T0)
    plant.record(batch(1, {B: {T0 + 50: (3, 0)}}, spans=[span(B, T0 + 85, T0 + 90, 7)]))
    assert plant.totals() == {("000123", B): (10, 0)}
    plant.shut(who, "000123", B, T0 + 90)  # the reading itself is no longer the order's
    assert (plant.totals(), plant.balance(B)["retido"]) == ({("000123", B): (3, 0)}, (7, 0))
    plant.shut(who, "000123", B, T0 + 91)
    assert (plant.totals(), plant.balance(B)["retido"]) == ({("000123", B): (10, 0)}, (0, 0))


def ends(plant: Database) -> list[tuple[int, int]]:
    rows = plant.sql(
        "select extract(epoch from primeira_contagem)::int as de, extract(epoch from ultima_contagem)::int as ate"
        " from ordens_producao_ativas"
    )
    return [(row["de"] - T0, row["ate"] - T0) for row in rows]


def test_p2_an_orders_first_count_is_its_first_span_if_earlier(plant: Database) -> None:
    who = plant.person()
    plant.open(who, "000123", B, T0)
    spans = [span(B, T0 + 20, T0 + 30.5, 1), span(B, T0 + 300, T0 + 310.9, 1)]
    plant.record(batch(1, {B: {T0 + 5: (1, 0), T0 + 100: (1, 0)}}, spans=spans))
    plant.open(who, "000123", B, T0 + 10)
    assert ends(plant) == [(30, 310)]


def test_p2_counts_that_move_within_an_order_move_its_first_and_last(plant: Database) -> None:
    """Its total stays the same then; a decision about a clock does this."""
    plant.open(plant.person(), "000123", B, T0)
    plant.record(batch(1, {B: {T0 + 5: (1, 0), T0 + 7: (2, 0)}}))
    before = plant.one("select interno.atribuicao_json(%s, to_timestamp(%s), 'infinity')::text", B, T0)
    plant.sql("update contagens_minuto set minuto = minuto + interval '2 minutes'")
    plant.sql("select interno.reatribuir(%s, to_timestamp(%s), 'infinity', %s)", B, T0, before)
    assert (plant.totals(), ends(plant)) == ({("000123", B): (3, 0)}, [(125, 127)])


def test_p2_justified_rejects_stay_justified_without_an_order(plant: Database) -> None:
    """A minute in which nothing was made: only its refused counts were justified."""
    who = plant.person()
    plant.record(batch(1, {B: {T0 + 10: (0, 2), T0 + 40: (0, 3)}}))
    plant.call(who, "justificar_sem_ordem", p_linha_id=B, p_de=T0, p_ate=T0 + 60, p_motivo="teste da máquina")
    justified = "select justificada_rejeicao from contagens_minuto"
    assert plant.one(justified) == 5
    plant.open(who, "000123", B, T0 + 30)
    assert (plant.totals(), plant.one(justified)) == ({("000123", B): (0, 3)}, 2)
    plant.shut(who, "000123", B, T0 + 30)
    assert plant.one(justified) == 5


def test_a_re_dating_writes_no_count_that_stays_where_it_is(plant: Database) -> None:
    who = plant.person()
    plant.open(who, "000123", B, T0)
    plant.record(batch(1, {B: {T0 + 50: (1, 0)}}, spans=[span(B, T0 + 10.5, T0 + 12, 1)]))

    def versions() -> list[object]:
        minutes = plant.sql("select xmin::text as version from contagens_minuto")
        spans = plant.sql("select xmin::text as version from contagens_intervalo")
        return [*minutes, *spans]

    before = versions()
    plant.open(who, "000123", B, T0 + 10)
    assert versions() == before
