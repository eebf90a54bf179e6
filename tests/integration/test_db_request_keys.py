"""A person's request with a key: a click that is repeated is one row and gets the answer of the first."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from local.stack.database import Database
from tests.support.ended_order import DAY, LINE, OP, one_order_ended
from tests.support.plant_time import at
from tests.support.refusals import code

HAND, OTHER = "SPEP-ENV-B", "000124"
SHIFT = {"p_data": DAY, "p_turno": "D1"}
BY_HAND = {**SHIFT, "p_linha_id": HAND, "p_motivo": "contagem conferida"}
KEYED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "registrar_refugo": (
        {"p_numero_op": OP, "p_linha_id": LINE, "p_quantidade": 7, "p_codigo": "TAMPA", "p_em": at("09:00")},
        {"p_quantidade": 8},
        "perdas_qualidade",
    ),
    "estornar_refugo": ({"p_id": 1, "p_motivo": "digitado em dobro"}, {"p_id": 2}, "perdas_qualidade"),
    "registrar_contagem_manual": (
        {**BY_HAND, "p_numero_op": OP, "p_producao": 500},
        {"p_producao": 501},
        "contagens_manuais",
    ),
    "mover_contagem_manual": (
        {**BY_HAND, "p_de_numero_op": OP, "p_numero_op": OTHER},
        {"p_numero_op": "000125"},
        "contagens_manuais",
    ),
    "registrar_conferencia": (
        {**SHIFT, "p_numero_op": OP, "p_linha_id": LINE, "p_produzidas": 120},
        {"p_produzidas": 121},
        "conferencia_manual",
    ),
    "conciliar_refugo": (
        {**SHIFT, "p_numero_op": OP, "p_linha_id": LINE, "p_vale": "MAQUINA", "p_motivo": "contador conferido"},
        {"p_vale": "DIGITADO"},
        "conciliacoes_refugo",
    ),
    "confirmar_turno": (
        {**SHIFT, "p_linha_id": LINE, "p_equipe": ["Ana Lima"]},
        {"p_equipe": ["Ana Lima", "Bruno Sá"]},
        "confirmacoes_turno",
    ),
    "devolver_diario": (
        {**SHIFT, "p_linha_id": LINE, "p_motivo": "falta o refugo das 9 h"},
        {"p_motivo": "falta o refugo das 10 h"},
        "devolucoes_diario",
    ),
}
"""Function → arguments of a call, what another call says otherwise, and the table it adds to."""


@pytest.fixture
def plant(db: Database) -> Database:
    """An order that ended on a line whose refused units are settled, and two on a line that is counted by hand."""
    one_order_ended(db)
    db.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", LINE)
    db.lot(OTHER)
    db.owner(HAND, "manual")
    for op in (OP, OTHER):
        db.open(db.boss, op, HAND, at("08:00") if op == OP else at("09:00"))
        db.shut(db.boss, op, HAND, at("09:00") if op == OP else at("10:00"))
    return db


def prepared(plant: Database, function: str) -> None:
    """What must be there for the function to do something."""
    if function == "mover_contagem_manual":
        plant.call(plant.boss, "registrar_contagem_manual", **KEYED["registrar_contagem_manual"][0])
    if function in ("estornar_refugo", "conciliar_refugo"):
        for _ in range(2):
            plant.call(plant.boss, "registrar_refugo", **KEYED["registrar_refugo"][0])


def rows(plant: Database, table: str) -> int:
    return int(plant.one(f"select count(*) from {table}"))


@pytest.mark.parametrize("function", KEYED)
def test_p1_a_click_repeated_with_its_key_is_one_row_and_one_answer(plant: Database, function: str) -> None:
    arguments, change, table = KEYED[function]
    prepared(plant, function)
    before = rows(plant, table)
    first = plant.call(plant.boss, function, **arguments, p_chave="clique-1")
    added = rows(plant, table) - before
    trail = rows(plant, "trilha_auditoria")
    assert added >= 1
    assert [plant.call(plant.boss, function, **arguments, p_chave="clique-1") for _ in range(2)] == [first, first]
    assert (rows(plant, table) - before, rows(plant, "trilha_auditoria")) == (added, trail)
    other = {**arguments, **change}
    assert code(lambda: plant.call(plant.boss, function, **other, p_chave="clique-1")) == ("PT409", "CHAVE_REPETIDA")
    assert rows(plant, table) - before == added


def test_p1_without_a_key_or_with_another_one_two_calls_are_two_rows(plant: Database) -> None:
    arguments = KEYED["registrar_refugo"][0]
    for key in (None, None, "a", "b"):
        plant.call(plant.boss, "registrar_refugo", **arguments, p_chave=key)
    assert rows(plant, "perdas_qualidade") == 4
    assert rows(plant, "pedidos_respondidos") == 2


def test_a_key_is_of_one_person_and_one_function(plant: Database) -> None:
    other = plant.person("SUPERVISOR", "SPEP")
    for person in (plant.boss, other):
        plant.call(person, "registrar_refugo", **KEYED["registrar_refugo"][0], p_chave="1")
        plant.call(person, "registrar_conferencia", **KEYED["registrar_conferencia"][0], p_chave="1")
    assert rows(plant, "perdas_qualidade") == 2
    with plant.as_role("authenticated", other):
        assert plant.one("select count(*) from pedidos_respondidos") == 2


def test_p1_a_repeated_click_keeps_a_later_correction(plant: Database) -> None:
    typed = {**BY_HAND, "p_numero_op": OP}
    first = plant.call(plant.boss, "registrar_contagem_manual", **typed, p_producao=500, p_chave="1")
    plant.call(plant.person("SUPERVISOR", "SPEP"), "registrar_contagem_manual", **typed, p_producao=480)
    assert plant.call(plant.boss, "registrar_contagem_manual", **typed, p_producao=500, p_chave="1") == first
    assert plant.totals()[OP, HAND] == (480, 0)


def test_a_refused_request_leaves_its_key_free(plant: Database) -> None:
    arguments = KEYED["registrar_refugo"][0]
    wrong = {**arguments, "p_quantidade": 0}
    assert code(lambda: plant.call(plant.boss, "registrar_refugo", **wrong, p_chave="1"))[1] == "QUANTIDADE_INVALIDA"
    plant.call(plant.boss, "registrar_refugo", **arguments, p_chave="1")
    assert rows(plant, "perdas_qualidade") == 1


@pytest.mark.parametrize("key", ["", "  ", "x" * 201])
def test_a_key_that_is_none_is_refused(plant: Database, key: str) -> None:
    call = {**KEYED["registrar_refugo"][0], "p_chave": key}
    assert code(lambda: plant.call(plant.boss, "registrar_refugo", **call)) == ("PT422", "CHAVE_INVALIDA")


def test_p9_a_repeated_click_of_somebody_whose_role_is_gone_is_refused(plant: Database) -> None:
    arguments = KEYED["registrar_refugo"][0]
    plant.call(plant.boss, "registrar_refugo", **arguments, p_chave="1")
    plant.sql("delete from papeis_usuario where usuario_id = %s", plant.boss)
    assert code(lambda: plant.call(plant.boss, "registrar_refugo", **arguments, p_chave="1"))[1] == "SEM_PERMISSAO"


def test_p7_what_was_asked_and_answered_is_kept_for_good(plant: Database) -> None:
    plant.call(plant.boss, "registrar_refugo", **KEYED["registrar_refugo"][0], p_chave="1")
    for statement in ("update pedidos_respondidos set chave = '2'", "delete from pedidos_respondidos"):
        with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
            plant.sql(statement)


def test_p1_two_clicks_at_once_are_one_row(plant: Database) -> None:
    answers: list[Any] = []

    def click() -> None:
        own = Database(plant.url)
        answers.append(own.call(plant.boss, "registrar_refugo", **KEYED["registrar_refugo"][0], p_chave="1"))
        own.close()

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert answers == [answers[0]] * 6
    assert rows(plant, "perdas_qualidade") == 1


# ------------------------------------------------------------------------------------------- codes of refused units


@pytest.fixture
def typed(plant: Database) -> Callable[[str], Any]:
    def type_in(text: str) -> Any:
        call = {**KEYED["registrar_refugo"][0], "p_codigo": text}
        return plant.call(plant.boss, "registrar_refugo", **call)["codigo"]

    return type_in


@pytest.mark.parametrize("wrong", ["TAMPATORTA", "TAMPA→", "TAM\tPA"])
def test_p10_a_code_that_could_not_be_told_is_refused_when_it_is_typed(typed: Callable[[str], Any], wrong: str) -> None:
    assert code(lambda: typed(wrong)) == ("PT422", "CODIGO_SEM_TRADUCAO")
    assert typed("TAMPA") == "TAMPA"
    assert typed("ÇÃÕÉÂÊÔÀ") == "ÇÃÕÉÂÊÔÀ"


def test_p10_codes_are_checked_by_the_configuration(plant: Database, typed: Callable[[str], Any]) -> None:
    def publish(codes: str, longest: int) -> None:
        with plant.as_role("service_role"):
            plant.sql("select publicar_regras_totvs(%s::jsonb, %s, 10)", codes, longest)

    publish('{"TAMPATORTA": "TT", "CURTO": "NAO CABE NUNCA"}', 8)
    assert typed("TAMPATORTA") == "TAMPATORTA"
    assert code(lambda: typed("CURTO"))[1] == "CODIGO_SEM_TRADUCAO"
    publish("{}", 10)
    assert typed("TAMPATORTA") == "TAMPATORTA"
    assert typed("CURTO") == "CURTO"
    before = plant.sql("select xmin::text, * from regras_totvs order by regra")
    publish("{}", 10)
    assert plant.sql("select xmin::text, * from regras_totvs order by regra") == before


def test_p9_only_the_service_key_publishes_the_rules(plant: Database) -> None:
    with pytest.raises(psycopg.Error, match="permission denied"), plant.as_role("authenticated", plant.boss):
        plant.sql("select publicar_regras_totvs('{}', 1, 1)")
