"""Machines with running counters, as they are described in ``clps`` beside ``keyence``: one shape for every protocol.

What each key means is in docs/maquinas.md, with the reasons:

- ``processed_includes_rejected``: standards leave open whether the production counter also counts what was rejected
  (PackML's ProdProcessedCount), so it is required as soon as there is a ``rejected``, and has no default. If false, the
  machine counts only good ones, and what was made is both counters together.
- ``max_per_hour`` is required and in the machine's own counts (cycles, if it counts cycles): what exceeds it is held
  for a person. Factors (8 units a cycle) are in the database.

A protocol adds a module with its own `Machine`, that to the union of `edge_gateway.config`, and one case to
`edge_gateway.machines.source`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from edge_gateway.machines.counting import Rule
from edge_gateway.section import Count, Entry, Flag, LineId, Part, PollMs
from sicfar.validation import refused, said

Role = Literal["contagem", "conferencia"]
Point = TypeVar("Point", covariant=True)
"""Where a counter is: what a protocol needs to read it."""


@dataclass(frozen=True, slots=True)
class Counter(Generic[Point]):
    """One running counter: where it is and how it behaves."""

    point: Point
    rule: Rule


@dataclass(frozen=True, slots=True)
class Line(Generic[Point]):
    """What one machine counts of one line."""

    line: str
    production: Counter[Point]
    rejected: Counter[Point] | None
    includes_rejected: bool
    """Whether `production` counts the rejected ones too; true where there is no `rejected`."""
    role: Role

    @property
    def counts(self) -> bool:
        """Whether what it counts is the line's; otherwise it is only compared."""
        return self.role == "contagem"

    @property
    def counters(self) -> tuple[Counter[Point], ...]:
        """Production first."""
        return (self.production,) if self.rejected is None else (self.production, self.rejected)


class RunningCounter(Part):
    """A counter of the configuration, wherever it is."""

    @property
    def width(self) -> int:
        """Its bits, for negative values."""
        return 32

    @property
    def values(self) -> int | None:
        """How many it shows before it starts again by itself; None if it never does."""
        return None


class CounterConfig(RunningCounter):
    """How a machine's counter runs, beside where it is."""

    bits: Literal[16, 32, 64] = Field(32, description="largura do contador, em bits")
    modulus: Count | None = Field(
        None, ge=2, le=1 << 64, description="quantos valores o contador mostra antes de voltar a zero sozinho"
    )

    @field_validator("modulus")
    @classmethod
    def _fits_its_width(cls, modulus: int | None, info: ValidationInfo) -> int | None:
        values = 1 << info.data.get("bits", 64)
        if modulus is not None and modulus > values:
            raise refused(f"escreva um inteiro de 2 a {values}, o que cabe em {info.data['bits']} bits")
        return modulus

    @property
    def width(self) -> int:
        """See `RunningCounter`."""
        return self.bits

    @property
    def values(self) -> int | None:
        """See `RunningCounter`."""
        return self.modulus or 1 << self.bits


Keys = TypeVar("Keys", bound=RunningCounter)


class Counted(Part, Generic[Keys]):
    """What is counted, a machine's or a file's; `Keys`: its counters."""

    production: Keys = Field(description="o contador do que foi produzido")
    rejected: Keys | None = Field(None, description="o contador do que foi rejeitado")
    processed_includes_rejected: Flag | None = Field(
        None, validate_default=True, description="se o contador de produção conta também as rejeitadas"
    )
    max_per_hour: Count = Field(
        ge=1,
        le=100_000_000,
        description="mais do que a máquina consegue em uma hora, nas contagens dela: ciclos, se conta ciclos",
        examples=["4000"],
    )
    burst: Count | None = Field(
        None, ge=0, le=1_000_000, description="o que pode aparecer de uma vez além disso (10 s de produção e mais 10)"
    )

    @field_validator("processed_includes_rejected")
    @classmethod
    def _is_known(cls, includes: bool | None, info: ValidationInfo) -> bool | None:
        if includes is None and info.data.get("rejected") is not None:
            raise said(
                "falta; true se o contador de produção conta boas e rejeitadas (Total), false se só as boas (OK): rode "
                "10 peças, rejeite 1 e compare com sondar"
            )
        return includes

    def line(self, name: str, gap_ms: int, point: Callable[[Keys], Point], role: Role = "contagem") -> Line[Point]:
        """The line. `gap_ms`: a longer time between two good readings is a gap. `point`: where a counter is."""
        burst = 10 + self.max_per_hour // 360 if self.burst is None else self.burst

        def counter(keys: Keys) -> Counter[Point]:
            return Counter(point(keys), Rule(self.max_per_hour, keys.values, burst, gap_ms, keys.width))

        rejected = None if self.rejected is None else counter(self.rejected)
        includes = rejected is None or bool(self.processed_includes_rejected)
        return Line(name, counter(self.production), rejected, includes, role)


Place = TypeVar("Place", bound=CounterConfig)


class LineConfig(Counted[Place], Generic[Place]):
    """A line that a machine counts."""

    role: Role = Field("contagem", description="contagem: é a da linha; conferencia: só mostrada ao lado dela")


class Machine(Entry, Generic[Place, Point]):
    """What every protocol's configuration begins with. A protocol adds where a counter is, and its own keys."""

    poll_ms: PollMs = 250
    described: dict[LineId, LineConfig[Place]] = Field(
        alias="lines",
        min_length=1,
        json_schema_extra={"additionalProperties": False},
        description="as linhas que a máquina conta",
        examples=['"SPEP-ENV-A": {"production": {…}, "max_per_hour": 750}'],
    )
    address: str
    """Where it answers, with the port."""

    @cached_property
    def lines(self) -> tuple[Line[Point], ...]:
        """What it counts, in the order of the file."""
        return tuple(one.line(name, self._gap_ms(), self._point, one.role) for name, one in self.described.items())

    def _gap_ms(self) -> int:
        """The time without a good reading from which on an increment says since when: a few polls, two seconds at
        least."""
        return max(2_000, 4 * self.poll_ms)

    @abstractmethod
    def _point(self, counter: Place) -> Point:
        """Where a counter is."""


AnyMachine: TypeAlias = "Machine[Any, object]"
