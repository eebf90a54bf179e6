-- Master data: lines, who counts them and by which factor, products, production orders, people and their trail.

create table public.linhas (
    linha_id text primary key check (linha_id ~ '^[A-Z0-9][A-Z0-9-]{0,31}$'),
    nome text not null unique,
    setor text not null check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    etapa text not null check (etapa in ('ENVASE', 'EMBALAGEM')),
    marca_clp text,
    ativa boolean not null default true,
    maximo_por_segundo integer check (maximo_por_segundo > 0),
    regra_refugo text not null default 'MAQUINA' check (regra_refugo in ('MAQUINA', 'DIGITADO', 'CONCILIAR')),
    criada_em timestamptz not null default now(),
    recurso_totvs text,
    centro_custo_totvs text,
    parada_minutos integer check (parada_minutos between 1 and 1440)
);
comment on table public.linhas is 'Linhas de envase e embalagem da fábrica (37). Fonte: cadastro da fábrica.';
comment on column public.linhas.linha_id is 'Código textual da linha, usado em todo o sistema (ex.: SPEP-ENV-A). Fonte: cadastro da fábrica.';
comment on column public.linhas.nome is 'Nome único como a fábrica o lê. Fonte: cadastro da fábrica.';
comment on column public.linhas.setor is 'Setor: SPEP, SPPV, LIQUIDOS ou CPHD. Fonte: cadastro da fábrica.';
comment on column public.linhas.etapa is 'Etapa produtiva: ENVASE ou EMBALAGEM. Fonte: cadastro da fábrica.';
comment on column public.linhas.marca_clp is 'Marca do CLP ou da máquina; nulo se não informada. Fonte: cadastro da fábrica (Atividade 06).';
comment on column public.linhas.ativa is 'Falso se a linha não aceita mais aberturas de ordem. Fonte: cadastro da fábrica.';
comment on column public.linhas.maximo_por_segundo is
'Maior contagem plausível por segundo e contador, em contagens da máquina; nulo = sem limite próprio. Fonte: Engenharia.';
comment on column public.linhas.regra_refugo is
'O refugo da linha: o que a MAQUINA rejeita, o DIGITADO, ou os dois, a CONCILIAR. Fonte: cadastro da fábrica.';
comment on column public.linhas.recurso_totvs is 'Recurso (máquina) da linha no TOTVS, informado nos apontamentos. Fonte: definir_recurso.';
comment on column public.linhas.centro_custo_totvs is 'Centro de custo da linha no TOTVS, informado nos apontamentos. Fonte: definir_recurso.';
comment on column public.linhas.parada_minutos is
'Minutos seguidos sem contagem com que a linha está parada; nulo = o parâmetro PARADA_MINUTOS. Fonte: definir_minutos_parada.';
alter table public.linhas enable row level security;
revoke all on public.linhas from public, anon, authenticated, service_role;
grant select on public.linhas to authenticated, service_role;
create policy leitura on public.linhas for select to authenticated using (true);

create table public.fatores_linha (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    contador text not null check (contador in ('producao', 'rejeicao')),
    fator integer not null check (fator > 0),
    validade tstzrange not null default '(,)' check (not isempty(validade)),
    exclude using gist (linha_id with =, contador with =, validade with &&)
);
comment on table public.fatores_linha is 'Unidades por contagem da máquina (cavidades do ciclo). Sem linha aqui vale 1. Fonte: Engenharia.';
comment on column public.fatores_linha.linha_id is 'Linha a que o fator se aplica. Fonte: Engenharia.';
comment on column public.fatores_linha.contador is 'Contador da máquina: producao ou rejeicao. Fonte: Engenharia.';
comment on column public.fatores_linha.fator is 'Unidades por contagem da máquina (inteiro). Fonte: Engenharia.';
comment on column public.fatores_linha.validade is 'Intervalo de validade (UTC), sem sobreposição; vale o fator do instante de abertura da ordem. Fonte: Engenharia.';
alter table public.fatores_linha enable row level security;
revoke all on public.fatores_linha from public, anon, authenticated, service_role;
revoke all on sequence public.fatores_linha_id_seq from public, anon, authenticated, service_role;
grant select on public.fatores_linha to authenticated, service_role;
create policy leitura on public.fatores_linha for select to authenticated using (true);

