-- people_roles: from the definitions in supabase/schemas, by `make migration`.

drop function public.definir_papel(uuid,text,text,boolean,text);
-- Whoever holds ADMIN beside other roles keeps one kind. Where somebody else administers all sectors and does nothing
-- else, the other roles stay and ADMIN goes. Where nobody does, who administers all sectors keeps ADMIN alone, so that
-- nobody is locked out; a manager who is missing then comes in by interno.primeiros_papeis. Each row taken is on the
-- trail.
do $$
declare
    v_alguem constant boolean := exists (
        select from public.papeis_usuario as a
        where a.papel = 'ADMIN' and a.setor is null and not exists (
            select from public.papeis_usuario as o where o.usuario_id = a.usuario_id and o.papel <> 'ADMIN'
        )
    );
begin
    perform set_config('sicfar.papel', 'MIGRACAO', true),
        set_config('sicfar.motivo', 'Quem concede papéis (ADMIN) não tem outro papel.', true);
    delete from public.papeis_usuario as r
    using (
        select
            m.usuario_id,
            not v_alguem and bool_or(m.papel = 'ADMIN' and m.setor is null) as administra
        from public.papeis_usuario as m
        group by m.usuario_id
        having bool_or(m.papel = 'ADMIN') and bool_or(m.papel <> 'ADMIN')
    ) as misto
    where r.usuario_id = misto.usuario_id and (r.papel = 'ADMIN') <> misto.administra;
    perform set_config('sicfar.papel', '', true), set_config('sicfar.motivo', '', true);
end $$;
alter table public.papeis_usuario add constraint papeis_de_quem_concede exclude using gist (
    usuario_id with =, (case papel when 'ADMIN' then 1 else 0 end) with <>
);
create table public.pedidos_papel (
    id bigint generated always as identity primary key,
    usuario_id uuid not null,
    papel text not null
    check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO')),
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    motivo text not null,
    pedido_por uuid not null check (pedido_por <> usuario_id),
    pedido_em timestamptz not null default clock_timestamp(),
    situacao text not null default 'PEDIDO' check (situacao in ('PEDIDO', 'CONCEDIDO', 'RECUSADO', 'RETIRADO')),
    resolvido_por uuid,
    resolvido_em timestamptz,
    resolvido_motivo text,
    check ((situacao = 'PEDIDO') = (resolvido_em is null)),
    check (situacao <> 'CONCEDIDO' or resolvido_por not in (pedido_por, usuario_id))
);

