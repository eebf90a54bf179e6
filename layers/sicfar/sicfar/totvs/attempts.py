"""The record of one call to the ERP: who, what, when, how long, and what came of it, without secrets."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MASK = "***"
_SECRET_PARAMETERS = ("password", "senha", "token", "access_token", "refresh_token", "secret", "username")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of `tentativas_integracao`, outbound. ``em`` is UTC; ``resultado`` is OK or the error's fate."""

    em: str
    operacao: str
    metodo: str
    url: str
    status_http: int | None
    latencia_ms: int
    resultado: str
    codigo: str | None
    erro: str | None
    correlacao: str
    bytes_enviados: int
    bytes_recebidos: int

    def as_json(self) -> dict[str, object]:
        """The shape `registrar_tentativas` takes."""
        return {**asdict(self), "sistema": "TOTVS", "sentido": "SAIDA"}


def masked_url(url: str) -> str:
    """The URL with the values of anything that could be a secret, and user information, replaced."""
    parts = urlsplit(url)
    query = [(key, MASK if key.lower() in _SECRET_PARAMETERS else value) for key, value in parse_qsl(parts.query, True)]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(query, safe="*,:+")))


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it replaced: an ERP may repeat what it was sent."""
    for secret in sorted((one for one in secrets if one), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
