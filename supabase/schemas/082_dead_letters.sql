-- Messages that were refused, with their reason, and what people did with them: sent back or discarded, by whom.

create table public.falhas_mensagens (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    fila text not null,
    mensagem_id text not null,
    funcao text not null,
    codigo text not null,
    motivo text not null
);
comment on table public.falhas_mensagens is 'Por que uma mensagem foi para a fila de mortos. Somente acréscimo. Fonte: as funções que leem filas.';
comment on column public.falhas_mensagens.fila is 'Fila de origem. Fonte: função.';
comment on column public.falhas_mensagens.mensagem_id is 'Identificador da mensagem no SQS, o mesmo na fila de mortos. Fonte: SQS.';
comment on column public.falhas_mensagens.funcao is 'Função que a recusou. Fonte: função.';
comment on column public.falhas_mensagens.codigo is 'Código estável do erro. Fonte: função.';
comment on column public.falhas_mensagens.motivo is 'O que houve e o que fazer. Fonte: função.';
alter table public.falhas_mensagens enable row level security;
revoke all on public.falhas_mensagens from public, anon, authenticated, service_role;
revoke all on sequence public.falhas_mensagens_id_seq from public, anon, authenticated, service_role;
grant select on public.falhas_mensagens to authenticated, service_role;
create policy leitura on public.falhas_mensagens for select to authenticated using (true);
create index falhas_mensagens_mensagem on public.falhas_mensagens (mensagem_id);
create trigger somente_acrescimo before update or delete or truncate on public.falhas_mensagens
for each statement execute function interno.impedir_alteracao();

create table public.mensagens_descartadas (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    fila text not null,
    mensagem_id text not null,
    corpo text not null,
    quem text not null check (btrim(quem) <> ''),
    motivo text not null
);
comment on table public.mensagens_descartadas is 'Mensagens mortas que alguém descartou, com o seu conteúdo. Somente acréscimo. Fonte: sicfar dlq discard.';
comment on column public.mensagens_descartadas.fila is 'Fila de mortos. Fonte: SQS.';
comment on column public.mensagens_descartadas.mensagem_id is 'Identificador da mensagem no SQS. Fonte: SQS.';
comment on column public.mensagens_descartadas.corpo is 'Conteúdo da mensagem. Fonte: SQS.';
comment on column public.mensagens_descartadas.quem is 'Identidade AWS comprovada de quem descartou (ARN dado pelo STS), ou «não comprovado» com a requisição. Fonte: STS.';
alter table public.mensagens_descartadas enable row level security;
revoke all on public.mensagens_descartadas from public, anon, authenticated, service_role;
revoke all on sequence public.mensagens_descartadas_id_seq from public, anon, authenticated, service_role;
grant select on public.mensagens_descartadas to authenticated, service_role;
create policy leitura on public.mensagens_descartadas for select to authenticated using (true);
create trigger somente_acrescimo before update or delete or truncate on public.mensagens_descartadas
for each statement execute function interno.impedir_alteracao();

create table public.tratamentos_mensagens (
    id bigint generated always as identity primary key,
    em timestamptz not null default clock_timestamp(),
    execucao uuid not null,
    acao text not null check (acao in ('REENVIAR', 'DESCARTAR')),
    fase text not null check (fase in ('PEDIDO', 'FEITO', 'FALHOU')),
    fila text not null,
    mensagem_id text,
    quem text not null check (btrim(quem) <> ''),
    comprovado boolean not null,
    requisicao text not null,
    detalhe text
);
comment on table public.tratamentos_mensagens is 'Cada carta morta que alguém reenviou ou descartou: PEDIDO antes de mexer nela, FEITO ou FALHOU depois. Somente acréscimo. Fonte: função dlq-redrive.';
comment on column public.tratamentos_mensagens.execucao is 'Uma execução do comando, em quantas porções for. Fonte: comando.';
comment on column public.tratamentos_mensagens.fila is 'Fila de mortos. Fonte: SQS.';
comment on column public.tratamentos_mensagens.mensagem_id is 'Identificador da mensagem no SQS; nulo = a fila inteira, movida pelo próprio SQS. Fonte: SQS.';
comment on column public.tratamentos_mensagens.quem is 'Identidade AWS (ARN dado pelo STS), ou «não comprovado». Fonte: STS.';
comment on column public.tratamentos_mensagens.comprovado is 'Se o STS confirmou quem pediu. Fonte: função dlq-redrive.';
comment on column public.tratamentos_mensagens.requisicao is 'Requisição da função na AWS; o CloudTrail e o log dela a têm. Fonte: AWS Lambda.';
comment on column public.tratamentos_mensagens.detalhe is 'O motivo dado por quem pediu, ou por que falhou. Fonte: pessoa ou SQS.';
alter table public.tratamentos_mensagens enable row level security;
revoke all on public.tratamentos_mensagens from public, anon, authenticated, service_role;
revoke all on sequence public.tratamentos_mensagens_id_seq from public, anon, authenticated, service_role;
grant select on public.tratamentos_mensagens to authenticated, service_role;
create policy leitura on public.tratamentos_mensagens for select to authenticated using (true);
create index tratamentos_mensagens_execucao on public.tratamentos_mensagens (execucao);
create trigger somente_acrescimo before update or delete or truncate on public.tratamentos_mensagens
for each statement execute function interno.impedir_alteracao();

