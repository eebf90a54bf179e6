"""A closing, its adjustments and its reports, by every row that changes, beside an order that runs its own course."""

import json
from functools import partial
from typing import Any

import psycopg
import pytest

from local.stack.database import Database, batch, span
from tests.support.plant_time import at
from tests.support.rows import CLOSING, answers, changes, told

A, B, PACK = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-EMB-EST02"
OP, OTHER = "000123", "000124"
DAY = "2026-03-15"


@pytest.fixture
def plant(db: Database) -> Database:
    """Two orders: OP on A from 08:00 to 10:00 and B from 09:00 to 10:00, OTHER on both from 10:00 to 12:00."""
    db.gateway("planta-1", A, B)
    db.lot(OP, OTHER)
    db.boss, db.manager = db.person("SUPERVISOR", "SPEP"), db.person("GESTOR")
    db.open(db.boss, OP, A, at("08:00"))
    db.open(db.boss, OP, B, at("09:00"))
    db.record(
        batch(1, {A: {at("08:30"): (10, 1), at("10:00"): (7, 2)}, B: {at("09:30"): (40, 5), at("11:00"): (3, 1)}})
    )
    for line in (A, B):
        db.shut(db.boss, OP, line, at("10:00"))
        db.open(db.boss, OTHER, line, at("10:00"))
        db.shut(db.boss, OTHER, line, at("12:00"))
    return db


def lose(db: Database, op: str, line: str, amount: int, kind: str = "RETEM", clock: str = "09:45") -> None:
    db.call(
        db.boss, "registrar_refugo", p_numero_op=op, p_linha_id=line, p_quantidade=amount, p_tipo=kind, p_em=at(clock)
    )


@pytest.fixture
def done(plant: Database) -> Database:
    """OP closed, with samples; OTHER waits for its counts of B."""
    lose(plant, OP, A, 4)
    lose(plant, OP, B, 2, "AMOSTRA_ACABADO")
    plant.mark(A, at("23:00"))
    plant.mark(B, at("10:00"))
    for line in (A, B):
        plant.sign(plant.boss, line, DAY, "D1")
    return plant


def test_p4_a_round_writes_the_closing_and_what_the_other_waits_for(done: Database) -> None:
    assert changes(done, done.close_lots, CLOSING) == told("""
        fechamentos_lote 1: numero_op 000123, numero_lote 26C000123A, produto_codigo 07010012, etapa ENVASE,
        … produzidas 120, refugo 6, amostras 6, boas 108, contador_final 50, inicio +0, fim +7200, assinaturas [1,
        … 2], fechado_em now, informado True
        fechamento_totais 1 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 80,
        … maquina 10
        fechamento_totais 1 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 1
        fechamento_totais 1 SPEP-ENV-A -7200 RETEM : etapa ENVASE, data 2026-03-15, turno D1, quantidade 4
        fechamento_totais 1 SPEP-ENV-B -7200 AMOSTRA_ACABADO : etapa ENVASE, data 2026-03-15, turno D1, quantidade 2
        fechamento_totais 1 SPEP-ENV-B -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 40,
        … maquina 40
        fechamento_totais 1 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 5
        fechamentos_pendentes 000124: desde +14400, faltas [{"codigo": "FONTE_ATRASADA", "funcao":
        … "fechar_com_ressalva", "argumentos": {"p_numero_op": "000124"}}]
        apuracoes_fechamento 000123: apurada_em now
        envios_totvs 1: numero_op 000123, ordem 1, id_externo SF-000123-PRODUCAO-0001, tipo PRODUCAO, situacao
        … PENDENTE, proxima_em now
        envios_totvs 2: numero_op 000123, ordem 2, id_externo SF-000123-PERDAS-0001, tipo PERDAS, conteudo
        … {"etapa": "ENVASE", "perdas": [{"tipo": "AMOSTRA_ACABADO", "quantidade": 2}, {"tipo": "RETEM",
        … "quantidade": 4}], "cadastro": null, "numero_op": "000123", "numero_lote": "26C000123A", "produto_codigo":
        … "07010012"}, situacao PENDENTE, proxima_em now
        envios_totvs 3: numero_op 000123, ordem 3, id_externo SF-000123-STATUS-0001, tipo STATUS, conteudo {"em":
        … now, "etapa": "ENVASE", "status": "CONCLUIDO", "cadastro": null, "numero_op": "000123", "numero_lote":
        … "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        """)
    assert changes(done, done.close_lots, CLOSING) == []
    done.mark(B, at("12:00"))
    assert changes(done, done.close_lots, CLOSING) == told("""
        fechamentos_lote 2: numero_op 000124, numero_lote 26C000124A, produto_codigo 07010012, etapa ENVASE,
        … produzidas 59, refugo 3, boas 56, contador_final 10, inicio +7200, fim +14400, assinaturas [1, 2],
        … fechado_em now, informado True
        fechamento_totais 2 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 56,
        … maquina 7
        fechamento_totais 2 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 2
        fechamento_totais 2 SPEP-ENV-B -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 3,
        … maquina 3
        fechamento_totais 2 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 1
        fechamentos_pendentes 000124: gone
        apuracoes_fechamento 000124: apurada_em now
        envios_totvs 4: numero_op 000124, ordem 1, id_externo SF-000124-PRODUCAO-0001, tipo PRODUCAO, situacao
        … PENDENTE, proxima_em now
        envios_totvs 5: numero_op 000124, ordem 2, id_externo SF-000124-STATUS-0001, tipo STATUS, conteudo {"em":
        … now, "etapa": "ENVASE", "status": "CONCLUIDO", "cadastro": null, "numero_op": "000124", "numero_lote":
        … "26C000124A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        """)


@pytest.fixture
def closed(done: Database) -> Database:
    """Both closed and signed."""
    done.mark(B, at("12:00"))
    done.close_lots()
    assert done.one("select count(*) from fechamentos_lote") == 2
    return done


def sign_again(db: Database) -> None:
    for line in (A, B):
        db.sign(db.boss, line, DAY, "D1", "conferido de novo")


def to_compare(db: Database) -> list[str]:
    """The closed orders that the next round compares, because something of them changed."""
    return answers(db, "select distinct numero_op from apuracoes_pendentes order by 1")


def decide(db: Database, decision: str, op: str = OP, seen: list[int] | None = None) -> Any:
    more = {} if seen is None else {"p_ajustes": seen}
    said = db.call(db.manager, "decidir_ajustes", p_numero_op=op, p_decisao=decision, p_motivo="conferido", **more)
    db.sql("reset role")  # inside a transaction of the test it would stay the person's
    return said


