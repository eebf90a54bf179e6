"""`totvs.reports.template`: how this ERP wants its reports, declared in JSON and checked whole before the start.

A template has one section per kind of report: method, path, extra headers and body. In the body any JSON is written as
it is; texts may hold placeholders, and an array may repeat its elements over a list (`{cada refugos}`).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, JsonValue, PrivateAttr, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails

from sicfar.database.codes import ReportKind
from sicfar.settings import SettingError
from sicfar.totvs.report_values import VALUES, Type, Value
from sicfar.totvs.template_parts import Part, PartReader, Place, Text, names_in
from sicfar.validation import Strict, faults

BODY = "{corpo}"
"""Where in the envelope the body of each report goes."""

_RESERVED = (
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "tenantid",
    "transfer-encoding",
    "x-correlation-id",
)


@dataclass(frozen=True, slots=True)
class Section:
    """How one kind of report is sent. No path: the one of `totvs.reports`; no body: none is sent."""

    method: str
    path: Text | None
    headers: Mapping[str, Text]
    body: Part
    has_body: bool
    whole: bool
    """Of reversals: a report is only ever taken back whole."""


_REFUSED = ("refugos", "refugo", "perdidas", "produzidas")
_LOST = ("perdas", "amostras", "perdidas", "produzidas")
_NEEDED: dict[ReportKind, tuple[tuple[str, ...], ...]] = {
    ReportKind.PRODUCTION: (("boas",), _REFUSED),
    ReportKind.PARTIAL: (("boas",), _REFUSED),
    ReportKind.ADJUSTMENT: (("boas",), _REFUSED, _LOST),
    ReportKind.REVERSAL: (("boas",), _REFUSED, _LOST),
    ReportKind.LOSSES: (_LOST,),
    ReportKind.STATUS: (),
}


def _needed(kind: ReportKind, *, whole: bool) -> tuple[tuple[str, ...], ...]:
    """What a report must say for no unit to be lost, one value of each group; and its own name, to be told apart."""
    if whole and kind is ReportKind.REVERSAL:
        return ("id_externo",), ("estorna_chave_erp", "estorna_id_externo")
    return ("id_externo",), *_NEEDED[kind]


_Header = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=64, description="um nome de até 64 letras, algarismos e -")
]


class _Section(Strict):
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = Field("POST", alias="metodo")
    path: Annotated[str, Field(pattern="^/")] | None = Field(
        None, alias="caminho", description="o caminho depois de baseUrl", examples=["/apontamentos"]
    )
    headers: Mapping[_Header, str] = Field({}, alias="cabecalhos")
    body: JsonValue = Field(None, alias="corpo")
    whole: bool = Field(False, alias="inteiro")


class Template(Strict):
    """A template, checked."""

    json_schema: str | None = Field(None, alias="$schema")
    description: str = Field("", alias="descricao")
    headers: Mapping[_Header, str] = Field({}, alias="cabecalhos")
    maps: Mapping[str, Mapping[str, str | int | bool]] = Field({}, alias="mapas")
    envelope: JsonValue = None
    declared: Mapping[ReportKind, _Section | None] = Field(alias="envios")
    _sections: dict[ReportKind, Section | None] = PrivateAttr(default_factory=dict)

    @field_validator("declared", mode="before")
    @classmethod
    def _resolved(cls, value: object) -> object:
        """A section may be the name of another: the same in both."""
        if not isinstance(value, dict):
            return value
        return {kind: value.get(one, one) if isinstance(one, str) else one for kind, one in value.items()}

    def section(self, kind: ReportKind) -> Section | None:
        """How reports of a kind are sent; None if this ERP is not sent them."""
        return self._sections[kind]

    @model_validator(mode="after")
    def _compiled(self) -> "Template":
        wrong: dict[tuple[object, str], InitErrorDetails] = {}
        for kind in ReportKind:
            reader = PartReader(kind)
            self._sections[kind] = self._compile(kind, reader)
            # What all kinds share is said to be wrong once.
            wrong |= {(fault.get("loc"), str(fault["type"])): fault for fault in reader.faults}
        maps = PartReader(ReportKind.PRODUCTION)
        self._check_maps(maps)
        if found := [*wrong.values(), *maps.faults]:
            raise ValidationError.from_exception_data("template", found)
        return self

    def _compile(self, kind: ReportKind, reader: PartReader) -> Section | None:
        place: Place = ("envios", kind.value)
        found = self.declared.get(kind)
        if found is None:
            if kind not in self.declared:
                reader.fault(place, "falta")
            elif kind is not ReportKind.STATUS:
                reader.fault(place, "só STATUS pode ser null: os outros trazem quantidades")
            return None
        if found.whole and kind is not ReportKind.REVERSAL:
            reader.fault((*place, "inteiro"), "só cabe em ESTORNO")
        if found.body is None and found.method != "DELETE":
            reader.fault((*place, "corpo"), "falta; só DELETE vai sem corpo")
        headers = _headers(("cabecalhos",), self.headers, reader) | _headers(
            (*place, "cabecalhos"), found.headers, reader
        )
        path = None if found.path is None else reader.text((*place, "caminho"), found.path)
        body = reader.part((*place, "corpo"), found.body)
        if found.body is not None and self.envelope is not None:
            body = self._wrapped(body, reader)
        told = {name for part in (path, *headers.values(), body) for name in names_in(part)}
        for needed in _needed(kind, whole=found.whole):
            if not told.intersection(needed):
                others = f" (nem {', '.join(needed[1:])})" if needed[1:] else ""
                reader.fault(place, f"não diz {needed[0]}{others}")
        return Section(found.method, path, headers, body, found.body is not None, found.whole)

    def _wrapped(self, body: Part, reader: PartReader) -> Part:
        place: Place = ("envelope",)
        found = 0

        def walk(value: JsonValue) -> Part:
            nonlocal found
            if value == BODY:
                found += 1
                return body
            if isinstance(value, dict):
                return {key: walk(item) for key, item in value.items()}
            if isinstance(value, list) and BODY in value:
                return [walk(item) for item in value]
            return reader.part(place, value)

        wrapped = walk(self.envelope)
        if found != 1:
            reader.fault(place, f'escreva "{BODY}" uma vez, onde vai o corpo de cada envio')
        return wrapped

    def _check_maps(self, reader: PartReader) -> None:
        every = {value.name: value for value in _all(VALUES)}
        for name, table in self.maps.items():
            value = every.get(name)
            if value is None or value.type not in (Type.TEXT, Type.FLAG, Type.NUMBER):
                reader.fault(("mapas", name), "não é um valor que se possa traduzir")
            elif value.words and (missing := [word for word in value.words if word not in table]):
                reader.fault(("mapas", name), f"falta traduzir {', '.join(missing)}")
            elif value.words and (unknown := [word for word in table if word not in value.words]):
                reader.fault(("mapas", name), f"{unknown[0]!r} não existe; são {', '.join(value.words)}")


def _headers(place: Place, given: Mapping[str, str], reader: PartReader) -> dict[str, Text]:
    for name in given:
        if name.lower() in _RESERVED:
            reader.fault((*place, name), "é do SicFar e não se escreve no modelo")
    return {name: reader.text((*place, name), text) for name, text in given.items()}


def embedded(value: object, folder: Path | None) -> object:
    """A template as it stands in the configuration, or the content of the file that is named there, beside it.

    Raises SettingError.
    """
    if not isinstance(value, str):
        return value
    if folder is None:
        raise SettingError(
            "config_invalid",
            f"{value!r} é um arquivo, e esta configuração não é",
            action="só a configuração lida de um arquivo pode nomeá-lo; `sicfar totvs publicar` o embute",
        )
    try:
        found: object = json.loads((folder / value).read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise SettingError(
            "config_invalid",
            f"{value!r} não pôde ser lido",
            action=f"escreva um arquivo JSON relativo a {folder} ({type(cause).__name__}: {cause})",
        ) from cause
    return found


def read_template(value: object, where: str) -> Template:
    """Check a template. Raises SettingError with every fault: its place, what is there, how to write it."""
    try:
        return Template.model_validate(value)
    except ValidationError as error:
        raise SettingError("config_invalid", "; ".join(faults(error, Template)), where=where) from None


def _all(values: Collection[Value]) -> Iterator[Value]:
    for value in values:
        yield value
        yield from _all(value.items)
