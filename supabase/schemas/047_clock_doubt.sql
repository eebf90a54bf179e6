-- A gateway whose clock cannot be believed. What it counted stands where its times say, nothing is lost; no order that
-- it touches closes until a person has looked.

create table public.duvidas_relogio (
    id bigint generated always as identity primary key,
    gateway text not null references public.gateways,
    linhas text[] not null,
    desde timestamptz not null,
    ate timestamptz not null,
    desvio_ms bigint not null,
    testemunha text not null,
    lotes bigint not null check (lotes > 0),
    criada_em timestamptz not null default clock_timestamp(),
    ultima_em timestamptz not null default clock_timestamp(),
    descricao text not null generated always as (
        'O relógio do gateway ' || gateway || ' esteve ' || (abs(desvio_ms) / 1000)::text || ' s '
        || case when desvio_ms >= 0 then 'adiantado' else 'atrasado' end || ' (testemunha: ' || testemunha
        || '): o que ele contou pode estar na hora errada.'
    ) stored,
    decisao text check (decisao in ('MANTER')),
    decidida_em timestamptz,
    decidida_por uuid,
    decisao_motivo text,
    check (ate >= desde),
    check ((decisao is null) = (decidida_em is null))
);
comment on table public.duvidas_relogio is 'Lotes de um gateway cujo relógio está em dúvida, juntos até uma pessoa decidir. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio.linhas is 'Linhas contadas nesses lotes, em ordem. Fonte: lote.';
comment on column public.duvidas_relogio.desde is 'Primeiro instante (UTC) que as contagens podem tocar: o que dizem, ou o que dizem menos o desvio. Fonte: lote.';
comment on column public.duvidas_relogio.ate is 'Último instante (UTC) que as contagens podem tocar. Fonte: lote.';
comment on column public.duvidas_relogio.desvio_ms is
'Maior desvio medido, em milissegundos: positivo se o relógio do gateway está adiantado. Fonte: gateway, ou selado_em menos a chegada.';
comment on column public.duvidas_relogio.testemunha is 'De onde vem o desvio: chegada, s3, marca ou fontes. Fonte: lote ou registrar_contagens.';
comment on column public.duvidas_relogio.lotes is 'Lotes com contagens que estão nesta dúvida. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio.ultima_em is 'Quando chegou o último deles (UTC). Fonte: banco.';
comment on column public.duvidas_relogio.descricao is 'A dúvida em uma frase, para quem decide. Fonte: banco.';
comment on column public.duvidas_relogio.decisao is 'MANTER os instantes como vieram; nulo enquanto espera. Fonte: decidir_relogio.';
comment on column public.duvidas_relogio.decidida_em is 'Instante da decisão (UTC). Fonte: banco.';
comment on column public.duvidas_relogio.decidida_por is 'Quem decidiu. Fonte: Supabase Auth.';
alter table public.duvidas_relogio enable row level security;
revoke all on public.duvidas_relogio from public, anon, authenticated, service_role;
grant select on public.duvidas_relogio to authenticated, service_role;
create policy leitura on public.duvidas_relogio for select to authenticated using (true);
create unique index duvidas_relogio_aberta on public.duvidas_relogio (gateway) where decisao is null;

create trigger nunca_apagar before delete or truncate on public.duvidas_relogio
for each statement execute function interno.impedir_alteracao();

create table public.duvidas_relogio_lotes (
    arquivo_id bigint primary key references public.arquivos_ingeridos,
    duvida_id bigint not null references public.duvidas_relogio,
    desvio_ms bigint not null
);
comment on table public.duvidas_relogio_lotes is 'Cada lote de uma dúvida de relógio. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio_lotes.desvio_ms is 'Desvio medido no lote, em milissegundos. Fonte: gateway, ou selado_em menos a chegada.';
alter table public.duvidas_relogio_lotes enable row level security;
revoke all on public.duvidas_relogio_lotes from public, anon, authenticated, service_role;
grant select on public.duvidas_relogio_lotes to authenticated, service_role;
create policy leitura on public.duvidas_relogio_lotes for select to authenticated using (true);
create index duvidas_relogio_lotes_duvida on public.duvidas_relogio_lotes (duvida_id);

create trigger somente_acrescimo before update or delete or truncate on public.duvidas_relogio_lotes
for each statement execute function interno.impedir_alteracao();

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

create function public.decidir_relogio(p_id bigint, p_decisao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('decidir_relogio', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_d public.duvidas_relogio;
begin
    perform interno.exigir_decisao(p_decisao, 'MANTER');
    select * into v_d from public.duvidas_relogio where id = p_id for update;
    if v_d.id is null then
        perform interno.recusar_desconhecido('DUVIDA_DESCONHECIDA', format('Não há dúvida de relógio %s.', p_id));
    end if;
    if v_d.decisao is not null then
        perform interno.recusar_decidido(
            format('A dúvida de relógio %s já foi decidida em %s.', p_id, interno.hora_local(v_d.decidida_em))
        );
    end if;
    update public.duvidas_relogio
    set decisao = p_decisao, decidida_em = clock_timestamp(), decidida_por = interno.usuario_atual(),
        decisao_motivo = v_motivo
    where id = p_id
    returning * into v_d;
    perform interno.anotar_trilha(
        v_papel, 'decidir_relogio', format('duvidas_relogio:%s', p_id), null,
        jsonb_build_object(
            'decisao', v_d.decisao, 'gateway', v_d.gateway, 'linhas', v_d.linhas, 'desde', v_d.desde, 'ate', v_d.ate,
            'desvio_ms', v_d.desvio_ms, 'lotes', v_d.lotes
        ), v_motivo
    );
    return jsonb_build_object('id', v_d.id, 'decisao', v_d.decisao, 'decidida_em', v_d.decidida_em);
end $$;
comment on function public.decidir_relogio(bigint, text, text) is
'Decide sobre os lotes de um gateway com o relógio em dúvida: MANTER os instantes como vieram. Devolve id, decisão e instante.';
revoke all on function public.decidir_relogio(bigint, text, text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_relogio(bigint, text, text) to authenticated, service_role;
