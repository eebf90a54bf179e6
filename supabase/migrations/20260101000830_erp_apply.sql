-- From the inbox to master data: one event, one subtransaction; older never overwrites newer; what waits for a
-- reference applies itself when that arrives.

-- A field of what is known: sent = its value (NULL if sent blank), never sent = what the row has.
create function interno.campo(p_dados jsonb, p_nome text, p_atual text)
returns text
language sql
immutable
set search_path = ''
as $$
    select case when p_dados ? p_nome then p_dados ->> p_nome else p_atual end
$$;
comment on function interno.campo(jsonb, text, text) is 'O campo dos dados; o valor atual se nunca foi enviado.';

-- Declared version, else declared instant, else receipt. At a tie a later event of the ERP's own sending wins; of two
-- rows of one answer (a join may repeat an order) always the same one, or each pull would change it to and fro.
create function interno.mais_novo(p_evento public.eventos_totvs, p_origem text, p_estado public.estado_totvs)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select case
        when p_estado.tipo is null then true
        when p_evento.versao <> p_estado.versao then p_evento.versao > p_estado.versao
        when p_evento.ocorrido_em <> p_estado.ocorrido_em then p_evento.ocorrido_em > p_estado.ocorrido_em
        when p_evento.recebido_em <> p_estado.recebido_em then p_evento.recebido_em > p_estado.recebido_em
        else p_origem = 'webhook' or p_evento.sha256 collate "C" >= p_estado.sha256 collate "C"
    end
$$;
comment on function interno.mais_novo(public.eventos_totvs, text, public.estado_totvs) is
'Se o evento é mais novo do que o que se sabe: versão declarada, senão instante declarado, senão recebimento.';

-- What became of one application.
create type interno.resultado_totvs as (situacao text, codigo text, motivo text, falta text, mudou boolean);

create function interno.resultado(p_situacao text, p_codigo text, p_motivo text, p_mudou boolean)
returns interno.resultado_totvs
language sql
immutable
set search_path = ''
as $$
    select p_situacao, p_codigo, p_motivo, null::text, p_mudou
$$;
comment on function interno.resultado(text, text, text, boolean) is 'O que foi feito de um evento que não espera nada.';

create function interno.falta_cadastro(p_falta text, p_motivo text)
returns interno.resultado_totvs
language sql
immutable
set search_path = ''
as $$
    select 'ESTACIONADO', 'FALTA_CADASTRO', p_motivo, p_falta, true
$$;
comment on function interno.falta_cadastro(text, text) is 'Resultado de um evento que espera um cadastro.';

create function interno.feito(p_mudou boolean)
returns interno.resultado_totvs
language sql
immutable
set search_path = ''
as $$
    select interno.resultado(case when p_mudou then 'APLICADO' else 'SEM_EFEITO' end, null, null, p_mudou)
$$;
comment on function interno.feito(boolean) is 'Resultado de um evento aplicado, com ou sem efeito.';

create function interno.falta_produto(p_codigo text)
returns interno.resultado_totvs
language sql
immutable
set search_path = ''
as $$
    select interno.falta_cadastro('produto:' || p_codigo, format('O produto %s ainda não chegou do TOTVS.', p_codigo))
$$;
comment on function interno.falta_produto(text) is 'Resultado de um evento que espera um produto.';

create function interno.falta_linha(p_linha_id text)
returns interno.resultado_totvs
language sql
immutable
set search_path = ''
as $$
    select interno.falta_cadastro(
        'linha:' || p_linha_id, format('A linha %s não está cadastrada nem no mapa de linhas da configuração.', p_linha_id)
    )
$$;
comment on function interno.falta_linha(text) is 'Resultado de um evento que espera uma linha.';

-- ------------------------------------------------------------------------------------------------------ by kind

create function interno.bloqueado(p_dados jsonb, p_atual boolean)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select coalesce((p_dados ->> 'bloqueado')::boolean or (p_dados ->> 'excluido')::boolean,
        (p_dados ->> 'bloqueado')::boolean, (p_dados ->> 'excluido')::boolean, p_atual, false)
$$;
comment on function interno.bloqueado(jsonb, boolean) is 'Se um produto ou insumo está bloqueado: bloqueado ou excluído no TOTVS; o atual se nada foi dito.';

create function interno.aplicar_insumo(p_codigo text, p_dados jsonb)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_antes public.insumos;
    v_depois public.insumos;
