"""The poster with a real database and an ERP that does what it is told, all in this process."""

import json
from typing import Any

import httpx

from local.stack.database import Database, Rpc
from sicfar.database.requests import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.outbox import Limits, Poster

LIMITS = Limits(ladder=(0,), attempts=3, lease=0, settle=0, breaker_failures=3, breaker_seconds=0)
QUERY = {"path": "/apontamentos", "parameter": "id_externo"}


class DatabaseGone(httpx.TransportError):
    """The database does not answer (any more)."""


class Erp:
    """Books what it is sent; `mood` says how it answers the next request."""

    def __init__(self) -> None:
        self.booked: list[str] = []
        self.asked: list[str] = []
        self.calls = 0
        self.mood = "ok"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.mood == "away":
            raise httpx.ConnectError("recusada", request=request)
        if self.mood == "busy":
            return httpx.Response(503, text="Server Busy")
        if self.mood == "wrong password":
            return httpx.Response(401, json={"code": "401", "message": "não"})
        if request.method == "GET":
            wanted = request.url.params["id_externo"]
            self.asked.append(wanted)
            if self.mood.startswith("cut"):
                raise httpx.ReadError("cortada", request=request)
            rows = [{"id_externo": one} for one in self.booked if one == wanted]
            return httpx.Response(200, json={"items": rows, "hasNext": False})
        external = json.loads(request.content)["id_externo"]
        if self.mood == "refuses":
            return httpx.Response(400, json={"code": "A1", "message": "Motivo não cadastrado"})
        if self.mood == "cut before":
            raise httpx.ReadError("cortada", request=request)
        self.booked.append(external)
        if self.mood == "cut after":
            raise httpx.ReadTimeout("cortada", request=request)
        if self.mood == "bare 500":
            return httpx.Response(500, text="<html>erro</html>")
        return httpx.Response(201, json={"ok": True})


class Office:
    """An outbox, who empties it, and the ERP it goes to."""

    def __init__(self, db: Database, *, asking: bool, limits: Limits = LIMITS) -> None:
        self.db = db
        self.erp = Erp()
        self.rpc = Rpc(db)
        reports = {kind: {"query": QUERY} for kind in ("production", "losses", "status")} if asking else {}
        totvs = {
            "baseUrl": "https://totvs.test/api",
            "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
            "auth": {"type": "basic"},
            "reports": reports,
        }
        self.config = TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")
        self._limits = limits
        self._bells = 0

    def add(self, op: str, kind: str = "STATUS") -> int:
        report: int = self.db.one("select interno.criar_envio(%s, %s, '{}')", op, kind)
        return report

    def ring(self, report: int, bell: str | None = None) -> list[Any]:
        """A message rings, with a process of its own."""
        self._bells += 1
        attempts: list[Attempt] = []
        client = TotvsClient(self.config, "sicfar-teste", "senha-teste", record=attempts.append)
        client._http = httpx.Client(transport=httpx.MockTransport(self.erp))
        poster = Poster(self.config, client, self.process(), self._limits, attempts)  # type: ignore[arg-type]
        return poster.ring(report, bell or f"mensagem-{self._bells}", lambda: True)

    def process(self) -> Rpc:
        """The database's client of a new process."""
        made = Rpc(self.db)
        made.before, made.after = self.rpc.before, self.rpc.after
        return made

    def due(self) -> list[int]:
        """What the schedule would ring for."""
        with self.db.as_role("service_role"):
            found: list[int] = self.db.one("select campainhas_totvs(50, 0)")
        return found

    def row(self, report: int) -> dict[str, Any]:
        (found,) = self.db.sql("select * from envios_totvs where id = %s", report)
        return found
