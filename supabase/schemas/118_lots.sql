-- The lots on a screen: which there are, what one waits for, what was frozen, what TOTVS was told and answered, and the
-- way back from its totals to the bytes of the files. One request a page, each list with an end.

create function public.lotes(p_busca text default null, p_estado text default null, p_pagina integer default 1)
returns table (
    numero_op text, numero_lote text, produto_codigo text, produto text, estado text, situacao_totvs text,
    planejado numeric, linhas text[], produzidas bigint, boas bigint, fechado_em timestamptz, faltas integer,
    ajustes integer, envio_parado text
)
language sql
stable
security definer
set search_path = ''
as $$
    select l.numero_op, l.numero_lote, l.produto_codigo, d.descricao, l.status, l.situacao_totvs, l.quantidade_planejada,
        o.linhas, coalesce(f.produzidas, o.producao), f.boas, f.fechado_em, coalesce(jsonb_array_length(w.faltas), 0),
        a.propostos, (
            select e.situacao from public.envios_parados as e where e.numero_op = l.numero_op order by e.ordem limit 1
        )
    from (
        select x.*
        from public.lotes_producao as x
        where (
            p_busca is null or strpos(upper(x.numero_op), upper(p_busca)) > 0
            or strpos(upper(x.numero_lote), upper(p_busca)) > 0
        ) and (
            p_estado is null or x.status = p_estado or p_estado = 'ESPERA' and x.numero_op in (
                select w.numero_op from public.fechamentos_pendentes as w where w.faltas <> '[]'
                union all
                select f.numero_op
                from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
                where a.situacao = 'PROPOSTO'
                union all
                select e.numero_op from public.envios_parados as e
            )
        )
        order by x.atualizado_em desc, x.numero_op
        offset (least(greatest(p_pagina, 1), 1000000) - 1) * 50
        limit 51
    ) as l
    left join public.produtos as d on d.produto_codigo = l.produto_codigo
    left join public.fechamentos_lote as f on f.numero_op = l.numero_op
    left join public.fechamentos_pendentes as w on w.numero_op = l.numero_op
    cross join lateral (
        select coalesce(array_agg(t.linha_id order by t.linha_id), '{}') as linhas,
            sum(t.producao_acumulada)::bigint as producao
        from public.ordens_producao_ativas as t where t.numero_op = l.numero_op
    ) as o
    cross join lateral (
        select count(*)::integer as propostos from public.ajustes_fechamento as j
        where j.fechamento_id = f.id and j.situacao = 'PROPOSTO'
    ) as a
    order by l.atualizado_em desc, l.numero_op
$$;
comment on function public.lotes(text, text, integer) is
'Uma página de 50 OPs (e mais uma, se há outra página), a que mudou por último primeiro. p_busca: parte da OP ou do lote; p_estado: um status, ou ESPERA (falta algo ao fechamento, há ajuste proposto ou envio parado). Produzidas em unidades: as congeladas, ou as de agora.';
revoke all on function public.lotes(text, text, integer) from public, anon, authenticated, service_role;
grant execute on function public.lotes(text, text, integer) to authenticated, service_role;

create function interno.lote_fechamento(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select to_jsonb(f) || jsonb_build_object(
        'por', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = f.usuario_id),
        'totais', coalesce((
            select jsonb_agg(to_jsonb(t) order by t.linha_id, t.inicio, t.tipo, t.codigo)
            from (
                select x.* from public.fechamento_totais as x
                where x.fechamento_id = f.id order by x.linha_id, x.inicio, x.tipo, x.codigo limit 100
            ) as t
        ), '[]'),
        'quantos_totais', (select count(*) from public.fechamento_totais as x where x.fechamento_id = f.id),
        'diarios', coalesce((
            select jsonb_agg(jsonb_build_object(
                'linha_id', d.linha_id, 'data', d.data, 'turno', d.turno, 'nome', d.nome, 'papel', d.papel,
                'assinado_em', d.assinado_em
            ) order by d.linha_id, d.janela)
            from public.diarios_bordo as d where d.id = any(f.assinaturas[:100])
        ), '[]'),
        'ajustes', coalesce((
            select jsonb_agg(to_jsonb(a) order by a.id desc)
            from (
                select j.*, p.nome as por
                from public.ajustes_fechamento as j left join public.pessoas_vigentes as p on p.usuario_id = j.decidido_por
                where j.fechamento_id = f.id order by j.situacao = 'PROPOSTO' desc, j.id desc limit 100
            ) as a
        ), '[]'),
        'propostos', to_jsonb(interno.ajustes_propostos(p_op)),
        'quantos_ajustes', (select count(*) from public.ajustes_fechamento as j where j.fechamento_id = f.id)
    )
    from public.fechamentos_lote as f
    where f.numero_op = p_op
