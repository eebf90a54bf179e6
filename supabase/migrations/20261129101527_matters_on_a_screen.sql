-- matters_on_a_screen: from the definitions in supabase/schemas, by `make migration`.

-- Whom to call about a matter of another role.
create table public.plantao (
    id bigint generated always as identity primary key,
    papel text not null check (papel in ('ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN')),
    setor text check (setor in ('SPEP', 'SPPV', 'LIQUIDOS', 'CPHD')),
    nome text not null,
    telefone text not null,
    unique nulls not distinct (papel, setor)
);

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
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem', 'definir_plantao')
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'definir_linha', 'definir_gateway',
            'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno', 'definir_tipo_insumo', 'definir_familia_sem_lote',
            'definir_recurso', 'definir_operacao'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in (
            'definir_parametro', 'definir_papel', 'definir_pessoa', 'definir_operador', 'definir_endereco_resumo', 'aprovar_apontamento_ti'
        )
            then array['ADMIN']
        when p_funcao = 'aprovar_apontamento_qualidade'
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.detalhar_motivos(p_motivos text[], p_fonte text, p_linha_id text, p_marca timestamp with time zone, p_anterior_id bigint)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
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
$function$;

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
            'O envio %s é alto demais para o primeiro recebido de uma instalação; esperado até %s.', p_seq, v_limite
        )
        else format(
            'O envio %s está longe demais do último recebido desta instalação (%s); esperado até %s.', p_seq, v_maior, v_limite
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
        detalhe := format('O envio %s desta instalação já chegou com outro conteúdo.', p_arquivo ->> 'seq');
    end if;
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
    from interno.trecho_em_quarentena(p_arquivo, v_q) as t;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao)
        or v_lancamento.aceito_sha256 is distinct from p_arquivo #>> '{aceito,sha256}' then
        return interno.desistir_da_releitura(v_q.id, 'REPROCESSO_DIVERGENTE', format(
            'Lido de novo, o trecho traz %s (rejeição %s), não o que estava à espera; não foi contado.',
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
end $function$;

CREATE OR REPLACE FUNCTION interno.epoca_para_decisao(p_gateway text, p_epoca text)
 RETURNS public.epocas_gateway
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_epoca public.epocas_gateway;
begin
    perform interno.travar_chaves(array['epoca:' || p_gateway || ':' || p_epoca]);
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;
    if v_epoca.gateway is null then
        perform interno.recusar_desconhecido(
            'EPOCA_DESCONHECIDA', format('O gateway %s não tem a instalação %s.', p_gateway, p_epoca)
        );
    end if;
    return v_epoca;
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
        perform interno.recusar_decidido(format('De %s a %s não falta mais nenhum envio.', p_seq, p_ate_seq));
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
    v_faixa constant text := case when v_ate = p_seq then format('O envio %s', p_seq) else format('De %s a %s, algum envio', p_seq, v_ate) end;
    v_faixas jsonb;
begin
    if p_seq is null or p_seq < 1 or v_ate < p_seq or v_ate > v_fim then
        perform interno.recusar(
            '422', 'SEQUENCIA_FORA',
            case
                when v_ate = p_seq then format('O envio %s não falta: a instalação vai de 1 a %s.', p_seq, v_fim)
                else format('De %s a %s não é uma faixa que falte: a instalação vai de 1 a %s.', p_seq, v_ate, v_fim)
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
        perform interno.recusar_decidido(format('%s já foi dado por perdido.', v_faixa));
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
            '422', 'SEQUENCIA_MENOR', format('Já chegou o envio %s desta instalação.', v_antes.maior_seq),
            'Diga o último envio que o gateway selou, nunca menor que o recebido.'
        );
    end if;
    if p_ultima_seq > v_limite then
        perform interno.recusar(
            '422', 'SEQUENCIA_IMPLAUSIVEL',
            format('O maior envio recebido é %s: %s está longe demais dele.', v_antes.maior_seq, p_ultima_seq),
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
            'QUARENTENA_DESCONHECIDA', format('Não há item não lido %s.', array_to_string((coalesce(p_ids, array[p_id]))[:20], ', '))
        );
    end if;
    perform interno.travar_chaves(v_chaves);
    perform from public.quarentena as q where q.id = any(itens) order by q.id for update;
    select array_agg(q.id order by q.id) filter (where q.resolvida_em is null), min(q.id) filter (where q.resolvida_em is not null)
    into v_abertas, v_decidida
    from public.quarentena as q where q.id = any(itens);
    if v_decidida is not null and (v_abertas is null or p_assunto is null or p_ids is not null) then
        perform interno.recusar_decidido(
            format('O item %s já foi resolvido em %s.', v_decidida, (
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
            '409', 'NADA_A_REPROCESSAR', format('O item %s é do que a fonte %s já tinha contado; não está em arquivo.', v_q.id, v_q.fonte),
            'Se a linha era dessa fonte, diga-o com definir_fonte: as contagens voltam. Se não, descarte-o com resolver_quarentena.'
        );
    elsif v_q.id is not null then
        perform interno.recusar(
            '409', 'NADA_A_REPROCESSAR', format('Lido de novo, o item %s daria no mesmo (%s).', v_q.id, v_q.motivo),
            'Descarte-o com resolver_quarentena e registre o que faltar de outra forma.'
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

CREATE OR REPLACE FUNCTION interno.quarentenas_no_intervalo(p_linha_id text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS TABLE(p_id bigint, p_assunto text, quais text, detalhe text)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    select t.ultimo, t.assunto,
        case when t.itens = 1 then 'Item não lido ' || t.ultimo else format('%s itens não lidos', t.itens) end, p.detalhe
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
        case when count(*) = 1 then 'A contagem duvidosa ' || max(c.id) else format('O grupo de %s contagens duvidosas', count(*)) end,
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
                format('O gateway %s foi reinstalado e falta algo da instalação anterior.', v_fonte.fonte),
                'Diga o último envio dela com encerrar_epoca e resolva os que faltam.');
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
        ), eventos AS (
         SELECT e.situacao,
            min(e.id) AS primeiro,
            max(e.id) AS ultimo,
            count(*) AS itens,
            min(e.recebido_em) AS desde
           FROM public.eventos_totvs e
          WHERE ((e.resolvido_em IS NULL) AND ((e.situacao = 'RECUSADO'::text) OR ((e.situacao = 'ESTACIONADO'::text) AND (e.recebido_em < (now() - '00:30:00'::interval)))))
          GROUP BY e.situacao, e.tipo, COALESCE(e.referencia, e.sha256)
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
            format('O gateway %s foi reinstalado; falta dizer o último envio da instalação anterior (recebido até %s).'::text, e.gateway, e.maior_seq) AS format,
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
            (g.primeiro)::text AS primeiro,
            NULL::text AS linha_id,
            NULL::text AS linha_do_setor,
            format('Evento do TOTVS (%s)%s: %s'::text, concat_ws(' '::text, e.tipo, e.referencia),
                CASE
                    WHEN (g.itens > 1) THEN format(', enviado %s vezes'::text, g.itens)
                    ELSE NULL::text
                END, e.motivo) AS format,
            g.desde,
            'resolver_evento_totvs'::text AS funcao,
            jsonb_build_object('p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id, 'itens', g.itens) AS jsonb_build_object
           FROM (eventos g
             JOIN public.eventos_totvs e ON ((g.ultimo = e.id)))
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
            format('Envio %s ao TOTVS (%s, OP %s): %s%s. %s'::text, e.id_externo, e.tipo, e.numero_op, lower(e.situacao),
                CASE
                    WHEN ((e.situacao = 'INCERTO'::text) OR e.pode_ter_entrado) THEN ', pode ter entrado'::text
                    ELSE NULL::text
                END, e.erro) AS format,
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

CREATE OR REPLACE FUNCTION interno.argumentos_comuns()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json${
        "p_motivo": {"rotulo": "Motivo", "tipo": "longo", "minimo": 5, "maximo": 2000, "obrigatorio": true},
        "p_chave": {"rotulo": "Chave do pedido", "tipo": "texto", "opcional": true, "pedir": false},
        "p_visto": {"rotulo": "O que se viu", "tipo": "texto", "opcional": true, "pedir": false},
        "p_ids": {"rotulo": "Itens", "tipo": "ids", "opcional": true, "pedir": false},
        "p_assunto": {"rotulo": "Assunto", "tipo": "texto", "opcional": true, "pedir": false, "de_detalhes": "p_assunto"},
        "p_id": {"rotulo": "Item", "tipo": "inteiro", "pedir": false, "de_detalhes": "p_id"},
        "p_numero_op": {"rotulo": "OP", "tipo": "op", "maximo": 14, "de_detalhes": "p_numero_op"},
        "p_linha_id": {"rotulo": "Linha", "tipo": "linha", "maximo": 32, "de_detalhes": "p_linha_id"},
        "p_gateway": {"rotulo": "Gateway", "tipo": "gateway", "maximo": 63, "de_detalhes": "p_gateway"},
        "p_epoca": {"rotulo": "Instalação", "tipo": "texto", "pedir": false, "de_detalhes": "p_epoca"},
        "p_data": {"rotulo": "Dia do turno", "tipo": "data", "de_detalhes": "p_data"},
        "p_turno": {"rotulo": "Turno", "tipo": "turno", "maximo": 8, "de_detalhes": "p_turno"},
        "p_de": {"rotulo": "A partir de", "tipo": "instante"},
        "p_ate": {"rotulo": "Até (vazio: em diante)", "tipo": "instante", "obrigatorio": false},
        "p_usuario_id": {"rotulo": "Pessoa", "tipo": "pessoa"},
        "p_prefixo": {"rotulo": "Começo do código do produto", "tipo": "texto", "maximo": 30},
        "p_descricao": {"rotulo": "Descrição", "tipo": "texto", "maximo": 80},
        "p_setor": {"rotulo": "Setor (vazio: todos)", "tipo": "escolha", "obrigatorio": false, "escolhas": [
            {"valor": "SPEP", "rotulo": "SPEP"}, {"valor": "SPPV", "rotulo": "SPPV"},
            {"valor": "LIQUIDOS", "rotulo": "Líquidos"}, {"valor": "CPHD", "rotulo": "CPHD"}
        ]},
        "p_etapa": {"rotulo": "Etapa", "tipo": "escolha", "escolhas": [
            {"valor": "ENVASE", "rotulo": "Envase"}, {"valor": "EMBALAGEM", "rotulo": "Embalagem"}
        ]}
    }$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_contagem()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "justificar_sem_ordem", "titulo": "Justificar a contagem sem OP", "em_lote": true,
         "explicacao": "As contagens ficam registradas sem OP, com o motivo, e não entram em lote nenhum.",
         "argumentos": ["p_linha_id", {"nome": "p_de", "de_detalhes": "p_de", "pedir": false},
             {"nome": "p_ate", "de_detalhes": "p_ate", "ate_visto": true, "pedir": false, "obrigatorio": true}, "p_motivo"]},
        {"funcao": "decidir_retido", "titulo": "Decidir a contagem duvidosa", "em_lote": true,
         "explicacao": "A contagem original permanece registrada, com a decisão e o motivo.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "opcional": true, "obrigatorio": true, "escolhas": [
                 {"valor": "ATRIBUIR", "rotulo": "Contar numa OP", "efeito": "Entra no total da OP informada, que já esteve aberta na linha."},
                 {"valor": "DESCARTAR", "rotulo": "Não contar", "efeito": "Não entra em total nenhum; diga no motivo por que a máquina não fez isso."}
             ]},
             {"nome": "p_numero_op", "rotulo": "OP, se a contagem é de uma", "opcional": true, "de_detalhes": null},
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "resolver_quarentena", "titulo": "Não contar", "em_lote": true,
         "explicacao": "Nada disto entra nos totais. O arquivo original é guardado, com a decisão e o motivo.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "reprocessar_quarentena", "titulo": "Ler de novo e contar", "em_lote": true,
         "explicacao": "O arquivo é lido outra vez em alguns minutos e conta, se o que o impedia foi resolvido.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "decidir_relogio", "titulo": "Decidir a hora das contagens", "todos_setores": true, "em_lote": false,
         "explicacao": "Diz em que hora contam as leituras feitas com o relógio errado; vale em até um minuto.",
         "argumentos": ["p_id",
             {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
                 {"valor": "MANTER", "rotulo": "Manter a hora do gateway", "efeito": "Nada muda de lugar."},
                 {"valor": "FONTE", "rotulo": "Usar a hora das máquinas", "efeito": "Cada contagem vai para a hora que a máquina deu; a que não tem fica onde está."},
                 {"valor": "DESLOCAR", "rotulo": "Corrigir a hora", "efeito": "Todas mudam pelos segundos informados."}
             ]},
             {"nome": "p_deslocar_s", "rotulo": "Segundos que o relógio esteve adiantado (negativo: atrasado), só para corrigir",
              "tipo": "inteiro", "opcional": true}, "p_motivo"]},
        {"funcao": "anular_sequencia", "titulo": "Dar o envio por perdido", "todos_setores": true, "em_lote": true,
         "explicacao": "Os lotes deixam de esperar por ele. Se chegar depois, é contado assim mesmo.",
         "argumentos": ["p_gateway", "p_epoca", {"nome": "p_seq", "rotulo": "Envio", "tipo": "inteiro", "de_detalhes": "p_seq", "pedir": false},
             {"nome": "p_ate_seq", "rotulo": "Até o envio", "tipo": "inteiro", "opcional": true, "de_detalhes": "p_ate_seq", "ate_visto": true, "pedir": false},
             {"nome": "p_so_faltas", "rotulo": "Só os que faltam", "tipo": "sim_nao", "opcional": true, "de_detalhes": "p_so_faltas", "pedir": false}, "p_motivo"]},
        {"funcao": "encerrar_epoca", "titulo": "Dizer qual foi o último envio", "todos_setores": true, "em_lote": false,
         "explicacao": "O gateway foi reinstalado. Diga o último envio da instalação anterior: os lotes esperam até ele, e o que faltar vira pendência.",
         "argumentos": ["p_gateway", "p_epoca",
             {"nome": "p_ultima_seq", "rotulo": "Último envio da instalação anterior", "tipo": "inteiro", "sugestao": "maior_seq"}, "p_motivo"]}
    ]$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_ordem()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "abrir_ordem", "titulo": "Abrir a OP", "em_lote": false,
         "explicacao": "A OP conta na linha desde a hora dita: o que a linha fez sem OP passa a ser dela.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_aberta_em", "rotulo": "Aberta em (vazio: agora)", "tipo": "instante", "opcional": true, "sugestao": "p_de"},
             {"nome": "p_motivo", "opcional": true}, "p_visto"]},
        {"funcao": "encerrar_ordem", "titulo": "Encerrar a OP na linha", "em_lote": false,
         "explicacao": "O que a linha fizer depois da hora dita não é mais desta OP.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_encerrada_em", "rotulo": "Encerrada em (vazio: agora)", "tipo": "instante", "opcional": true},
             {"nome": "p_motivo", "opcional": true}, "p_visto"]},
        {"funcao": "por_ordem_de_lado", "titulo": "Pôr a OP de lado", "em_lote": false, "confere": ["producao", "rejeicao"],
         "explicacao": "A OP não fecha: as contagens ficam, o TOTVS não recebe produção dela, e o já aceito é estornado.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "retomar_ordem", "titulo": "Retomar a OP", "em_lote": false,
         "explicacao": "A OP volta a esperar o fechamento e pode ser aberta de novo.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "reconhecer_alteracao_op", "titulo": "Vi a mudança", "em_lote": true, "confere": ["alteracoes"],
         "explicacao": "Fica registrado que alguém viu o que o TOTVS mudou; as contagens ficam onde estão.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "fechar_com_ressalva", "titulo": "Fechar o lote com ressalva", "em_lote": false,
         "explicacao": "O lote fecha com o que foi contado até agora. O que faltava fica escrito no fechamento; o que chegar depois é ajuste.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "decidir_ajustes", "titulo": "Decidir os ajustes", "todos_setores": true, "em_lote": false, "confere": ["ajustes"],
         "explicacao": "O lote já fechado mudou; diga se a diferença vale.",
         "argumentos": ["p_numero_op", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "APROVAR", "rotulo": "Aprovar", "efeito": "A diferença vai ao TOTVS, se o lote foi informado a ele."},
             {"valor": "RECUSAR", "rotulo": "Recusar", "efeito": "O fechamento fica como está e o TOTVS não é avisado."}
         ]}, "p_motivo",
             {"nome": "p_ajustes", "rotulo": "Ajustes vistos", "tipo": "ids", "opcional": true, "pedir": false}]},
        {"funcao": "decidir_envio", "titulo": "Decidir o apontamento", "todos_setores": true, "em_lote": false, "confere": ["situacao"],
         "explicacao": "Confira no TOTVS se o apontamento está lá antes de decidir.",
         "argumentos": ["p_id", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "ENTROU", "rotulo": "Está no TOTVS", "efeito": "Fica como informado e não vai de novo."},
             {"valor": "REENVIAR", "rotulo": "Não está no TOTVS: enviar de novo", "efeito": "Vai de novo. Se já estiver lá, fica em dobro."},
             {"valor": "DESCARTAR", "rotulo": "Não enviar", "efeito": "Não vai mais; o TOTVS fica sem ele."}
         ]},
             {"nome": "p_chave_erp", "rotulo": "Número no TOTVS, se está lá", "tipo": "texto", "maximo": 100, "opcional": true}, "p_motivo"]},
        {"funcao": "resolver_evento_totvs", "titulo": "Pôr a mensagem de lado", "todos_setores": true, "em_lote": true,
         "explicacao": "A mensagem do TOTVS não é mais aplicada; se ele a mandar de novo, é outra.",
         "argumentos": ["p_id", "p_motivo"]},
        {"funcao": "aprovar_apontamento_ti", "titulo": "Aprovar, pela TI", "em_lote": false,
         "explicacao": "As OPs abertas na linha desde a hora dita passam a ser informadas ao TOTVS quando as duas áreas aprovarem.",
         "argumentos": ["p_linha_id", {"nome": "p_desde", "rotulo": "Desde (vazio: desde a segunda aprovação)", "tipo": "instante",
             "de_detalhes": "p_desde", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "aprovar_apontamento_qualidade", "titulo": "Aprovar, pela Qualidade", "em_lote": false,
         "explicacao": "As OPs abertas na linha desde a hora dita passam a ser informadas ao TOTVS quando as duas áreas aprovarem.",
         "argumentos": ["p_linha_id", {"nome": "p_desde", "rotulo": "Desde (vazio: desde a segunda aprovação)", "tipo": "instante",
             "de_detalhes": "p_desde", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "suspender_apontamento", "titulo": "Não informar a linha ao TOTVS", "em_lote": false,
         "explicacao": "A linha volta à conferência, ou a aprovação que espera a outra é retirada.",
         "argumentos": ["p_linha_id", {"nome": "p_ate", "rotulo": "A partir de (vazio: agora)"}, "p_motivo"]}
    ]$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_turno()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "registrar_refugo", "titulo": "Registrar refugo ou amostra", "em_lote": false,
         "explicacao": "Unidades tiradas da OP na linha.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_quantidade", "rotulo": "Unidades", "tipo": "inteiro"},
             {"nome": "p_tipo", "rotulo": "Tipo", "tipo": "escolha", "opcional": true, "escolhas": [
                 {"valor": "REFUGO", "rotulo": "Refugo"}, {"valor": "RETEM", "rotulo": "Retém"},
                 {"valor": "AMOSTRA_SEMIACABADO", "rotulo": "Amostra de semiacabado"}, {"valor": "AMOSTRA_ACABADO", "rotulo": "Amostra de acabado"}
             ]},
             {"nome": "p_codigo", "rotulo": "Código do motivo do refugo", "tipo": "texto", "maximo": 30, "opcional": true},
             {"nome": "p_em", "rotulo": "Quando (vazio: agora)", "tipo": "instante", "opcional": true},
             {"nome": "p_observacao", "rotulo": "Observação", "tipo": "longo", "maximo": 2000, "opcional": true}, "p_chave"]},
        {"funcao": "estornar_refugo", "titulo": "Anular um registro de refugo", "em_lote": false, "tela": "turno",
         "explicacao": "O registro deixa de valer por inteiro; o original permanece.",
         "argumentos": ["p_id", "p_motivo", "p_chave"]},
        {"funcao": "registrar_contagem_manual", "titulo": "Registrar a contagem à mão", "em_lote": false,
         "explicacao": "O que se contou à mão da OP no turno, numa linha sem contador.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_producao", "rotulo": "Produzidas", "tipo": "inteiro"},
             {"nome": "p_rejeicao", "rotulo": "Rejeitadas", "tipo": "inteiro", "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se corrige"}, "p_chave"]},
        {"funcao": "mover_contagem_manual", "titulo": "Passar a contagem à mão a outra OP", "em_lote": false,
         "explicacao": "A contagem do turno passa inteira de uma OP para a outra.",
         "argumentos": [{"nome": "p_de_numero_op", "rotulo": "Da OP", "tipo": "op", "maximo": 14}, {"nome": "p_numero_op", "rotulo": "Para a OP"},
             "p_linha_id", "p_data", "p_turno", "p_motivo", "p_chave"]},
        {"funcao": "registrar_conferencia", "titulo": "Registrar a contagem da fábrica, para comparar", "em_lote": false,
         "explicacao": "Só se compara com a nossa; não entra em total nenhum.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_produzidas", "rotulo": "Produzidas", "tipo": "inteiro"},
             {"nome": "p_refugadas", "rotulo": "Refugadas", "tipo": "inteiro", "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se corrige"}, "p_chave"]},
        {"funcao": "conciliar_refugo", "titulo": "Dizer qual refugo vale", "em_lote": false,
         "explicacao": "Vale no turno, enquanto nenhum dos dois mudar.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_vale", "rotulo": "Vale", "tipo": "escolha", "escolhas": [
                 {"valor": "MAQUINA", "rotulo": "O da máquina", "efeito": "O refugo do turno é o que a máquina rejeitou."},
                 {"valor": "DIGITADO", "rotulo": "O digitado", "efeito": "O refugo do turno é o que se digitou."}
             ]}, "p_motivo", "p_chave"]},
        {"funcao": "confirmar_turno", "titulo": "Confirmar o turno da linha", "em_lote": false, "tela": "turno",
         "explicacao": "Confirma-se na tela do Diário, com a equipe.",
         "argumentos": ["p_linha_id", "p_data", "p_turno", {"nome": "p_equipe", "rotulo": "Equipe", "tipo": "nomes"},
             {"nome": "p_observacao", "rotulo": "Observação", "tipo": "longo", "maximo": 2000, "opcional": true}, "p_chave"]},
        {"funcao": "devolver_diario", "titulo": "Devolver o Diário ao operador", "em_lote": false, "tela": "turno",
         "explicacao": "Devolve-se na tela do Diário, com motivo; não se assina antes de nova confirmação.",
         "argumentos": ["p_linha_id", "p_data", "p_turno", "p_motivo", "p_chave"]},
        {"funcao": "assinar_diario", "titulo": "Assinar o Diário de Bordo", "em_lote": false, "tela": "turno",
         "explicacao": "Assina-se na tela do Diário, depois de conferir.",
         "argumentos": ["p_linha_id", "p_data", "p_turno",
             {"nome": "p_significado", "rotulo": "Significado", "tipo": "longo", "maximo": 500, "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se assina de novo"}, "p_visto"]}
    ]$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_cadastro()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "definir_linha", "titulo": "Cadastrar ou mudar uma linha",
         "explicacao": "Vale o cadastro inteiro: o que ficar em branco deixa de valer.",
         "argumentos": ["p_linha_id", {"nome": "p_nome", "rotulo": "Nome", "tipo": "texto", "maximo": 80},
             {"nome": "p_setor", "rotulo": "Setor", "obrigatorio": true}, "p_etapa",
             {"nome": "p_marca_clp", "rotulo": "Marca do CLP", "tipo": "texto", "maximo": 80, "obrigatorio": false},
             {"nome": "p_ativa", "rotulo": "Em uso", "tipo": "sim_nao"},
             {"nome": "p_maximo_por_segundo", "rotulo": "Máximo possível por segundo", "tipo": "inteiro", "obrigatorio": false},
             {"nome": "p_regra_refugo", "rotulo": "Refugo que vale", "tipo": "escolha", "escolhas": [
                 {"valor": "MAQUINA", "rotulo": "O da máquina"}, {"valor": "DIGITADO", "rotulo": "O digitado"},
                 {"valor": "CONCILIAR", "rotulo": "Os dois devem concordar", "efeito": "Se divergem, alguém diz qual vale em cada turno."}
             ]}, "p_motivo"]},
        {"funcao": "definir_gateway", "titulo": "Cadastrar o gateway", "todos_setores": true,
         "explicacao": "O gateway passa a ser aceito, e o que ele já mandou é lido de novo em até um minuto; depois, diga que linhas ele conta.",
         "argumentos": [{"nome": "p_gateway", "de_detalhes": "gateway"},
             {"nome": "p_descricao", "rotulo": "Onde fica", "maximo": 200}, "p_motivo"]},
        {"funcao": "definir_fonte", "titulo": "Dizer quem conta a linha", "em_lote": true,
         "explicacao": "O já contado segue o que se disser, e o que esperava é lido de novo em até um minuto.",
         "argumentos": [{"nome": "p_linha_id", "de_detalhes": "linha"},
             {"nome": "p_fonte", "rotulo": "Fonte", "tipo": "fonte", "maximo": 63, "de_detalhes": "fonte"},
             {"nome": "p_papel", "rotulo": "Papel da fonte na linha", "tipo": "escolha", "escolhas": [
                 {"valor": "contagem", "rotulo": "Conta a linha", "efeito": "As contagens dela entram nos totais; nenhuma outra conta a linha nesse tempo."},
                 {"valor": "conferencia", "rotulo": "Só confere", "efeito": "Aparece ao lado, sem somar."},
                 {"valor": "nenhum", "rotulo": "Nada", "efeito": "O que ela contou da linha nesse tempo sai dos totais."}
             ]}, {"nome": "p_de", "sugestao": "de"}, "p_ate", "p_motivo"]},
        {"funcao": "definir_fator", "titulo": "Mudar o fator da linha",
         "explicacao": "Unidades por contagem da máquina. As OPs abertas nesse tempo mudam; das já fechadas surge um ajuste.",
         "argumentos": ["p_linha_id", {"nome": "p_contador", "rotulo": "Contador", "tipo": "escolha", "escolhas": [
             {"valor": "producao", "rotulo": "Produção"}, {"valor": "rejeicao", "rotulo": "Rejeição"}
         ]}, {"nome": "p_fator", "rotulo": "Unidades por contagem", "tipo": "inteiro"}, "p_de", "p_ate", "p_motivo"]},
        {"funcao": "definir_etapa", "titulo": "Definir uma etapa da família", "todos_setores": true,
         "explicacao": "Diz que etapas as OPs da família têm e qual delas se informa ao TOTVS.",
         "argumentos": [{"nome": "p_prefixo", "obrigatorio": false, "vazio": ""}, "p_etapa",
             {"nome": "p_apontada", "rotulo": "Informada ao TOTVS (vazio: a etapa deixa de ser obrigatória)", "tipo": "sim_nao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_turno", "titulo": "Cadastrar ou mudar um turno", "todos_setores": true,
         "explicacao": "Depois de assinado ou fechado algo, as horas não mudam mais.",
         "argumentos": ["p_turno", {"nome": "p_inicio", "rotulo": "Começa", "tipo": "hora"}, {"nome": "p_fim", "rotulo": "Termina", "tipo": "hora"}, "p_motivo"]},
        {"funcao": "definir_parametro", "titulo": "Mudar um prazo ou interruptor", "todos_setores": true,
         "explicacao": "Vale para toda a fábrica, desde já.",
         "argumentos": [{"nome": "p_nome", "rotulo": "Parâmetro", "tipo": "parametro", "maximo": 64}, {"nome": "p_valor", "rotulo": "Valor", "tipo": "inteiro"}, "p_motivo"]}
    ]$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_pessoas()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "definir_papel", "titulo": "Dar ou tirar um papel", "todos_setores": true,
         "explicacao": "Diz quem pode o quê, e em que setor.",
         "argumentos": ["p_usuario_id", {"nome": "p_papel", "rotulo": "Papel", "tipo": "escolha", "escolhas": [
             {"valor": "OPERADOR", "rotulo": "Operador"}, {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
             {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"}, {"valor": "ADMIN", "rotulo": "TI"},
             {"valor": "POSTO", "rotulo": "Posto", "efeito": "Só lê: é da tela de um setor, não de uma pessoa."}
         ]}, "p_setor", {"nome": "p_vale", "rotulo": "Vale", "tipo": "sim_nao"}, "p_motivo"]},
        {"funcao": "definir_pessoa", "titulo": "Dizer o nome de uma pessoa", "todos_setores": true,
         "explicacao": "O nome sai na assinatura.",
         "argumentos": ["p_usuario_id", {"nome": "p_nome", "rotulo": "Nome por extenso", "tipo": "texto", "maximo": 80},
             {"nome": "p_login", "rotulo": "Nome com que entra (vazio: o que já tem)", "tipo": "texto", "maximo": 40, "opcional": true}, "p_motivo"]},
        {"funcao": "definir_operador", "titulo": "Dizer o código da pessoa no TOTVS", "todos_setores": true,
         "explicacao": "Vai nos apontamentos que ela assina; vazio = nenhum.",
         "argumentos": ["p_usuario_id", {"nome": "p_operador", "rotulo": "Código no TOTVS", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_tipo_insumo", "titulo": "Definir um tipo de insumo", "todos_setores": true,
         "explicacao": "Produtos deste tipo do TOTVS são insumos; sem descrição, não são mais.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "Tipo no TOTVS", "tipo": "texto", "maximo": 10}, {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_familia_sem_lote", "titulo": "Definir uma família sem lote", "todos_setores": true,
         "explicacao": "OPs destes produtos não abrem lote; sem descrição, abrem.",
         "argumentos": ["p_prefixo", {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_recurso", "titulo": "Dizer o recurso da linha no TOTVS",
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": ["p_linha_id", {"nome": "p_recurso", "rotulo": "Recurso", "tipo": "texto", "maximo": 20, "obrigatorio": false},
             {"nome": "p_centro_custo", "rotulo": "Centro de custo", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_operacao", "titulo": "Dizer a operação da etapa no TOTVS", "todos_setores": true,
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": [{"nome": "p_prefixo", "obrigatorio": false, "vazio": ""}, "p_etapa",
             {"nome": "p_operacao", "rotulo": "Operação", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_armazem", "rotulo": "Armazém", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_tipo_movimento", "rotulo": "Tipo de movimento", "tipo": "texto", "maximo": 10, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_minutos_parada", "titulo": "Dizer depois de quanto tempo a linha está parada",
         "explicacao": "Vale para o que se mostra e para as paradas que o MES lê; vazio = o prazo da fábrica.",
         "argumentos": ["p_linha_id", {"nome": "p_minutos", "rotulo": "Minutos sem contagem", "tipo": "inteiro", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_equivalencias_mes", "titulo": "Dizer os números do MES", "todos_setores": true,
         "explicacao": "Que número o MES usa para o que aqui tem código.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "De quê", "tipo": "escolha", "escolhas": [
             {"valor": "LINHA", "rotulo": "Linha"}, {"valor": "PRODUTO", "rotulo": "Produto"}, {"valor": "TURNO", "rotulo": "Turno"},
             {"valor": "PESSOA", "rotulo": "Pessoa"}, {"valor": "PARADA", "rotulo": "Código de parada"}
         ]}, {"nome": "p_ids", "rotulo": "Código = número, um por linha", "tipo": "mapa", "opcional": false, "pedir": true}, "p_motivo"]},
        {"funcao": "definir_endereco_resumo", "titulo": "Dar ou tirar um endereço do resumo diário", "todos_setores": true,
         "explicacao": "Recebe por e-mail o que espera há muito tempo no setor.",
         "argumentos": ["p_setor", {"nome": "p_endereco", "rotulo": "E-mail", "tipo": "texto", "maximo": 254}, {"nome": "p_vale", "rotulo": "Vale", "tipo": "sim_nao"}, "p_motivo"]},
        {"funcao": "definir_plantao", "titulo": "Dizer quem está de plantão",
         "explicacao": "Aparece nas Pendências para quem não pode decidir; sem nome, ninguém.",
         "argumentos": [{"nome": "p_papel", "rotulo": "De quem é o assunto", "tipo": "escolha", "escolhas": [
             {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
             {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"}, {"valor": "ADMIN", "rotulo": "TI"}
         ]}, "p_setor", {"nome": "p_nome", "rotulo": "Nome", "tipo": "texto", "maximo": 80, "obrigatorio": false},
             {"nome": "p_telefone", "rotulo": "Telefone", "tipo": "texto", "maximo": 30, "obrigatorio": false}, "p_motivo"]}
    ]$json$::jsonb
$function$;

CREATE OR REPLACE FUNCTION interno.atos()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select interno.atos_de_contagem() || interno.atos_de_ordem() || interno.atos_de_turno() || interno.atos_de_cadastro()
        || interno.atos_de_pessoas()
$function$;

CREATE OR REPLACE FUNCTION public.atos_pessoas()
 RETURNS TABLE(funcao text, titulo text, explicacao text, papeis text[], todos_setores boolean, tela text, em_lote boolean, confere text[], argumentos jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select a ->> 'funcao', a ->> 'titulo', a ->> 'explicacao', public.papeis_da_funcao(a ->> 'funcao'),
        coalesce((a ->> 'todos_setores')::boolean, false), a ->> 'tela', coalesce((a ->> 'em_lote')::boolean, false),
        array(select jsonb_array_elements_text(coalesce(a -> 'confere', '[]'))),
        (
            select jsonb_agg(
                jsonb_build_object(
                    'opcional', false, 'pedir', true,
                    'obrigatorio', not coalesce((d.atributos ->> 'opcional')::boolean, false)
                ) || d.atributos
                order by g.n
            )
            from jsonb_array_elements(a -> 'argumentos') with ordinality as g (argumento, n)
            cross join lateral (
                select coalesce(g.argumento ->> 'nome', g.argumento #>> '{}') as nome
            ) as m
            cross join lateral (
                select coalesce(c.comuns -> m.nome, '{}') || jsonb_build_object('nome', m.nome)
                    || case jsonb_typeof(g.argumento) when 'object' then g.argumento else '{}' end as atributos
            ) as d
        )
    from (select interno.argumentos_comuns() as comuns) as c
    cross join lateral jsonb_array_elements(interno.atos()) as a
$function$;

CREATE OR REPLACE FUNCTION public.definir_plantao(p_papel text, p_setor text, p_nome text, p_telefone text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('definir_plantao', p_setor);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
begin
    perform interno.exigir_opcao('papel', p_papel, 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'QUALIDADE', 'ADMIN');
    if p_setor is not null then
        perform interno.exigir_opcao('setor', p_setor, 'SPEP', 'SPPV', 'LIQUIDOS', 'CPHD');
    end if;
    perform interno.declarar_autor(v_papel, v_motivo);
    if p_nome is null then
        delete from public.plantao where papel = p_papel and setor is not distinct from p_setor;
    else
        insert into public.plantao (papel, setor, nome, telefone)
        values (
            p_papel, p_setor, interno.exigir_nome('nome', p_nome, 3, 80), interno.exigir_nome('telefone', p_telefone, 3, 30)
        )
        on conflict (papel, setor) do update set nome = excluded.nome, telefone = excluded.telefone;
    end if;
    perform interno.declarar_autor('', '');
    return jsonb_build_object('papel', p_papel, 'setor', p_setor, 'nome', btrim(p_nome), 'telefone', btrim(p_telefone));
end $function$;

CREATE OR REPLACE FUNCTION interno.titulo_da_causa(p_tipo text, p_codigo text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case p_tipo || coalesce(':' || p_codigo, '')
        when 'RETIDA:FRONTEIRA' then 'Contagem duvidosa: troca de OP no meio'
        when 'QUARENTENA:NAO_DONO' then 'Contagem de quem não conta a linha'
        when 'QUARENTENA:LINHA_DESCONHECIDA' then 'Contagem de linha sem cadastro'
        when 'QUARENTENA:GATEWAY_DESCONHECIDO' then 'Gateway sem cadastro'
        when 'QUARENTENA:EPOCA_ANTERIOR' then 'Contagem talvez já contada'
        when 'FECHAMENTO:DIARIO_NAO_ASSINADO' then 'Lote que espera a assinatura do Diário'
        when 'FECHAMENTO:DIARIO_ALTERADO' then 'Diário que mudou depois de assinado'
        when 'FECHAMENTO:REFUGO_DIVERGENTE' then 'Refugo da máquina e digitado divergem'
        when 'ENVIO:INCERTO' then 'Apontamento em dúvida'
        when 'ENVIO:RECUSADO' then 'Apontamento recusado pelo TOTVS'
        else case p_tipo
            when 'SEM_ORDEM' then 'Contagem sem OP'
            when 'RETIDA' then 'Contagem duvidosa'
            when 'QUARENTENA' then 'Arquivo não lido'
            when 'RELOGIO_EM_DUVIDA' then 'Relógio do gateway em dúvida'
            when 'SEQUENCIA_AUSENTE' then 'Envio do gateway que não chegou'
            when 'EPOCA_NOVA' then 'Gateway reinstalado'
            when 'EVENTO_RECUSADO' then 'Mensagem do TOTVS com erro'
            when 'EVENTO_ESTACIONADO' then 'Mensagem do TOTVS à espera de cadastro'
            when 'OP_CANCELADA' then 'OP cancelada no TOTVS'
            when 'OP_POSTA_DE_LADO' then 'OP posta de lado que mudou'
            when 'OP_ALTERADA' then 'OP mudada no TOTVS'
            when 'FECHAMENTO' then 'Lote que não fecha'
            when 'AJUSTE' then 'Lote que mudou depois de fechado'
            when 'ENVIO' then 'Apontamento que o TOTVS não aceitou'
            when 'APONTAMENTO_LINHA' then 'Linha a informar ao TOTVS'
            else 'Outro assunto'
        end
    end
$function$;

CREATE OR REPLACE FUNCTION interno.assuntos(p_setor text, p_linha_id text)
 RETURNS TABLE(tipo text, chave text, linha_id text, setor text, descricao text, desde timestamp with time zone, detalhes jsonb, causa text, titulo text, atos text[], posso text[])
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with pode as materialized (
        select t.ato ->> 'funcao' as funcao, u.setor
        from jsonb_array_elements(interno.atos()) as t (ato)
        inner join public.papeis_usuario as u
            on u.usuario_id = interno.usuario_atual() and u.papel = any(public.papeis_da_funcao(t.ato ->> 'funcao'))
        where u.setor is null or not coalesce((t.ato ->> 'todos_setores')::boolean, false)
    )
    select p.tipo, p.chave, p.linha_id, p.setor, p.descricao, p.desde, d.detalhes, concat_ws(':', p.tipo, c.codigo, p.funcao),
        interno.titulo_da_causa(p.tipo, c.codigo), a.atos, array(
            select f.funcao
            from unnest(a.atos) with ordinality as f (funcao, n)
            where exists (
                select from pode as u where u.funcao = f.funcao and (u.setor is null or u.setor = p.setor)
            )
            order by f.n
        )
    from public.pendencias as p
    cross join lateral (
        select case p.tipo
            when 'FECHAMENTO' then p.detalhes ->> 'codigo'
            when 'ENVIO' then p.detalhes ->> 'situacao'
            when 'RETIDA' then p.detalhes ->> 'motivo'
            when 'QUARENTENA' then p.detalhes ->> 'motivo'
        end as codigo
    ) as c
    -- Of what came from a file: who sent it, for the functions that make that source known.
    cross join lateral (
        select p.detalhes || case when p.tipo = 'QUARENTENA' then jsonb_strip_nulls(jsonb_build_object(
            'linha', p.linha_id, 'gateway', s.gateway, 'fonte', coalesce(p.detalhes ->> 'fonte', s.gateway, 'avulso')
        )) else '{}' end as detalhes
        from (
            select case
                when p.detalhes ->> 'arquivo' like 'contagens/%' then split_part(p.detalhes ->> 'arquivo', '/', 2)
            end as gateway
        ) as s
    ) as d
    cross join lateral (
        select array_remove(array[
            case c.codigo
                when 'GATEWAY_DESCONHECIDO' then 'definir_gateway'
                when 'NAO_DONO' then 'definir_fonte'
            end,
            case when p.detalhes ->> 'alternativa' = 'reprocessar_quarentena' then 'reprocessar_quarentena' end,
            p.funcao,
            case when not (c.codigo is not distinct from 'NAO_DONO' and p.detalhes ->> 'alternativa' = 'definir_fonte')
                and p.detalhes ->> 'alternativa' <> 'reprocessar_quarentena' then p.detalhes ->> 'alternativa' end
        ], null) as atos
    ) as a
    where (p_setor is null or p.setor is null or p.setor = p_setor) and (p_linha_id is null or p.linha_id = p_linha_id)
$function$;

CREATE OR REPLACE FUNCTION public.minhas_pendencias(p_so_minhas boolean DEFAULT true, p_setor text DEFAULT NULL::text, p_linha_id text DEFAULT NULL::text, p_pagina integer DEFAULT 1)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
    with todas as materialized (
        select a.*, cardinality(a.posso) > 0 as minha
        from interno.assuntos(p_setor, p_linha_id) as a
    ),
    listadas as (
        select t.*, min(t.desde) over c as causa_desde, count(*) over c as da_causa
        from todas as t
        where t.minha or not p_so_minhas
        window c as (partition by t.causa)
    ),
    pagina as (
        select l.*, row_number() over (order by l.causa_desde, l.causa, l.desde, l.chave) as n
        from listadas as l
        order by n
        limit 50 offset 50 * (least(greatest(p_pagina, 1), 100000) - 1)
    ),
    causas as (
        select min(p.n) as n, jsonb_build_object(
            'causa', p.causa, 'titulo', min(p.titulo), 'total', min(p.da_causa), 'desde', min(p.causa_desde),
            'itens', jsonb_agg(jsonb_build_object(
                'tipo', p.tipo, 'chave', p.chave, 'linha_id', p.linha_id, 'setor', p.setor, 'descricao', p.descricao,
                'desde', p.desde, 'atos', case when p_so_minhas then p.posso else p.atos end
            ) order by p.n)
        ) as causa
        from pagina as p
        group by p.causa
    ),
    outros as (
        select public.papeis_da_funcao(f.ato) as papeis, f.setor, sum(f.total) as total, min(f.desde) as desde
        from (
            select o.atos[1] as ato, o.setor, count(*) as total, min(o.desde) as desde
            from todas as o
            where not o.minha and p_so_minhas
            group by o.atos[1], o.setor
        ) as f
        group by public.papeis_da_funcao(f.ato), f.setor
    )
    select jsonb_build_object(
        'total', (select count(*) from listadas), 'pagina', greatest(p_pagina, 1), 'por_pagina', 50,
        'causas', coalesce((select jsonb_agg(c.causa order by c.n) from causas as c), '[]'),
        'atos', (
            select jsonb_object_agg(t.ato ->> 'funcao', t.ato - 'argumentos')
            from jsonb_array_elements(interno.atos()) as t (ato)
        ),
        'outros', coalesce((
            select jsonb_agg(jsonb_build_object(
                'papeis', o.papeis, 'setor', o.setor, 'total', o.total, 'desde', o.desde, 'plantao', coalesce((
                    select jsonb_agg(jsonb_build_object('nome', q.nome, 'telefone', q.telefone)
                        order by array_position(o.papeis, q.papel), q.setor)
                    from public.plantao as q
                    where q.papel = any(o.papeis) and (q.setor is null or q.setor = o.setor)
                ), '[]')
            ) order by o.desde)
            from outros as o
        ), '[]')
    )
$function$;

CREATE OR REPLACE FUNCTION public.pendencias_escolhidas(p_itens jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET jit TO 'off'
AS $function$
    with pedidas as (
        select distinct e.tipo, e.chave
        from jsonb_to_recordset((
            select jsonb_path_query_array(interno.json_recebido(p_itens), '$[0 to 49]')
        )) as e (tipo text, chave text)
    ),
    assuntos as materialized (
        select a.*, case when a.tipo = 'QUARENTENA' then (
            select jsonb_agg(jsonb_build_object(
                'arquivo', coalesce(q.origem, q.chave), 'byte_de', q.byte_de, 'byte_ate', q.byte_ate,
                'bytes', encode(substring(q.amostra for 256), 'escape')
            ) order by q.id)
            from (
                select x.*
                from public.quarentena as x
                where x.assunto = a.chave and x.resolvida_em is null and x.amostra is not null
                order by x.id
                limit 5
            ) as q
        ) end as originais
        from interno.assuntos(null, null) as a
        inner join pedidas as p on p.tipo = a.tipo and p.chave = a.chave
    )
    select jsonb_build_object(
        'pendencias', coalesce((select jsonb_agg(to_jsonb(a) order by a.desde, a.tipo, a.chave) from assuntos as a), '[]'),
        'atos', coalesce((
            select jsonb_object_agg(t.funcao, to_jsonb(t))
            from public.atos_pessoas() as t
            where t.funcao in (select unnest(a.atos) from assuntos as a)
        ), '{}'),
        'titulos', (
            select jsonb_object_agg(t.ato ->> 'funcao', t.ato -> 'titulo')
            from jsonb_array_elements(interno.atos()) as t (ato)
        )
    )
$function$;

alter table public.plantao enable row level security;
CREATE TRIGGER auditar AFTER INSERT OR DELETE OR UPDATE ON public.plantao FOR EACH ROW EXECUTE FUNCTION interno.auditar_cadastro('papel');
create policy leitura on public.plantao as permissive for select to authenticated using (true);
revoke all on function interno.argumentos_comuns() from public, anon, authenticated, service_role;
revoke all on function interno.assuntos(text,text) from public, anon, authenticated, service_role;
revoke all on function interno.atos() from public, anon, authenticated, service_role;
revoke all on function interno.atos_de_cadastro() from public, anon, authenticated, service_role;
revoke all on function interno.atos_de_contagem() from public, anon, authenticated, service_role;
revoke all on function interno.atos_de_ordem() from public, anon, authenticated, service_role;
revoke all on function interno.atos_de_pessoas() from public, anon, authenticated, service_role;
revoke all on function interno.atos_de_turno() from public, anon, authenticated, service_role;
revoke all on function interno.titulo_da_causa(text,text) from public, anon, authenticated, service_role;
revoke all on function public.atos_pessoas() from public, anon, authenticated, service_role;
grant execute on function public.atos_pessoas() to authenticated;
grant execute on function public.atos_pessoas() to service_role;
revoke all on function public.definir_plantao(text,text,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.definir_plantao(text,text,text,text,text) to authenticated;
grant execute on function public.definir_plantao(text,text,text,text,text) to service_role;
revoke all on function public.minhas_pendencias(boolean,text,text,integer) from public, anon, authenticated, service_role;
grant execute on function public.minhas_pendencias(boolean,text,text,integer) to authenticated;
grant execute on function public.minhas_pendencias(boolean,text,text,integer) to service_role;
revoke all on function public.pendencias_escolhidas(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.pendencias_escolhidas(jsonb) to authenticated;
grant execute on function public.pendencias_escolhidas(jsonb) to service_role;
revoke all on sequence public.plantao_id_seq from public, anon, authenticated, service_role;
revoke all on table public.plantao from public, anon, authenticated, service_role;
grant select on table public.plantao to authenticated;
grant select on table public.plantao to service_role;
comment on function interno.argumentos_comuns() is 'Argumentos que várias funções de pessoas levam: rótulo, tipo e como se pede cada um; um ato pode mudar qualquer atributo.';
comment on function interno.atos_de_contagem() is 'Atos sobre contagens que esperam uma pessoa; ver atos_pessoas.';
comment on function interno.atos_de_ordem() is 'Atos sobre OPs, fechamentos e o TOTVS; ver atos_pessoas.';
comment on function interno.atos_de_turno() is 'Atos do turno: o que se digita e o que se assina; ver atos_pessoas.';
comment on function interno.atos_de_cadastro() is 'Atos sobre linhas, fontes e a fábrica; ver atos_pessoas.';
comment on function interno.atos_de_pessoas() is 'Atos sobre pessoas e o que o TOTVS chama de outra forma; ver atos_pessoas.';
comment on function interno.atos() is 'Todos os atos, como estão escritos; ver atos_pessoas.';
comment on function public.atos_pessoas() is 'As funções de pessoas, para as telas: título e explicação na fala da fábrica, papéis (todos_setores = só de quem os tem em todos os setores), tela própria se há, se decide vários assuntos de uma vez, chaves de detalhes que devem estar como se viu, e os argumentos com rótulo, tipo e escolhas.';
comment on table public.plantao is 'Quem se chama quando um assunto é de outro papel, por papel e setor. Fonte: definir_plantao.';
comment on column public.plantao.papel is 'Papel que decide. Fonte: definir_plantao.';
comment on column public.plantao.setor is 'Setor; nulo = todos. Fonte: definir_plantao.';
comment on column public.plantao.nome is 'Nome de quem está de plantão. Fonte: definir_plantao.';
comment on column public.plantao.telefone is 'Telefone ou ramal, como se disca. Fonte: definir_plantao.';
comment on function public.definir_plantao(text,text,text,text,text) is 'Diz quem está de plantão por um papel num setor (nulo = todos) e em que telefone; nome nulo = ninguém.';
comment on function interno.titulo_da_causa(text,text) is 'O que um assunto de pendencias é, na fala da fábrica. p_codigo: motivo dentro do tipo.';
comment on function interno.assuntos(text,text) is 'Os assuntos de pendencias do setor (nulo = todos) e os que são de todos, ou só os da linha, com a causa, os atos que os resolvem e os que a pessoa do pedido pode.';
comment on function public.minhas_pendencias(boolean,text,text,integer) is 'As pendências que a pessoa pode decidir (p_so_minhas falso: todas), 50 por página, por causa e da mais antiga, com os atos de cada uma; as do setor dado e as que são de todos, ou só as da linha. Das outras: quantas, desde quando e quem está de plantão.';
comment on function public.pendencias_escolhidas(jsonb) is 'As pendências pedidas (lista de até 50 {tipo, chave}) que ainda esperam, com detalhes, os atos que as resolvem, os que a pessoa pode, e os primeiros bytes originais (até 256 de até 5 trechos, escritos em ASCII); atos: cada um como em atos_pessoas; titulos: o de cada função.';
