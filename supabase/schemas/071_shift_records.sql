-- What people type: refused units and samples, counts by hand, and which of two figures stands.

create table public.perdas_qualidade (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    em timestamptz not null,
    tipo text not null check (tipo in ('REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO')),
    codigo text not null default '' check (codigo = btrim(codigo)),
    quantidade integer not null check (quantidade > 0),
    observacao text,
    estorna bigint unique references public.perdas_qualidade,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (estorna is null or observacao is not null)
);
comment on table public.perdas_qualidade is 'Unidades que não são boas: refugo digitado, retém e amostras. Somente acréscimo. Fonte: registrar_refugo.';
comment on column public.perdas_qualidade.em is 'Quando ocorreu (UTC), dentro de um período da OP na linha. Fonte: pessoa.';
comment on column public.perdas_qualidade.tipo is 'REFUGO, RETEM (amostra retida), AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO (analíticas). Fonte: pessoa.';
comment on column public.perdas_qualidade.codigo is 'Código do motivo do refugo; vazio nos demais. Fonte: pessoa.';
comment on column public.perdas_qualidade.quantidade is 'Unidades. Fonte: pessoa.';
comment on column public.perdas_qualidade.observacao is 'Observação; obrigatória no estorno. Fonte: pessoa.';
comment on column public.perdas_qualidade.estorna is 'Registro que este anula por inteiro. Fonte: estornar_refugo.';
comment on column public.perdas_qualidade.usuario_id is 'Quem registrou. Fonte: Supabase Auth.';
alter table public.perdas_qualidade enable row level security;
revoke all on public.perdas_qualidade from public, anon, authenticated, service_role;
revoke all on sequence public.perdas_qualidade_id_seq from public, anon, authenticated, service_role;
grant select on public.perdas_qualidade to authenticated, service_role;
create policy leitura on public.perdas_qualidade for select to authenticated using (true);
create index perdas_qualidade_op on public.perdas_qualidade (numero_op);
create index perdas_qualidade_linha on public.perdas_qualidade (linha_id, em);
create trigger somente_acrescimo before update or delete or truncate on public.perdas_qualidade
for each statement execute function interno.impedir_alteracao();

create table public.contagens_manuais (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
    janela tstzrange not null,
    producao integer not null check (producao >= 0),
    rejeicao integer not null check (rejeicao >= 0),
    motivo text,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (rejeicao <= producao)
);
comment on table public.contagens_manuais is 'Contagem física por OP, linha e turno; vale o registro mais novo. Somente acréscimo. Fonte: registrar_contagem_manual.';
comment on column public.contagens_manuais.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.contagens_manuais.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.contagens_manuais.producao is 'Unidades contadas, boas e rejeitadas. Fonte: pessoa.';
comment on column public.contagens_manuais.rejeicao is 'Das contadas, as rejeitadas, em unidades. Fonte: pessoa.';
comment on column public.contagens_manuais.motivo is 'Por que corrige a anterior. Fonte: pessoa.';
comment on column public.contagens_manuais.usuario_id is 'Quem registrou. Fonte: Supabase Auth.';
alter table public.contagens_manuais enable row level security;
revoke all on public.contagens_manuais from public, anon, authenticated, service_role;
revoke all on sequence public.contagens_manuais_id_seq from public, anon, authenticated, service_role;
grant select on public.contagens_manuais to authenticated, service_role;
create policy leitura on public.contagens_manuais for select to authenticated using (true);
create index contagens_manuais_atual on public.contagens_manuais (numero_op, linha_id, janela, id);
create index contagens_manuais_linha on public.contagens_manuais (linha_id, janela);
create trigger somente_acrescimo before update or delete or truncate on public.contagens_manuais
for each statement execute function interno.impedir_alteracao();

create view public.contagens_manuais_atuais with (security_invoker = true) as
select distinct on (m.numero_op, m.linha_id, m.janela)
    m.id,
    m.numero_op,
    m.linha_id,
    m.data,
    m.turno,
    m.janela,
    m.producao,
    m.rejeicao
