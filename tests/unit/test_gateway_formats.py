"""The layouts of real loggers, described by configuration: what each line becomes, and what a bad one may not touch."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.config import parse_config
from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import Canonical, Context
from edge_gateway.folders.source import SURVEYED, FolderSource, dialect_of
from sicfar.counts.batch import Unreadable
from sicfar.counts.codes import Reason
from sicfar.counts.record import Layout, LineError, Record, format_record, is_header, parse_record
from sicfar.instants import format_instant, parse_instant
from tests.support.reading import Reading

A, B = "SPEP-ENV-A", "SPEP-ENV-B"

KV: dict[str, Any] = {
    "aliases": {"L1": A, "L2": B},
    "format": {
        "encoding": "ascii",
        "header": True,
        "timestamp": {"columns": ["Date", "Time"], "format": "YYYY/MM/DD hh:mm:ss"},
        "line_column": "Line",
        "counters": {
            "production": {"column": "Total"},
            "rejected": {"column": "NG"},
            "processed_includes_rejected": True,
            "max_per_hour": 3600,
            "burst": 20,
            "gap_s": 10,
        },
    },
}
CVX: dict[str, Any] = {
    "rhythm": "event",
    "format": {
        "encoding": "ascii",
        "fields": 6,
        "timestamp": {"file_name": "YYMMDD_hhmmss"},
        "line": A,
        "counters": {
            "production": {"column": 1, "modulus": 1_000_000_000},
            "rejected": {"column": 3, "saturates": 999_999_999},
            "processed_includes_rejected": True,
            "max_per_hour": 3600,
            "burst": 20,
            "skip": ["", "-"],
        },
    },
}
PIECES: dict[str, Any] = {
    "format": {
        "encoding": "ascii",
        "fields": [2, 3],
        "timestamp": {"columns": [1], "format": "hh:mm:ss.fff", "file_name": "YYMMDD"},
        "line": A,
        "pieces": {"column": 2, "good": ["OK"], "rejected": ["NG"]},
    }
}
HEADER = b"Date,Time,Line,Total,OK,NG\r\n"


def kv(time: str, total: int, scrap: int, line: str = "L1", day: str = "2026/03/15") -> bytes:
    return f"{day},{time},{line},{total},{total - scrap},{scrap}\r\n".encode()


def cvx(total: int, scrap: int, took: str = "0000012.345") -> bytes:
    return f"{total:010},{total - scrap:010},{scrap:010},{took},0,1\r\n".encode()


def at(clock: str, day: str = "2026-03-15") -> int:
    return parse_instant(f"{day}T{clock}-03:00")


class Gateway:
    """A source over a folder, its clocks and what a spool would hold of it."""

    def __init__(self, folder: Path, entry: dict[str, Any], **changes: object) -> None:
        self.folder = folder
        self.now = at("18:00:00")
        self.elapsed_s = 1000.0
        self.saved = {SURVEYED: b""}  # nothing was there before the spool
        described = {"protocol": "file", "path": str(folder), "files": "*.csv", **entry, **changes}
        self.config = parse_config({"clps": {"logger": described}}).files[0]
        self.unreadable: list[Unreadable] = []
        self.restart()

    def restart(self) -> None:
        self.source = FolderSource(
            self.config, self.saved, {}, wall_ms=lambda: self.now, monotonic=lambda: self.elapsed_s
        )
        asyncio.run(self.source.connect())

    def write(self, name: str, *data: bytes) -> None:
        with (self.folder / name).open("ab") as handle:
            handle.write(b"".join(data))

    def read(self, tick_s: float = 0.25) -> Reading:
        self.elapsed_s += tick_s
        reading = Reading.of(self.source.read_now())
        for key, value in reading.position.items():
            self.saved.pop(key, None)
            if value is not None:
                self.saved[key] = value
        self.unreadable += reading.unreadable
        reading.ack()
        return reading

    def records(self) -> list[Record]:
        """What comes until nothing does, waits included."""
        return [record for reading in self._until_quiet() for record in reading.records]

    def counts(self) -> list[tuple[int, int, str]]:
        """Produced, rejected and flags of each record that is no baseline."""
        found = [(record.produced, record.rejected, " ".join(record.flags)) for record in self.records()]
        return [item for item in found if item[2] != "baseline"]

    def _until_quiet(self) -> Iterator[Reading]:
        quiet = 0
        while quiet < 6:
            reading = self.read(12.0 if quiet else 0.25)
            quiet = 0 if reading.has_news else quiet + 1
            yield reading


def gateway_of(tmp_path: Path, entry: dict[str, Any], **changes: object) -> Gateway:
    return Gateway(tmp_path, entry, **changes)


def told(records: list[Record]) -> list[tuple[str, str, int, int]]:
    return [(format_instant(item.at_ms), item.line, item.produced, item.rejected) for item in records]


# -- running counter with a header ---------------------------------------------------------------------------------


def test_p1_a_counter_with_header_counts_from_its_first_line_per_line(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:03", 7, 0, "L2"))
    gateway.write("log.csv", kv("08:15:04", 126, 4), kv("08:15:05", 9, 2, "L2"))
    assert told(gateway.records()) == [
        ("2026-03-15T11:15:02.000Z", A, 0, 0),
        ("2026-03-15T11:15:03.000Z", B, 0, 0),
        ("2026-03-15T11:15:04.000Z", A, 3, 1),
        ("2026-03-15T11:15:05.000Z", B, 2, 2),
    ]


def test_p7_an_increment_names_counters_as_read_and_its_lines_place(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:04", 126, 4))
    record = gateway.records()[-1]
    assert (record.produced_raw, record.rejected_raw) == (126, 4)
    assert record.origin == f"log.csv@{len(HEADER) + len(kv('08:15:02', 123, 3))}"
    assert record.source_time == "", "its own time is the one it counts at"


def test_p1_a_machine_counting_good_units_only_sums_both_counters(tmp_path: Path) -> None:
    good = KV | {"format": KV["format"] | {"counters": KV["format"]["counters"] | {
        "production": {"column": "OK"}, "processed_includes_rejected": False,
    }}}  # fmt: skip
    gateway = gateway_of(tmp_path, good)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:04", 133, 5))
    assert gateway.counts() == [(10, 2, "")]


def test_p8_columns_are_found_by_name_wherever_a_repeated_header_puts_them(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", b" ng ,TOTAL,line,Time,Date\r\n3,123,L1,08:15:02,2026/03/15\r\n")
    gateway.write("log.csv", HEADER, kv("08:15:04", 126, 4))
    assert gateway.counts() == [(3, 1, "")]


def test_p8_without_a_column_in_the_header_no_line_counts_until_the_next(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3))
    gateway.records()
    gateway.write("log.csv", b"Date,Time,Line,OK,NG,Soma\r\n", kv("08:15:03", 999, 4))
    first = gateway.read()
    gateway.restart()
    gateway.write("log.csv", kv("08:15:04", 999, 4), HEADER, kv("08:15:05", 125, 4))
    second = gateway.read()
    assert [item.reason for item in (*first.unreadable, *second.unreadable)] == [Reason.COLUNAS] * 3
    assert [record.produced for record in second.records] == [2]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Data;Hora;Linha;Peso;Peça;Rejeição\r\n"),
        ("utf-8", "Data;Hora;Linha;Peso;Peça;Rejeição\r\n"),
        ("utf-8-sig", "\ufeffData;Hora;Linha;Peso;Peça;Rejeição\r\n"),
        ("cp932", "日付;Hora;Linha;Peso;合計ー;不良\r\n"),
    ],
)
def test_p8_a_declared_encoding_reads_the_header_a_wrong_one_counts_none(
    tmp_path: Path, encoding: str, text: str
) -> None:
    names = text.strip("\ufeff\r\n").split(";")
    described = KV["format"] | {
        "delimiter": ";",
        "timestamp": {"columns": [names[0], "Hora"], "format": "DD/MM/YYYY hh:mm:ss"},
        "line_column": "Linha",
        "counters": KV["format"]["counters"]
        | {"production": {"column": names[4]}, "rejected": {"column": names[5].upper()}},
    }
    rows = "15/03/2026;08:15:02;L1;1.234,50;120;3\r\n15/03/2026;08:15:04;L1;1.240,00;125;4\r\n"
    file = text.encode("utf-8" if encoding == "utf-8-sig" else encoding) + rows.encode()
    right = gateway_of(tmp_path, KV | {"format": described | {"encoding": encoding}})
    right.write("log.csv", file)
    assert told(right.records())[-1] == ("2026-03-15T11:15:04.000Z", A, 5, 1)
    wrong = Gateway(tmp_path, KV | {"format": described | {"encoding": "ascii"}})
    reading = wrong.read(12.0)
    reading = reading if reading.has_news else wrong.read(12.0)
    assert not reading.records
    assert {item.reason for item in reading.unreadable} == {Reason.CODIFICACAO, Reason.COLUNAS}
    assert b"".join(item.data for item in reading.unreadable) == file


def test_p8_a_torn_line_waits_and_a_power_cuts_rest_is_quarantined(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.now = at("08:15:10")
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:03", 130, 3)[:20])
    assert [record.flags for record in gateway.read().records] == [("baseline",)]
    gateway.write("log.csv", kv("08:15:03", 130, 3)[20:])
    assert gateway.counts() == [(7, 0, "")]
    gateway.write("log.csv", b"\0" * 40, kv("08:15:04", 131, 3), kv("08:15:05", 132, 3)[:23], kv("08:15:06", 133, 3))
    gateway.write("log.csv", kv("08:15:07", 134, 3))
    assert not gateway.read().has_news
    reading = gateway.read(60.0)
    assert [(item.reason, len(item.data)) for item in reading.unreadable] == [
        (Reason.BYTES_NULOS, 40 + len(kv("08:15:04", 131, 3))),
        (Reason.COLUNAS, 23 + len(kv("08:15:06", 133, 3))),
    ]
    assert [record.produced for record in reading.records] == [4]


@pytest.mark.parametrize("newer", [b"", kv("08:15:09", 140, 3)[:20]])
def test_p1_a_last_line_without_an_end_counts_before_the_next_file(tmp_path: Path, newer: bytes) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:03", 125, 3)[:-2])
    found = list(gateway.read().records)
    gateway.write("log2.csv", HEADER, kv("08:15:04", 129, 3), newer)
    found += [record for _ in range(30) for record in gateway.read(0.5).records]
    assert [(record.produced, record.flags) for record in found] == [(0, ("baseline",)), (2, ()), (4, ())]
    assert not gateway.unreadable


def test_p1_a_sixteen_bit_counter_wraps_and_a_reset_starts_again(tmp_path: Path) -> None:
    narrow = KV["format"]["counters"] | {"production": {"column": "Total", "modulus": 65_536}}
    gateway = gateway_of(tmp_path, KV | {"format": KV["format"] | {"counters": narrow}})
    gateway.write("log.csv", HEADER, kv("08:15:02", 65_530, 3), kv("08:15:03", 4, 3))
    gateway.write("log.csv", kv("08:15:04", 15, 3), kv("08:15:05", 0, 0), kv("08:15:06", 6, 1))
    assert gateway.counts() == [(10, 0, "wrap"), (11, 0, ""), (6, 1, "reset")]


def test_p1_what_no_machine_makes_is_held_and_the_other_counter_counts(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:03", 90_123, 5), kv("08:15:04", 125, 6))
    assert gateway.counts() == [(90_000, 0, "implausivel"), (0, 2, ""), (2, 1, "retorno")]
    gateway.write("log.csv", kv("08:15:05", 10**12, 6))
    reading = gateway.read()
    assert [item.reason for item in reading.unreadable] == [Reason.CONTAGEM_ABSURDA]
    assert "foi de 125 a 1000000000000" in reading.notes[0]


def test_p2_lines_far_apart_leave_open_when_it_was_made(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:12", 130, 3), kv("08:17:12", 150, 3))
    records = gateway.records()
    assert [record.since_ms for record in records] == [None, None, at("08:15:12")]


def test_p1_state_belongs_to_the_line_through_rotation_and_restart(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3))
    gateway.records()
    (tmp_path / "log.csv").rename(tmp_path / "log-1.csv")
    gateway.restart()
    gateway.write("log-1.csv", kv("08:15:03", 125, 3))
    gateway.write("log.csv", HEADER, kv("08:15:04", 130, 4))
    assert gateway.counts() == [(2, 0, ""), (5, 1, "")]
    gateway.restart()
    gateway.write("outro.csv", HEADER, kv("08:15:05", 131, 4))
    assert gateway.counts() == [(1, 0, "")]


def test_p1_a_backlog_of_files_is_read_in_order_of_time_not_of_names(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    total = 1000
    for number, name in enumerate(["z.csv", "m.csv", "a.csv"]):
        rows = []
        for step in range(9000):
            total += 1
            clock = f"{1 + number * 3 + step // 3600:02}:{step // 60 % 60:02}:{step % 60:02}"
            rows.append(kv(clock, total, 3))
        gateway.write(name, HEADER, *rows)
        os.utime(tmp_path / name, (1000 - number, 1000 - number))  # uploaded in any order
    shutil.copy(tmp_path / "m.csv", tmp_path / "b.csv")
    records = gateway.records()
    assert not gateway.unreadable
    assert sum(record.produced for record in records) == 3 * 9000 - 1
    assert not [record for record in records if record.flags not in ((), ("baseline",))]


def test_p1_a_late_file_is_no_reset_and_neither_counted_nor_lost(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.now = at("08:30:05")
    gateway.write("b.csv", HEADER, kv("08:20:00", 500, 0), kv("08:30:00", 505, 0))
    assert gateway.counts() == [(5, 0, "")]
    late = kv("08:15:02", 490, 0) + kv("08:15:03", 491, 0) + kv("08:15:04", 0, 0)
    gateway.write("a.csv", HEADER, late)
    reading = gateway.read()
    assert not reading.records
    assert [(item.origin, item.reason, item.data) for item in reading.unreadable] == [
        (f"a.csv@{len(HEADER)}", Reason.FORA_DE_ORDEM, late)
    ]
    gateway.write("b.csv", kv("08:30:01", 506, 0))
    assert gateway.counts() == [(1, 0, "")]


def test_p1_a_copy_is_not_counted_and_a_line_out_of_order_moves_nothing(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:04", 126, 3), kv("08:15:03", 125, 3))
    gateway.write("log.csv", kv("08:15:05", 127, 3))
    assert gateway.counts() == [(3, 0, ""), (1, 0, "")]
    shutil.copy(tmp_path / "log.csv", tmp_path / "log - Copia.csv")
    assert gateway.counts() == []


def test_p1_a_clock_set_back_loses_nothing_live_or_in_a_backlog(
    tmp_path: Path,
) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 100, 0), kv("08:14:30", 103, 0), kv("08:14:31", 105, 0))
    # More at once than the clock's step explains is another time's counter.
    gateway.write("log.csv", kv("08:14:32", 140, 0))
    gateway.write("log.csv", kv("07:15:03", 106, 0), kv("07:59:00", 2000, 0), kv("08:55:03", 2001, 0))
    reading = gateway.read()
    assert [(item.produced, item.since_ms) for item in reading.records] == [
        (0, None),
        (3, None),
        (2, None),
        (1896, at("08:15:02")),
    ]
    assert [(item.reason, item.data.count(b"\n")) for item in reading.unreadable] == [(Reason.FORA_DE_ORDEM, 3)]


def test_p2_a_backlog_is_no_live_clock_though_a_shorter_copy_came_first(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("a.csv", HEADER, kv("08:15:02", 100, 0))
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    gateway.write("b.csv", kv("08:15:03", 101, 0))
    os.utime(tmp_path / "a.csv", (1, 1))
    assert [(record.at_ms, record.flags) for record in gateway.records()] == [
        (at("08:15:02"), ("baseline",)),
        (at("08:15:03"), ()),
    ]


def test_p2_what_a_full_disk_refused_is_no_younger_when_it_is_read_again(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("a.csv", HEADER, kv("08:15:02", 100, 0))
    gateway.read()
    gateway.write("a.csv", kv("08:15:03", 101, 0))
    gateway.elapsed_s += 600
    gateway.source.read_now()
    (record,) = gateway.read().records
    assert (record.at_ms, record.flags) == (at("08:15:03"), ())


def test_p3_a_live_clock_set_back_an_hour_counts_at_the_reading_time(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.now = at("08:15:03")
    gateway.write("log.csv", HEADER, kv("08:15:02", 100, 0))
    gateway.read()
    gateway.read()
    gateway.now = at("08:15:08")
    gateway.write("log.csv", kv("07:15:07", 105, 0))
    (record,) = gateway.read().records
    assert (record.at_ms, record.produced, record.flags) == (at("08:15:08"), 5, ("relogio",))
    assert record.source_time == "2026-03-15T10:15:07.000Z"


def test_p3_counting_goes_on_after_this_computer_s_clock_was_a_day_ahead(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.now = at("08:15:00", day="2026-03-16")
    gateway.write("log.csv", HEADER, kv("08:15:02", 100, 0))
    gateway.read()
    gateway.read()
    gateway.write("log.csv", kv("08:15:03", 101, 0))
    assert gateway.read().records[0].at_ms == gateway.now
    gateway.now = at("08:15:10")
    gateway.restart()
    gateway.write("log.csv", kv("08:15:09", 107, 0))
    assert [(record.at_ms, record.produced) for record in gateway.records()] == [(at("08:15:09"), 6)]


def test_p1_an_unknown_line_name_is_quarantined_and_counts_nowhere_else(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:15:03", 5, 0, "L3"), kv("08:15:03", 5, 0, B))
    reading = gateway.read()
    assert [item.reason for item in reading.unreadable] == [Reason.LINHA_ID_INVALIDA] * 2


def test_p4_a_loggers_mark_is_its_last_line_even_if_nothing_was_made(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:40:00", 123, 3))
    gateway.read()
    (mark,) = gateway.read().marks
    assert (mark.line, mark.until_ms, mark.state) == (A, at("08:40:00"), "ok")


def test_p2_a_zone_of_its_own_and_a_wrong_live_clock_are_told(tmp_path: Path) -> None:
    far = KV["format"]["timestamp"] | {"zone": "America/Manaus"}
    gateway = gateway_of(tmp_path, KV | {"format": KV["format"] | {"timestamp": far}})
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3))
    assert told(gateway.records())[0][0] == "2026-03-15T12:15:02.000Z"
    gateway.read(1.0)
    gateway.write("log.csv", kv("12:00:00", 125, 3))
    (record,) = gateway.read(1.0).records
    assert (record.at_ms, record.flags, record.source_time) == (gateway.now, ("relogio",), "2026-03-15T16:00:00.000Z")


def test_p7_a_time_not_believed_is_kept_whatever_header_follows(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.now = at("07:00:00")
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), b"x,x,x,x,x,Line,NG,Total,Time,Date\r\n")
    (record,) = gateway.read().records
    assert (record.at_ms, record.source_time) == (gateway.now, "2026-03-15T11:15:02.000Z")


# -- padded, without header, the instant in the file's name ---------------------------------------------------------


def test_p1_padded_counters_take_the_names_instant_and_wrap_at_1e9(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("260315_081502.csv", cvx(999_999_997, 3))
    gateway.write("260315_081507.csv", cvx(999_999_999, 3), cvx(1, 4))
    assert told(gateway.records()) == [
        ("2026-03-15T11:15:02.000Z", A, 0, 0),
        ("2026-03-15T11:15:07.000Z", A, 2, 0),
        ("2026-03-15T11:15:07.000Z", A, 2, 1),
    ]


def test_p1_equal_files_differ_if_their_names_say_so_else_are_copies(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("260315_081502.csv", cvx(1, 0), cvx(2, 0))
    gateway.write("260315_091502.csv", cvx(0, 0), cvx(1, 0))
    gateway.write("260315_101502.csv", cvx(1, 0), cvx(2, 0))
    shutil.copy(tmp_path / "260315_101502.csv", tmp_path / "260315_101502 - Copia.csv")
    assert sum(record.produced for record in gateway.records()) == 1 + 1 + 1
    os_renamed = tmp_path / "velho.csv"
    (tmp_path / "260315_101502.csv").rename(os_renamed)
    gateway.restart()
    gateway.write(os_renamed.name, cvx(3, 0))
    assert told(gateway.records()) == [("2026-03-15T13:15:02.000Z", A, 1, 0)]


def test_p1_a_reused_inode_with_the_same_bytes_hides_nothing(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    for day in range(10, 15):
        # The same inode again, as a file system hands it out: the file is written anew in place and renamed.
        for old in tmp_path.iterdir():
            old.rename(tmp_path / f"2603{day}.csv")
        gateway.write(f"2603{day}.csv", b"" if day > 10 else b"08:15:02.345,OK\n")
        assert len(gateway.records()) == 1


def test_p8_a_name_without_date_is_quarantined_whole(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("resultado.csv", cvx(1, 0), cvx(2, 0))
    reading = gateway.read()
    assert [item.reason for item in reading.unreadable] == [Reason.INSTANTE_INVALIDO] * 2


def test_p1_a_stopped_counter_keeps_the_mark_and_holds_what_follows(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX, rhythm="constant")
    gateway.write("260315_081502.csv", b"0000001000,0000000000,0999999998,0000012.345,0,1\r\n")
    gateway.write("260315_081503.csv", b"0000001001,0000000000,0999999999,0000012.345,0,1\r\n")
    assert gateway.counts() == [(1, 1, "")]
    gateway.write("260315_081504.csv", b"0000001002,0000000000,0999999999,0000012.345,0,1\r\n")
    gateway.restart()
    reading = gateway.read()
    assert [(item.produced, item.rejected) for item in reading.records] == [(1, 0)]
    assert "SPEP-ENV-A: o contador da coluna 3 parou em 999999999" in reading.trouble
    gateway.restart()
    reading = gateway.read()
    assert "zere-o" in reading.trouble, "said until it is no longer so, also by a new process"
    assert [(mark.state, mark.until_ms) for mark in reading.marks] == []
    gateway.write("260315_083000.csv", cvx(0, 0))
    gateway.write("260315_083001.csv", cvx(5, 2))
    goods, held = gateway.records()
    assert (goods.produced, goods.rejected, goods.flags, goods.since_ms) == (5, 0, ("reset",), None)
    assert (held.produced, held.rejected, held.flags) == (0, 2, ("reset", "implausivel", "saturado"))
    assert held.since_ms == at("08:15:03"), "since it stopped"
    assert not gateway.read().trouble


def test_p4_no_mark_passes_the_instant_at_which_a_counter_stopped(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("260315_081502.csv", cvx(1_000, 3), cvx(1_001, 3))
    gateway.read()
    before = gateway.read().marks[0]
    gateway.now += 60_000
    gateway.write("260315_180003.csv", b"0000001002,0000000000,0999999999,0000012.345,0,1\r\n")
    (mark,) = gateway.read().marks
    assert (mark.until_ms, mark.state) == (before.until_ms, "erro")


def test_p8_a_skipped_value_is_no_reading_an_absurd_one_is_quarantined(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("260315_081502.csv", cvx(100, 3), cvx(102, 3).replace(b"0000000003", b""))
    gateway.write("260315_081502.csv", cvx(104, 3).replace(b"0000000104", b"-"), cvx(1_000_000_000, 3), cvx(105, 5))
    reading = gateway.read()
    assert [(item.produced, item.rejected) for item in reading.records] == [(0, 0), (2, 0), (3, 2)]
    assert [item.reason for item in reading.unreadable] == [Reason.CONTAGEM_ABSURDA]


def test_p4_with_event_rhythm_a_piece_was_made_at_its_own_instant(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, CVX)
    gateway.write("260315_081502.csv", cvx(100, 3))
    gateway.write("260315_101502.csv", cvx(101, 4))
    gateway.write("260315_121502.csv", cvx(103, 4))
    assert [record.since_ms for record in gateway.records()] == [
        None,
        None,
        at("10:15:02"),
    ]
    (mark,) = gateway.read().marks
    assert mark.until_ms == at("17:59:00")


# -- a line a piece -------------------------------------------------------------------------------------------------


def test_p1_a_line_per_piece_counts_one_past_midnight_but_not_by_jitter(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    times = [
        "08:15:02.345,OK",
        "07:20:00.1,NG,12",  # set back by an hour
        "23:59:59.900,OK",
        "00:00:00.050,OK",
        "23:59:59.950,OK",  # jitter over midnight
        "00:00:00.100,NG,3",
    ]
    gateway.write("260313.csv", "\n".join((*times, "")).encode())
    assert told(gateway.records()) == [
        ("2026-03-13T11:15:02.345Z", A, 1, 0),
        ("2026-03-13T10:20:00.100Z", A, 1, 1),
        ("2026-03-14T02:59:59.900Z", A, 1, 0),
        ("2026-03-14T03:00:00.050Z", A, 1, 0),
        ("2026-03-14T02:59:59.950Z", A, 1, 0),
        ("2026-03-14T03:00:00.100Z", A, 1, 1),
    ]


def test_p2_the_day_survives_a_restart_a_rename_and_a_second_reading(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    gateway.write("260313.csv", b"23:59:59.9,OK\n00:00:01.0,OK\n")
    gateway.source.read_now()  # not acknowledged: the disk was full
    assert [item[0] for item in told(gateway.records())] == ["2026-03-14T02:59:59.900Z", "2026-03-14T03:00:01.000Z"]
    (tmp_path / "260313.csv").rename(tmp_path / "velho.csv")
    gateway.restart()
    gateway.write("velho.csv", b"00:00:02.0,NG,1\n")
    assert told(gateway.records()) == [("2026-03-14T03:00:02.000Z", A, 1, 1)]


def test_p8_one_garbled_time_does_not_move_the_pieces_after_it(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    gateway.now = at("08:20:00")
    gateway.write("260315.csv", b"08:15:02.1,OK\n18:15:03.1,OK\n01:15:04.1,OK\n08:15:05.1,OK\n")
    assert [(item[0][:16], flags) for item, flags in flagged(gateway)] == [
        ("2026-03-15T11:15", ()),
        ("2026-03-15T11:20", ("relogio",)),
        ("2026-03-15T04:15", ()),
        ("2026-03-15T11:15", ()),
    ]


def flagged(gateway: Gateway) -> list[tuple[tuple[str, str, int, int], tuple[str, ...]]]:
    records = gateway.records()
    return [(item, record.flags) for item, record in zip(told(records), records, strict=True)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"08:15:02.345,ok\n", Reason.CONTAGEM_INVALIDA),
        (b"08:15:02.345\n", Reason.COLUNAS),
        (b"08:15:02.345,NG,108:15:03.345,OK\n", Reason.COLUNAS),
        (b"24:15:02.345,OK\n", Reason.INSTANTE_INVALIDO),
        (b"8:15:02.345,OK\n", Reason.INSTANTE_INVALIDO),
        (b"08:15:02.345,O\0K\n", Reason.BYTES_NULOS),
        (b"08:15:02.345,OK" + b" " * 5000 + b"\n", Reason.LINHA_LONGA),
        ("08:15:02.345,Não\n".encode(), Reason.CODIFICACAO),
    ],
)
def test_p8_what_is_no_piece_goes_to_quarantine_and_those_around_it_count(
    tmp_path: Path, line: bytes, reason: Reason
) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    gateway.write("260315.csv", b"08:15:01.0,OK\n", line, b"08:15:09.0,NG,1\n")
    reading = gateway.read()
    assert [(item.produced, item.rejected) for item in reading.records] == [(1, 0), (1, 1)]
    assert [(item.reason, item.data) for item in reading.unreadable] == [(reason, line)]


def test_p4_silence_of_a_line_a_piece_means_nothing_was_made(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, PIECES)
    gateway.write("260315.csv", b"08:15:01.0,OK\n")
    gateway.read()
    (mark,) = gateway.read().marks
    assert mark.until_ms == at("17:59:00")


# -- whatever stands in a file ---------------------------------------------------------------------------------------

LAYOUTS = {
    "log.csv": (KV, HEADER, kv("08:15:02", 123, 3)),
    "260315_081502.csv": (CVX, b"", cvx(123, 3)),
    "260315.csv": (PIECES, b"", b"08:15:02.345,NG,12\r\n"),
}


@st.composite
def damaged_files(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A file of one layout: good lines, and lines that were good until something happened to them."""
    name = draw(st.sampled_from(sorted(LAYOUTS)))
    _, header, good = LAYOUTS[name]
    lines = [header] if header else []
    for _ in range(draw(st.integers(1, 8))):
        line = bytearray(good[:-2])
        for _ in range(draw(st.integers(0, 3))):
            at_byte = draw(st.integers(0, len(line)))
            line[at_byte : at_byte + draw(st.integers(0, 9))] = draw(st.binary(max_size=5))
        lines.append(bytes(line).replace(b"\n", b"") + good[-2:])
    return name, lines


