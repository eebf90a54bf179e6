-- registrar_contagens: a batch of files becomes counts, exactly once.
--
-- Locks, always in this order and before anything is read: the `linhas` rows touched (ascending), then an advisory lock
-- per época or loose file (ascending). Every function that touches a line's counts or periods starts with the same line
-- lock, so concurrent deliveries of one file, and deliveries against openings and closings, run one after the other.
-- Each file then runs in its own subtransaction and is set-based inside. From the outside in: registrar_contagens,
-- registrar_arquivo, then reconhecer_lote or reconhecer_avulso, conhecer_epoca, aplicar_arquivo or quarentenar_arquivo,
-- avancar_epoca.

-- Is this batch new? situacao: APLICAR, JA_APLICADO, QUARENTENAR (now) or QUARENTENA (as before).
-- A batch quarantined before is applied when what stood in its way is gone (the gateway was registered, the object is
-- whole again) and no person has decided on it: replaying is how a quarantined batch is saved.
create function interno.reconhecer_lote(
    p_arquivo jsonb, out situacao text, out motivo text, out detalhe text, out substitui bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_anterior public.arquivos_ingeridos;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
    order by a.situacao = 'APLICADO' desc, a.id desc
    limit 1;
    if v_anterior.situacao = 'APLICADO' then
        -- A key never changes its bytes. What was counted stands; that somebody wrote over it is not passed over.
        if p_arquivo -> 'rejeitado' ->> 'motivo' is null
            or v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id' then
            situacao := 'JA_APLICADO';
            return;
        end if;
        motivo := 'OBJETO_ALTERADO';
        detalhe := format(
            'O objeto foi gravado de novo depois de contado, com outro conteúdo: %s A contagem feita vale.',
            p_arquivo -> 'rejeitado' ->> 'detalhe'
        );
        situacao := case when exists (
            select from public.arquivos_ingeridos as a
            where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway' and a.versao_id = p_arquivo ->> 'versao_id'
        ) then 'QUARENTENA' else 'QUARENTENAR' end;
        return;
    end if;

    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
    elsif not exists (select from public.gateways where gateway = p_arquivo ->> 'gateway') then
        motivo := 'GATEWAY_DESCONHECIDO';
        detalhe := format('O gateway %s não está cadastrado.', p_arquivo ->> 'gateway');
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_arquivo ->> 'gateway' and a.epoca = p_arquivo ->> 'epoca'
          and a.seq = (p_arquivo ->> 'seq')::bigint and a.chave <> p_arquivo ->> 'chave'
          and a.motivo is distinct from 'SEQ_DUPLICADA'
    ) then
        motivo := 'SEQ_DUPLICADA';
        detalhe := format('A sequência %s desta época já chegou com outro conteúdo.', p_arquivo ->> 'seq');
    end if;

    if v_anterior.id is null then
        situacao := case when motivo is null then 'APLICAR' else 'QUARENTENAR' end;
    elsif motivo is not null
        or exists (select from public.quarentena as q where q.arquivo_id = v_anterior.id and q.decisao = 'DESCARTADO') then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $$;
comment on function interno.reconhecer_lote(jsonb) is 'Decide se um lote de gateway é novo, repetido ou vai para a quarentena.';

-- The longest counted prefix of a loose file's content, under whatever name. A name that has accepted another content
-- before is known by that. Nothing accepted yet = a row of NULLs.
create function interno.prefixo_avulso(p_chave text, p_inicio_sha256 text)
returns public.arquivos_ingeridos
language plpgsql
stable
set search_path = ''
as $$
declare
    v_propria public.arquivos_ingeridos;
    v_conteudo public.arquivos_ingeridos;
