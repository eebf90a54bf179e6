-- What waits for a person about an order: the part of `pendencias` that comes from its state and its closing.

create view public.pendencias_ordens with (security_invoker = true) as
select
    'OP_CANCELADA' as tipo,
    l.numero_op as chave,
    c.linha_id,
    c.linha_id as linha_do_setor,
    format(
        'A OP %s foi cancelada no TOTVS, mas %s (contagens: %s).', l.numero_op,
        case l.status when 'A_FECHAR' then 'passou por uma linha' else 'está aberta numa linha' end, c.contagens
    ) as descricao,
    l.atualizado_em as desde,
    c.funcao,
    jsonb_build_object('p_numero_op', l.numero_op, 'p_linha_id', c.linha_id, 'contagens', c.contagens)
    || case c.funcao when 'por_ordem_de_lado' then jsonb_build_object('alternativa', 'encerrar_ordem') else '{}' end
    as detalhes
from public.lotes_producao as l
cross join lateral (
    select
        coalesce(min(p.linha_id) filter (where upper_inf(p.intervalo)), min(p.linha_id)) as linha_id,
        case l.status when 'EM_ANDAMENTO' then 'encerrar_ordem' else 'por_ordem_de_lado' end as funcao,
        (
            select coalesce(sum(o.producao_maquina + o.rejeicao_maquina), 0) from public.ordens_producao_ativas as o
            where o.numero_op = l.numero_op
        ) as contagens
    from public.periodos_ordem as p
    where p.numero_op = l.numero_op
) as c
where l.situacao_totvs = 'CANCELADA' and l.status in ('EM_ANDAMENTO', 'A_FECHAR')
union all
select
    'OP_POSTA_DE_LADO',
    d.numero_op,
    c.linha_id,
    c.linha_id as linha_do_setor,
    format(
        'A OP %s, posta de lado em %s, tem agora contagens diferentes: %s (rejeição %s), eram %s (rejeição %s).',
        d.numero_op, to_char(d.em at time zone 'America/Fortaleza', 'DD/MM/YYYY HH24:MI'),
        c.producao, c.rejeicao, d.producao_maquina, d.rejeicao_maquina
    ),
    d.em,
    'por_ordem_de_lado',
    jsonb_build_object(
        'p_numero_op', d.numero_op, 'producao', c.producao, 'rejeicao', c.rejeicao, 'alternativa', 'retomar_ordem'
    )
from public.ordens_de_lado as d
inner join public.lotes_producao as l on d.numero_op = l.numero_op
cross join lateral (
    select
        min(o.linha_id) as linha_id,
        coalesce(sum(o.producao_maquina), 0) as producao,
        coalesce(sum(o.rejeicao_maquina), 0) as rejeicao
    from public.ordens_producao_ativas as o
    where o.numero_op = d.numero_op
) as c
where l.status = 'POSTO_DE_LADO' and (c.producao, c.rejeicao) <> (d.producao_maquina, d.rejeicao_maquina)
union all
select
    'OP_ALTERADA',
    l.numero_op,
    n.linha_id,
    n.linha_id as linha_do_setor,
    format('O TOTVS mudou a OP %s depois de ela contar: %s.', l.numero_op, a.texto),
    a.em,
    'reconhecer_alteracao_op',
    jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes)
    || case l.status when 'POSTO_DE_LADO' then jsonb_build_object('alternativa', 'retomar_ordem') else '{}' end
from (
    select
        x.numero_op,
        min(x.em) as em,
        jsonb_agg(x.id order by x.id) as alteracoes,
        string_agg(
            format(
                '%s de %s para %s', replace(lower(split_part(x.codigo, '_', 1)), 'situacao', 'situação'), x.antes,
                x.depois
            ), '; ' order by x.id
        ) as texto
    from public.alteracoes_op as x
    left join lateral (
        select max(r.ate_alteracao) as ate_alteracao
        from public.reconhecimentos_op as r
        where r.numero_op = x.numero_op
    ) as v on true
    where x.codigo in ('PRODUTO_ALTERADO', 'LOTE_ALTERADO', 'SITUACAO_ALTERADA') and x.id > coalesce(v.ate_alteracao, 0)
    group by x.numero_op
) as a
inner join public.lotes_producao as l on a.numero_op = l.numero_op
cross join lateral (
    select coalesce(l.linha_id, min(o.linha_id)) as linha_id
    from public.ordens_producao_ativas as o
    where o.numero_op = l.numero_op
) as n
union all
select
    'FECHAMENTO',
    f.numero_op || ':' || x.n,
    coalesce(x.falta -> 'argumentos' ->> 'p_linha_id', o.linha_id),
    coalesce(x.falta -> 'argumentos' ->> 'p_linha_id', o.linha_id),
    x.falta ->> 'detalhe',
    f.desde,
    x.falta ->> 'funcao',
    (x.falta -> 'argumentos') || jsonb_build_object(
        'numero_op', f.numero_op, 'codigo', x.falta ->> 'codigo', 'acao', x.falta ->> 'acao'
    )
from public.fechamentos_pendentes as f
cross join lateral jsonb_array_elements(f.faltas) with ordinality as x (falta, n)
left join lateral (
    select min(p.linha_id) as linha_id
    from public.ordens_producao_ativas as p
    where p.numero_op = f.numero_op
) as o on true
-- Shown as OP_CANCELADA, from the moment TOTVS said so.
where x.falta ->> 'codigo' <> 'OP_CANCELADA'
union all
select
    'AJUSTE',
    f.numero_op,
    a.linha_id,
    null as linha_do_setor,
    format(
        'A OP %s mudou depois de fechada: %s.%s', f.numero_op, a.texto,
        case when not f.informado then ' Não informado: linha em conferência.' end
    ),
    a.desde,
    'decidir_ajustes',
    jsonb_build_object('p_numero_op', f.numero_op, 'ajustes', a.ids)
from (
    select
        j.fechamento_id,
        min(j.linha_id) as linha_id,
        min(j.criado_em) as desde,
        jsonb_agg(j.id order by j.id) as ids,
        string_agg(
            format('%s %s %s', lower(j.tipo), to_char(j.diferenca, 'FMS999999999'), j.linha_id), '; ' order by j.id
        ) as texto
    from public.ajustes_fechamento as j
    where j.situacao = 'PROPOSTO'
    group by j.fechamento_id
) as a
inner join public.fechamentos_lote as f on a.fechamento_id = f.id;
comment on view public.pendencias_ordens is 'O que espera uma pessoa por causa de uma OP; parte de pendencias. Fonte: lotes_producao, fechamentos e o TOTVS.';
comment on column public.pendencias_ordens.tipo is 'OP_CANCELADA, OP_POSTA_DE_LADO, OP_ALTERADA, FECHAMENTO ou AJUSTE.';
comment on column public.pendencias_ordens.chave is 'Identifica o assunto dentro do tipo.';
comment on column public.pendencias_ordens.linha_id is 'Linha, se o assunto for de uma.';
comment on column public.pendencias_ordens.linha_do_setor is 'Linha cujo setor decide; nulo se todos.';
comment on column public.pendencias_ordens.descricao is 'O que aconteceu, em português.';
comment on column public.pendencias_ordens.desde is 'Desde quando espera (UTC).';
comment on column public.pendencias_ordens.funcao is 'Função SQL que resolve o assunto.';
comment on column public.pendencias_ordens.detalhes is 'Argumentos da função (p_…) e números do assunto, em contagens da máquina.';
revoke all on public.pendencias_ordens from public, anon, authenticated, service_role;
grant select on public.pendencias_ordens to authenticated, service_role;
