"""From bytes of a TXT file to records: bad input hurts only itself, clocks are judged, marks never run ahead."""

from __future__ import annotations

import asyncio
from io import FileIO
from pathlib import Path

import pytest

from edge_gateway.clock import Instant, OwnClock
from edge_gateway.config import FolderConfig, Rhythm
from edge_gateway.folders import evidence
from edge_gateway.folders.clock import ClockJudge, Trust
from edge_gateway.folders.files import open_to_read
from edge_gateway.folders.source import SURVEYED, FolderSource
from edge_gateway.source import SourceError
from sicfar.counts.batch import MAX_UNREADABLE_BYTES, Unreadable
from sicfar.counts.codes import Reason
from sicfar.instants import parse_instant
from tests.support.reading import Reading

NOW = parse_instant("2026-03-15T08:15:10.000-03:00")
GOOD = b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0\n"
MINUTE = 60_000


class Gateway:
    """A source over a folder with a wall clock of its own."""

    def __init__(self, folder: Path, *, rhythm: Rhythm = "constant", aliases: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.now = NOW
        config = FolderConfig(path=str(folder), rhythm=rhythm, aliases=aliases or {}, event_delay_s=30)
        self.config = config
        self.positions: dict[str, bytes] = {SURVEYED: b""}
        self.restart()

    def restart(self) -> None:
        """The next process, with what the spool kept."""
        self.source = FolderSource(self.config, self.positions, {}, wall_ms=lambda: self.now)

    async def connected(self) -> Gateway:
        await self.source.connect()
        return self

    def read(self) -> Reading:
        reading = Reading.of(self.source.read_now())
        reading.ack()
        for key, value in reading.position.items():
            self.positions.pop(key, None)
            if value is not None:
                self.positions[key] = value
        return reading

    def append(self, data: bytes, name: str = "keyence_output.txt") -> None:
        with (self.folder / name).open("ab") as handle:
            handle.write(data)


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return connect(Gateway(tmp_path))


def connect(gateway: Gateway) -> Gateway:
    return asyncio.run(gateway.connected())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"lixo\n", Reason.COLUNAS),
        (b"2026-03-15T08:15:01,SPEP-ENV-A,1\n", Reason.COLUNAS),
        (b"2026-03-15T08:15:01,SPEP-ENV-A,-1,0\n", Reason.CONTAGEM_NEGATIVA),
        (b"2026-03-15T08:15:01,SPEP-ENV-A,1000000000,0\n", Reason.CONTAGEM_ABSURDA),
        (b"2026-02-30T08:15:01,SPEP-ENV-A,1,0\n", Reason.INSTANTE_INVALIDO),
        ("2026-03-15T08:15:01,LINHA Ç,1,0\n".encode("cp1252"), Reason.CODIFICACAO),
        (b"2026-03-15T08:15:01," + b"X" * 5000 + b",1,0\n", Reason.LINHA_LONGA),
    ],
)
def test_p8_a_bad_line_ships_as_unreadable_and_good_ones_count(gateway: Gateway, line: bytes, reason: Reason) -> None:
    gateway.append(GOOD + line + GOOD.replace(b"01.250", b"01.500"))
    reading = gateway.read()
    assert [record.produced for record in reading.records] == [1, 1]
    assert [(item.reason, item.origin, item.data) for item in reading.unreadable] == [
        (reason, f"keyence_output.txt@{len(GOOD)}", line)
    ]


def test_p1_lines_perhaps_counted_already_ship_whole_with_their_reason(gateway: Gateway) -> None:
    gateway.append(GOOD * 2, "a.txt")
    gateway.append(GOOD, "b.txt")
    own = b"".join(b"2026-03-15T08:15:02.%03d-03:00,SPEP-ENV-A,1,0\n" % number for number in range(1000)) * 3
    gateway.append(own, "b.txt")
    unreadable: list[Unreadable] = []
    for _ in range(20):
        reading = gateway.read()
        unreadable += reading.unreadable
    assert b"".join(item.data for item in unreadable) == own
    assert {item.reason for item in unreadable} == {Reason.CONTEUDO_ALTERADO}
    assert len(unreadable) == 3
    assert all(item.data.endswith(b"\n") and len(item.data) <= MAX_UNREADABLE_BYTES for item in unreadable)
    assert unreadable[1].origin == f"b.txt@{len(GOOD) + len(unreadable[0].data)}"
    assert "b.txt começa igual a outro arquivo e depois difere" in reading.trouble


