"""``format`` of a folder of files: what its lines look like, where they are not the sensors' own canonical ones.

    "format": {                                    # a running counter, columns by the names of a header
      "encoding": "ascii",
      "delimiter": ",",
      "header": true,
      "timestamp": {"columns": ["Date", "Time"], "format": "YYYY/MM/DD hh:mm:ss"},
      "line_column": "Line",                       # its values are told apart by `aliases`
      "counters": {
        "production": {"column": "Total", "modulus": 1000000},
        "rejected": {"column": "NG", "saturates": 999999999},
        "processed_includes_rejected": true,
        "max_per_hour": 6000
      }
    }
    "format": {                                    # a line a piece, columns by position, the date in the file's name
      "encoding": "ascii",
      "fields": [2, 3],
      "timestamp": {"columns": [1], "format": "hh:mm:ss.fff", "file_name": "YYMMDD"},
      "line": "SPEP-ENV-A",
      "pieces": {"column": 2, "good": ["OK"], "rejected": ["NG"]}
    }

- Nothing is guessed: the encoding is declared, a line has the declared number of fields, a text that is no judgement
  and a name that is no line go to quarantine.
- ``timestamp``: ``columns`` are joined with a blank and read by ``format``; ``file_name`` gives the date, where the
  columns have only the time of day, or the whole instant, where there are none. In ``zone``, by default the plant's.
- ``counters``: as in `edge_gateway.machines.description`. ``modulus``: how many values the counter shows before it
  starts again by itself; ``saturates``: the value it stops at for ever; with neither, a fall is a reset.
  ``gap_s``: lines further apart leave open when the counts between them were made. ``skip``: values that are no
  reading of a counter.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from edge_gateway.folders.instant_format import LETTERS, FormatError, InstantFormat
from edge_gateway.machines.counting import Rule
from edge_gateway.machines.description import Counter, read_speed
from edge_gateway.section import ConfigError, Section, require_line_id
from sicfar.instants import PLANT_TZ

Column = str | int
"""A name in the header, or a position counted from 1."""

ENCODINGS = ("ascii", "utf-8", "utf-8-sig", "cp932", "cp1252")
"""In all of these a newline is the byte 0x0A and nothing else is, so that lines can be told apart before decoding."""
_DELIMITERS = (",", ";", "\t", "|")
_FORMAT_KEYS = (
    "encoding",
    "delimiter",
    "header",
    "fields",
    "timestamp",
    "line",
    "line_column",
    "counters",
    "pieces",
)
_COUNTERS_KEYS = (
    "production",
    "rejected",
    "processed_includes_rejected",
    "max_per_hour",
    "burst",
    "gap_s",
    "skip",
)
_PIECES_KEYS = ("column", "good", "rejected")
_TIME_KEYS = ("columns", "format", "file_name", "zone")
_TIME_HINT = '{"columns": ["Date", "Time"], "format": "YYYY/MM/DD hh:mm:ss"}'


@dataclass(frozen=True, slots=True)
class TimeSource:
    """Where a line's instant stands; `format` reads the columns, `file_name` the name, in `zone`."""

    columns: tuple[Column, ...]
    format: InstantFormat | None
    file_name: InstantFormat | None
    zone: ZoneInfo

    @property
    def only_of_day(self) -> bool:
        """Whether a line says the time of day and not the day."""
        return self.format is not None and self.file_name is not None


@dataclass(frozen=True, slots=True)
class Place:
    """The column of a counter, and the value it stops at if it does."""

    column: Column
    saturates: int | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """Running counters; see `edge_gateway.machines.description.Line`. `skip`: texts that are no reading."""

    production: Counter[Place]
    rejected: Counter[Place] | None
    includes_rejected: bool
    skip: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pieces:
    """One line a piece: the column of its judgement, and what stands there."""

    column: Column
    good: frozenset[str]
    rejected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One ``format``. `fields`: fewest and most fields of a line, None where the header says it.

    `line`: the linha_id of all records, "" where `line_column` tells it.
    """

    encoding: str
    delimiter: str
    fields: tuple[int, int] | None
    time: TimeSource
    line: str
    line_column: Column | None
    counting: Counters | Pieces

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column that is read."""
        counting = self.counting
        places: list[Column] = [*self.time.columns]
        if self.line_column is not None:
            places.append(self.line_column)
        if isinstance(counting, Pieces):
            return (*places, counting.column)
        counters = (counting.production,) if counting.rejected is None else (counting.production, counting.rejected)
        return (*places, *(counter.point.column for counter in counters))