def test_p4_what_changes_after_a_closing_is_proposed_and_decided(closed: Database) -> None:
    late = batch(
        2,
        {A: {at("08:31"): (2, 1), at("10:01"): (1, 0)}, B: {at("09:31"): (0, 3)}},
        spans=[span(A, at("08:40"), at("08:45"), 5)],
    )
    assert changes(closed, lambda: closed.record(late), CLOSING) == []
    assert to_compare(closed) == [OP, OTHER]
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: desde now, faltas [{"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}, {"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B"}}]
        fechamentos_pendentes 000124: desde now, faltas [{"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A"}}, {"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B"}}]
        ajustes_fechamento 1 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, diferenca 56,
        … situacao PROPOSTO
        ajustes_fechamento 1 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, diferenca
        … 1, situacao PROPOSTO
        ajustes_fechamento 1 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, diferenca
        … 3, situacao PROPOSTO
        ajustes_fechamento 2 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, diferenca 8,
        … situacao PROPOSTO
        """)
    assert to_compare(closed) == []
    lose(closed, OP, A, 1)
    assert to_compare(closed) == [OP, OTHER], "the other's shift is signed again"
    closed.call(closed.boss, "estornar_refugo", p_id=1, p_motivo="digitado errado")
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        ajustes_fechamento 1 SPEP-ENV-A -7200 RETEM : etapa ENVASE, data 2026-03-15, turno D1, diferenca -3,
        … situacao PROPOSTO
        """)
    sign_again(closed)
    assert changes(closed, lambda: decide(closed, "APROVAR"), CLOSING) == told("""
        ajustes_fechamento 1 SPEP-ENV-A -7200 PRODUZIDA : situacao PROPOSTO -> APROVADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        ajustes_fechamento 1 SPEP-ENV-A -7200 REFUGO MAQUINA: situacao PROPOSTO -> APROVADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        ajustes_fechamento 1 SPEP-ENV-A -7200 RETEM : situacao PROPOSTO -> APROVADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        ajustes_fechamento 1 SPEP-ENV-B -7200 REFUGO MAQUINA: situacao PROPOSTO -> APROVADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        envios_totvs 6: numero_op 000123, ordem 4, id_externo SF-000123-AJUSTE-0001, tipo AJUSTE, conteudo
        … {"boas": 55, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo": "MAQUINA",
        … "quantidade": 4}], "cadastro": null, "numero_op": "000123", "numero_lote": "26C000123A", "produto_codigo":
        … "07010012"}, situacao PENDENTE, proxima_em now
        envios_totvs 7: numero_op 000123, ordem 5, id_externo SF-000123-ESTORNO-0001, tipo ESTORNO, conteudo
        … {"boas": 0, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM", "quantidade": 3}],
        … "refugos": [], "cadastro": null, "numero_op": "000123", "numero_lote": "26C000123A", "produto_codigo":
        … "07010012"}, situacao PENDENTE, proxima_em now
        """)
    assert changes(closed, lambda: decide(closed, "RECUSAR", OTHER), CLOSING) == told("""
        ajustes_fechamento 2 SPEP-ENV-A -7200 PRODUZIDA : situacao PROPOSTO -> RECUSADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        """)
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: gone
        fechamentos_pendentes 000124: gone
        """)
    closed.shut(closed.boss, OP, A, at("09:00"))
    assert to_compare(closed) == [OP, OTHER]
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: desde now, faltas [{"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}]
        fechamentos_pendentes 000124: desde now, faltas [{"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A"}}]
        """)
    trail = (
        "select acao, objeto, depois - 'ajustes' as depois from trilha_auditoria"
        " where acao = 'decidir_ajustes' order by id"
    )
    assert answers(closed, trail) == told("""
        decidir_ajustes | fechamentos_lote:1 | {"envios": [6, 7], "decisao": "APROVAR"}
        decidir_ajustes | fechamentos_lote:2 | {"envios": [], "decisao": "RECUSAR"}
        """)


def test_p5_whole_reports_are_reversed_and_reported_anew(closed: Database) -> None:
    closed.sql("update parametros set valor = 1 where nome = 'ESTORNO_INTEIRO'")
    closed.sql("update envios_totvs set situacao = 'CONFIRMADO', concluido_em = now(), chave_erp = 'K' || id")
    closed.record(batch(2, {A: {at("08:31"): (3, 0), at("10:01"): (0, 1)}, B: {at("09:31"): (0, 3)}}))
    lose(closed, OP, B, 3)
    closed.close_lots()
    sign_again(closed)
    assert changes(closed, lambda: decide(closed, "APROVAR"), ["envios_totvs"]) == told("""
        envios_totvs 6: numero_op 000123, ordem 4, id_externo SF-000123-AJUSTE-0001, tipo AJUSTE, conteudo
        … {"boas": 18, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM", "quantidade": 3}],
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 3}], "cadastro": null, "numero_op": "000123",
        … "numero_lote": "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        """)


def insert_report(db: Database, kind: str, state: str, content: dict[str, Any], op: str = OP) -> None:
    number = db.one("select interno.criar_envio(%s, %s, %s)", op, kind, json.dumps(content))
    lease = "gen_random_uuid()" if state == "ENVIANDO" else "null"
    db.sql(
        f"update envios_totvs set situacao = %s, lease = {lease}, chave_erp = %s where id = %s",
        state,
        f"K{number}",
        number,
    )


def reverses(report: str) -> dict[str, Any]:
    return {"boas": 1, "cadastro": {"estorna": {"id_externo": report}}}


