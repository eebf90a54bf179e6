"""One call to the ERP: with who we are, a few at once, on record, and raised as what its answer amounts to.

A token is renewed ahead. Nothing is repeated here but a call that was turned away for its token.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from pydantic import ValidationError

from sicfar.database.codes import CallResult
from sicfar.database.requests import Attempt
from sicfar.errors import Fate, SicfarError
from sicfar.totvs.access_token import Token, TokenAnswer, TokenRequest
from sicfar.totvs.answers import (
    Answer,
    Judgement,
    TotvsAccessError,
    TotvsRefusedError,
    TotvsUnavailableError,
    judge,
)
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.masking import excerpt, masked, masked_url
from sicfar.totvs.success import Expected
from sicfar.totvs.trust import certificate_refused, trust

LARGEST_ANSWER = 10 * 1024 * 1024  # Protheus's own MAXSTRINGSIZE
JSON_CONTENT = {"Content-Type": "application/json; charset=utf-8"}
_ERROR, _ANSWER = 500, 4_000  # characters kept of an error and of an answer
_RESULTS = {
    Fate.TRANSIENT: CallResult.TRANSIENT,
    Fate.PERMANENT: CallResult.PERMANENT,
    Fate.CONFIGURATION: CallResult.CONFIGURATION,
}


def usual_headers(config: TotvsConfig, correlation: str) -> dict[str, str]:
    """What goes with every call besides who we are."""
    headers = {"Accept": "application/json", "X-Correlation-Id": correlation}
    if config.tenant_id is not None:
        # A branch may hold blanks, inside and at its end; those at the end no HTTP header can carry.
        headers["tenantId"] = config.tenant_id.strip(" ")
    return headers


@dataclass(frozen=True, slots=True)
class Called:
    """A call that succeeded: its answer, and the beginning of it without secrets if it is `kept` on record.

    ``key``: the ERP's own key of what it booked, if the answer was to a report and one is declared.
    """

    answer: Answer
    kept: str | None = None
    key: str | None = None


class TotvsCalls:
    """Calls the services of a configuration.

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

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def masked(self, text: str) -> str:
        """A text without what this client must never show."""
        return masked(text, self._secrets())

    def authorised(
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
    ) -> Called:
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
    ) -> Called:
        """Send, record (with the beginning of the answer if it is to be `kept`), and raise what the answer amounts
        to."""
        where = f"{request.method} {masked_url(str(request.url))}"
        begun, at = time.monotonic(), datetime.now(UTC)
        answer: Answer | None = None
        try:
            with self._slots:
                answer = self._sent(request, auth, where)
            judged = judge(
                answer,
                reading=request.method == "GET",
                lock_texts=self._config.lock_texts,
                where=where,
                expected=expected,
            )
        except SicfarError as raised:
            judged = Judgement(raised)
        error = judged.error
        if error:
            self._hide_secrets(error)
        shown = excerpt(answer.text(), self._secrets(), _ANSWER) if answer and kept else None
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
                answer=shown,
            )
        )
        if error:
            if isinstance(error, TotvsAccessError) and error.unauthorized:
                raise _UnauthorizedError(error)
            raise error
        assert answer is not None  # noqa: S101 - without an answer there is an error
        # What holds a secret is an echo of ours, and no key of the ERP's.
        key = judged.key if judged.key and self.masked(judged.key) == judged.key else None
        return Called(answer, shown, key)

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
            answer = self._judged("token", request, None).answer
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


class _UnauthorizedError(Exception):
    """A 401 that a new token may cure; ``final`` is what to raise if it does not."""

    def __init__(self, final: SicfarError) -> None:
        super().__init__(final)
        self.final = final
