-- Looking at a Diário, signing it, and settling two figures of rejects.

-- Where a MES is connected, its stops with their codes stand here instead; ours are those that the counts show, without
-- code.
create function interno.paradas_turno(p_linha_id text, p_janela tstzrange)
returns jsonb
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
declare
    v_minimo constant integer := interno.parametro('PARADA_MINUTOS');
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object(
            'de', p.de, 'ate', p.ate, 'minutos', p.minutos, 'codigo', null, 'descricao', null
        ) order by p.de), '[]')
        from public.paradas_linha(p_linha_id, lower(p_janela), upper(p_janela), v_minimo) as p
        where not exists (
            select from public.fontes_linha as f
            where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem' and tstzrange(f.de, f.ate) && p_janela
        )
    );
end $$;
comment on function interno.paradas_turno(text, tstzrange) is
'As paradas do turno da linha, como se assinam: de, ate (UTC), minutos, codigo e descricao (nulos = sem código). Vazio numa linha contada à mão.';

create function public.verificar_diario(p_linha_id text, p_data date, p_turno text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'pode_assinar', i.motivos = '[]', 'motivos', i.motivos,
        'avisos', interno.fontes_em_falta(p_linha_id, lower(j.janela), least(upper(j.janela), clock_timestamp())),
        'conteudo', c.conteudo, 'conteudo_sha256', interno.sha_conteudo(c.conteudo), 'paradas', interno.paradas_turno(p_linha_id, j.janela),
        'assinatura', (
            select jsonb_build_object(
                'id', d.id, 'nome', d.nome, 'papel', d.papel, 'assinado_em', d.assinado_em,
                'vale', interno.assinatura_vale(d, c.conteudo)
            )
            from interno.diario_atual(p_linha_id, j.janela) as d
            where d.id is not null
        )
    )
    from (select interno.exigir_janela(p_data, p_turno) as janela) as j
    cross join lateral (
        select interno.conteudo_atual((interno.exigir_linha(p_linha_id)).linha_id, j.janela) as conteudo
        offset 0 -- computed once, not at each mention
    ) as c
    cross join lateral (
        select interno.impedimentos_diario(p_linha_id, j.janela, c.conteudo) as motivos
        offset 0
    ) as i
$$;
comment on function public.verificar_diario(text, date, text) is
'Para a tela, antes de assinar: pode_assinar, motivos (impedem), avisos (fontes que ainda não reportaram tudo), conteudo e o SHA-256 dele (p_visto de assinar_diario), paradas e assinatura atual.';
revoke all on function public.verificar_diario(text, date, text) from public, anon, authenticated, service_role;
grant execute on function public.verificar_diario(text, date, text) to authenticated, service_role;

create function interno.exigir_login_recente()
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
    v_login constant timestamptz := interno.autenticado_em();
begin
    if v_login is null or v_login < clock_timestamp() - make_interval(secs => interno.parametro('LOGIN_RECENTE_SEGUNDOS')) then
        perform interno.recusar(
            '403', 'LOGIN_ANTIGO',
            format('Assinar exige um login de até %s minutos.', interno.parametro('LOGIN_RECENTE_SEGUNDOS') / 60),
            'Entre de novo com a sua senha e assine em seguida.'
        );
    end if;
    return v_login;
end $$;
comment on function interno.exigir_login_recente() is
'Instante do login do usuário do pedido (UTC); PT403 LOGIN_ANTIGO se falta ou é mais velho que LOGIN_RECENTE_SEGUNDOS.';

-- For some minutes after a shift its last counts are on their way; what is signed before them changes by itself. Then a
-- source that still has not reported is waited for no longer: the signature says so. A shift that still runs is not
-- meant: what is signed of it is what there is.
create function interno.exigir_espera(p_linha_id text, p_janela tstzrange)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_libera constant timestamptz := upper(p_janela) + make_interval(secs => interno.parametro('ASSINAR_ESPERA_SEGUNDOS'));
    v_faltas jsonb;
begin
    if clock_timestamp() >= upper(p_janela) and clock_timestamp() < v_libera then
        v_faltas := interno.fontes_em_falta(p_linha_id, lower(p_janela), upper(p_janela));
        if v_faltas <> '[]' then
            perform interno.recusar(
                '409', 'ESPERA_FONTES', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_faltas) as f),
                format('Espere que reportem; às %s assina-se assim mesmo.', to_char(v_libera at time zone 'America/Fortaleza', 'HH24:MI'))
            );
        end if;
    end if;
end $$;
comment on function interno.exigir_espera(text, tstzrange) is
'PT409 ESPERA_FONTES se o turno terminou há menos de ASSINAR_ESPERA_SEGUNDOS e alguma fonte da linha não reportou até o fim dele.';

