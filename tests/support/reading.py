"""What a read of a source brought, in one flat object: short to write and to assert on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from edge_gateway.source import Content, Kind, Progress, ReadResult
from sicfar.counts.batch import Mark, Unreadable
from sicfar.counts.record import Record


def _nothing() -> None:
    """Nobody waits for it."""


@dataclass(frozen=True)
class Reading:
    """`records`, `earlier`, `checked`: those of each kind; the rest as in `Content`, `Progress` and `ReadResult`."""

    records: Sequence[Record] = ()
    position: Mapping[str, bytes | None] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    unreadable: Sequence[Unreadable] = ()
    more: bool = False
    trouble: str = ""
    notes: Sequence[str] = ()
    ack: Callable[[], None] = _nothing
    checked: Sequence[Record] = ()
    earlier: Sequence[Record] = ()

    @classmethod
    def of(cls, result: ReadResult) -> "Reading":
        content, progress, ack = result
        records, earlier, checked = (list(content.of(kind)) for kind in (Kind.COUNTED, Kind.EARLIER, Kind.CHECKED))
        return cls(
            records,
            progress.positions,
            progress.marks,
            content.unreadable,
            progress.more,
            progress.trouble,
            progress.notes,
            ack,
            checked,
            earlier,
        )

    @property
    def content(self) -> Content:
        kinds = {Kind.COUNTED: self.records, Kind.EARLIER: self.earlier, Kind.CHECKED: self.checked}
        return Content(kinds, self.unreadable)

    @property
    def progress(self) -> Progress:
        return Progress(self.position, self.marks, self.more, self.trouble, self.notes)

    @property
    def stored(self) -> tuple[Content, Progress]:
        """What the spool is given of it."""
        return self.content, self.progress

    @property
    def result(self) -> ReadResult:
        return ReadResult(self.content, self.progress, self.ack)

    @property
    def has_news(self) -> bool:
        return bool(self.content or self.position)
