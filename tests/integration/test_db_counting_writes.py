"""What a file changes when it is recorded: every row that it writes, beside other lines, gateways, épocas and files."""

import json
from functools import partial
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso, span
from tests.support.rows import changes, told

A, B, C, D = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C", "SPEP-ENV-D"
ONE, TWO = "planta-1", "planta-2"
OLD, NEW = "a" * 32, "b" * 32
DOUBT = ["duvidas_relogio", "duvidas_relogio_lotes"]
COUNTS = ["contagens_minuto", "contagens_intervalo", "contagens_conferencia", "ordens_producao_ativas", "quarentena"]


@pytest.fixture
def plant(db: Database) -> Database:
    """planta-1 counts A and B and shows C, which planta-2 counts; 000123 runs on A, 000124 on B until T0+60."""
    db.gateway(ONE, A, B)
    db.gateway(ONE, C, role="conferencia")
    db.gateway(TWO, C)
    db.lot("000123", "000124", "000125")
    db.boss = db.person()
    db.open(db.boss, "000123", A, T0)
    db.open(db.boss, "000124", B, T0)
    db.shut(db.boss, "000124", B, T0 + 60)
    return db


def test_p1_a_batch_writes_each_count_in_its_one_place(plant: Database) -> None:
    first = batch(
        1,
        {A: {T0: (2, 1), T0 + 59: (1, 0), T0 + 60: (0, 3)}, B: {T0 + 59: (4, 1), T0 + 60: (5, 2)}, C: {T0 + 3: (7, 1)}},
        spans=[span(A, T0 + 1, T0 + 8, 3, 1), span(B, T0 + 61, T0 + 70, 6), span(C, T0, T0 + 65, 9, 2)],
        marks=[(A, T0 + 60)],
        epoch=OLD,
    )
    assert changes(plant, lambda: plant.record(first)) == told("""
        contagens_minuto SPEP-ENV-A +0: producao 0:2 59:1, rejeicao 0:1, total_producao 3, total_rejeicao 1
        contagens_minuto SPEP-ENV-A +60: rejeicao 0:3, total_rejeicao 3
        contagens_minuto SPEP-ENV-B +0: producao 59:4, rejeicao 59:1, total_producao 4, total_rejeicao 1
        contagens_minuto SPEP-ENV-B +60: producao 0:5, rejeicao 0:2, total_producao 5, total_rejeicao 2,
        … sem_ordem_producao 5, sem_ordem_rejeicao 2
        contagens_intervalo SPEP-ENV-A +1 +8 3: rejeicao 1, situacao ATRIBUIDA, numero_op 000123, fator_producao
        … 8, fator_rejeicao 1, arquivo_id 1, byte_de 1788318845, byte_ate 1788318895
        contagens_intervalo SPEP-ENV-B +61 +70 6: situacao SEM_ORDEM, arquivo_id 1, byte_de 2711167479, byte_ate
        … 2711167529
        contagens_intervalo SPEP-ENV-C +0 +65 9: rejeicao 2, situacao CONFERENCIA, arquivo_id 1, byte_de
        … 483655462, byte_ate 483655512
        contagens_conferencia SPEP-ENV-C planta-1 +0: producao 7, rejeicao 1, segundos_producao 3:7,
        … segundos_rejeicao 3:1
        contagens_conferencia SPEP-ENV-C planta-1 +60: producao 9, rejeicao 2
        ordens_producao_ativas 000123 SPEP-ENV-A: producao_acumulada - -> 48, rejeicao_acumulada - -> 5,
        … producao_maquina - -> 6, rejeicao_maquina - -> 5, primeira_contagem - -> +0, ultima_contagem - -> +60
        ordens_producao_ativas 000124 SPEP-ENV-B: producao_acumulada - -> 4, rejeicao_acumulada - -> 1,
        … producao_maquina - -> 4, rejeicao_maquina - -> 1, primeira_contagem - -> +59, ultima_contagem - -> +59
        arquivos_ingeridos 1: tipo gateway, gateway planta-1, epoca aaaa~, seq 1, linhas [{"de": +0, "ate": +60,
        … "byte_de": 100, "byte_ate": 1788318895, "linha_id": "SPEP-ENV-A", "producao": 6, "rejeicao": 5,
        … "registros": 3}, {"de": +3, "ate": +65, "byte_de": 100, "byte_ate": 483655512, "linha_id": "SPEP-ENV-C",
        … "producao": 16, "rejeicao": 3, "registros": 1}, {"de": +59, "ate": +70, "byte_de": 100, "byte_ate":
        … 2711167529, "linha_id": "SPEP-ENV-B", "producao": 15, "rejeicao": 3, "registros": 2}], de +0, ate +70,
        … registros 9, situacao APLICADO
        epocas_gateway planta-1 aaaa~: numero 1, inicio now, ultima_seq_continua 1, maior_seq 1
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +60, estado ok
        """)
    second = batch(
        2,
        {
            A: {T0 - 1: (1, 0), T0 + 59: (1, 2)},
            B: {T0 + 60: (1, 1), T0 + 61: (2, 0)},
            C: {T0 + 3: (1, 0), T0 + 4: (0, 2)},
        },
        spans=[span(A, T0 + 1, T0 + 9, 2, 0), span(C, T0 + 2, T0 + 9, 1, 1), span(B, T0 + 50, T0 + 61, 3, 3)],
        epoch=OLD,
    )
    assert changes(plant, lambda: plant.record(second), COUNTS) == told("""
        contagens_minuto SPEP-ENV-A -60: producao 59:1, total_producao 1, sem_ordem_producao 1
        contagens_minuto SPEP-ENV-A +0: producao 0:2 59:1 -> 0:2 59:2, rejeicao 0:1 -> 0:1 59:2, total_producao 3
        … -> 4, total_rejeicao 1 -> 3
        contagens_minuto SPEP-ENV-B +60: producao 0:5 -> 0:6 1:2, rejeicao 0:2 -> 0:3, total_producao 5 -> 8,
        … total_rejeicao 2 -> 3, sem_ordem_producao 5 -> 8, sem_ordem_rejeicao 2 -> 3
        contagens_intervalo SPEP-ENV-A +1 +9 2: situacao ATRIBUIDA, numero_op 000123, fator_producao 8,
        … fator_rejeicao 1, arquivo_id 2, byte_de 756359156, byte_ate 756359206
        contagens_intervalo SPEP-ENV-B +50 +61 3: rejeicao 3, situacao RETIDA, motivo FRONTEIRA, arquivo_id 2,
        … byte_de 2673954952, byte_ate 2673955002
        contagens_intervalo SPEP-ENV-C +2 +9 1: rejeicao 1, situacao CONFERENCIA, arquivo_id 2, byte_de
        … 1565225411, byte_ate 1565225461
        contagens_conferencia SPEP-ENV-C planta-1 +0: producao 7 -> 9, rejeicao 1 -> 4, segundos_producao 3:7 ->
        … 3:8, segundos_rejeicao 3:1 -> 3:1 4:2
        ordens_producao_ativas 000123 SPEP-ENV-A: producao_acumulada 48 -> 72, rejeicao_acumulada 5 -> 7,
        … producao_maquina 6 -> 9, rejeicao_maquina 5 -> 7
        """)
    refused = batch(3, {A: {T0 + 30: (0, 4)}, B: {T0 + 30: (0, 2), T0 + 90: (0, 3)}}, epoch=OLD)
    assert changes(plant, lambda: plant.record(refused), COUNTS) == told("""
        contagens_minuto SPEP-ENV-A +0: rejeicao 0:1 59:2 -> 0:1 30:4 59:2, total_rejeicao 3 -> 7
        contagens_minuto SPEP-ENV-B +0: rejeicao 59:1 -> 30:2 59:1, total_rejeicao 1 -> 3
        contagens_minuto SPEP-ENV-B +60: rejeicao 0:3 -> 0:3 30:3, total_rejeicao 3 -> 6, sem_ordem_rejeicao 3 -> 6
        ordens_producao_ativas 000123 SPEP-ENV-A: rejeicao_acumulada 7 -> 11, rejeicao_maquina 7 -> 11
        ordens_producao_ativas 000124 SPEP-ENV-B: rejeicao_acumulada 1 -> 3, rejeicao_maquina 1 -> 3,
        … primeira_contagem +59 -> +30
        """)


