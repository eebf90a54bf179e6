-- What TOTVS receives of a closing.

create function interno.cabecalho_envio(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'numero_op', p_op, 'numero_lote', c.numero_lote, 'produto_codigo', c.produto_codigo, 'etapa', c.etapa,
        'cadastro', coalesce(
            (select f.cadastro from public.fechamentos_lote as f where f.numero_op = p_op),
            interno.cadastro_op(p_op, c.etapa, interno.totais_json(p_op))
        )
    )
    from interno.cabecalho_op(p_op) as c
$$;
comment on function interno.cabecalho_envio(text) is 'O que todo envio diz da OP: depois de fechada, o que foi congelado.';

-- A reversal by amounts before the closing is that of an order set aside: it took back all partial reports before it.
create function interno.parciais_desde(p_op text)
returns integer
language sql
stable
set search_path = ''
as $$
    select coalesce(max(e.ordem), 0)
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'ESTORNO' and e.situacao = 'CONFIRMADO'
      and e.conteudo #> '{cadastro,estorna}' is null and not exists (
        select from public.envios_totvs as p where p.numero_op = p_op and p.tipo = 'PRODUCAO' and p.ordem < e.ordem
    )
$$;
comment on function interno.parciais_desde(text) is 'Posição do último estorno dos parciais da OP, quando foi posta de lado; 0 se nunca.';

create function interno.estornado_inteiro(p_envio public.envios_totvs)
returns boolean
language sql
stable
set search_path = ''
as $$
    select exists (
        select from public.envios_totvs as r
        where r.numero_op = p_envio.numero_op and r.tipo = 'ESTORNO' and r.situacao <> 'DESCARTADO'
          and r.conteudo #>> '{cadastro,estorna,id_externo}' = p_envio.id_externo
    )
$$;
comment on function interno.estornado_inteiro(public.envios_totvs) is 'Verdadeiro se há um estorno inteiro do envio, confirmado ou a caminho.';

create function interno.parciais_validos(p_op text)
returns setof public.envios_totvs
language sql
stable
set search_path = ''
as $$
    select e.*
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'PARCIAL' and e.situacao = 'CONFIRMADO'
      and e.ordem > interno.parciais_desde(p_op) and not interno.estornado_inteiro(e)
$$;
comment on function interno.parciais_validos(text) is 'Os apontamentos parciais da OP que o TOTVS aceitou e não foram estornados.';

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
                from interno.parciais_validos(p_op) as p
                cross join lateral jsonb_array_elements(p.conteudo -> 'refugos') as x
                group by x ->> 'codigo'
            ) as r
        )
    )
    from interno.parciais_validos(p_op) as e
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
    if interno.parametro('ESTORNO_INTEIRO') = 1 then
        perform interno.estornar_inteiros(
            p_op, '{}', interno.quantidades_envio(jsonb_build_object('boas', p_boas, 'refugos', p_refugos)), p_motivo
        );
        return;
    end if;
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
    v_linhas jsonb;
begin
    select * into v_f from public.fechamentos_lote where numero_op = p_op;
    select interno.resumo_totais(jsonb_agg(to_jsonb(t)), v_f.etapa), interno.quantidades_por_linha(jsonb_agg(to_jsonb(t)), v_f.etapa)
    into v_totais, v_linhas
    from public.fechamento_totais as t where t.fechamento_id = v_f.id;
    v_boas := v_f.boas - (v_parciais ->> 'boas')::bigint;
    v_refugos := interno.menos(coalesce(v_totais -> 'refugos', '{}'), v_parciais -> 'refugos');
    if v_boas < 0 or interno.lista(v_refugos, 'codigo', -1) <> '[]' then
        perform interno.estornar_parciais(
            p_op, greatest(- v_boas, 0), interno.lista(v_refugos, 'codigo', -1),
            'Apontamentos parciais passaram do total fechado.'
        );
    end if;
    v_totais := interno.conteudo_producao(
        p_op, v_boas, v_refugos, (v_parciais ->> 'contador')::bigint, v_f.contador_final, v_f.inicio, v_f.fim, false
    );
    -- Amounts by line are of the whole order: they are told only if nothing of it was told before.
    if v_linhas is not null and not exists (select from interno.parciais_validos(p_op)) then
        v_totais := jsonb_set(v_totais, '{cadastro,por_linha}', v_linhas);
    end if;
    return v_totais;
end $$;
comment on function interno.conteudo_fechamento(text) is
'Conteúdo do apontamento do fechamento: o congelado menos os parciais confirmados; o que sobrou a mais vira um ESTORNO.';

-- What the report is sent with: frozen with it, or of now for one that is older than this.
create function interno.cadastro_do_envio(p_envio public.envios_totvs)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(p_envio.conteudo -> 'cadastro', interno.cabecalho_envio(p_envio.numero_op) -> 'cadastro')
        || jsonb_build_object('lancado_em', p_envio.criado_em)
        || case when p_envio.tipo = 'ESTORNO' and p_envio.conteudo #> '{cadastro,estorna}' is null then coalesce((
            select jsonb_build_object('estorna', jsonb_build_object(
                'id_externo', e.id_externo, 'chave_erp', e.chave_erp, 'tipo', e.tipo, 'inteiro', false
            ))
            from public.envios_totvs as e
            where e.numero_op = p_envio.numero_op and e.ordem < p_envio.ordem and e.situacao = 'CONFIRMADO'
              and e.tipo in ('PRODUCAO', 'PARCIAL')
            order by e.tipo = 'PRODUCAO' desc, e.ordem desc
            limit 1
        ), '{}') else '{}' end
$$;
comment on function interno.cadastro_do_envio(public.envios_totvs) is
'O que o envio diz além das quantidades; de um estorno por quantidades, também o apontamento de que elas se devolvem.';
