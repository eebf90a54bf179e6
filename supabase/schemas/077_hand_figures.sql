-- The plant's own figures of a parallel run, and how they differ from ours.

create table public.conferencia_manual (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null,
    janela tstzrange not null,
    produzidas integer not null check (produzidas >= 0),
    refugadas integer not null check (refugadas >= 0),
    motivo text,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (refugadas <= produzidas)
);
comment on table public.conferencia_manual is
'O que a fábrica contou à mão, por OP, linha e turno, para comparar; nunca entra em total algum. Vale o registro mais novo. Somente acréscimo. Fonte: registrar_conferencia.';
comment on column public.conferencia_manual.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.conferencia_manual.turno is 'Turno (D1, D2, N1, N2). Fonte: pessoa.';
comment on column public.conferencia_manual.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.conferencia_manual.produzidas is 'Unidades, boas e refugadas. Fonte: pessoa.';
comment on column public.conferencia_manual.refugadas is 'Das produzidas, as refugadas, em unidades. Fonte: pessoa.';
comment on column public.conferencia_manual.motivo is 'Por que corrige o registro anterior; nulo no primeiro. Fonte: pessoa.';
comment on column public.conferencia_manual.usuario_id is 'Quem digitou. Fonte: Supabase Auth.';
alter table public.conferencia_manual enable row level security;
revoke all on public.conferencia_manual from public, anon, authenticated, service_role;
revoke all on sequence public.conferencia_manual_id_seq from public, anon, authenticated, service_role;
grant select on public.conferencia_manual to authenticated, service_role;
create policy leitura on public.conferencia_manual for select to authenticated using (true);
create index conferencia_manual_op on public.conferencia_manual (numero_op);
create index conferencia_manual_linha on public.conferencia_manual (linha_id, janela, numero_op, id);
create trigger somente_acrescimo before update or delete or truncate on public.conferencia_manual
for each statement execute function interno.impedir_alteracao();

-- Whether the order was ever open on the line is not asked: an order that only the paper has is what is looked for.
create function public.registrar_conferencia(
    p_numero_op text, p_linha_id text, p_data date, p_turno text, p_produzidas integer, p_refugadas integer default 0,
    p_motivo text default null, p_chave text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_conferencia', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_pedido constant jsonb := jsonb_build_object(
        'numero_op', v_op, 'linha_id', p_linha_id, 'data', p_data, 'turno', p_turno, 'produzidas', p_produzidas,
        'refugadas', p_refugadas, 'motivo', v_motivo
    );
    v_resposta constant jsonb := interno.resposta_dada('registrar_conferencia', p_chave, v_pedido);
    v_antes public.conferencia_manual;
    v_nova public.conferencia_manual;
