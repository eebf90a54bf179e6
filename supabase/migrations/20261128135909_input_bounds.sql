-- Every text, quantity and window that is sent has a bound; an answer the API would cut is refused instead.

drop function public.arquivos_da_linha(text,timestamp with time zone,timestamp with time zone);
CREATE OR REPLACE FUNCTION interno.exigir_texto(p_campo text, p_texto text, p_maximo integer)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if length(p_texto) > p_maximo then
        perform interno.recusar(
            '422', 'TEXTO_LONGO',
            format('O campo %s tem %s caracteres; são no máximo %s.', p_campo, length(p_texto), p_maximo),
            'Encurte o texto e repita.'
        );
    end if;
    return btrim(p_texto);
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_motivo(p_motivo text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if coalesce(length(btrim(p_motivo)), 0) < 5 then
        perform interno.recusar(
            '422', 'MOTIVO_OBRIGATORIO',
            'Esta ação precisa de um motivo com pelo menos 5 caracteres.',
            'Repita a ação informando o motivo.'
        );
    end if;
    return interno.exigir_texto('motivo', p_motivo, 2000);
end $function$;

CREATE OR REPLACE FUNCTION public.conferir_janela(p_de timestamp with time zone, p_ate timestamp with time zone, p_maximo interval)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if p_de is null or p_ate is null or not isfinite(p_de) or not isfinite(p_ate) then
        raise exception using errcode = 'PT422', message = 'INTERVALO_INVALIDO',
            detail = 'O intervalo precisa de um início e de um fim.', hint = 'Informe os dois instantes.';
    elsif p_ate > p_de + p_maximo then
        raise exception using errcode = 'PT422', message = 'JANELA_GRANDE',
            detail = format('O intervalo pedido passa de %s dias.', extract(day from p_maximo)),
            hint = 'Peça menos tempo de cada vez, ou uma linha só.';
    end if;
    return true;
end $function$;

CREATE OR REPLACE FUNCTION public.conferir_pagina(p_linhas bigint, p_limite integer DEFAULT 1000)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if p_linhas > p_limite then
        raise exception using errcode = 'PT422', message = 'JANELA_GRANDE',
            detail = format('A resposta passa de %s linhas.', p_limite),
            hint = 'Peça menos tempo de cada vez, ou uma linha só; a API não entrega mais que 1.000 de uma vez.';
    end if;
    return true;
end $function$;

CREATE OR REPLACE FUNCTION public.abrir_ordem(p_numero_op text, p_linha_id text, p_aberta_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_instante constant timestamptz := date_trunc('second', coalesce(p_aberta_em, clock_timestamp()));
    v_preparo record;
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_fator_producao integer;
    v_fator_rejeicao integer;
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
    v_impedimento jsonb;
    v_avisos jsonb;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    select * into v_preparo from interno.preparar_ordem('abrir_ordem', v_op, p_linha_id, v_instante);

    v_avisos := jsonb_build_object('avisos', interno.avisos_abertura(v_op, p_linha_id));

    -- The period that holds the instant, else the next one.
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and (upper_inf(p.intervalo) or upper(p.intervalo) > v_instante)
    order by lower(p.intervalo)
    limit 1;

    if v_alvo.numero_op = v_op and lower(v_alvo.intervalo) = v_instante
        or v_alvo.numero_op = v_op and p_aberta_em is null and v_alvo.intervalo @> v_instante then
        return interno.periodo_json(v_alvo) || v_avisos;
    end if;
    v_impedimento := interno.impedimentos_abertura(v_op, p_linha_id) -> 0;
    if v_impedimento is not null then
        perform interno.recusar(
            '409', v_impedimento ->> 'codigo', v_impedimento ->> 'detalhe', v_impedimento ->> 'acao'
        );
    end if;
    if v_alvo.intervalo @> v_instante and v_alvo.numero_op <> v_op then
        perform interno.recusar_ocupada(v_alvo);
    end if;
    if v_instante < clock_timestamp() - interval '5 minutes' or v_alvo.numero_op = v_op
        or v_preparo.status = 'CONCLUIDO' then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;

    v_fator_producao := interno.fator(p_linha_id, 'producao', v_instante);
    v_fator_rejeicao := interno.fator(p_linha_id, 'rejeicao', v_instante);
    if v_alvo.numero_op = v_op then
        v_de := least(v_instante, lower(v_alvo.intervalo));
        v_ate := case when (v_fator_producao, v_fator_rejeicao) = (v_alvo.fator_producao, v_alvo.fator_rejeicao)
            then greatest(v_instante, lower(v_alvo.intervalo)) else coalesce(upper(v_alvo.intervalo), 'infinity') end;
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        update public.periodos_ordem
        set intervalo = tstzrange(v_instante, upper(intervalo)), fator_producao = v_fator_producao,
            fator_rejeicao = v_fator_rejeicao
        where id = v_alvo.id
        returning * into v_novo;
    else
        v_de := v_instante;
        v_ate := coalesce(lower(v_alvo.intervalo), 'infinity');
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
        values (v_op, p_linha_id, tstzrange(v_instante, lower(v_alvo.intervalo)), v_fator_producao, v_fator_rejeicao)
        returning * into v_novo;
        insert into public.ordens_producao_ativas (numero_op, linha_id) values (v_op, p_linha_id) on conflict do nothing;
        update public.lotes_producao set status = 'EM_ANDAMENTO', atualizado_em = clock_timestamp()
        where numero_op = v_op and status = 'PLANEJADO';
    end if;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
    perform interno.anotar_trilha(
        v_preparo.papel, 'abrir_ordem', format('periodos_ordem:%s', v_novo.id),
        case when v_alvo.numero_op = v_op then interno.periodo_json(v_alvo) end, interno.periodo_json(v_novo), v_motivo
    );
    return interno.periodo_json(v_novo) || v_avisos;
end $function$;

CREATE OR REPLACE FUNCTION public.encerrar_ordem(p_numero_op text, p_linha_id text, p_encerrada_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_instante constant timestamptz := date_trunc('second', coalesce(p_encerrada_em, clock_timestamp()));
    v_preparo record;
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_outro public.periodos_ordem;
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_anular boolean;
begin
    select * into v_preparo from interno.preparar_ordem('encerrar_ordem', v_op, p_linha_id, v_instante);

    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.numero_op = v_op and lower(p.intervalo) <= v_instante
    order by coalesce(upper(p.intervalo) = v_instante, false) desc, lower(p.intervalo) desc
    limit 1;
    if v_alvo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', v_op, p_linha_id, interno.hora_local(v_instante)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    if upper(v_alvo.intervalo) = v_instante or (p_encerrada_em is null and not upper_inf(v_alvo.intervalo)) then
        return interno.periodo_json(v_alvo);
    end if;

    v_anular := lower(v_alvo.intervalo) = v_instante;
    if v_instante < clock_timestamp() - interval '5 minutes' or not upper_inf(v_alvo.intervalo) or v_anular then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    select * into v_outro
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.id <> v_alvo.id and not v_anular
      and p.intervalo && tstzrange(lower(v_alvo.intervalo), v_instante)
    order by lower(p.intervalo)
    limit 1;
    if v_outro.id is not null then
        perform interno.recusar_ocupada(v_outro);
    end if;

    v_de := least(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity'));
    v_ate := greatest(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity'));
    v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    if v_anular then
        delete from public.periodos_ordem where id = v_alvo.id;
        v_novo := v_alvo;
        v_novo.intervalo := tstzrange(v_instante, v_instante);
    else
        update public.periodos_ordem set intervalo = tstzrange(lower(intervalo), v_instante)
        where id = v_alvo.id
        returning * into v_novo;
    end if;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
    perform interno.anotar_trilha(
        v_preparo.papel, 'encerrar_ordem', format('periodos_ordem:%s', v_alvo.id), interno.periodo_json(v_alvo),
        case when not v_anular then interno.periodo_json(v_novo) end, v_motivo
    );
    return case when v_anular
        then interno.periodo_json(v_alvo) || jsonb_build_object('encerrada_em', v_instante, 'anulado', true)
        else interno.periodo_json(v_novo)
    end;
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_refugo(p_numero_op text, p_linha_id text, p_quantidade integer, p_codigo text DEFAULT ''::text, p_tipo text DEFAULT 'REFUGO'::text, p_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_observacao text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_em timestamptz := date_trunc('second', coalesce(p_em, clock_timestamp()));
    v_periodo public.periodos_ordem;
    v_nova public.perdas_qualidade;
begin
    if coalesce(p_quantidade, 0) not between 1 and 10000000 then
        perform interno.recusar('422', 'QUANTIDADE_INVALIDA', 'A quantidade deve ser um inteiro de 1 a 10.000.000.', 'Corrija a quantidade.');
    end if;
    if p_tipo is null or p_tipo not in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO') then
        perform interno.recusar(
            '422', 'TIPO_INVALIDO', format('Tipo %L desconhecido.', p_tipo),
            'Use REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO.'
        );
    end if;
    if p_tipo = 'REFUGO' and coalesce(btrim(p_codigo), '') = '' then
        perform interno.recusar('422', 'CODIGO_OBRIGATORIO', 'O refugo precisa do código do motivo.', 'Informe o código do motivo.');
    end if;
    if p_tipo = 'REFUGO' and v_linha.regra_refugo = 'MAQUINA' then
        perform interno.recusar(
            '409', 'REFUGO_DA_MAQUINA', format('O refugo da linha %s é o que a máquina rejeita; digitá-lo o contaria duas vezes.', p_linha_id),
            'Se a linha passou a digitar o refugo, mude a regra dela no cadastro.'
        );
    end if;
    if v_em > clock_timestamp() then
        perform interno.recusar('422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_em)), 'Informe um instante até agora.');
    end if;
    v_periodo := interno.periodo_ate(v_op, p_linha_id, v_em);
    v_em := least(v_em, coalesce(upper(v_periodo.intervalo) - interval '1 second', v_em));
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, usuario_id)
    values (
        v_op, p_linha_id, v_em, p_tipo, case when p_tipo = 'REFUGO' then interno.exigir_texto('código', p_codigo, 30) else '' end, p_quantidade,
        nullif(interno.exigir_texto('observação', p_observacao, 2000), ''), interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_refugo', format('perdas_qualidade:%s', v_nova.id), null, to_jsonb(v_nova), v_nova.observacao
    );
    return to_jsonb(v_nova);
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_contagem_manual(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_producao integer, p_rejeicao integer DEFAULT 0, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_contagem_manual', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_antes public.contagens_manuais_atuais;
    v_nova public.contagens_manuais;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    if p_producao is null or p_producao not between 0 and 10000000 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de 0 a 10.000.000, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha está em fontes_linha.'
        );
    end if;
    if not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    if (v_antes.producao, v_antes.rejeicao, v_antes.turno) = (p_producao, p_rejeicao, p_turno) then
        return to_jsonb(v_antes);
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.contagens_manuais (numero_op, linha_id, data, turno, janela, producao, rejeicao, motivo, usuario_id)
    values (v_op, p_linha_id, p_data, p_turno, v_janela, p_producao, p_rejeicao, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    -- What is counted by hand is counted in units.
    perform interno.somar_ordem(
        v_op, p_linha_id, p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0),
        p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0)
    );
    perform interno.anotar_trilha(
        v_papel, 'registrar_contagem_manual', format('contagens_manuais:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $function$;

CREATE OR REPLACE FUNCTION public.assinar_diario(p_linha_id text, p_data date, p_turno text, p_significado text DEFAULT 'Conferi e aprovo este Diário de Bordo.'::text, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao('assinar_diario', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_login constant timestamptz := interno.autenticado_em();
    v_pedido constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
    v_motivos jsonb;
    v_anterior public.diarios_bordo;
    v_novo public.diarios_bordo;
begin
    if v_login is null or v_login < clock_timestamp() - make_interval(secs => interno.parametro('LOGIN_RECENTE_SEGUNDOS')) then
        perform interno.recusar(
            '403', 'LOGIN_ANTIGO',
            format('Assinar exige um login de até %s minutos.', interno.parametro('LOGIN_RECENTE_SEGUNDOS') / 60),
            'Entre de novo com a sua senha e assine em seguida.'
        );
    end if;
    select p.nome into v_novo.nome from public.pessoas as p where p.usuario_id = interno.usuario_atual();
    if v_novo.nome is null then
        perform interno.recusar('403', 'SEM_NOME', 'Quem assina precisa do nome no cadastro de pessoas.', 'Peça à administração do SicFar que o inclua.');
    end if;
    if coalesce(length(btrim(p_significado)), 0) < 5 then
        perform interno.recusar('422', 'SIGNIFICADO_OBRIGATORIO', 'A assinatura precisa dizer o que significa.', 'Informe o significado da assinatura.');
    end if;
    v_motivos := interno.impedimentos_diario(p_linha_id, v_janela);
    if v_motivos <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_INCOMPLETO',
            (select string_agg(m ->> 'detalhe', ' ') from jsonb_array_elements(v_motivos) as m),
            (select string_agg(distinct m ->> 'acao', ' ') from jsonb_array_elements(v_motivos) as m)
        );
    end if;

    select * into v_anterior from interno.diario_atual(p_linha_id, v_janela);
    if v_anterior.id is not null then
        if public.verificar_assinatura(v_anterior.id) then
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
    v_novo.conteudo := interno.conteudo_atual(p_linha_id, v_janela);
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
end $function$;

CREATE OR REPLACE FUNCTION public.arquivos_da_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_limite integer DEFAULT 1000)
 RETURNS TABLE(arquivo_id bigint, chave text, versao_id text, sha256 text, byte_de bigint, byte_ate bigint, de timestamp with time zone, ate timestamp with time zone, registros bigint, producao bigint, rejeicao bigint, flags jsonb, ingerido_em timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select t.arquivo_id, t.chave, t.versao_id, t.sha256, t.byte_de, t.byte_ate, t.de, t.ate, t.registros, t.producao,
        t.rejeicao, t.flags, t.ingerido_em
    from (
        select p.*, count(*) over () as respostas
        from (
            select a.id as arquivo_id, a.chave, a.versao_id, a.sha256, l.byte_de, l.byte_ate, l.de, l.ate, l.registros,
                l.producao, l.rejeicao, coalesce(l.flags, '{}') as flags, a.ingerido_em
            from public.arquivos_ingeridos as a
            cross join lateral jsonb_to_recordset(a.linhas) as l (
                linha_id text, registros bigint, de timestamptz, ate timestamptz, producao bigint, rejeicao bigint,
                byte_de bigint, byte_ate bigint, flags jsonb
            )
            where a.situacao = 'APLICADO' and a.de < p_ate and a.ate >= p_de
              and l.linha_id = p_linha_id and l.de < p_ate and l.ate >= p_de
              and (p_limite is null or public.conferir_janela(p_de, p_ate, interval '31 days'))
            limit p_limite + 1
        ) as p
    ) as t
    where p_limite is null or public.conferir_pagina(t.respostas, p_limite)
$function$;

CREATE OR REPLACE FUNCTION public.rastrear(p_numero_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'lote', to_jsonb(l),
        'fechamento', (
            select to_jsonb(f) || jsonb_build_object('totais', (
                select jsonb_agg(to_jsonb(t) - 'fechamento_id' order by t.linha_id, t.inicio, t.tipo, t.codigo)
                from public.fechamento_totais as t where t.fechamento_id = f.id
            ))
            from public.fechamentos_lote as f where f.numero_op = l.numero_op
        ),
        'ajustes', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]')
            from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
            where f.numero_op = l.numero_op
        ),
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('chamadas', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]') from public.tentativas_integracao as t where t.envio_id = e.id
            )) order by e.ordem), '[]')
            from public.envios_totvs as e where e.numero_op = l.numero_op
        ),
        'diarios', (
            select coalesce(jsonb_agg(to_jsonb(d) - 'conteudo' || jsonb_build_object('vale', public.verificar_assinatura(d.id)) order by d.id), '[]')
            from interno.turnos_op(l.numero_op) as t
            inner join public.diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
        ),
        'linhas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'linha_id', o.linha_id, 'total', to_jsonb(o),
                'periodos', (
                    select coalesce(jsonb_agg(interno.periodo_json(p) order by p.intervalo), '[]')
                    from public.periodos_ordem as p where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                ),
                'arquivos', (
                    select coalesce(jsonb_agg(to_jsonb(x) - 'arquivo_id' - 'flags' order by x.de, x.arquivo_id), '[]')
                    from (
                        select distinct a.*
                        from public.periodos_ordem as p
                        cross join lateral public.arquivos_da_linha(
                            p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity'), null
                        ) as a
                        where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                    ) as x
                ),
                'intervalos', (
                    select coalesce(jsonb_agg(to_jsonb(i) order by i.id), '[]')
                    from public.contagens_intervalo as i where i.numero_op = l.numero_op and i.linha_id = o.linha_id
                ),
                'manuais', (
                    select coalesce(jsonb_agg(to_jsonb(m) order by m.id), '[]')
                    from public.contagens_manuais as m where m.numero_op = l.numero_op and m.linha_id = o.linha_id
                ),
                'perdas', (
                    select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
                    from public.perdas_qualidade as q where q.numero_op = l.numero_op and q.linha_id = o.linha_id
                )
            ) order by o.linha_id), '[]')
            from public.ordens_producao_ativas as o where o.numero_op = l.numero_op
        )
    )
    from public.lotes_producao as l
    where l.numero_op = public.normalizar_op(p_numero_op)
