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
from sicfar.handlers import http
from sicfar.references import Latest
from sicfar.totvs.inbox import Reply, Request, take_in, unavailable
from sicfar.totvs.intake import latest_intake, webhook_secrets

logger = Logger()
metrics = Metrics()

_queue_url = settings.text("QUEUE_URL")
_sqs = boto3.client("sqs", config=CLIENT)
_config = latest_intake(settings.text("TOTVS_CONFIG"), logger.error)
_secrets: Latest[list[str], list[str]] = Latest(lambda: webhook_secrets(_config.get().webhook.auth), list, logger.error)
_secrets.get()  # a configuration that cannot work stops the start
gc.freeze()
gc.enable()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: http.ProxyEvent, _context: LambdaContext) -> http.HttpAnswer:
    """Entry point: a REST API proxy event."""
    received = http.request(event)
    if received.resource == "/saude":
        return http.answer(200, {"situacao": "ok"})
    request = Request(
        body=received.body,
        headers=received.headers,
        request_id=received.request_id,
        source_ip=received.source_ip,
        now=time.time(),
        rehearsal=received.query.get("ensaio") == "1",
    )
    reply = take_in(request, _config.get(), _secrets.get())
    correlation = request.correlation
    if reply.message:
        try:
            _sqs.send_message(QueueUrl=_queue_url, MessageBody=reply.message)
        except (ClientError, BotoCoreError):
            logger.exception("pedido não guardado", extra={"correlacao": correlation})
            reply = unavailable(request)
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


def _answer(reply: Reply, correlation: str) -> http.HttpAnswer:
    again = {"Retry-After": "60"} if reply.status == 503 else {}
    return http.answer(reply.status, reply.body, {"X-Correlation-Id": correlation, **again})
