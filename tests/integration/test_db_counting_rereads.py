"""What is read again: which part of a file a quarantine item is, what becomes of it, what of the same file stays."""

import json
from functools import partial
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso, loose, sha, span
from tests.support.rows import answers, changes, told

A, B, C = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"
ONE, TWO = "planta-1", "planta-2"
OLD, NEW = "a" * 32, "b" * 32
TABLES = [
    *("contagens_minuto", "contagens_intervalo", "contagens_em_duvida", "ordens_producao_ativas", "quarentena"),
    *("arquivos_ingeridos", "epocas_gateway"),
]


@pytest.fixture
def plant(db: Database) -> Database:
    """planta-1 counts A, nobody B; 000123 runs on A."""
    db.gateway(ONE, A)
    db.gateway(TWO)
    db.lot("000123")
    db.boss = db.person("GESTOR")
    db.open(db.boss, "000123", A, T0)
    return db


def test_p1_a_piece_is_its_lines_seconds_less_those_of_others(plant: Database) -> None:
    place = {"byte_de": 1, "byte_ate": 9}
    file = {
        "epoca": OLD,
        "linhas": [
            {"linha_id": A, **place, "segundos": [[T0 + n, n, n % 2] for n in (9, 10, 15, 20, 21)]},
            {"linha_id": B, **place, "segundos": [[T0 + 15, 500, 500]]},
        ],
        "intervalos": [
            {"linha_id": line, "ate": iso(T0 + until), "producao": made, "rejeicao": 1, "byte_de": place}
            for line, until, made, place in (
                (A, 9.9, 100, 1), (A, 10.0, 200, 2), (A, 20.9, 300, 3), (A, 21.0, 400, 4), (B, 15.0, 600, 5),
                (A, 15.0, 700, None),
            )
        ],
    }  # fmt: skip
    asked = (
        "select t.producao, t.rejeicao, t.parte from quarentena as q,"
        " lateral interno.trecho_em_quarentena(%s::jsonb, q) as t order by q.id"
    )
    insert = (
        "insert into quarentena (bucket, chave, versao_id, motivo, detalhe, linha_id, de, ate, outros_segundos,"
        " outros_intervalos) values ('teste', 'c', 'v', 'NAO_DONO', '', %s, %s, %s, %s, %s)"
    )
    for line, seconds, spans in ((A, None, None), (A, [T0 + 15], [3]), (C, None, None)):
        plant.sql(insert, line, iso(T0 + 10), iso(T0 + 20), seconds, spans)
    assert answers(plant, asked, json.dumps(file)) == told("""
        1245 | 4 | {"chave": "c", "epoca": "aaaa~", "bucket": "teste", "linhas": [{"byte_de": 1, "byte_ate": 9,
        … "linha_id": "SPEP-ENV-A", "segundos": [[+10, 10, 0], [+15, 15, 1], [+20, 20, 0]]}], "versao_id": "v",
        … "intervalos": [{"ate": +10, "byte_de": 2, "linha_id": "SPEP-ENV-A", "producao": 200, "rejeicao": 1},
        … {"ate": +20.9, "byte_de": 3, "linha_id": "SPEP-ENV-A", "producao": 300, "rejeicao": 1}, {"ate": +15,
        … "byte_de": null, "linha_id": "SPEP-ENV-A", "producao": 700, "rejeicao": 1}], "outros_segundos": null,
        … "outros_intervalos": null}
        930 | 2 | {"chave": "c", "epoca": "aaaa~", "bucket": "teste", "linhas": [{"byte_de": 1, "byte_ate": 9,
        … "linha_id": "SPEP-ENV-A", "segundos": [[+10, 10, 0], [+20, 20, 0]]}], "versao_id": "v", "intervalos":
        … [{"ate": +10, "byte_de": 2, "linha_id": "SPEP-ENV-A", "producao": 200, "rejeicao": 1}, {"ate": +15,
        … "byte_de": null, "linha_id": "SPEP-ENV-A", "producao": 700, "rejeicao": 1}], "outros_segundos": [+15],
        … "outros_intervalos": [3]}
        0 | 0 | {"chave": "c", "epoca": "aaaa~", "bucket": "teste", "linhas": [], "versao_id": "v", "intervalos":
        … [], "outros_segundos": null, "outros_intervalos": null}
        """)
    asked = asked.replace("order by", "where q.id = 1 order by")
    assert answers(plant, asked, json.dumps({"epoca": OLD})) == told("""
        0 | 0 | {"chave": "c", "epoca": "aaaa~", "bucket": "teste", "linhas": [], "versao_id": "v", "intervalos":
        … [], "outros_segundos": null, "outros_intervalos": null}
        """)


