"""The only way to Supabase: signing in, and the REST API with the person's token and the publishable key.

No secret key is here. What a person may read or do is decided by the database, by the person's token.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from sicfar import settings
from sicfar.errors import PermanentError, TransientError

_TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # API Gateway gives up after 29 s
_AUTH_REFUSED = {400, 401, 403, 422}


class Answer(BaseModel):
    """What Supabase or the database answers, or a part of it: read, not changed."""

    model_config = ConfigDict(frozen=True)


class Tokens(Answer):
    """What Supabase Auth issues for a signed-in person."""

    access_token: str
    refresh_token: str
    expires_at: int
    """End of the access token, Unix seconds."""


class RefusedError(PermanentError):
    """The database refused: ``detail`` says why, ``hint`` what to do, in Portuguese; ``status`` is HTTP's."""

    def __init__(self, status: int, code: str, detail: str, hint: str) -> None:
        super().__init__(code, detail, action=hint)
        self.status = status
        self.detail = detail
        self.hint = hint

    @property
    def said(self) -> str:
        """What the person reads: why, and what to do."""
        return f"{self.detail} {self.hint}"


class TokenRefusedError(PermanentError):
    """The token is expired or revoked: the person has to sign in again."""


class SignInRefusedError(PermanentError):
    """Login or password is wrong, or Supabase Auth refuses more attempts for now."""

    status = 403

    @property
    def said(self) -> str:
        """What the person reads."""
        return self.what


class UnavailableError(TransientError):
    """Supabase did not answer, or not with what was asked for."""


@cache
def _client() -> httpx.Client:
    return httpx.Client(
        base_url=settings.text("SUPABASE_URL"),
        headers={"apikey": settings.text("SUPABASE_CHAVE_PUBLICAVEL")},
        timeout=_TIMEOUT,
        follow_redirects=False,
    )


def sign_in(name: str, password: str) -> Tokens:
    """Sign a person in by login name. One without a domain gets the plant's (`PAINEL_DOMINIO`).

    Raises:
        SignInRefusedError: wrong login or password, or too many attempts.
        UnavailableError: Supabase Auth did not answer.
    """
    address = name if "@" in name else f"{name}@{settings.text('PAINEL_DOMINIO')}"
    return _tokens("password", {"email": address, "password": password})


def refreshed(tokens: Tokens) -> Tokens:
    """Exchange the refresh token for new tokens. Raises SignInRefusedError, UnavailableError."""
    return _tokens("refresh_token", {"refresh_token": tokens.refresh_token})


def sign_out(tokens: Tokens) -> None:
    """Revoke the refresh token. Best effort: the access token ends by itself within the hour."""
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    try:
        _client().post("/auth/v1/logout", params={"scope": "local"}, headers=headers)
    except httpx.HTTPError as cause:
        raise UnavailableError("auth_unavailable", f"o Supabase Auth não respondeu ({type(cause).__name__})") from cause


def rpc(tokens: Tokens, function: str, /, **arguments: object) -> Any:  # noqa: ANN401 - whatever the function returns
    """Call a SQL function as the person and return its answer, decoded from JSON.

    Raises:
        RefusedError: the function refused, with its own code, detail and hint.
        TokenRefusedError: the token is not accepted any more.
        UnavailableError: no usable answer.
    """
    return _rest(tokens, "POST", f"rpc/{function}", json=arguments)


def select(tokens: Tokens, table: str, **query: str) -> list[dict[str, object]]:
    """Read rows of a table or view as the person; `query` is PostgREST's. Raises as `rpc`."""
    rows: list[dict[str, object]] = _rest(tokens, "GET", table, params=query)
    return rows


def _tokens(grant: str, body: Mapping[str, str]) -> Tokens:
    try:
        answer = _client().post("/auth/v1/token", params={"grant_type": grant}, json=body)
    except httpx.HTTPError as cause:
        raise UnavailableError("auth_unavailable", f"o Supabase Auth não respondeu ({type(cause).__name__})") from cause
    if answer.status_code == 429:
        raise SignInRefusedError("too_many_attempts", "Muitas tentativas seguidas. Espere alguns minutos.")
    if answer.status_code in _AUTH_REFUSED:
        raise SignInRefusedError("sign_in_refused", "Nome ou senha não conferem.")
    try:
        issued = answer.raise_for_status().json()
        issued.setdefault("expires_at", int(time.time()) + int(issued["expires_in"]))
        return Tokens.model_validate(issued)
    except (httpx.HTTPError, ValueError, KeyError, ValidationError):
        # Its text could hold a token.
        raise UnavailableError("auth_unavailable", f"resposta {answer.status_code} do Supabase Auth") from None


def _rest(tokens: Tokens, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    try:
        answer = _client().request(method, f"/rest/v1/{path}", headers=headers, **options)
    except httpx.HTTPError as cause:
        raise UnavailableError("supabase_unavailable", f"o Supabase não respondeu ({type(cause).__name__})") from cause
    if answer.is_success:
        return answer.json(parse_float=Decimal) if answer.content else None
    error = _error(answer)
    if answer.status_code == 401:
        raise TokenRefusedError("token_refused", "o Supabase não aceita mais o token")
    if error.get("code", "").startswith("PT"):
        raise RefusedError(answer.status_code, error["message"], error.get("details") or "", error.get("hint") or "")
    if answer.status_code == 403:
        raise RefusedError(403, "SEM_PERMISSAO", "Você não tem permissão para isto.", "Peça o papel à administração.")
    if answer.status_code in {400, 404, 422}:
        # Of a value that no column takes, e.g. a date in a link that is none.
        raise RefusedError(422, "PEDIDO_INVALIDO", "O banco não entendeu o pedido.", "Confira o que foi digitado.")
    raise UnavailableError("supabase_unavailable", f"resposta {answer.status_code} do Supabase em {path}")


def _error(answer: httpx.Response) -> dict[str, str]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
