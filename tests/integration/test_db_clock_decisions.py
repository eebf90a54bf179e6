"""What a person decides about a gateway's clock moves exactly the batches in doubt, and nothing beside them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from local.stack.database import T0, Database, batch, iso, sha, span
from tests.support.refusals import code

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
FIRST, SECOND = "000123", "000124"
HOUR = 3_600
DAY = 24 * HOUR
AHEAD = 2 * HOUR


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A)
    db.lot(FIRST, SECOND)
    db.boss = db.person("GESTOR")
    db.open(db.boss, FIRST, A, T0)
    db.shut(db.boss, FIRST, A, T0 + AHEAD)
    db.open(db.boss, SECOND, A, T0 + AHEAD)
    return db


def ahead(seq: int, counts: Any = None, *, spans: Any = (), sources: Any = (), **more: Any) -> dict[str, Any]:
    """A batch of a gateway that says its clock is two hours ahead; `sources`: (line, second, the source's, made)."""
    doubt = {"desvio_ms": AHEAD * 1000, "testemunha": "s3"}
    entry = batch(seq, counts, spans=spans, relogio=doubt, chegada=iso(T0 + DAY), **more)
    for line in entry["linhas"]:
        if own := [[second, source, made, 0] for name, second, source, made in sources if name == line["linha_id"]]:
            line["fontes"] = own
    return entry


def decide(db: Database, decision: str, shift_s: int | None = None) -> None:
    (doubt,) = db.pending("RELOGIO_EM_DUVIDA")
    more = {} if shift_s is None else {"p_deslocar_s": shift_s}
    db.call(
        db.boss, "decidir_relogio", p_id=doubt["detalhes"]["p_id"], p_decisao=decision, p_motivo="relógio visto", **more
    )


def applied(db: Database, limit: int = 100) -> list[int]:
    """Apply what was decided, as the run of every minute does; how many batches each call moved."""
    with db.as_role("service_role"):
        moved = []
        while (answer := db.one("select aplicar_decisoes_relogio(%s)", limit))["restam"]:
            moved.append(answer["lotes"])
    return moved


def machine(db: Database, line: str = A) -> dict[str, tuple[int, int]]:
    rows = db.sql(
        "select numero_op as op, producao_maquina as p, rejeicao_maquina as r"
        " from ordens_producao_ativas where linha_id = %s",
        line,
    )
    return {row["op"]: (row["p"], row["r"]) for row in rows}


def seconds(db: Database, line: str = A) -> dict[int, tuple[int, int]]:
    rows = db.sql(
        "select extract(epoch from m.minuto)::bigint + i - 1 as s, coalesce(p, 0) as p, coalesce(r, 0) as r"
        " from contagens_minuto as m, unnest(m.producao, m.rejeicao) with ordinality as u (p, r, i)"
        " where linha_id = %s and (p > 0 or r > 0)",
        line,
    )
    return {row["s"]: (row["p"], row["r"]) for row in rows}


def test_p2_a_shift_takes_only_the_doubtful_batches_back_in_time(plant: Database) -> None:
    plant.record(
        ahead(1, {A: {T0 + AHEAD + 5: (13, 1), T0 + AHEAD + 65: (2, 0)}}),
        batch(2, {A: {T0 + AHEAD + 5: (4, 0), T0 + 5: (1, 0)}}),
    )
    assert machine(plant) == {FIRST: (1, 0), SECOND: (19, 1)}
    decide(plant, "DESLOCAR", AHEAD)
    assert machine(plant) == {FIRST: (1, 0), SECOND: (19, 1)}, "nothing moves within the person's call"
    assert applied(plant) == [1, 0]
    assert machine(plant) == {FIRST: (16, 1), SECOND: (4, 0)}
    assert seconds(plant) == {T0 + 5: (14, 1), T0 + 65: (2, 0), T0 + AHEAD + 5: (4, 0)}
    assert plant.totals()[FIRST, A] == (16 * 8, 1)
    assert plant.balance(A)["atribuido"] == (20, 1)
    assert plant.one("select count(*) from contagens_em_duvida") == 0
    assert applied(plant) == [], "once"


def test_p2_the_source_s_own_time_stands_where_it_gave_one(plant: Database) -> None:
    at = T0 + AHEAD + 5
    plant.record(ahead(1, {A: {at: (13, 0), at + 1: (2, 0)}}, sources=[(A, at, T0 + 4, 3), (A, at, T0 + 6, 5)]))
    decide(plant, "FONTE")
    applied(plant)
    assert seconds(plant) == {T0 + 4: (3, 0), T0 + 6: (5, 0), at: (5, 0), at + 1: (2, 0)}
    assert machine(plant) == {FIRST: (8, 0), SECOND: (7, 0)}


def test_p2_kept_times_stay_and_what_was_kept_for_the_decision_goes(plant: Database) -> None:
    plant.record(ahead(1, {A: {T0 + AHEAD: (13, 0)}}))
    assert plant.one("select count(*) from contagens_em_duvida") == 1
    decide(plant, "MANTER")
    assert applied(plant) == []
    assert machine(plant) == {FIRST: (0, 0), SECOND: (13, 0)}
    assert plant.one("select count(*) from contagens_em_duvida") == 0


def test_p2_what_was_justified_and_moves_away_justifies_nothing_after_it(plant: Database) -> None:
    before = T0 - 100
    plant.record(ahead(1, {A: {before: (4, 1)}}), batch(2, {A: {before + 1: (3, 0)}}))
    window = {"p_linha_id": A, "p_de": before - 30, "p_ate": before + 30, "p_motivo": "teste da máquina"}
    plant.call(plant.boss, "justificar_sem_ordem", **window)
    decide(plant, "DESLOCAR", HOUR)
    applied(plant)
    plant.record(batch(3, {A: {before: (8, 0)}}))
    plant.open(plant.boss, FIRST, A, before + 1)
    plant.open(plant.boss, FIRST, A, T0)
    (waiting,) = plant.pending("SEM_ORDEM")
    assert (waiting["detalhes"]["producao"], waiting["detalhes"]["rejeicao"]) == (4 + 8, 1)
    assert plant.balance(A)["sem_ordem"] == (4 + 8 + 3, 1)


def test_p2_rejects_go_to_the_source_s_own_time_too(plant: Database) -> None:
    at = T0 + AHEAD + 5
    entry = ahead(1, {A: {at: (13, 4)}})
    entry["linhas"][0]["fontes"] = [[at, T0 + 4, 3, 1], [at, T0 + 6, 0, 2]]
    plant.record(entry)
    decide(plant, "FONTE")
    applied(plant)
    assert seconds(plant) == {T0 + 4: (3, 1), T0 + 6: (0, 2), at: (10, 1)}


@pytest.fixture
def two_doubts(plant: Database) -> dict[str, int]:
    """Two gateways whose clocks are in doubt, each with 13 units on its line; the doubts by gateway."""
    plant.gateway("planta-2", B)
    plant.open(plant.boss, SECOND, B, T0 + AHEAD)
    plant.record(ahead(1, {A: {T0 + AHEAD: (13, 0)}}), ahead(1, {B: {T0 + AHEAD: (13, 0)}}, gateway="planta-2"))
    rows = plant.sql("select id, gateway from duvidas_relogio")
    return {row["gateway"]: row["id"] for row in rows}


@pytest.mark.parametrize("decision", [{"p_decisao": "DESLOCAR", "p_deslocar_s": AHEAD}, {"p_decisao": "MANTER"}])
def test_p2_a_decision_leaves_the_other_gateways_doubt(
    plant: Database, two_doubts: dict[str, int], decision: dict[str, Any]
) -> None:
    plant.call(plant.boss, "decidir_relogio", p_id=two_doubts["planta-1"], p_motivo="relógio visto", **decision)
    applied(plant)
    assert machine(plant, B) == {SECOND: (13, 0)}
    (waiting,) = plant.pending("RELOGIO_EM_DUVIDA")
    assert waiting["detalhes"]["p_id"] == two_doubts["planta-2"]
    decide(plant, "DESLOCAR", AHEAD)
    assert applied(plant) == [1, 0]
    assert seconds(plant, B) == {T0: (13, 0)}


def test_p11_of_two_offsets_of_a_doubt_the_first_largest_is_named(plant: Database) -> None:
    said = ((7_000, "s3"), (-7_000, "marca"), (6_000, "fontes"))
    for seq, (offset, witness) in enumerate(said, 1):
        plant.record(batch(seq, {A: {T0 + seq: (1, 0)}}, relogio={"desvio_ms": offset, "testemunha": witness}))
    assert plant.sql("select desvio_ms, testemunha from duvidas_relogio") == [{"desvio_ms": 7_000, "testemunha": "s3"}]


def test_p11_a_moved_count_may_be_as_late_as_one_that_just_arrived(plant: Database) -> None:
    limit = plant.one("select extract(epoch from interno.limite_do_futuro(%s))::bigint", iso(T0 + 61))
    plant.record(ahead(1, {A: {limit + AHEAD: (13, 0), limit + AHEAD + 1: (2, 0)}}, gravado_em=iso(T0 + 60)))
    decide(plant, "DESLOCAR", AHEAD)
    applied(plant)
    assert seconds(plant) == {limit: (13, 0)}
    assert plant.balance(A)["retido"] == (2, 0)


def spans_of(db: Database, line: str = A) -> list[tuple[Any, ...]]:
    rows = db.sql(
        "select extract(epoch from desde)::float8 as de, extract(epoch from ate)::float8 as ate, producao as p,"
        " situacao from contagens_intervalo where linha_id = %s and situacao <> 'CORRIGIDA' order by producao",
        line,
    )
    return [(row["de"] - T0, row["ate"] - T0, row["p"], row["situacao"]) for row in rows]


def test_p2_a_span_moves_with_its_batch_and_what_was_decided_stays(plant: Database) -> None:
    straddling = span(A, T0 + AHEAD - 10, T0 + AHEAD + 10, 5)
    sourced = span(A, T0 + AHEAD + 20, T0 + AHEAD + 30, 7) | {"fonte": iso(T0 + 31)}
    decided = span(A, T0 + AHEAD - 20, T0 + AHEAD + 20, 9)
    plant.record(ahead(1, {A: {T0 + AHEAD: (1, 0)}}, spans=[straddling, sourced, decided]))
    held = {row["detalhes"]["producao"]: row["detalhes"]["p_id"] for row in plant.pending("RETIDA")}
    plant.call(plant.boss, "decidir_retido", p_id=held[9], p_decisao="ATRIBUIR", p_numero_op=SECOND, p_motivo="visto")
    assert machine(plant) == {FIRST: (0, 0), SECOND: (1 + 7 + 9, 0)}
    decide(plant, "FONTE")
    applied(plant)
    assert spans_of(plant) == [
        (AHEAD - 10, AHEAD + 10, 5, "RETIDA"),
        (21, 31, 7, "ATRIBUIDA"),
        (AHEAD - 20, AHEAD + 20, 9, "DECIDIDA"),
    ]
    assert machine(plant) == {FIRST: (7, 0), SECOND: (10, 0)}
    assert plant.balance(A)["retido"] == (5, 0)


def test_p11_what_was_held_as_far_ahead_counts_where_the_shift_puts_it(plant: Database) -> None:
    far = 3 * DAY
    garbled = span(A, T0 + far + 7, T0 + far + 7, 11, 0, "implausivel")
    plant.record(
        ahead(
            1,
            {A: {T0 + far + 5: (13, 2)}},
            spans=[span(A, T0 + far, T0 + far + 3, 4), garbled],
            gravado_em=iso(T0 + 60),
        )
    )
    assert plant.balance(A)["retido"] == (28, 2)
    decide(plant, "DESLOCAR", far)
    applied(plant)
    assert seconds(plant) == {T0 + 5: (13, 2)}
    assert spans_of(plant) == [(0, 3, 4, "ATRIBUIDA"), (7, 7, 11, "RETIDA")]
    assert machine(plant)[FIRST] == (17, 2)
    assert plant.sql("select flags from contagens_intervalo where producao = 11 and situacao = 'RETIDA'") == [
        {"flags": ["implausivel"]}
    ]


def test_p1_a_corrected_time_that_another_source_owns_is_quarantined(plant: Database) -> None:
    plant.sql("delete from fontes_linha")
    plant.owner(A, "planta-1", T0 + HOUR)
    plant.owner(A, "planta-2", T0 - DAY, T0 + HOUR)
    plant.record(ahead(1, {A: {T0 + AHEAD: (13, 0), T0 + AHEAD + 9: (2, 0)}}))
    decide(plant, "DESLOCAR", AHEAD)
    applied(plant)
    assert (machine(plant)[FIRST], plant.balance(A)["quarentena"]) == ((0, 0), (15, 0))
    (piece,) = plant.pending("QUARENTENA")
    plant.sql("delete from fontes_linha")
    plant.owner(A, "planta-1")
    reread(plant, piece, ahead(1, {A: {T0 + AHEAD: (13, 0), T0 + AHEAD + 9: (2, 0)}}))
    assert seconds(plant) == {T0: (13, 0), T0 + 9: (2, 0)}
    assert plant.balance(A)["quarentena"] == (0, 0)


def test_p10_who_owned_a_line_waits_for_the_clock_of_its_counts(plant: Database) -> None:
    plant.record(ahead(1, {A: {T0 + AHEAD: (13, 0)}}))
    facts = {"p_linha_id": A, "p_fonte": "planta-1", "p_papel": "nenhum", "p_ate": None, "p_motivo": "soube-se depois"}
    for since in (T0, T0 + AHEAD):
        refused = code(lambda since=since: plant.call(plant.boss, "definir_fonte", **facts, p_de=since))
        assert refused == ("PT409", "RELOGIO_EM_DUVIDA")
    plant.call(plant.boss, "definir_fonte", **facts, p_de=T0 + AHEAD + 1)
    decide(plant, "DESLOCAR", AHEAD)
    assert code(lambda: plant.call(plant.boss, "definir_fonte", **facts, p_de=T0)) == ("PT409", "RELOGIO_EM_DUVIDA")
    applied(plant)
    plant.call(plant.boss, "definir_fonte", **facts, p_de=T0)
    assert (machine(plant)[FIRST], plant.balance(A)["quarentena"]) == ((0, 0), (13, 0))


def reread(db: Database, piece: dict[str, Any], file: dict[str, Any]) -> None:
    number = piece["detalhes"]["p_id"]
    db.call(db.boss, "reprocessar_quarentena", p_id=number, p_motivo="agora tem dono")
    assert db.situations(file | {"reprocessar": number}) == ["APLICADO"]


@pytest.mark.parametrize("read_first", [True, False])
def test_p2_a_quarantined_piece_of_the_batch_is_corrected_too(plant: Database, read_first: bool) -> None:
    plant.sql("delete from fontes_linha")
    plant.owner(A, "planta-1", T0 - DAY, T0 + AHEAD + 6)
    file = ahead(1, {A: {T0 + AHEAD + 5: (13, 0), T0 + AHEAD + 6: (2, 0)}})
    plant.record(file)
    (piece,) = plant.pending("QUARENTENA")
    plant.sql("update fontes_linha set ate = null")
    if read_first:
        reread(plant, piece, file)
    decide(plant, "DESLOCAR", AHEAD)
    applied(plant)
    if not read_first:
        reread(plant, piece, file)
    assert seconds(plant) == {T0 + 5: (13, 0), T0 + 6: (2, 0)}
    assert machine(plant) == {FIRST: (15, 0), SECOND: (0, 0)}


def test_p4_no_lot_closes_until_the_last_batch_is_moved(plant: Database) -> None:
    plant.record(*(ahead(seq, {A: {T0 + AHEAD + seq: (1, 0)}}) for seq in (1, 2, 3)))
    plant.record(batch(4, marks=[(A, T0 + DAY)]))
    plant.sign(plant.boss, A, "2026-03-15", "D1", "conferido")
    assert plant.close_lots()["fechadas"] == []
    decide(plant, "DESLOCAR", AHEAD)
    with plant.as_role("service_role"):
        assert plant.one("select aplicar_decisoes_relogio(2)") == {"lotes": 2, "restam": True}
    assert machine(plant) == {FIRST: (2, 0), SECOND: (1, 0)}
    assert "RELOGIO_EM_DUVIDA" in plant.missing(FIRST)
    assert applied(plant) == [1, 0]
    plant.sign(plant.boss, A, "2026-03-15", "D1", "relógio corrigido")
    assert plant.close_lots()["fechadas"] == [FIRST]


def test_p4_a_closed_lot_gets_what_a_shift_brings_as_an_adjustment(plant: Database) -> None:
    plant.record(batch(1, {A: {T0 + 1: (1, 0)}}, marks=[(A, T0 + AHEAD)]))
    plant.sign(plant.boss, A, "2026-03-15", "D1", "conferido")
    assert plant.close_lots()["fechadas"] == [FIRST]
    plant.record(ahead(2, {A: {T0 + AHEAD + 5: (13, 0)}}))
    decide(plant, "DESLOCAR", AHEAD)
    applied(plant)
    plant.close_lots()
    rows = plant.sql("select diferenca from ajustes_fechamento")
    assert [row["diferenca"] for row in rows] == [13 * 8]


@pytest.mark.parametrize(
    ("decision", "shift_s"), [("DESLOCAR", None), ("DESLOCAR", 0), ("MANTER", 5), ("DESLOCAR", 10**12)]
)
def test_p11_a_shift_is_whole_seconds_within_a_year_or_nothing(
    plant: Database, decision: str, shift_s: int | None
) -> None:
    plant.record(ahead(1, {A: {T0 + AHEAD: (13, 0)}}))
    assert code(lambda: decide(plant, decision, shift_s)) == ("PT422", "DESLOCAMENTO_INVALIDO")


# Whatever a batch brings, a decision puts it where a right clock would have put it at once --------------------------

Row = tuple[int, int, int, int]  # seconds after the beginning, made, rejected, seconds it spans


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[bool, list[Row]]], list[int], int]:
    """Batches (in doubt or not) with their seconds, the instants orders change, and how far the clock was ahead."""
    instants = st.integers(0, 180)
    second = st.tuples(instants, st.integers(0, 5), st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 90]))
    batches = st.lists(st.tuples(st.booleans(), st.lists(second, min_size=1, max_size=8)), min_size=1, max_size=6)
    changes = st.lists(instants, max_size=2, unique=True).map(sorted)
    return draw(batches), draw(changes), draw(st.sampled_from([-90, -1, 1, 45, 200, 7_200]))