begin
    select * into v_antes from public.insumos where insumo_codigo = p_codigo for update;
    v_depois := v_antes;
    v_depois.insumo_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.unidade := interno.campo(p_dados, 'unidade', v_antes.unidade);
    v_depois.tipo := interno.campo(p_dados, 'tipo', v_antes.tipo);
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    if v_depois is not distinct from v_antes then
        return interno.feito(false);
    end if;
    v_depois.atualizado_em := clock_timestamp();
    insert into public.insumos select v_depois.*
    on conflict (insumo_codigo) do update set descricao = excluded.descricao, unidade = excluded.unidade,
        tipo = excluded.tipo, bloqueado = excluded.bloqueado, atualizado_em = excluded.atualizado_em;
    return interno.feito(true);
end $$;
comment on function interno.aplicar_insumo(text, jsonb) is 'Grava um insumo.';

create function interno.aplicar_produto(p_codigo text, p_dados jsonb)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_antes public.produtos;
    v_depois public.produtos;
begin
    if exists (select from public.tipos_insumo as t where t.tipo = p_dados ->> 'tipo') then
        return interno.aplicar_insumo(p_codigo, p_dados);
    end if;
    select * into v_antes from public.produtos where produto_codigo = p_codigo for update;
    v_depois := v_antes;
    v_depois.produto_codigo := p_codigo;
    v_depois.descricao := coalesce(p_dados ->> 'descricao', v_antes.descricao, '');
    v_depois.unidade := interno.campo(p_dados, 'unidade', v_antes.unidade);
    v_depois.tipo := interno.campo(p_dados, 'tipo', v_antes.tipo);
    v_depois.bloqueado := interno.bloqueado(p_dados, v_antes.bloqueado);
    v_depois.volume_ml := interno.campo(p_dados, 'volume_ml', v_antes.volume_ml::text)::numeric;
    v_depois.registro_anvisa := interno.campo(p_dados, 'registro_anvisa', v_antes.registro_anvisa);
    v_depois.codigo_barras := interno.campo(p_dados, 'codigo_barras', v_antes.codigo_barras);
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
end $$;
comment on function interno.aplicar_produto(text, jsonb) is 'Grava um produto, ou um insumo se o tipo disser que é um.';

-- A stock lot of an input, or the dates of the orders that make a product's lot. What is told of a lot before its order
-- is kept in estado_totvs and read when the order comes.
create function interno.aplicar_lote(p_dados jsonb)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
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
        v_depois := v_antes;
        v_depois.insumo_codigo := v_produto;
        v_depois.numero_lote := v_lote;
        v_depois.quantidade := interno.campo(p_dados, 'quantidade', v_antes.quantidade::text)::numeric;
        v_depois.unidade := interno.campo(p_dados, 'unidade', v_antes.unidade);
        v_depois.data_fabricacao := interno.campo(p_dados, 'data_fabricacao', v_antes.data_fabricacao::text)::date;
        v_depois.data_validade := interno.campo(p_dados, 'data_validade', v_antes.data_validade::text)::date;
        v_depois.fornecedor := interno.campo(p_dados, 'fornecedor', v_antes.fornecedor);
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
    set data_fabricacao = n.fabricacao, data_validade = n.validade, atualizado_em = clock_timestamp()
    from (
        select
            a.numero_op as op,
            interno.campo(p_dados, 'data_fabricacao', a.data_fabricacao::text)::date as fabricacao,
            interno.campo(p_dados, 'data_validade', a.data_validade::text)::date as validade
        from public.lotes_producao as a
        where a.numero_lote = v_lote and a.produto_codigo = v_produto
    ) as n
    where l.numero_op = n.op and (l.data_fabricacao, l.data_validade) is distinct from (n.fabricacao, n.validade);
    get diagnostics v_ops = row_count;
    return interno.feito(v_ops > 0);
end $$;
comment on function interno.aplicar_lote(jsonb) is 'Grava um lote de estoque: de um insumo, ou as datas das OPs do lote de um produto.';

-- History by first day: where a speed begins and ends follows from all rows, in whatever order they came.
create function interno.aplicar_velocidade(p_dados jsonb, p_de date)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_linha constant text := p_dados ->> 'linha_id';
    v_produto constant text := p_dados ->> 'produto_codigo';
    v_velocidade constant numeric := p_dados ->> 'velocidade';
    v_fim constant date := p_dados ->> 'vigente_ate';
    v_antes public.velocidades_nominais;
