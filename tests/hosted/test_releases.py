"""The functions on an older database: what it cannot do waits, nothing is refused for good or counted wrong."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.stack.database import EPOCH, T0, Database, batch
from sicfar.database import supabase
from sicfar.database.codes import FileSituation
from sicfar.errors import Fate, SicfarError
from tests.integration.test_db_upgrade import FROZEN, forward
from tests.support import released
from tests.support.hosted import API, INSTALLER, Server
from tests.support.postgrest import Postgrest

A = "SPEP-ENV-A"


@pytest.fixture
def api(server: Server) -> Iterator[Postgrest]:
    """A project to which nothing has been pushed."""
    server.project("anterior", exposed=True)
    made = Postgrest(server.url("anterior", API))
    yield made
    made.close()
    server.drop("anterior")


@pytest.fixture
def rpc(api: Postgrest) -> Any:
    return supabase.connect(api.url, api.secret_key)


class Unfilled:
    """The client, with null for every argument."""

    def __init__(self, client: Any) -> None:
        self.base_url = client.base_url
        self._client = client

    def rpc(self, function: str, params: dict[str, Any]) -> Any:
        return self._client.rpc(function, dict.fromkeys(params))


def test_p6_without_its_migration_every_call_waits(rpc: Any) -> None:
    """The function is not there: that is this installation's fault, not the message's."""
    for function in released.boundary():
        with pytest.raises(SicfarError) as error:
            released.attempt(function, Unfilled(rpc))
        assert "PGRST202" in error.value.what
        assert error.value.fate is Fate.CONFIGURATION, function.__name__


def test_p1_a_count_is_right_whichever_comes_first(server: Server, api: Postgrest, rpc: Any) -> None:
    """The database of the frozen migrations, then today's, each asked by today's functions for the same batch."""
    server.install("anterior", FROZEN)
    db = Database(server.url("anterior", INSTALLER))
    db.gateway("planta-1", A)
    db.lot("000123")
    db.open(db.person(), "000123", A, T0)
    file = batch(1, {A: {T0 + 60: (10, 1)}}, epoch=EPOCH)
    fates = set()
    try:
        supabase.registrar_contagens(rpc, [file])
    except SicfarError as error:
        fates.add(error.fate)
    assert Fate.PERMANENT not in fates
    assert db.totals() in ({}, {("000123", A): (0, 0)}, {("000123", A): (80, 1)})
    forward(db)
    (again,) = supabase.registrar_contagens(rpc, [file])
    assert again.situation in {FileSituation.APPLIED, FileSituation.KNOWN}
    assert db.totals() == {("000123", A): (80, 1)}
    db.close()
