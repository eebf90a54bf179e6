-- What reports to TOTVS say besides amounts: master data of the plant and the order. It is frozen with the closing, so
-- that all reports of an order agree, and goes with each report in `conteudo` under `cadastro`.

-- The lines of the reported stage, the one that made most first.
create function interno.linhas_do_envio(p_op text, p_etapa text, p_totais jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', l.linha_id, 'nome', l.nome, 'recurso', l.recurso_totvs, 'centro_custo', l.centro_custo_totvs,
        'inicio', p.inicio, 'fim', p.fim
    ) order by t.produzidas desc nulls last, l.linha_id), '[]')
    from public.linhas as l
    left join (
        select x.linha_id, sum(x.quantidade) filter (where x.tipo = 'PRODUZIDA') as produzidas
        from jsonb_to_recordset(p_totais) as x (etapa text, linha_id text, tipo text, quantidade bigint)
        where x.etapa = p_etapa
        group by x.linha_id
    ) as t on t.linha_id = l.linha_id
    left join (
        select i.linha_id, min(lower(i.intervalo)) as inicio, max(upper(i.intervalo)) as fim
        from public.periodos_ordem as i where i.numero_op = p_op
        group by i.linha_id
    ) as p on p.linha_id = l.linha_id
    where l.etapa = p_etapa and coalesce(t.linha_id, p.linha_id) is not null
$$;
comment on function interno.linhas_do_envio(text, text, jsonb) is
'As linhas em que a OP esteve ou contou na etapa, com recurso e centro de custo do TOTVS; a que mais produziu primeiro.';

-- Amounts of each line of a stage; NULL if one has fewer good units than none (its rejects were typed for another).
create function interno.quantidades_por_linha(p_totais jsonb, p_etapa text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select case when bool_and((r.resumo ->> 'boas')::bigint >= 0) then jsonb_object_agg(r.linha_id, jsonb_build_object(
        'boas', r.resumo -> 'boas', 'refugos', interno.lista(r.resumo -> 'refugos', 'codigo', 1)
    )) end
    from (
        select t.linha ->> 'linha_id' as linha_id, interno.resumo_totais(jsonb_agg(t.linha), p_etapa) as resumo
        from jsonb_array_elements(p_totais) as t (linha)
        where t.linha ->> 'etapa' = p_etapa
        group by t.linha ->> 'linha_id'
    ) as r
$$;
comment on function interno.quantidades_por_linha(jsonb, text) is
'Boas e refugos de cada linha da etapa; nulo se não se somam em quantidades positivas.';

create function interno.assinante_op(p_op text, out nome text, out operador text)
language sql
stable
set search_path = ''
as $$
    select d.nome, p.operador_totvs
    from interno.turnos_op(p_op) as t
    cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
    left join public.pessoas_vigentes as p on p.usuario_id = d.usuario_id
    where d.id is not null
    order by upper(t.janela) desc, d.id desc
    limit 1
$$;
comment on function interno.assinante_op(text) is
'Quem assinou o último Diário de Bordo assinado da OP, e o código dessa pessoa no TOTVS; nulos se nenhum.';

create function interno.intervalo_op(p_op text, p_etapa text, out inicio timestamptz, out fim timestamptz)
language sql
stable
set search_path = ''
as $$
    select coalesce(min(lower(p.intervalo)) filter (where l.etapa = p_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = p_etapa), max(upper(p.intervalo)))
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
$$;
comment on function interno.intervalo_op(text, text) is
'De quando até quando a OP esteve aberta na etapa, ou, se não esteve nela, em qualquer linha; nulos se em nenhuma.';

create function interno.cadastro_op(p_op text, p_etapa text, p_totais jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'numero_op_totvs', coalesce(l.numero_op_totvs, l.numero_op), 'descricao', coalesce(l.descricao, p.descricao),
        'unidade', coalesce(l.unidade, p.unidade), 'fabricacao', l.data_fabricacao, 'validade', l.data_validade,
        'operacao_totvs', e.operacao_totvs, 'armazem', e.armazem_totvs, 'tipo_movimento', e.tipo_movimento_totvs,
        'assinante', s.nome, 'operador', s.operador, 'turno', (
            select x.turno from jsonb_to_recordset(p_totais) as x (etapa text, turno text, inicio timestamptz)
            where x.etapa = p_etapa
            order by x.inicio desc, x.turno
            limit 1
        ),
        'inicio', i.inicio, 'fim', i.fim, 'linhas', interno.linhas_do_envio(p_op, p_etapa, p_totais)
    )
    from public.lotes_producao as l
    inner join public.produtos as p on p.produto_codigo = l.produto_codigo
    left join lateral (select x.* from interno.etapas(l.produto_codigo) as x where x.etapa = p_etapa) as e on true
    cross join lateral interno.assinante_op(p_op) as s
    cross join lateral interno.intervalo_op(p_op, p_etapa) as i
    where l.numero_op = p_op
$$;
comment on function interno.cadastro_op(text, text, jsonb) is
'O que um envio diz da OP além das quantidades: como o TOTVS a escreve, operação, armazém, recursos, validade, assinante; agora.';
