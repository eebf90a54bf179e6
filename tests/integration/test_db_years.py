"""What is asked for years: the inputs of the OEE, and changes of closed lots found from the side that changed."""

import json
import random
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from local.stack.database import Database, batch, span
from tests.support.plant_time import at

GUIDE = Path("docs/consultas.md").read_text(encoding="utf-8")
OPERATION = Path("docs/operacao.md").read_text(encoding="utf-8")
A = "SPEP-ENV-A"
B = "SPEP-ENV-B"
HAND = "SPEP-EMB-EST02"
DAY = "2026-03-15"


def spread(total: int, begun: int, minutes: int) -> dict[int, int]:
    """A total over so many minutes, something in each."""
    return {begun + 60 * n: total // minutes + (n < total % minutes) for n in range(minutes)}


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.boss = db.person("SUPERVISOR")
    db.manager = db.person("GESTOR")
    db.sql("update linhas set maximo_por_segundo = null")
    return db


def nominal(db: Database, line: str, speed: int) -> None:
    db.sql(
        "insert into velocidades_nominais (linha_id, produto_codigo, de, velocidade, validade)"
        " values (%s, '07010012', '2026-01-01', %s, '[2026-01-01,)')",
        line,
        speed,
    )


# The inputs of the OEE -----------------------------------------------------------------------------------------------


def test_golden_line_a_of_6_june_the_sheets_figures_come_from_one_question(plant):
    """2,215 and 2,200 cycles of eight, 94 and 90 refused, 3:10 h stopped: 73.61, 99.96, 73.20 %, at 4,000 an hour."""
    plant.lot("25F0226", "25F0227")
    nominal(plant, A, 4_000)
    for n, (op, begun, ended, minutes, cycles, rejected) in enumerate(
        (("25F0226", "06:00", "11:17", 265, 2_215, 94), ("25F0227", "12:47", "18:00", 265, 2_200, 90))
    ):
        plant.open(plant.boss, op, A, at(begun))
        made = spread(cycles, at(begun), minutes)
        refused = spread(rejected, at(begun), minutes)
        plant.record(batch(n + 1, {A: {second: (made[second], refused[second]) for second in made}}))
        plant.shut(plant.boss, op, A, at(ended))
    rows = plant.sql("select * from producao_turno(%s, %s, %s) order by numero_op", DAY, DAY, A)
    seen = [(r["numero_op"], r["turnos"], r["producao"], r["rejeicao"], r["producao_maquina"]) for r in rows]
    assert seen == [
        ("25F0226", ["D1", "D2"], 17_720, 94, 2_215),
        ("25F0227", ["D1", "D2"], 17_600, 90, 2_200),
    ]
    made, refused = sum(r["producao"] for r in rows), sum(r["rejeicao"] for r in rows)
    operating = Decimal(sum(r["minutos_com_contagem"] for r in rows)) / 60
    assert (made, made - refused) == (35_320, 35_136)
    availability, performance = operating / 12, made / rows[0]["velocidade_nominal"] / operating
    figures = (availability, performance, availability * performance * (made - refused) / made)
    assert [f"{figure:.2%}" for figure in figures] == ["73.61%", "99.96%", "73.20%"]
    stops = plant.sql(
        "select * from paradas_linha(%s, to_timestamp(%s), to_timestamp(%s))", A, at("06:00"), at("18:00")
    )
    assert [(stop["minutos"], stop["ordens"]) for stop in stops] == [(142, ["25F0226"]), (48, ["25F0227"])]
    assert sum(stop["minutos"] for stop in stops) == 3 * 60 + 10
    (lot,) = plant.sql("select * from producao_op('25F0226')")
    assert (lot["producao"], lot["rejeicao"], lot["aberta_s"]) == (17_720, 94, 5 * 3600 + 17 * 60)
    assert (lot["primeira_contagem"], lot["ultima_contagem"]) == (
        datetime.fromtimestamp(at("06:00"), UTC), datetime.fromtimestamp(at("06:00") + 264 * 60, UTC)
    )  # fmt: skip


def test_golden_a05_the_guides_own_question_answers_83_33_95_00_and_94_74(plant):
    """95,000 produced, 90,000 good, 10 of 12 h, 10,000 an hour: an OEE of 75.00 %."""
    plant.lot("A05")
    nominal(plant, A, 10_000)
    plant.sql("update fatores_linha set fator = 1")
    plant.open(plant.boss, "A05", A, at("06:00"))
    made, refused = spread(95_000, at("07:00"), 600), spread(5_000, at("07:00"), 600)
    plant.record(batch(1, {A: {second: (made[second], refused[second]) for second in made}}))
    plant.shut(plant.boss, "A05", A, at("18:00"))
    (row,) = plant.sql(statements("Por turno")[1])
    parts = (row["disponibilidade"], row["performance"], row["qualidade"])
    assert [f"{part:.2%}" for part in parts] == ["83.33%", "95.00%", "94.74%"]
    assert f"{parts[0] * parts[1] * parts[2]:.2%}" == "75.00%"


def test_hours_and_shifts_split_an_order_exactly_and_add_up(plant):
    """An order from 17:59:40 of one shift into the next, another in its last minute, and counts without order."""
    plant.lot("000001", "000002")
    begun, ended = at("17:59") + 40, at("00:30", 16) + 20
    plant.open(plant.boss, "000001", B, begun)
    chosen = random.Random(7)
    counts = {begun - 5: (3, 0), ended: (4, 1), ended + 100: (5, 0)}
    counts |= {chosen.randrange(begun, ended): (chosen.randrange(1, 9), 1) for _ in range(400)}
    counts |= {begun: (1, 0), at("18:00") - 1: (2, 0), at("18:00"): (3, 0), ended - 1: (4, 0)}
    plant.record(batch(1, {B: counts}, spans=[span(B, at("20:59") + 50, at("21:00") + 10, 7)]))
    plant.shut(plant.boss, "000001", B, ended)
    plant.open(plant.boss, "000002", B, ended)
    plant.shut(plant.boss, "000002", B, ended + 60)

    def expected(de: int, ate: int) -> dict[str | None, int]:
        sums: dict[str | None, int] = {}
        for second, (made, _) in [*counts.items(), (at("21:00") + 10, (7, 0))]:
            if de <= second < ate:
                op = "000001" if begun <= second < ended else "000002" if ended <= second < ended + 60 else None
                sums[op] = sums.get(op, 0) + made
        return sums

    hours = plant.sql(
        "select * from producao_hora(to_timestamp(%s), to_timestamp(%s), %s)", at("17:00"), at("01:00", 16), B
    )
    for hour in {row["hora"] for row in hours}:
        second = int(hour.timestamp())
        seen = {r["numero_op"]: r["producao_maquina"] for r in hours if r["hora"] == hour}
        assert {op: made for op, made in seen.items() if made} == expected(second, second + 3600), hour
    shifts = plant.sql("select * from producao_turno(%s, %s, %s)", DAY, DAY, B)
    for turnos, de, ate in ((["D1", "D2"], "06:00", at("18:00")), (["N1", "N2"], "18:00", at("06:00", 16))):
        seen = {r["numero_op"]: r["producao_maquina"] for r in shifts if r["turnos"] == turnos}
        assert seen == expected(at(de), ate)
    total = plant.totals()["000001", B][0]
    assert sum(r["producao"] for r in shifts if r["numero_op"] == "000001") == total
    assert sum(r["producao"] for r in hours if r["numero_op"] == "000001") == total
    (lot,) = plant.sql("select * from producao_op('000001')")
    assert (lot["producao"], lot["aberta_s"]) == (total, ended - begun)
    assert {r["producao"] for r in shifts if r["numero_op"] is None} == {None}


def test_hand_counts_are_of_the_shift_beside_the_machines_rejects(plant):
    plant.sql("insert into fontes_linha (linha_id, fonte, de) values (%s, 'manual', '2026-01-01Z')", HAND)
    plant.lot("000001")
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id = %s", A)
    for line in (HAND, A):
        plant.open(plant.boss, "000001", line, at("08:00"))
    typed = {"p_numero_op": "000001", "p_linha_id": HAND, "p_data": DAY, "p_turno": "D2", "p_motivo": "conferido"}
    for made in (500, 520):
        plant.call(plant.boss, "registrar_contagem_manual", **typed, p_producao=made, p_rejeicao=3)
    (still_open,) = plant.sql("select producao from producao_op('000001') where linha_id = %s", HAND)
    assert still_open == {"producao": 520}, "of an order that has not ended too"
    refuse = {"p_numero_op": "000001", "p_linha_id": A, "p_em": at("09:00")}
    plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=4, p_codigo="TAMPA")
    plant.call(plant.boss, "registrar_refugo", **refuse, p_quantidade=2, p_tipo="RETEM")
    plant.record(batch(1, {A: {at("08:30"): (10, 1)}}))
    for line in (HAND, A):
        plant.shut(plant.boss, "000001", line, at("19:00"))
    shifts = plant.sql("select * from producao_turno(%s, %s)", DAY, DAY)
    seen = {
        (r["linha_id"], r["turnos"][0]): (r["producao"], r["rejeicao"], r["refugo_digitado"], r["amostras"])
        for r in shifts
    }
    assert seen == {
        (HAND, "D1"): (520, 3, 0, 0),
        (HAND, "N1"): (0, 0, 0, 0),
        (A, "D1"): (80, 1, 4, 2),
        (A, "N1"): (0, 0, 0, 0),
    }
    hours = plant.sql("select * from producao_hora(to_timestamp(%s), to_timestamp(%s))", at("06:00"), at("18:00"))
    assert sum(r["producao"] for r in hours if r["linha_id"] == HAND) == 0
    lines = plant.sql("select linha_id, producao from producao_op('000001') order by linha_id")
    assert [tuple(row.values()) for row in lines] == [(HAND, 520), (A, 80)]


