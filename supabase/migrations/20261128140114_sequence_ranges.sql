-- Missing sequences are ranges: stored, listed and voided as ranges, however long; and a sequence number far from what
-- an época has received is not believed.


drop function public.anular_sequencia(text,text,bigint,text);
-- Retyped by an expression, the table is written anew past its append-only trigger: what was voided before is a range
-- of one.
alter table public.sequencias_anuladas add column ate_seq bigint;
alter table public.sequencias_anuladas
alter column ate_seq type bigint using seq,
alter column ate_seq set not null,
add constraint sequencias_anuladas_faixa check (ate_seq >= seq),
add constraint sequencias_anuladas_uma_vez exclude using gist (
    gateway with =, epoca with =, int8range(seq, ate_seq, '[]') with &&
);

alter table public.parametros disable trigger auditar; -- installed, not changed by a person
insert into public.parametros (nome, valor, descricao) values
('SEQ_SALTO_MAXIMO', 1000000, 'Quanto uma sequência pode passar da maior recebida da época; 58 dias de lotes de 5 s.'),
('SEQ_INICIAL_MAXIMA', 100000000, 'Maior sequência com que uma época pode começar; 15 anos de lotes de 5 s.');
alter table public.parametros enable trigger auditar;

-- Until now a voided sequence counted as received, and a declared end could not be corrected below it.
update public.epocas_gateway as e
set maior_seq = r.maior
from (
    select n.gateway, n.epoca, coalesce((
        select max(a.seq) from public.arquivos_ingeridos as a where a.gateway = n.gateway and a.epoca = n.epoca
    ), 0) as maior
    from public.sequencias_anuladas as n
    group by n.gateway, n.epoca
) as r
where e.gateway = r.gateway and e.epoca = r.epoca and e.maior_seq > r.maior;


CREATE OR REPLACE FUNCTION interno.seq_absurda(p_gateway text, p_epoca text, p_seq bigint)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_maior constant bigint := (select maior_seq from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca);
    v_limite constant bigint := case
        when v_maior is null then interno.parametro('SEQ_INICIAL_MAXIMA')
        else v_maior + interno.parametro('SEQ_SALTO_MAXIMO')
    end;
begin
    return case
        when p_seq <= v_limite then null
        when v_maior is null then format(
            'A sequência %s é alta demais para a primeira recebida de uma época; esperado até %s.', p_seq, v_limite
        )
        else format(
            'A sequência %s está longe demais da maior recebida desta época (%s); esperado até %s.', p_seq, v_maior, v_limite
        )
    end;
end $function$;

CREATE OR REPLACE FUNCTION interno.motivo_contra_lote(p_arquivo jsonb, p_pedida boolean, OUT motivo text, OUT detalhe text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
declare
    v_absurda constant text := interno.seq_absurda(
        p_arquivo ->> 'gateway', p_arquivo ->> 'epoca', (p_arquivo ->> 'seq')::bigint
    );
begin
    if v_absurda is not null and not p_pedida then
        motivo := 'SEQ_ABSURDA';
        detalhe := concat_ws(' ', v_absurda, p_arquivo -> 'rejeitado' ->> 'detalhe');
    elsif p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
    elsif not exists (select from public.gateways where gateway = p_arquivo ->> 'gateway') then
        motivo := 'GATEWAY_DESCONHECIDO';
        detalhe := format('O gateway %s não está cadastrado.', p_arquivo ->> 'gateway');
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_arquivo ->> 'gateway' and a.epoca = p_arquivo ->> 'epoca'
          and a.seq = (p_arquivo ->> 'seq')::bigint and a.chave <> p_arquivo ->> 'chave'
          and coalesce(a.motivo, '') not in ('SEQ_DUPLICADA', 'SEQ_ABSURDA')
    ) then
        motivo := 'SEQ_DUPLICADA';
        detalhe := format('A sequência %s desta época já chegou com outro conteúdo.', p_arquivo ->> 'seq');
    end if;
end $function$;

CREATE OR REPLACE FUNCTION interno.gravado_depois_de_descartado(p_lancamento public.arquivos_ingeridos)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select p_lancamento.motivo = 'OBJETO_ALTERADO' or p_lancamento.motivo = 'SEQ_ABSURDA' and not exists (
        select from public.quarentena as q where q.arquivo_id = p_lancamento.id and q.decisao = 'DESCARTADO'
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
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway';
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

CREATE OR REPLACE FUNCTION public.anular_sequencia(p_gateway text, p_epoca text, p_seq bigint, p_motivo text, p_ate_seq bigint DEFAULT NULL::bigint)
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
    if exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_gateway and a.epoca = p_epoca and a.seq between p_seq and v_ate
          and a.motivo is distinct from 'SEQ_ABSURDA'
    ) then
        perform interno.recusar(
            '409', 'SEQUENCIA_RECEBIDA', format('%s já chegou.', v_faixa), 'Atualize a tela de pendências.'
        );
    end if;
    if exists (
        select from public.sequencias_anuladas as n
        where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= v_ate and n.ate_seq >= p_seq
    ) then
        perform interno.recusar_decidido(format('%s já foi anulada.', v_faixa));
    end if;
    insert into public.sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)
    values (p_gateway, p_epoca, p_seq, v_ate, v_motivo, interno.usuario_atual());
    perform interno.avancar_epoca(p_gateway, p_epoca, null, null);
    perform interno.anotar_trilha(
        v_papel, 'anular_sequencia', format('epocas_gateway:%s:%s', p_gateway, p_epoca), null,
        jsonb_build_object('seq', p_seq, 'ate_seq', v_ate), v_motivo
    );
    return (
        select jsonb_build_object(
            'gateway', gateway, 'epoca', epoca, 'seq', p_seq, 'ate_seq', v_ate, 'ultima_seq_continua', ultima_seq_continua
        )
        from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca
    );
