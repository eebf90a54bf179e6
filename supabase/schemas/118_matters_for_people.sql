-- The matters that wait, as a person's screen shows them: what the person can decide, by cause, oldest first; of the
-- rest how much it is and whom to call.

create table public.plantao (
    id bigint generated always as identity primary key,
    papel text not null check (papel in ('ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN')),
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    nome text not null,
    telefone text not null,
    unique nulls not distinct (papel, setor)
);
comment on table public.plantao is 'Quem se chama quando um assunto é de outro papel, por papel e setor. Fonte: definir_plantao.';
comment on column public.plantao.papel is 'Papel que decide. Fonte: definir_plantao.';
comment on column public.plantao.setor is 'Setor; nulo = todos. Fonte: definir_plantao.';
comment on column public.plantao.nome is 'Nome de quem está de plantão. Fonte: definir_plantao.';
comment on column public.plantao.telefone is 'Telefone ou ramal, como se disca. Fonte: definir_plantao.';
alter table public.plantao enable row level security;
revoke all on public.plantao from public, anon, authenticated, service_role;
revoke all on sequence public.plantao_id_seq from public, anon, authenticated, service_role;
grant select on public.plantao to authenticated, service_role;
create policy leitura on public.plantao for select to authenticated using (true);
create trigger auditar after insert or update or delete on public.plantao
for each row execute function interno.auditar_cadastro('papel');