create table public.gateways (
    gateway text primary key
    check (gateway ~ '^[a-z0-9][a-z0-9-]{1,62}$' and gateway not in ('avulso', 'manual')),
    descricao text not null default '',
    criado_em timestamptz not null default now()
);
comment on table public.gateways is 'Gateways de borda autorizados a enviar lotes de contagens. Fonte: TI.';
comment on column public.gateways.gateway is 'Identificador do gateway, o mesmo do prefixo no bucket. Fonte: TI.';
comment on column public.gateways.descricao is 'Onde está e a que serve. Fonte: TI.';
alter table public.gateways enable row level security;
revoke all on public.gateways from public, anon, authenticated, service_role;
grant select on public.gateways to authenticated, service_role;
create policy leitura on public.gateways for select to authenticated using (true);

-- Who counts a line is assigned, never guessed from who arrives first.
create table public.fontes_linha (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    fonte text not null,
    papel text not null default 'contagem' check (papel in ('contagem', 'conferencia')),
    de timestamptz not null check (extract(epoch from de) % 1 = 0),
    ate timestamptz check (extract(epoch from ate) % 1 = 0),
    check (ate > de),
    exclude using gist (linha_id with =, tstzrange(de, ate) with &&) where (papel = 'contagem'),
    exclude using gist (linha_id with =, fonte with =, tstzrange(de, ate) with &&)
);
comment on table public.fontes_linha is 'Quem conta cada linha e quando: no máximo uma fonte de contagem por instante. Fonte: TI e Engenharia.';
comment on column public.fontes_linha.fonte is 'Identificador do gateway, ou avulso, ou manual. Fonte: TI e Engenharia.';
comment on column public.fontes_linha.papel is 'contagem soma nos totais; conferencia só é mostrada, nunca somada. Fonte: TI e Engenharia.';
comment on column public.fontes_linha.de is 'Início da atribuição, segundo inteiro (UTC, inclusive). Fonte: TI e Engenharia.';
comment on column public.fontes_linha.ate is 'Fim da atribuição, segundo inteiro (UTC, exclusive); nulo = vigente. Fonte: TI e Engenharia.';
alter table public.fontes_linha enable row level security;
revoke all on public.fontes_linha from public, anon, authenticated, service_role;
revoke all on sequence public.fontes_linha_id_seq from public, anon, authenticated, service_role;
grant select on public.fontes_linha to authenticated, service_role;
create policy leitura on public.fontes_linha for select to authenticated using (true);

create table public.produtos (
    produto_codigo text primary key check (length(produto_codigo) between 1 and 30),
    descricao text not null default '',
    unidade text,
    tipo text,
    bloqueado boolean not null default false,
    volume_ml numeric check (volume_ml >= 0),
    registro_anvisa text,
    codigo_barras text,
    atualizado_em timestamptz not null default now()
);
comment on table public.produtos is 'Produtos (SKU) do TOTVS. Fonte: TOTVS (SB1).';
comment on column public.produtos.produto_codigo is 'Código do produto, texto com zeros à esquerda. Fonte: TOTVS (B1_COD).';
comment on column public.produtos.descricao is 'Descrição do produto. Fonte: TOTVS (B1_DESC).';
comment on column public.produtos.unidade is 'Unidade de medida. Fonte: TOTVS (B1_UM).';
comment on column public.produtos.tipo is 'Tipo do produto (PA, PI…). Fonte: TOTVS (B1_TIPO).';
comment on column public.produtos.bloqueado is 'Produto bloqueado para uso, ou excluído. Fonte: TOTVS (B1_MSBLQL, exclusão).';
comment on column public.produtos.volume_ml is 'Volume por unidade, em mL; 0 se não se aplica. Fonte: TOTVS (B1_YQTML).';
comment on column public.produtos.registro_anvisa is 'Registro na ANVISA, ou DISPENSADO. Fonte: TOTVS (B1_YREGANS).';
comment on column public.produtos.codigo_barras is 'GTIN. Fonte: TOTVS (B1_CODBAR).';
comment on column public.produtos.atualizado_em is 'Última alteração recebida (UTC). Fonte: integração.';
alter table public.produtos enable row level security;
revoke all on public.produtos from public, anon, authenticated, service_role;
grant select on public.produtos to authenticated, service_role;
create policy leitura on public.produtos for select to authenticated using (true);

