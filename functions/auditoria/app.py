"""Every five minutes: seals what people typed, decided and signed. Each night: audits the day before."""

from collections.abc import Mapping
from datetime import UTC, datetime

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from operations.audit.nightly import audit_day
from operations.audit.seals.chain import Chain
from operations.audit.seals.sealing import seal_rows
from sicfar import settings
from sicfar.aws.clients import CLIENT
from sicfar.errors import PermanentError
from sicfar.handlers import faults
from sicfar.references import resolve

logger = Logger()
metrics = Metrics()

_s3 = boto3.client("s3", config=CLIENT)


class AuditDiffersError(PermanentError):
    """An audit found a difference, or the chain and its copy are not the same."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, str], _context: LambdaContext) -> dict[str, object]:
    """Entry point: a schedule that asks to `selar` or `auditar`. Fails if anything differs, once that is on record."""
    with faults.counted(metrics):
        database_url = resolve(f"secretsmanager:{settings.text('AUDITORIA_SECRET_ID')}", "AUDITORIA_SECRET_ID")
        chain = Chain(_s3, settings.text("SELOS_BUCKET"), locked=settings.text("SELOS_TRAVA") == "sim")
        return _audited(database_url, chain) if event["acao"] == "auditar" else _sealed(database_url, chain)


def _sealed(database_url: str, chain: Chain) -> dict[str, object]:
    done = seal_rows(database_url, chain)
    logger.info("selos", extra=done.as_json())
    if done.disputed:
        raise AuditDiffersError(
            "seals_differ",
            f"o banco tem outros selos em {done.disputed} posições",
            action="veja docs/seguranca.md e rode sicfar auditar",
        )
    return done.as_json()


def _audited(database_url: str, chain: Chain) -> dict[str, object]:
    summary = audit_day(database_url, chain, datetime.now(UTC))
    metrics.add_metric("AuditsDone", MetricUnit.Count, 1)
    logger.info("auditoria", extra=summary.as_json())
    if not summary.clean:
        raise AuditDiffersError(
            "audit_differs",
            f"{summary.differences} diferenças",
            action="veja-as em auditorias.achados ou no bucket dos selos, e docs/seguranca.md",
        )
    return summary.as_json()