def stage(db: Database, size: int, before: int | None, **more: Any) -> int:
    """A loose file's row in the ledger: `size` bytes of it accepted, `before` of them counted before."""
    row = {
        "bucket": "teste", "chave": "avulsos/x.txt", "versao_id": f"v{size}", "tamanho": 99, "sha256": sha("x"),
        "gravado_em": iso(T0), "tipo": "avulso", "situacao": "APLICADO", "registros": 1, "aceito_tamanho": size,
        "aceito_sha256": sha(f"{size}") if size else None, "inicio_sha256": sha("i"), "contado_antes": before, **more,
    }  # fmt: skip
    places = ", ".join(["%s"] * len(row))
    return int(
        db.one(f"insert into arquivos_ingeridos ({', '.join(row)}) values ({places}) returning id", *row.values())
    )


def test_p1_a_stage_is_read_again_from_where_the_one_before_ended(plant: Database) -> None:
    batch_row = {"tipo": "gateway", "gateway": ONE, "epoca": OLD, "seq": 1, "chave": "outra"}
    rows = (
        stage(plant, 10, 0),
        stage(plant, 20, 10, chave="avulsos/y.txt"),
        stage(plant, 10, 0, chave="avulsos/z.txt", aceito_sha256=sha("outro"), inicio_sha256=sha("j")),
        stage(plant, 0, None),
        stage(plant, 30, 20),
        stage(plant, 20, 0, situacao="QUARENTENA", motivo="X", aceito_sha256=sha("q")),
        stage(plant, 40, 20, inicio_sha256=sha("k")),
        stage(plant, 20, 10, chave="avulsos/w.txt", aceito_sha256=sha("depois"), inicio_sha256=sha("w")),
        stage(plant, 50, 10, **batch_row),
        stage(plant, 60, 10, chave="avulsos/z.txt", inicio_sha256=None),
    )
    asked = (
        "select p from arquivos_ingeridos as a, lateral interno.prefixo_da_releitura(%s::jsonb, a) as p where a.id = %s"
    )
    found = []
    for row in rows:
        for accepted, before in ((60, 0), (60, 10), (60, 20), (20, 10), (30, 20), (31, 20), (10, None), (0, None)):
            file = {"aceito": {"tamanho": accepted}, **({"prefixo": {"tamanho": before}} if before is not None else {})}
            found += [
                f"{row} read {before}-{accepted}: {line}" for line in answers(plant, asked, json.dumps(file), row)
            ]
    assert found == told("""
        1 read 0-60: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read 10-60: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read 20-60: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read 10-20: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read 20-30: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read 20-31: {"ate": 10, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        1 read None-10: -
        1 read None-0: -
        2 read 0-60: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read 10-60: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read 20-60: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read 10-20: -
        2 read 20-30: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read 20-31: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read None-10: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        2 read None-0: {"ate": 20, "chave": "avulsos/y.txt", "sha256": "4a44~", "tamanho": 10, "versao_id": "v20"}
        3 read 0-60: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read 10-60: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read 20-60: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read 10-20: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read 20-30: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read 20-31: {"ate": 10, "chave": "avulsos/z.txt", "sha256": null, "tamanho": 0, "versao_id": "v10"}
        3 read None-10: -
        3 read None-0: -
        4 read 0-60: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read 10-60: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read 20-60: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read 10-20: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read 20-30: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read 20-31: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read None-10: {"ate": 0, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v0"}
        4 read None-0: -
        5 read 0-60: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read 10-60: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read 20-60: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read 10-20: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read 20-30: -
        5 read 20-31: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read None-10: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        5 read None-0: {"ate": 30, "chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20, "versao_id": "v30"}
        6 read 0-60: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read 10-60: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read 20-60: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read 10-20: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read 20-30: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read 20-31: {"ate": 20, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 0, "versao_id": "v20"}
        6 read None-10: -
        6 read None-0: -
        7 read 0-60: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        7 read 10-60: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        7 read 20-60: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        7 read 10-20: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        7 read 20-30: -
        7 read 20-31: -
        7 read None-10: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        7 read None-0: {"ate": 40, "chave": "avulsos/x.txt", "sha256": null, "tamanho": 20, "versao_id": "v40"}
        8 read 0-60: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read 10-60: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read 20-60: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read 10-20: -
        8 read 20-30: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read 20-31: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read None-10: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        8 read None-0: {"ate": 20, "chave": "avulsos/w.txt", "sha256": null, "tamanho": 10, "versao_id": "v20"}
        9 read 0-60: -
        9 read 10-60: -
        9 read 20-60: -
        9 read 10-20: -
        9 read 20-30: -
        9 read 20-31: -
        9 read None-10: -
        9 read None-0: -
        10 read 0-60: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        10 read 10-60: -
        10 read 20-60: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        10 read 10-20: -
        10 read 20-30: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        10 read 20-31: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        10 read None-10: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        10 read None-0: {"ate": 60, "chave": "avulsos/z.txt", "sha256": "1e5f~", "tamanho": 10, "versao_id": "v60"}
        """)


