"""From the bytes of a file to records and to what is no record, one line at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sicfar.batch import MAX_UNREADABLE_BYTES, Unreadable
from sicfar.record import MAX_LINE_BYTES
from sicfar.txt import COLUMNS, Layout, LineError, Reason, Record, is_header, parse_record

_BOM = b"\xef\xbb\xbf"
_LINE_ID = COLUMNS[1]


class LineReader:
    """Reads the lines of one file from an offset on; `header` is the header line in force, "" for none."""

    def __init__(self, path: str, header: str, aliases: Mapping[str, str]) -> None:
        self._path = path
        self._aliases = {machine.encode(): line.encode() for machine, line in aliases.items()}
        self._layout: Layout | None = None
        self.header = ""
        if header:
            self._declare(header)

    def fragment(self, data: bytes, offset: int, *, first: bool) -> Iterator[Unreadable]:
        """Bytes inside a line too long to be a record: its beginning is kept, the middle stays in the plant's file."""
        if first:
            yield self._unreadable(data[:MAX_LINE_BYTES], offset, Reason.LINHA_LONGA)

    def suspect(self, data: bytes, offset: int) -> Iterator[Unreadable]:
        """Lines that may have been counted already, all their bytes, in as few pieces as hold them."""
        start = 0
        while start < len(data):
            end = start + MAX_UNREADABLE_BYTES
            if end < len(data):
                end = data.rfind(b"\n", start, end) + 1 or end
            yield self._unreadable(data[start:end], offset + start, Reason.CONTEUDO_ALTERADO)
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
                yield at, self._unreadable(raw[skipped:], at + skipped, Reason.LINHA_LONGA)
                in_long_line = False
            elif (item := self._line(raw, at)) is not None:
                yield at, item

    def _line(self, raw: bytes, offset: int) -> Record | Unreadable | None:
        line = raw[:-1].removesuffix(b"\r")
        if offset == 0:
            line = line.removeprefix(_BOM)
        if not line.strip() or line.startswith(b"#"):
            return None
        if len(line) > MAX_LINE_BYTES:
            return self._unreadable(raw, offset, Reason.LINHA_LONGA)
        try:
            header = _as_header(line)
            if header is not None:
                self._declare(header)
                return None
            return parse_record(self._renamed(line), self._layout)
        except LineError as error:
            return self._unreadable(raw, offset, error.reason)

    def _declare(self, header: str) -> None:
        self._layout = Layout.from_header(header)
        self.header = header

    def _renamed(self, line: bytes) -> bytes:
        """The line with the machine's own id replaced by the linha_id: it may not even look like one."""
        if not self._aliases:
            return line
        position = self._layout.names.index(_LINE_ID) if self._layout else 1
        fields = line.split(b",")
        if position < len(fields) and (name := self._aliases.get(fields[position].strip())):
            fields[position] = name
            return b",".join(fields)
        return line

    def _unreadable(self, data: bytes, offset: int, reason: str) -> Unreadable:
        return Unreadable(f"{self._path}@{offset}", reason, data[:MAX_UNREADABLE_BYTES])


def _as_header(line: bytes) -> str | None:
    """The line as header text if it declares columns, else None."""
    # Records start with a digit and are nearly every line: this keeps the test off their path.
    if line[:1].isdigit():
        return None
    text = line.decode("utf-8", errors="replace").strip()
    return text if is_header(text) else None


def complete_part(data: bytes, *, skipping: bool) -> tuple[int, bool]:
    """How many bytes of `data` may be consumed, and whether they end inside a line too long to be a record.

    Everything through the last newline; without one, of more bytes than a record can have all but the last
    `MAX_LINE_BYTES`: those wait, so that the end of an endless line is seen whole.
    """
    end = data.rfind(b"\n") + 1
    if end:
        return end, False
    if len(data) > MAX_LINE_BYTES:
        return len(data) - MAX_LINE_BYTES, True
    return 0, skipping
