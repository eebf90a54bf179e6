"""The plant's clock in the stories that tests tell."""

from datetime import UTC, datetime


def at(clock: str, day: int = 15) -> int:
    """Fortaleza time of a day of March 2026, hh:mm or hh:mm:ss, as seconds since the epoch."""
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return int(datetime(2026, 3, day, hour, minute, second, tzinfo=UTC).timestamp()) + 3 * 3600
