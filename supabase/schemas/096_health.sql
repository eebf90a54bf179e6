-- How the integration is doing, missing sequences, and the way from a number back to its files.

create function interno.andamento()
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        -- The first open report of each order, unless a person decides it; what stands behind one waits for that person.
        'envio_mais_antigo_s', coalesce((
            select floor(extract(epoch from clock_timestamp() - min(c.criado_em)))::integer
            from (
                select distinct on (e.numero_op) e.situacao, e.proxima_em, e.criado_em
                from public.envios_totvs as e
                where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
                order by e.numero_op, e.ordem
            ) as c
            where c.situacao in ('PENDENTE', 'ENVIANDO') or c.situacao = 'INCERTO' and c.proxima_em is not null
        ), 0),
        'envios_abertos', (
            select count(*) from public.envios_totvs as e where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
        ),
        'ordens_abertas', (
            select count(distinct p.numero_op)
            from public.linhas as l
            inner join public.periodos_ordem as p on p.linha_id = l.linha_id and p.intervalo @> clock_timestamp()
            where upper_inf(p.intervalo)
        ),
        -- Two minutes back: the last second of the minute before is still on its way.
        'contagens_minuto', coalesce((
            select jsonb_object_agg(t.setor, t.contagens)
            from (
                select l.setor, sum(coalesce(m.total_producao, 0)) as contagens
                from public.linhas as l
                left join public.contagens_minuto as m
                    on m.linha_id = l.linha_id
                    and m.minuto = date_trunc('minute', clock_timestamp()) - interval '2 minutes'
                group by l.setor
            ) as t
        ), '{}'),
        'marca_mais_atrasada_s', (
            select floor(extract(epoch from clock_timestamp() - min(t.ate)))::integer
            from (
                select max(m.ate) as ate
                from public.fontes_linha as f
                inner join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id
            ) as t
            where t.ate >= clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        )
    )
$$;
comment on function interno.andamento() is
'O que anda: há quanto tempo espera o envio mais antigo que não é de uma pessoa, envios e ordens abertos, contagens da máquina por setor no último minuto inteiro, atraso da marca mais antiga entre as linhas que reportam.';

