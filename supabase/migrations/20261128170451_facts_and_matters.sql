-- facts_and_matters: from the definitions in supabase/schemas, by `make migration`.

drop function interno.linha_para_decisao(text,text);
drop function public.resolver_quarentena(bigint,text);
drop function public.decidir_retido(bigint,text,text,text);
drop function public.reprocessar_quarentena(bigint,text);
drop function public.anular_sequencia(text,text,bigint,text,bigint);
-- By hand: what a source counted of a line that was another's, and what a second sensor shows, are kept by second.
alter table public.quarentena
alter column bucket drop not null,
alter column chave drop not null,
add column fonte text,
add constraint quarentena_de_arquivo_ou_fonte check (
    case when fonte is null then bucket is not null and chave is not null
        else arquivo_id is null and bucket is null and chave is null and linha_id is not null end
);
alter table public.contagens_conferencia
add column segundos_producao integer[] check (array_length(segundos_producao, 1) = 60),
add column segundos_rejeicao integer[] check (array_length(segundos_rejeicao, 1) = 60);
alter table public.contagens_intervalo
drop constraint contagens_intervalo_situacao_check,
add constraint contagens_intervalo_situacao_check check (
    situacao in (
        'ATRIBUIDA', 'SEM_ORDEM', 'RETIDA', 'DECIDIDA', 'DESCARTADA', 'CORRIGIDA', 'CONFERENCIA', 'RETIRADA'
    )
),
add column retirada_id bigint references public.quarentena,
add column decidida_como jsonb,
add constraint contagens_intervalo_retirada check ((situacao = 'RETIRADA') = (retirada_id is not null));
create type interno.minuto_contado as (minuto timestamptz, producao integer[], rejeicao integer[]);
create table public.contagens_retiradas (
    quarentena_id bigint not null references public.quarentena,
    minuto timestamptz not null check (extract(epoch from minuto) % 60 = 0),
    producao integer[] check (array_length(producao, 1) = 60),
    rejeicao integer[] check (array_length(rejeicao, 1) = 60),
    primary key (quarentena_id, minuto)
);
alter table public.parametros disable trigger auditar; -- installed, not changed by a person
alter table public.parametros add column maximo integer;
update public.parametros as p set maximo = greatest(m.maximo, p.valor)
from (
    values ('LOGIN_RECENTE_SEGUNDOS', 86400),
    ('FECHAMENTO_LIMITE_SEGUNDOS', 2592000),
    ('SILENCIO_SEGUNDOS', 86400),
    ('PARCIAIS_SEGUNDOS', 86400),
    ('RELOGIO_TOLERANCIA_SEGUNDOS', 86400),
    ('FUTURO_LIMITE_SEGUNDOS', 2592000),
    ('SEQ_SALTO_MAXIMO', 100000000),
    ('SEQ_INICIAL_MAXIMA', 1000000000)
) as m (nome, maximo)
where m.nome = p.nome;
alter table public.parametros alter column maximo set not null, add constraint parametros_maximo check (valor <= maximo);
alter table public.parametros enable trigger auditar;

-- By hand, to the end of this block: columns and what they say of what there is.
alter table public.contagens_minuto
add column justificada_segundos_producao integer[] check (array_length(justificada_segundos_producao, 1) = 60),
add column justificada_segundos_rejeicao integer[] check (array_length(justificada_segundos_rejeicao, 1) = 60);

-- Until now a number: of the seconds without order the earliest, for what came later in a justified minute was not.
with segundos as (
    select
        m.linha_id, m.minuto, u.i, m.justificada_producao, m.justificada_rejeicao, v.producao, v.rejeicao,
        sum(v.producao) over w as ate_producao, sum(v.rejeicao) over w as ate_rejeicao
    from public.contagens_minuto as m
    cross join lateral unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
    cross join lateral (
        select case when p.aberta then 0 else coalesce(u.producao, 0) end as producao,
            case when p.aberta then 0 else coalesce(u.rejeicao, 0) end as rejeicao
        from (
            select exists (
                select from public.periodos_ordem as o
                where o.linha_id = m.linha_id and o.intervalo @> m.minuto + (u.i - 1) * interval '1 second'
            ) as aberta
        ) as p
    ) as v
    where m.justificada_producao > 0 or m.justificada_rejeicao > 0
    window w as (partition by m.linha_id, m.minuto order by u.i)
)
update public.contagens_minuto as m
set justificada_segundos_producao = case when m.justificada_producao > 0 then t.producao end,
    justificada_segundos_rejeicao = case when m.justificada_rejeicao > 0 then t.rejeicao end
from (
    select s.linha_id, s.minuto,
        array_agg(greatest(0, least(s.producao, s.justificada_producao - s.ate_producao + s.producao))::integer order by s.i) as producao,
        array_agg(greatest(0, least(s.rejeicao, s.justificada_rejeicao - s.ate_rejeicao + s.rejeicao))::integer order by s.i) as rejeicao
    from segundos as s
    group by s.linha_id, s.minuto
) as t
where m.linha_id = t.linha_id and m.minuto = t.minuto;

alter table public.quarentena
add column trechos int8multirange,
add column reportado_ate timestamptz;

-- Until now it stood in the text that a person reads.
update public.quarentena
set reportado_ate = to_timestamp(
    substring(detalhe from 'leu de novo o que é de antes de (\d\d/\d\d/\d{4} \d\d:\d\d:\d\d), até onde') || ' -03',
    'DD/MM/YYYY HH24:MI:SS TZH'
)
where detalhe ~ 'leu de novo o que é de antes de \d\d/\d\d/\d{4} \d\d:\d\d:\d\d, até onde';

create function interno.assunto_da_quarentena(
    p_chave text, p_motivo text, p_outros_motivos text[], p_linha_id text, p_reportado_ate timestamptz, p_fonte text
)
returns text
language sql
immutable
set search_path = ''
as $$
    select concat_ws(
        '|', array_to_string(p_motivo || p_outros_motivos, '+'),
        case when p_fonte is not null then 'retirada:' || p_fonte end,
        case when p_chave like 'contagens/%/%' then split_part(p_chave, '/', 2) else regexp_replace(p_chave, '[^/]*$', '') end,
        case when p_motivo in ('LINHA_DESCONHECIDA', 'NAO_DONO', 'EPOCA_ANTERIOR') then p_linha_id end,
        case when 'EPOCA_ANTERIOR' = any(p_motivo || p_outros_motivos) then left(split_part(p_chave, '/', 3), 8) end,
        case when p_reportado_ate is not null then 'reportado' end
    )
$$;

alter table public.quarentena
add column assunto text not null generated always as (
    interno.assunto_da_quarentena(chave, motivo, outros_motivos, linha_id, reportado_ate, fonte)
) stored;
-- End of what is written by hand.

CREATE OR REPLACE FUNCTION interno.declarar_autor(p_papel text, p_motivo text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform set_config('sicfar.papel', p_papel, true), set_config('sicfar.motivo', p_motivo, true);
end $function$;

CREATE OR REPLACE FUNCTION interno.auditar_cadastro()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_antes jsonb;
    v_depois jsonb;
begin
    if tg_op <> 'INSERT' then
        v_antes := to_jsonb(old);
    end if;
    if tg_op <> 'DELETE' then
        v_depois := to_jsonb(new);
    end if;
    if v_antes is distinct from v_depois then
        perform interno.anotar_trilha(
            coalesce(nullif(current_setting('sicfar.papel', true), ''), session_user), lower(tg_op),
            tg_table_name || ':' || (coalesce(v_depois, v_antes) ->> tg_argv[0]), v_antes, v_depois,
            nullif(current_setting('sicfar.motivo', true), '')
        );
    end if;
    return null;
end $function$;

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
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in ('definir_parametro', 'definir_papel', 'definir_pessoa')
            then array['ADMIN']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.diminuir_vetor(p_vetor integer[], p_negativo integer[])
 RETURNS integer[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_vetor is null or p_negativo is null then p_vetor
        else (select array_agg(greatest(u.a + u.b, 0) order by u.i) from unnest(p_vetor, p_negativo) with ordinality as u (a, b, i))
    end
$function$;

CREATE OR REPLACE FUNCTION interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao,
         byte_de, byte_ate, trechos, origem, amostra)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', t.motivo,
        min(t.detalhe) filter (where t.n = 1)
            || case when count(*) > 1 then format('; e mais %s trechos do arquivo, pelo mesmo motivo', count(*) - 1) else '' end,
        t.linha_id, sum(t.registros),
        case when t.motivo <> 'LINHA_INCOMPLETA' then sum(t.producao) end,
        case when t.motivo <> 'LINHA_INCOMPLETA' then sum(t.rejeicao) end,
        min(t.byte_de), max(t.byte_ate),
        range_agg(int8range(
            t.byte_de, case when t.n = 1000 then t.fim else t.byte_ate end
        )) filter (where t.n <= 1000 and t.byte_de < t.byte_ate),
        min(t.origem) filter (where t.n = 1),
        substring(decode(min(t.amostra_base64) filter (where t.n = 1), 'base64') for 256)
    from (
        select q.*, row_number() over (partition by q.motivo, q.linha_id order by q.byte_de) as n,
            max(q.byte_ate) over (partition by q.motivo, q.linha_id) as fim
        from jsonb_to_recordset(p_arquivo -> 'quarentena') as q (
            motivo text, detalhe text, linha_id text, registros bigint, producao interno.contagem, rejeicao interno.contagem,
            byte_de bigint, byte_ate bigint, origem text, amostra_base64 text
        )
    ) as t
    group by t.motivo, t.linha_id
    order by min(t.byte_de), t.motivo
$function$;

CREATE OR REPLACE FUNCTION interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select array_remove(array[
        case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
        case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
    ], null)
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
            v.motivos, d.papel,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when s.em > p_limite then 'FUTURA'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and (d.papel = 'conferencia' or interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao))
                    then 'RETIDA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
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
        insert into public.contagens_conferencia as c
            (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
        select linha_id, p_fonte, date_trunc('minute', em), sum(producao), sum(rejeicao),
            interno.vetor((s % 60)::integer, producao::integer) filter (where producao > 0 and s is not null),
            interno.vetor((s % 60)::integer, rejeicao::integer) filter (where rejeicao > 0 and s is not null)
        from (
            select linha_id, em, producao, rejeicao, case when destino = 'CONFERENCIA' then s end as s
            from seg where papel = 'conferencia' and destino <> 'QUARENTENA'
            union all
            select linha_id, s_ate, producao, rejeicao, null from vao where destino = 'CONFERENCIA'
        ) as t
        group by linha_id, date_trunc('minute', em)
        on conflict (linha_id, fonte, minuto) do update set
            producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
            segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
            segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao)
    ),
    retidas as (
        insert into public.contagens_intervalo
            (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
             arquivo_id, byte_de, byte_ate, fonte_em)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate, fonte
        from vao where destino = 'CONTADA'
        union all
        select linha_id, desde, ate, producao, rejeicao, flags, 'CONFERENCIA', null, null, null, null,
            p_arquivo_id, byte_de, byte_ate, fonte
        from vao where destino = 'CONFERENCIA'
        union all
        select seg.linha_id, em, em, producao, rejeicao,
            case destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end,
            case papel when 'conferencia' then 'CONFERENCIA' else 'RETIDA' end,
            case papel when 'conferencia' then null else 'IMPLAUSIVEL' end, null, null, null,
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
        where seg.destino in ('CONTADA', 'RETIDA', 'FUTURA') and seg.papel = 'contagem' and exists (
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
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido, reportado_ate)
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
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false), t.marca
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

CREATE OR REPLACE FUNCTION interno.gravado_depois_de_descartado(p_lancamento public.arquivos_ingeridos)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p_lancamento.motivo = 'OBJETO_ALTERADO' or p_lancamento.motivo = 'SEQ_ABSURDA' and not exists (
        select from public.quarentena as q
        where q.arquivo_id = p_lancamento.id and q.motivo = p_lancamento.motivo and q.decisao = 'DESCARTADO'
    )
$function$;