from public.contagens_manuais as m
order by m.numero_op asc, m.linha_id asc, m.janela asc, m.id desc;
comment on view public.contagens_manuais_atuais is 'A contagem física que vale: a mais nova de cada OP, linha e turno. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.id is 'Registro que vale. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.data is 'Dia em que o turno começa. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.janela is 'Do início ao fim do turno (UTC). Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.producao is 'Unidades contadas, boas e rejeitadas. Fonte: contagens_manuais.';
comment on column public.contagens_manuais_atuais.rejeicao is 'Das contadas, as rejeitadas, em unidades. Fonte: contagens_manuais.';
revoke all on public.contagens_manuais_atuais from public, anon, authenticated, service_role;
grant select on public.contagens_manuais_atuais to authenticated, service_role;

create view public.perdas_vigentes with (security_invoker = true) as
select
    p.id,
    p.numero_op,
    p.linha_id,
    p.em,
    p.tipo,
    p.codigo,
    p.quantidade
from public.perdas_qualidade as p
left join public.perdas_qualidade as e on p.id = e.estorna
where p.estorna is null and e.id is null;
comment on view public.perdas_vigentes is 'As perdas que valem: nem estornadas nem estornos; substituível onde o MES diz o refugo. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.em is 'Quando ocorreu (UTC). Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.tipo is 'Tipo. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.codigo is 'Código do motivo. Fonte: perdas_qualidade.';
comment on column public.perdas_vigentes.quantidade is 'Unidades. Fonte: perdas_qualidade.';
revoke all on public.perdas_vigentes from public, anon, authenticated, service_role;
grant select on public.perdas_vigentes to authenticated, service_role;

-- Where both the machine and people count refused units and they differ, somebody says which figure holds. The word
-- holds for these two figures only.
create table public.conciliacoes_refugo (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas, -- no index: read by order, and a line is never deleted
    janela tstzrange not null,
    maquina bigint not null,
    digitado bigint not null,
    vale text not null check (vale in ('MAQUINA', 'DIGITADO')),
    motivo text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp()
);
comment on table public.conciliacoes_refugo is 'Qual refugo vale quando máquina e pessoas divergem. Somente acréscimo. Fonte: conciliar_refugo.';
comment on column public.conciliacoes_refugo.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.conciliacoes_refugo.maquina is 'Rejeição da máquina então, em unidades. Fonte: contagens.';
comment on column public.conciliacoes_refugo.digitado is 'Refugo digitado então, em unidades. Fonte: perdas_qualidade.';
comment on column public.conciliacoes_refugo.vale is 'MAQUINA ou DIGITADO. Fonte: pessoa.';
comment on column public.conciliacoes_refugo.usuario_id is 'Quem decidiu. Fonte: Supabase Auth.';
alter table public.conciliacoes_refugo enable row level security;
revoke all on public.conciliacoes_refugo from public, anon, authenticated, service_role;
revoke all on sequence public.conciliacoes_refugo_id_seq from public, anon, authenticated, service_role;
grant select on public.conciliacoes_refugo to authenticated, service_role;
create policy leitura on public.conciliacoes_refugo for select to authenticated using (true);

create index conciliacoes_refugo_op on public.conciliacoes_refugo (numero_op, linha_id, janela);
create trigger somente_acrescimo before update or delete or truncate on public.conciliacoes_refugo
for each statement execute function interno.impedir_alteracao();

-- Which refused units of an order in a shift are the line's, by its rule and by what somebody said of these two
-- figures. Where they differ and nobody has said it, the machine's stand until somebody does.
create function public.vale_digitado(p_regra text, p_maquina bigint, p_digitado bigint, p_vale text)
returns boolean
language sql
immutable
as $$
    select p_regra = 'DIGITADO' or coalesce(p_vale, '') = 'DIGITADO' or p_regra = 'CONCILIAR' and p_maquina = p_digitado
$$;
comment on function public.vale_digitado(text, bigint, bigint, text) is
'Verdadeiro se vale o refugo digitado, falso se o da máquina: pela regra da linha, pelos dois números (unidades) e pelo que se conciliou deles.';
revoke all on function public.vale_digitado(text, bigint, bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.vale_digitado(text, bigint, bigint, text) to authenticated, service_role;