def test_p1_a_quarantined_file_says_what_of_each_line_it_would_count(plant: Database) -> None:
    unread = [
        {
            "motivo": "RASGADA",
            "detalhe": "x",
            "linha_id": A,
            "registros": 1,
            "producao": 2,
            "rejeicao": 1,
            "byte_de": 1,
        },
        {"motivo": "OUTRA", "detalhe": "y", "linha_id": A, "registros": 1, "producao": 1, "byte_de": 3, "byte_ate": 4},
        {"motivo": "OUTRA", "detalhe": "z", "registros": 1, "byte_de": 5, "byte_ate": 6},
    ]
    file = batch(1, {A: {T0: (5, 3)}, B: {T0: (0, 2)}}, epoch=OLD, rejeitado={"motivo": "TORN", "detalhe": "sem fim"})
    assert changes(plant, lambda: plant.record(file | {"quarentena": unread}), COUNTS) == told("""
        quarentena 1: arquivo_id 1, motivo RASGADA, detalhe x, linha_id SPEP-ENV-A, registros 1, producao 2,
        … rejeicao 1, byte_de 1
        quarentena 2: arquivo_id 1, motivo OUTRA, detalhe y, linha_id SPEP-ENV-A, registros 1, producao 1, byte_de
        … 3, byte_ate 4, trechos {[3, 4)}
        quarentena 3: arquivo_id 1, motivo OUTRA, detalhe z, registros 1, byte_de 5, byte_ate 6, trechos {[5, 6)}
        quarentena 4: arquivo_id 1, motivo TORN, detalhe sem fim, linha_id SPEP-ENV-A, registros 1, producao 5,
        … rejeicao 3, de +0, ate +0, byte_de 1, byte_ate 900
        quarentena 5: arquivo_id 1, motivo TORN, detalhe sem fim, linha_id SPEP-ENV-B, registros 1, rejeicao 2, de
        … +0, ate +0, byte_de 100, byte_ate 900
        """)
    nothing = batch(2, epoch=OLD, registros=3, rejeitado={"motivo": "TORN"})
    assert changes(plant, lambda: plant.record(nothing), COUNTS) == told("""
        quarentena 6: arquivo_id 2, motivo TORN, detalhe TORN, registros 3
        """)


