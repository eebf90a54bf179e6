"""What a counting file says, by an oracle that shares no code with the product and is as naive as it can be.

One line at a time, with `datetime` and `int`: no chunks, no memory of fields, no blocks. Slow and obvious.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MANDATORY = ["timestamp", "linha_id", "producao_count", "rejeicao_count"]
KNOWN = [*MANDATORY, "desde", "producao_raw", "rejeicao_raw", "flags", "origem", "timestamp_fonte"]
LONGEST_RECORD = 4_096
LONGEST_COMMENT = 131_072
BOM = "\ufeff"


@dataclass
class Said:
    """Units per line, second and kind ("p", "r"); spans; how many lines are good; where the bad ones are."""

    units: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    spans: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    good: int = 0
    bad: list[tuple[int, int]] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    torn: bool = False


def naive(data: bytes) -> Said:
    """Read a file."""
    said = Said()
    columns: list[str] | None = MANDATORY
    *lines, rest = data.split(b"\n")
    at = 0
    for raw in lines:
        begin, at = at, at + len(raw) + 1
        comment = raw.removeprefix(BOM.encode()).startswith(b"#")
        text = _text(raw, LONGEST_COMMENT if comment else LONGEST_RECORD)
        first = raw.decode("utf-8", "replace").removeprefix(BOM).removeprefix(BOM).split(",")[0]
        if text is None:
            said.bad.append((begin, at))
            if first.strip().lower() == "timestamp":
                columns = None  # nobody knows what it declared
        elif comment:
            said.comments.append(begin)
        elif first.strip().lower() == "timestamp":
            columns = [name.strip().lower() for name in text.removeprefix(BOM).split(",")]
            if not set(MANDATORY) <= set(columns) or any(columns.count(name) > 1 for name in KNOWN):
                columns = None
                said.bad.append((begin, at))
        elif text.strip(" \t\r") and (columns is None or not _record(text, columns, said)):
            said.bad.append((begin, at))
    if rest:
        said.torn = True
        said.bad.append((at, len(data)))
    return said


def _text(raw: bytes, longest: int) -> str | None:
    if len(raw) > longest or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError:
        return None


def _record(text: str, columns: list[str], said: Said) -> bool:
    values = [value.strip(" \t") for value in text.removeprefix(BOM).rstrip("\r").split(",")]
    if len(values) != len(columns):
        return False
    row = {name: value for name, value in zip(columns, values, strict=True) if name in KNOWN}
    at = _instant(row["timestamp"])
    since = _instant(row["desde"]) if row.get("desde") else at
    made, rejected = (_number(row[name], 9) for name in ("producao_count", "rejeicao_count"))
    evidence = [_number(row[name], 20) for name in ("producao_raw", "rejeicao_raw") if row.get(name)]
    flags = row["flags"].split(";") if row.get("flags") else []
    line = row["linha_id"]
    if (
        at is None
        or since is None
        or since > at
        or made is None
        or rejected is None
        or None in evidence
        or not re.fullmatch("[A-Z0-9][A-Z0-9-]{0,31}", line)
        or not all(re.fullmatch("[a-z][a-z0-9_]{0,31}", flag) for flag in flags)
    ):
        return False
    said.good += 1
    if since // 1000 < at // 1000 or "implausivel" in flags:
        said.spans.append((line, since, at, made, rejected))
    else:
        said.units[line, at // 1000, "p"] += made
        said.units[line, at // 1000, "r"] += rejected
    return True


def _number(text: str, digits: int) -> int | None:
    """Plain digits, padded or not."""
    if not text or set(text) - set("0123456789") or len(text.lstrip("0")) > digits:
        return None
    return int(text)


def _instant(text: str) -> int | None:
    """Milliseconds since the epoch; Fortaleza's wall clock where no zone is given."""
    match = re.fullmatch(
        r"(20\d\d)-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d\d):(\d\d))?", text, re.ASCII
    )
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes = match.groups()
    if hours and (int(hours) > 14 or int(minutes) > 59):
        return None
    try:
        wall = datetime(*map(int, (year, month, day, hour, minute, second)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    if zulu:
        zone: timedelta | None = timedelta()
    elif hours:
        zone = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    else:
        zone = wall.replace(tzinfo=ZoneInfo("America/Fortaleza")).utcoffset()
    seconds = (wall - (zone or timedelta())).replace(tzinfo=UTC).timestamp()
    return int(seconds) * 1000 + int(((fraction or "") + "000")[:3])
