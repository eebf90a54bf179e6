"""The page a technician sees: one HTML without anything from outside, in Portuguese, in the plant's time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Final

from edge_gateway.health import Problem, age_s, disk_lasts, duration, offset
from edge_gateway.spool.status import LineStatus, NoSpoolError, SourceStatus, Status
from sicfar.instants import PLANT_TZ

_RELOAD_S: Final = 5
_FOOT: Final = (
    f"Horários de Fortaleza. A página se atualiza a cada {_RELOAD_S} s. Contagens da máquina, sem fator. "
    "Para monitoração: /saude e /metrics."
)
_STYLE: Final = """
:root{--ok:#1a7f37;--aviso:#9a6700;--erro:#c62828;--texto:#1f2328;--fraco:#59636e;--borda:#d1d9e0;--fundo:#f6f8fa}
*{box-sizing:border-box}
body{margin:0;background:var(--fundo);color:var(--texto);font:16px/1.45 system-ui,"Segoe UI",Roboto,Arial,sans-serif}
header{padding:16px 24px;color:#fff;background:var(--ok)}
header.erro{background:var(--erro)}header.aviso{background:var(--aviso)}
header h1{margin:0;font-size:24px}header p{margin:2px 0 0}
main{max-width:1200px;margin:0 auto;padding:16px 24px 40px}
h2{font-size:18px;margin:26px 0 8px}
ul.motivos{list-style:none;margin:0;padding:0}
ul.motivos li{background:#fff;border:1px solid var(--borda);border-left:6px solid var(--aviso);padding:9px 14px;
margin:8px 0}
ul.motivos li.erro{border-left-color:var(--erro)}
ul.motivos b{margin-right:6px}ul.motivos span{display:block;color:var(--fraco)}
.cartoes{display:flex;flex-wrap:wrap;gap:12px;margin-top:16px}
.cartao{flex:1 1 200px;background:#fff;border:1px solid var(--borda);border-radius:6px;padding:12px 16px}
.cartao b{display:block;font-size:24px}.cartao small{color:var(--fraco);font-size:14px}
.rolagem{overflow-x:auto;background:#fff;border:1px solid var(--borda);border-radius:6px}
table{border-collapse:collapse;width:100%}
th,td{padding:8px 14px;text-align:left;border-bottom:1px solid var(--borda);white-space:nowrap}
tr:last-child td{border-bottom:0}
th{background:var(--fundo);font-size:14px;color:var(--fraco)}
td.n{text-align:right;font-variant-numeric:tabular-nums}th.n{text-align:right}
td.texto{white-space:normal;min-width:16em}
.selo{display:inline-block;min-width:4.6em;text-align:center;border-radius:10px;padding:1px 10px;color:#fff;
background:var(--ok);font-size:14px}
.selo.erro{background:var(--erro)}.selo.aviso{background:var(--aviso)}.selo.fora{background:var(--fraco)}
@media (max-width:760px){
header,main{padding-left:12px;padding-right:12px}
.rolagem{overflow-x:visible;background:none;border:0}
table,tbody,tr,td{display:block}thead{display:none}
tr{background:#fff;border:1px solid var(--borda);border-radius:6px;margin:10px 0;padding:4px 12px}
td,tr:last-child td{display:flex;gap:12px;justify-content:space-between;padding:6px 0;white-space:normal;
overflow-wrap:anywhere;border-bottom:1px solid var(--fundo)}
td:last-child{border-bottom:0}td.n{text-align:inherit}td.texto{min-width:0}
td[data-nome]::before{content:attr(data-nome);color:var(--fraco);font-size:14px;flex:none;max-width:45%}
td>*{text-align:right}
}
ul.motivos li,footer{overflow-wrap:anywhere}
footer{color:var(--fraco);font-size:14px;margin-top:24px}
"""


def render(status: Status, found: Sequence[Problem]) -> str:
    """The page for a spool that can be read."""
    level = "erro" if any(each.level == "erro" for each in found) else "aviso" if found else "ok"
    title = {
        "ok": "Tudo em ordem",
        "aviso": "Funcionando, com avisos",
        "erro": "Atenção: o gateway não está fazendo todo o seu trabalho",
    }[level]
    parts = [
        header(level, title, f"<p>Gateway {escape(status.gateway)} · {_local(status.at)}</p>"),
        "<main>",
        reasons(found),
        _cards(status),
        '<p><a href="turnos">Contagem bruta por turno, para imprimir</a></p>',
        "<h2>Linhas</h2>",
        _lines(status, found),
        "<h2>Fontes</h2>",
        _sources(status),
        _checks(status),
        f"<footer>{_FOOT}</footer></main>",
    ]
    return document(f"{title} · {status.gateway}", "".join(parts))


def render_unreadable(error: NoSpoolError) -> str:
    """The page when there is no spool to read."""
    body = (
        f"{header('erro', 'O estado do gateway não pode ser lido')}"
        f"<main>{reasons([Problem('erro', error.where, error.what, error.action)])}</main>"
    )
    return document("Sem estado", body)


def header(level: str, title: str, more: str = "") -> str:
    """The band on top; `more` is HTML."""
    return f'<header class="{level}" data-estado="{level}"><h1>{title}</h1>{more}</header>'


def document(title: str, body: str, *, style: str = "", reload_s: int | None = _RELOAD_S) -> str:
    """A whole page; `body` is HTML, `style` goes behind the style of all pages."""
    again = "" if reload_s is None else f'<meta http-equiv="refresh" content="{reload_s}">'
    return (
        f'<!doctype html><html lang="pt-BR"><head><meta charset="utf-8">{again}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}{style}</style></head><body>{body}</body></html>\n"
    )


def reasons(found: Sequence[Problem]) -> str:
    """What is wrong, and what a person does about it."""
    if not found:
        return ""
    items = "".join(
        f'<li class="{each.level}"><b>{escape(each.where)}:</b>{escape(each.what)}'
        f"<span>O que fazer: {escape(each.action)}</span></li>"
        for each in found
    )
    return f'<h2>O que está acontecendo e o que fazer</h2><ul class="motivos">{items}</ul>'


def _cards(status: Status) -> str:
    waiting = status.pending_records + status.sealed_records
    oldest = status.oldest_s
    sent = age_s(status, status.last_upload)
    return (
        '<div class="cartoes">'
        + "".join(
            f'<div class="cartao">{label}<b>{value}</b><small>{note}</small></div>'
            for label, value, note in (
                (
                    "Por enviar",
                    f"{number(waiting)} registros",
                    "nada espera" if oldest is None else f"o mais antigo espera há {duration(oldest)}",
                ),
                (
                    "Último envio",
                    "nunca" if sent is None else f"há {duration(sent)}",
                    ""
                    if status.last_upload is None
                    else f"{_local(status.last_upload)}, lote {status.last_upload_seq}",
                ),
                (
                    "Cabe no disco sem rede",
                    disk_lasts(status),
                    f"{number(status.disk_free_bytes // 1_000_000)} MB livres",
                ),
            )
        )
        + "</div>"
    )


def _lines(status: Status, found: Sequence[Problem]) -> str:
    warned = {each.where for each in found if each.level == "aviso"}
    active = {source.name for source in status.sources if source.active}
    rows = (
        (
            f"<b>{escape(line.line_id)}</b>",
            _badge(_line_state(line, active, warned)),
            number(line.made_today),
            number(line.counter),
            number(line.reject_counter),
            _ago(status, line.last_record),
            _ago(status, line.mark),
            "–" if line.clock_ms is None else escape(offset(line.clock_ms)),
            escape(line.source),
        )
        for line in status.lines
    )
    heads = "Linha|Estado|#Hoje|#Contador|#Rejeitos|Último registro|Lida até|#Relógio|Fonte"
    return table(heads, rows, "nenhuma linha foi lida ainda")


def _line_state(line: LineStatus, active: set[str], warned: set[str]) -> tuple[str, str]:
    if line.source not in active:
        return "fora", "não lida"
    if line.state != "ok":
        return "erro", line.state
    return ("aviso", "aviso") if line.line_id in warned else ("ok", "ok")


def _sources(status: Status) -> str:
    rows = (
        (
            f"<b>{escape(source.name)}</b>",
            _badge(_source_state(source)),
            _ago(status, source.read_at),
            _local(source.since),
            escape(source.detail) or "–",
        )
        for source in status.sources
    )
    return table("Fonte|Estado|Última leitura|Assim desde|>Detalhe", rows, "nenhuma fonte foi lida ainda")


def _source_state(source: SourceStatus) -> tuple[str, str]:
    if not source.active:
        return "fora", "fora da configuração"
    if source.state != "ok":
        return "erro", source.state
    return ("erro", "parcial") if source.detail else ("ok", "ok")


def _checks(status: Status) -> str:
    if not status.checks:
        return ""
    rows = (
        (
            f"<b>{escape(each.line)}</b>",
            escape(each.day),
            number(each.counted),
            number(each.checked),
            f"{each.difference:+d}",
            escape(each.checking_source),
        )
        for each in status.checks
    )
    heads = "Linha|Dia|#Contagem|#Conferência|#Diferença|Fonte da conferência"
    return "<h2>Conferência (segundo sensor, não soma)</h2>" + table(heads, rows, "")


_KINDS: Final = {"#": "n", ">": "texto"}
"""What may stand before a head: its column holds numbers, or a long text."""


def table(heads: str, rows: Iterable[Sequence[str]], empty: str) -> str:
    """A table whose cells name their column too: on a narrow screen each row becomes a card of such lines."""
    names = [head.lstrip("#>") for head in heads.split("|")]
    kinds = [f' class="{_KINDS[head[0]]}"' if head[0] in _KINDS else "" for head in heads.split("|")]
    top = "".join(f"<th{kind}>{name}</th>" for name, kind in zip(names, kinds, strict=True))
    inside = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-nome="{name}"><span>{cell}</span></td>'
            for name, kind, cell in zip(names, kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    inside = inside or f'<tr><td colspan="{len(names)}">{escape(empty)}</td></tr>'
    return f'<div class="rolagem"><table><thead><tr>{top}</tr></thead><tbody>{inside}</tbody></table></div>'


def _badge(state: tuple[str, str]) -> str:
    level, text = state
    return f'<span class="selo {level}">{escape(text)}</span>'


def _ago(status: Status, instant: str | None) -> str:
    seconds = age_s(status, instant)
    if instant is None or seconds is None:
        return "–"
    return f'<span title="{_local(instant)}">há {duration(seconds)}</span>'


def _local(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(PLANT_TZ).strftime("%d/%m/%Y %H:%M:%S")


def number(value: int | None) -> str:
    """A count as it is written here; a dash where there is none."""
    return "–" if value is None else f"{value:,}".replace(",", ".")
