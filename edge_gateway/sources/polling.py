"""One look at a folder: which stream lies in which file now, and what is new in each. See `following` for the rules."""

from __future__ import annotations

import fnmatch
import os
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from edge_gateway.sources.identity import (
    HEAD_BYTES,
    MARKER_BYTES,
    Head,
    Stream,
    digest,
    find_head,
    last_common,
    marker_matches,
    prefix_matches,
    with_checkpoint,
)
from sicfar.record import MAX_LINE_BYTES

FILE_BYTES = 256 * 1024
"""Read from one file in one poll at most: a backlog in one file must not keep the others waiting."""
POLL_BYTES = 4 * 1024 * 1024
_LIVE_S = 5.0
_QUIET_S = 3.0
_REWRITE_S = 30.0
_SEARCH_S = 60.0
_HOLD_MARKS_S = 2.0
_FORGET_MS = 30 * 24 * 3600 * 1000

_Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of one file. `live`: appended since the previous poll a moment ago. `fragment`: part of an endless line."""

    path: str
    offset: int
    data: bytes
    before: Stream
    live: bool
    fragment: bool
    suspect: bool


@dataclass(slots=True)
class Poll:
    """What one look at the folder found. `changes` becomes the state by `Follower.accept`."""

    chunks: list[Chunk] = field(default_factory=list)
    changes: dict[str, Stream | None] = field(default_factory=dict)
    more: bool = False
    searching: bool = False
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    diverged: tuple[str, ...] = ()


@dataclass(slots=True)
class Memory:
    """What outlives a poll: the accepted streams by key, and caches that may be lost.

    Caches: `caught_up` when a stream was last read to its end, `seen` since when a file's metadata are what they are,
    `quiet` files with nothing new in them and whose stream they hold, `lost_at` when a stream's file was first missed,
    `diverged` files that begin like a stream and then differ. Times monotonic, seconds.
    """

    folder: Path
    pattern: str
    aliases: Mapping[str, str]
    settled_s: float
    streams: dict[str, Stream]
    monotonic: Callable[[], float]
    wall_ms: Callable[[], int]
    caught_up: dict[str, float] = field(default_factory=dict)
    seen: dict[str, tuple[_Signature, float]] = field(default_factory=dict)
    quiet: dict[str, tuple[_Signature, str]] = field(default_factory=dict)
    lost_at: dict[str, float] = field(default_factory=dict)
    diverged: set[str] = field(default_factory=set)


class Round:
    """One look at the folder. Reads the accepted streams; writes its `Poll` and the caches only."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.now = memory.monotonic()
        self.poll = Poll()
        self.budget = POLL_BYTES
        self.streams = dict(memory.streams)
        self.by_head = {s.head: s.key for s in self.streams.values() if s.head}
        self.homeless: dict[str, Stream] = {}
        self.claimed: set[str] = set()
        self.stats: dict[str, os.stat_result] = {}

    def run(self) -> Poll:
        """Look at every file once. Raises OSError when the folder cannot be listed."""
        names = self._list()
        self._visit_homes(names)
        self._find_homes(names)
        self._settle_homeless()
        memory = self.memory
        present = set(names)
        memory.seen = {name: seen for name, seen in memory.seen.items() if name in present}
        self.poll.diverged = tuple(sorted(memory.diverged & present))
        memory.quiet = {name: quiet for name, quiet in memory.quiet.items() if name in present}
        return self.poll

    def _list(self) -> list[str]:
        with os.scandir(self.memory.folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_file())

    # -- streams that are where they were --------------------------------------------------------------------------

    def _visit_homes(self, names: list[str]) -> None:
        present = set(names)
        for stream in sorted(self.streams.values(), key=lambda s: s.path):
            if not stream.path or stream.path not in present or stream.path in self.claimed:
                self.homeless[stream.key] = stream
                continue
            signature = self._signature(stream.path)
            if signature is not None and self.memory.quiet.get(stream.path) == (signature, stream.key):
                self.claimed.add(stream.path)
                self.memory.caught_up[stream.key] = self.now
                continue
            try:
                with (self.memory.folder / stream.path).open("rb") as handle:
                    self._visit_home(handle, stream)
            except FileNotFoundError:
                self.homeless[stream.key] = stream
            except OSError as error:
                self._cannot_open(stream.path, error)

    def _visit_home(self, handle: BinaryIO, stream: Stream) -> None:
        status = os.fstat(handle.fileno())
        if not self._is_home(handle, status, stream):
            self.homeless[stream.key] = stream
            return
        limit = FILE_BYTES
        if not stream.head and stream.offset < HEAD_BYTES:
            start, head = self._start(handle)
            if head is None:
                limit = len(start) - stream.offset if len(start) < HEAD_BYTES else limit
            elif self.by_head.get(head.digest, stream.key) != stream.key:
                # Nothing but lines that are no records was read so far: it is a known stream being written again.
                self._forget(stream)
                return
            else:
                stream = self._change(replace(stream, head=head.digest, head_size=head.size))
        self.claimed.add(stream.path)
        self.memory.lost_at.pop(stream.key, None)
        self._read(handle, status, stream, limit)

    def _is_home(self, handle: BinaryIO, status: os.stat_result, stream: Stream) -> bool:
        if status.st_size < stream.offset or not marker_matches(handle, stream):
            return False
        known = status.st_ino == 0 or (status.st_dev, status.st_ino) == (stream.device, stream.inode)
        return known or prefix_matches(handle, stream)

    # -- files that are nobody's home ------------------------------------------------------------------------------

    def _find_homes(self, names: list[str]) -> None:
        strangers: list[tuple[str, os.stat_result]] = []
        lost_at = [self.memory.lost_at.setdefault(key, self.now) for key in self.homeless]
        search = any(self.now - since < _SEARCH_S for since in lost_at)
        inodes = {(s.device, s.inode) for s in self.homeless.values() if s.inode}
        for name in names:
            matches = fnmatch.fnmatch(name, self.memory.pattern)
            if name in self.claimed or not (matches or search):
                continue
            signature = self._signature(name)
            if signature is None or signature[2] == 0:
                continue
            quiet = self.memory.quiet.get(name)
            if quiet is not None and quiet[0] == signature and quiet[1] not in self.homeless:
                continue
            strangers.append((name, self.stats[name]))
        # Rests of known streams first: by inode, then the longest; new files after them, the oldest first.
        strangers.sort(key=lambda item: ((item[1].st_dev, item[1].st_ino) not in inodes, -item[1].st_size))
        fresh: list[tuple[int, str]] = []
        for name, status in strangers:
            if not self._adopt(name):
                fresh.append((status.st_mtime_ns, name))
        for _, name in sorted(fresh):
            if fnmatch.fnmatch(name, self.memory.pattern):
                self._begin(name)

    def _adopt(self, name: str) -> bool:
        """Read the rest of a homeless stream in this file. False if none lives here for certain."""
        try:
            with (self.memory.folder / name).open("rb") as handle:
                status = os.fstat(handle.fileno())
                head = self._start(handle)[1]
                for stream in list(self.homeless.values()):
                    same_inode = bool(status.st_ino) and (status.st_dev, status.st_ino) == (stream.device, stream.inode)
                    same_head = head is not None and head.digest == stream.head
                    if (same_inode or same_head) and self._is_home(handle, status, stream):
                        self._move_in(handle, status, stream, name)
                        return True
        except FileNotFoundError:
            return True
        except OSError as error:
            self._cannot_open(name, error)
            return True
        return False

    def _begin(self, name: str) -> None:
        """A file of the pattern in which no stream resumes: a copy, a rewrite under way, or something new."""
        try:
            with (self.memory.folder / name).open("rb") as handle:
                status = os.fstat(handle.fileno())
                start, head = self._start(handle)
                key = self.by_head.get(head.digest) if head else None
                unchanged_s = self.now - self.memory.seen[name][1]
                if key is not None:
                    known = self.streams[key]
                    if key in self.homeless:
                        # Shorter than what was read: an upload of the same content may be under way.
                        if status.st_size >= known.offset or unchanged_s >= _REWRITE_S:
                            self._move_in_altered(handle, status, known, name)
                    else:
                        self._copy(handle, status, known, name)
                elif head is not None or len(start) >= HEAD_BYTES or unchanged_s >= self.memory.settled_s:
                    stream = Stream(uuid.uuid4().hex, name, status.st_dev, status.st_ino, marker=digest(b""))
                    if head is not None:
                        stream = replace(stream, head=head.digest, head_size=head.size)
                        self.by_head[head.digest] = stream.key
                    self.streams[stream.key] = stream
                    self.claimed.add(name)
                    whole = head is not None or len(start) >= HEAD_BYTES
                    self._read(handle, status, stream, FILE_BYTES if whole else len(start))
        except FileNotFoundError:
            return
        except OSError as error:
            self._cannot_open(name, error)

    def _copy(self, handle: BinaryIO, status: os.stat_result, known: Stream, name: str) -> None:
        """A file that begins like a stream that is at home: nothing in it is read twice."""
        known = self.streams[known.key]
        if status.st_size <= known.offset:
            self._be_quiet(name, status, known.key, f"{name} é cópia de {known.path}: não é contado de novo")
            return
        handle.seek(known.offset)
        if self.poll.more or name in self.memory.diverged or b"\n" not in handle.read(FILE_BYTES):
            return
        if prefix_matches(handle, known):
            self._move_in(handle, status, known, name)
            return
        self.memory.diverged.add(name)
        self.poll.notes.append(f"{name} começa igual a {known.path} e depois difere: não é contado")

    def _move_in(self, handle: BinaryIO, status: os.stat_result, stream: Stream, name: str) -> None:
        self.homeless.pop(stream.key, None)
        self.memory.lost_at.pop(stream.key, None)
        self.claimed.add(name)
        moved = self._change(replace(stream, path=name, device=status.st_dev, inode=status.st_ino))
        self._read(handle, status, moved, FILE_BYTES)

    def _move_in_altered(self, handle: BinaryIO, status: os.stat_result, stream: Stream, name: str) -> None:
        offset, crc = last_common(handle, stream, status.st_size)
        start = max(0, offset - MARKER_BYTES)
        handle.seek(start)
        marker = digest(handle.read(offset - start))
        self.poll.notes.append(f"{name} foi alterado depois de lido: do byte {offset} em diante vai para conferência")
        rebased = replace(
            stream,
            offset=offset,
            crc=crc,
            marker=marker,
            skipping=False,
            suspect_until=status.st_size,
            checkpoints=tuple(point for point in stream.checkpoints if point[0] <= offset),
        )
        self._move_in(handle, status, rebased, name)

    def _settle_homeless(self) -> None:
        wall = self.memory.wall_ms()
        for stream in self.homeless.values():
            lost_s = self.now - self.memory.lost_at[stream.key]
            self.poll.searching = self.poll.searching or lost_s < _HOLD_MARKS_S
            if (not stream.head and lost_s >= _SEARCH_S) or wall - stream.seen_ms > _FORGET_MS:
                self.poll.changes[stream.key] = None
            elif stream.path:
                self._change(replace(stream, path=""))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _read(self, handle: BinaryIO, status: os.stat_result, stream: Stream, limit: int) -> None:
        suspect = stream.offset < stream.suspect_until
        if suspect:
            limit = min(limit, max(stream.suspect_until - stream.offset, MAX_LINE_BYTES + 1))
        limit = min(limit, self.budget)
        start = max(0, stream.offset - MARKER_BYTES)
        handle.seek(start)
        raw = handle.read(stream.offset - start + limit)
        data = raw[stream.offset - start :]
        size, skipping = complete_part(data, skipping=stream.skipping)
        if size == 0:
            self.poll.more = self.poll.more or self.budget <= 0
            if self.budget > 0:
                self.memory.caught_up[stream.key] = self.now
                self._be_quiet(stream.path, status, stream.key, "")
            return
        self.budget -= size
        caught_up = self.memory.caught_up.get(stream.key)
        live = caught_up is not None and self.now - caught_up < _LIVE_S
        taken = data[:size]
        self.poll.chunks.append(Chunk(stream.path, stream.offset, taken, stream, live, skipping, suspect))
        if len(data) < limit:
            self.memory.caught_up[stream.key] = self.now
        else:
            self.poll.more = True
            self.memory.caught_up.pop(stream.key, None)
        offset = stream.offset + size
        crc = zlib.crc32(taken, stream.crc)
        self._change(
            replace(
                stream,
                offset=offset,
                crc=crc,
                marker=digest(raw[: stream.offset - start + size][-MARKER_BYTES:]),
                skipping=skipping,
                checkpoints=with_checkpoint(stream.checkpoints, offset, crc),
                seen_ms=self.memory.wall_ms(),
            )
        )

    def _start(self, handle: BinaryIO) -> tuple[bytes, Head | None]:
        handle.seek(0)
        start = handle.read(HEAD_BYTES)
        return start, find_head(start, self.memory.aliases)

    def _change(self, stream: Stream) -> Stream:
        self.streams[stream.key] = stream
        self.poll.changes[stream.key] = stream
        if stream.head:
            self.by_head[stream.head] = stream.key
        return stream

    def _forget(self, stream: Stream) -> None:
        del self.streams[stream.key]
        self.poll.changes[stream.key] = None

    def _signature(self, name: str) -> _Signature | None:
        try:
            status = (self.memory.folder / name).stat()
        except OSError:
            return None
        self.stats[name] = status
        signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        seen = self.memory.seen.get(name)
        if seen is None or seen[0] != signature:
            self.memory.seen[name] = (signature, self.now)
            self.memory.quiet.pop(name, None)
            self.memory.diverged.discard(name)
        return signature

    def _be_quiet(self, name: str, status: os.stat_result, key: str, note: str) -> None:
        signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        seen = self.memory.seen.get(name)
        if seen and seen[0] == signature and self.now - seen[1] >= _QUIET_S and key not in self.poll.changes:
            if note and name not in self.memory.quiet:
                self.poll.notes.append(note)
            self.memory.quiet[name] = (signature, key)

    def _cannot_open(self, name: str, error: OSError) -> None:
        self.claimed.add(name)
        self.poll.unreadable[name] = error.strerror or str(error)


def complete_part(data: bytes, *, skipping: bool) -> tuple[int, bool]:
    """How many bytes of `data` may be consumed, and whether they end inside a line too long to be a record.

    Everything through the last newline; without one, of more bytes than a record can have all but the last
    `MAX_LINE_BYTES`: those wait, so that the end of an endless line is seen whole.
    """
    end = data.rfind(b"\n") + 1
    if end:
        return end, False
    if len(data) > MAX_LINE_BYTES:
        return len(data) - MAX_LINE_BYTES, True
    return 0, skipping
