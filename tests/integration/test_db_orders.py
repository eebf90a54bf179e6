"""abrir_ordem and encerrar_ordem: what a person may say about when an order ran, and what becomes of the counts."""

import time
from datetime import datetime
from itertools import combinations

import psycopg
import pytest

from local.stack.database import T0, Database, batch, iso, span

A, B = "SPEP-ENV-A", "SPEP-ENV-B"


@pytest.fixture
def plant(db: Database) -> Database:
    """Line B counts one a second for ten minutes from T0 on; OPs 000123, 000124, 000125 are there."""
    db.gateway("planta-1", A, B)
    db.lot("000123", "000124", "000125")
    db.record(batch(1, {B: {T0 + n: (1, 0) for n in range(600)}}))
    return db


@pytest.fixture
def who(plant: Database) -> str:
    return plant.person()


def refused(call) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as error:
        call()
    return error.value


def code(call) -> tuple[str | None, str | None]:
    error = refused(call)
    assert error.diag.message_detail, "a refusal explains itself"
    assert error.diag.message_hint, "a refusal says what to do"
    return error.sqlstate, error.diag.message_primary


def made(plant: Database) -> dict[str, int]:
    return {op: units for (op, line), (units, _) in plant.totals().items() if line == B}


def test_p2_an_order_opened_late_takes_exactly_what_counted_since_then(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0 + 61)
    assert made(plant) == {"000123": 539}
    assert plant.balance(B)["sem_ordem"] == (61, 0)


