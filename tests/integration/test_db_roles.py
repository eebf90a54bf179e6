"""Whoever grants roles neither counts, signs nor decides; a manager asks, IT grants; a leaver is out at once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch
from local.stack.migrated import Cluster
from tests.support.refusals import code

LINE = "SPEP-ENV-A"
WHY = "novo no turno da noite"
MASTER_DATA = {
    "definir_linha", "definir_gateway", "definir_fonte", "definir_fator", "definir_etapa", "definir_turno",
    "definir_tipo_insumo", "definir_familia_sem_lote", "definir_recurso", "definir_operacao", "definir_parametro",
    "definir_pessoa", "definir_operador", "definir_equivalencias_mes", "definir_minutos_parada",
    "definir_endereco_resumo", "definir_plantao",
}  # fmt: skip


class Plant(Database):
    """IT, the manager of a sector, and somebody who works there."""

    it = manager = new = ""


@pytest.fixture
def plant(cluster: Cluster) -> Iterator[Plant]:
    with cluster.fresh() as url:
        db = Plant(url)
        db.it, db.manager = db.person("ADMIN"), db.person("GESTOR", "SPEP")
        db.new = db.person("OPERADOR", "SPEP")
        yield db
        db.close()


def ask(db: Plant, role: str = "SUPERVISOR", sector: str | None = "SPEP", **other: Any) -> dict[str, Any]:
    said = {"p_usuario_id": db.new, "p_papel": role, "p_setor": sector, "p_motivo": WHY, **other}
    return db.call(said.pop("by", db.manager), "pedir_papel", **said)


def answer(db: Plant, wanted: dict[str, Any], decision: str = "CONCEDER", by: str | None = None) -> dict[str, Any]:
    return db.call(by or db.it, "conceder_papel", p_id=wanted["id"], p_decisao=decision, p_motivo="conferido com o RH")


def take(db: Plant, user: str, role: str | None = None, sector: str | None = None) -> dict[str, Any]:
    return db.call(db.it, "tirar_papel", p_usuario_id=user, p_papel=role, p_setor=sector, p_motivo="saiu da fábrica")


def roles(db: Database, user: str) -> list[tuple[str, str | None]]:
    rows = db.sql("select papel, setor from papeis_usuario where usuario_id = %s order by papel, setor", user)
    return [(row["papel"], row["setor"]) for row in rows]


# What the granting role may not ---------------------------------------------------------------------------------------


def test_p9_it_may_define_grant_and_approve_and_nothing_else(db: Database) -> None:
    acts = {row["funcao"] for row in db.sql("select funcao, papeis from atos_pessoas()") if "ADMIN" in row["papeis"]}
    assert acts == MASTER_DATA | {
        "conceder_papel", "tirar_papel", "aprovar_apontamento_ti", "suspender_apontamento"
    }  # fmt: skip


def test_p9_who_grants_roles_neither_counts_signs_nor_decides(plant: Plant) -> None:
    plant.gateway("planta-1", LINE)
    plant.lot("000123")
    plant.record(batch(1, {LINE: {T0: (5, 0)}}))
    (row,) = plant.pending("SEM_ORDEM")
    settled = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
    for refused in (
        partial(plant.open, plant.it, "000123", LINE),
        partial(plant.sign, plant.it, LINE, "2026-03-15", "D1"),
        partial(plant.call, plant.it, "justificar_sem_ordem", **settled, p_motivo=WHY),
    ):
        with pytest.raises(psycopg.Error) as caught:
            refused()
        assert (caught.value.sqlstate, caught.value.diag.message_primary) == ("PT403", "SEM_PERMISSAO")
        assert "ADMIN" in (caught.value.diag.message_detail or "")
    assert plant.call(plant.it, "minhas_pendencias")["total"] == 0
    tiles = plant.sql("select login from pessoas_que_podem('assinar_diario', 'SPEP')")
    assert tiles == []


@pytest.mark.parametrize("role", ["OPERADOR", "ENCARREGADO", "SUPERVISOR", "GESTOR", "QUALIDADE", "POSTO"])
def test_p9_nobody_holds_the_granting_role_and_another(plant: Plant, role: str) -> None:
    statement = "insert into papeis_usuario (usuario_id, papel, setor) values (%s, %s, 'SPEP')"
    with pytest.raises(psycopg.errors.ExclusionViolation, match="papeis_de_quem_concede"):
        plant.sql(statement, plant.it, role)
    other = plant.person(role)
    with pytest.raises(psycopg.errors.ExclusionViolation, match="papeis_de_quem_concede"):
        plant.sql(statement, other, "ADMIN")
    boss = plant.person("GESTOR")
    assert code(lambda: ask(plant, role, p_usuario_id=plant.it, by=boss)) == ("PT409", "PAPEIS_INCOMPATIVEIS")
    assert code(lambda: ask(plant, "ADMIN", None, p_usuario_id=other, by=boss)) == ("PT409", "PAPEIS_INCOMPATIVEIS")


# Asked for, given, refused, withdrawn ---------------------------------------------------------------------------------


def test_p10_a_manager_asks_it_grants_and_both_are_on_the_trail(plant: Plant) -> None:
    before = plant.one("select max(id) from trilha_auditoria")
    wanted = ask(plant)
    (row,) = plant.pending("PAPEL_PEDIDO")
    assert (row["setor"], row["quem_decide"], row["funcao"]) == ("SPEP", "ADMIN", "conceder_papel")
    assert row["detalhes"]["p_id"] == wanted["id"]
    assert WHY in row["descricao"]
    assert roles(plant, plant.new) == [("OPERADOR", "SPEP")]
    assert answer(plant, wanted)["situacao"] == "CONCEDIDO"
    assert roles(plant, plant.new) == [("OPERADOR", "SPEP"), ("SUPERVISOR", "SPEP")]
    assert plant.pending("PAPEL_PEDIDO") == []
    trail = plant.sql(
        "select usuario_id::text as who, papel, acao, split_part(objeto, ':', 1) as what, antes ->> 'situacao' as old,"
        " depois ->> 'situacao' as new, motivo from trilha_auditoria where id > %s order by id", before,
    )  # fmt: skip
    assert [tuple(row.values()) for row in trail] == [
        (plant.manager, "GESTOR", "insert", "pedidos_papel", None, "PEDIDO", WHY),
        (plant.it, "ADMIN", "insert", "papeis_usuario", None, None, "conferido com o RH"),
        (plant.it, "ADMIN", "update", "pedidos_papel", "PEDIDO", "CONCEDIDO", "conferido com o RH"),
    ]


def test_p10_a_request_is_refused_or_withdrawn_and_may_come_again(plant: Plant) -> None:
    assert answer(plant, ask(plant), "RECUSAR")["situacao"] == "RECUSADO"
    wanted = ask(plant)
    assert code(lambda: ask(plant)) == ("PT409", "JA_PEDIDO")
    withdraw = {"p_id": wanted["id"], "p_motivo": "não é mais preciso"}
    for other in (plant.it, plant.new, plant.person("GESTOR", "SPPV")):
        assert code(partial(plant.call, other, "retirar_pedido_papel", **withdraw))[1] == "SEM_PERMISSAO"
    gone = plant.call(plant.person("GESTOR", "SPEP"), "retirar_pedido_papel", **withdraw)
    assert (gone["situacao"], plant.pending("PAPEL_PEDIDO")) == ("RETIRADO", [])
    assert code(lambda: answer(plant, wanted)) == ("PT409", "PEDIDO_RESOLVIDO")
    assert code(lambda: answer(plant, {"id": 0})) == ("PT404", "PEDIDO_DESCONHECIDO")
    assert roles(plant, plant.new) == [("OPERADOR", "SPEP")]


def test_p9_only_the_sectors_manager_asks_and_only_it_grants(plant: Plant) -> None:
    for other in (plant.it, plant.new, plant.person("GESTOR", "SPPV"), plant.person("SUPERVISOR", "SPEP")):
        assert code(partial(ask, plant, by=other))[1] == "SEM_PERMISSAO"
    assert code(lambda: ask(plant, sector=None))[1] == "SEM_PERMISSAO", "a role for all sectors is no sector's"
    wanted = ask(plant)
    for other in (plant.manager, plant.new, plant.person("GESTOR")):
        assert code(partial(answer, plant, wanted, by=other))[1] == "SEM_PERMISSAO"
        assert code(partial(plant.call, other, "tirar_papel", p_usuario_id=plant.new, p_papel=None, p_setor=None,
                            p_motivo=WHY))[1] == "SEM_PERMISSAO"  # fmt: skip


def test_p9_nobody_asks_for_or_grants_a_role_of_ones_own(plant: Plant) -> None:
    assert code(lambda: ask(plant, p_usuario_id=plant.manager)) == ("PT403", "PROPRIO_PAPEL")
    boss, other = plant.person("GESTOR"), plant.person("OPERADOR", "SPPV")
    plant.sql("delete from papeis_usuario where usuario_id = %s", other)
    wanted = ask(plant, "ADMIN", None, p_usuario_id=other, by=boss)
    plant.sql("insert into papeis_usuario (usuario_id, papel) values (%s, 'ADMIN')", other)
    plant.sql("update papeis_usuario set setor = 'SPPV' where usuario_id = %s", plant.it)
    assert code(lambda: answer(plant, wanted, by=other)) == ("PT403", "PROPRIO_PAPEL")


def test_p9_what_a_manager_asked_who_left_is_not_granted(plant: Plant) -> None:
    wanted = ask(plant)
    take(plant, plant.manager)
    assert code(lambda: answer(plant, wanted)) == ("PT409", "PEDIDO_SEM_GESTOR")
    plant.sql("insert into papeis_usuario (usuario_id, papel) values (%s, 'ADMIN')", plant.manager)
    assert code(lambda: answer(plant, wanted, by=plant.manager)) == ("PT409", "PEDIDO_SEM_GESTOR")
    assert answer(plant, wanted, "RECUSAR")["situacao"] == "RECUSADO"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"p_papel": "CHEFE"}, "VALOR_INVALIDO"),
        ({"p_papel": None}, "VALOR_INVALIDO"),
        ({"p_setor": "OUTRO", "by": "boss"}, "VALOR_INVALIDO"),
        ({"p_papel": "OPERADOR"}, "PAPEL_JA_VALE"),
        ({"p_usuario_id": "00000000-0000-4000-8000-000000000009"}, "PESSOA_DESCONHECIDA"),
        ({"p_usuario_id": None}, "PESSOA_DESCONHECIDA"),
        ({"p_motivo": "x"}, "MOTIVO_OBRIGATORIO"),
    ],
)
def test_p10_a_request_that_makes_no_sense_is_refused(plant: Plant, wrong: dict[str, Any], why: str) -> None:
    if "by" in wrong:
        wrong = {**wrong, "by": plant.person("GESTOR")}
    assert code(lambda: ask(plant, **wrong))[1] == why
    assert plant.pending("PAPEL_PEDIDO") == []


# Taken away -----------------------------------------------------------------------------------------------------------


def test_p9_a_leaver_loses_everything_at_once_with_one_call(plant: Plant) -> None:
    answer(plant, ask(plant))
    gone = take(plant, plant.new)
    assert gone["tirados"] == [{"papel": role, "setor": "SPEP"} for role in ("OPERADOR", "SUPERVISOR")]
    assert (gone["restam"], roles(plant, plant.new)) == ([], [])
    (row, _other) = plant.sql("select papel, antes, depois, motivo from trilha_auditoria order by id desc limit 2")
    assert (row["papel"], row["antes"]["usuario_id"], row["depois"]) == ("ADMIN", plant.new, None)
    assert row["motivo"] == "saiu da fábrica"
    assert code(lambda: take(plant, plant.new)) == ("PT404", "PAPEL_DESCONHECIDO")


def test_p9_one_role_is_taken_and_the_others_stay(plant: Plant) -> None:
    answer(plant, ask(plant))
    assert code(lambda: take(plant, plant.new, "SUPERVISOR", "SPPV")) == ("PT404", "PAPEL_DESCONHECIDO")
    assert code(lambda: take(plant, plant.new, "CHEFE")) == ("PT422", "VALOR_INVALIDO")
    assert take(plant, plant.new, "OPERADOR", "SPEP")["restam"] == [{"papel": "SUPERVISOR", "setor": "SPEP"}]


def test_p9_the_last_administrator_stays_one(plant: Plant) -> None:
    assert code(lambda: take(plant, plant.it)) == ("PT409", "ULTIMO_ADMIN")
    assert code(lambda: take(plant, plant.it, "ADMIN")) == ("PT409", "ULTIMO_ADMIN")
    other = plant.person("ADMIN")
    take(plant, plant.it, "ADMIN")
    assert [str(row["usuario_id"]) for row in plant.sql("select * from papeis_usuario where papel = 'ADMIN'")] == [
        other
    ]


# The way in -----------------------------------------------------------------------------------------------------------


def first(db: Database, it: str | None, manager: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = db.one(
        "select interno.primeiros_papeis(%s, %s, 'instalação da fábrica')", it, manager
    )
    return found


def test_p9_the_first_two_come_in_only_where_nobody_holds_the_role(db: Database) -> None:
    it, manager, third = (db.one("select gen_random_uuid()::text") for _ in range(3))
    assert code(lambda: first(db, it, it)) == ("PT409", "PAPEIS_INCOMPATIVEIS")
    assert [(row["papel"], row["usuario_id"], row["setor"]) for row in first(db, it, manager)] == [
        ("ADMIN", it, None), ("GESTOR", manager, None)
    ]  # fmt: skip
    for again in ((third, None), (None, third), (third, manager)):
        assert code(partial(first, db, *again)) == ("PT409", "JA_HA_QUEM")
    db.call(it, "definir_pessoa", p_usuario_id=third, p_nome="Ana Terceira", p_motivo=WHY)
    db.call(it, "conceder_papel", p_decisao="CONCEDER", p_motivo=WHY, p_id=db.call(
        manager, "pedir_papel", p_usuario_id=third, p_papel="GESTOR", p_setor=None, p_motivo=WHY
    )["id"])  # fmt: skip
    rows = db.sql("select papel, motivo from trilha_auditoria where objeto = 'papeis_usuario:' || %s", manager)
    assert rows == [{"papel": "postgres", "motivo": "instalação da fábrica"}]


@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_p9_no_api_role_reaches_the_way_in(db: Database, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.as_role(role, db.person("ADMIN")):
        db.sql("select interno.primeiros_papeis(gen_random_uuid(), null, 'instalação da fábrica')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.as_role(role, db.person("ADMIN")):
        db.sql("insert into papeis_usuario (usuario_id, papel) values (gen_random_uuid(), 'GESTOR')")
