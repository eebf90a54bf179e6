-- The ledger: every file enters once, whatever is delivered however often; what cannot be counted goes to quarantine;
-- and how far each source has reported without a gap.

create table public.arquivos_ingeridos (
    id bigint generated always as identity primary key,
    bucket text not null,
    chave text not null,
    versao_id text,
    tamanho bigint not null check (tamanho >= 0),
    sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
    gravado_em timestamptz not null,
    tipo text not null check (tipo in ('gateway', 'avulso')),
    gateway text,
    epoca text check (epoca ~ '^[0-9a-f]{32}$'),
    seq bigint check (seq > 0),
    linhas jsonb not null default '[]',
    de timestamptz,
    ate timestamptz,
    aceito_tamanho bigint check (aceito_tamanho >= 0),
    aceito_sha256 text check (aceito_sha256 ~ '^[0-9a-f]{64}$'),
    inicio_sha256 text check (inicio_sha256 ~ '^[0-9a-f]{64}$'),
    contado_antes bigint check (contado_antes >= 0),
    registros bigint not null check (registros >= 0),
    situacao text not null check (situacao in ('APLICADO', 'QUARENTENA', 'REPETIDO')),
    motivo text,
    substitui bigint references public.arquivos_ingeridos,
    ingerido_em timestamptz not null default clock_timestamp(),
    check ((tipo = 'gateway') = (gateway is not null and epoca is not null and seq is not null)),
    check (
        tipo = 'gateway' or situacao = 'QUARENTENA'
        or (aceito_tamanho is not null and (aceito_tamanho = 0 or aceito_sha256 is not null))
    ),
    check (situacao = 'QUARENTENA' or sha256 is not null),
    check ((situacao = 'QUARENTENA') = (motivo is not null)),
    check (not jsonb_path_exists(linhas, '$[*] ? (@.byte_de < 0 || @.byte_ate < @.byte_de || @.registros < 0)')),
    -- Of 16 bytes a file, where a B-tree repeats its key of a hundred.
    constraint arquivos_ingeridos_lote exclude using hash (chave with =)
    where (tipo = 'gateway' and situacao = 'APLICADO')
);
comment on table public.arquivos_ingeridos is 'Razão dos arquivos de contagem, somente acréscimo: cada arquivo entra uma vez. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.bucket is 'Bucket S3 do objeto. Fonte: evento do S3.';
comment on column public.arquivos_ingeridos.chave is 'Chave S3 do objeto. Fonte: evento do S3.';
comment on column public.arquivos_ingeridos.versao_id is 'Versão S3 lida; nulo se o bucket não versiona. Fonte: evento do S3.';
comment on column public.arquivos_ingeridos.tamanho is 'Tamanho do objeto, em bytes. Fonte: S3.';
comment on column public.arquivos_ingeridos.sha256 is 'SHA-256 do objeto, hexadecimal; nulo se não pôde ser lido. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.gravado_em is 'Instante da gravação no S3 (UTC). Fonte: evento do S3.';
comment on column public.arquivos_ingeridos.tipo is 'gateway (lote selado) ou avulso (TXT solto). Fonte: txt_parser, pela chave.';
comment on column public.arquivos_ingeridos.gateway is 'Gateway que selou o lote. Fonte: chave S3.';
comment on column public.arquivos_ingeridos.epoca is 'Vida do spool do gateway, 32 hexadecimais. Fonte: chave S3.';
comment on column public.arquivos_ingeridos.seq is 'Sequência do lote na época, a partir de 1. Fonte: chave S3.';
comment on column public.arquivos_ingeridos.linhas is 'Quanto o arquivo trouxe de cada linha e de onde; lê-se como arquivos_linhas. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.de is 'Primeiro registro do arquivo (UTC). Fonte: arquivo.';
comment on column public.arquivos_ingeridos.ate is 'Último registro do arquivo (UTC). Fonte: arquivo.';
comment on column public.arquivos_ingeridos.aceito_tamanho is 'Avulso: bytes aceitos até a última linha completa. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.aceito_sha256 is 'Avulso: SHA-256 dos bytes aceitos. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.inicio_sha256 is 'Avulso: SHA-256 dos bytes até o primeiro registro; arquivos com o mesmo são o mesmo conteúdo. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.contado_antes is 'Avulso: bytes do conteúdo que já estavam contados; este lançamento contou os seguintes. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.registros is 'Registros contados no arquivo. Fonte: txt_parser.';
comment on column public.arquivos_ingeridos.situacao is
'APLICADO; QUARENTENA (nada contado); REPETIDO (avulso com conteúdo já contado sob outra chave). Fonte: registrar_contagens.';
comment on column public.arquivos_ingeridos.motivo is 'Motivo da quarentena do arquivo inteiro, código estável. Fonte: registrar_contagens.';
comment on column public.arquivos_ingeridos.substitui is 'Lançamento em quarentena que este, aceito depois, substitui. Fonte: registrar_contagens.';
alter table public.arquivos_ingeridos enable row level security;
revoke all on public.arquivos_ingeridos from public, anon, authenticated, service_role;
revoke all on sequence public.arquivos_ingeridos_id_seq from public, anon, authenticated, service_role;
grant select on public.arquivos_ingeridos to authenticated, service_role;
create policy leitura on public.arquivos_ingeridos for select to authenticated using (true);
-- At most one applied file a sequence; the same index finds every file of a sequence.
create unique index arquivos_ingeridos_seq on public.arquivos_ingeridos (
    gateway, epoca, seq, (case when situacao = 'APLICADO' then 0 else id end)
);
create unique index arquivos_ingeridos_conteudo on public.arquivos_ingeridos (aceito_sha256, aceito_tamanho)
where tipo = 'avulso' and situacao = 'APLICADO' and aceito_tamanho > 0;
create index arquivos_ingeridos_chave on public.arquivos_ingeridos using hash (chave);
create index arquivos_ingeridos_inicio on public.arquivos_ingeridos (inicio_sha256, aceito_tamanho)
where inicio_sha256 is not null and situacao <> 'QUARENTENA';
create index arquivos_ingeridos_avulso on public.arquivos_ingeridos (chave, id) where tipo = 'avulso';
-- From a time back to its files: they are stored nearly in the order of their records.
create index arquivos_ingeridos_periodo on public.arquivos_ingeridos using brin (de, ate)
with (pages_per_range = 32, autosummarize = on);
create index arquivos_ingeridos_substitui on public.arquivos_ingeridos (substitui) where substitui is not null;

