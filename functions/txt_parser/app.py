"""S3 → SQS → counts: what new files of the plant say, recorded in one call to the database per invocation."""

import gc

gc.disable()  # while it starts: nothing that is imported is garbage, and looking for some takes a tenth of the start

from collections import Counter

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar.aws.clients import CLIENT
from sicfar.aws.queues import attempts
from sicfar.database.codes import FileSituation
from sicfar.handlers import setup
from sicfar.handlers.messages import Messages
from sicfar.ingest.intake import Intake, Message, Result

logger = Logger()
metrics = Metrics()

_database = setup.database()
_intake = Intake(boto3.client("s3", config=CLIENT), _database)
_messages = Messages(setup.failed_messages(_database), logger, metrics, "arquivo não registrado")
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
@event_source(data_class=SQSEvent)
def handler(event: SQSEvent, context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of S3 notifications; answers which messages failed for good."""
    result = _intake.process(Message(record.message_id, record.body, attempts(record)) for record in event.records)
    _report(result)

    def failed(record: SQSRecord) -> None:
        if error := result.failures.get(record.message_id):
            raise error

    return _messages.work_off(event, context, failed)


def _report(result: Result) -> None:
    situations: Counter[FileSituation] = Counter(answer.situation for answer in result.answers)
    for name, situation in (
        ("Applied", FileSituation.APPLIED),
        ("Repeated", FileSituation.KNOWN),
        ("Quarantined", FileSituation.QUARANTINED),
    ):
        metrics.add_metric(f"Files{name}", MetricUnit.Count, situations[situation])
    metrics.add_metric("Records", MetricUnit.Count, result.records)
    logger.info(
        "arquivos processados",
        extra={"registros": result.records, "arquivos": [answer.as_json() for answer in result.answers]},
    )
