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
revoke all on sequence public.periodos_ordem_id_seq from public, anon, authenticated, service_role;
grant select on public.periodos_ordem to authenticated, service_role;
create policy leitura on public.periodos_ordem for select to authenticated using (true);
create index periodos_ordem_op on public.periodos_ordem (numero_op, linha_id);
create index periodos_ordem_inicio on public.periodos_ordem (lower(intervalo)); -- the first day there is anything of

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
    justificada_segundos_producao integer[] check (array_length(justificada_segundos_producao, 1) = 60),
    justificada_segundos_rejeicao integer[] check (array_length(justificada_segundos_rejeicao, 1) = 60),
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
comment on column public.contagens_minuto.justificada_segundos_producao is
'60 inteiros: da produção de cada segundo, quanto uma pessoa justificou, esteja ou não sem ordem agora; nulo se nada. Fonte: justificar_sem_ordem.';
comment on column public.contagens_minuto.justificada_segundos_rejeicao is
'60 inteiros: da rejeição de cada segundo, quanto uma pessoa justificou, esteja ou não sem ordem agora; nulo se nada. Fonte: justificar_sem_ordem.';
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
-- What a shift counted without order, justified or not: of twelve hours of a line mostly no minute.
create index contagens_minuto_fora_de_ordem on public.contagens_minuto (linha_id, minuto)
where sem_ordem_producao + sem_ordem_rejeicao > 0;
create statistics public.contagens_minuto_fora_de_ordem_estatistica
on (sem_ordem_producao + sem_ordem_rejeicao) from public.contagens_minuto;

-- A second sensor is shown beside the count, never added to it.
create table public.contagens_conferencia (
    linha_id text not null references public.linhas,
    fonte text not null,
    minuto timestamptz not null,
    producao bigint not null default 0,
    rejeicao bigint not null default 0,
    segundos_producao integer[] check (array_length(segundos_producao, 1) = 60),
    segundos_rejeicao integer[] check (array_length(segundos_rejeicao, 1) = 60),
    primary key (linha_id, fonte, minuto)
);
comment on table public.contagens_conferencia is 'Contagens de fontes de conferência: mostradas, nunca somadas aos totais. Fonte: registrar_contagens.';
comment on column public.contagens_conferencia.fonte is 'Fonte com papel de conferencia. Fonte: fontes_linha.';
comment on column public.contagens_conferencia.minuto is 'Início do minuto (UTC). Fonte: instante do registro.';
comment on column public.contagens_conferencia.producao is 'Produção do minuto, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_conferencia.rejeicao is 'Rejeição do minuto, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_conferencia.segundos_producao is
'60 inteiros: o que de producao é de cada segundo, em contagens da máquina; o resto atravessa segundos (contagens_intervalo). Fonte: arquivo.';
comment on column public.contagens_conferencia.segundos_rejeicao is
'60 inteiros: o que de rejeicao é de cada segundo, em contagens da máquina; o resto atravessa segundos (contagens_intervalo). Fonte: arquivo.';
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
    check (situacao in (
        'ATRIBUIDA', 'SEM_ORDEM', 'RETIDA', 'DECIDIDA', 'DESCARTADA', 'CORRIGIDA', 'CONFERENCIA', 'RETIRADA'
    )),
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
    fonte_em timestamptz,
    retirada_id bigint references public.quarentena,
    decidida_como jsonb,
    check (ate >= desde),
    check ((situacao in ('ATRIBUIDA', 'DECIDIDA'))
        = (numero_op is not null and fator_producao is not null and fator_rejeicao is not null)),
    check (situacao <> 'RETIDA' or motivo is not null),
    constraint contagens_intervalo_retirada check ((situacao = 'RETIRADA') = (retirada_id is not null))
);
comment on table public.contagens_intervalo is 'Incrementos que não cabem em um segundo ou não são plausíveis, um a um; nunca apagados. Fonte: registrar_contagens.';
comment on column public.contagens_intervalo.desde is 'Leitura anterior: o incremento aconteceu depois deste instante (UTC). Fonte: arquivo (coluna desde).';
comment on column public.contagens_intervalo.ate is 'Leitura que trouxe o incremento (UTC). Fonte: arquivo (timestamp).';
comment on column public.contagens_intervalo.producao is 'Produção do incremento, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_intervalo.rejeicao is 'Rejeição do incremento, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_intervalo.flags is 'Marcações do registro (ex.: implausivel). Fonte: arquivo.';
comment on column public.contagens_intervalo.situacao is
'ATRIBUIDA ou SEM_ORDEM pelos períodos; RETIDA espera uma pessoa; DECIDIDA ou DESCARTADA por ela; CORRIGIDA conta em outro instante, em outra linha desta tabela; CONFERENCIA só mostrada; RETIRADA de uma fonte que não era a dona. Fonte: registrar_contagens e quem decidiu.';
comment on column public.contagens_intervalo.retirada_id is 'Item de quarentena em que está, se RETIRADA. Fonte: definir_fonte.';
comment on column public.contagens_intervalo.decidida_como is
'Situação, OP e fatores que uma pessoa deu à contagem enquanto ela não conta; volta com eles. Fonte: definir_fonte.';
comment on column public.contagens_intervalo.motivo is 'Por que foi retida: FRONTEIRA (troca de ordem no meio) ou IMPLAUSIVEL. Fonte: registrar_contagens.';
comment on column public.contagens_intervalo.numero_op is 'OP a que foi atribuída. Fonte: periodos_ordem ou decidir_retido.';
comment on column public.contagens_intervalo.fator_producao is 'Unidades por contagem de produção usado na atribuição. Fonte: periodos_ordem.';
comment on column public.contagens_intervalo.fator_rejeicao is 'Unidades por contagem de rejeição usado na atribuição. Fonte: periodos_ordem.';
comment on column public.contagens_intervalo.justificada is
'Uma pessoa a justificou quando estava sem ordem; vale enquanto está. Fonte: justificar_sem_ordem.';
comment on column public.contagens_intervalo.byte_de is 'Primeiro byte no arquivo descomprimido (inclusive). Fonte: txt_parser.';
comment on column public.contagens_intervalo.byte_ate is 'Byte seguinte ao último no arquivo descomprimido (exclusive). Fonte: txt_parser.';
comment on column public.contagens_intervalo.fonte_em is
'Instante que a própria fonte deu, se o registro conta em outro (UTC). Fonte: arquivo (coluna timestamp_fonte).';
comment on column public.contagens_intervalo.decidida_por is 'Quem decidiu. Fonte: Supabase Auth.';
alter table public.contagens_intervalo enable row level security;
revoke all on public.contagens_intervalo from public, anon, authenticated, service_role;
revoke all on sequence public.contagens_intervalo_id_seq from public, anon, authenticated, service_role;
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
create index contagens_intervalo_retirada on public.contagens_intervalo (retirada_id) where retirada_id is not null;
create index contagens_intervalo_por_op on public.contagens_intervalo (numero_op) where numero_op is not null;

