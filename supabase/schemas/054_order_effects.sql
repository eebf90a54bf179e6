-- The effect of an act on an order before it is done, from the plan that the act itself carries out (050_orders.sql).
-- Nothing is written, nor written and taken back.

-- What the plan moves, of what was counted before p_ate. A second belongs to the period that changes or to no order:
-- the other periods are not in the plan's window. An increment that spans time may also wait for a person.
create function interno.movimentos(p_plano interno.plano_ordem, p_ate timestamptz)
returns table (
    de_situacao text, de_op text, para_situacao text, para_op text, intervalos bigint, producao_maquina bigint,
    rejeicao_maquina bigint, producao_de bigint, rejeicao_de bigint, producao_para bigint, rejeicao_para bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_alvo constant public.periodos_ordem := p_plano.alvo;
    v_novo constant public.periodos_ordem := p_plano.novo;
    v_era constant tstzmultirange := coalesce(tstzmultirange(v_alvo.intervalo), '{}');
    v_sera constant tstzmultirange := tstzmultirange(v_novo.intervalo);
    v_outro_fator constant boolean
        := (v_alvo.fator_producao, v_alvo.fator_rejeicao) <> (v_novo.fator_producao, v_novo.fator_rejeicao);
begin
    return query
    with segundos as (
        select f.sai, f.entra, sum(s.producao) as producao, sum(s.rejeicao) as rejeicao
        from (
            values (true, false, v_era - v_sera), (false, true, v_sera - v_era),
                (true, true, case when v_outro_fator then v_era * v_sera end)
        ) as f (sai, entra, faixas)
        cross join lateral unnest(f.faixas * tstzmultirange(tstzrange(null, p_ate))) as u (faixa)
        cross join lateral interno.segundos_contados(v_novo.linha_id, lower(u.faixa), coalesce(upper(u.faixa), 'infinity')) as s
        group by f.sai, f.entra
    )
    select t.de_situacao, t.de_op, t.para_situacao, t.para_op, sum(t.intervalos)::bigint,
        sum(t.producao)::bigint, sum(t.rejeicao)::bigint,
        sum(t.producao * t.de_fator_producao)::bigint, sum(t.rejeicao * t.de_fator_rejeicao)::bigint,
        sum(t.producao * t.para_fator_producao)::bigint, sum(t.rejeicao * t.para_fator_rejeicao)::bigint
    from (
        select case when s.sai then 'ATRIBUIDA' else 'SEM_ORDEM' end, case when s.sai then v_alvo.numero_op end,
            case when s.entra then 'ATRIBUIDA' else 'SEM_ORDEM' end, case when s.entra then v_novo.numero_op end,
            0, s.producao, s.rejeicao,
            case when s.sai then v_alvo.fator_producao end, case when s.sai then v_alvo.fator_rejeicao end,
            case when s.entra then v_novo.fator_producao end, case when s.entra then v_novo.fator_rejeicao end
        from segundos as s
        where s.producao > 0 or s.rejeicao > 0
        union all
        select i.situacao, i.numero_op, n.situacao, n.numero_op, 1, i.producao, i.rejeicao,
            i.fator_producao, i.fator_rejeicao, n.fator_producao, n.fator_rejeicao
        from interno.intervalos_a_situar(v_novo.linha_id, p_plano.de, p_plano.ate, v_novo) as n
        inner join public.contagens_intervalo as i on i.id = n.id
        where i.ate < p_ate
    ) as t (
        de_situacao, de_op, para_situacao, para_op, intervalos, producao, rejeicao,
        de_fator_producao, de_fator_rejeicao, para_fator_producao, para_fator_rejeicao
    )
    where v_novo is distinct from v_alvo
    group by t.de_situacao, t.de_op, t.para_situacao, t.para_op
    order by t.de_situacao, t.de_op, t.para_situacao, t.para_op;
end $$;
comment on function interno.movimentos(interno.plano_ordem, timestamptz) is
'O que o plano moveria do que foi contado até p_ate (exclusive): de e para que OP (nula: sem OP, ou à espera de decisão), quantos incrementos de mais de um segundo, em contagens da máquina e em unidades de cada lado.';

create function interno.movimentos_json(p_plano interno.plano_ordem, p_ate timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(m)), '[]') from interno.movimentos(p_plano, p_ate) as m
$$;
comment on function interno.movimentos_json(interno.plano_ordem, timestamptz) is 'interno.movimentos como JSON.';

-- What a person who confirms has seen: the act, the order, the periods beside its instant, what it moves. On a running
-- line the last counts are still arriving (a batch every 5 s, committed within 10): the sums compared end before them,
-- and how far they went is part of the text. p_agora: the instant is that of the act, whenever it is done.
create function interno.visto(p_plano interno.plano_ordem, p_agora boolean, p_corte timestamptz)
returns text
language sql
stable
set search_path = ''
set timezone = 'UTC'
as $$
    select extract(epoch from p_corte)::bigint || '.' || md5(jsonb_build_array(
        p_plano.ato, (p_plano.novo).linha_id, (p_plano.novo).numero_op, (p_plano.novo).fator_producao,
        (p_plano.novo).fator_rejeicao, case when not p_agora then p_plano.instante end,
        -- Its last change is one of an opening annulled since, too: the page that opened it opens it no second time.
        (select to_jsonb(l) from public.lotes_producao as l where l.numero_op = (p_plano.novo).numero_op),
        (
            select to_jsonb(p) from public.periodos_ordem as p
            where p.linha_id = (p_plano.novo).linha_id and lower(p.intervalo) <= p_plano.instante
            order by lower(p.intervalo) desc
            limit 1
        ),
        (
            select to_jsonb(p) from public.periodos_ordem as p
            where p.linha_id = (p_plano.novo).linha_id and lower(p.intervalo) > p_plano.instante
            order by lower(p.intervalo)
            limit 1
        ),
        interno.movimentos_json(p_plano, p_corte)
    )::text)
