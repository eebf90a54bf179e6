"""Every minute, and when woken: complete lots close, the outbox is rung for, missing files are looked for."""

import time
from collections.abc import Callable

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.aws.clients import CLIENT
from sicfar.closing.run import Closing, Run
from sicfar.database.answers import Health
from sicfar.errors import typed
from sicfar.handlers import faults, http, setup
from sicfar.webhooks.auth import LatestSecrets, WebhookAuth
from sicfar.webhooks.signature import Refused, verify

logger = Logger()
metrics = Metrics()

_database = setup.database()
_s3 = boto3.client("s3", config=CLIENT)
_sqs = boto3.client("sqs", config=CLIENT)
_WAKE = WebhookAuth(type="bearer")
_secrets = LatestSecrets(
    lambda: [f"secretsmanager:{settings.text('FECHAMENTOS_SECRET_ID')}"], "FECHAMENTOS_SECRET_ID", logger.error
)
_ENOUGH_MS = 20_000
_ANSWER_S = 10.0  # API Gateway gives up after 29 s; what is left over closes within the minute


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: http.ProxyEvent | http.Schedule, context: LambdaContext) -> http.HttpAnswer | dict[str, object]:
    """Entry point: a schedule, or a REST API proxy event of POST /fechamentos, whose body is only authenticated."""
    if "requestContext" not in event:
        with faults.counted(metrics):
            return _run(lambda: context.get_remaining_time_in_millis() > _ENOUGH_MS).as_json()
    request = http.request(event)
    answer_by = time.monotonic() + _ANSWER_S
    try:
        refused = _refused(request, _secrets.get()) and _refused(request, _secrets.read_again())
        if refused:
            metrics.add_metric("Closing401", MetricUnit.Count, 1)
            logger.warning("pedido de fechamento recusado", extra={"motivo": refused.reason})
            return http.answer(401, {"codigo": "NAO_AUTORIZADO", "mensagem": "Segredo ausente ou errado."})
        run = _run(lambda: time.monotonic() < answer_by)
    except Exception as cause:
        error = typed(cause)
        faults.count(metrics, error)
        logger.exception("fechamento", extra={"codigo": error.code, "motivo": str(error)})
        return http.answer(
            503, {"codigo": "INDISPONIVEL", "mensagem": "O SicFar não pôde fechar agora; a agenda tentará."}
        )
    return http.answer(200, {"fechadas": run.closed, "aguardam": run.waiting, "em_andamento": run.busy})


def _refused(request: http.HttpRequest, secrets: list[str]) -> Refused | None:
    verified = verify(_WAKE, secrets, request.headers, request.body, time.time())
    return verified if isinstance(verified, Refused) else None


def _run(more_time: Callable[[], bool]) -> Run:
    closing = Closing(
        _database.get(),
        _s3,
        _sqs,
        bucket=settings.text("BUCKET"),
        files_queue=settings.text("TXT_QUEUE_URL"),
        doorbell=settings.text("POST_QUEUE_URL"),
        sweep_s=settings.seconds("LACUNA_SEGUNDOS"),
        ring_s=settings.seconds("TOQUE_SEGUNDOS"),
    )
    run = closing.run(more_time)
    _measure(run.health)
    level = logger.error if run.failures else logger.info
    level("fechamentos", extra=run.as_json())
    return run


def _measure(health: Health) -> None:
    """What the alarms watch. A figure of zero is not sent: the alarms take no data for none, and CloudWatch charges a
    metric for each hour in which it gets data."""
    for name, unit, figure in (
        ("ClosingsOverdue", MetricUnit.Count, health.overdue_closings),
        ("ReportsWaitingForPerson", MetricUnit.Count, health.stopped_reports),
        ("OldestReportSeconds", MetricUnit.Seconds, health.oldest_report_s),
        ("BreakerOpen", MetricUnit.Count, health.breaker_open),
        ("SilentLines", MetricUnit.Count, len(health.silent_lines)),
        ("SilentGateways", MetricUnit.Count, len(health.silent_gateways)),
    ):
        if figure:
            metrics.add_metric(name, unit, figure)
