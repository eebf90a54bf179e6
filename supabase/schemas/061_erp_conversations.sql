-- The record of every conversation with the ERP, and how far each pull from it has come.

create table public.tentativas_integracao (
    id bigint generated always as identity primary key,
    em timestamptz not null,
    sistema text not null,
    sentido text not null check (sentido in ('ENTRADA', 'SAIDA')),
    operacao text not null,
    metodo text,
    url text,
    status_http integer,
    latencia_ms bigint,
    resultado text not null check (resultado in ('OK', 'TRANSITORIO', 'PERMANENTE', 'CONFIGURACAO')),
    codigo text,
    erro text,
    correlacao text,
    bytes_enviados bigint,
    bytes_recebidos bigint,
    envio_id bigint,
    corpo text,
    resposta text
);
comment on table public.tentativas_integracao is 'Cada chamada ao ERP e cada pedido dele: quem, o quê, quando, resultado. Somente acréscimo, sem segredos. Fonte: integração.';
comment on column public.tentativas_integracao.em is 'Início da chamada (UTC). Fonte: integração.';
comment on column public.tentativas_integracao.sistema is 'Com quem: TOTVS. Fonte: integração.';
comment on column public.tentativas_integracao.sentido is 'ENTRADA (nos chamaram) ou SAIDA (chamamos). Fonte: integração.';
comment on column public.tentativas_integracao.operacao is 'O que se pediu, p. ex. token, ordens, eventos. Fonte: integração.';
comment on column public.tentativas_integracao.metodo is 'Método HTTP. Fonte: integração.';
comment on column public.tentativas_integracao.url is 'Endereço, sem segredos. Fonte: integração.';
comment on column public.tentativas_integracao.status_http is 'Resposta HTTP; nulo se não houve. Fonte: ERP ou integração.';
comment on column public.tentativas_integracao.latencia_ms is 'Até a resposta, em milissegundos; na entrada, até a aplicação. Fonte: integração.';
comment on column public.tentativas_integracao.resultado is 'OK, TRANSITORIO (tenta-se de novo), PERMANENTE ou CONFIGURACAO. Fonte: integração.';
comment on column public.tentativas_integracao.codigo is 'Código estável do erro. Fonte: integração.';
comment on column public.tentativas_integracao.erro is 'O que houve, sem segredos. Fonte: ERP ou integração.';
comment on column public.tentativas_integracao.correlacao is 'Identificador de correlação. Fonte: integração.';
comment on column public.tentativas_integracao.bytes_enviados is 'Bytes enviados no corpo. Fonte: integração.';
comment on column public.tentativas_integracao.bytes_recebidos is 'Bytes recebidos no corpo. Fonte: integração.';
comment on column public.tentativas_integracao.envio_id is 'Envio de que trata (envios_totvs). Fonte: integração.';
comment on column public.tentativas_integracao.corpo is 'O que se enviou num envio, por inteiro. Fonte: integração.';
comment on column public.tentativas_integracao.resposta is 'Começo do que o TOTVS respondeu a um envio. Fonte: TOTVS.';
alter table public.tentativas_integracao enable row level security;
revoke all on public.tentativas_integracao from public, anon, authenticated, service_role;
revoke all on sequence public.tentativas_integracao_id_seq from public, anon, authenticated, service_role;
grant select on public.tentativas_integracao to authenticated, service_role;
create policy leitura on public.tentativas_integracao for select to authenticated using (true);
create index tentativas_integracao_envio on public.tentativas_integracao (envio_id) where envio_id is not null;
create index tentativas_integracao_em on public.tentativas_integracao using brin (em);
create index tentativas_integracao_correlacao on public.tentativas_integracao (correlacao);
create trigger somente_acrescimo before update or delete or truncate on public.tentativas_integracao
for each statement execute function interno.impedir_alteracao();

create table public.sincronizacoes_totvs (
    id bigint generated always as identity primary key,
    entidade text not null check (entidade in ('ordens', 'produtos', 'lotes', 'insumos', 'lotesInsumo', 'velocidades')),
    iniciada_em timestamptz not null,
    terminada_em timestamptz not null default clock_timestamp(),
    situacao text not null check (situacao in ('COMPLETA', 'INCOMPLETA', 'FALHOU')),
    alterado_desde timestamptz,
    proxima_pagina integer not null default 1 check (proxima_pagina >= 1),
    resumo jsonb not null
);
comment on table public.sincronizacoes_totvs is 'Cada busca no TOTVS do que os avisos perderam, e o que consertou. Fonte: integração.';
comment on column public.sincronizacoes_totvs.entidade is 'O que se buscou, pelo nome do endpoint. Fonte: configuração.';
comment on column public.sincronizacoes_totvs.iniciada_em is 'Início da busca (UTC). Fonte: integração.';
comment on column public.sincronizacoes_totvs.terminada_em is 'Fim da busca (UTC). Fonte: banco.';
comment on column public.sincronizacoes_totvs.situacao is 'COMPLETA, INCOMPLETA (continua na próxima) ou FALHOU. Fonte: integração.';
comment on column public.sincronizacoes_totvs.alterado_desde is 'Tudo o que mudou no TOTVS até aqui já foi buscado; nulo = nunca (UTC). Fonte: banco.';
comment on column public.sincronizacoes_totvs.proxima_pagina is 'Por onde a próxima começa. Fonte: integração.';
comment on column public.sincronizacoes_totvs.resumo is 'Páginas, linhas, consertos e erro. Fonte: integração.';
alter table public.sincronizacoes_totvs enable row level security;
revoke all on public.sincronizacoes_totvs from public, anon, authenticated, service_role;
revoke all on sequence public.sincronizacoes_totvs_id_seq from public, anon, authenticated, service_role;
grant select on public.sincronizacoes_totvs to authenticated, service_role;
create policy leitura on public.sincronizacoes_totvs for select to authenticated using (true);
create index sincronizacoes_totvs_ultima on public.sincronizacoes_totvs (entidade, id desc);

