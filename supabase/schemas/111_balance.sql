-- The balance of every line. Held includes what a person discarded, quarantine includes what a person discarded there:
-- nothing leaves the balance. A file superseded by a later ledger row is in that row.
create view public.conservacao_linhas with (security_invoker = true) as
with recebido as (
    select
        a.linha_id,
        sum(a.producao) as producao,
        sum(a.rejeicao) as rejeicao
    from public.arquivos_linhas as a
    left join public.arquivos_ingeridos as n on a.arquivo_id = n.substitui
    where n.id is null
    group by a.linha_id
),

manual as (
    select
        m.linha_id,
        sum(m.producao) as producao,
        sum(m.rejeicao) as rejeicao
    from public.contagens_manuais_atuais as m
    group by m.linha_id
),

conferido as (
    select
        c.linha_id,
        sum(c.producao) as producao,
        sum(c.rejeicao) as rejeicao
    from public.contagens_conferencia as c
    group by c.linha_id
),

atribuido as (
    select
        o.linha_id,
        sum(o.producao_maquina) as producao,
        sum(o.rejeicao_maquina) as rejeicao
    from public.ordens_producao_ativas as o
    group by o.linha_id
),

minutos as (
    select
        m.linha_id,
        sum(m.sem_ordem_producao) as producao,
        sum(m.sem_ordem_rejeicao) as rejeicao
    from public.contagens_minuto as m
    group by m.linha_id
),

intervalos as (
    select
        i.linha_id,
        sum(i.producao) filter (where i.situacao = 'SEM_ORDEM') as sem_ordem_producao,
        sum(i.rejeicao) filter (where i.situacao = 'SEM_ORDEM') as sem_ordem_rejeicao,
        sum(i.producao) filter (where i.situacao in ('RETIDA', 'DESCARTADA')) as retido_producao,
        sum(i.rejeicao) filter (where i.situacao in ('RETIDA', 'DESCARTADA')) as retido_rejeicao
    from public.contagens_intervalo as i
    group by i.linha_id
),

todas as (
    select l.linha_id from public.linhas as l
    union
    select recebido.linha_id from recebido
),

quarentenado as (
    select
        q.linha_id,
        sum(q.producao) as producao,
        sum(q.rejeicao) as rejeicao
    from public.quarentena as q
    where q.linha_id is not null and (q.decisao is null or q.decisao = 'DESCARTADO')
    group by q.linha_id
)

select
    t.linha_id,
    (
        coalesce(recebido.producao, 0) + coalesce(manual.producao, 0) - coalesce(conferido.producao, 0)
    )::bigint as recebido_producao,
    (
        coalesce(recebido.rejeicao, 0) + coalesce(manual.rejeicao, 0) - coalesce(conferido.rejeicao, 0)
    )::bigint as recebido_rejeicao,
    coalesce(atribuido.producao, 0)::bigint as atribuido_producao,
    coalesce(atribuido.rejeicao, 0)::bigint as atribuido_rejeicao,
    (coalesce(minutos.producao, 0) + coalesce(intervalos.sem_ordem_producao, 0))::bigint as sem_ordem_producao,
    (coalesce(minutos.rejeicao, 0) + coalesce(intervalos.sem_ordem_rejeicao, 0))::bigint as sem_ordem_rejeicao,
    coalesce(intervalos.retido_producao, 0)::bigint as retido_producao,
    coalesce(intervalos.retido_rejeicao, 0)::bigint as retido_rejeicao,
    coalesce(quarentenado.producao, 0)::bigint as quarentena_producao,
    coalesce(quarentenado.rejeicao, 0)::bigint as quarentena_rejeicao
from todas as t
left join recebido on t.linha_id = recebido.linha_id
left join manual on t.linha_id = manual.linha_id
left join conferido on t.linha_id = conferido.linha_id
left join atribuido on t.linha_id = atribuido.linha_id
left join minutos on t.linha_id = minutos.linha_id
left join intervalos on t.linha_id = intervalos.linha_id
left join quarentenado on t.linha_id = quarentenado.linha_id;
comment on view public.conservacao_linhas is
'Balanço de cada linha, em contagens da máquina: recebido = atribuído + sem ordem + retido + quarentena. Fonte: razão e contagens.';
comment on column public.conservacao_linhas.linha_id is 'Linha, cadastrada ou não.';
comment on column public.conservacao_linhas.recebido_producao is 'Produção no razão, menos a de conferência, mais a contada à mão, em contagens da máquina. Fonte: arquivos_linhas e contagens_manuais.';
comment on column public.conservacao_linhas.recebido_rejeicao is 'Rejeição no razão, menos a de conferência, mais a contada à mão, em contagens da máquina. Fonte: arquivos_linhas e contagens_manuais.';
comment on column public.conservacao_linhas.atribuido_producao is 'Produção atribuída a OPs, em contagens da máquina. Fonte: ordens_producao_ativas.';
comment on column public.conservacao_linhas.atribuido_rejeicao is 'Rejeição atribuída a OPs, em contagens da máquina. Fonte: ordens_producao_ativas.';
comment on column public.conservacao_linhas.sem_ordem_producao is 'Produção sem OP aberta, justificada ou não, em contagens da máquina. Fonte: contagens_minuto e contagens_intervalo.';
comment on column public.conservacao_linhas.sem_ordem_rejeicao is 'Rejeição sem OP aberta, justificada ou não, em contagens da máquina. Fonte: contagens_minuto e contagens_intervalo.';
comment on column public.conservacao_linhas.retido_producao is 'Produção retida ou descartada depois de retida, em contagens da máquina. Fonte: contagens_intervalo.';
comment on column public.conservacao_linhas.retido_rejeicao is 'Rejeição retida ou descartada depois de retida, em contagens da máquina. Fonte: contagens_intervalo.';
comment on column public.conservacao_linhas.quarentena_producao is 'Produção em quarentena, decidida ou não, em contagens da máquina. Fonte: quarentena.';
comment on column public.conservacao_linhas.quarentena_rejeicao is 'Rejeição em quarentena, decidida ou não, em contagens da máquina. Fonte: quarentena.';
revoke all on public.conservacao_linhas from public, anon, authenticated, service_role;
grant select on public.conservacao_linhas to authenticated, service_role;
