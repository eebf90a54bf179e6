"""A server as Supabase hosts it, with our migrations pushed; for each test that asks, a project of its own on it."""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import pytest

from local.processes import StackError
from local.stack.database import Database
from local.stack.reported import report_all_lines
from sicfar.database import supabase
from tests.support import hosted, released
from tests.support.hosted import API, INSTALLER, Server
from tests.support.postgrest import Postgrest
from tests.support.rights import Right, rights

_numbers = count(1)


class Pushed(NamedTuple):
    """A project to which our migrations were pushed, and what it was before."""

    name: str
    before: set[Right]

    def ours(self, server: Server) -> set[Right]:
        """The rights that came with our migrations."""
        return rights(server.url(self.name)) - self.before


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with hosted.server() as made:
            yield made
    except StackError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def exposed(server: Server) -> Pushed:
    """A project that gives the API's roles everything on each new object of `public`."""
    server.project("exposto", exposed=True)
    before = rights(server.url("exposto"))
    server.push("exposto")
    return Pushed("exposto", before)


@pytest.fixture(scope="session")
def closed(server: Server) -> Pushed:
    """A project of today, which gives them nothing."""
    server.project("fechado", exposed=False)
    before = rights(server.url("fechado"))
    server.install("fechado")
    return Pushed("fechado", before)


@pytest.fixture(scope="session")
def template(server: Server, exposed: Pushed) -> Iterator[str]:
    """The exposing project, with no line in parallel run."""
    with server.copy(exposed.name, "modelo"):
        report_all_lines(server.url("modelo", INSTALLER))
        yield "modelo"


@pytest.fixture
def project(server: Server, template: str) -> Iterator[str]:
    name = f"teste_{next(_numbers)}"
    with server.copy(template, name):
        yield name


@pytest.fixture
def db(server: Server, project: str) -> Iterator[Database]:
    """As whoever uses the project's SQL editor: `postgres`, no superuser."""
    database = Database(server.url(project, INSTALLER))
    yield database
    database.close()


@pytest.fixture
def api(server: Server, project: str) -> Iterator[Postgrest]:
    """Its API. Whatever it answers a test is what each recorded release reads: fields may come, none may go."""
    made = Postgrest(server.url(project, API))
    yield made
    made.close()
    assert [fault for function, answer in made.answered for fault in released.misfits(function, answer)] == []


@pytest.fixture
def rpc(api: Postgrest) -> Any:
    """The functions' own client, with the secret key."""
    return supabase.connect(api.url, api.secret_key)