create table public.lotes_producao (
    numero_op text primary key check (numero_op = public.normalizar_op(numero_op)),
    numero_lote text not null,
    produto_codigo text not null references public.produtos,
    linha_id text references public.linhas,
    linha_origem text check (linha_origem in ('TOTVS', 'PROPOSTA')),
    quantidade_planejada numeric not null check (quantidade_planejada >= 0),
    unidade text,
    descricao text,
    dossie text,
    volume_ml numeric check (volume_ml >= 0),
    registro_anvisa text,
    data_emissao date,
    inicio_previsto date,
    data_fabricacao date,
    data_validade date,
    situacao_totvs text check (situacao_totvs in ('ABERTA', 'ENCERRADA', 'CANCELADA')),
    status text not null default 'PLANEJADO'
    check (status in ('PLANEJADO', 'EM_ANDAMENTO', 'A_FECHAR', 'CONCLUIDO', 'POSTO_DE_LADO')),
    criado_em timestamptz not null default now(),
    atualizado_em timestamptz not null default now(),
    numero_op_totvs text
);
create index lotes_producao_linha on public.lotes_producao (linha_id) where linha_id is not null;
comment on table public.lotes_producao is 'Uma linha por ordem de produção (OP); um lote pode ter duas OPs. Fonte: TOTVS (SC2).';
comment on column public.lotes_producao.numero_op is 'OP normalizada (normalizar_op), texto de até 14 caracteres. Fonte: TOTVS (C2_NUM, C2_ITEM, C2_SEQUEN).';
comment on column public.lotes_producao.numero_op_totvs is 'OP como o TOTVS a escreveu, p. ex. com 11 caracteres; de duas escritas da mesma, a mais longa. Fonte: TOTVS.';
comment on column public.lotes_producao.numero_lote is 'Número do lote, texto. Fonte: TOTVS (C2_LOTECTL).';
comment on column public.lotes_producao.produto_codigo is 'Produto da OP. Fonte: TOTVS (C2_PRODUTO).';
comment on column public.lotes_producao.linha_id is 'Linha prevista, se conhecida; a OP do Protheus não a informa. Fonte: TOTVS, ou a letra final de um lote SPEP.';
comment on column public.lotes_producao.linha_origem is 'TOTVS se o evento nomeou a linha; PROPOSTA se veio da letra do lote. Fonte: integração.';
comment on column public.lotes_producao.quantidade_planejada is 'Quantidade planejada, na unidade da OP. Fonte: TOTVS (C2_QUANT).';
comment on column public.lotes_producao.unidade is 'Unidade da quantidade planejada. Fonte: TOTVS (C2_UM).';
comment on column public.lotes_producao.descricao is 'Descrição como veio com a OP. Fonte: TOTVS (B1_DESC).';
comment on column public.lotes_producao.dossie is 'Dossiê do lote. Fonte: TOTVS (C2_YDOSSIE).';
comment on column public.lotes_producao.volume_ml is 'Volume por unidade como veio com a OP, em mL. Fonte: TOTVS (B1_YQTML).';
comment on column public.lotes_producao.registro_anvisa is 'Registro na ANVISA como veio com a OP. Fonte: TOTVS (B1_YREGANS).';
comment on column public.lotes_producao.data_emissao is 'Dia de emissão da OP. Fonte: TOTVS (C2_EMISSAO).';
comment on column public.lotes_producao.inicio_previsto is 'Dia previsto para começar. Fonte: TOTVS (C2_DATPRI).';
comment on column public.lotes_producao.data_fabricacao is 'Dia de fabricação do lote. Fonte: TOTVS (SB8, ou a OP).';
comment on column public.lotes_producao.data_validade is 'Dia de validade do lote. Fonte: TOTVS (SB8, ou C2_DTVALID).';
comment on column public.lotes_producao.situacao_totvs is 'O que o TOTVS diz da OP: ABERTA, ENCERRADA ou CANCELADA. Fonte: TOTVS.';
comment on column public.lotes_producao.status is 'O que fizemos da OP: PLANEJADO, EM_ANDAMENTO (aberta numa linha), A_FECHAR, CONCLUIDO ou POSTO_DE_LADO. Fonte: banco (interno.estado_op).';
alter table public.lotes_producao enable row level security;
revoke all on public.lotes_producao from public, anon, authenticated, service_role;
grant select on public.lotes_producao to authenticated, service_role;
create policy leitura on public.lotes_producao for select to authenticated using (true);
-- Screens follow lots live; counts change every few seconds and are read by polling.
alter publication supabase_realtime add table public.lotes_producao;
create index lotes_producao_lote on public.lotes_producao (numero_lote);
create index lotes_producao_produto on public.lotes_producao (produto_codigo);
create index lotes_producao_status on public.lotes_producao (status, numero_op);
create index lotes_producao_mudanca on public.lotes_producao (atualizado_em desc, numero_op);

