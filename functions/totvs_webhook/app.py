"""API Gateway ← TOTVS → SQS: what the ERP tells, authenticated and stored before it is answered."""

import gc

gc.disable()  # while it starts: nothing that is imported is garbage, and looking for some takes a tenth of the start

import time

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from sicfar import settings
from sicfar.aws.clients import CLIENT
from sicfar.errors import typed
from sicfar.handlers import faults, http
from sicfar.totvs.inbox import QueueUnavailableError, Reply, Request, take_in, unavailable
from sicfar.totvs.intake import latest_intake, webhook_secrets

logger = Logger()
metrics = Metrics()

_sqs = boto3.client("sqs", config=CLIENT)
_config = latest_intake(logger.error)
_secrets = webhook_secrets(lambda: _config.get().webhook.auth, logger.error)
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: http.ProxyEvent, _context: LambdaContext) -> http.HttpAnswer:
    """Entry point: a REST API proxy event."""
    received = http.request(event)
    if received.resource == "/saude":
        return _health()
    request = Request(
        body=received.body,
        headers=received.headers,
        request_id=received.request_id,
        source_ip=received.source_ip,
        now=time.time(),
        rehearsal=received.query.get("ensaio") == "1",
    )
    correlation = request.correlation
    try:
        reply = _stored(request)
    except Exception as cause:
        # Whatever it was: nothing is stored, and the sender must come again.
        error = typed(cause)
        faults.count(metrics, error)
        logger.exception("pedido não guardado", extra={"correlacao": correlation, "codigo": error.code})
        reply = unavailable(request, error)
    if reply.status == 401:
        metrics.add_metric("Webhook401", MetricUnit.Count, 1)
    logger.info(
        "pedido do TOTVS",
        extra={
            "correlacao": correlation,
            "status": reply.status,
            "bytes": len(request.body),
            "origem": request.source_ip,
            "ensaio": request.rehearsal,
            "motivo": reply.reason,
        },
    )
    return _answer(reply, correlation)


def _stored(request: Request) -> Reply:
    """Take a request in and store it. Raises SettingError, QueueUnavailableError."""
    reply = take_in(request, _config.get(), _secrets.get())
    if reply.status == 401:  # the secret may have been changed since it was read
        reply = take_in(request, _config.get(), _secrets.read_again())
    if reply.message:
        try:
            _sqs.send_message(QueueUrl=settings.text("QUEUE_URL"), MessageBody=reply.message)
        except (ClientError, BotoCoreError) as cause:
            raise QueueUnavailableError(
                "queue_unavailable", f"o SQS não guardou o pedido ({type(cause).__name__}: {cause})"
            ) from cause
    return reply


def _health() -> http.HttpAnswer:
    """Whether a request could be taken in: the configuration and the secrets can be read."""
    try:
        _secrets.get()
    except Exception as cause:
        error = typed(cause)
        faults.count(metrics, error)
        logger.exception("sem configuração", extra={"codigo": error.code})
        return http.answer(503, {"situacao": "indisponivel"})
    return http.answer(200, {"situacao": "ok"})


def _answer(reply: Reply, correlation: str) -> http.HttpAnswer:
    again = {"Retry-After": "60"} if reply.status == 503 else {}
    return http.answer(reply.status, reply.body, {"X-Correlation-Id": correlation, **again})
