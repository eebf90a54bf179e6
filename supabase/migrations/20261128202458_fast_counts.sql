-- fast_counts: from the definitions in supabase/schemas, by `make migration`.

drop function public.rastrear(text);
-- by hand
create type interno.incremento as (
    linha_id text, s bigint, em timestamptz, producao bigint, rejeicao bigint,
    destino text, motivos text[], papel text,
    numero_op text, fator_producao integer, fator_rejeicao integer,
    situacao text, motivo text, desde timestamptz, ate timestamptz, flags text[],
    byte_de bigint, byte_ate bigint, fonte_em timestamptz
);

create table public.quarentena_somas (
    id bigint generated always as identity primary key,
    assunto text not null,
    itens bigint not null check (itens >= 0),
    sem_linha bigint,
    primeiro bigint,
    ultimo bigint,
    arquivos bigint,
    linhas text[],
    registros numeric,
    producao numeric,
    rejeicao numeric,
    de timestamptz,
    ate timestamptz,
    desde timestamptz,
    ultimo_em timestamptz
);
-- What waits already is added up by the next run of the minute.
insert into public.quarentena_somas (assunto, itens) select distinct assunto, 0 from public.quarentena where resolvida_em is null;
-- by hand: end

CREATE OR REPLACE FUNCTION interno.juntar_somas(p_assunto text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if exists (select from public.quarentena_somas where assunto = p_assunto and itens = 0)
        or not pg_try_advisory_xact_lock(hashtextextended('assunto:' || p_assunto, 0)) then
        return;
    end if;
    with somadas as (
        delete from public.quarentena_somas
        where assunto = p_assunto and itens > 0
        returning *
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select p_assunto, sum(s.itens), sum(s.sem_linha), min(s.primeiro), max(s.ultimo), sum(s.arquivos),
        array(select distinct l.linha_id from somadas as t cross join unnest(t.linhas) as l (linha_id) order by l.linha_id),
        sum(s.registros), sum(s.producao), sum(s.rejeicao), min(s.de), max(s.ate), min(s.desde), max(s.ultimo_em)
    from somadas as s
    having count(*) > 0;
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_novos_itens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_assunto text;
begin
    with arquivos as (
        select f.assunto, count(*) as quantos
        from (
            select n.assunto, n.chave, min(n.id) as primeiro from novos as n where n.chave is not null group by n.assunto, n.chave
        ) as f
        where not exists (
            select from public.quarentena as q
            where q.chave = f.chave and q.assunto = f.assunto and q.resolvida_em is null and q.id < f.primeiro
        )
        group by f.assunto
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select n.assunto, count(*), count(*) - count(n.linha_id), min(n.id), max(n.id), coalesce(max(f.quantos), 0),
        coalesce(array_agg(distinct n.linha_id order by n.linha_id) filter (where n.linha_id is not null), '{}'),
        sum(n.registros), sum(n.producao), sum(n.rejeicao), min(n.de), max(n.ate), min(n.criada_em), max(n.criada_em)
    from novos as n left join arquivos as f on f.assunto = n.assunto
    where n.resolvida_em is null
    group by n.assunto;
    for v_assunto in select distinct n.assunto from novos as n where n.id % 16 = 0 order by n.assunto loop
        perform interno.juntar_somas(v_assunto);
    end loop;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.marcar_somas()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    insert into public.quarentena_somas (assunto, itens)
    select distinct d.assunto, 0
    from antes as a
    inner join depois as n on n.id = a.id
    cross join lateral (values (a.assunto), (n.assunto)) as d (assunto)
    where (a.resolvida_em is null) <> (n.resolvida_em is null) or a.assunto <> n.assunto;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_de_novo()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_assunto text;
begin
    for v_assunto in select distinct s.assunto from public.quarentena_somas as s where s.itens = 0 order by s.assunto loop
        perform pg_advisory_xact_lock(hashtextextended('assunto:' || v_assunto, 0));
        with somadas as (
            delete from public.quarentena_somas
            where assunto = v_assunto
        )
        insert into public.quarentena_somas
            (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
             ultimo_em)
        select v_assunto, count(*), count(*) - count(q.linha_id), min(q.id), max(q.id), count(distinct q.chave),
            coalesce(array_agg(distinct q.linha_id order by q.linha_id) filter (where q.linha_id is not null), '{}'),
            sum(q.registros), sum(q.producao), sum(q.rejeicao), min(q.de), max(q.ate), min(q.criada_em), max(q.criada_em)
        from public.quarentena as q
        where q.assunto = v_assunto and q.resolvida_em is null
        having count(*) > 0;
    end loop;
end $function$;

create or replace view public.quarentena_assuntos with (security_invoker=true) as
 WITH a_somar AS (
         SELECT DISTINCT s.assunto
           FROM public.quarentena_somas s
          WHERE (s.itens = 0)
        ), somados AS (
         SELECT s.assunto,
            (sum(s.itens))::bigint AS itens,
            (sum(s.sem_linha))::bigint AS sem_linha,
            min(s.primeiro) AS primeiro,
            max(s.ultimo) AS ultimo,
            (sum(s.arquivos))::bigint AS arquivos,
            sum(s.registros) AS registros,
            sum(s.producao) AS producao,
            sum(s.rejeicao) AS rejeicao,
            min(s.de) AS de,
            max(s.ate) AS ate,
            min(s.desde) AS desde,
            max(s.ultimo_em) AS ultimo_em
           FROM public.quarentena_somas s
          WHERE (NOT (EXISTS ( SELECT a.assunto
                   FROM a_somar a
                  WHERE (a.assunto = s.assunto))))
          GROUP BY s.assunto
        )
 SELECT s.assunto,
    s.itens,
    s.sem_linha,
    s.primeiro,
    s.ultimo,
    s.arquivos,
    ARRAY( SELECT DISTINCT u.linha_id
           FROM (public.quarentena_somas x
             CROSS JOIN LATERAL unnest(x.linhas) u(linha_id))
          WHERE (x.assunto = s.assunto)
          ORDER BY u.linha_id) AS linhas,
    s.registros,
    s.producao,
    s.rejeicao,
    s.de,
    s.ate,
    s.desde,
    s.ultimo_em
   FROM somados s
UNION ALL
 SELECT q.assunto,
    count(*) AS itens,
    (count(*) - count(q.linha_id)) AS sem_linha,
    min(q.id) AS primeiro,
    max(q.id) AS ultimo,
    count(DISTINCT q.chave) AS arquivos,
    COALESCE(array_agg(DISTINCT q.linha_id ORDER BY q.linha_id) FILTER (WHERE (q.linha_id IS NOT NULL)), '{}'::text[]) AS linhas,
    sum(q.registros) AS registros,
    sum(q.producao) AS producao,
    sum(q.rejeicao) AS rejeicao,
    min(q.de) AS de,
    max(q.ate) AS ate,
    min(q.criada_em) AS desde,
    max(q.criada_em) AS ultimo_em
   FROM (public.quarentena q
     JOIN a_somar a ON ((q.assunto = a.assunto)))
  WHERE (q.resolvida_em IS NULL)
  GROUP BY q.assunto;

CREATE OR REPLACE FUNCTION interno.somar_vetores(p_a integer[], p_b integer[])
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
    if p_a is null or p_b is null then
        return coalesce(p_a, p_b);
    end if;
    for v_i in 1..60 loop
        if p_b[v_i] <> 0 then
            p_a[v_i] := p_a[v_i] + p_b[v_i];
        end if;
    end loop;
    return p_a;
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_linhas(p_arquivo jsonb, OUT linhas jsonb, OUT de timestamp with time zone, OUT ate timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
begin
    select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(s))), '[]'), min(s.de), max(s.ate) into linhas, de, ate
    from (
        select
            t.linha_id, coalesce(sum(t.registros) filter (where t.resumo), sum(t.registros)) as registros,
            min(t.de) as de, max(t.ate) as ate, sum(t.producao) as producao, sum(t.rejeicao) as rejeicao,
            min(t.byte_de) as byte_de, max(t.byte_ate) as byte_ate,
            (array_agg(t.flags) filter (where t.flags <> '{}'))[1] as flags
        from (
            select true as resumo, l.linha_id, l.registros, l.de, l.ate, s.producao, s.rejeicao, l.byte_de, l.byte_ate, l.flags
            from jsonb_to_recordset(p_arquivo -> 'linhas') as l (
                linha_id text, registros bigint, de timestamptz, ate timestamptz, byte_de bigint, byte_ate bigint,
                flags jsonb, segundos jsonb
            )
            cross join lateral (
                select
                    coalesce(sum((v ->> 1)::interno.contagem), 0) as producao,
                    coalesce(sum((v ->> 2)::interno.contagem), 0) as rejeicao
                from jsonb_array_elements(l.segundos) as v
            ) as s
            union all
            select false, i.linha_id, 1, i.ate, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, null
            from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
                linha_id text, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
                byte_de bigint, byte_ate bigint
            )
            union all
            select
                false, q.linha_id, 0, null, null, coalesce(q.producao, 0), coalesce(q.rejeicao, 0), q.byte_de, q.byte_ate, null
            from jsonb_to_recordset(p_arquivo -> 'quarentena') as q (
                motivo text, linha_id text, producao interno.contagem, rejeicao interno.contagem,
                byte_de bigint, byte_ate bigint
            )
            where q.linha_id is not null and coalesce(q.producao, q.rejeicao) is not null and q.motivo <> 'LINHA_INCOMPLETA'
        ) as t
        group by t.linha_id
    ) as s;
