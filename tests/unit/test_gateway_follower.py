"""Every complete line exactly once, whatever happens to the files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from edge_gateway.config import parse_config
from edge_gateway.folders import evidence
from edge_gateway.folders.chunks import read_chunk
from edge_gateway.folders.described import Described
from edge_gateway.folders.files import open_to_read
from edge_gateway.folders.follower import Follower, Poll
from edge_gateway.folders.identity import Stream, with_checkpoint
from edge_gateway.folders.lines import FOREVER_MS, Canonical, Dialect
from edge_gateway.folders.source import dialect_of
from edge_gateway.folders.tail import MOVED_REST_S, complete_part

HEADER = b"timestamp,linha_id,producao_count,rejeicao_count\n"
SENSORS_OWN = Canonical({})


def described(timestamp: dict[str, Any], **counting: object) -> Described:
    """A described dialect of lines without header."""
    form = {"encoding": "ascii", "line": "SPEP-ENV-A", "timestamp": timestamp, **counting}
    (config,) = parse_config({"clps": {"logger": {"protocol": "file", "path": "/data", "format": form}}}).files
    dialect = dialect_of(config)
    assert isinstance(dialect, Described)
    return dialect


class DatedBeforeRotation(Described):
    """Files have a date in their name until they are moved aside."""

    def __init__(self, dialect: Described) -> None:
        super().__init__(dialect.format, dialect.aliases)

    def named(self, name: str, /) -> str:
        return "" if name.startswith("old-") else "2026-03-15T00:00:00"


def record(number: int) -> bytes:
    """A line that exists once in the world: its instant is its number."""
    seconds, millis = divmod(number, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"2026-03-15T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}-03:00,SPEP-ENV-A,1,0\n".encode()


class Time:
    """A monotonic clock under control of the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Reader:
    """A follower whose state survives as the spool would keep it."""

    def __init__(
        self, folder: Path, pattern: str = "*.txt", dialect: Dialect = SENSORS_OWN, header: bytes = HEADER
    ) -> None:
        self.folder = folder
        self.pattern = pattern
        self.dialect = dialect
        self.header = header
        self.dated = bool(dialect.named("a.txt"))
        self.dateless: Counter[bytes] = Counter()
        self.time = Time()
        self.saved: dict[str, bytes] = {}
        self.counted: Counter[bytes] = Counter()
        self.suspect: Counter[bytes] = Counter()
        self.broken: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.restart()

    def restart(self) -> None:
        streams = [Stream.from_bytes(raw) for raw in self.saved.values()]
        self.follower = Follower(self.folder, self.pattern, streams, dialect=self.dialect, monotonic=self.time)

    def poll(self, *, tick: float = 0.25) -> Poll:
        self.time.now += tick
        poll = self.follower.poll()
        for chunk in poll.chunks:
            lines = [line for line in chunk.data.splitlines(keepends=True) if line not in (b"\n", self.header)]
            content = read_chunk(self.dialect, chunk, poll, FOREVER_MS)
            data, begin = content.chunk.data, content.chunk.offset
            self.counted.update(data[at - begin :].partition(b"\n")[0] + b"\n" for at in content.offsets)
            if chunk.suspect:
                self.suspect.update(lines)
            elif self.dated and not chunk.before.named:
                self.dateless.update(lines)
            else:
                before = self.broken.get(chunk.before.key, b"")
                self.broken[chunk.before.key] = before + b"".join(item.data for item in content.unreadable)
        self.notes += poll.notes
        for key, stream in poll.changes.items():
            if stream is None:
                self.saved.pop(key, None)
            else:
                self.saved[key] = stream.to_bytes()
        self.follower.accept(poll)
        return poll

    def drain(self) -> None:
        """Until a look after every wait the rules know brings nothing new."""
        quiet = 0
        for _ in range(400):
            poll = self.poll(tick=1.1 if quiet % 4 else 12.0)
            quiet = 0 if poll.chunks or poll.more else quiet + 1
            if quiet == 25:
                return
        raise AssertionError("reading never comes to rest")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def append(path: Path, *pieces: bytes) -> None:
    with path.open("ab") as handle:
        handle.write(b"".join(pieces))


def assert_once(reader: Reader, *numbers: int) -> None:
    assert reader.counted == Counter(record(number) for number in numbers)
    assert not reader.suspect


