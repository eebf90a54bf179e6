"""The simulated ERP: token, paged collections, something to post to, and webhooks it sends itself.

`/_control` tells it what to hold and how to misbehave, `/_received` lists what it was asked. Faults are asked for by
kind, for so many requests, of one path or any; several may be active at once.
"""

import contextlib
import json
import secrets
import signal
import socket
import ssl
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from local.processes import LOOPBACK
from local.simulators.totvs import shapes
from local.simulators.totvs.moods import HTML, MOODS, PAGES, page
from local.simulators.totvs.tables import Tables
from local.waiting import LAST_RESORT_S
from sicfar.webhooks.signature import sign

BASE = "/api"
COLLECTIONS = {
    f"{BASE}/ordens-producao": "ordens",
    f"{BASE}/produtos": "produtos",
    f"{BASE}/lotes": "lotes",
    f"{BASE}/insumos": "insumos",
    f"{BASE}/lotes-insumo": "lotesInsumo",
    f"{BASE}/velocidades": "velocidades",
}
TOKEN = f"{BASE}/auth/token"
REPORTS = (f"{BASE}/apontamentos", f"{BASE}/perdas", f"{BASE}/lotes/status")
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


class Simulator(ThreadingHTTPServer):
    """The server; `serve_forever` in a thread or a process."""

    daemon_threads = True

    def __init__(self, port: int, username: str, password: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.state = State(username, password)
        self.away_s = 0.0
        self._back = threading.Event()
        self._connections: set[socket.socket] = set()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def serve_with_absences(self) -> None:
        """Serve for ever; while set to be away, refuse every connection, for that long or until SIGUSR1; then go on."""
        signal.signal(signal.SIGUSR1, lambda *_: self._back.set())
        while True:
            self.serve_forever(poll_interval=0.05)
            self.server_close()
            for connection in list(self._connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._back.wait(self.away_s)
            self.socket = socket.socket(self.address_family, self.socket_type)
            self.server_bind()
            self.server_activate()

    def leave(self, seconds: float) -> None:
        """Be away, from another thread than the serving one."""
        self.away_s = seconds
        self._back.clear()
        threading.Thread(target=self.shutdown, daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own
        """Remember the connection, so that it can be cut."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Forget it."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what is being tested, no news for a log."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Simulator

    def log_message(self, *_: object) -> None:
        """Write nothing: `/_received` tells."""

    def do_GET(self) -> None:
        """Answer a reading."""
        self._serve()

    def do_POST(self) -> None:
        """Answer something sent."""
        self._serve()

    def do_DELETE(self) -> None:
        """Forget what was received."""
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state = self.server.state
        if parts.path == "/_control":
            orders = json.loads(body) if body else {}
            self._json(200, _controlled(state, orders) if body else _described(state))
            if "away" in orders:
                self.server.leave(orders["away"])
        elif parts.path == "/_received":
            with state.lock:
                listed = [asdict(one) for one in state.received]
                if self.command == "DELETE":
                    state.received.clear()
            self._json(200, listed)
        else:
            self._note(parts.path, parts.query, body)
            self._erp(parts.path, dict(parse_qsl(parts.query)), body)

    def _note(self, path: str, query: str, body: bytes) -> None:
        hidden = ("authorization", "x-sicfar-signature")
        headers = {name.lower(): "***" if name.lower() in hidden else value for name, value in self.headers.items()}
        text = "***" if path == TOKEN else body.decode("utf-8", "backslashreplace")
        asked = {name: ",".join(values) for name, values in parse_qs(query).items()}
        with self.server.state.lock:
            self.server.state.received.append(Received(self.command, path, asked, headers, text))

    def _erp(self, path: str, query: dict[str, str], body: bytes) -> None:
        if slow := self.server.state.take("slow", path):
            self.server.state.changed.wait(slow.seconds)
        if not self._away(path):
            self._service(path, query, body)

    def _away(self, path: str) -> bool:
        """Answer, or not, as a server that is in trouble."""
        state = self.server.state
        if state.take("cut_before", path):
            self._cut()
        elif busy := state.take("busy_503", path):
            wait = {} if busy.retry_after is None else {"Retry-After": str(busy.retry_after)}
            self._send(503, b"Server Busy", "text/plain", wait)
        elif state.take("html_500", path):
            text = "<html><head><title>Erro</title></head><body><h1>500</h1><p>Não foi possível</p></body></html>"
            self._send(500, text.encode("cp1252"), "text/html")
        elif kind := next((one for one in PAGES if state.take(one, path)), None):
            self._send(PAGES[kind][0], page(kind), HTML)
        else:
            return False
        return True

    def _service(self, path: str, query: dict[str, str], body: bytes) -> None:
        state = self.server.state
        if path == TOKEN and self.command == "POST":
            self._token(query, dict(parse_qsl(body.decode())))
        elif not self._authorised() or state.take("unauthorized", path):
            self._json(401, {"code": "401", "message": "Não autorizado", "detailedMessage": "Token inválido"})
        elif state.take("legacy_error", path):
            self._json(400, {"errorCode": 400, "errorMessage": "Parâmetro inválido"})
        elif state.take("lock_text", path):
            text = "Registro BLOQUEADO por outro usuário"
            self._json(400, {"code": "400", "message": text, "detailedMessage": ""})
        elif path in COLLECTIONS and self.command == "GET":
            self._page(path, COLLECTIONS[path], query)
        elif path in REPORTS and self.command == "POST":
            self._report(path, json.loads(body))
        elif path in shapes.PATHS:
            with state.lock:
                posted = self.command == "POST"
                status, told = (
                    shapes.book(path, json.loads(body), state.booked)
                    if posted
                    else (200, shapes.asked(query, state.booked))
                )
            self._json(status, told)
        elif path in REPORTS and self.command == "GET":
            with state.lock:
                asked = [one for one in state.booked if _same_name(one["id_externo"], query.get("id_externo"))]
            self._json(200, {"items": state.named(asked), "hasNext": False})
        else:
            self._json(404, {"code": "404", "message": "Recurso não encontrado", "detailedMessage": path})

    def _authorised(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.server.state.lock:
            return self.server.state.tokens.get(token, 0.0) > time.monotonic()

    def _token(self, query: dict[str, str], form: dict[str, str]) -> None:
        state = self.server.state
        if query:
            self._json(400, {"code": "400", "message": "Credenciais na URL", "detailedMessage": ""})
            return
        with state.lock:
            known = form.get("refresh_token", "") in state.refresh
            state.refresh.discard(form.get("refresh_token", ""))
        whose = (form.get("username"), form.get("password"))
        asked = form.get("grant_type")
        if (asked == "refresh_token" and known) or (asked == "password" and whose == (state.username, state.password)):
            self._json(200, state.grant())
        else:
            self._json(401, {"code": "401", "message": "Usuário ou senha inválidos", "detailedMessage": ""})

    def _page(self, path: str, entity: str, query: dict[str, str]) -> None:
        state = self.server.state
        size, number = int(query.get("pageSize", "10")), int(query.get("page", "1"))
        since = query.get("alteradoDesde")
        after = datetime.fromisoformat(since).timestamp() if since else 0.0
        stale = state.take("stale_rows", path) is not None
        with state.lock:
            rows = state.tables.shown(entity, after, stale=stale)
        if capped := state.take("capped_pages", path):
            size = min(size, capped.by)
        if state.take("page_ignored", path):
            number = 1
        if state.take("last_page_again", path):
            number = min(number, max(1, -(-len(rows) // size)))
        shift = state.take("page_shift", path)
        first = (number - 1) * size + (shift.by if shift and number > 1 else 0)
        shown, more = rows[first : first + size], first + size < len(rows)
        answer: dict[str, Any] = {"items": shown, "hasNext": more}
        if state.take("has_next_as_string", path):
            answer = {"Items": shown, "HasNext": str(more).lower()}
        if state.take("no_has_next", path):
            answer = {"items": shown}
        if state.take("has_next_false", path):
            answer["hasNext"] = False
        text = json.dumps(answer, ensure_ascii=False)
        data, media = text.encode(), "application/json; charset=utf-8"
        if state.take("cp1252_broken_content_type", path):
            data, media = text.encode("cp1252", "replace"), "charset=cp1252"
        if state.take("truncated_json", path):
            data = data[: len(data) // 2]
        self._send(200, data, media)

    def _report(self, path: str, reports: object) -> None:
        items: list[Any] = reports if isinstance(reports, list) else [reports]
        state = self.server.state
        kind = state.mood(path)
        if kind is None:
            self._json(201, {"items": state.book(items)})
            return
        mood = MOODS[kind]
        shown = state.book(items) if mood.books else [{**one, "ident": ""} for one in items]
        if mood.later:
            with state.lock:
                state.queued += items
        self._send(mood.status, mood.body(shown), mood.media)

    # ------------------------------------------------------------------------------------------------- answering

    def _json(self, status: int, value: object) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        self._send(status, data, "application/json; charset=utf-8")

    def _send(self, status: int, data: bytes, media: str, headers: dict[str, str] | None = None) -> None:
        if not self.path.startswith("/_") and self.server.state.take("cut_after", urlsplit(self.path).path):
            self._cut()
            return
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()


def _same_name(stored: str, asked: str | None) -> bool:
    """As a database compares CHAR columns, which a person's hand may have filled in other capitals."""
    return asked is None or stored.strip().casefold() == asked.strip().casefold()


def _described(state: State) -> dict[str, Any]:
    with state.lock:
        return {
            "rows": {entity: len(rows) for entity, rows in state.tables.kept.items()},
            "faults": [asdict(fault) for fault in state.faults if fault.times != 0],
            "kinds": [*BENDING, *ANSWERING, *MOODS],
            "booked": list(state.booked),
        }


def _controlled(state: State, orders: dict[str, Any]) -> dict[str, Any]:
    """Do what `/_control` says, in this order: clear, work off the queue, columns and stamps of rows, load, settings,
    faults, webhook, emit."""
    if orders.get("clear"):
        with state.lock:
            state.faults.clear()
            state.tables.clear()
            state.booked.clear()
            state.queued.clear()
    if orders.get("queue"):
        state.work_off_queue()
    with state.lock:
        state.tables.columns = orders.get("columns", state.tables.columns)
        state.tables.stamped = orders.get("stamps", state.tables.stamped)
    for entity, rows in orders.get("load", {}).items():
        state.store(entity, rows)
    with state.lock:
        state.token_seconds = orders.get("token_seconds", state.token_seconds)
        if orders.get("expire_tokens"):
            state.tokens.clear()
        if "faults" in orders:
            state.changed.set()
            state.changed = threading.Event()
            state.faults = [Fault(**fault) for fault in orders["faults"]]
            unknown = {fault.kind for fault in state.faults} - {*BENDING, *ANSWERING, *MOODS}
            if unknown:
                raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        state.webhook = orders.get("webhook", state.webhook)
    sent = [_emitted(state, one) for one in orders.get("emit", [])]
    return {**_described(state), "sent": sent}


def _emitted(state: State, what: dict[str, Any]) -> dict[str, Any]:
    """Send one webhook as TOTVS would; `lost` never leaves, `times` says how often the very same request goes."""
    with state.lock:
        webhook = state.webhook
        body = state.tables.told(what.get("body"))
    text = what["text"] if "text" in what else json.dumps(body, ensure_ascii=False)
    charset = what.get("charset", "utf-8")
    data = text.encode(charset)
    if what.get("lost"):
        return {"status": None, "body": None}
    timestamp = str(int(datetime.now(UTC).timestamp()))
    headers = {
        "Content-Type": f"application/json; charset={charset}",
        "X-SicFar-Timestamp": timestamp,
        "X-SicFar-Signature": sign(webhook["secret"], timestamp, data),
    }
    with httpx.Client(trust_env=False, timeout=LAST_RESORT_S) as client:
        for _ in range(what.get("times", 1)):
            answer = client.post(webhook["url"], content=data, headers=headers)
    return {"status": answer.status_code, "body": answer.text}
