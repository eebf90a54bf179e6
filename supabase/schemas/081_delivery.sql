-- Reports are claimed, sent and concluded, behind a circuit breaker; a person decides what is in doubt.

-- May somebody call now? The breaker's row is locked, so that of many only one becomes the probe of an open one. volta:
-- NULL = yes; else the instant to come again. sonda: the call before this one failed, so this one finds out whether the
-- system answers; also while the breaker is still closed, because the beginning of an outage looks the same.
create function interno.pedir_passagem(p_nome text, p_sonda_s integer, out volta timestamptz, out sonda boolean)
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.pedir_passagem(text, integer) is
'volta: nulo se o sistema pode ser chamado (com o disjuntor aberto, só por uma sonda de cada vez); senão, quando voltar. sonda: a última chamada falhou.';

create function interno.anotar_passagem(p_nome text, p_bem boolean, p_erro text, p_falhas integer, p_aberto_s integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_antes public.disjuntores;
    v_depois public.disjuntores;
begin
    select * into v_antes from public.disjuntores where nome = p_nome for update;
    if p_bem then
        update public.disjuntores
        set estado = 'FECHADO', falhas = 0, aberto_em = null, sonda_em = null, ultimo_erro = null
        where nome = p_nome and (estado <> 'FECHADO' or falhas > 0)
        returning * into v_depois;
    else
        update public.disjuntores
        set falhas = falhas + 1, ultimo_erro = p_erro,
            estado = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas then 'ABERTO' else 'FECHADO' end,
            aberto_em = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas then coalesce(aberto_em, clock_timestamp()) end,
            sonda_em = case when estado <> 'FECHADO' or falhas + 1 >= p_falhas
                then clock_timestamp() + make_interval(secs => p_aberto_s) end
        where nome = p_nome
        returning * into v_depois;
    end if;
    if (v_antes.estado = 'FECHADO') <> (v_depois.estado = 'FECHADO') then
        perform interno.anotar_trilha(
            'SISTEMA', case v_depois.estado when 'FECHADO' then 'disjuntor_fechou' else 'disjuntor_abriu' end,
            'disjuntores:' || p_nome, to_jsonb(v_antes), to_jsonb(v_depois), p_erro
        );
    end if;
end $$;
comment on function interno.anotar_passagem(text, boolean, text, integer, integer) is
'Anota se o sistema respondeu; abre o disjuntor depois de p_falhas seguidas, por p_aberto_s segundos.';

create function public.disjuntor_aberto(p_nome text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (
        select from public.disjuntores where nome = p_nome and estado <> 'FECHADO' and sonda_em > clock_timestamp()
    )
$$;
comment on function public.disjuntor_aberto(text) is 'Verdadeiro enquanto o sistema não deve ser chamado.';
revoke all on function public.disjuntor_aberto(text) from public, anon, authenticated, service_role;
grant execute on function public.disjuntor_aberto(text) to service_role;

-- Not now. That uses up the message. The schedule sends none for a report that was refused or exhausted, so the attempt
-- that the message asks for is left to the schedule: the report waits again.
create function interno.adiar_envio(p_envio public.envios_totvs, p_ate timestamptz)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
    update public.envios_totvs
    set situacao = case when pode_ter_entrado then 'INCERTO' else 'PENDENTE' end, proxima_em = p_ate, concluido_em = null
    where id = p_envio.id and situacao in ('RECUSADO', 'ESGOTADO');
    return jsonb_build_object('situacao', 'ESPERAR', 'ate', p_ate);
end $$;
comment on function interno.adiar_envio(public.envios_totvs, timestamptz) is
'Responde que ainda não se pode enviar; um envio recusado ou esgotado passa a esperar a sua nova tentativa.';

-- Claim a report. situacao of the answer:
--   ENVIAR    it is yours until lease_ate: send `conteudo`; if `consultar`, ask first whether it is there, and if
--             `conferir`, with these very amounts. `em_duvida`: it may be there. `repetir` false: if it is not there,
--             do not send it again all the same; TOTVS has answered what may mean that it is still at work. `sonda`:
--             the call before failed, so that this one finds out whether TOTVS is back, and "not now" is no attempt
--   ESPERAR   not now (breaker, its time, another's lease): the schedule sends another message
--   NADA      nothing to do for this message (done, not the head, waits for a person)
--   FALHOU    refused or exhausted, and this very message has led to that, or only a person may repeat it: it belongs
--             in the dead letter queue
-- Where TOTVS can be asked (p_consulta) it is asked before anything is sent for the second time, whatever state the
-- report is in.
create function public.reivindicar_envio(
    p_envio bigint, p_campainha text, p_lease_s integer, p_consulta boolean
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
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
end $$;
comment on function public.reivindicar_envio(bigint, text, integer, boolean) is
'Toma um envio para enviar, por p_lease_s segundos; p_consulta: o TOTVS pode ser perguntado. Devolve ENVIAR, ESPERAR, NADA ou FALHOU.';
revoke all on function public.reivindicar_envio(bigint, text, integer, boolean)
from public, anon, authenticated, service_role;
grant execute on function public.reivindicar_envio(bigint, text, integer, boolean) to service_role;

-- Put down what came of it, with every call made. p_conclusao: id_externo, lease, situacao (PENDENTE = again later,
-- CONFIRMADO, RECUSADO, INCERTO, ESGOTADO, DESCARTADO = this ERP is not sent such reports), conta (an attempt),
-- espera_s (null = a person), codigo, erro, resposta, chave_erp, duvida (pode_ter_entrado), disjuntor (true: it
-- answered, false: it did not, null: says nothing), falhas, aberto_s.
-- Said twice, the second says nothing. A lease that is no longer ours may still confirm, or say that the report may be
-- booked: these are facts. Not so for a report that may have been made anew since: a message older than the restored
-- copy speaks of other amounts, and its number may be another report's by now.
create function public.concluir_envio(p_conclusao jsonb, p_tentativas jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_c constant jsonb := interno.json_recebido(p_conclusao);
    v_envio public.envios_totvs;
    v_meu boolean;
    v_duvida boolean;
    v_proximo public.envios_totvs;
begin
    select * into v_envio from public.envios_totvs where id_externo = v_c ->> 'id_externo' for update;
    perform public.registrar_tentativas((
        select jsonb_agg(t || jsonb_build_object('envio_id', v_envio.id)) from jsonb_array_elements(interno.json_recebido(p_tentativas)) as t
    ));
    v_meu := v_envio.situacao = 'ENVIANDO' and v_envio.lease = (v_c ->> 'lease')::uuid;
    v_duvida := v_c ->> 'situacao' <> 'CONFIRMADO'
        and (v_envio.pode_ter_entrado or coalesce((v_c ->> 'duvida')::boolean, false));
    if v_meu or (
        v_c ->> 'situacao' = 'CONFIRMADO' and v_envio.situacao not in ('CONFIRMADO', 'DESCARTADO') and not v_envio.restaurado
    ) then
        update public.envios_totvs
        set situacao = case when v_duvida and v_c ->> 'situacao' = 'PENDENTE' then 'INCERTO' else v_c ->> 'situacao' end,
            lease = null, lease_ate = null, tentativas = tentativas + (v_c ->> 'conta')::boolean::integer,
            proxima_em = clock_timestamp() + make_interval(secs => (v_c ->> 'espera_s')::double precision),
            codigo = v_c ->> 'codigo', erro = v_c ->> 'erro', resposta = coalesce(v_c ->> 'resposta', resposta),
            chave_erp = coalesce(chave_erp, v_c ->> 'chave_erp'), pode_ter_entrado = v_duvida,
            concluido_em = case when v_c ->> 'situacao' in ('CONFIRMADO', 'RECUSADO', 'ESGOTADO', 'DESCARTADO') then clock_timestamp() end
        where id = v_envio.id
        returning * into v_envio;
    elsif v_duvida and v_envio.situacao not in ('CONFIRMADO', 'DESCARTADO') and not v_envio.restaurado then
        update public.envios_totvs
        set pode_ter_entrado = true, situacao = case situacao when 'PENDENTE' then 'INCERTO' else situacao end
        where id = v_envio.id and not pode_ter_entrado;
    end if;
    if v_meu and v_c ->> 'disjuntor' is not null then
        perform interno.anotar_passagem(
            'TOTVS', (v_c ->> 'disjuntor')::boolean, v_c ->> 'erro', (v_c ->> 'falhas')::integer, (v_c ->> 'aberto_s')::integer
        );
    end if;
    select * into v_proximo from interno.cabeca(v_envio.numero_op);
    return jsonb_build_object(
        'situacao', v_envio.situacao,
        'proximo', case when v_proximo.id <> v_envio.id and v_proximo.situacao = 'PENDENTE' then v_proximo.id end
    );
end $$;
comment on function public.concluir_envio(jsonb, jsonb) is
'Registra o que houve com um envio e as chamadas feitas; devolve a situação e o próximo envio da OP, se pode ir.';
revoke all on function public.concluir_envio(jsonb, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.concluir_envio(jsonb, jsonb) to service_role;

-- For which reports the schedule should send a message: heads whose time has come, or whose lease ran out. While the
-- breaker is open none; when a probe is due, one.
create function public.campainhas_totvs(p_limite integer, p_intervalo_s integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d public.disjuntores;
    v_limite integer := p_limite;
    v_tocados jsonb;
begin
    select * into v_d from public.disjuntores where nome = 'TOTVS';
    if v_d.estado <> 'FECHADO' then
        v_limite := case when v_d.sonda_em <= clock_timestamp() then 1 else 0 end;
    end if;
    with cabecas as (
        select distinct on (e.numero_op) e.id, e.situacao, e.proxima_em, e.lease_ate, e.tocado_em
        from public.envios_totvs as e
        where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
        order by e.numero_op, e.ordem
    ),
    devidas as (
        select c.id from cabecas as c
        where (c.situacao in ('PENDENTE', 'INCERTO') and c.proxima_em <= clock_timestamp()
            or c.situacao = 'ENVIANDO' and c.lease_ate <= clock_timestamp())
          and coalesce(c.tocado_em, '-infinity') <= clock_timestamp() - make_interval(secs => p_intervalo_s)
        order by coalesce(c.proxima_em, c.lease_ate)
        limit v_limite
    ),
    tocadas as (
        update public.envios_totvs as e set tocado_em = clock_timestamp()
        from devidas where e.id = devidas.id
        returning e.id
    )
    select coalesce(jsonb_agg(id order by id), '[]') into v_tocados from tocadas;
    return v_tocados;
end $$;
comment on function public.campainhas_totvs(integer, integer) is
'Envios pelos quais a agenda deve tocar agora, no máximo p_limite; um mesmo, não antes de p_intervalo_s segundos.';
revoke all on function public.campainhas_totvs(integer, integer) from public, anon, authenticated, service_role;
grant execute on function public.campainhas_totvs(integer, integer) to service_role;

-- What a person knows about a report that waits for one, and what TOTVS calls it.
create function public.decidir_envio(p_id bigint, p_decisao text, p_motivo text, p_chave_erp text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('decidir_envio', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_chave constant text := nullif(btrim(p_chave_erp), '');
    v_antes public.envios_totvs;
    v_depois public.envios_totvs;
begin
    perform interno.exigir_decisao(p_decisao, 'ENTROU', 'REENVIAR', 'DESCARTAR');
    if v_chave is not null and (p_decisao <> 'ENTROU' or length(v_chave) > 100) then
        perform interno.recusar(
            '422', 'CHAVE_INVALIDA', 'Só o que entrou no TOTVS tem uma chave lá, de até 100 caracteres.',
            'Informe p_chave_erp com ENTROU, como o TOTVS a mostra, ou deixe-a nula.'
        );
    end if;
    select * into v_antes from public.envios_totvs where id = p_id for update;
    if v_antes.id is null then
        perform interno.recusar_desconhecido('ENVIO_DESCONHECIDO', format('Não há envio %s.', p_id));
    end if;
    if v_antes.situacao not in ('INCERTO', 'RECUSADO', 'ESGOTADO') then
        perform interno.recusar_decidido(format('O envio %s não espera ninguém (%s).', v_antes.id_externo, v_antes.situacao));
    end if;
    update public.envios_totvs
    set situacao = case p_decisao when 'ENTROU' then 'CONFIRMADO' when 'REENVIAR' then 'PENDENTE' else 'DESCARTADO' end,
        tentativas = case p_decisao when 'REENVIAR' then 0 else tentativas end,
        proxima_em = case p_decisao when 'REENVIAR' then clock_timestamp() end, tocado_em = null,
        concluido_em = case when p_decisao <> 'REENVIAR' then clock_timestamp() end,
        pode_ter_entrado = pode_ter_entrado and p_decisao = 'DESCARTAR', chave_erp = coalesce(chave_erp, v_chave),
        decidido_por = interno.usuario_atual(), decisao_motivo = v_motivo
    where id = p_id
    returning * into v_depois;
    perform interno.anotar_trilha(
        v_papel, 'decidir_envio', format('envios_totvs:%s', p_id), to_jsonb(v_antes), to_jsonb(v_depois), v_motivo
    );
    return jsonb_build_object('id', p_id, 'id_externo', v_depois.id_externo, 'situacao', v_depois.situacao);
end $$;
comment on function public.decidir_envio(bigint, text, text, text) is
'Decide um envio incerto, recusado ou esgotado: ENTROU (está no TOTVS, com p_chave_erp), REENVIAR (não está; vai de novo) ou DESCARTAR (não vai mais).';
revoke all on function public.decidir_envio(bigint, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_envio(bigint, text, text, text) to authenticated, service_role;
