"""`{valor|formato|…}`: the one notation of a report template, read and checked before anything is sent.

A text that is one placeholder becomes the value itself, so numbers stay numbers; in a longer text it becomes words.
"""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from sicfar.instants import PLANT_TZ
from sicfar.totvs.report_values import Type, Value
from sicfar.validation import nearest

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[^{}]+|.", re.DOTALL)
_LONGEST = re.compile(r"até ([1-9][0-9]{0,3})")
_EACH = "cada "
_DATES = {"AAAAMMDD": "%Y%m%d", "AAAA-MM-DD": "%Y-%m-%d", "DD/MM/AAAA": "%d/%m/%Y"}
_TIMES = {"HH:MM": "%H:%M", "HH:MM:SS": "%H:%M:%S"}
_ISO, _ISO_WITHOUT_ZONE = "ISO", "ISO sem fuso"
FORMATS: dict[Type, tuple[str, ...]] = {
    Type.TEXT: ("OP11", "UUID"),
    Type.NUMBER: ("texto", "ponto", "vírgula"),
    Type.FLAG: (),
    Type.INSTANT: (*_DATES, *_TIMES, _ISO, _ISO_WITHOUT_ZONE),
    Type.DAY: tuple(_DATES),
    Type.LIST: (),
}
"""Formats by type of value; a flag's are any two texts, `P/T`."""

NAMESPACE = uuid.UUID("6a0f2d52-6d0b-5d0e-8f3f-0c6f3f9b7c11")
"""Of the UUIDs made from identifiers: the same identifier gives the same UUID, always."""


class PlaceholderError(ValueError):
    """A placeholder that cannot be used; the text says what and how to write it."""


class Empty(Enum):
    """What a placeholder becomes whose value is not known."""

    FAULT = ""
    OMITTED = "se houver"
    NULL = "ou nulo"
    BLANK = "ou vazio"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value as a template asks for it. ``longest`` is in characters of CP1252."""

    value: Value
    form: str = ""
    empty: Empty = Empty.FAULT
    longest: int | None = None


Pieces = tuple[str | Placeholder, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """`{cada lista}`: what follows it in an array is written once for each element of the list."""

    value: Value
    omitted: bool


def read_text(text: str, known: Collection[Value]) -> Pieces:
    """Return a template's text as words and placeholders. Raises PlaceholderError."""
    pieces: list[str | Placeholder] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match[1] is not None:
            pieces.append(_placeholder(match[1], known))
            continue
        if piece in ("{", "}"):
            raise PlaceholderError(f"há um {piece!r} sozinho; para escrevê-lo, dobre-o: {piece * 2}")
        words = piece[0] if piece in ("{{", "}}") else piece
        if pieces and isinstance(pieces[-1], str):
            words = pieces.pop() + words  # type: ignore[operator] # it was looked at
        pieces.append(words)
    return tuple(pieces)


def read_each(text: str, known: Collection[Value]) -> Each | None:
    """Return what `{cada lista}` asks for; None if the text is something else. Raises PlaceholderError."""
    if not (text.startswith("{" + _EACH) and text.endswith("}")):
        return None
    name, *options = (part.strip() for part in text[1:-1].removeprefix(_EACH).split("|"))
    value = _named(name, [one for one in known if one.type is Type.LIST])
    if options not in ([], [Empty.OMITTED.value]):
        raise PlaceholderError(f"depois de {_EACH}{name} só cabe `| {Empty.OMITTED.value}`")
    return Each(value, bool(options))


def _placeholder(inside: str, known: Collection[Value]) -> Placeholder:
    name, *options = (part.strip() for part in inside.split("|"))
    value = _named(name, known)
    if value.type is Type.LIST:
        raise PlaceholderError(f'{name} é uma lista; escreva ["{{{_EACH}{name}}}", {{ … }}]')
    form, empty, longest = "", Empty.FAULT, None
    for option in options:
        if match := _LONGEST.fullmatch(option):
            longest = int(match[1])
        elif option in (Empty.OMITTED.value, Empty.NULL.value, Empty.BLANK.value):
            empty = Empty(option)
        elif not form and (option in FORMATS[value.type] or (value.type is Type.FLAG and _two_words(option))):
            form = option
        else:
            raise PlaceholderError(_option_refused(value, option))
    return Placeholder(value, form, empty, longest)


def _named(name: str, known: Collection[Value]) -> Value:
    for value in known:
        if value.name == name:
            return value
    names = [value.name for value in known]
    near = nearest(name, names)
    raise PlaceholderError(
        f"{name!r} não é um valor daqui; " + (f"seria {near}?" if near else f"os valores são {', '.join(names)}")
    )


def _two_words(option: str) -> bool:
    words = option.split("/")
    return len(words) == 2 and all(words)


def _option_refused(value: Value, option: str) -> str:
    forms = FORMATS[value.type] or (("sim/não, p. ex. P/T",) if value.type is Type.FLAG else ())
    rest = (Empty.OMITTED.value, Empty.NULL.value, Empty.BLANK.value, "até N")
    return f"{option!r} não serve para {value.name} ({value.type}); cabem {', '.join((*forms, *rest))}"


# ----------------------------------------------------------------------------------------------------------- writing


def is_empty(raw: object) -> bool:
    """Whether there is nothing to say."""
    return raw is None or raw == "" or (isinstance(raw, str) and not raw.strip())


def formatted(place: Placeholder, raw: object, decimals: int) -> object:
    """Return a value, which is not empty, as the placeholder's format writes it. Raises ValueError."""
    match place.value.type:
        case Type.INSTANT:
            return _instant(place.form, str(raw))
        case Type.DAY:
            return date.fromisoformat(str(raw)).strftime(_DATES[place.form]) if place.form else str(raw)
        case Type.FLAG:
            return place.form.split("/")[0 if raw else 1] if place.form else bool(raw)
        case Type.NUMBER if place.form:
            text = str(raw) if place.form == "texto" else f"{Decimal(str(raw)):.{decimals}f}"
            return text.replace(".", ",") if place.form == "vírgula" else text
        case Type.TEXT if place.form == "OP11":
            return f"{raw}01001" if len(str(raw)) == 6 else str(raw)
        case Type.TEXT if place.form == "UUID":
            return str(uuid.uuid5(NAMESPACE, str(raw)))
        case _:
            return raw


def _instant(form: str, raw: str) -> str:
    if not form:
        return raw
    local = datetime.fromisoformat(raw).astimezone(PLANT_TZ).replace(microsecond=0)
    if form in (_ISO, _ISO_WITHOUT_ZONE):
        return (local if form == _ISO else local.replace(tzinfo=None)).isoformat()
    return local.strftime({**_DATES, **_TIMES}[form])


def placeholders(pieces: Sequence[str | Placeholder]) -> list[Placeholder]:
    """The placeholders of a text, in their order."""
    return [piece for piece in pieces if isinstance(piece, Placeholder)]
