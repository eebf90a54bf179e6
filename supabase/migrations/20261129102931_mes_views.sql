-- mes_views: from the definitions in supabase/schemas, by `make migration`.

alter table public.linhas add column parada_minutos integer check (parada_minutos between 1 and 1440);

create table public.equivalencias_mes (
    tipo text not null check (tipo in ('LINHA', 'PRODUTO', 'TURNO', 'PESSOA', 'PARADA')),
    codigo text not null check (length(codigo) between 1 and 64),
    mes_id integer not null check (mes_id > 0),
    primary key (tipo, codigo),
    unique (tipo, mes_id) deferrable initially immediate -- one statement may exchange two ids
);

insert into public.parametros (nome, valor, descricao, maximo) values
('MES_CONECTADO', 0, 'Onde se digita o que é do MES (turnos, nomes, perfis, refugo): 0 = aqui; 1 = só no MES.', 1);

create or replace view public.papeis_vigentes with (security_invoker=true) as
 SELECT usuario_id,
    papel,
    setor
   FROM public.papeis_usuario p;

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
    from public.papeis_vigentes as p
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
                )
            end,
            'Entre com um usuário que tenha esse papel ou peça-o à administração do SicFar.'
        );
    end if;
    return v_papel;
end $function$;

create or replace view public.velocidades_vigentes with (security_invoker=true) as
 SELECT linha_id,
    produto_codigo,
    velocidade,
    validade
   FROM public.velocidades_nominais v;