ITEM = (
    "insert into quarentena (arquivo_id, bucket, chave, versao_id, motivo, detalhe, reprocessar_em, reprocessar_por,"
    " reprocessar_motivo, decisao, resolvida_em)"
    " values (%s, 'teste', %s, %s, %s, 'x', %s, gen_random_uuid(), %s, %s, %s)"
)


def items(db: Database, asked: bool) -> None:
    """Items of the file x.txt and of another, of two versions, decided and not."""
    first, second = stage(db, 10, 0), stage(db, 20, 10)
    for file, key, version, motive, decision in (
        (first, "avulsos/x.txt", "v1", "TORN", None),
        (first, "avulsos/x.txt", "v2", "TORN", None),
        (first, "avulsos/x.txt", "v2", "TORN", "DESCARTADO"),
        (first, "avulsos/x.txt", "v2", "LINHA_INCOMPLETA", None),
        (second, "avulsos/x.txt", "v2", "LINHA_INCOMPLETA", None),
        (second, "avulsos/x.txt", "v2", "TORN", None),
        (first, "avulsos/y.txt", "v2", "TORN", None),
        (first, "avulsos/y.txt", "v2", "LINHA_INCOMPLETA", None),
        (first, "avulsos/x.txt", None, "TORN", None),
    ):
        wish = iso(T0) if asked and decision is None else None
        db.sql(
            ITEM, file, key, version, motive, wish, "peço" if asked else None, decision, iso(T0) if decision else None
        )


