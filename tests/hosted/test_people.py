"""People's functions over the hosted API: each with a person's token, none with the publishable key alone."""

import json
from typing import Any

import pytest

from local.stack.database import T0, Database, batch, iso
from tests.support.postgrest import MAX_ROWS, Postgrest

A = "SPEP-ENV-A"


def functions(db: Database, role: str) -> dict[str, list[str]]:
    """The arguments of each function a role may call."""
    rows = db.sql(
        "select proname as name, coalesce(proargnames[1:pronargs], '{}') as arguments from pg_proc"
        " where pronamespace = 'public'::regnamespace and has_function_privilege(%s, oid, 'execute')"
        " and proname !~ '_do_mes$'",
        role,
    )
    return {row["name"]: row["arguments"] for row in rows}


def call(api: Postgrest, function: str, token: str = "", /, **arguments: object) -> tuple[int, Any]:
    headers = {"apikey": api.publishable_key} | ({"authorization": f"Bearer {token}"} if token else {})
    return api.answer("POST", f"/rest/v1/rpc/{function}", headers, json.dumps(arguments).encode())


@pytest.mark.parametrize("role", ["GESTOR", "ADMIN"])
def test_p9_every_function_of_people_answers_or_refuses_readably(db: Database, api: Postgrest, role: str) -> None:
    """Also where the owner of functions and tables is no superuser, and the transaction reads only."""
    token = api.token(db.person(role))
    of_people = functions(db, "authenticated")
    assert len(of_people) > 50
    for function, arguments in of_people.items():
        status, said = call(api, function, token, **dict.fromkeys(arguments))
        assert status in {200, 204} or said["code"] == f"PT{status}", (function, said)


def test_p9_with_the_publishable_key_alone_no_function_answers(db: Database, api: Postgrest) -> None:
    for function, arguments in (functions(db, "authenticated") | functions(db, "service_role")).items():
        status, said = call(api, function, **dict.fromkeys(arguments))
        assert (status, said["code"]) == (401, "42501"), function


def test_p3_an_order_is_opened_counted_and_ended_by_people(db: Database, api: Postgrest) -> None:
    db.gateway("planta-1", A)
    db.lot("000123")
    token = api.token(db.person("OPERADOR", "SPEP"))
    order = {"p_numero_op": "000123", "p_linha_id": A, "p_motivo": "conferido na linha"}
    assert call(api, "abrir_ordem", token, **order, p_aberta_em=iso(T0))[0] == 200
    db.record(batch(1, {A: {T0 + 60: (10, 1)}}))
    assert call(api, "encerrar_ordem", token, **order, p_encerrada_em=iso(T0 + 3600))[0] == 200
    headers = {"apikey": api.publishable_key, "authorization": f"Bearer {token}"}
    (row,) = api.answer("GET", "/rest/v1/ordens_producao_ativas", headers, b"").body
    assert (row["numero_op"], row["producao_acumulada"], row["rejeicao_acumulada"]) == ("000123", 80, 1)


def test_p10_a_table_is_cut_at_a_thousand_rows_and_a_question_is_not(db: Database, api: Postgrest) -> None:
    db.sql(
        "insert into contagens_minuto (linha_id, minuto, producao, total_producao, sem_ordem_producao)"
        " select linha_id, '2026-02-01T00:00:00-03:00'::timestamptz + n * interval '1 hour',"
        " array_fill(1, '{60}'), 60, 60"
        " from linhas cross join generate_series(0, 47) as n"
    )
    token = api.token(db.person("OPERADOR", "SPEP"))
    headers = {"apikey": api.publishable_key, "authorization": f"Bearer {token}"}
    rows = api.answer("GET", "/rest/v1/contagens_minuto", headers, b"").body
    assert isinstance(rows, list)
    assert len(rows) == MAX_ROWS
    window = {"p_de": "2026-02-01T00:00:00-03:00", "p_ate": "2026-02-03T00:00:00-03:00"}
    status, said = call(api, "producao_hora", token, **window)
    assert (status, said["message"]) == (422, "JANELA_GRANDE")
    status, rows = call(api, "producao_hora", token, **window, p_linha_id=A)
    assert (status, len(rows)) == (200, 48)


@pytest.mark.parametrize("refused", ["unknown token", "unknown key"])
def test_p9_who_does_not_identify_himself_is_refused(api: Postgrest, refused: str) -> None:
    headers = {"apikey": api.publishable_key, "authorization": "Bearer x"} if "token" in refused else {"apikey": "x"}
    assert api.answer("POST", "/rest/v1/rpc/saude_integracao", headers, b"{}").status == 401
