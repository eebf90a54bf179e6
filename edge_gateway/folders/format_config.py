"""``format`` of a folder of files: what its lines look like, where they are not the sensors' own canonical ones.

All keys are explained in docs/gateway.md. Nothing is guessed: the encoding is declared, a line has the declared number
of fields, a text that is no judgement and a name that is no line go to quarantine.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator, model_validator

from edge_gateway.folders.instant_format import LETTERS, FormatError, InstantFormat
from edge_gateway.machines.description import Counted, RunningCounter
from edge_gateway.section import Count, Flag, LineId, Part, Seconds
from sicfar.instants import PLANT_TZ
from sicfar.validation import nearest, refused, said

_DELIMITERS = (",", ";", "\t", "|")
_MOST_FIELDS = 500


def _column(value: object) -> object:
    named = isinstance(value, str) and value.strip()
    if named or (type(value) is int and 1 <= value <= _MOST_FIELDS):
        return value
    raise refused('escreva o nome da coluna no cabeçalho ("header": true), ou a posição dela, a partir de 1')


Column = Annotated[str | int, BeforeValidator(_column), Field(description="a coluna: nome no cabeçalho, ou posição")]
"""A name in the header, or a position counted from 1."""


def _instant(value: object) -> InstantFormat:
    try:
        return InstantFormat(value if isinstance(value, str) else "")
    except FormatError as error:
        raise said(f"o formato {error}; use {LETTERS} e os sinais entre eles") from None


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, str) and value in available_timezones():
        return ZoneInfo(value)
    near = nearest(str(value), sorted(available_timezones()))
    raise refused(f"seria `{near}`?" if near else "escreva um fuso IANA, p. ex. America/Fortaleza")


_Instant = Annotated[InstantFormat, PlainValidator(_instant, json_schema_input_type=str)]


class TimeSource(Part):
    """Where a line's instant is; `format` reads the columns, `file_name` the name, in `zone`."""

    columns: tuple[Column, ...] = Field((), description="as colunas da data e da hora")
    format: _Instant | None = Field(None, description=f"como as colunas se leem: {LETTERS}")
    file_name: _Instant | None = Field(None, description="a data, ou data e hora, no nome do arquivo")
    zone: Annotated[ZoneInfo, PlainValidator(_zone, json_schema_input_type=str)] = PLANT_TZ

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        if bool(self.columns) != (self.format is not None):
            raise said('"columns" e "format" só valem juntos, p. ex. ["Date", "Time"] e "YYYY/MM/DD hh:mm:ss"')
        parts = [part for part in (self.format, self.file_name) if part is not None]
        once = [sum(part.has_date for part in parts), sum(part.has_time for part in parts)] == [1, 1]
        if not once or (self.file_name is not None and not self.file_name.has_date):
            raise said(
                "a data e a hora precisam vir cada uma de um lugar: ambas em columns; só a hora em columns e a data em "
                "file_name; ou ambas em file_name"
            )
        return self

    @property
    def only_of_day(self) -> bool:
        """Whether a line says the time of day and not the day."""
        return self.format is not None and self.file_name is not None


class ColumnCounter(RunningCounter):
    """A running counter in a column."""

    column: Column
    modulus: Count | None = Field(None, ge=2, le=10**18, description="quantos valores mostra antes de recomeçar")
    saturates: Count | None = Field(None, ge=2, le=10**18, description="o valor em que para")

    @model_validator(mode="after")
    def _ends_one_way(self) -> Self:
        if self.modulus is not None and self.saturates is not None:
            raise said("um contador recomeça (modulus) ou para (saturates), não os dois; deixe uma das chaves")
        return self

    @property
    def values(self) -> int | None:
        """See `RunningCounter`."""
        return self.modulus

    @property
    def highest(self) -> int | None:
        """The largest number it shows, if that is known."""
        return self.saturates if self.modulus is None else self.modulus - 1


class Counters(Counted[ColumnCounter]):
    """Running counters. `skip`: texts that are no reading."""

    gap_s: Seconds = Field(10, description="segundos entre linhas a partir dos quais o incremento diz desde quando")
    skip: frozenset[str] = Field(frozenset(), description="textos que não são leitura")


class Pieces(Part):
    """One line a piece: the column of its judgement, and what stands there."""

    column: Column
    good: frozenset[str] = Field(min_length=1, description="os textos de uma peça boa", examples=['["OK"]'])
    rejected: frozenset[str] = Field(frozenset(), description="os textos de uma peça rejeitada", examples=['["NG"]'])

    @field_validator("rejected")
    @classmethod
    def _is_not_good(cls, rejected: frozenset[str], info: ValidationInfo) -> frozenset[str]:
        if both := rejected & info.data.get("good", frozenset()):
            raise said(f"o julgamento {min(both)!r} está também em good; deixe-o em uma das listas")
        return rejected


