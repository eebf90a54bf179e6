"""Small plots as SVG paths: the server draws, the page's style colours."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 120, 32
_FEWEST = 12


class Plot(NamedTuple):
    """Bars as one SVG path in a box, and the height of the line of reference; None without one."""

    bars: str
    reference: int | None


def bars(values: Sequence[float], reference: float | None = None, *, width: int = WIDTH, height: int = HEIGHT) -> Plot:
    """A bar a value, from left to right, none wider than a twelfth; the highest, or the reference, fills the box.

    Example: bars([10, 20], height=10) is a bar half as high as the box and one of all its height. Nothing is no bar.
    """
    top = max([*values, reference or 0, 1.0])
    wide = width / max(len(values), _FEWEST)
    gap = min(1.0, wide / 8)
    drawn = "".join(
        f"M{at * wide + gap:.4g} {height}V{height - value / top * height:.0f}h{wide - 2 * gap:.4g}V{height}z"
        for at, value in enumerate(values)
        if value
    )
    return Plot(drawn, round(height - reference / top * height) if reference else None)


def rates(minutes: Sequence[int], nominal: float | None, group: int = 5) -> Plot:
    """The rate of each group of minutes beside the nominal one.

    Args:
        minutes: units of each minute, oldest first.
        nominal: units an hour; None if nobody stated one.
        group: minutes a bar.

    Example: four minutes of 10 units at 600 units/h in groups of two are two bars as high as the line.
    """
    return bars([sum(minutes[at : at + group]) * 60 / group for at in range(0, len(minutes), group)], nominal)
