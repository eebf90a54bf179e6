-- What counting a file needs first: locks, vectors of a minute's seconds, its sums, what of it could not be read.

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

-- Of counts that are taken out of a second nobody knows which of them were justified: as many less are.
create function interno.diminuir_vetor(p_vetor integer[], p_negativo integer[])
returns integer[]
language sql
immutable
set search_path = ''
as $$
    select case
        when p_vetor is null or p_negativo is null then p_vetor
        else (select array_agg(greatest(u.a + u.b, 0) order by u.i) from unnest(p_vetor, p_negativo) with ordinality as u (a, b, i))
    end
$$;
comment on function interno.diminuir_vetor(integer[], integer[]) is
'Soma um vetor negativo de 60 segundos sem passar de zero; nulo fica nulo.';

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

-- What cannot be read for one reason is one item of its file, however many lines it is: with their bytes' ranges, so that
-- each can be found, and the beginning of the first. Past a thousand ranges the last one spans all that follow.
create function interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
returns void
language sql
set search_path = ''
as $$
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
    order by min(t.byte_de), t.motivo
$$;
comment on function interno.anotar_ilegiveis(bigint, jsonb) is
'Põe em quarentena os trechos que o leitor não pôde contar, um item por motivo.';
