"""Errors in the bodies of answers: Protheus's two shapes, and what a 2xx says against itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from sicfar.totvs.success import Expected, is_blank, is_zero

_OF_ERRORS = ("errorCode", "errorMessage", "code", "message")


@dataclass(frozen=True, slots=True)
class ItemError:
    """One item an ERP refused of several (207), or the one error of an answer."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message


def item_error(value: dict[str, object]) -> ItemError:
    """What an object says as an error, in either shape; empty if it says none."""
    folded = {name.casefold(): entry for name, entry in value.items()}
    code = folded.get("errorcode", folded.get("code", ""))
    parts = [folded.get(name) for name in ("errormessage", "message", "detailedmessage")]
    words = list(dict.fromkeys(str(part).strip() for part in parts if part))
    return ItemError("" if code is None else str(code).strip(), " — ".join(words))


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
    folded = {name.casefold(): entry for name, entry in value.items()}
    if not _says_well(folded.get("errorcode")):
        return True
    if not is_blank(folded.get("errormessage")) and is_blank(folded.get("errorcode")):
        return True
    return not _says_well(folded.get("code")) and not is_blank(folded.get("message"))


def _says_well(code: object) -> bool:
    return is_blank(code) or is_zero(code) or 200 <= _number(code) < 300


def _number(code: object) -> int:
    text = str(code).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