create function public.saude_integracao()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'disjuntor_aberto', (select (d.estado <> 'FECHADO')::integer from public.disjuntores as d where d.nome = 'TOTVS'),
        'fechamentos_atrasados', (
            select count(*) from public.fechamentos_pendentes as f
            where f.desde < clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS'))
        ),
        'envios_parados', (select count(*) from public.envios_parados),
        'linhas_em_silencio', coalesce((
            select jsonb_agg(t.linha_id order by t.linha_id)
            from (
                select f.linha_id, max(m.ate) as ate, f.de
                from public.fontes_linha as f
                left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and f.fonte not in ('avulso', 'manual') and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id, f.de
            ) as t
            where coalesce(t.ate, t.de) < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'gateways_em_silencio', coalesce((
            select jsonb_agg(t.gateway order by t.gateway)
            from (
                select g.gateway, coalesce(max(m.atualizada_em), g.criado_em) as em
                from public.gateways as g
                left join public.marcas_linha as m on m.gateway = g.gateway
                where exists (
                    select from public.fontes_linha as f
                    where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                )
                group by g.gateway, g.criado_em
            ) as t
            where t.em < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'ultimo_resumo', (select max(r.dia) from public.resumos_diarios as r)
    ) || interno.andamento()
$$;
comment on function public.saude_integracao() is
'O que os alarmes medem e o painel do CloudWatch mostra: disjuntor, fechamentos além do prazo, envios parados ou antigos, linhas e gateways em silêncio, contagens do minuto; e o dia do último resumo por e-mail.';
revoke all on function public.saude_integracao() from public, anon, authenticated, service_role;
grant execute on function public.saude_integracao() to service_role;

create view public.lacunas_sequencia with (security_invoker = true) as
-- Everything of an época past its gap-free prefix that is there. A declared end stands as the sequence behind the last.
with chegadas as (
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        a.seq,
        a.seq as ate_seq,
        a.ingerido_em as em,
        1 as recebida
    from public.epocas_gateway as e
    -- The first of them, more than a day's: with an end in sight the planner takes the index, not the whole ledger.
    cross join lateral (
        select
            x.seq,
            x.ingerido_em
        from public.arquivos_ingeridos as x
        where x.gateway = e.gateway and x.epoca = e.epoca and x.seq > e.ultima_seq_continua
            and x.motivo is distinct from 'SEQ_ABSURDA'
        order by x.seq
        limit 20000
    ) as a
    union all
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        n.seq,
        n.ate_seq,
        n.em,
        0
    from public.epocas_gateway as e
    inner join public.sequencias_anuladas as n
        on e.gateway = n.gateway and e.epoca = n.epoca and e.ultima_seq_continua < n.ate_seq
    union all
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        e.ultima_seq_declarada + 1,
        e.ultima_seq_declarada + 1,
        e.declarada_em,
        0
    from public.epocas_gateway as e
    where e.ultima_seq_declarada > e.ultima_seq_continua
)

-- A gap lies between a sequence and all before it; it is as old as the earliest arrival behind it. Past the last of the
-- arrivals looked at nothing is known to be missing.
select
    p.gateway,
    p.epoca,
    p.seq,
    p.anterior,
    p.desde
from (
    select
        c.gateway,
        c.epoca,
        c.seq,
        coalesce(max(c.ate_seq) over antes, c.ultima_seq_continua) as anterior,
        sum(c.recebida) over antes as recebidas,
        -- From behind: of a frame that loses rows a minimum is taken anew for each, 20,000 times over 20,000.
        min(c.em) over (
            partition by c.gateway, c.epoca order by c.seq desc, c.ate_seq desc
            rows between unbounded preceding and current row
        ) as desde
    from chegadas as c
    window antes as (
        partition by c.gateway, c.epoca order by c.seq, c.ate_seq rows between unbounded preceding and 1 preceding
    )
) as p
where p.recebidas is null or p.recebidas < 20000;
comment on view public.lacunas_sequencia is 'Onde as sequências de uma época podem ter faltas: entre cada uma e as anteriores. Fonte: arquivos_ingeridos.';
comment on column public.lacunas_sequencia.seq is 'Sequência que chegou, ou a seguinte à última declarada.';
comment on column public.lacunas_sequencia.anterior is 'Maior das anteriores que chegaram ou foram anuladas; o que fica entre as duas falta (nada, se não há nada entre elas).';
comment on column public.lacunas_sequencia.desde is 'Desde quando falta (UTC).';
revoke all on public.lacunas_sequencia from public, anon, authenticated, service_role;
grant select on public.lacunas_sequencia to authenticated, service_role;

-- Gaps: which part of the bucket may hold a missing sequence. Keys sort by sealing date, then sequence; between the
-- keys of its neighbours there is little to list.
create function public.lacunas_gateways(p_idade_s integer)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'gateway', l.gateway, 'epoca', l.epoca, 'de', l.anterior + 1, 'ate', l.seq - 1,
        'depois_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq <= l.anterior
              and a.motivo is distinct from 'SEQ_ABSURDA'
            order by a.seq desc limit 1
        ),
        'antes_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq >= l.seq
              and a.motivo is distinct from 'SEQ_ABSURDA'
            order by a.seq limit 1
        )
    )), '[]')
    from public.lacunas_sequencia as l
    where l.seq - l.anterior > 1 and l.desde < clock_timestamp() - make_interval(secs => p_idade_s)
$$;
comment on function public.lacunas_gateways(integer) is
'Sequências que faltam há mais de p_idade_s segundos, e entre que chaves do bucket procurá-las.';
revoke all on function public.lacunas_gateways(integer) from public, anon, authenticated, service_role;
grant execute on function public.lacunas_gateways(integer) to service_role;

