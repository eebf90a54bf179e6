"""What becomes of a queue message whose work did not succeed.

A queue's receive count means crashes and refusals only, so an outage never pushes a good message towards the dead
letters: a *transient* failure replaces the message by a delayed copy of itself (attribute `tentativas` counts them,
`primeiro_envio` says when the original was sent, for SQS takes each copy for a new message) and reports success; a
*permanent* one makes it visible again at once and reports failure, so that after the queue's maxReceiveCount, within
seconds, SQS itself moves it to the dead letter queue, from where the console can send it back.
A configuration error is treated as transient: the message is good, the plant's counts must not wait in a dead letter
queue for somebody to mend a key. Where even the copy cannot be sent, the message itself is hidden for longer each time:
its few receptions then last more than a day.
"""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sicfar.errors import Fate, SicfarError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from mypy_boto3_sqs import SQSClient

ATTEMPTS = "tentativas"
FIRST_SENT = "primeiro_envio"
LONGEST_DELAY = 900  # SQS's own limit, seconds
HIDDEN = (300, 3_600, 14_400, 28_800, 42_000)
"""Seconds a message without a copy stays hidden after its first, second … reception, as many as a queue allows. SQS
hides for 12 h at most. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""


def attempts(record: "SQSRecord") -> int:
    """How many delayed copies went before this message; 0 for the original."""
    attribute = record.message_attributes[ATTEMPTS]
    return int(attribute.string_value or 0) if attribute else 0


def waiting_seconds(record: "SQSRecord") -> float:
    """How long ago the original of this message was sent."""
    return max(0.0, time.time() - _first_sent_ms(record) / 1000)


def _first_sent_ms(record: "SQSRecord") -> int:
    attribute = record.message_attributes[FIRST_SENT]
    return int((attribute and attribute.string_value) or record.attributes.sent_timestamp)


class Backoff:
    """Delays in seconds: base, 2·base, 4·base … up to a ceiling, each at random between half and all of it."""

    def __init__(self, base: int, ceiling: int) -> None:
        self._base = base
        self._ceiling = min(ceiling, LONGEST_DELAY)

    def delay(self, attempt: int) -> int:
        """The wait after `attempt` earlier attempts (0 for the first failure)."""
        longest: int = min(self._ceiling, self._base * 2 ** min(attempt, 16))
        return max(1, random.randint((longest + 1) // 2, longest))  # noqa: S311 - jitter, not a secret


class FailedMessages:
    """Decides by the error's fate what happens to a message of the queue it came from."""

    def __init__(
        self,
        sqs: "SQSClient",
        backoff: Callable[[], Backoff],
        record_reason: Callable[[str, str, SicfarError], None],
    ) -> None:
        """``backoff`` is called for each copy; ``record_reason`` receives queue name, message id and error of each
        message that fails for good."""
        self._sqs = sqs
        self._backoff = backoff
        self._tell = record_reason

    def settle(self, record: "SQSRecord", error: SicfarError, *, body: str | None = None) -> int | None:
        """Replace the message by a delayed copy and return the delay in seconds; or, for a permanent error, record the
        reason, make it visible at once and return None: the caller then reports it as failed.

        ``body`` is the copy's, if it is to carry more than the original's.

        If the copy cannot be sent the exception passes on, and the message returns after having been hidden.
        """
        if error.fate is Fate.PERMANENT:
            self._tell(record.queue_url.rsplit("/", 1)[-1], record.message_id, error)
            self._hide(record, 0)
            return None
        earlier = attempts(record)
        delay = self._backoff().delay(earlier)
        try:
            self._sqs.send_message(
                QueueUrl=record.queue_url,
                MessageBody=record.body if body is None else body,
                DelaySeconds=delay,
                MessageAttributes={
                    ATTEMPTS: {"DataType": "Number", "StringValue": str(earlier + 1)},
                    FIRST_SENT: {"DataType": "Number", "StringValue": str(_first_sent_ms(record))},
                },
            )
        except (ClientError, BotoCoreError):
            received = int(record.attributes.approximate_receive_count)
            self._hide(record, HIDDEN[min(received, len(HIDDEN)) - 1])
            raise
        return delay

    def _hide(self, record: "SQSRecord", seconds: int) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=record.queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
        )
