-- people_and_parallel_run: from the definitions in supabase/schemas, by `make migration`.

-- by hand
alter table public.papeis_usuario drop constraint papeis_usuario_papel_check, add constraint papeis_usuario_papel_check
check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN'));
-- What was closed until now was reported.
alter table public.fechamentos_lote add column informado boolean not null default true;
alter table public.fechamentos_lote alter column informado drop default;
create table public.apontamentos_linha (
    linha_id text not null references public.linhas,
    de timestamptz not null,
    ate timestamptz,
    primary key (linha_id, de),
    check (de >= '2000-01-01 00:00+00' and (ate is null or ate > de and isfinite(ate))),
    exclude using gist (linha_id with =, tstzrange(de, ate) with &&)
);
create table public.aprovacoes_apontamento (
    linha_id text primary key references public.linhas,
    desde timestamptz,
    falta text not null check (falta in ('aprovar_apontamento_ti', 'aprovar_apontamento_qualidade')),
    descricao text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp()
);
create table public.conferencia_manual (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null,
    janela tstzrange not null,
    produzidas integer not null check (produzidas >= 0),
    refugadas integer not null check (refugadas >= 0),
    motivo text,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (refugadas <= produzidas)
);
create table public.enderecos_resumo (
    id bigint generated always as identity primary key,
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    endereco text not null check (length(endereco) <= 254),
    unique nulls not distinct (setor, endereco)
);
create table public.resumos_diarios (
    id bigint generated always as identity primary key,
    dia date not null,
    setor text,
    conteudo jsonb not null,
    situacao text not null check (situacao in ('VAZIO', 'PENDENTE', 'ENVIANDO', 'ENVIADO')),
    enderecos text[],
    tentativas integer not null default 0,
    lease uuid,
    lease_ate timestamptz,
    mensagem_id text,
    erro text,
    apurado_em timestamptz not null default clock_timestamp(),
    enviado_em timestamptz,
    unique nulls not distinct (dia, setor),
    check ((situacao = 'ENVIANDO') = (lease is not null) and (situacao = 'ENVIADO') = (enviado_em is not null))
);
-- In an installation in use, that is one in which somebody may act, lines that exist go on being reported. In a new one
-- they begin in parallel run. No trigger leaves a trail of it yet: installed, not changed by a person.
insert into public.apontamentos_linha (linha_id, de)
select linha_id, '2000-01-01 00:00+00' from public.linhas where exists (select from public.papeis_usuario);
alter table public.parametros disable trigger auditar;
insert into public.parametros (nome, valor, descricao, maximo) values
('RESUMO_ESPERA_HORAS', 8, 'Horas que uma pendência espera até entrar no resumo diário por e-mail.', 720);
alter table public.parametros enable trigger auditar;

CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'registrar_conferencia'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao = 'fechar_com_ressalva'
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in ('definir_parametro', 'definir_papel', 'definir_pessoa', 'definir_endereco_resumo', 'aprovar_apontamento_ti')
            then array['ADMIN']
        when p_funcao = 'aprovar_apontamento_qualidade'
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

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
        select from public.velocidades_nominais
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
    end if;
    return v_avisos || interno.aviso_conferencia(v_lote, p_linha_id);
end $function$;

CREATE OR REPLACE FUNCTION interno.linha_apontada(p_linha_id text, p_em timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select exists (
        select from public.apontamentos_linha as a where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) @> p_em
    )
$function$;

