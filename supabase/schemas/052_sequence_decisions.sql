-- A person settles what a gateway's numbering left open: a missing sequence, an epoch that ended.

create function interno.epoca_para_decisao(p_gateway text, p_epoca text)
returns public.epocas_gateway
language plpgsql
set search_path = ''
as $$
declare
    v_epoca public.epocas_gateway;
begin
    perform interno.travar_chaves(array['epoca:' || p_gateway || ':' || p_epoca]);
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;
    if v_epoca.gateway is null then
        perform interno.recusar_desconhecido(
            'EPOCA_DESCONHECIDA', format('O gateway %s não tem a época %s.', p_gateway, p_epoca)
        );
    end if;
    return v_epoca;
end $$;
comment on function interno.epoca_para_decisao(text, text) is 'Trava e devolve a época; PT404 EPOCA_DESCONHECIDA.';

create function public.anular_sequencia(p_gateway text, p_epoca text, p_seq bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('anular_sequencia', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_epoca constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
begin
    if p_seq is null or p_seq < 1 or p_seq > greatest(v_epoca.maior_seq, v_epoca.ultima_seq_declarada) then
        perform interno.recusar(
            '422', 'SEQUENCIA_FORA',
            format('A sequência %s não falta: a época vai de 1 a %s.', p_seq, greatest(v_epoca.maior_seq, v_epoca.ultima_seq_declarada)),
            'Anule só uma sequência listada em pendências.'
        );
    end if;
    if exists (select from public.arquivos_ingeridos where gateway = p_gateway and epoca = p_epoca and seq = p_seq) then
        perform interno.recusar(
            '409', 'SEQUENCIA_RECEBIDA', format('A sequência %s já chegou.', p_seq), 'Atualize a tela de pendências.'
        );
    end if;
    if exists (select from public.sequencias_anuladas where gateway = p_gateway and epoca = p_epoca and seq = p_seq) then
        perform interno.recusar_decidido(format('A sequência %s já foi anulada.', p_seq));
    end if;
    insert into public.sequencias_anuladas (gateway, epoca, seq, motivo, usuario_id)
    values (p_gateway, p_epoca, p_seq, v_motivo, interno.usuario_atual());
    perform interno.avancar_epoca(p_gateway, p_epoca, p_seq, null);
    perform interno.anotar_trilha(
        v_papel, 'anular_sequencia', format('epocas_gateway:%s:%s', p_gateway, p_epoca), null,
        jsonb_build_object('seq', p_seq), v_motivo
    );
    return (
        select jsonb_build_object(
            'gateway', gateway, 'epoca', epoca, 'seq', p_seq, 'ultima_seq_continua', ultima_seq_continua
        )
        from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca
    );
end $$;
comment on function public.anular_sequencia(text, text, bigint, text) is
'Declara perdida uma sequência que não chegou, para que as marcas avancem. Se ela chegar depois, é contada assim mesmo.';
revoke all on function public.anular_sequencia(text, text, bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.anular_sequencia(text, text, bigint, text) to authenticated, service_role;

create function public.encerrar_epoca(p_gateway text, p_epoca text, p_ultima_seq bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('encerrar_epoca', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
begin
    if p_ultima_seq is null or p_ultima_seq < v_antes.maior_seq then
        perform interno.recusar(
            '422', 'SEQUENCIA_MENOR', format('Já chegou a sequência %s desta época.', v_antes.maior_seq),
            'Declare a última sequência que o spool selou, nunca menor que a recebida.'
        );
    end if;
    if v_antes.ultima_seq_declarada is distinct from p_ultima_seq then
        update public.epocas_gateway set ultima_seq_declarada = p_ultima_seq, declarada_em = clock_timestamp()
        where gateway = p_gateway and epoca = p_epoca;
        perform interno.anotar_trilha(
            v_papel, 'encerrar_epoca', format('epocas_gateway:%s:%s', p_gateway, p_epoca),
            jsonb_build_object('ultima_seq_declarada', v_antes.ultima_seq_declarada),
            jsonb_build_object('ultima_seq_declarada', p_ultima_seq), v_motivo
        );
    end if;
    return jsonb_build_object(
        'gateway', p_gateway, 'epoca', p_epoca, 'ultima_seq_declarada', p_ultima_seq,
        'ultima_seq_continua', v_antes.ultima_seq_continua
    );
end $$;
comment on function public.encerrar_epoca(text, text, bigint, text) is
'Declara a última sequência de uma época que não envia mais; as que faltarem até ela viram pendência.';
revoke all on function public.encerrar_epoca(text, text, bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.encerrar_epoca(text, text, bigint, text) to authenticated, service_role;
