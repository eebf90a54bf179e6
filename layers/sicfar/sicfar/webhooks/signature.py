"""Who sent a webhook: HMAC over the bytes as they came, or a shared secret where the AppServer is too old for it.

HMAC-SHA256 over ``timestamp.body``, hexadecimal in either case, so that a CP1252 sender signs the very bytes it sends
and nobody can move a signature to another time. The timestamp is seconds since the epoch, or an ISO instant with its
offset; local time without one is refused. Two secrets may be valid while one is being changed.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sicfar.webhooks.auth import WebhookAuth

TIMESTAMP = "x-sicfar-timestamp"
SIGNATURE = "x-sicfar-signature"
_TIMESTAMP, _SIGNATURE = "X-SicFar-Timestamp", "X-SicFar-Signature"  # as people write them
_HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
_HEXADECIMAL_ANY = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Verified:
    """A request that may be taken in: by which secret, and a key that is the same for a replay (HMAC only)."""

    sender: str
    replay_key: str | None


class Cause(StrEnum):
    """Which part of a refused request was wrong, as the sender may be told."""

    HEADER = "CABECALHO"
    FORM = "FORMA"
    TIME = "HORARIO"
    SECRET = "SEGREDO"  # noqa: S105 - a word, no secret


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that may not, and why.

    The reason may be told: it speaks of what was sent and of our clock, never of a secret or of the signature that was
    expected. Whether the secret is right is said only of a request whose form and time are.
    """

    cause: Cause
    reason: str


def verify(
    auth: WebhookAuth, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float
) -> Verified | Refused:
    """Check a request against the secrets valid now. ``now`` is seconds since the epoch."""
    given = {name.lower(): value for name, value in headers.items()}
    if auth.type == "hmac":
        return _hmac(auth, secrets, given, body, now)
    name = "Authorization" if auth.type == "bearer" else auth.header
    candidate = given.get(name.lower(), "").strip()
    if not candidate:
        return Refused(Cause.HEADER, f"falta o cabeçalho {name}")
    if auth.type == "bearer":
        scheme, _, token = candidate.partition(" ")
        candidate = token.strip()
        if scheme.lower() != "bearer" or not candidate:
            return Refused(Cause.FORM, "o cabeçalho Authorization não é `Bearer`, um espaço e o segredo")
    number = _matching(_bytes(candidate), [secret.encode() for secret in secrets])
    if number is None:
        return Refused(Cause.SECRET, f"o segredo em {name} não é o combinado")
    return Verified(f"{auth.type}:{number}", None)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature a sender must give, hexadecimal."""
    return hmac.new(secret.encode(), _bytes(timestamp) + b"." + body, hashlib.sha256).hexdigest()


def _hmac(
    auth: WebhookAuth, secrets: Sequence[str], given: Mapping[str, str], body: bytes, now: float
) -> Verified | Refused:
    timestamp = given.get(TIMESTAMP, "").strip()
    written = given.get(SIGNATURE, "").strip()
    for name, value in ((_TIMESTAMP, timestamp), (_SIGNATURE, written)):
        if not value:
            return Refused(Cause.HEADER, f"falta o cabeçalho {name}")
    signature = written.lower().removeprefix("sha256=").strip()
    if not _HEXADECIMAL.fullmatch(signature):
        return Refused(Cause.FORM, f"{_SIGNATURE} {_form(written)}")
    at = _instant(timestamp)
    if at is None:
        expected = "segundos desde 1970 (UTC), ou ISO 8601 com fuso"
        return Refused(Cause.FORM, f"{_TIMESTAMP} é ilegível ou não tem fuso; envie {expected}")
    if abs(now - at) > auth.tolerance_seconds:
        off = "atrasado" if now > at else "adiantado"
        seen = f"{_TIMESTAMP} está {abs(now - at):.0f} s {off} em relação ao nosso relógio"
        return Refused(Cause.TIME, f"{seen}; a janela é de {auth.tolerance_seconds} s")
    # Every secret is tried, so that the time taken tells nothing about which one is in use.
    number = _matching(_bytes(signature), [sign(secret, timestamp, body).encode() for secret in secrets])
    if number is None:
        signed = "o segredo é outro, ou o que se assinou não é o horário enviado, um ponto e os bytes enviados"
        return Refused(Cause.SECRET, f"a assinatura não confere: {signed}")
    return Verified(f"hmac:{number}", hashlib.sha256(_bytes(timestamp) + b"." + body).hexdigest())


def _form(written: str) -> str:
    """What is seen of a signature that is not 64 hexadecimal digits."""
    text = written.removeprefix("sha256=").strip()
    try:
        binary = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        binary = b""
    if len(binary) == hashlib.sha256().digest_size:
        return "veio em base64; envie-a em hexadecimal, com 64 algarismos"
    if _HEXADECIMAL_ANY.fullmatch(text.lower()):
        return f"tem {len(text)} algarismos hexadecimais; um HMAC-SHA256 tem 64"
    return "não é hexadecimal; envie os 64 algarismos do HMAC-SHA256, com ou sem `sha256=` antes"


def _bytes(header: str) -> bytes:
    """A header's bytes; one that holds half of a surrogate pair is as good as any other wrong one."""
    return header.encode("utf-8", "surrogatepass")


def _matching(candidate: bytes, expected: Sequence[bytes]) -> int | None:
    matches = [hmac.compare_digest(candidate, one) for one in expected]
    return matches.index(True) + 1 if candidate and any(matches) else None


def _instant(timestamp: str) -> float | None:
    if timestamp.isascii() and timestamp.isdecimal():
        return float(timestamp) if len(timestamp) <= 11 else None
    try:
        at = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo else None
