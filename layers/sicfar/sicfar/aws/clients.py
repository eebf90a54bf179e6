"""How the functions talk to AWS itself."""

from functools import cached_property
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ONCE = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 1, "mode": "standard"})
"""One try: what may have taken effect is not repeated at once."""

CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
"""Two tries at most: what still fails waits in a queue, not in a Lambda that is paid for waiting."""

READING = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
"""For parameters and secrets. Two of them are read before a webhook is answered, within API Gateway's 29 s and the
function's own 25 s, also if neither store answers."""


class _SqsWhenUsed:
    @cached_property
    def _client(self) -> "SQSClient":
        return boto3.client("sqs", config=CLIENT)

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


def sqs_when_used() -> "SQSClient":
    """A client of SQS that is made at its first call: making it is a tenth of a start, and most starts need none."""
    return cast("SQSClient", _SqsWhenUsed())
