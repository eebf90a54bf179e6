-- What stands on the wall of the plant: each line as it is now.

-- The refused units of an open order under the line's rule; where both figures are wanted, the machine's.
create function interno.refugo_agora(p_regra text, p_op text, p_linha_id text, p_maquina bigint)
returns bigint
language sql
stable
set search_path = ''
as $$
    select case when p_regra = 'DIGITADO' then (
        select coalesce(sum(q.quantidade), 0)::bigint from public.perdas_vigentes as q
        where q.numero_op = p_op and q.linha_id = p_linha_id and q.tipo = 'REFUGO'
    ) else coalesce(p_maquina, 0) end
$$;
comment on function interno.refugo_agora(text, text, text, bigint) is
'Refugo de uma OP aberta na linha, em unidades, pela regra da linha.';

create function interno.ultima_hora(p_linha_id text, p_fator integer, p_ate timestamptz)
returns bigint[]
language sql
stable
set search_path = ''
as $$
    select array_agg(coalesce(m.total_producao, 0) * p_fator order by g.n desc)
    from generate_series(60, 1, -1) as g (n)
    left join public.contagens_minuto as m
        on m.linha_id = p_linha_id and m.minuto = p_ate - g.n * interval '1 minute'
$$;
comment on function interno.ultima_hora(text, integer, timestamptz) is
'Unidades de cada um dos 60 minutos antes de p_ate (minuto inteiro), do mais antigo ao mais novo; zero onde nada se contou.';

-- A row a line in use, read from the last hour's minutes, the open period and the mark of who counts the line: the same
-- cost after a day or after years. Increments that span time have no minute of their own and are not in `minutos`.
create function public.agora(p_setor text default null)
returns table (
    linha_id text, linha text, setor text, etapa text, fonte text, situacao text, desde timestamptz,
    ultimo_sinal timestamptz, numero_op text, numero_lote text, produto_codigo text, produto text,
    aberta_em timestamptz, planejado numeric, boas bigint, refugo bigint, minutos bigint[],
    velocidade_nominal numeric, sem_op_producao bigint, sem_op_rejeicao bigint, duvidosas bigint
)
language sql
stable
security definer
set search_path = ''
as $$
    select
        l.linha_id, l.nome, l.setor, l.etapa, f.fonte,
        case
            when f.fonte is null then 'SEM_FONTE'
            when f.fonte in ('avulso', 'manual') then 'MANUAL'
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then 'SEM_SINAL'
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => coalesce(l.parada_minutos, a.parada_min) + 1) then 'PARADA'
            else 'PRODUZINDO'
        end,
        case
            when f.fonte is null or f.fonte in ('avulso', 'manual') then null
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then s.ate
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => coalesce(l.parada_minutos, a.parada_min) + 1)
                then u.minuto + interval '1 minute'
        end,
        s.ate, p.numero_op, o.numero_lote, o.produto_codigo, d.descricao, lower(p.intervalo), o.quantidade_planejada,
        t.producao_acumulada - r.refugo, r.refugo, r.minutos, v.velocidade,
        coalesce(n.producao, 0), coalesce(n.rejeicao, 0), c.itens
    from public.linhas as l
    cross join (
        select clock_timestamp() as agora, date_trunc('minute', clock_timestamp()) as minuto,
            interno.parametro('SILENCIO_SEGUNDOS') as silencio_s, interno.parametro('PARADA_MINUTOS') as parada_min
    ) as a
    left join public.fontes_linha as f
        on f.linha_id = l.linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> a.agora
    left join public.periodos_ordem as p
        on p.linha_id = l.linha_id and p.intervalo @> a.agora and upper_inf(p.intervalo)
    left join public.lotes_producao as o on o.numero_op = p.numero_op
    left join public.produtos as d on d.produto_codigo = o.produto_codigo
    left join public.ordens_producao_ativas as t on t.numero_op = p.numero_op and t.linha_id = l.linha_id
    left join public.velocidades_vigentes as v
        on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (a.agora at time zone 'America/Fortaleza')::date
    cross join lateral (
        select max(m.ate) as ate from public.marcas_linha as m where m.linha_id = l.linha_id and m.gateway = f.fonte
    ) as s
    left join lateral (
        select m.minuto
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day' and m.minuto <= a.minuto
          and m.total_producao > 0
        order by m.minuto desc
        limit 1
    ) as u on true
    cross join lateral (
        select interno.refugo_agora(l.regra_refugo, p.numero_op, l.linha_id, t.rejeicao_acumulada) as refugo,
            interno.ultima_hora(
                l.linha_id, coalesce(p.fator_producao, interno.fator(l.linha_id, 'producao', a.agora)), a.minuto
            ) as minutos
    ) as r
    left join lateral (
        select sum(m.sem_ordem_producao - m.justificada_producao)::bigint as producao,
            sum(m.sem_ordem_rejeicao - m.justificada_rejeicao)::bigint as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day'
          and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
    ) as n on true
    cross join lateral (
        select count(*) as itens from public.contagens_retidas as k where k.linha_id = l.linha_id
    ) as c
    where l.ativa and (p_setor is null or l.setor = p_setor)
    order by l.setor, l.etapa desc, l.linha_id
$$;
comment on function public.agora(text) is
'As linhas em uso como estão agora (setor nulo = todas): situacao PRODUZINDO, PARADA, SEM_SINAL, MANUAL ou SEM_FONTE, desde quando, o último sinal (UTC), a OP aberta com boas e refugo em unidades desde que existe, unidades de cada um dos últimos 60 minutos inteiros, velocidade nominal (unidades/h), contagens da máquina sem OP nas últimas 24 h e contagens que esperam decisão.';
revoke all on function public.agora(text) from public, anon, authenticated, service_role;
grant execute on function public.agora(text) to authenticated, service_role;
