"""What an answer must look like before a report counts as booked: declared per kind of report, never assumed.

An HTTP status alone proves nothing: a login page, an error in a body and a queue's receipt come with 200 as well. So
`totvs.reports.*.success` names fields that only the answer to a booked report has; `sicfar totvs ensaio` proposes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from sicfar.validation import Strict, said

LONGEST_KEY = 100
"""Characters of the ERP's own key that `envios_totvs.chave_erp` takes."""

_EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])

Path = Annotated[str, Field(min_length=1, max_length=200)]
"""A dotted path (`dados.ident`, `items.0.ident`) or a JSON pointer (`/dados/ident`)."""


class FieldRule(Strict):
    """One field of the answer. Without ``values``: whether there is anything in it."""

    field: Path
    values: tuple[StrictBool | StrictInt | StrictStr, ...] = ()

    def is_one_of(self, value: object) -> bool:
        """Whether a value is one of those named; padding and capitals make no difference."""
        return any(same(value, one) for one in self.values)


class SuccessShape(Strict):
    """The answer to a report that was booked.

    With ``items``, the answer holds a list of accepted reports: a dotted path begins at ours in it, a JSON pointer at
    the answer's root. ``must``: fields that have to be there, with which values; ``must_not``: fields that say an
    error; ``id``: where our external id comes back; ``key``: where the ERP's own key of what it booked is. A shape
    that names no field at all is that of an empty body.
    """

    status: tuple[Annotated[StrictInt, Field(ge=200, le=299)], ...] = Field(
        min_length=1, description="os HTTP da resposta a um envio gravado", examples=["[201]"]
    )
    must: tuple[FieldRule, ...] = ()
    must_not: tuple[FieldRule, ...] = ()
    items: Path | None = None
    id: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _is_evidence(self) -> "SuccessShape":
        if self.must_not and not self._names_a_field:
            raise said("mustNot não prova nada sozinho; diga em must, id, items ou key um campo do que foi gravado")
        return self

    @property
    def _names_a_field(self) -> bool:
        return bool(self.must or self.items or self.id or self.key)

    def read(self, status: int, body: object, external_id: str, *, empty: bool) -> "Reading":
        """Hold an answer against the shape. ``body`` is its JSON, None if it is none; ``empty``: it has no body."""
        if status not in self.status:
            return Reading(f"o HTTP {status} não está em status")
        if not self._names_a_field:
            return Reading(None if empty else "a forma declarada é a de um corpo vazio, e ele não veio vazio")
        item, problem = self._item(body, external_id)
        if problem:
            return Reading(problem)
        for rule in self.must:
            value = self._value(rule.field, body, item)
            if is_blank(value):
                return Reading(f"falta o campo {rule.field}")
            if rule.values and not rule.is_one_of(value):
                return Reading(f"o campo {rule.field} é {_shown(value)}")
        for rule in self.denied(body, external_id):
            return Reading(f"veio o campo {rule.field}, que está em mustNot")
        if self.id and not same(self._value(self.id, body, item), external_id):
            return Reading(f"o campo {self.id} não traz o identificador enviado")
        return self._with_key(body, item)

    def denied(self, body: object, external_id: str) -> Iterator[FieldRule]:
        """The fields there are of those that must not be there."""
        item, _ = self._item(body, external_id)
        for rule in self.must_not:
            value = self._value(rule.field, body, item)
            if rule.is_one_of(value) if rule.values else not (is_blank(value) or is_zero(value)):
                yield rule

    def value(self, field: str, body: object, external_id: str) -> object:
        """What a field of an answer says; None if it is not there."""
        return self._value(field, body, self._item(body, external_id)[0])

    def decides(self, field: str) -> bool:
        """Whether the shape says itself which values of a field of the answer's root are a success."""
        roots = {field.casefold(), f"/{field.casefold()}"}
        if self.items:
            roots.discard(field.casefold())
        return any(rule.values and rule.field.casefold() in roots for rule in self.must)

    def key_of(self, row: object) -> str | None:
        """The ERP's key in a row that a query shows: the field that has the name it has in the answer."""
        if self.key is None:
            return None
        return _key(follow(row, self.key.replace("/", ".").rpartition(".")[2]))

    def _item(self, body: object, external_id: str) -> tuple[object, str | None]:
        """What dotted paths begin at, and why there is no such thing."""
        if self.items is None:
            return body, None
        items = follow(body, self.items)
        if not isinstance(items, list):
            return None, f"{self.items} não é uma lista"
        ours = [one for one in items if isinstance(one, dict) and holds(one, external_id)]
        if len(ours) == 1:
            return ours[0], None
        if self.id is None and len(items) == 1:
            return items[0], None  # one report was sent, one is answered
        return None, f"{self.items} não traz este envio, uma vez"

    def _value(self, field: str, body: object, item: object) -> object:
        return follow(body if field.startswith("/") else item, field)

    def _with_key(self, body: object, item: object) -> "Reading":
        if self.key is None:
            return Reading(None)
        value = self._value(self.key, body, item)
        key = _key(value)
        return Reading(None, key) if key else Reading(f"o campo {self.key} não traz a chave do TOTVS: {_shown(value)}")


@dataclass(frozen=True, slots=True)
class Reading:
    """Why an answer is not the declared one, None if it is; and then the ERP's key, if the shape says where it is."""

    problem: str | None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the answer to one report must look like; ``where`` is the shape's key in the configuration. No ``shape``: no
    answer confirms it."""

    where: str
    external_id: str
    shape: SuccessShape | None

    def read(self, status: int, body: object, *, empty: bool) -> Reading:
        """Hold an answer against the shape, if there is one."""
        if self.shape is None:
            return Reading("não há nenhuma")
        return self.shape.read(status, body, self.external_id, empty=empty)


def follow(value: object, path: str) -> object:
    """Where a JSON pointer (it begins with /) or a dotted path leads; None if nowhere. A number is a place in a list.

    A name is found in other capitals too, unless it is there as written.
    """
    pointer = path.startswith("/")
    for step in path[1:].split("/") if pointer else path.split("."):
        name = step.replace("~1", "/").replace("~0", "~") if pointer else step
        if isinstance(value, list):
            value = value[int(name)] if name.isascii() and name.isdecimal() and int(name) < len(value) else None
        elif isinstance(value, dict):
            near = name if name in value else next((one for one in value if one.casefold() == name.casefold()), name)
            value = value.get(near)
        else:
            return None
    return value


def same(one: object, other: object) -> bool:
    """Whether two values are one, as an ERP pads, cases and writes them."""
    return one is not None and other is not None and comparable(one) == comparable(other)


def holds(row: object, external_id: str) -> bool:
    """Whether a row has a field with the identifier."""
    return isinstance(row, dict) and any(same(value, external_id) for value in row.values())


def comparable(value: object) -> str | Decimal:
    """A single value without what an ERP adds to it: blanks around it, capitals, zeros after the decimal point."""
    text = str(value).strip().casefold()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number.normalize(_EXACT) if number.is_finite() else text


def is_blank(value: object) -> bool:
    """Whether a field says nothing."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def is_zero(value: object) -> bool:
    """Whether a field of an error says that there is none: 0, "000", false."""
    return comparable(value) in (Decimal(0), "false")


def _key(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value).strip()
    return text if 0 < len(text) <= LONGEST_KEY else None


def _shown(value: object) -> str:
    return f"{str(value)[:40]!r}" if value is not None else "ausente"
