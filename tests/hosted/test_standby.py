"""After a fail-over the API may stand on a server that takes no writes: calls wait, and count once afterwards."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local.stack.database import T0, Database, batch
from local.waiting import Patience
from sicfar.database import supabase
from sicfar.errors import Fate, SicfarError
from tests.support.hosted import API, INSTALLER, Server
from tests.support.postgrest import Postgrest

A = "SPEP-ENV-A"
FILE = batch(1, {A: {T0 + 60: (10, 1)}})
COUNTED = {("000123", A): (80, 1)}


class Standby:
    """A standby, and the API on it."""

    def __init__(self, url: str, project: str) -> None:
        self.superuser = make_conninfo(url, dbname=project)
        self.installer = make_conninfo(url, dbname=project, user=INSTALLER)
        self.api = Postgrest(make_conninfo(url, dbname=project, user=API))


@pytest.fixture
def standby(server: Server, db: Database, project: str) -> Iterator[Standby]:
    db.gateway("planta-1", A)
    db.lot("000123")
    db.open(db.person(), "000123", A, T0)
    made = Standby(server.standby(), project)
    yield made
    made.api.close()


def test_p6_a_standby_refuses_calls_until_it_is_promoted(standby: Standby, db: Database) -> None:
    rpc = supabase.connect(standby.api.url, standby.api.secret_key)
    with pytest.raises(SicfarError) as refused:
        supabase.registrar_contagens(rpc, [FILE])
    assert "0A000" in refused.value.what  # cannot set transaction read-write mode during recovery
    assert refused.value.fate is Fate.TRANSIENT
    # A question asks for no more than to read, and is answered.
    assert supabase.saude_integracao(rpc).stopped_reports == 0
    with psycopg.connect(standby.superuser, autocommit=True) as connection:
        connection.execute("select pg_promote()")
        patience = Patience("promoted", state=lambda: None)
        while connection.execute("select pg_is_in_recovery()").fetchone() == (True,):
            patience.look()
    (answer,) = supabase.registrar_contagens(rpc, [FILE])
    assert answer.situation == "APLICADO"
    (again,) = supabase.registrar_contagens(rpc, [FILE])
    assert again.situation == "JA_APLICADO"
    promoted = Database(standby.installer)
    assert promoted.totals() == COUNTED
    promoted.close()


def test_p6_a_write_in_a_reading_transaction_is_25006(db: Database, api: Postgrest) -> None:
    """A full disk makes hosted Postgres read-only; so does GET on a function that writes."""
    headers = {"apikey": api.secret_key}
    answer = api.answer("GET", "/rest/v1/rpc/anunciar_lacuna?p_chave=x", headers, b"")
    assert isinstance(answer.body, dict)
    assert (answer.status, answer.body["code"]) == (405, "25006")


@pytest.mark.parametrize("sqlstate", ["0A000", "25006", "26000", "55P03", "57014", "XX000"])
def test_p6_what_a_fail_over_or_a_pooler_answers_passes(db: Database, rpc: Any, sqlstate: str) -> None:
    """A standby, a disk that is full, a pooler that mixed up sessions, a lock or statement that took too long."""
    db.sql(
        "create or replace function public.saude_integracao() returns jsonb language plpgsql stable as"
        f" $$ begin raise exception 'x' using errcode = '{sqlstate}'; end $$"
    )
    with pytest.raises(SicfarError) as error:
        supabase.saude_integracao(rpc)
    assert sqlstate in error.value.what
    assert error.value.fate is Fate.TRANSIENT