$function$;

CREATE OR REPLACE FUNCTION public.producao_hora(p_de timestamp with time zone, p_ate timestamp with time zone, p_linha_id text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, hora timestamp with time zone, numero_op text, numero_lote text, produto_codigo text, producao bigint, rejeicao bigint, producao_maquina bigint, rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeiro_minuto timestamp with time zone, ultimo_minuto timestamp with time zone, velocidade_nominal numeric)
 LANGUAGE sql
 STABLE
AS $function$
    select t.linha_id, t.hora, t.numero_op, t.numero_lote, t.produto_codigo, t.producao, t.rejeicao, t.producao_maquina,
        t.rejeicao_maquina, t.aberta_s, t.minutos_com_contagem, t.primeiro_minuto, t.ultimo_minuto, t.velocidade
    from (
        select p.*, count(*) over () as respostas
        from (
            select l.linha_id, h.hora, j.numero_op, o.numero_lote, o.produto_codigo, j.producao, j.rejeicao,
                j.producao_maquina, j.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem, j.primeiro_minuto, j.ultimo_minuto, v.velocidade
            from public.linhas as l
            cross join generate_series(
                date_trunc('hour', p_de), p_ate - interval '1 microsecond', interval '1 hour'
            ) as h (hora)
            cross join lateral public.producao_janela(l.linha_id, tstzrange(h.hora, h.hora + interval '1 hour'), false) as j
            left join public.lotes_producao as o on o.numero_op = j.numero_op
            left join public.velocidades_nominais as v
                on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo
                and v.validade @> (h.hora at time zone 'America/Fortaleza')::date
            where (p_linha_id is null or l.linha_id = p_linha_id)
              and public.conferir_janela(
                  p_de, p_ate, case when p_linha_id is null then interval '7 days' else interval '31 days' end
              )
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$function$;

CREATE OR REPLACE FUNCTION public.producao_turno(p_data_de date, p_data_ate date, p_linha_id text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, data date, turnos text[], janela tstzrange, numero_op text, numero_lote text, produto_codigo text, producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, producao_maquina bigint, rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeiro_minuto timestamp with time zone, ultimo_minuto timestamp with time zone, velocidade_nominal numeric)
 LANGUAGE sql
 STABLE
AS $function$
    select t.linha_id, t.data, t.turnos, t.janela, t.numero_op, t.numero_lote, t.produto_codigo, t.producao, t.rejeicao,
        t.refugo_digitado, t.amostras, t.producao_maquina, t.rejeicao_maquina, t.aberta_s, t.minutos_com_contagem,
        t.primeiro_minuto, t.ultimo_minuto, t.velocidade
    from (
        select p.*, count(*) over () as respostas
        from (
            select l.linha_id, w.data, w.turnos, w.janela, j.numero_op, o.numero_lote, o.produto_codigo, j.producao, j.rejeicao,
                j.refugo_digitado, j.amostras, j.producao_maquina, j.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem,
                j.primeiro_minuto, j.ultimo_minuto, v.velocidade
            from public.linhas as l
            cross join (
                select d.dia::date as data, array_agg(t.turno order by t.turno) as turnos, tstzrange(
                    (d.dia::date + t.inicio) at time zone 'America/Fortaleza',
                    (d.dia::date + (t.fim <= t.inicio)::integer + t.fim) at time zone 'America/Fortaleza'
                ) as janela
                from generate_series(p_data_de::timestamp, p_data_ate::timestamp, interval '1 day') as d (dia)
                cross join public.turnos as t
                group by d.dia, t.inicio, t.fim
            ) as w
            cross join lateral public.producao_janela(l.linha_id, w.janela, true) as j
            left join public.lotes_producao as o on o.numero_op = j.numero_op
            left join public.velocidades_nominais as v
                on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo and v.validade @> w.data
            where (p_linha_id is null or l.linha_id = p_linha_id)
              and public.conferir_janela(
                  p_data_de::timestamp at time zone 'UTC', p_data_ate::timestamp at time zone 'UTC',
                  case when p_linha_id is null then interval '31 days' else interval '366 days' end
              )
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$function$;

CREATE OR REPLACE FUNCTION public.paradas_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_minimo integer DEFAULT 1)
 RETURNS TABLE(de timestamp with time zone, ate timestamp with time zone, minutos integer, ordens text[])
 LANGUAGE sql
 STABLE
AS $function$
    select t.de, t.ate, t.minutos, t.ordens
    from (
        select p.*, count(*) over () as respostas
        from (
            select g.de, g.ate, g.minutos, array(
                select distinct p.numero_op from public.periodos_ordem as p
                where p.linha_id = p_linha_id and p.intervalo && tstzrange(g.de, g.ate)
                order by p.numero_op
            ) as ordens
            from (
                select f.anterior as de, f.minuto as ate, (extract(epoch from f.minuto - f.anterior) / 60)::integer as minutos
                from (
                    select t.minuto, coalesce(
                        max(t.depois) over (order by t.minuto, t.depois rows between unbounded preceding and 1 preceding),
                        date_trunc('minute', p_de)
                    ) as anterior
                    from (
                        select m.minuto, m.minuto + interval '1 minute' as depois
                        from public.contagens_minuto as m
                        where m.linha_id = p_linha_id and m.minuto >= date_trunc('minute', p_de) and m.minuto < p_ate
                        union all
                        -- An increment that spans time says that the machine ran, not when: no stop is claimed inside.
                        select date_trunc('minute', i.desde), date_trunc('minute', i.ate) + interval '1 minute'
                        from public.contagens_intervalo as i
                        where i.linha_id = p_linha_id and i.ate >= date_trunc('minute', p_de)
                          and i.ate < p_ate + interval '31 days' and i.desde < p_ate and i.situacao <> 'DESCARTADA'
                        union all
                        select date_trunc('minute', least(p_ate, now())), null
                    ) as t
                ) as f
            ) as g
            where g.minutos >= greatest(p_minimo, 1) and public.conferir_janela(p_de, p_ate, interval '31 days')
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$function$;

revoke all on function interno.exigir_texto(text,text,integer) from public, anon, authenticated, service_role;
revoke all on function public.arquivos_da_linha(text,timestamp with time zone,timestamp with time zone,integer) from public, anon, authenticated, service_role;
grant execute on function public.arquivos_da_linha(text,timestamp with time zone,timestamp with time zone,integer) to authenticated;
grant execute on function public.arquivos_da_linha(text,timestamp with time zone,timestamp with time zone,integer) to service_role;
revoke all on function public.conferir_janela(timestamp with time zone,timestamp with time zone,interval) from public, anon, authenticated, service_role;
grant execute on function public.conferir_janela(timestamp with time zone,timestamp with time zone,interval) to authenticated;
grant execute on function public.conferir_janela(timestamp with time zone,timestamp with time zone,interval) to service_role;
revoke all on function public.conferir_pagina(bigint,integer) from public, anon, authenticated, service_role;
grant execute on function public.conferir_pagina(bigint,integer) to authenticated;
grant execute on function public.conferir_pagina(bigint,integer) to service_role;
comment on function interno.exigir_motivo(text) is 'Devolve o motivo sem brancos nas pontas; PT422 MOTIVO_OBRIGATORIO se tiver menos de 5 caracteres, TEXTO_LONGO se mais de 2.000.';
comment on function interno.exigir_texto(text,text,integer) is 'Devolve o texto sem brancos nas pontas, nulo se nulo; PT422 TEXTO_LONGO se passar de p_maximo caracteres.';
comment on function public.conferir_janela(timestamp with time zone,timestamp with time zone,interval) is 'Verdadeiro; PT422 INTERVALO_INVALIDO sem início ou fim, JANELA_GRANDE se a janela passa de p_maximo.';
comment on function public.conferir_pagina(bigint,integer) is 'Verdadeiro; PT422 JANELA_GRANDE se a resposta passa de p_limite linhas.';
comment on function public.arquivos_da_linha(text,timestamp with time zone,timestamp with time zone,integer) is 'Arquivos contados que trazem registros da linha em [p_de, p_ate), com a posição dos bytes e o que somam (contagens da máquina); mais que p_limite é recusado (JANELA_GRANDE), nulo não limita.';
