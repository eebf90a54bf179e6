"""The ERP's services, asked politely: what is read, page by page, and what is sent.

One client lives as long as the process. It never repeats what changes something: only reading is tried again here, a
few times; everything else is decided by whoever asked.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sicfar.errors import ConfigurationError
from sicfar.instants import PLANT_TZ, format_instant, to_ms
from sicfar.totvs.answers import Answer, TotvsUnavailableError
from sicfar.totvs.calls import TotvsCalls
from sicfar.totvs.events import Page, PageError, read_page
from sicfar.totvs.masking import masked_url
from sicfar.totvs.success import Expected

READ_ATTEMPTS = 3
LONGEST_PAUSE = 30.0
"""Seconds waited between two attempts of one reading, whatever Retry-After asks: the schedule comes again."""


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


class TotvsClient(TotvsCalls):
    """Asks the services of a configuration, and sends them reports."""

    @property
    def longest_page_seconds(self) -> float:
        """How long one page may take at worst: every attempt hanging, every pause in full."""
        timeouts = self._config.timeouts
        return READ_ATTEMPTS * (timeouts.connect_seconds + timeouts.read_seconds + LONGEST_PAUSE)

    def get(self, endpoint: str, parameters: Mapping[str, str]) -> Answer:
        """Read from an endpoint of the configuration. Raises Totvs…Error; a reading is not repeated here."""
        return self.authorised(endpoint, "GET", self._config.endpoints[endpoint], parameters=parameters).answer

    def read(self, operation: str, path: str, parameters: Mapping[str, str]) -> Answer:
        """Read from a path; the answer is put on record. Raises Totvs…Error; a reading is not repeated here."""
        return self.authorised(operation, "GET", path, parameters=parameters, kept=True).answer

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
        called = self.authorised(
            operation, method, path, content=payload, headers=headers, expected=expected, kept=True
        )
        return Booked(called.kept or "", called.key)

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
