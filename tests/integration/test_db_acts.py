"""People's functions as data, and the matters each person's screen shows."""

import base64
import re
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from local.stack.database import T0, Database, batch, span
from tests.support.refusals import code

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
OTHER = "SPPV-ENV-VIDRO01"
WHY = "conferido na linha"
TYPES = {
    **dict.fromkeys(("texto", "longo", "op", "linha", "fonte", "gateway", "turno", "escolha", "parametro"), "text"),
    "inteiro": "integer", "instante": "timestamp with time zone", "data": "date", "hora": "time without time zone",
    "sim_nao": "boolean", "pessoa": "uuid", "ids": "bigint[]", "mapa": "jsonb", "nomes": "text[]",
}  # fmt: skip
JARGON = re.compile(r"época|spool|sequência|\bmarcas?\b(?! do CLP)|retid|quarentena", re.IGNORECASE)


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B, OTHER)
    db.lot("000123", "000124")
    db.boss = db.person("GESTOR")
    return db


def acts(db: Database) -> dict[str, dict[str, Any]]:
    return {row["funcao"]: row for row in db.sql("select * from atos_pessoas()")}


def shown(db: Database, user: str, **arguments: Any) -> dict[str, Any]:
    return db.call(user, "minhas_pendencias", **arguments)


def listed(page: dict[str, Any]) -> list[str]:
    return [item["tipo"] for cause in page["causas"] for item in cause["itens"]]


def chosen(db: Database, user: str, *kinds: str) -> dict[str, Any]:
    wanted = [{"tipo": row["tipo"], "chave": row["chave"]} for kind in kinds for row in db.pending(kind)]
    return db.call(user, "pendencias_escolhidas", p_itens=Jsonb(wanted))


def doubt(seq: int, line: str = A, count: int = 9_999) -> dict[str, Any]:
    return batch(seq, spans=[span(line, T0, T0 + 60, count, 0, "implausivel")])


def on_duty(db: Database, role: str, sector: str | None, name: str | None, phone: str | None) -> None:
    said = {"p_papel": role, "p_setor": sector, "p_nome": name, "p_telefone": phone}
    db.call(db.boss, "definir_plantao", **said, p_motivo=WHY)


# The functions -----------------------------------------------------------------------------------------------------


def signatures(db: Database) -> dict[str, dict[str, tuple[str, bool]]]:
    """Argument → (type, whether the function has a default), of every function with which people change something."""
    rows = db.sql(
        "select p.proname as f, a.name, format_type(a.type, null) as type,"
        " a.n > p.pronargs - p.pronargdefaults as has"
        " from pg_proc as p cross join lateral unnest(p.proargnames, p.proargtypes::oid[]) with ordinality"
        " as a (name, type, n) where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'"
        " and papeis_da_funcao(p.proname::text) <> '{}' and has_function_privilege('authenticated', p.oid, 'execute')"
    )
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in rows:
        type_name = "integer" if row["type"] == "bigint" else row["type"]
        found.setdefault(row["f"], {})[row["name"]] = (type_name, row["has"])
    return found


def test_p10_every_function_people_call_is_described_with_its_arguments(db: Database) -> None:
    described = {
        function: {a["nome"]: (TYPES[a["tipo"]], a["opcional"]) for a in act["argumentos"]}
        for function, act in acts(db).items()
    }
    assert described == signatures(db)


def test_p10_every_act_says_what_it_does_and_asks_for_a_reason(db: Database) -> None:
    for function, act in acts(db).items():
        assert act["papeis"], function
        assert act["titulo"]
        assert act["explicacao"].endswith("."), function
        asked = {a["nome"]: a for a in act["argumentos"]}
        assert all(a["rotulo"] for a in asked.values()), function
        assert ("p_motivo" in asked) is (function not in {"registrar_refugo", "confirmar_turno"}), function
        for argument in asked.values():
            assert argument["pedir"] or argument.get("de_detalhes") or argument["opcional"] or act["tela"], function
            assert (argument["tipo"] == "escolha") is bool(argument.get("escolhas")), (function, argument["nome"])


def test_p10_the_choices_of_an_act_are_those_the_function_takes(db: Database) -> None:
    """Each function refuses a value outside a list; the list stands in its source."""
    elsewhere = {
        ("definir_operacao", "p_etapa"): "definir_etapa",  # the stages of a family are looked up
        **{(function, name): "exigir_papel_e_setor" for function in ("pedir_papel", "tirar_papel")
           for name in ("p_papel", "p_setor")},
    }  # fmt: skip
    sources = {row["f"]: row["source"] for row in db.sql("select proname as f, prosrc as source from pg_proc")}
    compared = 0
    for function, act in acts(db).items():
        for argument in act["argumentos"]:
            if argument["tipo"] == "escolha":
                name = argument["nome"]
                source = sources[elsewhere.get((function, name), function)]
                taken = re.search(rf"(?:exigir_decisao\(|exigir_opcao\('\w+', ){name},([^)]*)\)", source) or re.search(
                    rf"{name} not in \(([^)]*)\)", source
                )
                assert taken, (function, name)
                assert [choice["valor"] for choice in argument["escolhas"]] == re.findall(r"'(\w+)'", taken[1]), (
                    function
                )
                compared += 1
    assert compared >= 15


