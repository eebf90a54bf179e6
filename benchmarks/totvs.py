"""What it costs to hear TOTVS: how long each function takes to start, and how fast a month of orders is applied.

Starts: a fresh process imports what the handler imports, from the layers as they are built (`make build`), in turns;
the median counts, beside an interpreter that imports nothing. Applying: a month shaped like the plant's, in pages of
100 rows, each page one committed transaction on PostgreSQL with its durable settings; then the same month again, as a
pull that finds nothing new.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.figures import block, share, table
from benchmarks.first_invoke import built_layers, copy_runtime
from local.simulators.month import month
from local.stack.cloud import ROOT
from local.stack.run_folder import temporary_folder
from local.stack.stack import Stack
from sicfar.database.reception import Origin, Reception
from sicfar.totvs.events import NOT_MAPPED, read_row
from sicfar.totvs.model import Kind

PAGE = 100


def run(rounds: int) -> str:
    """Measure both and report."""
    said = [f"Median of {rounds} fresh processes, in turns.", "A month: 1,171 order rows, 41 products, pages of 100."]
    head = ("importing what a handler imports", "ms", "times a bare interpreter", "modules")
    costs = ("applying", "rows/s", "ms a page, p50", "ms a page, p99")
    return block("totvs", said, table(head, _starts(rounds)), table(costs, _applied()))


def _starts(rounds: int) -> list[list[str]]:
    handlers = {path.parent.name: _imports(path) for path in sorted((ROOT / "functions").glob("*/app.py"))}
    codes = {"nothing": "", **handlers}
    layers = built_layers(ROOT)
    took: dict[str, list[float]] = {name: [] for name in codes}
    modules: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as runtime:
        copy_runtime(Path(runtime))
        path = os.pathsep.join([*map(str, layers), runtime])
        _time(rounds, codes, {"PATH": os.environ["PATH"], "PYTHONPATH": path}, took, modules)
    medians = {name: share(times[1:], 0.5) for name, times in took.items()}
    bare = medians["nothing"]
    return [[name, f"{at * 1000:.0f}", f"{at / bare:.1f}", modules[name]] for name, at in medians.items()]


def _time(
    rounds: int,
    codes: dict[str, str],
    environment: dict[str, str],
    took: dict[str, list[float]],
    modules: dict[str, str],
) -> None:
    for _ in range(rounds + 1):
        for name, code in codes.items():
            begun = time.perf_counter()
            command = [sys.executable, "-S", "-c", f"import sys\n{code}\nprint(len(sys.modules))"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            took[name].append(time.perf_counter() - begun)
            modules[name] = done.stdout.strip()


def _imports(path: Path) -> str:
    """The import statements of a handler."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return "\n".join(ast.unparse(one) for one in body if isinstance(one, ast.Import | ast.ImportFrom))


def _applied() -> list[list[str]]:
    made = month()
    with temporary_folder() as folder:
        stack = Stack(folder / "run")
        stack.begin()
        try:
            stack.start_supabase()
            with psycopg.connect(stack.database.url, autocommit=True) as connection:
                return [_pass(connection, name, made.products + made.inputs, made.orders) for name in ("new", "known")]
        finally:
            stack.down()


def _pass(
    connection: psycopg.Connection, name: str, products: list[dict[str, object]], orders: list[dict[str, object]]
) -> list[str]:
    pages: list[float] = []
    total = 0
    for kind, rows in ((Kind.PRODUCT, products), (Kind.ORDER, orders)):
        for first in range(0, len(rows), PAGE):
            events = [read_row(kind, row, NOT_MAPPED, n) for n, row in enumerate(rows[first : first + PAGE])]
            page = Reception(
                key=f"{name}:{kind}:{first}",
                origin=Origin.PULL,
                received_at="2025-11-01T00:00:00Z" if name == "new" else "2025-11-02T00:00:00Z",
                correlation="",
                sender="",
                content_type=None,
                raw=b"",
                events=[event.as_json() for event in events],
            )
            begun = time.perf_counter()
            connection.execute("select receber_eventos_totvs(%s::jsonb)", [json.dumps(page.as_json())])
            pages.append(time.perf_counter() - begun)
            total += len(events)
    return [name, f"{total / sum(pages):,.0f}", f"{share(pages, 0.5) * 1000:.0f}", f"{share(pages, 0.99) * 1000:.0f}"]
