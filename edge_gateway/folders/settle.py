"""What time alone decides: how long a missing stream is looked for and kept, when a fork counts again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from edge_gateway.folders.identity import Stream
from edge_gateway.folders.poll import Memory, Poll, Signature

SEARCH_S = 60.0
"""So long a missing stream is looked for under any name, also one that does not fit the pattern."""
_HOLD_MARKS_S = 2.0
_FORGET_S = 30 * 24 * 3600.0


class Missing(NamedTuple):
    """`searching`: one has just vanished."""

    changes: dict[str, Stream | None]
    searching: bool


def settle_missing(memory: Memory, orphaned: Iterable[Stream], now: float) -> Missing:
    """Count for how long streams are missing; after 30 days of looking for one in the right folder it is forgotten."""
    orphaned = list(orphaned)
    save = memory.observe(orphaned, now)
    changes: dict[str, Stream | None] = {}
    searching = False
    for stream in orphaned:
        absent_s = memory.absent[stream.key]
        searching = searching or absent_s < _HOLD_MARKS_S
        if absent_s > _FORGET_S or (not stream.head and absent_s >= SEARCH_S):
            changes[stream.key] = None
        elif stream.path or save:
            changes[stream.key] = stream._replace(path="", absent_ms=int(absent_s * 1000))
    return Missing(changes, searching)


def settle_forks(
    memory: Memory,
    poll: Poll,
    streams: Mapping[str, Stream],
    orphaned: Mapping[str, Stream],
    signatures: Mapping[str, Signature],
) -> dict[str, Stream]:
    """Once what a fork differs from has been gone for a while, what is appended to the fork counts again."""
    keys = memory.forks | {key for key, after in poll.changes.items() if after is not None and after.forked}
    forks = [streams[key] for key in keys if key in streams and streams[key].forked and streams[key].path]
    poll.forked = tuple(sorted(fork.path for fork in forks))
    changes: dict[str, Stream] = {}
    if forks:
        gone = {key for key, stream in orphaned.items() if memory.absent_s(stream) >= SEARCH_S}
        for fork in forks:
            alike = {s.key for s in streams.values() if (s.head, s.named) == (fork.head, fork.named)}
            if fork.path in signatures and gone.issuperset(alike - {fork.key}):
                changes[fork.key] = fork._replace(suspect_until=signatures[fork.path][2])
    return changes
