-- erp_as_it_answers: from the definitions in supabase/schemas, by `make migration`.

drop function interno.mais_novo(public.eventos_totvs,text,public.estado_totvs);
drop function interno.aplicar_evento(public.eventos_totvs,text);
drop function interno.aplicar_ou_recusar(public.eventos_totvs,text);
drop function interno.reaplicar_estacionados(text);
drop function interno.receber_evento(jsonb,jsonb);
drop function public.estornar_refugo(bigint,text);
drop function public.conciliar_refugo(text,text,date,text,text,text);
drop function public.decidir_envio(bigint,text,text);
drop function public.registrar_refugo(text,text,integer,text,text,timestamp with time zone,text);
drop function public.registrar_contagem_manual(text,text,date,text,integer,integer,text);
drop function public.mover_contagem_manual(text,text,text,date,text,text);
drop function public.registrar_conferencia(text,text,date,text,integer,integer,text);
-- by hand: how TOTVS names what we name otherwise, and what it answered; of each order the writing that TOTVS sent last.
alter table public.linhas add column recurso_totvs text, add column centro_custo_totvs text;
alter table public.lotes_producao add column numero_op_totvs text;
alter table public.etapas_familia add column operacao_totvs text, add column armazem_totvs text, add column tipo_movimento_totvs text;
alter table public.pessoas add column operador_totvs text;
alter table public.fechamentos_lote add column cadastro jsonb;
alter table public.envios_totvs
    add column chave_erp text check (length(chave_erp) <= 100),
    add column pode_ter_entrado boolean not null default false;
alter table public.parametros disable trigger auditar; -- installed, not changed by a person
insert into public.parametros (nome, valor, descricao, maximo) values
('ESTORNO_INTEIRO', 0, 'Como o TOTVS estorna: 0 = quantidades; 1 = só um apontamento inteiro, pela chave dele.', 1);
alter table public.parametros enable trigger auditar;
update public.lotes_producao as l set numero_op_totvs = e.dados ->> 'numero_op'
from public.estado_totvs as e
where e.tipo = 'ordem' and e.referencia = l.numero_op;
-- Refused with an HTTP 5xx, or in an answer to several: until now a redrive sent these again without asking.
update public.envios_totvs set pode_ter_entrado = true
where situacao = 'RECUSADO' and (erro like 'HTTP 5%' or codigo = 'item_refused');
alter table public.estado_totvs add column excluido boolean, add column evento_id bigint, add column consulta text;
alter table public.eventos_totvs add column excluido boolean;

create table public.pedidos_respondidos (
    usuario_id uuid not null,
    funcao text not null,
    chave text not null,
    argumentos jsonb not null,
    resposta jsonb not null,
    em timestamptz not null default clock_timestamp(),
    primary key (usuario_id, funcao, chave)
);
create table public.regras_totvs (
    regra text primary key check (regra in ('codigos_refugo', 'codigo_maximo', 'lote_maximo')),
    valor jsonb not null,
    atualizada_em timestamptz not null default clock_timestamp()
);
insert into public.regras_totvs (regra, valor) values ('codigos_refugo', '{}'), ('codigo_maximo', '8'), ('lote_maximo', '10');
-- by hand ends.

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
            'definir_recurso', 'definir_operacao'
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

CREATE OR REPLACE FUNCTION interno.proteger_evento()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    if tg_op <> 'UPDATE' or (old.id, old.recebimento_id, old.indice, old.chave, old.tipo, old.evento_id, old.versao,
        old.ocorrido_em, old.recebido_em, old.dados, old.sha256, old.excluido) is distinct from (new.id,
        new.recebimento_id, new.indice, new.chave, new.tipo, new.evento_id, new.versao, new.ocorrido_em,
        new.recebido_em, new.dados, new.sha256, new.excluido)
    then
        perform interno.recusar(
            '403', 'SOMENTE_ACRESCIMO', format('O evento %s do TOTVS permanece como chegou; %s foi recusado.', old.id, tg_op),
            'Registre a correção como um novo evento.'
        );
    end if;
    return new;
end $function$;