def test_p10_what_people_read_about_acts_is_in_the_plants_words(db: Database) -> None:
    for act in acts(db).values():
        texts = [act["titulo"], act["explicacao"]]
        for argument in act["argumentos"]:
            texts += [
                argument["rotulo"],
                *(text for choice in argument.get("escolhas", []) for text in choice.values()),
            ]
        for text in texts:
            assert not JARGON.search(text), text


# The list ----------------------------------------------------------------------------------------------------------


def test_p10_a_person_sees_what_he_can_decide_by_role_and_sector(plant: Database) -> None:
    plant.record(
        batch(1, {A: {T0: (5, 0)}, OTHER: {T0: (5, 0)}}), doubt(2), doubt(4, OTHER), batch(5, gateway="planta-9")
    )
    everything = sorted(row["tipo"] for row in plant.sql("select tipo from pendencias"))
    assert sorted(listed(shown(plant, plant.boss))) == everything
    assert everything.count("RETIDA") == 2
    boss = shown(plant, plant.person("SUPERVISOR", "SPEP"))
    assert sorted(listed(boss)) == ["RETIDA", "SEM_ORDEM"]
    assert {item["linha_id"] for cause in boss["causas"] for item in cause["itens"]} == {A}
    operator = shown(plant, plant.person("OPERADOR", "SPEP"))
    assert [one for one in listed(operator) if one != "SEM_ORDEM"] == []  # he may open an order
    assert sum(other["total"] for other in operator["outros"]) + operator["total"] == len(everything)
    panel = shown(plant, plant.person("POSTO", "SPEP"), p_so_minhas=False, p_setor="SPEP")
    assert panel["outros"] == []
    assert {item["setor"] for cause in panel["causas"] for item in cause["itens"]} <= {"SPEP", None}


def test_p10_matters_are_listed_by_cause_the_oldest_first(plant: Database) -> None:
    plant.record(doubt(1, A))
    plant.record(batch(2, {A: {T0: (5, 0)}}), doubt(3, B))
    page = shown(plant, plant.boss)
    assert [(cause["titulo"], cause["total"]) for cause in page["causas"]] == [
        ("Contagem sem OP", 1), ("Contagem duvidosa", 2),
    ]  # fmt: skip
    held = page["causas"][1]["itens"]
    assert [item["atos"] for item in held] == [["decidir_retido"]] * 2
    assert page["atos"]["decidir_retido"]["em_lote"] is True
    assert [item["linha_id"] for item in held] == [A, B]
    assert [item["desde"] for item in held] == sorted(item["desde"] for item in held)


def test_p10_the_list_comes_in_pages_that_leave_nothing_out(plant: Database) -> None:
    day = 86_400
    plant.record(*[batch(n, {A: {T0 + n * day: (1, 0)}}) for n in range(1, 61)])
    pages = [shown(plant, plant.boss, p_pagina=page) for page in (1, 2, 3)]
    keys = [[item["chave"] for cause in page["causas"] for item in cause["itens"]] for page in pages]
    assert [len(page) for page in keys] == [50, 10, 0]
    assert len({*keys[0], *keys[1]}) == 60
    assert {page["total"] for page in pages} == {60}
    assert pages[1]["causas"][0]["total"] == 60


def test_p10_of_what_others_decide_the_name_and_telephone_are_said(plant: Database) -> None:
    plant.record(batch(1, {A: {T0: (1, 0)}}, gateway="planta-9"), doubt(1))
    on_duty(plant, "GESTOR", None, "Ana Souza", "ramal 12")
    on_duty(plant, "SUPERVISOR", "SPPV", "Outro Setor", "9999")
    page = shown(plant, plant.person("OPERADOR", "SPEP"))
    assert page["causas"] == []
    assert {other["setor"] for other in page["outros"]} == {"SPEP"}
    assert all(other["plantao"] == [{"nome": "Ana Souza", "telefone": "ramal 12"}] for other in page["outros"])
    on_duty(plant, "GESTOR", None, None, None)
    assert all(other["plantao"] == [] for other in shown(plant, plant.person("OPERADOR", "SPEP"))["outros"])


def test_p9_what_is_of_all_sectors_is_known_to_be_so(db: Database) -> None:
    sources = {row["f"]: row["source"] for row in db.sql("select proname as f, prosrc as source from pg_proc")}
    for function, act in acts(db).items():
        assert act["todos_setores"] is (f"exigir_papel('{function}', null)" in sources[function]), function