def test_p5_which_partial_reports_still_hold(plant: Database) -> None:
    found = []
    kinds = [
        ("PARCIAL", "CONFIRMADO", {"boas": 1}, OP),  # 1
        ("PARCIAL", "CONFIRMADO", {"boas": 2}, OP),  # 2
        ("ESTORNO", "CONFIRMADO", reverses(f"SF-{OP}-PARCIAL-0001"), OP),  # 3: of the first alone
        ("ESTORNO", "DESCARTADO", reverses(f"SF-{OP}-PARCIAL-0002"), OP),  # 4: given up
        ("ESTORNO", "CONFIRMADO", {"boas": 3}, OTHER),
        ("PARCIAL", "CONFIRMADO", {"boas": 9}, OTHER),
        ("AJUSTE", "CONFIRMADO", {"boas": 3}, OP),  # 5
        ("ESTORNO", "RECUSADO", {"boas": 3}, OP),  # 6: not done
        ("PARCIAL", "CONFIRMADO", {"boas": 4}, OP),  # 7
        ("ESTORNO", "PENDENTE", reverses(f"SF-{OP}-PARCIAL-0003"), OP),  # 8: asked for is enough
        ("ESTORNO", "CONFIRMADO", {"boas": 3}, OP),  # 9: all before it
        ("PARCIAL", "CONFIRMADO", {"boas": 5}, OP),  # 10
        ("PARCIAL", "PENDENTE", {"boas": 6}, OP),  # 11
        ("PRODUCAO", "PENDENTE", {"boas": 7}, OP),  # 12
        ("ESTORNO", "CONFIRMADO", {"boas": 3}, OP),  # 13: of the closing
        ("ESTORNO", "CONFIRMADO", {"boas": 3}, OTHER),
        ("PRODUCAO", "CONFIRMADO", {"boas": 3}, OTHER),
    ]
    for kind, state, content, op in kinds:
        insert_report(plant, kind, state, content, op)
        for asked in (OP, OTHER):
            since = plant.one("select interno.parciais_desde(%s)", asked)
            left = plant.sql("select ordem from interno.parciais_validos(%s) order by ordem", asked)
            found.append(f"{kind} {op}: {asked} since {since} {[row['ordem'] for row in left]}")
    assert found == told("""
        PARCIAL 000123: 000123 since 0 [1]
        PARCIAL 000123: 000124 since 0 []
        PARCIAL 000123: 000123 since 0 [1, 2]
        PARCIAL 000123: 000124 since 0 []
        ESTORNO 000123: 000123 since 0 [2]
        ESTORNO 000123: 000124 since 0 []
        ESTORNO 000123: 000123 since 0 [2]
        ESTORNO 000123: 000124 since 0 []
        ESTORNO 000124: 000123 since 0 [2]
        ESTORNO 000124: 000124 since 1 []
        PARCIAL 000124: 000123 since 0 [2]
        PARCIAL 000124: 000124 since 1 [2]
        AJUSTE 000123: 000123 since 0 [2]
        AJUSTE 000123: 000124 since 1 [2]
        ESTORNO 000123: 000123 since 0 [2]
        ESTORNO 000123: 000124 since 1 [2]
        PARCIAL 000123: 000123 since 0 [2, 7]
        PARCIAL 000123: 000124 since 1 [2]
        ESTORNO 000123: 000123 since 0 [2]
        ESTORNO 000123: 000124 since 1 [2]
        ESTORNO 000123: 000123 since 9 []
        ESTORNO 000123: 000124 since 1 [2]
        PARCIAL 000123: 000123 since 9 [10]
        PARCIAL 000123: 000124 since 1 [2]
        PARCIAL 000123: 000123 since 9 [10]
        PARCIAL 000123: 000124 since 1 [2]
        PRODUCAO 000123: 000123 since 9 [10]
        PRODUCAO 000123: 000124 since 1 [2]
        ESTORNO 000123: 000123 since 9 [10]
        ESTORNO 000123: 000124 since 1 [2]
        ESTORNO 000124: 000123 since 9 [10]
        ESTORNO 000124: 000124 since 3 []
        PRODUCAO 000124: 000123 since 9 [10]
        PRODUCAO 000124: 000124 since 3 []
        """)
    whole = "select numero_op, ordem, interno.estornado_inteiro(e) as undone from envios_totvs as e order by 1, 2"
    assert answers(plant, whole) == told("""
        000123 | 1 | True
        000123 | 2 | False
        000123 | 3 | False
        000123 | 4 | False
        000123 | 5 | False
        000123 | 6 | False
        000123 | 7 | True
        000123 | 8 | False
        000123 | 9 | False
        000123 | 10 | False
        000123 | 11 | False
        000123 | 12 | False
        000123 | 13 | False
        000124 | 1 | False
        000124 | 2 | False
        000124 | 3 | False
        000124 | 4 | False
        """)
    said = (
        "select numero_op, ordem, tipo, interno.cadastro_do_envio(e) -> 'estorna' as of"
        " from envios_totvs as e order by 1, 2"
    )
    assert answers(plant, said) == told("""
        000123 | 1 | PARCIAL | -
        000123 | 2 | PARCIAL | -
        000123 | 3 | ESTORNO | {"id_externo": "SF-000123-PARCIAL-0001"}
        000123 | 4 | ESTORNO | {"id_externo": "SF-000123-PARCIAL-0002"}
        000123 | 5 | AJUSTE | -
        000123 | 6 | ESTORNO | {"tipo": "PARCIAL", "inteiro": false, "chave_erp": "K2", "id_externo":
        … "SF-000123-PARCIAL-0002"}
        000123 | 7 | PARCIAL | -
        000123 | 8 | ESTORNO | {"id_externo": "SF-000123-PARCIAL-0003"}
        000123 | 9 | ESTORNO | {"tipo": "PARCIAL", "inteiro": false, "chave_erp": "K9", "id_externo":
        … "SF-000123-PARCIAL-0003"}
        000123 | 10 | PARCIAL | -
        000123 | 11 | PARCIAL | -
        000123 | 12 | PRODUCAO | -
        000123 | 13 | ESTORNO | {"tipo": "PARCIAL", "inteiro": false, "chave_erp": "K12", "id_externo":
        … "SF-000123-PARCIAL-0004"}
        000124 | 1 | ESTORNO | -
        000124 | 2 | PARCIAL | -
        000124 | 3 | ESTORNO | {"tipo": "PARCIAL", "inteiro": false, "chave_erp": "K6", "id_externo":
        … "SF-000124-PARCIAL-0001"}
        000124 | 4 | PRODUCAO | -
        """)


