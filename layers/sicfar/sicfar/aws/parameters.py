"""Parameters of Systems Manager and secrets, kept a while by Powertools, read with our time-outs."""

import logging
from collections.abc import Callable
from functools import cache

import boto3
from aws_lambda_powertools.utilities.parameters import BaseProvider, GetParameterError, SecretsProvider, SSMProvider

from sicfar.aws.clients import CLIENT

MAX_AGE_S = 300

UnreadableError = GetParameterError
"""The store has no such text for us, or does not answer."""

_logger = logging.getLogger(__name__)


def parameter(name: str) -> str:
    """A parameter's text, decrypted. Raises UnreadableError."""
    provider = _parameters()
    return _read(provider, name, lambda: provider.get(name, max_age=MAX_AGE_S, decrypt=True))


def secret(name: str) -> str:
    """A secret's text. Raises UnreadableError."""
    provider = _secrets()
    return _read(provider, name, lambda: provider.get(name, max_age=MAX_AGE_S))


def forget() -> None:
    """Read everything anew."""
    _parameters.cache_clear()
    _secrets.cache_clear()


@cache
def _parameters() -> SSMProvider:
    return SSMProvider(boto3_client=boto3.client("ssm", config=CLIENT))


@cache
def _secrets() -> SecretsProvider:
    return SecretsProvider(boto3_client=boto3.client("secretsmanager", config=CLIENT))


def _read(provider: BaseProvider, name: str, get: Callable[[], object]) -> str:
    """The text, at most `MAX_AGE_S` old; an older one while the store cannot be read."""
    try:
        text = get()
    except GetParameterError as error:
        key = (name, None, False)  # as Powertools keeps it
        text = provider.fetch_from_cache(key)
        if not text:
            raise
        _logger.exception("segue valendo o texto anterior de %s", name, exc_info=error)
        provider.add_to_cache(key, text, MAX_AGE_S)
    if not isinstance(text, str):
        raise UnreadableError("não é um texto")
    return text