@settings(max_examples=120)
@given(damaged_files())
def test_p8_every_line_is_a_record_or_reported_with_its_bytes(
    damaged: tuple[str, list[bytes]],
) -> None:
    name, lines = damaged
    entry, header, good = LAYOUTS[name]
    (config,) = parse_config({"clps": {"logger": {"protocol": "file", "path": "/data", **entry}}}).files
    dialect = dialect_of(config)
    reader = dialect.reader(name, Context(named=dialect.named(name)))
    found = dict(reader.lines(b"".join(lines), 0, in_long_line=False))
    offset = 0
    for line in lines:
        item = found.pop(offset, None)
        if line == good:
            assert isinstance(item, Record)
        elif isinstance(item, Unreadable):
            assert item.data == line
        elif item is None:
            assert not line.strip() or line == header
        offset += len(line)
    assert not found


# -- the sensors' own lines stay what they were ---------------------------------------------------------------------

canonical_lines = st.one_of(
    st.builds(
        lambda at, line, made, scrap: f"{at},{line},{made},{scrap}".encode(),
        st.sampled_from(["2026-03-15T08:15:01", "2026-03-15T08:15:01.250-03:00", "2026-02-30T08:15:01"]),
        st.sampled_from([A, "maq 1", "linha"]),
        st.sampled_from(["1", "0007", "-1", "1e3", "1000000000"]),
        st.sampled_from(["0", "1"]),
    ),
    st.sampled_from([b"", b"  ", b"# nota", b"timestamp,linha_id,rejeicao_count,producao_count", b"timestamp,x"]),
    st.binary(max_size=60).filter(lambda data: b"\n" not in data and b"maq 1" not in data),
)


