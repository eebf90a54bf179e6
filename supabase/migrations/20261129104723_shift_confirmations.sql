-- shift_confirmations: from the definitions in supabase/schemas, by `make migration`.

drop function interno.impedimentos_diario(text,tstzrange);
drop function interno.contado(text,text,timestamp with time zone,timestamp with time zone);
drop function public.assinar_diario(text,date,text,text,text);
drop function interno.impedimentos_ordens(text,tstzrange);
create table public.confirmacoes_turno (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
    janela tstzrange not null check (not isempty(janela)),
    equipe text[] not null check (cardinality(equipe) between 1 and 20),
    observacao text,
    conteudo_sha256 text not null check (conteudo_sha256 ~ '^[0-9a-f]{64}$'),
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    em timestamptz not null default clock_timestamp()
);

create table public.devolucoes_diario (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
    janela tstzrange not null check (not isempty(janela)),
    confirmacao_id bigint references public.confirmacoes_turno,
    motivo text not null,
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    em timestamptz not null default clock_timestamp(),
    unique nulls not distinct (linha_id, janela, confirmacao_id)
);
insert into public.parametros (nome, valor, descricao, maximo) values
('ASSINAR_ESPERA_SEGUNDOS', 600, 'Espera pelas fontes que faltam, em segundos desde o fim do turno; depois se assina dizendo qual.',
 86400);

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
            'definir_recurso', 'definir_operacao', 'definir_equivalencias_mes', 'definir_minutos_parada'
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

CREATE OR REPLACE FUNCTION interno.confirmacao_atual(p_linha_id text, p_janela tstzrange)
 RETURNS public.confirmacoes_turno
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select c from public.confirmacoes_turno as c
    where c.linha_id = p_linha_id and c.janela = p_janela
    order by c.id desc
    limit 1
$function$;

CREATE OR REPLACE FUNCTION interno.devolucao_aberta(p_linha_id text, p_janela tstzrange)
 RETURNS public.devolucoes_diario
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select d
    from public.devolucoes_diario as d
    where d.linha_id = p_linha_id and d.janela = p_janela
      and d.confirmacao_id is not distinct from (interno.confirmacao_atual(p_linha_id, p_janela)).id
$function$;

