-- After the sources of a line changed: every count to the place its source's role now gives it (048_owner_changes.sql).

-- A quarantine item of a source: what was taken out of a line's totals, or what is left of such an item. What a person
-- had discarded of that stays discarded.
create function interno.guardar_retiradas(
    p_linha_id text, p_fonte text, p_minutos interno.minuto_contado[], p_intervalos bigint[], p_motivo text,
    p_anterior public.quarentena
)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_q public.quarentena;
begin
    insert into public.quarentena
        (motivo, detalhe, linha_id, fonte, producao, rejeicao, de, ate, anterior_id, resolvida_em, decisao, decisao_motivo,
         resolvida_por)
    select 'NAO_DONO',
        format('A fonte %s contou a linha %s enquanto ela era de outra: %s', p_fonte, p_linha_id, p_motivo),
        p_linha_id, p_fonte, sum(t.producao), sum(t.rejeicao), min(t.de), max(t.ate), p_anterior.id,
        case when p_anterior.decisao is not null then clock_timestamp() end, p_anterior.decisao, p_anterior.decisao_motivo,
        p_anterior.resolvida_por
    from (
        select interno.soma_vetor(m.producao) as producao, interno.soma_vetor(m.rejeicao) as rejeicao, s.de, s.ate
        from (
            select x.*, x.minuto in (min(x.minuto) over (), max(x.minuto) over ()) as na_ponta from unnest(p_minutos) as x
        ) as m
        left join lateral (
            select m.minuto + (min(u.i) - 1) * interval '1 second' as de, m.minuto + (max(u.i) - 1) * interval '1 second' as ate
            from unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
            where m.na_ponta and (u.producao > 0 or u.rejeicao > 0)
        ) as s on true
        union all
        select i.producao, i.rejeicao, date_trunc('second', i.desde), date_trunc('second', i.ate)
        from public.contagens_intervalo as i where i.id = any(p_intervalos)
    ) as t
    having count(*) > 0
    returning * into v_q;
    if v_q.id is null then
        return null;
    end if;
    insert into public.contagens_retiradas (quarentena_id, minuto, producao, rejeicao)
    select v_q.id, m.minuto, m.producao, m.rejeicao from unnest(p_minutos) as m;
    perform interno.mover_intervalos(p_fonte, p_intervalos, 'nenhum', v_q.id);
    if v_q.decisao is not null then
        perform interno.anotar_trilha(
            'SISTEMA', 'definir_fonte', format('quarentena:%s', v_q.id), null,
            jsonb_build_object(
                'decisao', v_q.decisao, 'motivo', v_q.motivo, 'linha_id', v_q.linha_id, 'producao', v_q.producao,
                'rejeicao', v_q.rejeicao, 'anterior_id', v_q.anterior_id
            ), v_q.decisao_motivo
        );
    end if;
    return v_q.id;
end $$;
comment on function interno.guardar_retiradas(
    text, text, interno.minuto_contado[], bigint[], text, public.quarentena
) is
'Guarda em um item de quarentena da fonte o que saiu dos totais; devolve o item, nulo se não há nada. p_anterior: item de que é o resto.';

