-- bells_of_a_report: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION public.reivindicar_envio(p_envio bigint, p_campainha text, p_lease_s integer, p_consulta boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_envio public.envios_totvs;
    v_cabeca public.envios_totvs;
    v_volta timestamptz;
    v_consultar boolean;
begin
    select * into v_envio from public.envios_totvs where id = p_envio for update;
    select * into v_cabeca from interno.cabeca(v_envio.numero_op);
    if v_cabeca.id is null then
        return jsonb_build_object('situacao', 'NADA', 'porque', coalesce(v_envio.situacao, 'DESCONHECIDO'));
    end if;
    if v_envio.situacao in ('CONFIRMADO', 'DESCARTADO') then
        -- The same message told this one and then failed with the next of its order: redriven, it rings for that one.
        select * into v_envio from public.envios_totvs where id = v_cabeca.id for update;
    elsif v_cabeca.id <> v_envio.id then
        return jsonb_build_object('situacao', 'NADA', 'porque', 'FORA_DA_VEZ', 'espera', v_cabeca.id);
    end if;
    -- Two messages for one report, each delivered five times on its way to the dead letters: one call a message.
    if v_envio.situacao in ('RECUSADO', 'ESGOTADO') and p_campainha = any(string_to_array(v_envio.campainha, E'\n')) then
        return jsonb_build_object('situacao', 'FALHOU', 'envio', v_envio.id, 'codigo', v_envio.codigo, 'erro', v_envio.erro);
    end if;
    if v_envio.situacao = 'ENVIANDO' and v_envio.lease_ate > clock_timestamp() then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_envio.lease_ate);
    end if;
    -- What a restored database may have told before is asked about whenever it can be: also redriven, or said to be new.
    v_consultar := v_envio.situacao in ('ENVIANDO', 'INCERTO') or v_envio.restaurado and p_consulta;
    if v_envio.situacao = 'ENVIANDO' and not p_consulta then
        update public.envios_totvs
        set situacao = 'INCERTO', lease = null, lease_ate = null, proxima_em = null, codigo = 'interrupted',
            erro = 'O envio foi interrompido; não se sabe se chegou ao TOTVS.'
        where id = v_envio.id;
        return jsonb_build_object('situacao', 'NADA', 'porque', 'INCERTO');
    end if;
    -- A person decides: nobody can be asked, or asking for this one report says nothing of partial ones that were lost.
    if v_envio.situacao = 'INCERTO' and (not p_consulta or v_envio.restaurado and (
        v_envio.proxima_em is null or exists (select from public.restauracoes as r where r.parciais)
    )) then
        update public.envios_totvs
        set proxima_em = null, conteudo = coalesce(conteudo, interno.conteudo_fechamento(v_envio.numero_op))
        where id = v_envio.id and (proxima_em is not null or conteudo is null);
        return jsonb_build_object('situacao', 'NADA', 'porque', 'INCERTO');
    end if;
    if v_envio.situacao in ('PENDENTE', 'INCERTO') and v_envio.proxima_em > clock_timestamp() then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_envio.proxima_em);
    end if;
    v_volta := interno.pedir_passagem('TOTVS', p_lease_s);
    if v_volta is not null then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_volta);
    end if;
    if v_envio.conteudo is null then
        v_envio.conteudo := interno.conteudo_fechamento(v_envio.numero_op);
    end if;
    update public.envios_totvs
    set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
        campainha = right(concat_ws(E'\n', v_envio.campainha, p_campainha), 4000), conteudo = v_envio.conteudo
    where id = v_envio.id
    returning * into v_envio;
    return jsonb_build_object(
        'situacao', 'ENVIAR', 'envio', v_envio.id, 'lease', v_envio.lease, 'id_externo', v_envio.id_externo,
        'tipo', v_envio.tipo, 'numero_op', v_envio.numero_op, 'tentativas', v_envio.tentativas,
        'conteudo', v_envio.conteudo, 'consultar', v_consultar, 'conferir', v_envio.restaurado
    );
end $function$;

comment on column public.envios_totvs.campainha is 'Mensagens da fila que levaram às tentativas, uma por linha, a última no fim. Fonte: totvs_post.';
