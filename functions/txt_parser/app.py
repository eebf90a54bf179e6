"""S3 → SQS → counts: what new files of the plant say, recorded in one call to the database per invocation."""

import gc

gc.disable()  # while it starts: nothing that is imported is garbage, and looking for some takes a tenth of the start

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar.aws.clients import CLIENT
from sicfar.aws.queues import attempts
from sicfar.handlers import setup
from sicfar.handlers.messages import Messages, Work
from sicfar.ingest.intake import Intake, Message, Result

logger = Logger()
metrics = Metrics()

_database = setup.database()
_s3 = boto3.client("s3", config=CLIENT)
_messages = Messages(setup.failed_messages(_database), logger, metrics, "arquivo não registrado")
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
@event_source(data_class=SQSEvent)
def handler(event: SQSEvent, context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of S3 notifications; answers which messages failed for good."""

    def begin() -> Work:
        messages = (Message(record.message_id, record.body, attempts(record)) for record in event.records)
        result = Intake(_s3, _database.get()).process(messages)
        _report(result)

        def failed(record: SQSRecord) -> None:
            if error := result.failures.get(record.message_id):
                raise error

        return failed

    return _messages.work_off(event, context, begin)


def _report(result: Result) -> None:
    logger.info(
        "arquivos processados",
        extra={"registros": result.records, "arquivos": [answer.as_json() for answer in result.answers]},
    )
