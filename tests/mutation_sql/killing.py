"""A database in which functions are changed one at a time, and the tests that should notice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import psycopg
import pytest
from hypothesis import Phase, settings

from local.stack import migrated
from local.stack.migrated import Cluster
from tests.mutation_sql.mutants import Mutant

TEMPLATE = "sicfar_mutante"
_CALLED = "select schemaname || '.' || funcname from pg_stat_user_functions"
LATE_S = 120
"""A test under a mutant that takes this long has noticed it: something waits for ever."""


@dataclass
class Seen:
    """What a test took and called when nothing was changed."""

    seconds: float
    calls: list[str] = field(default_factory=list)


@dataclass
class Fate:
    """What became of a mutant."""

    state: str
    """``killed``, ``survived``, or ``invalid``: PostgreSQL refuses to install it."""
    by: str | None = None
    """The test that noticed."""
    seconds: float = 0


class Proving(Cluster):
    """A server whose template is changed; every database that a test asks for is a copy of it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.calls: set[str] = set()

    def prepare(self) -> None:
        """Make the template; have the server count calls of functions and end what takes too long."""
        self.migrate(TEMPLATE)
        self._administer(
            "alter system set track_functions = 'all'",
            f"alter system set statement_timeout = '{LATE_S // 2}s'",
            "select pg_reload_conf()",
        )

    def install(self, statement: str) -> None:
        """Replace a function in the template.

        Raises:
            psycopg.Error: PostgreSQL refused it.
        """
        with psycopg.connect(self.url(TEMPLATE), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """A copy of the changed template; what was called in it is kept in `calls`."""
        with super().fresh(template) as url:
            yield url
            with psycopg.connect(url) as connection:
                found = connection.execute(_CALLED).fetchall()
            self.calls |= {name for (name,) in found}


class _Watch:
    """A pytest plugin: what each test took and called, whether it passed; none goes on for ever."""

    def __init__(self, cluster: Proving) -> None:
        self._cluster = cluster
        self.seen: dict[str, Seen] = {}
        self.failed: str | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._cluster.calls.clear()
        began = time.monotonic()
        answer = yield
        self.seen[item.nodeid] = Seen(round(time.monotonic() - began, 2), sorted(self._cluster.calls))
        return answer

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        previous = signal.signal(signal.SIGALRM, _late)
        signal.alarm(LATE_S)
        try:
            return (yield)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid


def _late(*_: object) -> None:
    raise TimeoutError(f"nothing for {LATE_S} s")


@contextmanager
def proving() -> Iterator[Proving]:
    """Serve a PostgreSQL whose template can be changed; the tests' own fixture gives it to them."""
    with migrated.cluster() as plain, closing(Proving(plain.url("postgres"))) as cluster:
        cluster.prepare()
        yield cluster


def run(cluster: Proving, tests: Sequence[str], *, stop: bool) -> _Watch:
    """Run these tests against the template as it is; with `stop`, until the first that fails."""

    @contextmanager
    def given() -> Iterator[Cluster]:
        yield cluster

    watch = _Watch(cluster)
    # The same few examples each time, or a mutant would be killed by luck. Failing is enough: none is made shorter.
    settings.register_profile(
        "mutation",
        settings.get_profile("default"),
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    options = [
        "-q",
        "--hypothesis-profile=mutation",
        "--no-header",
        "--no-summary",
        "-p",
        "no:cacheprovider",
        "--disable-warnings",
        "--tb=no",
    ]
    with (
        mock.patch.object(migrated, "cluster", given),
        mock.patch.dict(os.environ, {"ATTRIBUTION_EXAMPLES": "8"}),
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        mock.patch("sys.stdout", nowhere),
    ):
        status = pytest.main([*options, *(["-x"] if stop else []), *tests], plugins=[watch])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run {tests}: {status!r}")
    return watch


def try_one(cluster: Proving, mutant: Mutant, tests: Sequence[str]) -> Fate:
    """Install a mutant, run the tests in their order until one fails, and put the right function back."""
    began = time.monotonic()
    try:
        cluster.install(mutant.statement)
    except psycopg.Error:
        return Fate("invalid")
    try:
        failed = run(cluster, tests, stop=True).failed if tests else None
    finally:
        cluster.install(mutant.function.text.replace("create function", "create or replace function", 1))
    return Fate("killed" if failed else "survived", failed, round(time.monotonic() - began, 2))
