"""*Integração*: gateways, sources, TOTVS and what was refused, for managers and IT, in our own words."""

from __future__ import annotations

from datetime import UTC, datetime

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from painel import page, session, supabase

router = Router()


@router.get("/painel/integracao")
def show() -> Response[str]:
    """All of it, as `integracao()` answers."""
    visitor = session.current(router)
    found = supabase.rpc(visitor.account.tokens, "integracao")
    return page.render(visitor, "integracao.html", at=datetime.now(UTC), **found)
