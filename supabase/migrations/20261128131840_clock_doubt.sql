-- clock_doubt: from the definitions in supabase/schemas, by `make migration`.

drop function interno.aplicar_arquivo(bigint,jsonb,text,timestamp with time zone,bigint);

create table public.duvidas_relogio (
    id bigint generated always as identity primary key,
    gateway text not null references public.gateways,
    linhas text[] not null,
    desde timestamptz not null,
    ate timestamptz not null,
    desvio_ms bigint not null,
    testemunha text not null,
    lotes bigint not null check (lotes > 0),
    criada_em timestamptz not null default clock_timestamp(),
    ultima_em timestamptz not null default clock_timestamp(),
    descricao text not null generated always as (
        'O relógio do gateway ' || gateway || ' esteve ' || (abs(desvio_ms) / 1000)::text || ' s '
        || case when desvio_ms >= 0 then 'adiantado' else 'atrasado' end || ' (testemunha: ' || testemunha
        || '): o que ele contou pode estar na hora errada.'
    ) stored,
    decisao text check (decisao in ('MANTER')),
    decidida_em timestamptz,
    decidida_por uuid,
    decisao_motivo text,
    check (ate >= desde),
    check ((decisao is null) = (decidida_em is null))
);

create table public.duvidas_relogio_lotes (
    arquivo_id bigint primary key references public.arquivos_ingeridos,
    duvida_id bigint not null references public.duvidas_relogio,
    desvio_ms bigint not null
);

insert into public.parametros (nome, valor, descricao) values
('RELOGIO_TOLERANCIA_SEGUNDOS', 60, 'Segundos que um lote pode ser selado depois de chegar sem dúvida do relógio.'),
('FUTURO_LIMITE_SEGUNDOS', 86400, 'Segundos que uma contagem pode ser datada depois de chegar; mais fica retida.')
on conflict (nome) do nothing;

-- What was stored of clocks that were ahead: no mark is later than it was stored, or than its batch came.
update public.marcas_linha set ate = atualizada_em where ate > atualizada_em + interval '1 second';
update public.marcas_a_espera as e
set marcas = (
    select coalesce(jsonb_agg(
        m || jsonb_build_object('ate', least((m ->> 'ate')::timestamptz, coalesce(a.ingerido_em, clock_timestamp()))) order by n
    ), '[]')
    from jsonb_array_elements(e.marcas) with ordinality as t (m, n)
)
from public.arquivos_ingeridos as a
where a.gateway = e.gateway and a.epoca = e.epoca and a.seq = e.seq and a.situacao = 'APLICADO';


CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao = 'fechar_com_ressalva'
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in ('anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio')
            then array['GESTOR', 'ADMIN']
        else '{}'::text[]
    end