-- A row per file and line would be most of the database (640,000 a day on 37 lines); together in their file's row,
-- which PostgreSQL compresses, they take a tenth.
create view public.arquivos_linhas with (security_invoker = true) as
select
    a.id as arquivo_id,
    l.linha_id,
    l.registros,
    l.de,
    l.ate,
    l.producao,
    l.rejeicao,
    l.byte_de,
    l.byte_ate,
    coalesce(l.flags, '{}') as flags
from public.arquivos_ingeridos as a
cross join lateral jsonb_to_recordset(a.linhas) as l (
    linha_id text, registros bigint, de timestamptz, ate timestamptz, producao bigint, rejeicao bigint,
    byte_de bigint, byte_ate bigint, flags jsonb
);
comment on view public.arquivos_linhas is 'Razão por arquivo e linha: quanto o arquivo trouxe da linha e de onde. Fonte: txt_parser.';
comment on column public.arquivos_linhas.linha_id is 'Linha como escrita no arquivo; pode não estar cadastrada. Fonte: arquivo.';
comment on column public.arquivos_linhas.registros is 'Registros legíveis da linha no arquivo. Fonte: txt_parser.';
comment on column public.arquivos_linhas.de is 'Primeiro registro (UTC). Fonte: arquivo.';
comment on column public.arquivos_linhas.ate is 'Último registro (UTC). Fonte: arquivo.';
comment on column public.arquivos_linhas.producao is 'Soma da produção, boa e rejeitada, em contagens da máquina. Fonte: arquivo.';
comment on column public.arquivos_linhas.rejeicao is 'Soma da rejeição, em contagens da máquina. Fonte: arquivo.';
comment on column public.arquivos_linhas.byte_de is 'Primeiro byte da linha no arquivo descomprimido (inclusive). Fonte: txt_parser.';
comment on column public.arquivos_linhas.byte_ate is 'Byte seguinte ao último da linha no arquivo descomprimido (exclusive). Fonte: txt_parser.';
comment on column public.arquivos_linhas.flags is 'Registros por marcação (ex.: {"relogio": 3}). Fonte: arquivo.';
revoke all on public.arquivos_linhas from public, anon, authenticated, service_role;
grant select on public.arquivos_linhas to authenticated, service_role;

