"""*Cadastros*: master data changed by functions, with person and reason, and what was changed before."""

from __future__ import annotations

from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from painel import acts, page, session, supabase
from painel.acts import Act, NotTypedError
from painel.supabase import RefusedError, SignInRefusedError

router = Router()
_HISTORY = 30
_ACTS = ("definir_", "por_ordem_de_lado", "retomar_ordem")  # and those of which this is the screen


@router.get("/painel/cadastros")
def show() -> Response[str]:
    """What the account may define; with `?ato=…` the form of one function, with what the link says filled in."""
    asked = router.current_event.query_string_parameters or {}
    return _page(asked.get("ato", ""), done=asked.get("feito", ""), typed={name: [asked[name]] for name in asked})


@router.post("/painel/cadastros")
def define() -> Response[str]:
    """Call one of the functions with what was typed."""
    fields = session.form(router)
    name = (fields.get("funcao") or [""])[0]
    known = _acts()
    act = known.get(name)
    if act is None:
        return _page(name, told="Este cadastro não existe, ou não é seu.")
    try:
        with session.acting(router) as person:
            supabase.rpc(person.tokens, name, **act.call({}, {}, fields))
    except (NotTypedError, SignInRefusedError) as error:
        return _page(name, told=error.what, typed=fields)
    except RefusedError as error:
        titles = {one.function: one.title for one in known.values()}
        return _page(name, told=acts.plain(error.said, titles), typed=fields)
    return page.redirect("cadastros?" + urlencode({"feito": name}))


def _page(name: str, *, told: str = "", done: str = "", typed: acts.Fields | None = None) -> Response[str]:
    visitor = session.current(router)
    known = _acts()
    act = known.get(name)
    return page.render(
        visitor,
        "cadastros.html",
        status=409 if told else 200,
        acts=list(known.values()),
        act=act,
        who=session.who(visitor, name, None) if act else None,
        told=[told] if told else [],
        done=f"Feito: {known[done].title}." if done in known else "",
        typed=typed or {},
        history=[] if act else _history(),
        people=_people() if act and any(one.kind == "pessoa" for one in act.takes) else [],
    )


def _acts() -> dict[str, Act]:
    """The functions on master data that one of the account's roles may call, by name."""
    account = session.current(router).account
    rows = supabase.rpc(account.tokens, "atos_pessoas")
    return {
        row["funcao"]: Act.model_validate(row)
        for row in rows
        if (row["funcao"].startswith(_ACTS) or row["tela"] == "cadastros") and account.may(*row["papeis"])
    }


def _people() -> list[dict[str, object]]:
    tokens = session.current(router).account.tokens
    return supabase.select(tokens, "pessoas_vigentes", select="usuario_id,nome", order="nome,usuario_id")


def _history() -> list[dict[str, object]]:
    return supabase.select(
        session.current(router).account.tokens,
        "trilha_auditoria",
        select="em,papel,acao,objeto,antes,depois,motivo",
        acao="in.(insert,update,delete)",
        order="id.desc",
        limit=str(_HISTORY),
    )
