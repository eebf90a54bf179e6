-- corrected_spans_stay_corrected: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION interno.intervalos_a_mover(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb)
 RETURNS TABLE(id bigint, retirada_id bigint, papel text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select i.id, i.retirada_id, p.depois
    from (
        select min(lower(t.faixas)) as de, max(coalesce(upper(t.faixas), 'infinity')) as ate
        from interno.trocas_de_papel(p_antes, p_depois) as t where t.fonte = p_fonte
    ) as f
    inner join public.contagens_intervalo as i
        on i.linha_id = p_linha_id and i.ate >= f.de and i.desde < f.ate + interval '1 second'
    inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id and coalesce(a.gateway, 'avulso') = p_fonte
    cross join lateral (
        select date_trunc('second', i.desde) as de, date_trunc('second', i.ate) as ate
    ) as s
    cross join lateral (
        select interno.papel_da_fonte(p_antes, p_fonte, s.de, s.ate) as antes,
            interno.papel_da_fonte(p_depois, p_fonte, s.de, s.ate) as depois
    ) as p
    where p.antes <> p.depois and i.situacao <> 'CORRIGIDA'
      and p.antes = case i.situacao when 'CONFERENCIA' then 'conferencia' when 'RETIRADA' then 'nenhum' else 'contagem' end
$function$;

CREATE OR REPLACE FUNCTION public.paradas_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_minimo integer DEFAULT 1)
 RETURNS TABLE(de timestamp with time zone, ate timestamp with time zone, minutos integer, ordens text[])
 LANGUAGE sql
 STABLE
AS $function$
    select t.de, t.ate, t.minutos, t.ordens
    from (
        select p.*, count(*) over () as respostas
        from (
            select g.de, g.ate, g.minutos, array(
                select distinct p.numero_op from public.periodos_ordem as p
                where p.linha_id = p_linha_id and p.intervalo && tstzrange(g.de, g.ate)
                order by p.numero_op
            ) as ordens
            from (
                select f.anterior as de, f.minuto as ate, (extract(epoch from f.minuto - f.anterior) / 60)::integer as minutos
                from (
                    select t.minuto, coalesce(
                        max(t.depois) over (order by t.minuto, t.depois rows between unbounded preceding and 1 preceding),
                        date_trunc('minute', p_de)
                    ) as anterior
                    from (
                        select m.minuto, m.minuto + interval '1 minute' as depois
                        from public.contagens_minuto as m
                        where m.linha_id = p_linha_id and m.minuto >= date_trunc('minute', p_de) and m.minuto < p_ate
                        union all
                        -- An increment that spans time says that the machine ran, not when: no stop is claimed inside.
                        select date_trunc('minute', i.desde), date_trunc('minute', i.ate) + interval '1 minute'
                        from public.contagens_intervalo as i
                        where i.linha_id = p_linha_id and i.ate >= date_trunc('minute', p_de)
                          and i.ate < p_ate + interval '31 days' and i.desde < p_ate
                          and i.situacao not in ('DESCARTADA', 'CONFERENCIA', 'RETIRADA', 'CORRIGIDA')
                        union all
                        select date_trunc('minute', least(p_ate, now())), null
                    ) as t
                ) as f
            ) as g
            where g.minutos >= greatest(p_minimo, 1) and public.conferir_janela(p_de, p_ate, interval '31 days')
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$function$;

