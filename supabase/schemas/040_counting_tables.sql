-- What the files counted to.
--
-- Invariant, per line and counter, in machine counts, at every commit:
--   received = attributed + unattributed + held + quarantined        (view conservacao_linhas)
-- Machine counts are stored; units exist only in ordens_producao_ativas, by the factor frozen on the period.

-- Orders on lines --------------------------------------------------------------------------------------------------

create table public.periodos_ordem (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    intervalo tstzrange not null check (
        not isempty(intervalo) and not lower_inf(intervalo) and lower_inc(intervalo) and not upper_inc(intervalo)
        and extract(epoch from lower(intervalo)) % 1 = 0
        and (upper_inf(intervalo) or extract(epoch from upper(intervalo)) % 1 = 0)
    ),
    fator_producao integer not null check (fator_producao > 0),
    fator_rejeicao integer not null check (fator_rejeicao > 0),
    exclude using gist (linha_id with =, intervalo with &&)
);
comment on table public.periodos_ordem is 'Quando cada OP esteve aberta em cada linha; no máximo uma por linha e instante. Fonte: abrir_ordem e encerrar_ordem.';
comment on column public.periodos_ordem.intervalo is '[aberta, encerrada) em segundos inteiros (UTC); sem fim enquanto aberta. Fonte: abrir_ordem e encerrar_ordem.';
comment on column public.periodos_ordem.fator_producao is 'Unidades por contagem de produção, congelado do instante de abertura. Fonte: fatores_linha.';
comment on column public.periodos_ordem.fator_rejeicao is 'Unidades por contagem de rejeição, congelado do instante de abertura. Fonte: fatores_linha.';
alter table public.periodos_ordem enable row level security;
revoke all on public.periodos_ordem from public, anon, authenticated, service_role;
grant select on public.periodos_ordem to authenticated, service_role;
create policy leitura on public.periodos_ordem for select to authenticated using (true);
create index periodos_ordem_op on public.periodos_ordem (numero_op, linha_id);

create table public.ordens_producao_ativas (
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    producao_acumulada bigint not null default 0,
    rejeicao_acumulada bigint not null default 0,
    producao_maquina bigint not null default 0,
    rejeicao_maquina bigint not null default 0,
    primeira_contagem timestamptz,
    ultima_contagem timestamptz,
    atualizado_em timestamptz not null default clock_timestamp(),
    primary key (numero_op, linha_id)
) with (fillfactor = 50);
comment on table public.ordens_producao_ativas is 'Totais vivos por OP e linha; nunca congelam. Fonte: registrar_contagens e as funções de ordem.';
comment on column public.ordens_producao_ativas.producao_acumulada is 'Produção, boa e rejeitada, em unidades. Fonte: contagens × fator congelado.';
comment on column public.ordens_producao_ativas.rejeicao_acumulada is 'Rejeição, em unidades. Fonte: contagens × fator congelado.';
comment on column public.ordens_producao_ativas.producao_maquina is 'Produção em contagens da máquina (ciclos continuam ciclos). Fonte: contagens.';
comment on column public.ordens_producao_ativas.rejeicao_maquina is 'Rejeição em contagens da máquina. Fonte: contagens.';
comment on column public.ordens_producao_ativas.primeira_contagem is 'Segundo da primeira contagem atribuída (UTC). Fonte: contagens.';
comment on column public.ordens_producao_ativas.ultima_contagem is 'Segundo da última contagem atribuída (UTC). Fonte: contagens.';
alter table public.ordens_producao_ativas enable row level security;
revoke all on public.ordens_producao_ativas from public, anon, authenticated, service_role;
grant select on public.ordens_producao_ativas to authenticated, service_role;
create policy leitura on public.ordens_producao_ativas for select to authenticated using (true);
create index ordens_producao_ativas_linha on public.ordens_producao_ativas (linha_id);
-- What is taken from a total was added to it before.
alter table public.ordens_producao_ativas add constraint ordens_producao_ativas_nao_negativos
check (least(producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina) >= 0);

-- Counts -----------------------------------------------------------------------------------------------------------

