-- health_ages_and_progress: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION interno.andamento()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select jsonb_build_object(
        -- The first open report of each order, unless a person decides it; what stands behind one waits for that person.
        'envio_mais_antigo_s', coalesce((
            select floor(extract(epoch from clock_timestamp() - min(c.criado_em)))::integer
            from (
                select distinct on (e.numero_op) e.situacao, e.proxima_em, e.criado_em
                from public.envios_totvs as e
                where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
                order by e.numero_op, e.ordem
            ) as c
            where c.situacao in ('PENDENTE', 'ENVIANDO') or c.situacao = 'INCERTO' and c.proxima_em is not null
        ), 0),
        'envios_abertos', (
            select count(*) from public.envios_totvs as e where e.situacao not in ('CONFIRMADO', 'DESCARTADO')
        ),
        'ordens_abertas', (
            select count(distinct p.numero_op)
            from public.linhas as l
            inner join public.periodos_ordem as p on p.linha_id = l.linha_id and p.intervalo @> clock_timestamp()
            where upper_inf(p.intervalo)
        ),
        -- Two minutes back: the last second of the minute before is still on its way.
        'contagens_minuto', coalesce((
            select jsonb_object_agg(t.setor, t.contagens)
            from (
                select l.setor, sum(coalesce(m.total_producao, 0)) as contagens
                from public.linhas as l
                left join public.contagens_minuto as m
                    on m.linha_id = l.linha_id
                    and m.minuto = date_trunc('minute', clock_timestamp()) - interval '2 minutes'
                group by l.setor
            ) as t
        ), '{}'),
        'marca_mais_atrasada_s', (
            select floor(extract(epoch from clock_timestamp() - min(t.ate)))::integer
            from (
                select max(m.ate) as ate
                from public.fontes_linha as f
                inner join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id
            ) as t
            where t.ate >= clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        )
    )
$function$;

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
    ) || interno.andamento()
$function$;

revoke all on function interno.andamento() from public, anon, authenticated, service_role;
comment on function public.saude_integracao() is 'O que os alarmes medem e o painel do CloudWatch mostra: disjuntor, fechamentos além do prazo, envios parados ou antigos, linhas e gateways em silêncio, contagens do minuto; e o dia do último resumo por e-mail.';
comment on function interno.andamento() is 'O que anda: há quanto tempo espera o envio mais antigo que não é de uma pessoa, envios e ordens abertos, contagens da máquina por setor no último minuto inteiro, atraso da marca mais antiga entre as linhas que reportam.';
