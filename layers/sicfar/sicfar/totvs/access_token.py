"""The token that the ERP is called with."""

import math
import threading
import time
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sicfar.boundary import Boundary
from sicfar.errors import Fate, SicfarError
from sicfar.totvs.error_bodies import Words
from sicfar.totvs.model import InAnyCase

_RENEW_AT = 0.8  # of a token's life
_DEFAULT_LIFE = 3600.0  # seconds; what Protheus grants


def _as_seconds(raw: object) -> float:
    try:
        life = float(str(raw))
    except ValueError:
        return _DEFAULT_LIFE
    return life if math.isfinite(life) else _DEFAULT_LIFE


class ByPassword(Boundary):
    """The form that asks for a token with who we are."""

    grant_type: Literal["password"]
    username: str
    password: str = Field(repr=False)


class ByRefresh(Boundary):
    """The form that asks for a token with the one that renews it."""

    grant_type: Literal["refresh_token"]
    refresh_token: str = Field(repr=False)


TokenRequest = ByPassword | ByRefresh


class TokenAnswer(InAnyCase):
    """A token. ``life`` is in seconds."""

    access_token: str = Field(repr=False)
    refresh_token: Words = Field("", repr=False)
    life: Annotated[
        float,
        BeforeValidator(_as_seconds),
        WithJsonSchema({"type": "integer"}),
        Field(alias="expires_in", description="Segundos; sem ele, 3600."),
    ] = _DEFAULT_LIFE


class Token:
    """The token in use: renewed at four fifths of its life, by one thread at a time."""

    def __init__(self, call: Callable[[TokenRequest], TokenAnswer], username: str, password: str) -> None:
        """``call`` asks for a token, and returns the answer."""
        self._call = call
        self._by_password = ByPassword(grant_type="password", username=username, password=password)
        self._lock = threading.Lock()
        self._access = ""
        self._refresh = ""
        self._renew_at = 0.0

    def __repr__(self) -> str:
        return "Token(***)"

    def values(self) -> tuple[str, str]:
        """What must never be written down."""
        return self._access, self._refresh

    def current(self) -> str:
        """A token with life left."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._renew()
            return self._access

    def refreshed(self, refused: str) -> str:
        """Another token than the refused one, by the refresh token if there is one."""
        with self._lock:
            if self._access == refused:
                self._renew()
            return self._access

    def granted(self, refused: str) -> str:
        """Another token than the refused one, by password."""
        with self._lock:
            if self._access == refused:
                self._take(self._call(self._by_password))
            return self._access

    def _renew(self) -> None:
        if self._refresh:
            try:
                self._take(self._call(ByRefresh(grant_type="refresh_token", refresh_token=self._refresh)))
            # The refresh token is spent or was revoked; who we are still counts.
            except SicfarError as error:
                if error.fate is Fate.TRANSIENT:
                    raise
            else:
                return
        self._take(self._call(self._by_password))

    def _take(self, answer: TokenAnswer) -> None:
        self._access, self._refresh = answer.access_token, answer.refresh_token
        self._renew_at = time.monotonic() + max(1.0, answer.life * _RENEW_AT)
