"""KEYENCE sensors by way of the TXT files a legacy FTP job appends to: one folder, any number of files and lines.

Time: a record keeps its own time unless it lies in the future beyond the tolerance, or was appended a moment ago and
its line's clock is judged wrong (`clock`); then it takes the time of the read and the flag ``relogio``, and its own
timestamp travels with it as it was written.

Marks: with a constant rhythm a line is known up to its last complete record. With an event rhythm silence means
"nothing made", so a line is known up to now less the allowed delay, as long as the folder could be read. No mark moves
while bytes are known to be unread: a backlog, a file that cannot be opened, a stream whose file has just vanished.

A line that a machine of the same gateway counts is not counted a second time from a file, whoever wrote it there: its
records are compared, like those of any second sensor, and the source says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from edge_gateway.config import KeyenceConfig
from edge_gateway.source import Reading, SourceError
from edge_gateway.sources.clock import ClockJudge
from edge_gateway.sources.detached import detached
from edge_gateway.sources.following import Chunk, Follower, Poll
from edge_gateway.sources.identity import Stream
from edge_gateway.sources.lines import LineReader
from sicfar.batch import Mark, Unreadable
from sicfar.instants import now_ms
from sicfar.txt import Record

CLOCK_FLAG = "relogio"
SURVEYED = "levantamento"
"""The position that says that every file older than the spool is known; the others are streams by their keys."""


def saved_streams(positions: Mapping[str, bytes]) -> list[Stream]:
    """The streams among this source's positions."""
    return [Stream.from_bytes(raw) for key, raw in positions.items() if key != SURVEYED]