def test_p1_what_waited_of_a_file_is_settled_by_its_counting(plant: Database) -> None:
    found = []
    for asked, kind, replaced in (
        (True, "avulso", 1),
        (False, "avulso", 1),
        (True, "avulso", None),
        (True, "gateway", 1),
        (True, "gateway", None),
    ):
        with plant.connection.transaction(force_rollback=True):
            plant.sql("alter table arquivos_ingeridos alter id restart 1")
            plant.sql("alter table quarentena alter id restart 1")
            items(plant, asked)
            file = json.dumps({"chave": "avulsos/x.txt", "versao_id": "v2", "tipo": kind})
            call = "select interno.encerrar_esperas(2, %s, %s)::text"
            found += [f"{asked} {kind} {replaced}"]
            found += changes(plant, partial(plant.one, call, file, replaced), ["quarentena"])
    assert found == told("""
        True avulso 1
        quarentena 1: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody, reprocessar_em +0 -> -
        quarentena 2: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> peço, resolvida_por -
        … -> somebody, reprocessar_em +0 -> -
        quarentena 4: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> peço, resolvida_por -
        … -> somebody, reprocessar_em +0 -> -
        quarentena 9: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody, reprocessar_em +0 -> -
        False avulso 1
        quarentena 1: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody
        quarentena 2: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> O arquivo foi lido de
        … novo; o que dele ainda não pode ser contado espera em outro item., resolvida_por - -> somebody
        quarentena 4: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> O arquivo foi lido de
        … novo; o que dele ainda não pode ser contado espera em outro item., resolvida_por - -> somebody
        quarentena 9: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody
        True avulso None
        quarentena 4: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> peço, resolvida_por -
        … -> somebody, reprocessar_em +0 -> -
        True gateway 1
        quarentena 1: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody, reprocessar_em +0 -> -
        quarentena 2: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> peço, resolvida_por -
        … -> somebody, reprocessar_em +0 -> -
        quarentena 4: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> peço, resolvida_por -
        … -> somebody, reprocessar_em +0 -> -
        quarentena 9: resolvida_em - -> now, decisao - -> SUPERADO, decisao_motivo - -> O sistema contou uma
        … versão posterior do mesmo arquivo., resolvida_por - -> somebody, reprocessar_em +0 -> -
        True gateway None
        """)


def test_p10_a_file_that_is_no_news_answers_with_what_is_known(plant: Database) -> None:
    items(plant, True)
    call = "select interno.responder_sem_lancar(%s, %s, 'TORN')"
    found = []
    for situation in ("QUARENTENA", "PREFIXO", "JA_APLICADO"):
        for key, version in (("avulsos/x.txt", "v2"), ("avulsos/x.txt", None), ("avulsos/nova.txt", "v2")):
            file = json.dumps({"chave": key, "versao_id": version, "inicio_sha256": sha("i") if version else sha("n")})
            with plant.connection.transaction(force_rollback=True):
                said: list[str] = []

                def ask(*asked: object, into: list[str] = said) -> None:
                    into += answers(plant, call, *asked)

                moved = changes(plant, partial(ask, file, situation), ["quarentena"])
                found += [f"{situation} {key} {version}: {said[0]}", *moved]
    assert found == told("""
        QUARENTENA avulsos/x.txt v2: {"motivo": "TORN", "situacao": "QUARENTENA"}
        quarentena 2: reprocessar_em +0 -> -
        quarentena 4: reprocessar_em +0 -> -
        quarentena 5: reprocessar_em +0 -> -
        quarentena 6: reprocessar_em +0 -> -
        QUARENTENA avulsos/x.txt None: {"motivo": "TORN", "situacao": "QUARENTENA"}
        quarentena 9: reprocessar_em +0 -> -
        QUARENTENA avulsos/nova.txt v2: {"motivo": "TORN", "situacao": "QUARENTENA"}
        PREFIXO avulsos/x.txt v2: {"prefixo": {"chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20,
        … "versao_id": "v20"}, "situacao": "PREFIXO"}
        PREFIXO avulsos/x.txt None: {"prefixo": {"chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20,
        … "versao_id": "v20"}, "situacao": "PREFIXO"}
        PREFIXO avulsos/nova.txt v2: {"prefixo": {"chave": "avulsos/x.txt", "sha256": "f5ca~", "tamanho": 20,
        … "versao_id": "v20"}, "situacao": "PREFIXO"}
        JA_APLICADO avulsos/x.txt v2: {"situacao": "JA_APLICADO"}
        JA_APLICADO avulsos/x.txt None: {"situacao": "JA_APLICADO"}
        JA_APLICADO avulsos/nova.txt v2: {"situacao": "JA_APLICADO"}
        """)


def ask(db: Database, item: int) -> None:
    db.call(db.boss, "reprocessar_quarentena", p_id=item, p_motivo="conferido")