begin
    select * into v_propria from public.arquivos_ingeridos as a
    where a.chave = p_chave and a.tipo = 'avulso' and a.situacao <> 'QUARENTENA' and a.aceito_tamanho > 0
    order by a.id desc
    limit 1;
    if p_inicio_sha256 is null or v_propria.inicio_sha256 <> p_inicio_sha256 then
        return v_propria;
    end if;
    select * into v_conteudo from public.arquivos_ingeridos as a
    where a.inicio_sha256 = p_inicio_sha256 and a.situacao <> 'QUARENTENA'
    order by a.aceito_tamanho desc, a.id
    limit 1;
    return case when v_conteudo.id is null then v_propria else v_conteudo end;
end $$;
comment on function interno.prefixo_avulso(text, text) is 'Lançamento com o maior trecho já contado do conteúdo de um arquivo avulso.';

-- Is this loose file new? Also situacao PREFIXO (the message does not continue what was accepted) and REPETIDO (its
-- content was counted under another key; recorded, so that it is known under this one as well).
create function interno.reconhecer_avulso(
    p_arquivo jsonb, out situacao text, out motivo text, out detalhe text, out substitui bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_chave constant text := p_arquivo ->> 'chave';
    v_tamanho constant bigint := (p_arquivo #>> '{aceito,tamanho}')::bigint;
    v_sha256 constant text := p_arquivo #>> '{aceito,sha256}';
    v_prefixo public.arquivos_ingeridos;
    v_anterior public.arquivos_ingeridos;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = v_chave and a.tipo = 'avulso' and a.situacao = 'QUARENTENA'
      and a.versao_id is not distinct from p_arquivo ->> 'versao_id' and a.tamanho = (p_arquivo ->> 'tamanho')::bigint
    order by a.id desc
    limit 1;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
        situacao := case when v_anterior.id is null then 'QUARENTENAR' else 'QUARENTENA' end;
        return;
    end if;

    if exists (
        select from public.arquivos_ingeridos as a
        where a.chave = v_chave and a.tipo = 'avulso' and a.situacao <> 'QUARENTENA'
          and a.aceito_tamanho = v_tamanho and a.aceito_sha256 is not distinct from v_sha256
    ) then
        situacao := 'JA_APLICADO';
        return;
    end if;

    v_prefixo := interno.prefixo_avulso(v_chave, p_arquivo ->> 'inicio_sha256');
    if v_tamanho > 0 and exists (
        select from public.arquivos_ingeridos as a
        where a.tipo = 'avulso' and a.situacao = 'APLICADO' and a.aceito_tamanho = v_tamanho and a.aceito_sha256 = v_sha256
    ) then
        situacao := 'REPETIDO';
    elsif coalesce(v_prefixo.aceito_tamanho, 0) <> coalesce((p_arquivo #>> '{prefixo,tamanho}')::bigint, 0)
        or (v_prefixo.aceito_tamanho > 0 and v_prefixo.aceito_sha256 is distinct from p_arquivo #>> '{prefixo,sha256}') then
        situacao := 'PREFIXO';
    elsif exists (select from public.quarentena as q where q.arquivo_id = v_anterior.id and q.decisao = 'DESCARTADO') then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $$;
comment on function interno.reconhecer_avulso(jsonb) is 'Decide se um arquivo avulso é novo, cresceu, é repetido ou vai para a quarentena.';

-- A spool that replaces a lost one may read again what that one sent, so two épocas of one gateway can carry the same
-- units. The one known first counts; of any other, what may be in both goes before a person. Returns the instant before
-- which that is so: its spool's beginning; infinity if the batch says that its records were there before, or if it is
-- the older one that comes last; null if no other época was known before.
create function interno.conhecer_epoca(p_gateway text, p_epoca text, p_inicio timestamptz, p_anterior boolean)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_epoca public.epocas_gateway;
begin
    -- A gateway whose clock is ahead began no later than it was heard of; believed, it would put all that follows in doubt.
    insert into public.epocas_gateway as e (gateway, epoca, inicio)
    values (p_gateway, p_epoca, least(p_inicio, clock_timestamp()))
    on conflict (gateway, epoca) do update set inicio = excluded.inicio
    where e.inicio > excluded.inicio;
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
    return (
        select case when p_anterior or max(o.inicio) > v_epoca.inicio then 'infinity' else v_epoca.inicio end
        from public.epocas_gateway as o
        where o.gateway = p_gateway and o.numero < v_epoca.numero
        having count(*) > 0
    );
end $$;
comment on function interno.conhecer_epoca(text, text, timestamptz, boolean) is
'Registra a época e devolve o instante até o qual outra pode ter contado o mesmo; nulo se nenhuma. Exige linhas e época travadas.';

-- The gap-free prefix of an época moves only when its next sequence is there; then it walks as far as it can and takes
-- the marks of what it passed. Out of order arrivals cost one look-up; their marks wait. p_marcas NULL: the sequence
-- brings none (voided, or its file is in quarantine).
create function interno.avancar_epoca(p_gateway text, p_epoca text, p_seq bigint, p_marcas jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_de bigint;
    v_ate bigint;
begin
    select ultima_seq_continua into v_de
    from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;

    with recursive caminho (seq) as (
        select v_de
        union all
        select c.seq + 1
        from caminho as c
        where exists (
            select from public.arquivos_ingeridos as a
            where a.gateway = p_gateway and a.epoca = p_epoca and a.seq = c.seq + 1
        ) or exists (
            select from public.sequencias_anuladas as n
            where n.gateway = p_gateway and n.epoca = p_epoca and n.seq = c.seq + 1
        )
    )
    select max(seq) into v_ate from caminho;

    update public.epocas_gateway
    set ultima_seq_continua = v_ate, maior_seq = greatest(maior_seq, p_seq)
    where gateway = p_gateway and epoca = p_epoca and (ultima_seq_continua < v_ate or maior_seq < p_seq);

    if p_seq > v_ate then
        insert into public.marcas_a_espera (gateway, epoca, seq, marcas)
        select p_gateway, p_epoca, p_seq, p_marcas where jsonb_array_length(p_marcas) > 0;
    end if;
    if v_ate = v_de then
        return;
    end if;

    with passadas as (
        delete from public.marcas_a_espera as e
        where e.gateway = p_gateway and e.epoca = p_epoca and e.seq <= v_ate
        returning e.seq, e.marcas
    )
    insert into public.marcas_linha as m (linha_id, gateway, epoca, ate, estado, relogio_ms)
    select t.linha_id, p_gateway, p_epoca, max(t.ate),
        (array_agg(t.estado order by a.seq desc))[1], (array_agg(t.relogio_ms order by a.seq desc))[1]
    from (
        select seq, marcas from passadas
        union all
        select p_seq, p_marcas where p_seq > v_de
    ) as a
    cross join lateral jsonb_to_recordset(a.marcas) as t (linha_id text, ate timestamptz, estado text, relogio_ms bigint)
    inner join public.linhas as l on l.linha_id = t.linha_id
    where a.seq <= v_ate
    group by t.linha_id
    on conflict (linha_id, gateway, epoca) do update set
        ate = greatest(m.ate, excluded.ate), estado = excluded.estado, relogio_ms = excluded.relogio_ms,
        atualizada_em = clock_timestamp()
    where (greatest(m.ate, excluded.ate), excluded.estado, excluded.relogio_ms)
        is distinct from (m.ate, m.estado, m.relogio_ms);
end $$;
comment on function interno.avancar_epoca(text, text, bigint, jsonb) is
'Avança o prefixo sem falhas da época e as marcas das linhas; as de um lote adiantado esperam. Exige a época travada.';

-- A part of an applied file that was nobody's, read again because somebody says it now has an owner; or that an earlier
-- época might have counted, because somebody says it has not. Counted only if the file still says exactly what went to
-- quarantine; what still has no owner goes back there.
create function interno.reprocessar(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_q public.quarentena;
    v_parte jsonb;
    v_producao bigint;
    v_rejeicao bigint;
begin
    select * into v_q from public.quarentena where id = (p_arquivo ->> 'reprocessar')::bigint for update;
    -- A message older than a restored database may name another piece by the same number.
    if v_q.id is null or v_q.chave <> p_arquivo ->> 'chave' or v_q.resolvida_em is not null or v_q.reprocessar_em is null then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    end if;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(' Não pôde ser lido de novo: %s', p_arquivo -> 'rejeitado' ->> 'detalhe')
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_ILEGIVEL');
    end if;
    select jsonb_build_object(
        'bucket', v_q.bucket, 'chave', v_q.chave, 'versao_id', v_q.versao_id,
        'linhas', coalesce((
            select jsonb_agg(l || jsonb_build_object('segundos', (
                select coalesce(jsonb_agg(s), '[]') from jsonb_array_elements(l -> 'segundos') as s
                where to_timestamp((s ->> 0)::bigint) between v_q.de and v_q.ate
            )))
            from jsonb_array_elements(p_arquivo -> 'linhas') as l where l ->> 'linha_id' = v_q.linha_id
        ), '[]'),
        'intervalos', coalesce((
            select jsonb_agg(i) from jsonb_array_elements(p_arquivo -> 'intervalos') as i
            where i ->> 'linha_id' = v_q.linha_id and date_trunc('second', (i ->> 'ate')::timestamptz) between v_q.de and v_q.ate
        ), '[]')
    ) into v_parte;
    select coalesce(sum(t.producao), 0), coalesce(sum(t.rejeicao), 0) into v_producao, v_rejeicao
    from (
        select (s ->> 1)::bigint as producao, (s ->> 2)::bigint as rejeicao
        from jsonb_array_elements(v_parte -> 'linhas') as l cross join lateral jsonb_array_elements(l -> 'segundos') as s
        union all
        select (i ->> 'producao')::bigint, (i ->> 'rejeicao')::bigint from jsonb_array_elements(v_parte -> 'intervalos') as i
    ) as t;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao) then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(
                ' Lido de novo, o trecho traz %s (rejeição %s), não o que foi posto em quarentena; não foi contado.',
                v_producao, v_rejeicao
            )
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_DIVERGENTE');
    end if;
    update public.quarentena
    set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = reprocessar_motivo,
        resolvida_por = reprocessar_por, reprocessar_em = null
    where id = v_q.id;
    perform interno.aplicar_arquivo(
        v_q.arquivo_id, v_parte,
        (select coalesce(a.gateway, 'avulso') from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id), null
    );
    return jsonb_build_object('situacao', 'APLICADO');
end $$;
comment on function interno.reprocessar(jsonb) is
'Conta o trecho de um arquivo que estava em quarentena, sem dono ou por ser anterior à época. Exige as linhas travadas.';

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
        where chave = p_arquivo ->> 'chave' and reprocessar_em is not null and resolvida_em is null;
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

    v_conhecido := v_lote and exists (select from public.gateways where gateway = v_gateway);
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
            perform interno.aplicar_arquivo(v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida);
        end if;
        update public.quarentena
        set resolvida_em = clock_timestamp(), decisao = 'SUPERADO',
            decisao_motivo = 'O sistema contou uma versão posterior do mesmo arquivo.'
        where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> v_id
          and (arquivo_id = v_decisao.substitui or (not v_lote and motivo = 'LINHA_INCOMPLETA'));
    end if;

    if v_conhecido then
        if exists (
            select from public.sequencias_anuladas where gateway = v_gateway and epoca = v_epoca and seq = v_seq
        ) then
            perform interno.anotar_trilha(
                'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', v_id), null,
                jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
            );
        end if;
        perform interno.avancar_epoca(
            v_gateway, v_epoca, v_seq,
            case when v_decisao.situacao = 'APLICAR' and jsonb_typeof(p_arquivo -> 'marcas') = 'array' then p_arquivo -> 'marcas' end
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
