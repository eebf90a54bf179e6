"""Whatever the order, repetition and grouping in which the ERP's events come, the tables end as one clean look says.

The oracle shares nothing with the database: it takes, for each thing, its newest event and writes down what follows.
"""

import random
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stack import migrated
from local.stack.database import T0, Database
from tests.integration.test_db_totvs import Erp, event

PRODUCTS = ["07010001", "07010002", "07040001"]
NEVER = "07019999"  # a product nobody ever announces
INPUTS = ["01010001", "01010002"]
LOTS = ["25L0001A", "25L00012B", "DP25L001"]
LINES = ["SPEP-ENV-A"]
days = st.sampled_from(["2025-01-01", "2025-02-01", "2025-03-01"])
some_day = st.none() | days

orders = st.fixed_dictionaries(
    {
        "tipo": st.just("ordem"),
        "numero_op": st.sampled_from(["146734", "14673401001", "146735", "146736", "14673601001"]),
        "produto_codigo": st.sampled_from([*PRODUCTS, NEVER]),
        "quantidade": st.integers(0, 9).map(str),
        "numero_lote": st.sampled_from(LOTS),
        "descricao": st.sampled_from(["SOL", "SOLUÇÃO"]),
        "data_validade": some_day,
        "data_fabricacao": some_day,
        "situacao": st.sampled_from(["ABERTA", "ENCERRADA", "CANCELADA"]),
    }
)
ignored = st.fixed_dictionaries(
    {
        "tipo": st.just("ordem"),
        "numero_op": st.sampled_from(["146800", "146801"]),
        "produto_codigo": st.sampled_from(["08040001", "12030001"]),
        "quantidade": st.just("5"),
        "numero_lote": st.just("DP25L001/1"),
    }
)
products = st.fixed_dictionaries(
    {
        "tipo": st.just("produto"),
        "produto_codigo": st.sampled_from(PRODUCTS),
        "descricao": st.sampled_from(["A", "B"]),
        "bloqueado": st.booleans(),
    }
)
inputs = st.fixed_dictionaries(
    {"tipo": st.just("insumo"), "insumo_codigo": st.sampled_from(INPUTS), "descricao": st.sampled_from(["PE", "CX"])}
)
stock = st.fixed_dictionaries(
    {
        "tipo": st.just("lote"),
        "produto_codigo": st.sampled_from([*PRODUCTS, *INPUTS]),
        "numero_lote": st.sampled_from(LOTS),
        "quantidade": st.integers(0, 9).map(str),
        "data_validade": some_day,
        "data_fabricacao": some_day,
    }
)
speeds = st.fixed_dictionaries(
    {
        "tipo": st.just("velocidade"),
        "linha_id": st.sampled_from(LINES),
        "produto_codigo": st.sampled_from([PRODUCTS[0], NEVER]),
        "velocidade": st.integers(1, 9).map(str),
        "vigente_desde": days,
        "vigente_ate": st.none() | st.just("2025-03-15"),
    }
)
Told = dict[str, Any]


def reference(told: Told) -> tuple[str, ...]:
    if told["tipo"] == "ordem":
        return ("ordem", told["numero_op"][:6])
    keys = {"produto": ["produto_codigo"], "insumo": ["insumo_codigo"], "lote": ["produto_codigo", "numero_lote"],
            "velocidade": ["linha_id", "produto_codigo", "vigente_desde"]}  # fmt: skip
    return (told["tipo"], *(told[key] for key in keys[told["tipo"]]))


