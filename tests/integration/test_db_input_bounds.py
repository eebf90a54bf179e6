"""Every text, quantity and window from outside has a bound: what passes it is refused, quickly, and says what to do."""

from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso
from tests.support.refusals import code

A = "SPEP-ENV-A"
LONG = "x" * 2_001
CENTURIES = ("1026-01-01", "2026-01-01")
MINUTES = "insert into contagens_minuto (linha_id, minuto, producao, total_producao, sem_ordem_producao) "


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A)
    db.lot("000123", "000124")
    db.boss = db.person("GESTOR")
    db.open(db.boss, "000123", A, T0)
    db.sql("set statement_timeout = '8s'")  # Supabase's
    return db


def ask(db: Database, query: str, *parameters: object) -> list[dict[str, Any]]:
    with db.as_role("authenticated", db.boss):
        return db.sql(query, *parameters)


TEXTS: dict[str, dict[str, Any]] = {
    "resolver_quarentena": {"p_id": 1, "p_motivo": LONG},
    "encerrar_epoca": {"p_gateway": "planta-1", "p_epoca": "e" * 32, "p_ultima_seq": 1, "p_motivo": LONG},
    "abrir_ordem": {"p_numero_op": "000124", "p_linha_id": A, "p_aberta_em": T0 + 9, "p_motivo": LONG},
    "encerrar_ordem": {"p_numero_op": "000123", "p_linha_id": A, "p_encerrada_em": T0 + 9, "p_motivo": LONG},
    "registrar_refugo": {
        "p_numero_op": "000123", "p_linha_id": A, "p_quantidade": 1, "p_tipo": "RETEM", "p_observacao": LONG,
    },
}  # fmt: skip


@pytest.mark.parametrize("function", TEXTS)
def test_p10_a_text_nobody_will_read_is_refused(plant: Database, function: str) -> None:
    assert code(lambda: plant.call(plant.boss, function, **TEXTS[function])) == ("PT422", "TEXTO_LONGO")


def test_p10_a_text_of_the_longest_allowed_is_kept_whole(plant: Database) -> None:
    plant.shut(plant.boss, "000123", A, T0 + 60)
    plant.open(plant.boss, "000124", A, T0 + 60, LONG[1:])
    assert plant.one("select max(length(motivo)) from trilha_auditoria where acao = 'abrir_ordem'") == 2_000


@pytest.mark.parametrize("quantity", [0, -1, 10_000_001, 2_147_483_647])
def test_p11_a_quantity_no_order_has_is_refused(plant: Database, quantity: int) -> None:
    typed = {"p_numero_op": "000123", "p_linha_id": A, "p_quantidade": quantity, "p_tipo": "RETEM"}
    assert code(lambda: plant.call(plant.boss, "registrar_refugo", **typed)) == ("PT422", "QUANTIDADE_INVALIDA")


@pytest.mark.parametrize(
    ("question", "longest", "too_long"),
    [
        ("select * from producao_hora(%s, %s)", ("2026-03-01", "2026-03-08"), ("2026-03-01", "2026-03-08 00:00:01")),
        (f"select * from producao_hora(%s, %s, '{A}')", ("2026-03-01", "2026-04-01"), ("2026-03-01", "2026-04-02")),
        ("select * from producao_turno(%s, %s)", ("2026-03-01", "2026-04-01"), ("2026-03-01", "2026-04-02")),
        (f"select * from producao_turno(%s, %s, '{A}')", ("2025-03-01", "2026-03-02"), ("2025-03-01", "2026-03-03")),
        (f"select * from paradas_linha('{A}', %s, %s)", ("2026-03-01", "2026-04-01"), ("2026-03-01", "2026-04-02")),
        (f"select * from arquivos_da_linha('{A}', %s, %s)", ("2026-03-01", "2026-04-01"), ("2026-03-01", "2026-04-02")),
    ],
)
def test_p10_a_window_past_the_longest_is_refused_at_once(plant: Database, question, longest, too_long) -> None:
    plant.record(batch(1, {A: {T0: (1, 0)}}))
    ask(plant, question, *longest)
    for window in (too_long, CENTURIES):
        assert code(lambda window=window: ask(plant, question, *window)) == ("PT422", "JANELA_GRANDE")
    for window in (("-infinity", "2026-03-01"), (None, "2026-03-01")):
        assert code(lambda window=window: ask(plant, question, *window)) == ("PT422", "INTERVALO_INVALIDO")


def test_p10_an_answer_the_api_would_cut_is_refused(plant: Database) -> None:
    """48 h of all 37 lines are 1,776 rows, 776 of which nobody would have missed."""
    plant.sql(
        MINUTES + "select linha_id, %s::timestamptz + n * interval '1 hour', array_fill(1, '{60}'), 60, 60"
        " from linhas cross join generate_series(0, 47) as n",
        "2026-02-01 00:00-03",
    )
    lines = plant.one("select count(*) from linhas")
    query = "select * from producao_hora(%s, %s)"
    assert code(lambda: ask(plant, query, "2026-02-01 00:00-03", "2026-02-03 00:00-03")) == ("PT422", "JANELA_GRANDE")
    days = [("2026-02-01 00:00-03", "2026-02-02 00:00-03"), ("2026-02-02 00:00-03", "2026-02-03 00:00-03")]
    assert [len(ask(plant, query, *day)) for day in days] == [lines * 24] * 2


def test_p10_stops_and_files_are_never_cut_unseen(plant: Database) -> None:
    start = T0 - 86_400
    plant.sql(
        MINUTES + f"select '{A}', to_timestamp(%s + n * 120), array_fill(1, '{{60}}'), 60, 60"
        " from generate_series(0, 1001) as n",
        start,
    )
    stops = "select * from paradas_linha(%s, %s, %s)"
    assert code(lambda: ask(plant, stops, A, iso(start), iso(start + 2_002 * 60))) == ("PT422", "JANELA_GRANDE")
    assert len(ask(plant, stops, A, iso(start), iso(start + 2_000 * 60))) == 1_000
    for n in range(1, 1_002, 91):
        plant.record(*(batch(seq, {A: {T0 + seq: (1, 0)}}) for seq in range(n, n + 91)))
    files = "select * from arquivos_da_linha(%s, %s, %s)"
    assert code(lambda: ask(plant, files, A, iso(T0), iso(T0 + 1_002))) == ("PT422", "JANELA_GRANDE")
    assert len(ask(plant, files, A, iso(T0), iso(T0 + 1_001))) == 1_000
    assert len(ask(plant, "select * from arquivos_da_linha(%s, %s, %s, null)", A, iso(T0), iso(T0 + 1_002))) == 1_001
    assert len(plant.one("select rastrear('000123')")["linhas"][0]["arquivos"]) == 1_001
