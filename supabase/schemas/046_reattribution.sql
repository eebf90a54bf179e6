-- Attribution follows the periods: when they change, the window affected is attributed anew, from counts kept to the
-- second. It is exact because it is a difference: what the window attributed before, what it attributes after.

-- Whole minutes are taken as their sums; only those that the window cuts are looked at second by second.
-- No SET clause: the planner inlines it.
create function interno.segundos_contados(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns table (producao bigint, rejeicao bigint)
language sql
stable
as $$
    select m.total_producao, m.total_rejeicao
    from (
        select c.total_producao, c.total_rejeicao
        from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto >= p_de and c.minuto <= p_ate - interval '1 minute'
        offset 0 -- through the key, whatever the planner thinks of a window that ends in infinity
    ) as m
    union all
    select coalesce(u.producao, 0)::bigint, coalesce(u.rejeicao, 0)::bigint
    from (
        select c.minuto, c.producao, c.rejeicao
        from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto in (date_trunc('minute', p_de), date_trunc('minute', p_ate))
          and (c.minuto < p_de or c.minuto > p_ate - interval '1 minute')
        offset 0
    ) as m
    cross join lateral unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
    where m.minuto + (u.i - 1) * interval '1 second' >= p_de and m.minuto + (u.i - 1) * interval '1 second' < p_ate
      and (u.producao > 0 or u.rejeicao > 0)
$$;
comment on function interno.segundos_contados(text, timestamptz, timestamptz) is
'O que a linha contou segundo por segundo na janela, em contagens da máquina, em tantas partes quantas convém ler; a soma é a resposta.';

-- What a window of one line attributes, by order, under the periods and decisions of this moment.
-- Increments that span time belong to the window when they touch it.
create function interno.atribuicao(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns table (
    numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao_unidades bigint, rejeicao_unidades bigint
)
language sql
stable
set search_path = ''
as $$
    select t.numero_op, sum(t.producao)::bigint, sum(t.rejeicao)::bigint,
        sum(t.producao * t.fator_producao)::bigint, sum(t.rejeicao * t.fator_rejeicao)::bigint
    from (
        select p.numero_op, s.producao, s.rejeicao, p.fator_producao, p.fator_rejeicao
        from public.periodos_ordem as p
        cross join lateral interno.segundos_contados(
            p_linha_id, greatest(lower(p.intervalo), p_de), least(coalesce(upper(p.intervalo), 'infinity'), p_ate)
        ) as s
        where p.linha_id = p_linha_id and p.intervalo && tstzrange(p_de, p_ate)
        union all
        select i.numero_op, i.producao, i.rejeicao, i.fator_producao, i.fator_rejeicao
        from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'ATRIBUIDA'
          and i.ate >= p_de and i.desde < p_ate + interval '1 second'
    ) as t
    group by t.numero_op
$$;
comment on function interno.atribuicao(text, timestamptz, timestamptz) is 'Quanto a janela da linha atribui a cada OP agora, em contagens da máquina e em unidades.';

-- First and last second with a count attributed to the order on the line. Walks the primary key inward from both ends.
create function interno.extremos(
    p_numero_op text, p_linha_id text, out primeira timestamptz, out ultima timestamptz
)
language sql
stable
set search_path = ''
as $$
    select min(t.primeira), max(t.ultima)
    from (
        select
            (
                select m.minuto + (u.i - 1) * interval '1 second'
                from public.contagens_minuto as m
                cross join lateral unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
                where m.linha_id = p_linha_id and m.minuto > lower(p.intervalo) - interval '1 minute'
                  and m.minuto < coalesce(upper(p.intervalo), 'infinity')
                  and (u.producao > 0 or u.rejeicao > 0) and p.intervalo @> m.minuto + (u.i - 1) * interval '1 second'
                order by m.minuto, u.i
                limit 1
            ) as primeira,
            (
                select m.minuto + (u.i - 1) * interval '1 second'
                from public.contagens_minuto as m
                cross join lateral unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
                where m.linha_id = p_linha_id and m.minuto > lower(p.intervalo) - interval '1 minute'
                  and m.minuto < coalesce(upper(p.intervalo), 'infinity')
                  and (u.producao > 0 or u.rejeicao > 0) and p.intervalo @> m.minuto + (u.i - 1) * interval '1 second'
                order by m.minuto desc, u.i desc
                limit 1
            ) as ultima
        from public.periodos_ordem as p
        where p.numero_op = p_numero_op and p.linha_id = p_linha_id
        union all
        select date_trunc('second', min(i.ate)), date_trunc('second', max(i.ate))
        from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.numero_op = p_numero_op
    ) as t
$$;
comment on function interno.extremos(text, text) is 'Segundos da primeira e da última contagem atribuída à OP na linha.';

create function interno.somar_ordem(
    p_numero_op text, p_linha_id text,
    p_producao_maquina bigint, p_rejeicao_maquina bigint, p_producao_unidades bigint, p_rejeicao_unidades bigint
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_extremos record;
begin
    select * into v_extremos from interno.extremos(p_numero_op, p_linha_id);
    -- Not in one statement: a row proposed to `on conflict` is checked before, and a difference alone may be negative.
    insert into public.ordens_producao_ativas (numero_op, linha_id) values (p_numero_op, p_linha_id) on conflict do nothing;
    update public.ordens_producao_ativas as o
    set producao_acumulada = o.producao_acumulada + p_producao_unidades,
        rejeicao_acumulada = o.rejeicao_acumulada + p_rejeicao_unidades,
        producao_maquina = o.producao_maquina + p_producao_maquina,
        rejeicao_maquina = o.rejeicao_maquina + p_rejeicao_maquina,
        primeira_contagem = v_extremos.primeira,
        ultima_contagem = v_extremos.ultima,
        atualizado_em = clock_timestamp()
    where o.numero_op = p_numero_op and o.linha_id = p_linha_id and (
        (p_producao_unidades, p_rejeicao_unidades, p_producao_maquina, p_rejeicao_maquina) <> (0, 0, 0, 0)
        or (o.primeira_contagem, o.ultima_contagem) is distinct from (v_extremos.primeira, v_extremos.ultima)
    );
end $$;
comment on function interno.somar_ordem(text, text, bigint, bigint, bigint, bigint) is
'Soma uma diferença aos totais vivos da OP na linha e acerta a primeira e a última contagem; não escreve se nada mudou.';

-- No SET clause: the planner inlines it.
create function interno.segundos_do_minuto(p_minuto public.contagens_minuto)
returns table (
    em timestamptz, producao integer, rejeicao integer, justificada_producao integer, justificada_rejeicao integer
)
language sql
stable
as $$
    select
        p_minuto.minuto + (u.i - 1) * interval '1 second', coalesce(u.producao, 0), coalesce(u.rejeicao, 0),
        coalesce(u.justificada_producao, 0), coalesce(u.justificada_rejeicao, 0)
    from unnest(
        p_minuto.producao, p_minuto.rejeicao, p_minuto.justificada_segundos_producao, p_minuto.justificada_segundos_rejeicao
    ) with ordinality as u (producao, rejeicao, justificada_producao, justificada_rejeicao, i)
$$;
comment on function interno.segundos_do_minuto(public.contagens_minuto) is
'Um minuto de contagens, segundo por segundo: quanto contou e quanto disso uma pessoa justificou.';

-- No SET clause: the planner inlines it.
create function interno.intervalos_a_situar(
    p_linha_id text, p_de timestamptz, p_ate timestamptz, p_muda public.periodos_ordem
)
returns table (id bigint, situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer)
language sql
stable
as $$
    select a.id, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao
    from public.contagens_intervalo as a
    cross join lateral interno.situar_intervalo(a.linha_id, a.desde, a.ate, 'implausivel' = any(a.flags), p_muda) as t
    where a.linha_id = p_linha_id and a.ate >= p_de and a.desde < p_ate + interval '1 second'
      and a.situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA')
      and (a.situacao, a.motivo, a.numero_op, a.fator_producao, a.fator_rejeicao)
          is distinct from (t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao)
$$;
comment on function interno.intervalos_a_situar(text, timestamptz, timestamptz, public.periodos_ordem) is
'Os incrementos de mais de um segundo que tocam a janela e que os períodos da linha (p_muda: interno.periodos_da_linha) situam de outro modo, e como.';

-- After the periods of a window changed: bring spans, minutes and order totals to what the periods now say.
-- p_antes: interno.atribuicao of the same window, taken before the change.
create function interno.reatribuir(p_linha_id text, p_de timestamptz, p_ate timestamptz, p_antes jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_diferenca record;
begin
    update public.contagens_intervalo as i
    set situacao = t.situacao, motivo = t.motivo, numero_op = t.numero_op, fator_producao = t.fator_producao,
        fator_rejeicao = t.fator_rejeicao
    from interno.intervalos_a_situar(p_linha_id, p_de, p_ate, null) as t
    where i.id = t.id;

    -- Of what was justified, that part is which is without order now: seconds are justified, not amounts.
    update public.contagens_minuto as m
    set sem_ordem_producao = t.producao, sem_ordem_rejeicao = t.rejeicao,
        justificada_producao = t.justificada_producao, justificada_rejeicao = t.justificada_rejeicao
    from (
        select a.minuto, a.total_producao - coalesce(sum(u.producao), 0) as producao,
            a.total_rejeicao - coalesce(sum(u.rejeicao), 0) as rejeicao,
            coalesce(j.producao, 0) - coalesce(sum(u.justificada_producao), 0) as justificada_producao,
            coalesce(j.rejeicao, 0) - coalesce(sum(u.justificada_rejeicao), 0) as justificada_rejeicao
        from public.contagens_minuto as a
        left join lateral (
            select sum(least(v.justificada_producao, v.producao)) as producao, sum(least(v.justificada_rejeicao, v.rejeicao)) as rejeicao
            from interno.segundos_do_minuto(a) as v
            where a.justificada_segundos_producao is not null or a.justificada_segundos_rejeicao is not null
        ) as j on true
        left join lateral (
            select o.intervalo
            from public.periodos_ordem as o
            where o.linha_id = a.linha_id and o.intervalo && tstzrange(a.minuto, a.minuto + interval '1 minute')
            offset 0 -- one look into the index a minute, however many periods there are
        ) as p on true
        left join lateral (
            select a.total_producao as producao, a.total_rejeicao as rejeicao,
                j.producao as justificada_producao, j.rejeicao as justificada_rejeicao
            where tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo
            union all
            select v.producao, v.rejeicao, least(v.justificada_producao, v.producao), least(v.justificada_rejeicao, v.rejeicao)
            from interno.segundos_do_minuto(a) as v
            where not tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo and p.intervalo @> v.em
        ) as u on true
        where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and a.minuto < p_ate
        group by a.linha_id, a.minuto, j.producao, j.rejeicao
    ) as t
    where m.linha_id = p_linha_id and m.minuto = t.minuto
      and (m.sem_ordem_producao, m.sem_ordem_rejeicao, m.justificada_producao, m.justificada_rejeicao)
          is distinct from (t.producao, t.rejeicao, t.justificada_producao, t.justificada_rejeicao);

    for v_diferenca in
        select numero_op,
            coalesce(d.producao_maquina, 0) - coalesce(a.producao_maquina, 0) as producao_maquina,
            coalesce(d.rejeicao_maquina, 0) - coalesce(a.rejeicao_maquina, 0) as rejeicao_maquina,
            coalesce(d.producao_unidades, 0) - coalesce(a.producao_unidades, 0) as producao_unidades,
            coalesce(d.rejeicao_unidades, 0) - coalesce(a.rejeicao_unidades, 0) as rejeicao_unidades
        from interno.atribuicao(p_linha_id, p_de, p_ate) as d
        full join jsonb_to_recordset(p_antes) as a (
            numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao_unidades bigint, rejeicao_unidades bigint
        ) using (numero_op)
    loop
        perform interno.somar_ordem(
            v_diferenca.numero_op, p_linha_id, v_diferenca.producao_maquina, v_diferenca.rejeicao_maquina,
            v_diferenca.producao_unidades, v_diferenca.rejeicao_unidades
        );
    end loop;
    perform interno.anotar_turnos(p_linha_id, p_de, p_ate);
end $$;
comment on function interno.reatribuir(text, timestamptz, timestamptz, jsonb) is
'Depois de uma mudança de períodos, reatribui exatamente a janela da linha. Exige a linha travada.';

create function interno.atribuicao_json(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(a)), '[]') from interno.atribuicao(p_linha_id, p_de, p_ate) as a
$$;
comment on function interno.atribuicao_json(text, timestamptz, timestamptz) is 'interno.atribuicao como JSON, para guardar antes de uma mudança.';
