"""What the last runs said of each test: the JUnit files that the test targets of the Makefile leave in .local/junit."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from local.validation.collecting import ROOT, NamedTest

FOLDER = ROOT / ".local" / "junit"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one target: when, of which commit, and how many tests it held."""

    target: str
    at: str
    commit: str
    cases: int


@dataclass(frozen=True, slots=True)
class Results:
    """The runs, and of each test how many cases passed of how many."""

    runs: tuple[Run, ...]
    cases: Mapping[NamedTest, tuple[int, int]]

    def of(self, tests: Iterable[NamedTest]) -> str:
        """The result of some tests in words."""
        wanted = list(tests)
        failed = [one for one in wanted if one in self.cases and self.cases[one][0] < self.cases[one][1]]
        missing = sum(one not in self.cases for one in wanted)
        if failed:
            return f"**falhou: {', '.join(one.name for one in failed)}**"
        if missing == len(wanted):
            return "sem corrida"
        return f"passaram {len(wanted) - missing}" + (f"; {missing} sem corrida" if missing else "")


def read(folder: Path = FOLDER) -> Results:
    """Every file of the folder. Of a test that several runs held, the worst counts."""
    runs, passed, all_of = [], defaultdict[NamedTest, int](int), defaultdict[NamedTest, int](int)
    for path in sorted(folder.glob("*.xml")):
        suite = ElementTree.parse(path).getroot().find("testsuite")  # noqa: S314 - our own pytest wrote it
        if suite is None:
            continue
        said = {one.get("name"): one.get("value") or "" for one in suite.iter("property")}
        cases = suite.findall("testcase")
        began = datetime.fromisoformat(suite.get("timestamp") or "").astimezone(UTC)
        runs.append(Run(path.stem, f"{began:%Y-%m-%d %H:%M}", said.get("commit", "?"), len(cases)))
        for case in cases:
            test = _test(case)
            all_of[test] += 1
            passed[test] += not any(case.find(bad) is not None for bad in ("failure", "error", "skipped"))
    return Results(tuple(runs), {test: (passed[test], count) for test, count in all_of.items()})


def _test(case: ElementTree.Element) -> NamedTest:
    """`tests.unit.test_x` and `test_p1_y[3]` are tests/unit/test_x.py::test_p1_y."""
    modules = re.sub(r"\.Test\w*$", "", case.get("classname") or "")
    return NamedTest(modules.replace(".", "/") + ".py", (case.get("name") or "").partition("[")[0])
