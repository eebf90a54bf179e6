"""Sealing and reading a batch: what goes in comes out, and nothing of a damaged one is counted."""

import gzip
import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicfar.counts.batch import (
    MAX_UNREADABLE_BYTES,
    BatchMismatchError,
    ClockDoubt,
    Mark,
    NotABatchError,
    Sealed,
    UnknownVersionError,
    Unreadable,
    read_batch,
    seal,
)
from sicfar.counts.codes import Reason
from sicfar.counts.compression import DecompressedTooLargeError, QuarantineError, TornBatchError
from sicfar.counts.keys import BatchKey, BatchKeyError
from sicfar.counts.record import Record, format_record
from sicfar.errors import Fate, SicfarError

EPOCH = "9f3c" * 8
SEALED_AT = datetime(2026, 3, 15, 11, 15, 6, tzinfo=UTC)
AT = 1773573301250
RECORDS = [Record(AT, "SPEP-ENV-A", 1, 0, None, 18234, 77, (), "keyence_output.txt@88170"), Record(AT, "B", 2, 1)]
MARKS = [Mark("SPEP-ENV-A", AT, "ok", -180), Mark("B", AT + 1, "parado"), Mark("C", AT, "erro", 0)]
UNREADABLE = [Unreadable("keyence output.txt@88213", "COLUNAS", b"\0\xff\n#")]


def sealed(**changes: Any) -> Sealed:
    arguments: dict[str, Any] = {
        "gateway": "farmace-spep",
        "epoch": EPOCH,
        "seq": 184467,
        "sealed_at": SEALED_AT,
        "marks": MARKS,
        "lines": map(format_record, RECORDS),
        "unreadable": UNREADABLE,
    }
    return seal(**(arguments | changes))


def plain_of(batch: Sealed) -> bytes:
    return gzip.decompress(batch.body)


def key_for(body: bytes, **changes: Any) -> BatchKey:
    parts: dict[str, Any] = {"gateway": "farmace-spep", "epoch": EPOCH, "seq": 184467, "sealed_on": date(2026, 3, 15)}
    return BatchKey(**(parts | changes), digest16=hashlib.sha256(body).hexdigest()[:16])


def closed(*lines: str, records: int | None = None) -> bytes:
    """A plain batch of these lines with a true last line, as some other writer might make one."""
    text = "".join(f"{line}\n" for line in lines).encode()
    count = sum(line[:1].isdigit() for line in lines) if records is None else records
    return text + f"# fim registros={count} sha256={hashlib.sha256(text).hexdigest()}\n".encode()


HEADER = f"# sicfar-batch 1 gateway=farmace-spep epoca={EPOCH} seq=184467 selado_em=2026-03-15T11:15:06.000Z"
LINE = "2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0"


# -- sealing -----------------------------------------------------------------------------------------------------------


def test_a_batch_is_readable_text_with_its_own_digest() -> None:
    batch = sealed()
    lines = plain_of(batch).decode().splitlines()
    assert lines[:6] == [
        HEADER,
        "# marca linha=SPEP-ENV-A ate=2026-03-15T11:15:01.250Z estado=ok relogio_ms=-180",
        "# marca linha=B ate=2026-03-15T11:15:01.251Z estado=parado",
        "# marca linha=C ate=2026-03-15T11:15:01.250Z estado=erro relogio_ms=0",
        "timestamp,linha_id,producao_count,rejeicao_count,desde,producao_raw,rejeicao_raw,flags,origem,timestamp_fonte",
        "# ilegivel origem=keyence%20output.txt@88213 motivo=COLUNAS bytes=AP8KIw==",
    ]
    assert lines[6:8] == [
        "2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0,,18234,77,,keyence_output.txt@88170,",
        "2026-03-15T11:15:01.250Z,B,2,1,,,,,,",
    ]
    body = "".join(f"{line}\n" for line in lines[:8]).encode()
    assert lines[8:] == [f"# fim registros=2 sha256={hashlib.sha256(body).hexdigest()}"]
    assert batch.records == 2


