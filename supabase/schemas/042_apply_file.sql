-- From one file's message to rows: each increment to the one place it belongs. Set-based; the caller holds the locks.

-- All that speaks against counting an increment, what a fact settles first. A line that is not registered has no owner.
-- Without a search_path of its own, for PostgreSQL expands it in place then: called for every second of a file, it
-- would be most of the time a large file takes.
create function interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
returns text[]
language sql
immutable
as $$
    select array_remove(array[
        case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
        case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
    ], null)
$$;
comment on function interno.motivos_contra(boolean, text, boolean) is
'Todos os motivos contra contar um incremento: linha sem cadastro, fonte que não é a dona, época anterior; vazio se nenhum.';

create function interno.detalhar_motivos(
    p_motivos text[], p_fonte text, p_linha_id text, p_marca timestamptz, p_anterior_id bigint
)
returns text
language sql
stable
set search_path = ''
as $$
    select concat_ws(
        ' ',
        case when 'LINHA_DESCONHECIDA' = any(p_motivos) then format('A linha %s não está cadastrada.', p_linha_id) end,
        case when 'NAO_DONO' = any(p_motivos)
            then format('A fonte %s não conta a linha %s neste intervalo.', p_fonte, p_linha_id)
        end,
        case
            when not 'EPOCA_ANTERIOR' = any(p_motivos) then null
            when p_marca is not null then format(
                'O gateway %s, com um spool novo, leu de novo o que é de antes de %s, até onde o anterior já tinha reportado: tudo indica que já foi contado.',
                p_fonte, interno.hora_local(p_marca)
            )
            else format(
                'O gateway %s leu, com um spool novo, o que é de antes dele e que o anterior pode não ter enviado.', p_fonte
            )
        end,
        case when p_anterior_id is not null
            then format('É o que ficou sem contar do item %s, lido de novo.', p_anterior_id)
        end
    )
$$;
comment on function interno.detalhar_motivos(text[], text, text, timestamptz, bigint) is
'Os motivos de um item de quarentena, em frases para quem decide.';

