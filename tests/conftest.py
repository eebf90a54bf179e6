"""Fixtures shared by the tests: the embedded stack, whole or in pieces, started once and only for those who ask.

What is missing to start it (Node.js, an environment) fails the test with the way to mend it; nothing is skipped.
"""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.processes import StackError
from local.stack.stack import Stack
from tests.support.stack import started

pytest_plugins = ["tests.support.sampling", "tests.support.aws_descriptions"]


def pytest_sessionstart() -> None:
    """Let SIGTERM, as a cancelled CI job sends it, end the session with its fixtures torn down, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("ended by SIGTERM", returncode=143))


@pytest.fixture(scope="session", autouse=True)
def tested_commit(record_testsuite_property: Callable[[str, object], None]) -> None:
    """The commit whose tests ran, in the results that `make validacao` reads; a copy without git has none."""
    here = Path(__file__).parent
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=-alterado"], cwd=here, capture_output=True, text=True, check=False
    )
    record_testsuite_property("commit", asked.stdout.strip() or "sem git")


@pytest.fixture(scope="session")
def supabase_stack() -> Iterator[Stack]:
    """PostgreSQL and Supabase Lite with the product's migrations, without the emulated AWS: 2 s."""
    with started(cloud=False) as stack:
        yield stack


@pytest.fixture(scope="session")
def database_url(supabase_stack: Stack) -> str:
    """The superuser's connection string to that PostgreSQL."""
    return supabase_stack.database.url


@pytest.fixture(scope="session")
def stack(supabase_stack: Stack) -> Stack:
    """The whole embedded stack with the product's template built and deployed: 12 s more."""
    try:
        supabase_stack.start_cloud()
    except StackError as error:
        pytest.fail(str(error), pytrace=False)
    return supabase_stack