def test_p11_a_gateway_that_doubts_its_clock_says_so_in_its_batch() -> None:
    batch = sealed(clock=ClockDoubt(7_200_000, "s3"))
    assert plain_of(batch).decode().splitlines()[1] == "# relogio estado=duvida desvio_ms=7200000 testemunha=s3"
    assert read_batch(BatchKey.parse(batch.key), [batch.body]).clock == ClockDoubt(7_200_000, "s3")
    assert read_batch(BatchKey.parse(sealed().key), [sealed().body]).clock is None


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("# relogio estado=ok desvio_ms=3", None),
        ("# relogio estado=ok", None),
        ("# relogio estado=duvida desvio_ms=-5 testemunha=fontes outra=1", ClockDoubt(-5, "fontes")),
    ],
)
def test_p11_what_another_writer_says_of_its_clock_is_read(line: str, doubt: ClockDoubt | None) -> None:
    body = closed(HEADER, line, LINE)
    assert read_batch(key_for(body), [body]).clock == doubt


@pytest.mark.parametrize(
    "line", ["# relogio", "# relogio estado=duvida", "# relogio estado=duvida desvio_ms=x testemunha=s3"]
)
def test_p8_a_clock_line_that_says_nothing_readable_is_refused(line: str) -> None:
    body = closed(HEADER, line, LINE)
    with pytest.raises(NotABatchError):
        read_batch(key_for(body), [body])


def test_p1_the_key_names_the_bytes_and_the_utc_day() -> None:
    late = datetime(2026, 3, 15, 23, 30, tzinfo=timezone(timedelta(hours=-3)))
    batch = sealed(sealed_at=late)
    assert batch.sha256 == hashlib.sha256(batch.body).hexdigest()
    assert batch.key == f"contagens/farmace-spep/{EPOCH}/2026/03/16/000000184467-{batch.sha256[:16]}.txt.gz"


def test_p1_sealing_again_gives_the_same_bytes_under_the_same_key() -> None:
    assert sealed() == sealed()
    assert sealed().body[4:8] == b"\0\0\0\0"  # the modification time of gzip
    assert sealed(seq=2).key != sealed().key


