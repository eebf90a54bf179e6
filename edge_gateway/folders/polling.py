"""One look at a folder: which stream lies in which file now, and what is new in each. See `following` for the rules."""

from __future__ import annotations

import fnmatch
import os
import uuid
import zlib
from dataclasses import replace
from typing import BinaryIO

from edge_gateway.folders.files import open_to_read
from edge_gateway.folders.identity import (
    HEAD_BYTES,
    MARKER_BYTES,
    Head,
    Stream,
    common_prefix,
    crc_of,
    digest,
    find_head,
    last_common,
    marker_at,
    marker_matches,
    prefix_matches,
    with_checkpoint,
)
from edge_gateway.folders.lines import complete_part
from edge_gateway.folders.poll import Chunk, Memory, Poll, Signature
from sicfar.counts.record import MAX_LINE_BYTES

FILE_BYTES = 256 * 1024
"""Read from one file in one poll at most: a backlog in one file must not keep the others waiting."""
POLL_BYTES = 4 * 1024 * 1024
_LIVE_S = 5.0
_QUIET_S = 3.0
_REWRITE_S = 30.0
_SEARCH_S = 60.0
_DISPUTE_S = 10.0
_HOLD_MARKS_S = 2.0
_FORGET_MS = 30 * 24 * 3600 * 1000
_UNKNOWN_MS = 1 << 62


