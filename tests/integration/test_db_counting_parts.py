"""The parts that counting is made of, each asked by itself: every edge of a condition, beside rows of somebody else."""

import json
from datetime import datetime
from typing import Any

import psycopg

from local.stack.database import T0, Database, iso
from tests.support.rows import answers, told

A, B, C = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-C"
OLD, NEW = "a" * 32, "b" * 32


def vector(**seconds: int) -> list[int]:
    """A minute's 60 seconds: `s3=7` is seven in its second 3."""
    return [seconds.get(f"s{second}", 0) for second in range(60)]


def value(db: Database, call: str, *parameters: object) -> Any:
    return db.one(f"select {call}", *parameters)


def period(db: Database, op: str, line: str, since: int, until: int | None, made: int = 8, rejected: int = 1) -> None:
    """An order on a line, with its factors."""
    db.sql(
        "insert into periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)"
        " values (%s, %s, tstzrange(%s, %s), %s, %s)",
        *(op, line, iso(T0 + since), iso(T0 + until) if until is not None else None, made, rejected),
    )


def test_p1_the_seconds_of_a_minute_are_added_and_taken(db: Database) -> None:
    one, two = vector(s0=1, s59=2), vector(s0=4, s7=5)
    assert value(db, "interno.somar_vetores(%s, %s)", one, two) == vector(s0=5, s7=5, s59=2)
    assert value(db, "interno.somar_vetores(%s, %s)", one, None) == one
    assert value(db, "interno.somar_vetores(null, %s)", two) == two
    less = [-amount for amount in vector(s0=3, s59=1)]
    assert value(db, "interno.diminuir_vetor(%s, %s)", one, less) == vector(s59=1)
    assert value(db, "interno.diminuir_vetor(%s, null)", one) == one
    assert value(db, "interno.diminuir_vetor(null, %s)", less) is None
    assert value(db, "interno.por_no_vetor(null, 0, 3)") == vector(s0=3)
    assert value(db, "interno.por_no_vetor(%s, 59, 3)", one) == vector(s0=1, s59=5)
    seconds = "interno.somar_segundos(%s::int[], %s::int[], %s::int[])"
    assert value(db, seconds, one, [0, 59, 7], [2, 0, 1]) == vector(s0=3, s7=1, s59=2)
    assert value(db, seconds, None, [3, 4], [0, 6]) == vector(s4=6)
    assert value(db, seconds, None, [3], [0]) is None
    assert value(db, "interno.soma_vetor(%s)", one) == 3
    assert value(db, "interno.soma_vetor(null)") == 0


def test_p1_who_counts_locks_its_lines_and_files_and_no_other(db: Database) -> None:
    with psycopg.connect(db.url) as first, psycopg.connect(db.url) as second:
        first.execute("select interno.travar_linhas(%s)", ([B, A],))
        free = second.execute("select linha_id from linhas for no key update skip locked").fetchall()
        every = second.execute("select linha_id from linhas").fetchall()
        assert {line for (line,) in every} - {line for (line,) in free} == {A, B}
        first.execute("select interno.travar_chaves(array['um', 'outro', 'um', null])")
        locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        assert first.execute(locks).fetchone() == (2,)


def test_p1_a_second_overflows_by_what_its_own_line_holds(db: Database) -> None:
    top = 2_147_483_647
    stored = "insert into contagens_minuto values (%s, %s, %s, %s)"
    db.sql(stored, A, iso(T0), vector(s5=top - 10), vector(s5=top - 20))
    db.sql(stored, B, iso(T0 + 60), None, vector(s5=1))
    over = "interno.transbordaria(%s, %s, %s, %s)"
    for line, second, made, rejected, expected in (
        (A, 5, 10, 20, False),
        (A, 5, 11, 0, True),
        (A, 5, 0, 21, True),
        (A, 6, top, top, False),
        (A, 6, top + 1, 0, True),
        (A, 65, top + 1, 0, False),  # nothing is stored of that minute
        (B, 65, top, 0, False),
        (B, 65, top + 1, 0, True),
        (B, 65, 0, top - 1, False),
        (B, 65, 0, top, True),
        (B, 5, 11, 21, False),
    ):
        assert (value(db, over, line, T0 + second, made, rejected), line, second) == (expected, line, second)


