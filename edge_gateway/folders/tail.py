"""Which of a file's unread bytes are written: whole lines at once, the rest once the file is at rest.

A run of NULs is a place that was reserved and not filled yet (a preallocated file, a page that a power cut kept from
the disk), and a last line without newline may be half of one. Both are *not yet written*: nothing behind them is read
until they are filled, or have not changed for `REST_S`. Then

- a last line without newline is taken as it is. What is written behind it later is the rest of a line that has its fate
  already: it is told from new lines by `Stream.open_line`;
- NULs with something written behind them are taken as they are, as part of a line that cannot be read;
- NULs up to the end of the file stay unread for as long as their file may still be filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sicfar.counts.record import MAX_LINE_BYTES

REST_S = 60.0
"""How long bytes must stay as they are to be taken as final."""
MOVED_REST_S = 5.0
"""The same in a file that was renamed: its writer may still finish a line, and no more."""
HOLE = bytes(16)
"""So many NULs in a row, or any at the end, are a place not filled yet; fewer are bytes that a line has wrong."""
UNFINISHED_S = 150.0
"""After so long bytes that are neither written nor at rest are reported."""


class Part(NamedTuple):
    """How many bytes to take. `skipping`: they end inside a line too long to be a record; `unterminated`: inside one
    that is the last of its file."""

    size: int
    skipping: bool = False
    unterminated: bool = False


@dataclass(slots=True)
class Waiting:
    """Bytes that may not be written yet: the first `length` after `offset`, their CRC-32, unchanged `since`.

    `begun`: when the stream first had such bytes here; `padding`: NULs to the end of a file at rest. Monotonic seconds.
    """

    offset: int
    length: int
    crc: int
    since: float
    begun: float
    padding: bool = False


def written(data: bytes) -> int:
    """How many bytes stand before the first place that is not filled."""
    hole = data.find(HOLE)
    return hole if hole >= 0 else len(data.rstrip(b"\0"))


def complete_part(data: bytes, *, skipping: bool) -> Part:
    """What of `data` is certainly written: everything through the last newline before a run of NULs.

    Without one, of more bytes than a record can have all but the last `MAX_LINE_BYTES`: those wait, so that the end of
    an endless line is seen whole.
    """
    end = written(data)
    newline = data.rfind(b"\n", 0, end) + 1
    if newline:
        return Part(newline)
    if end > MAX_LINE_BYTES:
        return Part(end - MAX_LINE_BYTES, skipping=True)
    return Part(0, skipping)


def rested_part(data: bytes, *, skipping: bool, followed: bool, final: bool) -> Part:
    """What to take of bytes at rest of which none is certainly written.

    `followed`: something is written behind them. `final`: NULs up to the end of the file will not be filled any more.
    """
    if not followed and not final:
        data = data.rstrip(b"\0")
    newline = data.rfind(b"\n") + 1
    if newline:
        return Part(newline)
    if len(data) > MAX_LINE_BYTES:
        return Part(len(data) - MAX_LINE_BYTES, skipping=True)
    if followed or not data:
        return Part(0, skipping)
    return Part(len(data), unterminated=True)
