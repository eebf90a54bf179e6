"""`make mutation-sql`: python -m tests.mutation_sql [FILES …] [--mutants N] [--seed S] | --sample N.

Goes on where it was ended: what a mutant's fate was is kept until the function changes; what survived is tried again
once the tests have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.mutation_sql import killing
from tests.mutation_sql.equivalent import EQUIVALENT
from tests.mutation_sql.mutants import Mutant, everything

SCHEMAS = Path("supabase/schemas")
INTEGRATION = Path("tests/integration")
STATE = Path(".mutation/sql")
KILLERS = Path(__file__).with_name("killers.json")
"""Of mutants that died, by which test: what `make test` tries a few of."""

AREAS = {
    "counting": ("040", "041", "042", "043", "044", "045", "047", "048", "049"),
    "attribution": ("046",),
    "closing": ("090", "091", "092", "093", "094", "095"),
    "outbox": ("080", "081", "082", "083"),
}
NEAR = {
    "counting": (
        *("counting_parts", "counting_ledger", "counting_writes", "counting_moves", "counting_rereads"),
        *("properties", "recording", "epochs", "sequence_bounds", "clocks", "clock_decisions", "owner_changes"),
        *("late_facts", "decisions"),
    ),
    "attribution": ("properties", "orders", "attribution_edges", "decisions"),
    "closing": ("closing_rows", "closing_rules", "closing_edges", "report_templates", "order_ends", "closing", "years"),
    "outbox": ("outbox_states", "outbox", "closing"),
}
"""Files of tests that are asked first about an area."""
TESTS = (
    *(
        "attribution_edges",
        "clock_decisions",
        "clocks",
        "closing",
        "closing_edges",
        "closing_rows",
        "closing_rules",
        "counters",
        "counting_ledger",
        "counting_moves",
        "counting_parts",
        "counting_rereads",
        "counting_writes",
        "decisions",
        "epochs",
    ),
    *("input_bounds", "late_facts", "matters", "operacao", "orders", "outbox", "outbox_states", "owner_changes"),
    *("order_ends", "order_states", "parallel_run", "properties", "quarantine_sums", "recording"),
    *("report_templates", "sequence_bounds", "totvs", "years"),
)
"""All files of tests that are asked: tests/integration/test_db_*.py."""
SLOW_S = 20
"""Tests that take longer are not asked."""
BUDGET_S = 45
"""What tests that take no longer alone are asked about one mutant; one that lives would cost them all. With less of it
the score can only come out lower."""


def main() -> int:
    """Try mutants and print the score; 1 if one of the sample lives."""
    parser = argparse.ArgumentParser(prog="make mutation-sql", description=__doc__)
    parser.add_argument("files", nargs="*", help="first digits of files, as in 042 09; none: the areas of the goal")
    parser.add_argument("--mutants", type=int, help="how many of them, drawn by the seed")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--sample", type=int, help="only so many that died before, each by the test that noticed")
    parser.add_argument("--budget", type=int, default=BUDGET_S, help="seconds of tests asked about one mutant")
    arguments = parser.parse_args()
    if arguments.sample:
        return sample(arguments.sample)
    files = arguments.files or [file for files in AREAS.values() for file in files]
    campaign(files, arguments.mutants, arguments.seed, arguments.budget)
    return 0


def sample(number: int) -> int:
    """Try the same few mutants of each area each time, each by the test that noticed it before."""
    found = everything(SCHEMAS)
    killers = _noticed()
    chosen: list[str] = []
    for files in AREAS.values():
        known = [key for key in found if key in killers and found[key].function.file in files]
        chosen += sorted(known, key=_hash)[: number // len(AREAS)]
    if len(chosen) < number // len(AREAS) * len(AREAS):
        print(f"only {len(chosen)} mutants known to die: run `make mutation-sql` and commit {KILLERS}")
        return 1
    with killing.proving() as cluster:
        fates = {key: killing.try_one(cluster, found[key], [killers[key]]) for key in chosen}
    lived = [key for key, fate in fates.items() if fate.state != "killed"]
    for key in lived:
        print(f"{killers[key]} does not notice: {key}")
    print(f"{len(fates) - len(lived)} of {len(fates)} mutants killed")
    return 1 if lived else 0


def campaign(files: Iterable[str], number: int | None, seed: str, budget: int) -> None:
    """Try what lived under other tests once more, then those drawn that have no fate yet; the table has all of them."""
    wanted = tuple(files)
    found = {key: m for key, m in everything(SCHEMAS).items() if m.function.file.startswith(wanted)}
    drawn = list(found) if number is None else random.Random(seed).sample(sorted(found), min(number, len(found)))
    found = {key: mutant for key, mutant in found.items() if key not in EQUIVALENT}
    STATE.mkdir(parents=True, exist_ok=True)
    fates = Results(STATE / "fates.jsonl", f"{_tests_as_they_are()} {budget} s")
    # In the order they were drawn: a run that is ended early has tried a sample too.
    due = [key for key in drawn if key in found and not fates.known(key, found[key])]
    lived = [key for key in found if fates.of(key, found[key]) and not fates.known(key, found[key])]
    try:
        if due or lived:
            _try([*lived, *(key for key in due if key not in lived)], found, fates, budget)
    finally:
        table(found, fates)
        remember({key: row["by"] for key in found if (row := fates.of(key, found[key])) and row["by"]})


def _try(due: Sequence[str], found: Mapping[str, Mutant], fates: Results, budget: int) -> None:
    with killing.proving() as cluster:
        order = Order(_baseline(cluster), _noticed() | fates.noticed(), budget)
        for n, key in enumerate(due, 1):
            fate = killing.try_one(cluster, found[key], order.of(found[key]))
            order.learn(found[key], fate)
            fates.add(key, found[key], fate)
            print(f"{n}/{len(due)} {fate.seconds:5.1f} s  {fate.state:8} {key}", flush=True)


def remember(noticed: Mapping[str, str]) -> None:
    """Add to the mutants known to die, and forget those that are none any more."""
    known = _noticed() | dict(noticed)
    kept = {key: known[key] for key in sorted(known.keys() & everything(SCHEMAS).keys())}
    KILLERS.write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _noticed() -> dict[str, str]:
    known: dict[str, str] = json.loads(KILLERS.read_text(encoding="utf-8")) if KILLERS.exists() else {}
    return known


class Results:
    """The fates found so far, a line each; the last of a mutant counts."""

    def __init__(self, path: Path, tests: str) -> None:
        self._path, self.tests = path, tests
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._found: dict[str, dict[str, Any]] = {row["key"]: row for row in map(json.loads, lines)}

    def of(self, key: str, mutant: Mutant) -> dict[str, Any] | None:
        """What became of it, if its function is still the same."""
        row = self._found.get(key)
        return row if row and row["function"] == _hash(mutant.function.text) else None

    def known(self, key: str, mutant: Mutant) -> bool:
        """Whether trying again would say the same."""
        row = self.of(key, mutant)
        return row is not None and (row["state"] != "survived" or row["tests"] == self.tests)

    def noticed(self) -> dict[str, str]:
        """By which test each that died, also of functions as they were before, was noticed."""
        return {key: row["by"] for key, row in self._found.items() if row["by"]}

    def add(self, key: str, mutant: Mutant, fate: killing.Fate) -> None:
        """Keep a fate."""
        row = {"key": key, "function": _hash(mutant.function.text), "tests": self.tests, **asdict(fate)}
        self._found[key] = row
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


class Order:
    """Which tests to ask about a mutant, and which first."""

    def __init__(self, tests: Mapping[str, killing.Seen], noticed: Mapping[str, str], budget: int) -> None:
        self._tests, self._budget = tests, budget
        self._kills = Counter((key.partition(" | ")[0], by) for key, by in noticed.items())
        texts = {m.function.name: m.function.text for m in everything(SCHEMAS).values()}
        called = {name for test in tests.values() for name in test.calls}
        # PostgreSQL counts no call of a function that the planner puts in place: whoever calls its callers calls it.
        self._callers = {
            name: {name} if name in called else {other for other, text in texts.items() if f"{name}(" in text}
            for name in texts
        }

    def of(self, mutant: Mutant) -> list[str]:
        """Those that call the function: what noticed most of it a second so far, then those near, then the fastest."""
        name = mutant.function.name
        near = next((NEAR[area] for area, files in AREAS.items() if mutant.function.file in files), ())
        chosen = [key for key, test in self._tests.items() if self._callers[name] & set(test.calls)]
        pays = {key: self._kills[name, key] / max(self._tests[key].seconds, 0.1) for key in chosen}
        chosen.sort(key=lambda key: (-pays[key], _distance(key, near), self._tests[key].seconds))
        takes = accumulate(self._tests[key].seconds for key in chosen)
        return [key for key, seconds in zip(chosen, takes, strict=True) if seconds <= self._budget]

    def learn(self, mutant: Mutant, fate: killing.Fate) -> None:
        """Remember who noticed."""
        if fate.by:
            self._kills[mutant.function.name, fate.by] += 1


def _distance(test: str, near: Sequence[str]) -> int:
    return next((n for n, name in enumerate(near) if f"test_db_{name}.py" in test), len(near))


def _baseline(cluster: killing.Proving) -> dict[str, killing.Seen]:
    """What each test takes and calls when nothing is changed; kept until its file changes."""
    path = STATE / "baseline.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in TESTS:
        file = INTEGRATION / f"test_db_{name}.py"
        version = _hash(file.read_text(encoding="utf-8"))
        if kept.get(name, {}).get("version") == version:
            continue
        print(f"running {file} once, to know what each test calls", flush=True)
        watch = killing.run(cluster, [str(file)], stop=True)
        if watch.failed:
            raise SystemExit(f"{watch.failed} fails without any change")
        kept[name] = {"version": version, "seen": {key: asdict(test) for key, test in watch.seen.items()}}
        path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    tests = {key: killing.Seen(**test) for name in TESTS for key, test in kept[name]["seen"].items()}
    return {key: test for key, test in tests.items() if test.calls and test.seconds <= SLOW_S}


def table(found: Mapping[str, Mutant], fates: Results) -> None:
    """Print the score of each file, and what survived."""
    by_file: dict[str, Counter[str]] = {}
    survivors = []
    for key, mutant in found.items():
        row = fates.of(key, mutant)
        state = row["state"] if row else "untried"
        by_file.setdefault(mutant.function.file, Counter())[state] += 1
        if state == "survived":
            survivors.append(f"{mutant.function.file}:{mutant.line} {key}")
    print("| file | mutants | killed | survived | untried | score |\n|---|---:|---:|---:|---:|---:|")
    rows = [*sorted(by_file.items()), *((area, sum((by_file.get(f, Counter()) for f in files), Counter()))
            for area, files in AREAS.items()), ("all", sum(by_file.values(), Counter()))]  # fmt: skip
    for name, states in rows:
        killed, lived = states["killed"], states["survived"]
        if states:
            score = f"{100 * killed / (killed + lived):.1f} %" if killed + lived else "–"
            total = states.total() - states["invalid"]
            print(f"| {name} | {total} | {killed} | {lived} | {states['untried']} | {score} |")
    print("\n".join(survivors))


def _tests_as_they_are() -> str:
    texts = [path.read_text(encoding="utf-8") for path in sorted(INTEGRATION.glob("test_db_*.py"))]
    return _hash("".join(texts))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
