-- order_states: from the definitions in supabase/schemas, by `make migration`.

drop index public.alteracoes_op_a_reconhecer;
drop function interno.preparar_ordem(text,text,text,timestamp with time zone);
drop function interno.campo(jsonb,text,text);
drop function public.rastrear(text);
-- By hand: the states, the table of decisions, and what existing orders become.
alter table public.lotes_producao drop constraint lotes_producao_status_check;
alter table public.alteracoes_op drop constraint alteracoes_op_codigo_check;
alter table public.alteracoes_op add constraint alteracoes_op_codigo_check check (codigo in (
    'DESCRICAO_DIFERENTE', 'PRODUTO_ALTERADO', 'LOTE_ALTERADO', 'QUANTIDADE_ALTERADA', 'SITUACAO_ALTERADA'
));
create table public.decisoes_ordem (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    decisao text not null check (decisao in ('POR_DE_LADO', 'RETOMAR')),
    producao_maquina bigint not null,
    rejeicao_maquina bigint not null,
    em timestamptz not null default clock_timestamp(),
    usuario_id uuid not null,
    motivo text not null
);
-- A person has seen that an order with counts was cancelled, and left the counts where they were: it is set aside.
insert into public.decisoes_ordem (numero_op, decisao, producao_maquina, rejeicao_maquina, em, usuario_id, motivo)
select l.numero_op, 'POR_DE_LADO', o.producao, o.rejeicao, r.em, r.usuario_id, r.motivo
from public.lotes_producao as l
cross join lateral (
    select coalesce(sum(t.producao_maquina), 0) as producao, coalesce(sum(t.rejeicao_maquina), 0) as rejeicao
    from public.ordens_producao_ativas as t where t.numero_op = l.numero_op
) as o
cross join lateral (
    select x.em, x.usuario_id, x.motivo from public.reconhecimentos_op as x
    where x.numero_op = l.numero_op and x.contagens = o.producao + o.rejeicao
    order by x.id desc limit 1
) as r
where l.situacao_totvs = 'CANCELADA'
  and not exists (select from public.fechamentos_lote as f where f.numero_op = l.numero_op)
  and not exists (select from public.periodos_ordem as p where p.numero_op = l.numero_op and upper_inf(p.intervalo))
order by r.em;
update public.lotes_producao as l
set status = n.status
from (
    select x.numero_op, case
        when exists (select from public.fechamentos_lote as f where f.numero_op = x.numero_op) then 'CONCLUIDO'
        when exists (select from public.decisoes_ordem as d where d.numero_op = x.numero_op) then 'POSTO_DE_LADO'
        when exists (
            select from public.periodos_ordem as p where p.numero_op = x.numero_op and upper_inf(p.intervalo)
        ) then 'EM_ANDAMENTO'
        when exists (select from public.periodos_ordem as p where p.numero_op = x.numero_op)
            or exists (select from public.contagens_intervalo as i where i.numero_op = x.numero_op)
            or exists (
                select from public.contagens_manuais_atuais as m where m.numero_op = x.numero_op and m.producao > 0
            )
            or exists (select from public.perdas_vigentes as v where v.numero_op = x.numero_op) then 'A_FECHAR'
        else 'PLANEJADO'
    end as status
    from public.lotes_producao as x
) as n
where n.numero_op = l.numero_op and n.status <> l.status;
alter table public.lotes_producao add constraint lotes_producao_status_check
check (status in ('PLANEJADO', 'EM_ANDAMENTO', 'A_FECHAR', 'CONCLUIDO', 'POSTO_DE_LADO'));
-- Who reports a line, hand figures, the digest.
alter table public.papeis_usuario drop constraint papeis_usuario_papel_check, add constraint papeis_usuario_papel_check
check (papel in ('OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN'));
-- What was closed until now was reported.
alter table public.fechamentos_lote add column informado boolean not null default true;
alter table public.fechamentos_lote alter column informado drop default;
create table public.apontamentos_linha (
    linha_id text not null references public.linhas,
    de timestamptz not null,
    ate timestamptz,
    primary key (linha_id, de),
    check (de >= '2000-01-01 00:00+00' and (ate is null or ate > de and isfinite(ate))),
    exclude using gist (linha_id with =, tstzrange(de, ate) with &&)
);
create table public.aprovacoes_apontamento (
    linha_id text primary key references public.linhas,
    desde timestamptz,
    falta text not null check (falta in ('aprovar_apontamento_ti', 'aprovar_apontamento_qualidade')),
    descricao text not null,
    usuario_id uuid not null,
    em timestamptz not null default clock_timestamp()
);
create table public.conferencia_manual (
    id bigint generated always as identity primary key,
    numero_op text not null references public.lotes_producao,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null,
    janela tstzrange not null,
    produzidas integer not null check (produzidas >= 0),
    refugadas integer not null check (refugadas >= 0),
    motivo text,
    usuario_id uuid not null,
    registrada_em timestamptz not null default clock_timestamp(),
    check (refugadas <= produzidas)
);
create table public.enderecos_resumo (
    id bigint generated always as identity primary key,
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    endereco text not null check (length(endereco) <= 254),
    unique nulls not distinct (setor, endereco)
);
create table public.resumos_diarios (
    id bigint generated always as identity primary key,
    dia date not null,
    setor text,
    conteudo jsonb not null,
    situacao text not null check (situacao in ('VAZIO', 'PENDENTE', 'ENVIANDO', 'ENVIADO')),
    enderecos text[],
    tentativas integer not null default 0,
    lease uuid,
    lease_ate timestamptz,
    mensagem_id text,
    erro text,
    apurado_em timestamptz not null default clock_timestamp(),
    enviado_em timestamptz,
    unique nulls not distinct (dia, setor),
    check ((situacao = 'ENVIANDO') = (lease is not null) and (situacao = 'ENVIADO') = (enviado_em is not null))
);
-- In an installation in use, that is one in which somebody may act, lines that exist go on being reported. In a new one
-- they begin in parallel run. No trigger leaves a trail of it yet: installed, not changed by a person.
insert into public.apontamentos_linha (linha_id, de)
select linha_id, '2000-01-01 00:00+00' from public.linhas where exists (select from public.papeis_usuario);
alter table public.parametros disable trigger auditar;
insert into public.parametros (nome, valor, descricao, maximo) values
('RESUMO_ESPERA_HORAS', 8, 'Horas que uma pendência espera até entrar no resumo diário por e-mail.', 720);
alter table public.parametros enable trigger auditar;

-- Increments as they are judged, and what waits in quarantine added up by matter.
create type interno.incremento as (
    linha_id text, s bigint, em timestamptz, producao bigint, rejeicao bigint,
    destino text, motivos text[], papel text,
    numero_op text, fator_producao integer, fator_rejeicao integer,
    situacao text, motivo text, desde timestamptz, ate timestamptz, flags text[],
    byte_de bigint, byte_ate bigint, fonte_em timestamptz
);

create table public.quarentena_somas (
    id bigint generated always as identity primary key,
    assunto text not null,
    itens bigint not null check (itens >= 0),
    sem_linha bigint,
    primeiro bigint,
    ultimo bigint,
    arquivos bigint,
    linhas text[],
    registros numeric,
    producao numeric,
    rejeicao numeric,
    de timestamptz,
    ate timestamptz,
    desde timestamptz,
    ultimo_em timestamptz
);
-- What waits already is added up by the next run of the minute.
insert into public.quarentena_somas (assunto, itens) select distinct assunto, 0 from public.quarentena where resolvida_em is null;
-- End of what is written by hand.

CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'mover_contagem_manual', 'registrar_conferencia'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem')
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in ('definir_parametro', 'definir_papel', 'definir_pessoa', 'definir_endereco_resumo', 'aprovar_apontamento_ti')
            then array['ADMIN']
        when p_funcao = 'aprovar_apontamento_qualidade'
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.juntar_somas(p_assunto text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    if exists (select from public.quarentena_somas where assunto = p_assunto and itens = 0)
        or not pg_try_advisory_xact_lock(hashtextextended('assunto:' || p_assunto, 0)) then
        return;
    end if;
    with somadas as (
        delete from public.quarentena_somas
        where assunto = p_assunto and itens > 0
        returning *
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select p_assunto, sum(s.itens), sum(s.sem_linha), min(s.primeiro), max(s.ultimo), sum(s.arquivos),
        array(select distinct l.linha_id from somadas as t cross join unnest(t.linhas) as l (linha_id) order by l.linha_id),
        sum(s.registros), sum(s.producao), sum(s.rejeicao), min(s.de), max(s.ate), min(s.desde), max(s.ultimo_em)
    from somadas as s
    having count(*) > 0;
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_novos_itens()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_assunto text;
begin
    with arquivos as (
        select f.assunto, count(*) as quantos
        from (
            select n.assunto, n.chave, min(n.id) as primeiro from novos as n where n.chave is not null group by n.assunto, n.chave
        ) as f
        where not exists (
            select from public.quarentena as q
            where q.chave = f.chave and q.assunto = f.assunto and q.resolvida_em is null and q.id < f.primeiro
        )
        group by f.assunto
    )
    insert into public.quarentena_somas
        (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
         ultimo_em)
    select n.assunto, count(*), count(*) - count(n.linha_id), min(n.id), max(n.id), coalesce(max(f.quantos), 0),
        coalesce(array_agg(distinct n.linha_id order by n.linha_id) filter (where n.linha_id is not null), '{}'),
        sum(n.registros), sum(n.producao), sum(n.rejeicao), min(n.de), max(n.ate), min(n.criada_em), max(n.criada_em)
    from novos as n left join arquivos as f on f.assunto = n.assunto
    where n.resolvida_em is null
    group by n.assunto;
    for v_assunto in select distinct n.assunto from novos as n where n.id % 16 = 0 order by n.assunto loop
        perform interno.juntar_somas(v_assunto);
    end loop;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.marcar_somas()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    insert into public.quarentena_somas (assunto, itens)
    select distinct d.assunto, 0
    from antes as a
    inner join depois as n on n.id = a.id
    cross join lateral (values (a.assunto), (n.assunto)) as d (assunto)
    where (a.resolvida_em is null) <> (n.resolvida_em is null) or a.assunto <> n.assunto;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION public.somar_assunto(p_assunto text)
 RETURNS TABLE(assunto text, itens bigint, sem_linha bigint, primeiro bigint, ultimo bigint, arquivos bigint, linhas text[], registros numeric, producao numeric, rejeicao numeric, de timestamp with time zone, ate timestamp with time zone, desde timestamp with time zone, ultimo_em timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select p_assunto, count(*), count(*) - count(q.linha_id), min(q.id), max(q.id), count(distinct q.chave),
        coalesce(array_agg(distinct q.linha_id order by q.linha_id) filter (where q.linha_id is not null), '{}'),
        sum(q.registros), sum(q.producao), sum(q.rejeicao), min(q.de), max(q.ate), min(q.criada_em), max(q.criada_em)
    from public.quarentena as q
    where q.assunto = p_assunto and q.resolvida_em is null
    having count(*) > 0
$function$;

CREATE OR REPLACE FUNCTION interno.somar_de_novo()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_assunto text;
begin
    for v_assunto in select distinct s.assunto from public.quarentena_somas as s where s.itens = 0 order by s.assunto loop
        perform pg_advisory_xact_lock(hashtextextended('assunto:' || v_assunto, 0));
        with somadas as (
            delete from public.quarentena_somas
            where assunto = v_assunto
        )
        insert into public.quarentena_somas
            (assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde,
             ultimo_em)
        select t.* from public.somar_assunto(v_assunto) as t;
    end loop;
end $function$;

create or replace view public.quarentena_assuntos with (security_invoker=true) as
 WITH a_somar AS (
         SELECT DISTINCT s.assunto
           FROM public.quarentena_somas s
          WHERE (s.itens = 0)
        ), somados AS (
         SELECT s.assunto,
            (sum(s.itens))::bigint AS itens,
            (sum(s.sem_linha))::bigint AS sem_linha,
            min(s.primeiro) AS primeiro,
            max(s.ultimo) AS ultimo,
            (sum(s.arquivos))::bigint AS arquivos,
            sum(s.registros) AS registros,
            sum(s.producao) AS producao,
            sum(s.rejeicao) AS rejeicao,
            min(s.de) AS de,
            max(s.ate) AS ate,
            min(s.desde) AS desde,
            max(s.ultimo_em) AS ultimo_em
           FROM public.quarentena_somas s
          WHERE (NOT (EXISTS ( SELECT a.assunto
                   FROM a_somar a
                  WHERE (a.assunto = s.assunto))))
          GROUP BY s.assunto
        )
 SELECT s.assunto,
    s.itens,
    s.sem_linha,
    s.primeiro,
    s.ultimo,
    s.arquivos,
    ARRAY( SELECT DISTINCT u.linha_id
           FROM (public.quarentena_somas x
             CROSS JOIN LATERAL unnest(x.linhas) u(linha_id))
          WHERE (x.assunto = s.assunto)
          ORDER BY u.linha_id) AS linhas,
    s.registros,
    s.producao,
    s.rejeicao,
    s.de,
    s.ate,
    s.desde,
    s.ultimo_em
   FROM somados s
UNION ALL
 SELECT t.assunto,
    t.itens,
    t.sem_linha,
    t.primeiro,
    t.ultimo,
    t.arquivos,
    t.linhas,
    t.registros,
    t.producao,
    t.rejeicao,
    t.de,
    t.ate,
    t.desde,
    t.ultimo_em
   FROM (a_somar a
     CROSS JOIN LATERAL public.somar_assunto(a.assunto) t(assunto, itens, sem_linha, primeiro, ultimo, arquivos, linhas, registros, producao, rejeicao, de, ate, desde, ultimo_em));

CREATE OR REPLACE FUNCTION interno.somar_vetores(p_a integer[], p_b integer[])
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
    if p_a is null or p_b is null then
        return coalesce(p_a, p_b);
    end if;
    for v_i in 1..60 loop
        if p_b[v_i] <> 0 then
            p_a[v_i] := p_a[v_i] + p_b[v_i];
        end if;
    end loop;
    return p_a;
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_linhas(p_arquivo jsonb, OUT linhas jsonb, OUT de timestamp with time zone, OUT ate timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
begin
    select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(s))), '[]'), min(s.de), max(s.ate) into linhas, de, ate
    from (
        select
            t.linha_id, coalesce(sum(t.registros) filter (where t.resumo), sum(t.registros)) as registros,
            min(t.de) as de, max(t.ate) as ate, sum(t.producao) as producao, sum(t.rejeicao) as rejeicao,
            min(t.byte_de) as byte_de, max(t.byte_ate) as byte_ate,
            (array_agg(t.flags) filter (where t.flags <> '{}'))[1] as flags
        from (
            select true as resumo, l.linha_id, l.registros, l.de, l.ate, s.producao, s.rejeicao, l.byte_de, l.byte_ate, l.flags
            from jsonb_to_recordset(p_arquivo -> 'linhas') as l (
                linha_id text, registros bigint, de timestamptz, ate timestamptz, byte_de bigint, byte_ate bigint,
                flags jsonb, segundos jsonb
            )
            cross join lateral (
                select
                    coalesce(sum((v ->> 1)::interno.contagem), 0) as producao,
                    coalesce(sum((v ->> 2)::interno.contagem), 0) as rejeicao
                from jsonb_array_elements(l.segundos) as v
            ) as s
            union all
            select false, i.linha_id, 1, i.ate, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate, null
            from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
                linha_id text, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
                byte_de bigint, byte_ate bigint
            )
            union all
            select
                false, q.linha_id, 0, null, null, coalesce(q.producao, 0), coalesce(q.rejeicao, 0), q.byte_de, q.byte_ate, null
            from jsonb_to_recordset(p_arquivo -> 'quarentena') as q (
                motivo text, linha_id text, producao interno.contagem, rejeicao interno.contagem,
                byte_de bigint, byte_ate bigint
            )
            where q.linha_id is not null and coalesce(q.producao, q.rejeicao) is not null and q.motivo <> 'LINHA_INCOMPLETA'
        ) as t
        group by t.linha_id
    ) as s;
end $function$;

