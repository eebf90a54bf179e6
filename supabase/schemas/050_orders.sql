-- What people do with orders: open, close, re-date.
--
-- SECURITY DEFINER: the role and the line's sector are checked inside, and each change leaves a trail. The line is
-- locked first, so that batches in flight are attributed before or after the change, never in between.

create function interno.fator(p_linha_id text, p_contador text, p_em timestamptz)
returns integer
language sql
stable
set search_path = ''
as $$
    select coalesce((
        select f.fator from public.fatores_linha as f
        where f.linha_id = p_linha_id and f.contador = p_contador and f.validade @> p_em
    ), 1)
$$;
comment on function interno.fator(text, text, timestamptz) is 'Unidades por contagem da máquina no instante; 1 se a linha não tem fator.';

-- The answer of abrir_ordem and encerrar_ordem.
create function interno.periodo_json(p_periodo public.periodos_ordem)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_periodo.id, 'numero_op', p_periodo.numero_op, 'linha_id', p_periodo.linha_id,
        'aberta_em', lower(p_periodo.intervalo), 'encerrada_em', upper(p_periodo.intervalo),
        'fator_producao', p_periodo.fator_producao, 'fator_rejeicao', p_periodo.fator_rejeicao
    )
$$;
comment on function interno.periodo_json(public.periodos_ordem) is 'Período como as funções de ordem o devolvem.';

create function interno.recusar_ocupada(p_periodo public.periodos_ordem)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    perform interno.recusar(
        '409', 'LINHA_OCUPADA',
        format(
            'A linha %s está com a OP %s de %s a %s (hora de Fortaleza).', p_periodo.linha_id, p_periodo.numero_op,
            interno.hora_local(lower(p_periodo.intervalo)),
            coalesce(interno.hora_local(upper(p_periodo.intervalo)), 'agora, ainda aberta')
        ),
        'Encerre essa OP ou escolha outro instante.'
    );
end $$;
comment on function interno.recusar_ocupada(public.periodos_ordem) is 'PT409 LINHA_OCUPADA, com a OP e o intervalo que ocupam a linha.';

-- What abrir_ordem and encerrar_ordem check and lock before they look at periods. Returns the role acted with.
create function interno.preparar_ordem(
    p_funcao text, p_numero_op text, p_linha_id text, p_instante timestamptz,
    out papel text, out concluida boolean
)
language plpgsql
set search_path = ''
as $$
begin
    papel := interno.linha_para_decisao(p_funcao, p_linha_id);
    perform interno.exigir_linha(p_linha_id);
    select l.status = 'CONCLUIDO' or l.situacao_totvs = 'ENCERRADA' into concluida
    from public.lotes_producao as l where l.numero_op = p_numero_op for no key update;
    if not found then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_numero_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    if p_instante > clock_timestamp() + interval '1 minute' then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(p_instante)),
            'Informe um instante até agora.'
        );
    end if;
end $$;
comment on function interno.preparar_ordem(text, text, text, timestamptz) is
'Trava a linha e a OP e confere papel, setor, linha, OP e instante antes de mexer em períodos; concluida = fechada aqui, ou encerrada no TOTVS.';

