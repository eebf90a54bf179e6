"""*Ordens*: which order a line runs, and what opening, closing or re-dating one would move, before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

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
    line = supabase.rpc(tokens, "ordens_da_linha", p_linha_id=line_id, p_antes=before)
    newest = line["periodos"][0] if line["periodos"] and not before else None
    current = newest if newest and not newest["encerrada_em"] else None
    proposals = [] if current or before else supabase.rpc(tokens, "ordens_propostas", p_linha_id=line_id)
    facts = {"line": line, "current": current, "proposals": proposals, "first": not before, "reasons": _REASONS}
    return page.render(visitor, "ordens.html", **facts, link=_link)


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
    effect = supabase.rpc(visitor.account.tokens, asks, **arguments)
    who = None
    if not effect["recusa"] and not effect["nada_muda"]:
        who = session.who(visitor, function, effect["linha"]["setor"])
    asked = {name: fields.get(name, "") for name in ("linha", "op", "ato", "quando", "motivo")}
    facts = {"effect": effect, "who": who, "asked": asked, "told": [message] if message else []}
    return page.render(visitor, "ordem.html", status, **facts, link=_link)


def _act(fields: Mapping[str, str]) -> tuple[str, str, dict[str, str | None]]:
    """The act's function, the one that says what it would do, and what both are given."""
    function, asks, moment = _ACTS["encerrar" if fields.get("ato") == "encerrar" else "abrir"]
    typed = fields.get("quando")
    try:
        instant = page.typed_instant(typed) if typed else None
    except ValueError as cause:
        raise RefusedError(422, "INSTANTE_INVALIDO", "Este dia e hora não existem.", "Escolha-os de novo.") from cause
    return function, asks, {"p_numero_op": fields.get("op"), "p_linha_id": fields.get("linha"), moment: instant}


def _link(**fields: str) -> str:
    return "ordens?" + urlencode(fields)
