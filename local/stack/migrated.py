"""A plain PostgreSQL with the product's migrations, without Supabase: for each test a fresh copy of a template."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from local.schema import databases
from local.schema.command import MIGRATIONS
from local.stack import postgres
from local.stack.reported import report_all_lines
from local.stack.run_folder import in_memory, temporary_run

TEMPLATE = "sicfar_modelo"


class Cluster:
    """A running server whose template database holds the migrated schema."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = count(1)
        self._own: psycopg.Connection | None = None

    def url(self, database: str) -> str:
        """The superuser's connection string to one database."""
        return make_conninfo(self._url, dbname=database)

    def migrate(self, database: str) -> None:
        """Create a database and apply every migration, in order, each file in its own transaction; no line of it is in
        parallel run."""
        self._administer(f"drop database if exists {database}", f"create database {database}")
        databases.install(self.url(database), MIGRATIONS)
        report_all_lines(self.url(database))

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """Give the connection string of a new copy of the template; drop it afterwards."""
        database = f"teste_{os.getpid()}_{next(self._numbers)}"
        self._administer(f"create database {database} template {template} strategy file_copy")
        try:
            yield self.url(database)
        finally:
            self._administer(f"drop database {database} with (force)")

    def close(self) -> None:
        """End its own connection; the server goes on."""
        if self._own is not None:
            self._own.close()

    def _administer(self, *statements: str) -> None:
        # One connection for all tests. One on which a statement was interrupted is of no more use.
        if self._own is None or self._own.info.transaction_status != TransactionStatus.IDLE:
            self.close()
            self._own = psycopg.connect(self._url, autocommit=True)
        for statement in statements:
            self._own.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Serve the embedded PostgreSQL, or the one DATABASE_URL names (version 15 or newer, superuser), migrated.

    The embedded one is deleted afterwards; on a given one only the template stays.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        with closing(Cluster(given)) as made:
            made.migrate(TEMPLATE)
            yield made
        return
    with temporary_run(in_memory()) as run:
        url = postgres.start(run).url
        postgres.without_disk(url)
        with psycopg.connect(url, autocommit=True) as connection:
            # The system copies the template's files; their bytes do not pass through the server.
            connection.execute("alter system set file_copy_method = clone")
            connection.execute("select pg_reload_conf()")
        with closing(Cluster(url)) as made:
            made.migrate(TEMPLATE)
            yield made