create trigger somente_acrescimo before update or delete or truncate on public.arquivos_ingeridos
for each statement execute function interno.impedir_alteracao();

-- Pieces of one cause are one matter, for which one decision is enough: of what a source may not count, its line; of
-- what cannot be read, the gateway, or the folder that loose files are put in; of a replaced spool, which one, and
-- whether the one before had reported that far.
create function interno.assunto_da_quarentena(
    p_chave text, p_motivo text, p_outros_motivos text[], p_linha_id text, p_reportado_ate timestamptz, p_fonte text
)
returns text
language sql
immutable
set search_path = ''
as $$
    select concat_ws(
        '|', array_to_string(p_motivo || p_outros_motivos, '+'),
        case when p_fonte is not null then 'retirada:' || p_fonte end,
        case when p_chave like 'contagens/%/%' then split_part(p_chave, '/', 2) else regexp_replace(p_chave, '[^/]*$', '') end,
        case when p_motivo in ('LINHA_DESCONHECIDA', 'NAO_DONO', 'EPOCA_ANTERIOR') then p_linha_id end,
        case when 'EPOCA_ANTERIOR' = any(p_motivo || p_outros_motivos) then left(split_part(p_chave, '/', 3), 8) end,
        case when p_reportado_ate is not null then 'reportado' end
    )
$$;
comment on function interno.assunto_da_quarentena(text, text, text[], text, timestamptz, text) is
'O assunto de um item de quarentena: o mesmo para tudo que tem a mesma causa.';

