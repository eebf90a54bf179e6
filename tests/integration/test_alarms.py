"""The template's alarms on the emulated AWS, and the data points the functions log.

The emulator keeps no time for periods, looks at no dimensions and knows no metric math: what is seen here is that a
logged point crosses the alarm's threshold under its namespace and name. tests/template/test_alarms.py compares the
dimensions, and the metrics of the alarms that are queries.
"""

import contextlib
import io
from typing import Any

import boto3
import pytest

from local.stack.emulator import REGION, Emulator
from local.waiting import until
from tests.support.function_logs import Point, everything_goes_well, everything_goes_wrong, points
from tests.support.template import of_type, resolved

OURS = "SicFar/local"
ALARMS = {name: resolved(alarm) for name, alarm in of_type("AWS::CloudWatch::Alarm").items()}
PLAIN = {alarm["AlarmName"]: alarm for alarm in ALARMS.values() if alarm.get("Namespace") == OURS}
ON_SILENCE = {"sicfar-local-busca-parada", "sicfar-local-auditoria-parada"}


def _logged(happening: Any) -> list[Point]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        happening()
    return points(out.getvalue())


@pytest.fixture(scope="module")
def wrong() -> list[Point]:
    return _logged(everything_goes_wrong)


def _put(cloudwatch: Any, point: Point, times: int = 1) -> None:
    datum = {
        "MetricName": point.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in point.dimensions],
        "Unit": point.unit,
        "Values": list(point.values),
    }
    for _ in range(times):
        cloudwatch.put_metric_data(Namespace=point.namespace, MetricData=[datum])


def test_p6_what_the_functions_log_makes_each_alarm_go_off(aws: Emulator, wrong: list[Point]):
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    cloudwatch = session.client("cloudwatch", endpoint_url=aws.endpoint_url)
    for alarm in PLAIN.values():
        cloudwatch.put_metric_alarm(**alarm)

    def states() -> dict[str, str]:
        found = cloudwatch.describe_alarms(AlarmNames=list(PLAIN))["MetricAlarms"]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}

    assert set(states().values()) == {"INSUFFICIENT_DATA"}
    # A pull and an audit that are complete; nothing else is sent while nothing is the matter.
    for point in _logged(everything_goes_well):
        _put(cloudwatch, point)
    until(lambda: {states()[name] for name in ON_SILENCE} == {"OK"}, "the alarms on silence to rest", state=states)
    for point in wrong:
        _put(cloudwatch, point, times=3 if point.name.endswith("401") else 1)
    expected = dict.fromkeys(PLAIN, "ALARM") | dict.fromkeys(ON_SILENCE, "OK")
    until(lambda: states() == expected, "every alarm to go off", state=states)
