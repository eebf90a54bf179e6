-- What people decide about counts that wait for them. Each demands a reason, keeps the original and leaves a trail.

create function interno.linha_para_decisao(p_funcao text, p_linha_id text)
returns text
language plpgsql
set search_path = ''
as $$
declare
    v_setor text;
    v_papel text;
begin
    select setor into v_setor from public.linhas where linha_id = p_linha_id for no key update;
    v_papel := interno.exigir_papel(p_funcao, v_setor);
    return v_papel;
end $$;
comment on function interno.linha_para_decisao(text, text) is
'Trava a linha e devolve o papel com que a pessoa decide sobre ela; linha desconhecida exige papel em todos os setores.';

create function interno.recusar_desconhecido(p_codigo text, p_detalhe text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    perform interno.recusar('404', p_codigo, p_detalhe, 'Atualize a tela de pendências.');
end $$;
comment on function interno.recusar_desconhecido(text, text) is 'PT404 com o código dado.';

create function interno.recusar_decidido(p_detalhe text)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    perform interno.recusar('409', 'JA_DECIDIDO', p_detalhe, 'Atualize a tela de pendências.');
end $$;
comment on function interno.recusar_decidido(text) is 'PT409 JA_DECIDIDO.';

-- Whole minutes: the window is widened to them, and what they hold without order at this moment becomes justified.
-- What arrives later in the same minutes is a new pendency.
create function public.justificar_sem_ordem(p_linha_id text, p_de timestamptz, p_ate timestamptz, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('justificar_sem_ordem', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_de constant timestamptz := date_trunc('minute', p_de);
    v_ate constant timestamptz := date_trunc('minute', p_ate + interval '59.999999 seconds');
    v_resultado jsonb;
begin
    if not exists (select from public.linhas where linha_id = p_linha_id) then
        perform interno.recusar_desconhecido('LINHA_DESCONHECIDA', format('A linha %s não está cadastrada.', p_linha_id));
    end if;
    if p_de is null or p_ate is null or p_ate <= p_de then
        perform interno.recusar(
            '422', 'INTERVALO_INVALIDO', 'O fim do intervalo deve ser posterior ao início.', 'Corrija o intervalo.'
        );
    end if;
    with minutos as (
        update public.contagens_minuto as m
        set justificada_producao = m.sem_ordem_producao, justificada_rejeicao = m.sem_ordem_rejeicao
        from public.contagens_minuto as a
        where a.linha_id = p_linha_id and a.minuto >= v_de and a.minuto < v_ate
          and (a.sem_ordem_producao > a.justificada_producao or a.sem_ordem_rejeicao > a.justificada_rejeicao)
          and m.linha_id = a.linha_id and m.minuto = a.minuto
        returning m.sem_ordem_producao - a.justificada_producao as producao,
            m.sem_ordem_rejeicao - a.justificada_rejeicao as rejeicao
    ),
    intervalos as (
        update public.contagens_intervalo set justificada = true
        where linha_id = p_linha_id and ate >= v_de and ate < v_ate and situacao = 'SEM_ORDEM' and not justificada
        returning producao, rejeicao
    )
    select jsonb_build_object(
        'linha_id', p_linha_id, 'de', v_de, 'ate', v_ate,
        'producao', coalesce(sum(producao), 0), 'rejeicao', coalesce(sum(rejeicao), 0)
    ) into v_resultado
    from (select * from minutos union all select * from intervalos) as t
    having count(*) > 0;
    if v_resultado is null then
        perform interno.recusar_desconhecido(
            'NADA_A_JUSTIFICAR', format('A linha %s não tem contagem sem ordem a justificar nesse intervalo.', p_linha_id)
        );
    end if;
    perform interno.anotar_trilha(
        v_papel, 'justificar_sem_ordem', format('linhas:%s', p_linha_id), null, v_resultado, v_motivo
    );
    return v_resultado;
end $$;
comment on function public.justificar_sem_ordem(text, timestamptz, timestamptz, text) is
'Justifica o que a linha contou sem OP aberta no intervalo (minutos inteiros). Devolve o intervalo e as contagens justificadas.';
revoke all on function public.justificar_sem_ordem(text, timestamptz, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.justificar_sem_ordem(text, timestamptz, timestamptz, text)
to authenticated, service_role;

create function public.resolver_quarentena(p_id bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel text;
    v_motivo text;
    v_q public.quarentena;
begin
    select * into v_q from public.quarentena where id = p_id;
    v_papel := interno.linha_para_decisao('resolver_quarentena', v_q.linha_id);
    v_motivo := interno.exigir_motivo(p_motivo);
    -- The file's own lock, so that a replay that would count it cannot pass between the look and the decision.
    perform interno.travar_chaves((
        select case when a.tipo = 'gateway' then array['epoca:' || a.gateway || ':' || a.epoca] else array['avulso:' || a.chave] end
        from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id
    ));
    select * into v_q from public.quarentena where id = p_id for update;
    if v_q.id is null then
        perform interno.recusar_desconhecido('QUARENTENA_DESCONHECIDA', format('Não há quarentena %s.', p_id));
    end if;
    if v_q.resolvida_em is not null then
        perform interno.recusar_decidido(format('A quarentena %s já foi resolvida em %s.', p_id, interno.hora_local(v_q.resolvida_em)));
    end if;
    update public.quarentena
    set resolvida_em = clock_timestamp(), decisao = 'DESCARTADO', decisao_motivo = v_motivo,
        resolvida_por = interno.usuario_atual()
    where id = p_id
    returning * into v_q;
    perform interno.anotar_trilha(
        v_papel, 'resolver_quarentena', format('quarentena:%s', p_id), null,
        jsonb_build_object(
            'decisao', v_q.decisao, 'motivo', v_q.motivo, 'linha_id', v_q.linha_id, 'producao', v_q.producao,
            'rejeicao', v_q.rejeicao
        ), v_motivo
    );
    return jsonb_build_object('id', v_q.id, 'decisao', v_q.decisao, 'resolvida_em', v_q.resolvida_em);
end $$;
comment on function public.resolver_quarentena(bigint, text) is
'Descarta um item de quarentena com motivo; o original permanece. Devolve id, decisão e instante.';
revoke all on function public.resolver_quarentena(bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.resolver_quarentena(bigint, text) to authenticated, service_role;

-- Counts that had no owner, or that no earlier época has counted after all, or a whole file whose obstacle is gone, are
-- read again. Unreadable text stays unreadable.
create function public.reprocessar_quarentena(p_id bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel text;
    v_motivo text;
    v_q public.quarentena;
    v_inteiro boolean;
begin
    select * into v_q from public.quarentena where id = p_id;
    v_papel := interno.linha_para_decisao('reprocessar_quarentena', v_q.linha_id);
    v_motivo := interno.exigir_motivo(p_motivo);
    select * into v_q from public.quarentena where id = p_id for update;
    if v_q.id is null then
        perform interno.recusar_desconhecido('QUARENTENA_DESCONHECIDA', format('Não há quarentena %s.', p_id));
    end if;
    if v_q.resolvida_em is not null then
        perform interno.recusar_decidido(format('A quarentena %s já foi resolvida em %s.', p_id, interno.hora_local(v_q.resolvida_em)));
    end if;
    if v_q.fonte is not null then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('A quarentena %s é do que a fonte %s já tinha contado; não está em arquivo.', p_id, v_q.fonte),
            'Se a linha era dessa fonte, diga-o com definir_fonte: as contagens voltam. Se não, descarte-a com resolver_quarentena.'
        );
    end if;
    select a.situacao = 'QUARENTENA' into v_inteiro from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id;
    if not coalesce(v_inteiro, false) and v_q.motivo not in ('NAO_DONO', 'LINHA_DESCONHECIDA', 'EPOCA_ANTERIOR') then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('Lida de novo, a quarentena %s daria no mesmo (%s).', p_id, v_q.motivo),
            'Descarte-a com resolver_quarentena e registre o que faltar de outra forma.'
        );
    end if;
    update public.quarentena
    set reprocessar_em = clock_timestamp(), reprocessar_por = interno.usuario_atual(), reprocessar_motivo = v_motivo
    where id = p_id
    returning * into v_q;
    perform interno.anotar_trilha(
        v_papel, 'reprocessar_quarentena', format('quarentena:%s', p_id), null,
        jsonb_build_object('motivo', v_q.motivo, 'linha_id', v_q.linha_id, 'producao', v_q.producao, 'rejeicao', v_q.rejeicao), v_motivo
    );
    return jsonb_build_object('id', v_q.id, 'reprocessar_em', v_q.reprocessar_em);
end $$;
comment on function public.reprocessar_quarentena(bigint, text) is
'Manda ler de novo e contar o que foi para a quarentena (a linha ganhou dono, o gateway foi cadastrado, a época anterior não o tinha contado); acontece em até um minuto.';
revoke all on function public.reprocessar_quarentena(bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.reprocessar_quarentena(bigint, text) to authenticated, service_role;

-- Asked again if the reading has not come about in five minutes.
create function public.quarentenas_a_reprocessar(p_limite integer)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    with pedidas as (
        update public.quarentena as q set reprocessar_em = clock_timestamp() + interval '5 minutes'
        from (
            select x.id from public.quarentena as x
            where x.reprocessar_em <= clock_timestamp() and x.resolvida_em is null
            order by x.reprocessar_em limit p_limite
        ) as d
        where q.id = d.id
        returning q.*
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', p.id, 'bucket', p.bucket, 'chave', p.chave, 'versao_id', p.versao_id, 'tamanho', a.tamanho,
        'gravado_em', a.gravado_em, 'trecho', a.situacao <> 'QUARENTENA'
    ) order by p.id), '[]')
    from pedidas as p inner join public.arquivos_ingeridos as a on a.id = p.arquivo_id
$$;
comment on function public.quarentenas_a_reprocessar(integer) is 'Itens de quarentena cuja releitura foi pedida, com o arquivo a ler; trecho = só a parte que não tinha dono.';
revoke all on function public.quarentenas_a_reprocessar(integer) from public, anon, authenticated, service_role;
grant execute on function public.quarentenas_a_reprocessar(integer) to service_role;

create function interno.periodo_da_decisao(p_op text, p_linha_id text, p_ate timestamptz)
returns public.periodos_ordem
language sql
stable
set search_path = ''
as $$
    select p
    from public.periodos_ordem as p
    where p.numero_op = p_op and p.linha_id = p_linha_id
    order by lower(p.intervalo) <= p_ate desc, abs(extract(epoch from lower(p.intervalo) - p_ate))
    limit 1
$$;
comment on function interno.periodo_da_decisao(text, text, timestamptz) is
'O período da OP na linha cujos fatores valem para o que uma pessoa lhe dá: o último começado até a leitura, senão o mais próximo; nulo se nenhum.';

create function public.decidir_retido(p_id bigint, p_decisao text, p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_linha_id constant text := (select linha_id from public.contagens_intervalo where id = p_id);
    v_papel constant text := interno.linha_para_decisao('decidir_retido', v_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_op text;
    v_antes public.contagens_intervalo;
    v_depois public.contagens_intervalo;
    v_periodo public.periodos_ordem;
begin
    perform interno.exigir_decisao(p_decisao, 'ATRIBUIR', 'DESCARTAR');
    select * into v_antes from public.contagens_intervalo where id = p_id for update;
    if v_antes.id is null then
        perform interno.recusar_desconhecido('RETIDA_DESCONHECIDA', format('Não há contagem retida %s.', p_id));
    end if;
    if v_antes.situacao <> 'RETIDA' then
        perform interno.recusar_decidido(format('A contagem %s não está mais retida (%s).', p_id, v_antes.situacao));
    end if;
    if p_decisao = 'ATRIBUIR' then
        v_op := public.normalizar_op(p_numero_op);
        v_periodo := interno.periodo_da_decisao(v_op, v_linha_id, v_antes.ate);
        if v_periodo.id is null then
            perform interno.recusar(
                '409', 'ORDEM_NAO_ABERTA', format('A OP %s nunca esteve aberta na linha %s.', v_op, v_linha_id),
                'Abra a OP na linha ou escolha outra.'
            );
        end if;
    end if;
    update public.contagens_intervalo
    set situacao = case p_decisao when 'ATRIBUIR' then 'DECIDIDA' else 'DESCARTADA' end,
        numero_op = v_op, fator_producao = v_periodo.fator_producao, fator_rejeicao = v_periodo.fator_rejeicao,
        decidida_em = clock_timestamp(), decidida_por = interno.usuario_atual(), decisao_motivo = v_motivo
    where id = p_id
    returning * into v_depois;
    if p_decisao = 'ATRIBUIR' then
        perform interno.somar_ordem(
            v_op, v_linha_id, v_depois.producao, v_depois.rejeicao,
            v_depois.producao * v_depois.fator_producao, v_depois.rejeicao * v_depois.fator_rejeicao
        );
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_retido', format('contagens_intervalo:%s', p_id),
        jsonb_build_object('situacao', v_antes.situacao, 'motivo', v_antes.motivo),
        jsonb_build_object(
            'situacao', v_depois.situacao, 'numero_op', v_op, 'producao', v_depois.producao, 'rejeicao', v_depois.rejeicao
        ), v_motivo
    );
    return jsonb_build_object(
        'id', p_id, 'linha_id', v_linha_id, 'situacao', v_depois.situacao, 'numero_op', v_op,
        'producao', v_depois.producao, 'rejeicao', v_depois.rejeicao
    );
end $$;
comment on function public.decidir_retido(bigint, text, text, text) is
'Atribui a uma OP, ou descarta, uma contagem retida; o original permanece. Devolve a contagem decidida.';
revoke all on function public.decidir_retido(bigint, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_retido(bigint, text, text, text) to authenticated, service_role;
