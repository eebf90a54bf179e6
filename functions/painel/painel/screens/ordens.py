"""*Ordens*: which order a line runs, and what opening, closing or re-dating one would move, before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import AliasPath, BaseModel, ConfigDict, Field

from painel import page, session, supabase
from painel.supabase import RefusedError, SignInRefusedError

router = Router()
_ACTS = {
    "abrir": ("abrir_ordem", "efeito_abertura", "p_aberta_em"),
    "encerrar": ("encerrar_ordem", "efeito_encerramento", "p_encerrada_em"),
}
"""Of each act: its function, the one that says what it would do, and how both name the instant."""
_REASONS = {
    "LINHA_DO_TOTVS": "o TOTVS indica esta linha",
    "LETRA_DO_LOTE": "a letra do lote é desta linha",
    "PRODUTO_FEITO_AQUI": "o produto já foi feito aqui",
    "VELOCIDADE_NOMINAL": "a linha tem velocidade para o produto",
}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Notice(_Answer):
    """What forbids an act, or should be known before it."""

    detail: str = Field(alias="detalhe")
    action: str = Field(alias="acao")


class Lot(_Answer):
    """Which lot an order makes."""

    lot: str = Field(alias="numero_lote")
    product: str | None = Field(alias="produto")


class Proposal(Lot):
    """An order that may be the next on the line; the amount is in TOTVS's unit of it."""

    order: str = Field(alias="numero_op")
    planned: Decimal = Field(alias="quantidade_planejada")
    unit: str | None = Field(alias="unidade")
    codes: list[str] = Field(alias="razoes")
    obstacles: list[Notice] = Field(alias="motivos")
    notices: list[Notice] = Field(alias="avisos")

    @property
    def reasons(self) -> str:
        """Why it is proposed, in words."""
        return "; ".join(_REASONS[code] for code in self.codes)


class Period(_Answer):
    """When an order was, or would be, open on the line (UTC); in a list also its lot and units of it on the line."""

    order: str = Field(alias="numero_op")
    begun: datetime = Field(alias="aberta_em")
    ended: datetime | None = Field(alias="encerrada_em")
    lot: str = Field(alias="numero_lote", default="")
    product: str | None = Field(alias="produto", default=None)
    made: int | None = Field(alias="producao", default=None)
    refused: int | None = Field(alias="rejeicao", default=None)


class Unattributed(_Answer):
    """What the line counted without order since its last one ended, in the machine's counts."""

    since: datetime = Field(alias="desde")
    made: int = Field(alias="producao")


class Line(_Answer):
    """A line and its orders, the newest first; `before` begins the next page."""

    line: str = Field(alias="linha_id")
    name: str = Field(alias="nome")
    periods: list[Period] = Field(alias="periodos")
    before: datetime | None = Field(alias="antes")
    without_order: Unattributed | None = Field(alias="sem_op")


class Move(_Answer):
    """Counts that would stand elsewhere: the machine's, and the units they are on either side."""

    source_state: str = Field(alias="de_situacao")
    source: str | None = Field(alias="de_op")
    target_state: str = Field(alias="para_situacao")
    target: str | None = Field(alias="para_op")
    counted: int = Field(alias="producao_maquina")
    counted_refused: int = Field(alias="rejeicao_maquina")
    made_before: int | None = Field(alias="producao_de")
    refused_before: int | None = Field(alias="rejeicao_de")
    made_after: int | None = Field(alias="producao_para")
    refused_after: int | None = Field(alias="rejeicao_para")

    @property
    def sentence(self) -> str:
        """What passes from where to where, as the plant says it."""
        made = self.made_before if self.made_after is None else self.made_after
        refused = self.refused_before if self.refused_after is None else self.refused_after
        nouns = ("unidade", "unidades")
        if made is None:
            made, refused, nouns = self.counted, self.counted_refused, ("contagem", "contagens")
        amount = f"{page.number(made)} {nouns[made != 1]}" + (f" e {page.number(refused)} de refugo" if refused else "")
        if self.source and self.source == self.target:
            return f"{amount} da OP {self.source}, por outro fator: eram {page.number(self.made_before)}"
        source = f"da OP {self.source}" if self.source else _nowhere("de", self.source_state)
        target = f"para a OP {self.target}" if self.target else _nowhere("para", self.target_state)
        return f"{amount} {'passam' if made != 1 or refused else 'passa'} {source} {target}"


