-- From one file's message to rows: each increment to the one place it belongs. Set-based; the caller holds the locks.

create domain interno.contagem as bigint check (value >= 0);
comment on domain interno.contagem is 'Contagem da máquina: inteiro não negativo.';

create function interno.travar_linhas(p_linhas text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform from public.linhas where linha_id = any(p_linhas) order by linha_id for no key update;
end $$;
comment on function interno.travar_linhas(text[]) is 'Trava as linhas em ordem crescente: primeiro passo de toda função que toca contagens ou períodos.';

create function interno.travar_chaves(p_chaves text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_chave bigint;
begin
    for v_chave in select distinct hashtextextended(c, 0) as h from unnest(p_chaves) as c where c is not null order by h loop
        perform pg_advisory_xact_lock(v_chave);
    end loop;
end $$;
comment on function interno.travar_chaves(text[]) is 'Trava épocas e arquivos avulsos em ordem crescente, depois das linhas.';

create function interno.somar_vetores(p_a integer[], p_b integer[])
returns integer[]
language sql
immutable
set search_path = ''
as $$
    select case
        when p_a is null then p_b
        when p_b is null then p_a
        else (select array_agg(u.a + u.b order by u.i) from unnest(p_a, p_b) with ordinality as u (a, b, i))
    end
$$;
comment on function interno.somar_vetores(integer[], integer[]) is 'Soma posição a posição de dois vetores de 60 segundos; nulo vale zeros.';

create function interno.por_no_vetor(p_vetor integer[], p_segundo integer, p_valor integer)
returns integer[]
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_vetor is null then
        p_vetor := array_fill(0, array[60]);
    end if;
    p_vetor[p_segundo + 1] := p_vetor[p_segundo + 1] + p_valor;
    return p_vetor;
end $$;
comment on function interno.por_no_vetor(integer[], integer, integer) is 'Passo de interno.vetor: soma o valor ao segundo (0 a 59).';

create aggregate interno.vetor(integer, integer) (sfunc = interno.por_no_vetor, stype = integer[]); -- noqa: PRS
comment on aggregate interno.vetor(integer, integer) is 'Vetor de 60 segundos a partir de pares (segundo de 0 a 59, valor).';

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

-- Where an increment that spans time belongs. A boundary b with floor(desde) < b <= floor(ate) makes it undecidable.
-- Without boundary, one period covers both ends, or none touches them. No SET clause: the planner inlines it.
create function interno.situar_intervalo(p_linha_id text, p_desde timestamptz, p_ate timestamptz, p_implausivel boolean)
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
        from public.periodos_ordem as p
        where p.linha_id = p_linha_id
          and p.intervalo && tstzrange(date_trunc('second', p_desde), date_trunc('second', p_ate), '[]')
    ) as s
$$;
comment on function interno.situar_intervalo(text, timestamptz, timestamptz, boolean) is
'Situação de um incremento que atravessa segundos, pelos períodos da linha: ATRIBUIDA, SEM_ORDEM ou RETIDA.';

-- The ledger's entry per line: everything legible the file brought for it, whatever becomes of it. A torn last line
-- (LINHA_INCOMPLETA) is no record yet: it comes again, whole, with the next version of the file.
create function interno.somar_linhas(p_arquivo jsonb, out linhas jsonb, out de timestamptz, out ate timestamptz)
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(s))), '[]'), min(s.de), max(s.ate)
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
    ) as s
$$;
comment on function interno.somar_linhas(jsonb) is 'O que o razão guarda de cada linha do arquivo, e do primeiro ao último registro.';

create function interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
returns void
language sql
set search_path = ''
as $$
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao,
         byte_de, byte_ate, origem, amostra)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', q.motivo, q.detalhe,
        q.linha_id, q.registros,
        case when q.motivo <> 'LINHA_INCOMPLETA' then q.producao end,
        case when q.motivo <> 'LINHA_INCOMPLETA' then q.rejeicao end,
        q.byte_de, q.byte_ate, q.origem, decode(q.amostra_base64, 'base64')
    from jsonb_to_recordset(p_arquivo -> 'quarentena') as q (
        motivo text, detalhe text, linha_id text, registros bigint, producao interno.contagem, rejeicao interno.contagem,
        byte_de bigint, byte_ate bigint, origem text, amostra_base64 text
    )
$$;
comment on function interno.anotar_ilegiveis(bigint, jsonb) is 'Põe em quarentena os trechos que o leitor não pôde contar.';