create table public.quarentena (
    id bigint generated always as identity primary key,
    arquivo_id bigint references public.arquivos_ingeridos,
    bucket text,
    chave text,
    versao_id text,
    motivo text not null,
    outros_motivos text[] default '{}',
    detalhe text not null,
    linha_id text,
    registros bigint check (registros >= 0),
    producao bigint check (producao >= 0),
    rejeicao bigint check (rejeicao >= 0),
    de timestamptz,
    ate timestamptz,
    byte_de bigint check (byte_de >= 0),
    byte_ate bigint check (byte_ate >= byte_de),
    origem text,
    amostra bytea,
    criada_em timestamptz not null default clock_timestamp(),
    resolvida_em timestamptz,
    decisao text check (decisao in ('DESCARTADO', 'SUPERADO', 'REPROCESSADO')),
    decisao_motivo text,
    resolvida_por uuid,
    reprocessar_em timestamptz,
    reprocessar_por uuid,
    reprocessar_motivo text,
    anterior_id bigint references public.quarentena,
    relogio_corrigido boolean not null default false,
    fonte text,
    trechos int8multirange,
    reportado_ate timestamptz,
    outros_segundos bigint[],
    outros_intervalos bigint[],
    assunto text not null generated always as (
        interno.assunto_da_quarentena(chave, motivo, outros_motivos, linha_id, reportado_ate, fonte)
    ) stored,
    check ((resolvida_em is null) = (decisao is null)),
    constraint quarentena_de_arquivo_ou_fonte check (
        case when fonte is null then bucket is not null and chave is not null
            else arquivo_id is null and bucket is null and chave is null and linha_id is not null end
    )
);
comment on table public.quarentena is 'O que chegou e não pôde ser contado, com motivo e origem; nunca apagado. Fonte: txt_parser e registrar_contagens.';
comment on column public.quarentena.bucket is 'Bucket S3 do arquivo original; nulo se o item é de uma fonte. Fonte: evento do S3.';
comment on column public.quarentena.chave is 'Chave S3 do arquivo original; nulo se o item é de uma fonte. Fonte: evento do S3.';
comment on column public.quarentena.versao_id is 'Versão S3 do arquivo original. Fonte: evento do S3.';
comment on column public.quarentena.motivo is
'Código estável do primeiro motivo (ex.: NAO_DONO, LINHA_DESCONHECIDA, COLUNAS). Fonte: txt_parser e registrar_contagens.';
comment on column public.quarentena.outros_motivos is
'Os demais motivos pelos quais o trecho não pode ser contado; nulo se entrou antes de serem guardados. Fonte: registrar_contagens.';
comment on column public.quarentena.detalhe is 'O que foi encontrado e o que era esperado, em português. Fonte: txt_parser e registrar_contagens.';
comment on column public.quarentena.linha_id is 'Linha como escrita no arquivo; nulo se ilegível. Fonte: arquivo.';
comment on column public.quarentena.registros is 'Registros ou linhas de texto atingidos; nulo se desconhecido. Fonte: txt_parser.';
comment on column public.quarentena.producao is 'Produção não contada, em contagens da máquina; nulo se ilegível. Fonte: arquivo.';
comment on column public.quarentena.rejeicao is 'Rejeição não contada, em contagens da máquina; nulo se ilegível. Fonte: arquivo.';
comment on column public.quarentena.de is 'Primeiro instante atingido (UTC). Fonte: arquivo.';
comment on column public.quarentena.ate is 'Último instante atingido (UTC). Fonte: arquivo.';
comment on column public.quarentena.byte_de is 'Primeiro byte no arquivo descomprimido (inclusive). Fonte: txt_parser.';
comment on column public.quarentena.byte_ate is 'Byte seguinte ao último no arquivo descomprimido (exclusive). Fonte: txt_parser.';
comment on column public.quarentena.origem is 'Arquivo e posição na borda, quando o gateway os informou. Fonte: gateway.';
comment on column public.quarentena.amostra is 'Primeiros bytes originais (até 256). Fonte: arquivo.';
comment on column public.quarentena.resolvida_em is 'Instante da decisão (UTC); nulo enquanto pendente. Fonte: resolver_quarentena ou sistema.';
comment on column public.quarentena.decisao is
'DESCARTADO por uma pessoa, SUPERADO por uma versão posterior do arquivo, ou REPROCESSADO: lido de novo ou devolvido e contado, menos o que espera em outro item. Fonte: resolver_quarentena ou sistema.';
comment on column public.quarentena.decisao_motivo is 'Motivo da decisão. Fonte: pessoa ou sistema.';
comment on column public.quarentena.resolvida_por is 'Pessoa que decidiu; nulo se foi o sistema. Fonte: Supabase Auth.';
comment on column public.quarentena.reprocessar_em is 'Quando ler de novo o arquivo (UTC); nulo se ninguém o pediu. Fonte: reprocessar_quarentena.';
comment on column public.quarentena.reprocessar_por is 'Quem o pediu. Fonte: Supabase Auth.';
comment on column public.quarentena.anterior_id is
'Item lido de novo, ou devolvido em parte, de que este é o que ficou sem contar; nulo se não há. Fonte: registrar_contagens e definir_fonte.';
comment on column public.quarentena.relogio_corrigido is
'Se de e ate são os instantes que uma decisão sobre o relógio do gateway deu ao lote. Fonte: aplicar_decisoes_relogio.';
comment on column public.quarentena.fonte is
'Fonte cujas contagens saíram dos totais porque a linha era de outra; nulo se o item veio de um arquivo. Fonte: definir_fonte.';
comment on column public.quarentena.trechos is
'Os trechos ilegíveis deste motivo no arquivo descomprimido, em bytes; o último vai até o fim deles se são mais de 1.000. Fonte: txt_parser.';
comment on column public.quarentena.reportado_ate is
'Até onde (UTC) a época anterior do gateway tinha reportado a linha, se o trecho é de antes disso; nulo se não é. Fonte: marcas_linha.';
comment on column public.quarentena.outros_segundos is
'Segundos (Unix) entre de e ate em que o registro por segundo da linha no arquivo não é deste item; nulo se nenhum. Fonte: registrar_contagens.';
comment on column public.quarentena.outros_intervalos is
'Primeiro byte dos intervalos do arquivo que terminam entre de e ate e não são deste item; nulo se nenhum. Fonte: registrar_contagens.';
comment on column public.quarentena.assunto is 'A causa, a mesma de todos os itens que uma só decisão resolve. Fonte: banco.';
alter table public.quarentena enable row level security;
revoke all on public.quarentena from public, anon, authenticated, service_role;
revoke all on sequence public.quarentena_id_seq from public, anon, authenticated, service_role;
grant select on public.quarentena to authenticated, service_role;
create policy leitura on public.quarentena for select to authenticated using (true);
create index quarentena_a_reprocessar on public.quarentena (reprocessar_em) where reprocessar_em is not null;
create index quarentena_anterior on public.quarentena (anterior_id) where anterior_id is not null;
create index quarentena_pendente on public.quarentena (chave) where resolvida_em is null;
create index quarentena_assunto on public.quarentena (assunto, id) where resolvida_em is null;
create index quarentena_arquivo on public.quarentena (arquivo_id);
create index quarentena_linha on public.quarentena (linha_id);
create index quarentena_fonte on public.quarentena (linha_id, fonte) where fonte is not null;

