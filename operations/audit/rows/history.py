"""What was configured, and what people did: owners, limits, orders on lines, the trail."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from operations.audit.differences import instant
from operations.audit.rows import Row
from sicfar.instants import format_instant, to_ms

Document = Mapping[str, object]
"""A row as the trail keeps it, in JSON."""


class Snapshot(Row, frozen=True):
    """The instant all answers are of; `partial`: this user is shown only part of the rows."""

    at: datetime = Field(alias="em")
    partial: bool = Field(alias="parcial")


class Role(StrEnum):
    """What a source is to a line."""

    COUNTING = "contagem"
    CHECKING = "conferencia"
    """A second sensor: shown, never added."""


class OwnerRow(Row, frozen=True):
    """Who counts a line in [since, until)."""

    id: int
    line: str = Field(alias="linha_id")
    source: str = Field(alias="fonte")
    role: Role = Field(alias="papel")
    since: datetime = Field(alias="de")
    until: datetime | None = Field(alias="ate")


class LineRow(Row, frozen=True):
    """A line; ``limit``: most machine counts a second that are plausible."""

    line: str = Field(alias="linha_id")
    limit: int | None = Field(alias="maximo_por_segundo")


class Act(Row, frozen=True):
    """A row of the trail: what was done to which object, its row before and after (None: there was, or is, none)."""

    at: datetime = Field(alias="em")
    action: str = Field(alias="acao")
    what: str = Field(alias="objeto")
    before: Document | None = Field(alias="antes")
    after: Document | None = Field(alias="depois")
    why: str | None = Field(alias="motivo")


Terms = tuple[str, str, str, str | None, int, int]
"""Order, line, opened, closed (UTC text; None while open), units per produced and per rejected count."""


class PeriodRow(Row, frozen=True):
    """An order on a line in [start, end), seconds since the epoch; ``end`` None while it is open."""

    id: int
    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")
    produced_factor: int = Field(alias="fator_producao")
    rejected_factor: int = Field(alias="fator_rejeicao")
    start: int = Field(alias="de")
    end: int | None = Field(alias="ate")

    @property
    def terms(self) -> Terms:
        """All of it but its number."""
        closed = None if self.end is None else instant(self.end)
        return self.order, self.line, instant(self.start), closed, self.produced_factor, self.rejected_factor


class PeriodSaid(Row, frozen=True):
    """The same, as the trail says it."""

    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")
    opened_at: datetime = Field(alias="aberta_em")
    closed_at: datetime | None = Field(alias="encerrada_em")
    produced_factor: int = Field(alias="fator_producao")
    rejected_factor: int = Field(alias="fator_rejeicao")

    @property
    def terms(self) -> Terms:
        """All of it."""
        opened = format_instant(to_ms(self.opened_at))
        closed = None if self.closed_at is None else format_instant(to_ms(self.closed_at))
        return self.order, self.line, opened, closed, self.produced_factor, self.rejected_factor


class DecisionSaid(Row, frozen=True):
    """What a person decided of an increment that spans time, by the trail."""

    situation: str | None = Field(None, alias="situacao")
    order: str | None = Field(None, alias="numero_op")


class ItemsSaid(Row, frozen=True):
    """The numbers of what one decision settled, by the trail; none if it names its one object itself."""

    items: tuple[int, ...] = Field((), alias="itens")


class VoidSaid(Row, frozen=True):
    """Sequences somebody declared lost, by the trail; before there were ranges, one.

    ``parts``: what of them was missing and is void, if some of them had come.
    """

    first: int = Field(alias="seq")
    last: int | None = Field(None, alias="ate_seq")
    parts: tuple[tuple[int, int], ...] = Field((), alias="faixas")

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last of each range."""
        return self.parts or ((self.first, self.first if self.last is None else self.last),)


class FactRow(Row, frozen=True):
    """Something only a person can have done, by the name the trail has for it."""

    what: str = Field(alias="fato")
    line: str | None = Field(alias="linha_id")
    order: str | None = Field(alias="numero_op")
