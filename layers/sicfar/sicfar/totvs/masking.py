"""What is put down of a call to the ERP holds no secret."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MASK = "***"
_SECRET_PARAMETERS = ("password", "senha", "token", "access_token", "refresh_token", "secret", "username")


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
