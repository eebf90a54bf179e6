"""The plant's day through the deployed template: 17,280 batches of all its lines, and what each part spends on them.

A gateway's batches of five seconds, four records a second and line, go into the bucket one after the other, the next
when the one before is committed: as in the plant, each is a message, a run of the parser and a transaction of its own,
only without the pause. For every minute of the plant's time the closing runs once, for every quarter of an hour the
pull from TOTVS; every eight hours each line's order is ended and the next one opened. PostgreSQL commits durably.

A part of the day is scaled to the whole: parts that work for the batches by batches, a function by its runs. Starting
is left out: measuring begins after the first batches and the first run of each function. At the end every count is in
the database once, and the audit from the bucket finds no difference; otherwise there are no figures.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.deployed import Deployed, deployed, difference
from benchmarks.figures import block, share, table
from local.stack.cloud import ROOT

DAY = 86_400 // 5
SECONDS, PER_SECOND = 5, 4
A_MINUTE, A_QUARTER, A_SHIFT = 12, 180, 5_760
"""Batches in a minute, a quarter of an hour, a shift."""
WARM_UP = 12
RUNS = {"TxtParser": DAY, "LotClosure": 1_440, "TotvsSync": 96}
"""Runs of each function in a day of batches."""


@dataclass(slots=True)
class _Version:
    """One version at work: what it had spent, and how often its functions had run, when measuring began."""

    name: str
    site: Deployed
    cpu: dict[str, float]
    runs: dict[str, int]

    def function(self, logical: str) -> str:
        return self.site.stack.deployment.functions[logical]


def run(batches: int, before: str | None) -> str:
    """Send so many batches through each version, in turns; the report. ``before``: another checkout of the product."""
    roots = {"now": ROOT} if before is None else {"before": Path(before).resolve(), "now": ROOT}
    begin = int(time.time()) - (batches + WARM_UP) * SECONDS - 60
    with ExitStack() as stack:
        versions = [_Version(name, stack.enter_context(deployed(root, begin)), {}, {}) for name, root in roots.items()]
        for version in versions:
            version.site.open_orders(0)
        for number in range(WARM_UP):
            for version in versions:
                _batch(version, number)
        for version in versions:
            version.cpu = version.site.meter.look().cpu
            version.runs = {name: len(version.site.runs(version.function(name))) for name in RUNS}
        for number in range(WARM_UP, WARM_UP + batches):
            for version in versions:
                _batch(version, number)
        parts, functions = _figures(versions, batches)
        for version in versions:
            # The audit knows today's tables; an earlier version's counts are compared line by line.
            version.site.check(audited=version.name == "now")
    said = (
        f"{batches:,} batches of {len(versions[-1].site.lines)} lines × {SECONDS} s × {PER_SECOND} records/s,"
        f" {batches / DAY:.1%} of a day, scaled to {DAY:,}; starting is left out. Each count is in the database once;"
        " the audit found nothing."
    )
    head = ["CPU minutes a day", *roots, *(["now : before"] if before else [])]
    return block(
        "day",
        [said],
        table(head, parts),
        table(["function, now", "runs", "CPU ms a run", "ms a run, p50", "p99", "largest MB"], functions),
    )


def _batch(version: _Version, number: int) -> None:
    site = version.site
    if number and number % A_SHIFT == 0:
        site.open_orders(number // A_SHIFT)
    site.upload(site.seal(site.lines, SECONDS, PER_SECOND))
    site.wait_for_last()
    if number % A_MINUTE == 0:
        site.stack.invoke("LotClosureName")
        site.meter.look()
    if number % A_QUARTER == 0:
        site.stack.invoke("TotvsSyncName")


def _figures(versions: list[_Version], batches: int) -> tuple[list[list[str]], list[list[str]]]:
    minutes: list[dict[str, float]] = []
    functions: list[list[str]] = []
    for version in versions:
        spent = version.site.meter.look()
        cpu = difference(version.cpu, spent.cpu)
        scaled: dict[str, float] = {}
        functions = []
        for logical, a_day in RUNS.items():
            name = version.function(logical)
            runs = version.site.runs(name)[version.runs[logical] :]
            if not runs:  # a short part of the day has no quarter of an hour
                continue
            each = cpu.pop(name) / len(runs)
            # As many runs a batch as there were here: a message may be delivered twice.
            scaled[f"`{logical}`"] = each * (len(runs) / batches * DAY if logical == "TxtParser" else a_day) / 60
            took = [ms for ms, _ in runs]
            shown = (f"{each * 1000:.0f}", f"{share(took, 0.5):.0f}", f"{share(took, 0.99):.0f}")
            functions.append([f"`{logical}`", str(len(runs)), *shown, str(spent.memory[name])])
        known = {version.function(logical) for logical in version.site.stack.deployment.functions}
        for part, seconds in cpu.items():
            if part not in known:
                scaled[part] = seconds * DAY / batches / 60
        minutes.append({**scaled, "all": sum(scaled.values())})
    rows = []
    for part in minutes[-1]:
        found = [one.get(part, 0) for one in minutes]
        ratio = [f"{found[1] / found[0]:.2f} ×"] if len(found) > 1 and found[0] else []
        rows.append([part, *(f"{one:.1f}" for one in found), *ratio])
    return rows, functions