create or replace view interno.papeis_que_contam as
 SELECT usuario_id,
    papel,
    setor
   FROM public.papeis_vigentes p
  WHERE ((papel = 'ADMIN'::text) OR (NOT (EXISTS ( SELECT
           FROM public.papeis_vigentes a
          WHERE ((a.usuario_id = p.usuario_id) AND (a.papel = 'ADMIN'::text))))));

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
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        -- A shared panel may ask what an act would do, before it asks who does it; IT may look.
        when p_funcao in ('efeito_abertura', 'efeito_encerramento', 'ordens_propostas', 'ordens_da_linha')
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN', 'POSTO']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'devolver_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem')
            then array['SUPERVISOR', 'GESTOR']
        when p_funcao = 'definir_plantao'
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'pedir_papel', 'retirar_pedido_papel'
        )
            then array['GESTOR']
        when p_funcao in (
            'definir_linha', 'definir_gateway', 'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno',
            'definir_tipo_insumo', 'definir_familia_sem_lote', 'definir_recurso', 'definir_operacao',
            'definir_equivalencias_mes', 'definir_minutos_parada', 'integracao'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in (
            'definir_parametro', 'conceder_papel', 'tirar_papel', 'definir_pessoa', 'definir_operador',
            'definir_endereco_resumo', 'aprovar_apontamento_ti'
        )
            then array['ADMIN']
        when p_funcao = 'aprovar_apontamento_qualidade'
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.exigir_papel(p_funcao text, p_setor text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_usuario constant uuid := interno.usuario_atual();
    v_papel text;
begin
    select p.papel into v_papel
    from interno.papeis_que_contam as p
    where p.usuario_id = v_usuario
      and p.papel = any(public.papeis_da_funcao(p_funcao))
      and (p.setor is null or p.setor = p_setor)
    order by array_position(public.papeis_da_funcao(p_funcao), p.papel)
    limit 1;
    if v_papel is null then
        perform interno.recusar(
            '403', 'SEM_PERMISSAO',
            case when v_usuario is null
                then 'Esta ação é de uma pessoa autenticada; a chave de serviço não é pessoa.'
                else format(
                    'Esta ação exige um dos papéis %s %s.',
                    array_to_string(public.papeis_da_funcao(p_funcao), ', '),
                    coalesce('no setor ' || p_setor, 'para todos os setores')
                ) || case when exists (
                    select from public.papeis_vigentes as a where a.usuario_id = v_usuario and a.papel = 'ADMIN'
                ) then ' Quem concede papéis (ADMIN) não conta, não assina e não decide.' else '' end
            end,
            'Entre com um usuário que tenha esse papel, ou peça a um gestor que o peça à TI.'
        );
    end if;
    return v_papel;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_espera(p_linha_id text, p_janela tstzrange)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.assinar_diario(p_linha_id text, p_data date, p_turno text, p_significado text DEFAULT 'Conferi e aprovo este Diário de Bordo.'::text, p_motivo text DEFAULT NULL::text, p_visto text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.por_ordem_de_lado(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('por_ordem_de_lado', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_envio public.envios_totvs;
    v_parciais jsonb;
begin
    if v_lote.status = 'CONCLUIDO' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não espera decisão (%s).', v_op, v_lote.status));
    elsif interno.op_aberta(v_op) then
        perform interno.recusar(
            '409', 'ORDEM_ABERTA', format('A OP %s está aberta numa linha.', v_op), 'Encerre-a com encerrar_ordem.'
        );
    elsif exists (
        select from public.ordens_de_lado as d
        where d.numero_op = v_op and (d.producao_maquina, d.rejeicao_maquina) = (
            select coalesce(sum(o.producao_maquina), 0), coalesce(sum(o.rejeicao_maquina), 0)
            from public.ordens_producao_ativas as o where o.numero_op = v_op
        )
    ) then
        perform interno.recusar_decidido(format('A OP %s já está posta de lado.', v_op));
    end if;
    select * into v_envio from interno.cabeca(v_op);
    if v_envio.id is not null then
        perform interno.recusar(
            '409', 'ENVIO_PENDENTE', format('O envio %s da OP %s ainda não terminou (%s).', v_envio.id_externo, v_op, v_envio.situacao),
            'Espere que termine, ou decida-o com decidir_envio.'
        );
    end if;
    v_parciais := interno.parciais_confirmados(v_op);
    if (v_parciais ->> 'boas')::bigint > 0 or v_parciais -> 'refugos' <> '{}' then
        perform interno.estornar_parciais(
            v_op, (v_parciais ->> 'boas')::bigint, interno.lista(v_parciais -> 'refugos', 'codigo', 1), v_motivo
        );
    end if;
    return to_jsonb(interno.decidir_ordem(v_op, 'POR_DE_LADO', v_papel, 'por_ordem_de_lado', v_motivo));
end $function$;

create or replace view public.pendencias with (security_invoker=true) as
 WITH sem_ordem AS (
         SELECT t.linha_id,
            ((t.em AT TIME ZONE 'America/Fortaleza'::text))::date AS dia,
            sum(t.producao) AS producao,
            sum(t.rejeicao) AS rejeicao,
            min(t.em) AS de,
            max(t.ate) AS ate
           FROM ( SELECT m.linha_id,
                    m.minuto AS em,
                    (m.minuto + '00:01:00'::interval) AS ate,
                    (m.sem_ordem_producao - m.justificada_producao) AS producao,
                    (m.sem_ordem_rejeicao - m.justificada_rejeicao) AS rejeicao
                   FROM public.contagens_minuto m
                  WHERE ((((m.sem_ordem_producao - m.justificada_producao) + m.sem_ordem_rejeicao) - m.justificada_rejeicao) > 0)
                UNION ALL
                 SELECT i.linha_id,
                    i.ate AS em,
                    i.ate,
                    i.producao,
                    i.rejeicao
                   FROM public.contagens_intervalo i
                  WHERE ((i.situacao = 'SEM_ORDEM'::text) AND (NOT i.justificada))) t
          GROUP BY t.linha_id, (((t.em AT TIME ZONE 'America/Fortaleza'::text))::date)
        ), retidas AS (
         SELECT r.assunto,
            r.linha_id,
            r.motivo,
            count(*) AS itens,
            max(r.id) AS ultima,
            sum(r.producao) AS producao,
            sum(r.rejeicao) AS rejeicao,
            min(r.desde) AS de,
            max(r.ate) AS ate,
            bool_or(('futura'::text = ANY (r.flags))) AS futura,
            min(r.criada_em) AS desde
           FROM public.contagens_retidas r
          GROUP BY r.assunto, r.linha_id, r.motivo
        ), faltas AS (
         SELECT f.gateway,
            f.epoca,
            count(*) AS faixas,
            (min(f.anterior) + 1) AS de,
            (max(f.seq) - 1) AS ate,
            sum(((f.seq - f.anterior) - 1)) AS sequencias,
            to_jsonb((array_agg(ARRAY[(f.anterior + 1), (f.seq - 1)] ORDER BY f.seq))[:50]) AS primeiras,
            min(f.desde) AS desde
           FROM public.lacunas_sequencia f
          WHERE (((f.seq - f.anterior) > 1) AND (f.desde < (now() - '00:10:00'::interval)))
          GROUP BY f.gateway, f.epoca
        ), eventos AS (
         SELECT e.situacao,
            min(e.id) AS primeiro,
            max(e.id) AS ultimo,
            count(*) AS itens,
            min(e.recebido_em) AS desde
           FROM public.eventos_totvs e
          WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
          GROUP BY e.situacao, e.tipo, COALESCE(e.referencia, e.sha256)
        )
 SELECT p.tipo,
    p.chave,
    p.linha_id,
    COALESCE(linha.setor,
        CASE p.tipo
            WHEN 'PAPEL_PEDIDO'::text THEN (p.detalhes ->> 'setor'::text)
            ELSE NULL::text
        END) AS setor,
    p.descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao(p.funcao), ', '::text) AS quem_decide,
    p.funcao,
    p.detalhes
   FROM (( SELECT 'SEM_ORDEM'::text AS tipo,
            ((s.linha_id || ':'::text) || s.dia) AS chave,
            s.linha_id,
            s.linha_id AS linha_do_setor,
            format('A linha %s contou %s (rejeição %s) sem ordem aberta em %s.'::text, s.linha_id, s.producao, s.rejeicao, to_char((s.dia)::timestamp with time zone, 'DD/MM/YYYY'::text)) AS descricao,
            s.de AS desde,
            'justificar_sem_ordem'::text AS funcao,
            jsonb_build_object('p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', (s.ate + '00:00:00.001'::interval), 'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem') AS detalhes
           FROM sem_ordem s
        UNION ALL
         SELECT 'RETIDA'::text AS tipo,
            r.assunto,
            r.linha_id,
            r.linha_id AS linha_do_setor,
                CASE
                    WHEN (r.motivo = 'FRONTEIRA'::text) THEN format('Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.'::text, r.producao, r.rejeicao)
                    ELSE format('%s de %s (rejeição %s)%s%s.'::text,
                    CASE
                        WHEN r.futura THEN 'Contagem'::text
                        WHEN (r.itens = 1) THEN 'Contagem implausível'::text
                        ELSE 'Contagens implausíveis'::text
                    END, r.producao, r.rejeicao,
                    CASE
                        WHEN r.futura THEN format(' datada de %s, muito depois de chegar'::text, to_char((r.ate AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text))
                        ELSE NULL::text
                    END,
                    CASE
                        WHEN (r.itens > 1) THEN format(', em %s registros'::text, r.itens)
                        ELSE NULL::text
                    END)
                END AS format,
            r.desde,
            'decidir_retido'::text AS funcao,
            jsonb_build_object('p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS jsonb_build_object
           FROM retidas r
        UNION ALL
         SELECT 'QUARENTENA'::text AS tipo,
            q.assunto,
                CASE
                    WHEN ((cardinality(q.linhas) = 1) AND (q.sem_linha = 0)) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN ((q.sem_linha = 0) AND ( SELECT ((count(DISTINCT l.setor) = 1) AND (count(l.setor) = cardinality(q.linhas)))
                       FROM public.linhas l
                      WHERE (l.linha_id = ANY (q.linhas)))) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN (q.itens = 1) THEN p_1.detalhe
                    ELSE format('%s itens de %s, desde %s até %s. O primeiro: %s'::text, q.itens,
                    CASE
                        WHEN (q.arquivos = 1) THEN 'um arquivo'::text
                        ELSE (q.arquivos || ' arquivos'::text)
                    END, to_char((q.desde AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), to_char((q.ultimo_em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), p_1.detalhe)
                END AS format,
            q.desde,
            'resolver_quarentena'::text AS funcao,
            jsonb_build_object('p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos, 'linhas', NULLIF(q.linhas[:50], '{}'::text[]), 'motivo', p_1.motivo, 'outros_motivos', COALESCE(p_1.outros_motivos, '{}'::text[]), 'de', q.de, 'ate', q.ate, 'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'arquivo', p_1.chave, 'versao_id', p_1.versao_id, 'byte_de', p_1.byte_de, 'byte_ate', p_1.byte_ate, 'primeiros_bytes', encode(SUBSTRING(p_1.amostra FROM 1 FOR 64), 'escape'::text), 'fonte', p_1.fonte, 'alternativa',
                CASE
                    WHEN (p_1.fonte IS NOT NULL) THEN 'definir_fonte'::text
                    WHEN public.reprocessavel(p_1.*) THEN 'reprocessar_quarentena'::text
                    ELSE NULL::text
                END) AS jsonb_build_object
           FROM (public.quarentena_assuntos q
             JOIN public.quarentena p_1 ON ((q.primeiro = p_1.id)))
        UNION ALL
         SELECT 'RELOGIO_EM_DUVIDA'::text AS tipo,
            (d.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('%s Linhas %s, %s lotes.'::text, d.descricao, array_to_string(d.linhas, ', '::text), d.lotes) AS format,
            d.criada_em,
            'decidir_relogio'::text AS funcao,
            jsonb_build_object('p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate, 'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes) AS jsonb_build_object
           FROM public.duvidas_relogio d
          WHERE (d.decisao IS NULL)
        UNION ALL
         SELECT 'SEQUENCIA_AUSENTE'::text AS tipo,
            ((((f.gateway || ':'::text) || f.epoca) || ':'::text) || concat_ws('-'::text, f.de, NULLIF(f.ate, f.de))),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
                CASE
                    WHEN (f.sequencias = (1)::numeric) THEN format('O lote %s do gateway %s não chegou.'::text, f.de, f.gateway)
                    WHEN (f.faixas = 1) THEN format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, f.de, f.ate, f.gateway, f.sequencias)
                    ELSE format('Faltam %s lotes do gateway %s, em %s faixas de %s a %s.'::text, f.sequencias, f.gateway, f.faixas, f.de, f.ate)
                END AS format,
            f.desde,
            'anular_sequencia'::text AS funcao,
            jsonb_build_object('p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', (f.faixas > 1), 'sequencias', f.sequencias, 'faixas', f.primeiras) AS jsonb_build_object
           FROM faltas f
        UNION ALL
         SELECT 'EPOCA_NOVA'::text AS tipo,
            ((e.gateway || ':'::text) || e.epoca),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('O gateway %s foi reinstalado; falta dizer o último envio da instalação anterior (recebido até %s).'::text, e.gateway, e.maior_seq) AS format,
            n.em,
            'encerrar_epoca'::text AS funcao,
            jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq) AS jsonb_build_object
           FROM (public.epocas_gateway e
             CROSS JOIN LATERAL ( SELECT min(x.primeira_vez_em) AS em
                   FROM public.epocas_gateway x
                  WHERE ((x.gateway = e.gateway) AND (ROW(x.inicio, x.numero) > ROW(e.inicio, e.numero)))) n)
          WHERE ((e.ultima_seq_declarada IS NULL) AND (n.em IS NOT NULL))
        UNION ALL
         SELECT
                CASE e.situacao
                    WHEN 'RECUSADO'::text THEN 'EVENTO_RECUSADO'::text
                    ELSE 'EVENTO_ESTACIONADO'::text
                END AS "case",
            (g.primeiro)::text AS primeiro,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Evento do TOTVS (%s)%s: %s'::text, concat_ws(' '::text, e.tipo, e.referencia),
                CASE
                    WHEN (g.itens > 1) THEN format(', enviado %s vezes'::text, g.itens)
                    ELSE NULL::text
                END, e.motivo) AS format,
            g.desde,
            'resolver_evento_totvs'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id, 'itens', g.itens) AS jsonb_build_object
           FROM (eventos g
             JOIN public.eventos_totvs e ON ((g.ultimo = e.id)))
        UNION ALL
         SELECT o.tipo,
            o.chave,
            o.linha_id,
            o.linha_do_setor,
            o.descricao,
            o.desde,
            o.funcao,
            o.detalhes
           FROM public.pendencias_ordens o
        UNION ALL
         SELECT 'ENVIO'::text AS tipo,
            e.id_externo,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Envio %s ao TOTVS (%s, OP %s): %s%s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao),
                CASE
                    WHEN ((e.situacao = 'INCERTO'::text) OR e.pode_ter_entrado) THEN ', pode ter entrado'::text
                    ELSE NULL::text
                END, e.erro) AS format,
            COALESCE(e.concluido_em, e.tocado_em, e.criado_em) AS "coalesce",
            'decidir_envio'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo) AS jsonb_build_object
           FROM public.envios_totvs e
          WHERE ((e.situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((e.situacao = 'INCERTO'::text) AND (e.proxima_em IS NULL)))
        UNION ALL
         SELECT 'APONTAMENTO_LINHA'::text AS tipo,
            a.linha_id AS chave,
            a.linha_id,
            a.linha_id AS linha_do_setor,
            a.descricao,
            a.em,
            a.falta,
            jsonb_build_object('p_linha_id', a.linha_id, 'p_desde', a.desde, 'alternativa', 'suspender_apontamento') AS jsonb_build_object
           FROM public.aprovacoes_apontamento a
        UNION ALL
         SELECT 'PAPEL_PEDIDO'::text AS tipo,
            (r.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('%s pede o papel %s %s para %s: %s'::text, COALESCE(gestor.nome, (r.pedido_por)::text), r.papel, COALESCE(('no setor '::text || r.setor), 'em todos os setores'::text), COALESCE(pessoa.nome, (r.usuario_id)::text), r.motivo) AS format,
            r.pedido_em,
            'conceder_papel'::text AS funcao,
            jsonb_build_object('p_id', r.id, 'usuario_id', r.usuario_id, 'papel', r.papel, 'setor', r.setor, 'pedido_por', r.pedido_por, 'alternativa', 'retirar_pedido_papel') AS jsonb_build_object
           FROM ((public.pedidos_papel r
             LEFT JOIN public.pessoas_vigentes gestor ON ((r.pedido_por = gestor.usuario_id)))
             LEFT JOIN public.pessoas_vigentes pessoa ON ((r.usuario_id = pessoa.usuario_id)))
          WHERE (r.situacao = 'PEDIDO'::text)) p
     LEFT JOIN public.linhas linha ON ((p.linha_do_setor = linha.linha_id)));

CREATE OR REPLACE FUNCTION interno.travar_papeis()
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    select pg_advisory_xact_lock(hashtext('papeis_usuario'))
$function$;

CREATE OR REPLACE FUNCTION interno.exigir_papel_e_setor(p_papel text, p_setor text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_papel in ('OPERADOR', 'SUPERVISOR', 'ADMIN') then -- the MES has no profile for the others
        perform interno.exigir_sem_mes('este papel (perfil)');
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.conferir_papel(p_usuario_id uuid, p_papel text, p_setor text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    perform interno.exigir_papel_e_setor(p_papel, p_setor);
    if p_usuario_id = interno.usuario_atual() then
        perform interno.recusar(
            '403', 'PROPRIO_PAPEL', 'Ninguém pede nem concede um papel a si mesmo.', 'Peça a outra pessoa.'
        );
    elsif exists (
        select from public.papeis_vigentes as p
        where p.usuario_id = p_usuario_id and p.papel = p_papel and p.setor is not distinct from p_setor
    ) then
        perform interno.recusar('409', 'PAPEL_JA_VALE', 'Esta pessoa já tem este papel.', 'Nada falta fazer.');
    elsif exists (
        select from public.papeis_vigentes as p
        where p.usuario_id = p_usuario_id and (p.papel = 'ADMIN') <> (p_papel = 'ADMIN')
    ) then
        perform interno.recusar(
            '409', 'PAPEIS_INCOMPATIVEIS',
            'Quem concede papéis (ADMIN) não conta, não assina e não decide: não pode ter outro papel junto.',
            'Dê o papel a outra pessoa, ou tire antes o que ela tem (tirar_papel).'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION public.pedir_papel(p_usuario_id uuid, p_papel text, p_setor text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('pedir_papel', p_setor);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido public.pedidos_papel;
begin
    if not exists (select from public.pessoas_vigentes as p where p.usuario_id = p_usuario_id) then
        perform interno.recusar(
            '404', 'PESSOA_DESCONHECIDA', 'Esta pessoa não tem nome no cadastro.', 'Peça à TI que lhe dê um nome (definir_pessoa).'
        );
    end if;
    perform interno.travar_papeis();
    perform interno.conferir_papel(p_usuario_id, p_papel, p_setor);
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pedidos_papel (usuario_id, papel, setor, motivo, pedido_por)
    values (p_usuario_id, p_papel, p_setor, v_motivo, interno.usuario_atual())
    on conflict (usuario_id, papel, setor) where situacao = 'PEDIDO' do nothing
    returning * into v_pedido;
    perform interno.declarar_autor('', '');
    if v_pedido.id is null then
        perform interno.recusar('409', 'JA_PEDIDO', 'Este papel já foi pedido para esta pessoa.', 'Espere a resposta da TI.');
    end if;
    return to_jsonb(v_pedido);
end $function$;

CREATE OR REPLACE FUNCTION interno.pedido_de_papel(p_id bigint)
 RETURNS public.pedidos_papel
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_pedido public.pedidos_papel;
begin
    perform interno.travar_papeis();
    select * into v_pedido from public.pedidos_papel where id = p_id;
    if v_pedido.id is null then
        perform interno.recusar('404', 'PEDIDO_DESCONHECIDO', 'Não há este pedido de papel.', 'Procure-o nas pendências.');
    elsif v_pedido.situacao <> 'PEDIDO' then
        perform interno.recusar(
            '409', 'PEDIDO_RESOLVIDO',
            format('Este pedido já foi %s em %s.', lower(v_pedido.situacao), interno.hora_local(v_pedido.resolvido_em)),
            'Se o papel ainda faz falta, peça-o de novo.'
        );
    end if;
    return v_pedido;
end $function$;

CREATE OR REPLACE FUNCTION interno.resolver_pedido(p_id bigint, p_situacao text, p_papel text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_pedido public.pedidos_papel;
begin
    perform interno.declarar_autor(p_papel, p_motivo);
    if p_situacao = 'CONCEDIDO' then
        insert into public.papeis_usuario (usuario_id, papel, setor)
        select p.usuario_id, p.papel, p.setor from public.pedidos_papel as p where p.id = p_id;
    end if;
    update public.pedidos_papel
    set situacao = p_situacao, resolvido_por = interno.usuario_atual(), resolvido_em = clock_timestamp(),
        resolvido_motivo = p_motivo
    where id = p_id
    returning * into v_pedido;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_pedido);
end $function$;

CREATE OR REPLACE FUNCTION public.conceder_papel(p_id bigint, p_decisao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('conceder_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido public.pedidos_papel;
begin
    perform interno.exigir_decisao(p_decisao, 'CONCEDER', 'RECUSAR');
    v_pedido := interno.pedido_de_papel(p_id);
    if p_decisao = 'CONCEDER' then
        perform interno.conferir_papel(v_pedido.usuario_id, v_pedido.papel, v_pedido.setor);
        if not exists ( -- who asked may have left since; nor may one person ask as manager and give as IT
            select from interno.papeis_que_contam as p
            where p.usuario_id = v_pedido.pedido_por and p.papel = any(public.papeis_da_funcao('pedir_papel'))
              and (p.setor is null or p.setor = v_pedido.setor)
        ) then
            perform interno.recusar(
                '409', 'PEDIDO_SEM_GESTOR', 'Quem pediu não é mais gestor do setor.',
                'Recuse este pedido; quem gere o setor agora pede outro.'
            );
        end if;
    end if;
    return interno.resolver_pedido(
        p_id, case p_decisao when 'CONCEDER' then 'CONCEDIDO' else 'RECUSADO' end, v_papel, v_motivo
    );
end $function$;

CREATE OR REPLACE FUNCTION public.retirar_pedido_papel(p_id bigint, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel(
        'retirar_pedido_papel', (select p.setor from public.pedidos_papel as p where p.id = p_id)
    );
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.pedido_de_papel(p_id);
    return interno.resolver_pedido(p_id, 'RETIRADO', v_papel, v_motivo);
end $function$;

CREATE OR REPLACE FUNCTION public.tirar_papel(p_usuario_id uuid, p_papel text, p_setor text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('tirar_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_tirados jsonb;
begin
    if p_papel is not null then
        perform interno.exigir_papel_e_setor(p_papel, p_setor);
    end if;
    perform interno.travar_papeis();
    perform interno.declarar_autor(v_papel, v_motivo);
    with tirados as (
        delete from public.papeis_usuario
        where usuario_id = p_usuario_id
          and (p_papel is null or papel = p_papel and setor is not distinct from p_setor)
        returning papel, setor
    )
    select jsonb_agg(jsonb_build_object('papel', t.papel, 'setor', t.setor) order by t.papel, t.setor) into v_tirados
    from tirados as t;
    perform interno.declarar_autor('', '');
    if v_tirados is null then
        perform interno.recusar(
            '404', 'PAPEL_DESCONHECIDO', 'Esta pessoa não tem este papel neste setor.', 'Confira o papel e o setor em Cadastros.'
        );
    elsif not exists (select from interno.papeis_que_contam as p where p.papel = 'ADMIN' and p.setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Conceda antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object(
        'usuario_id', p_usuario_id, 'tirados', v_tirados, 'restam', coalesce((
            select jsonb_agg(jsonb_build_object('papel', p.papel, 'setor', p.setor) order by p.papel, p.setor)
            from public.papeis_vigentes as p
            where p.usuario_id = p_usuario_id
        ), '[]')
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.primeiros_papeis(p_ti uuid, p_gestor uuid, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_um record;
begin
    perform interno.travar_papeis();
    for v_um in
        select x.usuario_id, x.papel
        from (values (p_ti, 'ADMIN'), (p_gestor, 'GESTOR')) as x (usuario_id, papel)
        where x.usuario_id is not null
    loop
        if exists (select from interno.papeis_que_contam as p where p.papel = v_um.papel and p.setor is null) then
            perform interno.recusar(
                '409', 'JA_HA_QUEM', format('Já há quem tenha o papel %s em todos os setores.', v_um.papel),
                'Este caminho é só do primeiro: peça com pedir_papel, e a TI concede.'
            );
        end if;
        perform interno.conferir_papel(v_um.usuario_id, v_um.papel, null);
        perform interno.declarar_autor(session_user, v_motivo);
        insert into public.papeis_usuario (usuario_id, papel) values (v_um.usuario_id, v_um.papel);
        perform interno.declarar_autor('', '');
    end loop;
    return coalesce((
        select jsonb_agg(to_jsonb(p) order by p.papel) from public.papeis_usuario as p where p.usuario_id in (p_ti, p_gestor)
    ), '[]');
end $function$;

CREATE OR REPLACE FUNCTION public.quem_sou()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'usuario_id', u.id,
        'nome', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = u.id),
        'papeis', coalesce((
            select jsonb_agg(jsonb_build_object('papel', p.papel, 'setor', p.setor) order by p.papel, p.setor)
            from interno.papeis_que_contam as p
            where p.usuario_id = u.id
        ), '[]'),
        'turno', (
            select jsonb_build_object(
                'data', t.data, 'turnos', t.turnos, 'inicio', lower(t.janela), 'fim', upper(t.janela)
            )
            from interno.turnos_entre(clock_timestamp(), clock_timestamp()) as t
            where t.janela @> clock_timestamp()
            order by lower(t.janela) desc
            limit 1
        )
    )
    from (select interno.usuario_atual() as id) as u
$function$;

CREATE OR REPLACE FUNCTION public.pessoas_que_podem(p_funcao text, p_setor text)
 RETURNS TABLE(nome text, login text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select p.nome, p.nome_login
    from public.pessoas_vigentes as p
    where p.nome_login is not null and exists (
        select from interno.papeis_que_contam as r
        where r.usuario_id = p.usuario_id and r.papel = any(public.papeis_da_funcao(p_funcao))
          and (r.setor is null or r.setor = p_setor)
    )
    order by p.nome, p.nome_login
    limit 1000
$function$;

CREATE OR REPLACE FUNCTION interno.argumentos_comuns()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json${
        "p_motivo": {"rotulo": "Motivo", "tipo": "longo", "minimo": 5, "maximo": 2000, "obrigatorio": true},
        "p_chave": {"rotulo": "Chave do pedido", "tipo": "texto", "opcional": true, "pedir": false},
        "p_visto": {"rotulo": "O que se viu", "tipo": "texto", "opcional": true, "pedir": false},
        "p_ids": {"rotulo": "Itens", "tipo": "ids", "opcional": true, "pedir": false},
        "p_assunto": {"rotulo": "Assunto", "tipo": "texto", "opcional": true, "pedir": false, "de_detalhes": "p_assunto"},
        "p_id": {"rotulo": "Item", "tipo": "inteiro", "pedir": false, "de_detalhes": "p_id"},
        "p_numero_op": {"rotulo": "OP", "tipo": "op", "maximo": 14, "de_detalhes": "p_numero_op"},
        "p_linha_id": {"rotulo": "Linha", "tipo": "linha", "maximo": 32, "de_detalhes": "p_linha_id"},
        "p_gateway": {"rotulo": "Gateway", "tipo": "gateway", "maximo": 63, "de_detalhes": "p_gateway"},
        "p_epoca": {"rotulo": "Instalação", "tipo": "texto", "pedir": false, "de_detalhes": "p_epoca"},
        "p_data": {"rotulo": "Dia do turno", "tipo": "data", "de_detalhes": "p_data"},
        "p_turno": {"rotulo": "Turno", "tipo": "turno", "maximo": 8, "de_detalhes": "p_turno"},
        "p_de": {"rotulo": "A partir de", "tipo": "instante"},
        "p_ate": {"rotulo": "Até (vazio: em diante)", "tipo": "instante", "obrigatorio": false},
        "p_usuario_id": {"rotulo": "Pessoa", "tipo": "pessoa"},
        "p_prefixo": {"rotulo": "Começo do código do produto", "tipo": "texto", "maximo": 30},
        "p_descricao": {"rotulo": "Descrição", "tipo": "texto", "maximo": 80},
        "p_setor": {"rotulo": "Setor (vazio: todos)", "tipo": "escolha", "obrigatorio": false, "escolhas": [
            {"valor": "SPEP", "rotulo": "SPEP"}, {"valor": "SPPV", "rotulo": "SPPV"},
            {"valor": "LIQUIDOS", "rotulo": "Líquidos"}, {"valor": "CPHD", "rotulo": "CPHD"}
        ]},
        "p_papel": {"rotulo": "Papel", "tipo": "escolha", "escolhas": [
            {"valor": "OPERADOR", "rotulo": "Operador"}, {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
            {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"},
            {"valor": "ADMIN", "rotulo": "TI", "efeito": "Concede papéis e cuida dos cadastros; não conta, não assina e não decide."},
            {"valor": "POSTO", "rotulo": "Posto", "efeito": "Só lê: é da tela de um setor, não de uma pessoa."}
        ]},
        "p_etapa": {"rotulo": "Etapa", "tipo": "escolha", "escolhas": [
            {"valor": "ENVASE", "rotulo": "Envase"}, {"valor": "EMBALAGEM", "rotulo": "Embalagem"}
        ]}
    }$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_pessoas()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "pedir_papel", "titulo": "Pedir um papel para alguém", "tela": "cadastros",
         "explicacao": "O pedido espera a TI, que o concede ou recusa. Quem concede papéis não tem outro papel.",
         "argumentos": ["p_usuario_id", "p_papel", "p_setor", "p_motivo"]},
        {"funcao": "conceder_papel", "titulo": "Responder ao pedido de papel", "em_lote": true, "todos_setores": true,
         "explicacao": "Concedido, o papel vale já.",
         "argumentos": ["p_id", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "CONCEDER", "rotulo": "Conceder", "efeito": "A pessoa passa a ter o papel."},
             {"valor": "RECUSAR", "rotulo": "Recusar", "efeito": "Nada muda; o gestor pode pedir outro."}
         ]}, "p_motivo"]},
        {"funcao": "retirar_pedido_papel", "titulo": "Retirar o pedido de papel", "em_lote": true,
         "explicacao": "O pedido acaba sem resposta da TI.", "argumentos": ["p_id", "p_motivo"]},
        {"funcao": "tirar_papel", "titulo": "Tirar um papel de alguém", "todos_setores": true, "tela": "cadastros",
         "explicacao": "Vale já. Quem sai da fábrica perde todos: deixe o papel em branco.",
         "argumentos": ["p_usuario_id", {"nome": "p_papel", "rotulo": "Papel (vazio: todos, em todos os setores)", "obrigatorio": false},
             {"nome": "p_setor", "rotulo": "Setor do papel (vazio: o que vale em todos)"}, "p_motivo"]},
        {"funcao": "definir_pessoa", "titulo": "Dizer o nome de uma pessoa", "todos_setores": true,
         "explicacao": "O nome sai na assinatura.",
         "argumentos": ["p_usuario_id", {"nome": "p_nome", "rotulo": "Nome por extenso", "tipo": "texto", "maximo": 80},
             {"nome": "p_login", "rotulo": "Nome com que entra (vazio: o que já tem)", "tipo": "texto", "maximo": 40, "opcional": true}, "p_motivo"]},
        {"funcao": "definir_operador", "titulo": "Dizer o código da pessoa no TOTVS", "todos_setores": true,
         "explicacao": "Vai nos apontamentos que ela assina; vazio = nenhum.",
         "argumentos": ["p_usuario_id", {"nome": "p_operador", "rotulo": "Código no TOTVS", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_tipo_insumo", "titulo": "Definir um tipo de insumo", "todos_setores": true,
         "explicacao": "Produtos deste tipo do TOTVS são insumos; sem descrição, não são mais.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "Tipo no TOTVS", "tipo": "texto", "maximo": 10}, {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_familia_sem_lote", "titulo": "Definir uma família sem lote", "todos_setores": true,
         "explicacao": "OPs destes produtos não abrem lote; sem descrição, abrem.",
         "argumentos": ["p_prefixo", {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_recurso", "titulo": "Dizer o recurso da linha no TOTVS",
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": ["p_linha_id", {"nome": "p_recurso", "rotulo": "Recurso", "tipo": "texto", "maximo": 20, "obrigatorio": false},
             {"nome": "p_centro_custo", "rotulo": "Centro de custo", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_operacao", "titulo": "Dizer a operação da etapa no TOTVS", "todos_setores": true,
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": [{"nome": "p_prefixo", "obrigatorio": false, "vazio": ""}, "p_etapa",
             {"nome": "p_operacao", "rotulo": "Operação", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_armazem", "rotulo": "Armazém", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_tipo_movimento", "rotulo": "Tipo de movimento", "tipo": "texto", "maximo": 10, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_minutos_parada", "titulo": "Dizer depois de quanto tempo a linha está parada",
         "explicacao": "Vale para o que se mostra e para as paradas que o MES lê; vazio = o prazo da fábrica.",
         "argumentos": ["p_linha_id", {"nome": "p_minutos", "rotulo": "Minutos sem contagem", "tipo": "inteiro", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_equivalencias_mes", "titulo": "Dizer os números do MES", "todos_setores": true,
         "explicacao": "Que número o MES usa para o que aqui tem código.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "De quê", "tipo": "escolha", "escolhas": [
             {"valor": "LINHA", "rotulo": "Linha"}, {"valor": "PRODUTO", "rotulo": "Produto"}, {"valor": "TURNO", "rotulo": "Turno"},
             {"valor": "PESSOA", "rotulo": "Pessoa"}, {"valor": "PARADA", "rotulo": "Código de parada"}
         ]}, {"nome": "p_ids", "rotulo": "Código = número, um por linha", "tipo": "mapa", "opcional": false, "pedir": true}, "p_motivo"]},
        {"funcao": "definir_endereco_resumo", "titulo": "Dar ou tirar um endereço do resumo diário", "todos_setores": true,
         "explicacao": "Recebe por e-mail o que espera há muito tempo no setor.",
         "argumentos": ["p_setor", {"nome": "p_endereco", "rotulo": "E-mail", "tipo": "texto", "maximo": 254}, {"nome": "p_vale", "rotulo": "Vale", "tipo": "sim_nao"}, "p_motivo"]},
        {"funcao": "definir_plantao", "titulo": "Dizer quem está de plantão",
         "explicacao": "Aparece nas Pendências para quem não pode decidir; sem nome, ninguém.",
         "argumentos": [{"nome": "p_papel", "rotulo": "De quem é o assunto", "tipo": "escolha", "escolhas": [
             {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
             {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"}, {"valor": "ADMIN", "rotulo": "TI"}
         ]}, "p_setor", {"nome": "p_nome", "rotulo": "Nome", "tipo": "texto", "maximo": 80, "obrigatorio": false},
             {"nome": "p_telefone", "rotulo": "Telefone", "tipo": "texto", "maximo": 30, "obrigatorio": false}, "p_motivo"]}
    ]$json$::jsonb
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
        select min(p.setor) from interno.papeis_que_contam as p
        where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao('integracao'))
    ));
    return jsonb_build_object(
        'saude', public.saude_integracao(), 'gateways', interno.gateways_agora(), 'fontes', interno.fontes_agora(),
        'totvs', interno.totvs_agora(), 'falhas', interno.falhas_agora()
    );
end $function$;

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
                select from interno.papeis_que_contam as r
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

CREATE OR REPLACE FUNCTION interno.titulo_da_causa(p_tipo text, p_codigo text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case p_tipo || coalesce(':' || p_codigo, '')
        when 'RETIDA:FRONTEIRA' then 'Contagem duvidosa: troca de OP no meio'
        when 'QUARENTENA:NAO_DONO' then 'Contagem de quem não conta a linha'
        when 'QUARENTENA:LINHA_DESCONHECIDA' then 'Contagem de linha sem cadastro'
        when 'QUARENTENA:GATEWAY_DESCONHECIDO' then 'Gateway sem cadastro'
        when 'QUARENTENA:EPOCA_ANTERIOR' then 'Contagem talvez já contada'
        when 'FECHAMENTO:DIARIO_NAO_ASSINADO' then 'Lote que espera a assinatura do Diário'
        when 'FECHAMENTO:DIARIO_ALTERADO' then 'Diário que mudou depois de assinado'
        when 'FECHAMENTO:REFUGO_DIVERGENTE' then 'Refugo da máquina e digitado divergem'
        when 'ENVIO:INCERTO' then 'Apontamento em dúvida'
        when 'ENVIO:RECUSADO' then 'Apontamento recusado pelo TOTVS'
        else case p_tipo
            when 'SEM_ORDEM' then 'Contagem sem OP'
            when 'RETIDA' then 'Contagem duvidosa'
            when 'QUARENTENA' then 'Arquivo não lido'
            when 'RELOGIO_EM_DUVIDA' then 'Relógio do gateway em dúvida'
            when 'SEQUENCIA_AUSENTE' then 'Envio do gateway que não chegou'
            when 'EPOCA_NOVA' then 'Gateway reinstalado'
            when 'EVENTO_RECUSADO' then 'Mensagem do TOTVS com erro'
            when 'EVENTO_ESTACIONADO' then 'Mensagem do TOTVS à espera de cadastro'
            when 'OP_CANCELADA' then 'OP cancelada no TOTVS'
            when 'OP_POSTA_DE_LADO' then 'OP posta de lado que mudou'
            when 'OP_ALTERADA' then 'OP mudada no TOTVS'
            when 'FECHAMENTO' then 'Lote que não fecha'
            when 'AJUSTE' then 'Lote que mudou depois de fechado'
            when 'ENVIO' then 'Apontamento que o TOTVS não aceitou'
            when 'APONTAMENTO_LINHA' then 'Linha a informar ao TOTVS'
            when 'PAPEL_PEDIDO' then 'Papel pedido por um gestor'
            else 'Outro assunto'
        end
    end
$function$;

CREATE OR REPLACE FUNCTION interno.assuntos(p_setor text, p_linha_id text)
 RETURNS TABLE(tipo text, chave text, linha_id text, setor text, descricao text, desde timestamp with time zone, detalhes jsonb, causa text, titulo text, atos text[], posso text[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with pode as materialized (
        select t.ato ->> 'funcao' as funcao, u.setor
        from jsonb_array_elements(interno.atos()) as t (ato)
        inner join interno.papeis_que_contam as u
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

CREATE OR REPLACE FUNCTION public.meu_turno(p_setor text, p_data date DEFAULT NULL::date, p_turno text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
    select jsonb_build_object(
        'setor', p_setor, 'data', t.data, 'turno', t.turno, 'inicio', lower(j.janela), 'fim', upper(j.janela),
        'turnos', (
            select jsonb_agg(x.turno order by x.turno) from public.turnos_vigentes as x
            where interno.janela_turno(t.data, x.turno) = j.janela
        ),
        'anterior', interno.turno_vizinho(lower(j.janela) - interval '1 second'),
        'seguinte', interno.turno_vizinho(upper(j.janela)),
        'agora', clock_timestamp(),
        'libera_em', upper(j.janela) + make_interval(secs => interno.parametro('ASSINAR_ESPERA_SEGUNDOS')),
        'pode', (
            select jsonb_object_agg(f.funcao, exists (
                select from interno.papeis_que_contam as p
                where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao(f.funcao))
                  and (p.setor is null or p.setor = p_setor)
            ))
            from unnest(array['confirmar_turno', 'devolver_diario', 'assinar_diario']) as f (funcao)
        ),
        'linhas', (
            select coalesce(jsonb_agg(interno.linha_do_turno(l, j.janela) order by l.etapa desc, l.linha_id), '[]')
            from public.linhas as l
            where l.setor = p_setor and (
                l.ativa or exists (select from interno.ops_do_turno(l.linha_id, j.janela))
            )
        )
    )
    from (
        select coalesce(p_data, c.data) as data, case when p_data is null then c.turno else p_turno end as turno
        from interno.turno_a_conferir(p_setor) as c
    ) as t
    cross join lateral (select interno.exigir_janela(t.data, t.turno) as janela offset 0) as j
$function$;

CREATE UNIQUE INDEX pedidos_papel_em_aberto ON public.pedidos_papel USING btree (usuario_id, papel, setor) NULLS NOT DISTINCT WHERE (situacao = 'PEDIDO'::text);
alter table public.pedidos_papel enable row level security;
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.pedidos_papel FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('id');
create policy leitura on public.pedidos_papel as permissive for select to authenticated using (true);
revoke all on function interno.conferir_papel(uuid,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_espera(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_papel_e_setor(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.pedido_de_papel(bigint) from public, anon, authenticated, service_role;
revoke all on function interno.primeiros_papeis(uuid,uuid,text) from public, anon, authenticated, service_role;
revoke all on function interno.resolver_pedido(bigint,text,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.travar_papeis() from public, anon, authenticated, service_role;
revoke all on function public.conceder_papel(bigint,text,text) from public, anon, authenticated, service_role;
grant execute on function public.conceder_papel(bigint,text,text) to authenticated;
grant execute on function public.conceder_papel(bigint,text,text) to service_role;
revoke all on function public.pedir_papel(uuid,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.pedir_papel(uuid,text,text,text) to authenticated;
grant execute on function public.pedir_papel(uuid,text,text,text) to service_role;
revoke all on function public.retirar_pedido_papel(bigint,text) from public, anon, authenticated, service_role;
grant execute on function public.retirar_pedido_papel(bigint,text) to authenticated;
grant execute on function public.retirar_pedido_papel(bigint,text) to service_role;
revoke all on function public.tirar_papel(uuid,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.tirar_papel(uuid,text,text,text) to authenticated;
grant execute on function public.tirar_papel(uuid,text,text,text) to service_role;
revoke all on sequence public.pedidos_papel_id_seq from public, anon, authenticated, service_role;
revoke all on table interno.papeis_que_contam from public, anon, authenticated, service_role;
revoke all on table public.pedidos_papel from public, anon, authenticated, service_role;
grant select on table public.pedidos_papel to authenticated;
grant select on table public.pedidos_papel to service_role;
comment on column public.pendencias.setor is 'Setor da linha, ou o do papel pedido; nulo se de todos.';
comment on column public.pendencias.tipo is 'SEM_ORDEM, RETIDA, QUARENTENA, SEQUENCIA_AUSENTE, EPOCA_NOVA, EVENTO_RECUSADO, EVENTO_ESTACIONADO, OP_CANCELADA, OP_POSTA_DE_LADO, OP_ALTERADA, FECHAMENTO, AJUSTE, ENVIO, APONTAMENTO_LINHA ou PAPEL_PEDIDO.';
comment on function public.assinar_diario(text,date,text,text,text,text) is 'Assina o Diário de Bordo de um turno da linha, com login recente. PT409 DIARIO_INCOMPLETO diz tudo que falta; ESPERA_FONTES, se o turno acabou há pouco e uma fonte não reportou; DIARIO_MUDOU, se o conteúdo não é mais o de p_visto (conteudo_sha256 da tela). Se mudou depois de assinado, assina-se de novo, com motivo.';
comment on view interno.papeis_que_contam is 'Os papéis com que se pode agir: de quem concede papéis (ADMIN), só esse. Fonte: papeis_vigentes.';
comment on table public.pedidos_papel is 'Papéis que um gestor pediu para alguém, e o que a TI respondeu. Fonte: pedir_papel.';
comment on column public.pedidos_papel.usuario_id is 'Para quem é o papel (sub do JWT). Fonte: pedir_papel.';
comment on column public.pedidos_papel.papel is 'Papel pedido. Fonte: pedir_papel.';
comment on column public.pedidos_papel.setor is 'Setor em que valerá; nulo = todos. Fonte: pedir_papel.';
comment on column public.pedidos_papel.pedido_por is 'Gestor que pediu (sub do JWT). Fonte: pedir_papel.';
comment on column public.pedidos_papel.situacao is 'PEDIDO (espera a TI), CONCEDIDO, RECUSADO ou RETIRADO por um gestor. Fonte: banco.';
comment on column public.pedidos_papel.resolvido_por is 'Quem concedeu, recusou ou retirou (sub do JWT). Fonte: banco.';
comment on column public.pedidos_papel.resolvido_motivo is 'Por que se concedeu, recusou ou retirou. Fonte: quem o fez.';
comment on function interno.exigir_espera(text,tstzrange) is 'PT409 ESPERA_FONTES se o turno terminou há menos de ASSINAR_ESPERA_SEGUNDOS e alguma fonte da linha não reportou até o fim dele.';
comment on function interno.travar_papeis() is 'Uma mudança de papéis por vez, até o fim da transação.';
comment on function interno.exigir_papel_e_setor(text,text) is 'PT422 VALOR_INVALIDO se o papel ou o setor não há; PT409 DADO_DO_MES se o papel é um perfil do MES, conectado.';
comment on function interno.conferir_papel(uuid,text,text) is 'Recusa o que interno.exigir_papel_e_setor recusa, a si mesmo (PT403 PROPRIO_PAPEL), PT409 PAPEL_JA_VALE e PAPEIS_INCOMPATIVEIS.';
comment on function public.pedir_papel(uuid,text,text,text) is 'Um gestor do setor (nulo = de todos) pede um papel para outra pessoa; a TI o concede ou recusa. Devolve o pedido.';
comment on function interno.pedido_de_papel(bigint) is 'O pedido, que ainda espera, com os papéis travados; PT404 PEDIDO_DESCONHECIDO ou PT409 PEDIDO_RESOLVIDO.';
comment on function interno.resolver_pedido(bigint,text,text,text) is 'Dá o papel, se concedido, e escreve o que se fez do pedido; um e outro na trilha. Devolve o pedido.';
comment on function public.conceder_papel(bigint,text,text) is 'A TI concede (CONCEDER) ou recusa (RECUSAR) o papel que um gestor pediu. Devolve o pedido.';
comment on function public.retirar_pedido_papel(bigint,text) is 'Um gestor do setor retira um pedido de papel que a TI ainda não respondeu. Devolve o pedido.';
comment on function public.tirar_papel(uuid,text,text,text) is 'A TI tira na hora um papel de alguém (setor nulo = o que vale em todos); papel nulo = tudo que ela tem aqui. Devolve o que tirou e o que resta.';
comment on function interno.primeiros_papeis(uuid,uuid,text) is 'O primeiro ADMIN e o primeiro GESTOR de uma instalação, de todos os setores, cada um só onde não há; do editor SQL do projeto, por ninguém da API.';
