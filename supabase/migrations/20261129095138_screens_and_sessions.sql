-- screens_and_sessions: from the definitions in supabase/schemas, by `make migration`.

drop function public.definir_pessoa(uuid,text,text);
alter table public.papeis_usuario drop constraint papeis_usuario_papel_check,
add constraint papeis_usuario_papel_check
check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO'));
alter table public.pessoas add column nome_login text unique check (nome_login ~ '^[a-z][a-z0-9._-]{1,39}$');
insert into public.parametros (nome, valor, descricao, maximo) values
('PARADA_MINUTOS', 5, 'Minutos sem contagem depois dos quais uma linha que reporta está parada.', 1440);

CREATE OR REPLACE FUNCTION public.definir_papel(p_usuario_id uuid, p_papel text, p_setor text, p_vale boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN', 'POSTO');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_usuario_id is null or p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa, ou se o papel vale.', 'Informe os dois.');
    end if;
    perform pg_advisory_xact_lock(hashtext('papeis_usuario')); -- two people may not take each other's last role away
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.papeis_usuario (usuario_id, papel, setor) values (p_usuario_id, p_papel, p_setor)
        on conflict (usuario_id, papel, setor) do nothing;
    else
        delete from public.papeis_usuario
        where usuario_id = p_usuario_id and papel = p_papel and setor is not distinct from p_setor;
    end if;
    perform interno.declarar_autor('', '');
    if not exists (select from public.papeis_usuario where papel = 'ADMIN' and setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Dê antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object('usuario_id', p_usuario_id, 'papel', p_papel, 'setor', p_setor, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_pessoa(p_usuario_id uuid, p_nome text, p_motivo text, p_login text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_pessoa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    if p_usuario_id is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa.', 'Informe-a.');
    end if;
    if p_login !~ '^[a-z][a-z0-9._-]{1,39}$' then
        perform interno.recusar(
            '422', 'LOGIN_INVALIDO', format('O nome de login %L não serve.', left(p_login, 40)),
            'Use de 2 a 40 letras minúsculas, algarismos, ponto, hífen ou sublinhado, começando por letra.'
        );
    end if;
    if exists (select from public.pessoas as p where p.nome_login = p_login and p.usuario_id <> p_usuario_id) then
        perform interno.recusar('409', 'LOGIN_OCUPADO', format('O nome de login %s é de outra pessoa.', p_login), 'Escolha outro.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pessoas (usuario_id, nome, nome_login)
    values (p_usuario_id, interno.exigir_nome('nome', p_nome, 3, 80), p_login)
    on conflict (usuario_id) do update set nome = excluded.nome, nome_login = coalesce(excluded.nome_login, pessoas.nome_login)
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION public.quem_sou()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'usuario_id', u.id,
        'nome', (select p.nome from public.pessoas as p where p.usuario_id = u.id),
        'papeis', coalesce((
            select jsonb_agg(jsonb_build_object('papel', p.papel, 'setor', p.setor) order by p.papel, p.setor)
            from public.papeis_usuario as p
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
$function$;

CREATE OR REPLACE FUNCTION public.pessoas_que_podem(p_funcao text, p_setor text)
 RETURNS TABLE(nome text, login text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select p.nome, p.nome_login
    from public.pessoas as p
    where p.nome_login is not null and exists (
        select from public.papeis_usuario as r
        where r.usuario_id = p.usuario_id and r.papel = any(public.papeis_da_funcao(p_funcao))
          and (r.setor is null or r.setor = p_setor)
    )
    order by p.nome, p.nome_login
    limit 1000
$function$;

CREATE OR REPLACE FUNCTION interno.refugo_agora(p_regra text, p_op text, p_linha_id text, p_maquina bigint)
 RETURNS bigint
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select case when p_regra = 'DIGITADO' then (
        select coalesce(sum(q.quantidade), 0)::bigint from public.perdas_vigentes as q
        where q.numero_op = p_op and q.linha_id = p_linha_id and q.tipo = 'REFUGO'
    ) else coalesce(p_maquina, 0) end
$function$;

CREATE OR REPLACE FUNCTION interno.ultima_hora(p_linha_id text, p_fator integer, p_ate timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select array_agg(coalesce(m.total_producao, 0) * p_fator order by g.n desc)
    from generate_series(60, 1, -1) as g (n)
    left join public.contagens_minuto as m
        on m.linha_id = p_linha_id and m.minuto = p_ate - g.n * interval '1 minute'
$function$;

CREATE OR REPLACE FUNCTION public.agora(p_setor text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, linha text, setor text, etapa text, fonte text, situacao text, desde timestamp with time zone, ultimo_sinal timestamp with time zone, numero_op text, numero_lote text, produto_codigo text, produto text, aberta_em timestamp with time zone, planejado numeric, boas bigint, refugo bigint, minutos bigint[], velocidade_nominal numeric, sem_op_producao bigint, sem_op_rejeicao bigint, duvidosas bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select
        l.linha_id, l.nome, l.setor, l.etapa, f.fonte,
        case
            when f.fonte is null then 'SEM_FONTE'
            when f.fonte in ('avulso', 'manual') then 'MANUAL'
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then 'SEM_SINAL'
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => a.parada_min + 1) then 'PARADA'
            else 'PRODUZINDO'
        end,
        case
            when f.fonte is null or f.fonte in ('avulso', 'manual') then null
            when coalesce(s.ate, '-infinity') < a.agora - make_interval(secs => a.silencio_s) then s.ate
            when coalesce(u.minuto, '-infinity') < a.agora - make_interval(mins => a.parada_min + 1)
                then u.minuto + interval '1 minute'
        end,
        s.ate, p.numero_op, o.numero_lote, o.produto_codigo, d.descricao, lower(p.intervalo), o.quantidade_planejada,
        t.producao_acumulada - r.refugo, r.refugo, r.minutos, v.velocidade,
        coalesce(n.producao, 0), coalesce(n.rejeicao, 0), c.itens
    from public.linhas as l
    cross join (
        select clock_timestamp() as agora, date_trunc('minute', clock_timestamp()) as minuto,
            interno.parametro('SILENCIO_SEGUNDOS') as silencio_s, interno.parametro('PARADA_MINUTOS') as parada_min
    ) as a
    left join public.fontes_linha as f
        on f.linha_id = l.linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> a.agora
    left join public.periodos_ordem as p
        on p.linha_id = l.linha_id and p.intervalo @> a.agora and upper_inf(p.intervalo)
    left join public.lotes_producao as o on o.numero_op = p.numero_op
    left join public.produtos as d on d.produto_codigo = o.produto_codigo
    left join public.ordens_producao_ativas as t on t.numero_op = p.numero_op and t.linha_id = l.linha_id
    left join public.velocidades_nominais as v
        on v.linha_id = l.linha_id and v.produto_codigo = o.produto_codigo
        and v.validade @> (a.agora at time zone 'America/Fortaleza')::date
    cross join lateral (
        select max(m.ate) as ate from public.marcas_linha as m where m.linha_id = l.linha_id and m.gateway = f.fonte
    ) as s
    left join lateral (
        select m.minuto
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day' and m.minuto <= a.minuto
          and m.total_producao > 0
        order by m.minuto desc
        limit 1
    ) as u on true
    cross join lateral (
        select interno.refugo_agora(l.regra_refugo, p.numero_op, l.linha_id, t.rejeicao_acumulada) as refugo,
            interno.ultima_hora(
                l.linha_id, coalesce(p.fator_producao, interno.fator(l.linha_id, 'producao', a.agora)), a.minuto
            ) as minutos
    ) as r
    left join lateral (
        select sum(m.sem_ordem_producao - m.justificada_producao)::bigint as producao,
            sum(m.sem_ordem_rejeicao - m.justificada_rejeicao)::bigint as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = l.linha_id and m.minuto > a.agora - interval '1 day'
          and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
    ) as n on true
    cross join lateral (
        select count(*) as itens from public.contagens_retidas as k where k.linha_id = l.linha_id
    ) as c
    where l.ativa and (p_setor is null or l.setor = p_setor)
    order by l.setor, l.etapa desc, l.linha_id
$function$;

revoke all on function interno.refugo_agora(text,text,text,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.ultima_hora(text,integer,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function public.agora(text) from public, anon, authenticated, service_role;
grant execute on function public.agora(text) to authenticated;
grant execute on function public.agora(text) to service_role;
revoke all on function public.definir_pessoa(uuid,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_pessoa(uuid,text,text,text) to authenticated;
grant execute on function public.definir_pessoa(uuid,text,text,text) to service_role;
revoke all on function public.pessoas_que_podem(text,text) from public, anon, authenticated, service_role;
grant execute on function public.pessoas_que_podem(text,text) to authenticated;
grant execute on function public.pessoas_que_podem(text,text) to service_role;
revoke all on function public.quem_sou() from public, anon, authenticated, service_role;
grant execute on function public.quem_sou() to authenticated;
grant execute on function public.quem_sou() to service_role;
comment on column public.pessoas.nome_login is 'Nome com que a pessoa entra no painel: o endereço dela no Supabase Auth sem o domínio; nulo = não aparece nos postos. Fonte: definir_pessoa.';
comment on function public.definir_pessoa(uuid,text,text,text) is 'Diz o nome de quem assina, como sai na assinatura, e o de login no painel (nulo = o que já tem). Devolve a pessoa.';
comment on function public.quem_sou() is 'Quem está na tela: usuario_id, nome, papeis (papel e setor; setor nulo = todos) e turno (o de agora: data, turnos, inicio e fim em UTC; nulo fora de todo turno).';
comment on function public.pessoas_que_podem(text,text) is 'Quem pode chamar a função no setor (nulo = só quem pode em todos), com o nome de login no painel; no máximo 1.000.';
comment on function interno.refugo_agora(text,text,text,bigint) is 'Refugo de uma OP aberta na linha, em unidades, pela regra da linha.';
comment on function interno.ultima_hora(text,integer,timestamp with time zone) is 'Unidades de cada um dos 60 minutos antes de p_ate (minuto inteiro), do mais antigo ao mais novo; zero onde nada se contou.';
comment on function public.agora(text) is 'As linhas em uso como estão agora (setor nulo = todas): situacao PRODUZINDO, PARADA, SEM_SINAL, MANUAL ou SEM_FONTE, desde quando, o último sinal (UTC), a OP aberta com boas e refugo em unidades desde que existe, unidades de cada um dos últimos 60 minutos inteiros, velocidade nominal (unidades/h), contagens da máquina sem OP nas últimas 24 h e contagens que esperam decisão.';