begin
    if v_resposta is not null then
        return v_resposta;
    end if;
    if p_produzidas is null or p_produzidas not between 0 and 10000000
        or p_refugadas is null or p_refugadas not between 0 and p_produzidas then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'As produzidas e as refugadas são inteiros de 0 a 10.000.000, e as refugadas fazem parte das produzidas.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (select from public.lotes_producao where numero_op = v_op) then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(v_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    select * into v_antes
    from public.conferencia_manual
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela
    order by id desc
    limit 1;
    if (v_antes.produzidas, v_antes.refugadas, v_antes.turno) = (p_produzidas, p_refugadas, p_turno) then
        return interno.responder_pedido('registrar_conferencia', p_chave, v_pedido, to_jsonb(v_antes));
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.conferencia_manual (
        numero_op, linha_id, data, turno, janela, produzidas, refugadas, motivo, usuario_id
    )
    values (
        v_op, v_linha.linha_id, p_data, p_turno, v_janela, p_produzidas, p_refugadas, v_motivo, interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_conferencia', format('conferencia_manual:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return interno.responder_pedido('registrar_conferencia', p_chave, v_pedido, to_jsonb(v_nova));
end $$;
comment on function public.registrar_conferencia(text, text, date, text, integer, integer, text, text) is
'Registra o que a fábrica contou à mão de uma OP num turno da linha, em unidades, só para comparar; corrigir o anterior exige motivo. Devolve o registro; com a mesma p_chave, o mesmo.';
revoke all on function public.registrar_conferencia(text, text, date, text, integer, integer, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_conferencia(text, text, date, text, integer, integer, text, text)
to authenticated, service_role;

-- Ours is what the closing would freeze of that shift. A line is compared in the shifts that lie in its parallel run,
-- not all of them reported, and wherever somebody typed a figure.
create function public.diferencas_conferencia(p_data_de date, p_data_ate date, p_linha_id text default null)
returns table (
    linha_id text, data date, turnos text[], janela tstzrange, numero_op text, numero_lote text, produto_codigo text,
    produzidas bigint, digitadas bigint, diferenca bigint, percentual numeric, refugo bigint, refugo_digitado bigint,
    diferenca_refugo bigint, percentual_refugo numeric, digitado_por uuid, digitado_em timestamptz
)
language sql
stable
security definer
set search_path = ''
as $$
    with turnos as (
        select l.linha_id, w.data, w.turnos, w.janela
        from public.linhas as l
        cross join (
            select d.dia::date as data, array_agg(t.turno order by t.turno) as turnos, j.janela
            from generate_series(p_data_de::timestamp, p_data_ate::timestamp, interval '1 day') as d (dia)
            cross join public.turnos_vigentes as t
            cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as j
            group by d.dia, j.janela
        ) as w
        where (p_linha_id is null or l.linha_id = p_linha_id)
          and public.conferir_janela(
              p_data_de::timestamp at time zone 'UTC', p_data_ate::timestamp at time zone 'UTC',
              case when p_linha_id is null then interval '31 days' else interval '366 days' end
          )
    ), digitadas as (
        select distinct on (m.linha_id, m.janela, m.numero_op) m.*
        from public.conferencia_manual as m
        where m.data between p_data_de and p_data_ate and (p_linha_id is null or m.linha_id = p_linha_id)
        order by m.linha_id, m.janela, m.numero_op, m.id desc
    ), linhas as (
        select t.*, o.numero_op
        from turnos as t
        cross join lateral (
            select k.op as numero_op
            from interno.ops_do_turno(t.linha_id, t.janela) as k (op)
            where exists (select from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela))
              or not exists (
                  select from public.apontamentos_linha as a
                  where a.linha_id = t.linha_id and tstzrange(a.de, a.ate) @> t.janela
              )
            union
            select m.numero_op from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela)
        ) as o
        limit 1001
    )

    select r.linha_id, r.data, r.turnos, r.janela, r.numero_op, r.numero_lote, r.produto_codigo, r.produzidas, r.digitadas,
        coalesce(r.produzidas, 0) - coalesce(r.digitadas, 0),
        round(100.0 * (coalesce(r.produzidas, 0) - r.digitadas) / nullif(r.digitadas, 0), 2),
        r.refugo, r.refugadas, coalesce(r.refugo, 0) - coalesce(r.refugadas, 0),
        round(100.0 * (coalesce(r.refugo, 0) - r.refugadas) / nullif(r.refugadas, 0), 2), r.usuario_id, r.registrada_em
    from (
        select x.*, l.numero_lote, l.produto_codigo, n.produzidas, n.refugo, m.produzidas as digitadas, m.refugadas, m.usuario_id,
            m.registrada_em
        from (select i.*, count(*) over () as respostas from linhas as i) as x
        inner join public.lotes_producao as l on l.numero_op = x.numero_op
        left join lateral (
            select f.producao as produzidas, interno.soma_json(f.refugo) as refugo
            from interno.produzido(x.numero_op, x.linha_id, x.janela) as f
            where x.numero_op in (select interno.ops_do_turno(x.linha_id, x.janela))
        ) as n on true
        left join digitadas as m on (m.linha_id, m.janela, m.numero_op) = (x.linha_id, x.janela, x.numero_op)
        where public.conferir_pagina(x.respostas)
    ) as r
    order by r.data, r.linha_id, r.janela, r.numero_op
$$;
comment on function public.diferencas_conferencia(date, date, text) is
'Conferência por linha, turno e OP nos dias dados: unidades nossas (como o fechamento as congela), as digitadas, a diferença (nossas menos digitadas) e o percentual das digitadas. Nulo o lado que falta.';
revoke all on function public.diferencas_conferencia(date, date, text) from public, anon, authenticated, service_role;
grant execute on function public.diferencas_conferencia(date, date, text) to authenticated, service_role;
