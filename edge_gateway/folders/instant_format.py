"""Dates and times as loggers write them: in columns, or in the name of the file.

A format is written in the letters of the makers' manuals: ``YYYY`` or ``YY``, ``MM``, ``DD``, ``hh``, ``mm``, ``ss``
and ``fff`` (a fraction of one to six digits); whatever else stands in it must stand in the text as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

_PARTS = {
    "YYYY": r"(?P<year>20[0-9]{2})",
    "YY": r"(?P<year>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "DD": r"(?P<day>[0-9]{2})",
    "hh": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "fff": r"(?P<fraction>[0-9]{1,6})",
}
_TOKEN = re.compile("|".join(_PARTS))
_DATE = {"year", "month", "day"}
LETTERS = ", ".join(_PARTS)


class FormatError(ValueError):
    """The format itself is none; the message (Portuguese) says why."""


@dataclass(frozen=True)
class InstantFormat:
    """A format with a whole date, a whole time of day (seconds may be missing) or both. Raises FormatError."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what could be read in two ways, before any file is."""
        rest = _TOKEN.sub("", self.text).replace("T", "")
        if any(char.isalnum() for char in rest):
            raise FormatError(f"{self.text!r} contém {rest!r}")
        names = re.findall(r"\?P<(\w+)>", "".join(_PARTS[token] for token in _TOKEN.findall(self.text)))
        if len(names) != len(set(names)):
            raise FormatError(f"{self.text!r} repete uma parte")
        dated, timed = _DATE & set(names), set(names) - _DATE
        if dated not in (set(), _DATE):
            raise FormatError(f"{self.text!r} não tem a data inteira")
        if timed and not {"hour", "minute"} <= timed:
            raise FormatError(f"{self.text!r} não tem a hora inteira")
        if not names:
            raise FormatError(f"{self.text!r} não tem data nem hora")

    @property
    def has_date(self) -> bool:
        """Whether it says the day."""
        return "DD" in self.text

    @property
    def has_time(self) -> bool:
        """Whether it says the time of day."""
        return "hh" in self.text

    def parse(self, text: str) -> tuple[date | None, timedelta]:
        """The day, if the format has one, and the time since its midnight. Raises ValueError for any other text."""
        match = self._pattern.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return _read(match)

    def search(self, name: str) -> datetime | None:
        """The first date (and time) of this format in a file's name, digits of other numbers apart; None without."""
        for match in self._within.finditer(name):
            try:
                day, since_midnight = _read(match)
            except ValueError:
                continue
            if day is not None:
                return datetime.combine(day, time()) + since_midnight
        return None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts: list[str] = []
        end = 0
        for token in _TOKEN.finditer(self.text):
            parts += re.escape(self.text[end : token.start()]), _PARTS[token[0]]
            end = token.end()
        return re.compile("".join(parts) + re.escape(self.text[end:]))

    @cached_property
    def _within(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![0-9]){self._pattern.pattern}(?![0-9])")


def _read(match: re.Match[str]) -> tuple[date | None, timedelta]:
    found = match.groupdict()
    day = None
    if "year" in found:
        day = date(2000 + int(found["year"]) % 100, int(found["month"]), int(found["day"]))
    fraction = (found.get("fraction") or "").ljust(6, "0")
    hour, minute, second = (int(found.get(name) or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(match[0])
    return day, timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(fraction))