-- A file found for a gap may still not become a row (a version that cannot be read yet): it is announced again each
-- hour, not each minute.
create table public.lacunas_anunciadas (
    chave text primary key,
    anunciada_em timestamptz not null default clock_timestamp()
);
comment on table public.lacunas_anunciadas is 'Arquivos de sequências que faltavam, achados no bucket e anunciados de novo. Fonte: lot_closure.';
comment on column public.lacunas_anunciadas.chave is 'Chave S3. Fonte: S3.';
comment on column public.lacunas_anunciadas.anunciada_em is 'Último anúncio (UTC). Fonte: banco.';
alter table public.lacunas_anunciadas enable row level security;
revoke all on public.lacunas_anunciadas from public, anon, authenticated, service_role;
grant select on public.lacunas_anunciadas to authenticated, service_role;
create policy leitura on public.lacunas_anunciadas for select to authenticated using (true);

create function public.anunciar_lacuna(p_chave text)
returns boolean
language sql
security definer
set search_path = ''
as $$
    with anunciada as (
        insert into public.lacunas_anunciadas as l (chave) values (p_chave)
        on conflict (chave) do update set anunciada_em = clock_timestamp()
        where l.anunciada_em < clock_timestamp() - interval '1 hour'
        returning chave
    )
    select exists (select from anunciada)
$$;
comment on function public.anunciar_lacuna(text) is 'Verdadeiro se o arquivo deve ser anunciado agora: não o foi na última hora.';
revoke all on function public.anunciar_lacuna(text) from public, anon, authenticated, service_role;
grant execute on function public.anunciar_lacuna(text) to service_role;

-- What files say of a line between two instants. No SET clause: the planner inlines it and sees the instants. p_limite
-- NULL: all of it, for who pages by itself.
create function public.arquivos_da_linha(
    p_linha_id text, p_de timestamptz, p_ate timestamptz, p_limite integer default 1000
)
returns table (
    arquivo_id bigint, chave text, versao_id text, sha256 text, byte_de bigint, byte_ate bigint,
    de timestamptz, ate timestamptz, registros bigint, producao bigint, rejeicao bigint, flags jsonb,
    ingerido_em timestamptz
)
language sql
stable
as $$
    select t.arquivo_id, t.chave, t.versao_id, t.sha256, t.byte_de, t.byte_ate, t.de, t.ate, t.registros, t.producao,
        t.rejeicao, t.flags, t.ingerido_em
    from (
        select p.*, count(*) over () as respostas
        from (
            select a.id as arquivo_id, a.chave, a.versao_id, a.sha256, (l ->> 'byte_de')::bigint as byte_de,
                (l ->> 'byte_ate')::bigint as byte_ate, (l ->> 'de')::timestamptz as de,
                (l ->> 'ate')::timestamptz as ate, (l ->> 'registros')::bigint as registros,
                (l ->> 'producao')::bigint as producao, (l ->> 'rejeicao')::bigint as rejeicao,
                coalesce(l -> 'flags', '{}') as flags, a.ingerido_em
            from public.arquivos_ingeridos as a
            -- One of 37 entries is read; as a record all of them would be made.
            cross join lateral jsonb_array_elements(a.linhas) as l
            where a.situacao = 'APLICADO' and a.de < p_ate and a.ate >= p_de
              and l ->> 'linha_id' = p_linha_id
              and (l ->> 'de')::timestamptz < p_ate and (l ->> 'ate')::timestamptz >= p_de
              and (p_limite is null or public.conferir_janela(p_de, p_ate, interval '31 days'))
            limit p_limite + 1
        ) as p
    ) as t
    where p_limite is null or public.conferir_pagina(t.respostas, p_limite)