def test_p2_an_orders_periods_are_as_if_the_change_were_made(db: Database) -> None:
    db.lot("000123", "000124", "000125")
    period(db, "000123", A, 0, 60)
    period(db, "000124", A, 60, 120)
    period(db, "000125", B, 0, None)
    asked = (
        "select numero_op, intervalo, fator_producao, fator_rejeicao from interno.periodos_da_linha("
        "%s, tstzrange(%s, %s, '[]'), (%s, %s, %s, tstzrange(%s, %s), 3, 2)::periodos_ordem) order by intervalo"
    )
    found = []
    for change in (
        (None, None, None, None, "-infinity"),
        (1, "000123", A, iso(T0), iso(T0 + 30)),
        (1, "000123", A, iso(T0 - 50), iso(T0 - 20)),
        (None, "000125", A, iso(T0 + 120), iso(T0 + 130)),
    ):
        for since, until in ((30, 59), (59, 60), (120, 125)):
            found += [f"{change[0]} {since}-{until}"]
            arguments = (A, iso(T0 + since), iso(T0 + until), change[0], change[1], change[2])
            interval = change[3:] if change[1] else (iso(T0), iso(T0))
            found += answers(db, asked, *arguments, *interval)
    assert found == told("""
        None 30-59
        000123 | [+0,+60) | 8 | 1
        None 59-60
        000123 | [+0,+60) | 8 | 1
        000124 | [+60,+120) | 8 | 1
        None 120-125
        1 30-59
        1 59-60
        000124 | [+60,+120) | 8 | 1
        1 120-125
        1 30-59
        1 59-60
        000124 | [+60,+120) | 8 | 1
        1 120-125
        None 30-59
        000123 | [+0,+60) | 8 | 1
        None 59-60
        000123 | [+0,+60) | 8 | 1
        000124 | [+60,+120) | 8 | 1
        None 120-125
        000125 | [+120,+130) | 3 | 2
        """)


def test_p2_a_span_belongs_to_the_one_order_that_covers_it(db: Database) -> None:
    db.lot("000123", "000124", "000125")
    period(db, "000123", A, 0, 60, 8, 2)
    period(db, "000124", A, 90, None, 4, 3)
    period(db, "000125", B, 0, None, 7, 7)
    asked = "select * from interno.situar_intervalo(%s, %s, %s, %s)"
    found = []
    for since, until, implausible in (
        (0.0, 59.9, False),
        (0.9, 60.0, False),
        (-0.1, 5.0, False),
        (-1.0, -0.1, False),
        (59.9, 60.9, False),
        (60.0, 89.9, False),
        (89.9, 90.0, False),
        (90.0, 500.0, False),
        (59.0, 90.0, False),
        (10.0, 20.0, True),
        (61.0, 62.0, True),
        (59.0, 60.0, True),
    ):
        found += [f"{since} {until} {implausible}:"]
        found[-1] += f" {answers(db, asked, A, iso(T0 + since), iso(T0 + until), implausible)[0]}"
    assert found == told("""
        0.0 59.9 False: ATRIBUIDA | - | 000123 | 8 | 2
        0.9 60.0 False: RETIDA | FRONTEIRA | - | - | -
        -0.1 5.0 False: RETIDA | FRONTEIRA | - | - | -
        -1.0 -0.1 False: SEM_ORDEM | - | - | - | -
        59.9 60.9 False: RETIDA | FRONTEIRA | - | - | -
        60.0 89.9 False: SEM_ORDEM | - | - | - | -
        89.9 90.0 False: RETIDA | FRONTEIRA | - | - | -
        90.0 500.0 False: ATRIBUIDA | - | 000124 | 4 | 3
        59.0 90.0 False: RETIDA | FRONTEIRA | - | - | -
        10.0 20.0 True: RETIDA | IMPLAUSIVEL | - | - | -
        61.0 62.0 True: RETIDA | IMPLAUSIVEL | - | - | -
        59.0 60.0 True: RETIDA | IMPLAUSIVEL | - | - | -
        """)


