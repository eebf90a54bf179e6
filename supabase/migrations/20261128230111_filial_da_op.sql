-- filial_da_op: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION interno.aplicar_evento(p_evento public.eventos_totvs, p_origem text)
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
    if not interno.mais_novo(p_evento, p_origem, v_estado) then
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
    if v_resultado.situacao = 'ESTACIONADO' then
        return v_resultado;
    end if;
    insert into public.estado_totvs (tipo, referencia, versao, ocorrido_em, recebido_em, sha256, dados)
    values (
        p_evento.tipo, p_evento.referencia, greatest(p_evento.versao, v_estado.versao),
        greatest(p_evento.ocorrido_em, v_estado.ocorrido_em), greatest(p_evento.recebido_em, v_estado.recebido_em),
        p_evento.sha256, v_dados
    )
    on conflict (tipo, referencia) do update set versao = excluded.versao, ocorrido_em = excluded.ocorrido_em,
        recebido_em = excluded.recebido_em, sha256 = excluded.sha256, dados = excluded.dados
    returning * into v_estado;
    -- What of the same thing still waits and is older now waits for nothing; what was refused before is mended.
    for v_mais_antigo in
        select e.* from public.eventos_totvs as e
        where e.tipo = p_evento.tipo and e.referencia = p_evento.referencia and e.id <> p_evento.id
          and e.situacao = 'ESTACIONADO' and not interno.mais_novo(e, 'consulta', v_estado)
    loop
        perform interno.registrar_situacao(v_mais_antigo.id, interno.superar(v_mais_antigo));
    end loop;
    update public.eventos_totvs as e
    set resolvido_em = clock_timestamp(), resolvido_motivo = 'um evento posterior da mesma referência foi aceito'
    where e.situacao = 'RECUSADO' and e.resolvido_em is null and e.tipo = p_evento.tipo
      and e.referencia = p_evento.referencia and e.recebido_em <= p_evento.recebido_em and e.id <> p_evento.id;
    return v_resultado;
end $function$;

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
            if p_evento ->> 'ignorado' is not null then
                v_resultado := interno.resultado('IGNORADO', 'NAO_CONTA', p_evento ->> 'ignorado', false);
            else
                v_resultado := interno.aplicar_ou_recusar(v_evento, v_origem);
            end if;
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

