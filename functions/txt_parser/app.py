"""S3 → SQS → counts: what new files of the plant say, recorded in one call to the database per invocation."""

from collections import Counter
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar.aws.clients import CLIENT
from sicfar.aws.queues import attempts
from sicfar.handlers import setup
from sicfar.ingest.intake import Intake, Message, Result

logger = Logger()
metrics = Metrics()

_database = setup.database()
_intake = Intake(boto3.client("s3", config=CLIENT), _database)
_failed = setup.failed_messages(_database)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of S3 notifications; answers which messages failed for good."""
    result = _intake.process(
        Message(record["messageId"], record["body"], attempts(record)) for record in event["Records"]
    )
    _report(result)

    def settle(record: SQSRecord) -> None:
        error = result.failures.get(record.message_id)
        if error is None:
            return
        delay = _failed.settle(record.raw_event, error)
        logger.error(
            "arquivo não registrado",
            extra={"codigo": error.code, "destino": error.fate, "motivo": str(error), "nova_tentativa_em_s": delay},
        )
        if delay is None:
            raise error

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=settle, processor=processor, context=context)


def _report(result: Result) -> None:
    situations = Counter(answer["situacao"] for answer in result.answers)
    for name, situation in (("Applied", "APLICADO"), ("Repeated", "JA_APLICADO"), ("Quarantined", "QUARENTENA")):
        metrics.add_metric(f"Files{name}", MetricUnit.Count, situations[situation])
    metrics.add_metric("Records", MetricUnit.Count, result.records)
    metrics.add_metric("MessagesFailed", MetricUnit.Count, len(result.failures))
    logger.info(
        "arquivos processados",
        extra={"registros": result.records, "arquivos": [dict(answer) for answer in result.answers]},
    )
