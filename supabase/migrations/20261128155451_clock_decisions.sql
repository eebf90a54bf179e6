-- clock_decisions: from the definitions in supabase/schemas, by `make migration`.

drop function public.decidir_relogio(bigint,text,text);
drop trigger somente_acrescimo on public.duvidas_relogio_lotes;
-- What batches in doubt counted was not kept until now: only MANTER can be decided of them, and it must be before.
do $$
begin
    if exists (select from public.duvidas_relogio where decisao is null) then
        raise exception 'Há dúvidas de relógio em aberto: decida-as com decidir_relogio (MANTER) antes de atualizar o banco.';
    end if;
end $$;

alter table public.contagens_intervalo
drop constraint contagens_intervalo_situacao_check,
add constraint contagens_intervalo_situacao_check
check (situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA', 'DECIDIDA', 'DESCARTADA', 'CORRIGIDA')),
add column fonte_em timestamptz;
alter table public.quarentena add column relogio_corrigido boolean not null default false;
alter table public.duvidas_relogio
drop constraint duvidas_relogio_decisao_check,
add constraint duvidas_relogio_decisao_check check (decisao in ('MANTER', 'FONTE', 'DESLOCAR')),
add column deslocar_s bigint,
add column aplicada_em timestamptz,
add constraint duvidas_relogio_deslocar check ((deslocar_s is not null) = (decisao is not distinct from 'DESLOCAR')),
add constraint duvidas_relogio_aplicada check (aplicada_em is null or decisao is not null);
update public.duvidas_relogio set aplicada_em = decidida_em where decisao is not null;
alter table public.duvidas_relogio_lotes add column corrigido_em timestamptz;

-- What a batch in doubt has counted, second by second: contagens_minuto has only the sum of all files, and a decision
-- must be able to take exactly this batch's part out of it. Gone when the decision is applied.
create table public.contagens_em_duvida (
    arquivo_id bigint references public.duvidas_relogio_lotes,
    linha_id text references public.linhas,
    contados jsonb not null,
    retidos jsonb not null,
    fontes jsonb not null,
    primary key (arquivo_id, linha_id)
);

CREATE OR REPLACE FUNCTION interno.aplicar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone, p_anterior_id bigint)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    with segundos as materialized (
        select l.linha_id, (v ->> 0)::bigint as s, to_timestamp((v ->> 0)::bigint) as em,
            sum((v ->> 1)::interno.contagem)::bigint as producao, sum((v ->> 2)::interno.contagem)::bigint as rejeicao
        from jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, segundos jsonb)
        cross join lateral jsonb_array_elements(l.segundos) as v
        group by l.linha_id, (v ->> 0)::bigint
        having sum((v ->> 1)::bigint) > 0 or sum((v ->> 2)::bigint) > 0
    ),
    intervalos as materialized (
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, i.fonte,
            date_trunc('second', i.desde) as s_desde, date_trunc('second', i.ate) as s_ate,
            array(select jsonb_array_elements_text(i.flags)) as flags
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint, fonte timestamptz
        )
        where i.producao > 0 or i.rejeicao > 0
    ),
    -- The few rows of configuration this file can meet, read once instead of once a second.
    faixas as materialized (
        select t.linha_id, min(t.de) as de, max(t.ate) as ate
        from (
            select linha_id, min(em) as de, max(em) as ate from segundos group by linha_id
            union all
            select linha_id, min(s_desde), max(s_ate) from intervalos group by linha_id
        ) as t
        group by t.linha_id
    ),
    -- Assignments that follow each other without a gap are one.
    donos as materialized (
        select t.linha_id, t.papel, lower(u.intervalo) as de, upper(u.intervalo) as ate
        from (
            select f.linha_id, f.papel, range_agg(tstzrange(f.de, coalesce(f.ate, 'infinity'))) as intervalos
            from public.fontes_linha as f inner join faixas using (linha_id)
            where f.fonte = p_fonte and f.de <= faixas.ate and coalesce(f.ate, 'infinity') > faixas.de
            group by f.linha_id, f.papel
        ) as t
        cross join lateral unnest(t.intervalos) as u (intervalo)
    ),
    periodos as materialized (
        -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
        select faixas.linha_id, p.*
        from faixas
        cross join lateral (
            select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                o.fator_producao, o.fator_rejeicao
            from public.periodos_ordem as o
            where o.linha_id = faixas.linha_id and o.intervalo && tstzrange(faixas.de, faixas.ate, '[]')
            offset 0
        ) as p
    ),
    -- Each increment's destiny, and all that speaks against counting it. The owner is judged at the increment's own time;
    -- one that spans time must have one owner from end to end.
    seg as materialized (
        select s.linha_id, s.s, s.em, s.producao, s.rejeicao, p.numero_op, p.fator_producao, p.fator_rejeicao,
            v.motivos,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                when s.em > p_limite then 'FUTURA'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao) then 'RETIDA'
                else 'CONTADA'
            end as destino
        from segundos as s
        left join public.linhas as l on l.linha_id = s.linha_id
        left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
        left join periodos as p on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos
        ) as v
    ),
    vao as materialized (
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, i.fonte, i.s_desde, i.s_ate,
            i.flags || f.futura as flags, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao,
            v.motivos,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        from intervalos as i
        left join public.linhas as l on l.linha_id = i.linha_id
        left join donos as d on d.linha_id = i.linha_id and i.s_desde >= d.de and i.s_ate < d.ate
        cross join lateral (
            select case when i.ate > p_limite then array['implausivel', 'futura'] else '{}' end as futura
        ) as f
        cross join lateral interno.situar_intervalo(
            i.linha_id, i.desde, i.ate, 'implausivel' = any(i.flags || f.futura)
        ) as t
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, i.desde < p_duvida) as motivos
        ) as v
    ),
    minutos as (
        insert into public.contagens_minuto as c
            (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao)
        select linha_id, to_timestamp(s - s % 60),
            interno.vetor((s % 60)::integer, producao::integer) filter (where producao > 0),
            interno.vetor((s % 60)::integer, rejeicao::integer) filter (where rejeicao > 0),
            sum(producao), sum(rejeicao),
            coalesce(sum(producao) filter (where numero_op is null), 0),
            coalesce(sum(rejeicao) filter (where numero_op is null), 0)
        from seg where destino = 'CONTADA'
        group by linha_id, s - s % 60
        on conflict (linha_id, minuto) do update set
            producao = interno.somar_vetores(c.producao, excluded.producao),
            rejeicao = interno.somar_vetores(c.rejeicao, excluded.rejeicao),
            total_producao = c.total_producao + excluded.total_producao,
            total_rejeicao = c.total_rejeicao + excluded.total_rejeicao,
            sem_ordem_producao = c.sem_ordem_producao + excluded.sem_ordem_producao,
            sem_ordem_rejeicao = c.sem_ordem_rejeicao + excluded.sem_ordem_rejeicao
    ),
    ordens as (
        insert into public.ordens_producao_ativas as o
            (numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,
             primeira_contagem, ultima_contagem)
        select numero_op, linha_id, sum(producao * fator_producao), sum(rejeicao * fator_rejeicao),
            sum(producao), sum(rejeicao), min(em), max(em)
        from (
            select linha_id, numero_op, em, producao, rejeicao, fator_producao, fator_rejeicao
            from seg where destino = 'CONTADA' and numero_op is not null
            union all
            select linha_id, numero_op, s_ate, producao, rejeicao, fator_producao, fator_rejeicao
            from vao where destino = 'CONTADA' and situacao = 'ATRIBUIDA'
        ) as t
        group by numero_op, linha_id
        on conflict (numero_op, linha_id) do update set
            producao_acumulada = o.producao_acumulada + excluded.producao_acumulada,
            rejeicao_acumulada = o.rejeicao_acumulada + excluded.rejeicao_acumulada,
            producao_maquina = o.producao_maquina + excluded.producao_maquina,
            rejeicao_maquina = o.rejeicao_maquina + excluded.rejeicao_maquina,
            primeira_contagem = least(o.primeira_contagem, excluded.primeira_contagem),
            ultima_contagem = greatest(o.ultima_contagem, excluded.ultima_contagem),
            atualizado_em = clock_timestamp()
    ),
    conferidas as (
        insert into public.contagens_conferencia as c (linha_id, fonte, minuto, producao, rejeicao)
        select linha_id, p_fonte, date_trunc('minute', em), sum(producao), sum(rejeicao)
        from (
            select linha_id, em, producao, rejeicao from seg where destino = 'CONFERENCIA'
            union all
            select linha_id, s_ate, producao, rejeicao from vao where destino = 'CONFERENCIA'
        ) as t
        group by linha_id, date_trunc('minute', em)
        on conflict (linha_id, fonte, minuto) do update set
            producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao
    ),
    retidas as (
        insert into public.contagens_intervalo
            (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
             arquivo_id, byte_de, byte_ate, fonte_em)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate, fonte
        from vao where destino = 'CONTADA'
        union all
        select seg.linha_id, em, em, producao, rejeicao,
            case destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end, 'RETIDA', 'IMPLAUSIVEL', null, null, null,
            p_arquivo_id, l.byte_de, l.byte_ate, null
        from seg
        left join jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, byte_de bigint, byte_ate bigint)
            on l.linha_id = seg.linha_id
        where destino in ('RETIDA', 'FUTURA')
    ),
    em_duvida as (
        insert into public.contagens_em_duvida as c (arquivo_id, linha_id, contados, retidos, fontes)
        select p_arquivo_id, seg.linha_id,
            coalesce(jsonb_agg(v.segundo) filter (where seg.destino = 'CONTADA'), '[]'),
            coalesce(jsonb_agg(v.segundo) filter (where seg.destino <> 'CONTADA'), '[]'),
            coalesce((
                select jsonb_agg(f)
                from jsonb_array_elements(p_arquivo -> 'linhas') as l
                cross join lateral jsonb_array_elements(l -> 'fontes') as f
                where l ->> 'linha_id' = seg.linha_id and (f ->> 0)::bigint = any(array_agg(seg.s))
            ), '[]')
        from seg
        cross join lateral jsonb_build_array(seg.s, seg.producao, seg.rejeicao) as v (segundo)
        where seg.destino in ('CONTADA', 'RETIDA', 'FUTURA') and exists (
            select from public.duvidas_relogio_lotes as x inner join public.duvidas_relogio as y on y.id = x.duvida_id
            where x.arquivo_id = p_arquivo_id and x.corrigido_em is null and y.aplicada_em is null
        )
        group by seg.linha_id
        on conflict (arquivo_id, linha_id) do update set
            contados = c.contados || excluded.contados, retidos = c.retidos || excluded.retidos,
            fontes = c.fontes || excluded.fontes
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from (select linha_id, motivos from seg union all select linha_id, motivos from vao) as o
            where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id,
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false)
    from (
        -- A piece is a stretch of time in which nothing else of the line is, so that it can be found in the file again.
        select o.linha_id, o.motivos, o.em, o.producao, o.rejeicao,
            case when 'EPOCA_ANTERIOR' = any(o.motivos) and o.em < m.marca then m.marca end as marca,
            rank() over (partition by o.linha_id order by o.em)
                - rank() over (partition by o.linha_id, o.motivos order by o.em) as trecho
        from (
            select linha_id, motivos, em, producao, rejeicao from seg
            union all
            select linha_id, motivos, s_ate, producao, rejeicao from vao
        ) as o
        inner join (
            select linha_id from seg where motivos <> '{}' union select linha_id from vao where motivos <> '{}'
        ) as w on w.linha_id = o.linha_id
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = o.linha_id
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    where t.motivos <> '{}'
    group by t.linha_id, t.motivos, t.marca, t.trecho, a.registros, a.byte_de, a.byte_ate
$function$;

CREATE OR REPLACE FUNCTION interno.reprocessar(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_q public.quarentena;
    v_parte jsonb;
    v_gateway text;
    v_duvida timestamptz;
    v_producao bigint;
    v_rejeicao bigint;
    v_relogio public.duvidas_relogio;
begin
    select * into v_q from public.quarentena where id = (p_arquivo ->> 'reprocessar')::bigint for update;
    -- A message older than a restored database may name another piece by the same number.
    if v_q.id is null or v_q.chave <> p_arquivo ->> 'chave' or v_q.resolvida_em is not null or v_q.reprocessar_em is null then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    end if;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(' Não pôde ser lido de novo: %s', p_arquivo -> 'rejeitado' ->> 'detalhe')
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_ILEGIVEL');
    end if;
    select a.gateway into v_gateway
    from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id;
    if v_gateway is not null then
        v_duvida := interno.conhecer_epoca(
            v_gateway, p_arquivo ->> 'epoca', (p_arquivo ->> 'inicio')::timestamptz,
            coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    select d.* into v_relogio
    from public.duvidas_relogio_lotes as l inner join public.duvidas_relogio as d on d.id = l.duvida_id
    where l.arquivo_id = v_q.arquivo_id and l.corrigido_em is not null;
    if v_q.relogio_corrigido then
        p_arquivo := interno.corrigir_relogio(p_arquivo, v_relogio);
    end if;
    select t.parte, t.producao, t.rejeicao into v_parte, v_producao, v_rejeicao
    from (values (1, null), (2, v_duvida)) as d (vez, duvida)
    cross join lateral interno.trecho_em_quarentena(p_arquivo, v_q, d.duvida) as t
    where d.vez = 1 or (d.duvida is not null and v_q.outros_motivos is not null)
    order by (t.producao, t.rejeicao) = (v_q.producao, v_q.rejeicao) desc, d.vez
    limit 1;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao) then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(
                ' Lido de novo, o trecho traz %s (rejeição %s), não o que foi posto em quarentena; não foi contado.',
                v_producao, v_rejeicao
            )
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_DIVERGENTE');
    end if;
    update public.quarentena
    set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = reprocessar_motivo,
        resolvida_por = reprocessar_por, reprocessar_em = null
    where id = v_q.id;
    v_duvida := case
        when interno.epoca_decidida(v_q.id) then null
        when 'EPOCA_ANTERIOR' = any(v_q.outros_motivos) then 'infinity'
        else v_duvida
    end;
    if v_relogio.id is not null then
        v_parte := case when v_q.relogio_corrigido then v_parte || '{"relogio_corrigido": true}'
            else interno.corrigir_relogio(v_parte, v_relogio)
        end;
    end if;
    perform interno.aplicar_arquivo(
        v_q.arquivo_id, v_parte, coalesce(v_gateway, 'avulso'), v_duvida,
        interno.limite_do_futuro(interno.chegada(p_arquivo)), v_q.id
    );
    return jsonb_build_object('situacao', 'APLICADO');
end $function$;

CREATE OR REPLACE FUNCTION interno.registrar_arquivo(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote constant boolean := p_arquivo ->> 'tipo' = 'gateway';
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_epoca constant text := p_arquivo ->> 'epoca';
    v_seq constant bigint := (p_arquivo ->> 'seq')::bigint;
    v_decisao record;
    v_prefixo public.arquivos_ingeridos;
    v_linhas record;
    v_conhecido boolean;
    v_duvida timestamptz;
    v_id bigint;
    v_chegada constant timestamptz := interno.chegada(p_arquivo);
begin
    if p_arquivo ->> 'reprocessar' is not null then
        return interno.reprocessar(p_arquivo);
    end if;
    if p_arquivo ->> 'tipo' = 'gateway' then
        select * into v_decisao from interno.reconhecer_lote(p_arquivo);
    elsif p_arquivo ->> 'tipo' = 'avulso' then
        select * into v_decisao from interno.reconhecer_avulso(p_arquivo);
    else
        perform interno.recusar(
            '422', 'TIPO_DESCONHECIDO', format('Tipo de arquivo %L; esperado gateway ou avulso.', p_arquivo ->> 'tipo'),
            'Corrija quem chama registrar_contagens.'
        );
    end if;
    if v_decisao.situacao = 'JA_APLICADO' then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    elsif v_decisao.situacao = 'QUARENTENA' then
        update public.quarentena set reprocessar_em = null
        where chave = p_arquivo ->> 'chave' and versao_id is not distinct from p_arquivo ->> 'versao_id'
          and reprocessar_em is not null and resolvida_em is null;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo);
    elsif v_decisao.situacao = 'PREFIXO' then
        v_prefixo := interno.prefixo_avulso(p_arquivo ->> 'chave', p_arquivo ->> 'inicio_sha256');
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', jsonb_build_object(
            'tamanho', coalesce(v_prefixo.aceito_tamanho, 0), 'sha256', v_prefixo.aceito_sha256,
            'chave', coalesce(v_prefixo.chave, p_arquivo ->> 'chave'), 'versao_id', v_prefixo.versao_id
        ));
    end if;

    if v_decisao.situacao <> 'REPETIDO' then
        select * into v_linhas from interno.somar_linhas(p_arquivo);
    else
        select '[]'::jsonb as linhas, null::timestamptz as de, null::timestamptz as ate into v_linhas;
    end if;
    insert into public.arquivos_ingeridos
        (bucket, chave, versao_id, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate,
         aceito_tamanho, aceito_sha256, inicio_sha256, contado_antes, registros, situacao, motivo, substitui)
    values (
        p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', (p_arquivo ->> 'tamanho')::bigint,
        p_arquivo ->> 'sha256', (p_arquivo ->> 'gravado_em')::timestamptz, p_arquivo ->> 'tipo', v_gateway, v_epoca, v_seq,
        v_linhas.linhas, v_linhas.de, v_linhas.ate,
        (p_arquivo #>> '{aceito,tamanho}')::bigint, p_arquivo #>> '{aceito,sha256}', p_arquivo ->> 'inicio_sha256',
        (p_arquivo #>> '{prefixo,tamanho}')::bigint,
        case when v_decisao.situacao = 'REPETIDO' then 0 else coalesce((p_arquivo ->> 'registros')::bigint, 0) end,
        case v_decisao.situacao when 'QUARENTENAR' then 'QUARENTENA' when 'REPETIDO' then 'REPETIDO' else 'APLICADO' end,
        v_decisao.motivo, v_decisao.substitui
    )
    returning id into v_id;

    v_conhecido := v_lote and v_decisao.motivo is distinct from 'SEQ_ABSURDA'
        and exists (select from public.gateways where gateway = v_gateway);
    if v_conhecido then
        v_duvida := interno.conhecer_epoca(
            v_gateway, v_epoca, (p_arquivo ->> 'inicio')::timestamptz, coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    if v_decisao.situacao <> 'REPETIDO' then
        perform interno.anotar_ilegiveis(v_id, p_arquivo);
    end if;
    if v_decisao.situacao = 'QUARENTENAR' then
        perform interno.quarentenar_arquivo(v_id, p_arquivo, v_decisao.motivo, coalesce(v_decisao.detalhe, v_decisao.motivo));
    else
        if v_decisao.situacao = 'APLICAR' then
            if v_conhecido then
                perform interno.duvidar_do_relogio(v_id, p_arquivo, v_linhas.linhas, v_linhas.de, v_linhas.ate, v_chegada);
            end if;
            perform interno.aplicar_arquivo(
                v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida,
                interno.limite_do_futuro(v_chegada), null
            );
        end if;
        update public.quarentena
        set resolvida_em = clock_timestamp(), resolvida_por = reprocessar_por, reprocessar_em = null,
            decisao = case
                when versao_id is not distinct from p_arquivo ->> 'versao_id' then 'REPROCESSADO' else 'SUPERADO'
            end,
            decisao_motivo = case
                when versao_id is not distinct from p_arquivo ->> 'versao_id' then coalesce(
                    reprocessar_motivo,
                    'O arquivo foi lido de novo; o que dele ainda não pode ser contado espera em outro item.'
                )
                else 'O sistema contou uma versão posterior do mesmo arquivo.'
            end
        where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> v_id
          and (arquivo_id = v_decisao.substitui or (not v_lote and motivo = 'LINHA_INCOMPLETA'));
    end if;

    if v_conhecido then
        if exists (
            select from public.sequencias_anuladas
            where gateway = v_gateway and epoca = v_epoca and v_seq between seq and ate_seq
        ) then
            perform interno.anotar_trilha(
                'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', v_id), null,
                jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
            );
        end if;
        perform interno.avancar_epoca(
            v_gateway, v_epoca, v_seq,
            case when v_decisao.situacao = 'APLICAR' and jsonb_typeof(p_arquivo -> 'marcas') = 'array'
                then interno.limitar_marcas(p_arquivo -> 'marcas', v_chegada)
            end
        );
    end if;

    return case v_decisao.situacao
        when 'QUARENTENAR' then jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
        when 'REPETIDO' then jsonb_build_object('situacao', 'JA_APLICADO')
        else jsonb_build_object('situacao', 'APLICADO')
    end;
end $function$;

CREATE OR REPLACE FUNCTION interno.corrigir_segundos(p_segundos jsonb, p_fontes jsonb, p_decisao text, p_deslocar_s bigint)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION interno.corrigir_relogio(p_arquivo jsonb, p_duvida public.duvidas_relogio)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION interno.lote_em_duvida(p_arquivo public.arquivos_ingeridos)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION interno.retirar_lotes(p_linha_id text, p_arquivos bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
        justificada_rejeicao = least(m.justificada_rejeicao, m.total_rejeicao - t.total_rejeicao)
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
end $function$;

CREATE OR REPLACE FUNCTION interno.corrigir_lotes(p_duvida public.duvidas_relogio, p_arquivos bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.aplicar_decisoes_relogio(p_limite integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_relogio(p_id bigint, p_decisao text, p_motivo text, p_deslocar_s bigint DEFAULT NULL::bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.fontes_em_falta(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_fonte record;
    v_faltas jsonb := '[]';
    v_sem_dono tstzmultirange;
begin
    select tstzmultirange(tstzrange(p_de, p_ate)) - coalesce(range_agg(tstzrange(f.de, f.ate)), '{}'::tstzmultirange)
    into v_sem_dono
    from public.fontes_linha as f
    where f.linha_id = p_linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) && tstzrange(p_de, p_ate);
    if not isempty(v_sem_dono) then
        v_faltas := v_faltas || interno.motivo_json('SEM_FONTE',
            format('Ninguém conta a linha %s desde %s.', p_linha_id, interno.hora_local(lower(v_sem_dono))),
            'Diga em fontes_linha quem contou a linha neste tempo.');
    end if;
    for v_fonte in
        select f.fonte, least(coalesce(f.ate, 'infinity'), p_ate) as ate, max(m.ate) as marca
        from public.fontes_linha as f
        left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
        where f.linha_id = p_linha_id and f.papel = 'contagem' and f.fonte not in ('avulso', 'manual')
          and tstzrange(f.de, f.ate) && tstzrange(p_de, p_ate)
        group by f.id, f.fonte, f.ate
        order by f.id
    loop
        if coalesce(v_fonte.marca, '-infinity') < v_fonte.ate then
            v_faltas := v_faltas || interno.motivo_json('FONTE_ATRASADA',
                format('O gateway %s reportou a linha %s até %s; falta até %s.', v_fonte.fonte, p_linha_id,
                    coalesce(interno.hora_local(v_fonte.marca), '(nunca)'), interno.hora_local(v_fonte.ate)),
                'Confira na página do gateway se ele lê a linha e se envia.');
        end if;
        if exists (
            select from public.epocas_gateway as e
            where e.gateway = v_fonte.fonte and e.ultima_seq_continua < coalesce(e.ultima_seq_declarada, e.ultima_seq_continua)
               or e.gateway = v_fonte.fonte and e.ultima_seq_declarada is null and exists (
                    select from public.epocas_gateway as n
                    where n.gateway = e.gateway and (n.inicio, n.numero) > (e.inicio, e.numero)
               )
        ) then
            v_faltas := v_faltas || interno.motivo_json('EPOCA_ABERTA',
                format('O gateway %s trocou de época e a anterior não está completa.', v_fonte.fonte),
                'Declare a última sequência com encerrar_epoca e resolva as que faltam.');
        end if;
    end loop;
    for v_fonte in
        select d.id, d.descricao, d.decisao
        from public.duvidas_relogio as d
        where d.aplicada_em is null and p_linha_id = any(d.linhas)
          and tstzrange(d.desde, d.ate, '[]') && tstzrange(p_de, greatest(p_de, p_ate), '[]')
        order by d.id
    loop
        v_faltas := v_faltas || (interno.motivo_json('RELOGIO_EM_DUVIDA',
            format('Linha %s: %s', p_linha_id, v_fonte.descricao),
            case when v_fonte.decisao is null then 'Acerte o relógio do gateway e decida com decidir_relogio.'
                else 'Aguarde: a decisão é aplicada em até um minuto.'
            end) || jsonb_build_object('p_id', v_fonte.id));
    end loop;
    return v_faltas;
end $function$;

CREATE INDEX duvidas_relogio_a_aplicar ON public.duvidas_relogio USING btree (id) WHERE (aplicada_em IS NULL);
alter table public.contagens_em_duvida enable row level security;
CREATE TRIGGER nunca_apagar BEFORE DELETE OR TRUNCATE ON public.duvidas_relogio_lotes FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.contagens_em_duvida as permissive for select to authenticated using (true);
revoke all on function interno.corrigir_lotes(public.duvidas_relogio,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.corrigir_relogio(jsonb,public.duvidas_relogio) from public, anon, authenticated, service_role;
revoke all on function interno.corrigir_segundos(jsonb,jsonb,text,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.lote_em_duvida(public.arquivos_ingeridos) from public, anon, authenticated, service_role;
revoke all on function interno.retirar_lotes(text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function public.aplicar_decisoes_relogio(integer) from public, anon, authenticated, service_role;
grant execute on function public.aplicar_decisoes_relogio(integer) to service_role;
revoke all on function public.decidir_relogio(bigint,text,text,bigint) from public, anon, authenticated, service_role;
grant execute on function public.decidir_relogio(bigint,text,text,bigint) to authenticated;
grant execute on function public.decidir_relogio(bigint,text,text,bigint) to service_role;
revoke all on table public.contagens_em_duvida from public, anon, authenticated, service_role;
grant select on table public.contagens_em_duvida to authenticated;
grant select on table public.contagens_em_duvida to service_role;
comment on column public.contagens_intervalo.situacao is 'ATRIBUIDA ou SEM_ORDEM pelos períodos; RETIDA espera uma pessoa; DECIDIDA ou DESCARTADA por ela; CORRIGIDA conta em outro instante, em outra linha desta tabela. Fonte: registrar_contagens, decidir_retido e decidir_relogio.';
comment on column public.duvidas_relogio.decisao is 'MANTER os instantes como vieram, contar nos da FONTE, ou DESLOCAR todos; nulo enquanto espera. Fonte: decidir_relogio.';
comment on column public.quarentena.relogio_corrigido is 'Se de e ate são os instantes que uma decisão sobre o relógio do gateway deu ao lote. Fonte: aplicar_decisoes_relogio.';
comment on column public.contagens_intervalo.fonte_em is 'Instante que a própria fonte deu, se o registro conta em outro (UTC). Fonte: arquivo (coluna timestamp_fonte).';
comment on column public.duvidas_relogio.deslocar_s is 'Segundos inteiros que o relógio esteve adiantado (negativo: atrasado): cada instante volta tanto. Fonte: decidir_relogio.';
comment on column public.duvidas_relogio.aplicada_em is 'Quando o último lote passou a contar onde a decisão diz (UTC); nulo até lá. Fonte: aplicar_decisoes_relogio.';
comment on column public.duvidas_relogio_lotes.corrigido_em is 'Quando as contagens do lote passaram a outros instantes (UTC); nulo se estão onde o lote diz. Fonte: aplicar_decisoes_relogio.';
comment on table public.contagens_em_duvida is 'O que cada lote com o relógio em dúvida contou, até a decisão ser aplicada, em contagens da máquina. Fonte: registrar_contagens.';
comment on column public.contagens_em_duvida.contados is 'Lista de [segundo (UTC), produção, rejeição] que estão em contagens_minuto. Fonte: arquivo.';
comment on column public.contagens_em_duvida.retidos is 'Lista de [segundo (UTC), produção, rejeição] que foram retidos. Fonte: arquivo.';
comment on column public.contagens_em_duvida.fontes is 'Deles, os que contam em outro instante que o da fonte: lista de [segundo, segundo da fonte (UTC), produção, rejeição]. Fonte: arquivo.';
comment on function interno.corrigir_segundos(jsonb,jsonb,text,bigint) is 'Contagens [segundo, produção, rejeição] nos instantes que a decisão dá; o que não tem hora da fonte fica onde está.';
comment on function interno.corrigir_relogio(jsonb,public.duvidas_relogio) is 'O arquivo, ou um trecho dele, com os instantes que a decisão sobre o relógio do gateway dá.';
comment on function interno.lote_em_duvida(public.arquivos_ingeridos) is 'O que o lote contou ou reteve e ainda não foi decidido, como se fosse o seu arquivo.';
comment on function interno.retirar_lotes(text,bigint[]) is 'Retira dos minutos e dos intervalos da linha o que os lotes em dúvida contaram. Exige a linha travada.';
comment on function interno.corrigir_lotes(public.duvidas_relogio,bigint[]) is 'Retira lotes de onde contaram e os aplica de novo, nos instantes que a decisão dá. Exige as linhas travadas.';
comment on function public.aplicar_decisoes_relogio(integer) is 'Leva as próximas contagens de lotes com relógio em dúvida aos instantes decididos; chame até não restar nada. Devolve lotes e restam.';
comment on function public.decidir_relogio(bigint,text,text,bigint) is 'Decide sobre os lotes de um gateway com o relógio em dúvida: MANTER os instantes, contar nos da FONTE, ou DESLOCAR; o que move contagens vale em até um minuto. Devolve id, decisão e instante.';
