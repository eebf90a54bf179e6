"""Errors in the bodies of answers: Protheus's two shapes, and what a 2xx says against itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from sicfar.totvs.model import InAnyCase
from sicfar.totvs.success import Expected, is_blank, is_zero

_OF_ERRORS = ("errorCode", "errorMessage", "code", "message")


def _as_text(raw: object) -> str:
    return "" if is_blank(raw) else str(raw).strip()


Words = Annotated[str, BeforeValidator(_as_text)]
"""A field of an answer as text, whatever it holds; empty if it says nothing."""
_Code = Annotated[Words, WithJsonSchema({"type": ["string", "integer"]})]


class ErrorBody(InAnyCase):
    """An error in one of Protheus's two shapes; whatever a field holds is read as text."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["code", "message"]}, {"required": ["errorCode", "errorMessage"]}]}
    )

    code: _Code = Field("", description="Código do erro, como TTALK o escreve.")
    message: Words = Field("", description="O motivo, para uma pessoa.")
    detailed_message: Words = Field("", alias="detailedMessage", description="O que mais se sabe dele.")
    error_code: _Code = Field("", alias="errorCode", description="Código do erro, como SetRestFault o escreve.")
    error_message: Words = Field("", alias="errorMessage", description="O motivo, para uma pessoa.")


@dataclass(frozen=True, slots=True)
class ItemError:
    """One item an ERP refused of several (207), or the one error of an answer."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message


def item_error(value: dict[str, object]) -> ItemError:
    """What an object says as an error, in either shape; empty if it says none."""
    said = ErrorBody.model_validate(value)
    words = dict.fromkeys(part for part in (said.error_message, said.message, said.detailed_message) if part)
    return ItemError(said.error_code or said.code, " — ".join(words))


def errors_inside(status: int, value: object, expected: Expected | None, *, unfitting: bool) -> Iterator[ItemError]:
    """What the JSON of a 2xx says against itself: an error's shape, a field that must not be there, refused items.

    ``unfitting``: it is the answer to a report, and not the declared one. Else a field of which the declared shape says
    what it is in a success is no error's; and an error of one item may be a mere warning, unless several items were
    answered, each with its own fate (207).
    """
    shape = expected.shape if expected else None
    declared = shape is not None and not unfitting and any(shape.decides(name) for name in _OF_ERRORS)
    # A page that has rows may well say that reading them went well.
    told = expected is not None or not any(_items(value))
    if isinstance(value, dict) and told and not declared and _is_error(value):
        yield item_error(value)
    if expected and shape:
        for rule in shape.denied(value, expected.external_id):
            yield ItemError(rule.field, str(shape.value(rule.field, value, expected.external_id)))
    if status == 207 or unfitting:
        refused = [item_error(one) for one in _items(value) if _is_error(one)]
        if refused:
            yield ItemError("", "; ".join(map(str, refused)))


def status_of(error: ItemError) -> int:
    """The HTTP status an error inside a success stands for; a business rule's, if its code is none."""
    number = _number(error.code)
    return number if 400 <= number < 600 else 400


def _items(value: object) -> Iterator[dict[str, object]]:
    """The objects of an answer's lists, whatever these are called."""
    lists = list(value.values()) if isinstance(value, dict) else [value]
    for one in lists:
        if isinstance(one, list):
            yield from (item for item in one if isinstance(item, dict))


def _is_error(value: dict[str, object]) -> bool:
    """Whether an object is an error of Protheus: `errorCode`, or `code` with `message`, neither saying a success."""
    said = ErrorBody.model_validate(value)
    if not _says_well(said.error_code) or (said.error_message and not said.error_code):
        return True
    return not _says_well(said.code) and bool(said.message)


def _says_well(code: object) -> bool:
    return is_blank(code) or is_zero(code) or 200 <= _number(code) < 300


def _number(code: object) -> int:
    text = str(code).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