@pytest.mark.parametrize("line", ["", "# fim", "timestamp,linha_id", "2026,A,1,0\n2026,A,1,0", "x" * 70_000, "\ud800"])
def test_p8_a_line_that_is_no_record_travels_unreadable_stopping_nothing(line: str) -> None:
    batch = sealed(lines=[format_record(RECORDS[0]), line, format_record(RECORDS[1])], unreadable=[])
    read = read_batch(BatchKey.parse(batch.key), [batch.body])
    assert (read.tally.records, read.tally.problems) == (2, [])
    assert b"".join(item.data for item in read.unreadable) == line.encode("utf-8", "surrogatepass")
    assert len(read.unreadable) == 1 + len(line) // MAX_UNREADABLE_BYTES
    assert {item.origin for item in read.unreadable} == {"gateway"}
    assert {item.reason for item in read.unreadable} <= set(Reason)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"gateway": "Farmace"}, BatchKeyError),
        ({"epoch": "x"}, BatchKeyError),
        ({"seq": 0}, BatchKeyError),
        ({"sealed_at": datetime(2026, 3, 15)}, ValueError),  # noqa: DTZ001
        ({"marks": [Mark("a b", AT, "ok")]}, ValueError),
        ({"marks": [Mark("A", AT, "talvez")]}, ValueError),
        ({"marks": [Mark("A", -1, "ok")]}, ValueError),
        ({"marks": [Mark("A", AT, "ok", 10**13)]}, ValueError),
        ({"unreadable": [Unreadable("x", "COLUNAS", bytes(MAX_UNREADABLE_BYTES + 1))]}, ValueError),
        ({"unreadable": [Unreadable("x", "COLUNAS", bytes(MAX_UNREADABLE_BYTES))] * 400}, ValueError),
    ],
)
def test_what_could_not_be_read_back_is_not_sealed(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        sealed(**changes)


def test_p8_garbage_too_long_for_one_piece_is_refused_with_its_length() -> None:
    with pytest.raises(ValueError, match=r"^65537 bytes ilegíveis de uma vez; o máximo é 65536$"):
        sealed(unreadable=[Unreadable("x", "COLUNAS", bytes(65_537))])


# -- reading -----------------------------------------------------------------------------------------------------------


def test_p7_reading_gives_back_what_was_sealed_with_its_places() -> None:
    batch = sealed()
    key = BatchKey.parse(batch.key)
    read = read_batch(key, [batch.body])
    assert (read.key, read.version, read.sealed_at) == (key, 1, SEALED_AT)
    assert read.marks == tuple(MARKS)
    assert read.unreadable == tuple(UNREADABLE)
    (item,) = read.unreadable
    assert plain_of(batch)[item.byte_from : item.byte_to].startswith(b"# ilegivel ")
    assert plain_of(batch)[item.byte_from : item.byte_to].endswith(b"AP8KIw==\n")
    sums = read.tally.lines["SPEP-ENV-A"]
    assert plain_of(batch)[sums.byte_from : sums.byte_to].startswith(b"2026-03-15T11:15:01.250Z,SPEP-ENV-A,1,0")
    assert sums.seconds == {AT // 1000: [1, 0]}


marks = st.builds(
    Mark,
    line=st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,31}", fullmatch=True),
    until_ms=st.integers(946684800000, 4102444799999),
    state=st.sampled_from(["ok", "erro", "parado"]),
    clock_ms=st.none() | st.integers(-(10**12) + 1, 10**12 - 1),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
unreadables = st.builds(Unreadable, origin=texts, reason=texts, data=st.binary(max_size=200))
records = st.builds(
    Record,
    at_ms=st.integers(946684800000, 4102444799999),
    line=st.sampled_from(["A", "B"]),
    produced=st.integers(0, 999_999_999),
    rejected=st.integers(0, 999_999_999),
    produced_raw=st.none() | st.integers(0, 2**64 - 1),
    origin=texts,
)


@given(
    records=st.lists(records, max_size=20),
    marks=st.lists(marks, max_size=5),
    unreadable=st.lists(unreadables, max_size=5),
    sealed_ms=st.integers(946684800000, 4102444799999),
    size=st.integers(1, 500),
    plain=st.booleans(),
)
def test_p1_whatever_is_sealed_is_read_back(
    records: list[Record], marks: list[Mark], unreadable: list[Unreadable], sealed_ms: int, size: int, plain: bool
) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=sealed_ms)
    batch = sealed(marks=marks, lines=map(format_record, records), unreadable=unreadable, sealed_at=at)
    body = plain_of(batch) if plain else batch.body
    key = key_for(body, sealed_on=at.date())
    read = read_batch(key, [body[begin : begin + size] for begin in range(0, len(body), size)])
    assert (read.marks, read.unreadable, read.sealed_at) == (tuple(marks), tuple(unreadable), at)
    assert (batch.records, read.tally.records, read.tally.problems) == (len(records), len(records), [])
    for place, name in enumerate(("produced", "rejected")):
        found = sum(cell[place] for sums in read.tally.lines.values() for cell in sums.seconds.values())
        assert found == sum(getattr(record, name) for record in records)


def test_a_batch_of_marks_only_is_a_batch() -> None:
    batch = sealed(lines=[], unreadable=[])
    read = read_batch(BatchKey.parse(batch.key), [batch.body])
    assert (read.tally.records, read.marks) == (0, tuple(MARKS))


def test_unknown_keys_lines_and_columns_of_later_writers_are_ignored() -> None:
    body = closed(
        HEADER + " futuro=1",
        "# novidade x=1",
        "# marca linha=A ate=2026-03-15T11:15:01.250Z estado=ok cor=azul",
        "timestamp,linha_id,producao_count,rejeicao_count,temperatura",
        LINE + ",21.5",
        "# ilegivel origem=x motivo=NOVO bytes= peso=1",
    )
    read = read_batch(key_for(body), [body])
    assert read.tally.records == 1
    assert read.marks == (Mark("A", AT, "ok"),)
    assert read.unreadable == (Unreadable("x", "NOVO", b""),)


def test_p8_a_bad_record_in_a_true_batch_is_a_problem_and_the_others_count() -> None:
    body = closed(HEADER, LINE, LINE.replace(",1,", ",-1,"), LINE)
    read = read_batch(key_for(body), [body])
    assert (read.tally.records, read.tally.bad_lines) == (2, 1)


# -- damage ------------------------------------------------------------------------------------------------------------


def test_p8_a_batch_cut_at_any_byte_is_torn() -> None:
    batch = sealed()
    key = BatchKey.parse(batch.key)
    for length in range(len(batch.body)):
        with pytest.raises(TornBatchError) as caught:
            read_batch(key, [batch.body[:length]])
        assert caught.value.fate is Fate.TRANSIENT


def test_p8_a_plain_batch_cut_at_any_byte_is_torn_under_any_key() -> None:
    body = plain_of(sealed())
    first_line = body.index(b"\n") + 1
    for length in range(len(body)):
        with pytest.raises(TornBatchError):
            read_batch(key_for(body), [body[:length]])
        # Before its first line is whole nothing tells that it was to be a batch.
        expected = TornBatchError if length >= first_line else NotABatchError
        with pytest.raises(expected):
            read_batch(key_for(body[:length]), [body[:length]])


@settings(max_examples=300)
@given(where=st.integers(0), bit=st.integers(0, 7), plain=st.booleans())
def test_p1_a_batch_with_a_flipped_bit_is_never_counted(where: int, bit: int, plain: bool) -> None:
    batch = sealed()
    body = bytearray(plain_of(batch) if plain else batch.body)
    key = key_for(bytes(body))
    body[where % len(body)] ^= 1 << bit
    with pytest.raises(TornBatchError):
        read_batch(key, [bytes(body)])


@pytest.mark.parametrize("bit", [0, 5])
def test_p1_a_flipped_bit_is_found_even_under_the_key_of_its_bytes(bit: int) -> None:
    body = plain_of(sealed())
    for where in range(len(body)):
        flipped = bytearray(body)
        flipped[where] ^= 1 << bit
        with pytest.raises(SicfarError):
            read_batch(key_for(bytes(flipped)), [bytes(flipped)])


def test_p8_damage_is_told_before_anything_the_damaged_bytes_seem_to_say() -> None:
    for body in (b"lixo\n", closed(HEADER.replace("batch 1", "batch 9")), gzip.compress(bytes(1000))):
        with pytest.raises(TornBatchError):
            read_batch(key_for(b"outros bytes"), [body, b""], limit=100)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (closed(HEADER, LINE).rpartition(b"# fim")[0], "não acaba em uma linha"),
        (closed(HEADER, LINE)[:-1], "não acaba em uma linha"),
        (closed(HEADER, LINE) + b"# mais\n", "não acaba em uma linha"),
        (closed(HEADER, LINE) + b"#" * 10_000 + b"\n", "não acaba em uma linha"),
        (closed(HEADER, LINE).replace(b",1,0", b",2,0"), "sha256"),
        (closed(HEADER, LINE, records=2), "registros"),
        (closed(HEADER, LINE, records=0), "registros"),
        (closed(HEADER, LINE).replace(b"registros=1 ", b""), "registros"),
        (closed(HEADER, LINE).replace(b"sha256=", b"sha="), "sha256"),
    ],
)
def test_p8_a_batch_without_its_true_last_line_is_torn(body: bytes, told: str) -> None:
    with pytest.raises(TornBatchError, match=told):
        read_batch(key_for(body), [body])


