-- A production order from TOTVS becomes a lot, or changes one.

create function interno.contagens_op(p_numero_op text)
returns bigint
language sql
stable
set search_path = ''
as $$
    select coalesce(sum(o.producao_maquina + o.rejeicao_maquina), 0)::bigint
    from public.ordens_producao_ativas as o where o.numero_op = p_numero_op
$$;
comment on function interno.contagens_op(text) is 'Contagens da máquina atribuídas à OP, produção e rejeição, em todas as linhas.';

create function interno.notar_alteracao(p_op text, p_codigo text, p_antes text, p_depois text, p_evento bigint)
returns void
language sql
set search_path = ''
as $$
    insert into public.alteracoes_op (numero_op, codigo, antes, depois, evento_id)
    select p_op, p_codigo, p_antes, p_depois, p_evento
    where p_antes is distinct from p_depois
    on conflict do nothing
$$;
comment on function interno.notar_alteracao(text, text, text, text, bigint) is 'Anota o que mudou numa OP, se mudou.';

-- The line a SPEP lot names by its last letter (25L16503F → F); NULL for every other lot: nothing is invented.
create function interno.linha_proposta(p_produto text, p_lote text)
returns text
language sql
stable
set search_path = ''
as $$
    select l.linha_id from public.linhas as l
    where p_produto like '0701%' and p_lote ~ '^[0-9]{2}[A-M][0-9]{4,5}[A-I]$'
      and l.linha_id = 'SPEP-ENV-' || right(p_lote, 1)
$$;
comment on function interno.linha_proposta(text, text) is 'Linha de envase que a letra final de um lote SPEP indica; nula nos demais.';

create function interno.aplicar_ordem(p_op text, p_dados jsonb, p_evento bigint)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_produto constant text := p_dados ->> 'produto_codigo';
    v_familia public.familias_sem_lote;
    v_lote_estoque jsonb;
    v_antes public.lotes_producao;
    v_depois public.lotes_producao;
    v_tem_periodo boolean;
begin
    select * into v_familia from public.familias_sem_lote where starts_with(v_produto, prefixo);
    if v_familia.prefixo is not null then
        return interno.resultado(
            'IGNORADO', 'FAMILIA_SEM_LOTE',
            format('OPs da família %s não abrem lote: %s.', v_familia.prefixo, v_familia.descricao), false
        );
    end if;
    if not exists (select from public.produtos where produto_codigo = v_produto) then
        if exists (select from public.insumos where insumo_codigo = v_produto) then
            return interno.resultado(
                'IGNORADO', 'INSUMO_SEM_LOTE', format('%s é um insumo; a OP dele não abre lote.', v_produto), false
            );
        end if;
        return interno.falta_produto(v_produto);
    end if;
    if p_dados ->> 'linha_id' is not null
        and not exists (select from public.linhas where linha_id = p_dados ->> 'linha_id') then
        return interno.falta_linha(p_dados ->> 'linha_id');
    end if;

    select * into v_antes from public.lotes_producao where numero_op = p_op for no key update;
    v_depois := v_antes;
    v_depois.numero_op := p_op;
    v_depois.produto_codigo := v_produto;
    v_depois.numero_lote := interno.campo(p_dados, 'numero_lote', v_antes.numero_lote);
    if v_depois.numero_lote is null then
        perform interno.recusar(
            '422', 'LOTE_AUSENTE', format('A OP %s não diz o número do lote.', p_op), 'Informe o lote na OP, no TOTVS.'
        );
    end if;
    v_depois.quantidade_planejada := (p_dados ->> 'quantidade')::numeric;
    v_depois.unidade := interno.campo(p_dados, 'unidade', v_antes.unidade);
    v_depois.descricao := interno.campo(p_dados, 'descricao', v_antes.descricao);
    v_depois.dossie := interno.campo(p_dados, 'dossie', v_antes.dossie);
    v_depois.volume_ml := interno.campo(p_dados, 'volume_ml', v_antes.volume_ml::text)::numeric;
    v_depois.registro_anvisa := interno.campo(p_dados, 'registro_anvisa', v_antes.registro_anvisa);
    v_depois.data_emissao := interno.campo(p_dados, 'data_emissao', v_antes.data_emissao::text)::date;
    v_depois.inicio_previsto := interno.campo(p_dados, 'inicio_previsto', v_antes.inicio_previsto::text)::date;
    -- The stock lot knows its dates better than the order does.
    select p_dados || e.dados into v_lote_estoque from public.estado_totvs as e
    where e.tipo = 'lote' and e.referencia = v_produto || '/' || v_depois.numero_lote;
    v_lote_estoque := coalesce(v_lote_estoque, p_dados);
    v_depois.data_fabricacao := interno.campo(v_lote_estoque, 'data_fabricacao', v_antes.data_fabricacao::text)::date;
    v_depois.data_validade := interno.campo(v_lote_estoque, 'data_validade', v_antes.data_validade::text)::date;
    if p_dados ->> 'linha_id' is not null then
        v_depois.linha_id := p_dados ->> 'linha_id';
        v_depois.linha_origem := 'TOTVS';
    elsif v_antes.linha_origem is distinct from 'TOTVS' or p_dados ? 'linha_id' then
        v_depois.linha_id := interno.linha_proposta(v_produto, v_depois.numero_lote);
        v_depois.linha_origem := case when v_depois.linha_id is not null then 'PROPOSTA' end;
    end if;

    v_tem_periodo := exists (select from public.periodos_ordem where numero_op = p_op);
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
    if v_antes.descricao is not null and v_depois.descricao is not null then
        perform interno.notar_alteracao(p_op, 'DESCRICAO_DIFERENTE', v_antes.descricao, v_depois.descricao, p_evento);
    end if;
    if v_tem_periodo or interno.contagens_op(p_op) > 0 then
        perform interno.notar_alteracao(p_op, 'PRODUTO_ALTERADO', v_antes.produto_codigo, v_depois.produto_codigo, p_evento);
        perform interno.notar_alteracao(p_op, 'LOTE_ALTERADO', v_antes.numero_lote, v_depois.numero_lote, p_evento);
        perform interno.notar_alteracao(
            p_op, 'QUANTIDADE_ALTERADA', trim_scale(v_antes.quantidade_planejada)::text,
            trim_scale(v_depois.quantidade_planejada)::text, p_evento
        );
    end if;
    -- A person looks at it: closed here, and cancelled, restored or opened again there; set aside here, and restored there.
    if v_antes.status = 'CONCLUIDO' and v_depois.situacao_totvs = 'CANCELADA'
        or v_antes.status in ('CONCLUIDO', 'POSTO_DE_LADO') and v_antes.situacao_totvs = 'CANCELADA'
        or v_antes.status = 'CONCLUIDO' and v_antes.situacao_totvs = 'ENCERRADA' and v_depois.situacao_totvs = 'ABERTA' then
        perform interno.notar_alteracao(p_op, 'SITUACAO_ALTERADA', v_antes.situacao_totvs, v_depois.situacao_totvs, p_evento);
    end if;
    return interno.feito(true);
end $$;
comment on function interno.aplicar_ordem(text, jsonb, bigint) is 'Grava uma OP como lote a produzir, ou diz por que não abre um.';
