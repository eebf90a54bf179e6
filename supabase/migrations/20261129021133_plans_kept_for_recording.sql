-- plans_kept_for_recording: from the definitions in supabase/schemas, by `make migration`.

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
            select l.linha_id, (v ->> 0)::bigint as s, to_timestamp((v ->> 0)::bigint) as em,
                sum((v ->> 1)::interno.contagem)::bigint as producao, sum((v ->> 2)::interno.contagem)::bigint as rejeicao,
                min(l.byte_de) as byte_de, max(l.byte_ate) as byte_ate
            from jsonb_to_recordset(p_arquivo -> 'linhas') as l (
                linha_id text, segundos jsonb, byte_de bigint, byte_ate bigint
            )
            cross join lateral jsonb_array_elements(l.segundos) as v
            group by l.linha_id, (v ->> 0)::bigint
            having sum((v ->> 1)::bigint) > 0 or sum((v ->> 2)::bigint) > 0
        ),
        faixas as materialized (
            select s.linha_id, min(s.em) as de, max(s.em) as ate from segundos as s group by s.linha_id
        ),
        donos as materialized (
            select f.linha_id, d.papel, d.de, d.ate
            from faixas as f cross join lateral interno.donos_da_linha(f.linha_id, p_fonte, f.de, f.ate) as d
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
        )
        select (
            s.linha_id, s.s, s.em, s.producao, s.rejeicao, j.destino, v.motivos, d.papel, p.numero_op, p.fator_producao,
            p.fator_rejeicao, r.situacao, r.motivo, r.em, r.em, r.flags, r.byte_de, r.byte_ate, null
        )::interno.incremento
        from segundos as s
        left join public.linhas as l on l.linha_id = s.linha_id
        left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos
        ) as v
        cross join lateral (
            select case
                when v.motivos <> '{}' then 'QUARENTENA'
                when s.em > p_limite then 'FUTURA'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and (d.papel = 'conferencia' or interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao))
                    then 'RETIDA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        ) as j
        left join lateral (
            select s.em, s.byte_de, s.byte_ate, case when d.papel = 'conferencia' then 'CONFERENCIA' else 'RETIDA' end as situacao,
                case when d.papel = 'contagem' then 'IMPLAUSIVEL' end as motivo,
                case j.destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end as flags
            where j.destino in ('RETIDA', 'FUTURA')
        ) as r on true
        left join periodos as p
            on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate and j.destino = 'CONTADA'
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.contar_minutos(p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
    with minutos as materialized (
        select i.linha_id, to_timestamp(i.s - i.s % 60) as minuto, array_agg((i.s % 60)::integer) as segundos,
            array_agg(i.producao::integer) as producao, array_agg(i.rejeicao::integer) as rejeicao,
            sum(i.producao::integer) as total_producao, sum(i.rejeicao::integer) as total_rejeicao,
            coalesce(sum(i.producao::integer) filter (where i.numero_op is null), 0) as sem_ordem_producao,
            coalesce(sum(i.rejeicao::integer) filter (where i.numero_op is null), 0) as sem_ordem_rejeicao
        from unnest(p_incrementos) as i
        where i.destino = 'CONTADA' and i.s is not null
        group by i.linha_id, i.s - i.s % 60
    ),
    somados as (
        update public.contagens_minuto as c
        set producao = interno.somar_segundos(c.producao, m.segundos, m.producao),
            rejeicao = case
                when m.total_rejeicao > 0 then interno.somar_segundos(c.rejeicao, m.segundos, m.rejeicao) else c.rejeicao
            end,
            total_producao = c.total_producao + m.total_producao, total_rejeicao = c.total_rejeicao + m.total_rejeicao,
            sem_ordem_producao = c.sem_ordem_producao + m.sem_ordem_producao,
            sem_ordem_rejeicao = c.sem_ordem_rejeicao + m.sem_ordem_rejeicao
        from minutos as m
        where c.linha_id = m.linha_id and c.minuto = m.minuto
        returning c.linha_id, c.minuto
    )
    insert into public.contagens_minuto
        (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao)
    select m.linha_id, m.minuto, interno.somar_segundos(null, m.segundos, m.producao),
        interno.somar_segundos(null, m.segundos, m.rejeicao), m.total_producao, m.total_rejeicao, m.sem_ordem_producao,
        m.sem_ordem_rejeicao
    from minutos as m
    where not exists (select from somados as s where s.linha_id = m.linha_id and s.minuto = m.minuto);
end $function$;

CREATE OR REPLACE FUNCTION interno.contar_ordens(p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
    with ordens as materialized (
        select i.numero_op, i.linha_id, sum(i.producao * i.fator_producao)::bigint as producao_unidades,
            sum(i.rejeicao * i.fator_rejeicao)::bigint as rejeicao_unidades, sum(i.producao)::bigint as producao,
            sum(i.rejeicao)::bigint as rejeicao, min(i.em) as primeira, max(i.em) as ultima
        from unnest(p_incrementos) as i
        where i.numero_op is not null
        group by i.numero_op, i.linha_id
    ),
    somadas as (
        update public.ordens_producao_ativas as a
        set producao_acumulada = a.producao_acumulada + o.producao_unidades,
            rejeicao_acumulada = a.rejeicao_acumulada + o.rejeicao_unidades,
            producao_maquina = a.producao_maquina + o.producao, rejeicao_maquina = a.rejeicao_maquina + o.rejeicao,
            primeira_contagem = least(a.primeira_contagem, o.primeira),
            ultima_contagem = greatest(a.ultima_contagem, o.ultima), atualizado_em = clock_timestamp()
        from ordens as o
        where a.numero_op = o.numero_op and a.linha_id = o.linha_id
        returning a.numero_op, a.linha_id
    )
    insert into public.ordens_producao_ativas
        (numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,
         primeira_contagem, ultima_contagem)
    select o.numero_op, o.linha_id, o.producao_unidades, o.rejeicao_unidades, o.producao, o.rejeicao, o.primeira, o.ultima
    from ordens as o
    where not exists (select from somadas as s where s.numero_op = o.numero_op and s.linha_id = o.linha_id);
end $function$;

