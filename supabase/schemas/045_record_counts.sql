-- A file becomes counts: read again, or applied once; the parser's call records many files, each for itself.

create function interno.registrar_arquivo(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_lote constant boolean := p_arquivo ->> 'tipo' = 'gateway';
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_epoca constant text := p_arquivo ->> 'epoca';
    v_seq constant bigint := (p_arquivo ->> 'seq')::bigint;
    v_decisao record;
    v_prefixo public.arquivos_ingeridos;
    v_linhas record;
    v_conhecido boolean;
    v_duvida timestamptz;
    v_id bigint;
    v_chegada constant timestamptz := interno.chegada(p_arquivo);
begin
    if p_arquivo ->> 'reprocessar' is not null then
        return interno.reprocessar(p_arquivo);
    end if;
    if p_arquivo ->> 'tipo' = 'gateway' then
        select * into v_decisao from interno.reconhecer_lote(p_arquivo);
    elsif p_arquivo ->> 'tipo' = 'avulso' then
        select * into v_decisao from interno.reconhecer_avulso(p_arquivo);
    else
        perform interno.recusar(
            '422', 'TIPO_DESCONHECIDO', format('Tipo de arquivo %L; esperado gateway ou avulso.', p_arquivo ->> 'tipo'),
            'Corrija quem chama registrar_contagens.'
        );
    end if;
    if v_decisao.situacao = 'JA_APLICADO' then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    elsif v_decisao.situacao = 'QUARENTENA' then
        update public.quarentena set reprocessar_em = null
        where chave = p_arquivo ->> 'chave' and versao_id is not distinct from p_arquivo ->> 'versao_id'
          and reprocessar_em is not null and resolvida_em is null;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo);
    elsif v_decisao.situacao = 'PREFIXO' then
        v_prefixo := interno.prefixo_avulso(p_arquivo ->> 'chave', p_arquivo ->> 'inicio_sha256');
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', jsonb_build_object(
            'tamanho', coalesce(v_prefixo.aceito_tamanho, 0), 'sha256', v_prefixo.aceito_sha256,
            'chave', coalesce(v_prefixo.chave, p_arquivo ->> 'chave'), 'versao_id', v_prefixo.versao_id
        ));
    end if;

    if v_decisao.situacao <> 'REPETIDO' then
        select * into v_linhas from interno.somar_linhas(p_arquivo);
    else
        select '[]'::jsonb as linhas, null::timestamptz as de, null::timestamptz as ate into v_linhas;
    end if;
    insert into public.arquivos_ingeridos
        (bucket, chave, versao_id, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate,
         aceito_tamanho, aceito_sha256, inicio_sha256, contado_antes, registros, situacao, motivo, substitui)
    values (
        p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', (p_arquivo ->> 'tamanho')::bigint,
        p_arquivo ->> 'sha256', (p_arquivo ->> 'gravado_em')::timestamptz, p_arquivo ->> 'tipo', v_gateway, v_epoca, v_seq,
        v_linhas.linhas, v_linhas.de, v_linhas.ate,
        (p_arquivo #>> '{aceito,tamanho}')::bigint, p_arquivo #>> '{aceito,sha256}', p_arquivo ->> 'inicio_sha256',
        (p_arquivo #>> '{prefixo,tamanho}')::bigint,
        case when v_decisao.situacao = 'REPETIDO' then 0 else coalesce((p_arquivo ->> 'registros')::bigint, 0) end,
        case v_decisao.situacao when 'QUARENTENAR' then 'QUARENTENA' when 'REPETIDO' then 'REPETIDO' else 'APLICADO' end,
        v_decisao.motivo, v_decisao.substitui
    )
    returning id into v_id;

    v_conhecido := v_lote and v_decisao.motivo is distinct from 'SEQ_ABSURDA'
        and exists (select from public.gateways where gateway = v_gateway);
    if v_conhecido then
        v_duvida := interno.conhecer_epoca(
            v_gateway, v_epoca, (p_arquivo ->> 'inicio')::timestamptz, coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    if v_decisao.situacao <> 'REPETIDO' then
        perform interno.anotar_ilegiveis(v_id, p_arquivo);
    end if;
    if v_decisao.situacao = 'QUARENTENAR' then
        perform interno.quarentenar_arquivo(v_id, p_arquivo, v_decisao.motivo, coalesce(v_decisao.detalhe, v_decisao.motivo));
    else
        if v_decisao.situacao = 'APLICAR' then
            if v_conhecido then
                perform interno.duvidar_do_relogio(v_id, p_arquivo, v_linhas.linhas, v_linhas.de, v_linhas.ate, v_chegada);
            end if;
            perform interno.aplicar_arquivo(
                v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida,
                interno.limite_do_futuro(v_chegada), null
            );
        end if;
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
        where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> v_id
          and (arquivo_id = v_decisao.substitui or (not v_lote and motivo = 'LINHA_INCOMPLETA'));
    end if;

    if v_conhecido then
        if exists (
            select from public.sequencias_anuladas
            where gateway = v_gateway and epoca = v_epoca and v_seq between seq and ate_seq
        ) then
            perform interno.anotar_trilha(
                'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', v_id), null,
                jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
            );
        end if;
        perform interno.avancar_epoca(
            v_gateway, v_epoca, v_seq,
            case when v_decisao.situacao = 'APLICAR' and jsonb_typeof(p_arquivo -> 'marcas') = 'array'
                then interno.limitar_marcas(p_arquivo -> 'marcas', v_chegada)
            end
        );
    end if;

    return case v_decisao.situacao
        when 'QUARENTENAR' then jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
        when 'REPETIDO' then jsonb_build_object('situacao', 'JA_APLICADO')
        else jsonb_build_object('situacao', 'APLICADO')
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
        select (select jsonb_object_agg(p.key, p.value) from jsonb_each(t.a) as p where p.value <> 'null')
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
