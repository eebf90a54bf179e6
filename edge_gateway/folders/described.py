"""Files whose lines are described by a ``format`` of the configuration (`format_config`).

A line of running counters becomes a record that counts nothing yet: its ``produced_raw`` and ``rejected_raw`` are the
counters as read (None: no reading), for `running` to turn into increments. A line a piece is a record as it is.

A line with only a time of day belongs to the day of the line before it, the first one to the day in the file's name.
Clocks jump a little and are set back by an hour; they also pass midnight. So a time up to two hours earlier than the
line before is the same day, one earlier than that the next, and one 22 hours later is still the day before. A day that
has not begun yet is no next day: one garbled time does not move the rest of the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

from edge_gateway.folders.format_config import Column, ColumnCounter, FormatConfig, Pieces
from edge_gateway.folders.lines import BOM, FOREVER_MS, NO_CONTEXT, Context, LineReader, check_length
from sicfar.counts.codes import Reason
from sicfar.counts.record import RAW_DIGITS, LineError, Record, excerpt, parse_count
from sicfar.instants import format_instant, from_ms, to_ms

_SET_BACK = timedelta(hours=2)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Described:
    """A `Dialect` by ``format``; `aliases`: what the line's column shows → linha_id."""

    format: FormatConfig
    aliases: Mapping[str, str]

    @property
    def in_order(self) -> bool:
        """A counter's readings mean something only in the order of time."""
        return self.format.counters is not None

    def named(self, name: str) -> str:
        """See `Dialect.named`."""
        in_name = self.format.timestamp.file_name
        found = None if in_name is None else in_name.search(name)
        return "" if found is None else found.isoformat()

    def reader(self, path: str, context: Context = NO_CONTEXT, *, latest_ms: int = FOREVER_MS) -> LineReader:
        """See `Dialect.reader`."""
        return _DescribedReader(path, context, self, latest_ms)


