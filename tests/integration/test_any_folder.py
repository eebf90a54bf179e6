"""The repository in a folder with a blank and accents in its path: set up and started there, and not by root alone."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from local.waiting import until
from tests.support.tree import ROOT, copy_tree

SOMEBODY = 65534
# He has no rights but to read what the person who runs the tests may read: her Python may lie in a home closed to him.
AS_SOMEBODY = [
    *("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--bounding-set=-all,+dac_read_search"),
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A clone as it stands here, with what is not committed yet."""
    above = Path(tempfile.mkdtemp(prefix="sicfar-"))
    try:
        above.chmod(0o755)
        clone = above / "Fábrica do João" / "sicfar"
        copy_tree(clone)
        yield clone
    finally:
        shutil.rmtree(above)


def make(folder: Path, *words: str, before: tuple[str, ...] = (), **variables: str) -> str:
    """Run make there as in a shell of its own, without this repository's environment, and return what it printed."""
    own = [part for part in os.environ["PATH"].split(os.pathsep) if not Path(part).is_relative_to(ROOT)]
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [*before, "make", *words],
            cwd=folder,
            env={**kept, "PATH": os.pathsep.join(own), **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until(lambda: process.poll() is not None, f"make {words}", state=lambda: work_of(process.pid), pause_s=0.2)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        output.seek(0)
        told = output.read()
    assert process.returncode == 0, told[-4_000:]
    return told


def work_of(session: int) -> int:
    """Clock ticks of a core that the processes of a session, and what ended in them, have used so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += sum(map(int, fields[11:15]))
    return ticks


def test_no_target_takes_the_folder_apart_at_its_blank(folder: Path) -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (folder / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0].split()
    told = make(folder, "--dry-run", *targets, "ENV=homolog", "SUPABASE_URL=https://example.supabase.co")
    whole = [word for line in told.replace("\\\n", " ").splitlines() for word in shlex.split(line, comments=True)]
    for part in (str(folder), str(folder.parent)):
        assert sum(word.count(part) for word in whole) == told.count(part)


def test_set_up_up_and_down_also_by_an_ordinary_user(folder: Path) -> None:
    make(folder, "setup")
    before: tuple[str, ...] = ()
    home = folder.parent
    if os.geteuid() == 0:
        before = tuple(AS_SOMEBODY)
        for path in (home, *home.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)
    try:
        told = make(folder, "setup", "up", before=before, HOME=str(home))
    finally:
        ended = make(folder, "down", before=before, HOME=str(home))
    assert re.search(r"example order +OP \d+ on \S+: 0 units", told), told
    assert "ended" in ended
    assert not (folder / ".local").exists()
