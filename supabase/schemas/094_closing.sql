-- Complete orders are frozen, and later changes of them proposed as adjustments.

create function interno.congelar(p_op text, p_ressalvas jsonb, p_motivo text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_lote public.lotes_producao;
    v_etapa text;
    v_totais constant jsonb := interno.totais_json(p_op);
    v_resumo jsonb;
    v_id bigint;
    v_informado boolean;
    v_perdas jsonb;
begin
    set constraints public.conferir_fechamento, public.conferir_totais deferred;
    select * into v_lote from public.lotes_producao where numero_op = p_op;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo, informado, cadastro
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        i.inicio, i.fim,
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo,
        interno.op_apontada(p_op), interno.cadastro_op(p_op, v_etapa, v_totais)
    from interno.intervalo_op(p_op, v_etapa) as i
    returning id, informado into v_id, v_informado;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    -- Here, not at the end of the transaction: of a round of closings only the one that does not add up fails.
    set constraints public.conferir_fechamento, public.conferir_totais immediate;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp());
    if not v_informado then
        return v_id; -- parallel run: the plant reports the order by hand
    end if;
    perform interno.criar_envio(p_op, 'PRODUCAO', null);
    v_perdas := interno.lista(v_resumo -> 'perdas', 'tipo', 1);
    if v_perdas <> '[]' then
        perform interno.criar_envio(p_op, 'PERDAS', interno.cabecalho_envio(p_op) || jsonb_build_object('perdas', v_perdas));
    end if;
    perform interno.criar_envio(p_op, 'STATUS', interno.cabecalho_envio(p_op) || jsonb_build_object('status', 'CONCLUIDO', 'em', clock_timestamp()));
    return v_id;
end $$;
comment on function interno.congelar(text, jsonb, text) is
'Fecha a OP com os totais deste instante e, se a OP é informada, põe na caixa de saída o que o TOTVS deve saber. Exige as linhas e a OP travadas.';

-- Differences between what counts now and what was frozen or decided since. Only what is not decided is proposed.
create function interno.apurar_ajustes(p_op text)
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_id constant bigint := (select id from public.fechamentos_lote where numero_op = p_op);
    v_diferencas jsonb;
    v_novos integer;
begin
    delete from public.apuracoes_pendentes where numero_op = p_op;
    select coalesce(jsonb_agg(to_jsonb(d)), '[]') into v_diferencas
    from (
        select max(t.etapa) as etapa, t.linha_id, t.inicio, max(t.data) as data, max(t.turno) as turno, t.tipo, t.codigo,
            sum(t.n)::bigint as diferenca
        from (
            select x.etapa, x.linha_id, x.inicio, x.data, x.turno, x.tipo, x.codigo, x.quantidade as n from interno.totais_op(p_op) as x
            union all
            select f.etapa, f.linha_id, f.inicio, f.data, f.turno, f.tipo, f.codigo, - f.quantidade
            from public.fechamento_totais as f where f.fechamento_id = v_id
            union all
            select a.etapa, a.linha_id, a.inicio, a.data, a.turno, a.tipo, a.codigo, - a.diferenca
            from public.ajustes_fechamento as a where a.fechamento_id = v_id and a.situacao in ('APROVADO', 'RECUSADO')
        ) as t
        group by t.linha_id, t.inicio, t.tipo, t.codigo
        having sum(t.n) <> 0
    ) as d;
    update public.ajustes_fechamento as a
    set situacao = 'SUPERADO', decidido_em = clock_timestamp()
    where a.fechamento_id = v_id and a.situacao = 'PROPOSTO' and not exists (
        select from jsonb_populate_recordset(null::public.ajustes_fechamento, v_diferencas) as d
        where (d.linha_id, d.inicio, d.tipo, d.codigo, d.diferenca) = (a.linha_id, a.inicio, a.tipo, a.codigo, a.diferenca)
    );
    insert into public.ajustes_fechamento (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, diferenca)
    select v_id, d.etapa, d.linha_id, d.inicio, d.data, d.turno, d.tipo, d.codigo, d.diferenca
    from jsonb_populate_recordset(null::public.ajustes_fechamento, v_diferencas) as d
    where not exists (
        select from public.ajustes_fechamento as a
        where a.fechamento_id = v_id and a.situacao = 'PROPOSTO'
          and (d.linha_id, d.inicio, d.tipo, d.codigo) = (a.linha_id, a.inicio, a.tipo, a.codigo)
    );
    get diagnostics v_novos = row_count;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp())
    on conflict (numero_op) do update set apurada_em = excluded.apurada_em;
    return v_novos;
