-- What a person decides about a gateway's clock, and how it comes true: the batches of the doubt are taken back exactly
-- and applied once more, with the instants the decision gives, by the same function that applied them first.

create function interno.corrigir_segundos(p_segundos jsonb, p_fontes jsonb, p_decisao text, p_deslocar_s bigint)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    with segundos as (
        select (v ->> 0)::bigint as s, (v ->> 1)::bigint as producao, (v ->> 2)::bigint as rejeicao
        from jsonb_array_elements(p_segundos) as v
    ),
    fontes as (
        select (v ->> 0)::bigint as s, (v ->> 1)::bigint as da_fonte, (v ->> 2)::bigint as producao,
            (v ->> 3)::bigint as rejeicao
        from jsonb_array_elements(p_fontes) as v
        where p_decisao = 'FONTE'
    )
    select coalesce(jsonb_agg(jsonb_build_array(t.s, t.producao, t.rejeicao)), '[]')
    from (
        select f.da_fonte as s, f.producao, f.rejeicao
        from fontes as f where f.s in (select segundos.s from segundos)
        union all
        select x.s - coalesce(p_deslocar_s, 0), x.producao - coalesce(f.producao, 0), x.rejeicao - coalesce(f.rejeicao, 0)
        from segundos as x
        left join (
            select fontes.s, sum(fontes.producao) as producao, sum(fontes.rejeicao) as rejeicao from fontes group by fontes.s
        ) as f on f.s = x.s
    ) as t
    where t.producao > 0 or t.rejeicao > 0
$$;
comment on function interno.corrigir_segundos(jsonb, jsonb, text, bigint) is
'Contagens [segundo, produção, rejeição] nos instantes que a decisão dá; o que não tem hora da fonte fica onde está.';

-- p_arquivo: `linhas` and `intervalos` as registrar_contagens takes them. A span keeps its length.
create function interno.corrigir_relogio(p_arquivo jsonb, p_duvida public.duvidas_relogio)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select p_arquivo || jsonb_build_object(
        'relogio_corrigido', true,
        'linhas', coalesce((
            select jsonb_agg(l || jsonb_build_object('segundos', interno.corrigir_segundos(
                l -> 'segundos', coalesce(l -> 'fontes', '[]'), p_duvida.decisao, p_duvida.deslocar_s
            )))
            from jsonb_array_elements(p_arquivo -> 'linhas') as l
        ), '[]'),
        'intervalos', coalesce((
            select jsonb_agg(i || jsonb_build_object(
                'desde', (i ->> 'desde')::timestamptz - c.correcao, 'ate', (i ->> 'ate')::timestamptz - c.correcao
            ))
            from jsonb_array_elements(p_arquivo -> 'intervalos') as i
            cross join lateral (
                select case p_duvida.decisao
                    when 'DESLOCAR' then p_duvida.deslocar_s * interval '1 second'
                    else coalesce((i ->> 'ate')::timestamptz - (i ->> 'fonte')::timestamptz, interval '0')
                end as correcao
            ) as c
        ), '[]')
    )
$$;
comment on function interno.corrigir_relogio(jsonb, public.duvidas_relogio) is
'O arquivo, ou um trecho dele, com os instantes que a decisão sobre o relógio do gateway dá.';

-- What a batch has put where no person decided on it since. The two marks that say "dated too far ahead" were added
-- when it was applied, and are judged anew.
create function interno.lote_em_duvida(p_arquivo public.arquivos_ingeridos)
returns jsonb
language sql
stable
set search_path = ''
as $$
    with intervalos as (
        select i.*, jsonb_build_array(extract(epoch from i.ate)::bigint, i.producao, i.rejeicao) as segundo,
            exists (
                select from public.contagens_em_duvida as c
                where c.arquivo_id = i.arquivo_id and c.linha_id = i.linha_id and i.desde = i.ate
                  and c.retidos @> jsonb_build_array(
                      jsonb_build_array(extract(epoch from i.ate), i.producao, i.rejeicao)
                  )
            ) as de_um_segundo
        from public.contagens_intervalo as i
        where i.arquivo_id = p_arquivo.id and i.situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA')
    )
    select jsonb_build_object(
        'bucket', p_arquivo.bucket, 'chave', p_arquivo.chave, 'versao_id', p_arquivo.versao_id, 'epoca', p_arquivo.epoca,
        'linhas', coalesce((
            select jsonb_agg(jsonb_build_object(
                'linha_id', a.linha_id, 'byte_de', a.byte_de, 'byte_ate', a.byte_ate,
                'segundos', coalesce(c.contados, '[]') || coalesce((
                    select jsonb_agg(i.segundo) from intervalos as i where i.linha_id = a.linha_id and i.de_um_segundo
                ), '[]'),
                'fontes', coalesce(c.fontes, '[]')
            ))
            from public.arquivos_linhas as a
            left join public.contagens_em_duvida as c on c.arquivo_id = a.arquivo_id and c.linha_id = a.linha_id
            where a.arquivo_id = p_arquivo.id
        ), '[]'),
        'intervalos', coalesce((
            select jsonb_agg(jsonb_build_object(
                'linha_id', i.linha_id, 'desde', i.desde, 'ate', i.ate, 'producao', i.producao, 'rejeicao', i.rejeicao,
                'byte_de', i.byte_de, 'byte_ate', i.byte_ate, 'fonte', i.fonte_em, 'flags', case
                    when 'futura' = any(i.flags) then i.flags[:cardinality(i.flags) - 2] else i.flags
                end
            ))
            from intervalos as i where not i.de_um_segundo
        ), '[]')
    )