class FormatConfig(Part):
    """One ``format``. `fields`: fewest and most fields of a line, None where the header says it.

    `line`: the linha_id of all records, "" where `line_column` says it.
    """

    encoding: Literal["ascii", "utf-8", "utf-8-sig", "cp932", "cp1252"] = Field(description="nunca é adivinhada")
    """In all of these a newline is the byte 0x0A and nothing else is: lines are separated before they are decoded."""
    delimiter: str = Field(",", description="o separador das colunas", json_schema_extra={"enum": list(_DELIMITERS)})
    header: Flag = Field(False, description="se o arquivo tem cabeçalho")
    fields: tuple[int, int] | None = Field(None, validate_default=True, description="quantos campos tem uma linha")
    timestamp: TimeSource = Field(examples=['{"columns": ["Date", "Time"], "format": "YYYY/MM/DD hh:mm:ss"}'])
    line: LineId = ""
    line_column: Column | None = Field(None, validate_default=True)
    counters: Counters | None = Field(None, description="contadores que só crescem")
    pieces: Pieces | None = Field(None, validate_default=True, description="uma linha por peça")

    @field_validator("delimiter")
    @classmethod
    def _is_one_sign(cls, sign: str) -> str:
        if sign not in _DELIMITERS:
            raise refused(r'use um de "," ";" "\t" "|"')
        return sign

    @field_validator("fields", mode="plain", json_schema_input_type=int | tuple[int, int] | None)
    @classmethod
    def _is_known(cls, value: object, info: ValidationInfo) -> tuple[int, int] | None:
        if info.data.get("header") and value is not None:
            raise said("com cabeçalho, é ele que diz quantos campos há; retire a chave")
        if info.data.get("header", True):
            return None
        low, high = value if isinstance(value, list) and len(value) == 2 else (value, value)
        if type(low) is int and type(high) is int and 1 <= low <= high <= _MOST_FIELDS:
            return low, high
        raise refused('conte os campos: 6, ou [2, 3] se variam; ou escreva "header": true se o arquivo tem cabeçalho')

    @field_validator("line_column")
    @classmethod
    def _says_the_line_once(cls, column: Column | None, info: ValidationInfo) -> Column | None:
        if "line" in info.data and bool(info.data["line"]) != (column is None):
            both = "a linha já é dita em line" if column is not None else "falta dizer de que linha são os registros"
            raise said(f'{both}; use "line" para o arquivo todo, ou "line_column" com a coluna que a diz e aliases')
        return column

    @field_validator("pieces")
    @classmethod
    def _counts_one_way(cls, pieces: Pieces | None, info: ValidationInfo) -> Pieces | None:
        if "counters" in info.data and (info.data["counters"] is None) == (pieces is None):
            raise said(
                'use "counters" para contadores que só crescem, ou "pieces" para uma linha por peça, um dos dois'
            )
        return pieces

    @model_validator(mode="after")
    def _has_its_columns(self) -> Self:
        wanted, kind = ("o nome no cabeçalho", str) if self.header else ("a posição, a partir de 1", int)
        seen: dict[Column, str] = {}
        wrong: list[str] = []
        for key, column in self._places:
            if not isinstance(column, kind):
                wrong.append(f"{key}: a coluna {column!r} não serve, escreva {wanted}")
            elif self.fields is not None and int(column) > self.fields[0]:
                wrong.append(f"{key}: a coluna {column} pode faltar, uma linha tem a partir de {self.fields[0]} campos")
            elif column in seen:
                wrong.append(f"{key}: a coluna {column!r} já é lida em {seen[column]}")
            seen[column] = key
        if wrong:
            raise said("; ".join(wrong))
        return self

    @property
    def _places(self) -> list[tuple[str, Column]]:
        places = [("timestamp.columns", column) for column in self.timestamp.columns]
        if self.line_column is not None:
            places.append(("line_column", self.line_column))
        if self.pieces is not None:
            places.append(("pieces.column", self.pieces.column))
        if self.counters is not None:
            places.append(("counters.production.column", self.counters.production.column))
            if self.counters.rejected is not None:
                places.append(("counters.rejected.column", self.counters.rejected.column))
        return places

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column that is read."""
        return tuple(column for _, column in self._places)
