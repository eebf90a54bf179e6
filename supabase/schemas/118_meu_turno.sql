-- The page a supervisor signs from: the lines of a sector in one shift.

-- Without a shift: the one of an hour ago, so that who signs at the change of shifts finds the one that just ended; of
-- the crews that share its hours the one somebody confirmed for.
create function interno.turno_a_conferir(p_setor text, out data date, out turno text)
language sql
stable
set search_path = ''
as $$
    select t.data, coalesce((
        select c.turno
        from public.linhas as l
        cross join lateral interno.confirmacao_atual(l.linha_id, t.janela) as c
        where l.setor = p_setor and c.id is not null
        order by c.id desc
        limit 1
    ), t.turnos[1])
    from (select clock_timestamp() - interval '1 hour' as em) as a
    cross join lateral interno.turnos_entre(a.em, a.em) as t
    where t.janela @> a.em
    order by lower(t.janela) desc
    limit 1
$$;
comment on function interno.turno_a_conferir(text) is 'Dia e código do turno de uma hora atrás, da equipe que o setor já confirmou.';

create function interno.turno_vizinho(p_em timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object('data', t.data, 'turno', t.turnos[1])
    from interno.turnos_entre(p_em, p_em) as t
    where t.janela @> p_em and lower(t.janela) <= clock_timestamp()
    limit 1
$$;
comment on function interno.turno_vizinho(timestamptz) is 'Dia e primeiro código do turno já começado que contém o instante; nulo se não há.';

-- What the order had counted on the line before the shift: where the shift's counter begins. The machine's own display
-- is not stored; zeroed at the start of the lot, it shows the same.
create function interno.contador_inicial(p_op text, p_linha_id text, p_inicio timestamptz)
returns bigint
language sql
stable
set search_path = ''
as $$
    select coalesce((
        select sum(c.producao_maquina) from interno.contado(p_linha_id, p_op, '-infinity', p_inicio) as c
    ), 0)::bigint + coalesce((
        select sum(m.producao) from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and upper(m.janela) <= p_inicio
    ), 0)::bigint
$$;
comment on function interno.contador_inicial(text, text, timestamptz) is
'O que a OP tinha contado na linha antes do instante, em contagens da máquina (unidades, se a linha é contada à mão).';

create function interno.linha_do_turno(p_linha public.linhas, p_janela tstzrange)
returns jsonb
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
declare
    v_conteudo constant jsonb := interno.conteudo_atual(p_linha.linha_id, p_janela);
    v_diario constant public.diarios_bordo := interno.diario_atual(p_linha.linha_id, p_janela);
    v_vale constant boolean := v_diario.id is not null and interno.assinatura_vale(v_diario, v_conteudo);
    v_ha constant boolean := v_diario.id is not null or v_conteudo -> 'ordens' <> '[]'; -- else there is nothing to sign
begin
    return jsonb_build_object(
        'linha_id', p_linha.linha_id, 'linha', p_linha.nome, 'etapa', p_linha.etapa,
        'ordens', (
            select coalesce(jsonb_agg(
                o.ordem - 'periodos' || jsonb_build_object(
                    'produto', d.descricao, 'de', o.ordem -> 'periodos' -> 0 -> 0, 'ate', o.ordem -> 'periodos' -> -1 -> 1,
                    'inicial', i.inicial, 'final', i.inicial + (o.ordem ->> 'producao_maquina')::bigint,
                    'boas', (o.ordem ->> 'producao')::bigint - interno.soma_json(o.ordem -> 'refugo') - interno.soma_json(o.ordem -> 'outras')
                ) order by o.ordem -> 'periodos' -> 0 -> 0, o.ordem -> 'numero_op'
            ), '[]')
            from jsonb_array_elements(v_conteudo -> 'ordens') as o (ordem)
            left join public.produtos as d on d.produto_codigo = o.ordem ->> 'produto_codigo'
            cross join lateral (
                select interno.contador_inicial(o.ordem ->> 'numero_op', p_linha.linha_id, lower(p_janela)) as inicial
                offset 0 -- computed once, not at each mention
            ) as i
        ),
        'conteudo_sha256', interno.sha_conteudo(v_conteudo), 'sem_ordem', v_conteudo -> 'sem_ordem',
        'confirmacao', nullif(v_conteudo -> 'confirmacao', 'null') || jsonb_build_object(
            'mudou', v_conteudo -> 'confirmacao' ->> 'conteudo_sha256' 
                <> interno.sha_conteudo(v_conteudo - '{confirmacao,devolucoes}'::text[])
        ),
        'devolucoes', v_conteudo -> 'devolucoes',
        'paradas', case
            when v_vale and v_diario.conteudo ? 'paradas' then v_diario.conteudo -> 'paradas'
            when v_ha then interno.paradas_turno(p_linha.linha_id, p_janela)
            else '[]'
        end,
        'motivos', interno.impedimentos_diario(p_linha.linha_id, p_janela, v_conteudo),
        'avisos', case when v_ha
            then interno.fontes_em_falta(p_linha.linha_id, lower(p_janela), least(upper(p_janela), clock_timestamp()))
            else '[]'
        end,
        'assinatura', case when v_diario.id is not null then
            to_jsonb(v_diario) - '{linha_id,data,janela,conteudo,origem}'::text[] || jsonb_build_object('vale', v_vale)
        end
    );
end $$;
comment on function interno.linha_do_turno(public.linhas, tstzrange) is
'O que a tela do turno mostra de uma linha: o que se assina, o contador, paradas, o que falta e a assinatura.';

create function public.meu_turno(p_setor text, p_data date default null, p_turno text default null)
returns jsonb
language sql
stable
security definer
set search_path = ''
set timezone = 'UTC'
set plan_cache_mode = 'force_generic_plan' -- of all that is called for each line
as $$
    select jsonb_build_object(
        'setor', p_setor, 'data', t.data, 'turno', t.turno, 'inicio', lower(j.janela), 'fim', upper(j.janela),
        'turnos', (
            select jsonb_agg(x.turno order by x.turno) from public.turnos_vigentes as x
            where interno.janela_turno(t.data, x.turno) = j.janela
        ),
        'anterior', interno.turno_vizinho(lower(j.janela) - interval '1 second'),
        'seguinte', interno.turno_vizinho(upper(j.janela)),
        'agora', clock_timestamp(),
        'libera_em', upper(j.janela) + make_interval(secs => interno.parametro('ASSINAR_ESPERA_SEGUNDOS')),
        'pode', (
            select jsonb_object_agg(f.funcao, exists (
                select from interno.papeis_que_contam as p
                where p.usuario_id = interno.usuario_atual() and p.papel = any(public.papeis_da_funcao(f.funcao))
                  and (p.setor is null or p.setor = p_setor)
            ))
            from unnest(array['confirmar_turno', 'devolver_diario', 'assinar_diario']) as f (funcao)
        ),
        'linhas', (
            select coalesce(jsonb_agg(interno.linha_do_turno(l, j.janela) order by l.etapa desc, l.linha_id), '[]')
            from public.linhas as l
            where l.setor = p_setor and (
                l.ativa or exists (select from interno.ops_do_turno(l.linha_id, j.janela))
            )
        )
    )
    from (
        select coalesce(p_data, c.data) as data, case when p_data is null then c.turno else p_turno end as turno
        from interno.turno_a_conferir(p_setor) as c
    ) as t
    cross join lateral (select interno.exigir_janela(t.data, t.turno) as janela offset 0) as j
$$;
comment on function public.meu_turno(text, date, text) is
'O turno de um setor para conferir e assinar, uma entrada por linha: OPs com o contador, unidades e perdas, paradas, confirmação, devoluções, motivos (impedem), avisos (fontes que faltam) e assinatura. Sem dia: o turno de uma hora atrás. PT422 TURNO_INVALIDO ou INSTANTE_FUTURO.';
revoke all on function public.meu_turno(text, date, text) from public, anon, authenticated, service_role;
grant execute on function public.meu_turno(text, date, text) to authenticated, service_role;
