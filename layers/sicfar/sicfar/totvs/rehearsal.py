"""A rehearsed request (`?ensaio=1`) on record: the attempt is all that is kept of it."""

import json
from datetime import UTC, datetime

from sicfar.database.codes import CallResult
from sicfar.database.requests import Attempt
from sicfar.totvs.inbox import REHEARSAL_VERSION


def attempt(message_body: str) -> Attempt | None:
    """Read the queue message of a rehearsal; None if it is another message."""
    try:
        message = json.loads(message_body)
        if message["v"] != REHEARSAL_VERSION:
            return None
        refused = message["status"] != 200
        received = datetime.fromisoformat(message["recebido_em"])
        return Attempt(
            at=received,
            direction="ENTRADA",
            operation="ensaio",
            method="POST",
            url="/totvs/eventos?ensaio=1",
            status=message["status"],
            latency_ms=max(0, int((datetime.now(UTC) - received).total_seconds() * 1000)),
            result=CallResult.PERMANENT if refused else CallResult.OK,
            code="EVENTO_INVALIDO" if refused else None,
            error=message["erro"],
            correlation=message["correlacao"],
            bytes_sent=0,
            bytes_received=message["bytes"],
        )
    except (ValueError, KeyError, TypeError):
        return None
