-- The state of an order: `status` of lotes_producao. It says what was done here and nothing of what TOTVS says
-- (situacao_totvs), and it is never decided by who changes something: it follows from facts, by one function.
--
--   CONCLUIDO       there is a closing (fechamentos_lote)
--   POSTO_DE_LADO   a person set the order aside (decisoes_ordem), with a reason
--   EM_ANDAMENTO    it is open on a line (periodos_ordem)
--   A_FECHAR        it was open, or something counted or typed belongs to it
--   PLANEJADO       none of these
--
-- The first that is true holds. docs/estados-da-op.md has the table of states and events.

create table public.decisoes_ordem (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    decisao text not null check (decisao in ('POR_DE_LADO', 'RETOMAR')),
    producao_maquina bigint not null,
    rejeicao_maquina bigint not null,
    em timestamptz not null default clock_timestamp(),
    usuario_id uuid not null,
    motivo text not null
);
comment on table public.decisoes_ordem is 'OPs que uma pessoa pôs de lado, ou retomou; vale a decisão mais nova de cada OP. Somente acréscimo. Fonte: por_ordem_de_lado, retomar_ordem.';
comment on column public.decisoes_ordem.decisao is 'POR_DE_LADO (não fecha e não é informada ao TOTVS) ou RETOMAR. Fonte: pessoa.';
comment on column public.decisoes_ordem.producao_maquina is 'Produção que a OP tinha então, em contagens da máquina. Fonte: banco.';
comment on column public.decisoes_ordem.rejeicao_maquina is 'Rejeição que a OP tinha então, em contagens da máquina. Fonte: banco.';
comment on column public.decisoes_ordem.usuario_id is 'Quem decidiu. Fonte: Supabase Auth.';
alter table public.decisoes_ordem enable row level security;
revoke all on public.decisoes_ordem from public, anon, authenticated, service_role;
revoke all on sequence public.decisoes_ordem_id_seq from public, anon, authenticated, service_role;
grant select on public.decisoes_ordem to authenticated, service_role;
create policy leitura on public.decisoes_ordem for select to authenticated using (true);
create index decisoes_ordem_op on public.decisoes_ordem (numero_op, id);
create trigger somente_acrescimo before update or delete or truncate on public.decisoes_ordem
for each statement execute function interno.impedir_alteracao();

-- The orders set aside now, with what they had counted then.
create view public.ordens_de_lado with (security_invoker = true) as
select
    d.numero_op,
    d.producao_maquina,
    d.rejeicao_maquina,
    d.em,
    d.usuario_id,
    d.motivo
from public.decisoes_ordem as d
where d.decisao = 'POR_DE_LADO' and not exists (
        select 1 from public.decisoes_ordem as n
        where n.numero_op = d.numero_op and n.id > d.id
    );
comment on view public.ordens_de_lado is 'As OPs postas de lado, e o que tinham contado então. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.producao_maquina is 'Produção que a OP tinha então, em contagens da máquina. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.rejeicao_maquina is 'Rejeição que a OP tinha então, em contagens da máquina. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.em is 'Instante da decisão (UTC). Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.usuario_id is 'Quem decidiu. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.motivo is 'Por que foi posta de lado. Fonte: pessoa.';
revoke all on public.ordens_de_lado from public, anon, authenticated, service_role;
grant select on public.ordens_de_lado to authenticated, service_role;

create function interno.estado_op(p_op text)
returns text
language sql
stable
set search_path = ''
as $$
    select case
        when exists (select from public.fechamentos_lote as f where f.numero_op = p_op) then 'CONCLUIDO'
        when exists (select from public.ordens_de_lado as d where d.numero_op = p_op) then 'POSTO_DE_LADO'
        when interno.op_aberta(p_op) then 'EM_ANDAMENTO'
        when exists (select from public.periodos_ordem as p where p.numero_op = p_op)
            or exists (select from public.contagens_intervalo as i where i.numero_op = p_op)
            or exists (
                select from public.contagens_manuais_atuais as m
                where m.numero_op = p_op and m.producao > 0
            )
            or exists (select from public.perdas_vigentes as v where v.numero_op = p_op) then 'A_FECHAR'
        else 'PLANEJADO'
    end
$$;
comment on function interno.estado_op(text) is 'O status da OP, dos fatos deste instante: o primeiro da tabela de docs/estados-da-op.md que vale.';

-- Nobody else decides the column: whatever a statement writes into it is replaced by what the facts say.
create function interno.fixar_estado()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    new.status := interno.estado_op(new.numero_op);
    return new;
end $$;
comment on function interno.fixar_estado() is 'Gatilho de lotes_producao: status é sempre o que os fatos dizem.';
create trigger fixar_estado before insert or update on public.lotes_producao
for each row execute function interno.fixar_estado();

