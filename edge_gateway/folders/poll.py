"""What one look at a folder brings (`Poll`) and what the next look must know of it (`Memory`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import Context, Dialect

Signature = tuple[int, int, int, int]
"""Metadata of a file: device, inode, size, time of the last change (ns)."""


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
    """What one look at the folder found. `changes` and `caught_up` become the state by `Follower.accept`.

    `caught_up`: when a stream was read to its end; None for one that was read and has a rest.
    `searching`: a stream's file has just vanished. `unreadable`: files that could not be opened, and why. `forked`:
    files that begin like another one and then differ.
    """

    chunks: list[Chunk] = field(default_factory=list)
    changes: dict[str, Stream | None] = field(default_factory=dict)
    caught_up: dict[str, float | None] = field(default_factory=dict)
    more: bool = False
    searching: bool = False
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    forked: tuple[str, ...] = ()

    def context(self, chunk: Chunk) -> Context:
        """What the chunk's lines depend on, once the chunks before it are read: two may be of one stream."""
        return (self.changes[chunk.before.key] or chunk.before).context

    @property
    def complete(self) -> bool:
        """Whether no file was left unread."""
        return not (self.more or self.unreadable)


@dataclass(slots=True)
class Memory:
    """What outlives a poll: the accepted streams by key, and caches that may be lost.

    Caches: `caught_up` when a stream was last read to its end, `seen` since when a file's metadata are what they are,
    `quiet` files with nothing new in them and whose stream they hold, `lost_at` when a stream's file was first missed,
    `compared` when a file was last compared with those it begins like. Times monotonic, seconds.

    `surveyed`: every file that was there when this spool was made is among the streams; until then what a new one holds
    is `Stream.earlier_until`.
    """

    folder: Path
    pattern: str
    dialect: Dialect
    settled_s: float
    streams: dict[str, Stream]
    monotonic: Callable[[], float]
    wall_ms: Callable[[], int]
    surveyed: bool
    caught_up: dict[str, float] = field(default_factory=dict)
    seen: dict[str, tuple[Signature, float]] = field(default_factory=dict)
    quiet: dict[str, tuple[Signature, str]] = field(default_factory=dict)
    lost_at: dict[str, float] = field(default_factory=dict)
    compared: dict[str, float] = field(default_factory=dict)
