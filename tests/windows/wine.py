"""A Windows of its own for a test run: Debian's wine in a prefix that is made for the run and deleted after it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.waiting import LAST_RESORT_S, until
from tests.windows.forwarder import forwarding_dll

SERVER = shutil.which("wineserver") or "/usr/lib/wine/wineserver"


@dataclass(frozen=True)
class Answer:
    """Exit code and output (stdout and stderr) of a program, as bytes and as UTF-8."""

    code: int
    output: bytes

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Wine:
    """One prefix, with its own wineserver."""

    prefix: Path

    @property
    def drive(self) -> Path:
        """C:\\"""
        return self.prefix / "drive_c"

    def run(self, *words: str, **variables: str) -> Answer:
        """Run a program to its end. By pipes: Python under wine does not start with a plain file as its output."""
        done = subprocess.run(
            ["wine", *words],
            env=environment(self.prefix, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LAST_RESORT_S,
            check=False,
        )
        return Answer(done.returncode, done.stdout)

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The programs of this prefix with a word in their command line."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                ours = process.environ().get("WINEPREFIX") == str(self.prefix)
                if ours and word in " ".join(process.cmdline()):
                    found.append(process)
        return found


def environment(prefix: Path, **variables: str) -> dict[str, str]:
    """The search path and what wine needs: no message of its own, no offer to install Mono or Gecko.

    No wbemprox: Python's `platform` asks WMI, of which this wine has half; without it Python asks in another way.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml,wbemprox=",
        "WINEARCH": "win64",
    }
    return {**kept, **own, **variables}


@contextmanager
def wine(above: Path) -> Iterator[Wine]:
    """Make a prefix below a folder, and leave nothing of it."""
    above.mkdir(exist_ok=True)
    prefix = Path(tempfile.mkdtemp(prefix="prefix-", dir=above))
    windows = Wine(prefix)
    try:
        apart(windows, "wine", "wineboot", "--init")
        registry(windows, r"HKCU\Software\Wine", "Version", "REG_SZ", "win10")
        # The service manager reads its patience when it starts: 10 s to connect, too few on a busy machine.
        registry(windows, r"HKLM\System\CurrentControlSet\Control", "ServicesPipeTimeout", "REG_DWORD", "300000")
        # Its server ends once all that made the prefix has ended; ended before, it would leave the half of one.
        apart(windows, SERVER, "--wait")
        random = windows.drive / "windows" / "system32" / "bcryptprimitives.dll"
        if not random.exists():
            random.write_bytes(forwarding_dll(random.name, "ProcessPrng", "ADVAPI32.SystemFunction036"))
        with served(windows):
            apart(windows, "wine", "cmd", "/c", "ver")
            yield windows
    finally:
        shutil.rmtree(prefix)
        with suppress(OSError):  # another run's prefix is beside it
            above.rmdir()


@contextmanager
def served(windows: Wine) -> Iterator[None]:
    """The prefix with its server, which ends with everything that runs on it."""
    server = subprocess.Popen(
        [SERVER, "--foreground", "--persistent"],
        env=environment(windows.prefix),
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        server.send_signal(signal.SIGINT)  # its way to end all programs and write its registry
        server.wait()
        until(lambda: not end(windows.processes()), "the end of wine's programs")


def registry(windows: Wine, key: str, name: str, kind: str, value: str) -> None:
    """Set a value."""
    apart(windows, "wine", "reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")


def apart(windows: Wine, *words: str) -> None:
    """Run a program without pipes: the first one starts Windows' own, which would keep them open."""
    quiet = subprocess.DEVNULL
    variables = environment(windows.prefix)
    subprocess.run(words, env=variables, stdin=quiet, stdout=quiet, stderr=quiet, check=True, timeout=LAST_RESORT_S)


def end(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Kill them, and return which there were."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return processes
