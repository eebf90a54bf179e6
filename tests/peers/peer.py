"""A server of Node.js as a process of its own: commands and answers are lines of JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from local.waiting import LAST_RESORT_S

HERE = Path(__file__).parent


class Peer:
    """`node SCRIPT [SETTINGS]`; `ready`: its first answer. Ended by `stop`, or with its standard input."""

    def __init__(self, script: str, settings: object = None) -> None:
        arguments = [] if settings is None else [json.dumps(settings)]
        self._process = subprocess.Popen(
            ["node", str(HERE / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.ready = self._answer()

    def ask(self, **command: object) -> dict[str, Any]:
        """One command and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def stop(self) -> None:
        """End it, and wait."""
        self._process.kill()
        self._process.wait(LAST_RESORT_S)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the server has ended with {self._process.wait(LAST_RESORT_S)}"
        return dict(json.loads(line))