def test_p8_bom_header_crlf_and_blank_lines_are_no_problem(gateway: Gateway) -> None:
    text = "\ufefftimestamp,linha_id,producao_count,rejeicao_count\r\n\r\n" + GOOD.decode().replace("\n", "\r\n")
    gateway.append(text.encode())
    reading = gateway.read()
    assert len(reading.records) == 1
    assert not reading.unreadable


def test_a_header_stays_in_force_for_what_is_appended_later(gateway: Gateway) -> None:
    gateway.append(b"timestamp,rejeicao_count,producao_count,linha_id\n2026-03-15T08:15:01,2,7,SPEP-ENV-A\n")
    assert gateway.read().records[0].produced == 7
    gateway.append(b"2026-03-15T08:15:02,3,8,SPEP-ENV-A\n")
    record = gateway.read().records[0]
    assert (record.produced, record.rejected) == (8, 3)


@pytest.mark.parametrize(
    "header",
    [
        b"timestamp,linha_id,rejeicao,producao_count",
        b"timestamp,linha_id,producao_count,rejeicao_count,producao_count",
        b"timestamp,linha_id,rejeicao_count,producao_count," + b"x" * 5_000,
    ],
    ids=["without a column", "with one twice", "too long"],
)
def test_p1_below_an_unreadable_header_nothing_counts_by_the_former(gateway: Gateway, header: bytes) -> None:
    good = b"timestamp,linha_id,producao_count,rejeicao_count\n"
    row = b"2026-03-15T08:15:02,SPEP-ENV-A,5,100\n"
    gateway.append(good + GOOD + header + b"\n" + row)
    reading = gateway.read()
    assert [record.produced for record in reading.records] == [1]
    assert [item.data for item in reading.unreadable] == [header + b"\n", row]
    assert reading.unreadable[1].reason is Reason.COLUNAS
    gateway.restart()
    connect(gateway)
    gateway.append(row.replace(b":02", b":03"))
    assert not gateway.read().records
    gateway.append(good + row.replace(b":02", b":04"))
    assert [record.produced for record in gateway.read().records] == [5]


def test_p8_a_torn_last_line_waits_for_its_end(gateway: Gateway) -> None:
    gateway.append(GOOD + GOOD[:20])
    assert len(gateway.read().records) == 1
    assert not gateway.read().records
    gateway.append(GOOD[20:])
    assert len(gateway.read().records) == 1


def test_an_empty_file_is_no_problem(gateway: Gateway) -> None:
    gateway.append(b"")
    assert not gateway.read().has_news


def test_p8_an_endless_line_is_read_in_pieces_and_the_next_line_counts(gateway: Gateway) -> None:
    gateway.append(b"\xff" * 3_000_000)
    unreadable: list[Unreadable] = []
    for _ in range(20):
        reading = gateway.read()
        unreadable += reading.unreadable
        if not reading.more:
            break
    gateway.append(b"end\n" + GOOD)
    reading = gateway.read()
    unreadable += reading.unreadable
    assert len(reading.records) == 1
    assert {item.reason for item in unreadable} == {Reason.LINHA_LONGA}
    assert unreadable[-1].data.endswith(b"end\n")
    assert all(len(item.data) <= 4_096 + 4 for item in unreadable)


def test_a_machine_id_becomes_its_line_even_if_it_could_be_none(tmp_path: Path) -> None:
    gateway = connect(Gateway(tmp_path, aliases={"maq 1": "SPEP-ENV-B"}))
    gateway.append(GOOD.replace(b"SPEP-ENV-A", b"maq 1"))
    assert gateway.read().records[0].line == "SPEP-ENV-B"


def test_p1_a_reading_that_was_not_acknowledged_comes_again(gateway: Gateway) -> None:
    gateway.append(GOOD)
    first, second = (Reading.of(gateway.source.read_now()) for _ in range(2))
    assert first.records == second.records
    second.ack()
    assert not Reading.of(gateway.source.read_now()).records


def test_p7_a_future_record_takes_the_read_time_and_keeps_its_own(gateway: Gateway) -> None:
    first = b"\xef\xbb\xbf 2026-03-15 11:15:01.25 ,SPEP-ENV-A,1,0\n"
    gateway.append(first + GOOD.replace(b"08:15", b"11:15") + GOOD)
    records = gateway.read().records
    assert [(record.at_ms, record.flags, record.origin, record.source_time) for record in records] == [
        (NOW, ("relogio",), "keyence_output.txt@0", "2026-03-15 11:15:01.25"),
        (NOW, ("relogio",), f"keyence_output.txt@{len(first)}", "2026-03-15T11:15:01.250-03:00"),
        (NOW - 8_750, (), "", ""),
    ]


