-- What people decide about what the ERP sent, and what speaks against opening an order.

-- A parked or refused event is set aside, with what came before of the same subject: it will not be applied any more.
create function public.resolver_evento_totvs(p_id bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('resolver_evento_totvs', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.eventos_totvs;
    v_depois public.eventos_totvs;
    v_ids bigint[];
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    select * into v_antes from public.eventos_totvs where id = p_id for update;
    if v_antes.id is null or v_antes.situacao not in ('ESTACIONADO', 'RECUSADO') then
        perform interno.recusar_desconhecido('EVENTO_DESCONHECIDO', format('O evento %s não espera ninguém.', p_id));
    end if;
    if v_antes.resolvido_em is not null then
        perform interno.recusar_decidido(format('O evento %s já foi resolvido: %s.', p_id, v_antes.resolvido_motivo));
    end if;
    with resolvidos as (
        update public.eventos_totvs as e
        set resolvido_em = clock_timestamp(), resolvido_por = interno.usuario_atual(), resolvido_motivo = v_motivo
        where e.situacao = v_antes.situacao and e.resolvido_em is null and e.id <= p_id
          and e.tipo is not distinct from v_antes.tipo
          and coalesce(e.referencia, e.sha256) = coalesce(v_antes.referencia, v_antes.sha256)
        returning e.id
    )
    select array_agg(r.id order by r.id) into v_ids from resolvidos as r;
    select * into v_depois from public.eventos_totvs where id = p_id;
    perform interno.anotar_trilha(
        v_papel, 'resolver_evento_totvs', format('eventos_totvs:%s', p_id), to_jsonb(v_antes),
        to_jsonb(v_depois) || jsonb_build_object('resolvidos', v_ids), v_motivo
    );
    return jsonb_build_object(
        'id', p_id, 'situacao', v_depois.situacao, 'resolvido_em', v_depois.resolvido_em, 'itens', cardinality(v_ids)
    );
end $$;
comment on function public.resolver_evento_totvs(bigint, text) is
'Põe de lado um evento estacionado ou recusado e os anteriores do mesmo assunto, com motivo.';
revoke all on function public.resolver_evento_totvs(bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.resolver_evento_totvs(bigint, text) to authenticated, service_role;

-- A person has seen that the ERP changed an order that has counts, or cancelled or restored one that was closed or set
-- aside here. The counts stay where they are; encerrar_ordem and abrir_ordem move them.
create function public.reconhecer_alteracao_op(p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_setor text;
    v_ha_algo boolean;
    v_papel text;
    v_motivo text;
    v_novo public.reconhecimentos_op;
begin
    select min(p.setor), count(*) > 0 into v_setor, v_ha_algo
    from public.pendencias as p
    where p.tipo = 'OP_ALTERADA' and p.detalhes ->> 'p_numero_op' = v_op;
    v_papel := interno.exigir_papel('reconhecer_alteracao_op', v_setor);
    v_motivo := interno.exigir_motivo(p_motivo);
    if not v_ha_algo then
        perform interno.recusar_desconhecido(
            'NADA_A_RECONHECER', format('A OP %s não tem alteração à espera.', v_op)
        );
    end if;
    insert into public.reconhecimentos_op (numero_op, usuario_id, motivo, contagens, ate_alteracao)
    values (
        v_op, interno.usuario_atual(), v_motivo, interno.contagens_op(v_op),
        coalesce((select max(a.id) from public.alteracoes_op as a where a.numero_op = v_op), 0)
    )
    returning * into v_novo;
    perform interno.anotar_trilha(
        v_papel, 'reconhecer_alteracao_op', format('lotes_producao:%s', v_op), null, to_jsonb(v_novo), v_motivo
    );
    return to_jsonb(v_novo);
end $$;
comment on function public.reconhecer_alteracao_op(text, text) is
'Registra que alguém viu o que o TOTVS mudou numa OP que já contou; as contagens ficam onde estão.';
revoke all on function public.reconhecer_alteracao_op(text, text) from public, anon, authenticated, service_role;
grant execute on function public.reconhecer_alteracao_op(text, text) to authenticated, service_role;

-- Why TOTVS's order is not among the lots: never came, waits, opens none, or was refused.
create function interno.por_que_op_desconhecida(p_op text)
returns text
language sql
stable
set search_path = ''
as $$
    select coalesce((
        select case e.situacao
            when 'ESTACIONADO' then format('A OP %s chegou do TOTVS, mas espera um cadastro: %s', p_op, e.motivo)
            when 'IGNORADO' then format('A OP %s chegou do TOTVS, mas não abre lote: %s', p_op, e.motivo)
            when 'RECUSADO' then format('A OP %s chegou do TOTVS com erro: %s.', p_op, e.motivo)
        end
        from public.eventos_totvs as e
        where e.tipo = 'ordem' and e.referencia = p_op and e.situacao in ('ESTACIONADO', 'IGNORADO', 'RECUSADO')
        order by e.recebido_em desc, e.id desc
        limit 1
    ), format('A OP %s ainda não chegou do TOTVS.', p_op))
$$;
comment on function interno.por_que_op_desconhecida(text) is 'Por que a OP não está entre os lotes, em português.';

create function interno.motivo_json(p_codigo text, p_detalhe text, p_acao text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object('codigo', p_codigo, 'detalhe', p_detalhe, 'acao', p_acao)
$$;
comment on function interno.motivo_json(text, text, text) is 'Um impedimento ou aviso, como as telas o leem.';

-- What forbids opening the order on the line, all of it at once; empty if nothing does.
create function interno.impedimentos_abertura(p_op text, p_linha_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_linha public.linhas;
    v_lote public.lotes_producao;
    v_produto public.produtos;
    v_motivos jsonb := '[]';
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id;
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    select * into v_produto from public.produtos where produto_codigo = v_lote.produto_codigo;
    if v_linha.linha_id is null then
        v_motivos := v_motivos || interno.motivo_json('LINHA_DESCONHECIDA',
            format('A linha %s não está cadastrada.', coalesce(p_linha_id, '(vazia)')), 'Confira o código da linha.');
    elsif not v_linha.ativa then
        v_motivos := v_motivos || interno.motivo_json('LINHA_INATIVA',
            format('A linha %s está desativada.', p_linha_id), 'Reative a linha no cadastro.');
    end if;
    if v_lote.numero_op is null then
        v_motivos := v_motivos || interno.motivo_json('OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.');
    elsif v_lote.status = 'POSTO_DE_LADO' then
        v_motivos := v_motivos || interno.motivo_json('OP_POSTA_DE_LADO',
            format('A OP %s foi posta de lado.', p_op), 'Abra outra OP ou retome esta com retomar_ordem.');
    end if;
    if v_lote.situacao_totvs = 'CANCELADA' then
        v_motivos := v_motivos || interno.motivo_json('OP_CANCELADA',
            format('A OP %s foi cancelada no TOTVS.', p_op), 'Abra outra OP ou reative esta no TOTVS.');
    end if;
    if v_produto.bloqueado then
        v_motivos := v_motivos || interno.motivo_json('PRODUTO_BLOQUEADO',
            format('O produto %s (%s) está bloqueado no TOTVS.', v_produto.produto_codigo, v_produto.descricao),
            'Peça o desbloqueio do produto no TOTVS.');
    end if;
    return v_motivos;
end $$;
comment on function interno.impedimentos_abertura(text, text) is 'Tudo que impede abrir a OP na linha: codigo, detalhe e acao de cada motivo.';

-- What should be known before opening, but forbids nothing.
create function interno.avisos_abertura(p_op text, p_linha_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_lote public.lotes_producao;
    v_avisos jsonb := '[]';
begin
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    if v_lote.numero_op is not null and not exists (
        select from public.velocidades_vigentes
        where linha_id = p_linha_id and produto_codigo = v_lote.produto_codigo
          and validade @> (clock_timestamp() at time zone 'America/Fortaleza')::date
    ) then
        v_avisos := v_avisos || interno.motivo_json('SEM_VELOCIDADE',
            format('A linha %s não tem velocidade nominal para o produto %s; o OEE não poderá ser calculado.', p_linha_id, v_lote.produto_codigo),
            'Cadastre a velocidade no TOTVS antes de produzir.');
    end if;
    if v_lote.linha_id <> p_linha_id then
        v_avisos := v_avisos || interno.motivo_json('LINHA_DIFERENTE',
            format('O lote %s é da linha %s.', v_lote.numero_lote, v_lote.linha_id), 'Confira a linha e a OP.');
    end if;
    if v_lote.status = 'CONCLUIDO' then
        v_avisos := v_avisos || interno.motivo_json('OP_CONCLUIDA',
            format('A OP %s já foi concluída.', p_op), 'Reabra-a só com motivo.');
    elsif v_lote.situacao_totvs = 'ENCERRADA' then
        v_avisos := v_avisos || interno.motivo_json('OP_ENCERRADA_NO_TOTVS',
            format('A OP %s já foi encerrada no TOTVS.', p_op), 'Abra-a só com motivo: o TOTVS pode recusar o que ela produzir.');
    end if;
    return v_avisos || interno.aviso_conferencia(v_lote, p_linha_id);
end $$;
comment on function interno.avisos_abertura(text, text) is 'O que convém saber antes de abrir a OP na linha: codigo, detalhe e acao de cada aviso.';

create function public.verificar_abertura(p_numero_op text, p_linha_id text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'pode_abrir', m.motivos = '[]', 'motivos', m.motivos,
        'avisos', interno.avisos_abertura(public.normalizar_op(p_numero_op), p_linha_id)
    )
    from (select interno.impedimentos_abertura(public.normalizar_op(p_numero_op), p_linha_id) as motivos) as m
$$;
comment on function public.verificar_abertura(text, text) is
'Para a tela, antes de abrir: pode_abrir, motivos (impedem) e avisos (não impedem), cada um com codigo, detalhe e acao.';
revoke all on function public.verificar_abertura(text, text) from public, anon, authenticated, service_role;
grant execute on function public.verificar_abertura(text, text) to authenticated, service_role;
