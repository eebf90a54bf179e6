"""What a sender of events is answered, a model per answer; `docs/openapi-totvs.yaml` follows from them."""

from typing import Literal

from pydantic import Field

from sicfar.boundary import Boundary
from sicfar.totvs.model import MOST_EVENTS, Kind
from sicfar.totvs.rows import REFUSAL_CODES
from sicfar.webhooks.signature import Cause

_CORRELATION = "Identifica o pedido em qualquer pergunta ao SicFar; também no cabeçalho X-Correlation-Id."


class Taken(Boundary):
    """200: stored."""

    received: Literal[True] = Field(alias="recebido")
    correlation: str = Field(alias="correlacao", description=_CORRELATION)
    events: int = Field(alias="eventos", ge=1, le=MOST_EVENTS, description="Quantos eventos o pedido traz.")


class NotTaken(Boundary):
    """413, 503: nothing of the request is stored."""

    code: Literal["GRANDE_DEMAIS", "INDISPONIVEL"] = Field(alias="codigo")
    message: str = Field(alias="mensagem", description="O motivo, para uma pessoa.")
    correlation: str = Field(alias="correlacao", description=_CORRELATION)


class Unauthorised(Boundary):
    """401: who sent it is not known, and nothing of it is read."""

    code: Literal["NAO_AUTORIZADO"] = Field(alias="codigo")
    message: str = Field(alias="mensagem", description="O motivo, para uma pessoa.")
    correlation: str = Field(alias="correlacao", description=_CORRELATION)
    cause: Cause = Field(alias="causa", description="O que do pedido está errado.")


class EventFault(Boundary):
    """One thing that is wrong with one event."""

    index: int = Field(alias="indice", ge=0, description="Posição do evento na lista, a partir de 0.")
    field: str = Field(alias="campo", description="Nome do campo ou da coluna como foi enviado.")
    code: str = Field(alias="codigo", json_schema_extra={"enum": list(REFUSAL_CODES)})
    message: str = Field(alias="mensagem", description="O que há nele e o que se espera.")


class PartlyTaken(Boundary):
    """422: some events are wrong; the others are stored."""

    code: Literal["EVENTO_INVALIDO"] = Field(alias="codigo")
    correlation: str = Field(alias="correlacao", description=_CORRELATION)
    message: str = Field(alias="mensagem", description="Quantos, e o que fazer.")
    faults: list[EventFault] = Field(alias="erros", min_length=1)
    taken: int = Field(alias="aceitos", ge=0, description="Quantos eventos foram aceitos.")


class EventRead(Boundary):
    """How one event of a rehearsal was read."""

    index: int = Field(alias="indice", ge=0, description="Posição do evento na lista, a partir de 0.")
    kind: Kind = Field(alias="tipo")
    reference: str | None = Field(alias="referencia", description="De que o evento trata.")
    data: dict[str, str | bool | None] = Field(alias="dados", description="Os campos como foram lidos.")


class Rehearsed(Boundary):
    """200, 422: what would have become of a request; nothing of it is stored."""

    rehearsal: Literal[True] = Field(alias="ensaio")
    correlation: str = Field(alias="correlacao", description=_CORRELATION)
    message: str = Field(alias="mensagem", description="Que nada foi guardado.")
    taken: int = Field(alias="aceitos", ge=0, description="Quantos eventos seriam aceitos.")
    read: list[EventRead] = Field(alias="lidos")
    faults: list[EventFault] = Field(alias="erros")
