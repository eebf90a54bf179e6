"""Is a file new? What the ledger says of it, row by row, beside rows of other files, gateways, épocas and versions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from local.stack.database import T0, Database, iso, sha
from tests.support.rows import answers, changes, told

A, B, C = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"
ONE, TWO = "planta-1", "planta-2"
OLD, NEW = "a" * 32, "b" * 32
KEY, OTHER = "contagens/esta", "contagens/outra"
Row = dict[str, Any]


def ledger(db: Database, kind: str, **columns: Any) -> int:
    """A row of the ledger; returns its number."""
    common = {"bucket": "teste", "chave": KEY, "tamanho": 9, "sha256": sha("x"), "gravado_em": iso(T0), "registros": 1}
    of_kind: Row = {"gateway": ONE, "epoca": OLD, "seq": 1} if kind == "gateway" else {}
    row = {"tipo": kind, "situacao": "APLICADO", **common, **of_kind, **columns}
    names = ", ".join(row)
    return int(
        db.one(
            f"insert into arquivos_ingeridos ({names}) values ({', '.join(['%s'] * len(row))}) returning id",
            *(json.dumps(v) if isinstance(v, list) else v for v in row.values()),
        )
    )


def quarantined(db: Database, file: int | None = None, **columns: Any) -> int:
    """A quarantine item of a file; returns its number."""
    row = {"arquivo_id": file, "bucket": "teste", "chave": KEY, "motivo": "TORN", "detalhe": "rasgado", **columns}
    return int(
        db.one(
            f"insert into quarentena ({', '.join(row)}) values ({', '.join(['%s'] * len(row))}) returning id",
            *row.values(),
        )
    )


DISCARDED = {"decisao": "DESCARTADO", "resolvida_em": iso(T0)}
ASKED = {"reprocessar_em": iso(T0)}
REFUSED = {"motivo": "TORN", "detalhe": "falta o fim."}


@contextmanager
def undone(db: Database) -> Iterator[None]:
    """What is done here is taken back afterwards."""
    with db.connection.transaction(force_rollback=True):
        yield


def entry(**more: Any) -> str:
    return json.dumps({"chave": KEY, "versao_id": "v2", "gateway": ONE, "epoca": OLD, "seq": 5, **more})


def told_of(db: Database, function: str, *arguments: object) -> str:
    places = ", ".join(["%s"] * len(arguments))
    (line,) = answers(db, f"select * from interno.{function}({places})", *arguments)
    return line


@pytest.fixture
def known(db: Database) -> Database:
    db.gateway(ONE)
    db.gateway(TWO)
    db.sql("update parametros set valor = 100 where nome = 'SEQ_INICIAL_MAXIMA'")
    return db


def test_p1_what_speaks_against_a_batch_that_is_not_counted(known: Database) -> None:
    found = []
    for rows, asked, wanted in (
        ([], {}, False),
        ([], {"seq": 101}, False),
        ([], {"seq": 101, "rejeitado": REFUSED}, False),
        ([], {"seq": 101}, True),
        ([], {"seq": 101, "rejeitado": REFUSED}, True),
        ([], {"rejeitado": REFUSED}, False),
        ([], {"rejeitado": {"detalhe": "nada"}}, False),
        ([], {"gateway": "planta-9"}, False),
        ([{"chave": OTHER, "seq": 5}], {}, False),
        ([{"chave": KEY, "seq": 5}], {}, False),
        ([{"chave": OTHER, "seq": 6}], {}, False),
        ([{"chave": OTHER, "seq": 5, "epoca": NEW}], {}, False),
        ([{"chave": OTHER, "seq": 5, "gateway": TWO}], {}, False),
        ([{"chave": OTHER, "seq": 5, "situacao": "QUARENTENA", "motivo": "TORN"}], {}, False),
        ([{"chave": OTHER, "seq": 5, "situacao": "QUARENTENA", "motivo": "SEQ_DUPLICADA"}], {}, False),
        ([{"chave": OTHER, "seq": 5, "situacao": "QUARENTENA", "motivo": "SEQ_ABSURDA"}], {}, False),
    ):
        with undone(known):
            for row in rows:
                ledger(known, "gateway", **row)
            found.append(told_of(known, "motivo_contra_lote", entry(**asked), wanted))
    assert found == told("""
        - | -
        SEQ_ABSURDA | O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até 100.
        SEQ_ABSURDA | O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até 100.
        … falta o fim.
        - | -
        TORN | falta o fim.
        TORN | falta o fim.
        - | -
        GATEWAY_DESCONHECIDO | O gateway planta-9 não está cadastrado.
        SEQ_DUPLICADA | O envio 5 desta instalação já chegou com outro conteúdo.
        - | -
        - | -
        - | -
        - | -
        SEQ_DUPLICADA | O envio 5 desta instalação já chegou com outro conteúdo.
        - | -
        - | -
        """)


QUARANTINED = {"situacao": "QUARENTENA", "motivo": "TORN"}


def test_p1_whether_a_batch_is_new(known: Database) -> None:
    found = []
    for n, (rows, asked) in enumerate[tuple[list[tuple[Row, Row | None]], Row]](
        (
            ([], {}),
            ([], {"rejeitado": REFUSED}),
            ([({"versao_id": "v2"}, None)], {}),
            ([({"versao_id": "v1"}, None)], {}),
            ([({"versao_id": "v1"}, None)], {"rejeitado": REFUSED}),
            ([({"versao_id": "v2"}, None)], {"rejeitado": REFUSED}),
            ([({"versao_id": None}, None)], {"rejeitado": REFUSED, "versao_id": None}),
            ([({"versao_id": "v1"}, None), ({"versao_id": "v2", **QUARANTINED}, {})], {"rejeitado": REFUSED}),
            ([({"versao_id": "v2", **QUARANTINED}, {}), ({"versao_id": "v1"}, None)], {"rejeitado": REFUSED}),
            ([({"chave": OTHER, "versao_id": "v2", "seq": 2}, None)], {}),
            (
                [({"chave": OTHER, "versao_id": "v2", "seq": 2}, None), ({"versao_id": "v1"}, None)],
                {"rejeitado": REFUSED},
            ),
            ([({"versao_id": "v1", **QUARANTINED}, {})], {}),
            ([({"versao_id": "v1", **QUARANTINED}, {}), ({"versao_id": "v0", **QUARANTINED}, {})], {}),
            ([({"versao_id": "v2", **QUARANTINED}, {})], {"rejeitado": REFUSED}),
            ([({"versao_id": "v1", **QUARANTINED}, DISCARDED)], {}),
            ([({"versao_id": "v1", **QUARANTINED}, DISCARDED)], {"rejeitado": REFUSED}),
            ([({"versao_id": "v1", **QUARANTINED}, DISCARDED)], {"seq": 101}),
            ([({"versao_id": "v1", **QUARANTINED}, {**DISCARDED, "motivo": "COLUNAS"})], {}),
            ([({"versao_id": "v2", **QUARANTINED}, DISCARDED)], {}),
            ([({"versao_id": "v2", **QUARANTINED}, DISCARDED), ({"versao_id": "v2", **QUARANTINED}, ASKED)], {}),
            ([({"versao_id": "v2", **QUARANTINED}, DISCARDED), ({"versao_id": "v1", **QUARANTINED}, ASKED)], {}),
            ([({"versao_id": "v2", **QUARANTINED}, {**DISCARDED, **ASKED})], {}),
            ([({"versao_id": "v2", **QUARANTINED}, ASKED)], {}),
            ([({"versao_id": "v2", **QUARANTINED}, ASKED)], {"seq": 101}),
            ([({"versao_id": "v2", **QUARANTINED}, {})], {"seq": 101}),
            ([({"versao_id": "v2", **QUARANTINED}, {**ASKED, **DISCARDED, "decisao": "REPROCESSADO"})], {"seq": 101}),
            ([({"versao_id": "v2", **QUARANTINED}, {}), ({"chave": OTHER, **QUARANTINED, "seq": 3}, DISCARDED)], {}),
            (
                [({"versao_id": "v2", **QUARANTINED}, {}), ({"chave": OTHER, **QUARANTINED, "seq": 3}, ASKED)],
                {"seq": 101},
            ),
        )
    ):
        with undone(known):
            known.sql("alter table arquivos_ingeridos alter id restart 1")
            for row, item in rows:
                file = ledger(known, "gateway", **row)
                if item is not None:
                    quarantined(known, file, **item)
            ledger(known, "avulso", versao_id="v2", aceito_tamanho=0)
            found.append(f"{n}: {told_of(known, 'reconhecer_lote', entry(**asked))}")
    assert found == told("""
        0: APLICAR | - | - | -
        1: QUARENTENAR | TORN | falta o fim. | -
        2: JA_APLICADO | - | - | -
        3: JA_APLICADO | - | - | -
        4: QUARENTENAR | OBJETO_ALTERADO | O objeto foi gravado de novo depois de contado, com outro conteúdo:
        … falta o fim. A contagem feita vale. | -
        5: JA_APLICADO | - | - | -
        6: JA_APLICADO | - | - | -
        7: QUARENTENA | OBJETO_ALTERADO | O objeto foi gravado de novo depois de contado, com outro conteúdo:
        … falta o fim. A contagem feita vale. | -
        8: QUARENTENA | OBJETO_ALTERADO | O objeto foi gravado de novo depois de contado, com outro conteúdo:
        … falta o fim. A contagem feita vale. | -
        9: APLICAR | - | - | -
        10: QUARENTENAR | OBJETO_ALTERADO | O objeto foi gravado de novo depois de contado, com outro conteúdo:
        … falta o fim. A contagem feita vale. | -
        11: APLICAR | - | - | 1
        12: APLICAR | - | - | 2
        13: QUARENTENA | TORN | falta o fim. | -
        14: QUARENTENAR | OBJETO_ALTERADO | O objeto foi gravado de novo depois de descartado: agora está íntegro
        … e pode ser contado. | -
        15: QUARENTENAR | OBJETO_ALTERADO | O objeto foi gravado de novo depois de descartado: falta o fim. | -
        16: QUARENTENAR | SEQ_ABSURDA | O envio 101 é alto demais para o primeiro recebido de uma instalação;
        … esperado até 100. | -
        17: APLICAR | - | - | 1
        18: QUARENTENA | TORN | - | -
        19: APLICAR | - | - | 2
        20: QUARENTENA | TORN | - | -
        21: QUARENTENA | TORN | - | -
        22: APLICAR | - | - | 1
        23: APLICAR | - | - | 1
        24: QUARENTENA | TORN | O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até
        … 100. | -
        25: QUARENTENA | TORN | O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até
        … 100. | -
        26: APLICAR | - | - | 1
        27: QUARENTENA | TORN | O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até
        … 100. | -
        """)


def loose(**more: Any) -> Row:
    """A stage of a loose file, `size` bytes of it accepted."""
    size = more.pop("size", 10)
    return {
        "aceito_tamanho": size,
        "aceito_sha256": sha(f"{size}") if size else None,
        "inicio_sha256": sha("i"),
        **more,
    }


def test_p1_the_longest_counted_part_of_a_content_is_where_it_goes_on(known: Database) -> None:
    found = []
    for n, (rows, start) in enumerate(
        (
            ([], sha("i")),
            ([loose()], sha("i")),
            ([loose(), loose(size=20)], sha("i")),
            ([loose(size=20), loose()], sha("i")),
            ([loose(size=20), loose()], None),
            ([loose(size=20), loose()], sha("j")),
            ([loose(), loose(size=20, chave=OTHER)], sha("i")),
            ([loose(), loose(size=20, chave=OTHER)], None),
            ([loose(chave=OTHER)], None),
            ([loose(chave=OTHER)], sha("i")),
            ([loose(chave=OTHER)], sha("j")),
            ([loose(chave=OTHER), loose(chave=OTHER, aceito_sha256=sha("y"))], sha("i")),
            ([loose(), loose(size=20, situacao="QUARENTENA", motivo="X")], sha("i")),
            ([loose(), loose(size=20, situacao="QUARENTENA", motivo="X")], None),
            ([loose(), loose(size=20, situacao="REPETIDO")], sha("i")),
            ([loose(), loose(size=0)], None),
            ([loose(size=0)], None),
            ([loose(size=0, inicio_sha256=None)], sha("i")),
            ([loose(inicio_sha256=None)], sha("i")),
        )
    ):
        with undone(known):
            known.sql("alter table arquivos_ingeridos alter id restart 1")
            for row in rows:
                ledger(known, "avulso", **row)
            ledger(known, "gateway")
            asked = "select id, aceito_tamanho, chave from interno.prefixo_avulso(%s, %s)"
            found += [f"{n}: {line}" for line in answers(known, asked, KEY, start)]
    assert found == told("""
        0: - | - | -
        1: 1 | 10 | contagens/esta
        2: 2 | 20 | contagens/esta
        3: 1 | 20 | contagens/esta
        4: 2 | 10 | contagens/esta
        5: 2 | 10 | contagens/esta
        6: 2 | 20 | contagens/outra
        7: 1 | 10 | contagens/esta
        8: - | - | -
        9: 1 | 10 | contagens/outra
        10: - | - | -
        11: 1 | 10 | contagens/outra
        12: 1 | 10 | contagens/esta
        13: 1 | 10 | contagens/esta
        14: 2 | 20 | contagens/esta
        15: 1 | 10 | contagens/esta
        16: - | - | -
        17: - | - | -
        18: 1 | 10 | contagens/esta
        """)


def test_p1_whether_a_loose_file_is_new(known: Database) -> None:
    grown = {"aceito": {"tamanho": 20, "sha256": sha("20")}, "prefixo": {"tamanho": 10, "sha256": sha("10")}}
    first = {**grown, "prefixo": {"tamanho": 0, "sha256": None}}
    refused = {**grown, "rejeitado": REFUSED}
    held = {"situacao": "QUARENTENA", "motivo": "TORN", "versao_id": "v2", "tamanho": 30}
    found = []
    for n, (rows, asked) in enumerate[tuple[list[tuple[Row, Row | None]], Row]](
        (
            ([], first),
            ([], grown),
            ([(loose(), None)], grown),
            ([(loose(), None)], first),
            ([(loose(), None)], {**grown, "prefixo": {"tamanho": 10, "sha256": sha("11")}}),
            ([(loose(size=0), None)], first),
            ([(loose(size=20), None)], grown),
            ([(loose(size=20, situacao="REPETIDO"), None)], grown),
            ([(loose(size=20, chave=OTHER), None)], grown),
            ([(loose(size=20, chave=OTHER, situacao="REPETIDO"), None)], {**first, "inicio_sha256": None}),
            ([(loose(size=20, chave=OTHER, aceito_sha256=sha("x")), None)], {**grown, "inicio_sha256": None}),
            ([(loose(size=20, aceito_sha256=sha("x")), None)], grown),
            ([(loose(size=21, aceito_sha256=sha("20")), None)], grown),
            ([(loose(size=20, situacao="QUARENTENA", motivo="X"), None)], first),
            ([(loose(size=20, chave=OTHER, situacao="QUARENTENA", motivo="X"), None)], first),
            ([(loose(size=0, chave=OTHER), None)], {"aceito": {"tamanho": 0, "sha256": None}}),
            ([(loose(size=0), None)], {"aceito": {"tamanho": 0, "sha256": None}}),
            ([], refused),
            ([(held, None)], refused),
            ([({**held, "versao_id": "v1"}, None)], refused),
            ([({**held, "tamanho": 31}, None)], refused),
            ([({**held, "chave": OTHER}, None)], refused),
            (
                [({**loose(), **{k: v for k, v in held.items() if k != "motivo"}, "situacao": "APLICADO"}, None)],
                refused,
            ),
            ([(held, {})], first),
            ([(held, {}), (held, {}), ({**held, "tamanho": 31}, {})], first),
            ([(held, DISCARDED)], first),
            ([(held, {**DISCARDED, "decisao": "SUPERADO"})], first),
            ([(held, {}), ({**held, "chave": OTHER}, DISCARDED)], first),
        )
    ):
        with undone(known):
            known.sql("alter table arquivos_ingeridos alter id restart 1")
            for row, item in rows:
                file = ledger(known, "avulso", **row)
                if item is not None:
                    quarantined(known, file, **item)
            ledger(known, "gateway", versao_id="v2", tamanho=30, **{**loose(size=20), "inicio_sha256": None})
            entered = {"tipo": "avulso", "tamanho": 30, "inicio_sha256": sha("i"), **asked}
            found.append(f"{n}: {told_of(known, 'reconhecer_avulso', entry(**entered))}")
    assert found == told("""
        0: APLICAR | - | - | -
        1: PREFIXO | - | - | -
        2: APLICAR | - | - | -
        3: PREFIXO | - | - | -
        4: PREFIXO | - | - | -
        5: APLICAR | - | - | -
        6: JA_APLICADO | - | - | -
        7: JA_APLICADO | - | - | -
        8: REPETIDO | - | - | -
        9: APLICAR | - | - | -
        10: PREFIXO | - | - | -
        11: PREFIXO | - | - | -
        12: PREFIXO | - | - | -
        13: APLICAR | - | - | -
        14: APLICAR | - | - | -
        15: APLICAR | - | - | -
        16: JA_APLICADO | - | - | -
        17: QUARENTENAR | TORN | falta o fim. | -
        18: QUARENTENA | TORN | falta o fim. | -
        19: QUARENTENAR | TORN | falta o fim. | -
        20: QUARENTENAR | TORN | falta o fim. | -
        21: QUARENTENAR | TORN | falta o fim. | -
        22: QUARENTENAR | TORN | falta o fim. | -
        23: APLICAR | - | - | 1
        24: APLICAR | - | - | 2
        25: QUARENTENA | TORN | - | -
        26: APLICAR | - | - | 1
        27: APLICAR | - | - | 1
        """)


def epoch(db: Database, name: str, gateway: str = ONE, began: int = 0, through: int = 0, highest: int = 0) -> None:
    db.sql(
        "insert into epocas_gateway (gateway, epoca, inicio, ultima_seq_continua, maior_seq)"
        " values (%s, %s, %s, %s, %s)",
        *(gateway, name, iso(T0 + began), through, highest),
    )


DOUBTED = (
    "select case when isfinite(d) then extract(epoch from d)::bigint - %s::bigint end as s, d = 'infinity' as inf"
    " from interno.conhecer_epoca(%s, %s, %s, %s) as d"
)


def test_p1_what_another_epoch_may_have_counted_is_in_doubt(known: Database) -> None:
    third = "c" * 32
    for name, gateway, began in ((OLD, ONE, 0), (OLD, TWO, 5), (NEW, ONE, 100)):
        epoch(known, name, gateway, began)
    found = []
    for gateway, name, began, before in (
        (ONE, OLD, 0, False),
        (ONE, OLD, -10, False),
        (ONE, NEW, 100, False),
        (ONE, NEW, 90, False),
        (ONE, NEW, 110, False),
        (ONE, NEW, 0, False),
        (ONE, NEW, -1, False),
        (ONE, NEW, 100, True),
        (TWO, OLD, 5, True),
        (TWO, NEW, 6, False),
        (ONE, third, 200, False),
        (ONE, third, 50, False),
    ):
        with undone(known):
            knew: list[str] = []

            def ask(*asked: object, into: list[str] = knew) -> None:
                into += answers(known, DOUBTED, T0, *asked)

            moved = changes(known, partial(ask, gateway, name, iso(T0 + began), before), ["epocas_gateway"])
            found += [f"{gateway} {name[0]} {began} {before}: {knew[0]}", *(line[:90] for line in moved)]
    assert found == told("""
        planta-1 a 0 False: - | -
        planta-1 a -10 False: - | -
        epocas_gateway planta-1 aaaa~: inicio +0 -> -10
        planta-1 b 100 False: 100 | False
        planta-1 b 90 False: 90 | False
        epocas_gateway planta-1 bbbb~: inicio +100 -> +90
        planta-1 b 110 False: 100 | False
        planta-1 b 0 False: 0 | False
        epocas_gateway planta-1 bbbb~: inicio +100 -> +0
        planta-1 b -1 False: - | True
        epocas_gateway planta-1 bbbb~: inicio +100 -> -1
        planta-1 b 100 True: - | True
        planta-2 a 5 True: - | -
        planta-2 b 6 False: 6 | False
        epocas_gateway planta-2 bbbb~: numero 8, inicio +6
        planta-1 c 200 False: 200 | False
        epocas_gateway planta-1 cccc~: numero 9, inicio +200
        planta-1 c 50 False: - | True
        epocas_gateway planta-1 cccc~: numero 10, inicio +50
        """)


def test_p11_an_epoch_of_the_future_began_when_it_was_heard_of(known: Database) -> None:
    known.one("select interno.conhecer_epoca(%s, %s, now() + interval '3 hours', false)", ONE, OLD)
    assert known.one("select inicio <= clock_timestamp() from epocas_gateway")


MARKS = ["marcas_linha", "marcas_a_espera", "epocas_gateway"]


def marks(*given: tuple[str, int]) -> str:
    return json.dumps(
        [{"linha_id": line, "ate": iso(T0 + until), "estado": "ok", "relogio_ms": None} for line, until in given]
    )


@pytest.fixture
def sequences(known: Database) -> Database:
    """Época OLD of planta-1 is received up to 10; 12 and 14 wait. Others stand beside it."""
    epoch(known, OLD, ONE, 0, 10, 14)
    epoch(known, NEW, ONE, 0, 10, 14)
    epoch(known, OLD, TWO, 0, 10, 14)
    for gateway, name in ((ONE, OLD), (ONE, NEW), (TWO, OLD)):
        for seq, said in ((11, [(C, 1)]), (12, [(A, 12), (B, 2)]), (14, [(A, 14)])):
            if (gateway, name, seq) != (ONE, OLD, 11):
                known.sql("insert into marcas_a_espera values (%s, %s, %s, %s)", gateway, name, seq, marks(*said))
        known.sql(
            "insert into marcas_linha (linha_id, gateway, epoca, ate, estado) values (%s, %s, %s, %s, 'ok')",
            *(A, gateway, name, iso(T0 + 9)),
        )
    return known


def test_p4_marks_of_the_passed_sequences_come_into_force(sequences: Database) -> None:
    def advance(until: int, seq: int | None, *given: tuple[str, int]) -> list[str]:
        def call() -> None:
            sequences.one(
                "select interno.avancar_marcas(%s, %s, %s, %s, %s)::text", ONE, OLD, until, seq, marks(*given)
            )

        with undone(sequences):
            return changes(sequences, call, MARKS)

    assert advance(12, 11, (B, 11), (A, 11), ("SPEP-ENV-Z", 3)) == told("""
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +12
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        """)
    assert advance(14, None) == told("""
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +14
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        """)
    assert advance(11, 11, (A, 9), (C, 7)) == told("""
        marcas_linha SPEP-ENV-C planta-1 aaaa~: ate +7, estado ok
        """)
    assert advance(10, 11, (A, 30)) == told("")
    assert advance(13, 13, (A, 13)) == told("""
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +13
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        """)


def received(db: Database, seq: int, motive: str | None = None, *, gateway: str = ONE, name: str = OLD) -> None:
    """A sequence that the ledger has."""
    state = {"situacao": "QUARENTENA", "motivo": motive} if motive else {}
    ledger(db, "gateway", chave=f"{gateway}{name}{seq}", seq=seq, gateway=gateway, epoca=name, **state)


def voided(db: Database, since: int, until: int, gateway: str = ONE, name: str = OLD) -> None:
    db.sql(
        "insert into sequencias_anuladas (gateway, epoca, seq, motivo, usuario_id, ate_seq)"
        " values (%s, %s, %s, 'perdida', gen_random_uuid(), %s)",
        *(gateway, name, since, until),
    )


def test_p4_a_prefix_goes_as_far_as_nothing_is_missing(sequences: Database) -> None:
    def advance(seq: int | None, *given: tuple[str, int]) -> list[str]:
        said = marks(*given) if given else None
        return changes(
            sequences,
            lambda: sequences.one("select interno.avancar_epoca(%s, %s, %s, %s)::text", ONE, OLD, seq, said),
            MARKS,
        )

    def history(*rows: tuple[Any, ...]) -> None:
        for kind, *given in rows:
            (received if kind == "has" else voided)(sequences, *given)

    found: list[str] = []
    for title, rows, seq, given in (
        ("the next", [("has", 11)], 11, [(A, 11)]),
        ("out of order", [("has", 16)], 16, [(A, 16)]),
        ("out of order, without marks", [("has", 16)], 16, []),
        ("closes the gap", [("has", 11), ("has", 12), ("has", 14)], 11, [(B, 11)]),
        ("all", [("has", n) for n in (11, 12, 13, 14)], 13, [(B, 13)]),
        ("late again", [("has", 11)], 9, [(B, 13)]),
        ("absurd", [("has", 11, "SEQ_ABSURDA")], None, []),
        ("quarantined", [("has", 11, "TORN")], 11, []),
        ("voided", [("void", 11, 13), ("has", 14)], None, []),
        ("voided from before", [("void", 5, 8), ("void", 9, 12)], None, []),
        ("voided beyond what is known", [("void", 11, 30)], None, []),
        ("voided with a gap before it", [("void", 12, 30)], None, []),
        ("voided and received", [("void", 11, 13), ("has", 12), ("has", 14), ("has", 15)], 15, [(A, 15)]),
        ("others", [("has", 11), ("has", 12), ("has", 13), ("has", 15)], 20, [(A, 1)]),
    ):
        with undone(sequences):
            for gateway, name in ((ONE, NEW), (TWO, OLD)):
                for n in (11, 12, 13, 14, 15):
                    if title in ("others", "the next", "absurd"):
                        received(sequences, n, gateway=gateway, name=name)
                    elif title == "out of order" and n == 11:
                        voided(sequences, 11, 30, gateway, name)
            history(*rows)
            found += [f"{title}:", *advance(seq, *given)]
    with undone(sequences):
        sequences.sql("update epocas_gateway set ultima_seq_declarada = 20 where gateway = %s and epoca = %s", ONE, OLD)
        sequences.sql("update epocas_gateway set ultima_seq_declarada = 40, maior_seq = 50 where gateway = %s", TWO)
        voided(sequences, 11, 30)
        found += ["declared:", *advance(None)]
    assert found == told("""
        the next:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +11
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 11
        out of order:
        marcas_a_espera planta-1 aaaa~ 16: marcas [{"ate": +16, "estado": "ok", "linha_id": "SPEP-ENV-A",
        … "relogio_ms": null}]
        epocas_gateway planta-1 aaaa~: maior_seq 14 -> 16
        out of order, without marks:
        epocas_gateway planta-1 aaaa~: maior_seq 14 -> 16
        closes the gap:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +12
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 12
        all:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +14
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +13, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 14
        late again:
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 11
        absurd:
        quarantined:
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 11
        voided:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +14
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 14
        voided from before:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +12
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 12
        voided beyond what is known:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +14
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 14
        voided with a gap before it:
        voided and received:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +15
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 15, maior_seq 14 -> 15
        others:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +12
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 20: marcas [{"ate": +1, "estado": "ok", "linha_id": "SPEP-ENV-A",
        … "relogio_ms": null}]
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 13, maior_seq 14 -> 20
        declared:
        marcas_linha SPEP-ENV-A planta-1 aaaa~: ate +9 -> +14
        marcas_linha SPEP-ENV-B planta-1 aaaa~: ate +2, estado ok
        marcas_a_espera planta-1 aaaa~ 12: gone
        marcas_a_espera planta-1 aaaa~ 14: gone
        epocas_gateway planta-1 aaaa~: ultima_seq_continua 10 -> 20
        """)


def test_p7_a_voided_sequence_that_comes_is_in_the_trail(sequences: Database) -> None:
    voided(sequences, 20, 22)
    voided(sequences, 30, 32, gateway=TWO)
    voided(sequences, 40, 42, name=NEW)
    said = json.loads(marks((A, 50), (B, 70)))
    found = []
    for seq, applied, given in (
        (19, True, said),
        (20, True, said),
        (22, False, said),
        (23, True, {"a": 1}),
        (31, True, None),
        (41, True, said),
    ):
        file = entry(seq=seq, **({} if given is None else {"marcas": given}))
        call = "select interno.receber_sequencia(7, %s, %s, %s)::text"
        found += changes(sequences, partial(sequences.one, call, file, applied, iso(T0 + 60)), MARKS)
    trail = "select papel, objeto, depois from trilha_auditoria where acao ="
    assert found == told("""
        marcas_a_espera planta-1 aaaa~ 19: marcas [{"ate": +50, "estado": "ok", "linha_id": "SPEP-ENV-A",
        … "relogio_ms": null}, {"ate": +60, "estado": "ok", "linha_id": "SPEP-ENV-B", "relogio_ms": null}]
        epocas_gateway planta-1 aaaa~: maior_seq 14 -> 19
        marcas_a_espera planta-1 aaaa~ 20: marcas [{"ate": +50, "estado": "ok", "linha_id": "SPEP-ENV-A",
        … "relogio_ms": null}, {"ate": +60, "estado": "ok", "linha_id": "SPEP-ENV-B", "relogio_ms": null}]
        epocas_gateway planta-1 aaaa~: maior_seq 19 -> 20
        epocas_gateway planta-1 aaaa~: maior_seq 20 -> 22
        epocas_gateway planta-1 aaaa~: maior_seq 22 -> 23
        epocas_gateway planta-1 aaaa~: maior_seq 23 -> 31
        marcas_a_espera planta-1 aaaa~ 41: marcas [{"ate": +50, "estado": "ok", "linha_id": "SPEP-ENV-A",
        … "relogio_ms": null}, {"ate": +60, "estado": "ok", "linha_id": "SPEP-ENV-B", "relogio_ms": null}]
        epocas_gateway planta-1 aaaa~: maior_seq 31 -> 41
        """)
    assert answers(sequences, f"{trail} 'sequencia_anulada_chegou' order by id") == told("""
        SISTEMA | arquivos_ingeridos:7 | {"seq": 20, "epoca": "aaaa~", "gateway": "planta-1"}
        SISTEMA | arquivos_ingeridos:7 | {"seq": 22, "epoca": "aaaa~", "gateway": "planta-1"}
        """)
