"""SQS → TOTVS: each message rings for a report of the outbox."""

import gc

gc.disable()  # while it starts: nothing that is imported is garbage, and looking for some takes a tenth of the start

from functools import partial

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.database import supabase
from sicfar.database.requests import Attempt, Doorbell
from sicfar.errors import SicfarError
from sicfar.handlers import faults, setup
from sicfar.handlers.messages import Messages, Work
from sicfar.references import REFERENCE, Latest, resolve
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.conclusions import Limits
from sicfar.totvs.config import TotvsConfig, credentials, latest_config, read_credentials_again
from sicfar.totvs.outbox import Delivery, Poster, UnrecordedError

logger = Logger()
metrics = Metrics()

_database = setup.database()
_attempts: list[Attempt] = []


def _limits() -> Limits:
    return Limits(
        ladder=settings.seconds_list("ENVIO_ESCADA_SEGUNDOS"),
        attempts=settings.count("ENVIO_TENTATIVAS"),
        lease=settings.seconds("ENVIO_LEASE_SEGUNDOS"),
        settle=settings.seconds("ENVIO_ASSENTAR_SEGUNDOS"),
        breaker_failures=settings.count("DISJUNTOR_FALHAS"),
        breaker_seconds=settings.seconds("DISJUNTOR_SEGUNDOS"),
    )


def _carried(record: SQSRecord, error: SicfarError) -> str | None:
    """A conclusion that could not be put down travels in the message, to be put down with its next copy."""
    if not isinstance(error, UnrecordedError):
        return None
    _report(error.delivery)
    rung = Doorbell.parse(record.body)
    return Doorbell(
        report_id=rung.report_id, conclusion=error.delivery.conclusion, attempts=error.delivery.attempts
    ).text()


_messages = Messages(setup.failed_messages(_database), logger, metrics, "envio ao TOTVS", _carried)


_config = latest_config(logger.error)


def _access() -> tuple[TotvsConfig, tuple[str, str], str]:
    """All a client is made of, so that a changed password or certificate makes another."""
    config = _config.get()
    authority = config.ca_bundle or ""
    is_reference = REFERENCE.fullmatch(authority)
    return config, credentials(config.auth), resolve(authority, "totvs.caBundle") if is_reference else authority


def _connected(access: tuple[TotvsConfig, tuple[str, str], str]) -> tuple[TotvsConfig, TotvsClient]:
    config, login, _ = access
    refused = partial(read_credentials_again, config.auth)
    return config, TotvsClient(config, *login, record=_attempts.append, refused=refused)


_totvs = Latest(_access, _connected, logger.error)
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
@event_source(data_class=SQSEvent)
def handler(event: SQSEvent, context: LambdaContext) -> PartialItemFailureResponse:
    """Entry point: an SQS event of doorbells; answers which messages failed for good."""

    def begin() -> Work:
        database = _database.get()
        config, client = _totvs.get()
        poster = Poster(config, client, database, _limits(), _attempts, partial(faults.count, metrics))

        def more_time() -> bool:
            return context.get_remaining_time_in_millis() / 1000 > client.longest_call_seconds

        def ring(record: SQSRecord) -> None:
            rung = Doorbell.parse(record.body)
            if rung.conclusion:
                supabase.concluir_envio(database, rung.conclusion, rung.attempts or ())
            bell = f"{record.message_id}:{record.attributes.sent_timestamp}"
            for delivery in poster.ring(rung.report_id, bell, more_time):
                _report(delivery)

        return ring

    return _messages.work_off(event, context, begin)


def _report(delivery: Delivery) -> None:
    """Every call is a log line too: while the database is away, the only record."""
    for attempt in delivery.attempts:
        logger.info("tentativa", extra={"tentativa": attempt.as_json()})
    logger.info("envio", extra={"conclusao": delivery.conclusion.as_json()})
