"""On what kind of file system a folder is, and whether that is another computer's."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mountinfo")
NETWORK: Final = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smbfs", "smb2", "smb3", "ncpfs", "9p", "davfs"),
        *("afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.smbnetfs"),
    )
)
"""File systems on which SQLite's locks and its write-ahead log do not hold (sqlite.org/useovernet.html)."""
_SHARE = re.compile(r"[\\/]{2}[^\\/]")
_DRIVE_REMOTE: Final = 4
"""GetDriveType's DRIVE_REMOTE."""


def is_share(path: str) -> bool:
    """Whether a path is that of a share: a UNC path."""
    return _SHARE.match(path) is not None


def is_networked(path: str) -> bool:
    """Whether a path leads to another computer: a share, a mapped drive, a mounted one."""
    return is_share(path) or filesystem_of(Path(path)) in NETWORK


def filesystem_of(path: Path) -> str:
    """The kind of file system a folder is on, lower case, as the system names it; empty if it does not say."""
    if sys.platform == "win32":
        return _windows_filesystem(path)
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return kind_in(mounts, Path(os.path.realpath(path)))


def kind_in(mounts: str, path: Path) -> str:
    """The kind of the mount a path is on, in the words of Linux's ``mountinfo`` (proc_pid_mountinfo(5))."""
    found, longest = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        # A blank in a name is written ``\\040``; a later mount over the same place hides the earlier one.
        place = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4]))
        if path.is_relative_to(place) and len(place.parts) >= longest:
            found, longest = after.split()[0].casefold(), len(place.parts)
    return found


if sys.platform == "win32":

    def _windows_filesystem(path: Path) -> str:
        import ctypes

        root = path.resolve().anchor
        if root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE:
            return "smb3"
        name = ctypes.create_unicode_buffer(64)
        known = ctypes.windll.kernel32.GetVolumeInformationW(root, None, 0, None, None, None, name, len(name))
        return name.value.casefold() if known else ""