def test_p5_the_newest_reports_that_hold_what_is_too_much_are_reversed(plant: Database) -> None:
    boxes = [{"codigo": "TAMPA", "quantidade": 3}, {"codigo": "VOLUME", "quantidade": 2}]
    insert_report(plant, "PRODUCAO", "CONFIRMADO", {"boas": 100, "refugos": boxes})
    insert_report(plant, "PERDAS", "CONFIRMADO", {"perdas": [{"tipo": "RETEM", "quantidade": 4}]})
    insert_report(plant, "AJUSTE", "CONFIRMADO", {"boas": 10, "refugos": boxes[:1]})
    insert_report(plant, "AJUSTE", "PENDENTE", {"boas": 1000})
    insert_report(plant, "STATUS", "CONFIRMADO", {"boas": 1000})
    insert_report(plant, "PRODUCAO", "CONFIRMADO", {"boas": 1000}, OTHER)
    call = "select interno.estornar_inteiros(%s, %s, %s, 'conferido')::text"
    found = []
    for more, less in (
        ({}, {"boas": 5}),
        ({}, {"boas": 10}),
        ({"boas": 2}, {"refugo:TAMPA": 1}),
        ({"refugo:VOLUME": 7}, {"boas": 15}),
        ({"perda:RETEM": 1}, {"refugo:VOLUME": 2}),
        ({"boas": 1}, {"perda:RETEM": 3}),
        ({"boas": 1}, {}),
    ):
        with plant.connection.transaction(force_rollback=True):
            found += [f"more {more} less {less}:"]
            plant.one(call, OP, json.dumps(more), json.dumps(less))
            found += answers(
                plant,
                "select tipo, conteudo #> '{cadastro,estorna}' as of, conteudo - 'cadastro' - 'numero_op'"
                " - 'numero_lote' - 'produto_codigo' as said from envios_totvs where numero_op = %s"
                " and ordem > 5 order by ordem", OP,
            )  # fmt: skip
    assert found == told("""
        more {} less {'boas': 5}:
        ESTORNO | {"tipo": "AJUSTE", "inteiro": true, "chave_erp": "K3", "id_externo": "SF-000123-AJUSTE-0001"} |
        … {"boas": 10, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo": "TAMPA",
        … "quantidade": 3}]}
        AJUSTE | - | {"boas": 5, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo":
        … "TAMPA", "quantidade": 3}]}
        more {} less {'boas': 10}:
        ESTORNO | {"tipo": "AJUSTE", "inteiro": true, "chave_erp": "K3", "id_externo": "SF-000123-AJUSTE-0001"} |
        … {"boas": 10, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo": "TAMPA",
        … "quantidade": 3}]}
        AJUSTE | - | {"boas": 0, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo":
        … "TAMPA", "quantidade": 3}]}
        more {'boas': 2} less {'refugo:TAMPA': 1}:
        ESTORNO | {"tipo": "AJUSTE", "inteiro": true, "chave_erp": "K3", "id_externo": "SF-000123-AJUSTE-0001"} |
        … {"boas": 10, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo": "TAMPA",
        … "quantidade": 3}]}
        AJUSTE | - | {"boas": 12, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo":
        … "TAMPA", "quantidade": 2}]}
        more {'refugo:VOLUME': 7} less {'boas': 15}:
        ESTORNO | {"tipo": "AJUSTE", "inteiro": true, "chave_erp": "K3", "id_externo": "SF-000123-AJUSTE-0001"} |
        … {"boas": 10, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo": "TAMPA",
        … "quantidade": 3}]}
        ESTORNO | {"tipo": "PRODUCAO", "inteiro": true, "chave_erp": "K1", "id_externo":
        … "SF-000123-PRODUCAO-0001"} | {"boas": 100, "etapa": "ENVASE", "motivo": "conferido", "perdas": [],
        … "refugos": [{"codigo": "TAMPA", "quantidade": 3}, {"codigo": "VOLUME", "quantidade": 2}]}
        AJUSTE | - | {"boas": 95, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": [{"codigo":
        … "TAMPA", "quantidade": 6}, {"codigo": "VOLUME", "quantidade": 9}]}
        more {'perda:RETEM': 1} less {'refugo:VOLUME': 2}:
        ESTORNO | {"tipo": "PRODUCAO", "inteiro": true, "chave_erp": "K1", "id_externo":
        … "SF-000123-PRODUCAO-0001"} | {"boas": 100, "etapa": "ENVASE", "motivo": "conferido", "perdas": [],
        … "refugos": [{"codigo": "TAMPA", "quantidade": 3}, {"codigo": "VOLUME", "quantidade": 2}]}
        AJUSTE | - | {"boas": 100, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM",
        … "quantidade": 1}], "refugos": [{"codigo": "TAMPA", "quantidade": 3}]}
        more {'boas': 1} less {'perda:RETEM': 3}:
        ESTORNO | {"tipo": "PERDAS", "inteiro": true, "chave_erp": "K2", "id_externo": "SF-000123-PERDAS-0001"} |
        … {"boas": 0, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM", "quantidade": 4}],
        … "refugos": []}
        AJUSTE | - | {"boas": 1, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM",
        … "quantidade": 1}], "refugos": []}
        more {'boas': 1} less {}:
        AJUSTE | - | {"boas": 1, "etapa": "ENVASE", "motivo": "conferido", "perdas": [], "refugos": []}
        """)


