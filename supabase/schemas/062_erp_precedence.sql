-- Which of two things the ERP says about one subject holds. No rule depends on chance: each step is decided by what was
-- declared, by the place in the answer, or by the order of receipt.

-- An order number as it came: the same key as normalizar_op where it is a number, else the text, for a person to read.
create function interno.op_como_veio(p_op text)
returns text
language sql
immutable
set search_path = ''
as $$
    select case when t.op ~ '^[0-9A-Za-z]{6}01001$' then left(t.op, 6) else nullif(t.op, '') end
    from (select btrim(p_op, E' \t\r\n') as op) as t
$$;
comment on function interno.op_como_veio(text) is 'Número de OP para mostrar e comparar: normalizado se é um, senão o texto como veio; nunca recusa.';

-- NULL where nothing is said of it: a field that is not sent stays as it is.
create function interno.excluido_totvs(p_dados jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select case
        when p_dados -> 'excluido' = 'true' or p_dados ->> 'situacao' = 'CANCELADA' then true
        when p_dados -> 'excluido' = 'false' or p_dados ->> 'situacao' in ('ABERTA', 'ENCERRADA') then false
    end
$$;
comment on function interno.excluido_totvs(jsonb) is 'Se os campos dizem que o assunto foi excluído ou cancelado; nulo se não dizem.';

create function interno.referencia_totvs(p_tipo text, p_dados jsonb, p_recebido_em timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select case p_tipo
        when 'ordem' then public.normalizar_op(p_dados ->> 'numero_op')
        when 'produto' then p_dados ->> 'produto_codigo'
        when 'insumo' then p_dados ->> 'insumo_codigo'
        when 'lote' then concat_ws('/', p_dados ->> 'produto_codigo', p_dados ->> 'numero_lote')
        when 'velocidade' then concat_ws('/', p_dados ->> 'linha_id', p_dados ->> 'produto_codigo',
            coalesce(p_dados ->> 'vigente_desde', (p_recebido_em at time zone 'America/Fortaleza')::date::text))
    end
$$;
comment on function interno.referencia_totvs(text, jsonb, timestamptz) is 'De que o evento trata; PT422 se a OP não for uma.';

-- What an event is about, also of one that cannot be applied. An order number that is none is kept as it came.
create function interno.assunto_totvs(p_evento jsonb, p_recebido_em timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select case
        when p_evento ->> 'tipo' = 'ordem' then interno.op_como_veio(
            case when p_evento ? 'recusa' then p_evento ->> 'referencia' else p_evento #>> '{dados,numero_op}' end
        )
        when p_evento ? 'recusa' then nullif(p_evento ->> 'referencia', '')
        else interno.referencia_totvs(p_evento ->> 'tipo', p_evento -> 'dados', p_recebido_em)
    end
$$;
comment on function interno.assunto_totvs(jsonb, timestamptz) is 'De que um evento trata, também se foi recusado; nulo se não se sabe.';

-- The rules in their order. All pages of one pull (p_consulta, NULL for what was sent to us) are one answer: in it a
-- row that lives beats a deleted one of the same key (deleted and included again) whatever their stamps. Then the
-- higher version, the later declared instant; where those are equal, the living one; then the later receipt, the living
-- one of one receipt, and at last the later place in it.
create function interno.mais_novo(p_evento public.eventos_totvs, p_consulta text, p_estado public.estado_totvs)
returns boolean
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function interno.mais_novo(public.eventos_totvs, text, public.estado_totvs) is
'Se o evento vale mais do que o que se sabe: versão declarada, senão instante declarado, senão recebimento; no empate o que vive vence o excluído, depois o lugar na resposta.';

-- The events of one request or page in the order in which they are received; `vencido`: another row of the same page
-- about the same subject holds instead. A row that could not be read counts as living: what is not known cancels
-- nothing. The same number in another branch is another order, and a row that does not count holds instead of none.
-- Of rows that nothing else tells apart (a join repeats an order) the one that holds already stays, for a service may
-- give them in another order each time; if none does, the later place counts. Versions have no leading zeros and
-- instants one form, so both are compared as text: what is neither is refused later, and nothing else is.
create function interno.eventos_em_ordem(p_recebimento jsonb)
returns table (evento jsonb, vencido boolean)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function interno.eventos_em_ordem(jsonb) is
'Os eventos de um recebimento na ordem em que se recebem; vencido = outra linha da mesma página consultada diz algo que vale mais do mesmo assunto.';