$$;
comment on function public.arquivos_da_linha(text, timestamptz, timestamptz, integer) is
'Arquivos contados que trazem registros da linha em [p_de, p_ate), com a posição dos bytes e o que somam (contagens da máquina); mais que p_limite é recusado (JANELA_GRANDE), nulo não limita.';
revoke all on function public.arquivos_da_linha(text, timestamptz, timestamptz, integer)
from public, anon, authenticated, service_role;
grant execute on function public.arquivos_da_linha(text, timestamptz, timestamptz, integer)
to authenticated, service_role;

-- From a number reported to TOTVS back to the bytes it came from. As json: two megabytes of files become text once,
-- where jsonb would take each object into the next one value by value.
create function public.rastrear(p_numero_op text)
returns json
language sql
stable
security definer
set search_path = ''
as $$
    select json_build_object(
        'lote', to_jsonb(l),
        'fechamento', (
            select to_jsonb(f) || jsonb_build_object('totais', (
                select jsonb_agg(to_jsonb(t) - 'fechamento_id' order by t.linha_id, t.inicio, t.tipo, t.codigo)
                from public.fechamento_totais as t where t.fechamento_id = f.id
            ))
            from public.fechamentos_lote as f where f.numero_op = l.numero_op
        ),
        'ajustes', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]')
            from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
            where f.numero_op = l.numero_op
        ),
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('chamadas', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]') from public.tentativas_integracao as t where t.envio_id = e.id
            )) order by e.ordem), '[]')
            from public.envios_totvs as e where e.numero_op = l.numero_op
        ),
        'diarios', (
            select coalesce(jsonb_agg(to_jsonb(d) - 'conteudo' || jsonb_build_object('vale', public.verificar_assinatura(d.id)) order by d.id), '[]')
            from interno.turnos_op(l.numero_op) as t
            inner join public.diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
        ),
        'linhas', (
            select coalesce(json_agg(json_build_object(
                'linha_id', o.linha_id, 'total', to_jsonb(o),
                'periodos', (
                    select coalesce(jsonb_agg(interno.periodo_json(p) order by p.intervalo), '[]')
                    from public.periodos_ordem as p where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                ),
                'arquivos', (
                    select coalesce(json_agg(json_build_object(
                        'chave', x.chave, 'versao_id', x.versao_id, 'sha256', x.sha256, 'byte_de', x.byte_de,
                        'byte_ate', x.byte_ate, 'de', x.de, 'ate', x.ate, 'registros', x.registros,
                        'producao', x.producao, 'rejeicao', x.rejeicao, 'ingerido_em', x.ingerido_em
                    ) order by x.de, x.arquivo_id), '[]')
                    from (
                        select distinct on (a.arquivo_id) a.*
                        from public.periodos_ordem as p
                        cross join lateral public.arquivos_da_linha(
                            p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity'), null
                        ) as a
                        where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                    ) as x
                ),
                'intervalos', (
                    select coalesce(jsonb_agg(to_jsonb(i) order by i.id), '[]')
                    from public.contagens_intervalo as i where i.numero_op = l.numero_op and i.linha_id = o.linha_id
                ),
                'manuais', (
                    select coalesce(jsonb_agg(to_jsonb(m) order by m.id), '[]')
                    from public.contagens_manuais as m where m.numero_op = l.numero_op and m.linha_id = o.linha_id
                ),
                'perdas', (
                    select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
                    from public.perdas_qualidade as q where q.numero_op = l.numero_op and q.linha_id = o.linha_id
                )
            ) order by o.linha_id), '[]')
            from public.ordens_producao_ativas as o where o.numero_op = l.numero_op
        )
    )
    from public.lotes_producao as l
    where l.numero_op = public.normalizar_op(p_numero_op)
$$;
comment on function public.rastrear(text) is
'De onde vem o que o TOTVS soube de uma OP: fechamento, envios com cada chamada, assinaturas, e por linha os arquivos com seus bytes.';
revoke all on function public.rastrear(text) from public, anon, authenticated, service_role;
grant execute on function public.rastrear(text) to authenticated, service_role;