begin
    if not exists (select from public.linhas where linha_id = v_linha) then
        return interno.falta_linha(v_linha);
    end if;
    if not exists (select from public.produtos where produto_codigo = v_produto) then
        return interno.falta_produto(v_produto);
    end if;
    if v_fim < p_de then
        perform interno.recusar(
            '422', 'VIGENCIA_INVALIDA', format('A vigência termina em %s, antes de começar em %s.', v_fim, p_de),
            'Corrija as datas no TOTVS.'
        );
    end if;
    -- Without a first day it says what holds now: nothing new if that is what holds.
    if p_dados ->> 'vigente_desde' is null and exists (
        select from public.velocidades_nominais
        where linha_id = v_linha and produto_codigo = v_produto and validade @> p_de and velocidade = v_velocidade
          and fim_declarado is not distinct from v_fim
    ) then
        return interno.feito(false);
    end if;
    select * into v_antes from public.velocidades_nominais
    where linha_id = v_linha and produto_codigo = v_produto and de = p_de;
    if v_antes.velocidade = v_velocidade and v_antes.fim_declarado is not distinct from v_fim then
        return interno.feito(false);
    end if;
    insert into public.velocidades_nominais (linha_id, produto_codigo, de, fim_declarado, velocidade)
    values (v_linha, v_produto, p_de, v_fim, v_velocidade)
    on conflict (linha_id, produto_codigo, de) do update
    set fim_declarado = excluded.fim_declarado, velocidade = excluded.velocidade, atualizado_em = clock_timestamp();
    if v_antes.de is not null then
        perform interno.anotar_trilha(
            'TOTVS', 'velocidade_corrigida', format('velocidades_nominais:%s/%s/%s', v_linha, v_produto, p_de),
            to_jsonb(v_antes), jsonb_build_object('velocidade', v_velocidade, 'fim_declarado', v_fim), null
        );
    end if;
    update public.velocidades_nominais as v
    set validade = n.validade
    from (
        select
            a.de,
            daterange(a.de, least(a.fim_declarado + 1, lead(a.de) over (order by a.de))) as validade
        from public.velocidades_nominais as a
        where a.linha_id = v_linha and a.produto_codigo = v_produto
    ) as n
    where v.linha_id = v_linha and v.produto_codigo = v_produto and v.de = n.de and v.validade <> n.validade;
    return interno.feito(true);
end $$;
comment on function interno.aplicar_velocidade(jsonb, date) is 'Grava uma velocidade nominal a partir de um dia, sem apagar história.';

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
    v_depois.status := case
        when v_depois.situacao_totvs = 'CANCELADA' then 'CANCELADO'
        when v_antes.status = 'CANCELADO' and v_tem_periodo then 'EM_ANDAMENTO'
        when v_tem_periodo then v_antes.status
        -- Finished in the ERP before anybody opened it here: no screen need offer it.
        when v_depois.situacao_totvs = 'ENCERRADA' then 'CONCLUIDO'
        else 'PLANEJADO'
    end;
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
        situacao_totvs = excluded.situacao_totvs, status = excluded.status, atualizado_em = excluded.atualizado_em;
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
    return interno.feito(true);
end $$;
comment on function interno.aplicar_ordem(text, jsonb, bigint) is 'Grava uma OP como lote a produzir, ou diz por que não abre um.';

-- -------------------------------------------------------------------------------------------------------- events

-- A superseded event changes nothing, but a description that differs is told whichever of the two came first.
create function interno.superar(p_evento public.eventos_totvs)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
begin
    if p_evento.tipo = 'ordem' and p_evento.dados ->> 'descricao' is not null then
        perform interno.notar_alteracao(l.numero_op, 'DESCRICAO_DIFERENTE', l.descricao, p_evento.dados ->> 'descricao', p_evento.id)
        from public.lotes_producao as l where l.numero_op = p_evento.referencia and l.descricao is not null;
    end if;
    return interno.resultado('SUPERADO', 'MAIS_ANTIGO', 'Já se sabe algo mais novo.', false);
end $$;
comment on function interno.superar(public.eventos_totvs) is 'Resultado de um evento mais antigo do que o que se sabe.';