class FilesOfALegacyJob(RuleBasedStateMachine):
    """A writer that appends, rotates and re-creates; a gateway that polls, fails to commit and is killed."""

    names = st.sampled_from(["a.txt", "b.txt"])
    dialect: Dialect = SENSORS_OWN
    header = HEADER

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="following-"))
        self.reader = Reader(self.folder, dialect=self.dialect, header=self.header)
        self.number = 0
        self.rotated = 0
        self.torn: dict[str, bytes] = {}
        self.torn_at: dict[str, float] = {}
        self.late: set[bytes] = set()
        self.uploading: dict[str, bytes] = {}
        self.twins: set[str] = set()
        self.disputed: set[bytes] = set()

    def line(self, number: int) -> bytes:
        return record(number)

    def teardown(self) -> None:
        for name in list(self.uploading):
            self.end_upload(name)
        self.reader.drain()
        present = self.lines_present()
        twice = {line for line, times in self.reader.counted.items() if times > 1}
        assert not twice, "counted twice"
        known = set(self.reader.counted) | set(self.reader.suspect) | set(self.reader.dateless)
        unread = {line for line in present if line not in known}
        assert unread <= self.late, "neither counted nor before a person"
        pieces = b"\0".join(self.reader.broken.values())
        assert all(line.rstrip() in pieces for line in unread), "not in quarantine with its bytes"
        needless = set(self.reader.suspect) - self.disputed
        # Of a line that was never finished its beginning, of one finished late its end.
        whole = self.disputed
        parts = {part for part in needless if any(line.startswith(part) or line.endswith(part) for line in whole)}
        assert needless == parts, "put before a person without need"
        shutil.rmtree(self.folder)

    def lines_present(self) -> set[bytes]:
        return {line for path in self.folder.iterdir() for line in self.lines_in(path)}

    def lines_in(self, path: Path) -> list[bytes]:
        content = self.uploading.get(path.name) or path.read_bytes()
        lines = content.splitlines(keepends=True)
        return [line for line in lines if line.endswith(b"\n") and line not in (self.header, b"\n")]

    def free(self, name: str) -> bool:
        return (self.folder / name).exists() and name not in self.uploading

    def known(self, name: str) -> bool:
        """Whether the gateway has read a record of this file and none of a copy: only then it is found anywhere."""
        lines = self.lines_in(self.folder / name)
        return any(line in self.reader.counted for line in lines) and not self.copies_of(name)

    def copies_of(self, name: str) -> list[Path]:
        first = self.lines_in(self.folder / name)[:1]
        others = (path for path in self.folder.iterdir() if path.name != name)
        return [path for path in others if first and self.lines_in(path)[:1] == first]

    def aside(self, name: str, *, outside: bool) -> Path:
        self.rotated += 1
        known = self.known(name)
        return self.folder / (f"{name}.{self.rotated}" if outside and known else f"old-{self.rotated}.txt")

    def dispute_copies_of(self, name: str) -> None:
        """A copy cannot be compared any more once the file it was made of is gone: its lines may be asked about."""
        for path in self.copies_of(name):
            self.disputed.update(self.lines_in(path))

    @initialize()
    def first_file(self) -> None:
        append(self.folder / "a.txt", self.header)

    @rule(name=names, count=st.integers(1, 12), torn=st.booleans(), header=st.booleans())
    def append_lines(self, name: str, count: int, torn: bool, header: bool) -> None:
        if name in self.uploading:
            return
        path = self.folder / name
        pieces = [self.torn.pop(name, b"")]
        if pieces[0] and self.reader.time.now - self.torn_at[name] >= MOVED_REST_S:
            # For all the gateway can know it was no more to come.
            self.late.add(path.read_bytes().rpartition(b"\n")[2] + pieces[0])
        if header and not path.exists():
            pieces.append(self.header)
        for _ in range(count):
            self.number += 250
            pieces.append(self.line(self.number))
            if name in self.twins:
                self.disputed.add(self.line(self.number))
        if torn:
            cut = len(pieces[-1]) // 2
            self.torn[name] = pieces[-1][cut:]
            self.torn_at[name] = self.reader.time.now
            pieces[-1] = pieces[-1][:cut]
        append(path, *pieces)

    @rule(name=names, ours=st.integers(0, 3), theirs=st.integers(0, 3), grow=st.booleans())
    def fork(self, name: str, ours: int, theirs: int, grow: bool) -> None:
        """A copy that gets lines of its own, of the same length, while the original goes on or does not."""
        if not self.free(name) or name in self.torn or not (ours or theirs):
            return
        twin = "b.txt" if name == "a.txt" else "a.txt"
        if not grow or (self.folder / twin).exists():
            self.rotated += 1
            twin = f"twin-{self.rotated}.txt"
        shutil.copyfile(self.folder / name, self.folder / twin)
        self.torn.pop(twin, None)
        self.twins |= {name, twin}
        for path, count in ((twin, theirs), (name, ours)):
            if count:
                self.append_lines(path, count, torn=False, header=False)

    @rule(times=st.integers(1, 3), tick=st.sampled_from([0.25, 0.25, 4.0]))
    def poll(self, times: int, tick: float) -> None:
        for _ in range(times):
            self.reader.poll(tick=0.25 if self.uploading else tick)

    @rule()
    def poll_without_commit(self) -> None:
        self.reader.follower.poll()

    @rule()
    def kill_and_restart(self) -> None:
        self.reader.restart()

    @rule(name=names, outside=st.booleans(), recreate=st.booleans())
    def rename(self, name: str, outside: bool, recreate: bool) -> None:
        if not self.free(name):
            return
        target = self.aside(name, outside=outside)
        (self.folder / name).rename(target)
        self.twins.discard(name)
        if rest := self.torn.pop(name, b""):
            append(target, rest)  # the writer still had it open
        if recreate:
            self.number += 250
            append(self.folder / name, self.header, self.line(self.number))

    @rule(name=names, outside=st.booleans(), regrow=st.integers(0, 30))
    def copytruncate(self, name: str, outside: bool, regrow: int) -> None:
        if not self.free(name) or name in self.torn:
            return
        shutil.copyfile(self.folder / name, self.aside(name, outside=outside))
        with (self.folder / name).open("r+b") as handle:
            handle.truncate(0)
        self.twins.discard(name)
        if regrow:
            append(self.folder / name, self.header)
            self.append_lines(name, regrow, torn=False, header=False)

    @rule(name=names)
    def copy(self, name: str) -> None:
        if self.free(name):
            shutil.copyfile(self.folder / name, self.aside(name, outside=False))

    @rule(name=names, recreate=st.booleans())
    def delete(self, name: str, recreate: bool) -> None:
        if not self.free(name):
            return
        self.dispute_copies_of(name)
        (self.folder / name).unlink()  # its inode is free for the next file
        self.twins.discard(name)
        self.torn.pop(name, None)
        if recreate:
            self.append_lines(name, 3, torn=False, header=True)

    @rule(name=names)
    def truncate(self, name: str) -> None:
        if self.free(name):
            self.torn.pop(name, None)
            self.twins.discard(name)
            self.dispute_copies_of(name)
            os.truncate(self.folder / name, 0)

    @rule(name=names, share=st.floats(0, 1))
    def begin_upload(self, name: str, share: float) -> None:
        """The job sends the whole file again, over itself; a poll may see any part of it."""
        if self.free(name) and name not in self.torn:
            content = (self.folder / name).read_bytes()
            self.uploading[name] = content
            (self.folder / name).write_bytes(content[: int(len(content) * share)])

    @precondition(lambda self: self.uploading)
    @rule(name=names, more=st.integers(0, 5))
    def end_upload(self, name: str, more: int = 0) -> None:
        if name in self.uploading:
            (self.folder / name).write_bytes(self.uploading.pop(name))
            if more:
                self.append_lines(name, more, torn=False, header=False)


