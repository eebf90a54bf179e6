"""From a chunk of a followed file to what stands in it: the one way in which run, check and the tests read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from edge_gateway.folders.lines import Dialect, LineReader
from edge_gateway.folders.poll import Chunk, Poll
from sicfar.counts.batch import Unreadable
from sicfar.counts.codes import Reason
from sicfar.counts.record import Record

JOINED_LINES = 16
"""From so many lines on, with no record among them, what cannot be read is given as whole stretches of its file."""


@dataclass(slots=True)
class ChunkContent:
    """What a chunk holds. `chunk`: its lines, each with a newline; `offsets`: where each of the `records` begins."""

    chunk: Chunk
    reader: LineReader
    offsets: list[int] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def read_chunk(dialect: Dialect, chunk: Chunk, poll: Poll, latest_ms: int) -> ChunkContent:
    """Read a chunk's lines; `poll` then holds what the lines after it depend on.

    `latest_ms`: after this nothing can have happened yet. Chunks of one poll are read in their order.
    """
    reader = dialect.reader(chunk.path, poll.context(chunk), latest_ms=latest_ms)
    content = ChunkContent(chunk, reader)
    if chunk.fragment:
        content.unreadable += reader.fragment(chunk.data, chunk.offset, first=not chunk.before.skipping)
        return content
    if chunk.suspect:
        content.unreadable += reader.pieces(chunk.data, chunk.offset, Reason.CONTEUDO_ALTERADO)
        return content
    stop = chunk.offset + len(chunk.data)
    chunk = _whole_lines(content)
    run: list[tuple[int, Unreadable]] = []
    for offset, item in reader.lines(chunk.data, chunk.offset, in_long_line=chunk.before.skipping):
        if not isinstance(item, Record):
            run.append((offset, item))
            continue
        if run:
            content.unreadable += _joined(run, chunk, reader, stop)
            run = []
        content.offsets.append(offset)
        content.records.append(item)
    content.unreadable += _joined(run, chunk, reader, stop)
    after = poll.changes[chunk.before.key]
    if after is not None:
        poll.changes[after.key] = after.read_to(reader.context)
    return content


def _whole_lines(content: ChunkContent) -> Chunk:
    """Leave in the chunk whole lines that have no fate yet, the last one with the newline that it may lack."""
    chunk, data, begin = content.chunk, content.chunk.data, 0
    if chunk.before.open_line and not chunk.before.skipping:
        # What was written behind a last line that had been taken without its end: that end, or more of a counted line.
        begin = data.find(b"\n") + 1 or len(data)
        if data[:begin].strip(b"\r\n"):
            content.unreadable.append(content.reader.unreadable(data[:begin], chunk.offset, Reason.LINHA_INCOMPLETA))
    data = data[begin:]
    if chunk.unterminated and data:
        data += b"\n"
    content.chunk = chunk if data is chunk.data else replace(chunk, offset=chunk.offset + begin, data=data)
    return content.chunk


def _joined(run: list[tuple[int, Unreadable]], chunk: Chunk, reader: LineReader, stop: int) -> Iterable[Unreadable]:
    """The unreadable lines between two records; many of them as stretches: another format is no matter for each line.

    `stop`: where the file's own bytes end.
    """
    if len(run) >= JOINED_LINES:
        begin, (last, item) = run[0][0], run[-1]
        end = min(stop, last + len(item.data))
        reason = Reason(Counter(item.reason for _, item in run).most_common(1)[0][0])
        return reader.pieces(chunk.data[begin - chunk.offset : end - chunk.offset], begin, reason)
    if run and run[-1][0] + len(run[-1][1].data) > stop:
        _, item = run[-1]
        run[-1] = (stop, replace(item, reason=Reason.LINHA_INCOMPLETA, data=item.data[:-1]))
    return [item for _, item in run]
