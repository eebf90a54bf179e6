-- lots_and_integration: from the definitions in supabase/schemas, by `make migration`.

drop function public.decidir_ajustes(text,text,text);
drop function interno.conferir_ajustes(text,text);
CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'mover_contagem_manual', 'registrar_conferencia'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem')
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote',
            'definir_recurso', 'definir_operacao', 'integracao'
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

create or replace view public.envios_parados with (security_invoker=true) as
 SELECT id,
    numero_op,
    ordem,
    id_externo,
    situacao,
    codigo,
    erro,
    COALESCE(concluido_em, tocado_em, criado_em) AS desde
   FROM public.envios_totvs e
  WHERE ((situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((situacao = 'INCERTO'::text) AND (proxima_em IS NULL)));

CREATE OR REPLACE FUNCTION interno.conferir_ajustes(p_op text, p_decisao text, p_ajustes bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_propostos constant bigint[] := interno.ajustes_propostos(p_op);
    v_faltas jsonb;
begin
    if v_propostos = '{}' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não tem ajuste à espera.', p_op));
    end if;
    if exists (select from public.apuracoes_pendentes as a where a.numero_op = p_op) and not interno.op_aberta(p_op) then
        perform interno.apurar_ajustes(p_op);
    end if;
    if v_propostos <> interno.ajustes_propostos(p_op) or v_propostos <> p_ajustes then
        perform interno.recusar(
            '409', 'AJUSTE_MUDOU', format('A OP %s mudou depois de os ajustes serem propostos.', p_op),
            'Espere um minuto e confira os ajustes de novo.'
        );
    end if;
    v_faltas := interno.faltas_diarios(p_op, interno.assinaturas_validas(array[p_op]));
    if p_decisao = 'APROVAR' and v_faltas <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_A_ASSINAR', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_faltas) as f),
            'Um ajuste só vai ao TOTVS sobre Diários de Bordo assinados: assine-os de novo, com motivo, e aprove em seguida.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_ajustes(p_numero_op text, p_decisao text, p_motivo text, p_ajustes bigint[] DEFAULT NULL::bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('decidir_ajustes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_f public.fechamentos_lote;
    v_ajustes jsonb;
    v_envios jsonb := '[]';
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    perform interno.travar_op(v_op);
    perform interno.conferir_ajustes(v_op, p_decisao, p_ajustes);
    select * into v_f from public.fechamentos_lote where numero_op = v_op;
    with decididos as (
        update public.ajustes_fechamento
        set situacao = case p_decisao when 'APROVAR' then 'APROVADO' else 'RECUSADO' end, decidido_em = clock_timestamp(),
            decidido_por = interno.usuario_atual(), motivo = v_motivo
        where fechamento_id = v_f.id and situacao = 'PROPOSTO'
        returning id, etapa, linha_id, tipo, codigo, diferenca as quantidade, null::bigint as maquina
    )
    select jsonb_agg(to_jsonb(d)) into v_ajustes from decididos as d;
    if p_decisao = 'APROVAR' and v_f.informado then
        v_envios := interno.informar_ajustes(
            v_op, interno.quantidades_totais(interno.resumo_totais(v_ajustes, v_f.etapa)), v_motivo
        );
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_ajustes', 'fechamentos_lote:' || v_f.id, null,
        jsonb_build_object('decisao', p_decisao, 'ajustes', v_ajustes, 'envios', v_envios), v_motivo
    );
    return jsonb_build_object('numero_op', v_op, 'decisao', p_decisao, 'ajustes', jsonb_array_length(v_ajustes), 'envios', v_envios);
end $function$;

CREATE OR REPLACE FUNCTION public.saude_integracao()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'disjuntor_aberto', (select (d.estado <> 'FECHADO')::integer from public.disjuntores as d where d.nome = 'TOTVS'),
        'fechamentos_atrasados', (
            select count(*) from public.fechamentos_pendentes as f
            where f.desde < clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS'))
        ),
        'envios_parados', (select count(*) from public.envios_parados),
        'linhas_em_silencio', coalesce((
            select jsonb_agg(t.linha_id order by t.linha_id)
            from (
                select f.linha_id, max(m.ate) as ate, f.de
                from public.fontes_linha as f
                left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and f.fonte not in ('avulso', 'manual') and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id, f.de
            ) as t
            where coalesce(t.ate, t.de) < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'gateways_em_silencio', coalesce((
            select jsonb_agg(t.gateway order by t.gateway)
            from (
                select g.gateway, coalesce(max(m.atualizada_em), g.criado_em) as em
                from public.gateways as g
                left join public.marcas_linha as m on m.gateway = g.gateway
                where exists (
                    select from public.fontes_linha as f
                    where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                )
                group by g.gateway, g.criado_em
            ) as t
            where t.em < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'ultimo_resumo', (select max(r.dia) from public.resumos_diarios as r)
    ) || interno.andamento()
$function$;

CREATE OR REPLACE FUNCTION interno.gateways_agora()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'gateway', g.gateway, 'descricao', g.descricao, 'seq', e.maior_seq, 'buracos', e.maior_seq - e.ultima_seq_continua,
        'a_espera', (select count(*) from public.marcas_a_espera as x where x.gateway = g.gateway),
        'epocas_abertas', (
            select count(*) from public.epocas_gateway as x where x.gateway = g.gateway and x.ultima_seq_declarada is null
        ),
        'recebido_em', a.gravado_em, 'lido_em', a.ingerido_em, 'situacao', a.situacao, 'motivo', a.motivo,
        'marca', m.ate, 'relogio_ms', m.relogio_ms, 'duvida', d.descricao
    ) order by g.gateway), '[]')
    from public.gateways as g
    left join lateral (
        select x.* from public.epocas_gateway as x where x.gateway = g.gateway order by x.inicio desc, x.numero desc limit 1
    ) as e on true
    left join lateral (
        select x.gravado_em, x.ingerido_em, x.situacao, x.motivo
        from public.arquivos_ingeridos as x
        where x.gateway = e.gateway and x.epoca = e.epoca and x.seq = e.maior_seq
        order by x.id desc
        limit 1
    ) as a on true
    left join lateral (
        -- The line that is farthest behind, and the clock farthest off, of the lines it counts now.
        select min(y.ate) as ate, (array_agg(y.relogio_ms order by abs(y.relogio_ms) desc nulls last))[1] as relogio_ms
        from public.fontes_linha as f
        cross join lateral (
            select x.ate, x.relogio_ms from public.marcas_linha as x
            where x.linha_id = f.linha_id and x.gateway = g.gateway order by x.ate desc limit 1
        ) as y
        where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
    ) as m on true
    left join lateral (
        select x.descricao from public.duvidas_relogio as x
        where x.gateway = g.gateway and x.decisao is null order by x.id desc limit 1
    ) as d on true
$function$;

CREATE OR REPLACE FUNCTION interno.fontes_agora()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', l.linha_id, 'linha', l.nome, 'setor', l.setor, 'fonte', f.fonte, 'desde', f.de, 'marca', m.ate,
        'estado', m.estado, 'relogio_ms', m.relogio_ms, 'conferencia', (
            select coalesce(jsonb_agg(c.fonte order by c.fonte), '[]') from public.fontes_linha as c
            where c.linha_id = l.linha_id and c.papel = 'conferencia' and tstzrange(c.de, c.ate) @> clock_timestamp()
        )
    ) order by l.setor, l.linha_id), '[]')
    from public.linhas as l
    left join public.fontes_linha as f
        on f.linha_id = l.linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
    left join lateral (
        select x.ate, x.estado, x.relogio_ms from public.marcas_linha as x
        where x.linha_id = l.linha_id and x.gateway = f.fonte order by x.ate desc limit 1
    ) as m on true
    where l.ativa
