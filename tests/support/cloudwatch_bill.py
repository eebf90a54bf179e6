"""What CloudWatch charges for by the month, counted from the template and from what the functions log."""

from collections.abc import Iterable
from typing import Any

from tests.support.function_logs import Point

METRIC_USD = 0.30
ALARM_METRIC_USD = 0.10
"""List prices, https://aws.amazon.com/cloudwatch/pricing/ (us-east-1, seen 2026-11-29)."""


def custom_metrics(points: Iterable[Point]) -> int:
    """How many metrics of our own there are: each set of values of a metric's dimensions is one."""
    return len({(point.namespace, point.name, point.dimensions) for point in points})


def alarm_metrics(alarms: Iterable[dict[str, Any]]) -> int:
    """How many metrics alarms look at all the time; a query's are counted while they have data."""
    return sum(
        1 if "MetricName" in alarm else sum("MetricStat" in part for part in alarm["Metrics"]) for alarm in alarms
    )
