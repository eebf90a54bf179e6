"""Thousands of orders that wait for one product: applied in portions, each committed, none lost or twice."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from local.stack.database import T0, Database, Rpc, iso
from sicfar.totvs.waiting import PORTION, release
from tests.integration.test_db_totvs import PRODUCT, Erp, event, heal, order, product

MANY = 4_000


def park(db: Database, many: int) -> None:
    """Orders that came by the webhook and wait for the product, as receber_eventos_totvs leaves them."""
    db.sql(
        "insert into recebimentos_totvs (chave, origem, recebido_em, bruto) values ('muitas', 'webhook', %s, '')",
        iso(T0),
    )
    db.sql(
        "insert into eventos_totvs (recebimento_id, indice, chave, tipo, referencia, recebido_em, dados, sha256,"
        " situacao, codigo, motivo, falta, excluido)"
        " select (select max(id) from recebimentos_totvs), n, 'muitas:' || n, 'ordem', d.op, %s,"
        " jsonb_build_object('numero_op', d.op, 'produto_codigo', %s::text, 'quantidade', n::text,"
        " 'numero_lote', '25L' || n || 'A', 'situacao', 'ABERTA'), md5(n::text), 'ESTACIONADO', 'FALTA_CADASTRO',"
        " 'O produto ainda não chegou.', 'produto:' || %s::text, false"
        " from generate_series(1, %s) as n cross join lateral (select (100000 + n)::text as op) as d",
        iso(T0),
        PRODUCT,
        PRODUCT,
        many,
    )


def waiting(db: Database) -> int:
    return int(db.one("select count(*) from eventos_totvs where situacao = 'ESTACIONADO'"))


@pytest.fixture
def limited(db: Database) -> Iterator[Database]:
    """A database whose statements end after eight seconds, as Supabase's do."""
    db.sql("set statement_timeout = '8s'")
    yield db
    db.sql("reset statement_timeout")


def test_p6_4000_parked_orders_apply_within_the_time_limit(limited: Database) -> None:
    park(limited, MANY)
    erp = Erp(limited)
    assert erp.situations(product()) == ["APLICADO"]
    assert waiting(limited) == MANY - PORTION, "the call that brings the product applies one portion"
    rpc: Any = Rpc(limited)
    calls: list[str] = []
    rpc.after = calls.append
    assert release(rpc, lambda: True) == MANY - PORTION
    assert len(calls) == MANY // PORTION
    assert waiting(limited) == 0
    found = limited.sql("select count(*) as lots, sum(quantidade_planejada)::int as units from lotes_producao")
    assert found == [{"lots": MANY, "units": MANY * (MANY + 1) // 2}]
    assert limited.one("select count(*) from eventos_totvs where situacao = 'APLICADO' and tipo = 'ordem'") == MANY


def test_p6_a_cut_release_resumes_and_applies_each_once(db: Database) -> None:
    park(db, 3 * PORTION + 7)
    Erp(db).tell(product())
    rpc: Any = Rpc(db)

    def cut(_function: str) -> None:
        raise psycopg.OperationalError("the network")

    rpc.after = cut
    with pytest.raises(psycopg.OperationalError):
        release(rpc, lambda: True)  # its portion is committed all the same
    assert waiting(db) == PORTION + 7
    with db.connection.transaction(force_rollback=True):
        db.sql("select reaplicar_eventos_totvs()")
    assert waiting(db) == PORTION + 7
    rpc.after = lambda _function: None
    assert release(rpc, lambda: False) == 0
    assert heal(Erp(db)) == PORTION
    assert release(rpc, lambda: True) == 7
    assert db.one("select count(*) from lotes_producao") == 3 * PORTION + 7


def test_p6_a_repeated_product_goes_on_with_what_was_left(db: Database) -> None:
    park(db, 2 * PORTION)
    erp = Erp(db)
    erp.tell(product(), key="assinatura:1")
    assert erp.situations(product(), key="assinatura:1") == ["JA_RECEBIDO"]
    rpc: Any = Rpc(db)
    release(rpc, lambda: True)
    assert waiting(db) == 0


def test_the_end_of_a_pull_says_whether_more_waits(db: Database) -> None:
    park(db, PORTION + 1)
    db.sql("insert into produtos (produto_codigo) values (%s)", PRODUCT)

    def end() -> Any:
        return db.one("select concluir_sincronizacao_totvs('ordens', now(), 'COMPLETA', 1, %s)", json.dumps({}))

    assert end() == {"reaplicados": PORTION, "restam": True}
    assert end() == {"reaplicados": 1, "restam": False}


def test_p6_what_cannot_apply_yet_stops_neither_the_rest_nor_the_release(db: Database) -> None:
    erp = Erp(db)
    speed: dict[str, Any] = {"linha_id": "SPEP-ENV-A", "produto_codigo": "MP1", "velocidade": "4000"}
    for n in range(PORTION):  # of an input: a speed is of a product, so these wait on
        erp.tell(event("velocidade", **speed, vigente_desde=f"{1991 + n // 12}-{1 + n % 12:02}-01"))
    erp.tell(order())
    erp.tell(event("insumo", insumo_codigo="MP1", descricao="X"))
    db.sql("insert into produtos (produto_codigo) values (%s)", PRODUCT)
    rpc: Any = Rpc(db)
    assert release(rpc, lambda: True) == 1
    assert erp.lot()["numero_lote"] == "25L5480A"
    assert waiting(db) == PORTION
