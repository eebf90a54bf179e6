"""The poster with a real database and an ERP that does what it is told, all in this process."""

import json
from typing import Any

import httpx

from local.stack.database import Database, Rpc
from sicfar.database.requests import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.conclusions import Limits
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.outbox import Poster

LIMITS = Limits(ladder=(0,), attempts=3, lease=0, settle=0, breaker_failures=3, breaker_seconds=0)
QUERY = {"path": "/apontamentos", "parameter": "id_externo"}
KINDS = ("production", "losses", "status")

OK = {"status": [201], "must": [{"field": "ok", "values": [True]}]}
"""The shape of what `Erp` answers when it is well."""


_TO_ANYTHING = {
    "busy": lambda: httpx.Response(503, text="Server Busy"),
    "bad gateway": lambda: httpx.Response(502, text="<html>Bad Gateway</html>"),
    "gateway timeout": lambda: httpx.Response(504, text="<html>Gateway Timeout</html>"),
    "too many": lambda: httpx.Response(429, json={"code": "429", "message": "limite"}),
    "wrong password": lambda: httpx.Response(401, json={"code": "401", "message": "não"}),
}
_NOT_BOOKED = {
    "refuses": lambda: httpx.Response(400, json={"code": "A1", "message": "Motivo não cadastrado"}),
    "error in 200": lambda: httpx.Response(200, json={"errorCode": 400, "errorMessage": "Motivo não cadastrado"}),
    "locked": lambda: httpx.Response(500, json={"code": "500", "message": "Registro bloqueado"}),
    "page 404": lambda: httpx.Response(404, text="<html>não encontrada</html>"),
}
_BOOKED = {
    "bare 500": lambda: httpx.Response(500, text="<html>erro</html>"),
    "rule 500": lambda: httpx.Response(500, json={"errorCode": 500, "errorMessage": "Erro em AfterTTS"}),
    "unknown 201": lambda: httpx.Response(201, json={"recebido": True}),
}


EMPTY_PAGE = json.dumps({"items": [], "hasNext": False})


class DatabaseGone(httpx.TransportError):
    """The database does not answer (any more)."""


class Erp:
    """Books what it is sent; `mood` says how it answers the next request, ``looked`` with which status and body a
    reading that asks for no report."""

    def __init__(self) -> None:
        self.booked: list[str] = []
        self.asked: list[str] = []
        self.looks = 0
        self.looked = (200, EMPTY_PAGE)
        self.calls = 0
        self.mood = "ok"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.mood == "away":
            raise httpx.ConnectError("recusada", request=request)
        if self.mood in _TO_ANYTHING:
            return _TO_ANYTHING[self.mood]()
        if request.method == "GET":
            if self.mood.startswith("cut"):
                raise httpx.ReadError("cortada", request=request)
            wanted = request.url.params.get("id_externo")
            if wanted is None:
                self.looks += 1
                return httpx.Response(self.looked[0], text=self.looked[1])
            self.asked.append(wanted)
            rows = [{"id_externo": one} for one in self.booked if one == wanted]
            return httpx.Response(200, json={"items": rows, "hasNext": False})
        external = json.loads(request.content)["id_externo"]
        if self.mood in _NOT_BOOKED:
            return _NOT_BOOKED[self.mood]()
        if self.mood == "cut before":
            raise httpx.ReadError("cortada", request=request)
        self.booked.append(external)
        if self.mood == "cut after":
            raise httpx.ReadTimeout("cortada", request=request)
        return _BOOKED.get(self.mood, lambda: httpx.Response(201, json={"ok": True}))()


class Office:
    """An outbox, who empties it, and the ERP it goes to: one that does what it is told, or one `at` an address.

    ``shape``: what the answer to a booked report looks like; None declares none.
    """

    def __init__(
        self,
        db: Database,
        *,
        asking: bool,
        limits: Limits = LIMITS,
        at: str = "",
        login: tuple[str, str] = ("sicfar-teste", "senha-teste"),
        shape: dict[str, Any] | None = OK,
    ) -> None:
        self.db = db
        self.erp = Erp()
        self.rpc = Rpc(db)
        query: dict[str, Any] = ({} if at else QUERY) if asking else None  # type: ignore[assignment]
        auth = {"type": "bearer", "tokenUrl": "/auth/token"} if at else {"type": "basic"}
        totvs = {
            "baseUrl": at or "https://totvs.test/api",
            "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
            "auth": auth,
            "timeouts": {"connectSeconds": 30, "readSeconds": 300},
            "reports": {kind: {"query": query, "success": shape} for kind in KINDS},
        }
        self.config = TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")
        self._limits = limits
        self._bells = 0
        self._attempts: list[Attempt] = []
        self._client = TotvsClient(self.config, *login, record=self._attempts.append)
        if not at:
            self._client._http = httpx.Client(transport=httpx.MockTransport(lambda request: self.erp(request)))

    def add(self, op: str, kind: str = "STATUS") -> int:
        report: int = self.db.one("select interno.criar_envio(%s, %s, '{}')", op, kind)
        return report

    def ring(self, report: int, bell: str | None = None) -> list[Any]:
        """A message rings, with a connection to the database of its own."""
        self._bells += 1
        poster = Poster(self.config, self._client, self.process(), self._limits, self._attempts)  # type: ignore[arg-type]
        return poster.ring(report, bell or f"mensagem-{self._bells}", lambda: True)

    def process(self) -> Rpc:
        """The database's client of a new process."""
        made = Rpc(self.db)
        made.before, made.after = self.rpc.before, self.rpc.after
        return made

    def due(self, every_s: int = 0) -> list[int]:
        """What the schedule would ring for, for one report no sooner than after ``every_s`` seconds."""
        with self.db.as_role("service_role"):
            found: list[int] = self.db.one("select campainhas_totvs(50, %s)", every_s)
        return found

    def pass_time(self, seconds: int) -> None:
        """Let the database's instants lie so much further back: the clock itself cannot be set."""
        for table, instants in (
            ("envios_totvs", ("proxima_em", "tocado_em", "lease_ate")),
            ("disjuntores", ("aberto_em", "sonda_em")),
        ):
            sets = ", ".join(f"{one} = {one} - make_interval(secs => {seconds})" for one in instants)
            self.db.sql(f"update {table} set {sets}")

    def row(self, report: int) -> dict[str, Any]:
        (found,) = self.db.sql("select * from envios_totvs where id = %s", report)
        return found
