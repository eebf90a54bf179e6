"""docs/operacao.md is followed at night by somebody who cannot ask: its SQL runs, and its functions exist."""

import re
from pathlib import Path

import psycopg
import pytest

TEXT = Path("docs/operacao.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def sql(title: str) -> list[str]:
    lines = [line.strip() for line in section(title).splitlines() if line.startswith("    ")]
    return [line for line in lines if line.startswith("select")]


def test_a_new_line_and_a_new_gateway_are_made_as_the_guide_says_and_count(db):
    db.gateway("farmace-spep")
    for statement in [
        *sql("Nova linha"),
        *sql("Novo gateway"),
        *sql("Troca de quem conta uma linha"),
        *sql("Fator errado"),
    ]:
        with db.as_role("authenticated", db.person("GESTOR")):
            db.sql(statement)
    assert db.one("select nome from linhas where linha_id = 'SPEP-ENV-J'")
    assert db.one("select interno.fator('SPEP-ENV-J', 'producao', now())") == 8
    assert db.one("select fonte from fontes_linha where linha_id = 'SPEP-ENV-J'") == "farmace-spep"
    assert db.one("select count(*) from gateways where gateway = 'farmace-sppv'") == 1


def test_partial_reports_are_switched_on_as_the_guide_says(db):
    (statement,) = sql("Apontamentos parciais")
    with db.as_role("authenticated", db.person("ADMIN")):
        db.sql(statement)
    assert db.one("select interno.parametro('PARCIAIS_SEGUNDOS')") == 3600


def test_the_digest_has_its_addresses_as_the_guide_says(db):
    for statement in sql("Resumo diário por e-mail"):
        with db.as_role("authenticated", db.person("ADMIN")):
            db.sql(statement)
    assert [row["setor"] for row in db.sql("select setor from enderecos_resumo order by id")] == ["SPEP", None]
    assert db.one("select interno.parametro('RESUMO_ESPERA_HORAS')") == 12


def test_p10_a_line_is_compared_switched_on_and_off_as_the_guide_says(db):
    lines = [line.strip() for line in section("Começar numa linha").splitlines()]
    first, *_ = sql("Nova linha")
    people = {name: db.person(name) for name in ("GESTOR", "OPERADOR", "ADMIN", "QUALIDADE")}
    who = ["GESTOR", "OPERADOR", "OPERADOR", "ADMIN", "QUALIDADE", "QUALIDADE"]
    db.lot("146734")
    seen = []
    for person, statement in zip(who, [first, *(one for one in lines if one.startswith("select"))], strict=True):
        with db.as_role("authenticated", people[person]):
            seen.append(db.sql(statement))
    (compared,) = seen[2]
    assert (compared["numero_op"], compared["digitadas"], compared["refugo_digitado"]) == ("146734", 17720, 94)
    assert [one[0].popitem()[1]["situacao"] for one in seen[3:]] == ["AGUARDA", "APONTADA", "SUSPENSA"]


def test_p9_the_first_two_people_come_in_as_the_guide_says(db):
    (statement,) = sql("Papéis")
    it, manager = (db.one("select gen_random_uuid()::text") for _ in range(2))
    db.sql(statement.replace("<id de quem é da TI>", it).replace("<id do gestor>", manager))
    for user, name in ((it, "Ivo da TI"), (manager, "Gil Gestor")):
        db.call(it, "definir_pessoa", p_usuario_id=user, p_nome=name, p_motivo="cadastro")
    wanted = {"p_usuario_id": it, "p_papel": "ADMIN", "p_setor": "SPEP", "p_motivo": "mais um da TI"}
    assert db.call(manager, "pedir_papel", **wanted)["situacao"] == "PEDIDO"


def test_every_function_the_guide_names_exists(db):
    rows = db.sql("select proname from pg_proc where pronamespace = 'public'::regnamespace")
    verbs = "assinar|abrir|encerrar|anular|resolver|reprocessar|decidir|conciliar|estornar|fechar|rastrear|definir"
    verbs += "|aprovar|suspender|pedir|conceder|tirar|retirar"
    named = set(re.findall(rf"`((?:{verbs})_?\w*)", TEXT))
    assert named
    assert named <= {row["proname"] for row in rows}


def test_every_code_a_closing_waits_with_is_explained(db):
    source = db.one(
        "select string_agg(prosrc, ' ') from pg_proc where proname in ('faltas_fechamento', 'fontes_em_falta')"
    )
    codes = set(re.findall(r"motivo_json\('([A-Z_]+)'", source))
    assert codes
    assert codes == {code for code in re.findall(r"`([A-Z_]+)`", section("Um lote que não fecha")) if code in codes}


@pytest.mark.parametrize("name", ["LOGIN_RECENTE_SEGUNDOS", "PARCIAIS_SEGUNDOS", "RESUMO_ESPERA_HORAS"])
def test_every_parameter_the_guide_names_exists(db, name):
    assert name in TEXT
    assert db.one("select interno.parametro(%s)", name) is not None


def test_a_person_changes_no_parameter_behind_the_trail(db):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.as_role("authenticated", db.person("ADMIN")):
        db.sql("update parametros set valor = 0")
    db.sql("update parametros set valor = 60 where nome = 'LOGIN_RECENTE_SEGUNDOS'")
    changes = "select count(*) from trilha_auditoria where acao = 'update' and objeto = %s"
    assert db.one(changes, "parametros:LOGIN_RECENTE_SEGUNDOS") == 1
