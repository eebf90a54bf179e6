-- treated_dead_letters: from the definitions in supabase/schemas, by `make migration`.

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

CREATE OR REPLACE FUNCTION public.registrar_tratamento(p_tratamento jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.andamento_tratamento(p_execucao uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'pedidas', count(distinct t.mensagem_id) filter (where t.fase = 'PEDIDO'),
        'feitas', count(distinct t.mensagem_id) filter (where t.fase = 'FEITO'),
        'falhas', count(distinct t.mensagem_id) filter (where t.fase = 'FALHOU')
    )
    from public.tratamentos_mensagens as t
    where t.execucao = p_execucao
$function$;

CREATE INDEX tratamentos_mensagens_execucao ON public.tratamentos_mensagens USING btree (execucao);
alter table public.tratamentos_mensagens enable row level security;
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.tratamentos_mensagens FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.tratamentos_mensagens as permissive for select to authenticated using (true);
revoke all on function public.andamento_tratamento(uuid) from public, anon, authenticated, service_role;
grant execute on function public.andamento_tratamento(uuid) to service_role;
revoke all on function public.registrar_tratamento(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.registrar_tratamento(jsonb) to service_role;
revoke all on table public.tratamentos_mensagens from public, anon, authenticated, service_role;
revoke all on sequence public.tratamentos_mensagens_id_seq from public, anon, authenticated, service_role;
grant select on table public.tratamentos_mensagens to authenticated;
grant select on table public.tratamentos_mensagens to service_role;
comment on column public.mensagens_descartadas.quem is 'Identidade AWS comprovada de quem descartou (ARN dado pelo STS), ou «não comprovado» com a requisição. Fonte: STS.';
comment on table public.tratamentos_mensagens is 'Cada carta morta que alguém reenviou ou descartou: PEDIDO antes de mexer nela, FEITO ou FALHOU depois. Somente acréscimo. Fonte: função dlq-redrive.';
comment on column public.tratamentos_mensagens.execucao is 'Uma execução do comando, em quantas porções for. Fonte: comando.';
comment on column public.tratamentos_mensagens.fila is 'Fila de mortos. Fonte: SQS.';
comment on column public.tratamentos_mensagens.mensagem_id is 'Identificador da mensagem no SQS; nulo = a fila inteira, movida pelo próprio SQS. Fonte: SQS.';
comment on column public.tratamentos_mensagens.quem is 'Identidade AWS (ARN dado pelo STS), ou «não comprovado». Fonte: STS.';
comment on column public.tratamentos_mensagens.comprovado is 'Se o STS confirmou quem pediu. Fonte: função dlq-redrive.';
comment on column public.tratamentos_mensagens.requisicao is 'Requisição da função na AWS; o CloudTrail e o log dela a têm. Fonte: AWS Lambda.';
comment on column public.tratamentos_mensagens.detalhe is 'O motivo dado por quem pediu, ou por que falhou. Fonte: pessoa ou SQS.';
comment on function public.registrar_tratamento(jsonb) is 'Anota o que alguém pediu para cartas mortas de uma fila, ou o que foi feito: {execucao, acao, fase, fila, quem, comprovado, requisicao, mensagens: [{id, detalhe}]}; devolve quantas.';
comment on function public.andamento_tratamento(uuid) is 'De quantas cartas mortas uma execução se ocupou: pedidas, feitas e falhas. O que foi pedido e não é um nem outro parou no meio.';
