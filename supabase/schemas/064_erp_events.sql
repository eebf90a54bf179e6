-- Events: received once, applied or refused each for itself, applied again when what they waited for arrives.

-- A superseded event changes nothing, but a description that differs is noted, and the longer writing of the order
-- kept, in either order of arrival.
create function interno.superar(p_evento public.eventos_totvs)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.superar(public.eventos_totvs) is 'Resultado de um evento mais antigo do que o que se sabe.';

-- A later event that is right mends what was refused of the same subject, also one that has to wait. The subject is the
-- same whatever way its key was written, or if the sender used the same `id`; a speed refused without a readable first
-- day is mended by any of its line and product. An order of another branch is another subject.
create function interno.sanar_recusas(p_evento public.eventos_totvs)
returns void
language sql
set search_path = ''
as $$
    update public.eventos_totvs as e
    set resolvido_em = clock_timestamp(), resolvido_motivo = 'um evento posterior da mesma referência foi aceito'
    where e.situacao = 'RECUSADO' and e.resolvido_em is null and e.recebido_em <= p_evento.recebido_em
      and e.id <> p_evento.id and e.tipo = p_evento.tipo and (
          e.evento_id = p_evento.evento_id
          or (e.dados ->> 'filial' <> p_evento.dados ->> 'filial') is not true and (
              e.referencia = p_evento.referencia
              or e.tipo = 'ordem' and interno.op_como_veio(e.referencia) = p_evento.referencia
              or e.tipo = 'velocidade' and starts_with(p_evento.referencia, e.referencia || '/')
          )
      )
$$;
comment on function interno.sanar_recusas(public.eventos_totvs) is 'Dá por resolvidas as recusas anteriores do assunto de um evento aceito.';

create function interno.aplicar_evento(p_evento public.eventos_totvs, p_consulta text)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
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
    -- What of the same thing still waits and is older now waits for nothing; what is of another branch will be refused.
    for v_mais_antigo in
        select e.* from public.eventos_totvs as e
        where e.tipo = p_evento.tipo and e.referencia = p_evento.referencia and e.id <> p_evento.id
          and e.situacao = 'ESTACIONADO' and not interno.mais_novo(e, null, v_estado)
          and (e.dados ->> 'filial' <> p_evento.dados ->> 'filial') is not true
    loop
        perform interno.registrar_situacao(v_mais_antigo.id, interno.superar(v_mais_antigo));
    end loop;
    return v_resultado;
end $$;
comment on function interno.aplicar_evento(public.eventos_totvs, text) is 'Aplica um evento se for o mais novo da sua referência.';

create function interno.registrar_situacao(p_id bigint, p_resultado interno.resultado_totvs)
returns void
language sql
set search_path = ''
as $$
    update public.eventos_totvs
    set situacao = p_resultado.situacao, codigo = p_resultado.codigo, motivo = p_resultado.motivo,
        falta = p_resultado.falta, decidido_em = clock_timestamp()
    where id = p_id
      and (situacao, codigo, motivo, falta)
      is distinct from (p_resultado.situacao, p_resultado.codigo, p_resultado.motivo, p_resultado.falta)
$$;
comment on function interno.registrar_situacao(bigint, interno.resultado_totvs) is 'Grava o que foi feito de um evento.';

-- A refusal of ours inside the application, or a value the tables do not take, is the event's: kept, with its reason,
-- and nothing else is held up by it. Anything else is the caller's.
create function interno.aplicar_ou_recusar(p_evento public.eventos_totvs, p_consulta text)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.aplicar_ou_recusar(public.eventos_totvs, text) is 'aplicar_evento; uma recusa do SicFar, ou um valor que as tabelas não aceitam, vira RECUSADO com o motivo.';

create function interno.guardar_recebimento(p_recebimento jsonb)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_id bigint;
begin
    -- Asked for by each of up to a thousand events: the bytes are decoded for the first only.
    select id into v_id from public.recebimentos_totvs where chave = p_recebimento ->> 'chave';
    if v_id is null then
        insert into public.recebimentos_totvs (chave, origem, recebido_em, correlacao, remetente, tipo_conteudo, bruto)
        values (
            p_recebimento ->> 'chave', p_recebimento ->> 'origem', (p_recebimento ->> 'recebido_em')::timestamptz,
            p_recebimento ->> 'correlacao', p_recebimento ->> 'remetente', p_recebimento ->> 'tipo_conteudo',
            decode(p_recebimento ->> 'bruto', 'base64')
        )
        returning id into v_id;
    end if;
    return v_id;
end $$;
comment on function interno.guardar_recebimento(jsonb) is 'Guarda os bytes de um recebimento uma vez; devolve o identificador.';

-- The fields of an event before it is applied. An event that has an id is recognised by id and content, in whatever
-- request it comes again.
create function interno.evento_recebido(p_recebimento jsonb, p_evento jsonb)
returns public.eventos_totvs
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function interno.evento_recebido(jsonb, jsonb) is 'O evento como chegou, com a chave que reconhece a repetição.';

create function interno.retorno_evento(p_evento public.eventos_totvs, p_resultado interno.resultado_totvs)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object(
        'indice', p_evento.indice, 'evento', p_evento.id, 'situacao', p_resultado.situacao, 'tipo', p_evento.tipo,
        'referencia', p_evento.referencia, 'codigo', p_resultado.codigo, 'motivo', p_resultado.motivo,
        'mudou', p_resultado.mudou
    )
$$;
comment on function interno.retorno_evento(public.eventos_totvs, interno.resultado_totvs) is 'O que se fez de um evento, como quem o mandou o lê.';

create function interno.receber_evento(p_recebimento jsonb, p_evento jsonb, p_vencido boolean)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.receber_evento(jsonb, jsonb, boolean) is
'Recebe um evento: reconhece a repetição, aplica e guarda. Um vencido por outro da mesma página não se aplica.';

create function public.receber_eventos_totvs(p_recebimento jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
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
end $$;
comment on function public.receber_eventos_totvs(jsonb) is
'Recebe os eventos de um pedido do webhook ou de uma página consultada; devolve a situação de cada um, na mesma ordem. Solta até 200 dos que esperavam um produto que veio; os demais, reaplicar_eventos_totvs.';
revoke all on function public.receber_eventos_totvs(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.receber_eventos_totvs(jsonb) to service_role;
