-- Reports to TOTVS: one row each, in order per OP, each sent once.
--
--   PENDENTE → ENVIANDO → CONFIRMADO | RECUSADO | INCERTO | ESGOTADO;   a person may end one as DESCARTADO.
--
-- Only the first unfinished report of an OP (its head) can be claimed, by lease. A queue message only calls attention
-- to a row; attempts, next time and order are kept here. A lease that ran out means that it is not known whether the
-- report was sent: it is INCERTO, asked about if the ERP can be asked, else decided by a person; never sent blindly.

create table public.disjuntores (
    nome text primary key,
    estado text not null default 'FECHADO' check (estado in ('FECHADO', 'ABERTO', 'SONDANDO')),
    falhas integer not null default 0,
    aberto_em timestamptz,
    sonda_em timestamptz,
    ultimo_erro text,
    check ((estado = 'FECHADO') = (sonda_em is null))
);
comment on table public.disjuntores is 'Disjuntor de cada sistema externo: aberto, ninguém o chama, só uma sonda de tempos em tempos. Fonte: totvs_post.';
comment on column public.disjuntores.nome is 'Sistema: TOTVS. Fonte: banco.';
comment on column public.disjuntores.estado is 'FECHADO (chama-se), ABERTO (espera-se), SONDANDO (uma chamada experimenta). Fonte: totvs_post.';
comment on column public.disjuntores.falhas is 'Falhas seguidas; acima de 0, a próxima chamada é uma sonda. Fonte: totvs_post.';
comment on column public.disjuntores.aberto_em is 'Desde quando está aberto (UTC). Fonte: totvs_post.';
comment on column public.disjuntores.sonda_em is 'ABERTO: quando a próxima sonda pode ir; SONDANDO: quando outra pode tomar o lugar desta (UTC). Fonte: totvs_post.';
comment on column public.disjuntores.ultimo_erro is 'A falha que o abriu ou o mantém aberto. Fonte: totvs_post.';
alter table public.disjuntores enable row level security;
revoke all on public.disjuntores from public, anon, authenticated, service_role;
grant select on public.disjuntores to authenticated, service_role;
create policy leitura on public.disjuntores for select to authenticated using (true);
insert into public.disjuntores (nome) values ('TOTVS');