create table public.trilha_auditoria (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    usuario_id uuid,
    papel text not null,
    acao text not null,
    objeto text not null,
    antes jsonb,
    depois jsonb,
    motivo text,
    correlacao text
);
comment on table public.trilha_auditoria is 'Trilha de auditoria, somente acréscimo: quem fez o quê, quando e por quê. Fonte: funções do SicFar.';
comment on column public.trilha_auditoria.usuario_id is 'Pessoa que agiu (sub do JWT); nulo se foi o sistema. Fonte: Supabase Auth.';
comment on column public.trilha_auditoria.papel is 'Papel com que agiu, ou SISTEMA. Fonte: papeis_usuario.';
comment on column public.trilha_auditoria.acao is 'Ação: nome da função, ou a operação sobre o cadastro. Fonte: funções do SicFar.';
comment on column public.trilha_auditoria.objeto is 'Objeto atingido (tabela e chave). Fonte: funções do SicFar.';
comment on column public.trilha_auditoria.antes is 'Valores anteriores; nulo se não havia. Fonte: funções do SicFar.';
comment on column public.trilha_auditoria.depois is 'Valores posteriores; nulo se deixou de haver. Fonte: funções do SicFar.';
comment on column public.trilha_auditoria.correlacao is 'Identificador de correlação do pedido HTTP. Fonte: cliente.';
alter table public.trilha_auditoria enable row level security;
revoke all on public.trilha_auditoria from public, anon, authenticated, service_role;
revoke all on sequence public.trilha_auditoria_id_seq from public, anon, authenticated, service_role;
grant select on public.trilha_auditoria to authenticated, service_role;
create policy leitura on public.trilha_auditoria for select to authenticated using (true);
create index trilha_auditoria_objeto on public.trilha_auditoria (objeto, em);

create trigger somente_acrescimo before update or delete or truncate on public.trilha_auditoria
for each statement execute function interno.impedir_alteracao();

create function interno.anotar_trilha(
    p_papel text, p_acao text, p_objeto text, p_antes jsonb, p_depois jsonb, p_motivo text
)
returns void
language sql
set search_path = ''
as $$
    insert into public.trilha_auditoria (usuario_id, papel, acao, objeto, antes, depois, motivo, correlacao)
    values (interno.usuario_atual(), p_papel, p_acao, p_objeto, p_antes, p_depois, p_motivo, interno.correlacao_atual())
$$;
comment on function interno.anotar_trilha(text, text, text, jsonb, jsonb, text) is 'Acrescenta um fato à trilha de auditoria.';

-- Configuration decides totals, so each change of it leaves a trail, by any caller. A function that changes it declares
-- first with which role and why; for a direct connection the database role stands in `papel`, and there is no reason.
create function interno.declarar_autor(p_papel text, p_motivo text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform set_config('sicfar.papel', p_papel, true), set_config('sicfar.motivo', p_motivo, true);
end $$;
comment on function interno.declarar_autor(text, text) is
'Papel e motivo que a trilha dos cadastros leva até o fim da transação, ou até a próxima declaração; vazios = nenhum.';

create function interno.auditar_cadastro()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_antes jsonb;
    v_depois jsonb;
begin
    if tg_op <> 'INSERT' then
        v_antes := to_jsonb(old) - tg_argv[1:];
    end if;
    if tg_op <> 'DELETE' then
        v_depois := to_jsonb(new) - tg_argv[1:];
    end if;
    if v_antes is distinct from v_depois then
        perform interno.anotar_trilha(
            coalesce(nullif(current_setting('sicfar.papel', true), ''), session_user), lower(tg_op),
            tg_table_name || ':' || (coalesce(v_depois, v_antes) ->> tg_argv[0]), v_antes, v_depois,
            nullif(current_setting('sicfar.motivo', true), '')
        );
    end if;
    return null;
end $$;
comment on function interno.auditar_cadastro() is 'Gatilho dos cadastros que decidem totais: cada alteração vai para a trilha. Argumentos: coluna-chave e colunas que não são cadastro.';

-- An ownership change and a batch in flight must not interleave: both take the line's lock.
create function interno.travar_linha_da_fonte()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from public.linhas
    where linha_id in (coalesce(new.linha_id, old.linha_id), coalesce(old.linha_id, new.linha_id))
    order by linha_id for no key update;
    return coalesce(new, old);
end $$;
comment on function interno.travar_linha_da_fonte() is 'Gatilho de fontes_linha: a troca de fonte espera os lotes da linha em andamento.';

create trigger travar_linha before insert or update or delete on public.fontes_linha
for each row execute function interno.travar_linha_da_fonte();
