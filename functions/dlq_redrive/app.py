"""Dead letters, looked at and sent back: invoked by hand, by `sicfar dlq` or from the console."""

from collections.abc import Mapping

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.aws.clients import CLIENT
from sicfar.handlers import setup
from sicfar.handlers.dead_letters import Command, CommandError, DeadLetters, Refused

logger = Logger()

_sqs = boto3.client("sqs", config=CLIENT)
_database = setup.database()


@logger.inject_lambda_context
def handler(event: Mapping[str, object], _context: LambdaContext) -> dict[str, object]:
    """Entry point: a command (see `Command`); answers what was found and moved, or what was wrong with it."""
    try:
        letters = DeadLetters(_sqs, _database.get(), settings.text("DLQ_URLS").split(","))
        done = letters.do(Command.parse(event))
    except CommandError as error:
        logger.warning("comando recusado", extra={"comando": event, "motivo": str(error)})
        return Refused.because(error).as_json()
    logger.info("cartas mortas", extra=done.model_copy(update={"letters": None}).as_json())
    return done.as_json()
