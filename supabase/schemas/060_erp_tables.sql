-- What the ERP sends: as received (inbox), and as applied (master data).

create table public.velocidades_nominais (
    linha_id text not null references public.linhas,
    produto_codigo text not null references public.produtos,
    de date not null,
    fim_declarado date check (fim_declarado >= de),
    velocidade numeric not null check (velocidade > 0),
    validade daterange not null default 'empty',
    atualizado_em timestamptz not null default clock_timestamp(),
    primary key (linha_id, produto_codigo, de),
    -- Deferrable, so that one statement may move all of a line's ranges and is checked at its end.
    exclude using gist (linha_id with =, produto_codigo with =, validade with &&) deferrable initially immediate
);
create index velocidades_nominais_produto on public.velocidades_nominais (produto_codigo);
comment on table public.velocidades_nominais is 'Velocidade qualificada por linha e produto, com história: uma velocidade nova não apaga a anterior. Fonte: TOTVS ou Engenharia.';
comment on column public.velocidades_nominais.linha_id is 'Linha. Fonte: TOTVS, traduzida pelo mapa de linhas.';
comment on column public.velocidades_nominais.produto_codigo is 'Produto. Fonte: TOTVS.';
comment on column public.velocidades_nominais.de is 'Primeiro dia em que vale (dia da fábrica). Fonte: TOTVS; sem ele, o dia do recebimento.';
comment on column public.velocidades_nominais.fim_declarado is 'Último dia em que vale, se o TOTVS o disse (dia da fábrica). Fonte: TOTVS.';
comment on column public.velocidades_nominais.velocidade is 'Unidades por hora. Fonte: TOTVS.';
comment on column public.velocidades_nominais.validade is 'Dias em que vale: de `de` até o fim declarado ou o início da seguinte. Fonte: banco.';
alter table public.velocidades_nominais enable row level security;
revoke all on public.velocidades_nominais from public, anon, authenticated, service_role;
grant select on public.velocidades_nominais to authenticated, service_role;
create policy leitura on public.velocidades_nominais for select to authenticated using (true);

create view public.velocidades_vigentes with (security_invoker = true) as
select
    v.linha_id,
    v.produto_codigo,
    v.velocidade,
    v.validade
from public.velocidades_nominais as v;
comment on view public.velocidades_vigentes is
'As velocidades nominais que valem; substituível onde o MES as diz. Fonte: velocidades_nominais.';
comment on column public.velocidades_vigentes.velocidade is 'Unidades por hora. Fonte: velocidades_nominais.';
comment on column public.velocidades_vigentes.validade is 'Dias da fábrica em que vale. Fonte: velocidades_nominais.';
revoke all on public.velocidades_vigentes from public, anon, authenticated, service_role;
grant select on public.velocidades_vigentes to authenticated, service_role;

create table public.tipos_insumo (
    tipo text primary key,
    descricao text not null
);
comment on table public.tipos_insumo is 'Tipos de produto do TOTVS (B1_TIPO) que são insumos, não SKUs. Fonte: cadastro da fábrica.';
comment on column public.tipos_insumo.tipo is 'Tipo. Fonte: TOTVS (B1_TIPO).';
comment on column public.tipos_insumo.descricao is 'O que o tipo reúne. Fonte: cadastro da fábrica.';
alter table public.tipos_insumo enable row level security;
revoke all on public.tipos_insumo from public, anon, authenticated, service_role;
grant select on public.tipos_insumo to authenticated, service_role;
create policy leitura on public.tipos_insumo for select to authenticated using (true);
insert into public.tipos_insumo (tipo, descricao) values
('MP', 'Matéria-prima'), ('EM', 'Embalagem'), ('ME', 'Material de embalagem'), ('MC', 'Material de consumo');
create trigger auditar after insert or update or delete on public.tipos_insumo
for each row execute function interno.auditar_cadastro('tipo');

