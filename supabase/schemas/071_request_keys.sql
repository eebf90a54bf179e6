-- The key of a person's request: a click that is repeated, because the answer was lost, is one row and gets the answer
-- of the first. Kept per person and function, with what was asked and what was answered.

create table public.pedidos_respondidos (
    usuario_id uuid not null,
    funcao text not null,
    chave text not null,
    argumentos jsonb not null,
    resposta jsonb not null,
    em timestamptz not null default clock_timestamp(),
    primary key (usuario_id, funcao, chave)
);
comment on table public.pedidos_respondidos is 'Pedidos de pessoas que trouxeram chave (p_chave), para que a repetição seja o mesmo pedido. Somente acréscimo. Fonte: funções do SicFar.';
comment on column public.pedidos_respondidos.usuario_id is 'Quem pediu (sub do JWT). Fonte: Supabase Auth.';
comment on column public.pedidos_respondidos.funcao is 'Função chamada. Fonte: banco.';
comment on column public.pedidos_respondidos.chave is 'Chave do pedido, única por pessoa e função. Fonte: tela.';
comment on column public.pedidos_respondidos.argumentos is 'O que se pediu. Fonte: tela.';
comment on column public.pedidos_respondidos.resposta is 'O que se respondeu. Fonte: banco.';
alter table public.pedidos_respondidos enable row level security;
revoke all on public.pedidos_respondidos from public, anon, authenticated, service_role;
grant select on public.pedidos_respondidos to authenticated, service_role;
create policy leitura_propria on public.pedidos_respondidos for select to authenticated
using (usuario_id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub');
create trigger somente_acrescimo before update or delete or truncate on public.pedidos_respondidos
for each statement execute function interno.impedir_alteracao();

-- Two clicks at once: the second waits here for the first.
create function interno.resposta_dada(p_funcao text, p_chave text, p_argumentos jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_usuario constant uuid := interno.usuario_atual();
    v_pedido public.pedidos_respondidos;
begin
    if p_chave is null then
        return null;
    end if;
    if btrim(p_chave) = '' or length(p_chave) > 200 then
        perform interno.recusar(
            '422', 'CHAVE_INVALIDA', 'A chave do pedido precisa ter de 1 a 200 caracteres.',
            'Envie uma chave nova a cada pedido, p. ex. um UUID, ou nenhuma.'
        );
    end if;
    perform pg_advisory_xact_lock(hashtextextended(concat_ws('/', v_usuario, p_funcao, p_chave), 0));
    select * into v_pedido from public.pedidos_respondidos
    where usuario_id = v_usuario and funcao = p_funcao and chave = p_chave;
    if v_pedido.argumentos <> p_argumentos then
        perform interno.recusar(
            '409', 'CHAVE_REPETIDA',
            format('Esta chave já é de outro pedido seu, de %s.', interno.hora_local(v_pedido.em)),
            'Use uma chave nova para cada pedido; repita um pedido sem mudar nada nele.'
        );
    end if;
    return v_pedido.resposta;
end $$;
comment on function interno.resposta_dada(text, text, jsonb) is
'A resposta já dada ao pedido com esta chave; nula se é novo ou não tem chave; PT409 CHAVE_REPETIDA se a chave é de outro pedido.';

create function interno.responder_pedido(p_funcao text, p_chave text, p_argumentos jsonb, p_resposta jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
begin
    if p_chave is not null then
        insert into public.pedidos_respondidos (usuario_id, funcao, chave, argumentos, resposta)
        values (interno.usuario_atual(), p_funcao, p_chave, p_argumentos, p_resposta);
    end if;
    return p_resposta;
end $$;
comment on function interno.responder_pedido(text, text, jsonb, jsonb) is
'Guarda a resposta dada a um pedido, se ele tem chave, e a devolve.';
