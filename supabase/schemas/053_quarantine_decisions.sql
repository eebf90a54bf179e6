-- What people decide about the quarantine: one item, some, or all of a matter in one call.

-- Counts that had no owner, or that no earlier época has counted after all, or a whole file whose obstacle is gone.
-- Unreadable text stays unreadable.
create function public.reprocessavel(p_item public.quarentena)
returns boolean
language sql
stable
set search_path = ''
as $$
    select p_item.fonte is null and (p_item.motivo in ('NAO_DONO', 'LINHA_DESCONHECIDA', 'EPOCA_ANTERIOR') or exists (
        select from public.arquivos_ingeridos as a
        where a.id = p_item.arquivo_id and a.situacao = 'QUARENTENA' and a.motivo = p_item.motivo
    ))
$$;
comment on function public.reprocessavel(public.quarentena) is
'Se o item de quarentena, lido de novo, pode ser contado: é de uma linha ou época a esclarecer, ou o arquivo inteiro.';
revoke all on function public.reprocessavel(public.quarentena) from public, anon, authenticated, service_role;
grant execute on function public.reprocessavel(public.quarentena) to authenticated, service_role;

-- The items asked for: some (p_ids), all of a matter that was there when it was shown (p_assunto, up to p_id), or one.
-- A file in quarantine as a whole is counted or given up as one, so all its items come with each of them.
create function interno.itens_de_quarentena(p_id bigint, p_assunto text, p_ids bigint[], p_maximo integer)
returns bigint[]
language sql
stable
set search_path = ''
as $$
    with pedidos as (
        select q.id, q.arquivo_id, q.motivo
        from public.quarentena as q where p_ids is not null and q.id = any(p_ids)
        union all
        (
            select q.id, q.arquivo_id, q.motivo
            from public.quarentena as q
            where p_ids is null and q.assunto = p_assunto and q.id <= p_id and q.resolvida_em is null
            order by q.id
            limit p_maximo
        )
        union all
        select q.id, q.arquivo_id, q.motivo
        from public.quarentena as q where p_ids is null and p_assunto is null and q.id = p_id
    )
    select array_agg(t.id order by t.id)
    from (
        select p.id from pedidos as p
        union
        select q.id
        from pedidos as p
        inner join public.arquivos_ingeridos as a on a.id = p.arquivo_id and a.situacao = 'QUARENTENA' and a.motivo = p.motivo
        inner join public.quarentena as q on q.arquivo_id = a.id and q.motivo = a.motivo and q.resolvida_em is null
    ) as t
$$;
comment on function interno.itens_de_quarentena(bigint, text, bigint[], integer) is
'Os itens de quarentena de um pedido de decisão, em ordem; de um assunto, no máximo p_maximo (e os dos mesmos arquivos).';

-- Checks and locks what resolver_quarentena and reprocessar_quarentena decide. The épocas and loose files they are of
-- are locked as registrar_contagens locks them, so that a replay that would count one cannot pass between the look and
-- the decision: ten thousand items are decided in a call, of a thousand loose files.
create function interno.quarentena_para_decisao(
    p_funcao text, p_id bigint, p_motivo text, p_assunto text, p_ids bigint[],
    out papel text, out motivo text, out itens bigint[], out restam bigint
)
language plpgsql
set search_path = ''
as $$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_chaves text[];
    v_abertas bigint[];
    v_decidida bigint;
