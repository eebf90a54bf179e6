-- What people decide about counts that wait for them. Each demands a reason, keeps the original and leaves a trail.

create function interno.papel_nas_linhas(p_funcao text, variadic p_linhas text[])
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_setor text;
    v_papel text;
begin
    for v_setor in
        select distinct l.setor from unnest(p_linhas) as t (linha_id) left join public.linhas as l using (linha_id)
    loop
        v_papel := interno.exigir_papel(p_funcao, v_setor);
    end loop;
    return v_papel;
end $$;
comment on function interno.papel_nas_linhas(text, text[]) is
'O papel com que a pessoa pode chamar a função em todas as linhas; linha desconhecida exige papel em todos os setores.';

create function interno.linha_para_decisao(p_funcao text, variadic p_linhas text[])
returns text
language plpgsql
set search_path = ''
as $$
begin
    perform interno.travar_linhas(p_linhas);
    return interno.papel_nas_linhas(p_funcao, variadic p_linhas);
end $$;
comment on function interno.linha_para_decisao(text, text[]) is
'Trava as linhas e devolve o papel com que a pessoa decide sobre todas: interno.papel_nas_linhas.';

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

create function interno.exigir_no_maximo(p_ids bigint[], p_maximo integer)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    if cardinality(p_ids) > p_maximo then
        perform interno.recusar(
            '422', 'ITENS_DEMAIS', format('São %s itens; no máximo %s de uma vez.', cardinality(p_ids), p_maximo), 'Decida-os em partes.'
        );
    end if;
end $$;
comment on function interno.exigir_no_maximo(bigint[], integer) is 'PT422 ITENS_DEMAIS se são mais do que se decide de uma vez.';

-- Whole minutes: the window is widened to them, and what they hold without order at this moment becomes justified,
-- second by second. What arrives later in the same minutes is a new pendency.
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
        set justificada_producao = m.sem_ordem_producao, justificada_rejeicao = m.sem_ordem_rejeicao,
            justificada_segundos_producao = j.producao, justificada_segundos_rejeicao = j.rejeicao
        from public.contagens_minuto as a
        cross join lateral (
            select range_agg(o.intervalo) as abertas
            from public.periodos_ordem as o
            where o.linha_id = a.linha_id and o.intervalo && tstzrange(a.minuto, a.minuto + interval '1 minute')
        ) as p
        cross join lateral (
            select a.producao, a.rejeicao where p.abertas is null
            union all
            select
                array_agg(case when p.abertas @> s.em then s.justificada_producao else s.producao end order by s.em),
                array_agg(case when p.abertas @> s.em then s.justificada_rejeicao else s.rejeicao end order by s.em)
            from interno.segundos_do_minuto(a) as s
            having p.abertas is not null
        ) as j
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
    perform interno.anotar_turnos(p_linha_id, v_de, v_ate - interval '1 second');
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

create view public.contagens_retidas with (security_invoker = true) as
select
    i.id,
    i.linha_id,
    i.desde,
    i.ate,
    i.producao,
    i.rejeicao,
    i.flags,
    i.motivo,
    i.arquivo_id,
    i.byte_de,
    i.byte_ate,
    i.criada_em,
    -- Two readings have one boundary between them; what a machine cannot make comes for as long as its cause lasts.
    case
        when i.motivo = 'FRONTEIRA' then concat_ws('|', i.linha_id, i.motivo, i.id)
        else concat_ws('|', i.linha_id, i.motivo, case when 'futura' = any(i.flags) then 'futura' end)
    end as assunto
