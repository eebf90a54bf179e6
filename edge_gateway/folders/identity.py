"""Which content a file is: the evidence by which reading resumes, whatever the file is called today.

A *stream* is one content that grows: the lines a writer appended from the first byte on. A rename, a copy or a rotation
moves a stream to another file and a truncation ends it. Neither the name nor the inode says which stream a file holds
(names are re-used daily, inodes at once, and files of one logger share their header), so the evidence is content:

- **head**: hash of the bytes through the first line that is a record. It carries the first record's instant, so two
  streams of one logger differ in it even with a long common header. It finds a stream again under any name. Where the
  lines leave their date to the file's name, that date is part of the head: `Head.begins`.
- **marker**: hash of the last 256 bytes before the saved offset. Cheap, checked at every open.
- **prefix**: CRC-32 of all bytes before the saved offset, carried on as reading proceeds. Checked in full before
  reading resumes in an inode the stream was not last seen in.
- **checkpoints**: a few earlier (offset, CRC) pairs, ever sparser with distance, to say how far an altered file still
  is what was read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from edge_gateway.folders.lines import Context, Dialect
from edge_gateway.folders.tail import Part, written
from sicfar.counts.record import Record

MARKER_BYTES = 256
HEAD_BYTES = 8_192
"""How far into a file its first record is looked for; a file without one so far has no head."""
CHECKPOINT_BYTES = 1_024
"""Checkpoints are at least so far apart."""
_CHUNK = 1 << 20
_ALL = 1 << 62
_SOME_DAY = "2000-01-01T00:00:00"
"""For lines whose date nobody knows: they are records all the same."""


class Stream(NamedTuple):
    """What has been read of one content, and where it was last seen.

    Bytes before `offset` are read; `offset` stands after a newline unless `skipping` (inside a line too long to be a
    record) or `open_line` (after a last line without newline that was taken as it was, the file being at rest).
    `header`, `named` and `reached_ms` are its `Context`. Bytes before `suspect_until` may have been counted under
    another offset and go to quarantine instead of being counted. Lines that begin before `earlier_until` were there
    before this spool: an earlier one may have sent them. `seen_ms`: last change, ms since the epoch, UTC. `path`: the
    file's name in the folder, "" while the file is missing. `absent_ms`: for how long that was observed, the right
    folder being there; up to an hour less than it was. `holed`: among the bytes read are NULs that may be filled yet.
    """

    key: str
    path: str
    device: int
    inode: int
    offset: int = 0
    crc: int = 0
    marker: str = ""
    head_size: int = 0
    head: str = ""
    header: str = ""
    skipping: bool = False
    suspect_until: int = 0
    checkpoints: tuple[tuple[int, int], ...] = ()
    seen_ms: int = 0
    earlier_until: int = 0
    named: str = ""
    reached_ms: int = 0
    absent_ms: int = 0
    open_line: bool = False
    holed: bool = False

    @property
    def context(self) -> Context:
        """What the lines after the offset depend on."""
        return Context(self.header, self.named, self.reached_ms)

    def read_on(self, size: int, crc: int, marker: str, part: Part, seen_ms: int, *, holed: bool) -> Stream:
        """The same, `size` bytes further on, which ended as `part` says. `crc`, `marker`: of the state then."""
        offset, checkpoints = self.offset + size, self.checkpoints
        if not checkpoints or offset - checkpoints[-1][0] >= CHECKPOINT_BYTES:
            checkpoints = with_checkpoint(checkpoints, offset, crc)
        return self._replace(
            offset=offset,
            crc=crc,
            marker=marker,
            skipping=part.skipping,
            open_line=part.unterminated,
            holed=self.holed or holed,
            checkpoints=checkpoints,
            seen_ms=seen_ms,
        )

    def read_to(self, context: Context) -> Stream:
        """The same, read up to where `context` holds."""
        if context == self.context:
            return self
        return self._replace(header=context.header, reached_ms=context.reached_ms)

    @property
    def forked(self) -> bool:
        """Whether this content begins like another stream's and then differs: all of it is suspect."""
        return self.suspect_until == _ALL

    def as_fork(self) -> Stream:
        """The same, suspect to whatever length it grows."""
        return self._replace(suspect_until=_ALL)

    def to_bytes(self) -> bytes:
        """The spool's form of this state (JSON). Earlier versions read it where it says nothing new to them."""
        # Written for every line of a live file: what a new line does not change is put in words once.
        lasting = self._replace(offset=0, crc=0, marker="", checkpoints=(), seen_ms=0, reached_ms=0)
        return (
            f'{_lasting(lasting)},"offset":{self.offset},"crc":{self.crc},"marker":"{self.marker}",'
            f'"seen_ms":{self.seen_ms},"reached_ms":{self.reached_ms},"checkpoints":{_encoded(self.checkpoints)}}}'
        ).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Stream:
        """Inverse of `to_bytes`, of this version's form and those of earlier ones, which know fewer fields."""
        values = {name: value for name, value in json.loads(raw).items() if name in cls._fields}
        values["checkpoints"] = tuple((int(at), int(crc)) for at, crc in values["checkpoints"])
        return cls(**values)


