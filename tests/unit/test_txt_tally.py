"""A whole file: every byte is counted, ignored for a named reason, or a problem with its place."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.counts import memory, txt
from sicfar.counts.codes import Reason
from sicfar.counts.record import (
    COLUMNS,
    MAX_LINE_BYTES,
    Layout,
    LineError,
    Record,
    format_record,
    is_header,
    parse_record,
)
from sicfar.counts.sums import LineSums, Problem, Span, Tally
from sicfar.counts.txt import MAX_COMMENT_BYTES, MAX_LINES, MAX_PROBLEMS, SAMPLE_BYTES, tally

SECOND = 1773573301
A = b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0\n"
B = b"2026-03-15T08:15:01.500-03:00,SPEP-ENV-B,2,1\n"
BAD = b"2026-03-15T08:15:01,SPEP-ENV-A,-1,0\n"
CANONICAL_HEADER = ",".join(COLUMNS).encode() + b"\n"


def of(*parts: bytes, **options: Any) -> Tally:
    return tally(parts, **options)


def reasons(counts: Tally) -> list[Reason]:
    return [problem.reason for problem in counts.problems]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


# -- counting ----------------------------------------------------------------------------------------------------------


def test_p7_records_are_summed_per_line_and_second_and_keep_their_bytes() -> None:
    counts = of(A + B + A)
    assert counts.lines == {
        "SPEP-ENV-A": LineSums(
            "SPEP-ENV-A", 2, SECOND * 1000 + 250, SECOND * 1000 + 250, 0, 2 * len(A) + len(B), {SECOND: [2, 0]}
        ),
        "SPEP-ENV-B": LineSums(
            "SPEP-ENV-B", 1, SECOND * 1000 + 500, SECOND * 1000 + 500, len(A), len(A) + len(B), {SECOND: [2, 1]}
        ),
    }
    assert (counts.records, counts.bad_lines, counts.problems, counts.spans) == (3, 0, [], [])
    assert (counts.consumed, counts.size, counts.unterminated) == (len(A + B + A),) * 2 + (b"",)


def test_an_empty_file_says_nothing_and_is_no_problem() -> None:
    for nothing in ((), (b"",), (b"", b"")):
        assert tally(nothing) == Tally({}, [], [], 0, 0, 0, b"")


def test_first_and_last_are_the_earliest_and_latest_whatever_the_order() -> None:
    stamps = [5, 9, 1, 7]
    counts = of(*(b"2026-03-15T08:15:01.%03d-03:00,A,1,0\n" % ms for ms in stamps))
    assert (counts.lines["A"].first_ms, counts.lines["A"].last_ms) == (SECOND * 1000 + 1, SECOND * 1000 + 9)


@pytest.mark.parametrize("extra", [b"\n", b"\r\n", b" \t\n", b"\xef\xbb\xbf\n", b"# nota\n"])
def test_blank_lines_and_comments_are_no_records_and_no_problems(extra: bytes) -> None:
    counts = of(extra + A + extra + A + extra)
    assert (counts.records, counts.problems) == (2, [])
    assert counts.lines["SPEP-ENV-A"].byte_from == len(extra)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_line_ends_of_unix_windows_and_careless_ftp_are_read(end: bytes) -> None:
    counts = of((A + B).replace(b"\n", end) * 3)
    assert (counts.records, counts.problems) == (6, [])
    assert counts.lines["SPEP-ENV-B"].byte_to == counts.size


def test_a_bom_is_no_part_of_the_first_field() -> None:
    assert of(b"\xef\xbb\xbf" + A).records == 1
    heard: list[str] = []
    counts = of(
        b"\xef\xbb\xbf# nota\n\xef\xbb\xbftimestamp,linha_id,rejeicao_count,producao_count\n" + B,
        on_comment=lambda text, _: heard.append(text),
    )
    assert (counts.lines["SPEP-ENV-B"].seconds, counts.problems, heard) == ({SECOND: [1, 2]}, [], ["# nota"])


def test_a_bom_in_mid_file_hides_no_header_and_no_record() -> None:
    header = b"timestamp,linha_id,rejeicao_count,producao_count\n"
    counts = of(b"\xef\xbb\xbf" * 2 + header + b"\xef\xbb\xbf" * 2 + B)
    assert (counts.lines["SPEP-ENV-B"].seconds, counts.problems) == ({SECOND: [1, 2]}, [])


def test_p8_a_bom_at_the_end_of_a_line_is_garbage() -> None:
    counts = of(A + A[:-1] + b"\xef\xbb\xbf\n")
    assert (counts.records, reasons(counts)) == (1, [Reason.CONTAGEM_INVALIDA])


def test_p1_a_record_begun_in_an_earlier_second_is_kept_as_a_span() -> None:
    inside = Record(SECOND * 1000 + 900, "A", 3, 1, since_ms=SECOND * 1000)
    across = Record(SECOND * 1000, "A", 5, 2, since_ms=SECOND * 1000 - 1, flags=("relogio",))
    texts = [format_record(record).encode() + b"\n" for record in (inside, across)]
    counts = of(CANONICAL_HEADER, *texts)
    begin = len(CANONICAL_HEADER) + len(texts[0])
    assert counts.spans == [
        Span("A", SECOND * 1000 - 1, SECOND * 1000, 5, 2, ("relogio",), begin, begin + len(texts[1]))
    ]
    sums = counts.lines["A"]
    assert (sums.seconds, sums.records, sums.flags) == ({SECOND: [3, 1]}, 2, {"relogio": 1})
    assert (sums.first_ms, sums.last_ms, sums.byte_to) == (SECOND * 1000, SECOND * 1000 + 900, counts.size)


def test_p1_an_implausible_record_is_kept_apart_even_without_a_span() -> None:
    record = Record(SECOND * 1000, "A", 5, 2, flags=("implausivel", "relogio"))
    counts = of(CANONICAL_HEADER, format_record(record).encode() + b"\n")
    (span,) = counts.spans
    assert (span.since_ms, span.at_ms, span.produced, span.rejected) == (SECOND * 1000, SECOND * 1000, 5, 2)
    assert counts.lines["A"].seconds == {}
    assert counts.lines["A"].flags == {"implausivel": 1, "relogio": 1}


def test_a_flag_is_counted_once_for_every_record_that_bears_it() -> None:
    flags = [("relogio",), ("relogio", "religado"), ("relogio", "relogio"), ()]
    texts = [format_record(Record(SECOND * 1000, "A", 1, 0, flags=names)).encode() + b"\n" for names in flags]
    assert of(CANONICAL_HEADER, *texts).lines["A"].flags == {"relogio": 3, "religado": 1}


# -- headers ----------------------------------------------------------------------------------------------------------


def test_p1_a_header_declares_the_columns_until_the_next_one() -> None:
    swapped = b"timestamp,linha_id,rejeicao_count,producao_count\n"
    extra = b"Timestamp,Turno,LINHA_ID,producao_count,rejeicao_count\n"
    counts = of(B, swapped, B, extra, b"2026-03-15T08:15:01Z,noite,SPEP-ENV-C,7,0\n", swapped, B)
    assert counts.lines["SPEP-ENV-B"].seconds == {SECOND: [2 + 1 + 1, 1 + 2 + 2]}
    assert counts.lines["SPEP-ENV-C"].records == 1
    assert counts.problems == []


def test_a_header_repeated_by_every_restart_of_the_logger_changes_nothing() -> None:
    header = b"timestamp,linha_id,producao_count,rejeicao_count\r\n"
    counts = of((header + A + B) * 3)
    assert (counts.records, counts.problems) == (6, [])


def test_p1_below_a_header_without_a_mandatory_column_nothing_counts() -> None:
    faulty = b"timestamp,linha,producao_count,rejeicao_count\n"
    good = b"timestamp,linha_id,producao_count,rejeicao_count\n"
    counts = of(A + faulty + A + B + good + B)
    assert counts.records == 2
    (problem,) = counts.problems
    assert (problem.reason, problem.line_number, problem.lines) == (Reason.COLUNAS, 2, 3)
    assert (problem.byte_from, problem.byte_to) == (len(A), len(A + faulty + A + B))
    assert "sem a coluna linha_id" in problem.detail


@pytest.mark.parametrize("rest", [b"", b"999999", b"," * 5, b"," * 7])
def test_p8_a_line_of_another_width_is_refused_below_its_like(rest: bytes) -> None:
    record = b"2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0"
    whole = record + b"," * 6 + b"\n"
    counts = of(CANONICAL_HEADER, whole, whole, record + rest + b"\n", whole)
    assert (counts.records, reasons(counts)) == (3, [Reason.COLUNAS])


def test_p1_a_cr_ends_the_last_column_only_even_after_a_new_header() -> None:
    # "1\r" is a good last field of the first layout and a bad middle field of the second.
    swapped = b"timestamp,linha_id,rejeicao_count,producao_count\n"
    bare = b"timestamp,linha_id,producao_count,rejeicao_count\n"
    line = b"2026-03-15T08:15:01Z,A,%b,%b\n"
    good = line % (b"0", b"1\r")
    bad = line % (b"1\r", b"0")
    counts = of(good * 2 + swapped + good * 2 + bad + bare + bad)
    assert (counts.records, counts.bad_lines) == (4, 2)


# -- problems ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"2026-03-15T08:15:01,SPEP-ENV-A,1\n", Reason.COLUNAS),
        (b"isto n\xc3\xa3o \xc3\xa9 um registro\n", Reason.COLUNAS),
        (b" \x0c\n", Reason.COLUNAS),
        (b"\xc2\xa0\n", Reason.COLUNAS),
        (b"ontem,SPEP-ENV-A,1,0\n", Reason.INSTANTE_INVALIDO),
        (b"2026-03-15T08:15:01,spep,1,0\n", Reason.LINHA_ID_INVALIDA),
        (b"2026-03-15T08:15:01,SPEP-ENV-A,um,0\n", Reason.CONTAGEM_INVALIDA),
        (BAD, Reason.CONTAGEM_NEGATIVA),
        (b"2026-03-15T08:15:01,SPEP-ENV-A,4294967295,0\n", Reason.CONTAGEM_ABSURDA),
        (b"2026-03-15T08:15:01,Pe\xe7a,1,0\n", Reason.CODIFICACAO),
        (b"# Pe\xe7a\n", Reason.CODIFICACAO),
        (b"\xff\xfe2\x000\x00\n", Reason.CODIFICACAO),
        (b"2026-03-15T08:\0\0\0\0\0\0\n", Reason.BYTES_NULOS),
        (b"\0" * 40 + A, Reason.BYTES_NULOS),
        (b"x" * (MAX_LINE_BYTES + 1) + b"\n", Reason.LINHA_LONGA),
        (A[:-1] + b" " * (MAX_LINE_BYTES + 1 - len(A[:-1])) + b"\n", Reason.LINHA_LONGA),
        (b"#" * (MAX_COMMENT_BYTES + 1) + b"\n", Reason.LINHA_LONGA),
        (b"z" * (2 * MAX_COMMENT_BYTES) + b"\n", Reason.LINHA_LONGA),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10**9])
def test_p8_a_bad_line_is_a_problem_and_good_lines_around_it_count(bad: bytes, reason: Reason, size: int) -> None:
    if size == 1 and len(bad) > 10_000:
        size = 1_000
    data = A + B + bad + A + B
    counts = tally(data[begin : begin + size] for begin in range(0, len(data), size))
    assert counts.records == 4
    assert counts.lines["SPEP-ENV-A"].seconds == {SECOND: [2, 0]}
    (problem,) = counts.problems
    assert (problem.reason, problem.line_number, problem.lines) == (reason, 3, 1)
    assert data[problem.byte_from : problem.byte_to] == bad
    assert problem.sample == bad[:-1][:SAMPLE_BYTES]
    assert problem.message == f"linha 3 (byte {len(A + B)}): {problem.detail}"
    assert "esperado" in problem.detail


def test_the_longest_line_and_the_longest_comment_are_still_read() -> None:
    longest = A[:-1] + b" " * (MAX_LINE_BYTES - len(A[:-1])) + b"\n"
    heard: list[int] = []
    comment = b"#" * MAX_COMMENT_BYTES + b"\n"
    counts = of(longest, comment, longest, on_comment=lambda text, _: heard.append(len(text)))
    assert (counts.records, counts.problems, heard) == (2, [], [MAX_COMMENT_BYTES])


def test_p8_neighbouring_bad_lines_of_one_reason_are_one_problem() -> None:
    other = b"x\n"
    counts = of(BAD * 3 + other + BAD + A + BAD)
    found = [(p.reason, p.line_number, p.lines, p.byte_to - p.byte_from) for p in counts.problems]
    size = len(BAD)
    assert found == [
        (Reason.CONTAGEM_NEGATIVA, 1, 3, 3 * size),
        (Reason.COLUNAS, 4, 1, 2),
        (Reason.CONTAGEM_NEGATIVA, 5, 1, size),
        (Reason.CONTAGEM_NEGATIVA, 7, 1, size),
    ]
    assert counts.problems[0].message.startswith("linha 1 e mais 2 (byte 0): ")


def test_p8_a_file_of_endless_problems_shows_a_thousand_and_loses_none() -> None:
    pairs = 2 * MAX_PROBLEMS
    counts = of((BAD + A) * pairs + b"rasgada")
    assert counts.records == pairs
    assert len(counts.problems) == MAX_PROBLEMS
    rest, torn = counts.problems[-2:]
    assert rest.reason is Reason.DEMAIS_PROBLEMAS
    assert rest.lines == pairs - (MAX_PROBLEMS - 2)
    assert rest.byte_from == (MAX_PROBLEMS - 2) * len(BAD + A)
    assert rest.byte_to == pairs * len(BAD + A) - len(A)
    assert "problemas demais" in rest.detail
    assert torn.reason is Reason.LINHA_INCOMPLETA
    assert counts.bad_lines == pairs + 1


def test_p8_exactly_as_many_problems_as_fit_are_all_told() -> None:
    counts = of((BAD + A) * (MAX_PROBLEMS - 1))
    assert set(reasons(counts)) == {Reason.CONTAGEM_NEGATIVA}
    assert len(counts.problems) == MAX_PROBLEMS - 1


def test_p1_a_torn_last_line_is_not_counted_even_if_it_looks_whole() -> None:
    counts = of(A + A[:-1])
    assert counts.records == 1
    (problem,) = counts.problems
    assert problem == Problem(
        Reason.LINHA_INCOMPLETA, problem.detail, 2, len(A), 2 * len(A) - 1, 1, counts.unterminated
    )
    assert counts.unterminated == A[:-1]
    assert (counts.consumed, counts.size) == (len(A), 2 * len(A) - 1)
    assert f"{len(A) - 1} bytes" in problem.detail


def test_p8_nul_bytes_at_the_end_after_a_power_loss_are_a_torn_line() -> None:
    counts = of(A + b"\0" * 5000)
    assert counts.records == 1
    (problem,) = counts.problems
    assert (problem.reason, problem.byte_to) == (Reason.LINHA_INCOMPLETA, len(A) + 5000)
    assert "bytes nulos" in problem.detail
    assert counts.unterminated == b"\0" * SAMPLE_BYTES


def test_p8_a_file_of_endless_lines_counts_a_plants_worth_and_loses_none() -> None:
    rows = [b"2026-03-15T08:15:01Z,L-%d,1,0\n" % n for n in range(MAX_LINES + 3)]
    counts = of(*rows, rows[0], rows[-1])
    assert (len(counts.lines), counts.records) == (MAX_LINES, MAX_LINES + 1)
    assert [(problem.reason, problem.lines) for problem in counts.problems] == [
        (Reason.EXCESSO, 3),
        (Reason.EXCESSO, 1),
    ]
    assert "256 linhas" in counts.problems[0].detail


def test_p8_a_file_of_endless_spans_keeps_what_fits_and_loses_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(txt, "MAX_SPANS", 3)
    held = format_record(Record(SECOND * 1000, "A", 5, 2, flags=("implausivel",))).encode() + b"\n"
    plain = format_record(Record(SECOND * 1000, "A", 1, 0)).encode() + b"\n"
    counts = of(CANONICAL_HEADER, held * 4, plain, held)
    assert (len(counts.spans), counts.records, counts.bad_lines) == (3, 4, 2)
    assert {(problem.reason, problem.detail) for problem in counts.problems} == {
        (Reason.EXCESSO, "o arquivo já tem 3 intervalos; esperado menos: envie o restante em outro arquivo")
    }
    assert counts.lines["A"].seconds == {SECOND: [1, 0]}


@pytest.mark.parametrize(
    ("torn", "what"),
    [
        (b"2026-", "5 bytes: '2026-'"),
        (b"20\0", "3 bytes, com bytes nulos, como após queda de energia: '20\\x00'"),
    ],
)
def test_p8_a_torn_last_line_says_what_is_there_and_what_is_awaited(torn: bytes, what: str) -> None:
    (problem,) = of(A + torn).problems
    assert problem.detail == f"última linha sem fim de linha, {what}; esperado que o restante ainda chegue"


@pytest.mark.parametrize(
    ("mark", "length", "limit"),
    [(b"z", MAX_LINE_BYTES + 1, MAX_LINE_BYTES), (b"#", 3 * MAX_COMMENT_BYTES, MAX_COMMENT_BYTES)],
)
def test_p8_a_line_too_long_tells_a_person_how_long_it_is_and_may_be(mark: bytes, length: int, limit: int) -> None:
    (problem,) = of(A, mark * length, b"\n", A).problems
    assert problem.detail == f"linha de {length} bytes; esperado no máximo {limit}"


# -- comments ---------------------------------------------------------------------------------------------------------


def test_comments_are_handed_over_with_their_offsets() -> None:
    heard: list[tuple[str, int]] = []
    of("# é\r\n".encode() + A + b"#fim \t\r\n", on_comment=lambda text, at: heard.append((text, at)))
    assert heard == [("# é", 0), ("#fim \t", 6 + len(A))]


def test_an_error_raised_for_a_comment_stops_the_reading() -> None:
    def refuse(text: str, at: int) -> None:
        raise RuntimeError(text)

    with pytest.raises(RuntimeError, match="# pare"):
        of(A + b"# pare\n", on_comment=refuse)


# -- growing files ----------------------------------------------------------------------------------------------------


def test_p7_start_shifts_every_offset() -> None:
    heard: list[int] = []
    data = A + BAD + b"#\n" + B + b"ras"
    plain, shifted = of(data), of(data, start=1000, on_comment=lambda _, at: heard.append(at))
    assert heard == [1000 + len(A + BAD)]
    assert (shifted.consumed, shifted.size) == (plain.consumed + 1000, plain.size + 1000)
    for before, after in zip(plain.problems, shifted.problems, strict=True):
        assert (after.byte_from, after.byte_to) == (before.byte_from + 1000, before.byte_to + 1000)
    for line, sums in plain.lines.items():
        assert shifted.lines[line].byte_from == sums.byte_from + 1000
        assert shifted.lines[line].byte_to == sums.byte_to + 1000


def test_p1_the_counted_part_is_read_for_header_and_line_numbers_only() -> None:
    header = b"timestamp,linha_id,rejeicao_count,producao_count\n"
    counted = header + B + BAD + b"# velho\n" + b"timestamp,estragado\n" + header + B
    heard: list[str] = []
    counts = of(counted + B + BAD, skip=len(counted), on_comment=lambda text, _: heard.append(text))
    assert counts.lines["SPEP-ENV-B"].seconds == {SECOND: [1, 2]}
    assert counts.lines["SPEP-ENV-B"].byte_from == len(counted)
    (problem,) = counts.problems
    assert (problem.line_number, problem.byte_from) == (9, len(counted + B))
    assert heard == []


@pytest.mark.parametrize("size", [1, 7, 100])
def test_p1_a_header_in_the_counted_part_is_read_however_the_file_is_cut(size: int) -> None:
    counted = b"timestamp,linha_id,rejeicao_count,producao_count\n" + B
    data = counted + B
    counts = tally((data[begin : begin + size] for begin in range(0, len(data), size)), skip=len(counted))
    assert counts.lines["SPEP-ENV-B"].seconds == {SECOND: [1, 2]}


def test_p1_a_bad_header_in_the_counted_part_still_guards_lines_below() -> None:
    counted = b"timestamp,a,b,c\n"
    counts = of(counted + A, skip=len(counted))
    assert (counts.records, reasons(counts)) == (0, [Reason.COLUNAS])
    told = "está sob um cabeçalho sem as colunas obrigatórias"
    assert counts.problems[0].detail == f"'{A[:-1].decode()}' {told}"


@pytest.mark.parametrize("damage", [b"\xe7", b"\0", b" " * MAX_LINE_BYTES, b",producao_count", b""])
@pytest.mark.parametrize("skipped", [False, True])
def test_p1_below_an_unreadable_header_the_former_one_does_not_apply(damage: bytes, *, skipped: bool) -> None:
    # Its columns may well be others: here rejects come first.
    header = b"timestamp,linha_id,rejeicao_count,producao_count" + damage + b"\n"
    counts = of(header + B, skip=len(header) if skipped else 0)
    assert counts.records == (0 if damage else 1)
    assert counts.bad_lines == (0 if not damage else 1 if skipped else 2)
    good = b"timestamp,linha_id,producao_count,rejeicao_count\n"
    assert of(header + B + good + B).lines["SPEP-ENV-B"].seconds[SECOND] == ([2, 1] if damage else [2 + 1, 1 + 2])


# -- properties -------------------------------------------------------------------------------------------------------

LINES = [
    A[:-1],
    B[:-1],
    A[:-1] + b"\r",
    b"2026-03-15T08:15:59.999999-03:00,SPEP-ENV-A,0,1",
    b"2026-03-15T11:15:02Z,SPEP-ENV-B,999999999,0",
    b"2026-03-15T23:59:60Z,SPEP-ENV-B,1,0",
    b"2026-03-15T23:59:59Z,SPEP-ENV-B,1,0",
    b"2026-02-29T08:15:01.250-03:00,SPEP-ENV-A,1,0",
    b"2001-12-31T23:00:00,SPEP-ENV-A,1,0",
    b"2001-12-31T23:00:00Z,SPEP-ENV-A,1,0",
    b"2026-03-15 08:15:01.250,SPEP-ENV-A, 1 ,0\t",
    b"2026-03-15T08:15:01.250-03:00, SPEP-ENV-A,1,-1",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1\r,0",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,0001,1000000000",
    b"2026-03-15T08:15:01.250-15:00,SPEP-ENV-A,1,0",
    b"2026-03-15T08:15:01.250-03:00-03:00,SPEP-ENV-A,1,0",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A," + b"0" * 70 + b"1,0",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0," + b"x" * 4060,
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,caf\xc3\xa9",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,caf\xe9",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,\0",
    ",".join(COLUMNS[:9]).encode(),  # as gateways wrote it before there was timestamp_fonte
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,,,,a",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,1234,,,a.txt@1,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,12x4,,,a.txt@1,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,, 12,100000000000000000000,,a.txt@1,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,2026-03-15T08:15:01.249-03:00,,,relogio,a,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,2026-03-15T08:14:59.249-03:00,,,,a,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,2026-03-15T09:15:01.249-03:00,,,,a,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,,,implausivel,a,",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,,,relogio,a,2026-03-15T08:15:01",
    b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0,,,,,a,",
    b"timestamp,linha_id,producao_count,rejeicao_count",
    b"timestamp,linha_id,rejeicao_count,producao_count\r",
    b"TIMESTAMP,linha_id,producao_count,rejeicao_count,turno",
    b"timestamp,linha_id,producao_count",
    CANONICAL_HEADER[:-1],
    b"",
    b"# nota",
    b"\xef\xbb\xbf" + A[:-1],
    b"\0\0\0",
    b"Pe\xe7a",
]
# Few different lines, often repeated: the second sight of a field is where the fast path takes over from the rules.
files = st.lists(
    st.sampled_from(LINES) | st.sampled_from(LINES[:2] + LINES[-11:-6]) | st.binary(max_size=12), max_size=40
)


def slowly(lines: list[bytes]) -> tuple[Any, ...]:
    """What a file says by ``parse_record`` alone, line by line."""
    layout: Layout | None = Layout(COLUMNS[:4])
    seconds: Counter[tuple[str, int, str]] = Counter()
    spans, bad, records, at = [], 0, 0, 0
    ranges: dict[str, tuple[int, int]] = {}
    for raw in lines:
        begin, at = at, at + len(raw) + 1
        body = raw.removeprefix(b"\xef\xbb\xbf")
        if not body.strip(b" \t\r") or (body.startswith(b"#") and b"\0" not in raw):
            try:
                body.decode()
            except UnicodeDecodeError:
                bad += 1
            continue
        try:
            if b"\0" not in raw and is_header(text := body.decode("utf-8", "replace")) and "\ufffd" not in text:
                layout = None
                layout = Layout.from_header(text)
                continue
            if layout is None:
                bad += 1
                continue
            record = parse_record(raw, layout)
        except LineError:
            bad += 1
            continue
        records += 1
        ranges[record.line] = (ranges.get(record.line, (begin, 0))[0], at)
        since = record.at_ms if record.since_ms is None else record.since_ms
        if "implausivel" in record.flags or since // 1000 != record.at_ms // 1000:
            spans.append((record.line, since, record.at_ms, record.produced, record.rejected, begin, at))
        else:
            seconds[record.line, record.at_ms // 1000, "p"] += record.produced
            seconds[record.line, record.at_ms // 1000, "r"] += record.rejected
    return {k: v for k, v in seconds.items() if v}, spans, bad, records, ranges


def said(counts: Tally) -> tuple[Any, ...]:
    seconds = {
        (line, second, kind): value
        for line, sums in counts.lines.items()
        for second, cell in sums.seconds.items()
        for kind, value in zip("pr", cell, strict=True)
        if value
    }
    spans = [(s.line, s.since_ms, s.at_ms, s.produced, s.rejected, s.byte_from, s.byte_to) for s in counts.spans]
    ranges = {line: (sums.byte_from, sums.byte_to) for line, sums in counts.lines.items()}
    return seconds, spans, counts.bad_lines, counts.records, ranges


@given(lines=files)
def test_p1_a_file_says_exactly_what_its_lines_say_one_by_one(lines: list[bytes]) -> None:
    lines = [part for line in lines for part in line.split(b"\n")]
    assert said(of(b"".join(line + b"\n" for line in lines))) == slowly(lines)


@given(first=st.sampled_from(LINES), second=st.sampled_from(LINES), header=st.sampled_from([b"", *LINES[-10:-5]]))
def test_p1_a_line_is_read_the_same_at_its_second_sight(first: bytes, second: bytes, header: bytes) -> None:
    lines = [header, *LINES[:2], LINES[-11], first, second, first, second]
    assert said(of(b"".join(line + b"\n" for line in lines))) == slowly(lines)


@given(lines=files, tail=st.sampled_from([b"", A[:-1], b"\xe7", b"\0"]), places=st.lists(st.integers(0), max_size=30))
def test_p1_how_a_file_is_cut_into_chunks_changes_nothing(lines: list[bytes], tail: bytes, places: list[int]) -> None:
    data = b"".join(line + b"\n" for line in lines) + tail
    whole = tally([data])
    assert asdict(tally(cut(data, places))) == asdict(whole)


@given(data=st.binary(max_size=300), places=st.lists(st.integers(0), max_size=9))
def test_p8_any_bytes_at_all_are_read_without_an_error_and_however_cut(data: bytes, places: list[int]) -> None:
    assert asdict(tally(cut(data, places))) == asdict(tally([data]))


@given(lines=files)
def test_p8_every_line_is_a_record_a_problem_or_one_that_may_be_ignored(lines: list[bytes]) -> None:
    lines = [part for line in lines for part in line.split(b"\n")]
    counts = of(b"".join(line + b"\n" for line in lines))
    ignored = len(lines) - counts.records - counts.bad_lines
    assert 0 <= ignored <= sum(line[:1] in b"#tT \t\r\xef" for line in lines)
    for before, after in pairwise(counts.problems):
        assert before.byte_to <= after.byte_from


@pytest.mark.parametrize(
    ("header", "rest", "counted"),
    [
        (b"", b"", True),
        (b"", b"\0", False),
        (b"", b"\xe9", False),
        (b"", b" " * 4096, False),
        (b"", b",", False),
        (b"turno", b",noite", True),
        (b"turno", b",caf\xc3\xa9", True),
        (b"turno", b",caf\xe9", False),
        (b"turno", b",\0", False),
        (b"turno", b"," + b"x" * 4096, False),
        (b"turno", b"", False),
        (b"producao_raw", b",1234", True),
        (b"producao_raw", b",", True),
        (b"producao_raw", b", 1234 ", True),
        (b"producao_raw", b",12x4", False),
        (b"producao_raw", b"," + b"9" * 20, True),
        (b"producao_raw", b"," + b"9" * 21, False),
        (b"rejeicao_raw", b",-1", False),
        (b"desde", b",2026-03-15T08:15:01.001-03:00", True),
        (b"desde", b",2026-03-15T08:14:01.001-03:00", True),
        (b"desde", b",2026-03-15T08:15:01.251-03:00", False),
        (b"flags", b",relogio", True),
        (b"flags", b",implausivel", True),
        (b"flags", b",X", False),
    ],
)
def test_p1_every_rule_holds_at_a_lines_second_sight_too(header: bytes, rest: bytes, counted: bool) -> None:
    columns = b"timestamp,linha_id,producao_count,rejeicao_count" + (b"," + header if header else b"")
    known = A[:-1] + (b"," if header else b"")
    lines = [columns, known, known, A[:-1] + rest, A[:-1] + rest, known]
    counts = of(b"".join(line + b"\n" for line in lines))
    assert counts.records == (5 if counted else 3)
    assert said(counts) == slowly(lines)


@pytest.mark.parametrize("count", [b"X1", b"1X", b"\v1", b"1\v", b"1_0", b"+1", b"0x1"])
def test_p1_no_count_is_trimmed_into_one_at_a_lines_second_sight(count: bytes) -> None:
    for bad in (A[:-1].replace(b",1,", b"," + count + b","), A[:-2] + count):
        counts = of(b"".join(line + b"\n" for line in (A[:-1], A[:-1], bad, A[:-1])))
        assert (counts.records, counts.bad_lines) == (3, 1)


def test_p2_the_same_wall_clock_in_another_zone_is_another_instant() -> None:
    line = b"2026-03-15T08:15:%b,SPEP-ENV-A,1,0\n"
    zones = [b"01Z", b"01-03:00", b"01", b"01+14:00", b"01Z", b"01-03:00", b"01", b"01+14:00"]
    utc = SECOND - 3 * 3600
    counts = of(*(line % zone for zone in zones))
    assert counts.lines["SPEP-ENV-A"].seconds == {utc: [2, 0], SECOND: [4, 0], utc - 14 * 3600: [2, 0]}


def test_p2_a_second_that_was_seen_vouches_for_each_of_its_minute() -> None:
    rows = [b"2026-03-15T08:15:%02d-03:00,SPEP-ENV-A,1,0\n" % second for second in (35, 37, 0, 9, 10, 59, 1)]
    seconds = of(*rows).lines["SPEP-ENV-A"].seconds
    assert seconds == {SECOND - 1 + second: [1, 0] for second in (35, 37, 0, 9, 10, 59, 1)}
    assert {type(second) for second in seconds} == {int}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (b"", b"%b,SPEP-ENV-A,%d,%d\n"),
        (b"", b"%b,SPEP-ENV-A,%d,%d\r\n"),
        (b"timestamp,linha_id,rejeicao_count,turno,producao_count\n", b"%b,SPEP-ENV-A,%d,noite,%d\r\n"),
        (CANONICAL_HEADER, b"%b,SPEP-ENV-A,%d,%d,,18234,,,a.txt@7,\n"),
    ],
)
def test_p3_what_was_read_once_is_looked_up_and_not_read_again(
    header: bytes, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()

    def count(module: ModuleType, name: str) -> None:
        original = getattr(module, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            read[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(module, name, counted)

    for module, name in (
        (txt, "parse_text"),
        (memory, "split_instant"),
        (memory, "parse_instant"),
        (memory, "parse_count"),
    ):
        count(module, name)
    # What timestamps mean is the process's; here it begins anew.
    monkeypatch.setattr(memory.Memory, "tails", {})
    monkeypatch.setattr(memory.Memory, "_zones", {})
    rows = [row % (b"2026-03-15T08:15:%02d.%03d-03:00" % (n % 60, n % 3), n % 5, n % 2) for n in range(600)]
    counts = of(header, *rows)
    assert (counts.records, counts.problems) == (600, [])
    # One line by the rules, for its producer; one second, for its minute; each fraction and each count once.
    assert read["parse_text"] == 1
    assert read["parse_instant"] == 1
    assert read["parse_count"] == 5 + 2
    assert read["split_instant"] <= 3 + 5 + 2
    read.clear()
    assert of(header, *rows).records == 600
    assert (read["parse_text"], read["parse_instant"], read["parse_count"]) == (1, 0, 5 + 2)
    assert read["split_instant"] <= 5 + 2


def test_p8_two_long_fields_of_good_lines_make_no_overlong_line_good() -> None:
    stamp, line, produced, rejected = A[:-1].split(b",")
    long = [b"0" * 3000 + field for field in (produced, rejected)]
    rows = [(produced, rejected), (long[0], rejected), (produced, long[1]), (long[0], long[1])]
    counts = of(*(b",".join((stamp, line, *row)) + b"\n" for row in rows))
    assert (counts.records, reasons(counts)) == (3, [Reason.LINHA_LONGA])


@given(
    lines=st.lists(st.sampled_from(LINES[:10]), max_size=20),
    more=st.lists(st.sampled_from(LINES), max_size=20),
    places=st.lists(st.integers(0), max_size=9),
)
def test_p1_a_grown_file_read_from_where_it_was_counted_completes_the_sum(
    lines: list[bytes], more: list[bytes], places: list[int]
) -> None:
    old = b"".join(line + b"\n" for line in lines)
    new = b"".join(line + b"\n" for line in more)
    first, tail, whole = of(old), tally(cut(old + new, places), skip=len(old)), of(old + new)
    assert first.records + tail.records == whole.records
    assert first.bad_lines + tail.bad_lines == whole.bad_lines
    assert (tail.consumed, tail.size) == (whole.consumed, whole.size)


# -- memory -----------------------------------------------------------------------------------------------------------


def peak(chunks: Iterator[bytes]) -> tuple[Tally, int]:
    tracemalloc.start()
    try:
        counts = tally(chunks)
        return counts, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_p8_a_line_of_100_mb_takes_no_memory() -> None:
    chunk = b"x" * 65_536
    counts, most = peak(chunk for _ in range(1600))
    assert (reasons(counts), counts.size) == ([Reason.LINHA_INCOMPLETA], 1600 * 65_536)
    assert most < 2_000_000


def test_p8_a_long_file_takes_no_more_memory_than_a_short_one() -> None:
    block = b"".join(b"2026-03-15T08:%02d:01.%03d-03:00,SPEP-ENV-A,1,0\n" % (n % 60, n) for n in range(1000))
    _, short = peak(iter([block] * 3))
    counts, long = peak(iter([block] * 60))
    assert counts.records == 60_000
    assert long < short + 100_000


def test_p8_a_huge_chunk_is_not_split_into_lines_at_once() -> None:
    data = A * 100_000
    counts, most = peak(iter([data]))
    assert counts.records == 100_000
    assert most < 2_000_000


def test_p8_fields_that_never_repeat_are_not_remembered_for_ever() -> None:
    def chunks() -> Iterator[bytes]:
        for n in range(30):
            yield b"".join(
                b"2026-03-15T08:15:01.%06d-03:00,A,%d,0\n" % (n * 1000 + i, n * 1000 + i) for i in range(1000)
            )

    counts, most = peak(chunks())
    assert counts.records == 30_000
    assert most < 6_000_000
