"""SQS → master data and lots: what TOTVS told, applied."""

import gc

gc.disable()  # while it starts: nothing that is imported is garbage, and looking for some takes a tenth of the start

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar.database import supabase
from sicfar.database.answers import EventAnswer, EventFailed
from sicfar.handlers import setup
from sicfar.handlers.messages import Messages, Work
from sicfar.totvs import rehearsal, waiting
from sicfar.totvs.inbox import reception
from sicfar.totvs.intake import Intake, latest_intake
from sicfar.totvs.model import Kind

if TYPE_CHECKING:
    from sicfar.database.supabase import Client

_AWAITED = (Kind.PRODUCT, Kind.MATERIAL)
_PORTION_MS = 15_000  # until a call of the database has ended, or is given up

logger = Logger()
metrics = Metrics()

_config = latest_intake(logger.error)
_database = setup.database()
_messages = Messages(setup.failed_messages(_database), logger, metrics, "eventos do TOTVS não aplicados")
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
@event_source(data_class=SQSEvent)
def handler(event: SQSEvent, context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of webhook requests; answers which messages failed for good."""

    def more_time() -> bool:
        return context.get_remaining_time_in_millis() > _PORTION_MS

    def begin() -> Work:
        config, database = _config.get(), _database.get()
        return lambda record: _apply(record, config, database, more_time)

    return _messages.work_off(event, context, begin)


def _apply(record: SQSRecord, config: Intake, database: "Client", more_time: Callable[[], bool]) -> None:
    """Apply one request, and what waited for a product that it brought."""
    rehearsed = rehearsal.attempt(record.body)
    if rehearsed:
        supabase.registrar_tentativas(database, [rehearsed])
        return
    answers = supabase.receber_eventos_totvs(database, reception(record.body, config))
    _raise_failures(answers)
    brings_awaited = any(answer.kind in _AWAITED for answer in answers)
    released = waiting.release(database, more_time) if brings_awaited else 0
    logger.info("eventos do TOTVS", extra={"eventos": [answer.as_json() for answer in answers], "liberados": released})


def _raise_failures(answers: Iterable[EventAnswer]) -> None:
    """What failed of a request comes again with all of it; what was applied is known then."""
    for answer in answers:
        if isinstance(answer, EventFailed):
            raise supabase.error_of(answer.refusal, f"evento {answer.index} ({answer.kind})")
