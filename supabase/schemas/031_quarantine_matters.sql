-- What waits in quarantine, by matter: its items added up as they come, so that a screen reads a few rows where there
-- are a hundred thousand items.
--
-- Each insert into `quarentena` appends a row a matter, and now and then the rows of a matter become one. An item that
-- is decided, or opened again, cannot be taken out of a sum: a row with no items says that the matter is to be added up
-- anew, which the run of every minute does; until then its items are read. Rows are only ever appended, except under
-- the matter's own lock, which is never waited for while another is held.

create table public.quarentena_somas (
    id bigint generated always as identity primary key,
    assunto text not null,
    itens bigint not null check (itens >= 0),
    sem_linha bigint,
    primeiro bigint,
    ultimo bigint,
    arquivos bigint,
    linhas text[],
    registros numeric,
    producao numeric,
    rejeicao numeric,
    de timestamptz,
    ate timestamptz,
    desde timestamptz,
    ultimo_em timestamptz
);
comment on table public.quarentena_somas is
'Os itens de quarentena que esperam, somados por assunto; as linhas de um assunto se somam. Fonte: quarentena.';
comment on column public.quarentena_somas.itens is 'Quantos itens; zero se o assunto deve ser somado de novo, e as demais colunas nulas. Fonte: quarentena.';
comment on column public.quarentena_somas.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_somas.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.arquivos is 'Arquivos que não têm item do assunto em outra linha desta tabela. Fonte: quarentena.';
comment on column public.quarentena_somas.linhas is 'Linhas atingidas, em ordem, como escritas nos arquivos. Fonte: quarentena.';
comment on column public.quarentena_somas.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.de is 'Primeiro instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ate is 'Último instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.desde is 'Quando o primeiro chegou (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo_em is 'Quando o último chegou (UTC). Fonte: quarentena.';
alter table public.quarentena_somas enable row level security;
revoke all on public.quarentena_somas from public, anon, authenticated, service_role;
revoke all on sequence public.quarentena_somas_id_seq from public, anon, authenticated, service_role;
grant select on public.quarentena_somas to authenticated, service_role;
create policy leitura on public.quarentena_somas for select to authenticated using (true);
create index quarentena_somas_assunto on public.quarentena_somas (assunto);
create index quarentena_somas_a_somar on public.quarentena_somas (assunto) where itens = 0;

