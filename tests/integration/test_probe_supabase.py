"""What the product relies on in the local Supabase, as the hosted one does it."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgrest.exceptions import APIError
from supabase import Client, create_client

from local.plain_http import http
from local.stack import postgres, supabase_lite
from local.stack.run_folder import temporary_run
from local.stack.supabase_lite import Supabase
from local.stack.usuarios import as_person, sign_up

MIGRATIONS = Path(__file__).parent / "probe" / "migrations"


@pytest.fixture(scope="module")
def lite() -> Iterator[Supabase]:
    with temporary_run() as run:
        yield supabase_lite.start(run, postgres.start(run), MIGRATIONS)


def who(client: Client) -> Any:
    return client.rpc("quem_sou", {}).execute().data


def rows(client: Client) -> list[Any]:
    return client.table("notas").select("*").execute().data


def test_a_request_without_a_key_is_refused_with_401(lite: Supabase) -> None:
    assert http.get(f"{lite.url}/rest/v1/notas").status_code == 401
    assert http.post(f"{lite.url}/rest/v1/rpc/quem_sou", json={}).status_code == 401


def test_the_publishable_key_acts_as_anon_and_sees_no_row(lite: Supabase) -> None:
    client = create_client(lite.url, lite.publishable_key)
    assert who(client)["papel"] == "anon"
    refused = http.get(f"{lite.url}/rest/v1/notas", headers={"apikey": lite.publishable_key})
    assert refused.json() == [] or refused.json()["code"] == "42501"


def test_the_secret_key_acts_as_service_role_past_row_level_security(lite: Supabase) -> None:
    client = create_client(lite.url, lite.secret_key)
    assert who(client)["papel"] == "service_role"
    client.table("notas").insert({"id": 1, "dono": str(uuid.uuid4()), "texto": "alheia"}).execute()
    assert 1 in [row["id"] for row in rows(client)]


def test_a_signed_up_user_acts_as_himself_and_sees_his_rows_only(lite: Supabase) -> None:
    (mine, token), (_, other_token) = (sign_up(lite, f"{uuid.uuid4()}@planta.test") for _ in range(2))
    client, other = as_person(lite, token), as_person(lite, other_token)
    assert who(client) == {"papel": "authenticated", "sub": mine}
    client.table("notas").insert({"id": 2, "texto": "minha"}).execute()
    assert [row["dono"] for row in rows(client)] == [mine]
    assert rows(other) == []


@pytest.mark.parametrize("status", [403, 404, 409, 422])
def test_an_error_raised_as_ptxyz_keeps_status_code_detail_and_hint(lite: Supabase, status: int) -> None:
    raised = {"p_sqlstate": f"PT{status}"}
    response = http.post(f"{lite.url}/rest/v1/rpc/recusar", json=raised, headers={"apikey": lite.secret_key})
    assert response.status_code == status
    assert response.json() == {
        "code": f"PT{status}",
        "message": "LINHA_OCUPADA",
        "details": "a linha já tem ordem",
        "hint": "encerre a ordem",
    }
    with pytest.raises(APIError) as error:
        create_client(lite.url, lite.secret_key).rpc("recusar", raised).execute()
    assert (error.value.code, error.value.message) == (f"PT{status}", "LINHA_OCUPADA")
    assert (error.value.details, error.value.hint) == ("a linha já tem ordem", "encerre a ordem")