def test_p5_a_report_says_its_lines_signer_and_times(plant: Database) -> None:
    plant.sql(
        "update linhas set recurso_totvs = 'R-' || linha_id, centro_custo_totvs = 'CC' where linha_id in (%s, %s)",
        A,
        PACK,
    )
    plant.open(plant.boss, OP, PACK, at("12:30"))
    plant.shut(plant.boss, OP, PACK, at("13:00"))
    plant.open(plant.boss, OTHER, PACK, at("14:00"))
    totals = [
        {
            "etapa": stage, "linha_id": line, "tipo": kind, "quantidade": amount, "turno": shift,
            "inicio": f"{DAY}T{hour}:00:00Z",
        }
        for stage, line, kind, amount, shift, hour in (
            ("ENVASE", A, "PRODUZIDA", 10, "D1", "10"), ("ENVASE", B, "PRODUZIDA", 30, "D2", "10"),
            ("ENVASE", A, "REFUGO", 90, "N1", "09"), ("ENVASE", A, "PRODUZIDA", 5, "D3", "08"),
            ("EMBALAGEM", PACK, "PRODUZIDA", 500, "X", "11"), ("ENVASE", "SPEP-ENV-C", "REFUGO", 1, "A", "07"),
        )
    ]  # fmt: skip
    call = "select jsonb_array_elements(interno.linhas_do_envio(%s, %s, %s)) as l"
    assert answers(plant, call, OP, "ENVASE", json.dumps(totals)) == told("""
        {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600, "recurso": null, "linha_id":
        … "SPEP-ENV-B", "centro_custo": null}
        {"fim": +7200, "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": "R-SPEP-ENV-A", "linha_id":
        … "SPEP-ENV-A", "centro_custo": "CC"}
        {"fim": null, "nome": "SPEP01 - Linha C - Envase", "inicio": null, "recurso": null, "linha_id":
        … "SPEP-ENV-C", "centro_custo": null}
        """)
    assert answers(plant, call, OP, "EMBALAGEM", json.dumps(totals)) == told("""
        {"fim": +18000, "nome": "SPEP - Esteira 02 - Embalagem", "inicio": +16200, "recurso": "R-SPEP-EMB-EST02",
        … "linha_id": "SPEP-EMB-EST02", "centro_custo": "CC"}
        """)
    assert answers(plant, call, OTHER, "EMBALAGEM", "[]") == told("""
        {"fim": null, "nome": "SPEP - Esteira 02 - Embalagem", "inicio": +21600, "recurso": "R-SPEP-EMB-EST02",
        … "linha_id": "SPEP-EMB-EST02", "centro_custo": "CC"}
        """)
    by_line = "select interno.quantidades_por_linha(%s, %s) as q"
    made = [one | {"codigo": "" if one["tipo"] == "PRODUZIDA" else "TAMPA"} for one in totals]
    assert answers(plant, by_line, json.dumps(made), "ENVASE") == ["-"]
    assert answers(
        plant, by_line, json.dumps([made[0], made[1], made[3], made[4], made[2] | {"quantidade": 15}]), "ENVASE"
    ) == told("""
        {"SPEP-ENV-A": {"boas": 0, "refugos": [{"codigo": "TAMPA", "quantidade": 15}]}, "SPEP-ENV-B": {"boas": 30,
        … "refugos": []}}
        """)
    times = "select * from interno.intervalo_op(%s, %s)"
    found = [
        f"{op} {stage}: {answers(plant, times, op, stage)[0]}"
        for op in (OP, OTHER, "x")
        for stage in ("ENVASE", "EMBALAGEM", "ROTULAGEM")
    ]
    assert found == told("""
        000123 ENVASE: +0 | +7200
        000123 EMBALAGEM: +16200 | +18000
        000123 ROTULAGEM: +0 | +18000
        000124 ENVASE: +7200 | +14400
        000124 EMBALAGEM: +21600 | +14400
        000124 ROTULAGEM: +7200 | +14400
        x ENVASE: - | -
        x EMBALAGEM: - | -
        x ROTULAGEM: - | -
        """)
    plant.sql("update pessoas set operador_totvs = 'OP-' || left(nome, 5)")
    signer = "select * from interno.assinante_op(%s)"
    assert answers(plant, signer, OP) == ["- | -"]
    plant.sign(plant.boss, A, DAY, "D1")
    second = plant.person("SUPERVISOR", "SPEP")
    plant.sql("update pessoas set nome = 'Segunda', operador_totvs = '22' where usuario_id = %s", second)
    plant.sign(second, B, DAY, "D1")
    assert [answers(plant, signer, op) for op in (OP, OTHER)] == [["Segunda | 22"]] * 2
    plant.sql(
        "update lotes_producao set descricao = 'do lote', numero_op_totvs = %s where numero_op = %s", f"{OP}01001", OP
    )
    plant.sql("update produtos set descricao = 'do produto', unidade = 'UN'")
    plant.sql(
        "insert into etapas_familia (prefixo, etapa, apontada, operacao_totvs)"
        " values ('0701', 'ENVASE', true, '10'), ('0701', 'EMBALAGEM', false, '20')"
    )
    whole = "select interno.cadastro_op(%s, %s, %s) - 'linhas' as c"
    found = [
        f"{op} {stage}: {answers(plant, whole, op, stage, json.dumps(totals))[0]}"
        for op in (OP, OTHER)
        for stage in ("ENVASE", "EMBALAGEM")
    ]
    assert found == told("""
        000123 ENVASE: {"fim": +7200, "turno": "D1", "inicio": +0, "armazem": null, "unidade": "UN", "operador":
        … "22", "validade": null, "assinante": "Segunda", "descricao": "do lote", "fabricacao": null,
        … "operacao_totvs": "10", "tipo_movimento": null, "numero_op_totvs": "00012301001"}
        000123 EMBALAGEM: {"fim": +18000, "turno": "X", "inicio": +16200, "armazem": null, "unidade": "UN",
        … "operador": "22", "validade": null, "assinante": "Segunda", "descricao": "do lote", "fabricacao": null,
        … "operacao_totvs": "20", "tipo_movimento": null, "numero_op_totvs": "00012301001"}
        000124 ENVASE: {"fim": +14400, "turno": "D1", "inicio": +7200, "armazem": null, "unidade": "UN",
        … "operador": "22", "validade": null, "assinante": "Segunda", "descricao": "do produto", "fabricacao": null,
        … "operacao_totvs": "10", "tipo_movimento": null, "numero_op_totvs": "000124"}
        000124 EMBALAGEM: {"fim": +14400, "turno": "X", "inicio": +21600, "armazem": null, "unidade": "UN",
        … "operador": "22", "validade": null, "assinante": "Segunda", "descricao": "do produto", "fabricacao": null,
        … "operacao_totvs": "20", "tipo_movimento": null, "numero_op_totvs": "000124"}
        """)