def test_p1_what_a_person_gave_an_ended_order_is_in_its_production(plant):
    plant.lot("000001", "000002")
    plant.open(plant.boss, "000001", A, at("08:00"))
    plant.record(batch(1, {A: {at("08:30"): (10, 1)}}, spans=[span(A, at("08:50"), at("09:10"), 4, 1)]))
    plant.shut(plant.boss, "000001", A, at("09:00"))
    plant.open(plant.boss, "000002", A, at("09:00"))
    (held,) = plant.pending("RETIDA")
    plant.call(
        plant.boss, "decidir_retido", p_id=held["detalhes"]["p_id"], p_decisao="ATRIBUIR", p_numero_op="000001",
        p_motivo="era da anterior",
    )  # fmt: skip
    (order,) = plant.sql("select producao, rejeicao, producao_maquina, rejeicao_maquina from producao_op('000001')")
    assert tuple(order.values()) == (*plant.totals()["000001", A], 14, 2) == (14 * 8, 2, 14, 2)
    (other,) = plant.sql("select producao from producao_op('000002')")
    assert other == {"producao": 0}


def test_no_stop_is_claimed_where_the_machine_counted_and_nobody_read_it(plant):
    plant.record(
        batch(1, {A: {at("08:00"): (1, 0), at("08:40"): (1, 0)}}, spans=[span(A, at("08:10"), at("08:30"), 9)])
    )
    stops = plant.sql(
        "select * from paradas_linha(%s, to_timestamp(%s), to_timestamp(%s), 5)", A, at("08:00"), at("09:00")
    )
    minutes = [(stop["de"].minute, stop["minutos"]) for stop in stops]
    assert minutes == [(1, 9), (31, 9), (41, 19)]


