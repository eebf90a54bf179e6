"""A file at the plant that holds anything at all: each line once, as a record or with its own bytes (P1, P8)."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_gateway.config import FolderConfig
from edge_gateway.folders.source import SURVEYED, FolderSource
from sicfar.instants import parse_instant
from tests.fuzz import strategies
from tests.fuzz.oracle import naive
from tests.support.reading import Reading

NOW = parse_instant("2026-03-15T08:15:10.000-03:00")
# A file without any record is left alone for a while, as one that is just being written.
FIRST = b"2026-03-15T08:15:01.250-03:00,SPEP-ENV-A,1,0\n"
# Headers and comments are said elsewhere; the plant reads them by rules of its own.
rows = st.lists(
    (strategies.plain_lines | st.binary(max_size=30).map(lambda data: data.replace(b"\n", b""))).filter(
        lambda line: not line.lstrip(b"\xef\xbb\xbf").startswith(b"#") and b"imestamp" not in line
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(rows, st.lists(st.integers(0), max_size=4), st.booleans())
def test_p1_p8_any_file_in_any_pieces_counts_good_lines_ships_the_rest(
    lines: list[bytes], places: list[int], restarted: bool
) -> None:
    data = FIRST + b"".join(line + b"\n" for line in lines)
    edges = [0, *sorted(len(FIRST) + place % (len(data) - len(FIRST) + 1) for place in places), len(data)]
    made: Counter[tuple[str, str]] = Counter()
    shipped: list[bytes] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = FolderConfig(path=name)
        positions = {SURVEYED: b""}
        source = _connected(config, positions)
        for begin, end in pairwise(edges):
            with (folder / "a.txt").open("ab") as file:
                file.write(data[begin:end])
            if restarted:
                source = _connected(config, positions)
            more = True
            while more:
                reading = Reading.of(source.read_now())
                reading.ack()
                for key, value in reading.position.items():
                    positions.pop(key, None)
                    if value is not None:
                        positions[key] = value
                for record in reading.records:
                    made[record.line, "p"] += record.produced
                    made[record.line, "r"] += record.rejected
                shipped += [item.data for item in reading.unreadable]
                more = reading.more
    said = naive(data)
    expected: Counter[tuple[str, str]] = Counter()
    for (line, _, kind), units in said.units.items():
        expected[line, kind] += units
    assert +made == +expected
    assert shipped == [data[begin:end] for begin, end in said.bad]


def _connected(config: FolderConfig, positions: dict[str, bytes]) -> FolderSource:
    source = FolderSource(config, positions, {}, wall_ms=lambda: NOW)
    asyncio.run(source.connect())
    return source
