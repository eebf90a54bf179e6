"""What the spool says about itself, read-only: it works while the gateway runs and while it does not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from edge_gateway.counting import State
from edge_gateway.spool import DATABASE
from edge_gateway.spool_tables import connect, read_only, room_bytes
from sicfar.errors import TransientError
from sicfar.instants import PLANT_TZ, format_instant, from_ms, now_ms

_ON_DISK = 1.2
"""Bytes of the file for a byte of what waits: pages are not full, and positions and marks lie among them."""
_SHORTEST_MS = 600_000
"""A backlog younger than this says little about how fast it grows."""


class NoSpoolError(TransientError):
    """There is no spool to report on."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__("spool_missing", what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One line: last record, mark (both ISO, UTC), the source's state and its measured clock offset (ms).

    ``contador``, ``rejeitos``: what a machine's running counters last showed. ``hoje``: made on this day of the plant,
    in machine counts.
    """

    linha_id: str
    fonte: str
    ultimo_registro: str | None
    marca: str | None
    estado: str
    relogio_ms: int | None
    contador: int | None = None
    rejeitos: int | None = None
    hoje: int | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source: state, what a person should see, since when, and when it last answered (ISO, UTC).

    ``ativa``: the gateway that last ran reads it; a source taken out of the configuration is not.
    """

    fonte: str
    estado: str
    detalhe: str
    desde: str
    ativa: bool = True
    lida_em: str | None = None


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """Two sensors of one line on one of the plant's days: machine counts of the one that counts and of the other.

    ``contagem`` is None while the line's own source has counted nothing that day.
    """

    linha_id: str
    dia: str
    fonte_contagem: str | None
    contagem: int | None
    fonte_conferencia: str
    conferencia: int

    @property
    def diferenca(self) -> int:
        """What the second sensor counted more (negative: less)."""
        return self.conferencia - (self.contagem or 0)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that stays told until a person acknowledges it; `em` ISO, UTC."""

    id: int
    em: str
    texto: str


@dataclass(frozen=True, slots=True)
class Status:
    """The spool at one instant; ages in seconds, instants ISO in UTC.

    ``vivo_em``: when a running gateway last said so. ``disco_util_bytes``: what reading may still take of the disk, the
    reserve for sending left alone. ``horas_restantes``: how long that lasts if nothing can be uploaded, at the faster
    of two paces, of late and of the backlog; None while that is not known.
    """

    gateway: str
    epoca: str
    proxima_seq: int
    registros_pendentes: int
    lotes_selados: int
    registros_selados: int
    idade_mais_antigo_s: float | None
    ultimo_envio: str | None
    ultimo_envio_seq: int | None
    erro_envio: str
    linhas: tuple[LineStatus, ...]
    fontes: tuple[SourceStatus, ...]
    conferencias: tuple[CheckStatus, ...] = ()
    em: str = ""
    vivo_em: str | None = None
    disco_livre_bytes: int = 0
    disco_util_bytes: int = 0
    horas_restantes: float | None = None
    avisos: tuple[Notice, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        return asdict(self)


def read_status(folder: Path) -> Status:
    """Read the spool in `folder`. Raises NoSpoolError."""
    path = folder / DATABASE
    if not path.is_file():
        raise NoSpoolError("ainda não há spool", str(folder), "confira gateway.spool; o primeiro run o cria")
    try:
        with closing(connect(read_only(path), uri=True)) as db:
            db.execute("BEGIN")  # one snapshot for all the questions
            return _read(db, now_ms(), shutil.disk_usage(folder).free, max(room_bytes(db, folder), 0))
    except (sqlite3.Error, OSError, KeyError, TypeError, ValueError) as error:
        # The last three: what a damaged file tells is not what was written.
        action = "spool check explica o que há; o run repara um spool danificado; com o disco cheio, libere espaço"
        raise NoSpoolError(f"o spool não pode ser lido: {error}", str(path), action) from error


def _read(db: sqlite3.Connection, now_ms: int, free_bytes: int, room_bytes: int) -> Status:
    meta = dict(db.execute("SELECT chave, valor FROM meta").fetchall())
    waiting = db.execute(
        "SELECT coalesce(sum(registros), 0), min(desde_ms), coalesce(sum(bytes), 0) FROM pendentes"
    ).fetchone()
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
    if waiting[1] is not None and now_ms - waiting[1] >= _SHORTEST_MS:
        pace = max(pace, waiting[2] * 3_600_000 / (now_ms - waiting[1]))
    notices = db.execute("SELECT id, em_ms, texto FROM avisos WHERE visto_ms IS NULL ORDER BY id").fetchall()
    return Status(
        gateway=meta["gateway"],
        epoca=meta["epoca"],
        proxima_seq=int(meta["proxima_seq"]),
        registros_pendentes=waiting[0],
        lotes_selados=sealed[0],
        registros_selados=sealed[2],
        idade_mais_antigo_s=None if oldest is None else round((now_ms - oldest) / 1000, 1),
        ultimo_envio=_instant(int(sent_ms)) if sent_ms else None,
        ultimo_envio_seq=int(meta["ultimo_envio_seq"]) if sent_ms else None,
        erro_envio=meta.get("erro_envio", ""),
        linhas=tuple(
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
        fontes=tuple(
            SourceStatus(
                name,
                state,
                detail,
                str(_instant(ms)),
                ativa=read is None or name in read,
                lida_em=_instant((read or {}).get(name)),
            )
            for name, state, detail, ms in sources
        ),
        conferencias=tuple(CheckStatus(*row) for row in checks),
        em=str(_instant(now_ms)),
        vivo_em=_instant(int(meta.get("vivo_ms", 0))),
        disco_livre_bytes=free_bytes,
        disco_util_bytes=room_bytes,
        horas_restantes=round(room_bytes / (pace * _ON_DISK), 1) if pace else None,
        avisos=tuple(Notice(number, str(_instant(ms)), text) for number, ms, text in notices),
    )


def _counters(db: sqlite3.Connection) -> dict[str, tuple[int | None, int | None]]:
    """Per line, what its running counters last showed; lines of files have none."""
    found: dict[str, list[int | None]] = {}
    for key, value in db.execute(
        "SELECT chave, valor FROM posicoes WHERE chave LIKE '%/production/%' OR chave LIKE '%/rejected/%'"
    ):
        line, name, _ = str(key).split("/", 2)
        found.setdefault(line, [None, None])[name == "rejected"] = State.from_json(value).raw
    return {line: (made, rejected) for line, (made, rejected) in found.items()}


def _instant(at_ms: int | None) -> str | None:
    return format_instant(at_ms) if at_ms else None
