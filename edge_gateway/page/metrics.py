"""The spool's status in the Prometheus text format (0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from edge_gateway.spool.status import Status

_Sample = tuple[Mapping[str, str], float | None]


def metrics(status: Status, *, healthy: bool) -> str:
    """One line a value; what is not known is left out."""
    everywhere: Mapping[str, str] = {}
    sources = [source for source in status.sources if source.active]
    lines = [({"linha": line.line_id, "fonte": line.source}, line) for line in status.lines]
    families: list[tuple[str, str, Iterable[_Sample]]] = [
        ("info", "Which gateway this is.", [({"gateway": status.gateway, "epoca": status.epoch}, 1)]),
        ("healthy", "1 when GET /saude answers 200.", [(everywhere, float(healthy))]),
        ("alive_timestamp_seconds", "When the gateway last said it works.", [(everywhere, _epoch(status.alive_at))]),
        ("pending_records", "Records that wait unsealed.", [(everywhere, status.pending_records)]),
        ("sealed_batches", "Sealed batches that wait for their upload.", [(everywhere, status.sealed_batches)]),
        ("sealed_records", "Records in those batches.", [(everywhere, status.sealed_records)]),
        ("oldest_unsent_seconds", "Age of the oldest unsent record.", [(everywhere, status.oldest_s or 0)]),
        ("last_upload_timestamp_seconds", "When a batch last arrived.", [(everywhere, _epoch(status.last_upload))]),
        ("last_upload_seq", "Its sequence number.", [(everywhere, status.last_upload_seq)]),
        ("upload_failing", "1 while the last upload failed.", [(everywhere, float(bool(status.upload_error)))]),
        ("disk_free_bytes", "Free space on the spool's disk.", [(everywhere, status.disk_free_bytes)]),
        ("disk_hours_left", "Hours of reading the disk takes offline.", [(everywhere, status.hours_left)]),
        (
            "clock_offset_seconds",
            "This computer's clock less the true time, while a witness finds it wrong.",
            [(everywhere, None if status.clock is None else _seconds(status.clock.offset_ms))],
        ),
        ("notices", "What the spool tells until a person acknowledges it.", [(everywhere, len(status.notices))]),
        (
            "source_up",
            "1 while the source is read without trouble.",
            [({"fonte": each.name}, float(each.state == "ok" and not each.detail)) for each in sources],
        ),
        (
            "source_read_timestamp_seconds",
            "When the source last answered.",
            [({"fonte": each.name}, _epoch(each.read_at)) for each in sources],
        ),
        ("line_up", "1 while the line's mark advances.", [(name, float(each.state == "ok")) for name, each in lines]),
        (
            "line_mark_timestamp_seconds",
            "Up to when the line is completely known.",
            [(name, _epoch(each.mark)) for name, each in lines],
        ),
        (
            "line_last_record_timestamp_seconds",
            "The line's last record.",
            [(name, _epoch(each.last_record)) for name, each in lines],
        ),
        (
            "line_clock_offset_seconds",
            "The machine's clock less the gateway's.",
            [(name, _seconds(each.clock_ms)) for name, each in lines],
        ),
        (
            "line_made_today",
            "Made on this day of the plant, in machine counts.",
            [(name, each.made_today) for name, each in lines],
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


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _epoch(instant: str | None) -> float | None:
    return None if instant is None else datetime.fromisoformat(instant).timestamp()
