-- From the inbox to master data: one event, one subtransaction; older never overwrites newer; what waits for a
-- reference applies itself when that arrives.

-- What was sent of these fields, for jsonb_populate_record: sent = its value (NULL if sent blank), never sent = what
-- the row has. By name: other fields that were sent set no column of the same name.
create function interno.campos(p_dados jsonb, variadic p_nomes text[])
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(p_dados) as d where d.key = any(p_nomes)
$$;
comment on function interno.campos(jsonb, text[]) is 'Dos dados, os campos com estes nomes; o que nunca foi enviado falta.';

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
end $$;
comment on function interno.aplicar_produto(text, jsonb) is 'Grava um produto, ou um insumo se o tipo disser que é um.';

-- A stock lot of an input, or the dates of the orders that make a product's lot. What comes of a lot before its order
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