def test_p1_assignments_without_a_gap_are_one_owner(db: Database) -> None:
    db.gateway("planta-1")
    db.owner(A, "planta-1", T0, T0 + 10)
    db.owner(A, "planta-1", T0 + 10, T0 + 20)
    db.owner(A, "planta-1", T0 + 20, T0 + 30, role="conferencia")
    db.owner(A, "planta-1", T0 + 40, None)
    db.owner(A, "planta-2", T0 + 30, T0 + 40)
    db.owner(B, "planta-1", T0 + 30, T0 + 40)
    found = []
    for since, until in ((-5, -1), (-5, 0), (0, 9), (10, 10), (20, 20), (19, 20), (30, 39), (39, 40), (50, 60)):
        found += [f"{since} {until}"]
        found += answers(
            db,
            "select papel, de, coalesce(nullif(ate, 'infinity'), %s) from"
            " interno.donos_da_linha(%s, 'planta-1', %s, %s) order by de",
            iso(T0 + 9999), A, iso(T0 + since), iso(T0 + until),
        )  # fmt: skip
    assert found == told("""
        -5 -1
        -5 0
        contagem | +0 | +10
        0 9
        contagem | +0 | +10
        10 10
        contagem | +10 | +20
        20 20
        conferencia | +20 | +30
        19 20
        contagem | +10 | +20
        conferencia | +20 | +30
        30 39
        39 40
        contagem | +40 | +9999
        50 60
        contagem | +40 | +9999
        """)


JUDGED = (
    "select linha_id, s - %s as s, em, producao, rejeicao, destino, motivos, papel, numero_op, fator_producao,"
    " fator_rejeicao, situacao, motivo, desde, ate, flags, byte_de, byte_ate, fonte_em"
    " from unnest(%s) order by linha_id, em, producao"
)


def judged(db: Database, function: str, *arguments: object) -> list[str]:
    """The increments a file is judged to have, one a line."""
    call = f"interno.{function}(%s::jsonb, %s, to_timestamp(%s), to_timestamp(%s))"
    return answers(db, JUDGED.replace("%s", str(T0), 1).replace("%s", call, 1), *arguments)


def floor(db: Database) -> None:
    """planta-1 counts A from T0 to T0+100 and from T0+200 on, and shows B; C is another's."""
    db.gateway("planta-1")
    db.owner(A, "planta-1", T0, T0 + 100)
    db.owner(A, "planta-1", T0 + 200, None)
    db.owner(B, "planta-1", T0, None, role="conferencia")
    db.owner(B, "planta-2", T0, None)
    db.owner(C, "planta-2", T0, None)
    db.lot("000123", "000124", "000125")
    period(db, "000123", A, 10, 60, 8, 2)
    period(db, "000124", A, 60, 90, 4, 3)
    period(db, "000125", B, 0, None, 7, 7)
    db.sql("update linhas set maximo_por_segundo = 50 where linha_id = %s", A)


