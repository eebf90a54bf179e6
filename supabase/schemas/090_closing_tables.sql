-- A lot closes on complete counts: what it still waits for, the totals that freeze, what changed afterwards.

create table public.fechamentos_lote (
    id bigint generated always as identity primary key,
    numero_op text not null unique references public.lotes_producao,
    numero_lote text not null,
    produto_codigo text not null,
    etapa text not null,
    produzidas bigint not null check (produzidas >= 0),
    refugo bigint not null check (refugo >= 0),
    amostras bigint not null check (amostras >= 0),
    boas bigint not null check (boas >= 0 and boas = produzidas - refugo - amostras),
    contador_final bigint not null,
    inicio timestamptz not null,
    fim timestamptz not null,
    assinaturas bigint[] not null,
    ressalvas jsonb not null default '[]',
    usuario_id uuid,
    motivo text,
    fechado_em timestamptz not null default clock_timestamp(),
    informado boolean not null,
    cadastro jsonb,
    check ((ressalvas = '[]') = (usuario_id is null) and (usuario_id is null) = (motivo is null))
);
comment on table public.fechamentos_lote is 'O fechamento de cada OP: os totais da etapa informada ao TOTVS, congelados. Somente acréscimo. Fonte: lot_closure.';
comment on column public.fechamentos_lote.numero_lote is 'Lote então. Fonte: TOTVS.';
comment on column public.fechamentos_lote.produto_codigo is 'Produto então. Fonte: TOTVS.';
comment on column public.fechamentos_lote.etapa is 'Etapa informada ao TOTVS. Fonte: etapas_familia.';
comment on column public.fechamentos_lote.produzidas is 'Unidades produzidas na etapa, boas e rejeitadas. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.refugo is 'Unidades refugadas na etapa. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.amostras is 'Unidades retidas e de amostras na etapa. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.boas is 'Unidades boas: produzidas menos refugo e amostras. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.contador_final is 'Contador da OP na etapa, em contagens da máquina, a partir de zero. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.inicio is 'Abertura da OP na etapa (UTC). Fonte: periodos_ordem.';
comment on column public.fechamentos_lote.fim is 'Encerramento da OP na etapa (UTC). Fonte: periodos_ordem.';
comment on column public.fechamentos_lote.assinaturas is 'Assinaturas do Diário de Bordo em que se apoia. Fonte: diarios_bordo.';
comment on column public.fechamentos_lote.ressalvas is 'O que faltava quando uma pessoa fechou assim mesmo; vazio se nada. Fonte: fechar_com_ressalva.';
comment on column public.fechamentos_lote.usuario_id is 'Quem fechou com ressalva; nulo se foi o sistema. Fonte: Supabase Auth.';
comment on column public.fechamentos_lote.motivo is 'Motivo da ressalva. Fonte: pessoa.';
comment on column public.fechamentos_lote.informado is
'Falso: não informado ao TOTVS, linha em conferência; nem o que muda depois. Fonte: apontamentos_linha.';
comment on column public.fechamentos_lote.cadastro is
'O que os envios ao TOTVS dizem da OP além das quantidades, como era então; nulo nos fechamentos anteriores a isto. Fonte: cadastros.';
alter table public.fechamentos_lote enable row level security;
revoke all on public.fechamentos_lote from public, anon, authenticated, service_role;
revoke all on sequence public.fechamentos_lote_id_seq from public, anon, authenticated, service_role;
grant select on public.fechamentos_lote to authenticated, service_role;
create policy leitura on public.fechamentos_lote for select to authenticated using (true);

create table public.fechamento_totais (
    fechamento_id bigint not null references public.fechamentos_lote,
    etapa text not null,
    linha_id text not null,
    inicio timestamptz not null,
    data date not null,
    turno text not null,
    tipo text not null check (tipo in ('PRODUZIDA', 'REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO')),
    codigo text not null,
    quantidade bigint not null,
    maquina bigint,
    primary key (fechamento_id, linha_id, inicio, tipo, codigo)
);
comment on table public.fechamento_totais is 'Os totais congelados de um fechamento, por tipo, etapa, linha e turno. Somente acréscimo. Fonte: lot_closure.';
comment on column public.fechamento_totais.etapa is 'ENVASE ou EMBALAGEM. Fonte: linhas.';
comment on column public.fechamento_totais.inicio is 'Início do turno (UTC). Fonte: turnos.';
comment on column public.fechamento_totais.data is 'Dia em que o turno começa (dia da fábrica). Fonte: turnos.';
comment on column public.fechamento_totais.turno is 'Turno, como assinado. Fonte: diarios_bordo.';
comment on column public.fechamento_totais.tipo is 'PRODUZIDA (boas e rejeitadas), REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO. Fonte: banco.';
comment on column public.fechamento_totais.codigo is 'Código do motivo do refugo; MAQUINA se foi a máquina; vazio nos demais. Fonte: contagens e pessoas.';
comment on column public.fechamento_totais.quantidade is 'Unidades. Fonte: contagens × fator congelado, e pessoas.';
comment on column public.fechamento_totais.maquina is 'PRODUZIDA: contagens da máquina. Fonte: contagens.';
alter table public.fechamento_totais enable row level security;
revoke all on public.fechamento_totais from public, anon, authenticated, service_role;
grant select on public.fechamento_totais to authenticated, service_role;
create policy leitura on public.fechamento_totais for select to authenticated using (true);
create trigger somente_acrescimo before update or delete or truncate on public.fechamentos_lote
for each statement execute function interno.impedir_alteracao();
create trigger somente_acrescimo before update or delete or truncate on public.fechamento_totais
for each statement execute function interno.impedir_alteracao();

