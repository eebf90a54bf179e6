"""Which files a folder holds, and the metadata of those that can have changed.

Asking for a file's metadata is one system call, over a share one packet; a folder of thousands of old files would cost
more than all reading. So a file in which nothing is new (`settled`) is asked for in turn, each within `ROUND_S`. Asked
for at every look are: any file that is not settled, the `NEWEST` files by the time of their last change, and any whose
directory entry changed (another inode; on Windows the size and time that the directory shows, which for a file held
open may be late: therefore the turn). A folder of no more files than `NEWEST` is asked for all of them every time.
"""

from __future__ import annotations

import errno
import heapq
import os
import sys
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

NEWEST = 64
ROUND_S = 30.0
_RANKED_S = 5.0
"""How long the list of the newest files is used when no name has come or gone."""

Hint = int | tuple[int, int]
"""What a directory entry says of its file without a further question."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the folder's device, every file's name, the metadata of those asked for (None: it cannot be had).

    `changed`: whether a name or an entry is not what it was at the look before. `unseen_s`: how old the knowledge of
    those not asked for can be, seconds.
    """

    device: int
    names: Mapping[str, Hint]
    stats: Mapping[str, os.stat_result | None]
    changed: bool
    unseen_s: float


class Listing:
    """Looks at one folder. What it remembers is a cache."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._names: dict[str, Hint] = {}
        self._order: list[str] = []
        self._next = 0
        self._looked_at: float | None = None
        self._changed_ns: dict[str, int] = {}
        self._newest: list[str] = []
        self._ranked_at, self._ranked = 0.0, 0

    def look(self, now: float, *, settled: Container[str], wanted: Callable[[str], bool]) -> Look:
        """List the folder. `now`: monotonic, seconds; `wanted`: whether a file's metadata are of interest at all.

        Raises OSError when the folder cannot be listed.
        """
        device = os.stat(self._folder).st_dev  # noqa: PTH116 - see _stat
        with os.scandir(self._folder) as entries:
            names = _files(entries)
        if os.stat(self._folder).st_dev != device:  # noqa: PTH116 - see _stat
            raise OSError(errno.ESTALE, "outro volume foi montado durante a leitura", self._folder)
        same = names == self._names
        asked = {name for name in names if name not in settled and wanted(name)}
        if not same:
            asked |= {name for name, hint in names.items() if self._names.get(name) != hint and wanted(name)}
            self._order = list(names)
            self._changed_ns = {name: at for name, at in self._changed_ns.items() if name in names}
        self._names = names
        if not same or now - self._ranked_at >= _RANKED_S or len(self._changed_ns) != self._ranked:
            self._newest = heapq.nlargest(NEWEST, self._changed_ns, key=self._changed_ns.__getitem__)
            self._ranked_at, self._ranked = now, len(self._changed_ns)
        asked.update(self._newest)
        complete = self._in_turn(now, asked, wanted)
        stats = {name: self._stat(name) for name in asked}
        return Look(device, names, stats, not same, 0.0 if complete else ROUND_S)

    def _in_turn(self, now: float, asked: set[str], wanted: Callable[[str], bool]) -> bool:
        """Add the next files of the round; whether every file of interest is asked for now."""
        total = len(self._order)
        waited_s = ROUND_S if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        count = min(total, int(total * waited_s / ROUND_S) + 1)
        for number in range(self._next, self._next + count):
            name = self._order[number % total]
            if wanted(name):
                asked.add(name)
        self._next = (self._next + count) % total if total else 0
        return count == total or total <= NEWEST

    def _stat(self, name: str) -> os.stat_result | None:
        try:
            status = os.stat(os.path.join(self._folder, name))  # noqa: PTH116, PTH118 - a Path costs more than the question
        except OSError:
            return None
        self._changed_ns[name] = status.st_mtime_ns
        return status


if sys.platform == "win32":

    def _files(entries: Iterable[os.DirEntry[str]]) -> dict[str, Hint]:
        files = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
        return {name: (status.st_size, status.st_mtime_ns) for name, status in files}

else:

    def _files(entries: Iterable[os.DirEntry[str]]) -> dict[str, Hint]:
        return {entry.name: entry.inode() for entry in entries if entry.is_file()}
