"""How the files of a folder are opened."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO


def open_to_read(path: Path) -> BinaryIO:
    """Open a file that another program writes, renames and deletes. Raises OSError."""
    return path.open("rb")
