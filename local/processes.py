"""One process of the stack: started in a session of its own, recognised by its start time, checked to be ours."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
CONTAINER_BRIDGE = "172.17.0.1"
"""The machine as containers of a Linux engine's default bridge see it; no other machine has a route to it."""
START_TIME_TOLERANCE_S = 1.0
"""How far two readings of one process's start time may lie apart: the system keeps it in clock ticks since boot."""


class StackError(Exception):
    """A part of the embedded stack cannot do its work; says what, where, and what to do next."""

    def __init__(self, what: str, *, where: str = "", action: str = "") -> None:
        """Join the three into one readable text."""
        super().__init__("\n".join(filter(None, (what, where, action and f"→ {action}"))))


@dataclass(frozen=True)
class Part:
    """One process of the stack, as ``pids.json`` remembers it."""

    name: str
    pid: int
    started: float
    """Start time of the process as the system tells it, seconds since the Unix epoch."""
    port: int
    stop_signal: int
    """PostgreSQL ends its sessions on SIGINT; SIGTERM would wait for them to leave."""

    def process(self) -> psutil.Process | None:
        """Return the running process, or None if it ended or its pid now belongs to another one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) <= START_TIME_TOLERANCE_S
            if same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def listens(self) -> bool:
        """Tell whether this very process holds its port, on loopback and nowhere beyond this machine.

        Raises:
            StackError: it listens on an address that other machines reach.
        """
        process = self.process()
        if process is None:
            return False
        addresses = set()
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                for connection in each.net_connections("inet"):
                    if connection.status == psutil.CONN_LISTEN:
                        addresses.add((connection.laddr.ip, connection.laddr.port))
        exposed = sorted(f"{ip}:{port}" for ip, port in addresses if ip not in (LOOPBACK, "::1", CONTAINER_BRIDGE))
        if exposed:
            raise StackError(f"{self.name} listens on {', '.join(exposed)}, which other machines may reach")
        return (LOOPBACK, self.port) in addresses


def free_port() -> int:
    """Return a TCP port that was free on loopback a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_taken(port: int) -> bool:
    """Tell whether anybody answers on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def plain_environment(**extra: str) -> dict[str, str]:
    """Return the environment of a part: the search path and what is named, nothing else of ours.

    Credentials, profiles and proxies of the person who starts the stack have no business in it.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {**kept, **extra}


@dataclass(frozen=True)
class Launch:
    """How to start one part on a given port."""

    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    user: str | None = None
    stop_signal: int = signal.SIGTERM


def wait_until_gone(processes: list[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Wait until processes have ended and return those that have not.

    A zombie has ended: the init process of a container may never collect it, and psutil's own wait would go on.
    """

    def runs(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + within_s
    while (left := [process for process in processes if runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@contextlib.contextmanager
def sigterm_as_exit() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that `finally` and context managers run as they do after Ctrl-C."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread: whoever owns it decides
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