-- Frozen totals and their rows are written one after the other: that they agree is asked at the end of the transaction,
-- or where interno.congelar asks.
create function interno.conferir_congelado()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id constant bigint := (to_jsonb(new) ->> tg_argv[0])::bigint;
    v_f record;
begin
    select f.numero_op, f.produzidas, f.refugo, f.amostras, f.contador_final,
        coalesce(sum(t.quantidade) filter (where t.tipo = 'PRODUZIDA'), 0) as soma_produzidas,
        coalesce(sum(t.quantidade) filter (where t.tipo = 'REFUGO'), 0) as soma_refugo,
        coalesce(sum(t.quantidade) filter (where t.tipo not in ('PRODUZIDA', 'REFUGO')), 0) as soma_amostras,
        coalesce(sum(t.maquina), 0) as soma_contador
    into v_f
    from public.fechamentos_lote as f
    left join public.fechamento_totais as t on t.fechamento_id = f.id and t.etapa = f.etapa
    where f.id = v_id
    group by f.id;
    if (v_f.produzidas, v_f.refugo, v_f.amostras, v_f.contador_final)
        <> (v_f.soma_produzidas, v_f.soma_refugo, v_f.soma_amostras, v_f.soma_contador) then
        perform interno.recusar(
            '409', 'CONGELADO_DIVERGE', format('O fechamento da OP %s não é a soma dos seus totais.', v_f.numero_op), 'Avise a TI: há um defeito.'
        );
    end if;
    return null;
end $$;
comment on function interno.conferir_congelado() is
'Gatilho: o fechamento é a soma dos totais da sua etapa; PT409 CONGELADO_DIVERGE. Argumento: coluna com o fechamento.';
create constraint trigger conferir_fechamento after insert on public.fechamentos_lote
deferrable initially deferred for each row execute function interno.conferir_congelado('id');
create constraint trigger conferir_totais after insert on public.fechamento_totais
deferrable initially deferred for each row execute function interno.conferir_congelado('fechamento_id');

create table public.fechamentos_pendentes (
    numero_op text primary key references public.lotes_producao,
    desde timestamptz not null,
    faltas jsonb not null
);
comment on table public.fechamentos_pendentes is 'OPs que esperam, e o que falta: as encerradas que ainda não fecharam, e as fechadas em que é preciso assinar de novo. Fonte: lot_closure.';
comment on column public.fechamentos_pendentes.desde is 'Desde quando espera (UTC): o fim da OP, ou quando se viu a mudança. Fonte: periodos_ordem e banco.';
comment on column public.fechamentos_pendentes.faltas is 'O que falta: codigo, detalhe, acao, e a função que o resolve com seus argumentos. Fonte: banco.';
alter table public.fechamentos_pendentes enable row level security;
revoke all on public.fechamentos_pendentes from public, anon, authenticated, service_role;
grant select on public.fechamentos_pendentes to authenticated, service_role;
create policy leitura on public.fechamentos_pendentes for select to authenticated using (true);

create table public.ajustes_fechamento (
    id bigint generated always as identity primary key,
    fechamento_id bigint not null references public.fechamentos_lote,
    etapa text not null,
    linha_id text not null,
    inicio timestamptz not null,
    data date not null,
    turno text not null,
    tipo text not null,
    codigo text not null,
    diferenca bigint not null check (diferenca <> 0),
    situacao text not null default 'PROPOSTO' check (situacao in ('PROPOSTO', 'APROVADO', 'RECUSADO', 'SUPERADO')),
    criado_em timestamptz not null default clock_timestamp(),
    decidido_em timestamptz,
    decidido_por uuid,
    motivo text
);
comment on table public.ajustes_fechamento is 'Diferenças depois do fechamento; só chegam ao TOTVS aprovadas; nunca apagadas. Fonte: lot_closure.';
comment on column public.ajustes_fechamento.inicio is 'Início do turno (UTC). Fonte: turnos.';
comment on column public.ajustes_fechamento.data is 'Dia em que o turno começa. Fonte: turnos.';
comment on column public.ajustes_fechamento.tipo is 'Tipo, como em fechamento_totais. Fonte: banco.';
comment on column public.ajustes_fechamento.codigo is 'Código do motivo do refugo. Fonte: contagens e pessoas.';
comment on column public.ajustes_fechamento.diferenca is 'Unidades a mais (ou a menos, negativas) que o congelado e o já decidido. Fonte: banco.';
comment on column public.ajustes_fechamento.situacao is 'PROPOSTO, APROVADO (vai ao TOTVS), RECUSADO (não vai) ou SUPERADO (a diferença mudou antes de decidida). Fonte: pessoas e banco.';
comment on column public.ajustes_fechamento.criado_em is 'Instante em que se viu a diferença (UTC). Fonte: banco.';
comment on column public.ajustes_fechamento.decidido_por is 'Quem decidiu; nulo se superado. Fonte: Supabase Auth.';
alter table public.ajustes_fechamento enable row level security;
revoke all on public.ajustes_fechamento from public, anon, authenticated, service_role;
revoke all on sequence public.ajustes_fechamento_id_seq from public, anon, authenticated, service_role;
grant select on public.ajustes_fechamento to authenticated, service_role;
create policy leitura on public.ajustes_fechamento for select to authenticated using (true);
create index ajustes_fechamento_fechamento on public.ajustes_fechamento (fechamento_id);
create index ajustes_fechamento_propostos on public.ajustes_fechamento (fechamento_id) where situacao = 'PROPOSTO';
create trigger nunca_apagar before delete or truncate on public.ajustes_fechamento
for each statement execute function interno.impedir_alteracao();

