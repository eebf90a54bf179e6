-- order_effects: from the definitions in supabase/schemas, by `make migration`.

drop function interno.situar_intervalo(text,timestamp with time zone,timestamp with time zone,boolean);
drop function public.encerrar_ordem(text,text,timestamp with time zone,text);
drop function public.abrir_ordem(text,text,timestamp with time zone,text);
drop function interno.preparar_ordem(text,text,text,timestamp with time zone);
create type interno.plano_ordem as ( -- noqa: LT01
    ato text,
    instante timestamptz,
    alvo public.periodos_ordem,
    novo public.periodos_ordem,
    de timestamptz,
    ate timestamptz,
    exige_motivo boolean
);
comment on type interno.plano_ordem is
'O que um ato sobre uma ordem muda: o período alvo (nulo: nenhum) passa a ser novo (vazio: anulado; igual: nada muda), e as contagens da linha em [de, ate) são reatribuídas.';

CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'mover_contagem_manual', 'registrar_conferencia', 'confirmar_turno'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        -- A shared panel may ask what an act would do, before it asks who does it.
        when p_funcao in ('efeito_abertura', 'efeito_encerramento', 'ordens_propostas', 'ordens_da_linha')
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN', 'POSTO']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'devolver_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem', 'definir_plantao')
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote',
            'definir_recurso', 'definir_operacao', 'definir_equivalencias_mes', 'definir_minutos_parada',
            'integracao'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in (
            'definir_parametro', 'definir_papel', 'definir_pessoa', 'definir_operador', 'definir_endereco_resumo', 'aprovar_apontamento_ti'
        )
            then array['ADMIN']
        when p_funcao = 'aprovar_apontamento_qualidade'
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.periodos_da_linha(p_linha_id text, p_janela tstzrange, p_muda public.periodos_ordem)
 RETURNS TABLE(numero_op text, intervalo tstzrange, fator_producao integer, fator_rejeicao integer)
 LANGUAGE sql
 STABLE
AS $function$
    select p.numero_op, p.intervalo, p.fator_producao, p.fator_rejeicao
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.intervalo && p_janela and p.id is distinct from p_muda.id
    union all
    select p_muda.numero_op, p_muda.intervalo, p_muda.fator_producao, p_muda.fator_rejeicao
    where p_muda.intervalo && p_janela
$function$;

CREATE OR REPLACE FUNCTION interno.situar_intervalo(p_linha_id text, p_desde timestamp with time zone, p_ate timestamp with time zone, p_implausivel boolean, p_muda public.periodos_ordem DEFAULT NULL::public.periodos_ordem)
 RETURNS TABLE(situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer)
 LANGUAGE sql
 STABLE
AS $function$
    select
        case when p_implausivel or s.fronteira then 'RETIDA' when s.periodos > 0 then 'ATRIBUIDA' else 'SEM_ORDEM' end,
        case when p_implausivel then 'IMPLAUSIVEL' when s.fronteira then 'FRONTEIRA' end,
        case when not p_implausivel and not s.fronteira then s.numero_op end,
        case when not p_implausivel and not s.fronteira then s.fator_producao end,
        case when not p_implausivel and not s.fronteira then s.fator_rejeicao end
    from (
        select
            count(*) as periodos,
            coalesce(bool_or(
                lower(p.intervalo) > date_trunc('second', p_desde) or upper(p.intervalo) <= date_trunc('second', p_ate)
            ), false) as fronteira,
            max(p.numero_op) as numero_op,
            max(p.fator_producao) as fator_producao,
            max(p.fator_rejeicao) as fator_rejeicao
        from interno.periodos_da_linha(
            p_linha_id, tstzrange(date_trunc('second', p_desde), date_trunc('second', p_ate), '[]'), p_muda
        ) as p
    ) as s
$function$;

