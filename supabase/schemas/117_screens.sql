-- What every screen of the painel asks first: who is signed in, and who could do an act.

create function public.quem_sou()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'usuario_id', u.id,
        'nome', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = u.id),
        'papeis', coalesce((
            select jsonb_agg(jsonb_build_object('papel', p.papel, 'setor', p.setor) order by p.papel, p.setor)
            from interno.papeis_que_contam as p
            where p.usuario_id = u.id
        ), '[]'),
        'turno', (
            select jsonb_build_object(
                'data', t.data, 'turnos', t.turnos, 'inicio', lower(t.janela), 'fim', upper(t.janela)
            )
            from interno.turnos_entre(clock_timestamp(), clock_timestamp()) as t
            where t.janela @> clock_timestamp()
            order by lower(t.janela) desc
            limit 1
        )
    )
    from (select interno.usuario_atual() as id) as u
$$;
comment on function public.quem_sou() is
'Quem está na tela: usuario_id, nome, papeis (papel e setor; setor nulo = todos) e turno (o de agora: data, turnos, inicio e fim em UTC; nulo fora de todo turno).';
revoke all on function public.quem_sou() from public, anon, authenticated, service_role;
grant execute on function public.quem_sou() to authenticated, service_role;

-- The name tiles of a shared panel: only who may do the act is shown, and nobody's role is said.
create function public.pessoas_que_podem(p_funcao text, p_setor text)
returns table (nome text, login text)
language sql
stable
security definer
set search_path = ''
as $$
    select p.nome, p.nome_login
    from public.pessoas_vigentes as p
    where p.nome_login is not null and exists (
        select from interno.papeis_que_contam as r
        where r.usuario_id = p.usuario_id and r.papel = any(public.papeis_da_funcao(p_funcao))
          and (r.setor is null or r.setor = p_setor)
    )
    order by p.nome, p.nome_login
    limit 1000
$$;
comment on function public.pessoas_que_podem(text, text) is
'Quem pode chamar a função no setor (nulo = só quem pode em todos), com o nome de login no painel; no máximo 1.000.';
revoke all on function public.pessoas_que_podem(text, text) from public, anon, authenticated, service_role;
grant execute on function public.pessoas_que_podem(text, text) to authenticated, service_role;