from public.contagens_intervalo as i
where i.situacao = 'RETIDA';
comment on view public.contagens_retidas is 'Incrementos que esperam uma pessoa (decidir_retido). Fonte: contagens_intervalo.';
comment on column public.contagens_retidas.id is 'Identificador para decidir_retido. Fonte: contagens_intervalo.';
comment on column public.contagens_retidas.desde is 'Leitura anterior (UTC). Fonte: arquivo.';
comment on column public.contagens_retidas.ate is 'Leitura que trouxe o incremento (UTC). Fonte: arquivo.';
comment on column public.contagens_retidas.producao is 'Produção, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_retidas.rejeicao is 'Rejeição, em contagens da máquina. Fonte: arquivo.';
comment on column public.contagens_retidas.flags is 'Marcações do registro. Fonte: arquivo.';
comment on column public.contagens_retidas.motivo is 'FRONTEIRA (troca de ordem no meio) ou IMPLAUSIVEL. Fonte: registrar_contagens.';
comment on column public.contagens_retidas.byte_de is 'Primeiro byte no arquivo descomprimido. Fonte: txt_parser.';
comment on column public.contagens_retidas.byte_ate is 'Byte seguinte ao último no arquivo descomprimido. Fonte: txt_parser.';
comment on column public.contagens_retidas.assunto is 'A causa, a mesma de todas as retidas que uma só decisão resolve. Fonte: banco.';
revoke all on public.contagens_retidas from public, anon, authenticated, service_role;
grant select on public.contagens_retidas to authenticated, service_role;

-- One held count (p_id), some (p_ids), or all of a matter that were there when it was shown (p_assunto, up to p_id).
create function interno.retidas_para_decisao(
    p_id bigint, p_motivo text, p_assunto text, p_ids bigint[],
    out papel text, out motivo text, out itens bigint[], out restam bigint
)
language plpgsql
set search_path = ''
as $$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_retidas bigint[];
    v_outra bigint;
