"""Reading one JSON object of the configuration: every mistake is told with the path of its key and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from sicfar.counts.record import LINE_ID
from sicfar.errors import ConfigurationError


class ConfigError(ConfigurationError):
    """The configuration cannot be used; `where` is the path of the key, `action` what to write instead."""

    def __init__(self, what: str, where: str = "", action: str = "") -> None:
        super().__init__("config_invalid", what, where=where, action=action)


def require_line_id(value: object, where: str) -> str:
    """The value if it is a line's code. Raises ConfigError."""
    if not isinstance(value, str) or not LINE_ID.fullmatch(value):
        raise ConfigError(
            f"linha_id {value!r} inválido",
            where,
            "use o código da linha, como SPEP-ENV-A (maiúsculas, algarismos e '-', até 32)",
        )
    return value


class Section:
    """One JSON object with the path that leads to it, so that every message can name the key.

    `known`: the keys it may have; None accepts any. Every method raises ConfigError.
    """

    def __init__(self, value: object, path: str, known: tuple[str, ...] | None) -> None:
        if not isinstance(value, dict):
            raise ConfigError("esperado um objeto JSON {...}", path or "(início do arquivo)", "confira as chaves")
        self._values: dict[str, object] = value
        self.path = path
        if known is None:
            return
        for name in self._values:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
                action = f"você quis dizer {near[0]!r}?" if near else f"chaves aceitas: {', '.join(known)}"
                raise ConfigError(f"chave desconhecida {name!r}", self.key(name), action)

    def key(self, name: str) -> str:
        """The path of a key, for a message."""
        return f"{self.path}.{name}" if self.path else name

    def section(self, name: str, known: tuple[str, ...] | None) -> Section | None:
        """A nested object; None if absent."""
        return Section(self._values[name], self.key(name), known) if name in self._values else None

    def optional_text(self, name: str) -> str | None:
        """A text that is not blank; None if absent."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"esperado um texto, veio {value!r}", self.key(name), "escreva o valor entre aspas")
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        """A text that is not blank."""
        value = self.optional_text(name)
        if value is None:
            value = default
        if value is None:
            raise ConfigError(f"falta a chave {name!r}", self.key(name), "acrescente-a")
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._values.get(name, default)
        # bool is an int in Python; `"poll_ms": true` is a mistake all the same.
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigError(
                f"valor {value!r} fora do aceito", self.key(name), f"use um número inteiro de {low} a {high}"
            )
        return value

    def aliases(self, name: str) -> dict[str, str]:
        """An object of machine id → linha_id."""
        value = self._values.get(name, {})
        if not isinstance(value, dict):
            raise ConfigError("esperado um objeto JSON {...}", self.key(name), '{"<id da máquina>": "<linha_id>"}')
        for machine, line in value.items():
            require_line_id(line, f"{self.key(name)}.{machine}")
        return dict(value)

    def value(self, name: str) -> object:
        """Whatever stands there, to be checked by the caller; None if absent."""
        return self._values.get(name)

    def names(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(self._values)

    def required(self, name: str, known: tuple[str, ...] | None, hint: str) -> Section:
        """A nested object that must be there; `hint` is an example of it."""
        section = self.section(name, known)
        if section is None:
            raise ConfigError(f"falta a chave {name!r}", self.key(name), f"acrescente-a, por exemplo {hint}")
        return section

    def table(self, name: str, known: tuple[str, ...], hint: str) -> Iterator[tuple[str, Section]]:
        """A nested object whose own keys are names of one's choice, each with an object of `known` keys."""
        value = self._values.get(name)
        if not isinstance(value, dict) or not value:
            raise ConfigError("esperado um objeto JSON {...} não vazio", self.key(name), f"por exemplo {hint}")
        for inner, item in value.items():
            yield inner, Section(item, f"{self.key(name)}.{inner}", known)

    def optional_whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`; None if absent."""
        return self.whole(name, low, low, high) if name in self._values else None

    def choice(self, name: str, options: tuple[str, ...], *, default: str | None = None) -> str:
        """One of `options`."""
        value = self.text(name, default=default)
        if value not in options:
            raise ConfigError(f"valor {value!r} desconhecido", self.key(name), f"use {' ou '.join(map(repr, options))}")
        return value

    def optional_flag(self, name: str) -> bool | None:
        """true or false; None if absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise ConfigError(f"esperado true ou false, veio {value!r}", self.key(name), "escreva sem aspas")
        return value
