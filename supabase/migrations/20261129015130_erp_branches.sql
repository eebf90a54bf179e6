-- erp_branches: from the definitions in supabase/schemas, by `make migration`.

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
            p_recebimento ->> 'origem' = 'consulta' and (
                row_number() over (
                    partition by x.evento ->> 'tipo', x.conta, coalesce(x.assunto, 'sem assunto ' || x.indice), x.filial
                    order by
                        x.excluido, x.evento ? 'recusa',
                        length(x.evento ->> 'versao') desc nulls last, x.evento ->> 'versao' collate "C" desc,
                        x.evento ->> 'ocorrido_em' collate "C" desc nulls last,
                        x.evento ->> 'sha256' is not distinct from e.sha256 desc, x.indice desc
                ) > 1
                or x.excluido and bool_or(x.evento ? 'recusa') over (partition by x.evento ->> 'tipo', x.assunto)
            ) as vencido
        from (
            select
                r.evento,
                (r.evento ->> 'indice')::integer as indice,
                r.evento ->> 'ignorado' is null as conta,
                r.evento #>> '{dados,filial}' as filial,
                interno.excluido_totvs(r.evento -> 'dados') is true as excluido,
                interno.assunto_totvs(r.evento, (p_recebimento ->> 'recebido_em')::timestamptz) as assunto
            from jsonb_array_elements(p_recebimento -> 'eventos') as r (evento)
        ) as x
        left join public.estado_totvs as e on x.evento ->> 'tipo' = e.tipo and x.assunto = e.referencia
    ) as o
    order by o.vencido, o.indice
$function$;

CREATE OR REPLACE FUNCTION interno.sanar_recusas(p_evento public.eventos_totvs)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
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
end $function$;