create table public.contagens_minuto (
    linha_id text not null references public.linhas,
    minuto timestamptz not null check (extract(epoch from minuto) % 60 = 0),
    producao integer[] check (array_length(producao, 1) = 60),
    rejeicao integer[] check (array_length(rejeicao, 1) = 60),
    total_producao bigint not null default 0,
    total_rejeicao bigint not null default 0,
    sem_ordem_producao bigint not null default 0,
    sem_ordem_rejeicao bigint not null default 0,
    justificada_producao bigint not null default 0,
    justificada_rejeicao bigint not null default 0,
    primary key (linha_id, minuto)
) with ( -- a row is written twelve times in its minute, then never again: what that leaves is soon used again
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0
);
comment on table public.contagens_minuto is 'Contagens por linha e minuto, com resolução de segundo, em contagens da máquina. Fonte: registrar_contagens.';
comment on column public.contagens_minuto.minuto is 'Início do minuto (UTC). Fonte: instante do registro.';
comment on column public.contagens_minuto.producao is '60 inteiros: produção em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: arquivo.';
comment on column public.contagens_minuto.rejeicao is '60 inteiros: rejeição em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: arquivo.';
comment on column public.contagens_minuto.total_producao is 'Soma de producao, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_minuto.total_rejeicao is 'Soma de rejeicao, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_minuto.sem_ordem_producao is 'Parte da produção em segundos sem OP aberta, em contagens da máquina. Fonte: periodos_ordem.';
comment on column public.contagens_minuto.sem_ordem_rejeicao is 'Parte da rejeição em segundos sem OP aberta, em contagens da máquina. Fonte: periodos_ordem.';
comment on column public.contagens_minuto.justificada_producao is 'Parte de sem_ordem_producao que uma pessoa justificou, em contagens da máquina. Fonte: justificar_sem_ordem.';
comment on column public.contagens_minuto.justificada_rejeicao is 'Parte de sem_ordem_rejeicao que uma pessoa justificou, em contagens da máquina. Fonte: justificar_sem_ordem.';
alter table public.contagens_minuto enable row level security;
revoke all on public.contagens_minuto from public, anon, authenticated, service_role;
grant select on public.contagens_minuto to authenticated, service_role;
create policy leitura on public.contagens_minuto for select to authenticated using (true);
alter table public.contagens_minuto add constraint contagens_minuto_sem_ordem_cabe
check (sem_ordem_producao between 0 and total_producao and sem_ordem_rejeicao between 0 and total_rejeicao);
alter table public.contagens_minuto add constraint contagens_minuto_justificada_cabe
check (justificada_producao between 0 and sem_ordem_producao and justificada_rejeicao between 0 and sem_ordem_rejeicao);
-- What is justified never exceeds what is without order. One expression, of which statistics are kept: of a comparison
-- of two columns the planner expects a third of the table, and would read all of it for the few minutes that wait.
create index contagens_minuto_sem_ordem on public.contagens_minuto (linha_id, minuto)
where sem_ordem_producao - justificada_producao + sem_ordem_rejeicao - justificada_rejeicao > 0;
create statistics public.contagens_minuto_sem_ordem_estatistica
on (sem_ordem_producao - justificada_producao + sem_ordem_rejeicao - justificada_rejeicao) from public.contagens_minuto;

-- A second sensor is shown beside the count, never added to it.
create table public.contagens_conferencia (
    linha_id text not null references public.linhas,
    fonte text not null,
    minuto timestamptz not null,
    producao bigint not null default 0,
    rejeicao bigint not null default 0,
    primary key (linha_id, fonte, minuto)
);
comment on table public.contagens_conferencia is 'Contagens de fontes de conferência: mostradas, nunca somadas aos totais. Fonte: registrar_contagens.';
comment on column public.contagens_conferencia.fonte is 'Fonte com papel de conferencia. Fonte: fontes_linha.';
comment on column public.contagens_conferencia.minuto is 'Início do minuto (UTC). Fonte: instante do registro.';
comment on column public.contagens_conferencia.producao is 'Produção do minuto, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_conferencia.rejeicao is 'Rejeição do minuto, em contagens da máquina. Fonte: arquivo.';
alter table public.contagens_conferencia enable row level security;
revoke all on public.contagens_conferencia from public, anon, authenticated, service_role;
grant select on public.contagens_conferencia to authenticated, service_role;
create policy leitura on public.contagens_conferencia for select to authenticated using (true);

