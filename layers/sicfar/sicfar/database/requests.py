"""What is put down about the calls to the ERP, in the shapes of `registrar_tentativas` and `concluir_envio`,
and about dead letters, in that of `registrar_tratamento`.

A message of the outbox's queue carries it when the database is away.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, ValidationError, model_validator

from sicfar.boundary import Boundary
from sicfar.database.codes import CallResult, ReportSituation
from sicfar.errors import PermanentError


class NotADoorbellError(PermanentError):
    """A queue message that names no report."""


class Attempt(Boundary, frozen=True):
    """One call to the ERP, or of the ERP: a row of `tentativas_integracao`, without secrets. ``at`` is UTC.

    The last three are of a report's own call: which report, what was sent, and the beginning of what was answered.
    """

    at: datetime = Field(alias="em")
    system: Literal["TOTVS"] = Field("TOTVS", alias="sistema")
    direction: Literal["SAIDA", "ENTRADA"] = Field("SAIDA", alias="sentido")
    operation: str = Field(alias="operacao")
    method: str = Field(alias="metodo")
    url: str
    status: int | None = Field(None, alias="status_http")
    latency_ms: int = Field(alias="latencia_ms")
    result: CallResult = Field(alias="resultado")
    code: str | None = Field(None, alias="codigo")
    error: str | None = Field(None, alias="erro")
    correlation: str = Field(alias="correlacao")
    bytes_sent: int = Field(alias="bytes_enviados")
    bytes_received: int = Field(alias="bytes_recebidos")
    report_id: int | None = Field(None, alias="envio_id")
    body: str | None = Field(None, alias="corpo")
    answer: str | None = Field(None, alias="resposta")


class Conclusion(Boundary, frozen=True):
    """What came of a claimed report. ``counts``: it is one of its attempts.

    ``wait_s``: seconds until it is tried or asked about again; None: a person decides, or it is over.
    ``erp_key``: what the ERP calls what it booked. ``doubt``: its answer leaves open whether it booked the report, so
    that only a query that shows it, or a person, settles it.
    ``answered``: what the breaker learns: the ERP answered, it did not, or nothing (None). The breaker opens after
    `breaker_failures` in a row, for `breaker_s` seconds.
    """

    external_id: str = Field(alias="id_externo")
    lease: str
    situation: ReportSituation = Field(alias="situacao")
    counts: bool = Field(alias="conta")
    wait_s: int | None = Field(None, alias="espera_s")
    code: str | None = Field(None, alias="codigo")
    error: str | None = Field(None, alias="erro")
    answer: str | None = Field(None, alias="resposta")
    erp_key: str | None = Field(None, alias="chave_erp")
    doubt: bool = Field(False, alias="duvida")
    answered: bool | None = Field(None, alias="disjuntor")
    breaker_failures: int = Field(alias="falhas")
    breaker_s: int = Field(alias="aberto_s")


class TreatedLetter(Boundary, frozen=True):
    """A dead letter by its message's identifier; None: every letter of the queue, moved by SQS itself."""

    id: str | None
    detail: str | None = Field(None, alias="detalhe")


class Treatment(Boundary, frozen=True):
    """What somebody asks to be done with letters of a dead letter queue, or what came of it.

    ``who`` is proven by STS only if ``proven``; ``request`` is the function's invocation, in its log and in CloudTrail.
    """

    run: UUID = Field(alias="execucao")
    action: Literal["REENVIAR", "DESCARTAR"] = Field(alias="acao")
    phase: Literal["PEDIDO", "FEITO", "FALHOU"] = Field(alias="fase")
    queue: str = Field(alias="fila")
    who: str = Field(alias="quem")
    proven: bool = Field(alias="comprovado")
    request: str = Field(alias="requisicao")
    letters: tuple[TreatedLetter, ...] = Field(alias="mensagens")


class Doorbell(Boundary, frozen=True):
    """A message of the outbox's queue: the report to send, and what could not be put down of it before.

    The calls come with their conclusion, or neither does.
    """

    report_id: int = Field(alias="envio")
    conclusion: Conclusion | None = Field(None, alias="conclusao")
    attempts: tuple[Attempt, ...] | None = Field(None, alias="tentativas")

    @model_validator(mode="after")
    def _both_or_neither(self) -> "Doorbell":
        if (self.conclusion is None) != (self.attempts is None):
            raise ValueError("conclusao e tentativas vêm juntas")
        return self

    @classmethod
    def parse(cls, body: str) -> "Doorbell":
        """Read a message. Raises NotADoorbellError."""
        try:
            return cls.model_validate_json(body, by_alias=True, by_name=False)
        except ValidationError as cause:
            first = cause.errors(include_url=False)[0]
            raise NotADoorbellError(
                "not_a_doorbell",
                f"a mensagem não toca por envio nenhum ({'.'.join(map(str, first['loc']))}: {first['msg']})",
                where=f"corpo: {body[:200]!r}",
                action="descubra quem escreveu na fila; o que espera envio está em envios_totvs",
            ) from cause

    def text(self) -> str:
        """The message's body; what is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)
