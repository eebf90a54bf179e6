"""LocalStack's SQS, which has the console's StartMessageMoveTask, and a migrated PostgreSQL."""

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from local.plain_http import http
from local.processes import LOOPBACK, Launch, StackError, plain_environment
from local.stack.run_folder import HEALTH_S, temporary_run
from tests.integration.conftest import cluster, db

__all__ = ["cluster", "db"]

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
REGION = "us-east-1"


@dataclass(frozen=True)
class LocalSqs:
    """The emulated SQS, a way to set its clock forward, and that clock, seconds since the epoch."""

    client: Any
    ahead: Callable[[float], None]
    now: Callable[[], float]


@pytest.fixture(scope="session")
def local_sqs() -> Iterator[LocalSqs]:
    if not PYTHON.is_file():
        pytest.fail(f"LocalStack is not installed ({PYTHON}): run `make test-redrive`", pytrace=False)
    with temporary_run() as run:
        home = run.folder("localstack")
        clock = home / "clock"

        def ahead(seconds: float) -> None:
            # In place: the process has mapped this file.
            with clock.open("r+b" if clock.exists() else "wb") as file:
                file.write(struct.pack("d", seconds))

        def now() -> float:
            return time.time() + float(struct.unpack("d", clock.read_bytes())[0])

        ahead(0)

        def launch(port: int) -> Launch:
            env = plain_environment(
                HOME=str(home),
                TMPDIR=str(home),
                PYTHONPATH=str(HERE / "clock"),
                SICFAR_CLOCK=str(clock),
                SERVICES="sqs",
                STRICT_SERVICE_LOADING="1",
                GATEWAY_SERVER="hypercorn",
                GATEWAY_LISTEN=f"{LOOPBACK}:{port}",
                DISABLE_EVENTS="1",
                SKIP_SSL_CERT_DOWNLOAD="1",
                DNS_ADDRESS="0",
                FILESYSTEM_ROOT=str(home),
                SQS_ENDPOINT_STRATEGY="path",
                LOCALSTACK_HOST=f"{LOOPBACK}:{port}",
            )
            return Launch([str(PYTHON), "-m", "localstack.runtime.main"], home, env)

        def healthy(port: int) -> bool:
            try:
                return http.get(f"http://{LOOPBACK}:{port}/_localstack/health", timeout=HEALTH_S).status_code == 200
            except httpx.TransportError as not_yet:
                raise ConnectionError from not_yet

        try:
            part = run.start("localstack", launch, healthy)
        except StackError as error:
            pytest.fail(str(error), pytrace=False)
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        client = session.client(
            "sqs", endpoint_url=f"http://{LOOPBACK}:{part.port}", config=Config(proxies={}, max_pool_connections=20)
        )
        yield LocalSqs(client, ahead, now)
