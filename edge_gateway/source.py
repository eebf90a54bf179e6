"""The boundary between a machine and the gateway: connect, read, close.

A source turns one machine, PLC or folder into records. It keeps no durable state and retries nothing:

- `Source.connect` makes ready or raises a `SicfarError`; the engine waits 1, 2, 4 … s and tries again, for ever.
- `Source.read` returns what is new **since the last acknowledged read**: `Content`, how far the source has come with it
  (`Progress`), and an acknowledgement. A read that was not acknowledged (the disk was full) comes again, whole.
- The acknowledgement is called by the engine once content and progress are in the spool, in one transaction, and only
  then.
- `Source.close` frees what `connect` took; it never raises.

A source whose reads block (a folder on a share) has a thread of its own, in which the engine reads, stores and
acknowledges: `BlockingSource`. A source is used by one task at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

from edge_gateway.worker import Worker
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


class Kind(Enum):
    """What becomes of a record that was read."""

    COUNTED = "counted"
    """It is sent and counts."""
    EARLIER = "earlier"
    """It was there before this spool was made, and an earlier one may have sent it: it goes in batches of its own."""
    CHECKED = "checked"
    """It is from a second sensor of its line (``conferencia``): kept here to be compared, never sent."""


@dataclass(frozen=True, slots=True)
class Content:
    """What counts of a read: records, in the order they were read in, and spans of bytes that are no record."""

    records: Mapping[Kind, Sequence[Record]] = field(default_factory=dict)
    unreadable: Sequence[Unreadable] = ()

    def __bool__(self) -> bool:
        return bool(self.unreadable) or any(self.records.values())

    def of(self, *kinds: Kind) -> Iterator[Record]:
        """The records of these kinds."""
        for kind in kinds:
            yield from self.records.get(kind, ())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source has come with the content beside it, and how it fares.

    `positions` maps opaque keys to what the source needs to resume behind the content (None forgets the key). `marks`
    say up to when each line is completely known once the content is stored. `more` asks for the next read at once: data
    is waiting. `trouble` is what a person should see although the read worked (one unreadable file among ten),
    Portuguese, empty when all is well; `notes` are single events for the log.
    """

    positions: Mapping[str, bytes | None] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    more: bool = False
    trouble: str = ""
    notes: Sequence[str] = ()


def _nothing_to_acknowledge() -> None:
    """A read without position needs no acknowledgement."""


class ReadResult(NamedTuple):
    """What one read brought; `ack` takes it as read."""

    content: Content
    progress: Progress
    ack: Callable[[], None] = _nothing_to_acknowledge

    @property
    def is_news(self) -> bool:
        """Whether there is something to be stored."""
        return bool(self.content or self.progress.positions)


class _Connected(Protocol):
    """What both kinds of sources have."""

    @property
    def name(self) -> str:
        """Stable name: the key of this source's positions in the spool."""

    @property
    def period_ms(self) -> int:
        """Time between two reads, milliseconds."""

    async def connect(self) -> None:
        """Make ready to read. Raises SicfarError."""

    async def close(self) -> None:
        """Free what connect took."""


class Source(_Connected, Protocol):
    """See the module's docstring for the contract."""

    async def read(self) -> ReadResult:
        """What is new since the last acknowledged read. Raises SicfarError."""


@runtime_checkable
class BlockingSource(_Connected, Protocol):
    """A source whose reads take their time in a thread of its own."""

    @property
    def worker(self) -> Worker:
        """The thread in which it is read."""

    def read_now(self) -> ReadResult:
        """As `Source.read`; blocks, and is called in the worker's thread."""


AnySource = Source | BlockingSource
