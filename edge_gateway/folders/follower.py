"""Following every file of a folder that somebody else appends to, renames, truncates, copies and re-creates.

Invariants, whatever happens to the files and whenever this process is killed:

1. A complete line is delivered once: never again because its file was copied, renamed or uploaded anew, never missed
   because a new file took the old one's name, inode or header.
2. No byte of a followed file is without a fate. It is counted, or a header, comment or blank, or quarantined; or it is
   *not yet written* (NULs, a line without its end: `tail`), is read once it is written, given a fate once its file is
   at rest, and reported while it is neither. NULs up to the end of a file may be filled at any time: they stay unread.
3. Bytes that have a fate get no second one. What is written behind a last line that was taken without its end is not
   counted (`Stream.open_line`); what was altered before the offset is suspect (rule 6).
4. Reading resumes in a file only on evidence from content before the saved offset (`match`): the marker in the inode
   the stream was last seen in, the whole prefix in any other.
5. When a stream has left its file, its rest is looked for in the whole folder, under any name, and read before the file
   that took its place. Until the search is over the poll says so (`Poll.searching`), and nobody may declare the line
   complete.
6. What cannot be decided (a file that begins like a known stream and then differs) is not guessed: from the last offset
   known to be common its lines are suspect and go before a person. If the stream's own file is still there, that is
   so for all the other one ever brings, until one of the two has been gone for a minute.
7. Where lines mean something only in the order of time (`Dialect.in_order`) no file is begun while another has a rest,
   and of several new ones the oldest first record comes first.
8. Absence says nothing by itself. In a folder that is not the one of before (`folder`) nothing is read, forgotten or
   taken for a survey. A stream is forgotten after 30 days in which the right folder was looked at without it.
9. `poll` changes nothing but caches; what was read counts as read after `accept`.
10. Every file is opened, read and closed inside one poll; no handle survives it.

A file unchanged for a while (3 s) is known by its metadata alone; metadata of a file just written is not trusted, for
its time may be coarse and, on Windows, late. How often metadata are asked for: `listing`.

One poll: `listing` says which files there are and which can have changed, `match` which stream each one holds,
`reading` takes what is written, `polling` does one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from edge_gateway.folders.identity import Stream
from edge_gateway.folders.lines import Canonical, Dialect
from edge_gateway.folders.poll import Chunk, FolderState, Memory, Poll
from edge_gateway.folders.polling import FolderPoll
from sicfar.instants import now_ms

__all__ = ["Chunk", "FolderState", "Follower", "Poll"]

_SENSORS_OWN = Canonical({})


class Follower:
    """The streams of one folder. Not thread-safe: one poll at a time.

    `settled_s`: a file in which no line is a record yet may be one just being written; it is taken as it is once it
    has not changed for so long. `surveyed`: see `Memory`; false for a spool that is new.
    """

    def __init__(
        self,
        folder: Path,
        pattern: str,
        streams: Iterable[Stream] = (),
        *,
        dialect: Dialect = _SENSORS_OWN,
        settled_s: float = 2.0,
        surveyed: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._memory = Memory(
            str(folder),
            pattern,
            dialect,
            settled_s,
            {stream.key: stream for stream in streams},
            monotonic,
            wall_ms,
            surveyed,
        )

    @property
    def streams(self) -> Mapping[str, Stream]:
        """The accepted state, by key."""
        return self._memory.streams

    @property
    def surveyed(self) -> bool:
        """Whether all that was there when the spool was made is among the streams."""
        return self._memory.surveyed

    def poll(self) -> Poll:
        """Look at every file once. Raises OSError when the folder itself cannot be listed."""
        return FolderPoll(self._memory).run()

    def accept(self, poll: Poll) -> None:
        """Take a poll's changes as read: they are durable now."""
        memory = self._memory
        memory.surveyed = memory.surveyed or poll.complete
        for key, at in poll.caught_up.items():
            if at is None:
                memory.caught_up.pop(key, None)
            else:
                memory.caught_up[key] = at
        memory.accept(poll.changes)