$$;
comment on function interno.visto(interno.plano_ordem, boolean, timestamptz) is
'Resumo do que se mostra de um plano, com as contagens até p_corte: instante do corte e md5.';

create function interno.conferir_visto(p_plano interno.plano_ordem, p_agora boolean, p_visto text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if p_visto is null or p_plano.novo is not distinct from p_plano.alvo then
        return;
    end if;
    if p_visto !~ '^[0-9]{1,11}[.][0-9a-f]{32}$'
        or p_visto <> interno.visto(p_plano, p_agora, to_timestamp(split_part(p_visto, '.', 1)::bigint)) then
        perform interno.recusar(
            '409', 'EFEITO_MUDOU',
            'O efeito mudou desde que foi mostrado: chegaram contagens da linha, ou alguém mexeu nas ordens dela.',
            'Confira o efeito de agora e confirme.'
        );
    end if;
end $$;
comment on function interno.conferir_visto(interno.plano_ordem, boolean, text) is
'PT409 EFEITO_MUDOU se o plano muda algo e não é mais o que p_visto diz; nulo = não conferir.';

create function interno.efeito(p_ato text, p_numero_op text, p_linha_id text, p_instante timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_op text;
    v_plano interno.plano_ordem;
    v_recusa jsonb;
    v_estado text;
    v_codigo text;
    v_detalhe text;
    v_acao text;
begin
    begin
        v_op := public.normalizar_op(p_numero_op);
        if p_ato = 'abrir_ordem' then
            v_plano := interno.planejar_abertura(v_op, p_linha_id, p_instante);
        else
            v_plano := interno.planejar_encerramento(v_op, p_linha_id, p_instante);
        end if;
    exception when others then
        get stacked diagnostics v_estado = returned_sqlstate, v_codigo = message_text,
            v_detalhe = pg_exception_detail, v_acao = pg_exception_hint;
        if v_estado not like 'PT4%' then
            raise;
        end if;
        v_recusa := interno.motivo_json(v_codigo, v_detalhe, v_acao);
    end;
    return jsonb_build_object(
        'ato', p_ato, 'numero_op', v_op, 'linha_id', p_linha_id, 'recusa', v_recusa,
        'linha', (select jsonb_build_object('nome', l.nome, 'setor', l.setor) from public.linhas as l where l.linha_id = p_linha_id),
        'lote', (
            select jsonb_build_object('numero_lote', l.numero_lote, 'produto_codigo', l.produto_codigo, 'produto', d.descricao)
            from public.lotes_producao as l inner join public.produtos as d on d.produto_codigo = l.produto_codigo
            where l.numero_op = v_op
        ),
        'avisos', case when p_ato = 'abrir_ordem' and v_op is not null
            then interno.avisos_abertura(v_op, p_linha_id) else '[]' end
    ) || case when v_recusa is null then jsonb_build_object(
        'instante', v_plano.instante, 'nada_muda', v_plano.novo is not distinct from v_plano.alvo,
        'exige_motivo', v_plano.exige_motivo,
        'antes', case when (v_plano.alvo).id is not null then interno.periodo_json(v_plano.alvo) end,
        'depois', case when not isempty((v_plano.novo).intervalo) then interno.periodo_json(v_plano.novo) end,
        'movimentos', interno.movimentos_json(v_plano, 'infinity'),
        'visto', interno.visto(
            v_plano, p_instante is null, date_trunc('second', clock_timestamp()) - interval '1 minute'
        )
    ) else '{}' end;
end $$;
comment on function interno.efeito(text, text, text, timestamptz) is 'A resposta de efeito_abertura e de efeito_encerramento.';

create function public.efeito_abertura(p_numero_op text, p_linha_id text, p_aberta_em timestamptz default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform interno.papel_nas_linhas('efeito_abertura', p_linha_id);
    return interno.efeito('abrir_ordem', p_numero_op, p_linha_id, p_aberta_em);
end $$;
comment on function public.efeito_abertura(text, text, timestamptz) is
'O que abrir_ordem faria agora, sem fazer nada: recusa (codigo, detalhe, acao), ou os períodos antes e depois, o que passa de que OP para qual em contagens da máquina e unidades, se exige motivo, e visto, que abrir_ordem recebe em p_visto.';
revoke all on function public.efeito_abertura(text, text, timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.efeito_abertura(text, text, timestamptz) to authenticated, service_role;

create function public.efeito_encerramento(p_numero_op text, p_linha_id text, p_encerrada_em timestamptz default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform interno.papel_nas_linhas('efeito_encerramento', p_linha_id);
    return interno.efeito('encerrar_ordem', p_numero_op, p_linha_id, p_encerrada_em);
end $$;
comment on function public.efeito_encerramento(text, text, timestamptz) is
'O que encerrar_ordem faria agora, sem fazer nada; depois nulo = o período seria anulado. O mais como efeito_abertura.';
revoke all on function public.efeito_encerramento(text, text, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function public.efeito_encerramento(text, text, timestamptz) to authenticated, service_role;