def parse_format(clps_entry: Section) -> Descriptor | None:
    """The ``format`` of a folder; None without one. Raises ConfigError."""
    section = clps_entry.section("format", _FORMAT_KEYS)
    if section is None:
        return None
    encoding = section.optional_text("encoding")
    if encoding not in ENCODINGS:
        near = "" if encoding is None or "16" in encoding else _near(encoding.casefold(), ENCODINGS)
        raise ConfigError(
            f"codificação {encoding!r} não aceita" if encoding else "falta a codificação dos arquivos",
            section.key("encoding"),
            near or f"use uma de {', '.join(ENCODINGS)}; ela nunca é adivinhada",
        )
    delimiter = section.value("delimiter") or ","
    if delimiter not in _DELIMITERS:
        raise ConfigError(
            f"separador {delimiter!r} desconhecido",
            section.key("delimiter"),
            f"use um de {' '.join(map(json.dumps, _DELIMITERS))}",
        )
    header = section.optional_flag("header") or False
    fields = _fields(section, header=header)
    line, shown = section.optional_text("line"), section.value("line_column")
    if (line is None) == (shown is None):
        raise ConfigError(
            "falta dizer de que linha são os registros" if line is None else "linha dita duas vezes",
            section.key("line"),
            'use "line": "SPEP-ENV-A" para o arquivo todo, ou "line_column" com a coluna que a diz e aliases',
        )
    if line is not None:
        require_line_id(line, section.key("line"))
    found = Descriptor(
        encoding,
        str(delimiter),
        fields,
        _time(section.required("timestamp", _TIME_KEYS, _TIME_HINT), header=header),
        line or "",
        None if shown is None else _column(shown, section.key("line_column"), header=header),
        _counting(section, header=header),
    )
    if fields is not None:
        furthest = max(column for column in found.columns if isinstance(column, int))
        if furthest > fields[0]:
            raise ConfigError(
                f"a coluna {furthest} pode faltar: uma linha tem a partir de {fields[0]} campos",
                section.key("fields"),
                "conte os campos de uma linha inteira do arquivo",
            )
    return found


def _counting(section: Section, *, header: bool) -> Counters | Pieces:
    counters, pieces = section.section("counters", _COUNTERS_KEYS), section.section("pieces", _PIECES_KEYS)
    if counters is not None and pieces is None:
        return _counters(counters, header=header)
    if pieces is not None and counters is None:
        return _pieces(pieces, header=header)
    raise ConfigError(
        "falta dizer o que as linhas contam" if counters is None else "contagem descrita duas vezes",
        section.key("counters"),
        'use "counters" para contadores que só crescem, ou "pieces" para uma linha por peça',
    )


def _fields(section: Section, *, header: bool) -> tuple[int, int] | None:
    value = section.value("fields")
    if header:
        if value is not None:
            raise ConfigError("com cabeçalho, é ele que diz quantos campos há", section.key("fields"), "retire a chave")
        return None
    low, high = value if isinstance(value, list) and len(value) == 2 else (value, value)
    if type(low) is int and type(high) is int and 1 <= low <= high <= 500:
        return low, high
    raise ConfigError(
        f"número de campos {value!r} inválido" if value is not None else "falta dizer quantos campos tem uma linha",
        section.key("fields"),
        'use "fields": 6, ou "fields": [2, 3] se variam; ou "header": true se o arquivo tem cabeçalho',
    )


