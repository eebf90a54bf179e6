"""The ERP's services, asked politely: few at once, a token renewed ahead, every attempt on record.

One client lives as long as the process. It never repeats what changes something: only reading is tried again here, a
few times; everything else is decided by whoever asked.
"""

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from pydantic import ValidationError

from sicfar.database.codes import CallResult
from sicfar.database.requests import Attempt
from sicfar.errors import ConfigurationError, Fate, SicfarError
from sicfar.instants import PLANT_TZ, format_instant, to_ms
from sicfar.totvs.access_token import Token, TokenAnswer, TokenRequest
from sicfar.totvs.answers import Answer, TotvsAccessError, TotvsRefusedError, TotvsUnavailableError, judge
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import Page, PageError, read_page
from sicfar.totvs.masking import excerpt, masked, masked_url
from sicfar.totvs.success import Expected
from sicfar.totvs.trust import certificate_refused, trust

LARGEST_ANSWER = 10 * 1024 * 1024  # Protheus's own MAXSTRINGSIZE
READ_ATTEMPTS = 3
LONGEST_PAUSE = 30.0
"""Seconds waited between two attempts of one reading, whatever Retry-After asks: the schedule comes again."""

_ERROR, _ANSWER = 500, 4_000  # characters kept of an error and of an answer
_RESULTS = {
    Fate.TRANSIENT: CallResult.TRANSIENT,
    Fate.PERMANENT: CallResult.PERMANENT,
    Fate.CONFIGURATION: CallResult.CONFIGURATION,
}


JSON_CONTENT = {"Content-Type": "application/json; charset=utf-8"}


def usual_headers(config: TotvsConfig, correlation: str) -> dict[str, str]:
    """What goes with every call besides who we are."""
    headers = {"Accept": "application/json", "X-Correlation-Id": correlation}
    if config.tenant_id is not None:
        # A branch may hold blanks, inside and at its end; those at the end no HTTP header can carry.
        headers["tenantId"] = config.tenant_id.strip(" ")
    return headers


class PageRepeatedError(ConfigurationError):
    """A service that sends again the rows it has sent, and says nothing of others: what follows cannot be had."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One page, and the instant just before it was asked for: what it says was true then or later."""

    number: int
    requested_at: datetime
    answer: Answer
    page: Page


@dataclass(frozen=True, slots=True)
class Booked:
    """The ERP booked a report: the beginning of its answer, without secrets, and its own key, if it is declared."""

    answer: str
    key: str | None