CREATE OR REPLACE FUNCTION interno.segundos_contados(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(producao bigint, rejeicao bigint)
 LANGUAGE sql
 STABLE
AS $function$
    select m.total_producao, m.total_rejeicao
    from (
        select c.total_producao, c.total_rejeicao
        from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto >= p_de and c.minuto <= p_ate - interval '1 minute'
        offset 0 -- through the key, whatever the planner thinks of a window that ends in infinity
    ) as m
    union all
    select coalesce(u.producao, 0)::bigint, coalesce(u.rejeicao, 0)::bigint
    from (
        select c.minuto, c.producao, c.rejeicao
        from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto in (date_trunc('minute', p_de), date_trunc('minute', p_ate))
          and (c.minuto < p_de or c.minuto > p_ate - interval '1 minute')
        offset 0
    ) as m
    cross join lateral unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
    where m.minuto + (u.i - 1) * interval '1 second' >= p_de and m.minuto + (u.i - 1) * interval '1 second' < p_ate
      and (u.producao > 0 or u.rejeicao > 0)
$function$;

CREATE OR REPLACE FUNCTION interno.atribuicao(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao_unidades bigint, rejeicao_unidades bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select t.numero_op, sum(t.producao)::bigint, sum(t.rejeicao)::bigint,
        sum(t.producao * t.fator_producao)::bigint, sum(t.rejeicao * t.fator_rejeicao)::bigint
    from (
        select p.numero_op, s.producao, s.rejeicao, p.fator_producao, p.fator_rejeicao
        from public.periodos_ordem as p
        cross join lateral interno.segundos_contados(
            p_linha_id, greatest(lower(p.intervalo), p_de), least(coalesce(upper(p.intervalo), 'infinity'), p_ate)
        ) as s
        where p.linha_id = p_linha_id and p.intervalo && tstzrange(p_de, p_ate)
        union all
        select i.numero_op, i.producao, i.rejeicao, i.fator_producao, i.fator_rejeicao
        from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'ATRIBUIDA'
          and i.ate >= p_de and i.desde < p_ate + interval '1 second'
    ) as t
    group by t.numero_op
$function$;

CREATE OR REPLACE FUNCTION interno.intervalos_a_situar(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_muda public.periodos_ordem)
 RETURNS TABLE(id bigint, situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer)
 LANGUAGE sql
 STABLE
AS $function$
    select a.id, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao
    from public.contagens_intervalo as a
    cross join lateral interno.situar_intervalo(a.linha_id, a.desde, a.ate, 'implausivel' = any(a.flags), p_muda) as t
    where a.linha_id = p_linha_id and a.ate >= p_de and a.desde < p_ate + interval '1 second'
      and a.situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA')
      and (a.situacao, a.motivo, a.numero_op, a.fator_producao, a.fator_rejeicao)
          is distinct from (t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao)
$function$;

CREATE OR REPLACE FUNCTION interno.reatribuir(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_antes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_diferenca record;
begin
    update public.contagens_intervalo as i
    set situacao = t.situacao, motivo = t.motivo, numero_op = t.numero_op, fator_producao = t.fator_producao,
        fator_rejeicao = t.fator_rejeicao
    from interno.intervalos_a_situar(p_linha_id, p_de, p_ate, null) as t
    where i.id = t.id;

    -- Of what was justified, that part is which is without order now: seconds are justified, not amounts.
    update public.contagens_minuto as m
    set sem_ordem_producao = t.producao, sem_ordem_rejeicao = t.rejeicao,
        justificada_producao = t.justificada_producao, justificada_rejeicao = t.justificada_rejeicao
    from (
        select a.minuto, a.total_producao - coalesce(sum(u.producao), 0) as producao,
            a.total_rejeicao - coalesce(sum(u.rejeicao), 0) as rejeicao,
            coalesce(j.producao, 0) - coalesce(sum(u.justificada_producao), 0) as justificada_producao,
            coalesce(j.rejeicao, 0) - coalesce(sum(u.justificada_rejeicao), 0) as justificada_rejeicao
        from public.contagens_minuto as a
        left join lateral (
            select sum(least(v.justificada_producao, v.producao)) as producao, sum(least(v.justificada_rejeicao, v.rejeicao)) as rejeicao
            from interno.segundos_do_minuto(a) as v
            where a.justificada_segundos_producao is not null or a.justificada_segundos_rejeicao is not null
        ) as j on true
        left join lateral (
            select o.intervalo
            from public.periodos_ordem as o
            where o.linha_id = a.linha_id and o.intervalo && tstzrange(a.minuto, a.minuto + interval '1 minute')
            offset 0 -- one look into the index a minute, however many periods there are
        ) as p on true
        left join lateral (
            select a.total_producao as producao, a.total_rejeicao as rejeicao,
                j.producao as justificada_producao, j.rejeicao as justificada_rejeicao
            where tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo
            union all
            select v.producao, v.rejeicao, least(v.justificada_producao, v.producao), least(v.justificada_rejeicao, v.rejeicao)
            from interno.segundos_do_minuto(a) as v
            where not tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo and p.intervalo @> v.em
        ) as u on true
        where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and a.minuto < p_ate
        group by a.linha_id, a.minuto, j.producao, j.rejeicao
    ) as t
    where m.linha_id = p_linha_id and m.minuto = t.minuto
      and (m.sem_ordem_producao, m.sem_ordem_rejeicao, m.justificada_producao, m.justificada_rejeicao)
          is distinct from (t.producao, t.rejeicao, t.justificada_producao, t.justificada_rejeicao);

    for v_diferenca in
        select numero_op,
            coalesce(d.producao_maquina, 0) - coalesce(a.producao_maquina, 0) as producao_maquina,
            coalesce(d.rejeicao_maquina, 0) - coalesce(a.rejeicao_maquina, 0) as rejeicao_maquina,
            coalesce(d.producao_unidades, 0) - coalesce(a.producao_unidades, 0) as producao_unidades,
            coalesce(d.rejeicao_unidades, 0) - coalesce(a.rejeicao_unidades, 0) as rejeicao_unidades
        from interno.atribuicao(p_linha_id, p_de, p_ate) as d
        full join jsonb_to_recordset(p_antes) as a (
            numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao_unidades bigint, rejeicao_unidades bigint
        ) using (numero_op)
    loop
        perform interno.somar_ordem(
            v_diferenca.numero_op, p_linha_id, v_diferenca.producao_maquina, v_diferenca.rejeicao_maquina,
            v_diferenca.producao_unidades, v_diferenca.rejeicao_unidades
        );
    end loop;
    perform interno.anotar_turnos(p_linha_id, p_de, p_ate);
end $function$;

CREATE OR REPLACE FUNCTION interno.conferir_ordem(p_op text, p_linha_id text, p_instante timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_concluida boolean;
begin
    perform interno.exigir_linha(p_linha_id);
    select l.status = 'CONCLUIDO' or coalesce(l.situacao_totvs = 'ENCERRADA', false) into v_concluida
    from public.lotes_producao as l where l.numero_op = p_op;
    if not found then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    if p_instante > clock_timestamp() + interval '1 minute' then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(p_instante)),
            'Informe um instante até agora.'
        );
    end if;
    return v_concluida;
end $function$;

CREATE OR REPLACE FUNCTION interno.planejar_abertura(p_op text, p_linha_id text, p_aberta_em timestamp with time zone)
 RETURNS interno.plano_ordem
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_instante constant timestamptz := date_trunc('second', coalesce(p_aberta_em, clock_timestamp()));
    v_concluida constant boolean := interno.conferir_ordem(p_op, p_linha_id, v_instante);
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_impedimento jsonb;
    v_redatar boolean;
    v_de timestamptz := v_instante;
    v_ate timestamptz;
begin
    -- The period that holds the instant, else the next one.
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and (upper_inf(p.intervalo) or upper(p.intervalo) > v_instante)
    order by lower(p.intervalo)
    limit 1;
    v_redatar := coalesce(v_alvo.numero_op = p_op, false);
    if v_redatar and lower(v_alvo.intervalo) = v_instante
        or v_redatar and p_aberta_em is null and v_alvo.intervalo @> v_instante then
        return ('abrir_ordem', v_instante, v_alvo, v_alvo, v_instante, v_instante, false)::interno.plano_ordem;
    end if;
    v_impedimento := interno.impedimentos_abertura(p_op, p_linha_id) -> 0;
    if v_impedimento is not null then
        perform interno.recusar(
            '409', v_impedimento ->> 'codigo', v_impedimento ->> 'detalhe', v_impedimento ->> 'acao'
        );
    end if;
    if v_alvo.intervalo @> v_instante and not v_redatar then
        perform interno.recusar_ocupada(v_alvo);
    end if;
    v_novo := (
        case when v_redatar then v_alvo.id end, p_op, p_linha_id,
        tstzrange(v_instante, case when v_redatar then upper(v_alvo.intervalo) else lower(v_alvo.intervalo) end),
        interno.fator(p_linha_id, 'producao', v_instante), interno.fator(p_linha_id, 'rejeicao', v_instante)
    )::public.periodos_ordem;
    if v_redatar then
        v_de := least(v_instante, lower(v_alvo.intervalo));
        v_ate := case when (v_novo.fator_producao, v_novo.fator_rejeicao) = (v_alvo.fator_producao, v_alvo.fator_rejeicao)
            then greatest(v_instante, lower(v_alvo.intervalo)) else coalesce(upper(v_alvo.intervalo), 'infinity') end;
    else
        v_ate := coalesce(lower(v_alvo.intervalo), 'infinity');
        v_alvo := null;
    end if;
    return (
        'abrir_ordem', v_instante, v_alvo, v_novo, v_de, v_ate,
        v_instante < clock_timestamp() - interval '5 minutes' or v_redatar or v_concluida
    )::interno.plano_ordem;
end $function$;

CREATE OR REPLACE FUNCTION interno.planejar_encerramento(p_op text, p_linha_id text, p_encerrada_em timestamp with time zone)
 RETURNS interno.plano_ordem
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_instante constant timestamptz := date_trunc('second', coalesce(p_encerrada_em, clock_timestamp()));
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_outro public.periodos_ordem;
    v_anular boolean;
begin
    perform interno.conferir_ordem(p_op, p_linha_id, v_instante);
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.numero_op = p_op and lower(p.intervalo) <= v_instante
    order by coalesce(upper(p.intervalo) = v_instante, false) desc, lower(p.intervalo) desc
    limit 1;
    if v_alvo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', p_op, p_linha_id, interno.hora_local(v_instante)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    if upper(v_alvo.intervalo) = v_instante or (p_encerrada_em is null and not upper_inf(v_alvo.intervalo)) then
        return ('encerrar_ordem', v_instante, v_alvo, v_alvo, v_instante, v_instante, false)::interno.plano_ordem;
    end if;
    v_anular := lower(v_alvo.intervalo) = v_instante;
    select * into v_outro
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.id <> v_alvo.id and not v_anular
      and p.intervalo && tstzrange(lower(v_alvo.intervalo), v_instante)
    order by lower(p.intervalo)
    limit 1;
    if v_outro.id is not null then
        perform interno.recusar_ocupada(v_outro);
    end if;
    v_novo := v_alvo;
    v_novo.intervalo := tstzrange(lower(v_alvo.intervalo), v_instante);
    return (
        'encerrar_ordem', v_instante, v_alvo, v_novo,
        least(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity')),
        greatest(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity')),
        v_instante < clock_timestamp() - interval '5 minutes' or not upper_inf(v_alvo.intervalo) or v_anular
    )::interno.plano_ordem;
end $function$;

CREATE OR REPLACE FUNCTION interno.executar_plano(p_plano interno.plano_ordem, p_papel text, p_motivo text)
 RETURNS public.periodos_ordem
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_alvo constant public.periodos_ordem := p_plano.alvo;
    v_novo public.periodos_ordem := p_plano.novo;
    v_motivo constant text := case when p_plano.exige_motivo then interno.exigir_motivo(p_motivo) else p_motivo end;
    v_antes jsonb;
begin
    if v_novo is not distinct from v_alvo then
        return v_alvo;
    end if;
    v_antes := interno.atribuicao_json(v_novo.linha_id, p_plano.de, p_plano.ate);
    if isempty(v_novo.intervalo) then
        delete from public.periodos_ordem where id = v_alvo.id;
    elsif v_alvo.id is null then
        insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
        values (v_novo.numero_op, v_novo.linha_id, v_novo.intervalo, v_novo.fator_producao, v_novo.fator_rejeicao)
        returning * into v_novo;
        insert into public.ordens_producao_ativas (numero_op, linha_id) values (v_novo.numero_op, v_novo.linha_id)
        on conflict do nothing;
    else
        update public.periodos_ordem
        set intervalo = v_novo.intervalo, fator_producao = v_novo.fator_producao, fator_rejeicao = v_novo.fator_rejeicao
        where id = v_alvo.id;
    end if;
    perform interno.reatribuir(v_novo.linha_id, p_plano.de, p_plano.ate, v_antes);
    perform interno.anotar_trilha(
        p_papel, p_plano.ato, format('periodos_ordem:%s', v_novo.id),
        case when v_alvo.id is not null then interno.periodo_json(v_alvo) end,
        case when not isempty(v_novo.intervalo) then interno.periodo_json(v_novo) end, v_motivo
    );
    return v_novo;
end $function$;

CREATE OR REPLACE FUNCTION interno.travar_ordem(p_funcao text, p_op text, p_linha_id text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao(p_funcao, p_linha_id);
begin
    perform from public.lotes_producao as l where l.numero_op = p_op for no key update;
    return v_papel;
end $function$;

CREATE OR REPLACE FUNCTION public.abrir_ordem(p_numero_op text, p_linha_id text, p_aberta_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_motivo text DEFAULT NULL::text, p_visto text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_motivo constant text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_papel constant text := interno.travar_ordem('abrir_ordem', v_op, p_linha_id);
    v_plano constant interno.plano_ordem := interno.planejar_abertura(v_op, p_linha_id, p_aberta_em);
    v_avisos constant jsonb := interno.avisos_abertura(v_op, p_linha_id);
begin
    perform interno.conferir_visto(v_plano, p_aberta_em is null, p_visto);
    return interno.periodo_json(interno.executar_plano(v_plano, v_papel, v_motivo)) || jsonb_build_object('avisos', v_avisos);
end $function$;

CREATE OR REPLACE FUNCTION public.encerrar_ordem(p_numero_op text, p_linha_id text, p_encerrada_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_motivo text DEFAULT NULL::text, p_visto text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_motivo constant text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_papel constant text := interno.travar_ordem('encerrar_ordem', v_op, p_linha_id);
    v_plano constant interno.plano_ordem := interno.planejar_encerramento(v_op, p_linha_id, p_encerrada_em);
    v_novo public.periodos_ordem;
begin
    perform interno.conferir_visto(v_plano, p_encerrada_em is null, p_visto);
    v_novo := interno.executar_plano(v_plano, v_papel, v_motivo);
    return case when isempty(v_novo.intervalo)
        then interno.periodo_json(v_plano.alvo) || jsonb_build_object('encerrada_em', v_plano.instante, 'anulado', true)
        else interno.periodo_json(v_novo)
    end;
end $function$;

CREATE OR REPLACE FUNCTION interno.papel_nas_linhas(p_funcao text, VARIADIC p_linhas text[])
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_setor text;
    v_papel text;
begin
    for v_setor in
        select distinct l.setor from unnest(p_linhas) as t (linha_id) left join public.linhas as l using (linha_id)
    loop
        v_papel := interno.exigir_papel(p_funcao, v_setor);
    end loop;
    return v_papel;
end $function$;

CREATE OR REPLACE FUNCTION interno.linha_para_decisao(p_funcao text, VARIADIC p_linhas text[])
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform interno.travar_linhas(p_linhas);
    return interno.papel_nas_linhas(p_funcao, variadic p_linhas);
end $function$;

CREATE OR REPLACE FUNCTION interno.movimentos(p_plano interno.plano_ordem, p_ate timestamp with time zone)
 RETURNS TABLE(de_situacao text, de_op text, para_situacao text, para_op text, intervalos bigint, producao_maquina bigint, rejeicao_maquina bigint, producao_de bigint, rejeicao_de bigint, producao_para bigint, rejeicao_para bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_alvo constant public.periodos_ordem := p_plano.alvo;
    v_novo constant public.periodos_ordem := p_plano.novo;
    v_era constant tstzmultirange := coalesce(tstzmultirange(v_alvo.intervalo), '{}');
    v_sera constant tstzmultirange := tstzmultirange(v_novo.intervalo);
    v_outro_fator constant boolean
        := (v_alvo.fator_producao, v_alvo.fator_rejeicao) <> (v_novo.fator_producao, v_novo.fator_rejeicao);
begin
    return query
    with segundos as (
        select f.sai, f.entra, sum(s.producao) as producao, sum(s.rejeicao) as rejeicao
        from (
            values (true, false, v_era - v_sera), (false, true, v_sera - v_era),
                (true, true, case when v_outro_fator then v_era * v_sera end)
        ) as f (sai, entra, faixas)
        cross join lateral unnest(f.faixas * tstzmultirange(tstzrange(null, p_ate))) as u (faixa)
        cross join lateral interno.segundos_contados(v_novo.linha_id, lower(u.faixa), coalesce(upper(u.faixa), 'infinity')) as s
        group by f.sai, f.entra
    )
    select t.de_situacao, t.de_op, t.para_situacao, t.para_op, sum(t.intervalos)::bigint,
        sum(t.producao)::bigint, sum(t.rejeicao)::bigint,
        sum(t.producao * t.de_fator_producao)::bigint, sum(t.rejeicao * t.de_fator_rejeicao)::bigint,
        sum(t.producao * t.para_fator_producao)::bigint, sum(t.rejeicao * t.para_fator_rejeicao)::bigint
    from (
        select case when s.sai then 'ATRIBUIDA' else 'SEM_ORDEM' end, case when s.sai then v_alvo.numero_op end,
            case when s.entra then 'ATRIBUIDA' else 'SEM_ORDEM' end, case when s.entra then v_novo.numero_op end,
            0, s.producao, s.rejeicao,
            case when s.sai then v_alvo.fator_producao end, case when s.sai then v_alvo.fator_rejeicao end,
            case when s.entra then v_novo.fator_producao end, case when s.entra then v_novo.fator_rejeicao end
        from segundos as s
        where s.producao > 0 or s.rejeicao > 0
        union all
        select i.situacao, i.numero_op, n.situacao, n.numero_op, 1, i.producao, i.rejeicao,
            i.fator_producao, i.fator_rejeicao, n.fator_producao, n.fator_rejeicao
        from interno.intervalos_a_situar(v_novo.linha_id, p_plano.de, p_plano.ate, v_novo) as n
        inner join public.contagens_intervalo as i on i.id = n.id
        where i.ate < p_ate
    ) as t (
        de_situacao, de_op, para_situacao, para_op, intervalos, producao, rejeicao,
        de_fator_producao, de_fator_rejeicao, para_fator_producao, para_fator_rejeicao
    )
    where v_novo is distinct from v_alvo
    group by t.de_situacao, t.de_op, t.para_situacao, t.para_op
    order by t.de_situacao, t.de_op, t.para_situacao, t.para_op;
end $function$;

CREATE OR REPLACE FUNCTION interno.movimentos_json(p_plano interno.plano_ordem, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(to_jsonb(m)), '[]') from interno.movimentos(p_plano, p_ate) as m
$function$;

CREATE OR REPLACE FUNCTION interno.visto(p_plano interno.plano_ordem, p_agora boolean, p_corte timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
    select extract(epoch from p_corte)::bigint || '.' || md5(jsonb_build_array(
        p_plano.ato, (p_plano.novo).linha_id, (p_plano.novo).numero_op, (p_plano.novo).fator_producao,
        (p_plano.novo).fator_rejeicao, case when not p_agora then p_plano.instante end,
        -- Its last change is one of an opening annulled since, too: the page that opened it opens it no second time.
        (select to_jsonb(l) from public.lotes_producao as l where l.numero_op = (p_plano.novo).numero_op),
        (
            select to_jsonb(p) from public.periodos_ordem as p
            where p.linha_id = (p_plano.novo).linha_id and lower(p.intervalo) <= p_plano.instante
            order by lower(p.intervalo) desc
            limit 1
        ),
        (
            select to_jsonb(p) from public.periodos_ordem as p
            where p.linha_id = (p_plano.novo).linha_id and lower(p.intervalo) > p_plano.instante
            order by lower(p.intervalo)
            limit 1
        ),
        interno.movimentos_json(p_plano, p_corte)
    )::text)
$function$;

CREATE OR REPLACE FUNCTION interno.conferir_visto(p_plano interno.plano_ordem, p_agora boolean, p_visto text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    if p_visto is null or p_plano.novo is not distinct from p_plano.alvo then
        return;
    end if;
    if p_visto !~ '^[0-9]{1,11}[.][0-9a-f]{32}$'
        or p_visto <> interno.visto(p_plano, p_agora, to_timestamp(split_part(p_visto, '.', 1)::bigint)) then
        perform interno.recusar(
            '409', 'EFEITO_MUDOU',
            'O efeito mudou desde que foi mostrado: chegaram contagens da linha, ou alguém mexeu nas ordens dela.',
            'Confira o efeito de agora e confirme.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.efeito(p_ato text, p_numero_op text, p_linha_id text, p_instante timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_op text;
    v_plano interno.plano_ordem;
    v_recusa jsonb;
    v_estado text;
    v_codigo text;
    v_detalhe text;
    v_acao text;
begin
    begin
        v_op := public.normalizar_op(p_numero_op);
        if p_ato = 'abrir_ordem' then
            v_plano := interno.planejar_abertura(v_op, p_linha_id, p_instante);
        else
            v_plano := interno.planejar_encerramento(v_op, p_linha_id, p_instante);
        end if;
    exception when others then
        get stacked diagnostics v_estado = returned_sqlstate, v_codigo = message_text,
            v_detalhe = pg_exception_detail, v_acao = pg_exception_hint;
        if v_estado not like 'PT4%' then
            raise;
        end if;
        v_recusa := interno.motivo_json(v_codigo, v_detalhe, v_acao);
    end;
    return jsonb_build_object(
        'ato', p_ato, 'numero_op', v_op, 'linha_id', p_linha_id, 'recusa', v_recusa,
        'linha', (select jsonb_build_object('nome', l.nome, 'setor', l.setor) from public.linhas as l where l.linha_id = p_linha_id),
        'lote', (
            select jsonb_build_object('numero_lote', l.numero_lote, 'produto_codigo', l.produto_codigo, 'produto', d.descricao)
            from public.lotes_producao as l inner join public.produtos as d on d.produto_codigo = l.produto_codigo
            where l.numero_op = v_op
        ),
        'avisos', case when p_ato = 'abrir_ordem' and v_op is not null
            then interno.avisos_abertura(v_op, p_linha_id) else '[]' end
    ) || case when v_recusa is null then jsonb_build_object(
        'instante', v_plano.instante, 'nada_muda', v_plano.novo is not distinct from v_plano.alvo,
        'exige_motivo', v_plano.exige_motivo,
        'antes', case when (v_plano.alvo).id is not null then interno.periodo_json(v_plano.alvo) end,
        'depois', case when not isempty((v_plano.novo).intervalo) then interno.periodo_json(v_plano.novo) end,
        'movimentos', interno.movimentos_json(v_plano, 'infinity'),
        'visto', interno.visto(
            v_plano, p_instante is null, date_trunc('second', clock_timestamp()) - interval '1 minute'
        )
    ) else '{}' end;
end $function$;

CREATE OR REPLACE FUNCTION public.efeito_abertura(p_numero_op text, p_linha_id text, p_aberta_em timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform interno.papel_nas_linhas('efeito_abertura', p_linha_id);
    return interno.efeito('abrir_ordem', p_numero_op, p_linha_id, p_aberta_em);
end $function$;

CREATE OR REPLACE FUNCTION public.efeito_encerramento(p_numero_op text, p_linha_id text, p_encerrada_em timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform interno.papel_nas_linhas('efeito_encerramento', p_linha_id);
    return interno.efeito('encerrar_ordem', p_numero_op, p_linha_id, p_encerrada_em);
end $function$;

CREATE OR REPLACE FUNCTION public.ordens_propostas(p_linha_id text)
 RETURNS TABLE(numero_op text, numero_lote text, produto_codigo text, produto text, quantidade_planejada numeric, unidade text, status text, razoes text[], pode_abrir boolean, motivos jsonb, avisos jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_linha public.linhas;
begin
    perform interno.papel_nas_linhas('ordens_propostas', p_linha_id);
    v_linha := interno.exigir_linha(p_linha_id);
    return query
    with feitos as materialized (
        select distinct l.produto_codigo
        from public.periodos_ordem as p inner join public.lotes_producao as l on l.numero_op = p.numero_op
        where p.linha_id = p_linha_id
    ), velozes as materialized (
        select v.produto_codigo from public.velocidades_vigentes as v
        where v.linha_id = p_linha_id and v.validade @> (clock_timestamp() at time zone 'America/Fortaleza')::date
    ), melhores as (
        select l.*, r.razoes, row_number() over (
            -- One that was in the stage already is rarely meant; one that was filled waits for being packed.
            order by l.linha_id is not distinct from p_linha_id desc, e.aberta is not null,
                v_linha.etapa = 'EMBALAGEM' and l.status <> 'PLANEJADO' desc,
                coalesce(l.data_emissao, (l.criado_em at time zone 'America/Fortaleza')::date) desc,
                l.criado_em desc, l.numero_op desc
        ) as n
        from public.lotes_producao as l
        left join public.linhas as n on n.linha_id = l.linha_id
        cross join lateral (
            select array_remove(array[
                case when l.linha_id = p_linha_id then case l.linha_origem when 'TOTVS' then 'LINHA_DO_TOTVS' else 'LETRA_DO_LOTE' end end,
                case when l.produto_codigo in (select f.produto_codigo from feitos as f) then 'PRODUTO_FEITO_AQUI' end,
                case when l.produto_codigo in (select v.produto_codigo from velozes as v) then 'VELOCIDADE_NOMINAL' end
            ], null) as razoes
        ) as r
        cross join lateral (
            select case when l.status <> 'PLANEJADO' then ( -- what is planned was on no line
                select bool_or(upper_inf(p.intervalo))
                from public.periodos_ordem as p inner join public.linhas as x on x.linha_id = p.linha_id
                where p.numero_op = l.numero_op and x.etapa = v_linha.etapa
            ) end as aberta
        ) as e
        where l.status in ('PLANEJADO', 'EM_ANDAMENTO', 'A_FECHAR') and coalesce(l.situacao_totvs, 'ABERTA') = 'ABERTA'
          and r.razoes <> '{}' and (l.linha_id = p_linha_id or n.etapa is distinct from v_linha.etapa)
          and e.aberta is not true
        order by n
        limit 12
    )
    select m.numero_op, m.numero_lote, m.produto_codigo, d.descricao, m.quantidade_planejada, m.unidade, m.status, m.razoes,
        i.motivos = '[]', i.motivos, interno.avisos_abertura(m.numero_op, p_linha_id)
    from melhores as m
    inner join public.produtos as d on d.produto_codigo = m.produto_codigo
    cross join lateral (select interno.impedimentos_abertura(m.numero_op, p_linha_id) as motivos) as i
    order by m.n;
end $function$;

CREATE OR REPLACE FUNCTION public.ordens_da_linha(p_linha_id text, p_antes timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_linha public.linhas;
begin
    perform interno.papel_nas_linhas('ordens_da_linha', p_linha_id);
    v_linha := interno.exigir_linha(p_linha_id);
    return (
        with pagina as materialized (
            select p as periodo, lower(p.intervalo) as aberta_em, row_number() over (order by lower(p.intervalo) desc) as n
            from public.periodos_ordem as p
            where p.linha_id = p_linha_id and lower(p.intervalo) < coalesce(p_antes, 'infinity')
            order by lower(p.intervalo) desc
            limit 11
        )
        select jsonb_build_object(
            'linha_id', p_linha_id, 'nome', v_linha.nome, 'setor', v_linha.setor,
            'periodos', coalesce((
                select jsonb_agg(interno.periodo_json(g.periodo) || jsonb_build_object(
                    'numero_lote', l.numero_lote, 'produto', d.descricao, 'producao', o.producao_acumulada,
                    'rejeicao', o.rejeicao_acumulada
                ) order by g.n)
                from pagina as g
                inner join public.lotes_producao as l on l.numero_op = (g.periodo).numero_op
                inner join public.produtos as d on d.produto_codigo = l.produto_codigo
                left join public.ordens_producao_ativas as o on o.numero_op = l.numero_op and o.linha_id = p_linha_id
                where g.n <= 10
            ), '[]'),
            'antes', (select min(g.aberta_em) filter (where g.n = 10) from pagina as g having count(*) > 10),
            'sem_op', (
                select jsonb_build_object(
                    'desde', greatest(min(m.minuto), max(u.fim)),
                    'producao', sum(m.sem_ordem_producao - m.justificada_producao),
                    'rejeicao', sum(m.sem_ordem_rejeicao - m.justificada_rejeicao)
                )
                from public.contagens_minuto as m
                cross join (
                    select max(coalesce(upper(p.intervalo), 'infinity')) as fim
                    from public.periodos_ordem as p where p.linha_id = p_linha_id
                ) as u
                where m.linha_id = p_linha_id and m.minuto > clock_timestamp() - interval '1 day'
                  and m.minuto > coalesce(u.fim, '-infinity') - interval '1 minute'
                  and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
                having count(*) > 0
            )
        )
    );
end $function$;

revoke all on function interno.conferir_ordem(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.conferir_visto(interno.plano_ordem,boolean,text) from public, anon, authenticated, service_role;
revoke all on function interno.efeito(text,text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.executar_plano(interno.plano_ordem,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.intervalos_a_situar(text,timestamp with time zone,timestamp with time zone,public.periodos_ordem) from public, anon, authenticated, service_role;
revoke all on function interno.movimentos(interno.plano_ordem,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.movimentos_json(interno.plano_ordem,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.papel_nas_linhas(text,text[]) from public, anon, authenticated, service_role;
revoke all on function interno.periodos_da_linha(text,tstzrange,public.periodos_ordem) from public, anon, authenticated, service_role;
revoke all on function interno.planejar_abertura(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.planejar_encerramento(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.segundos_contados(text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.situar_intervalo(text,timestamp with time zone,timestamp with time zone,boolean,public.periodos_ordem) from public, anon, authenticated, service_role;
revoke all on function interno.travar_ordem(text,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.visto(interno.plano_ordem,boolean,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function public.abrir_ordem(text,text,timestamp with time zone,text,text) from public, anon, authenticated, service_role;
grant execute on function public.abrir_ordem(text,text,timestamp with time zone,text,text) to authenticated;
grant execute on function public.abrir_ordem(text,text,timestamp with time zone,text,text) to service_role;
revoke all on function public.efeito_abertura(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
grant execute on function public.efeito_abertura(text,text,timestamp with time zone) to authenticated;
grant execute on function public.efeito_abertura(text,text,timestamp with time zone) to service_role;
revoke all on function public.efeito_encerramento(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
grant execute on function public.efeito_encerramento(text,text,timestamp with time zone) to authenticated;
grant execute on function public.efeito_encerramento(text,text,timestamp with time zone) to service_role;
revoke all on function public.encerrar_ordem(text,text,timestamp with time zone,text,text) from public, anon, authenticated, service_role;
grant execute on function public.encerrar_ordem(text,text,timestamp with time zone,text,text) to authenticated;
grant execute on function public.encerrar_ordem(text,text,timestamp with time zone,text,text) to service_role;
revoke all on function public.ordens_da_linha(text,timestamp with time zone) from public, anon, authenticated, service_role;
grant execute on function public.ordens_da_linha(text,timestamp with time zone) to authenticated;
grant execute on function public.ordens_da_linha(text,timestamp with time zone) to service_role;
revoke all on function public.ordens_propostas(text) from public, anon, authenticated, service_role;
grant execute on function public.ordens_propostas(text) to authenticated;
grant execute on function public.ordens_propostas(text) to service_role;
comment on function interno.linha_para_decisao(text,text[]) is 'Trava as linhas e devolve o papel com que a pessoa decide sobre todas: interno.papel_nas_linhas.';
comment on function interno.periodos_da_linha(text,tstzrange,public.periodos_ordem) is 'Os períodos da linha que tocam a janela, como se p_muda já fosse um deles: no lugar do de mesmo id; sem id, mais um; vazio, um a menos; nulo, como são.';
comment on function interno.situar_intervalo(text,timestamp with time zone,timestamp with time zone,boolean,public.periodos_ordem) is 'Situação de um incremento que atravessa segundos, pelos períodos da linha (p_muda: interno.periodos_da_linha): ATRIBUIDA, SEM_ORDEM ou RETIDA.';
comment on function interno.segundos_contados(text,timestamp with time zone,timestamp with time zone) is 'O que a linha contou segundo por segundo na janela, em contagens da máquina, em tantas partes quantas convém ler; a soma é a resposta.';
comment on function interno.intervalos_a_situar(text,timestamp with time zone,timestamp with time zone,public.periodos_ordem) is 'Os incrementos de mais de um segundo que tocam a janela e que os períodos da linha (p_muda: interno.periodos_da_linha) situam de outro modo, e como.';
comment on type interno.plano_ordem is 'O que um ato sobre uma ordem muda: o período alvo (nulo: nenhum) passa a ser novo (vazio: anulado; igual: nada muda), e as contagens da linha em [de, ate) são reatribuídas.';
comment on function interno.conferir_ordem(text,text,timestamp with time zone) is 'Verdadeiro se a OP foi fechada aqui ou encerrada no TOTVS; PT404 LINHA_DESCONHECIDA, OP_DESCONHECIDA, PT422 INSTANTE_FUTURO.';
comment on function interno.planejar_abertura(text,text,timestamp with time zone) is 'O que abrir_ordem faria agora, sem fazer nada; recusa o que ela recusa, menos a falta de papel e de motivo.';
comment on function interno.planejar_encerramento(text,text,timestamp with time zone) is 'O que encerrar_ordem faria agora, sem fazer nada; recusa o que ela recusa, menos a falta de papel e de motivo.';
comment on function interno.executar_plano(interno.plano_ordem,text,text) is 'Faz o que o plano diz, reatribui as contagens e anota a trilha; devolve o período, vazio se foi anulado. PT422 MOTIVO_OBRIGATORIO. Exige a linha travada.';
comment on function interno.travar_ordem(text,text,text) is 'Trava a linha e a OP, se existem, antes de planejar, e devolve o papel com que a pessoa age.';
comment on function public.abrir_ordem(text,text,timestamp with time zone,text,text) is 'Abre a OP na linha, ou corrige o instante da abertura; nulo = agora. Devolve o período e os avisos de verificar_abertura. Motivo obrigatório além de 5 minutos. p_visto: o de efeito_abertura, para só fazer o que se viu.';
comment on function public.encerrar_ordem(text,text,timestamp with time zone,text,text) is 'Encerra a OP na linha, ou corrige o instante do encerramento; nulo = agora; no instante da abertura, anula o período. Devolve o período. p_visto: o de efeito_encerramento, para só fazer o que se viu.';
comment on function interno.papel_nas_linhas(text,text[]) is 'O papel com que a pessoa pode chamar a função em todas as linhas; linha desconhecida exige papel em todos os setores.';
comment on function interno.movimentos(interno.plano_ordem,timestamp with time zone) is 'O que o plano moveria do que foi contado até p_ate (exclusive): de e para que OP (nula: sem OP, ou à espera de decisão), quantos incrementos de mais de um segundo, em contagens da máquina e em unidades de cada lado.';
comment on function interno.movimentos_json(interno.plano_ordem,timestamp with time zone) is 'interno.movimentos como JSON.';
comment on function interno.visto(interno.plano_ordem,boolean,timestamp with time zone) is 'Resumo do que se mostra de um plano, com as contagens até p_corte: instante do corte e md5.';
comment on function interno.conferir_visto(interno.plano_ordem,boolean,text) is 'PT409 EFEITO_MUDOU se o plano muda algo e não é mais o que p_visto diz; nulo = não conferir.';
comment on function interno.efeito(text,text,text,timestamp with time zone) is 'A resposta de efeito_abertura e de efeito_encerramento.';
comment on function public.efeito_abertura(text,text,timestamp with time zone) is 'O que abrir_ordem faria agora, sem fazer nada: recusa (codigo, detalhe, acao), ou os períodos antes e depois, o que passa de que OP para qual em contagens da máquina e unidades, se exige motivo, e visto, que abrir_ordem recebe em p_visto.';
comment on function public.efeito_encerramento(text,text,timestamp with time zone) is 'O que encerrar_ordem faria agora, sem fazer nada; depois nulo = o período seria anulado. O mais como efeito_abertura.';
comment on function public.ordens_propostas(text) is 'As OPs que podem ser a próxima da linha, as melhores e mais novas primeiro, no máximo 12, com as razões (LINHA_DO_TOTVS, LETRA_DO_LOTE, PRODUTO_FEITO_AQUI, VELOCIDADE_NOMINAL) e o que verificar_abertura diz; quantidade na unidade da OP.';
comment on function public.ordens_da_linha(text,timestamp with time zone) is 'A linha e os períodos de ordens dela, os mais novos primeiro, 10 por página (antes: p_antes da seguinte, nulo na última), com o que a OP fez na linha em unidades; sem_op: o que contou sem OP nas últimas 24 h desde o último período, em contagens da máquina, e desde quando.';