$$;
comment on function interno.lote_em_duvida(public.arquivos_ingeridos) is
'O que o lote contou ou reteve e ainda não foi decidido, como se fosse o seu arquivo.';

-- Takes batches out of one line's minutes and spans.
create function interno.retirar_lotes(p_linha_id text, p_arquivos bigint[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
begin
    select date_trunc('minute', min(t.de)), max(t.ate) + interval '1 minute' into v_de, v_ate
    from (
        select to_timestamp((v ->> 0)::bigint) as de, to_timestamp((v ->> 0)::bigint) as ate
        from public.contagens_em_duvida as c cross join lateral jsonb_array_elements(c.contados) as v
        where c.arquivo_id = any(p_arquivos) and c.linha_id = p_linha_id
        union all
        select i.desde, i.ate from public.contagens_intervalo as i
        where i.arquivo_id = any(p_arquivos) and i.linha_id = p_linha_id
          and i.situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA')
    ) as t;
    if v_de is null then
        return;
    end if;
    v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    update public.contagens_intervalo
    set situacao = 'CORRIGIDA', numero_op = null, fator_producao = null, fator_rejeicao = null, justificada = false
    where arquivo_id = any(p_arquivos) and linha_id = p_linha_id and situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA');
    update public.contagens_minuto as m
    set producao = nullif(interno.somar_vetores(m.producao, t.producao), array_fill(0, array[60])),
        rejeicao = nullif(interno.somar_vetores(m.rejeicao, t.rejeicao), array_fill(0, array[60])),
        total_producao = m.total_producao - t.total_producao, total_rejeicao = m.total_rejeicao - t.total_rejeicao,
        -- What remains of these is for `reatribuir` to say; until then they are within the new total.
        sem_ordem_producao = least(m.sem_ordem_producao, m.total_producao - t.total_producao),
        sem_ordem_rejeicao = least(m.sem_ordem_rejeicao, m.total_rejeicao - t.total_rejeicao),
        justificada_producao = least(m.justificada_producao, m.total_producao - t.total_producao),
        justificada_rejeicao = least(m.justificada_rejeicao, m.total_rejeicao - t.total_rejeicao),
        justificada_segundos_producao = interno.diminuir_vetor(m.justificada_segundos_producao, t.producao),
        justificada_segundos_rejeicao = interno.diminuir_vetor(m.justificada_segundos_rejeicao, t.rejeicao)
    from (
        select to_timestamp(x.s - x.s % 60) as minuto,
            interno.vetor((x.s % 60)::integer, -x.producao::integer) filter (where x.producao > 0) as producao,
            interno.vetor((x.s % 60)::integer, -x.rejeicao::integer) filter (where x.rejeicao > 0) as rejeicao,
            sum(x.producao) as total_producao, sum(x.rejeicao) as total_rejeicao
        from public.contagens_em_duvida as c
        cross join lateral jsonb_array_elements(c.contados) as v
        cross join lateral (
            select (v ->> 0)::bigint as s, (v ->> 1)::bigint as producao, (v ->> 2)::bigint as rejeicao
        ) as x
        where c.arquivo_id = any(p_arquivos) and c.linha_id = p_linha_id
        group by x.s - x.s % 60
    ) as t
    where m.linha_id = p_linha_id and m.minuto = t.minuto;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
end $$;
comment on function interno.retirar_lotes(text, bigint[]) is
'Retira dos minutos e dos intervalos da linha o que os lotes em dúvida contaram. Exige a linha travada.';

create function interno.corrigir_lotes(p_duvida public.duvidas_relogio, p_arquivos bigint[])
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_lotes constant public.arquivos_ingeridos[] := array(
        select a from public.arquivos_ingeridos as a where a.id = any(p_arquivos) order by a.id
    );
    v_partes constant jsonb[] := array(
        select interno.corrigir_relogio(interno.lote_em_duvida(a), p_duvida) from unnest(v_lotes) as a order by a.id
    );
    v_linha_id text;
    v_i integer;
begin
    foreach v_linha_id in array p_duvida.linhas loop
        perform interno.retirar_lotes(v_linha_id, p_arquivos);
    end loop;
    delete from public.contagens_em_duvida where arquivo_id = any(p_arquivos);
    update public.duvidas_relogio_lotes set corrigido_em = clock_timestamp() where arquivo_id = any(p_arquivos);
    for v_i in 1..cardinality(v_lotes) loop
        perform interno.aplicar_arquivo(
            v_lotes[v_i].id, v_partes[v_i], p_duvida.gateway, null,
            interno.limite_do_futuro(v_lotes[v_i].gravado_em + interval '1 second'), null
        );
    end loop;
end $$;
comment on function interno.corrigir_lotes(public.duvidas_relogio, bigint[]) is
'Retira lotes de onde contaram e os aplica de novo, nos instantes que a decisão dá. Exige as linhas travadas.';

-- The work of a decision, in parts that stay far below a call's time limit: a gateway may have been wrong for a day.
-- Its batches are all known: those that come later begin another doubt.
create function public.aplicar_decisoes_relogio(p_limite integer)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_d public.duvidas_relogio;
    v_arquivos bigint[];
begin
    select * into v_d from public.duvidas_relogio where decisao is not null and aplicada_em is null order by id limit 1;
    if v_d.id is null then
        return jsonb_build_object('lotes', 0, 'restam', false);
    end if;
    perform interno.travar_linhas(v_d.linhas);
    perform from public.duvidas_relogio where id = v_d.id for update;
    v_arquivos := array(
        select l.arquivo_id from public.duvidas_relogio_lotes as l
        where l.duvida_id = v_d.id and l.corrigido_em is null
        order by l.arquivo_id limit least(greatest(p_limite, 1), 1000)
    );
    if cardinality(v_arquivos) > 0 then
        perform interno.corrigir_lotes(v_d, v_arquivos);
    else
        update public.duvidas_relogio set aplicada_em = clock_timestamp() where id = v_d.id;
    end if;
    return jsonb_build_object('lotes', cardinality(v_arquivos), 'restam', true);
end $$;
comment on function public.aplicar_decisoes_relogio(integer) is
'Leva as próximas contagens de lotes com relógio em dúvida aos instantes decididos; chame até não restar nada. Devolve lotes e restam.';
revoke all on function public.aplicar_decisoes_relogio(integer) from public, anon, authenticated, service_role;
grant execute on function public.aplicar_decisoes_relogio(integer) to service_role;

-- Moving the batches needs their lines locked, which a batch on its way may hold while it waits for this doubt: that is
-- left to the next run. p_deslocar_s: whole seconds the clock was ahead, negative if behind; with DESLOCAR only.
create function public.decidir_relogio(p_id bigint, p_decisao text, p_motivo text, p_deslocar_s bigint default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('decidir_relogio', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_d public.duvidas_relogio;
begin
    perform interno.exigir_decisao(p_decisao, 'MANTER', 'FONTE', 'DESLOCAR');
    select * into v_d from public.duvidas_relogio where id = p_id for update;
    if v_d.id is null then
        perform interno.recusar_desconhecido('DUVIDA_DESCONHECIDA', format('Não há dúvida de relógio %s.', p_id));
    end if;
    if v_d.decisao is not null then
        perform interno.recusar_decidido(
            format('A dúvida de relógio %s já foi decidida em %s.', p_id, interno.hora_local(v_d.decidida_em))
        );
    end if;
    if (p_decisao = 'DESLOCAR') <> (p_deslocar_s is not null) or p_deslocar_s not between -31622400 and 31622400
        or p_deslocar_s = 0 then
        perform interno.recusar(
            '422', 'DESLOCAMENTO_INVALIDO',
            'Com DESLOCAR diga em p_deslocar_s quantos segundos o relógio esteve adiantado (negativo: atrasado), até um ano; sem ele, não diga.',
            format('O desvio medido foi de %s s.', round(v_d.desvio_ms / 1000.0))
        );
    end if;
    update public.duvidas_relogio
    set decisao = p_decisao, decidida_em = clock_timestamp(), decidida_por = interno.usuario_atual(),
        decisao_motivo = v_motivo, deslocar_s = p_deslocar_s,
        aplicada_em = case when p_decisao = 'MANTER' then clock_timestamp() end
    where id = p_id
    returning * into v_d;
    if v_d.aplicada_em is not null then
        delete from public.contagens_em_duvida as c using public.duvidas_relogio_lotes as l
        where l.arquivo_id = c.arquivo_id and l.duvida_id = p_id;
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_relogio', format('duvidas_relogio:%s', p_id), null,
        jsonb_build_object(
            'decisao', v_d.decisao, 'deslocar_s', v_d.deslocar_s, 'gateway', v_d.gateway, 'linhas', v_d.linhas,
            'desde', v_d.desde, 'ate', v_d.ate, 'desvio_ms', v_d.desvio_ms, 'lotes', v_d.lotes
        ), v_motivo
    );
    return jsonb_build_object('id', v_d.id, 'decisao', v_d.decisao, 'decidida_em', v_d.decidida_em);
end $$;
comment on function public.decidir_relogio(bigint, text, text, bigint) is
'Decide sobre os lotes de um gateway com o relógio em dúvida: MANTER os instantes, contar nos da FONTE, ou DESLOCAR; o que move contagens vale em até um minuto. Devolve id, decisão e instante.';
revoke all on function public.decidir_relogio(bigint, text, text, bigint)
from public, anon, authenticated, service_role;
grant execute on function public.decidir_relogio(bigint, text, text, bigint) to authenticated, service_role;