create trigger nunca_apagar before delete or truncate on public.quarentena
for each statement execute function interno.impedir_alteracao();

-- Sequences and marks: how far each source has reported without a gap -----------------------------------------------

create table public.epocas_gateway (
    gateway text not null references public.gateways,
    epoca text not null check (epoca ~ '^[0-9a-f]{32}$'),
    numero bigint generated always as identity unique,
    inicio timestamptz not null default clock_timestamp(),
    primeira_vez_em timestamptz not null default clock_timestamp(),
    ultima_seq_continua bigint not null default 0,
    maior_seq bigint not null default 0,
    ultima_seq_declarada bigint,
    declarada_em timestamptz,
    primary key (gateway, epoca)
);
comment on table public.epocas_gateway is 'Vidas do spool de cada gateway e até onde as sequências chegaram sem falha. Fonte: registrar_contagens.';
comment on column public.epocas_gateway.epoca is 'Época, 32 hexadecimais. Fonte: chave S3.';
comment on column public.epocas_gateway.numero is 'Ordem em que as épocas foram conhecidas. Fonte: banco.';
comment on column public.epocas_gateway.inicio is 'Quando o spool da época foi criado (UTC); se nenhum lote diz, quando ela foi conhecida. Fonte: cabeçalho do lote.';
comment on column public.epocas_gateway.primeira_vez_em is 'Primeiro lote recebido da época (UTC). Fonte: banco.';
comment on column public.epocas_gateway.ultima_seq_continua is 'Maior n com 1..n todas aplicadas, em quarentena ou anuladas; no máximo a maior recebida ou declarada. Fonte: registrar_contagens.';
comment on column public.epocas_gateway.maior_seq is 'Maior sequência recebida, sem as absurdas (SEQ_ABSURDA). Fonte: registrar_contagens.';
comment on column public.epocas_gateway.ultima_seq_declarada is 'Última sequência que a época teve, declarada por uma pessoa; nulo se em uso. Fonte: encerrar_epoca.';
alter table public.epocas_gateway enable row level security;
revoke all on public.epocas_gateway from public, anon, authenticated, service_role;
revoke all on sequence public.epocas_gateway_numero_seq from public, anon, authenticated, service_role;
grant select on public.epocas_gateway to authenticated, service_role;
create policy leitura on public.epocas_gateway for select to authenticated using (true);