$function$;

CREATE OR REPLACE FUNCTION interno.totvs_agora()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'disjuntor', (select to_jsonb(d) from public.disjuntores as d where d.nome = 'TOTVS'),
        'aviso', (
            select jsonb_build_object('em', r.recebido_em, 'eventos', (
                select jsonb_agg(concat_ws(' ', e.tipo, e.referencia, lower(e.situacao)))
                from (
                    select x.* from public.eventos_totvs as x where x.recebimento_id = r.id order by x.indice limit 5
                ) as e
            ))
            from public.recebimentos_totvs as r where r.origem = 'webhook' order by r.id desc limit 1
        ),
        'consultas', (
            select coalesce(jsonb_agg(to_jsonb(s) - 'resumo' || jsonb_build_object(
                'paginas', s.resumo -> 'paginas', 'linhas', s.resumo -> 'linhas', 'reparados', s.resumo -> 'reparados',
                'reparos', jsonb_path_query_array(s.resumo, '$.reparos[0 to 9]'), 'erro', s.resumo -> 'erro'
            ) order by n.ordem), '[]')
            from unnest(array['ordens', 'produtos', 'lotes', 'insumos', 'lotesInsumo', 'velocidades'])
                with ordinality as n (entidade, ordem)
            cross join lateral (
                select x.* from public.sincronizacoes_totvs as x where x.entidade = n.entidade order by x.id desc limit 1
            ) as s
        )
    )
