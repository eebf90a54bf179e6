"""A lot on a screen: what it waits for, what was frozen, what TOTVS was told, and the way back to the bytes."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from local.stack.database import Database, batch, iso, span
from tests.integration.test_db_years import many_closed_orders, pages
from tests.support.plant_time import at

A = "SPEP-ENV-A"
B = "SPEP-ENV-B"
OP = "000123"
DAY = "2026-03-15"


@pytest.fixture
def plant(db: Database) -> Database:
    """One order ran on line A from 08:00 to 10:00, all of it reported in two batches."""
    db.gateway("planta-1", A, B)
    db.lot(OP)
    db.boss, db.manager = db.person("SUPERVISOR", "SPEP"), db.person("GESTOR")
    db.open(db.boss, OP, A, at("08:00"))
    db.record(batch(1, {A: {at("08:30"): (10, 1), at("08:30") + 4: (2, 0)}}), batch(2, {A: {at("09:59"): (5, 2)}}))
    db.shut(db.boss, OP, A, at("10:00"))
    db.mark(A, at("10:00"))
    return db


@pytest.fixture
def closed(plant: Database) -> Database:
    plant.sign(plant.boss, A, DAY, "D1")
    assert plant.close_lots()["fechadas"] == [OP]
    return plant


def detail(db: Database, **arguments: Any) -> dict[str, Any]:
    """As somebody who may only look."""
    looker = db.person("POSTO", "SPEP")
    return db.call(looker, "lote_detalhe", **{"p_numero_op": OP, **arguments})


def listed(db: Database, *arguments: object) -> list[str]:
    with db.as_role("authenticated", db.manager):
        places = ", ".join("%s" for _ in arguments)
        return [row["numero_op"] for row in db.sql(f"select * from lotes({places})", *arguments)]


def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(psycopg.Error) as error:
        call()
    return str(error.value.sqlstate), str(error.value.diag.message_primary)


def test_p4_an_open_closing_shows_what_it_waits_for(plant: Database) -> None:
    plant.close_lots()
    found = detail(plant)
    assert [one["codigo"] for one in found["espera"]["faltas"]] == ["DIARIO_NAO_ASSINADO"]
    assert (found["fechamento"], found["envios"], found["decide"]) == (None, [], False)
    with plant.as_role("authenticated", plant.manager):
        (row,) = plant.sql("select * from lotes(%s, 'ESPERA')", "123")
    assert (row["estado"], row["faltas"], row["produzidas"], row["linhas"]) == ("A_FECHAR", 1, 136, [A])


def test_p7_a_closed_lot_shows_totals_signatures_reports_and_each_call(closed: Database) -> None:
    report = closed.one("select id from envios_totvs where tipo = 'PRODUCAO'")
    for n in range(7):
        closed.sql(
            "insert into tentativas_integracao (em, sistema, sentido, operacao, resultado, envio_id, corpo, resposta)"
            " values (%s, 'TOTVS', 'SAIDA', 'producao', 'OK', %s, %s, 'gravado')",
            *(iso(at("10:00") + n), report, "x" * 5_000),
        )
    found = detail(closed)
    assert found["espera"] is None
    frozen = found["fechamento"]
    assert (frozen["produzidas"], frozen["refugo"], frozen["boas"]) == (136, 3, 133)
    assert [(one["tipo"], one["quantidade"]) for one in frozen["totais"]] == [("PRODUZIDA", 136), ("REFUGO", 3)]
    assert [one["nome"] for one in frozen["diarios"]] == ["Maria das Dores (SUPERVISOR)"]
    assert [one["tipo"] for one in found["envios"]] == ["STATUS", "PRODUCAO"]
    told = found["envios"][-1]
    assert (told["quantas_chamadas"], len(told["chamadas"]), len(told["chamadas"][0]["corpo"])) == (7, 3, 1_000)
    calls = [datetime.fromisoformat(one["em"]) for one in told["chamadas"]]
    assert all(before < after for before, after in pairwise(calls))
    assert listed(closed, None, "ESPERA") == []


def test_p7_hours_pieces_and_files_add_up_to_the_lines_total(plant: Database) -> None:
    plant.record(batch(3, spans=[span(A, at("09:10"), at("09:11"), 7)]))
    (line,) = detail(plant, p_de=at("08:34"))["linhas"]
    hours = line["horas"]
    assert [datetime.fromisoformat(one["de"]).timestamp() for one in hours] == [at("08:00"), at("09:00")]
    assert sum(one["producao"] for one in hours) == line["producao"] == plant.totals()[OP, A][0]
    assert sum(one["rejeicao"] for one in hours) == line["rejeicao"]
    pieces = hours[0]["trechos"]
    assert [one["producao"] for one in pieces] == [0, 0, 0, hours[0]["producao"], 0, 0]
    assert hours[1]["trechos"] is None
    assert (line["quantas_horas"], line["antes"], line["depois"]) == (2, None, None)
    files = detail(plant, p_de=at("08:34"))["arquivos"]
    assert (files["quantos"], files["de"][:16]) == (1, iso(at("08:30"))[:16])
    (one,) = files["lista"]
    assert (one["chave"], one["sha256"]) == tuple(plant.sql("select chave, sha256 from arquivos_ingeridos")[0].values())
    assert (one["byte_de"], one["byte_ate"], one["producao"]) == (100, 900, 12)


def test_p7_of_many_files_the_first_are_listed_and_all_are_counted(plant: Database) -> None:
    made = [batch(10 + n, {A: {at("08:40") + 3 * n: (1, 0)}}, epoch="f" * 32) for n in range(170)]
    plant.record(*made)
    files = detail(plant, p_de=at("08:40"))["arquivos"]
    assert (files["quantos"], len(files["lista"])) == (170, 100)
    assert [one["chave"] for one in files["lista"]] == [one["chave"] for one in made[:100]]


def test_p7_of_an_order_open_for_days_a_day_of_hours_is_shown(plant: Database) -> None:
    plant.lot("000124")
    plant.open(plant.boss, "000124", B, at("08:00"))
    plant.record(batch(3, {B: {at("08:10", 16): (1, 0)}}))
    plant.shut(plant.boss, "000124", B, at("12:00", 18))
    (line,) = detail(plant, p_numero_op="000124")["linhas"]
    shown, seen = [one["de"] for one in line["horas"]], 24
    assert (len(shown), line["quantas_horas"], line["antes"]) == (24, 76, None)
    while line["depois"]:
        (line,) = detail(plant, p_numero_op="000124", p_de=line["depois"])["linhas"]
        assert line["horas"][0]["de"] > shown[-1]
        shown = [one["de"] for one in line["horas"]]
        seen += len(shown)
    assert seen == 76
    (back,) = detail(plant, p_numero_op="000124", p_de=line["antes"])["linhas"]
    assert back["horas"][-1]["de"] < shown[0]


def test_p4_a_decision_is_about_the_adjustments_that_were_seen(closed: Database) -> None:
    closed.record(batch(3, {A: {at("09:00"): (2, 0)}}))
    closed.close_lots()
    seen = detail(closed)["fechamento"]["propostos"]
    assert listed(closed, None, "ESPERA") == [OP]
    closed.record(batch(4, {A: {at("09:01"): (1, 0)}}))
    closed.close_lots()
    closed.sign(closed.boss, A, DAY, "D1", "contagem atrasada conferida")
    decide = {"p_numero_op": OP, "p_decisao": "APROVAR", "p_motivo": "lote atrasado"}
    stale = refusal(lambda: closed.call(closed.manager, "decidir_ajustes", **decide, p_ajustes=seen))
    assert stale == ("PT409", "AJUSTE_MUDOU")
    asked = closed.call(closed.manager, "lote_detalhe", p_numero_op=OP)
    assert asked["decide"] is True
    now = asked["fechamento"]["propostos"]
    assert now == sorted(one["id"] for one in asked["fechamento"]["ajustes"] if one["situacao"] == "PROPOSTO")
    assert closed.call(closed.manager, "decidir_ajustes", **decide, p_ajustes=now)["ajustes"] == len(now)
    done = detail(closed)["fechamento"]["ajustes"]
    assert {(one["situacao"], one["por"]) for one in done if one["id"] in now} == {
        ("APROVADO", "Maria das Dores (GESTOR)")
    }


def test_p9_only_whoever_decides_for_all_sectors_is_offered_it(plant: Database) -> None:
    for role, sector, offered in (("GESTOR", "SPEP", False), ("ADMIN", None, False), ("GESTOR", None, True)):
        person = plant.person(role, sector)
        assert plant.call(person, "lote_detalhe", p_numero_op=OP)["decide"] is offered


def test_an_unknown_lot_is_refused_readably(plant: Database) -> None:
    assert refusal(lambda: detail(plant, p_numero_op="999999")) == ("PT404", "OP_DESCONHECIDA")
    assert refusal(lambda: detail(plant, p_numero_op="<script>")) == ("PT422", "OP_INVALIDA")
    assert detail(plant, p_linha_id="NADA")["linhas"][0].get("horas") is None


def test_lots_are_found_by_part_of_order_or_lot_and_come_in_pages(plant: Database) -> None:
    plant.lot(*(f"5{n:05}" for n in range(120)))
    assert listed(plant, "26c5001") == [f"5{n:05}" for n in range(119, 99, -1)]
    assert listed(plant, "%") == listed(plant, "500_1") == []
    assert listed(plant, None, "A_FECHAR") == [OP]
    rows = [listed(plant, "5000", None, page) for page in (1, 2)]
    assert [len(page) for page in rows] == [51, 50]
    assert rows[0][50:] == rows[1][:1]
    assert listed(plant, None, None, 10_000_000) == []


def test_p3_a_lots_page_costs_the_same_beside_many_others(closed: Database) -> None:
    def costs() -> int:
        asked = f"lote_detalhe('{OP}', null, to_timestamp({at('08:34')}))"
        return min(pages(closed, asked) for _ in range(2))

    few = costs()
    many_closed_orders(closed, 10_000)
    closed.sql("set session_replication_role = replica")
    closed.sql(
        "insert into arquivos_ingeridos (bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas,"
        " de, ate, registros, situacao) select 'b', 'c' || n, 1, repeat('0', 64), now(), 'gateway', 'planta-1',"
        " repeat('e', 32), n, '[]', to_timestamp(n * 5), to_timestamp(n * 5 + 4), 1, 'APLICADO'"
        " from generate_series(1, 20000) as n"
    )
    closed.sql("set session_replication_role = origin")
    closed.sql("vacuum analyze")
    assert costs() < few + 50