create function public.assinar_diario(
    p_linha_id text, p_data date, p_turno text, p_significado text default 'Conferi e aprovo este Diário de Bordo.',
    p_motivo text default null, p_visto text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('assinar_diario', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_login constant timestamptz := interno.exigir_login_recente();
    v_pedido constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
    v_motivos jsonb;
    v_anterior public.diarios_bordo;
    v_novo public.diarios_bordo;
begin
    v_novo.nome := interno.exigir_nome_proprio();
    if coalesce(length(btrim(p_significado)), 0) < 5 then
        perform interno.recusar('422', 'SIGNIFICADO_OBRIGATORIO', 'A assinatura precisa dizer o que significa.', 'Informe o significado da assinatura.');
    end if;
    v_novo.conteudo := interno.conteudo_atual(p_linha_id, v_janela);
    v_motivos := interno.impedimentos_diario(p_linha_id, v_janela, v_novo.conteudo);
    if v_motivos <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_INCOMPLETO',
            (select string_agg(m ->> 'detalhe', ' ') from jsonb_array_elements(v_motivos) as m),
            (select string_agg(distinct m ->> 'acao', ' ') from jsonb_array_elements(v_motivos) as m)
        );
    end if;
    perform interno.exigir_espera(p_linha_id, v_janela);

    select * into v_anterior from interno.diario_atual(p_linha_id, v_janela);
    if v_anterior.id is not null then
        if interno.assinatura_vale(v_anterior, v_novo.conteudo) then
            return jsonb_build_object(
                'id', v_anterior.id, 'sha256', v_anterior.sha256, 'assinado_em', v_anterior.assinado_em, 'nome', v_anterior.nome,
                'repetida', true, 'avisos', '[]'::jsonb
            );
        end if;
        v_novo.motivo := interno.exigir_motivo(p_motivo);
    end if;
    v_novo.id := nextval(pg_get_serial_sequence('public.diarios_bordo', 'id'));
    v_novo.linha_id := p_linha_id;
    v_novo.data := p_data;
    v_novo.turno := p_turno;
    v_novo.janela := v_janela;
    if p_visto <> interno.sha_conteudo(v_novo.conteudo) then
        perform interno.recusar(
            '409', 'DIARIO_MUDOU', format('O Diário da linha %s mudou enquanto você o conferia.', p_linha_id), 'Confira-o de novo e assine.'
        );
    end if;
    v_novo.conteudo := v_novo.conteudo || jsonb_build_object('paradas', interno.paradas_turno(p_linha_id, v_janela));
    v_novo.usuario_id := interno.usuario_atual();
    v_novo.papel := v_papel;
    v_novo.significado := interno.exigir_texto('significado', p_significado, 500);
    v_novo.autenticado_em := v_login;
    v_novo.assinado_em := clock_timestamp();
    v_novo.origem := jsonb_build_object(
        'endereco', coalesce(v_pedido ->> 'x-forwarded-for', v_pedido ->> 'x-real-ip'), 'programa', v_pedido ->> 'user-agent'
    );
    v_novo.substitui := v_anterior.id;
    v_novo.sha256 := interno.sha_diario(v_novo, v_novo.conteudo);
    insert into public.diarios_bordo overriding system value select v_novo.*;
    perform interno.anotar_trilha(
        v_papel, 'assinar_diario', format('diarios_bordo:%s', v_novo.id),
        case when v_anterior.id is not null then jsonb_build_object('id', v_anterior.id, 'sha256', v_anterior.sha256) end,
        jsonb_build_object('id', v_novo.id, 'sha256', v_novo.sha256, 'nome', v_novo.nome), v_novo.motivo
    );
    return jsonb_build_object(
        'id', v_novo.id, 'sha256', v_novo.sha256, 'assinado_em', v_novo.assinado_em, 'nome', v_novo.nome, 'repetida', false,
        'avisos', interno.fontes_em_falta(p_linha_id, lower(v_janela), least(upper(v_janela), clock_timestamp()))
    );
end $$;
comment on function public.assinar_diario(text, date, text, text, text, text) is
'Assina o Diário de Bordo de um turno da linha, com login recente. PT409 DIARIO_INCOMPLETO diz tudo que falta; ESPERA_FONTES, se o turno acabou há pouco e uma fonte não reportou; DIARIO_MUDOU, se o conteúdo não é mais o de p_visto (conteudo_sha256 da tela). Se mudou depois de assinado, assina-se de novo, com motivo.';
revoke all on function public.assinar_diario(text, date, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.assinar_diario(text, date, text, text, text, text) to authenticated, service_role;

create function public.conciliar_refugo(
    p_numero_op text, p_linha_id text, p_data date, p_turno text, p_vale text, p_motivo text,
    p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('conciliar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'vale', p_vale, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('conciliar_refugo', p_chave, v_pedido);
    v_feito record;
    v_nova public.conciliacoes_refugo;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    perform interno.exigir_decisao(p_vale, 'MAQUINA', 'DIGITADO');
    select * into v_feito from interno.produzido(v_op, p_linha_id, v_janela);
    if not v_feito.divergente then
        perform interno.recusar_desconhecido(
            'NADA_A_CONCILIAR', format('O refugo da OP %s na linha %s não diverge neste turno.', v_op, p_linha_id)
        );
    end if;
    insert into public.conciliacoes_refugo (numero_op, linha_id, janela, maquina, digitado, vale, motivo, usuario_id)
    values (v_op, p_linha_id, v_janela, v_feito.rejeicao, v_feito.digitado, p_vale, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'conciliar_refugo', format('conciliacoes_refugo:%s', v_nova.id), null, to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('conciliar_refugo', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.conciliar_refugo(text, text, date, text, text, text, text) is
'Diz qual refugo vale num turno, MAQUINA ou DIGITADO, quando os dois divergem; vale enquanto nenhum dos dois mudar. Com a mesma p_chave, a mesma resposta.';
revoke all on function public.conciliar_refugo(text, text, date, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.conciliar_refugo(text, text, date, text, text, text, text)
to authenticated, service_role;