$function$;

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
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate,
            date_trunc('second', i.desde) as s_desde, date_trunc('second', i.ate) as s_ate,
            array(select jsonb_array_elements_text(i.flags)) as flags
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint
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
    donos as materialized (
        select f.linha_id, f.papel, f.de, coalesce(f.ate, 'infinity') as ate
        from public.fontes_linha as f inner join faixas using (linha_id)
        where f.fonte = p_fonte and f.de <= faixas.ate and coalesce(f.ate, 'infinity') > faixas.de
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
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, i.s_desde, i.s_ate,
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
             arquivo_id, byte_de, byte_ate)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate
        from vao where destino = 'CONTADA'
        union all
        select seg.linha_id, em, em, producao, rejeicao,
            case destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end, 'RETIDA', 'IMPLAUSIVEL', null, null, null,
            p_arquivo_id, l.byte_de, l.byte_ate
        from seg
        left join jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, byte_de bigint, byte_ate bigint)
            on l.linha_id = seg.linha_id
        where destino in ('RETIDA', 'FUTURA')
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from (select linha_id, motivos from seg union all select linha_id, motivos from vao) as o
            where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id
    from (
        select o.linha_id, o.motivos, o.em, o.producao, o.rejeicao,
            case when 'EPOCA_ANTERIOR' = any(o.motivos) and o.em < m.marca then m.marca end as marca
        from (
            select linha_id, motivos, em, producao, rejeicao from seg where destino = 'QUARENTENA'
            union all
            select linha_id, motivos, s_ate, producao, rejeicao from vao where destino = 'QUARENTENA'
        ) as o
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = o.linha_id
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    group by t.linha_id, t.motivos, t.marca, a.registros, a.byte_de, a.byte_ate
$function$;

CREATE OR REPLACE FUNCTION interno.chegada(p_arquivo jsonb)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce((p_arquivo ->> 'chegada')::timestamptz + interval '1 second', clock_timestamp())
$function$;

CREATE OR REPLACE FUNCTION interno.limitar_marcas(p_marcas jsonb, p_chegada timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(
        m || jsonb_build_object('ate', least((m ->> 'ate')::timestamptz, p_chegada)) order by n
    ), '[]')
    from jsonb_array_elements(p_marcas) with ordinality as t (m, n)
$function$;

CREATE OR REPLACE FUNCTION interno.avancar_epoca(p_gateway text, p_epoca text, p_seq bigint, p_marcas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_de bigint;
    v_ate bigint;
begin
    select ultima_seq_continua into v_de
    from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;

    with recursive caminho (seq) as (
        select v_de
        union all
        select c.seq + 1
        from caminho as c
        where exists (
            select from public.arquivos_ingeridos as a
            where a.gateway = p_gateway and a.epoca = p_epoca and a.seq = c.seq + 1
        ) or exists (
            select from public.sequencias_anuladas as n
            where n.gateway = p_gateway and n.epoca = p_epoca and n.seq = c.seq + 1
        )
    )
    select max(seq) into v_ate from caminho;

    update public.epocas_gateway
    set ultima_seq_continua = v_ate, maior_seq = greatest(maior_seq, p_seq)
    where gateway = p_gateway and epoca = p_epoca and (ultima_seq_continua < v_ate or maior_seq < p_seq);

    if p_seq > v_ate then
        insert into public.marcas_a_espera (gateway, epoca, seq, marcas)
        select p_gateway, p_epoca, p_seq, p_marcas where jsonb_array_length(p_marcas) > 0;
    end if;
    if v_ate = v_de then
        return;
    end if;

    with passadas as (
        delete from public.marcas_a_espera as e
        where e.gateway = p_gateway and e.epoca = p_epoca and e.seq <= v_ate
        returning e.seq, e.marcas
    )
    insert into public.marcas_linha as m (linha_id, gateway, epoca, ate, estado, relogio_ms)
    select t.linha_id, p_gateway, p_epoca, (array_agg(t.ate order by a.seq desc))[1],
        (array_agg(t.estado order by a.seq desc))[1], (array_agg(t.relogio_ms order by a.seq desc))[1]
    from (
        select seq, marcas from passadas
        union all
        select p_seq, p_marcas where p_seq > v_de
    ) as a
    cross join lateral jsonb_to_recordset(a.marcas) as t (linha_id text, ate timestamptz, estado text, relogio_ms bigint)
    inner join public.linhas as l on l.linha_id = t.linha_id
    where a.seq <= v_ate
    group by t.linha_id
    on conflict (linha_id, gateway, epoca) do update set
        ate = excluded.ate, estado = excluded.estado, relogio_ms = excluded.relogio_ms, atualizada_em = clock_timestamp()
    where (excluded.ate, excluded.estado, excluded.relogio_ms) is distinct from (m.ate, m.estado, m.relogio_ms);
end $function$;

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

    v_conhecido := v_lote and exists (select from public.gateways where gateway = v_gateway);
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
            perform interno.aplicar_arquivo(
                v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida,
                interno.limite_do_futuro(v_chegada), null
            );
        end if;
        update public.quarentena
        set resolvida_em = clock_timestamp(), decisao = 'SUPERADO',
            decisao_motivo = 'O sistema contou uma versão posterior do mesmo arquivo.'
        where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> v_id
          and (arquivo_id = v_decisao.substitui or (not v_lote and motivo = 'LINHA_INCOMPLETA'));
    end if;

    if v_conhecido then
        if exists (
            select from public.sequencias_anuladas where gateway = v_gateway and epoca = v_epoca and seq = v_seq
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
        if v_decisao.situacao = 'APLICAR' then
            perform interno.duvidar_do_relogio(v_id, p_arquivo, v_linhas.linhas, v_linhas.de, v_linhas.ate, v_chegada);
        end if;
    end if;

    return case v_decisao.situacao
        when 'QUARENTENAR' then jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
        when 'REPETIDO' then jsonb_build_object('situacao', 'JA_APLICADO')
        else jsonb_build_object('situacao', 'APLICADO')
    end;
end $function$;

CREATE OR REPLACE FUNCTION interno.duvidar_do_relogio(p_arquivo_id bigint, p_arquivo jsonb, p_linhas jsonb, p_de timestamp with time zone, p_ate timestamp with time zone, p_chegada timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_adiantado constant interval := (p_arquivo ->> 'selado_em')::timestamptz - p_chegada;
    v_dito constant jsonb := p_arquivo -> 'relogio';
    v_linhas text[];
    v_desvio bigint;
    v_testemunha text;
    v_correcao interval;
    v_duvida_id bigint;
begin
    if v_adiantado > make_interval(secs => interno.parametro('RELOGIO_TOLERANCIA_SEGUNDOS')) then
        v_desvio := round(extract(epoch from v_adiantado) * 1000);
        v_testemunha := 'chegada';
    end if;
    if v_dito is not null and abs((v_dito ->> 'desvio_ms')::bigint) >= coalesce(v_desvio, 0) then
        v_desvio := (v_dito ->> 'desvio_ms')::bigint;
        v_testemunha := v_dito ->> 'testemunha';
    end if;
    if v_desvio is null then
        return;
    end if;
    select array_agg(l ->> 'linha_id' order by l ->> 'linha_id') into v_linhas
    from jsonb_array_elements(p_linhas) as l
    where (l ->> 'producao')::bigint > 0 or (l ->> 'rejeicao')::bigint > 0;
    if v_linhas is null then
        return;
    end if;
    v_correcao := v_desvio * interval '1 millisecond';
    insert into public.duvidas_relogio as d (gateway, linhas, desde, ate, desvio_ms, testemunha, lotes)
    values (
        p_arquivo ->> 'gateway', v_linhas, least(p_de, p_de - v_correcao), greatest(p_ate, p_ate - v_correcao),
        v_desvio, v_testemunha, 1
    )
    on conflict (gateway) where decisao is null do update set
        linhas = array(select distinct l from unnest(d.linhas || excluded.linhas) as l order by l),
        desde = least(d.desde, excluded.desde), ate = greatest(d.ate, excluded.ate), lotes = d.lotes + 1,
        desvio_ms = case when abs(excluded.desvio_ms) > abs(d.desvio_ms) then excluded.desvio_ms else d.desvio_ms end,
        testemunha = case when abs(excluded.desvio_ms) > abs(d.desvio_ms) then excluded.testemunha else d.testemunha end,
        ultima_em = clock_timestamp()
    returning d.id into v_duvida_id;
    insert into public.duvidas_relogio_lotes (arquivo_id, duvida_id, desvio_ms)
    values (p_arquivo_id, v_duvida_id, v_desvio);
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_relogio(p_id bigint, p_decisao text, p_motivo text)
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
    perform interno.exigir_decisao(p_decisao, 'MANTER');
    select * into v_d from public.duvidas_relogio where id = p_id for update;
    if v_d.id is null then
        perform interno.recusar_desconhecido('DUVIDA_DESCONHECIDA', format('Não há dúvida de relógio %s.', p_id));
    end if;
    if v_d.decisao is not null then
        perform interno.recusar_decidido(
            format('A dúvida de relógio %s já foi decidida em %s.', p_id, interno.hora_local(v_d.decidida_em))
        );
    end if;
    update public.duvidas_relogio
    set decisao = p_decisao, decidida_em = clock_timestamp(), decidida_por = interno.usuario_atual(),
        decisao_motivo = v_motivo
    where id = p_id
    returning * into v_d;
    perform interno.anotar_trilha(
        v_papel, 'decidir_relogio', format('duvidas_relogio:%s', p_id), null,
        jsonb_build_object(
            'decisao', v_d.decisao, 'gateway', v_d.gateway, 'linhas', v_d.linhas, 'desde', v_d.desde, 'ate', v_d.ate,
            'desvio_ms', v_d.desvio_ms, 'lotes', v_d.lotes
        ), v_motivo
    );
    return jsonb_build_object('id', v_d.id, 'decisao', v_d.decisao, 'decidida_em', v_d.decidida_em);
end $function$;

CREATE OR REPLACE FUNCTION interno.limite_do_futuro(p_chegada timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p_chegada + make_interval(secs => interno.parametro('FUTURO_LIMITE_SEGUNDOS'))
$function$;

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
        select d.id, d.descricao
        from public.duvidas_relogio as d
        where d.decisao is null and p_linha_id = any(d.linhas)
          and tstzrange(d.desde, d.ate, '[]') && tstzrange(p_de, greatest(p_de, p_ate), '[]')
        order by d.id
    loop
        v_faltas := v_faltas || (interno.motivo_json('RELOGIO_EM_DUVIDA',
            format('Linha %s: %s', p_linha_id, v_fonte.descricao),
            'Acerte o relógio do gateway e decida com decidir_relogio.') || jsonb_build_object('p_id', v_fonte.id));
    end loop;
    return v_faltas;
end $function$;

CREATE OR REPLACE FUNCTION interno.faltas_fechamento(p_op text, p_assinaturas bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_totais constant jsonb := interno.totais_json(p_op);
    v_faltas jsonb := '[]';
    v_r record;
    v_diario public.diarios_bordo;
    v_turno jsonb;
    v_resumo jsonb;
begin
    for v_r in
        select e.etapa from public.lotes_producao as l cross join lateral interno.etapas(l.produto_codigo) as e
        where l.numero_op = p_op and not exists (
            select from public.periodos_ordem as p inner join public.linhas as n on n.linha_id = p.linha_id
            where p.numero_op = p_op and n.etapa = e.etapa
        )
    loop
        v_faltas := v_faltas || interno.falta(interno.motivo_json('ETAPA_AUSENTE',
            format('A OP %s ainda não passou pela etapa %s.', p_op, v_r.etapa), 'Abra-a na linha dessa etapa.'
        ), 'abrir_ordem', v_argumentos);
    end loop;
    for v_r in
        select p.linha_id, p.intervalo from public.periodos_ordem as p where p.numero_op = p_op order by p.linha_id, p.intervalo
    loop
        if upper_inf(v_r.intervalo) then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('ORDEM_ABERTA',
                format('A OP %s está aberta na linha %s.', p_op, v_r.linha_id), 'Encerre-a.'
            ), 'encerrar_ordem', v_argumentos || jsonb_build_object('p_linha_id', v_r.linha_id));
            continue;
        end if;
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(case m ->> 'codigo'
                when 'EPOCA_ABERTA' then interno.falta(m, 'encerrar_epoca', v_argumentos)
                when 'RELOGIO_EM_DUVIDA'
                    then interno.falta(m - 'p_id', 'decidir_relogio', jsonb_build_object('p_id', m -> 'p_id'))
                else interno.falta(m, 'fechar_com_ressalva', v_argumentos)
            end)
            from jsonb_array_elements(interno.fontes_em_falta(v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo))) as m
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('QUARENTENA',
                format('A quarentena %s pode conter contagens da OP: %s', q.id, q.detalhe), 'Decida-a.'
            ), 'resolver_quarentena', jsonb_build_object('p_id', q.id)) order by q.id)
            from public.quarentena as q
            where q.resolvida_em is null and interno.quarentena_atinge(q, v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo))
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('CONTAGEM_RETIDA',
                format('A contagem retida %s (produção %s, rejeição %s) espera decisão.', c.id, c.producao, c.rejeicao), 'Decida-a.'
            ), 'decidir_retido', jsonb_build_object('p_id', c.id)) order by c.id)
            from public.contagens_retidas as c
            where c.linha_id = v_r.linha_id and tstzrange(c.desde, c.ate, '[]') && v_r.intervalo
        ), '[]');
    end loop;
    for v_r in select t.* from interno.turnos_op(p_op) as t order by t.linha_id, t.janela loop
        v_diario := interno.diario_atual(v_r.linha_id, v_r.janela);
        v_turno := jsonb_build_object(
            'p_linha_id', v_r.linha_id, 'p_data', v_r.data, 'p_turno', coalesce(v_diario.turno, v_r.turnos[1]), 'numero_op', p_op
        );
        if (interno.produzido(p_op, v_r.linha_id, v_r.janela)).divergente then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s, linha %s, %s: o refugo da máquina e o digitado divergem.', p_op, v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY')),
                'Corrija o refugo digitado, ou diga qual vale.'
            ), 'conciliar_refugo', v_turno || v_argumentos);
        end if;
        if v_diario.id is null then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_NAO_ASSINADO',
                format('Falta assinar o Diário de Bordo da linha %s de %s, turno %s.', v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY'),
                    array_to_string(v_r.turnos, ' ou ')), 'Confira e assine.'
            ), 'assinar_diario', v_turno);
        elsif v_diario.id <> all(p_assinaturas) then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_ALTERADO',
                format('O Diário de Bordo da linha %s de %s, turno %s, mudou depois de assinado por %s.', v_r.linha_id,
                    to_char(v_r.data, 'DD/MM/YYYY'), v_diario.turno, v_diario.nome), 'Confira o que mudou e assine de novo, com motivo.'
            ), 'assinar_diario', v_turno);
        end if;
    end loop;
    for v_r in
        select o.linha_id, o.producao_acumulada as vivo, coalesce(t.quantidade, 0) as por_turno
        from public.ordens_producao_ativas as o
        left join (
            select x.linha_id, sum(x.quantidade) as quantidade
            from jsonb_to_recordset(v_totais) as x (linha_id text, tipo text, quantidade bigint)
            where x.tipo = 'PRODUZIDA'
            group by x.linha_id
        ) as t on t.linha_id = o.linha_id
        where o.numero_op = p_op and o.producao_acumulada <> coalesce(t.quantidade, 0)
    loop
        v_faltas := v_faltas || interno.falta(interno.motivo_json('TOTAIS_DIVERGEM',
            format('OP %s, linha %s: o total é %s, a soma dos turnos %s.', p_op, v_r.linha_id, v_r.vivo, v_r.por_turno),
            'Avise a TI: os turnos cadastrados não cobrem as 24 h, ou há um defeito.'
        ), 'fechar_com_ressalva', v_argumentos);
    end loop;
    select interno.resumo_totais(v_totais, interno.etapa_apontada(l.produto_codigo)) into v_resumo
    from public.lotes_producao as l where l.numero_op = p_op;
    if (v_resumo ->> 'boas')::bigint < 0 then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('BOAS_NEGATIVAS',
            format('OP %s: refugo e amostras passam das %s unidades produzidas.', p_op, v_resumo ->> 'produzidas'), 'Corrija o que foi digitado.'
        ), 'estornar_refugo', v_argumentos);
    end if;
    return v_faltas;