end $function$;

CREATE OR REPLACE FUNCTION public.encerrar_epoca(p_gateway text, p_epoca text, p_ultima_seq bigint, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('encerrar_epoca', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
    v_limite constant bigint := v_antes.maior_seq + interno.parametro('SEQ_SALTO_MAXIMO');
    v_depois public.epocas_gateway := v_antes;
begin
    if p_ultima_seq < v_antes.maior_seq or p_ultima_seq is null and v_antes.ultima_seq_declarada is null then
        perform interno.recusar(
            '422', 'SEQUENCIA_MENOR', format('Já chegou a sequência %s desta época.', v_antes.maior_seq),
            'Declare a última sequência que o spool selou, nunca menor que a recebida.'
        );
    end if;
    if p_ultima_seq > v_limite then
        perform interno.recusar(
            '422', 'SEQUENCIA_IMPLAUSIVEL',
            format('A maior sequência recebida é %s: %s está longe demais dela.', v_antes.maior_seq, p_ultima_seq),
            format('Confira o número; declara-se até %s (parâmetro SEQ_SALTO_MAXIMO).', v_limite)
        );
    end if;
    if v_antes.ultima_seq_declarada is distinct from p_ultima_seq then
        update public.epocas_gateway
        set ultima_seq_declarada = p_ultima_seq,
            declarada_em = case when p_ultima_seq is not null then clock_timestamp() end,
            ultima_seq_continua = least(ultima_seq_continua, greatest(maior_seq, p_ultima_seq))
        where gateway = p_gateway and epoca = p_epoca;
        perform interno.avancar_epoca(p_gateway, p_epoca, null, null);
        select * into v_depois from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
        perform interno.anotar_trilha(
            v_papel, 'encerrar_epoca', format('epocas_gateway:%s:%s', p_gateway, p_epoca),
            jsonb_build_object('ultima_seq_declarada', v_antes.ultima_seq_declarada),
            jsonb_build_object('ultima_seq_declarada', p_ultima_seq), v_motivo
        );
    end if;
    return jsonb_build_object(
        'gateway', p_gateway, 'epoca', p_epoca, 'ultima_seq_declarada', p_ultima_seq,
        'ultima_seq_continua', v_depois.ultima_seq_continua
    );
end $function$;

create or replace view public.lacunas_sequencia with (security_invoker=true) as
 WITH chegadas AS (
         SELECT e.gateway,
            e.epoca,
            e.ultima_seq_continua,
            a.seq,
            a.seq AS ate_seq,
            a.ingerido_em AS em,
            1 AS recebida
           FROM (public.epocas_gateway e
             CROSS JOIN LATERAL ( SELECT x.seq,
                    x.ingerido_em
                   FROM public.arquivos_ingeridos x
                  WHERE ((x.gateway = e.gateway) AND (x.epoca = e.epoca) AND (x.seq > e.ultima_seq_continua) AND (x.motivo IS DISTINCT FROM 'SEQ_ABSURDA'::text))
                  ORDER BY x.seq
                 LIMIT 20000) a)
        UNION ALL
         SELECT e.gateway,
            e.epoca,
            e.ultima_seq_continua,
            n.seq,
            n.ate_seq,
            n.em,
            0
           FROM (public.epocas_gateway e
             JOIN public.sequencias_anuladas n ON (((e.gateway = n.gateway) AND (e.epoca = n.epoca) AND (e.ultima_seq_continua < n.ate_seq))))
        UNION ALL
         SELECT e.gateway,
            e.epoca,
            e.ultima_seq_continua,
            (e.ultima_seq_declarada + 1),
            (e.ultima_seq_declarada + 1),
            e.declarada_em,
            0
           FROM public.epocas_gateway e
          WHERE (e.ultima_seq_declarada > e.ultima_seq_continua)
        )
 SELECT gateway,
    epoca,
    seq,
    anterior,
    desde
   FROM ( SELECT c.gateway,
            c.epoca,
            c.seq,
            COALESCE(max(c.ate_seq) OVER antes, c.ultima_seq_continua) AS anterior,
            sum(c.recebida) OVER antes AS recebidas,
            min(c.em) OVER (PARTITION BY c.gateway, c.epoca ORDER BY c.seq DESC, c.ate_seq DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS desde
           FROM chegadas c
          WINDOW antes AS (PARTITION BY c.gateway, c.epoca ORDER BY c.seq, c.ate_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) p
  WHERE ((recebidas IS NULL) OR (recebidas < 20000));

CREATE OR REPLACE FUNCTION public.lacunas_gateways(p_idade_s integer)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object(
        'gateway', l.gateway, 'epoca', l.epoca, 'de', l.anterior + 1, 'ate', l.seq - 1,
        'depois_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq <= l.anterior
              and a.motivo is distinct from 'SEQ_ABSURDA'
            order by a.seq desc limit 1
        ),
        'antes_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq >= l.seq
              and a.motivo is distinct from 'SEQ_ABSURDA'
            order by a.seq limit 1
        )
    )), '[]')
    from public.lacunas_sequencia as l
    where l.seq - l.anterior > 1 and l.desde < clock_timestamp() - make_interval(secs => p_idade_s)
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
    ((((p.gateway || ':'::text) || p.epoca) || ':'::text) || concat_ws('-'::text, (p.anterior + 1), NULLIF((p.seq - 1), (p.anterior + 1)))) AS chave,
    NULL::text AS linha_id,
    NULL::text AS setor,
        CASE
            WHEN ((p.seq - p.anterior) = 2) THEN format('O lote %s do gateway %s não chegou.'::text, (p.seq - 1), p.gateway)
            ELSE format('Os lotes de %s a %s do gateway %s não chegaram (%s).'::text, (p.anterior + 1), (p.seq - 1), p.gateway, ((p.seq - p.anterior) - 1))
        END AS descricao,
    p.desde,
    array_to_string(public.papeis_da_funcao('anular_sequencia'::text), ', '::text) AS quem_decide,
    'anular_sequencia'::text AS funcao,
    jsonb_build_object('p_gateway', p.gateway, 'p_epoca', p.epoca, 'p_seq', (p.anterior + 1), 'p_ate_seq', (p.seq - 1)) AS detalhes
   FROM public.lacunas_sequencia p
  WHERE (((p.seq - p.anterior) > 1) AND (p.desde < (now() - '00:10:00'::interval)))
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