create table public.apuracoes_fechamento (
    numero_op text primary key references public.lotes_producao,
    apurada_em timestamptz not null
);
comment on table public.apuracoes_fechamento is 'Até quando se procuraram diferenças depois do fechamento. Fonte: lot_closure.';
alter table public.apuracoes_fechamento enable row level security;
revoke all on public.apuracoes_fechamento from public, anon, authenticated, service_role;
grant select on public.apuracoes_fechamento to authenticated, service_role;
create policy leitura on public.apuracoes_fechamento for select to authenticated using (true);

-- A change of what a closed order's totals come from leaves a row here in the same transaction; the comparison removes
-- the rows first and compares afterwards. So a change that commits during a comparison leaves its row for the next
-- round, and closed orders without changes cost nothing. One row a change, never an update: two changes must not share
-- a row that one of them removed.
create table public.apuracoes_pendentes (
    id bigint generated always as identity primary key,
    numero_op text not null
);
comment on table public.apuracoes_pendentes is 'OPs em que algo mudou desde que se procuraram diferenças; a linha sai quando se procura. Fonte: banco.';
alter table public.apuracoes_pendentes enable row level security;
revoke all on public.apuracoes_pendentes from public, anon, authenticated, service_role;
revoke all on sequence public.apuracoes_pendentes_id_seq from public, anon, authenticated, service_role;
grant select on public.apuracoes_pendentes to authenticated, service_role;
create policy leitura on public.apuracoes_pendentes for select to authenticated using (true);
create index apuracoes_pendentes_op on public.apuracoes_pendentes (numero_op);

-- A shift that was signed says something else now: its closed orders are compared, and it is found to need a signature,
-- even if their own totals are what they were.
create function interno.anotar_turnos(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into public.apuracoes_pendentes (numero_op)
    select distinct f.numero_op
    from (
        select distinct d.janela from public.diarios_bordo as d
        where d.linha_id = p_linha_id and d.janela && tstzrange(p_de, p_ate, '[]')
    ) as t
    cross join lateral interno.ops_do_turno(p_linha_id, t.janela) as o (op)
    inner join public.fechamentos_lote as f on f.numero_op = o.op;
end $$;
comment on function interno.anotar_turnos(text, timestamptz, timestamptz) is
'As OPs fechadas dos turnos assinados que o intervalo da linha toca são comparadas na próxima rodada.';

create function interno.anotar_alteracao()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_linha constant jsonb := to_jsonb(coalesce(new, old));
    v_janela constant tstzrange := coalesce(
        v_linha ->> 'janela', v_linha ->> 'intervalo', format('[%s,%s]', v_linha ->> 'em', v_linha ->> 'em')
    )::tstzrange;
begin
    insert into public.apuracoes_pendentes (numero_op) values (v_linha ->> 'numero_op');
    perform interno.anotar_turnos(v_linha ->> 'linha_id', lower(v_janela), upper(v_janela));
    return null;
end $$;
comment on function interno.anotar_alteracao() is 'Gatilho do que se digita e dos períodos: a OP muda, fechada ou não, e as fechadas do mesmo turno são conferidas.';
create trigger anotar_alteracao after insert or update or delete on public.periodos_ordem
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.perdas_qualidade
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.conciliacoes_refugo
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.contagens_manuais
for each row execute function interno.anotar_alteracao();

-- Totals change every few seconds: only those of closed orders are worth a row. A change of them holds the line's
-- lock, and so does a closing, so that one sees what the other did.
create function interno.anotar_contagem()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.apuracoes_pendentes (numero_op)
    select distinct n.numero_op from novas as n inner join public.fechamentos_lote as f on f.numero_op = n.numero_op;
    return null;
end $$;
comment on function interno.anotar_contagem() is 'Gatilho dos totais vivos: a OP mudou depois de fechada.';
create trigger anotar_insercao after insert on public.ordens_producao_ativas
referencing new table as novas for each statement execute function interno.anotar_contagem();
create trigger anotar_mudanca after update on public.ordens_producao_ativas
referencing new table as novas for each statement execute function interno.anotar_contagem();