CREATE OR REPLACE FUNCTION public.concluir_sincronizacao_totvs(p_entidade text, p_iniciada_em timestamp with time zone, p_situacao text, p_proxima_pagina integer, p_resumo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_antes constant jsonb := public.iniciar_sincronizacao_totvs(p_entidade);
    v_soltos jsonb;
    v_inicio timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    v_soltos := interno.reaplicar_estacionados(null, 200);
    -- A run over several pieces is complete as of the start of its first.
    select min(s.iniciada_em) into v_inicio
    from public.sincronizacoes_totvs as s
    where s.entidade = p_entidade and s.id > coalesce((
        select max(c.id) from public.sincronizacoes_totvs as c where c.entidade = p_entidade and c.situacao = 'COMPLETA'
    ), 0) and (v_antes ->> 'proxima_pagina')::integer > 1;
    insert into public.sincronizacoes_totvs (entidade, iniciada_em, situacao, alterado_desde, proxima_pagina, resumo)
    values (
        p_entidade, p_iniciada_em, p_situacao,
        case when p_situacao = 'COMPLETA' then least(p_iniciada_em, v_inicio) else (v_antes ->> 'alterado_desde')::timestamptz end,
        case p_situacao when 'COMPLETA' then 1 when 'INCOMPLETA' then p_proxima_pagina else (v_antes ->> 'proxima_pagina')::integer end,
        interno.json_recebido(p_resumo) || jsonb_build_object('reaplicados', v_soltos -> 'reaplicados')
    );
    return v_soltos;
end $function$;

CREATE OR REPLACE FUNCTION public.publicar_regras_totvs(p_codigos jsonb, p_codigo_maximo integer, p_lote_maximo integer)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    update public.regras_totvs as r
    set valor = n.valor, atualizada_em = clock_timestamp()
    from (
        values
        ('codigos_refugo', interno.json_recebido(p_codigos)), ('codigo_maximo', to_jsonb(p_codigo_maximo)),
        ('lote_maximo', to_jsonb(p_lote_maximo))
    ) as n (regra, valor)
    where r.regra = n.regra and r.valor <> n.valor
$function$;

CREATE OR REPLACE FUNCTION interno.por_que_lote_nao_cabe(p_lote text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select format('O lote %s tem %s caracteres; no apontamento ao TOTVS cabem %s.', p_lote, length(p_lote), r.valor)
    from public.regras_totvs as r
    where r.regra = 'lote_maximo' and length(p_lote) > (r.valor #>> '{}')::integer
$function$;

CREATE OR REPLACE FUNCTION interno.exigir_codigo_refugo(p_codigo text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_codigo constant text := interno.exigir_texto('código', p_codigo, 30);
    v_no_totvs text;
    v_cabem integer;
    v_bytes integer;
begin
    if coalesce(v_codigo, '') = '' then
        perform interno.recusar('422', 'CODIGO_OBRIGATORIO', 'O refugo precisa do código do motivo.', 'Informe o código do motivo.');
    end if;
    select
        coalesce(max(r.valor ->> v_codigo) filter (where r.regra = 'codigos_refugo'), v_codigo),
        max((r.valor #>> '{}')::integer) filter (where r.regra = 'codigo_maximo')
    into v_no_totvs, v_cabem
    from public.regras_totvs as r;
    begin
        v_bytes := length(convert_to(v_no_totvs, 'WIN1252'));
    exception when untranslatable_character then
        v_bytes := null;
    end;
    if v_bytes is null or v_bytes > v_cabem or v_no_totvs ~ '[[:cntrl:]]' then
        perform interno.recusar(
            '422', 'CODIGO_SEM_TRADUCAO',
            format('O código %L não pode ser informado ao TOTVS: cabem %s caracteres (CP1252), e a configuração não o traduz.', v_codigo, v_cabem),
            'Use o código que o TOTVS conhece, ou peça à TI que o traduza em totvs.reports.codes.'
        );
    end if;
    return v_codigo;
end $function$;

CREATE OR REPLACE FUNCTION interno.op_como_veio(p_op text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case when t.op ~ '^[0-9A-Za-z]{6}01001$' then left(t.op, 6) else nullif(t.op, '') end
    from (select btrim(p_op, E' \t\r\n') as op) as t
$function$;

CREATE OR REPLACE FUNCTION interno.excluido_totvs(p_dados jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_dados -> 'excluido' = 'true' or p_dados ->> 'situacao' = 'CANCELADA' then true
        when p_dados -> 'excluido' = 'false' or p_dados ->> 'situacao' in ('ABERTA', 'ENCERRADA') then false
    end
$function$;

CREATE OR REPLACE FUNCTION interno.assunto_totvs(p_evento jsonb, p_recebido_em timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select case
        when p_evento ->> 'tipo' = 'ordem' then interno.op_como_veio(
            case when p_evento ? 'recusa' then p_evento ->> 'referencia' else p_evento #>> '{dados,numero_op}' end
        )
        when p_evento ? 'recusa' then nullif(p_evento ->> 'referencia', '')
        else interno.referencia_totvs(p_evento ->> 'tipo', p_evento -> 'dados', p_recebido_em)
    end
$function$;

CREATE OR REPLACE FUNCTION interno.mais_novo(p_evento public.eventos_totvs, p_consulta text, p_estado public.estado_totvs)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_estado.tipo is null then true
        when p_consulta = p_estado.consulta and p_evento.excluido <> p_estado.excluido then p_estado.excluido
        when p_evento.versao <> p_estado.versao then p_evento.versao > p_estado.versao
        when p_evento.ocorrido_em <> p_estado.ocorrido_em then p_evento.ocorrido_em > p_estado.ocorrido_em
        when p_evento.excluido <> p_estado.excluido
            and (p_evento.versao = p_estado.versao or p_evento.ocorrido_em = p_estado.ocorrido_em) then p_estado.excluido
        when p_evento.recebido_em <> p_estado.recebido_em then p_evento.recebido_em > p_estado.recebido_em
        when p_evento.excluido <> p_estado.excluido then p_estado.excluido
        else p_estado.evento_id is null or p_evento.id >= p_estado.evento_id
    end
$function$;

CREATE OR REPLACE FUNCTION interno.eventos_em_ordem(p_recebimento jsonb)
 RETURNS TABLE(evento jsonb, vencido boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select o.evento, o.vencido
    from (
        select
            x.evento,
            x.indice,
            p_recebimento ->> 'origem' = 'consulta' and row_number() over (
                partition by x.evento ->> 'tipo', coalesce(x.assunto, 'sem assunto ' || x.indice)
                order by
                    interno.excluido_totvs(x.evento -> 'dados') is true, x.evento ? 'recusa',
                    length(x.evento ->> 'versao') desc nulls last, x.evento ->> 'versao' collate "C" desc,
                    x.evento ->> 'ocorrido_em' collate "C" desc nulls last,
                    x.evento ->> 'sha256' is not distinct from e.sha256 desc, x.indice desc
            ) > 1 as vencido
        from (
            select
                r.evento,
                (r.evento ->> 'indice')::integer as indice,
                interno.assunto_totvs(r.evento, (p_recebimento ->> 'recebido_em')::timestamptz) as assunto
            from jsonb_array_elements(p_recebimento -> 'eventos') as r (evento)
        ) as x
        left join public.estado_totvs as e on x.evento ->> 'tipo' = e.tipo and x.assunto = e.referencia
    ) as o
    order by o.vencido, o.indice
$function$;

CREATE OR REPLACE FUNCTION interno.lote_da_ordem(p_antes public.lotes_producao, p_op text, p_dados jsonb)
 RETURNS public.lotes_producao
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_depois public.lotes_producao := jsonb_populate_record(p_antes, interno.campos(
        p_dados, 'numero_lote', 'unidade', 'descricao', 'dossie', 'volume_ml', 'registro_anvisa', 'data_emissao', 'inicio_previsto'
    ));
    v_lote_estoque jsonb;
begin
    if v_depois.numero_lote is null then
        perform interno.recusar(
            '422', 'LOTE_AUSENTE', format('A OP %s não diz o número do lote.', p_op), 'Informe o lote na OP, no TOTVS.'
        );
    end if;
    -- A lot that is taken in already stays: what else is said of its order must not be lost.
    if v_depois.numero_lote is distinct from p_antes.numero_lote
        and interno.por_que_lote_nao_cabe(v_depois.numero_lote) is not null then
        perform interno.recusar(
            '422', 'LOTE_LONGO', interno.por_que_lote_nao_cabe(v_depois.numero_lote),
            'Corrija o lote na OP, no TOTVS, ou diga em totvs.reports.lengths.numero_lote quantos caracteres cabem.'
        );
    end if;
    v_depois.numero_op := p_op;
    -- The same order comes in two writings, by turns: the longer one says more, whichever came last.
    if length(p_dados ->> 'numero_op') >= coalesce(length(p_antes.numero_op_totvs), 0) then
        v_depois.numero_op_totvs := p_dados ->> 'numero_op';
    end if;
    v_depois.produto_codigo := p_dados ->> 'produto_codigo';
    v_depois.quantidade_planejada := (p_dados ->> 'quantidade')::numeric;
    -- The stock lot knows its dates better than the order does.
    select p_dados || e.dados into v_lote_estoque from public.estado_totvs as e
    where e.tipo = 'lote' and e.referencia = v_depois.produto_codigo || '/' || v_depois.numero_lote;
    v_depois := jsonb_populate_record(
        v_depois, interno.campos(coalesce(v_lote_estoque, p_dados), 'data_fabricacao', 'data_validade')
    );
    if p_dados ->> 'linha_id' is not null then
        v_depois.linha_id := p_dados ->> 'linha_id';
        v_depois.linha_origem := 'TOTVS';
    elsif p_antes.linha_origem is distinct from 'TOTVS' or p_dados ? 'linha_id' then
        v_depois.linha_id := interno.linha_proposta(v_depois.produto_codigo, v_depois.numero_lote);
        v_depois.linha_origem := case when v_depois.linha_id is not null then 'PROPOSTA' end;
    end if;
    return v_depois;
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_ordem(p_op text, p_dados jsonb, p_evento bigint)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_sem_lote constant interno.resultado_totvs := interno.por_que_sem_lote(p_dados ->> 'produto_codigo', p_dados ->> 'linha_id');
    v_antes public.lotes_producao;
    v_depois public.lotes_producao;
begin
    if v_sem_lote.situacao is not null then
        return v_sem_lote;
    end if;
    select * into v_antes from public.lotes_producao where numero_op = p_op for no key update;
    v_depois := interno.lote_da_ordem(v_antes, p_op, p_dados);
    v_depois.situacao_totvs := coalesce(p_dados ->> 'situacao', v_antes.situacao_totvs, 'ABERTA');
    v_depois.status := coalesce(v_antes.status, 'PLANEJADO'); -- ours: interno.estado_op
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.criado_em := coalesce(v_antes.criado_em, clock_timestamp());
    v_depois.atualizado_em := clock_timestamp();
    insert into public.lotes_producao select v_depois.*
    on conflict (numero_op) do update set
        numero_lote = excluded.numero_lote, produto_codigo = excluded.produto_codigo, linha_id = excluded.linha_id,
        linha_origem = excluded.linha_origem, quantidade_planejada = excluded.quantidade_planejada,
        unidade = excluded.unidade, descricao = excluded.descricao, dossie = excluded.dossie,
        volume_ml = excluded.volume_ml, registro_anvisa = excluded.registro_anvisa,
        data_emissao = excluded.data_emissao, inicio_previsto = excluded.inicio_previsto,
        data_fabricacao = excluded.data_fabricacao, data_validade = excluded.data_validade,
        situacao_totvs = excluded.situacao_totvs, numero_op_totvs = excluded.numero_op_totvs,
        atualizado_em = excluded.atualizado_em;
    perform interno.notar_alteracoes(v_antes, v_depois, p_evento);
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.superar(p_evento public.eventos_totvs)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if p_evento.tipo = 'ordem' and p_evento.dados ->> 'descricao' is not null then
        perform interno.notar_alteracao(l.numero_op, 'DESCRICAO_DIFERENTE', l.descricao, p_evento.dados ->> 'descricao', p_evento.id)
        from public.lotes_producao as l where l.numero_op = p_evento.referencia and l.descricao is not null;
    end if;
    if p_evento.tipo = 'ordem' then
        update public.lotes_producao as l set numero_op_totvs = p_evento.dados ->> 'numero_op'
        where l.numero_op = p_evento.referencia
          and length(p_evento.dados ->> 'numero_op') > coalesce(length(l.numero_op_totvs), 0);
    end if;
    return interno.resultado('SUPERADO', 'MAIS_ANTIGO', 'Já se sabe algo mais novo.', false);
end $function$;

CREATE OR REPLACE FUNCTION interno.sanar_recusas(p_evento public.eventos_totvs)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    update public.eventos_totvs as e
    set resolvido_em = clock_timestamp(), resolvido_motivo = 'um evento posterior da mesma referência foi aceito'
    where e.situacao = 'RECUSADO' and e.resolvido_em is null and e.recebido_em <= p_evento.recebido_em
      and e.id <> p_evento.id and e.tipo = p_evento.tipo and (
          e.referencia = p_evento.referencia
          or e.evento_id = p_evento.evento_id
          or e.tipo = 'ordem' and interno.op_como_veio(e.referencia) = p_evento.referencia
          or e.tipo = 'velocidade' and starts_with(p_evento.referencia, e.referencia || '/')
      )
$function$;

CREATE OR REPLACE FUNCTION interno.aplicar_evento(p_evento public.eventos_totvs, p_consulta text)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_estado public.estado_totvs;
    v_dados jsonb;
    v_resultado interno.resultado_totvs;
    v_mais_antigo public.eventos_totvs;
begin
    select * into v_estado from public.estado_totvs
    where tipo = p_evento.tipo and referencia = p_evento.referencia for update;
    -- C2_FILIAL is part of an order's key in the ERP and not of ours: the first branch that used a number keeps it.
    if p_evento.tipo = 'ordem' and v_estado.dados ->> 'filial' <> p_evento.dados ->> 'filial' then
        perform interno.recusar(
            '409', 'OUTRA_FILIAL',
            format(
                'A OP %s é da filial %s; chegou outra, com o mesmo número, da filial %s.', p_evento.referencia,
                v_estado.dados ->> 'filial', p_evento.dados ->> 'filial'
            ),
            'Diga em totvs.mapping.filiais de que filiais são as OPs que contam.'
        );
    end if;
    if not interno.mais_novo(p_evento, p_consulta, v_estado) then
        return interno.superar(p_evento);
    end if;
    v_dados := coalesce(v_estado.dados, '{}') || p_evento.dados;
    v_resultado := case p_evento.tipo
        when 'ordem' then interno.aplicar_ordem(p_evento.referencia, v_dados, p_evento.id)
        when 'produto' then interno.aplicar_produto(p_evento.referencia, v_dados)
        when 'insumo' then interno.aplicar_insumo(p_evento.referencia, v_dados)
        when 'lote' then interno.aplicar_lote(v_dados)
        when 'velocidade' then interno.aplicar_velocidade(
            v_dados, coalesce((v_dados ->> 'vigente_desde')::date, (p_evento.recebido_em at time zone 'America/Fortaleza')::date)
        )
    end;
    perform interno.sanar_recusas(p_evento);
    if v_resultado.situacao = 'ESTACIONADO' then
        return v_resultado;
    end if;
    insert into public.estado_totvs (
        tipo, referencia, versao, ocorrido_em, recebido_em, sha256, dados, excluido, evento_id, consulta
    )
    values (
        p_evento.tipo, p_evento.referencia, greatest(p_evento.versao, v_estado.versao),
        greatest(p_evento.ocorrido_em, v_estado.ocorrido_em), greatest(p_evento.recebido_em, v_estado.recebido_em),
        p_evento.sha256, v_dados, coalesce(p_evento.excluido, v_estado.excluido), p_evento.id,
        p_consulta
    )
    on conflict (tipo, referencia) do update set versao = excluded.versao, ocorrido_em = excluded.ocorrido_em,
        recebido_em = excluded.recebido_em, sha256 = excluded.sha256, dados = excluded.dados,
        excluido = excluded.excluido, evento_id = excluded.evento_id, consulta = excluded.consulta
    returning * into v_estado;
    -- What of the same thing still waits and is older now waits for nothing.
    for v_mais_antigo in
        select e.* from public.eventos_totvs as e
        where e.tipo = p_evento.tipo and e.referencia = p_evento.referencia and e.id <> p_evento.id
          and e.situacao = 'ESTACIONADO' and not interno.mais_novo(e, null, v_estado)
    loop
        perform interno.registrar_situacao(v_mais_antigo.id, interno.superar(v_mais_antigo));
    end loop;
    return v_resultado;
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_ou_recusar(p_evento public.eventos_totvs, p_consulta text)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_estado text;
    v_codigo text;
    v_detalhe text;
begin
    return interno.aplicar_evento(p_evento, p_consulta);
exception when others then
    get stacked diagnostics v_estado = returned_sqlstate, v_codigo = message_text, v_detalhe = pg_exception_detail;
    if v_estado like 'PT4__' then
        return interno.resultado('RECUSADO', v_codigo, v_detalhe, true);
    elsif left(v_estado, 2) in ('22', '23') then
        return interno.resultado('RECUSADO', 'ERRO_DO_BANCO', v_codigo, true);
    end if;
    raise;
end $function$;

CREATE OR REPLACE FUNCTION interno.evento_recebido(p_recebimento jsonb, p_evento jsonb)
 RETURNS public.eventos_totvs
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_recusa constant jsonb := p_evento -> 'recusa';
    v_evento public.eventos_totvs := jsonb_populate_record(
        null::public.eventos_totvs, interno.campos(p_evento, 'indice', 'tipo', 'evento_id', 'versao', 'ocorrido_em', 'sha256')
    );
begin
    v_evento.recebido_em := (p_recebimento ->> 'recebido_em')::timestamptz;
    v_evento.dados := p_evento -> 'dados';
    v_evento.excluido := interno.excluido_totvs(v_evento.dados);
    v_evento.sha256 := coalesce(v_evento.sha256, encode(sha256(convert_to(v_recusa::text, 'UTF8')), 'hex'));
    v_evento.chave := case when v_evento.evento_id is not null and v_recusa is null
        then 'id:' || v_evento.evento_id || ':' || v_evento.sha256
        else (p_recebimento ->> 'chave') || ':' || v_evento.indice end;
    return v_evento;
end $function$;

CREATE OR REPLACE FUNCTION interno.receber_evento(p_recebimento jsonb, p_evento jsonb, p_vencido boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_origem constant text := p_recebimento ->> 'origem';
    -- consulta:<entity>:<pull>:<page>
    v_consulta constant text := case v_origem when 'consulta' then
        coalesce(nullif(split_part(p_recebimento ->> 'chave', ':', 3), ''), p_recebimento ->> 'chave') end;
    v_recusa constant jsonb := p_evento -> 'recusa';
    v_evento public.eventos_totvs := interno.evento_recebido(p_recebimento, p_evento);
    v_igual public.eventos_totvs;
    v_resultado interno.resultado_totvs;
begin
    select * into v_igual from public.eventos_totvs where chave = v_evento.chave;
    if v_igual.id is not null then
        v_igual.indice := v_evento.indice;
        return interno.retorno_evento(v_igual, interno.resultado('JA_RECEBIDO', null, null, false));
    end if;

    v_evento.id := nextval(pg_get_serial_sequence('public.eventos_totvs', 'id'));
    if v_recusa is not null then
        v_evento.referencia := interno.assunto_totvs(p_evento, v_evento.recebido_em);
        v_resultado := interno.resultado('RECUSADO', 'EVENTO_INVALIDO', (
            select string_agg(concat_ws(': ', nullif(r ->> 'campo', ''), r ->> 'mensagem'), '; ')
            from jsonb_array_elements(v_recusa) as r
        ), true);
    else
        begin
            v_evento.referencia := interno.referencia_totvs(v_evento.tipo, v_evento.dados, v_evento.recebido_em);
            v_resultado := case
                when p_evento ->> 'ignorado' is not null
                    then interno.resultado('IGNORADO', 'NAO_CONTA', p_evento ->> 'ignorado', false)
                when p_vencido then interno.superar(v_evento)
                else interno.aplicar_ou_recusar(v_evento, v_consulta)
            end;
        exception when sqlstate 'PT422' then
            v_evento.referencia := interno.assunto_totvs(p_evento, v_evento.recebido_em);
            v_resultado := interno.resultado(
                'RECUSADO', 'OP_INVALIDA', format('%s não é um número de OP.', v_evento.referencia), true
            );
        end;
    end if;

    -- A pull repeats itself every few minutes: only what it changed, or what newly waits, is an event worth keeping.
    if v_origem = 'consulta' then
        if v_resultado.situacao in ('ESTACIONADO', 'RECUSADO') then
            select * into v_igual from public.eventos_totvs as e
            where e.tipo is not distinct from v_evento.tipo and e.referencia is not distinct from v_evento.referencia
              and e.sha256 = v_evento.sha256 and e.situacao = v_resultado.situacao
            limit 1;
            v_resultado.mudou := v_igual.id is null;
        end if;
        if not v_resultado.mudou then
            v_evento.id := v_igual.id;
        end if;
    end if;
    if v_origem = 'webhook' or v_resultado.mudou then
        v_evento.recebimento_id := interno.guardar_recebimento(p_recebimento);
        v_evento.situacao := v_resultado.situacao;
        v_evento.codigo := v_resultado.codigo;
        v_evento.motivo := v_resultado.motivo;
        v_evento.falta := v_resultado.falta;
        v_evento.decidido_em := clock_timestamp();
        insert into public.eventos_totvs overriding system value select v_evento.*;
    end if;
    return interno.retorno_evento(v_evento, v_resultado);
end $function$;

CREATE OR REPLACE FUNCTION public.receber_eventos_totvs(p_recebimento jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_evento jsonb;
    v_vencido boolean;
    v_resultado jsonb;
    v_resultados jsonb := '[]';
    v_vieram text[];
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    p_recebimento := interno.json_recebido(p_recebimento);
    if jsonb_typeof(p_recebimento -> 'eventos') is distinct from 'array' or p_recebimento ->> 'chave' is null
        or p_recebimento ->> 'origem' is null or p_recebimento ->> 'recebido_em' is null then
        perform interno.recusar(
            '422', 'RECEBIMENTO_INVALIDO', 'p_recebimento precisa de chave, origem, recebido_em, bruto e eventos.',
            'Corrija quem chama receber_eventos_totvs.'
        );
    end if;
    -- One at a time: an order that parks for its product while that product is being applied elsewhere would wait for
    -- good. The ERP says some hundred things a day; there is nothing to gain from doing two at once.
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));

    for v_evento, v_vencido in select o.evento, o.vencido from interno.eventos_em_ordem(p_recebimento) as o
    loop
        begin
            v_resultado := interno.receber_evento(p_recebimento, v_evento, v_vencido);
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_resultado := jsonb_build_object(
                'indice', v_evento -> 'indice', 'evento', null, 'tipo', v_evento -> 'tipo', 'referencia', null,
                'mudou', false
            ) || interno.erro_json(v_estado, v_mensagem, v_detalhe);
        end;
        v_resultados := v_resultados || jsonb_build_array(v_resultado);
    end loop;
    select array_agg(distinct 'produto:' || (r ->> 'referencia')) into v_vieram
    from jsonb_array_elements(v_resultados) as r
    where r ->> 'situacao' = 'APLICADO' and r ->> 'tipo' in ('produto', 'insumo');
    if v_vieram is not null then
        perform interno.reaplicar_estacionados(v_vieram, 200);
    end if;
    if p_recebimento ->> 'origem' = 'webhook' then
        insert into public.tentativas_integracao (
            em, sistema, sentido, operacao, metodo, url, status_http, latencia_ms, resultado, codigo, erro, correlacao,
            bytes_recebidos
        )
        select
            (p_recebimento ->> 'recebido_em')::timestamptz, 'TOTVS', 'ENTRADA', 'eventos', 'POST', '/totvs/eventos',
            case when t.recusados > 0 then 422 else 200 end,
            greatest(0, extract(epoch from clock_timestamp() - (p_recebimento ->> 'recebido_em')::timestamptz) * 1000)::bigint,
            case when t.recusados > 0 then 'PERMANENTE' else 'OK' end,
            case when t.recusados > 0 then 'EVENTO_INVALIDO' end, t.motivos, p_recebimento ->> 'correlacao',
            length(decode(p_recebimento ->> 'bruto', 'base64'))
        from (
            select
                count(*) filter (where r ->> 'codigo' = 'EVENTO_INVALIDO') as recusados,
                left(string_agg(r ->> 'motivo', '; ') filter (where r ->> 'codigo' = 'EVENTO_INVALIDO'), 500) as motivos
            from jsonb_array_elements(v_resultados) as r
        ) as t;
    end if;
    return (select jsonb_agg(r order by (r ->> 'indice')::integer) from jsonb_array_elements(v_resultados) as r);
end $function$;

CREATE OR REPLACE FUNCTION public.resolver_evento_totvs(p_id bigint, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('resolver_evento_totvs', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.eventos_totvs;
    v_depois public.eventos_totvs;
    v_ids bigint[];
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    select * into v_antes from public.eventos_totvs where id = p_id for update;
    if v_antes.id is null or v_antes.situacao not in ('ESTACIONADO', 'RECUSADO') then
        perform interno.recusar_desconhecido('EVENTO_DESCONHECIDO', format('O evento %s não espera ninguém.', p_id));
    end if;
    if v_antes.resolvido_em is not null then
        perform interno.recusar_decidido(format('O evento %s já foi resolvido: %s.', p_id, v_antes.resolvido_motivo));
    end if;
    with resolvidos as (
        update public.eventos_totvs as e
        set resolvido_em = clock_timestamp(), resolvido_por = interno.usuario_atual(), resolvido_motivo = v_motivo
        where e.situacao = v_antes.situacao and e.resolvido_em is null and e.id <= p_id
          and e.tipo is not distinct from v_antes.tipo
          and coalesce(e.referencia, e.sha256) = coalesce(v_antes.referencia, v_antes.sha256)
        returning e.id
    )
    select array_agg(r.id order by r.id) into v_ids from resolvidos as r;
    select * into v_depois from public.eventos_totvs where id = p_id;
    perform interno.anotar_trilha(
        v_papel, 'resolver_evento_totvs', format('eventos_totvs:%s', p_id), to_jsonb(v_antes),
        to_jsonb(v_depois) || jsonb_build_object('resolvidos', v_ids), v_motivo
    );
    return jsonb_build_object(
        'id', p_id, 'situacao', v_depois.situacao, 'resolvido_em', v_depois.resolvido_em, 'itens', cardinality(v_ids)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.reaplicar_estacionados(p_faltas text[], p_limite integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_evento public.eventos_totvs;
    v_resultado interno.resultado_totvs;
    v_vistos integer := 0;
    v_sairam integer := 0;
begin
    for v_evento in
        select e.* from public.eventos_totvs as e
        where e.situacao = 'ESTACIONADO' and e.resolvido_em is null and (
            e.falta = any(p_faltas) or p_faltas is null and (
                exists (select from public.produtos as p where e.falta = 'produto:' || p.produto_codigo)
                -- A speed is of a product: an input of that code does not let it apply.
                or e.tipo <> 'velocidade'
                and exists (select from public.insumos as i where e.falta = 'produto:' || i.insumo_codigo)
                or exists (select from public.linhas as l where e.falta = 'linha:' || l.linha_id)
            )
        )
        order by e.versao nulls first, e.ocorrido_em nulls first, e.recebido_em, e.excluido desc nulls last, e.id
        limit p_limite
        for update
    loop
        v_vistos := v_vistos + 1;
        -- An earlier round may have superseded it.
        continue when not exists (select from public.eventos_totvs where id = v_evento.id and situacao = 'ESTACIONADO');
        v_resultado := interno.aplicar_ou_recusar(v_evento, null);
        perform interno.registrar_situacao(v_evento.id, v_resultado);
        if v_resultado.situacao <> 'ESTACIONADO' then
            v_sairam := v_sairam + 1;
        end if;
    end loop;
    return jsonb_build_object('reaplicados', v_sairam, 'restam', v_vistos = p_limite);
end $function$;

CREATE OR REPLACE FUNCTION public.reaplicar_eventos_totvs(p_limite integer DEFAULT 200)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    return interno.reaplicar_estacionados(null, p_limite);
end $function$;

CREATE OR REPLACE FUNCTION interno.resposta_dada(p_funcao text, p_chave text, p_argumentos jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_usuario constant uuid := interno.usuario_atual();
    v_pedido public.pedidos_respondidos;
begin
    if p_chave is null then
        return null;
    end if;
    if btrim(p_chave) = '' or length(p_chave) > 200 then
        perform interno.recusar(
            '422', 'CHAVE_INVALIDA', 'A chave do pedido precisa ter de 1 a 200 caracteres.',
            'Envie uma chave nova a cada pedido, p. ex. um UUID, ou nenhuma.'
        );
    end if;
    perform pg_advisory_xact_lock(hashtextextended(concat_ws('/', v_usuario, p_funcao, p_chave), 0));
    select * into v_pedido from public.pedidos_respondidos
    where usuario_id = v_usuario and funcao = p_funcao and chave = p_chave;
    if v_pedido.argumentos <> p_argumentos then
        perform interno.recusar(
            '409', 'CHAVE_REPETIDA',
            format('Esta chave já é de outro pedido seu, de %s.', interno.hora_local(v_pedido.em)),
            'Use uma chave nova para cada pedido; repita um pedido sem mudar nada nele.'
        );
    end if;
    return v_pedido.resposta;
end $function$;

CREATE OR REPLACE FUNCTION interno.responder_pedido(p_funcao text, p_chave text, p_argumentos jsonb, p_resposta jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if p_chave is not null then
        insert into public.pedidos_respondidos (usuario_id, funcao, chave, argumentos, resposta)
        values (interno.usuario_atual(), p_funcao, p_chave, p_argumentos, p_resposta);
    end if;
    return p_resposta;
end $function$;

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

CREATE OR REPLACE FUNCTION public.estornar_refugo(p_id bigint, p_motivo text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao(
        'estornar_refugo', (select linha_id from public.perdas_qualidade where id = p_id)
    );
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object('id', p_id, 'motivo', v_motivo);
    v_resposta constant jsonb := interno.resposta_dada('estornar_refugo', p_chave, v_pedido);
    v_antes public.perdas_qualidade;
    v_nova public.perdas_qualidade;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    select * into v_antes from public.perdas_qualidade where id = p_id;
    if v_antes.id is null or v_antes.estorna is not null then
        perform interno.recusar_desconhecido('REFUGO_DESCONHECIDO', format('Não há registro de perda %s a estornar.', p_id));
    end if;
    if exists (select from public.perdas_qualidade where estorna = p_id) then
        perform interno.recusar_decidido(format('O registro %s já foi estornado.', p_id));
    end if;
    insert into public.perdas_qualidade (numero_op, linha_id, em, tipo, codigo, quantidade, observacao, estorna, usuario_id)
    values (
        v_antes.numero_op, v_antes.linha_id, v_antes.em, v_antes.tipo, v_antes.codigo, v_antes.quantidade, v_motivo, p_id,
        interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'estornar_refugo', format('perdas_qualidade:%s', p_id), to_jsonb(v_antes), to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('estornar_refugo', p_chave, v_pedido, to_jsonb(v_nova));
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_contagem_manual(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_producao integer, p_rejeicao integer DEFAULT 0, p_motivo text DEFAULT NULL::text, p_chave text DEFAULT NULL::text)
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
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'producao', p_producao,
        'rejeicao', p_rejeicao, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_contagem_manual', p_chave, v_pedido);
    v_antes public.contagens_manuais_atuais;
    v_nova public.contagens_manuais;
    v_anular boolean;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    if p_producao is null or p_producao not between 0 and 10000000 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de 0 a 10.000.000, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    v_anular := v_antes.id is not null and p_producao = 0;
    if not v_anular and not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha se diz com definir_fonte.'
        );
    end if;
    if not v_anular and not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
    if (v_antes.producao, v_antes.rejeicao, v_antes.turno) = (p_producao, p_rejeicao, p_turno) then
        return interno.responder_pedido('registrar_contagem_manual', p_chave, v_pedido, to_jsonb(v_antes));
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
    return interno.responder_pedido('registrar_contagem_manual', p_chave, v_pedido, to_jsonb(v_nova));
end $function$;

CREATE OR REPLACE FUNCTION public.mover_contagem_manual(p_de_numero_op text, p_numero_op text, p_linha_id text, p_data date, p_turno text, p_motivo text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_de constant text := public.normalizar_op(p_de_numero_op);
    v_para constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('mover_contagem_manual', p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido constant jsonb := jsonb_build_object(
        'de_numero_op', v_de, 'numero_op', v_para, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno,
        'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('mover_contagem_manual', p_chave, v_pedido);
    v_movida public.contagens_manuais_atuais;
    v_outra public.contagens_manuais_atuais;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    select * into v_movida from public.contagens_manuais_atuais
    where numero_op = v_de and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_movida.id is null then
        perform interno.recusar_desconhecido(
            'NADA_A_MOVER', format('A OP %s não tem contagem física na linha %s neste turno.', v_de, p_linha_id)
        );
    end if;
    select * into v_outra from public.contagens_manuais_atuais
    where numero_op = v_para and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_outra.id is not null then
        perform interno.recusar(
            '409', 'OP_JA_CONTADA', format('A OP %s já tem uma contagem física de %s neste turno.', v_para, v_outra.producao),
            'Corrija as duas com registrar_contagem_manual.'
        );
    end if;
    perform public.registrar_contagem_manual(v_de, p_linha_id, p_data, v_movida.turno, 0, 0, v_motivo);
    perform interno.anotar_trilha(
        v_papel, 'mover_contagem_manual', format('contagens_manuais:%s', v_movida.id), to_jsonb(v_movida),
        jsonb_build_object('numero_op', v_para), v_motivo
    );
    return interno.responder_pedido(
        'mover_contagem_manual', p_chave, v_pedido, public.registrar_contagem_manual(
            v_para, p_linha_id, p_data, p_turno, v_movida.producao, v_movida.rejeicao, v_motivo
        )
    );
end $function$;

CREATE OR REPLACE FUNCTION public.conciliar_refugo(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_vale text, p_motivo text, p_chave text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_conferencia(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_produzidas integer, p_refugadas integer DEFAULT 0, p_motivo text DEFAULT NULL::text, p_chave text DEFAULT NULL::text)
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
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'produzidas', p_produzidas,
        'refugadas', p_refugadas, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_conferencia', p_chave, v_pedido);
    v_antes public.conferencia_manual;
    v_nova public.conferencia_manual;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
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
        return interno.responder_pedido('registrar_conferencia', p_chave, v_pedido, to_jsonb(v_antes));
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
    return interno.responder_pedido('registrar_conferencia', p_chave, v_pedido, to_jsonb(v_nova));
end $function$;

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
    v_envio.conteudo := coalesce(v_envio.conteudo, interno.conteudo_fechamento(v_envio.numero_op));
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
        'conteudo', v_envio.conteudo - 'cadastro', 'cadastro', interno.cadastro_do_envio(v_envio),
        'consultar', v_consultar, 'conferir', v_envio.restaurado,
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
            concluido_em = case when v_c ->> 'situacao' in ('CONFIRMADO', 'RECUSADO', 'ESGOTADO', 'DESCARTADO') then clock_timestamp() end
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

CREATE OR REPLACE FUNCTION interno.linhas_do_envio(p_op text, p_etapa text, p_totais jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', l.linha_id, 'nome', l.nome, 'recurso', l.recurso_totvs, 'centro_custo', l.centro_custo_totvs,
        'inicio', p.inicio, 'fim', p.fim
    ) order by t.produzidas desc nulls last, l.linha_id), '[]')
    from public.linhas as l
    left join (
        select x.linha_id, sum(x.quantidade) filter (where x.tipo = 'PRODUZIDA') as produzidas
        from jsonb_to_recordset(p_totais) as x (etapa text, linha_id text, tipo text, quantidade bigint)
        where x.etapa = p_etapa
        group by x.linha_id
    ) as t on t.linha_id = l.linha_id
    left join (
        select i.linha_id, min(lower(i.intervalo)) as inicio, max(upper(i.intervalo)) as fim
        from public.periodos_ordem as i where i.numero_op = p_op
        group by i.linha_id
    ) as p on p.linha_id = l.linha_id
    where l.etapa = p_etapa and coalesce(t.linha_id, p.linha_id) is not null
$function$;

CREATE OR REPLACE FUNCTION interno.quantidades_por_linha(p_totais jsonb, p_etapa text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case when bool_and((r.resumo ->> 'boas')::bigint >= 0) then jsonb_object_agg(r.linha_id, jsonb_build_object(
        'boas', r.resumo -> 'boas', 'refugos', interno.lista(r.resumo -> 'refugos', 'codigo', 1)
    )) end
    from (
        select t.linha ->> 'linha_id' as linha_id, interno.resumo_totais(jsonb_agg(t.linha), p_etapa) as resumo
        from jsonb_array_elements(p_totais) as t (linha)
        where t.linha ->> 'etapa' = p_etapa
        group by t.linha ->> 'linha_id'
    ) as r
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
    left join public.pessoas as p on p.usuario_id = d.usuario_id
    where d.id is not null
    order by upper(t.janela) desc, d.id desc
    limit 1
$function$;

CREATE OR REPLACE FUNCTION interno.intervalo_op(p_op text, p_etapa text, OUT inicio timestamp with time zone, OUT fim timestamp with time zone)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(min(lower(p.intervalo)) filter (where l.etapa = p_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = p_etapa), max(upper(p.intervalo)))
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
$function$;

CREATE OR REPLACE FUNCTION interno.cadastro_op(p_op text, p_etapa text, p_totais jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'numero_op_totvs', coalesce(l.numero_op_totvs, l.numero_op), 'descricao', coalesce(l.descricao, p.descricao),
        'unidade', coalesce(l.unidade, p.unidade), 'fabricacao', l.data_fabricacao, 'validade', l.data_validade,
        'operacao_totvs', e.operacao_totvs, 'armazem', e.armazem_totvs, 'tipo_movimento', e.tipo_movimento_totvs,
        'assinante', s.nome, 'operador', s.operador, 'turno', (
            select x.turno from jsonb_to_recordset(p_totais) as x (etapa text, turno text, inicio timestamptz)
            where x.etapa = p_etapa
            order by x.inicio desc, x.turno
            limit 1
        ),
        'inicio', i.inicio, 'fim', i.fim, 'linhas', interno.linhas_do_envio(p_op, p_etapa, p_totais)
    )
    from public.lotes_producao as l
    inner join public.produtos as p on p.produto_codigo = l.produto_codigo
    left join lateral (select x.* from interno.etapas(l.produto_codigo) as x where x.etapa = p_etapa) as e on true
    cross join lateral interno.assinante_op(p_op) as s
    cross join lateral interno.intervalo_op(p_op, p_etapa) as i
    where l.numero_op = p_op
$function$;

CREATE OR REPLACE FUNCTION interno.cabecalho_envio(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'numero_op', p_op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo, 'etapa', c.etapa,
        'cadastro', coalesce(
            (select f.cadastro from public.fechamentos_lote as f where f.numero_op = p_op),
            interno.cadastro_op(p_op, c.etapa, interno.totais_json(p_op))
        )
    )
    from interno.cabecalho_op(p_op) as c
$function$;

CREATE OR REPLACE FUNCTION interno.parciais_desde(p_op text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(max(e.ordem), 0)
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'ESTORNO' and e.situacao = 'CONFIRMADO'
      and e.conteudo #> '{cadastro,estorna}' is null and not exists (
        select from public.envios_totvs as p where p.numero_op = p_op and p.tipo = 'PRODUCAO' and p.ordem < e.ordem
    )
$function$;

CREATE OR REPLACE FUNCTION interno.estornado_inteiro(p_envio public.envios_totvs)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select exists (
        select from public.envios_totvs as r
        where r.numero_op = p_envio.numero_op and r.tipo = 'ESTORNO' and r.situacao <> 'DESCARTADO'
          and r.conteudo #>> '{cadastro,estorna,id_externo}' = p_envio.id_externo
    )
$function$;

CREATE OR REPLACE FUNCTION interno.parciais_validos(p_op text)
 RETURNS SETOF public.envios_totvs
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select e.*
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'PARCIAL' and e.situacao = 'CONFIRMADO'
      and e.ordem > interno.parciais_desde(p_op) and not interno.estornado_inteiro(e)
$function$;

CREATE OR REPLACE FUNCTION interno.parciais_confirmados(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'boas', coalesce(sum((e.conteudo ->> 'boas')::bigint), 0),
        'contador', coalesce(max((e.conteudo ->> 'contador_final')::bigint), 0),
        'refugos', (
            select coalesce(jsonb_object_agg(r.codigo, r.n), '{}')
            from (
                select x ->> 'codigo' as codigo, sum((x ->> 'quantidade')::bigint) as n
                from interno.parciais_validos(p_op) as p
                cross join lateral jsonb_array_elements(p.conteudo -> 'refugos') as x
                group by x ->> 'codigo'
            ) as r
        )
    )
    from interno.parciais_validos(p_op) as e
$function$;

CREATE OR REPLACE FUNCTION interno.estornar_parciais(p_op text, p_boas bigint, p_refugos jsonb, p_motivo text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if interno.parametro('ESTORNO_INTEIRO') = 1 then
        perform interno.estornar_inteiros(
            p_op, '{}', interno.quantidades_envio(jsonb_build_object('boas', p_boas, 'refugos', p_refugos)), p_motivo
        );
        return;
    end if;
    perform interno.criar_envio(p_op, 'ESTORNO', interno.cabecalho_envio(p_op) || jsonb_build_object(
        'boas', p_boas, 'refugos', p_refugos, 'perdas', '[]'::jsonb, 'motivo', p_motivo
    ));
end $function$;

CREATE OR REPLACE FUNCTION interno.conteudo_fechamento(p_op text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_f public.fechamentos_lote;
    v_totais jsonb;
    v_parciais constant jsonb := interno.parciais_confirmados(p_op);
    v_boas bigint;
    v_refugos jsonb;
    v_linhas jsonb;
begin
    select * into v_f from public.fechamentos_lote where numero_op = p_op;
    select interno.resumo_totais(jsonb_agg(to_jsonb(t)), v_f.etapa), interno.quantidades_por_linha(jsonb_agg(to_jsonb(t)), v_f.etapa)
    into v_totais, v_linhas
    from public.fechamento_totais as t where t.fechamento_id = v_f.id;
    v_boas := v_f.boas - (v_parciais ->> 'boas')::bigint;
    v_refugos := interno.menos(coalesce(v_totais -> 'refugos', '{}'), v_parciais -> 'refugos');
    if v_boas < 0 or interno.lista(v_refugos, 'codigo', -1) <> '[]' then
        perform interno.estornar_parciais(
            p_op, greatest(- v_boas, 0), interno.lista(v_refugos, 'codigo', -1),
            'Apontamentos parciais passaram do total fechado.'
        );
    end if;
    v_totais := interno.conteudo_producao(
        p_op, v_boas, v_refugos, (v_parciais ->> 'contador')::bigint, v_f.contador_final, v_f.inicio, v_f.fim, false
    );
    -- Amounts by line are of the whole order: they are told only if nothing of it was told before.
    if v_linhas is not null and not exists (select from interno.parciais_validos(p_op)) then
        v_totais := jsonb_set(v_totais, '{cadastro,por_linha}', v_linhas);
    end if;
    return v_totais;
end $function$;

CREATE OR REPLACE FUNCTION interno.cadastro_do_envio(p_envio public.envios_totvs)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(p_envio.conteudo -> 'cadastro', interno.cabecalho_envio(p_envio.numero_op) -> 'cadastro')
        || jsonb_build_object('lancado_em', p_envio.criado_em)
        || case when p_envio.tipo = 'ESTORNO' and p_envio.conteudo #> '{cadastro,estorna}' is null then coalesce((
            select jsonb_build_object('estorna', jsonb_build_object(
                'id_externo', e.id_externo, 'chave_erp', e.chave_erp, 'tipo', e.tipo, 'inteiro', false
            ))
            from public.envios_totvs as e
            where e.numero_op = p_envio.numero_op and e.ordem < p_envio.ordem and e.situacao = 'CONFIRMADO'
              and e.tipo in ('PRODUCAO', 'PARCIAL')
            order by e.tipo = 'PRODUCAO' desc, e.ordem desc
            limit 1
        ), '{}') else '{}' end
$function$;

CREATE OR REPLACE FUNCTION interno.quantidades_envio(p_conteudo jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select 'boas' as chave, (p_conteudo ->> 'boas')::bigint as n
        union all
        select 'refugo:' || (x ->> 'codigo'), (x ->> 'quantidade')::bigint
        from jsonb_array_elements(coalesce(p_conteudo -> 'refugos', '[]')) as x
        union all
        select 'perda:' || (x ->> 'tipo'), (x ->> 'quantidade')::bigint
        from jsonb_array_elements(coalesce(p_conteudo -> 'perdas', '[]')) as x
    ) as t
$function$;

CREATE OR REPLACE FUNCTION interno.quantidades_totais(p_resumo jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select 'boas' as chave, (p_resumo ->> 'boas')::bigint as n
        union all
        select 'refugo:' || r.key, r.value::bigint from jsonb_each_text(p_resumo -> 'refugos') as r
        union all
        select 'perda:' || r.key, r.value::bigint from jsonb_each_text(p_resumo -> 'perdas') as r
    ) as t
$function$;

CREATE OR REPLACE FUNCTION interno.de_um_lado(p_quantidades jsonb, p_sinal integer)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_object_agg(q.key, q.value::bigint * p_sinal), '{}')
    from jsonb_each_text(p_quantidades) as q
    where q.value::bigint * p_sinal > 0
$function$;

CREATE OR REPLACE FUNCTION interno.conteudo_quantidades(p_quantidades jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'boas', coalesce((p_quantidades ->> 'boas')::bigint, 0),
        'refugos', coalesce(jsonb_agg(
            jsonb_build_object('codigo', substr(q.key, length('refugo:') + 1), 'quantidade', q.value::bigint) order by q.key
        ) filter (where q.key like 'refugo:%'), '[]'),
        'perdas', coalesce(jsonb_agg(
            jsonb_build_object('tipo', substr(q.key, length('perda:') + 1), 'quantidade', q.value::bigint) order by q.key
        ) filter (where q.key like 'perda:%'), '[]')
    )
    from jsonb_each_text(p_quantidades) as q
$function$;

CREATE OR REPLACE FUNCTION interno.criar_correcao(p_op text, p_tipo text, p_quantidades jsonb, p_motivo text)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    select interno.criar_envio(
        p_op, p_tipo,
        interno.cabecalho_envio(p_op) || interno.conteudo_quantidades(p_quantidades) || jsonb_build_object('motivo', p_motivo)
    )
$function$;

CREATE OR REPLACE FUNCTION interno.estornar_inteiros(p_op text, p_mais jsonb, p_menos jsonb, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_envio public.envios_totvs;
    v_quantidades jsonb;
    v_falta jsonb := p_menos;
    v_resto jsonb := interno.menos(p_mais, p_menos);
    v_envios jsonb := '[]';
begin
    for v_envio in
        select e.* from public.envios_totvs as e
        where e.numero_op = p_op and e.situacao = 'CONFIRMADO' and e.tipo in ('PARCIAL', 'PRODUCAO', 'PERDAS', 'AJUSTE')
          and not interno.estornado_inteiro(e)
        order by e.ordem desc
    loop
        v_quantidades := interno.quantidades_envio(v_envio.conteudo);
        continue when not exists (
            select from jsonb_each(v_falta) as f inner join jsonb_each(v_quantidades) as q on q.key = f.key
        );
        v_envios := v_envios || to_jsonb(interno.criar_envio(p_op, 'ESTORNO', jsonb_set(
            interno.cabecalho_envio(p_op) || interno.conteudo_quantidades(v_quantidades) || jsonb_build_object('motivo', p_motivo),
            '{cadastro,estorna}', jsonb_build_object(
                'id_externo', v_envio.id_externo, 'chave_erp', v_envio.chave_erp, 'tipo', v_envio.tipo, 'inteiro', true
            )
        )));
        v_falta := interno.de_um_lado(interno.menos(v_falta, v_quantidades), 1);
        v_resto := interno.menos(v_resto, interno.menos('{}', v_quantidades));
    end loop;
    if v_falta <> '{}' then
        perform interno.recusar(
            '409', 'NADA_A_ESTORNAR', format('O TOTVS não tem da OP %s apontamentos confirmados de que devolver %s.', p_op, v_falta),
            'Acerte a diferença no TOTVS e recuse o ajuste, com o motivo.'
        );
    end if;
    if v_resto <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'AJUSTE', v_resto, p_motivo));
    end if;
    return v_envios;
end $function$;

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
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo, informado, cadastro
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        i.inicio, i.fim,
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo,
        interno.op_apontada(p_op), interno.cadastro_op(p_op, v_etapa, v_totais)
    from interno.intervalo_op(p_op, v_etapa) as i
    returning id, informado into v_id, v_informado;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    -- Here, not at the end of the transaction: of a round of closings only the one that does not add up fails.
    set constraints public.conferir_fechamento, public.conferir_totais immediate;
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

CREATE OR REPLACE FUNCTION interno.informar_ajustes(p_op text, p_quantidades jsonb, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_mais constant jsonb := interno.de_um_lado(p_quantidades, 1);
    v_menos constant jsonb := interno.de_um_lado(p_quantidades, -1);
    v_cabeca public.envios_totvs;
    v_envios jsonb := '[]';
begin
    if v_menos <> '{}' and interno.parametro('ESTORNO_INTEIRO') = 1 then
        select * into v_cabeca from interno.cabeca(p_op);
        if v_cabeca.id is not null then
            perform interno.recusar(
                '409', 'ENVIO_PENDENTE',
                format('O envio %s da OP %s ainda não terminou (%s).', v_cabeca.id_externo, p_op, v_cabeca.situacao),
                'Espere que termine, ou decida-o com decidir_envio; só o que o TOTVS aceitou se estorna.'
            );
        end if;
        return interno.estornar_inteiros(p_op, v_mais, v_menos, p_motivo);
    end if;
    if v_mais <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'AJUSTE', v_mais, p_motivo));
    end if;
    if v_menos <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'ESTORNO', v_menos, p_motivo));
    end if;
    return v_envios;
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
    v_envios jsonb := '[]';
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    perform interno.travar_op(v_op);
    perform interno.conferir_ajustes(v_op, p_decisao);
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
           FROM public.aprovacoes_apontamento a) p
     LEFT JOIN public.linhas linha ON ((p.linha_do_setor = linha.linha_id)));

CREATE OR REPLACE FUNCTION interno.exigir_codigo_totvs(p_campo text, p_codigo text, p_maximo integer)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    return nullif(interno.exigir_nome(p_campo, coalesce(p_codigo, ''), 0, p_maximo), '');
end $function$;

CREATE OR REPLACE FUNCTION public.definir_recurso(p_linha_id text, p_recurso text, p_centro_custo text, p_motivo text)
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
    v_papel := interno.exigir_papel('definir_recurso', v_linha.setor);
    if v_linha.linha_id is null then
        perform interno.recusar('404', 'LINHA_DESCONHECIDA', format('Não há linha %L.', left(p_linha_id, 64)), 'Confira o código da linha.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.linhas
    set recurso_totvs = interno.exigir_codigo_totvs('recurso', p_recurso, 20),
        centro_custo_totvs = interno.exigir_codigo_totvs('centro_custo', p_centro_custo, 20)
    where linha_id = p_linha_id
    returning * into v_linha;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_linha);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_operacao(p_prefixo text, p_etapa text, p_operacao text, p_armazem text, p_tipo_movimento text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_operacao', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.etapas_familia;
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.etapas_familia
    set operacao_totvs = interno.exigir_codigo_totvs('operacao', p_operacao, 10),
        armazem_totvs = interno.exigir_codigo_totvs('armazem', p_armazem, 10),
        tipo_movimento_totvs = interno.exigir_codigo_totvs('tipo_movimento', p_tipo_movimento, 10)
    where prefixo = btrim(p_prefixo) and etapa = p_etapa
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    if v_depois.prefixo is null then
        perform interno.recusar(
            '404', 'ETAPA_DESCONHECIDA', format('A família %L não tem a etapa %L.', left(p_prefixo, 30), left(p_etapa, 20)),
            'Defina antes a etapa da família com definir_etapa; o prefixo vazio é o geral.'
        );
    end if;
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_operador(p_usuario_id uuid, p_operador text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_operador', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.pessoas set operador_totvs = interno.exigir_codigo_totvs('operador', p_operador, 20)
    where usuario_id = p_usuario_id
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    if v_depois.usuario_id is null then
        perform interno.recusar(
            '404', 'PESSOA_DESCONHECIDA', 'Esta pessoa ainda não tem nome no SicFar.', 'Diga antes o nome dela com definir_pessoa.'
        );
    end if;
    return to_jsonb(v_depois);
end $function$;

alter table public.regras_totvs enable row level security;
alter table public.pedidos_respondidos enable row level security;
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.pedidos_respondidos FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.regras_totvs as permissive for select to authenticated using (true);
create policy leitura_propria on public.pedidos_respondidos as permissive for select to authenticated using (((usuario_id)::text = ((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::jsonb ->> 'sub'::text)));
revoke all on function interno.aplicar_evento(public.eventos_totvs,text) from public, anon, authenticated, service_role;
revoke all on function interno.aplicar_ou_recusar(public.eventos_totvs,text) from public, anon, authenticated, service_role;
revoke all on function interno.assinante_op(text) from public, anon, authenticated, service_role;
revoke all on function interno.assunto_totvs(jsonb,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.cadastro_do_envio(public.envios_totvs) from public, anon, authenticated, service_role;
revoke all on function interno.cadastro_op(text,text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.conteudo_quantidades(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.criar_correcao(text,text,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.de_um_lado(jsonb,integer) from public, anon, authenticated, service_role;
revoke all on function interno.estornado_inteiro(public.envios_totvs) from public, anon, authenticated, service_role;
revoke all on function interno.estornar_inteiros(text,jsonb,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.eventos_em_ordem(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.excluido_totvs(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_codigo_refugo(text) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_codigo_totvs(text,text,integer) from public, anon, authenticated, service_role;
revoke all on function interno.informar_ajustes(text,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.intervalo_op(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.linhas_do_envio(text,text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.mais_novo(public.eventos_totvs,text,public.estado_totvs) from public, anon, authenticated, service_role;
revoke all on function interno.op_como_veio(text) from public, anon, authenticated, service_role;
revoke all on function interno.parciais_validos(text) from public, anon, authenticated, service_role;
revoke all on function interno.por_que_lote_nao_cabe(text) from public, anon, authenticated, service_role;
revoke all on function interno.quantidades_envio(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.quantidades_por_linha(jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.quantidades_totais(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.reaplicar_estacionados(text[],integer) from public, anon, authenticated, service_role;
revoke all on function interno.receber_evento(jsonb,jsonb,boolean) from public, anon, authenticated, service_role;
revoke all on function interno.responder_pedido(text,text,jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.resposta_dada(text,text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.sanar_recusas(public.eventos_totvs) from public, anon, authenticated, service_role;
revoke all on function public.conciliar_refugo(text,text,date,text,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.conciliar_refugo(text,text,date,text,text,text,text) to authenticated;
grant execute on function public.conciliar_refugo(text,text,date,text,text,text,text) to service_role;
revoke all on function public.decidir_envio(bigint,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_envio(bigint,text,text,text) to authenticated;
grant execute on function public.decidir_envio(bigint,text,text,text) to service_role;
revoke all on function public.definir_operacao(text,text,text,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_operacao(text,text,text,text,text,text) to authenticated;
grant execute on function public.definir_operacao(text,text,text,text,text,text) to service_role;
revoke all on function public.definir_operador(uuid,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_operador(uuid,text,text) to authenticated;
grant execute on function public.definir_operador(uuid,text,text) to service_role;
revoke all on function public.definir_recurso(text,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_recurso(text,text,text,text) to authenticated;
grant execute on function public.definir_recurso(text,text,text,text) to service_role;
revoke all on function public.estornar_refugo(bigint,text,text) from public, anon, authenticated, service_role;
grant execute on function public.estornar_refugo(bigint,text,text) to authenticated;
grant execute on function public.estornar_refugo(bigint,text,text) to service_role;
revoke all on function public.mover_contagem_manual(text,text,text,date,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.mover_contagem_manual(text,text,text,date,text,text,text) to authenticated;
grant execute on function public.mover_contagem_manual(text,text,text,date,text,text,text) to service_role;
revoke all on function public.publicar_regras_totvs(jsonb,integer,integer) from public, anon, authenticated, service_role;
grant execute on function public.publicar_regras_totvs(jsonb,integer,integer) to service_role;
revoke all on function public.reaplicar_eventos_totvs(integer) from public, anon, authenticated, service_role;
grant execute on function public.reaplicar_eventos_totvs(integer) to service_role;
revoke all on function public.registrar_conferencia(text,text,date,text,integer,integer,text,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text,text) to authenticated;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text,text) to service_role;
revoke all on function public.registrar_contagem_manual(text,text,date,text,integer,integer,text,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_contagem_manual(text,text,date,text,integer,integer,text,text) to authenticated;
grant execute on function public.registrar_contagem_manual(text,text,date,text,integer,integer,text,text) to service_role;
revoke all on function public.registrar_refugo(text,text,integer,text,text,timestamp with time zone,text,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_refugo(text,text,integer,text,text,timestamp with time zone,text,text) to authenticated;
grant execute on function public.registrar_refugo(text,text,integer,text,text,timestamp with time zone,text,text) to service_role;
revoke all on table public.pedidos_respondidos from public, anon, authenticated, service_role;
grant select on table public.pedidos_respondidos to authenticated;
grant select on table public.pedidos_respondidos to service_role;
revoke all on table public.regras_totvs from public, anon, authenticated, service_role;
grant select on table public.regras_totvs to authenticated;
grant select on table public.regras_totvs to service_role;
comment on function interno.mais_novo(public.eventos_totvs,text,public.estado_totvs) is 'Se o evento vale mais do que o que se sabe: versão declarada, senão instante declarado, senão recebimento; no empate o que vive vence o excluído, depois o lugar na resposta.';
comment on function interno.aplicar_evento(public.eventos_totvs,text) is 'Aplica um evento se for o mais novo da sua referência.';
comment on function interno.aplicar_ou_recusar(public.eventos_totvs,text) is 'aplicar_evento; uma recusa do SicFar, ou um valor que as tabelas não aceitam, vira RECUSADO com o motivo.';
comment on function public.receber_eventos_totvs(jsonb) is 'Recebe os eventos de um pedido do webhook ou de uma página consultada; devolve a situação de cada um, na mesma ordem. Solta até 200 dos que esperavam um produto que veio; os demais, reaplicar_eventos_totvs.';
comment on function public.concluir_sincronizacao_totvs(text,timestamp with time zone,text,integer,jsonb) is 'Registra uma busca e solta os primeiros eventos que esperavam um cadastro que já existe; devolve quantos, e se restam (reaplicar_eventos_totvs).';
comment on function public.resolver_evento_totvs(bigint,text) is 'Põe de lado um evento estacionado ou recusado e os anteriores do mesmo assunto, com motivo.';
comment on column public.envios_totvs.conteudo is 'O que se informa, nos nomes do SicFar, em unidades, e em cadastro o que os modelos usam dos cadastros de então; a PRODUCAO do fechamento é calculada na primeira vez que vai. Fonte: banco.';
comment on function interno.lote_da_ordem(public.lotes_producao,text,jsonb) is 'O lote como a OP o descreve, sobre o que já se sabia dele; PT422 LOTE_AUSENTE, LOTE_LONGO se não pode ser informado de volta.';
comment on column public.linhas.recurso_totvs is 'Recurso (máquina) da linha no TOTVS, informado nos apontamentos. Fonte: definir_recurso.';
comment on column public.linhas.centro_custo_totvs is 'Centro de custo da linha no TOTVS, informado nos apontamentos. Fonte: definir_recurso.';
comment on column public.lotes_producao.numero_op_totvs is 'OP como o TOTVS a escreveu, p. ex. com 11 caracteres; de duas escritas da mesma, a mais longa. Fonte: TOTVS.';
comment on column public.eventos_totvs.excluido is 'Verdadeiro se o evento diz que o assunto foi excluído ou cancelado, falso se diz que vive; nulo se não diz. Fonte: remetente.';
comment on column public.estado_totvs.excluido is 'Se o mais novo diz que o assunto foi excluído ou cancelado; nulo se nenhum o disse. Fonte: remetente.';
comment on column public.estado_totvs.evento_id is 'Número do evento mais novo, maior a cada aplicação; uma linha consultada que nada mudou não fica em eventos_totvs. Fonte: banco.';
comment on column public.estado_totvs.consulta is 'A consulta que trouxe o mais novo, em quantas páginas for; nula se foi o webhook. Fonte: integração.';
comment on table public.regras_totvs is 'O que a configuração da integração diz do que se pode informar ao TOTVS. Fonte: totvs.reports, publicada a cada consulta.';
comment on column public.regras_totvs.regra is 'codigos_refugo (código do SicFar → do TOTVS); codigo_maximo, lote_maximo (caracteres que cabem). Fonte: configuração.';
comment on column public.regras_totvs.valor is 'O valor da regra. Fonte: configuração.';
comment on function public.publicar_regras_totvs(jsonb,integer,integer) is 'Guarda o que a configuração da integração diz do que se pode informar ao TOTVS: a tradução dos códigos de refugo, e quantos caracteres cabem neles e no lote.';
comment on function interno.por_que_lote_nao_cabe(text) is 'Por que o lote não poderia ser informado ao TOTVS; nulo se pode.';
comment on function interno.exigir_codigo_refugo(text) is 'Devolve o código do motivo sem brancos nas pontas; PT422 CODIGO_OBRIGATORIO, ou CODIGO_SEM_TRADUCAO se não cabe no TOTVS.';
comment on function interno.op_como_veio(text) is 'Número de OP para mostrar e comparar: normalizado se é um, senão o texto como veio; nunca recusa.';
comment on function interno.excluido_totvs(jsonb) is 'Se os campos dizem que o assunto foi excluído ou cancelado; nulo se não dizem.';
comment on function interno.assunto_totvs(jsonb,timestamp with time zone) is 'De que um evento trata, também se foi recusado; nulo se não se sabe.';
comment on function interno.eventos_em_ordem(jsonb) is 'Os eventos de um recebimento na ordem em que se recebem; vencido = outra linha da mesma página consultada diz algo que vale mais do mesmo assunto.';
comment on function interno.sanar_recusas(public.eventos_totvs) is 'Dá por resolvidas as recusas anteriores do assunto de um evento aceito.';
comment on function interno.receber_evento(jsonb,jsonb,boolean) is 'Recebe um evento: reconhece a repetição, aplica e guarda. Um vencido por outro da mesma página não se aplica.';
comment on function interno.reaplicar_estacionados(text[],integer) is 'Aplica até p_limite dos eventos que esperavam um cadastro que já existe; nulo = qualquer um. Devolve quantos deixaram de esperar, e se podem restar outros.';
comment on function public.reaplicar_eventos_totvs(integer) is 'Aplica os próximos p_limite eventos que esperavam um cadastro que já existe; devolve reaplicados, e restam se convém chamar de novo.';
comment on column public.pessoas.operador_totvs is 'Código da pessoa no TOTVS, informado nos apontamentos. Fonte: definir_operador.';
comment on column public.etapas_familia.operacao_totvs is 'Operação do roteiro no TOTVS em que a etapa se aponta. Fonte: definir_operacao.';
comment on column public.etapas_familia.armazem_totvs is 'Armazém no TOTVS em que a produção entra. Fonte: definir_operacao.';
comment on column public.etapas_familia.tipo_movimento_totvs is 'Tipo de movimento do TOTVS (D3_TM) da produção. Fonte: definir_operacao.';
comment on table public.pedidos_respondidos is 'Pedidos de pessoas que trouxeram chave (p_chave), para que a repetição seja o mesmo pedido. Somente acréscimo. Fonte: funções do SicFar.';
comment on column public.pedidos_respondidos.usuario_id is 'Quem pediu (sub do JWT). Fonte: Supabase Auth.';
comment on column public.pedidos_respondidos.funcao is 'Função chamada. Fonte: banco.';
comment on column public.pedidos_respondidos.chave is 'Chave do pedido, única por pessoa e função. Fonte: tela.';
comment on column public.pedidos_respondidos.argumentos is 'O que se pediu. Fonte: tela.';
comment on column public.pedidos_respondidos.resposta is 'O que se respondeu. Fonte: banco.';
comment on function interno.resposta_dada(text,text,jsonb) is 'A resposta já dada ao pedido com esta chave; nula se é novo ou não tem chave; PT409 CHAVE_REPETIDA se a chave é de outro pedido.';
comment on function interno.responder_pedido(text,text,jsonb,jsonb) is 'Guarda a resposta dada a um pedido, se ele tem chave, e a devolve.';
comment on function public.registrar_refugo(text,text,integer,text,text,timestamp with time zone,text,text) is 'Registra refugo (com código do motivo), retém ou amostras de uma OP na linha, em unidades. Nulo = agora, ou o fim da OP. Devolve o registro; com a mesma p_chave, o mesmo.';
comment on function public.estornar_refugo(bigint,text,text) is 'Anula por inteiro um registro de perda, com motivo; o original permanece. Com a mesma p_chave, a mesma resposta.';
comment on function public.registrar_contagem_manual(text,text,date,text,integer,integer,text,text) is 'Registra a contagem física de uma OP num turno de uma linha contada à mão, em unidades; corrigir a anterior exige motivo, e a zero sempre se pode. Devolve o registro; com a mesma p_chave, o mesmo.';
comment on function public.mover_contagem_manual(text,text,text,date,text,text,text) is 'Passa a contagem física de um turno de uma OP para outra, com motivo. Devolve o registro novo; com a mesma p_chave, o mesmo.';
comment on function public.conciliar_refugo(text,text,date,text,text,text,text) is 'Diz qual refugo vale num turno, MAQUINA ou DIGITADO, quando os dois divergem; vale enquanto nenhum dos dois mudar. Com a mesma p_chave, a mesma resposta.';
comment on function public.registrar_conferencia(text,text,date,text,integer,integer,text,text) is 'Registra o que a fábrica contou à mão de uma OP num turno da linha, em unidades, só para comparar; corrigir o anterior exige motivo. Devolve o registro; com a mesma p_chave, o mesmo.';
comment on column public.envios_totvs.chave_erp is 'Identificador que o TOTVS deu ao que gravou (p. ex. H6_IDENT), pelo qual se estorna; nulo se não se sabe. Fonte: TOTVS, ou quem decidiu.';
comment on column public.envios_totvs.pode_ter_entrado is 'A última resposta não diz se o TOTVS gravou (erro 5xx com código, erro dentro de um 2xx, 2xx de forma não declarada): só a consulta que o mostra, ou uma pessoa, o resolve. Fonte: totvs_post.';
comment on function public.decidir_envio(bigint,text,text,text) is 'Decide um envio incerto, recusado ou esgotado: ENTROU (está no TOTVS, com p_chave_erp), REENVIAR (não está; vai de novo) ou DESCARTAR (não vai mais).';
comment on column public.fechamentos_lote.cadastro is 'O que os envios ao TOTVS dizem da OP além das quantidades, como era então; nulo nos fechamentos anteriores a isto. Fonte: cadastros.';
comment on function interno.linhas_do_envio(text,text,jsonb) is 'As linhas em que a OP esteve ou contou na etapa, com recurso e centro de custo do TOTVS; a que mais produziu primeiro.';
comment on function interno.quantidades_por_linha(jsonb,text) is 'Boas e refugos de cada linha da etapa; nulo se não se somam em quantidades positivas.';
comment on function interno.assinante_op(text) is 'Quem assinou o último Diário de Bordo assinado da OP, e o código dessa pessoa no TOTVS; nulos se nenhum.';
comment on function interno.intervalo_op(text,text) is 'De quando até quando a OP esteve aberta na etapa, ou, se não esteve nela, em qualquer linha; nulos se em nenhuma.';
comment on function interno.cadastro_op(text,text,jsonb) is 'O que um envio diz da OP além das quantidades: como o TOTVS a escreve, operação, armazém, recursos, validade, assinante; agora.';
comment on function interno.estornado_inteiro(public.envios_totvs) is 'Verdadeiro se há um estorno inteiro do envio, confirmado ou a caminho.';
comment on function interno.parciais_validos(text) is 'Os apontamentos parciais da OP que o TOTVS aceitou e não foram estornados.';
comment on function interno.cadastro_do_envio(public.envios_totvs) is 'O que o envio diz além das quantidades; de um estorno por quantidades, também o apontamento de que elas se devolvem.';
comment on function interno.quantidades_envio(jsonb) is 'As quantidades de um envio: boas, refugo:código e perda:tipo → unidades.';
comment on function interno.quantidades_totais(jsonb) is 'As quantidades de interno.resumo_totais, com sinal: boas, refugo:código e perda:tipo → unidades.';
comment on function interno.de_um_lado(jsonb,integer) is 'Das quantidades, as de um sinal, em valores positivos.';
comment on function interno.conteudo_quantidades(jsonb) is 'O contrário de interno.quantidades_envio: boas, refugos e perdas, como um envio as traz.';
comment on function interno.criar_correcao(text,text,jsonb,text) is 'Põe na caixa de saída um AJUSTE ou ESTORNO de quantidades; devolve o envio.';
comment on function interno.estornar_inteiros(text,jsonb,jsonb,text) is 'Põe na caixa de saída o estorno inteiro dos apontamentos que têm as quantidades a menos, e um AJUSTE com o que resta deles e o que é a mais; PT409 NADA_A_ESTORNAR.';
comment on function interno.informar_ajustes(text,jsonb,text) is 'Põe na caixa de saída diferenças aprovadas (negativas = a devolver); devolve os envios. PT409 ENVIO_PENDENTE.';
comment on function interno.exigir_codigo_totvs(text,text,integer) is 'Devolve o código sem brancos nas pontas, nulo se vazio; PT422 TEXTO_INVALIDO, TEXTO_LONGO.';
comment on function public.definir_recurso(text,text,text,text) is 'Diz o recurso (máquina) e o centro de custo da linha no TOTVS; nulos = nenhum. Vale para o que fechar depois. Devolve a linha.';
comment on function public.definir_operacao(text,text,text,text,text,text) is 'Diz a operação do roteiro, o armazém e o tipo de movimento do TOTVS de uma etapa da família (prefixo vazio = o geral); nulos = nenhum. Vale para o que fechar depois.';
comment on function public.definir_operador(uuid,text,text) is 'Diz o código da pessoa no TOTVS, que vai nos apontamentos que ela assina; nulo = nenhum. Devolve a pessoa.';
