"""A migrated PostgreSQL, started once; a fresh database for each test that asks."""

from collections.abc import Iterator

import pytest

from local.processes import StackError
from local.stack import migrated
from local.stack.database import Database


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
