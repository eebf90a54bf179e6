-- production_of_an_order: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION public.producao_janela(p_linha_id text, p_janela tstzrange, p_manuais boolean)
 RETURNS TABLE(numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, aberta_s bigint, minutos_com_contagem bigint, primeiro_minuto timestamp with time zone, ultimo_minuto timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    with abertas as not materialized (
        select p.numero_op, p.fator_producao, p.fator_rejeicao, lower(p.intervalo * p_janela) as de,
            coalesce(upper(p.intervalo * p_janela), 'infinity') as ate
        from public.periodos_ordem as p
        where p.linha_id = p_linha_id and p.intervalo && p_janela
    )
    select
        t.numero_op, sum(t.producao_maquina)::bigint, sum(t.rejeicao_maquina)::bigint, sum(t.producao)::bigint,
        sum(t.rejeicao)::bigint, coalesce(sum(t.refugo), 0)::bigint, coalesce(sum(t.amostras), 0)::bigint,
        coalesce(sum(t.aberta_s), 0)::bigint, count(distinct t.minuto), min(t.minuto), max(t.minuto)
    from (
        select x.numero_op, m.total_producao as producao_maquina, m.total_rejeicao as rejeicao_maquina,
            m.total_producao * x.fator_producao as producao, m.total_rejeicao * x.fator_rejeicao as rejeicao,
            null::integer as refugo, null::integer as amostras, null::numeric as aberta_s, m.minuto
        from abertas as x
        cross join lateral (
            select c.minuto, c.total_producao, c.total_rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto >= x.de and c.minuto <= x.ate - interval '1 minute'
            offset 0 -- through the key, whatever the planner thinks of a window without an end
        ) as m
        where m.total_producao > 0 or m.total_rejeicao > 0
        union all
        select x.numero_op, c.producao, c.rejeicao, c.producao * x.fator_producao, c.rejeicao * x.fator_rejeicao,
            null, null, null, m.minuto
        from abertas as x
        cross join lateral (
            select c.minuto, c.producao, c.rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto in (date_trunc('minute', x.de), date_trunc('minute', x.ate))
              and (c.minuto < x.de or c.minuto > x.ate - interval '1 minute')
            offset 0
        ) as m
        cross join lateral (
            select sum(coalesce(v.producao, 0)) as producao, sum(coalesce(v.rejeicao, 0)) as rejeicao
            from unnest(m.producao, m.rejeicao) with ordinality as v (producao, rejeicao, i)
            where m.minuto + (v.i - 1) * interval '1 second' >= x.de and m.minuto + (v.i - 1) * interval '1 second' < x.ate
              and (v.producao > 0 or v.rejeicao > 0)
        ) as c
        where c.producao is not null
        union all
        select i.numero_op, i.producao, i.rejeicao, i.producao * i.fator_producao, i.rejeicao * i.fator_rejeicao,
            null, null, null, date_trunc('minute', i.ate)
        from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.ate >= lower(p_janela) and i.ate < coalesce(upper(p_janela), 'infinity')
          and i.situacao in ('ATRIBUIDA', 'DECIDIDA', 'SEM_ORDEM')
        union all
        select null, m.sem_ordem_producao, m.sem_ordem_rejeicao, null, null, null, null, null, m.minuto
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < coalesce(upper(p_janela), 'infinity')
          and (m.sem_ordem_producao > 0 or m.sem_ordem_rejeicao > 0)
        union all
        -- A shift lasts at most a day: the first two conditions are the index's.
        select m.numero_op, m.producao, m.rejeicao, m.producao, m.rejeicao, null, null, null, null
        from public.contagens_manuais_atuais as m
        where m.linha_id = p_linha_id and m.janela > tstzrange(lower(p_janela) - interval '1 day', null)
          and m.janela < tstzrange(coalesce(upper(p_janela), 'infinity'), null) and m.janela && p_janela and p_manuais
        union all
        select v.numero_op, 0, 0, 0, 0, case when v.tipo = 'REFUGO' then v.quantidade end,
            case when v.tipo <> 'REFUGO' then v.quantidade end, null, null
        from public.perdas_vigentes as v
        where v.linha_id = p_linha_id and v.em >= lower(p_janela) and v.em < coalesce(upper(p_janela), 'infinity')
        union all
        select x.numero_op, 0, 0, 0, 0, null, null, extract(epoch from greatest(least(x.ate, now()), x.de) - x.de), null
        from abertas as x
    ) as t
    group by t.numero_op
$function$;

CREATE OR REPLACE FUNCTION public.producao_op(p_numero_op text)
 RETURNS TABLE(linha_id text, etapa text, numero_lote text, produto_codigo text, aberta_em timestamp with time zone, encerrada_em timestamp with time zone, producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, producao_maquina bigint, rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeira_contagem timestamp with time zone, ultima_contagem timestamp with time zone, velocidade_nominal numeric)
 LANGUAGE sql
 STABLE
AS $function$
    select a.linha_id, l.etapa, o.numero_lote, o.produto_codigo, p.de, p.ate, j.producao + f.producao,
        j.rejeicao + f.rejeicao, j.refugo_digitado, j.amostras, j.producao_maquina + f.producao_maquina,
        j.rejeicao_maquina + f.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem, a.primeira_contagem,
        a.ultima_contagem, v.velocidade
    from public.lotes_producao as o
    inner join public.ordens_producao_ativas as a on a.numero_op = o.numero_op
    inner join public.linhas as l on l.linha_id = a.linha_id
    cross join lateral (
        select min(lower(x.intervalo)) as de, nullif(max(coalesce(upper(x.intervalo), 'infinity')), 'infinity') as ate
        from public.periodos_ordem as x where x.numero_op = a.numero_op and x.linha_id = a.linha_id
    ) as p
    inner join lateral public.producao_janela(a.linha_id, tstzrange(p.de, p.ate), true) as j
        on j.numero_op = o.numero_op
    -- What a person gave the order though it was read before it was opened or after it ended.
    cross join lateral (
        select coalesce(sum(i.producao), 0)::bigint as producao_maquina,
            coalesce(sum(i.rejeicao), 0)::bigint as rejeicao_maquina,
            coalesce(sum(i.producao * i.fator_producao), 0)::bigint as producao,
            coalesce(sum(i.rejeicao * i.fator_rejeicao), 0)::bigint as rejeicao
        from public.contagens_intervalo as i
        where i.linha_id = a.linha_id and i.numero_op = o.numero_op and i.situacao = 'DECIDIDA'
          and not (i.ate >= p.de and i.ate < coalesce(p.ate, 'infinity'))
    ) as f
    left join public.velocidades_nominais as v
        on v.linha_id = a.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (p.de at time zone 'America/Fortaleza')::date
    where o.numero_op = public.normalizar_op(p_numero_op)
$function$;

