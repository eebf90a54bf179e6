"""What an ERP service answered, and what that means for the work: done, later, never, or set up wrongly.

Protheus answers errors in two JSON shapes, in HTML where its fault handler fails, with any status at all, also 200.
The status decides what an answer means, unless a configured lock text or an error inside a 2xx says otherwise; and a
report counts as booked only if its answer has the declared shape.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from sicfar.errors import ConfigurationError, PermanentError, SicfarError, TransientError, UnknownError
from sicfar.totvs.charset import UndecodableError, decode
from sicfar.totvs.error_bodies import ItemError, errors_inside, item_error, status_of
from sicfar.totvs.events import parse_json
from sicfar.totvs.success import Expected, Reading

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_BUSY = (408, 423, 425, 429, 502, 503, 504, 507)
_REFUSED = (400, 404, 405, 406, 409, 410, 412, 413, 415, 422)
"""Statuses by which a service refuses what it was asked. A list that is closed: of another the next call may do better,
e.g. a proxy's 407 or a quota's 402."""
_TURNED_AWAY = (408, 423, 425, 429, 503, 507)
"""Statuses that say the request was not begun. A proxy's 502 or 504, or a bare 500, may follow work that was done."""
_NOT_THERE = (404, 405)
"""Statuses that a web server gives for a path it has no service at (yet): if the answer is not the service's JSON."""
_SEE_OTHER = (302, 303)
"""Redirections that may follow work that was done; the others say that it was not begun."""
_LATER = "nenhuma: nova tentativa automática"


class TotvsUnavailableError(TransientError):
    """The ERP did not answer, is busy, or holds a lock.

    ``retry_after`` is seconds, if it said how long; ``answered``, whether the ERP's service answered; ``doubt``,
    whether what was sent may have been done all the same.
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


class TotvsUnknownError(TotvsUnavailableError, UnknownError):
    """An answer this version has no judgement about; nothing was done. No report's fault: it is no attempt of one."""


class TotvsRefusedError(PermanentError):
    """The ERP understood and will not: the same request will be refused again.

    ``status`` is the answer's; ``doubt``, whether it may have done what was sent before it refused.
    """

    def __init__(
        self, code: str, what: str, *, where: str = "", action: str = "", status: int = 0, doubt: bool = False
    ) -> None:
        super().__init__(code, what, where=where, action=action)
        self.status = status
        self.doubt = doubt


class TotvsAccessError(ConfigurationError):
    """Address, certificate or credentials are wrong: nothing works until somebody mends the configuration.

    ``unauthorized``: another token may do; ``doubt``: what was sent may have been done all the same.
    """

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str = "",
        action: str = "",
        unauthorized: bool = False,
        doubt: bool = False,
    ) -> None:
        super().__init__(code, what, where=where, action=action)
        self.unauthorized = unauthorized
        self.doubt = doubt


class TotvsUnrecognisedError(TransientError):
    """The ERP answered a report with success, but not as declared: whether it is booked is unknown."""


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

    def error(self, value: object) -> ItemError:
        """The error the body says, in whichever shape; of HTML the words. ``value`` is its JSON."""
        if isinstance(value, dict):
            found = item_error(value)
            if found.code or found.message:
                return found
        return ItemError("", " ".join(_TAGS.sub(" ", self.text()).split()) or "sem corpo")


class Judgement(NamedTuple):
    """The typed error an answer amounts to, None if it is a success; ``key``: the ERP's own, of what it booked."""

    error: SicfarError | None
    key: str | None = None


def judge(
    answer: Answer,
    *,
    reading: bool,
    lock_texts: Sequence[str],
    where: str,
    expected: Expected | None = None,
    now: datetime | None = None,
) -> Judgement:
    """Hold an answer against what an ERP answers.

    ``expected``: the answer is one to a report, and a success only if it has the declared shape.
    """
    read = None
    if expected is not None and 200 <= answer.status < 300:
        read = expected.read(answer.status, answer.json(), empty=not answer.body.strip())
    error = _error(answer, read, reading=reading, lock_texts=lock_texts, where=where, expected=expected, now=now)
    return Judgement(error, None if read is None else read.key)


def _error(
    answer: Answer,
    read: Reading | None,
    *,
    reading: bool,
    lock_texts: Sequence[str],
    where: str,
    expected: Expected | None,
    now: datetime | None,
) -> SicfarError | None:
    """What is wrong with an answer. ``read``: a success held against the shape of the answer to a report.

    A 500 while reading passes by itself. A 500 to something sent that names a code is a business rule: Protheus
    answers so what its automatic routines refuse, but it may have booked something before it failed.
    """
    status, value = answer.status, answer.json()
    if 200 <= status < 300:
        if value is None and answer.text().lstrip().startswith("<"):
            return _page(answer, value, where, doubt=not reading)
        unrecognised = _unrecognised(answer, read.problem, expected, where) if read and expected else None
        inside = next(errors_inside(status, value, expected, unfitting=unrecognised is not None), None)
        if inside is None:
            return unrecognised
        status, found = status_of(inside), inside
    else:
        found = answer.error(value)
    what = f"HTTP {answer.status}" + (f" {found}" if found.code else f": {found}")
    words = _plain(what)
    if any(_plain(text) in words for text in lock_texts):
        return TotvsUnavailableError("erp_locked", what, where=where, action=_LATER, answered=True)
    if status in (401, 403):
        return TotvsAccessError(
            "erp_access",
            what,
            where=where,
            action="confira usuário, senha e permissões no Protheus (totvs.auth)",
            unauthorized=status == 401,
        )
    if 300 <= status < 400:
        return TotvsAccessError(
            "erp_redirects",
            what,
            where=where,
            action="confira baseUrl e endpoints",
            doubt=not reading and status in _SEE_OTHER,
        )
    if status in _NOT_THERE and value is None:
        return _page(answer, value, where, doubt=False)
    if status in _BUSY or (status >= 500 and (reading or not found.code)):
        return TotvsUnavailableError(
            "erp_unavailable",
            what,
            where=where,
            action=_LATER,
            retry_after=_retry_after(answer.headers.get("retry-after", ""), now or datetime.now(UTC)),
            answered=True,
            doubt=not reading and status not in _TURNED_AWAY,
        )
    if 400 <= status < 500 and status not in _REFUSED:
        return TotvsUnknownError(
            "erp_unknown",
            what,
            where=where,
            action="avise quem desenvolve: esta versão não conhece a resposta; nova tentativa automática",
        )
    return TotvsRefusedError(
        "erp_refused",
        what,
        where=where,
        action="leia o motivo; corrija no TOTVS ou no envio",
        status=answer.status,
        doubt=not reading and not 400 <= answer.status < 500,
    )


def _page(answer: Answer, value: object, where: str, *, doubt: bool) -> TotvsUnavailableError:
    """A web server, or a login, answers in place of the service: it is being started, or the address is another's."""
    return TotvsUnavailableError(
        "erp_not_there",
        f"HTTP {answer.status}, e não é o serviço que responde: {answer.error(value)}",
        where=where,
        action="se não passar em minutos, confira baseUrl, o caminho e o AppServer",
        doubt=doubt,
    )


def _unrecognised(answer: Answer, problem: str | None, expected: Expected, where: str) -> TotvsUnrecognisedError | None:
    if problem is None:
        return None
    return TotvsUnrecognisedError(
        "answer_unrecognised",
        f"HTTP {answer.status}, mas a resposta não é a declarada em {expected.where}: {problem}",
        where=where,
        action=f"procure o envio no TOTVS e decida-o com decidir_envio; se está lá, corrija {expected.where}",
    )


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