end $function$;

create or replace view public.pendencias with (security_invoker=true) as
 WITH sem_ordem AS (
         SELECT t.linha_id,
            ((t.em AT TIME ZONE 'America/Fortaleza'::text))::date AS dia,
            sum(t.producao) AS producao,
            sum(t.rejeicao) AS rejeicao,
            min(t.em) AS de,
            max(t.ate) AS ate
           FROM ( SELECT m.linha_id,
                    m.minuto AS em,
                    (m.minuto + '00:01:00'::interval) AS ate,
                    (m.sem_ordem_producao - m.justificada_producao) AS producao,
                    (m.sem_ordem_rejeicao - m.justificada_rejeicao) AS rejeicao
                   FROM public.contagens_minuto m
                  WHERE ((((m.sem_ordem_producao - m.justificada_producao) + m.sem_ordem_rejeicao) - m.justificada_rejeicao) > 0)
                UNION ALL
                 SELECT i.linha_id,
                    i.ate AS em,
                    i.ate,
                    i.producao,
                    i.rejeicao
                   FROM public.contagens_intervalo i
                  WHERE ((i.situacao = 'SEM_ORDEM'::text) AND (NOT i.justificada))) t
          GROUP BY t.linha_id, (((t.em AT TIME ZONE 'America/Fortaleza'::text))::date)
        )
 SELECT 'SEM_ORDEM'::text AS tipo,
    ((s.linha_id || ':'::text) || s.dia) AS chave,
    s.linha_id,
    l.setor,
    format('A linha %s contou %s (rejeição %s) sem ordem aberta em %s.'::text, s.linha_id, s.producao, s.rejeicao, to_char((s.dia)::timestamp with time zone, 'DD/MM/YYYY'::text)) AS descricao,
    s.de AS desde,
    array_to_string(public.papeis_da_funcao('justificar_sem_ordem'::text), ', '::text) AS quem_decide,
    'justificar_sem_ordem'::text AS funcao,
    jsonb_build_object('p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', (s.ate + '00:00:00.001'::interval), 'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem') AS detalhes
   FROM (sem_ordem s
     JOIN public.linhas l ON ((s.linha_id = l.linha_id)))
