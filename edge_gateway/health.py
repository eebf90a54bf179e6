"""Whether the gateway does its job, judged from what its spool says, and what a technician does if it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from edge_gateway.spool.status import SourceStatus, Status

ALIVE_S: Final = 60
"""A gateway that works says so every ten seconds."""
_SILENT_S: Final = 60
_UNSENT_S: Final = 15 * 60
"""An outage of minutes is no trouble: the spool holds days."""
_DISK_H: Final = 24
_LONGEST_H: Final = 24 * 999
_NO_ROOM_BYTES: Final = 1 << 20
"""With less than this free nothing can be written at all, not even that the gateway works."""
_STILL_S: Final = 15 * 60
_CLOCK_MS: Final = 60_000
_WITNESSES: Final = {
    "s3": "diz o S3",
    "fontes": "dizem as máquinas, que concordam entre si",
    "marca": "pelo menos: ele mostra uma hora que já passou",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should see. `level` erro: the gateway does not do its job; aviso: worth a look."""

    level: Literal["erro", "aviso"]
    where: str
    what: str
    action: str


def age_s(status: Status, instant: str | None) -> float | None:
    """Seconds from an instant of the status to the moment it was read; None if there is none."""
    if instant is None:
        return None
    return (datetime.fromisoformat(status.at) - datetime.fromisoformat(instant)).total_seconds()


def is_healthy(found: Iterable[Problem]) -> bool:
    """Whether the gateway does its job: one judgement for ``/saude``, the exit code of ``status`` and metrics."""
    return not any(problem.level == "erro" for problem in found)


def problems(status: Status) -> list[Problem]:
    """Everything that is wrong, what stops the job first."""
    found = [*_running(status), *clock_problems(status), *_upload(status), *_disk(status), *_notices(status)]
    for source in status.sources:
        if source.active:
            found += _source(status, source)
    found += _lines(status)
    return sorted(found, key=lambda problem: problem.level != "erro")


def _running(status: Status) -> list[Problem]:
    alive_s = age_s(status, status.alive_at)
    if (alive_s is not None and alive_s <= ALIVE_S) or status.disk_free_bytes < _NO_ROOM_BYTES:
        return []
    since = "nunca deu sinal" if alive_s is None else f"não dá sinal há {duration(alive_s)}"
    return [Problem("erro", "gateway", f"o gateway {since}", "reinicie o serviço sicfar-gateway e veja o log dele")]


def clock_problems(status: Status) -> list[Problem]:
    """What is wrong with this computer's own clock, and who says so."""
    clock = status.clock
    if clock is None or clock.offset_ms is None:
        return []
    witness = _WITNESSES.get(clock.witness, clock.witness)
    what = (
        f"o relógio deste computador está {offset(clock.offset_ms)} ({witness}): os lotes vão à nuvem com o relógio em "
        "dúvida, e nenhuma OP que eles tocam fecha sem que alguém decida; vale a hora das máquinas que têm relógio"
    )
    action = "acerte a hora deste computador e ligue o serviço de hora (docs/gateway.md); a dúvida acaba sozinha"
    return [Problem("erro", "relógio", what, action)]


def _upload(status: Status) -> list[Problem]:
    waiting_s = status.oldest_s or 0
    if waiting_s < _UNSENT_S:
        if status.upload_error:
            return [Problem("aviso", "envio", status.upload_error, "nada se perde; o gateway tenta de novo sozinho")]
        return []
    reason = status.upload_error or "os lotes não estão saindo"
    return [
        Problem(
            "erro",
            "envio",
            f"há registros esperando envio há {duration(waiting_s)}: {reason}",
            "confira a internet deste computador; se ela está boa, chame a TI com esta mensagem",
        )
    ]


def _disk(status: Status) -> list[Problem]:
    """What the disk's fullness keeps the gateway from, or soon will."""
    hours = status.hours_left
    action = "libere espaço no disco do gateway (nunca apague a pasta do spool)"
    if not status.disk_usable_bytes:
        what = (
            "o disco do spool está cheio: o que já foi lido está guardado e continua sendo enviado; o que as máquinas "
            "fazem agora espera nelas e nos arquivos"
        )
        return [Problem("erro", "disco", what, f"{action}; a leitura recomeça sozinha de onde parou")]
    if hours is None or hours >= _DISK_H:
        return []
    return [Problem("erro", "disco", f"sem envio, o disco do spool estará cheio em {duration(hours * 3600)}", action)]


def _notices(status: Status) -> list[Problem]:
    action = "leia, faça o que pede e confirme: python -m edge_gateway spool reconhecer"
    return [Problem("aviso", "spool", notice.text, action) for notice in status.notices]


def _source(status: Status, source: SourceStatus) -> list[Problem]:
    lines = ", ".join(line.line_id for line in status.lines if line.source == source.name)
    affected = f" (linhas: {lines})" if lines else ""
    if source.state != "ok":
        # The error's own advice is part of the detail: a server that does not trust us is no loose cable.
        action = (
            "faça o que a mensagem pede; se ela nada pede, confira se a máquina está ligada e o cabo de rede. "
            "O gateway reconecta sozinho"
        )
        return [Problem("erro", source.name, f"{source.detail or 'sem leitura'}{affected}", action)]
    found = []
    if source.detail:
        found.append(Problem("erro", source.name, source.detail, "corrija o que a mensagem aponta; o resto é lido"))
    silent_s = age_s(status, source.read_at)
    if silent_s is not None and silent_s > _SILENT_S:
        what = f"não responde à leitura há {duration(silent_s)}{affected}"
        found.append(Problem("erro", source.name, what, "confira a rede até a máquina ou a pasta"))
    return found


def _lines(status: Status) -> list[Problem]:
    active = {source.name for source in status.sources if source.active and source.state == "ok"}
    found = []
    for line in status.lines:
        if line.source not in active:
            continue
        still_s = age_s(status, line.mark)
        if still_s is not None and still_s > _STILL_S:
            what = f"sem notícia há {duration(still_s)}"
            found.append(Problem("aviso", line.line_id, what, "normal se a máquina está desligada; senão, confira-a"))
        # While this computer's clock is wrong itself, it says nothing about a machine's.
        if line.clock_ms is not None and abs(line.clock_ms) > _CLOCK_MS and not clock_problems(status):
            what = f"o relógio da máquina está {offset(line.clock_ms)}"
            found.append(Problem("aviso", line.line_id, what, "acerte o relógio da máquina"))
    return found


def disk_lasts(status: Status) -> str:
    """How long the disk takes what is read if nothing can be sent, for people."""
    hours = status.hours_left
    return "ainda não medido" if hours is None else duration(min(hours, _LONGEST_H) * 3600)


def duration(seconds: float) -> str:
    """A time span for people: 40 s, 12 min, 5 h 20 min, 3 d 4 h."""
    whole = max(0, int(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def offset(milliseconds: int) -> str:
    """A clock's offset for people."""
    if abs(milliseconds) < 1_000:
        return f"{milliseconds:+d} ms"
    side = "adiantado" if milliseconds > 0 else "atrasado"
    return f"{duration(abs(milliseconds) / 1000)} {side}"
