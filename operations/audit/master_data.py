"""Master data is what its trail comes to: every row is the last one the trail says of it, and none is missing."""

from pydantic import Field

from operations.audit.differences import Difference, Tell
from operations.audit.evidence import Evidence
from operations.audit.rows import Row


class _TableRow(Row, frozen=True):
    table: str = Field(alias="tabela")
    key: tuple[str, ...] = Field(alias="chave")


class _FaultRow(Row, frozen=True):
    key: str = Field(alias="chave")
    fault: str = Field(alias="falta")


_TABLES = """
select c.relname::text as tabela, (
    select pg_catalog.array_agg(a.attname::text order by a.attnum) from pg_catalog.pg_index as i
    inner join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = c.oid and i.indisprimary
) as chave
from pg_catalog.pg_class as c
where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relname = any(%s) order by 1
"""

MASTER = (
    *("apontamentos_linha", "aprovacoes_apontamento", "enderecos_resumo", "equivalencias_mes", "etapas_familia"),
    *("familias_sem_lote", "fatores_linha", "fontes_linha", "gateways", "linhas", "lotes_producao", "papeis_usuario"),
    *("parametros", "pedidos_papel", "pessoas", "plantao", "produtos", "tipos_insumo", "turnos"),
)
"""The tables whose every change the trail holds, by a trigger."""

# A row is compared as its own type, so that an instant written in another zone is the same, and only in the columns the
# trail had then.
_REPLAY = """
with fatos as (
    select t.id, t.acao, t.antes, t.depois, {of_fact} as chave,
        lag(t.depois) over (partition by {of_fact} order by t.id) as anterior,
        row_number() over (partition by {of_fact} order by t.id desc) as do_fim
    from public.trilha_auditoria as t
    where pg_catalog.split_part(t.objeto, ':', 1) = '{table}' and t.acao in ('insert', 'update', 'delete', 'existente')
),
ultimos as (select f.chave, f.depois from fatos as f where f.do_fim = 1 and f.depois is not null)
select pg_catalog.array_to_string(coalesce(l.chave, u.chave), '/') as chave,
    case when l.chave is null then 'APAGADO' when u.chave is null then 'SEM_TRILHA' else 'ALTERADO' end as falta
from (select r.j, {of_row} as chave from (select pg_catalog.to_jsonb(x) as j from public.{table} as x) as r) as l
full join ultimos as u on u.chave = l.chave
where l.chave is null or u.chave is null or exists (
    select from pg_catalog.jsonb_each(
        pg_catalog.to_jsonb(pg_catalog.jsonb_populate_record(null::public.{table}, u.depois))
    ) as e where u.depois ? e.key and l.j -> e.key is distinct from e.value
)
union all
select pg_catalog.array_to_string(f.chave, '/'), 'SALTO ' || f.id
from fatos as f
where f.acao in ('update', 'delete') and f.anterior is not null and exists (
    select from pg_catalog.jsonb_each(
        pg_catalog.to_jsonb(pg_catalog.jsonb_populate_record(null::public.{table}, f.anterior))
    ) as e
    where f.anterior ? e.key and f.antes ? e.key and e.value is distinct from pg_catalog.to_jsonb(
        pg_catalog.jsonb_populate_record(null::public.{table}, f.antes)
    ) -> e.key
)
order by 1, 2
"""

_WHAT = {
    "APAGADO": "a trilha a tem e ela não existe",
    "SEM_TRILHA": "existe e a trilha não a tem",
    "ALTERADO": "não é o que a trilha diz por último",
}


def master_data(evidence: Evidence, tell: Tell) -> int:
    """Replay the trail of each table; returns how many tables. The session writes instants as the seals have it."""
    tables = evidence.all(_TableRow, _TABLES, list(MASTER))
    for gone in sorted(set(MASTER) - {table.table for table in tables}):
        tell(Difference(code="TABELA_TROCADA", detail=f"{gone}: não existe mais", record=gone))
    for table in tables:
        query = _REPLAY.format(
            table=table.table,
            of_fact=_key(table.key, "coalesce(t.depois, t.antes)"),
            of_row=_key(table.key, "r.j"),
        )
        for row in evidence.all(_FaultRow, query):
            name = f"{table.table}:{row.key}"
            act = row.fault.removeprefix("SALTO ")
            what = _WHAT.get(row.fault) or f"a trilha {act} não parte do que a anterior deixou"
            tell(Difference(code="CADASTRO", detail=f"{name}: {what}", record=name))
    return len(tables)


def _key(columns: tuple[str, ...], json: str) -> str:
    return f"array[{', '.join(f'{json} ->> {column!r}' for column in columns)}]"
