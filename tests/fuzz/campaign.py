"""Every target for a while, one after the other: ``python -m tests.fuzz.campaign SECONDS [TARGET…]``.

Prints what each did; ends with 1 if one broke a promise, whose input lies in ``.fuzz/TARGET/crash-*`` then.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

FOLDER = Path(".fuzz")


def main() -> int:
    """Run them."""
    seconds, *chosen = sys.argv[1:]
    broken = 0
    for name in chosen or TARGETS:
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "log.txt"
        with log.open("w") as out:
            command = [sys.executable, "-m", "tests.fuzz", name, str(folder), f"-max_total_time={seconds}"]
            code = subprocess.run([*command, "-print_final_stats=1"], stdout=out, stderr=out, check=False).returncode
        text = log.read_text(errors="replace")
        runs, pace, memory = (
            (re.findall(rf"stat::{stat}: +(\d+)", text) or ["?"])[-1]
            for stat in ("number_of_executed_units", "average_exec_per_sec", "peak_rss_mb")
        )
        covered = (re.findall(r"cov: (\d+)", text) or ["?"])[-1]
        verdict = "nothing found" if code == 0 else f"BROKE A PROMISE: {log}"
        sys.stdout.write(f"{name:20} {runs:>9} runs {pace:>6}/s  {covered:>5} edges  {memory:>4} MB  {verdict}\n")
        sys.stdout.flush()
        broken += code != 0
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