end $$;
comment on function interno.apurar_ajustes(text) is 'Propõe como ajuste o que mudou depois do fechamento; devolve quantos. Exige as linhas travadas.';

create function interno.linhas_da_op(p_op text)
returns text[]
language sql
stable
set search_path = ''
as $$
    select array(
        select p.linha_id from public.periodos_ordem as p where p.numero_op = p_op
        union
        select o.linha_id from public.ordens_producao_ativas as o where o.numero_op = p_op
    )
$$;
comment on function interno.linhas_da_op(text) is 'Linhas em que a OP esteve ou contou.';

-- No SET clause: the planner inlines it.
create function interno.op_aberta(p_op text)
returns boolean
language sql
stable
as $$
    select exists (select from public.periodos_ordem as p where p.numero_op = p_op and upper_inf(p.intervalo))
$$;
comment on function interno.op_aberta(text) is 'Verdadeiro se a OP está aberta em alguma linha.';

-- An order waits for something, or no longer. Waiting since its end; a closed one, since it was seen.
create function interno.anotar_espera(p_op text, p_faltas jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_fim timestamptz;
begin
    if p_faltas = '[]' then
        delete from public.fechamentos_pendentes where numero_op = p_op;
        return;
    end if;
    select max(upper(p.intervalo)) into v_fim
    from public.periodos_ordem as p
    where p.numero_op = p_op and not exists (select from public.fechamentos_lote as f where f.numero_op = p_op);
    insert into public.fechamentos_pendentes as f (numero_op, desde, faltas)
    values (p_op, coalesce(v_fim, clock_timestamp()), p_faltas)
    on conflict (numero_op) do update set faltas = excluded.faltas, desde = coalesce(v_fim, f.desde)
    where (f.faltas, f.desde) is distinct from (excluded.faltas, coalesce(v_fim, f.desde));
end $$;
comment on function interno.anotar_espera(text, jsonb) is 'Anota o que falta à OP; vazio: não espera mais.';

-- The orders of a round. Those to close: ended on all their lines. Those to compare: closed, and changed since, or
-- waiting for a signature; while one is open again it changes every few seconds: what it comes to is proposed when it
-- ends.
create function interno.ops_da_rodada(p_depois text, p_limite integer, out a_fechar text[], out a_comparar text[])
language plpgsql
set search_path = ''
as $$
begin
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into a_fechar
    from (
        select l.numero_op from public.lotes_producao as l
        where l.status = 'A_FECHAR' and l.numero_op > p_depois
        order by l.numero_op
        limit p_limite
    ) as t;
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into a_comparar
    from (
        select x.numero_op
        from (
            select a.numero_op from public.apuracoes_pendentes as a
            union
            select w.numero_op from public.fechamentos_pendentes as w
        ) as x
        where x.numero_op > p_depois and not interno.op_aberta(x.numero_op)
          and exists (select from public.fechamentos_lote as f where f.numero_op = x.numero_op)
        order by x.numero_op
        limit p_limite
    ) as t;
end $$;
comment on function interno.ops_da_rodada(text, integer) is 'As OPs que uma rodada fecha e as que compara, depois de p_depois, no máximo p_limite de cada.';

-- What the round decided on before it had the locks is looked at again under them: of an order that is open, closed,
-- set aside, on a line that is not locked, or whose row is being changed at this moment, nothing is done now. That row
-- is not waited for: TOTVS's events lock the rows of several orders, and no line.
create function interno.travar_ops(p_ops text[], p_linhas text[], p_status text)
returns text[]
language sql
set search_path = ''
as $$
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}')
    from (
        select l.numero_op from public.lotes_producao as l
        where l.numero_op = any(p_ops) and l.status = p_status and not interno.op_aberta(l.numero_op)
          and interno.linhas_da_op(l.numero_op) <@ p_linhas
        order by l.numero_op
        for no key update skip locked
    ) as t
