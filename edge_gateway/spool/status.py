"""What the spool says about itself, read-only: it works while the gateway runs and while it does not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.spool.store import DATABASE
from edge_gateway.spool.tables import connect, has_tables, read_only, room_bytes
from sicfar.errors import TransientError
from sicfar.instants import PLANT_TZ, format_instant, from_ms, now_ms

_ON_DISK = 1.2
"""Bytes of the file for a byte of what waits: pages are not full, and positions and marks lie among them."""


class NoSpoolError(TransientError):
    """There is no spool to report on."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__("spool_missing", what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One line: last record, mark (both ISO, UTC), the source's state and its measured clock offset (ms).

    ``counter``, ``reject_counter``: what a machine's running counters last showed. ``made_today``: on this day of the
    plant, in machine counts.
    """

    line_id: str
    source: str
    last_record: str | None
    mark: str | None
    state: str
    clock_ms: int | None
    counter: int | None = None
    reject_counter: int | None = None
    made_today: int | None = None

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {
            "linha_id": self.line_id,
            "fonte": self.source,
            "ultimo_registro": self.last_record,
            "marca": self.mark,
            "estado": self.state,
            "relogio_ms": self.clock_ms,
            "contador": self.counter,
            "rejeitos": self.reject_counter,
            "hoje": self.made_today,
        }


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source: state, what a person should see, since when, and when it last answered (ISO, UTC).

    ``active``: the gateway that last ran reads it; a source taken out of the configuration is not.
    """

    name: str
    state: str
    detail: str
    since: str
    active: bool = True
    read_at: str | None = None

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {
            "fonte": self.name,
            "estado": self.state,
            "detalhe": self.detail,
            "desde": self.since,
            "ativa": self.active,
            "lida_em": self.read_at,
        }


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """Two sensors of one line on one of the plant's days: machine counts of the one that counts and of the other.

    ``counted`` is None while the line's own source has counted nothing that day.
    """

    line: str
    day: str
    counting_source: str | None
    counted: int | None
    checking_source: str
    checked: int

    @property
    def difference(self) -> int:
        """What the second sensor counted more (negative: less)."""
        return self.checked - (self.counted or 0)

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {
            "linha_id": self.line,
            "dia": self.day,
            "fonte_contagem": self.counting_source,
            "contagem": self.counted,
            "fonte_conferencia": self.checking_source,
            "conferencia": self.checked,
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that stays shown until a person acknowledges it; `at` ISO, UTC."""

    id: int
    at: str
    text: str

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {"id": self.id, "em": self.at, "texto": self.text}


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """What the gateway that last ran believes of this computer's clock.

    ``witnessed``: S3 has said what time it is. ``offset_ms``: by how much the clock is wrong, positive if ahead, by
    ``witness`` (s3, fontes, marca); None while nothing speaks against it.
    """

    witnessed: bool
    offset_ms: int | None = None
    witness: str = ""

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {"testemunhado": self.witnessed, "desvio_ms": self.offset_ms, "testemunha": self.witness}


@dataclass(frozen=True, slots=True)
class Status:
    """The spool at one instant; ages in seconds, instants ISO in UTC.

    ``alive_at``: when a running gateway last said so. ``disk_usable_bytes``: what reading may still take of the disk,
    the reserve for sending left alone. ``hours_left``: how long that lasts if nothing can be uploaded, at the pace of
    the last ten minutes of live reading (`pace`); None while that is not known.
    """

    gateway: str
    epoch: str
    next_seq: int
    pending_records: int
    sealed_batches: int
    sealed_records: int
    oldest_s: float | None
    last_upload: str | None
    last_upload_seq: int | None
    upload_error: str
    lines: tuple[LineStatus, ...]
    sources: tuple[SourceStatus, ...]
    checks: tuple[CheckStatus, ...] = ()
    at: str = ""
    alive_at: str | None = None
    disk_free_bytes: int = 0
    disk_usable_bytes: int = 0
    hours_left: float | None = None
    notices: tuple[Notice, ...] = ()
    clock: ClockStatus | None = None

    def as_json(self) -> dict[str, object]:
        """As `status --json` prints it."""
        return {
            "gateway": self.gateway,
            "epoca": self.epoch,
            "proxima_seq": self.next_seq,
            "registros_pendentes": self.pending_records,
            "lotes_selados": self.sealed_batches,
            "registros_selados": self.sealed_records,
            "idade_mais_antigo_s": self.oldest_s,
            "ultimo_envio": self.last_upload,
            "ultimo_envio_seq": self.last_upload_seq,
            "erro_envio": self.upload_error,
            "linhas": [line.as_json() for line in self.lines],
            "fontes": [source.as_json() for source in self.sources],
            "conferencias": [check.as_json() for check in self.checks],
            "em": self.at,
            "vivo_em": self.alive_at,
            "disco_livre_bytes": self.disk_free_bytes,
            "disco_util_bytes": self.disk_usable_bytes,
            "horas_restantes": self.hours_left,
            "avisos": [notice.as_json() for notice in self.notices],
            "relogio": None if self.clock is None else self.clock.as_json(),
        }


@contextmanager
def snapshot(folder: Path) -> Iterator[sqlite3.Connection]:
    """The spool in `folder` as it is at one instant, to be read. Raises NoSpoolError, also for what is read in it."""
    path = folder / DATABASE
    if not path.is_file():
        raise NoSpoolError("ainda não há spool", str(folder), "confira gateway.spool; o primeiro run o cria")
    try:
        with closing(connect(read_only(path), uri=True)) as db:
            db.execute("BEGIN")  # one snapshot for all the questions
            if not has_tables(db):
                action = "espere o primeiro run terminar de criá-lo (segundos) e repita"
                raise NoSpoolError("o spool está sendo criado", str(path), action)
            yield db
    except (sqlite3.Error, OSError, KeyError, TypeError, ValueError) as error:
        # The last three: what a damaged file tells is not what was written.
        action = "spool check explica o que há; o run repara um spool danificado; com o disco cheio, libere espaço"
        raise NoSpoolError(f"o spool não pode ser lido: {error}", str(path), action) from error


def read_status(folder: Path) -> Status:
    """Read the spool in `folder`. Raises NoSpoolError."""
    with snapshot(folder) as db:
        return _read(db, now_ms(), shutil.disk_usage(folder).free, max(room_bytes(db, folder), 0))


def _read(db: sqlite3.Connection, now_ms: int, free_bytes: int, room_bytes: int) -> Status:
    meta = dict(db.execute("SELECT chave, valor FROM meta").fetchall())
    waiting = db.execute("SELECT coalesce(sum(registros), 0), min(desde_ms) FROM pendentes").fetchone()
    sealed = db.execute("SELECT count(*), min(desde_ms), coalesce(sum(registros), 0) FROM selados").fetchone()
    oldest = min((since for since in (waiting[1], sealed[1]) if since is not None), default=None)
    lines = db.execute(
        "SELECT linha_id, fonte, ultimo_registro_ms, ate_ms, estado, relogio_ms FROM marcas ORDER BY linha_id"
    ).fetchall()
    sources = db.execute("SELECT fonte, estado, detalhe, desde_ms FROM fontes ORDER BY fonte").fetchall()
    checks = db.execute(
        "SELECT b.linha_id, b.dia, a.fonte, a.producao, b.fonte, b.producao FROM totais_dia b "
        "LEFT JOIN totais_dia a ON a.linha_id = b.linha_id AND a.dia = b.dia AND a.papel = 'contagem' "
        "WHERE b.papel = 'conferencia' ORDER BY b.dia DESC, b.linha_id"
    ).fetchall()
    sent_ms = meta.get("ultimo_envio_ms")
    counters = _counters(db)
    today = from_ms(now_ms).astimezone(PLANT_TZ).date().isoformat()
    made = dict(
        db.execute(
            "SELECT linha_id, producao FROM totais_dia WHERE dia = ? AND papel = 'contagem'", (today,)
        ).fetchall()
    )
    read: dict[str, int] | None = json.loads(meta["leituras"]) if "leituras" in meta else None
    pace = float(meta.get("ritmo_bytes_h", 0))
    notices = db.execute("SELECT id, em_ms, texto FROM avisos WHERE visto_ms IS NULL ORDER BY id").fetchall()
    return Status(
        gateway=meta["gateway"],
        epoch=meta["epoca"],
        next_seq=int(meta["proxima_seq"]),
        pending_records=waiting[0],
        sealed_batches=sealed[0],
        sealed_records=sealed[2],
        oldest_s=None if oldest is None else max(round((now_ms - oldest) / 1000, 1), 0),
        last_upload=_instant(int(sent_ms)) if sent_ms else None,
        last_upload_seq=int(meta["ultimo_envio_seq"]) if sent_ms else None,
        upload_error=meta.get("erro_envio", ""),
        lines=tuple(
            LineStatus(
                line,
                source,
                _instant(last),
                _instant(until),
                state,
                clock,
                *counters.get(line, (None, None)),
                made.get(line),
            )
            for line, source, last, until, state, clock in lines
        ),
        sources=tuple(
            SourceStatus(
                name,
                state,
                detail,
                str(_instant(ms)),
                active=read is None or name in read,
                read_at=_instant((read or {}).get(name)),
            )
            for name, state, detail, ms in sources
        ),
        checks=tuple(CheckStatus(*row) for row in checks),
        at=str(_instant(now_ms)),
        alive_at=_instant(int(meta.get("vivo_ms", 0))),
        disk_free_bytes=free_bytes,
        disk_usable_bytes=room_bytes,
        hours_left=round(room_bytes / (pace * _ON_DISK), 1) if pace else None,
        notices=tuple(Notice(number, str(_instant(ms)), text) for number, ms, text in notices),
        clock=_clock(meta.get("relogio")),
    )


def _clock(said: str | None) -> ClockStatus | None:
    if said is None:
        return None
    values = json.loads(said)
    return ClockStatus(bool(values["testemunhado"]), values.get("desvio_ms"), str(values.get("testemunha", "")))


def _counters(db: sqlite3.Connection) -> dict[str, tuple[int | None, int | None]]:
    """Per line, what its running counters last showed, the ``raw`` of their positions; lines of files have none."""
    found: dict[str, list[int | None]] = {}
    for key, value in db.execute(
        "SELECT chave, valor FROM posicoes WHERE chave LIKE '%/production/%' OR chave LIKE '%/rejected/%'"
    ):
        line, name, _ = str(key).split("/", 2)
        found.setdefault(line, [None, None])[name == "rejected"] = int(json.loads(value)["raw"])
    return {line: (made, rejected) for line, (made, rejected) in found.items()}


def _instant(at_ms: int | None) -> str | None:
    return format_instant(at_ms) if at_ms else None