class Effect(_Answer):
    """What an act would do now, or why it would be refused; `after` None: the period would be annulled."""

    act: str = Field(alias="ato")
    line: str | None = Field(alias="linha_id")
    name: str | None = Field(validation_alias=AliasPath("linha", "nome"), default=None)
    sector: str | None = Field(validation_alias=AliasPath("linha", "setor"), default=None)
    lot: Lot | None = Field(alias="lote")
    notices: list[Notice] = Field(alias="avisos")
    refusal: Notice | None = Field(alias="recusa")
    instant: datetime | None = Field(alias="instante", default=None)
    nothing_changes: bool = Field(alias="nada_muda", default=True)
    needs_reason: bool = Field(alias="exige_motivo", default=False)
    before: Period | None = Field(alias="antes", default=None)
    after: Period | None = Field(alias="depois", default=None)
    moves: list[Move] = Field(alias="movimentos", default=[])
    shown: str = Field(alias="visto", default="")


@router.get("/painel/ordens")
def show() -> Response[str]:
    """A line's orders; with `op` and `ato`, what that act would do."""
    asked = router.current_event.query_string_parameters or {}
    line_id, before = asked.get("linha"), asked.get("antes")
    if not line_id:
        return page.redirect("agora")
    if asked.get("op"):
        return _confirm(asked)
    visitor = session.current(router)
    tokens = visitor.account.tokens
    line = Line.model_validate(supabase.rpc(tokens, "ordens_da_linha", p_linha_id=line_id, p_antes=before))
    current = line.periods[0] if line.periods and not before and not line.periods[0].ended else None
    rows = [] if current or before else supabase.rpc(tokens, "ordens_propostas", p_linha_id=line_id)
    proposals = [Proposal.model_validate(row) for row in rows]
    first = not before
    return page.render(
        visitor, "ordens.html", line=line, current=current, proposals=proposals, first=first, typed=_typed, link=_link
    )


@router.post("/painel/ordens")
def act() -> Response[str]:
    """Do what was shown; what is refused is said on the same page, with the effect as it is now."""
    fields = {name: values[0].strip() for name, values in session.form(router).items()}
    function, _asks, arguments = _act(fields)
    try:
        with session.acting(router) as person:
            reason, shown = fields.get("motivo"), fields.get("visto", "")
            supabase.rpc(person.tokens, function, **arguments, p_motivo=reason, p_visto=shown)
    except (RefusedError, SignInRefusedError) as refused:
        return _confirm(fields, refused.status, refused.said)
    return page.redirect(_link(linha=fields.get("linha", "")))


def _confirm(fields: Mapping[str, str], status: int = 200, message: str = "") -> Response[str]:
    visitor = session.current(router)
    function, asks, arguments = _act(fields)
    effect = Effect.model_validate(supabase.rpc(visitor.account.tokens, asks, **arguments))
    who = None
    if not effect.refusal and not effect.nothing_changes:
        who = session.who(visitor, function, effect.sector)
    asked = {name: fields.get(name, "") for name in ("linha", "op", "ato", "quando", "motivo")}
    return page.render(
        visitor, "ordem.html", status, effect=effect, who=who, asked=asked, message=message, typed=_typed, link=_link
    )


def _act(fields: Mapping[str, str]) -> tuple[str, str, dict[str, str | None]]:
    """The act's function, the one that says what it would do, and what both are given."""
    function, asks, moment = _ACTS["encerrar" if fields.get("ato") == "encerrar" else "abrir"]
    typed = fields.get("quando")
    try:
        instant = page.typed_instant(typed) if typed else None
    except ValueError as cause:
        raise RefusedError(422, "INSTANTE_INVALIDO", "Este dia e hora não existem.", "Escolha-os de novo.") from cause
    return function, asks, {"p_numero_op": fields.get("op"), "p_linha_id": fields.get("linha"), moment: instant}


def _typed(value: datetime | None) -> str:
    """An instant as the browser's field of a day and a time takes it: the plant's."""
    return page.field(value) if value else ""


def _link(**fields: str) -> str:
    return "ordens?" + urlencode(fields)


def _nowhere(side: str, situation: str) -> str:
    if situation == "RETIDA":
        return f"{'das' if side == 'de' else 'para as'} contagens duvidosas"
    return f"{side} sem OP"
