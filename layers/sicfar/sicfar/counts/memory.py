"""Fields read before, so that a file's thousandth ``SPEP-ENV-A`` or ``.250-03:00`` costs one dictionary look-up.

No rule is written here: what is not remembered is read by the functions that ``parse_record`` itself uses, field by
field, and what they refuse, or anything unusually long, is left to it. Each memory is bounded: it is emptied when full.
"""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from sicfar.counts.record import BARE, MAX_LINE_BYTES, RAW_DIGITS, Layout, LineError, parse_count
from sicfar.counts.sums import LineSums
from sicfar.instants import parse_instant, split_instant

_FULL = 20_000  # a millisecond clock under one offset needs 1,000 tails, a day 86,400 seconds
_MOST_ZONES = 16
_LONGEST = 64  # four such fields are far from the longest line accepted

V = TypeVar("V")


class Memory:
    """The memories of the layout in force, keyed by fields as they stand in the file.

    ``bare``: lines are nothing but the four mandatory fields in their order. ``tails``: what follows the second in a
    timestamp → the known wall-clock seconds (19 characters → second since the epoch) under that zone, and
    milliseconds. What a timestamp means depends on no file, so these are the process's: a live batch of 740 records
    brings hardly one millisecond twice. The dictionaries are plain, the fastest there are, and the same objects for
    life: a loop holds them. Threads may share them, for whatever one of them removes another only learns again.
    """

    tails: ClassVar[dict[bytes, tuple[dict[bytes, int], int]]] = {}
    _zones: ClassVar[dict[str, dict[bytes, int]]] = {}

    def __init__(self) -> None:
        self.bare = False
        self.producers: dict[bytes, LineSums] = {}
        self.produced: dict[bytes, int] = {}
        self.rejected: dict[bytes, int] = {}
        self.use(None)

    def use(self, layout: Layout | None) -> None:
        """Forget the columns of the last layout; under None, for a header that cannot be used, know nothing."""
        self.bare = layout == BARE
        self._width = len(layout.names) if layout else -1
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

    def learn(self, raw: bytes) -> tuple[int, int, LineSums, int, int] | None:
        """Read an ASCII line of a known producer: second, milliseconds, sums, produced, rejected; or None."""
        try:
            stamp, line, produced, rejected = self.four(raw)
            sums = self.producers[line]
            second, milliseconds = self._instant(stamp)
            last = self._width - 1
            made = self._count(produced, self.produced, last=self._four[2] == last)
            refused = self._count(rejected, self.rejected, last=self._four[3] == last)
        except (KeyError, ValueError, LineError):
            return None
        return second, milliseconds, sums, made, refused

    def remember(self, raw: bytes, sums: LineSums) -> None:
        """Remember whose record ``raw`` is."""
        field = raw.split(b",")[self._four[1]]
        if len(field) <= _LONGEST:
            _keep(self.producers, field, sums)

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


def _keep(memory: dict[bytes, V], field: bytes, value: V) -> V:
    if len(memory) >= _FULL:
        memory.clear()
    memory[field] = value
    return value
