"""A server with a hosted Supabase's roles and rights, and projects on it to which our migrations are pushed.

What Supabase does is in tests/hosted/roles.sql and project.sql, each with the document it is from. The push is
Supabase's own command, as an installation runs it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from local.processes import StackError
from local.schema import databases
from local.schema.command import MIGRATIONS
from local.stack import postgres
from local.stack.run_folder import RunFolder, in_memory, temporary_run

FOLDER = Path(__file__).parents[1] / "hosted"
COMMAND = FOLDER / "node_modules" / ".bin" / "supabase"
SUPERUSER, INSTALLER, API = "supabase_admin", "postgres", "authenticator"


class Server:
    """A PostgreSQL as Supabase hands it over."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._primary = postgres.start(run, SUPERUSER)
        self._url = self._primary.url
        postgres.without_disk(self._url)
        password = urlsplit(self._url).password or ""
        with psycopg.connect(self._url, autocommit=True) as connection:
            for statement in _statements(FOLDER / "roles.sql"):
                connection.execute(statement.replace(":senha", sql.Literal(password).as_string()).encode())
            connection.execute("alter system set file_copy_method = clone")  # of templates
            connection.execute("select pg_reload_conf()")

    def url(self, project: str, role: str = SUPERUSER) -> str:
        """The connection string of one role to one project; every role that logs in has the same password."""
        return make_conninfo(self._url, dbname=project, user=role)

    def project(self, name: str, *, exposed: bool) -> None:
        """Make an empty project; `exposed`: the API's roles get every right on each new object of `public`."""
        self._administer(f"create database {name} owner {INSTALLER}")
        self._execute(name, "project.sql")
        if exposed:
            self._execute(name, "exposed.sql")
        self._execute(name, "mes.sql", INSTALLER)

    def standby(self) -> str:
        """Start a standby; the superuser's connection string to it."""
        return postgres.follow(self._run, self._primary).url

    @contextmanager
    def copy(self, project: str, name: str) -> Iterator[None]:
        """A project just like another one, to which nobody is connected; dropped afterwards."""
        self._administer(f"create database {name} template {project} owner {INSTALLER} strategy file_copy")
        try:
            yield
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Delete a project."""
        self._administer(f"drop database {name} with (force)")

    def install(self, project: str, names: str = "*.sql") -> None:
        """Execute the migrations whose names fit, as `postgres`, without the command: a third of its time."""
        databases.install(self.url(project, INSTALLER), MIGRATIONS, names)

    def push(self, project: str, names: str = "*.sql") -> str:
        """`supabase db push` of the migrations whose names fit, as `postgres`; what it printed.

        Raises:
            StackError: the command failed.
        """
        place = self._run.folder("push")
        shutil.rmtree(place / "supabase", ignore_errors=True)
        (place / "supabase" / "migrations").mkdir(parents=True)
        for file in sorted(MIGRATIONS.glob(names)):
            shutil.copy(file, place / "supabase" / "migrations")
        parts = urlsplit(self._url)
        url = f"postgresql://{INSTALLER}:{parts.password}@{parts.hostname}:{parts.port}/{project}?sslmode=disable"
        quiet = {"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"}
        done = subprocess.run(
            [str(COMMAND), "db", "push", "--yes", "--db-url", url],
            cwd=place,
            env={"PATH": os.environ["PATH"], "HOME": str(place), **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if done.returncode:
            raise StackError(f"supabase db push failed: {said[-2000:]}", where=project)
        return said

    def _execute(self, project: str, file: str, role: str = SUPERUSER) -> None:
        with psycopg.connect(self.url(project, role), autocommit=True) as connection:
            connection.execute((FOLDER / file).read_bytes())

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def server() -> Iterator[Server]:
    """Start it, in memory; end and delete it.

    Raises:
        StackError: the command line is not installed, or PostgreSQL did not start.
    """
    if not COMMAND.exists():
        raise StackError("Supabase's command line is not installed", where=str(COMMAND), action="make test-hosted")
    with temporary_run(in_memory()) as run:
        yield Server(run)


def _statements(file: Path) -> list[str]:
    # ALTER SYSTEM runs in no transaction, so each statement is sent alone.
    text = re.sub(r"^--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [statement for statement in map(str.strip, text.split(";")) if statement]
