"""The sheet of each shift, raw: what this gateway has counted, for whoever has to go on while there is no internet.

It is made of the spool's tally (`edge_gateway.spool.tally`), which stays when its records have been uploaded. It says
of each line how far it is known, and of itself that it is not the Diário de Bordo: factors, orders, losses and the
decisions about doubtful counts are in the cloud, and so is the signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce
from html import escape
from pathlib import Path
from typing import Final

from edge_gateway.health import clock_problems
from edge_gateway.page.html import document, header, number, reasons, table
from edge_gateway.spool.status import Status, snapshot
from edge_gateway.spool.tally import KEPT_MS, Tally, began_ms, read_tally
from sicfar.instants import PLANT_TZ, from_ms, parse_instant

_SHOWN_DAYS: Final = 4
_TITLE: Final = "Contagem bruta por turno"
_STYLE: Final = """
.bruta{background:#fff;border:1px solid var(--borda);border-left:6px solid var(--aviso);padding:9px 14px;margin:16px 0}
.assina,section+section .bruta{display:none}
@media print{
body{background:#fff;font-size:11pt}header,header.aviso{background:none;color:#000;padding:0}
main{max-width:none;padding:0}nav{display:none}
section{break-inside:avoid}section+section{break-before:page}
th,td{padding:3px 6px}.rolagem{overflow:visible}
.assina,section+section .bruta{display:block}.assina{margin-top:36px}
}
"""
_RAW: Final = (
    "<b>Não é o Diário de Bordo e não vale como assinado.</b> São as contagens da máquina como este gateway as leu: "
    "sem o fator de unidades por ciclo, sem OP, sem refugo apontado. <b>Produzidas</b> é tudo o que a máquina fez, "
    "também o rejeitado; <b>duvidosas</b> são contagens que uma pessoa ainda decide e não estão nas outras. O contador "
    "pode ter voltado a zero dentro do turno. Quando a internet voltar, confira e assine o Diário no painel: a "
    "assinatura diz então que foi feita com atraso."
)


@dataclass(frozen=True, slots=True)
class Window:
    """One shift of one day: the plant's day it begins on, and its instants, ms since the epoch, UTC."""

    name: str
    begins: datetime
    ends: datetime

    @property
    def begins_ms(self) -> int:
        """When it begins."""
        return round(self.begins.timestamp() * 1000)

    @property
    def ends_ms(self) -> int:
        """When the next one begins."""
        return round(self.ends.timestamp() * 1000)


def windows(shifts: Mapping[str, str], now_ms: int) -> Iterator[Window]:
    """The shift of an instant and those of the days before that a sheet is shown of, the latest first."""
    today = from_ms(now_ms).astimezone(PLANT_TZ).date()
    ends: datetime | None = None
    for days in range(-1, _SHOWN_DAYS + 1):
        day = today - timedelta(days=days)
        for name, start in sorted(shifts.items(), key=lambda item: item[1], reverse=True):
            begins = datetime.combine(day, time.fromisoformat(start), PLANT_TZ)
            window = None if ends is None else Window(name, begins, ends)
            if window is not None and window.begins_ms <= now_ms:
                yield window
            ends = begins


@dataclass(frozen=True, slots=True)
class Counts:
    """What the spool has counted by quarters of an hour. `began_ms`: since when all of it is there."""

    tallies: Sequence[Tally]
    began_ms: int | None

    def within(self, window: Window) -> dict[str, list[Tally]]:
        """What was counted in a shift, by line."""
        found: dict[str, list[Tally]] = {}
        for tally in self.tallies:
            if window.begins_ms <= tally.begins_ms < window.ends_ms:
                found.setdefault(tally.line, []).append(tally)
        return found

    def know_of(self, window: Window) -> bool:
        """Whether there is anything to say of a shift: of one that ended before, nothing is no zero."""
        return bool(self.within(window)) or (self.began_ms is not None and self.began_ms < window.ends_ms)


def read_counts(folder: Path, status: Status) -> Counts:
    """What is known of the shifts that are shown. Raises NoSpoolError."""
    with snapshot(folder) as db:
        began = began_ms(db)
        # A spool that no gateway of this version has opened yet has no tally.
        return Counts([] if began is None else read_tally(db, parse_instant(status.at) - KEPT_MS), began)


def render_shifts(status: Status, counts: Counts, shifts: Mapping[str, str]) -> str:
    """The page of all shifts, the latest first; each prints on a sheet of its own."""
    now_ms = parse_instant(status.at)
    waiting = status.pending_records + status.sealed_records
    sent = (
        "tudo o que foi lido está na nuvem" if not waiting else f"{number(waiting)} registros ainda não estão na nuvem"
    )
    seen = f"<p>Gateway {escape(status.gateway)} · visto em {_local(now_ms, '%d/%m/%Y %H:%M:%S')} · {sent}</p>"
    shown = [window for window in windows(shifts, now_ms) if counts.know_of(window)]
    sheets = "".join(_sheet(window, status, counts, now_ms) for window in shown)
    body = (
        f'{header("aviso", _TITLE, seen)}<main><nav><p><a href="./">Estado do gateway</a></p></nav>'
        f"{reasons(clock_problems(status))}{sheets}"
        "<footer>Horários de Fortaleza. Um turno por folha ao imprimir.</footer></main>"
    )
    return document(f"{_TITLE} · {status.gateway}", body, style=_STYLE, reload_s=None)


def _sheet(window: Window, status: Status, counts: Counts, now_ms: int) -> str:
    tallies = counts.within(window)
    marks = {line.line_id: line.mark for line in status.lines}
    rows = []
    for line in sorted({*marks, *tallies}):
        tally = reduce(Tally.joined, tallies[line]) if line in tallies else None
        situation = _situation(window, tally, marks.get(line), counts.began_ms, now_ms)
        rows.append((f"<b>{escape(line)}</b>", *_figures(tally), escape(situation)))
    running = " · em andamento" if now_ms < window.ends_ms else ""
    heads = "Linha|#Produzidas|#Rejeitadas|#Duvidosas|Contador da máquina|Registros|>Situação"
    return (
        f"<section><h2>Turno {escape(window.name)} de {window.begins:%d/%m/%Y}, {window.begins:%H:%M} a "
        f'{window.ends:%H:%M}{running}</h2><p class="bruta">{_RAW}</p>'
        f"{table(heads, rows, 'nenhuma linha foi lida ainda')}"
        '<p class="assina">Conferido por ____________________________ em ____/____/______ às ____:____</p></section>'
    )


def _figures(tally: Tally | None) -> tuple[str, ...]:
    if tally is None:
        return "0", "0", "0", "–", "–"
    shown = "–"
    if tally.first is not None or tally.last is not None:
        shown = f"{number(tally.first)} → {number(tally.last)}"
    when = f"{_local(tally.first_ms, '%H:%M:%S')} a {_local(tally.last_ms, '%H:%M:%S')}"
    return number(tally.produced), number(tally.rejected), number(tally.doubtful), shown, when


def _situation(window: Window, tally: Tally | None, mark: str | None, began_ms: int | None, now_ms: int) -> str:
    """How far the figures can be relied on."""
    said = []
    known_ms = 0 if mark is None else parse_instant(mark)
    if known_ms >= window.ends_ms:
        said.append("lida até o fim do turno")
    elif known_ms < window.begins_ms:
        said.append("ainda não lida neste turno")
    else:
        still = "em andamento, lida" if now_ms < window.ends_ms else "falta: lida só"
        said.append(f"{still} até {_local(known_ms, '%H:%M:%S')}")
    if began_ms is None or began_ms > window.begins_ms:
        since = "" if began_ms is None else f" antes de {_local(began_ms, '%d/%m %H:%M')}"
        said.append(f"pode faltar o que foi contado{since}, quando este registro começou")
    if tally is not None and tally.since_ms is not None and tally.since_ms < window.begins_ms:
        said.append(f"inclui o feito desde {_local(tally.since_ms, '%d/%m %H:%M')}, sem leitura na virada do turno")
    return "; ".join(said)


def _local(at_ms: int, form: str) -> str:
    return from_ms(at_ms).astimezone(PLANT_TZ).strftime(form)
