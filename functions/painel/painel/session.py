"""Who sits before the screen: a panel's own account (*Posto*) and a person (*Pessoa*), each in a cookie.

A Posto account can only read; its session lasts for weeks. A person's session is begun at a desk and ends after five
idle minutes or with the shift; on a shared panel there is none: each act is signed in for by itself (`acting`).
Cookies are HttpOnly, SameSite=Strict and, but for plain HTTP on one machine, Secure with the prefix `__Host-`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import ConfigDict, Field, ValidationError

from painel import supabase
from painel.supabase import SignInRefusedError, Tokens
from sicfar.errors import PermanentError, TransientError

IDLE_S = 300
"""A person's session ends after so many seconds without a request of theirs."""
POSTO_S = 60 * 86_400
_REFRESH_S = 120
_LONGEST_FORM = 200_000  # bytes


class SignInNeededError(PermanentError):
    """Nobody is signed in, or not any more."""


class FormRefusedError(PermanentError):
    """The form was not made for this session: another site's, a stolen or an old one."""


class Grant(supabase.Answer):
    """A role, in one sector or, if that is None, in all."""

    model_config = ConfigDict(validate_by_name=True)

    role: str = Field(alias="papel")
    sector: str | None = Field(alias="setor")


class Session(supabase.Answer):
    """One signed-in account, as its cookie keeps it. `until` (Unix seconds): idle limit or end of shift."""

    tokens: Tokens
    user: str
    signed_in_as: str
    """The login name."""
    name: str
    grants: list[Grant]
    until: int
    shift_end: int

    def may(self, *roles: str) -> bool:
        """Whether the person has one of the roles, in any sector; the database decides, this only hides buttons."""
        return any(grant.role in roles for grant in self.grants)

    @property
    def sector(self) -> str | None:
        """The sector of the account; None if it is for several or all."""
        sectors = {grant.sector for grant in self.grants}
        return sectors.pop() if len(sectors) == 1 else None

    @property
    def is_posto(self) -> bool:
        """Whether it is a panel's account, which no person is."""
        return {grant.role for grant in self.grants} == {"POSTO"}


def sign_in(login_name: str, password: str) -> Session:
    """Sign in and ask who that is. Raises SignInRefusedError, UnavailableError, RefusedError."""
    tokens = supabase.sign_in(login_name, password)
    told = supabase.rpc(tokens, "quem_sou")
    now = int(time.time())
    shift = told["turno"]
    made = Session(
        tokens=tokens,
        user=told["usuario_id"],
        signed_in_as=login_name,
        name=told["nome"] or login_name,
        grants=told["papeis"],
        until=now + IDLE_S,
        shift_end=int(datetime.fromisoformat(shift["fim"]).timestamp()) if shift else now + 43_200,
    )
    return made.model_copy(update={"until": now + POSTO_S}) if made.is_posto else made


@dataclass
class Visitor:
    """The sessions of one request, and what becomes of their cookies."""

    posto: Session | None
    pessoa: Session | None
    secret: str
    """Of this browser; form tokens are derived from it."""
    polling: bool
    """The page fetches itself again: no sign of a person."""
    given: dict[str, str] = field(default_factory=dict, repr=False)
    """The cookies as they came, by kind."""

    @property
    def account(self) -> Session:
        """Who reads: the person, else the panel. Raises SignInNeededError."""
        if account := self.pessoa or self.posto:
            return account
        raise SignInNeededError("sign_in_needed", "ninguém entrou")

    @property
    def token(self) -> str:
        """What a form must carry: bound to this browser and to who is signed in."""
        account = self.pessoa or self.posto
        return hmac.new(self.secret.encode(), (account.user if account else "").encode(), hashlib.sha256).hexdigest()

    def begin(self, made: Session) -> None:
        """A panel's or a person's session begins."""
        if made.is_posto:
            self.posto, self.pessoa = made, None
        else:
            self.pessoa = made

    def forget(self) -> None:
        """The session on top ends; a panel's stays below a person's."""
        if self.pessoa:
            self.pessoa = None
        else:
            self.posto = None

    def refresh(self) -> None:
        """Renew tokens that end soon; a session whose tokens are refused ends."""
        for kind in ("posto", "pessoa"):
            held: Session | None = getattr(self, kind)
            if held and held.tokens.expires_at < time.time() + _REFRESH_S:
                try:
                    setattr(self, kind, held.model_copy(update={"tokens": supabase.refreshed(held.tokens)}))
                except SignInRefusedError:
                    setattr(self, kind, None)
                except TransientError:
                    continue  # what is left of the token may do

    def cookies(self) -> list[Cookie]:
        """The cookies that differ from what the browser has. A request of a person's own lengthens the session."""
        now = int(time.time())
        pessoa = self.pessoa
        if pessoa and not self.polling:
            pessoa = pessoa.model_copy(update={"until": min(now + IDLE_S, pessoa.shift_end)})
        wanted = [
            ("posto", _packed(self.posto), self.posto.until - now if self.posto else 0),
            ("pessoa", _packed(pessoa), pessoa.until - now if pessoa else 0),
            ("forma", self.secret, POSTO_S),
        ]
        return [_cookie(kind, value, s) for kind, value, s in wanted if value != self.given.get(kind, "")]


