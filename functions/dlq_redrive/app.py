"""Dead letters, looked at and sent back: invoked by hand, by `sicfar dlq` or from the console."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.aws.clients import CLIENT
from sicfar.handlers import setup
from sicfar.handlers.dead_letters import CommandError, DeadLetters

logger = Logger()

_letters = DeadLetters(boto3.client("sqs", config=CLIENT), setup.database(), settings.text("DLQ_URLS").split(","))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Entry point: a command (see `DeadLetters.do`); answers what was found and moved, or what was wrong with it."""
    try:
        answer = _letters.do(event)
    except CommandError as error:
        logger.warning("comando recusado", extra={"comando": event, "motivo": str(error)})
        return {"erro": {"codigo": error.code, "mensagem": str(error)}}
    logger.info("cartas mortas", extra={key: value for key, value in answer.items() if key != "cartas"})
    return answer