begin
    perform interno.exigir_no_maximo(p_ids, v_maximo);
    with pedidos as materialized (
        select q.id, q.linha_id,
            case a.tipo when 'gateway' then 'epoca:' || a.gateway || ':' || a.epoca else 'avulso:' || coalesce(q.chave, q.fonte) end as chave
        from unnest(interno.itens_de_quarentena(p_id, p_assunto, p_ids, v_maximo)) as t (id)
        inner join public.quarentena as q on q.id = t.id
        left join public.arquivos_ingeridos as a on a.id = q.arquivo_id
    ),
    chaves as (
        select p.chave from pedidos as p group by p.chave order by min(p.id) limit 1000
    )
    select
        array_agg(p.id order by p.id), array_agg(distinct p.linha_id), array_agg(distinct p.chave),
        (select count(*) from pedidos) - count(*)
    into itens, v_linhas, v_chaves, restam
    from pedidos as p inner join chaves as c on c.chave = p.chave;
    papel := interno.linha_para_decisao(p_funcao, variadic coalesce(v_linhas, array[null::text]));
    motivo := interno.exigir_motivo(p_motivo);
    if itens is null and p_assunto is not null and p_ids is null then
        perform interno.recusar_decidido(format('Nada mais espera no assunto %s até o item %s.', p_assunto, p_id));
    elsif itens is null or exists (select from unnest(p_ids) as t (id) left join public.quarentena as q using (id) where q.id is null) then
        perform interno.recusar_desconhecido(
            'QUARENTENA_DESCONHECIDA', format('Não há item não lido %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform interno.travar_chaves(v_chaves);
    perform from public.quarentena as q where q.id = any(itens) order by q.id for update;
    select array_agg(q.id order by q.id) filter (where q.resolvida_em is null), min(q.id) filter (where q.resolvida_em is not null)
    into v_abertas, v_decidida
    from public.quarentena as q where q.id = any(itens);
    if v_decidida is not null and (v_abertas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(
            format('O item %s já foi resolvido em %s.', v_decidida, (
                select interno.hora_local(q.resolvida_em) from public.quarentena as q where q.id = v_decidida
            ))
        );
    end if;
    itens := v_abertas; -- what a replay has settled since the matter was listed is settled
    if p_assunto is not null and p_ids is null then
        restam := (
            select count(*) from public.quarentena as q
            where q.assunto = p_assunto and q.id <= p_id and q.resolvida_em is null
        ) - (select count(*) from public.quarentena as q where q.id = any(itens) and q.assunto = p_assunto and q.id <= p_id);
    end if;
end $$;
comment on function interno.quarentena_para_decisao(text, bigint, text, text, bigint[]) is
'Confere papel e motivo e trava os itens de quarentena a decidir; restam = quantos dos pedidos ficam para outra chamada.';

-- One row of the trail for all that one call decides, which it names.
create function interno.anotar_quarentena(p_papel text, p_acao text, p_itens bigint[], p_motivo text)
returns void
language sql
set search_path = ''
as $$
    select interno.anotar_trilha(
        p_papel, p_acao, format('quarentena:%s', case when count(*) = 1 then min(q.id)::text else 'itens' end), null,
        jsonb_strip_nulls(jsonb_build_object(
            'decisao', min(q.decisao), 'motivo', min(q.motivo), 'linha_id', case when count(distinct q.linha_id) = 1 then min(q.linha_id) end,
            'producao', sum(q.producao), 'rejeicao', sum(q.rejeicao),
            'assunto', min(q.assunto), 'itens', case when count(*) > 1 then jsonb_agg(q.id order by q.id) end
        )), p_motivo
    )
    from public.quarentena as q
    where q.id = any(p_itens)
$$;
comment on function interno.anotar_quarentena(text, text, bigint[], text) is
'Acrescenta à trilha uma decisão sobre itens de quarentena: um só, ou uma lista em itens.';

create function public.resolver_quarentena(
    p_id bigint default null, p_motivo text default null, p_assunto text default null, p_ids bigint[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d record;
    v_agora constant timestamptz := clock_timestamp();
begin
    select * into v_d from interno.quarentena_para_decisao('resolver_quarentena', p_id, p_motivo, p_assunto, p_ids);
    update public.quarentena
    set resolvida_em = v_agora, decisao = 'DESCARTADO', decisao_motivo = v_d.motivo,
        resolvida_por = interno.usuario_atual(), reprocessar_em = null
    where id = any(v_d.itens);
    perform interno.anotar_quarentena(v_d.papel, 'resolver_quarentena', v_d.itens, v_d.motivo);
    return jsonb_build_object(
        'id', coalesce(p_id, v_d.itens[1]), 'decisao', 'DESCARTADO', 'resolvida_em', v_agora,
        'itens', cardinality(v_d.itens), 'restam', v_d.restam
    );
end $$;
comment on function public.resolver_quarentena(bigint, text, text, bigint[]) is
'Descarta com motivo um item de quarentena (p_id), alguns (p_ids), ou todos de um assunto até p_id (p_assunto); os originais permanecem. Até 10.000 de uma vez.';
revoke all on function public.resolver_quarentena(bigint, text, text, bigint[])
from public, anon, authenticated, service_role;
grant execute on function public.resolver_quarentena(bigint, text, text, bigint[])
to authenticated, service_role;

create function public.reprocessar_quarentena(
    p_id bigint default null, p_motivo text default null, p_assunto text default null, p_ids bigint[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d record;
    v_q public.quarentena;
    v_agora constant timestamptz := clock_timestamp();
begin
    select * into v_d from interno.quarentena_para_decisao('reprocessar_quarentena', p_id, p_motivo, p_assunto, p_ids);
    select * into v_q
    from public.quarentena as q where q.id = any(v_d.itens) and not public.reprocessavel(q)
    order by q.id limit 1;
    if v_q.fonte is not null then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('O item %s é do que a fonte %s já tinha contado; não está em arquivo.', v_q.id, v_q.fonte),
            'Se a linha era dessa fonte, diga-o com definir_fonte: as contagens voltam. Se não, descarte-o com resolver_quarentena.'
        );
    elsif v_q.id is not null then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('Lido de novo, o item %s daria no mesmo (%s).', v_q.id, v_q.motivo),
            'Descarte-o com resolver_quarentena e registre o que faltar de outra forma.'
        );
    end if;
    update public.quarentena
    set reprocessar_em = v_agora, reprocessar_por = interno.usuario_atual(), reprocessar_motivo = v_d.motivo
    where id = any(v_d.itens);
    perform interno.anotar_quarentena(v_d.papel, 'reprocessar_quarentena', v_d.itens, v_d.motivo);
    return jsonb_build_object(
        'id', coalesce(p_id, v_d.itens[1]), 'reprocessar_em', v_agora,
        'itens', cardinality(v_d.itens), 'restam', v_d.restam
    );
end $$;
comment on function public.reprocessar_quarentena(bigint, text, text, bigint[]) is
'Manda ler de novo e contar o que foi para a quarentena (a linha ganhou dono, o gateway foi cadastrado, a época anterior não o tinha contado): um item (p_id), alguns (p_ids) ou todos de um assunto até p_id (p_assunto). Acontece em alguns minutos.';
revoke all on function public.reprocessar_quarentena(bigint, text, text, bigint[])
from public, anon, authenticated, service_role;
grant execute on function public.reprocessar_quarentena(bigint, text, text, bigint[])
to authenticated, service_role;

-- A file in quarantine as a whole is read once for all its items. Asked again if the reading has not come about in five
-- minutes.
create function public.quarentenas_a_reprocessar(p_limite integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_leituras jsonb;
begin
    perform interno.somar_de_novo(); -- the run of every minute comes through here
    with leituras as materialized (
        select min(x.id) as id, array_agg(x.id) as itens, x.arquivo_id, a.situacao <> 'QUARENTENA' as trecho
        from public.quarentena as x inner join public.arquivos_ingeridos as a on a.id = x.arquivo_id
        where x.reprocessar_em <= clock_timestamp() and x.resolvida_em is null
        group by x.arquivo_id, a.situacao, case when a.situacao <> 'QUARENTENA' then x.id end
        order by min(x.reprocessar_em), min(x.id)
        limit p_limite
    ),
    pedidas as (
        update public.quarentena as q set reprocessar_em = clock_timestamp() + interval '5 minutes'
        from (select unnest(l.itens) as id from leituras as l) as d
        where q.id = d.id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', l.id, 'bucket', a.bucket, 'chave', a.chave, 'versao_id', a.versao_id, 'tamanho', a.tamanho,
        'gravado_em', a.gravado_em, 'trecho', l.trecho
    ) order by l.id), '[]')
    into v_leituras
    from leituras as l inner join public.arquivos_ingeridos as a on a.id = l.arquivo_id;
    return v_leituras;
end $$;
comment on function public.quarentenas_a_reprocessar(integer) is 'O que ler de novo, porque alguém o pediu; trecho = só a parte do arquivo que é desse item, o resto já está contado.';
revoke all on function public.quarentenas_a_reprocessar(integer) from public, anon, authenticated, service_role;
grant execute on function public.quarentenas_a_reprocessar(integer) to service_role;