UNION ALL
 SELECT 'RETIDA'::text AS tipo,
    (r.id)::text AS chave,
    r.linha_id,
    l.setor,
        CASE r.motivo
            WHEN 'FRONTEIRA'::text THEN format('Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.'::text, r.producao, r.rejeicao)
            ELSE
            CASE
                WHEN ('futura'::text = ANY (r.flags)) THEN format('Contagem de %s (rejeição %s) datada de %s, muito depois de chegar.'::text, r.producao, r.rejeicao, to_char((r.ate AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text))
                ELSE format('Contagem implausível de %s (rejeição %s).'::text, r.producao, r.rejeicao)
            END
        END AS descricao,
    r.criada_em AS desde,
    array_to_string(public.papeis_da_funcao('decidir_retido'::text), ', '::text) AS quem_decide,
    'decidir_retido'::text AS funcao,
    jsonb_build_object('p_id', r.id, 'motivo', r.motivo, 'desde', r.desde, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS detalhes
   FROM (public.contagens_retidas r
     JOIN public.linhas l ON ((r.linha_id = l.linha_id)))
UNION ALL
 SELECT 'QUARENTENA'::text AS tipo,
    (q.id)::text AS chave,
    q.linha_id,
    l.setor,
    q.detalhe AS descricao,
    q.criada_em AS desde,
    array_to_string(public.papeis_da_funcao('resolver_quarentena'::text), ', '::text) AS quem_decide,
    'resolver_quarentena'::text AS funcao,
    jsonb_build_object('p_id', q.id, 'motivo', q.motivo, 'outros_motivos', COALESCE(q.outros_motivos, '{}'::text[]), 'arquivo', q.chave, 'versao_id', q.versao_id, 'byte_de', q.byte_de, 'byte_ate', q.byte_ate, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'alternativa',
        CASE
            WHEN ((q.motivo = ANY (ARRAY['NAO_DONO'::text, 'LINHA_DESCONHECIDA'::text, 'EPOCA_ANTERIOR'::text])) OR (EXISTS ( SELECT
               FROM public.arquivos_ingeridos a
              WHERE ((a.id = q.arquivo_id) AND (a.situacao = 'QUARENTENA'::text))))) THEN 'reprocessar_quarentena'::text
            ELSE NULL::text
        END) AS detalhes
   FROM (public.quarentena q
     LEFT JOIN public.linhas l ON ((q.linha_id = l.linha_id)))
  WHERE (q.resolvida_em IS NULL)
UNION ALL
 SELECT 'RELOGIO_EM_DUVIDA'::text AS tipo,
    (d.id)::text AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('%s Linhas %s, %s lotes.'::text, d.descricao, array_to_string(d.linhas, ', '::text), d.lotes) AS descricao,
    d.criada_em AS desde,
    array_to_string(public.papeis_da_funcao('decidir_relogio'::text), ', '::text) AS quem_decide,
    'decidir_relogio'::text AS funcao,
    jsonb_build_object('p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate, 'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes) AS detalhes
   FROM public.duvidas_relogio d
  WHERE (d.decisao IS NULL)
UNION ALL
 SELECT 'SEQUENCIA_AUSENTE'::text AS tipo,
    ((((p.gateway || ':'::text) || p.epoca) || ':'::text) || f.seq) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('O lote %s do gateway %s não chegou.'::text, f.seq, p.gateway) AS descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao('anular_sequencia'::text), ', '::text) AS quem_decide,
    'anular_sequencia'::text AS funcao,
    jsonb_build_object('p_gateway', p.gateway, 'p_epoca', p.epoca, 'p_seq', f.seq) AS detalhes
   FROM (public.lacunas_sequencia p
     CROSS JOIN LATERAL generate_series((p.anterior + 1), (p.seq - 1)) f(seq))
  WHERE (p.desde < (now() - '00:10:00'::interval))
UNION ALL
 SELECT 'EPOCA_NOVA'::text AS tipo,
    ((e.gateway || ':'::text) || e.epoca) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).'::text, e.gateway, e.maior_seq) AS descricao,
    n.em AS desde,
    array_to_string(public.papeis_da_funcao('encerrar_epoca'::text), ', '::text) AS quem_decide,
    'encerrar_epoca'::text AS funcao,
    jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq) AS detalhes
   FROM (public.epocas_gateway e
     CROSS JOIN LATERAL ( SELECT min(x.primeira_vez_em) AS em
           FROM public.epocas_gateway x
          WHERE ((x.gateway = e.gateway) AND (ROW(x.inicio, x.numero) > ROW(e.inicio, e.numero)))) n)
  WHERE ((e.ultima_seq_declarada IS NULL) AND (n.em IS NOT NULL))