CREATE OR REPLACE FUNCTION interno.op_apontada(p_op text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return exists (select from public.envios_totvs as e where e.numero_op = p_op) or coalesce((
        select bool_and(interno.linha_apontada(t.linha_id, t.aberta))
        from (
            select a.*, bool_or(a.da_etapa) over () as passou
            from (
                select p.linha_id, min(lower(p.intervalo)) as aberta,
                    l.etapa = interno.etapa_apontada(o.produto_codigo) as da_etapa
                from public.periodos_ordem as p
                inner join public.linhas as l on l.linha_id = p.linha_id
                inner join public.lotes_producao as o on o.numero_op = p.numero_op
                where p.numero_op = p_op
                group by p.linha_id, l.etapa, o.produto_codigo
            ) as a
        ) as t
        where t.da_etapa or not t.passou
    ), false);
end $function$;

CREATE OR REPLACE FUNCTION interno.aviso_conferencia(p_lote public.lotes_producao, p_linha_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return coalesce((
        select jsonb_build_array(interno.motivo_json('LINHA_EM_CONFERENCIA',
            format('A linha %s está em conferência.', p_linha_id), case when interno.op_apontada(p_lote.numero_op)
                then format('Já se informou da OP %s ao TOTVS: o SicFar segue informando, não a aponte à mão.', p_lote.numero_op)
                else 'O SicFar não informa ao TOTVS as OPs abertas nela agora; aponte-as à mão.'
            end
        ))
        from public.linhas as l
        where l.linha_id = p_linha_id and l.etapa = interno.etapa_apontada(p_lote.produto_codigo)
          and not interno.linha_apontada(p_linha_id, clock_timestamp())
    ), '[]');
end $function$;

CREATE OR REPLACE FUNCTION interno.aprovar_apontamento(p_funcao text, p_outra text, p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao(p_funcao, p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_desde constant timestamptz := case when p_desde is not null then lower(interno.exigir_faixa(p_desde, null)) end;
    -- Openings are whole seconds: what was opened in this second was opened before.
    v_de constant timestamptz := coalesce(v_desde, date_trunc('second', clock_timestamp()) + interval '1 second');
    v_quando constant text := coalesce('desde ' || interno.hora_local(v_desde), 'desde a segunda aprovação');
    v_primeira public.aprovacoes_apontamento;
begin
    perform interno.exigir_linha(p_linha_id);
    if exists (
        select from public.apontamentos_linha as a
        where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) && tstzrange(v_de, null)
    ) then
        perform interno.recusar(
            '409', 'LINHA_JA_APONTADA', format('A produção da linha %s já é informada ao TOTVS nesse tempo.', p_linha_id),
            'Confira a linha e o instante.'
        );
    end if;
    select * into v_primeira from public.aprovacoes_apontamento where linha_id = p_linha_id;
    if v_primeira.falta = p_outra then
        perform interno.recusar(
            '409', 'JA_APROVADA', format('Esta área já aprovou a linha %s; falta a outra.', p_linha_id),
            'Espere a outra área, ou retire a aprovação com suspender_apontamento.'
        );
    elsif v_primeira.usuario_id = interno.usuario_atual() then
        perform interno.recusar(
            '409', 'MESMA_PESSOA', 'As duas aprovações são de duas pessoas.', 'Peça a outra pessoa desta área que aprove.'
        );
    elsif v_primeira.linha_id is not null and v_primeira.desde is distinct from v_desde then
        perform interno.recusar(
            '409', 'INSTANTE_DIFERENTE', format('A outra aprovação é para informar %s.', coalesce(
                'desde ' || interno.hora_local(v_primeira.desde), 'desde a segunda aprovação'
            )),
            'Aprove o mesmo instante, ou retire a outra aprovação com suspender_apontamento.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    if v_primeira.linha_id is null then
        insert into public.aprovacoes_apontamento (linha_id, desde, falta, descricao, usuario_id)
        values (
            p_linha_id, v_desde, p_outra, format(
                'Informar ao TOTVS a produção da linha %s, %s: uma área aprovou (%s); falta %s.', p_linha_id, v_quando, v_motivo,
                case p_outra when 'aprovar_apontamento_ti' then 'a TI' else 'a Qualidade' end
            ), interno.usuario_atual()
        );
    else
        delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
        insert into public.apontamentos_linha (linha_id, de) values (p_linha_id, v_de);
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_primeira.linha_id is null then 'AGUARDA' else 'APONTADA' end,
        'falta', case when v_primeira.linha_id is null then p_outra end,
        'de', case when v_primeira.linha_id is null then v_desde else v_de end
    );
end $function$;

CREATE OR REPLACE FUNCTION public.aprovar_apontamento_ti(p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_ti', 'aprovar_apontamento_qualidade', p_linha_id, p_desde, p_motivo
    )
$function$;

CREATE OR REPLACE FUNCTION public.aprovar_apontamento_qualidade(p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_qualidade', 'aprovar_apontamento_ti', p_linha_id, p_desde, p_motivo
    )
$function$;

CREATE OR REPLACE FUNCTION public.suspender_apontamento(p_linha_id text, p_ate timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao('suspender_apontamento', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_ate constant timestamptz := date_trunc('second', coalesce(p_ate, clock_timestamp()));
    v_atual public.apontamentos_linha;
    v_retirada boolean;
begin
    select * into v_atual from public.apontamentos_linha where linha_id = p_linha_id and ate is null;
    perform interno.declarar_autor(v_papel, v_motivo);
    delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
    v_retirada := found;
    if v_atual.linha_id is null and not v_retirada then
        perform interno.recusar(
            '409', 'LINHA_EM_CONFERENCIA', format('A linha %s já está em conferência.', p_linha_id), 'Confira a linha.'
        );
    elsif v_ate > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_ate)), 'Informe um instante até agora.'
        );
    elsif v_ate <= v_atual.de then
        delete from public.apontamentos_linha where linha_id = p_linha_id and de = v_atual.de;
    else
        update public.apontamentos_linha set ate = v_ate where linha_id = p_linha_id and de = v_atual.de;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_retirada then 'RETIRADA' else 'SUSPENSA' end,
        'ate', case when not v_retirada then v_ate end, 'seguem_informadas', to_jsonb(array(
            select distinct p.numero_op
            from public.periodos_ordem as p
            where p.linha_id = p_linha_id
              and not exists (select from public.fechamentos_lote as f where f.numero_op = p.numero_op)
              and interno.op_apontada(p.numero_op)
            order by p.numero_op
        ))
    );
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_conferencia(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_produzidas integer, p_refugadas integer DEFAULT 0, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_conferencia', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_antes public.conferencia_manual;
    v_nova public.conferencia_manual;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    if p_produzidas is null or p_produzidas not between 0 and 10000000
        or p_refugadas is null or p_refugadas not between 0 and p_produzidas then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'As produzidas e as refugadas são inteiros de 0 a 10.000.000, e as refugadas fazem parte das produzidas.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (select from public.lotes_producao where numero_op = v_op) then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(v_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    select * into v_antes
    from public.conferencia_manual
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela
    order by id desc
    limit 1;
    if (v_antes.produzidas, v_antes.refugadas, v_antes.turno) = (p_produzidas, p_refugadas, p_turno) then
        return to_jsonb(v_antes);
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.conferencia_manual (
        numero_op, linha_id, data, turno, janela, produzidas, refugadas, motivo, usuario_id
    )
    values (
        v_op, v_linha.linha_id, p_data, p_turno, v_janela, p_produzidas, p_refugadas, v_motivo, interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_conferencia', format('conferencia_manual:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
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
            cross join public.turnos as t
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

CREATE OR REPLACE FUNCTION public.definir_endereco_resumo(p_setor text, p_endereco text, p_vale boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_endereco_resumo', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_endereco constant text := lower(interno.exigir_nome('endereco', p_endereco, 6, 254));
begin
    perform interno.exigir_codigo('endereço de e-mail', v_endereco, '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta dizer se o endereço vale.', 'Informe-o.');
    end if;
    perform pg_advisory_xact_lock(hashtext('enderecos_resumo'));
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.enderecos_resumo (setor, endereco) values (p_setor, v_endereco) on conflict do nothing;
    else
        delete from public.enderecos_resumo where setor is not distinct from p_setor and endereco = v_endereco;
    end if;
    perform interno.declarar_autor('', '');
    if (select count(*) from public.enderecos_resumo where setor is not distinct from p_setor) > 50 then
        perform interno.recusar(
            '409', 'ENDERECOS_DEMAIS', 'Um e-mail vai a no máximo 50 endereços.', 'Use uma lista de distribuição.'
        );
    end if;
    return jsonb_build_object('setor', p_setor, 'endereco', v_endereco, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION interno.enderecos_do_resumo(p_setor text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(
        array_agg(e.endereco order by e.endereco) filter (where e.setor = p_setor),
        array_agg(e.endereco order by e.endereco) filter (where e.setor is null), '{}'
    )
    from public.enderecos_resumo as e
$function$;

CREATE OR REPLACE FUNCTION interno.congelar(p_op text, p_ressalvas jsonb, p_motivo text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote public.lotes_producao;
    v_etapa text;
    v_totais constant jsonb := interno.totais_json(p_op);
    v_resumo jsonb;
    v_id bigint;
    v_informado boolean;
    v_perdas jsonb;
begin
    set constraints public.conferir_fechamento, public.conferir_totais deferred;
    select * into v_lote from public.lotes_producao where numero_op = p_op for no key update;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo, informado
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        coalesce(min(lower(p.intervalo)) filter (where l.etapa = v_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = v_etapa), max(upper(p.intervalo))),
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo,
        interno.op_apontada(p_op)
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
    returning id, informado into v_id, v_informado;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    -- Here, not at the end of the transaction: of a round of closings only the one that does not add up fails.
    set constraints public.conferir_fechamento, public.conferir_totais immediate;
    update public.lotes_producao set status = 'CONCLUIDO', atualizado_em = clock_timestamp() where numero_op = p_op;
    delete from public.fechamentos_pendentes where numero_op = p_op;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp());
    if not v_informado then
        return v_id; -- parallel run: the plant reports the order by hand
    end if;
    perform interno.criar_envio(p_op, 'PRODUCAO', null);
    v_perdas := interno.lista(v_resumo -> 'perdas', 'tipo', 1);
    if v_perdas <> '[]' then
        perform interno.criar_envio(p_op, 'PERDAS', interno.cabecalho_envio(p_op) || jsonb_build_object('perdas', v_perdas));
    end if;
    perform interno.criar_envio(p_op, 'STATUS', interno.cabecalho_envio(p_op) || jsonb_build_object('status', 'CONCLUIDO', 'em', clock_timestamp()));
    return v_id;
end $function$;

CREATE OR REPLACE FUNCTION interno.criar_parciais()
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_cada constant integer := interno.parametro('PARCIAIS_SEGUNDOS');
    v_lote record;
    v_vivo jsonb;
    v_antes jsonb;
    v_refugos jsonb;
    v_boas bigint;
    v_criados integer := 0;
begin
    if v_cada = 0 then
        return 0;
    end if;
    for v_lote in
        select l.numero_op, interno.etapa_apontada(l.produto_codigo) as etapa
        from public.lotes_producao as l
        where l.status = 'EM_ANDAMENTO'
          and exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)
          and not exists (
            select from public.envios_totvs as e
            where e.numero_op = l.numero_op
              and (e.situacao not in ('CONFIRMADO', 'DESCARTADO') or e.criado_em > clock_timestamp() - make_interval(secs => v_cada))
        )
          and interno.op_apontada(l.numero_op)
    loop
        v_vivo := interno.resumo_totais(interno.totais_json(v_lote.numero_op), v_lote.etapa);
        v_antes := interno.parciais_confirmados(v_lote.numero_op);
        v_boas := (v_vivo ->> 'boas')::bigint - (v_antes ->> 'boas')::bigint;
        v_refugos := interno.menos(v_vivo -> 'refugos', v_antes -> 'refugos');
        -- Less than before (re-dated, corrected): the closing settles it.
        if v_boas >= 0 and interno.lista(v_refugos, 'codigo', -1) = '[]' and v_boas + interno.soma_json(v_refugos) > 0 then
            perform interno.criar_envio(v_lote.numero_op, 'PARCIAL', interno.conteudo_producao(
                v_lote.numero_op, v_boas, v_refugos, (v_antes ->> 'contador')::bigint, (v_vivo ->> 'contador')::bigint,
                (select min(lower(p.intervalo)) from public.periodos_ordem as p where p.numero_op = v_lote.numero_op),
                clock_timestamp(), true
            ));
            v_criados := v_criados + 1;
        end if;
    end loop;
    return v_criados;
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_ajustes(p_numero_op text, p_decisao text, p_motivo text)
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
    v_resumo jsonb;
    v_envios jsonb := '[]';
    v_sinal integer;
    v_conteudo jsonb;
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    select * into v_f from public.fechamentos_lote where numero_op = v_op;
    perform interno.travar_linhas(interno.linhas_da_op(v_op));
    with decididos as (
        update public.ajustes_fechamento
        set situacao = case p_decisao when 'APROVAR' then 'APROVADO' else 'RECUSADO' end, decidido_em = clock_timestamp(),
            decidido_por = interno.usuario_atual(), motivo = v_motivo
        where fechamento_id = v_f.id and situacao = 'PROPOSTO'
        returning id, etapa, linha_id, tipo, codigo, diferenca as quantidade, null::bigint as maquina
    )
    select jsonb_agg(to_jsonb(d)) into v_ajustes from decididos as d;
    if v_ajustes is null then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não tem ajuste à espera.', v_op));
    end if;
    if p_decisao = 'APROVAR' and v_f.informado then
        v_resumo := interno.resumo_totais(v_ajustes, v_f.etapa);
        -- What is more goes as an adjustment, what is less as a reversal: the ERP takes no negative amounts.
        foreach v_sinal in array array[1, -1] loop
            v_conteudo := jsonb_build_object(
                'boas', greatest((v_resumo ->> 'boas')::bigint * v_sinal, 0),
                'refugos', interno.lista(v_resumo -> 'refugos', 'codigo', v_sinal),
                'perdas', interno.lista(v_resumo -> 'perdas', 'tipo', v_sinal)
            );
            if v_conteudo <> '{"boas": 0, "refugos": [], "perdas": []}' then
                v_envios := v_envios || to_jsonb(interno.criar_envio(
                    v_op, case v_sinal when 1 then 'AJUSTE' else 'ESTORNO' end,
                    interno.cabecalho_envio(v_op) || v_conteudo || jsonb_build_object('motivo', v_motivo)
                ));
            end if;
        end loop;
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
        'envios_parados', (
            select count(*) from public.envios_totvs as e
            where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null
        ),
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
    )
$function$;

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
        ), quarentenas AS (
         SELECT q.assunto,
            count(*) AS itens,
            min(q.id) AS primeiro,
            max(q.id) AS ultimo,
            count(DISTINCT q.chave) AS arquivos,
            array_agg(DISTINCT q.linha_id) FILTER (WHERE (q.linha_id IS NOT NULL)) AS linhas,
                CASE
                    WHEN ((count(DISTINCT q.linha_id) = 1) AND (count(*) = count(q.linha_id))) THEN min(q.linha_id)
                    ELSE NULL::text
                END AS linha_id,
                CASE
                    WHEN ((count(DISTINCT l.setor) = 1) AND (count(*) = count(l.setor))) THEN min(l.setor)
                    ELSE NULL::text
                END AS setor,
            sum(q.registros) AS registros,
            sum(q.producao) AS producao,
            sum(q.rejeicao) AS rejeicao,
            min(q.de) AS de,
            max(q.ate) AS ate,
            min(q.criada_em) AS desde,
            max(q.criada_em) AS ultimo_em
           FROM (public.quarentena q
             LEFT JOIN public.linhas l ON ((q.linha_id = l.linha_id)))
          WHERE (q.resolvida_em IS NULL)
          GROUP BY q.assunto
        )
 SELECT 'SEM_ORDEM'::text AS tipo,
    ((s.linha_id || ':'::text) || s.dia) AS chave,
    s.linha_id,
    l.setor,
    format('A linha %s contou %s (rejeição %s) sem ordem aberta em %s.'::text, s.linha_id, s.producao, s.rejeicao, to_char((s.dia)::timestamp with time zone, 'DD/MM/YYYY'::text)) AS descricao,
    s.de AS desde,
    array_to_string(public.papeis_da_funcao('justificar_sem_ordem'::text), ', '::text) AS quem_decide,
    'justificar_sem_ordem'::text AS funcao,
    jsonb_build_object('p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', (s.ate + '00:00:00.001'::interval), 'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem') AS detalhes
   FROM (sem_ordem s
     JOIN public.linhas l ON ((s.linha_id = l.linha_id)))
UNION ALL
 SELECT 'RETIDA'::text AS tipo,
    r.assunto AS chave,
    r.linha_id,
    l.setor,
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
        END AS descricao,
    r.desde,
    array_to_string(public.papeis_da_funcao('decidir_retido'::text), ', '::text) AS quem_decide,
    'decidir_retido'::text AS funcao,
    jsonb_build_object('p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS detalhes
   FROM (retidas r
     JOIN public.linhas l ON ((r.linha_id = l.linha_id)))
UNION ALL
 SELECT 'QUARENTENA'::text AS tipo,
    q.assunto AS chave,
    q.linha_id,
    q.setor,
        CASE
            WHEN (q.itens = 1) THEN p.detalhe
            ELSE format('%s itens de %s, desde %s até %s. O primeiro: %s'::text, q.itens,
            CASE
                WHEN (q.arquivos = 1) THEN 'um arquivo'::text
                ELSE (q.arquivos || ' arquivos'::text)
            END, to_char((q.desde AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), to_char((q.ultimo_em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), p.detalhe)
        END AS descricao,
    q.desde,
    array_to_string(public.papeis_da_funcao('resolver_quarentena'::text), ', '::text) AS quem_decide,
    'resolver_quarentena'::text AS funcao,
    jsonb_build_object('p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos, 'linhas', q.linhas[:50], 'motivo', p.motivo, 'outros_motivos', COALESCE(p.outros_motivos, '{}'::text[]), 'de', q.de, 'ate', q.ate, 'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'arquivo', p.chave, 'versao_id', p.versao_id, 'byte_de', p.byte_de, 'byte_ate', p.byte_ate, 'primeiros_bytes', encode(SUBSTRING(p.amostra FROM 1 FOR 64), 'escape'::text), 'fonte', p.fonte, 'alternativa',
        CASE
            WHEN (p.fonte IS NOT NULL) THEN 'definir_fonte'::text
            WHEN public.reprocessavel(p.*) THEN 'reprocessar_quarentena'::text
            ELSE NULL::text
        END) AS detalhes
   FROM (quarentenas q
     JOIN public.quarentena p ON ((q.primeiro = p.id)))
UNION ALL
 SELECT 'RELOGIO_EM_DUVIDA'::text AS tipo,
    (d.id)::text AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('%s Linhas %s, %s lotes.'::text, d.descricao, array_to_string(d.linhas, ', '::text), d.lotes) AS descricao,
    d.criada_em AS desde,
    array_to_string(public.papeis_da_funcao('decidir_relogio'::text), ', '::text) AS quem_decide,
    'decidir_relogio'::text AS funcao,
    jsonb_build_object('p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate, 'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes) AS detalhes
   FROM public.duvidas_relogio d
  WHERE (d.decisao IS NULL)
UNION ALL
 SELECT 'SEQUENCIA_AUSENTE'::text AS tipo,
    ((((f.gateway || ':'::text) || f.epoca) || ':'::text) || concat_ws('-'::text, f.de, NULLIF(f.ate, f.de))) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
        CASE
            WHEN (f.sequencias = (1)::numeric) THEN format('O lote %s do gateway %s não chegou.'::text, f.de, f.gateway)
            WHEN (f.faixas = 1) THEN format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, f.de, f.ate, f.gateway, f.sequencias)
            ELSE format('Faltam %s lotes do gateway %s, em %s faixas de %s a %s.'::text, f.sequencias, f.gateway, f.faixas, f.de, f.ate)
        END AS descricao,
    f.desde,
    array_to_string(public.papeis_da_funcao('anular_sequencia'::text), ', '::text) AS quem_decide,
    'anular_sequencia'::text AS funcao,
    jsonb_build_object('p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', (f.faixas > 1), 'sequencias', f.sequencias, 'faixas', f.primeiras) AS detalhes
   FROM faltas f
UNION ALL
 SELECT 'EPOCA_NOVA'::text AS tipo,
    ((e.gateway || ':'::text) || e.epoca) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).'::text, e.gateway, e.maior_seq) AS descricao,
    n.em AS desde,
    array_to_string(public.papeis_da_funcao('encerrar_epoca'::text), ', '::text) AS quem_decide,
    'encerrar_epoca'::text AS funcao,
    jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq) AS detalhes
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
        END AS tipo,
    (e.id)::text AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('Evento do TOTVS (%s): %s'::text, concat_ws(' '::text, e.tipo, e.referencia), e.motivo) AS descricao,
    e.recebido_em AS desde,
    array_to_string(public.papeis_da_funcao('resolver_evento_totvs'::text), ', '::text) AS quem_decide,
    'resolver_evento_totvs'::text AS funcao,
    jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id) AS detalhes
   FROM public.eventos_totvs e
  WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
UNION ALL
 SELECT 'OP_CANCELADA'::text AS tipo,
    l.numero_op AS chave,
    c.linha_id,
    n.setor,
    format('A OP %s foi cancelada no TOTVS, mas tem contagens ou está aberta numa linha.'::text, l.numero_op) AS descricao,
    l.atualizado_em AS desde,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'::text), ', '::text) AS quem_decide,
    'reconhecer_alteracao_op'::text AS funcao,
    jsonb_build_object('p_numero_op', l.numero_op, 'contagens', c.contagens, 'alternativa', 'encerrar_ordem') AS detalhes
   FROM ((((public.lotes_producao l
     CROSS JOIN LATERAL ( SELECT min(o.linha_id) AS linha_id,
            (COALESCE(sum((o.producao_maquina + o.rejeicao_maquina)), (0)::numeric))::bigint AS contagens
           FROM public.ordens_producao_ativas o
          WHERE (o.numero_op = l.numero_op)) c)
     LEFT JOIN public.linhas n ON ((c.linha_id = n.linha_id)))
     LEFT JOIN LATERAL ( SELECT max(r.contagens) AS contagens
           FROM public.reconhecimentos_op r
          WHERE (r.numero_op = l.numero_op)) v ON (true))
     LEFT JOIN LATERAL ( SELECT bool_or(upper_inf(p_1.intervalo)) AS aberta
           FROM public.periodos_ordem p_1
          WHERE (p_1.numero_op = l.numero_op)) p ON (true))
  WHERE ((l.status = 'CANCELADO'::text) AND ((c.contagens > COALESCE(v.contagens, (0)::bigint)) OR ((v.contagens IS NULL) AND p.aberta)))
UNION ALL
 SELECT 'OP_ALTERADA'::text AS tipo,
    l.numero_op AS chave,
    l.linha_id,
    n.setor,
    format('O TOTVS mudou a OP %s depois de ela contar: %s.'::text, l.numero_op, a.texto) AS descricao,
    a.em AS desde,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'::text), ', '::text) AS quem_decide,
    'reconhecer_alteracao_op'::text AS funcao,
    jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes) AS detalhes
   FROM ((( SELECT x.numero_op,
            min(x.em) AS em,
            jsonb_agg(x.id ORDER BY x.id) AS alteracoes,
            string_agg(format('%s de %s para %s'::text, lower(replace(x.codigo, '_ALTERADO'::text, ''::text)), x.antes, x.depois), '; '::text ORDER BY x.id) AS texto
           FROM (public.alteracoes_op x
             LEFT JOIN LATERAL ( SELECT max(r.ate_alteracao) AS ate_alteracao
                   FROM public.reconhecimentos_op r
                  WHERE (r.numero_op = x.numero_op)) v ON (true))
          WHERE ((x.codigo = ANY (ARRAY['PRODUTO_ALTERADO'::text, 'LOTE_ALTERADO'::text])) AND (x.id > COALESCE(v.ate_alteracao, (0)::bigint)))
          GROUP BY x.numero_op) a
     JOIN public.lotes_producao l ON ((a.numero_op = l.numero_op)))
     LEFT JOIN public.linhas n ON ((l.linha_id = n.linha_id)))
UNION ALL
 SELECT 'FECHAMENTO'::text AS tipo,
    ((f.numero_op || ':'::text) || x.n) AS chave,
    COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS linha_id,
    n.setor,
    (x.falta ->> 'detalhe'::text) AS descricao,
    f.desde,
    array_to_string(public.papeis_da_funcao((x.falta ->> 'funcao'::text)), ', '::text) AS quem_decide,
    (x.falta ->> 'funcao'::text) AS funcao,
    ((x.falta -> 'argumentos'::text) || jsonb_build_object('numero_op', f.numero_op, 'codigo', (x.falta ->> 'codigo'::text), 'acao', (x.falta ->> 'acao'::text))) AS detalhes
   FROM (((public.fechamentos_pendentes f
     CROSS JOIN LATERAL jsonb_array_elements(f.faltas) WITH ORDINALITY x(falta, n))
     LEFT JOIN LATERAL ( SELECT min(p.linha_id) AS linha_id
           FROM public.ordens_producao_ativas p
          WHERE (p.numero_op = f.numero_op)) o ON (true))
     LEFT JOIN public.linhas n ON ((n.linha_id = COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id))))
