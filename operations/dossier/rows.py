"""The rows a dossier shows, a model per question: English names inside, the columns as aliases. Instants are aware.

Units are units of the product; what is in the machine's counts says so in its name.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from operations.audit.rows import Row

Document = Mapping[str, object]
"""A row as the trail keeps it, or what was sent, in JSON."""


class TakenRow(Row, frozen=True):
    """The instant all answers are of, and the last migration of the database; None where nobody keeps the list."""

    at: datetime = Field(alias="em")
    migration: str | None = Field(alias="migracao")


class LotRow(Row, frozen=True):
    """The production order."""

    order: str = Field(alias="numero_op")
    totvs_order: str | None = Field(alias="numero_op_totvs")
    lot: str = Field(alias="numero_lote")
    product: str = Field(alias="produto_codigo")
    description: str | None = Field(alias="produto")
    registration: str | None = Field(alias="registro_anvisa")
    file: str | None = Field(alias="dossie")
    """The number of the lot's paper file, as the ERP says it."""
    planned: Decimal | None = Field(alias="quantidade_planejada")
    unit: str | None = Field(alias="unidade")
    made_on: date | None = Field(alias="data_fabricacao")
    expires: date | None = Field(alias="data_validade")
    state: str = Field(alias="status")
    totvs_state: str | None = Field(alias="situacao_totvs")


class PeriodRow(Row, frozen=True):
    """The order on a line in [since, until), and the units per count of the machine."""

    line: str = Field(alias="linha_id")
    name: str = Field(alias="nome")
    stage: str = Field(alias="etapa")
    since: datetime = Field(alias="de")
    until: datetime | None = Field(alias="ate")
    produced_factor: int = Field(alias="fator_producao")
    rejected_factor: int = Field(alias="fator_rejeicao")


class SourceRow(Row, frozen=True):
    """Who counted a line in [since, until)."""

    line: str = Field(alias="linha_id")
    source: str = Field(alias="fonte")
    role: str = Field(alias="papel")
    since: datetime = Field(alias="de")
    until: datetime | None = Field(alias="ate")


class HourRow(Row, frozen=True):
    """What was counted for the order on a line in an hour, without what was counted by hand."""

    line: str = Field(alias="linha_id")
    at: datetime = Field(alias="hora")
    produced: int = Field(alias="producao")
    rejected: int = Field(alias="rejeicao")
    machine_produced: int = Field(alias="producao_maquina")
    machine_rejected: int = Field(alias="rejeicao_maquina")


class ShiftRow(Row, frozen=True):
    """An amount of a shift: frozen, or as it stands now."""

    stage: str = Field(alias="etapa")
    line: str = Field(alias="linha_id")
    start: datetime = Field(alias="inicio")
    day: date = Field(alias="data")
    shift: str = Field(alias="turno")
    kind: str = Field(alias="tipo")
    reason: str = Field(alias="codigo")
    amount: int = Field(alias="quantidade")
    machine: int | None = Field(alias="maquina")


class MissingRow(Row, frozen=True):
    """What was missing when a person closed the lot all the same."""

    code: str = Field(alias="codigo")
    detail: str = Field(alias="detalhe")


class ClosingRow(Row, frozen=True):
    """The frozen totals of the stage that is reported; ``by`` and ``why`` if a person closed it without all."""

    id: int
    stage: str = Field(alias="etapa")
    produced: int = Field(alias="produzidas")
    refused: int = Field(alias="refugo")
    samples: int = Field(alias="amostras")
    good: int = Field(alias="boas")
    counter: int = Field(alias="contador_final")
    since: datetime = Field(alias="inicio")
    until: datetime = Field(alias="fim")
    missing: tuple[MissingRow, ...] = Field(alias="ressalvas")
    by: str | None = Field(alias="por")
    why: str | None = Field(alias="motivo")
    closed_at: datetime = Field(alias="fechado_em")
    told: bool = Field(alias="informado")


class AdjustmentRow(Row, frozen=True):
    """A change of a frozen amount."""

    id: int
    stage: str = Field(alias="etapa")
    line: str = Field(alias="linha_id")
    start: datetime = Field(alias="inicio")
    day: date = Field(alias="data")
    shift: str = Field(alias="turno")
    kind: str = Field(alias="tipo")
    reason: str = Field(alias="codigo")
    difference: int = Field(alias="diferenca")
    standing: str = Field(alias="situacao")
    seen_at: datetime = Field(alias="criado_em")
    decided_at: datetime | None = Field(alias="decidido_em")
    by: str | None = Field(alias="por")
    why: str | None = Field(alias="motivo")


class FileRow(Row, frozen=True):
    """A counted file's part of a line: bytes [first, end) of its unpacked text, what they hold in machine counts."""

    number: int = Field(alias="arquivo_id")
    line: str = Field(alias="linha_id")
    key: str = Field(alias="chave")
    version: str | None = Field(alias="versao_id")
    sha256: str | None
    first: int | None = Field(alias="byte_de")
    end: int | None = Field(alias="byte_ate")
    since: datetime = Field(alias="de")
    until: datetime = Field(alias="ate")
    records: int = Field(alias="registros")
    produced: int = Field(alias="producao")
    rejected: int = Field(alias="rejeicao")
    filed_at: datetime = Field(alias="ingerido_em")


