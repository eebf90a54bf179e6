-- What the closing of an order still waits for.

create function interno.falta(p_motivo jsonb, p_funcao text, p_argumentos jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select p_motivo || jsonb_build_object('funcao', p_funcao, 'argumentos', p_argumentos)
$$;
comment on function interno.falta(jsonb, text, jsonb) is 'Uma falta: motivo, função que a resolve e os argumentos dela.';

-- The signatures that hold, of the shifts these orders touch. Each shift is looked at once, however many orders it has.
create function interno.assinaturas_validas(p_ops text[])
returns bigint[]
language sql
stable
set search_path = ''
as $$
    select coalesce(array_agg(d.id), '{}')
    from (
        select distinct j.linha_id, j.janela from unnest(p_ops) as o (op) cross join lateral interno.turnos_op(o.op) as j
    ) as t
    cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
    where d.id is not null and public.verificar_assinatura(d.id)
$$;
comment on function interno.assinaturas_validas(text[]) is 'Assinaturas que valem, dos turnos que as OPs tocam.';

-- What keeps the order as a whole: TOTVS cancelled it, it was never open or no longer was, a stage is missing.
create function interno.faltas_ordem(p_op text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
begin
    if exists (select from public.lotes_producao as l where l.numero_op = p_op and l.situacao_totvs = 'CANCELADA') then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('OP_CANCELADA',
            format('A OP %s foi cancelada no TOTVS depois de aberta.', p_op),
            'Passe as contagens à OP certa e anule a abertura, ou ponha a OP de lado.'
        ), 'por_ordem_de_lado', v_argumentos);
    end if;
    if not exists (select from public.periodos_ordem as p where p.numero_op = p_op) then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('SEM_PERIODO',
            format('A OP %s tem contagens ou perdas digitadas, mas não está mais aberta em linha nenhuma.', p_op),
            'Passe a contagem física à OP certa (mover_contagem_manual), estorne as perdas (estornar_refugo), abra a OP na hora certa, ou ponha-a de lado.'
        ), 'por_ordem_de_lado', v_argumentos);
    end if;
    for v_r in
        select e.etapa from public.lotes_producao as l cross join lateral interno.etapas(l.produto_codigo) as e
        where l.numero_op = p_op and not exists (
            select from public.periodos_ordem as p inner join public.linhas as n on n.linha_id = p.linha_id
            where p.numero_op = p_op and n.etapa = e.etapa
        )
    loop
        v_faltas := v_faltas || interno.falta(interno.motivo_json('ETAPA_AUSENTE',
            format('A OP %s ainda não passou pela etapa %s.', p_op, v_r.etapa), 'Abra-a na linha dessa etapa.'
        ), 'abrir_ordem', v_argumentos);
    end loop;
    return v_faltas;
end $$;
comment on function interno.faltas_ordem(text) is
'O que impede a OP como um todo de fechar: cancelada, sem período, ou sem uma das etapas.';

create function interno.faltas_contagem(p_op text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
begin
    for v_r in
        select p.linha_id, p.intervalo from public.periodos_ordem as p where p.numero_op = p_op order by p.linha_id, p.intervalo
    loop
        if upper_inf(v_r.intervalo) then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('ORDEM_ABERTA',
                format('A OP %s está aberta na linha %s.', p_op, v_r.linha_id), 'Encerre-a.'
            ), 'encerrar_ordem', v_argumentos || jsonb_build_object('p_linha_id', v_r.linha_id));
            continue;
        end if;
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(case m ->> 'codigo'
                when 'EPOCA_ABERTA' then interno.falta(m, 'encerrar_epoca', v_argumentos)
                when 'RELOGIO_EM_DUVIDA'
                    then interno.falta(m - 'p_id', 'decidir_relogio', jsonb_build_object('p_id', m -> 'p_id'))
                else interno.falta(m, 'fechar_com_ressalva', v_argumentos)
            end)
            from jsonb_array_elements(interno.fontes_em_falta(v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo))) as m
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('QUARENTENA',
                format('%s, pode conter contagens da OP: %s', q.quais, q.detalhe), 'Decida-a.'
            ), 'resolver_quarentena', jsonb_build_object('p_id', q.p_id, 'p_assunto', q.p_assunto)) order by q.p_id)
            from interno.quarentenas_no_intervalo(v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo)) as q
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('CONTAGEM_RETIDA', c.detalhe, 'Decida-a.'),
                'decidir_retido', jsonb_build_object('p_id', c.p_id, 'p_assunto', c.p_assunto)) order by c.p_id)
            from interno.retidas_no_intervalo(v_r.linha_id, v_r.intervalo) as c
        ), '[]');
    end loop;
    return v_faltas;
end $$;
comment on function interno.faltas_contagem(text) is
'O que ainda falta das contagens da OP em cada período: aberto, fontes atrasadas, quarentena, retidas.';