create table public.sequencias_anuladas (
    gateway text not null,
    epoca text not null,
    seq bigint not null check (seq > 0),
    motivo text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp(),
    ate_seq bigint not null,
    id bigint generated by default as identity unique,
    primary key (gateway, epoca, seq),
    foreign key (gateway, epoca) references public.epocas_gateway,
    constraint sequencias_anuladas_faixa check (ate_seq >= seq),
    constraint sequencias_anuladas_uma_vez exclude using gist (
        gateway with =, epoca with =, int8range(seq, ate_seq, '[]') with &&
    )
);
comment on table public.sequencias_anuladas is 'Faixas de sequências que uma pessoa declarou perdidas, somente acréscimo. Fonte: anular_sequencia.';
comment on column public.sequencias_anuladas.seq is 'Primeira sequência da faixa.';
comment on column public.sequencias_anuladas.ate_seq is 'Última sequência da faixa (inclusive).';
comment on column public.sequencias_anuladas.usuario_id is 'Quem anulou. Fonte: Supabase Auth.';
alter table public.sequencias_anuladas enable row level security;
revoke all on public.sequencias_anuladas from public, anon, authenticated, service_role;
revoke all on sequence public.sequencias_anuladas_id_seq from public, anon, authenticated, service_role;
grant select on public.sequencias_anuladas to authenticated, service_role;
create policy leitura on public.sequencias_anuladas for select to authenticated using (true);

create trigger somente_acrescimo before update or delete or truncate on public.sequencias_anuladas
for each statement execute function interno.impedir_alteracao();

create table public.marcas_linha (
    linha_id text not null references public.linhas,
    gateway text not null,
    epoca text not null,
    ate timestamptz not null,
    estado text not null check (estado in ('ok', 'erro', 'parado')),
    relogio_ms bigint,
    atualizada_em timestamptz not null default clock_timestamp(),
    primary key (linha_id, gateway, epoca),
    -- No index: an época is never deleted, and marks change with each batch.
    foreign key (gateway, epoca) references public.epocas_gateway
);
comment on table public.marcas_linha is 'Até quando cada gateway reportou cada linha, sem falha de sequência. Fonte: marcas dos lotes.';
comment on column public.marcas_linha.ate is
'Tudo até este instante (UTC) foi reportado: o que diz a marca da maior sequência, no máximo até a chegada do lote. Fonte: marca do lote.';
comment on column public.marcas_linha.estado is 'Estado da fonte na última marca: ok, erro ou parado. Fonte: marca do lote.';
comment on column public.marcas_linha.relogio_ms is 'Diferença medida do relógio da fonte, em milissegundos; nulo se não medida. Fonte: marca do lote.';
alter table public.marcas_linha enable row level security;
revoke all on public.marcas_linha from public, anon, authenticated, service_role;
grant select on public.marcas_linha to authenticated, service_role;
create policy leitura on public.marcas_linha for select to authenticated using (true);

create table public.marcas_a_espera (
    gateway text not null,
    epoca text not null,
    seq bigint not null,
    marcas jsonb not null,
    primary key (gateway, epoca, seq),
    foreign key (gateway, epoca) references public.epocas_gateway
);
comment on table public.marcas_a_espera is 'Marcas de lotes que chegaram antes de uma sequência anterior; saem quando ela chega. Fonte: marcas dos lotes.';
comment on column public.marcas_a_espera.marcas is 'Marcas por linha (linha_id, ate, estado, relogio_ms). Fonte: gateway.';
alter table public.marcas_a_espera enable row level security;
revoke all on public.marcas_a_espera from public, anon, authenticated, service_role;
grant select on public.marcas_a_espera to authenticated, service_role;
create policy leitura on public.marcas_a_espera for select to authenticated using (true);
