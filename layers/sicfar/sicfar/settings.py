"""What a function is told by its environment. A missing or malformed setting stops it at the start and is named."""

import os
from typing import TYPE_CHECKING

from sicfar.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SettingError(ConfigurationError):
    """A setting is missing or cannot be used; `where` is its name."""


def text(name: str) -> str:
    """The environment variable `name`, which must not be empty. Raises SettingError."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingError("setting_missing", "configuração ausente", where=name, action="confira o template.yaml")
    return value


def seconds_list(name: str) -> tuple[int, ...]:
    """The environment variable `name` as whole numbers of seconds, separated by commas. Raises SettingError."""
    parts = text(name).split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise SettingError(
            "setting_invalid",
            f"{text(name)!r} não é uma lista de segundos",
            where=name,
            action="escreva inteiros separados por vírgula no parâmetro do template",
        )
    return tuple(int(part) for part in parts)


def seconds(name: str) -> int:
    """The environment variable `name` as a positive whole number of seconds. Raises SettingError."""
    return _positive(name, "de segundos")


def count(name: str) -> int:
    """The environment variable `name` as a positive whole number of times. Raises SettingError."""
    return _positive(name, "de vezes")


def _positive(name: str, unit: str) -> int:
    value = text(name)
    if not value.isdecimal() or int(value) == 0:
        raise SettingError(
            "setting_invalid",
            f"{value!r} não é um número inteiro positivo {unit}",
            where=name,
            action="corrija o parâmetro do template",
        )
    return int(value)


def secret(name: str, manager: "SecretsManagerClient") -> str:
    """The text of the secret that the environment variable `name` names. Raises SettingError."""
    return secret_text(text(name), name, manager)


def secret_text(secret_id: str, where: str, manager: "SecretsManagerClient") -> str:
    """The text of a secret; `where` is the setting that names it. Raises SettingError."""
    from botocore.exceptions import BotoCoreError, ClientError  # whoever needs no AWS starts without it

    try:
        return manager.get_secret_value(SecretId=secret_id)["SecretString"]
    except (ClientError, BotoCoreError, KeyError) as cause:
        raise SettingError(
            "secret_unreadable",
            f"o segredo {secret_id!r} não pôde ser lido ({type(cause).__name__}: {cause})",
            where=where,
            action="crie-o no Secrets Manager como texto, nesta região, e confira a permissão da função",
        ) from cause