def test_p10_all_that_an_order_waits_for_is_said_in_order(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.sign(plant.boss, A, DAY, "D1")
    plant.sql(
        "insert into etapas_familia (prefixo, etapa, apontada)"
        " values ('0701', 'ENVASE', true), ('0701', 'EMBALAGEM', false), ('07', 'EMBALAGEM', true)"
    )
    plant.record(
        batch(1, {A: {at("09:00"): (1, 0), at("11:00"): (1, 0)}, B: {at("09:59:59"): (1, 0)}}, gateway="planta-2"),
        batch(
            2,
            spans=[
                span(A, at("08:10"), at("08:20"), 9, 0, "implausivel"),
                span(B, at("10:30"), at("10:40"), 9, 0, "implausivel"),
            ],
        ),
    )
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id in (%s, %s)", A, B)
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA' where numero_op = %s", OTHER)
    plant.lot("000125")
    call = "select jsonb_array_elements(interno.faltas_fechamento(%s, interno.assinaturas_validas(array[%s]))) as f"
    found = [f"{op}: {line}" for op in (OP, OTHER, "000125") for line in answers(plant, call, op, op)]
    assert found == told("""
        000123: {"codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem", "argumentos": {"p_numero_op": "000123"}}
        000123: {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op":
        … "000123"}}
        000123: {"codigo": "QUARENTENA", "funcao": "resolver_quarentena", "argumentos": {"p_id": 1, "p_assunto":
        … "NAO_DONO|planta-2|SPEP-ENV-A"}}
        000123: {"codigo": "CONTAGEM_RETIDA", "funcao": "decidir_retido", "argumentos": {"p_id": 1, "p_assunto":
        … "SPEP-ENV-A|IMPLAUSIVEL"}}
        000123: {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op":
        … "000123"}}
        000123: {"codigo": "QUARENTENA", "funcao": "resolver_quarentena", "argumentos": {"p_id": 2, "p_assunto":
        … "NAO_DONO|planta-2|SPEP-ENV-B"}}
        000123: {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A", "p_numero_op":
        … "000123"}}
        000123: {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B", "p_numero_op":
        … "000123"}}
        000123: {"codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B"}}
        000124: {"codigo": "OP_CANCELADA", "funcao": "por_ordem_de_lado", "argumentos": {"p_numero_op": "000124"}}
        000124: {"codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem", "argumentos": {"p_numero_op": "000124"}}
        000124: {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op":
        … "000124"}}
        000124: {"codigo": "QUARENTENA", "funcao": "resolver_quarentena", "argumentos": {"p_id": 1, "p_assunto":
        … "NAO_DONO|planta-2|SPEP-ENV-A"}}
        000124: {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op":
        … "000124"}}
        000124: {"codigo": "CONTAGEM_RETIDA", "funcao": "decidir_retido", "argumentos": {"p_id": 2, "p_assunto":
        … "SPEP-ENV-B|IMPLAUSIVEL"}}
        000124: {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-A", "p_numero_op":
        … "000124"}}
        000124: {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B", "p_numero_op":
        … "000124"}}
        000124: {"codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "argumentos": {"p_data":
        … "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B"}}
        000125: {"codigo": "SEM_PERIODO", "funcao": "por_ordem_de_lado", "argumentos": {"p_numero_op": "000125"}}
        000125: {"codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem", "argumentos": {"p_numero_op": "000125"}}
        000125: {"codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem", "argumentos": {"p_numero_op": "000125"}}
        """)
    plant.open(plant.boss, OP, A, at("12:00"))
    counts = "select jsonb_array_elements(interno.faltas_contagem(%s)) as f"
    assert answers(plant, counts, OP) == told("""
        {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}}
        {"codigo": "QUARENTENA", "funcao": "resolver_quarentena", "argumentos": {"p_id": 1, "p_assunto":
        … "NAO_DONO|planta-2|SPEP-ENV-A"}}
        {"codigo": "CONTAGEM_RETIDA", "funcao": "decidir_retido", "argumentos": {"p_id": 1, "p_assunto":
        … "SPEP-ENV-A|IMPLAUSIVEL"}}
        {"codigo": "ORDEM_ABERTA", "funcao": "encerrar_ordem", "argumentos": {"p_linha_id": "SPEP-ENV-A",
        … "p_numero_op": "000123"}}
        {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}}
        {"codigo": "QUARENTENA", "funcao": "resolver_quarentena", "argumentos": {"p_id": 2, "p_assunto":
        … "NAO_DONO|planta-2|SPEP-ENV-B"}}
        """)
    plant.shut(plant.boss, OP, A, at("12:30"))
    plant.record(batch(3, {A: {at("08:50"): (1, 0)}}))
    diaries = "select jsonb_array_elements(interno.faltas_diarios(%s, interno.assinaturas_validas(array[%s]))) as f"
    assert answers(plant, diaries, OP, OP) == told("""
        {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A", "p_numero_op": "000123"}}
        {"codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B", "p_numero_op": "000123"}}
        {"codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B"}}
        """)
    plant.call(plant.manager, "devolver_diario", p_linha_id=A, p_data=DAY, p_turno="D1", p_motivo="conferir a contagem")
    assert answers(plant, diaries, OTHER, OTHER) == told("""
        {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-A", "p_numero_op": "000124"}}
        {"codigo": "DIARIO_DEVOLVIDO", "funcao": "confirmar_turno", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-A"}}
        {"codigo": "REFUGO_DIVERGENTE", "funcao": "conciliar_refugo", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B", "p_numero_op": "000124"}}
        {"codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B"}}
        """)


def test_p4_totals_that_do_not_add_up_are_named_by_line(plant: Database) -> None:
    call = "select jsonb_array_elements(interno.faltas_totais(%s)) as f"
    assert answers(plant, call, OP) == []
    plant.sql("update ordens_producao_ativas set producao_acumulada = producao_acumulada + 1 where linha_id = %s", B)
    assert answers(plant, call, OP) == told("""
        {"codigo": "TOTAIS_DIVERGEM", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}}
        """)
    lose(plant, OP, A, 114)
    lose(plant, OTHER, A, 1, clock="11:00")
    assert [line for line in answers(plant, call, OP) if "BOAS" in line] == []
    lose(plant, OP, A, 1)
    assert answers(plant, call, OP) == told("""
        {"codigo": "TOTAIS_DIVERGEM", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}}
        {"codigo": "BOAS_NEGATIVAS", "funcao": "estornar_refugo", "argumentos": {"p_numero_op": "000123"}}
        """)


def test_p4_which_orders_a_round_takes_and_which_it_locks(closed: Database) -> None:
    ops = [f"00020{n}" for n in range(5)]
    closed.lot(*ops)
    for n, op in enumerate(ops):
        closed.open(closed.boss, op, B, at("13:00") + 600 * n)
        if n != 4:
            closed.shut(closed.boss, op, B, at("13:00") + 600 * n + 600)
    closed.sql("insert into apuracoes_pendentes (numero_op) values (%s), (%s), (%s), (%s)", OP, OTHER, ops[0], OTHER)
    closed.sql("insert into fechamentos_pendentes values (%s, now(), '[{}]'), (%s, now(), '[{}]')", OP, ops[1])
    asked = "select * from interno.ops_da_rodada(%s, %s)"
    found = [
        f"after {after}, {limit}: {answers(closed, asked, after, limit)[0]}"
        for after, limit in (("", 20), ("", 2), (OP, 20), (OTHER, 2), (ops[0], 1), (ops[3], 5), ("000122", 1))
    ]
    closed.open(closed.boss, OP, PACK, at("15:00"))
    found.append(answers(closed, asked, "", 20)[0])
    assert found == told("""
        after , 20: ["000200", "000201", "000202", "000203"] | ["000123", "000124"]
        after , 2: ["000200", "000201"] | ["000123", "000124"]
        after 000123, 20: ["000200", "000201", "000202", "000203"] | ["000124"]
        after 000124, 2: ["000200", "000201"] | []
        after 000200, 1: ["000201"] | []
        after 000203, 5: [] | []
        after 000122, 1: ["000200"] | ["000123"]
        ["000200", "000201", "000202", "000203"] | ["000124"]
        """)
    lock = "select interno.travar_ops(%s, %s, %s)"
    every = [OP, OTHER, *ops]
    found = [
        f"{lines} {state}: {closed.one(lock, every, lines, state)}"
        for lines in ([A, B, PACK], [A, B], [B], [A])
        for state in ("A_FECHAR", "CONCLUIDO", "EM_ANDAMENTO")
    ]
    assert [*found, str(closed.one(lock, [ops[2]], [B], "A_FECHAR"))] == told("""
        ['SPEP-ENV-A', 'SPEP-ENV-B', 'SPEP-EMB-EST02'] A_FECHAR: ['000200', '000201', '000202', '000203']
        ['SPEP-ENV-A', 'SPEP-ENV-B', 'SPEP-EMB-EST02'] CONCLUIDO: ['000124']
        ['SPEP-ENV-A', 'SPEP-ENV-B', 'SPEP-EMB-EST02'] EM_ANDAMENTO: []
        ['SPEP-ENV-A', 'SPEP-ENV-B'] A_FECHAR: ['000200', '000201', '000202', '000203']
        ['SPEP-ENV-A', 'SPEP-ENV-B'] CONCLUIDO: ['000124']
        ['SPEP-ENV-A', 'SPEP-ENV-B'] EM_ANDAMENTO: []
        ['SPEP-ENV-B'] A_FECHAR: ['000200', '000201', '000202', '000203']
        ['SPEP-ENV-B'] CONCLUIDO: []
        ['SPEP-ENV-B'] EM_ANDAMENTO: []
        ['SPEP-ENV-A'] A_FECHAR: []
        ['SPEP-ENV-A'] CONCLUIDO: []
        ['SPEP-ENV-A'] EM_ANDAMENTO: []
        ['000202']
        """)
    lines = [sorted(closed.one("select interno.linhas_da_op(%s)", op)) for op in (OP, OTHER, "999")]
    assert lines == [sorted([A, B, PACK]), [A, B], []]


def test_p10_what_an_order_waits_for_is_written_once(closed: Database) -> None:
    note = "select interno.anotar_espera(%s, %s)::text"
    closed.lot("000125")
    closed.open(closed.boss, "000125", B, at("13:00"))
    closed.shut(closed.boss, "000125", B, at("14:00"))
    found: list[str] = []
    waiting = ["fechamentos_pendentes"]
    for op, said in (
        ("000125", [{"a": 1}]),
        (OP, [{"a": 1}]),
        ("000125", [{"a": 2}]),
        (OP, [{"b": 2}]),
        ("000125", [{"a": 2}]),
    ):
        found += [f"{op} {said}:", *changes(closed, partial(closed.one, note, op, json.dumps(said)), waiting)]
    closed.sql("update fechamentos_pendentes set desde = now() - interval '9 days' where numero_op = %s", OP)
    row = "select numero_op, xmin::text as version from fechamentos_pendentes order by 1"
    before = answers(closed, row)
    closed.one(note, OP, '[{"b": 2}]')
    closed.one(note, "000125", '[{"a": 2}]')
    assert answers(closed, row) == before, "nothing changed, nothing written"
    closed.shut(closed.boss, "000125", B, at("13:30"))
    for op, said in (("000125", [{"a": 2}]), (OP, [{"c": 3}]), ("000125", []), (OP, [])):
        found += [f"{op} {said}:", *changes(closed, partial(closed.one, note, op, json.dumps(said)), waiting)]
    assert found == told("""
        000125 [{'a': 1}]:
        fechamentos_pendentes 000125: desde +21600, faltas [{"a": 1}]
        000123 [{'a': 1}]:
        fechamentos_pendentes 000123: desde now, faltas [{"a": 1}]
        000125 [{'a': 2}]:
        fechamentos_pendentes 000125: faltas [{"a": 1}] -> [{"a": 2}]
        000123 [{'b': 2}]:
        fechamentos_pendentes 000123: faltas [{"a": 1}] -> [{"b": 2}]
        000125 [{'a': 2}]:
        000125 [{'a': 2}]:
        fechamentos_pendentes 000125: desde +21600 -> +19800
        000123 [{'c': 3}]:
        fechamentos_pendentes 000123: faltas [{"b": 2}] -> [{"c": 3}]
        000125 []:
        fechamentos_pendentes 000125: gone
        000123 []:
        fechamentos_pendentes 000123: gone
        """)


def test_p5_partial_reports_are_of_each_order_what_is_new_of_it(plant: Database) -> None:
    plant.sql("update parametros set valor = 3600 where nome = 'PARCIAIS_SEGUNDOS'")
    ops = ["000125", "000126", "000127"]
    plant.lot(*ops)
    for n, op in enumerate(ops):
        plant.open(plant.boss, op, A, at("13:00") + 600 * n)
        if op != ops[2]:
            plant.shut(plant.boss, op, A, at("13:00") + 600 * n + 600)
    plant.record(batch(2, {A: {at("13:01"): (1, 0), at("13:11"): (0, 0), at("13:21"): (2, 1)}}))
    made = "select numero_op, ordem, tipo, conteudo - 'cadastro' - 'fim' as said from envios_totvs order by 1, 2"

    def run() -> list[str]:
        with plant.connection.transaction(force_rollback=True):
            plant.close_lots()
            return answers(plant, made)

    found = ["each:", *run()]
    insert_report(plant, "PARCIAL", "CONFIRMADO", {"boas": 8, "contador_final": 1, "refugos": []}, ops[0])
    insert_report(plant, "PARCIAL", "CONFIRMADO", {"boas": 70, "contador_final": 9, "refugos": []})
    insert_report(plant, "PARCIAL", "DESCARTADO", {"boas": 99, "contador_final": 99, "refugos": []}, OTHER)
    found += ["too early for those:", *run()]
    plant.sql("alter table envios_totvs disable trigger user")  # what was sent stays as it is
    plant.sql("update envios_totvs set criado_em = now() - interval '59 minutes'")
    found += ["still:", *run()]
    plant.sql("update envios_totvs set criado_em = now() - interval '61 minutes'")
    found += ["later:", *run()]
    plant.sql("alter table envios_totvs enable trigger user")
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA' where numero_op = %s", OTHER)
    plant.sql("update lotes_producao set situacao_totvs = 'ENCERRADA' where numero_op = %s", ops[2])
    lose(plant, OP, A, 100)
    found += ["cancelled, and less than before:", *run()]
    assert found == told("""
        each:
        000123 | 1 | PARCIAL | {"boas": 114, "etapa": "ENVASE", "inicio": +0, "refugo": 6, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 6}], "numero_op": "000123", "numero_lote": "26C000123A",
        … "contador_final": 50, "produto_codigo": "07010012", "contador_inicial": 0}
        000124 | 1 | PARCIAL | {"boas": 56, "etapa": "ENVASE", "inicio": +7200, "refugo": 3, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 3}], "numero_op": "000124", "numero_lote": "26C000124A",
        … "contador_final": 10, "produto_codigo": "07010012", "contador_inicial": 0}
        000125 | 1 | PARCIAL | {"boas": 8, "etapa": "ENVASE", "inicio": +18000, "refugo": 0, "parcial": true,
        … "refugos": [], "numero_op": "000125", "numero_lote": "26C000125A", "contador_final": 1, "produto_codigo":
        … "07010012", "contador_inicial": 0}
        000127 | 1 | PARCIAL | {"boas": 15, "etapa": "ENVASE", "inicio": +19200, "refugo": 1, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 1}], "numero_op": "000127", "numero_lote": "26C000127A",
        … "contador_final": 2, "produto_codigo": "07010012", "contador_inicial": 0}
        too early for those:
        000123 | 1 | PARCIAL | {"boas": 70, "refugos": [], "contador_final": 9}
        000124 | 1 | PARCIAL | {"boas": 99, "refugos": [], "contador_final": 99}
        000125 | 1 | PARCIAL | {"boas": 8, "refugos": [], "contador_final": 1}
        000127 | 1 | PARCIAL | {"boas": 15, "etapa": "ENVASE", "inicio": +19200, "refugo": 1, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 1}], "numero_op": "000127", "numero_lote": "26C000127A",
        … "contador_final": 2, "produto_codigo": "07010012", "contador_inicial": 0}
        still:
        000123 | 1 | PARCIAL | {"boas": 70, "refugos": [], "contador_final": 9}
        000124 | 1 | PARCIAL | {"boas": 99, "refugos": [], "contador_final": 99}
        000125 | 1 | PARCIAL | {"boas": 8, "refugos": [], "contador_final": 1}
        000127 | 1 | PARCIAL | {"boas": 15, "etapa": "ENVASE", "inicio": +19200, "refugo": 1, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 1}], "numero_op": "000127", "numero_lote": "26C000127A",
        … "contador_final": 2, "produto_codigo": "07010012", "contador_inicial": 0}
        later:
        000123 | 1 | PARCIAL | {"boas": 70, "refugos": [], "contador_final": 9}
        000123 | 2 | PARCIAL | {"boas": 44, "etapa": "ENVASE", "inicio": +0, "refugo": 6, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 6}], "numero_op": "000123", "numero_lote": "26C000123A",
        … "contador_final": 50, "produto_codigo": "07010012", "contador_inicial": 9}
        000124 | 1 | PARCIAL | {"boas": 99, "refugos": [], "contador_final": 99}
        000124 | 2 | PARCIAL | {"boas": 56, "etapa": "ENVASE", "inicio": +7200, "refugo": 3, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 3}], "numero_op": "000124", "numero_lote": "26C000124A",
        … "contador_final": 10, "produto_codigo": "07010012", "contador_inicial": 0}
        000125 | 1 | PARCIAL | {"boas": 8, "refugos": [], "contador_final": 1}
        000127 | 1 | PARCIAL | {"boas": 15, "etapa": "ENVASE", "inicio": +19200, "refugo": 1, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 1}], "numero_op": "000127", "numero_lote": "26C000127A",
        … "contador_final": 2, "produto_codigo": "07010012", "contador_inicial": 0}
        cancelled, and less than before:
        000123 | 1 | PARCIAL | {"boas": 70, "refugos": [], "contador_final": 9}
        000124 | 1 | PARCIAL | {"boas": 99, "refugos": [], "contador_final": 99}
        000125 | 1 | PARCIAL | {"boas": 8, "refugos": [], "contador_final": 1}
        000127 | 1 | PARCIAL | {"boas": 15, "etapa": "ENVASE", "inicio": +19200, "refugo": 1, "parcial": true,
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 1}], "numero_op": "000127", "numero_lote": "26C000127A",
        … "contador_final": 2, "produto_codigo": "07010012", "contador_inicial": 0}
        """)


def test_p4_an_adjustment_is_decided_as_it_was_seen(closed: Database) -> None:
    closed.record(batch(2, {A: {at("08:31"): (2, 1), at("10:01"): (1, 0)}}))
    closed.close_lots()
    proposed = "select interno.ajustes_propostos(%s)"
    mine, theirs = closed.one(proposed, OP), closed.one(proposed, OTHER)
    assert (len(mine), len(theirs), closed.one(proposed, "999")) == (2, 1, [])

    def refused(decision: str, op: str = OP, seen: list[int] | None = None) -> str:
        with pytest.raises(psycopg.Error) as error, closed.connection.transaction():
            decide(closed, decision, op, seen)
        return f"{error.value.sqlstate} {error.value.diag.message_primary}"

    assert refused("APROVAR") == "PT409 DIARIO_A_ASSINAR"
    assert [refused("RECUSAR", OP, seen) for seen in (mine[:1], theirs, mine[:0])] == ["PT409 AJUSTE_MUDOU"] * 3
    assert refused("OUTRA") == "PT422 DECISAO_INVALIDA"
    sign_again(closed)
    with closed.connection.transaction(force_rollback=True):
        decide(closed, "APROVAR", OP, mine)
        assert refused("APROVAR") == "PT404 NADA_A_DECIDIR"
        assert closed.one(proposed, OTHER) == theirs
    with closed.connection.transaction(force_rollback=True):
        closed.record(batch(3, {A: {at("08:32"): (1, 0)}}))
        assert refused("RECUSAR", OP, mine) == "PT409 AJUSTE_MUDOU"
    with closed.connection.transaction(force_rollback=True):
        closed.record(batch(3, {A: {at("10:02"): (1, 0)}}))
        decide(closed, "RECUSAR", OP, mine)
    with closed.connection.transaction(force_rollback=True):
        closed.open(closed.boss, OP, PACK, at("15:00"))
        decide(closed, "RECUSAR", OP, mine)


def test_p4_an_order_closes_with_what_is_missing_after_its_time(plant: Database) -> None:
    for line in (A, B):
        plant.sign(plant.boss, line, DAY, "D1")
    close = "fechar_com_ressalva"

    def refused(op: str) -> str:
        with pytest.raises(psycopg.Error) as error, plant.connection.transaction():
            plant.call(plant.boss, close, p_numero_op=op, p_motivo="o gateway não volta")
        return f"{error.value.sqlstate} {error.value.diag.message_primary}"

    assert changes(
        plant, lambda: plant.call(plant.boss, close, p_numero_op=OP, p_motivo="o gateway não volta"), CLOSING
    ) == told("""
        fechamentos_lote 1: numero_op 000123, numero_lote 26C000123A, produto_codigo 07010012, etapa ENVASE,
        … produzidas 120, refugo 6, boas 114, contador_final 50, inicio +0, fim +7200, assinaturas [1, 2], ressalvas
        … [{"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}},
        … {"codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "argumentos": {"p_numero_op": "000123"}}],
        … usuario_id somebody, motivo o gateway não volta, fechado_em now, informado True
        fechamento_totais 1 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 80,
        … maquina 10
        fechamento_totais 1 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 1
        fechamento_totais 1 SPEP-ENV-B -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 40,
        … maquina 40
        fechamento_totais 1 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 5
        apuracoes_fechamento 000123: apurada_em now
        envios_totvs 1: numero_op 000123, ordem 1, id_externo SF-000123-PRODUCAO-0001, tipo PRODUCAO, situacao
        … PENDENTE, proxima_em now
        envios_totvs 2: numero_op 000123, ordem 2, id_externo SF-000123-STATUS-0001, tipo STATUS, conteudo {"em":
        … now, "etapa": "ENVASE", "status": "CONCLUIDO", "cadastro": null, "numero_op": "000123", "numero_lote":
        … "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        """)
    assert refused(OP) == "PT404 NADA_A_FECHAR"
    trail = "select acao, objeto, motivo, depois ->> 'numero_op' as op from trilha_auditoria where acao = %s"
    assert answers(plant, trail, close) == told("""
        fechar_com_ressalva | lotes_producao:000123 | o gateway não volta | 000123
        """)
