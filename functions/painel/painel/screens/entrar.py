"""Signing in and out, and where each role begins."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from painel import page, session
from painel.supabase import SignInRefusedError

router = Router()
_BACK = re.compile(r"[a-z]+(\?[A-Za-z0-9%=&._:+-]*)?")
_FIRST = (("ADMIN", "integracao"), ("SUPERVISOR", "turno"), ("ENCARREGADO", "turno"), ("GESTOR", "pendencias"))


def ask(event: APIGatewayProxyEvent) -> Response[str]:
    """Send somebody who is not signed in to the sign-in page, and afterwards back."""
    if event.headers.get("HX-Request"):
        return Response(401, "text/plain", "", {"HX-Refresh": "true", "Cache-Control": "no-store"})
    if event.http_method != "GET" or event.path.rstrip("/").endswith("/painel"):
        return page.redirect("entrar" if event.path.rstrip("/").count("/") > 1 else "painel/entrar")
    back = event.path.rsplit("/", 1)[-1]
    query = urlencode(event.query_string_parameters or {})
    return page.redirect("entrar?" + urlencode({"volta": f"{back}?{query}" if query else back}))


@router.get("/painel")
def begin() -> Response[str]:
    """The first page of whoever is signed in."""
    return page.redirect(f"painel/{_first(session.current(router).account)}")


@router.get("/painel/entrar")
def show() -> Response[str]:
    """The form."""
    return _form(200, "")


@router.post("/painel/entrar")
def sign_in() -> Response[str]:
    """Sign in; a panel's account begins a Posto, a person's a session of five idle minutes."""
    fields = session.form(router)
    chosen, password, back = (fields.get(name, [""])[0].strip() for name in ("login", "senha", "volta"))
    if not chosen or not password:
        return _form(422, "Digite o nome e a senha.")
    try:
        made = session.sign_in(chosen.lower(), password)
    except SignInRefusedError as refused:
        return _form(403, refused.what)
    if not made.grants:
        return _form(403, "Esta conta não tem papel no SicFar. Peça-o à administração.")
    session.current(router).begin(made)
    return page.redirect(back if _BACK.fullmatch(back) else _first(made))


@router.post("/painel/sair")
def sign_out() -> Response[str]:
    """End the session on top: a person's; without one, the panel's."""
    session.form(router)
    visitor = session.current(router)
    session.end(visitor.account)
    visitor.forget()
    return page.redirect("agora" if visitor.posto else "entrar")


def _form(status: int, message: str) -> Response[str]:
    visitor = session.current(router)
    back = (router.current_event.query_string_parameters or {}).get("volta", "")
    return page.render(visitor, "entrar.html", status, told=[message] if message else [], back=back)


def _first(account: session.Session) -> str:
    known = {path for path, _name, _roles in page.SCREENS}
    return next((path for role, path in _FIRST if account.may(role) and path in known), "agora")