-- Opening. The order's period that holds the instant, or the next one on the line if it is this order's, is re-dated;
-- otherwise a new period begins, ending where the line's next period begins (a forgotten order, entered late).
-- p_aberta_em NULL = now; an order already open is then simply returned.
create function public.abrir_ordem(
    p_numero_op text, p_linha_id text, p_aberta_em timestamptz default null, p_motivo text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_instante constant timestamptz := date_trunc('second', coalesce(p_aberta_em, clock_timestamp()));
    v_preparo record;
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_fator_producao integer;
    v_fator_rejeicao integer;
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
    v_impedimento jsonb;
    v_avisos jsonb;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
begin
    select * into v_preparo from interno.preparar_ordem('abrir_ordem', v_op, p_linha_id, v_instante);

    v_avisos := jsonb_build_object('avisos', interno.avisos_abertura(v_op, p_linha_id));

    -- The period that holds the instant, else the next one.
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and (upper_inf(p.intervalo) or upper(p.intervalo) > v_instante)
    order by lower(p.intervalo)
    limit 1;

    if v_alvo.numero_op = v_op and lower(v_alvo.intervalo) = v_instante
        or v_alvo.numero_op = v_op and p_aberta_em is null and v_alvo.intervalo @> v_instante then
        return interno.periodo_json(v_alvo) || v_avisos;
    end if;
    v_impedimento := interno.impedimentos_abertura(v_op, p_linha_id) -> 0;
    if v_impedimento is not null then
        perform interno.recusar(
            '409', v_impedimento ->> 'codigo', v_impedimento ->> 'detalhe', v_impedimento ->> 'acao'
        );
    end if;
    if v_alvo.intervalo @> v_instante and v_alvo.numero_op <> v_op then
        perform interno.recusar_ocupada(v_alvo);
    end if;
    if v_instante < clock_timestamp() - interval '5 minutes' or v_alvo.numero_op = v_op
        or v_preparo.concluida then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;

    v_fator_producao := interno.fator(p_linha_id, 'producao', v_instante);
    v_fator_rejeicao := interno.fator(p_linha_id, 'rejeicao', v_instante);
    if v_alvo.numero_op = v_op then
        v_de := least(v_instante, lower(v_alvo.intervalo));
        v_ate := case when (v_fator_producao, v_fator_rejeicao) = (v_alvo.fator_producao, v_alvo.fator_rejeicao)
            then greatest(v_instante, lower(v_alvo.intervalo)) else coalesce(upper(v_alvo.intervalo), 'infinity') end;
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        update public.periodos_ordem
        set intervalo = tstzrange(v_instante, upper(intervalo)), fator_producao = v_fator_producao,
            fator_rejeicao = v_fator_rejeicao
        where id = v_alvo.id
        returning * into v_novo;
    else
        v_de := v_instante;
        v_ate := coalesce(lower(v_alvo.intervalo), 'infinity');
        v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
        insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
        values (v_op, p_linha_id, tstzrange(v_instante, lower(v_alvo.intervalo)), v_fator_producao, v_fator_rejeicao)
        returning * into v_novo;
        insert into public.ordens_producao_ativas (numero_op, linha_id) values (v_op, p_linha_id) on conflict do nothing;
    end if;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
    perform interno.anotar_trilha(
        v_preparo.papel, 'abrir_ordem', format('periodos_ordem:%s', v_novo.id),
        case when v_alvo.numero_op = v_op then interno.periodo_json(v_alvo) end, interno.periodo_json(v_novo), v_motivo
    );
    return interno.periodo_json(v_novo) || v_avisos;
end $$;
comment on function public.abrir_ordem(text, text, timestamptz, text) is
'Abre a OP na linha, ou corrige o instante da abertura; nulo = agora. Devolve o período e os avisos de verificar_abertura. Motivo obrigatório além de 5 minutos.';
revoke all on function public.abrir_ordem(text, text, timestamptz, text) from public, anon, authenticated, service_role;
grant execute on function public.abrir_ordem(text, text, timestamptz, text) to authenticated, service_role;

-- Closing. The order's latest period begun by the instant is closed there, or re-dated if it was closed.
-- Closing at the very opening annuls the period (the wrong order was opened): a reason is due, the trail keeps it.
create function public.encerrar_ordem(
    p_numero_op text, p_linha_id text, p_encerrada_em timestamptz default null, p_motivo text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_instante constant timestamptz := date_trunc('second', coalesce(p_encerrada_em, clock_timestamp()));
    v_preparo record;
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_outro public.periodos_ordem;
    v_de timestamptz;
    v_ate timestamptz;
    v_antes jsonb;
    v_motivo text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_anular boolean;
begin
    select * into v_preparo from interno.preparar_ordem('encerrar_ordem', v_op, p_linha_id, v_instante);

    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.numero_op = v_op and lower(p.intervalo) <= v_instante
    order by coalesce(upper(p.intervalo) = v_instante, false) desc, lower(p.intervalo) desc
    limit 1;
    if v_alvo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', v_op, p_linha_id, interno.hora_local(v_instante)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    if upper(v_alvo.intervalo) = v_instante or (p_encerrada_em is null and not upper_inf(v_alvo.intervalo)) then
        return interno.periodo_json(v_alvo);
    end if;

    v_anular := lower(v_alvo.intervalo) = v_instante;
    if v_instante < clock_timestamp() - interval '5 minutes' or not upper_inf(v_alvo.intervalo) or v_anular then
        v_motivo := interno.exigir_motivo(p_motivo);
    end if;
    select * into v_outro
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.id <> v_alvo.id and not v_anular
      and p.intervalo && tstzrange(lower(v_alvo.intervalo), v_instante)
    order by lower(p.intervalo)
    limit 1;
    if v_outro.id is not null then
        perform interno.recusar_ocupada(v_outro);
    end if;

    v_de := least(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity'));
    v_ate := greatest(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity'));
    v_antes := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    if v_anular then
        delete from public.periodos_ordem where id = v_alvo.id;
        v_novo := v_alvo;
        v_novo.intervalo := tstzrange(v_instante, v_instante);
    else
        update public.periodos_ordem set intervalo = tstzrange(lower(intervalo), v_instante)
        where id = v_alvo.id
        returning * into v_novo;
    end if;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_antes);
    perform interno.anotar_trilha(
        v_preparo.papel, 'encerrar_ordem', format('periodos_ordem:%s', v_alvo.id), interno.periodo_json(v_alvo),
        case when not v_anular then interno.periodo_json(v_novo) end, v_motivo
    );
    return case when v_anular
        then interno.periodo_json(v_alvo) || jsonb_build_object('encerrada_em', v_instante, 'anulado', true)
        else interno.periodo_json(v_novo)
    end;
end $$;
comment on function public.encerrar_ordem(text, text, timestamptz, text) is
'Encerra a OP na linha, ou corrige o instante do encerramento; nulo = agora; no instante da abertura, anula o período. Devolve o período.';
revoke all on function public.encerrar_ordem(text, text, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.encerrar_ordem(text, text, timestamptz, text) to authenticated, service_role;
