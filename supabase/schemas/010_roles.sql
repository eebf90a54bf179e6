-- Roles, schemas and the small helpers that all later files use.
--
-- On Supabase the roles and the publication exist; on a plain PostgreSQL (>= 15) they are created here, so the same
-- files serve both. Two schemas: `public` is what the API exposes, `interno` is what only our own functions may call.

do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
        create role anon nologin noinherit;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
        create role authenticated nologin noinherit;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
        create role service_role nologin noinherit bypassrls;
    end if;
    -- The audit's own: it reads every row and writes none. Its password and BYPASSRLS are given by hand (docs/seguranca.md).
    if not exists (select from pg_catalog.pg_roles where rolname = 'sicfar_auditoria') then
        create role sicfar_auditoria nologin noinherit;
    end if;
    if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
        create publication supabase_realtime;
    end if;
end $$;

-- btree_gist lets one exclusion constraint compare a line by equality and a period by overlap.
create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;

create schema interno;
comment on schema interno is 'Funções de apoio do SicFar, fora da API: só as funções públicas do próprio SicFar as chamam.';

-- A business refusal. SQLSTATE `PTxyz` reaches the client as HTTP status xyz with message, detail and hint intact.
create function interno.recusar(p_status text, p_codigo text, p_detalhe text, p_acao text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    raise exception using errcode = 'PT' || p_status, message = p_codigo, detail = p_detalhe, hint = p_acao;
end $$;
comment on function interno.recusar(text, text, text, text) is
'Recusa com código estável (mensagem), explicação (detalhe) e o que fazer (hint); PTxyz chega ao cliente como HTTP xyz.';

-- The local Supabase hands a JSON argument over as a JSON string that holds it; PostgREST as it is.
create function interno.json_recebido(p_json jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select case when jsonb_typeof(p_json) = 'string' then (p_json #>> '{}')::jsonb else p_json end
$$;
comment on function interno.json_recebido(jsonb) is 'Um argumento JSON, também se veio como texto JSON que o contém.';

-- What failed inside a subtransaction, as callers of ours read it: our refusals by code, others by their message.
create function interno.erro_json(p_sqlstate text, p_mensagem text, p_detalhe text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object('situacao', 'ERRO', 'erro', jsonb_build_object(
        'sqlstate', p_sqlstate,
        'codigo', case when p_sqlstate like 'PT%' then p_mensagem else 'ERRO_DO_BANCO' end,
        'mensagem', concat_ws(' — ', case when p_sqlstate not like 'PT%' then p_mensagem end, nullif(p_detalhe, ''))
    ))
$$;
comment on function interno.erro_json(text, text, text) is 'Resultado ERRO de uma parte que falhou: sqlstate, codigo e mensagem.';

-- Plant-local wall clock for texts people read; everything stored and compared stays UTC.
create function interno.hora_local(p_instante timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select to_char(p_instante at time zone 'America/Fortaleza', 'DD/MM/YYYY HH24:MI:SS')
$$;
comment on function interno.hora_local(timestamptz) is 'Instante escrito na hora da fábrica (America/Fortaleza), para textos lidos por pessoas.';

-- The person behind the request: `sub` of the verified token. NULL for the service key and for direct connections.
create function interno.usuario_atual()
returns uuid
language sql
stable
set search_path = ''
as $$
    select nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '')::uuid
$$;
comment on function interno.usuario_atual() is 'Usuário autenticado do pedido (claim sub do JWT); nulo para a chave de serviço, que não é pessoa.';

-- The caller's correlation id, when it sent one. PostgREST exposes the request headers as JSON.
create function interno.correlacao_atual()
returns text
language sql
stable
set search_path = ''
as $$
    select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-correlation-id'
$$;
comment on function interno.correlacao_atual() is 'Identificador de correlação do pedido HTTP (cabeçalho x-correlation-id), se houver.';

-- Append-only means append-only for everybody: triggers fire for the service key and for the tables' owner as well.
create function interno.impedir_alteracao()
returns trigger
language plpgsql
security definer -- the refused role may not reach `interno.recusar` itself
set search_path = ''
as $$
begin
    perform interno.recusar(
        '403', 'SOMENTE_ACRESCIMO',
        format('A tabela %s só aceita acréscimos; %s foi recusado.', tg_table_name, tg_op),
        'Registre a correção como um novo fato; o original permanece.'
    );
    return null;
end $$;
comment on function interno.impedir_alteracao() is 'Gatilho das tabelas somente-acréscimo: recusa UPDATE, DELETE e TRUNCATE de qualquer papel.';

-- One OP, one key. Protheus writes an OP as number (6), item (2), sequence (3) and grid (up to 3), blank-padded to 14;
-- the first item and sequence ("01001") are usually left out, so `146734` and `14673401001` are the same order.
create function public.normalizar_op(p_numero_op text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_op constant text := btrim(p_numero_op, E' \t\r\n');
begin
    if v_op is null or v_op !~ '^[0-9A-Za-z][0-9A-Za-z./_-]{0,13}$' then
        -- Raised here, not through interno.recusar: whoever writes lotes_producao runs this in its CHECK.
        raise exception using errcode = 'PT422', message = 'OP_INVALIDA',
            detail = format('O número de OP %s não tem de 1 a 14 letras ou algarismos.', coalesce(quote_literal(left(v_op, 40)), 'vazio')),
            hint = 'Informe o número da OP como está no TOTVS, com os zeros à esquerda.';
    end if;
    if v_op ~ '^[0-9A-Za-z]{6}01001$' then
        return left(v_op, 6);
    end if;
    return v_op;
end $$;
comment on function public.normalizar_op(text) is
'Chave única da OP: sem brancos nas pontas, zeros à esquerda mantidos; NNNNNN e NNNNNN01001 são a mesma OP. PT422 OP_INVALIDA.';
revoke all on function public.normalizar_op(text) from public, anon, authenticated, service_role;
grant execute on function public.normalizar_op(text) to authenticated, service_role;

-- One of a few words, as the button says it.
create function interno.exigir_decisao(p_decisao text, variadic p_opcoes text[])
returns void
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_ultima constant integer := cardinality(p_opcoes);
begin
    if p_decisao is null or p_decisao <> all(p_opcoes) then
        perform interno.recusar(
            '422', 'DECISAO_INVALIDA',
            format(
                'Decisão %L; esperado %s ou %s.', p_decisao, array_to_string(p_opcoes[:v_ultima - 1], ', '), p_opcoes[v_ultima]
            ),
            format('Escolha uma das %s.', case v_ultima when 2 then 'duas' else 'três' end)
        );
    end if;
end $$;
comment on function interno.exigir_decisao(text, text[]) is 'PT422 DECISAO_INVALIDA se a decisão não é uma das duas ou três opções.';

-- What a person types is kept for good; no text is longer than somebody will read.
create function interno.exigir_texto(p_campo text, p_texto text, p_maximo integer)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    if length(p_texto) > p_maximo then
        perform interno.recusar(
            '422', 'TEXTO_LONGO',
            format('O campo %s tem %s caracteres; são no máximo %s.', p_campo, length(p_texto), p_maximo),
            'Encurte o texto e repita.'
        );
    end if;
    return btrim(p_texto);
end $$;
comment on function interno.exigir_texto(text, text, integer) is
'Devolve o texto sem brancos nas pontas, nulo se nulo; PT422 TEXTO_LONGO se passar de p_maximo caracteres.';

-- A reason is a sentence: neither a keystroke nor a file.
create function interno.exigir_motivo(p_motivo text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    if coalesce(length(btrim(p_motivo)), 0) < 5 then
        perform interno.recusar(
            '422', 'MOTIVO_OBRIGATORIO',
            'Esta ação precisa de um motivo com pelo menos 5 caracteres.',
            'Repita a ação informando o motivo.'
        );
    end if;
    return interno.exigir_texto('motivo', p_motivo, 2000);
end $$;
comment on function interno.exigir_motivo(text) is
'Devolve o motivo sem brancos nas pontas; PT422 MOTIVO_OBRIGATORIO se tiver menos de 5 caracteres, TEXTO_LONGO se mais de 2.000.';

-- What a question may cost. Raised here, not through interno.recusar: the questions run with the caller's rights, in
-- place, and these are conditions of theirs, looked at before anything is read and before anything is answered.
create function public.conferir_janela(p_de timestamptz, p_ate timestamptz, p_maximo interval)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_de is null or p_ate is null or not isfinite(p_de) or not isfinite(p_ate) then
        raise exception using errcode = 'PT422', message = 'INTERVALO_INVALIDO',
            detail = 'O intervalo precisa de um início e de um fim.', hint = 'Informe os dois instantes.';
    elsif p_ate > p_de + p_maximo then
        raise exception using errcode = 'PT422', message = 'JANELA_GRANDE',
            detail = format('O intervalo pedido passa de %s dias.', extract(day from p_maximo)),
            hint = 'Peça menos tempo de cada vez, ou uma linha só.';
    end if;
    return true;
end $$;
comment on function public.conferir_janela(timestamptz, timestamptz, interval) is
'Verdadeiro; PT422 INTERVALO_INVALIDO sem início ou fim, JANELA_GRANDE se a janela passa de p_maximo.';
revoke all on function public.conferir_janela(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;
grant execute on function public.conferir_janela(timestamptz, timestamptz, interval)
to authenticated, service_role;

-- The API cuts an answer at 1,000 rows and says nothing: one that would be cut is refused.
create function public.conferir_pagina(p_linhas bigint, p_limite integer default 1000)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_linhas > p_limite then
        raise exception using errcode = 'PT422', message = 'JANELA_GRANDE',
            detail = format('A resposta passa de %s linhas.', p_limite),
            hint = 'Peça menos tempo de cada vez, ou uma linha só; a API não entrega mais que 1.000 de uma vez.';
    end if;
    return true;
end $$;
comment on function public.conferir_pagina(bigint, integer) is
'Verdadeiro; PT422 JANELA_GRANDE se a resposta passa de p_limite linhas.';
revoke all on function public.conferir_pagina(bigint, integer) from public, anon, authenticated, service_role;
grant execute on function public.conferir_pagina(bigint, integer) to authenticated, service_role;

grant usage on schema public to authenticated, service_role;