@pytest.mark.parametrize(("length", "read"), [(4_095, True), (4_096, True), (4_097, False)])
def test_p8_a_last_line_may_be_as_long_as_there_is_room_for_and_no_longer(length: int, *, read: bool) -> None:
    body = closed(HEADER, LINE)
    last = len(body) - body.rindex(b"# fim")
    body = body[:-1] + b" " + b"x" * (length - last - 1) + b"\n"
    for chunks in ([body], [body[n : n + 1] for n in range(len(body))]):
        if read:
            assert read_batch(key_for(body), chunks).tally.records == 1
        else:
            with pytest.raises(TornBatchError, match="não acaba"):
                read_batch(key_for(body), chunks)


def test_a_line_that_only_resembles_one_of_ours_is_ignored() -> None:
    body = closed(HEADER, "#  marca linha=A", "#marca linha=A", "# marcas linha=A", "# x marca linha=A")
    assert read_batch(key_for(body), [body]).marks == ()
    body = closed(HEADER.replace("batch 1", "batch  1"))
    with pytest.raises(NotABatchError, match="versão ausente"):
        read_batch(key_for(body), [body])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        LINE.encode() + b"\n",
        closed(LINE),
        closed(LINE, HEADER),
        closed("", HEADER),
        closed("# nota", HEADER, LINE),
        closed(HEADER.replace("sicfar-batch", "sicfar")),
        closed(HEADER.replace("batch 1", "batch x")),
        closed(HEADER.replace("batch 1", "batch " + "9" * 5000)),
        closed("# sicfar-batch"),
        closed("# sicfar-batch "),
        closed(HEADER.replace(" seq=184467", "")),
        closed(HEADER.replace("2026-03-15T11", "ontem")),
        closed(HEADER, "# marca linha=A ate=2026-03-15T11:15:01.250Z estado=talvez"),
        closed(HEADER, "# marca linha=A estado=ok"),
        closed(HEADER, "# marca linha=a ate=2026-03-15T11:15:01.250Z estado=ok"),
        closed(HEADER, "# marca linha=A ate=2026-03-15T11:15:01.250Z estado=ok relogio_ms=x"),
        closed(HEADER, "# ilegivel origem=x motivo=y bytes=***"),
        closed(HEADER, "# ilegivel origem=x motivo=y"),
        closed(HEADER, "# fim registros=0 sha256=" + "0" * 64),
    ],
)
def test_p8_what_is_whole_but_no_batch_goes_to_quarantine(body: bytes) -> None:
    with pytest.raises(NotABatchError) as caught:
        read_batch(key_for(body), [body])
    assert isinstance(caught.value, QuarantineError)
    assert caught.value.fate is Fate.PERMANENT
    assert caught.value.action


