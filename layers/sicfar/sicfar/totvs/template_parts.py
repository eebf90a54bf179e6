"""The body of a report as a template writes it: JSON with placeholders, read and checked part by part."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import InitErrorDetails

from sicfar.database.codes import ReportKind
from sicfar.totvs.placeholders import Each, Pieces, PlaceholderError, placeholders, read_each, read_text
from sicfar.totvs.report_values import VALUES, Value
from sicfar.validation import said

Place = tuple[str, ...]
"""The keys that lead to a part."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with placeholders in it; of a text that is one placeholder, the value itself is written."""

    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Repeat:
    """An element written once for each element of a list."""

    each: Each
    element: "Part"


Part = Text | Repeat | str | int | float | bool | None | dict[str, "Part"] | list["Part"]
"""A checked part of a body: constants as they are."""


class PartReader:
    """Reads parts that reports of one kind can say, and collects everything that is wrong with them."""

    def __init__(self, kind: ReportKind) -> None:
        self._kind = kind
        self._known = [value for value in VALUES if kind in value.kinds]
        self.faults: list[InitErrorDetails] = []

    def text(self, place: Place, text: str) -> Text:
        """Read a text."""
        return self._text(place, text, self._known)

    def part(self, place: Place, value: JsonValue) -> Part:
        """Read a part."""
        return self._part(place, value, self._known)

    def fault(self, place: Place, message: str) -> None:
        """Say once what is wrong."""
        self.faults.append(InitErrorDetails(type=said(message), loc=place, input=None))

    def _part(self, place: Place, value: JsonValue, known: Collection[Value]) -> Part:
        if isinstance(value, str):
            return self._text(place, value, known) if "{" in value or "}" in value else value
        if isinstance(value, dict):
            return {key: self._part((*place, key), item, known) for key, item in value.items()}
        if isinstance(value, list):
            return self._array(place, value, known)
        return value

    def _array(self, place: Place, value: list[JsonValue], known: Collection[Value]) -> list[Part]:
        parts: list[Part] = []
        elements: Iterator[tuple[int, JsonValue]] = iter(enumerate(value))
        for number, element in elements:
            where = (*place, str(number))
            try:
                each = read_each(element, known) if isinstance(element, str) else None
            except PlaceholderError as error:
                self.fault(where, str(error))
                next(elements, None)
                continue
            if each is None:
                parts.append(self._part(where, element, known))
                continue
            after = next(elements, None)
            if after is None:
                self.fault(where, "falta, depois dela, o que se escreve de cada elemento")
                continue
            inner = [item for item in each.value.items if self._kind in item.kinds]
            outer = [one for one in known if one.name not in {item.name for item in inner}]
            parts.append(Repeat(each, self._part((*place, str(after[0])), after[1], [*inner, *outer])))
        return parts

    def _text(self, place: Place, text: str, known: Collection[Value]) -> Text:
        try:
            return Text(read_text(text, known))
        except PlaceholderError as error:
            self.fault(place, str(error))
            return Text(())


def names_in(part: Part) -> Iterator[str]:
    """The values that a part says."""
    if isinstance(part, Text):
        yield from (one.value.name for one in placeholders(part.pieces))
    elif isinstance(part, Repeat):
        yield part.each.value.name
        yield from names_in(part.element)
    elif isinstance(part, dict):
        for item in part.values():
            yield from names_in(item)
    elif isinstance(part, list):
        for item in part:
            yield from names_in(item)


def said_at(part: Part, names: Collection[str], place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where in a body each of these values is written: the keys that lead there, and the value's name."""
    if isinstance(part, Text):
        for one in placeholders(part.pieces):
            if len(part.pieces) == 1 and one.value.name in names:
                yield place, one.value.name
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from said_at(item, names, (*place, key))
    elif isinstance(part, list):
        for item in part:
            if isinstance(item, Repeat) and item.each.value.name in names:
                yield place, item.each.value.name