create function public.registrar_falha(p_fila text, p_mensagem_id text, p_funcao text, p_codigo text, p_motivo text)
returns boolean
language sql
security definer
set search_path = ''
as $$
    -- Received several times on its way to the dead letters, told once.
    with nova as (
        insert into public.falhas_mensagens (fila, mensagem_id, funcao, codigo, motivo)
        select p_fila, p_mensagem_id, p_funcao, p_codigo, p_motivo
        where not exists (
            select from public.falhas_mensagens as f
            where f.mensagem_id = p_mensagem_id and f.codigo = p_codigo and f.motivo = p_motivo
        )
        returning id
    )
    select exists (select from nova)
$$;
comment on function public.registrar_falha(text, text, text, text, text) is 'Anota por que uma mensagem não tem conserto por si; uma vez por motivo. Verdadeiro se era nova.';
revoke all on function public.registrar_falha(text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_falha(text, text, text, text, text) to service_role;

create function public.motivos_falhas(p_mensagens jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.mensagem_id, t.falha), '{}')
    from (
        select distinct on (f.mensagem_id) f.mensagem_id, jsonb_build_object(
            'em', f.em, 'funcao', f.funcao, 'codigo', f.codigo, 'motivo', f.motivo
        ) as falha
        from public.falhas_mensagens as f
        where f.mensagem_id in (select jsonb_array_elements_text(interno.json_recebido(p_mensagens)))
        order by f.mensagem_id, f.id desc
    ) as t
$$;
comment on function public.motivos_falhas(jsonb) is 'Última falha conhecida de cada mensagem da lista: em, funcao, codigo e motivo.';
revoke all on function public.motivos_falhas(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.motivos_falhas(jsonb) to service_role;

create function public.registrar_descarte(p_fila text, p_mensagem_id text, p_corpo text, p_quem text, p_motivo text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id bigint;
begin
    insert into public.mensagens_descartadas (fila, mensagem_id, corpo, quem, motivo)
    values (p_fila, p_mensagem_id, p_corpo, p_quem, interno.exigir_motivo(p_motivo))
    returning id into v_id;
    perform interno.anotar_trilha(
        'SISTEMA', 'descartar_mensagem', format('%s:%s', p_fila, p_mensagem_id), null, jsonb_build_object('quem', p_quem), p_motivo
    );
    return v_id;
end $$;
comment on function public.registrar_descarte(text, text, text, text, text) is 'Guarda uma mensagem morta que alguém descarta, com motivo, antes de ela sair da fila; devolve o identificador.';
revoke all on function public.registrar_descarte(text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.registrar_descarte(text, text, text, text, text) to service_role;

create function public.registrar_tratamento(p_tratamento jsonb)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_pedido jsonb := interno.json_recebido(p_tratamento);
    v_execucao uuid := (v_pedido ->> 'execucao')::uuid;
    v_novas bigint;
begin
    -- One line of the trail for a run; its letters are rows of their own.
    if not exists (select from public.tratamentos_mensagens as t where t.execucao = v_execucao) then
        perform interno.anotar_trilha(
            'SISTEMA', case v_pedido ->> 'acao' when 'REENVIAR' then 'reenviar_mensagens' else 'descartar_mensagens' end,
            format('tratamentos_mensagens:%s', v_execucao), null, v_pedido - '{execucao,acao,fase,mensagens}'::text[], null
        );
    end if;
    insert into public.tratamentos_mensagens (
        execucao, acao, fase, fila, mensagem_id, quem, comprovado, requisicao, detalhe
    )
    select
        v_execucao, v_pedido ->> 'acao', v_pedido ->> 'fase', v_pedido ->> 'fila', m.mensagem ->> 'id',
        v_pedido ->> 'quem', (v_pedido ->> 'comprovado')::boolean, v_pedido ->> 'requisicao', m.mensagem ->> 'detalhe'
    from jsonb_array_elements(v_pedido -> 'mensagens') as m (mensagem);
    get diagnostics v_novas = row_count;
    return v_novas;
end $$;
comment on function public.registrar_tratamento(jsonb) is 'Anota o que alguém pediu para cartas mortas de uma fila, ou o que foi feito: {execucao, acao, fase, fila, quem, comprovado, requisicao, mensagens: [{id, detalhe}]}; devolve quantas.';
revoke all on function public.registrar_tratamento(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.registrar_tratamento(jsonb) to service_role;

create function public.andamento_tratamento(p_execucao uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'pedidas', count(distinct t.mensagem_id) filter (where t.fase = 'PEDIDO'),
        'feitas', count(distinct t.mensagem_id) filter (where t.fase = 'FEITO'),
        'falhas', count(distinct t.mensagem_id) filter (where t.fase = 'FALHOU')
    )
    from public.tratamentos_mensagens as t
    where t.execucao = p_execucao
$$;
comment on function public.andamento_tratamento(uuid) is 'De quantas cartas mortas uma execução se ocupou: pedidas, feitas e falhas. O que foi pedido e não é um nem outro parou no meio.';
revoke all on function public.andamento_tratamento(uuid) from public, anon, authenticated, service_role;
grant execute on function public.andamento_tratamento(uuid) to service_role;
