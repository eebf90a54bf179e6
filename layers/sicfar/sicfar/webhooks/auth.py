"""How a sender of webhooks identifies itself, and the secrets that are valid now."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from sicfar.references import Latest, Reference, read_again, resolve
from sicfar.settings import SettingError
from sicfar.validation import Strict


class WebhookAuth(Strict):
    """`hmac`, `bearer`, or the secret in a `header` of its own. No ``secrets``: the default of who reads them."""

    type: Literal["hmac", "bearer", "header"] = "hmac"
    header: str = Field("X-SicFar-Secret", description="o nome do cabeçalho do segredo, com type header")
    secrets: tuple[Reference, ...] = Field((), max_length=2, description="uma ou duas referências")
    tolerance_seconds: Annotated[int, Field(strict=True)] = Field(
        300, ge=30, le=3600, description="quanto a hora do pedido pode diferir"
    )


def valid_secrets(references: Sequence[str], where: str) -> list[str]:
    """The one or two secrets that are valid now. Raises SettingError.

    A secret's text is one secret, or a JSON list of one or two while it is being changed.
    """
    found: list[str] = []
    for reference in references:
        text = resolve(reference, where)
        found += _listed(text, where) if text.startswith("[") else [text]
    if not 1 <= len(found) <= 2 or any(len(one) < 16 for one in found):
        fix = "grave um segredo, ou uma lista de dois durante a troca, de 16 caracteres ou mais"
        raise SettingError("secret_invalid", f"há {len(found)} segredos, ou um deles é curto", where=where, action=fix)
    return found


class LatestSecrets:
    """The secrets that are valid now, read at their first use.

    ``references`` says where they are, ``where`` names the setting in errors; ``tell`` hears of a change that cannot
    be used.
    """

    def __init__(self, references: Callable[[], Sequence[str]], where: str, tell: Callable[[str], None]) -> None:
        self._references = references
        self._latest: Latest[list[str], list[str]] = Latest(lambda: valid_secrets(references(), where), list, tell)

    def get(self) -> list[str]:
        """The secrets, some minutes old at most. Raises SettingError while none could be read yet."""
        return self._latest.get()

    def read_again(self) -> list[str]:
        """The secrets, read anew because they did not fit a request; not more than once a minute."""
        for reference in self._references():
            read_again(reference)
        return self.get()


def _listed(text: str, where: str) -> list[str]:
    try:
        several = json.loads(text)
    except ValueError:
        several = None
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise SettingError("secret_invalid", "o segredo começa por [ mas não é uma lista de textos", where=where)
    return several