$function$;

CREATE OR REPLACE FUNCTION interno.falhas_agora()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e)), '[]')
            from (
                select x.numero_op, x.id_externo, x.situacao, x.codigo, left(x.erro, 500) as erro, x.desde
                from public.envios_parados as x order by x.id desc limit 20
            ) as e
        ),
        'eventos', (
            select coalesce(jsonb_agg(to_jsonb(e)), '[]')
            from (
                select x.id, x.tipo, x.referencia, x.situacao, x.codigo, left(x.motivo, 500) as motivo, x.falta, x.recebido_em
                from public.eventos_totvs as x
                where x.resolvido_em is null and x.situacao in ('RECUSADO', 'ESTACIONADO')
                order by x.id desc
                limit 20
            ) as e
        ),
        'quantos_eventos', (
            select coalesce(jsonb_object_agg(t.situacao, t.itens), '{}')
            from (
                select x.situacao, count(*) as itens from public.eventos_totvs as x
                where x.resolvido_em is null and x.situacao in ('RECUSADO', 'ESTACIONADO')
                group by x.situacao
            ) as t
        ),
        'quarentena', (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.itens desc, t.motivo), '[]')
            from (
                select p.motivo, count(*) as assuntos, sum(q.itens) as itens, min(q.desde) as desde
                from public.quarentena_assuntos as q inner join public.quarentena as p on p.id = q.primeiro
                group by p.motivo
            ) as t
        ),
        'mensagens', (
            select coalesce(jsonb_agg(to_jsonb(f)), '[]')
            from (
                select x.em, x.fila, x.funcao, x.codigo, left(x.motivo, 500) as motivo
                from public.falhas_mensagens as x order by x.id desc limit 20
            ) as f
        ),
        'tratamentos', (
            select coalesce(jsonb_agg(to_jsonb(t)), '[]')
            from (
                select x.em, x.acao, x.fase, x.fila, x.quem, left(x.detalhe, 500) as detalhe
                from public.tratamentos_mensagens as x order by x.id desc limit 20
            ) as t
        )
    )
$function$;

CREATE OR REPLACE FUNCTION public.integracao()
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    -- Whoever manages a sector sees all of it: gateways and TOTVS belong to none.
    perform interno.exigir_papel('integracao', (
        select min(p.setor) from public.papeis_vigentes as p
        where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao('integracao'))
    ));
    return jsonb_build_object(
        'saude', public.saude_integracao(), 'gateways', interno.gateways_agora(), 'fontes', interno.fontes_agora(),
        'totvs', interno.totvs_agora(), 'falhas', interno.falhas_agora()
    );
end $function$;

