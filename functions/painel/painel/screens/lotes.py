"""*Lotes*: what a lot waits for, what was frozen and told to TOTVS, and the way back from a number to its bytes."""

from __future__ import annotations

from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from painel import page, session, supabase
from painel.supabase import RefusedError, SignInRefusedError

router = Router()
_PAGE = 50
_STATES = {
    "ESPERA": "esperam alguém", "EM_ANDAMENTO": "em andamento", "A_FECHAR": "a fechar", "CONCLUIDO": "fechado",
    "POSTO_DE_LADO": "posto de lado", "PLANEJADO": "planejado",
}  # fmt: skip
_TERMS = _STATES | {
    "PRODUZIDA": "produzidas", "REFUGO": "refugo", "RETEM": "retém", "AMOSTRA_SEMIACABADO": "amostra de semiacabado",
    "AMOSTRA_ACABADO": "amostra de acabado", "PROPOSTO": "a decidir", "APROVADO": "aprovado", "OK": "aceito",
    "PARCIAL": "Produção parcial", "PRODUCAO": "Produção do lote", "PERDAS": "Perdas", "STATUS": "Lote fechado",
    "AJUSTE": "Ajuste", "ESTORNO": "Estorno", "PENDENTE": "vai ser enviado", "ENVIANDO": "sendo enviado",
    "CONFIRMADO": "o TOTVS aceitou", "RECUSADO": "recusado", "INCERTO": "não se sabe se entrou",
    "ESGOTADO": "parou depois de tentativas demais", "DESCARTADO": "não vai mais", "SUPERADO": "não vale mais",
    "PERMANENTE": "recusado", "CONFIGURACAO": "a configuração não serve",
    "TRANSITORIO": "sem resposta que sirva; tenta-se de novo",
}  # fmt: skip
_MISSING = {
    "QUARENTENA": "Um arquivo não lido pode ter contagens desta OP.",
    "CONTAGEM_RETIDA": "Há contagens duvidosas desta OP.",
    "EPOCA_ABERTA": "O gateway da linha foi trocado, e falta dizer até onde o anterior contou.",
}
"""Where the database's text has words of the integration: what the plant reads instead."""


@router.get("/painel/lotes")
def show() -> Response[str]:
    """One order with `?op=`, else a page of the list."""
    visitor = session.current(router)
    asked = router.current_event.query_string_parameters or {}
    if op := asked.get("op"):
        return _lot(visitor, op)
    search, state, number = asked.get("busca", "").strip(), asked.get("estado", ""), page.number_asked(asked)
    rows = supabase.rpc(
        visitor.account.tokens, "lotes", p_busca=search or None, p_estado=state or None, p_pagina=number
    )
    kept = page.query(asked, "busca", "estado")
    more = {**kept, "pagina": str(number + 1)} if len(rows) > _PAGE else None
    less = {**kept, "pagina": str(number - 1)} if number > 1 else None
    facts = {"lots": rows[:_PAGE], "search": search, "state": state, "more": more, "less": less}
    return page.render(visitor, "lotes.html", detail=None, states=_STATES, terms=_TERMS, **facts)


@router.post("/painel/lotes")
def decide() -> Response[str]:
    """Approve or refuse the adjustments that were shown, no others."""
    fields = session.form(router)
    op, decision, reason = (fields.get(name, [""])[0] for name in ("op", "decisao", "motivo"))
    seen = [int(one) for one in fields.get("ajuste", []) if one.isascii() and one.isdecimal()]
    try:
        with session.acting(router) as person:
            arguments = {"p_numero_op": op, "p_decisao": decision, "p_motivo": reason, "p_ajustes": seen}
            supabase.rpc(person.tokens, "decidir_ajustes", **arguments)
    except (RefusedError, SignInRefusedError) as refused:
        return _lot(session.current(router), op, refused=refused, reason=reason)
    return page.redirect("lotes?" + urlencode({"op": op}))


def _lot(
    visitor: session.Visitor, op: str, *, refused: RefusedError | SignInRefusedError | None = None, reason: str = ""
) -> Response[str]:
    asked = router.current_event.query_string_parameters or {}
    detail = supabase.rpc(
        visitor.account.tokens, "lote_detalhe", p_numero_op=op, p_linha_id=asked.get("linha"), p_de=asked.get("de")
    )
    proposed = detail["fechamento"]["propostos"] if detail["fechamento"] else []
    who = None
    if proposed and (detail["decide"] or not visitor.pessoa):
        who = session.who(visitor, "decidir_ajustes", None)
    facts = {"reason": reason, "proposed": proposed, "who": who, "missing": _MISSING, "terms": _TERMS}
    status, told = (refused.status, [refused.said]) if refused else (200, [])
    return page.render(visitor, "lotes.html", status, "", told, detail=detail, **facts)