def test_p2_a_backlog_keeps_its_own_time(gateway: Gateway) -> None:
    gateway.append(GOOD.replace(b"2026-03-15", b"2026-03-01"))
    record = gateway.read().records[0]
    assert record.flags == ()
    assert record.at_ms == parse_instant("2026-03-01T08:15:01.250-03:00")


def test_a_line_with_a_wrong_clock_takes_the_read_time_and_its_offset(gateway: Gateway) -> None:
    gateway.append(GOOD)
    gateway.read()
    gateway.read()
    gateway.append(GOOD.replace(b"08:15:01", b"05:15:02"))
    reading = gateway.read()
    assert reading.records[0].at_ms == NOW
    assert reading.records[0].flags == ("relogio",)
    assert reading.records[0].source_time == "2026-03-15T05:15:02.250-03:00"
    assert reading.marks[0].clock_ms == parse_instant("2026-03-15T05:15:02.250-03:00") - NOW


def test_p4_with_constant_rhythm_the_mark_is_the_last_complete_record(gateway: Gateway) -> None:
    gateway.append(GOOD + GOOD[:10])
    assert gateway.read().marks[0].until_ms == parse_instant("2026-03-15T08:15:01.250-03:00")


def test_p4_with_event_rhythm_the_mark_moves_while_the_folder_is_read(tmp_path: Path) -> None:
    gateway = connect(Gateway(tmp_path, rhythm="event"))
    gateway.append(GOOD)
    gateway.read()
    gateway.now += MINUTE
    assert gateway.read().marks[0].until_ms == NOW + MINUTE - 30_000


@pytest.mark.parametrize("rhythm", ["constant", "event"])
def test_p4_a_mark_comes_down_with_a_clock_that_was_ahead_and_stays(tmp_path: Path, rhythm: Rhythm) -> None:
    gateway = connect(Gateway(tmp_path, rhythm=rhythm))
    gateway.now += 60 * MINUTE
    gateway.read()
    gateway.append(GOOD)  # an hour old by our clock: it counts at the time of the read
    gateway.append(GOOD.replace(b"08:15", b"09:15"))
    gateway.read()
    gateway.now = NOW
    assert gateway.read().marks[0].until_ms == NOW
    gateway.now += MINUTE
    expected = NOW if rhythm == "constant" else NOW + MINUTE - 30_000
    assert gateway.read().marks[0].until_ms == expected, "what is not read is not known"


@pytest.mark.parametrize("live", [True, False])
def test_p11_two_lines_that_agree_from_the_future_are_believed(gateway: Gateway, live: bool) -> None:
    if live:
        gateway.append(GOOD)
        gateway.read()
        gateway.read()
    gateway.now -= 60 * MINUTE
    gateway.append(GOOD + GOOD.replace(b"ENV-A", b"ENV-B"))
    reading = gateway.read()
    assert {(record.at_ms, record.flags) for record in reading.records} == {(NOW - 8_750, ())}
    assert all(mark.until_ms <= NOW and mark.clock_ms is None for mark in reading.marks)


def test_p11_a_late_delivery_is_no_witness(gateway: Gateway) -> None:
    clock = OwnClock()
    gateway.source = FolderSource(
        gateway.config,
        gateway.positions,
        {},
        own_clock=clock,
        wall_ms=lambda: gateway.now,
        monotonic=lambda: (gateway.now - NOW) / 1000,
    )
    connect(gateway)
    for _ in range(2):
        gateway.append(GOOD)
        gateway.read()
        gateway.read()
    gateway.now += 120 * MINUTE
    gateway.read()
    now = Instant(gateway.now, gateway.now - NOW)
    clock.source("another", "", now.wall_ms - 120 * MINUTE, now)
    gateway.append(GOOD)
    assert gateway.read().records[0].flags == ()
    assert clock.judge(now).doubt is None


def test_p4_no_mark_moves_while_a_backlog_is_read(gateway: Gateway) -> None:
    gateway.append(GOOD * 20_000)
    reading = gateway.read()
    assert reading.more
    assert not reading.marks


def test_a_folder_that_vanishes_is_an_error_of_the_source(gateway: Gateway) -> None:
    gateway.folder.rmdir()
    with pytest.raises(SourceError, match="não pode ser lida"):
        gateway.read()


