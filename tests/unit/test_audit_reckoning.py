"""The audit's own reckoning: the past undone, the periods, the fingerprints, where an increment belongs."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.audit.differences import Difference
from operations.audit.evidence import DatabaseUnreadableError, Filed, read_as
from operations.audit.files import Reading, _Text
from operations.audit.history import Change, Configuration, Period, Periods, Rows
from operations.audit.increments import Increment
from operations.audit.judging import Judge
from operations.audit.rows.history import LineRow, OwnerRow
from operations.audit.rows.ledger import FileRow, SpanRow
from operations.audit.sequences import Sequences
from operations.audit.sums import Prints, Total, situation
from operations.audit.unreadable import bounded, without
from sicfar.counts.txt import tally
from sicfar.ingest.loose import first_bytes
from sicfar.instants import from_ms

BEGIN = datetime(2026, 3, 15, 11, 0, tzinfo=UTC)
SECOND = int(BEGIN.timestamp())
LINE = "SPEP-ENV-A"


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def owner(source: str, since: float, until: float | None = None, number: int = 1, role: str = "contagem"):
    end = None if until is None else at(until)
    return OwnerRow(id=number, line=LINE, source=source, role=role, since=at(since), until=end)


def increment(first: float, last: float, *flags: str) -> Increment:
    return Increment(LINE, int((SECOND + first) * 1000), int((SECOND + last) * 1000), (5, 1), True, flags, 0, 9)


# The past -------------------------------------------------------------------------------------------------------------


def test_p2_rows_are_what_they_were_then_through_every_kind_of_change():
    now = [{"id": 1, "n": 3}, {"id": 3, "n": 9}]
    changes = [
        Change(at(1), None, {"id": 1, "n": 1}),
        Change(at(2), {"id": 1, "n": 1}, {"id": 1, "n": 2}),
        Change(at(3), {"id": 2, "n": 5}, None),
        Change(at(4), {"id": 1, "n": 2}, {"id": 1, "n": 3}),
        Change(at(5), None, {"id": 3, "n": 9}),
    ]
    rows = Rows(lambda row: row["id"], now, changes)

    def then(minutes):
        return {key: row["n"] for key, row in rows.at(at(minutes)).items()}

    assert then(0) == {2: 5}
    assert then(1) == {1: 1, 2: 5}
    assert then(2.5) == {1: 2, 2: 5}
    assert then(3) == {1: 2}
    assert then(4) == {1: 3}
    assert then(99) == {1: 3, 3: 9}


def configuration(owners, changes=(), limit=None) -> Configuration:
    line = LineRow(line=LINE, limit=limit)
    return Configuration(Rows(lambda row: row.id, owners, changes), Rows(lambda row: row.line, [line], ()))


def test_p2_an_owner_owns_from_end_to_end_by_what_was_configured_then():
    handed = Change(at(60), owner("um", 0), owner("um", 0, 30))
    known = configuration(
        [owner("um", 0, 30), owner("dois", 30, None, 2)], [handed, Change(at(61), None, owner("dois", 30, None, 2))]
    )

    def owns(when, source, first, last):
        found = known.owner(at(when), LINE, source, SECOND + first * 60, SECOND + last * 60)
        return found is not None and found.adds

    assert owns(59, "um", 0, 45)
    assert not owns(60, "um", 0, 45)
    assert owns(60, "um", 0, 29)
    assert not owns(60, "um", 30, 30), "the end is exclusive"
    assert not owns(60, "dois", 30, 40)
    assert owns(61, "dois", 30, 40)
    assert not owns(61, "dois", 29, 40)


def test_a_second_sensor_adds_nothing_and_an_unknown_line_has_no_limit():
    known = configuration([owner("um", 0, role="conferencia")])
    found = known.owner(at(5), LINE, "um", SECOND, SECOND)
    assert found is not None
    assert not found.adds
    assert known.limit(at(5), LINE) == 999_999_999
    assert known.limit(at(5), "LINHA-X") is None


# The periods ----------------------------------------------------------------------------------------------------------

PERIODS = Periods(
    [(LINE, Period("2", SECOND + 60, float("inf"), (8, 1))), (LINE, Period("1", SECOND, SECOND + 30, (5, 2)))]
)


@pytest.mark.parametrize(
    ("second", "op"), [(-1, None), (0, "1"), (29, "1"), (30, None), (59, None), (60, "2"), (9999, "2")]
)
def test_p2_a_second_belongs_to_the_order_open_then(second, op):
    period = PERIODS.at(LINE, SECOND + second)
    assert (period.op if period else None) == op
    assert PERIODS.at("OUTRA", SECOND + second) is None


@pytest.mark.parametrize(
    ("first", "last", "name", "why"),
    [
        (0, 29.999, "ATRIBUIDA", None),
        (0.5, 30, "RETIDA", "FRONTEIRA"),
        (29.999, 30, "RETIDA", "FRONTEIRA"),
        (30, 59.999, "SEM_ORDEM", None),
        (30, 60, "RETIDA", "FRONTEIRA"),
        (-0.001, 0, "RETIDA", "FRONTEIRA"),
        (60, 70, "ATRIBUIDA", None),
        (-20, -1, "SEM_ORDEM", None),
        (-1, 99, "RETIDA", "FRONTEIRA"),
    ],
)
def test_p2_an_increment_that_spans_a_boundary_is_a_persons(first, last, name, why):
    found = situation(PERIODS, increment(first, last))
    assert (found.standing, found.why) == (name, why)


def test_p2_an_implausible_increment_is_a_persons_wherever_it_is():
    found = situation(PERIODS, increment(1, 2, "implausivel"))
    assert (found.standing, found.why, found.period) == ("RETIDA", "IMPLAUSIVEL", None)


def test_p2_units_are_counts_times_factors_hand_counts_have_no_second():
    total = Total()
    total.add((3, 1), (8, 2), SECOND + 9)
    total.add((1, 0), (8, 2), SECOND + 4)
    total.add((100, 5), (1, 1))
    assert (total.units, total.machine) == ([132, 7], [104, 6])
    assert (total.first, total.last) == (SECOND + 4, SECOND + 9)


# Fingerprints ---------------------------------------------------------------------------------------------------------

cells = st.lists(st.tuples(st.integers(0, 200_000), st.tuples(st.integers(0, 9), st.integers(0, 9))), max_size=20)


@given(cells, st.randoms(use_true_random=False))
def test_p1_the_same_counts_in_any_portions_have_one_fingerprint(found, chance):
    one, total = Prints(), {}
    for second, pair in found:
        one.add((LINE,), second, pair)
        had = total.get(second, (0, 0))
        total[second] = (had[0] + pair[0], had[1] + pair[1])
    two = one.twin()
    summed = list(total.items())
    chance.shuffle(summed)
    for second, pair in summed:
        two.add((LINE,), second, pair)
    assert one.differing(two) == []
    two.add((LINE,), 7, (0, 1))
    assert one.differing(two) == [((LINE,), 0)]


@pytest.mark.parametrize("other", [[(6, (2, 1))], [(5, (1, 2))], [(5, (2, 0))], [(5, (1, 1)), (6, (1, 0))], []])
def test_p1_a_count_of_another_second_or_counter_shows(other):
    one = Prints()
    one.add((LINE,), 5, (2, 1))
    two = one.twin()
    for second, pair in other:
        two.add((LINE,), second, pair)
    assert one.differing(two) == [((LINE,), 0)]


# Sequences ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 4))), st.integers(0, 40))
def test_p1_sequences_are_what_a_set_of_them_says(ranges, until):
    found = Sequences()
    there = set()
    for first, more in ranges:
        found.add(first, first + more)
        there |= set(range(first, first + more + 1))
    assert found.prefix() == next(n for n in range(36) if n + 1 not in there)
    gaps = [n for first, last in found.gaps(until) for n in range(first, last + 1)]
    assert gaps == [n for n in range(1, until + 1) if n not in there]


# Files ----------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=60).map(lambda b: b.replace(b"\x00", b"\n")), st.data())
def test_p1_a_loose_text_is_identified_by_lines_and_counted_part(text, data):
    cut = data.draw(st.integers(0, len(text)) | st.none())
    kept = text if cut is None else text[:cut]
    counted = data.draw(st.integers(0, len(kept)))
    size = data.draw(st.integers(1, 7))
    chunks = (text[n : n + size] for n in range(0, len(text), size))
    found = _Text(chunks if cut is None else first_bytes(chunks, cut), counted)
    assert b"".join(found) == kept
    whole = kept[: kept.rfind(b"\n") + 1]
    assert found.accepted == (hashlib.sha256(whole).hexdigest() if whole else "")
    assert found.before == (hashlib.sha256(kept[:counted]).hexdigest() if counted else "")


# Judging --------------------------------------------------------------------------------------------------------------


def reading(*lines: str) -> Reading:
    return Reading("", tally(["".join(f"{line}\n" for line in lines).encode()]))


def line(second: int, made: int) -> str:
    return f"{from_ms((SECOND + second) * 1000):%Y-%m-%dT%H:%M:%S}Z,{LINE},{made},0"


def held(second: int, made: int, *more: str) -> SpanRow:
    moment = from_ms((SECOND + second) * 1000)
    return SpanRow(
        id=1,
        file_id=1,
        line=LINE,
        since=moment,
        until=moment,
        produced=made,
        rejected=0,
        flags={"implausivel", *more},
        standing="RETIDA",
        order=None,
        produced_factor=None,
        rejected_factor=None,
        byte_from=None,
        byte_to=None,
        taken_by=None,
    )


def filed(written_at: datetime, *spans: SpanRow) -> Filed:
    known = {
        "id": 1,
        "bucket": "b",
        "chave": "k",
        "tamanho": 1,
        "gravado_em": written_at,
        "tipo": "gateway",
        "gateway": "um",
        "registros": 1,
        "situacao": "APLICADO",
        "ingerido_em": written_at,
    }
    columns = [field.alias or name for name, field in FileRow.model_fields.items()]
    return Filed(FileRow.model_validate(dict.fromkeys(columns) | known), spans=list(spans))


def test_p1_more_than_a_line_can_make_is_held_more_than_a_minute_may_be():
    known = configuration([owner("um", 0)], limit=3_000_000)

    def judged(made, *spans):
        found = Judge(known, "um", "k", filed(at(5), *spans)).judge(reading(line(1, made)), at(5))
        return len(found.seconds), len(found.spans), [one.code for one in found.differences]

    assert judged(2_000_000) == (1, 0, [])
    assert judged(2_000_000, held(1, 2_000_000)) == (0, 1, [])
    assert judged(4_000_000, held(1, 4_000_000)) == (0, 1, [])
    assert judged(4_000_000) == (0, 1, ["INTERVALO_AUSENTE"])
    assert judged(5, held(1, 5)) == (1, 0, ["INTERVALO_SEM_ORIGEM"])


def test_p11_counts_dated_after_their_file_came_may_be_held():
    known = configuration([owner("um", 0)])
    future = held(9, 5, "futura")

    def judged(came: int, *spans):
        found = Judge(known, "um", "k", filed(at(came / 60), *spans)).judge(reading(line(9, 5)), at(5))
        return len(found.seconds), len(found.spans), [one.code for one in found.differences]

    assert judged(5, future) == (0, 1, [])
    assert judged(5) == (1, 0, [])
    assert judged(9, future) == (1, 0, ["INTERVALO_SEM_ORIGEM"])


def test_p1_what_no_row_tells_of_is_judged_by_who_owned_the_line_then():
    known = configuration([owner("um", 0)])
    ours = Judge(known, "um", "k", None).judge(reading(line(1, 5)), at(5))
    assert ([one.pair for one in ours.seconds], dict(ours.refused)) == ([(5, 0)], {})
    theirs = Judge(known, "dois", "k", None).judge(reading(line(1, 5)), at(5))
    assert (theirs.seconds, dict(theirs.refused), theirs.differences) == ([], {LINE: [5, 0]}, [])


# Reading --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "named"), [({"papel": "reserva"}, "OwnerRow: papel"), ({"linha_id": None}, "OwnerRow: linha_id")]
)
def test_p11_a_row_this_version_does_not_know_ends_the_audit(wrong, named):
    row = {"id": 1, "linha_id": LINE, "fonte": "um", "papel": "contagem", "de": at(0), "ate": None, "nova": 1}
    assert read_as(OwnerRow, row) == owner("um", 0)
    with pytest.raises(DatabaseUnreadableError, match=named):
        read_as(OwnerRow, row | wrong)


# Telling --------------------------------------------------------------------------------------------------------------


def test_a_difference_is_one_line_with_its_place_and_both_figures():
    found = Difference(
        code="MINUTO",
        detail="contagens_minuto",
        line=LINE,
        order="000123",
        at="2026-03-15T11:00:00.000Z",
        key="contagens/x.gz",
        byte_from=12,
        byte_to=99,
        expected="5/0",
    )
    assert str(found) == (
        "MINUTO · linha SPEP-ENV-A · OP 000123 · em 2026-03-15T11:00:00.000Z · contagens/x.gz bytes 12–99 · "
        "contagens_minuto · esperado 5/0, encontrado nada"
    )
    assert list(found.as_json().items()) == [
        ("o_que", "MINUTO"),
        ("detalhe", "contagens_minuto"),
        ("linha_id", LINE),
        ("numero_op", "000123"),
        ("em", "2026-03-15T11:00:00.000Z"),
        ("objeto", "contagens/x.gz"),
        ("byte_de", 12),
        ("byte_ate", 99),
        ("esperado", "5/0"),
    ]


# Unreadable stretches -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found", "missing"),
    [
        ([(0, 5), (9, 12)], [(0, 5), (9, 12)], []),
        ([(0, 5), (5, 8)], [(0, 8)], []),
        ([(0, 8)], [(0, 5), (5, 8)], []),
        ([(0, 5), (9, 12)], [(0, 5)], [(9, 12)]),
        ([(0, 5), (9, 12)], [(9, 12)], [(0, 5)]),
        ([(0, 5), (9, 12)], [(0, 5), (9, 11)], [(9, 12)]),
        ([(3, 5)], [(4, 9)], [(3, 5)]),
        ([(0, 5)], [], [(0, 5)]),
    ],
)
def test_p8_unreadable_bytes_are_where_the_record_says(expected, found, missing) -> None:
    assert list(without(expected, found)) == missing


def test_p8_past_a_thousand_stretches_the_last_spans_the_rest() -> None:
    stretches = [(n * 10, n * 10 + 5) for n in range(1_200)]
    kept = bounded(stretches[::-1])
    assert (len(kept), kept[:999], kept[-1]) == (1_000, stretches[:999], (9_990, 11_995))
