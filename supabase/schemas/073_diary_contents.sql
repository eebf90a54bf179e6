-- The Diário de Bordo: one per line, day and shift. What it says, who signed it, and whether that still holds.

-- What orders counted on a line in [p_de, p_ate), by minute; p_op NULL = every order. Increments that span time stand
-- at their reading. Counts by hand are not in here.
create function interno.contado(p_linha_id text, p_op text, p_de timestamptz, p_ate timestamptz)
returns table (
    numero_op text, em timestamptz, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint
)
language sql
stable
set search_path = ''
as $$
    select p.numero_op, m.minuto, sum(u.producao)::bigint, sum(u.rejeicao)::bigint,
        sum(u.producao * p.fator_producao)::bigint, sum(u.rejeicao * p.fator_rejeicao)::bigint
    from public.periodos_ordem as p
    inner join public.contagens_minuto as m
        on m.linha_id = p.linha_id and m.minuto > greatest(lower(p.intervalo), p_de) - interval '1 minute'
        and m.minuto < least(coalesce(upper(p.intervalo), 'infinity'), p_ate)
    cross join lateral (
        select coalesce(v.producao, 0)::bigint as producao, coalesce(v.rejeicao, 0)::bigint as rejeicao,
            m.minuto + (v.i - 1) * interval '1 second' as em
        from unnest(m.producao, m.rejeicao) with ordinality as v (producao, rejeicao, i)
        where v.producao > 0 or v.rejeicao > 0
    ) as u
    where p.linha_id = p_linha_id and (p_op is null or p.numero_op = p_op)
      and p.intervalo @> u.em and u.em >= p_de and u.em < p_ate
    group by p.numero_op, m.minuto
    union all
    select i.numero_op, i.ate, i.producao, i.rejeicao, i.producao * i.fator_producao, i.rejeicao * i.fator_rejeicao
    from public.contagens_intervalo as i
    where i.linha_id = p_linha_id and i.numero_op is not null and (p_op is null or i.numero_op = p_op)
      and i.ate >= p_de and i.ate < p_ate
$$;
comment on function interno.contado(text, text, timestamptz, timestamptz) is
'O que as OPs contaram na linha, por minuto, em contagens da máquina e em unidades; sem as contagens manuais.';

-- What one order made on one line in [p_de, p_ate), in units, with the refused units under the line's rule.
-- divergente: machine and people differ and nobody has said which holds; then the machine's figure stands in `refugo`.
create function interno.produzido(
    p_op text, p_linha_id text, p_janela tstzrange,
    out producao_maquina bigint, out producao bigint, out rejeicao bigint, out digitado bigint, out refugo jsonb,
    out outras jsonb, out divergente boolean
)
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function interno.produzido(text, text, tstzrange) is
'O que a OP fez na linha na janela, em unidades, com o refugo pela regra da linha (código → quantidade) e as outras perdas (tipo → quantidade).';

-- The orders a shift of a line knows: those that were open in it, and those anything was typed for.
create function interno.ops_do_turno(p_linha_id text, p_janela tstzrange)
returns setof text
language sql
stable
set search_path = ''
as $$
    select p.numero_op from public.periodos_ordem as p where p.linha_id = p_linha_id and p.intervalo && p_janela
    union
    select i.numero_op from public.contagens_intervalo as i
    where i.linha_id = p_linha_id and i.numero_op is not null and i.ate <@ p_janela
    union
    select m.numero_op from public.contagens_manuais_atuais as m
    where m.linha_id = p_linha_id and m.janela && p_janela and m.producao > 0
    union
    select v.numero_op from public.perdas_vigentes as v where v.linha_id = p_linha_id and v.em <@ p_janela
$$;
comment on function interno.ops_do_turno(text, tstzrange) is 'As OPs que o turno da linha conhece.';

-- Lot, product and reported stage of an order: as they were frozen, once it is closed, whatever TOTVS calls it since.
create function interno.cabecalho_op(p_op text, out numero_lote text, out produto_codigo text, out etapa text)
language plpgsql
stable
set search_path = ''
as $$
begin
    select coalesce(f.numero_lote, l.numero_lote), coalesce(f.produto_codigo, l.produto_codigo),
        coalesce(f.etapa, interno.etapa_apontada(l.produto_codigo))
    into numero_lote, produto_codigo, etapa
    from public.lotes_producao as l
    left join public.fechamentos_lote as f on f.numero_op = l.numero_op
    where l.numero_op = p_op;
end $$;
comment on function interno.cabecalho_op(text) is 'Lote, produto e etapa apontada da OP; depois de fechada, os congelados.';

-- What is signed: everything the shift's sheet says of the line. Nothing in it changes unless the shift itself does.
create function interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
        )
    )
$$;
comment on function interno.conteudo_diario(text, tstzrange) is 'O que o Diário de Bordo de um turno da linha diz agora: o que se assina.';