-- One file's increments, each to the one place it belongs: a minute and its order, held, quarantined, or conference.
-- p_fonte: the gateway id, or 'avulso'. p_duvida: what was made before it may have been counted by an earlier época of
-- the gateway, and goes before a person; null if it cannot. Where that época's marks end is where the person will look.
create function interno.aplicar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamptz)
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
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate,
            date_trunc('second', i.desde) as s_desde, date_trunc('second', i.ate) as s_ate,
            array(select jsonb_array_elements_text(i.flags)) as flags
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint
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
    donos as materialized (
        select f.linha_id, f.papel, f.de, coalesce(f.ate, 'infinity') as ate
        from public.fontes_linha as f inner join faixas using (linha_id)
        where f.fonte = p_fonte and f.de <= faixas.ate and coalesce(f.ate, 'infinity') > faixas.de
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
    -- Each increment's destiny. The owner is judged at the increment's own time; one that spans time must have one
    -- owner from end to end.
    seg as materialized (
        select s.linha_id, s.s, s.em, s.producao, s.rejeicao, p.numero_op, p.fator_producao, p.fator_rejeicao,
            case
                when l.linha_id is null then 'LINHA_DESCONHECIDA'
                when d.papel is null then 'NAO_DONO'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                when s.em < p_duvida then 'EPOCA_ANTERIOR'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao) then 'RETIDA'
                else 'CONTADA'
            end as destino
        from segundos as s
        left join public.linhas as l on l.linha_id = s.linha_id
        left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
        left join periodos as p on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate
    ),
    vao as materialized (
        select i.*, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao,
            case
                when l.linha_id is null then 'LINHA_DESCONHECIDA'
                when d.papel is null then 'NAO_DONO'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                when i.desde < p_duvida then 'EPOCA_ANTERIOR'
                else 'CONTADA'
            end as destino
        from intervalos as i
        left join public.linhas as l on l.linha_id = i.linha_id
        left join donos as d on d.linha_id = i.linha_id and i.s_desde >= d.de and i.s_ate < d.ate
        cross join lateral interno.situar_intervalo(i.linha_id, i.desde, i.ate, 'implausivel' = any(i.flags)) as t
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
        insert into public.contagens_conferencia as c (linha_id, fonte, minuto, producao, rejeicao)
        select linha_id, p_fonte, date_trunc('minute', em), sum(producao), sum(rejeicao)
        from (
            select linha_id, em, producao, rejeicao from seg where destino = 'CONFERENCIA'
            union all
            select linha_id, s_ate, producao, rejeicao from vao where destino = 'CONFERENCIA'
        ) as t
        group by linha_id, date_trunc('minute', em)
        on conflict (linha_id, fonte, minuto) do update set
            producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao
    ),
    retidas as (
        insert into public.contagens_intervalo
            (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
             arquivo_id, byte_de, byte_ate)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate
        from vao where destino = 'CONTADA'
        union all
        select seg.linha_id, em, em, producao, rejeicao, '{implausivel}', 'RETIDA', 'IMPLAUSIVEL', null, null, null,
            p_arquivo_id, l.byte_de, l.byte_ate
        from seg
        left join jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, byte_de bigint, byte_ate bigint)
            on l.linha_id = seg.linha_id
        where destino = 'RETIDA'
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate,
         byte_de, byte_ate)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', t.destino,
        case
            when t.destino = 'NAO_DONO' then format('A fonte %s não conta a linha %s neste intervalo.', p_fonte, t.linha_id)
            when t.destino = 'LINHA_DESCONHECIDA' then format('A linha %s não está cadastrada.', t.linha_id)
            when t.marca is not null then format(
                'O gateway %s, com um spool novo, leu de novo o que é de antes de %s, até onde o anterior já tinha reportado: tudo indica que já foi contado.',
                p_fonte, interno.hora_local(t.marca)
            )
            else format(
                'O gateway %s leu, com um spool novo, o que é de antes dele e que o anterior pode não ter enviado.', p_fonte
            )
        end,
        t.linha_id,
        case when not exists (
            select from (select linha_id, destino from seg union all select linha_id, destino from vao) as o
            where o.linha_id = t.linha_id and o.destino <> t.destino
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate
    from (
        select o.linha_id, o.destino, o.em, o.producao, o.rejeicao,
            case when o.destino = 'EPOCA_ANTERIOR' and o.em < m.marca then m.marca end as marca
        from (
            select linha_id, destino, em, producao, rejeicao from seg
            union all
            select linha_id, destino, s_ate, producao, rejeicao from vao
        ) as o
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = o.linha_id
        where o.destino in ('NAO_DONO', 'LINHA_DESCONHECIDA', 'EPOCA_ANTERIOR')
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    group by t.linha_id, t.destino, t.marca, a.registros, a.byte_de, a.byte_ate
$$;
comment on function interno.aplicar_arquivo(bigint, jsonb, text, timestamptz) is
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