_LATER = ("absent_ms", "open_line", "holed")
_CHANGING = ("offset", "crc", "marker", "seen_ms", "reached_ms", "checkpoints")
_ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@lru_cache(maxsize=256)
def _lasting(stream: Stream) -> str:
    """As the beginning of a JSON object: what stays the same over many lines of a live file."""
    values = stream._asdict()
    for name in (*_CHANGING, *(name for name in _LATER if not values[name])):
        del values[name]
    return _ENCODE(values)[:-1]


@lru_cache(maxsize=256)
def _encoded(checkpoints: tuple[tuple[int, int], ...]) -> str:
    """As JSON: they stay the same over many lines of a live file."""
    return _ENCODE(checkpoints)


@dataclass(frozen=True, slots=True)
class Head:
    """The bytes through the first record: how many, their hash, and what the file's name says of their date.

    `at_ms`: the first record's instant, UTC, to tell which of two files is the older.
    """

    size: int
    digest: str
    named: str
    at_ms: int

    def begins(self, stream: Stream) -> bool:
        """Whether the stream begins so. A name without date may be the new name of any file."""
        return self.digest == stream.head and self.named in ("", stream.named)


def digest(data: bytes) -> str:
    """Short hash of evidence bytes (128 bits, hex)."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def open_heads(start: bytes, name: str, dialect: Dialect) -> list[Head]:
    """The heads of a file that is `start` and whose first record is its last line, without an end: by the end to come.

    The first one, with a bare newline, stands for the file until its line ends. Empty if no line is a record even so.
    """
    heads = (find_head(start + end, name, dialect) for end in (b"\n", b"\r\n"))
    return [replace(head, size=min(head.size, len(start))) for head in heads if head is not None]


def find_head(start: bytes, name: str, dialect: Dialect) -> Head | None:
    """The head of a file whose first bytes are `start`; None while no complete line of them is a record.

    A head does not reach over a place that may be filled yet: it would be another one then.
    """
    named = dialect.named(name)
    start = start[: written(start)]
    reader = dialect.reader(name, Context(named=named or _SOME_DAY))
    for offset, item in reader.lines(start, 0, in_long_line=False):
        if isinstance(item, Record):
            size = start.index(b"\n", offset) + 1
            return Head(size, digest(start[:size]), named, item.at_ms)
    return None


def with_checkpoint(checkpoints: tuple[tuple[int, int], ...], offset: int, crc: int) -> tuple[tuple[int, int], ...]:
    """Add one and thin the rest: of those at like distance (same power of two) from the end, the earliest stays."""
    kept: list[tuple[int, int]] = []
    last_bucket = -1
    for at, value in checkpoints:
        bucket = (offset - at).bit_length()
        if bucket != last_bucket and at < offset:
            kept.append((at, value))
            last_bucket = bucket
    return (*kept, (offset, crc))
