"""Each morning: what has waited too long for a person, by e-mail to each sector, once a day."""

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.aws.clients import ONCE
from sicfar.digest.run import DigestError, Sender
from sicfar.handlers import faults, http, setup

logger = Logger()
metrics = Metrics()

_database = setup.database()
_ses = boto3.client("sesv2", config=ONCE)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: http.Schedule, _context: LambdaContext) -> dict[str, object]:
    """Entry point: a schedule. Fails if anything was not sent, after everything else was."""
    with faults.counted(metrics):
        sender, environment = settings.text("RESUMO_REMETENTE"), settings.text("AMBIENTE")
        done = Sender(_database.get(), _ses, sender=sender, environment=environment).run()
    if done.faults:
        logger.error("resumo diário", extra=done.as_json())
        raise DigestError("digest_not_sent", "; ".join(done.faults), action="a próxima execução tenta outra vez")
    logger.info("resumo diário", extra=done.as_json())
    return done.as_json()