UNION ALL
 SELECT
        CASE e.situacao
            WHEN 'RECUSADO'::text THEN 'EVENTO_RECUSADO'::text
            ELSE 'EVENTO_ESTACIONADO'::text
        END AS tipo,
    (e.id)::text AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('Evento do TOTVS (%s): %s'::text, concat_ws(' '::text, e.tipo, e.referencia), e.motivo) AS descricao,
    e.recebido_em AS desde,
    array_to_string(public.papeis_da_funcao('resolver_evento_totvs'::text), ', '::text) AS quem_decide,
    'resolver_evento_totvs'::text AS funcao,
    jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id) AS detalhes
   FROM public.eventos_totvs e
  WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
UNION ALL
 SELECT 'OP_CANCELADA'::text AS tipo,
    l.numero_op AS chave,
    c.linha_id,
    n.setor,
    format('A OP %s foi cancelada no TOTVS, mas tem contagens ou está aberta numa linha.'::text, l.numero_op) AS descricao,
    l.atualizado_em AS desde,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'::text), ', '::text) AS quem_decide,
    'reconhecer_alteracao_op'::text AS funcao,
    jsonb_build_object('p_numero_op', l.numero_op, 'contagens', c.contagens, 'alternativa', 'encerrar_ordem') AS detalhes
   FROM ((((public.lotes_producao l
     CROSS JOIN LATERAL ( SELECT min(o.linha_id) AS linha_id,
            (COALESCE(sum((o.producao_maquina + o.rejeicao_maquina)), (0)::numeric))::bigint AS contagens
           FROM public.ordens_producao_ativas o
          WHERE (o.numero_op = l.numero_op)) c)
     LEFT JOIN public.linhas n ON ((c.linha_id = n.linha_id)))
     LEFT JOIN LATERAL ( SELECT max(r.contagens) AS contagens
           FROM public.reconhecimentos_op r
          WHERE (r.numero_op = l.numero_op)) v ON (true))
     LEFT JOIN LATERAL ( SELECT bool_or(upper_inf(p_1.intervalo)) AS aberta
           FROM public.periodos_ordem p_1
          WHERE (p_1.numero_op = l.numero_op)) p ON (true))
  WHERE ((l.status = 'CANCELADO'::text) AND ((c.contagens > COALESCE(v.contagens, (0)::bigint)) OR ((v.contagens IS NULL) AND p.aberta)))
