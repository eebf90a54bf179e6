"""The raw sheet of each shift on the gateway's own page: what it says while there is no internet, and of what."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge_gateway.clock import Instant, OwnClock
from edge_gateway.page import StatusPage
from edge_gateway.page.shifts import windows
from edge_gateway.spool.store import DATABASE, Spool
from sicfar.counts.batch import Mark
from sicfar.counts.record import Record
from sicfar.instants import PLANT_TZ, parse_instant
from tests.support.reading import Reading

A, B = "SPEP-ENV-A", "SPPV-ENV-VIDRO01"
NOW = "2026-03-15T10:30:00"


def ms(local: str) -> int:
    """An instant of the plant's clock."""
    return parse_instant(local)


class Stopped:
    """The time at which all of this happens."""

    def __init__(self) -> None:
        self.ms = ms("2026-03-10T06:00:00")

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Stopped:
    stopped = Stopped()
    monkeypatch.setattr("edge_gateway.spool.status.now_ms", stopped)
    monkeypatch.setattr("edge_gateway.spool.store.now_ms", stopped)
    return stopped


@pytest.fixture
def spool(tmp_path: Path, clock: Stopped) -> Iterator[Spool]:
    spool = Spool(tmp_path, "farmace-spep", seal_records=10_000)
    clock.ms = ms(NOW)
    yield spool
    spool.close()


Sheets = Callable[[], dict[str, dict[str, list[str]]]]


@pytest.fixture
def sheets(tmp_path: Path) -> Sheets:
    """What the page says of each shift, by line: the cells beside its name."""
    page = StatusPage(tmp_path, "127.0.0.1", 0)
    page.stop()

    def read() -> dict[str, dict[str, list[str]]]:
        code, _, html = page.answer("/turnos")
        assert code == 200
        return dict(map(sheet, re.findall(r"<section>(.*?)</section>", html)))

    return read


def sheet(html: str) -> tuple[str, dict[str, list[str]]]:
    """A shift's heading, and of each line the cells beside its name."""
    heading = re.search(r"<h2>Turno (.*?)</h2>", html)
    assert heading is not None
    rows = (re.findall(r"<td[^>]*><span>(.*?)</span></td>", row) for row in re.findall(r"<tr>(.*?)</tr>", html))
    return heading[1], {re.sub("<[^>]+>", "", row[0]): row[1:] for row in rows if row}


def stored(spool: Spool, *records: Record, until: str = NOW, source: str = "bottelpack_a") -> None:
    marks = [Mark(line, ms(until), "ok") for line in {record.line for record in records}]
    spool.store(source, *Reading(records=list(records), marks=marks).stored, ms(until))


def test_p1_every_record_is_in_its_own_shift_to_the_millisecond(spool: Spool, sheets: Sheets) -> None:
    stored(
        spool,
        Record(ms("2026-03-14T17:59:59.999"), A, 3, 1),
        Record(ms("2026-03-14T18:00:00.000"), A, 5, 0),
        Record(ms("2026-03-15T05:59:59.999"), A, 7, 2),
        Record(ms("2026-03-15T06:00:00.000"), A, 11, 0),
        Record(ms("2026-03-15T10:29:00.000"), B, 2, 2),
    )
    seen = sheets()
    assert list(seen)[:3] == [
        "D1/D2 de 15/03/2026, 06:00 a 18:00 · em andamento",
        "N1/N2 de 14/03/2026, 18:00 a 06:00",
        "D1/D2 de 14/03/2026, 06:00 a 18:00",
    ]
    today, night, day = list(seen.values())[:3]
    assert {line: cells[:2] for line, cells in today.items()} == {A: ["11", "0"], B: ["2", "2"]}
    assert {line: cells[:2] for line, cells in night.items()} == {A: ["12", "2"], B: ["0", "0"]}
    assert {line: cells[:2] for line, cells in day.items()} == {A: ["3", "1"], B: ["0", "0"]}
    assert night[A][4:] == ["18:00:00 a 05:59:59", "lida até o fim do turno"]
    assert today[A][5] == "em andamento, lida até 10:30:00"


def test_p1_what_was_uploaded_stays_on_the_sheet_for_three_days(spool: Spool, sheets: Sheets, clock: Stopped) -> None:
    first = ms("2026-03-12T06:00:00")
    for hours in range(0, 76, 4):
        stored(spool, Record(first + hours * 3_600_000, A, 10, 1))
    while (seq := spool.seal({}, ms(NOW), allow_empty=False)) is not None:
        spool.confirm(seq, clock.ms)
    seen = sheets()
    assert sum(int(lines[A][0]) for lines in seen.values()) == 190
    assert seen["D1/D2 de 12/03/2026, 06:00 a 18:00"][A][:2] == ["30", "3"]


def test_p1_a_doubtful_count_is_in_no_total_and_is_shown(spool: Spool, sheets: Sheets) -> None:
    held = Record(ms("2026-03-15T08:00:00"), A, 9_000, 0, flags=("implausivel",))
    stored(spool, Record(ms("2026-03-15T07:00:00"), A, 4, 0), held)
    assert next(iter(sheets().values()))[A][:3] == ["4", "0", "9.000"]


