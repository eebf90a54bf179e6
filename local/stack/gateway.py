"""Our real gateway as a process of its own, to be started, watched and killed."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class GatewayProcess:
    """`python -m edge_gateway run` with a configuration in `folder`; its log is `folder/gateway.log`."""

    def __init__(self, folder: Path, config: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self.config = folder / "gateway.json"
        self.log = folder / "gateway.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(json.dumps(config, indent=2), encoding="utf-8")

    def start(self) -> None:
        """Start it; `stop` or `kill` ends it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edge_gateway", "run", "--config", str(self.config)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """SIGKILL: no warning, no last word."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=20)

    def running(self) -> bool:
        """Whether it is up."""
        return self._process is not None and self._process.poll() is None