create function public.definir_plantao(p_papel text, p_setor text, p_nome text, p_telefone text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('definir_plantao', p_setor);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.exigir_opcao('papel', p_papel, 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_nome is null then
        delete from public.plantao where papel = p_papel and setor is not distinct from p_setor;
    else
        insert into public.plantao (papel, setor, nome, telefone)
        values (
            p_papel, p_setor, interno.exigir_nome('nome', p_nome, 3, 80), interno.exigir_nome('telefone', p_telefone, 3, 30)
        )
        on conflict (papel, setor) do update set nome = excluded.nome, telefone = excluded.telefone;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('papel', p_papel, 'setor', p_setor, 'nome', btrim(p_nome), 'telefone', btrim(p_telefone));
end $$;
comment on function public.definir_plantao(text, text, text, text, text) is
'Diz quem está de plantão por um papel num setor (nulo = todos) e em que telefone; nome nulo = ninguém.';
revoke all on function public.definir_plantao(text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_plantao(text, text, text, text, text) to authenticated, service_role;

-- No SET clause: the planner inlines it.
create function interno.titulo_da_causa(p_tipo text, p_codigo text)
returns text
language sql
immutable
as $$
    select case p_tipo || coalesce(':' || p_codigo, '')
        when 'RETIDA:FRONTEIRA' then 'Contagem duvidosa: troca de OP no meio'
        when 'QUARENTENA:NAO_DONO' then 'Contagem de quem não conta a linha'
        when 'QUARENTENA:LINHA_DESCONHECIDA' then 'Contagem de linha sem cadastro'
        when 'QUARENTENA:GATEWAY_DESCONHECIDO' then 'Gateway sem cadastro'
        when 'QUARENTENA:EPOCA_ANTERIOR' then 'Contagem talvez já contada'
        when 'FECHAMENTO:DIARIO_NAO_ASSINADO' then 'Lote que espera a assinatura do Diário'
        when 'FECHAMENTO:DIARIO_ALTERADO' then 'Diário que mudou depois de assinado'
        when 'FECHAMENTO:REFUGO_DIVERGENTE' then 'Refugo da máquina e digitado divergem'
        when 'ENVIO:INCERTO' then 'Apontamento em dúvida'
        when 'ENVIO:RECUSADO' then 'Apontamento recusado pelo TOTVS'
        else case p_tipo
            when 'SEM_ORDEM' then 'Contagem sem OP'
            when 'RETIDA' then 'Contagem duvidosa'
            when 'QUARENTENA' then 'Arquivo não lido'
            when 'RELOGIO_EM_DUVIDA' then 'Relógio do gateway em dúvida'
            when 'SEQUENCIA_AUSENTE' then 'Envio do gateway que não chegou'
            when 'EPOCA_NOVA' then 'Gateway reinstalado'
            when 'EVENTO_RECUSADO' then 'Mensagem do TOTVS com erro'
            when 'EVENTO_ESTACIONADO' then 'Mensagem do TOTVS à espera de cadastro'
            when 'OP_CANCELADA' then 'OP cancelada no TOTVS'
            when 'OP_POSTA_DE_LADO' then 'OP posta de lado que mudou'
            when 'OP_ALTERADA' then 'OP mudada no TOTVS'
            when 'FECHAMENTO' then 'Lote que não fecha'
            when 'AJUSTE' then 'Lote que mudou depois de fechado'
            when 'ENVIO' then 'Apontamento que o TOTVS não aceitou'
            when 'APONTAMENTO_LINHA' then 'Linha a informar ao TOTVS'
            when 'PAPEL_PEDIDO' then 'Papel pedido por um gestor'
            else 'Outro assunto'
        end
    end
$$;
comment on function interno.titulo_da_causa(text, text) is 'O que um assunto de pendencias é, na fala da fábrica. p_codigo: motivo dentro do tipo.';

-- The functions that settle a matter, the usual one first. `posso`: those that the person may call for its sector.
create function interno.assuntos(p_setor text, p_linha_id text)
returns table (
    tipo text, chave text, linha_id text, setor text, descricao text, desde timestamptz, detalhes jsonb, causa text,
    titulo text, atos text[], posso text[]
)
language sql
stable
set search_path = ''
as $$
    with pode as materialized (
        select t.ato ->> 'funcao' as funcao, u.setor
        from jsonb_array_elements(interno.atos()) as t (ato)
        inner join interno.papeis_que_contam as u
            on u.usuario_id = interno.usuario_atual() and u.papel = any(public.papeis_da_funcao(t.ato ->> 'funcao'))
        where u.setor is null or not coalesce((t.ato ->> 'todos_setores')::boolean, false)
    )
    select p.tipo, p.chave, p.linha_id, p.setor, p.descricao, p.desde, d.detalhes, concat_ws(':', p.tipo, c.codigo, p.funcao),
        interno.titulo_da_causa(p.tipo, c.codigo), a.atos, array(
            select f.funcao
            from unnest(a.atos) with ordinality as f (funcao, n)
            where exists (
                select from pode as u where u.funcao = f.funcao and (u.setor is null or u.setor = p.setor)
            )
            order by f.n
        )
    from public.pendencias as p
    cross join lateral (
        select case p.tipo
            when 'FECHAMENTO' then p.detalhes ->> 'codigo'
            when 'ENVIO' then p.detalhes ->> 'situacao'
            when 'RETIDA' then p.detalhes ->> 'motivo'
            when 'QUARENTENA' then p.detalhes ->> 'motivo'
        end as codigo
    ) as c
    -- Of what came from a file: who sent it, for the functions that make that source known.
    cross join lateral (
        select p.detalhes || case when p.tipo = 'QUARENTENA' then jsonb_strip_nulls(jsonb_build_object(
            'linha', p.linha_id, 'gateway', s.gateway, 'fonte', coalesce(p.detalhes ->> 'fonte', s.gateway, 'avulso')
        )) else '{}' end as detalhes
        from (
            select case
                when p.detalhes ->> 'arquivo' like 'contagens/%' then split_part(p.detalhes ->> 'arquivo', '/', 2)
            end as gateway
        ) as s
    ) as d
    cross join lateral (
        select array_remove(array[
            case c.codigo
                when 'GATEWAY_DESCONHECIDO' then 'definir_gateway'
                when 'NAO_DONO' then 'definir_fonte'
            end,
            case when p.detalhes ->> 'alternativa' = 'reprocessar_quarentena' then 'reprocessar_quarentena' end,
            p.funcao,
            case when not (c.codigo is not distinct from 'NAO_DONO' and p.detalhes ->> 'alternativa' = 'definir_fonte')
                and p.detalhes ->> 'alternativa' <> 'reprocessar_quarentena' then p.detalhes ->> 'alternativa' end
        ], null) as atos
    ) as a
    where (p_setor is null or p.setor is null or p.setor = p_setor) and (p_linha_id is null or p.linha_id = p_linha_id)
$$;
comment on function interno.assuntos(text, text) is
'Os assuntos de pendencias do setor (nulo = todos) e os que são de todos, ou só os da linha, com a causa, os atos que os resolvem e os que a pessoa do pedido pode.';

create function public.minhas_pendencias(
    p_so_minhas boolean default true, p_setor text default null, p_linha_id text default null,
    p_pagina integer default 1
)
returns jsonb
language sql
stable
security definer
set search_path = ''
set jit = off -- the planner expects thousands of matters where there are dozens
as $$
    with todas as materialized (
        select a.*, cardinality(a.posso) > 0 as minha
        from interno.assuntos(p_setor, p_linha_id) as a
    ),
    listadas as (
        select t.*, min(t.desde) over c as causa_desde, count(*) over c as da_causa
        from todas as t
        where t.minha or not p_so_minhas
        window c as (partition by t.causa)
    ),
    pagina as (
        select l.*, row_number() over (order by l.causa_desde, l.causa, l.desde, l.chave) as n
        from listadas as l
        order by n
        limit 50 offset 50 * (least(greatest(p_pagina, 1), 100000) - 1)
    ),
    causas as (
        select min(p.n) as n, jsonb_build_object(
            'causa', p.causa, 'titulo', min(p.titulo), 'total', min(p.da_causa), 'desde', min(p.causa_desde),
            'itens', jsonb_agg(jsonb_build_object(
                'tipo', p.tipo, 'chave', p.chave, 'linha_id', p.linha_id, 'setor', p.setor, 'descricao', p.descricao,
                'desde', p.desde, 'atos', case when p_so_minhas then p.posso else p.atos end
            ) order by p.n)
        ) as causa
        from pagina as p
        group by p.causa
    ),
    outros as (
        select public.papeis_da_funcao(f.ato) as papeis, f.setor, sum(f.total) as total, min(f.desde) as desde
        from (
            select o.atos[1] as ato, o.setor, count(*) as total, min(o.desde) as desde
            from todas as o
            where not o.minha and p_so_minhas
            group by o.atos[1], o.setor
        ) as f
        group by public.papeis_da_funcao(f.ato), f.setor
    )
    select jsonb_build_object(
        'total', (select count(*) from listadas), 'pagina', greatest(p_pagina, 1), 'por_pagina', 50,
        'causas', coalesce((select jsonb_agg(c.causa order by c.n) from causas as c), '[]'),
        'atos', (
            select jsonb_object_agg(t.ato ->> 'funcao', t.ato - 'argumentos')
            from jsonb_array_elements(interno.atos()) as t (ato)
        ),
        'outros', coalesce((
            select jsonb_agg(jsonb_build_object(
                'papeis', o.papeis, 'setor', o.setor, 'total', o.total, 'desde', o.desde, 'plantao', coalesce((
                    select jsonb_agg(jsonb_build_object('nome', q.nome, 'telefone', q.telefone)
                        order by array_position(o.papeis, q.papel), q.setor)
                    from public.plantao as q
                    where q.papel = any(o.papeis) and (q.setor is null or q.setor = o.setor)
                ), '[]')
            ) order by o.desde)
            from outros as o
        ), '[]')
    )
$$;
comment on function public.minhas_pendencias(boolean, text, text, integer) is
'As pendências que a pessoa pode decidir (p_so_minhas falso: todas), 50 por página, por causa e da mais antiga, com os atos de cada uma; as do setor dado e as que são de todos, ou só as da linha. Das outras: quantas, desde quando e quem está de plantão.';
revoke all on function public.minhas_pendencias(boolean, text, text, integer)
from public, anon, authenticated, service_role;
grant execute on function public.minhas_pendencias(boolean, text, text, integer) to authenticated, service_role;

create function public.pendencias_escolhidas(p_itens jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
set jit = off -- the planner expects thousands of matters where there are dozens
as $$
    with pedidas as (
        select distinct e.tipo, e.chave
        from jsonb_to_recordset((
            select jsonb_path_query_array(interno.json_recebido(p_itens), '$[0 to 49]')
        )) as e (tipo text, chave text)
    ),
    assuntos as materialized (
        select a.*, case when a.tipo = 'QUARENTENA' then (
            select jsonb_agg(jsonb_build_object(
                'arquivo', coalesce(q.origem, q.chave), 'byte_de', q.byte_de, 'byte_ate', q.byte_ate,
                'bytes', encode(substring(q.amostra for 256), 'escape')
            ) order by q.id)
            from (
                select x.*
                from public.quarentena as x
                where x.assunto = a.chave and x.resolvida_em is null and x.amostra is not null
                order by x.id
                limit 5
            ) as q
        ) end as originais
        from interno.assuntos(null, null) as a
        inner join pedidas as p on p.tipo = a.tipo and p.chave = a.chave
    )
    select jsonb_build_object(
        'pendencias', coalesce((select jsonb_agg(to_jsonb(a) order by a.desde, a.tipo, a.chave) from assuntos as a), '[]'),
        'atos', coalesce((
            select jsonb_object_agg(t.funcao, to_jsonb(t))
            from public.atos_pessoas() as t
            where t.funcao in (select unnest(a.atos) from assuntos as a)
        ), '{}'),
        'titulos', (
            select jsonb_object_agg(t.ato ->> 'funcao', t.ato -> 'titulo')
            from jsonb_array_elements(interno.atos()) as t (ato)
        )
    )
$$;
comment on function public.pendencias_escolhidas(jsonb) is
'As pendências pedidas (lista de até 50 {tipo, chave}) que ainda esperam, com detalhes, os atos que as resolvem, os que a pessoa pode, e os primeiros bytes originais (até 256 de até 5 trechos, escritos em ASCII); atos: cada um como em atos_pessoas; titulos: o de cada função.';
revoke all on function public.pendencias_escolhidas(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.pendencias_escolhidas(jsonb) to authenticated, service_role;