def test_p2_a_late_delivery_is_no_wrong_clock() -> None:
    judge = ClockJudge(300_000)
    assert judge.judge("A", 0, 0, 0) is Trust.GOOD
    two_hours = 120 * MINUTE
    assert judge.judge("A", 250, 20 * MINUTE, two_hours) is Trust.LATE
    assert judge.judge("A", 20 * MINUTE, 60 * MINUTE, two_hours + 250) is Trust.LATE
    assert judge.judge("A", 60 * MINUTE, two_hours, two_hours + 500) is Trust.GOOD


def test_a_clock_that_jumps_is_wrong_and_believed_again_once_it_is_right() -> None:
    judge = ClockJudge(300_000)
    day = 24 * 60 * MINUTE
    assert judge.judge("A", day, day, day) is Trust.GOOD
    assert judge.judge("A", 0, 0, day + 250) is Trust.WRONG
    assert judge.judge("A", 250, 250, day + 500) is Trust.WRONG
    assert judge.judge("A", day + 750, day + 750, day + 750) is Trust.GOOD


def test_lateness_that_never_shrinks_is_a_wrong_clock_after_all() -> None:
    judge = ClockJudge(300_000)
    judge.judge("A", 0, 0, 0)
    late = 10 * MINUTE
    assert judge.judge("A", 250, 250, late) is Trust.LATE
    assert judge.judge("A", 250 + 2 * MINUTE, 250 + 2 * MINUTE, late + 2 * MINUTE) is Trust.WRONG


def test_p1_a_machine_counted_line_is_compared_not_counted_from_a_file(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    config = FolderConfig(path=str(tmp_path))
    twice = frozenset({"SPEP-ENV-A"})
    marks = {"SPEP-ENV-A": NOW - MINUTE}
    gateway.source = FolderSource(config, gateway.positions, marks, elsewhere=twice, wall_ms=lambda: gateway.now)
    connect(gateway)
    gateway.append(GOOD + GOOD.replace(b"ENV-A", b"ENV-B"))
    reading = gateway.read()
    assert [record.line for record in reading.records] == ["SPEP-ENV-B"]
    assert [record.line for record in reading.checked] == ["SPEP-ENV-A"]
    assert [mark.line for mark in reading.marks] == ["SPEP-ENV-B"]
    assert "SPEP-ENV-A vem nos arquivos e é contada por outra fonte" in reading.trouble
    assert gateway.read().trouble == reading.trouble


@pytest.fixture
def newborn(tmp_path: Path) -> Gateway:
    """A gateway whose spool is new: whatever the folder held before, an earlier spool may have sent."""
    gateway = Gateway(tmp_path)
    gateway.positions = {}
    gateway.restart()
    return gateway


def at(second: int) -> bytes:
    return GOOD.replace(b"01.250", b"%02d.250" % second)


def test_p1_what_was_there_before_the_spool_is_told_from_what_came_after(newborn: Gateway) -> None:
    newborn.append(at(1) + at(2) + at(3)[:20])
    reading = connect(newborn).read()
    assert ([r.at_ms % 60_000 for r in reading.earlier], list(reading.records)) == ([1250, 2250], [])
    newborn.append(at(3)[20:] + at(4))
    newborn.append(at(5), "outro.txt")
    reading = newborn.read()
    # The third began before the spool; whether its end did too, its bytes do not say.
    assert [r.at_ms % 60_000 for r in reading.earlier] == [3250]
    assert sorted(r.at_ms % 60_000 for r in reading.records) == [4250, 5250]


def test_p1_a_restart_amid_old_data_does_not_make_the_rest_new(newborn: Gateway) -> None:
    newborn.append(b"".join(at(second) for second in range(10)) * 700)
    newborn.append(at(50), "outro.txt")
    first = connect(newborn).read()
    assert first.more
    newborn.restart()
    connect(newborn)
    found = [*first.earlier]
    while True:
        reading = newborn.read()
        found += reading.earlier
        assert not reading.records
        if not reading.more:
            break
    assert len(found) == 7001
    newborn.restart()
    connect(newborn)
    newborn.append(at(51), "terceiro.txt")
    assert [r.at_ms % 60_000 for r in newborn.read().records] == [51250]


def test_p1_a_file_that_could_not_be_opened_at_first_was_there_already(newborn: Gateway) -> None:
    newborn.append(at(1), "trancado.txt")
    locked = newborn.folder / "trancado.txt"

    def refuse(path: str) -> FileIO:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied")
        return open_to_read(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "open_to_read", refuse)
        assert not connect(newborn).read().earlier
    assert len(newborn.read().earlier) == 1
