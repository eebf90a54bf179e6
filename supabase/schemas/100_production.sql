-- What the OEE of SicFar asks: per hour, per shift, per order and line, what was made, when, at which nominal speed,
-- and when a line stood still. All of it is read from contagens_minuto through its key, for the time asked alone;
-- nothing is stored twice. Functions run with the caller's rights; without SET, so that the planner inlines them and
-- sees the instants.

-- A line's window, a row per order that was open or counted in it, and one without order if that counted. Whole minutes
-- of one order are taken as their sums; only those an order or the window cuts are looked at second by second.
-- Counts by hand are of a shift, of no hour: p_manuais.
create function public.producao_janela(p_linha_id text, p_janela tstzrange, p_manuais boolean)
returns table (
    numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint,
    refugo_digitado bigint, amostras bigint, aberta_s bigint, minutos_com_contagem bigint,
    primeiro_minuto timestamptz, ultimo_minuto timestamptz
)
language sql
stable
as $$
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
$$;
comment on function public.producao_janela(text, tstzrange, boolean) is
'O que a linha fez na janela, por OP (nula = sem ordem): contagens da máquina, unidades (fator congelado; nulas sem ordem), refugo digitado e amostras (unidades), segundos com a OP aberta, minutos com contagem da máquina, o primeiro e o último.';
revoke all on function public.producao_janela(text, tstzrange, boolean) from public, anon, authenticated, service_role;
grant execute on function public.producao_janela(text, tstzrange, boolean) to authenticated, service_role;

