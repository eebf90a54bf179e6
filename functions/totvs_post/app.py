"""SQS → TOTVS: each message rings for a report of the outbox."""

import json
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.database import supabase
from sicfar.errors import SicfarError
from sicfar.handlers import setup
from sicfar.handlers.messages import Messages
from sicfar.totvs.attempts import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig, credentials, load_config
from sicfar.totvs.outbox import Limits, Poster, Told, UnrecordedError, doorbell
from sicfar.totvs.references import Cached

logger = Logger()
metrics = Metrics()

_database = setup.database()
_limits = Limits(
    ladder=settings.seconds_list("ENVIO_ESCADA_SEGUNDOS"),
    attempts=settings.count("ENVIO_TENTATIVAS"),
    lease=settings.seconds("ENVIO_LEASE_SEGUNDOS"),
    settle=settings.seconds("ENVIO_ASSENTAR_SEGUNDOS"),
    breaker_failures=settings.count("DISJUNTOR_FALHAS"),
    breaker_seconds=settings.seconds("DISJUNTOR_SEGUNDOS"),
)
_attempts: list[Attempt] = []


def _carried(record: SQSRecord, error: SicfarError) -> str | None:
    """A conclusion the database could not take travels in the message, to be recorded with its next copy."""
    if not isinstance(error, UnrecordedError):
        return None
    _report(error.told)
    report, _ = doorbell(record.body)
    return json.dumps({"envio": report, **asdict(error.told)})


_messages = Messages(setup.failed_messages(_database), logger, metrics, "envio ao TOTVS", _carried)


def _connected() -> tuple[TotvsConfig, TotvsClient]:
    config = load_config(settings.text("TOTVS_CONFIG"))
    return config, TotvsClient(config, *credentials(config.auth), record=_attempts.append)


_totvs = Cached(_connected, logger.error)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of doorbells; answers which messages failed for good."""
    config, client = _totvs.get()
    poster = Poster(config, client, _database, _limits, _attempts)

    def more_time() -> bool:
        return context.get_remaining_time_in_millis() / 1000 > client.longest_call_seconds

    def ring(record: SQSRecord) -> None:
        report, carried = doorbell(record.body)
        if carried:
            supabase.concluir_envio(_database, carried.conclusao, carried.tentativas)
        for told in poster.ring(report, f"{record.message_id}:{record.attributes.sent_timestamp}", more_time):
            _report(told)

    return _messages.work_off(event, context, ring)


def _report(told: Told) -> None:
    """Every call is a log line too: while the database is away, the only record."""
    metrics.add_metric(f"Report{str(told.conclusao['situacao']).title()}", MetricUnit.Count, 1)
    for attempt in told.tentativas:
        logger.info("tentativa", extra={"tentativa": attempt})
    logger.info("envio", extra={"conclusao": told.conclusao})
