"""The emulated AWS, MiniStack: S3, SQS, Lambda, API Gateway, Secrets Manager and the like on one loopback port."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
import httpx
from botocore.config import Config

from local.plain_http import http
from local.processes import LOOPBACK, Launch, StackError, plain_environment
from local.stack.run_folder import HEALTH_S, RunFolder

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

REGION: Final = "sa-east-1"
ACCOUNT = "000000000000"
_SESSION = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
_CONFIG = Config(proxies={}, retries={"total_max_attempts": 1})
_COMMAND = Path(__file__).parent / "emulator" / ".venv" / "bin" / "ministack"


@dataclass(frozen=True)
class Emulator:
    """The emulated AWS and the credentials it takes: any, so they are no secret."""

    endpoint_url: str
    """What boto3 and `sam` take as AWS_ENDPOINT_URL."""

    def environment(self) -> dict[str, str]:
        """Return the variables with which a child process talks to the emulator and never to a real account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @cached_property
    def s3(self) -> S3Client:
        """A client for the emulated S3."""
        return _SESSION.client("s3", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def sqs(self) -> SQSClient:
        """A client for the emulated SQS."""
        return _SESSION.client("sqs", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def functions(self) -> LambdaClient:
        """A client for the emulated Lambda."""
        return _SESSION.client("lambda", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        """A client for the emulated Secrets Manager."""
        return _SESSION.client("secretsmanager", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def emails(self) -> SESV2Client:
        """A client for the emulated SES; like a new account it sends between verified identities only."""
        return _SESSION.client("sesv2", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def ssm(self) -> SSMClient:
        """A client for the emulated parameter store."""
        return _SESSION.client("ssm", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """A client for the emulated CloudFormation."""
        return _SESSION.client("cloudformation", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def apigateway(self) -> APIGatewayClient:
        """A client for the emulated API Gateway (REST APIs)."""
        return _SESSION.client("apigateway", endpoint_url=self.endpoint_url, config=_CONFIG)


def start(run: RunFolder) -> Emulator:
    """Start the emulated AWS, empty.

    Raises:
        StackError: its environment is missing, or it did not start.
    """
    if not _COMMAND.is_file():
        raise StackError("the emulated AWS is not installed", where=str(_COMMAND), action="run `make setup`")
    home = run.folder("emulator")
    home.chmod(0o700)

    def launch(port: int) -> Launch:
        env = plain_environment(
            HOME=str(home),
            TMPDIR=str(home),  # where it unpacks the functions
            TZ="UTC",
            BIND_HOST=LOOPBACK,
            MINISTACK_HOST=LOOPBACK,
            GATEWAY_PORT=str(port),
            MINISTACK_REGION=REGION,
            IOT_MTLS_ENABLED="0",  # else it opens the MQTT port
            SFTP_ENABLED="0",  # else the SFTP port
            DOCKER_HOST="unix:///nonexistent",  # it runs functions as plain processes
        )
        return Launch([str(_COMMAND)], home, env)

    def healthy(port: int) -> bool:
        try:
            return "services" in http.get(f"http://{LOOPBACK}:{port}/_ministack/health", timeout=HEALTH_S).json()
        except httpx.TransportError as not_yet:
            raise ConnectionError from not_yet

    part = run.start("emulator", launch, healthy)
    return Emulator(f"http://{LOOPBACK}:{part.port}")
