-- A gateway whose clock cannot be believed. What it counted stands where its times say, nothing is lost; no order that
-- it touches closes until a person has looked.

-- A batch is in doubt if its gateway says so, or if it was sealed after it arrived. An arrival shows a clock that is
-- ahead; one that is behind, or was ahead while the gateway was offline, only the gateway can know.
create function interno.duvidar_do_relogio(
    p_arquivo_id bigint, p_arquivo jsonb, p_linhas jsonb, p_de timestamptz, p_ate timestamptz, p_chegada timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_adiantado constant interval := (p_arquivo ->> 'selado_em')::timestamptz - p_chegada;
    v_dito constant jsonb := p_arquivo -> 'relogio';
    v_linhas text[];
    v_desvio bigint;
    v_testemunha text;
    v_correcao interval;
    v_duvida_id bigint;
begin
    if v_adiantado > make_interval(secs => interno.parametro('RELOGIO_TOLERANCIA_SEGUNDOS')) then
        v_desvio := round(extract(epoch from v_adiantado) * 1000);
        v_testemunha := 'chegada';
    end if;
    if v_dito is not null and abs((v_dito ->> 'desvio_ms')::bigint) >= coalesce(v_desvio, 0) then
        v_desvio := (v_dito ->> 'desvio_ms')::bigint;
        v_testemunha := v_dito ->> 'testemunha';
    end if;
    if v_desvio is null then
        return;
    end if;
    select array_agg(l ->> 'linha_id' order by l ->> 'linha_id') into v_linhas
    from jsonb_array_elements(p_linhas) as l
    where (l ->> 'producao')::bigint > 0 or (l ->> 'rejeicao')::bigint > 0;
    if v_linhas is null then
        return;
    end if;
    v_correcao := v_desvio * interval '1 millisecond';
    insert into public.duvidas_relogio as d (gateway, linhas, desde, ate, desvio_ms, testemunha, lotes)
    values (
        p_arquivo ->> 'gateway', v_linhas, least(p_de, p_de - v_correcao), greatest(p_ate, p_ate - v_correcao),
        v_desvio, v_testemunha, 1
    )
    on conflict (gateway) where decisao is null do update set
        linhas = array(select distinct l from unnest(d.linhas || excluded.linhas) as l order by l),
        desde = least(d.desde, excluded.desde), ate = greatest(d.ate, excluded.ate), lotes = d.lotes + 1,
        desvio_ms = case when abs(excluded.desvio_ms) > abs(d.desvio_ms) then excluded.desvio_ms else d.desvio_ms end,
        testemunha = case when abs(excluded.desvio_ms) > abs(d.desvio_ms) then excluded.testemunha else d.testemunha end,
        ultima_em = clock_timestamp()
    returning d.id into v_duvida_id;
    insert into public.duvidas_relogio_lotes (arquivo_id, duvida_id, desvio_ms)
    values (p_arquivo_id, v_duvida_id, v_desvio);
end $$;
comment on function interno.duvidar_do_relogio(bigint, jsonb, jsonb, timestamptz, timestamptz, timestamptz) is
'Põe um lote aplicado na dúvida de relógio do gateway, se o relógio dele não pode ser acreditado. Exige as linhas travadas.';