CREATE OR REPLACE FUNCTION interno.reconhecer_lote(p_arquivo jsonb, OUT situacao text, OUT motivo text, OUT detalhe text, OUT substitui bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_anterior public.arquivos_ingeridos;
    v_conhecida boolean;
    v_descartada boolean := false;
    v_pedida boolean := false;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
    order by a.situacao = 'APLICADO' desc, a.id desc
    limit 1;
    v_conhecida := exists (
        select from public.arquivos_ingeridos as a
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.versao_id is not distinct from p_arquivo ->> 'versao_id'
    );
    if v_anterior.situacao = 'APLICADO' then
        -- A key never changes its bytes. What was counted stands; that somebody wrote over it is not passed over.
        if p_arquivo -> 'rejeitado' ->> 'motivo' is null
            or v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id' then
            situacao := 'JA_APLICADO';
            return;
        end if;
        motivo := 'OBJETO_ALTERADO';
        detalhe := format(
            'O objeto foi gravado de novo depois de contado, com outro conteúdo: %s A contagem feita vale.',
            p_arquivo -> 'rejeitado' ->> 'detalhe'
        );
        situacao := case when v_conhecida then 'QUARENTENA' else 'QUARENTENAR' end;
        return;
    end if;

    if v_anterior.id is not null then
        select coalesce(bool_or(q.decisao = 'DESCARTADO'), false),
            coalesce(bool_or(q.resolvida_em is null and q.reprocessar_em is not null), false)
        into v_descartada, v_pedida
        from public.quarentena as q
        inner join public.arquivos_ingeridos as a on a.id = q.arquivo_id
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.motivo = q.motivo; -- an unreadable line given up is not the file
    end if;
    select * into motivo, detalhe from interno.motivo_contra_lote(p_arquivo, v_pedida);

    if v_anterior.id is null then
        situacao := case when motivo is null then 'APLICAR' else 'QUARENTENAR' end;
        return;
    end if;
    if v_descartada and not v_conhecida then
        situacao := 'QUARENTENAR';
        if motivo = 'SEQ_ABSURDA' then
            return;
        end if;
        detalhe := format(
            'O objeto foi gravado de novo depois de descartado: %s', coalesce(detalhe, 'agora está íntegro e pode ser contado.')
        );
        motivo := 'OBJETO_ALTERADO';
    elsif motivo is not null
        or (v_descartada and not (v_pedida and interno.gravado_depois_de_descartado(v_anterior)
            and v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id')) then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.prefixo_da_releitura(p_arquivo jsonb, p_lancamento public.arquivos_ingeridos)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'tamanho', coalesce(p_lancamento.contado_antes, 0), 'sha256', a.aceito_sha256,
        'chave', p_lancamento.chave, 'versao_id', p_lancamento.versao_id, 'ate', p_lancamento.aceito_tamanho
    )
    from (values (1)) as uma (linha)
    left join lateral (
        select x.aceito_sha256
        from public.arquivos_ingeridos as x
        where x.aceito_tamanho = p_lancamento.contado_antes and x.aceito_tamanho > 0 and x.id < p_lancamento.id
          and x.situacao <> 'QUARENTENA' and x.tipo = 'avulso'
          and (x.inicio_sha256 = p_lancamento.inicio_sha256 or x.chave = p_lancamento.chave)
        order by x.id desc
        limit 1
    ) as a on true
    where p_lancamento.tipo = 'avulso'
      and (coalesce((p_arquivo #>> '{prefixo,tamanho}')::bigint, 0) <> coalesce(p_lancamento.contado_antes, 0)
          or (p_arquivo #>> '{aceito,tamanho}')::bigint > p_lancamento.aceito_tamanho)
$function$;

CREATE OR REPLACE FUNCTION interno.reprocessar(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_q public.quarentena;
    v_parte jsonb;
    v_lancamento public.arquivos_ingeridos;
    v_gateway text;
    v_prefixo jsonb;
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
    select * into v_lancamento from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id;
    v_prefixo := interno.prefixo_da_releitura(p_arquivo, v_lancamento);
    if v_prefixo is not null then
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', v_prefixo);
    end if;
    v_gateway := v_lancamento.gateway;
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
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao)
        or v_lancamento.aceito_sha256 is distinct from p_arquivo #>> '{aceito,sha256}' then
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

CREATE OR REPLACE FUNCTION interno.segundos_do_minuto(p_minuto public.contagens_minuto)
 RETURNS TABLE(em timestamp with time zone, producao integer, rejeicao integer, justificada_producao integer, justificada_rejeicao integer)
 LANGUAGE sql
 STABLE
AS $function$
    select
        p_minuto.minuto + (u.i - 1) * interval '1 second', coalesce(u.producao, 0), coalesce(u.rejeicao, 0),
        coalesce(u.justificada_producao, 0), coalesce(u.justificada_rejeicao, 0)
    from unnest(
        p_minuto.producao, p_minuto.rejeicao, p_minuto.justificada_segundos_producao, p_minuto.justificada_segundos_rejeicao
    ) with ordinality as u (producao, rejeicao, justificada_producao, justificada_rejeicao, i)
$function$;

CREATE OR REPLACE FUNCTION interno.reatribuir(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_antes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_diferenca record;
begin
    update public.contagens_intervalo as i
    set situacao = t.situacao, motivo = t.motivo, numero_op = t.numero_op, fator_producao = t.fator_producao,
        fator_rejeicao = t.fator_rejeicao
    from public.contagens_intervalo as a
    cross join lateral interno.situar_intervalo(a.linha_id, a.desde, a.ate, 'implausivel' = any(a.flags)) as t
    where a.linha_id = p_linha_id and a.ate >= p_de and a.desde < p_ate + interval '1 second'
      and a.situacao in ('ATRIBUIDA', 'SEM_ORDEM', 'RETIDA')
      and i.id = a.id
      and (i.situacao, i.motivo, i.numero_op, i.fator_producao, i.fator_rejeicao)
          is distinct from (t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao);

    -- Of what was justified, that part is which is without order now: seconds are justified, not amounts.
    update public.contagens_minuto as m
    set sem_ordem_producao = t.producao, sem_ordem_rejeicao = t.rejeicao,
        justificada_producao = t.justificada_producao, justificada_rejeicao = t.justificada_rejeicao
    from (
        select a.minuto, a.total_producao - coalesce(sum(u.producao), 0) as producao,
            a.total_rejeicao - coalesce(sum(u.rejeicao), 0) as rejeicao,
            coalesce(j.producao, 0) - coalesce(sum(u.justificada_producao), 0) as justificada_producao,
            coalesce(j.rejeicao, 0) - coalesce(sum(u.justificada_rejeicao), 0) as justificada_rejeicao
        from public.contagens_minuto as a
        left join lateral (
            select sum(least(v.justificada_producao, v.producao)) as producao, sum(least(v.justificada_rejeicao, v.rejeicao)) as rejeicao
            from interno.segundos_do_minuto(a) as v
            where a.justificada_segundos_producao is not null or a.justificada_segundos_rejeicao is not null
        ) as j on true
        left join lateral (
            select o.intervalo
            from public.periodos_ordem as o
            where o.linha_id = a.linha_id and o.intervalo && tstzrange(a.minuto, a.minuto + interval '1 minute')
            offset 0 -- one look into the index a minute, however many periods there are
        ) as p on true
        left join lateral (
            select a.total_producao as producao, a.total_rejeicao as rejeicao,
                j.producao as justificada_producao, j.rejeicao as justificada_rejeicao
            where tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo
            union all
            select v.producao, v.rejeicao, least(v.justificada_producao, v.producao), least(v.justificada_rejeicao, v.rejeicao)
            from interno.segundos_do_minuto(a) as v
            where not tstzrange(a.minuto, a.minuto + interval '1 minute') <@ p.intervalo and p.intervalo @> v.em
        ) as u on true
        where a.linha_id = p_linha_id and a.minuto > p_de - interval '1 minute' and a.minuto < p_ate
        group by a.linha_id, a.minuto, j.producao, j.rejeicao
    ) as t
    where m.linha_id = p_linha_id and m.minuto = t.minuto
      and (m.sem_ordem_producao, m.sem_ordem_rejeicao, m.justificada_producao, m.justificada_rejeicao)
          is distinct from (t.producao, t.rejeicao, t.justificada_producao, t.justificada_rejeicao);

    for v_diferenca in
        select numero_op,
            coalesce(d.producao_maquina, 0) - coalesce(a.producao_maquina, 0) as producao_maquina,
            coalesce(d.rejeicao_maquina, 0) - coalesce(a.rejeicao_maquina, 0) as rejeicao_maquina,
            coalesce(d.producao_unidades, 0) - coalesce(a.producao_unidades, 0) as producao_unidades,
            coalesce(d.rejeicao_unidades, 0) - coalesce(a.rejeicao_unidades, 0) as rejeicao_unidades
        from interno.atribuicao(p_linha_id, p_de, p_ate) as d
        full join jsonb_to_recordset(p_antes) as a (
            numero_op text, producao_maquina bigint, rejeicao_maquina bigint, producao_unidades bigint, rejeicao_unidades bigint
        ) using (numero_op)
    loop
        perform interno.somar_ordem(
            v_diferenca.numero_op, p_linha_id, v_diferenca.producao_maquina, v_diferenca.rejeicao_maquina,
            v_diferenca.producao_unidades, v_diferenca.rejeicao_unidades
        );
    end loop;
end $function$;

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
end $function$;

CREATE OR REPLACE FUNCTION interno.recortar(p_vetor integer[], p_minuto timestamp with time zone, p_faixas tstzmultirange)
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
    if p_vetor is null or not tstzrange(p_minuto, p_minuto + interval '1 minute') && p_faixas then
        return null;
    elsif tstzrange(p_minuto, p_minuto + interval '1 minute') <@ p_faixas then
        return p_vetor;
    end if;
    return (
        select case when sum(u.valor) > 0 then array_agg(u.valor order by u.i) end
        from (
            select v.i, case when p_minuto + (v.i - 1) * interval '1 second' <@ p_faixas then v.valor else 0 end as valor
            from unnest(p_vetor) with ordinality as v (valor, i)
        ) as u
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.soma_vetor(p_vetor integer[])
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select coalesce(sum(v), 0)::bigint from unnest(p_vetor) as v
$function$;

CREATE OR REPLACE FUNCTION interno.faixas_das_fontes(p_linha_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(to_jsonb(t) order by t.fonte, t.papel), '[]')
    from (
        select f.fonte, f.papel, range_agg(tstzrange(f.de, f.ate)) as faixas
        from public.fontes_linha as f
        where f.linha_id = p_linha_id
        group by f.fonte, f.papel
    ) as t
$function$;

CREATE OR REPLACE FUNCTION interno.faixas_do_papel(p_fontes jsonb, p_fonte text, p_papel text)
 RETURNS tstzmultirange
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce((
        select f.faixas
        from jsonb_to_recordset(p_fontes) as f (fonte text, papel text, faixas tstzmultirange)
        where f.fonte = p_fonte and f.papel = p_papel
    ), '{}')
$function$;

CREATE OR REPLACE FUNCTION interno.papel_da_fonte(p_fontes jsonb, p_fonte text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select case
        when tstzrange(p_de, p_ate, '[]') <@ interno.faixas_do_papel(p_fontes, p_fonte, 'contagem') then 'contagem'
        when tstzrange(p_de, p_ate, '[]') <@ interno.faixas_do_papel(p_fontes, p_fonte, 'conferencia') then 'conferencia'
        else 'nenhum'
    end
$function$;

CREATE OR REPLACE FUNCTION interno.trocas_de_papel(p_antes jsonb, p_depois jsonb)
 RETURNS TABLE(fonte text, de_papel text, para_papel text, faixas tstzmultirange)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select n.fonte, t.de_papel, t.para_papel, t.faixas
    from (select distinct x.fonte from jsonb_to_recordset(p_antes || p_depois) as x (fonte text)) as n
    cross join lateral (
        select interno.faixas_do_papel(p_antes, n.fonte, 'contagem') as contava,
            interno.faixas_do_papel(p_antes, n.fonte, 'conferencia') as conferia,
            interno.faixas_do_papel(p_depois, n.fonte, 'contagem') as conta,
            interno.faixas_do_papel(p_depois, n.fonte, 'conferencia') as confere
    ) as p
    cross join lateral (
        values ('contagem', 'nenhum', p.contava - p.conta - p.confere),
            ('contagem', 'conferencia', p.contava * p.confere),
            ('conferencia', 'nenhum', p.conferia - p.conta - p.confere),
            ('conferencia', 'contagem', p.conferia * p.conta),
            ('nenhum', 'contagem', p.conta - p.contava - p.conferia),
            ('nenhum', 'conferencia', p.confere - p.contava - p.conferia)
    ) as t (de_papel, para_papel, faixas)
    where not isempty(t.faixas)
$function$;

CREATE OR REPLACE FUNCTION interno.tirar_segundos(p_linha_id text, p_fonte text, p_papel text, p_faixas tstzmultirange)
 RETURNS interno.minuto_contado[]
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_resto constant tstzmultirange := '{(,)}'::tstzmultirange - p_faixas;
    v_de constant timestamptz := lower(p_faixas) - interval '1 minute';
    v_ate constant timestamptz := coalesce(upper(p_faixas), 'infinity');
    v_minutos interno.minuto_contado[];
begin
    if p_papel = 'contagem' then
        select array_agg((m.minuto, m.producao, m.rejeicao)::interno.minuto_contado) into v_minutos
        from (
            select c.minuto, interno.recortar(c.producao, c.minuto, p_faixas) as producao,
                interno.recortar(c.rejeicao, c.minuto, p_faixas) as rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto < v_ate
        ) as m
        where m.producao is not null or m.rejeicao is not null;
        update public.contagens_minuto as c
        set producao = r.producao, rejeicao = r.rejeicao, total_producao = r.n, total_rejeicao = r.r,
            sem_ordem_producao = least(c.sem_ordem_producao, r.n), sem_ordem_rejeicao = least(c.sem_ordem_rejeicao, r.r),
            justificada_producao = least(c.justificada_producao, r.n),
            justificada_rejeicao = least(c.justificada_rejeicao, r.r),
            justificada_segundos_producao = interno.recortar(c.justificada_segundos_producao, c.minuto, v_resto),
            justificada_segundos_rejeicao = interno.recortar(c.justificada_segundos_rejeicao, c.minuto, v_resto)
        from (
            select a.minuto, f.producao, f.rejeicao, interno.soma_vetor(f.producao) as n, interno.soma_vetor(f.rejeicao) as r
            from public.contagens_minuto as a
            cross join lateral (
                select interno.recortar(a.producao, a.minuto, v_resto) as producao,
                    interno.recortar(a.rejeicao, a.minuto, v_resto) as rejeicao
            ) as f
            where a.linha_id = p_linha_id and a.minuto > v_de and a.minuto < v_ate
              and tstzrange(a.minuto, a.minuto + interval '1 minute') && p_faixas
              and (f.producao is not null or f.rejeicao is not null)
        ) as r
        where c.linha_id = p_linha_id and c.minuto = r.minuto;
        delete from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto < v_ate
          and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas
          and interno.recortar(c.producao, c.minuto, v_resto) is null
          and interno.recortar(c.rejeicao, c.minuto, v_resto) is null;
        return v_minutos;
    end if;
    perform interno.conferir_segundos(p_linha_id, p_fonte, p_faixas);
    select array_agg((m.minuto, m.producao, m.rejeicao)::interno.minuto_contado) into v_minutos
    from (
        select c.minuto, interno.recortar(c.segundos_producao, c.minuto, p_faixas) as producao,
            interno.recortar(c.segundos_rejeicao, c.minuto, p_faixas) as rejeicao
        from public.contagens_conferencia as c
        where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and c.minuto < v_ate
    ) as m
    where m.producao is not null or m.rejeicao is not null;
    update public.contagens_conferencia as c
    set segundos_producao = interno.recortar(c.segundos_producao, c.minuto, v_resto),
        segundos_rejeicao = interno.recortar(c.segundos_rejeicao, c.minuto, v_resto),
        producao = c.producao - interno.soma_vetor(interno.recortar(c.segundos_producao, c.minuto, p_faixas)),
        rejeicao = c.rejeicao - interno.soma_vetor(interno.recortar(c.segundos_rejeicao, c.minuto, p_faixas))
    where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and c.minuto < v_ate
      and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas;
    return v_minutos;
end $function$;

CREATE OR REPLACE FUNCTION interno.conferir_segundos(p_linha_id text, p_fonte text, p_faixas tstzmultirange)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_minuto timestamptz;
begin
    with vaos as materialized (
        select date_trunc('minute', i.ate) as minuto, sum(i.producao) as producao, sum(i.rejeicao) as rejeicao
        from public.contagens_intervalo as i
        inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id and coalesce(a.gateway, 'avulso') = p_fonte
        where i.linha_id = p_linha_id and i.situacao = 'CONFERENCIA' and i.ate >= lower(p_faixas) - interval '1 minute'
        group by date_trunc('minute', i.ate)
    )
    select c.minuto into v_minuto
    from public.contagens_conferencia as c
    where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > lower(p_faixas) - interval '1 minute'
      and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas
      and (c.producao, c.rejeicao) <> (
          interno.soma_vetor(c.segundos_producao) + coalesce((select v.producao from vaos as v where v.minuto = c.minuto), 0),
          interno.soma_vetor(c.segundos_rejeicao) + coalesce((select v.rejeicao from vaos as v where v.minuto = c.minuto), 0)
      )
    order by c.minuto
    limit 1;
    if v_minuto is not null then
        perform interno.recusar(
            '409', 'CONFERENCIA_SEM_SEGUNDOS',
            format(
                'O que a fonte %s mostrou da linha %s em %s foi guardado por minuto, sem os segundos, e não pode mudar de papel.',
                p_fonte, p_linha_id, interno.hora_local(v_minuto)
            ),
            'Mude o papel da fonte a partir de um instante posterior e registre à mão o que faltar.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.por_segundos(p_linha_id text, p_fonte text, p_papel text, p_minutos interno.minuto_contado[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if p_papel = 'contagem' then
        insert into public.contagens_minuto as c (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao)
        select p_linha_id, m.minuto, m.producao, m.rejeicao, interno.soma_vetor(m.producao), interno.soma_vetor(m.rejeicao)
        from unnest(p_minutos) as m
        on conflict (linha_id, minuto) do update set
            producao = interno.somar_vetores(c.producao, excluded.producao),
            rejeicao = interno.somar_vetores(c.rejeicao, excluded.rejeicao),
            total_producao = c.total_producao + excluded.total_producao,
            total_rejeicao = c.total_rejeicao + excluded.total_rejeicao;
        return;
    end if;
    insert into public.contagens_conferencia as c
        (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
    select p_linha_id, p_fonte, m.minuto, interno.soma_vetor(m.producao), interno.soma_vetor(m.rejeicao), m.producao, m.rejeicao
    from unnest(p_minutos) as m
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
        segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
        segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao);
end $function$;

CREATE OR REPLACE FUNCTION interno.guardar_retiradas(p_linha_id text, p_fonte text, p_minutos interno.minuto_contado[], p_intervalos bigint[], p_motivo text, p_anterior public.quarentena)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_q public.quarentena;
begin
    insert into public.quarentena
        (motivo, detalhe, linha_id, fonte, producao, rejeicao, de, ate, anterior_id, resolvida_em, decisao, decisao_motivo,
         resolvida_por)
    select 'NAO_DONO',
        format('A fonte %s contou a linha %s enquanto ela era de outra: %s', p_fonte, p_linha_id, p_motivo),
        p_linha_id, p_fonte, sum(t.producao), sum(t.rejeicao), min(t.de), max(t.ate), p_anterior.id,
        case when p_anterior.decisao is not null then clock_timestamp() end, p_anterior.decisao, p_anterior.decisao_motivo,
        p_anterior.resolvida_por
    from (
        select interno.soma_vetor(m.producao) as producao, interno.soma_vetor(m.rejeicao) as rejeicao, s.de, s.ate
        from (
            select x.*, x.minuto in (min(x.minuto) over (), max(x.minuto) over ()) as na_ponta from unnest(p_minutos) as x
        ) as m
        left join lateral (
            select m.minuto + (min(u.i) - 1) * interval '1 second' as de, m.minuto + (max(u.i) - 1) * interval '1 second' as ate
            from unnest(m.producao, m.rejeicao) with ordinality as u (producao, rejeicao, i)
            where m.na_ponta and (u.producao > 0 or u.rejeicao > 0)
        ) as s on true
        union all
        select i.producao, i.rejeicao, date_trunc('second', i.desde), date_trunc('second', i.ate)
        from public.contagens_intervalo as i where i.id = any(p_intervalos)
    ) as t
    having count(*) > 0
    returning * into v_q;
    if v_q.id is null then
        return null;
    end if;
    insert into public.contagens_retiradas (quarentena_id, minuto, producao, rejeicao)
    select v_q.id, m.minuto, m.producao, m.rejeicao from unnest(p_minutos) as m;
    perform interno.mover_intervalos(p_fonte, p_intervalos, 'nenhum', v_q.id);
    if v_q.decisao is not null then
        perform interno.anotar_trilha(
            'SISTEMA', 'definir_fonte', format('quarentena:%s', v_q.id), null,
            jsonb_build_object(
                'decisao', v_q.decisao, 'motivo', v_q.motivo, 'linha_id', v_q.linha_id, 'producao', v_q.producao,
                'rejeicao', v_q.rejeicao, 'anterior_id', v_q.anterior_id
            ), v_q.decisao_motivo
        );
    end if;
    return v_q.id;
end $function$;

CREATE OR REPLACE FUNCTION interno.mover_intervalos(p_fonte text, p_ids bigint[], p_papel text, p_item bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes jsonb;
    v_mudanca record;
begin
    select jsonb_agg(to_jsonb(i)) into v_antes from public.contagens_intervalo as i where i.id = any(p_ids);
    if v_antes is null then
        return;
    end if;
    update public.contagens_intervalo as i
    set situacao = case p_papel when 'nenhum' then 'RETIRADA' when 'conferencia' then 'CONFERENCIA' else n.situacao end,
        motivo = n.motivo, numero_op = n.numero_op, fator_producao = n.fator_producao, fator_rejeicao = n.fator_rejeicao,
        retirada_id = case p_papel when 'nenhum' then p_item end,
        justificada = coalesce(i.justificada and n.situacao = 'SEM_ORDEM', false),
        decidida_como = case
            when p_papel = 'contagem' then null
            when i.situacao in ('DECIDIDA', 'DESCARTADA') then jsonb_build_object(
                'situacao', i.situacao, 'motivo', i.motivo, 'numero_op', i.numero_op,
                'fator_producao', i.fator_producao, 'fator_rejeicao', i.fator_rejeicao
            )
            else i.decidida_como
        end
    from public.contagens_intervalo as a
    left join lateral (
        select t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao
        from interno.situar_intervalo(a.linha_id, a.desde, a.ate, 'implausivel' = any(a.flags)) as t
        where p_papel = 'contagem' and a.decidida_como is null
        union all
        select d.situacao, d.motivo, d.numero_op, d.fator_producao, d.fator_rejeicao
        from jsonb_to_record(a.decidida_como) as d (
            situacao text, motivo text, numero_op text, fator_producao integer, fator_rejeicao integer
        )
        where p_papel = 'contagem' and a.decidida_como is not null
    ) as n on true
    where a.id = any(p_ids) and i.id = a.id;
    -- What people gave to an order is no part of the periods' attribution.
    for v_mudanca in
        select t.linha_id, t.numero_op, sum(t.sinal * t.producao)::bigint as producao,
            sum(t.sinal * t.rejeicao)::bigint as rejeicao,
            sum(t.sinal * t.producao * t.fator_producao)::bigint as unidades,
            sum(t.sinal * t.rejeicao * t.fator_rejeicao)::bigint as rejeitadas
        from (
            select -1 as sinal, a.* from jsonb_populate_recordset(null::public.contagens_intervalo, v_antes) as a
            union all
            select 1, i.* from public.contagens_intervalo as i where i.id = any(p_ids)
        ) as t
        where t.situacao = 'DECIDIDA'
        group by t.linha_id, t.numero_op
    loop
        perform interno.somar_ordem(
            v_mudanca.numero_op, v_mudanca.linha_id, v_mudanca.producao, v_mudanca.rejeicao, v_mudanca.unidades,
            v_mudanca.rejeitadas
        );
    end loop;
    insert into public.contagens_conferencia as c (linha_id, fonte, minuto, producao, rejeicao)
    select t.linha_id, p_fonte, date_trunc('minute', t.ate), sum(t.sinal * t.producao), sum(t.sinal * t.rejeicao)
    from (
        select -1 as sinal, a.* from jsonb_populate_recordset(null::public.contagens_intervalo, v_antes) as a
        union all
        select 1, i.* from public.contagens_intervalo as i where i.id = any(p_ids)
    ) as t
    where t.situacao = 'CONFERENCIA'
    group by t.linha_id, date_trunc('minute', t.ate)
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao;
end $function$;

CREATE OR REPLACE FUNCTION interno.devolver_retiradas(p_linha_id text, p_fonte text, p_contagem tstzmultirange, p_conferencia tstzmultirange, p_itens bigint[], p_motivo text)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_ficam constant tstzmultirange := '{(,)}'::tstzmultirange - p_contagem - p_conferencia;
    v_todas constant tstzmultirange := p_contagem + p_conferencia;
    v_destino record;
    v_minutos interno.minuto_contado[];
    v_item public.quarentena;
    v_itens bigint[] := '{}';
begin
    for v_item in
        select q.* from public.quarentena as q
        where q.linha_id = p_linha_id and q.fonte = p_fonte and (q.decisao is null or q.decisao = 'DESCARTADO')
          and (q.id = any(p_itens) or tstzrange(q.de, q.ate, '[]') && v_todas and exists (
              select from public.contagens_retiradas as r
              where r.quarentena_id = q.id and (
                  interno.recortar(r.producao, r.minuto, v_todas) is not null
                  or interno.recortar(r.rejeicao, r.minuto, v_todas) is not null
              )
          ))
        order by q.id
        for update
    loop
        for v_destino in
            select * from (
                values ('contagem', p_contagem), ('conferencia', p_conferencia), ('nenhum', v_ficam)
            ) as t (papel, faixas)
        loop
            select array_agg((r.minuto, r.producao, r.rejeicao)::interno.minuto_contado) into v_minutos
            from (
                select x.minuto, interno.recortar(x.producao, x.minuto, v_destino.faixas) as producao,
                    interno.recortar(x.rejeicao, x.minuto, v_destino.faixas) as rejeicao
                from public.contagens_retiradas as x where x.quarentena_id = v_item.id
            ) as r
            where r.producao is not null or r.rejeicao is not null;
            if v_destino.papel <> 'nenhum' then
                perform interno.por_segundos(p_linha_id, p_fonte, v_destino.papel, v_minutos);
            end if;
        end loop;
        perform interno.guardar_retiradas(
            p_linha_id, p_fonte, v_minutos,
            array(select i.id from public.contagens_intervalo as i where i.retirada_id = v_item.id), p_motivo, v_item
        );
        update public.quarentena
        set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = p_motivo,
            resolvida_por = interno.usuario_atual()
        where id = v_item.id;
        v_itens := v_itens || v_item.id;
    end loop;
    return v_itens;
end $function$;

CREATE OR REPLACE FUNCTION interno.perder_papel(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb, p_motivo text)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_vaos bigint[] := array(
        select t.id from interno.intervalos_a_mover(p_linha_id, p_fonte, p_antes, p_depois) as t where t.papel = 'nenhum'
    );
    v_troca record;
    v_minutos interno.minuto_contado[];
    v_id bigint;
    v_itens bigint[] := '{}';
begin
    for v_troca in
        select t.* from interno.trocas_de_papel(p_antes, p_depois) as t
        where t.fonte = p_fonte and (t.de_papel = 'contagem' or t.para_papel = 'nenhum')
        order by t.de_papel, t.para_papel
    loop
        v_minutos := interno.tirar_segundos(p_linha_id, p_fonte, v_troca.de_papel, v_troca.faixas);
        if v_troca.para_papel = 'conferencia' then
            perform interno.por_segundos(p_linha_id, p_fonte, 'conferencia', v_minutos);
        else
            v_id := interno.guardar_retiradas(p_linha_id, p_fonte, v_minutos, v_vaos, p_motivo, null);
            v_itens := v_itens || v_id;
            v_vaos := case when v_id is null then v_vaos end;
        end if;
    end loop;
    v_itens := v_itens || interno.guardar_retiradas(p_linha_id, p_fonte, null, v_vaos, p_motivo, null);
    return array_remove(v_itens, null);
end $function$;

CREATE OR REPLACE FUNCTION interno.ganhar_papel(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb, p_motivo text)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_vaos record;
    v_mostrado tstzmultirange;
    v_conta tstzmultirange;
    v_mostra tstzmultirange;
    v_itens bigint[];
begin
    select range_agg(t.faixas) filter (where t.de_papel = 'conferencia' and t.para_papel = 'contagem'),
        coalesce(range_agg(t.faixas) filter (where t.de_papel = 'nenhum' and t.para_papel = 'contagem'), '{}'),
        coalesce(range_agg(t.faixas) filter (where t.de_papel = 'nenhum' and t.para_papel = 'conferencia'), '{}')
    into v_mostrado, v_conta, v_mostra
    from interno.trocas_de_papel(p_antes, p_depois) as t where t.fonte = p_fonte;
    if v_mostrado is not null then
        perform interno.por_segundos(
            p_linha_id, p_fonte, 'contagem', interno.tirar_segundos(p_linha_id, p_fonte, 'conferencia', v_mostrado)
        );
    end if;
    select array_agg(t.id) filter (where t.papel = 'conferencia') as conferencia,
        array_agg(t.id) filter (where t.papel = 'contagem') as contagem,
        coalesce(array_agg(t.retirada_id) filter (where t.retirada_id is not null), '{}') as itens
    into v_vaos
    from interno.intervalos_a_mover(p_linha_id, p_fonte, p_antes, p_depois) as t;
    perform interno.mover_intervalos(p_fonte, v_vaos.conferencia, 'conferencia', null);
    perform interno.mover_intervalos(p_fonte, v_vaos.contagem, 'contagem', null);
    v_itens := interno.devolver_retiradas(p_linha_id, p_fonte, v_conta, v_mostra, v_vaos.itens, p_motivo);
    delete from public.contagens_conferencia
    where linha_id = p_linha_id and fonte = p_fonte and producao = 0 and rejeicao = 0;
    return v_itens;
end $function$;

CREATE OR REPLACE FUNCTION interno.intervalos_a_mover(p_linha_id text, p_fonte text, p_antes jsonb, p_depois jsonb)
 RETURNS TABLE(id bigint, retirada_id bigint, papel text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select i.id, i.retirada_id, p.depois
    from (
        select min(lower(t.faixas)) as de, max(coalesce(upper(t.faixas), 'infinity')) as ate
        from interno.trocas_de_papel(p_antes, p_depois) as t where t.fonte = p_fonte
    ) as f
    inner join public.contagens_intervalo as i
        on i.linha_id = p_linha_id and i.ate >= f.de and i.desde < f.ate + interval '1 second'
    inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id and coalesce(a.gateway, 'avulso') = p_fonte
    cross join lateral (
        select date_trunc('second', i.desde) as de, date_trunc('second', i.ate) as ate
    ) as s
    cross join lateral (
        select interno.papel_da_fonte(p_antes, p_fonte, s.de, s.ate) as antes,
            interno.papel_da_fonte(p_depois, p_fonte, s.de, s.ate) as depois
    ) as p
    where p.antes <> p.depois
      and p.antes = case i.situacao when 'CONFERENCIA' then 'conferencia' when 'RETIRADA' then 'nenhum' else 'contagem' end
$function$;

CREATE OR REPLACE FUNCTION interno.pedir_releitura(p_linha_id text, p_antes jsonb, p_depois jsonb, p_motivo text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_pedidas bigint;
begin
    update public.quarentena as q
    set resolvida_em = null, decisao = null, decisao_motivo = null, resolvida_por = null,
        reprocessar_em = clock_timestamp(), reprocessar_por = interno.usuario_atual(), reprocessar_motivo = p_motivo
    from public.arquivos_ingeridos as a
    where q.linha_id = p_linha_id and a.id = q.arquivo_id and a.situacao = 'APLICADO'
      and q.motivo in ('NAO_DONO', 'LINHA_DESCONHECIDA')
      and (q.decisao is null or q.decisao = 'DESCARTADO' and q.outros_motivos = '{}')
      and exists (
          select from interno.trocas_de_papel(p_antes, p_depois) as t
          cross join lateral unnest(
              interno.faixas_do_papel(p_depois, t.fonte, 'contagem') + interno.faixas_do_papel(p_depois, t.fonte, 'conferencia')
          ) as tem (faixa)
          where t.fonte = coalesce(a.gateway, 'avulso') and t.de_papel = 'nenhum'
            and tem.faixa && t.faixas and tem.faixa && tstzrange(q.de, q.ate, '[]')
      );
    get diagnostics v_pedidas = row_count;
    return v_pedidas;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_dez_dias(p_linha_id text, p_antes jsonb, p_depois jsonb)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_minutos bigint;
begin
    select count(*) into v_minutos
    from interno.trocas_de_papel(p_antes, p_depois) as t
    cross join lateral (
        select c.minuto from public.contagens_minuto as c where c.linha_id = p_linha_id and t.de_papel = 'contagem'
        union all
        select c.minuto from public.contagens_conferencia as c
        where c.linha_id = p_linha_id and c.fonte = t.fonte and t.de_papel = 'conferencia'
        union all
        select r.minuto from public.quarentena as q inner join public.contagens_retiradas as r on r.quarentena_id = q.id
        where q.linha_id = p_linha_id and q.fonte = t.fonte and t.de_papel = 'nenhum' and coalesce(q.decisao, '') <> 'REPROCESSADO'
    ) as m
    where m.minuto > lower(t.faixas) - interval '1 minute' and m.minuto < coalesce(upper(t.faixas), 'infinity');
    if v_minutos > 15000 then
        perform interno.recusar(
            '422', 'JANELA_GRANDE',
            format('A mudança atinge %s minutos contados da linha %s; são no máximo 15.000 (dez dias) de cada vez.', v_minutos, p_linha_id),
            'Faça-a por partes, dez dias de cada vez.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.rejulgar_fontes(p_linha_id text, p_antes jsonb, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_depois constant jsonb := interno.faixas_das_fontes(p_linha_id);
    v_de timestamptz;
    v_ate timestamptz;
    v_atribuido jsonb;
    v_fonte text;
    v_fontes constant text[] := array(
        select distinct t.fonte from interno.trocas_de_papel(p_antes, v_depois) as t order by t.fonte
    );
    v_retiradas bigint[] := '{}';
    v_devolvidas bigint[] := '{}';
begin
    select min(lower(t.faixas)), max(coalesce(upper(t.faixas), 'infinity')) into v_de, v_ate
    from interno.trocas_de_papel(p_antes, v_depois) as t where 'contagem' in (t.de_papel, t.para_papel);
    perform interno.exigir_dez_dias(p_linha_id, p_antes, v_depois);
    if v_de is not null then
        v_atribuido := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    end if;
    foreach v_fonte in array v_fontes loop
        v_retiradas := v_retiradas || interno.perder_papel(p_linha_id, v_fonte, p_antes, v_depois, p_motivo);
    end loop;
    foreach v_fonte in array v_fontes loop
        v_devolvidas := v_devolvidas || interno.ganhar_papel(p_linha_id, v_fonte, p_antes, v_depois, p_motivo);
    end loop;
    if v_de is not null then
        perform interno.reatribuir(p_linha_id, v_de, v_ate, v_atribuido);
    end if;
    return jsonb_build_object(
        'retiradas', to_jsonb(v_retiradas), 'devolvidas', to_jsonb(v_devolvidas),
        'a_reler', interno.pedir_releitura(p_linha_id, p_antes, v_depois, p_motivo)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.linha_para_decisao(p_funcao text, VARIADIC p_linhas text[])
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_setor text;
    v_papel text;
begin
    perform interno.travar_linhas(p_linhas);
    for v_setor in
        select distinct l.setor from unnest(p_linhas) as t (linha_id) left join public.linhas as l using (linha_id)
    loop
        v_papel := interno.exigir_papel(p_funcao, v_setor);
    end loop;
    return v_papel;
end $function$;

CREATE OR REPLACE FUNCTION public.justificar_sem_ordem(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
    perform interno.anotar_trilha(
        v_papel, 'justificar_sem_ordem', format('linhas:%s', p_linha_id), null, v_resultado, v_motivo
    );
    return v_resultado;
end $function$;

create or replace view public.contagens_retidas with (security_invoker=true) as
 SELECT id,
    linha_id,
    desde,
    ate,
    producao,
    rejeicao,
    flags,
    motivo,
    arquivo_id,
    byte_de,
    byte_ate,
    criada_em,
        CASE
            WHEN (motivo = 'FRONTEIRA'::text) THEN concat_ws('|'::text, linha_id, motivo, id)
            ELSE concat_ws('|'::text, linha_id, motivo,
            CASE
                WHEN ('futura'::text = ANY (flags)) THEN 'futura'::text
                ELSE NULL::text
            END)
        END AS assunto
   FROM public.contagens_intervalo i
  WHERE (situacao = 'RETIDA'::text);

CREATE OR REPLACE FUNCTION interno.retidas_para_decisao(p_id bigint, p_motivo text, p_assunto text, p_ids bigint[], OUT papel text, OUT motivo text, OUT itens bigint[], OUT restam bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_retidas bigint[];
    v_outra bigint;
begin
    if cardinality(p_ids) > v_maximo then
        perform interno.recusar(
            '422', 'ITENS_DEMAIS', format('São %s itens; no máximo %s de uma vez.', cardinality(p_ids), v_maximo), 'Decida-os em partes.'
        );
    end if;
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
            'RETIDA_DESCONHECIDA', format('Não há contagem retida %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform from public.contagens_intervalo as i where i.id = any(itens) order by i.id for update;
    select array_agg(i.id order by i.id) filter (where i.situacao = 'RETIDA'), min(i.id) filter (where i.situacao <> 'RETIDA')
    into v_retidas, v_outra
    from public.contagens_intervalo as i where i.id = any(itens);
    if v_outra is not null and (v_retidas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(format('A contagem %s não está mais retida (%s).', v_outra, (
            select i.situacao from public.contagens_intervalo as i where i.id = v_outra
        )));
    end if;
    itens := v_retidas; -- what an order's new times have settled since the matter was listed is settled
    restam := (
        select count(*) from public.contagens_retidas as r
        where p_ids is null and r.assunto = p_assunto and r.id <= p_id
    ) - case when p_ids is null and p_assunto is not null then cardinality(itens) else 0 end;
end $function$;

CREATE OR REPLACE FUNCTION interno.periodo_da_decisao(p_op text, p_linha_id text, p_ate timestamp with time zone)
 RETURNS public.periodos_ordem
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p
    from public.periodos_ordem as p
    where p.numero_op = p_op and p.linha_id = p_linha_id
    order by lower(p.intervalo) <= p_ate desc, abs(extract(epoch from lower(p.intervalo) - p_ate))
    limit 1
$function$;

CREATE OR REPLACE FUNCTION public.decidir_retido(p_id bigint DEFAULT NULL::bigint, p_decisao text DEFAULT NULL::text, p_numero_op text DEFAULT NULL::text, p_motivo text DEFAULT NULL::text, p_assunto text DEFAULT NULL::text, p_ids bigint[] DEFAULT NULL::bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.anular_faltas(p_gateway text, p_epoca text, p_seq bigint, p_ate_seq bigint, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_faixas jsonb;
begin
    with anuladas as (
        insert into public.sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)
        select p_gateway, p_epoca, greatest(l.anterior + 1, p_seq), least(l.seq - 1, p_ate_seq), p_motivo, interno.usuario_atual()
        from public.lacunas_sequencia as l
        where l.gateway = p_gateway and l.epoca = p_epoca and l.seq - l.anterior > 1
          and l.desde < now() - interval '10 minutes' and l.anterior < p_ate_seq and l.seq > p_seq
        returning seq, ate_seq
    )
    select jsonb_agg(jsonb_build_array(a.seq, a.ate_seq) order by a.seq) into v_faixas from anuladas as a;
    if v_faixas is null then
        perform interno.recusar_decidido(format('De %s a %s não falta mais nenhuma sequência.', p_seq, p_ate_seq));
    end if;
    return v_faixas;
end $function$;

CREATE OR REPLACE FUNCTION public.anular_sequencia(p_gateway text, p_epoca text, p_seq bigint, p_motivo text, p_ate_seq bigint DEFAULT NULL::bigint, p_so_faltas boolean DEFAULT false)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('anular_sequencia', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_epoca constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
    v_fim constant bigint := greatest(v_epoca.maior_seq, v_epoca.ultima_seq_declarada);
    v_ate constant bigint := coalesce(p_ate_seq, p_seq);
    v_faixa constant text := case when v_ate = p_seq then format('A sequência %s', p_seq) else format('De %s a %s, alguma sequência', p_seq, v_ate) end;
    v_faixas jsonb;
begin
    if p_seq is null or p_seq < 1 or v_ate < p_seq or v_ate > v_fim then
        perform interno.recusar(
            '422', 'SEQUENCIA_FORA',
            case
                when v_ate = p_seq then format('A sequência %s não falta: a época vai de 1 a %s.', p_seq, v_fim)
                else format('De %s a %s não é uma faixa que falte: a época vai de 1 a %s.', p_seq, v_ate, v_fim)
            end,
            'Anule só o que está listado em pendências.'
        );
    end if;
    if p_so_faltas then
        v_faixas := interno.anular_faltas(p_gateway, p_epoca, p_seq, v_ate, v_motivo);
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_gateway and a.epoca = p_epoca and a.seq between p_seq and v_ate
          and a.motivo is distinct from 'SEQ_ABSURDA'
    ) then
        perform interno.recusar(
            '409', 'SEQUENCIA_RECEBIDA', format('%s já chegou.', v_faixa), 'Atualize a tela de pendências.'
        );
    elsif exists (
        select from public.sequencias_anuladas as n
        where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= v_ate and n.ate_seq >= p_seq
    ) then
        perform interno.recusar_decidido(format('%s já foi anulada.', v_faixa));
    else
        insert into public.sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)
        values (p_gateway, p_epoca, p_seq, v_ate, v_motivo, interno.usuario_atual());
    end if;
    perform interno.avancar_epoca(p_gateway, p_epoca, null, null);
    perform interno.anotar_trilha(
        v_papel, 'anular_sequencia', format('epocas_gateway:%s:%s', p_gateway, p_epoca), null,
        jsonb_strip_nulls(jsonb_build_object('seq', p_seq, 'ate_seq', v_ate, 'faixas', v_faixas)), v_motivo
    );
    return (
        select jsonb_build_object(
            'gateway', gateway, 'epoca', epoca, 'seq', p_seq, 'ate_seq', v_ate, 'ultima_seq_continua', ultima_seq_continua
        )
        from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca
    );
end $function$;

CREATE OR REPLACE FUNCTION public.reprocessavel(p_item public.quarentena)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p_item.fonte is null and (p_item.motivo in ('NAO_DONO', 'LINHA_DESCONHECIDA', 'EPOCA_ANTERIOR') or exists (
        select from public.arquivos_ingeridos as a
        where a.id = p_item.arquivo_id and a.situacao = 'QUARENTENA' and a.motivo = p_item.motivo
    ))
$function$;

CREATE OR REPLACE FUNCTION interno.itens_de_quarentena(p_id bigint, p_assunto text, p_ids bigint[], p_maximo integer)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION interno.quarentena_para_decisao(p_funcao text, p_id bigint, p_motivo text, p_assunto text, p_ids bigint[], OUT papel text, OUT motivo text, OUT itens bigint[], OUT restam bigint)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_maximo constant integer := 10000;
    v_linhas text[];
    v_chaves text[];
    v_abertas bigint[];
    v_decidida bigint;
begin
    if cardinality(p_ids) > v_maximo then
        perform interno.recusar(
            '422', 'ITENS_DEMAIS', format('São %s itens; no máximo %s de uma vez.', cardinality(p_ids), v_maximo), 'Decida-os em partes.'
        );
    end if;
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
            'QUARENTENA_DESCONHECIDA', format('Não há quarentena %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform interno.travar_chaves(v_chaves);
    perform from public.quarentena as q where q.id = any(itens) order by q.id for update;
    select array_agg(q.id order by q.id) filter (where q.resolvida_em is null), min(q.id) filter (where q.resolvida_em is not null)
    into v_abertas, v_decidida
    from public.quarentena as q where q.id = any(itens);
    if v_decidida is not null and (v_abertas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(
            format('A quarentena %s já foi resolvida em %s.', v_decidida, (
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
end $function$;

CREATE OR REPLACE FUNCTION interno.anotar_quarentena(p_papel text, p_acao text, p_itens bigint[], p_motivo text)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.resolver_quarentena(p_id bigint DEFAULT NULL::bigint, p_motivo text DEFAULT NULL::text, p_assunto text DEFAULT NULL::text, p_ids bigint[] DEFAULT NULL::bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.reprocessar_quarentena(p_id bigint DEFAULT NULL::bigint, p_motivo text DEFAULT NULL::text, p_assunto text DEFAULT NULL::text, p_ids bigint[] DEFAULT NULL::bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
            '409', 'NADA_A_REPROCESSAR', format('A quarentena %s é do que a fonte %s já tinha contado; não está em arquivo.', v_q.id, v_q.fonte),
            'Se a linha era dessa fonte, diga-o com definir_fonte: as contagens voltam. Se não, descarte-a com resolver_quarentena.'
        );
    elsif v_q.id is not null then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('Lida de novo, a quarentena %s daria no mesmo (%s).', v_q.id, v_q.motivo),
            'Descarte-a com resolver_quarentena e registre o que faltar de outra forma.'
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
end $function$;

CREATE OR REPLACE FUNCTION public.quarentenas_a_reprocessar(p_limite integer)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
    from leituras as l inner join public.arquivos_ingeridos as a on a.id = l.arquivo_id
$function$;

CREATE OR REPLACE FUNCTION public.registrar_contagem_manual(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_producao integer, p_rejeicao integer DEFAULT 0, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_contagem_manual', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_antes public.contagens_manuais_atuais;
    v_nova public.contagens_manuais;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    if p_producao is null or p_producao not between 0 and 10000000 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de 0 a 10.000.000, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha se diz com definir_fonte.'
        );
    end if;
    if not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    if (v_antes.producao, v_antes.rejeicao, v_antes.turno) = (p_producao, p_rejeicao, p_turno) then
        return to_jsonb(v_antes);
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.contagens_manuais (numero_op, linha_id, data, turno, janela, producao, rejeicao, motivo, usuario_id)
    values (v_op, p_linha_id, p_data, p_turno, v_janela, p_producao, p_rejeicao, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    -- What is counted by hand is counted in units.
    perform interno.somar_ordem(
        v_op, p_linha_id, p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0),
        p_producao - coalesce(v_antes.producao, 0), p_rejeicao - coalesce(v_antes.rejeicao, 0)
    );
    perform interno.anotar_trilha(
        v_papel, 'registrar_contagem_manual', format('contagens_manuais:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_diario(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_fim constant timestamptz := least(upper(p_janela), clock_timestamp());
    v_motivos jsonb := '[]';
    v_linha record;
begin
    if not exists (select from interno.ops_do_turno(p_linha_id, p_janela)) then
        v_motivos := v_motivos || interno.motivo_json('NADA_A_ASSINAR',
            'Nenhuma OP esteve aberta na linha neste turno.', 'Confira a linha, o dia e o turno.');
    end if;
    for v_linha in
        select p.numero_op from public.periodos_ordem as p
        where p.linha_id = p_linha_id and upper_inf(p.intervalo) and clock_timestamp() < upper(p_janela) and p.intervalo && p_janela
    loop
        v_motivos := v_motivos || interno.motivo_json('ORDEM_ABERTA',
            format('A OP %s está aberta na linha e o turno ainda não terminou.', v_linha.numero_op),
            'Encerre a OP, ou espere o fim do turno.');
    end loop;
    for v_linha in
        select r.detalhe from interno.retidas_no_intervalo(p_linha_id, p_janela) as r order by r.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('CONTAGEM_RETIDA', v_linha.detalhe, 'Decida-a com decidir_retido.');
    end loop;
    for v_linha in
        select q.quais, q.detalhe from interno.quarentenas_no_intervalo(p_linha_id, lower(p_janela), v_fim) as q order by q.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('QUARENTENA',
            format('%s a decidir: %s', v_linha.quais, v_linha.detalhe),
            'Decida-a com resolver_quarentena ou reprocessar_quarentena.');
    end loop;
    select coalesce(sum(t.producao), 0) as producao, coalesce(sum(t.rejeicao), 0) as rejeicao into v_linha
    from (
        select m.sem_ordem_producao - m.justificada_producao as producao, m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
          and (m.sem_ordem_producao > m.justificada_producao or m.sem_ordem_rejeicao > m.justificada_rejeicao)
        union all
        select i.producao, i.rejeicao from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and not i.justificada and i.ate <@ p_janela
    ) as t;
    if v_linha.producao > 0 or v_linha.rejeicao > 0 then
        v_motivos := v_motivos || interno.motivo_json('SEM_ORDEM',
            format('A linha contou %s (rejeição %s) sem OP aberta neste turno.', v_linha.producao, v_linha.rejeicao),
            'Abra a OP com a hora em que começou, ou justifique com justificar_sem_ordem.');
    end if;
    for v_linha in
        select o.op, f.rejeicao, f.digitado, f.producao, f.divergente, f.refugo, f.outras
        from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
        cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        order by o.op
    loop
        if v_linha.divergente then
            v_motivos := v_motivos || interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s: a máquina rejeitou %s unidades, foram digitadas %s.', v_linha.op, v_linha.rejeicao, v_linha.digitado),
                'Corrija o refugo digitado, ou diga qual vale com conciliar_refugo.');
        end if;
        if v_linha.producao = 0 and exists (
            select from public.fontes_linha as f
            where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem' and tstzrange(f.de, f.ate) && p_janela
        ) and not exists (
            select from public.contagens_manuais_atuais as m
            where m.numero_op = v_linha.op and m.linha_id = p_linha_id and m.janela && p_janela
        ) then
            v_motivos := v_motivos || interno.motivo_json('SEM_CONTAGEM_MANUAL',
                format('Falta a contagem física da OP %s neste turno.', v_linha.op),
                'Registre-a com registrar_contagem_manual, mesmo que seja zero.');
        end if;
        if v_linha.producao < interno.soma_json(v_linha.refugo) + interno.soma_json(v_linha.outras) then
            v_motivos := v_motivos || interno.motivo_json('PERDAS_MAIORES',
                format('OP %s: refugo e amostras passam das %s unidades produzidas no turno.', v_linha.op, v_linha.producao),
                'Corrija o que foi digitado.');
        end if;
    end loop;
    return v_motivos;
end $function$;

CREATE OR REPLACE FUNCTION interno.quarentenas_no_intervalo(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(p_id bigint, p_assunto text, quais text, detalhe text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select t.ultimo, t.assunto,
        case when t.itens = 1 then 'Quarentena ' || t.ultimo else format('Quarentena, %s itens', t.itens) end, p.detalhe
    from (
        select q.assunto, max(q.id) as ultimo, min(q.id) as primeiro, count(*) as itens
        from public.quarentena as q
        where q.resolvida_em is null and interno.quarentena_atinge(q, p_linha_id, p_de, p_ate)
        group by q.assunto
    ) as t
    inner join public.quarentena as p on p.id = t.primeiro
$function$;

CREATE OR REPLACE FUNCTION interno.retidas_no_intervalo(p_linha_id text, p_intervalo tstzrange)
 RETURNS TABLE(p_id bigint, p_assunto text, detalhe text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select max(c.id), c.assunto, format(
        '%s (produção %s, rejeição %s) espera decisão.',
        case when count(*) = 1 then 'A contagem retida ' || max(c.id) else format('O grupo de %s contagens retidas', count(*)) end,
        sum(c.producao), sum(c.rejeicao)
    )
    from public.contagens_retidas as c
    where c.linha_id = p_linha_id and tstzrange(c.desde, c.ate, '[]') && p_intervalo
    group by c.assunto
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
            'Diga com definir_fonte quem contou a linha neste tempo.');
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
                format('%s, pode conter contagens da OP: %s', q.quais, q.detalhe), 'Decida-a.'
            ), 'resolver_quarentena', jsonb_build_object('p_id', q.p_id, 'p_assunto', q.p_assunto)) order by q.p_id)
            from interno.quarentenas_no_intervalo(v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo)) as q
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('CONTAGEM_RETIDA', c.detalhe, 'Decida-a.'),
                'decidir_retido', jsonb_build_object('p_id', c.p_id, 'p_assunto', c.p_assunto)) order by c.p_id)
            from interno.retidas_no_intervalo(v_r.linha_id, v_r.intervalo) as c
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

CREATE OR REPLACE FUNCTION public.paradas_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_minimo integer DEFAULT 1)
 RETURNS TABLE(de timestamp with time zone, ate timestamp with time zone, minutos integer, ordens text[])
 LANGUAGE sql
 STABLE
AS $function$
    select t.de, t.ate, t.minutos, t.ordens
    from (
        select p.*, count(*) over () as respostas
        from (
            select g.de, g.ate, g.minutos, array(
                select distinct p.numero_op from public.periodos_ordem as p
                where p.linha_id = p_linha_id and p.intervalo && tstzrange(g.de, g.ate)
                order by p.numero_op
            ) as ordens
            from (
                select f.anterior as de, f.minuto as ate, (extract(epoch from f.minuto - f.anterior) / 60)::integer as minutos
                from (
                    select t.minuto, coalesce(
                        max(t.depois) over (order by t.minuto, t.depois rows between unbounded preceding and 1 preceding),
                        date_trunc('minute', p_de)
                    ) as anterior
                    from (
                        select m.minuto, m.minuto + interval '1 minute' as depois
                        from public.contagens_minuto as m
                        where m.linha_id = p_linha_id and m.minuto >= date_trunc('minute', p_de) and m.minuto < p_ate
                        union all
                        -- An increment that spans time says that the machine ran, not when: no stop is claimed inside.
                        select date_trunc('minute', i.desde), date_trunc('minute', i.ate) + interval '1 minute'
                        from public.contagens_intervalo as i
                        where i.linha_id = p_linha_id and i.ate >= date_trunc('minute', p_de)
                          and i.ate < p_ate + interval '31 days' and i.desde < p_ate
                          and i.situacao not in ('DESCARTADA', 'CONFERENCIA', 'RETIRADA')
                        union all
                        select date_trunc('minute', least(p_ate, now())), null
                    ) as t
                ) as f
            ) as g
            where g.minutos >= greatest(p_minimo, 1) and public.conferir_janela(p_de, p_ate, interval '31 days')
            limit 1001
        ) as p
    ) as t
    where public.conferir_pagina(t.respostas)
$function$;

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
        ), retidas AS (
         SELECT r.assunto,
            r.linha_id,
            r.motivo,
            count(*) AS itens,
            max(r.id) AS ultima,
            sum(r.producao) AS producao,
            sum(r.rejeicao) AS rejeicao,
            min(r.desde) AS de,
            max(r.ate) AS ate,
            bool_or(('futura'::text = ANY (r.flags))) AS futura,
            min(r.criada_em) AS desde
           FROM public.contagens_retidas r
          GROUP BY r.assunto, r.linha_id, r.motivo
        ), faltas AS (
         SELECT f.gateway,
            f.epoca,
            count(*) AS faixas,
            (min(f.anterior) + 1) AS de,
            (max(f.seq) - 1) AS ate,
            sum(((f.seq - f.anterior) - 1)) AS sequencias,
            to_jsonb((array_agg(ARRAY[(f.anterior + 1), (f.seq - 1)] ORDER BY f.seq))[:50]) AS primeiras,
            min(f.desde) AS desde
           FROM public.lacunas_sequencia f
          WHERE (((f.seq - f.anterior) > 1) AND (f.desde < (now() - '00:10:00'::interval)))
          GROUP BY f.gateway, f.epoca
        ), quarentenas AS (
         SELECT q.assunto,
            count(*) AS itens,
            min(q.id) AS primeiro,
            max(q.id) AS ultimo,
            count(DISTINCT q.chave) AS arquivos,
            array_agg(DISTINCT q.linha_id) FILTER (WHERE (q.linha_id IS NOT NULL)) AS linhas,
                CASE
                    WHEN ((count(DISTINCT q.linha_id) = 1) AND (count(*) = count(q.linha_id))) THEN min(q.linha_id)
                    ELSE NULL::text
                END AS linha_id,
                CASE
                    WHEN ((count(DISTINCT l.setor) = 1) AND (count(*) = count(l.setor))) THEN min(l.setor)
                    ELSE NULL::text
                END AS setor,
            sum(q.registros) AS registros,
            sum(q.producao) AS producao,
            sum(q.rejeicao) AS rejeicao,
            min(q.de) AS de,
            max(q.ate) AS ate,
            min(q.criada_em) AS desde,
            max(q.criada_em) AS ultimo_em
           FROM (public.quarentena q
             LEFT JOIN public.linhas l ON ((q.linha_id = l.linha_id)))
          WHERE (q.resolvida_em IS NULL)
          GROUP BY q.assunto
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
    r.assunto AS chave,
    r.linha_id,
    l.setor,
        CASE
            WHEN (r.motivo = 'FRONTEIRA'::text) THEN format('Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.'::text, r.producao, r.rejeicao)
            ELSE format('%s de %s (rejeição %s)%s%s.'::text,
            CASE
                WHEN r.futura THEN 'Contagem'::text
                WHEN (r.itens = 1) THEN 'Contagem implausível'::text
                ELSE 'Contagens implausíveis'::text
            END, r.producao, r.rejeicao,
            CASE
                WHEN r.futura THEN format(' datada de %s, muito depois de chegar'::text, to_char((r.ate AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text))
                ELSE NULL::text
            END,
            CASE
                WHEN (r.itens > 1) THEN format(', em %s registros'::text, r.itens)
                ELSE NULL::text
            END)
        END AS descricao,
    r.desde,
    array_to_string(public.papeis_da_funcao('decidir_retido'::text), ', '::text) AS quem_decide,
    'decidir_retido'::text AS funcao,
    jsonb_build_object('p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS detalhes
   FROM (retidas r
     JOIN public.linhas l ON ((r.linha_id = l.linha_id)))
UNION ALL
 SELECT 'QUARENTENA'::text AS tipo,
    q.assunto AS chave,
    q.linha_id,
    q.setor,
        CASE
            WHEN (q.itens = 1) THEN p.detalhe
            ELSE format('%s itens de %s, desde %s até %s. O primeiro: %s'::text, q.itens,
            CASE
                WHEN (q.arquivos = 1) THEN 'um arquivo'::text
                ELSE (q.arquivos || ' arquivos'::text)
            END, to_char((q.desde AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), to_char((q.ultimo_em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), p.detalhe)
        END AS descricao,
    q.desde,
    array_to_string(public.papeis_da_funcao('resolver_quarentena'::text), ', '::text) AS quem_decide,
    'resolver_quarentena'::text AS funcao,
    jsonb_build_object('p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos, 'linhas', q.linhas[:50], 'motivo', p.motivo, 'outros_motivos', COALESCE(p.outros_motivos, '{}'::text[]), 'de', q.de, 'ate', q.ate, 'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'arquivo', p.chave, 'versao_id', p.versao_id, 'byte_de', p.byte_de, 'byte_ate', p.byte_ate, 'primeiros_bytes', encode(SUBSTRING(p.amostra FROM 1 FOR 64), 'escape'::text), 'fonte', p.fonte, 'alternativa',
        CASE
            WHEN (p.fonte IS NOT NULL) THEN 'definir_fonte'::text
            WHEN public.reprocessavel(p.*) THEN 'reprocessar_quarentena'::text
            ELSE NULL::text
        END) AS detalhes
   FROM (quarentenas q
     JOIN public.quarentena p ON ((q.primeiro = p.id)))
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
    ((((f.gateway || ':'::text) || f.epoca) || ':'::text) || concat_ws('-'::text, f.de, NULLIF(f.ate, f.de))) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
        CASE
            WHEN (f.sequencias = (1)::numeric) THEN format('O lote %s do gateway %s não chegou.'::text, f.de, f.gateway)
            WHEN (f.faixas = 1) THEN format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, f.de, f.ate, f.gateway, f.sequencias)
            ELSE format('Faltam %s lotes do gateway %s, em %s faixas de %s a %s.'::text, f.sequencias, f.gateway, f.faixas, f.de, f.ate)
        END AS descricao,
    f.desde,
    array_to_string(public.papeis_da_funcao('anular_sequencia'::text), ', '::text) AS quem_decide,
    'anular_sequencia'::text AS funcao,
    jsonb_build_object('p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', (f.faixas > 1), 'sequencias', f.sequencias, 'faixas', f.primeiras) AS detalhes
   FROM faltas f
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

CREATE OR REPLACE FUNCTION interno.exigir_faixa(p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS tstzrange
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    if p_de is null or p_de < '2000-01-01 00:00+00' or p_de > clock_timestamp() + interval '1 year'
        or date_trunc('second', p_ate) <= date_trunc('second', p_de) or not isfinite(p_ate) then
        perform interno.recusar(
            '422', 'INTERVALO_INVALIDO',
            'O início é um instante de 2000 até daqui a um ano; o fim é posterior a ele, ou fica em branco.', 'Corrija o intervalo.'
        );
    end if;
    return tstzrange(date_trunc('second', p_de), date_trunc('second', p_ate));
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_inteiro(p_campo text, p_valor bigint, p_minimo bigint, p_maximo bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if p_valor is null or p_valor not between p_minimo and p_maximo then
        perform interno.recusar(
            '422', 'NUMERO_INVALIDO', format('O campo %s é um inteiro de %s a %s.', p_campo, p_minimo, p_maximo), 'Corrija o número.'
        );
    end if;
    return p_valor;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_opcao(p_campo text, p_valor text, VARIADIC p_opcoes text[])
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if p_valor is null or p_valor <> all(p_opcoes) then
        perform interno.recusar(
            '422', 'VALOR_INVALIDO',
            format('O campo %s é um de %s, não %L.', p_campo, array_to_string(p_opcoes, ', '), left(p_valor, 40)), 'Escolha um deles.'
        );
    end if;
    return p_valor;
end $function$;

CREATE OR REPLACE FUNCTION interno.recusar_contagem_manual(p_linha_id text, p_antes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_m public.contagens_manuais_atuais;
begin
    select m.* into v_m
    from public.contagens_manuais_atuais as m
    where m.linha_id = p_linha_id and (m.producao > 0 or m.rejeicao > 0)
      and m.janela && interno.faixas_do_papel(p_antes, 'manual', 'contagem')
      and not m.janela && interno.faixas_do_papel(interno.faixas_das_fontes(p_linha_id), 'manual', 'contagem')
    order by m.janela
    limit 1;
    if v_m.id is not null then
        perform interno.recusar(
            '409', 'CONTAGEM_MANUAL',
            format('A OP %s tem %s unidades contadas à mão na linha %s em %s, turno %s.', v_m.numero_op, v_m.producao, p_linha_id,
                to_char(v_m.data, 'DD/MM/YYYY'), v_m.turno),
            'Corrija a contagem para zero com registrar_contagem_manual, com motivo, e repita.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.recusar_relogio_em_duvida(p_linha_id text, p_faixa tstzrange)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_d public.duvidas_relogio;
begin
    select d.* into v_d
    from public.duvidas_relogio as d
    where d.aplicada_em is null and p_linha_id = any(d.linhas) and tstzrange(d.desde, d.ate, '[]') && p_faixa
    order by d.id
    limit 1;
    if v_d.id is not null then
        perform interno.recusar(
            '409', 'RELOGIO_EM_DUVIDA', v_d.descricao, case when v_d.decisao is null
                then format('Decida antes a dúvida %s com decidir_relogio: as contagens podem ser de outra hora.', v_d.id)
                else 'A decisão está sendo aplicada; repita em um minuto.'
            end
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.fontes_com(p_antes jsonb, p_fonte text, p_papel text, p_faixa tstzrange)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'fonte', t.fonte, 'papel', t.papel, 'de', lower(u.faixa), 'ate', upper(u.faixa)
    )), '[]')
    from (
        select f.fonte, f.papel, range_agg(f.faixa) as faixas
        from (
            select a.fonte, a.papel, unnest(case
                when a.fonte = p_fonte or (a.papel = 'contagem' and p_papel = 'contagem')
                    then a.faixas - p_faixa::tstzmultirange
                else a.faixas
            end) as faixa
            from jsonb_to_recordset(p_antes) as a (fonte text, papel text, faixas tstzmultirange)
            union all
            select p_fonte, p_papel, p_faixa where p_papel <> 'nenhum'
        ) as f
        group by f.fonte, f.papel
    ) as t
    cross join lateral unnest(t.faixas) as u (faixa)
$function$;

CREATE OR REPLACE FUNCTION public.definir_fonte(p_linha_id text, p_fonte text, p_papel text, p_de timestamp with time zone, p_ate timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao('definir_fonte', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_faixa constant tstzrange := interno.exigir_faixa(p_de, p_ate);
    v_antes jsonb;
    v_ditas jsonb;
    v_feito jsonb;
begin
    perform interno.exigir_linha(p_linha_id);
    perform interno.exigir_opcao('papel', p_papel, 'contagem', 'conferencia', 'nenhum');
    if p_fonte is null or p_fonte not in ('avulso', 'manual') and not exists (select from public.gateways where gateway = p_fonte) then
        perform interno.recusar(
            '404', 'GATEWAY_DESCONHECIDO', format('O gateway %L não está cadastrado.', left(p_fonte, 64)),
            'Cadastre-o com definir_gateway, ou use avulso ou manual.'
        );
    end if;
    perform interno.recusar_relogio_em_duvida(p_linha_id, v_faixa);
    v_antes := interno.faixas_das_fontes(p_linha_id);
    perform interno.declarar_autor(v_papel, v_motivo);
    v_ditas := interno.fontes_com(v_antes, p_fonte, p_papel, v_faixa);
    delete from public.fontes_linha as f
    where f.linha_id = p_linha_id and not exists (
        select from jsonb_to_recordset(v_ditas) as d (fonte text, papel text, de timestamptz, ate timestamptz)
        where (d.fonte, d.papel, d.de) = (f.fonte, f.papel, f.de) and d.ate is not distinct from f.ate
    );
    insert into public.fontes_linha (linha_id, fonte, papel, de, ate)
    select p_linha_id, d.fonte, d.papel, d.de, d.ate
    from jsonb_to_recordset(v_ditas) as d (fonte text, papel text, de timestamptz, ate timestamptz)
    where not exists (
        select from public.fontes_linha as f
        where (f.linha_id, f.fonte, f.papel, f.de) = (p_linha_id, d.fonte, d.papel, d.de) and f.ate is not distinct from d.ate
    );
    perform interno.recusar_contagem_manual(p_linha_id, v_antes);
    v_feito := interno.rejulgar_fontes(p_linha_id, v_antes, v_motivo);
    perform interno.declarar_autor('', '');
    perform interno.anotar_trilha(
        v_papel, 'definir_fonte', format('linhas:%s', p_linha_id), jsonb_build_object('fontes', v_antes),
        v_feito || jsonb_build_object('fontes', interno.faixas_das_fontes(p_linha_id)), v_motivo
    );
    return v_feito || jsonb_build_object(
        'linha_id', p_linha_id, 'fonte', p_fonte, 'papel', p_papel, 'de', lower(v_faixa), 'ate', upper(v_faixa)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.rejulgar_fatores(p_linha_id text, p_contador text, p_fator integer, p_faixa tstzrange, p_papel text, p_motivo text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes constant jsonb := (
        select jsonb_agg(to_jsonb(p) order by p.id)
        from public.periodos_ordem as p
        where p.linha_id = p_linha_id and lower(p.intervalo) <@ p_faixa
          and p_fator <> case p_contador when 'producao' then p.fator_producao else p.fator_rejeicao end
    );
    v_de timestamptz;
    v_ate timestamptz;
    v_atribuido jsonb;
begin
    if v_antes is null then
        return 0;
    end if;
    select min(lower(p.intervalo)), max(coalesce(upper(p.intervalo), 'infinity')) into v_de, v_ate
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as p;
    if (
        select count(*) from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto > v_de - interval '1 minute' and c.minuto < v_ate
    ) > 45000 then
        perform interno.recusar(
            '422', 'JANELA_GRANDE',
            format('As OPs abertas no intervalo contaram mais de 45.000 minutos (um mês) na linha %s.', p_linha_id),
            'Corrija o fator por partes, um mês de cada vez.'
        );
    end if;
    v_atribuido := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    update public.periodos_ordem as p
    set fator_producao = case p_contador when 'producao' then p_fator else p.fator_producao end,
        fator_rejeicao = case p_contador when 'rejeicao' then p_fator else p.fator_rejeicao end
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as a
    where p.id = a.id;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_atribuido);
    perform interno.anotar_trilha(
        p_papel, 'definir_fator', format('periodos_ordem:%s', a.id), interno.periodo_json(a), interno.periodo_json(p), p_motivo
    )
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as a
    inner join public.periodos_ordem as p on p.id = a.id;
    perform interno.corrigir_decididas(p_linha_id, v_antes);
    return jsonb_array_length(v_antes);
end $function$;

CREATE OR REPLACE FUNCTION interno.corrigir_decididas(p_linha_id text, p_antes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_i record;
begin
    for v_i in
        select i.id, i.numero_op, i.situacao, i.producao, i.rejeicao, p.fator_producao, p.fator_rejeicao,
            p.fator_producao - a.fator_producao as mais_producao, p.fator_rejeicao - a.fator_rejeicao as mais_rejeicao
        from jsonb_populate_recordset(null::public.periodos_ordem, p_antes) as a
        inner join public.periodos_ordem as p on p.id = a.id
        inner join public.contagens_intervalo as i on i.linha_id = p_linha_id
            and coalesce(i.numero_op, i.decidida_como ->> 'numero_op') = p.numero_op
            and 'DECIDIDA' in (i.situacao, i.decidida_como ->> 'situacao')
            and coalesce(i.fator_producao, (i.decidida_como ->> 'fator_producao')::integer) = a.fator_producao
            and coalesce(i.fator_rejeicao, (i.decidida_como ->> 'fator_rejeicao')::integer) = a.fator_rejeicao
        where p.id = (interno.periodo_da_decisao(p.numero_op, p_linha_id, i.ate)).id
        order by i.id
    loop
        if v_i.situacao = 'DECIDIDA' then
            update public.contagens_intervalo
            set fator_producao = v_i.fator_producao, fator_rejeicao = v_i.fator_rejeicao
            where id = v_i.id;
            perform interno.somar_ordem(
                v_i.numero_op, p_linha_id, 0, 0, v_i.producao * v_i.mais_producao, v_i.rejeicao * v_i.mais_rejeicao
            );
        else
            update public.contagens_intervalo
            set decidida_como = decidida_como || jsonb_build_object(
                'fator_producao', v_i.fator_producao, 'fator_rejeicao', v_i.fator_rejeicao
            )
            where id = v_i.id;
        end if;
    end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.definir_fator(p_linha_id text, p_contador text, p_fator integer, p_de timestamp with time zone, p_ate timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao('definir_fator', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_faixa constant tstzrange := interno.exigir_faixa(p_de, p_ate);
    v_fatores jsonb;
    v_periodos bigint;
begin
    perform interno.exigir_linha(p_linha_id);
    perform interno.exigir_opcao('contador', p_contador, 'producao', 'rejeicao');
    perform interno.exigir_inteiro('fator', p_fator, 1, 1000);
    perform interno.declarar_autor(v_papel, v_motivo);
    select jsonb_agg(jsonb_build_object('fator', t.fator, 'validade', u.validade)) into v_fatores
    from (
        select x.fator, range_agg(x.validade) as validades
        from (
            select f.fator, unnest(tstzmultirange(f.validade) - tstzmultirange(v_faixa)) as validade
            from public.fatores_linha as f where f.linha_id = p_linha_id and f.contador = p_contador
            union all
            select p_fator, v_faixa
        ) as x
        group by x.fator
    ) as t
    cross join lateral unnest(t.validades) as u (validade);
    delete from public.fatores_linha as f
    where f.linha_id = p_linha_id and f.contador = p_contador and not exists (
        select from jsonb_to_recordset(v_fatores) as n (fator integer, validade tstzrange)
        where (n.fator, n.validade) = (f.fator, f.validade)
    );
    insert into public.fatores_linha (linha_id, contador, fator, validade)
    select p_linha_id, p_contador, n.fator, n.validade
    from jsonb_to_recordset(v_fatores) as n (fator integer, validade tstzrange)
    where not exists (
        select from public.fatores_linha as f
        where (f.linha_id, f.contador, f.fator, f.validade) = (p_linha_id, p_contador, n.fator, n.validade)
    );
    v_periodos := interno.rejulgar_fatores(p_linha_id, p_contador, p_fator, v_faixa, v_papel, v_motivo);
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'contador', p_contador, 'fator', p_fator, 'de', lower(v_faixa), 'ate', upper(v_faixa),
        'periodos', v_periodos
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_nome(p_campo text, p_texto text, p_minimo integer, p_maximo integer)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
declare
    v_texto constant text := coalesce(interno.exigir_texto(p_campo, p_texto, p_maximo), '');
begin
    if length(v_texto) < p_minimo or v_texto ~ '[[:cntrl:]]' then
        perform interno.recusar(
            '422', 'TEXTO_INVALIDO', format('O campo %s tem de %s a %s caracteres, em uma linha.', p_campo, p_minimo, p_maximo),
            'Corrija o texto.'
        );
    end if;
    return v_texto;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_codigo(p_campo text, p_codigo text, p_padrao text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if p_codigo is null or p_codigo !~ p_padrao then
        perform interno.recusar(
            '422', 'CODIGO_INVALIDO', format('%L não serve de %s.', left(p_codigo, 64), p_campo), 'Corrija o código.'
        );
    end if;
    return p_codigo;
end $function$;

CREATE OR REPLACE FUNCTION public.definir_linha(p_linha_id text, p_nome text, p_setor text, p_etapa text, p_marca_clp text, p_ativa boolean, p_maximo_por_segundo integer, p_regra_refugo text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel text;
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes public.linhas;
    v_depois public.linhas;
begin
    select * into v_antes from public.linhas where linha_id = p_linha_id for no key update;
    v_papel := interno.exigir_papel('definir_linha', coalesce(v_antes.setor, p_setor));
    perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    v_papel := interno.exigir_papel('definir_linha', p_setor);
    perform interno.exigir_opcao('etapa', p_etapa, 'ENVASE', 'EMBALAGEM');
    perform interno.exigir_opcao('regra_refugo', p_regra_refugo, 'MAQUINA', 'DIGITADO', 'CONCILIAR');
    if v_antes.etapa <> p_etapa and exists (select from public.periodos_ordem where linha_id = p_linha_id) then
        perform interno.recusar(
            '409', 'LINHA_EM_USO', format('A linha %s já teve ordens na etapa %s.', p_linha_id, v_antes.etapa),
            'Cadastre outra linha para a outra etapa.'
        );
    end if;
    if exists (select from public.linhas where nome = btrim(p_nome) and linha_id <> p_linha_id) then
        perform interno.recusar('409', 'NOME_REPETIDO', format('Já há uma linha com o nome %s.', btrim(p_nome)), 'Escolha outro nome.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.linhas as l (linha_id, nome, setor, etapa, marca_clp, ativa, maximo_por_segundo, regra_refugo)
    values (
        interno.exigir_codigo('linha', p_linha_id, '^[A-Z0-9][A-Z0-9-]{0,31}$'), interno.exigir_nome('nome', p_nome, 3, 80),
        p_setor, p_etapa, nullif(interno.exigir_nome('marca_clp', p_marca_clp, 0, 80), ''), coalesce(p_ativa, true),
        case when p_maximo_por_segundo is not null
            then interno.exigir_inteiro('maximo_por_segundo', p_maximo_por_segundo, 1, 1000000)
        end, p_regra_refugo
    )
    on conflict (linha_id) do update set nome = excluded.nome, setor = excluded.setor, etapa = excluded.etapa,
        marca_clp = excluded.marca_clp, ativa = excluded.ativa, maximo_por_segundo = excluded.maximo_por_segundo,
        regra_refugo = excluded.regra_refugo
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    -- The rule holds for all orders of the line, also for closed ones: what it changes of them is proposed as adjustments.
    if v_antes.regra_refugo <> p_regra_refugo then
        insert into public.apuracoes_pendentes (numero_op)
        select distinct f.numero_op from public.fechamentos_lote as f
        inner join public.fechamento_totais as t on t.fechamento_id = f.id and t.linha_id = p_linha_id;
    end if;
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_gateway(p_gateway text, p_descricao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_gateway', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.gateways;
    v_pedidas bigint;
begin
    if p_gateway in ('avulso', 'manual') then
        perform interno.recusar('422', 'CODIGO_INVALIDO', format('%s não é um gateway.', p_gateway), 'Escolha outro nome.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.gateways as g (gateway, descricao)
    values (
        interno.exigir_codigo('gateway', p_gateway, '^[a-z0-9][a-z0-9-]{1,62}$'), interno.exigir_nome('descricao', p_descricao, 0, 200)
    )
    on conflict (gateway) do update set descricao = excluded.descricao
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    update public.quarentena as q
    set reprocessar_em = clock_timestamp(), reprocessar_por = interno.usuario_atual(), reprocessar_motivo = v_motivo
    from public.arquivos_ingeridos as a
    where a.id = q.arquivo_id and a.gateway = p_gateway and a.motivo = 'GATEWAY_DESCONHECIDO' and q.resolvida_em is null
      and q.motivo = 'GATEWAY_DESCONHECIDO';
    get diagnostics v_pedidas = row_count;
    return to_jsonb(v_depois) || jsonb_build_object('a_reler', v_pedidas);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_etapa(p_prefixo text, p_etapa text, p_apontada boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_etapa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_prefixo constant text := interno.exigir_nome('prefixo', p_prefixo, 0, 30);
begin
    perform interno.exigir_opcao('etapa', p_etapa, 'ENVASE', 'EMBALAGEM');
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_apontada then
        update public.etapas_familia set apontada = false where prefixo = v_prefixo and apontada and etapa <> p_etapa;
    end if;
    if p_apontada is null then
        delete from public.etapas_familia where prefixo = v_prefixo and etapa = p_etapa;
    else
        insert into public.etapas_familia (prefixo, etapa, apontada) values (v_prefixo, p_etapa, p_apontada)
        on conflict (prefixo, etapa) do update set apontada = excluded.apontada;
    end if;
    perform interno.declarar_autor('', '');
    if not exists (select from public.etapas_familia where prefixo = '' and apontada) or exists (
        select from public.etapas_familia as e group by e.prefixo having not bool_or(e.apontada)
    ) then
        perform interno.recusar(
            '409', 'SEM_ETAPA_APONTADA', 'Cada família, e o geral (prefixo vazio), tem uma etapa apontada ao TOTVS.',
            'Defina antes a outra etapa como apontada.'
        );
    end if;
    return jsonb_build_object('prefixo', v_prefixo, 'etapa', p_etapa, 'apontada', p_apontada);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_turno(p_turno text, p_inicio time without time zone, p_fim time without time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_turno', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.turnos;
begin
    perform interno.exigir_codigo('turno', p_turno, '^[A-Z0-9]{1,8}$');
    if p_inicio is null or p_fim is null or extract(second from p_inicio) <> 0 or extract(second from p_fim) <> 0 then
        perform interno.recusar('422', 'INTERVALO_INVALIDO', 'O turno começa e termina em minutos inteiros.', 'Corrija as horas.');
    end if;
    if (exists (select from public.diarios_bordo) or exists (select from public.contagens_manuais)
        or exists (select from public.fechamentos_lote))
        and not exists (
            select from public.turnos as t
            where (t.inicio, t.fim) = (p_inicio, p_fim)
              and not exists (select from public.turnos as o where o.turno = p_turno and (o.inicio, o.fim) <> (p_inicio, p_fim))
        ) then
        perform interno.recusar(
            '409', 'TURNO_EM_USO', 'Já há Diários, contagens à mão ou fechamentos nas horas dos turnos de agora.',
            'As horas não mudam mais; um turno novo pode ter as de um que já existe.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.turnos (turno, inicio, fim) values (p_turno, p_inicio, p_fim)
    on conflict (turno) do update set inicio = excluded.inicio, fim = excluded.fim
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_parametro(p_nome text, p_valor integer, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_parametro', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_p public.parametros;
begin
    select * into v_p from public.parametros where nome = p_nome for update;
    if v_p.nome is null then
        perform interno.recusar('404', 'PARAMETRO_DESCONHECIDO', format('Não há parâmetro %L.', left(p_nome, 64)), 'Confira o nome.');
    end if;
    perform interno.exigir_inteiro(p_nome, p_valor, 0, v_p.maximo);
    perform interno.declarar_autor(v_papel, v_motivo);
    update public.parametros set valor = p_valor where nome = p_nome returning * into v_p;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_p);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_papel(p_usuario_id uuid, p_papel text, p_setor text, p_vale boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_papel', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_usuario_id is null or p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa, ou se o papel vale.', 'Informe os dois.');
    end if;
    perform pg_advisory_xact_lock(hashtext('papeis_usuario')); -- two people may not take each other's last role away
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.papeis_usuario (usuario_id, papel, setor) values (p_usuario_id, p_papel, p_setor)
        on conflict (usuario_id, papel, setor) do nothing;
    else
        delete from public.papeis_usuario
        where usuario_id = p_usuario_id and papel = p_papel and setor is not distinct from p_setor;
    end if;
    perform interno.declarar_autor('', '');
    if not exists (select from public.papeis_usuario where papel = 'ADMIN' and setor is null) then
        perform interno.recusar(
            '409', 'ULTIMO_ADMIN', 'Não restaria quem administre o SicFar.', 'Dê antes o papel ADMIN a outra pessoa.'
        );
    end if;
    return jsonb_build_object('usuario_id', p_usuario_id, 'papel', p_papel, 'setor', p_setor, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_pessoa(p_usuario_id uuid, p_nome text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_pessoa', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_depois public.pessoas;
begin
    if p_usuario_id is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta a pessoa.', 'Informe-a.');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    insert into public.pessoas (usuario_id, nome) values (p_usuario_id, interno.exigir_nome('nome', p_nome, 3, 80))
    on conflict (usuario_id) do update set nome = excluded.nome
    returning * into v_depois;
    perform interno.declarar_autor('', '');
    return to_jsonb(v_depois);
end $function$;

CREATE OR REPLACE FUNCTION public.definir_tipo_insumo(p_tipo text, p_descricao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_tipo_insumo', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_tipo constant text := interno.exigir_nome('tipo', p_tipo, 1, 10);
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_descricao is null then
        delete from public.tipos_insumo where tipo = v_tipo;
    else
        insert into public.tipos_insumo (tipo, descricao) values (v_tipo, interno.exigir_nome('descricao', p_descricao, 3, 80))
        on conflict (tipo) do update set descricao = excluded.descricao;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('tipo', v_tipo, 'descricao', btrim(p_descricao));
end $function$;

CREATE OR REPLACE FUNCTION public.definir_familia_sem_lote(p_prefixo text, p_descricao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_familia_sem_lote', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_prefixo constant text := interno.exigir_nome('prefixo', p_prefixo, 1, 30);
begin
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_descricao is null then
        delete from public.familias_sem_lote where prefixo = v_prefixo;
    else
        insert into public.familias_sem_lote (prefixo, descricao)
        values (v_prefixo, interno.exigir_nome('descricao', p_descricao, 3, 80))
        on conflict (prefixo) do update set descricao = excluded.descricao;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('prefixo', v_prefixo, 'descricao', btrim(p_descricao));
end $function$;

CREATE INDEX quarentena_assunto ON public.quarentena USING btree (assunto, id) WHERE (resolvida_em IS NULL);
CREATE INDEX quarentena_fonte ON public.quarentena USING btree (linha_id, fonte) WHERE (fonte IS NOT NULL);
CREATE INDEX contagens_intervalo_retirada ON public.contagens_intervalo USING btree (retirada_id) WHERE (retirada_id IS NOT NULL);
alter table public.contagens_retiradas enable row level security;
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.contagens_retiradas FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.tipos_insumo FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('tipo');
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.familias_sem_lote FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('prefixo');
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.turnos FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('turno');
create policy leitura on public.contagens_retiradas as permissive for select to authenticated using (true);
revoke all on function interno.anotar_quarentena(text,text,bigint[],text) from public, anon, authenticated, service_role;
revoke all on function interno.anular_faltas(text,text,bigint,bigint,text) from public, anon, authenticated, service_role;
revoke all on function interno.assunto_da_quarentena(text,text,text[],text,timestamp with time zone,text) from public, anon, authenticated, service_role;
revoke all on function interno.conferir_segundos(text,text,tstzmultirange) from public, anon, authenticated, service_role;
revoke all on function interno.corrigir_decididas(text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.declarar_autor(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.devolver_retiradas(text,text,tstzmultirange,tstzmultirange,bigint[],text) from public, anon, authenticated, service_role;
revoke all on function interno.diminuir_vetor(integer[],integer[]) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_codigo(text,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_dez_dias(text,jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_faixa(timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_inteiro(text,bigint,bigint,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_nome(text,text,integer,integer) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_opcao(text,text,text[]) from public, anon, authenticated, service_role;
revoke all on function interno.faixas_das_fontes(text) from public, anon, authenticated, service_role;
revoke all on function interno.faixas_do_papel(jsonb,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.fontes_com(jsonb,text,text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.ganhar_papel(text,text,jsonb,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.guardar_retiradas(text,text,interno.minuto_contado[],bigint[],text,public.quarentena) from public, anon, authenticated, service_role;
revoke all on function interno.intervalos_a_mover(text,text,jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.itens_de_quarentena(bigint,text,bigint[],integer) from public, anon, authenticated, service_role;
revoke all on function interno.linha_para_decisao(text,text[]) from public, anon, authenticated, service_role;
revoke all on function interno.mover_intervalos(text,bigint[],text,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.papel_da_fonte(jsonb,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.pedir_releitura(text,jsonb,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.perder_papel(text,text,jsonb,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.periodo_da_decisao(text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.por_segundos(text,text,text,interno.minuto_contado[]) from public, anon, authenticated, service_role;
revoke all on function interno.prefixo_da_releitura(jsonb,public.arquivos_ingeridos) from public, anon, authenticated, service_role;
revoke all on function interno.quarentena_para_decisao(text,bigint,text,text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.quarentenas_no_intervalo(text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.recortar(integer[],timestamp with time zone,tstzmultirange) from public, anon, authenticated, service_role;
revoke all on function interno.recusar_contagem_manual(text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.recusar_relogio_em_duvida(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.rejulgar_fatores(text,text,integer,tstzrange,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.rejulgar_fontes(text,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.retidas_no_intervalo(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.retidas_para_decisao(bigint,text,text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.segundos_do_minuto(public.contagens_minuto) from public, anon, authenticated, service_role;
revoke all on function interno.soma_vetor(integer[]) from public, anon, authenticated, service_role;
revoke all on function interno.tirar_segundos(text,text,text,tstzmultirange) from public, anon, authenticated, service_role;
revoke all on function interno.trocas_de_papel(jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function public.anular_sequencia(text,text,bigint,text,bigint,boolean) from public, anon, authenticated, service_role;
grant execute on function public.anular_sequencia(text,text,bigint,text,bigint,boolean) to authenticated;
grant execute on function public.anular_sequencia(text,text,bigint,text,bigint,boolean) to service_role;
revoke all on function public.decidir_retido(bigint,text,text,text,text,bigint[]) from public, anon, authenticated, service_role;
grant execute on function public.decidir_retido(bigint,text,text,text,text,bigint[]) to authenticated;
grant execute on function public.decidir_retido(bigint,text,text,text,text,bigint[]) to service_role;
revoke all on function public.definir_etapa(text,text,boolean,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_etapa(text,text,boolean,text) to authenticated;
grant execute on function public.definir_etapa(text,text,boolean,text) to service_role;
revoke all on function public.definir_familia_sem_lote(text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_familia_sem_lote(text,text,text) to authenticated;
grant execute on function public.definir_familia_sem_lote(text,text,text) to service_role;
revoke all on function public.definir_fator(text,text,integer,timestamp with time zone,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_fator(text,text,integer,timestamp with time zone,timestamp with time zone,text) to authenticated;
grant execute on function public.definir_fator(text,text,integer,timestamp with time zone,timestamp with time zone,text) to service_role;
revoke all on function public.definir_fonte(text,text,text,timestamp with time zone,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_fonte(text,text,text,timestamp with time zone,timestamp with time zone,text) to authenticated;
grant execute on function public.definir_fonte(text,text,text,timestamp with time zone,timestamp with time zone,text) to service_role;
revoke all on function public.definir_gateway(text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_gateway(text,text,text) to authenticated;
grant execute on function public.definir_gateway(text,text,text) to service_role;
revoke all on function public.definir_linha(text,text,text,text,text,boolean,integer,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_linha(text,text,text,text,text,boolean,integer,text,text) to authenticated;
grant execute on function public.definir_linha(text,text,text,text,text,boolean,integer,text,text) to service_role;
revoke all on function public.definir_papel(uuid,text,text,boolean,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_papel(uuid,text,text,boolean,text) to authenticated;
grant execute on function public.definir_papel(uuid,text,text,boolean,text) to service_role;
revoke all on function public.definir_parametro(text,integer,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_parametro(text,integer,text) to authenticated;
grant execute on function public.definir_parametro(text,integer,text) to service_role;
revoke all on function public.definir_pessoa(uuid,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_pessoa(uuid,text,text) to authenticated;
grant execute on function public.definir_pessoa(uuid,text,text) to service_role;
revoke all on function public.definir_tipo_insumo(text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_tipo_insumo(text,text,text) to authenticated;
grant execute on function public.definir_tipo_insumo(text,text,text) to service_role;
revoke all on function public.definir_turno(text,time without time zone,time without time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_turno(text,time without time zone,time without time zone,text) to authenticated;
grant execute on function public.definir_turno(text,time without time zone,time without time zone,text) to service_role;
revoke all on function public.reprocessar_quarentena(bigint,text,text,bigint[]) from public, anon, authenticated, service_role;
grant execute on function public.reprocessar_quarentena(bigint,text,text,bigint[]) to authenticated;
grant execute on function public.reprocessar_quarentena(bigint,text,text,bigint[]) to service_role;
revoke all on function public.reprocessavel(public.quarentena) from public, anon, authenticated, service_role;
grant execute on function public.reprocessavel(public.quarentena) to authenticated;
grant execute on function public.reprocessavel(public.quarentena) to service_role;
revoke all on function public.resolver_quarentena(bigint,text,text,bigint[]) from public, anon, authenticated, service_role;
grant execute on function public.resolver_quarentena(bigint,text,text,bigint[]) to authenticated;
grant execute on function public.resolver_quarentena(bigint,text,text,bigint[]) to service_role;
revoke all on table public.contagens_retiradas from public, anon, authenticated, service_role;
grant select on table public.contagens_retiradas to authenticated;
grant select on table public.contagens_retiradas to service_role;
revoke all on table public.etapas_familia from public, anon, authenticated, service_role;
grant select on table public.etapas_familia to authenticated;
grant select on table public.etapas_familia to service_role;
revoke all on table public.familias_sem_lote from public, anon, authenticated, service_role;
grant select on table public.familias_sem_lote to authenticated;
grant select on table public.familias_sem_lote to service_role;
revoke all on table public.fatores_linha from public, anon, authenticated, service_role;
grant select on table public.fatores_linha to authenticated;
grant select on table public.fatores_linha to service_role;
revoke all on table public.fontes_linha from public, anon, authenticated, service_role;
grant select on table public.fontes_linha to authenticated;
grant select on table public.fontes_linha to service_role;
revoke all on table public.gateways from public, anon, authenticated, service_role;
grant select on table public.gateways to authenticated;
grant select on table public.gateways to service_role;
revoke all on table public.insumos from public, anon, authenticated, service_role;
grant select on table public.insumos to authenticated;
grant select on table public.insumos to service_role;
revoke all on table public.linhas from public, anon, authenticated, service_role;
grant select on table public.linhas to authenticated;
grant select on table public.linhas to service_role;
revoke all on table public.lotes_insumo from public, anon, authenticated, service_role;
grant select on table public.lotes_insumo to authenticated;
grant select on table public.lotes_insumo to service_role;
revoke all on table public.lotes_producao from public, anon, authenticated, service_role;
grant select on table public.lotes_producao to authenticated;
grant select on table public.lotes_producao to service_role;
revoke all on table public.papeis_usuario from public, anon, authenticated, service_role;
grant select on table public.papeis_usuario to authenticated;
grant select on table public.papeis_usuario to service_role;
revoke all on table public.parametros from public, anon, authenticated, service_role;
grant select on table public.parametros to authenticated;
grant select on table public.parametros to service_role;
revoke all on table public.pessoas from public, anon, authenticated, service_role;
grant select on table public.pessoas to authenticated;
grant select on table public.pessoas to service_role;
revoke all on table public.produtos from public, anon, authenticated, service_role;
grant select on table public.produtos to authenticated;
grant select on table public.produtos to service_role;
revoke all on table public.tipos_insumo from public, anon, authenticated, service_role;
grant select on table public.tipos_insumo to authenticated;
grant select on table public.tipos_insumo to service_role;
revoke all on table public.turnos from public, anon, authenticated, service_role;
grant select on table public.turnos to authenticated;
grant select on table public.turnos to service_role;
revoke all on table public.velocidades_nominais from public, anon, authenticated, service_role;
grant select on table public.velocidades_nominais to authenticated;
grant select on table public.velocidades_nominais to service_role;
comment on column public.quarentena.bucket is 'Bucket S3 do arquivo original; nulo se o item é de uma fonte. Fonte: evento do S3.';
comment on column public.quarentena.chave is 'Chave S3 do arquivo original; nulo se o item é de uma fonte. Fonte: evento do S3.';
comment on column public.quarentena.decisao is 'DESCARTADO por uma pessoa, SUPERADO por uma versão posterior do arquivo, ou REPROCESSADO: lido de novo ou devolvido e contado, menos o que espera em outro item. Fonte: resolver_quarentena ou sistema.';
comment on column public.contagens_intervalo.justificada is 'Uma pessoa a justificou quando estava sem ordem; vale enquanto está. Fonte: justificar_sem_ordem.';
comment on function interno.anotar_ilegiveis(bigint,jsonb) is 'Põe em quarentena os trechos que o leitor não pôde contar, um item por motivo.';
comment on column public.contagens_intervalo.situacao is 'ATRIBUIDA ou SEM_ORDEM pelos períodos; RETIDA espera uma pessoa; DECIDIDA ou DESCARTADA por ela; CORRIGIDA conta em outro instante, em outra linha desta tabela; CONFERENCIA só mostrada; RETIRADA de uma fonte que não era a dona. Fonte: registrar_contagens e quem decidiu.';
comment on function public.quarentenas_a_reprocessar(integer) is 'O que ler de novo, porque alguém o pediu; trecho = só a parte do arquivo que é desse item, o resto já está contado.';
comment on column public.quarentena.anterior_id is 'Item lido de novo, ou devolvido em parte, de que este é o que ficou sem contar; nulo se não há. Fonte: registrar_contagens e definir_fonte.';
comment on function interno.declarar_autor(text,text) is 'Papel e motivo que a trilha dos cadastros leva até o fim da transação, ou até a próxima declaração; vazios = nenhum.';
comment on function interno.assunto_da_quarentena(text,text,text[],text,timestamp with time zone,text) is 'O assunto de um item de quarentena: o mesmo para tudo que tem a mesma causa.';
comment on column public.quarentena.fonte is 'Fonte cujas contagens saíram dos totais porque a linha era de outra; nulo se o item veio de um arquivo. Fonte: definir_fonte.';
comment on column public.quarentena.trechos is 'Os trechos ilegíveis deste motivo no arquivo descomprimido, em bytes; o último vai até o fim deles se são mais de 1.000. Fonte: txt_parser.';
comment on column public.quarentena.reportado_ate is 'Até onde (UTC) a época anterior do gateway tinha reportado a linha, se o trecho é de antes disso; nulo se não é. Fonte: marcas_linha.';
comment on column public.quarentena.assunto is 'A causa, a mesma de todos os itens que uma só decisão resolve. Fonte: banco.';
comment on column public.contagens_minuto.justificada_segundos_producao is '60 inteiros: da produção de cada segundo, quanto uma pessoa justificou, esteja ou não sem ordem agora; nulo se nada. Fonte: justificar_sem_ordem.';
comment on column public.contagens_minuto.justificada_segundos_rejeicao is '60 inteiros: da rejeição de cada segundo, quanto uma pessoa justificou, esteja ou não sem ordem agora; nulo se nada. Fonte: justificar_sem_ordem.';
comment on column public.contagens_conferencia.segundos_producao is '60 inteiros: o que de producao é de cada segundo, em contagens da máquina; o resto atravessa segundos (contagens_intervalo). Fonte: arquivo.';
comment on column public.contagens_conferencia.segundos_rejeicao is '60 inteiros: o que de rejeicao é de cada segundo, em contagens da máquina; o resto atravessa segundos (contagens_intervalo). Fonte: arquivo.';
comment on column public.contagens_intervalo.retirada_id is 'Item de quarentena em que está, se RETIRADA. Fonte: definir_fonte.';
comment on column public.contagens_intervalo.decidida_como is 'Situação, OP e fatores que uma pessoa deu à contagem enquanto ela não conta; volta com eles. Fonte: definir_fonte.';
comment on table public.contagens_retiradas is 'Os segundos de um item de quarentena de uma fonte, como estavam nos totais; somente acréscimo. Fonte: definir_fonte.';
comment on column public.contagens_retiradas.minuto is 'Início do minuto (UTC). Fonte: contagens_minuto ou contagens_conferencia.';
comment on column public.contagens_retiradas.producao is '60 inteiros: produção em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: contagens_minuto ou contagens_conferencia.';
comment on column public.contagens_retiradas.rejeicao is '60 inteiros: rejeição em cada segundo, em contagens da máquina; nulo se todos zero. Fonte: contagens_minuto ou contagens_conferencia.';
comment on function interno.diminuir_vetor(integer[],integer[]) is 'Soma um vetor negativo de 60 segundos sem passar de zero; nulo fica nulo.';
comment on function interno.prefixo_da_releitura(jsonb,public.arquivos_ingeridos) is 'Até onde um arquivo avulso já estava contado, e até onde ler, para ler de novo só o trecho de um lançamento; nulo se foi esse o lido.';
comment on function interno.segundos_do_minuto(public.contagens_minuto) is 'Um minuto de contagens, segundo por segundo: quanto contou e quanto disso uma pessoa justificou.';
comment on function interno.recortar(integer[],timestamp with time zone,tstzmultirange) is 'Do vetor de um minuto, os segundos que caem nas faixas; zeros nos outros, nulo se nada resta.';
comment on function interno.soma_vetor(integer[]) is 'Soma de um vetor de segundos; 0 se nulo.';
comment on function interno.faixas_das_fontes(text) is 'As fontes da linha agora: lista de {fonte, papel, faixas}.';
comment on function interno.faixas_do_papel(jsonb,text,text) is 'Quando a fonte tem o papel, segundo interno.faixas_das_fontes.';
comment on function interno.papel_da_fonte(jsonb,text,timestamp with time zone,timestamp with time zone) is 'Papel da fonte em todo o intervalo, extremos inclusive: contagem, conferencia ou nenhum.';
comment on function interno.trocas_de_papel(jsonb,jsonb) is 'Onde o papel de cada fonte mudou, de qual para qual.';
comment on function interno.tirar_segundos(text,text,text,tstzmultirange) is 'Tira dos totais (contagem) ou da conferência os segundos das faixas e os devolve por minuto. Exige a linha travada.';
comment on function interno.conferir_segundos(text,text,tstzmultirange) is 'PT409 CONFERENCIA_SEM_SEGUNDOS se a conferência tem, nas faixas, contagens guardadas antes de os segundos o serem.';
comment on function interno.por_segundos(text,text,text,interno.minuto_contado[]) is 'Põe os segundos nos totais (contagem), ainda sem ordem, ou na conferência. Exige a linha travada e interno.reatribuir depois.';
comment on function interno.guardar_retiradas(text,text,interno.minuto_contado[],bigint[],text,public.quarentena) is 'Guarda em um item de quarentena da fonte o que saiu dos totais; devolve o item, nulo se não há nada. p_anterior: item de que é o resto.';
comment on function interno.mover_intervalos(text,bigint[],text,bigint) is 'Leva incrementos que atravessam segundos ao lugar do papel: contagem, conferencia ou nenhum (no item de quarentena).';
comment on function interno.devolver_retiradas(text,text,tstzmultirange,tstzmultirange,bigint[],text) is 'Devolve aos totais ou à conferência o que itens de quarentena da fonte guardam das faixas; devolve os itens. p_itens: também estes.';
comment on function interno.perder_papel(text,text,jsonb,jsonb,text) is 'Tira dos totais, ou da conferência, o que é de uma fonte que lá não está mais; devolve os itens de quarentena feitos.';
comment on function interno.ganhar_papel(text,text,jsonb,jsonb,text) is 'Põe nos totais, ou na conferência, o que uma fonte contou e agora é de lá; devolve os itens de quarentena desfeitos.';
comment on function interno.intervalos_a_mover(text,text,jsonb,jsonb) is 'Incrementos da fonte que atravessam segundos e cujo papel mudou, e para qual.';
comment on function interno.pedir_releitura(text,jsonb,jsonb,text) is 'Pede que se leia de novo o que da linha está em quarentena e agora tem dono; devolve quantos itens.';
comment on function interno.exigir_dez_dias(text,jsonb,jsonb) is 'PT422 JANELA_GRANDE se a troca de papéis leva de um lugar a outro mais de 15.000 minutos contados.';
comment on function interno.rejulgar_fontes(text,jsonb,text) is 'Depois de mudarem as fontes de uma linha, leva o que cada uma contou ao lugar do seu papel. Exige a linha travada.';
comment on function interno.linha_para_decisao(text,text[]) is 'Trava as linhas e devolve o papel com que a pessoa decide sobre todas; linha desconhecida exige papel em todos os setores.';
comment on column public.contagens_retidas.assunto is 'A causa, a mesma de todas as retidas que uma só decisão resolve. Fonte: banco.';
comment on function interno.retidas_para_decisao(bigint,text,text,bigint[]) is 'Confere papel e motivo e trava as contagens retidas a decidir; restam = quantas do assunto ficam para outra chamada.';
comment on function interno.periodo_da_decisao(text,text,timestamp with time zone) is 'O período da OP na linha cujos fatores valem para o que uma pessoa lhe dá: o último começado até a leitura, senão o mais próximo; nulo se nenhum.';
comment on function public.decidir_retido(bigint,text,text,text,text,bigint[]) is 'Atribui a uma OP, ou descarta, uma contagem retida (p_id), algumas (p_ids), ou todas de um assunto até p_id (p_assunto); os originais permanecem. Até 10.000 de uma vez.';
comment on function interno.anular_faltas(text,text,bigint,bigint,text) is 'Anula as faixas que faltam há mais de 10 minutos dentro de uma faixa, e as devolve. Exige a época travada.';
comment on function public.anular_sequencia(text,text,bigint,text,bigint,boolean) is 'Declara perdida uma sequência que não chegou, ou todas até p_ate_seq, ou só as que faltam até lá (p_so_faltas), para que as marcas avancem. A que chegar depois é contada assim mesmo.';
comment on function public.reprocessavel(public.quarentena) is 'Se o item de quarentena, lido de novo, pode ser contado: é de uma linha ou época a esclarecer, ou o arquivo inteiro.';
comment on function interno.itens_de_quarentena(bigint,text,bigint[],integer) is 'Os itens de quarentena de um pedido de decisão, em ordem; de um assunto, no máximo p_maximo (e os dos mesmos arquivos).';
comment on function interno.quarentena_para_decisao(text,bigint,text,text,bigint[]) is 'Confere papel e motivo e trava os itens de quarentena a decidir; restam = quantos dos pedidos ficam para outra chamada.';
comment on function interno.anotar_quarentena(text,text,bigint[],text) is 'Acrescenta à trilha uma decisão sobre itens de quarentena: um só, ou uma lista em itens.';
comment on function public.resolver_quarentena(bigint,text,text,bigint[]) is 'Descarta com motivo um item de quarentena (p_id), alguns (p_ids), ou todos de um assunto até p_id (p_assunto); os originais permanecem. Até 10.000 de uma vez.';
comment on function public.reprocessar_quarentena(bigint,text,text,bigint[]) is 'Manda ler de novo e contar o que foi para a quarentena (a linha ganhou dono, o gateway foi cadastrado, a época anterior não o tinha contado): um item (p_id), alguns (p_ids) ou todos de um assunto até p_id (p_assunto). Acontece em alguns minutos.';
comment on column public.parametros.maximo is 'Maior valor que faz sentido, na unidade que a descrição diz. Fonte: SicFar.';
comment on function interno.quarentenas_no_intervalo(text,timestamp with time zone,timestamp with time zone) is 'Os assuntos em quarentena que podem conter contagens da linha no intervalo.';
comment on function interno.retidas_no_intervalo(text,tstzrange) is 'Os assuntos com contagens retidas da linha no intervalo.';
comment on function interno.exigir_faixa(timestamp with time zone,timestamp with time zone) is 'A faixa [p_de, p_ate) em segundos inteiros, sem fim se nulo; PT422 INTERVALO_INVALIDO.';
comment on function interno.exigir_inteiro(text,bigint,bigint,bigint) is 'Devolve o número; PT422 NUMERO_INVALIDO fora dos limites.';
comment on function interno.exigir_opcao(text,text,text[]) is 'Devolve o valor; PT422 VALOR_INVALIDO se não é uma das opções.';
comment on function interno.recusar_contagem_manual(text,jsonb) is 'PT409 CONTAGEM_MANUAL se um turno contado à mão deixou de ser da fonte manual.';
comment on function interno.recusar_relogio_em_duvida(text,tstzrange) is 'PT409 RELOGIO_EM_DUVIDA se contagens da linha na faixa ainda podem mudar de instante.';
comment on function interno.fontes_com(jsonb,text,text,tstzrange) is 'As fontes da linha com mais esta: lista de {fonte, papel, de, ate}, trechos seguidos juntos.';
comment on function public.definir_fonte(text,text,text,timestamp with time zone,timestamp with time zone,text) is 'Diz que papel a fonte tem na linha de p_de (inclusive) a p_ate (exclusive; nulo = em diante): contagem (e mais nenhuma conta), conferencia ou nenhum. O já contado segue o papel; o que esperava dono é lido de novo em até um minuto. Devolve os itens de quarentena feitos (retiradas) e desfeitos (devolvidas), e quantos serão lidos.';
comment on function interno.rejulgar_fatores(text,text,integer,tstzrange,text,text) is 'Dá o fator às OPs abertas na linha dentro da faixa e reatribui o que contaram; devolve quantos períodos mudaram. Exige a linha travada.';
comment on function interno.corrigir_decididas(text,jsonb) is 'Leva o fator corrigido dos períodos ao que uma pessoa deu às OPs deles. p_antes: os períodos como eram.';
comment on function public.definir_fator(text,text,integer,timestamp with time zone,timestamp with time zone,text) is 'Diz quantas unidades vale uma contagem da máquina (1 a 1.000) nas OPs abertas na linha de p_de (inclusive) a p_ate (exclusive; nulo = em diante). As já abertas nesse tempo são reatribuídas; das fechadas surge um ajuste. Devolve quantos períodos mudaram.';
comment on function interno.exigir_nome(text,text,integer,integer) is 'Devolve o texto sem brancos nas pontas; PT422 TEXTO_INVALIDO se curto demais ou com quebras, TEXTO_LONGO se longo demais.';
comment on function interno.exigir_codigo(text,text,text) is 'Devolve o código; PT422 CODIGO_INVALIDO se não tem a forma esperada.';
comment on function public.definir_linha(text,text,text,text,text,boolean,integer,text,text) is 'Cadastra uma linha ou muda o cadastro dela, por inteiro: nome, setor, etapa, marca do CLP (nula), ativa, máximo plausível por segundo (1 a 1.000.000; nulo) e regra do refugo. Devolve a linha.';
comment on function public.definir_gateway(text,text,text) is 'Cadastra um gateway ou muda a descrição dele; o que ele já tinha mandado é lido de novo em até um minuto. Devolve o gateway e quantos itens serão lidos.';
comment on function public.definir_etapa(text,text,boolean,text) is 'Diz que a etapa é obrigatória nas OPs dos produtos que começam assim (vazio = todos), e se é a apontada ao TOTVS; nulo = não é mais obrigatória.';
comment on function public.definir_turno(text,time without time zone,time without time zone,text) is 'Cadastra um turno ou muda as horas dele (hora de Fortaleza), enquanto nada se assinou nem fechou. Devolve o turno.';
comment on function public.definir_parametro(text,integer,text) is 'Muda um prazo ou interruptor da fábrica, de 0 ao máximo dele. Devolve o parâmetro.';
comment on function public.definir_papel(uuid,text,text,boolean,text) is 'Dá um papel a uma pessoa (setor nulo = todos), ou o tira (p_vale falso).';
comment on function public.definir_pessoa(uuid,text,text) is 'Diz o nome de quem assina, como sai na assinatura. Devolve a pessoa.';
comment on function public.definir_tipo_insumo(text,text,text) is 'Diz que produtos deste tipo do TOTVS são insumos; descrição nula = não são mais. Vale para o que o TOTVS mandar depois.';
comment on function public.definir_familia_sem_lote(text,text,text) is 'Diz que OPs de produtos que começam assim não abrem lote; descrição nula = abrem. Vale para o que o TOTVS mandar depois.';
