"""What a function's first invoke costs: a fresh process imports the handler, reads its secrets and works off one event.

The layers are those of `make build`, with boto3 compiled as the runtime's own is. AWS and Supabase are one HTTP server
here, which answers at once: only the function's own work is measured, as CPU time of the whole process. With another
checkout (built too) both versions take turns, so that a busy machine slows both.
"""

import compileall
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3

from benchmarks.figures import block, share, table
from local.processes import LOOPBACK
from local.stack.cloud import ROOT
from sicfar.aws.notifications import ObjectRef, announcement
from sicfar.counts.batch import Sealed, seal
from sicfar.counts.record import Record, format_record

FUNCTIONS = {
    "totvs_webhook": "TotvsWebhook",
    "txt_parser": "TxtParser",
    "totvs_post": "TotvsPost",
    "totvs_apply": "TotvsApply",
}
_SECRET = "s" * 32
_LINES, _SECONDS, _BEGUN = 37, 5, 1_773_573_300
_INVOKE = """
import json, sys, app
class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "bench"
    def get_remaining_time_in_millis(self): return 60_000
answer = app.handler(json.loads(sys.argv[1]), Context())
print(json.dumps({"answer": answer, "modules": len(sys.modules)}))
"""
_CONFIG = {
    "totvs": {
        "baseUrl": "https://erp.planta.example",
        "endpoints": {"ordens": "/o", "produtos": "/p", "lotes": "/l"},
        "auth": {"type": "basic"},
        "webhook": {"auth": {"type": "bearer"}},
    }
}


def run(rounds: int, before: str | None) -> str:
    """Measure each function so often and report; `before` is another checkout of the product."""
    versions = {"now": ROOT} if before is None else {"before": Path(before).resolve(), "now": ROOT}
    with _services() as services, tempfile.TemporaryDirectory() as folder:
        runtime = Path(folder)
        copy_runtime(runtime)
        rows = [_measured(name, versions, rounds, services, runtime) for name in FUNCTIONS]
    said = [f"Median of {rounds} fresh processes of each version, in turns."]
    head = ["first invoke of", *(f"{version}: CPU ms" for version in versions), "modules", "now : before"]
    return block("first_invoke", said, table(head, rows))


def built_layers(root: Path) -> list[Path]:
    """The layers as `make build` left them."""
    layers = [root / ".aws-sam" / "build" / name / "python" for name in ("SicfarLayer", "DependenciesLayer")]
    if not all(layer.is_dir() for layer in layers):
        sys.exit(f"run `make build` in {root} first")
    return layers


def copy_runtime(folder: Path) -> None:
    """boto3 is the runtime's own on AWS, with its bytecode: a copy of ours, compiled."""
    site = Path(boto3.__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3"):
        shutil.copytree(site / name, folder / name)
    shutil.copy(site / "six.py", folder)
    compileall.compile_dir(folder, quiet=1)


def _measured(name: str, versions: dict[str, Path], rounds: int, services: "_Services", runtime: Path) -> list[str]:
    took: dict[str, list[float]] = {version: [] for version in versions}
    modules = 0
    for _ in range(rounds + 1):
        for version, root in versions.items():
            cpu, modules = _invoked(name, root, services, runtime)
            took[version].append(cpu)
    medians = [share(times[1:], 0.5) for times in took.values()]
    ratio = f"{medians[-1] / medians[0]:.2f} ×" if len(medians) > 1 else ""
    return [name, *(f"{median * 1000:.0f}" for median in medians), str(modules), ratio]


def _invoked(name: str, root: Path, services: "_Services", runtime: Path) -> tuple[float, int]:
    """CPU seconds of one first invoke, and how many modules it imported. Raises RuntimeError if it did not work."""
    path = [root / ".aws-sam" / "build" / FUNCTIONS[name], *built_layers(root), runtime]
    services.called.clear()
    command = [sys.executable, "-S", "-c", _INVOKE, json.dumps(services.event(name))]
    environment = {**services.environment(name), "PYTHONPATH": os.pathsep.join(map(str, path))}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    last = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}
    worked = last.get("answer", {}).get("statusCode") == 200 or last.get("answer") == {"batchItemFailures": []}
    if not worked or services.expected(name) not in services.called:
        raise RuntimeError(f"{name} of {root} answered {last}, called {services.called}\n{done.stderr[-2000:]}")
    return used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, int(last["modules"])