def test_p1_what_is_no_ones_is_one_item_a_stretch_and_reason(plant: Database) -> None:
    plant.sql("delete from fontes_linha where linha_id in (%s, %s) and fonte = %s", A, B, ONE)
    plant.owner(A, ONE, T0 + 10, T0 + 20)
    plant.owner(B, ONE, T0 + 10)
    plant.owner(D, ONE, T0)
    plant.record(batch(1, epoch=OLD, marks=[(A, T0 + 30), (D, T0 + 5)], inicio=iso(T0 - 500)))
    plant.record(batch(1, epoch=OLD, gateway=TWO, marks=[(A, T0 + 90), (B, T0 + 90)], inicio=iso(T0 - 500)))
    counts: dict[str, dict[int, tuple[int, int]]] = {
        A: {T0 + n: (n + 1, n % 2) for n in (0, 1, 9, 10, 15, 20, 21, 29, 30, 31, 40, 41, 50)},
        B: {T0 + n: (1, 1) for n in (8, 9, 10, 11)},
        D: {T0 + n: (2, 0) for n in (3, 4, 5, 6, 41)},
        "SPEP-ENV-Z": {T0 + 1: (3, 0)},
    }
    spans = [
        span(A, T0 + 5, T0 + 15, 100, 1),
        span(A, T0 + 19, T0 + 20, 200),
        span(B, T0 + 9, T0 + 10, 300),
        span(D, T0 + 41, T0 + 42, 9),
    ]
    file = batch(1, counts, spans=spans, epoch=NEW, inicio=iso(T0 + 41))
    assert changes(plant, lambda: plant.record(file), COUNTS) == told("""
        contagens_minuto SPEP-ENV-D +0: producao 41:2, total_producao 2, sem_ordem_producao 2
        contagens_intervalo SPEP-ENV-D +41 +42 9: situacao SEM_ORDEM, arquivo_id 3, byte_de 192234730, byte_ate
        … 192234780
        quarentena 1: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-A neste
        … intervalo. O gateway planta-1, reinstalado, leu de novo o que é de antes de 15/03/2026 08:00:30, até onde
        … já tinha reportado: tudo indica que já foi contado., linha_id SPEP-ENV-A, producao 13, rejeicao 2, de +0,
        … ate +9, byte_de 100, byte_ate 2796262577, outros_motivos ["EPOCA_ANTERIOR"], reportado_ate +30
        quarentena 2: arquivo_id 3, motivo EPOCA_ANTERIOR, detalhe O gateway planta-1, reinstalado, leu de novo o
        … que é de antes de 15/03/2026 08:00:30, até onde já tinha reportado: tudo indica que já foi contado.,
        … linha_id SPEP-ENV-A, producao 27, rejeicao 1, de +10, ate +15, byte_de 100, byte_ate 2796262577,
        … reportado_ate +30, outros_intervalos [2796262527]
        quarentena 3: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-A neste
        … intervalo. O gateway planta-1, reinstalado, leu de novo o que é de antes de 15/03/2026 08:00:30, até onde
        … já tinha reportado: tudo indica que já foi contado., linha_id SPEP-ENV-A, producao 100, rejeicao 1, de
        … +15, ate +15, byte_de 100, byte_ate 2796262577, outros_motivos ["EPOCA_ANTERIOR"], reportado_ate +30,
        … outros_segundos [+15]
        quarentena 4: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-A neste
        … intervalo. O gateway planta-1, reinstalado, leu de novo o que é de antes de 15/03/2026 08:00:30, até onde
        … já tinha reportado: tudo indica que já foi contado., linha_id SPEP-ENV-A, producao 273, rejeicao 2, de
        … +20, ate +29, byte_de 100, byte_ate 2796262577, outros_motivos ["EPOCA_ANTERIOR"], reportado_ate +30
        quarentena 5: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-A neste
        … intervalo. O gateway planta-1, reinstalado, leu o que é de antes disso e que talvez não tenha enviado:
        … talvez já contado., linha_id SPEP-ENV-A, producao 104, rejeicao 1, de +30, ate +40, byte_de 100, byte_ate
        … 2796262577, outros_motivos ["EPOCA_ANTERIOR"]
        quarentena 6: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-A neste
        … intervalo., linha_id SPEP-ENV-A, producao 93, rejeicao 1, de +41, ate +50, byte_de 100, byte_ate
        … 2796262577
        quarentena 7: arquivo_id 3, motivo NAO_DONO, detalhe A fonte planta-1 não conta a linha SPEP-ENV-B neste
        … intervalo. O gateway planta-1, reinstalado, leu o que é de antes disso e que talvez não tenha enviado:
        … talvez já contado., linha_id SPEP-ENV-B, producao 302, rejeicao 2, de +8, ate +10, byte_de 100, byte_ate
        … 488519713, outros_motivos ["EPOCA_ANTERIOR"], outros_segundos [+10]
        quarentena 8: arquivo_id 3, motivo EPOCA_ANTERIOR, detalhe O gateway planta-1, reinstalado, leu o que é de
        … antes disso e que talvez não tenha enviado: talvez já contado., linha_id SPEP-ENV-B, producao 1, rejeicao
        … 1, de +10, ate +10, byte_de 100, byte_ate 488519713, outros_intervalos [488519663]
        quarentena 9: arquivo_id 3, motivo EPOCA_ANTERIOR, detalhe O gateway planta-1, reinstalado, leu o que é de
        … antes disso e que talvez não tenha enviado: talvez já contado., linha_id SPEP-ENV-B, producao 1, rejeicao
        … 1, de +11, ate +11, byte_de 100, byte_ate 488519713
        quarentena 10: arquivo_id 3, motivo EPOCA_ANTERIOR, detalhe O gateway planta-1, reinstalado, leu de novo o
        … que é de antes de 15/03/2026 08:00:05, até onde já tinha reportado: tudo indica que já foi contado.,
        … linha_id SPEP-ENV-D, producao 4, de +3, ate +4, byte_de 100, byte_ate 192234780, reportado_ate +5
        quarentena 11: arquivo_id 3, motivo EPOCA_ANTERIOR, detalhe O gateway planta-1, reinstalado, leu o que é
        … de antes disso e que talvez não tenha enviado: talvez já contado., linha_id SPEP-ENV-D, producao 4, de +5,
        … ate +6, byte_de 100, byte_ate 192234780
        quarentena 12: arquivo_id 3, motivo LINHA_DESCONHECIDA, detalhe A linha SPEP-ENV-Z não está cadastrada. O
        … gateway planta-1, reinstalado, leu o que é de antes disso e que talvez não tenha enviado: talvez já
        … contado., linha_id SPEP-ENV-Z, registros 1, producao 3, de +1, ate +1, byte_de 100, byte_ate 900,
        … outros_motivos ["EPOCA_ANTERIOR"]
        """)