begin
    perform interno.exigir_no_maximo(p_ids, v_maximo);
    select array_agg(t.id order by t.id), array_agg(distinct t.linha_id) into itens, v_linhas
    from (
        select i.id, i.linha_id from public.contagens_intervalo as i
        where i.id = any(case when p_ids is not null then p_ids when p_assunto is null then array[p_id] end)
        union all
        (
            select r.id, r.linha_id from public.contagens_retidas as r
            where p_ids is null and r.assunto = p_assunto and r.id <= p_id
            order by r.id
            limit v_maximo
        )
    ) as t;
    papel := interno.linha_para_decisao('decidir_retido', variadic coalesce(v_linhas, array[null::text]));
    motivo := interno.exigir_motivo(p_motivo);
    if itens is null and p_assunto is not null and p_ids is null then
        perform interno.recusar_decidido(format('Nada mais espera no assunto %s até a contagem %s.', p_assunto, p_id));
    elsif itens is null or exists (
        select from unnest(p_ids) as t (id) left join public.contagens_intervalo as i using (id) where i.id is null
    ) then
        perform interno.recusar_desconhecido(
            'RETIDA_DESCONHECIDA', format('Não há contagem duvidosa %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform from public.contagens_intervalo as i where i.id = any(itens) order by i.id for update;
    select array_agg(i.id order by i.id) filter (where i.situacao = 'RETIDA'), min(i.id) filter (where i.situacao <> 'RETIDA')
    into v_retidas, v_outra
    from public.contagens_intervalo as i where i.id = any(itens);
    if v_outra is not null and (v_retidas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(format('A contagem %s não espera mais decisão (%s).', v_outra, (
            select i.situacao from public.contagens_intervalo as i where i.id = v_outra
        )));
    end if;
    itens := v_retidas; -- what an order's new times have settled since the matter was listed is settled
    restam := (
        select count(*) from public.contagens_retidas as r
        where p_ids is null and r.assunto = p_assunto and r.id <= p_id
    ) - case when p_ids is null and p_assunto is not null then cardinality(itens) else 0 end;
end $$;
comment on function interno.retidas_para_decisao(bigint, text, text, bigint[]) is
'Confere papel e motivo e trava as contagens retidas a decidir; restam = quantas do assunto ficam para outra chamada.';

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

-- The factor is that of the order's period nearest before each reading; an order never on the line has none.
create function public.decidir_retido(
    p_id bigint default null, p_decisao text default null, p_numero_op text default null, p_motivo text default null,
    p_assunto text default null, p_ids bigint[] default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d record;
    v_op text;
    v_linha record;
    v_linha_id text;
    v_antes jsonb;
    v_depois jsonb;
begin
    select * into v_d from interno.retidas_para_decisao(p_id, p_motivo, p_assunto, p_ids);
    perform interno.exigir_decisao(p_decisao, 'ATRIBUIR', 'DESCARTAR');
    if p_decisao = 'ATRIBUIR' then
        v_op := public.normalizar_op(p_numero_op);
    end if;
    select jsonb_build_object('situacao', 'RETIDA', 'motivo', min(i.motivo)) into v_antes
    from public.contagens_intervalo as i where i.id = any(v_d.itens);
    update public.contagens_intervalo as i
    set situacao = case p_decisao when 'ATRIBUIR' then 'DECIDIDA' else 'DESCARTADA' end,
        numero_op = v_op, fator_producao = p.fator_producao, fator_rejeicao = p.fator_rejeicao,
        decidida_em = clock_timestamp(), decidida_por = interno.usuario_atual(), decisao_motivo = v_d.motivo
    from public.contagens_intervalo as a
    left join lateral interno.periodo_da_decisao(v_op, a.linha_id, a.ate) as p on true
    where a.id = any(v_d.itens) and i.id = a.id and (v_op is null or p.fator_producao is not null);
    for v_linha in
        select i.linha_id, sum(i.producao) as producao, sum(i.rejeicao) as rejeicao,
            sum(i.producao * i.fator_producao) as producao_unidades, sum(i.rejeicao * i.fator_rejeicao) as rejeicao_unidades,
            bool_or(i.situacao = 'RETIDA') as sem_periodo
        from public.contagens_intervalo as i
        where i.id = any(v_d.itens)
        group by i.linha_id
        order by i.linha_id
    loop
        v_linha_id := v_linha.linha_id;
        if v_linha.sem_periodo then
            perform interno.recusar(
                '409', 'ORDEM_NAO_ABERTA', format('A OP %s nunca esteve aberta na linha %s.', v_op, v_linha.linha_id),
                'Abra a OP na linha ou escolha outra.'
            );
        elsif v_op is not null then
            perform interno.somar_ordem(
                v_op, v_linha.linha_id, v_linha.producao::bigint, v_linha.rejeicao::bigint,
                v_linha.producao_unidades::bigint, v_linha.rejeicao_unidades::bigint
            );
        end if;
    end loop;
    select jsonb_build_object(
        'situacao', min(i.situacao), 'numero_op', v_op, 'producao', sum(i.producao), 'rejeicao', sum(i.rejeicao)
    ) || case when count(*) > 1 then jsonb_build_object('itens', jsonb_agg(i.id order by i.id)) else '{}' end
    into v_depois
    from public.contagens_intervalo as i where i.id = any(v_d.itens);
    perform interno.anotar_trilha(
        v_d.papel, 'decidir_retido',
        format('contagens_intervalo:%s', case when v_depois ? 'itens' then 'itens' else v_d.itens[1]::text end),
        v_antes, v_depois, v_d.motivo
    );
    return v_depois || jsonb_build_object(
        'id', coalesce(p_id, v_d.itens[1]), 'linha_id', v_linha_id, 'itens', cardinality(v_d.itens), 'restam', v_d.restam
    );
end $$;
comment on function public.decidir_retido(bigint, text, text, text, text, bigint[]) is
'Atribui a uma OP, ou descarta, uma contagem retida (p_id), algumas (p_ids), ou todas de um assunto até p_id (p_assunto); os originais permanecem. Até 10.000 de uma vez.';
revoke all on function public.decidir_retido(bigint, text, text, text, text, bigint[])
from public, anon, authenticated, service_role;
grant execute on function public.decidir_retido(bigint, text, text, text, text, bigint[])
to authenticated, service_role;