def test_p1_each_second_of_a_file_is_judged_at_its_own_instant(db: Database) -> None:
    floor(db)
    line = {"byte_de": 5, "byte_ate": 9}
    seconds = [
        (0, 1, 0),
        (9, 1, 0),
        (10, 2, 1),
        (59, 3, 0),
        (60, 4, 0),
        (89, 5, 0),
        (90, 6, 0),
        (99, 7, 0),
        (100, 8, 0),
    ]
    more = [(199, 1, 1), (200, 0, 2), (201, 50, 50), (202, 51, 0), (203, 0, 51), (204, 0, 0), (300, 1, 0), (301, 1, 2)]
    lines = [
        {"linha_id": A, **line, "segundos": [[T0 + s, made, rejected] for s, made, rejected in (*seconds, *more)]},
        {"linha_id": A, "byte_de": 3, "byte_ate": 11, "segundos": [[T0 + 10, 5, 6]]},
        {"linha_id": B, **line, "segundos": [[T0 - 1, 1, 0], [T0, 1, 1], [T0 + 301, 2, 0], [T0 + 1, 1_000_001, 0]]},
        {"linha_id": B, **line, "segundos": [[T0 + 2, 0, 1_000_001], [T0 + 3, 1_000_000, 1_000_000]]},
        {"linha_id": C, **line, "segundos": [[T0 + 4, 1, 0], [T0 + 5, 1, 0]]},
        {"linha_id": "SPEP-ENV-Z", **line, "segundos": [[T0 + 4, 1, 0], [T0 + 5, 1, 0]]},
    ]
    file = {"linhas": lines}
    assert judged(db, "julgar_segundos", json.dumps(file), "planta-1", T0 - 5, T0 + 300) == told("""
        SPEP-ENV-A | 0 | +0 | 1 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 9 | +9 | 1 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 10 | +10 | 7 | 7 | CONTADA | [] | contagem | 000123 | 8 | 2 | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 59 | +59 | 3 | 0 | CONTADA | [] | contagem | 000123 | 8 | 2 | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 60 | +60 | 4 | 0 | CONTADA | [] | contagem | 000124 | 4 | 3 | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 89 | +89 | 5 | 0 | CONTADA | [] | contagem | 000124 | 4 | 3 | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 90 | +90 | 6 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 99 | +99 | 7 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 100 | +100 | 8 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 199 | +199 | 1 | 1 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 200 | +200 | 0 | 2 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 201 | +201 | 50 | 50 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 202 | +202 | 51 | 0 | RETIDA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +202 | +202
        … | ["implausivel"] | 5 | 9 | -
        SPEP-ENV-A | 203 | +203 | 0 | 51 | RETIDA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +203 | +203
        … | ["implausivel"] | 5 | 9 | -
        SPEP-ENV-A | 300 | +300 | 1 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 301 | +301 | 1 | 2 | FUTURA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +301 | +301
        … | ["implausivel", "futura"] | 5 | 9 | -
        SPEP-ENV-B | -1 | -1 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-B | 0 | +0 | 1 | 1 | CONFERENCIA | [] | conferencia | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-B | 1 | +1 | 1000001 | 0 | RETIDA | [] | conferencia | - | - | - | CONFERENCIA | - | +1 | +1 |
        … ["implausivel"] | 5 | 9 | -
        SPEP-ENV-B | 2 | +2 | 0 | 1000001 | RETIDA | [] | conferencia | - | - | - | CONFERENCIA | - | +2 | +2 |
        … ["implausivel"] | 5 | 9 | -
        SPEP-ENV-B | 3 | +3 | 1000000 | 1000000 | RETIDA | [] | conferencia | - | - | - | CONFERENCIA | - | +3 |
        … +3 | ["implausivel"] | 5 | 9 | -
        SPEP-ENV-B | 301 | +301 | 2 | 0 | FUTURA | [] | conferencia | - | - | - | CONFERENCIA | - | +301 | +301 |
        … ["implausivel", "futura"] | 5 | 9 | -
        SPEP-ENV-C | 4 | +4 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-C | 5 | +5 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-Z | 4 | +4 | 1 | 0 | QUARENTENA | ["LINHA_DESCONHECIDA"] | - | - | - | - | - | - | - | - | - | -
        … | - | -
        SPEP-ENV-Z | 5 | +5 | 1 | 0 | QUARENTENA | ["LINHA_DESCONHECIDA"] | - | - | - | - | - | - | - | - | - | -
        … | - | -
        """)
    few = json.dumps({"linhas": lines[3:]})
    assert judged(db, "julgar_segundos", few, "planta-1", T0 + 5, T0 + 300) == told("""
        SPEP-ENV-B | 2 | +2 | 0 | 1000001 | QUARENTENA | ["EPOCA_ANTERIOR"] | conferencia | - | - | - | - | - | -
        … | - | - | - | - | -
        SPEP-ENV-B | 3 | +3 | 1000000 | 1000000 | QUARENTENA | ["EPOCA_ANTERIOR"] | conferencia | - | - | - | - |
        … - | - | - | - | - | - | -
        SPEP-ENV-C | 4 | +4 | 1 | 0 | QUARENTENA | ["NAO_DONO", "EPOCA_ANTERIOR"] | - | - | - | - | - | - | - | -
        … | - | - | - | -
        SPEP-ENV-C | 5 | +5 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-Z | 4 | +4 | 1 | 0 | QUARENTENA | ["LINHA_DESCONHECIDA", "EPOCA_ANTERIOR"] | - | - | - | - | - |
        … - | - | - | - | - | - | -
        SPEP-ENV-Z | 5 | +5 | 1 | 0 | QUARENTENA | ["LINHA_DESCONHECIDA"] | - | - | - | - | - | - | - | - | - | -
        … | - | -
        """)
    alone = json.dumps({"linhas": [{"linha_id": A, **line, "segundos": [[T0 + 20, 1, 0], [T0 + 21, 1, 0]]}]})
    assert judged(db, "julgar_segundos", alone, "planta-1", None, T0 + 300) == told("""
        SPEP-ENV-A | 20 | +20 | 1 | 0 | CONTADA | [] | contagem | 000123 | 8 | 2 | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 21 | +21 | 1 | 0 | CONTADA | [] | contagem | 000123 | 8 | 2 | - | - | - | - | - | - | - | -
        """)
    assert judged(db, "julgar_segundos", alone, "planta-2", None, T0 + 300) == told("""
        SPEP-ENV-A | 20 | +20 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 21 | +21 | 1 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | - | - | - | - | - | - | - | -
        """)


