"""Where an installation on Windows keeps what: programs by version, and the data that outlives every version.

Programs are below %ProgramFiles%, where ordinary accounts can change nothing; configuration, credentials, spool and log
below %ProgramData%, so that an upgrade or a roll-back only changes which program folder the service starts.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

SERVICE = "sicfar-gateway"
"""Name of the Windows service, and of the folders."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The version that the service starts and the one a roll-back returns to; None where there is none."""

    current: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The two folders of an installation; the rest lies in them under fixed names."""

    programs: Path
    data: Path

    @classmethod
    def of_this_computer(cls) -> Places:
        """Below the folders that Windows names. Raises KeyError where it does not name them."""
        return cls(Path(os.environ["PROGRAMFILES"]) / SERVICE, Path(os.environ["PROGRAMDATA"]) / SERVICE)

    @property
    def config(self) -> Path:
        """The configuration that the service reads."""
        return self.data / "gateway.json"

    @property
    def credentials(self) -> Path:
        """The AWS profile of the service's account."""
        return self.data / "credentials"

    @property
    def log(self) -> Path:
        """The folder of the service's log."""
        return self.data / "log"

    @property
    def shortcut(self) -> Path:
        """`check`, `status` and the other commands, with the version and configuration of the service."""
        return self.programs / "gateway.cmd"

    def python(self, version: str) -> Path:
        """The interpreter of a version."""
        return self.programs / version / "python.exe"

    def versions(self) -> Versions:
        """What is installed."""
        try:
            said = json.loads(self._record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Versions()
        return Versions(said["atual"], said["anterior"])

    def remember(self, versions: Versions) -> None:
        """Keep what is installed; whole or not at all."""
        draft = self._record.with_suffix(".novo")
        text = json.dumps({"atual": versions.current, "anterior": versions.previous}, indent=2)
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._record)

    @property
    def _record(self) -> Path:
        return self.programs / "versoes.json"
