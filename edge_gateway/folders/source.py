"""KEYENCE sensors by way of the TXT files a legacy FTP job appends to: one folder, any number of files and lines.

What a line of a file means is the dialect's to say: the sensors' own canonical one, or a described one; the running
counters of a described one become increments in `running`.

Time: a record keeps its own time unless it lies in the future beyond the tolerance, or was appended a moment ago and
its line's clock is judged wrong (`clock`); then it takes the time of the read and the flag ``relogio``, and its own
timestamp travels with it as it was written. While this computer's own clock is in doubt (`edge_gateway.clock`) it
proves nothing about a line's: records keep their time, unless it is later than the true time can be.

Marks: with a constant rhythm a line is known up to its last complete record. With an event rhythm silence means
"nothing made", so a line is known up to now less the allowed delay, as long as the folder could be read. No mark moves
while bytes are known to be unread: a backlog, a file that cannot be opened, a stream whose file has just vanished.
Nor does that of a line whose counter has no reading or counts no more. While bytes of a file are not yet written, none
moves past the last record before them.

A folder that is not the one that was read before is an error of the source; one in which no file fits is trouble, and
no mark moves.

A line that a machine of the same gateway counts is not counted a second time from a file, whoever wrote it there: its
records are compared, like those of any second sensor, and the source says so.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge_gateway.clock import Instant, Judgement, OwnClock, since_boot_ms
from edge_gateway.config import FolderConfig
from edge_gateway.folders.chunks import read_chunk
from edge_gateway.folders.clock import ClockJudge, Trust
from edge_gateway.folders.described import Described
from edge_gateway.folders.folder import refusal
from edge_gateway.folders.follower import Chunk, FolderState, Follower, Poll
from edge_gateway.folders.format_config import Counters
from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import FOREVER_MS, Canonical, Dialect, LineReader
from edge_gateway.folders.running import POSITION, Pass, RunningCounters
from edge_gateway.source import Content, Kind, Progress, ReadResult, SourceError
from edge_gateway.worker import Worker
from sicfar.counts.batch import MAX_UNREADABLE_BYTES, Mark, Unreadable
from sicfar.counts.codes import Flag, Reason
from sicfar.counts.record import Record
from sicfar.instants import now_ms

SURVEYED = "levantamento"
"""The position that says that every file older than the spool is known."""


def saved_streams(positions: Mapping[str, bytes]) -> list[Stream]:
    """The streams among this source's positions; the others are `SURVEYED` and the counters'."""
    return [
        Stream.from_bytes(raw) for key, raw in positions.items() if key != SURVEYED and not key.startswith(POSITION)
    ]


def dialect_of(config: FolderConfig) -> Dialect:
    """How the lines of a folder's files are to be read."""
    return Canonical(config.aliases) if config.format is None else Described(config.format, config.aliases)


def counters_of(config: FolderConfig, positions: Mapping[str, bytes]) -> RunningCounters | None:
    """The running counters in a folder's files, as the spool holds them; None if their lines count by themselves."""
    if config.format is None or not isinstance(config.format.counting, Counters):
        return None
    return RunningCounters(
        config.format.counting,
        config.lines,
        positions,
        event=config.rhythm == "event",
        step_ms=config.clock_tolerance_s * 1000,
    )


@dataclass(slots=True)
class _Found:
    """What one poll's files hold; `counted` where running counters do the counting.

    `latest_ms`: after this nothing can have happened yet. `reached`: the last record of each stream, ms.
    """

    latest_ms: int
    counted: Pass | None
    reached: dict[str, int] = field(default_factory=dict)
    records: dict[Kind, list[Record]] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)

    def add(self, kind: Kind, records: Iterable[Record]) -> None:
        """Add what becomes of so many records."""
        self.records.setdefault(kind, []).extend(records)

    def content(self, elsewhere: frozenset[str]) -> Content:
        """All of it; of lines that are counted elsewhere the records are only compared."""
        if elsewhere:
            records, self.records = self.records, {}
            for kind in (Kind.EARLIER, Kind.COUNTED):
                for record in records.get(kind, ()):
                    self.add(Kind.CHECKED if record.line in elsewhere else kind, [record])
        return Content(self.records, self.unreadable)


