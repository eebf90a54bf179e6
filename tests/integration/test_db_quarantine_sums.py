"""What waits in quarantine is added up as it comes: the sums say what the items themselves would."""

import json

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.stack.database import EPOCH, T0, Database, batch

LINES = ["SPEP-ENV-A", "SPEP-ENV-B"]
_OF_ITEMS = """
select q.assunto, count(*) as itens, count(*) - count(q.linha_id) as sem_linha, min(q.id) as primeiro,
    max(q.id) as ultimo, count(distinct q.chave) as arquivos,
    coalesce(array_agg(distinct q.linha_id order by q.linha_id) filter (where q.linha_id is not null), '{}') as linhas,
    sum(q.registros) as registros, sum(q.producao) as producao, sum(q.rejeicao) as rejeicao, min(q.de) as de,
    max(q.ate) as ate, min(q.criada_em) as desde, max(q.criada_em) as ultimo_em
from quarentena as q where q.resolvida_em is null group by q.assunto order by q.assunto
"""
_INSERT = """
insert into quarentena (bucket, chave, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate)
select 'teste', 'contagens/planta-1/' || %s || '/' || x.arquivo, x.motivo, 'x', x.linha, x.registros, x.registros * 5,
    1, to_timestamp(x.registros), to_timestamp(x.registros + 1)
from jsonb_to_recordset(%s::jsonb) as x (arquivo integer, motivo text, linha text, registros integer)
"""


def _insist(db: Database) -> None:
    assert db.sql("select * from quarentena_assuntos order by assunto") == db.sql(_OF_ITEMS)


def _add_up(db: Database) -> None:
    with db.as_role("service_role"):
        db.one("select quarentenas_a_reprocessar(100)")


_items = st.lists(
    st.fixed_dictionaries(
        {
            "arquivo": st.integers(1, 3),
            "motivo": st.sampled_from(["NAO_DONO", "COLUNAS"]),
            "linha": st.sampled_from([*LINES, None]),
            "registros": st.one_of(st.none(), st.integers(0, 9)),
        }
    ),
    min_size=1,
    max_size=5,
)
_steps = st.one_of(
    _items,
    st.just("decidir"),
    st.just("reabrir"),
    st.just("juntar"),
    st.just("somar"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_steps, min_size=1, max_size=12))
def test_p10_matters_say_what_their_items_say_after_any_steps(db: Database, steps: list[object]) -> None:
    with db.connection.transaction(force_rollback=True):
        for step in steps:
            match step:
                case "decidir":
                    db.sql(
                        "update quarentena set resolvida_em = now(), decisao = 'DESCARTADO'"
                        " where id in (select id from quarentena where resolvida_em is null order by id limit 2)"
                    )
                case "reabrir":
                    db.sql(
                        "update quarentena set resolvida_em = null, decisao = null"
                        " where id = (select max(id) from quarentena where resolvida_em is not null)"
                    )
                case "juntar":
                    db.sql("select interno.juntar_somas(s.assunto) from (select distinct assunto from quarentena) as s")
                case "somar":
                    db.sql("select interno.somar_de_novo()")
                case items:
                    db.sql(_INSERT, EPOCH, json.dumps(items))
            _insist(db)


def test_p10_items_of_one_file_that_come_one_by_one_are_one_file(db: Database) -> None:
    for _ in range(40):
        db.sql(_INSERT, EPOCH, '[{"arquivo": 1, "motivo": "COLUNAS", "registros": 2}]')
    _insist(db)
    assert db.one("select count(*) from quarentena_somas") < 20
    assert db.one("select arquivos from quarentena_assuntos") == 1


def test_p10_a_decision_is_added_up_by_the_run_of_the_minute(db: Database) -> None:
    db.gateway("planta-1")
    db.record(batch(1, {"SPEP-ENV-A": {T0: (5, 0)}}), batch(2, {"SPEP-ENV-A": {T0 + 9: (7, 1)}}))
    (item,) = db.pending("QUARENTENA")
    assert (item["detalhes"]["itens"], item["detalhes"]["producao"]) == (2, 12)
    boss = db.person()
    first = db.one("select min(id) from quarentena")
    db.call(boss, "resolver_quarentena", p_id=first, p_motivo="contado à mão")
    assert db.pending("QUARENTENA")[0]["detalhes"]["producao"] == 7
    assert db.one("select count(*) from quarentena_somas where itens = 0") == 1
    _add_up(db)
    assert db.one("select count(*) from quarentena_somas where itens = 0") == 0
    assert db.pending("QUARENTENA")[0]["detalhes"]["producao"] == 7
    _insist(db)


@pytest.mark.parametrize("first", ["insert", "sums"])
def test_p10_what_another_call_appends_meanwhile_is_added_once(db: Database, first: str) -> None:
    """The other call commits after the matter was added up anew, or between."""
    one = '[{"arquivo": 1, "motivo": "COLUNAS", "registros": 2}]'
    two = '[{"arquivo": 2, "motivo": "COLUNAS", "registros": 3}]'
    db.sql(_INSERT, EPOCH, one)
    db.sql("insert into quarentena_somas (assunto, itens) select distinct assunto, 0 from quarentena")
    with psycopg.connect(db.url) as other:
        other.execute(_INSERT.encode(), (EPOCH, two))
        if first == "insert":
            other.commit()
        db.sql("select interno.somar_de_novo()")
        other.commit()
    _insist(db)
    db.sql("select interno.juntar_somas(s.assunto) from (select distinct assunto from quarentena) as s")
    _insist(db)
    assert db.one("select count(*) from quarentena_somas") == 1
