"""One look at a folder: which stream is in which file now, and what is new in each. See `follower` for the rules."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from contextlib import suppress

from edge_gateway.folders import match
from edge_gateway.folders.evidence import FileView
from edge_gateway.folders.folder import recognise
from edge_gateway.folders.identity import HEAD_BYTES, Stream, digest, open_heads
from edge_gateway.folders.listing import Look
from edge_gateway.folders.names import fits
from edge_gateway.folders.poll import FolderState, Memory, Poll, Signature
from edge_gateway.folders.reading import FILE_BYTES, StreamReader
from edge_gateway.folders.settle import SEARCH_S, settle_forks, settle_missing
from edge_gateway.folders.tail import REST_S

_QUIET_S = 3.0
_REWRITE_S = 30.0
_DISPUTE_S = 10.0
_DEFER_S = 10.0
"""How long a new file waits at most until the last line of an older one is at rest, where lines come in order."""
_PADDING_S = 600.0
"""So long a file that ends in NULs is opened at every look; then its metadata say whether it is written to."""
_UNKNOWN_MS = 1 << 62


class FolderPoll:
    """One look at the folder. Reads the accepted streams; writes its `Poll` and the caches only."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.now = memory.monotonic()
        self.poll = Poll()
        self.reader = StreamReader(memory, self.poll, self.now)
        self.streams = dict(memory.streams)
        self.orphaned: dict[str, Stream] = {}
        self.claimed: set[str] = set()
        self.signatures: dict[str, Signature] = {}
        self.first_ms: dict[str, int] = {}
        self.searched = False
        self.resumed = False

    def run(self) -> Poll:
        """Look at every file once. Raises OSError when the folder cannot be listed."""
        look = self._look()
        self._resume_in_place(look)
        self._match_files(look)
        self.poll.folder = recognise(
            self.memory, look, self.signatures, resumed=self.resumed, written=self.first_ms.keys()
        )
        if self.poll.folder is not FolderState.SAME:
            # Nothing of what was seen says anything about the files that were read before.
            self.memory.looked_at = None
            others = tuple(sorted(look.names)[:3])
            return Poll(folder=self.poll.folder, others=others)
        missing = settle_missing(self.memory, self.orphaned.values(), self.now)
        self.poll.searching = self.poll.searching or missing.searching
        self.poll.changes |= missing.changes
        self.streams |= {key: stream for key, stream in missing.changes.items() if stream is not None}
        self.poll.changes |= settle_forks(self.memory, self.poll, self.streams, self.orphaned, self.signatures)
        self._verify()
        self.reader.report()
        return self.poll

    # -- the folder ------------------------------------------------------------------------------------------------

    def _look(self) -> Look:
        memory = self.memory
        search = any(memory.absent_s(memory.streams[key]) < SEARCH_S for key in memory.missing)
        look = memory.listing.look(self.now, settled=memory.quiet, wanted=self._wanted(search=search))
        if look.device != memory.device:
            # Another volume: what is known of files by their metadata is known of other files.
            memory.device = look.device
            memory.quiet.clear()
            memory.seen.clear()
            look = memory.listing.look(self.now, settled=memory.quiet, wanted=self._wanted(search=search))
        self.searched = search
        self.poll.unseen_s = look.unseen_s
        for name, status in look.stats.items():
            if status is not None:
                self._note(name, status)
        if look.changed:
            for cache in (memory.seen, memory.compared, memory.quiet, memory.asked_at, memory.unbegun):
                for name in [name for name in cache if name not in look.names]:
                    del cache[name]
        return look

    def _wanted(self, *, search: bool) -> Callable[[str], bool]:
        """Files of the pattern, of known streams, and any at all while one of them is looked for."""
        by_path, pattern = self.memory.by_path, self.memory.pattern
        return lambda name: search or name in by_path or fits(name, pattern)

    def _note(self, name: str, status: os.stat_result) -> None:
        signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        self.signatures[name] = signature
        self.memory.note(name, signature, self.now)

    # -- streams whose file is where it was ------------------------------------------------------------------------

    def _resume_in_place(self, look: Look) -> None:
        memory = self.memory
        self.orphaned = {key: self.streams[key] for key in memory.missing}
        gone = [key for path, key in memory.by_path.items() if path not in look.names]
        for key in gone:
            self._orphan(self.streams[key])
        for name in sorted(memory.by_path.keys() - memory.quiet.keys()):
            stream = self.streams[memory.by_path[name]]
            if stream.key in self.orphaned:
                continue
            if stream.forked and self.now - memory.caught_up.get(stream.key, -_DISPUTE_S) < _DISPUTE_S:
                # What goes before a person goes in larger pieces.
                self._claim(name)
                continue
            try:
                with self._opened(name) as file:
                    if not self._read_in_place(file, stream):
                        self._orphan(stream)
            except FileNotFoundError:
                self._orphan(stream)
            except OSError as error:
                self._cannot_open(name, error)
        self.resumed = self.resumed or any(memory.by_path.get(name) == key for name, key in memory.quiet.items())

    def _orphan(self, stream: Stream) -> None:
        """The stream's file is missing or holds another one. Its copies are looked at again."""
        self.orphaned[stream.key] = stream
        for name in [name for name, key in self.memory.quiet.items() if key == stream.key]:
            del self.memory.quiet[name]

    def _read_in_place(self, file: FileView, stream: Stream) -> bool:
        """Read on under the name the stream had; False if the file does not hold it."""
        if not (match.in_place(file, stream) or match.holds(file, stream)):
            return False
        if not match.in_place(file, stream):
            stream = stream._replace(device=file.device, inode=file.inode)
        limit = FILE_BYTES
        if not stream.head and stream.offset < HEAD_BYTES:
            if not file.marker_matches(stream):
                return False
            if file.head is None:
                limit = len(file.start) - stream.offset if len(file.start) < HEAD_BYTES else limit
            elif match.same_head(file.head, self.streams):
                # Nothing but lines that are no records was read so far: it is a known stream being written again.
                self._drop(stream)
                return True
            else:
                stream = self._change(stream._replace(head=file.head.digest, head_size=file.head.size))
        if not self._read(file, stream, limit):
            return False
        self.resumed = True
        return True

    # -- other files -----------------------------------------------------------------------------------------------

    def _match_files(self, look: Look) -> None:
        """Rests of known streams first: by inode, then the longest; new files after them, the oldest first."""
        memory = self.memory
        in_order = memory.dialect.in_order
        search = any(memory.absent_s(stream) < SEARCH_S for stream in self.orphaned.values())
        inodes = {(stream.device, stream.inode) for stream in self.orphaned.values() if stream.inode}
        unmatched = [
            name
            for name, signature in self._unmatched(look, search=search).items()
            if signature[2] and name not in self.claimed
        ]
        unmatched.sort(key=lambda name: (self.signatures[name][:2] not in inodes, -self.signatures[name][2]))
        fresh: list[tuple[int, int, str]] = []
        for name in unmatched:
            if not self._resume_elsewhere(name) and fits(name, memory.pattern):
                at_ms = self.first_ms.get(name, _UNKNOWN_MS) if in_order else 0
                fresh.append((at_ms, self.signatures[name][3], name))
        if not in_order:
            memory.deferred_at = None
        for _, _, name in sorted(fresh):
            if not (in_order and self._must_wait()):
                self._begin(name)
        if not fresh:
            memory.deferred_at = None

    def _unmatched(self, look: Look, *, search: bool) -> dict[str, Signature]:
        """The files that are not settled and in which no stream was read on."""
        memory = self.memory
        if search and not self.searched:
            # A stream was just missed: it may be under any name, also one that was of no interest until now.
            look = memory.listing.look(self.now, settled=memory.quiet, wanted=self._wanted(search=True))
            for name, status in look.stats.items():
                if status is not None and name not in self.signatures:
                    self._note(name, status)
        return {name: signature for name, signature in self.signatures.items() if name not in memory.quiet}

    def _must_wait(self) -> bool:
        """Whether a file may not be begun yet because an older one has a rest."""
        memory = self.memory
        if self.poll.more:
            return True
        if not any(not waiting.padding for waiting in memory.waiting.values()):
            memory.deferred_at = None
            return False
        if memory.deferred_at is None:
            memory.deferred_at = self.now
        # Where two writers share the folder, the other one's last line may never be at rest.
        waits = self.now - memory.deferred_at < _DEFER_S
        self.poll.searching = self.poll.searching or waits
        return waits

    def _resume_elsewhere(self, name: str) -> bool:
        """Read the rest of an orphaned stream in this file. False if it holds none for certain."""
        try:
            with self._opened(name) as file:
                head = file.head
                if head is not None:
                    self.first_ms[name] = head.at_ms
                for stream in match.resumable(file, list(self.orphaned.values())):
                    if not stream.head and head is not None:
                        if match.same_head(head, self.streams):
                            del self.orphaned[stream.key]
                            self._drop(stream)
                            continue
                        stream = stream._replace(head=head.digest, head_size=head.size)
                    self._move(file, stream)
                    self.resumed = True
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
            with self._opened(name) as file:
                alike = match.same_head(file.head, self.streams)
                unchanged_s = self.now - self.memory.seen[name][1]
                whole = file.head is not None or len(file.start) >= HEAD_BYTES
                if alike:
                    orphaned = [stream for stream in alike if stream.key in self.orphaned]
                    # Shorter than what was read: an upload of the same content may be under way.
                    if all(file.size >= stream.offset for stream in orphaned) or unchanged_s >= _REWRITE_S:
                        self._compare(file, alike, orphaned, unchanged_s)
                elif (altered := match.filled(file, self.orphaned.values())) is not None:
                    self._carry_out(file, altered)
                elif whole or unchanged_s >= self.memory.settled_s:
                    earlier = 0 if self.memory.surveyed else file.size
                    stream = Stream(uuid.uuid4().hex, name, file.device, file.inode, marker=digest(b""))
                    stream = stream._replace(named=file.named, earlier_until=earlier)
                    if file.head is not None:
                        stream = stream._replace(head=file.head.digest, head_size=file.head.size)
                    self.memory.begun_at = self.now
                    self.memory.unbegun.pop(name, None)
                    self._read(file, self._change(stream), FILE_BYTES if whole else len(file.start))
                else:
                    self.memory.unbegun.setdefault(name, self.now)
        except FileNotFoundError:
            return
        except OSError as error:
            self._cannot_open(name, error)

    def _compare(self, file: FileView, alike: list[Stream], orphaned: list[Stream], unchanged_s: float) -> None:
        """Nothing in it is read twice, and nothing of its own is passed over."""
        present = sorted((s for s in alike if s.key not in self.orphaned), key=lambda s: -s.offset)
        if present and self.poll.more:
            return  # it may only seem longer than what is being read
        decision = match.grown_on(file, present, FILE_BYTES)
        if decision is None:
            if present and self.now - self.memory.compared.get(file.name, -_DISPUTE_S) < _DISPUTE_S:
                return
            self.memory.compared[file.name] = self.now
            at_rest = unchanged_s >= REST_S
            decision = match.compare(file, present, orphaned, reach=FILE_BYTES, at_rest=at_rest)
        self._carry_out(file, decision)

    def _carry_out(self, file: FileView, decision: match.Decision) -> None:
        match decision:
            case match.Resume(stream):
                self._move(file, stream)
            case match.Copy(stream):
                if stream.key in self.memory.streams:
                    self._settle(file, stream.key, f"{file.name} é cópia de {stream.path}: não é contado de novo")
            case match.Altered(stream, offset, crc):
                self.poll.notes.append(
                    f"{file.name} foi alterado depois de lido: do byte {offset} em diante vai para conferência"
                )
                points = tuple(point for point in stream.checkpoints if point[0] <= offset)
                until = max(stream.suspect_until, stream.offset, file.size)
                stream = stream._replace(skipping=False, open_line=False, checkpoints=points, suspect_until=until)
                if file.head is not None:
                    stream = stream._replace(head=file.head.digest, head_size=file.head.size)
                self._move(file, stream._replace(offset=offset, crc=crc, marker=file.marker_at(offset)))
            case match.Fork(stream, offset):
                self.poll.notes.append(
                    f"{file.name} começa igual a {stream.path} e depois difere: "
                    f"do byte {offset} em diante vai para a quarentena"
                )
                fork = stream._replace(key=uuid.uuid4().hex, offset=offset, checkpoints=(), open_line=False)
                fork = fork._replace(crc=file.crc(0, offset), marker=file.marker_at(offset))
                self._move(file, fork.as_fork())
            case match.Undecided():
                pass

    def _move(self, file: FileView, stream: Stream) -> None:
        """Read on in a file that is not the one the stream was last seen in."""
        self.orphaned.pop(stream.key, None)
        self.memory.quiet.pop(file.name, None)
        if stream.path != file.name:
            self.memory.moved.add(stream.key)
        self.memory.unbegun.pop(file.name, None)
        moved = stream._replace(path=file.name, device=file.device, inode=file.inode, absent_ms=0)
        self._read(file, self._change(moved), FILE_BYTES)

    def _verify(self) -> None:
        """Look whether what was read still stands in a file at rest; from where it does not, it is suspect."""
        memory = self.memory
        if self.poll.more:
            return

        def read_in(name: str) -> Stream | None:
            key = memory.by_path.get(name, "")
            return None if key in self.poll.changes else memory.streams.get(key)

        stream = memory.verifier.altered(read_in, self.now, self._opened)
        if stream is None:
            return
        with suppress(OSError), self._opened(stream.path) as file:
            self._carry_out(file, match.Altered(stream, *file.last_common(stream)))

    # -- state -----------------------------------------------------------------------------------------------------

    def _read(self, file: FileView, stream: Stream, limit: int) -> bool:
        """Read on; False if the bytes before the offset are not those that were read."""
        piece = self.reader.look(file, stream, limit)
        if piece is None:
            return False
        self._claim(file.name)
        if piece.part.unterminated and not stream.head and stream.offset + piece.part.size <= HEAD_BYTES:
            start = file.start[: stream.offset + piece.part.size]
            heads = open_heads(start, file.name, self.memory.dialect)
            alike = [known for head in heads for known in match.same_head(head, self.streams)]
            alike += [] if alike else self._beginning_with(start, stream.named)
            if alike:
                # The first line of a known stream, without its end: it is counted where that stream is.
                self._drop(stream)
                self._settle(file, alike[0].key, f"{file.name} é o começo de {alike[0].path}: não é contado de novo")
                return True
            if heads:
                stream = stream._replace(head=heads[0].digest, head_size=heads[0].size)
        elif stream.open_line and stream.head_size == stream.offset and piece.part.size and file.head is not None:
            stream = stream._replace(head=file.head.digest, head_size=file.head.size)
        after = self.reader.take(stream, piece)
        if piece.part.size:
            self._change(after)
        elif stream.key not in self.poll.changes and not self._unsettled(stream):
            self._settle(file, stream.key, "")
        return True

    def _beginning_with(self, start: bytes, named: str) -> list[Stream]:
        """A stream in whose own file these bytes and more stand before its first record ends."""
        for known in self.streams.values():
            if known.path and known.named == named and known.head_size > len(start):
                with suppress(OSError), self._opened(known.path) as file:
                    if file.read(0, len(start)) == start:
                        return [known]
        return []

    def _unsettled(self, stream: Stream) -> bool:
        """Whether unread bytes of the stream are looked at again whatever the file's metadata say."""
        waiting = self.memory.waiting.get(stream.key)
        return waiting is not None and not (waiting.padding and self.now - waiting.begun >= _PADDING_S)

    def _opened(self, name: str) -> FileView:
        return FileView(self.memory.folder, name, self.memory.dialect)

    def _claim(self, name: str) -> None:
        self.claimed.add(name)

    def _change(self, stream: Stream) -> Stream:
        self.streams[stream.key] = stream
        self.poll.changes[stream.key] = stream
        return stream

    def _drop(self, stream: Stream) -> None:
        del self.streams[stream.key]
        self.poll.changes[stream.key] = None

    def _settle(self, file: FileView, key: str, note: str) -> None:
        """There is nothing new in the file: once its metadata have stayed the same for a while they are believed."""
        seen = self.memory.seen.get(file.name)
        if seen and seen[0] == file.signature and self.now - seen[1] >= _QUIET_S:
            if note and file.name not in self.memory.quiet:
                self.poll.notes.append(note)
            self.memory.quiet[file.name] = key

    def _cannot_open(self, name: str, error: OSError) -> None:
        self._claim(name)
        self.poll.unreadable[name] = error.strerror or str(error)