def test_p1_a_piece_counts_only_if_the_file_still_says_it(plant: Database) -> None:
    file = batch(1, {B: {T0: (1, 1), T0 + 1: (2, 0)}, C: {T0: (4, 0)}, A: {T0: (1, 0)}}, epoch=OLD, inicio=iso(T0 - 60))
    other = batch(1, {B: {T0: (8, 0)}}, epoch=OLD, gateway=TWO)
    plant.record(file, other)
    plant.owner(B, ONE)
    plant.owner(C, ONE)
    mine, theirs, foreign = (row["id"] for row in plant.sql("select id from quarentena order by id"))
    answer: list[Any] = []

    def read(item: int | None, **changed: Any) -> list[str]:
        again = {**file, "reprocessar": item, **changed}
        with plant.connection.transaction(force_rollback=True):
            moved = changes(plant, lambda: answer.append(plant.record(again)[0]), TABLES)
        return [json.dumps({k: v for k, v in answer[-1].items() if k not in ("chave", "versao_id")}), *moved]

    found = ["not asked for:", *read(mine)]
    for item in (mine, theirs, foreign):
        ask(plant, item)
    other_lines = [line | {"segundos": [[T0, 1, 0], [T0 + 1, 2, 0]]} for line in file["linhas"]]
    for title, changed in (
        ("as it was", {}),
        ("refused", {"rejeitado": {"motivo": "TORN", "detalhe": "sem fim"}}),
        ("other rejects", {"linhas": other_lines}),
        ("accepted in another way", {"aceito": {"tamanho": 1, "sha256": sha("x")}}),
        ("of another file", {"chave": "outra"}),
        ("older than it said", {"inicio": iso(T0 - 120)}),
        ("known from before", {"anterior": True}),
        ("dated after it arrived", {"chegada": iso(T0 - 86_401)}),
    ):
        found += [f"{title}:", *read(mine, **changed)]
    found += ["of no item:", *read(999)]
    assert found == told("""
        not asked for:
        {"situacao": "JA_APLICADO"}
        as it was:
        {"situacao": "APLICADO"}
        contagens_minuto SPEP-ENV-B +0: producao 0:1 1:2, rejeicao 0:1, total_producao 3, total_rejeicao 1,
        … sem_ordem_producao 3, sem_ordem_rejeicao 1
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        refused:
        {"motivo": "REPROCESSO_ILEGIVEL", "situacao": "QUARENTENA"}
        quarentena 1: detalhe A fonte planta-1 não conta a linha SPEP-ENV-B neste intervalo. -> A fonte planta-1
        … não conta a linha SPEP-ENV-B neste intervalo. Não pôde ser lido de novo: sem fim, reprocessar_em now -> -
        other rejects:
        {"motivo": "REPROCESSO_DIVERGENTE", "situacao": "QUARENTENA"}
        quarentena 1: detalhe A fonte planta-1 não conta a linha SPEP-ENV-B neste intervalo. -> A fonte planta-1
        … não conta a linha SPEP-ENV-B neste intervalo. Lido de novo, o trecho traz 3 (rejeição 0), não o que estava
        … à espera; não foi contado., reprocessar_em now -> -
        accepted in another way:
        {"motivo": "REPROCESSO_DIVERGENTE", "situacao": "QUARENTENA"}
        quarentena 1: detalhe A fonte planta-1 não conta a linha SPEP-ENV-B neste intervalo. -> A fonte planta-1
        … não conta a linha SPEP-ENV-B neste intervalo. Lido de novo, o trecho traz 3 (rejeição 1), não o que estava
        … à espera; não foi contado., reprocessar_em now -> -
        of another file:
        {"situacao": "JA_APLICADO"}
        older than it said:
        {"situacao": "APLICADO"}
        contagens_minuto SPEP-ENV-B +0: producao 0:1 1:2, rejeicao 0:1, total_producao 3, total_rejeicao 1,
        … sem_ordem_producao 3, sem_ordem_rejeicao 1
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        epocas_gateway planta-1 aaaa~: inicio -60 -> -120
        known from before:
        {"situacao": "APLICADO"}
        contagens_minuto SPEP-ENV-B +0: producao 0:1 1:2, rejeicao 0:1, total_producao 3, total_rejeicao 1,
        … sem_ordem_producao 3, sem_ordem_rejeicao 1
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        dated after it arrived:
        {"situacao": "APLICADO"}
        contagens_minuto SPEP-ENV-B +0: producao 0:1, rejeicao 0:1, total_producao 1, total_rejeicao 1,
        … sem_ordem_producao 1, sem_ordem_rejeicao 1
        contagens_intervalo SPEP-ENV-B +1 +1 2: flags ["implausivel", "futura"], situacao RETIDA, motivo
        … IMPLAUSIVEL, arquivo_id 1, byte_de 100, byte_ate 900
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        of no item:
        {"situacao": "JA_APLICADO"}
        """)