@pytest.mark.parametrize("version", ["0", "2", "17"])
def test_an_unknown_version_waits_for_a_deploy_and_is_not_quarantined(version: str) -> None:
    body = closed(HEADER.replace("batch 1", f"batch {version}"), "@@ something new", records=0)
    with pytest.raises(UnknownVersionError, match=f"versão {version}") as caught:
        read_batch(key_for(body), [body])
    assert not isinstance(caught.value, QuarantineError)
    assert caught.value.fate is Fate.PERMANENT


@pytest.mark.parametrize(
    "changes", [{"gateway": "outro"}, {"epoch": "0" * 32}, {"seq": 1}, {"sealed_on": date(2026, 3, 16)}]
)
def test_p9_a_batch_that_says_to_be_another_than_its_key_is_not_counted(changes: dict[str, Any]) -> None:
    body = sealed().body
    with pytest.raises(BatchMismatchError, match=str(next(iter(changes.values()))) if "seq" not in changes else "seq"):
        read_batch(key_for(body, **changes), [body])


def test_p8_a_batch_that_explodes_is_refused() -> None:
    batch = sealed(lines=[format_record(RECORDS[1])] * 5000)
    with pytest.raises(DecompressedTooLargeError):
        read_batch(BatchKey.parse(batch.key), [batch.body], limit=10_000)


def test_an_error_of_the_source_is_not_mistaken_for_one_of_the_batch() -> None:
    def chunks() -> Any:
        yield sealed().body[:50]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        read_batch(BatchKey.parse(sealed().key), chunks())


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("began", [None, SEALED_AT - timedelta(days=3, milliseconds=1)])
def test_p1_a_batch_says_when_its_epoch_began_and_if_records_are_older(began: datetime | None, earlier: bool) -> None:
    batch = sealed(epoch_began=began, earlier=earlier)
    read = read_batch(BatchKey.parse(batch.key), [batch.body])
    assert (read.epoch_began, read.earlier) == (began, earlier)


@pytest.mark.parametrize("words", ["inicio=ontem", "anterior=talvez"])
def test_p8_a_batch_that_says_it_wrongly_is_refused_whole(words: str) -> None:
    body = closed(HEADER + " " + words, LINE)
    with pytest.raises(NotABatchError, match=words.partition("=")[2]):
        read_batch(key_for(body), [body])


# -- what a person is told --------------------------------------------------------------------------------------------

WHOLE = closed(HEADER, LINE)
MARK = "# marca linha=A ate=2026-03-15T11:15:01.250Z estado=ok"
RETRIED = " — nenhuma: nova tentativa automática; se persistir, o arquivo vai para a quarentena"
FOREIGN = " — confira quem gravou o objeto; só o gateway escreve em contagens/"
DEPLOY = " — atualize a parte na nuvem e reenvie da DLQ; o arquivo continua no bucket"
COPIED = " — confira quem gravou o objeto: foi renomeado ou copiado de outro"
QUOTED = "'# sicfar-batch {} gateway=farmace-spep epoca=9f3c9f3c9f3c9f3c'…"