CREATE OR REPLACE FUNCTION public.lotes(p_busca text DEFAULT NULL::text, p_estado text DEFAULT NULL::text, p_pagina integer DEFAULT 1)
 RETURNS TABLE(numero_op text, numero_lote text, produto_codigo text, produto text, estado text, situacao_totvs text, planejado numeric, linhas text[], produzidas bigint, boas bigint, fechado_em timestamp with time zone, faltas integer, ajustes integer, envio_parado text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select l.numero_op, l.numero_lote, l.produto_codigo, d.descricao, l.status, l.situacao_totvs, l.quantidade_planejada,
        o.linhas, coalesce(f.produzidas, o.producao), f.boas, f.fechado_em, coalesce(jsonb_array_length(w.faltas), 0),
        a.propostos, (
            select e.situacao from public.envios_parados as e where e.numero_op = l.numero_op order by e.ordem limit 1
        )
    from (
        select x.*
        from public.lotes_producao as x
        where (
            p_busca is null or strpos(upper(x.numero_op), upper(p_busca)) > 0
            or strpos(upper(x.numero_lote), upper(p_busca)) > 0
        ) and (
            p_estado is null or x.status = p_estado or p_estado = 'ESPERA' and x.numero_op in (
                select w.numero_op from public.fechamentos_pendentes as w where w.faltas <> '[]'
                union all
                select f.numero_op
                from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
                where a.situacao = 'PROPOSTO'
                union all
                select e.numero_op from public.envios_parados as e
            )
        )
        order by x.atualizado_em desc, x.numero_op
        offset (least(greatest(p_pagina, 1), 1000000) - 1) * 50
        limit 51
    ) as l
    left join public.produtos as d on d.produto_codigo = l.produto_codigo
    left join public.fechamentos_lote as f on f.numero_op = l.numero_op
    left join public.fechamentos_pendentes as w on w.numero_op = l.numero_op
    cross join lateral (
        select coalesce(array_agg(t.linha_id order by t.linha_id), '{}') as linhas,
            sum(t.producao_acumulada)::bigint as producao
        from public.ordens_producao_ativas as t where t.numero_op = l.numero_op
    ) as o
    cross join lateral (
        select count(*)::integer as propostos from public.ajustes_fechamento as j
        where j.fechamento_id = f.id and j.situacao = 'PROPOSTO'
    ) as a
    order by l.atualizado_em desc, l.numero_op
$function$;

CREATE OR REPLACE FUNCTION interno.lote_fechamento(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select to_jsonb(f) || jsonb_build_object(
        'por', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = f.usuario_id),
        'totais', coalesce((
            select jsonb_agg(to_jsonb(t) order by t.linha_id, t.inicio, t.tipo, t.codigo)
            from (
                select x.* from public.fechamento_totais as x
                where x.fechamento_id = f.id order by x.linha_id, x.inicio, x.tipo, x.codigo limit 100
            ) as t
        ), '[]'),
        'quantos_totais', (select count(*) from public.fechamento_totais as x where x.fechamento_id = f.id),
        'diarios', coalesce((
            select jsonb_agg(jsonb_build_object(
                'linha_id', d.linha_id, 'data', d.data, 'turno', d.turno, 'nome', d.nome, 'papel', d.papel,
                'assinado_em', d.assinado_em
            ) order by d.linha_id, d.janela)
            from public.diarios_bordo as d where d.id = any(f.assinaturas[:100])
        ), '[]'),
        'ajustes', coalesce((
            select jsonb_agg(to_jsonb(a) order by a.id desc)
            from (
                select j.*, p.nome as por
                from public.ajustes_fechamento as j left join public.pessoas_vigentes as p on p.usuario_id = j.decidido_por
                where j.fechamento_id = f.id order by j.situacao = 'PROPOSTO' desc, j.id desc limit 100
            ) as a
        ), '[]'),
        'propostos', to_jsonb(interno.ajustes_propostos(p_op)),
        'quantos_ajustes', (select count(*) from public.ajustes_fechamento as j where j.fechamento_id = f.id)
    )
    from public.fechamentos_lote as f
    where f.numero_op = p_op
$function$;

CREATE OR REPLACE FUNCTION interno.lote_envios(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object(
        'por', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = e.decidido_por),
        'quantas_chamadas', (select count(*) from public.tentativas_integracao as t where t.envio_id = e.id),
        'chamadas', coalesce((
            select jsonb_agg(to_jsonb(c) order by c.id)
            from (
                select t.id, t.em, t.operacao, t.metodo, left(t.url, 300) as url, t.status_http, t.latencia_ms, t.resultado,
                    left(t.erro, 500) as erro, left(t.corpo, 1000) as corpo, left(t.resposta, 500) as resposta
                from public.tentativas_integracao as t where t.envio_id = e.id order by t.id desc limit 3
            ) as c
        ), '[]')
    ) order by e.ordem desc), '[]')
    from (
        select x.id, x.ordem, x.id_externo, x.tipo, x.situacao, x.criado_em, x.concluido_em, x.proxima_em, x.chave_erp,
            left(x.erro, 500) as erro, x.decidido_por, x.decisao_motivo
        from public.envios_totvs as x where x.numero_op = p_op order by x.ordem desc limit 15
    ) as e
