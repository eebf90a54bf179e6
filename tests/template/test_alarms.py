"""Alarms, dashboard and saved queries against what the functions really log and what AWS documents."""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sicfar.database.answers import Health
from tests.support.aws_metrics import DOCUMENTED
from tests.support.cloudwatch_bill import ALARM_METRIC_USD, METRIC_USD, alarm_metrics, custom_metrics
from tests.support.function_logs import Point, everything_goes_well, everything_goes_wrong, points
from tests.support.template import RESOURCES, TEMPLATE, of_type, resolved

ALARMS = of_type("AWS::CloudWatch::Alarm")
OURS = "SicFar/local"
GUIDE = Path("docs/operacao.md").read_text(encoding="utf-8")
_QUERY = re.compile(r'SELECT \w+\((?P<name>\w+)\) FROM SCHEMA\("(?P<namespace>[^"]+)", (?P<keys>[\w, ]+)\)')


@dataclass(frozen=True)
class Watched:
    """A metric that an alarm or a widget looks at. A query names no values: it takes any."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str | None], ...]

    def is_of(self, point: Point) -> bool:
        """Whether a logged data point is one of it."""
        return (
            (self.namespace, self.name) == (point.namespace, point.name)
            and [key for key, _ in self.dimensions] == [key for key, _ in point.dimensions]
            and all(value in (None, dict(point.dimensions)[key]) for key, value in self.dimensions)
        )


def _metric(part: dict[str, Any]) -> Watched:
    found = resolved(part)
    return Watched(
        found["Namespace"], found["MetricName"], tuple((one["Name"], one["Value"]) for one in found["Dimensions"])
    )


def watched(alarm: dict[str, Any]) -> list[Watched]:
    """The metrics an alarm looks at."""
    if "MetricName" in alarm:
        return [_metric(alarm)]
    found = [_metric(part["MetricStat"]["Metric"]) for part in alarm["Metrics"] if "MetricStat" in part]
    for part in alarm["Metrics"]:
        if query := _QUERY.match(str(resolved(part.get("Expression", "")))):
            keys = query["keys"].split(", ")
            found.append(Watched(query["namespace"], query["name"], tuple((key, None) for key in keys)))
    assert found
    return found


@pytest.fixture(scope="module")
def logged() -> tuple[list[Point], list[Point]]:
    """What the functions log when all goes well, and when everything goes wrong."""
    printed = []
    for happening in (everything_goes_well, everything_goes_wrong):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            happening()
        printed.append(points(out.getvalue()))
    return printed[0], printed[1]


def is_real(one: Watched, logged: tuple[list[Point], list[Point]]) -> bool:
    """Whether a metric exists: AWS documents it, or a function logged a data point of it."""
    if one.namespace != OURS:
        return tuple(key for key, _ in one.dimensions) == DOCUMENTED[one.namespace, one.name]
    return any(one.is_of(point) for some in logged for point in some)


@pytest.mark.parametrize("name", ALARMS)
def test_p6_every_alarm_watches_a_metric_that_exists(name, logged):
    for one in watched(ALARMS[name]):
        assert is_real(one, logged), one


def test_every_metric_the_functions_send_has_an_alarm(logged):
    seen = [one for alarm in ALARMS.values() for one in watched(alarm)]
    for some in logged:
        for point in some:
            assert any(one.is_of(point) for one in seen), point


def test_the_environments_of_an_account_have_their_own_metrics():
    namespace = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
    assert namespace == {"Fn::Sub": "SicFar/${Ambiente}"}
    plain = [alarm for alarm in ALARMS.values() if isinstance(alarm.get("Namespace"), dict)]
    assert len(plain) == 13
    assert all(alarm["Namespace"] == namespace for alarm in plain)
    queries = [str(part.get("Expression")) for alarm in ALARMS.values() for part in alarm.get("Metrics", ())]
    assert sum('SCHEMA("SicFar/${Ambiente}"' in query for query in queries) == 3
    assert sum("SCHEMA(" in query for query in queries) == 3


@pytest.mark.parametrize("metric", ["Errors", "RecursiveInvocationsDropped"])
def test_every_function_that_works_off_a_queue_is_watched_for(metric):
    functions = of_type("AWS::Serverless::Function")
    fed = {
        resolved(function["FunctionName"])
        for function in functions.values()
        if any(event["Type"] == "SQS" for event in function.get("Events", {}).values())
    }
    seen = [one for alarm in ALARMS.values() for one in watched(alarm) if one.name == metric]
    assert fed <= {value for one in seen for _, value in one.dimensions}
    assert len(fed) == 3


def test_a_plant_in_which_all_goes_well_pays_for_two_metrics(logged):
    well, _ = logged
    assert {(point.name, point.dimensions) for point in well} == {
        ("PullsComplete", (("service", "totvs_sync"),)),
        ("AuditsDone", (("service", "auditoria"),)),
    }


def test_the_cost_sheet_says_what_is_logged_and_watched(logged):
    sheet = Path("docs/performance.md").read_text(encoding="utf-8").split("## CloudWatch a month")[1]
    well = custom_metrics(logged[0])
    watched_always = alarm_metrics(ALARMS.values())
    assert f"| own metrics, nothing the matter | {well} | {well * METRIC_USD:.2f} |" in sheet
    assert f"| metrics that alarms look at | {watched_always} | {watched_always * ALARM_METRIC_USD:.2f} |" in sheet
    assert f"| dashboard, {len(set(plotted()))} metrics | 1 |" in sheet


def test_p6_a_message_tried_in_vain_reports_its_first_sending(logged):
    _, wrong = logged
    ages: dict[str, float] = {}
    for point in (point for point in wrong if point.name.startswith("Oldest")):
        service = dict(point.dimensions)["service"]
        ages[service] = max(*point.values, ages.get(service, 0))
    assert ages.keys() == {"txt_parser", "totvs_apply", "totvs_post", "lot_closure"}
    assert all(age >= 3600 for age in ages.values())


@pytest.mark.parametrize("queue", ["Txt", "Totvs", "Post"])
def test_p6_an_age_alarm_outlasts_the_longest_delay_between_two_attempts(queue):
    alarm = ALARMS[f"{queue}WaitingAlarm"]
    assert alarm["Period"] * alarm["EvaluationPeriods"] >= TEMPLATE["Parameters"]["RetardoTetoSegundos"]["MaxValue"]


def test_p6_two_pulls_an_hour_at_least_so_that_silence_means_something():
    longest = TEMPLATE["Parameters"]["SincronizacaoMinutos"]["MaxValue"]
    assert longest * 60 * 2 <= ALARMS["PullAlarm"]["Period"]
    assert ALARMS["PullAlarm"]["TreatMissingData"] == "breaching"


@pytest.mark.parametrize(
    "function", [name for name in of_type("AWS::Serverless::Function") if name not in ("DlqRedrive", "DailyDigest")]
)
def test_a_function_near_its_timeout_has_an_alarm(function):
    alarm = ALARMS[f"{function}SlowAlarm"]
    milliseconds, percent = alarm["Metrics"]
    assert _metric(milliseconds["MetricStat"]["Metric"]).dimensions == (
        ("FunctionName", resolved(RESOURCES[function]["Properties"]["FunctionName"])),
    )
    expression = resolved(percent["Expression"])
    timeout_ms = int(resolved(RESOURCES[function]["Properties"]["Timeout"])) * 1000
    assert eval(expression, {"ms": timeout_ms}) == 100  # noqa: S307 - the template's own text


def test_every_alarm_is_told_to_people_and_explained_to_them():
    (topic,) = of_type("AWS::SNS::Topic")
    (table,) = re.findall(r"\| alarme \|.*?\n\n", GUIDE, re.DOTALL)
    explained = [name for row in table.strip().splitlines() for name in re.findall(r"`([\w-]+)`", row.split("|")[1])]
    for alarm in ALARMS.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
    names = [alarm["AlarmName"]["Fn::Sub"].removeprefix("sicfar-${Ambiente}-") for alarm in ALARMS.values()]
    assert sorted(names) == sorted(explained)
    (subscription,) = of_type("AWS::SNS::Subscription").values()
    assert subscription["Endpoint"] == {"Ref": "AlarmesEmail"}


# Dashboard ------------------------------------------------------------------------------------------------------------

WIDGETS: list[dict[str, Any]] = json.loads(resolved(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]))["widgets"]


def plotted() -> Iterator[Watched]:
    for widget in WIDGETS:
        for namespace, name, *pairs in widget["properties"].get("metrics", ()):
            yield Watched(namespace, name, tuple(zip(pairs[::2], pairs[1::2], strict=True)))


def queries() -> list[str]:
    return [widget["properties"]["query"] for widget in WIDGETS if widget["type"] == "log"]


def test_every_metric_on_the_dashboard_exists(logged):
    assert all(is_real(one, logged) for one in plotted())


def test_the_dashboard_stays_within_what_is_free():
    assert len(set(plotted())) <= 50


@pytest.mark.parametrize(
    ("kind", "name"), [("AWS::Serverless::Function", "FunctionName"), ("AWS::SQS::Queue", "QueueName")]
)
def test_every_function_and_queue_is_on_the_dashboard(kind, name):
    shown = {value for one in plotted() for key, value in one.dimensions if key == name}
    assert shown == {resolved(properties[name]) for properties in of_type(kind).values()}


def test_the_dashboard_asks_logs_that_exist_for_fields_that_are_written():
    groups = {resolved(group["LogGroupName"]) for group in of_type("AWS::Logs::LogGroup").values()}
    code = "".join(path.read_text(encoding="utf-8") for path in Path("functions").rglob("app.py"))
    health = {field.alias for field in Health.model_fields.values()}
    for query in queries():
        assert set(re.findall(r"SOURCE '([^']+)'", query)) <= groups
        (message,) = re.findall(r"message = '([^']+)'", query)
        assert f'"{message}"' in code
        assert set(re.findall(r"saude\.(\w+)", query)) <= health


def test_widgets_do_not_lie_on_each_other():
    taken = [
        (x, y)
        for widget in WIDGETS
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_saved_queries_look_through_every_functions_log():
    saved = of_type("AWS::Logs::QueryDefinition")
    assert len(saved) == 4
    for query in saved.values():
        named = {str(group) for group in query["LogGroupNames"]}
        of_functions = [name for name in of_type("AWS::Logs::LogGroup") if name != "TotvsApiLogs"]
        assert all(any(f"'{logs}'" in one for one in named) for logs in of_functions)