def test_p1_a_second_sensor_is_shown_by_the_minute(plant: Database) -> None:
    found: list[str] = []
    for n in (1, 2):
        file = batch(
            n,
            {C: {T0: (n, 0), T0 + 59: (0, n), T0 + 60: (1, 1), T0 + 86_400 * 400 + n: (5, 5)}, A: {T0: (1, 1)}},
            spans=[span(C, T0 + 50, T0 + 61, 10 * n, n), span(C, T0 - 90_000, T0, 500, 0)],
            epoch=OLD,
            chegada=iso(T0 + 120),
        )
        found += changes(plant, partial(plant.record, file), ["contagens_conferencia"])
    assert found == told("""
        contagens_conferencia SPEP-ENV-C planta-1 +0: producao 1, rejeicao 1, segundos_producao 0:1,
        … segundos_rejeicao 59:1
        contagens_conferencia SPEP-ENV-C planta-1 +60: producao 11, rejeicao 2, segundos_producao 0:1,
        … segundos_rejeicao 0:1
        contagens_conferencia SPEP-ENV-C planta-1 +3.456e+07: producao 5, rejeicao 5
        contagens_conferencia SPEP-ENV-C planta-1 +0: producao 1 -> 3, rejeicao 1 -> 3, segundos_producao 0:1 ->
        … 0:3, segundos_rejeicao 59:1 -> 59:3
        contagens_conferencia SPEP-ENV-C planta-1 +60: producao 11 -> 32, rejeicao 2 -> 5, segundos_producao 0:1
        … -> 0:2, segundos_rejeicao 0:1 -> 0:2
        contagens_conferencia SPEP-ENV-C planta-1 +3.456e+07: producao 5 -> 10, rejeicao 5 -> 10
        """)