def test_p1_a_second_that_would_overflow_its_line_is_held(db: Database) -> None:
    floor(db)
    db.sql("update linhas set maximo_por_segundo = null")
    db.owner("SPEP-ENV-D", "planta-1", T0, None)
    top = 2_147_483_647
    db.sql("insert into contagens_minuto values (%s, %s, %s, null)", A, iso(T0), vector(s5=top - 1_000_001))
    file = [{"linha_id": A, "segundos": [[T0 + 5, 1_000_001, 0], [T0 + 6, 999_999_999, 0], [T0 + 7, 1_000_000_000, 0]]}]
    assert judged(db, "julgar_segundos", json.dumps({"linhas": file}), "planta-1", None, T0 + 300) == told("""
        SPEP-ENV-A | 5 | +5 | 1000001 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 6 | +6 | 999999999 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        SPEP-ENV-A | 7 | +7 | 1000000000 | 0 | RETIDA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +7 | +7
        … | ["implausivel"] | - | - | -
        """)
    file = [{"linha_id": A, "segundos": [[T0 + 5, 1_000_002, 0]]}]
    assert judged(db, "julgar_segundos", json.dumps({"linhas": file}), "planta-1", None, T0 + 300) == told("""
        SPEP-ENV-A | 5 | +5 | 1000002 | 0 | RETIDA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +5 | +5 |
        … ["implausivel"] | - | - | -
        """)
    db.sql("update contagens_minuto set producao = %s", vector(s5=top))
    file = [{"linha_id": A, "segundos": [[T0 + 5, 1_000_000, 0]]}]  # so many are never held: it costs a look each
    assert judged(db, "julgar_segundos", json.dumps({"linhas": file}), "planta-1", None, T0 + 300) == told("""
        SPEP-ENV-A | 5 | +5 | 1000000 | 0 | CONTADA | [] | contagem | - | - | - | - | - | - | - | - | - | - | -
        """)


