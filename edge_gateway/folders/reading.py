"""Reading on in a file that holds a stream: which bytes are taken, which are not written yet, and the state after."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from edge_gateway.folders.evidence import FileView
from edge_gateway.folders.identity import MARKER_BYTES, Stream, digest
from edge_gateway.folders.poll import Chunk, Memory, Poll
from edge_gateway.folders.tail import (
    HOLE,
    MOVED_REST_S,
    REST_S,
    UNFINISHED_S,
    Part,
    Waiting,
    complete_part,
    rested_part,
)
from sicfar.counts.record import MAX_LINE_BYTES

FILE_BYTES = 256 * 1024
"""Read from one file in one poll at most: a backlog in one file must not keep the others waiting."""
POLL_BYTES = 4 * 1024 * 1024
_LIVE_S = 5.0
_NOTHING = Part(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands behind a stream's offset: the bytes from its marker on, and what of them to take.

    `ended`: there was no more; `rested`: taken only because it has not changed for long.
    """

    raw: bytes
    start: int
    part: Part
    ended: bool
    suspect: bool
    rested: bool

    @property
    def data(self) -> bytes:
        """The bytes to take."""
        return self.raw[self.start : self.start + self.part.size]


class StreamReader:
    """Reads the streams of one poll, at most `POLL_BYTES` of all files together."""

    def __init__(self, memory: Memory, poll: Poll, now: float) -> None:
        self._memory = memory
        self._poll = poll
        self._now = now
        self._budget = POLL_BYTES

    def look(self, file: FileView, stream: Stream, limit: int) -> Piece | None:
        """What may be taken of at most `limit` bytes; None if those before the offset are not the ones read before."""
        suspect = stream.offset < stream.suspect_until
        if suspect:
            limit = min(limit, max(stream.suspect_until - stream.offset, MAX_LINE_BYTES + 1))
        limit = min(limit, self._budget)
        start = max(0, stream.offset - MARKER_BYTES)
        marked = stream.offset - start
        raw = file.read(start, marked + min(limit, file.size - stream.offset))
        if digest(raw[:marked]) != stream.marker:
            return None
        data = raw[marked:]
        part = complete_part(data, skipping=stream.skipping)
        rested = False
        ended = len(data) < limit or stream.offset + len(data) >= file.size
        if part.size:
            self._memory.waiting.pop(stream.key, None)
            if ended and part.size < len(data):
                self._poll.unwritten.add(stream.key)
        elif data:
            part, rested = self._at_rest(file, stream, data), True
        else:
            self._memory.waiting.pop(stream.key, None)
            self._poll.more = self._poll.more or (self._budget <= 0 and file.size > stream.offset)
        return Piece(raw, marked, part, ended, suspect, rested)

    def take(self, stream: Stream, piece: Piece) -> Stream:
        """Hand the piece on; the stream after it."""
        memory = self._memory
        if not piece.part.size:
            if self._budget > 0:
                memory.caught_up[stream.key] = self._now
            return stream
        size, skipping, unterminated = piece.part
        data = piece.data
        self._budget -= size
        caught_up = memory.caught_up.get(stream.key)
        # What was at rest says nothing about its machine's clock.
        live = not piece.rested and caught_up is not None and self._now - caught_up < _LIVE_S
        chunk = Chunk(stream.path, stream.offset, data, stream, live, skipping, piece.suspect, unterminated)
        self._poll.chunks.append(chunk)
        self._poll.more = self._poll.more or not piece.ended
        self._poll.caught_up[stream.key] = self._now if piece.ended else None
        return stream.read_on(
            size,
            zlib.crc32(data, stream.crc),
            digest(piece.raw[: piece.start + size][-MARKER_BYTES:]),
            piece.part,
            memory.wall_ms(),
            holed=HOLE in data,
        )

    def report(self) -> None:
        """Name the files whose bytes have been neither written nor at rest for long."""
        memory = self._memory
        since = {name: at for name, at in memory.unbegun.items() if name not in memory.by_path}
        since |= {
            memory.streams[key].path: waiting.begun
            for key, waiting in memory.waiting.items()
            if key in memory.streams and not waiting.padding
        }
        self._poll.unfinished = tuple(sorted(name for name, at in since.items() if self._now - at >= UNFINISHED_S))

    def _at_rest(self, file: FileView, stream: Stream, data: bytes) -> Part:
        """What to take of bytes of which none is certainly written: nothing until they have not changed for long."""
        memory, now = self._memory, self._now
        if stream.offset < memory.rested_until.get(stream.key, 0):
            return rested_part(data, skipping=stream.skipping, followed=True, final=True)
        waiting = memory.waiting.get(stream.key)
        if waiting is None or waiting.offset != stream.offset or not self._unchanged(waiting, data):
            begun = now if waiting is None else waiting.begun
            waiting = Waiting(stream.offset, len(data), zlib.crc32(data), now, begun)
            memory.waiting[stream.key] = waiting
        if now - waiting.since < self._rest_s(stream) and not self._rested_before(file, data):
            if not waiting.padding:
                self._poll.unwritten.add(stream.key)
            return _NOTHING
        region = data[: waiting.length]
        behind = stream.offset + len(region)
        written = file.written_after(behind)
        final = self._superseded(stream)
        part = rested_part(region, skipping=stream.skipping, followed=written is not None, final=final)
        waiting.since = now
        if part.size:
            memory.waiting.pop(stream.key, None)
            if part.skipping:
                memory.rested_until[stream.key] = behind if written is None else written
        elif written is None:
            if not waiting.padding:
                waiting.padding = True
                self._poll.notes.append(
                    f"{file.name}: bytes nulos do byte {stream.offset} ao fim, ainda não escritos; "
                    "são lidos quando forem preenchidos"
                )
        else:
            waiting.length, waiting.crc = len(data), zlib.crc32(data)
            self._poll.unwritten.add(stream.key)
        return part

    @staticmethod
    def _unchanged(waiting: Waiting, data: bytes) -> bool:
        if len(data) < waiting.length or zlib.crc32(data[: waiting.length]) != waiting.crc:
            return False
        # A line that grows is being written, however slowly.
        return len(data) == waiting.length or 0 in data[: waiting.length]

    def _rest_s(self, stream: Stream) -> float:
        """How long bytes of this stream must stay as they are."""
        if self._memory.deferred_at is not None:
            return self._memory.settled_s  # a newer file has been begun, which is read after this one
        return MOVED_REST_S if stream.key in self._memory.moved else REST_S

    def _rested_before(self, file: FileView, data: bytes) -> bool:
        """Whether a whole last line has stood there since long before its file was begun."""
        signature, since = self._memory.seen.get(file.name, (None, self._now))
        return signature == file.signature and self._now - since >= REST_S and 0 not in data

    def _superseded(self, stream: Stream) -> bool:
        """Whether the stream's file will not be written to any more: it was renamed, or another was begun after it."""
        since = self._memory.seen.get(stream.path, (None, self._now))[1]
        return stream.key in self._memory.moved or self._memory.begun_at > since
