"""Small plots as SVG paths: the server draws, the stylesheet colours."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 120, 32


class Plot(NamedTuple):
    """Bars as one SVG path in a box of WIDTH × HEIGHT, and the height of the line of reference; None without one."""

    bars: str
    reference: int | None


def rates(minutes: Sequence[int], nominal: float | None, group: int = 5) -> Plot:
    """The rate of each group of minutes beside the nominal one.

    Args:
        minutes: units of each minute, oldest first.
        nominal: units an hour; None if nobody stated one.
        group: minutes a bar.

    Example: four minutes of 10 units at 600 units/h in groups of two are two bars as high as the line.
    """
    sums = [sum(minutes[at : at + group]) * 60 / group for at in range(0, len(minutes), group)]
    top = max([*sums, float(nominal or 0), 1.0])
    wide = WIDTH / max(len(sums), 1)
    bars = "".join(
        f"M{at * wide + 1:.0f} {HEIGHT}V{HEIGHT - rate / top * HEIGHT:.0f}h{wide - 2:.0f}V{HEIGHT}z"
        for at, rate in enumerate(sums)
        if rate
    )
    return Plot(bars, round(HEIGHT - float(nominal) / top * HEIGHT) if nominal else None)