-- One file's increments, each to the one place it belongs: a minute and its order, held, quarantined, or conference.
-- p_fonte: the gateway id, or 'avulso'. p_duvida: what was made before it may have been counted by an earlier época of
-- the gateway, and goes before a person; null if it cannot. Where that época's marks end is where the person will look.
-- p_limite: what is dated after it is held. p_anterior_id: the quarantine item that is read again; null if the file is
-- new.
create function interno.aplicar_arquivo(
    p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamptz, p_limite timestamptz, p_anterior_id bigint
)
returns void
language sql
set search_path = ''
as $$
    with segundos as materialized (
        select l.linha_id, (v ->> 0)::bigint as s, to_timestamp((v ->> 0)::bigint) as em,
            sum((v ->> 1)::interno.contagem)::bigint as producao, sum((v ->> 2)::interno.contagem)::bigint as rejeicao
        from jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, segundos jsonb)
        cross join lateral jsonb_array_elements(l.segundos) as v
        group by l.linha_id, (v ->> 0)::bigint
        having sum((v ->> 1)::bigint) > 0 or sum((v ->> 2)::bigint) > 0
    ),
    intervalos as materialized (
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, i.fonte,
            date_trunc('second', i.desde) as s_desde, date_trunc('second', i.ate) as s_ate,
            array(select jsonb_array_elements_text(i.flags)) as flags
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint, fonte timestamptz
        )
        where i.producao > 0 or i.rejeicao > 0
    ),
    -- The few rows of configuration this file can meet, read once instead of once a second.
    faixas as materialized (
        select t.linha_id, min(t.de) as de, max(t.ate) as ate
        from (
            select linha_id, min(em) as de, max(em) as ate from segundos group by linha_id
            union all
            select linha_id, min(s_desde), max(s_ate) from intervalos group by linha_id
        ) as t
        group by t.linha_id
    ),
    -- Assignments that follow each other without a gap are one.
    donos as materialized (
        select t.linha_id, t.papel, lower(u.intervalo) as de, upper(u.intervalo) as ate
        from (
            select f.linha_id, f.papel, range_agg(tstzrange(f.de, coalesce(f.ate, 'infinity'))) as intervalos
            from public.fontes_linha as f inner join faixas using (linha_id)
            where f.fonte = p_fonte and f.de <= faixas.ate and coalesce(f.ate, 'infinity') > faixas.de
            group by f.linha_id, f.papel
        ) as t
        cross join lateral unnest(t.intervalos) as u (intervalo)
    ),
    periodos as materialized (
        -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
        select faixas.linha_id, p.*
        from faixas
        cross join lateral (
            select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                o.fator_producao, o.fator_rejeicao
            from public.periodos_ordem as o
            where o.linha_id = faixas.linha_id and o.intervalo && tstzrange(faixas.de, faixas.ate, '[]')
            offset 0
        ) as p
    ),
    -- Each increment's destiny, and all that speaks against counting it. The owner is judged at the increment's own time;
    -- one that spans time must have one owner from end to end.
    seg as materialized (
        select s.linha_id, s.s, s.em, s.producao, s.rejeicao, p.numero_op, p.fator_producao, p.fator_rejeicao,
            v.motivos, d.papel,
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
        left join periodos as p on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos
        ) as v
    ),
    vao as materialized (
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, i.fonte, i.s_desde, i.s_ate,
            i.flags || f.futura as flags, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao,
            v.motivos,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        from intervalos as i
        left join public.linhas as l on l.linha_id = i.linha_id
        left join donos as d on d.linha_id = i.linha_id and i.s_desde >= d.de and i.s_ate < d.ate
        cross join lateral (
            select case when i.ate > p_limite then array['implausivel', 'futura'] else '{}' end as futura
        ) as f
        cross join lateral interno.situar_intervalo(
            i.linha_id, i.desde, i.ate, 'implausivel' = any(i.flags || f.futura)
        ) as t
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, i.desde < p_duvida) as motivos
        ) as v
    ),
    minutos as (
        insert into public.contagens_minuto as c
            (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao)
        select linha_id, to_timestamp(s - s % 60),
            interno.vetor((s % 60)::integer, producao::integer) filter (where producao > 0),
            interno.vetor((s % 60)::integer, rejeicao::integer) filter (where rejeicao > 0),
            sum(producao), sum(rejeicao),
            coalesce(sum(producao) filter (where numero_op is null), 0),
            coalesce(sum(rejeicao) filter (where numero_op is null), 0)
        from seg where destino = 'CONTADA'
        group by linha_id, s - s % 60
        on conflict (linha_id, minuto) do update set
            producao = interno.somar_vetores(c.producao, excluded.producao),
            rejeicao = interno.somar_vetores(c.rejeicao, excluded.rejeicao),
            total_producao = c.total_producao + excluded.total_producao,
            total_rejeicao = c.total_rejeicao + excluded.total_rejeicao,
            sem_ordem_producao = c.sem_ordem_producao + excluded.sem_ordem_producao,
            sem_ordem_rejeicao = c.sem_ordem_rejeicao + excluded.sem_ordem_rejeicao
    ),
    ordens as (
        insert into public.ordens_producao_ativas as o
            (numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,
             primeira_contagem, ultima_contagem)
        select numero_op, linha_id, sum(producao * fator_producao), sum(rejeicao * fator_rejeicao),
            sum(producao), sum(rejeicao), min(em), max(em)
        from (
            select linha_id, numero_op, em, producao, rejeicao, fator_producao, fator_rejeicao
            from seg where destino = 'CONTADA' and numero_op is not null
            union all
            select linha_id, numero_op, s_ate, producao, rejeicao, fator_producao, fator_rejeicao
            from vao where destino = 'CONTADA' and situacao = 'ATRIBUIDA'
        ) as t
        group by numero_op, linha_id
        on conflict (numero_op, linha_id) do update set
            producao_acumulada = o.producao_acumulada + excluded.producao_acumulada,
            rejeicao_acumulada = o.rejeicao_acumulada + excluded.rejeicao_acumulada,
            producao_maquina = o.producao_maquina + excluded.producao_maquina,
            rejeicao_maquina = o.rejeicao_maquina + excluded.rejeicao_maquina,
            primeira_contagem = least(o.primeira_contagem, excluded.primeira_contagem),
            ultima_contagem = greatest(o.ultima_contagem, excluded.ultima_contagem),
            atualizado_em = clock_timestamp()
    ),
    conferidas as (
        insert into public.contagens_conferencia as c
            (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
        select linha_id, p_fonte, date_trunc('minute', em), sum(producao), sum(rejeicao),
            interno.vetor((s % 60)::integer, producao::integer) filter (where producao > 0 and s is not null),
            interno.vetor((s % 60)::integer, rejeicao::integer) filter (where rejeicao > 0 and s is not null)
        from (
            select linha_id, em, producao, rejeicao, case when destino = 'CONFERENCIA' then s end as s
            from seg where papel = 'conferencia' and destino <> 'QUARENTENA'
            union all
            select linha_id, s_ate, producao, rejeicao, null from vao where destino = 'CONFERENCIA'
        ) as t
        group by linha_id, date_trunc('minute', em)
        on conflict (linha_id, fonte, minuto) do update set
            producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
            segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
            segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao)
    ),
    retidas as (
        insert into public.contagens_intervalo
            (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
             arquivo_id, byte_de, byte_ate, fonte_em)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate, fonte
        from vao where destino = 'CONTADA'
        union all
        select linha_id, desde, ate, producao, rejeicao, flags, 'CONFERENCIA', null, null, null, null,
            p_arquivo_id, byte_de, byte_ate, fonte
        from vao where destino = 'CONFERENCIA'
        union all
        select seg.linha_id, em, em, producao, rejeicao,
            case destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end,
            case papel when 'conferencia' then 'CONFERENCIA' else 'RETIDA' end,
            case papel when 'conferencia' then null else 'IMPLAUSIVEL' end, null, null, null,
            p_arquivo_id, l.byte_de, l.byte_ate, null
        from seg
        left join jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, byte_de bigint, byte_ate bigint)
            on l.linha_id = seg.linha_id
        where destino in ('RETIDA', 'FUTURA')
    ),
    em_duvida as (
        insert into public.contagens_em_duvida as c (arquivo_id, linha_id, contados, retidos, fontes)
        select p_arquivo_id, seg.linha_id,
            coalesce(jsonb_agg(v.segundo) filter (where seg.destino = 'CONTADA'), '[]'),
            coalesce(jsonb_agg(v.segundo) filter (where seg.destino <> 'CONTADA'), '[]'),
            coalesce((
                select jsonb_agg(f)
                from jsonb_array_elements(p_arquivo -> 'linhas') as l
                cross join lateral jsonb_array_elements(l -> 'fontes') as f
                where l ->> 'linha_id' = seg.linha_id and (f ->> 0)::bigint = any(array_agg(seg.s))
            ), '[]')
        from seg
        cross join lateral jsonb_build_array(seg.s, seg.producao, seg.rejeicao) as v (segundo)
        where seg.destino in ('CONTADA', 'RETIDA', 'FUTURA') and seg.papel = 'contagem' and exists (
            select from public.duvidas_relogio_lotes as x inner join public.duvidas_relogio as y on y.id = x.duvida_id
            where x.arquivo_id = p_arquivo_id and x.corrigido_em is null and y.aplicada_em is null
        )
        group by seg.linha_id
        on conflict (arquivo_id, linha_id) do update set
            contados = c.contados || excluded.contados, retidos = c.retidos || excluded.retidos,
            fontes = c.fontes || excluded.fontes
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido, reportado_ate)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from (select linha_id, motivos from seg union all select linha_id, motivos from vao) as o
            where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id,
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false), t.marca
    from (
        -- A piece is a stretch of time in which nothing else of the line is, so that it can be found in the file again.
        select o.linha_id, o.motivos, o.em, o.producao, o.rejeicao,
            case when 'EPOCA_ANTERIOR' = any(o.motivos) and o.em < m.marca then m.marca end as marca,
            rank() over (partition by o.linha_id order by o.em)
                - rank() over (partition by o.linha_id, o.motivos order by o.em) as trecho
        from (
            select linha_id, motivos, em, producao, rejeicao from seg
            union all
            select linha_id, motivos, s_ate, producao, rejeicao from vao
        ) as o
        inner join (
            select linha_id from seg where motivos <> '{}' union select linha_id from vao where motivos <> '{}'
        ) as w on w.linha_id = o.linha_id
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = o.linha_id
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    where t.motivos <> '{}'
    group by t.linha_id, t.motivos, t.marca, t.trecho, a.registros, a.byte_de, a.byte_ate
$$;
comment on function interno.aplicar_arquivo(bigint, jsonb, text, timestamptz, timestamptz, bigint) is
'Leva cada incremento do arquivo ao seu lugar: minuto e OP, retido, quarentena ou conferência. Exige as linhas travadas.';

-- A file refused as a whole still says, line by line, how much it would have counted.
create function interno.quarentenar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_motivo text, p_detalhe text)
returns void
language sql
set search_path = ''
as $$
    with ilegiveis as (
        select linha_id, coalesce(sum(producao), 0) as producao, coalesce(sum(rejeicao), 0) as rejeicao
        from public.quarentena
        where arquivo_id = p_arquivo_id and linha_id is not null
        group by linha_id
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate,
         byte_de, byte_ate)
    select p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', p_motivo, p_detalhe,
        a.linha_id, coalesce(a.registros, (p_arquivo ->> 'registros')::bigint),
        a.producao - coalesce(i.producao, 0), a.rejeicao - coalesce(i.rejeicao, 0), a.de, a.ate, a.byte_de, a.byte_ate
    from (values (p_arquivo_id)) as arquivo (id)
    left join public.arquivos_linhas as a on a.arquivo_id = arquivo.id
    left join ilegiveis as i on i.linha_id = a.linha_id
$$;
comment on function interno.quarentenar_arquivo(bigint, jsonb, text, text) is
'Quarentena do arquivo inteiro: uma linha por linha de produção com as somas, ou uma só se nada foi lido.';