-- Hours are the plant's; Fortaleza lies a whole number of hours from UTC.
create function public.producao_hora(p_de timestamptz, p_ate timestamptz, p_linha_id text default null)
returns table (
    linha_id text, hora timestamptz, numero_op text, numero_lote text, produto_codigo text,
    producao bigint, rejeicao bigint, producao_maquina bigint, rejeicao_maquina bigint,
    aberta_s bigint, minutos_com_contagem bigint,
    primeiro_minuto timestamptz, ultimo_minuto timestamptz, velocidade_nominal numeric
)
language sql
stable
as $$
    select t.linha_id, t.hora, t.numero_op, t.numero_lote, t.produto_codigo, t.producao, t.rejeicao, t.producao_maquina,
        t.rejeicao_maquina, t.aberta_s, t.minutos_com_contagem, t.primeiro_minuto, t.ultimo_minuto, t.velocidade
    from (
        select p.*, count(*) over () as respostas
        from (
            select l.linha_id, h.hora, j.numero_op, o.numero_lote, o.produto_codigo, j.producao, j.rejeicao,
                j.producao_maquina, j.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem, j.primeiro_minuto, j.ultimo_minuto, v.velocidade
            from public.linhas as l
            cross join generate_series(
                date_trunc('hour', p_de), p_ate - interval '1 microsecond', interval '1 hour'
            ) as h (hora)
            cross join lateral public.producao_janela(l.linha_id, tstzrange(h.hora, h.hora + interval '1 hour'), false) as j
            left join public.lotes_producao as o on o.numero_op = j.numero_op
            left join public.velocidades_vigentes as v
                on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo
                and v.validade @> (h.hora at time zone 'America/Fortaleza')::date
            where (p_linha_id is null or l.linha_id = p_linha_id)
              and public.conferir_janela(
                  p_de, p_ate, case when p_linha_id is null then interval '7 days' else interval '31 days' end
              )
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$$;
comment on function public.producao_hora(timestamptz, timestamptz, text) is
'Produção por linha, hora e OP em [p_de, p_ate); uma linha ou todas. Como producao_janela, com a velocidade nominal (unidades/h) do dia. Sem contagens manuais, que são do turno.';
revoke all on function public.producao_hora(timestamptz, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.producao_hora(timestamptz, timestamptz, text) to authenticated, service_role;

create function public.producao_turno(p_data_de date, p_data_ate date, p_linha_id text default null)
returns table (
    linha_id text, data date, turnos text[], janela tstzrange, numero_op text, numero_lote text, produto_codigo text,
    producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, producao_maquina bigint,
    rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeiro_minuto timestamptz,
    ultimo_minuto timestamptz, velocidade_nominal numeric
)
language sql
stable
as $$
    select t.linha_id, t.data, t.turnos, t.janela, t.numero_op, t.numero_lote, t.produto_codigo, t.producao, t.rejeicao,
        t.refugo_digitado, t.amostras, t.producao_maquina, t.rejeicao_maquina, t.aberta_s, t.minutos_com_contagem,
        t.primeiro_minuto, t.ultimo_minuto, t.velocidade
    from (
        select p.*, count(*) over () as respostas
        from (
            select l.linha_id, w.data, w.turnos, w.janela, j.numero_op, o.numero_lote, o.produto_codigo, j.producao, j.rejeicao,
                j.refugo_digitado, j.amostras, j.producao_maquina, j.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem,
                j.primeiro_minuto, j.ultimo_minuto, v.velocidade
            from public.linhas as l
            cross join (
                select d.dia::date as data, array_agg(t.turno order by t.turno) as turnos, tstzrange(
                    (d.dia::date + t.inicio) at time zone 'America/Fortaleza',
                    (d.dia::date + (t.fim <= t.inicio)::integer + t.fim) at time zone 'America/Fortaleza'
                ) as janela
                from generate_series(p_data_de::timestamp, p_data_ate::timestamp, interval '1 day') as d (dia)
                cross join public.turnos_vigentes as t
                group by d.dia, t.inicio, t.fim
            ) as w
            cross join lateral public.producao_janela(l.linha_id, w.janela, true) as j
            left join public.lotes_producao as o on o.numero_op = j.numero_op
            left join public.velocidades_vigentes as v
                on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo and v.validade @> w.data
            where (p_linha_id is null or l.linha_id = p_linha_id)
              and public.conferir_janela(
                  p_data_de::timestamp at time zone 'UTC', p_data_ate::timestamp at time zone 'UTC',
                  case when p_linha_id is null then interval '31 days' else interval '366 days' end
              )
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$$;
comment on function public.producao_turno(date, date, text) is
'Produção por linha, turno e OP dos turnos que começam de p_data_de a p_data_ate (dias da fábrica, inclusive); equipes da mesma janela são uma linha. Como producao_janela, com a velocidade nominal (unidades/h) do dia.';
revoke all on function public.producao_turno(date, date, text) from public, anon, authenticated, service_role;
grant execute on function public.producao_turno(date, date, text) to authenticated, service_role;

create function public.producao_op(p_numero_op text)
returns table (
    linha_id text, etapa text, numero_lote text, produto_codigo text, aberta_em timestamptz, encerrada_em timestamptz,
    producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, producao_maquina bigint,
    rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeira_contagem timestamptz,
    ultima_contagem timestamptz, velocidade_nominal numeric
)
language sql
stable
as $$
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
    left join public.velocidades_vigentes as v
        on v.linha_id = a.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (p.de at time zone 'America/Fortaleza')::date
    where o.numero_op = public.normalizar_op(p_numero_op)
$$;
comment on function public.producao_op(text) is
'Produção da OP por linha, da abertura ao encerramento. Como producao_janela; primeira e última contagem ao segundo; velocidade nominal (unidades/h) do dia da abertura.';
revoke all on function public.producao_op(text) from public, anon, authenticated, service_role;
grant execute on function public.producao_op(text) to authenticated, service_role;

-- A stretch of whole minutes in which a line counted nothing, and the orders open in it (none: an empty list).
create function public.paradas_linha(p_linha_id text, p_de timestamptz, p_ate timestamptz, p_minimo integer default 1)
returns table (de timestamptz, ate timestamptz, minutos integer, ordens text[])
language sql
stable
as $$
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
$$;
comment on function public.paradas_linha(text, timestamptz, timestamptz, integer) is
'Paradas da linha em [p_de, p_ate), até agora: minutos inteiros seguidos sem contagem, pelo menos p_minimo, e as OPs abertas neles. Não serve a linhas contadas à mão.';
revoke all on function public.paradas_linha(text, timestamptz, timestamptz, integer)
from public, anon, authenticated, service_role;
grant execute on function public.paradas_linha(text, timestamptz, timestamptz, integer) to authenticated, service_role;
