-- probes_are_no_attempts: from the definitions in supabase/schemas, by `make migration`.

drop function interno.pedir_passagem(text,integer);
drop function interno.gravado_depois_de_descartado(public.arquivos_ingeridos);
CREATE OR REPLACE FUNCTION interno.reconhecer_lote(p_arquivo jsonb, OUT situacao text, OUT motivo text, OUT detalhe text, OUT substitui bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_anterior public.arquivos_ingeridos;
    v_conhecida boolean;
    v_descartada boolean := false;
    v_pedida boolean := false;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
    order by a.situacao = 'APLICADO' desc, a.id desc
    limit 1;
    v_conhecida := exists (
        select from public.arquivos_ingeridos as a
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.versao_id is not distinct from p_arquivo ->> 'versao_id'
    );
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
        situacao := case when v_conhecida then 'QUARENTENA' else 'QUARENTENAR' end;
        return;
    end if;

    if v_anterior.id is not null then
        select coalesce(bool_or(q.decisao = 'DESCARTADO'), false),
            coalesce(bool_or(q.resolvida_em is null and q.reprocessar_em is not null), false)
        into v_descartada, v_pedida
        from public.quarentena as q
        inner join public.arquivos_ingeridos as a on a.id = q.arquivo_id
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.motivo = q.motivo; -- an unreadable line given up is not the file
    end if;
    select * into motivo, detalhe from interno.motivo_contra_lote(p_arquivo, v_pedida);

    if v_anterior.id is null then
        situacao := case when motivo is null then 'APLICAR' else 'QUARENTENAR' end;
        return;
    end if;
    if v_descartada and not v_conhecida then
        situacao := 'QUARENTENAR';
        if motivo = 'SEQ_ABSURDA' then
            return;
        end if;
        detalhe := format(
            'O objeto foi gravado de novo depois de descartado: %s', coalesce(detalhe, 'agora está íntegro e pode ser contado.')
        );
        motivo := 'OBJETO_ALTERADO';
    elsif motivo is not null
        or (v_descartada and not (v_pedida and v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id')) then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.pedir_passagem(p_nome text, p_sonda_s integer, OUT volta timestamp with time zone, OUT sonda boolean)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_d public.disjuntores;
begin
    select * into v_d from public.disjuntores where nome = p_nome for update;
    sonda := v_d.falhas > 0;
    if v_d.estado = 'FECHADO' then
        return;
    end if;
    if v_d.sonda_em > clock_timestamp() then
        volta := v_d.sonda_em;
        return;
    end if;
    update public.disjuntores
    set estado = 'SONDANDO', sonda_em = clock_timestamp() + make_interval(secs => p_sonda_s)
    where nome = p_nome;
end $function$;

CREATE OR REPLACE FUNCTION interno.adiar_envio(p_envio public.envios_totvs, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    update public.envios_totvs
    set situacao = case when pode_ter_entrado then 'INCERTO' else 'PENDENTE' end, proxima_em = p_ate, concluido_em = null
    where id = p_envio.id and situacao in ('RECUSADO', 'ESGOTADO');
    return jsonb_build_object('situacao', 'ESPERAR', 'ate', p_ate);
end $function$;

CREATE OR REPLACE FUNCTION public.reivindicar_envio(p_envio bigint, p_campainha text, p_lease_s integer, p_consulta boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_envio public.envios_totvs;
    v_cabeca public.envios_totvs;
    v_passagem record;
    v_em_duvida boolean;
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
    if v_envio.situacao in ('RECUSADO', 'ESGOTADO') and v_envio.pode_ter_entrado and not p_consulta then
        return jsonb_build_object(
            'situacao', 'FALHOU', 'envio', v_envio.id, 'codigo', 'may_be_booked', 'erro',
            'Pode ter entrado no TOTVS, e só uma pessoa o repete: procure-o lá e decida com decidir_envio. ' || v_envio.erro
        );
    end if;
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
    select * into v_passagem from interno.pedir_passagem('TOTVS', p_lease_s);
    if v_passagem.volta is not null then
        return interno.adiar_envio(v_envio, v_passagem.volta);
    end if;
    v_envio.conteudo := coalesce(v_envio.conteudo, interno.conteudo_fechamento(v_envio.numero_op));
    -- A restored database may have sent it before and have no trace of it.
    v_em_duvida := v_envio.situacao in ('ENVIANDO', 'INCERTO');
    v_consultar := p_consulta and (v_em_duvida or v_envio.restaurado or v_envio.campainha is not null);
    update public.envios_totvs
    set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
        campainha = right(concat_ws(E'\n', v_envio.campainha, p_campainha), 4000), conteudo = v_envio.conteudo
    where id = v_envio.id
    returning * into v_envio;
    return jsonb_build_object(
        'situacao', 'ENVIAR', 'envio', v_envio.id, 'lease', v_envio.lease, 'id_externo', v_envio.id_externo,
        'tipo', v_envio.tipo, 'numero_op', v_envio.numero_op, 'tentativas', v_envio.tentativas,
        'conteudo', v_envio.conteudo - 'cadastro', 'cadastro', interno.cadastro_do_envio(v_envio),
        'consultar', v_consultar, 'conferir', v_envio.restaurado,
        'em_duvida', v_em_duvida or v_envio.pode_ter_entrado, 'repetir', not v_envio.pode_ter_entrado,
        'sonda', v_passagem.sonda
    );
end $function$;

revoke all on function interno.adiar_envio(public.envios_totvs,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.pedir_passagem(text,integer) from public, anon, authenticated, service_role;
comment on column public.disjuntores.falhas is 'Falhas seguidas; acima de 0, a próxima chamada é uma sonda. Fonte: totvs_post.';
comment on column public.envios_totvs.tentativas is 'Vezes que o TOTVS respondeu e não aceitou, sem as de uma parada: um "agora não" logo depois de outra chamada que falhou. Fonte: totvs_post.';
comment on function interno.pedir_passagem(text,integer) is 'volta: nulo se o sistema pode ser chamado (com o disjuntor aberto, só por uma sonda de cada vez); senão, quando voltar. sonda: a última chamada falhou.';
comment on function interno.adiar_envio(public.envios_totvs,timestamp with time zone) is 'Responde que ainda não se pode enviar; um envio recusado ou esgotado passa a esperar a sua nova tentativa.';
