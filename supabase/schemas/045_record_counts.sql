-- A file becomes counts: read again, or applied once; the parser's call records many files, each for itself.

-- What a file becomes that enters the ledger in no way: counted before, in quarantine as before, or read from elsewhere
-- than where the counted part of it ends.
create function interno.responder_sem_lancar(p_arquivo jsonb, p_situacao text, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.responder_sem_lancar(jsonb, text, text) is
'A resposta a um arquivo que não entra no razão: JA_APLICADO, QUARENTENA como antes, ou PREFIXO com até onde está contado.';

create function interno.lancar_arquivo(
    p_arquivo jsonb, p_situacao text, p_motivo text, p_substitui bigint,
    p_linhas jsonb, p_de timestamptz, p_ate timestamptz
)
returns bigint
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.lancar_arquivo(jsonb, text, text, bigint, jsonb, timestamptz, timestamptz) is
'Lança o arquivo no razão com o que trouxe de cada linha; devolve o número do lançamento.';

-- What of the file waited in quarantine for being read again is settled by its being counted.
create function interno.encerrar_esperas(p_arquivo_id bigint, p_arquivo jsonb, p_substitui bigint)
returns void
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.encerrar_esperas(bigint, jsonb, bigint) is
'Encerra os itens de quarentena do mesmo arquivo que o lançamento substitui, ou cuja linha incompleta agora veio inteira.';

-- Whether the sequence brings its marks: those of a file that is not counted say nothing.
create function interno.receber_sequencia(
    p_arquivo_id bigint, p_arquivo jsonb, p_aplicado boolean, p_chegada timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.receber_sequencia(bigint, jsonb, boolean, timestamptz) is
'Avança a época com a sequência do lote, e as marcas se ele foi contado; uma anulada que chega fica na trilha.';

create function interno.registrar_arquivo(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.registrar_arquivo(jsonb) is 'Registra um arquivo, com linhas e chaves já travadas; devolve a sua situação.';

create function public.registrar_contagens(p_arquivos jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
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
end $$;
comment on function public.registrar_contagens(jsonb) is
'Registra os arquivos de uma chamada do leitor em uma transação, cada um em sua subtransação; devolve a situação de cada um, na mesma ordem.';
revoke all on function public.registrar_contagens(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.registrar_contagens(jsonb) to service_role;
