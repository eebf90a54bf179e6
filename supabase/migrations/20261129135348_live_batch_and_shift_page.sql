-- live_batch_and_shift_page: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION interno.julgar_segundos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
    return array(
        with segundos as materialized (
            select t.linha_id, t.s, to_timestamp(t.s) as em,
                sum(t.producao)::bigint as producao, sum(t.rejeicao)::bigint as rejeicao,
                min(t.byte_de) as byte_de, max(t.byte_ate) as byte_ate
            from (
                select l.linha_id, (v ->> 0)::bigint as s, (v ->> 1)::interno.contagem as producao,
                    (v ->> 2)::interno.contagem as rejeicao, l.byte_de, l.byte_ate
                from jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, segundos jsonb, byte_de bigint, byte_ate bigint)
                cross join lateral jsonb_array_elements(l.segundos) as v
            ) as t
            group by t.linha_id, t.s
            having sum(t.producao) > 0 or sum(t.rejeicao) > 0
        ),
        faixas as materialized (
            select s.linha_id, min(s.em) as de, max(s.em) as ate from segundos as s group by s.linha_id
        ),
        donos as materialized ( -- donos_da_linha, of all lines at once
            select t.linha_id, t.papel, lower(u.intervalo) as de, upper(u.intervalo) as ate
            from (
                select f.linha_id, o.papel, range_agg(tstzrange(o.de, coalesce(o.ate, 'infinity'))) as intervalos
                from faixas as f
                inner join public.fontes_linha as o
                    on o.linha_id = f.linha_id and o.fonte = p_fonte and o.de <= f.ate and coalesce(o.ate, 'infinity') > f.de
                group by f.linha_id, o.papel
            ) as t
            cross join lateral unnest(t.intervalos) as u (intervalo)
        ),
        periodos as materialized (
            -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
            select f.linha_id, p.*
            from faixas as f
            cross join lateral (
                select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                    o.fator_producao, o.fator_rejeicao
                from public.periodos_ordem as o
                where o.linha_id = f.linha_id and o.intervalo && tstzrange(f.de, f.ate, '[]')
                offset 0
            ) as p
        ),
        julgados as materialized (
            select s.*, d.papel, v.motivos,
                case
                    when v.motivos <> '{}' then 'QUARENTENA'
                    when s.em > p_limite then 'FUTURA'
                    when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                    when greatest(s.producao, s.rejeicao) > 1000000
                        and (d.papel = 'conferencia' or interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao))
                        then 'RETIDA'
                    when d.papel = 'conferencia' then 'CONFERENCIA'
                    else 'CONTADA'
                end as destino
            from segundos as s
            left join public.linhas as l on l.linha_id = s.linha_id
            left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
            cross join lateral (select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos) as v
        )
        select (
            j.linha_id, j.s, j.em, j.producao, j.rejeicao, j.destino, j.motivos, j.papel, p.numero_op, p.fator_producao,
            p.fator_rejeicao, r.situacao, r.motivo, r.em, r.em, r.flags, r.byte_de, r.byte_ate, null
        )::interno.incremento
        from julgados as j
        left join lateral (
            select j.em, j.byte_de, j.byte_ate, case when j.papel = 'conferencia' then 'CONFERENCIA' else 'RETIDA' end as situacao,
                case when j.papel = 'contagem' then 'IMPLAUSIVEL' end as motivo,
                case j.destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end as flags
            where j.destino in ('RETIDA', 'FUTURA')
        ) as r on true
        left join periodos as p
            on p.linha_id = j.linha_id and j.em >= p.de and j.em < p.ate and j.destino = 'CONTADA'
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.contado(p_linha_id text, p_op text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_diario(p_linha_id text, p_janela tstzrange, p_conteudo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_fim constant timestamptz := least(upper(p_janela), clock_timestamp());
    v_devolucao constant public.devolucoes_diario := interno.devolucao_aberta(p_linha_id, p_janela);
    v_motivos jsonb := '[]';
    v_linha record;
begin
    if v_devolucao.id is not null then
        v_motivos := v_motivos || interno.motivo_json('DIARIO_DEVOLVIDO',
            format('%s devolveu o turno em %s: %s', v_devolucao.nome, interno.hora_local(v_devolucao.em), v_devolucao.motivo),
            'Corrija o que foi pedido e confirme o turno de novo com confirmar_turno.');
    end if;
    -- A shift that was signed and has lost its orders since can be signed again.
    if p_conteudo -> 'ordens' = '[]'
        and (interno.diario_atual(p_linha_id, p_janela)).id is null then
        v_motivos := v_motivos || interno.motivo_json('NADA_A_ASSINAR',
            'Nenhuma OP esteve aberta na linha neste turno.', 'Confira a linha, o dia e o turno.');
    end if;
    for v_linha in
        select p.numero_op from public.periodos_ordem as p
        where p.linha_id = p_linha_id and upper_inf(p.intervalo) and clock_timestamp() < upper(p_janela) and p.intervalo && p_janela
    loop
        v_motivos := v_motivos || interno.motivo_json('ORDEM_ABERTA',
            format('A OP %s está aberta na linha e o turno ainda não terminou.', v_linha.numero_op),
            'Encerre a OP, ou espere o fim do turno.');
    end loop;
    for v_linha in
        select r.detalhe from interno.retidas_no_intervalo(p_linha_id, p_janela) as r order by r.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('CONTAGEM_RETIDA', v_linha.detalhe, 'Decida-a com decidir_retido.');
    end loop;
    for v_linha in
        select q.quais, q.detalhe from interno.quarentenas_no_intervalo(p_linha_id, lower(p_janela), v_fim) as q order by q.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('QUARENTENA',
            format('%s a decidir: %s', v_linha.quais, v_linha.detalhe),
            'Decida-a com resolver_quarentena ou reprocessar_quarentena.');
    end loop;
    select coalesce(sum(t.producao), 0) as producao, coalesce(sum(t.rejeicao), 0) as rejeicao into v_linha
    from (
        select m.sem_ordem_producao - m.justificada_producao as producao, m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
          and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
        union all
        select i.producao, i.rejeicao from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and not i.justificada and i.ate <@ p_janela
    ) as t;
    if v_linha.producao > 0 or v_linha.rejeicao > 0 then
        v_motivos := v_motivos || interno.motivo_json('SEM_ORDEM',
            format('A linha contou %s (rejeição %s) sem OP aberta neste turno.', v_linha.producao, v_linha.rejeicao),
            'Abra a OP com a hora em que começou, ou justifique com justificar_sem_ordem.');
    end if;
    return v_motivos || interno.impedimentos_ordens(p_linha_id, p_janela, p_conteudo -> 'ordens');
end $function$;

CREATE OR REPLACE FUNCTION public.meu_turno(p_setor text, p_data date DEFAULT NULL::date, p_turno text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
    select jsonb_build_object(
        'setor', p_setor, 'data', t.data, 'turno', t.turno, 'inicio', lower(j.janela), 'fim', upper(j.janela),
        'turnos', (
            select jsonb_agg(x.turno order by x.turno) from public.turnos_vigentes as x
            where interno.janela_turno(t.data, x.turno) = j.janela
        ),
        'anterior', interno.turno_vizinho(lower(j.janela) - interval '1 second'),
        'seguinte', interno.turno_vizinho(upper(j.janela)),
        'agora', clock_timestamp(),
        'libera_em', upper(j.janela) + make_interval(secs => interno.parametro('ASSINAR_ESPERA_SEGUNDOS')),
        'pode', (
            select jsonb_object_agg(f.funcao, exists (
                select from interno.papeis_que_contam as p
                where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao(f.funcao))
                  and (p.setor is null or p.setor = p_setor)
            ))
            from unnest(array['confirmar_turno', 'devolver_diario', 'assinar_diario']) as f (funcao)
        ),
        'linhas', (
            select coalesce(jsonb_agg(interno.linha_do_turno(l, j.janela) order by l.etapa desc, l.linha_id), '[]')
            from public.linhas as l
            where l.setor = p_setor and (
                l.ativa or exists (select from interno.ops_do_turno(l.linha_id, j.janela))
            )
        )
    )
    from (
        select coalesce(p_data, c.data) as data, case when p_data is null then c.turno else p_turno end as turno
        from interno.turno_a_conferir(p_setor) as c
    ) as t
    cross join lateral (select interno.exigir_janela(t.data, t.turno) as janela offset 0) as j
$function$;

CREATE STATISTICS public.contagens_minuto_fora_de_ordem_estatistica ON (sem_ordem_producao + sem_ordem_rejeicao) FROM public.contagens_minuto;
CREATE INDEX contagens_minuto_fora_de_ordem ON public.contagens_minuto USING btree (linha_id, minuto) WHERE ((sem_ordem_producao + sem_ordem_rejeicao) > 0);