create table public.envios_totvs (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    ordem integer not null check (ordem > 0),
    id_externo text not null unique check (length(id_externo) <= 50),
    tipo text not null check (tipo in ('PARCIAL', 'PRODUCAO', 'PERDAS', 'STATUS', 'AJUSTE', 'ESTORNO')),
    conteudo jsonb,
    situacao text not null default 'PENDENTE'
    check (situacao in ('PENDENTE', 'ENVIANDO', 'CONFIRMADO', 'RECUSADO', 'INCERTO', 'ESGOTADO', 'DESCARTADO')),
    tentativas integer not null default 0,
    proxima_em timestamptz default clock_timestamp(),
    lease uuid,
    lease_ate timestamptz,
    campainha text,
    tocado_em timestamptz,
    codigo text,
    erro text,
    resposta text,
    chave_erp text check (length(chave_erp) <= 100),
    pode_ter_entrado boolean not null default false,
    restaurado boolean not null default false,
    criado_em timestamptz not null default clock_timestamp(),
    concluido_em timestamptz,
    decidido_por uuid,
    decisao_motivo text,
    unique (numero_op, ordem),
    check ((situacao = 'ENVIANDO') = (lease is not null))
);
comment on table public.envios_totvs is 'Caixa de saída: o que o TOTVS deve saber, na ordem de cada OP; nunca apagado. Fonte: fechamento e apontamentos parciais.';
comment on column public.envios_totvs.ordem is 'Posição na fila da OP, a partir de 1: um só vai depois de resolvido o anterior. Fonte: banco.';
comment on column public.envios_totvs.id_externo is 'Identificador estável que o TOTVS recebe e pelo qual pode ser perguntado. Fonte: banco.';
comment on column public.envios_totvs.tipo is 'PARCIAL, PRODUCAO (fechamento), PERDAS, STATUS, AJUSTE ou ESTORNO (quantidades a devolver). Fonte: banco.';
comment on column public.envios_totvs.conteudo is 'O que se informa, nos nomes do SicFar, em unidades, e em cadastro o que os modelos usam dos cadastros de então; a PRODUCAO do fechamento é calculada na primeira vez que vai. Fonte: banco.';
comment on column public.envios_totvs.situacao is 'PENDENTE, ENVIANDO, CONFIRMADO, RECUSADO, INCERTO (pode ter entrado), ESGOTADO (tentativas demais) ou DESCARTADO. Fonte: totvs_post e pessoas.';
comment on column public.envios_totvs.tentativas is 'Vezes que o TOTVS respondeu e não aceitou, sem as de uma parada: um "agora não" logo depois de outra chamada que falhou. Fonte: totvs_post.';
comment on column public.envios_totvs.proxima_em is 'Quando pode ser tentado, ou perguntado (UTC); nulo = espera uma pessoa, ou acabou. Fonte: totvs_post.';
comment on column public.envios_totvs.lease is 'Quem o está enviando. Fonte: totvs_post.';
comment on column public.envios_totvs.lease_ate is 'Até quando (UTC); depois, não se sabe se foi. Fonte: totvs_post.';
comment on column public.envios_totvs.campainha is 'Mensagens da fila que levaram às tentativas, uma por linha, a última no fim. Fonte: totvs_post.';
comment on column public.envios_totvs.tocado_em is 'Último toque da agenda (UTC). Fonte: lot_closure.';
comment on column public.envios_totvs.codigo is 'Código estável da última falha. Fonte: totvs_post.';
comment on column public.envios_totvs.erro is 'O que houve na última falha, e o que fazer. Fonte: totvs_post.';
comment on column public.envios_totvs.resposta is 'Começo do que o TOTVS respondeu ao aceitar. Fonte: TOTVS.';
comment on column public.envios_totvs.chave_erp is 'Identificador que o TOTVS deu ao que gravou (p. ex. H6_IDENT), pelo qual se estorna; nulo se não se sabe. Fonte: TOTVS, ou quem decidiu.';
comment on column public.envios_totvs.pode_ter_entrado is 'A última resposta não diz se o TOTVS gravou (erro 5xx com código, erro dentro de um 2xx, 2xx de forma não declarada): só a consulta que o mostra, ou uma pessoa, o resolve. Fonte: totvs_post.';
comment on column public.envios_totvs.restaurado is 'O TOTVS pode tê-lo recebido antes de o banco voltar a uma cópia antiga: pergunta-se, e as quantidades são comparadas. Fonte: declarar_restauracao.';
comment on column public.envios_totvs.concluido_em is 'Instante da última situação final (UTC). Fonte: banco.';
comment on column public.envios_totvs.decidido_por is 'Pessoa que o decidiu. Fonte: Supabase Auth.';
alter table public.envios_totvs enable row level security;
revoke all on public.envios_totvs from public, anon, authenticated, service_role;
revoke all on sequence public.envios_totvs_id_seq from public, anon, authenticated, service_role;
grant select on public.envios_totvs to authenticated, service_role;
create policy leitura on public.envios_totvs for select to authenticated using (true);
create index envios_totvs_abertos on public.envios_totvs (numero_op, ordem)
where situacao not in ('CONFIRMADO', 'DESCARTADO');
-- The name is unique and says order, kind and number: no two reports of one order are the same of its kind.
alter table public.envios_totvs add constraint envios_totvs_nome check (
    starts_with(id_externo, 'SF-' || numero_op || '-' || tipo || '-')
    and substr(id_externo, length('SF-' || numero_op || '-' || tipo || '-') + 1) ~ '^[0-9]{4,}$'
);
-- And the closing of an order is reported once, unless a person gave that report up.
create unique index envios_totvs_um_fechamento on public.envios_totvs (numero_op)
where tipo = 'PRODUCAO' and situacao <> 'DESCARTADO';

