-- How the integration stands, for managers and IT: gateways, sources, TOTVS, what was refused and why.

create function interno.gateways_agora()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'gateway', g.gateway, 'descricao', g.descricao, 'seq', e.maior_seq, 'buracos', e.maior_seq - e.ultima_seq_continua,
        'a_espera', (select count(*) from public.marcas_a_espera as x where x.gateway = g.gateway),
        'epocas_abertas', (
            select count(*) from public.epocas_gateway as x where x.gateway = g.gateway and x.ultima_seq_declarada is null
        ),
        'recebido_em', a.gravado_em, 'lido_em', a.ingerido_em, 'situacao', a.situacao, 'motivo', a.motivo,
        'marca', m.ate, 'relogio_ms', m.relogio_ms, 'duvida', d.descricao
    ) order by g.gateway), '[]')
    from public.gateways as g
    left join lateral (
        select x.* from public.epocas_gateway as x where x.gateway = g.gateway order by x.inicio desc, x.numero desc limit 1
    ) as e on true
    left join lateral (
        select x.gravado_em, x.ingerido_em, x.situacao, x.motivo
        from public.arquivos_ingeridos as x
        where x.gateway = e.gateway and x.epoca = e.epoca and x.seq = e.maior_seq
        order by x.id desc
        limit 1
    ) as a on true
    left join lateral (
        -- The line that is farthest behind, and the clock farthest off, of the lines it counts now.
        select min(y.ate) as ate, (array_agg(y.relogio_ms order by abs(y.relogio_ms) desc nulls last))[1] as relogio_ms
        from public.fontes_linha as f
        cross join lateral (
            select x.ate, x.relogio_ms from public.marcas_linha as x
            where x.linha_id = f.linha_id and x.gateway = g.gateway order by x.ate desc limit 1
        ) as y
        where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
    ) as m on true
    left join lateral (
        select x.descricao from public.duvidas_relogio as x
        where x.gateway = g.gateway and x.decisao is null order by x.id desc limit 1
    ) as d on true
$$;
comment on function interno.gateways_agora() is
'Cada gateway: o último lote (gravado no S3, lido), lotes que faltam antes dele e marcas que esperam por eles, a marca mais atrasada de suas linhas, o maior desvio de relógio delas (ms), e a dúvida sobre o seu relógio.';

create function interno.fontes_agora()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', l.linha_id, 'linha', l.nome, 'setor', l.setor, 'fonte', f.fonte, 'desde', f.de, 'marca', m.ate,
        'estado', m.estado, 'relogio_ms', m.relogio_ms, 'conferencia', (
            select coalesce(jsonb_agg(c.fonte order by c.fonte), '[]') from public.fontes_linha as c
            where c.linha_id = l.linha_id and c.papel = 'conferencia' and tstzrange(c.de, c.ate) @> clock_timestamp()
        )
    ) order by l.setor, l.linha_id), '[]')
    from public.linhas as l
    left join public.fontes_linha as f
        on f.linha_id = l.linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
    left join lateral (
        select x.ate, x.estado, x.relogio_ms from public.marcas_linha as x
        where x.linha_id = l.linha_id and x.gateway = f.fonte order by x.ate desc limit 1
    ) as m on true
    where l.ativa
$$;
comment on function interno.fontes_agora() is 'Cada linha em uso: quem a conta, desde quando, até onde reportou, o estado e o relógio (ms) da fonte, e as de conferência.';

create function interno.totvs_agora()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'disjuntor', (select to_jsonb(d) from public.disjuntores as d where d.nome = 'TOTVS'),
        'aviso', (
            select jsonb_build_object('em', r.recebido_em, 'eventos', (
                select jsonb_agg(concat_ws(' ', e.tipo, e.referencia, lower(e.situacao)))
                from (
                    select x.* from public.eventos_totvs as x where x.recebimento_id = r.id order by x.indice limit 5
                ) as e
            ))
            from public.recebimentos_totvs as r where r.origem = 'webhook' order by r.id desc limit 1
        ),
        'consultas', (
            select coalesce(jsonb_agg(to_jsonb(s) - 'resumo' || jsonb_build_object(
                'paginas', s.resumo -> 'paginas', 'linhas', s.resumo -> 'linhas', 'reparados', s.resumo -> 'reparados',
                'reparos', jsonb_path_query_array(s.resumo, '$.reparos[0 to 9]'), 'erro', s.resumo -> 'erro'
            ) order by n.ordem), '[]')
            from unnest(array['ordens', 'produtos', 'lotes', 'insumos', 'lotesInsumo', 'velocidades'])
                with ordinality as n (entidade, ordem)
            cross join lateral (
                select x.* from public.sincronizacoes_totvs as x where x.entidade = n.entidade order by x.id desc limit 1
            ) as s
        )
    )