class FilesOfACounter(FilesOfALegacyJob):
    """The same for a described layout whose files are read in the order of time."""

    dialect = described(
        {"columns": [1, 2], "format": "YYYY-MM-DD hh:mm:ss.fff"},
        fields=3,
        counters={"production": {"column": 3}, "max_per_hour": 3600},
    )
    header = b""

    def line(self, number: int) -> bytes:
        day, time = record(number)[:23].decode().split("T")
        return f"{day},{time},{number}\n".encode()


class FilesOfPieces(FilesOfALegacyJob):
    """The same where the date stands in the file's name alone, and not in every name it is given later."""

    dialect = DatedBeforeRotation(
        described(
            {"columns": [1], "format": "hh:mm:ss.fff", "file_name": "YYMMDD"},
            fields=2,
            pieces={"column": 2, "good": ["OK"], "rejected": ["NG"]},
        )
    )
    header = b""

    def line(self, number: int) -> bytes:
        return record(number)[11:23] + b",OK\n"


def machine_test(machine: type[FilesOfALegacyJob], share: int) -> type:
    """The machine as a test, with its share of the examples."""
    test = machine.TestCase
    test.settings = settings(
        max_examples=int(os.environ.get("FOLLOWING_EXAMPLES", "60")) // share,
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
    )
    return test


