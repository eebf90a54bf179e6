"""The status page on the plant's network: what the spool says, for a technician's browser and for monitoring.

- ``GET /``: the page, Portuguese, one self-contained HTML that reloads itself.
- ``GET /turnos``: what each line made in each shift, raw, to be read and printed while the cloud cannot be reached.
- ``GET /saude``: 200 when the gateway does its job, 503 with the reasons when it does not (JSON).
- ``GET /metrics``: Prometheus text format.

It answers only under this computer's own names and addresses: a page of somebody else's whose name is made to point
here (DNS rebinding) could otherwise read it through a technician's browser.

Everything is read from the spool (`edge_gateway.spool.status`, `edge_gateway.health`), in threads of its own: a slow
browser delays no reading. Nothing can be changed through it, and it knows no secret.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from edge_gateway.config import SHIFTS
from edge_gateway.folders.place import is_this_machine
from edge_gateway.health import is_healthy, problems
from edge_gateway.page.html import render, render_unreadable
from edge_gateway.page.metrics import metrics
from edge_gateway.page.shifts import read_counts, render_shifts
from edge_gateway.spool.status import NoSpoolError, Status, read_status

_log = logging.getLogger(__name__)

_KEPT_S: Final = 1.0
"""Many browsers ask; the spool is read once a second at most."""
_TIMEOUT_S: Final = 10
_FOREIGN: Final = (
    "esta página só responde pelo nome ou endereço do próprio computador do gateway: use http://localhost, "
    "o nome do computador ou o endereço IP dele\n"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def open_page(spool: Path, place: tuple[str, int] | None, shifts: Mapping[str, str] = SHIFTS) -> StatusPage | None:
    """Serve the page at `place` (host, port); None if there is to be none, or it cannot be: reading goes on without."""
    if place is None:
        return None
    host, port = place
    try:
        page = StatusPage(spool, host, port, shifts)
    except OSError as error:
        reason = error.strerror or str(error)
        _log.error(
            "a página de estado não abre em %s:%s (%s): corrija gateway.page ou libere a porta",
            host,
            port,
            reason,
            extra={"event": "page_unavailable"},
        )
        return None
    page.start()
    _log.info("página de estado em http://%s:%s/", host, page.port, extra={"event": "page", "port": page.port})
    return page


class StatusPage:
    """Serves a spool's status on `host`:`port` (0: any free one) from `start` to `stop`.

    `shifts`: when each shift begins, in the plant's time.
    """

    def __init__(self, spool: Path, host: str, port: int, shifts: Mapping[str, str] = SHIFTS) -> None:
        self._spool = spool
        self._shifts = shifts
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._status: Status | NoSpoolError | None = None
        self._host = host
        self._server = _server(host, port, self.answer)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="page", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End; an answer under way is cut off."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, path: str, host: str | None = None) -> tuple[int, str, str]:
        """Status code, content type and body for one path, asked for under the ``Host`` that a client names."""
        if not self._is_ours(host):
            return 421, "text/plain; charset=utf-8", _FOREIGN
        if path not in ("/", "/turnos", "/saude", "/metrics"):
            return 404, "text/plain; charset=utf-8", "só existem /, /turnos, /saude e /metrics\n"
        status = self._now()
        if isinstance(status, NoSpoolError):
            return _unreadable(path, status)
        if path == "/turnos":
            try:
                counts = read_counts(self._spool, status)
            except NoSpoolError as error:
                return _unreadable(path, error)
            return 200, "text/html; charset=utf-8", render_shifts(status, counts, self._shifts)
        found = problems(status)
        healthy = is_healthy(found)
        if path == "/saude":
            body = {
                "estado": "ok" if healthy else "falha",
                "gateway": status.gateway,
                "em": status.at,
                "motivos": [f"{problem.where}: {problem.what}" for problem in found if problem.level == "erro"],
            }
            return 200 if healthy else 503, "application/json", json.dumps(body, ensure_ascii=False)
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4; charset=utf-8", metrics(status, healthy=healthy)
        return 200, "text/html; charset=utf-8", render(status, found)

    def _is_ours(self, host: str | None) -> bool:
        """Whether a ``Host`` is this computer's. A browser always names one; a simple probe may not."""
        if host is None:
            return True
        name = _name_in(host)
        return name == self._host.casefold() or is_this_machine(name)

    def _now(self) -> Status | NoSpoolError:
        with self._lock:
            if self._status is None or time.monotonic() - self._read_at >= _KEPT_S:
                try:
                    self._status = read_status(self._spool)
                except NoSpoolError as error:
                    self._status = error
                self._read_at = time.monotonic()
            return self._status


def _name_in(host: str) -> str:
    """The name or address in a ``Host`` header, without port and brackets."""
    name = host.strip().casefold()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _unreadable(path: str, error: NoSpoolError) -> tuple[int, str, str]:
    if path == "/saude":
        body = {"estado": "falha", "motivos": [str(error)]}
        return 503, "application/json", json.dumps(body, ensure_ascii=False)
    if path == "/metrics":
        return 503, "text/plain; version=0.0.4; charset=utf-8", "sicfar_gateway_healthy 0\n"
    return 503, "text/html; charset=utf-8", render_unreadable(error)


def _server(host: str, port: int, answer: Callable[[str, str | None], tuple[int, str, str]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        server_version = "sicfar-gateway"
        sys_version = ""
        timeout = _TIMEOUT_S

        def do_GET(self) -> None:
            """Answer a path of `StatusPage.answer`."""
            code, kind, body = answer(self.path.partition("?")[0], self.headers.get("Host"))
            raw = body.encode()
            self.send_response(code)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **_HEADERS}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(raw)

        do_HEAD = do_GET  # noqa: N815 - the server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            _log.debug(format, *args)

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the server's signature
            """A client that hung up is no news; anything else is a fault of the page."""
            error = sys.exception()
            if isinstance(error, ConnectionError | TimeoutError):
                _log.debug("%s: %r", client_address, error)
            else:
                _log.error("a página de estado falhou", exc_info=error, extra={"event": "page_failed"})

    return Server((host, port), Handler)
