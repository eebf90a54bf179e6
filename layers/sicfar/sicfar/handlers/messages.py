"""The messages of a function's queue, worked off one by one; what did not succeed is settled, counted and logged."""

from collections.abc import Callable

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSEvent, SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from sicfar.aws.queues import FailedMessages, waiting_seconds
from sicfar.errors import Fate, SicfarError, typed
from sicfar.handlers import faults

Work = Callable[[SQSRecord], None]


def _failing(error: SicfarError) -> Work:
    def fail(_record: SQSRecord) -> None:
        raise error

    return fail


def _same(_record: SQSRecord, _error: SicfarError) -> str | None:
    return None


class Messages:
    """One queue's messages.

    ``failed`` decides their fate, ``what`` names in the log what did not succeed. ``carried`` gives the body of the
    message's next copy, if it is to carry more than this one's.
    """

    def __init__(
        self,
        failed: FailedMessages,
        logger: Logger,
        metrics: Metrics,
        what: str,
        carried: Callable[[SQSRecord, SicfarError], str | None] = _same,
    ) -> None:
        self._failed = failed
        self._logger = logger
        self._metrics = metrics
        self._what = what
        self._carried = carried

    def work_off(
        self, event: SQSEvent, context: LambdaContext, begin: Callable[[], Work]
    ) -> PartialItemFailureResponse:
        """Do the work of each message of an SQS event; answers which ones failed for good.

        ``begin`` makes what does the work; where it fails, so does each message. An error is settled by its fate; one
        of no known type counts as unknown, and the message waits. Only what ends the process raises receive counts.
        """
        try:
            work = begin()
        except Exception as error:  # noqa: BLE001 - each message meets it below, where it is settled and logged
            work = _failing(typed(error))

        def settled(record: SQSRecord) -> None:
            try:
                work(record)
            except Exception as error:
                if self._settle(record, typed(error)) is None:
                    raise

        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(
            event=event.raw_event, record_handler=settled, processor=processor, context=context
        )

    def _settle(self, record: SQSRecord, error: SicfarError) -> int | None:
        """The seconds until the message's next copy; None if it is to be reported as failed."""
        delay: int | None = None
        try:
            delay = self._failed.settle(record, error, body=self._carried(record, error))
        except (ClientError, BotoCoreError) as cause:
            self._logger.exception("SQS não aceitou o que fazer da mensagem", exc_info=cause)
        if error.fate is not Fate.PERMANENT:
            self._metrics.add_metric("MessagesDelayed", MetricUnit.Count, 1)
            self._metrics.add_metric("OldestWaitingSeconds", MetricUnit.Seconds, waiting_seconds(record))
        faults.count(self._metrics, error)
        self._logger.error(
            self._what,
            exc_info=error,
            extra={"codigo": error.code, "destino": error.fate, "motivo": str(error), "nova_tentativa_em_s": delay},
        )
        return delay