class LossRow(Row, frozen=True):
    """Units people refused or took as samples; those that were reversed are in the trail."""

    line: str = Field(alias="linha_id")
    at: datetime = Field(alias="em")
    kind: str = Field(alias="tipo")
    reason: str = Field(alias="codigo")
    amount: int = Field(alias="quantidade")
    note: str | None = Field(alias="observacao")
    by: str | None = Field(alias="por")


class HandRow(Row, frozen=True):
    """A count by hand: of the line (``holds``: the newest of its shift), or one that only checks the machine."""

    line: str = Field(alias="linha_id")
    day: date = Field(alias="data")
    shift: str = Field(alias="turno")
    produced: int | None = Field(alias="producao")
    rejected: int | None = Field(alias="rejeicao")
    checks: bool = Field(alias="confere")
    holds: bool = Field(alias="vale")
    why: str | None = Field(alias="motivo")
    by: str | None = Field(alias="por")
    at: datetime = Field(alias="registrada_em")


class HeldRow(Row, frozen=True):
    """Counts that span time or were doubted, in machine counts."""

    line: str = Field(alias="linha_id")
    since: datetime = Field(alias="desde")
    until: datetime = Field(alias="ate")
    produced: int = Field(alias="producao")
    rejected: int = Field(alias="rejeicao")
    doubt: str | None = Field(alias="motivo")
    standing: str = Field(alias="situacao")
    order: str | None = Field(alias="numero_op")
    key: str = Field(alias="chave")
    first: int | None = Field(alias="byte_de")
    end: int | None = Field(alias="byte_ate")
    by: str | None = Field(alias="por")
    decided_at: datetime | None = Field(alias="decidida_em")
    why: str | None = Field(alias="decisao_motivo")


class PieceRow(Row, frozen=True):
    """What came of the order's lines and times and was not counted, in machine counts."""

    line: str | None = Field(alias="linha_id")
    key: str | None = Field(alias="chave")
    first: int | None = Field(alias="byte_de")
    end: int | None = Field(alias="byte_ate")
    reason: str = Field(alias="motivo")
    detail: str = Field(alias="detalhe")
    produced: int | None = Field(alias="producao")
    rejected: int | None = Field(alias="rejeicao")
    decision: str | None = Field(alias="decisao")
    by: str | None = Field(alias="por")
    decided_at: datetime | None = Field(alias="resolvida_em")
    why: str | None = Field(alias="decisao_motivo")


class SignatureRow(Row, frozen=True):
    """A signature of a shift's sheet; ``holds``: nothing it covers has changed since, and none replaced it."""

    id: int
    line: str = Field(alias="linha_id")
    day: date = Field(alias="data")
    shift: str = Field(alias="turno")
    name: str = Field(alias="nome")
    role: str = Field(alias="papel")
    meaning: str = Field(alias="significado")
    signed_in_at: datetime = Field(alias="autenticado_em")
    signed_at: datetime = Field(alias="assinado_em")
    replaces: int | None = Field(alias="substitui")
    why: str | None = Field(alias="motivo")
    sha256: str
    holds: bool = Field(alias="vale")
    leaned_on: bool = Field(alias="do_fechamento")


class SheetRow(Row, frozen=True):
    """What an operator confirmed of a shift, or a supervisor returned."""

    line: str = Field(alias="linha_id")
    day: date = Field(alias="data")
    shift: str = Field(alias="turno")
    act: str = Field(alias="ato")
    crew: tuple[str, ...] = Field(alias="equipe")
    text: str | None = Field(alias="texto")
    name: str = Field(alias="nome")
    role: str = Field(alias="papel")
    at: datetime = Field(alias="em")


class ActRow(Row, frozen=True):
    """What a person or the system did, by the trail: what it was before, what it became."""

    id: int
    at: datetime = Field(alias="em")
    by: str | None = Field(alias="por")
    role: str | None = Field(alias="papel")
    action: str = Field(alias="acao")
    what: str = Field(alias="objeto")
    before: Document | None = Field(alias="antes")
    after: Document | None = Field(alias="depois")
    why: str | None = Field(alias="motivo")


class CallRow(Row, frozen=True):
    """One call to the ERP about a report, with all that was sent and answered."""

    report: int = Field(alias="envio_id")
    at: datetime = Field(alias="em")
    operation: str = Field(alias="operacao")
    method: str | None = Field(alias="metodo")
    address: str | None = Field(alias="url")
    http_status: int | None = Field(alias="status_http")
    took_ms: int | None = Field(alias="latencia_ms")
    result: str = Field(alias="resultado")
    error: str | None = Field(alias="erro")
    correlation: str | None = Field(alias="correlacao")
    sent: str | None = Field(alias="corpo")
    answered: str | None = Field(alias="resposta")


class ReportRow(Row, frozen=True):
    """A report to the ERP."""

    id: int
    external_id: str = Field(alias="id_externo")
    kind: str = Field(alias="tipo")
    content: Document | None = Field(alias="conteudo")
    standing: str = Field(alias="situacao")
    created_at: datetime = Field(alias="criado_em")
    settled_at: datetime | None = Field(alias="concluido_em")
    erp_key: str | None = Field(alias="chave_erp")
    error: str | None = Field(alias="erro")
    by: str | None = Field(alias="por")
    why: str | None = Field(alias="decisao_motivo")


class ChangeRow(Row, frozen=True):
    """What the ERP changed of the order after it was known here."""

    code: str = Field(alias="codigo")
    before: str | None = Field(alias="antes")
    after: str | None = Field(alias="depois")
    at: datetime = Field(alias="em")