$function$;

CREATE OR REPLACE FUNCTION interno.lote_horas(p_op text, p_linha_id text, p_de timestamp with time zone, p_passo interval, p_limite integer)
 RETURNS TABLE(de timestamp with time zone, producao bigint, rejeicao bigint, producao_maquina bigint, rejeicao_maquina bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select h.de, j.producao, j.rejeicao, j.producao_maquina, j.rejeicao_maquina
    from (
        select distinct g.de
        from public.periodos_ordem as p
        cross join lateral generate_series(
            greatest(date_trunc('hour', lower(p.intervalo)), p_de),
            least(
                coalesce(upper(p.intervalo), clock_timestamp()) - interval '1 microsecond', clock_timestamp(),
                greatest(date_trunc('hour', lower(p.intervalo)), p_de) + p_passo * (p_limite - 1)
            ),
            p_passo
        ) as g (de)
        where p.numero_op = p_op and p.linha_id = p_linha_id
          and p.intervalo && tstzrange(g.de, g.de + p_passo)
        order by g.de
        limit p_limite
    ) as h
    cross join lateral public.producao_janela(p_linha_id, tstzrange(h.de, h.de + p_passo), false) as j
    where j.numero_op = p_op
    order by h.de
$function$;

CREATE OR REPLACE FUNCTION interno.lote_arquivos(p_op text, p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object('de', p_de, 'ate', p_ate, 'quantos', count(*), 'lista', coalesce(jsonb_agg(
        to_jsonb(x) - 'n' order by x.n
    ) filter (where x.n <= 100), '[]'))
    from (
        select y.*, row_number() over (order by y.de, y.arquivo_id) as n
        from (
            select distinct on (a.arquivo_id) a.*
            from public.periodos_ordem as p
            cross join lateral public.arquivos_da_linha(
                p_linha_id, greatest(lower(p.intervalo), p_de), least(coalesce(upper(p.intervalo), p_ate), p_ate), null
            ) as a
            where p.numero_op = p_op and p.linha_id = p_linha_id and p.intervalo && tstzrange(p_de, p_ate)
        ) as y
    ) as x
$function$;

CREATE OR REPLACE FUNCTION interno.lote_relogio(p_op text, p_linha_id text, p_de timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'horas', coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object('trechos', case when h.de = date_trunc('hour', p_de) then (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.de), '[]')
            from interno.lote_horas(p_op, p_linha_id, h.de, interval '10 minutes', 6) as t
            where t.de < h.de + interval '1 hour'
        ) end) order by h.de), '[]'),
        'quantas_horas', min(w.quantas),
        'antes', case when min(h.de) > min(w.primeira) then min(h.de) - interval '13 hours' end,
        'depois', case when max(h.de) < min(w.ultima) then max(h.de) + interval '12 hours' end
    )
    from interno.lote_horas(
        p_op, p_linha_id, coalesce(date_trunc('hour', p_de) - interval '11 hours', '-infinity'), interval '1 hour', 24
    ) as h
    cross join (
        select count(distinct g.de) as quantas, min(g.de) as primeira, max(g.de) as ultima
        from public.periodos_ordem as p
        cross join lateral generate_series(
            date_trunc('hour', lower(p.intervalo)),
            coalesce(upper(p.intervalo), clock_timestamp()) - interval '1 microsecond', interval '1 hour'
        ) as g (de)
        where p.numero_op = p_op and p.linha_id = p_linha_id
    ) as w
$function$;

