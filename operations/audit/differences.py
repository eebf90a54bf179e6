"""What an audit finds: one difference, with its place and both figures, for people and for programs."""

from collections.abc import Callable, Sequence

from pydantic import Field

from sicfar.boundary import Boundary
from sicfar.instants import format_instant

Pair = tuple[int, int]
"""Produced, rejected."""


class Difference(Boundary, frozen=True):
    """One thing that is not as it must be.

    ``code`` is stable. ``at``: UTC instant of the second, minute or day meant. ``expected``: what objects, periods and
    factors give; ``found``: what the database says. ``record``: table and number of a row; ``seal``: position of
    the seal that says otherwise.
    """

    code: str = Field(alias="o_que")
    detail: str = Field(alias="detalhe")
    line: str | None = Field(None, alias="linha_id")
    order: str | None = Field(None, alias="numero_op")
    at: str | None = Field(None, alias="em")
    key: str | None = Field(None, alias="objeto")
    byte_from: int | None = Field(None, alias="byte_de")
    byte_to: int | None = Field(None, alias="byte_ate")
    expected: str | None = Field(None, alias="esperado")
    found: str | None = Field(None, alias="encontrado")
    record: str | None = Field(None, alias="registro")
    seal: int | None = Field(None, alias="selo")

    def __str__(self) -> str:
        """One line of text."""
        place = [
            f"{name} {value}"
            for name, value in (("linha", self.line), ("OP", self.order), ("em", self.at))
            if value is not None
        ]
        if self.key is not None:
            place.append(self.key + (f" bytes {self.byte_from}–{self.byte_to}" if self.byte_from is not None else ""))
        parts = [self.code, *place, self.detail]
        if self.expected is not None or self.found is not None:
            parts.append(f"esperado {self.expected or 'nada'}, encontrado {self.found or 'nada'}")
        return " · ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Only what is known."""
        return {name: value for name, value in super().as_json().items() if value is not None}


Tell = Callable[[Difference], None]
"""Takes each difference as it is found."""


def counts(pair: Sequence[int]) -> str:
    """``240/3``: produced / rejected."""
    return "/".join(map(str, pair))


def instant(second: int) -> str:
    """A second since the epoch as UTC text."""
    return format_instant(second * 1000)