-- A matter's rows become one, unless another is at it or all of it is to be added up anew.
create function interno.juntar_somas(p_assunto text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if exists (select from public.quarentena_somas where assunto = p_assunto and itens = 0)
        or not pg_try_advisory_xact_lock(hashtextextended('assunto:' || p_assunto, 0)) then
        return;
    end if;
    with somadas as (
        delete from public.quarentena_somas
        where assunto = p_assunto and itens > 0
        returning *
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select p_assunto, sum(s.itens), sum(s.sem_linha), min(s.primeiro), max(s.ultimo), sum(s.arquivos),
        array(select distinct l.linha_id from somadas as t cross join unnest(t.linhas) as l (linha_id) order by l.linha_id),
        sum(s.registros), sum(s.producao), sum(s.rejeicao), min(s.de), max(s.ate), min(s.desde), max(s.ultimo_em)
    from somadas as s
    having count(*) > 0;
end $$;
comment on function interno.juntar_somas(text) is 'Junta em uma as linhas de quarentena_somas do assunto.';

create function interno.somar_novos_itens()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_assunto text;
begin
    with arquivos as (
        select f.assunto, count(*) as quantos
        from (
            select n.assunto, n.chave, min(n.id) as primeiro from novos as n where n.chave is not null group by n.assunto, n.chave
        ) as f
        where not exists (
            select from public.quarentena as q
            where q.chave = f.chave and q.assunto = f.assunto and q.resolvida_em is null and q.id < f.primeiro
        )
        group by f.assunto
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select n.assunto, count(*), count(*) - count(n.linha_id), min(n.id), max(n.id), coalesce(max(f.quantos), 0),
        coalesce(array_agg(distinct n.linha_id order by n.linha_id) filter (where n.linha_id is not null), '{}'),
        sum(n.registros), sum(n.producao), sum(n.rejeicao), min(n.de), max(n.ate), min(n.criada_em), max(n.criada_em)
    from novos as n left join arquivos as f on f.assunto = n.assunto
    where n.resolvida_em is null
    group by n.assunto;
    for v_assunto in select distinct n.assunto from novos as n where n.id % 16 = 0 order by n.assunto loop
        perform interno.juntar_somas(v_assunto);
    end loop;
    return null;
end $$;
comment on function interno.somar_novos_itens() is 'Gatilho da quarentena: soma os itens que entram ao que espera do seu assunto.';
create trigger somar_itens after insert on public.quarentena
referencing new table as novos for each statement execute function interno.somar_novos_itens();

create function interno.marcar_somas()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.quarentena_somas (assunto, itens)
    select distinct d.assunto, 0
    from antes as a
    inner join depois as n on n.id = a.id
    cross join lateral (values (a.assunto), (n.assunto)) as d (assunto)
    where (a.resolvida_em is null) <> (n.resolvida_em is null) or a.assunto <> n.assunto;
    return null;
end $$;
comment on function interno.marcar_somas() is
'Gatilho da quarentena: o assunto de que itens foram decididos ou reabertos deve ser somado de novo.';
create trigger marcar_somas after update on public.quarentena
referencing old table as antes new table as depois for each statement execute function interno.marcar_somas();

-- No SET clause: the planner inlines it.
create function public.somar_assunto(p_assunto text)
returns table (
    assunto text, itens bigint, sem_linha bigint, primeiro bigint, ultimo bigint, arquivos bigint, linhas text[],
    registros numeric, producao numeric, rejeicao numeric, de timestamptz, ate timestamptz, desde timestamptz,
    ultimo_em timestamptz
)
language sql
stable
as $$
    select p_assunto, count(*), count(*) - count(q.linha_id), min(q.id), max(q.id), count(distinct q.chave),
        coalesce(array_agg(distinct q.linha_id order by q.linha_id) filter (where q.linha_id is not null), '{}'),
        sum(q.registros), sum(q.producao), sum(q.rejeicao), min(q.de), max(q.ate), min(q.criada_em), max(q.criada_em)
    from public.quarentena as q
    where q.assunto = p_assunto and q.resolvida_em is null
    having count(*) > 0
$$;
comment on function public.somar_assunto(text) is 'O que espera do assunto em quarentena, somado item por item; nada se nada espera.';
revoke all on function public.somar_assunto(text) from public, anon, authenticated, service_role;
grant execute on function public.somar_assunto(text) to authenticated, service_role;

create function interno.somar_de_novo()
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_assunto text;
begin
    for v_assunto in select distinct s.assunto from public.quarentena_somas as s where s.itens = 0 order by s.assunto loop
        perform pg_advisory_xact_lock(hashtextextended('assunto:' || v_assunto, 0));
        with somadas as (
            delete from public.quarentena_somas
            where assunto = v_assunto
        )
        insert into public.quarentena_somas
            (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
             ultimo_em)
        select t.* from public.somar_assunto(v_assunto) as t;
    end loop;
end $$;
comment on function interno.somar_de_novo() is 'Soma de novo, item por item, os assuntos de que itens foram decididos ou reabertos.';

create view public.quarentena_assuntos with (security_invoker = true) as
with a_somar as (
    select distinct s.assunto
    from public.quarentena_somas as s
    where s.itens = 0
),

somados as (
    select
        s.assunto,
        sum(s.itens)::bigint as itens,
        sum(s.sem_linha)::bigint as sem_linha,
        min(s.primeiro) as primeiro,
        max(s.ultimo) as ultimo,
        sum(s.arquivos)::bigint as arquivos,
        sum(s.registros) as registros,
        sum(s.producao) as producao,
        sum(s.rejeicao) as rejeicao,
        min(s.de) as de,
        max(s.ate) as ate,
        min(s.desde) as desde,
        max(s.ultimo_em) as ultimo_em
    from public.quarentena_somas as s
    where not exists (
        select a.assunto
        from a_somar as a
        where a.assunto = s.assunto
    )
    group by s.assunto
)

select
    s.assunto,
    s.itens,
    s.sem_linha,
    s.primeiro,
    s.ultimo,
    s.arquivos,
    array(
        select distinct u.linha_id
        from public.quarentena_somas as x
        cross join unnest(x.linhas) as u (linha_id)
        where x.assunto = s.assunto
        order by u.linha_id
    ) as linhas,
    s.registros,
    s.producao,
    s.rejeicao,
    s.de,
    s.ate,
    s.desde,
    s.ultimo_em
from somados as s
union all
select
    t.assunto,
    t.itens,
    t.sem_linha,
    t.primeiro,
    t.ultimo,
    t.arquivos,
    t.linhas,
    t.registros,
    t.producao,
    t.rejeicao,
    t.de,
    t.ate,
    t.desde,
    t.ultimo_em
from a_somar as a
cross join lateral public.somar_assunto(a.assunto) as t;
comment on view public.quarentena_assuntos is 'O que espera em quarentena, uma linha por assunto. Fonte: quarentena_somas, ou quarentena onde itens foram decididos no último minuto.';
comment on column public.quarentena_assuntos.itens is 'Quantos itens. Fonte: quarentena.';
comment on column public.quarentena_assuntos.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_assuntos.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.arquivos is 'De quantos arquivos são. Fonte: quarentena.';
comment on column public.quarentena_assuntos.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
revoke all on public.quarentena_assuntos from public, anon, authenticated, service_role;
grant select on public.quarentena_assuntos to authenticated, service_role;
