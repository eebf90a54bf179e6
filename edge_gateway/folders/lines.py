"""From the bytes of a file to records and to what is no record, one line at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from sicfar.counts.batch import MAX_UNREADABLE_BYTES, Unreadable
from sicfar.counts.codes import Reason
from sicfar.counts.memory import RecordReader
from sicfar.counts.record import MAX_LINE_BYTES, Layout, LineError, Record, is_header, too_long

BOM = b"\xef\xbb\xbf"
FOREVER_MS = 1 << 62
_REFUSED = "?"
"""In place of a header in force that could not be read."""
_MOST_HEADERS = 64


@dataclass(frozen=True, slots=True)
class Context:
    """What the meaning of a file's further lines depends on.

    `header`: the header line in force, "" for none. `named`: the date (and time) in the file's name, ISO and in the
    zone of its lines, where these do not say it; `reached_ms`: the instant of the last line, where lines say only the
    time of day. Both "" and 0 where they mean nothing.
    """

    header: str = ""
    named: str = ""
    reached_ms: int = 0


NO_CONTEXT = Context()


class Dialect(Protocol):
    """How the lines of one folder's files are to be read."""

    @property
    def in_order(self) -> bool:
        """Whether a file must be read to its end before a younger one is begun."""

    def named(self, name: str, /) -> str:
        """The `Context.named` of a file with this name; "" if its lines need none or the name has none."""

    def reader(self, path: str, context: Context = NO_CONTEXT, *, latest_ms: int = FOREVER_MS) -> LineReader:
        """A reader of a file that goes on after `context`. `latest_ms`: after this nothing can have happened yet."""


class LineReader(ABC):
    """Reads the lines of one file from an offset on. What a line means is a subclass's to say.

    `context`: what the lines after those read so far depend on. `fault`: why the last unreadable line is none.
    """

    def __init__(self, path: str, context: Context) -> None:
        self._path = path
        self.context = context
        self.fault = ""

    @abstractmethod
    def own_time(self, record: Record, line: bytes) -> str:
        """The timestamp of the line that was read as this record, in a form that `parse_instant` reads."""

    @abstractmethod
    def _meaning(self, line: bytes, *, first: bool) -> Record | None:
        """The record of a line without its line end; None for a header, comment or blank line. Raises LineError.

        `first`: it is the first of the file.
        """

    def fragment(self, data: bytes, offset: int, *, first: bool) -> Iterator[Unreadable]:
        """Bytes inside a line too long to be a record: its beginning is kept, the middle stays in the plant's file."""
        if first:
            start = data[:MAX_LINE_BYTES]
            yield self.unreadable(start, offset, Reason.LINHA_LONGA if start.strip(b"\0") else Reason.BYTES_NULOS)

    def pieces(self, data: bytes, offset: int, reason: Reason) -> Iterator[Unreadable]:
        """Whole lines that are not to be counted, all their bytes, in as few pieces as hold them."""
        start = 0
        while start < len(data):
            end = start + MAX_UNREADABLE_BYTES
            if end < len(data):
                end = data.rfind(b"\n", start, end) + 1 or end
            yield self.unreadable(data[start:end], offset + start, reason)
            start = end

    def lines(self, data: bytes, offset: int, *, in_long_line: bool) -> Iterator[tuple[int, Record | Unreadable]]:
        """Complete lines with the offset each begins at; header, comment and blank lines bring nothing.

        `in_long_line`: the first one ends a line whose beginning was given to `fragment`.
        """
        start = 0
        while (end := data.find(b"\n", start) + 1) > 0:
            raw, at = data[start:end], offset + start
            start = end
            if in_long_line:
                skipped = max(0, len(raw) - MAX_LINE_BYTES)
                yield at, self.unreadable(raw[skipped:], at + skipped, Reason.LINHA_LONGA)
                in_long_line = False
            elif len(raw) > MAX_UNREADABLE_BYTES:
                # As one read in several pieces: how it begins and how it ends.
                for beginning in self.fragment(raw, at, first=True):
                    yield at, beginning
                skipped = len(raw) - MAX_LINE_BYTES
                yield at + skipped, self.unreadable(raw[skipped:], at + skipped, Reason.LINHA_LONGA)
            elif (item := self._line(raw, at)) is not None:
                yield at, item

    def unreadable(self, data: bytes, offset: int, reason: Reason) -> Unreadable:
        """Bytes of this file that bring no record."""
        return Unreadable(f"{self._path}@{offset}", reason, data[:MAX_UNREADABLE_BYTES])

    def _line(self, raw: bytes, offset: int) -> Record | Unreadable | None:
        line = raw[:-1].removesuffix(b"\r")
        try:
            return self._meaning(line, first=offset == 0)
        except LineError as error:
            self.fault = error.detail
            return self.unreadable(raw, offset, error.reason)


def check_length(line: bytes) -> None:
    """Raises LineError for a line longer than any record."""
    if len(line) > MAX_LINE_BYTES:
        raise too_long(len(line), MAX_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class Canonical:
    """The sensors' own ``timestamp,linha_id,producao_count,rejeicao_count``. `aliases`: machine id → linha_id."""

    aliases: Mapping[str, str]
    in_order: bool = False
    _records: dict[str, RecordReader] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By header: what one file's lines have taught serves the next one's."""

    def named(self, _name: str, /) -> str:
        """Its lines say their date."""
        return ""

    def reader(self, path: str, context: Context = NO_CONTEXT, **_: int) -> LineReader:
        """See `Dialect.reader`."""
        return _CanonicalReader(path, context, self)

    def records(self, header: str) -> RecordReader:
        """Reads lines below this header, "" for none. Raises LineError for one that cannot be used."""
        known = self._records.get(header)
        if known is None:
            layout = Layout.from_header(header) if header else None
            aliases = {machine.encode(): line.encode() for machine, line in self.aliases.items()}
            known = RecordReader(layout, aliases)
            if len(self._records) >= _MOST_HEADERS:
                self._records.clear()
            self._records[header] = known
        return known


class _CanonicalReader(LineReader):
    def __init__(self, path: str, context: Context, dialect: Canonical) -> None:
        super().__init__(path, context)
        self._dialect = dialect
        self._records = None if context.header == _REFUSED else dialect.records(context.header)

    def own_time(self, _record: Record, line: bytes) -> str:
        """Always the first field."""
        return line.partition(b",")[0].decode().removeprefix("\ufeff").strip()

    def _meaning(self, line: bytes, *, first: bool) -> Record | None:
        # Nearly every line begins with a digit, and only a record does.
        if not line[:1].isdigit():
            if first:
                line = line.removeprefix(BOM)
            if not line.strip() or line.startswith(b"#"):
                return None
            header = _as_header(line)
            if header is not None:
                self._declare(line, header)
                return None
        if self._records is None:
            check_length(line)
            raise LineError(Reason.COLUNAS, "o cabeçalho acima desta linha não pode ser lido")
        return self._records.read(line)

    def _declare(self, line: bytes, header: str) -> None:
        """Read the lines below by this header; by none if it is refused, least of all by the one before it."""
        self._records = None
        self.context = replace(self.context, header=_REFUSED)
        check_length(line)
        self._records = self._dialect.records(header)
        self.context = replace(self.context, header=header)


def _as_header(line: bytes) -> str | None:
    """The line as header text if it declares columns, else None."""
    text = line.decode("utf-8", errors="replace").strip()
    return text if is_header(text) else None
