"""The parser's call as it goes over the API, and who may not make it."""

import json
from collections.abc import Iterator

import pytest
from postgrest.exceptions import APIError

from local.stack.database import T0, batch, iso, loose
from local.stack.stack import Stack
from sicfar.database import supabase
from tests.support.api import Api, Scene


@pytest.fixture(scope="module")
def api(supabase_stack: Stack) -> Iterator[Api]:
    made = Api(supabase_stack)
    yield made
    made.close()


@pytest.fixture
def scene(api: Api) -> Scene:
    return Scene(api)


def test_p1_a_batch_delivered_twice_over_the_api_counts_once(api: Api, scene: Scene) -> None:
    files = [scene.batch(1, {scene.line: {T0: (3, 1)}})]
    client = supabase.connect(str(api.service.client.supabase_url), api.service.client.supabase_key)
    answers = [supabase.registrar_contagens(client, files)[0] for _ in range(2)]
    assert [answer.situation for answer in answers] == ["APLICADO", "JA_APLICADO"]
    assert answers[0].key == files[0]["chave"]
    assert scene.total(scene.op) == (3, 1)


def test_p8_one_bad_file_hurts_only_itself_answers_keep_the_order(api: Api, scene: Scene) -> None:
    good = scene.batch(1, {scene.line: {T0: (3, 1)}})
    negative = scene.batch(2, {scene.line: {T0 + 1: (-1, 0)}})
    strange = {**scene.batch(3), "tipo": "fita"}
    by_hand = loose(f"{scene.gateway}.txt", "", "x\n", {scene.line: {T0: (2, 0)}})
    answers = scene.record(negative, good, strange, by_hand)
    assert [answer["situacao"] for answer in answers] == ["ERRO", "APLICADO", "ERRO", "APLICADO"]
    assert [answer.get("erro", {}).get("codigo") for answer in answers] == [
        "ERRO_DO_BANCO",
        None,
        "TIPO_DESCONHECIDO",
        None,
    ]
    assert scene.total(scene.op) == (3, 1)  # the file by hand is not the line's source
    assert [row["motivo"] for row in api.operator.rows("quarentena", linha_id=scene.line)] == ["NAO_DONO"]


def test_the_list_of_files_is_taken_as_json_and_as_a_string_that_holds_it(api: Api, scene: Scene) -> None:
    files = [[scene.batch(seq, {scene.line: {T0: (1, 0)}})] for seq in (1, 2, 3)]
    arguments = json.dumps(files[0]), json.dumps(json.dumps(files[1]))
    answers = [api.sql("select registrar_contagens(%s::jsonb) as a", argument)[0]["a"] for argument in arguments]
    over_http = api.service.http("POST", "rpc/registrar_contagens", {"p_arquivos": files[2]})
    assert [answer[0]["situacao"] for answer in (*answers, over_http.json())] == ["APLICADO"] * 3
    assert scene.total(scene.op) == (3, 0)


@pytest.mark.parametrize("files", [None, {}, 3, "texto", [1]], ids=json.dumps)
def test_what_is_no_list_of_files_is_refused_as_a_whole(api: Api, files: object) -> None:
    if files == "texto":
        response = api.service.http("POST", "rpc/registrar_contagens", {"p_arquivos": files})
        assert (response.status_code, response.json()["code"]) == (400, "22P02")
    else:
        assert api.service.refused("registrar_contagens", p_arquivos=files) == (422, "ARQUIVOS_INVALIDOS")


def test_p9_no_person_records_counts_whatever_the_role(api: Api, scene: Scene) -> None:
    files = [scene.batch(1, {scene.line: {T0: (3, 1)}})]
    for person in (api.operator, api.manager, api.person("GESTOR")):
        with pytest.raises(APIError) as error:
            person.rpc("registrar_contagens", p_arquivos=files)
        assert error.value.code == "42501"
        assert person.http("POST", "rpc/registrar_contagens", {"p_arquivos": files}).status_code == 403
    assert api.anon.http("POST", "rpc/registrar_contagens", {"p_arquivos": files}).status_code == 401
    assert scene.total(scene.op) == (0, 0)


def test_p9_a_gateway_counts_no_line_but_its_own(api: Api, scene: Scene) -> None:
    other = Scene(api)
    (answer,) = scene.record(scene.batch(1, {other.line: {T0: (3, 0)}}))
    assert answer["situacao"] == "APLICADO"
    assert other.total(other.op) == (0, 0)
    (row,) = api.operator.rows("quarentena", linha_id=other.line)
    assert (row["motivo"], row["producao"], row["arquivo_id"] is not None) == ("NAO_DONO", 3, True)
    assert row["detalhe"] == f"A fonte {scene.gateway} não conta a linha {other.line} neste intervalo."


def test_p9_an_unknown_gateways_batch_counts_once_it_is_registered(api: Api, scene: Scene) -> None:
    stranger = f"{scene.gateway}-novo"
    files = batch(1, {scene.line: {T0: (3, 0)}}, gateway=stranger, epoch=scene.epoch)
    assert scene.record(files)[0]["situacao"] == "QUARENTENA"
    (row,) = api.operator.rows("quarentena", linha_id=scene.line)
    assert (row["motivo"], row["resolvida_em"]) == ("GATEWAY_DESCONHECIDO", None)
    why = {"p_motivo": "gateway novo na linha"}
    assert api.manager.rpc("definir_gateway", p_gateway=stranger, p_descricao="", **why)["a_reler"] == 1
    owner = {"p_linha_id": scene.line, "p_fonte": stranger, "p_papel": "contagem", "p_de": iso(T0 - 86_400)}
    api.manager.rpc("definir_fonte", **owner, p_ate=None, **why)
    assert scene.record(files)[0]["situacao"] == "APLICADO"
    assert scene.total(scene.op) == (3, 0)
    (row,) = api.operator.rows("quarentena", linha_id=scene.line)
    assert row["decisao"] == "REPROCESSADO"


def test_p7_a_total_walks_back_to_the_files_bytes_over_the_api(api: Api, scene: Scene) -> None:
    file = scene.batch(1, {scene.line: {T0: (3, 1), T0 + 1: (2, 0)}})
    scene.record(file)
    (part,) = api.operator.rows("arquivos_linhas", linha_id=scene.line)
    (whole,) = api.operator.rows("arquivos_ingeridos", id=part["arquivo_id"])
    assert (whole["chave"], whole["sha256"]) == (file["chave"], file["sha256"])
    assert (part["producao"], part["rejeicao"], part["byte_de"], part["byte_ate"]) == (5, 1, 100, 900)
