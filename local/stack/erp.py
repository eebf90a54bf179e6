"""The simulated ERP as the stack, the demonstration and the tests hold it."""

import json
import os
import secrets
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from local.plain_http import http
from local.processes import LOOPBACK, Launch, plain_environment
from local.simulators.totvs.moods import SUCCESS
from local.simulators.totvs.server import BASE
from local.stack.cloud import ROOT
from local.stack.run_folder import HEALTH_S, RunFolder
from local.waiting import LAST_RESORT_S, until

if TYPE_CHECKING:
    from local.stack.emulator import Emulator

CONFIG_PARAMETER = "/sicfar/local/totvs"
CONTAINER_CONFIG_PARAMETER = "/sicfar/local/totvs-conteiner"
SECRET_ID = "sicfar/local/totvs"  # noqa: S105 - the secret's name
WEBHOOK_SECRET_ID = "sicfar/local/totvs-webhook"  # noqa: S105


@dataclass(frozen=True)
class Erp:
    """Where it is, and what is needed to talk to it."""

    url: str
    """What `baseUrl` must say."""
    username: str
    password: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    pid: int
    """Its process."""

    def control(self, **orders: object) -> dict[str, Any]:
        """Tell it what to hold, how to misbehave, or to send webhooks; see `server._controlled`."""
        answer = http.post(self._root("_control"), json=orders)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def leave(self) -> None:
        """Refuse every connection until :meth:`come_back`."""
        self.control(away=2 * LAST_RESORT_S)

    def come_back(self) -> None:
        """Answer again, as it was."""
        os.kill(self.pid, signal.SIGUSR1)
        until(lambda: _answers(self._root("_control")), "TOTVS to come back")

    def load(self, **rows: list[dict[str, Any]]) -> None:
        """Store rows, by entity (ordens, produtos, lotes …)."""
        self.control(load=rows)

    def faults(self, *faults: dict[str, Any]) -> None:
        """Misbehave from now on in these ways only."""
        self.control(faults=list(faults))

    def emit(self, *bodies: object, **how: object) -> list[dict[str, Any]]:
        """Send each body as a webhook; what each was answered. `how`: charset, times, lost."""
        sent: list[dict[str, Any]] = self.control(emit=[{"body": body, **how} for body in bodies])["sent"]
        return sent

    def received(self) -> list[dict[str, Any]]:
        """What it was asked since the last `forget`."""
        listed: list[dict[str, Any]] = http.get(self._root("_received")).json()
        return listed

    def booked(self) -> list[dict[str, Any]]:
        """The reports it took in, in their order."""
        taken: list[dict[str, Any]] = self.control()["booked"]
        return taken

    def forget(self) -> None:
        """Forget what it was asked."""
        http.delete(self._root("_received")).raise_for_status()

    def configuration(self, reports: dict[str, Any] | None = None, **more: object) -> str:
        """`config/endpoints.json` as it is shipped, with `baseUrl` changed and what the answer to a booked report looks
        like, and the keys of `totvs` and `totvs.reports` given."""
        document = json.loads((ROOT / "config" / "endpoints.json").read_text(encoding="utf-8"))
        given = reports or {}
        declared = {kind: {"success": SUCCESS, **given.get(kind, {})} for kind in ("production", "losses", "status")}
        document["totvs"] |= {"baseUrl": self.url, "reports": {**given, **declared}, **more}
        return json.dumps(document)

    def publish(self, aws: "Emulator", container_host: str, **more: object) -> None:
        """Put configuration, with these keys of `totvs` besides, and secrets where the functions look for them."""
        configured = self.configuration(None, **more)
        seen = configured.replace(f"//{LOOPBACK}:", f"//{container_host}:")
        for name, text in ((CONFIG_PARAMETER, configured), (CONTAINER_CONFIG_PARAMETER, seen)):
            aws.ssm.put_parameter(Name=name, Value=text, Type="String", Overwrite=True)
        login = json.dumps({"username": self.username, "password": self.password})
        aws.secrets.create_secret(Name=SECRET_ID, SecretString=login)
        aws.secrets.create_secret(Name=WEBHOOK_SECRET_ID, SecretString=json.dumps([self.webhook_secret]))

    def _root(self, path: str) -> str:
        return f"{self.url.removesuffix(BASE)}/{path}"


def start(run: RunFolder) -> Erp:
    """Start the simulated ERP, empty.

    Raises:
        StackError: it did not start.
    """
    username, password = "sicfar", run.secret(secrets.token_urlsafe(16))

    def launch(port: int) -> Launch:
        env = plain_environment(TOTVS_USERNAME=username, TOTVS_PASSWORD=password)
        return Launch([sys.executable, "-m", "local.simulators.totvs", str(port)], ROOT, env)

    part = run.start("totvs", launch, lambda port: _answers(f"http://{LOOPBACK}:{port}/_control"))
    webhook_secret = run.secret(secrets.token_urlsafe(32))
    return Erp(f"http://{LOOPBACK}:{part.port}{BASE}", username, password, webhook_secret, part.pid)


def _answers(url: str) -> bool:
    try:
        return http.get(url, timeout=HEALTH_S).is_success
    except httpx.TransportError:
        return False