$$;
comment on function interno.lote_fechamento(text) is
'O fechamento da OP com seus totais, as assinaturas em que se apoia e os ajustes, até 100 de cada, e os id de todos os propostos; nulo se não fechou.';

-- What was sent and answered may hold pages of text: the beginning is for the screen, the whole is in the table.
create function interno.lote_envios(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object(
        'por', (select p.nome from public.pessoas_vigentes as p where p.usuario_id = e.decidido_por),
        'quantas_chamadas', (select count(*) from public.tentativas_integracao as t where t.envio_id = e.id),
        'chamadas', coalesce((
            select jsonb_agg(to_jsonb(c) order by c.id)
            from (
                select t.id, t.em, t.operacao, t.metodo, left(t.url, 300) as url, t.status_http, t.latencia_ms, t.resultado,
                    left(t.erro, 500) as erro, left(t.corpo, 1000) as corpo, left(t.resposta, 500) as resposta
                from public.tentativas_integracao as t where t.envio_id = e.id order by t.id desc limit 3
            ) as c
        ), '[]')
    ) order by e.ordem desc), '[]')
    from (
        select x.id, x.ordem, x.id_externo, x.tipo, x.situacao, x.criado_em, x.concluido_em, x.proxima_em, x.chave_erp,
            left(x.erro, 500) as erro, x.decidido_por, x.decisao_motivo
        from public.envios_totvs as x where x.numero_op = p_op order by x.ordem desc limit 15
    ) as e
$$;
comment on function interno.lote_envios(text) is
'Os 15 últimos envios da OP ao TOTVS, o mais novo primeiro, cada um com suas 3 últimas chamadas: o começo do que se enviou e do que foi respondido.';

-- The hours of one line in which the order was open, in pieces of the plant's clock.
create function interno.lote_horas(p_op text, p_linha_id text, p_de timestamptz, p_passo interval, p_limite integer)
returns table (
    de timestamptz, producao bigint, rejeicao bigint, producao_maquina bigint, rejeicao_maquina bigint
)
language sql
stable
set search_path = ''
as $$
    select h.de, j.producao, j.rejeicao, j.producao_maquina, j.rejeicao_maquina
    from (
        select distinct g.de
        from public.periodos_ordem as p
        cross join lateral generate_series(
            greatest(date_trunc('hour', lower(p.intervalo)), p_de),
            least(
                coalesce(upper(p.intervalo), clock_timestamp()) - interval '1 microsecond', clock_timestamp(),
                greatest(date_trunc('hour', lower(p.intervalo)), p_de) + p_passo * (p_limite - 1)
            ),
            p_passo
        ) as g (de)
        where p.numero_op = p_op and p.linha_id = p_linha_id
          and p.intervalo && tstzrange(g.de, g.de + p_passo)
        order by g.de
        limit p_limite
    ) as h
    cross join lateral public.producao_janela(p_linha_id, tstzrange(h.de, h.de + p_passo), false) as j
    where j.numero_op = p_op
    order by h.de
$$;
comment on function interno.lote_horas(text, text, timestamptz, interval, integer) is
'O que a OP contou na linha, por trecho do relógio a partir de p_de; até p_limite trechos em que esteve aberta.';

create function interno.lote_arquivos(p_op text, p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object('de', p_de, 'ate', p_ate, 'quantos', count(*), 'lista', coalesce(jsonb_agg(
        to_jsonb(x) - 'n' order by x.n
    ) filter (where x.n <= 100), '[]'))
    from (
        select y.*, row_number() over (order by y.de, y.arquivo_id) as n
        from (
            select distinct on (a.arquivo_id) a.*
            from public.periodos_ordem as p
            cross join lateral public.arquivos_da_linha(
                p_linha_id, greatest(lower(p.intervalo), p_de), least(coalesce(upper(p.intervalo), p_ate), p_ate), null
            ) as a
            where p.numero_op = p_op and p.linha_id = p_linha_id and p.intervalo && tstzrange(p_de, p_ate)
        ) as y
    ) as x
$$;
comment on function interno.lote_arquivos(text, text, timestamptz, timestamptz) is
'Os arquivos de que vieram as contagens da OP na linha em [p_de, p_ate): os 100 primeiros, e quantos são.';

-- An order may be open for weeks: a day of its hours is shown, around the one that is looked at.
create function interno.lote_relogio(p_op text, p_linha_id text, p_de timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'horas', coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object('trechos', case when h.de = date_trunc('hour', p_de) then (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.de), '[]')
            from interno.lote_horas(p_op, p_linha_id, h.de, interval '10 minutes', 6) as t
            where t.de < h.de + interval '1 hour'
        ) end) order by h.de), '[]'),
        'quantas_horas', min(w.quantas),
        'antes', case when min(h.de) > min(w.primeira) then min(h.de) - interval '13 hours' end,
        'depois', case when max(h.de) < min(w.ultima) then max(h.de) + interval '12 hours' end
    )
    from interno.lote_horas(
        p_op, p_linha_id, coalesce(date_trunc('hour', p_de) - interval '11 hours', '-infinity'), interval '1 hour', 24
    ) as h
    cross join (
        select count(distinct g.de) as quantas, min(g.de) as primeira, max(g.de) as ultima
        from public.periodos_ordem as p
        cross join lateral generate_series(
            date_trunc('hour', lower(p.intervalo)),
            coalesce(upper(p.intervalo), clock_timestamp()) - interval '1 microsecond', interval '1 hour'
        ) as g (de)
        where p.numero_op = p_op and p.linha_id = p_linha_id
    ) as w
