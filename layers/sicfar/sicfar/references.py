"""Where a secret or a text of the configuration really is: a file of settings only ever names it.

``env:NAME`` is an environment variable, ``ssm:/name`` a parameter of Systems Manager, ``secretsmanager:id`` a secret's
text and ``secretsmanager:id#key`` one entry of a secret that is a JSON object. What comes from AWS is kept for
`sicfar.aws.parameters.MAX_AGE_S` seconds, so that a rotated secret needs no deploy.
"""

import json
import logging
import os
import re
from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from sicfar.errors import ConfigurationError
from sicfar.settings import SettingError
from sicfar.validation import Secret

_logger = logging.getLogger(__name__)

REFERENCE = re.compile(r"(?:env:[A-Za-z_][A-Za-z0-9_]*|ssm:/?[\w./-]+|secretsmanager:[\w/+=.@-]+(?:#[\w.-]+)?)")
EXAMPLES = "env:NOME, ssm:/caminho, secretsmanager:nome ou secretsmanager:nome#chave"

Reference = Annotated[
    str,
    Secret(),  # what was written may be the secret itself
    Field(pattern=f"^{REFERENCE.pattern}$", description=f"uma referência ({EXAMPLES}), nunca o valor"),
]

Source = TypeVar("Source")
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


def read_again(reference: str) -> None:
    """Read a text from AWS anew at once, for the other side refused what it says: it may have been rotated.

    Not more than once a minute. What cannot be read stays as it is; an environment variable cannot change.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        return
    from sicfar.aws import parameters

    try:
        if kind == "ssm":
            parameters.read_parameter_again(name)
        else:
            parameters.read_secret_again(name.partition("#")[0])
    except parameters.UnreadableError:
        _logger.exception("%s foi recusado e não pôde ser lido de novo", reference)


def _parameter(name: str, where: str) -> str:
    from sicfar.aws import parameters  # an installation without AWS needs neither boto3 nor Powertools

    try:
        return parameters.parameter(name)
    except parameters.UnreadableError as cause:
        raise SettingError(
            "parameter_unreadable",
            f"o parâmetro {name!r} do SSM não pôde ser lido ({cause})",
            where=where,
            action="crie-o nesta região e confira a permissão da função",
        ) from cause


def _secret(name: str, where: str) -> str:
    from sicfar.aws import parameters

    secret_id, _, key = name.partition("#")
    try:
        text = parameters.secret(secret_id)
    except parameters.UnreadableError as cause:
        raise SettingError(
            "secret_unreadable",
            f"o segredo {secret_id!r} não pôde ser lido ({cause})",
            where=where,
            action="crie-o no Secrets Manager como texto, nesta região, e confira a permissão da função",
        ) from cause
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


class Latest(Generic[Source, T]):
    """What is made of something that may change: made again when it has changed.

    ``read`` is cheap. ``tell`` hears of a change that cannot be used; what was made before stays in use then.
    """

    def __init__(self, read: Callable[[], Source], make: Callable[[Source], T], tell: Callable[[str], None]) -> None:
        self._read = read
        self._make = make
        self._tell = tell
        self._source: Source | None = None
        self._made: tuple[T] | None = None

    def get(self) -> T:
        """The value. What reading and making raise passes on while there is no earlier value."""
        try:
            source = self._read()
            if self._made is None or source != self._source:
                self._source = source
                self._made = (self._make(source),)
        except ConfigurationError as error:
            if self._made is None:
                raise
            self._tell(f"segue valendo a configuração anterior: {error}")
        return self._made[0]
