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
language plpgsql
immutable
as $$
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
end $$;
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

-- The ledger's entry per line: everything legible the file brought for it, whatever becomes of it. A torn last line
-- (LINHA_INCOMPLETA) is no record yet: it comes again, whole, with the next version of the file.
create function interno.somar_linhas(p_arquivo jsonb, out linhas jsonb, out de timestamptz, out ate timestamptz)
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
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
end $$;
comment on function interno.somar_linhas(jsonb) is 'O que o razão guarda de cada linha do arquivo, e do primeiro ao último registro.';

-- What cannot be read for one reason is one item of its file, however many lines it is: with their bytes' ranges, so that
-- each can be found, and the beginning of the first. Past a thousand ranges the last one spans all that follow.
create function interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
returns void
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.anotar_ilegiveis(bigint, jsonb) is
'Põe em quarentena os trechos que o leitor não pôde contar, um item por motivo.';
