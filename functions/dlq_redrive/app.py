"""Dead letters, looked at, sent back and discarded: invoked by hand, by `sicfar dlq` or from the console."""

from collections.abc import Mapping

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar import settings
from sicfar.aws.clients import CLIENT, ONCE
from sicfar.aws.identity import Prover, unproven
from sicfar.dead_letters.command import Command, Refused
from sicfar.dead_letters.run import DeadLetters, Invocation
from sicfar.errors import SicfarError
from sicfar.handlers import setup

logger = Logger()

_sqs = boto3.client("sqs", config=CLIENT)
_database = setup.database()
_prover = Prover(boto3.client("sts", config=ONCE))


@logger.inject_lambda_context
def handler(event: Mapping[str, object], context: LambdaContext) -> dict[str, object]:
    """Entry point: a command (see `Command`); answers what was found and moved, or what was wrong with it."""
    request = context.aws_request_id
    try:
        command = Command.parse(event)
        letters = DeadLetters(_sqs, _database.get(), settings.text("DLQ_URLS").split(","))
        caller = unproven(request)
        if command.proof:
            audience = f"{context.function_name}/{command.run}"
            caller = _prover.caller(command.proof.get_secret_value(), audience)
        done = letters.do(command, Invocation(caller, request, lambda: context.get_remaining_time_in_millis() / 1000))
    except SicfarError as error:
        # The event itself is not logged: it holds the proof.
        logger.warning("comando recusado", extra={"acao": str(event.get("acao")), "motivo": str(error)})
        return Refused.because(error).as_json()
    logger.info("cartas mortas", extra=done.model_copy(update={"letters": None}).as_json())
    return done.as_json()