def test_p1_a_span_is_judged_from_end_to_end(db: Database) -> None:
    floor(db)

    def spans(*given: tuple[str, float, float, int, int]) -> str:
        return json.dumps({
            "intervalos": [
                {
                    "linha_id": line, "desde": iso(T0 + since), "ate": iso(T0 + until), "producao": made,
                    "rejeicao": rejected, "flags": ["reset"], "byte_de": n, "byte_ate": n + 1, "fonte": iso(T0 + n),
                }
                for n, (line, since, until, made, rejected) in enumerate(given)
            ]
        })  # fmt: skip

    given = spans(
        (A, 0.5, 9.9, 1, 0), (A, 10.0, 59.9, 0, 2), (A, 50, 60, 3, 0), (A, -0.1, 5, 4, 0), (A, 92, 99.9, 5, 0),
        (A, 99, 100, 6, 0), (A, 100, 150, 7, 0), (A, 200, 300, 8, 0), (A, 200, 300.1, 9, 0), (A, 95, 95, 0, 0),
        (B, 0, 60, 10, 1), (B, -1, 60, 11, 0), (C, 0, 60, 12, 0), ("SPEP-ENV-Z", 0, 60, 13, 0),
    )  # fmt: skip
    assert judged(db, "julgar_intervalos", given, "planta-1", None, T0 + 300) == told("""
        SPEP-ENV-A | - | +5 | 4 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | CONFERENCIA | - | -0.0999999 |
        … +5 | ["reset"] | 3 | 4 | +3
        SPEP-ENV-A | - | +9 | 1 | 0 | CONTADA | [] | contagem | - | - | - | SEM_ORDEM | - | +0.5 | +9.9 |
        … ["reset"] | 0 | 1 | +0
        SPEP-ENV-A | - | +59 | 0 | 2 | CONTADA | [] | contagem | 000123 | 8 | 2 | ATRIBUIDA | - | +10 | +59.9 |
        … ["reset"] | 1 | 2 | +1
        SPEP-ENV-A | - | +60 | 3 | 0 | CONTADA | [] | contagem | - | - | - | RETIDA | FRONTEIRA | +50 | +60 |
        … ["reset"] | 2 | 3 | +2
        SPEP-ENV-A | - | +99 | 5 | 0 | CONTADA | [] | contagem | - | - | - | SEM_ORDEM | - | +92 | +99.9 |
        … ["reset"] | 4 | 5 | +4
        SPEP-ENV-A | - | +100 | 6 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | CONFERENCIA | - | +99 | +100 |
        … ["reset"] | 5 | 6 | +5
        SPEP-ENV-A | - | +150 | 7 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | CONFERENCIA | - | +100 | +150
        … | ["reset"] | 6 | 7 | +6
        SPEP-ENV-A | - | +300 | 8 | 0 | CONTADA | [] | contagem | - | - | - | SEM_ORDEM | - | +200 | +300 |
        … ["reset"] | 7 | 8 | +7
        SPEP-ENV-A | - | +300 | 9 | 0 | CONTADA | [] | contagem | - | - | - | RETIDA | IMPLAUSIVEL | +200 | +300.1
        … | ["reset", "implausivel", "futura"] | 8 | 9 | +8
        SPEP-ENV-B | - | +60 | 10 | 1 | CONFERENCIA | [] | conferencia | - | - | - | CONFERENCIA | - | +0 | +60 |
        … ["reset"] | 10 | 11 | +10
        SPEP-ENV-B | - | +60 | 11 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | CONFERENCIA | - | -1 | +60 |
        … ["reset"] | 11 | 12 | +11
        SPEP-ENV-C | - | +60 | 12 | 0 | QUARENTENA | ["NAO_DONO"] | - | - | - | - | CONFERENCIA | - | +0 | +60 |
        … ["reset"] | 12 | 13 | +12
        SPEP-ENV-Z | - | +60 | 13 | 0 | QUARENTENA | ["LINHA_DESCONHECIDA"] | - | - | - | - | CONFERENCIA | - | +0
        … | +60 | ["reset"] | 13 | 14 | +13
        """)
    doubted = spans((A, 4.9, 6, 1, 0), (A, 5, 7, 2, 0), (C, 4, 6, 3, 0))
    assert judged(db, "julgar_intervalos", doubted, "planta-1", T0 + 5, T0 + 300) == told("""
        SPEP-ENV-A | - | +6 | 1 | 0 | QUARENTENA | ["EPOCA_ANTERIOR"] | contagem | - | - | - | CONFERENCIA | - |
        … +4.9 | +6 | ["reset"] | 0 | 1 | +0
        SPEP-ENV-A | - | +7 | 2 | 0 | CONTADA | [] | contagem | - | - | - | SEM_ORDEM | - | +5 | +7 | ["reset"] |
        … 1 | 2 | +1
        SPEP-ENV-C | - | +6 | 3 | 0 | QUARENTENA | ["NAO_DONO", "EPOCA_ANTERIOR"] | - | - | - | - | CONFERENCIA |
        … - | +4 | +6 | ["reset"] | 2 | 3 | +2
        """)