class FolderSource:
    """A `BlockingSource` over one folder.

    `positions` and `marks` are what the spool holds of this source; marks also tell which lines it has ever seen.
    `elsewhere`: lines that another source counts. `own_clock`: the judge of this computer's clock.
    """

    def __init__(
        self,
        config: FolderConfig,
        positions: Mapping[str, bytes],
        marks: Mapping[str, int],
        *,
        elsewhere: frozenset[str] = frozenset(),
        own_clock: OwnClock | None = None,
        wall_ms: Callable[[], int] = now_ms,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._config = config
        self.worker = Worker(config.name)
        self._dialect = dialect_of(config)
        self._counters = counters_of(config, positions)
        self._elsewhere = elsewhere
        self._twice: set[str] = set()
        self._streams = saved_streams(positions)
        self._surveyed = SURVEYED in positions
        self._known_until = {line: until for line, until in marks.items() if line not in elsewhere}
        self._latest: dict[str, int] = {}
        self._wall_ms = wall_ms
        # How long a file has not changed is what the computer was awake for: its writer may have slept with it.
        self._monotonic = monotonic or time.monotonic
        self._since_boot_ms = since_boot_ms if monotonic is None else lambda: int(monotonic() * 1000)
        self._tolerance_ms = config.clock_tolerance_s * 1000
        self._clock = ClockJudge(self._tolerance_ms)
        self._own_clock = own_clock or OwnClock()
        self._follower: Follower | None = None
        self._reached: dict[str, int] = {}

    @property
    def name(self) -> str:
        """The entry of ``clps`` that describes the folder."""
        return self._config.name

    @property
    def period_ms(self) -> int:
        """Time between two polls, milliseconds."""
        return self._config.poll_ms

    async def connect(self) -> None:
        """Find the folder. Raises ConfigError (rules of `config`) or SourceError."""
        folder = await self.worker.run(self._find_folder)
        if self._follower is None:
            self._follower = Follower(
                folder,
                self._config.files,
                self._streams,
                dialect=self._dialect,
                surveyed=self._surveyed,
                monotonic=self._monotonic,
            )

    async def close(self) -> None:
        """End the thread; nothing else is held between polls."""
        self.worker.end()

    def _find_folder(self) -> Path:
        folder = self._config.folder()
        if not folder.is_dir():
            action = f"confira a rede e clps.{self.name}.path"
            raise SourceError("a pasta não existe ou não responde", str(folder), action)
        return folder

    def read_now(self) -> ReadResult:
        """One poll of the folder. Raises SourceError when the folder cannot be listed."""
        follower = self._follower
        if follower is None:
            raise SourceError("fonte lida antes de conectada", self.name)
        poll = self._poll(follower)
        now = Instant(self._wall_ms(), self._since_boot_ms())
        clock = self._own_clock.judge(now)
        latest_ms = clock.latest_ms + self._tolerance_ms
        found = _Found(latest_ms, None if self._counters is None else self._counters.begin(latest_ms))
        for chunk in poll.chunks:
            self._read_chunk(chunk, poll, now, clock, found)
        clock = self._own_clock.judge(now)  # once more: what was read is a witness
        counted, content = found.counted, found.content(self._elsewhere)
        # Said until the end of the process: a sensor that is silent for a moment is no remedy.
        self._twice |= {record.line for record in content.of(Kind.CHECKED)}
        # What this computer's clock is now known to have said too late comes down.
        latest = {line: min(at_ms, clock.earliest_ms) for line, at_ms in self._latest.items()}
        known = ((record.line, record.at_ms) for record in content.of(Kind.EARLIER, Kind.COUNTED))
        for line, at_ms in known if counted is None else counted.known.items():
            latest[line] = max(latest.get(line, 0), min(at_ms, clock.earliest_ms))
        stopped = {} if counted is None else counted.stopped
        marks = self._marks(poll, latest, stopped, now.wall_ms, clock, found.reached)

        def accept() -> None:
            follower.accept(poll)
            if counted is not None:
                counted.accept()
            self._latest = latest
            self._reached |= found.reached
            self._known_until.update((mark.line, mark.until_ms) for mark in marks)

        positions = {key: None if stream is None else stream.to_bytes() for key, stream in poll.changes.items()}
        if poll.complete and not follower.surveyed:
            positions[SURVEYED] = b""
        if counted is not None:
            positions |= counted.position
        progress = Progress(
            positions=positions,
            marks=marks,
            more=poll.more,
            trouble=self._trouble(poll, [stopped[line] for line in sorted(stopped)]),
            notes=[*poll.notes, *([] if counted is None else counted.notes)],
        )
        return ReadResult(content, progress, accept)

    def _poll(self, follower: Follower) -> Poll:
        try:
            poll = follower.poll()
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(
                f"a pasta não pode ser lida: {reason}", str(self._config.path), "confira a rede"
            ) from error
        refused = refusal(poll.folder, self._config, len(follower.streams))
        if refused is not None:
            raise refused
        return poll

    def _read_chunk(self, chunk: Chunk, poll: Poll, now: Instant, clock: Judgement, found: _Found) -> None:
        """Add what a chunk holds: records that were there before the spool, the other ones, what is none."""
        content = read_chunk(self._dialect, chunk, poll, found.latest_ms)
        found.unreadable += content.unreadable
        if not content.records:
            return
        chunk, reader, offsets, records = content.chunk, content.reader, content.offsets, content.records
        limit_ms = clock.latest_ms + self._tolerance_ms
        # What was just written shows its line's clock; of a backlog, only what comes from the future does.
        shown = records if chunk.live else [record for record in records if record.at_ms > limit_ms]
        if shown:
            clock, wrong = self._judged(shown, now, clock, live=chunk.live)
            limit_ms = clock.latest_ms + self._tolerance_ms
            if wrong or any(record.at_ms > limit_ms for record in records):
                records = list(self._timed(zip(offsets, records, strict=True), wrong, limit_ms, now, chunk, reader))
        key = chunk.before.key
        latest = max(record.at_ms for record in records)
        found.reached[key] = max(found.reached.get(key, self._reached.get(key, 0)), latest)
        if found.counted is not None:
            rows = zip(offsets, records, strict=True)
            found.unreadable += _count(found, found.counted, rows, chunk, reader)
            return
        earlier = bisect_left(offsets, chunk.before.earlier_until)
        found.add(Kind.EARLIER, records[:earlier])
        found.add(Kind.COUNTED, records[earlier:])

    @staticmethod
    def _timed(
        records: Iterable[tuple[int, Record]],
        wrong: set[str],
        limit_ms: int,
        now: Instant,
        chunk: Chunk,
        reader: LineReader,
    ) -> Iterator[Record]:
        """The records with the time they count at."""
        for offset, record in records:
            if record.line in wrong or record.at_ms > limit_ms:
                start = offset - chunk.offset
                yield replace(
                    record,
                    at_ms=now.wall_ms,
                    flags=(*record.flags, Flag.CLOCK),
                    origin=f"{chunk.path}@{offset}",
                    source_time=reader.own_time(record, chunk.data[start : chunk.data.index(b"\n", start)]),
                )
            else:
                yield record

    def _judged(
        self, shown: Sequence[Record], now: Instant, clock: Judgement, *, live: bool
    ) -> tuple[Judgement, set[str]]:
        """What is believed of this computer's clock beside these records, and the lines whose clock is not.

        Each side is the other's witness: lines that agree with each other and not with us are right.
        """
        spans: dict[str, tuple[int, int]] = {}
        for record in shown:
            first, _ = spans.get(record.line, (record.at_ms, 0))
            spans[record.line] = (first, record.at_ms)
        wrong: set[str] = set()
        for line, (first_ms, last_ms) in spans.items():
            trust = Trust.GOOD
            if live and clock.doubt is None:
                trust = self._clock.judge(line, first_ms, last_ms, now.wall_ms)
            if trust is Trust.WRONG:
                wrong.add(line)
            if trust is not Trust.LATE:
                self._own_clock.source(self.name, line, last_ms, now)
        if not clock.witnessed:  # what S3 says is final
            clock = self._own_clock.judge(now)
        return clock, set() if clock.doubt else wrong

    def _marks(
        self,
        poll: Poll,
        latest: Mapping[str, int],
        stopped: Mapping[str, str],
        now_ms: int,
        clock: Judgement,
        reached: Mapping[str, int],
    ) -> list[Mark]:
        known = {line: min(ms, clock.earliest_ms) for line, ms in self._known_until.items()}
        until = dict.fromkeys((*self._config.lines, *latest), 0) | known
        hidden = poll.more or poll.searching or poll.unreadable or poll.folder is not FolderState.SAME
        if not hidden:
            floor = 0
            if self._config.rhythm == "event":
                floor = now_ms - self._config.event_delay_s * 1000 - round(poll.unseen_s * 1000)
            # Which line the bytes that are not yet written are of, only they could say.
            cap = min((reached.get(key, self._reached.get(key, 0)) for key in poll.unwritten), default=FOREVER_MS)
            until = {
                line: max(before, min(cap, max(latest.get(line, 0), 0 if line in stopped else floor)))
                for line, before in until.items()
            }
        # A line never heard of has nothing to declare.
        return [
            Mark(
                line,
                ms,
                "erro" if poll.unreadable or line in stopped else "ok",
                self._clock.offset_ms(line) if clock.doubt is None else None,
            )
            for line, ms in sorted(until.items())
            if ms
        ]

    def _trouble(self, poll: Poll, stopped: list[str]) -> str:
        parts = [f"{name} não pode ser aberto: {reason}" for name, reason in sorted(poll.unreadable.items())]
        if poll.folder is FolderState.NOTHING_YET:
            others = f"; há ali {', '.join(poll.others)}" if poll.others else "; a pasta está vazia"
            parts.append(
                f"nenhum arquivo {self._config.files} em {self._config.path}{others}: confira "
                f"clps.{self.name}.path e .files, e se o compartilhamento está montado"
            )
        parts += [
            f"{name} começa igual a outro arquivo e depois difere: o que difere vai para a quarentena; deixe só um dos "
            "dois"
            for name in poll.forked
        ]
        parts += [
            f"{name} muda há minutos sem que uma linha termine (LF): nada dele pode ser contado; confira quem o escreve"
            for name in poll.unfinished
        ]
        parts += [
            f"{line} vem nos arquivos e é contada por outra fonte: só comparada, não somada"
            for line in sorted(self._twice)
        ]
        return "; ".join((*parts, *stopped))


def _count(
    found: _Found, counted: Pass, rows: Iterable[tuple[int, Record]], chunk: Chunk, reader: LineReader
) -> Iterator[Unreadable]:
    """Count a chunk's readings, line by line; what cannot be counted comes back with its bytes."""
    stale: list[tuple[int, int]] = []
    for offset, row in rows:
        start = offset - chunk.offset
        raw = chunk.data[start : chunk.data.index(b"\n", start) + 1]
        made = counted.take(replace(row, origin=f"{chunk.path}@{offset}"))
        if made is Reason.FORA_DE_ORDEM:
            stale.append((offset, offset + len(raw)))
        elif isinstance(made, Reason):
            yield reader.unreadable(raw, offset, made)
        else:
            found.add(Kind.EARLIER if offset < chunk.before.earlier_until else Kind.COUNTED, made)
    for begin, end in _runs(stale):
        yield reader.unreadable(chunk.data[begin - chunk.offset : end - chunk.offset], begin, Reason.FORA_DE_ORDEM)


def _runs(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Byte ranges with those that follow on one another joined, as far as one `Unreadable` takes."""
    joined: list[tuple[int, int]] = []
    for begin, end in pieces:
        if joined and joined[-1][1] == begin and end - joined[-1][0] <= MAX_UNREADABLE_BYTES:
            begin = joined.pop()[0]
        joined.append((begin, end))
    return joined