UNION ALL
 SELECT 'OP_ALTERADA'::text AS tipo,
    l.numero_op AS chave,
    l.linha_id,
    n.setor,
    format('O TOTVS mudou a OP %s depois de ela contar: %s.'::text, l.numero_op, a.texto) AS descricao,
    a.em AS desde,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'::text), ', '::text) AS quem_decide,
    'reconhecer_alteracao_op'::text AS funcao,
    jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes) AS detalhes
   FROM ((( SELECT x.numero_op,
            min(x.em) AS em,
            jsonb_agg(x.id ORDER BY x.id) AS alteracoes,
            string_agg(format('%s de %s para %s'::text, lower(replace(x.codigo, '_ALTERADO'::text, ''::text)), x.antes, x.depois), '; '::text ORDER BY x.id) AS texto
           FROM (public.alteracoes_op x
             LEFT JOIN LATERAL ( SELECT max(r.ate_alteracao) AS ate_alteracao
                   FROM public.reconhecimentos_op r
                  WHERE (r.numero_op = x.numero_op)) v ON (true))
          WHERE ((x.codigo = ANY (ARRAY['PRODUTO_ALTERADO'::text, 'LOTE_ALTERADO'::text])) AND (x.id > COALESCE(v.ate_alteracao, (0)::bigint)))
          GROUP BY x.numero_op) a
     JOIN public.lotes_producao l ON ((a.numero_op = l.numero_op)))
     LEFT JOIN public.linhas n ON ((l.linha_id = n.linha_id)))
