-- Reversals for an ERP that takes back a whole report and nothing less (parameter ESTORNO_INTEIRO): the reports that
-- hold what is too much are reversed, each by a report of its own, and what remains of them is reported anew.
--
-- Amounts here are one object: boas, refugo:<código>, perda:<tipo> → units.

create function interno.quantidades_envio(p_conteudo jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select 'boas' as chave, (p_conteudo ->> 'boas')::bigint as n
        union all
        select 'refugo:' || (x ->> 'codigo'), (x ->> 'quantidade')::bigint
        from jsonb_array_elements(coalesce(p_conteudo -> 'refugos', '[]')) as x
        union all
        select 'perda:' || (x ->> 'tipo'), (x ->> 'quantidade')::bigint
        from jsonb_array_elements(coalesce(p_conteudo -> 'perdas', '[]')) as x
    ) as t
$$;
comment on function interno.quantidades_envio(jsonb) is 'As quantidades de um envio: boas, refugo:código e perda:tipo → unidades.';

create function interno.quantidades_totais(p_resumo jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select 'boas' as chave, (p_resumo ->> 'boas')::bigint as n
        union all
        select 'refugo:' || r.key, r.value::bigint from jsonb_each_text(p_resumo -> 'refugos') as r
        union all
        select 'perda:' || r.key, r.value::bigint from jsonb_each_text(p_resumo -> 'perdas') as r
    ) as t
$$;
comment on function interno.quantidades_totais(jsonb) is 'As quantidades de interno.resumo_totais, com sinal: boas, refugo:código e perda:tipo → unidades.';

-- Those on one side of zero, all positive.
create function interno.de_um_lado(p_quantidades jsonb, p_sinal integer)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(q.key, q.value::bigint * p_sinal), '{}')
    from jsonb_each_text(p_quantidades) as q
    where q.value::bigint * p_sinal > 0
$$;
comment on function interno.de_um_lado(jsonb, integer) is 'Das quantidades, as de um sinal, em valores positivos.';

create function interno.conteudo_quantidades(p_quantidades jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object(
        'boas', coalesce((p_quantidades ->> 'boas')::bigint, 0),
        'refugos', coalesce(jsonb_agg(
            jsonb_build_object('codigo', substr(q.key, length('refugo:') + 1), 'quantidade', q.value::bigint) order by q.key
        ) filter (where q.key like 'refugo:%'), '[]'),
        'perdas', coalesce(jsonb_agg(
            jsonb_build_object('tipo', substr(q.key, length('perda:') + 1), 'quantidade', q.value::bigint) order by q.key
        ) filter (where q.key like 'perda:%'), '[]')
    )
    from jsonb_each_text(p_quantidades) as q
$$;
comment on function interno.conteudo_quantidades(jsonb) is 'O contrário de interno.quantidades_envio: boas, refugos e perdas, como um envio as traz.';

create function interno.criar_correcao(p_op text, p_tipo text, p_quantidades jsonb, p_motivo text)
returns bigint
language sql
set search_path = ''
as $$
    select interno.criar_envio(
        p_op, p_tipo,
        interno.cabecalho_envio(p_op) || interno.conteudo_quantidades(p_quantidades) || jsonb_build_object('motivo', p_motivo)
    )
$$;
comment on function interno.criar_correcao(text, text, jsonb, text) is
'Põe na caixa de saída um AJUSTE ou ESTORNO de quantidades; devolve o envio.';

-- The newest reports first: what was corrected last is most likely what is corrected again.
create function interno.estornar_inteiros(p_op text, p_mais jsonb, p_menos jsonb, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_envio public.envios_totvs;
    v_quantidades jsonb;
    v_falta jsonb := p_menos;
    v_resto jsonb := interno.menos(p_mais, p_menos);
    v_envios jsonb := '[]';
begin
    for v_envio in
        select e.* from public.envios_totvs as e
        where e.numero_op = p_op and e.situacao = 'CONFIRMADO' and e.tipo in ('PARCIAL', 'PRODUCAO', 'PERDAS', 'AJUSTE')
          and not interno.estornado_inteiro(e)
        order by e.ordem desc
    loop
        v_quantidades := interno.quantidades_envio(v_envio.conteudo);
        continue when not exists (
            select from jsonb_each(v_falta) as f inner join jsonb_each(v_quantidades) as q on q.key = f.key
        );
        v_envios := v_envios || to_jsonb(interno.criar_envio(p_op, 'ESTORNO', jsonb_set(
            interno.cabecalho_envio(p_op) || interno.conteudo_quantidades(v_quantidades) || jsonb_build_object('motivo', p_motivo),
            '{cadastro,estorna}', jsonb_build_object(
                'id_externo', v_envio.id_externo, 'chave_erp', v_envio.chave_erp, 'tipo', v_envio.tipo, 'inteiro', true
            )
        )));
        v_falta := interno.de_um_lado(interno.menos(v_falta, v_quantidades), 1);
        v_resto := interno.menos(v_resto, interno.menos('{}', v_quantidades));
    end loop;
    if v_falta <> '{}' then
        perform interno.recusar(
            '409', 'NADA_A_ESTORNAR', format('O TOTVS não tem da OP %s apontamentos confirmados de que devolver %s.', p_op, v_falta),
            'Acerte a diferença no TOTVS e recuse o ajuste, com o motivo.'
        );
    end if;
    if v_resto <> '{}' then
        v_envios := v_envios || to_jsonb(interno.criar_correcao(p_op, 'AJUSTE', v_resto, p_motivo));
    end if;
    return v_envios;
end $$;
comment on function interno.estornar_inteiros(text, jsonb, jsonb, text) is
'Põe na caixa de saída o estorno inteiro dos apontamentos que têm as quantidades a menos, e um AJUSTE com o que resta deles e o que é a mais; PT409 NADA_A_ESTORNAR.';