create function interno.aplicar_evento(p_evento public.eventos_totvs, p_origem text)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_estado public.estado_totvs;
    v_dados jsonb;
    v_resultado interno.resultado_totvs;
    v_mais_antigo public.eventos_totvs;
begin
    select * into v_estado from public.estado_totvs
    where tipo = p_evento.tipo and referencia = p_evento.referencia for update;
    if not interno.mais_novo(p_evento, p_origem, v_estado) then
        return interno.superar(p_evento);
    end if;
    v_dados := coalesce(v_estado.dados, '{}') || p_evento.dados;
    v_resultado := case p_evento.tipo
        when 'ordem' then interno.aplicar_ordem(p_evento.referencia, v_dados, p_evento.id)
        when 'produto' then interno.aplicar_produto(p_evento.referencia, v_dados)
        when 'insumo' then interno.aplicar_insumo(p_evento.referencia, v_dados)
        when 'lote' then interno.aplicar_lote(v_dados)
        when 'velocidade' then interno.aplicar_velocidade(
            v_dados, coalesce((v_dados ->> 'vigente_desde')::date, (p_evento.recebido_em at time zone 'America/Fortaleza')::date)
        )
    end;
    if v_resultado.situacao = 'ESTACIONADO' then
        return v_resultado;
    end if;
    insert into public.estado_totvs (tipo, referencia, versao, ocorrido_em, recebido_em, sha256, dados)
    values (
        p_evento.tipo, p_evento.referencia, greatest(p_evento.versao, v_estado.versao),
        greatest(p_evento.ocorrido_em, v_estado.ocorrido_em), greatest(p_evento.recebido_em, v_estado.recebido_em),
        p_evento.sha256, v_dados
    )
    on conflict (tipo, referencia) do update set versao = excluded.versao, ocorrido_em = excluded.ocorrido_em,
        recebido_em = excluded.recebido_em, sha256 = excluded.sha256, dados = excluded.dados
    returning * into v_estado;
    -- What of the same thing still waits and is older now waits for nothing; what was refused before is mended.
    for v_mais_antigo in
        select e.* from public.eventos_totvs as e
        where e.tipo = p_evento.tipo and e.referencia = p_evento.referencia and e.id <> p_evento.id
          and e.situacao = 'ESTACIONADO' and not interno.mais_novo(e, 'consulta', v_estado)
    loop
        perform interno.registrar_situacao(v_mais_antigo.id, interno.superar(v_mais_antigo));
    end loop;
    update public.eventos_totvs as e
    set resolvido_em = clock_timestamp(), resolvido_motivo = 'um evento posterior da mesma referência foi aceito'
    where e.situacao = 'RECUSADO' and e.resolvido_em is null and e.tipo = p_evento.tipo
      and e.referencia = p_evento.referencia and e.recebido_em <= p_evento.recebido_em and e.id <> p_evento.id;
    return v_resultado;
end $$;
comment on function interno.aplicar_evento(public.eventos_totvs, text) is 'Aplica um evento se for o mais novo da sua referência.';

create function interno.registrar_situacao(p_id bigint, p_resultado interno.resultado_totvs)
returns void
language sql
set search_path = ''
as $$
    update public.eventos_totvs
    set situacao = p_resultado.situacao, codigo = p_resultado.codigo, motivo = p_resultado.motivo,
        falta = p_resultado.falta, decidido_em = clock_timestamp()
    where id = p_id
      and (situacao, codigo, motivo, falta)
      is distinct from (p_resultado.situacao, p_resultado.codigo, p_resultado.motivo, p_resultado.falta)
$$;
comment on function interno.registrar_situacao(bigint, interno.resultado_totvs) is 'Grava o que foi feito de um evento.';

-- A refusal of ours inside the application, or a value the tables do not take, is the event's: kept, with its reason,
-- and nothing else is held up by it. Anything else is the caller's.
create function interno.aplicar_ou_recusar(p_evento public.eventos_totvs, p_origem text)
returns interno.resultado_totvs
language plpgsql
set search_path = ''
as $$
declare
    v_estado text;
    v_codigo text;
    v_detalhe text;
begin
    return interno.aplicar_evento(p_evento, p_origem);