CREATE OR REPLACE FUNCTION interno.contado(p_linha_id text, p_op text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with abertas as (
        select p.numero_op, p.fator_producao, p.fator_rejeicao, greatest(lower(p.intervalo), p_de) as de,
            least(coalesce(upper(p.intervalo), 'infinity'), p_ate) as ate
        from public.periodos_ordem as p
        where p.linha_id = p_linha_id and (p_op is null or p.numero_op = p_op) and p.intervalo && tstzrange(p_de, p_ate)
    )
    select t.numero_op, sum(t.producao)::bigint, sum(t.rejeicao)::bigint, sum(t.producao * t.fator_producao)::bigint,
        sum(t.rejeicao * t.fator_rejeicao)::bigint
    from (
        select a.numero_op, a.fator_producao, a.fator_rejeicao, m.producao, m.rejeicao
        from abertas as a
        cross join lateral (
            select coalesce(sum(c.total_producao), 0) as producao, coalesce(sum(c.total_rejeicao), 0) as rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto >= a.de and c.minuto <= a.ate - interval '1 minute'
        ) as m
        union all
        select a.numero_op, a.fator_producao, a.fator_rejeicao, coalesce(v.producao, 0), coalesce(v.rejeicao, 0)
        from abertas as a
        inner join public.contagens_minuto as c
            on c.linha_id = p_linha_id and c.minuto in (date_trunc('minute', a.de), date_trunc('minute', a.ate))
            and (c.minuto < a.de or c.minuto > a.ate - interval '1 minute')
        cross join lateral unnest(c.producao, c.rejeicao) with ordinality as v (producao, rejeicao, i)
        where c.minuto + (v.i - 1) * interval '1 second' >= a.de and c.minuto + (v.i - 1) * interval '1 second' < a.ate
        union all
        select i.numero_op, i.fator_producao, i.fator_rejeicao, i.producao, i.rejeicao
        from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.numero_op is not null and (p_op is null or i.numero_op = p_op)
          and i.ate >= p_de and i.ate < p_ate
    ) as t
    group by t.numero_op
$function$;

CREATE OR REPLACE FUNCTION interno.refugo_decidido(p_op text, p_linha_id text, p_janela tstzrange, p_maquina bigint, p_digitado bigint)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select c.vale
    from public.conciliacoes_refugo as c
    where c.numero_op = p_op and c.linha_id = p_linha_id and c.janela = p_janela
      and c.maquina = p_maquina and c.digitado = p_digitado
    order by c.id desc
    limit 1
$function$;

CREATE OR REPLACE FUNCTION interno.refugo_divergente(p_op text, p_linha_id text, p_janela tstzrange, p_maquina bigint, p_digitado bigint)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p_maquina <> p_digitado and l.regra_refugo = 'CONCILIAR'
        and interno.refugo_decidido(p_op, p_linha_id, p_janela, p_maquina, p_digitado) is null
    from public.linhas as l
    where l.linha_id = p_linha_id
$function$;

CREATE OR REPLACE FUNCTION interno.produzido(p_op text, p_linha_id text, p_janela tstzrange, OUT producao_maquina bigint, OUT producao bigint, OUT rejeicao bigint, OUT digitado bigint, OUT refugo jsonb, OUT outras jsonb, OUT divergente boolean)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_regra text;
    v_vale text;
    v_digitados jsonb;
begin
    select l.regra_refugo into v_regra from public.linhas as l where l.linha_id = p_linha_id;
    select coalesce(sum(t.maquina), 0), coalesce(sum(t.producao), 0), coalesce(sum(t.rejeicao), 0)
    into producao_maquina, producao, rejeicao
    from (
        select c.producao_maquina as maquina, c.producao, c.rejeicao
        from interno.contado(p_linha_id, p_op, lower(p_janela), coalesce(upper(p_janela), 'infinity')) as c
        union all
        select m.producao, m.producao, m.rejeicao
        from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and m.janela && p_janela
    ) as t;
    select coalesce(sum(t.quantidade) filter (where t.tipo = 'REFUGO'), 0),
        coalesce(jsonb_object_agg(t.codigo, t.quantidade) filter (where t.tipo = 'REFUGO'), '{}'),
        coalesce(jsonb_object_agg(t.tipo, t.quantidade) filter (where t.tipo <> 'REFUGO'), '{}')
    into digitado, v_digitados, outras
    from (
        select p.tipo, p.codigo, sum(p.quantidade) as quantidade
        from public.perdas_vigentes as p
        where p.numero_op = p_op and p.linha_id = p_linha_id and p.em <@ p_janela
        group by p.tipo, p.codigo
    ) as t;
    v_vale := interno.refugo_decidido(p_op, p_linha_id, p_janela, rejeicao, digitado);
    divergente := interno.refugo_divergente(p_op, p_linha_id, p_janela, rejeicao, digitado);
    refugo := case
        when public.vale_digitado(v_regra, rejeicao, digitado, v_vale) then v_digitados
        when rejeicao > 0 then jsonb_build_object('MAQUINA', rejeicao)
        else '{}'
    end;
end $function$;

CREATE OR REPLACE FUNCTION interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'linha_id', p_linha_id, 'de', lower(p_janela), 'ate', upper(p_janela),
        'ordens', coalesce((
            select jsonb_agg(jsonb_build_object(
                'numero_op', o.op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo,
                'periodos', (
                    select coalesce(jsonb_agg(jsonb_build_array(
                        greatest(lower(p.intervalo), lower(p_janela)), least(coalesce(upper(p.intervalo), 'infinity'), upper(p_janela))
                    ) order by p.intervalo), '[]')
                    from public.periodos_ordem as p
                    where p.linha_id = p_linha_id and p.numero_op = o.op and p.intervalo && p_janela
                ),
                'producao_maquina', f.producao_maquina, 'producao', f.producao, 'rejeicao', f.rejeicao,
                'digitado', f.digitado, 'refugo', f.refugo, 'outras', f.outras
            ) order by o.op)
            from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
            cross join lateral interno.cabecalho_op(o.op) as c
            cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        ), '[]'),
        'sem_ordem', (
            select jsonb_build_object(
                'producao', coalesce(sum(t.producao), 0), 'rejeicao', coalesce(sum(t.rejeicao), 0)
            )
            from (
                select m.sem_ordem_producao as producao, m.sem_ordem_rejeicao as rejeicao
                from public.contagens_minuto as m
                where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
                union all
                select i.producao, i.rejeicao
                from public.contagens_intervalo as i
                where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and i.ate <@ p_janela
            ) as t
        ),
        'confirmacao', (
            select to_jsonb(c) - '{linha_id,data,janela}'::text[]
            from interno.confirmacao_atual(p_linha_id, p_janela) as c
            where c.id is not null
        ),
        'devolucoes', (
            select coalesce(jsonb_agg(to_jsonb(d) - '{linha_id,data,janela}'::text[] order by d.id), '[]')
            from public.devolucoes_diario as d
            where d.linha_id = p_linha_id and d.janela = p_janela
        )
    )
