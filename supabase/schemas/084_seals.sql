-- What people typed, decided and signed, and what was said to and by TOTVS, is sealed: the function `auditoria` hashes
-- the rows and puts each seal into a bucket that nobody who has this database can write. What stands here is a copy of
-- the chain for screens and dossiers, and an index of what has been sealed: neither is believed by the audit.
--
-- The rows are hashed by the function and the audit themselves, from PostgreSQL's own JSON of a row: a hash computed by
-- a function of this database could be made to say anything by whoever owns it.

create table public.selos (
    posicao bigint primary key check (posicao > 0),
    anterior text check (anterior ~ '^[0-9a-f]{64}$'),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    selado_em timestamptz not null,
    registros integer not null check (registros > 0),
    registrado_em timestamptz not null default clock_timestamp(),
    check ((posicao = 1) = (anterior is null))
);
comment on table public.selos is 'Cópia da cadeia de selos; a que vale está no bucket dos selos. Somente acréscimo. Fonte: função auditoria.';
comment on column public.selos.posicao is 'Lugar na cadeia, a partir de 1, sem lacunas. Fonte: bucket dos selos.';
comment on column public.selos.anterior is 'SHA-256, hexadecimal, do selo anterior; nulo no primeiro. Fonte: bucket dos selos.';
comment on column public.selos.sha256 is 'SHA-256, hexadecimal, do selo inteiro. Fonte: bucket dos selos.';
comment on column public.selos.selado_em is 'Instante da leitura das linhas (UTC). Fonte: banco.';
comment on column public.selos.registros is 'Quantas linhas este selo cobre. Fonte: bucket dos selos.';
comment on column public.selos.registrado_em is 'Instante em que a cópia foi escrita (UTC). Fonte: banco.';
alter table public.selos enable row level security;
revoke all on public.selos from public, anon, authenticated, service_role;
grant select on public.selos to authenticated, service_role;
create policy leitura on public.selos for select to authenticated using (true);
create trigger somente_acrescimo before update or delete or truncate on public.selos
for each statement execute function interno.impedir_alteracao();

-- Which rows are sealed, as ranges: numbers of rows that were rolled back stay gaps, and a row that a long transaction
-- commits late lies in one and is found there by the next seal, whatever has been sealed after it.
create table public.registros_selados (
    tabela text primary key,
    faixas int8multirange not null
);
comment on table public.registros_selados is 'Os números (id) já selados de cada tabela. Só um índice: a auditoria lê o bucket. Fonte: função auditoria.';
comment on column public.registros_selados.tabela is 'Tabela. Fonte: função auditoria.';
comment on column public.registros_selados.faixas is 'Faixas de id seladas. Fonte: função auditoria.';
alter table public.registros_selados enable row level security;
revoke all on public.registros_selados from public, anon, authenticated, service_role;
grant select on public.registros_selados to authenticated, service_role;
create policy leitura on public.registros_selados for select to authenticated using (true);

-- An audit's result, beside the one in the bucket.
create table public.auditorias (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    de timestamptz not null,
    ate timestamptz not null,
    ultimo_selo bigint not null,
    diferencas integer not null check (diferencas >= 0),
    resumo jsonb not null,
    achados jsonb not null,
    check (ate > de)
);
comment on table public.auditorias is 'Resultado de cada auditoria dos registros; o mesmo está no bucket dos selos. Somente acréscimo. Fonte: função auditoria.';
comment on column public.auditorias.de is 'Início do tempo auditado (UTC). Fonte: função auditoria.';
comment on column public.auditorias.ate is 'Fim do tempo auditado (UTC), exclusive. Fonte: função auditoria.';
comment on column public.auditorias.ultimo_selo is 'Posição do último selo da cadeia então; 0 se não havia. Fonte: bucket dos selos.';
comment on column public.auditorias.diferencas is 'Quantas diferenças foram achadas. Fonte: função auditoria.';
comment on column public.auditorias.resumo is 'Quanto foi conferido. Fonte: função auditoria.';
comment on column public.auditorias.achados is 'As primeiras cem diferenças. Fonte: função auditoria.';
alter table public.auditorias enable row level security;
revoke all on public.auditorias from public, anon, authenticated, service_role;
revoke all on sequence public.auditorias_id_seq from public, anon, authenticated, service_role;
grant select on public.auditorias to authenticated, service_role;
create policy leitura on public.auditorias for select to authenticated using (true);
create trigger somente_acrescimo before update or delete or truncate on public.auditorias
for each statement execute function interno.impedir_alteracao();

-- The copy of a seal that is in the bucket already. One that stands here otherwise stays as it is: the audit names it.
--
-- p_repor: the bucket had it before this database did: it is an older copy that was restored, and its numbers must not
-- be given out again, for they are sealed. nextval and not setval: it never takes a number back.
create function interno.registrar_selo(p_selo jsonb, p_faixas jsonb, p_repor boolean)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_faixas record;
    v_sequencia text;
begin
    insert into public.selos (posicao, anterior, sha256, selado_em, registros)
    select s.posicao, s.anterior, s.sha256, s.selado_em, s.registros
    from jsonb_to_record(p_selo) as s (posicao bigint, anterior text, sha256 text, selado_em timestamptz, registros integer)
    on conflict (posicao) do nothing;
    for v_faixas in
        select f.key as tabela, f.value::int8multirange as faixas from jsonb_each_text(p_faixas) as f order by f.key
    loop
        insert into public.registros_selados as r (tabela, faixas)
        values (v_faixas.tabela, v_faixas.faixas)
        on conflict (tabela) do update set faixas = r.faixas + excluded.faixas;
        v_sequencia := pg_get_serial_sequence(format('public.%I', v_faixas.tabela), 'id');
        if p_repor and v_sequencia is not null then
            perform nextval(v_sequencia)
            from generate_series(
                coalesce(pg_sequence_last_value(v_sequencia::regclass), 0) + 1, upper(v_faixas.faixas) - 1
            );
        end if;
    end loop;
    return exists (select from public.selos as s where s.posicao = (p_selo ->> 'posicao')::bigint and s.sha256 = p_selo ->> 'sha256');
end $$;
comment on function interno.registrar_selo(jsonb, jsonb, boolean) is
'Copia para o banco um selo que já está no bucket, com os números que ele cobre (tabela → faixas); falso se o banco já tinha outro nesta posição. p_repor: os números não se repetem depois de uma restauração.';
revoke all on function interno.registrar_selo(jsonb, jsonb, boolean) from public;
grant execute on function interno.registrar_selo(jsonb, jsonb, boolean) to sicfar_auditoria;

create function interno.registrar_auditoria(
    p_de timestamptz, p_ate timestamptz, p_ultimo_selo bigint, p_diferencas integer, p_resumo jsonb, p_achados jsonb
)
returns bigint
language sql
security definer
set search_path = ''
as $$
    insert into public.auditorias (de, ate, ultimo_selo, diferencas, resumo, achados)
    values (p_de, p_ate, p_ultimo_selo, p_diferencas, p_resumo, p_achados)
    returning id
$$;
comment on function interno.registrar_auditoria(timestamptz, timestamptz, bigint, integer, jsonb, jsonb) is
'Guarda o resultado de uma auditoria; devolve o número dela.';
revoke all on function interno.registrar_auditoria(timestamptz, timestamptz, bigint, integer, jsonb, jsonb) from public;
grant execute on function interno.registrar_auditoria(timestamptz, timestamptz, bigint, integer, jsonb, jsonb)
to sicfar_auditoria;
grant usage on schema interno to sicfar_auditoria;