def test_the_counters_first_and_last_numbers_go_by_the_records_time(spool: Spool, sheets: Sheets) -> None:
    stored(spool, Record(ms("2026-03-15T09:00:00"), A, 6, 0, produced_raw=4_426))
    stored(spool, Record(ms("2026-03-15T06:00:10"), A, 1, 0, produced_raw=2_212), source="bottelpack_a")
    stored(spool, Record(ms("2026-03-15T10:00:00"), A, 8, 0, produced_raw=8))
    assert next(iter(sheets().values()))[A][3:5] == ["2.212 → 8", "06:00:10 a 10:00:00"]


def test_p11_a_sheet_says_up_to_when_its_line_was_read(spool: Spool, sheets: Sheets) -> None:
    stored(spool, Record(ms("2026-03-14T19:00:00"), A, 1, 0), until="2026-03-14T20:15:00")
    today, night = list(sheets().values())[:2]
    assert night[A][5] == "falta: lida só até 20:15:00"
    assert today[A][5] == "ainda não lida neste turno"


def test_p11_a_count_over_the_change_of_shift_says_so(spool: Spool, sheets: Sheets) -> None:
    stored(spool, Record(ms("2026-03-15T07:10:00"), A, 400, 0, since_ms=ms("2026-03-15T05:12:00")))
    said = next(iter(sheets().values()))[A][5]
    assert said.endswith("; inclui o feito desde 15/03 05:12, sem leitura na virada do turno")


def test_p11_a_new_spool_says_what_it_cannot_know(tmp_path: Path, clock: Stopped, sheets: Sheets) -> None:
    clock.ms = ms(NOW)
    spool = Spool(tmp_path, "farmace-spep", seal_records=100)
    stored(spool, Record(ms(NOW), A, 1, 0))
    spool.close()
    seen = sheets()
    assert list(seen) == ["D1/D2 de 15/03/2026, 06:00 a 18:00 · em andamento"], "no zeros of shifts it did not see"
    assert "pode faltar o que foi contado antes de 15/03 10:30" in seen[next(iter(seen))][A][5]


def test_p1_a_spool_of_before_is_no_damaged_one_and_begins_its_sheet(
    tmp_path: Path, spool: Spool, clock: Stopped, sheets: Sheets
) -> None:
    stored(spool, Record(ms("2026-03-15T07:00:00"), A, 4, 0))
    epoch = spool.epoch
    spool.close()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        db.execute("DROP TABLE contagens_quarto")
        db.execute("DELETE FROM meta WHERE chave = 'contagens_desde_ms'")
        db.commit()
    assert sheets() == {}
    again = Spool(tmp_path, "farmace-spep", seal_records=100)
    stored(again, Record(ms("2026-03-15T10:29:00"), A, 1, 0))
    assert (again.epoch, again.waiting()[0]) == (epoch, 2)
    again.close()
    cells = sheets()["D1/D2 de 15/03/2026, 06:00 a 18:00 · em andamento"][A]
    assert cells[0] == "1"
    assert "pode faltar o que foi contado antes de 15/03 10:30" in cells[5]
    assert not list(tmp_path.glob("quarentena-*"))


def test_p11_a_clock_that_was_ahead_forgets_no_sheet(tmp_path: Path, spool: Spool, sheets: Sheets) -> None:
    stored(spool, Record(ms("2026-03-15T07:00:00"), A, 4, 0))
    clock, ahead = OwnClock(), Instant(ms(NOW) + 30 * 86_400_000, 5_000)
    clock.s3("Sun, 15 Mar 2026 13:30:00 GMT", ahead, ahead)
    spool.beat({}, ahead.wall_ms, clock.judge(ahead))
    spool.seal({}, ahead.wall_ms, allow_empty=False, clock=clock.judge(ahead))
    assert next(iter(sheets().values()))[A][0] == "4"
    page = StatusPage(tmp_path, "127.0.0.1", 0)
    page.stop()
    assert re.search(r"o relógio deste computador está \d+ d \d+ h adiantado", page.answer("/turnos")[2])


def test_shifts_cover_every_instant_once_whatever_they_are() -> None:
    for shifts in ({"D": "06:00", "N": "18:00"}, {"1": "00:00"}, {"A": "22:15", "B": "06:00", "C": "14:00"}):
        found = list(windows(shifts, ms(NOW)))
        assert found[0].begins_ms <= ms(NOW) < found[0].ends_ms
        assert all(later.begins == earlier.ends for later, earlier in itertools.pairwise(found))
        assert ms(NOW) - found[-1].begins_ms >= 3 * 86_400_000
        assert all(one.begins.tzinfo is PLANT_TZ for one in found)
    night = next(windows({"D": "06:00", "N": "18:00"}, ms("2026-03-15T02:00:00")))
    assert (night.begins, night.ends - night.begins) == (
        datetime(2026, 3, 14, 18, tzinfo=PLANT_TZ),
        timedelta(hours=12),
    )


def test_the_plant_reads_none_of_the_integrations_words(tmp_path: Path, spool: Spool) -> None:
    stored(spool, Record(ms("2026-03-15T07:00:00"), A, 4, 0))
    page = StatusPage(tmp_path, "127.0.0.1", 0)
    html = page.answer("/turnos")[2]
    page.stop()
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).lower()
    assert [w for w in ("época", "spool", "sequência", "marca", "retida", "quarentena", "lote") if w in text] == []
    assert "não é o diário de bordo e não vale como assinado" in text
    assert "@media print" in html
