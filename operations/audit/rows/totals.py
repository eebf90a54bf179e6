"""What the database says all files come to: totals, minutes, closings, sequences."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from operations.audit.differences import Pair
from operations.audit.rows import Counted, Row


class OrderTotalRow(Row, frozen=True):
    """An order on a line: units, machine counts, first and last second with a count since the epoch."""

    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")
    produced_units: int = Field(alias="producao_acumulada")
    rejected_units: int = Field(alias="rejeicao_acumulada")
    produced: int = Field(alias="producao_maquina")
    rejected: int = Field(alias="rejeicao_maquina")
    first: int | None = Field(alias="primeira")
    last: int | None = Field(alias="ultima")


class BalanceRow(Row, frozen=True):
    """A line's balance, in machine counts."""

    line: str = Field(alias="linha_id")
    received_produced: int = Field(alias="recebido_producao")
    received_rejected: int = Field(alias="recebido_rejeicao")
    attributed_produced: int = Field(alias="atribuido_producao")
    attributed_rejected: int = Field(alias="atribuido_rejeicao")
    without_produced: int = Field(alias="sem_ordem_producao")
    without_rejected: int = Field(alias="sem_ordem_rejeicao")
    held_produced: int = Field(alias="retido_producao")
    held_rejected: int = Field(alias="retido_rejeicao")
    refused_produced: int = Field(alias="quarentena_producao")
    refused_rejected: int = Field(alias="quarentena_rejeicao")

    @property
    def parts(self) -> tuple[Pair, ...]:
        """Received, attributed, without order, held, in quarantine."""
        return (
            (self.received_produced, self.received_rejected),
            (self.attributed_produced, self.attributed_rejected),
            (self.without_produced, self.without_rejected),
            (self.held_produced, self.held_rejected),
            (self.refused_produced, self.refused_rejected),
        )


_NO_COUNTS = (0,) * 60


class SecondsRow(Row, frozen=True):
    """A line's minute, second by second (None: sixty zeros); ``start``: seconds since the epoch."""

    line: str = Field(alias="linha_id")
    start: int = Field(alias="em")
    produced: tuple[int, ...] | None = Field(alias="producao")
    rejected: tuple[int, ...] | None = Field(alias="rejeicao")

    def cells(self) -> Iterator[tuple[int, Pair]]:
        """The seconds that are not nothing."""
        pairs = zip(self.produced or _NO_COUNTS, self.rejected or _NO_COUNTS, strict=True)
        for second, (made, rejected) in enumerate(pairs, self.start):
            if made or rejected:
                yield second, (made, rejected)


class TakenRow(SecondsRow, frozen=True):
    """What of a minute left the totals, for it was counted by a source that did not own the line."""

    piece: int = Field(alias="quarentena_id")
    source: str = Field(alias="fonte")


class TakenPieceRow(Counted, frozen=True):
    """The piece in quarantine of a source that did not own the line."""

    id: int
    line: str = Field(alias="linha_id")
    since: datetime = Field(alias="de")


class MinuteRow(SecondsRow, frozen=True):
    """A minute of the totals."""

    total_produced: int = Field(alias="total_producao")
    total_rejected: int = Field(alias="total_rejeicao")
    without_produced: int = Field(alias="sem_ordem_producao")
    without_rejected: int = Field(alias="sem_ordem_rejeicao")
    justified_produced: int = Field(alias="justificada_producao")
    justified_rejected: int = Field(alias="justificada_rejeicao")
    reasoned_produced: tuple[int, ...] | None = Field(alias="justificada_segundos_producao")
    reasoned_rejected: tuple[int, ...] | None = Field(alias="justificada_segundos_rejeicao")

    @property
    def total(self) -> Pair:
        """All that was counted in it."""
        return self.total_produced, self.total_rejected

    @property
    def without(self) -> Pair:
        """What of it has no order."""
        return self.without_produced, self.without_rejected

    @property
    def justified(self) -> Pair:
        """What of that somebody justified."""
        return self.justified_produced, self.justified_rejected

    def reasoned(self, second: int) -> Pair:
        """What somebody justified of that second's counts, whether they have an order now or not."""
        at = second - self.start
        return (self.reasoned_produced or _NO_COUNTS)[at], (self.reasoned_rejected or _NO_COUNTS)[at]


