"""A migrated PostgreSQL and an emulated AWS, each started once; a fresh database for each test that asks."""

from collections.abc import Iterator

import pytest

from local.processes import StackError
from local.stack import emulator, migrated
from local.stack.database import Database
from local.stack.emulator import Emulator
from local.stack.run_folder import temporary_run


@pytest.fixture(scope="session")
def cluster() -> Iterator[migrated.Cluster]:
    try:
        with migrated.cluster() as made:
            yield made
    except StackError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def db(cluster: migrated.Cluster) -> Iterator[Database]:
    with cluster.fresh() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(scope="session")
def aws() -> Iterator[Emulator]:
    """An emulated AWS and nothing else of the stack; each test has a bucket of its own."""
    with temporary_run() as run:
        yield emulator.start(run)
