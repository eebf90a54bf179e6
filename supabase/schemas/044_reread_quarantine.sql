-- What a person has read again: a quarantined piece of a file, found in it, judged anew and counted if nothing is left
-- that speaks against it.

create function interno.epoca_decidida(p_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
    with recursive itens as (
        select q.motivo, q.anterior_id from public.quarentena as q where q.id = p_id
        union all
        select q.motivo, q.anterior_id
        from itens as i inner join public.quarentena as q on q.id = i.anterior_id
    )
    select exists (select from itens where motivo = 'EPOCA_ANTERIOR')
$$;
comment on function interno.epoca_decidida(bigint) is
'Se quem mandou ler de novo o item, ou um de que ele restou, tinha só a época anterior a decidir: ela não o contou.';

-- Of a file that is read again, what one quarantine item is of: its increments of the line and seconds except those
-- listed as not its own, with what they come to.
create function interno.trecho_em_quarentena(
    p_arquivo jsonb, p_item public.quarentena,
    out parte jsonb, out producao bigint, out rejeicao bigint
)
language sql
stable
set search_path = ''
as $$
    with segundos as (
        select s.*
        from jsonb_array_elements(p_arquivo -> 'linhas') as l
        cross join lateral jsonb_array_elements(l -> 'segundos') as s
        cross join lateral to_timestamp((s ->> 0)::bigint) as em
        where l ->> 'linha_id' = p_item.linha_id and em between p_item.de and p_item.ate
          and (s ->> 0)::bigint <> all(coalesce(p_item.outros_segundos, '{}'))
    ),
    intervalos as (
        select i.*
        from jsonb_array_elements(p_arquivo -> 'intervalos') as i
        where i ->> 'linha_id' = p_item.linha_id
          and date_trunc('second', (i ->> 'ate')::timestamptz) between p_item.de and p_item.ate
          and coalesce((i ->> 'byte_de')::bigint <> all(p_item.outros_intervalos), true)
    )
    select
        jsonb_build_object(
            'bucket', p_item.bucket, 'chave', p_item.chave, 'versao_id', p_item.versao_id, 'epoca', p_arquivo ->> 'epoca',
            'outros_segundos', p_item.outros_segundos, 'outros_intervalos', p_item.outros_intervalos,
            'linhas', coalesce((
                select jsonb_agg(l || jsonb_build_object('segundos', (select coalesce(jsonb_agg(s.value), '[]') from segundos as s)))
                from jsonb_array_elements(p_arquivo -> 'linhas') as l where l ->> 'linha_id' = p_item.linha_id
            ), '[]'),
            'intervalos', coalesce((select jsonb_agg(i.value) from intervalos as i), '[]')
        ),
        coalesce(sum(t.producao), 0)::bigint, coalesce(sum(t.rejeicao), 0)::bigint
    from (
        select (value ->> 1)::bigint as producao, (value ->> 2)::bigint as rejeicao from segundos
        union all
        select (value ->> 'producao')::bigint, (value ->> 'rejeicao')::bigint from intervalos
    ) as t
$$;
comment on function interno.trecho_em_quarentena(jsonb, public.quarentena) is
'O trecho do arquivo que um item de quarentena representa, com as suas somas.';

-- A loose file grows, and each stage of it has added what followed the one before: read again, it is that stretch that
-- must be looked at, not the file. Null if this is it.
create function interno.prefixo_da_releitura(p_arquivo jsonb, p_lancamento public.arquivos_ingeridos)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'tamanho', coalesce(p_lancamento.contado_antes, 0), 'sha256', a.aceito_sha256,
        'chave', p_lancamento.chave, 'versao_id', p_lancamento.versao_id, 'ate', p_lancamento.aceito_tamanho
    )
    from (values (1)) as uma (linha)
    left join lateral (
        select x.aceito_sha256
        from public.arquivos_ingeridos as x
        where x.aceito_tamanho = p_lancamento.contado_antes and x.aceito_tamanho > 0 and x.id < p_lancamento.id
          and x.situacao <> 'QUARENTENA' and x.tipo = 'avulso'
          and (x.inicio_sha256 = p_lancamento.inicio_sha256 or x.chave = p_lancamento.chave)
        order by x.id desc
        limit 1
    ) as a on true
    where p_lancamento.tipo = 'avulso'
      and (coalesce((p_arquivo #>> '{prefixo,tamanho}')::bigint, 0) <> coalesce(p_lancamento.contado_antes, 0)
          or (p_arquivo #>> '{aceito,tamanho}')::bigint > p_lancamento.aceito_tamanho)
$$;
comment on function interno.prefixo_da_releitura(jsonb, public.arquivos_ingeridos) is
'Até onde um arquivo avulso já estava contado, e até onde ler, para ler de novo só o trecho de um lançamento; nulo se foi esse o lido.';

create function interno.desistir_da_releitura(p_id bigint, p_motivo text, p_texto text)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
    update public.quarentena set reprocessar_em = null, detalhe = concat_ws(' ', detalhe, p_texto) where id = p_id;
    return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', p_motivo);
end $$;
comment on function interno.desistir_da_releitura(bigint, text, text) is
'O item continua em quarentena, com o que a nova leitura deu; devolve a situação do arquivo.';

-- A part of an applied file that was nobody's, read again because somebody says it now has an owner; or that an earlier
-- época might have counted, because somebody says it has not, which can be said only of a piece that no other reason
-- keeps. Every reason is judged anew, and what is not settled goes back to quarantine with all of them. Counted only if
-- the file still says exactly what went there.
create function interno.reprocessar(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
    from interno.trecho_em_quarentena(p_arquivo, v_q) as t;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao)
        or v_lancamento.aceito_sha256 is distinct from p_arquivo #>> '{aceito,sha256}' then
        return interno.desistir_da_releitura(v_q.id, 'REPROCESSO_DIVERGENTE', format(
            'Lido de novo, o trecho traz %s (rejeição %s), não o que estava à espera; não foi contado.',
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
        -- A second that is not of the item moves like the item's own and cannot be named any more.
        v_parte := case when v_q.relogio_corrigido then v_parte || '{"relogio_corrigido": true}'
            else interno.corrigir_relogio(v_parte - 'outros_segundos', v_relogio)
        end;
    end if;
    perform interno.aplicar_arquivo(
        v_q.arquivo_id, v_parte, coalesce(v_gateway, 'avulso'), v_duvida,
        interno.limite_do_futuro(interno.chegada(p_arquivo)), v_q.id
    );
    return jsonb_build_object('situacao', 'APLICADO');
end $$;
comment on function interno.reprocessar(jsonb) is
'Conta o trecho de um arquivo que estava em quarentena, sem dono ou por ser anterior à época. Exige as linhas travadas.';
