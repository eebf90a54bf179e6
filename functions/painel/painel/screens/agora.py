"""*Agora*: a card a line, readable from across the hall."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import BaseModel, ConfigDict

from painel import page, plot, session, supabase

router = Router()
_STATES = {
    "PRODUZINDO": "produzindo",
    "PARADA": "parada desde",
    "SEM_SINAL": "sem sinal desde",
    "MANUAL": "contagem à mão",
    "SEM_FONTE": "ninguém conta esta linha",
}


class Card(BaseModel):
    """A line as `agora()` answers it: units, but for `sem_op_…`, which are the machine's counts; instants in UTC."""

    model_config = ConfigDict(frozen=True)

    linha_id: str
    linha: str
    setor: str
    situacao: str
    desde: datetime | None
    ultimo_sinal: datetime | None
    numero_op: str | None
    numero_lote: str | None
    produto: str | None
    planejado: Decimal | None
    boas: int | None
    refugo: int | None
    minutos: list[int]
    velocidade_nominal: Decimal | None
    sem_op_producao: int
    sem_op_rejeicao: int
    duvidosas: int

    @property
    def state(self) -> str:
        """The machine's state in words."""
        return _STATES[self.situacao]

    @property
    def plot(self) -> plot.Plot:
        """The last hour beside the nominal speed."""
        return plot.rates(self.minutos, float(self.velocidade_nominal) if self.velocidade_nominal else None)

    @property
    def hour(self) -> int:
        """Units of the last sixty whole minutes."""
        return sum(self.minutos)


@router.get("/painel/agora")
def show() -> Response[str]:
    """The lines of a sector, or of the account's; `?linha=` shows one alone."""
    visitor = session.current(router)
    asked = router.current_event.query_string_parameters or {}
    sector = asked.get("setor") or visitor.account.sector
    rows = supabase.rpc(visitor.account.tokens, "agora", p_setor=sector)
    cards = [Card.model_validate(row) for row in rows]
    if line := asked.get("linha"):
        cards = [card for card in cards if card.linha_id == line]
    template = "partes/agora.html" if visitor.polling else "agora.html"
    return page.render(visitor, template, cards=cards, at=datetime.now(UTC), kept=page.query(asked, "setor", "linha"))
