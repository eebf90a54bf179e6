"""The dossier's own sums, held against each other: an inspector sees that the tables lead to the frozen figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from operations.dossier.gathering import Lot

_SETTLED = ("PROPOSTO", "APROVADO", "RECUSADO")
"""Adjustments that are a difference between what was frozen and what is known now; a superseded one is in the next."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two ways to one figure."""

    what: str
    one: int
    other: int

    @property
    def agrees(self) -> bool:
        """Whether both lead to it."""
        return self.one == self.other


def agreements(lot: Lot) -> Iterator[Agreement]:
    """Every figure that can be reached twice."""
    counted = Counter[str]()
    for hour in lot.hours:
        counted[hour.line] += hour.produced
    for hand in lot.by_hand:
        if hand.holds:
            counted[hand.line] += hand.produced or 0
    shifts = Counter[str]()
    for one in lot.shifts:
        if one.kind == "PRODUZIDA":
            shifts[one.line] += one.amount
    for line in sorted(counted.keys() | shifts.keys()):
        yield Agreement(f"{line}: produzidas por hora, mais as contadas à mão = por turno", counted[line], shifts[line])
    if lot.closing:
        yield from _frozen(lot)
        yield from _since(lot)


def _frozen(lot: Lot) -> Iterator[Agreement]:
    closing = lot.closing
    assert closing is not None  # noqa: S101 - the caller asked
    sums, machine = Counter[str](), 0
    for one in lot.frozen:
        if one.stage == closing.stage:
            sums[one.kind if one.kind in ("PRODUZIDA", "REFUGO") else "AMOSTRAS"] += one.amount
            machine += one.machine or 0
    yield Agreement("produzidas: totais congelados = fechamento", sums["PRODUZIDA"], closing.produced)
    yield Agreement("refugo: totais congelados = fechamento", sums["REFUGO"], closing.refused)
    yield Agreement("retém e amostras: totais congelados = fechamento", sums["AMOSTRAS"], closing.samples)
    yield Agreement("contador da máquina: totais congelados = fechamento", machine, closing.counter)
    good = closing.produced - closing.refused - closing.samples
    yield Agreement("boas: produzidas menos refugo e amostras = fechamento", good, closing.good)


def _since(lot: Lot) -> Iterator[Agreement]:
    then, now = Counter[str](), Counter[str]()
    for one in lot.frozen:
        then[one.kind] += one.amount
    for change in lot.adjustments:
        if change.standing in _SETTLED:
            then[change.kind] += change.difference
    for one in lot.shifts:
        now[one.kind] += one.amount
    for kind in sorted(then.keys() | now.keys()):
        yield Agreement(f"{kind}: congelado mais ajustes = hoje", then[kind], now[kind])
