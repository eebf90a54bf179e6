"""The token that the ERP is called with."""

import threading
import time
from collections.abc import Callable, Mapping

from sicfar.errors import Fate, SicfarError

_RENEW_AT = 0.8  # of a token's life
_DEFAULT_LIFE = 3600.0  # seconds; what Protheus grants


class Token:
    """The token in use: renewed at four fifths of its life, by one thread at a time."""

    def __init__(self, call: Callable[[Mapping[str, str]], Mapping[str, object]], username: str, password: str) -> None:
        """``call`` asks for a token with a form, and returns the answer."""
        self._call = call
        self._form = {"grant_type": "password", "username": username, "password": password}
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
                self._take(self._call(self._form))
            return self._access

    def _renew(self) -> None:
        if self._refresh:
            try:
                self._take(self._call({"grant_type": "refresh_token", "refresh_token": self._refresh}))
            # The refresh token is spent or was revoked; who we are still counts.
            except SicfarError as error:
                if error.fate is Fate.TRANSIENT:
                    raise
            else:
                return
        self._take(self._call(self._form))

    def _take(self, answer: Mapping[str, object]) -> None:
        try:
            life = float(str(answer.get("expires_in", "")))
        except ValueError:
            life = _DEFAULT_LIFE
        self._access = str(answer["access_token"])
        self._refresh = str(answer.get("refresh_token") or "")
        self._renew_at = time.monotonic() + max(1.0, life * _RENEW_AT)
