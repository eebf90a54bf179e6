-- The totals of an order, by stage, line and shift.

-- Every shift of every line that has something of the order, or had when it was closed.
create function interno.turnos_op(p_op text)
returns table (linha_id text, data date, janela tstzrange, turnos text[])
language sql
stable
set search_path = ''
as $$
    select distinct t.linha_id, j.data, j.janela, j.turnos
    from (
        select p.linha_id, lower(p.intervalo) as de, coalesce(upper(p.intervalo), clock_timestamp()) as ate
        from public.periodos_ordem as p where p.numero_op = p_op
        union all
        select i.linha_id, i.ate, i.ate from public.contagens_intervalo as i where i.numero_op = p_op
        union all
        select m.linha_id, lower(m.janela), lower(m.janela) from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.producao > 0
        union all
        select v.linha_id, v.em, v.em from public.perdas_vigentes as v where v.numero_op = p_op
        union all
        select x.linha_id, x.inicio, x.inicio
        from public.fechamentos_lote as f inner join public.fechamento_totais as x on x.fechamento_id = f.id
        where f.numero_op = p_op
    ) as t
    cross join lateral interno.turnos_entre(t.de, greatest(t.de, t.ate)) as j
$$;
comment on function interno.turnos_op(text) is 'Os turnos de cada linha em que há algo da OP, ou havia quando fechou.';

create function interno.totais_op(p_op text)
returns table (
    etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint,
    maquina bigint
)
language sql
stable
set search_path = ''
as $$
    select l.etapa, j.linha_id, lower(j.janela), j.data,
        coalesce((interno.diario_atual(j.linha_id, j.janela)).turno, j.turnos[1]), k.tipo, k.codigo, k.quantidade, k.maquina
    from interno.turnos_op(p_op) as j
    inner join public.linhas as l on l.linha_id = j.linha_id
    cross join lateral interno.produzido(p_op, j.linha_id, j.janela) as f
    cross join lateral (
        select 'PRODUZIDA' as tipo, '' as codigo, f.producao as quantidade, f.producao_maquina as maquina
        union all
        select 'REFUGO', r.key, r.value::bigint, null from jsonb_each_text(f.refugo) as r
        union all
        select o.key, '', o.value::bigint, null from jsonb_each_text(f.outras) as o
    ) as k
    where k.quantidade <> 0
$$;
comment on function interno.totais_op(text) is 'Os totais da OP agora, por tipo, etapa, linha e turno, em unidades.';

-- A set of totals for one stage: {produzidas, boas, refugos: {código: n}, perdas: {tipo: n}, contador}.
create function interno.resumo_totais(p_totais jsonb, p_etapa text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    with t as (
        select x.tipo, x.codigo, sum(x.quantidade)::bigint as quantidade, coalesce(sum(x.maquina), 0)::bigint as maquina
        from jsonb_to_recordset(p_totais) as x (etapa text, tipo text, codigo text, quantidade bigint, maquina bigint)
        where x.etapa = p_etapa
        group by x.tipo, x.codigo
    )
    select jsonb_build_object(
        'produzidas', coalesce(sum(quantidade) filter (where tipo = 'PRODUZIDA'), 0),
        'boas', coalesce(sum(case when tipo = 'PRODUZIDA' then quantidade else - quantidade end), 0),
        'refugos', coalesce(jsonb_object_agg(codigo, quantidade) filter (where tipo = 'REFUGO'), '{}'),
        'perdas', coalesce(jsonb_object_agg(tipo, quantidade) filter (where tipo not in ('PRODUZIDA', 'REFUGO')), '{}'),
        'contador', coalesce(sum(maquina), 0)
    )
    from t
$$;
comment on function interno.resumo_totais(jsonb, text) is 'Totais de uma etapa somados: produzidas, boas, refugos por código, perdas por tipo e contador.';

create function interno.totais_json(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(t)), '[]') from interno.totais_op(p_op) as t
$$;
comment on function interno.totais_json(text) is 'interno.totais_op como JSON.';

create function interno.etapa_apontada(p_produto_codigo text)
returns text
language sql
stable
set search_path = ''
as $$
    select coalesce((select e.etapa from interno.etapas(p_produto_codigo) as e where e.apontada), 'ENVASE')
$$;
comment on function interno.etapa_apontada(text) is 'Etapa cuja produção se informa ao TOTVS.';

-- Key by key, p_a less p_b; zeros left out.
create function interno.menos(p_a jsonb, p_b jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select coalesce(a.key, b.key) as chave, coalesce(a.value::bigint, 0) - coalesce(b.value::bigint, 0) as n
        from jsonb_each_text(p_a) as a
        full join jsonb_each_text(p_b) as b on b.key = a.key
    ) as t
$$;
comment on function interno.menos(jsonb, jsonb) is 'Diferença de dois objetos chave → quantidade.';

-- Of chave → quantidade, those on one side of zero, as a list the ERP reads; all amounts positive.
create function interno.lista(p_quantidades jsonb, p_nome text, p_sinal integer)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object(p_nome, q.key, 'quantidade', q.value::bigint * p_sinal) order by q.key
    ), '[]')
    from jsonb_each_text(p_quantidades) as q
    where q.value::bigint * p_sinal > 0
$$;
comment on function interno.lista(jsonb, text, integer) is 'As quantidades de um sinal, como lista {nome, quantidade} em valores positivos.';
