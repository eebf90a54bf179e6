"""A counting file as a whole: a bare TXT from the plant or the body of a batch, summed in one pass.

Nothing is dropped: every byte of the file is part of a counted record, of a ``#`` line, a header or blank line, or of a
``Problem``. Memory grows with the distinct seconds found and, up to a limit each, with production lines, spans and
problems, never with the length of the file or of a line.

Fields are looked up in a ``Memory``; a line it cannot vouch for goes through ``parse_record``'s own path.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from sicfar.counts.codes import Flag, Reason
from sicfar.counts.memory import Memory
from sicfar.counts.record import (
    BARE,
    MAX_LINE_BYTES,
    Layout,
    LineError,
    decode_line,
    excerpt,
    is_header,
    parse_text,
    too_long,
)
from sicfar.counts.sums import LineSums, Problem, Span, Tally

MAX_COMMENT_BYTES = 131_072
"""The longest ``#`` line: a batch carries unreadable bytes in them, in base64."""
MAX_LINES = 256
"""Lines of production in one file: a plant has dozens. Each takes a hundred times the memory of its line of text."""
MAX_SPANS = 100_000
"""Spans in one file, five times the records of a batch."""
MAX_PROBLEMS = 1_000
SAMPLE_BYTES = 256

_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 17  # bytes split into lines at a time


def tally(
    chunks: Iterable[bytes],
    *,
    start: int = 0,
    skip: int = 0,
    on_comment: Callable[[str, int], None] | None = None,
) -> Tally:
    """Sum a file given in pieces of any size.

    ``start``: the offset of the first byte given, if not all of the file is. ``skip``: how many of the bytes given
    (whole lines) were counted before; they are read for their header and line numbers only. A file that grew is best
    given whole with ``skip``: its header stands in the part already counted. ``on_comment`` takes each ``#`` line and
    its offset, skipped ones excepted.

    A header line (first field ``timestamp``) declares the columns of the lines below it, anywhere in the file; without
    one they are the four of a bare TXT. Below a header that cannot be read or lacks a mandatory column no line is
    counted. Raises nothing of its own: what cannot be counted is in ``problems``.
    """
    book = _Book(start, start + skip, on_comment)
    for piece in _pieces(chunks, skip):
        book.feed(piece)
    return book.close()


def _pieces(chunks: Iterable[bytes], skip: int) -> Iterator[bytes]:
    """Cut chunks to blocks, so that a huge one is not split into lines at once, and one exactly at ``skip``."""
    for chunk in chunks:
        begin = 0
        while begin < len(chunk):
            end = begin + min(_BLOCK, skip or _BLOCK)
            piece = chunk[begin:end]
            skip = max(0, skip - len(piece))
            begin += len(piece)
            yield piece


