"""What the simulated ERP knows: its rows, tokens and reports, what it was asked, and how it is to misbehave.

Faults are asked for by kind, for so many requests, of one path or any; several may be active at once.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from local.simulators.totvs.moods import MOODS
from local.simulators.totvs.tables import Tables

# Everything it can do wrong, besides the moods in which it answers reports. Those of the second line answer by
# themselves; the others bend an answer that is right.
BENDING = (
    "slow",
    "cut_after",
    "cp1252_broken_content_type",
    "has_next_as_string",
    "page_shift",
    "truncated_json",
    "no_has_next",
    "has_next_false",
    "capped_pages",
    "page_ignored",
    "last_page_again",
    "stale_rows",
)
ANSWERING = (
    "cut_before",
    "unauthorized",
    "busy_503",
    "html_500",
    "legacy_error",
    "lock_text",
    "login_page",
    "page_404",
)


@dataclass
class Fault:
    """One way to misbehave: `times` requests long (None: until cleared), of one `path` or any.

    `seconds`: how long a `slow` answer takes; one that has not begun when other faults are set comes at once.
    """

    kind: str
    times: int | None = 1
    path: str | None = None
    seconds: float = 0.0
    retry_after: int | None = None
    by: int = 1
    """How many rows a page is shifted (1 loses one, -1 repeats one); the most rows a page of `capped_pages` holds."""


@dataclass
class Received:
    """A request as it came; secrets are only said to be there."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class State:
    """Everything the simulator knows; one lock guards it."""

    username: str
    password: str
    tables: Tables = field(default_factory=Tables)
    tokens: dict[str, float] = field(default_factory=dict)
    """Access token → when it dies, monotonic seconds."""
    refresh: set[str] = field(default_factory=set)
    token_seconds: float = 3600.0
    faults: list[Fault] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    booked: list[dict[str, Any]] = field(default_factory=list)
    """Reports it took in, in their order; its own key of one is its place among them."""
    queued: list[dict[str, Any]] = field(default_factory=list)
    """Reports it will take in when its queue is worked off."""
    webhook: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Event = field(default_factory=threading.Event)
    """Set once other faults are in force: what was slow goes on then."""

    def store(self, entity: str, rows: list[dict[str, Any]]) -> None:
        """Keep rows, changed now."""
        with self.lock:
            self.tables.store(entity, rows)

    def take(self, kind: str, path: str) -> Fault | None:
        """The active fault of this kind for this path, used up by one."""
        with self.lock:
            for fault in self.faults:
                if fault.kind == kind and fault.path in (None, path) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def mood(self, path: str) -> str | None:
        """The mood in which a report is answered now, used up by one."""
        with self.lock:
            asked = [fault.kind for fault in self.faults if fault.kind in MOODS and fault.times != 0]
        return next((kind for kind in asked if self.take(kind, path)), None)

    def book(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Take reports in, as often as they are sent: sending one once is the other side's business."""
        with self.lock:
            self.booked += items
        return self.named(items)

    def named(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Reports with the key of each, as it is shown in answers."""
        with self.lock:
            return [
                {**one, "ident": f"{at:06}"}
                for at, one in enumerate(self.booked, 1)
                if any(one is each for each in items)
            ]

    def work_off_queue(self) -> None:
        """Take in what was queued."""
        with self.lock:
            self.booked += self.queued
            self.queued.clear()

    def grant(self) -> dict[str, Any]:
        """A new pair of tokens."""
        access, refresh = secrets.token_hex(16), secrets.token_hex(16)
        with self.lock:
            self.tokens[access] = time.monotonic() + self.token_seconds
            self.refresh.add(refresh)
        life = int(self.token_seconds) or 1
        return {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": life}
