-- Who may act, with which role and in which sector, and how a role is asked for. The functions that change it are in
-- 114_define_people.sql and 114_role_requests.sql.

create table public.papeis_usuario (
    id bigint generated always as identity primary key,
    usuario_id uuid not null,
    papel text not null
    check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO')),
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    unique nulls not distinct (usuario_id, papel, setor),
    -- Whoever grants roles holds no other: of two rows of one person, both are ADMIN or neither is.
    constraint papeis_de_quem_concede exclude using gist (
        usuario_id with =, (case papel when 'ADMIN' then 1 else 0 end) with <>
    )
);
comment on table public.papeis_usuario is 'Quem pode agir, com que papel e em que setor. Fonte: administração do SicFar.';
comment on column public.papeis_usuario.usuario_id is 'Usuário autenticado (sub do JWT). Fonte: Supabase Auth.';
comment on column public.papeis_usuario.papel is 'OPERADOR, ENCARREGADO, SUPERVISOR, GESTOR, QUALIDADE ou ADMIN (TI). Fonte: administração do SicFar.';
comment on column public.papeis_usuario.setor is 'Setor em que o papel vale; nulo = todos. Fonte: administração do SicFar.';
alter table public.papeis_usuario enable row level security;
revoke all on public.papeis_usuario from public, anon, authenticated, service_role;
revoke all on sequence public.papeis_usuario_id_seq from public, anon, authenticated, service_role;
grant select on public.papeis_usuario to authenticated, service_role;
create policy leitura_propria on public.papeis_usuario for select to authenticated
using (usuario_id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub');

-- What the MES owns where one is connected is read through one view each; the plant replaces its definition then
-- (docs/consultas.md). Here: the roles its profiles give.
create view public.papeis_vigentes with (security_invoker = true) as
select
    p.usuario_id,
    p.papel,
    p.setor
from public.papeis_usuario as p;
comment on view public.papeis_vigentes is 'Os papéis que valem; substituível onde o MES os diz (perfis). Fonte: papeis_usuario.';
revoke all on public.papeis_vigentes from public, anon, authenticated, service_role;
grant select on public.papeis_vigentes to authenticated, service_role;

-- Whoever grants roles can neither sign, count nor decide. The table's constraint says so of what is typed here; where
-- the MES makes somebody ADMIN who holds another role here, only ADMIN counts.
create view interno.papeis_que_contam as
select
    p.usuario_id,
    p.papel,
    p.setor
from public.papeis_vigentes as p
where p.papel = 'ADMIN' or not exists (
    select from public.papeis_vigentes as a
    where a.usuario_id = p.usuario_id and a.papel = 'ADMIN'
);
comment on view interno.papeis_que_contam is
'Os papéis com que se pode agir: de quem concede papéis (ADMIN), só esse. Fonte: papeis_vigentes.';
revoke all on interno.papeis_que_contam from public, anon, authenticated, service_role;

create table public.pedidos_papel (
    id bigint generated always as identity primary key,
    usuario_id uuid not null,
    papel text not null
    check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO')),
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    motivo text not null,
    pedido_por uuid not null check (pedido_por <> usuario_id),
    pedido_em timestamptz not null default clock_timestamp(),
    situacao text not null default 'PEDIDO' check (situacao in ('PEDIDO', 'CONCEDIDO', 'RECUSADO', 'RETIRADO')),
    resolvido_por uuid,
    resolvido_em timestamptz,
    resolvido_motivo text,
    check ((situacao = 'PEDIDO') = (resolvido_em is null)),
    check (situacao <> 'CONCEDIDO' or resolvido_por not in (pedido_por, usuario_id))
);
create unique index pedidos_papel_em_aberto on public.pedidos_papel (usuario_id, papel, setor) nulls not distinct
where situacao = 'PEDIDO';
comment on table public.pedidos_papel is 'Papéis que um gestor pediu para alguém, e o que a TI respondeu. Fonte: pedir_papel.';
comment on column public.pedidos_papel.usuario_id is 'Para quem é o papel (sub do JWT). Fonte: pedir_papel.';
comment on column public.pedidos_papel.papel is 'Papel pedido. Fonte: pedir_papel.';
comment on column public.pedidos_papel.setor is 'Setor em que valerá; nulo = todos. Fonte: pedir_papel.';
comment on column public.pedidos_papel.pedido_por is 'Gestor que pediu (sub do JWT). Fonte: pedir_papel.';
comment on column public.pedidos_papel.situacao is 'PEDIDO (espera a TI), CONCEDIDO, RECUSADO ou RETIRADO por um gestor. Fonte: banco.';
comment on column public.pedidos_papel.resolvido_por is 'Quem concedeu, recusou ou retirou (sub do JWT). Fonte: banco.';
comment on column public.pedidos_papel.resolvido_motivo is 'Por que se concedeu, recusou ou retirou. Fonte: quem o fez.';
alter table public.pedidos_papel enable row level security;
revoke all on public.pedidos_papel from public, anon, authenticated, service_role;
revoke all on sequence public.pedidos_papel_id_seq from public, anon, authenticated, service_role;
grant select on public.pedidos_papel to authenticated, service_role;
create policy leitura on public.pedidos_papel for select to authenticated using (true);

-- Which roles may call which function. One place, read by the functions themselves and shown in `pendencias`.
-- Deciding about counts follows the plant's rule for signatures (all but the operator); voiding what a gateway
-- announced accepts a loss and stays with management. ADMIN (IT) grants roles, and therefore neither counts, signs nor
-- decides: it keeps the master data, and its approval of a line, which counts only beside Quality's.
create function public.papeis_da_funcao(p_funcao text)
returns text[]
language sql
immutable
set search_path = ''
as $$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'mover_contagem_manual', 'registrar_conferencia', 'confirmar_turno'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        -- A shared panel may ask what an act would do, before it asks who does it; IT may look.
        when p_funcao in ('efeito_abertura', 'efeito_encerramento', 'ordens_propostas', 'ordens_da_linha')
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN', 'POSTO']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'devolver_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem')
            then array['SUPERVISOR', 'GESTOR']
        when p_funcao = 'definir_plantao'
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'pedir_papel', 'retirar_pedido_papel'
        )
            then array['GESTOR']
        when p_funcao in (
            'definir_linha', 'definir_gateway', 'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno',
            'definir_tipo_insumo', 'definir_familia_sem_lote', 'definir_recurso', 'definir_operacao',
            'definir_equivalencias_mes', 'definir_minutos_parada', 'integracao'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in (
            'definir_parametro', 'conceder_papel', 'tirar_papel', 'definir_pessoa', 'definir_operador',
            'definir_endereco_resumo', 'aprovar_apontamento_ti'
        )
            then array['ADMIN']
        when p_funcao in ('aprovar_apontamento_qualidade', 'registrar_revisao')
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$$;
comment on function public.papeis_da_funcao(text) is 'Papéis que podem chamar a função; vazio para nome desconhecido.';
revoke all on function public.papeis_da_funcao(text) from public, anon, authenticated, service_role;
grant execute on function public.papeis_da_funcao(text) to authenticated, service_role;

-- Returns the role acted with. `p_setor` NULL: the matter belongs to no single sector; only all-sector grants count.
create function interno.exigir_papel(p_funcao text, p_setor text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_usuario constant uuid := interno.usuario_atual();
    v_papel text;
begin
    select p.papel into v_papel
    from interno.papeis_que_contam as p
    where p.usuario_id = v_usuario
      and p.papel = any(public.papeis_da_funcao(p_funcao))
      and (p.setor is null or p.setor = p_setor)
    order by array_position(public.papeis_da_funcao(p_funcao), p.papel)
    limit 1;
    if v_papel is null then
        perform interno.recusar(
            '403', 'SEM_PERMISSAO',
            case when v_usuario is null
                then 'Esta ação é de uma pessoa autenticada; a chave de serviço não é pessoa.'
                else format(
                    'Esta ação exige um dos papéis %s %s.',
                    array_to_string(public.papeis_da_funcao(p_funcao), ', '),
                    coalesce('no setor ' || p_setor, 'para todos os setores')
                ) || case when exists (
                    select from public.papeis_vigentes as a where a.usuario_id = v_usuario and a.papel = 'ADMIN'
                ) then ' Quem concede papéis (ADMIN) não conta, não assina e não decide.' else '' end
            end,
            'Entre com um usuário que tenha esse papel, ou peça a um gestor que o peça à TI.'
        );
    end if;
    return v_papel;
end $$;
comment on function interno.exigir_papel(text, text) is
'Papel com que o usuário do pedido pode chamar a função no setor; PT403 SEM_PERMISSAO se nenhum. Setor nulo = exige todos os setores.';
