"""What one look at a folder brings (`Poll`) and what the next look must know of it (`Memory`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import Context, Dialect
from edge_gateway.folders.listing import Listing
from edge_gateway.folders.tail import Waiting
from edge_gateway.folders.verify import Verifier

SAVE_S = 3600.0
"""How often the time for which streams are missing is made durable."""
GAP_S = 60.0
"""Of a longer pause between two polls this much counts as looked at."""

Signature = tuple[int, int, int, int]
"""Metadata of a file: device, inode, size, time of the last change (ns)."""


class FolderState(Enum):
    """Whether a folder is the one that was read before; `folder.judge` decides."""

    SAME = "same"
    """It is; or nothing was read before, and there is something to read."""
    NOTHING_YET = "nothing_yet"
    """Nothing was read before, and no file fits the pattern."""
    EMPTY = "empty"
    """Files of it were read before, and now there is none, of those or others."""
    FOREIGN = "foreign"
    """Another device, and none of the files that were read before."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of one file. `live`: appended since the previous poll a moment ago. `fragment`: part of an endless line.

    `unterminated`: the last line of a file at rest, taken though it has no newline.
    """

    path: str
    offset: int
    data: bytes
    before: Stream
    live: bool
    fragment: bool
    suspect: bool
    unterminated: bool = False


@dataclass(slots=True)
class Poll:
    """What one look at the folder found. `changes` and `caught_up` become the state by `Follower.accept`.

    `caught_up`: when a stream was read to its end; None for one that was read and has a rest.
    `searching`: a stream's file has just vanished, or a file is not begun while another may have a last line.
    `unreadable`: files that could not be opened, and why. `forked`: files that begin like another one and then differ.
    `unwritten`: streams behind whose offset there are bytes that may not be what will be written there.
    `unfinished`: files of which that has been so for long. `unseen_s`: see `listing`.
    `others`: files that do not fit the pattern, when none does.
    """

    chunks: list[Chunk] = field(default_factory=list)
    changes: dict[str, Stream | None] = field(default_factory=dict)
    caught_up: dict[str, float | None] = field(default_factory=dict)
    more: bool = False
    searching: bool = False
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    forked: tuple[str, ...] = ()
    unwritten: set[str] = field(default_factory=set)
    unfinished: tuple[str, ...] = ()
    unseen_s: float = 0.0
    folder: FolderState = FolderState.SAME
    others: tuple[str, ...] = ()

    def context(self, chunk: Chunk) -> Context:
        """What the chunk's lines depend on, once the chunks before it are read: two may be of one stream."""
        return (self.changes[chunk.before.key] or chunk.before).context

    @property
    def complete(self) -> bool:
        """Whether this was a look at the right folder in which no file was left unread."""
        return self.folder is FolderState.SAME and not (self.more or self.unreadable)


@dataclass(slots=True)
class Memory:
    """What outlives a poll: the accepted streams by key, and caches that may be lost.

    `surveyed`: every file that was there when this spool was made is among the streams; until then what a new one holds
    is `Stream.earlier_until`.

    Caches, times monotonic in seconds. `by_path`: the stream of a file's name; `missing`: streams without a file;
    `forks`: those of forks.
    `caught_up`: when a stream was last read to its end; `seen`: since when a file's metadata are what they are;
    `asked_at`: when a file's metadata were last asked for; `quiet`: files with nothing new in them and whose stream
    they hold; `compared`: when a file was last compared with those it begins like; `waiting`: bytes that may not be
    written yet, by stream; `rested_until`: up to where a stream's bytes are at rest; `moved`: streams whose file was
    renamed; `unbegun`: since when a file without a record keeps changing; `begun_at`: when the last new file was begun;
    `deferred_at`: since when one is not begun for another's last line. `looked_at`: when the right folder was last
    looked at; `absent`: for how many seconds of that each stream was missing, `unsaved_s` of them since the streams
    said so. `device`: of the folder, at the last look; `watched`: the files of a foreign folder when it was first seen.
    """

    folder: str
    pattern: str
    dialect: Dialect
    settled_s: float
    streams: dict[str, Stream]
    monotonic: Callable[[], float]
    wall_ms: Callable[[], int]
    surveyed: bool
    listing: Listing = field(init=False)
    by_path: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    forks: set[str] = field(default_factory=set)
    caught_up: dict[str, float] = field(default_factory=dict)
    seen: dict[str, tuple[Signature, float]] = field(default_factory=dict)
    asked_at: dict[str, float] = field(default_factory=dict)
    quiet: dict[str, str] = field(default_factory=dict)
    compared: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    rested_until: dict[str, int] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    unbegun: dict[str, float] = field(default_factory=dict)
    begun_at: float = float("-inf")
    deferred_at: float | None = None
    looked_at: float | None = None
    absent: dict[str, float] = field(default_factory=dict)
    unsaved_s: float = 0.0
    device: int | None = None
    watched: dict[str, Signature] | None = None
    verifier: Verifier = field(default_factory=Verifier)

    def __post_init__(self) -> None:
        self.listing = Listing(self.folder)
        for stream in self.streams.values():
            self._index(stream)

    def absent_s(self, stream: Stream) -> float:
        """For how long the stream's file was observed to be missing, seconds."""
        return self.absent.get(stream.key, stream.absent_ms / 1000)

    def observe(self, orphaned: Iterable[Stream], now: float) -> bool:
        """The right folder was looked at, and these streams' files were missing. Whether to make that durable."""
        looked_s = 0.0 if self.looked_at is None else min(now - self.looked_at, GAP_S)
        self.looked_at = now
        before, self.absent = self.absent, {}
        for stream in orphaned:
            known_s = before.get(stream.key)
            self.absent[stream.key] = stream.absent_ms / 1000 if known_s is None else known_s + looked_s
        self.unsaved_s += looked_s
        save = self.unsaved_s >= SAVE_S
        self.unsaved_s = 0.0 if save else self.unsaved_s
        return save

    def accept(self, changes: Mapping[str, Stream | None]) -> None:
        """Take the streams' new states, None for none, as the durable ones."""
        for key in changes:
            before = self.streams.pop(key, None)
            if before is not None and self.by_path.get(before.path) == key:
                del self.by_path[before.path]
            self.missing.discard(key)
            self.forks.discard(key)
        for key, stream in changes.items():
            if stream is None:
                self.forget(key)
            else:
                self.streams[key] = stream
                self._index(stream)

    def note(self, name: str, signature: Signature, now: float) -> None:
        """Take a file's metadata; one whose metadata changed has something new in it."""
        seen = self.seen.get(name)
        if seen is None or seen[0] != signature:
            self.seen[name] = (signature, now)
            self.verifier.changed(name, now)
            key = self.quiet.pop(name, None)
            if key is not None and self.by_path.get(name) == key:
                self.caught_up[key] = self.asked_at.get(name, now)
        self.asked_at[name] = now

    def forget(self, key: str) -> None:
        """Drop what the caches say of a stream."""
        self.verifier.forget(key)
        for cache in (self.caught_up, self.waiting, self.rested_until, self.absent):
            cache.pop(key, None)
        self.moved.discard(key)

    def _index(self, stream: Stream) -> None:
        if not stream.path or self.by_path.setdefault(stream.path, stream.key) != stream.key:
            self.missing.add(stream.key)
        if stream.forked:
            self.forks.add(stream.key)