$$;
comment on function interno.travar_ops(text[], text[], text) is 'Das OPs, as que ainda estão no status e não abertas, travadas; as que outro está mudando ficam para depois.';

-- One order of a round: closes it or writes down what it waits for. Returns whether it closed.
create function interno.fechar_ou_esperar(p_op text, p_assinaturas bigint[])
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_faltas constant jsonb := interno.faltas_fechamento(p_op, p_assinaturas);
begin
    if v_faltas = '[]' then
        perform interno.congelar(p_op, '[]', null);
        perform interno.anotar_trilha('SISTEMA', 'fechar_lotes', 'lotes_producao:' || p_op, null, (
            select to_jsonb(f) from public.fechamentos_lote as f where f.numero_op = p_op
        ), null);
    end if;
    perform interno.anotar_espera(p_op, v_faltas);
    return v_faltas = '[]';
end $$;
comment on function interno.fechar_ou_esperar(text, bigint[]) is 'Fecha a OP, se nada falta; senão anota o que falta. Exige as linhas e a OP travadas.';

-- One round: at most p_limite orders after p_depois that are ended on all their lines. Single flight: a second caller
-- is answered so and does nothing.
create function public.fechar_lotes(p_depois text default '', p_limite integer default 20)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ops text[];
    v_alteradas text[];
    v_linhas text[];
    v_ultima text;
    v_op text;
    v_assinaturas bigint[];
    v_fechadas jsonb := '[]';
    v_aguardam integer := 0;
    v_ajustes integer := 0;
    v_erros jsonb := '[]';
    v_estado text;
    v_mensagem text;
    v_detalhe text;
begin
    if not pg_try_advisory_xact_lock(hashtext('fechar_lotes')) then
        return jsonb_build_object('em_andamento', true);
    end if;
    -- Before it closes, the closing itself looks at everything there is.
    delete from public.apuracoes_pendentes as a
    where not exists (select from public.fechamentos_lote as f where f.numero_op = a.numero_op);
    select r.a_fechar, r.a_comparar into v_ops, v_alteradas from interno.ops_da_rodada(p_depois, p_limite) as r;
    if greatest(cardinality(v_ops), cardinality(v_alteradas)) = p_limite then
        v_ultima := least(v_ops[p_limite], v_alteradas[p_limite]);
    end if;
    v_linhas := array(
        select distinct x from unnest(v_ops || v_alteradas) as o (op) cross join lateral unnest(interno.linhas_da_op(o.op)) as x
    );
    perform interno.travar_linhas(v_linhas);
    lock table public.etapas_familia in share mode;
    v_ops := interno.travar_ops(v_ops, v_linhas, 'A_FECHAR');
    v_alteradas := interno.travar_ops(v_alteradas, v_linhas, 'CONCLUIDO');
    v_assinaturas := interno.assinaturas_validas(v_ops || v_alteradas);
    foreach v_op in array v_ops || v_alteradas loop
        begin
            if v_op = any(v_alteradas) then
                v_ajustes := v_ajustes + interno.apurar_ajustes(v_op);
                perform interno.anotar_espera(v_op, interno.faltas_diarios(v_op, v_assinaturas));
            elsif interno.fechar_ou_esperar(v_op, v_assinaturas) then
                v_fechadas := v_fechadas || to_jsonb(v_op);
            else
                v_aguardam := v_aguardam + 1;
            end if;
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_erros := v_erros || (jsonb_build_object('numero_op', v_op) || interno.erro_json(v_estado, v_mensagem, v_detalhe));
            perform interno.anotar_espera(v_op, jsonb_build_array(interno.falta(interno.motivo_json('ERRO_AO_FECHAR',
                format('A OP %s não pôde ser fechada nem comparada: %s', v_op, concat_ws(' ', v_mensagem, v_detalhe)),
                'Avise a TI: há um defeito; a rodada de cada minuto tenta de novo.'
            ), 'fechar_com_ressalva', jsonb_build_object('p_numero_op', v_op))));
        end;
    end loop;
    -- Opened again, or nothing of it is left here: no longer waiting.
    delete from public.fechamentos_pendentes as f
    where exists (
        select from public.lotes_producao as l
        where l.numero_op = f.numero_op and (l.status not in ('A_FECHAR', 'CONCLUIDO') or interno.op_aberta(l.numero_op))
    );
    return jsonb_build_object(
        'em_andamento', false, 'fechadas', v_fechadas, 'aguardam', v_aguardam, 'ajustes', v_ajustes, 'erros', v_erros,
        'parciais', case when p_depois = '' then interno.criar_parciais() else 0 end,
        'depois', v_ultima
    );