CREATE OR REPLACE FUNCTION interno.avisos_abertura(p_op text, p_linha_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_sem_mes(p_dado text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    if interno.parametro('MES_CONECTADO') = 1 then
        perform interno.recusar(
            '409', 'DADO_DO_MES', format('O MES está conectado: %s se digita nele.', p_dado),
            'Digite-o no MES; se ele não estiver conectado, peça à TI que corrija o parâmetro MES_CONECTADO.'
        );
    end if;
end $function$;

create or replace view public.pessoas_vigentes with (security_invoker=true) as
 SELECT usuario_id,
    nome,
    operador_totvs,
    nome_login
   FROM public.pessoas p;

create or replace view public.turnos_vigentes with (security_invoker=true) as
 SELECT turno,
    inicio,
    fim
   FROM public.turnos t;

CREATE OR REPLACE FUNCTION interno.janela_turno(p_data date, p_turno text)
 RETURNS tstzrange
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select tstzrange(
        (p_data + t.inicio) at time zone 'America/Fortaleza',
        (p_data + t.fim + case when t.fim <= t.inicio then interval '1 day' else interval '0' end) at time zone 'America/Fortaleza'
    )
    from public.turnos_vigentes as t
    where t.turno = p_turno
$function$;

CREATE OR REPLACE FUNCTION interno.turnos_entre(p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(data date, janela tstzrange, turnos text[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select d.dia::date, w.janela, array_agg(t.turno order by t.turno)
    from generate_series(
        (p_de at time zone 'America/Fortaleza')::date - 1, (p_ate at time zone 'America/Fortaleza')::date, interval '1 day'
    ) as d (dia)
    cross join public.turnos_vigentes as t
    cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as w
    where w.janela && tstzrange(p_de, p_ate, '[]') and (p_de = p_ate or w.janela && tstzrange(p_de, p_ate))
    group by d.dia, w.janela
$function$;

CREATE OR REPLACE FUNCTION public.vale_digitado(p_regra text, p_maquina bigint, p_digitado bigint, p_vale text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select p_regra = 'DIGITADO' or coalesce(p_vale, '') = 'DIGITADO' or p_regra = 'CONCILIAR' and p_maquina = p_digitado
$function$;

CREATE OR REPLACE FUNCTION public.registrar_refugo(p_numero_op text, p_linha_id text, p_quantidade integer, p_codigo text DEFAULT ''::text, p_tipo text DEFAULT 'REFUGO'::text, p_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_observacao text DEFAULT NULL::text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'quantidade', p_quantidade, 'codigo', p_codigo, 'tipo', p_tipo,
        'em', p_em, 'observacao', p_observacao
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_refugo', p_chave, v_pedido);
    v_em timestamptz := date_trunc('second', coalesce(p_em, clock_timestamp()));
    v_codigo text := '';
    v_periodo public.periodos_ordem;
    v_nova public.perdas_qualidade;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    if coalesce(p_quantidade, 0) not between 1 and 10000000 then
        perform interno.recusar('422', 'QUANTIDADE_INVALIDA', 'A quantidade deve ser um inteiro de 1 a 10.000.000.', 'Corrija a quantidade.');
    end if;
    if p_tipo is null or p_tipo not in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO') then
        perform interno.recusar(
            '422', 'TIPO_INVALIDO', format('Tipo %L desconhecido.', p_tipo),
            'Use REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO.'
        );
    end if;
    if p_tipo = 'REFUGO' then
        perform interno.exigir_sem_mes('o refugo');
        v_codigo := interno.exigir_codigo_refugo(p_codigo);
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
        v_op, p_linha_id, v_em, p_tipo, v_codigo, p_quantidade,
        nullif(interno.exigir_texto('observação', p_observacao, 2000), ''), interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_refugo', format('perdas_qualidade:%s', v_nova.id), null, to_jsonb(v_nova), v_nova.observacao
    );
    return interno.responder_pedido('registrar_refugo', p_chave, v_pedido, to_jsonb(v_nova));
end $function$;

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
    select c.vale into v_vale
    from public.conciliacoes_refugo as c
    where c.numero_op = p_op and c.linha_id = p_linha_id and c.janela = p_janela
      and c.maquina = rejeicao and c.digitado = produzido.digitado
    order by c.id desc
    limit 1;
    divergente := v_regra = 'CONCILIAR' and rejeicao <> digitado and v_vale is null;
    refugo := case
        when public.vale_digitado(v_regra, rejeicao, digitado, v_vale) then v_digitados
        when rejeicao > 0 then jsonb_build_object('MAQUINA', rejeicao)
        else '{}'
    end;
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
    select p.nome into v_novo.nome from public.pessoas_vigentes as p where p.usuario_id = interno.usuario_atual();
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

CREATE OR REPLACE FUNCTION public.diferencas_conferencia(p_data_de date, p_data_ate date, p_linha_id text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, data date, turnos text[], janela tstzrange, numero_op text, numero_lote text, produto_codigo text, produzidas bigint, digitadas bigint, diferenca bigint, percentual numeric, refugo bigint, refugo_digitado bigint, diferenca_refugo bigint, percentual_refugo numeric, digitado_por uuid, digitado_em timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    with turnos as (
        select l.linha_id, w.data, w.turnos, w.janela
        from public.linhas as l
        cross join (
            select d.dia::date as data, array_agg(t.turno order by t.turno) as turnos, j.janela
            from generate_series(p_data_de::timestamp, p_data_ate::timestamp, interval '1 day') as d (dia)
            cross join public.turnos_vigentes as t
            cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as j
            group by d.dia, j.janela
        ) as w
        where (p_linha_id is null or l.linha_id = p_linha_id)
          and public.conferir_janela(
              p_data_de::timestamp at time zone 'UTC', p_data_ate::timestamp at time zone 'UTC',
              case when p_linha_id is null then interval '31 days' else interval '366 days' end
          )
    ), digitadas as (
        select distinct on (m.linha_id, m.janela, m.numero_op) m.*
        from public.conferencia_manual as m
        where m.data between p_data_de and p_data_ate and (p_linha_id is null or m.linha_id = p_linha_id)
        order by m.linha_id, m.janela, m.numero_op, m.id desc
    ), linhas as (
        select t.*, o.numero_op
        from turnos as t
        cross join lateral (
            select k.op as numero_op
            from interno.ops_do_turno(t.linha_id, t.janela) as k (op)
            where exists (select from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela))
              or not exists (
                  select from public.apontamentos_linha as a
                  where a.linha_id = t.linha_id and tstzrange(a.de, a.ate) @> t.janela
              )
            union
            select m.numero_op from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela)
        ) as o
        limit 1001
    )

    select r.linha_id, r.data, r.turnos, r.janela, r.numero_op, r.numero_lote, r.produto_codigo, r.produzidas, r.digitadas,
        coalesce(r.produzidas, 0) - coalesce(r.digitadas, 0),
        round(100.0 * (coalesce(r.produzidas, 0) - r.digitadas) / nullif(r.digitadas, 0), 2),
        r.refugo, r.refugadas, coalesce(r.refugo, 0) - coalesce(r.refugadas, 0),
        round(100.0 * (coalesce(r.refugo, 0) - r.refugadas) / nullif(r.refugadas, 0), 2), r.usuario_id, r.registrada_em
    from (
        select x.*, l.numero_lote, l.produto_codigo, n.produzidas, n.refugo, m.produzidas as digitadas, m.refugadas, m.usuario_id,
            m.registrada_em
        from (select i.*, count(*) over () as respostas from linhas as i) as x
        inner join public.lotes_producao as l on l.numero_op = x.numero_op
        left join lateral (
            select f.producao as produzidas, interno.soma_json(f.refugo) as refugo
            from interno.produzido(x.numero_op, x.linha_id, x.janela) as f
            where x.numero_op in (select interno.ops_do_turno(x.linha_id, x.janela))
        ) as n on true
        left join digitadas as m on (m.linha_id, m.janela, m.numero_op) = (x.linha_id, x.janela, x.numero_op)
        where public.conferir_pagina(x.respostas)
    ) as r
    order by r.data, r.linha_id, r.janela, r.numero_op
$function$;

CREATE OR REPLACE FUNCTION interno.assinante_op(p_op text, OUT nome text, OUT operador text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select d.nome, p.operador_totvs
    from interno.turnos_op(p_op) as t
    cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
    left join public.pessoas_vigentes as p on p.usuario_id = d.usuario_id
    where d.id is not null
    order by upper(t.janela) desc, d.id desc
    limit 1
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
            left join public.velocidades_vigentes as v
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
                cross join public.turnos_vigentes as t
                group by d.dia, t.inicio, t.fim
            ) as w
            cross join lateral public.producao_janela(l.linha_id, w.janela, true) as j
            left join public.lotes_producao as o on o.numero_op = j.numero_op
            left join public.velocidades_vigentes as v
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

CREATE OR REPLACE FUNCTION public.producao_op(p_numero_op text)
 RETURNS TABLE(linha_id text, etapa text, numero_lote text, produto_codigo text, aberta_em timestamp with time zone, encerrada_em timestamp with time zone, producao bigint, rejeicao bigint, refugo_digitado bigint, amostras bigint, producao_maquina bigint, rejeicao_maquina bigint, aberta_s bigint, minutos_com_contagem bigint, primeira_contagem timestamp with time zone, ultima_contagem timestamp with time zone, velocidade_nominal numeric)
 LANGUAGE sql
 STABLE
AS $function$
    select a.linha_id, l.etapa, o.numero_lote, o.produto_codigo, p.de, p.ate, j.producao + f.producao,
        j.rejeicao + f.rejeicao, j.refugo_digitado, j.amostras, j.producao_maquina + f.producao_maquina,
        j.rejeicao_maquina + f.rejeicao_maquina, j.aberta_s, j.minutos_com_contagem, a.primeira_contagem,
        a.ultima_contagem, v.velocidade
    from public.lotes_producao as o
    inner join public.ordens_producao_ativas as a on a.numero_op = o.numero_op
    inner join public.linhas as l on l.linha_id = a.linha_id
    cross join lateral (
        select min(lower(x.intervalo)) as de, nullif(max(coalesce(upper(x.intervalo), 'infinity')), 'infinity') as ate
        from public.periodos_ordem as x where x.numero_op = a.numero_op and x.linha_id = a.linha_id
    ) as p
    inner join lateral public.producao_janela(a.linha_id, tstzrange(p.de, p.ate), true) as j
        on j.numero_op = o.numero_op
    -- What a person gave the order though it was read before it was opened or after it ended.
    cross join lateral (
        select coalesce(sum(i.producao), 0)::bigint as producao_maquina,
            coalesce(sum(i.rejeicao), 0)::bigint as rejeicao_maquina,
            coalesce(sum(i.producao * i.fator_producao), 0)::bigint as producao,
            coalesce(sum(i.rejeicao * i.fator_rejeicao), 0)::bigint as rejeicao
        from public.contagens_intervalo as i
        where i.linha_id = a.linha_id and i.numero_op = o.numero_op and i.situacao = 'DECIDIDA'
          and not (i.ate >= p.de and i.ate < coalesce(p.ate, 'infinity'))
    ) as f
    left join public.velocidades_vigentes as v
        on v.linha_id = a.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (p.de at time zone 'America/Fortaleza')::date
    where o.numero_op = public.normalizar_op(p_numero_op)
$function$;

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

CREATE OR REPLACE FUNCTION public.definir_papel(p_usuario_id uuid, p_papel text, p_setor text, p_vale boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_usuario_id is null or p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa, ou se o papel vale.', 'Informe os dois.');
    end if;
    if p_papel in ('OPERADOR', 'SUPERVISOR', 'ADMIN') then -- the MES has no profile for the others
        perform interno.exigir_sem_mes('este papel (perfil)');
    end if;
    perform pg_advisory_xact_lock(hashtext('papeis_usuario')); -- two people may not take each other's last role away
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.papeis_usuario (usuario_id, papel, setor) values (p_usuario_id, p_papel, p_setor)
        on conflict (usuario_id, papel, setor) do nothing;
    else
        delete from public.papeis_usuario
        where usuario_id = p_usuario_id and papel = p_papel and setor is not distinct from p_setor;
    end if;
    perform interno.declarar_autor('', '');
    if not exists (select from public.papeis_vigentes where papel = 'ADMIN' and setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Dê antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object('usuario_id', p_usuario_id, 'papel', p_papel, 'setor', p_setor, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_pessoa(p_usuario_id uuid, p_nome text, p_motivo text, p_login text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_pessoa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    if p_usuario_id is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa.', 'Informe-a.');
    end if;
    perform interno.exigir_sem_mes('o nome');
    if p_login !~ '^[a-z][a-z0-9._-]{1,39}$' then
        perform interno.recusar(
            '422', 'LOGIN_INVALIDO', format('O nome de login %L não serve.', left(p_login, 40)),
            'Use de 2 a 40 letras minúsculas, algarismos, ponto, hífen ou sublinhado, começando por letra.'
        );
    end if;
    if exists (select from public.pessoas as p where p.nome_login = p_login and p.usuario_id <> p_usuario_id) then
        perform interno.recusar('409', 'LOGIN_OCUPADO', format('O nome de login %s é de outra pessoa.', p_login), 'Escolha outro.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pessoas (usuario_id, nome, nome_login)
    values (p_usuario_id, interno.exigir_nome('nome', p_nome, 3, 80), p_login)
    on conflict (usuario_id) do update set nome = excluded.nome, nome_login = coalesce(excluded.nome_login, pessoas.nome_login)
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_equivalencias(p_tipo text, p_ids jsonb)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_e record;
begin
    for v_e in select e.key as codigo, e.value as mes_id from jsonb_each(p_ids) as e loop
        perform interno.exigir_nome('codigo', v_e.codigo, 1, 64);
        if v_e.mes_id <> 'null' and (
            jsonb_typeof(v_e.mes_id) <> 'number' or (v_e.mes_id #>> '{}')::numeric % 1 <> 0
            or (v_e.mes_id #>> '{}')::numeric not between 1 and 2147483647
        ) then
            perform interno.recusar(
                '422', 'NUMERO_INVALIDO', format('O id de %s no MES é um inteiro de 1 a 2.147.483.647.', v_e.codigo),
                'Corrija o número, ou deixe-o nulo para tirar a equivalência.'
            );
        end if;
        if v_e.mes_id <> 'null' and not (case p_tipo
            when 'LINHA' then exists (select from public.linhas where linha_id = v_e.codigo)
            when 'PRODUTO' then exists (select from public.produtos where produto_codigo = v_e.codigo)
            when 'TURNO' then exists (select from public.turnos where turno = v_e.codigo)
            when 'PESSOA' then exists (select from public.pessoas_vigentes where usuario_id::text = v_e.codigo)
            else true -- the codes of stops are the MES's and the plant's
        end) then
            perform interno.recusar(
                '404', 'CODIGO_DESCONHECIDO', format('Não há %s %L no SicFar.', lower(p_tipo), v_e.codigo), 'Confira o código.'
            );
        end if;
    end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.definir_equivalencias_mes(p_tipo text, p_ids jsonb, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_equivalencias_mes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_ids constant jsonb := interno.json_recebido(p_ids);
    v_repetido record;
    v_quantas bigint;
begin
    perform interno.exigir_opcao('tipo', p_tipo, 'LINHA', 'PRODUTO', 'TURNO', 'PESSOA', 'PARADA');
    if v_ids is null or jsonb_typeof(v_ids) <> 'object' or v_ids = '{}' then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a lista: código nosso e id do MES.', 'Informe-a.');
    end if;
    if (select count(*) from jsonb_object_keys(v_ids)) > 1000 then
        perform interno.recusar('422', 'ITENS_DEMAIS', 'São no máximo 1.000 equivalências de cada vez.', 'Divida a lista.');
    end if;
    perform interno.exigir_equivalencias(p_tipo, v_ids);
    perform pg_advisory_xact_lock(hashtext('equivalencias_mes')); -- two people may not give one id to two codes
    select n.mes_id, string_agg(n.codigo, ' e ' order by n.codigo) as codigos into v_repetido
    from (
        select e.key as codigo, (e.value #>> '{}')::integer as mes_id from jsonb_each(v_ids) as e
        union all
        select q.codigo, q.mes_id from public.equivalencias_mes as q where q.tipo = p_tipo and not v_ids ? q.codigo
    ) as n
    where n.mes_id is not null
    group by n.mes_id
    having count(*) > 1
    limit 1;
    if v_repetido.mes_id is not null then
        perform interno.recusar(
            '409', 'ID_REPETIDO', format('O id %s do MES seria de %s.', v_repetido.mes_id, v_repetido.codigos),
            'Cada id é de um só código; corrija a lista, ou tire a outra equivalência.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    delete from public.equivalencias_mes as q where q.tipo = p_tipo and v_ids -> q.codigo = 'null';
    insert into public.equivalencias_mes as q (tipo, codigo, mes_id)
    select p_tipo, e.key, (e.value #>> '{}')::integer from jsonb_each(v_ids) as e where e.value <> 'null'
    on conflict (tipo, codigo) do update set mes_id = excluded.mes_id where q.mes_id <> excluded.mes_id;
    perform interno.declarar_autor('', '');
    select count(*) into v_quantas from public.equivalencias_mes where tipo = p_tipo;
    return jsonb_build_object('tipo', p_tipo, 'ids', v_ids, 'equivalencias', v_quantas);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_minutos_parada(p_linha_id text, p_minutos integer, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel text;
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_linha public.linhas;
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id for no key update;
    v_papel := interno.exigir_papel('definir_minutos_parada', v_linha.setor);
    perform interno.exigir_linha(p_linha_id);
    if p_minutos is not null then
        perform interno.exigir_inteiro('minutos', p_minutos, 1, 1440);
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.linhas set parada_minutos = p_minutos where linha_id = p_linha_id returning * into v_linha;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_linha);
end $function$;

create or replace view public.paradas_vigentes with (security_invoker=true) as
 SELECT NULL::text AS linha_id,
    NULL::timestamp with time zone AS de,
    NULL::timestamp with time zone AS ate,
    NULL::text AS codigo,
    NULL::text AS descricao
  WHERE false;

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
            from public.papeis_vigentes as p
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
        select from public.papeis_vigentes as r
        where r.usuario_id = p.usuario_id and r.papel = any(public.papeis_da_funcao(p_funcao))
          and (r.setor is null or r.setor = p_setor)
    )
    order by p.nome, p.nome_login
    limit 1000
$function$;

CREATE OR REPLACE FUNCTION public.agora(p_setor text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, linha text, setor text, etapa text, fonte text, situacao text, desde timestamp with time zone, ultimo_sinal timestamp with time zone, numero_op text, numero_lote text, produto_codigo text, produto text, aberta_em timestamp with time zone, planejado numeric, boas bigint, refugo bigint, minutos bigint[], velocidade_nominal numeric, sem_op_producao bigint, sem_op_rejeicao bigint, duvidosas bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select
        l.linha_id, l.nome, l.setor, l.etapa, f.fonte,
        case
            when f.fonte is null then 'SEM_FONTE'
            when f.fonte in ('avulso', 'manual') then 'MANUAL'
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then 'SEM_SINAL'
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => coalesce(l.parada_minutos, a.parada_min) + 1) then 'PARADA'
            else 'PRODUZINDO'
        end,
        case
            when f.fonte is null or f.fonte in ('avulso', 'manual') then null
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then s.ate
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => coalesce(l.parada_minutos, a.parada_min) + 1)
                then u.minuto + interval '1 minute'
        end,
        s.ate, p.numero_op, o.numero_lote, o.produto_codigo, d.descricao, lower(p.intervalo), o.quantidade_planejada,
        t.producao_acumulada - r.refugo, r.refugo, r.minutos, v.velocidade,
        coalesce(n.producao, 0), coalesce(n.rejeicao, 0), c.itens
    from public.linhas as l
    cross join (
        select clock_timestamp() as agora, date_trunc('minute', clock_timestamp()) as minuto,
            interno.parametro('SILENCIO_SEGUNDOS') as silencio_s, interno.parametro('PARADA_MINUTOS') as parada_min
    ) as a
    left join public.fontes_linha as f
        on f.linha_id = l.linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> a.agora
    left join public.periodos_ordem as p
        on p.linha_id = l.linha_id and p.intervalo @> a.agora and upper_inf(p.intervalo)
    left join public.lotes_producao as o on o.numero_op = p.numero_op
    left join public.produtos as d on d.produto_codigo = o.produto_codigo
    left join public.ordens_producao_ativas as t on t.numero_op = p.numero_op and t.linha_id = l.linha_id
    left join public.velocidades_vigentes as v
        on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (a.agora at time zone 'America/Fortaleza')::date
    cross join lateral (
        select max(m.ate) as ate from public.marcas_linha as m where m.linha_id = l.linha_id and m.gateway = f.fonte
    ) as s
    left join lateral (
        select m.minuto
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day' and m.minuto <= a.minuto
          and m.total_producao > 0
        order by m.minuto desc
        limit 1
    ) as u on true
    cross join lateral (
        select interno.refugo_agora(l.regra_refugo, p.numero_op, l.linha_id, t.rejeicao_acumulada) as refugo,
            interno.ultima_hora(
                l.linha_id, coalesce(p.fator_producao, interno.fator(l.linha_id, 'producao', a.agora)), a.minuto
            ) as minutos
    ) as r
    left join lateral (
        select sum(m.sem_ordem_producao - m.justificada_producao)::bigint as producao,
            sum(m.sem_ordem_rejeicao - m.justificada_rejeicao)::bigint as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day'
          and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
    ) as n on true
    cross join lateral (
        select count(*) as itens from public.contagens_retidas as k where k.linha_id = l.linha_id
    ) as c
    where l.ativa and (p_setor is null or l.setor = p_setor)
    order by l.setor, l.etapa desc, l.linha_id
$function$;

create or replace view public.mes_linha_turno with (security_invoker=true) as
 WITH horas AS (
         SELECT v.inicio,
            v.fim,
            array_agg(v.turno) AS turnos
           FROM public.turnos_vigentes v
          GROUP BY v.inicio, v.fim
        ), janelas AS (
         SELECT s.inicio,
            s.fim,
            s.turnos,
            (d.dia)::date AS data,
            tstzrange((((d.dia)::date + s.inicio) AT TIME ZONE 'America/Fortaleza'::text), ((((d.dia)::date + ((s.fim <= s.inicio))::integer) + s.fim) AT TIME ZONE 'America/Fortaleza'::text)) AS janela
           FROM (horas s
             CROSS JOIN LATERAL generate_series((((( SELECT (min(lower(p.intervalo)) AT TIME ZONE 'America/Fortaleza'::text) AS timezone
                   FROM public.periodos_ordem p))::date - 1))::timestamp with time zone, (((now() AT TIME ZONE 'America/Fortaleza'::text))::date)::timestamp with time zone, '1 day'::interval) d(dia))
        )
 SELECT w.data,
    t.mes_id AS turno_id,
    t.turno,
    w.inicio AS turno_hi,
    w.fim AS turno_hf,
    e.mes_id AS linhaproducao_id,
    l.nome AS linhaproducao,
    l.linha_id,
    w.janela
   FROM (((public.linhas l
     LEFT JOIN public.equivalencias_mes e ON (((l.linha_id = e.codigo) AND (e.tipo = 'LINHA'::text))))
     CROSS JOIN janelas w)
     CROSS JOIN LATERAL ( SELECT c.turno,
            q.mes_id
           FROM (unnest(w.turnos) c(turno)
             LEFT JOIN public.equivalencias_mes q ON (((q.tipo = 'TURNO'::text) AND (c.turno = q.codigo))))
          ORDER BY (q.mes_id IS NULL), (c.turno IS DISTINCT FROM ( SELECT g.turno
                   FROM public.diarios_bordo g
                  WHERE ((g.linha_id = l.linha_id) AND (g.janela = w.janela))
                  ORDER BY g.id DESC
                 LIMIT 1)), c.turno
         LIMIT 1) t)
  WHERE (lower(w.janela) <= now());

create or replace view public.mes_producao_hora with (security_invoker=true) as
 SELECT w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id AS produto_id,
    r.descricao AS produto,
    ((h.de AT TIME ZONE 'America/Fortaleza'::text))::time without time zone AS hora_inicio,
    ((h.ate AT TIME ZONE 'America/Fortaleza'::text))::time without time zone AS hora_final,
    (sum(j.producao))::bigint AS quantidade,
    v.velocidade,
    h.de AS inicio,
    w.linha_id,
    o.produto_codigo
   FROM ((((((public.mes_linha_turno w
     CROSS JOIN LATERAL ( SELECT g.hora AS de,
            LEAST((g.hora + '01:00:00'::interval), upper(w.janela)) AS ate,
            false AS manuais
           FROM generate_series(lower(w.janela), (LEAST(upper(w.janela), now()) - '00:00:00.000001'::interval), '01:00:00'::interval) g(hora)
        UNION ALL
         SELECT lower(w.janela) AS de,
            upper(w.janela) AS ate,
            true AS manuais) h)
     CROSS JOIN LATERAL ( SELECT k.numero_op,
            k.producao
           FROM public.producao_janela(w.linha_id, tstzrange(h.de, h.ate), false) k(numero_op, producao_maquina, rejeicao_maquina, producao, rejeicao, refugo_digitado, amostras, aberta_s, minutos_com_contagem, primeiro_minuto, ultimo_minuto)
          WHERE ((k.numero_op IS NOT NULL) AND (NOT h.manuais))
        UNION ALL
         SELECT m.numero_op,
            m.producao
           FROM public.contagens_manuais_atuais m
          WHERE ((m.linha_id = w.linha_id) AND (m.janela = w.janela) AND (m.producao > 0) AND h.manuais)) j)
     JOIN public.lotes_producao o ON ((j.numero_op = o.numero_op)))
     JOIN public.produtos r ON ((o.produto_codigo = r.produto_codigo)))
     LEFT JOIN public.equivalencias_mes e ON (((e.tipo = 'PRODUTO'::text) AND (o.produto_codigo = e.codigo))))
     LEFT JOIN public.velocidades_vigentes v ON (((w.linha_id = v.linha_id) AND (o.produto_codigo = v.produto_codigo) AND (v.validade @> w.data))))
  GROUP BY w.data, w.turno_id, w.turno, w.turno_hi, w.linhaproducao_id, w.linhaproducao, e.mes_id, r.descricao, h.de, h.ate, v.velocidade, w.linha_id, o.produto_codigo;

create or replace view public.mes_turno_lote with (security_invoker=true) as
 SELECT w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.turno_hf,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id AS produto_id,
    r.descricao AS produto,
    v.velocidade,
    o.numero_lote AS lote,
    o.data_fabricacao AS fabricacao,
    o.data_validade AS validade,
    ((p.de AT TIME ZONE 'America/Fortaleza'::text))::time without time zone AS hora_inicio,
    ((p.ate AT TIME ZONE 'America/Fortaleza'::text))::time without time zone AS hora_fim,
    a.contadas AS qtd_inicial,
    (a.contadas + j.producao_maquina) AS qtd_final,
    j.producao AS qtd_produzida,
        CASE
            WHEN c.digitado THEN j.refugo_digitado
            ELSE j.rejeicao
        END AS perda,
    (j.producao -
        CASE
            WHEN c.digitado THEN j.refugo_digitado
            ELSE j.rejeicao
        END) AS total_producao,
    j.amostras,
        CASE
            WHEN c.digitado THEN 'DIGITADO'::text
            ELSE 'MAQUINA'::text
        END AS fonte_perda,
    o.numero_op,
    w.linha_id,
    o.produto_codigo,
    w.janela
   FROM (((((((((((public.mes_linha_turno w
     CROSS JOIN LATERAL public.producao_janela(w.linha_id, w.janela, true) j(numero_op, producao_maquina, rejeicao_maquina, producao, rejeicao, refugo_digitado, amostras, aberta_s, minutos_com_contagem, primeiro_minuto, ultimo_minuto))
     JOIN public.lotes_producao o ON ((j.numero_op = o.numero_op)))
     JOIN public.produtos r ON ((o.produto_codigo = r.produto_codigo)))
     JOIN public.linhas l ON ((w.linha_id = l.linha_id)))
     LEFT JOIN public.equivalencias_mes e ON (((e.tipo = 'PRODUTO'::text) AND (o.produto_codigo = e.codigo))))
     LEFT JOIN public.velocidades_vigentes v ON (((w.linha_id = v.linha_id) AND (o.produto_codigo = v.produto_codigo) AND (v.validade @> w.data))))
     CROSS JOIN LATERAL ( SELECT GREATEST(min(lower(x.intervalo)), lower(w.janela)) AS de,
                CASE
                    WHEN (max(COALESCE(upper(x.intervalo), 'infinity'::timestamp with time zone)) < upper(w.janela)) THEN max(upper(x.intervalo))
                    WHEN (upper(w.janela) <= now()) THEN upper(w.janela)
                    ELSE NULL::timestamp with time zone
                END AS ate
           FROM public.periodos_ordem x
          WHERE ((x.linha_id = w.linha_id) AND (x.numero_op = j.numero_op) AND (x.intervalo && w.janela))) p)
     CROSS JOIN LATERAL ( SELECT min(lower(x.intervalo)) AS de
           FROM public.periodos_ordem x
          WHERE ((x.linha_id = w.linha_id) AND (x.numero_op = j.numero_op))) f)
     CROSS JOIN LATERAL ( SELECT (COALESCE(sum(k.producao_maquina), (0)::numeric))::bigint AS contadas
           FROM public.producao_janela(w.linha_id, tstzrange(f.de, GREATEST(f.de, lower(w.janela))), true) k(numero_op, producao_maquina, rejeicao_maquina, producao, rejeicao, refugo_digitado, amostras, aberta_s, minutos_com_contagem, primeiro_minuto, ultimo_minuto)
          WHERE ((f.de < lower(w.janela)) AND (k.numero_op = j.numero_op))) a)
     LEFT JOIN LATERAL ( SELECT q.vale
           FROM public.conciliacoes_refugo q
          WHERE ((q.numero_op = j.numero_op) AND (q.linha_id = w.linha_id) AND (q.janela = w.janela) AND (q.maquina = j.rejeicao) AND (q.digitado = j.refugo_digitado))
          ORDER BY q.id DESC
         LIMIT 1) d ON (true))
     CROSS JOIN LATERAL public.vale_digitado(l.regra_refugo, j.rejeicao, j.refugo_digitado, d.vale) c(digitado));

create or replace view public.mes_turno with (security_invoker=true) as
 SELECT data,
    turno_id,
    turno,
    turno_hi,
    turno_hf,
    linhaproducao_id,
    linhaproducao,
    produto_id,
    produto,
    velocidade,
    (sum(qtd_produzida))::bigint AS quantidade,
    (sum(perda))::bigint AS perda,
    (sum(amostras))::bigint AS amostras,
    linha_id,
    produto_codigo
   FROM public.mes_turno_lote t
  GROUP BY data, turno_id, turno, turno_hi, turno_hf, linhaproducao_id, linhaproducao, produto_id, produto, velocidade, linha_id, produto_codigo;

create or replace view public.mes_perdas with (security_invoker=true) as
 SELECT t.data,
    t.turno_id,
    t.turno,
    t.turno_hi,
    t.linhaproducao_id,
    t.linhaproducao,
    t.produto_id,
    t.produto,
    t.lote,
    q.perda,
    q.codigo,
    t.fonte_perda,
    t.numero_op,
    t.linha_id,
    t.produto_codigo
   FROM (public.mes_turno_lote t
     CROSS JOIN LATERAL ( SELECT 'MAQUINA'::text AS codigo,
            t.perda
          WHERE ((t.fonte_perda = 'MAQUINA'::text) AND (t.perda > 0))
        UNION ALL
         SELECT p.codigo,
            sum(p.quantidade) AS perda
           FROM public.perdas_vigentes p
          WHERE ((t.fonte_perda = 'DIGITADO'::text) AND (p.numero_op = t.numero_op) AND (p.linha_id = t.linha_id) AND (p.tipo = 'REFUGO'::text) AND (p.em >= lower(t.janela)) AND (p.em < upper(t.janela)))
          GROUP BY p.codigo) q);

create or replace view public.mes_paradas_detectadas with (security_invoker=true) as
 SELECT w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id AS produto_id,
    r.descricao AS produto,
    i.mes_id AS oeeparada_id,
    ((lower(u.trecho) AT TIME ZONE 'America/Fortaleza'::text))::time without time zone AS hora_inicio,
        CASE
            WHEN (NOT u.aberta) THEN ((upper(u.trecho) AT TIME ZONE 'America/Fortaleza'::text))::time without time zone
            ELSE NULL::time without time zone
        END AS hora_fim,
    ((EXTRACT(epoch FROM (upper(u.trecho) - lower(u.trecho))) / (60)::numeric))::integer AS minutos,
    a.codigo,
    a.descricao AS parada,
    lower(u.trecho) AS inicio,
        CASE
            WHEN (NOT u.aberta) THEN upper(u.trecho)
            ELSE NULL::timestamp with time zone
        END AS fim,
    o.numero_op,
    w.linha_id,
    o.produto_codigo
   FROM ((((((((((public.mes_linha_turno w
     JOIN public.linhas l ON ((w.linha_id = l.linha_id)))
     CROSS JOIN LATERAL ( SELECT range_agg(tstzrange(f.de, f.ate)) AS contada,
            COALESCE(l.parada_minutos, ( SELECT p.valor
                   FROM public.parametros p
                  WHERE (p.nome = 'PARADA_MINUTOS'::text))) AS minimo,
            GREATEST(( SELECT max(m.ate) AS max
                   FROM public.marcas_linha m
                  WHERE (m.linha_id = l.linha_id)), (( SELECT max(c.minuto) AS max
                   FROM public.contagens_minuto c
                  WHERE (c.linha_id = l.linha_id)) + '00:01:00'::interval)) AS sabido
           FROM public.fontes_linha f
          WHERE ((f.linha_id = l.linha_id) AND (f.papel = 'contagem'::text) AND (f.fonte <> 'manual'::text) AND (tstzrange(f.de, f.ate) && w.janela))) k)
     CROSS JOIN LATERAL public.paradas_linha(w.linha_id, (lower(w.janela) - ((k.minimo)::double precision * '00:01:00'::interval)), LEAST((upper(w.janela) + ((k.minimo)::double precision * '00:01:00'::interval)), k.sabido), k.minimo) s(de, ate, minutos, ordens))
     CROSS JOIN LATERAL ( SELECT t.trecho,
            ((upper(t.trecho) = s.ate) AND (s.ate < upper(w.janela)) AND (s.ate >= date_trunc('minute'::text, LEAST(k.sabido, now())))) AS aberta
           FROM unnest((k.contada * tstzmultirange((tstzrange(s.de, s.ate) * w.janela)))) t(trecho)) u)
     LEFT JOIN LATERAL ( SELECT x.numero_op
           FROM public.periodos_ordem x
          WHERE ((x.linha_id = w.linha_id) AND (x.intervalo && u.trecho))
          ORDER BY x.intervalo
         LIMIT 1) n ON (true))
     LEFT JOIN public.lotes_producao o ON ((n.numero_op = o.numero_op)))
     LEFT JOIN public.produtos r ON ((o.produto_codigo = r.produto_codigo)))
     LEFT JOIN public.equivalencias_mes e ON (((e.tipo = 'PRODUTO'::text) AND (o.produto_codigo = e.codigo))))
     LEFT JOIN LATERAL ( SELECT y.codigo,
            y.descricao
           FROM public.paradas_vigentes y
          WHERE ((y.linha_id = w.linha_id) AND (tstzrange(y.de, y.ate) && u.trecho))
          ORDER BY (upper((tstzrange(y.de, y.ate) * u.trecho)) - lower((tstzrange(y.de, y.ate) * u.trecho))) DESC, y.de
         LIMIT 1) a ON (true))
     LEFT JOIN public.equivalencias_mes i ON (((i.tipo = 'PARADA'::text) AND (a.codigo = i.codigo))))
  WHERE (k.sabido > lower(w.janela));

CREATE INDEX periodos_ordem_inicio ON public.periodos_ordem USING btree (lower(intervalo));
alter table public.equivalencias_mes enable row level security;
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.equivalencias_mes FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('codigo');
create policy leitura on public.equivalencias_mes as permissive for select to authenticated using (true);
revoke all on function interno.exigir_equivalencias(text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_sem_mes(text) from public, anon, authenticated, service_role;
revoke all on function public.definir_equivalencias_mes(text,jsonb,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_equivalencias_mes(text,jsonb,text) to authenticated;
grant execute on function public.definir_equivalencias_mes(text,jsonb,text) to service_role;
revoke all on function public.definir_minutos_parada(text,integer,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_minutos_parada(text,integer,text) to authenticated;
grant execute on function public.definir_minutos_parada(text,integer,text) to service_role;
revoke all on function public.vale_digitado(text,bigint,bigint,text) from public, anon, authenticated, service_role;
grant execute on function public.vale_digitado(text,bigint,bigint,text) to authenticated;
grant execute on function public.vale_digitado(text,bigint,bigint,text) to service_role;
revoke all on table public.equivalencias_mes from public, anon, authenticated, service_role;
grant select on table public.equivalencias_mes to authenticated;
grant select on table public.equivalencias_mes to service_role;
revoke all on table public.mes_linha_turno from public, anon, authenticated, service_role;
grant select on table public.mes_linha_turno to authenticated;
grant select on table public.mes_linha_turno to service_role;
revoke all on table public.mes_paradas_detectadas from public, anon, authenticated, service_role;
grant select on table public.mes_paradas_detectadas to authenticated;
grant select on table public.mes_paradas_detectadas to service_role;
revoke all on table public.mes_perdas from public, anon, authenticated, service_role;
grant select on table public.mes_perdas to authenticated;
grant select on table public.mes_perdas to service_role;
revoke all on table public.mes_producao_hora from public, anon, authenticated, service_role;
grant select on table public.mes_producao_hora to authenticated;
grant select on table public.mes_producao_hora to service_role;
revoke all on table public.mes_turno from public, anon, authenticated, service_role;
grant select on table public.mes_turno to authenticated;
grant select on table public.mes_turno to service_role;
revoke all on table public.mes_turno_lote from public, anon, authenticated, service_role;
grant select on table public.mes_turno_lote to authenticated;
grant select on table public.mes_turno_lote to service_role;
revoke all on table public.papeis_vigentes from public, anon, authenticated, service_role;
grant select on table public.papeis_vigentes to authenticated;
grant select on table public.papeis_vigentes to service_role;
revoke all on table public.paradas_vigentes from public, anon, authenticated, service_role;
grant select on table public.paradas_vigentes to authenticated;
grant select on table public.paradas_vigentes to service_role;
revoke all on table public.pessoas_vigentes from public, anon, authenticated, service_role;
grant select on table public.pessoas_vigentes to authenticated;
grant select on table public.pessoas_vigentes to service_role;
revoke all on table public.turnos_vigentes from public, anon, authenticated, service_role;
grant select on table public.turnos_vigentes to authenticated;
grant select on table public.turnos_vigentes to service_role;
revoke all on table public.velocidades_vigentes from public, anon, authenticated, service_role;
grant select on table public.velocidades_vigentes to authenticated;
grant select on table public.velocidades_vigentes to service_role;
comment on view public.perdas_vigentes is 'As perdas que valem: nem estornadas nem estornos; substituível onde o MES diz o refugo. Fonte: perdas_qualidade.';
comment on column public.linhas.parada_minutos is 'Minutos seguidos sem contagem com que a linha está parada; nulo = o parâmetro PARADA_MINUTOS. Fonte: definir_minutos_parada.';
comment on view public.papeis_vigentes is 'Os papéis que valem; substituível onde o MES os diz (perfis). Fonte: papeis_usuario.';
comment on view public.velocidades_vigentes is 'As velocidades nominais que valem; substituível onde o MES as diz. Fonte: velocidades_nominais.';
comment on column public.velocidades_vigentes.velocidade is 'Unidades por hora. Fonte: velocidades_nominais.';
comment on column public.velocidades_vigentes.validade is 'Dias da fábrica em que vale. Fonte: velocidades_nominais.';
comment on function interno.exigir_sem_mes(text) is 'PT409 DADO_DO_MES se o MES está conectado (parâmetro MES_CONECTADO): o dado se digita lá.';
comment on view public.pessoas_vigentes is 'O nome de quem assina, o código no TOTVS e o nome de login; substituível onde o MES os diz. Fonte: pessoas.';
comment on view public.turnos_vigentes is 'Os turnos e suas horas (Fortaleza); substituível onde o MES os diz, com os mesmos códigos. Fonte: turnos.';
comment on function public.vale_digitado(text,bigint,bigint,text) is 'Verdadeiro se vale o refugo digitado, falso se o da máquina: pela regra da linha, pelos dois números (unidades) e pelo que se conciliou deles.';
comment on table public.equivalencias_mes is 'O id inteiro do MES de cada linha, produto, turno, pessoa e código de parada; único nos dois sentidos. Fonte: definir_equivalencias_mes.';
comment on column public.equivalencias_mes.tipo is 'LINHA, PRODUTO, TURNO, PESSOA ou PARADA. Fonte: pessoa.';
comment on column public.equivalencias_mes.codigo is 'O nosso: linha_id, produto_codigo, turno, usuario_id (UUID); de parada, o código da fábrica (p. ex. SPEP-P1.3). Fonte: pessoa.';
comment on column public.equivalencias_mes.mes_id is 'O do MES: linhaproducao_id, produto_id, turno_id, usuario_id ou oeeparada_id. Fonte: pessoa.';
comment on function interno.exigir_equivalencias(text,jsonb) is 'PT422 NUMERO_INVALIDO, TEXTO_INVALIDO ou TEXTO_LONGO, PT404 CODIGO_DESCONHECIDO: o que não serve de equivalência.';
comment on function public.definir_equivalencias_mes(text,jsonb,text) is 'Diz os ids do MES: p_tipo (LINHA, PRODUTO, TURNO, PESSOA ou PARADA) e um objeto código nosso → id (inteiro; nulo = nenhum), até 1.000 de cada vez. Devolve-os e quantas equivalências do tipo há.';
comment on function public.definir_minutos_parada(text,integer,text) is 'Diz com quantos minutos seguidos sem contagem a linha está parada (1 a 1.440); nulo = o parâmetro PARADA_MINUTOS. Devolve a linha.';
comment on view public.paradas_vigentes is 'As paradas apontadas, com o código da fábrica; substituível onde o MES as diz. Sem MES, vazia. Fonte: MES.';
comment on view public.mes_linha_turno is 'Cada turno já começado de cada linha, desde a primeira OP, com os ids do MES. Equipes da mesma janela são uma linha: a que assinou, senão a primeira. Fonte: turnos_vigentes e equivalencias_mes.';
comment on view public.mes_producao_hora is 'tboee_turno_producao do nosso lado: unidades por data, turno, linha, produto e hora com OP aberta; a contagem à mão é uma linha do turno inteiro. Fonte: contagens.';
comment on column public.mes_producao_hora.hora_inicio is 'Início da hora (Fortaleza). Fonte: turnos_vigentes.';
comment on column public.mes_producao_hora.quantidade is 'Unidades feitas, boas e rejeitadas. Fonte: contagens × fator congelado.';
comment on column public.mes_producao_hora.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_producao_hora.inicio is 'Início da hora (UTC). Fonte: turnos_vigentes.';
comment on view public.mes_turno_lote is 'tboee_turno_lote do nosso lado: uma linha por data, turno, linha, produto e lote (OP), com o cabeçalho de tboee_turno. Fonte: contagens, perdas e periodos_ordem.';
comment on column public.mes_turno_lote.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_turno_lote.hora_inicio is 'Quando a OP começou no turno (Fortaleza). Fonte: periodos_ordem.';
comment on column public.mes_turno_lote.hora_fim is 'Quando a OP terminou no turno (Fortaleza); nula se está aberta agora. Fonte: periodos_ordem.';
comment on column public.mes_turno_lote.qtd_inicial is 'O que a OP já tinha contado na linha antes do turno, em contagens da máquina (ciclos). Fonte: contagens.';
comment on column public.mes_turno_lote.qtd_final is 'qtd_inicial mais o contado no turno, em contagens da máquina (ciclos). Fonte: contagens.';
comment on column public.mes_turno_lote.qtd_produzida is 'Unidades feitas no turno, boas e rejeitadas. Fonte: contagens × fator congelado.';
comment on column public.mes_turno_lote.perda is 'Refugo do turno pela regra da linha, em unidades; sem as amostras. Fonte: contagens ou perdas_vigentes.';
comment on column public.mes_turno_lote.total_producao is 'qtd_produzida menos perda, em unidades. Fonte: banco.';
comment on column public.mes_turno_lote.amostras is 'Retém e amostras, em unidades: o MES não tem coluna para elas. Fonte: perdas_vigentes.';
comment on column public.mes_turno_lote.fonte_perda is 'MAQUINA ou DIGITADO: qual refugo é a perda. Fonte: linhas.regra_refugo e conciliacoes_refugo.';
comment on view public.mes_turno is 'tboee_turno do nosso lado: exatamente uma linha por data, turno, linha e produto. Fonte: mes_turno_lote.';
comment on column public.mes_turno.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_turno.quantidade is 'Unidades feitas no turno, boas e rejeitadas. Fonte: mes_turno_lote.';
comment on column public.mes_turno.perda is 'Refugo do turno pela regra da linha, em unidades. Fonte: mes_turno_lote.';
comment on column public.mes_turno.amostras is 'Retém e amostras, em unidades. Fonte: mes_turno_lote.';
comment on view public.mes_perdas is 'tboee_turno_perda do nosso lado: o refugo que vale, por data, turno, linha, produto, lote (OP) e código. Fonte: mes_turno_lote e perdas_vigentes.';
comment on column public.mes_perdas.perda is 'Unidades recusadas. Fonte: contagens ou perdas_vigentes.';
comment on column public.mes_perdas.codigo is 'Código do motivo; MAQUINA se foi a máquina que rejeitou. Fonte: perdas_vigentes.';
comment on column public.mes_perdas.fonte_perda is 'MAQUINA ou DIGITADO: qual refugo vale. Fonte: mes_turno_lote.';
comment on view public.mes_paradas_detectadas is 'tboee_turno_parada do nosso lado: a linha contada por máquina ficou pelo menos N minutos inteiros sem contar (linhas.parada_minutos, senão PARADA_MINUTOS), dividida na troca de turno. Fonte: contagens e marcas.';
comment on column public.mes_paradas_detectadas.oeeparada_id is 'Código que alguém deu à parada, no MES; nulo enquanto ninguém deu. Fonte: paradas_vigentes.';
comment on column public.mes_paradas_detectadas.hora_inicio is 'Quando parou, no turno (Fortaleza). Fonte: contagens.';
comment on column public.mes_paradas_detectadas.hora_fim is 'Quando voltou, no turno (Fortaleza); nula enquanto está parada. Fonte: contagens.';
comment on column public.mes_paradas_detectadas.minutos is 'Minutos inteiros parada, no turno; até a última notícia se ainda está parada. Fonte: contagens.';
comment on column public.mes_paradas_detectadas.produto_id is 'Produto da primeira OP aberta na parada; nulo se nenhuma. Fonte: periodos_ordem.';
