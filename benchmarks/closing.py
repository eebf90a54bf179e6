"""What signing and closing cost, with few and with many orders in one line's shift.

PostgreSQL without fsync, called directly as people and the schedule call it. Each order ran ten seconds and counted
once; all of a case lie in one shift of one line, which is the worst place: a signature covers them all.
"""

import time

from benchmarks.figures import block, table
from local.stack import migrated
from local.stack.database import T0, Database, batch

LINE = "SPEP-ENV-B"


def run(most: int) -> str:
    """Measure 1, 10, 100 … up to `most` orders and return the report."""
    rows: list[list[str]] = []
    sizes = [size for size in (1, 10, 100, 1000) if size <= most]
    with migrated.cluster() as cluster:
        for size in sizes:
            with cluster.fresh() as url:
                rows.append(_case(Database(url), size))
    said = [
        "`python -m benchmarks closing`: one signature over a shift, then rounds of 20 orders until all have closed.",
        "The plant's lines run one to five orders a shift.",
    ]
    head = ["orders in the shift", "signing, ms", "closing, ms an order", "times one order's"]
    alone = float(rows[0][2])
    return block("Closing: `closing`", said, table(head, [[*row, f"{float(row[2]) / alone:.1f}"] for row in rows]))


def _case(db: Database, size: int) -> list[str]:
    try:
        boss = db.person("SUPERVISOR")
        db.gateway("planta-1", LINE)
        ops = [f"{n:06}" for n in range(size)]
        db.lot(*ops)
        for n, op in enumerate(ops):
            db.open(boss, op, LINE, T0 + 10 * n)
            db.shut(boss, op, LINE, T0 + 10 * n + 10)
        db.record(batch(1, {LINE: {T0 + 10 * n + 1: (5, 1) for n in range(size)}}))
        db.mark(LINE, T0 + 6 * 3600)
        begun = time.perf_counter()
        db.sign(boss, LINE, "2026-03-15", "D1")
        signed = time.perf_counter()
        closed = 0
        while closed < size:
            closed += len(db.close_lots()["fechadas"])
        return [str(size), f"{(signed - begun) * 1000:.0f}", f"{(time.perf_counter() - signed) * 1000 / size:.1f}"]
    finally:
        db.close()
