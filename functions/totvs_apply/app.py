"""SQS → master data and lots: what TOTVS told, applied."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.database import supabase
from sicfar.errors import SicfarError
from sicfar.handlers import setup
from sicfar.totvs.config import load_config
from sicfar.totvs.inbox import reception
from sicfar.totvs.references import Cached

logger = Logger()
metrics = Metrics()

_config = Cached(lambda: load_config(settings.text("TOTVS_CONFIG")), logger.error)
_config.get()  # a configuration that cannot work stops the start
_database = setup.database()
_failed = setup.failed_messages(_database)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of webhook requests; answers which messages failed for good."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_apply, processor=processor, context=context)


def _apply(record: SQSRecord) -> None:
    """Apply one request; a failure is settled by its fate, and raised only if the message must stay."""
    try:
        answers = supabase.receber_eventos_totvs(_database, reception(record.body, _config.get()))
        _raise_failures(answers)
    except SicfarError as error:
        delay = _failed.settle(record.raw_event, error)
        metrics.add_metric("MessagesFailed", MetricUnit.Count, 1)
        logger.exception(
            "eventos do TOTVS não aplicados",
            extra={"codigo": error.code, "destino": error.fate, "motivo": str(error), "nova_tentativa_em_s": delay},
        )
        if delay is None:
            raise
        return
    for situation, times in Counter(answer["situacao"] for answer in answers).items():
        metrics.add_metric(f"Totvs{situation.title().replace('_', '')}", MetricUnit.Count, times)
    logger.info("eventos do TOTVS", extra={"eventos": answers})


def _raise_failures(answers: Iterable[dict[str, Any]]) -> None:
    """What failed of a request comes again with all of it; what was applied is known then."""
    for answer in answers:
        if answer["situacao"] == "ERRO":
            raise supabase.error_of(answer, f"evento {answer['indice']} ({answer['tipo']})")
