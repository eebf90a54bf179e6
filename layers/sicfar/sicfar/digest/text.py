"""What a digest says, in plain text: by kind of matter, what has waited longest first."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sicfar.database.answers import Digest, Matter, Matters
from sicfar.instants import PLANT_TZ


def subject(digest: Digest, day: date, environment: str) -> str:
    """The e-mail's subject."""
    total = sum(group.total for group in digest.groups)
    whose = digest.sector or "geral"
    return f"SicFar {environment}: {_counted(total)} à espera ({whose}), {day:%d/%m/%Y}"


def body(digest: Digest, hours: int) -> str:
    """The e-mail's text."""
    local = digest.taken_at.astimezone(PLANT_TZ)
    lines = [
        f"Pendências que esperam há {hours} h ou mais, em {local:%d/%m/%Y} às {local:%H:%M} (hora de Fortaleza).",
        "Cada uma se resolve na tela de pendências do SicFar; este e-mail não precisa de resposta.",
    ]
    for group in digest.groups:
        lines += ["", *_group(group, digest)]
    return "\n".join(lines) + "\n"


def _group(group: Matters, digest: Digest) -> Iterator[str]:
    yield f"{group.kind.replace('_', ' ')}: {_counted(group.total)}"
    for matter in group.first:
        yield from _matter(matter, digest.taken_at)
    if (left := group.total - len(group.first)) > 0:
        yield f"  e mais {left}"


def _matter(matter: Matter, now: datetime) -> Iterator[str]:
    place = matter.line or matter.sector
    yield f"- há {waited(now - matter.since)}{f', {place}' if place else ''}: {' '.join(matter.text.split())}"
    yield f"  decide: {matter.deciders}; função: {matter.function}"


def waited(time: timedelta) -> str:
    """A span of time as people say it, in its two largest units at most."""
    minutes = int(time.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min"


def _counted(total: int) -> str:
    return "1 pendência" if total == 1 else f"{total} pendências"
