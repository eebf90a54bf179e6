"""The account a command acts on: its clients, each made when it is first needed, and whether it is a real one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import boto3

from sicfar.aws.clients import CLIENT, ONCE

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient


class Account:
    """An AWS account in a region, with the credentials of whoever runs the command (or of a profile of theirs)."""

    def __init__(self, region: str, profile: str | None = None) -> None:
        self.region = region
        self._session = boto3.Session(profile_name=profile, region_name=region)

    @property
    def emulated(self) -> bool:
        """Whether it is an emulator, which judges no policy."""
        return "amazonaws.com" not in self.sts.meta.endpoint_url

    @cached_property
    def sts(self) -> STSClient:
        """Who am I."""
        return self._session.client("sts", config=CLIENT)

    @cached_property
    def s3(self) -> S3Client:
        """Objects; one try a call, for what is refused must not be repeated."""
        return self._session.client("s3", config=ONCE)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """Stacks."""
        return self._session.client("cloudformation", config=CLIENT)

    @cached_property
    def functions(self) -> LambdaClient:
        """Lambda."""
        return self._session.client("lambda", config=CLIENT)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        """Secrets."""
        return self._session.client("secretsmanager", config=CLIENT)

    @cached_property
    def ssm(self) -> SSMClient:
        """Parameters."""
        return self._session.client("ssm", config=CLIENT)

    @cached_property
    def sqs(self) -> SQSClient:
        """Queues."""
        return self._session.client("sqs", config=CLIENT)

    @cached_property
    def sns(self) -> SNSClient:
        """Topics."""
        return self._session.client("sns", config=CLIENT)

    @cached_property
    def ses(self) -> SESV2Client:
        """E-mail."""
        return self._session.client("sesv2", config=CLIENT)

    @cached_property
    def events(self) -> EventBridgeClient:
        """Rules with a schedule."""
        return self._session.client("events", config=CLIENT)

    @cached_property
    def scheduler(self) -> EventBridgeSchedulerClient:
        """Schedules."""
        return self._session.client("scheduler", config=CLIENT)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """Alarms and metrics."""
        return self._session.client("cloudwatch", config=CLIENT)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Log groups."""
        return self._session.client("logs", config=CLIENT)

    @cached_property
    def number(self) -> str:
        """The account's number."""
        return self.sts.get_caller_identity()["Account"]

    @property
    def artifacts(self) -> str:
        """Name of the bucket that deploys take code from; one an account and region."""
        return f"sicfar-artefatos-{self.number}-{self.region}"