create trigger nunca_apagar before delete or truncate on public.contagens_intervalo
for each statement execute function interno.impedir_alteracao();

-- What a source counted of a line that was another's: out of the totals, kept as it was, second by second.
create table public.contagens_retiradas (
    quarentena_id bigint not null references public.quarentena,
    minuto timestamptz not null check (extract(epoch from minuto) % 60 = 0),
    producao integer[] check (array_length(producao, 1) = 60),
    rejeicao integer[] check (array_length(rejeicao, 1) = 60),
    primary key (quarentena_id, minuto)
);
comment on table public.contagens_retiradas is
'Os segundos de um item de quarentena de uma fonte, como estavam nos totais; somente acréscimo. Fonte: definir_fonte.';
comment on column public.contagens_retiradas.minuto is 'Início do minuto (UTC). Fonte: contagens_minuto ou contagens_conferencia.';
comment on column public.contagens_retiradas.producao is '60 inteiros: produção em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: contagens_minuto ou contagens_conferencia.';
comment on column public.contagens_retiradas.rejeicao is '60 inteiros: rejeição em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: contagens_minuto ou contagens_conferencia.';
alter table public.contagens_retiradas enable row level security;
revoke all on public.contagens_retiradas from public, anon, authenticated, service_role;
grant select on public.contagens_retiradas to authenticated, service_role;
create policy leitura on public.contagens_retiradas for select to authenticated using (true);

create trigger somente_acrescimo before update or delete or truncate on public.contagens_retiradas
for each statement execute function interno.impedir_alteracao();

-- Clocks that cannot be believed --------------------------------------------------------------------------------------