CREATE OR REPLACE FUNCTION interno.lote_linhas(p_op text, p_linha_id text, p_de timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', o.linha_id, 'linha', l.nome, 'etapa', l.etapa, 'producao', o.producao_acumulada,
        'rejeicao', o.rejeicao_acumulada, 'producao_maquina', o.producao_maquina, 'rejeicao_maquina', o.rejeicao_maquina,
        'periodos', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'de', lower(p.intervalo), 'ate', upper(p.intervalo), 'fator_producao', p.fator_producao,
                'fator_rejeicao', p.fator_rejeicao
            ) order by p.intervalo), '[]')
            from (
                select y.* from public.periodos_ordem as y
                where y.numero_op = p_op and y.linha_id = o.linha_id order by y.intervalo desc limit 50
            ) as p
        ),
        'manuais', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'data', m.data, 'turno', m.turno, 'producao', m.producao, 'rejeicao', m.rejeicao
            ) order by m.janela), '[]')
            from public.contagens_manuais_atuais as m where m.numero_op = p_op and m.linha_id = o.linha_id
        )
    ) || case when o.linha_id = p_linha_id then interno.lote_relogio(p_op, p_linha_id, p_de) else '{}' end
    order by o.linha_id), '[]')
    from public.ordens_producao_ativas as o
    inner join public.linhas as l on l.linha_id = o.linha_id
    where o.numero_op = p_op
$function$;

