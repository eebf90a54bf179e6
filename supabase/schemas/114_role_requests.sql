-- A role is asked for by the sector's manager and given by IT: nobody gives one alone, and nobody to himself.
-- IT takes one away alone and at once, because a leaver does not wait.

-- One change of roles at a time: two people may not take each other's last role away, nor give one person two kinds.
create function interno.travar_papeis()
returns void
language sql
set search_path = ''
as $$
    select pg_advisory_xact_lock(hashtext('papeis_usuario'))
$$;
comment on function interno.travar_papeis() is 'Uma mudança de papéis por vez, até o fim da transação.';

create function interno.exigir_papel_e_setor(p_papel text, p_setor text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_papel in ('OPERADOR', 'SUPERVISOR', 'ADMIN') then -- the MES has no profile for the others
        perform interno.exigir_sem_mes('este papel (perfil)');
    end if;
end $$;
comment on function interno.exigir_papel_e_setor(text, text) is
'PT422 VALOR_INVALIDO se o papel ou o setor não há; PT409 DADO_DO_MES se o papel é um perfil do MES, conectado.';

-- What is true of a new role whoever asks for it or gives it.
create function interno.conferir_papel(p_usuario_id uuid, p_papel text, p_setor text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    perform interno.exigir_papel_e_setor(p_papel, p_setor);
    if p_usuario_id = interno.usuario_atual() then
        perform interno.recusar(
            '403', 'PROPRIO_PAPEL', 'Ninguém pede nem concede um papel a si mesmo.', 'Peça a outra pessoa.'
        );
    elsif exists (
        select from public.papeis_vigentes as p
        where p.usuario_id = p_usuario_id and p.papel = p_papel and p.setor is not distinct from p_setor
    ) then
        perform interno.recusar('409', 'PAPEL_JA_VALE', 'Esta pessoa já tem este papel.', 'Nada falta fazer.');
    elsif exists (
        select from public.papeis_vigentes as p
        where p.usuario_id = p_usuario_id and (p.papel = 'ADMIN') <> (p_papel = 'ADMIN')
    ) then
        perform interno.recusar(
            '409', 'PAPEIS_INCOMPATIVEIS',
            'Quem concede papéis (ADMIN) não conta, não assina e não decide: não pode ter outro papel junto.',
            'Dê o papel a outra pessoa, ou tire antes o que ela tem (tirar_papel).'
        );
    end if;
end $$;
comment on function interno.conferir_papel(uuid, text, text) is
'Recusa o que interno.exigir_papel_e_setor recusa, a si mesmo (PT403 PROPRIO_PAPEL), PT409 PAPEL_JA_VALE e PAPEIS_INCOMPATIVEIS.';

create function public.pedir_papel(p_usuario_id uuid, p_papel text, p_setor text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('pedir_papel', p_setor);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido public.pedidos_papel;
begin
    if not exists (select from public.pessoas_vigentes as p where p.usuario_id = p_usuario_id) then
        perform interno.recusar(
            '404', 'PESSOA_DESCONHECIDA', 'Esta pessoa não tem nome no cadastro.', 'Peça à TI que lhe dê um nome (definir_pessoa).'
        );
    end if;
    perform interno.travar_papeis();
    perform interno.conferir_papel(p_usuario_id, p_papel, p_setor);
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pedidos_papel (usuario_id, papel, setor, motivo, pedido_por)
    values (p_usuario_id, p_papel, p_setor, v_motivo, interno.usuario_atual())
    on conflict (usuario_id, papel, setor) where situacao = 'PEDIDO' do nothing
    returning * into v_pedido;
    perform interno.declarar_autor('', '');
    if v_pedido.id is null then
        perform interno.recusar('409', 'JA_PEDIDO', 'Este papel já foi pedido para esta pessoa.', 'Espere a resposta da TI.');
    end if;
    return to_jsonb(v_pedido);
end $$;
comment on function public.pedir_papel(uuid, text, text, text) is
'Um gestor do setor (nulo = de todos) pede um papel para outra pessoa; a TI o concede ou recusa. Devolve o pedido.';
revoke all on function public.pedir_papel(uuid, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.pedir_papel(uuid, text, text, text) to authenticated, service_role;

create function interno.pedido_de_papel(p_id bigint)
returns public.pedidos_papel
language plpgsql
set search_path = ''
as $$
declare
    v_pedido public.pedidos_papel;
begin
    perform interno.travar_papeis();
    select * into v_pedido from public.pedidos_papel where id = p_id;
    if v_pedido.id is null then
        perform interno.recusar('404', 'PEDIDO_DESCONHECIDO', 'Não há este pedido de papel.', 'Procure-o nas pendências.');
    elsif v_pedido.situacao <> 'PEDIDO' then
        perform interno.recusar(
            '409', 'PEDIDO_RESOLVIDO',
            format('Este pedido já foi %s em %s.', lower(v_pedido.situacao), interno.hora_local(v_pedido.resolvido_em)),
            'Se o papel ainda faz falta, peça-o de novo.'
        );
    end if;
    return v_pedido;
end $$;
comment on function interno.pedido_de_papel(bigint) is
'O pedido, que ainda espera, com os papéis travados; PT404 PEDIDO_DESCONHECIDO ou PT409 PEDIDO_RESOLVIDO.';

create function interno.resolver_pedido(p_id bigint, p_situacao text, p_papel text, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_pedido public.pedidos_papel;
begin
    perform interno.declarar_autor(p_papel, p_motivo);
    if p_situacao = 'CONCEDIDO' then
        insert into public.papeis_usuario (usuario_id, papel, setor)
        select p.usuario_id, p.papel, p.setor from public.pedidos_papel as p where p.id = p_id;
    end if;
    update public.pedidos_papel
    set situacao = p_situacao, resolvido_por = interno.usuario_atual(), resolvido_em = clock_timestamp(),
        resolvido_motivo = p_motivo
    where id = p_id
    returning * into v_pedido;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_pedido);
end $$;
comment on function interno.resolver_pedido(bigint, text, text, text) is
'Dá o papel, se concedido, e escreve o que se fez do pedido; um e outro na trilha. Devolve o pedido.';

create function public.conceder_papel(p_id bigint, p_decisao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('conceder_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_pedido public.pedidos_papel;
begin
    perform interno.exigir_decisao(p_decisao, 'CONCEDER', 'RECUSAR');
    v_pedido := interno.pedido_de_papel(p_id);
    if p_decisao = 'CONCEDER' then
        perform interno.conferir_papel(v_pedido.usuario_id, v_pedido.papel, v_pedido.setor);
        if not exists ( -- who asked may have left since; nor may one person ask as manager and give as IT
            select from interno.papeis_que_contam as p
            where p.usuario_id = v_pedido.pedido_por and p.papel = any(public.papeis_da_funcao('pedir_papel'))
              and (p.setor is null or p.setor = v_pedido.setor)
        ) then
            perform interno.recusar(
                '409', 'PEDIDO_SEM_GESTOR', 'Quem pediu não é mais gestor do setor.',
                'Recuse este pedido; quem gere o setor agora pede outro.'
            );
        end if;
    end if;
    return interno.resolver_pedido(
        p_id, case p_decisao when 'CONCEDER' then 'CONCEDIDO' else 'RECUSADO' end, v_papel, v_motivo
    );
end $$;
comment on function public.conceder_papel(bigint, text, text) is
'A TI concede (CONCEDER) ou recusa (RECUSAR) o papel que um gestor pediu. Devolve o pedido.';
revoke all on function public.conceder_papel(bigint, text, text) from public, anon, authenticated, service_role;
grant execute on function public.conceder_papel(bigint, text, text) to authenticated, service_role;

create function public.retirar_pedido_papel(p_id bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel(
        'retirar_pedido_papel', (select p.setor from public.pedidos_papel as p where p.id = p_id)
    );
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.pedido_de_papel(p_id);
    return interno.resolver_pedido(p_id, 'RETIRADO', v_papel, v_motivo);
end $$;
comment on function public.retirar_pedido_papel(bigint, text) is
'Um gestor do setor retira um pedido de papel que a TI ainda não respondeu. Devolve o pedido.';
revoke all on function public.retirar_pedido_papel(bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.retirar_pedido_papel(bigint, text) to authenticated, service_role;

create function public.tirar_papel(p_usuario_id uuid, p_papel text, p_setor text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('tirar_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_tirados jsonb;
begin
    if p_papel is not null then
        perform interno.exigir_papel_e_setor(p_papel, p_setor);
    end if;
    perform interno.travar_papeis();
    perform interno.declarar_autor(v_papel, v_motivo);
    with tirados as (
        delete from public.papeis_usuario
        where usuario_id = p_usuario_id
          and (p_papel is null or papel = p_papel and setor is not distinct from p_setor)
        returning papel, setor
    )
    select jsonb_agg(jsonb_build_object('papel', t.papel, 'setor', t.setor) order by t.papel, t.setor) into v_tirados
    from tirados as t;
    perform interno.declarar_autor('', '');
    if v_tirados is null then
        perform interno.recusar(
            '404', 'PAPEL_DESCONHECIDO', 'Esta pessoa não tem este papel neste setor.', 'Confira o papel e o setor em Cadastros.'
        );
    elsif not exists (select from interno.papeis_que_contam as p where p.papel = 'ADMIN' and p.setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Conceda antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object(
        'usuario_id', p_usuario_id, 'tirados', v_tirados, 'restam', coalesce((
            select jsonb_agg(jsonb_build_object('papel', p.papel, 'setor', p.setor) order by p.papel, p.setor)
            from public.papeis_vigentes as p
            where p.usuario_id = p_usuario_id
        ), '[]')
    );
end $$;
comment on function public.tirar_papel(uuid, text, text, text) is
'A TI tira na hora um papel de alguém (setor nulo = o que vale em todos); papel nulo = tudo que ela tem aqui. Devolve o que tirou e o que resta.';
revoke all on function public.tirar_papel(uuid, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.tirar_papel(uuid, text, text, text) to authenticated, service_role;

-- The way in: a database without IT has nobody who could grant, one without a manager nobody who could ask. It fills
-- only a place that nobody holds, and only the database's owner reaches it: no API role may call it.
create function interno.primeiros_papeis(p_ti uuid, p_gestor uuid, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_um record;
begin
    perform interno.travar_papeis();
    for v_um in
        select x.usuario_id, x.papel
        from (values (p_ti, 'ADMIN'), (p_gestor, 'GESTOR')) as x (usuario_id, papel)
        where x.usuario_id is not null
    loop
        if exists (select from interno.papeis_que_contam as p where p.papel = v_um.papel and p.setor is null) then
            perform interno.recusar(
                '409', 'JA_HA_QUEM', format('Já há quem tenha o papel %s em todos os setores.', v_um.papel),
                'Este caminho é só do primeiro: peça com pedir_papel, e a TI concede.'
            );
        end if;
        perform interno.conferir_papel(v_um.usuario_id, v_um.papel, null);
        perform interno.declarar_autor(session_user, v_motivo);
        insert into public.papeis_usuario (usuario_id, papel) values (v_um.usuario_id, v_um.papel);
        perform interno.declarar_autor('', '');
    end loop;
    return coalesce((
        select jsonb_agg(to_jsonb(p) order by p.papel) from public.papeis_usuario as p where p.usuario_id in (p_ti, p_gestor)
    ), '[]');
end $$;
comment on function interno.primeiros_papeis(uuid, uuid, text) is
'O primeiro ADMIN e o primeiro GESTOR de uma instalação, de todos os setores, cada um só onde não há; do editor SQL do projeto, por ninguém da API.';
revoke all on function interno.primeiros_papeis(uuid, uuid, text) from public, anon, authenticated, service_role;