create table public.contagens_intervalo (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    desde timestamptz not null,
    ate timestamptz not null,
    producao bigint not null check (producao >= 0),
    rejeicao bigint not null check (rejeicao >= 0),
    flags text[] not null default '{}',
    situacao text not null
    check (situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA', 'DECIDIDA', 'DESCARTADA')),
    motivo text check (motivo in ('FRONTEIRA', 'IMPLAUSIVEL')),
    numero_op text references public.lotes_producao,
    fator_producao integer,
    fator_rejeicao integer,
    justificada boolean not null default false,
    arquivo_id bigint not null references public.arquivos_ingeridos,
    byte_de bigint,
    byte_ate bigint,
    criada_em timestamptz not null default clock_timestamp(),
    decidida_em timestamptz,
    decidida_por uuid,
    decisao_motivo text,
    check (ate >= desde),
    check ((situacao in ('ATRIBUIDA', 'DECIDIDA'))
        = (numero_op is not null and fator_producao is not null and fator_rejeicao is not null)),
    check (situacao <> 'RETIDA' or motivo is not null)
);
comment on table public.contagens_intervalo is 'Incrementos que não cabem em um segundo ou não são plausíveis, um a um; nunca apagados. Fonte: registrar_contagens.';
comment on column public.contagens_intervalo.desde is 'Leitura anterior: o incremento aconteceu depois deste instante (UTC). Fonte: arquivo (coluna desde).';
comment on column public.contagens_intervalo.ate is 'Leitura que trouxe o incremento (UTC). Fonte: arquivo (timestamp).';
comment on column public.contagens_intervalo.producao is 'Produção do incremento, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_intervalo.rejeicao is 'Rejeição do incremento, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_intervalo.flags is 'Marcações do registro (ex.: implausivel). Fonte: arquivo.';
comment on column public.contagens_intervalo.situacao is
'ATRIBUIDA ou SEM_ORDEM pelos períodos; RETIDA espera uma pessoa; DECIDIDA ou DESCARTADA por ela. Fonte: registrar_contagens e decidir_retido.';
comment on column public.contagens_intervalo.motivo is 'Por que foi retida: FRONTEIRA (troca de ordem no meio) ou IMPLAUSIVEL. Fonte: registrar_contagens.';
comment on column public.contagens_intervalo.numero_op is 'OP a que foi atribuída. Fonte: periodos_ordem ou decidir_retido.';
comment on column public.contagens_intervalo.fator_producao is 'Unidades por contagem de produção usado na atribuição. Fonte: periodos_ordem.';
comment on column public.contagens_intervalo.fator_rejeicao is 'Unidades por contagem de rejeição usado na atribuição. Fonte: periodos_ordem.';
comment on column public.contagens_intervalo.justificada is 'Sem ordem e justificada por uma pessoa. Fonte: justificar_sem_ordem.';
comment on column public.contagens_intervalo.byte_de is 'Primeiro byte no arquivo descomprimido (inclusive). Fonte: txt_parser.';
comment on column public.contagens_intervalo.byte_ate is 'Byte seguinte ao último no arquivo descomprimido (exclusive). Fonte: txt_parser.';
comment on column public.contagens_intervalo.decidida_por is 'Quem decidiu. Fonte: Supabase Auth.';
alter table public.contagens_intervalo enable row level security;
revoke all on public.contagens_intervalo from public, anon, authenticated, service_role;
grant select on public.contagens_intervalo to authenticated, service_role;
create policy leitura on public.contagens_intervalo for select to authenticated using (true);
alter table public.contagens_intervalo add constraint contagens_intervalo_ordem_com_fatores
check (num_nonnulls(numero_op, fator_producao, fator_rejeicao) in (0, 3));
create index contagens_intervalo_linha on public.contagens_intervalo (linha_id, ate);
create index contagens_intervalo_op on public.contagens_intervalo (linha_id, numero_op, ate)
where numero_op is not null;
create index contagens_intervalo_pendente on public.contagens_intervalo (linha_id, situacao)
where situacao = 'RETIDA' or (situacao = 'SEM_ORDEM' and not justificada);
create index contagens_intervalo_arquivo on public.contagens_intervalo (arquivo_id);
create index contagens_intervalo_por_op on public.contagens_intervalo (numero_op) where numero_op is not null;

create trigger nunca_apagar before delete or truncate on public.contagens_intervalo
for each statement execute function interno.impedir_alteracao();