$$;
comment on function interno.lote_relogio(text, text, timestamptz) is
'Até 24 horas da OP na linha, à volta da de p_de (que traz seus trechos de dez minutos), quantas são, e por que instante seguir antes e depois.';

create function interno.lote_linhas(p_op text, p_linha_id text, p_de timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'linha_id', o.linha_id, 'linha', l.nome, 'etapa', l.etapa, 'producao', o.producao_acumulada,
        'rejeicao', o.rejeicao_acumulada, 'producao_maquina', o.producao_maquina, 'rejeicao_maquina', o.rejeicao_maquina,
        'periodos', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'de', lower(p.intervalo), 'ate', upper(p.intervalo), 'fator_producao', p.fator_producao,
                'fator_rejeicao', p.fator_rejeicao
            ) order by p.intervalo), '[]')
            from (
                select y.* from public.periodos_ordem as y
                where y.numero_op = p_op and y.linha_id = o.linha_id order by y.intervalo desc limit 50
            ) as p
        ),
        'manuais', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'data', m.data, 'turno', m.turno, 'producao', m.producao, 'rejeicao', m.rejeicao
            ) order by m.janela), '[]')
            from public.contagens_manuais_atuais as m where m.numero_op = p_op and m.linha_id = o.linha_id
        )
    ) || case when o.linha_id = p_linha_id then interno.lote_relogio(p_op, p_linha_id, p_de) else '{}' end
    order by o.linha_id), '[]')
    from public.ordens_producao_ativas as o
    inner join public.linhas as l on l.linha_id = o.linha_id
    where o.numero_op = p_op
$$;
comment on function interno.lote_linhas(text, text, timestamptz) is
'Cada linha por que a OP passou, com seus períodos; da linha p_linha_id também até 24 horas a partir da de p_de, e os trechos de dez minutos dessa hora.';

create function public.lote_detalhe(p_numero_op text, p_linha_id text default null, p_de timestamptz default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_linha constant text := coalesce(
        p_linha_id, (select min(o.linha_id) from public.ordens_producao_ativas as o where o.numero_op = v_op)
    );
    v_de constant timestamptz := date_bin(interval '10 minutes', p_de, timestamptz '2000-01-01Z');
begin
    if not exists (select from public.lotes_producao as l where l.numero_op = v_op) then
        perform interno.recusar('404', 'OP_DESCONHECIDA', interno.por_que_op_desconhecida(v_op), 'Procure-a na lista de lotes.');
    end if;
    return (
        select jsonb_build_object(
            'lote', to_jsonb(l) || jsonb_build_object('produto', d.descricao),
            'espera', (select to_jsonb(w) from public.fechamentos_pendentes as w where w.numero_op = v_op and w.faltas <> '[]'),
            'fechamento', interno.lote_fechamento(v_op),
            'decide', exists (
                select from interno.papeis_que_contam as r
                where r.usuario_id = interno.usuario_atual() and r.setor is null
                  and r.papel = any(public.papeis_da_funcao('decidir_ajustes'))
            ),
            'envios', interno.lote_envios(v_op),
            'quantos_envios', (select count(*) from public.envios_totvs as e where e.numero_op = v_op),
            'linha_id', v_linha,
            'linhas', interno.lote_linhas(v_op, v_linha, v_de),
            'arquivos', case when v_de is not null
                then interno.lote_arquivos(v_op, v_linha, v_de, v_de + interval '10 minutes') end
        )
        from public.lotes_producao as l
        left join public.produtos as d on d.produto_codigo = l.produto_codigo
        where l.numero_op = v_op
    );
end $$;
comment on function public.lote_detalhe(text, text, timestamptz) is
'Uma OP numa tela: o que falta para fechar, o congelado com assinaturas e ajustes, o que o TOTVS soube e respondeu, e o caminho até os bytes: linhas, períodos, 24 horas da linha p_linha_id (ou da primeira) e os arquivos dos dez minutos de p_de. decide: se quem pergunta decide ajustes. PT404 OP_DESCONHECIDA.';
revoke all on function public.lote_detalhe(text, text, timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.lote_detalhe(text, text, timestamptz) to authenticated, service_role;
