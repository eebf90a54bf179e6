"""What a function is told by its environment. A missing or malformed setting is named at its first use."""

import os

from sicfar.errors import ConfigurationError


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