exception when others then
    get stacked diagnostics v_estado = returned_sqlstate, v_codigo = message_text, v_detalhe = pg_exception_detail;
    if v_estado like 'PT4__' then
        return interno.resultado('RECUSADO', v_codigo, v_detalhe, true);
    elsif left(v_estado, 2) in ('22', '23') then
        return interno.resultado('RECUSADO', 'ERRO_DO_BANCO', v_codigo, true);
    end if;
    raise;
end $$;
comment on function interno.aplicar_ou_recusar(public.eventos_totvs, text) is 'aplicar_evento; uma recusa do SicFar, ou um valor que as tabelas não aceitam, vira RECUSADO com o motivo.';

-- Applies what waited for a reference: for one that has just come, or (NULL) for every one that exists by now. Oldest
-- first, so that each event meets what was known before it. Returns how many no longer wait.
create function interno.reaplicar_estacionados(p_falta text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_evento public.eventos_totvs;
    v_resultado interno.resultado_totvs;
    v_sairam integer := 0;
begin
    for v_evento in
        select e.* from public.eventos_totvs as e
        where e.situacao = 'ESTACIONADO' and e.resolvido_em is null and (
            e.falta = p_falta or p_falta is null and (
                exists (select from public.produtos as p where e.falta = 'produto:' || p.produto_codigo)
                or exists (select from public.insumos as i where e.falta = 'produto:' || i.insumo_codigo)
                or exists (select from public.linhas as l where e.falta = 'linha:' || l.linha_id)
            )
        )
        order by e.versao nulls first, e.ocorrido_em nulls first, e.recebido_em, e.id
        for update
    loop
        -- An earlier round may have superseded it.
        continue when not exists (select from public.eventos_totvs where id = v_evento.id and situacao = 'ESTACIONADO');
        v_resultado := interno.aplicar_ou_recusar(v_evento, 'webhook');
        perform interno.registrar_situacao(v_evento.id, v_resultado);
        if v_resultado.situacao <> 'ESTACIONADO' then
            v_sairam := v_sairam + 1;
        end if;
    end loop;
    return v_sairam;
end $$;
comment on function interno.reaplicar_estacionados(text) is 'Aplica os eventos que esperavam um cadastro que já existe; nulo = todos. Devolve quantos deixaram de esperar.';

create function interno.referencia_totvs(p_tipo text, p_dados jsonb, p_recebido_em timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select case p_tipo
        when 'ordem' then public.normalizar_op(p_dados ->> 'numero_op')
        when 'produto' then p_dados ->> 'produto_codigo'
        when 'insumo' then p_dados ->> 'insumo_codigo'
        when 'lote' then concat_ws('/', p_dados ->> 'produto_codigo', p_dados ->> 'numero_lote')
        when 'velocidade' then concat_ws('/', p_dados ->> 'linha_id', p_dados ->> 'produto_codigo',
            coalesce(p_dados ->> 'vigente_desde', (p_recebido_em at time zone 'America/Fortaleza')::date::text))
    end
$$;
comment on function interno.referencia_totvs(text, jsonb, timestamptz) is 'De que o evento trata; PT422 se a OP não for uma.';

create function interno.guardar_recebimento(p_recebimento jsonb)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_id bigint;
begin
    -- Asked for by each of up to a thousand events: the bytes are decoded for the first only.
    select id into v_id from public.recebimentos_totvs where chave = p_recebimento ->> 'chave';
    if v_id is null then
        insert into public.recebimentos_totvs (chave, origem, recebido_em, correlacao, remetente, tipo_conteudo, bruto)
        values (
            p_recebimento ->> 'chave', p_recebimento ->> 'origem', (p_recebimento ->> 'recebido_em')::timestamptz,
            p_recebimento ->> 'correlacao', p_recebimento ->> 'remetente', p_recebimento ->> 'tipo_conteudo',
            decode(p_recebimento ->> 'bruto', 'base64')
        )
        returning id into v_id;
    end if;
    return v_id;
end $$;
comment on function interno.guardar_recebimento(jsonb) is 'Guarda os bytes de um recebimento uma vez; devolve o identificador.';

create function interno.receber_evento(p_recebimento jsonb, p_evento jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_origem constant text := p_recebimento ->> 'origem';
    v_recusa constant jsonb := p_evento -> 'recusa';
    v_evento public.eventos_totvs;
    v_igual public.eventos_totvs;
    v_resultado interno.resultado_totvs;
begin
    v_evento.indice := (p_evento ->> 'indice')::integer;
    v_evento.tipo := p_evento ->> 'tipo';
    v_evento.evento_id := p_evento ->> 'evento_id';
    v_evento.versao := (p_evento ->> 'versao')::numeric;
    v_evento.ocorrido_em := (p_evento ->> 'ocorrido_em')::timestamptz;
    v_evento.recebido_em := (p_recebimento ->> 'recebido_em')::timestamptz;
    v_evento.dados := p_evento -> 'dados';
    v_evento.sha256 := coalesce(p_evento ->> 'sha256', encode(sha256(convert_to(v_recusa::text, 'UTF8')), 'hex'));
    v_evento.chave := case when v_evento.evento_id is not null and v_recusa is null
        then 'id:' || v_evento.evento_id || ':' || v_evento.sha256
        else (p_recebimento ->> 'chave') || ':' || v_evento.indice end;
    select * into v_igual from public.eventos_totvs where chave = v_evento.chave;
    if v_igual.id is not null then
        return jsonb_build_object(
            'indice', v_evento.indice, 'evento', v_igual.id, 'situacao', 'JA_RECEBIDO', 'tipo', v_igual.tipo,
            'referencia', v_igual.referencia, 'codigo', null, 'motivo', null, 'mudou', false
        );
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
    return jsonb_build_object(
        'indice', v_evento.indice, 'evento', v_evento.id, 'situacao', v_resultado.situacao, 'tipo', v_evento.tipo,
        'referencia', v_evento.referencia, 'codigo', v_resultado.codigo, 'motivo', v_resultado.motivo,
        'mudou', v_resultado.mudou
    );
end $$;
comment on function interno.receber_evento(jsonb, jsonb) is 'Recebe um evento: reconhece a repetição, aplica, guarda, e solta o que esperava por ele.';

create function public.receber_eventos_totvs(p_recebimento jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_evento jsonb;
    v_resultado jsonb;
    v_resultados jsonb := '[]';
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    p_recebimento := interno.json_recebido(p_recebimento);
    if jsonb_typeof(p_recebimento -> 'eventos') is distinct from 'array' or p_recebimento ->> 'chave' is null
        or p_recebimento ->> 'origem' is null or p_recebimento ->> 'recebido_em' is null then
        perform interno.recusar(
            '422', 'RECEBIMENTO_INVALIDO', 'p_recebimento precisa de chave, origem, recebido_em, bruto e eventos.',
            'Corrija quem chama receber_eventos_totvs.'
        );
    end if;
    -- One at a time: an order that parks for its product while that product is being applied elsewhere would wait for
    -- good. The ERP says some hundred things a day; there is nothing to gain from doing two at once.
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));

    for v_evento in
        select e.evento from jsonb_array_elements(p_recebimento -> 'eventos') as e (evento)
        -- Of two rows of one answer about the same thing, the one that will win comes first (see interno.mais_novo).
        order by case when p_recebimento ->> 'origem' = 'consulta' then e.evento ->> 'sha256' end collate "C" desc,
            (e.evento ->> 'indice')::integer
    loop
        begin
            v_resultado := interno.receber_evento(p_recebimento, v_evento);
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_resultado := jsonb_build_object(
                'indice', v_evento -> 'indice', 'evento', null, 'tipo', v_evento -> 'tipo', 'referencia', null,
                'mudou', false
            ) || interno.erro_json(v_estado, v_mensagem, v_detalhe);
        end;
        v_resultados := v_resultados || jsonb_build_array(v_resultado);
    end loop;
    if p_recebimento ->> 'origem' = 'webhook' then
        insert into public.tentativas_integracao (
            em, sistema, sentido, operacao, metodo, url, status_http, latencia_ms, resultado, codigo, erro, correlacao,
            bytes_recebidos
        )
        select
            (p_recebimento ->> 'recebido_em')::timestamptz, 'TOTVS', 'ENTRADA', 'eventos', 'POST', '/totvs/eventos',
            case when t.recusados > 0 then 422 else 200 end,
            greatest(0, extract(epoch from clock_timestamp() - (p_recebimento ->> 'recebido_em')::timestamptz) * 1000)::bigint,
            case when t.recusados > 0 then 'PERMANENTE' else 'OK' end,
            case when t.recusados > 0 then 'EVENTO_INVALIDO' end, t.motivos, p_recebimento ->> 'correlacao',
            length(decode(p_recebimento ->> 'bruto', 'base64'))
        from (
            select
                count(*) filter (where r ->> 'codigo' = 'EVENTO_INVALIDO') as recusados,
                left(string_agg(r ->> 'motivo', '; ') filter (where r ->> 'codigo' = 'EVENTO_INVALIDO'), 500) as motivos
            from jsonb_array_elements(v_resultados) as r
        ) as t;
    end if;
    return (select jsonb_agg(r order by (r ->> 'indice')::integer) from jsonb_array_elements(v_resultados) as r);
end $$;
comment on function public.receber_eventos_totvs(jsonb) is
'Recebe os eventos de um pedido do webhook ou de uma página consultada; devolve a situação de cada um, na mesma ordem.';

-- ------------------------------------------------------------------------------------------ attempts and pulls

create function public.registrar_tentativas(p_tentativas jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_linhas integer;
begin
    insert into public.tentativas_integracao (
        em, sistema, sentido, operacao, metodo, url, status_http, latencia_ms, resultado, codigo, erro, correlacao,
        bytes_enviados, bytes_recebidos, envio_id, corpo, resposta
    )
    select
        t.em, t.sistema, t.sentido, t.operacao, t.metodo, t.url, t.status_http, t.latencia_ms, t.resultado, t.codigo,
        t.erro, t.correlacao, t.bytes_enviados, t.bytes_recebidos, t.envio_id, t.corpo, t.resposta
    from jsonb_to_recordset(interno.json_recebido(p_tentativas)) as t (
        em timestamptz, sistema text, sentido text, operacao text, metodo text, url text, status_http integer,
        latencia_ms bigint, resultado text, codigo text, erro text, correlacao text, bytes_enviados bigint,
        bytes_recebidos bigint, envio_id bigint, corpo text, resposta text
    );
    get diagnostics v_linhas = row_count;
    return v_linhas;
end $$;
comment on function public.registrar_tentativas(jsonb) is 'Acrescenta chamadas ao registro de tentativas; devolve quantas.';

create function public.iniciar_sincronizacao_totvs(p_entidade text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((
        select jsonb_build_object('alterado_desde', s.alterado_desde, 'proxima_pagina', s.proxima_pagina)
        from public.sincronizacoes_totvs as s where s.entidade = p_entidade order by s.id desc limit 1
    ), jsonb_build_object('alterado_desde', null, 'proxima_pagina', 1))
$$;
comment on function public.iniciar_sincronizacao_totvs(text) is 'De onde a próxima busca da entidade começa: alterado_desde (nulo = do princípio) e proxima_pagina.';

create function public.concluir_sincronizacao_totvs(
    p_entidade text, p_iniciada_em timestamptz, p_situacao text, p_proxima_pagina integer, p_resumo jsonb
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_antes constant jsonb := public.iniciar_sincronizacao_totvs(p_entidade);
    v_reaplicados integer;
    v_inicio timestamptz;
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    v_reaplicados := interno.reaplicar_estacionados(null);
    -- A run over several pieces is complete as of the start of its first.
    select min(s.iniciada_em) into v_inicio
    from public.sincronizacoes_totvs as s
    where s.entidade = p_entidade and s.id > coalesce((
        select max(c.id) from public.sincronizacoes_totvs as c where c.entidade = p_entidade and c.situacao = 'COMPLETA'
    ), 0) and (v_antes ->> 'proxima_pagina')::integer > 1;
    insert into public.sincronizacoes_totvs (entidade, iniciada_em, situacao, alterado_desde, proxima_pagina, resumo)
    values (
        p_entidade, p_iniciada_em, p_situacao,
        case when p_situacao = 'COMPLETA' then least(p_iniciada_em, v_inicio) else (v_antes ->> 'alterado_desde')::timestamptz end,
        case p_situacao when 'COMPLETA' then 1 when 'INCOMPLETA' then p_proxima_pagina else (v_antes ->> 'proxima_pagina')::integer end,
        interno.json_recebido(p_resumo) || jsonb_build_object('reaplicados', v_reaplicados)
    );
    return jsonb_build_object('reaplicados', v_reaplicados);
end $$;
comment on function public.concluir_sincronizacao_totvs(text, timestamptz, text, integer, jsonb) is
'Registra uma busca e solta o que esperava um cadastro que já existe; devolve quantos eventos deixaram de esperar.';
