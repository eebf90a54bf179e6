"""A row that others refer to is found, changed or deleted without reading all of them."""

from local.stack.database import Database

# An index that begins with the key's columns, over all rows or over all that have the key.
_WITHOUT_INDEX = """
select c.conrelid::regclass || ' (' || (
    select string_agg(a.attname, ', ' order by k.n)
    from unnest(c.conkey) with ordinality as k (attnum, n)
    inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attnum
) || ')' as key
from pg_constraint as c
where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not exists (
    select from pg_index as i
    where i.indrelid = c.conrelid and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
      and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = '(' || (
          select a.attname from pg_attribute as a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      ) || ' IS NOT NULL)')
)
"""
EXPLAINED = {
    "conciliacoes_refugo (linha_id)",
    "confirmacoes_turno (turno)",
    "contagens_em_duvida (linha_id)",
    "contagens_manuais (turno)",
    "devolucoes_diario (turno)",
    "diarios_bordo (turno)",
    "duvidas_relogio (gateway)",
    "marcas_linha (gateway, epoca)",
}
"""Why not is said beside each in supabase/schemas."""


def test_every_foreign_key_has_an_index_or_a_reason(db: Database) -> None:
    assert {row["key"] for row in db.sql(_WITHOUT_INDEX)} == EXPLAINED


def test_a_foreign_key_without_index_is_found(db: Database) -> None:
    db.sql("drop index contagens_intervalo_arquivo")
    db.sql("drop index lotes_producao_linha")
    found = {row["key"] for row in db.sql(_WITHOUT_INDEX)}
    assert found - EXPLAINED == {"contagens_intervalo (arquivo_id)", "lotes_producao (linha_id)"}
