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

-- NULL if the order opens a lot.
create function interno.por_que_sem_lote(p_produto text, p_linha_id text)
returns interno.resultado_totvs
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function interno.por_que_sem_lote(text, text) is 'Por que uma OP não abre lote, ou o que espera; nulo se abre um.';

-- All that the order says of its lot; its situation and status are not of it.
create function interno.lote_da_ordem(p_antes public.lotes_producao, p_op text, p_dados jsonb)
returns public.lotes_producao
language plpgsql
stable
set search_path = ''
as $$
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
    -- A lot that is taken in already stays: what else is said of its order must not be lost.
    if v_depois.numero_lote is distinct from p_antes.numero_lote
        and interno.por_que_lote_nao_cabe(v_depois.numero_lote) is not null then
        perform interno.recusar(
            '422', 'LOTE_LONGO', interno.por_que_lote_nao_cabe(v_depois.numero_lote),
            'Corrija o lote na OP, no TOTVS, ou diga em totvs.reports.lengths.numero_lote quantos caracteres cabem.'
        );
    end if;
    v_depois.numero_op := p_op;
    -- The same order comes in two writings, by turns: the longer one says more, whichever came last.
    if length(p_dados ->> 'numero_op') >= coalesce(length(p_antes.numero_op_totvs), 0) then
        v_depois.numero_op_totvs := p_dados ->> 'numero_op';
    end if;
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
end $$;
comment on function interno.lote_da_ordem(public.lotes_producao, text, jsonb) is
'O lote como a OP o descreve, sobre o que já se sabia dele; PT422 LOTE_AUSENTE, LOTE_LONGO se não pode ser informado de volta.';

create function interno.notar_alteracoes(
    p_antes public.lotes_producao, p_depois public.lotes_producao, p_evento bigint
)
returns void
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.notar_alteracoes(public.lotes_producao, public.lotes_producao, bigint) is
'Anota o que as pessoas devem ver de uma OP mudada: a descrição; depois de aberta ou contada, produto, lote e quantidade; depois de fechada ou posta de lado, a situação.';

create function interno.aplicar_ordem(p_op text, p_dados jsonb, p_evento bigint)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
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
        situacao_totvs = excluded.situacao_totvs, numero_op_totvs = excluded.numero_op_totvs,
        atualizado_em = excluded.atualizado_em;
    perform interno.notar_alteracoes(v_antes, v_depois, p_evento);
    return interno.feito(true);
end $$;
comment on function interno.aplicar_ordem(text, jsonb, bigint) is 'Grava uma OP como lote a produzir, ou diz por que não abre um.';
