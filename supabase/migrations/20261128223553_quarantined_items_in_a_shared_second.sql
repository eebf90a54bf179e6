-- quarantined_items_in_a_shared_second: from the definitions in supabase/schemas, by `make migration`.

drop function interno.trecho_em_quarentena(jsonb,public.quarentena,timestamp with time zone);
alter table public.quarentena
    add column outros_segundos bigint[],
    add column outros_intervalos bigint[];

CREATE OR REPLACE FUNCTION interno.numeros(p_lista jsonb)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select array(select jsonb_array_elements_text(coalesce(nullif(p_lista, 'null'), '[]'))::bigint)
$function$;

CREATE OR REPLACE FUNCTION interno.por_em_quarentena(p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_anterior_id bigint, p_incrementos interno.incremento[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION interno.trecho_em_quarentena(p_arquivo jsonb, p_item public.quarentena, OUT parte jsonb, OUT producao bigint, OUT rejeicao bigint)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with segundos as (
        select s.*
        from jsonb_array_elements(p_arquivo -> 'linhas') as l
        cross join lateral jsonb_array_elements(l -> 'segundos') as s
        cross join lateral to_timestamp((s ->> 0)::bigint) as em
        where l ->> 'linha_id' = p_item.linha_id and em between p_item.de and p_item.ate
          and (s ->> 0)::bigint <> all(coalesce(p_item.outros_segundos, '{}'))
    ),
    intervalos as (
        select i.*
        from jsonb_array_elements(p_arquivo -> 'intervalos') as i
        where i ->> 'linha_id' = p_item.linha_id
          and date_trunc('second', (i ->> 'ate')::timestamptz) between p_item.de and p_item.ate
          and coalesce((i ->> 'byte_de')::bigint <> all(p_item.outros_intervalos), true)
    )
    select
        jsonb_build_object(
            'bucket', p_item.bucket, 'chave', p_item.chave, 'versao_id', p_item.versao_id, 'epoca', p_arquivo ->> 'epoca',
            'outros_segundos', p_item.outros_segundos, 'outros_intervalos', p_item.outros_intervalos,
            'linhas', coalesce((
                select jsonb_agg(l || jsonb_build_object('segundos', (select coalesce(jsonb_agg(s.value), '[]') from segundos as s)))
                from jsonb_array_elements(p_arquivo -> 'linhas') as l where l ->> 'linha_id' = p_item.linha_id
            ), '[]'),
            'intervalos', coalesce((select jsonb_agg(i.value) from intervalos as i), '[]')
        ),
        coalesce(sum(t.producao), 0)::bigint, coalesce(sum(t.rejeicao), 0)::bigint
    from (
        select (value ->> 1)::bigint as producao, (value ->> 2)::bigint as rejeicao from segundos
        union all
        select (value ->> 'producao')::bigint, (value ->> 'rejeicao')::bigint from intervalos
    ) as t
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
    from interno.trecho_em_quarentena(p_arquivo, v_q) as t;
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
        -- A second that is not of the item moves like the item's own and cannot be named any more.
        v_parte := case when v_q.relogio_corrigido then v_parte || '{"relogio_corrigido": true}'
            else interno.corrigir_relogio(v_parte - 'outros_segundos', v_relogio)
        end;
    end if;
    perform interno.aplicar_arquivo(
        v_q.arquivo_id, v_parte, coalesce(v_gateway, 'avulso'), v_duvida,
        interno.limite_do_futuro(interno.chegada(p_arquivo)), v_q.id
    );
    return jsonb_build_object('situacao', 'APLICADO');
end $function$;

revoke all on function interno.numeros(jsonb) from public, anon, authenticated, service_role;
revoke all on function interno.trecho_em_quarentena(jsonb,public.quarentena) from public, anon, authenticated, service_role;
comment on column public.quarentena.outros_segundos is 'Segundos (Unix) entre de e ate em que o registro por segundo da linha no arquivo não é deste item; nulo se nenhum. Fonte: registrar_contagens.';
comment on column public.quarentena.outros_intervalos is 'Primeiro byte dos intervalos do arquivo que terminam entre de e ate e não são deste item; nulo se nenhum. Fonte: registrar_contagens.';
comment on function interno.numeros(jsonb) is 'Uma lista JSON de inteiros como vetor; vazio se é nula.';
comment on function interno.trecho_em_quarentena(jsonb,public.quarentena) is 'O trecho do arquivo que um item de quarentena representa, com as suas somas.';