@pytest.fixture
def days(db: Database) -> Iterator[int]:
    """A stretch of time of its own for each history: they share a database."""
    db.gateway("planta-1", A)
    db.gateway("planta-2", B)
    db.boss = db.person("GESTOR")
    db.sql("delete from fatores_linha")
    return iter(range(T0, T0 + 10**9, DAY))


SAYS_DOUBT = {"relogio": {"desvio_ms": -1, "testemunha": "fontes"}}


def shown_at(base: int, rows: list[Row], off: int) -> list[tuple[int, int, Row]]:
    """Each row with the second that it is recorded at, and its own."""
    return [(base + row[0] + off, base + row[0], row) for row in rows]


def entry_of(line: str, shown: Any, gateway: str, seq: int, epoch: str, **more: Any) -> dict[str, Any]:
    """A batch of these rows; those not recorded at their own second name it."""
    counts: dict[int, tuple[int, int]] = {}
    sources: dict[tuple[int, int], tuple[int, int]] = {}
    spans = []
    for here, own, (_, made, rejected, length) in shown:
        if length:
            own_time = {"fonte": iso(own)} if here != own else {}
            spans.append(span(line, here - length, here, made, rejected) | own_time)
            continue
        counts[here] = _plus(counts.get(here), made, rejected)
        if here != own:
            sources[here, own] = _plus(sources.get((here, own)), made, rejected)
    entry = batch(seq, {line: counts}, spans=spans, gateway=gateway, epoch=epoch, chegada=iso(T0 + 10**9), **more)
    for one in entry["linhas"]:
        one["fontes"] = [[*pair, *pair_counts] for pair, pair_counts in sources.items()]
    return entry