end $function$;

CREATE OR REPLACE FUNCTION interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao,
         byte_de, byte_ate, trechos, origem, amostra)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', t.motivo,
        min(t.detalhe) filter (where t.n = 1)
            || case when count(*) > 1 then format('; e mais %s trechos do arquivo, pelo mesmo motivo', count(*) - 1) else '' end,
        t.linha_id, sum(t.registros),
        case when t.motivo <> 'LINHA_INCOMPLETA' then sum(t.producao) end,
        case when t.motivo <> 'LINHA_INCOMPLETA' then sum(t.rejeicao) end,
        min(t.byte_de), max(t.byte_ate),
        range_agg(int8range(
            t.byte_de, case when t.n = 1000 then t.fim else t.byte_ate end
        )) filter (where t.n <= 1000 and t.byte_de < t.byte_ate),
        min(t.origem) filter (where t.n = 1),
        substring(decode(min(t.amostra_base64) filter (where t.n = 1), 'base64') for 256)
    from (
        select q.*, row_number() over (partition by q.motivo, q.linha_id order by q.byte_de) as n,
            max(q.byte_ate) over (partition by q.motivo, q.linha_id) as fim
        from jsonb_to_recordset(p_arquivo -> 'quarentena') as q (
            motivo text, detalhe text, linha_id text, registros bigint, producao interno.contagem, rejeicao interno.contagem,
            byte_de bigint, byte_ate bigint, origem text, amostra_base64 text
        )
    ) as t
    group by t.motivo, t.linha_id
    order by min(t.byte_de), t.motivo;
end $function$;

CREATE OR REPLACE FUNCTION interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case when p_cadastrada and p_papel is not null and p_epoca_anterior is not true then '{}' else array_remove(array[
        case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
        case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
    ], null) end
$function$;

CREATE OR REPLACE FUNCTION interno.donos_da_linha(p_linha_id text, p_fonte text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(papel text, de timestamp with time zone, ate timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select t.papel, lower(u.intervalo), upper(u.intervalo)
    from (
        select f.papel, range_agg(tstzrange(f.de, coalesce(f.ate, 'infinity'))) as intervalos
        from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = p_fonte
          and f.de <= p_ate and coalesce(f.ate, 'infinity') > p_de
        group by f.papel
    ) as t
    cross join lateral unnest(t.intervalos) as u (intervalo)
$function$;

CREATE OR REPLACE FUNCTION interno.julgar_segundos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
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

CREATE OR REPLACE FUNCTION interno.julgar_intervalos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return array(
        select (
            i.linha_id, null, s.ate, i.producao, i.rejeicao, j.destino, v.motivos, d.papel, t.numero_op, t.fator_producao,
            t.fator_rejeicao, coalesce(t.situacao, 'CONFERENCIA'), t.motivo, i.desde, i.ate, f.flags, i.byte_de, i.byte_ate,
            i.fonte
        )::interno.incremento
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint, fonte timestamptz
        )
        cross join lateral (
            select date_trunc('second', i.desde) as desde, date_trunc('second', i.ate) as ate
        ) as s
        cross join lateral (
            select array(select jsonb_array_elements_text(i.flags))
                || case when i.ate > p_limite then array['implausivel', 'futura'] else '{}' end as flags
        ) as f
        left join public.linhas as l on l.linha_id = i.linha_id
        left join lateral interno.donos_da_linha(i.linha_id, p_fonte, s.desde, s.ate) as d
            on s.desde >= d.de and s.ate < d.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, i.desde < p_duvida) as motivos
        ) as v
        cross join lateral (
            select case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        ) as j
        left join lateral interno.situar_intervalo(i.linha_id, i.desde, i.ate, 'implausivel' = any(f.flags)) as t
            on j.destino = 'CONTADA'
        where i.producao > 0 or i.rejeicao > 0
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_segundos(p_vetor integer[], p_segundos integer[], p_valores integer[])
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
    for v_i in 1..cardinality(p_segundos) loop
        if p_valores[v_i] <> 0 then
            if p_vetor is null then
                p_vetor := array_fill(0, array[60]);
            end if;
            p_vetor[p_segundos[v_i] + 1] := p_vetor[p_segundos[v_i] + 1] + p_valores[v_i];
        end if;
    end loop;
    return p_vetor;
end $function$;

