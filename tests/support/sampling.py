"""What a test draws at random: in `make test` the same every time, in a long run something new, by a seed it prints.

A brief run draws a tenth: it repeats under another Python what the whole sample has shown under ours.

A pytest plugin: `tests/conftest.py` loads it, and `-p tests.support.sampling` where no conftest is read.
"""

import os
import random
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

LONG_RUNS = (
    *("SICFAR_EXEMPLOS", "AUDIT_EXAMPLES", "RESTORE_EXAMPLES", "FOLLOWING_EXAMPLES", "RUNNING_EXAMPLES"),
    *("ANSWER_EXAMPLES", "SPOOL_THOROUGH", "KILLS"),
)
"""Variables that ask for more than the sample of `make test`; each of them makes the run a long one."""

# No example is late: how long one takes says something about the machine only.
_NOTHING_IS_LATE = settings(database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", _NOTHING_IS_LATE, derandomize=True)
settings.register_profile("long", _NOTHING_IS_LATE, derandomize=False, print_blob=True)
settings.register_profile("brief", settings.get_profile("ci"))
LONG = settings.get_profile("long")
settings.load_profile("long" if any(name in os.environ for name in LONG_RUNS) else "ci")


def is_long() -> bool:
    """Whether this run draws something new."""
    return not settings.default.derandomize  # type: ignore[union-attr]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give a long run a seed that can be told, before Hypothesis's own plugin asks for one."""
    if profile := config.getoption("--hypothesis-profile"):
        settings.load_profile(profile)
    if is_long() and not config.getoption("--hypothesis-seed"):
        config.option.hypothesis_seed = str(random.SystemRandom().getrandbits(32))
    if not is_long():
        # Some values are drawn from the constants of whatever modules are imported, which depends on the tests chosen.
        mock.patch.object(providers, "_get_local_constants", Constants).start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Shorten a brief run."""
    if settings.get_current_profile_name() != "brief":
        return
    drawing = [one for one in items if isinstance(one, pytest.Function) and hasattr(one.obj, "is_hypothesis_test")]
    for machine in {one.cls for one in drawing if hasattr(one.cls, "settings")}:
        machine.settings = _tenth(machine.settings)
    for test in {one.obj for one in drawing if not hasattr(one.cls, "settings")}:
        test._hypothesis_internal_use_settings = _tenth(test._hypothesis_internal_use_settings)


def _tenth(whole: settings) -> settings:
    return settings(whole, max_examples=max(1, whole.max_examples // 10))


def pytest_report_header(config: pytest.Config) -> str:
    """Tell how to draw the same once more."""
    told = config.getoption("--hypothesis-seed")
    return f"sample: {settings.get_current_profile_name()}" + (f", --hypothesis-seed={told}" if told else "")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Where a test that draws without Hypothesis begins: the same each time, or the seed of a long run."""
    return int(request.config.getoption("--hypothesis-seed") or 0)


@pytest.fixture
def chance(seed: int) -> random.Random:
    """What such a test draws from."""
    return random.Random(seed)