class TotvsClient:
    """Calls the configured services.

    ``record`` is told every HTTP attempt, token calls included. ``refused`` is called when the ERP does not accept who
    we are. ``pause`` sleeps, in seconds.
    """

    def __init__(
        self,
        config: TotvsConfig,
        username: str,
        password: str,
        *,
        record: Callable[[Attempt], None],
        refused: Callable[[], None] = lambda: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._record = record
        self._refused = refused
        self._pause = pause
        self._correlation = str(uuid.uuid4())
        self._slots = threading.BoundedSemaphore(config.concurrency)
        self._http = httpx.Client(
            http2=False,
            verify=trust(config.ca_bundle),
            timeout=httpx.Timeout(config.timeouts.read_seconds, connect=config.timeouts.connect_seconds),
            limits=httpx.Limits(max_keepalive_connections=config.concurrency),
            headers=usual_headers(config, self._correlation),
            follow_redirects=False,
        )
        self._login = (username, password)
        self._basic = httpx.BasicAuth(username, password) if config.auth.type == "basic" else None
        self._token = Token(self._token_call, username, password)

    @property
    def correlation(self) -> str:
        """What this client's calls are known by, here and in the ERP's logs."""
        return self._correlation

    @correlation.setter
    def correlation(self, name: str) -> None:
        self._correlation = self._http.headers["X-Correlation-Id"] = name

    @property
    def longest_call_seconds(self) -> float:
        """How long one call may take at worst, its token included."""
        return 3.0 * (self._config.timeouts.connect_seconds + self._config.timeouts.read_seconds)

    @property
    def longest_page_seconds(self) -> float:
        """How long one page may take at worst: every attempt hanging, every pause in full."""
        timeouts = self._config.timeouts
        return READ_ATTEMPTS * (timeouts.connect_seconds + timeouts.read_seconds + LONGEST_PAUSE)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, endpoint: str, parameters: Mapping[str, str]) -> Answer:
        """Read from an endpoint of the configuration. Raises Totvs…Error; a reading is not repeated here."""
        return self._authorised(endpoint, "GET", self._config.endpoints[endpoint], parameters=parameters)

    def read(self, operation: str, path: str, parameters: Mapping[str, str]) -> Answer:
        """Read from a path; the answer is put on record. Raises Totvs…Error; a reading is not repeated here."""
        return self._authorised(operation, "GET", path, parameters=parameters, kept=True)

    def post(
        self,
        operation: str,
        path: str,
        payload: bytes | None,
        expected: Expected,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> Booked:
        """Send a report, once. Raises Totvs…Error, also if the answer is not the one expected."""
        answer = self._authorised(
            operation, method, path, content=payload, headers=headers, expected=expected, kept=True
        )
        read = expected.read(answer.status, answer.json(), empty=not answer.body.strip())
        # What holds a secret is an echo of ours, and no key of the ERP's.
        key = read.key if read.key and self.masked(read.key) == read.key else None
        return Booked(excerpt(answer.text(), self._secrets(), _ANSWER), key)

    def masked(self, text: str) -> str:
        """A text without what this client must never show."""
        return masked(text, self._secrets())

    def stranger(self, path: str) -> Answer:
        """Read a path with a token that is none: how does the service turn somebody away? Raises Totvs…Error when
        there is no answer at all."""
        request = self._http.build_request("GET", self._config.url(path), headers={"Authorization": "Bearer nenhum"})
        with self._slots:
            return self._sent(request, None, f"GET {masked_url(str(request.url))}")

    def pages(self, entity: str, *, since: datetime | None, first_page: int = 1) -> Iterator[PageAnswer]:
        """Walk an endpoint's pages from `first_page`, ordered by a stable key, changed since an instant if given.

        Ends where the service says so. Where it says nothing, it ends at an empty page, or at one that was read before;
        a short page is no end, for services cap their pages. A page that cannot be had is asked for again a few times.
        Raises Totvs…Error, PageError, and PageRepeatedError where a repeated page leaves open what comes after it.
        """
        seen: set[bytes] = set()
        number = first_page
        while True:
            found = self.page(entity, number, since)
            rows, has_next = found.page.rows, found.page.has_next
            content = _digest(rows)
            if rows and content in seen:
                # A second page like the first may mean that `page` is ignored, so that only the first rows can be had.
                # Otherwise the service gives its last page for every page after it.
                if has_next or (number == 2 and not self.heeds_page(entity, since, rows)):
                    raise _repeated(entity, found)
                return
            seen.add(content)
            yield found
            if not rows or has_next is False:
                return
            number += 1

    def heeds_page(self, entity: str, since: datetime | None, rows: list[object]) -> bool:
        """Whether the service heeds `page`, as far as its first rows tell. Raises Totvs…Error, PageError.

        In pages of half that size the second one begins after the first row; one row alone tells nothing.
        """
        half = len(rows) // 2
        if half == 0:
            return True
        second = self.page(entity, 2, since, half).page.rows
        return bool(second) and rows[0] not in second

    def page(self, entity: str, number: int, since: datetime | None, size: int | None = None) -> PageAnswer:
        """One page of the configured or another size, tried a few times. Raises Totvs…Error, PageError."""
        for attempt in range(1, READ_ATTEMPTS + 1):
            requested_at = datetime.now(UTC)
            try:
                answer = self.get(entity, self._page_parameters(entity, number, since, size))
                page = read_page(answer.body, answer.headers.get("content-type"), self._config.charset)
                return PageAnswer(number, requested_at, answer, page)
            # An unreadable page of a successful answer was most likely cut on its way.
            except (TotvsUnavailableError, PageError) as error:
                self._hide_secrets(error)
                if attempt == READ_ATTEMPTS:
                    raise
                asked = error.retry_after if isinstance(error, TotvsUnavailableError) else None
                self._pause(min(LONGEST_PAUSE, asked if asked is not None else 2.0 ** (attempt - 1)))
        raise AssertionError("unreachable")

    def _page_parameters(self, entity: str, number: int, since: datetime | None, size: int | None) -> dict[str, str]:
        parameters = {"page": str(number), "pageSize": str(size or self._config.page_size)}
        if self._config.order.get(entity):
            parameters["order"] = self._config.order[entity]
        changed = self._config.changed_since
        if changed and since:
            local = since.astimezone(PLANT_TZ)
            written = {"iso": format_instant(to_ms(since)), "protheus": f"{local:%Y%m%d %H:%M:%S}"}
            parameters[changed.parameter] = written.get(changed.format, f"{local:%Y-%m-%d}")
        return parameters

    # -------------------------------------------------------------------------------------------------- one call

    def _authorised(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expected: Expected | None = None,
        kept: bool = False,
    ) -> Answer:
        """One call with who we are. A 401 renews the token at most twice: by refreshing, then by password."""
        sent = {**(headers or {})} | ({} if content is None else JSON_CONTENT)
        request = self._http.build_request(
            method, self._config.url(path), params=parameters, content=content, headers=sent
        )
        if self._basic:
            try:
                return self._judged(operation, request, self._basic, expected, kept=kept)
            except _UnauthorizedError as error:
                self._refused()
                raise error.final from None
        used = self._token.current()
        for renew in (self._token.refreshed, self._token.granted, None):
            request.headers["Authorization"] = f"Bearer {used}"
            try:
                return self._judged(operation, request, None, expected, kept=kept)
            except _UnauthorizedError as error:
                if renew is None:
                    raise error.final from None
                used = renew(used)
        raise AssertionError("unreachable")

    def _judged(
        self,
        operation: str,
        request: httpx.Request,
        auth: httpx.Auth | None,
        expected: Expected | None = None,
        *,
        kept: bool = False,
    ) -> Answer:
        """Send, record (with the beginning of the answer if it is to be `kept`), and raise what the answer amounts
        to."""
        where = f"{request.method} {masked_url(str(request.url))}"
        begun, at = time.monotonic(), datetime.now(UTC)
        answer: Answer | None = None
        error: SicfarError | None = None
        try:
            with self._slots:
                answer = self._sent(request, auth, where)
            error = judge(
                answer,
                reading=request.method == "GET",
                lock_texts=self._config.lock_texts,
                where=where,
                expected=expected,
            )
        except SicfarError as raised:
            error = raised
        if error:
            self._hide_secrets(error)
        self._record(
            Attempt(
                at=at,
                operation=operation,
                method=request.method,
                url=masked_url(str(request.url)),
                status=answer.status if answer else None,
                latency_ms=int((time.monotonic() - begun) * 1000),
                result=_RESULTS[error.fate] if error else CallResult.OK,
                code=error.code if error else None,
                error=error.what if error else None,
                correlation=self.correlation,
                bytes_sent=len(request.content),
                bytes_received=len(answer.body) if answer else 0,
                answer=excerpt(answer.text(), self._secrets(), _ANSWER) if answer and kept else None,
            )
        )
        if error:
            if isinstance(error, TotvsAccessError) and error.unauthorized:
                raise _UnauthorizedError(error)
            raise error
        assert answer is not None  # noqa: S101 - without an answer there is an error
        return answer

    def _hide_secrets(self, error: SicfarError) -> None:
        error.what = excerpt(error.what, self._secrets(), _ERROR)
        error.args = (error.code, error.what, error.where, error.action)

    def _secrets(self) -> tuple[str, ...]:
        return *self._login, *self._token.values()

    def _sent(self, request: httpx.Request, auth: httpx.Auth | None, where: str) -> Answer:
        later = "nenhuma: nova tentativa automática"
        try:
            response = self._http.send(request, auth=auth, stream=True)
            try:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        what = f"a resposta passa de {LARGEST_ANSWER // 1024 // 1024} MB"
                        raise TotvsAccessError(
                            "answer_too_large",
                            what,
                            where=where,
                            action="diminua totvs.pageSize",
                            doubt=request.method != "GET",
                        )
                return Answer(response.status_code, response.headers, bytes(body))
            finally:
                response.close()
        except httpx.TimeoutException as cause:
            what = f"o TOTVS não respondeu a tempo ({type(cause).__name__})"
            unsent = isinstance(cause, httpx.ConnectTimeout | httpx.PoolTimeout)
            raise TotvsUnavailableError("erp_timeout", what, where=where, action=later, doubt=not unsent) from cause
        except (httpx.TransportError, httpx.DecodingError) as cause:
            if certificate_refused(cause):
                raise TotvsAccessError(
                    "certificate_refused",
                    f"o certificado do TOTVS não é aceito ({cause})",
                    where=where,
                    action="informe em totvs.caBundle a autoridade que o emitiu",
                ) from cause
            what = f"sem conexão com o TOTVS ({type(cause).__name__}: {cause})"
            unsent = isinstance(cause, httpx.ConnectError)
            raise TotvsUnavailableError("erp_unreachable", what, where=where, action=later, doubt=not unsent) from cause

    def _token_call(self, asked: TokenRequest) -> TokenAnswer:
        """Ask for a token: in the body, because a URL is written into the logs of every machine on the way."""
        url = self._config.url(self._config.auth.token_url)
        request = self._http.build_request("POST", url, data=asked.as_json())
        try:
            answer = self._judged("token", request, None)
        except _UnauthorizedError as error:
            self._refused()
            raise error.final from None
        except (TotvsUnavailableError, TotvsAccessError) as error:
            error.doubt = False  # what the token was for has not been sent
            raise
        except TotvsRefusedError as error:
            # Wrong credentials, or no token service: nothing of what the token was for is refused.
            self._refused()
            raise TotvsAccessError(
                "token_refused",
                error.what,
                where=error.where,
                action="confira usuário, senha e totvs.auth.tokenUrl",
            ) from error
        try:
            return TokenAnswer.model_validate(answer.json())
        except ValidationError:
            raise TotvsAccessError(
                "token_unreadable",
                "a resposta não traz access_token",
                where=url,
                action="confira totvs.auth.tokenUrl e o serviço de token do Protheus",
            ) from None


def _digest(rows: list[object]) -> bytes:
    """The same for the same rows in whatever order."""
    texts = sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).digest()


def _repeated(entity: str, found: PageAnswer) -> PageRepeatedError:
    more = " e o serviço diz que há mais (hasNext)" if found.page.has_next else ": o serviço ignora `page`"
    return PageRepeatedError(
        "page_repeated",
        f"a página {found.number} repete as {len(found.page.rows)} linhas de uma já lida{more};"
        " o que viria depois não chega, e a marca não avança",
        where=entity,
        action="o serviço deve respeitar `page`, e responder hasNext, ou items vazio depois da última página",
    )


class _UnauthorizedError(Exception):
    """A 401 that a new token may cure; ``final`` is what to raise if it does not."""

    def __init__(self, final: SicfarError) -> None:
        super().__init__(final)
        self.final = final