-- ------------------------------------------------------------------------------------------ attempts and pulls

create function public.registrar_tentativas(p_tentativas jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_linhas integer;
begin
    insert into public.tentativas_integracao (
        em, sistema, sentido, operacao, metodo, url, status_http, latencia_ms, resultado, codigo, erro, correlacao,
        bytes_enviados, bytes_recebidos, envio_id, corpo, resposta
    )
    select
        t.em, t.sistema, t.sentido, t.operacao, t.metodo, t.url, t.status_http, t.latencia_ms, t.resultado, t.codigo,
        t.erro, t.correlacao, t.bytes_enviados, t.bytes_recebidos, t.envio_id, t.corpo, t.resposta
    from jsonb_to_recordset(interno.json_recebido(p_tentativas)) as t (
        em timestamptz, sistema text, sentido text, operacao text, metodo text, url text, status_http integer,
        latencia_ms bigint, resultado text, codigo text, erro text, correlacao text, bytes_enviados bigint,
        bytes_recebidos bigint, envio_id bigint, corpo text, resposta text
    );
    get diagnostics v_linhas = row_count;
    return v_linhas;
end $$;
comment on function public.registrar_tentativas(jsonb) is 'Acrescenta chamadas ao registro de tentativas; devolve quantas.';
revoke all on function public.registrar_tentativas(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.registrar_tentativas(jsonb) to service_role;

create function public.iniciar_sincronizacao_totvs(p_entidade text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((
        select jsonb_build_object('alterado_desde', s.alterado_desde, 'proxima_pagina', s.proxima_pagina)
        from public.sincronizacoes_totvs as s where s.entidade = p_entidade order by s.id desc limit 1
    ), jsonb_build_object('alterado_desde', null, 'proxima_pagina', 1))
$$;
comment on function public.iniciar_sincronizacao_totvs(text) is 'De onde a próxima busca da entidade começa: alterado_desde (nulo = do princípio) e proxima_pagina.';
revoke all on function public.iniciar_sincronizacao_totvs(text) from public, anon, authenticated, service_role;
grant execute on function public.iniciar_sincronizacao_totvs(text) to service_role;

create function public.concluir_sincronizacao_totvs(
    p_entidade text, p_iniciada_em timestamptz, p_situacao text, p_proxima_pagina integer, p_resumo jsonb
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_antes jsonb;
    v_soltos jsonb;
    v_inicio timestamptz;
    v_move boolean;
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    v_antes := public.iniciar_sincronizacao_totvs(p_entidade);
    -- A run beside which another ended began from a mark that no longer stands: it is on record and moves nothing.
    v_move := not exists (
        select from public.sincronizacoes_totvs as s
        where s.entidade = p_entidade and s.situacao <> 'FALHOU' and s.terminada_em > p_iniciada_em
    );
    v_soltos := interno.reaplicar_estacionados(null, 200);
    -- A run over several pieces is complete as of the start of its first.
    select min(s.iniciada_em) into v_inicio
    from public.sincronizacoes_totvs as s
    where s.entidade = p_entidade and s.id > coalesce((
        select max(c.id) from public.sincronizacoes_totvs as c where c.entidade = p_entidade and c.situacao = 'COMPLETA'
    ), 0) and (v_antes ->> 'proxima_pagina')::integer > 1;
    insert into public.sincronizacoes_totvs (entidade, iniciada_em, situacao, alterado_desde, proxima_pagina, resumo)
    values (
        p_entidade, p_iniciada_em, p_situacao,
        case when v_move and p_situacao = 'COMPLETA' then least(p_iniciada_em, v_inicio) else (v_antes ->> 'alterado_desde')::timestamptz end,
        case
            when v_move and p_situacao = 'COMPLETA' then 1
            when v_move and p_situacao = 'INCOMPLETA' then p_proxima_pagina
            else (v_antes ->> 'proxima_pagina')::integer
        end,
        interno.json_recebido(p_resumo) || jsonb_build_object('reaplicados', v_soltos -> 'reaplicados')
    );
    return v_soltos;
end $$;
comment on function public.concluir_sincronizacao_totvs(text, timestamptz, text, integer, jsonb) is
'Registra uma busca, que só avança a marca se nenhuma outra terminou desde o início dela, e solta os primeiros eventos que esperavam um cadastro que já existe; devolve quantos, e se restam (reaplicar_eventos_totvs).';
revoke all on function public.concluir_sincronizacao_totvs(text, timestamptz, text, integer, jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.concluir_sincronizacao_totvs(text, timestamptz, text, integer, jsonb) to service_role;