def test_p10_a_quarantine_item_says_every_reason_in_its_words(db: Database) -> None:
    call = "interno.detalhar_motivos(%s, 'planta-1', 'SPEP-ENV-A', %s, %s)"
    assert [
        value(db, call, reasons, mark, before)
        for reasons, mark, before in (
            (["LINHA_DESCONHECIDA"], None, None),
            (["NAO_DONO"], iso(T0), 7),
            (["EPOCA_ANTERIOR"], iso(T0), None),
            (["NAO_DONO", "EPOCA_ANTERIOR"], None, 7),
        )
    ] == told("""
        A linha SPEP-ENV-A não está cadastrada.
        A fonte planta-1 não conta a linha SPEP-ENV-A neste intervalo. É o que ficou sem contar do item 7, lido de
        … novo.
        O gateway planta-1, reinstalado, leu de novo o que é de antes de 15/03/2026 08:00:00, até onde já tinha
        … reportado: tudo indica que já foi contado.
        A fonte planta-1 não conta a linha SPEP-ENV-A neste intervalo. O gateway planta-1, reinstalado, leu o que
        … é de antes disso e que talvez não tenha enviado: talvez já contado. É o que ficou sem contar do item 7,
        … lido de novo.
        """)


def test_p1_an_unbelievable_sequence_is_measured_by_its_own_epoch(db: Database) -> None:
    db.gateway("planta-1")
    db.gateway("planta-2")
    db.sql("update parametros set valor = 100 where nome = 'SEQ_INICIAL_MAXIMA'")
    db.sql("update parametros set valor = 10 where nome = 'SEQ_SALTO_MAXIMO'")
    insert = "insert into epocas_gateway (gateway, epoca, maior_seq) values (%s, %s, %s)"
    for gateway, epoch, highest in (("planta-1", OLD, 500), ("planta-2", OLD, 5), ("planta-1", NEW, 50)):
        db.sql(insert, gateway, epoch, highest)
    call = "interno.seq_absurda(%s, %s, %s)"
    other = "c" * 32
    asked = (("planta-1", OLD, 510), ("planta-1", OLD, 511), ("planta-1", NEW, 61), ("planta-1", other, 100))
    found = [value(db, call, *one) for one in (*asked, ("planta-1", other, 101), ("planta-2", OLD, 16))]
    assert [str(one) for one in found] == told("""
        None
        O envio 511 está longe demais do último recebido desta instalação (500); esperado até 510.
        O envio 61 está longe demais do último recebido desta instalação (50); esperado até 60.
        None
        O envio 101 é alto demais para o primeiro recebido de uma instalação; esperado até 100.
        O envio 16 está longe demais do último recebido desta instalação (5); esperado até 15.
        """)