def test_p1_a_batch_in_doubt_is_kept_by_the_second(plant: Database) -> None:
    fast = {"desvio_ms": 90_000, "testemunha": "s3"}
    sources = {"fontes": [[T0, T0 - 9, 2, 0], [T0 + 5, T0 - 4, 1, 1], [T0 + 7, T0, 1, 0]]}
    found: list[str] = []
    for n in (1, 2):
        counts = {A: {T0: (2, 1), T0 + 5: (1, 1), T0 + 6: (999_999_999 * n, 0)}, B: {T0 + n: (1, 0)}, C: {T0: (1, 0)}}
        file = batch(n, counts, spans=[span(A, T0, T0 + 9, 1)], epoch=OLD, relogio=fast)
        file["linhas"][0] |= sources
        file["linhas"][1] |= {"fontes": [[T0 + n, T0 - 7, 1, 0]]}
        found += changes(plant, partial(plant.record, file), ["contagens_em_duvida", *DOUBT])
    assert found == told("""
        contagens_em_duvida 1 SPEP-ENV-A: contados [[+0, 2, 1], [+5, 1, 1]], retidos [[+6, 999999999, 0]], fontes
        … [[+0, -9, 2, 0], [+5, -4, 1, 1]]
        contagens_em_duvida 1 SPEP-ENV-B: contados [[+1, 1, 0]], fontes [[+1, -7, 1, 0]]
        duvidas_relogio 1: gateway planta-1, linhas ["SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"], desde -90, ate +9,
        … desvio_ms 90000, testemunha s3, lotes 1
        duvidas_relogio_lotes 1: duvida_id 1, desvio_ms 90000
        contagens_em_duvida 2 SPEP-ENV-A: contados [[+0, 2, 1], [+5, 1, 1]], retidos [[+6, 1999999998, 0]], fontes
        … [[+0, -9, 2, 0], [+5, -4, 1, 1]]
        contagens_em_duvida 2 SPEP-ENV-B: contados [[+2, 1, 0]], fontes [[+2, -7, 1, 0]]
        duvidas_relogio 1: lotes 1 -> 2
        duvidas_relogio_lotes 2: duvida_id 1, desvio_ms 90000
        """)


