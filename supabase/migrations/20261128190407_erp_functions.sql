-- erp_functions: from the definitions in supabase/schemas, by `make migration`.

drop function interno.campo(jsonb,text,text);
CREATE OR REPLACE FUNCTION interno.exigir_no_maximo(p_ids bigint[], p_maximo integer)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if cardinality(p_ids) > p_maximo then
        perform interno.recusar(
            '422', 'ITENS_DEMAIS', format('São %s itens; no máximo %s de uma vez.', cardinality(p_ids), p_maximo), 'Decida-os em partes.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.retidas_para_decisao(p_id bigint, p_motivo text, p_assunto text, p_ids bigint[], OUT papel text, OUT motivo text, OUT itens bigint[], OUT restam bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_retidas bigint[];
    v_outra bigint;
begin
    perform interno.exigir_no_maximo(p_ids, v_maximo);
    select array_agg(t.id order by t.id), array_agg(distinct t.linha_id) into itens, v_linhas
    from (
        select i.id, i.linha_id from public.contagens_intervalo as i
        where i.id = any(case when p_ids is not null then p_ids when p_assunto is null then array[p_id] end)
        union all
        (
            select r.id, r.linha_id from public.contagens_retidas as r
            where p_ids is null and r.assunto = p_assunto and r.id <= p_id
            order by r.id
            limit v_maximo
        )
    ) as t;
    papel := interno.linha_para_decisao('decidir_retido', variadic coalesce(v_linhas, array[null::text]));
    motivo := interno.exigir_motivo(p_motivo);
    if itens is null and p_assunto is not null and p_ids is null then
        perform interno.recusar_decidido(format('Nada mais espera no assunto %s até a contagem %s.', p_assunto, p_id));
    elsif itens is null or exists (
        select from unnest(p_ids) as t (id) left join public.contagens_intervalo as i using (id) where i.id is null
    ) then
        perform interno.recusar_desconhecido(
            'RETIDA_DESCONHECIDA', format('Não há contagem retida %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform from public.contagens_intervalo as i where i.id = any(itens) order by i.id for update;
    select array_agg(i.id order by i.id) filter (where i.situacao = 'RETIDA'), min(i.id) filter (where i.situacao <> 'RETIDA')
    into v_retidas, v_outra
    from public.contagens_intervalo as i where i.id = any(itens);
    if v_outra is not null and (v_retidas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(format('A contagem %s não está mais retida (%s).', v_outra, (
            select i.situacao from public.contagens_intervalo as i where i.id = v_outra
        )));
    end if;
    itens := v_retidas; -- what an order's new times have settled since the matter was listed is settled
    restam := (
        select count(*) from public.contagens_retidas as r
        where p_ids is null and r.assunto = p_assunto and r.id <= p_id
    ) - case when p_ids is null and p_assunto is not null then cardinality(itens) else 0 end;
end $function$;

CREATE OR REPLACE FUNCTION interno.quarentena_para_decisao(p_funcao text, p_id bigint, p_motivo text, p_assunto text, p_ids bigint[], OUT papel text, OUT motivo text, OUT itens bigint[], OUT restam bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_chaves text[];
    v_abertas bigint[];
    v_decidida bigint;
begin
    perform interno.exigir_no_maximo(p_ids, v_maximo);
    with pedidos as materialized (
        select q.id, q.linha_id,
            case a.tipo when 'gateway' then 'epoca:' || a.gateway || ':' || a.epoca else 'avulso:' || coalesce(q.chave, q.fonte) end as chave
        from unnest(interno.itens_de_quarentena(p_id, p_assunto, p_ids, v_maximo)) as t (id)
        inner join public.quarentena as q on q.id = t.id
        left join public.arquivos_ingeridos as a on a.id = q.arquivo_id
    ),
    chaves as (
        select p.chave from pedidos as p group by p.chave order by min(p.id) limit 1000
    )
    select
        array_agg(p.id order by p.id), array_agg(distinct p.linha_id), array_agg(distinct p.chave),
        (select count(*) from pedidos) - count(*)
    into itens, v_linhas, v_chaves, restam
    from pedidos as p inner join chaves as c on c.chave = p.chave;
    papel := interno.linha_para_decisao(p_funcao, variadic coalesce(v_linhas, array[null::text]));
    motivo := interno.exigir_motivo(p_motivo);
    if itens is null and p_assunto is not null and p_ids is null then
        perform interno.recusar_decidido(format('Nada mais espera no assunto %s até o item %s.', p_assunto, p_id));
    elsif itens is null or exists (select from unnest(p_ids) as t (id) left join public.quarentena as q using (id) where q.id is null) then
        perform interno.recusar_desconhecido(
            'QUARENTENA_DESCONHECIDA', format('Não há quarentena %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform interno.travar_chaves(v_chaves);
    perform from public.quarentena as q where q.id = any(itens) order by q.id for update;
    select array_agg(q.id order by q.id) filter (where q.resolvida_em is null), min(q.id) filter (where q.resolvida_em is not null)
    into v_abertas, v_decidida
    from public.quarentena as q where q.id = any(itens);
    if v_decidida is not null and (v_abertas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(
            format('A quarentena %s já foi resolvida em %s.', v_decidida, (
                select interno.hora_local(q.resolvida_em) from public.quarentena as q where q.id = v_decidida
            ))
        );
    end if;
    itens := v_abertas; -- what a replay has settled since the matter was listed is settled
    if p_assunto is not null and p_ids is null then
        restam := (
            select count(*) from public.quarentena as q
            where q.assunto = p_assunto and q.id <= p_id and q.resolvida_em is null
        ) - (select count(*) from public.quarentena as q where q.id = any(itens) and q.assunto = p_assunto and q.id <= p_id);
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.campos(p_dados jsonb, VARIADIC p_nomes text[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(p_dados) as d where d.key = any(p_nomes)
$function$;

CREATE OR REPLACE FUNCTION interno.aplicar_insumo(p_codigo text, p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes public.insumos;
    v_depois public.insumos;
begin
    select * into v_antes from public.insumos where insumo_codigo = p_codigo for update;
    v_depois := jsonb_populate_record(v_antes, interno.campos(p_dados, 'unidade', 'tipo'));
    v_depois.insumo_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.atualizado_em := clock_timestamp();
    insert into public.insumos select v_depois.*
    on conflict (insumo_codigo) do update set descricao = excluded.descricao, unidade = excluded.unidade,
        tipo = excluded.tipo, bloqueado = excluded.bloqueado, atualizado_em = excluded.atualizado_em;
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_produto(p_codigo text, p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes public.produtos;
    v_depois public.produtos;
begin
    if exists (select from public.tipos_insumo as t where t.tipo = p_dados ->> 'tipo') then
        return interno.aplicar_insumo(p_codigo, p_dados);
    end if;
    select * into v_antes from public.produtos where produto_codigo = p_codigo for update;
    v_depois := jsonb_populate_record(
        v_antes, interno.campos(p_dados, 'unidade', 'tipo', 'volume_ml', 'registro_anvisa', 'codigo_barras')
    );
    v_depois.produto_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.atualizado_em := clock_timestamp();
    insert into public.produtos select v_depois.*
    on conflict (produto_codigo) do update set descricao = excluded.descricao, unidade = excluded.unidade,
        tipo = excluded.tipo, bloqueado = excluded.bloqueado, volume_ml = excluded.volume_ml,
        registro_anvisa = excluded.registro_anvisa, codigo_barras = excluded.codigo_barras,
        atualizado_em = excluded.atualizado_em;
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_lote(p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_produto constant text := p_dados ->> 'produto_codigo';
    v_lote constant text := p_dados ->> 'numero_lote';
    v_antes public.lotes_insumo;
    v_depois public.lotes_insumo;
    v_ops bigint;
begin
    if exists (select from public.insumos where insumo_codigo = v_produto) then
        select * into v_antes from public.lotes_insumo
        where insumo_codigo = v_produto and numero_lote = v_lote for update;
        v_depois := jsonb_populate_record(v_antes, interno.campos(
            p_dados, 'quantidade', 'unidade', 'data_fabricacao', 'data_validade', 'fornecedor'
        ));
        v_depois.insumo_codigo := v_produto;
        v_depois.numero_lote := v_lote;
        v_depois.situacao := coalesce(p_dados ->> 'situacao', v_antes.situacao, 'EM_ESTOQUE');
        if v_depois is not distinct from v_antes then
            return interno.feito(false);
        end if;
        v_depois.atualizado_em := clock_timestamp();
        insert into public.lotes_insumo select v_depois.*
        on conflict (insumo_codigo, numero_lote) do update set quantidade = excluded.quantidade,
            unidade = excluded.unidade, data_fabricacao = excluded.data_fabricacao,
            data_validade = excluded.data_validade, fornecedor = excluded.fornecedor, situacao = excluded.situacao,
            atualizado_em = excluded.atualizado_em;
        return interno.feito(true);
    end if;
    if not exists (select from public.produtos where produto_codigo = v_produto) then
        return interno.falta_produto(v_produto);
    end if;
    update public.lotes_producao as l
    set data_fabricacao = n.data_fabricacao, data_validade = n.data_validade, atualizado_em = clock_timestamp()
    from public.lotes_producao as a
    cross join lateral jsonb_populate_record(a, interno.campos(p_dados, 'data_fabricacao', 'data_validade')) as n
    where a.numero_lote = v_lote and a.produto_codigo = v_produto and l.numero_op = a.numero_op
      and (l.data_fabricacao, l.data_validade) is distinct from (n.data_fabricacao, n.data_validade);
    get diagnostics v_ops = row_count;
    return interno.feito(v_ops > 0);
end $function$;

CREATE OR REPLACE FUNCTION interno.por_que_sem_lote(p_produto text, p_linha_id text)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_familia public.familias_sem_lote;
begin
    select * into v_familia from public.familias_sem_lote where starts_with(p_produto, prefixo);
    if v_familia.prefixo is not null then
        return interno.resultado(
            'IGNORADO', 'FAMILIA_SEM_LOTE',
            format('OPs da família %s não abrem lote: %s.', v_familia.prefixo, v_familia.descricao), false
        );
    end if;
    if not exists (select from public.produtos where produto_codigo = p_produto) then
        if exists (select from public.insumos where insumo_codigo = p_produto) then
            return interno.resultado(
                'IGNORADO', 'INSUMO_SEM_LOTE', format('%s é um insumo; a OP dele não abre lote.', p_produto), false
            );
        end if;
        return interno.falta_produto(p_produto);
    end if;
    if p_linha_id is not null and not exists (select from public.linhas where linha_id = p_linha_id) then
        return interno.falta_linha(p_linha_id);
    end if;
    return null;
end $function$;

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
    v_depois.numero_op := p_op;
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

CREATE OR REPLACE FUNCTION interno.notar_alteracoes(p_antes public.lotes_producao, p_depois public.lotes_producao, p_em_uso boolean, p_evento bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_op constant text := p_depois.numero_op;
begin
    if p_antes.descricao is not null and p_depois.descricao is not null then
        perform interno.notar_alteracao(v_op, 'DESCRICAO_DIFERENTE', p_antes.descricao, p_depois.descricao, p_evento);
    end if;
    if p_em_uso then
        perform interno.notar_alteracao(v_op, 'PRODUTO_ALTERADO', p_antes.produto_codigo, p_depois.produto_codigo, p_evento);
        perform interno.notar_alteracao(v_op, 'LOTE_ALTERADO', p_antes.numero_lote, p_depois.numero_lote, p_evento);
        perform interno.notar_alteracao(
            v_op, 'QUANTIDADE_ALTERADA', trim_scale(p_antes.quantidade_planejada)::text,
            trim_scale(p_depois.quantidade_planejada)::text, p_evento
        );
    end if;
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
    v_tem_periodo boolean;
begin
    if v_sem_lote.situacao is not null then
        return v_sem_lote;
    end if;
    select * into v_antes from public.lotes_producao where numero_op = p_op for no key update;
    v_depois := interno.lote_da_ordem(v_antes, p_op, p_dados);
    v_tem_periodo := exists (select from public.periodos_ordem where numero_op = p_op);
    v_depois.situacao_totvs := coalesce(p_dados ->> 'situacao', v_antes.situacao_totvs, 'ABERTA');
    v_depois.status := case
        when v_depois.situacao_totvs = 'CANCELADA' then 'CANCELADO'
        when v_antes.status = 'CANCELADO' and v_tem_periodo then 'EM_ANDAMENTO'
        when v_tem_periodo then v_antes.status
        -- Finished in the ERP before anybody opened it here: no screen need offer it.
        when v_depois.situacao_totvs = 'ENCERRADA' then 'CONCLUIDO'
        else 'PLANEJADO'
    end;
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
        situacao_totvs = excluded.situacao_totvs, status = excluded.status, atualizado_em = excluded.atualizado_em;
    perform interno.notar_alteracoes(v_antes, v_depois, v_tem_periodo or interno.contagens_op(p_op) > 0, p_evento);
    return interno.feito(true);
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
    v_evento.sha256 := coalesce(v_evento.sha256, encode(sha256(convert_to(v_recusa::text, 'UTF8')), 'hex'));
    v_evento.chave := case when v_evento.evento_id is not null and v_recusa is null
        then 'id:' || v_evento.evento_id || ':' || v_evento.sha256
        else (p_recebimento ->> 'chave') || ':' || v_evento.indice end;
    return v_evento;
end $function$;

CREATE OR REPLACE FUNCTION interno.retorno_evento(p_evento public.eventos_totvs, p_resultado interno.resultado_totvs)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'indice', p_evento.indice, 'evento', p_evento.id, 'situacao', p_resultado.situacao, 'tipo', p_evento.tipo,
        'referencia', p_evento.referencia, 'codigo', p_resultado.codigo, 'motivo', p_resultado.motivo,
        'mudou', p_resultado.mudou
    )
$function$;

CREATE OR REPLACE FUNCTION interno.receber_evento(p_recebimento jsonb, p_evento jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_origem constant text := p_recebimento ->> 'origem';
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
        v_evento.referencia := p_evento ->> 'referencia';
        v_resultado := interno.resultado('RECUSADO', 'EVENTO_INVALIDO', (
            select string_agg(concat_ws(': ', nullif(r ->> 'campo', ''), r ->> 'mensagem'), '; ')
            from jsonb_array_elements(v_recusa) as r
        ), true);
    else
        begin
            v_evento.referencia := interno.referencia_totvs(v_evento.tipo, v_evento.dados, v_evento.recebido_em);
            v_resultado := interno.aplicar_ou_recusar(v_evento, v_origem);
        exception when sqlstate 'PT422' then
            v_evento.referencia := p_evento #>> '{dados,numero_op}';
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
    if v_resultado.situacao = 'APLICADO' and v_evento.tipo in ('produto', 'insumo') then
        perform interno.reaplicar_estacionados('produto:' || v_evento.referencia);
    end if;
    return interno.retorno_evento(v_evento, v_resultado);
end $function$;

revoke all on function interno.campos(jsonb,text[]) from public, anon, authenticated, service_role;
revoke all on function interno.evento_recebido(jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_no_maximo(bigint[],integer) from public, anon, authenticated, service_role;
revoke all on function interno.lote_da_ordem(public.lotes_producao,text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.notar_alteracoes(public.lotes_producao,public.lotes_producao,boolean,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.por_que_sem_lote(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.retorno_evento(public.eventos_totvs,interno.resultado_totvs) from public, anon, authenticated, service_role;
comment on function interno.exigir_no_maximo(bigint[],integer) is 'PT422 ITENS_DEMAIS se são mais do que se decide de uma vez.';
comment on function interno.campos(jsonb,text[]) is 'Dos dados, os campos com estes nomes; o que nunca foi enviado falta.';
comment on function interno.por_que_sem_lote(text,text) is 'Por que uma OP não abre lote, ou o que espera; nulo se abre um.';
comment on function interno.lote_da_ordem(public.lotes_producao,text,jsonb) is 'O lote como a OP o descreve, sobre o que já se sabia dele; PT422 LOTE_AUSENTE.';
comment on function interno.notar_alteracoes(public.lotes_producao,public.lotes_producao,boolean,bigint) is 'Anota o que as pessoas devem ver de uma OP mudada; p_em_uso: se ela tem período ou contagens.';
comment on function interno.evento_recebido(jsonb,jsonb) is 'O evento como chegou, com a chave que reconhece a repetição.';
comment on function interno.retorno_evento(public.eventos_totvs,interno.resultado_totvs) is 'O que se fez de um evento, como quem o mandou o lê.';
