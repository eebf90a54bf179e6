"""Fields read before, so that a file's thousandth ``SPEP-ENV-A`` or ``.250-03:00`` costs one dictionary look-up.

No rule is written here: what is not remembered is read by the functions that ``parse_record`` itself uses, field by
field, and what they refuse, or anything unusually long, is left to it. Each memory is bounded: it is emptied when full.

``RecordReader`` reads lines one by one in this way; ``txt.tally`` sums whole files.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from sicfar.counts.record import (
    BARE,
    MAX_LINE_BYTES,
    RAW_DIGITS,
    Layout,
    LineError,
    Record,
    parse_count,
    parse_record,
)
from sicfar.instants import parse_instant, split_instant

_FULL = 20_000  # a millisecond clock under one offset needs 1,000 tails, a day 86,400 seconds
_MOST_ZONES = 16
_NEVER = b"\n"  # in no line
_LONGEST = 64  # four such fields are far from the longest line accepted

V = TypeVar("V")
W = TypeVar("W")


class Memory(Generic[V]):
    """The memories of the layout in force, keyed by fields as they stand in the file.

    ``V``: what is kept for a production line, as its sums or its name.
    ``rest``: how a line ends that has nothing but the four mandatory fields, in their order, and other columns left
    empty; under a layout with another order no line ends so. ``tails``: what follows the second in a timestamp → the
    known wall-clock seconds (19 characters → second since the epoch) under that zone, and milliseconds. What a
    timestamp means depends on no file, so these are the process's: a live batch of 740 records
    brings hardly one millisecond twice. The dictionaries are plain, the fastest there are, and the same objects for
    life: a loop holds them. Threads may share them, for whatever one of them removes another only learns again.
    """

    tails: ClassVar[dict[bytes, tuple[dict[bytes, int], int]]] = {}
    _zones: ClassVar[dict[str, dict[bytes, int]]] = {}

    def __init__(self) -> None:
        self.rest = _NEVER
        self.producers: dict[bytes, V] = {}
        self.produced: dict[bytes, int] = {}
        self.rejected: dict[bytes, int] = {}
        self.use(None)

    def use(self, layout: Layout | None) -> None:
        """Forget the columns of the last layout; under None, for a header that cannot be used, know nothing."""
        ordered = layout is not None and layout.positions[:4] == BARE.positions[:4]
        self._width = len(layout.names) if layout else -1
        self.rest = b"," * (self._width - len(BARE.names)) if ordered else _NEVER
        for memory in (self.producers, self.produced, self.rejected):
            memory.clear()
        if layout is None:
            return
        stamp, line, produced, rejected, since, produced_raw, rejected_raw, flags, _, source_time = layout.positions
        self._four = stamp, line, produced, rejected
        self._quiet = [position for position in (since, flags, source_time) if position >= 0]
        self._evidence = [position for position in (produced_raw, rejected_raw) if position >= 0]

    def four(self, raw: bytes) -> Sequence[bytes]:
        """Return the four mandatory fields of a line whose others need no closer look, else raise KeyError."""
        fields = raw.split(b",")
        if len(fields) != self._width or len(raw) > MAX_LINE_BYTES:
            raise KeyError(raw)
        for position in self._quiet:
            if fields[position]:
                raise KeyError(raw)
        for position in self._evidence:
            text = fields[position]
            if text and not (text.isdigit() and len(text) <= RAW_DIGITS):
                raise KeyError(raw)
        stamp, line, produced, rejected = self._four
        return fields[stamp], fields[line], fields[produced], fields[rejected]

    def learn(self, raw: bytes) -> tuple[int, int, V, int, int] | None:
        """Read an ASCII line of a known producer: second, milliseconds, producer, produced, rejected; or None."""
        try:
            stamp, line, produced, rejected = self.four(raw)
            producer = self.producers[line]
            second, milliseconds = self._instant(stamp)
            last = self._width - 1
            made = self._count(produced, self.produced, last=self._four[2] == last)
            refused = self._count(rejected, self.rejected, last=self._four[3] == last)
        except (KeyError, ValueError, LineError):
            return None
        return second, milliseconds, producer, made, refused

    def remember(self, raw: bytes, producer: V) -> None:
        """Remember whose record ``raw`` is."""
        field = raw.split(b",")[self._four[1]]
        if len(field) <= _LONGEST:
            _keep(self.producers, field, producer)

    def _instant(self, stamp: bytes) -> tuple[int, int]:
        parts = split_instant(stamp.decode("ascii"))
        if parts is None:
            raise KeyError(stamp)
        wall, milliseconds, zone = parts
        if len(self._zones) > _MOST_ZONES:
            self._zones.clear()
            self.tails.clear()
        seconds = self._zones.setdefault(zone, {})
        second = seconds.get(stamp[:19])
        if second is None:
            second = parse_instant(wall + zone) // 1000
            # Offsets change on whole minutes only, so one second vouches for its minute, and others will soon follow.
            minute = second - int(stamp[17:19])
            for shift in range(60):
                _keep(seconds, b"%b%02d" % (stamp[:17], shift), minute + shift)
        _keep(self.tails, stamp[19:], (seconds, milliseconds))
        return second, milliseconds

    def _count(self, field: bytes, known: dict[bytes, int], *, last: bool) -> int:
        count = known.get(field)
        if count is not None:
            return count
        if len(field) > _LONGEST:
            raise KeyError(field)
        text = field.decode("ascii")
        # In the last column the CR of the line's end may follow.
        return _keep(known, field, parse_count((text.rstrip("\r") if last else text).strip(" \t"), "count"))


def _keep(memory: dict[bytes, W], field: bytes, value: W) -> W:
    if len(memory) >= _FULL:
        memory.clear()
    memory[field] = value
    return value


class RecordReader:
    """Reads the lines of one layout as ``parse_record`` does; bare ones, once their like was seen, by looking them up.

    ``aliases``: what stands in a line in place of the code of its production line → that code.
    """

    def __init__(self, layout: Layout | None = None, aliases: Mapping[bytes, bytes] | None = None) -> None:
        self._layout = layout
        self._aliases = aliases or {}
        self._place = layout.positions[1] if layout else 1
        # Lines of any other layout are read in full: they may bring evidence, flags, a span.
        self._bare = layout in (None, BARE)
        self._memory: Memory[str] = Memory()
        self._memory.use(BARE)

    def read(self, raw: bytes) -> Record:
        """The record of a line without its newline. Raises LineError."""
        if not self._bare:
            return parse_record(self._renamed(raw), self._layout)
        memory = self._memory
        try:
            stamp, line, produced, rejected = raw.split(b",")
            seconds, fraction = memory.tails[stamp[19:]]
            return Record(
                seconds[stamp[:19]] * 1000 + fraction,
                memory.producers[line],
                memory.produced[produced],
                memory.rejected[rejected],
            )
        except (KeyError, ValueError):
            return self._learn(raw)

    def _learn(self, raw: bytes) -> Record:
        known = self._memory.learn(raw)
        if known is not None:
            second, fraction, line, produced, rejected = known
            return Record(second * 1000 + fraction, line, produced, rejected)
        record = parse_record(self._renamed(raw), self._layout)
        if raw.count(b",") == len(BARE.names) - 1:
            self._memory.remember(raw, record.line)
        return record

    def _renamed(self, raw: bytes) -> bytes:
        """The line with the code in place of the alias, which may not even look like one."""
        if not self._aliases:
            return raw
        fields = raw.split(b",")
        if self._place < len(fields) and (line := self._aliases.get(fields[self._place].strip())):
            fields[self._place] = line
            return b",".join(fields)
        return raw