TestP1EveryCompleteLineIsReadOnce = machine_test(FilesOfALegacyJob, 1)
TestP1EveryCompleteLineOfACounterIsReadOnce = machine_test(FilesOfACounter, 2)
TestP1EveryCompletePieceIsReadOnce = machine_test(FilesOfPieces, 2)


def test_p1_a_new_file_with_the_same_header_and_name_is_read_from_start(reader: Reader) -> None:
    path = reader.folder / "a.txt"
    append(path, HEADER, record(250), record(500))
    reader.poll()
    path.unlink()
    append(path, HEADER, *(record(1000 + 250 * number) for number in range(10)))
    reader.drain()
    assert_once(reader, 250, 500, *(1000 + 250 * number for number in range(10)))


def test_p1_a_file_known_by_its_header_is_found_before_its_names_heir(
    reader: Reader,
) -> None:
    path = reader.folder / "a.txt"
    append(path, HEADER)
    reader.poll()
    reader.poll(tick=4.0)
    assert len(reader.follower.streams) == 1
    append(path, record(250))
    path.rename(reader.folder / "old.txt")
    append(path, HEADER, record(500))
    poll = reader.poll()
    assert [chunk.path for chunk in poll.chunks] == ["old.txt", "a.txt"]
    assert_once(reader, 250, 500)


def test_p1_a_renamed_files_tail_comes_before_its_names_heir(reader: Reader) -> None:
    path = reader.folder / "a.txt"
    append(path, HEADER, record(250))
    reader.poll()
    append(path, record(500))
    path.rename(reader.folder / "a.txt.1")
    append(path, HEADER, record(750))
    reader.restart()  # the gateway was down meanwhile
    poll = reader.poll()
    assert [chunk.path for chunk in poll.chunks] == ["a.txt.1", "a.txt"]
    assert_once(reader, 250, 500, 750)


def test_p1_a_copy_is_not_counted_again_and_is_told_once(reader: Reader) -> None:
    append(reader.folder / "a.txt", HEADER, record(250), record(500))
    reader.drain()
    shutil.copyfile(reader.folder / "a.txt", reader.folder / "backup.txt")
    reader.drain()
    for _ in range(8):
        reader.poll(tick=1.0)
    assert_once(reader, 250, 500)
    assert reader.notes == ["backup.txt é cópia de a.txt: não é contado de novo"]


def test_p1_diverging_copy_is_quarantined(
    reader: Reader,
) -> None:
    append(reader.folder / "a.txt", HEADER, record(250), record(500))
    reader.drain()
    shutil.copyfile(reader.folder / "a.txt", reader.folder / "b.txt")
    append(reader.folder / "a.txt", record(750), record(1000))
    reader.poll()
    append(reader.folder / "b.txt", record(1250))  # no longer than what was read of a.txt
    reader.drain()
    reader.restart()
    append(reader.folder / "a.txt", record(1500))
    append(reader.folder / "b.txt", record(1750), record(2000))
    reader.drain()
    assert reader.counted == Counter(map(record, (250, 500, 750, 1000, 1500)))
    assert reader.suspect == Counter(map(record, (1250, 1750, 2000)))
    offset = len(HEADER) + 2 * len(record(250))
    assert reader.notes == [
        f"b.txt começa igual a a.txt e depois difere: do byte {offset} em diante vai para a quarentena"
    ]
    assert reader.poll().forked == ("b.txt",)


def test_p10_after_removing_one_of_two_differing_files_the_other_counts(reader: Reader) -> None:
    append(reader.folder / "a.txt", record(250))
    reader.drain()
    shutil.copyfile(reader.folder / "a.txt", reader.folder / "b.txt")
    append(reader.folder / "b.txt", record(500))  # the gateway takes the longer one for the file that goes on
    reader.drain()
    append(reader.folder / "a.txt", record(750))
    reader.drain()
    assert reader.suspect == Counter([record(750)])
    (reader.folder / "b.txt").unlink()
    for _ in range(6):
        reader.poll(tick=12)
    append(reader.folder / "a.txt", record(1000))
    reader.drain()
    assert reader.counted == Counter(map(record, (250, 500, 1000)))
    assert reader.suspect == Counter([record(750)])
    assert reader.poll().forked == ()


def test_p1_a_copy_with_the_end_of_a_line_missing_is_no_other_content(reader: Reader) -> None:
    append(reader.folder / "a.txt", record(250), record(500))
    reader.drain()
    shutil.copyfile(reader.folder / "a.txt", reader.folder / "b.txt")
    os.truncate(reader.folder / "b.txt", len(record(250)) + 20)
    reader.drain()
    append(reader.folder / "b.txt", record(500)[20:])
    reader.drain()
    assert_once(reader, 250, 500)