create table public.familias_sem_lote (
    prefixo text primary key check (prefixo <> ''),
    descricao text not null
);
comment on table public.familias_sem_lote is 'Famílias de produto cujas OPs não abrem lote no SicFar, pelo começo do código. Fonte: cadastro da fábrica.';
comment on column public.familias_sem_lote.prefixo is 'Começo do código do produto. Fonte: cadastro da fábrica.';
comment on column public.familias_sem_lote.descricao is 'O que a família é. Fonte: cadastro da fábrica.';
alter table public.familias_sem_lote enable row level security;
revoke all on public.familias_sem_lote from public, anon, authenticated, service_role;
grant select on public.familias_sem_lote to authenticated, service_role;
create policy leitura on public.familias_sem_lote for select to authenticated using (true);
insert into public.familias_sem_lote (prefixo, descricao) values
('0804', 'preparado (intermediário do mesmo lote)'), ('1203', 'bombona (linha fora do SicFar)');
create trigger auditar after insert or update or delete on public.familias_sem_lote
for each row execute function interno.auditar_cadastro('prefixo');

create table public.insumos (
    insumo_codigo text primary key check (length(insumo_codigo) between 1 and 30),
    descricao text not null default '',
    unidade text,
    tipo text,
    bloqueado boolean not null default false,
    atualizado_em timestamptz not null default clock_timestamp()
);
comment on table public.insumos is 'Matérias-primas e materiais de embalagem. Fonte: TOTVS (SB1).';
comment on column public.insumos.insumo_codigo is 'Código, texto com zeros à esquerda. Fonte: TOTVS (B1_COD).';
comment on column public.insumos.descricao is 'Descrição. Fonte: TOTVS (B1_DESC).';
comment on column public.insumos.unidade is 'Unidade de medida. Fonte: TOTVS (B1_UM).';
comment on column public.insumos.tipo is 'Tipo do produto. Fonte: TOTVS (B1_TIPO).';
comment on column public.insumos.bloqueado is 'Bloqueado ou excluído no TOTVS. Fonte: TOTVS (B1_MSBLQL, exclusão).';
alter table public.insumos enable row level security;
revoke all on public.insumos from public, anon, authenticated, service_role;
grant select on public.insumos to authenticated, service_role;
create policy leitura on public.insumos for select to authenticated using (true);

create table public.lotes_insumo (
    insumo_codigo text not null references public.insumos,
    numero_lote text not null,
    quantidade numeric check (quantidade >= 0),
    unidade text,
    data_fabricacao date,
    data_validade date,
    fornecedor text,
    situacao text not null default 'EM_ESTOQUE' check (situacao in ('EM_ESTOQUE', 'EM_USO', 'ESGOTADO', 'BLOQUEADO')),
    atualizado_em timestamptz not null default clock_timestamp(),
    primary key (insumo_codigo, numero_lote)
);
comment on table public.lotes_insumo is 'Lotes de insumo em estoque. Fonte: TOTVS (SB8).';
comment on column public.lotes_insumo.insumo_codigo is 'Insumo. Fonte: TOTVS (B8_PRODUTO).';
comment on column public.lotes_insumo.numero_lote is 'Lote. Fonte: TOTVS (B8_LOTECTL).';
comment on column public.lotes_insumo.quantidade is 'Saldo, na unidade do lote. Fonte: TOTVS (B8_SALDO).';
comment on column public.lotes_insumo.unidade is 'Unidade do saldo; nula = a do insumo. Fonte: TOTVS.';
comment on column public.lotes_insumo.data_fabricacao is 'Dia de fabricação. Fonte: TOTVS (B8_DFABRIC).';
comment on column public.lotes_insumo.data_validade is 'Dia de validade. Fonte: TOTVS (B8_DTVALID).';
comment on column public.lotes_insumo.fornecedor is 'Fornecedor. Fonte: TOTVS.';
comment on column public.lotes_insumo.situacao is 'EM_ESTOQUE, EM_USO, ESGOTADO ou BLOQUEADO. Fonte: TOTVS.';
alter table public.lotes_insumo enable row level security;
revoke all on public.lotes_insumo from public, anon, authenticated, service_role;
grant select on public.lotes_insumo to authenticated, service_role;
create policy leitura on public.lotes_insumo for select to authenticated using (true);

-- ------------------------------------------------------------------------------------------------------- inbox