def statements(title: str) -> list[str]:
    """The guide's indented SQL under a heading."""
    text = GUIDE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    return "\n".join(lines).split(";")[:-1]


def test_whoever_signed_in_asks_what_the_guide_asks(plant):
    plant.lot("000123")
    plant.open(plant.boss, "000123", A, at("08:00"))
    plant.record(batch(1, {A: {at("08:30"): (10, 1)}}))
    plant.shut(plant.boss, "000123", A, at("09:00"))
    plant.lot("146734")
    plant.open(plant.boss, "146734", A, at("09:10"))
    typed = {"p_numero_op": "000123", "p_linha_id": A, "p_data": DAY, "p_turno": "D1", "p_produzidas": 80}
    plant.call(plant.boss, "registrar_conferencia", **typed)
    titles = [line[3:] for line in GUIDE.splitlines() if line.startswith("## ")]
    titles.remove("O MES")  # asked beside tables of its shape: test_db_mes.py
    asked = [statement for title in titles for statement in statements(title)]
    assert len(asked) == 15
    for statement in asked:
        with plant.as_role("authenticated", plant.person("OPERADOR")):
            assert plant.sql(statement), statement


# Retention ------------------------------------------------------------------------------------------------------------


def test_p1_old_minutes_may_go_as_the_guide_says_and_no_file_counts_again(plant):
    plant.lot("000123")
    plant.open(plant.boss, "000123", B, at("08:00"))
    plant.shut(plant.boss, "000123", B, at("10:00"))
    old = batch(1, {B: {at("08:30"): (10, 1), at("10:30"): (2, 0)}})
    plant.record(old)
    plant.mark(B, at("10:00"))
    plant.call(
        plant.boss, "justificar_sem_ordem", p_linha_id=B, p_de=at("10:00"), p_ate=at("11:00"), p_motivo="limpeza"
    )
    plant.sign(plant.boss, B, DAY, "D1")
    plant.close_lots()
    before = plant.balance(B), plant.totals()
    (deletion,) = [line for line in OPERATION.splitlines() if line.startswith("    delete from contagens_minuto")]
    with plant.as_role("service_role"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        plant.sql(deletion)
    plant.sql(deletion.replace("5 years", "1 day"))
    assert plant.one("select count(*) from contagens_minuto") == 1
    assert plant.situations(old) == ["JA_APLICADO"]
    assert (plant.balance(B), plant.totals()) == before
    assert plant.close_lots()["ajustes"] == 0
    assert proposed(plant) == {}


# Changes of closed lots ----------------------------------------------------------------------------------------------


@pytest.fixture
def closed(plant: Database) -> Database:
    """An order that ran on line B, closed at 15 units."""
    plant.lot("000123")
    plant.open(plant.boss, "000123", B, at("08:00"))
    plant.record(batch(1, {B: {at("08:30"): (10, 0), at("09:59"): (5, 0)}}))
    plant.shut(plant.boss, "000123", B, at("10:00"))
    plant.mark(B, at("10:00"))
    plant.sign(plant.boss, B, DAY, "D1")
    assert plant.close_lots()["fechadas"] == ["000123"]
    plant.close_lots()
    return plant


def proposed(db: Database) -> dict[str, int]:
    rows = db.sql(
        "select tipo, sum(diferenca)::int as n from ajustes_fechamento where situacao = 'PROPOSTO' group by 1"
    )
    return {row["tipo"]: row["n"] for row in rows}


def test_p4_a_change_committed_after_a_later_one_was_seen_is_found(closed):
    """Written first, committed last: an instant would say it had been looked at."""
    late, early = Database(closed.url), Database(closed.url)
    typed = (
        "insert into perdas_qualidade (numero_op, linha_id, em, tipo, quantidade, usuario_id)"
        " values ('000123', %s, to_timestamp(%s), 'RETEM', %s, gen_random_uuid())"
    )
    try:
        late.connection.autocommit = False
        late.sql(typed, B, at("09:00"), 1)
        early.sql(typed, B, at("09:10"), 2)
        assert closed.close_lots()["ajustes"] == 1
        assert proposed(closed) == {"RETEM": 2}
        late.connection.commit()
    finally:
        late.close()
        early.close()
    closed.close_lots()
    assert proposed(closed) == {"RETEM": 3}


def test_p4_late_batches_beside_rounds_of_closing_all_become_adjustments(closed):
    """Six senders and a closing that never pauses: after one more round, what was counted is what is proposed."""
    rounds: list[int] = []
    ended = threading.Event()

    def send(n: int) -> None:
        db = Database(closed.url)
        try:
            for k in range(8):
                late = batch(8 * n + k, {B: {at("08:40") + 60 * k + n: (1, 0)}})
                assert db.situations(late) == ["APLICADO"]
        finally:
            db.close()

    def look() -> None:
        db = Database(closed.url)
        try:
            while not ended.is_set():
                rounds.append(db.close_lots()["ajustes"])
        finally:
            db.close()

    senders = [threading.Thread(target=send, args=(n,)) for n in range(1, 7)]
    looker = threading.Thread(target=look)
    looker.start()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    ended.set()
    looker.join()
    closed.close_lots()
    assert proposed(closed) == {"PRODUZIDA": 6 * 8}
    assert closed.one("select count(*) from apuracoes_pendentes") == 0
    assert sum(rounds) > 1


def test_p4_a_look_that_fails_is_repeated(closed):
    closed.record(batch(2, {B: {at("09:30"): (1, 0)}}))
    closed.sql("alter table ajustes_fechamento add constraint falha check (diferenca > 1)")
    with closed.as_role("service_role"):
        answer = closed.one("select fechar_lotes()")
    assert [error["numero_op"] for error in answer["erros"]] == ["000123"]
    closed.sql("alter table ajustes_fechamento drop constraint falha")
    assert closed.close_lots()["ajustes"] == 1


def pages(db: Database, call: str, *parameters: object) -> int:
    """Pages a call touches, in whatever it calls."""
    (row,) = db.sql(f"explain (analyze, buffers, format json) select {call}", *parameters)
    (plan,) = row["QUERY PLAN"]
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def many_closed_orders(db: Database, number: int) -> None:
    """Orders of a hundred seconds on line A, one after the other from 1970 on."""
    db.sql("set session_replication_role = replica")
    db.sql(
        "insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada, status)"
        " select 'F' || n, 'L', '07010012', 1, 'CONCLUIDO' from generate_series(1, %s) as n",
        number,
    )
    db.sql(
        "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
        " select 'F' || n, %s, tstzrange(to_timestamp(n * 100), to_timestamp(n * 100 + 100)), 1, 1"
        " from generate_series(1, %s) as n",
        A,
        number,
    )
    db.sql(
        "insert into fechamentos_lote (numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras,"
        " boas, contador_final, inicio, fim, assinaturas, informado)"
        " select 'F' || n, 'L', '07010012', 'ENVASE', 0, 0, 0, 0, 0, now(), now(), '{}', true"
        " from generate_series(1, %s) as n",
        number,
    )
    db.sql("insert into apuracoes_fechamento select numero_op, fechado_em from fechamentos_lote on conflict do nothing")
    db.sql("set session_replication_role = origin")
    db.sql("vacuum analyze")


def test_untouched_closed_orders_cost_rounds_and_batches_nothing(closed):
    def costs(seq: int) -> tuple[int, int]:
        """Of a round, and of a batch of 200 seconds of two lines."""
        counts = {line: {at("12:00") + 300 * seq + n: (1, 0) for n in range(200)} for line in (A, B)}
        files = json.dumps([batch(seq, counts)])
        return pages(closed, "fechar_lotes()"), pages(closed, "registrar_contagens(%s::jsonb)", files)

    costs(2)
    few = costs(3)
    many_closed_orders(closed, 10_000)
    costs(4)
    round_, recording = costs(5)
    assert round_ < few[0] + 20
    assert recording < few[1] + 50