def test_a_file_that_differs_from_another_is_read_in_larger_pieces(reader: Reader) -> None:
    append(reader.folder / "a.txt", record(250), record(500))
    append(reader.folder / "b.txt", record(250), record(750))
    reader.drain()
    brought = 0
    for number in range(80):
        append(reader.folder / "b.txt", record(1000 + number * 250))
        brought += len(reader.poll(tick=0.25).chunks)
    assert 1 <= brought <= 3


def test_p10_a_file_cut_and_grown_differently_waits_from_where_it_differs(reader: Reader) -> None:
    path = reader.folder / "a.txt"
    for number in range(1, 41):
        append(path, record(number * 250))
        reader.poll()
    os.truncate(path, 30 * len(record(250)) + 10)  # what a power cut on the file server leaves
    append(path, *(record(number * 250) for number in range(101, 141)))
    reader.drain()
    assert set(reader.counted) == {record(number * 250) for number in range(1, 41)}
    assert max(reader.counted.values()) == 1
    # The first of the new lines is glued to the rest of the line that was cut.
    assert {record(number * 250) for number in range(102, 141)} <= set(reader.suspect)
    assert sum(reader.suspect.values()) < 60, "most of what was read is recognised and not asked about"
    append(path, record(200 * 250))
    reader.drain()
    assert reader.counted[record(200 * 250)] == 1


def test_nothing_is_complete_while_a_vanished_stream_is_looked_for(reader: Reader) -> None:
    path = reader.folder / "a.txt"
    append(path, record(250))
    append(reader.folder / "b.txt", record(500))
    assert not reader.poll().searching
    path.unlink()
    assert reader.poll().searching
    for _ in range(10):
        poll = reader.poll()
    assert not poll.searching


def test_a_file_that_cannot_be_opened_keeps_no_other_waiting(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    append(reader.folder / "a.txt", record(250))
    append(reader.folder / "b.txt", record(500))

    def shared_badly(path: str) -> FileIO:
        if Path(path).name == "a.txt":
            raise PermissionError(13, "sharing violation")
        return open_to_read(path)

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "open_to_read", shared_badly)
        assert reader.poll().unreadable == {"a.txt": "sharing violation"}
        assert_once(reader, 500)
    reader.drain()
    assert_once(reader, 250, 500)


def test_a_quiet_file_is_not_opened_again(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    append(reader.folder / "a.txt", record(250))
    for _ in range(6):
        reader.poll(tick=1.0)
    monkeypatch.setattr(evidence, "open_to_read", None)
    assert not reader.poll().chunks


def test_a_poll_reads_a_bounded_part_of_each_file_and_asks_for_more(reader: Reader) -> None:
    lines = [record(number * 250) for number in range(1, 20_001)]
    append(reader.folder / "a.txt", *lines)
    append(reader.folder / "b.txt", record(20_001 * 250))
    poll = reader.poll()
    assert poll.more
    assert {chunk.path for chunk in poll.chunks} == {"a.txt", "b.txt"}
    assert sum(len(chunk.data) for chunk in poll.chunks) < 300_000
    reader.drain()
    assert reader.counted.total() == 20_001


@pytest.mark.parametrize(
    ("data", "skipping", "expected"),
    [
        (b"", False, (0, False)),
        (b"torn", False, (0, False)),
        (b"a\nto", False, (2, False)),
        (b"x" * 4_097, False, (1, True)),
        (b"a\nb" + b"\0" * 16 + b"c\n", False, (2, False)),
        (b"a\nb\0c\nd\0", False, (6, False)),
        (b"\0" * 16 + b"a\nb\n", False, (0, False)),
        (b"\0" * 10_000, False, (0, False)),
        (b"x" * 10, True, (0, True)),
        (b"x\ny", True, (2, False)),
    ],
)
def test_only_whole_lines_and_what_cannot_be_one_are_consumed(
    data: bytes, skipping: bool, expected: tuple[int, bool]
) -> None:
    assert complete_part(data, skipping=skipping)[:2] == expected


def test_checkpoints_stay_few_and_the_near_ones_dense() -> None:
    points: tuple[tuple[int, int], ...] = ()
    for number in range(1, 50_001):
        points = with_checkpoint(points, number * 45, number)
    assert len(points) < 40
    assert points[-1] == (50_000 * 45, 50_000)
    assert points[-2][0] > 49_900 * 45
