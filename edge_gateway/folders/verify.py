"""Whether what was read of a file still stands in it, looked at once the file has been at rest for a while.

Reading on needs only the bytes just before the offset. A place filled late, a line edited, a page that a failing disk
gave back empty lie before them: so the whole prefix is compared, too, with the CRC of what was read. That is done a
piece a poll, of one file after the other, again after a change and at most once an hour for each stream.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge_gateway.folders.evidence import FileView
from edge_gateway.folders.identity import Stream
from edge_gateway.folders.tail import REST_S

POLL_BYTES = 256 * 1024
"""Read for this in one poll at most: over a share of 100 Mbit/s a tenth of what it can carry."""
_FILES = 8
_AGAIN_S = 3600.0

ReadIn = Callable[[str], Stream | None]
"""The stream that was last read in the file of a name."""
Open = Callable[[str], FileView]


@dataclass(slots=True)
class _Progress:
    """How far a stream has been compared: up to `offset`, of a file with these metadata, with this CRC-32."""

    key: str
    signature: tuple[int, int, int, int]
    offset: int = 0
    crc: int = 0


class Verifier:
    """Remembers which files changed and which stream was last verified when (monotonic, seconds). A cache."""

    def __init__(self) -> None:
        self._changed: dict[str, float] = {}
        self._verified: dict[str, float] = {}
        self._progress: _Progress | None = None

    def changed(self, name: str, now: float) -> None:
        """A file's metadata are others than before, or were not known."""
        self._changed.pop(name, None)
        self._changed[name] = now

    def forget(self, key: str) -> None:
        """A stream is no more."""
        self._verified.pop(key, None)

    def altered(self, read_in: ReadIn, now: float, opened: Open) -> Stream | None:
        """Compare a piece. A stream whose file is not what was read in it any more, if one is found.

        Files that cannot be opened are tried later.
        """
        budget = POLL_BYTES
        for name, stream in self._due(read_in, now):
            try:
                with opened(name) as file:
                    done, budget = self._compare(file, stream, budget)
            except OSError:
                continue  # whoever reads the file reports it
            if done is None:
                return None
            del self._changed[name]
            self._verified[stream.key] = now
            if not done:
                return stream
        return None

    def _due(self, read_in: ReadIn, now: float) -> list[tuple[str, Stream]]:
        due: list[tuple[str, Stream]] = []
        gone: list[str] = []
        for name, since in self._changed.items():
            if now - since < REST_S or len(due) == _FILES:
                break
            stream = read_in(name)
            if stream is None or not stream.offset:
                gone.append(name)
            elif now - self._verified.get(stream.key, -_AGAIN_S) >= _AGAIN_S:
                due.append((name, stream))
        for name in gone:
            del self._changed[name]
        return due

    def _compare(self, file: FileView, stream: Stream, budget: int) -> tuple[bool | None, int]:
        """Whether the file is what was read, None while that is not known yet; and what is left of the budget."""
        progress = self._progress
        if progress is None or progress.key != stream.key or progress.signature != file.signature:
            progress = self._progress = _Progress(stream.key, file.signature)
        size = min(budget, stream.offset - progress.offset)
        progress.crc = file.crc(progress.offset, progress.offset + size, progress.crc)
        progress.offset += size
        if progress.offset < stream.offset:
            return None, 0
        self._progress = None
        return progress.crc == stream.crc, budget - size
