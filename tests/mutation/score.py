"""What the last `make mutation` found, module by module; every survivor by name, for `mutmut show NAME`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

RESULTS = Path(".mutation/mutants/src")
# mutmut's exit codes: 0, all tests passed; 33, no test runs the function; None, not tried yet. Any other is a death.
_FATES = {0: "survived", 33: "survived", None: "untried"}


def main() -> None:
    """Print the table."""
    out = sys.stdout
    total: Counter[str] = Counter()
    survivors: list[str] = []
    out.write("| module | mutants | killed | survived | untried | score |\n|---|---:|---:|---:|---:|---:|\n")
    for path in sorted(RESULTS.rglob("*.meta")):
        codes: dict[str, int | None] = json.loads(path.read_text())["exit_code_by_key"]
        fates = Counter(_FATES.get(code, "killed") for code in codes.values())
        survivors += [name for name, code in codes.items() if _FATES.get(code) == "survived"]
        total += fates
        out.write(_row(path.name.removesuffix(".py.meta"), fates))
    out.write(_row("all", total) + "\n" + "".join(f"{name}\n" for name in survivors))


def _row(name: str, fates: Counter[str]) -> str:
    killed, survived, untried = fates["killed"], fates["survived"], fates["untried"]
    score = f"{100 * killed / (killed + survived):.1f} %" if killed + survived else "–"
    return f"| {name} | {fates.total()} | {killed} | {survived} | {untried} | {score} |\n"


if __name__ == "__main__":
    main()
