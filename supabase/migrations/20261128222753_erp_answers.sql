-- erp_answers: from the definitions in supabase/schemas, by `make migration`.

drop function public.decidir_envio(bigint,text,text);
-- by hand

alter table public.envios_totvs
    add column chave_erp text check (length(chave_erp) <= 100),
    add column pode_ter_entrado boolean not null default false;
-- Refused with an HTTP 5xx, or in an answer to several: until now a redrive sent these again without asking.
update public.envios_totvs set pode_ter_entrado = true
where situacao = 'RECUSADO' and (erro like 'HTTP 5%' or codigo = 'item_refused');

-- end of what is by hand

CREATE OR REPLACE FUNCTION interno.proteger_envio()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if (old.id, old.numero_op, old.ordem, old.id_externo, old.tipo, old.criado_em)
            is distinct from (new.id, new.numero_op, new.ordem, new.id_externo, new.tipo, new.criado_em)
        or (old.conteudo is not null and old.conteudo is distinct from new.conteudo)
        or (old.chave_erp is not null and old.chave_erp is distinct from new.chave_erp)
        or (old.situacao = 'CONFIRMADO' and new.situacao <> 'CONFIRMADO') then
        perform interno.recusar(
            '403', 'SOMENTE_ACRESCIMO', format('O envio %s permanece como foi feito.', old.id_externo),
            'Registre a diferença como ajuste.'
        );
    end if;
    return new;
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
    v_volta timestamptz;
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
    v_volta := interno.pedir_passagem('TOTVS', p_lease_s);
    if v_volta is not null then
        return jsonb_build_object('situacao', 'ESPERAR', 'ate', v_volta);
    end if;
    if v_envio.conteudo is null then
        v_envio.conteudo := interno.conteudo_fechamento(v_envio.numero_op);
    end if;
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
        'conteudo', v_envio.conteudo, 'consultar', v_consultar, 'conferir', v_envio.restaurado,
        'em_duvida', v_em_duvida or v_envio.pode_ter_entrado, 'repetir', not v_envio.pode_ter_entrado
    );
end $function$;

CREATE OR REPLACE FUNCTION public.concluir_envio(p_conclusao jsonb, p_tentativas jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
            concluido_em = case when v_c ->> 'situacao' in ('CONFIRMADO', 'RECUSADO', 'ESGOTADO') then clock_timestamp() end
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
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_envio(p_id bigint, p_decisao text, p_motivo text, p_chave_erp text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
        )
 SELECT p.tipo,
    p.chave,
    p.linha_id,
    linha.setor,
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
            format('O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).'::text, e.gateway, e.maior_seq) AS format,
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
            (e.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Evento do TOTVS (%s): %s'::text, concat_ws(' '::text, e.tipo, e.referencia), e.motivo) AS format,
            e.recebido_em,
            'resolver_evento_totvs'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id) AS jsonb_build_object
           FROM public.eventos_totvs e
          WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
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
           FROM public.aprovacoes_apontamento a) p
     LEFT JOIN public.linhas linha ON ((p.linha_do_setor = linha.linha_id)));

revoke all on function public.decidir_envio(bigint,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_envio(bigint,text,text,text) to authenticated;
grant execute on function public.decidir_envio(bigint,text,text,text) to service_role;
comment on column public.envios_totvs.chave_erp is 'Identificador que o TOTVS deu ao que gravou (p. ex. H6_IDENT), pelo qual se estorna; nulo se não se sabe. Fonte: TOTVS, ou quem decidiu.';
comment on column public.envios_totvs.pode_ter_entrado is 'A última resposta não diz se o TOTVS gravou (erro 5xx com código, erro dentro de um 2xx, 2xx de forma não declarada): só a consulta que o mostra, ou uma pessoa, o resolve. Fonte: totvs_post.';
comment on function public.decidir_envio(bigint,text,text,text) is 'Decide um envio incerto, recusado ou esgotado: ENTROU (está no TOTVS, com p_chave_erp), REENVIAR (não está; vai de novo) ou DESCARTAR (não vai mais).';
