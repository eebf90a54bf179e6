"""A closing, its adjustments and its reports, by every row that changes, beside an order that runs its own course."""

import json
from typing import Any

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
    db.record(batch(1, {A: {at("08:30"): (10, 1), at("10:00"): (7, 2)}, B: {at("09:30"): (40, 5), at("11:00"): (3, 1)}}))
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
        … 2], fechado_em now, informado True, cadastro {"fim": +7200, "turno": "D1", "inicio": +0, "linhas":
        … [{"fim": +7200, "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null, "linha_id":
        … "SPEP-ENV-A", "centro_custo": null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600,
        … "recurso": null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null,
        … "operador": null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "",
        … "fabricacao": null, "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs": "000123"}
        fechamento_totais 1 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 80,
        … maquina 10
        fechamento_totais 1 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 1
        fechamento_totais 1 SPEP-ENV-A -7200 RETEM : etapa ENVASE, data 2026-03-15, turno D1, quantidade 4
        fechamento_totais 1 SPEP-ENV-B -7200 AMOSTRA_ACABADO : etapa ENVASE, data 2026-03-15, turno D1, quantidade 2
        fechamento_totais 1 SPEP-ENV-B -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, quantidade 40,
        … maquina 40
        fechamento_totais 1 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, quantidade 5
        fechamentos_pendentes 000124: desde +14400, faltas [{"acao": "Confira na página do gateway se ele lê a
        … linha e se envia.", "codigo": "FONTE_ATRASADA", "funcao": "fechar_com_ressalva", "detalhe": "O gateway
        … planta-1 reportou a linha SPEP-ENV-B até 15/03/2026 10:00:00; falta até 15/03/2026 12:00:00.",
        … "argumentos": {"p_numero_op": "000124"}}]
        apuracoes_fechamento 000123: apurada_em now
        apuracoes_pendentes 000123: gone
        apuracoes_pendentes 000123 again: gone
        apuracoes_pendentes 000123 again again: gone
        apuracoes_pendentes 000123 again again again: gone
        apuracoes_pendentes 000123 again again again again: gone
        apuracoes_pendentes 000123 again again again again again: gone
        apuracoes_pendentes 000124: gone
        apuracoes_pendentes 000124 again: gone
        apuracoes_pendentes 000124 again again: gone
        apuracoes_pendentes 000124 again again again: gone
        envios_totvs 1: numero_op 000123, ordem 1, id_externo SF-000123-PRODUCAO-0001, tipo PRODUCAO, situacao
        … PENDENTE, proxima_em now
        envios_totvs 2: numero_op 000123, ordem 2, id_externo SF-000123-PERDAS-0001, tipo PERDAS, conteudo
        … {"etapa": "ENVASE", "perdas": [{"tipo": "AMOSTRA_ACABADO", "quantidade": 2}, {"tipo": "RETEM",
        … "quantidade": 4}], "cadastro": {"fim": +7200, "turno": "D1", "inicio": +0, "linhas": [{"fim": +7200,
        … "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null, "linha_id": "SPEP-ENV-A",
        … "centro_custo": null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600, "recurso":
        … null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null, "operador":
        … null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "", "fabricacao": null,
        … "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs": "000123"}, "numero_op": "000123",
        … "numero_lote": "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        envios_totvs 3: numero_op 000123, ordem 3, id_externo SF-000123-STATUS-0001, tipo STATUS, conteudo {"em":
        … now, "etapa": "ENVASE", "status": "CONCLUIDO", "cadastro": {"fim": +7200, "turno": "D1", "inicio": +0,
        … "linhas": [{"fim": +7200, "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null, "linha_id":
        … "SPEP-ENV-A", "centro_custo": null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600,
        … "recurso": null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null,
        … "operador": null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "",
        … "fabricacao": null, "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs": "000123"},
        … "numero_op": "000123", "numero_lote": "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE,
        … proxima_em now
        """)
    assert changes(done, done.close_lots, CLOSING) == []
    done.mark(B, at("12:00"))
    assert changes(done, done.close_lots, CLOSING) == told("""
        fechamentos_lote 2: numero_op 000124, numero_lote 26C000124A, produto_codigo 07010012, etapa ENVASE,
        … produzidas 59, refugo 3, boas 56, contador_final 10, inicio +7200, fim +14400, assinaturas [1, 2],
        … fechado_em now, informado True, cadastro {"fim": +14400, "turno": "D1", "inicio": +7200, "linhas":
        … [{"fim": +14400, "nome": "SPEP01 - Linha A - Envase", "inicio": +7200, "recurso": null, "linha_id":
        … "SPEP-ENV-A", "centro_custo": null}, {"fim": +14400, "nome": "SPEP01 - Linha B - Envase", "inicio": +7200,
        … "recurso": null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null,
        … "operador": null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "",
        … "fabricacao": null, "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs": "000124"}
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
        … now, "etapa": "ENVASE", "status": "CONCLUIDO", "cadastro": {"fim": +14400, "turno": "D1", "inicio": +7200,
        … "linhas": [{"fim": +14400, "nome": "SPEP01 - Linha A - Envase", "inicio": +7200, "recurso": null,
        … "linha_id": "SPEP-ENV-A", "centro_custo": null}, {"fim": +14400, "nome": "SPEP01 - Linha B - Envase",
        … "inicio": +7200, "recurso": null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null,
        … "unidade": null, "operador": null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)",
        … "descricao": "", "fabricacao": null, "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs":
        … "000124"}, "numero_op": "000124", "numero_lote": "26C000124A", "produto_codigo": "07010012"}, situacao
        … PENDENTE, proxima_em now
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


def decide(db: Database, decision: str, op: str = OP, seen: list[int] | None = None) -> Any:
    more = {} if seen is None else {"p_ajustes": seen}
    return db.call(db.manager, "decidir_ajustes", p_numero_op=op, p_decisao=decision, p_motivo="conferido", **more)


def test_p4_what_changes_after_a_closing_is_proposed_and_decided(closed: Database) -> None:
    late = batch(2, {A: {at("08:31"): (2, 1), at("10:01"): (1, 0)}, B: {at("09:31"): (0, 3)}}, spans=[span(A, at("08:40"), at("08:45"), 5)])
    assert changes(closed, lambda: closed.record(late), CLOSING) == told("""
        apuracoes_pendentes 000123: 
        apuracoes_pendentes 000124: 
        """)
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: desde now, faltas [{"acao": "Confira o que mudou e assine de novo, com
        … motivo.", "codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha
        … SPEP-ENV-A de 15/03/2026, turno D1, mudou depois de assinado por Maria das Dores (SUPERVISOR).",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}, {"acao": "Confira o que mudou e assine de novo, com motivo.", "codigo": "DIARIO_ALTERADO",
        … "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1,
        … mudou depois de assinado por Maria das Dores (SUPERVISOR).", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B"}}]
        fechamentos_pendentes 000124: desde now, faltas [{"acao": "Confira o que mudou e assine de novo, com
        … motivo.", "codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha
        … SPEP-ENV-A de 15/03/2026, turno D1, mudou depois de assinado por Maria das Dores (SUPERVISOR).",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A"}}, {"acao": "Confira o que mudou e assine de novo, com motivo.", "codigo": "DIARIO_ALTERADO",
        … "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1,
        … mudou depois de assinado por Maria das Dores (SUPERVISOR).", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B"}}]
        ajustes_fechamento 1 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, diferenca 56,
        … situacao PROPOSTO
        ajustes_fechamento 1 SPEP-ENV-A -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, diferenca
        … 1, situacao PROPOSTO
        ajustes_fechamento 1 SPEP-ENV-B -7200 REFUGO MAQUINA: etapa ENVASE, data 2026-03-15, turno D1, diferenca
        … 3, situacao PROPOSTO
        ajustes_fechamento 2 SPEP-ENV-A -7200 PRODUZIDA : etapa ENVASE, data 2026-03-15, turno D1, diferenca 8,
        … situacao PROPOSTO
        apuracoes_pendentes 000123: gone
        apuracoes_pendentes 000124: gone
        """)
    assert changes(closed, lambda: lose(closed, OP, A, 1), CLOSING) == told("""
        apuracoes_pendentes 000123: 
        apuracoes_pendentes 000123 again: 
        apuracoes_pendentes 000124: 
        """)
    closed.call(closed.boss, "estornar_refugo", p_id=1, p_motivo="digitado errado")
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        ajustes_fechamento 1 SPEP-ENV-A -7200 RETEM : etapa ENVASE, data 2026-03-15, turno D1, diferenca -3,
        … situacao PROPOSTO
        apuracoes_pendentes 000123: gone
        apuracoes_pendentes 000123 again: gone
        apuracoes_pendentes 000123 again again: gone
        apuracoes_pendentes 000123 again again again: gone
        apuracoes_pendentes 000124: gone
        apuracoes_pendentes 000124 again: gone
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
        … "quantidade": 4}], "cadastro": {"fim": +7200, "turno": "D1", "inicio": +0, "linhas": [{"fim": +7200,
        … "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null, "linha_id": "SPEP-ENV-A",
        … "centro_custo": null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600, "recurso":
        … null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null, "operador":
        … null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "", "fabricacao": null,
        … "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs": "000123"}, "numero_op": "000123",
        … "numero_lote": "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        envios_totvs 7: numero_op 000123, ordem 5, id_externo SF-000123-ESTORNO-0001, tipo ESTORNO, conteudo
        … {"boas": 0, "etapa": "ENVASE", "motivo": "conferido", "perdas": [{"tipo": "RETEM", "quantidade": 3}],
        … "refugos": [], "cadastro": {"fim": +7200, "turno": "D1", "inicio": +0, "linhas": [{"fim": +7200, "nome":
        … "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null, "linha_id": "SPEP-ENV-A", "centro_custo":
        … null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase", "inicio": +3600, "recurso": null, "linha_id":
        … "SPEP-ENV-B", "centro_custo": null}], "armazem": null, "unidade": null, "operador": null, "validade":
        … null, "assinante": "Maria das Dores (SUPERVISOR)", "descricao": "", "fabricacao": null, "operacao_totvs":
        … null, "tipo_movimento": null, "numero_op_totvs": "000123"}, "numero_op": "000123", "numero_lote":
        … "26C000123A", "produto_codigo": "07010012"}, situacao PENDENTE, proxima_em now
        """)
    assert changes(closed, lambda: decide(closed, "RECUSAR", OTHER), CLOSING) == told("""
        ajustes_fechamento 2 SPEP-ENV-A -7200 PRODUZIDA : situacao PROPOSTO -> RECUSADO, decidido_em - -> now,
        … decidido_por - -> somebody, motivo - -> conferido
        """)
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: gone
        fechamentos_pendentes 000124: gone
        """)
    assert changes(closed, lambda: closed.shut(closed.boss, OP, A, at("09:00")), CLOSING) == told("""
        apuracoes_pendentes 000123: 
        apuracoes_pendentes 000123 again: 
        apuracoes_pendentes 000123 again again: 
        apuracoes_pendentes 000124: 
        apuracoes_pendentes 000124 again: 
        """)
    assert changes(closed, closed.close_lots, CLOSING) == told("""
        fechamentos_pendentes 000123: desde now, faltas [{"acao": "Confira o que mudou e assine de novo, com
        … motivo.", "codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha
        … SPEP-ENV-A de 15/03/2026, turno D1, mudou depois de assinado por Maria das Dores (SUPERVISOR).",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}]
        fechamentos_pendentes 000124: desde now, faltas [{"acao": "Confira o que mudou e assine de novo, com
        … motivo.", "codigo": "DIARIO_ALTERADO", "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha
        … SPEP-ENV-A de 15/03/2026, turno D1, mudou depois de assinado por Maria das Dores (SUPERVISOR).",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A"}}]
        apuracoes_pendentes 000123: gone
        apuracoes_pendentes 000123 again: gone
        apuracoes_pendentes 000123 again again: gone
        apuracoes_pendentes 000124: gone
        apuracoes_pendentes 000124 again: gone
        """)
    trail = "select acao, objeto, depois - 'ajustes' as depois from trilha_auditoria where acao = 'decidir_ajustes' order by id"
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
        … "refugos": [{"codigo": "MAQUINA", "quantidade": 3}], "cadastro": {"fim": +7200, "turno": "D1", "inicio":
        … +0, "linhas": [{"fim": +7200, "nome": "SPEP01 - Linha A - Envase", "inicio": +0, "recurso": null,
        … "linha_id": "SPEP-ENV-A", "centro_custo": null}, {"fim": +7200, "nome": "SPEP01 - Linha B - Envase",
        … "inicio": +3600, "recurso": null, "linha_id": "SPEP-ENV-B", "centro_custo": null}], "armazem": null,
        … "unidade": null, "operador": null, "validade": null, "assinante": "Maria das Dores (SUPERVISOR)",
        … "descricao": "", "fabricacao": null, "operacao_totvs": null, "tipo_movimento": null, "numero_op_totvs":
        … "000123"}, "numero_op": "000123", "numero_lote": "26C000123A", "produto_codigo": "07010012"}, situacao
        … PENDENTE, proxima_em now
        """)


def insert_report(db: Database, kind: str, state: str, content: dict[str, Any], op: str = OP) -> None:
    number = db.one("select interno.criar_envio(%s, %s, %s)", op, kind, json.dumps(content))
    lease = "gen_random_uuid()" if state == "ENVIANDO" else "null"
    db.sql(f"update envios_totvs set situacao = %s, lease = {lease}, chave_erp = %s where id = %s", state, f"K{number}", number)


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
    said = "select numero_op, ordem, tipo, interno.cadastro_do_envio(e) -> 'estorna' as of from envios_totvs as e order by 1, 2"
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
                "select tipo, conteudo #> '{cadastro,estorna}' as of, conteudo - 'cadastro' - 'numero_op' - 'numero_lote'"
                " - 'produto_codigo' as said from envios_totvs where numero_op = %s and ordem > 5 order by ordem", OP,
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
    plant.sql("update linhas set recurso_totvs = 'R-' || linha_id, centro_custo_totvs = 'CC' where linha_id in (%s, %s)", A, PACK)
    plant.open(plant.boss, OP, PACK, at("12:30"))
    plant.shut(plant.boss, OP, PACK, at("13:00"))
    plant.open(plant.boss, OTHER, PACK, at("14:00"))
    totals = [
        {"etapa": stage, "linha_id": line, "tipo": kind, "quantidade": amount, "turno": shift, "inicio": f"{DAY}T{hour}:00:00Z"}
        for stage, line, kind, amount, shift, hour in (
            ("ENVASE", A, "PRODUZIDA", 10, "D1", "10"), ("ENVASE", B, "PRODUZIDA", 30, "D2", "10"), ("ENVASE", A, "REFUGO", 90, "N1", "09"),
            ("ENVASE", A, "PRODUZIDA", 5, "D3", "08"), ("EMBALAGEM", PACK, "PRODUZIDA", 500, "X", "11"), ("ENVASE", "SPEP-ENV-C", "REFUGO", 1, "A", "07"),
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
    assert answers(plant, by_line, json.dumps([made[0], made[1], made[3], made[4], made[2] | {"quantidade": 15}]), "ENVASE") == told("""
        {"SPEP-ENV-A": {"boas": 0, "refugos": [{"codigo": "TAMPA", "quantidade": 15}]}, "SPEP-ENV-B": {"boas": 30,
        … "refugos": []}}
        """)
    times = "select * from interno.intervalo_op(%s, %s)"
    found = [f"{op} {stage}: {answers(plant, times, op, stage)[0]}" for op in (OP, OTHER, "x") for stage in ("ENVASE", "EMBALAGEM", "ROTULAGEM")]
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
    plant.sql("update lotes_producao set descricao = 'do lote', numero_op_totvs = %s where numero_op = %s", f"{OP}01001", OP)
    plant.sql("update produtos set descricao = 'do produto', unidade = 'UN'")
    plant.sql("insert into etapas_familia (prefixo, etapa, apontada, operacao_totvs) values ('0701', 'ENVASE', true, '10'), ('0701', 'EMBALAGEM', false, '20')")
    whole = "select interno.cadastro_op(%s, %s, %s) - 'linhas' as c"
    found = [f"{op} {stage}: {answers(plant, whole, op, stage, json.dumps(totals))[0]}" for op in (OP, OTHER) for stage in ("ENVASE", "EMBALAGEM")]
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
    plant.sql("insert into etapas_familia (prefixo, etapa, apontada) values ('0701', 'ENVASE', true), ('0701', 'EMBALAGEM', false), ('07', 'EMBALAGEM', true)")
    plant.record(
        batch(1, {A: {at("09:00"): (1, 0), at("11:00"): (1, 0)}, B: {at("09:59:59"): (1, 0)}}, gateway="planta-2"),
        batch(2, spans=[span(A, at("08:10"), at("08:20"), 9, 0, "implausivel"), span(B, at("10:30"), at("10:40"), 9, 0, "implausivel")]),
    )
    plant.sql("update linhas set regra_refugo = 'CONCILIAR' where linha_id in (%s, %s)", A, B)
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA' where numero_op = %s", OTHER)
    plant.open(plant.boss, OP, A, at("12:00"))
    plant.lot("000125")
    call = "select jsonb_array_elements(interno.faltas_fechamento(%s, interno.assinaturas_validas(array[%s]))) as f"
    found = [f"{op}: {line}" for op in (OP, OTHER, "000125") for line in answers(plant, call, op, op)]
    assert found == told("""
        000123: {"acao": "Abra-a na linha dessa etapa.", "codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem",
        … "detalhe": "A OP 000123 ainda não passou pela etapa EMBALAGEM.", "argumentos": {"p_numero_op": "000123"}}
        000123: {"acao": "Confira na página do gateway se ele lê a linha e se envia.", "codigo": "FONTE_ATRASADA",
        … "funcao": "fechar_com_ressalva", "detalhe": "O gateway planta-1 reportou a linha SPEP-ENV-A até (nunca);
        … falta até 15/03/2026 10:00:00.", "argumentos": {"p_numero_op": "000123"}}
        000123: {"acao": "Decida-a.", "codigo": "QUARENTENA", "funcao": "resolver_quarentena", "detalhe": "Item
        … não lido 1, pode conter contagens da OP: A fonte planta-2 não conta a linha SPEP-ENV-A neste intervalo.",
        … "argumentos": {"p_id": 1, "p_assunto": "NAO_DONO|planta-2|SPEP-ENV-A"}}
        000123: {"acao": "Decida-a.", "codigo": "CONTAGEM_RETIDA", "funcao": "decidir_retido", "detalhe": "A
        … contagem duvidosa 1 (produção 9, rejeição 0) espera decisão.", "argumentos": {"p_id": 1, "p_assunto":
        … "SPEP-ENV-A|IMPLAUSIVEL"}}
        000123: {"acao": "Encerre-a.", "codigo": "ORDEM_ABERTA", "funcao": "encerrar_ordem", "detalhe": "A OP
        … 000123 está aberta na linha SPEP-ENV-A.", "argumentos": {"p_linha_id": "SPEP-ENV-A", "p_numero_op":
        … "000123"}}
        000123: {"acao": "Confira na página do gateway se ele lê a linha e se envia.", "codigo": "FONTE_ATRASADA",
        … "funcao": "fechar_com_ressalva", "detalhe": "O gateway planta-1 reportou a linha SPEP-ENV-B até (nunca);
        … falta até 15/03/2026 10:00:00.", "argumentos": {"p_numero_op": "000123"}}
        000123: {"acao": "Decida-a.", "codigo": "QUARENTENA", "funcao": "resolver_quarentena", "detalhe": "Item
        … não lido 2, pode conter contagens da OP: A fonte planta-2 não conta a linha SPEP-ENV-B neste intervalo.",
        … "argumentos": {"p_id": 2, "p_assunto": "NAO_DONO|planta-2|SPEP-ENV-B"}}
        000123: {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000123, linha SPEP-ENV-A, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A", "p_numero_op": "000123"}}
        000123: {"acao": "Confira o que mudou e assine de novo, com motivo.", "codigo": "DIARIO_ALTERADO",
        … "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno D1,
        … mudou depois de assinado por Maria das Dores (SUPERVISOR).", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/03/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-03-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/04/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-04-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/04/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-04-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/05/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-05-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/05/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-05-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/06/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-06-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/06/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-06-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/07/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-07-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/07/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-07-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/08/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-08-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/08/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-08-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/09/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-09-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/09/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-09-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/10/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-10-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/10/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-10-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/11/2026, turno N1 ou N2.",
        … "argumentos": {"p_data": "2026-11-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/11/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-11-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A"}}
        000123: {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000123, linha SPEP-ENV-B, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-B", "p_numero_op": "000123"}}
        000123: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-B"}}
        000124: {"acao": "Passe as contagens à OP certa e anule a abertura, ou ponha a OP de lado.", "codigo":
        … "OP_CANCELADA", "funcao": "por_ordem_de_lado", "detalhe": "A OP 000124 foi cancelada no TOTVS depois de
        … aberta.", "argumentos": {"p_numero_op": "000124"}}
        000124: {"acao": "Abra-a na linha dessa etapa.", "codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem",
        … "detalhe": "A OP 000124 ainda não passou pela etapa EMBALAGEM.", "argumentos": {"p_numero_op": "000124"}}
        000124: {"acao": "Confira na página do gateway se ele lê a linha e se envia.", "codigo": "FONTE_ATRASADA",
        … "funcao": "fechar_com_ressalva", "detalhe": "O gateway planta-1 reportou a linha SPEP-ENV-A até (nunca);
        … falta até 15/03/2026 12:00:00.", "argumentos": {"p_numero_op": "000124"}}
        000124: {"acao": "Decida-a.", "codigo": "QUARENTENA", "funcao": "resolver_quarentena", "detalhe": "Item
        … não lido 1, pode conter contagens da OP: A fonte planta-2 não conta a linha SPEP-ENV-A neste intervalo.",
        … "argumentos": {"p_id": 1, "p_assunto": "NAO_DONO|planta-2|SPEP-ENV-A"}}
        000124: {"acao": "Confira na página do gateway se ele lê a linha e se envia.", "codigo": "FONTE_ATRASADA",
        … "funcao": "fechar_com_ressalva", "detalhe": "O gateway planta-1 reportou a linha SPEP-ENV-B até (nunca);
        … falta até 15/03/2026 12:00:00.", "argumentos": {"p_numero_op": "000124"}}
        000124: {"acao": "Decida-a.", "codigo": "CONTAGEM_RETIDA", "funcao": "decidir_retido", "detalhe": "A
        … contagem duvidosa 2 (produção 9, rejeição 0) espera decisão.", "argumentos": {"p_id": 2, "p_assunto":
        … "SPEP-ENV-B|IMPLAUSIVEL"}}
        000124: {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000124, linha SPEP-ENV-A, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A", "p_numero_op": "000124"}}
        000124: {"acao": "Confira o que mudou e assine de novo, com motivo.", "codigo": "DIARIO_ALTERADO",
        … "funcao": "assinar_diario", "detalhe": "O Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno D1,
        … mudou depois de assinado por Maria das Dores (SUPERVISOR).", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-A"}}
        000124: {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000124, linha SPEP-ENV-B, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-B", "p_numero_op": "000124"}}
        000124: {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario",
        … "detalhe": "Falta assinar o Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1 ou D2.",
        … "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-B"}}
        000125: {"acao": "Passe a contagem física à OP certa (mover_contagem_manual), estorne as perdas
        … (estornar_refugo), abra a OP na hora certa, ou ponha-a de lado.", "codigo": "SEM_PERIODO", "funcao":
        … "por_ordem_de_lado", "detalhe": "A OP 000125 tem contagens ou perdas digitadas, mas não está mais aberta
        … em linha nenhuma.", "argumentos": {"p_numero_op": "000125"}}
        000125: {"acao": "Abra-a na linha dessa etapa.", "codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem",
        … "detalhe": "A OP 000125 ainda não passou pela etapa ENVASE.", "argumentos": {"p_numero_op": "000125"}}
        000125: {"acao": "Abra-a na linha dessa etapa.", "codigo": "ETAPA_AUSENTE", "funcao": "abrir_ordem",
        … "detalhe": "A OP 000125 ainda não passou pela etapa EMBALAGEM.", "argumentos": {"p_numero_op": "000125"}}
        """)
    plant.record(batch(3, {A: {at("08:50"): (1, 0)}}))
    diaries = "select jsonb_array_elements(interno.faltas_diarios(%s, interno.assinaturas_validas(array[%s]))) as f"
    assert answers(plant, diaries, OP, OP) == told("""
        {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000123, linha SPEP-ENV-A, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-A", "p_numero_op": "000123"}}
        {"acao": "Confira o que mudou e assine de novo, com motivo.", "codigo": "DIARIO_ALTERADO", "funcao":
        … "assinar_diario", "detalhe": "O Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno D1, mudou depois
        … de assinado por Maria das Dores (SUPERVISOR).", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1",
        … "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/03/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-03-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/04/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-04-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/04/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-04-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/05/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-05-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/05/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-05-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/06/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-06-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/06/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-06-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/07/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-07-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/07/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-07-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/08/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-08-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/08/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-08-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/09/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-09-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/09/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-09-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-29", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-30", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 30/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-30", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/10/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-10-31", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 31/10/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-10-31", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-01", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 01/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-01", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-02", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 02/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-02", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-03", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 03/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-03", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-04", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 04/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-04", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-05", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 05/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-05", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-06", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 06/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-06", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-07", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 07/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-07", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-08", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 08/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-08", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-09", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 09/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-09", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-10", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 10/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-10", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-11", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 11/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-11", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-12", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 12/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-12", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-13", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 13/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-13", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-14", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 14/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-14", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 15/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-15", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-16", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 16/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-16", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-17", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 17/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-17", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-18", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 18/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-18", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-19", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 19/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-19", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-20", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 20/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-20", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-21", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 21/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-21", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-22", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 22/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-22", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-23", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 23/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-23", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-24", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 24/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-24", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-25", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 25/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-25", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-26", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 26/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-26", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-27", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 27/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-27", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-28", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 28/11/2026, turno N1 ou N2.", "argumentos":
        … {"p_data": "2026-11-28", "p_turno": "N1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-A de 29/11/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-11-29", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000123, linha SPEP-ENV-B, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id":
        … "SPEP-ENV-B", "p_numero_op": "000123"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000123", "p_linha_id": "SPEP-ENV-B"}}
        """)
    plant.call(plant.manager, "devolver_diario", p_linha_id=A, p_data=DAY, p_turno="D1", p_motivo="conferir a contagem")
    assert answers(plant, diaries, OTHER, OTHER) == told("""
        {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000124, linha SPEP-ENV-A, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-A", "p_numero_op": "000124"}}
        {"acao": "Corrija o que foi pedido e confirme o turno de novo.", "codigo": "DIARIO_DEVOLVIDO", "funcao":
        … "confirmar_turno", "detalhe": "O Diário de Bordo da linha SPEP-ENV-A de 15/03/2026, turno D1, foi
        … devolvido por Maria das Dores (GESTOR): conferir a contagem", "argumentos": {"p_data": "2026-03-15",
        … "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-A"}}
        {"acao": "Corrija o refugo digitado, ou diga qual vale.", "codigo": "REFUGO_DIVERGENTE", "funcao":
        … "conciliar_refugo", "detalhe": "OP 000124, linha SPEP-ENV-B, 15/03/2026: o refugo da máquina e o digitado
        … divergem.", "argumentos": {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id":
        … "SPEP-ENV-B", "p_numero_op": "000124"}}
        {"acao": "Confira e assine.", "codigo": "DIARIO_NAO_ASSINADO", "funcao": "assinar_diario", "detalhe":
        … "Falta assinar o Diário de Bordo da linha SPEP-ENV-B de 15/03/2026, turno D1 ou D2.", "argumentos":
        … {"p_data": "2026-03-15", "p_turno": "D1", "numero_op": "000124", "p_linha_id": "SPEP-ENV-B"}}
        """)


def test_p4_totals_that_do_not_add_up_are_named_by_line(plant: Database) -> None:
    call = "select jsonb_array_elements(interno.faltas_totais(%s)) as f"
    assert answers(plant, call, OP) == []
    plant.sql("update ordens_producao_ativas set producao_acumulada = producao_acumulada + 1 where linha_id = %s", B)
    assert answers(plant, call, OP) == told("""
        {"acao": "Avise a TI: os turnos cadastrados não cobrem as 24 h, ou há um defeito.", "codigo":
        … "TOTAIS_DIVERGEM", "funcao": "fechar_com_ressalva", "detalhe": "OP 000123, linha SPEP-ENV-B: o total é 41,
        … a soma dos turnos 40.", "argumentos": {"p_numero_op": "000123"}}
        """)
    lose(plant, OP, A, 114)
    lose(plant, OTHER, A, 1, clock="11:00")
    assert [line for line in answers(plant, call, OP) if "BOAS" in line] == []
    lose(plant, OP, A, 1)
    assert answers(plant, call, OP) == told("""
        {"acao": "Avise a TI: os turnos cadastrados não cobrem as 24 h, ou há um defeito.", "codigo":
        … "TOTAIS_DIVERGEM", "funcao": "fechar_com_ressalva", "detalhe": "OP 000123, linha SPEP-ENV-B: o total é 41,
        … a soma dos turnos 40.", "argumentos": {"p_numero_op": "000123"}}
        {"acao": "Corrija o que foi digitado.", "codigo": "BOAS_NEGATIVAS", "funcao": "estornar_refugo",
        … "detalhe": "OP 000123: refugo e amostras passam das 120 unidades produzidas.", "argumentos":
        … {"p_numero_op": "000123"}}
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
        f"{after} {limit}: {answers(closed, asked, after, limit)[0]}"
        for after, limit in (("", 20), ("", 2), (OP, 20), (OTHER, 2), (ops[0], 1), (ops[3], 5), ("000122", 1))
    ]
    closed.open(closed.boss, OP, PACK, at("15:00"))
    found.append(answers(closed, asked, "", 20)[0])
    assert found == told("""
         20: ["000200", "000201", "000202", "000203"] | ["000123", "000124"]
         2: ["000200", "000201"] | ["000123", "000124"]
        000123 20: ["000200", "000201", "000202", "000203"] | ["000124"]
        000124 2: ["000200", "000201"] | []
        000200 1: ["000201"] | []
        000203 5: [] | []
        000122 1: ["000200"] | ["000123"]
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
    for op, said in (("000125", [{"a": 1}]), (OP, [{"a": 1}]), ("000125", [{"a": 2}]), (OP, [{"b": 2}]), ("000125", [{"a": 2}])):
        found += [f"{op} {said}:", *changes(closed, lambda o=op, s=json.dumps(said): closed.one(note, o, s), waiting)]
    closed.sql("update fechamentos_pendentes set desde = now() - interval '9 days' where numero_op = %s", OP)
    row = "select numero_op, xmin::text as version from fechamentos_pendentes order by 1"
    before = answers(closed, row)
    closed.one(note, OP, '[{"b": 2}]')
    closed.one(note, "000125", '[{"a": 2}]')
    assert answers(closed, row) == before, "nothing changed, nothing written"
    closed.shut(closed.boss, "000125", B, at("13:30"))
    for op, said in (("000125", [{"a": 2}]), (OP, [{"c": 3}]), ("000125", []), (OP, [])):
        found += [f"{op} {said}:", *changes(closed, lambda o=op, s=json.dumps(said): closed.one(note, o, s), waiting)]
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
