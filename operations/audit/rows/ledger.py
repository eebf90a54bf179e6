"""The ledger of files with what hangs on it: lines, pieces in quarantine, increments that span time."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from operations.audit.differences import Pair
from operations.audit.rows import Counted, Row
from sicfar.instants import to_ms


class SourceKind(StrEnum):
    """Where a file comes from."""

    GATEWAY = "gateway"
    LOOSE = "avulso"


class FileStanding(StrEnum):
    """What became of a file."""

    COUNTED = "APLICADO"
    QUARANTINED = "QUARENTENA"
    REPEATED = "REPETIDO"
    """A loose file all of which was counted under another name."""


class KeyRow(Row, frozen=True):
    """A key in the bucket."""

    key: str = Field(alias="chave")


class LedgerRow(Row, frozen=True):
    """A row of the ledger by its object."""

    id: int
    bucket: str
    key: str = Field(alias="chave")


class FileRow(LedgerRow, frozen=True):
    """A file on the books.

    ``sha256`` is None if it was refused before its content was looked at. Of a loose file: the text accepted of it
    (bytes, digest), the part of that counted before, the digest through its first record. ``replaces``: the row that
    had put the same object into quarantine.
    """

    version_id: str | None = Field(alias="versao_id")
    size: int = Field(alias="tamanho")
    sha256: str | None
    written_at: datetime = Field(alias="gravado_em")
    kind: SourceKind = Field(alias="tipo")
    gateway: str | None
    accepted_length: int | None = Field(alias="aceito_tamanho")
    accepted_sha256: str | None = Field(alias="aceito_sha256")
    beginning_sha256: str | None = Field(alias="inicio_sha256")
    counted_before: int | None = Field(alias="contado_antes")
    records: int = Field(alias="registros")
    standing: FileStanding = Field(alias="situacao")
    reason: str | None = Field(alias="motivo")
    replaces: int | None = Field(alias="substitui")
    recorded_at: datetime = Field(alias="ingerido_em")

    @property
    def source(self) -> str:
        """Who counts with it, as owners are named."""
        return self.gateway if self.kind is SourceKind.GATEWAY and self.gateway else SourceKind.LOOSE.value


class FileLineRow(Counted, frozen=True):
    """What a file says of a line."""

    file_id: int = Field(alias="arquivo_id")
    line: str = Field(alias="linha_id")
    records: int = Field(alias="registros")
    since: datetime = Field(alias="de")
    until: datetime = Field(alias="ate")
    byte_from: int = Field(alias="byte_de")
    byte_to: int = Field(alias="byte_ate")


class Decision(StrEnum):
    """What settled a piece in quarantine."""

    DISCARDED = "DESCARTADO"
    SUPERSEDED = "SUPERADO"
    """A later row of the object counted it."""
    REREAD = "REPROCESSADO"


Stretches = tuple[tuple[int, int], ...]
"""Byte ranges, half-open, ascending, apart from each other."""


def _bounds(ranges: Iterable[object] | None) -> object:
    return (
        None if ranges is None else tuple((getattr(one, "lower", None), getattr(one, "upper", None)) for one in ranges)
    )


class QuarantineRow(Row, frozen=True):
    """A piece in quarantine; ``produced`` and ``rejected`` are None where its counts are not known.

    ``other_reasons`` is None of a piece put there when only the first was kept. ``left_of``: the piece that was read
    again and left this one. ``moved``: its instants are those a decision on the gateway's clock gave.
    ``stretches``: the bytes that could not be read; None of other pieces, and where each stretch was a piece.
    """

    id: int
    file_id: int | None = Field(alias="arquivo_id")
    key: str | None = Field(alias="chave")
    reason: str = Field(alias="motivo")
    other_reasons: tuple[str, ...] | None = Field(alias="outros_motivos")
    line: str | None = Field(alias="linha_id")
    produced: int | None = Field(alias="producao")
    rejected: int | None = Field(alias="rejeicao")
    since: datetime | None = Field(alias="de")
    until: datetime | None = Field(alias="ate")
    byte_from: int | None = Field(alias="byte_de")
    byte_to: int | None = Field(alias="byte_ate")
    settled_at: datetime | None = Field(alias="resolvida_em")
    decision: Decision | None = Field(alias="decisao")
    left_of: int | None = Field(alias="anterior_id")
    moved: bool = Field(alias="relogio_corrigido")
    stretches: Annotated[Stretches | None, BeforeValidator(_bounds)] = Field(alias="trechos")

    @property
    def reasons(self) -> tuple[str, ...]:
        """All that speaks against counting it, the first one first."""
        return self.reason, *(self.other_reasons or ())

    @property
    def pair(self) -> Pair:
        """Its machine counts; zeros where they are not known."""
        return self.produced or 0, self.rejected or 0

    @property
    def seconds(self) -> range:
        """From its first second to its last; empty where they are not known."""
        if self.since is None or self.until is None:
            return range(0)
        return range(to_ms(self.since) // 1000, to_ms(self.until) // 1000 + 1)

    @property
    def reread_at(self) -> datetime | None:
        """When it was read again; None if it was not."""
        return self.settled_at if self.decision is Decision.REREAD else None


class SpanStanding(StrEnum):
    """Where an increment that spans time stands."""

    ATTRIBUTED = "ATRIBUIDA"
    WITHOUT_ORDER = "SEM_ORDEM"
    HELD = "RETIDA"
    DECIDED = "DECIDIDA"
    """A person gave it to an order."""
    DISCARDED = "DESCARTADA"
    MOVED = "CORRIGIDA"
    """A decision on its gateway's clock made it count at another instant, as another row."""
    SHOWN = "CONFERENCIA"
    TAKEN = "RETIRADA"
    """Of a source that did not count the line: out of the totals."""


class ClockDecision(StrEnum):
    """Where the counts of a batch go whose gateway's clock was wrong."""

    SOURCE = "FONTE"
    """To their sources' own times, where those gave one."""
    SHIFT = "DESLOCAR"


class MoveRow(Row, frozen=True):
    """When a batch's counts went to other instants, and how; `shift_s`: seconds taken off, of a SHIFT."""

    file_id: int = Field(alias="arquivo_id")
    decision: ClockDecision = Field(alias="decisao")
    shift_s: int | None = Field(alias="deslocar_s")
    at: datetime = Field(alias="corrigido_em")


class SpanRow(Counted, frozen=True):
    """An increment that spans time, kept by itself."""

    id: int
    file_id: int = Field(alias="arquivo_id")
    line: str = Field(alias="linha_id")
    since: datetime = Field(alias="desde")
    until: datetime = Field(alias="ate")
    flags: frozenset[str]
    standing: SpanStanding = Field(alias="situacao")
    order: str | None = Field(alias="numero_op")
    produced_factor: int | None = Field(alias="fator_producao")
    rejected_factor: int | None = Field(alias="fator_rejeicao")
    byte_from: int | None = Field(alias="byte_de")
    byte_to: int | None = Field(alias="byte_ate")
    taken_by: int | None = Field(alias="retirada_id")
    """The piece in quarantine it is part of, if it is TAKEN."""

    @property
    def given(self) -> tuple[str, Pair] | None:
        """The order a person gave it to, with its factors; None if nobody did."""
        if self.standing is not SpanStanding.DECIDED or self.order is None:
            return None
        if self.produced_factor is None or self.rejected_factor is None:
            return None
        return self.order, (self.produced_factor, self.rejected_factor)
