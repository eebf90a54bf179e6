"""*Pendências*: what a person can decide, by cause and oldest first; one form a function, made from its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from painel import acts, page, session, supabase
from painel.acts import Act, NotTypedError
from painel.session import FormRefusedError, Visitor
from painel.supabase import Answer, RefusedError, SignInRefusedError, Tokens

router = Router()
_AT_ONCE = 50
_GONE = "Isto não espera mais: alguém já decidiu, ou se resolveu por si."


class Matter(Answer):
    """One row of `pendencias_escolhidas`. `own`: what the person may do; `anybodys`: what somebody may."""

    kind: str = Field(alias="tipo")
    key: str = Field(alias="chave")
    line: str | None = Field(alias="linha_id")
    sector: str | None = Field(alias="setor")
    title: str = Field(alias="titulo")
    text: str = Field(alias="descricao")
    since: page.Instant = Field(alias="desde")
    details: dict[str, object] = Field(alias="detalhes")
    anybodys: list[str] = Field(alias="atos")
    own: list[str] = Field(alias="posso")
    originals: list[dict[str, object]] | None = Field(alias="originais")
    """The first bytes of what could not be read, written in ASCII, and where they were."""

    @property
    def item(self) -> str:
        """What names it in a link or form."""
        return f"{self.kind}|{self.key}"

    @property
    def report(self) -> list[tuple[str, object]]:
        """What a report to TOTVS says: its single values."""
        content = self.details.get("conteudo")
        pairs = content.items() if isinstance(content, dict) else ()
        return [(name.replace("_", " "), value) for name, value in pairs if isinstance(value, str | int)]

    @property
    def place(self) -> str:
        """The query of the screen where the line's shift is signed."""
        known = (("linha", "p_linha_id"), ("data", "p_data"), ("turno", "p_turno"), ("op", "numero_op"))
        return urlencode({name: self.details[key] for name, key in known if self.details.get(key)})


class Chosen(Answer):
    """Matters that are decided together, with what can be done about them."""

    matters: list[Matter] = Field(alias="pendencias")
    known: dict[str, Act] = Field(alias="atos")
    titles: dict[str, str] = Field(alias="titulos")

    def acts(self, *, anybody: bool) -> list[Act]:
        """What can be done about all of them: by the person, or (`anybody`) by whoever a panel's form signs in."""
        names = [one.anybodys if anybody else one.own for one in self.matters]
        return [
            act
            for name in (names[0] if names else [])
            if all(name in others for others in names)
            and ((act := self.known[name]).bulk or len(names) == 1)
            and (act.screen or all(act.can_be_called(one.details) for one in self.matters))
        ]


@router.get("/painel/pendencias")
def show() -> Response[str]:
    """What waits, or with `?item=…` the matters chosen, with the form of one act."""
    visitor = session.current(router)
    asked = router.current_event.query_string_parameters or {}
    items = (router.current_event.multi_value_query_string_parameters or {}).get("item", [])
    if items:
        return _form(visitor, items, asked.get("ato", ""))
    return _list(visitor)


@router.post("/painel/pendencias")
def decide() -> Response[str]:
    """Call one function for each chosen matter; which, and with what, is read anew from the database."""
    visitor = session.current(router)
    fields = session.form(router)
    items, name = fields.get("item", []), (fields.get("funcao") or [""])[0]
    shown = dict(zip(items, map(acts.unpacked, fields.get("visto", [])), strict=False))
    done, refused = 0, []
    try:
        with session.acting(router) as person:
            chosen = _chosen(person.tokens, items)
            act = next((one for one in chosen.acts(anybody=True) if one.function == name and not one.screen), None)
            for matter in chosen.matters:
                if act is None:
                    raise FormRefusedError("another_act", "Este assunto não se resolve assim.")
                try:
                    call = act.call(matter.details, shown.get(matter.item, {}), fields)
                    supabase.rpc(person.tokens, name, **call)
                    done += 1
                except NotTypedError as error:
                    refused.append(error.what)
                except RefusedError as error:
                    refused.append(acts.plain(error.said, chosen.titles))
    except SignInRefusedError as error:
        refused.append(error.what)
    if done and not refused:
        return page.redirect("pendencias?" + urlencode({"feito": name, "n": done}))
    told = list(dict.fromkeys(refused)) or [_GONE]
    return _form(visitor, items, name, told=[f"Decididas: {done}.", *told] if done else told, typed=fields)


def _list(visitor: Visitor, told: Sequence[str] = ()) -> Response[str]:
    asked = router.current_event.query_string_parameters or {}
    account = visitor.account
    found = supabase.rpc(
        account.tokens,
        "minhas_pendencias",
        p_so_minhas=not account.is_posto,
        p_setor=account.sector,
        p_linha_id=asked.get("linha"),
        p_pagina=page.number_asked(asked),
    )
    done = found["atos"].get(asked.get("feito", ""))
    count = asked.get("n", "")
    return page.render(
        visitor,
        "pendencias.html",
        status=409 if told else 200,
        found=found,
        done=f"Feito. {done['titulo']}: {count}" if done and count.isdecimal() and len(count) < 6 else "",
        told=told,
        kept=page.query(asked, "linha"),
    )


def _form(
    visitor: Visitor, items: Sequence[str], name: str, told: Sequence[str] = (), typed: acts.Fields | None = None
) -> Response[str]:
    chosen = _chosen(visitor.account.tokens, items)
    if not chosen.matters:
        return _list(visitor, told or [_GONE])
    can = chosen.acts(anybody=visitor.pessoa is None)
    act = next((one for one in can if one.function == name), can[0] if can else None)
    sectors = {one.sector for one in chosen.matters}
    sector = sectors.pop() if len(sectors) == 1 else None
    asks = act is not None and not act.screen
    details = [one.details for one in chosen.matters]
    return page.render(
        visitor,
        "pendencia.html",
        status=409 if told else 200,
        matters=chosen.matters,
        can=can,
        act=act,
        asked=act.asked(*details) if act else [],
        who=session.who(visitor, act.function, None if act.all_sectors else sector) if act and asks else None,
        shown=[acts.packed(act.shown(one)) for one in details] if act else [],
        first=details[0],
        typed=typed or {},
        told=told,
        plain=lambda text: acts.plain(text, chosen.titles),
    )


def _chosen(tokens: Tokens, items: Sequence[str]) -> Chosen:
    pairs = [item.split("|", 1) for item in items[:_AT_ONCE] if "|" in item]
    wanted = [{"tipo": kind, "chave": key} for kind, key in pairs]
    return Chosen.model_validate(supabase.rpc(tokens, "pendencias_escolhidas", p_itens=wanted))