class ShownRow(Counted, frozen=True):
    """What a second sensor counted in a minute; ``start``: seconds since the epoch."""

    line: str = Field(alias="linha_id")
    source: str = Field(alias="fonte")
    start: int = Field(alias="em")


class ManualCountRow(Counted, frozen=True):
    """A physical count: units, of no second."""

    order: str = Field(alias="numero_op")
    line: str = Field(alias="linha_id")


class OrderState(StrEnum):
    """What was done of an order here."""

    PLANNED = "PLANEJADO"
    IN_PROGRESS = "EM_ANDAMENTO"
    TO_CLOSE = "A_FECHAR"
    CLOSED = "CONCLUIDO"
    SET_ASIDE = "POSTO_DE_LADO"


class OrderRow(Row, frozen=True):
    """An order and the facts its state follows from, but for its periods and counts. ``typed``: a person's figures or
    decisions belong to it; ``waits``: for something that is written down."""

    order: str = Field(alias="numero_op")
    state: OrderState = Field(alias="status")
    changed_at: datetime = Field(alias="atualizado_em")
    closed: bool = Field(alias="fechada")
    waits: bool = Field(alias="espera")
    aside: bool = Field(alias="de_lado")
    typed: bool = Field(alias="digitada")


# Closings -------------------------------------------------------------------------------------------------------------


class Frozen(StrEnum):
    """What a closing freezes an amount of."""

    PRODUCED = "PRODUZIDA"
    REFUSED = "REFUGO"
    RETAINED = "RETEM"
    SEMIFINISHED_SAMPLE = "AMOSTRA_SEMIACABADO"
    FINISHED_SAMPLE = "AMOSTRA_ACABADO"


class ClosingRow(Row, frozen=True):
    """A closed order, in units; ``changed``: what changed after it has not been looked at yet."""

    id: int
    order: str = Field(alias="numero_op")
    stage: str = Field(alias="etapa")
    produced: int = Field(alias="produzidas")
    refused: int = Field(alias="refugo")
    samples: int = Field(alias="amostras")
    counter: int = Field(alias="contador_final")
    changed: bool = Field(alias="a_apurar")


class FrozenRow(Row, frozen=True):
    """A frozen amount, in units; ``machine``: the machine's counts in it, if it has a counter."""

    closing_id: int = Field(alias="fechamento_id")
    stage: str = Field(alias="etapa")
    line: str = Field(alias="linha_id")
    kind: Frozen = Field(alias="tipo")
    amount: int = Field(alias="quantidade")
    machine: int | None = Field(alias="maquina")


class AdjustmentRow(Row, frozen=True):
    """A change of a frozen amount, in units."""

    closing_id: int = Field(alias="fechamento_id")
    line: str = Field(alias="linha_id")
    kind: Frozen = Field(alias="tipo")
    difference: int = Field(alias="diferenca")


class TypedRefuseRow(Row, frozen=True):
    """Where refused units may be what people typed: of an order on a line, or (None) of every order there."""

    order: str | None = Field(alias="numero_op")
    line: str = Field(alias="linha_id")


# Sequences ------------------------------------------------------------------------------------------------------------


class _OfEpoch(Row, frozen=True):
    gateway: str
    epoch: str = Field(alias="epoca")


class ReceivedRow(_OfEpoch, frozen=True):
    """A sequence that was received."""

    seq: int


class VoidRow(_OfEpoch, frozen=True):
    """Sequences somebody declared lost, first to last."""

    first: int = Field(alias="seq")
    last: int = Field(alias="ate_seq")


class GapRow(_OfEpoch, frozen=True):
    """A gap behind a sequence."""

    previous: int = Field(alias="anterior")


class EpochRow(_OfEpoch, frozen=True):
    """How far an época is: without a gap, at all, and as a person declared its end."""

    continuous: int = Field(alias="ultima_seq_continua")
    highest: int = Field(alias="maior_seq")
    declared: int | None = Field(alias="ultima_seq_declarada")
