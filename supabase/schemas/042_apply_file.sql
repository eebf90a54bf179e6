-- From one file's judged increments to rows, each to the one place it belongs. Set-based; the caller holds the locks.

create function interno.detalhar_motivos(
    p_motivos text[], p_fonte text, p_linha_id text, p_marca timestamptz, p_anterior_id bigint
)
returns text
language sql
stable
set search_path = ''
as $$
    select concat_ws(
        ' ',
        case when 'LINHA_DESCONHECIDA' = any(p_motivos) then format('A linha %s não está cadastrada.', p_linha_id) end,
        case when 'NAO_DONO' = any(p_motivos)
            then format('A fonte %s não conta a linha %s neste intervalo.', p_fonte, p_linha_id)
        end,
        case
            when not 'EPOCA_ANTERIOR' = any(p_motivos) then null
            when p_marca is not null then format(
                'O gateway %s, reinstalado, leu de novo o que é de antes de %s, até onde já tinha reportado: tudo indica que já foi contado.',
                p_fonte, interno.hora_local(p_marca)
            )
            else format(
                'O gateway %s, reinstalado, leu o que é de antes disso e que talvez não tenha enviado: talvez já contado.', p_fonte
            )
        end,
        case when p_anterior_id is not null
            then format('É o que ficou sem contar do item %s, lido de novo.', p_anterior_id)
        end
    )
$$;
comment on function interno.detalhar_motivos(text[], text, text, timestamptz, bigint) is
'Os motivos de um item de quarentena, em frases para quem decide.';

-- The writes of a file's judged increments. A row that is there is updated, the others are inserted: the line's lock
-- keeps other writers out, and `on conflict` would lock each row once more before it changes it.
-- The plans are kept (plan_cache_mode): a plan made for the increments of one file copies all of them into it.

create function interno.somar_segundos(p_vetor integer[], p_segundos integer[], p_valores integer[])
returns integer[]
language plpgsql
immutable
as $$
begin
    for v_i in 1..cardinality(p_segundos) loop
        if p_valores[v_i] <> 0 then
            if p_vetor is null then
                p_vetor := array_fill(0, array[60]);
            end if;
            p_vetor[p_segundos[v_i] + 1] := p_vetor[p_segundos[v_i] + 1] + p_valores[v_i];
        end if;
    end loop;
    return p_vetor;
end $$;
comment on function interno.somar_segundos(integer[], integer[], integer[]) is
'Soma os valores aos segundos (0 a 59) de um vetor; nulo vale zeros, e fica nulo se todos os valores são zero.';

create function interno.contar_minutos(p_incrementos interno.incremento[])
returns void
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
    with minutos as materialized (
        select i.linha_id, to_timestamp(i.s - i.s % 60) as minuto, array_agg((i.s % 60)::integer) as segundos,
            array_agg(i.producao::integer) as producao, array_agg(i.rejeicao::integer) as rejeicao,
            sum(i.producao::integer) as total_producao, sum(i.rejeicao::integer) as total_rejeicao,
            coalesce(sum(i.producao::integer) filter (where i.numero_op is null), 0) as sem_ordem_producao,
            coalesce(sum(i.rejeicao::integer) filter (where i.numero_op is null), 0) as sem_ordem_rejeicao
        from unnest(p_incrementos) as i
        where i.destino = 'CONTADA' and i.s is not null
        group by i.linha_id, i.s - i.s % 60
    ),
    somados as (
        update public.contagens_minuto as c
        set producao = interno.somar_segundos(c.producao, m.segundos, m.producao),
            rejeicao = case
                when m.total_rejeicao > 0 then interno.somar_segundos(c.rejeicao, m.segundos, m.rejeicao) else c.rejeicao
            end,
            total_producao = c.total_producao + m.total_producao, total_rejeicao = c.total_rejeicao + m.total_rejeicao,
            sem_ordem_producao = c.sem_ordem_producao + m.sem_ordem_producao,
            sem_ordem_rejeicao = c.sem_ordem_rejeicao + m.sem_ordem_rejeicao
        from minutos as m
        where c.linha_id = m.linha_id and c.minuto = m.minuto
        returning c.linha_id, c.minuto
    )
    insert into public.contagens_minuto
        (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao)
    select m.linha_id, m.minuto, interno.somar_segundos(null, m.segundos, m.producao),
        interno.somar_segundos(null, m.segundos, m.rejeicao), m.total_producao, m.total_rejeicao, m.sem_ordem_producao,
        m.sem_ordem_rejeicao
    from minutos as m
    where not exists (select from somados as s where s.linha_id = m.linha_id and s.minuto = m.minuto);
