"""What an audit finds: one difference, with its place and both figures, for people and for programs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sicfar.instants import format_instant

Pair = tuple[int, int]
"""Produced, rejected."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be.

    ``o_que``: stable code. ``em``: UTC instant of the second, minute or day meant. ``esperado``: what objects, periods
    and factors give; ``encontrado``: what the database says.
    """

    o_que: str
    detalhe: str
    linha_id: str | None = None
    numero_op: str | None = None
    em: str | None = None
    objeto: str | None = None
    byte_de: int | None = None
    byte_ate: int | None = None
    esperado: str | None = None
    encontrado: str | None = None

    def __str__(self) -> str:
        """One line of text."""
        place = [
            f"{name} {value}"
            for name, value in (("linha", self.linha_id), ("OP", self.numero_op), ("em", self.em))
            if value is not None
        ]
        if self.objeto is not None:
            place.append(self.objeto + (f" bytes {self.byte_de}–{self.byte_ate}" if self.byte_de is not None else ""))
        parts = [self.o_que, *place, self.detalhe]
        if self.esperado is not None or self.encontrado is not None:
            parts.append(f"esperado {self.esperado or 'nada'}, encontrado {self.encontrado or 'nada'}")
        return " · ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Only what is known."""
        return {name: value for name, value in asdict(self).items() if value is not None}


Tell = Callable[[Difference], None]
"""Takes each difference as it is found."""


def counts(pair: Sequence[int]) -> str:
    """``240/3``: produced / rejected."""
    return "/".join(map(str, pair))


def instant(second: int) -> str:
    """A second since the epoch as UTC text."""
    return format_instant(second * 1000)
