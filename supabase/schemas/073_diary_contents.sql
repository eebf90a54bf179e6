-- The Diário de Bordo: one per line, day and shift. What it says, who signed it, and whether that still holds.

-- What orders counted on a line in [p_de, p_ate); p_op NULL = every order. Whole minutes of one order are taken as
-- their sums; only those an order or the window cuts are looked at second by second. Increments that span time stand at
-- their reading. Counts by hand are not in here. A page asks this for each order of each line: it is planned once a
-- connection, with a branch for one order and one for all, so that one plan looks for either by its own index.
create function interno.contado(p_linha_id text, p_op text, p_de timestamptz, p_ate timestamptz)
returns table (
    numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint
)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
    return query
    with abertas as (
        select p.numero_op, p.fator_producao, p.fator_rejeicao, greatest(lower(p.intervalo), p_de) as de,
            least(coalesce(upper(p.intervalo), 'infinity'), p_ate) as ate
        from (
            select x.* from public.periodos_ordem as x where x.linha_id = p_linha_id and p_op is null
            union all
            select x.* from public.periodos_ordem as x where x.linha_id = p_linha_id and x.numero_op = p_op
        ) as p
        where p.intervalo && tstzrange(p_de, p_ate)
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
        from (
            select x.* from public.contagens_intervalo as x
            where x.linha_id = p_linha_id and x.numero_op is not null and p_op is null
            union all
            select x.* from public.contagens_intervalo as x where x.linha_id = p_linha_id and x.numero_op = p_op
        ) as i
        where i.ate >= p_de and i.ate < p_ate
    ) as t
    group by t.numero_op;
end $$;
comment on function interno.contado(text, text, timestamptz, timestamptz) is
'O que as OPs contaram na linha, em contagens da máquina e em unidades; sem as contagens manuais.';

-- Which of two figures holds was said for these two figures only.
create function interno.refugo_decidido(
    p_op text, p_linha_id text, p_janela tstzrange, p_maquina bigint, p_digitado bigint
)
returns text
language sql
stable
set search_path = ''
as $$
    select c.vale
    from public.conciliacoes_refugo as c
    where c.numero_op = p_op and c.linha_id = p_linha_id and c.janela = p_janela
      and c.maquina = p_maquina and c.digitado = p_digitado
    order by c.id desc
    limit 1
$$;
comment on function interno.refugo_decidido(text, text, tstzrange, bigint, bigint) is
'MAQUINA ou DIGITADO, como alguém decidiu entre estes dois valores, em unidades; nulo se ninguém.';

create function interno.refugo_divergente(
    p_op text, p_linha_id text, p_janela tstzrange, p_maquina bigint, p_digitado bigint
)
returns boolean
language sql
stable
set search_path = ''
as $$
    select p_maquina <> p_digitado and l.regra_refugo = 'CONCILIAR'
        and interno.refugo_decidido(p_op, p_linha_id, p_janela, p_maquina, p_digitado) is null
    from public.linhas as l
    where l.linha_id = p_linha_id
$$;
comment on function interno.refugo_divergente(text, text, tstzrange, bigint, bigint) is
'Verdadeiro se o refugo da máquina e o digitado, em unidades, diferem, a linha os concilia e ninguém disse qual vale.';

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
    v_vale := interno.refugo_decidido(p_op, p_linha_id, p_janela, rejeicao, digitado);
    divergente := interno.refugo_divergente(p_op, p_linha_id, p_janela, rejeicao, digitado);
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
-- Without a confirmation it says so: the key is there, its value null.
create function interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
returns jsonb
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
    return jsonb_build_object(
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
                  and m.sem_ordem_producao + m.sem_ordem_rejeicao > 0
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
    );
end $$;
comment on function interno.conteudo_diario(text, tstzrange) is 'O que o Diário de Bordo de um turno da linha diz agora: o que se assina.';
