-- Before the signature: the operator confirms a line's shift with the crew, and a supervisor may return it.
--
-- A shift is returned while its newest return names its newest confirmation (or none, if nobody had confirmed). All
-- three acts, signing included, hold the line's lock, so each sees what the others did.

create table public.confirmacoes_turno (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
    janela tstzrange not null check (not isempty(janela)),
    equipe text[] not null check (cardinality(equipe) between 1 and 20),
    observacao text,
    conteudo_sha256 text not null check (conteudo_sha256 ~ '^[0-9a-f]{64}$'),
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    em timestamptz not null default clock_timestamp()
);
comment on table public.confirmacoes_turno is 'Quem operou a linha no turno, confirmado por quem estava lá; vale a mais nova. Somente acréscimo. Fonte: confirmar_turno.';
comment on column public.confirmacoes_turno.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.confirmacoes_turno.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.confirmacoes_turno.equipe is 'Nomes de quem trabalhou na linha. Fonte: pessoa.';
comment on column public.confirmacoes_turno.observacao is 'O que quem confirmou quis dizer; nulo se nada. Fonte: pessoa.';
comment on column public.confirmacoes_turno.conteudo_sha256 is
'SHA-256, hexadecimal, do que o Diário dizia quando se confirmou, sem confirmação e devoluções. Fonte: banco.';
comment on column public.confirmacoes_turno.usuario_id is 'Quem confirmou. Fonte: Supabase Auth.';
comment on column public.confirmacoes_turno.nome is 'Nome de quem confirmou. Fonte: pessoas.';
comment on column public.confirmacoes_turno.papel is 'Papel com que confirmou. Fonte: papeis_usuario.';
alter table public.confirmacoes_turno enable row level security;
revoke all on public.confirmacoes_turno from public, anon, authenticated, service_role;
revoke all on sequence public.confirmacoes_turno_id_seq from public, anon, authenticated, service_role;
grant select on public.confirmacoes_turno to authenticated, service_role;
create policy leitura on public.confirmacoes_turno for select to authenticated using (true);
create index confirmacoes_turno_linha on public.confirmacoes_turno (linha_id, janela, id);
create trigger somente_acrescimo before update or delete or truncate on public.confirmacoes_turno
for each statement execute function interno.impedir_alteracao();

create table public.devolucoes_diario (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
    janela tstzrange not null check (not isempty(janela)),
    confirmacao_id bigint references public.confirmacoes_turno,
    motivo text not null,
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    em timestamptz not null default clock_timestamp(),
    unique nulls not distinct (linha_id, janela, confirmacao_id)
);
comment on table public.devolucoes_diario is 'Turnos que quem assina devolveu; não se assinam antes de nova confirmação. Somente acréscimo. Fonte: devolver_diario.';
comment on column public.devolucoes_diario.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.devolucoes_diario.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.devolucoes_diario.confirmacao_id is 'Confirmação devolvida; nula se ninguém tinha confirmado. Fonte: banco.';
comment on column public.devolucoes_diario.motivo is 'O que corrigir. Fonte: pessoa.';
comment on column public.devolucoes_diario.usuario_id is 'Quem devolveu. Fonte: Supabase Auth.';
comment on column public.devolucoes_diario.nome is 'Nome de quem devolveu. Fonte: pessoas.';
comment on column public.devolucoes_diario.papel is 'Papel com que devolveu. Fonte: papeis_usuario.';
alter table public.devolucoes_diario enable row level security;
revoke all on public.devolucoes_diario from public, anon, authenticated, service_role;
revoke all on sequence public.devolucoes_diario_id_seq from public, anon, authenticated, service_role;
grant select on public.devolucoes_diario to authenticated, service_role;
create policy leitura on public.devolucoes_diario for select to authenticated using (true);
create index devolucoes_diario_confirmacao on public.devolucoes_diario (confirmacao_id)
where confirmacao_id is not null;
create trigger somente_acrescimo before update or delete or truncate on public.devolucoes_diario
for each statement execute function interno.impedir_alteracao();

-- The confirmation that counts for a shift: the latest.
create function interno.confirmacao_atual(p_linha_id text, p_janela tstzrange)
returns public.confirmacoes_turno
language sql
stable
set search_path = ''
as $$
    select c from public.confirmacoes_turno as c
    where c.linha_id = p_linha_id and c.janela = p_janela
    order by c.id desc
    limit 1
$$;
comment on function interno.confirmacao_atual(text, tstzrange) is 'Última confirmação do turno da linha; nula se não há.';

create function interno.devolucao_aberta(p_linha_id text, p_janela tstzrange)
returns public.devolucoes_diario
language sql
stable
set search_path = ''
as $$
    select d
    from public.devolucoes_diario as d
    where d.linha_id = p_linha_id and d.janela = p_janela
      and d.confirmacao_id is not distinct from (interno.confirmacao_atual(p_linha_id, p_janela)).id
$$;
comment on function interno.devolucao_aberta(text, tstzrange) is
'A devolução do turno da linha que espera nova confirmação; nula se não há.';