class _DescribedReader(LineReader):
    def __init__(self, path: str, context: Context, dialect: Described, latest_ms: int) -> None:
        super().__init__(path, context)
        # Read for every line: an attribute of a model takes several times as long as one of this.
        layout = dialect.format
        self._encoding, self._delimiter, self._whole = layout.encoding, layout.delimiter, layout.line
        self._time = source = layout.timestamp
        self._zone, self._only_of_day = source.zone, source.only_of_day
        self._columns, self._line_column = layout.columns, layout.line_column
        self._pieces, self._counters, self._skip = layout.pieces, list[_Counter](), frozenset[str]()
        if (counting := layout.counters) is not None:
            self._counters = [_Counter.of(one) for one in (counting.production, counting.rejected) if one is not None]
            self._skip = counting.skip
        self._aliases = dialect.aliases
        self._latest_ms = latest_ms
        self._by_header = layout.fields is None
        self._width = layout.fields
        self._places: dict[Column, int] = {}
        if self._width is not None:
            self._places = {column: column - 1 for column in self._columns if isinstance(column, int)}
        elif context.header:
            with suppress(LineError):
                self._declare(context.header.split(self._delimiter))

    def own_time(self, record: Record, _line: bytes) -> str:
        """In UTC: the cloud cannot read a form that only this configuration describes."""
        return format_instant(record.at_ms)

    def _meaning(self, line: bytes, *, first: bool) -> Record | None:
        if first and self._encoding == "utf-8-sig":
            line = line.removeprefix(BOM)
        if not line.strip():
            return None
        check_length(line)
        text = self._text(line)
        fields = self._fields(text)
        if self._by_header and self._is_header(fields):
            self.context = replace(self.context, header=text)
            self._declare(fields)
            return None
        if self._width is None:
            raise LineError(Reason.COLUNAS, f"linha antes de um cabeçalho com as colunas configuradas: {excerpt(text)}")
        fewest, most = self._width
        if not fewest <= len(fields) <= most:
            expected = str(fewest) if fewest == most else f"de {fewest} a {most}"
            raise LineError(Reason.COLUNAS, f"{len(fields)} campo(s) em {excerpt(text)}; esperado {expected}")
        at_ms = self._instant(fields)
        record = self._counted(fields, at_ms, self._line_id(fields))
        if at_ms <= self._latest_ms and self._only_of_day:
            self.context = replace(self.context, reached_ms=at_ms)
        return record

    # -- columns ---------------------------------------------------------------------------------------------------

    def _text(self, line: bytes) -> str:
        if nuls := line.count(0):
            raise LineError(Reason.BYTES_NULOS, f"{nuls} bytes nulos, como após queda de energia: {excerpt(line)}")
        encoding = self._encoding.removesuffix("-sig")
        try:
            return line.decode(encoding)
        except UnicodeDecodeError as error:
            byte = line[error.start]
            raise LineError(
                Reason.CODIFICACAO,
                f"byte 0x{byte:02X} no byte {error.start} da linha: {excerpt(line)}; esperado texto em {encoding}",
            ) from None

    def _fields(self, text: str) -> list[str]:
        return [field.strip() for field in text.split(self._delimiter)]

    def _is_header(self, fields: list[str]) -> bool:
        """A line of names: a logger that is restarted or set up anew writes one again, maybe with other columns."""
        found = {_plain(field) for field in fields}
        telling = self._time.columns
        if telling:
            return any(_plain(str(column)) in found for column in telling)
        return all(_plain(str(column)) in found for column in self._columns)

    def _declare(self, names: list[str]) -> None:
        """Take a header's columns. Raises LineError and reads no line below it if one is missing or stands twice."""
        self._width, plain = None, [_plain(name) for name in names]
        for column in self._columns:
            found = plain.count(_plain(str(column)))
            if found != 1:
                fault = f"sem a coluna {column}" if found == 0 else f"com a coluna {column} repetida"
                raise LineError(Reason.COLUNAS, f"cabeçalho {fault}: {excerpt(','.join(names))}")
            self._places[column] = plain.index(_plain(str(column)))
        self._width = (len(names), len(names))

    def _joined(self, fields: list[str], columns: tuple[Column, ...]) -> str:
        return " ".join(fields[self._places[column]] for column in columns)

    # -- time ------------------------------------------------------------------------------------------------------

    def _instant(self, fields: list[str]) -> int:
        source = self._time
        if source.file_name is not None and not self.context.named:
            raise LineError(
                Reason.INSTANTE_INVALIDO, f"nome de arquivo sem data; esperado {source.file_name.text} em algum lugar"
            )
        if source.format is None:
            return to_ms(datetime.fromisoformat(self.context.named).replace(tzinfo=self._zone))
        text = self._joined(fields, source.columns)
        try:
            day, since_midnight = source.format.parse(text)
        except ValueError:
            raise LineError(
                Reason.INSTANTE_INVALIDO, f"data e hora {excerpt(text)}; esperado {source.format.text}"
            ) from None
        if day is not None:
            return to_ms((datetime.combine(day, time()) + since_midnight).replace(tzinfo=self._zone))
        return self._of_day(since_midnight)

    def _of_day(self, since_midnight: timedelta) -> int:
        """The instant of a time of day; see the module's docstring."""
        zone = self._zone
        named = datetime.fromisoformat(self.context.named)
        before = named
        if self.context.reached_ms:
            before = from_ms(self.context.reached_ms).astimezone(zone).replace(tzinfo=None)
        midnight = datetime.combine(before.date(), time())
        at = midnight + since_midnight
        if before - at > _SET_BACK and to_ms((at + _DAY).replace(tzinfo=zone)) <= self._latest_ms:
            at += _DAY
        elif at - before > _DAY - _SET_BACK and midnight.date() > named.date():
            at -= _DAY
        return to_ms(at.replace(tzinfo=zone))

    # -- counts ----------------------------------------------------------------------------------------------------

    def _line_id(self, fields: list[str]) -> str:
        if self._line_column is None:
            return self._whole
        shown = fields[self._places[self._line_column]]
        line = self._aliases.get(shown)
        if line is None:
            expected = ", ".join(self._aliases)
            raise LineError(Reason.LINHA_ID_INVALIDA, f"linha {excerpt(shown)} fora de aliases; esperado {expected}")
        return line

    def _counted(self, fields: list[str], at_ms: int, line: str) -> Record:
        if self._pieces is not None:
            return Record(at_ms, line, 1, self._judged(fields, self._pieces))
        produced, rejected = [*(self._reading(fields, one) for one in self._counters), None][:2]
        return Record(at_ms, line, 0, 0, produced_raw=produced, rejected_raw=rejected)

    def _judged(self, fields: list[str], pieces: Pieces) -> int:
        judgement = fields[self._places[pieces.column]]
        if judgement in pieces.rejected:
            return 1
        if judgement in pieces.good:
            return 0
        expected = ", ".join(sorted(pieces.good | pieces.rejected))
        raise LineError(Reason.CONTAGEM_INVALIDA, f"julgamento {excerpt(judgement)}; esperado {expected}")

    def _reading(self, fields: list[str], counter: _Counter) -> int | None:
        column, highest = counter
        text = fields[self._places[column]]
        if text in self._skip:
            return None
        value = parse_count(text, f"coluna {column}", RAW_DIGITS)
        if highest is not None and value > highest:
            raise LineError(Reason.CONTAGEM_ABSURDA, f"coluna {column} {excerpt(text)}; o contador vai até {highest}")
        return value


class _Counter(NamedTuple):
    """What is read of a counter for every line."""

    column: Column
    highest: int | None

    @classmethod
    def of(cls, counter: ColumnCounter) -> _Counter:
        return cls(counter.column, counter.highest)


def _plain(name: str) -> str:
    """A column's name however it is composed, in any case, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip().casefold()