end $$;
comment on function interno.contar_minutos(interno.incremento[]) is
'Soma aos minutos das linhas o que conta, segundo por segundo. Exige as linhas travadas.';

create function interno.contar_ordens(p_incrementos interno.incremento[])
returns void
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
    with ordens as materialized (
        select i.numero_op, i.linha_id, sum(i.producao * i.fator_producao)::bigint as producao_unidades,
            sum(i.rejeicao * i.fator_rejeicao)::bigint as rejeicao_unidades, sum(i.producao)::bigint as producao,
            sum(i.rejeicao)::bigint as rejeicao, min(i.em) as primeira, max(i.em) as ultima
        from unnest(p_incrementos) as i
        where i.numero_op is not null
        group by i.numero_op, i.linha_id
    ),
    somadas as (
        update public.ordens_producao_ativas as a
        set producao_acumulada = a.producao_acumulada + o.producao_unidades,
            rejeicao_acumulada = a.rejeicao_acumulada + o.rejeicao_unidades,
            producao_maquina = a.producao_maquina + o.producao, rejeicao_maquina = a.rejeicao_maquina + o.rejeicao,
            primeira_contagem = least(a.primeira_contagem, o.primeira),
            ultima_contagem = greatest(a.ultima_contagem, o.ultima), atualizado_em = clock_timestamp()
        from ordens as o
        where a.numero_op = o.numero_op and a.linha_id = o.linha_id
        returning a.numero_op, a.linha_id
    )
    insert into public.ordens_producao_ativas
        (numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,
         primeira_contagem, ultima_contagem)
    select o.numero_op, o.linha_id, o.producao_unidades, o.rejeicao_unidades, o.producao, o.rejeicao, o.primeira, o.ultima
    from ordens as o
    where not exists (select from somadas as s where s.numero_op = o.numero_op and s.linha_id = o.linha_id);
end $$;
comment on function interno.contar_ordens(interno.incremento[]) is
'Soma aos totais vivos o que conta em segundos e intervalos com OP aberta. Exige as linhas travadas.';

