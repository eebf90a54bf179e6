-- What people do with orders: open, close, re-date.
--
-- SECURITY DEFINER: the role and the line's sector are checked inside, and each change leaves a trail. The line is
-- locked first, so that batches in flight are attributed before or after the change, never in between.
--
-- Each act is planned first: which period becomes which, or the refusal. The plan writes nothing; the act carries it
-- out, and efeito_abertura and efeito_encerramento (054_order_effects.sql) say what it would do.

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

create type interno.plano_ordem as ( -- noqa: LT01
    ato text,
    instante timestamptz,
    alvo public.periodos_ordem,
    novo public.periodos_ordem,
    de timestamptz,
    ate timestamptz,
    exige_motivo boolean
);
comment on type interno.plano_ordem is
'O que um ato sobre uma ordem muda: o período alvo (nulo: nenhum) passa a ser novo (vazio: anulado; igual: nada muda), e as contagens da linha em [de, ate) são reatribuídas.';

-- What both acts ask first. Returns whether the order is over: closed here, or ended in TOTVS.
create function interno.conferir_ordem(p_op text, p_linha_id text, p_instante timestamptz)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
    v_concluida boolean;
begin
    perform interno.exigir_linha(p_linha_id);
    select l.status = 'CONCLUIDO' or coalesce(l.situacao_totvs = 'ENCERRADA', false) into v_concluida
    from public.lotes_producao as l where l.numero_op = p_op;
    if not found then
        perform interno.recusar(
            '404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(p_op),
            'Confira o número; se estiver certo, aguarde a integração ou avise a TI.'
        );
    end if;
    if p_instante > clock_timestamp() + interval '1 minute' then
        perform interno.recusar(
            '422', 'INSTANTE_FUTURO', format('O instante %s está no futuro.', interno.hora_local(p_instante)),
            'Informe um instante até agora.'
        );
    end if;
    return v_concluida;
end $$;
comment on function interno.conferir_ordem(text, text, timestamptz) is
'Verdadeiro se a OP foi fechada aqui ou encerrada no TOTVS; PT404 LINHA_DESCONHECIDA, OP_DESCONHECIDA, PT422 INSTANTE_FUTURO.';

-- Opening. The order's period that holds the instant, or the next one on the line if it is this order's, is re-dated;
-- otherwise a new period begins, ending where the line's next period begins (a forgotten order, entered late).
-- p_aberta_em NULL = now; an order already open stays as it is.
create function interno.planejar_abertura(p_op text, p_linha_id text, p_aberta_em timestamptz)
returns interno.plano_ordem
language plpgsql
stable
set search_path = ''
as $$
declare
    v_instante constant timestamptz := date_trunc('second', coalesce(p_aberta_em, clock_timestamp()));
    v_concluida constant boolean := interno.conferir_ordem(p_op, p_linha_id, v_instante);
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_impedimento jsonb;
    v_redatar boolean;
    v_de timestamptz := v_instante;
    v_ate timestamptz;
begin
    -- The period that holds the instant, else the next one.
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and (upper_inf(p.intervalo) or upper(p.intervalo) > v_instante)
    order by lower(p.intervalo)
    limit 1;
    v_redatar := coalesce(v_alvo.numero_op = p_op, false);
    if v_redatar and lower(v_alvo.intervalo) = v_instante
        or v_redatar and p_aberta_em is null and v_alvo.intervalo @> v_instante then
        return ('abrir_ordem', v_instante, v_alvo, v_alvo, v_instante, v_instante, false)::interno.plano_ordem;
    end if;
    v_impedimento := interno.impedimentos_abertura(p_op, p_linha_id) -> 0;
    if v_impedimento is not null then
        perform interno.recusar(
            '409', v_impedimento ->> 'codigo', v_impedimento ->> 'detalhe', v_impedimento ->> 'acao'
        );
    end if;
    if v_alvo.intervalo @> v_instante and not v_redatar then
        perform interno.recusar_ocupada(v_alvo);
    end if;
    v_novo := (
        case when v_redatar then v_alvo.id end, p_op, p_linha_id,
        tstzrange(v_instante, case when v_redatar then upper(v_alvo.intervalo) else lower(v_alvo.intervalo) end),
        interno.fator(p_linha_id, 'producao', v_instante), interno.fator(p_linha_id, 'rejeicao', v_instante)
    )::public.periodos_ordem;
    if v_redatar then
        v_de := least(v_instante, lower(v_alvo.intervalo));
        v_ate := case when (v_novo.fator_producao, v_novo.fator_rejeicao) = (v_alvo.fator_producao, v_alvo.fator_rejeicao)
            then greatest(v_instante, lower(v_alvo.intervalo)) else coalesce(upper(v_alvo.intervalo), 'infinity') end;
    else
        v_ate := coalesce(lower(v_alvo.intervalo), 'infinity');
        v_alvo := null;
    end if;
    return (
        'abrir_ordem', v_instante, v_alvo, v_novo, v_de, v_ate,
        v_instante < clock_timestamp() - interval '5 minutes' or v_redatar or v_concluida
    )::interno.plano_ordem;
