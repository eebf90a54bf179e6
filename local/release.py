"""`make release`: what `sicfar implantar` deploys, in one folder, and with it all IT needs on a Windows, in one zip.

`sam build` needs Linux, make and a Python 3.13; a deploy needs none of them. So what `sam build` made is packed here:
the template as JSON, each function and layer as the zip AWS takes, the migrations, and a description with the digest of
every file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from local import bundle
from local.bundle import ROOT, BundleError
from operations.deployment.release import CODE, DESCRIPTION, TEMPLATE

BUILT = ROOT / ".aws-sam" / "build"
MIGRATIONS = ROOT / "supabase" / "migrations"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same build gives the same zip, and AWS is sent nothing twice
_FILE = 0o644 << 16
SERVICES = {
    *("apigateway", "cloudformation", "cloudwatch", "events", "lambda", "logs", "s3", "scheduler", "secretsmanager"),
    *("sesv2", "signin", "sns", "sqs", "ssm", "sso", "sso-oidc", "sts"),
}
"""Services of AWS that `sicfar` calls, and those that issue credentials."""


def lay(built: Path, folder: Path, version: str, migrations: Path = MIGRATIONS) -> Path:
    """Lay a release out from what `sam build` wrote into `built`, in an empty folder. Raises BundleError."""
    from samcli.yamlhelper import yaml_parse

    template: dict[str, Any] = yaml_parse((built / "template.yaml").read_text(encoding="utf-8"))
    (folder / "codigo").mkdir(parents=True)
    for name, resource in template["Resources"].items():
        if place := CODE.get(resource["Type"]):
            resource["Properties"][place] = pack(built / resource["Properties"][place], folder, name)
        resource.get("Metadata", {}).pop("SamResourceId", None)
    text = json.dumps(template, ensure_ascii=False, separators=(",", ":"))
    (folder / TEMPLATE).write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(migrations, folder / "migrations")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    described = {"versao": version, "arquivos": digests}
    (folder / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8", newline="\n")
    return folder


def pack(source: Path, folder: Path, name: str) -> str:
    """Zip a folder of code; returns the zip's path in the release, named by its content."""
    if not source.is_dir():
        raise BundleError(f"{source} is not there: run `make build`")
    made = folder / "codigo" / f"{name}.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as files:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(source).as_posix(), _DATE)
                entry.external_attr, entry.compress_type = _FILE, zipfile.ZIP_DEFLATED
                files.writestr(entry, path.read_bytes())
    digest = hashlib.sha256(made.read_bytes()).hexdigest()[:16]
    named = made.with_name(f"{name}-{digest}.zip")
    made.rename(named)
    return named.relative_to(folder).as_posix()


def windows(cloud: Path, uv: str, python: Path | None, output: Path) -> Path:
    """The release with the command `sicfar` and Windows' Python, as one zip. Raises BundleError."""
    name = f"sicfar-windows-{bundle.version_of_this_tree('operations')}"
    with tempfile.TemporaryDirectory(prefix="sicfar-release-") as made:
        work = Path(made)
        top = work / name
        bundle.lay_python(work, top / "programa", uv, python)
        bundle.lay_packages(work, top / "programa", uv, "sicfar-operations", ("sicfar", "sicfar-operations"), SERVICES)
        shutil.copytree(cloud, top / "nuvem")
        for folder in ("config", "docs"):
            shutil.copytree(ROOT / folder, top / folder)
        bundle.lay_text(ROOT / "operations" / "deployment" / "sicfar.cmd", top / "sicfar.cmd")
        output.mkdir(parents=True, exist_ok=True)
        return bundle.sealed(top, output / f"{name}.zip")


def main(arguments: list[str] | None = None) -> int:
    """Make the release and, if asked, the zip for Windows; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.release", description="What `sicfar implantar` deploys.")
    parser.add_argument("--uv", default="uv", help="the uv to use")
    parser.add_argument("--built", type=Path, default=BUILT, help="where `sam build` wrote (default: .aws-sam/build)")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder of the release (default: dist)")
    parser.add_argument("--windows", action="store_true", help="also the zip for a Windows without Python")
    parser.add_argument("--python", type=Path, help="python.org's embeddable Python for that zip, as in make bundle")
    chosen = parser.parse_args(arguments)
    cloud = chosen.output / "nuvem"
    try:
        shutil.rmtree(cloud, ignore_errors=True)
        print(lay(chosen.built, cloud, bundle.version_of_this_tree("operations")))
        if chosen.windows:
            print(windows(cloud, chosen.uv, chosen.python, chosen.output))
    except BundleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
