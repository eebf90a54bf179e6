"""A lot of two lines with everything a dossier shows, through the parser and the functions of people."""

from local.stack.database import T0
from sicfar.counts.batch import Mark
from tests.support.bucket import Bucket, Gateway, record

A, HAND = "SPEP-ENV-A", "SPEP-EMB-EST02"
DAY, OP, OPEN = "2026-03-15", "000123", "000124"
HOSTILE = "</style><script>alert(1)</script>\" onload='x' {{ 7*7 }} & <img src=//fora.example/x>"
HOUR = 3_600


def lot_story(bucket: Bucket) -> None:
    """A lot of two lines, over a change of shift: counted, doubted, typed, signed, closed, adjusted."""
    db, one = bucket.db, Gateway("planta-1")
    db.gateway("planta-1", A)
    db.owner(HAND, "manual")
    db.lot(OP, OPEN)
    db.sql("update produtos set descricao = %s", HOSTILE)
    boss, manager = db.person("SUPERVISOR"), db.person("GESTOR")
    end = T0 + 11 * HOUR
    for line in (A, HAND):
        db.open(boss, OP, line, T0)
    held = record(A, 3 * HOUR, 50, since=2 * HOUR, flags="implausivel")
    records = [record(A, n, 2, n % 2) for n in range(0, 11 * HOUR, 677)]
    bucket.send(one.seal([*records, held], [Mark(A, (T0 + 86_400) * 1000, "ok", None)], garbage=[b"lixo"]))
    bucket.send(Gateway("planta-2").seal([record(A, 70, 3)]))
    db.shut(boss, OP, A, end)
    db.shut(boss, OP, HAND, T0 + 2 * HOUR)
    db.open(boss, OPEN, A, end)
    number = db.one("select id from contagens_retidas")
    db.call(boss, "decidir_retido", p_id=number, p_decisao="ATRIBUIR", p_numero_op=OP, p_motivo=HOSTILE)
    for made in (120, 118):
        counted = {"p_numero_op": OP, "p_linha_id": HAND, "p_data": DAY, "p_turno": "D1", "p_producao": made}
        db.call(boss, "registrar_contagem_manual", **counted, p_rejeicao=2, p_motivo="contado de novo")
    db.call(boss, "registrar_refugo", p_numero_op=OP, p_linha_id=A, p_quantidade=4, p_tipo="RETEM", p_em=T0 + HOUR)
    for row in db.sql("select * from quarentena where resolvida_em is null"):
        db.call(manager, "resolver_quarentena", p_id=row["id"], p_motivo="conferido, é de outra fonte")
    for _ in range(2):
        for line, shift in ((A, "D1"), (A, "N1"), (HAND, "D1")):
            db.sign(boss, line, DAY, shift, "conferido de novo")
        db.close_lots()
    assert db.one("select status from lotes_producao where numero_op = %s", OP) == "CONCLUIDO", db.missing(OP)
    assert bucket.send(one.seal([record(A, 300, 5)])) == ["APLICADO"]
    db.close_lots()
    db.sign(boss, A, DAY, "D1", "chegou tarde")
    db.close_lots()
    db.call(manager, "decidir_ajustes", p_numero_op=OP, p_decisao="APROVAR", p_motivo="chegou tarde")
    db.sql(
        "insert into tentativas_integracao (em, sistema, sentido, operacao, resultado, envio_id, corpo, resposta)"
        " select now(), 'TOTVS', 'SAIDA', 'production', 'OK', id, %s, %s from envios_totvs",
        '{"boas": 1}',
        HOSTILE,
    )
