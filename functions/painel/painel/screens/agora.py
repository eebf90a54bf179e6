"""*Agora*: a card a line, readable from across the hall."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from painel import page, session, supabase
from sicfar import plot

router = Router()
_STATES = {
    "PRODUZINDO": "produzindo",
    "PARADA": "parada desde",
    "SEM_SINAL": "sem sinal desde",
    "MANUAL": "contagem à mão",
    "SEM_FONTE": "ninguém conta esta linha",
}


class Card(supabase.Answer):
    """A line as `agora()` answers it, in units; `without_order` is in the machine's counts; instants are UTC."""

    line: str = Field(alias="linha_id")
    name: str = Field(alias="linha")
    condition: str = Field(alias="situacao")
    since: page.Instant | None = Field(alias="desde")
    order: str | None = Field(alias="numero_op")
    lot: str | None = Field(alias="numero_lote")
    product: str | None = Field(alias="produto")
    planned: Decimal | None = Field(alias="planejado")
    good: int | None = Field(alias="boas")
    refused: int | None = Field(alias="refugo")
    minutes: list[int] = Field(alias="minutos")
    nominal: Decimal | None = Field(alias="velocidade_nominal")
    without_order: int = Field(alias="sem_op_producao")
    doubtful: int = Field(alias="duvidosas")

    @property
    def state(self) -> str:
        """The machine's state in words."""
        return _STATES[self.condition]

    @property
    def plot(self) -> plot.Plot:
        """The last hour beside the nominal speed."""
        return plot.rates(self.minutes, float(self.nominal) if self.nominal else None)

    @property
    def hour(self) -> int:
        """Units of the last sixty whole minutes."""
        return sum(self.minutes)


@router.get("/painel/agora")
def show() -> Response[str]:
    """The lines of a sector, or of the account's; `?linha=` shows one alone."""
    visitor = session.current(router)
    asked = router.current_event.query_string_parameters or {}
    sector = asked.get("setor") or visitor.account.sector
    rows = supabase.rpc(visitor.account.tokens, "agora", p_setor=sector)
    cards = [Card.model_validate(row) for row in rows]
    if line := asked.get("linha"):
        cards = [card for card in cards if card.line == line]
    template = "partes/agora.html" if visitor.polling else "agora.html"
    return page.render(visitor, template, cards=cards, at=datetime.now(UTC), kept=page.query(asked, "setor", "linha"))