-- After a change of those facts. Before the state is changed the order's row is locked against every transaction that
-- refers to it, as a typed figure does, and the facts are looked at again: of two changes on different lines the second
-- sees the first. A batch changes no state, for it counts for orders that have a period: it locks no order.
create function interno.rever_estado()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ops constant text[] := array[new.numero_op, old.numero_op];
begin
    if tg_op <> 'DELETE' and not exists (
        select from public.lotes_producao as l where l.numero_op = any(v_ops) and l.status <> interno.estado_op(l.numero_op)
    ) then
        return null;
    end if;
    perform from public.lotes_producao as l where l.numero_op = any(v_ops) order by l.numero_op for update;
    update public.lotes_producao as l set atualizado_em = clock_timestamp()
    where l.numero_op = any(v_ops) and l.status <> interno.estado_op(l.numero_op);
    return null;
end $$;
comment on function interno.rever_estado() is 'Gatilho dos fatos de uma OP: status passa a ser o que eles dizem.';
create trigger rever_estado after insert or update or delete on public.periodos_ordem
for each row execute function interno.rever_estado();
create trigger rever_estado after insert on public.fechamentos_lote
for each row execute function interno.rever_estado();
create trigger rever_estado after insert on public.decisoes_ordem
for each row execute function interno.rever_estado();
create trigger rever_estado after insert on public.contagens_manuais
for each row execute function interno.rever_estado();
create trigger rever_estado after insert on public.perdas_qualidade
for each row execute function interno.rever_estado();
create trigger rever_estado_insercao after insert on public.contagens_intervalo
for each row when (new.numero_op is not null) execute function interno.rever_estado();
create trigger rever_estado_mudanca after update of numero_op on public.contagens_intervalo
for each row when (old.numero_op is distinct from new.numero_op) execute function interno.rever_estado();

-- What a person decides ----------------------------------------------------------------------------------------------

-- The sector whose people decide about an order: that of its lines, if they are of one.
create function interno.setor_da_op(p_op text)
returns text
language sql
stable
set search_path = ''
as $$
    select case when count(distinct l.setor) = 1 then min(l.setor) end
    from public.linhas as l where l.linha_id = any(interno.linhas_da_op(p_op))
$$;
comment on function interno.setor_da_op(text) is 'Setor das linhas da OP; nulo se de vários, ou de nenhum.';

-- Locks the order's lines, then its row, and gives back the row as it is under the locks.
create function interno.travar_op(p_op text)
returns public.lotes_producao
language plpgsql
set search_path = ''
as $$
declare
    v_linhas constant text[] := interno.linhas_da_op(p_op);
    v_lote public.lotes_producao;
