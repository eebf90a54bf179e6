"""Windows' own command-line tools: run with their full path, shown to the person, answered with exit code and text."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sicfar.errors import PermanentError

_WITHIN_S = 120


class SystemCommandError(PermanentError):
    """A command of Windows did not do what it was asked."""

    def __init__(self, command: str, code: int, text: str) -> None:
        super().__init__(
            "system_command_failed",
            f"o comando terminou com o código {code}: {text.strip() or 'sem mensagem'}",
            where=command,
            action="execute-o como administrador para ver o motivo",
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit code and everything printed."""

    code: int
    text: str


def ask(tool: str, *words: str) -> Answer | None:
    """Run a tool of System32; None where this Windows does not have it, or it does not answer in two minutes."""
    path = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / tool
    try:
        done = subprocess.run(  # noqa: S603 - a tool of Windows by its full path
            [str(path), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=_WITHIN_S,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    # Such tools print in the console's code page, which only Python on Windows has under this name.
    encoding = "oem" if os.name == "nt" else "utf-8"
    return Answer(done.returncode, done.stdout.decode(encoding, "replace"))


def order(tool: str, *words: str) -> None:
    """Run a tool of System32 that must succeed. Raises SystemCommandError."""
    command = subprocess.list2cmdline([tool, *words])
    answer = ask(tool, *words) or Answer(-1, "este Windows não tem este comando, ou ele não respondeu")
    if answer.code != 0:
        raise SystemCommandError(command, answer.code, answer.text)