def _time(section: Section, *, header: bool) -> TimeSource:
    columns = tuple(_column(item, section.key("columns"), header=header) for item in _list(section, "columns"))
    in_columns, in_name = _instant_format(section, "format"), _instant_format(section, "file_name")
    if bool(columns) != (in_columns is not None):
        raise ConfigError("columns e format só valem juntos", section.key("format"), f"por exemplo {_TIME_HINT}")
    dated = [part for part in (in_columns, in_name) if part is not None and part.has_date]
    timed = [part for part in (in_columns, in_name) if part is not None and part.has_time]
    if len(dated) != 1 or len(timed) != 1 or (in_name is not None and not in_name.has_date):
        raise ConfigError(
            "a data e a hora precisam vir cada uma de um lugar, e do nome do arquivo ao menos a data",
            section.key("format"),
            'use data e hora em "columns"; só a hora nelas e a data em "file_name"; ou ambas em "file_name"',
        )
    zone = section.optional_text("zone")
    if zone is not None and zone not in available_timezones():
        raise ConfigError(
            f"fuso {zone!r} desconhecido",
            section.key("zone"),
            _near(zone, sorted(available_timezones())) or "use um nome IANA, como America/Fortaleza",
        )
    return TimeSource(columns, in_columns, in_name, PLANT_TZ if zone is None else ZoneInfo(zone))


def _instant_format(section: Section, name: str) -> InstantFormat | None:
    text = section.optional_text(name)
    try:
        return None if text is None else InstantFormat(text)
    except FormatError as error:
        raise ConfigError(f"formato {error}", section.key(name), f"use {LETTERS} e os sinais entre eles") from None


def _counters(section: Section, *, header: bool) -> Counters:
    per_hour, burst = read_speed(section)
    gap_ms = section.whole("gap_s", 10, 1, 86_400) * 1000

    def counter(key: str) -> Counter[Place]:
        place = section.required(key, ("column", "modulus", "saturates"), '{"column": "Total"}')
        modulus = place.optional_whole("modulus", 2, 10**18)
        saturates = place.optional_whole("saturates", 2, 10**18)
        if modulus is not None and saturates is not None:
            raise ConfigError(
                "um contador recomeça (modulus) ou para (saturates), não os dois", place.path, "deixe uma das chaves"
            )
        column = _column(place.value("column"), place.key("column"), header=header)
        return Counter(Place(column, saturates), Rule(per_hour, modulus, burst, gap_ms))

    rejected = counter("rejected") if "rejected" in section.names() else None
    includes = section.optional_flag("processed_includes_rejected")
    if rejected is not None and includes is None:
        raise ConfigError(
            "falta dizer se o contador de produção também conta as rejeitadas",
            section.key("processed_includes_rejected"),
            "true: conta boas e rejeitadas (Total); false: só as boas (OK), e o total é a soma das duas",
        )
    skip = frozenset(_texts(section, "skip")) if "skip" in section.names() else frozenset[str]()
    return Counters(counter("production"), rejected, rejected is None or bool(includes), skip)


def _pieces(section: Section, *, header: bool) -> Pieces:
    good, rejected = (frozenset(_texts(section, name)) for name in ("good", "rejected"))
    both = good & rejected
    if both or not good:
        raise ConfigError(
            f"o julgamento {min(both)!r} está nas duas listas" if both else "falta o julgamento de uma peça boa",
            section.key("good"),
            'por exemplo "good": ["OK"], "rejected": ["NG"]',
        )
    return Pieces(_column(section.value("column"), section.key("column"), header=header), good, rejected)


def _list(section: Section, name: str) -> Sequence[object]:
    value = section.value(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not value:
        raise ConfigError(f"esperada uma lista, veio {value!r}", section.key(name), "escreva os valores entre [ e ]")
    return value


def _texts(section: Section, name: str) -> list[str]:
    values = _list(section, name)
    wrong = [value for value in values if not isinstance(value, str)]
    if wrong:
        raise ConfigError(f"esperado um texto, veio {wrong[0]!r}", section.key(name), "escreva o valor entre aspas")
    return [str(value) for value in values]


def _column(value: object, where: str, *, header: bool) -> Column:
    if header and isinstance(value, str) and value.strip():
        return value
    if not header and type(value) is int and 1 <= value <= 500:
        return value
    raise ConfigError(
        f"coluna {value!r} inválida" if value is not None else "falta a coluna",
        where,
        'com "header": true, o nome dela no cabeçalho' if header else 'sem "header": true, a posição, a partir de 1',
    )


def _near(text: str, options: Sequence[str]) -> str:
    near = difflib.get_close_matches(text, options, n=1, cutoff=0.6)
    return f"você quis dizer {near[0]!r}?" if near else ""