create table public.duvidas_relogio (
    id bigint generated always as identity primary key,
    gateway text not null references public.gateways, -- no index but of the open one: a few rows a year
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
    decisao text check (decisao in ('MANTER', 'FONTE', 'DESLOCAR')),
    decidida_em timestamptz,
    decidida_por uuid,
    decisao_motivo text,
    deslocar_s bigint,
    aplicada_em timestamptz,
    check (ate >= desde),
    check ((decisao is null) = (decidida_em is null)),
    constraint duvidas_relogio_deslocar check ((deslocar_s is not null) = (decisao is not distinct from 'DESLOCAR')),
    constraint duvidas_relogio_aplicada check (aplicada_em is null or decisao is not null)
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
comment on column public.duvidas_relogio.decisao is
'MANTER os instantes como vieram, contar nos da FONTE, ou DESLOCAR todos; nulo enquanto espera. Fonte: decidir_relogio.';
comment on column public.duvidas_relogio.decidida_em is 'Instante da decisão (UTC). Fonte: banco.';
comment on column public.duvidas_relogio.decidida_por is 'Quem decidiu. Fonte: Supabase Auth.';
comment on column public.duvidas_relogio.deslocar_s is
'Segundos inteiros que o relógio esteve adiantado (negativo: atrasado): cada instante volta tanto. Fonte: decidir_relogio.';
comment on column public.duvidas_relogio.aplicada_em is
'Quando o último lote passou a contar onde a decisão diz (UTC); nulo até lá. Fonte: aplicar_decisoes_relogio.';
alter table public.duvidas_relogio enable row level security;
revoke all on public.duvidas_relogio from public, anon, authenticated, service_role;
revoke all on sequence public.duvidas_relogio_id_seq from public, anon, authenticated, service_role;
grant select on public.duvidas_relogio to authenticated, service_role;
create policy leitura on public.duvidas_relogio for select to authenticated using (true);
create unique index duvidas_relogio_aberta on public.duvidas_relogio (gateway) where decisao is null;
create index duvidas_relogio_a_aplicar on public.duvidas_relogio (id) where aplicada_em is null;

create trigger nunca_apagar before delete or truncate on public.duvidas_relogio
for each statement execute function interno.impedir_alteracao();

create table public.duvidas_relogio_lotes (
    arquivo_id bigint primary key references public.arquivos_ingeridos,
    duvida_id bigint not null references public.duvidas_relogio,
    desvio_ms bigint not null,
    corrigido_em timestamptz
);
comment on table public.duvidas_relogio_lotes is 'Cada lote de uma dúvida de relógio. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio_lotes.desvio_ms is 'Desvio medido no lote, em milissegundos. Fonte: gateway, ou selado_em menos a chegada.';
comment on column public.duvidas_relogio_lotes.corrigido_em is
'Quando as contagens do lote passaram a outros instantes (UTC); nulo se estão onde o lote diz. Fonte: aplicar_decisoes_relogio.';
alter table public.duvidas_relogio_lotes enable row level security;
revoke all on public.duvidas_relogio_lotes from public, anon, authenticated, service_role;
grant select on public.duvidas_relogio_lotes to authenticated, service_role;
create policy leitura on public.duvidas_relogio_lotes for select to authenticated using (true);
create index duvidas_relogio_lotes_duvida on public.duvidas_relogio_lotes (duvida_id);

create trigger nunca_apagar before delete or truncate on public.duvidas_relogio_lotes
for each statement execute function interno.impedir_alteracao();

-- What a batch in doubt has counted, second by second: contagens_minuto has only the sum of all files, and a decision
-- must be able to take exactly this batch's part out of it. Gone when the decision is applied.
create table public.contagens_em_duvida (
    arquivo_id bigint references public.duvidas_relogio_lotes,
    linha_id text references public.linhas, -- no index: rows of days, and a line is never deleted
    contados jsonb not null,
    retidos jsonb not null,
    fontes jsonb not null,
    primary key (arquivo_id, linha_id)
);
comment on table public.contagens_em_duvida is
'O que cada lote com o relógio em dúvida contou, até a decisão ser aplicada, em contagens da máquina. Fonte: registrar_contagens.';
comment on column public.contagens_em_duvida.contados is 'Lista de [segundo (UTC), produção, rejeição] que estão em contagens_minuto. Fonte: arquivo.';
comment on column public.contagens_em_duvida.retidos is 'Lista de [segundo (UTC), produção, rejeição] que foram retidos. Fonte: arquivo.';
comment on column public.contagens_em_duvida.fontes is
'Deles, os que contam em outro instante que o da fonte: lista de [segundo, segundo da fonte (UTC), produção, rejeição]. Fonte: arquivo.';
alter table public.contagens_em_duvida enable row level security;
revoke all on public.contagens_em_duvida from public, anon, authenticated, service_role;
grant select on public.contagens_em_duvida to authenticated, service_role;
create policy leitura on public.contagens_em_duvida for select to authenticated using (true);