create view public.envios_parados with (security_invoker = true) as
select
    e.id,
    e.numero_op,
    e.ordem,
    e.id_externo,
    e.situacao,
    e.codigo,
    e.erro,
    coalesce(e.concluido_em, e.tocado_em, e.criado_em) as desde
from public.envios_totvs as e
where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null;
comment on view public.envios_parados is 'Envios que só uma pessoa faz andar (decidir_envio). Fonte: envios_totvs.';
comment on column public.envios_parados.ordem is 'Posição na fila da OP. Fonte: envios_totvs.';
comment on column public.envios_parados.id_externo is 'Identificador que o TOTVS recebe. Fonte: envios_totvs.';
comment on column public.envios_parados.situacao is 'RECUSADO, ESGOTADO ou INCERTO. Fonte: envios_totvs.';
comment on column public.envios_parados.codigo is 'Código estável da última falha. Fonte: envios_totvs.';
comment on column public.envios_parados.erro is 'O que houve na última falha, e o que fazer. Fonte: envios_totvs.';
comment on column public.envios_parados.desde is 'Desde quando está parado (UTC). Fonte: envios_totvs.';
revoke all on public.envios_parados from public, anon, authenticated, service_role;
grant select on public.envios_parados to authenticated, service_role;

-- What a report says never changes once it was said; a report is never deleted.
create function interno.proteger_envio()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if (old.id, old.numero_op, old.ordem, old.id_externo, old.tipo, old.criado_em)
            is distinct from (new.id, new.numero_op, new.ordem, new.id_externo, new.tipo, new.criado_em)
        or (old.conteudo is not null and old.conteudo is distinct from new.conteudo)
        or (old.chave_erp is not null and old.chave_erp is distinct from new.chave_erp)
        or (old.situacao = 'CONFIRMADO' and new.situacao <> 'CONFIRMADO') then
        perform interno.recusar(
            '403', 'SOMENTE_ACRESCIMO', format('O envio %s permanece como foi feito.', old.id_externo),
            'Registre a diferença como ajuste.'
        );
    end if;
    return new;
end $$;
comment on function interno.proteger_envio() is 'Gatilho da caixa de saída: o que se informou não muda nem some, e o confirmado continua confirmado.';
create trigger proteger before update on public.envios_totvs
for each row execute function interno.proteger_envio();
create trigger nunca_apagar before delete or truncate on public.envios_totvs
for each statement execute function interno.impedir_alteracao();

create function interno.criar_envio(p_op text, p_tipo text, p_conteudo jsonb)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_ordem integer;
    v_numero integer;
    v_id bigint;
begin
    -- The order's row serialises whoever adds to its queue.
    perform from public.lotes_producao where numero_op = p_op for no key update;
    select coalesce(max(e.ordem), 0) + 1, count(*) filter (where e.tipo = p_tipo) + 1 into v_ordem, v_numero
    from public.envios_totvs as e where e.numero_op = p_op;
    -- A database that lost its last days and closes a lot again must give each report the name it had: by order, kind
    -- and number of the kind, whatever other reports there are this time.
    insert into public.envios_totvs (numero_op, ordem, id_externo, tipo, conteudo)
    values (p_op, v_ordem, format('SF-%s-%s-%s', p_op, p_tipo, to_char(v_numero, 'FM999990000')), p_tipo, p_conteudo)
    returning id into v_id;
    perform interno.duvidar(v_id);
    return v_id;
end $$;
comment on function interno.criar_envio(text, text, jsonb) is 'Põe um envio no fim da fila da OP; devolve o identificador.';

create function interno.cabeca(p_op text)
returns public.envios_totvs
language sql
stable
set search_path = ''
as $$
    select e from public.envios_totvs as e
    where e.numero_op = p_op and e.situacao not in ('CONFIRMADO', 'DESCARTADO')
    order by e.ordem
    limit 1
$$;
comment on function interno.cabeca(text) is 'Primeiro envio da OP que ainda não acabou; nulo se todos acabaram.';
