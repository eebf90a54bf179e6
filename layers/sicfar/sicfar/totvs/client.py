"""The ERP's services, asked politely: few at once, a token renewed ahead, every attempt on record.

One client lives as long as the process. It never repeats what changes something: only reading is tried again here, a
few times; everything else is decided by whoever asked.
"""

import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from sicfar.database.codes import CallResult
from sicfar.database.requests import Attempt
from sicfar.errors import ConfigurationError, Fate, SicfarError
from sicfar.instants import PLANT_TZ, format_instant, to_ms
from sicfar.references import REFERENCE, resolve
from sicfar.totvs.answers import EXCERPT, Answer, TotvsAccessError, TotvsUnavailableError, judge
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import Page, PageError, read_page
from sicfar.totvs.masking import masked, masked_url

LARGEST_ANSWER = 10 * 1024 * 1024  # Protheus's own MAXSTRINGSIZE
READ_ATTEMPTS = 3
LONGEST_PAUSE = 30.0
"""Seconds waited between two attempts of one reading, whatever Retry-After asks: the schedule comes again."""

_RENEW_AT = 0.8  # of a token's life
_DEFAULT_LIFE = 3600.0  # seconds; what Protheus grants
_RESULTS = {
    Fate.TRANSIENT: CallResult.TRANSIENT,
    Fate.PERMANENT: CallResult.PERMANENT,
    Fate.CONFIGURATION: CallResult.CONFIGURATION,
}


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One page, and the instant just before it was asked for: what it says was true then or later."""

    number: int
    requested_at: datetime
    answer: Answer
    page: Page


class TotvsClient:
    """Calls the configured services.

    ``record`` is told every HTTP attempt, token calls included. ``pause`` sleeps, in seconds.
    """

    def __init__(
        self,
        config: TotvsConfig,
        username: str,
        password: str,
        *,
        record: Callable[[Attempt], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._record = record
        self._pause = pause
        self._correlation = str(uuid.uuid4())
        self._slots = threading.BoundedSemaphore(config.concurrency)
        headers = {"Accept": "application/json", "X-Correlation-Id": self._correlation}
        if config.tenant_id is not None:
            # A branch may hold blanks, inside and at its end; those at the end no HTTP header can carry.
            headers["tenantId"] = config.tenant_id.strip(" ")
        self._http = httpx.Client(
            http2=False,
            verify=_trust(config.ca_bundle),
            timeout=httpx.Timeout(config.timeouts.read_seconds, connect=config.timeouts.connect_seconds),
            limits=httpx.Limits(max_keepalive_connections=config.concurrency),
            headers=headers,
            follow_redirects=False,
        )
        self._secrets = [username, password]
        self._basic = httpx.BasicAuth(username, password) if config.auth.type == "basic" else None
        self._token = _Token(self._token_call, username, password)

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
        """Read from a path. Raises Totvs…Error; a reading is not repeated here."""
        return self._authorised(operation, "GET", path, parameters=parameters)

    def post(self, operation: str, path: str, payload: bytes) -> Answer:
        """Send JSON bytes, once. An answer of 207 is a success of which `refused_items` must be read.

        Raises Totvs…Error.
        """
        return self._authorised(operation, "POST", path, content=payload)

    def stranger(self, path: str) -> Answer:
        """Read a path with a token that is none: how does the service turn somebody away? Raises Totvs…Error when
        there is no answer at all."""
        request = self._http.build_request("GET", self._config.url(path), headers={"Authorization": "Bearer nenhum"})
        with self._slots:
            return self._sent(request, None, f"GET {masked_url(str(request.url))}")

    def pages(self, entity: str, *, since: datetime | None, first_page: int = 1) -> Iterator[PageAnswer]:
        """Walk an endpoint's pages from `first_page`, ordered by a stable key, changed since an instant if given.

        Ends where the service says so, or at a page that is short or empty where it says nothing. A page that cannot
        be had is asked for again a few times. Raises Totvs…Error, PageError.
        """
        number = first_page
        while True:
            found = self.page(entity, number, since)
            yield found
            rows, has_next = found.page.rows, found.page.has_next
            if not rows or has_next is False or (has_next is None and len(rows) < self._config.page_size):
                return
            number += 1

    def page(self, entity: str, number: int, since: datetime | None) -> PageAnswer:
        """One page, tried a few times. Raises Totvs…Error, PageError."""
        for attempt in range(1, READ_ATTEMPTS + 1):
            requested_at = datetime.now(UTC)
            try:
                answer = self.get(entity, self._page_parameters(entity, number, since))
                page = read_page(answer.body, answer.headers.get("content-type"), self._config.charset)
                return PageAnswer(number, requested_at, answer, page)
            # An unreadable page of a successful answer was most likely cut on its way.
            except (TotvsUnavailableError, PageError) as error:
                if attempt == READ_ATTEMPTS:
                    raise
                asked = error.retry_after if isinstance(error, TotvsUnavailableError) else None
                self._pause(min(LONGEST_PAUSE, asked if asked is not None else 2.0 ** (attempt - 1)))
        raise AssertionError("unreachable")

    def _page_parameters(self, entity: str, number: int, since: datetime | None) -> dict[str, str]:
        parameters = {"page": str(number), "pageSize": str(self._config.page_size)}
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
    ) -> Answer:
        """One call with who we are. A 401 renews the token at most twice: by refreshing, then by password."""
        headers = {} if content is None else {"Content-Type": "application/json; charset=utf-8"}
        request = self._http.build_request(
            method, self._config.url(path), params=parameters, content=content, headers=headers
        )
        if self._basic:
            try:
                return self._judged(operation, request, self._basic)
            except _UnauthorizedError as error:
                raise error.final from None
        used = self._token.current()
        for renew in (self._token.refreshed, self._token.granted, None):
            request.headers["Authorization"] = f"Bearer {used}"
            try:
                return self._judged(operation, request, None)
            except _UnauthorizedError as error:
                if renew is None:
                    raise error.final from None
                used = renew(used)
        raise AssertionError("unreachable")

    def _judged(self, operation: str, request: httpx.Request, auth: httpx.Auth | None) -> Answer:
        """Send, record, and raise what the answer amounts to."""
        where = f"{request.method} {masked_url(str(request.url))}"
        begun, at = time.monotonic(), datetime.now(UTC)
        answer: Answer | None = None
        error: SicfarError | None = None
        try:
            with self._slots:
                answer = self._sent(request, auth, where)
            error = judge(answer, reading=request.method == "GET", lock_texts=self._config.lock_texts, where=where)
        except SicfarError as raised:
            error = raised
        secrets = [*self._secrets, *self._token.values()]
        if error:
            error.what = masked(error.what, secrets)
            error.args = (error.code, error.what, error.where, error.action)
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
                error=error.what[:EXCERPT] if error else None,
                correlation=self.correlation,
                bytes_sent=len(request.content),
                bytes_received=len(answer.body) if answer else 0,
            )
        )
        if error:
            if answer and answer.status == 401 and isinstance(error, ConfigurationError):
                raise _UnauthorizedError(error)
            raise error
        assert answer is not None  # noqa: S101 - without an answer there is an error
        return answer

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
                        raise TotvsAccessError("answer_too_large", what, where=where, action="diminua totvs.pageSize")
                return Answer(response.status_code, response.headers, bytes(body))
            finally:
                response.close()
        except httpx.TimeoutException as cause:
            what = f"o TOTVS não respondeu a tempo ({type(cause).__name__})"
            unsent = isinstance(cause, httpx.ConnectTimeout | httpx.PoolTimeout)
            raise TotvsUnavailableError("erp_timeout", what, where=where, action=later, doubt=not unsent) from cause
        except (httpx.TransportError, httpx.DecodingError) as cause:
            if _certificate_refused(cause):
                raise TotvsAccessError(
                    "certificate_refused",
                    f"o certificado do TOTVS não é aceito ({cause})",
                    where=where,
                    action="informe em totvs.caBundle a autoridade que o emitiu",
                ) from cause
            what = f"sem conexão com o TOTVS ({type(cause).__name__}: {cause})"
            unsent = isinstance(cause, httpx.ConnectError)
            raise TotvsUnavailableError("erp_unreachable", what, where=where, action=later, doubt=not unsent) from cause

    def _token_call(self, form: Mapping[str, str]) -> Mapping[str, object]:
        """Ask for a token: in the body, because a URL is written into the logs of every machine on the way."""
        url = self._config.url(self._config.auth.token_url)
        request = self._http.build_request("POST", url, data=dict(form))
        try:
            answer = self._judged("token", request, None)
        except _UnauthorizedError as error:
            raise error.final from None
        except TotvsUnavailableError as error:
            error.doubt = False  # what the token was for has not been sent
            raise
        value = answer.json()
        if not isinstance(value, dict) or not isinstance(value.get("access_token"), str):
            raise TotvsAccessError(
                "token_unreadable",
                "a resposta não traz access_token",
                where=url,
                action="confira totvs.auth.tokenUrl e o serviço de token do Protheus",
            )
        return value


class _UnauthorizedError(Exception):
    """A 401 that a new token may cure; ``final`` is what to raise if it does not."""

    def __init__(self, final: SicfarError) -> None:
        super().__init__(final)
        self.final = final


class _Token:
    """The token in use: renewed at four fifths of its life, by one thread at a time."""

    def __init__(self, call: Callable[[Mapping[str, str]], Mapping[str, object]], username: str, password: str) -> None:
        self._call = call
        self._form = {"grant_type": "password", "username": username, "password": password}
        self._lock = threading.Lock()
        self._access = ""
        self._refresh = ""
        self._renew_at = 0.0

    def __repr__(self) -> str:
        return "_Token(***)"

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


def _trust(ca_bundle: str | None) -> ssl.SSLContext:
    """The system's authorities, and the site's own. Raises SettingError, TotvsAccessError."""
    context = ssl.create_default_context()
    if ca_bundle:
        try:
            if REFERENCE.fullmatch(ca_bundle):
                context.load_verify_locations(cadata=resolve(ca_bundle, "totvs.caBundle"))
            else:
                context.load_verify_locations(cadata=Path(ca_bundle).read_text(encoding="ascii"))
        except (ssl.SSLError, OSError, ValueError) as cause:
            raise TotvsAccessError(
                "ca_unreadable",
                f"{type(cause).__name__}: {cause}",
                where="totvs.caBundle",
                action="informe um arquivo PEM, ou uma referência ao texto dele",
            ) from cause
    return context


def _certificate_refused(error: BaseException | None) -> bool:
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
