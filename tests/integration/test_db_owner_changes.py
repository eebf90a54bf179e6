"""Who counts a line, said after it was counted: one owner's counts stand, whatever came first."""

from typing import Any

import pytest

from local.stack.database import T0, Database, batch, span
from tests.support.rereading import reread

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
ONE, TWO = "planta-1", "planta-2"


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway(ONE, B)
    db.gateway(TWO)
    db.lot("000123", "146734")
    db.boss = db.person("ADMIN")
    db.open(db.boss, "000123", B, T0)
    return db


def define(db: Database, source: str, since: int, until: int | None = None, role: str = "contagem") -> dict[str, Any]:
    return db.call(
        db.boss, "definir_fonte", p_linha_id=B, p_fonte=source, p_papel=role, p_de=since, p_ate=until,
        p_motivo="o sensor mudou de gateway",
    )  # fmt: skip


def counts(since: int, many: int = 60, each: tuple[int, int] = (1, 0)) -> dict[str, dict[int, tuple[int, int]]]:
    return {B: {since + n: each for n in range(many)}}


def stored(db: Database) -> dict[str, Any]:
    """Everything that is kept of the line's counts, but for numbers of rows and instants of storing."""
    return {
        "minutes": db.sql(
            "select minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao"
            " from contagens_minuto order by 1"
        ),
        "spans": db.sql(
            "select desde, ate, producao, rejeicao, situacao, numero_op, fator_producao from contagens_intervalo"
            " order by 1, 2, 3"
        ),
        "shown": db.sql(
            "select fonte, minuto, producao, rejeicao, segundos_producao from contagens_conferencia order by 1, 2"
        ),
        "totals": db.sql(
            "select numero_op, producao_acumulada, rejeicao_acumulada, primeira_contagem, ultima_contagem"
            " from ordens_producao_ativas order by 1"
        ),
    }


def test_p1_the_owner_of_a_time_said_later_counts_it_alone(plant: Database) -> None:
    mine, theirs = batch(1, counts(T0)), batch(1, counts(T0), gateway=TWO)
    plant.record(mine, theirs)
    assert plant.totals()["000123", B] == (60, 0)
    done = define(plant, TWO, T0)
    assert plant.totals()["000123", B] == (0, 0)
    assert done["a_reler"] == 1
    reread(plant, mine, theirs)
    assert plant.totals()["000123", B] == (60, 0)
    assert plant.balance(B)["quarentena"] == (60, 0)
    (item,) = plant.sql("select * from quarentena where resolvida_em is null")
    assert (item["fonte"], item["motivo"], item["producao"]) == (ONE, "NAO_DONO", 60)
    assert [(row["detalhes"]["p_id"], row["detalhes"]["alternativa"]) for row in plant.pending("QUARENTENA")] == [
        (item["id"], "definir_fonte")
    ]


@pytest.mark.parametrize("cut", [T0, T0 + 25, T0 + 60])
def test_p1_a_withdrawn_owner_leaves_everything_as_it_was(plant: Database, cut: int) -> None:
    spans = [
        span(B, T0 + 3, T0 + 9, 7),
        span(B, T0 + 20, T0 + 31, 5, 1),
        span(B, T0 + 70, T0 + 71, 90, 0, "implausivel"),
    ]
    plant.record(batch(1, counts(T0, 130), spans=spans))
    (held,) = plant.sql("select id from contagens_retidas")
    plant.call(
        plant.boss, "decidir_retido", p_id=held["id"], p_decisao="ATRIBUIR", p_numero_op="000123", p_motivo="conferido"
    )
    before = stored(plant)
    define(plant, TWO, cut, T0 + 90)
    between = plant.balance(B)
    assert between["quarentena"][0] > 0
    assert stored(plant) != before
    define(plant, ONE, cut, T0 + 90)
    assert stored(plant) == before
    assert plant.balance(B)["quarentena"] == (0, 0)
    assert plant.sql("select fonte, de, ate from fontes_linha where linha_id = %s", B)[0]["ate"] is None