def test_p1_a_piece_of_a_doubtful_clock_is_read_again_as_decided(plant: Database) -> None:
    doubt: dict[str, Any] = {"relogio": {"desvio_ms": 60_000, "testemunha": "s3"}, "inicio": iso(T0 - 60)}
    counts = {A: {T0 + 70: (1, 0)}, B: {T0 + 70: (2, 0), T0 + 71: (4, 1)}}
    file = batch(1, counts, epoch=OLD, spans=[span(B, T0 + 80, T0 + 90, 8)], **doubt)
    plant.record(file)
    plant.owner(B, ONE)
    (item,) = (row["id"] for row in plant.sql("select id from quarentena"))
    ask(plant, item)
    with plant.connection.transaction(force_rollback=True):
        assert changes(plant, lambda: plant.record({**file, "reprocessar": item}), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +60: producao 10:2 11:4, rejeicao 11:1, total_producao 6, total_rejeicao 1,
        … sem_ordem_producao 6, sem_ordem_rejeicao 1
        contagens_intervalo SPEP-ENV-B +80 +90 8: situacao SEM_ORDEM, arquivo_id 1, byte_de 1430809827, byte_ate
        … 1430809877
        contagens_em_duvida 1 SPEP-ENV-B: contados [[+70, 2, 0], [+71, 4, 1]]
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        """)
    plant.call(plant.boss, "decidir_relogio", p_id=1, p_decisao="DESLOCAR", p_deslocar_s=60, p_motivo="relógio visto")
    with plant.as_role("service_role"):
        plant.one("select aplicar_decisoes_relogio(10)")
    assert changes(plant, lambda: plant.record({**file, "reprocessar": item}), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 10:2 11:4, rejeicao 11:1, total_producao 6, total_rejeicao 1,
        … sem_ordem_producao 6, sem_ordem_rejeicao 1
        contagens_intervalo SPEP-ENV-B +20 +30 8: situacao SEM_ORDEM, arquivo_id 1, byte_de 1430809827, byte_ate
        … 1430809877
        quarentena 1: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        """)


def test_p1_a_loose_stage_is_read_again_alone(plant: Database) -> None:
    one = loose("x.txt", "", "ab", {A: {T0: (1, 0)}, B: {T0: (2, 0)}})
    two = loose("x.txt", "ab", "abcd", {B: {T0 + 9: (3, 1)}}, "v2")
    plant.record(one, two)
    plant.owner(B, "avulso")
    for row in plant.sql("select id from quarentena where linha_id = %s", B):
        ask(plant, row["id"])
    last = plant.one("select max(id) from quarentena")
    assert plant.record({**two, "reprocessar": last, "prefixo": one["prefixo"]})[0]["situacao"] == "PREFIXO"
    assert changes(plant, lambda: plant.record({**two, "reprocessar": last}), TABLES) == told("""
        contagens_minuto SPEP-ENV-B +0: producao 9:3, rejeicao 9:1, total_producao 3, total_rejeicao 1,
        … sem_ordem_producao 3, sem_ordem_rejeicao 1
        quarentena 3: resolvida_em - -> now, decisao - -> REPROCESSADO, decisao_motivo - -> conferido,
        … resolvida_por - -> somebody, reprocessar_em now -> -
        """)
