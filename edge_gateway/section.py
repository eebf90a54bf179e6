"""What the parts of the gateway's configuration are made of. What is wrong with one is said by `sicfar.validation`."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PrivateAttr

from sicfar.counts.record import LINE_ID
from sicfar.errors import ConfigurationError
from sicfar.validation import Strict, refused

SENSORS: Final = "keyence"
"""The entry of ``clps`` whose files have the sensors' own lines."""


class ConfigError(ConfigurationError):
    """The configuration cannot be used; `where` is the path of the key, `action` what to write instead.

    A file with several faults is one error, whose `what` has a line for each.
    """

    def __init__(self, what: str, where: str = "", action: str = "") -> None:
        super().__init__("config_invalid", what, where=where, action=action)


class Part(Strict):
    """An object of the configuration. Its keys are called as its fields are."""

    model_config = ConfigDict(alias_generator=None)


class Entry(Part):
    """An entry of ``clps``: a source, whose name stays for ever."""

    _name: str = PrivateAttr(SENSORS)

    @property
    def name(self) -> str:
        """The key in ``clps``, which the object itself does not know."""
        return self._name

    def called(self, name: str) -> None:
        """Take its name."""
        self._name = name


class Endpoint(NamedTuple):
    """Where something answers."""

    host: str
    port: int


def _written(text: str) -> str:
    if not text.strip():
        raise refused("escreva um texto que não esteja em branco")
    if any(unicodedata.category(character) == "Cc" for character in text):
        # "C:\temp" is valid JSON, of a tab and "emp".
        raise refused('escreva cada barra invertida duas vezes, p. ex. "C:\\\\SicFar\\\\spool"')
    return text


def _written_path(value: object) -> object:
    return _written(value) if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_written)]
"""A text that is not blank and has no control characters."""
Located = BeforeValidator(_written_path)
"""Marks a path as such a text."""
Count = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
LineId = Annotated[
    str,
    Field(
        pattern=f"^{LINE_ID.pattern}$",
        description="o código da linha (maiúsculas, algarismos e '-', até 32)",
        examples=["SPEP-ENV-A"],
    ),
]
PollMs = Annotated[int, Field(strict=True, ge=50, le=60_000, description="milissegundos entre duas leituras")]
Seconds = Annotated[int, Field(strict=True, ge=1, le=86_400)]