create table public.recebimentos_totvs (
    id bigint generated always as identity primary key,
    chave text not null unique,
    origem text not null check (origem in ('webhook', 'consulta')),
    recebido_em timestamptz not null,
    correlacao text,
    remetente text,
    tipo_conteudo text,
    bruto bytea not null
);
comment on table public.recebimentos_totvs is 'O que chegou do TOTVS, byte a byte: um pedido do webhook ou uma página consultada que trouxe novidade. Somente acréscimo. Fonte: integração.';
comment on column public.recebimentos_totvs.chave is 'Identidade do pedido ou da página; a repetição traz a mesma. Fonte: integração.';
comment on column public.recebimentos_totvs.origem is 'webhook (o TOTVS enviou) ou consulta (o SicFar buscou). Fonte: integração.';
comment on column public.recebimentos_totvs.recebido_em is 'Instante do recebimento, ou imediatamente antes da consulta (UTC). Fonte: integração.';
comment on column public.recebimentos_totvs.correlacao is 'Identificador de correlação. Fonte: remetente ou integração.';
comment on column public.recebimentos_totvs.remetente is 'Como se autenticou, e de que endereço. Fonte: integração.';
comment on column public.recebimentos_totvs.tipo_conteudo is 'Content-Type declarado. Fonte: remetente.';
comment on column public.recebimentos_totvs.bruto is 'Corpo original, byte a byte. Fonte: remetente.';
alter table public.recebimentos_totvs enable row level security;
revoke all on public.recebimentos_totvs from public, anon, authenticated, service_role;
revoke all on sequence public.recebimentos_totvs_id_seq from public, anon, authenticated, service_role;
grant select on public.recebimentos_totvs to authenticated, service_role;
create policy leitura on public.recebimentos_totvs for select to authenticated using (true);
create index recebimentos_totvs_webhook on public.recebimentos_totvs (id) where origem = 'webhook';
create trigger somente_acrescimo before update or delete or truncate on public.recebimentos_totvs
for each statement execute function interno.impedir_alteracao();

create table public.eventos_totvs (
    id bigint generated always as identity primary key,
    recebimento_id bigint not null references public.recebimentos_totvs,
    indice integer not null,
    chave text not null unique,
    tipo text,
    referencia text,
    evento_id text,
    versao numeric,
    ocorrido_em timestamptz,
    recebido_em timestamptz not null,
    dados jsonb,
    sha256 text,
    situacao text not null
    check (situacao in ('APLICADO', 'SEM_EFEITO', 'SUPERADO', 'ESTACIONADO', 'IGNORADO', 'RECUSADO')),
    codigo text,
    motivo text,
    falta text,
    decidido_em timestamptz not null default clock_timestamp(),
    resolvido_em timestamptz,
    resolvido_por uuid,
    resolvido_motivo text,
    excluido boolean,
    check ((situacao = 'ESTACIONADO') = (falta is not null))
);
comment on table public.eventos_totvs is 'Caixa de entrada: cada evento do TOTVS e o que foi feito dele. Fonte: integração.';
comment on column public.eventos_totvs.recebimento_id is 'O recebimento que o trouxe, com os bytes originais. Fonte: integração.';
comment on column public.eventos_totvs.indice is 'Posição no recebimento, a partir de 0. Fonte: integração.';
comment on column public.eventos_totvs.chave is 'Identidade: id e conteúdo do evento, ou recebimento e posição. Fonte: integração.';
comment on column public.eventos_totvs.tipo is 'ordem, produto, insumo, lote ou velocidade; nulo se ilegível. Fonte: remetente.';
comment on column public.eventos_totvs.referencia is 'De que o evento trata (OP, código, código/lote, linha/código/dia). Fonte: remetente.';
comment on column public.eventos_totvs.evento_id is 'Identificador dado pelo TOTVS. Fonte: remetente.';
comment on column public.eventos_totvs.versao is 'Versão declarada, maior a cada mudança. Fonte: remetente.';
comment on column public.eventos_totvs.ocorrido_em is 'Instante declarado da mudança (UTC). Fonte: remetente.';
comment on column public.eventos_totvs.recebido_em is 'Instante do recebimento (UTC). Fonte: integração.';
comment on column public.eventos_totvs.dados is 'Campos normalizados; quantidades como texto decimal. Fonte: remetente.';
comment on column public.eventos_totvs.sha256 is 'SHA-256 do conteúdo normalizado. Fonte: integração.';
comment on column public.eventos_totvs.situacao is 'APLICADO, SEM_EFEITO, SUPERADO (havia mais novo), ESTACIONADO (espera um cadastro), IGNORADO ou RECUSADO. Fonte: banco.';
comment on column public.eventos_totvs.codigo is 'Código estável do motivo. Fonte: banco.';
comment on column public.eventos_totvs.motivo is 'Motivo, em português. Fonte: banco.';
comment on column public.eventos_totvs.falta is 'O cadastro que espera (produto:… ou linha:…). Fonte: banco.';
comment on column public.eventos_totvs.resolvido_em is 'Quando deixou de esperar alguém (UTC). Fonte: banco.';
comment on column public.eventos_totvs.resolvido_por is 'Quem o resolveu; nulo se um evento posterior o fez. Fonte: Supabase Auth.';
comment on column public.eventos_totvs.resolvido_motivo is 'Por que foi resolvido. Fonte: pessoa ou banco.';
comment on column public.eventos_totvs.excluido is 'Verdadeiro se o evento diz que o assunto foi excluído ou cancelado, falso se diz que vive; nulo se não diz. Fonte: remetente.';
alter table public.eventos_totvs enable row level security;
revoke all on public.eventos_totvs from public, anon, authenticated, service_role;
revoke all on sequence public.eventos_totvs_id_seq from public, anon, authenticated, service_role;
grant select on public.eventos_totvs to authenticated, service_role;
create policy leitura on public.eventos_totvs for select to authenticated using (true);
create index eventos_totvs_recebimento on public.eventos_totvs (recebimento_id);
create index eventos_totvs_referencia on public.eventos_totvs (tipo, referencia);
create index eventos_totvs_falta on public.eventos_totvs (falta) where situacao = 'ESTACIONADO';
create index eventos_totvs_recusados on public.eventos_totvs (id) where situacao = 'RECUSADO' and resolvido_em is null;

