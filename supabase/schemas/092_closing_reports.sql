-- What TOTVS receives of a closing.

create function interno.cabecalho_envio(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'numero_op', p_op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo, 'etapa', c.etapa
    )
    from interno.cabecalho_op(p_op) as c
$$;
comment on function interno.cabecalho_envio(text) is 'O que todo envio diz da OP: depois de fechada, o que foi congelado.';

-- A reversal before the closing is that of an order set aside: it took back all partial reports before it.
create function interno.parciais_desde(p_op text)
returns integer
language sql
stable
set search_path = ''
as $$
    select coalesce(max(e.ordem), 0)
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'ESTORNO' and e.situacao = 'CONFIRMADO' and not exists (
        select from public.envios_totvs as p where p.numero_op = p_op and p.tipo = 'PRODUCAO' and p.ordem < e.ordem
    )
$$;
comment on function interno.parciais_desde(text) is 'Posição do último estorno dos parciais da OP, quando foi posta de lado; 0 se nunca.';

-- What TOTVS has accepted as partial reports so far. One that is INCERTO or refused stands before the closing in the
-- queue, so each of them has ended when this is asked.
create function interno.parciais_confirmados(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function interno.parciais_confirmados(text) is 'Soma do que o TOTVS aceitou em apontamentos parciais da OP: boas, refugos por código e contador.';

create function interno.conteudo_producao(
    p_op text, p_boas bigint, p_refugos jsonb, p_de bigint, p_ate bigint, p_inicio timestamptz, p_fim timestamptz,
    p_parcial boolean
)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select interno.cabecalho_envio(p_op) || jsonb_build_object(
        'parcial', p_parcial, 'boas', greatest(p_boas, 0),
        'refugo', (select coalesce(sum((x ->> 'quantidade')::bigint), 0) from jsonb_array_elements(r.refugos) as x),
        'refugos', r.refugos, 'contador_inicial', p_de, 'contador_final', p_ate, 'inicio', p_inicio, 'fim', p_fim
    )
    from (select interno.lista(p_refugos, 'codigo', 1) as refugos) as r
$$;
comment on function interno.conteudo_producao(text, bigint, jsonb, bigint, bigint, timestamptz, timestamptz, boolean) is
'Conteúdo de um apontamento de produção.';

create function interno.estornar_parciais(p_op text, p_boas bigint, p_refugos jsonb, p_motivo text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform interno.criar_envio(p_op, 'ESTORNO', interno.cabecalho_envio(p_op) || jsonb_build_object(
        'boas', p_boas, 'refugos', p_refugos, 'perdas', '[]'::jsonb, 'motivo', p_motivo
    ));
end $$;
comment on function interno.estornar_parciais(text, bigint, jsonb, text) is
'Põe na caixa de saída o estorno do que apontamentos parciais levaram a mais: boas e refugos (lista de código e quantidade).';

-- The closing report: what was frozen less what partial reports have brought in. A kind of which partial reports
-- brought too much (units re-dated away since) goes back as a reversal of its own.
create function interno.conteudo_fechamento(p_op text)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function interno.conteudo_fechamento(text) is
'Conteúdo do apontamento do fechamento: o congelado menos os parciais confirmados; o que sobrou a mais vira um ESTORNO.';
