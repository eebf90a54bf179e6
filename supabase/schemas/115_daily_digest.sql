-- What a day's digest says, who sends it, and that it was sent.

create function interno.apurar_resumos(p_dia date, p_itens integer)
returns void
language sql
set search_path = ''
as $$
    with atrasadas as materialized (
        select p.*, s.setor as destino, row_number() over (partition by s.setor, p.tipo order by p.desde, p.chave) as n
        from public.pendencias as p
        left join lateral (
            select e.setor from public.enderecos_resumo as e where e.setor = p.setor limit 1
        ) as s on true
        where p.desde <= clock_timestamp() - make_interval(hours => interno.parametro('RESUMO_ESPERA_HORAS'))
    ), tipos as (
        select a.destino, a.tipo, count(*) as total, min(a.desde) as desde, jsonb_agg(jsonb_build_object(
            'linha_id', a.linha_id, 'setor', a.setor, 'descricao', left(a.descricao, 400), 'desde', a.desde,
            'quem_decide', a.quem_decide, 'funcao', a.funcao
        ) order by a.n) filter (where a.n <= p_itens) as itens
        from atrasadas as a
        group by a.destino, a.tipo
    )
    insert into public.resumos_diarios (dia, setor, conteudo, situacao)
    select p_dia, d.setor, coalesce(t.conteudo, '[]'), case when t.conteudo is null then 'VAZIO' else 'PENDENTE' end
    from (select e.setor from public.enderecos_resumo as e union select null) as d
    cross join lateral (
        select jsonb_agg(jsonb_build_object('tipo', x.tipo, 'total', x.total, 'itens', x.itens) order by x.desde) as conteudo
        from tipos as x where x.destino is not distinct from d.setor
    ) as t
$$;
comment on function interno.apurar_resumos(date, integer) is
'Guarda o que o resumo do dia diz a cada setor: de cada tipo, as p_itens pendências que mais esperam e quantas são.';

-- Two runs at once: one decides and takes what is to be sent, the other is left what that one did not take. A sender
-- that vanished has its digests taken again when its lease has run out: sent twice rather than not at all.
create function public.reivindicar_resumos(p_lease_s integer, p_itens integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_dia constant date := (clock_timestamp() at time zone 'America/Fortaleza')::date;
    v_resumos jsonb;
begin
    perform pg_advisory_xact_lock(hashtext('resumos_diarios'));
    if not exists (select from public.resumos_diarios where dia = v_dia) then
        perform interno.apurar_resumos(v_dia, p_itens);
    end if;
    with tomados as (
        update public.resumos_diarios as r
        set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
            tentativas = r.tentativas + 1, enderecos = interno.enderecos_do_resumo(r.setor)
        where r.dia = v_dia and interno.enderecos_do_resumo(r.setor) <> '{}'
          and (r.situacao = 'PENDENTE' or r.situacao = 'ENVIANDO' and r.lease_ate < clock_timestamp())
        returning r.*
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'setor', t.setor, 'enderecos', t.enderecos, 'lease', t.lease, 'apurado_em', t.apurado_em, 'grupos', t.conteudo
    ) order by t.setor), '[]') into v_resumos
    from tomados as t;
    return jsonb_build_object(
        'dia', v_dia, 'horas', interno.parametro('RESUMO_ESPERA_HORAS'), 'resumos', v_resumos, 'sem_endereco', (
            select coalesce(sum((x ->> 'total')::bigint), 0)
            from public.resumos_diarios as r cross join lateral jsonb_array_elements(r.conteudo) as x
            where r.dia = v_dia and r.situacao = 'PENDENTE' and interno.enderecos_do_resumo(r.setor) = '{}'
        )
    );
end $$;
comment on function public.reivindicar_resumos(integer, integer) is
'Os resumos de hoje ainda não enviados, tomados por p_lease_s segundos; a primeira chamada do dia os apura, com até p_itens por tipo. Diz também quantas pendências não têm endereço.';
revoke all on function public.reivindicar_resumos(integer, integer) from public, anon, authenticated, service_role;
grant execute on function public.reivindicar_resumos(integer, integer) to service_role;

create function public.concluir_resumo(p_id bigint, p_lease uuid, p_mensagem_id text, p_erro text)
returns boolean
language sql
security definer
set search_path = ''
as $$
    with concluido as (
        update public.resumos_diarios
        set situacao = case when p_erro is null then 'ENVIADO' else 'PENDENTE' end, lease = null, lease_ate = null,
            mensagem_id = p_mensagem_id, erro = left(p_erro, 2000),
            enviado_em = case when p_erro is null then clock_timestamp() end
        where id = p_id and lease = p_lease
        returning id
    )
    select exists (select from concluido)
$$;
comment on function public.concluir_resumo(bigint, uuid, text, text) is
'Anota que o resumo foi enviado, ou por que não (p_erro): então espera outra vez. Falso se outro o tomou entretanto.';
revoke all on function public.concluir_resumo(bigint, uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function public.concluir_resumo(bigint, uuid, text, text) to service_role;