UNION ALL
 SELECT 'AJUSTE'::text AS tipo,
    f.numero_op AS chave,
    a.linha_id,
    NULL::text AS setor,
    format('A OP %s mudou depois de fechada: %s.%s'::text, f.numero_op, a.texto,
        CASE
            WHEN (NOT f.informado) THEN ' Não informado: linha em conferência.'::text
            ELSE NULL::text
        END) AS descricao,
    a.desde,
    array_to_string(public.papeis_da_funcao('decidir_ajustes'::text), ', '::text) AS quem_decide,
    'decidir_ajustes'::text AS funcao,
    jsonb_build_object('p_numero_op', f.numero_op, 'ajustes', a.ids) AS detalhes
   FROM (( SELECT j.fechamento_id,
            min(j.linha_id) AS linha_id,
            min(j.criado_em) AS desde,
            jsonb_agg(j.id ORDER BY j.id) AS ids,
            string_agg(format('%s %s %s'::text, lower(j.tipo), to_char(j.diferenca, 'FMS999999999'::text), j.linha_id), '; '::text ORDER BY j.id) AS texto
           FROM public.ajustes_fechamento j
          WHERE (j.situacao = 'PROPOSTO'::text)
          GROUP BY j.fechamento_id) a
     JOIN public.fechamentos_lote f ON ((a.fechamento_id = f.id)))
