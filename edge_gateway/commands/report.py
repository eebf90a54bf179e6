"""What the commands print: findings with a level, and the exit code that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["ok", "aviso", "erro", "config"]
_EXIT_CODES: Final = {"erro": 1, "config": 2}


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a report. `level`: ok, aviso, erro (exit code 1) or config (exit code 2)."""

    level: Level
    text: str


def report(results: Iterable[Result]) -> int:
    """Print each result as it comes. Returns the exit code of the worst."""
    worst = 0
    for result in results:
        print(f"{result.level:6} {result.text}", flush=True)
        worst = max(worst, _EXIT_CODES.get(result.level, 0))
    return worst