def test_p11_which_batches_are_in_doubt_and_by_how_much(plant: Database) -> None:
    plant.record(*(batch(n, {A: {T0: (1, 0)}}, epoch=OLD) for n in range(1, 15)))
    two = [
        {"linha_id": B, "producao": 1, "rejeicao": 0},
        {"linha_id": A, "producao": 0, "rejeicao": 2},
        {"linha_id": C, "producao": 0, "rejeicao": 0},
    ]
    call = "select interno.duvidar_do_relogio(%s, %s, %s, %s, %s, %s)::text"
    arrived = T0 + 500

    def doubted(number: int, lines: list[dict[str, Any]], since: int, until: int, **said: Any) -> list[str]:
        file = json.dumps({"gateway": ONE, **said})
        arguments = (number, file, json.dumps(lines), iso(T0 + since), iso(T0 + until), iso(arrived))
        return changes(plant, lambda: plant.one(call, *arguments), DOUBT)

    def said(ms: int, witness: str = "s3") -> dict[str, Any]:
        return {"relogio": {"desvio_ms": ms, "testemunha": witness}}

    assert doubted(1, two, 10, 20) == []
    assert doubted(1, two, 10, 20, selado_em=iso(arrived + 60)) == []
    assert doubted(1, two[2:], 10, 20, selado_em=iso(arrived + 61)) == []
    assert doubted(1, two, 10, 20, selado_em=iso(arrived + 60.001)) == told("""
        duvidas_relogio 1: gateway planta-1, linhas ["SPEP-ENV-A", "SPEP-ENV-B"], desde -50.001, ate +20,
        … desvio_ms 60001, testemunha chegada, lotes 1
        duvidas_relogio_lotes 1: duvida_id 1, desvio_ms 60001
        """)
    assert doubted(2, two[1:], 5, 12, selado_em=iso(arrived + 70), **said(69_999)) == told("""
        duvidas_relogio 1: desde -50.001 -> -65, desvio_ms 60001 -> 70000, lotes 1 -> 2
        duvidas_relogio_lotes 2: duvida_id 1, desvio_ms 70000
        """)
    assert doubted(3, two[:1], 50, 60, selado_em=iso(arrived + 70), **said(-70_000)) == told("""
        duvidas_relogio 1: ate +20 -> +130, lotes 2 -> 3
        duvidas_relogio_lotes 3: duvida_id 1, desvio_ms -70000
        """)
    assert doubted(4, two[:1], 15, 16, **said(70_001, "marca")) == told("""
        duvidas_relogio 1: desvio_ms 70000 -> 70001, testemunha chegada -> marca, lotes 3 -> 4
        duvidas_relogio_lotes 4: duvida_id 1, desvio_ms 70001
        """)
    assert doubted(5, two[:1], 15, 16, **said(0)) == told("""
        duvidas_relogio 1: lotes 4 -> 5
        duvidas_relogio_lotes 5: duvida_id 1
        """)
    assert doubted(6, two[:1], 15, 16, gateway=TWO, **said(-9_000)) == told("""
        duvidas_relogio 6: gateway planta-2, linhas ["SPEP-ENV-B"], desde +15, ate +25, desvio_ms -9000,
        … testemunha s3, lotes 1
        duvidas_relogio_lotes 6: duvida_id 6, desvio_ms -9000
        """)
    plant.sql(
        "update duvidas_relogio set decisao = 'MANTER', decidida_em = now(), decidida_por = gen_random_uuid(),"
        " decisao_motivo = 'visto' where gateway = %s",
        ONE,
    )
    assert doubted(7, two[:1], 15, 16, **said(-9_000)) == told("""
        duvidas_relogio 7: gateway planta-1, linhas ["SPEP-ENV-B"], desde +15, ate +25, desvio_ms -9000,
        … testemunha s3, lotes 1
        duvidas_relogio_lotes 7: duvida_id 7, desvio_ms -9000
        """)
