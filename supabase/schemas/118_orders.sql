-- What the painel's screen of orders asks: which order may be the next on a line, and which ones were there.

-- A lot names its filling line by TOTVS or by its last letter, most name none: then it is for a line that made the
-- product, or has a nominal speed for it. One that a line of the same stage runs now, or that is over, is no proposal.
create function public.ordens_propostas(p_linha_id text)
returns table (
    numero_op text, numero_lote text, produto_codigo text, produto text, quantidade_planejada numeric, unidade text,
    status text, razoes text[], pode_abrir boolean, motivos jsonb, avisos jsonb
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_linha public.linhas;
begin
    perform interno.papel_nas_linhas('ordens_propostas', p_linha_id);
    v_linha := interno.exigir_linha(p_linha_id);
    return query
    with feitos as materialized (
        select distinct l.produto_codigo
        from public.periodos_ordem as p inner join public.lotes_producao as l on l.numero_op = p.numero_op
        where p.linha_id = p_linha_id
    ), velozes as materialized (
        select v.produto_codigo from public.velocidades_vigentes as v
        where v.linha_id = p_linha_id and v.validade @> (clock_timestamp() at time zone 'America/Fortaleza')::date
    ), melhores as (
        select l.*, r.razoes, row_number() over (
            -- One that was in the stage already is rarely meant; one that was filled waits for being packed.
            order by l.linha_id is not distinct from p_linha_id desc, e.aberta is not null,
                v_linha.etapa = 'EMBALAGEM' and l.status <> 'PLANEJADO' desc,
                coalesce(l.data_emissao, (l.criado_em at time zone 'America/Fortaleza')::date) desc,
                l.criado_em desc, l.numero_op desc
        ) as n
        from public.lotes_producao as l
        left join public.linhas as n on n.linha_id = l.linha_id
        cross join lateral (
            select array_remove(array[
                case when l.linha_id = p_linha_id then case l.linha_origem when 'TOTVS' then 'LINHA_DO_TOTVS' else 'LETRA_DO_LOTE' end end,
                case when l.produto_codigo in (select f.produto_codigo from feitos as f) then 'PRODUTO_FEITO_AQUI' end,
                case when l.produto_codigo in (select v.produto_codigo from velozes as v) then 'VELOCIDADE_NOMINAL' end
            ], null) as razoes
        ) as r
        cross join lateral (
            select case when l.status <> 'PLANEJADO' then ( -- what is planned was on no line
                select bool_or(upper_inf(p.intervalo))
                from public.periodos_ordem as p inner join public.linhas as x on x.linha_id = p.linha_id
                where p.numero_op = l.numero_op and x.etapa = v_linha.etapa
            ) end as aberta
        ) as e
        where l.status in ('PLANEJADO', 'EM_ANDAMENTO', 'A_FECHAR') and coalesce(l.situacao_totvs, 'ABERTA') = 'ABERTA'
          and r.razoes <> '{}' and (l.linha_id = p_linha_id or n.etapa is distinct from v_linha.etapa)
          and e.aberta is not true
        order by n
        limit 12
    )
    select m.numero_op, m.numero_lote, m.produto_codigo, d.descricao, m.quantidade_planejada, m.unidade, m.status, m.razoes,
        i.motivos = '[]', i.motivos, interno.avisos_abertura(m.numero_op, p_linha_id)
    from melhores as m
    inner join public.produtos as d on d.produto_codigo = m.produto_codigo
    cross join lateral (select interno.impedimentos_abertura(m.numero_op, p_linha_id) as motivos) as i
    order by m.n;
end $$;
comment on function public.ordens_propostas(text) is
'As OPs que podem ser a próxima da linha, as melhores e mais novas primeiro, no máximo 12, com as razões (LINHA_DO_TOTVS, LETRA_DO_LOTE, PRODUTO_FEITO_AQUI, VELOCIDADE_NOMINAL) e o que verificar_abertura diz; quantidade na unidade da OP.';
revoke all on function public.ordens_propostas(text) from public, anon, authenticated, service_role;
grant execute on function public.ordens_propostas(text) to authenticated, service_role;

create function public.ordens_da_linha(p_linha_id text, p_antes timestamptz default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_linha public.linhas;
begin
    perform interno.papel_nas_linhas('ordens_da_linha', p_linha_id);
    v_linha := interno.exigir_linha(p_linha_id);
    return (
        with pagina as materialized (
            select p as periodo, lower(p.intervalo) as aberta_em, row_number() over (order by lower(p.intervalo) desc) as n
            from public.periodos_ordem as p
            where p.linha_id = p_linha_id and lower(p.intervalo) < coalesce(p_antes, 'infinity')
            order by lower(p.intervalo) desc
            limit 11
        )
        select jsonb_build_object(
            'linha_id', p_linha_id, 'nome', v_linha.nome, 'setor', v_linha.setor,
            'periodos', coalesce((
                select jsonb_agg(interno.periodo_json(g.periodo) || jsonb_build_object(
                    'numero_lote', l.numero_lote, 'produto', d.descricao, 'producao', o.producao_acumulada,
                    'rejeicao', o.rejeicao_acumulada
                ) order by g.n)
                from pagina as g
                inner join public.lotes_producao as l on l.numero_op = (g.periodo).numero_op
                inner join public.produtos as d on d.produto_codigo = l.produto_codigo
                left join public.ordens_producao_ativas as o on o.numero_op = l.numero_op and o.linha_id = p_linha_id
                where g.n <= 10
            ), '[]'),
            'antes', (select min(g.aberta_em) filter (where g.n = 10) from pagina as g having count(*) > 10),
            'sem_op', (
                select jsonb_build_object(
                    'desde', greatest(min(m.minuto), max(u.fim)),
                    'producao', sum(m.sem_ordem_producao - m.justificada_producao),
                    'rejeicao', sum(m.sem_ordem_rejeicao - m.justificada_rejeicao)
                )
                from public.contagens_minuto as m
                cross join (
                    select max(coalesce(upper(p.intervalo), 'infinity')) as fim
                    from public.periodos_ordem as p where p.linha_id = p_linha_id
                ) as u
                where m.linha_id = p_linha_id and m.minuto > clock_timestamp() - interval '1 day'
                  and m.minuto > coalesce(u.fim, '-infinity') - interval '1 minute'
                  and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
                having count(*) > 0
            )
        )
    );
end $$;
comment on function public.ordens_da_linha(text, timestamptz) is
'A linha e os períodos de ordens dela, os mais novos primeiro, 10 por página (antes: p_antes da seguinte, nulo na última), com o que a OP fez na linha em unidades; sem_op: o que contou sem OP nas últimas 24 h desde o último período, em contagens da máquina, e desde quando.';
revoke all on function public.ordens_da_linha(text, timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.ordens_da_linha(text, timestamptz) to authenticated, service_role;