create function interno.mostrar_conferencia(p_fonte text, p_incrementos interno.incremento[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into public.contagens_conferencia as c
        (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
    select i.linha_id, p_fonte, date_trunc('minute', i.em), sum(i.producao), sum(i.rejeicao),
        interno.vetor((i.s % 60)::integer, i.producao::integer)
            filter (where i.producao > 0 and i.s is not null and i.destino = 'CONFERENCIA'),
        interno.vetor((i.s % 60)::integer, i.rejeicao::integer)
            filter (where i.rejeicao > 0 and i.s is not null and i.destino = 'CONFERENCIA')
    from unnest(p_incrementos) as i
    where i.papel = 'conferencia' and i.destino <> 'QUARENTENA'
    group by i.linha_id, date_trunc('minute', i.em)
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
        segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
        segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao);
end $$;
comment on function interno.mostrar_conferencia(text, interno.incremento[]) is
'Soma à conferência da fonte o que só é mostrado, também o que é implausível.';

create function interno.guardar_intervalos(p_arquivo_id bigint, p_incrementos interno.incremento[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into public.contagens_intervalo
        (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
         arquivo_id, byte_de, byte_ate, fonte_em)
    select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.flags, i.situacao, i.motivo, i.numero_op, i.fator_producao,
        i.fator_rejeicao, p_arquivo_id, i.byte_de, i.byte_ate, i.fonte_em
    from unnest(p_incrementos) as i
    where i.destino <> 'QUARENTENA' and i.situacao is not null;
end $$;
comment on function interno.guardar_intervalos(bigint, interno.incremento[]) is
'Guarda um a um os incrementos que atravessam segundos ou não são plausíveis.';

-- What a batch in doubt has counted, until a person has decided about its clock.
create function interno.guardar_em_duvida(p_arquivo_id bigint, p_arquivo jsonb, p_incrementos interno.incremento[])
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into public.contagens_em_duvida as c (arquivo_id, linha_id, contados, retidos, fontes)
    select p_arquivo_id, i.linha_id,
        coalesce(jsonb_agg(v.segundo) filter (where i.destino = 'CONTADA'), '[]'),
        coalesce(jsonb_agg(v.segundo) filter (where i.destino <> 'CONTADA'), '[]'),
        coalesce((
            select jsonb_agg(f)
            from jsonb_array_elements(p_arquivo -> 'linhas') as l
            cross join lateral jsonb_array_elements(l -> 'fontes') as f
            where l ->> 'linha_id' = i.linha_id and (f ->> 0)::bigint = any(array_agg(i.s))
        ), '[]')
    from unnest(p_incrementos) as i
    cross join lateral jsonb_build_array(i.s, i.producao, i.rejeicao) as v (segundo)
    where i.s is not null and i.destino in ('CONTADA', 'RETIDA', 'FUTURA') and i.papel = 'contagem'
    group by i.linha_id
    on conflict (arquivo_id, linha_id) do update set
        contados = c.contados || excluded.contados, retidos = c.retidos || excluded.retidos,
        fontes = c.fontes || excluded.fontes;
end $$;
comment on function interno.guardar_em_duvida(bigint, jsonb, interno.incremento[]) is
'Guarda segundo por segundo o que um lote com o relógio em dúvida contou ou reteve.';

create function interno.numeros(p_lista jsonb)
returns bigint[]
language sql
immutable
set search_path = ''
as $$
    select array(select jsonb_array_elements_text(coalesce(nullif(p_lista, 'null'), '[]'))::bigint)
$$;
comment on function interno.numeros(jsonb) is 'Uma lista JSON de inteiros como vetor; vazio se é nula.';

-- A piece is a stretch of time, by which the file is searched for it when it is read again. In the first or last second
-- of the stretch the line may have increments with other reasons, or with none: one that ends there and began under
-- another owner. They are listed, and what an earlier piece listed stays listed.
create function interno.por_em_quarentena(
    p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_anterior_id bigint, p_incrementos interno.incremento[]
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_segundos bigint[] := interno.numeros(p_arquivo -> 'outros_segundos');
    v_intervalos bigint[] := interno.numeros(p_arquivo -> 'outros_intervalos');
begin
    with pecas as (
        select t.linha_id, t.motivos, t.marca, sum(t.producao) as producao, sum(t.rejeicao) as rejeicao,
            min(t.em) as de, max(t.em) as ate
        from (
            select i.linha_id, i.motivos, i.em, i.producao, i.rejeicao,
                case when 'EPOCA_ANTERIOR' = any(i.motivos) and i.em < m.marca then m.marca end as marca,
                rank() over (partition by i.linha_id order by i.em)
                    - rank() over (partition by i.linha_id, i.motivos order by i.em) as trecho
            from unnest(p_incrementos) as i
            left join (
                select x.linha_id, date_trunc('second', max(x.ate)) as marca
                from public.marcas_linha as x
                where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
                group by x.linha_id
            ) as m on m.linha_id = i.linha_id
            where i.linha_id in (select o.linha_id from unnest(p_incrementos) as o where o.destino = 'QUARENTENA')
        ) as t
        where t.motivos <> '{}'
        group by t.linha_id, t.motivos, t.marca, t.trecho
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido, reportado_ate, outros_segundos, outros_intervalos)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        p.motivos[1], p.motivos[2:],
        interno.detalhar_motivos(p.motivos, p_fonte, p.linha_id, p.marca, p_anterior_id),
        p.linha_id,
        case when not exists (
            select from unnest(p_incrementos) as o where o.linha_id = p.linha_id and o.motivos <> p.motivos
        ) then a.registros end,
        p.producao, p.rejeicao, p.de, p.ate, a.byte_de, a.byte_ate, p_anterior_id,
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false), p.marca,
        nullif(v_segundos || o.segundos, '{}'), nullif(v_intervalos || o.intervalos, '{}')
    from pecas as p
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = p.linha_id
    cross join lateral (
        select array_agg(i.s) filter (where i.s is not null) as segundos,
            array_agg(i.byte_de) filter (where i.s is null) as intervalos
        from unnest(p_incrementos) as i
        where i.linha_id = p.linha_id and i.motivos <> p.motivos and i.em between p.de and p.ate
    ) as o
    order by p.linha_id, p.de;
end $$;
comment on function interno.por_em_quarentena(bigint, jsonb, text, bigint, interno.incremento[]) is
'Põe em quarentena o que do arquivo não pode ser contado, um item por linha, motivos e trecho contínuo.';

-- One file's increments, each to the one place it belongs: a minute and its order, held, quarantined, or conference.
-- p_fonte: the gateway id, or 'avulso'. p_duvida: what was made before it may have been counted by an earlier época of
-- the gateway, and goes before a person; null if it cannot. Where that época's marks end is where the person will look.
-- p_limite: what is dated after it is held. p_anterior_id: the quarantine item that is read again; null if the file is
-- new.
create function interno.aplicar_arquivo(
    p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamptz, p_limite timestamptz, p_anterior_id bigint
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_incrementos interno.incremento[] := interno.julgar_segundos(p_arquivo, p_fonte, p_duvida, p_limite);
    v_ha record;
begin
    if jsonb_array_length(p_arquivo -> 'intervalos') > 0 then
        v_incrementos := v_incrementos || interno.julgar_intervalos(p_arquivo, p_fonte, p_duvida, p_limite);
    end if;
    select bool_or(i.destino = 'QUARENTENA') as quarentena, bool_or(i.papel = 'conferencia') as conferencia,
        bool_or(i.situacao is not null) as intervalos
    into v_ha
    from unnest(v_incrementos) as i;
    perform interno.contar_minutos(v_incrementos);
    perform interno.contar_ordens(v_incrementos);
    if v_ha.conferencia then
        perform interno.mostrar_conferencia(p_fonte, v_incrementos);
    end if;
    if v_ha.intervalos then
        perform interno.guardar_intervalos(p_arquivo_id, v_incrementos);
    end if;
    if v_ha.quarentena then
        perform interno.por_em_quarentena(p_arquivo_id, p_arquivo, p_fonte, p_anterior_id, v_incrementos);
    end if;
    if exists (
        select from public.duvidas_relogio_lotes as l inner join public.duvidas_relogio as d on d.id = l.duvida_id
        where l.arquivo_id = p_arquivo_id and l.corrigido_em is null and d.aplicada_em is null
    ) then
        perform interno.guardar_em_duvida(p_arquivo_id, p_arquivo, v_incrementos);
    end if;
end $$;
comment on function interno.aplicar_arquivo(bigint, jsonb, text, timestamptz, timestamptz, bigint) is
'Leva cada incremento do arquivo ao seu lugar: minuto e OP, retido, quarentena ou conferência. Exige as linhas travadas.';

-- A file refused as a whole still says, line by line, how much it would have counted.
create function interno.quarentenar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_motivo text, p_detalhe text)
returns void
language sql
set search_path = ''
as $$
    with ilegiveis as (
        select linha_id, coalesce(sum(producao), 0) as producao, coalesce(sum(rejeicao), 0) as rejeicao
        from public.quarentena
        where arquivo_id = p_arquivo_id and linha_id is not null
        group by linha_id
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate,
         byte_de, byte_ate)
    select p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', p_motivo, p_detalhe,
        a.linha_id, coalesce(a.registros, (p_arquivo ->> 'registros')::bigint),
        a.producao - coalesce(i.producao, 0), a.rejeicao - coalesce(i.rejeicao, 0), a.de, a.ate, a.byte_de, a.byte_ate
    from (values (p_arquivo_id)) as arquivo (id)
    left join public.arquivos_linhas as a on a.arquivo_id = arquivo.id
    left join ilegiveis as i on i.linha_id = a.linha_id
$$;
comment on function interno.quarentenar_arquivo(bigint, jsonb, text, text) is
'Quarentena do arquivo inteiro: uma linha por linha de produção com as somas, ou uma só se nada foi lido.';