def visitor(event: APIGatewayProxyEvent) -> Visitor:
    """Read a request's cookies; what is unreadable or has ended counts as absent."""
    header = SimpleCookie()
    with suppress(CookieError):
        header.load(event.headers.get("Cookie", ""))
    given = {kind: header[_name(kind)].value for kind in ("posto", "pessoa", "forma") if _name(kind) in header}
    return Visitor(
        posto=_session(given.get("posto", "")),
        pessoa=_session(given.get("pessoa", "")),
        secret=given.get("forma", "") or secrets.token_hex(16),
        polling=event.headers.get("HX-Trigger") == "vivo",
        given=given,
    )


def current(app: BaseRouter) -> Visitor:
    """The visitor of the request at work."""
    found: Visitor = app.context["visitor"]
    return found


def form(app: BaseRouter) -> dict[str, list[str]]:
    """The fields of a posted form, after its token was compared. Raises FormRefusedError."""
    event = app.current_event
    body = event.decoded_body or ""
    if len(body) > _LONGEST_FORM:
        raise FormRefusedError("form_too_long", "o formulário é grande demais")
    fields = parse_qs(body, keep_blank_values=True)
    sent = (fields.get("forma") or [""])[0]
    site = event.headers.get("Sec-Fetch-Site", "same-origin")
    if site != "same-origin" or not hmac.compare_digest(sent.encode(), current(app).token.encode()):
        raise FormRefusedError("form_refused", "Esta página ficou velha ou o formulário não é daqui.")
    return fields


@dataclass(frozen=True)
class Who:
    """What a form asks about who acts: name tiles on a shared panel; at a desk, `fresh` asks for the password again."""

    people: list[dict[str, str]]
    fresh: bool


def who(visitor: Visitor, function: str, sector: str | None, *, fresh: bool = False) -> Who:
    """Who may call `function` in the sector, for the form's tiles. Raises as `supabase.rpc`, SignInNeededError."""
    if visitor.pessoa:
        return Who([], fresh)
    tokens = visitor.account.tokens
    return Who(supabase.rpc(tokens, "pessoas_que_podem", p_funcao=function, p_setor=sector), fresh)


@contextmanager
def acting(app: BaseRouter, *, fresh: bool = False) -> Iterator[Session]:
    """The session in which a posted form acts: the desk's person, or whoever the form's name and password sign in.

    A person signed in by the form is signed out after the act. `fresh`: the password is asked for again.

    Raises:
        FormRefusedError: see `form`.
        SignInRefusedError: wrong name or password, or none was given.
    """
    fields = form(app)
    password = (fields.get("senha") or [""])[0]
    visitor = current(app)
    if visitor.pessoa and not fresh and not password:
        yield visitor.pessoa
        return
    chosen = (fields.get("login") or [""])[0].strip().lower()
    if not chosen or not password:
        raise SignInRefusedError("sign_in_missing", "Escolha o seu nome e digite a senha.")
    person = sign_in(chosen, password)
    if visitor.pessoa and visitor.pessoa.user != person.user:
        raise SignInRefusedError(
            "another_person", f"Quem entrou foi {visitor.pessoa.name}; saia antes de outra pessoa assinar."
        )
    try:
        yield person
    finally:
        end(person)


def end(person: Session) -> None:
    """Revoke a session's refresh token; if Supabase does not answer, the tokens end by themselves within the hour."""
    try:
        supabase.sign_out(person.tokens)
    except TransientError:
        return


def _local() -> bool:
    return os.environ.get("AMBIENTE") == "local"


def _name(kind: str) -> str:
    return f"sicfar-{kind}" if _local() else f"__Host-sicfar-{kind}"


def _cookie(kind: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        name=_name(kind),
        value=value,
        path="/",
        secure=not _local(),
        http_only=True,
        same_site=SameSite.STRICT_MODE,
        max_age=max(seconds, 0),
    )


def _packed(held: Session | None) -> str:
    return base64.urlsafe_b64encode(held.model_dump_json().encode()).decode().rstrip("=") if held else ""


def _session(value: str) -> Session | None:
    if not value:
        return None
    try:
        held = Session.model_validate_json(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (ValueError, ValidationError):
        return None
    return held if held.until > time.time() else None
