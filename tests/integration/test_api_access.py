"""Who gets what from the API, with the keys and tokens they really have."""

from collections.abc import Iterator
from typing import Any

import pytest
from postgrest.exceptions import APIError

from local.plain_http import http
from local.stack.database import T0, batch, iso, span
from local.stack.stack import Stack
from tests.support.api import Api, Caller, Scene

SCREENS = (
    "linhas",
    "produtos",
    "lotes_producao",
    "periodos_ordem",
    "ordens_producao_ativas",
    "contagens_minuto",
    "contagens_retidas",
    "quarentena",
    "marcas_linha",
    "pendencias",
    "conservacao_linhas",
    "arquivos_ingeridos",
    "arquivos_linhas",
)
WRITES = ("POST", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def api(supabase_stack: Stack) -> Iterator[Api]:
    made = Api(supabase_stack)
    yield made
    made.close()


@pytest.fixture(scope="module")
def scene(api: Api) -> Scene:
    made = Scene(api)
    counts = {made.line: {T0 - 60: (1, 0), T0: (3, 1)}, "LINHA-X": {T0: (1, 0)}}
    held = span(made.line, T0, T0 + 5, 9, 0, "implausivel")
    marks = [(made.line, T0 + 1)]
    made.record(batch(1, counts, gateway=made.gateway, epoch=made.epoch, spans=[held], marks=marks))
    return made


def written(api: Api, caller: Caller, method: str, table: str) -> tuple[int, str]:
    """Status and code of a write that touches no row, or an empty one, even if it is allowed."""
    columns = api.sql(
        "select attname as name from pg_attribute where attrelid = %s::regclass and attnum > 0 and attidentity = ''"
        " and attgenerated = '' order by attnum desc limit 1",
        f"public.{table}",
    )
    (column,) = (row["name"] for row in columns)
    path = table if method == "POST" else f"{table}?{column}=is.null"
    response = caller.http(method, path, None if method == "DELETE" else {column: None})
    return response.status_code, response.json()["code"] if response.is_error else response.text


def test_p9_without_a_key_nobody_reads_or_calls_anything(api: Api) -> None:
    for relation in api.relations():
        assert http.get(f"{api.url}/rest/v1/{relation}").status_code == 401
    for function, arguments in api.functions().items():
        assert http.post(f"{api.url}/rest/v1/rpc/{function}", json=arguments).status_code == 401


def test_p9_the_publishable_key_alone_reads_writes_and_calls_nothing(api: Api, scene: Scene) -> None:
    for relation in api.relations():
        response = api.anon.http("GET", relation)
        assert (response.status_code, response.json()["code"]) == (401, "42501"), relation
    for table in api.relations("r"):
        for method in WRITES:
            assert written(api, api.anon, method, table) == (401, "42501"), table
    for function, arguments in api.functions().items():
        response = api.anon.http("POST", f"rpc/{function}", arguments)
        assert (response.status_code, response.json()["code"]) == (401, "42501"), function


@pytest.mark.parametrize("relation", SCREENS)
def test_whoever_signed_in_reads_what_screens_show(api: Api, scene: Scene, relation: str) -> None:
    for person in (api.operator, api.elsewhere, api.manager):
        assert person.client.table(relation).select("*").limit(1).execute().data


def test_a_screen_reads_an_orders_total_and_every_sector_reads_it(api: Api, scene: Scene) -> None:
    for person in (api.operator, api.supervisor, api.elsewhere, api.manager):
        (row,) = person.rows("ordens_producao_ativas", numero_op=scene.op)
        assert (row["linha_id"], row["producao_acumulada"], row["rejeicao_acumulada"]) == (scene.line, 3, 1)
        (lot,) = person.rows("lotes_producao", numero_op=scene.op)
        assert lot["status"] == "EM_ANDAMENTO"


def test_p9_a_person_sees_his_own_roles_only(api: Api) -> None:
    assert [row["papel"] for row in api.operator.rows("papeis_usuario")] == ["OPERADOR"]
    assert api.stranger.rows("papeis_usuario") == []


@pytest.mark.parametrize("method", WRITES)
def test_p9_no_person_writes_a_table_directly(api: Api, method: str) -> None:
    for person in (api.operator, api.manager):
        for table in api.relations("r"):
            assert written(api, person, method, table) == (403, "42501"), table


@pytest.mark.parametrize("method", WRITES)
def test_p7_p9_the_service_key_writes_no_table_directly(api: Api, method: str) -> None:
    for table in api.relations("r"):
        assert written(api, api.service, method, table) == (403, "42501"), table


def test_p7_facts_stay_even_for_a_service_key_with_every_table_right(api: Api, scene: Scene) -> None:
    facts = "arquivos_ingeridos", "trilha_auditoria"
    before = [api.sql(f"select * from {table} order by id") for table in facts]
    api.sql("grant update, delete on trilha_auditoria, arquivos_ingeridos to service_role")
    try:
        for table in facts:
            assert api.service.http("PATCH", f"{table}?id=gt.0", {"motivo": "outro"}).status_code == 403
            assert api.service.http("DELETE", f"{table}?id=gt.0").status_code == 403
    finally:
        api.sql("revoke update, delete on trilha_auditoria, arquivos_ingeridos from service_role")
    assert [api.sql(f"select * from {table} order by id") for table in facts] == before


def test_p7_master_data_changes_by_a_person_with_a_reason_over_the_api(api: Api, scene: Scene) -> None:
    line = scene.new_line("M")
    factor = {"p_linha_id": line, "p_contador": "producao", "p_de": iso(T0), "p_ate": None}
    for value in (6, 8):
        api.manager.rpc("definir_fator", **factor, p_fator=value, p_motivo="ferramental trocado")
    trail = api.operator.rows("trilha_auditoria", objeto=f"fatores_linha:{line}")
    assert [(row["acao"], (row["antes"] or row["depois"])["fator"]) for row in trail] == [
        ("insert", 6),
        ("delete", 6),
        ("insert", 8),
    ]
    assert {(row["usuario_id"], row["papel"], row["motivo"]) for row in trail} == {
        (api.manager.user, "GESTOR", "ferramental trocado")
    }


ACTS: dict[str, dict[str, Any]] = {
    "abrir_ordem": {"p_numero_op": "1", "p_linha_id": "SPEP-ENV-A"},
    "encerrar_ordem": {"p_numero_op": "1", "p_linha_id": "SPEP-ENV-A"},
    "justificar_sem_ordem": {"p_linha_id": "SPEP-ENV-A", "p_de": iso(T0), "p_ate": iso(T0 + 1)},
    "resolver_quarentena": {"p_id": 1},
    "decidir_retido": {"p_id": 1, "p_decisao": "DESCARTAR", "p_numero_op": None},
    "anular_sequencia": {"p_gateway": "g", "p_epoca": "e", "p_seq": 1},
    "encerrar_epoca": {"p_gateway": "g", "p_epoca": "e", "p_ultima_seq": 1},
    "definir_fonte": {
        "p_linha_id": "SPEP-ENV-A",
        "p_fonte": "manual",
        "p_papel": "nenhum",
        "p_de": iso(T0),
        "p_ate": None,
    },
}


@pytest.mark.parametrize("function", ACTS)
def test_p9_the_service_key_is_no_person_and_is_told_so(api: Api, function: str) -> None:
    arguments = {**ACTS[function], "p_motivo": "conferido na linha"}
    assert api.service.refused(function, **arguments) == (403, "SEM_PERMISSAO")
    with pytest.raises(APIError) as error:
        api.service.rpc(function, **arguments)
    assert error.value.details == "Esta ação é de uma pessoa autenticada; a chave de serviço não é pessoa."


@pytest.mark.parametrize("function", ACTS)
def test_p9_a_person_without_a_role_or_of_another_sector_cannot_act(api: Api, function: str) -> None:
    arguments = {**ACTS[function], "p_motivo": "conferido na linha"}
    for person in (api.stranger, api.elsewhere):
        assert person.refused(function, **arguments) == (403, "SEM_PERMISSAO")


@pytest.mark.parametrize("function", sorted(set(ACTS) - {"abrir_ordem", "encerrar_ordem"}))
def test_p9_an_operator_decides_nothing_but_his_orders(api: Api, function: str) -> None:
    arguments = {**ACTS[function], "p_motivo": "conferido na linha"}
    assert api.operator.refused(function, **arguments) == (403, "SEM_PERMISSAO")


@pytest.mark.parametrize("function", ["anular_sequencia", "encerrar_epoca"])
def test_p9_accepting_a_loss_is_for_management_not_a_supervisor(api: Api, function: str) -> None:
    arguments = {**ACTS[function], "p_motivo": "conferido na linha"}
    assert api.supervisor.refused(function, **arguments) == (403, "SEM_PERMISSAO")
    assert api.manager.refused(function, **arguments) == (404, "EPOCA_DESCONHECIDA")
