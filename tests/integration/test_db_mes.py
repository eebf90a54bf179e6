"""The plant's MES beside us: its ids, our counts under its names, and what it owns read through one view each."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.stack.database import Database, batch
from tests.support.plant_time import at
from tests.support.refusals import code

GUIDE = Path("docs/consultas.md").read_text(encoding="utf-8")
TABLES = Path("tests/support/mes.sql").read_text(encoding="utf-8")
A, B, HAND = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-EMB-EST02"
DAY = date(2026, 3, 15)
PRODUCT, OTHER = "07010012", "07010013"
WHY = "cadastro do MES"
IDS = {
    "LINHA": {A: 11, B: 12, HAND: 18},
    "PRODUTO": {PRODUCT: 301, OTHER: 302},
    "TURNO": {"D1": 1, "N1": 2, "D2": 3, "N2": 4},
    "PARADA": {"SPEP-P1.3": 71},
}
VIEWS = ("mes_turno", "mes_turno_lote", "mes_producao_hora", "mes_perdas", "mes_paradas_detectadas", "mes_linha_turno")

# The MES's formula, in hours: 12 available, stops of at least ten minutes, each part at most 1.
OEE = """
with turno as (
    select t.oeeturno_id,
        (select sum(p.quantidade) from {producao} as p where p.oeeturno_id = t.oeeturno_id) as feitas,
        (select max(p.velocidade) from {producao} as p where p.oeeturno_id = t.oeeturno_id) as velocidade,
        coalesce((select sum(q.perda) from {perda} as q where q.oeeturno_id = t.oeeturno_id), 0) as perdas,
        12 - coalesce((
            select sum(s.horas) from (
                select extract(epoch from x.hora_fim - x.hora_inicio) / 3600 as horas
                from {parada} as x where x.oeeturno_id = t.oeeturno_id
            ) as s
            where s.horas * 60 >= 10
        ), 0) as operacao
    from tboee_turno as t
    where t.data = %s and t.linhaproducao_id = %s and t.deletado = 'N'
)
select feitas, perdas, d as disponibilidade, p as performance, round(d * p * (feitas - perdas) / feitas * 100, 2) as oee
from turno
cross join lateral (select operacao / 12 as d, least(feitas / velocidade / operacao, 1) as p) as f
"""
TYPED = OEE.format(producao="tboee_turno_producao", perda="tboee_turno_perda", parada="tboee_turno_parada")
COUNTED = OEE.format(
    producao="tboee_turno_producao_contada", perda="tboee_turno_perda_contada", parada="tboee_turno_parada_contada"
)


def guide(title: str) -> list[str]:
    """The guide's indented SQL under a heading."""
    text = GUIDE.split(f"### {title}\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    return "\n".join(lines).split(";")[:-1]


def spread(total: int, begun: int, minutes: int) -> dict[int, int]:
    """A total over so many minutes, something in each."""
    return {begun + 60 * n: total // minutes + (n < total % minutes) for n in range(minutes)}


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.boss = db.person("SUPERVISOR")
    db.manager = db.person("ADMIN")
    db.sql("update linhas set maximo_por_segundo = null")
    db.sql("insert into produtos (produto_codigo) values (%s), (%s)", PRODUCT, OTHER)
    for kind, ids in IDS.items():
        define(db, kind, ids)
    return db


@pytest.fixture
def mes(plant: Database) -> Database:
    """With tables of the MES's shape in the same database."""
    plant.connection.execute(TABLES.encode())
    return plant


def define(db: Database, kind: str, ids: Mapping[str, Any], user: str = "") -> dict[str, Any]:
    return db.call(user or db.manager, "definir_equivalencias_mes", p_tipo=kind, p_ids=json.dumps(ids), p_motivo=WHY)


def asked(db: Database, query: str, *parameters: object) -> list[dict[str, Any]]:
    """As whoever signed in, who has no right on what lies behind the views but to read."""
    with db.as_role("authenticated", db.boss):
        return db.sql(query, *parameters)


def speed(db: Database, line: str, product: str, units: int) -> None:
    db.sql(
        "insert into velocidades_nominais (linha_id, produto_codigo, de, velocidade, validade)"
        " values (%s, %s, '2026-01-01', %s, '[2026-01-01,)')",
        line,
        product,
        units,
    )


def line_a_of_6_june(db: Database) -> None:
    """The sheet: 2,211 cycles of the first lot at night, then 2,215 and 2,200; 94 and 90 refused; 3:10 h stopped."""
    db.lot("25F0226", "25F0227")
    speed(db, A, PRODUCT, 4_000)
    db.open(db.boss, "25F0226", A, at("00:00"))
    db.record(batch(1, {A: {second: (made, 0) for second, made in spread(2_211, at("00:00"), 360).items()}}))
    made, refused = spread(2_215, at("06:00"), 265), spread(94, at("06:00"), 265)
    db.record(batch(2, {A: {second: (made[second], refused[second]) for second in made}}))
    db.shut(db.boss, "25F0226", A, at("11:17"))
    db.open(db.boss, "25F0227", A, at("12:47"))
    made, refused = spread(2_200, at("12:47"), 265), spread(90, at("12:47"), 265)
    counts = {A: {second: (made[second], refused[second]) for second in made}}
    db.record(batch(3, counts, marks=[(A, at("18:30"))]))
    db.shut(db.boss, "25F0227", A, at("18:00"))


# The sheet through the MES's shape -----------------------------------------------------------------------------------


def test_golden_line_a_the_mes_reads_73_20_of_our_counts_as_of_typing(mes: Database) -> None:
    line_a_of_6_june(mes)
    turno = mes.one(
        "insert into tboee_turno (data, linhaproducao_id, produto_id, turno_id, turno_hi, turno_hf)"
        " values (%s, 11, 301, 3, '06:00', '18:00') returning oeeturno_id",  # the other crew
        DAY,
    )
    for hour, made in ((6, 17_720), (12, 17_600)):
        mes.sql(
            "insert into tboee_turno_producao (oeeturno_id, hora_inicio, quantidade, velocidade)"
            " values (%s, %s, %s, 4000)",
            turno,
            time(hour),
            made,
        )
    mes.sql("insert into tboee_turno_perda (oeeturno_id, perda) values (%s, 94), (%s, 90)", turno, turno)
    for begun, ended in (("10:25", "12:47"), ("17:12", "18:00")):
        mes.sql(
            "insert into tboee_turno_parada (oeeturno_id, hora_inicio, hora_fim) values (%s, %s, %s)",
            turno,
            begun,
            ended,
        )
    for statement in guide("O que o MES lê em vez de digitar"):
        mes.sql(statement)
    mes.sql("grant select on all tables in schema public to authenticated")
    (typed,) = asked(mes, TYPED, DAY, 11)
    (counted,) = asked(mes, COUNTED, DAY, 11)
    assert counted == typed
    assert (counted["feitas"], counted["perdas"], counted["oee"]) == (35_320, 184, Decimal("73.20"))
    assert [f"{counted[part]:.2%}" for part in ("disponibilidade", "performance")] == ["73.61%", "99.96%"]


def test_golden_line_a_the_views_have_the_rows_of_the_sheet(plant: Database) -> None:
    line_a_of_6_june(plant)
    lots = asked(
        plant,
        "select lote, hora_inicio, hora_fim, qtd_inicial, qtd_final, qtd_produzida, perda, total_producao, turno_id,"
        " linhaproducao_id, produto_id, velocidade from mes_turno_lote where data = %s and turno_hi = '06:00'"
        " and linhaproducao_id = 11 order by hora_inicio",
        DAY,
    )
    ids = (1, 11, 301, 4_000)
    assert [tuple(row.values()) for row in lots] == [
        ("26C25F0226A", time(6), time(11, 17), 2_211, 4_426, 17_720, 94, 17_626, *ids),
        ("26C25F0227A", time(12, 47), time(18), 0, 2_200, 17_600, 90, 17_510, *ids),
    ]
    (night,) = asked(
        plant, "select qtd_inicial, qtd_final, turno from mes_turno_lote where data = %s", date(2026, 3, 14)
    )
    assert tuple(night.values()) == (0, 2_211, "N1")
    (header,) = asked(plant, "select quantidade, perda from mes_turno where data = %s and turno_id = 1", DAY)
    assert tuple(header.values()) == (35_320, 184)
    stops = asked(
        plant,
        "select hora_inicio, hora_fim, minutos, numero_op, produto_id, oeeparada_id from mes_paradas_detectadas"
        " where data = %s and linhaproducao_id = 11 and turno_id = 1 order by inicio",
        DAY,
    )
    assert [tuple(row.values()) for row in stops] == [
        (time(10, 25), time(12, 47), 142, "25F0226", 301, None),
        (time(17, 12), time(18), 48, "25F0227", 301, None),
    ]
    hours = asked(plant, "select * from mes_producao_hora where data = %s and turno_id = 1 order by inicio", DAY)
    assert [row["hora_inicio"].hour for row in hours] == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
    assert [(row["hora_final"].hour - row["hora_inicio"].hour, row["velocidade"]) for row in hours] == [(1, 4_000)] * 12
    losses = asked(plant, "select lote, perda, codigo from mes_perdas where data = %s order by lote", DAY)
    assert [tuple(row.values()) for row in losses] == [("26C25F0226A", 94, "MAQUINA"), ("26C25F0227A", 90, "MAQUINA")]


# What the views say --------------------------------------------------------------------------------------------------


def test_a_shift_is_divided_where_the_product_changes(plant: Database) -> None:
    plant.lot("000001", "000002", "000003")
    plant.sql("update lotes_producao set produto_codigo = %s where numero_op = '000002'", OTHER)
    speed(plant, B, PRODUCT, 4_000)
    speed(plant, B, OTHER, 2_000)
    for op, begun, ended in (("000001", "06:00", "09:00"), ("000002", "09:00", "12:00"), ("000003", "12:00", "13:00")):
        plant.open(plant.boss, op, B, at(begun))
        plant.shut(plant.boss, op, B, at(ended))
    plant.record(batch(1, {B: {at("08:59"): (5, 0), at("09:30"): (7, 1), at("12:30"): (11, 0)}}))
    turns = asked(plant, "select produto_id, quantidade, perda, velocidade from mes_turno where data = %s", DAY)
    assert sorted(tuple(row.values()) for row in turns) == [(301, 16, 0, 4_000), (302, 7, 1, 2_000)]
    hours = asked(
        plant,
        "select hora_inicio, produto_id, quantidade from mes_producao_hora where data = %s and quantidade > 0"
        " order by inicio",
        DAY,
    )
    assert [tuple(row.values()) for row in hours] == [(time(8), 301, 5), (time(9), 302, 7), (time(12), 301, 11)]
    keys = "select data, turno_id, linhaproducao_id, produto_id, count(*) from mes_turno group by 1, 2, 3, 4"
    assert {row["count"] for row in asked(plant, keys)} == {1}


def test_p1_the_views_add_up_to_each_orders_total(plant: Database) -> None:
    """By day and night, by hand and by machine, what a person gave an order included; and nothing is there twice."""
    line_a_of_6_june(plant)
    plant.owner(HAND, "manual")
    plant.open(plant.boss, "25F0226", HAND, at("07:00"))
    typed = {"p_numero_op": "25F0226", "p_linha_id": HAND, "p_data": str(DAY), "p_turno": "D2"}
    plant.call(plant.boss, "registrar_contagem_manual", **typed, p_producao=500, p_rejeicao=3)
    plant.shut(plant.boss, "25F0226", HAND, at("12:00"))
    totals = {key: made for key, (made, _) in plant.totals().items()}
    for column, view in (("qtd_produzida", "mes_turno_lote"), ("quantidade", "mes_producao_hora")):
        by_line = asked(plant, f"select linha_id, sum({column}) as total from {view} group by linha_id")
        expected: dict[str, int] = {}
        for (_, line), made in totals.items():
            expected[line] = expected.get(line, 0) + made
        assert {row["linha_id"]: row["total"] for row in by_line} == expected, view
    (hand,) = asked(
        plant,
        "select hora_inicio, hora_final, quantidade from mes_producao_hora"
        " where linhaproducao_id = 18 and quantidade > 0",
    )
    assert tuple(hand.values()) == (time(6), time(18), 500)


def test_what_has_no_id_in_the_mes_is_shown_with_our_code(plant: Database) -> None:
    plant.lot("000001")
    define(plant, "PRODUTO", {PRODUCT: None})
    define(plant, "LINHA", {B: None})
    define(plant, "TURNO", {"D1": None, "D2": None})
    plant.open(plant.boss, "000001", B, at("08:00"))
    plant.record(batch(1, {B: {at("08:30"): (9, 0)}}))
    plant.shut(plant.boss, "000001", B, at("09:00"))
    (row,) = asked(plant, "select * from mes_turno where data = %s", DAY)
    assert (row["linhaproducao_id"], row["produto_id"], row["turno_id"]) == (None, None, None)
    assert (row["linha_id"], row["produto_codigo"], row["turno"], row["quantidade"]) == (B, PRODUCT, "D1", 9)
    (question,) = [one for one in guide("Os ids do MES") if "distinct" in one]
    assert asked(plant, question.replace("current_date - 7", "'2026-03-01'")) == [
        {"linha_id": B, "produto_codigo": PRODUCT}
    ]


def test_a_shift_is_the_crews_that_signed_it_else_of_one_the_mes_knows(plant: Database) -> None:
    plant.lot("000001")
    plant.open(plant.boss, "000001", B, at("08:00"))
    plant.record(batch(1, {B: {at("08:30"): (9, 0)}}))
    plant.shut(plant.boss, "000001", B, at("09:00"))
    shift = "select turno, turno_id from mes_turno where data = '2026-03-15'"
    assert asked(plant, shift) == [{"turno": "D1", "turno_id": 1}]
    plant.sign(plant.boss, B, str(DAY), "D2")
    assert asked(plant, shift) == [{"turno": "D2", "turno_id": 3}]
    define(plant, "TURNO", {"D2": None})
    assert asked(plant, shift) == [{"turno": "D1", "turno_id": 1}]


@pytest.mark.parametrize(
    ("rule", "settled", "expected"),
    [
        ("MAQUINA", None, [("MAQUINA", 5)]),
        ("DIGITADO", None, [("RASGO", 1), ("TAMPA", 3)]),
        ("CONCILIAR", None, [("MAQUINA", 5)]),
        ("CONCILIAR", "DIGITADO", [("RASGO", 1), ("TAMPA", 3)]),
        ("CONCILIAR", "MAQUINA", [("MAQUINA", 5)]),
    ],
)
def test_losses_are_those_the_lines_rule_counts_and_samples_are_none(
    plant: Database, rule: str, settled: str | None, expected: list[tuple[str, int]]
) -> None:
    plant.lot("000001")
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", B)
    plant.open(plant.boss, "000001", B, at("08:00"))
    plant.record(batch(1, {B: {at("08:30"): (90, 5)}}))
    for refuse in ({"p_codigo": "TAMPA"}, {"p_codigo": "RASGO"}, {"p_tipo": "RETEM"}):
        units = 3 if refuse.get("p_codigo") == "TAMPA" else 1
        plant.call(plant.boss, "registrar_refugo", p_numero_op="000001", p_linha_id=B, p_em=at("08:40"),
                   p_quantidade=units, **refuse)  # fmt: skip
    plant.shut(plant.boss, "000001", B, at("09:00"))
    if settled:
        plant.call(plant.boss, "conciliar_refugo", p_numero_op="000001", p_linha_id=B, p_data=str(DAY), p_turno="D1",
                   p_vale=settled, p_motivo="conferido na mesa")  # fmt: skip
    plant.sql("update linhas set regra_refugo = %s where linha_id = %s", rule, B)
    rows = asked(plant, "select codigo, perda from mes_perdas where data = %s order by codigo", DAY)
    assert [tuple(row.values()) for row in rows] == expected
    (lot,) = asked(plant, "select perda, total_producao, amostras from mes_turno_lote where data = %s", DAY)
    lost = sum(units for _, units in expected)
    assert tuple(lot.values()) == (lost, 90 - lost, 1)


# Stops ---------------------------------------------------------------------------------------------------------------


def stops(db: Database) -> list[tuple[Any, ...]]:
    rows = asked(
        db,
        "select turno, hora_inicio, hora_fim, minutos from mes_paradas_detectadas"
        " where linha_id = %s and data = %s and inicio >= to_timestamp(%s) order by inicio",
        B,
        DAY,
        at("08:00"),
    )
    return [tuple(row.values()) for row in rows]


@pytest.fixture
def running(plant: Database) -> Database:
    """With an order open on the line from the morning on: the calendar begins with the first order."""
    plant.lot("000001")
    plant.open(plant.boss, "000001", B, at("08:00"))
    return plant


def every_minute(begun: str, ended: str) -> dict[int, tuple[int, int]]:
    return dict.fromkeys(range(at(begun), at(ended), 60), (1, 0))


def test_a_stop_is_as_long_as_the_line_says_else_the_plant(running: Database) -> None:
    counts = every_minute("08:00", "09:00") | every_minute("09:09", "09:30") | every_minute("09:40", "18:00")
    running.record(batch(1, {B: counts}, marks=[(B, at("18:00"))]))
    running.sql("update parametros set valor = 10 where nome = 'PARADA_MINUTOS'")
    assert stops(running) == [("D1", time(9, 30), time(9, 40), 10)]
    call = partial(running.call, running.manager, "definir_minutos_parada", p_linha_id=B, p_motivo=WHY)
    call(p_minutos=9)
    assert [row[3] for row in stops(running)] == [9, 10]
    call(p_minutos=11)
    assert stops(running) == []
    call(p_minutos=None)
    running.call(running.manager, "definir_parametro", p_nome="PARADA_MINUTOS", p_valor=5, p_motivo=WHY)
    assert [row[3] for row in stops(running)] == [9, 10]
    trail = running.sql(
        "select depois ->> 'parada_minutos' as n, motivo, usuario_id::text as who from trilha_auditoria"
        " where objeto = %s and antes ->> 'parada_minutos' is distinct from depois ->> 'parada_minutos' order by id",
        f"linhas:{B}",
    )
    assert [tuple(row.values()) for row in trail] == [(n, WHY, running.manager) for n in ("9", "11", None)]


def test_a_stop_over_the_change_of_shift_is_measured_whole_and_divided(running: Database) -> None:
    counts = every_minute("08:00", "17:54") | every_minute("18:06", "19:00")
    running.record(batch(1, {B: counts}, marks=[(B, at("19:00"))]))
    assert stops(running) == [("D1", time(17, 54), time(18), 6), ("N1", time(18), time(18, 6), 6)]


def test_p11_no_stop_is_claimed_past_the_last_that_was_heard_of_a_line(running: Database) -> None:
    running.record(batch(1, {B: every_minute("08:00", "09:00")}))
    assert stops(running) == []
    running.record(batch(2, marks=[(B, at("09:25"))]))
    assert stops(running) == [("D1", time(9), None, 25)]
    running.record(batch(3, {B: every_minute("09:30", "09:31")}))
    assert stops(running) == [("D1", time(9), time(9, 30), 30)]


def test_no_stop_is_claimed_where_no_machine_counts(running: Database) -> None:
    running.record(batch(1, {B: every_minute("08:00", "09:00")}, marks=[(B, at("12:00"))]))
    assert [row[3] for row in stops(running)] == [180]
    running.sql("update fontes_linha set ate = to_timestamp(%s) where linha_id = %s", at("10:00"), B)
    running.owner(B, "manual", since=at("10:00"))
    assert stops(running) == [("D1", time(9), time(10), 60)]


# The ids -------------------------------------------------------------------------------------------------------------


def test_p7_an_id_of_the_mes_has_person_reason_and_history(plant: Database) -> None:
    define(plant, "LINHA", {A: 111, B: None})
    rows = plant.sql("select codigo, mes_id from equivalencias_mes where tipo = 'LINHA' order by codigo")
    assert [tuple(row.values()) for row in rows] == [(HAND, 18), (A, 111)]
    trail = plant.sql(
        "select acao, antes ->> 'mes_id' as antes, depois ->> 'mes_id' as depois, papel, motivo, usuario_id::text"
        " from trilha_auditoria where objeto = %s order by id",
        f"equivalencias_mes:{A}",
    )
    said = ("ADMIN", WHY, plant.manager)
    assert [tuple(row.values()) for row in trail] == [("insert", None, "11", *said), ("update", "11", "111", *said)]
    before = plant.one("select max(id) from trilha_auditoria")
    define(plant, "LINHA", {A: 111})
    assert plant.one("select max(id) from trilha_auditoria") == before, "nothing changed"


def test_two_ids_are_exchanged_at_once_and_one_is_never_of_two(plant: Database) -> None:
    define(plant, "LINHA", {A: 12, B: 11})
    rows = plant.sql(
        "select mes_id from equivalencias_mes where tipo = 'LINHA' and codigo in (%s, %s) order by codigo", A, B
    )
    assert [row["mes_id"] for row in rows] == [12, 11]
    for ids in ({A: 18}, {A: 50, B: 50}):
        assert code(partial(define, plant, "LINHA", ids)) == ("PT409", "ID_REPETIDO")
    define(plant, "LINHA", {A: 18, HAND: None})
    define(plant, "PRODUTO", {PRODUCT: 18})


@pytest.mark.parametrize(
    ("kind", "ids", "refused"),
    [
        ("LINHA", {"LINHA-X": 5}, ("PT404", "CODIGO_DESCONHECIDO")),
        ("PRODUTO", {"99999999": 5}, ("PT404", "CODIGO_DESCONHECIDO")),
        ("TURNO", {"T9": 5}, ("PT404", "CODIGO_DESCONHECIDO")),
        ("PESSOA", {"00000000-0000-4000-8000-000000000009": 5}, ("PT404", "CODIGO_DESCONHECIDO")),
        ("LINHA", {A: 0}, ("PT422", "NUMERO_INVALIDO")),
        ("LINHA", {A: 2_147_483_648}, ("PT422", "NUMERO_INVALIDO")),
        ("LINHA", {A: 1.5}, ("PT422", "NUMERO_INVALIDO")),
        ("LINHA", {A: "11"}, ("PT422", "NUMERO_INVALIDO")),
        ("PARADA", {"x" * 65: 5}, ("PT422", "TEXTO_LONGO")),
        ("PARADA", {str(n): n for n in range(1, 1_002)}, ("PT422", "ITENS_DEMAIS")),
        ("LINHA", {}, ("PT422", "VALOR_INVALIDO")),
        ("MAQUINA", {A: 5}, ("PT422", "VALOR_INVALIDO")),
    ],
)
def test_an_equivalence_that_makes_no_sense_is_refused(
    plant: Database, kind: str, ids: dict[str, Any], refused: tuple[str, str]
) -> None:
    before = plant.sql("select * from equivalencias_mes order by tipo, codigo")
    assert code(partial(define, plant, kind, ids)) == refused
    assert plant.sql("select * from equivalencias_mes order by tipo, codigo") == before


def test_the_guides_own_statement_gives_two_lines_their_ids(plant: Database) -> None:
    plant.sql("delete from equivalencias_mes")
    (statement,) = [one for one in guide("Os ids do MES") if "definir_equivalencias_mes" in one]
    with plant.as_role("authenticated", plant.manager):
        assert plant.one(statement)["equivalencias"] == 2


def test_p9_only_management_says_what_the_mes_calls_ours(plant: Database) -> None:
    assert code(partial(define, plant, "LINHA", {A: 5}, plant.boss)) == ("PT403", "SEM_PERMISSAO")
    assert code(partial(define, plant, "LINHA", {A: 5}, plant.person("GESTOR", "SPEP"))) == ("PT403", "SEM_PERMISSAO")
    define(plant, "PESSOA", {plant.boss: 5}, plant.person("GESTOR"))


# What the MES owns ---------------------------------------------------------------------------------------------------


def connected(db: Database) -> None:
    """As the guide says: each view replaced, then the parameter."""
    for statement in guide("O que o SicFar lê do MES"):
        db.sql(statement.replace("2026-12-01", "2026-03-01"))
    db.call(db.manager, "definir_parametro", p_nome="MES_CONECTADO", p_valor=1, p_motivo=WHY)


def profile(db: Database, user: str, number: int, name: str = "João do MES") -> None:
    """A person of the MES; her number there is her profile's too."""
    values = (number, user, name, number)
    db.sql("insert into tbusuario (usuario_id, user_id, usuario, perfil_id) values (%s, %s, %s, %s)", *values)


def test_shifts_and_speeds_are_the_mess_where_one_is_connected(mes: Database) -> None:
    mes.lot("000001")
    speed(mes, B, PRODUCT, 9_999)
    mes.sql("insert into tbvelocidadenominal (linhaproducao_id, produto_id, velocidade) values (12, 301, 4000)")
    mes.sql("update tbturno set hora_fim = '14:00' where turno_id in (1, 3)")
    mes.sql("update tbturno set hora_inicio = '14:00' where turno_id in (2, 4)")
    profile(mes, mes.manager, 1)
    connected(mes)
    profile(mes, mes.boss, 2)
    mes.open(mes.boss, "000001", B, at("13:00"))
    mes.record(batch(1, {B: {at("13:30"): (4, 0), at("14:30"): (5, 0)}}))
    mes.shut(mes.boss, "000001", B, at("15:00"))
    rows = asked(mes, "select turnos, producao, velocidade_nominal from producao_turno(%s, %s, %s)", DAY, DAY, B)
    assert sorted(tuple(row.values()) for row in rows) == [(["D1", "D2"], 4, 4_000), (["N1", "N2"], 5, 4_000)]
    turns = asked(mes, "select turno_hf, quantidade, velocidade from mes_turno where data = %s order by turno_hi", DAY)
    assert [tuple(row.values()) for row in turns] == [(time(14), 4, 4_000), (time(6), 5, 4_000)]


def test_p9_names_and_profiles_are_the_mess_where_one_is_connected(mes: Database) -> None:
    mes.lot("000001")
    stranger = "00000000-0000-4000-8000-000000000007"
    profile(mes, mes.manager, 1)
    profile(mes, stranger, 2, "Ana do MES")
    assert code(lambda: mes.open(stranger, "000001", B, at("08:00")))[1] == "SEM_PERMISSAO"
    connected(mes)
    mes.open(stranger, "000001", B, at("08:00"))
    assert code(lambda: mes.shut(mes.boss, "000001", B, at("09:00")))[1] == "SEM_PERMISSAO", "has no profile there"
    mes.shut(stranger, "000001", B, at("09:00"))
    assert mes.sign(stranger, B, str(DAY), "D1")["nome"] == "Ana do MES"
    mes.sql("delete from papeis_usuario where papel = 'ADMIN'")  # the MES says who administers
    wanted = mes.call(mes.person("GESTOR"), "pedir_papel", p_usuario_id=stranger, p_papel="ENCARREGADO", p_setor="SPPV",
                      p_motivo=WHY)  # fmt: skip
    mes.call(mes.manager, "conceder_papel", p_id=wanted["id"], p_decisao="CONCEDER", p_motivo=WHY)
    mes.sql("insert into papeis_usuario (usuario_id, papel) values (%s, 'GESTOR')", mes.manager)
    assert code(lambda: mes.shut(mes.manager, "000001", B, at("09:00")))[1] == "SEM_PERMISSAO", "grants roles there"
    quality = mes.person("QUALIDADE")
    mes.call(quality, "suspender_apontamento", p_linha_id=B, p_ate=None, p_motivo=WHY)
    mes.sql("update tbusuario set deletado = 'S' where user_id = %s", stranger)
    assert code(lambda: mes.open(stranger, "000001", B, at("10:00")))[1] == "SEM_PERMISSAO"


def test_typed_losses_and_stops_are_the_mess_where_one_is_connected(mes: Database) -> None:
    mes.lot("000001")
    mes.sql("update linhas set regra_refugo = 'DIGITADO' where linha_id = %s", B)
    profile(mes, mes.manager, 1)
    profile(mes, mes.boss, 2)
    mes.open(mes.boss, "000001", B, at("08:00"))
    loss = {"p_numero_op": "000001", "p_linha_id": B, "p_em": at("08:40")}
    mes.call(mes.boss, "registrar_refugo", **loss, p_quantidade=3, p_codigo="TAMPA")
    mes.call(mes.boss, "registrar_refugo", **loss, p_quantidade=2, p_tipo="RETEM")
    mes.record(batch(1, {B: every_minute("08:00", "08:30") | every_minute("08:50", "09:00")}, marks=[(B, at("09:00"))]))
    mes.shut(mes.boss, "000001", B, at("09:00"))
    turno = mes.one(
        "insert into tboee_turno (data, linhaproducao_id, produto_id, turno_id, turno_hi, turno_hf)"
        " values (%s, 12, 301, 1, '06:00', '18:00') returning oeeturno_id",
        DAY,
    )
    mes.sql("insert into tboee_turno_lote (oeeturno_id, lote, perda) values (%s, '26C000001A', 4)", turno)
    mes.sql(
        "insert into tboee_turno_parada (oeeturno_id, oeeparada_id, parada, hora_inicio, hora_fim)"
        " values (%s, 71, 'Quebra Falha', '08:31', '08:49')",
        turno,
    )
    connected(mes)
    losses = asked(mes, "select codigo, perda from mes_perdas where data = %s order by codigo", DAY)
    assert [tuple(row.values()) for row in losses] == [("MES", 4), ("TAMPA", 3)]
    (shift,) = asked(mes, "select refugo_digitado, amostras from producao_turno(%s, %s, %s) where numero_op = '000001'"
                          " and refugo_digitado > 0", DAY, DAY, B)  # fmt: skip
    assert tuple(shift.values()) == (7, 2)
    (stop,) = asked(
        mes,
        "select oeeparada_id, codigo, parada, minutos from mes_paradas_detectadas where data = %s and linha_id = %s"
        " and hora_inicio = '08:30'",
        DAY,
        B,
    )
    assert tuple(stop.values()) == (71, "SPEP-P1.3", "Quebra Falha", 20)
    signed = mes.sign(mes.boss, B, str(DAY), "D1")
    assert mes.one("select verificar_assinatura(%s)", signed["id"])
    mes.sql("update tboee_turno_lote set perda = 5")
    assert not mes.one("select verificar_assinatura(%s)", signed["id"]), "what was signed has changed"


def acts(db: Database) -> dict[str, Callable[[], object]]:
    """What is typed here only where no MES is connected."""
    why = {"p_motivo": WHY}
    return {
        "definir_turno": lambda: db.call(
            db.manager, "definir_turno", p_turno="D3", p_inicio="06:00", p_fim="18:00", **why
        ),
        "definir_pessoa": lambda: db.call(
            db.manager, "definir_pessoa", p_usuario_id=db.boss, p_nome="Outra Pessoa", **why
        ),
        "tirar_papel": lambda: db.call(
            db.manager, "tirar_papel", p_usuario_id=db.person("OPERADOR"), p_papel="OPERADOR", p_setor=None, **why
        ),
        "registrar_refugo": lambda: db.call(
            db.boss, "registrar_refugo", p_numero_op="000001", p_linha_id=B, p_quantidade=1, p_codigo="TAMPA",
            p_em=at("08:30"),
        ),
    }  # fmt: skip


@pytest.mark.parametrize("act", ["definir_turno", "definir_pessoa", "tirar_papel", "registrar_refugo"])
def test_what_the_mes_owns_is_typed_here_only_without_one(plant: Database, act: str) -> None:
    plant.lot("000001")
    plant.sql("update linhas set regra_refugo = 'DIGITADO' where linha_id = %s", B)
    plant.open(plant.boss, "000001", B, at("08:00"))
    acts(plant)[act]()
    plant.call(plant.manager, "definir_parametro", p_nome="MES_CONECTADO", p_valor=1, p_motivo=WHY)
    assert code(acts(plant)[act]) == ("PT409", "DADO_DO_MES")
    asking = plant.person("GESTOR")
    for role in ("ENCARREGADO", "GESTOR", "QUALIDADE"):
        wanted = plant.call(asking, "pedir_papel", p_usuario_id=plant.boss, p_papel=role, p_setor=None,
                            p_motivo=WHY)  # fmt: skip
        plant.call(plant.manager, "conceder_papel", p_id=wanted["id"], p_decisao="CONCEDER", p_motivo=WHY)
    plant.call(plant.boss, "registrar_refugo", p_numero_op="000001", p_linha_id=B, p_quantidade=1, p_tipo="RETEM",
               p_em=at("08:30"))  # fmt: skip
    plant.call(plant.manager, "definir_parametro", p_nome="MES_CONECTADO", p_valor=0, p_motivo=WHY)
    acts(plant)[act]()


def test_what_the_mes_owns_is_read_through_its_view_alone(db: Database) -> None:
    """Only who types it here names the table, and who looks for what was typed."""
    writers = {
        "turnos": {"definir_turno", "interno.exigir_equivalencias"},
        "velocidades_nominais": {"interno.aplicar_velocidade"},
        "pessoas": {"definir_pessoa", "definir_operador"},
        "papeis_usuario": {"interno.resolver_pedido", "tirar_papel", "interno.primeiros_papeis"},
        "perdas_qualidade": {"registrar_refugo", "estornar_refugo", "rastrear"},
    }
    functions = db.sql(
        "select oid::regproc::text as name, prosrc from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'interno'::regnamespace)"
    )
    for table, named in writers.items():
        assert {one["name"] for one in functions if re.search(rf"\bpublic\.{table}\b", one["prosrc"])} == named, table


# What it costs -------------------------------------------------------------------------------------------------------


def pages(db: Database, query: str) -> int:
    (row,) = db.sql(f"explain (analyze, buffers, format json) {query}")
    (plan,) = row["QUERY PLAN"]
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def test_a_day_costs_the_same_whatever_was_counted_before_it(plant: Database) -> None:
    line_a_of_6_june(plant)
    queries = [
        f"select * from {view} where {where}"
        for view in VIEWS
        for where in ("data = '2026-03-15'", "data = '2026-03-15' and linhaproducao_id = 11")
    ]

    def costs() -> dict[str, int]:
        plant.sql("analyze")
        return {query: min(pages(plant, query) for _ in range(2)) for query in queries}

    few = costs()
    plant.sql("set session_replication_role = replica")
    plant.sql(
        "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada, status)"
        " select 'F' || n, 'L', %s, 1, 'CONCLUIDO' from generate_series(1, 400) as n",
        PRODUCT,
    )
    plant.sql(
        "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
        " select 'F' || n, %s, tstzrange(i, i + interval '8 hours'), 1, 1 from generate_series(1, 400) as n"
        " cross join lateral (select '2025-10-01Z'::timestamptz + n * interval '8 hours') as x (i)",
        A,
    )
    plant.sql(
        "insert into contagens_minuto (linha_id, minuto, total_producao) select %s, m, 1"
        " from generate_series('2025-10-01Z'::timestamptz, '2026-02-10Z', '1 minute') as m",
        A,
    )
    plant.sql("set session_replication_role = origin")
    many = costs()
    assert {query: (few[query], many[query]) for query in queries if many[query] > few[query] * 1.5 + 400} == {}