def test_p2_closing_late_gives_the_rest_back(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    plant.shut(who, "000123", B, T0 + 90)
    assert made(plant) == {"000123": 90}
    assert plant.balance(B)["sem_ordem"] == (510, 0)


def test_p2_re_dating_moves_counts_between_two_orders_to_the_second(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    plant.shut(who, "000123", B, T0 + 300)
    plant.open(who, "000124", B, T0 + 300)
    plant.shut(who, "000123", B, T0 + 199)
    plant.open(who, "000124", B, T0 + 199)
    assert made(plant) == {"000123": 199, "000124": 401}
    assert plant.balance(B)["sem_ordem"] == (0, 0)
    rows = plant.sql(
        "select extract(epoch from primeira_contagem)::int as de, extract(epoch from ultima_contagem)::int as ate"
        " from ordens_producao_ativas order by numero_op"
    )
    assert [(r["de"] - T0, r["ate"] - T0) for r in rows] == [(0, 198), (199, 599)]


def test_p2_an_increment_held_at_a_boundary_counts_once_it_moves_away(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0 + 30)
    plant.record(batch(2, spans=[span(B, T0 + 20, T0 + 40, 1000)]))
    assert plant.balance(B)["retido"] == (1000, 0)
    plant.open(who, "000123", B, T0 + 10)
    assert made(plant) == {"000123": 1590}
    plant.open(who, "000123", B, T0 + 50)
    assert made(plant) == {"000123": 550}
    assert plant.balance(B)["sem_ordem"] == (1050, 0)


def test_a_forgotten_order_entered_late_ends_where_the_next_one_began(plant: Database, who: str) -> None:
    plant.open(who, "000124", B, T0 + 300)
    period = plant.open(who, "000123", B, T0)
    assert (instant(period["aberta_em"]), instant(period["encerrada_em"])) == (T0, T0 + 300)
    assert made(plant) == {"000123": 300, "000124": 300}


def test_p2_an_order_takes_what_was_made_between_its_two_seconds(plant: Database, who: str) -> None:
    """Whole minutes, parts of one, of two, and minutes between: entered late, ended by the next, moved, annulled."""
    edges = [0, 1, 59, 60, 61, 119, 120, 185, 240]
    for begun, ended in combinations(edges, 2):
        plant.open(who, "000124", B, T0 + ended)
        plant.open(who, "000123", B, T0 + begun)
        assert made(plant) == {"000123": ended - begun, "000124": 600 - ended}, (begun, ended)
        plant.shut(who, "000124", B, T0 + 300)
        assert made(plant)["000124"] == 300 - ended, (begun, ended)
        for op, at in (("000123", begun), ("000124", ended)):
            plant.shut(who, op, B, T0 + at)
        assert made(plant) == {"000123": 0, "000124": 0}, (begun, ended)
        assert plant.balance(B)["sem_ordem"] == (600, 0), (begun, ended)


def test_p2_first_and_last_count_of_an_order_are_its_own_on_its_line(plant: Database, who: str) -> None:
    """Made or only refused, in one second or over several; what the order, or another, has elsewhere is not asked."""

    def ends() -> list[tuple[int, int]]:
        rows = plant.sql(
            "select extract(epoch from primeira_contagem)::int as de, extract(epoch from ultima_contagem)::int as ate"
            " from ordens_producao_ativas where numero_op = '000123' and linha_id = %s",
            A,
        )
        return [(row["de"] - T0, row["ate"] - T0) for row in rows]

    plant.open(who, "000123", B, T0)
    plant.record(batch(2, spans=[span(B, T0 + 1, T0 + 3, 1), span(B, T0 + 800, T0 + 900, 1)]))
    plant.open(who, "000123", A, T0)
    plant.record(batch(3, {A: {T0 + 50: (0, 1), T0 + 100: (5, 0), T0 + 200: (0, 2)}}))
    plant.open(who, "000123", A, T0 + 10)
    assert ends() == [(50, 200)]
    spans = [span(A, T0 + 20, T0 + 30.5, 1), span(A, T0 + 60, T0 + 70, 1), span(A, T0 + 300, T0 + 310.9, 0, 1)]
    plant.record(batch(4, spans=spans))
    plant.open(who, "000123", A, T0 + 11)
    assert ends() == [(30, 310)]
    plant.shut(who, "000123", A, T0 + 400)
    plant.open(who, "000124", A, T0 + 400)
    plant.record(batch(5, {A: {T0 + 1: (1, 0), T0 + 401: (1, 0)}}, spans=[span(A, T0 + 500, T0 + 510, 1)]))
    plant.shut(who, "000123", A, T0 + 399)
    assert ends() == [(30, 310)]
    plant.open(who, "000123", A, T0 + 40)
    assert ends() == [(50, 310)]
    plant.shut(who, "000123", A, T0 + 301)
    assert ends() == [(50, 200)]


def test_p2_refused_counts_follow_a_re_dating_as_the_made_ones_do(plant: Database, who: str) -> None:
    plant.sql("insert into fatores_linha (linha_id, contador, fator) values (%s, 'rejeicao', 3)", A)
    plant.open(who, "000123", A, T0)
    plant.record(batch(2, {A: {T0 + n: (2, 1) for n in range(200)}}, spans=[span(A, T0 + 90, T0 + 95, 4, 2)]))

    def total() -> list[int]:
        columns = "producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina"
        (row,) = plant.sql(f"select {columns} from ordens_producao_ativas where linha_id = %s", A)
        return list(row.values())

    assert total() == [404 * 8, 202 * 3, 404, 202]
    plant.shut(who, "000123", A, T0 + 150)
    assert total() == [304 * 8, 152 * 3, 304, 152]
    plant.open(who, "000123", A, T0 + 100)
    assert total() == [100 * 8, 50 * 3, 100, 50]
    assert plant.balance(A)["sem_ordem"] == (304, 152)
    plant.sql("update fatores_linha set fator = 2 where linha_id = %s", A)
    plant.open(who, "000123", A, T0 + 80)
    assert total() == [144 * 2, 72 * 2, 144, 72], "the factors of the new opening"


def test_a_total_that_does_not_change_is_not_written_and_one_that_does_is(plant: Database, who: str) -> None:
    changed = "select atualizado_em from ordens_producao_ativas where linha_id = %s"
    plant.open(who, "000123", A, T0)
    kept = span(A, T0 + 10.5, T0 + 12, 1)  # it touches what is re-dated, and stays with the order
    held = span(A, T0 + 60, T0 + 70, 2, 1, "implausivel")
    plant.record(batch(2, {A: {T0 + 50: (1, 0), T0 + 90: (1, 0)}}, spans=[kept, held]))
    before = plant.one(changed, A)
    plant.open(who, "000123", A, T0 + 10)
    assert plant.one(changed, A) == before, "nothing was counted in these ten seconds"
    number = plant.one("select id from contagens_retidas")
    plant.call(who, "decidir_retido", p_id=number, p_decisao="ATRIBUIR", p_numero_op="000123", p_motivo="conferido")
    assert plant.totals()["000123", A] == (40, 1), "between its first and its last count"
    assert plant.one(changed, A) > before


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_answer_is_the_period_with_its_frozen_factors(plant: Database, who: str) -> None:
    period = plant.open(who, "000123", A, T0)
    assert period | {"id": 0, "aberta_em": "", "avisos": []} == {
        "id": 0,
        "avisos": [],
        "numero_op": "000123",
        "linha_id": A,
        "aberta_em": "",
        "encerrada_em": None,
        "fator_producao": 8,
        "fator_rejeicao": 1,
    }
    assert instant(period["aberta_em"]) == T0


def test_opening_and_closing_again_at_the_same_instant_change_nothing(plant: Database, who: str) -> None:
    first = plant.open(who, "000123", B, T0)
    assert plant.open(who, "000123", B, T0, why=None) == first
    closed = plant.shut(who, "000123", B, T0 + 60)
    assert plant.shut(who, "000123", B, T0 + 60, why=None) == closed
    assert plant.open(who, "000123", B, T0, why=None) == closed | {"avisos": first["avisos"]}
    assert plant.one("select count(*) from trilha_auditoria where usuario_id = %s", who) == 2


def test_a_repeated_click_without_an_instant_returns_the_open_order(plant: Database, who: str) -> None:
    first = plant.open(who, "000123", B, why=None)
    time.sleep(1.1)
    assert plant.open(who, "000123", B, why=None) == first
    closed = plant.shut(who, "000123", B, why=None)
    time.sleep(1.1)
    assert plant.shut(who, "000123", B, why=None) == closed


def test_an_order_closed_may_run_again_as_a_new_period(plant: Database, who: str) -> None:
    first = plant.open(who, "000123", B, T0)
    plant.shut(who, "000123", B, T0 + 100)
    second = plant.open(who, "000123", B, T0 + 500)
    assert second["id"] != first["id"]
    assert made(plant) == {"000123": 200}


def test_p10_a_wrong_order_is_annulled_by_closing_it_at_its_opening(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    assert plant.shut(who, "000123", B, T0)["anulado"] is True
    assert made(plant) == {"000123": 0}
    assert plant.balance(B)["sem_ordem"] == (600, 0)
    plant.open(who, "000124", B, T0)
    assert made(plant)["000124"] == 600


def test_an_order_on_two_lines_has_a_total_on_each(plant: Database, who: str) -> None:
    plant.open(who, "000123", A, T0)
    plant.open(who, "000123", B, T0)
    plant.record(batch(2, {A: {T0: (1, 0)}}))
    assert plant.totals() == {("000123", A): (8, 0), ("000123", B): (600, 0)}


def test_a_planned_lot_starts_with_its_first_opening(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    rows = plant.sql("select numero_op, status from lotes_producao order by 1")
    assert [tuple(r.values()) for r in rows] == [
        ("000123", "EM_ANDAMENTO"),
        ("000124", "PLANEJADO"),
        ("000125", "PLANEJADO"),
    ]


def test_op_numbers_are_text_and_keep_their_leading_zeros(plant: Database, who: str) -> None:
    assert plant.open(who, "  00012301001 ", B, T0)["numero_op"] == "000123"
    assert plant.sql("select numero_op from periodos_ordem") == [{"numero_op": "000123"}]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("146734", "146734"),
        ("14673401001", "146734"),
        ("14673401001   ", "146734"),
        ("00000101001", "000001"),
        ("14673401002", "14673401002"),
        ("14673402001", "14673402001"),
        ("A0000101001", "A00001"),
        ("14673401001002", "14673401001002"),
        ("1", "1"),
    ],
)
def test_one_op_has_one_key(db: Database, written: str, meant: str) -> None:
    assert db.one("select normalizar_op(%s)", written) == meant


@pytest.mark.parametrize("written", ["", "   ", None, "123456789012345", "12 34", "-1", "12\n34", "é"])
def test_what_is_no_op_number_is_refused(db: Database, written: str | None) -> None:
    assert code(lambda: db.one("select normalizar_op(%s)", written)) == ("PT422", "OP_INVALIDA")


# Refusals -----------------------------------------------------------------------------------------------------------


def test_a_busy_line_is_refused_naming_order_and_interval(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    error = refused(lambda: plant.open(who, "000124", B, T0 + 60))
    assert (error.sqlstate, error.diag.message_primary) == ("PT409", "LINHA_OCUPADA")
    assert "000123" in str(error.diag.message_detail)
    assert "15/03/2026 08:00:00" in str(error.diag.message_detail)  # plant time


def test_closing_into_the_next_order_is_refused(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    plant.shut(who, "000123", B, T0 + 60)
    plant.open(who, "000124", B, T0 + 120)
    assert code(lambda: plant.shut(who, "000123", B, T0 + 121)) == ("PT409", "LINHA_OCUPADA")
    assert made(plant) == {"000123": 60, "000124": 480}


def test_unknown_orders_and_lines_are_404(plant: Database, who: str) -> None:
    assert code(lambda: plant.open(who, "999999", B, T0)) == ("PT404", "OP_DESCONHECIDA")
    assert code(lambda: plant.open(who, "000123", "LINHA-X", T0)) == ("PT404", "LINHA_DESCONHECIDA")
    assert code(lambda: plant.shut(who, "000123", "LINHA-X", T0)) == ("PT404", "LINHA_DESCONHECIDA")


def test_closing_what_was_never_open_is_refused(plant: Database, who: str) -> None:
    assert code(lambda: plant.shut(who, "000123", B, T0)) == ("PT409", "ORDEM_NAO_ABERTA")


def test_a_cancelled_order_may_be_closed_but_not_opened(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0)
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA'")
    assert code(lambda: plant.open(who, "000124", A, T0)) == ("PT409", "OP_CANCELADA")
    plant.shut(who, "000123", B, T0 + 60)
    assert made(plant) == {"000123": 60}


def test_an_inactive_line_takes_no_opening(plant: Database, who: str) -> None:
    plant.sql("update linhas set ativa = false where linha_id = %s", B)
    assert code(lambda: plant.open(who, "000123", B, T0)) == ("PT409", "LINHA_INATIVA")


def test_the_future_is_refused_beyond_a_minute(plant: Database, who: str) -> None:
    now = int(time.time())
    # The database looks at its clock a while after ours was read: what is refused is an hour ahead, not 61 s.
    assert code(lambda: plant.open(who, "000123", B, now + 3_600)) == ("PT422", "INSTANTE_FUTURO")
    plant.open(who, "000123", B, now + 58)
    assert code(lambda: plant.shut(who, "000123", B, now + 3_600)) == ("PT422", "INSTANTE_FUTURO")


def test_a_reason_is_due_for_back_dating_over_5_min_and_re_dating(plant: Database, who: str) -> None:
    now, due = int(time.time()), ("PT422", "MOTIVO_OBRIGATORIO")
    assert code(lambda: plant.open(who, "000123", B, now - 301, why=None)) == due
    assert code(lambda: plant.open(who, "000123", B, now - 301, why="   x   ")) == due
    # The database's clock runs on while this test does: what is in time has minutes to spare.
    plant.open(who, "000123", B, now - 100, why=None)
    assert code(lambda: plant.open(who, "000123", B, now - 90, why=None)) == due
    assert code(lambda: plant.shut(who, "000123", B, now - 100, why=None)) == due
    plant.shut(who, "000123", B, now - 50, why=None)
    assert code(lambda: plant.shut(who, "000123", B, now - 40, why=None)) == due
    plant.shut(who, "000123", B, now - 40, why="troca de turno")
    plant.sql("update lotes_producao set situacao_totvs = 'ENCERRADA' where numero_op = '000123'")
    assert code(lambda: plant.open(who, "000123", B, now - 10, why=None)) == due


def test_instants_are_cut_to_whole_seconds(plant: Database, who: str) -> None:
    at = {"p_numero_op": "000123", "p_linha_id": B, "p_motivo": "roteiro"}
    opened = plant.call(who, "abrir_ordem", p_aberta_em=iso(T0 + 0.999), **at)
    closed = plant.call(who, "encerrar_ordem", p_encerrada_em=iso(T0 + 60.5), **at)
    assert (instant(opened["aberta_em"]), instant(closed["encerrada_em"])) == (T0, T0 + 60)
    assert made(plant) == {"000123": 60}


def test_p7_each_change_leaves_who_when_before_after_and_why(plant: Database, who: str) -> None:
    plant.open(who, "000123", B, T0, why="esquecida no turno")
    plant.open(who, "000123", B, T0 + 60, why="hora errada")
    first, second = plant.sql("select * from trilha_auditoria where acao = 'abrir_ordem' order by id")
    assert (str(first["usuario_id"]), first["papel"], first["motivo"]) == (who, "SUPERVISOR", "esquecida no turno")
    assert first["antes"] is None
    assert instant(second["antes"]["aberta_em"]) == T0
    assert instant(second["depois"]["aberta_em"]) == T0 + 60
    assert second["motivo"] == "hora errada"


# Who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sector", "allowed"),
    [
        ("OPERADOR", "SPEP", True),
        ("OPERADOR", None, True),
        ("GESTOR", None, True),
        ("ADMIN", None, False),
        ("OPERADOR", "SPPV", False),
        ("GESTOR", "CPHD", False),
    ],
)
def test_p9_an_order_is_opened_by_people_of_the_lines_sector_only(
    plant: Database, role: str, sector: str | None, allowed: bool
) -> None:
    person = plant.person(role, sector)
    if allowed:
        plant.open(person, "000123", B, T0)
    else:
        assert code(lambda: plant.open(person, "000123", B, T0)) == ("PT403", "SEM_PERMISSAO")
        assert plant.totals() == {}


def test_p9_a_person_without_a_role_may_do_nothing(plant: Database) -> None:
    stranger = "00000000-0000-4000-8000-000000000000"
    assert code(lambda: plant.open(stranger, "000123", B, T0)) == ("PT403", "SEM_PERMISSAO")


def test_p9_the_service_key_is_no_person(plant: Database) -> None:
    def call() -> None:
        with plant.as_role("service_role"):
            plant.sql("select abrir_ordem('000123', %s)", B)

    assert code(call) == ("PT403", "SEM_PERMISSAO")


def test_p2_a_span_from_just_before_a_boundary_follows_when_it_moves(
    db: Database,
) -> None:
    line = "SPEP-ENV-B"
    db.gateway("planta-1", line)
    db.lot("000123")
    person = db.person("GESTOR")
    db.open(person, "000123", line, T0 + 100)
    db.record(batch(1, spans=[span(line, T0 + 99.999, T0 + 105, 7)]))
    assert db.balance(line)["retido"] == (7, 0)
    db.open(person, "000123", line, T0 + 90)
    assert db.totals()["000123", line] == (7, 0)
    db.open(person, "000123", line, T0 + 100)
    assert db.balance(line)["retido"] == (7, 0)
