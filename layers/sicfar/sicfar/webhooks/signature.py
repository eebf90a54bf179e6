"""Who sent a webhook: HMAC over the bytes as they came, or a shared secret where the AppServer is too old for it.

HMAC-SHA256 over ``timestamp.body``, hexadecimal in either case, so that a CP1252 sender signs the very bytes it sends
and nobody can move a signature to another time. The timestamp is seconds since the epoch, or an ISO instant with its
offset; local time without one is refused. Two secrets may be valid while one is being changed.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sicfar.webhooks.auth import WebhookAuth

TIMESTAMP = "x-sicfar-timestamp"
SIGNATURE = "x-sicfar-signature"


@dataclass(frozen=True, slots=True)
class Verified:
    """A request that may be taken in: by which secret, and a key that is the same for a replay (HMAC only)."""

    sender: str
    replay_key: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that may not; the reason is for our log, never for the caller."""

    reason: str


def verify(
    auth: WebhookAuth, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float
) -> Verified | Refused:
    """Check a request against the secrets valid now. ``now`` is seconds since the epoch."""
    given = {name.lower(): value for name, value in headers.items()}
    if auth.type == "hmac":
        return _hmac(auth, secrets, given, body, now)
    if auth.type == "bearer":
        scheme, _, token = given.get("authorization", "").partition(" ")
        candidate = token.strip() if scheme.lower() == "bearer" else ""
    else:
        candidate = given.get(auth.header.lower(), "").strip()
    number = _matching(_bytes(candidate), [secret.encode() for secret in secrets])
    if number is None:
        return Refused("segredo ausente ou errado")
    return Verified(f"{auth.type}:{number}", None)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature a sender must give, hexadecimal."""
    return hmac.new(secret.encode(), _bytes(timestamp) + b"." + body, hashlib.sha256).hexdigest()


def _hmac(
    auth: WebhookAuth, secrets: Sequence[str], given: Mapping[str, str], body: bytes, now: float
) -> Verified | Refused:
    timestamp = given.get(TIMESTAMP, "").strip()
    signature = given.get(SIGNATURE, "").strip().lower().removeprefix("sha256=")
    if not timestamp or not signature:
        return Refused("assinatura ou horário ausente")
    at = _instant(timestamp)
    if at is None:
        return Refused("horário ilegível ou sem fuso")
    if abs(now - at) > auth.tolerance_seconds:
        return Refused(f"horário a {now - at:+.0f} s do nosso, fora da janela de {auth.tolerance_seconds} s")
    # Every secret is tried, so that the time taken tells nothing about which one is in use.
    number = _matching(_bytes(signature), [sign(secret, timestamp, body).encode() for secret in secrets])
    if number is None:
        return Refused("assinatura não confere")
    return Verified(f"hmac:{number}", hashlib.sha256(_bytes(timestamp) + b"." + body).hexdigest())


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