UNION ALL
 SELECT 'FECHAMENTO'::text AS tipo,
    ((f.numero_op || ':'::text) || x.n) AS chave,
    COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS linha_id,
    n.setor,
    (x.falta ->> 'detalhe'::text) AS descricao,
    f.desde,
    array_to_string(public.papeis_da_funcao((x.falta ->> 'funcao'::text)), ', '::text) AS quem_decide,
    (x.falta ->> 'funcao'::text) AS funcao,
    ((x.falta -> 'argumentos'::text) || jsonb_build_object('numero_op', f.numero_op, 'codigo', (x.falta ->> 'codigo'::text), 'acao', (x.falta ->> 'acao'::text))) AS detalhes
   FROM (((public.fechamentos_pendentes f
     CROSS JOIN LATERAL jsonb_array_elements(f.faltas) WITH ORDINALITY x(falta, n))
     LEFT JOIN LATERAL ( SELECT min(p.linha_id) AS linha_id
           FROM public.ordens_producao_ativas p
          WHERE (p.numero_op = f.numero_op)) o ON (true))
     LEFT JOIN public.linhas n ON ((n.linha_id = COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id))))
UNION ALL
 SELECT 'AJUSTE'::text AS tipo,
    f.numero_op AS chave,
    a.linha_id,
    NULL::text AS setor,
    format('A OP %s mudou depois de fechada: %s.'::text, f.numero_op, a.texto) AS descricao,
    a.desde,
    array_to_string(public.papeis_da_funcao('decidir_ajustes'::text), ', '::text) AS quem_decide,
    'decidir_ajustes'::text AS funcao,
    jsonb_build_object('p_numero_op', f.numero_op, 'ajustes', a.ids) AS detalhes
   FROM (( SELECT j.fechamento_id,
            min(j.linha_id) AS linha_id,
            min(j.criado_em) AS desde,
            jsonb_agg(j.id ORDER BY j.id) AS ids,
            string_agg(format('%s %s %s'::text, lower(j.tipo), to_char(j.diferenca, 'FMS999999999'::text), j.linha_id), '; '::text ORDER BY j.id) AS texto
           FROM public.ajustes_fechamento j
          WHERE (j.situacao = 'PROPOSTO'::text)
          GROUP BY j.fechamento_id) a
     JOIN public.fechamentos_lote f ON ((a.fechamento_id = f.id)))