$function$;

CREATE OR REPLACE FUNCTION interno.sha_conteudo(p_conteudo jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select encode(sha256(convert_to(p_conteudo::text, 'UTF8')), 'hex')
$function$;

CREATE OR REPLACE FUNCTION interno.sha_diario(p_diario public.diarios_bordo, p_conteudo jsonb)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO'
AS $function$
    select interno.sha_conteudo(
        (to_jsonb(p_diario) - 'sha256' - 'conteudo') || jsonb_build_object('conteudo', p_conteudo)
    )
$function$;

CREATE OR REPLACE FUNCTION interno.assinatura_vale(p_diario public.diarios_bordo, p_conteudo jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select interno.sha_diario(p_diario, p_diario.conteudo) = p_diario.sha256
        and not exists (
            select from jsonb_each(p_diario.conteudo) as s
            where s.key <> 'paradas' and p_conteudo -> s.key is distinct from s.value
        )
        and not exists (select from public.diarios_bordo as n where n.substitui = p_diario.id)
$function$;

CREATE OR REPLACE FUNCTION public.verificar_assinatura(p_id bigint)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select coalesce((
        select interno.assinatura_vale(d, interno.conteudo_atual(d.linha_id, d.janela))
        from public.diarios_bordo as d
        where d.id = p_id
    ), false)
$function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_diario(p_linha_id text, p_janela tstzrange, p_conteudo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_fim constant timestamptz := least(upper(p_janela), clock_timestamp());
    v_devolucao constant public.devolucoes_diario := interno.devolucao_aberta(p_linha_id, p_janela);
    v_motivos jsonb := '[]';
    v_linha record;
begin
    if v_devolucao.id is not null then
        v_motivos := v_motivos || interno.motivo_json('DIARIO_DEVOLVIDO',
            format('%s devolveu o turno em %s: %s', v_devolucao.nome, interno.hora_local(v_devolucao.em), v_devolucao.motivo),
            'Corrija o que foi pedido e confirme o turno de novo com confirmar_turno.');
    end if;
    -- A shift that was signed and has lost its orders since can be signed again.
    if p_conteudo -> 'ordens' = '[]'
        and (interno.diario_atual(p_linha_id, p_janela)).id is null then
        v_motivos := v_motivos || interno.motivo_json('NADA_A_ASSINAR',
            'Nenhuma OP esteve aberta na linha neste turno.', 'Confira a linha, o dia e o turno.');
    end if;
    for v_linha in
        select p.numero_op from public.periodos_ordem as p
        where p.linha_id = p_linha_id and upper_inf(p.intervalo) and clock_timestamp() < upper(p_janela) and p.intervalo && p_janela
    loop
        v_motivos := v_motivos || interno.motivo_json('ORDEM_ABERTA',
            format('A OP %s está aberta na linha e o turno ainda não terminou.', v_linha.numero_op),
            'Encerre a OP, ou espere o fim do turno.');
    end loop;
    for v_linha in
        select r.detalhe from interno.retidas_no_intervalo(p_linha_id, p_janela) as r order by r.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('CONTAGEM_RETIDA', v_linha.detalhe, 'Decida-a com decidir_retido.');
    end loop;
    for v_linha in
        select q.quais, q.detalhe from interno.quarentenas_no_intervalo(p_linha_id, lower(p_janela), v_fim) as q order by q.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('QUARENTENA',
            format('%s a decidir: %s', v_linha.quais, v_linha.detalhe),
            'Decida-a com resolver_quarentena ou reprocessar_quarentena.');
    end loop;
    select coalesce(sum(t.producao), 0) as producao, coalesce(sum(t.rejeicao), 0) as rejeicao into v_linha
    from (
        select m.sem_ordem_producao - m.justificada_producao as producao, m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
          and (m.sem_ordem_producao > m.justificada_producao or m.sem_ordem_rejeicao > m.justificada_rejeicao)
        union all
        select i.producao, i.rejeicao from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and not i.justificada and i.ate <@ p_janela
    ) as t;
    if v_linha.producao > 0 or v_linha.rejeicao > 0 then
        v_motivos := v_motivos || interno.motivo_json('SEM_ORDEM',
            format('A linha contou %s (rejeição %s) sem OP aberta neste turno.', v_linha.producao, v_linha.rejeicao),
            'Abra a OP com a hora em que começou, ou justifique com justificar_sem_ordem.');
    end if;
    return v_motivos || interno.impedimentos_ordens(p_linha_id, p_janela, p_conteudo -> 'ordens');
end $function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_ordens(p_linha_id text, p_janela tstzrange, p_ordens jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_motivos jsonb := '[]';
    v_linha record;
begin
    for v_linha in
        select o.numero_op as op, o.rejeicao, o.digitado, o.producao, o.refugo, o.outras,
            interno.refugo_divergente(o.numero_op, p_linha_id, p_janela, o.rejeicao, o.digitado) as divergente
        from jsonb_to_recordset(p_ordens) as o (
            numero_op text, rejeicao bigint, digitado bigint, producao bigint, refugo jsonb, outras jsonb
        )
        order by o.numero_op
    loop
        v_motivos := v_motivos || interno.digitado_sem_periodo(v_linha.op, p_linha_id, p_janela);
        if v_linha.divergente then
            v_motivos := v_motivos || interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s: a máquina rejeitou %s unidades, foram digitadas %s.', v_linha.op, v_linha.rejeicao, v_linha.digitado),
                'Corrija o refugo digitado, ou diga qual vale com conciliar_refugo.');
        end if;
        if v_linha.producao = 0 and exists (
            select from public.fontes_linha as f
            where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem' and tstzrange(f.de, f.ate) && p_janela
        ) and not exists (
            select from public.contagens_manuais_atuais as m
            where m.numero_op = v_linha.op and m.linha_id = p_linha_id and m.janela && p_janela
        ) then
            v_motivos := v_motivos || interno.motivo_json('SEM_CONTAGEM_MANUAL',
                format('Falta a contagem física da OP %s neste turno.', v_linha.op),
                'Registre-a com registrar_contagem_manual, mesmo que seja zero.');
        end if;
        if v_linha.producao < interno.soma_json(v_linha.refugo) + interno.soma_json(v_linha.outras) then
            v_motivos := v_motivos || interno.motivo_json('PERDAS_MAIORES',
                format('OP %s: refugo e amostras passam das %s unidades produzidas no turno.', v_linha.op, v_linha.producao),
                'Corrija o que foi digitado.');
        end if;
    end loop;
    return v_motivos;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_nome_proprio()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_nome constant text := (select p.nome from public.pessoas_vigentes as p where p.usuario_id = interno.usuario_atual());
begin
    if v_nome is null then
        perform interno.recusar('403', 'SEM_NOME', 'Quem assina precisa do nome no cadastro de pessoas.', 'Peça à administração do SicFar que o inclua.');
    end if;
    return v_nome;
end $function$;

CREATE OR REPLACE FUNCTION interno.recusar_assinado(p_linha_id text, p_janela tstzrange)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_equipe(p_equipe text[])
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.confirmar_turno(p_linha_id text, p_data date, p_turno text, p_equipe text[], p_observacao text DEFAULT NULL::text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.devolver_diario(p_linha_id text, p_data date, p_turno text, p_motivo text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.paradas_turno(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.verificar_diario(p_linha_id text, p_data date, p_turno text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION interno.exigir_login_recente()
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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

CREATE OR REPLACE FUNCTION interno.faltas_diarios(p_op text, p_assinaturas bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
    v_diario public.diarios_bordo;
    v_devolucao public.devolucoes_diario;
    v_turno jsonb;
begin
    for v_r in select t.* from interno.turnos_op(p_op) as t order by t.linha_id, t.janela loop
        v_diario := interno.diario_atual(v_r.linha_id, v_r.janela);
        v_turno := jsonb_build_object(
            'p_linha_id', v_r.linha_id, 'p_data', v_r.data, 'p_turno', coalesce(v_diario.turno, v_r.turnos[1]), 'numero_op', p_op
        );
        if (interno.produzido(p_op, v_r.linha_id, v_r.janela)).divergente then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s, linha %s, %s: o refugo da máquina e o digitado divergem.', p_op, v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY')),
                'Corrija o refugo digitado, ou diga qual vale.'
            ), 'conciliar_refugo', v_turno || v_argumentos);
        end if;
        v_devolucao := interno.devolucao_aberta(v_r.linha_id, v_r.janela);
        if v_devolucao.id is not null then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_DEVOLVIDO',
                format('O Diário de Bordo da linha %s de %s, turno %s, foi devolvido por %s: %s', v_r.linha_id,
                    to_char(v_r.data, 'DD/MM/YYYY'), v_devolucao.turno, v_devolucao.nome, v_devolucao.motivo),
                'Corrija o que foi pedido e confirme o turno de novo.'
            ), 'confirmar_turno', v_turno || jsonb_build_object('p_turno', v_devolucao.turno));
        elsif v_diario.id is null then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_NAO_ASSINADO',
                format('Falta assinar o Diário de Bordo da linha %s de %s, turno %s.', v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY'),
                    array_to_string(v_r.turnos, ' ou ')), 'Confira e assine.'
            ), 'assinar_diario', v_turno);
        elsif v_diario.id <> all(p_assinaturas) then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_ALTERADO',
                format('O Diário de Bordo da linha %s de %s, turno %s, mudou depois de assinado por %s.', v_r.linha_id,
                    to_char(v_r.data, 'DD/MM/YYYY'), v_diario.turno, v_diario.nome), 'Confira o que mudou e assine de novo, com motivo.'
            ), 'assinar_diario', v_turno);
        end if;
    end loop;
    return v_faltas;