def test_p1_a_mark_is_no_later_than_its_batch(db: Database) -> None:
    marks = [{"linha_id": line, "ate": iso(T0 + at), "estado": "ok"} for line, at in ((B, 9), (A, 10), (C, 11))]
    call = "interno.limitar_marcas(%s::jsonb, %s)"
    timely = json.dumps(marks[:2])
    assert value(db, call, timely, iso(T0 + 10)) == marks[:2]
    found = value(db, call, json.dumps(marks), iso(T0 + 10))
    assert [(mark["linha_id"], datetime.fromisoformat(mark["ate"]).timestamp() - T0) for mark in found] == [
        (B, 9), (A, 10), (C, 10),
    ]  # fmt: skip
    never = value(db, call, json.dumps([{"linha_id": A, "ate": None}]), iso(T0 + 10))
    assert datetime.fromisoformat(never[0]["ate"]).timestamp() == T0 + 10
    arrived = "extract(epoch from interno.chegada(%s::jsonb))::bigint"
    assert value(db, arrived, json.dumps({"chegada": iso(T0)})) == T0 + 1
    assert value(db, "interno.chegada('{}') between now() and clock_timestamp()")


def test_p10_a_piece_is_of_an_epoch_somebody_decided_if_any_before_it_was(db: Database) -> None:
    insert = (
        "insert into quarentena (motivo, detalhe, linha_id, fonte, anterior_id) values (%s, '', %s, 'planta-1', %s)"
    )
    for motive, before in (
        ("EPOCA_ANTERIOR", None),
        ("NAO_DONO", 1),
        ("NAO_DONO", 2),
        ("NAO_DONO", None),
        ("EPOCA_ANTERIOR", 4),
    ):
        db.sql(insert, motive, A, before)
    found = [value(db, "interno.epoca_decidida(%s)", item) for item in range(1, 7)]
    assert found == [True, True, True, False, True, False]


def test_p1_a_decided_clock_moves_seconds_by_their_source_or_all(db: Database) -> None:
    seconds = [[10, 5, 2], [11, 0, 1], [12, 3, 0], [12, 1, 1], [14, 2, 2]]
    sources = [[10, 3, 2, 1], [10, 4, 1, 0], [11, 5, 0, 1], [14, 7, 2, 2], [99, 6, 9, 9], [12, 8, 0, 0]]
    call = "interno.corrigir_segundos(%s::jsonb, %s::jsonb, %s, %s)"
    given = json.dumps(seconds), json.dumps(sources)
    assert sorted(value(db, call, *given, "FONTE", None)) == [
        [3, 2, 1], [4, 1, 0], [5, 0, 1], [7, 2, 2], [10, 2, 1], [12, 1, 1], [12, 3, 0],
    ]  # fmt: skip
    assert sorted(value(db, call, *given, "DESLOCAR", 3)) == [[7, 5, 2], [8, 0, 1], [9, 1, 1], [9, 3, 0], [11, 2, 2]]
    assert value(db, call, "[]", given[1], "FONTE", None) == []


def test_p1_a_minute_is_cut_to_the_second(db: Database) -> None:
    minute = [second + 1 for second in range(60)]
    call = "interno.recortar(%s, %s, %s::tstzmultirange)"

    def cut(*ranges: tuple[int, int]) -> object:
        return value(
            db, call, minute, iso(T0), "{" + ",".join(f"[{iso(T0 + a)},{iso(T0 + b)})" for a, b in ranges) + "}"
        )

    assert cut((0, 60)) == cut((-9, 99)) == minute
    assert cut((60, 90)) is cut((-60, 0)) is cut() is None
    assert cut((0, 1), (59, 60)) == vector(s0=1, s59=60)
    assert cut((58, 70)) == vector(s58=59, s59=60)
    assert cut((-5, 2)) == vector(s0=1, s1=2)
    half = f"{{[{iso(T0)},{iso(T0 + 9)})}}"
    assert value(db, call, vector(s9=1), iso(T0), half) is None
    assert value(db, call, vector(s8=1), iso(T0), half) == vector(s8=1)
    assert value(db, call, None, iso(T0), half) is None