UNION ALL
 SELECT 'ENVIO'::text AS tipo,
    e.id_externo AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
    format('Envio %s ao TOTVS (%s, OP %s): %s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao), e.erro) AS descricao,
    COALESCE(e.concluido_em, e.tocado_em, e.criado_em) AS desde,
    array_to_string(public.papeis_da_funcao('decidir_envio'::text), ', '::text) AS quem_decide,
    'decidir_envio'::text AS funcao,
    jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo) AS detalhes
   FROM public.envios_totvs e
  WHERE ((e.situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((e.situacao = 'INCERTO'::text) AND (e.proxima_em IS NULL)));

CREATE UNIQUE INDEX duvidas_relogio_aberta ON public.duvidas_relogio USING btree (gateway) WHERE (decisao IS NULL);
CREATE INDEX duvidas_relogio_lotes_duvida ON public.duvidas_relogio_lotes USING btree (duvida_id);
alter table public.duvidas_relogio enable row level security;
alter table public.duvidas_relogio_lotes enable row level security;
CREATE TRIGGER nunca_apagar BEFORE DELETE OR TRUNCATE ON public.duvidas_relogio FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.duvidas_relogio_lotes FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.duvidas_relogio as permissive for select to authenticated using (true);
create policy leitura on public.duvidas_relogio_lotes as permissive for select to authenticated using (true);
revoke all on function interno.aplicar_arquivo(bigint,jsonb,text,timestamp with time zone,timestamp with time zone,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.chegada(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.duvidar_do_relogio(bigint,jsonb,jsonb,timestamp with time zone,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.limitar_marcas(jsonb,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.limite_do_futuro(timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function public.decidir_relogio(bigint,text,text) from public, anon, authenticated, service_role;
grant execute on function public.decidir_relogio(bigint,text,text) to authenticated;
grant execute on function public.decidir_relogio(bigint,text,text) to service_role;
revoke all on table public.duvidas_relogio from public, anon, authenticated, service_role;
grant select on table public.duvidas_relogio to authenticated;
grant select on table public.duvidas_relogio to service_role;
revoke all on table public.duvidas_relogio_lotes from public, anon, authenticated, service_role;
grant select on table public.duvidas_relogio_lotes to authenticated;
grant select on table public.duvidas_relogio_lotes to service_role;
comment on column public.marcas_linha.ate is 'Tudo até este instante (UTC) foi reportado: o que diz a marca da maior sequência, no máximo até a chegada do lote. Fonte: marca do lote.';
comment on function interno.fontes_em_falta(text,timestamp with time zone,timestamp with time zone) is 'O que as fontes de contagem da linha ainda não reportaram no intervalo, e os relógios em dúvida: codigo, detalhe e acao.';
comment on function interno.aplicar_arquivo(bigint,jsonb,text,timestamp with time zone,timestamp with time zone,bigint) is 'Leva cada incremento do arquivo ao seu lugar: minuto e OP, retido, quarentena ou conferência. Exige as linhas travadas.';
comment on function interno.chegada(jsonb) is 'Até quando (UTC) um arquivo chegou: a gravação que o S3 diz, que tem segundos inteiros, mais um; sem ela, o relógio do banco.';
comment on function interno.limitar_marcas(jsonb,timestamp with time zone) is 'As marcas de um lote, nenhuma depois da chegada dele (UTC).';
comment on table public.duvidas_relogio is 'Lotes de um gateway cujo relógio está em dúvida, juntos até uma pessoa decidir. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio.linhas is 'Linhas contadas nesses lotes, em ordem. Fonte: lote.';
comment on column public.duvidas_relogio.desde is 'Primeiro instante (UTC) que as contagens podem tocar: o que dizem, ou o que dizem menos o desvio. Fonte: lote.';
comment on column public.duvidas_relogio.ate is 'Último instante (UTC) que as contagens podem tocar. Fonte: lote.';
comment on column public.duvidas_relogio.desvio_ms is 'Maior desvio medido, em milissegundos: positivo se o relógio do gateway está adiantado. Fonte: gateway, ou selado_em menos a chegada.';
comment on column public.duvidas_relogio.testemunha is 'De onde vem o desvio: chegada, s3, marca ou fontes. Fonte: lote ou registrar_contagens.';
comment on column public.duvidas_relogio.lotes is 'Lotes com contagens que estão nesta dúvida. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio.ultima_em is 'Quando chegou o último deles (UTC). Fonte: banco.';
comment on column public.duvidas_relogio.descricao is 'A dúvida em uma frase, para quem decide. Fonte: banco.';
comment on column public.duvidas_relogio.decisao is 'MANTER os instantes como vieram; nulo enquanto espera. Fonte: decidir_relogio.';
comment on column public.duvidas_relogio.decidida_em is 'Instante da decisão (UTC). Fonte: banco.';
comment on column public.duvidas_relogio.decidida_por is 'Quem decidiu. Fonte: Supabase Auth.';
comment on table public.duvidas_relogio_lotes is 'Cada lote de uma dúvida de relógio. Fonte: registrar_contagens.';
comment on column public.duvidas_relogio_lotes.desvio_ms is 'Desvio medido no lote, em milissegundos. Fonte: gateway, ou selado_em menos a chegada.';
comment on function interno.duvidar_do_relogio(bigint,jsonb,jsonb,timestamp with time zone,timestamp with time zone,timestamp with time zone) is 'Põe um lote aplicado na dúvida de relógio do gateway, se o relógio dele não pode ser acreditado. Exige as linhas travadas.';
comment on function public.decidir_relogio(bigint,text,text) is 'Decide sobre os lotes de um gateway com o relógio em dúvida: MANTER os instantes como vieram. Devolve id, decisão e instante.';
comment on function interno.limite_do_futuro(timestamp with time zone) is 'O último instante (UTC) que uma contagem chegada então pode ter; a que é datada depois fica retida.';