def _plus(pair: tuple[int, int] | None, made: int, rejected: int) -> tuple[int, int]:
    return (pair[0] + made, pair[1] + rejected) if pair else (made, rejected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(([(True, [(0, 5, 0, 0)]), (False, [(45, 1, 0, 0)])], [20], 45), "DESLOCAR")
@example(([(True, [(50, 5, 1, 1)])], [20], 45), "FONTE")
@given(histories(), st.sampled_from(["DESLOCAR", "FONTE"]))
def test_p2_a_decision_gives_what_a_right_clock_gives_at_once(
    db: Database, days: Iterator[int], history: Any, decision: str
) -> None:
    batches, changes, off = history
    base = next(days)
    orders = [f"{base // DAY:06}{number:02}" for number in range(len(changes) + 1)]
    db.lot(*orders)
    for line in (A, B):
        for order, since, until in zip(orders, [0, *changes], [*changes, 181], strict=True):
            if since < until:
                db.open(db.boss, order, line, base - 500 + since if since == 0 else base + since)
                db.shut(db.boss, order, line, base + until)
    epoch = sha(str(base))[:32]
    for seq, (doubtful, rows) in enumerate(batches, 1):
        wrong = shown_at(base, rows, off if doubtful else 0)
        db.record(
            entry_of(A, wrong, "planta-1", seq, epoch, **(SAYS_DOUBT if doubtful else {})),
            entry_of(B, shown_at(base, rows, 0), "planta-2", seq, epoch),
        )
    if db.pending("RELOGIO_EM_DUVIDA"):
        decide(db, decision, off if decision == "DESLOCAR" else None)
        applied(db, 2)
    window = range(base - 10_000, base + 20_000)
    assert shown_of(db, A, window) == shown_of(db, B, window)
    assert [machine(db, A).get(order) for order in orders] == [machine(db, B).get(order) for order in orders]
    db.balance(A)


def shown_of(db: Database, line: str, window: range) -> Any:
    held = db.sql(
        "select extract(epoch from desde)::float8 as de, extract(epoch from ate)::float8 as ate, producao, rejeicao,"
        " flags, situacao, motivo, numero_op from contagens_intervalo where linha_id = %s and situacao <> 'CORRIGIDA'"
        " and extract(epoch from ate) between %s and %s order by desde, ate, producao, rejeicao",
        line,
        window.start,
        window.stop,
    )
    without = db.sql(
        "select minuto, sem_ordem_producao, sem_ordem_rejeicao from contagens_minuto where linha_id = %s"
        " and extract(epoch from minuto) between %s and %s and total_producao + total_rejeicao > 0 order by minuto",
        line,
        window.start,
        window.stop,
    )
    return {s: pair for s, pair in seconds(db, line).items() if s in window}, held, without