@settings(max_examples=150)
@given(st.lists(canonical_lines, max_size=12), st.booleans(), st.booleans())
def test_p8_without_a_format_a_line_is_what_the_records_reader_says(
    lines: list[bytes], marked: bool, windows: bool
) -> None:
    end = b"\r\n" if windows else b"\n"
    data = (b"\xef\xbb\xbf" if marked else b"") + b"".join(line + end for line in lines)
    reader = Canonical({"maq 1": B}).reader("log.txt")
    found = [item for _, item in reader.lines(data, 0, in_long_line=False)]
    assert found == list(_expected(data))


def _expected(data: bytes) -> Iterator[Record | Unreadable]:
    """An oracle of its own: the rules of the bare file, line by line."""
    layout: Layout | None = None
    refused = False
    offset = 0
    for raw in data.split(b"\n")[:-1]:
        origin, offset, whole = f"log.txt@{offset}", offset + len(raw) + 1, raw + b"\n"
        line = raw[:-1] if raw.endswith(b"\r") else raw
        if origin.endswith("@0"):
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip() or line.startswith(b"#"):
            continue
        text = line.decode("utf-8", "replace").strip()
        try:
            if is_header(text) and not line[:1].isdigit():
                refused = True
                layout = Layout.from_header(text)
                refused = False
                continue
            if refused:
                yield Unreadable(origin, Reason.COLUNAS, whole)
                continue
            yield parse_record(line.replace(b",maq 1,", b",SPEP-ENV-B,"), layout)
        except LineError as error:
            yield Unreadable(origin, error.reason, whole)


def test_a_stream_saved_before_there_were_formats_is_read() -> None:
    old = b'{"key":"k","path":"a.txt","device":1,"inode":2,"offset":3,"checkpoints":[[1,2]],"seen_ms":4}'
    stream = Stream.from_bytes(old)
    assert (stream.offset, stream.named, stream.reached_ms) == (3, "", 0)
    assert Stream.from_bytes(stream.to_bytes()) == stream


def test_records_of_every_layout_can_be_written_into_a_batch(tmp_path: Path) -> None:
    gateway = gateway_of(tmp_path, KV)
    gateway.write("log.csv", HEADER, kv("08:15:02", 123, 3), kv("08:17:02", 130, 4))
    for record in gateway.records():
        assert parse_record(format_record(record), None) == record