class _Services(ThreadingHTTPServer):
    """Secrets Manager, Systems Manager, SQS, S3 and Supabase, as far as a first invoke calls them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.called: list[str] = []
        self.batch = _batch()

    @property
    def url(self) -> str:
        """Where all of it is."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def environment(self, name: str) -> dict[str, str]:
        """A function's environment: what the template gives to any of them."""
        return {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": "sa-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "POWERTOOLS_SERVICE_NAME": name,
            "POWERTOOLS_METRICS_NAMESPACE": "SicFar",
            "PYDANTIC_DISABLE_PLUGINS": "__all__",
            "SUPABASE_URL": self.url,
            "SUPABASE_SECRET_ID": "supabase",
            "SUPABASE_DISJUNTOR_FALHAS": "3",
            "SUPABASE_DISJUNTOR_SEGUNDOS": "5",
            "TOTVS_CONFIG": "ssm:/totvs",
            "TOTVS_SECRET_ID": "totvs",
            "TOTVS_WEBHOOK_SECRET_ID": "webhook",
            "QUEUE_URL": f"{self.url}/000000000000/fila",
            "RETARDO_BASE_SEGUNDOS": "5",
            "RETARDO_TETO_SEGUNDOS": "300",
            "ENVIO_ESCADA_SEGUNDOS": "60,300",
            "ENVIO_TENTATIVAS": "10",
            "ENVIO_LEASE_SEGUNDOS": "360",
            "ENVIO_ASSENTAR_SEGUNDOS": "120",
            "DISJUNTOR_FALHAS": "5",
            "DISJUNTOR_SEGUNDOS": "60",
        }

    def event(self, name: str) -> dict[str, object]:
        """One event of each function; the parser's brings five seconds of the plant."""
        event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
        if name == "totvs_webhook":
            event["headers"] = {"Content-Type": "application/json", "Authorization": f"Bearer {_SECRET}"}
        if name == "txt_parser":
            (record,) = event["Records"]
            ref = ObjectRef("bench", self.batch.key, "v1", len(self.batch.body), datetime.now(UTC))
            record["body"] = announcement(ref)
        return event

    def expected(self, name: str) -> str:
        """The call without which the invoke has not done its work."""
        return {
            "totvs_webhook": "SendMessage",
            "txt_parser": "registrar_contagens",
            "totvs_post": "reivindicar_envio",
            "totvs_apply": "receber_eventos_totvs",
        }[name]


def _batch() -> Sealed:
    lines = [f"SPEP-{number:02}" for number in range(_LINES)]
    records = [
        format_record(Record((_BEGUN + second) * 1000 + quarter * 250, line, 1, 0))
        for line in lines
        for second in range(_SECONDS)
        for quarter in range(4)
    ]
    return seal(
        gateway="planta-1",
        epoch="a" * 32,
        seq=1,
        sealed_at=datetime.fromtimestamp(_BEGUN, UTC),
        marks=[],
        lines=records,
        unreadable=[],
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Services

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        name = target or urlsplit(self.path).path.rpartition("/")[2]
        self.server.called.append(name)
        answer = _ANSWERS[name](asked)
        self._send(json.dumps(answer).encode(), "application/x-amz-json-1.1" if target else "application/json")

    def do_GET(self) -> None:
        key = unquote(urlsplit(self.path).path).split("/", 2)[2]
        if key != self.server.batch.key:
            raise ValueError(f"{key} is no object here")
        self._send(self.server.batch.body, "application/octet-stream")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


def _secret(asked: dict[str, Any]) -> object:
    login = json.dumps({"username": "u", "password": "p"})
    texts = {"supabase": "sb_secret_" + _SECRET, "totvs": login, "webhook": _SECRET}
    return {"Name": asked["SecretId"], "SecretString": texts[asked["SecretId"]]}


def _parameter(asked: dict[str, Any]) -> object:
    return {"Parameter": {"Name": asked["Name"], "Type": "String", "Value": json.dumps(_CONFIG)}}


def _sent(asked: dict[str, Any]) -> object:
    digest = hashlib.md5(asked["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": "m", "MD5OfMessageBody": digest}


def _recorded(asked: dict[str, Any]) -> object:
    return [{"chave": one["chave"], "versao_id": "v1", "situacao": "APLICADO"} for one in asked["p_arquivos"]]


def _applied(asked: dict[str, Any]) -> object:
    event = {"evento": 1, "tipo": "ordem", "referencia": "146735", "mudou": True, "situacao": "APLICADO"}
    events = asked["p_recebimento"]["eventos"]
    return [{**event, "indice": index, "codigo": None, "motivo": None} for index, _ in enumerate(events)]


_ANSWERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "GetSecretValue": _secret,
    "GetParameter": _parameter,
    "SendMessage": _sent,
    "registrar_contagens": _recorded,
    "receber_eventos_totvs": _applied,
    "reivindicar_envio": lambda _asked: {"situacao": "NADA"},
}


@contextmanager
def _services() -> Iterator[_Services]:
    with _Services() as services:
        threading.Thread(target=services.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield services
        finally:
            services.shutdown()