-- What a person decided about an increment goes with it, and holds again when it counts again.
create function interno.mover_intervalos(p_fonte text, p_ids bigint[], p_papel text, p_item bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_antes jsonb;
    v_mudanca record;
begin
    select jsonb_agg(to_jsonb(i)) into v_antes from public.contagens_intervalo as i where i.id = any(p_ids);
    if v_antes is null then
        return;
    end if;
    update public.contagens_intervalo as i
    set situacao = case p_papel when 'nenhum' then 'RETIRADA' when 'conferencia' then 'CONFERENCIA' else n.situacao end,
        motivo = n.motivo, numero_op = n.numero_op, fator_producao = n.fator_producao, fator_rejeicao = n.fator_rejeicao,
        retirada_id = case p_papel when 'nenhum' then p_item end,
        justificada = coalesce(i.justificada and n.situacao = 'SEM_ORDEM', false),
        decidida_como = case
            when p_papel = 'contagem' then null
            when i.situacao in ('DECIDIDA', 'DESCARTADA') then jsonb_build_object(
                'situacao', i.situacao, 'motivo', i.motivo, 'numero_op', i.numero_op,
                'fator_producao', i.fator_producao, 'fator_rejeicao', i.fator_rejeicao
            )
            else i.decidida_como
        end
    from public.contagens_intervalo as a
    left join lateral (
        select t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao
        from interno.situar_intervalo(a.linha_id, a.desde, a.ate, 'implausivel' = any(a.flags)) as t
        where p_papel = 'contagem' and a.decidida_como is null
        union all
        select d.situacao, d.motivo, d.numero_op, d.fator_producao, d.fator_rejeicao
        from jsonb_to_record(a.decidida_como) as d (
            situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer
        )
        where p_papel = 'contagem' and a.decidida_como is not null
    ) as n on true
    where a.id = any(p_ids) and i.id = a.id;
    -- What people gave to an order is no part of the periods' attribution.
    for v_mudanca in
        select t.linha_id, t.numero_op, sum(t.sinal * t.producao)::bigint as producao,
            sum(t.sinal * t.rejeicao)::bigint as rejeicao,
            sum(t.sinal * t.producao * t.fator_producao)::bigint as unidades,
            sum(t.sinal * t.rejeicao * t.fator_rejeicao)::bigint as rejeitadas
        from (
            select -1 as sinal, a.* from jsonb_populate_recordset(null::public.contagens_intervalo, v_antes) as a
            union all
            select 1, i.* from public.contagens_intervalo as i where i.id = any(p_ids)
        ) as t
        where t.situacao = 'DECIDIDA'
        group by t.linha_id, t.numero_op
    loop
        perform interno.somar_ordem(
            v_mudanca.numero_op, v_mudanca.linha_id, v_mudanca.producao, v_mudanca.rejeicao, v_mudanca.unidades,
            v_mudanca.rejeitadas
        );
    end loop;
    insert into public.contagens_conferencia as c (linha_id, fonte, minuto, producao, rejeicao)
    select t.linha_id, p_fonte, date_trunc('minute', t.ate), sum(t.sinal * t.producao), sum(t.sinal * t.rejeicao)
    from (
        select -1 as sinal, a.* from jsonb_populate_recordset(null::public.contagens_intervalo, v_antes) as a
        union all
        select 1, i.* from public.contagens_intervalo as i where i.id = any(p_ids)
    ) as t
    where t.situacao = 'CONFERENCIA'
    group by t.linha_id, date_trunc('minute', t.ate)
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao;
end $$;
comment on function interno.mover_intervalos(text, bigint[], text, bigint) is
'Leva incrementos que atravessam segundos ao lugar do papel: contagem, conferencia ou nenhum (no item de quarentena).';

-- What quarantine items of the source hold of the stretches goes where it counts, or is shown; the rest is a new item.
create function interno.devolver_retiradas(
    p_linha_id text, p_fonte text, p_contagem tstzmultirange, p_conferencia tstzmultirange, p_itens bigint[],
    p_motivo text
)
returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
    v_ficam constant tstzmultirange := '{(,)}'::tstzmultirange - p_contagem - p_conferencia;
    v_todas constant tstzmultirange := p_contagem + p_conferencia;
    v_destino record;
    v_minutos interno.minuto_contado[];
    v_item public.quarentena;
    v_itens bigint[] := '{}';
begin
    for v_item in
        select q.* from public.quarentena as q
        where q.linha_id = p_linha_id and q.fonte = p_fonte and (q.decisao is null or q.decisao = 'DESCARTADO')
          and (q.id = any(p_itens) or tstzrange(q.de, q.ate, '[]') && v_todas and exists (
              select from public.contagens_retiradas as r
              where r.quarentena_id = q.id and (
                  interno.recortar(r.producao, r.minuto, v_todas) is not null
                  or interno.recortar(r.rejeicao, r.minuto, v_todas) is not null
              )
          ))
        order by q.id
        for update
    loop
        for v_destino in
            select * from (
                values ('contagem', p_contagem), ('conferencia', p_conferencia), ('nenhum', v_ficam)
            ) as t (papel, faixas)
        loop
            select array_agg((r.minuto, r.producao, r.rejeicao)::interno.minuto_contado) into v_minutos
            from (
                select x.minuto, interno.recortar(x.producao, x.minuto, v_destino.faixas) as producao,
                    interno.recortar(x.rejeicao, x.minuto, v_destino.faixas) as rejeicao
                from public.contagens_retiradas as x where x.quarentena_id = v_item.id
            ) as r
            where r.producao is not null or r.rejeicao is not null;
            if v_destino.papel <> 'nenhum' then
                perform interno.por_segundos(p_linha_id, p_fonte, v_destino.papel, v_minutos);
            end if;
        end loop;
        perform interno.guardar_retiradas(
            p_linha_id, p_fonte, v_minutos,
            array(select i.id from public.contagens_intervalo as i where i.retirada_id = v_item.id), p_motivo, v_item
        );
        update public.quarentena
        set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = p_motivo,
            resolvida_por = interno.usuario_atual()
        where id = v_item.id;
        v_itens := v_itens || v_item.id;
    end loop;
    return v_itens;
end $$;
comment on function interno.devolver_retiradas(text, text, tstzmultirange, tstzmultirange, bigint[], text) is
'Devolve aos totais ou à conferência o que itens de quarentena da fonte guardam das faixas; devolve os itens. p_itens: também estes.';

-- All that leaves the totals leaves before anything enters them: of a stretch they hold one source's counts.
create function interno.perder_papel(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb, p_motivo text)
returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
    v_vaos bigint[] := array(
        select t.id from interno.intervalos_a_mover(p_linha_id, p_fonte, p_antes, p_depois) as t where t.papel = 'nenhum'
    );
    v_troca record;
    v_minutos interno.minuto_contado[];
    v_id bigint;
    v_itens bigint[] := '{}';
begin
    for v_troca in
        select t.* from interno.trocas_de_papel(p_antes, p_depois) as t
        where t.fonte = p_fonte and (t.de_papel = 'contagem' or t.para_papel = 'nenhum')
        order by t.de_papel, t.para_papel
    loop
        v_minutos := interno.tirar_segundos(p_linha_id, p_fonte, v_troca.de_papel, v_troca.faixas);
        if v_troca.para_papel = 'conferencia' then
            perform interno.por_segundos(p_linha_id, p_fonte, 'conferencia', v_minutos);
        else
            v_id := interno.guardar_retiradas(p_linha_id, p_fonte, v_minutos, v_vaos, p_motivo, null);
            v_itens := v_itens || v_id;
            v_vaos := case when v_id is null then v_vaos end;
        end if;
    end loop;
    v_itens := v_itens || interno.guardar_retiradas(p_linha_id, p_fonte, null, v_vaos, p_motivo, null);
    return array_remove(v_itens, null);
end $$;
comment on function interno.perder_papel(text, text, jsonb, jsonb, text) is
'Tira dos totais, ou da conferência, o que é de uma fonte que lá não está mais; devolve os itens de quarentena feitos.';

create function interno.ganhar_papel(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb, p_motivo text)
returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
    v_vaos record;
    v_mostrado tstzmultirange;
    v_conta tstzmultirange;
    v_mostra tstzmultirange;
    v_itens bigint[];
begin
    select range_agg(t.faixas) filter (where t.de_papel = 'conferencia' and t.para_papel = 'contagem'),
        coalesce(range_agg(t.faixas) filter (where t.de_papel = 'nenhum' and t.para_papel = 'contagem'), '{}'),
        coalesce(range_agg(t.faixas) filter (where t.de_papel = 'nenhum' and t.para_papel = 'conferencia'), '{}')
    into v_mostrado, v_conta, v_mostra
    from interno.trocas_de_papel(p_antes, p_depois) as t where t.fonte = p_fonte;
    if v_mostrado is not null then
        perform interno.por_segundos(
            p_linha_id, p_fonte, 'contagem', interno.tirar_segundos(p_linha_id, p_fonte, 'conferencia', v_mostrado)
        );
    end if;
    select array_agg(t.id) filter (where t.papel = 'conferencia') as conferencia,
        array_agg(t.id) filter (where t.papel = 'contagem') as contagem,
        coalesce(array_agg(t.retirada_id) filter (where t.retirada_id is not null), '{}') as itens
    into v_vaos
    from interno.intervalos_a_mover(p_linha_id, p_fonte, p_antes, p_depois) as t;
    perform interno.mover_intervalos(p_fonte, v_vaos.conferencia, 'conferencia', null);
    perform interno.mover_intervalos(p_fonte, v_vaos.contagem, 'contagem', null);
    v_itens := interno.devolver_retiradas(p_linha_id, p_fonte, v_conta, v_mostra, v_vaos.itens, p_motivo);
    delete from public.contagens_conferencia
    where linha_id = p_linha_id and fonte = p_fonte and producao = 0 and rejeicao = 0;
    return v_itens;
end $$;
comment on function interno.ganhar_papel(text, text, jsonb, jsonb, text) is
'Põe nos totais, ou na conferência, o que uma fonte contou e agora é de lá; devolve os itens de quarentena desfeitos.';

create function interno.intervalos_a_mover(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb)
returns table (id bigint, retirada_id bigint, papel text)
language sql
stable
set search_path = ''
as $$
    select i.id, i.retirada_id, p.depois
    from (
        select min(lower(t.faixas)) as de, max(coalesce(upper(t.faixas), 'infinity')) as ate
        from interno.trocas_de_papel(p_antes, p_depois) as t where t.fonte = p_fonte
    ) as f
    inner join public.contagens_intervalo as i
        on i.linha_id = p_linha_id and i.ate >= f.de and i.desde < f.ate + interval '1 second'
    inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id and coalesce(a.gateway, 'avulso') = p_fonte
    cross join lateral (
        select date_trunc('second', i.desde) as de, date_trunc('second', i.ate) as ate
    ) as s
    cross join lateral (
        select interno.papel_da_fonte(p_antes, p_fonte, s.de, s.ate) as antes,
            interno.papel_da_fonte(p_depois, p_fonte, s.de, s.ate) as depois
    ) as p
    where p.antes <> p.depois and i.situacao <> 'CORRIGIDA'
      and p.antes = case i.situacao when 'CONFERENCIA' then 'conferencia' when 'RETIRADA' then 'nenhum' else 'contagem' end
$$;
comment on function interno.intervalos_a_mover(text, text, jsonb, jsonb) is
'Incrementos da fonte que atravessam segundos e cujo papel mudou, e para qual.';

-- What came of the source while it had no role, or before the line was registered, is in its files. Ownership was all
-- that a person could discard it for, where nothing else speaks against it: that ground is gone.
create function interno.pedir_releitura(p_linha_id text, p_antes jsonb, p_depois jsonb, p_motivo text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_pedidas bigint;
begin
    update public.quarentena as q
    set resolvida_em = null, decisao = null, decisao_motivo = null, resolvida_por = null,
        reprocessar_em = clock_timestamp(), reprocessar_por = interno.usuario_atual(), reprocessar_motivo = p_motivo
    from public.arquivos_ingeridos as a
    where q.linha_id = p_linha_id and a.id = q.arquivo_id and a.situacao = 'APLICADO'
      and q.motivo in ('NAO_DONO', 'LINHA_DESCONHECIDA')
      and (q.decisao is null or q.decisao = 'DESCARTADO' and q.outros_motivos = '{}')
      and exists (
          select from interno.trocas_de_papel(p_antes, p_depois) as t
          cross join lateral unnest(
              interno.faixas_do_papel(p_depois, t.fonte, 'contagem') + interno.faixas_do_papel(p_depois, t.fonte, 'conferencia')
          ) as tem (faixa)
          where t.fonte = coalesce(a.gateway, 'avulso') and t.de_papel = 'nenhum'
            and tem.faixa && t.faixas and tem.faixa && tstzrange(q.de, q.ate, '[]')
      );
    get diagnostics v_pedidas = row_count;
    return v_pedidas;
end $$;
comment on function interno.pedir_releitura(text, jsonb, jsonb, text) is
'Pede que se leia de novo o que da linha está em quarentena e agora tem dono; devolve quantos itens.';

-- What one call moves stays within the time a call may take.
create function interno.exigir_dez_dias(p_linha_id text, p_antes jsonb, p_depois jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_minutos bigint;
begin
    select count(*) into v_minutos
    from interno.trocas_de_papel(p_antes, p_depois) as t
    cross join lateral (
        select c.minuto from public.contagens_minuto as c where c.linha_id = p_linha_id and t.de_papel = 'contagem'
        union all
        select c.minuto from public.contagens_conferencia as c
        where c.linha_id = p_linha_id and c.fonte = t.fonte and t.de_papel = 'conferencia'
        union all
        select r.minuto from public.quarentena as q inner join public.contagens_retiradas as r on r.quarentena_id = q.id
        where q.linha_id = p_linha_id and q.fonte = t.fonte and t.de_papel = 'nenhum' and coalesce(q.decisao, '') <> 'REPROCESSADO'
    ) as m
    where m.minuto > lower(t.faixas) - interval '1 minute' and m.minuto < coalesce(upper(t.faixas), 'infinity');
    if v_minutos > 15000 then
        perform interno.recusar(
            '422', 'JANELA_GRANDE',
            format('A mudança atinge %s minutos contados da linha %s; são no máximo 15.000 (dez dias) de cada vez.', v_minutos, p_linha_id),
            'Faça-a por partes, dez dias de cada vez.'
        );
    end if;
end $$;
comment on function interno.exigir_dez_dias(text, jsonb, jsonb) is
'PT422 JANELA_GRANDE se a troca de papéis leva de um lugar a outro mais de 15.000 minutos contados.';

-- p_antes: interno.faixas_das_fontes of the line before the change.
create function interno.rejulgar_fontes(p_linha_id text, p_antes jsonb, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_depois constant jsonb := interno.faixas_das_fontes(p_linha_id);
    v_de timestamptz;
    v_ate timestamptz;
    v_atribuido jsonb;
    v_fonte text;
    v_fontes constant text[] := array(
        select distinct t.fonte from interno.trocas_de_papel(p_antes, v_depois) as t order by t.fonte
    );
    v_retiradas bigint[] := '{}';
    v_devolvidas bigint[] := '{}';
begin
    select min(lower(t.faixas)), max(coalesce(upper(t.faixas), 'infinity')) into v_de, v_ate
    from interno.trocas_de_papel(p_antes, v_depois) as t where 'contagem' in (t.de_papel, t.para_papel);
    perform interno.exigir_dez_dias(p_linha_id, p_antes, v_depois);
    if v_de is not null then
        v_atribuido := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    end if;
    foreach v_fonte in array v_fontes loop
        v_retiradas := v_retiradas || interno.perder_papel(p_linha_id, v_fonte, p_antes, v_depois, p_motivo);
    end loop;
    foreach v_fonte in array v_fontes loop
        v_devolvidas := v_devolvidas || interno.ganhar_papel(p_linha_id, v_fonte, p_antes, v_depois, p_motivo);
    end loop;
    if v_de is not null then
        perform interno.reatribuir(p_linha_id, v_de, v_ate, v_atribuido);
    end if;
    return jsonb_build_object(
        'retiradas', to_jsonb(v_retiradas), 'devolvidas', to_jsonb(v_devolvidas),
        'a_reler', interno.pedir_releitura(p_linha_id, p_antes, v_depois, p_motivo)
    );
end $$;
comment on function interno.rejulgar_fontes(text, jsonb, text) is
'Depois de mudarem as fontes de uma linha, leva o que cada uma contou ao lugar do seu papel. Exige a linha travada.';