class Round:
    """One look at the folder. Reads the accepted streams; writes its `Poll` and the caches only."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.now = memory.monotonic()
        self.poll = Poll()
        self.budget = POLL_BYTES
        self.streams = dict(memory.streams)
        self.homeless: dict[str, Stream] = {}
        self.claimed: set[str] = set()
        self.stats: dict[str, os.stat_result] = {}
        self.first_ms: dict[str, int] = {}

    def run(self) -> Poll:
        """Look at every file once. Raises OSError when the folder cannot be listed."""
        names = self._list()
        self._visit_homes(names)
        self._find_homes(names)
        self._settle_homeless()
        self._settle_forks()
        memory = self.memory
        present = set(names)
        memory.seen = {name: seen for name, seen in memory.seen.items() if name in present}
        memory.compared = {name: at for name, at in memory.compared.items() if name in present}
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
            if stream.forked and self.now - self.memory.caught_up.get(stream.key, -_DISPUTE_S) < _DISPUTE_S:
                # What goes before a person goes in larger pieces.
                self.claimed.add(stream.path)
                continue
            try:
                with open_to_read(self.memory.folder / stream.path) as handle:
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
            start, head = self._start(handle, stream.path)
            if head is None:
                limit = len(start) - stream.offset if len(start) < HEAD_BYTES else limit
            elif self._kin(head):
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
        # A header alone is like any other of its logger.
        return known or (bool(stream.head or stream.offset >= HEAD_BYTES) and prefix_matches(handle, stream))

    # -- files that are nobody's home ------------------------------------------------------------------------------

    def _find_homes(self, names: list[str]) -> None:
        strangers: list[tuple[str, os.stat_result]] = []
        lost_at = [self.memory.lost_at.setdefault(key, self.now) for key in self.homeless]
        search = any(self.now - since < _SEARCH_S for since in lost_at)
        in_order = self.memory.dialect.in_order
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
        fresh: list[tuple[int, int, str]] = []
        for name, status in strangers:
            if not self._adopt(name):
                fresh.append((self.first_ms.get(name, _UNKNOWN_MS) if in_order else 0, status.st_mtime_ns, name))
        for _, _, name in sorted(fresh):
            if not (in_order and self.poll.more) and fnmatch.fnmatch(name, self.memory.pattern):
                self._begin(name)

    def _adopt(self, name: str) -> bool:
        """Read the rest of a homeless stream in this file. False if none lives here for certain."""
        try:
            with open_to_read(self.memory.folder / name) as handle:
                status = os.fstat(handle.fileno())
                head = self._start(handle, name)[1]
                self.first_ms[name] = _UNKNOWN_MS if head is None else head.at_ms
                named = self.memory.dialect.named(name)
                for stream in sorted(self.homeless.values(), key=lambda s: -s.offset):
                    same_inode = bool(status.st_ino) and (status.st_dev, status.st_ino) == (stream.device, stream.inode)
                    same_head = head is not None and head.begins(stream)
                    if not (same_inode or same_head) or named not in ("", stream.named):
                        continue
                    if not self._is_home(handle, status, stream):
                        continue
                    if not stream.head and head is not None:
                        if self._kin(head):
                            del self.homeless[stream.key]
                            self._forget(stream)
                            continue
                        stream = replace(stream, head=head.digest, head_size=head.size)
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
            with open_to_read(self.memory.folder / name) as handle:
                status = os.fstat(handle.fileno())
                start, head = self._start(handle, name)
                kin = self._kin(head) if head else []
                unchanged_s = self.now - self.memory.seen[name][1]
                if kin:
                    lost = [stream for stream in kin if stream.key in self.homeless]
                    # Shorter than what was read: an upload of the same content may be under way.
                    if all(status.st_size >= stream.offset for stream in lost) or unchanged_s >= _REWRITE_S:
                        self._resemble(handle, status, kin, name)
                elif head is not None or len(start) >= HEAD_BYTES or unchanged_s >= self.memory.settled_s:
                    named, earlier = self.memory.dialect.named(name), 0 if self.memory.surveyed else status.st_size
                    stream = Stream(uuid.uuid4().hex, name, status.st_dev, status.st_ino, marker=digest(b""))
                    stream = replace(stream, named=named, earlier_until=earlier)
                    if head is not None:
                        stream = replace(stream, head=head.digest, head_size=head.size)
                    self.streams[stream.key] = stream
                    self.claimed.add(name)
                    whole = head is not None or len(start) >= HEAD_BYTES
                    self._read(handle, status, stream, FILE_BYTES if whole else len(start))
        except FileNotFoundError:
            return
        except OSError as error:
            self._cannot_open(name, error)

    # -- files that begin like a known stream ----------------------------------------------------------------------

    def _resemble(self, handle: BinaryIO, status: os.stat_result, kin: list[Stream], name: str) -> None:
        """Nothing in it is read twice, and nothing of its own is passed over."""
        present = sorted((s for s in kin if s.key not in self.homeless), key=lambda s: -s.offset)
        if present and self.poll.more:
            return  # it may only seem longer than what is being read
        for stream in present:
            grown = status.st_size > stream.offset and self._whole_lines(handle, stream.offset)
            if grown and prefix_matches(handle, stream):
                self._move_in(handle, status, stream, name)
                return
        if present and self.now - self.memory.compared.get(name, -_DISPUTE_S) < _DISPUTE_S:
            return
        self.memory.compared[name] = self.now
        try:
            copied, original = max(
                ((self._shared(handle, stream), stream) for stream in present),
                key=lambda found: found[0],
                default=(0, None),
            )
        except OSError:
            return  # a home cannot be read now; whoever looks after it says so
        rests = [
            (*last_common(handle, stream, status.st_size), stream) for stream in kin if stream.key in self.homeless
        ]
        offset, crc, lost = max(rests, key=lambda found: found[0], default=(0, 0, None))
        if lost is not None and offset > copied:
            self._move_in_altered(handle, status, lost, name, offset, crc)
        elif original is not None:
            self._copy(handle, status, original, name, copied)

    def _shared(self, handle: BinaryIO, stream: Stream) -> int:
        """How many bytes a file has in common with what was read of a stream, by the stream's own file."""
        with open_to_read(self.memory.folder / stream.path) as home:
            return common_prefix(handle, home, stream.offset)

    def _copy(self, handle: BinaryIO, status: os.stat_result, known: Stream, name: str, shared: int) -> None:
        """A file whose first `shared` bytes are the known stream's: what follows them may have been counted or not."""
        start = max(known.head_size, shared - FILE_BYTES)
        handle.seek(start)
        offset = start + handle.read(shared - start).rfind(b"\n") + 1
        if not self._whole_lines(handle, offset):
            if known.key in self.memory.streams:
                self._be_quiet(name, status, known.key, f"{name} é cópia de {known.path}: não é contado de novo")
            return
        self.poll.notes.append(
            f"{name} começa igual a {known.path} e depois difere: do byte {offset} em diante vai para a quarentena"
        )
        crc, marker = crc_of(handle, 0, offset), marker_at(handle, offset)
        fork = replace(known, key=uuid.uuid4().hex, offset=offset, crc=crc, marker=marker, checkpoints=())
        self._move_in(handle, status, fork.as_fork(), name)

    @staticmethod
    def _whole_lines(handle: BinaryIO, offset: int) -> bool:
        handle.seek(offset)
        return complete_part(handle.read(FILE_BYTES), skipping=False)[0] > 0

    def _move_in(self, handle: BinaryIO, status: os.stat_result, stream: Stream, name: str) -> None:
        self.homeless.pop(stream.key, None)
        self.memory.lost_at.pop(stream.key, None)
        self.claimed.add(name)
        moved = self._change(replace(stream, path=name, device=status.st_dev, inode=status.st_ino))
        self._read(handle, status, moved, FILE_BYTES)

    def _move_in_altered(
        self, handle: BinaryIO, status: os.stat_result, stream: Stream, name: str, offset: int, crc: int
    ) -> None:
        self.poll.notes.append(f"{name} foi alterado depois de lido: do byte {offset} em diante vai para conferência")
        rebased = replace(
            stream,
            offset=offset,
            crc=crc,
            marker=marker_at(handle, offset),
            skipping=False,
            suspect_until=max(stream.suspect_until, stream.offset, status.st_size),
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

    def _settle_forks(self) -> None:
        """Once what a fork differs from has been gone for a while, what is appended to the fork counts again."""
        gone = {key for key in self.homeless if self.now - self.memory.lost_at[key] >= _SEARCH_S}
        forks = [stream for stream in self.streams.values() if stream.forked and stream.path in self.claimed]
        for fork in forks:
            alike = {s.key for s in self.streams.values() if (s.head, s.named) == (fork.head, fork.named)}
            if fork.path in self.stats and gone.issuperset(alike - {fork.key}):
                self._change(replace(fork, suspect_until=self.stats[fork.path].st_size))
        self.poll.forked = tuple(sorted(fork.path for fork in forks))

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
                if stream.key not in self.poll.changes:
                    self._be_quiet(stream.path, status, stream.key, "")
            return
        self.budget -= size
        caught_up = self.memory.caught_up.get(stream.key)
        live = caught_up is not None and self.now - caught_up < _LIVE_S
        taken = data[:size]
        self.poll.chunks.append(Chunk(stream.path, stream.offset, taken, stream, live, skipping, suspect))
        ended = len(data) < limit
        self.poll.more = self.poll.more or not ended
        self.poll.caught_up[stream.key] = self.now if ended else None
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

    def _start(self, handle: BinaryIO, name: str) -> tuple[bytes, Head | None]:
        handle.seek(0)
        start = handle.read(HEAD_BYTES)
        return start, find_head(start, name, self.memory.dialect)

    def _change(self, stream: Stream) -> Stream:
        self.streams[stream.key] = stream
        self.poll.changes[stream.key] = stream
        return stream

    def _kin(self, head: Head) -> list[Stream]:
        """The streams that begin with these bytes."""
        return [stream for stream in self.streams.values() if head.begins(stream)]

    def _forget(self, stream: Stream) -> None:
        del self.streams[stream.key]
        self.poll.changes[stream.key] = None

    def _signature(self, name: str) -> Signature | None:
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
        return signature

    def _be_quiet(self, name: str, status: os.stat_result, key: str, note: str) -> None:
        signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        seen = self.memory.seen.get(name)
        if seen and seen[0] == signature and self.now - seen[1] >= _QUIET_S:
            if note and name not in self.memory.quiet:
                self.poll.notes.append(note)
            self.memory.quiet[name] = (signature, key)

    def _cannot_open(self, name: str, error: OSError) -> None:
        self.claimed.add(name)
        self.poll.unreadable[name] = error.strerror or str(error)