class KeyenceSource:
    """A `Source` over one folder.

    `positions` and `marks` are what the spool holds of this source; marks also tell which lines it has ever seen.
    `elsewhere`: lines that a machine counts.
    """

    name = "keyence"

    def __init__(
        self,
        config: KeyenceConfig,
        positions: Mapping[str, bytes],
        marks: Mapping[str, int],
        *,
        elsewhere: frozenset[str] = frozenset(),
        wall_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._config = config
        self._elsewhere = elsewhere
        self._twice: set[str] = set()
        self._streams = saved_streams(positions)
        self._surveyed = SURVEYED in positions
        self._known_until = {line: until for line, until in marks.items() if line not in elsewhere}
        self._latest: dict[str, int] = {}
        self._wall_ms = wall_ms
        self._clock = ClockJudge(config.clock_tolerance_s * 1000)
        self._follower: Follower | None = None

    @property
    def period_ms(self) -> int:
        """Time between two polls, milliseconds."""
        return self._config.poll_ms

    async def connect(self) -> None:
        """Find the folder. Raises ConfigError (rules of `config`) or SourceError."""
        folder = await detached(self._find_folder)
        if self._follower is not None:
            self._streams, self._surveyed = list(self._follower.streams.values()), self._follower.surveyed
        self._follower = Follower(
            folder, self._config.files, self._streams, aliases=self._config.aliases, surveyed=self._surveyed
        )

    async def read(self) -> Reading:
        """One poll of the folder. Raises SourceError when the folder cannot be listed."""
        return await detached(self.read_now)

    async def close(self) -> None:
        """Nothing is held between polls."""

    def _find_folder(self) -> Path:
        folder = self._config.folder()
        if not folder.is_dir():
            raise SourceError("a pasta não existe ou não responde", str(folder), "confira a rede e clps.keyence.path")
        return folder

    def read_now(self) -> Reading:
        """The poll itself, blocking; `read` runs it in a thread."""
        follower = self._follower
        if follower is None:
            raise SourceError("fonte lida antes de conectada", self.name)
        try:
            poll = follower.poll()
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(
                f"a pasta não pode ser lida: {reason}", str(self._config.path), "confira a rede"
            ) from error
        now_ms = self._wall_ms()
        earlier: list[Record] = []
        records: list[Record] = []
        unreadable: list[Unreadable] = []
        for chunk in poll.chunks:
            self._read_chunk(chunk, poll, now_ms, (earlier, records), unreadable)
        checked = [record for record in (*earlier, *records) if record.line in self._elsewhere]
        if checked:
            earlier = [record for record in earlier if record.line not in self._elsewhere]
            records = [record for record in records if record.line not in self._elsewhere]
        # Said until the end of the process: a sensor that is silent for a moment is no remedy.
        self._twice |= {record.line for record in checked}
        latest = dict(self._latest)
        for record in (*earlier, *records):
            latest[record.line] = max(latest.get(record.line, 0), record.at_ms)
        marks = self._marks(poll, latest, now_ms)

        def accept() -> None:
            follower.accept(poll)
            self._latest = latest
            self._known_until.update((mark.line, mark.until_ms) for mark in marks)

        position = {key: None if stream is None else stream.to_bytes() for key, stream in poll.changes.items()}
        if poll.complete and not follower.surveyed:
            position[SURVEYED] = b""
        return Reading(
            records=records,
            earlier=earlier,
            position=position,
            marks=marks,
            unreadable=unreadable,
            more=poll.more,
            trouble=_trouble(poll, sorted(self._twice)),
            notes=poll.notes,
            ack=accept,
            checked=checked,
        )

    def _read_chunk(
        self,
        chunk: Chunk,
        poll: Poll,
        now_ms: int,
        records: tuple[list[Record], list[Record]],
        unreadable: list[Unreadable],
    ) -> None:
        """Add what a chunk holds: records that were there before the spool, the other ones, what is none."""
        reader = LineReader(chunk.path, chunk.before.header, self._config.aliases)
        if chunk.fragment:
            unreadable.extend(reader.fragment(chunk.data, chunk.offset, first=not chunk.before.skipping))
            return
        if chunk.suspect:
            unreadable.extend(reader.suspect(chunk.data, chunk.offset))
            return
        fresh: list[tuple[int, Record]] = []
        for offset, item in reader.lines(chunk.data, chunk.offset, in_long_line=chunk.before.skipping):
            if isinstance(item, Record):
                fresh.append((offset, item))
            else:
                unreadable.append(item)
        after = poll.changes[chunk.before.key]
        if after is not None and reader.header != after.header:
            poll.changes[after.key] = replace(after, header=reader.header)
        for (offset, _), record in zip(fresh, self._timed(fresh, now_ms, chunk), strict=True):
            records[offset >= chunk.before.earlier_until].append(record)

    def _timed(self, records: list[tuple[int, Record]], now_ms: int, chunk: Chunk) -> list[Record]:
        """The records with the time they count at."""
        wrong: set[str] = set()
        if chunk.live:
            spans: dict[str, tuple[int, int]] = {}
            for _, record in records:
                first, _ = spans.get(record.line, (record.at_ms, 0))
                spans[record.line] = (first, record.at_ms)
            wrong = {
                line for line, (first, last) in spans.items() if not self._clock.believes(line, first, last, now_ms)
            }
        return [
            replace(
                record,
                at_ms=now_ms,
                flags=(*record.flags, CLOCK_FLAG),
                origin=f"{chunk.path}@{offset}",
                source_time=_own_time(chunk, offset),
            )
            if record.line in wrong or self._clock.in_future(record.at_ms, now_ms)
            else record
            for offset, record in records
        ]

    def _marks(self, poll: Poll, latest: Mapping[str, int], now_ms: int) -> list[Mark]:
        until = dict.fromkeys((*self._config.aliases.values(), *latest), 0) | self._known_until
        if not (poll.more or poll.searching or poll.unreadable):
            floor = now_ms - self._config.event_delay_s * 1000 if self._config.rhythm == "event" else 0
            until = {line: max(before, latest.get(line, 0), floor) for line, before in until.items()}
        state = "erro" if poll.unreadable else "ok"
        # A line never heard of has nothing to declare.
        return [Mark(line, ms, state, self._clock.offset_ms(line)) for line, ms in sorted(until.items()) if ms]


def _own_time(chunk: Chunk, offset: int) -> str:
    """The timestamp of the record at `offset` as its source wrote it: always the first field of a line."""
    start = offset - chunk.offset
    return chunk.data[start : chunk.data.index(b",", start)].decode().removeprefix("\ufeff").strip()


def _trouble(poll: Poll, twice: list[str]) -> str:
    parts = [f"{name} não pode ser aberto: {reason}" for name, reason in sorted(poll.unreadable.items())]
    parts += [
        f"{name} começa igual a outro arquivo e depois difere: o que difere vai para a quarentena; deixe só um dos dois"
        for name in poll.forked
    ]
    parts += [f"{line} vem nos arquivos e é contada por uma máquina: só comparada, não somada" for line in twice]
    return "; ".join(parts)