revoke all on function interno.gravado_depois_de_descartado(public.arquivos_ingeridos) from public, anon, authenticated, service_role;
revoke all on function interno.motivo_contra_lote(jsonb,boolean) from public, anon, authenticated, service_role;
revoke all on function interno.seq_absurda(text,text,bigint) from public, anon, authenticated, service_role;
revoke all on function public.anular_sequencia(text,text,bigint,text,bigint) from public, anon, authenticated, service_role;
grant execute on function public.anular_sequencia(text,text,bigint,text,bigint) to authenticated;
grant execute on function public.anular_sequencia(text,text,bigint,text,bigint) to service_role;
comment on column public.epocas_gateway.ultima_seq_continua is 'Maior n com 1..n todas aplicadas, em quarentena ou anuladas; no máximo a maior recebida ou declarada. Fonte: registrar_contagens.';
comment on column public.epocas_gateway.maior_seq is 'Maior sequência recebida, sem as absurdas (SEQ_ABSURDA). Fonte: registrar_contagens.';
comment on table public.sequencias_anuladas is 'Faixas de sequências que uma pessoa declarou perdidas, somente acréscimo. Fonte: anular_sequencia.';
comment on view public.lacunas_sequencia is 'Onde as sequências de uma época podem ter faltas: entre cada uma e as anteriores. Fonte: arquivos_ingeridos.';
comment on column public.lacunas_sequencia.anterior is 'Maior das anteriores que chegaram ou foram anuladas; o que fica entre as duas falta (nada, se não há nada entre elas).';
comment on function public.encerrar_epoca(text,text,bigint,text) is 'Declara a última sequência de uma época que não envia mais, ou corrige a declarada (nulo: a época continua); as que faltarem até ela viram pendência.';
comment on column public.sequencias_anuladas.seq is 'Primeira sequência da faixa.';
comment on column public.sequencias_anuladas.ate_seq is 'Última sequência da faixa (inclusive).';
comment on function interno.seq_absurda(text,text,bigint) is 'Por que a sequência não pode ser acreditada ao lado do que a época já recebeu; nulo se pode.';
comment on function interno.motivo_contra_lote(jsonb,boolean) is 'Por que um lote ainda não contado não pode ser contado; nulos se nada o impede.';
comment on function interno.gravado_depois_de_descartado(public.arquivos_ingeridos) is 'Se o lançamento é de uma versão que veio depois de outra ter sido descartada, e que uma pessoa pode mandar contar.';
comment on function public.anular_sequencia(text,text,bigint,text,bigint) is 'Declara perdida uma sequência que não chegou, ou todas até p_ate_seq, para que as marcas avancem. A que chegar depois é contada assim mesmo.';