begin
    perform interno.travar_linhas(v_linhas);
    select * into v_lote from public.lotes_producao where numero_op = p_op for no key update;
    if v_lote.numero_op is null then
        perform interno.recusar_desconhecido('OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op));
    end if;
    -- It was opened on, or moved to, another line until the locks were held.
    if not interno.linhas_da_op(p_op) <@ v_linhas then
        perform interno.recusar('409', 'OP_MUDOU', format('A OP %s mudou neste instante.', p_op), 'Tente de novo.');
    end if;
    return v_lote;
end $$;
comment on function interno.travar_op(text) is
'Trava as linhas da OP e a OP, nesta ordem, e devolve a OP; PT404 OP_DESCONHECIDA, PT409 OP_MUDOU.';

create function interno.decidir_ordem(p_op text, p_decisao text, p_papel text, p_funcao text, p_motivo text)
returns public.decisoes_ordem
language plpgsql
set search_path = ''
as $$
declare
    v_nova public.decisoes_ordem;
begin
    insert into public.decisoes_ordem (numero_op, decisao, producao_maquina, rejeicao_maquina, usuario_id, motivo)
    select p_op, p_decisao, coalesce(sum(o.producao_maquina), 0), coalesce(sum(o.rejeicao_maquina), 0),
        interno.usuario_atual(), p_motivo
    from public.ordens_producao_ativas as o where o.numero_op = p_op
    returning * into v_nova;
    delete from public.fechamentos_pendentes where numero_op = p_op;
    -- What it counted since it was set aside changed shifts in which others closed.
    perform interno.anotar_turnos(t.linha_id, lower(t.janela), upper(t.janela) - interval '1 second')
    from interno.turnos_op(p_op) as t;
    perform interno.anotar_trilha(p_papel, p_funcao, 'lotes_producao:' || p_op, null, to_jsonb(v_nova), p_motivo);
    return v_nova;
end $$;
comment on function interno.decidir_ordem(text, text, text, text, text) is
'Registra que a OP foi posta de lado ou retomada, com o que tinha contado.';

-- An order that will not close: cancelled in TOTVS after it had counted, opened by mistake with nothing to move its
-- counts to, or planned and never to run. Its counts stay where they are. What partial reports brought into TOTVS is
-- reversed.
create function public.por_ordem_de_lado(p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('por_ordem_de_lado', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_envio public.envios_totvs;
    v_parciais jsonb;
begin
    if v_lote.status = 'CONCLUIDO' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não espera decisão (%s).', v_op, v_lote.status));
    elsif interno.op_aberta(v_op) then
        perform interno.recusar(
            '409', 'ORDEM_ABERTA', format('A OP %s está aberta numa linha.', v_op), 'Encerre-a com encerrar_ordem.'
        );
    elsif exists (
        select from public.ordens_de_lado as d
        where d.numero_op = v_op and (d.producao_maquina, d.rejeicao_maquina) = (
            select coalesce(sum(o.producao_maquina), 0), coalesce(sum(o.rejeicao_maquina), 0)
            from public.ordens_producao_ativas as o where o.numero_op = v_op
        )
    ) then
        perform interno.recusar_decidido(format('A OP %s já está posta de lado.', v_op));
    end if;
    select * into v_envio from interno.cabeca(v_op);
    if v_envio.id is not null then
        perform interno.recusar(
            '409', 'ENVIO_PENDENTE', format('O envio %s da OP %s ainda não terminou (%s).', v_envio.id_externo, v_op, v_envio.situacao),
            'Espere que termine, ou decida-o com decidir_envio.'
        );
    end if;
    v_parciais := interno.parciais_confirmados(v_op);
    if (v_parciais ->> 'boas')::bigint > 0 or v_parciais -> 'refugos' <> '{}' then
        perform interno.estornar_parciais(
            v_op, (v_parciais ->> 'boas')::bigint, interno.lista(v_parciais -> 'refugos', 'codigo', 1), v_motivo
        );
    end if;
    return to_jsonb(interno.decidir_ordem(v_op, 'POR_DE_LADO', v_papel, 'por_ordem_de_lado', v_motivo));
end $$;
comment on function public.por_ordem_de_lado(text, text) is
'Põe de lado, com motivo, uma OP encerrada que não vai fechar: as contagens ficam, o TOTVS não recebe produção dela, e os parciais já aceitos são estornados.';
revoke all on function public.por_ordem_de_lado(text, text) from public, anon, authenticated, service_role;
grant execute on function public.por_ordem_de_lado(text, text) to authenticated, service_role;

create function public.retomar_ordem(p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('retomar_ordem', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
begin
    if v_lote.status <> 'POSTO_DE_LADO' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não está posta de lado (%s).', v_op, v_lote.status));
    end if;
    return to_jsonb(interno.decidir_ordem(v_op, 'RETOMAR', v_papel, 'retomar_ordem', v_motivo));
end $$;
comment on function public.retomar_ordem(text, text) is
'Retoma, com motivo, uma OP posta de lado: volta a esperar o fechamento, e pode ser aberta.';
revoke all on function public.retomar_ordem(text, text) from public, anon, authenticated, service_role;
grant execute on function public.retomar_ordem(text, text) to authenticated, service_role;

-- Should always be empty but for the last minute, in which the next round of closings has not looked at an order yet.
create view public.ordens_sem_destino with (security_invoker = true) as
select
    l.numero_op,
    l.status,
    coalesce(p.ate, l.atualizado_em) as desde,
    coalesce(o.producao_acumulada, 0) as producao_acumulada
from public.lotes_producao as l
left join lateral (
    select max(upper(p.intervalo)) as ate from public.periodos_ordem as p
    where p.numero_op = l.numero_op
) as p on true
left join lateral (
    select
        sum(o.producao_acumulada)::bigint as producao_acumulada,
        sum(o.producao_maquina + o.rejeicao_maquina) as contagens
    from public.ordens_producao_ativas as o
    where o.numero_op = l.numero_op
) as o on true
where l.status = 'A_FECHAR' and not exists (
        select 1 from public.fechamentos_pendentes as f
        where f.numero_op = l.numero_op and f.faltas <> '[]'
    )
    or l.status = 'PLANEJADO' and o.contagens > 0;
comment on view public.ordens_sem_destino is 'OPs que contaram e não estão abertas, fechadas, à espera com um motivo nem postas de lado: nenhuma, a não ser no minuto até a próxima rodada de lot_closure. Fonte: banco.';
comment on column public.ordens_sem_destino.status is 'Status da OP. Fonte: lotes_producao.';
comment on column public.ordens_sem_destino.desde is 'Fim da OP, ou sua última mudança (UTC). Fonte: periodos_ordem.';
comment on column public.ordens_sem_destino.producao_acumulada is 'Unidades produzidas. Fonte: ordens_producao_ativas.';
revoke all on public.ordens_sem_destino from public, anon, authenticated, service_role;
grant select on public.ordens_sem_destino to authenticated, service_role;