-- Of a closed order: what must be signed again before an adjustment of it is reported.
create function interno.faltas_diarios(p_op text, p_assinaturas bigint[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_faltas jsonb := '[]';
    v_r record;
    v_diario public.diarios_bordo;
    v_devolucao public.devolucoes_diario;
    v_turno jsonb;
begin
    for v_r in select t.* from interno.turnos_op(p_op) as t order by t.linha_id, t.janela loop
        v_diario := interno.diario_atual(v_r.linha_id, v_r.janela);
        v_turno := jsonb_build_object(
            'p_linha_id', v_r.linha_id, 'p_data', v_r.data, 'p_turno', coalesce(v_diario.turno, v_r.turnos[1]), 'numero_op', p_op
        );
        if (interno.produzido(p_op, v_r.linha_id, v_r.janela)).divergente then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s, linha %s, %s: o refugo da máquina e o digitado divergem.', p_op, v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY')),
                'Corrija o refugo digitado, ou diga qual vale.'
            ), 'conciliar_refugo', v_turno || v_argumentos);
        end if;
        v_devolucao := interno.devolucao_aberta(v_r.linha_id, v_r.janela);
        if v_devolucao.id is not null then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_DEVOLVIDO',
                format('O Diário de Bordo da linha %s de %s, turno %s, foi devolvido por %s: %s', v_r.linha_id,
                    to_char(v_r.data, 'DD/MM/YYYY'), v_devolucao.turno, v_devolucao.nome, v_devolucao.motivo),
                'Corrija o que foi pedido e confirme o turno de novo.'
            ), 'confirmar_turno', v_turno || jsonb_build_object('p_turno', v_devolucao.turno));
        elsif v_diario.id is null then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_NAO_ASSINADO',
                format('Falta assinar o Diário de Bordo da linha %s de %s, turno %s.', v_r.linha_id, to_char(v_r.data, 'DD/MM/YYYY'),
                    array_to_string(v_r.turnos, ' ou ')), 'Confira e assine.'
            ), 'assinar_diario', v_turno);
        elsif v_diario.id <> all(p_assinaturas) then
            v_faltas := v_faltas || interno.falta(interno.motivo_json('DIARIO_ALTERADO',
                format('O Diário de Bordo da linha %s de %s, turno %s, mudou depois de assinado por %s.', v_r.linha_id,
                    to_char(v_r.data, 'DD/MM/YYYY'), v_diario.turno, v_diario.nome), 'Confira o que mudou e assine de novo, com motivo.'
            ), 'assinar_diario', v_turno);
        end if;
    end loop;
    return v_faltas;
end $$;
comment on function interno.faltas_diarios(text, bigint[]) is
'Os turnos da OP sem assinatura que vale, ou com refugo divergente. p_assinaturas: as que valem.';

create function interno.faltas_totais(p_op text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_argumentos constant jsonb := jsonb_build_object('p_numero_op', p_op);
    v_totais constant jsonb := interno.totais_json(p_op);
    v_faltas jsonb := '[]';
    v_r record;
    v_resumo jsonb;
begin
    for v_r in
        select o.linha_id, o.producao_acumulada as vivo, coalesce(t.quantidade, 0) as por_turno
        from public.ordens_producao_ativas as o
        left join (
            select x.linha_id, sum(x.quantidade) as quantidade
            from jsonb_to_recordset(v_totais) as x (linha_id text, tipo text, quantidade bigint)
            where x.tipo = 'PRODUZIDA'
            group by x.linha_id
        ) as t on t.linha_id = o.linha_id
        where o.numero_op = p_op and o.producao_acumulada <> coalesce(t.quantidade, 0)
    loop
        v_faltas := v_faltas || interno.falta(interno.motivo_json('TOTAIS_DIVERGEM',
            format('OP %s, linha %s: o total é %s, a soma dos turnos %s.', p_op, v_r.linha_id, v_r.vivo, v_r.por_turno),
            'Avise a TI: os turnos cadastrados não cobrem as 24 h, ou há um defeito.'
        ), 'fechar_com_ressalva', v_argumentos);
    end loop;
    select interno.resumo_totais(v_totais, interno.etapa_apontada(l.produto_codigo)) into v_resumo
    from public.lotes_producao as l where l.numero_op = p_op;
    if (v_resumo ->> 'boas')::bigint < 0 then
        v_faltas := v_faltas || interno.falta(interno.motivo_json('BOAS_NEGATIVAS',
            format('OP %s: refugo e amostras passam das %s unidades produzidas.', p_op, v_resumo ->> 'produzidas'), 'Corrija o que foi digitado.'
        ), 'estornar_refugo', v_argumentos);
    end if;
    return v_faltas;
end $$;
comment on function interno.faltas_totais(text) is
'Totais da OP que não fecham: soma dos turnos diferente do total, ou boas negativas.';

create function interno.faltas_fechamento(p_op text, p_assinaturas bigint[])
returns jsonb
language sql
stable
set search_path = ''
as $$
    select interno.faltas_ordem(p_op) || interno.faltas_contagem(p_op) || interno.faltas_diarios(p_op, p_assinaturas)
        || interno.faltas_totais(p_op)
$$;
comment on function interno.faltas_fechamento(text, bigint[]) is
'Tudo que ainda falta para a OP fechar, com a função que resolve cada falta. p_assinaturas: as que valem.';
