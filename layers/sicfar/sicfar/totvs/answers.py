"""What an ERP service answered, and what that means for the work: done, later, never, or set up wrongly.

Protheus answers errors in two JSON shapes, in HTML where its fault handler fails, and locks with any status at all.
The body is therefore read for its message, but the status decides; only the configured lock texts overrule it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sicfar.errors import ConfigurationError, PermanentError, TransientError
from sicfar.totvs.charset import UndecodableError, decode
from sicfar.totvs.events import parse_json

EXCERPT = 500
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_BUSY = (408, 425, 429, 502, 503, 504, 507)
_TURNED_AWAY = (408, 425, 429, 503, 507)
"""Statuses that say the request was not begun. A proxy's 502 or 504, or a bare 500, may follow work that was done."""


class TotvsUnavailableError(TransientError):
    """The ERP did not answer, is busy, or holds a lock.

    ``retry_after`` is seconds, if it said how long; ``answered``, whether there was an HTTP answer; ``doubt``, whether
    what was sent may have been done all the same.
    """

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str = "",
        action: str = "",
        retry_after: float | None = None,
        answered: bool = False,
        doubt: bool = False,
    ) -> None:
        super().__init__(code, what, where=where, action=action)
        self.retry_after = retry_after
        self.answered = answered
        self.doubt = doubt


class TotvsRefusedError(PermanentError):
    """The ERP understood and will not: the same request will be refused again."""


class TotvsAccessError(ConfigurationError):
    """Address, certificate or credentials are wrong: nothing works until somebody mends the configuration."""


@dataclass(frozen=True, slots=True)
class ItemError:
    """One item an ERP refused of several (207), or the one error of an answer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its body whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        """The body as text; what cannot be text is shown as its bytes."""
        try:
            return decode(self.body, self.headers.get("content-type"))
        except UndecodableError:
            return self.body.decode("ascii", "backslashreplace")

    def json(self) -> object:
        """The body's JSON with numbers as Decimal; None if it is none."""
        try:
            return parse_json(self.text())
        except ValueError:
            return None

    def error(self) -> ItemError:
        """The error the body tells, in whichever shape; of HTML the words."""
        value = self.json()
        if isinstance(value, dict):
            found = _item_error(value)
            if found.code or found.message:
                return found
        words = " ".join(_TAGS.sub(" ", self.text()).split())
        return ItemError("", words[:EXCERPT] or "sem corpo")

    def refused_items(self) -> list[ItemError]:
        """Of an answer to several items (207), those refused; none of them may be taken for done."""
        value = self.json()
        messages = value.get("_messages") if isinstance(value, dict) else None
        return [_item_error(one) for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []


def judge(
    answer: Answer, *, reading: bool, lock_texts: Sequence[str], where: str, now: datetime | None = None
) -> TransientError | PermanentError | ConfigurationError | None:
    """Return the typed error an answer amounts to, None if it is a success.

    A 500 while reading passes by itself. A 500 to something sent that tells a code is a business rule: Protheus
    answers so what its automatic routines refuse.
    """
    if 200 <= answer.status < 300:
        return None
    told = answer.error()
    what = f"HTTP {answer.status}" + (f" {told.code}" if told.code else "") + f": {told.message}"[:EXCERPT]
    words = _plain(what)
    if any(_plain(text) in words for text in lock_texts):
        return TotvsUnavailableError(
            "erp_locked", what, where=where, action="nenhuma: nova tentativa automática", answered=True
        )
    if answer.status in (401, 403):
        return TotvsAccessError(
            "erp_access", what, where=where, action="confira usuário, senha e permissões no Protheus (totvs.auth)"
        )
    if 300 <= answer.status < 400:
        return TotvsAccessError("erp_redirects", what, where=where, action="confira baseUrl e endpoints")
    if answer.status in _BUSY or (answer.status >= 500 and (reading or not told.code)):
        return TotvsUnavailableError(
            "erp_unavailable",
            what,
            where=where,
            action="nenhuma: nova tentativa automática",
            retry_after=_retry_after(answer.headers.get("retry-after", ""), now or datetime.now(UTC)),
            answered=True,
            doubt=answer.status not in _TURNED_AWAY,
        )
    return TotvsRefusedError("erp_refused", what, where=where, action="leia o motivo; corrija no TOTVS ou no envio")


def _item_error(value: dict[str, object]) -> ItemError:
    code = value.get("errorCode", value.get("code", ""))
    parts = [value.get(key) for key in ("errorMessage", "message", "detailedMessage")]
    words = list(dict.fromkeys(str(part).strip() for part in parts if part))
    return ItemError("" if code is None else str(code), " — ".join(words)[:EXCERPT])


def _retry_after(text: str, now: datetime) -> float | None:
    if text.strip().isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def _plain(text: str) -> str:
    """Without accents and capitals."""
    return "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))
