"""One dead letter queue: letters received, hidden from others until they are let go, sent to their source, deleted.

SQS itself put them there, so the source is known by name (`x-dlq` is `x`'s). SQS takes at most ten messages a call, and
batches of a bounded size; at most 120,000 messages of a queue can be hidden at once.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from sicfar.dead_letters.command import Failed, Letter, Move
from sicfar.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

SUFFIX = "-dlq"
AT_ONCE = 10
BATCH_BYTES = 256 * 1024
"""Bodies of one SendMessageBatch: what SQS has always taken, though it takes 1 MiB by now."""
_TOO_MANY_HIDDEN = ("OverLimit", "AWS.SimpleQueueService.OverLimit")


class QueueError(TransientError):
    """SQS did not answer, or refused a whole call."""


class HiddenLimitError(QueueError):
    """More letters are hidden than SQS allows: no more can be received until some are let go."""


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that nobody else receives until it is let go, or its time is over."""

    id: str
    handle: str
    body: str
    sent_ms: int


class DeadQueue:
    """A dead letter queue and its source. Everything raises QueueError for what concerns a whole call."""

    def __init__(self, sqs: "SQSClient", url: str, *, wait_s: int) -> None:
        """``wait_s``: how long the queue is asked before it counts as empty."""
        self._sqs = sqs
        self._url = url
        self._wait_s = wait_s
        self.name = url.rsplit("/", 1)[-1]

    def receive(self, hidden_s: int) -> list[Held]:
        """Up to ten letters; none if the queue has no visible one. Raises HiddenLimitError."""
        with self._typed():
            messages: list[MessageTypeDef] = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=hidden_s,
                WaitTimeSeconds=self._wait_s,
                AttributeNames=["SentTimestamp"],
            ).get("Messages", [])
        return [
            Held(one["MessageId"], one["ReceiptHandle"], one["Body"], int(one["Attributes"]["SentTimestamp"]))
            for one in messages
        ]

    def send_back(self, letters: Sequence[Held]) -> dict[str, str]:
        """Send at most ten letters to the source queue; returns why, for each that was not taken."""
        with self._typed():
            answer = self._sqs.send_message_batch(
                QueueUrl=self._url.removesuffix(SUFFIX),
                Entries=[{"Id": str(number), "MessageBody": one.body} for number, one in enumerate(letters)],
            )
        return {letters[int(one["Id"])].id: one.get("Message", one["Code"]) for one in answer.get("Failed", [])}

    def delete(self, letters: Sequence[Held]) -> dict[str, str]:
        """Delete at most ten letters; returns why, for each that is still there."""
        with self._typed():
            answer = self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(number), "ReceiptHandle": one.handle} for number, one in enumerate(letters)],
            )
        return {letters[int(one["Id"])].id: one.get("Message", one["Code"]) for one in answer.get("Failed", [])}

    def let_go(self, handles: Sequence[str]) -> int:
        """Show the letters to everybody again; returns how many stay hidden until their time is over instead."""
        still = 0
        for begin in range(0, len(handles), AT_ONCE):
            with self._typed():
                answer = self._sqs.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                        for number, handle in enumerate(handles[begin : begin + AT_ONCE])
                    ],
                )
            still += len(answer.get("Failed", []))
        return still

    def hidden(self) -> int:
        """About how many letters somebody holds."""
        with self._typed():
            found = self._sqs.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
            )
        return int(found["Attributes"]["ApproximateNumberOfMessagesNotVisible"])

    def move_all(self, per_second: int) -> None:
        """Let SQS move every letter to where it came from, as the console's button does."""
        with self._typed():
            self._sqs.start_message_move_task(SourceArn=self._arn(), MaxNumberOfMessagesPerSecond=per_second)

    def move(self) -> Move | None:
        """What SQS says of its latest move of this queue."""
        with self._typed():
            tasks = self._sqs.list_message_move_tasks(SourceArn=self._arn(), MaxResults=1).get("Results", [])
        if not tasks:
            return None
        return Move(
            queue=self.name,
            status=tasks[0].get("Status", "?"),
            moved=tasks[0].get("ApproximateNumberOfMessagesMoved", 0),
            total=tasks[0].get("ApproximateNumberOfMessagesToMove"),
            reason=tasks[0].get("FailureReason"),
        )

    def _arn(self) -> str:
        asked = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        return asked["Attributes"]["QueueArn"]

    @contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except ClientError as cause:
            error = cause.response.get("Error", {})
            code = error.get("Code", "?")
            kind = HiddenLimitError if code in _TOO_MANY_HIDDEN else QueueError
            what = f"o SQS recusou {cause.operation_name} ({code}: {error.get('Message', '')})"
            raise kind("queue_refused", what, where=self.name, action="repita o comando") from cause
        except (BotoCoreError, HTTPClientError) as cause:
            what = f"o SQS não respondeu ({type(cause).__name__})"
            raise QueueError("queue_unreachable", what, where=self.name, action="repita o comando") from cause


def packed(letters: Sequence[Held], most: int) -> Iterator[list[Held]]:
    """The letters in batches of at most `most` and of a size that SQS takes."""
    batch: list[Held] = []
    size = 0
    for letter in letters:
        bytes_ = len(letter.body.encode())
        if batch and (len(batch) == most or size + bytes_ > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += bytes_
    if batch:
        yield batch


class Shown:
    """The letters of an answer, as many as its bound allows. ``body``: how much of each body; None: all of it."""

    def __init__(self, most_bytes: int, body: int | None) -> None:
        self._left = most_bytes
        self._body = body
        self._letters: list[Letter] = []

    def add(self, letter: Letter) -> None:
        """Show one more, if there is room."""
        if self._body is not None:
            letter = letter.model_copy(update={"body": letter.body[: self._body]})
        # Escaped, as the runtime may write it: the most it can take.
        self._left -= len(json.dumps(letter.as_json())) + 2
        if self._left >= 0:
            self._letters.append(letter)

    def letters(self) -> tuple[Letter, ...]:
        """What is shown."""
        return tuple(self._letters)


def failures(reasons: dict[str, str], most: int) -> tuple[Failed, ...]:
    """Some of the letters that failed, with why."""
    return tuple(Failed(id=one, reason=why[:200]) for one, why in list(reasons.items())[:most])