end $function$;

CREATE OR REPLACE FUNCTION public.fechar_com_ressalva(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('fechar_com_ressalva', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_fim timestamptz;
    v_faltas jsonb;
    v_firmes jsonb;
    v_id bigint;
begin
    lock table public.etapas_familia in share mode;
    select max(upper(p.intervalo)) into v_fim from public.periodos_ordem as p where p.numero_op = v_op;
    if v_lote.status not in ('EM_ANDAMENTO', 'A_FECHAR') then
        perform interno.recusar_desconhecido('NADA_A_FECHAR', format('A OP %s não espera fechamento (%s).', v_op, v_lote.status));
    end if;
    v_faltas := interno.faltas_fechamento(v_op, interno.assinaturas_validas(array[v_op]));
    select coalesce(jsonb_agg(f), '[]') into v_firmes
    from jsonb_array_elements(v_faltas) as f
    where f ->> 'codigo' in (
        'OP_CANCELADA', 'SEM_PERIODO', 'ORDEM_ABERTA', 'DIARIO_NAO_ASSINADO', 'DIARIO_DEVOLVIDO', 'DIARIO_ALTERADO', 'REFUGO_DIVERGENTE', 'BOAS_NEGATIVAS', 'TOTAIS_DIVERGEM'
    );
    if v_firmes <> '[]' then
        perform interno.recusar(
            '409', 'FALTA_OBRIGATORIA', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_firmes) as f),
            'Resolva isto primeiro; o resto pode ficar com ressalva.'
        );
    end if;
    if v_faltas <> '[]' and v_fim > clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS')) then
        perform interno.recusar(
            '409', 'AINDA_NO_PRAZO',
            format('A OP %s espera desde %s; só depois de %s minutos se fecha com ressalva.', v_op, interno.hora_local(v_fim),
                interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS') / 60),
            'Espere, ou resolva o que falta.'
        );
    end if;
    v_id := interno.congelar(v_op, v_faltas, case when v_faltas <> '[]' then v_motivo end);
    perform interno.anotar_espera(v_op, '[]');
    perform interno.anotar_trilha(
        v_papel, 'fechar_com_ressalva', 'lotes_producao:' || v_op, null,
        (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id), v_motivo
    );
    return (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_turno(p_turno text, p_inicio time without time zone, p_fim time without time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_turno', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.turnos;
begin
    perform interno.exigir_sem_mes('o turno');
    perform interno.exigir_codigo('turno', p_turno, '^[A-Z0-9]{1,8}$');
    if p_inicio is null or p_fim is null or extract(second from p_inicio) <> 0 or extract(second from p_fim) <> 0 then
        perform interno.recusar('422', 'INTERVALO_INVALIDO', 'O turno começa e termina em minutos inteiros.', 'Corrija as horas.');
    end if;
    if (exists (select from public.diarios_bordo) or exists (select from public.contagens_manuais)
        or exists (select from public.confirmacoes_turno) or exists (select from public.devolucoes_diario)
        or exists (select from public.conferencia_manual) or exists (select from public.fechamentos_lote))
        and not exists (
            select from public.turnos as t
            where (t.inicio, t.fim) = (p_inicio, p_fim)
              and not exists (select from public.turnos as o where o.turno = p_turno and (o.inicio, o.fim) <> (p_inicio, p_fim))
        ) then
        perform interno.recusar(
            '409', 'TURNO_EM_USO', 'Já há Diários, contagens à mão ou fechamentos nas horas dos turnos de agora.',
            'As horas não mudam mais; um turno novo pode ter as de um que já existe.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.turnos (turno, inicio, fim) values (p_turno, p_inicio, p_fim)
    on conflict (turno) do update set inicio = excluded.inicio, fim = excluded.fim
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION interno.turno_a_conferir(p_setor text, OUT data date, OUT turno text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select t.data, coalesce((
        select c.turno
        from public.linhas as l
        cross join lateral interno.confirmacao_atual(l.linha_id, t.janela) as c
        where l.setor = p_setor and c.id is not null
        order by c.id desc
        limit 1
    ), t.turnos[1])
    from (select clock_timestamp() - interval '1 hour' as em) as a
    cross join lateral interno.turnos_entre(a.em, a.em) as t
    where t.janela @> a.em
    order by lower(t.janela) desc
    limit 1
$function$;

CREATE OR REPLACE FUNCTION interno.turno_vizinho(p_em timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object('data', t.data, 'turno', t.turnos[1])
    from interno.turnos_entre(p_em, p_em) as t
    where t.janela @> p_em and lower(t.janela) <= clock_timestamp()
    limit 1
$function$;

CREATE OR REPLACE FUNCTION interno.contador_inicial(p_op text, p_linha_id text, p_inicio timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce((
        select sum(c.producao_maquina) from interno.contado(p_linha_id, p_op, '-infinity', p_inicio) as c
    ), 0)::bigint + coalesce((
        select sum(m.producao) from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and upper(m.janela) <= p_inicio
    ), 0)::bigint
$function$;

CREATE OR REPLACE FUNCTION interno.linha_do_turno(p_linha public.linhas, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
declare
    v_conteudo constant jsonb := interno.conteudo_atual(p_linha.linha_id, p_janela);
    v_diario constant public.diarios_bordo := interno.diario_atual(p_linha.linha_id, p_janela);
    v_vale constant boolean := v_diario.id is not null and interno.assinatura_vale(v_diario, v_conteudo);
    v_ha constant boolean := v_diario.id is not null or v_conteudo -> 'ordens' <> '[]'; -- else there is nothing to sign
begin
    return jsonb_build_object(
        'linha_id', p_linha.linha_id, 'linha', p_linha.nome, 'etapa', p_linha.etapa,
        'ordens', (
            select coalesce(jsonb_agg(
                o.ordem - 'periodos' || jsonb_build_object(
                    'produto', d.descricao, 'de', o.ordem -> 'periodos' -> 0 -> 0, 'ate', o.ordem -> 'periodos' -> -1 -> 1,
                    'inicial', i.inicial, 'final', i.inicial + (o.ordem ->> 'producao_maquina')::bigint,
                    'boas', (o.ordem ->> 'producao')::bigint - interno.soma_json(o.ordem -> 'refugo') - interno.soma_json(o.ordem -> 'outras')
                ) order by o.ordem -> 'periodos' -> 0 -> 0, o.ordem -> 'numero_op'
            ), '[]')
            from jsonb_array_elements(v_conteudo -> 'ordens') as o (ordem)
            left join public.produtos as d on d.produto_codigo = o.ordem ->> 'produto_codigo'
            cross join lateral (
                select interno.contador_inicial(o.ordem ->> 'numero_op', p_linha.linha_id, lower(p_janela)) as inicial
                offset 0 -- computed once, not at each mention
            ) as i
        ),
        'conteudo_sha256', interno.sha_conteudo(v_conteudo), 'sem_ordem', v_conteudo -> 'sem_ordem',
        'confirmacao', nullif(v_conteudo -> 'confirmacao', 'null') || jsonb_build_object(
            'mudou', v_conteudo -> 'confirmacao' ->> 'conteudo_sha256' 
                <> interno.sha_conteudo(v_conteudo - '{confirmacao,devolucoes}'::text[])
        ),
        'devolucoes', v_conteudo -> 'devolucoes',
        'paradas', case
            when v_vale and v_diario.conteudo ? 'paradas' then v_diario.conteudo -> 'paradas'
            when v_ha then interno.paradas_turno(p_linha.linha_id, p_janela)
            else '[]'
        end,
        'motivos', interno.impedimentos_diario(p_linha.linha_id, p_janela, v_conteudo),
        'avisos', case when v_ha
            then interno.fontes_em_falta(p_linha.linha_id, lower(p_janela), least(upper(p_janela), clock_timestamp()))
            else '[]'
        end,
        'assinatura', case when v_diario.id is not null then
            to_jsonb(v_diario) - '{linha_id,data,janela,conteudo,origem}'::text[] || jsonb_build_object('vale', v_vale)
        end
    );
end $function$;

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
                select from public.papeis_vigentes as p
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

CREATE INDEX confirmacoes_turno_linha ON public.confirmacoes_turno USING btree (linha_id, janela, id);
CREATE INDEX devolucoes_diario_confirmacao ON public.devolucoes_diario USING btree (confirmacao_id) WHERE (confirmacao_id IS NOT NULL);
alter table public.confirmacoes_turno enable row level security;
alter table public.devolucoes_diario enable row level security;
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.confirmacoes_turno FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.devolucoes_diario FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.confirmacoes_turno as permissive for select to authenticated using (true);
create policy leitura on public.devolucoes_diario as permissive for select to authenticated using (true);
revoke all on function interno.assinatura_vale(public.diarios_bordo,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.confirmacao_atual(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.contado(text,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.contador_inicial(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.devolucao_aberta(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_equipe(text[]) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_login_recente() from public, anon, authenticated, service_role;
revoke all on function interno.exigir_nome_proprio() from public, anon, authenticated, service_role;
revoke all on function interno.impedimentos_diario(text,tstzrange,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.impedimentos_ordens(text,tstzrange,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.linha_do_turno(public.linhas,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.paradas_turno(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.recusar_assinado(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.refugo_decidido(text,text,tstzrange,bigint,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.refugo_divergente(text,text,tstzrange,bigint,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.sha_conteudo(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.turno_a_conferir(text) from public, anon, authenticated, service_role;
revoke all on function interno.turno_vizinho(timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function public.assinar_diario(text,date,text,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.assinar_diario(text,date,text,text,text,text) to authenticated;
grant execute on function public.assinar_diario(text,date,text,text,text,text) to service_role;
revoke all on function public.confirmar_turno(text,date,text,text[],text,text) from public, anon, authenticated, service_role;
grant execute on function public.confirmar_turno(text,date,text,text[],text,text) to authenticated;
grant execute on function public.confirmar_turno(text,date,text,text[],text,text) to service_role;
revoke all on function public.devolver_diario(text,date,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.devolver_diario(text,date,text,text,text) to authenticated;
grant execute on function public.devolver_diario(text,date,text,text,text) to service_role;
revoke all on function public.meu_turno(text,date,text) from public, anon, authenticated, service_role;
grant execute on function public.meu_turno(text,date,text) to authenticated;
grant execute on function public.meu_turno(text,date,text) to service_role;
revoke all on sequence public.confirmacoes_turno_id_seq from public, anon, authenticated, service_role;
revoke all on sequence public.devolucoes_diario_id_seq from public, anon, authenticated, service_role;
revoke all on table public.confirmacoes_turno from public, anon, authenticated, service_role;
grant select on table public.confirmacoes_turno to authenticated;
grant select on table public.confirmacoes_turno to service_role;
revoke all on table public.devolucoes_diario from public, anon, authenticated, service_role;
grant select on table public.devolucoes_diario to authenticated;
grant select on table public.devolucoes_diario to service_role;
comment on function interno.contado(text,text,timestamp with time zone,timestamp with time zone) is 'O que as OPs contaram na linha, em contagens da máquina e em unidades; sem as contagens manuais.';
comment on column public.diarios_bordo.conteudo is 'O que foi assinado, com as paradas como foram lidas; um turno sem confirmação diz confirmacao nula. Fonte: banco.';
comment on function public.verificar_diario(text,date,text) is 'Para a tela, antes de assinar: pode_assinar, motivos (impedem), avisos (fontes que ainda não reportaram tudo), conteudo e o SHA-256 dele (p_visto de assinar_diario), paradas e assinatura atual.';
comment on table public.confirmacoes_turno is 'Quem operou a linha no turno, confirmado por quem estava lá; vale a mais nova. Somente acréscimo. Fonte: confirmar_turno.';
comment on column public.confirmacoes_turno.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.confirmacoes_turno.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.confirmacoes_turno.equipe is 'Nomes de quem trabalhou na linha. Fonte: pessoa.';
comment on column public.confirmacoes_turno.observacao is 'O que quem confirmou quis dizer; nulo se nada. Fonte: pessoa.';
comment on column public.confirmacoes_turno.conteudo_sha256 is 'SHA-256, hexadecimal, do que o Diário dizia quando se confirmou, sem confirmação e devoluções. Fonte: banco.';
comment on column public.confirmacoes_turno.usuario_id is 'Quem confirmou. Fonte: Supabase Auth.';
comment on column public.confirmacoes_turno.nome is 'Nome de quem confirmou. Fonte: pessoas.';
comment on column public.confirmacoes_turno.papel is 'Papel com que confirmou. Fonte: papeis_usuario.';
comment on table public.devolucoes_diario is 'Turnos que quem assina devolveu; não se assinam antes de nova confirmação. Somente acréscimo. Fonte: devolver_diario.';
comment on column public.devolucoes_diario.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.devolucoes_diario.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.devolucoes_diario.confirmacao_id is 'Confirmação devolvida; nula se ninguém tinha confirmado. Fonte: banco.';
comment on column public.devolucoes_diario.motivo is 'O que corrigir. Fonte: pessoa.';
comment on column public.devolucoes_diario.usuario_id is 'Quem devolveu. Fonte: Supabase Auth.';
comment on column public.devolucoes_diario.nome is 'Nome de quem devolveu. Fonte: pessoas.';
comment on column public.devolucoes_diario.papel is 'Papel com que devolveu. Fonte: papeis_usuario.';
comment on function interno.confirmacao_atual(text,tstzrange) is 'Última confirmação do turno da linha; nula se não há.';
comment on function interno.devolucao_aberta(text,tstzrange) is 'A devolução do turno da linha que espera nova confirmação; nula se não há.';
comment on function interno.refugo_decidido(text,text,tstzrange,bigint,bigint) is 'MAQUINA ou DIGITADO, como alguém decidiu entre estes dois valores, em unidades; nulo se ninguém.';
comment on function interno.refugo_divergente(text,text,tstzrange,bigint,bigint) is 'Verdadeiro se o refugo da máquina e o digitado, em unidades, diferem, a linha os concilia e ninguém disse qual vale.';
comment on function interno.sha_conteudo(jsonb) is 'SHA-256, hexadecimal, de um conteúdo: JSON canônico do PostgreSQL (jsonb).';
comment on function interno.assinatura_vale(public.diarios_bordo,jsonb) is 'Verdadeiro se nada do que foi assinado difere do conteúdo dado, o registro está íntegro e ninguém assinou o turno de novo.';
comment on function interno.impedimentos_diario(text,tstzrange,jsonb) is 'Tudo que impede assinar o turno da linha: codigo, detalhe e acao de cada motivo.';
comment on function interno.impedimentos_ordens(text,tstzrange,jsonb) is 'O que impede assinar o turno da linha por causa do que cada OP contou e do que se digitou dela.';
comment on function interno.exigir_nome_proprio() is 'Nome do usuário do pedido no cadastro de pessoas; PT403 SEM_NOME.';
comment on function interno.recusar_assinado(text,tstzrange) is 'PT409 JA_ASSINADO se a assinatura do turno da linha vale.';
comment on function interno.exigir_equipe(text[]) is 'Os nomes da equipe sem brancos a mais nem vazios; PT422 EQUIPE_INVALIDA.';
comment on function public.confirmar_turno(text,date,text,text[],text,text) is 'Confirma o turno da linha e quem trabalhou nela; a nova vale, a anterior fica, e uma devolução deixa de impedir a assinatura. PT409 JA_ASSINADO. Devolve o registro; com a mesma p_chave, o mesmo.';
comment on function public.devolver_diario(text,date,text,text,text) is 'Devolve o turno da linha, com motivo: não se assina antes de nova confirmação. PT409 JA_ASSINADO ou JA_DEVOLVIDO. Devolve o registro; com a mesma p_chave, o mesmo.';
comment on function interno.paradas_turno(text,tstzrange) is 'As paradas do turno da linha, como se assinam: de, ate (UTC), minutos, codigo e descricao (nulos = sem código). Vazio numa linha contada à mão.';
comment on function interno.exigir_login_recente() is 'Instante do login do usuário do pedido (UTC); PT403 LOGIN_ANTIGO se falta ou é mais velho que LOGIN_RECENTE_SEGUNDOS.';
comment on function public.assinar_diario(text,date,text,text,text,text) is 'Assina o Diário de Bordo de um turno da linha, com login recente. PT409 DIARIO_INCOMPLETO diz tudo que falta; DIARIO_MUDOU, se o conteúdo não é mais o de p_visto (conteudo_sha256 da tela). Se mudou depois de assinado, assina-se de novo, com motivo.';
comment on function interno.turno_a_conferir(text) is 'Dia e código do turno de uma hora atrás, da equipe que o setor já confirmou.';
comment on function interno.turno_vizinho(timestamp with time zone) is 'Dia e primeiro código do turno já começado que contém o instante; nulo se não há.';
comment on function interno.contador_inicial(text,text,timestamp with time zone) is 'O que a OP tinha contado na linha antes do instante, em contagens da máquina (unidades, se a linha é contada à mão).';
comment on function interno.linha_do_turno(public.linhas,tstzrange) is 'O que a tela do turno mostra de uma linha: o que se assina, o contador, paradas, o que falta e a assinatura.';
comment on function public.meu_turno(text,date,text) is 'O turno de um setor para conferir e assinar, uma entrada por linha: OPs com o contador, unidades e perdas, paradas, confirmação, devoluções, motivos (impedem), avisos (fontes que faltam) e assinatura. Sem dia: o turno de uma hora atrás. PT422 TURNO_INVALIDO ou INSTANTE_FUTURO.';
