"""How many records a second `sicfar.txt.tally` reads, beside two other ways to read the same file.

    uv run --group bench python benchmarks/txt_throughput.py [records]

The file: 10 lines, 4 records a second each, timestamps with milliseconds and offset, made on the fly. All three sum
per line and second and are checked to agree. csv + pydantic validates each row as `tally` does; polars is compiled,
runs on all cores and takes well-formed rows for granted (a bad line is an error for the whole file or lost silently).
Each is run in turn, several rounds; the best round counts.
"""

import csv
import io
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import polars as pl
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from sicfar.txt import tally

Sums = dict[tuple[str, int], tuple[int, int]]

ROUNDS = 5
CHUNK = 1 << 16  # as a download gives them
NAMES = ("timestamp", "linha_id", "producao_count", "rejeicao_count")


def make(records: int) -> bytes:
    """A realistic file: jitter of up to 100 ms, one reject in fifty."""
    rng = random.Random(1)
    begin = datetime(2026, 3, 15, 8, 0, tzinfo=timezone(timedelta(hours=-3)))
    lines = []
    for number in range(records):
        at = begin + timedelta(milliseconds=250 * (number // 10) + rng.randrange(100))
        stamp = at.isoformat(timespec="milliseconds")
        lines.append(f"{stamp},SPEP-ENV-{chr(65 + number % 10)},{rng.randrange(4)},{int(rng.random() < 0.02)}\n")
    return "".join(lines).encode()


def with_sicfar(data: bytes) -> Sums:
    counts = tally(data[begin : begin + CHUNK] for begin in range(0, len(data), CHUNK))
    if counts.problems:
        raise ValueError(counts.problems[0].message)
    return {
        (line, second): (cell[0], cell[1])
        for line, sums in counts.lines.items()
        for second, cell in sums.seconds.items()
    }


Count = Annotated[int, Field(ge=0, le=999_999_999)]


class Row(BaseModel):
    timestamp: AwareDatetime
    linha_id: Annotated[str, StringConstraints(pattern=re.compile(r"^[A-Z0-9][A-Z0-9-]{0,31}$"))]
    producao_count: Count
    rejeicao_count: Count


def with_csv_and_pydantic(data: bytes) -> Sums:
    cells: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for fields in csv.reader(io.StringIO(data.decode())):
        row = Row.model_validate(dict(zip(NAMES, fields, strict=True)))
        cell = cells[row.linha_id, int(row.timestamp.timestamp())]
        cell[0] += row.producao_count
        cell[1] += row.rejeicao_count
    return {key: (cell[0], cell[1]) for key, cell in cells.items()}


def with_polars(data: bytes) -> Sums:
    frame = pl.read_csv(
        data,
        has_header=False,
        new_columns=NAMES,
        schema_overrides=dict(zip(NAMES, (pl.String, pl.String, pl.Int64, pl.Int64), strict=True)),
    )
    stamp = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_zone="UTC")
    rows = (
        frame.lazy()
        .group_by("linha_id", stamp.dt.truncate("1s").dt.epoch("s").alias("second"))
        .agg(pl.sum("producao_count"), pl.sum("rejeicao_count"))
        .collect()
        .iter_rows()
    )
    return {(line, second): (produced, rejected) for line, second, produced, rejected in rows}


def best_times(ways: list[Callable[[bytes], Sums]], data: bytes) -> list[float]:
    """Seconds of wall clock of each way's best round; raises ValueError if two ways disagree."""
    best = [float("inf")] * len(ways)
    for _ in range(ROUNDS):
        results = []
        for place, way in enumerate(ways):
            begin = time.perf_counter()
            results.append(way(data))
            best[place] = min(best[place], time.perf_counter() - begin)
        if any(result != results[0] for result in results):
            raise ValueError("the ways disagree about the sums")
    return best


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    data = make(records)
    ways = [with_sicfar, with_csv_and_pydantic, with_polars]
    times = best_times(ways, data)
    print(
        f"{records:,} records, {len(data) / 1e6:.0f} MB, {datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}"
    )
    for way, seconds in zip(ways, times, strict=True):
        name = way.__name__.removeprefix("with_")
        print(f"{name:16} {records / seconds:>12,.0f} records/s   sicfar is {seconds / times[0]:.2f} × as fast")


if __name__ == "__main__":
    main()
