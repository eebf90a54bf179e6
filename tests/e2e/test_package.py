"""The functions as they are built: how large, what they bring along, and what a start imports of it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import boto3

from local.notices import PERMISSIVE, notices
from local.stack.cloud import ROOT
from local.stack.stack import Stack

LARGEST = 30_000_000
"""Bytes of both layers, unzipped: a start reads them from the network."""
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
"""What Lambda's Python brings itself."""
FOREIGN = {
    *("supabase", "supabase_auth", "realtime", "storage3", "websockets", "jwt", "cryptography"),
    *("h2", "psycopg", "asyncua", "pymodbus", "aws_xray_sdk"),
}


def layers(stack: Stack) -> list[Path]:
    built = stack.run.path / "build" / "product"
    return [built / name / "python" for name in ("SicfarLayer", "DependenciesLayer")]


def test_the_layers_are_small_and_hold_no_licence_that_binds_us(stack: Stack) -> None:
    files = [file for layer in layers(stack) for file in layer.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    assert 10_000_000 < size <= LARGEST, f"{size:,} bytes"
    assert not {"tests", "bin"} & {file.parent.name for file in files}
    assert "postgrest" in notices(layers(stack)[1], PERMISSIVE)


def imported(handlers: list[Path], packages: list[Path]) -> set[str]:
    """The packages that the handlers load, found in these folders alone."""
    imports = [
        ast.unparse(one)
        for handler in handlers
        for one in ast.parse(handler.read_text(encoding="utf-8")).body
        if isinstance(one, ast.Import | ast.ImportFrom)
    ]
    code = "\n".join(["import sys", *imports, "print(*{name.partition('.')[0] for name in sys.modules})"])
    path = os.pathsep.join(map(str, packages))
    environment = {"PYTHONPATH": path, "POWERTOOLS_SERVICE_NAME": "teste", "POWERTOOLS_METRICS_NAMESPACE": "SicFar"}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_handler_starts_from_the_layers_alone_and_imports_little(stack: Stack, tmp_path: Path) -> None:
    site = Path(boto3.__file__).parents[1]
    for name in RUNTIME:
        (tmp_path / name).symlink_to(site / name)
    handlers = set((ROOT / "functions").glob("*/app.py"))
    screens, auditor = (ROOT / "functions" / name / "app.py" for name in ("painel", "auditoria"))
    assert not FOREIGN & imported(sorted(handlers - {screens, auditor}), [*layers(stack), tmp_path])
    # The screens bring their own packages, and call nothing of AWS.
    own = stack.run.path / "build" / "product" / "Painel"
    assert not (FOREIGN | {"boto3", "postgrest"}) & imported([screens], [own, layers(stack)[0]])
    # The audit brings its own, too: PostgreSQL's driver, and nothing of Supabase's API.
    own = stack.run.path / "build" / "product" / "Auditoria"
    found = imported([auditor], [own, layers(stack)[0], tmp_path])
    assert "operations" in found
    assert not (FOREIGN - {"psycopg"} | {"postgrest"}) & found
    assert {path.name for path in (own / "operations").iterdir()} == {"__init__.py", "__pycache__", "audit"}
