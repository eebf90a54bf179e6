"""Parameters of Systems Manager and secrets, kept a while by Powertools, read with our time-outs."""

import logging
import time
from collections.abc import Callable
from functools import cache

import boto3
from aws_lambda_powertools.utilities.parameters import BaseProvider, GetParameterError, SecretsProvider, SSMProvider

from sicfar.aws.clients import READING

MAX_AGE_S = 300

AGAIN_S = 60
"""How soon a text that was refused somewhere may be read once more."""

UnreadableError = GetParameterError
"""The store has no such text for us, or does not answer."""

_logger = logging.getLogger(__name__)
_read_again_at: dict[str, float] = {}


def parameter(name: str) -> str:
    """A parameter's text, decrypted. Raises UnreadableError."""
    return _parameter(name, anew=False)


def secret(name: str) -> str:
    """A secret's text. Raises UnreadableError."""
    return _secret(name, anew=False)


def read_parameter_again(name: str) -> None:
    """Read a parameter whatever its age, for what it says was refused. Not more than once in `AGAIN_S` seconds."""
    if _due(name):
        _parameter(name, anew=True)


def read_secret_again(name: str) -> None:
    """Read a secret whatever its age, for what it says was refused. Not more than once in `AGAIN_S` seconds."""
    if _due(name):
        _secret(name, anew=True)


def forget() -> None:
    """Read everything anew."""
    _parameters.cache_clear()
    _secrets.cache_clear()
    _read_again_at.clear()


@cache
def _parameters() -> SSMProvider:
    return SSMProvider(boto3_client=boto3.client("ssm", config=READING))


@cache
def _secrets() -> SecretsProvider:
    return SecretsProvider(boto3_client=boto3.client("secretsmanager", config=READING))


def _due(name: str) -> bool:
    now = time.monotonic()
    if now < _read_again_at.get(name, now):
        return False
    _read_again_at[name] = now + AGAIN_S
    return True


def _parameter(name: str, *, anew: bool) -> str:
    provider = _parameters()
    return _read(provider, name, lambda: provider.get(name, max_age=MAX_AGE_S, decrypt=True, force_fetch=anew))


def _secret(name: str, *, anew: bool) -> str:
    provider = _secrets()
    return _read(provider, name, lambda: provider.get(name, max_age=MAX_AGE_S, force_fetch=anew))


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