def test_p9_only_who_leads_a_sector_says_who_is_on_duty_there(plant: Database) -> None:
    given = {"p_papel": "SUPERVISOR", "p_nome": "Ana Souza", "p_telefone": "ramal 12", "p_motivo": WHY}
    boss = plant.person("SUPERVISOR", "SPEP")
    plant.call(boss, "definir_plantao", p_setor="SPEP", **given)
    for user, sector in ((boss, "SPPV"), (boss, None), (plant.person("OPERADOR", "SPEP"), "SPEP")):
        refused = code(lambda u=user, s=sector: plant.call(u, "definir_plantao", p_setor=s, **given))
        assert refused == ("PT403", "SEM_PERMISSAO")
    assert plant.sql("select papel, setor, nome from plantao") == [
        {"papel": "SUPERVISOR", "setor": "SPEP", "nome": "Ana Souza"}
    ]
    (fact,) = plant.sql("select usuario_id::text, motivo from trilha_auditoria where objeto = 'plantao:SUPERVISOR'")
    assert fact == {"usuario_id": boss, "motivo": WHY}


# One matter --------------------------------------------------------------------------------------------------------


def test_p10_a_chosen_matter_comes_with_its_acts_and_original_bytes(plant: Database) -> None:
    hostile = b"<script>alert(1)</script>\x00\xff"
    bad = {
        "motivo": "COLUNAS", "detalhe": "9 campos", "registros": 1, "byte_de": 3, "byte_ate": 30, "origem": "<b>.txt@3",
        "amostra_base64": base64.b64encode(hostile).decode(),
    }  # fmt: skip
    plant.record(batch(1, {A: {T0: (1, 0)}}, quarentena=[bad]), doubt(2))
    answer = chosen(plant, plant.person("SUPERVISOR", "SPEP"), "QUARENTENA", "RETIDA")
    held, unread = sorted(answer["pendencias"], key=lambda one: str(one["tipo"]), reverse=True)
    assert unread["originais"] == [
        {"arquivo": "<b>.txt@3", "byte_de": 3, "byte_ate": 30, "bytes": "<script>alert(1)</script>\\000\\377"}
    ]
    assert (unread["atos"], unread["posso"]) == (["resolver_quarentena"], [])
    assert held["originais"] is None
    assert held["posso"] == ["decidir_retido"]
    assert set(answer["atos"]) == {"resolver_quarentena", "decidir_retido"}
    assert [choice["valor"] for choice in answer["atos"]["decidir_retido"]["argumentos"][2]["escolhas"]] == [
        "ATRIBUIR", "DESCARTAR",
    ]  # fmt: skip


def test_p10_unknown_sources_are_offered_to_be_made_known(plant: Database) -> None:
    plant.gateway("planta-2")
    plant.record(batch(1, {B: {T0: (2, 0)}}, gateway="planta-9"), batch(1, {A: {T0: (3, 0)}}, gateway="planta-2"))
    answer = chosen(plant, plant.boss, "QUARENTENA")
    by_cause = {one["detalhes"]["motivo"]: one for one in answer["pendencias"]}
    stranger, intruder = by_cause["GATEWAY_DESCONHECIDO"], by_cause["NAO_DONO"]
    assert stranger["atos"] == ["definir_gateway", "reprocessar_quarentena", "resolver_quarentena"]
    assert stranger["detalhes"]["gateway"] == "planta-9"
    assert intruder["atos"] == ["definir_fonte", "reprocessar_quarentena", "resolver_quarentena"]
    assert (intruder["detalhes"]["linha"], intruder["detalhes"]["fonte"]) == (A, "planta-2")


def test_p10_a_matter_that_is_settled_or_made_up_is_not_given(plant: Database) -> None:
    plant.record(doubt(1))
    (row,) = plant.pending("RETIDA")
    given = [{"tipo": row["tipo"], "chave": row["chave"]}] * 2 + [{"tipo": "RETIDA", "chave": "x"}, {"outra": 1}]
    given += [{"tipo": "X", "chave": str(n)} for n in range(60)]
    asked = Jsonb(given)
    assert len(plant.call(plant.boss, "pendencias_escolhidas", p_itens=asked)["pendencias"]) == 1
    plant.call(
        plant.boss, "decidir_retido", p_id=row["detalhes"]["p_id"], p_assunto=row["detalhes"]["p_assunto"],
        p_decisao="DESCARTAR", p_motivo=WHY,
    )  # fmt: skip
    answer = plant.call(plant.boss, "pendencias_escolhidas", p_itens=asked)
    assert (answer["pendencias"], answer["atos"]) == ([], {})
    assert answer["titulos"] == {function: act["titulo"] for function, act in acts(plant).items()}


def test_p10_what_waits_is_told_in_the_plants_words(plant: Database) -> None:
    plant.record(batch(1, marks=[(A, T0)]), batch(3, {A: {T0: (1, 0)}}), doubt(4), batch(1, epoch="9" * 32))
    plant.record(batch(2_000_000_000, {A: {T0: (7, 1)}}), batch(1, {B: {T0: (2, 0)}}, gateway="planta-9"))
    told = shown(plant, plant.boss)["causas"]
    assert len(told) >= 4
    for cause in told:
        for text in (cause["titulo"], *(item["descricao"] for item in cause["itens"])):
            assert not JARGON.search(text), text
