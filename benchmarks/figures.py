"""Distributions and the Markdown in which a benchmark reports them."""

import os
import platform
from collections.abc import Iterable, Sequence


def share(values: Iterable[float], part: float) -> float:
    """The value that `part` of the values do not exceed: 0.5 the median, 1 the largest; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is numbers."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def block(title: str, said: Iterable[str], *parts: str) -> str:
    """A benchmark's report: what was done, on what, and its tables."""
    return "\n\n".join([f"### {title}", " ".join([*said, machine()]), *parts]) + "\n"


def machine() -> str:
    """The machine, and how busy it has been in the last minute, in a sentence."""
    load = os.getloadavg()[0]
    where = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{where}; load of the last minute {load:.1f}."
