"""How many records a second `sicfar.counts.txt.tally` reads, beside two other ways to read the same file.

    uv run --group bench python -m benchmarks txt_throughput [--records N]

The file: 10 lines, 4 records a second each, timestamps with milliseconds and offset, made on the fly. All three sum
per line and second and are checked to agree. csv + pydantic validates each row as `tally` does; polars is compiled,
runs on all cores and takes well-formed rows for granted (a bad line is an error for the whole file or lost silently).
Each is run in turn, several rounds; the best round counts.
"""

import csv
import io
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Annotated, TypeVar

import polars as pl
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from benchmarks.figures import block, table
from sicfar.counts.sums import Tally
from sicfar.counts.txt import tally

T = TypeVar("T")
Sums = dict[tuple[str, int], tuple[int, ...]]
Cells = defaultdict[tuple[str, int], list[int]]

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


def with_sicfar(data: bytes) -> Tally:
    return tally(data[begin : begin + CHUNK] for begin in range(0, len(data), CHUNK))


def sums_of_sicfar(counts: Tally) -> Sums:
    lines = counts.lines.items()
    return {(line, second): (*cell,) for line, sums in lines for second, cell in sums.seconds.items()}


Count = Annotated[int, Field(ge=0, le=999_999_999)]


class Row(BaseModel):
    timestamp: AwareDatetime
    linha_id: Annotated[str, StringConstraints(pattern=re.compile(r"^[A-Z0-9][A-Z0-9-]{0,31}$"))]
    producao_count: Count
    rejeicao_count: Count


def with_csv_and_pydantic(data: bytes) -> Cells:
    cells: Cells = defaultdict(lambda: [0, 0])
    for fields in csv.reader(io.StringIO(data.decode())):
        row = Row.model_validate(dict(zip(NAMES, fields, strict=True)))
        cell = cells[row.linha_id, int(row.timestamp.timestamp())]
        cell[0] += row.producao_count
        cell[1] += row.rejeicao_count
    return cells


def sums_of_cells(cells: Cells) -> Sums:
    return {key: (*cell,) for key, cell in cells.items()}


def with_polars(data: bytes) -> pl.DataFrame:
    frame = pl.read_csv(
        data,
        has_header=False,
        new_columns=NAMES,
        schema_overrides=dict(zip(NAMES, (pl.String, pl.String, pl.Int64, pl.Int64), strict=True)),
    )
    stamp = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_zone="UTC")
    second = stamp.dt.truncate("1s").dt.epoch("s").alias("second")
    counts = pl.sum("producao_count"), pl.sum("rejeicao_count")
    return frame.lazy().group_by("linha_id", second).agg(*counts).collect()


def sums_of_frame(frame: pl.DataFrame) -> Sums:
    return {(line, second): (*counts,) for line, second, *counts in frame.iter_rows()}


def timed(read: Callable[[bytes], T], sums_of: Callable[[T], Sums], data: bytes) -> tuple[float, Sums]:
    """Seconds of wall clock to read the file, and what it says in the common form, which is not timed."""
    begin = time.perf_counter()
    result = read(data)
    seconds = time.perf_counter() - begin
    return seconds, sums_of(result)


def run(records: int) -> str:
    """Read a file of so many records in all three ways; the report."""
    data = make(records)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        rounds = {
            "sicfar.counts.txt.tally": timed(with_sicfar, sums_of_sicfar, data),
            "csv + pydantic": timed(with_csv_and_pydantic, sums_of_cells, data),
            "polars": timed(with_polars, sums_of_frame, data),
        }
        expected = rounds["sicfar.counts.txt.tally"][1]
        for name, (seconds, sums) in rounds.items():
            if sums != expected:
                raise ValueError(f"{name} reads other sums than sicfar")
            best[name] = min(seconds, best.get(name, seconds))
    ours = best["sicfar.counts.txt.tally"]
    said = f"{records:,} records, {len(data) / 1e6:.0f} MB, best of {ROUNDS} rounds."
    rows = [(name, f"{records / seconds:,.0f}", f"{ours / seconds:.2f} ×") for name, seconds in best.items()]
    return block("txt_throughput", [said], table(("reader", "records/s", "speed, sicfar = 1"), rows))
