-- faster_live_batches: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION interno.julgar_segundos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
    return array(
        with segundos as materialized (
            select t.linha_id, t.s, to_timestamp(t.s) as em,
                sum(t.producao)::bigint as producao, sum(t.rejeicao)::bigint as rejeicao,
                min(t.byte_de) as byte_de, max(t.byte_ate) as byte_ate
            from (
                select l.linha_id, (v ->> 0)::bigint as s, (v ->> 1)::interno.contagem as producao,
                    (v ->> 2)::interno.contagem as rejeicao, l.byte_de, l.byte_ate
                from jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, segundos jsonb, byte_de bigint, byte_ate bigint)
                cross join lateral jsonb_array_elements(l.segundos) as v
            ) as t
            group by t.linha_id, t.s
            having sum(t.producao) > 0 or sum(t.rejeicao) > 0
        ),
        faixas as materialized (
            select s.linha_id, min(s.em) as de, max(s.em) as ate from segundos as s group by s.linha_id
        ),
        donos as materialized ( -- donos_da_linha, of all lines at once
            select t.linha_id, t.papel, lower(u.intervalo) as de, upper(u.intervalo) as ate
            from (
                select f.linha_id, o.papel, range_agg(tstzrange(o.de, coalesce(o.ate, 'infinity'))) as intervalos
                from faixas as f
                inner join public.fontes_linha as o
                    on o.linha_id = f.linha_id and o.fonte = p_fonte and o.de <= f.ate and coalesce(o.ate, 'infinity') > f.de
                group by f.linha_id, o.papel
            ) as t
            cross join lateral unnest(t.intervalos) as u (intervalo)
        ),
        periodos as materialized (
            -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
            select f.linha_id, p.*
            from faixas as f
            cross join lateral (
                select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                    o.fator_producao, o.fator_rejeicao
                from public.periodos_ordem as o
                where o.linha_id = f.linha_id and o.intervalo && tstzrange(f.de, f.ate, '[]')
                offset 0
            ) as p
        ),
        julgados as materialized (
            select s.*, d.papel, v.motivos,
                case
                    when v.motivos <> '{}' then 'QUARENTENA'
                    when s.em > p_limite then 'FUTURA'
                    when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                    when greatest(s.producao, s.rejeicao) > 1000000
                        and (d.papel = 'conferencia' or interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao))
                        then 'RETIDA'
                    when d.papel = 'conferencia' then 'CONFERENCIA'
                    else 'CONTADA'
                end as destino
            from segundos as s
            left join public.linhas as l on l.linha_id = s.linha_id
            left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
            cross join lateral (select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos) as v
        )
        select (
            j.linha_id, j.s, j.em, j.producao, j.rejeicao, j.destino, j.motivos, j.papel, p.numero_op, p.fator_producao,
            p.fator_rejeicao, r.situacao, r.motivo, r.em, r.em, r.flags, r.byte_de, r.byte_ate, null
        )::interno.incremento
        from julgados as j
        left join lateral (
            select j.em, j.byte_de, j.byte_ate, case when j.papel = 'conferencia' then 'CONFERENCIA' else 'RETIDA' end as situacao,
                case when j.papel = 'contagem' then 'IMPLAUSIVEL' end as motivo,
                case j.destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end as flags
            where j.destino in ('RETIDA', 'FUTURA')
        ) as r on true
        left join periodos as p
            on p.linha_id = j.linha_id and j.em >= p.de and j.em < p.ate and j.destino = 'CONTADA'
    );
end $function$;

