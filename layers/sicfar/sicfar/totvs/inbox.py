"""From a webhook request to the inbox: authenticated, read, put on the queue; off the queue, into the database.

The request's bytes travel unchanged. The webhook reads them to tell the sender what is wrong while it still listens;
whoever applies them reads them again, so the queue holds nothing that was not sent.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sicfar.database.reception import Origin, Reception
from sicfar.errors import PermanentError, SicfarError, TransientError
from sicfar.instants import format_instant
from sicfar.totvs.door import read_request
from sicfar.totvs.events import Event, Refusal
from sicfar.totvs.intake import Intake
from sicfar.totvs.replies import EventFault, EventRead, NotTaken, PartlyTaken, Rehearsed, Taken, Unauthorised
from sicfar.totvs.subjects import subject
from sicfar.webhooks.signature import Refused, verify

LARGEST_BODY = 180_000
"""Bytes; in base64 and with its envelope a queue message still fits into 256 KiB."""

_VERSION = 1
REHEARSAL_VERSION = 2
"""Of the message that only puts a rehearsal on record: a function that does not know it must apply nothing."""
_CORRELATION = re.compile(r"[\w.:/@-]{1,100}", re.ASCII)  # it is sent back in a header


class MessageError(PermanentError):
    """A queue message that no webhook of ours wrote."""


class QueueUnavailableError(TransientError):
    """The queue did not take a request: its sender must send it again."""


@dataclass(frozen=True, slots=True)
class Request:
    """One POST as it came. ``now`` is seconds since the epoch. ``rehearsal``: nothing of it is to take effect."""

    body: bytes
    headers: Mapping[str, str]
    request_id: str
    source_ip: str
    now: float
    rehearsal: bool = False

    def header(self, name: str) -> str | None:
        """A header's value, its name in small letters; None if it was not sent."""
        return next((value for given, value in self.headers.items() if given.lower() == name), None)

    @property
    def correlation(self) -> str:
        """The sender's correlation id if it is a sane one, else the request's own."""
        given = self.header("x-correlation-id") or ""
        return given if _CORRELATION.fullmatch(given) else self.request_id


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender is answered; ``message`` is the queue message to store first, if the request is taken in.

    ``reason`` is for our log only.
    """

    status: int
    body: Mapping[str, object]
    message: str | None = None
    reason: str = ""


def take_in(request: Request, config: Intake, secrets: Sequence[str]) -> Reply:
    """Decide what becomes of a request. Nothing of an unauthenticated one is read or kept."""
    correlation = request.correlation
    if len(request.body) > LARGEST_BODY:
        text = f"O corpo tem {len(request.body)} bytes; o limite é {LARGEST_BODY}. Envie menos eventos por vez."
        return _not_taken(413, NotTaken(code="GRANDE_DEMAIS", message=text, correlation=correlation))
    verified = verify(config.webhook.auth, secrets, request.headers, request.body, request.now)
    if isinstance(verified, Refused):
        text = f"Não autorizado: {verified.reason}."
        return _not_taken(
            401, Unauthorised(code="NAO_AUTORIZADO", message=text, correlation=correlation, cause=verified.cause)
        )
    content_type = request.header("content-type")
    at = datetime.fromtimestamp(request.now, UTC)
    found = read_request(request.body, content_type, config, at)
    if request.rehearsal:
        return _rehearsed(request, found)
    refusals = [one for one in found if isinstance(one, Refusal)]
    message = json.dumps(
        {
            "v": _VERSION,
            "chave": f"assinatura:{verified.replay_key}" if verified.replay_key else f"pedido:{request.request_id}",
            "recebido_em": format_instant(int(request.now * 1000)),
            "correlacao": correlation,
            "remetente": f"{verified.sender} {request.source_ip}",
            "tipo_conteudo": content_type,
            "bruto": base64.b64encode(request.body).decode(),
        }
    )
    if not refusals:
        return Reply(200, Taken(received=True, correlation=correlation, events=len(found)).as_json(), message)
    text = f"{len(refusals)} de {len(found)} eventos recusados; corrija-os e envie de novo. Os demais foram aceitos."
    body = PartlyTaken(
        code="EVENTO_INVALIDO",
        correlation=correlation,
        message=text,
        faults=_faults(refusals),
        taken=len(found) - len(refusals),
    )
    return Reply(422, body.as_json(), message, _reason(refusals))


def _faults(refusals: Sequence[Refusal]) -> list[EventFault]:
    return [
        EventFault(index=one.index, field=error.field, code=error.code, message=error.message)
        for one in refusals
        for error in one.errors
    ]


def _reason(refusals: Sequence[Refusal]) -> str:
    wrong = [error for one in refusals for error in one.errors]
    return "; ".join(f"{error.field}: {error.message}" for error in wrong[:5])


def _rehearsed(request: Request, found: Sequence[Event | Refusal]) -> Reply:
    """What a request would be answered, and how its events were read; the message holds nothing of them."""
    refusals = [one for one in found if isinstance(one, Refusal)]
    events = [one for one in found if isinstance(one, Event)]
    status = 422 if refusals else 200
    body = Rehearsed(
        rehearsal=True,
        correlation=request.correlation,
        message=f"Ensaio: nada foi guardado. {len(events)} de {len(found)} eventos seriam aceitos.",
        taken=len(events),
        read=[
            EventRead(index=one.index, kind=one.kind, reference=subject(one.kind, one.data), data=one.data)
            for one in events
        ],
        faults=_faults(refusals),
    )
    message = json.dumps(
        {
            "v": REHEARSAL_VERSION,
            "recebido_em": format_instant(int(request.now * 1000)),
            "correlacao": request.correlation,
            "status": status,
            "bytes": len(request.body),
            "erro": _reason(refusals)[:500] or None,
        }
    )
    return Reply(status, body.as_json(), message, _reason(refusals))


def unavailable(request: Request, error: SicfarError) -> Reply:
    """What the sender is told when the message could not be stored; why is for our log only."""
    text = "O SicFar não pôde guardar o pedido agora; envie-o de novo."
    body = NotTaken(code="INDISPONIVEL", message=text, correlation=request.correlation)
    return _not_taken(503, body, str(error))


def _not_taken(status: int, body: NotTaken | Unauthorised, reason: str = "") -> Reply:
    return Reply(status, body.as_json(), reason=reason or body.message)


def reception(message_body: str, config: Intake) -> Reception:
    """Read a queue message into what is handed to the database. Raises MessageError."""
    try:
        message = json.loads(message_body)
        version = message["v"]
        raw = base64.b64decode(message["bruto"], validate=True)
        key, received_at, correlation, sender, content_type = (
            message[name] for name in ("chave", "recebido_em", "correlacao", "remetente", "tipo_conteudo")
        )
        received = datetime.fromisoformat(received_at)
    except (ValueError, KeyError, TypeError) as cause:
        raise _unreadable(f"{type(cause).__name__}: {cause}") from cause
    if version != _VERSION:
        raise _unreadable(f"versão {version!r}")
    events = read_request(raw, content_type, config, received)
    return Reception(
        key=key,
        origin=Origin.WEBHOOK,
        received_at=received_at,
        correlation=correlation,
        sender=sender,
        content_type=content_type,
        raw=raw,
        events=[event.as_json() for event in events],
    )


def _unreadable(what: str) -> MessageError:
    return MessageError(
        "message_unreadable",
        f"a mensagem não é de um webhook desta versão ({what})",
        action="confira quem escreve nesta fila; depois de um deploy, reenvie-a",
    )