end $$;
comment on function interno.planejar_abertura(text, text, timestamptz) is
'O que abrir_ordem faria agora, sem fazer nada; recusa o que ela recusa, menos a falta de papel e de motivo.';

-- Closing. The order's latest period begun by the instant is closed there, or re-dated if it was closed.
-- Closing at the very opening annuls the period (the wrong order was opened).
create function interno.planejar_encerramento(p_op text, p_linha_id text, p_encerrada_em timestamptz)
returns interno.plano_ordem
language plpgsql
stable
set search_path = ''
as $$
declare
    v_instante constant timestamptz := date_trunc('second', coalesce(p_encerrada_em, clock_timestamp()));
    v_alvo public.periodos_ordem;
    v_novo public.periodos_ordem;
    v_outro public.periodos_ordem;
    v_anular boolean;
begin
    perform interno.conferir_ordem(p_op, p_linha_id, v_instante);
    select * into v_alvo
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.numero_op = p_op and lower(p.intervalo) <= v_instante
    order by coalesce(upper(p.intervalo) = v_instante, false) desc, lower(p.intervalo) desc
    limit 1;
    if v_alvo.id is null then
        perform interno.recusar(
            '409', 'ORDEM_NAO_ABERTA',
            format('A OP %s não estava aberta na linha %s até %s.', p_op, p_linha_id, interno.hora_local(v_instante)),
            'Confira a OP, a linha e o instante.'
        );
    end if;
    if upper(v_alvo.intervalo) = v_instante or (p_encerrada_em is null and not upper_inf(v_alvo.intervalo)) then
        return ('encerrar_ordem', v_instante, v_alvo, v_alvo, v_instante, v_instante, false)::interno.plano_ordem;
    end if;
    v_anular := lower(v_alvo.intervalo) = v_instante;
    select * into v_outro
    from public.periodos_ordem as p
    where p.linha_id = p_linha_id and p.id <> v_alvo.id and not v_anular
      and p.intervalo && tstzrange(lower(v_alvo.intervalo), v_instante)
    order by lower(p.intervalo)
    limit 1;
    if v_outro.id is not null then
        perform interno.recusar_ocupada(v_outro);
    end if;
    v_novo := v_alvo;
    v_novo.intervalo := tstzrange(lower(v_alvo.intervalo), v_instante);
    return (
        'encerrar_ordem', v_instante, v_alvo, v_novo,
        least(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity')),
        greatest(v_instante, coalesce(upper(v_alvo.intervalo), 'infinity')),
        v_instante < clock_timestamp() - interval '5 minutes' or not upper_inf(v_alvo.intervalo) or v_anular
    )::interno.plano_ordem;
end $$;
comment on function interno.planejar_encerramento(text, text, timestamptz) is
'O que encerrar_ordem faria agora, sem fazer nada; recusa o que ela recusa, menos a falta de papel e de motivo.';

create function interno.executar_plano(p_plano interno.plano_ordem, p_papel text, p_motivo text)
returns public.periodos_ordem
language plpgsql
set search_path = ''
as $$
declare
    v_alvo constant public.periodos_ordem := p_plano.alvo;
    v_novo public.periodos_ordem := p_plano.novo;
    v_motivo constant text := case when p_plano.exige_motivo then interno.exigir_motivo(p_motivo) else p_motivo end;
    v_antes jsonb;
begin
    if v_novo is not distinct from v_alvo then
        return v_alvo;
    end if;
    v_antes := interno.atribuicao_json(v_novo.linha_id, p_plano.de, p_plano.ate);
    if isempty(v_novo.intervalo) then
        delete from public.periodos_ordem where id = v_alvo.id;
    elsif v_alvo.id is null then
        insert into public.periodos_ordem (numero_op, linha_id, intervalo, fator_producao, fator_rejeicao)
        values (v_novo.numero_op, v_novo.linha_id, v_novo.intervalo, v_novo.fator_producao, v_novo.fator_rejeicao)
        returning * into v_novo;
        insert into public.ordens_producao_ativas (numero_op, linha_id) values (v_novo.numero_op, v_novo.linha_id)
        on conflict do nothing;
    else
        update public.periodos_ordem
        set intervalo = v_novo.intervalo, fator_producao = v_novo.fator_producao, fator_rejeicao = v_novo.fator_rejeicao
        where id = v_alvo.id;
    end if;
    perform interno.reatribuir(v_novo.linha_id, p_plano.de, p_plano.ate, v_antes);
    perform interno.anotar_trilha(
        p_papel, p_plano.ato, format('periodos_ordem:%s', v_novo.id),
        case when v_alvo.id is not null then interno.periodo_json(v_alvo) end,
        case when not isempty(v_novo.intervalo) then interno.periodo_json(v_novo) end, v_motivo
    );
    return v_novo;
end $$;
comment on function interno.executar_plano(interno.plano_ordem, text, text) is
'Faz o que o plano diz, reatribui as contagens e anota a trilha; devolve o período, vazio se foi anulado. PT422 MOTIVO_OBRIGATORIO. Exige a linha travada.';

create function interno.travar_ordem(p_funcao text, p_op text, p_linha_id text)
returns text
language plpgsql
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao(p_funcao, p_linha_id);
begin
    perform from public.lotes_producao as l where l.numero_op = p_op for no key update;
    return v_papel;
end $$;
comment on function interno.travar_ordem(text, text, text) is
'Trava a linha e a OP, se existem, antes de planejar, e devolve o papel com que a pessoa age.';

-- p_visto: that of the effect that the person was shown; the act is refused if it would no longer have that effect.
create function public.abrir_ordem(
    p_numero_op text, p_linha_id text, p_aberta_em timestamptz default null, p_motivo text default null,
    p_visto text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_motivo constant text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_papel constant text := interno.travar_ordem('abrir_ordem', v_op, p_linha_id);
    v_plano constant interno.plano_ordem := interno.planejar_abertura(v_op, p_linha_id, p_aberta_em);
    v_avisos constant jsonb := interno.avisos_abertura(v_op, p_linha_id);
begin
    perform interno.conferir_visto(v_plano, p_aberta_em is null, p_visto);
    return interno.periodo_json(interno.executar_plano(v_plano, v_papel, v_motivo)) || jsonb_build_object('avisos', v_avisos);
end $$;
comment on function public.abrir_ordem(text, text, timestamptz, text, text) is
'Abre a OP na linha, ou corrige o instante da abertura; nulo = agora. Devolve o período e os avisos de verificar_abertura. Motivo obrigatório além de 5 minutos. p_visto: o de efeito_abertura, para só fazer o que se viu.';
revoke all on function public.abrir_ordem(text, text, timestamptz, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.abrir_ordem(text, text, timestamptz, text, text) to authenticated, service_role;

create function public.encerrar_ordem(
    p_numero_op text, p_linha_id text, p_encerrada_em timestamptz default null, p_motivo text default null,
    p_visto text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_motivo constant text := nullif(interno.exigir_texto('motivo', p_motivo, 2000), '');
    v_papel constant text := interno.travar_ordem('encerrar_ordem', v_op, p_linha_id);
    v_plano constant interno.plano_ordem := interno.planejar_encerramento(v_op, p_linha_id, p_encerrada_em);
    v_novo public.periodos_ordem;
begin
    perform interno.conferir_visto(v_plano, p_encerrada_em is null, p_visto);
    v_novo := interno.executar_plano(v_plano, v_papel, v_motivo);
    return case when isempty(v_novo.intervalo)
        then interno.periodo_json(v_plano.alvo) || jsonb_build_object('encerrada_em', v_plano.instante, 'anulado', true)
        else interno.periodo_json(v_novo)
    end;
end $$;
comment on function public.encerrar_ordem(text, text, timestamptz, text, text) is
'Encerra a OP na linha, ou corrige o instante do encerramento; nulo = agora; no instante da abertura, anula o período. Devolve o período. p_visto: o de efeito_encerramento, para só fazer o que se viu.';
revoke all on function public.encerrar_ordem(text, text, timestamptz, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.encerrar_ordem(text, text, timestamptz, text, text) to authenticated, service_role;
