"""Somebody who signed in to an environment's Supabase, acting through its API as the plant's screens do."""

from __future__ import annotations

from typing import TypeVar

import httpx
from pydantic import Field, ValidationError

from operations.deployment.database import SupabaseSilentError
from sicfar.boundary import Boundary
from sicfar.errors import ConfigurationError, PermanentError

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class SignInRefusedError(ConfigurationError):
    """Supabase does not take this e-mail and password."""


class ActRefusedError(PermanentError):
    """The database refused what a person wanted to do; code, text and fix are its own."""


class _Session(Boundary, frozen=True):
    access_token: str = Field(min_length=1)


class _Refusal(Boundary, frozen=True):
    """As PostgREST tells an SQL error: our code, its text, what to do."""

    message: str = ""
    details: str | None = None
    hint: str | None = None


Row = TypeVar("Row", bound=Boundary)


class Person:
    """A signed-in person. Nothing of them is stored: the session ends with this process."""

    def __init__(self, url: str, key: str, email: str, password: str) -> None:
        """Sign in.

        Args:
            url: of the Supabase project.
            key: any of the project's keys; it only opens the gateway, who acts is said by the person's own token:
                https://supabase.com/docs/guides/troubleshooting/why-is-my-service-role-key-client-getting-rls-errors-or-not-returning-data-7_1K9z
            email: of somebody signed up there.
            password: theirs.

        Raises SignInRefusedError or SupabaseSilentError.
        """
        self._url = url.rstrip("/")
        self._headers = {"apikey": key}
        answer = self._post("/auth/v1/token?grant_type=password", {"email": email, "password": password})
        session = _session(answer)
        if session is None:
            raise SignInRefusedError(
                "sign_in_refused",
                f"o Supabase não aceita este e-mail e senha (HTTP {answer.status_code})",
                where=self._url,
                action="confira-os; a pessoa é deste projeto, com o e-mail confirmado e login por senha",
            )
        self._headers["Authorization"] = f"Bearer {session.access_token}"

    def call(self, function: str, **arguments: object) -> None:
        """Call one of the database's functions. Raises ActRefusedError or SupabaseSilentError."""
        _require_done(function, self._post(f"/rest/v1/rpc/{function}", arguments))

    def rows(self, model: type[Row], table: str, **conditions: str) -> list[Row]:
        """Rows of a table, as many as the API gives; conditions as PostgREST writes them.

        Raises ActRefusedError or SupabaseSilentError.
        """
        try:
            answer = httpx.get(
                f"{self._url}/rest/v1/{table}", params=conditions, headers=self._headers, timeout=_TIMEOUT
            )
        except httpx.HTTPError as cause:
            raise self._silent(cause) from cause
        _require_done(table, answer)
        return [model.model_validate(row) for row in answer.json()]

    def _post(self, path: str, body: dict[str, object]) -> httpx.Response:
        try:
            return httpx.post(f"{self._url}{path}", json=body, headers=self._headers, timeout=_TIMEOUT)
        except httpx.HTTPError as cause:
            raise self._silent(cause) from cause

    def _silent(self, cause: httpx.HTTPError) -> SupabaseSilentError:
        return SupabaseSilentError("supabase_silent", f"não respondeu ({type(cause).__name__})", where=self._url)


def _session(answer: httpx.Response) -> _Session | None:
    """What signing in gave; None if it was refused."""
    try:
        return _Session.model_validate_json(answer.content) if answer.is_success else None
    except ValidationError:
        return None


def _require_done(what: str, answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        refusal = _Refusal.model_validate_json(answer.content)
    except ValidationError:
        refusal = _Refusal()
    raise ActRefusedError(
        refusal.message or "act_refused",
        refusal.details or refusal.message or f"o Supabase respondeu HTTP {answer.status_code}",
        where=what,
        action=refusal.hint or "",
    )
