"""Instants of the plant: text to milliseconds since the Unix epoch in UTC, and back."""

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PLANT_TZ = ZoneInfo("America/Fortaleza")
"""The zone of a timestamp that names none: the plant's clocks show local time."""

EXPECTED = "AAAA-MM-DDTHH:MM:SS, com até 6 casas de fração e fuso (Z ou -03:00) opcionais, de 2000 a 2099"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# No zone on Earth is more than 14 hours from UTC; a larger offset is a damaged field, not a place.
_INSTANT = re.compile(
    r"(20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.([0-9]{1,6}))?(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)


def parse_instant(text: str) -> int:
    """Return the instant in milliseconds since 1970-01-01T00:00:00Z; a finer fraction is cut, never rounded up.

    Without an offset the text is America/Fortaleza wall-clock time; an hour that repeated when summer time ended
    (last in 2002) is taken as its first pass. Raises ValueError for anything but ``EXPECTED`` or a day or hour that
    does not exist.
    """
    parts = split_instant(text)
    if parts is None:
        raise ValueError(text)
    second, milliseconds, zone = parts
    at = datetime.fromisoformat(second + zone)
    if not zone:
        at = at.replace(tzinfo=PLANT_TZ)
    return (at - _EPOCH) // _MILLISECOND + milliseconds


def split_instant(text: str) -> tuple[str, int, str] | None:
    """Take a timestamp apart: wall-clock second, milliseconds, zone ("" if none); None if it does not look like one.

    The calendar is not checked. Two timestamps of the same second and zone differ by their milliseconds only.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    second, fraction, zone = match.groups()
    return second, int((fraction or "").ljust(3, "0")[:3]), zone or ""


def format_instant(at_ms: int) -> str:
    """Return ``2026-03-15T11:15:01.250Z`` for milliseconds since the epoch, UTC.

    Raises OverflowError outside the years Python's calendar knows.
    """
    at = _EPOCH + at_ms * _MILLISECOND
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"  # strftime leaves a year's zeros out


def now_ms() -> int:
    """Return this computer's clock in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def to_ms(at: datetime) -> int:
    """Return an aware datetime as milliseconds since the epoch, UTC, cut to the millisecond.

    Raises ValueError for a naive datetime: only text from the plant may leave its zone out.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"instante sem fuso: {at!r}")
    return (at - _EPOCH) // _MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """Return milliseconds since the epoch as an aware datetime in UTC."""
    return _EPOCH + at_ms * _MILLISECOND
