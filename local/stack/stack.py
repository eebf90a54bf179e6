"""The whole system on one machine: PostgreSQL, Supabase Lite, a TOTVS, the emulated AWS with the template deployed."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from local.plain_http import http
from local.processes import StackError, sigterm_as_exit, write_private
from local.stack import cloud, emulator, erp, postgres, relay, supabase_lite
from local.stack.cloud import ROOT, Deployment
from local.stack.emulator import REGION, Emulator
from local.stack.erp import Erp
from local.stack.postgres import Database
from local.stack.reported import report_all_lines
from local.stack.run_folder import RunFolder
from local.stack.supabase_lite import Supabase

STACK_FILE = "stack.json"
SAM_LOCAL_FILE = "sam-local-env.json"
SECRET_ID = "sicfar/local/supabase"  # noqa: S105 - the secret's name
CLOSINGS_SECRET_ID = "sicfar/local/fechamentos"  # noqa: S105
DIGEST_SENDER = "sicfar@planta.example"
LOGIN_DOMAIN = "planta.example"
"""What the screens put behind a login name."""
STACK_NAME = "sicfar-local"


def _silent(_text: str) -> None:
    """Say nothing."""


class Stack:
    """The embedded stack in one run folder. Every start begins empty.

    ``with Stack(folder) as stack:`` runs it for the length of the block; :meth:`up` leaves it in the background and
    :meth:`down`, also of another process, ends it.
    """

    database: Database
    supabase: Supabase
    aws: Emulator
    totvs: Erp
    deployment: Deployment
    closings_secret: str
    """What POST /fechamentos must bear."""

    def __init__(
        self,
        run_dir: Path,
        *,
        template: Path = ROOT / "template.yaml",
        migrations: Path = ROOT / "supabase" / "migrations",
        build_dir: Path | None = None,
        totvs: Mapping[str, object] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> None:
        """Describe the stack; nothing is started yet.

        Args:
            run_dir: holds everything of the run; deleted at the end.
            template: the SAM template to deploy; its parameters that this stack knows are given.
            migrations: folder of the database's migrations.
            build_dir: where `sam build` writes; inside the run folder if None.
            totvs: keys of the configuration's `totvs` beside those that every stack has.
            say: told in a line about each step; never about a secret.
        """
        self.run = RunFolder(run_dir)
        self.timings: dict[str, float] = {}
        """What starting took, seconds by step."""
        self._template = template
        self._migrations = migrations
        self._build_dir = build_dir
        self._totvs = totvs or {}
        self._say = say

    # -- as a block ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Stack:
        """Start all of it.

        Raises:
            StackError: a part did not start (the others were ended, the logs are kept), or a stack runs here already.
        """
        with contextlib.ExitStack() as guard:
            guard.enter_context(sigterm_as_exit())
            with self.run.locked():
                if self.is_up():
                    raise StackError("a stack runs here already", where=str(self.run.path), action="run `make down`")
                self._start()
            self._guard = guard.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End all of it."""
        with self._guard:
            self.down()

    # -- in the background --------------------------------------------------------------------------------------

    def up(self) -> bool:
        """Start it in the background; False if it is up already. One of which a part died is started anew.

        Raises:
            StackError: a part did not start; the others were ended, the logs are kept.
        """
        with self.run.locked():
            if self.is_up():
                return False
            with sigterm_as_exit():
                self._start()
        return True

    def down(self) -> bool:
        """End it and delete the run; False if nothing was there to end."""
        with self.run.locked():
            there = bool(self.run.parts) or self.run.load()
            self.run.end()
            self.run.wipe()
        return there

    def is_up(self) -> bool:
        """Tell whether a whole stack of this run folder is running."""
        return self.run.load() and self.run.alive() and (self.run.path / STACK_FILE).is_file()

    def described(self) -> dict[str, object]:
        """Return what ``stack.json`` says: the addresses and keys of the running stack.

        Raises:
            StackError: it is not up.
        """
        path = self.run.path / STACK_FILE
        if not path.is_file():
            raise StackError("the embedded stack is not up", where=str(path), action="run `make up`")
        described: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return described

    # -- calls -------------------------------------------------------------------------------------------------

    def invoke(self, output: str, **event: object) -> dict[str, Any]:
        """Call the function the template's output names, as its schedule or a person does; returns its answer."""
        name = self.deployment.outputs[output]
        answer = self.aws.functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        told: dict[str, Any] = json.load(answer["Payload"])
        return told

    def wake_closing(self, secret: str | None = None) -> httpx.Response:
        """POST /fechamentos, as a screen's server does when somebody signed."""
        headers = {"Authorization": f"Bearer {secret or self.closings_secret}"}
        return http.post(f"{self.deployment.api_url}/fechamentos", headers=headers)

    # -- piece by piece -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Prepare an empty run folder; ends what a killed run may have left in it."""
        with self.run.locked():
            self._begin()

    def _start(self) -> None:
        with self._ended_on_failure():
            self._begin()
            self.start_supabase()
            self.start_cloud()

    def _begin(self) -> None:
        if self.run.load() and self.run.parts:
            self._say("ending what is left of an earlier run")
        self.run.end()
        self.run.wipe()
        self.run.create()

    def start_supabase(self) -> None:
        """Start PostgreSQL and Supabase Lite with the migrations applied; no line is in parallel run."""
        with self._ended_on_failure():
            with self._step("PostgreSQL"):
                self.database = postgres.start(self.run)
            with self._step("migrations and Supabase Lite"):
                self.supabase = supabase_lite.start(self.run, self.database, self._migrations)
                report_all_lines(self.database.url)

    def start_cloud(self) -> None:
        """Start the emulated AWS, deploy the template onto it and write ``stack.json``."""
        with self._ended_on_failure():
            with self._step("emulated AWS"):
                self.aws = emulator.start(self.run)
            self.aws.secrets.create_secret(Name=SECRET_ID, SecretString=self.supabase.secret_key)
            self.closings_secret = self.run.secret(secrets.token_urlsafe(32))
            self.aws.secrets.create_secret(Name=CLOSINGS_SECRET_ID, SecretString=self.closings_secret)
            with self._step("simulated TOTVS"):
                self.totvs = erp.start(self.run)
            self.totvs.publish(self.aws, relay.SEEN_FROM_CONTAINERS, **self._totvs)
            known = {
                "Ambiente": "local",
                "SupabaseUrl": self.supabase.url,
                "SupabaseSecretId": SECRET_ID,
                # Minutes on AWS; here somebody is watching.
                "RetardoBaseSegundos": "1",
                "RetardoTetoSegundos": "8",
                # A test sends a month in a minute.
                "WebhookPorSegundo": "500",
                "WebhookRajada": "1000",
                "TotvsConfigParametro": erp.CONFIG_PARAMETER,
                "TotvsSecretId": erp.SECRET_ID,
                "TotvsWebhookSecretId": erp.WEBHOOK_SECRET_ID,
                "FechamentosSecretId": CLOSINGS_SECRET_ID,
                "ResumoRemetente": DIGEST_SENDER,
                "SupabaseChavePublicavel": self.supabase.publishable_key,
                "PainelDominio": LOGIN_DOMAIN,
                "PainelPorSegundo": "500",
                "PainelAtosPorSegundo": "500",
                "EnvioEscadaSegundos": "1,2,3,4",
                "EnvioAssentarSegundos": "2",
                "EnvioLeaseSegundos": "30",
                # A run that broke off is repeated within LAST_RESORT_S, before a wait for its effect is given up.
                "ParserTimeoutSegundos": "220",
                "FilaVisibilidadeSegundos": "240",
                "PostTimeoutSegundos": "220",
                "PostVisibilidadeSegundos": "240",
                "DisjuntorSegundos": "3",
                "DisjuntorFalhas": "3",
                "ToqueSegundos": "1",
                "LacunaSegundos": "5",
            }
            declared = self._template.read_text(encoding="utf-8")
            parameters = {name: value for name, value in known.items() if f"\n  {name}:\n" in declared}
            with self._step("sam build"):
                built = cloud.build(self.run, self._template, self._build_dir)
            with self._step("sam deploy"):
                self.deployment = cloud.deploy(
                    self.run, self.aws, self._template, parameters, stack_name=STACK_NAME, built=built
                )
            if self.deployment.api_url:
                url = f"{self.deployment.api_url}/totvs/eventos"
                self.totvs.control(webhook={"url": url, "secret": self.totvs.webhook_secret})
            relay.start(self.run, [self.supabase.url, self.aws.endpoint_url, self.totvs.url])
            self._describe()

    def _describe(self) -> None:
        # `sam local invoke` runs a function in a container; only there must the endpoint be told, and
        # TOTVS has another address.
        there = {"AWS_ENDPOINT_URL": self.aws.endpoint_url, "TOTVS_CONFIG": f"ssm:{erp.CONTAINER_CONFIG_PARAMETER}"}
        environments = {
            name: relay.for_containers({**env, **there}) for name, env in self.deployment.environments.items()
        }
        write_private(self.run.path / SAM_LOCAL_FILE, json.dumps(environments, indent=2) + "\n")
        described = {
            "aws_endpoint_url": self.aws.endpoint_url,
            "aws_region": REGION,
            "bucket": self.deployment.outputs["BucketName"],
            "api_url": self.deployment.api_url,
            "painel_url": f"{self.deployment.api_url}/painel",
            "supabase_url": self.supabase.url,
            "supabase_secret_key": self.supabase.secret_key,
            "supabase_publishable_key": self.supabase.publishable_key,
            "database_url": self.database.url,
            "totvs_url": self.totvs.url,
            "totvs_username": self.totvs.username,
            "totvs_password": self.totvs.password,
            "webhook_secret": self.totvs.webhook_secret,
            "closings_secret": self.closings_secret,
            "queues": self.deployment.queues,
        }
        write_private(self.run.path / STACK_FILE, json.dumps(described, indent=2) + "\n")

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        took = time.monotonic() - begun
        self.timings[name] = took
        self._say(f"{name}: {took:.1f} s")

    @contextlib.contextmanager
    def _ended_on_failure(self) -> Iterator[None]:
        """End the parts if the block fails or is interrupted; the logs stay for whoever reads the error."""
        try:
            yield
        except BaseException:
            self.run.end()
            self.run.wipe(keep_logs=True)
            raise
