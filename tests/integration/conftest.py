"""A migrated PostgreSQL, started once; a fresh database for each test that asks."""

from collections.abc import Iterator

import pytest

from local.processes import StackError
from tests import postgres
from tests.database import Database


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    try:
        with postgres.cluster() as made:
            yield made
    except StackError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def db(cluster: postgres.Cluster) -> Iterator[Database]:
    with cluster.fresh() as url:
        database = Database(url)
        yield database
        database.close()
