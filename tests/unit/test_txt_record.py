"""One record: what is read, what is refused and how it is explained, what is written."""

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sicfar.counts.codes import Reason
from sicfar.counts.record import (
    BARE,
    CANONICAL,
    COLUMNS,
    Layout,
    LineError,
    Record,
    escape,
    excerpt,
    format_record,
    is_header,
    parse_record,
    unescape,
)
from sicfar.instants import format_instant, from_ms, parse_instant, to_ms

GOOD = "2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0"
AT = 1773573301250


def reason_of(line: str | bytes, layout: Layout | None = None) -> Reason:
    with pytest.raises(LineError) as caught:
        parse_record(line, layout)
    return caught.value.reason


# -- an independent reader, slow and in other words -------------------------------------------------------------------


def oracle_instant(text: str) -> int | None:
    zone, wall = timedelta(0), text
    local = True
    if text.endswith("Z"):
        wall, local = text[:-1], False
    elif len(text) > 6 and text[-6] in "+-" and text[-3] == ":":
        hours, minutes = text[-5:-3], text[-2:]
        if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
            return None
        if int(hours) > 14 or int(minutes) > 59:
            return None
        zone = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if text[-6] == "+" else -1)
        wall, local = text[:-6], False
    wall = wall.replace("T", " ", 1) if wall[10:11] == "T" else wall
    whole, dot, fraction = wall.partition(".")
    if dot and not (1 <= len(fraction) <= 6 and set(fraction) <= set("0123456789")):
        return None
    try:
        at = datetime.strptime(whole, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    if at.strftime("%Y-%m-%d %H:%M:%S") != whole or not 2000 <= at.year <= 2099:
        return None
    aware = at.replace(tzinfo=ZoneInfo("America/Fortaleza")) if local else at.replace(tzinfo=UTC) - zone
    # Whole seconds fit a float exactly; the fraction is added as an integer.
    return int(aware.timestamp()) * 1000 + int((fraction + "000")[:3])


def oracle_count(text: str) -> int | None:
    if not text or not set(text) <= set("0123456789"):
        return None
    value = sum(int(digit) * 10**place for place, digit in enumerate(reversed(text)))
    return value if value <= 999_999_999 else None


def oracle_record(raw: bytes) -> tuple[int, str, int, int] | None:
    """A bare line, read the slow way; None if it is no record."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text or "\n" in text or len(raw) > 4096:
        return None
    while text.endswith("\r"):
        text = text[:-1]
    if "\r" in text:
        return None
    rows = list(csv.reader([text.removeprefix("\ufeff")], quoting=csv.QUOTE_NONE))
    if not rows or len(rows[0]) != 4:
        return None
    stamp, line, produced, rejected = (field.strip(" \t") for field in rows[0])
    at = oracle_instant(stamp)
    counts = oracle_count(produced), oracle_count(rejected)
    fits = line[:1] not in ("", "-") and len(line) <= 32 and set(line) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    if at is None or counts[0] is None or counts[1] is None or not fits:
        return None
    return at, line, counts[0], counts[1]


stamps = st.one_of(
    st.datetimes(datetime(1999, 12, 31), datetime(2100, 1, 2)).flatmap(  # noqa: DTZ001
        lambda at: st.builds(
            lambda separator, spec, zone: at.isoformat(sep=separator, timespec=spec) + zone,
            st.sampled_from("T  t_"),
            st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]),
            st.sampled_from(["", "Z", "-03:00", "+00:00", "+14:59", "-15:00", "-0300", "z", "+05:60", " Z", "-03"]),
        )
    ),
    st.sampled_from(
        [
            "2026-02-29T00:00:00",
            "2024-02-29T23:59:59.9",
            "2026-03-15T24:00:00",
            "2026-03-15T23:59:60Z",
            "2026-3-15T08:00:00",
            "2026-03-15T08:00:00.",
            "2026-03-15T08:00:00.1234567",
            "2026-03-15T08:00:00,5",
            "２026-03-15T08:00:00",
            "15/03/2026 08:00:00",
            "",
            "2001-10-14T00:30:00",
            "2002-02-16T23:30:00",
        ]
    ),
)
counts = st.one_of(
    st.integers(0, 999_999_999).map(str),
    st.sampled_from(["", "0", "007", "0" * 30 + "1", "999999999", "1000000000", "-1", "-0", "+1", "1.0", "1_0", "١"]),
    st.text("0123456789-+. e\t", max_size=12),
)
line_ids = st.one_of(
    st.sampled_from(["SPEP-ENV-A", "A", "9", "X" * 32, "X" * 33, "-A", "spep", "A B", "", "Á", "A_B"]),
    st.text("ABZ019-", min_size=1, max_size=34),
)
padding = st.sampled_from(["", "", "", " ", "\t ", "\r", "\x00", "\u00a0", '"'])


@st.composite
def bare_lines(draw: st.DrawFn) -> bytes:
    fields = [draw(stamps), draw(line_ids), draw(counts), draw(counts)]
    if draw(st.integers(0, 9)) == 0:
        where = draw(st.integers(0, 3))
        fields[where] = draw(padding) + fields[where] + draw(padding)
    if draw(st.integers(0, 19)) == 0:
        fields.insert(draw(st.integers(0, 4)), draw(counts))
    raw = ",".join(fields).encode()
    return raw + draw(st.sampled_from([b"", b"", b"\r", b"\r\r", b"\xe7", b"\n"]))


@given(raw=st.one_of(bare_lines(), st.binary(max_size=80)))
@example(GOOD.encode())
@example(b"\xef\xbb\xbf" + GOOD.encode() + b"\r")
def test_p8_a_bare_line_is_read_as_a_slow_csv_and_date_reader_does(raw: bytes) -> None:
    try:
        record = parse_record(raw, BARE)
    except LineError:
        found = None
    else:
        found = record.at_ms, record.line, record.produced, record.rejected
        assert record == Record(*found)
    assert found == oracle_record(raw)


@given(text=stamps)
def test_an_instant_is_read_as_the_slow_reader_reads_it(text: str) -> None:
    try:
        found = parse_instant(text)
    except ValueError:
        found = None
    assert found == oracle_instant(text)


# -- reading -------------------------------------------------------------------------------------------------------


def test_a_sensor_line_is_read() -> None:
    assert parse_record(GOOD) == Record(AT, "SPEP-ENV-A", 1, 0)
    assert parse_record(GOOD.encode()) == parse_record(GOOD)


def test_columns_without_a_header_are_read_by_position_old_and_new() -> None:
    text = (
        "2026-03-15T11:15:01.250Z,A,2,1,2026-03-15T11:14:00.000Z,18446744073709551615,7,relogio;implausivel,a%2Cb.txt@5"
    )
    nine = Record(AT, "A", 2, 1, AT - 61_250, 18446744073709551615, 7, ("relogio", "implausivel"), "a,b.txt@5")
    assert parse_record(text) == nine
    assert parse_record(text + ",15/03%2008:15") == replace(nine, source_time="15/03 08:15")


def test_a_batch_with_the_earlier_nine_column_header_is_read() -> None:
    layout = Layout.from_header(
        "timestamp,linha_id,producao_count,rejeicao_count,desde,producao_raw,rejeicao_raw,flags,origem"
    )
    assert parse_record("2026-03-15T11:15:01.250Z,A,2,1,,,,relogio,a.txt@5", layout) == Record(
        AT, "A", 2, 1, flags=("relogio",), origin="a.txt@5"
    )


def test_counts_padded_with_zeros_as_keyence_pads_them_are_read() -> None:
    assert parse_record("2026-03-15T11:15:01.250Z,A,0000000123,0999999999") == Record(AT, "A", 123, 999_999_999)


def test_p2_a_timestamp_without_offset_is_plant_time() -> None:
    assert parse_record("2026-03-15 08:15:01.25,A,1,0").at_ms == AT
    # The plant had summer time until 2002; a fixed offset would be an hour wrong there.
    assert parse_instant("2001-12-01T12:00:00") == to_ms(datetime(2001, 12, 1, 14, tzinfo=UTC))


def test_p2_a_fraction_is_cut_and_never_rounded_into_the_next_second() -> None:
    assert parse_record("2026-03-15T11:15:01.999999Z,A,1,0").at_ms == AT + 749


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-03-15T08:15:01,A,1", Reason.COLUNAS),
        ("2026-03-15T08:15:01,A,1,0,", Reason.COLUNAS),
        ("", Reason.COLUNAS),
        ("2026-03-15T08:15:01,A,1,0\n2026-03-15T08:15:01,A,1,0", Reason.COLUNAS),
        ("2026-02-30T08:15:01,A,1,0", Reason.INSTANTE_INVALIDO),
        ("1999-12-31T23:59:59,A,1,0", Reason.INSTANTE_INVALIDO),
        ("2100-01-01T00:00:00,A,1,0", Reason.INSTANTE_INVALIDO),
        ("2026-03-15T08:15:01+15:00,A,1,0", Reason.INSTANTE_INVALIDO),
        ("2026-03-15T08:15:01,spep-env-a,1,0", Reason.LINHA_ID_INVALIDA),
        ("2026-03-15T08:15:01,,1,0", Reason.LINHA_ID_INVALIDA),
        (f"2026-03-15T08:15:01,{'A' * 33},1,0", Reason.LINHA_ID_INVALIDA),
        ("2026-03-15T08:15:01,A,,0", Reason.CONTAGEM_INVALIDA),
        ("2026-03-15T08:15:01,A,1,1.0", Reason.CONTAGEM_INVALIDA),
        ("2026-03-15T08:15:01,A,+1,0", Reason.CONTAGEM_INVALIDA),
        ("2026-03-15T08:15:01,A,1_0,0", Reason.CONTAGEM_INVALIDA),
        ("2026-03-15T08:15:01,A,١,0", Reason.CONTAGEM_INVALIDA),
        ("2026-03-15T08:15:01,A,-1,0", Reason.CONTAGEM_NEGATIVA),
        ("2026-03-15T08:15:01,A,1,-7", Reason.CONTAGEM_NEGATIVA),
        ("2026-03-15T08:15:01,A,1000000000,0", Reason.CONTAGEM_ABSURDA),
        ("2026-03-15T08:15:01,A,1,1000000000", Reason.CONTAGEM_ABSURDA),
        ("2026-03-15T08:15:01,A,1,0\0", Reason.BYTES_NULOS),
        (b"2026-03-15T08:15:01,\xc7,1,0", Reason.CODIFICACAO),
        ("2026-03-15T08:15:01,A,1,0".encode("utf-16"), Reason.CODIFICACAO),
        (GOOD + " " * 4096, Reason.LINHA_LONGA),
        ("2026-03-15T08:15:01Z,A,1,0,2026-03-15T08:15:01.001Z,,,,", Reason.INTERVALO_INVALIDO),
        ("2026-03-15T08:15:01Z,A,1,0,ontem,,,,", Reason.INSTANTE_INVALIDO),
        ("2026-03-15T08:15:01Z,A,1,0,,-5,,,", Reason.CONTAGEM_NEGATIVA),
        ("2026-03-15T08:15:01Z,A,1,0,,,100000000000000000000,,", Reason.CONTAGEM_ABSURDA),
        ("2026-03-15T08:15:01Z,A,1,0,,,,Relogio,", Reason.FLAGS_INVALIDAS),
        ("2026-03-15T08:15:01Z,A,1,0,,,,relogio;,", Reason.FLAGS_INVALIDAS),
    ],
)
def test_p8_what_is_no_record_is_refused_with_its_reason(line: str | bytes, reason: Reason) -> None:
    assert reason_of(line) is reason


# -- layouts ---------------------------------------------------------------------------------------------------------


def test_header_columns_come_in_any_order_and_unknown_ones_are_ignored() -> None:
    layout = Layout.from_header("\ufeffTimestamp, Rejeicao_Count ,turno,linha_id,PRODUCAO_COUNT\r")
    record = parse_record("2026-03-15T11:15:01.250Z,3,noite,A,8", layout)
    assert record == Record(AT, "A", 8, 3)


@pytest.mark.parametrize("header", ["timestamp,linha_id,producao_count", "timestamp,linha_id,producao,rejeicao_count"])
def test_p8_a_header_without_a_mandatory_column_is_refused(header: str) -> None:
    with pytest.raises(LineError, match="sem a coluna") as caught:
        Layout.from_header(header)
    assert caught.value.reason is Reason.COLUNAS


def test_p1_a_header_with_a_column_twice_is_refused() -> None:
    with pytest.raises(LineError, match="producao_count repetida"):
        Layout.from_header("timestamp,linha_id,producao_count,rejeicao_count,producao_count")


@pytest.mark.parametrize(
    ("line", "header"),
    [("timestamp,x", True), (" TIMESTAMP ,x", True), ("\ufefftimestamp", True), (GOOD, False), ("timestamps,", False)],
)
def test_a_header_is_known_by_its_first_field(line: str, header: bool) -> None:
    assert is_header(line) is header


# -- writing ---------------------------------------------------------------------------------------------------------

instants = st.integers(to_ms(datetime(2000, 1, 1, tzinfo=UTC)), to_ms(datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def records(draw: st.DrawFn) -> Record:
    at_ms = draw(instants)
    return Record(
        at_ms=at_ms,
        line=draw(st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,31}", fullmatch=True)),
        produced=draw(st.integers(0, 999_999_999)),
        rejected=draw(st.integers(0, 999_999_999)),
        since_ms=draw(st.none() | st.integers(to_ms(datetime(2000, 1, 1, tzinfo=UTC)), at_ms)),
        produced_raw=draw(st.none() | st.integers(0, 2**64 - 1)),
        rejected_raw=draw(st.none() | st.integers(0, 2**64 - 1)),
        flags=tuple(draw(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True), max_size=3))),
        origin=draw(texts),
        source_time=draw(texts),
    )


@given(record=records())
def test_p1_what_is_written_is_read_back_the_same(record: Record) -> None:
    text = format_record(record)
    assert text.isascii()
    assert parse_record(text) == record == parse_record(text.encode(), CANONICAL)


@given(record=records(), order=st.permutations(COLUMNS[1:]))
def test_columns_may_be_written_in_any_order(record: Record, order: list[str]) -> None:
    columns = ("timestamp", *order)
    assert parse_record(format_record(record, columns), Layout(columns)) == record


@given(at_ms=instants)
def test_an_instant_is_written_in_utc_with_milliseconds(at_ms: int) -> None:
    text = format_instant(at_ms)
    assert len(text) == 24
    assert text.endswith("Z")
    assert parse_instant(text) == at_ms == to_ms(from_ms(at_ms))
    assert datetime.fromisoformat(text) == from_ms(at_ms)


def test_a_bare_line_is_written_when_asked_for() -> None:
    assert format_record(Record(AT, "SPEP-ENV-A", 1, 0, origin="x"), COLUMNS[:4]) == (
        "2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0"
    )


@pytest.mark.parametrize("record", [Record(AT, "A", 1, 0, since_ms=AT), Record(AT, "A", 1, 0, flags=("relogio",))])
def test_p1_what_changes_a_records_meaning_is_never_left_out_silently(record: Record) -> None:
    with pytest.raises(ValueError, match="não seria escrita"):
        format_record(record, COLUMNS[:4])


@pytest.mark.parametrize(
    "record",
    [
        Record(AT, "A", -1, 0),
        Record(AT, "A", 1_000_000_000, 0),
        Record(AT, "a", 1, 0),
        Record(AT, "A", 1, 0, since_ms=AT + 1),
        Record(AT, "A", 1, 0, flags=("a;b", "")),
        Record(-1, "A", 1, 0),
        Record(10**18, "A", 1, 0),
    ],
)
def test_p8_a_record_that_could_not_be_read_back_is_not_written(record: Record) -> None:
    with pytest.raises(LineError):
        format_record(record)


def test_an_odd_file_name_as_origin_does_not_stop_the_writing() -> None:
    assert parse_record(format_record(Record(AT, "A", 1, 0, origin="\ud800\n"))).origin.endswith("\n")


@given(value=texts)
def test_an_escaped_value_stands_in_a_line_without_breaking_it(value: str) -> None:
    text = escape(value)
    assert unescape(text) == value
    assert not set(text) & set(" ,;\n\r\t\0")


def test_an_instant_of_the_program_must_name_its_zone() -> None:
    with pytest.raises(ValueError, match="sem fuso"):
        to_ms(datetime(2026, 3, 15))  # noqa: DTZ001


# -- what a person is told --------------------------------------------------------------------------------------------

STAMP = "2026-03-15T08:15:01"
FOUR = "esperado 4 separados por vírgula: timestamp,linha_id,producao_count,rejeicao_count"
WHEN = "esperado AAAA-MM-DDTHH:MM:SS, com até 6 casas de fração e fuso (Z ou -03:00) opcionais, de 2000 a 2099"
NINE = "esperado um inteiro de 0 a 999999999"
UTF8 = "; esperado texto UTF-8"
TWENTY = "esperado um inteiro de 0 a 99999999999999999999"


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b"a;b;c;d", Reason.COLUNAS, f"1 campo(s) em 'a;b;c;d' (o separador parece ser ponto e vírgula); {FOUR}"),
        (b"a\tb", Reason.COLUNAS, f"1 campo(s) em 'a\\x09b' (o separador parece ser tabulação); {FOUR}"),
        (b"a", Reason.COLUNAS, f"1 campo(s) em 'a'; {FOUR}"),
        (b"a;b,c", Reason.COLUNAS, f"2 campo(s) em 'a;b,c'; {FOUR}"),
        ("a\nb", Reason.COLUNAS, "quebra de linha dentro do registro 'a\\x0ab'"),
        (b"ontem,A,1,0", Reason.INSTANTE_INVALIDO, f"timestamp 'ontem'; {WHEN}"),
        (
            f"{STAMP},spep,1,0",
            Reason.LINHA_ID_INVALIDA,
            "linha_id 'spep'; esperado até 32 letras maiúsculas, algarismos e hífens, como SPEP-ENV-A",
        ),
        (f"{STAMP},A,um,0", Reason.CONTAGEM_INVALIDA, f"producao_count 'um'; {NINE}"),
        (f"{STAMP},A,3,x\x1b[2J", Reason.CONTAGEM_INVALIDA, f"rejeicao_count 'x\\x1b[2J'; {NINE}"),
        (f"{STAMP},A,-1,0", Reason.CONTAGEM_NEGATIVA, f"producao_count '-1'; {NINE}"),
        (f"{STAMP},A,0,1000000000", Reason.CONTAGEM_ABSURDA, f"rejeicao_count '1000000000'; {NINE}"),
        (f"{STAMP},A,1,0,,x,,,,", Reason.CONTAGEM_INVALIDA, f"producao_raw 'x'; {TWENTY}"),
        (f"{STAMP},A,1,0,,,-7,,,", Reason.CONTAGEM_NEGATIVA, f"rejeicao_raw '-7'; {TWENTY}"),
        (f"{STAMP},A,1,0,x,,,,,", Reason.INSTANTE_INVALIDO, f"desde 'x'; {WHEN}"),
        (
            f"{STAMP},A,1,0,2026-03-15T08:15:02,,,,,",
            Reason.INTERVALO_INVALIDO,
            f"desde '2026-03-15T08:15:02' é depois de timestamp '{STAMP}'; esperado antes",
        ),
        (
            f"{STAMP},A,1,0,,,,X;y,,",
            Reason.FLAGS_INVALIDAS,
            "flags 'X;y'; esperado nomes em minúsculas separados por ';'",
        ),
        (b"\xff\xfea\0", Reason.CODIFICACAO, "texto em UTF-16: '\\xff\\xfea\\x00'; esperado UTF-8"),
        (b"\xfe\xff\0a", Reason.CODIFICACAO, "texto em UTF-16: '\\xfe\\xff\\x00a'; esperado UTF-8"),
        (
            b"a\0\0b\0",
            Reason.BYTES_NULOS,
            "3 bytes nulos a partir do byte 1 da linha, como após queda de energia: 'a\\x00\\x00b\\x00'" + UTF8,
        ),
        (
            b"P\xe7a",
            Reason.CODIFICACAO,
            "byte 0xE7 (em Windows-1252 seria 'ç') no byte 1 da linha: 'P\\xe7a'; esperado UTF-8",
        ),
        (
            b"P\xa0",
            Reason.CODIFICACAO,
            "byte 0xA0 (em Windows-1252 seria '\\xa0') no byte 1 da linha: 'P\\xa0'; esperado UTF-8",
        ),
        (b"P\x81", Reason.CODIFICACAO, "byte 0x81 no byte 1 da linha: 'P\\x81'; esperado UTF-8"),
        (b"x" * 4_097, Reason.LINHA_LONGA, "linha de 4097 bytes; esperado no máximo 4096"),
    ],
)
def test_p8_a_line_that_is_no_record_says_what_was_found_and_expected(
    line: str | bytes, reason: Reason, detail: str
) -> None:
    with pytest.raises(LineError) as caught:
        parse_record(line)
    error = caught.value
    assert (error.code, error.reason, error.detail, str(error)) == ("line_invalid", reason, detail, detail)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("timestamp,linha_id\xa0,x", "sem a coluna producao_count: 'timestamp,linha_id,x'"),
        (",".join((*COLUMNS[:4], "flags", "flags", "desde", "desde")), "com a coluna desde repetida: '{60}'…"),
    ],
)
def test_p8_an_unusable_header_says_which_column_is_at_fault(header: str, fault: str) -> None:
    with pytest.raises(LineError) as caught:
        Layout.from_header(header)
    expected = f"; esperado ao menos {','.join(COLUMNS[:4])}"
    assert caught.value.detail == f"cabeçalho {fault.replace('{60}', header[:60])}{expected}"


def test_p8_what_was_found_is_quoted_up_to_sixty_characters() -> None:
    assert excerpt("a" * 60) == "'" + "a" * 60 + "'"
    assert excerpt("a" * 61) == "'" + "a" * 60 + "'…"
    assert excerpt("é\n\u202e") == r"'é\x0a\u202e'"
    assert excerpt(b"\xe7\0") == r"'\xe7\x00'"
    assert excerpt(b"\xff" * 61) == "'" + "\\xff" * 15 + "'…"
    assert excerpt("\x00\xff\u0100\u2028\U0001f600") == "'\\x00\xff\u0100\\u2028\U0001f600'"
    wide = f"{STAMP},A,1,0," + "," * 30
    names = (*COLUMNS[:4], *(f"coluna\u2028{n}" for n in range(20)))
    with pytest.raises(LineError) as caught:
        parse_record(wide, Layout(names))
    assert caught.value.detail.endswith(",".join(names)[:120].replace("\u2028", "\\u2028"))


def test_p8_an_instant_no_calendar_knows_is_not_written() -> None:
    with pytest.raises(LineError) as caught:
        format_record(Record(10**18, "A", 1, 0))
    assert caught.value.reason is Reason.INSTANTE_INVALIDO
    assert caught.value.detail == f"instante {10**18} ms; esperado um de 2000 a 2099"


def test_p8_a_line_as_long_as_a_record_may_be_is_read() -> None:
    line = f"{STAMP},A,1,0"
    assert parse_record(line + " " * (4_096 - len(line))).produced == 1