CREATE OR REPLACE FUNCTION interno.contar_minutos(p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
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

CREATE OR REPLACE FUNCTION interno.mostrar_conferencia(p_fonte text, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.contagens_conferencia as c
        (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
    select i.linha_id, p_fonte, date_trunc('minute', i.em), sum(i.producao), sum(i.rejeicao),
        interno.vetor((i.s % 60)::integer, i.producao::integer)
            filter (where i.producao > 0 and i.s is not null and i.destino = 'CONFERENCIA'),
        interno.vetor((i.s % 60)::integer, i.rejeicao::integer)
            filter (where i.rejeicao > 0 and i.s is not null and i.destino = 'CONFERENCIA')
    from unnest(p_incrementos) as i
    where i.papel = 'conferencia' and i.destino <> 'QUARENTENA'
    group by i.linha_id, date_trunc('minute', i.em)
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
        segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
        segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao);
end $function$;

CREATE OR REPLACE FUNCTION interno.guardar_intervalos(p_arquivo_id bigint, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.contagens_intervalo
        (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
         arquivo_id, byte_de, byte_ate, fonte_em)
    select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.flags, i.situacao, i.motivo, i.numero_op, i.fator_producao,
        i.fator_rejeicao, p_arquivo_id, i.byte_de, i.byte_ate, i.fonte_em
    from unnest(p_incrementos) as i
    where i.destino <> 'QUARENTENA' and i.situacao is not null;
end $function$;

CREATE OR REPLACE FUNCTION interno.guardar_em_duvida(p_arquivo_id bigint, p_arquivo jsonb, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.contagens_em_duvida as c (arquivo_id, linha_id, contados, retidos, fontes)
    select p_arquivo_id, i.linha_id,
        coalesce(jsonb_agg(v.segundo) filter (where i.destino = 'CONTADA'), '[]'),
        coalesce(jsonb_agg(v.segundo) filter (where i.destino <> 'CONTADA'), '[]'),
        coalesce((
            select jsonb_agg(f)
            from jsonb_array_elements(p_arquivo -> 'linhas') as l
            cross join lateral jsonb_array_elements(l -> 'fontes') as f
            where l ->> 'linha_id' = i.linha_id and (f ->> 0)::bigint = any(array_agg(i.s))
        ), '[]')
    from unnest(p_incrementos) as i
    cross join lateral jsonb_build_array(i.s, i.producao, i.rejeicao) as v (segundo)
    where i.s is not null and i.destino in ('CONTADA', 'RETIDA', 'FUTURA') and i.papel = 'contagem'
    group by i.linha_id
    on conflict (arquivo_id, linha_id) do update set
        contados = c.contados || excluded.contados, retidos = c.retidos || excluded.retidos,
        fontes = c.fontes || excluded.fontes;
end $function$;

CREATE OR REPLACE FUNCTION interno.por_em_quarentena(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_anterior_id bigint, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido, reportado_ate)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from unnest(p_incrementos) as o where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id,
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false), t.marca
    from (
        select i.linha_id, i.motivos, i.em, i.producao, i.rejeicao,
            case when 'EPOCA_ANTERIOR' = any(i.motivos) and i.em < m.marca then m.marca end as marca,
            rank() over (partition by i.linha_id order by i.em)
                - rank() over (partition by i.linha_id, i.motivos order by i.em) as trecho
        from unnest(p_incrementos) as i
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = i.linha_id
        where i.linha_id in (select o.linha_id from unnest(p_incrementos) as o where o.destino = 'QUARENTENA')
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    where t.motivos <> '{}'
    group by t.linha_id, t.motivos, t.marca, t.trecho, a.registros, a.byte_de, a.byte_ate;
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone, p_anterior_id bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_incrementos interno.incremento[] := interno.julgar_segundos(p_arquivo, p_fonte, p_duvida, p_limite);
    v_ha record;
begin
    if jsonb_array_length(p_arquivo -> 'intervalos') > 0 then
        v_incrementos := v_incrementos || interno.julgar_intervalos(p_arquivo, p_fonte, p_duvida, p_limite);
    end if;
    select bool_or(i.destino = 'QUARENTENA') as quarentena, bool_or(i.papel = 'conferencia') as conferencia,
        bool_or(i.situacao is not null) as intervalos
    into v_ha
    from unnest(v_incrementos) as i;
    perform interno.contar_minutos(v_incrementos);
    perform interno.contar_ordens(v_incrementos);
    if v_ha.conferencia then
        perform interno.mostrar_conferencia(p_fonte, v_incrementos);
    end if;
    if v_ha.intervalos then
        perform interno.guardar_intervalos(p_arquivo_id, v_incrementos);
    end if;
    if v_ha.quarentena then
        perform interno.por_em_quarentena(p_arquivo_id, p_arquivo, p_fonte, p_anterior_id, v_incrementos);
    end if;
    if exists (
        select from public.duvidas_relogio_lotes as l inner join public.duvidas_relogio as d on d.id = l.duvida_id
        where l.arquivo_id = p_arquivo_id and l.corrigido_em is null and d.aplicada_em is null
    ) then
        perform interno.guardar_em_duvida(p_arquivo_id, p_arquivo, v_incrementos);
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.conhecer_epoca(p_gateway text, p_epoca text, p_inicio timestamp with time zone, p_anterior boolean)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_epoca public.epocas_gateway;
begin
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
    if v_epoca.gateway is null or p_inicio < v_epoca.inicio then
        -- A gateway whose clock is ahead began no later than it was heard of; believed, it would put all that follows in
        -- doubt.
        insert into public.epocas_gateway (gateway, epoca, inicio)
        values (p_gateway, p_epoca, least(p_inicio, clock_timestamp()))
        on conflict (gateway, epoca) do update set inicio = excluded.inicio
        returning * into v_epoca;
    end if;
    return (
        select case when p_anterior or max(o.inicio) > v_epoca.inicio then 'infinity' else v_epoca.inicio end
        from public.epocas_gateway as o
        where o.gateway = p_gateway and o.numero < v_epoca.numero
        having count(*) > 0
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.limitar_marcas(p_marcas jsonb, p_chegada timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    if not exists (select from jsonb_array_elements(p_marcas) as m where ((m ->> 'ate')::timestamptz <= p_chegada) is not true) then
        return p_marcas;
    end if;
    return (
        select jsonb_agg(m || jsonb_build_object('ate', least((m ->> 'ate')::timestamptz, p_chegada)) order by n)
        from jsonb_array_elements(p_marcas) with ordinality as t (m, n)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.avancar_marcas(p_gateway text, p_epoca text, p_ate bigint, p_seq bigint, p_marcas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    with passadas as (
        delete from public.marcas_a_espera as e
        where e.gateway = p_gateway and e.epoca = p_epoca and e.seq <= p_ate
        returning e.seq, e.marcas
    ),
    novas as materialized (
        select distinct on (t.linha_id) t.linha_id, t.ate, t.estado, t.relogio_ms
        from (
            select seq, marcas from passadas
            union all
            select p_seq, p_marcas where p_seq <= p_ate
        ) as a
        cross join lateral jsonb_to_recordset(a.marcas) as t (linha_id text, ate timestamptz, estado text, relogio_ms bigint)
        inner join public.linhas as l on l.linha_id = t.linha_id
        order by t.linha_id, a.seq desc
    ),
    mudadas as (
        update public.marcas_linha as m
        set ate = n.ate, estado = n.estado, relogio_ms = n.relogio_ms, atualizada_em = clock_timestamp()
        from novas as n
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
          and (n.ate, n.estado, n.relogio_ms) is distinct from (m.ate, m.estado, m.relogio_ms)
    )
    insert into public.marcas_linha (linha_id, gateway, epoca, ate, estado, relogio_ms)
    select n.linha_id, p_gateway, p_epoca, n.ate, n.estado, n.relogio_ms from novas as n
    where not exists (
        select from public.marcas_linha as m
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.avancar_epoca(p_gateway text, p_epoca text, p_seq bigint, p_marcas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_de bigint;
    v_ate bigint;
    v_maior bigint;
    v_declarada bigint;
begin
    select ultima_seq_continua, greatest(maior_seq, p_seq), ultima_seq_declarada into v_de, v_maior, v_declarada
    from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;

    with recursive caminho (seq, recebida) as (
        select v_de, null::bigint
        union all
        select coalesce(p.recebida, p.anulada), coalesce(p.recebida, c.recebida)
        from caminho as c
        cross join lateral (
            select
                (
                    select a.seq from public.arquivos_ingeridos as a
                    where a.gateway = p_gateway and a.epoca = p_epoca and a.seq = c.seq + 1
                      and a.motivo is distinct from 'SEQ_ABSURDA'
                    limit 1
                ) as recebida,
                (
                    select n.ate_seq from public.sequencias_anuladas as n
                    where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= c.seq + 1
                    order by n.seq desc
                    limit 1
                ) as anulada
        ) as p
        where p.recebida is not null or p.anulada > c.seq
    )
    select greatest(v_maior, max(recebida)), greatest(v_de, least(max(seq), greatest(v_maior, max(recebida), v_declarada)))
    into v_maior, v_ate
    from caminho;

    update public.epocas_gateway
    set ultima_seq_continua = v_ate, maior_seq = v_maior
    where gateway = p_gateway and epoca = p_epoca and (ultima_seq_continua < v_ate or maior_seq < v_maior);

    if p_seq > v_ate then
        insert into public.marcas_a_espera (gateway, epoca, seq, marcas)
        select p_gateway, p_epoca, p_seq, p_marcas where jsonb_array_length(p_marcas) > 0;
    end if;
    if v_ate = v_de then
        return;
    end if;

    perform interno.avancar_marcas(p_gateway, p_epoca, v_ate, case when p_seq > v_de then p_seq end, p_marcas);
end $function$;

CREATE OR REPLACE FUNCTION interno.desistir_da_releitura(p_id bigint, p_motivo text, p_texto text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    update public.quarentena set reprocessar_em = null, detalhe = concat_ws(' ', detalhe, p_texto) where id = p_id;
    return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', p_motivo);
end $function$;

CREATE OR REPLACE FUNCTION interno.reprocessar(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_q public.quarentena;
    v_parte jsonb;
    v_lancamento public.arquivos_ingeridos;
    v_gateway text;
    v_prefixo jsonb;
    v_duvida timestamptz;
    v_producao bigint;
    v_rejeicao bigint;
    v_relogio public.duvidas_relogio;
begin
    select * into v_q from public.quarentena where id = (p_arquivo ->> 'reprocessar')::bigint for update;
    -- A message older than a restored database may name another piece by the same number.
    if v_q.id is null or v_q.chave <> p_arquivo ->> 'chave' or v_q.resolvida_em is not null or v_q.reprocessar_em is null then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    end if;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        return interno.desistir_da_releitura(
            v_q.id, 'REPROCESSO_ILEGIVEL', format('Não pôde ser lido de novo: %s', p_arquivo -> 'rejeitado' ->> 'detalhe')
        );
    end if;
    select * into v_lancamento from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id;
    v_prefixo := interno.prefixo_da_releitura(p_arquivo, v_lancamento);
    if v_prefixo is not null then
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', v_prefixo);
    end if;
    v_gateway := v_lancamento.gateway;
    if v_gateway is not null then
        v_duvida := interno.conhecer_epoca(
            v_gateway, p_arquivo ->> 'epoca', (p_arquivo ->> 'inicio')::timestamptz,
            coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    select d.* into v_relogio
    from public.duvidas_relogio_lotes as l inner join public.duvidas_relogio as d on d.id = l.duvida_id
    where l.arquivo_id = v_q.arquivo_id and l.corrigido_em is not null;
    if v_q.relogio_corrigido then
        p_arquivo := interno.corrigir_relogio(p_arquivo, v_relogio);
    end if;
    select t.parte, t.producao, t.rejeicao into v_parte, v_producao, v_rejeicao
    from (values (1, null), (2, v_duvida)) as d (vez, duvida)
    cross join lateral interno.trecho_em_quarentena(p_arquivo, v_q, d.duvida) as t
    where d.vez = 1 or (d.duvida is not null and v_q.outros_motivos is not null)
    order by (t.producao, t.rejeicao) = (v_q.producao, v_q.rejeicao) desc, d.vez
    limit 1;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao)
        or v_lancamento.aceito_sha256 is distinct from p_arquivo #>> '{aceito,sha256}' then
        return interno.desistir_da_releitura(v_q.id, 'REPROCESSO_DIVERGENTE', format(
            'Lido de novo, o trecho traz %s (rejeição %s), não o que foi posto em quarentena; não foi contado.',
            v_producao, v_rejeicao
        ));
    end if;
    update public.quarentena
    set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = reprocessar_motivo,
        resolvida_por = reprocessar_por, reprocessar_em = null
    where id = v_q.id;
    v_duvida := case
        when interno.epoca_decidida(v_q.id) then null
        when 'EPOCA_ANTERIOR' = any(v_q.outros_motivos) then 'infinity'
        else v_duvida
    end;
    if v_relogio.id is not null then
        v_parte := case when v_q.relogio_corrigido then v_parte || '{"relogio_corrigido": true}'
            else interno.corrigir_relogio(v_parte, v_relogio)
        end;
    end if;
    perform interno.aplicar_arquivo(
        v_q.arquivo_id, v_parte, coalesce(v_gateway, 'avulso'), v_duvida,
        interno.limite_do_futuro(interno.chegada(p_arquivo)), v_q.id
    );
    return jsonb_build_object('situacao', 'APLICADO');
end $function$;

CREATE OR REPLACE FUNCTION interno.responder_sem_lancar(p_arquivo jsonb, p_situacao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_prefixo public.arquivos_ingeridos;
begin
    if p_situacao = 'QUARENTENA' then
        update public.quarentena set reprocessar_em = null
        where chave = p_arquivo ->> 'chave' and versao_id is not distinct from p_arquivo ->> 'versao_id'
          and reprocessar_em is not null and resolvida_em is null;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', p_motivo);
    elsif p_situacao = 'PREFIXO' then
        v_prefixo := interno.prefixo_avulso(p_arquivo ->> 'chave', p_arquivo ->> 'inicio_sha256');
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', jsonb_build_object(
            'tamanho', coalesce(v_prefixo.aceito_tamanho, 0), 'sha256', v_prefixo.aceito_sha256,
            'chave', coalesce(v_prefixo.chave, p_arquivo ->> 'chave'), 'versao_id', v_prefixo.versao_id
        ));
    end if;
    return jsonb_build_object('situacao', 'JA_APLICADO');
end $function$;

CREATE OR REPLACE FUNCTION interno.lancar_arquivo(p_arquivo jsonb, p_situacao text, p_motivo text, p_substitui bigint, p_linhas jsonb, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_id bigint;
begin
    insert into public.arquivos_ingeridos
        (bucket, chave, versao_id, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate,
         aceito_tamanho, aceito_sha256, inicio_sha256, contado_antes, registros, situacao, motivo, substitui)
    values (
        p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', (p_arquivo ->> 'tamanho')::bigint,
        p_arquivo ->> 'sha256', (p_arquivo ->> 'gravado_em')::timestamptz, p_arquivo ->> 'tipo',
        p_arquivo ->> 'gateway', p_arquivo ->> 'epoca', (p_arquivo ->> 'seq')::bigint, p_linhas, p_de, p_ate,
        (p_arquivo #>> '{aceito,tamanho}')::bigint, p_arquivo #>> '{aceito,sha256}', p_arquivo ->> 'inicio_sha256',
        (p_arquivo #>> '{prefixo,tamanho}')::bigint,
        case when p_situacao = 'REPETIDO' then 0 else coalesce((p_arquivo ->> 'registros')::bigint, 0) end,
        p_situacao, p_motivo, p_substitui
    )
    returning id into v_id;
    return v_id;
end $function$;

CREATE OR REPLACE FUNCTION interno.encerrar_esperas(p_arquivo_id bigint, p_arquivo jsonb, p_substitui bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    update public.quarentena
    set resolvida_em = clock_timestamp(), resolvida_por = reprocessar_por, reprocessar_em = null,
        decisao = case
            when versao_id is not distinct from p_arquivo ->> 'versao_id' then 'REPROCESSADO' else 'SUPERADO'
        end,
        decisao_motivo = case
            when versao_id is not distinct from p_arquivo ->> 'versao_id' then coalesce(
                reprocessar_motivo,
                'O arquivo foi lido de novo; o que dele ainda não pode ser contado espera em outro item.'
            )
            else 'O sistema contou uma versão posterior do mesmo arquivo.'
        end
    where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> p_arquivo_id
      and (arquivo_id = p_substitui or (p_arquivo ->> 'tipo' <> 'gateway' and motivo = 'LINHA_INCOMPLETA'));
end $function$;

CREATE OR REPLACE FUNCTION interno.receber_sequencia(p_arquivo_id bigint, p_arquivo jsonb, p_aplicado boolean, p_chegada timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_epoca constant text := p_arquivo ->> 'epoca';
    v_seq constant bigint := (p_arquivo ->> 'seq')::bigint;
begin
    if exists (
        select from public.sequencias_anuladas
        where gateway = v_gateway and epoca = v_epoca and v_seq between seq and ate_seq
    ) then
        perform interno.anotar_trilha(
            'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', p_arquivo_id), null,
            jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
        );
    end if;
    perform interno.avancar_epoca(
        v_gateway, v_epoca, v_seq,
        case when p_aplicado and jsonb_typeof(p_arquivo -> 'marcas') = 'array'
            then interno.limitar_marcas(p_arquivo -> 'marcas', p_chegada)
        end
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.registrar_arquivo(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote constant boolean := p_arquivo ->> 'tipo' = 'gateway';
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_chegada constant timestamptz := interno.chegada(p_arquivo);
    v_decisao record;
    v_somas record;
    v_conhecido boolean;
    v_duvida timestamptz;
    v_id bigint;
begin
    if p_arquivo ->> 'reprocessar' is not null then
        return interno.reprocessar(p_arquivo);
    end if;
    if v_lote then
        select * into v_decisao from interno.reconhecer_lote(p_arquivo);
    elsif p_arquivo ->> 'tipo' = 'avulso' then
        select * into v_decisao from interno.reconhecer_avulso(p_arquivo);
    else
        perform interno.recusar(
            '422', 'TIPO_DESCONHECIDO', format('Tipo de arquivo %L; esperado gateway ou avulso.', p_arquivo ->> 'tipo'),
            'Corrija quem chama registrar_contagens.'
        );
    end if;
    if v_decisao.situacao = 'REPETIDO' then
        v_id := interno.lancar_arquivo(p_arquivo, 'REPETIDO', null, null, '[]', null, null);
        perform interno.encerrar_esperas(v_id, p_arquivo, null);
        return jsonb_build_object('situacao', 'JA_APLICADO');
    elsif v_decisao.situacao not in ('APLICAR', 'QUARENTENAR') then
        return interno.responder_sem_lancar(p_arquivo, v_decisao.situacao, v_decisao.motivo);
    end if;

    select * into v_somas from interno.somar_linhas(p_arquivo);
    v_id := interno.lancar_arquivo(
        p_arquivo, case v_decisao.situacao when 'APLICAR' then 'APLICADO' else 'QUARENTENA' end, v_decisao.motivo,
        v_decisao.substitui, v_somas.linhas, v_somas.de, v_somas.ate
    );
    v_conhecido := v_lote and v_decisao.motivo is distinct from 'SEQ_ABSURDA'
        and exists (select from public.gateways where gateway = v_gateway);
    if v_conhecido then
        v_duvida := interno.conhecer_epoca(
            v_gateway, p_arquivo ->> 'epoca', (p_arquivo ->> 'inicio')::timestamptz,
            coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    if jsonb_array_length(p_arquivo -> 'quarentena') > 0 then
        perform interno.anotar_ilegiveis(v_id, p_arquivo);
    end if;
    if v_decisao.situacao = 'QUARENTENAR' then
        perform interno.quarentenar_arquivo(v_id, p_arquivo, v_decisao.motivo, coalesce(v_decisao.detalhe, v_decisao.motivo));
    else
        if v_conhecido then
            perform interno.duvidar_do_relogio(v_id, p_arquivo, v_somas.linhas, v_somas.de, v_somas.ate, v_chegada);
        end if;
        perform interno.aplicar_arquivo(
            v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida,
            interno.limite_do_futuro(v_chegada), null
        );
        perform interno.encerrar_esperas(v_id, p_arquivo, v_decisao.substitui);
    end if;
    if v_conhecido then
        perform interno.receber_sequencia(v_id, p_arquivo, v_decisao.situacao = 'APLICAR', v_chegada);
    end if;
    return case v_decisao.situacao
        when 'APLICAR' then jsonb_build_object('situacao', 'APLICADO')
        else jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
    end;
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_contagens(p_arquivos jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_arquivo jsonb;
    v_resultado jsonb;
    v_resultados jsonb := '[]';
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    p_arquivos := interno.json_recebido(p_arquivos);
    if jsonb_typeof(p_arquivos) is distinct from 'array' or p_arquivos @? 'strict $[*] ? (@.type() != "object")' then
        perform interno.recusar(
            '422', 'ARQUIVOS_INVALIDOS', 'p_arquivos deve ser uma lista JSON de objetos, um por arquivo.', 'Corrija quem chama registrar_contagens.'
        );
    end if;

    perform interno.travar_linhas(array(
        select jsonb_path_query(p_arquivos, '$[*].linhas[*].linha_id') #>> '{}'
        union
        select jsonb_path_query(p_arquivos, '$[*].intervalos[*].linha_id') #>> '{}'
    ));
    perform interno.travar_chaves(array(
        select unnest(case when a ->> 'tipo' = 'gateway'
            then array['epoca:' || (a ->> 'gateway') || ':' || (a ->> 'epoca')]
            else array[
                'avulso:' || (a ->> 'chave'), 'conteudo:' || (a #>> '{aceito,sha256}'), 'inicio:' || (a ->> 'inicio_sha256')
            ]
        end)
        from jsonb_array_elements(p_arquivos) as a
    ));

    for v_arquivo in
        -- An optional part given as null means the same as a part left out.
        select jsonb_strip_nulls(t.a)
        from jsonb_array_elements(p_arquivos) with ordinality as t (a, i)
        order by t.i
    loop
        begin
            v_resultado := interno.registrar_arquivo(v_arquivo);
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_resultado := interno.erro_json(v_estado, v_mensagem, v_detalhe);
        end;
        v_resultados := v_resultados || jsonb_build_array(
            jsonb_build_object('chave', v_arquivo ->> 'chave', 'versao_id', v_arquivo ->> 'versao_id') || v_resultado
        );
    end loop;
    return v_resultados;
end $function$;

CREATE OR REPLACE FUNCTION public.quarentenas_a_reprocessar(p_limite integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_leituras jsonb;
begin
    perform interno.somar_de_novo(); -- the run of every minute comes through here
    with leituras as materialized (
        select min(x.id) as id, array_agg(x.id) as itens, x.arquivo_id, a.situacao <> 'QUARENTENA' as trecho
        from public.quarentena as x inner join public.arquivos_ingeridos as a on a.id = x.arquivo_id
        where x.reprocessar_em <= clock_timestamp() and x.resolvida_em is null
        group by x.arquivo_id, a.situacao, case when a.situacao <> 'QUARENTENA' then x.id end
        order by min(x.reprocessar_em), min(x.id)
        limit p_limite
    ),
    pedidas as (
        update public.quarentena as q set reprocessar_em = clock_timestamp() + interval '5 minutes'
        from (select unnest(l.itens) as id from leituras as l) as d
        where q.id = d.id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', l.id, 'bucket', a.bucket, 'chave', a.chave, 'versao_id', a.versao_id, 'tamanho', a.tamanho,
        'gravado_em', a.gravado_em, 'trecho', l.trecho
    ) order by l.id), '[]')
    into v_leituras
    from leituras as l inner join public.arquivos_ingeridos as a on a.id = l.arquivo_id;
    return v_leituras;
end $function$;

CREATE OR REPLACE FUNCTION public.arquivos_da_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_limite integer DEFAULT 1000)
 RETURNS TABLE(arquivo_id bigint, chave text, versao_id text, sha256 text, byte_de bigint, byte_ate bigint, de timestamp with time zone, ate timestamp with time zone, registros bigint, producao bigint, rejeicao bigint, flags jsonb, ingerido_em timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select t.arquivo_id, t.chave, t.versao_id, t.sha256, t.byte_de, t.byte_ate, t.de, t.ate, t.registros, t.producao,
        t.rejeicao, t.flags, t.ingerido_em
    from (
        select p.*, count(*) over () as respostas
        from (
            select a.id as arquivo_id, a.chave, a.versao_id, a.sha256, (l ->> 'byte_de')::bigint as byte_de,
                (l ->> 'byte_ate')::bigint as byte_ate, (l ->> 'de')::timestamptz as de,
                (l ->> 'ate')::timestamptz as ate, (l ->> 'registros')::bigint as registros,
                (l ->> 'producao')::bigint as producao, (l ->> 'rejeicao')::bigint as rejeicao,
                coalesce(l -> 'flags', '{}') as flags, a.ingerido_em
            from public.arquivos_ingeridos as a
            -- One of 37 entries is read; as a record all of them would be made.
            cross join lateral jsonb_array_elements(a.linhas) as l
            where a.situacao = 'APLICADO' and a.de < p_ate and a.ate >= p_de
              and l ->> 'linha_id' = p_linha_id
              and (l ->> 'de')::timestamptz < p_ate and (l ->> 'ate')::timestamptz >= p_de
              and (p_limite is null or public.conferir_janela(p_de, p_ate, interval '31 days'))
            limit p_limite + 1
        ) as p
    ) as t
    where p_limite is null or public.conferir_pagina(t.respostas, p_limite)
$function$;

CREATE OR REPLACE FUNCTION public.rastrear(p_numero_op text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select json_build_object(
        'lote', to_jsonb(l),
        'fechamento', (
            select to_jsonb(f) || jsonb_build_object('totais', (
                select jsonb_agg(to_jsonb(t) - 'fechamento_id' order by t.linha_id, t.inicio, t.tipo, t.codigo)
                from public.fechamento_totais as t where t.fechamento_id = f.id
            ))
            from public.fechamentos_lote as f where f.numero_op = l.numero_op
        ),
        'ajustes', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]')
            from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
            where f.numero_op = l.numero_op
        ),
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('chamadas', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]') from public.tentativas_integracao as t where t.envio_id = e.id
            )) order by e.ordem), '[]')
            from public.envios_totvs as e where e.numero_op = l.numero_op
        ),
        'diarios', (
            select coalesce(jsonb_agg(to_jsonb(d) - 'conteudo' || jsonb_build_object('vale', public.verificar_assinatura(d.id)) order by d.id), '[]')
            from interno.turnos_op(l.numero_op) as t
            inner join public.diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
        ),
        'linhas', (
            select coalesce(json_agg(json_build_object(
                'linha_id', o.linha_id, 'total', to_jsonb(o),
                'periodos', (
                    select coalesce(jsonb_agg(interno.periodo_json(p) order by p.intervalo), '[]')
                    from public.periodos_ordem as p where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                ),
                'arquivos', (
                    select coalesce(json_agg(json_build_object(
                        'chave', x.chave, 'versao_id', x.versao_id, 'sha256', x.sha256, 'byte_de', x.byte_de,
                        'byte_ate', x.byte_ate, 'de', x.de, 'ate', x.ate, 'registros', x.registros,
                        'producao', x.producao, 'rejeicao', x.rejeicao, 'ingerido_em', x.ingerido_em
                    ) order by x.de, x.arquivo_id), '[]')
                    from (
                        select distinct on (a.arquivo_id) a.*
                        from public.periodos_ordem as p
                        cross join lateral public.arquivos_da_linha(
                            p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity'), null
                        ) as a
                        where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                    ) as x
                ),
                'intervalos', (
                    select coalesce(jsonb_agg(to_jsonb(i) order by i.id), '[]')
                    from public.contagens_intervalo as i where i.numero_op = l.numero_op and i.linha_id = o.linha_id
                ),
                'manuais', (
                    select coalesce(jsonb_agg(to_jsonb(m) order by m.id), '[]')
                    from public.contagens_manuais as m where m.numero_op = l.numero_op and m.linha_id = o.linha_id
                ),
                'perdas', (
                    select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
                    from public.perdas_qualidade as q where q.numero_op = l.numero_op and q.linha_id = o.linha_id
                )
            ) order by o.linha_id), '[]')
            from public.ordens_producao_ativas as o where o.numero_op = l.numero_op
        )
    )
    from public.lotes_producao as l
    where l.numero_op = public.normalizar_op(p_numero_op)
$function$;

create or replace view public.pendencias with (security_invoker=true) as
 WITH sem_ordem AS (
         SELECT t.linha_id,
            ((t.em AT TIME ZONE 'America/Fortaleza'::text))::date AS dia,
            sum(t.producao) AS producao,
            sum(t.rejeicao) AS rejeicao,
            min(t.em) AS de,
            max(t.ate) AS ate
           FROM ( SELECT m.linha_id,
                    m.minuto AS em,
                    (m.minuto + '00:01:00'::interval) AS ate,
                    (m.sem_ordem_producao - m.justificada_producao) AS producao,
                    (m.sem_ordem_rejeicao - m.justificada_rejeicao) AS rejeicao
                   FROM public.contagens_minuto m
                  WHERE ((((m.sem_ordem_producao - m.justificada_producao) + m.sem_ordem_rejeicao) - m.justificada_rejeicao) > 0)
                UNION ALL
                 SELECT i.linha_id,
                    i.ate AS em,
                    i.ate,
                    i.producao,
                    i.rejeicao
                   FROM public.contagens_intervalo i
                  WHERE ((i.situacao = 'SEM_ORDEM'::text) AND (NOT i.justificada))) t
          GROUP BY t.linha_id, (((t.em AT TIME ZONE 'America/Fortaleza'::text))::date)
        ), retidas AS (
         SELECT r.assunto,
            r.linha_id,
            r.motivo,
            count(*) AS itens,
            max(r.id) AS ultima,
            sum(r.producao) AS producao,
            sum(r.rejeicao) AS rejeicao,
            min(r.desde) AS de,
            max(r.ate) AS ate,
            bool_or(('futura'::text = ANY (r.flags))) AS futura,
            min(r.criada_em) AS desde
           FROM public.contagens_retidas r
          GROUP BY r.assunto, r.linha_id, r.motivo
        ), faltas AS (
         SELECT f.gateway,
            f.epoca,
            count(*) AS faixas,
            (min(f.anterior) + 1) AS de,
            (max(f.seq) - 1) AS ate,
            sum(((f.seq - f.anterior) - 1)) AS sequencias,
            to_jsonb((array_agg(ARRAY[(f.anterior + 1), (f.seq - 1)] ORDER BY f.seq))[:50]) AS primeiras,
            min(f.desde) AS desde
           FROM public.lacunas_sequencia f
          WHERE (((f.seq - f.anterior) > 1) AND (f.desde < (now() - '00:10:00'::interval)))
          GROUP BY f.gateway, f.epoca
        )
 SELECT p.tipo,
    p.chave,
    p.linha_id,
    linha.setor,
    p.descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao(p.funcao), ', '::text) AS quem_decide,
    p.funcao,
    p.detalhes
   FROM (( SELECT 'SEM_ORDEM'::text AS tipo,
            ((s.linha_id || ':'::text) || s.dia) AS chave,
            s.linha_id,
            s.linha_id AS linha_do_setor,
            format('A linha %s contou %s (rejeição %s) sem ordem aberta em %s.'::text, s.linha_id, s.producao, s.rejeicao, to_char((s.dia)::timestamp with time zone, 'DD/MM/YYYY'::text)) AS descricao,
            s.de AS desde,
            'justificar_sem_ordem'::text AS funcao,
            jsonb_build_object('p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', (s.ate + '00:00:00.001'::interval), 'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem') AS detalhes
           FROM sem_ordem s
        UNION ALL
         SELECT 'RETIDA'::text AS tipo,
            r.assunto,
            r.linha_id,
            r.linha_id AS linha_do_setor,
                CASE
                    WHEN (r.motivo = 'FRONTEIRA'::text) THEN format('Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.'::text, r.producao, r.rejeicao)
                    ELSE format('%s de %s (rejeição %s)%s%s.'::text,
                    CASE
                        WHEN r.futura THEN 'Contagem'::text
                        WHEN (r.itens = 1) THEN 'Contagem implausível'::text
                        ELSE 'Contagens implausíveis'::text
                    END, r.producao, r.rejeicao,
                    CASE
                        WHEN r.futura THEN format(' datada de %s, muito depois de chegar'::text, to_char((r.ate AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text))
                        ELSE NULL::text
                    END,
                    CASE
                        WHEN (r.itens > 1) THEN format(', em %s registros'::text, r.itens)
                        ELSE NULL::text
                    END)
                END AS format,
            r.desde,
            'decidir_retido'::text AS funcao,
            jsonb_build_object('p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS jsonb_build_object
           FROM retidas r
        UNION ALL
         SELECT 'QUARENTENA'::text AS tipo,
            q.assunto,
                CASE
                    WHEN ((cardinality(q.linhas) = 1) AND (q.sem_linha = 0)) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN ((q.sem_linha = 0) AND ( SELECT ((count(DISTINCT l.setor) = 1) AND (count(l.setor) = cardinality(q.linhas)))
                       FROM public.linhas l
                      WHERE (l.linha_id = ANY (q.linhas)))) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN (q.itens = 1) THEN p_1.detalhe
                    ELSE format('%s itens de %s, desde %s até %s. O primeiro: %s'::text, q.itens,
                    CASE
                        WHEN (q.arquivos = 1) THEN 'um arquivo'::text
                        ELSE (q.arquivos || ' arquivos'::text)
                    END, to_char((q.desde AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), to_char((q.ultimo_em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), p_1.detalhe)
                END AS format,
            q.desde,
            'resolver_quarentena'::text AS funcao,
            jsonb_build_object('p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos, 'linhas', NULLIF(q.linhas[:50], '{}'::text[]), 'motivo', p_1.motivo, 'outros_motivos', COALESCE(p_1.outros_motivos, '{}'::text[]), 'de', q.de, 'ate', q.ate, 'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'arquivo', p_1.chave, 'versao_id', p_1.versao_id, 'byte_de', p_1.byte_de, 'byte_ate', p_1.byte_ate, 'primeiros_bytes', encode(SUBSTRING(p_1.amostra FROM 1 FOR 64), 'escape'::text), 'fonte', p_1.fonte, 'alternativa',
                CASE
                    WHEN (p_1.fonte IS NOT NULL) THEN 'definir_fonte'::text
                    WHEN public.reprocessavel(p_1.*) THEN 'reprocessar_quarentena'::text
                    ELSE NULL::text
                END) AS jsonb_build_object
           FROM (public.quarentena_assuntos q
             JOIN public.quarentena p_1 ON ((q.primeiro = p_1.id)))
        UNION ALL
         SELECT 'RELOGIO_EM_DUVIDA'::text AS tipo,
            (d.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('%s Linhas %s, %s lotes.'::text, d.descricao, array_to_string(d.linhas, ', '::text), d.lotes) AS format,
            d.criada_em,
            'decidir_relogio'::text AS funcao,
            jsonb_build_object('p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate, 'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes) AS jsonb_build_object
           FROM public.duvidas_relogio d
          WHERE (d.decisao IS NULL)
        UNION ALL
         SELECT 'SEQUENCIA_AUSENTE'::text AS tipo,
            ((((f.gateway || ':'::text) || f.epoca) || ':'::text) || concat_ws('-'::text, f.de, NULLIF(f.ate, f.de))),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
                CASE
                    WHEN (f.sequencias = (1)::numeric) THEN format('O lote %s do gateway %s não chegou.'::text, f.de, f.gateway)
                    WHEN (f.faixas = 1) THEN format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, f.de, f.ate, f.gateway, f.sequencias)
                    ELSE format('Faltam %s lotes do gateway %s, em %s faixas de %s a %s.'::text, f.sequencias, f.gateway, f.faixas, f.de, f.ate)
                END AS format,
            f.desde,
            'anular_sequencia'::text AS funcao,
            jsonb_build_object('p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', (f.faixas > 1), 'sequencias', f.sequencias, 'faixas', f.primeiras) AS jsonb_build_object
           FROM faltas f
        UNION ALL
         SELECT 'EPOCA_NOVA'::text AS tipo,
            ((e.gateway || ':'::text) || e.epoca),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).'::text, e.gateway, e.maior_seq) AS format,
            n.em,
            'encerrar_epoca'::text AS funcao,
            jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq) AS jsonb_build_object
           FROM (public.epocas_gateway e
             CROSS JOIN LATERAL ( SELECT min(x.primeira_vez_em) AS em
                   FROM public.epocas_gateway x
                  WHERE ((x.gateway = e.gateway) AND (ROW(x.inicio, x.numero) > ROW(e.inicio, e.numero)))) n)
          WHERE ((e.ultima_seq_declarada IS NULL) AND (n.em IS NOT NULL))
        UNION ALL
         SELECT
                CASE e.situacao
                    WHEN 'RECUSADO'::text THEN 'EVENTO_RECUSADO'::text
                    ELSE 'EVENTO_ESTACIONADO'::text
                END AS "case",
            (e.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Evento do TOTVS (%s): %s'::text, concat_ws(' '::text, e.tipo, e.referencia), e.motivo) AS format,
            e.recebido_em,
            'resolver_evento_totvs'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id) AS jsonb_build_object
           FROM public.eventos_totvs e
          WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
        UNION ALL
         SELECT 'OP_CANCELADA'::text AS tipo,
            l.numero_op,
            c.linha_id,
            c.linha_id AS linha_do_setor,
            format('A OP %s foi cancelada no TOTVS, mas tem contagens ou está aberta numa linha.'::text, l.numero_op) AS format,
            l.atualizado_em,
            'reconhecer_alteracao_op'::text AS funcao,
            jsonb_build_object('p_numero_op', l.numero_op, 'contagens', c.contagens, 'alternativa', 'encerrar_ordem') AS jsonb_build_object
           FROM (((public.lotes_producao l
             CROSS JOIN LATERAL ( SELECT min(o.linha_id) AS linha_id,
                    (COALESCE(sum((o.producao_maquina + o.rejeicao_maquina)), (0)::numeric))::bigint AS contagens
                   FROM public.ordens_producao_ativas o
                  WHERE (o.numero_op = l.numero_op)) c)
             LEFT JOIN LATERAL ( SELECT max(r.contagens) AS contagens
                   FROM public.reconhecimentos_op r
                  WHERE (r.numero_op = l.numero_op)) v ON (true))
             LEFT JOIN LATERAL ( SELECT bool_or(upper_inf(p_2.intervalo)) AS aberta
                   FROM public.periodos_ordem p_2
                  WHERE (p_2.numero_op = l.numero_op)) p_1 ON (true))
          WHERE ((l.status = 'CANCELADO'::text) AND ((c.contagens > COALESCE(v.contagens, (0)::bigint)) OR ((v.contagens IS NULL) AND p_1.aberta)))
        UNION ALL
         SELECT 'OP_ALTERADA'::text AS tipo,
            l.numero_op,
            l.linha_id,
            l.linha_id AS linha_do_setor,
            format('O TOTVS mudou a OP %s depois de ela contar: %s.'::text, l.numero_op, a.texto) AS format,
            a.em,
            'reconhecer_alteracao_op'::text AS funcao,
            jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes) AS jsonb_build_object
           FROM (( SELECT x.numero_op,
                    min(x.em) AS em,
                    jsonb_agg(x.id ORDER BY x.id) AS alteracoes,
                    string_agg(format('%s de %s para %s'::text, lower(replace(x.codigo, '_ALTERADO'::text, ''::text)), x.antes, x.depois), '; '::text ORDER BY x.id) AS texto
                   FROM (public.alteracoes_op x
                     LEFT JOIN LATERAL ( SELECT max(r.ate_alteracao) AS ate_alteracao
                           FROM public.reconhecimentos_op r
                          WHERE (r.numero_op = x.numero_op)) v ON (true))
                  WHERE ((x.codigo = ANY (ARRAY['PRODUTO_ALTERADO'::text, 'LOTE_ALTERADO'::text])) AND (x.id > COALESCE(v.ate_alteracao, (0)::bigint)))
                  GROUP BY x.numero_op) a
             JOIN public.lotes_producao l ON ((a.numero_op = l.numero_op)))
        UNION ALL
         SELECT 'FECHAMENTO'::text AS tipo,
            ((f.numero_op || ':'::text) || x.n),
            COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS "coalesce",
            COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS "coalesce",
            (x.falta ->> 'detalhe'::text),
            f.desde,
            (x.falta ->> 'funcao'::text),
            ((x.falta -> 'argumentos'::text) || jsonb_build_object('numero_op', f.numero_op, 'codigo', (x.falta ->> 'codigo'::text), 'acao', (x.falta ->> 'acao'::text)))
           FROM ((public.fechamentos_pendentes f
             CROSS JOIN LATERAL jsonb_array_elements(f.faltas) WITH ORDINALITY x(falta, n))
             LEFT JOIN LATERAL ( SELECT min(p_1.linha_id) AS linha_id
                   FROM public.ordens_producao_ativas p_1
                  WHERE (p_1.numero_op = f.numero_op)) o ON (true))
        UNION ALL
         SELECT 'AJUSTE'::text AS tipo,
            f.numero_op,
            a.linha_id,
            NULL::text AS linha_do_setor,
            format('A OP %s mudou depois de fechada: %s.'::text, f.numero_op, a.texto) AS format,
            a.desde,
            'decidir_ajustes'::text AS funcao,
            jsonb_build_object('p_numero_op', f.numero_op, 'ajustes', a.ids) AS jsonb_build_object
           FROM (( SELECT j.fechamento_id,
                    min(j.linha_id) AS linha_id,
                    min(j.criado_em) AS desde,
                    jsonb_agg(j.id ORDER BY j.id) AS ids,
                    string_agg(format('%s %s %s'::text, lower(j.tipo), to_char(j.diferenca, 'FMS999999999'::text), j.linha_id), '; '::text ORDER BY j.id) AS texto
                   FROM public.ajustes_fechamento j
                  WHERE (j.situacao = 'PROPOSTO'::text)
                  GROUP BY j.fechamento_id) a
             JOIN public.fechamentos_lote f ON ((a.fechamento_id = f.id)))
        UNION ALL
         SELECT 'ENVIO'::text AS tipo,
            e.id_externo,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Envio %s ao TOTVS (%s, OP %s): %s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao), e.erro) AS format,
            COALESCE(e.concluido_em, e.tocado_em, e.criado_em) AS "coalesce",
            'decidir_envio'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo) AS jsonb_build_object
           FROM public.envios_totvs e
          WHERE ((e.situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((e.situacao = 'INCERTO'::text) AND (e.proxima_em IS NULL)))) p
     LEFT JOIN public.linhas linha ON ((p.linha_do_setor = linha.linha_id)));

CREATE INDEX lotes_producao_linha ON public.lotes_producao USING btree (linha_id) WHERE (linha_id IS NOT NULL);
CREATE INDEX quarentena_somas_assunto ON public.quarentena_somas USING btree (assunto);
CREATE INDEX quarentena_somas_a_somar ON public.quarentena_somas USING btree (assunto) WHERE (itens = 0);
CREATE INDEX velocidades_nominais_produto ON public.velocidades_nominais USING btree (produto_codigo);
alter table public.quarentena_somas enable row level security;
CREATE TRIGGER somar_itens AFTER INSERT ON public.quarentena REFERENCING NEW TABLE AS novos FOR EACH STATEMENT EXECUTE FUNCTION interno.somar_novos_itens();
CREATE TRIGGER marcar_somas AFTER UPDATE ON public.quarentena REFERENCING OLD TABLE AS antes NEW TABLE AS depois FOR EACH STATEMENT EXECUTE FUNCTION interno.marcar_somas();
create policy leitura on public.quarentena_somas as permissive for select to authenticated using (true);
revoke all on function interno.avancar_marcas(text,text,bigint,bigint,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.contar_minutos(interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.contar_ordens(interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.desistir_da_releitura(bigint,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.donos_da_linha(text,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.encerrar_esperas(bigint,jsonb,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.guardar_em_duvida(bigint,jsonb,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.guardar_intervalos(bigint,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.julgar_intervalos(jsonb,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.julgar_segundos(jsonb,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.juntar_somas(text) from public, anon, authenticated, service_role;
revoke all on function interno.lancar_arquivo(jsonb,text,text,bigint,jsonb,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.marcar_somas() from public, anon, authenticated, service_role;
revoke all on function interno.mostrar_conferencia(text,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.por_em_quarentena(bigint,jsonb,text,bigint,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.receber_sequencia(bigint,jsonb,boolean,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.responder_sem_lancar(jsonb,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.somar_de_novo() from public, anon, authenticated, service_role;
revoke all on function interno.somar_novos_itens() from public, anon, authenticated, service_role;
revoke all on function interno.somar_segundos(integer[],integer[],integer[]) from public, anon, authenticated, service_role;
revoke all on function public.rastrear(text) from public, anon, authenticated, service_role;
grant execute on function public.rastrear(text) to authenticated;
grant execute on function public.rastrear(text) to service_role;
revoke all on table public.quarentena_assuntos from public, anon, authenticated, service_role;
grant select on table public.quarentena_assuntos to authenticated;
grant select on table public.quarentena_assuntos to service_role;
revoke all on table public.quarentena_somas from public, anon, authenticated, service_role;
grant select on table public.quarentena_somas to authenticated;
grant select on table public.quarentena_somas to service_role;
comment on function public.rastrear(text) is 'De onde vem o que o TOTVS soube de uma OP: fechamento, envios com cada chamada, assinaturas, e por linha os arquivos com seus bytes.';
comment on table public.quarentena_somas is 'Os itens de quarentena que esperam, somados por assunto; as linhas de um assunto se somam. Fonte: quarentena.';
comment on column public.quarentena_somas.itens is 'Quantos itens; zero se o assunto deve ser somado de novo, e as demais colunas nulas. Fonte: quarentena.';
comment on column public.quarentena_somas.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_somas.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.arquivos is 'Arquivos que não têm item do assunto em outra linha desta tabela. Fonte: quarentena.';
comment on column public.quarentena_somas.linhas is 'Linhas atingidas, em ordem, como escritas nos arquivos. Fonte: quarentena.';
comment on column public.quarentena_somas.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.de is 'Primeiro instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ate is 'Último instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.desde is 'Quando o primeiro chegou (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo_em is 'Quando o último chegou (UTC). Fonte: quarentena.';
comment on function interno.juntar_somas(text) is 'Junta em uma as linhas de quarentena_somas do assunto.';
comment on function interno.somar_novos_itens() is 'Gatilho da quarentena: soma os itens que entram ao que espera do seu assunto.';
comment on function interno.marcar_somas() is 'Gatilho da quarentena: o assunto de que itens foram decididos ou reabertos deve ser somado de novo.';
comment on function interno.somar_de_novo() is 'Soma de novo, item por item, os assuntos de que itens foram decididos ou reabertos.';
comment on view public.quarentena_assuntos is 'O que espera em quarentena, uma linha por assunto. Fonte: quarentena_somas, ou quarentena onde itens foram decididos no último minuto.';
comment on column public.quarentena_assuntos.itens is 'Quantos itens. Fonte: quarentena.';
comment on column public.quarentena_assuntos.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_assuntos.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.arquivos is 'De quantos arquivos são. Fonte: quarentena.';
comment on column public.quarentena_assuntos.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on function interno.donos_da_linha(text,text,timestamp with time zone,timestamp with time zone) is 'Papéis da fonte na linha que tocam [p_de, p_ate], cada um de quando até quando; sem fim = infinity.';
comment on function interno.julgar_segundos(jsonb,text,timestamp with time zone,timestamp with time zone) is 'O destino do que o arquivo traz segundo por segundo, pela fonte dona, pelos períodos e pelo que é plausível no instante de cada um.';
comment on function interno.julgar_intervalos(jsonb,text,timestamp with time zone,timestamp with time zone) is 'O destino do que o arquivo traz de mais de um segundo.';
comment on function interno.somar_segundos(integer[],integer[],integer[]) is 'Soma os valores aos segundos (0 a 59) de um vetor; nulo vale zeros, e fica nulo se todos os valores são zero.';
comment on function interno.contar_minutos(interno.incremento[]) is 'Soma aos minutos das linhas o que conta, segundo por segundo. Exige as linhas travadas.';
comment on function interno.contar_ordens(interno.incremento[]) is 'Soma aos totais vivos o que conta em segundos e intervalos com OP aberta. Exige as linhas travadas.';
comment on function interno.mostrar_conferencia(text,interno.incremento[]) is 'Soma à conferência da fonte o que só é mostrado, também o que é implausível.';
comment on function interno.guardar_intervalos(bigint,interno.incremento[]) is 'Guarda um a um os incrementos que atravessam segundos ou não são plausíveis.';
comment on function interno.guardar_em_duvida(bigint,jsonb,interno.incremento[]) is 'Guarda segundo por segundo o que um lote com o relógio em dúvida contou ou reteve.';
comment on function interno.por_em_quarentena(bigint,jsonb,text,bigint,interno.incremento[]) is 'Põe em quarentena o que do arquivo não pode ser contado, um item por linha, motivos e trecho contínuo.';
comment on function interno.avancar_marcas(text,text,bigint,bigint,jsonb) is 'Põe em vigor as marcas das sequências da época até p_ate: as que esperavam e as da que acaba de chegar. Exige a época travada.';
comment on function interno.desistir_da_releitura(bigint,text,text) is 'O item continua em quarentena, com o que a nova leitura deu; devolve a situação do arquivo.';
comment on function interno.responder_sem_lancar(jsonb,text,text) is 'A resposta a um arquivo que não entra no razão: JA_APLICADO, QUARENTENA como antes, ou PREFIXO com até onde está contado.';
comment on function interno.lancar_arquivo(jsonb,text,text,bigint,jsonb,timestamp with time zone,timestamp with time zone) is 'Lança o arquivo no razão com o que trouxe de cada linha; devolve o número do lançamento.';
comment on function interno.encerrar_esperas(bigint,jsonb,bigint) is 'Encerra os itens de quarentena do mesmo arquivo que o lançamento substitui, ou cuja linha incompleta agora veio inteira.';
comment on function interno.receber_sequencia(bigint,jsonb,boolean,timestamp with time zone) is 'Avança a época com a sequência do lote, e as marcas se ele foi contado; uma anulada que chega fica na trilha.';