class _Book:
    """The state of one pass: where we are in the file, the sums so far, the fields remembered."""

    def __init__(self, start: int, count_from: int, on_comment: Callable[[str, int], None] | None) -> None:
        self._at = start  # offset of the first byte that is not part of a finished line
        self._count_from = count_from
        self._number = 1
        self._on_comment = on_comment
        self._held = bytearray()  # the unfinished line, cut to what may be needed of it
        self._held_length = 0
        self._lines: dict[str, LineSums] = {}
        self._spans: list[Span] = []
        self._problems: list[Problem] = []
        self._memory: Memory[LineSums] = Memory()
        self._use(BARE)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the file."""
        cut = piece.rfind(b"\n") + 1
        if not cut:
            self._hold(piece)
            return
        begin = 0
        if self._held_length:
            begin = piece.find(b"\n") + 1
            self._hold(piece[: begin - 1])
            self._finish_held()
        if begin < cut:
            block = piece[begin:cut]
            if self._at < self._count_from:
                self._skim(block)
            else:
                self._read(block)
        self._hold(piece[cut:])

    def close(self) -> Tally:
        """End the file; what has no newline is not counted."""
        torn = bytes(self._held[:SAMPLE_BYTES])
        consumed, size = self._at, self._at + self._held_length
        if torn:
            nuls = ", com bytes nulos, como após queda de energia" if 0 in torn else ""
            detail = (
                f"última linha sem fim de linha, {self._held_length} bytes{nuls}: {excerpt(torn)}; "
                "esperado que o restante ainda chegue"
            )
            problem = Problem(Reason.LINHA_INCOMPLETA, detail, self._number, consumed, size, 1, torn)
            self._problems.append(problem)
        records = sum(sums.records for sums in self._lines.values())
        return Tally(self._lines, self._spans, self._problems, records, consumed, size, torn)

    def _hold(self, part: bytes) -> None:
        self._held += part[: max(0, MAX_COMMENT_BYTES - len(self._held))]
        self._held_length += len(part)

    def _finish_held(self) -> None:
        raw, length = bytes(self._held), self._held_length
        self._held.clear()
        self._held_length = 0
        begin = self._at
        self._at += length + 1
        if begin < self._count_from:
            self._skim_line(raw, length)
        else:
            self._line(raw, length, self._number, begin)
        self._number += 1

    def _skim(self, block: bytes) -> None:
        for raw in block.split(b"\n")[:-1]:
            self._skim_line(raw, len(raw))
            self._number += 1
        self._at += len(block)

    def _skim_line(self, raw: bytes, length: int) -> None:
        # A faulty header was a problem of the part already counted.
        if _means_header(raw):
            with suppress(LineError):
                self._declare(raw, length)

    def _read(self, block: bytes) -> None:
        """Add whole lines. The one loop whose speed matters: plain locals, one dictionary look-up per field."""
        lines = block.split(b"\n")
        del lines[-1]
        at = self._at
        number = self._number
        self._at += len(block)
        self._number += len(lines)
        # An ignored column may hold anything, so what makes a line bad wherever it stands is looked for in the whole.
        if not block.isascii() or 0 in block:
            for position, raw in enumerate(lines, number):
                self._line(raw, len(raw), position, at)
                at += len(raw) + 1
            return
        memory = self._memory
        tails, producers, produced_of, rejected_of = memory.tails, memory.producers, memory.produced, memory.rejected
        rest, four = memory.rest, memory.four
        end = -len(rest) or None
        for position, raw in enumerate(lines, number):
            at += len(raw) + 1
            try:
                stamp, line, produced_text, rejected_text = raw[:end].split(b",") if raw.endswith(rest) else four(raw)
                seconds, fraction = tails[stamp[19:]]
                second = seconds[stamp[:19]]
                sums = producers[line]
                produced = produced_of[produced_text]
                rejected = rejected_of[rejected_text]
            except (KeyError, ValueError):
                read = memory.learn(raw)
                if read is None:
                    self._line(raw, len(raw), position, at - len(raw) - 1)
                    rest = memory.rest
                    end = -len(rest) or None
                    continue
                second, fraction, sums, produced, rejected = read
            at_ms = second * 1000 + fraction
            if at_ms > sums.last_ms:
                sums.last_ms = at_ms
            elif at_ms < sums.first_ms:
                sums.first_ms = at_ms
            sums.records += 1
            sums.byte_to = at
            cell = sums.seconds.get(second)
            if cell is None:
                sums.seconds[second] = [produced, rejected]
            else:
                cell[0] += produced
                cell[1] += rejected

    def _line(self, raw: bytes, length: int, number: int, begin: int) -> None:
        """Take one line by the rules; ``raw`` may be cut if ``length`` is beyond any limit."""
        end = begin + length + 1
        try:
            if raw.removeprefix(_BOM).startswith(b"#"):
                text = _text(raw, length, MAX_COMMENT_BYTES)
                if self._on_comment:
                    self._on_comment(text.rstrip("\r"), begin)
            elif _means_header(raw):
                self._declare(raw, length)
            elif (text := _text(raw, length, MAX_LINE_BYTES)).strip(" \t\r"):
                self._count(raw, text, begin, end)
        except LineError as error:
            self._refuse(error, number, begin, end, raw[:SAMPLE_BYTES])

    def _declare(self, raw: bytes, length: int) -> None:
        self._use(None)
        self._use(Layout.from_header(_text(raw, length, MAX_LINE_BYTES)))

    def _use(self, layout: Layout | None) -> None:
        """Read the lines below by ``layout``; None: by none, for their columns are not known."""
        self._layout = layout
        self._memory.use(layout)

    def _count(self, raw: bytes, text: str, begin: int, end: int) -> None:
        if self._layout is None:
            raise LineError(Reason.COLUNAS, f"{excerpt(text)} está sob um cabeçalho sem as colunas obrigatórias")
        record = parse_text(text, self._layout)
        second = record.at_ms // 1000
        since_ms = record.at_ms if record.since_ms is None else record.since_ms
        source_ms = record.source_ms
        apart = since_ms // 1000 < second or Flag.IMPLAUSIBLE in record.flags
        if apart and len(self._spans) == MAX_SPANS:
            raise _excess(f"{MAX_SPANS} intervalos")
        sums = self._lines.get(record.line)
        if sums is None:
            if len(self._lines) == MAX_LINES:
                raise _excess(f"{MAX_LINES} linhas de produção")
            sums = LineSums(record.line, 0, record.at_ms, record.at_ms, begin, end)
            self._lines[record.line] = sums
        sums.records += 1
        sums.first_ms = min(sums.first_ms, record.at_ms)
        sums.last_ms = max(sums.last_ms, record.at_ms)
        sums.byte_to = end
        for flag in dict.fromkeys(record.flags):
            sums.flags[flag] = sums.flags.get(flag, 0) + 1
        if apart:
            counts = (record.produced, record.rejected)
            self._spans.append(Span(record.line, since_ms, record.at_ms, *counts, record.flags, begin, end, source_ms))
        else:
            cells = [sums.seconds.setdefault(second, [0, 0])]
            if source_ms is not None:
                cells.append(sums.sourced.setdefault((second, source_ms // 1000), [0, 0]))
            for cell in cells:
                cell[0] += record.produced
                cell[1] += record.rejected
        self._memory.remember(raw, sums)

    def _refuse(self, error: LineError, number: int, begin: int, end: int, sample: bytes) -> None:
        last = self._problems[-1] if self._problems else None
        if last and last.reason is error.reason and last.byte_to == begin:
            last.lines += 1
            last.byte_to = end
        elif last is None or len(self._problems) < MAX_PROBLEMS - 1:  # the last place is the torn line's
            self._problems.append(Problem(error.reason, error.detail, number, begin, end, 1, sample))
        else:
            if last.reason is not Reason.DEMAIS_PROBLEMAS:
                last.reason = Reason.DEMAIS_PROBLEMAS
                last.detail = (
                    f"o arquivo tem problemas demais; daqui em diante estão juntos, a começar por: {last.detail}"
                )
            last.lines += 1
            last.byte_to = end


def _means_header(raw: bytes) -> bool:
    """Whether a line is meant to declare columns, even if it cannot be read."""
    # Records, nearly all lines, begin with a digit.
    return not raw[:1].isdigit() and is_header(raw.decode("utf-8", "replace").removeprefix("\ufeff"))


def _text(raw: bytes, length: int, limit: int) -> str:
    """The text of a line of ``length`` bytes, of which ``raw`` may be the beginning. Raises LineError."""
    if length > limit:
        raise too_long(length, limit)
    return decode_line(raw).removeprefix("\ufeff")


def _excess(what: str) -> LineError:
    return LineError(Reason.EXCESSO, f"o arquivo já tem {what}; esperado menos: envie o restante em outro arquivo")
