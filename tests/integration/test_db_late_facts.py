"""Facts or counts first, the end is the same: who counted a line, by which factor, for which order."""

import random
from collections.abc import Callable
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stack.database import T0, Database, batch, span
from local.stack.migrated import Cluster
from tests.support.rereading import reread
from tests.support.sampling import is_long

LINE = "SPEP-ENV-A"
SOURCES = ["planta-1", "planta-2", "planta-3"]
OPS = ["000123", "146734"]
# Facts begin and end on a coarse grid, and counts fall on it or beside it: edges are met exactly, and often.
instants = st.integers(0, 6).map(lambda n: T0 + 20 * n)
counts = st.tuples(st.integers(0, 5), st.integers(0, 2)).filter(any)
Act = Callable[[Database], object]


def said(function: str, **arguments: Any) -> Act:
    def act(db: Database) -> None:
        try:
            db.call(db.boss, function, **arguments, p_motivo="entrou depois")
        except psycopg.Error as refused:
            if not (refused.sqlstate or "").startswith("PT4"):
                raise

    return act


@st.composite
def owners(draw: st.DrawFn) -> Act:
    since, until = draw(instants), draw(st.none() | instants)
    return said(
        "definir_fonte", p_linha_id=LINE, p_fonte=draw(st.sampled_from(SOURCES)),
        p_papel=draw(st.sampled_from(["contagem", "contagem", "conferencia", "nenhum"])), p_de=since, p_ate=until,
    )  # fmt: skip


@st.composite
def factors(draw: st.DrawFn) -> Act:
    return said(
        "definir_fator", p_linha_id=LINE, p_contador=draw(st.sampled_from(["producao", "rejeicao"])),
        p_fator=draw(st.integers(1, 9)), p_de=draw(instants), p_ate=draw(st.none() | instants),
    )  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> Act:
    verb, at = draw(st.sampled_from([("abrir_ordem", "p_aberta_em"), ("encerrar_ordem", "p_encerrada_em")]))
    return said(verb, p_numero_op=draw(st.sampled_from(OPS)), p_linha_id=LINE, **{at: draw(instants)})


@st.composite
def files(draw: st.DrawFn) -> tuple[str, dict[int, tuple[int, int]], list[dict[str, Any]]]:
    ends = st.tuples(instants, st.sampled_from([-1, 0, 0.5, 3, 19])).map(sum)
    spans = draw(st.lists(st.tuples(ends, ends, counts, st.booleans()), max_size=2))
    return (
        draw(st.sampled_from(SOURCES)),
        draw(st.dictionaries(st.integers(T0 - 5, T0 + 130), counts, max_size=20)),
        [span(LINE, min(a, b), max(a, b), *pair, *["implausivel"] * doubt) for a, b, pair, doubt in spans],
    )


def end(db: Database) -> dict[str, Any]:
    """All that counts, and how much waits."""
    return {
        "minutes": db.sql(
            "select minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao"
            " from contagens_minuto order by 1"
        ),
        "spans": db.sql(
            "select desde, ate, producao, rejeicao, situacao, motivo, numero_op, fator_producao, fator_rejeicao"
            " from contagens_intervalo where situacao <> 'RETIRADA' order by 1, 2, 3, 4, 5"
        ),
        "shown": db.sql(
            "select fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao"
            " from contagens_conferencia order by 1, 2"
        ),
        "orders": db.sql(
            "select numero_op, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,"
            " primeira_contagem, ultima_contagem from ordens_producao_ativas order by 1"
        ),
        "periods": db.sql("select numero_op, intervalo, fator_producao, fator_rejeicao from periodos_ordem order by 2"),
        "balance": db.balance(LINE),
        "refused": db.sql(
            "select coalesce(q.fonte, a.gateway) as fonte, sum(q.producao) as producao, sum(q.rejeicao) as rejeicao"
            " from quarentena as q left join arquivos_ingeridos as a on a.id = q.arquivo_id"
            " where q.resolvida_em is null group by 1 order by 1"
        ),
    }


def played(cluster: Cluster, entries: list[dict[str, Any]], acts: list[Act]) -> dict[str, Any]:
    with cluster.fresh() as url:
        db = Database(url)
        for source in SOURCES:
            db.gateway(source)
        db.lot(*OPS)
        db.boss = db.person("GESTOR")
        for act in acts:
            act(db)
        reread(db, *entries)
        found = end(db)
        db.close()
    return found


def recorded(entry: dict[str, Any]) -> Act:
    return lambda db: db.record(entry)


def test_p1_p2_facts_before_or_after_the_counts_give_the_same_end(cluster: Cluster) -> None:
    @settings(max_examples=150 if is_long() else 12, suppress_health_check=list(HealthCheck))
    @given(
        arrivals=st.lists(files(), min_size=1, max_size=5),
        facts=st.tuples(
            st.lists(owners(), max_size=5), st.lists(factors(), max_size=3), st.lists(orders(), max_size=4)
        ),
        seed=st.integers(0, 2**32),
    )
    def same(arrivals: list[Any], facts: tuple[list[Act], ...], seed: int) -> None:
        entries = [
            batch(number, {LINE: cells}, gateway=source, spans=spans)
            for number, (source, cells, spans) in enumerate(arrivals, 1)
        ]
        reads: list[Act] = [lambda db: reread(db, *entries)] * 3
        chance = random.Random(seed)
        waiting = [list(one) for one in (*facts, [recorded(entry) for entry in entries], reads)]
        mixed: list[Act] = []
        while any(waiting):
            mixed.append(chance.choice([one for one in waiting if one]).pop(0))
        first = [*(act for kind in facts for act in kind), *(recorded(entry) for entry in entries)]
        assert played(cluster, entries, mixed) == played(cluster, entries, first)

    same()