end $$;
comment on function public.fechar_lotes(text, integer) is
'Fecha as OPs completas, anota o que falta às outras, propõe ajustes das fechadas. Devolve o que fez e, se há mais, de onde continuar (depois).';
revoke all on function public.fechar_lotes(text, integer) from public, anon, authenticated, service_role;
grant execute on function public.fechar_lotes(text, integer) to service_role;

-- Partial reports, if the plant wants them: what is new since the last confirmed one. Never while one is unfinished.
create function interno.criar_parciais()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_cada constant integer := interno.parametro('PARCIAIS_SEGUNDOS');
    v_lote record;
    v_vivo jsonb;
    v_antes jsonb;
    v_refugos jsonb;
    v_boas bigint;
    v_criados integer := 0;
begin
    if v_cada = 0 then
        return 0;
    end if;
    for v_lote in
        select l.numero_op, interno.etapa_apontada(l.produto_codigo) as etapa
        from public.lotes_producao as l
        where l.status in ('EM_ANDAMENTO', 'A_FECHAR') and l.situacao_totvs is distinct from 'CANCELADA'
          and exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)
          and not exists (
            select from public.envios_totvs as e
            where e.numero_op = l.numero_op
              and (e.situacao not in ('CONFIRMADO', 'DESCARTADO') or e.criado_em > clock_timestamp() - make_interval(secs => v_cada))
        )
          and interno.op_apontada(l.numero_op)
    loop
        v_vivo := interno.resumo_totais(interno.totais_json(v_lote.numero_op), v_lote.etapa);
        v_antes := interno.parciais_confirmados(v_lote.numero_op);
        v_boas := (v_vivo ->> 'boas')::bigint - (v_antes ->> 'boas')::bigint;
        v_refugos := interno.menos(v_vivo -> 'refugos', v_antes -> 'refugos');
        -- Less than before (re-dated, corrected): the closing settles it.
        if v_boas >= 0 and interno.lista(v_refugos, 'codigo', -1) = '[]' and v_boas + interno.soma_json(v_refugos) > 0 then
            perform interno.criar_envio(v_lote.numero_op, 'PARCIAL', interno.conteudo_producao(
                v_lote.numero_op, v_boas, v_refugos, (v_antes ->> 'contador')::bigint, (v_vivo ->> 'contador')::bigint,
                (select min(lower(p.intervalo)) from public.periodos_ordem as p where p.numero_op = v_lote.numero_op),
                clock_timestamp(), true
            ));
            v_criados := v_criados + 1;
        end if;
    end loop;
    return v_criados;
end $$;
comment on function interno.criar_parciais() is 'Põe na caixa de saída o que as OPs em andamento produziram desde o último parcial confirmado; devolve quantos.';
