-- What of a file counts, and what does not: each increment gets its destiny before anything is written.

-- An increment of a file, judged. `s`: the second it is of; null if it spans time, from `desde` to `ate`. `em`: the
-- second it counts in. `destino`: CONTADA, CONFERENCIA, RETIDA or FUTURA (a second that is held), QUARENTENA. The
-- columns from `situacao` on are those of contagens_intervalo, null where the increment does not go there.
create type interno.incremento as (
    linha_id text, s bigint, em timestamptz, producao bigint, rejeicao bigint,
    destino text, motivos text[], papel text, -- noqa: LT01
    numero_op text, fator_producao integer, fator_rejeicao integer,
    situacao text, motivo text, desde timestamptz, ate timestamptz, flags text[], -- noqa: LT01
    byte_de bigint, byte_ate bigint, fonte_em timestamptz
);

-- All that speaks against counting an increment, what a fact settles first. A line that is not registered has no owner.
-- Without a search_path of its own, for PostgreSQL expands it in place then: called for every second of a file, it
-- would be most of the time a large file takes.
create function interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
returns text[]
language sql
immutable
as $$
    select case when p_cadastrada and p_papel is not null and p_epoca_anterior is not true then '{}' else array_remove(array[
        case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
        case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
    ], null) end
$$;
comment on function interno.motivos_contra(boolean, text, boolean) is
'Todos os motivos contra contar um incremento: linha sem cadastro, fonte que não é a dona, época anterior; vazio se nenhum.';

-- Three records of 999,999,999 in one second overflow the vector. Such a second is held, not failed.
create function interno.transbordaria(p_linha_id text, p_segundo bigint, p_producao bigint, p_rejeicao bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
    select coalesce(bool_or(
        coalesce(m.producao[p_segundo % 60 + 1], 0) + p_producao > 2147483647
        or coalesce(m.rejeicao[p_segundo % 60 + 1], 0) + p_rejeicao > 2147483647
    ), false)
    from public.contagens_minuto as m
    where m.linha_id = p_linha_id and m.minuto = to_timestamp(p_segundo - p_segundo % 60)
$$;
comment on function interno.transbordaria(text, bigint, bigint, bigint) is 'Verdadeiro se somar o incremento ao segundo passaria do inteiro de 32 bits.';

-- No SET clause: the planner inlines it, and of p_muda null nothing is left.
create function interno.periodos_da_linha(p_linha_id text, p_janela tstzrange, p_muda public.periodos_ordem)
returns table (numero_op text, intervalo tstzrange, fator_producao integer, fator_rejeicao integer)
language sql
stable
as $$
    select p.numero_op, p.intervalo, p.fator_producao, p.fator_rejeicao
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.intervalo && p_janela and p.id is distinct from p_muda.id
    union all
    select p_muda.numero_op, p_muda.intervalo, p_muda.fator_producao, p_muda.fator_rejeicao
    where p_muda.intervalo && p_janela
$$;
comment on function interno.periodos_da_linha(text, tstzrange, public.periodos_ordem) is
'Os períodos da linha que tocam a janela, como se p_muda já fosse um deles: no lugar do de mesmo id; sem id, mais um; vazio, um a menos; nulo, como são.';

-- Where an increment that spans time belongs. A boundary b with floor(desde) < b <= floor(ate) makes it undecidable.
-- Without boundary, one period covers both ends, or none touches them. No SET clause: the planner inlines it.
create function interno.situar_intervalo(
    p_linha_id text, p_desde timestamptz, p_ate timestamptz, p_implausivel boolean,
    p_muda public.periodos_ordem default null
)
returns table (situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer)
language sql
stable
as $$
    select
        case when p_implausivel or s.fronteira then 'RETIDA' when s.periodos > 0 then 'ATRIBUIDA' else 'SEM_ORDEM' end,
        case when p_implausivel then 'IMPLAUSIVEL' when s.fronteira then 'FRONTEIRA' end,
        case when not p_implausivel and not s.fronteira then s.numero_op end,
        case when not p_implausivel and not s.fronteira then s.fator_producao end,
        case when not p_implausivel and not s.fronteira then s.fator_rejeicao end
    from (
        select
            count(*) as periodos,
            coalesce(bool_or(
                lower(p.intervalo) > date_trunc('second', p_desde) or upper(p.intervalo) <= date_trunc('second', p_ate)
            ), false) as fronteira,
            max(p.numero_op) as numero_op,
            max(p.fator_producao) as fator_producao,
            max(p.fator_rejeicao) as fator_rejeicao
        from interno.periodos_da_linha(
            p_linha_id, tstzrange(date_trunc('second', p_desde), date_trunc('second', p_ate), '[]'), p_muda
        ) as p
    ) as s
$$;
comment on function interno.situar_intervalo(text, timestamptz, timestamptz, boolean, public.periodos_ordem) is
'Situação de um incremento que atravessa segundos, pelos períodos da linha (p_muda: interno.periodos_da_linha): ATRIBUIDA, SEM_ORDEM ou RETIDA.';

-- Assignments that follow each other without a gap are one. No SET clause: the planner inlines it.
create function interno.donos_da_linha(p_linha_id text, p_fonte text, p_de timestamptz, p_ate timestamptz)
returns table (papel text, de timestamptz, ate timestamptz)
language sql
stable
as $$
    select t.papel, lower(u.intervalo), upper(u.intervalo)
    from (
        select f.papel, range_agg(tstzrange(f.de, coalesce(f.ate, 'infinity'))) as intervalos
        from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = p_fonte
          and f.de <= p_ate and coalesce(f.ate, 'infinity') > p_de
        group by f.papel
    ) as t
    cross join lateral unnest(t.intervalos) as u (intervalo)
$$;
comment on function interno.donos_da_linha(text, text, timestamptz, timestamptz) is
'Papéis da fonte na linha que tocam [p_de, p_ate], cada um de quando até quando; sem fim = infinity.';

-- PL/pgSQL, here and for all that a live batch runs through: its plans can be kept for the connection, and planning
-- these statements takes longer than they do. Whether to keep them PostgreSQL decides by estimates that leave planning
-- too cheap, hence the setting. The few rows of configuration that a file can meet are read once a line.
create function interno.julgar_segundos(p_arquivo jsonb, p_fonte text, p_duvida timestamptz, p_limite timestamptz)
returns interno.incremento[]
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
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
end $$;
comment on function interno.julgar_segundos(jsonb, text, timestamptz, timestamptz) is
'O destino do que o arquivo traz segundo por segundo, pela fonte dona, pelos períodos e pelo que é plausível no instante de cada um.';

-- One that spans time must have one owner from end to end.
create function interno.julgar_intervalos(p_arquivo jsonb, p_fonte text, p_duvida timestamptz, p_limite timestamptz)
returns interno.incremento[]
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function interno.julgar_intervalos(jsonb, text, timestamptz, timestamptz) is
'O destino do que o arquivo traz de mais de um segundo.';