UNION ALL
 SELECT 'ENVIO'::text AS tipo,
    e.id_externo AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('Envio %s ao TOTVS (%s, OP %s): %s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao), e.erro) AS descricao,
    COALESCE(e.concluido_em, e.tocado_em, e.criado_em) AS desde,
    array_to_string(public.papeis_da_funcao('decidir_envio'::text), ', '::text) AS quem_decide,
    'decidir_envio'::text AS funcao,
    jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo) AS detalhes
   FROM public.envios_totvs e
  WHERE ((e.situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((e.situacao = 'INCERTO'::text) AND (e.proxima_em IS NULL)))
UNION ALL
 SELECT 'APONTAMENTO_LINHA'::text AS tipo,
    a.linha_id AS chave,
    l.linha_id,
    l.setor,
    a.descricao,
    a.em AS desde,
    array_to_string(public.papeis_da_funcao(a.falta), ', '::text) AS quem_decide,
    a.falta AS funcao,
    jsonb_build_object('p_linha_id', a.linha_id, 'p_desde', a.desde, 'alternativa', 'suspender_apontamento') AS detalhes
   FROM (public.aprovacoes_apontamento a
     JOIN public.linhas l ON ((a.linha_id = l.linha_id)));

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
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_usuario_id is null or p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa, ou se o papel vale.', 'Informe os dois.');
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
    if not exists (select from public.papeis_usuario where papel = 'ADMIN' and setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Dê antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object('usuario_id', p_usuario_id, 'papel', p_papel, 'setor', p_setor, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION interno.apurar_resumos(p_dia date, p_itens integer)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    with atrasadas as materialized (
        select p.*, s.setor as destino, row_number() over (partition by s.setor, p.tipo order by p.desde, p.chave) as n
        from public.pendencias as p
        left join lateral (
            select e.setor from public.enderecos_resumo as e where e.setor = p.setor limit 1
        ) as s on true
        where p.desde <= clock_timestamp() - make_interval(hours => interno.parametro('RESUMO_ESPERA_HORAS'))
    ), tipos as (
        select a.destino, a.tipo, count(*) as total, min(a.desde) as desde, jsonb_agg(jsonb_build_object(
            'linha_id', a.linha_id, 'setor', a.setor, 'descricao', left(a.descricao, 400), 'desde', a.desde,
            'quem_decide', a.quem_decide, 'funcao', a.funcao
        ) order by a.n) filter (where a.n <= p_itens) as itens
        from atrasadas as a
        group by a.destino, a.tipo
    )
    insert into public.resumos_diarios (dia, setor, conteudo, situacao)
    select p_dia, d.setor, coalesce(t.conteudo, '[]'), case when t.conteudo is null then 'VAZIO' else 'PENDENTE' end
    from (select e.setor from public.enderecos_resumo as e union select null) as d
    cross join lateral (
        select jsonb_agg(jsonb_build_object('tipo', x.tipo, 'total', x.total, 'itens', x.itens) order by x.desde) as conteudo
        from tipos as x where x.destino is not distinct from d.setor
    ) as t
$function$;

CREATE OR REPLACE FUNCTION public.reivindicar_resumos(p_lease_s integer, p_itens integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_dia constant date := (clock_timestamp() at time zone 'America/Fortaleza')::date;
    v_resumos jsonb;
begin
    perform pg_advisory_xact_lock(hashtext('resumos_diarios'));
    if not exists (select from public.resumos_diarios where dia = v_dia) then
        perform interno.apurar_resumos(v_dia, p_itens);
    end if;
    with tomados as (
        update public.resumos_diarios as r
        set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
            tentativas = r.tentativas + 1, enderecos = interno.enderecos_do_resumo(r.setor)
        where r.dia = v_dia and interno.enderecos_do_resumo(r.setor) <> '{}'
          and (r.situacao = 'PENDENTE' or r.situacao = 'ENVIANDO' and r.lease_ate < clock_timestamp())
        returning r.*
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'setor', t.setor, 'enderecos', t.enderecos, 'lease', t.lease, 'apurado_em', t.apurado_em, 'grupos', t.conteudo
    ) order by t.setor), '[]') into v_resumos
    from tomados as t;
    return jsonb_build_object(
        'dia', v_dia, 'horas', interno.parametro('RESUMO_ESPERA_HORAS'), 'resumos', v_resumos, 'sem_endereco', (
            select coalesce(sum((x ->> 'total')::bigint), 0)
            from public.resumos_diarios as r cross join lateral jsonb_array_elements(r.conteudo) as x
            where r.dia = v_dia and r.situacao = 'PENDENTE' and interno.enderecos_do_resumo(r.setor) = '{}'
        )
    );
end $function$;

CREATE OR REPLACE FUNCTION public.concluir_resumo(p_id bigint, p_lease uuid, p_mensagem_id text, p_erro text)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    with concluido as (
        update public.resumos_diarios
        set situacao = case when p_erro is null then 'ENVIADO' else 'PENDENTE' end, lease = null, lease_ate = null,
            mensagem_id = p_mensagem_id, erro = left(p_erro, 2000),
            enviado_em = case when p_erro is null then clock_timestamp() end
        where id = p_id and lease = p_lease
        returning id
    )
    select exists (select from concluido)
$function$;

CREATE INDEX conferencia_manual_op ON public.conferencia_manual USING btree (numero_op);
CREATE INDEX conferencia_manual_linha ON public.conferencia_manual USING btree (linha_id, janela, numero_op, id);
alter table public.apontamentos_linha enable row level security;
alter table public.aprovacoes_apontamento enable row level security;
alter table public.conferencia_manual enable row level security;
alter table public.enderecos_resumo enable row level security;
alter table public.resumos_diarios enable row level security;
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.apontamentos_linha FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('linha_id');
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.aprovacoes_apontamento FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('linha_id');
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.conferencia_manual FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.enderecos_resumo FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('endereco');
CREATE TRIGGER nunca_apagar BEFORE DELETE OR TRUNCATE ON public.resumos_diarios FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.apontamentos_linha as permissive for select to authenticated using (true);
create policy leitura on public.aprovacoes_apontamento as permissive for select to authenticated using (true);
create policy leitura on public.conferencia_manual as permissive for select to authenticated using (true);
create policy leitura on public.enderecos_resumo as permissive for select to authenticated using (true);
create policy leitura on public.resumos_diarios as permissive for select to authenticated using (true);
revoke all on function interno.aprovar_apontamento(text,text,text,timestamp with time zone,text) from public, anon, authenticated, service_role;
revoke all on function interno.apurar_resumos(date,integer) from public, anon, authenticated, service_role;
revoke all on function interno.aviso_conferencia(public.lotes_producao,text) from public, anon, authenticated, service_role;
revoke all on function interno.enderecos_do_resumo(text) from public, anon, authenticated, service_role;
revoke all on function interno.linha_apontada(text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.op_apontada(text) from public, anon, authenticated, service_role;
revoke all on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) to authenticated;
grant execute on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) to service_role;
revoke all on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) to authenticated;
grant execute on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) to service_role;
revoke all on function public.concluir_resumo(bigint,uuid,text,text) from public, anon, authenticated, service_role;
grant execute on function public.concluir_resumo(bigint,uuid,text,text) to service_role;
revoke all on function public.definir_endereco_resumo(text,text,boolean,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_endereco_resumo(text,text,boolean,text) to authenticated;
grant execute on function public.definir_endereco_resumo(text,text,boolean,text) to service_role;
revoke all on function public.diferencas_conferencia(date,date,text) from public, anon, authenticated, service_role;
grant execute on function public.diferencas_conferencia(date,date,text) to authenticated;
grant execute on function public.diferencas_conferencia(date,date,text) to service_role;
revoke all on function public.registrar_conferencia(text,text,date,text,integer,integer,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text) to authenticated;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text) to service_role;
revoke all on function public.reivindicar_resumos(integer,integer) from public, anon, authenticated, service_role;
grant execute on function public.reivindicar_resumos(integer,integer) to service_role;
revoke all on function public.suspender_apontamento(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.suspender_apontamento(text,timestamp with time zone,text) to authenticated;
grant execute on function public.suspender_apontamento(text,timestamp with time zone,text) to service_role;
revoke all on table public.apontamentos_linha from public, anon, authenticated, service_role;
grant select on table public.apontamentos_linha to authenticated;
grant select on table public.apontamentos_linha to service_role;
revoke all on table public.aprovacoes_apontamento from public, anon, authenticated, service_role;
grant select on table public.aprovacoes_apontamento to authenticated;
grant select on table public.aprovacoes_apontamento to service_role;
revoke all on table public.conferencia_manual from public, anon, authenticated, service_role;
grant select on table public.conferencia_manual to authenticated;
grant select on table public.conferencia_manual to service_role;
revoke all on table public.enderecos_resumo from public, anon, authenticated, service_role;
grant select on table public.enderecos_resumo to authenticated;
grant select on table public.enderecos_resumo to service_role;
revoke all on table public.resumos_diarios from public, anon, authenticated, service_role;
grant select on table public.resumos_diarios to authenticated;
grant select on table public.resumos_diarios to service_role;
comment on column public.papeis_usuario.papel is 'OPERADOR, ENCARREGADO, SUPERVISOR, GESTOR, QUALIDADE ou ADMIN (TI). Fonte: administração do SicFar.';
comment on function interno.congelar(text,jsonb,text) is 'Fecha a OP com os totais deste instante e, se a OP é informada, põe na caixa de saída o que o TOTVS deve saber. Exige as linhas travadas.';
comment on function public.decidir_ajustes(text,text,text) is 'Aprova (e põe na caixa de saída, se o fechamento foi informado) ou recusa o que mudou depois do fechamento da OP.';
comment on function public.saude_integracao() is 'O que os alarmes medem: disjuntor, fechamentos além do prazo, envios parados, linhas e gateways em silêncio; e o dia do último resumo por e-mail.';
comment on column public.pendencias.tipo is 'SEM_ORDEM, RETIDA, QUARENTENA, SEQUENCIA_AUSENTE, EPOCA_NOVA, EVENTO_RECUSADO, EVENTO_ESTACIONADO, OP_CANCELADA, OP_ALTERADA, FECHAMENTO, AJUSTE, ENVIO ou APONTAMENTO_LINHA.';
comment on table public.apontamentos_linha is 'Quando a produção da linha é informada ao TOTVS: as OPs nela abertas em [de, ate). Fora disso a linha está em conferência. Fonte: TI e Qualidade.';
comment on column public.apontamentos_linha.de is 'Desde quando (UTC); o começo de 2000 = desde sempre. Fonte: aprovar_apontamento_ti e aprovar_apontamento_qualidade.';
comment on column public.apontamentos_linha.ate is 'Até quando, exclusive (UTC); nulo = sem fim. Fonte: suspender_apontamento.';
comment on table public.aprovacoes_apontamento is 'A primeira das duas aprovações para informar a linha ao TOTVS, enquanto espera a outra. Fonte: TI ou Qualidade.';
comment on column public.aprovacoes_apontamento.desde is 'Desde quando se quer informar (UTC); nulo = desde a segunda aprovação. Fonte: pessoa.';
comment on column public.aprovacoes_apontamento.falta is 'Função com que a outra área aprova. Fonte: banco.';
comment on column public.aprovacoes_apontamento.descricao is 'O que espera, com o motivo da primeira área. Fonte: banco.';
comment on column public.aprovacoes_apontamento.usuario_id is 'Quem aprovou. Fonte: Supabase Auth.';
comment on function interno.linha_apontada(text,timestamp with time zone) is 'Verdadeiro se as OPs abertas na linha no instante são informadas ao TOTVS; falso: linha em conferência.';
comment on function interno.op_apontada(text) is 'Verdadeiro se o SicFar informa a OP ao TOTVS; falso: não informada, linha em conferência, a fábrica a aponta.';
comment on function interno.aviso_conferencia(public.lotes_producao,text) is 'Para quem abre a OP: a linha está em conferência e quem aponta a OP ao TOTVS; lista vazia se não está.';
comment on function interno.aprovar_apontamento(text,text,text,timestamp with time zone,text) is 'Uma das duas aprovações; com a outra, de outra pessoa e para o mesmo instante, a linha passa a ser informada.';
comment on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) is 'A TI aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a Qualidade) ou APONTADA.';
comment on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) is 'A Qualidade aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a TI) ou APONTADA.';
comment on function public.suspender_apontamento(text,timestamp with time zone,text) is 'Devolve a linha à conferência desde p_ate (nulo: agora), ou retira a aprovação que espera a outra. Devolve também as OPs não fechadas que o SicFar segue informando.';
comment on table public.conferencia_manual is 'O que a fábrica contou à mão, por OP, linha e turno, para comparar; nunca entra em total algum. Vale o registro mais novo. Somente acréscimo. Fonte: registrar_conferencia.';
comment on column public.conferencia_manual.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.conferencia_manual.turno is 'Turno (D1, D2, N1, N2). Fonte: pessoa.';
comment on column public.conferencia_manual.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.conferencia_manual.produzidas is 'Unidades, boas e refugadas. Fonte: pessoa.';
comment on column public.conferencia_manual.refugadas is 'Das produzidas, as refugadas, em unidades. Fonte: pessoa.';
comment on column public.conferencia_manual.motivo is 'Por que corrige o registro anterior; nulo no primeiro. Fonte: pessoa.';
comment on column public.conferencia_manual.usuario_id is 'Quem digitou. Fonte: Supabase Auth.';
comment on function public.registrar_conferencia(text,text,date,text,integer,integer,text) is 'Registra o que a fábrica contou à mão de uma OP num turno da linha, em unidades, só para comparar; corrigir o anterior exige motivo. Devolve o registro.';
comment on function public.diferencas_conferencia(date,date,text) is 'Conferência por linha, turno e OP nos dias dados: unidades nossas (como o fechamento as congela), as digitadas, a diferença (nossas menos digitadas) e o percentual das digitadas. Nulo o lado que falta.';
comment on table public.enderecos_resumo is 'Para quem vai o resumo diário de pendências de cada setor. Fonte: definir_endereco_resumo.';
comment on column public.enderecos_resumo.setor is 'Setor; nulo = o que não é de um setor, e o dos setores sem endereço. Fonte: administração do SicFar.';
comment on table public.resumos_diarios is 'O resumo de cada dia e setor: um e-mail, ou nenhum se nada esperava; nunca apagado. Fonte: daily_digest.';
comment on column public.resumos_diarios.dia is 'Dia da fábrica. Fonte: banco.';
comment on column public.resumos_diarios.setor is 'Setor dos destinatários; nulo = os do endereço geral. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.conteudo is 'As pendências atrasadas então, por tipo: tipo, total e as primeiras (itens). Fonte: pendencias.';
comment on column public.resumos_diarios.situacao is 'VAZIO (nada a enviar), PENDENTE, ENVIANDO ou ENVIADO. Fonte: daily_digest.';
comment on column public.resumos_diarios.enderecos is 'Para quem foi, ou se tentou. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.tentativas is 'Vezes que se tentou enviar. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease is 'Quem o está enviando. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease_ate is 'Até quando (UTC); depois se envia outra vez. Fonte: daily_digest.';
comment on column public.resumos_diarios.mensagem_id is 'Identificador do e-mail. Fonte: SES.';
comment on column public.resumos_diarios.erro is 'Por que o último envio falhou. Fonte: SES.';
comment on function public.definir_endereco_resumo(text,text,boolean,text) is 'Dá ao setor (nulo = geral) um endereço do resumo diário, ou o tira (p_vale falso).';
comment on function interno.enderecos_do_resumo(text) is 'Endereços do setor, ou os gerais se ele não tem nenhum.';
comment on column public.fechamentos_lote.informado is 'Falso: não informado ao TOTVS, linha em conferência; nem o que muda depois. Fonte: apontamentos_linha.';
comment on function interno.apurar_resumos(date,integer) is 'Guarda o que o resumo do dia diz a cada setor: de cada tipo, as p_itens pendências que mais esperam e quantas são.';
comment on function public.reivindicar_resumos(integer,integer) is 'Os resumos de hoje ainda não enviados, tomados por p_lease_s segundos; a primeira chamada do dia os apura, com até p_itens por tipo. Diz também quantas pendências não têm endereço.';
comment on function public.concluir_resumo(bigint,uuid,text,text) is 'Anota que o resumo foi enviado, ou por que não (p_erro): então espera outra vez. Falso se outro o tomou entretanto.';
