"""The spool's status in the Prometheus text format (0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from edge_gateway.status import Status

_Sample = tuple[Mapping[str, str], float | None]


def metrics(status: Status, *, healthy: bool) -> str:
    """One line a value; what is not known is left out."""
    everywhere: Mapping[str, str] = {}
    sources = [source for source in status.fontes if source.ativa]
    lines = [({"linha": line.linha_id, "fonte": line.fonte}, line) for line in status.linhas]
    families: list[tuple[str, str, Iterable[_Sample]]] = [
        ("info", "Which gateway this is.", [({"gateway": status.gateway, "epoca": status.epoca}, 1)]),
        ("healthy", "1 when GET /saude answers 200.", [(everywhere, float(healthy))]),
        ("alive_timestamp_seconds", "When the gateway last said it works.", [(everywhere, _epoch(status.vivo_em))]),
        ("pending_records", "Records that wait unsealed.", [(everywhere, status.registros_pendentes)]),
        ("sealed_batches", "Sealed batches that wait for their upload.", [(everywhere, status.lotes_selados)]),
        ("sealed_records", "Records in those batches.", [(everywhere, status.registros_selados)]),
        ("oldest_unsent_seconds", "Age of the oldest unsent record.", [(everywhere, status.idade_mais_antigo_s or 0)]),
        ("last_upload_timestamp_seconds", "When a batch last arrived.", [(everywhere, _epoch(status.ultimo_envio))]),
        ("last_upload_seq", "Its sequence number.", [(everywhere, status.ultimo_envio_seq)]),
        ("upload_failing", "1 while the last upload failed.", [(everywhere, float(bool(status.erro_envio)))]),
        ("disk_free_bytes", "Free space on the spool's disk.", [(everywhere, status.disco_livre_bytes)]),
        ("disk_hours_left", "Hours of reading the disk takes offline.", [(everywhere, status.horas_restantes)]),
        ("notices", "What the spool tells until a person acknowledges it.", [(everywhere, len(status.avisos))]),
        (
            "source_up",
            "1 while the source is read without trouble.",
            [({"fonte": each.fonte}, float(each.estado == "ok" and not each.detalhe)) for each in sources],
        ),
        (
            "source_read_timestamp_seconds",
            "When the source last answered.",
            [({"fonte": each.fonte}, _epoch(each.lida_em)) for each in sources],
        ),
        ("line_up", "1 while the line's mark advances.", [(name, float(each.estado == "ok")) for name, each in lines]),
        (
            "line_mark_timestamp_seconds",
            "Up to when the line is completely known.",
            [(name, _epoch(each.marca)) for name, each in lines],
        ),
        (
            "line_last_record_timestamp_seconds",
            "The line's last record.",
            [(name, _epoch(each.ultimo_registro)) for name, each in lines],
        ),
        (
            "line_clock_offset_seconds",
            "The machine's clock less the gateway's.",
            [(name, None if each.relogio_ms is None else each.relogio_ms / 1000) for name, each in lines],
        ),
        (
            "line_made_today",
            "Made on this day of the plant, in machine counts.",
            [(name, each.hoje) for name, each in lines],
        ),
    ]
    return "".join(_family(f"sicfar_gateway_{name}", explained, samples) for name, explained, samples in families)


def _family(name: str, explained: str, samples: Iterable[_Sample]) -> str:
    known = [f"{name}{_labels(labels)} {value:.15g}\n" for labels, value in samples if value is not None]
    return f"# HELP {name} {explained}\n# TYPE {name} gauge\n{''.join(known)}" if known else ""


def _labels(labels: Mapping[str, str]) -> str:
    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    inside = ",".join(f'{key}="{escaped(value)}"' for key, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _epoch(instant: str | None) -> float | None:
    return None if instant is None else datetime.fromisoformat(instant).timestamp()
