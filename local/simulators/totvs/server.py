"""The simulated ERP: token, paged collections, something to post to, and webhooks it sends itself.

`/_control` tells it what to hold and how to misbehave, `/_received` lists what it was asked.
"""

import contextlib
import json
import signal
import socket
import ssl
import threading
import time
from dataclasses import asdict
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from local.processes import LOOPBACK
from local.simulators.totvs import shapes
from local.simulators.totvs.control import controlled, described
from local.simulators.totvs.moods import HTML, MOODS, PAGES, page
from local.simulators.totvs.state import Received, State

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
            self._json(200, controlled(state, orders) if body else described(state))
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
