"""Where a secret or a text of the configuration really is: a file of settings only ever names it.

``env:NAME`` is an environment variable, ``ssm:/name`` a parameter of Systems Manager, ``secretsmanager:id`` a secret's
text and ``secretsmanager:id#key`` one entry of a secret that is a JSON object.
"""

import json
import os
import re
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from sicfar.settings import SettingError, secret_text

REFERENCE = re.compile(r"(?:env:[A-Za-z_][A-Za-z0-9_]*|ssm:/?[\w./-]+|secretsmanager:[\w/+=.@-]+(?:#[\w.-]+)?)")
EXAMPLES = "env:NOME, ssm:/caminho, secretsmanager:nome ou secretsmanager:nome#chave"

T = TypeVar("T")


def resolve(reference: str, where: str) -> str:
    """Return the text a reference leads to. Raises SettingError, which never shows the text itself."""
    kind, _, name = reference.partition(":")
    if not REFERENCE.fullmatch(reference):
        raise SettingError(
            "reference_invalid", "não é uma referência", where=where, action=f"escreva {EXAMPLES}, nunca o valor"
        )
    if kind == "env":
        text = os.environ.get(name, "")
        if not text:
            raise SettingError("reference_empty", f"a variável de ambiente {name} está vazia", where=where)
        return text
    return _parameter(name, where) if kind == "ssm" else _secret(name, where)


def _parameter(name: str, where: str) -> str:
    import boto3  # a webhook or a command line that needs no AWS starts without it
    from botocore.exceptions import BotoCoreError, ClientError

    from sicfar.aws.clients import CLIENT

    try:
        answer = boto3.client("ssm", config=CLIENT).get_parameter(Name=name, WithDecryption=True)
        return answer["Parameter"]["Value"]
    except (ClientError, BotoCoreError) as cause:
        raise SettingError(
            "parameter_unreadable",
            f"o parâmetro {name!r} do SSM não pôde ser lido ({type(cause).__name__}: {cause})",
            where=where,
            action="crie-o nesta região e confira a permissão da função",
        ) from cause


def _secret(name: str, where: str) -> str:
    import boto3

    from sicfar.aws.clients import CLIENT

    secret_id, _, key = name.partition("#")
    text = secret_text(secret_id, where, boto3.client("secretsmanager", config=CLIENT))
    if not key:
        return text
    try:
        found = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str) or not found:
        raise SettingError(
            "secret_incomplete",
            f"o segredo {secret_id!r} não é um objeto JSON com o texto {key!r}",
            where=where,
            action=f'grave-o como {{"{key}": "…"}}',
        )
    return found


class Cached(Generic[T]):
    """A value read again after `seconds`, so that a rotated secret needs no deploy.

    ``tell`` hears of a reading that failed while an older value goes on being used.
    """

    def __init__(self, read: Callable[[], T], tell: Callable[[str], None], seconds: float = 300.0) -> None:
        self._read = read
        self._tell = tell
        self._seconds = seconds
        self._until = 0.0

    def get(self) -> T:
        """The value, at most `seconds` old. What reading raises passes on; a value already had stays in use then."""
        now = time.monotonic()
        if now >= self._until:
            try:
                self._value = self._read()
            except SettingError as error:
                if not self._until:
                    raise
                self._tell(f"segue valendo a configuração anterior: {error}")
            self._until = now + self._seconds
        return self._value