CREATE OR REPLACE FUNCTION interno.anotar_ilegiveis(p_arquivo_id bigint, p_arquivo jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
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
    order by min(t.byte_de), t.motivo;
end $function$;

CREATE OR REPLACE FUNCTION interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case when p_cadastrada and p_papel is not null and p_epoca_anterior is not true then '{}' else array_remove(array[
        case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
        case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
    ], null) end
$function$;

CREATE OR REPLACE FUNCTION interno.donos_da_linha(p_linha_id text, p_fonte text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(papel text, de timestamp with time zone, ate timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select t.papel, lower(u.intervalo), upper(u.intervalo)
    from (
        select f.papel, range_agg(tstzrange(f.de, coalesce(f.ate, 'infinity'))) as intervalos
        from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = p_fonte
          and f.de <= p_ate and coalesce(f.ate, 'infinity') > p_de
        group by f.papel
    ) as t
    cross join lateral unnest(t.intervalos) as u (intervalo)
$function$;

CREATE OR REPLACE FUNCTION interno.julgar_segundos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return array(
        with segundos as materialized (
            select l.linha_id, (v ->> 0)::bigint as s, to_timestamp((v ->> 0)::bigint) as em,
                sum((v ->> 1)::interno.contagem)::bigint as producao, sum((v ->> 2)::interno.contagem)::bigint as rejeicao,
                min(l.byte_de) as byte_de, max(l.byte_ate) as byte_ate
            from jsonb_to_recordset(p_arquivo -> 'linhas') as l (
                linha_id text, segundos jsonb, byte_de bigint, byte_ate bigint
            )
            cross join lateral jsonb_array_elements(l.segundos) as v
            group by l.linha_id, (v ->> 0)::bigint
            having sum((v ->> 1)::bigint) > 0 or sum((v ->> 2)::bigint) > 0
        ),
        faixas as materialized (
            select s.linha_id, min(s.em) as de, max(s.em) as ate from segundos as s group by s.linha_id
        ),
        donos as materialized (
            select f.linha_id, d.papel, d.de, d.ate
            from faixas as f cross join lateral interno.donos_da_linha(f.linha_id, p_fonte, f.de, f.ate) as d
        ),
        periodos as materialized (
            -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
            select f.linha_id, p.*
            from faixas as f
            cross join lateral (
                select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                    o.fator_producao, o.fator_rejeicao
                from public.periodos_ordem as o
                where o.linha_id = f.linha_id and o.intervalo && tstzrange(f.de, f.ate, '[]')
                offset 0
            ) as p
        )
        select (
            s.linha_id, s.s, s.em, s.producao, s.rejeicao, j.destino, v.motivos, d.papel, p.numero_op, p.fator_producao,
            p.fator_rejeicao, r.situacao, r.motivo, r.em, r.em, r.flags, r.byte_de, r.byte_ate, null
        )::interno.incremento
        from segundos as s
        left join public.linhas as l on l.linha_id = s.linha_id
        left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos
        ) as v
        cross join lateral (
            select case
                when v.motivos <> '{}' then 'QUARENTENA'
                when s.em > p_limite then 'FUTURA'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and (d.papel = 'conferencia' or interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao))
                    then 'RETIDA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        ) as j
        left join lateral (
            select s.em, s.byte_de, s.byte_ate, case when d.papel = 'conferencia' then 'CONFERENCIA' else 'RETIDA' end as situacao,
                case when d.papel = 'contagem' then 'IMPLAUSIVEL' end as motivo,
                case j.destino when 'FUTURA' then array['implausivel', 'futura'] else array['implausivel'] end as flags
            where j.destino in ('RETIDA', 'FUTURA')
        ) as r on true
        left join periodos as p
            on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate and j.destino = 'CONTADA'
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.julgar_intervalos(p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone)
 RETURNS interno.incremento[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return array(
        select (
            i.linha_id, null, s.ate, i.producao, i.rejeicao, j.destino, v.motivos, d.papel, t.numero_op, t.fator_producao,
            t.fator_rejeicao, coalesce(t.situacao, 'CONFERENCIA'), t.motivo, i.desde, i.ate, f.flags, i.byte_de, i.byte_ate,
            i.fonte
        )::interno.incremento
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint, fonte timestamptz
        )
        cross join lateral (
            select date_trunc('second', i.desde) as desde, date_trunc('second', i.ate) as ate
        ) as s
        cross join lateral (
            select array(select jsonb_array_elements_text(i.flags))
                || case when i.ate > p_limite then array['implausivel', 'futura'] else '{}' end as flags
        ) as f
        left join public.linhas as l on l.linha_id = i.linha_id
        left join lateral interno.donos_da_linha(i.linha_id, p_fonte, s.desde, s.ate) as d
            on s.desde >= d.de and s.ate < d.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, i.desde < p_duvida) as motivos
        ) as v
        cross join lateral (
            select case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        ) as j
        left join lateral interno.situar_intervalo(i.linha_id, i.desde, i.ate, 'implausivel' = any(f.flags)) as t
            on j.destino = 'CONTADA'
        where i.producao > 0 or i.rejeicao > 0
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.somar_segundos(p_vetor integer[], p_segundos integer[], p_valores integer[])
 RETURNS integer[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.contar_minutos(p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.contar_ordens(p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.mostrar_conferencia(p_fonte text, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.guardar_intervalos(p_arquivo_id bigint, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.contagens_intervalo
        (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
         arquivo_id, byte_de, byte_ate, fonte_em)
    select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.flags, i.situacao, i.motivo, i.numero_op, i.fator_producao,
        i.fator_rejeicao, p_arquivo_id, i.byte_de, i.byte_ate, i.fonte_em
    from unnest(p_incrementos) as i
    where i.destino <> 'QUARENTENA' and i.situacao is not null;
end $function$;

CREATE OR REPLACE FUNCTION interno.guardar_em_duvida(p_arquivo_id bigint, p_arquivo jsonb, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.por_em_quarentena(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_anterior_id bigint, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id, relogio_corrigido, reportado_ate)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from unnest(p_incrementos) as o where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id,
        coalesce((p_arquivo ->> 'relogio_corrigido')::boolean, false), t.marca
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
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    where t.motivos <> '{}'
    group by t.linha_id, t.motivos, t.marca, t.trecho, a.registros, a.byte_de, a.byte_ate;
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_arquivo(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamp with time zone, p_limite timestamp with time zone, p_anterior_id bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.conhecer_epoca(p_gateway text, p_epoca text, p_inicio timestamp with time zone, p_anterior boolean)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_epoca public.epocas_gateway;
begin
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
    if v_epoca.gateway is null or p_inicio < v_epoca.inicio then
        -- A gateway whose clock is ahead began no later than it was heard of; believed, it would put all that follows in
        -- doubt.
        insert into public.epocas_gateway (gateway, epoca, inicio)
        values (p_gateway, p_epoca, least(p_inicio, clock_timestamp()))
        on conflict (gateway, epoca) do update set inicio = excluded.inicio
        returning * into v_epoca;
    end if;
    return (
        select case when p_anterior or max(o.inicio) > v_epoca.inicio then 'infinity' else v_epoca.inicio end
        from public.epocas_gateway as o
        where o.gateway = p_gateway and o.numero < v_epoca.numero
        having count(*) > 0
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.limitar_marcas(p_marcas jsonb, p_chegada timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    if not exists (select from jsonb_array_elements(p_marcas) as m where ((m ->> 'ate')::timestamptz <= p_chegada) is not true) then
        return p_marcas;
    end if;
    return (
        select jsonb_agg(m || jsonb_build_object('ate', least((m ->> 'ate')::timestamptz, p_chegada)) order by n)
        from jsonb_array_elements(p_marcas) with ordinality as t (m, n)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.avancar_marcas(p_gateway text, p_epoca text, p_ate bigint, p_seq bigint, p_marcas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    with passadas as (
        delete from public.marcas_a_espera as e
        where e.gateway = p_gateway and e.epoca = p_epoca and e.seq <= p_ate
        returning e.seq, e.marcas
    ),
    novas as materialized (
        select distinct on (t.linha_id) t.linha_id, t.ate, t.estado, t.relogio_ms
        from (
            select seq, marcas from passadas
            union all
            select p_seq, p_marcas where p_seq <= p_ate
        ) as a
        cross join lateral jsonb_to_recordset(a.marcas) as t (linha_id text, ate timestamptz, estado text, relogio_ms bigint)
        inner join public.linhas as l on l.linha_id = t.linha_id
        order by t.linha_id, a.seq desc
    ),
    mudadas as (
        update public.marcas_linha as m
        set ate = n.ate, estado = n.estado, relogio_ms = n.relogio_ms, atualizada_em = clock_timestamp()
        from novas as n
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
          and (n.ate, n.estado, n.relogio_ms) is distinct from (m.ate, m.estado, m.relogio_ms)
    )
    insert into public.marcas_linha (linha_id, gateway, epoca, ate, estado, relogio_ms)
    select n.linha_id, p_gateway, p_epoca, n.ate, n.estado, n.relogio_ms from novas as n
    where not exists (
        select from public.marcas_linha as m
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.avancar_epoca(p_gateway text, p_epoca text, p_seq bigint, p_marcas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_de bigint;
    v_ate bigint;
    v_maior bigint;
    v_declarada bigint;
begin
    select ultima_seq_continua, greatest(maior_seq, p_seq), ultima_seq_declarada into v_de, v_maior, v_declarada
    from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;

    with recursive caminho (seq, recebida) as (
        select v_de, null::bigint
        union all
        select coalesce(p.recebida, p.anulada), coalesce(p.recebida, c.recebida)
        from caminho as c
        cross join lateral (
            select
                (
                    select a.seq from public.arquivos_ingeridos as a
                    where a.gateway = p_gateway and a.epoca = p_epoca and a.seq = c.seq + 1
                      and a.motivo is distinct from 'SEQ_ABSURDA'
                    limit 1
                ) as recebida,
                (
                    select n.ate_seq from public.sequencias_anuladas as n
                    where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= c.seq + 1
                    order by n.seq desc
                    limit 1
                ) as anulada
        ) as p
        where p.recebida is not null or p.anulada > c.seq
    )
    select greatest(v_maior, max(recebida)), greatest(v_de, least(max(seq), greatest(v_maior, max(recebida), v_declarada)))
    into v_maior, v_ate
    from caminho;

    update public.epocas_gateway
    set ultima_seq_continua = v_ate, maior_seq = v_maior
    where gateway = p_gateway and epoca = p_epoca and (ultima_seq_continua < v_ate or maior_seq < v_maior);

    if p_seq > v_ate then
        insert into public.marcas_a_espera (gateway, epoca, seq, marcas)
        select p_gateway, p_epoca, p_seq, p_marcas where jsonb_array_length(p_marcas) > 0;
    end if;
    if v_ate = v_de then
        return;
    end if;

    perform interno.avancar_marcas(p_gateway, p_epoca, v_ate, case when p_seq > v_de then p_seq end, p_marcas);
end $function$;

CREATE OR REPLACE FUNCTION interno.desistir_da_releitura(p_id bigint, p_motivo text, p_texto text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    update public.quarentena set reprocessar_em = null, detalhe = concat_ws(' ', detalhe, p_texto) where id = p_id;
    return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', p_motivo);
end $function$;

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
        return interno.desistir_da_releitura(
            v_q.id, 'REPROCESSO_ILEGIVEL', format('Não pôde ser lido de novo: %s', p_arquivo -> 'rejeitado' ->> 'detalhe')
        );
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
        return interno.desistir_da_releitura(v_q.id, 'REPROCESSO_DIVERGENTE', format(
            'Lido de novo, o trecho traz %s (rejeição %s), não o que foi posto em quarentena; não foi contado.',
            v_producao, v_rejeicao
        ));
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

CREATE OR REPLACE FUNCTION interno.responder_sem_lancar(p_arquivo jsonb, p_situacao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_prefixo public.arquivos_ingeridos;
begin
    if p_situacao = 'QUARENTENA' then
        update public.quarentena set reprocessar_em = null
        where chave = p_arquivo ->> 'chave' and versao_id is not distinct from p_arquivo ->> 'versao_id'
          and reprocessar_em is not null and resolvida_em is null;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', p_motivo);
    elsif p_situacao = 'PREFIXO' then
        v_prefixo := interno.prefixo_avulso(p_arquivo ->> 'chave', p_arquivo ->> 'inicio_sha256');
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', jsonb_build_object(
            'tamanho', coalesce(v_prefixo.aceito_tamanho, 0), 'sha256', v_prefixo.aceito_sha256,
            'chave', coalesce(v_prefixo.chave, p_arquivo ->> 'chave'), 'versao_id', v_prefixo.versao_id
        ));
    end if;
    return jsonb_build_object('situacao', 'JA_APLICADO');
end $function$;

CREATE OR REPLACE FUNCTION interno.lancar_arquivo(p_arquivo jsonb, p_situacao text, p_motivo text, p_substitui bigint, p_linhas jsonb, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_id bigint;
begin
    insert into public.arquivos_ingeridos
        (bucket, chave, versao_id, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate,
         aceito_tamanho, aceito_sha256, inicio_sha256, contado_antes, registros, situacao, motivo, substitui)
    values (
        p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', (p_arquivo ->> 'tamanho')::bigint,
        p_arquivo ->> 'sha256', (p_arquivo ->> 'gravado_em')::timestamptz, p_arquivo ->> 'tipo',
        p_arquivo ->> 'gateway', p_arquivo ->> 'epoca', (p_arquivo ->> 'seq')::bigint, p_linhas, p_de, p_ate,
        (p_arquivo #>> '{aceito,tamanho}')::bigint, p_arquivo #>> '{aceito,sha256}', p_arquivo ->> 'inicio_sha256',
        (p_arquivo #>> '{prefixo,tamanho}')::bigint,
        case when p_situacao = 'REPETIDO' then 0 else coalesce((p_arquivo ->> 'registros')::bigint, 0) end,
        p_situacao, p_motivo, p_substitui
    )
    returning id into v_id;
    return v_id;
end $function$;

CREATE OR REPLACE FUNCTION interno.encerrar_esperas(p_arquivo_id bigint, p_arquivo jsonb, p_substitui bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
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
    where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> p_arquivo_id
      and (arquivo_id = p_substitui or (p_arquivo ->> 'tipo' <> 'gateway' and motivo = 'LINHA_INCOMPLETA'));
end $function$;

CREATE OR REPLACE FUNCTION interno.receber_sequencia(p_arquivo_id bigint, p_arquivo jsonb, p_aplicado boolean, p_chegada timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_epoca constant text := p_arquivo ->> 'epoca';
    v_seq constant bigint := (p_arquivo ->> 'seq')::bigint;
begin
    if exists (
        select from public.sequencias_anuladas
        where gateway = v_gateway and epoca = v_epoca and v_seq between seq and ate_seq
    ) then
        perform interno.anotar_trilha(
            'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', p_arquivo_id), null,
            jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
        );
    end if;
    perform interno.avancar_epoca(
        v_gateway, v_epoca, v_seq,
        case when p_aplicado and jsonb_typeof(p_arquivo -> 'marcas') = 'array'
            then interno.limitar_marcas(p_arquivo -> 'marcas', p_chegada)
        end
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.registrar_arquivo(p_arquivo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote constant boolean := p_arquivo ->> 'tipo' = 'gateway';
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_chegada constant timestamptz := interno.chegada(p_arquivo);
    v_decisao record;
    v_somas record;
    v_conhecido boolean;
    v_duvida timestamptz;
    v_id bigint;
begin
    if p_arquivo ->> 'reprocessar' is not null then
        return interno.reprocessar(p_arquivo);
    end if;
    if v_lote then
        select * into v_decisao from interno.reconhecer_lote(p_arquivo);
    elsif p_arquivo ->> 'tipo' = 'avulso' then
        select * into v_decisao from interno.reconhecer_avulso(p_arquivo);
    else
        perform interno.recusar(
            '422', 'TIPO_DESCONHECIDO', format('Tipo de arquivo %L; esperado gateway ou avulso.', p_arquivo ->> 'tipo'),
            'Corrija quem chama registrar_contagens.'
        );
    end if;
    if v_decisao.situacao = 'REPETIDO' then
        v_id := interno.lancar_arquivo(p_arquivo, 'REPETIDO', null, null, '[]', null, null);
        perform interno.encerrar_esperas(v_id, p_arquivo, null);
        return jsonb_build_object('situacao', 'JA_APLICADO');
    elsif v_decisao.situacao not in ('APLICAR', 'QUARENTENAR') then
        return interno.responder_sem_lancar(p_arquivo, v_decisao.situacao, v_decisao.motivo);
    end if;

    select * into v_somas from interno.somar_linhas(p_arquivo);
    v_id := interno.lancar_arquivo(
        p_arquivo, case v_decisao.situacao when 'APLICAR' then 'APLICADO' else 'QUARENTENA' end, v_decisao.motivo,
        v_decisao.substitui, v_somas.linhas, v_somas.de, v_somas.ate
    );
    v_conhecido := v_lote and v_decisao.motivo is distinct from 'SEQ_ABSURDA'
        and exists (select from public.gateways where gateway = v_gateway);
    if v_conhecido then
        v_duvida := interno.conhecer_epoca(
            v_gateway, p_arquivo ->> 'epoca', (p_arquivo ->> 'inicio')::timestamptz,
            coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    if jsonb_array_length(p_arquivo -> 'quarentena') > 0 then
        perform interno.anotar_ilegiveis(v_id, p_arquivo);
    end if;
    if v_decisao.situacao = 'QUARENTENAR' then
        perform interno.quarentenar_arquivo(v_id, p_arquivo, v_decisao.motivo, coalesce(v_decisao.detalhe, v_decisao.motivo));
    else
        if v_conhecido then
            perform interno.duvidar_do_relogio(v_id, p_arquivo, v_somas.linhas, v_somas.de, v_somas.ate, v_chegada);
        end if;
        perform interno.aplicar_arquivo(
            v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida,
            interno.limite_do_futuro(v_chegada), null
        );
        perform interno.encerrar_esperas(v_id, p_arquivo, v_decisao.substitui);
    end if;
    if v_conhecido then
        perform interno.receber_sequencia(v_id, p_arquivo, v_decisao.situacao = 'APLICAR', v_chegada);
    end if;
    return case v_decisao.situacao
        when 'APLICAR' then jsonb_build_object('situacao', 'APLICADO')
        else jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
    end;
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_contagens(p_arquivos jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_arquivo jsonb;
    v_resultado jsonb;
    v_resultados jsonb := '[]';
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    p_arquivos := interno.json_recebido(p_arquivos);
    if jsonb_typeof(p_arquivos) is distinct from 'array' or p_arquivos @? 'strict $[*] ? (@.type() != "object")' then
        perform interno.recusar(
            '422', 'ARQUIVOS_INVALIDOS', 'p_arquivos deve ser uma lista JSON de objetos, um por arquivo.', 'Corrija quem chama registrar_contagens.'
        );
    end if;

    perform interno.travar_linhas(array(
        select jsonb_path_query(p_arquivos, '$[*].linhas[*].linha_id') #>> '{}'
        union
        select jsonb_path_query(p_arquivos, '$[*].intervalos[*].linha_id') #>> '{}'
    ));
    perform interno.travar_chaves(array(
        select unnest(case when a ->> 'tipo' = 'gateway'
            then array['epoca:' || (a ->> 'gateway') || ':' || (a ->> 'epoca')]
            else array[
                'avulso:' || (a ->> 'chave'), 'conteudo:' || (a #>> '{aceito,sha256}'), 'inicio:' || (a ->> 'inicio_sha256')
            ]
        end)
        from jsonb_array_elements(p_arquivos) as a
    ));

    for v_arquivo in
        -- An optional part given as null means the same as a part left out.
        select jsonb_strip_nulls(t.a)
        from jsonb_array_elements(p_arquivos) with ordinality as t (a, i)
        order by t.i
    loop
        begin
            v_resultado := interno.registrar_arquivo(v_arquivo);
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_resultado := interno.erro_json(v_estado, v_mensagem, v_detalhe);
        end;
        v_resultados := v_resultados || jsonb_build_array(
            jsonb_build_object('chave', v_arquivo ->> 'chave', 'versao_id', v_arquivo ->> 'versao_id') || v_resultado
        );
    end loop;
    return v_resultados;
end $function$;

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
    perform interno.anotar_turnos(p_linha_id, p_de, p_ate);
end $function$;

CREATE OR REPLACE FUNCTION interno.preparar_ordem(p_funcao text, p_numero_op text, p_linha_id text, p_instante timestamp with time zone, OUT papel text, OUT concluida boolean)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    papel := interno.linha_para_decisao(p_funcao, p_linha_id);
    perform interno.exigir_linha(p_linha_id);
    select l.status = 'CONCLUIDO' or l.situacao_totvs = 'ENCERRADA' into concluida
    from public.lotes_producao as l where l.numero_op = p_numero_op for no key update;
    if not found then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_numero_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    if p_instante > clock_timestamp() + interval '1 minute' then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(p_instante)),
            'Informe um instante até agora.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION public.abrir_ordem(p_numero_op text, p_linha_id text, p_aberta_em timestamp with time zone DEFAULT NULL::timestamp with time zone, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_instante constant timestamptz := date_trunc('second', coalesce(p_aberta_em, clock_timestamp()));
    v_preparo record;
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_fator_producao integer;
    v_fator_rejeicao integer;
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
    v_impedimento jsonb;
    v_avisos jsonb;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    select * into v_preparo from interno.preparar_ordem('abrir_ordem', v_op, p_linha_id, v_instante);

    v_avisos := jsonb_build_object('avisos', interno.avisos_abertura(v_op, p_linha_id));

    -- The period that holds the instant, else the next one.
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and (upper_inf(p.intervalo) or upper(p.intervalo) > v_instante)
    order by lower(p.intervalo)
    limit 1;

    if v_alvo.numero_op = v_op and lower(v_alvo.intervalo) = v_instante
        or v_alvo.numero_op = v_op and p_aberta_em is null and v_alvo.intervalo @> v_instante then
        return interno.periodo_json(v_alvo) || v_avisos;
    end if;
    v_impedimento := interno.impedimentos_abertura(v_op, p_linha_id) -> 0;
    if v_impedimento is not null then
        perform interno.recusar(
            '409', v_impedimento ->> 'codigo', v_impedimento ->> 'detalhe', v_impedimento ->> 'acao'
        );
    end if;
    if v_alvo.intervalo @> v_instante and v_alvo.numero_op <> v_op then
        perform interno.recusar_ocupada(v_alvo);
    end if;
    if v_instante < clock_timestamp() - interval '5 minutes' or v_alvo.numero_op = v_op
        or v_preparo.concluida then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;

    v_fator_producao := interno.fator(p_linha_id, 'producao', v_instante);
    v_fator_rejeicao := interno.fator(p_linha_id, 'rejeicao', v_instante);
    if v_alvo.numero_op = v_op then
        v_de := least(v_instante, lower(v_alvo.intervalo));
        v_ate := case when (v_fator_producao, v_fator_rejeicao) = (v_alvo.fator_producao, v_alvo.fator_rejeicao)
            then greatest(v_instante, lower(v_alvo.intervalo)) else coalesce(upper(v_alvo.intervalo), 'infinity') end;
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        update public.periodos_ordem
        set intervalo = tstzrange(v_instante, upper(intervalo)), fator_producao = v_fator_producao,
            fator_rejeicao = v_fator_rejeicao
        where id = v_alvo.id
        returning * into v_novo;
    else
        v_de := v_instante;
        v_ate := coalesce(lower(v_alvo.intervalo), 'infinity');
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
        values (v_op, p_linha_id, tstzrange(v_instante, lower(v_alvo.intervalo)), v_fator_producao, v_fator_rejeicao)
        returning * into v_novo;
        insert into public.ordens_producao_ativas (numero_op, linha_id) values (v_op, p_linha_id) on conflict do nothing;
    end if;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
    perform interno.anotar_trilha(
        v_preparo.papel, 'abrir_ordem', format('periodos_ordem:%s', v_novo.id),
        case when v_alvo.numero_op = v_op then interno.periodo_json(v_alvo) end, interno.periodo_json(v_novo), v_motivo
    );
    return interno.periodo_json(v_novo) || v_avisos;
end $function$;

CREATE OR REPLACE FUNCTION interno.exigir_no_maximo(p_ids bigint[], p_maximo integer)
 RETURNS void
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO ''
AS $function$
begin
    if cardinality(p_ids) > p_maximo then
        perform interno.recusar(
            '422', 'ITENS_DEMAIS', format('São %s itens; no máximo %s de uma vez.', cardinality(p_ids), p_maximo), 'Decida-os em partes.'
        );
    end if;
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
    perform interno.anotar_turnos(p_linha_id, v_de, v_ate - interval '1 second');
    perform interno.anotar_trilha(
        v_papel, 'justificar_sem_ordem', format('linhas:%s', p_linha_id), null, v_resultado, v_motivo
    );
    return v_resultado;
end $function$;

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

CREATE OR REPLACE FUNCTION public.quarentenas_a_reprocessar(p_limite integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.campos(p_dados jsonb, VARIADIC p_nomes text[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(p_dados) as d where d.key = any(p_nomes)
$function$;

CREATE OR REPLACE FUNCTION interno.aplicar_insumo(p_codigo text, p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes public.insumos;
    v_depois public.insumos;
begin
    select * into v_antes from public.insumos where insumo_codigo = p_codigo for update;
    v_depois := jsonb_populate_record(v_antes, interno.campos(p_dados, 'unidade', 'tipo'));
    v_depois.insumo_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.atualizado_em := clock_timestamp();
    insert into public.insumos select v_depois.*
    on conflict (insumo_codigo) do update set descricao = excluded.descricao, unidade = excluded.unidade,
        tipo = excluded.tipo, bloqueado = excluded.bloqueado, atualizado_em = excluded.atualizado_em;
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_produto(p_codigo text, p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_antes public.produtos;
    v_depois public.produtos;
begin
    if exists (select from public.tipos_insumo as t where t.tipo = p_dados ->> 'tipo') then
        return interno.aplicar_insumo(p_codigo, p_dados);
    end if;
    select * into v_antes from public.produtos where produto_codigo = p_codigo for update;
    v_depois := jsonb_populate_record(
        v_antes, interno.campos(p_dados, 'unidade', 'tipo', 'volume_ml', 'registro_anvisa', 'codigo_barras')
    );
    v_depois.produto_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.atualizado_em := clock_timestamp();
    insert into public.produtos select v_depois.*
    on conflict (produto_codigo) do update set descricao = excluded.descricao, unidade = excluded.unidade,
        tipo = excluded.tipo, bloqueado = excluded.bloqueado, volume_ml = excluded.volume_ml,
        registro_anvisa = excluded.registro_anvisa, codigo_barras = excluded.codigo_barras,
        atualizado_em = excluded.atualizado_em;
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_lote(p_dados jsonb)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_produto constant text := p_dados ->> 'produto_codigo';
    v_lote constant text := p_dados ->> 'numero_lote';
    v_antes public.lotes_insumo;
    v_depois public.lotes_insumo;
    v_ops bigint;
begin
    if exists (select from public.insumos where insumo_codigo = v_produto) then
        select * into v_antes from public.lotes_insumo
        where insumo_codigo = v_produto and numero_lote = v_lote for update;
        v_depois := jsonb_populate_record(v_antes, interno.campos(
            p_dados, 'quantidade', 'unidade', 'data_fabricacao', 'data_validade', 'fornecedor'
        ));
        v_depois.insumo_codigo := v_produto;
        v_depois.numero_lote := v_lote;
        v_depois.situacao := coalesce(p_dados ->> 'situacao', v_antes.situacao, 'EM_ESTOQUE');
        if v_depois is not distinct from v_antes then
            return interno.feito(false);
        end if;
        v_depois.atualizado_em := clock_timestamp();
        insert into public.lotes_insumo select v_depois.*
        on conflict (insumo_codigo, numero_lote) do update set quantidade = excluded.quantidade,
            unidade = excluded.unidade, data_fabricacao = excluded.data_fabricacao,
            data_validade = excluded.data_validade, fornecedor = excluded.fornecedor, situacao = excluded.situacao,
            atualizado_em = excluded.atualizado_em;
        return interno.feito(true);
    end if;
    if not exists (select from public.produtos where produto_codigo = v_produto) then
        return interno.falta_produto(v_produto);
    end if;
    update public.lotes_producao as l
    set data_fabricacao = n.data_fabricacao, data_validade = n.data_validade, atualizado_em = clock_timestamp()
    from public.lotes_producao as a
    cross join lateral jsonb_populate_record(a, interno.campos(p_dados, 'data_fabricacao', 'data_validade')) as n
    where a.numero_lote = v_lote and a.produto_codigo = v_produto and l.numero_op = a.numero_op
      and (l.data_fabricacao, l.data_validade) is distinct from (n.data_fabricacao, n.data_validade);
    get diagnostics v_ops = row_count;
    return interno.feito(v_ops > 0);
end $function$;

CREATE OR REPLACE FUNCTION interno.por_que_sem_lote(p_produto text, p_linha_id text)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_familia public.familias_sem_lote;
begin
    select * into v_familia from public.familias_sem_lote where starts_with(p_produto, prefixo);
    if v_familia.prefixo is not null then
        return interno.resultado(
            'IGNORADO', 'FAMILIA_SEM_LOTE',
            format('OPs da família %s não abrem lote: %s.', v_familia.prefixo, v_familia.descricao), false
        );
    end if;
    if not exists (select from public.produtos where produto_codigo = p_produto) then
        if exists (select from public.insumos where insumo_codigo = p_produto) then
            return interno.resultado(
                'IGNORADO', 'INSUMO_SEM_LOTE', format('%s é um insumo; a OP dele não abre lote.', p_produto), false
            );
        end if;
        return interno.falta_produto(p_produto);
    end if;
    if p_linha_id is not null and not exists (select from public.linhas where linha_id = p_linha_id) then
        return interno.falta_linha(p_linha_id);
    end if;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.lote_da_ordem(p_antes public.lotes_producao, p_op text, p_dados jsonb)
 RETURNS public.lotes_producao
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_depois public.lotes_producao := jsonb_populate_record(p_antes, interno.campos(
        p_dados, 'numero_lote', 'unidade', 'descricao', 'dossie', 'volume_ml', 'registro_anvisa', 'data_emissao', 'inicio_previsto'
    ));
    v_lote_estoque jsonb;
begin
    if v_depois.numero_lote is null then
        perform interno.recusar(
            '422', 'LOTE_AUSENTE', format('A OP %s não diz o número do lote.', p_op), 'Informe o lote na OP, no TOTVS.'
        );
    end if;
    v_depois.numero_op := p_op;
    v_depois.produto_codigo := p_dados ->> 'produto_codigo';
    v_depois.quantidade_planejada := (p_dados ->> 'quantidade')::numeric;
    -- The stock lot knows its dates better than the order does.
    select p_dados || e.dados into v_lote_estoque from public.estado_totvs as e
    where e.tipo = 'lote' and e.referencia = v_depois.produto_codigo || '/' || v_depois.numero_lote;
    v_depois := jsonb_populate_record(
        v_depois, interno.campos(coalesce(v_lote_estoque, p_dados), 'data_fabricacao', 'data_validade')
    );
    if p_dados ->> 'linha_id' is not null then
        v_depois.linha_id := p_dados ->> 'linha_id';
        v_depois.linha_origem := 'TOTVS';
    elsif p_antes.linha_origem is distinct from 'TOTVS' or p_dados ? 'linha_id' then
        v_depois.linha_id := interno.linha_proposta(v_depois.produto_codigo, v_depois.numero_lote);
        v_depois.linha_origem := case when v_depois.linha_id is not null then 'PROPOSTA' end;
    end if;
    return v_depois;
end $function$;

CREATE OR REPLACE FUNCTION interno.notar_alteracoes(p_antes public.lotes_producao, p_depois public.lotes_producao, p_evento bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_op constant text := p_depois.numero_op;
begin
    if p_antes.descricao is not null and p_depois.descricao is not null then
        perform interno.notar_alteracao(v_op, 'DESCRICAO_DIFERENTE', p_antes.descricao, p_depois.descricao, p_evento);
    end if;
    if p_antes.status <> 'PLANEJADO' then
        perform interno.notar_alteracao(v_op, 'PRODUTO_ALTERADO', p_antes.produto_codigo, p_depois.produto_codigo, p_evento);
        perform interno.notar_alteracao(v_op, 'LOTE_ALTERADO', p_antes.numero_lote, p_depois.numero_lote, p_evento);
        perform interno.notar_alteracao(
            v_op, 'QUANTIDADE_ALTERADA', trim_scale(p_antes.quantidade_planejada)::text,
            trim_scale(p_depois.quantidade_planejada)::text, p_evento
        );
    end if;
    -- A person looks at it: closed here, and cancelled, restored or opened again there; set aside here, and restored there.
    if p_antes.status = 'CONCLUIDO' and p_depois.situacao_totvs = 'CANCELADA'
        or p_antes.status in ('CONCLUIDO', 'POSTO_DE_LADO') and p_antes.situacao_totvs = 'CANCELADA'
        or p_antes.status = 'CONCLUIDO' and (p_antes.situacao_totvs, p_depois.situacao_totvs) = ('ENCERRADA', 'ABERTA') then
        perform interno.notar_alteracao(v_op, 'SITUACAO_ALTERADA', p_antes.situacao_totvs, p_depois.situacao_totvs, p_evento);
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.aplicar_ordem(p_op text, p_dados jsonb, p_evento bigint)
 RETURNS interno.resultado_totvs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_sem_lote constant interno.resultado_totvs := interno.por_que_sem_lote(p_dados ->> 'produto_codigo', p_dados ->> 'linha_id');
    v_antes public.lotes_producao;
    v_depois public.lotes_producao;
begin
    if v_sem_lote.situacao is not null then
        return v_sem_lote;
    end if;
    select * into v_antes from public.lotes_producao where numero_op = p_op for no key update;
    v_depois := interno.lote_da_ordem(v_antes, p_op, p_dados);
    v_depois.situacao_totvs := coalesce(p_dados ->> 'situacao', v_antes.situacao_totvs, 'ABERTA');
    v_depois.status := coalesce(v_antes.status, 'PLANEJADO'); -- ours: interno.estado_op
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.criado_em := coalesce(v_antes.criado_em, clock_timestamp());
    v_depois.atualizado_em := clock_timestamp();
    insert into public.lotes_producao select v_depois.*
    on conflict (numero_op) do update set
        numero_lote = excluded.numero_lote, produto_codigo = excluded.produto_codigo, linha_id = excluded.linha_id,
        linha_origem = excluded.linha_origem, quantidade_planejada = excluded.quantidade_planejada,
        unidade = excluded.unidade, descricao = excluded.descricao, dossie = excluded.dossie,
        volume_ml = excluded.volume_ml, registro_anvisa = excluded.registro_anvisa,
        data_emissao = excluded.data_emissao, inicio_previsto = excluded.inicio_previsto,
        data_fabricacao = excluded.data_fabricacao, data_validade = excluded.data_validade,
        situacao_totvs = excluded.situacao_totvs, atualizado_em = excluded.atualizado_em;
    perform interno.notar_alteracoes(v_antes, v_depois, p_evento);
    return interno.feito(true);
end $function$;

CREATE OR REPLACE FUNCTION interno.evento_recebido(p_recebimento jsonb, p_evento jsonb)
 RETURNS public.eventos_totvs
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_recusa constant jsonb := p_evento -> 'recusa';
    v_evento public.eventos_totvs := jsonb_populate_record(
        null::public.eventos_totvs, interno.campos(p_evento, 'indice', 'tipo', 'evento_id', 'versao', 'ocorrido_em', 'sha256')
    );
begin
    v_evento.recebido_em := (p_recebimento ->> 'recebido_em')::timestamptz;
    v_evento.dados := p_evento -> 'dados';
    v_evento.sha256 := coalesce(v_evento.sha256, encode(sha256(convert_to(v_recusa::text, 'UTF8')), 'hex'));
    v_evento.chave := case when v_evento.evento_id is not null and v_recusa is null
        then 'id:' || v_evento.evento_id || ':' || v_evento.sha256
        else (p_recebimento ->> 'chave') || ':' || v_evento.indice end;
    return v_evento;
end $function$;

CREATE OR REPLACE FUNCTION interno.retorno_evento(p_evento public.eventos_totvs, p_resultado interno.resultado_totvs)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'indice', p_evento.indice, 'evento', p_evento.id, 'situacao', p_resultado.situacao, 'tipo', p_evento.tipo,
        'referencia', p_evento.referencia, 'codigo', p_resultado.codigo, 'motivo', p_resultado.motivo,
        'mudou', p_resultado.mudou
    )
$function$;

CREATE OR REPLACE FUNCTION interno.receber_evento(p_recebimento jsonb, p_evento jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_origem constant text := p_recebimento ->> 'origem';
    v_recusa constant jsonb := p_evento -> 'recusa';
    v_evento public.eventos_totvs := interno.evento_recebido(p_recebimento, p_evento);
    v_igual public.eventos_totvs;
    v_resultado interno.resultado_totvs;
begin
    select * into v_igual from public.eventos_totvs where chave = v_evento.chave;
    if v_igual.id is not null then
        v_igual.indice := v_evento.indice;
        return interno.retorno_evento(v_igual, interno.resultado('JA_RECEBIDO', null, null, false));
    end if;

    v_evento.id := nextval(pg_get_serial_sequence('public.eventos_totvs', 'id'));
    if v_recusa is not null then
        v_evento.referencia := p_evento ->> 'referencia';
        v_resultado := interno.resultado('RECUSADO', 'EVENTO_INVALIDO', (
            select string_agg(concat_ws(': ', nullif(r ->> 'campo', ''), r ->> 'mensagem'), '; ')
            from jsonb_array_elements(v_recusa) as r
        ), true);
    else
        begin
            v_evento.referencia := interno.referencia_totvs(v_evento.tipo, v_evento.dados, v_evento.recebido_em);
            v_resultado := interno.aplicar_ou_recusar(v_evento, v_origem);
        exception when sqlstate 'PT422' then
            v_evento.referencia := p_evento #>> '{dados,numero_op}';
            v_resultado := interno.resultado(
                'RECUSADO', 'OP_INVALIDA', format('%s não é um número de OP.', v_evento.referencia), true
            );
        end;
    end if;

    -- A pull repeats itself every few minutes: only what it changed, or what newly waits, is an event worth keeping.
    if v_origem = 'consulta' then
        if v_resultado.situacao in ('ESTACIONADO', 'RECUSADO') then
            select * into v_igual from public.eventos_totvs as e
            where e.tipo is not distinct from v_evento.tipo and e.referencia is not distinct from v_evento.referencia
              and e.sha256 = v_evento.sha256 and e.situacao = v_resultado.situacao
            limit 1;
            v_resultado.mudou := v_igual.id is null;
        end if;
        if not v_resultado.mudou then
            v_evento.id := v_igual.id;
        end if;
    end if;
    if v_origem = 'webhook' or v_resultado.mudou then
        v_evento.recebimento_id := interno.guardar_recebimento(p_recebimento);
        v_evento.situacao := v_resultado.situacao;
        v_evento.codigo := v_resultado.codigo;
        v_evento.motivo := v_resultado.motivo;
        v_evento.falta := v_resultado.falta;
        v_evento.decidido_em := clock_timestamp();
        insert into public.eventos_totvs overriding system value select v_evento.*;
    end if;
    if v_resultado.situacao = 'APLICADO' and v_evento.tipo in ('produto', 'insumo') then
        perform interno.reaplicar_estacionados('produto:' || v_evento.referencia);
    end if;
    return interno.retorno_evento(v_evento, v_resultado);
end $function$;

CREATE OR REPLACE FUNCTION public.reconhecer_alteracao_op(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_setor text;
    v_ha_algo boolean;
    v_papel text;
    v_motivo text;
    v_novo public.reconhecimentos_op;
begin
    select min(p.setor), count(*) > 0 into v_setor, v_ha_algo
    from public.pendencias as p
    where p.tipo = 'OP_ALTERADA' and p.detalhes ->> 'p_numero_op' = v_op;
    v_papel := interno.exigir_papel('reconhecer_alteracao_op', v_setor);
    v_motivo := interno.exigir_motivo(p_motivo);
    if not v_ha_algo then
        perform interno.recusar_desconhecido(
            'NADA_A_RECONHECER', format('A OP %s não tem alteração à espera.', v_op)
        );
    end if;
    insert into public.reconhecimentos_op (numero_op, usuario_id, motivo, contagens, ate_alteracao)
    values (
        v_op, interno.usuario_atual(), v_motivo, interno.contagens_op(v_op),
        coalesce((select max(a.id) from public.alteracoes_op as a where a.numero_op = v_op), 0)
    )
    returning * into v_novo;
    perform interno.anotar_trilha(
        v_papel, 'reconhecer_alteracao_op', format('lotes_producao:%s', v_op), null, to_jsonb(v_novo), v_motivo
    );
    return to_jsonb(v_novo);
end $function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_abertura(p_op text, p_linha_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_linha public.linhas;
    v_lote public.lotes_producao;
    v_produto public.produtos;
    v_motivos jsonb := '[]';
begin
    select * into v_linha from public.linhas where linha_id = p_linha_id;
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    select * into v_produto from public.produtos where produto_codigo = v_lote.produto_codigo;
    if v_linha.linha_id is null then
        v_motivos := v_motivos || interno.motivo_json('LINHA_DESCONHECIDA',
            format('A linha %s não está cadastrada.', coalesce(p_linha_id, '(vazia)')), 'Confira o código da linha.');
    elsif not v_linha.ativa then
        v_motivos := v_motivos || interno.motivo_json('LINHA_INATIVA',
            format('A linha %s está desativada.', p_linha_id), 'Reative a linha no cadastro.');
    end if;
    if v_lote.numero_op is null then
        v_motivos := v_motivos || interno.motivo_json('OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.');
    elsif v_lote.status = 'POSTO_DE_LADO' then
        v_motivos := v_motivos || interno.motivo_json('OP_POSTA_DE_LADO',
            format('A OP %s foi posta de lado.', p_op), 'Abra outra OP ou retome esta com retomar_ordem.');
    end if;
    if v_lote.situacao_totvs = 'CANCELADA' then
        v_motivos := v_motivos || interno.motivo_json('OP_CANCELADA',
            format('A OP %s foi cancelada no TOTVS.', p_op), 'Abra outra OP ou reative esta no TOTVS.');
    end if;
    if v_produto.bloqueado then
        v_motivos := v_motivos || interno.motivo_json('PRODUTO_BLOQUEADO',
            format('O produto %s (%s) está bloqueado no TOTVS.', v_produto.produto_codigo, v_produto.descricao),
            'Peça o desbloqueio do produto no TOTVS.');
    end if;
    return v_motivos;
end $function$;

CREATE OR REPLACE FUNCTION interno.avisos_abertura(p_op text, p_linha_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_lote public.lotes_producao;
    v_avisos jsonb := '[]';
begin
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    if v_lote.numero_op is not null and not exists (
        select from public.velocidades_nominais
        where linha_id = p_linha_id and produto_codigo = v_lote.produto_codigo
          and validade @> (clock_timestamp() at time zone 'America/Fortaleza')::date
    ) then
        v_avisos := v_avisos || interno.motivo_json('SEM_VELOCIDADE',
            format('A linha %s não tem velocidade nominal para o produto %s; o OEE não poderá ser calculado.', p_linha_id, v_lote.produto_codigo),
            'Cadastre a velocidade no TOTVS antes de produzir.');
    end if;
    if v_lote.linha_id <> p_linha_id then
        v_avisos := v_avisos || interno.motivo_json('LINHA_DIFERENTE',
            format('O lote %s é da linha %s.', v_lote.numero_lote, v_lote.linha_id), 'Confira a linha e a OP.');
    end if;
    if v_lote.status = 'CONCLUIDO' then
        v_avisos := v_avisos || interno.motivo_json('OP_CONCLUIDA',
            format('A OP %s já foi concluída.', p_op), 'Reabra-a só com motivo.');
    elsif v_lote.situacao_totvs = 'ENCERRADA' then
        v_avisos := v_avisos || interno.motivo_json('OP_ENCERRADA_NO_TOTVS',
            format('A OP %s já foi encerrada no TOTVS.', p_op), 'Abra-a só com motivo: o TOTVS pode recusar o que ela produzir.');
    end if;
    return v_avisos || interno.aviso_conferencia(v_lote, p_linha_id);
end $function$;

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
    v_anular boolean;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    if p_producao is null or p_producao not between 0 and 10000000 or p_rejeicao is null or p_rejeicao not between 0 and p_producao then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'A produção e a rejeição são inteiros de 0 a 10.000.000, e a rejeição faz parte da produção.',
            'Corrija as quantidades.'
        );
    end if;
    select * into v_antes
    from public.contagens_manuais_atuais
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela;
    v_anular := v_antes.id is not null and p_producao = 0;
    if not v_anular and not exists (
        select from public.fontes_linha as f
        where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem'
          and tstzrange(f.de, f.ate) && v_janela
    ) then
        perform interno.recusar(
            '409', 'FONTE_NAO_MANUAL', format('A linha %s não é contada à mão neste turno.', p_linha_id),
            'Confira a linha e o turno; quem conta a linha se diz com definir_fonte.'
        );
    end if;
    if not v_anular and not exists (
        select from public.periodos_ordem as p
        where p.numero_op = v_op and p.linha_id = p_linha_id and p.intervalo && v_janela
    ) then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA', format('A OP %s não esteve aberta na linha %s neste turno.', v_op, p_linha_id),
            'Abra a OP na linha, com a hora em que começou, ou confira a OP e o turno.'
        );
    end if;
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

CREATE OR REPLACE FUNCTION public.mover_contagem_manual(p_de_numero_op text, p_numero_op text, p_linha_id text, p_data date, p_turno text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_de constant text := public.normalizar_op(p_de_numero_op);
    v_para constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('mover_contagem_manual', p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_movida public.contagens_manuais_atuais;
    v_outra public.contagens_manuais_atuais;
begin
    select * into v_movida from public.contagens_manuais_atuais
    where numero_op = v_de and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_movida.id is null then
        perform interno.recusar_desconhecido(
            'NADA_A_MOVER', format('A OP %s não tem contagem física na linha %s neste turno.', v_de, p_linha_id)
        );
    end if;
    select * into v_outra from public.contagens_manuais_atuais
    where numero_op = v_para and linha_id = p_linha_id and janela = v_janela and producao > 0;
    if v_outra.id is not null then
        perform interno.recusar(
            '409', 'OP_JA_CONTADA', format('A OP %s já tem uma contagem física de %s neste turno.', v_para, v_outra.producao),
            'Corrija as duas com registrar_contagem_manual.'
        );
    end if;
    perform public.registrar_contagem_manual(v_de, p_linha_id, p_data, v_movida.turno, 0, 0, v_motivo);
    perform interno.anotar_trilha(
        v_papel, 'mover_contagem_manual', format('contagens_manuais:%s', v_movida.id), to_jsonb(v_movida),
        jsonb_build_object('numero_op', v_para), v_motivo
    );
    return public.registrar_contagem_manual(
        v_para, p_linha_id, p_data, p_turno, v_movida.producao, v_movida.rejeicao, v_motivo
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.ops_do_turno(p_linha_id text, p_janela tstzrange)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p.numero_op from public.periodos_ordem as p where p.linha_id = p_linha_id and p.intervalo && p_janela
    union
    select i.numero_op from public.contagens_intervalo as i
    where i.linha_id = p_linha_id and i.numero_op is not null and i.ate <@ p_janela
    union
    select m.numero_op from public.contagens_manuais_atuais as m
    where m.linha_id = p_linha_id and m.janela && p_janela and m.producao > 0
    union
    select v.numero_op from public.perdas_vigentes as v where v.linha_id = p_linha_id and v.em <@ p_janela
$function$;

CREATE OR REPLACE FUNCTION interno.cabecalho_op(p_op text, OUT numero_lote text, OUT produto_codigo text, OUT etapa text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    select coalesce(f.numero_lote, l.numero_lote), coalesce(f.produto_codigo, l.produto_codigo),
        coalesce(f.etapa, interno.etapa_apontada(l.produto_codigo))
    into numero_lote, produto_codigo, etapa
    from public.lotes_producao as l
    left join public.fechamentos_lote as f on f.numero_op = l.numero_op
    where l.numero_op = p_op;
end $function$;

CREATE OR REPLACE FUNCTION interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'linha_id', p_linha_id, 'de', lower(p_janela), 'ate', upper(p_janela),
        'ordens', coalesce((
            select jsonb_agg(jsonb_build_object(
                'numero_op', o.op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo,
                'periodos', (
                    select coalesce(jsonb_agg(jsonb_build_array(
                        greatest(lower(p.intervalo), lower(p_janela)), least(coalesce(upper(p.intervalo), 'infinity'), upper(p_janela))
                    ) order by p.intervalo), '[]')
                    from public.periodos_ordem as p
                    where p.linha_id = p_linha_id and p.numero_op = o.op and p.intervalo && p_janela
                ),
                'producao_maquina', f.producao_maquina, 'producao', f.producao, 'rejeicao', f.rejeicao,
                'digitado', f.digitado, 'refugo', f.refugo, 'outras', f.outras
            ) order by o.op)
            from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
            cross join lateral interno.cabecalho_op(o.op) as c
            cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        ), '[]'),
        'sem_ordem', (
            select jsonb_build_object(
                'producao', coalesce(sum(t.producao), 0), 'rejeicao', coalesce(sum(t.rejeicao), 0)
            )
            from (
                select m.sem_ordem_producao as producao, m.sem_ordem_rejeicao as rejeicao
                from public.contagens_minuto as m
                where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
                union all
                select i.producao, i.rejeicao
                from public.contagens_intervalo as i
                where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and i.ate <@ p_janela
            ) as t
        )
    )
$function$;

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
    -- A shift that was signed and has lost its orders since can be signed again.
    if not exists (select from interno.ops_do_turno(p_linha_id, p_janela))
        and (interno.diario_atual(p_linha_id, p_janela)).id is null then
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
    return v_motivos || interno.impedimentos_ordens(p_linha_id, p_janela);
end $function$;

CREATE OR REPLACE FUNCTION interno.digitado_sem_periodo(p_op text, p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(t.motivo), '[]')
    from (
        select interno.motivo_json('CONTAGEM_MANUAL_SEM_PERIODO',
            format('A OP %s tem uma contagem física de %s, mas não esteve aberta na linha neste turno.', p_op, m.producao),
            'Passe-a à OP certa com mover_contagem_manual, ou corrija-a a zero.') as motivo
        from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and m.janela && p_janela and m.producao > 0
          and not exists (
            select from public.periodos_ordem as p
            where p.numero_op = p_op and p.linha_id = p_linha_id and p.intervalo && m.janela
        )
        union all
        select interno.motivo_json('PERDA_SEM_PERIODO',
            format('A OP %s tem uma perda de %s digitada (registro %s), mas nunca esteve aberta na linha.', p_op, v.quantidade, v.id),
            'Estorne-a com estornar_refugo e digite-a na OP certa.')
        from public.perdas_vigentes as v
        where v.numero_op = p_op and v.linha_id = p_linha_id and v.em <@ p_janela
          and not exists (select from public.periodos_ordem as p where p.numero_op = p_op and p.linha_id = p_linha_id)
    ) as t
$function$;

CREATE OR REPLACE FUNCTION interno.impedimentos_ordens(p_linha_id text, p_janela tstzrange)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_motivos jsonb := '[]';
    v_linha record;
begin
    for v_linha in
        select o.op, f.rejeicao, f.digitado, f.producao, f.divergente, f.refugo, f.outras
        from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
        cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        order by o.op
    loop
        v_motivos := v_motivos || interno.digitado_sem_periodo(v_linha.op, p_linha_id, p_janela);
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

CREATE OR REPLACE FUNCTION interno.linha_apontada(p_linha_id text, p_em timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select exists (
        select from public.apontamentos_linha as a where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) @> p_em
    )
$function$;

CREATE OR REPLACE FUNCTION interno.op_apontada(p_op text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return exists (select from public.envios_totvs as e where e.numero_op = p_op) or coalesce((
        select bool_and(interno.linha_apontada(t.linha_id, t.aberta))
        from (
            select a.*, bool_or(a.da_etapa) over () as passou
            from (
                select p.linha_id, min(lower(p.intervalo)) as aberta,
                    l.etapa = interno.etapa_apontada(o.produto_codigo) as da_etapa
                from public.periodos_ordem as p
                inner join public.linhas as l on l.linha_id = p.linha_id
                inner join public.lotes_producao as o on o.numero_op = p.numero_op
                where p.numero_op = p_op
                group by p.linha_id, l.etapa, o.produto_codigo
            ) as a
        ) as t
        where t.da_etapa or not t.passou
    ), false);
end $function$;

CREATE OR REPLACE FUNCTION interno.aviso_conferencia(p_lote public.lotes_producao, p_linha_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    return coalesce((
        select jsonb_build_array(interno.motivo_json('LINHA_EM_CONFERENCIA',
            format('A linha %s está em conferência.', p_linha_id), case when interno.op_apontada(p_lote.numero_op)
                then format('Já se informou da OP %s ao TOTVS: o SicFar segue informando, não a aponte à mão.', p_lote.numero_op)
                else 'O SicFar não informa ao TOTVS as OPs abertas nela agora; aponte-as à mão.'
            end
        ))
        from public.linhas as l
        where l.linha_id = p_linha_id and l.etapa = interno.etapa_apontada(p_lote.produto_codigo)
          and not interno.linha_apontada(p_linha_id, clock_timestamp())
    ), '[]');
end $function$;

CREATE OR REPLACE FUNCTION interno.aprovar_apontamento(p_funcao text, p_outra text, p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao(p_funcao, p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_desde constant timestamptz := case when p_desde is not null then lower(interno.exigir_faixa(p_desde, null)) end;
    -- Openings are whole seconds: what was opened in this second was opened before.
    v_de constant timestamptz := coalesce(v_desde, date_trunc('second', clock_timestamp()) + interval '1 second');
    v_quando constant text := coalesce('desde ' || interno.hora_local(v_desde), 'desde a segunda aprovação');
    v_primeira public.aprovacoes_apontamento;
begin
    perform interno.exigir_linha(p_linha_id);
    if exists (
        select from public.apontamentos_linha as a
        where a.linha_id = p_linha_id and tstzrange(a.de, a.ate) && tstzrange(v_de, null)
    ) then
        perform interno.recusar(
            '409', 'LINHA_JA_APONTADA', format('A produção da linha %s já é informada ao TOTVS nesse tempo.', p_linha_id),
            'Confira a linha e o instante.'
        );
    end if;
    select * into v_primeira from public.aprovacoes_apontamento where linha_id = p_linha_id;
    if v_primeira.falta = p_outra then
        perform interno.recusar(
            '409', 'JA_APROVADA', format('Esta área já aprovou a linha %s; falta a outra.', p_linha_id),
            'Espere a outra área, ou retire a aprovação com suspender_apontamento.'
        );
    elsif v_primeira.usuario_id = interno.usuario_atual() then
        perform interno.recusar(
            '409', 'MESMA_PESSOA', 'As duas aprovações são de duas pessoas.', 'Peça a outra pessoa desta área que aprove.'
        );
    elsif v_primeira.linha_id is not null and v_primeira.desde is distinct from v_desde then
        perform interno.recusar(
            '409', 'INSTANTE_DIFERENTE', format('A outra aprovação é para informar %s.', coalesce(
                'desde ' || interno.hora_local(v_primeira.desde), 'desde a segunda aprovação'
            )),
            'Aprove o mesmo instante, ou retire a outra aprovação com suspender_apontamento.'
        );
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    if v_primeira.linha_id is null then
        insert into public.aprovacoes_apontamento (linha_id, desde, falta, descricao, usuario_id)
        values (
            p_linha_id, v_desde, p_outra, format(
                'Informar ao TOTVS a produção da linha %s, %s: uma área aprovou (%s); falta %s.', p_linha_id, v_quando, v_motivo,
                case p_outra when 'aprovar_apontamento_ti' then 'a TI' else 'a Qualidade' end
            ), interno.usuario_atual()
        );
    else
        delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
        insert into public.apontamentos_linha (linha_id, de) values (p_linha_id, v_de);
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_primeira.linha_id is null then 'AGUARDA' else 'APONTADA' end,
        'falta', case when v_primeira.linha_id is null then p_outra end,
        'de', case when v_primeira.linha_id is null then v_desde else v_de end
    );
end $function$;

CREATE OR REPLACE FUNCTION public.aprovar_apontamento_ti(p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_ti', 'aprovar_apontamento_qualidade', p_linha_id, p_desde, p_motivo
    )
$function$;

CREATE OR REPLACE FUNCTION public.aprovar_apontamento_qualidade(p_linha_id text, p_desde timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select interno.aprovar_apontamento(
        'aprovar_apontamento_qualidade', 'aprovar_apontamento_ti', p_linha_id, p_desde, p_motivo
    )
$function$;

CREATE OR REPLACE FUNCTION public.suspender_apontamento(p_linha_id text, p_ate timestamp with time zone, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.linha_para_decisao('suspender_apontamento', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_ate constant timestamptz := date_trunc('second', coalesce(p_ate, clock_timestamp()));
    v_atual public.apontamentos_linha;
    v_retirada boolean;
begin
    select * into v_atual from public.apontamentos_linha where linha_id = p_linha_id and ate is null;
    perform interno.declarar_autor(v_papel, v_motivo);
    delete from public.aprovacoes_apontamento where linha_id = p_linha_id;
    v_retirada := found;
    if v_atual.linha_id is null and not v_retirada then
        perform interno.recusar(
            '409', 'LINHA_EM_CONFERENCIA', format('A linha %s já está em conferência.', p_linha_id), 'Confira a linha.'
        );
    elsif v_ate > clock_timestamp() then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(v_ate)), 'Informe um instante até agora.'
        );
    elsif v_ate <= v_atual.de then
        delete from public.apontamentos_linha where linha_id = p_linha_id and de = v_atual.de;
    else
        update public.apontamentos_linha set ate = v_ate where linha_id = p_linha_id and de = v_atual.de;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'situacao', case when v_retirada then 'RETIRADA' else 'SUSPENSA' end,
        'ate', case when not v_retirada then v_ate end, 'seguem_informadas', to_jsonb(array(
            select distinct p.numero_op
            from public.periodos_ordem as p
            where p.linha_id = p_linha_id
              and not exists (select from public.fechamentos_lote as f where f.numero_op = p.numero_op)
              and interno.op_apontada(p.numero_op)
            order by p.numero_op
        ))
    );
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_conferencia(p_numero_op text, p_linha_id text, p_data date, p_turno text, p_produzidas integer, p_refugadas integer DEFAULT 0, p_motivo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('registrar_conferencia', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_antes public.conferencia_manual;
    v_nova public.conferencia_manual;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    if p_produzidas is null or p_produzidas not between 0 and 10000000
        or p_refugadas is null or p_refugadas not between 0 and p_produzidas then
        perform interno.recusar(
            '422', 'QUANTIDADE_INVALIDA', 'As produzidas e as refugadas são inteiros de 0 a 10.000.000, e as refugadas fazem parte das produzidas.',
            'Corrija as quantidades.'
        );
    end if;
    if not exists (select from public.lotes_producao where numero_op = v_op) then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(v_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    select * into v_antes
    from public.conferencia_manual
    where numero_op = v_op and linha_id = p_linha_id and janela = v_janela
    order by id desc
    limit 1;
    if (v_antes.produzidas, v_antes.refugadas, v_antes.turno) = (p_produzidas, p_refugadas, p_turno) then
        return to_jsonb(v_antes);
    end if;
    if v_antes.id is not null then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    insert into public.conferencia_manual (
        numero_op, linha_id, data, turno, janela, produzidas, refugadas, motivo, usuario_id
    )
    values (
        v_op, v_linha.linha_id, p_data, p_turno, v_janela, p_produzidas, p_refugadas, v_motivo, interno.usuario_atual()
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_conferencia', format('conferencia_manual:%s', v_nova.id),
        case when v_antes.id is not null then to_jsonb(v_antes) end, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $function$;

CREATE OR REPLACE FUNCTION public.diferencas_conferencia(p_data_de date, p_data_ate date, p_linha_id text DEFAULT NULL::text)
 RETURNS TABLE(linha_id text, data date, turnos text[], janela tstzrange, numero_op text, numero_lote text, produto_codigo text, produzidas bigint, digitadas bigint, diferenca bigint, percentual numeric, refugo bigint, refugo_digitado bigint, diferenca_refugo bigint, percentual_refugo numeric, digitado_por uuid, digitado_em timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    with turnos as (
        select l.linha_id, w.data, w.turnos, w.janela
        from public.linhas as l
        cross join (
            select d.dia::date as data, array_agg(t.turno order by t.turno) as turnos, j.janela
            from generate_series(p_data_de::timestamp, p_data_ate::timestamp, interval '1 day') as d (dia)
            cross join public.turnos as t
            cross join lateral (select interno.janela_turno(d.dia::date, t.turno) as janela) as j
            group by d.dia, j.janela
        ) as w
        where (p_linha_id is null or l.linha_id = p_linha_id)
          and public.conferir_janela(
              p_data_de::timestamp at time zone 'UTC', p_data_ate::timestamp at time zone 'UTC',
              case when p_linha_id is null then interval '31 days' else interval '366 days' end
          )
    ), digitadas as (
        select distinct on (m.linha_id, m.janela, m.numero_op) m.*
        from public.conferencia_manual as m
        where m.data between p_data_de and p_data_ate and (p_linha_id is null or m.linha_id = p_linha_id)
        order by m.linha_id, m.janela, m.numero_op, m.id desc
    ), linhas as (
        select t.*, o.numero_op
        from turnos as t
        cross join lateral (
            select k.op as numero_op
            from interno.ops_do_turno(t.linha_id, t.janela) as k (op)
            where exists (select from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela))
              or not exists (
                  select from public.apontamentos_linha as a
                  where a.linha_id = t.linha_id and tstzrange(a.de, a.ate) @> t.janela
              )
            union
            select m.numero_op from digitadas as m where (m.linha_id, m.janela) = (t.linha_id, t.janela)
        ) as o
        limit 1001
    )

    select r.linha_id, r.data, r.turnos, r.janela, r.numero_op, r.numero_lote, r.produto_codigo, r.produzidas, r.digitadas,
        coalesce(r.produzidas, 0) - coalesce(r.digitadas, 0),
        round(100.0 * (coalesce(r.produzidas, 0) - r.digitadas) / nullif(r.digitadas, 0), 2),
        r.refugo, r.refugadas, coalesce(r.refugo, 0) - coalesce(r.refugadas, 0),
        round(100.0 * (coalesce(r.refugo, 0) - r.refugadas) / nullif(r.refugadas, 0), 2), r.usuario_id, r.registrada_em
    from (
        select x.*, l.numero_lote, l.produto_codigo, n.produzidas, n.refugo, m.produzidas as digitadas, m.refugadas, m.usuario_id,
            m.registrada_em
        from (select i.*, count(*) over () as respostas from linhas as i) as x
        inner join public.lotes_producao as l on l.numero_op = x.numero_op
        left join lateral (
            select f.producao as produzidas, interno.soma_json(f.refugo) as refugo
            from interno.produzido(x.numero_op, x.linha_id, x.janela) as f
            where x.numero_op in (select interno.ops_do_turno(x.linha_id, x.janela))
        ) as n on true
        left join digitadas as m on (m.linha_id, m.janela, m.numero_op) = (x.linha_id, x.janela, x.numero_op)
        where public.conferir_pagina(x.respostas)
    ) as r
    order by r.data, r.linha_id, r.janela, r.numero_op
$function$;

CREATE OR REPLACE FUNCTION public.definir_endereco_resumo(p_setor text, p_endereco text, p_vale boolean, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_endereco_resumo', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_endereco constant text := lower(interno.exigir_nome('endereco', p_endereco, 6, 254));
begin
    perform interno.exigir_codigo('endereço de e-mail', v_endereco, '^[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    if p_vale is null then
        perform interno.recusar('422', 'VALOR_INVALIDO', 'Falta dizer se o endereço vale.', 'Informe-o.');
    end if;
    perform pg_advisory_xact_lock(hashtext('enderecos_resumo'));
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_vale then
        insert into public.enderecos_resumo (setor, endereco) values (p_setor, v_endereco) on conflict do nothing;
    else
        delete from public.enderecos_resumo where setor is not distinct from p_setor and endereco = v_endereco;
    end if;
    perform interno.declarar_autor('', '');
    if (select count(*) from public.enderecos_resumo where setor is not distinct from p_setor) > 50 then
        perform interno.recusar(
            '409', 'ENDERECOS_DEMAIS', 'Um e-mail vai a no máximo 50 endereços.', 'Use uma lista de distribuição.'
        );
    end if;
    return jsonb_build_object('setor', p_setor, 'endereco', v_endereco, 'vale', p_vale);
end $function$;

CREATE OR REPLACE FUNCTION interno.enderecos_do_resumo(p_setor text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(
        array_agg(e.endereco order by e.endereco) filter (where e.setor = p_setor),
        array_agg(e.endereco order by e.endereco) filter (where e.setor is null), '{}'
    )
    from public.enderecos_resumo as e
$function$;

CREATE OR REPLACE FUNCTION interno.anotar_turnos(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    insert into public.apuracoes_pendentes (numero_op)
    select distinct f.numero_op
    from (
        select distinct d.janela from public.diarios_bordo as d
        where d.linha_id = p_linha_id and d.janela && tstzrange(p_de, p_ate, '[]')
    ) as t
    cross join lateral interno.ops_do_turno(p_linha_id, t.janela) as o (op)
    inner join public.fechamentos_lote as f on f.numero_op = o.op;
end $function$;

CREATE OR REPLACE FUNCTION interno.anotar_alteracao()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_linha constant jsonb := to_jsonb(coalesce(new, old));
    v_janela constant tstzrange := coalesce(
        v_linha ->> 'janela', v_linha ->> 'intervalo', format('[%s,%s]', v_linha ->> 'em', v_linha ->> 'em')
    )::tstzrange;
begin
    insert into public.apuracoes_pendentes (numero_op) values (v_linha ->> 'numero_op');
    perform interno.anotar_turnos(v_linha ->> 'linha_id', lower(v_janela), upper(v_janela));
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.turnos_op(p_op text)
 RETURNS TABLE(linha_id text, data date, janela tstzrange, turnos text[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select distinct t.linha_id, j.data, j.janela, j.turnos
    from (
        select p.linha_id, lower(p.intervalo) as de, coalesce(upper(p.intervalo), clock_timestamp()) as ate
        from public.periodos_ordem as p where p.numero_op = p_op
        union all
        select i.linha_id, i.ate, i.ate from public.contagens_intervalo as i where i.numero_op = p_op
        union all
        select m.linha_id, lower(m.janela), lower(m.janela) from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.producao > 0
        union all
        select v.linha_id, v.em, v.em from public.perdas_vigentes as v where v.numero_op = p_op
        union all
        select x.linha_id, x.inicio, x.inicio
        from public.fechamentos_lote as f inner join public.fechamento_totais as x on x.fechamento_id = f.id
        where f.numero_op = p_op
    ) as t
    cross join lateral interno.turnos_entre(t.de, greatest(t.de, t.ate)) as j
$function$;

CREATE OR REPLACE FUNCTION interno.cabecalho_envio(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'numero_op', p_op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo, 'etapa', c.etapa
    )
    from interno.cabecalho_op(p_op) as c
$function$;

CREATE OR REPLACE FUNCTION interno.parciais_desde(p_op text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select coalesce(max(e.ordem), 0)
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'ESTORNO' and e.situacao = 'CONFIRMADO' and not exists (
        select from public.envios_totvs as p where p.numero_op = p_op and p.tipo = 'PRODUCAO' and p.ordem < e.ordem
    )
$function$;

CREATE OR REPLACE FUNCTION interno.parciais_confirmados(p_op text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'boas', coalesce(sum((e.conteudo ->> 'boas')::bigint), 0),
        'contador', coalesce(max((e.conteudo ->> 'contador_final')::bigint), 0),
        'refugos', (
            select coalesce(jsonb_object_agg(r.codigo, r.n), '{}')
            from (
                select x ->> 'codigo' as codigo, sum((x ->> 'quantidade')::bigint) as n
                from public.envios_totvs as p
                cross join lateral jsonb_array_elements(p.conteudo -> 'refugos') as x
                where p.numero_op = p_op and p.tipo = 'PARCIAL' and p.situacao = 'CONFIRMADO'
                  and p.ordem > interno.parciais_desde(p_op)
                group by x ->> 'codigo'
            ) as r
        )
    )
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'PARCIAL' and e.situacao = 'CONFIRMADO'
      and e.ordem > interno.parciais_desde(p_op)
$function$;

CREATE OR REPLACE FUNCTION interno.estornar_parciais(p_op text, p_boas bigint, p_refugos jsonb, p_motivo text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    perform interno.criar_envio(p_op, 'ESTORNO', interno.cabecalho_envio(p_op) || jsonb_build_object(
        'boas', p_boas, 'refugos', p_refugos, 'perdas', '[]'::jsonb, 'motivo', p_motivo
    ));
end $function$;

CREATE OR REPLACE FUNCTION interno.conteudo_fechamento(p_op text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_f public.fechamentos_lote;
    v_totais jsonb;
    v_parciais constant jsonb := interno.parciais_confirmados(p_op);
    v_boas bigint;
    v_refugos jsonb;
begin
    select * into v_f from public.fechamentos_lote where numero_op = p_op;
    select interno.resumo_totais(jsonb_agg(to_jsonb(t)), v_f.etapa) into v_totais
    from public.fechamento_totais as t where t.fechamento_id = v_f.id;
    v_boas := v_f.boas - (v_parciais ->> 'boas')::bigint;
    v_refugos := interno.menos(coalesce(v_totais -> 'refugos', '{}'), v_parciais -> 'refugos');
    if v_boas < 0 or interno.lista(v_refugos, 'codigo', -1) <> '[]' then
        perform interno.estornar_parciais(
            p_op, greatest(- v_boas, 0), interno.lista(v_refugos, 'codigo', -1),
            'Apontamentos parciais passaram do total fechado.'
        );
    end if;
    return interno.conteudo_producao(
        p_op, v_boas, v_refugos, (v_parciais ->> 'contador')::bigint, v_f.contador_final, v_f.inicio, v_f.fim, false
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.faltas_ordem(p_op text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
begin
    if exists (select from public.lotes_producao as l where l.numero_op = p_op and l.situacao_totvs = 'CANCELADA') then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('OP_CANCELADA',
            format('A OP %s foi cancelada no TOTVS depois de aberta.', p_op),
            'Passe as contagens à OP certa e anule a abertura, ou ponha a OP de lado.'
        ), 'por_ordem_de_lado', v_argumentos);
    end if;
    if not exists (select from public.periodos_ordem as p where p.numero_op = p_op) then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('SEM_PERIODO',
            format('A OP %s tem contagens ou perdas digitadas, mas não está mais aberta em linha nenhuma.', p_op),
            'Passe a contagem física à OP certa (mover_contagem_manual), estorne as perdas (estornar_refugo), abra a OP na hora certa, ou ponha-a de lado.'
        ), 'por_ordem_de_lado', v_argumentos);
    end if;
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
    return v_faltas;
end $function$;

CREATE OR REPLACE FUNCTION interno.faltas_contagem(p_op text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
begin
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
    return v_faltas;
end $function$;

CREATE OR REPLACE FUNCTION interno.faltas_diarios(p_op text, p_assinaturas bigint[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
    v_diario public.diarios_bordo;
    v_turno jsonb;
begin
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
    return v_faltas;
end $function$;

CREATE OR REPLACE FUNCTION interno.faltas_totais(p_op text)
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
    v_resumo jsonb;
begin
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

CREATE OR REPLACE FUNCTION interno.faltas_fechamento(p_op text, p_assinaturas bigint[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select interno.faltas_ordem(p_op) || interno.faltas_contagem(p_op) || interno.faltas_diarios(p_op, p_assinaturas)
        || interno.faltas_totais(p_op)
$function$;

CREATE OR REPLACE FUNCTION interno.congelar(p_op text, p_ressalvas jsonb, p_motivo text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote public.lotes_producao;
    v_etapa text;
    v_totais constant jsonb := interno.totais_json(p_op);
    v_resumo jsonb;
    v_id bigint;
    v_informado boolean;
    v_perdas jsonb;
begin
    set constraints public.conferir_fechamento, public.conferir_totais deferred;
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo, informado
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        coalesce(min(lower(p.intervalo)) filter (where l.etapa = v_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = v_etapa), max(upper(p.intervalo))),
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo,
        interno.op_apontada(p_op)
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
    returning id, informado into v_id, v_informado;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    -- Here, not at the end of the transaction: of a round of closings only the one that does not add up fails.
    set constraints public.conferir_fechamento, public.conferir_totais immediate;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp());
    if not v_informado then
        return v_id; -- parallel run: the plant reports the order by hand
    end if;
    perform interno.criar_envio(p_op, 'PRODUCAO', null);
    v_perdas := interno.lista(v_resumo -> 'perdas', 'tipo', 1);
    if v_perdas <> '[]' then
        perform interno.criar_envio(p_op, 'PERDAS', interno.cabecalho_envio(p_op) || jsonb_build_object('perdas', v_perdas));
    end if;
    perform interno.criar_envio(p_op, 'STATUS', interno.cabecalho_envio(p_op) || jsonb_build_object('status', 'CONCLUIDO', 'em', clock_timestamp()));
    return v_id;
end $function$;

CREATE OR REPLACE FUNCTION interno.anotar_espera(p_op text, p_faltas jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_fim timestamptz;
begin
    if p_faltas = '[]' then
        delete from public.fechamentos_pendentes where numero_op = p_op;
        return;
    end if;
    select max(upper(p.intervalo)) into v_fim
    from public.periodos_ordem as p
    where p.numero_op = p_op and not exists (select from public.fechamentos_lote as f where f.numero_op = p_op);
    insert into public.fechamentos_pendentes as f (numero_op, desde, faltas)
    values (p_op, coalesce(v_fim, clock_timestamp()), p_faltas)
    on conflict (numero_op) do update set faltas = excluded.faltas, desde = coalesce(v_fim, f.desde)
    where (f.faltas, f.desde) is distinct from (excluded.faltas, coalesce(v_fim, f.desde));
end $function$;

CREATE OR REPLACE FUNCTION interno.ops_da_rodada(p_depois text, p_limite integer, OUT a_fechar text[], OUT a_comparar text[])
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into a_fechar
    from (
        select l.numero_op from public.lotes_producao as l
        where l.status = 'A_FECHAR' and l.numero_op > p_depois
        order by l.numero_op
        limit p_limite
    ) as t;
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into a_comparar
    from (
        select x.numero_op
        from (
            select a.numero_op from public.apuracoes_pendentes as a
            union
            select w.numero_op from public.fechamentos_pendentes as w
        ) as x
        where x.numero_op > p_depois and not interno.op_aberta(x.numero_op)
          and exists (select from public.fechamentos_lote as f where f.numero_op = x.numero_op)
        order by x.numero_op
        limit p_limite
    ) as t;
end $function$;

CREATE OR REPLACE FUNCTION interno.travar_ops(p_ops text[], p_linhas text[], p_status text)
 RETURNS text[]
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}')
    from (
        select l.numero_op from public.lotes_producao as l
        where l.numero_op = any(p_ops) and l.status = p_status and not interno.op_aberta(l.numero_op)
          and interno.linhas_da_op(l.numero_op) <@ p_linhas
        order by l.numero_op
        for no key update skip locked
    ) as t
$function$;

CREATE OR REPLACE FUNCTION interno.fechar_ou_esperar(p_op text, p_assinaturas bigint[])
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_faltas constant jsonb := interno.faltas_fechamento(p_op, p_assinaturas);
begin
    if v_faltas = '[]' then
        perform interno.congelar(p_op, '[]', null);
        perform interno.anotar_trilha('SISTEMA', 'fechar_lotes', 'lotes_producao:' || p_op, null, (
            select to_jsonb(f) from public.fechamentos_lote as f where f.numero_op = p_op
        ), null);
    end if;
    perform interno.anotar_espera(p_op, v_faltas);
    return v_faltas = '[]';
end $function$;

CREATE OR REPLACE FUNCTION public.fechar_lotes(p_depois text DEFAULT ''::text, p_limite integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_ops text[];
    v_alteradas text[];
    v_linhas text[];
    v_ultima text;
    v_op text;
    v_assinaturas bigint[];
    v_fechadas jsonb := '[]';
    v_aguardam integer := 0;
    v_ajustes integer := 0;
    v_erros jsonb := '[]';
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    if not pg_try_advisory_xact_lock(hashtext('fechar_lotes')) then
        return jsonb_build_object('em_andamento', true);
    end if;
    -- Before it closes, the closing itself looks at everything there is.
    delete from public.apuracoes_pendentes as a
    where not exists (select from public.fechamentos_lote as f where f.numero_op = a.numero_op);
    select r.a_fechar, r.a_comparar into v_ops, v_alteradas from interno.ops_da_rodada(p_depois, p_limite) as r;
    if greatest(cardinality(v_ops), cardinality(v_alteradas)) = p_limite then
        v_ultima := least(v_ops[p_limite], v_alteradas[p_limite]);
    end if;
    v_linhas := array(
        select distinct x from unnest(v_ops || v_alteradas) as o (op) cross join lateral unnest(interno.linhas_da_op(o.op)) as x
    );
    perform interno.travar_linhas(v_linhas);
    lock table public.etapas_familia in share mode;
    v_ops := interno.travar_ops(v_ops, v_linhas, 'A_FECHAR');
    v_alteradas := interno.travar_ops(v_alteradas, v_linhas, 'CONCLUIDO');
    v_assinaturas := interno.assinaturas_validas(v_ops || v_alteradas);
    foreach v_op in array v_ops || v_alteradas loop
        begin
            if v_op = any(v_alteradas) then
                v_ajustes := v_ajustes + interno.apurar_ajustes(v_op);
                perform interno.anotar_espera(v_op, interno.faltas_diarios(v_op, v_assinaturas));
            elsif interno.fechar_ou_esperar(v_op, v_assinaturas) then
                v_fechadas := v_fechadas || to_jsonb(v_op);
            else
                v_aguardam := v_aguardam + 1;
            end if;
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_erros := v_erros || (jsonb_build_object('numero_op', v_op) || interno.erro_json(v_estado, v_mensagem, v_detalhe));
            perform interno.anotar_espera(v_op, jsonb_build_array(interno.falta(interno.motivo_json('ERRO_AO_FECHAR',
                format('A OP %s não pôde ser fechada nem comparada: %s', v_op, concat_ws(' ', v_mensagem, v_detalhe)),
                'Avise a TI: há um defeito; a rodada de cada minuto tenta de novo.'
            ), 'fechar_com_ressalva', jsonb_build_object('p_numero_op', v_op))));
        end;
    end loop;
    -- Opened again, or nothing of it is left here: no longer waiting.
    delete from public.fechamentos_pendentes as f
    where exists (
        select from public.lotes_producao as l
        where l.numero_op = f.numero_op and (l.status not in ('A_FECHAR', 'CONCLUIDO') or interno.op_aberta(l.numero_op))
    );
    return jsonb_build_object(
        'em_andamento', false, 'fechadas', v_fechadas, 'aguardam', v_aguardam, 'ajustes', v_ajustes, 'erros', v_erros,
        'parciais', case when p_depois = '' then interno.criar_parciais() else 0 end,
        'depois', v_ultima
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.criar_parciais()
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_cada constant integer := interno.parametro('PARCIAIS_SEGUNDOS');
    v_lote record;
    v_vivo jsonb;
    v_antes jsonb;
    v_refugos jsonb;
    v_boas bigint;
    v_criados integer := 0;
begin
    if v_cada = 0 then
        return 0;
    end if;
    for v_lote in
        select l.numero_op, interno.etapa_apontada(l.produto_codigo) as etapa
        from public.lotes_producao as l
        where l.status in ('EM_ANDAMENTO', 'A_FECHAR') and l.situacao_totvs is distinct from 'CANCELADA'
          and exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)
          and not exists (
            select from public.envios_totvs as e
            where e.numero_op = l.numero_op
              and (e.situacao not in ('CONFIRMADO', 'DESCARTADO') or e.criado_em > clock_timestamp() - make_interval(secs => v_cada))
        )
          and interno.op_apontada(l.numero_op)
    loop
        v_vivo := interno.resumo_totais(interno.totais_json(v_lote.numero_op), v_lote.etapa);
        v_antes := interno.parciais_confirmados(v_lote.numero_op);
        v_boas := (v_vivo ->> 'boas')::bigint - (v_antes ->> 'boas')::bigint;
        v_refugos := interno.menos(v_vivo -> 'refugos', v_antes -> 'refugos');
        -- Less than before (re-dated, corrected): the closing settles it.
        if v_boas >= 0 and interno.lista(v_refugos, 'codigo', -1) = '[]' and v_boas + interno.soma_json(v_refugos) > 0 then
            perform interno.criar_envio(v_lote.numero_op, 'PARCIAL', interno.conteudo_producao(
                v_lote.numero_op, v_boas, v_refugos, (v_antes ->> 'contador')::bigint, (v_vivo ->> 'contador')::bigint,
                (select min(lower(p.intervalo)) from public.periodos_ordem as p where p.numero_op = v_lote.numero_op),
                clock_timestamp(), true
            ));
            v_criados := v_criados + 1;
        end if;
    end loop;
    return v_criados;
end $function$;

CREATE OR REPLACE FUNCTION public.fechar_com_ressalva(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('fechar_com_ressalva', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_fim timestamptz;
    v_faltas jsonb;
    v_firmes jsonb;
    v_id bigint;
begin
    lock table public.etapas_familia in share mode;
    select max(upper(p.intervalo)) into v_fim from public.periodos_ordem as p where p.numero_op = v_op;
    if v_lote.status not in ('EM_ANDAMENTO', 'A_FECHAR') then
        perform interno.recusar_desconhecido('NADA_A_FECHAR', format('A OP %s não espera fechamento (%s).', v_op, v_lote.status));
    end if;
    v_faltas := interno.faltas_fechamento(v_op, interno.assinaturas_validas(array[v_op]));
    select coalesce(jsonb_agg(f), '[]') into v_firmes
    from jsonb_array_elements(v_faltas) as f
    where f ->> 'codigo' in (
        'OP_CANCELADA', 'SEM_PERIODO', 'ORDEM_ABERTA', 'DIARIO_NAO_ASSINADO', 'DIARIO_ALTERADO', 'REFUGO_DIVERGENTE', 'BOAS_NEGATIVAS', 'TOTAIS_DIVERGEM'
    );
    if v_firmes <> '[]' then
        perform interno.recusar(
            '409', 'FALTA_OBRIGATORIA', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_firmes) as f),
            'Resolva isto primeiro; o resto pode ficar com ressalva.'
        );
    end if;
    if v_faltas <> '[]' and v_fim > clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS')) then
        perform interno.recusar(
            '409', 'AINDA_NO_PRAZO',
            format('A OP %s espera desde %s; só depois de %s minutos se fecha com ressalva.', v_op, interno.hora_local(v_fim),
                interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS') / 60),
            'Espere, ou resolva o que falta.'
        );
    end if;
    v_id := interno.congelar(v_op, v_faltas, case when v_faltas <> '[]' then v_motivo end);
    perform interno.anotar_espera(v_op, '[]');
    perform interno.anotar_trilha(
        v_papel, 'fechar_com_ressalva', 'lotes_producao:' || v_op, null,
        (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id), v_motivo
    );
    return (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id);
end $function$;

CREATE OR REPLACE FUNCTION interno.ajustes_propostos(p_op text)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select array(
        select a.id from public.ajustes_fechamento as a
        inner join public.fechamentos_lote as f on f.id = a.fechamento_id
        where f.numero_op = p_op and a.situacao = 'PROPOSTO'
        order by a.id
    )
$function$;

CREATE OR REPLACE FUNCTION interno.conferir_ajustes(p_op text, p_decisao text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_propostos constant bigint[] := interno.ajustes_propostos(p_op);
    v_faltas jsonb;
begin
    if v_propostos = '{}' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não tem ajuste à espera.', p_op));
    end if;
    if exists (select from public.apuracoes_pendentes as a where a.numero_op = p_op) and not interno.op_aberta(p_op) then
        perform interno.apurar_ajustes(p_op);
        if v_propostos <> interno.ajustes_propostos(p_op) then
            perform interno.recusar(
                '409', 'AJUSTE_MUDOU', format('A OP %s mudou depois de os ajustes serem propostos.', p_op),
                'Espere um minuto e confira os ajustes de novo.'
            );
        end if;
    end if;
    v_faltas := interno.faltas_diarios(p_op, interno.assinaturas_validas(array[p_op]));
    if p_decisao = 'APROVAR' and v_faltas <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_A_ASSINAR', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_faltas) as f),
            'Um ajuste só vai ao TOTVS sobre Diários de Bordo assinados: assine-os de novo, com motivo, e aprove em seguida.'
        );
    end if;
end $function$;

CREATE OR REPLACE FUNCTION public.decidir_ajustes(p_numero_op text, p_decisao text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('decidir_ajustes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_f public.fechamentos_lote;
    v_ajustes jsonb;
    v_resumo jsonb;
    v_envios jsonb := '[]';
    v_sinal integer;
    v_conteudo jsonb;
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    perform interno.travar_op(v_op);
    perform interno.conferir_ajustes(v_op, p_decisao);
    select * into v_f from public.fechamentos_lote where numero_op = v_op;
    with decididos as (
        update public.ajustes_fechamento
        set situacao = case p_decisao when 'APROVAR' then 'APROVADO' else 'RECUSADO' end, decidido_em = clock_timestamp(),
            decidido_por = interno.usuario_atual(), motivo = v_motivo
        where fechamento_id = v_f.id and situacao = 'PROPOSTO'
        returning id, etapa, linha_id, tipo, codigo, diferenca as quantidade, null::bigint as maquina
    )
    select jsonb_agg(to_jsonb(d)) into v_ajustes from decididos as d;
    if p_decisao = 'APROVAR' and v_f.informado then
        v_resumo := interno.resumo_totais(v_ajustes, v_f.etapa);
        -- What is more goes as an adjustment, what is less as a reversal: the ERP takes no negative amounts.
        foreach v_sinal in array array[1, -1] loop
            v_conteudo := jsonb_build_object(
                'boas', greatest((v_resumo ->> 'boas')::bigint * v_sinal, 0),
                'refugos', interno.lista(v_resumo -> 'refugos', 'codigo', v_sinal),
                'perdas', interno.lista(v_resumo -> 'perdas', 'tipo', v_sinal)
            );
            if v_conteudo <> '{"boas": 0, "refugos": [], "perdas": []}' then
                v_envios := v_envios || to_jsonb(interno.criar_envio(
                    v_op, case v_sinal when 1 then 'AJUSTE' else 'ESTORNO' end,
                    interno.cabecalho_envio(v_op) || v_conteudo || jsonb_build_object('motivo', v_motivo)
                ));
            end if;
        end loop;
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_ajustes', 'fechamentos_lote:' || v_f.id, null,
        jsonb_build_object('decisao', p_decisao, 'ajustes', v_ajustes, 'envios', v_envios), v_motivo
    );
    return jsonb_build_object('numero_op', v_op, 'decisao', p_decisao, 'ajustes', jsonb_array_length(v_ajustes), 'envios', v_envios);
end $function$;

CREATE OR REPLACE FUNCTION public.saude_integracao()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        'disjuntor_aberto', (select (d.estado <> 'FECHADO')::integer from public.disjuntores as d where d.nome = 'TOTVS'),
        'fechamentos_atrasados', (
            select count(*) from public.fechamentos_pendentes as f
            where f.desde < clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS'))
        ),
        'envios_parados', (
            select count(*) from public.envios_totvs as e
            where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null
        ),
        'linhas_em_silencio', coalesce((
            select jsonb_agg(t.linha_id order by t.linha_id)
            from (
                select f.linha_id, max(m.ate) as ate, f.de
                from public.fontes_linha as f
                left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and f.fonte not in ('avulso', 'manual') and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id, f.de
            ) as t
            where coalesce(t.ate, t.de) < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'gateways_em_silencio', coalesce((
            select jsonb_agg(t.gateway order by t.gateway)
            from (
                select g.gateway, coalesce(max(m.atualizada_em), g.criado_em) as em
                from public.gateways as g
                left join public.marcas_linha as m on m.gateway = g.gateway
                where exists (
                    select from public.fontes_linha as f
                    where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                )
                group by g.gateway, g.criado_em
            ) as t
            where t.em < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'ultimo_resumo', (select max(r.dia) from public.resumos_diarios as r)
    )
$function$;

CREATE OR REPLACE FUNCTION public.arquivos_da_linha(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone, p_limite integer DEFAULT 1000)
 RETURNS TABLE(arquivo_id bigint, chave text, versao_id text, sha256 text, byte_de bigint, byte_ate bigint, de timestamp with time zone, ate timestamp with time zone, registros bigint, producao bigint, rejeicao bigint, flags jsonb, ingerido_em timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
    select t.arquivo_id, t.chave, t.versao_id, t.sha256, t.byte_de, t.byte_ate, t.de, t.ate, t.registros, t.producao,
        t.rejeicao, t.flags, t.ingerido_em
    from (
        select p.*, count(*) over () as respostas
        from (
            select a.id as arquivo_id, a.chave, a.versao_id, a.sha256, (l ->> 'byte_de')::bigint as byte_de,
                (l ->> 'byte_ate')::bigint as byte_ate, (l ->> 'de')::timestamptz as de,
                (l ->> 'ate')::timestamptz as ate, (l ->> 'registros')::bigint as registros,
                (l ->> 'producao')::bigint as producao, (l ->> 'rejeicao')::bigint as rejeicao,
                coalesce(l -> 'flags', '{}') as flags, a.ingerido_em
            from public.arquivos_ingeridos as a
            -- One of 37 entries is read; as a record all of them would be made.
            cross join lateral jsonb_array_elements(a.linhas) as l
            where a.situacao = 'APLICADO' and a.de < p_ate and a.ate >= p_de
              and l ->> 'linha_id' = p_linha_id
              and (l ->> 'de')::timestamptz < p_ate and (l ->> 'ate')::timestamptz >= p_de
              and (p_limite is null or public.conferir_janela(p_de, p_ate, interval '31 days'))
            limit p_limite + 1
        ) as p
    ) as t
    where p_limite is null or public.conferir_pagina(t.respostas, p_limite)
$function$;

CREATE OR REPLACE FUNCTION public.rastrear(p_numero_op text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select json_build_object(
        'lote', to_jsonb(l),
        'fechamento', (
            select to_jsonb(f) || jsonb_build_object('totais', (
                select jsonb_agg(to_jsonb(t) - 'fechamento_id' order by t.linha_id, t.inicio, t.tipo, t.codigo)
                from public.fechamento_totais as t where t.fechamento_id = f.id
            ))
            from public.fechamentos_lote as f where f.numero_op = l.numero_op
        ),
        'ajustes', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]')
            from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
            where f.numero_op = l.numero_op
        ),
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('chamadas', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]') from public.tentativas_integracao as t where t.envio_id = e.id
            )) order by e.ordem), '[]')
            from public.envios_totvs as e where e.numero_op = l.numero_op
        ),
        'diarios', (
            select coalesce(jsonb_agg(to_jsonb(d) - 'conteudo' || jsonb_build_object('vale', public.verificar_assinatura(d.id)) order by d.id), '[]')
            from interno.turnos_op(l.numero_op) as t
            inner join public.diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
        ),
        'linhas', (
            select coalesce(json_agg(json_build_object(
                'linha_id', o.linha_id, 'total', to_jsonb(o),
                'periodos', (
                    select coalesce(jsonb_agg(interno.periodo_json(p) order by p.intervalo), '[]')
                    from public.periodos_ordem as p where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                ),
                'arquivos', (
                    select coalesce(json_agg(json_build_object(
                        'chave', x.chave, 'versao_id', x.versao_id, 'sha256', x.sha256, 'byte_de', x.byte_de,
                        'byte_ate', x.byte_ate, 'de', x.de, 'ate', x.ate, 'registros', x.registros,
                        'producao', x.producao, 'rejeicao', x.rejeicao, 'ingerido_em', x.ingerido_em
                    ) order by x.de, x.arquivo_id), '[]')
                    from (
                        select distinct on (a.arquivo_id) a.*
                        from public.periodos_ordem as p
                        cross join lateral public.arquivos_da_linha(
                            p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity'), null
                        ) as a
                        where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                    ) as x
                ),
                'intervalos', (
                    select coalesce(jsonb_agg(to_jsonb(i) order by i.id), '[]')
                    from public.contagens_intervalo as i where i.numero_op = l.numero_op and i.linha_id = o.linha_id
                ),
                'manuais', (
                    select coalesce(jsonb_agg(to_jsonb(m) order by m.id), '[]')
                    from public.contagens_manuais as m where m.numero_op = l.numero_op and m.linha_id = o.linha_id
                ),
                'perdas', (
                    select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
                    from public.perdas_qualidade as q where q.numero_op = l.numero_op and q.linha_id = o.linha_id
                )
            ) order by o.linha_id), '[]')
            from public.ordens_producao_ativas as o where o.numero_op = l.numero_op
        )
    )
    from public.lotes_producao as l
    where l.numero_op = public.normalizar_op(p_numero_op)
$function$;

create or replace view public.ordens_de_lado with (security_invoker=true) as
 SELECT numero_op,
    producao_maquina,
    rejeicao_maquina,
    em,
    usuario_id,
    motivo
   FROM public.decisoes_ordem d
  WHERE ((decisao = 'POR_DE_LADO'::text) AND (NOT (EXISTS ( SELECT 1
           FROM public.decisoes_ordem n
          WHERE ((n.numero_op = d.numero_op) AND (n.id > d.id))))));

CREATE OR REPLACE FUNCTION interno.estado_op(p_op text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select case
        when exists (select from public.fechamentos_lote as f where f.numero_op = p_op) then 'CONCLUIDO'
        when exists (select from public.ordens_de_lado as d where d.numero_op = p_op) then 'POSTO_DE_LADO'
        when interno.op_aberta(p_op) then 'EM_ANDAMENTO'
        when exists (select from public.periodos_ordem as p where p.numero_op = p_op)
            or exists (select from public.contagens_intervalo as i where i.numero_op = p_op)
            or exists (
                select from public.contagens_manuais_atuais as m
                where m.numero_op = p_op and m.producao > 0
            )
            or exists (select from public.perdas_vigentes as v where v.numero_op = p_op) then 'A_FECHAR'
        else 'PLANEJADO'
    end
$function$;

CREATE OR REPLACE FUNCTION interno.fixar_estado()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    new.status := interno.estado_op(new.numero_op);
    return new;
end $function$;

CREATE OR REPLACE FUNCTION interno.rever_estado()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_ops constant text[] := array[new.numero_op, old.numero_op];
begin
    if tg_op <> 'DELETE' and not exists (
        select from public.lotes_producao as l where l.numero_op = any(v_ops) and l.status <> interno.estado_op(l.numero_op)
    ) then
        return null;
    end if;
    perform from public.lotes_producao as l where l.numero_op = any(v_ops) order by l.numero_op for update;
    update public.lotes_producao as l set atualizado_em = clock_timestamp()
    where l.numero_op = any(v_ops) and l.status <> interno.estado_op(l.numero_op);
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.setor_da_op(p_op text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select case when count(distinct l.setor) = 1 then min(l.setor) end
    from public.linhas as l where l.linha_id = any(interno.linhas_da_op(p_op))
$function$;

CREATE OR REPLACE FUNCTION interno.travar_op(p_op text)
 RETURNS public.lotes_producao
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_linhas constant text[] := interno.linhas_da_op(p_op);
    v_lote public.lotes_producao;
begin
    perform interno.travar_linhas(v_linhas);
    select * into v_lote from public.lotes_producao where numero_op = p_op for no key update;
    if v_lote.numero_op is null then
        perform interno.recusar_desconhecido('OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op));
    end if;
    -- It was opened on, or moved to, another line until the locks were held.
    if not interno.linhas_da_op(p_op) <@ v_linhas then
        perform interno.recusar('409', 'OP_MUDOU', format('A OP %s mudou neste instante.', p_op), 'Tente de novo.');
    end if;
    return v_lote;
end $function$;

CREATE OR REPLACE FUNCTION interno.decidir_ordem(p_op text, p_decisao text, p_papel text, p_funcao text, p_motivo text)
 RETURNS public.decisoes_ordem
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_nova public.decisoes_ordem;
begin
    insert into public.decisoes_ordem (numero_op, decisao, producao_maquina, rejeicao_maquina, usuario_id, motivo)
    select p_op, p_decisao, coalesce(sum(o.producao_maquina), 0), coalesce(sum(o.rejeicao_maquina), 0),
        interno.usuario_atual(), p_motivo
    from public.ordens_producao_ativas as o where o.numero_op = p_op
    returning * into v_nova;
    delete from public.fechamentos_pendentes where numero_op = p_op;
    -- What it counted since it was set aside changed shifts in which others closed.
    perform interno.anotar_turnos(t.linha_id, lower(t.janela), upper(t.janela) - interval '1 second')
    from interno.turnos_op(p_op) as t;
    perform interno.anotar_trilha(p_papel, p_funcao, 'lotes_producao:' || p_op, null, to_jsonb(v_nova), p_motivo);
    return v_nova;
end $function$;

CREATE OR REPLACE FUNCTION public.por_ordem_de_lado(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('por_ordem_de_lado', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
    v_envio public.envios_totvs;
    v_parciais jsonb;
begin
    if v_lote.status in ('PLANEJADO', 'CONCLUIDO') then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não espera decisão (%s).', v_op, v_lote.status));
    elsif interno.op_aberta(v_op) then
        perform interno.recusar(
            '409', 'ORDEM_ABERTA', format('A OP %s está aberta numa linha.', v_op), 'Encerre-a com encerrar_ordem.'
        );
    elsif exists (
        select from public.ordens_de_lado as d
        where d.numero_op = v_op and (d.producao_maquina, d.rejeicao_maquina) = (
            select coalesce(sum(o.producao_maquina), 0), coalesce(sum(o.rejeicao_maquina), 0)
            from public.ordens_producao_ativas as o where o.numero_op = v_op
        )
    ) then
        perform interno.recusar_decidido(format('A OP %s já está posta de lado.', v_op));
    end if;
    select * into v_envio from interno.cabeca(v_op);
    if v_envio.id is not null then
        perform interno.recusar(
            '409', 'ENVIO_PENDENTE', format('O envio %s da OP %s ainda não terminou (%s).', v_envio.id_externo, v_op, v_envio.situacao),
            'Espere que termine, ou decida-o com decidir_envio.'
        );
    end if;
    v_parciais := interno.parciais_confirmados(v_op);
    if (v_parciais ->> 'boas')::bigint > 0 or v_parciais -> 'refugos' <> '{}' then
        perform interno.estornar_parciais(
            v_op, (v_parciais ->> 'boas')::bigint, interno.lista(v_parciais -> 'refugos', 'codigo', 1), v_motivo
        );
    end if;
    return to_jsonb(interno.decidir_ordem(v_op, 'POR_DE_LADO', v_papel, 'por_ordem_de_lado', v_motivo));
end $function$;

CREATE OR REPLACE FUNCTION public.retomar_ordem(p_numero_op text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('retomar_ordem', interno.setor_da_op(v_op));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_lote constant public.lotes_producao := interno.travar_op(v_op);
begin
    if v_lote.status <> 'POSTO_DE_LADO' then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não está posta de lado (%s).', v_op, v_lote.status));
    end if;
    return to_jsonb(interno.decidir_ordem(v_op, 'RETOMAR', v_papel, 'retomar_ordem', v_motivo));
end $function$;

create or replace view public.ordens_sem_destino with (security_invoker=true) as
 SELECT l.numero_op,
    l.status,
    COALESCE(p.ate, l.atualizado_em) AS desde,
    COALESCE(o.producao_acumulada, (0)::bigint) AS producao_acumulada
   FROM ((public.lotes_producao l
     LEFT JOIN LATERAL ( SELECT max(upper(p_1.intervalo)) AS ate
           FROM public.periodos_ordem p_1
          WHERE (p_1.numero_op = l.numero_op)) p ON (true))
     LEFT JOIN LATERAL ( SELECT (sum(o_1.producao_acumulada))::bigint AS producao_acumulada,
            sum((o_1.producao_maquina + o_1.rejeicao_maquina)) AS contagens
           FROM public.ordens_producao_ativas o_1
          WHERE (o_1.numero_op = l.numero_op)) o ON (true))
  WHERE (((l.status = 'A_FECHAR'::text) AND (NOT (EXISTS ( SELECT 1
           FROM public.fechamentos_pendentes f
          WHERE ((f.numero_op = l.numero_op) AND (f.faltas <> '[]'::jsonb)))))) OR ((l.status = 'PLANEJADO'::text) AND (o.contagens > (0)::numeric)));

create or replace view public.pendencias_ordens with (security_invoker=true) as
 SELECT 'OP_CANCELADA'::text AS tipo,
    l.numero_op AS chave,
    c.linha_id,
    c.linha_id AS linha_do_setor,
    format('A OP %s foi cancelada no TOTVS, mas %s (contagens: %s).'::text, l.numero_op,
        CASE l.status
            WHEN 'A_FECHAR'::text THEN 'passou por uma linha'::text
            ELSE 'está aberta numa linha'::text
        END, c.contagens) AS descricao,
    l.atualizado_em AS desde,
    c.funcao,
    (jsonb_build_object('p_numero_op', l.numero_op, 'p_linha_id', c.linha_id, 'contagens', c.contagens) ||
        CASE c.funcao
            WHEN 'por_ordem_de_lado'::text THEN jsonb_build_object('alternativa', 'encerrar_ordem')
            ELSE '{}'::jsonb
        END) AS detalhes
   FROM (public.lotes_producao l
     CROSS JOIN LATERAL ( SELECT COALESCE(min(p.linha_id) FILTER (WHERE upper_inf(p.intervalo)), min(p.linha_id)) AS linha_id,
                CASE l.status
                    WHEN 'EM_ANDAMENTO'::text THEN 'encerrar_ordem'::text
                    ELSE 'por_ordem_de_lado'::text
                END AS funcao,
            ( SELECT COALESCE(sum((o.producao_maquina + o.rejeicao_maquina)), (0)::numeric) AS "coalesce"
                   FROM public.ordens_producao_ativas o
                  WHERE (o.numero_op = l.numero_op)) AS contagens
           FROM public.periodos_ordem p
          WHERE (p.numero_op = l.numero_op)) c)
  WHERE ((l.situacao_totvs = 'CANCELADA'::text) AND (l.status = ANY (ARRAY['EM_ANDAMENTO'::text, 'A_FECHAR'::text])))
UNION ALL
 SELECT 'OP_POSTA_DE_LADO'::text AS tipo,
    d.numero_op AS chave,
    c.linha_id,
    c.linha_id AS linha_do_setor,
    format('A OP %s, posta de lado em %s, tem agora contagens diferentes: %s (rejeição %s), eram %s (rejeição %s).'::text, d.numero_op, to_char((d.em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), c.producao, c.rejeicao, d.producao_maquina, d.rejeicao_maquina) AS descricao,
    d.em AS desde,
    'por_ordem_de_lado'::text AS funcao,
    jsonb_build_object('p_numero_op', d.numero_op, 'producao', c.producao, 'rejeicao', c.rejeicao, 'alternativa', 'retomar_ordem') AS detalhes
   FROM ((public.ordens_de_lado d
     JOIN public.lotes_producao l ON ((d.numero_op = l.numero_op)))
     CROSS JOIN LATERAL ( SELECT min(o.linha_id) AS linha_id,
            COALESCE(sum(o.producao_maquina), (0)::numeric) AS producao,
            COALESCE(sum(o.rejeicao_maquina), (0)::numeric) AS rejeicao
           FROM public.ordens_producao_ativas o
          WHERE (o.numero_op = d.numero_op)) c)
  WHERE ((l.status = 'POSTO_DE_LADO'::text) AND ((c.producao <> (d.producao_maquina)::numeric) OR (c.rejeicao <> (d.rejeicao_maquina)::numeric)))
UNION ALL
 SELECT 'OP_ALTERADA'::text AS tipo,
    l.numero_op AS chave,
    n.linha_id,
    n.linha_id AS linha_do_setor,
    format('O TOTVS mudou a OP %s depois de ela contar: %s.'::text, l.numero_op, a.texto) AS descricao,
    a.em AS desde,
    'reconhecer_alteracao_op'::text AS funcao,
    (jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes) ||
        CASE l.status
            WHEN 'POSTO_DE_LADO'::text THEN jsonb_build_object('alternativa', 'retomar_ordem')
            ELSE '{}'::jsonb
        END) AS detalhes
   FROM ((( SELECT x.numero_op,
            min(x.em) AS em,
            jsonb_agg(x.id ORDER BY x.id) AS alteracoes,
            string_agg(format('%s de %s para %s'::text, replace(lower(split_part(x.codigo, '_'::text, 1)), 'situacao'::text, 'situação'::text), x.antes, x.depois), '; '::text ORDER BY x.id) AS texto
           FROM (public.alteracoes_op x
             LEFT JOIN LATERAL ( SELECT max(r.ate_alteracao) AS ate_alteracao
                   FROM public.reconhecimentos_op r
                  WHERE (r.numero_op = x.numero_op)) v ON (true))
          WHERE ((x.codigo = ANY (ARRAY['PRODUTO_ALTERADO'::text, 'LOTE_ALTERADO'::text, 'SITUACAO_ALTERADA'::text])) AND (x.id > COALESCE(v.ate_alteracao, (0)::bigint)))
          GROUP BY x.numero_op) a
     JOIN public.lotes_producao l ON ((a.numero_op = l.numero_op)))
     CROSS JOIN LATERAL ( SELECT COALESCE(l.linha_id, min(o.linha_id)) AS linha_id
           FROM public.ordens_producao_ativas o
          WHERE (o.numero_op = l.numero_op)) n)
UNION ALL
 SELECT 'FECHAMENTO'::text AS tipo,
    ((f.numero_op || ':'::text) || x.n) AS chave,
    COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS linha_id,
    COALESCE(((x.falta -> 'argumentos'::text) ->> 'p_linha_id'::text), o.linha_id) AS linha_do_setor,
    (x.falta ->> 'detalhe'::text) AS descricao,
    f.desde,
    (x.falta ->> 'funcao'::text) AS funcao,
    ((x.falta -> 'argumentos'::text) || jsonb_build_object('numero_op', f.numero_op, 'codigo', (x.falta ->> 'codigo'::text), 'acao', (x.falta ->> 'acao'::text))) AS detalhes
   FROM ((public.fechamentos_pendentes f
     CROSS JOIN LATERAL jsonb_array_elements(f.faltas) WITH ORDINALITY x(falta, n))
     LEFT JOIN LATERAL ( SELECT min(p.linha_id) AS linha_id
           FROM public.ordens_producao_ativas p
          WHERE (p.numero_op = f.numero_op)) o ON (true))
  WHERE ((x.falta ->> 'codigo'::text) <> 'OP_CANCELADA'::text)
UNION ALL
 SELECT 'AJUSTE'::text AS tipo,
    f.numero_op AS chave,
    a.linha_id,
    NULL::text AS linha_do_setor,
    format('A OP %s mudou depois de fechada: %s.%s'::text, f.numero_op, a.texto,
        CASE
            WHEN (NOT f.informado) THEN ' Não informado: linha em conferência.'::text
            ELSE NULL::text
        END) AS descricao,
    a.desde,
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
     JOIN public.fechamentos_lote f ON ((a.fechamento_id = f.id)));

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
        )
 SELECT p.tipo,
    p.chave,
    p.linha_id,
    linha.setor,
    p.descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao(p.funcao), ', '::text) AS quem_decide,
    p.funcao,
    p.detalhes
   FROM (( SELECT 'SEM_ORDEM'::text AS tipo,
            ((s.linha_id || ':'::text) || s.dia) AS chave,
            s.linha_id,
            s.linha_id AS linha_do_setor,
            format('A linha %s contou %s (rejeição %s) sem ordem aberta em %s.'::text, s.linha_id, s.producao, s.rejeicao, to_char((s.dia)::timestamp with time zone, 'DD/MM/YYYY'::text)) AS descricao,
            s.de AS desde,
            'justificar_sem_ordem'::text AS funcao,
            jsonb_build_object('p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', (s.ate + '00:00:00.001'::interval), 'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem') AS detalhes
           FROM sem_ordem s
        UNION ALL
         SELECT 'RETIDA'::text AS tipo,
            r.assunto,
            r.linha_id,
            r.linha_id AS linha_do_setor,
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
                END AS format,
            r.desde,
            'decidir_retido'::text AS funcao,
            jsonb_build_object('p_id', r.ultima, 'p_assunto', r.assunto, 'itens', r.itens, 'motivo', r.motivo, 'desde', r.de, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao) AS jsonb_build_object
           FROM retidas r
        UNION ALL
         SELECT 'QUARENTENA'::text AS tipo,
            q.assunto,
                CASE
                    WHEN ((cardinality(q.linhas) = 1) AND (q.sem_linha = 0)) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN ((q.sem_linha = 0) AND ( SELECT ((count(DISTINCT l.setor) = 1) AND (count(l.setor) = cardinality(q.linhas)))
                       FROM public.linhas l
                      WHERE (l.linha_id = ANY (q.linhas)))) THEN q.linhas[1]
                    ELSE NULL::text
                END AS "case",
                CASE
                    WHEN (q.itens = 1) THEN p_1.detalhe
                    ELSE format('%s itens de %s, desde %s até %s. O primeiro: %s'::text, q.itens,
                    CASE
                        WHEN (q.arquivos = 1) THEN 'um arquivo'::text
                        ELSE (q.arquivos || ' arquivos'::text)
                    END, to_char((q.desde AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), to_char((q.ultimo_em AT TIME ZONE 'America/Fortaleza'::text), 'DD/MM/YYYY HH24:MI'::text), p_1.detalhe)
                END AS format,
            q.desde,
            'resolver_quarentena'::text AS funcao,
            jsonb_build_object('p_id', q.ultimo, 'p_assunto', q.assunto, 'itens', q.itens, 'arquivos', q.arquivos, 'linhas', NULLIF(q.linhas[:50], '{}'::text[]), 'motivo', p_1.motivo, 'outros_motivos', COALESCE(p_1.outros_motivos, '{}'::text[]), 'de', q.de, 'ate', q.ate, 'ultimo_em', q.ultimo_em, 'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'arquivo', p_1.chave, 'versao_id', p_1.versao_id, 'byte_de', p_1.byte_de, 'byte_ate', p_1.byte_ate, 'primeiros_bytes', encode(SUBSTRING(p_1.amostra FROM 1 FOR 64), 'escape'::text), 'fonte', p_1.fonte, 'alternativa',
                CASE
                    WHEN (p_1.fonte IS NOT NULL) THEN 'definir_fonte'::text
                    WHEN public.reprocessavel(p_1.*) THEN 'reprocessar_quarentena'::text
                    ELSE NULL::text
                END) AS jsonb_build_object
           FROM (public.quarentena_assuntos q
             JOIN public.quarentena p_1 ON ((q.primeiro = p_1.id)))
        UNION ALL
         SELECT 'RELOGIO_EM_DUVIDA'::text AS tipo,
            (d.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('%s Linhas %s, %s lotes.'::text, d.descricao, array_to_string(d.linhas, ', '::text), d.lotes) AS format,
            d.criada_em,
            'decidir_relogio'::text AS funcao,
            jsonb_build_object('p_id', d.id, 'gateway', d.gateway, 'linhas', d.linhas, 'desde', d.desde, 'ate', d.ate, 'desvio_ms', d.desvio_ms, 'testemunha', d.testemunha, 'lotes', d.lotes) AS jsonb_build_object
           FROM public.duvidas_relogio d
          WHERE (d.decisao IS NULL)
        UNION ALL
         SELECT 'SEQUENCIA_AUSENTE'::text AS tipo,
            ((((f.gateway || ':'::text) || f.epoca) || ':'::text) || concat_ws('-'::text, f.de, NULLIF(f.ate, f.de))),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
                CASE
                    WHEN (f.sequencias = (1)::numeric) THEN format('O lote %s do gateway %s não chegou.'::text, f.de, f.gateway)
                    WHEN (f.faixas = 1) THEN format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, f.de, f.ate, f.gateway, f.sequencias)
                    ELSE format('Faltam %s lotes do gateway %s, em %s faixas de %s a %s.'::text, f.sequencias, f.gateway, f.faixas, f.de, f.ate)
                END AS format,
            f.desde,
            'anular_sequencia'::text AS funcao,
            jsonb_build_object('p_gateway', f.gateway, 'p_epoca', f.epoca, 'p_seq', f.de, 'p_ate_seq', f.ate, 'p_so_faltas', (f.faixas > 1), 'sequencias', f.sequencias, 'faixas', f.primeiras) AS jsonb_build_object
           FROM faltas f
        UNION ALL
         SELECT 'EPOCA_NOVA'::text AS tipo,
            ((e.gateway || ':'::text) || e.epoca),
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).'::text, e.gateway, e.maior_seq) AS format,
            n.em,
            'encerrar_epoca'::text AS funcao,
            jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq) AS jsonb_build_object
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
                END AS "case",
            (e.id)::text AS id,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Evento do TOTVS (%s): %s'::text, concat_ws(' '::text, e.tipo, e.referencia), e.motivo) AS format,
            e.recebido_em,
            'resolver_evento_totvs'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id) AS jsonb_build_object
           FROM public.eventos_totvs e
          WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
        UNION ALL
         SELECT o.tipo,
            o.chave,
            o.linha_id,
            o.linha_do_setor,
            o.descricao,
            o.desde,
            o.funcao,
            o.detalhes
           FROM public.pendencias_ordens o
        UNION ALL
         SELECT 'ENVIO'::text AS tipo,
            e.id_externo,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Envio %s ao TOTVS (%s, OP %s): %s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao), e.erro) AS format,
            COALESCE(e.concluido_em, e.tocado_em, e.criado_em) AS "coalesce",
            'decidir_envio'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo) AS jsonb_build_object
           FROM public.envios_totvs e
          WHERE ((e.situacao = ANY (ARRAY['RECUSADO'::text, 'ESGOTADO'::text])) OR ((e.situacao = 'INCERTO'::text) AND (e.proxima_em IS NULL)))
        UNION ALL
         SELECT 'APONTAMENTO_LINHA'::text AS tipo,
            a.linha_id AS chave,
            a.linha_id,
            a.linha_id AS linha_do_setor,
            a.descricao,
            a.em,
            a.falta,
            jsonb_build_object('p_linha_id', a.linha_id, 'p_desde', a.desde, 'alternativa', 'suspender_apontamento') AS jsonb_build_object
           FROM public.aprovacoes_apontamento a) p
     LEFT JOIN public.linhas linha ON ((p.linha_do_setor = linha.linha_id)));

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
        or exists (select from public.conferencia_manual) or exists (select from public.fechamentos_lote))
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
    perform interno.exigir_opcao('papel', p_papel, 'OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN');
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

CREATE OR REPLACE FUNCTION interno.apurar_resumos(p_dia date, p_itens integer)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
    with atrasadas as materialized (
        select p.*, s.setor as destino, row_number() over (partition by s.setor, p.tipo order by p.desde, p.chave) as n
        from public.pendencias as p
        left join lateral (
            select e.setor from public.enderecos_resumo as e where e.setor = p.setor limit 1
        ) as s on true
        where p.desde <= clock_timestamp() - make_interval(hours => interno.parametro('RESUMO_ESPERA_HORAS'))
    ), tipos as (
        select a.destino, a.tipo, count(*) as total, min(a.desde) as desde, jsonb_agg(jsonb_build_object(
            'linha_id', a.linha_id, 'setor', a.setor, 'descricao', left(a.descricao, 400), 'desde', a.desde,
            'quem_decide', a.quem_decide, 'funcao', a.funcao
        ) order by a.n) filter (where a.n <= p_itens) as itens
        from atrasadas as a
        group by a.destino, a.tipo
    )
    insert into public.resumos_diarios (dia, setor, conteudo, situacao)
    select p_dia, d.setor, coalesce(t.conteudo, '[]'), case when t.conteudo is null then 'VAZIO' else 'PENDENTE' end
    from (select e.setor from public.enderecos_resumo as e union select null) as d
    cross join lateral (
        select jsonb_agg(jsonb_build_object('tipo', x.tipo, 'total', x.total, 'itens', x.itens) order by x.desde) as conteudo
        from tipos as x where x.destino is not distinct from d.setor
    ) as t
$function$;

CREATE OR REPLACE FUNCTION public.reivindicar_resumos(p_lease_s integer, p_itens integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_dia constant date := (clock_timestamp() at time zone 'America/Fortaleza')::date;
    v_resumos jsonb;
begin
    perform pg_advisory_xact_lock(hashtext('resumos_diarios'));
    if not exists (select from public.resumos_diarios where dia = v_dia) then
        perform interno.apurar_resumos(v_dia, p_itens);
    end if;
    with tomados as (
        update public.resumos_diarios as r
        set situacao = 'ENVIANDO', lease = gen_random_uuid(), lease_ate = clock_timestamp() + make_interval(secs => p_lease_s),
            tentativas = r.tentativas + 1, enderecos = interno.enderecos_do_resumo(r.setor)
        where r.dia = v_dia and interno.enderecos_do_resumo(r.setor) <> '{}'
          and (r.situacao = 'PENDENTE' or r.situacao = 'ENVIANDO' and r.lease_ate < clock_timestamp())
        returning r.*
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'setor', t.setor, 'enderecos', t.enderecos, 'lease', t.lease, 'apurado_em', t.apurado_em, 'grupos', t.conteudo
    ) order by t.setor), '[]') into v_resumos
    from tomados as t;
    return jsonb_build_object(
        'dia', v_dia, 'horas', interno.parametro('RESUMO_ESPERA_HORAS'), 'resumos', v_resumos, 'sem_endereco', (
            select coalesce(sum((x ->> 'total')::bigint), 0)
            from public.resumos_diarios as r cross join lateral jsonb_array_elements(r.conteudo) as x
            where r.dia = v_dia and r.situacao = 'PENDENTE' and interno.enderecos_do_resumo(r.setor) = '{}'
        )
    );
end $function$;

CREATE OR REPLACE FUNCTION public.concluir_resumo(p_id bigint, p_lease uuid, p_mensagem_id text, p_erro text)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
    with concluido as (
        update public.resumos_diarios
        set situacao = case when p_erro is null then 'ENVIADO' else 'PENDENTE' end, lease = null, lease_ate = null,
            mensagem_id = p_mensagem_id, erro = left(p_erro, 2000),
            enviado_em = case when p_erro is null then clock_timestamp() end
        where id = p_id and lease = p_lease
        returning id
    )
    select exists (select from concluido)
$function$;

CREATE INDEX lotes_producao_linha ON public.lotes_producao USING btree (linha_id) WHERE (linha_id IS NOT NULL);
CREATE INDEX quarentena_somas_assunto ON public.quarentena_somas USING btree (assunto);
CREATE INDEX quarentena_somas_a_somar ON public.quarentena_somas USING btree (assunto) WHERE (itens = 0);
CREATE INDEX velocidades_nominais_produto ON public.velocidades_nominais USING btree (produto_codigo);
CREATE INDEX alteracoes_op_a_reconhecer ON public.alteracoes_op USING btree (numero_op, id) WHERE (codigo = ANY (ARRAY['PRODUTO_ALTERADO'::text, 'LOTE_ALTERADO'::text, 'SITUACAO_ALTERADA'::text]));
CREATE INDEX conferencia_manual_op ON public.conferencia_manual USING btree (numero_op);
CREATE INDEX conferencia_manual_linha ON public.conferencia_manual USING btree (linha_id, janela, numero_op, id);
CREATE INDEX decisoes_ordem_op ON public.decisoes_ordem USING btree (numero_op, id);
alter table public.quarentena_somas enable row level security;
alter table public.apontamentos_linha enable row level security;
alter table public.aprovacoes_apontamento enable row level security;
alter table public.conferencia_manual enable row level security;
alter table public.enderecos_resumo enable row level security;
alter table public.resumos_diarios enable row level security;
alter table public.decisoes_ordem enable row level security;
CREATE TRIGGER somar_itens AFTER INSERT ON public.quarentena REFERENCING NEW TABLE AS novos FOR EACH STATEMENT EXECUTE FUNCTION interno.somar_novos_itens();
CREATE TRIGGER marcar_somas AFTER UPDATE ON public.quarentena REFERENCING OLD TABLE AS antes NEW TABLE AS depois FOR EACH STATEMENT EXECUTE FUNCTION interno.marcar_somas();
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.apontamentos_linha FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('linha_id');
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.aprovacoes_apontamento FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('linha_id');
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.conferencia_manual FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.enderecos_resumo FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('endereco');
CREATE TRIGGER nunca_apagar BEFORE DELETE OR TRUNCATE ON public.resumos_diarios FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.decisoes_ordem FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
CREATE TRIGGER fixar_estado BEFORE INSERT OR UPDATE ON public.lotes_producao FOR EACH ROW EXECUTE FUNCTION interno.fixar_estado();
CREATE TRIGGER rever_estado AFTER INSERT OR DELETE OR UPDATE ON public.periodos_ordem FOR EACH ROW EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado AFTER INSERT ON public.fechamentos_lote FOR EACH ROW EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado AFTER INSERT ON public.decisoes_ordem FOR EACH ROW EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado AFTER INSERT ON public.contagens_manuais FOR EACH ROW EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado AFTER INSERT ON public.perdas_qualidade FOR EACH ROW EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado_insercao AFTER INSERT ON public.contagens_intervalo FOR EACH ROW WHEN ((new.numero_op IS NOT NULL)) EXECUTE FUNCTION interno.rever_estado();
CREATE TRIGGER rever_estado_mudanca AFTER UPDATE OF numero_op ON public.contagens_intervalo FOR EACH ROW WHEN ((old.numero_op IS DISTINCT FROM new.numero_op)) EXECUTE FUNCTION interno.rever_estado();
create policy leitura on public.quarentena_somas as permissive for select to authenticated using (true);
create policy leitura on public.apontamentos_linha as permissive for select to authenticated using (true);
create policy leitura on public.aprovacoes_apontamento as permissive for select to authenticated using (true);
create policy leitura on public.conferencia_manual as permissive for select to authenticated using (true);
create policy leitura on public.enderecos_resumo as permissive for select to authenticated using (true);
create policy leitura on public.resumos_diarios as permissive for select to authenticated using (true);
create policy leitura on public.decisoes_ordem as permissive for select to authenticated using (true);
revoke all on function interno.ajustes_propostos(text) from public, anon, authenticated, service_role;
revoke all on function interno.anotar_espera(text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.anotar_turnos(text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.aprovar_apontamento(text,text,text,timestamp with time zone,text) from public, anon, authenticated, service_role;
revoke all on function interno.apurar_resumos(date,integer) from public, anon, authenticated, service_role;
revoke all on function interno.avancar_marcas(text,text,bigint,bigint,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.aviso_conferencia(public.lotes_producao,text) from public, anon, authenticated, service_role;
revoke all on function interno.cabecalho_op(text) from public, anon, authenticated, service_role;
revoke all on function interno.campos(jsonb,text[]) from public, anon, authenticated, service_role;
revoke all on function interno.conferir_ajustes(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.contar_minutos(interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.contar_ordens(interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.decidir_ordem(text,text,text,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.desistir_da_releitura(bigint,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.digitado_sem_periodo(text,text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.donos_da_linha(text,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.encerrar_esperas(bigint,jsonb,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.enderecos_do_resumo(text) from public, anon, authenticated, service_role;
revoke all on function interno.estado_op(text) from public, anon, authenticated, service_role;
revoke all on function interno.estornar_parciais(text,bigint,jsonb,text) from public, anon, authenticated, service_role;
revoke all on function interno.evento_recebido(jsonb,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.exigir_no_maximo(bigint[],integer) from public, anon, authenticated, service_role;
revoke all on function interno.faltas_contagem(text) from public, anon, authenticated, service_role;
revoke all on function interno.faltas_diarios(text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.faltas_ordem(text) from public, anon, authenticated, service_role;
revoke all on function interno.faltas_totais(text) from public, anon, authenticated, service_role;
revoke all on function interno.fechar_ou_esperar(text,bigint[]) from public, anon, authenticated, service_role;
revoke all on function interno.fixar_estado() from public, anon, authenticated, service_role;
revoke all on function interno.guardar_em_duvida(bigint,jsonb,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.guardar_intervalos(bigint,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.impedimentos_ordens(text,tstzrange) from public, anon, authenticated, service_role;
revoke all on function interno.julgar_intervalos(jsonb,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.julgar_segundos(jsonb,text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.juntar_somas(text) from public, anon, authenticated, service_role;
revoke all on function interno.lancar_arquivo(jsonb,text,text,bigint,jsonb,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.linha_apontada(text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.lote_da_ordem(public.lotes_producao,text,jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.marcar_somas() from public, anon, authenticated, service_role;
revoke all on function interno.mostrar_conferencia(text,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.notar_alteracoes(public.lotes_producao,public.lotes_producao,bigint) from public, anon, authenticated, service_role;
revoke all on function interno.op_apontada(text) from public, anon, authenticated, service_role;
revoke all on function interno.ops_da_rodada(text,integer) from public, anon, authenticated, service_role;
revoke all on function interno.parciais_desde(text) from public, anon, authenticated, service_role;
revoke all on function interno.por_em_quarentena(bigint,jsonb,text,bigint,interno.incremento[]) from public, anon, authenticated, service_role;
revoke all on function interno.por_que_sem_lote(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.preparar_ordem(text,text,text,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.receber_sequencia(bigint,jsonb,boolean,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.responder_sem_lancar(jsonb,text,text) from public, anon, authenticated, service_role;
revoke all on function interno.retorno_evento(public.eventos_totvs,interno.resultado_totvs) from public, anon, authenticated, service_role;
revoke all on function interno.rever_estado() from public, anon, authenticated, service_role;
revoke all on function interno.setor_da_op(text) from public, anon, authenticated, service_role;
revoke all on function interno.somar_de_novo() from public, anon, authenticated, service_role;
revoke all on function interno.somar_novos_itens() from public, anon, authenticated, service_role;
revoke all on function interno.somar_segundos(integer[],integer[],integer[]) from public, anon, authenticated, service_role;
revoke all on function interno.travar_op(text) from public, anon, authenticated, service_role;
revoke all on function interno.travar_ops(text[],text[],text) from public, anon, authenticated, service_role;
revoke all on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) to authenticated;
grant execute on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) to service_role;
revoke all on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) to authenticated;
grant execute on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) to service_role;
revoke all on function public.concluir_resumo(bigint,uuid,text,text) from public, anon, authenticated, service_role;
grant execute on function public.concluir_resumo(bigint,uuid,text,text) to service_role;
revoke all on function public.definir_endereco_resumo(text,text,boolean,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_endereco_resumo(text,text,boolean,text) to authenticated;
grant execute on function public.definir_endereco_resumo(text,text,boolean,text) to service_role;
revoke all on function public.diferencas_conferencia(date,date,text) from public, anon, authenticated, service_role;
grant execute on function public.diferencas_conferencia(date,date,text) to authenticated;
grant execute on function public.diferencas_conferencia(date,date,text) to service_role;
revoke all on function public.mover_contagem_manual(text,text,text,date,text,text) from public, anon, authenticated, service_role;
grant execute on function public.mover_contagem_manual(text,text,text,date,text,text) to authenticated;
grant execute on function public.mover_contagem_manual(text,text,text,date,text,text) to service_role;
revoke all on function public.por_ordem_de_lado(text,text) from public, anon, authenticated, service_role;
grant execute on function public.por_ordem_de_lado(text,text) to authenticated;
grant execute on function public.por_ordem_de_lado(text,text) to service_role;
revoke all on function public.rastrear(text) from public, anon, authenticated, service_role;
grant execute on function public.rastrear(text) to authenticated;
grant execute on function public.rastrear(text) to service_role;
revoke all on function public.registrar_conferencia(text,text,date,text,integer,integer,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text) to authenticated;
grant execute on function public.registrar_conferencia(text,text,date,text,integer,integer,text) to service_role;
revoke all on function public.reivindicar_resumos(integer,integer) from public, anon, authenticated, service_role;
grant execute on function public.reivindicar_resumos(integer,integer) to service_role;
revoke all on function public.retomar_ordem(text,text) from public, anon, authenticated, service_role;
grant execute on function public.retomar_ordem(text,text) to authenticated;
grant execute on function public.retomar_ordem(text,text) to service_role;
revoke all on function public.somar_assunto(text) from public, anon, authenticated, service_role;
grant execute on function public.somar_assunto(text) to authenticated;
grant execute on function public.somar_assunto(text) to service_role;
revoke all on function public.suspender_apontamento(text,timestamp with time zone,text) from public, anon, authenticated, service_role;
grant execute on function public.suspender_apontamento(text,timestamp with time zone,text) to authenticated;
grant execute on function public.suspender_apontamento(text,timestamp with time zone,text) to service_role;
revoke all on table public.apontamentos_linha from public, anon, authenticated, service_role;
grant select on table public.apontamentos_linha to authenticated;
grant select on table public.apontamentos_linha to service_role;
revoke all on table public.aprovacoes_apontamento from public, anon, authenticated, service_role;
grant select on table public.aprovacoes_apontamento to authenticated;
grant select on table public.aprovacoes_apontamento to service_role;
revoke all on table public.conferencia_manual from public, anon, authenticated, service_role;
grant select on table public.conferencia_manual to authenticated;
grant select on table public.conferencia_manual to service_role;
revoke all on table public.decisoes_ordem from public, anon, authenticated, service_role;
grant select on table public.decisoes_ordem to authenticated;
grant select on table public.decisoes_ordem to service_role;
revoke all on table public.enderecos_resumo from public, anon, authenticated, service_role;
grant select on table public.enderecos_resumo to authenticated;
grant select on table public.enderecos_resumo to service_role;
revoke all on table public.ordens_de_lado from public, anon, authenticated, service_role;
grant select on table public.ordens_de_lado to authenticated;
grant select on table public.ordens_de_lado to service_role;
revoke all on table public.ordens_sem_destino from public, anon, authenticated, service_role;
grant select on table public.ordens_sem_destino to authenticated;
grant select on table public.ordens_sem_destino to service_role;
revoke all on table public.pendencias_ordens from public, anon, authenticated, service_role;
grant select on table public.pendencias_ordens to authenticated;
grant select on table public.pendencias_ordens to service_role;
revoke all on table public.quarentena_assuntos from public, anon, authenticated, service_role;
grant select on table public.quarentena_assuntos to authenticated;
grant select on table public.quarentena_assuntos to service_role;
revoke all on table public.quarentena_somas from public, anon, authenticated, service_role;
grant select on table public.quarentena_somas to authenticated;
grant select on table public.quarentena_somas to service_role;
revoke all on table public.resumos_diarios from public, anon, authenticated, service_role;
grant select on table public.resumos_diarios to authenticated;
grant select on table public.resumos_diarios to service_role;
comment on column public.lotes_producao.status is 'O que fizemos da OP: PLANEJADO, EM_ANDAMENTO (aberta numa linha), A_FECHAR, CONCLUIDO ou POSTO_DE_LADO. Fonte: banco (interno.estado_op).';
comment on column public.papeis_usuario.papel is 'OPERADOR, ENCARREGADO, SUPERVISOR, GESTOR, QUALIDADE ou ADMIN (TI). Fonte: administração do SicFar.';
comment on function interno.preparar_ordem(text,text,text,timestamp with time zone) is 'Trava a linha e a OP e confere papel, setor, linha, OP e instante antes de mexer em períodos; concluida = fechada aqui, ou encerrada no TOTVS.';
comment on column public.alteracoes_op.codigo is 'DESCRICAO_DIFERENTE; havendo contagens ou período, PRODUTO_ALTERADO, LOTE_ALTERADO, QUANTIDADE_ALTERADA; depois de fechada ou posta de lado, SITUACAO_ALTERADA. Fonte: banco.';
comment on table public.reconhecimentos_op is 'Quem tomou conhecimento do que o TOTVS mudou numa OP que já contou. Somente acréscimo. Fonte: reconhecer_alteracao_op.';
comment on function public.reconhecer_alteracao_op(text,text) is 'Registra que alguém viu o que o TOTVS mudou numa OP que já contou; as contagens ficam onde estão.';
comment on function public.registrar_contagem_manual(text,text,date,text,integer,integer,text) is 'Registra a contagem física de uma OP num turno de uma linha contada à mão, em unidades; corrigir a anterior exige motivo, e a zero sempre se pode. Devolve o registro.';
comment on table public.fechamentos_pendentes is 'OPs que esperam, e o que falta: as encerradas que ainda não fecharam, e as fechadas em que é preciso assinar de novo. Fonte: lot_closure.';
comment on column public.fechamentos_pendentes.desde is 'Desde quando espera (UTC): o fim da OP, ou quando se viu a mudança. Fonte: periodos_ordem e banco.';
comment on function interno.anotar_alteracao() is 'Gatilho do que se digita e dos períodos: a OP muda, fechada ou não, e as fechadas do mesmo turno são conferidas.';
comment on function interno.turnos_op(text) is 'Os turnos de cada linha em que há algo da OP, ou havia quando fechou.';
comment on function interno.cabecalho_envio(text) is 'O que todo envio diz da OP: depois de fechada, o que foi congelado.';
comment on function interno.congelar(text,jsonb,text) is 'Fecha a OP com os totais deste instante e, se a OP é informada, põe na caixa de saída o que o TOTVS deve saber. Exige as linhas e a OP travadas.';
comment on function public.decidir_ajustes(text,text,text) is 'Aprova (e põe na caixa de saída, se o fechamento foi informado) ou recusa o que mudou depois do fechamento da OP.';
comment on function public.saude_integracao() is 'O que os alarmes medem: disjuntor, fechamentos além do prazo, envios parados, linhas e gateways em silêncio; e o dia do último resumo por e-mail.';
comment on function public.rastrear(text) is 'De onde vem o que o TOTVS soube de uma OP: fechamento, envios com cada chamada, assinaturas, e por linha os arquivos com seus bytes.';
comment on column public.pendencias.tipo is 'SEM_ORDEM, RETIDA, QUARENTENA, SEQUENCIA_AUSENTE, EPOCA_NOVA, EVENTO_RECUSADO, EVENTO_ESTACIONADO, OP_CANCELADA, OP_POSTA_DE_LADO, OP_ALTERADA, FECHAMENTO, AJUSTE, ENVIO ou APONTAMENTO_LINHA.';
comment on table public.quarentena_somas is 'Os itens de quarentena que esperam, somados por assunto; as linhas de um assunto se somam. Fonte: quarentena.';
comment on column public.quarentena_somas.itens is 'Quantos itens; zero se o assunto deve ser somado de novo, e as demais colunas nulas. Fonte: quarentena.';
comment on column public.quarentena_somas.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_somas.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_somas.arquivos is 'Arquivos que não têm item do assunto em outra linha desta tabela. Fonte: quarentena.';
comment on column public.quarentena_somas.linhas is 'Linhas atingidas, em ordem, como escritas nos arquivos. Fonte: quarentena.';
comment on column public.quarentena_somas.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_somas.de is 'Primeiro instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ate is 'Último instante atingido (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.desde is 'Quando o primeiro chegou (UTC). Fonte: quarentena.';
comment on column public.quarentena_somas.ultimo_em is 'Quando o último chegou (UTC). Fonte: quarentena.';
comment on function interno.juntar_somas(text) is 'Junta em uma as linhas de quarentena_somas do assunto.';
comment on function interno.somar_novos_itens() is 'Gatilho da quarentena: soma os itens que entram ao que espera do seu assunto.';
comment on function interno.marcar_somas() is 'Gatilho da quarentena: o assunto de que itens foram decididos ou reabertos deve ser somado de novo.';
comment on function public.somar_assunto(text) is 'O que espera do assunto em quarentena, somado item por item; nada se nada espera.';
comment on function interno.somar_de_novo() is 'Soma de novo, item por item, os assuntos de que itens foram decididos ou reabertos.';
comment on view public.quarentena_assuntos is 'O que espera em quarentena, uma linha por assunto. Fonte: quarentena_somas, ou quarentena onde itens foram decididos no último minuto.';
comment on column public.quarentena_assuntos.itens is 'Quantos itens. Fonte: quarentena.';
comment on column public.quarentena_assuntos.sem_linha is 'Quantos deles não são de linha nenhuma. Fonte: quarentena.';
comment on column public.quarentena_assuntos.primeiro is 'Menor número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.ultimo is 'Maior número de item. Fonte: quarentena.';
comment on column public.quarentena_assuntos.arquivos is 'De quantos arquivos são. Fonte: quarentena.';
comment on column public.quarentena_assuntos.registros is 'Registros atingidos; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.producao is 'Produção, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on column public.quarentena_assuntos.rejeicao is 'Rejeição, em contagens da máquina; nulo se de nenhum item se sabe. Fonte: quarentena.';
comment on function interno.donos_da_linha(text,text,timestamp with time zone,timestamp with time zone) is 'Papéis da fonte na linha que tocam [p_de, p_ate], cada um de quando até quando; sem fim = infinity.';
comment on function interno.julgar_segundos(jsonb,text,timestamp with time zone,timestamp with time zone) is 'O destino do que o arquivo traz segundo por segundo, pela fonte dona, pelos períodos e pelo que é plausível no instante de cada um.';
comment on function interno.julgar_intervalos(jsonb,text,timestamp with time zone,timestamp with time zone) is 'O destino do que o arquivo traz de mais de um segundo.';
comment on function interno.somar_segundos(integer[],integer[],integer[]) is 'Soma os valores aos segundos (0 a 59) de um vetor; nulo vale zeros, e fica nulo se todos os valores são zero.';
comment on function interno.contar_minutos(interno.incremento[]) is 'Soma aos minutos das linhas o que conta, segundo por segundo. Exige as linhas travadas.';
comment on function interno.contar_ordens(interno.incremento[]) is 'Soma aos totais vivos o que conta em segundos e intervalos com OP aberta. Exige as linhas travadas.';
comment on function interno.mostrar_conferencia(text,interno.incremento[]) is 'Soma à conferência da fonte o que só é mostrado, também o que é implausível.';
comment on function interno.guardar_intervalos(bigint,interno.incremento[]) is 'Guarda um a um os incrementos que atravessam segundos ou não são plausíveis.';
comment on function interno.guardar_em_duvida(bigint,jsonb,interno.incremento[]) is 'Guarda segundo por segundo o que um lote com o relógio em dúvida contou ou reteve.';
comment on function interno.por_em_quarentena(bigint,jsonb,text,bigint,interno.incremento[]) is 'Põe em quarentena o que do arquivo não pode ser contado, um item por linha, motivos e trecho contínuo.';
comment on function interno.avancar_marcas(text,text,bigint,bigint,jsonb) is 'Põe em vigor as marcas das sequências da época até p_ate: as que esperavam e as da que acaba de chegar. Exige a época travada.';
comment on function interno.desistir_da_releitura(bigint,text,text) is 'O item continua em quarentena, com o que a nova leitura deu; devolve a situação do arquivo.';
comment on function interno.responder_sem_lancar(jsonb,text,text) is 'A resposta a um arquivo que não entra no razão: JA_APLICADO, QUARENTENA como antes, ou PREFIXO com até onde está contado.';
comment on function interno.lancar_arquivo(jsonb,text,text,bigint,jsonb,timestamp with time zone,timestamp with time zone) is 'Lança o arquivo no razão com o que trouxe de cada linha; devolve o número do lançamento.';
comment on function interno.encerrar_esperas(bigint,jsonb,bigint) is 'Encerra os itens de quarentena do mesmo arquivo que o lançamento substitui, ou cuja linha incompleta agora veio inteira.';
comment on function interno.receber_sequencia(bigint,jsonb,boolean,timestamp with time zone) is 'Avança a época com a sequência do lote, e as marcas se ele foi contado; uma anulada que chega fica na trilha.';
comment on function interno.exigir_no_maximo(bigint[],integer) is 'PT422 ITENS_DEMAIS se são mais do que se decide de uma vez.';
comment on function interno.campos(jsonb,text[]) is 'Dos dados, os campos com estes nomes; o que nunca foi enviado falta.';
comment on function interno.por_que_sem_lote(text,text) is 'Por que uma OP não abre lote, ou o que espera; nulo se abre um.';
comment on function interno.lote_da_ordem(public.lotes_producao,text,jsonb) is 'O lote como a OP o descreve, sobre o que já se sabia dele; PT422 LOTE_AUSENTE.';
comment on function interno.notar_alteracoes(public.lotes_producao,public.lotes_producao,bigint) is 'Anota o que as pessoas devem ver de uma OP mudada: a descrição; depois de aberta ou contada, produto, lote e quantidade; depois de fechada ou posta de lado, a situação.';
comment on function interno.evento_recebido(jsonb,jsonb) is 'O evento como chegou, com a chave que reconhece a repetição.';
comment on function interno.retorno_evento(public.eventos_totvs,interno.resultado_totvs) is 'O que se fez de um evento, como quem o mandou o lê.';
comment on function public.mover_contagem_manual(text,text,text,date,text,text) is 'Passa a contagem física de um turno de uma OP para outra, com motivo. Devolve o registro novo.';
comment on function interno.cabecalho_op(text) is 'Lote, produto e etapa apontada da OP; depois de fechada, os congelados.';
comment on function interno.digitado_sem_periodo(text,text,tstzrange) is 'O que se digitou para a OP no turno da linha sem que ela tenha estado aberta: codigo, detalhe e acao.';
comment on function interno.impedimentos_ordens(text,tstzrange) is 'O que impede assinar o turno da linha por causa do que cada OP contou e do que se digitou dela.';
comment on table public.apontamentos_linha is 'Quando a produção da linha é informada ao TOTVS: as OPs nela abertas em [de, ate). Fora disso a linha está em conferência. Fonte: TI e Qualidade.';
comment on column public.apontamentos_linha.de is 'Desde quando (UTC); o começo de 2000 = desde sempre. Fonte: aprovar_apontamento_ti e aprovar_apontamento_qualidade.';
comment on column public.apontamentos_linha.ate is 'Até quando, exclusive (UTC); nulo = sem fim. Fonte: suspender_apontamento.';
comment on table public.aprovacoes_apontamento is 'A primeira das duas aprovações para informar a linha ao TOTVS, enquanto espera a outra. Fonte: TI ou Qualidade.';
comment on column public.aprovacoes_apontamento.desde is 'Desde quando se quer informar (UTC); nulo = desde a segunda aprovação. Fonte: pessoa.';
comment on column public.aprovacoes_apontamento.falta is 'Função com que a outra área aprova. Fonte: banco.';
comment on column public.aprovacoes_apontamento.descricao is 'O que espera, com o motivo da primeira área. Fonte: banco.';
comment on column public.aprovacoes_apontamento.usuario_id is 'Quem aprovou. Fonte: Supabase Auth.';
comment on function interno.linha_apontada(text,timestamp with time zone) is 'Verdadeiro se as OPs abertas na linha no instante são informadas ao TOTVS; falso: linha em conferência.';
comment on function interno.op_apontada(text) is 'Verdadeiro se o SicFar informa a OP ao TOTVS; falso: não informada, linha em conferência, a fábrica a aponta.';
comment on function interno.aviso_conferencia(public.lotes_producao,text) is 'Para quem abre a OP: a linha está em conferência e quem aponta a OP ao TOTVS; lista vazia se não está.';
comment on function interno.aprovar_apontamento(text,text,text,timestamp with time zone,text) is 'Uma das duas aprovações; com a outra, de outra pessoa e para o mesmo instante, a linha passa a ser informada.';
comment on function public.aprovar_apontamento_ti(text,timestamp with time zone,text) is 'A TI aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a Qualidade) ou APONTADA.';
comment on function public.aprovar_apontamento_qualidade(text,timestamp with time zone,text) is 'A Qualidade aprova que as OPs abertas na linha desde p_desde (nulo: desde a segunda aprovação) sejam informadas ao TOTVS. Devolve situacao: AGUARDA (a TI) ou APONTADA.';
comment on function public.suspender_apontamento(text,timestamp with time zone,text) is 'Devolve a linha à conferência desde p_ate (nulo: agora), ou retira a aprovação que espera a outra. Devolve também as OPs não fechadas que o SicFar segue informando.';
comment on table public.conferencia_manual is 'O que a fábrica contou à mão, por OP, linha e turno, para comparar; nunca entra em total algum. Vale o registro mais novo. Somente acréscimo. Fonte: registrar_conferencia.';
comment on column public.conferencia_manual.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.conferencia_manual.turno is 'Turno (D1, D2, N1, N2). Fonte: pessoa.';
comment on column public.conferencia_manual.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.conferencia_manual.produzidas is 'Unidades, boas e refugadas. Fonte: pessoa.';
comment on column public.conferencia_manual.refugadas is 'Das produzidas, as refugadas, em unidades. Fonte: pessoa.';
comment on column public.conferencia_manual.motivo is 'Por que corrige o registro anterior; nulo no primeiro. Fonte: pessoa.';
comment on column public.conferencia_manual.usuario_id is 'Quem digitou. Fonte: Supabase Auth.';
comment on function public.registrar_conferencia(text,text,date,text,integer,integer,text) is 'Registra o que a fábrica contou à mão de uma OP num turno da linha, em unidades, só para comparar; corrigir o anterior exige motivo. Devolve o registro.';
comment on function public.diferencas_conferencia(date,date,text) is 'Conferência por linha, turno e OP nos dias dados: unidades nossas (como o fechamento as congela), as digitadas, a diferença (nossas menos digitadas) e o percentual das digitadas. Nulo o lado que falta.';
comment on table public.enderecos_resumo is 'Para quem vai o resumo diário de pendências de cada setor. Fonte: definir_endereco_resumo.';
comment on column public.enderecos_resumo.setor is 'Setor; nulo = o que não é de um setor, e o dos setores sem endereço. Fonte: administração do SicFar.';
comment on table public.resumos_diarios is 'O resumo de cada dia e setor: um e-mail, ou nenhum se nada esperava; nunca apagado. Fonte: daily_digest.';
comment on column public.resumos_diarios.dia is 'Dia da fábrica. Fonte: banco.';
comment on column public.resumos_diarios.setor is 'Setor dos destinatários; nulo = os do endereço geral. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.conteudo is 'As pendências atrasadas então, por tipo: tipo, total e as primeiras (itens). Fonte: pendencias.';
comment on column public.resumos_diarios.situacao is 'VAZIO (nada a enviar), PENDENTE, ENVIANDO ou ENVIADO. Fonte: daily_digest.';
comment on column public.resumos_diarios.enderecos is 'Para quem foi, ou se tentou. Fonte: enderecos_resumo.';
comment on column public.resumos_diarios.tentativas is 'Vezes que se tentou enviar. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease is 'Quem o está enviando. Fonte: daily_digest.';
comment on column public.resumos_diarios.lease_ate is 'Até quando (UTC); depois se envia outra vez. Fonte: daily_digest.';
comment on column public.resumos_diarios.mensagem_id is 'Identificador do e-mail. Fonte: SES.';
comment on column public.resumos_diarios.erro is 'Por que o último envio falhou. Fonte: SES.';
comment on function public.definir_endereco_resumo(text,text,boolean,text) is 'Dá ao setor (nulo = geral) um endereço do resumo diário, ou o tira (p_vale falso).';
comment on function interno.enderecos_do_resumo(text) is 'Endereços do setor, ou os gerais se ele não tem nenhum.';
comment on column public.fechamentos_lote.informado is 'Falso: não informado ao TOTVS, linha em conferência; nem o que muda depois. Fonte: apontamentos_linha.';
comment on function interno.anotar_turnos(text,timestamp with time zone,timestamp with time zone) is 'As OPs fechadas dos turnos assinados que o intervalo da linha toca são comparadas na próxima rodada.';
comment on function interno.parciais_desde(text) is 'Posição do último estorno dos parciais da OP, quando foi posta de lado; 0 se nunca.';
comment on function interno.estornar_parciais(text,bigint,jsonb,text) is 'Põe na caixa de saída o estorno do que apontamentos parciais levaram a mais: boas e refugos (lista de código e quantidade).';
comment on function interno.faltas_ordem(text) is 'O que impede a OP como um todo de fechar: cancelada, sem período, ou sem uma das etapas.';
comment on function interno.faltas_contagem(text) is 'O que ainda falta das contagens da OP em cada período: aberto, fontes atrasadas, quarentena, retidas.';
comment on function interno.faltas_diarios(text,bigint[]) is 'Os turnos da OP sem assinatura que vale, ou com refugo divergente. p_assinaturas: as que valem.';
comment on function interno.faltas_totais(text) is 'Totais da OP que não fecham: soma dos turnos diferente do total, ou boas negativas.';
comment on function interno.anotar_espera(text,jsonb) is 'Anota o que falta à OP; vazio: não espera mais.';
comment on function interno.ops_da_rodada(text,integer) is 'As OPs que uma rodada fecha e as que compara, depois de p_depois, no máximo p_limite de cada.';
comment on function interno.travar_ops(text[],text[],text) is 'Das OPs, as que ainda estão no status e não abertas, travadas; as que outro está mudando ficam para depois.';
comment on function interno.fechar_ou_esperar(text,bigint[]) is 'Fecha a OP, se nada falta; senão anota o que falta. Exige as linhas e a OP travadas.';
comment on function interno.ajustes_propostos(text) is 'Ajustes da OP que esperam decisão.';
comment on function interno.conferir_ajustes(text,text) is 'PT404 NADA_A_DECIDIR; PT409 AJUSTE_MUDOU se não são mais os propostos, DIARIO_A_ASSINAR se se aprova sem assinatura que vale. Exige as linhas travadas.';
comment on table public.decisoes_ordem is 'OPs que uma pessoa pôs de lado, ou retomou; vale a decisão mais nova de cada OP. Somente acréscimo. Fonte: por_ordem_de_lado, retomar_ordem.';
comment on column public.decisoes_ordem.decisao is 'POR_DE_LADO (não fecha e não é informada ao TOTVS) ou RETOMAR. Fonte: pessoa.';
comment on column public.decisoes_ordem.producao_maquina is 'Produção que a OP tinha então, em contagens da máquina. Fonte: banco.';
comment on column public.decisoes_ordem.rejeicao_maquina is 'Rejeição que a OP tinha então, em contagens da máquina. Fonte: banco.';
comment on column public.decisoes_ordem.usuario_id is 'Quem decidiu. Fonte: Supabase Auth.';
comment on view public.ordens_de_lado is 'As OPs postas de lado, e o que tinham contado então. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.producao_maquina is 'Produção que a OP tinha então, em contagens da máquina. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.rejeicao_maquina is 'Rejeição que a OP tinha então, em contagens da máquina. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.em is 'Instante da decisão (UTC). Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.usuario_id is 'Quem decidiu. Fonte: decisoes_ordem.';
comment on column public.ordens_de_lado.motivo is 'Por que foi posta de lado. Fonte: pessoa.';
comment on function interno.estado_op(text) is 'O status da OP, dos fatos deste instante: o primeiro da tabela de docs/estados-da-op.md que vale.';
comment on function interno.fixar_estado() is 'Gatilho de lotes_producao: status é sempre o que os fatos dizem.';
comment on function interno.rever_estado() is 'Gatilho dos fatos de uma OP: status passa a ser o que eles dizem.';
comment on function interno.setor_da_op(text) is 'Setor das linhas da OP; nulo se de vários, ou de nenhum.';
comment on function interno.travar_op(text) is 'Trava as linhas da OP e a OP, nesta ordem, e devolve a OP; PT404 OP_DESCONHECIDA, PT409 OP_MUDOU.';
comment on function interno.decidir_ordem(text,text,text,text,text) is 'Registra que a OP foi posta de lado ou retomada, com o que tinha contado.';
comment on function public.por_ordem_de_lado(text,text) is 'Põe de lado, com motivo, uma OP encerrada que não vai fechar: as contagens ficam, o TOTVS não recebe produção dela, e os parciais já aceitos são estornados.';
comment on function public.retomar_ordem(text,text) is 'Retoma, com motivo, uma OP posta de lado: volta a esperar o fechamento, e pode ser aberta.';
comment on view public.ordens_sem_destino is 'OPs que contaram e não estão abertas, fechadas, à espera com um motivo nem postas de lado: nenhuma, a não ser no minuto até a próxima rodada de lot_closure. Fonte: banco.';
comment on column public.ordens_sem_destino.status is 'Status da OP. Fonte: lotes_producao.';
comment on column public.ordens_sem_destino.desde is 'Fim da OP, ou sua última mudança (UTC). Fonte: periodos_ordem.';
comment on column public.ordens_sem_destino.producao_acumulada is 'Unidades produzidas. Fonte: ordens_producao_ativas.';
comment on view public.pendencias_ordens is 'O que espera uma pessoa por causa de uma OP; parte de pendencias. Fonte: lotes_producao, fechamentos e o TOTVS.';
comment on column public.pendencias_ordens.tipo is 'OP_CANCELADA, OP_POSTA_DE_LADO, OP_ALTERADA, FECHAMENTO ou AJUSTE.';
comment on column public.pendencias_ordens.chave is 'Identifica o assunto dentro do tipo.';
comment on column public.pendencias_ordens.linha_id is 'Linha, se o assunto for de uma.';
comment on column public.pendencias_ordens.linha_do_setor is 'Linha cujo setor decide; nulo se todos.';
comment on column public.pendencias_ordens.descricao is 'O que aconteceu, em português.';
comment on column public.pendencias_ordens.desde is 'Desde quando espera (UTC).';
comment on column public.pendencias_ordens.funcao is 'Função SQL que resolve o assunto.';
comment on column public.pendencias_ordens.detalhes is 'Argumentos da função (p_…) e números do assunto, em contagens da máquina.';
comment on function interno.apurar_resumos(date,integer) is 'Guarda o que o resumo do dia diz a cada setor: de cada tipo, as p_itens pendências que mais esperam e quantas são.';
comment on function public.reivindicar_resumos(integer,integer) is 'Os resumos de hoje ainda não enviados, tomados por p_lease_s segundos; a primeira chamada do dia os apura, com até p_itens por tipo. Diz também quantas pendências não têm endereço.';
comment on function public.concluir_resumo(bigint,uuid,text,text) is 'Anota que o resumo foi enviado, ou por que não (p_erro): então espera outra vez. Falso se outro o tomou entretanto.';
