-- Confirming a line's shift, and returning it instead of signing it.

-- The name under which somebody signs, confirms or returns.
create function interno.exigir_nome_proprio()
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_nome constant text := (select p.nome from public.pessoas_vigentes as p where p.usuario_id = interno.usuario_atual());
begin
    if v_nome is null then
        perform interno.recusar('403', 'SEM_NOME', 'Quem assina precisa do nome no cadastro de pessoas.', 'Peça à administração do SicFar que o inclua.');
    end if;
    return v_nome;
end $$;
comment on function interno.exigir_nome_proprio() is 'Nome do usuário do pedido no cadastro de pessoas; PT403 SEM_NOME.';

-- A signature that holds is neither confirmed under nor returned: the sheet would no longer say what was signed.
create function interno.recusar_assinado(p_linha_id text, p_janela tstzrange)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_diario constant public.diarios_bordo := interno.diario_atual(p_linha_id, p_janela);
begin
    if v_diario.id is not null and public.verificar_assinatura(v_diario.id) then
        perform interno.recusar(
            '409', 'JA_ASSINADO',
            format('%s assinou este turno da linha %s em %s.', v_diario.nome, p_linha_id, interno.hora_local(v_diario.assinado_em)),
            'Corrija o que estiver errado na linha; o Diário que muda depois de assinado se confirma e se assina de novo.'
        );
    end if;
end $$;
comment on function interno.recusar_assinado(text, tstzrange) is 'PT409 JA_ASSINADO se a assinatura do turno da linha vale.';

create function interno.exigir_equipe(p_equipe text[])
returns text[]
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_equipe constant text[] := array(
        select regexp_replace(btrim(e.nome, E' \t\r\n'), '\s+', ' ', 'g')
        from unnest(p_equipe) with ordinality as e (nome, n)
        where btrim(e.nome, E' \t\r\n') <> ''
        order by e.n
    );
begin
    if cardinality(v_equipe) not between 1 and 20
        or exists (select from unnest(v_equipe) as e (nome) where length(e.nome) not between 3 and 80) then
        perform interno.recusar(
            '422', 'EQUIPE_INVALIDA', 'A equipe são de 1 a 20 nomes, cada um de 3 a 80 caracteres.',
            'Escreva os nomes de quem trabalhou na linha.'
        );
    end if;
    return v_equipe;
end $$;
comment on function interno.exigir_equipe(text[]) is 'Os nomes da equipe sem brancos a mais nem vazios; PT422 EQUIPE_INVALIDA.';

create function public.confirmar_turno(
    p_linha_id text, p_data date, p_turno text, p_equipe text[], p_observacao text default null,
    p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('confirmar_turno', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_equipe constant text[] := interno.exigir_equipe(p_equipe);
    v_observacao constant text := nullif(interno.exigir_texto('observação', p_observacao, 2000), '');
    v_pedido constant jsonb := jsonb_build_object(
        'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'equipe', v_equipe, 'observacao', v_observacao
    );
    v_resposta constant jsonb := interno.resposta_dada('confirmar_turno', p_chave, v_pedido);
    v_antes public.confirmacoes_turno;
    v_nova public.confirmacoes_turno;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    perform interno.recusar_assinado(p_linha_id, v_janela);
    v_antes := interno.confirmacao_atual(p_linha_id, v_janela);
    insert into public.confirmacoes_turno (
        linha_id, data, turno, janela, equipe, observacao, conteudo_sha256, usuario_id, nome, papel
    )
    values (
        v_linha.linha_id, p_data, p_turno, v_janela, v_equipe, v_observacao,
        interno.sha_conteudo(interno.conteudo_atual(p_linha_id, v_janela) - '{confirmacao,devolucoes}'::text[]), interno.usuario_atual(), interno.exigir_nome_proprio(), v_papel
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'confirmar_turno', format('confirmacoes_turno:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_observacao
    );
    return interno.responder_pedido('confirmar_turno', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.confirmar_turno(text, date, text, text[], text, text) is
'Confirma o turno da linha e quem trabalhou nela; a nova vale, a anterior fica, e uma devolução deixa de impedir a assinatura. PT409 JA_ASSINADO. Devolve o registro; com a mesma p_chave, o mesmo.';
revoke all on function public.confirmar_turno(text, date, text, text[], text, text)
from public, anon, authenticated, service_role;
grant execute on function public.confirmar_turno(text, date, text, text[], text, text) to authenticated, service_role;

create function public.devolver_diario(
    p_linha_id text, p_data date, p_turno text, p_motivo text, p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('devolver_diario', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object(
        'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('devolver_diario', p_chave, v_pedido);
    v_aberta constant public.devolucoes_diario := interno.devolucao_aberta(p_linha_id, v_janela);
    v_nova public.devolucoes_diario;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    perform interno.recusar_assinado(p_linha_id, v_janela);
    if v_aberta.id is not null then
        perform interno.recusar(
            '409', 'JA_DEVOLVIDO',
            format('%s já devolveu este turno em %s: %s', v_aberta.nome, interno.hora_local(v_aberta.em), v_aberta.motivo),
            'Espere que o turno seja confirmado de novo.'
        );
    end if;
    insert into public.devolucoes_diario (linha_id, data, turno, janela, confirmacao_id, motivo, usuario_id, nome, papel)
    values (
        v_linha.linha_id, p_data, p_turno, v_janela, (interno.confirmacao_atual(p_linha_id, v_janela)).id, v_motivo,
        interno.usuario_atual(), interno.exigir_nome_proprio(), v_papel
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'devolver_diario', format('devolucoes_diario:%s', v_nova.id), null, to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('devolver_diario', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.devolver_diario(text, date, text, text, text) is
'Devolve o turno da linha, com motivo: não se assina antes de nova confirmação. PT409 JA_ASSINADO ou JA_DEVOLVIDO. Devolve o registro; com a mesma p_chave, o mesmo.';
revoke all on function public.devolver_diario(text, date, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.devolver_diario(text, date, text, text, text) to authenticated, service_role;