CREATE OR REPLACE FUNCTION public.lote_detalhe(p_numero_op text, p_linha_id text DEFAULT NULL::text, p_de timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_linha constant text := coalesce(
        p_linha_id, (select min(o.linha_id) from public.ordens_producao_ativas as o where o.numero_op = v_op)
    );
    v_de constant timestamptz := date_bin(interval '10 minutes', p_de, timestamptz '2000-01-01Z');
begin
    if not exists (select from public.lotes_producao as l where l.numero_op = v_op) then
        perform interno.recusar('404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(v_op), 'Procure-a na lista de lotes.');
    end if;
    return (
        select jsonb_build_object(
            'lote', to_jsonb(l) || jsonb_build_object('produto', d.descricao),
            'espera', (select to_jsonb(w) from public.fechamentos_pendentes as w where w.numero_op = v_op and w.faltas <> '[]'),
            'fechamento', interno.lote_fechamento(v_op),
            'decide', exists (
                select from public.papeis_vigentes as r
                where r.usuario_id = interno.usuario_atual() and r.setor is null
                  and r.papel = any(public.papeis_da_funcao('decidir_ajustes'))
            ),
            'envios', interno.lote_envios(v_op),
            'quantos_envios', (select count(*) from public.envios_totvs as e where e.numero_op = v_op),
            'linha_id', v_linha,
            'linhas', interno.lote_linhas(v_op, v_linha, v_de),
            'arquivos', case when v_de is not null
                then interno.lote_arquivos(v_op, v_linha, v_de, v_de + interval '10 minutes') end
        )
        from public.lotes_producao as l
        left join public.produtos as d on d.produto_codigo = l.produto_codigo
        where l.numero_op = v_op
    );
end $function$;

CREATE INDEX lotes_producao_mudanca ON public.lotes_producao USING btree (atualizado_em DESC, numero_op);
CREATE INDEX recebimentos_totvs_webhook ON public.recebimentos_totvs USING btree (id) WHERE (origem = 'webhook'::text);
revoke all on function interno.conferir_ajustes(text,text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.falhas_agora() from public, anon, authenticated, service_role;
revoke all on function interno.fontes_agora() from public, anon, authenticated, service_role;
revoke all on function interno.gateways_agora() from public, anon, authenticated, service_role;
revoke all on function interno.lote_arquivos(text,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.lote_envios(text) from public, anon, authenticated, service_role;
revoke all on function interno.lote_fechamento(text) from public, anon, authenticated, service_role;
revoke all on function interno.lote_horas(text,text,timestamp with time zone,interval,integer) from public, anon, authenticated, service_role;
revoke all on function interno.lote_linhas(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.lote_relogio(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.totvs_agora() from public, anon, authenticated, service_role;
revoke all on function public.decidir_ajustes(text,text,text,bigint[]) from public, anon, authenticated, service_role;
grant execute on function public.decidir_ajustes(text,text,text,bigint[]) to authenticated;
grant execute on function public.decidir_ajustes(text,text,text,bigint[]) to service_role;
revoke all on function public.integracao() from public, anon, authenticated, service_role;
grant execute on function public.integracao() to authenticated;
grant execute on function public.integracao() to service_role;
revoke all on function public.lote_detalhe(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
grant execute on function public.lote_detalhe(text,text,timestamp with time zone) to authenticated;
grant execute on function public.lote_detalhe(text,text,timestamp with time zone) to service_role;
revoke all on function public.lotes(text,text,integer) from public, anon, authenticated, service_role;
grant execute on function public.lotes(text,text,integer) to authenticated;
grant execute on function public.lotes(text,text,integer) to service_role;
revoke all on table public.envios_parados from public, anon, authenticated, service_role;
grant select on table public.envios_parados to authenticated;
grant select on table public.envios_parados to service_role;
comment on view public.envios_parados is 'Envios que só uma pessoa faz andar (decidir_envio). Fonte: envios_totvs.';
comment on column public.envios_parados.ordem is 'Posição na fila da OP. Fonte: envios_totvs.';
comment on column public.envios_parados.id_externo is 'Identificador que o TOTVS recebe. Fonte: envios_totvs.';
comment on column public.envios_parados.situacao is 'RECUSADO, ESGOTADO ou INCERTO. Fonte: envios_totvs.';
comment on column public.envios_parados.codigo is 'Código estável da última falha. Fonte: envios_totvs.';
comment on column public.envios_parados.erro is 'O que houve na última falha, e o que fazer. Fonte: envios_totvs.';
comment on column public.envios_parados.desde is 'Desde quando está parado (UTC). Fonte: envios_totvs.';
comment on function interno.conferir_ajustes(text,text,bigint[]) is 'PT404 NADA_A_DECIDIR; PT409 AJUSTE_MUDOU se não são mais os propostos, ou não os de p_ajustes (nulo = quaisquer), DIARIO_A_ASSINAR se se aprova sem assinatura que vale. Exige as linhas travadas.';
comment on function public.decidir_ajustes(text,text,text,bigint[]) is 'Aprova (e põe na caixa de saída, se o fechamento foi informado) ou recusa o que mudou depois do fechamento da OP. p_ajustes: os que a pessoa viu (por id); nulo = quaisquer.';
comment on function interno.gateways_agora() is 'Cada gateway: o último lote (gravado no S3, lido), lotes que faltam antes dele e marcas que esperam por eles, a marca mais atrasada de suas linhas, o maior desvio de relógio delas (ms), e a dúvida sobre o seu relógio.';
comment on function interno.fontes_agora() is 'Cada linha em uso: quem a conta, desde quando, até onde reportou, o estado e o relógio (ms) da fonte, e as de conferência.';
comment on function interno.totvs_agora() is 'O disjuntor do TOTVS, o último aviso dele (webhook) e a última busca de cada entidade, com o que consertou.';
comment on function interno.falhas_agora() is 'O que não entrou ou não foi: envios parados, eventos recusados ou estacionados, mensagens mortas e o que se fez delas (os 20 mais novos de cada), e a quarentena por motivo.';
comment on function public.integracao() is 'A integração numa tela, para GESTOR e ADMIN de qualquer setor: saude (saude_integracao), gateways, fontes, totvs e falhas. Listas curtas; instantes em UTC.';
comment on function public.lotes(text,text,integer) is 'Uma página de 50 OPs (e mais uma, se há outra página), a que mudou por último primeiro. p_busca: parte da OP ou do lote; p_estado: um status, ou ESPERA (falta algo ao fechamento, há ajuste proposto ou envio parado). Produzidas em unidades: as congeladas, ou as de agora.';
comment on function interno.lote_fechamento(text) is 'O fechamento da OP com seus totais, as assinaturas em que se apoia e os ajustes, até 100 de cada, e os id de todos os propostos; nulo se não fechou.';
comment on function interno.lote_envios(text) is 'Os 15 últimos envios da OP ao TOTVS, o mais novo primeiro, cada um com suas 3 últimas chamadas: o começo do que se enviou e do que foi respondido.';
comment on function interno.lote_horas(text,text,timestamp with time zone,interval,integer) is 'O que a OP contou na linha, por trecho do relógio a partir de p_de; até p_limite trechos em que esteve aberta.';
comment on function interno.lote_arquivos(text,text,timestamp with time zone,timestamp with time zone) is 'Os arquivos de que vieram as contagens da OP na linha em [p_de, p_ate): os 100 primeiros, e quantos são.';
comment on function interno.lote_relogio(text,text,timestamp with time zone) is 'Até 24 horas da OP na linha, à volta da de p_de (que traz seus trechos de dez minutos), quantas são, e por que instante seguir antes e depois.';
comment on function interno.lote_linhas(text,text,timestamp with time zone) is 'Cada linha por que a OP passou, com seus períodos; da linha p_linha_id também até 24 horas a partir da de p_de, e os trechos de dez minutos dessa hora.';
comment on function public.lote_detalhe(text,text,timestamp with time zone) is 'Uma OP numa tela: o que falta para fechar, o congelado com assinaturas e ajustes, o que o TOTVS soube e respondeu, e o caminho até os bytes: linhas, períodos, 24 horas da linha p_linha_id (ou da primeira) e os arquivos dos dez minutos de p_de. decide: se quem pergunta decide ajustes. PT404 OP_DESCONHECIDA.';

CREATE OR REPLACE FUNCTION interno.assuntos(p_setor text, p_linha_id text)
 RETURNS TABLE(tipo text, chave text, linha_id text, setor text, descricao text, desde timestamp with time zone, detalhes jsonb, causa text, titulo text, atos text[], posso text[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with pode as materialized (
        select t.ato ->> 'funcao' as funcao, u.setor
        from jsonb_array_elements(interno.atos()) as t (ato)
        inner join public.papeis_vigentes as u
            on u.usuario_id = interno.usuario_atual() and u.papel = any(public.papeis_da_funcao(t.ato ->> 'funcao'))
        where u.setor is null or not coalesce((t.ato ->> 'todos_setores')::boolean, false)
    )
    select p.tipo, p.chave, p.linha_id, p.setor, p.descricao, p.desde, d.detalhes, concat_ws(':', p.tipo, c.codigo, p.funcao),
        interno.titulo_da_causa(p.tipo, c.codigo), a.atos, array(
            select f.funcao
            from unnest(a.atos) with ordinality as f (funcao, n)
            where exists (
                select from pode as u where u.funcao = f.funcao and (u.setor is null or u.setor = p.setor)
            )
            order by f.n
        )
    from public.pendencias as p
    cross join lateral (
        select case p.tipo
            when 'FECHAMENTO' then p.detalhes ->> 'codigo'
            when 'ENVIO' then p.detalhes ->> 'situacao'
            when 'RETIDA' then p.detalhes ->> 'motivo'
            when 'QUARENTENA' then p.detalhes ->> 'motivo'
        end as codigo
    ) as c
    -- Of what came from a file: who sent it, for the functions that make that source known.
    cross join lateral (
        select p.detalhes || case when p.tipo = 'QUARENTENA' then jsonb_strip_nulls(jsonb_build_object(
            'linha', p.linha_id, 'gateway', s.gateway, 'fonte', coalesce(p.detalhes ->> 'fonte', s.gateway, 'avulso')
        )) else '{}' end as detalhes
        from (
            select case
                when p.detalhes ->> 'arquivo' like 'contagens/%' then split_part(p.detalhes ->> 'arquivo', '/', 2)
            end as gateway
        ) as s
    ) as d
    cross join lateral (
        select array_remove(array[
            case c.codigo
                when 'GATEWAY_DESCONHECIDO' then 'definir_gateway'
                when 'NAO_DONO' then 'definir_fonte'
            end,
            case when p.detalhes ->> 'alternativa' = 'reprocessar_quarentena' then 'reprocessar_quarentena' end,
            p.funcao,
            case when not (c.codigo is not distinct from 'NAO_DONO' and p.detalhes ->> 'alternativa' = 'definir_fonte')
                and p.detalhes ->> 'alternativa' <> 'reprocessar_quarentena' then p.detalhes ->> 'alternativa' end
        ], null) as atos
    ) as a
    where (p_setor is null or p.setor is null or p.setor = p_setor) and (p_linha_id is null or p.linha_id = p_linha_id)
$function$;
