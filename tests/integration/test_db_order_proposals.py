"""Which orders a screen proposes for a line, and which ones it shows that were there."""

import time
from datetime import datetime
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, batch

A, B, PACKING = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-EMB-EST02"


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B, PACKING)
    db.boss = db.person("OPERADOR", "SPEP")
    for product in ("07010012", "07019999", "0805"):
        db.sql("insert into produtos (produto_codigo, descricao) values (%s, %s)", product, f"Solução {product}")
    return db


def lot(db: Database, op: str, issued: str = "2026-11-20", **columns: Any) -> None:
    """An order that came from TOTVS."""
    row: dict[str, Any] = {
        "numero_op": op,
        "numero_lote": f"26C{op}",
        "produto_codigo": "07010012",
        "data_emissao": issued,
    }
    row |= {"quantidade_planejada": 1000, "situacao_totvs": "ABERTA"} | columns
    places = ", ".join(["%s"] * len(row))
    db.sql(f"insert into lotes_producao ({', '.join(row)}) values ({places})", *row.values())


def named(line: str, origin: str = "PROPOSTA") -> dict[str, str]:
    return {"linha_id": line, "linha_origem": origin}


def proposals(db: Database, line: str) -> dict[str, dict[str, Any]]:
    with db.as_role("authenticated", db.boss):
        rows = db.sql("select * from ordens_propostas(%s)", line)
    assert all(row["produto"] == f"Solução {row['produto_codigo']}" for row in rows)
    found = {row["numero_op"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_p10_a_lines_own_lots_come_first_and_the_newest_of_them_first(plant: Database) -> None:
    plant.sql("insert into velocidades_nominais (linha_id, produto_codigo, de, velocidade, validade)"
              " values (%s, '07010012', '2026-01-01', 4000, '[2026-01-01,)')", A)  # fmt: skip
    lot(plant, "000001", "2026-11-01", **named(A))
    lot(plant, "000002", "2026-11-02", **named(A, "TOTVS"), produto_codigo="07019999")
    lot(plant, "000003", "2026-11-20")
    lot(plant, "000004", "2026-11-21")
    lot(plant, "000005", produto_codigo="0805")
    found = proposals(plant, A)
    assert {op: row["razoes"] for op, row in found.items()} == {
        "000002": ["LINHA_DO_TOTVS"],
        "000001": ["LETRA_DO_LOTE", "VELOCIDADE_NOMINAL"],
        "000004": ["VELOCIDADE_NOMINAL"],
        "000003": ["VELOCIDADE_NOMINAL"],
    }
    assert list(found) == ["000002", "000001", "000004", "000003"]
    assert proposals(plant, B) == {}


def test_p10_without_a_line_a_product_is_proposed_where_it_was_made(plant: Database) -> None:
    lot(plant, "000001", produto_codigo="0805")
    lot(plant, "000002", produto_codigo="0805")
    plant.open(plant.boss, "000001", B, T0)
    plant.shut(plant.boss, "000001", B, T0 + 60)
    found = proposals(plant, B)
    assert {op: (row["status"], row["razoes"]) for op, row in found.items()} == {
        "000002": ("PLANEJADO", ["PRODUTO_FEITO_AQUI"]),
        "000001": ("A_FECHAR", ["PRODUTO_FEITO_AQUI"]),
    }
    assert list(found) == ["000002", "000001"], "one that was on the line already comes last"
    assert proposals(plant, A) == {}


def test_p10_finished_or_foreign_orders_are_not_proposed(plant: Database) -> None:
    for op in ("000001", "000002", "000003", "000004", "000005"):
        lot(plant, op, **named(A))
    lot(plant, "000006", **named(B))
    plant.open(plant.boss, "000004", A, T0 - 60)
    plant.shut(plant.boss, "000004", A, T0)
    plant.open(plant.boss, "000001", A, T0)
    plant.sql("update lotes_producao set situacao_totvs = 'CANCELADA' where numero_op = '000002'")
    plant.sql("update lotes_producao set situacao_totvs = 'ENCERRADA' where numero_op = '000003'")
    plant.call(plant.person("GESTOR"), "por_ordem_de_lado", p_numero_op="000004", p_motivo="roteiro")
    assert list(proposals(plant, A)) == ["000005"]
    plant.open(plant.boss, "000005", B, T0)
    assert proposals(plant, A) == {}
    plant.shut(plant.boss, "000005", B, T0 + 60)
    assert list(proposals(plant, A)) == ["000005"]


def test_p10_an_order_that_is_filled_is_proposed_for_packing(plant: Database) -> None:
    for op in ("000001", "000002", "000003"):
        lot(plant, op, **named(A))
    plant.open(plant.boss, "000001", PACKING, T0)
    plant.shut(plant.boss, "000001", PACKING, T0 + 60)
    plant.open(plant.boss, "000002", A, T0)
    assert list(proposals(plant, PACKING)) == ["000002", "000003", "000001"]


def test_p10_a_proposal_says_what_speaks_against_it_as_the_opening_does(plant: Database) -> None:
    lot(plant, "000001", **named(A))
    plant.sql("update produtos set bloqueado = true where produto_codigo = '07010012'")
    found = proposals(plant, A)["000001"]
    said = plant.call(plant.boss, "verificar_abertura", p_numero_op="000001", p_linha_id=A)
    assert {name: found[name] for name in said} == said
    assert [one["codigo"] for one in found["motivos"]] == ["PRODUTO_BLOQUEADO"]


def test_p10_proposals_are_at_most_twelve_of_thousands(plant: Database) -> None:
    for n in range(40):
        lot(plant, f"{n:06}", **named(A))
    assert len(proposals(plant, A)) == 12


# What was there -------------------------------------------------------------------------------------------------------


def shown(db: Database, line: str, before: str | None = None) -> dict[str, Any]:
    return db.call(db.boss, "ordens_da_linha", p_linha_id=line, p_antes=before)


def test_p10_the_orders_of_a_line_are_paged_from_the_newest(plant: Database) -> None:
    for n in range(21):
        lot(plant, f"{n:06}")
        plant.open(plant.boss, f"{n:06}", A, T0 + 60 * n)
        plant.shut(plant.boss, f"{n:06}", A, T0 + 60 * n + 60)
    seen, before, pages = [], None, 0
    while pages == 0 or before:
        page = shown(plant, A, before)
        seen += [one["numero_op"] for one in page["periodos"]]
        before, pages = page["antes"], pages + 1
    assert (pages, seen) == (3, [f"{n:06}" for n in reversed(range(21))])
    assert shown(plant, B)["periodos"] == []


def test_p10_a_line_says_since_when_it_counts_without_order(plant: Database) -> None:
    lot(plant, "000001")
    begun = int(time.time()) // 60 * 60 - 1800
    plant.open(plant.boss, "000001", A, begun)
    plant.record(batch(1, {A: {begun + 90: (1, 0), begun + 130: (2, 1), begun + 600: (3, 0)}}))
    assert shown(plant, A)["sem_op"] is None
    plant.shut(plant.boss, "000001", A, begun + 125)
    without = shown(plant, A)["sem_op"]
    assert datetime.fromisoformat(without["desde"]).timestamp() == begun + 125
    assert (without["producao"], without["rejeicao"]) == (5, 1)
    (period,) = shown(plant, A)["periodos"]
    assert (period["producao"], period["encerrada_em"]) == (8, without["desde"])
    plant.shut(plant.boss, "000001", A, begun + 131)
    assert shown(plant, A)["sem_op"]["producao"] == 3
    assert datetime.fromisoformat(shown(plant, A)["sem_op"]["desde"]).timestamp() == begun + 600


def test_p9_orders_of_an_unknown_line_are_refused(plant: Database) -> None:
    manager = plant.person("GESTOR")
    for function in ("ordens_da_linha", "ordens_propostas"):
        with pytest.raises(psycopg.Error) as refusal, plant.as_role("authenticated", manager):
            plant.sql(f"select {function}('SPEP-ENV-Z')")
        assert refusal.value.diag.message_primary == "LINHA_DESCONHECIDA"