@pytest.mark.parametrize(
    ("body", "changes", "code", "text"),
    [
        (
            sealed().body[:40],
            {},
            "batch_torn",
            "gzip cortado: o objeto acaba antes do fim do fluxo — byte 40 do objeto" + RETRIED,
        ),
        (
            WHOLE.replace(b",1,0", b",2,0"),
            {},
            "batch_torn",
            "o sha256 da linha # fim não confere com o conteúdo do lote" + RETRIED,
        ),
        (closed(HEADER, LINE, records=2), {}, "batch_torn", "# fim anuncia '2' registros; há 1" + RETRIED),
        (WHOLE.replace(b"registros=1 ", b""), {}, "batch_torn", "# fim anuncia '' registros; há 1" + RETRIED),
        (
            WHOLE[:-1],
            {},
            "batch_torn",
            f"o lote não acaba em uma linha '# fim ...': '{WHOLE[-90:-30].decode()}'…" + RETRIED,
        ),
        (b"", {}, "not_a_batch", "o objeto não é um lote do gateway: não há linhas '#' — byte 0" + FOREIGN),
        (
            closed("# nota", HEADER),
            {},
            "not_a_batch",
            "o objeto não é um lote do gateway: a primeira linha não é '# sicfar-batch ...' em '# nota' — byte 0"
            + FOREIGN,
        ),
        (
            closed(HEADER.replace("batch 1", "batch x")),
            {},
            "not_a_batch",
            f"o objeto não é um lote do gateway: versão ausente em {QUOTED.format('x')} — byte 0" + FOREIGN,
        ),
        (
            closed(HEADER + " anterior=talvez"),
            {},
            "not_a_batch",
            f"o objeto não é um lote do gateway: anterior 'talvez'; esperado sim ou nao em {QUOTED.format(1)} — byte 0"
            + FOREIGN,
        ),
        (
            closed(HEADER, MARK.replace("=A", "=a")),
            {},
            "not_a_batch",
            f"o objeto não é um lote do gateway: linha 'a' inválida em '{MARK.replace('=A', '=a')}' — byte 123"
            + FOREIGN,
        ),
        (
            closed(HEADER, MARK.replace("=ok", "=x")),
            {},
            "not_a_batch",
            "o objeto não é um lote do gateway: estado 'x'; esperado ok, erro, parado em "
            f"'{MARK.replace('=ok', '=x')}' — byte 123" + FOREIGN,
        ),
        (
            closed(HEADER, MARK + " relogio_ms=x"),
            {},
            "not_a_batch",
            f"o objeto não é um lote do gateway: relogio_ms 'x' inválido em '{MARK} relog'… — byte 123" + FOREIGN,
        ),
        (
            closed(HEADER, "# fim registros=0"),
            {},
            "not_a_batch",
            "o objeto não é um lote do gateway: 2 linhas '# fim'; esperado uma, a última — byte 231" + FOREIGN,
        ),
        (
            WHOLE,
            {"gateway": "outro"},
            "batch_mismatch",
            "o lote diz gateway='farmace-spep' e a sua chave diz outro — {key}" + COPIED,
        ),
        (
            WHOLE,
            {"epoch": "0" * 32},
            "batch_mismatch",
            f"o lote diz epoca='{EPOCH}' e a sua chave diz {'0' * 32} — {{key}}" + COPIED,
        ),
        (WHOLE, {"seq": 7}, "batch_mismatch", "o lote diz seq='184467' e a sua chave diz 7 — {key}" + COPIED),
        (
            WHOLE,
            {"sealed_on": date(2026, 3, 16)},
            "batch_mismatch",
            "o lote diz selado_em='2026-03-15' e a sua chave diz 2026-03-16 — {key}" + COPIED,
        ),
        (
            closed(HEADER.replace("batch 1", "batch 17")),
            {},
            "batch_version_unknown",
            "lote de versão 17; aceitas: 1 — {key}" + DEPLOY,
        ),
        (
            gzip.compress(WHOLE + bytes(20_000)),
            {},
            "decompressed_too_large",
            "o conteúdo descompactado passa de 10000 bytes — confira a origem do arquivo; envie-o em partes menores",
        ),
    ],
)
def test_p8_an_error_tells_a_person_what_is_wrong_where_and_what_to_do(
    body: bytes, changes: dict[str, Any], code: str, text: str
) -> None:
    key = key_for(body, **changes)
    with pytest.raises(SicfarError) as caught:
        read_batch(key, [body], limit=10_000)
    assert (caught.value.code, str(caught.value)) == (code, text.format(key=key.format()))


def test_p8_an_object_not_as_sent_is_detected_by_digest_and_name() -> None:
    key = key_for(b"outros bytes")
    with pytest.raises(TornBatchError) as caught:
        read_batch(key, [WHOLE])
    found = hashlib.sha256(WHOLE).hexdigest()[:16]
    text = f"os bytes gravados não são os que o gateway enviou (sha256 {found}…) — {key.format()}"
    assert str(caught.value) == text + RETRIED