-- What was received never changes; only what became of it may.
create function interno.proteger_evento()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if tg_op <> 'UPDATE' or (old.id, old.recebimento_id, old.indice, old.chave, old.tipo, old.evento_id, old.versao,
        old.ocorrido_em, old.recebido_em, old.dados, old.sha256, old.excluido) is distinct from (new.id,
        new.recebimento_id, new.indice, new.chave, new.tipo, new.evento_id, new.versao, new.ocorrido_em,
        new.recebido_em, new.dados, new.sha256, new.excluido)
    then
        perform interno.recusar(
            '403', 'SOMENTE_ACRESCIMO', format('O evento %s do TOTVS permanece como chegou; %s foi recusado.', old.id, tg_op),
            'Registre a correção como um novo evento.'
        );
    end if;
    return new;
end $$;
comment on function interno.proteger_evento() is 'Gatilho da caixa de entrada: o que foi dito não muda nem some, só o que se fez dele.';
create trigger proteger before update or delete on public.eventos_totvs
for each row execute function interno.proteger_evento();
create trigger sem_truncate before truncate on public.eventos_totvs
for each statement execute function interno.impedir_alteracao();

create table public.estado_totvs (
    tipo text not null,
    referencia text not null,
    versao numeric,
    ocorrido_em timestamptz,
    recebido_em timestamptz not null,
    sha256 text not null,
    dados jsonb not null,
    excluido boolean,
    evento_id bigint,
    consulta text,
    primary key (tipo, referencia)
);
comment on table public.estado_totvs is 'O mais novo que se sabe de cada coisa que o TOTVS conta; decide se um evento é mais novo. Fonte: integração.';
comment on column public.estado_totvs.tipo is 'Tipo do evento. Fonte: remetente.';
comment on column public.estado_totvs.referencia is 'De que trata. Fonte: remetente.';
comment on column public.estado_totvs.versao is 'Maior versão declarada até aqui. Fonte: remetente.';
comment on column public.estado_totvs.ocorrido_em is 'Instante declarado mais novo (UTC). Fonte: remetente.';
comment on column public.estado_totvs.recebido_em is 'Recebimento do mais novo (UTC). Fonte: integração.';
comment on column public.estado_totvs.sha256 is 'SHA-256 do conteúdo mais novo. Fonte: integração.';
comment on column public.estado_totvs.dados is 'Campos conhecidos: os do mais novo sobre os anteriores. Fonte: remetente.';
comment on column public.estado_totvs.excluido is 'Se o mais novo diz que o assunto foi excluído ou cancelado; nulo se nenhum o disse. Fonte: remetente.';
comment on column public.estado_totvs.evento_id is 'Número do evento mais novo, maior a cada aplicação; uma linha consultada que nada mudou não fica em eventos_totvs. Fonte: banco.';
comment on column public.estado_totvs.consulta is 'A consulta que trouxe o mais novo, em quantas páginas for; nula se foi o webhook. Fonte: integração.';
alter table public.estado_totvs enable row level security;
revoke all on public.estado_totvs from public, anon, authenticated, service_role;
grant select on public.estado_totvs to authenticated, service_role;
create policy leitura on public.estado_totvs for select to authenticated using (true);

