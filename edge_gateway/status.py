"""What the spool says about itself, read-only: it works while the gateway runs and while it does not."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from edge_gateway.spool import DATABASE
from sicfar.errors import TransientError
from sicfar.instants import format_instant


class NoSpoolError(TransientError):
    """There is no spool to report on."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__("spool_missing", what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One line: last record, mark (both ISO, UTC), the source's state and its measured clock offset (ms)."""

    linha_id: str
    fonte: str
    ultimo_registro: str | None
    marca: str | None
    estado: str
    relogio_ms: int | None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source: state, what a person should see, and since when (ISO, UTC)."""

    fonte: str
    estado: str
    detalhe: str
    desde: str


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
class Status:
    """The spool at one instant; ages in seconds, instants ISO in UTC."""

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

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        return asdict(self)


def read_status(folder: Path) -> Status:
    """Read the spool in `folder`. Raises NoSpoolError."""
    path = folder / DATABASE
    if not path.is_file():
        raise NoSpoolError("ainda não há spool", str(folder), "confira gateway.spool; o primeiro run o cria")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            db.execute("BEGIN")  # one snapshot for all the questions
            return _read(db, time.time_ns() // 1_000_000)
    except sqlite3.Error as error:
        raise NoSpoolError(
            f"o spool não pode ser lido: {error}", str(path), "confira as permissões da pasta"
        ) from error


def _read(db: sqlite3.Connection, now_ms: int) -> Status:
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
            LineStatus(line, source, _instant(last), _instant(until), state, clock)
            for line, source, last, until, state, clock in lines
        ),
        fontes=tuple(SourceStatus(name, state, detail, str(_instant(ms))) for name, state, detail, ms in sources),
        conferencias=tuple(CheckStatus(*row) for row in checks),
    )


def _instant(at_ms: int | None) -> str | None:
    return format_instant(at_ms) if at_ms else None