$$;
comment on function interno.totvs_agora() is
'O disjuntor do TOTVS, o último aviso dele (webhook) e a última busca de cada entidade, com o que consertou.';

create function interno.falhas_agora()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e)), '[]')
            from (
                select x.numero_op, x.id_externo, x.situacao, x.codigo, left(x.erro, 500) as erro, x.desde
                from public.envios_parados as x order by x.id desc limit 20
            ) as e
        ),
        'eventos', (
            select coalesce(jsonb_agg(to_jsonb(e)), '[]')
            from (
                select x.id, x.tipo, x.referencia, x.situacao, x.codigo, left(x.motivo, 500) as motivo, x.falta, x.recebido_em
                from public.eventos_totvs as x
                where x.resolvido_em is null and x.situacao in ('RECUSADO', 'ESTACIONADO')
                order by x.id desc
                limit 20
            ) as e
        ),
        'quantos_eventos', (
            select coalesce(jsonb_object_agg(t.situacao, t.itens), '{}')
            from (
                select x.situacao, count(*) as itens from public.eventos_totvs as x
                where x.resolvido_em is null and x.situacao in ('RECUSADO', 'ESTACIONADO')
                group by x.situacao
            ) as t
        ),
        'quarentena', (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.itens desc, t.motivo), '[]')
            from (
                select p.motivo, count(*) as assuntos, sum(q.itens) as itens, min(q.desde) as desde
                from public.quarentena_assuntos as q inner join public.quarentena as p on p.id = q.primeiro
                group by p.motivo
            ) as t
        ),
        'mensagens', (
            select coalesce(jsonb_agg(to_jsonb(f)), '[]')
            from (
                select x.em, x.fila, x.funcao, x.codigo, left(x.motivo, 500) as motivo
                from public.falhas_mensagens as x order by x.id desc limit 20
            ) as f
        ),
        'tratamentos', (
            select coalesce(jsonb_agg(to_jsonb(t)), '[]')
            from (
                select x.em, x.acao, x.fase, x.fila, x.quem, left(x.detalhe, 500) as detalhe
                from public.tratamentos_mensagens as x order by x.id desc limit 20
            ) as t
        )
    )
$$;
comment on function interno.falhas_agora() is
'O que não entrou ou não foi: envios parados, eventos recusados ou estacionados, mensagens mortas e o que se fez delas (os 20 mais novos de cada), e a quarentena por motivo.';

create function interno.auditoria_agora()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'selo', s.posicao, 'selado_em', s.selado_em, 'em', a.em, 'de', a.de, 'ate', a.ate, 'diferencas', a.diferencas
    )
    from (values (1)) as um (n)
    left join (select x.posicao, x.selado_em from public.selos as x order by x.posicao desc limit 1) as s on true
    left join (
        select x.em, x.de, x.ate, x.diferencas from public.auditorias as x order by x.id desc limit 1
    ) as a on true
$$;
comment on function interno.auditoria_agora() is
'O último selo e a última auditoria dos registros; nulos se não há. Instantes em UTC.';

create function public.integracao()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    -- Whoever manages a sector sees all of it: gateways and TOTVS belong to none.
    perform interno.exigir_papel('integracao', (
        select min(p.setor) from interno.papeis_que_contam as p
        where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao('integracao'))
    ));
    return jsonb_build_object(
        'saude', public.saude_integracao(), 'gateways', interno.gateways_agora(), 'fontes', interno.fontes_agora(),
        'totvs', interno.totvs_agora(), 'falhas', interno.falhas_agora(), 'auditoria', interno.auditoria_agora()
    );
end $$;
comment on function public.integracao() is
'A integração numa tela, para GESTOR e ADMIN de qualquer setor: saude (saude_integracao), gateways, fontes, totvs, falhas e auditoria. Listas curtas; instantes em UTC.';
revoke all on function public.integracao() from public, anon, authenticated, service_role;
grant execute on function public.integracao() to authenticated, service_role;