def oracle(history: list[Told]) -> dict[str, list[tuple[Any, ...]]]:
    """The tables after a history whose order is the order of the versions."""
    known = {one["produto_codigo"] for one in history if one["tipo"] == "produto"}
    materials = {one["insumo_codigo"] for one in history if one["tipo"] == "insumo"}
    newest: dict[tuple[str, ...], Told] = {}
    for one in history:
        if one["tipo"] in ("produto", "insumo") or one["produto_codigo"] in known | materials:
            newest[reference(one)] = one
    lots = []
    flagged = []
    for (kind, *rest), last in newest.items():
        if kind != "ordem" or last["produto_codigo"] not in known:
            continue
        (up_to,) = (n for n, one in enumerate(history) if one is last)
        told = {one["descricao"] for one in history[: up_to + 1] if reference(one) == (kind, *rest)}
        flagged += [(rest[0],)] if len(told) > 1 else []
        dates = newest.get(("lote", last["produto_codigo"], last["numero_lote"]), last)
        letter = last["numero_lote"][-1] if last["produto_codigo"].startswith("0701") else ""
        lots.append(
            (rest[0], last["produto_codigo"], last["numero_lote"], int(last["quantidade"]), last["descricao"],
             last["situacao"], f"SPEP-ENV-{letter}" if letter in ("A", "B") else None, dates["data_fabricacao"],
             dates["data_validade"])
        )  # fmt: skip
    speed_days = defaultdict(list)
    for (kind, *rest), last in newest.items():
        if kind == "velocidade" and last["produto_codigo"] in known:
            speed_days[tuple(rest[:2])].append((rest[2], last))
    periods = []
    for (line, product), starts in speed_days.items():
        starts.sort(key=lambda start: start[0])
        following = [day for day, _ in starts[1:]] + [None]
        for (day, last), next_day in zip(starts, following, strict=True):
            ends = [one for one in ("2025-03-16" if last["vigente_ate"] else None, next_day) if one]
            periods.append((line, product, day, int(last["velocidade"]), min(ends) if ends else None))
    return {
        "lots": sorted(lots),
        "flagged": sorted(flagged),
        "products": sorted(
            (last["produto_codigo"], last["descricao"], last["bloqueado"])
            for (kind, *_), last in newest.items()
            if kind == "produto"
        ),
        "inputs": sorted((k[1], last["descricao"]) for k, last in newest.items() if k[0] == "insumo"),
        "stock": sorted(
            (k[1], k[2], int(last["quantidade"]), last["data_validade"])
            for k, last in newest.items()
            if k[0] == "lote" and k[1] in materials
        ),
        "speeds": sorted(periods, key=str),
    }


def found(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    queries = {
        "lots": "select numero_op, produto_codigo, numero_lote, quantidade_planejada::int, descricao,"
        " situacao_totvs, linha_id, data_fabricacao::text, data_validade::text from lotes_producao",
        "flagged": "select distinct numero_op from alteracoes_op where codigo = 'DESCRICAO_DIFERENTE'",
        "products": "select produto_codigo, descricao, bloqueado from produtos",
        "inputs": "select insumo_codigo, descricao from insumos",
        "stock": "select insumo_codigo, numero_lote, quantidade::int, data_validade::text from lotes_insumo",
        "speeds": "select linha_id, produto_codigo, de::text, velocidade::int, upper(validade)::text"
        " from velocidades_nominais",
    }
    rows = {name: [tuple(row.values()) for row in db.sql(query)] for name, query in queries.items()}
    return {name: sorted(each, key=str) if name == "speeds" else sorted(each) for name, each in rows.items()}


@given(
    st.lists(orders | orders | orders | products | stock | speeds | inputs | ignored, max_size=40),
    st.lists(products, min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_p1_events_in_any_order_end_as_the_newest_of_each(
    cluster: migrated.Cluster, told: list[Told], announced: list[Told], rng: random.Random
) -> None:
    history = [dict(one) for one in told + announced]  # each its own, also if equal
    rng.shuffle(history)
    expected = oracle(history)
    events = []
    for version, one in enumerate(history):
        made = event(one["tipo"], version, **{name: value for name, value in one.items() if name != "tipo"})
        events.append({**made, "evento_id": rng.choice([None, f"e{version}"])})
    deliveries = events + rng.sample(events, len(events) // 3)
    rng.shuffle(deliveries)
    with cluster.fresh() as url:
        db = Database(url)
        erp = Erp(db)
        while deliveries:
            many = rng.randint(1, 6)
            together, deliveries = deliveries[:many], deliveries[many:]
            key, origin = f"k{len(deliveries)}", rng.choice(["webhook", "webhook", "consulta"])
            for _ in range(rng.choice([1, 1, 2])):
                situations = erp.situations(*together, at=T0 + rng.randint(0, 100), key=key, origin=origin)
                assert not {"ERRO", "RECUSADO"} & set(situations)
        assert found(db) == expected
        db.sql("select concluir_sincronizacao_totvs('ordens', now(), 'COMPLETA', 1, '{}')")
        assert found(db) == expected
        parked = {row["falta"] for row in db.sql("select falta from eventos_totvs where situacao = 'ESTACIONADO'")}
        missing = {f"produto:{code}" for code in {*PRODUCTS, NEVER, *INPUTS} - {p[0] for p in expected["products"]}}
        assert parked <= missing - {f"produto:{code}" for code, _ in expected["inputs"]}
        db.close()