create table public.alteracoes_op (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    codigo text not null
    check (codigo in (
        'DESCRICAO_DIFERENTE', 'PRODUTO_ALTERADO', 'LOTE_ALTERADO', 'QUANTIDADE_ALTERADA', 'SITUACAO_ALTERADA'
    )),
    antes text,
    depois text,
    evento_id bigint,
    em timestamptz not null default clock_timestamp()
);
comment on table public.alteracoes_op is 'O que o TOTVS mudou numa OP e as pessoas devem ver. Somente acréscimo. Fonte: integração.';
comment on column public.alteracoes_op.codigo is 'DESCRICAO_DIFERENTE; havendo contagens ou período, PRODUTO_ALTERADO, LOTE_ALTERADO, QUANTIDADE_ALTERADA; depois de fechada ou posta de lado, SITUACAO_ALTERADA. Fonte: banco.';
comment on column public.alteracoes_op.antes is 'Valor que valia. Fonte: TOTVS.';
comment on column public.alteracoes_op.depois is 'Valor do evento. Fonte: TOTVS.';
comment on column public.alteracoes_op.evento_id is 'Evento que o disse (eventos_totvs). Fonte: banco.';
alter table public.alteracoes_op enable row level security;
revoke all on public.alteracoes_op from public, anon, authenticated, service_role;
revoke all on sequence public.alteracoes_op_id_seq from public, anon, authenticated, service_role;
grant select on public.alteracoes_op to authenticated, service_role;
create policy leitura on public.alteracoes_op for select to authenticated using (true);
create index alteracoes_op_op on public.alteracoes_op (numero_op);
create index alteracoes_op_a_reconhecer on public.alteracoes_op (numero_op, id)
where codigo in ('PRODUTO_ALTERADO', 'LOTE_ALTERADO', 'SITUACAO_ALTERADA');
-- Two descriptions of one OP are noticed once, whichever came first.
create unique index alteracoes_op_descricao
on public.alteracoes_op (numero_op, least(antes, depois), greatest(antes, depois))
where codigo = 'DESCRICAO_DIFERENTE';
create trigger somente_acrescimo before update or delete or truncate on public.alteracoes_op
for each statement execute function interno.impedir_alteracao();

create table public.reconhecimentos_op (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    em timestamptz not null default clock_timestamp(),
    usuario_id uuid not null,
    motivo text not null,
    contagens bigint not null,
    ate_alteracao bigint not null
);
comment on table public.reconhecimentos_op is 'Quem tomou conhecimento do que o TOTVS mudou numa OP que já contou. Somente acréscimo. Fonte: reconhecer_alteracao_op.';
comment on column public.reconhecimentos_op.usuario_id is 'Quem (sub do JWT). Fonte: Supabase Auth.';
comment on column public.reconhecimentos_op.contagens is 'Contagens da máquina que a OP tinha então (produção e rejeição). Fonte: banco.';
comment on column public.reconhecimentos_op.ate_alteracao is 'Última alteração vista (alteracoes_op). Fonte: banco.';
alter table public.reconhecimentos_op enable row level security;
revoke all on public.reconhecimentos_op from public, anon, authenticated, service_role;
revoke all on sequence public.reconhecimentos_op_id_seq from public, anon, authenticated, service_role;
grant select on public.reconhecimentos_op to authenticated, service_role;
create policy leitura on public.reconhecimentos_op for select to authenticated using (true);
create index reconhecimentos_op_op on public.reconhecimentos_op (numero_op);
create trigger somente_acrescimo before update or delete or truncate on public.reconhecimentos_op
for each statement execute function interno.impedir_alteracao();
