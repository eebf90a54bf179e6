"""What an act on an order would do, said before it is done; done only as it was said."""

import time
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch, span
from tests.support.effects import EFFECTS, foretold

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
ORDER = {"p_numero_op": "000123", "p_linha_id": A}


@pytest.fixture
def plant(db: Database) -> Database:
    """Line A makes eight units a cycle, one cycle a second for ten minutes from T0 on; three orders are there."""
    db.gateway("planta-1", A, B)
    db.lot("000123", "000124", "000125")
    db.sql("update lotes_producao set numero_lote = '26C' || numero_op || 'A'")
    db.record(batch(1, {A: {T0 + n: (1, n % 2) for n in range(600)}}))
    db.boss = db.person()
    return db


def refused(call) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        call()
    return error.value.diag.message_primary


def ask(db: Database, user: str, function: str, **arguments: Any) -> list[dict[str, Any]]:
    with db.as_role("authenticated", user):
        named = ", ".join(f"{name} => %s" for name in arguments)
        return db.sql(f"select * from {function}({named})", *arguments.values())


def opening(db: Database, at: float | None, **more: Any) -> dict[str, Any]:
    return db.call(db.boss, "efeito_abertura", **ORDER | {"p_aberta_em": at} | more)


def moves(effect: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("de_situacao", "de_op", "para_situacao", "para_op", "producao_maquina", "producao_de", "producao_para")
    return [tuple(one[name] for name in names) for one in effect["movimentos"]]


# What moves -----------------------------------------------------------------------------------------------------------


def test_p2_an_opening_says_what_passes_to_the_order_in_cycles_and_units(plant: Database) -> None:
    effect = opening(plant, T0 + 60)
    assert moves(effect) == [("SEM_ORDEM", None, "ATRIBUIDA", "000123", 540, None, 4320)]
    assert (effect["movimentos"][0]["rejeicao_maquina"], effect["movimentos"][0]["rejeicao_para"]) == (270, 270)
    assert (effect["antes"], effect["nada_muda"], effect["exige_motivo"]) == (None, False, True)
    assert effect["lote"]["numero_lote"] == "26C000123A"
    assert [one["codigo"] for one in effect["avisos"]] == ["SEM_VELOCIDADE"]


def test_p2_a_closing_says_what_its_order_loses(plant: Database) -> None:
    plant.open(plant.boss, "000123", A, T0)
    effect = plant.call(plant.boss, "efeito_encerramento", **ORDER, p_encerrada_em=T0 + 590)
    assert moves(effect) == [("ATRIBUIDA", "000123", "SEM_ORDEM", None, 10, 80, None)]
    annulled = plant.call(plant.boss, "efeito_encerramento", **ORDER, p_encerrada_em=T0)
    assert annulled["depois"] is None
    assert moves(annulled) == [("ATRIBUIDA", "000123", "SEM_ORDEM", None, 600, 4800, None)]


def test_p2_a_boundary_moved_into_an_increment_makes_it_doubtful(plant: Database) -> None:
    plant.open(plant.boss, "000123", A, T0 + 700)
    plant.record(batch(2, spans=[span(A, T0 + 710, T0 + 720, 5, 1), span(A, T0 + 690, T0 + 705, 7)]))
    effect = foretold(plant, plant.boss, "abrir_ordem", **ORDER, p_aberta_em=T0 + 715)
    assert moves(effect) == [
        ("ATRIBUIDA", "000123", "RETIDA", None, 5, 40, None),
        ("RETIDA", None, "SEM_ORDEM", None, 7, None, None),
    ]
    assert [one["intervalos"] for one in effect["movimentos"]] == [1, 1]


def test_p2_a_re_dating_to_another_factor_says_both_amounts_of_units(plant: Database) -> None:
    plant.open(plant.boss, "000123", A, T0 + 60)
    plant.sql("update fatores_linha set fator = 5 where linha_id = %s", A)
    effect = foretold(plant, plant.boss, "abrir_ordem", **ORDER, p_aberta_em=T0 + 30)
    assert moves(effect) == [
        ("ATRIBUIDA", "000123", "ATRIBUIDA", "000123", 540, 4320, 2700),
        ("SEM_ORDEM", None, "ATRIBUIDA", "000123", 30, None, 150),
    ]


def test_p2_what_is_as_asked_already_moves_nothing(plant: Database) -> None:
    plant.open(plant.boss, "000123", A, T0)
    for at in (T0, None):
        effect = foretold(plant, plant.boss, "abrir_ordem", why=None, **ORDER, p_aberta_em=at)
        assert (effect["nada_muda"], effect["movimentos"], effect["exige_motivo"]) == (True, [], False)


# Reasons and refusals -------------------------------------------------------------------------------------------------


def test_p10_an_effect_asks_for_a_reason_when_the_act_does(plant: Database) -> None:
    now = int(time.time())
    plant.sql("update lotes_producao set situacao_totvs = 'ENCERRADA' where numero_op = '000125'")
    asked = []
    for act, op, at in (
        ("abrir_ordem", "000123", now - 200),
        ("abrir_ordem", "000123", now - 190),
        ("encerrar_ordem", "000123", now - 100),
        ("encerrar_ordem", "000123", now - 90),
        ("abrir_ordem", "000124", now - 80),
        ("encerrar_ordem", "000124", now - 80),
        ("abrir_ordem", "000125", now - 60),
        ("encerrar_ordem", "000125", None),
        ("abrir_ordem", "000124", T0),
    ):
        when = {"p_aberta_em" if act == "abrir_ordem" else "p_encerrada_em": at}
        order = {"p_numero_op": op, "p_linha_id": A} | when
        asked.append(plant.call(plant.boss, EFFECTS[act], **order)["exige_motivo"])
        if asked[-1]:
            assert refused(lambda a=act, o=order: plant.call(plant.boss, a, **o)) == "MOTIVO_OBRIGATORIO"
        plant.call(plant.boss, act, **order, p_motivo="roteiro" if asked[-1] else None)
    assert asked == [False, True, False, True, False, True, True, False, True]


def test_p10_an_effect_names_the_refusal_of_the_act(plant: Database) -> None:
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA' where numero_op = '000125'")
    plant.open(plant.boss, "000123", A, T0)
    seen = []
    for act, op, line, at in (
        ("abrir_ordem", "000124", A, T0 + 60),
        ("abrir_ordem", "000125", B, T0),
        ("abrir_ordem", "999999", A, T0),
        ("abrir_ordem", "não é", A, T0),
        ("abrir_ordem", "000124", "SPEP-ENV-Z", T0),
        ("abrir_ordem", "000124", B, time.time() + 3600),
        ("encerrar_ordem", "000124", A, T0 + 60),
        ("encerrar_ordem", "000123", A, T0 - 60),
    ):
        when = {"p_aberta_em" if act == "abrir_ordem" else "p_encerrada_em": at}
        order = {"p_numero_op": op, "p_linha_id": line} | when
        refusal = refused(lambda a=act, o=order: foretold(plant, plant.boss, a, **o))
        effect = plant.call(plant.boss, EFFECTS[act], **order)
        assert effect["recusa"]["codigo"] == refusal
        assert effect["recusa"]["detalhe"]
        assert effect["recusa"]["acao"]
        assert "visto" not in effect
        seen.append(refusal)
    assert seen == [
        *("LINHA_OCUPADA", "OP_CANCELADA", "OP_DESCONHECIDA", "OP_INVALIDA", "LINHA_DESCONHECIDA", "INSTANTE_FUTURO"),
        *("ORDEM_NAO_ABERTA", "ORDEM_NAO_ABERTA"),
    ]


@pytest.mark.parametrize(
    ("role", "sector", "may_ask", "may_act"),
    [
        ("OPERADOR", "SPEP", True, True),
        ("POSTO", "SPEP", True, False),
        ("POSTO", "SPPV", False, False),
        ("QUALIDADE", None, False, False),
        ("SUPERVISOR", "SPPV", False, False),
    ],
)
def test_p9_a_shared_panel_asks_what_would_happen_and_does_nothing(
    plant: Database, role: str, sector: str | None, may_ask: bool, may_act: bool
) -> None:
    who = plant.person(role, sector)
    asks = [
        ("efeito_abertura", ORDER),
        ("efeito_encerramento", ORDER),
        ("ordens_propostas", {"p_linha_id": A}),
        ("ordens_da_linha", {"p_linha_id": A}),
    ]
    acts = [(act, ORDER | {"p_motivo": "roteiro"}) for act in ("abrir_ordem", "encerrar_ordem")]
    for allowed, calls in ((may_ask, asks), (may_act, acts)):
        for function, arguments in calls:
            if allowed:
                ask(plant, who, function, **arguments)
            else:
                assert refused(lambda f=function, a=arguments: ask(plant, who, f, **a)) == "SEM_PERMISSAO"


def test_p7_an_effect_writes_nothing_and_uses_up_no_number(plant: Database) -> None:
    """In a transaction that may not write; a number given and taken back would be missing from the records."""
    plant.open(plant.boss, "000124", A, T0 + 300)
    numbers = "select sequencename, last_value from pg_sequences order by sequencename"
    before = plant.sql(numbers)
    with plant.as_role("authenticated", plant.boss):
        plant.sql("set transaction read only")
        for effect in ("efeito_abertura", "efeito_encerramento"):
            for op in ("000123", "000124", "999999"):
                plant.sql(f"select {effect}(%s, %s, to_timestamp(%s))", op, A, T0 + 310)
        assert plant.one("select pg_current_xact_id_if_assigned()::text") is None, "who writes gets one"
    assert plant.sql(numbers) == before


# Done as it was shown -------------------------------------------------------------------------------------------------


def test_p11_an_act_is_refused_if_its_effect_is_no_longer_the_shown_one(plant: Database) -> None:
    shown = opening(plant, T0)["visto"]

    def confirm(**more: Any) -> Any:
        return plant.call(plant.boss, "abrir_ordem", **ORDER, p_aberta_em=T0, p_motivo="roteiro", **more)

    plant.record(batch(2, {A: {T0 + 700: (1, 0)}}))
    assert refused(lambda: confirm(p_visto=shown)) == "EFEITO_MUDOU"
    shown = opening(plant, T0)["visto"]
    plant.open(plant.boss, "000124", A, T0 + 800)
    assert refused(lambda: confirm(p_visto=shown)) == "EFEITO_MUDOU"
    for other in (
        opening(plant, T0 - 5)["visto"],
        "",
        "1.0",
        "agora",
        f"{'9' * 30}.{'a' * 32}",
    ):
        assert refused(lambda seen=other: confirm(p_visto=seen)) == "EFEITO_MUDOU"
    assert plant.totals()[("000124", A)] == (0, 0)
    confirm(p_visto=opening(plant, T0)["visto"])
    assert plant.totals()[("000123", A)][0] == 601 * 8


def test_p11_an_effect_is_another_when_an_order_beside_it_changes(plant: Database) -> None:
    """The one before and the next; not those farther off, nor those of other lines."""

    def seen() -> str:
        return str(opening(plant, T0 + 700)["visto"].split(".")[1])

    def during(op: str, line: str, begun: int, ended: int) -> None:
        plant.open(plant.boss, op, line, T0 + begun)
        plant.shut(plant.boss, op, line, T0 + ended)

    during("000124", A, 610, 620)
    during("000125", A, 630, 640)
    before = seen()
    during("000124", B, 0, 900)
    plant.shut(plant.boss, "000124", A, T0 + 615)
    assert seen() == before
    plant.shut(plant.boss, "000125", A, T0 + 650)
    with_previous = seen()
    assert with_previous != before
    during("000124", A, 800, 810)
    with_next = seen()
    assert with_next != with_previous
    during("000125", A, 900, 910)
    assert seen() == with_next
    plant.sql("update lotes_producao set numero_lote = '26C999999A' where numero_op = '000123'")
    assert seen() != with_next


def test_p3_what_a_running_line_counts_meanwhile_does_not_hinder_the_act(plant: Database) -> None:
    now = int(time.time())
    for at, op in ((now - 600, "000123"), (None, "000124")):
        effect = plant.call(plant.boss, "efeito_abertura", p_numero_op=op, p_linha_id=A, p_aberta_em=at)
        plant.record(batch(now % 1000 + (at is None), {A: {now - 5: (1, 0), now: (1, 0)}}))
        order = {"p_numero_op": op, "p_linha_id": A, "p_aberta_em": at, "p_motivo": "roteiro"}
        plant.call(plant.boss, "abrir_ordem", **order, p_visto=effect["visto"])
        if at is not None:
            plant.shut(plant.boss, op, A, now - 2)


def test_p10_what_was_confirmed_once_does_nothing_when_it_is_sent_again(plant: Database) -> None:
    """Also after somebody has closed the order that it opened, or annulled the opening."""
    form = ORDER | {"p_visto": opening(plant, None)["visto"]}
    first = plant.call(plant.boss, "abrir_ordem", **form)
    assert plant.call(plant.boss, "abrir_ordem", **form) == first
    closed = "tstzrange(lower(intervalo) - interval '1 h', lower(intervalo) - interval '1 min')"
    plant.sql(f"update periodos_ordem set intervalo = {closed}")
    periods = plant.sql("select * from periodos_ordem")
    assert refused(lambda: plant.call(plant.boss, "abrir_ordem", **form)) == "EFEITO_MUDOU"
    assert plant.sql("select * from periodos_ordem") == periods
    begun = float(plant.one("select extract(epoch from lower(intervalo)) from periodos_ordem"))
    plant.call(plant.boss, "encerrar_ordem", **ORDER, p_encerrada_em=begun, p_motivo="roteiro")
    assert refused(lambda: plant.call(plant.boss, "abrir_ordem", **form)) == "EFEITO_MUDOU"
    assert plant.sql("select * from periodos_ordem") == []
