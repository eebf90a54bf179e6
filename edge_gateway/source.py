"""The boundary between a machine and the gateway: connect, read, close.

A source turns one machine, PLC or folder into readings. It keeps no durable state and retries nothing:

- `Source.connect` makes ready or raises a `SicfarError`; the engine waits 1, 2, 4 … s and tries again, for ever.
- `Source.read` returns what is new **since the last acknowledged reading**. A reading that was not acknowledged (the
  disk was full) comes again, whole, from the next `read`.
- `Reading.ack` is called by the engine once the reading is committed to the spool, and only then.
- `Source.close` frees what `connect` took; it never raises.

A source is used by one task at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sicfar.counts.batch import Mark, Unreadable
from sicfar.counts.record import Record
from sicfar.errors import TransientError


class SourceError(TransientError):
    """A source cannot be read now (folder away, machine off). The engine reconnects by itself."""

    def __init__(self, what: str, where: str = "", action: str = "") -> None:
        super().__init__("source_unavailable", what, where=where, action=action)


class UnexpectedSourceError(SourceError):
    """What nobody foresaw, as a rule an error of a library: says what was being done to which source.

    `doing`: a verb phrase after "ao", Portuguese. The original error is the ``__cause__``.
    """

    def __init__(self, error: BaseException, doing: str, where: str) -> None:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        super().__init__(f"erro inesperado ao {doing} ({reason})", where, "envie o log do gateway a quem o mantém")
        self.code = "source_unexpected"


def _nothing_to_acknowledge() -> None:
    """A reading without position needs no acknowledgement."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read brought.

    `position` maps opaque keys to what the source needs to resume after this reading (None forgets the key); the spool
    commits it together with the records. `marks` say up to when each line is completely known once this reading is
    stored. `more` asks for the next read at once: data is waiting. `trouble` is what a person should see although the
    read worked (one unreadable file among ten), Portuguese, empty when all is well; `notes` are single events for the
    log. `checked` are counts of a second sensor (``conferencia``): kept here to be compared, never sent. `earlier` are
    records like `records`, but of what was there before this spool was made: an earlier spool may have sent them.
    """

    records: Sequence[Record] = ()
    position: Mapping[str, bytes | None] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    unreadable: Sequence[Unreadable] = ()
    more: bool = False
    trouble: str = ""
    notes: Sequence[str] = ()
    ack: Callable[[], None] = _nothing_to_acknowledge
    checked: Sequence[Record] = ()
    earlier: Sequence[Record] = ()

    @property
    def has_news(self) -> bool:
        """Whether there is something that must be committed before the source may move on."""
        return bool(self.records or self.earlier or self.checked or self.unreadable or self.position)


class Source(Protocol):
    """See the module's docstring for the contract."""

    @property
    def name(self) -> str:
        """Stable name: the key of this source's positions in the spool."""

    @property
    def period_ms(self) -> int:
        """Time between two reads, milliseconds."""

    async def connect(self) -> None:
        """Make ready to read. Raises SicfarError."""

    async def read(self) -> Reading:
        """What is new since the last acknowledged reading. Raises SicfarError."""

    async def close(self) -> None:
        """Free what connect took."""
