-- A lot closes on complete counts: what it still waits for, the totals that freeze, what changed afterwards.

create table public.fechamentos_lote (
    id bigint generated always as identity primary key,
    numero_op text not null unique references public.lotes_producao,
    numero_lote text not null,
    produto_codigo text not null,
    etapa text not null,
    produzidas bigint not null check (produzidas >= 0),
    refugo bigint not null check (refugo >= 0),
    amostras bigint not null check (amostras >= 0),
    boas bigint not null check (boas >= 0 and boas = produzidas - refugo - amostras),
    contador_final bigint not null,
    inicio timestamptz not null,
    fim timestamptz not null,
    assinaturas bigint[] not null,
    ressalvas jsonb not null default '[]',
    usuario_id uuid,
    motivo text,
    fechado_em timestamptz not null default clock_timestamp(),
    check ((ressalvas = '[]') = (usuario_id is null) and (usuario_id is null) = (motivo is null))
);
comment on table public.fechamentos_lote is 'O fechamento de cada OP: os totais da etapa informada ao TOTVS, congelados. Somente acréscimo. Fonte: lot_closure.';
comment on column public.fechamentos_lote.id is 'Identificador. Fonte: banco.';
comment on column public.fechamentos_lote.numero_op is 'OP. Fonte: banco.';
comment on column public.fechamentos_lote.numero_lote is 'Lote então. Fonte: TOTVS.';
comment on column public.fechamentos_lote.produto_codigo is 'Produto então. Fonte: TOTVS.';
comment on column public.fechamentos_lote.etapa is 'Etapa informada ao TOTVS. Fonte: etapas_familia.';
comment on column public.fechamentos_lote.produzidas is 'Unidades produzidas na etapa, boas e rejeitadas. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.refugo is 'Unidades refugadas na etapa. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.amostras is 'Unidades retidas e de amostras na etapa. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.boas is 'Unidades boas: produzidas menos refugo e amostras. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.contador_final is 'Contador da OP na etapa, em contagens da máquina, a partir de zero. Fonte: fechamento_totais.';
comment on column public.fechamentos_lote.inicio is 'Abertura da OP na etapa (UTC). Fonte: periodos_ordem.';
comment on column public.fechamentos_lote.fim is 'Encerramento da OP na etapa (UTC). Fonte: periodos_ordem.';
comment on column public.fechamentos_lote.assinaturas is 'Assinaturas do Diário de Bordo em que se apoia. Fonte: diarios_bordo.';
comment on column public.fechamentos_lote.ressalvas is 'O que faltava quando uma pessoa fechou assim mesmo; vazio se nada. Fonte: fechar_com_ressalva.';
comment on column public.fechamentos_lote.usuario_id is 'Quem fechou com ressalva; nulo se foi o sistema. Fonte: Supabase Auth.';
comment on column public.fechamentos_lote.motivo is 'Motivo da ressalva. Fonte: pessoa.';
comment on column public.fechamentos_lote.fechado_em is 'Instante do fechamento (UTC). Fonte: banco.';

create table public.fechamento_totais (
    fechamento_id bigint not null references public.fechamentos_lote,
    etapa text not null,
    linha_id text not null,
    inicio timestamptz not null,
    data date not null,
    turno text not null,
    tipo text not null check (tipo in ('PRODUZIDA', 'REFUGO', 'RETEM', 'AMOSTRA_SEMIACABADO', 'AMOSTRA_ACABADO')),
    codigo text not null,
    quantidade bigint not null,
    maquina bigint,
    primary key (fechamento_id, linha_id, inicio, tipo, codigo)
);
comment on table public.fechamento_totais is 'Os totais congelados de um fechamento, por tipo, etapa, linha e turno. Somente acréscimo. Fonte: lot_closure.';
comment on column public.fechamento_totais.fechamento_id is 'Fechamento. Fonte: banco.';
comment on column public.fechamento_totais.etapa is 'ENVASE ou EMBALAGEM. Fonte: linhas.';
comment on column public.fechamento_totais.linha_id is 'Linha. Fonte: contagens.';
comment on column public.fechamento_totais.inicio is 'Início do turno (UTC). Fonte: turnos.';
comment on column public.fechamento_totais.data is 'Dia em que o turno começa (dia da fábrica). Fonte: turnos.';
comment on column public.fechamento_totais.turno is 'Turno, como assinado. Fonte: diarios_bordo.';
comment on column public.fechamento_totais.tipo is 'PRODUZIDA (boas e rejeitadas), REFUGO, RETEM, AMOSTRA_SEMIACABADO ou AMOSTRA_ACABADO. Fonte: banco.';
comment on column public.fechamento_totais.codigo is 'Código do motivo do refugo; MAQUINA se foi a máquina; vazio nos demais. Fonte: contagens e pessoas.';
comment on column public.fechamento_totais.quantidade is 'Unidades. Fonte: contagens × fator congelado, e pessoas.';
comment on column public.fechamento_totais.maquina is 'PRODUZIDA: contagens da máquina. Fonte: contagens.';
create trigger somente_acrescimo before update or delete or truncate on public.fechamentos_lote
for each statement execute function interno.impedir_alteracao();
create trigger somente_acrescimo before update or delete or truncate on public.fechamento_totais
for each statement execute function interno.impedir_alteracao();

create table public.fechamentos_pendentes (
    numero_op text primary key references public.lotes_producao,
    desde timestamptz not null,
    faltas jsonb not null
);
comment on table public.fechamentos_pendentes is 'OPs encerradas em todas as linhas que ainda não fecharam, e o que falta. Fonte: lot_closure.';
comment on column public.fechamentos_pendentes.numero_op is 'OP. Fonte: banco.';
comment on column public.fechamentos_pendentes.desde is 'Fim da OP, desde quando espera (UTC). Fonte: periodos_ordem.';
comment on column public.fechamentos_pendentes.faltas is 'O que falta: codigo, detalhe, acao, e a função que o resolve com seus argumentos. Fonte: banco.';

create table public.ajustes_fechamento (
    id bigint generated always as identity primary key,
    fechamento_id bigint not null references public.fechamentos_lote,
    etapa text not null,
    linha_id text not null,
    inicio timestamptz not null,
    data date not null,
    turno text not null,
    tipo text not null,
    codigo text not null,
    diferenca bigint not null check (diferenca <> 0),
    situacao text not null default 'PROPOSTO' check (situacao in ('PROPOSTO', 'APROVADO', 'RECUSADO', 'SUPERADO')),
    criado_em timestamptz not null default clock_timestamp(),
    decidido_em timestamptz,
    decidido_por uuid,
    motivo text
);
comment on table public.ajustes_fechamento is 'Diferenças depois do fechamento; só chegam ao TOTVS aprovadas; nunca apagadas. Fonte: lot_closure.';
comment on column public.ajustes_fechamento.id is 'Identificador. Fonte: banco.';
comment on column public.ajustes_fechamento.fechamento_id is 'Fechamento. Fonte: banco.';
comment on column public.ajustes_fechamento.etapa is 'Etapa. Fonte: linhas.';
comment on column public.ajustes_fechamento.linha_id is 'Linha. Fonte: contagens.';
comment on column public.ajustes_fechamento.inicio is 'Início do turno (UTC). Fonte: turnos.';
comment on column public.ajustes_fechamento.data is 'Dia em que o turno começa. Fonte: turnos.';
comment on column public.ajustes_fechamento.turno is 'Turno. Fonte: diarios_bordo.';
comment on column public.ajustes_fechamento.tipo is 'Tipo, como em fechamento_totais. Fonte: banco.';
comment on column public.ajustes_fechamento.codigo is 'Código do motivo do refugo. Fonte: contagens e pessoas.';
comment on column public.ajustes_fechamento.diferenca is 'Unidades a mais (ou a menos, negativas) que o congelado e o já decidido. Fonte: banco.';
comment on column public.ajustes_fechamento.situacao is 'PROPOSTO, APROVADO (vai ao TOTVS), RECUSADO (não vai) ou SUPERADO (a diferença mudou antes de decidida). Fonte: pessoas e banco.';
comment on column public.ajustes_fechamento.criado_em is 'Instante em que se viu a diferença (UTC). Fonte: banco.';
comment on column public.ajustes_fechamento.decidido_em is 'Instante da decisão (UTC). Fonte: banco.';
comment on column public.ajustes_fechamento.decidido_por is 'Quem decidiu; nulo se superado. Fonte: Supabase Auth.';
comment on column public.ajustes_fechamento.motivo is 'Motivo da decisão. Fonte: pessoa.';
create index ajustes_fechamento_fechamento on public.ajustes_fechamento (fechamento_id);
create index ajustes_fechamento_propostos on public.ajustes_fechamento (fechamento_id) where situacao = 'PROPOSTO';
create trigger nunca_apagar before delete or truncate on public.ajustes_fechamento
for each statement execute function interno.impedir_alteracao();

create table public.apuracoes_fechamento (
    numero_op text primary key references public.lotes_producao,
    apurada_em timestamptz not null
);
comment on table public.apuracoes_fechamento is 'Até quando se procuraram diferenças depois do fechamento. Fonte: lot_closure.';
comment on column public.apuracoes_fechamento.numero_op is 'OP. Fonte: banco.';
comment on column public.apuracoes_fechamento.apurada_em is 'Instante (UTC). Fonte: banco.';

-- Who changes what a closed order's totals come from says so in the same transaction; who looks takes the word first
-- and looks afterwards. So a change that commits while somebody looks leaves its word for the next round, and closed
-- orders nobody touches cost nothing. One row a change, never an update: two changes must not share a word one of them
-- lost.
create table public.apuracoes_pendentes (
    id bigint generated always as identity primary key,
    numero_op text not null
);
comment on table public.apuracoes_pendentes is 'OPs em que algo mudou desde que se procuraram diferenças; a linha sai quando se procura. Fonte: banco.';
comment on column public.apuracoes_pendentes.id is 'Identificador. Fonte: banco.';
comment on column public.apuracoes_pendentes.numero_op is 'OP. Fonte: banco.';
create index apuracoes_pendentes_op on public.apuracoes_pendentes (numero_op);

create function interno.anotar_alteracao()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.apuracoes_pendentes (numero_op) values (coalesce(new.numero_op, old.numero_op));
    return null;
end $$;
comment on function interno.anotar_alteracao() is 'Gatilho do que se digita e dos períodos: a OP muda, fechada ou não.';
create trigger anotar_alteracao after insert or update or delete on public.periodos_ordem
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.perdas_qualidade
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.conciliacoes_refugo
for each row execute function interno.anotar_alteracao();
create trigger anotar_alteracao after insert on public.contagens_manuais
for each row execute function interno.anotar_alteracao();

-- Totals change every few seconds: only those of closed orders are worth a word. Whoever changes them holds the line,
-- and so does whoever closes, so that one sees what the other did.
create function interno.anotar_contagem()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.apuracoes_pendentes (numero_op)
    select distinct n.numero_op from novas as n inner join public.fechamentos_lote as f on f.numero_op = n.numero_op;
    return null;
end $$;
comment on function interno.anotar_contagem() is 'Gatilho dos totais vivos: a OP mudou depois de fechada.';
create trigger anotar_insercao after insert on public.ordens_producao_ativas
referencing new table as novas for each statement execute function interno.anotar_contagem();
create trigger anotar_mudanca after update on public.ordens_producao_ativas
referencing new table as novas for each statement execute function interno.anotar_contagem();

-- Totals -------------------------------------------------------------------------------------------------------------

-- Every shift of every line that knows the order.
create function interno.turnos_op(p_op text)
returns table (linha_id text, data date, janela tstzrange, turnos text[])
language sql
stable
set search_path = ''
as $$
    select distinct t.linha_id, j.data, j.janela, j.turnos
    from (
        select p.linha_id, lower(p.intervalo) as de, coalesce(upper(p.intervalo), clock_timestamp()) as ate
        from public.periodos_ordem as p where p.numero_op = p_op
        union all
        select i.linha_id, i.ate, i.ate from public.contagens_intervalo as i where i.numero_op = p_op
        union all
        select m.linha_id, lower(m.janela), lower(m.janela) from public.contagens_manuais_atuais as m where m.numero_op = p_op
        union all
        select v.linha_id, v.em, v.em from public.perdas_vigentes as v where v.numero_op = p_op
    ) as t
    cross join lateral interno.turnos_entre(t.de, greatest(t.de, t.ate)) as j
$$;
comment on function interno.turnos_op(text) is 'Os turnos de cada linha que conhecem a OP.';
create index contagens_intervalo_por_op on public.contagens_intervalo (numero_op) where numero_op is not null;

create function interno.totais_op(p_op text)
returns table (
    etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint,
    maquina bigint
)
language sql
stable
set search_path = ''
as $$
    select l.etapa, j.linha_id, lower(j.janela), j.data,
        coalesce((interno.diario_atual(j.linha_id, j.janela)).turno, j.turnos[1]), k.tipo, k.codigo, k.quantidade, k.maquina
    from interno.turnos_op(p_op) as j
    inner join public.linhas as l on l.linha_id = j.linha_id
    cross join lateral interno.produzido(p_op, j.linha_id, j.janela) as f
    cross join lateral (
        select 'PRODUZIDA' as tipo, '' as codigo, f.producao as quantidade, f.producao_maquina as maquina
        union all
        select 'REFUGO', r.key, r.value::bigint, null from jsonb_each_text(f.refugo) as r
        union all
        select o.key, '', o.value::bigint, null from jsonb_each_text(f.outras) as o
    ) as k
    where k.quantidade <> 0
$$;
comment on function interno.totais_op(text) is 'Os totais da OP agora, por tipo, etapa, linha e turno, em unidades.';

-- A set of totals for one stage: {produzidas, boas, refugos: {código: n}, perdas: {tipo: n}, contador}.
create function interno.resumo_totais(p_totais jsonb, p_etapa text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    with t as (
        select x.tipo, x.codigo, sum(x.quantidade)::bigint as quantidade, coalesce(sum(x.maquina), 0)::bigint as maquina
        from jsonb_to_recordset(p_totais) as x (etapa text, tipo text, codigo text, quantidade bigint, maquina bigint)
        where x.etapa = p_etapa
        group by x.tipo, x.codigo
    )
    select jsonb_build_object(
        'produzidas', coalesce(sum(quantidade) filter (where tipo = 'PRODUZIDA'), 0),
        'boas', coalesce(sum(case when tipo = 'PRODUZIDA' then quantidade else - quantidade end), 0),
        'refugos', coalesce(jsonb_object_agg(codigo, quantidade) filter (where tipo = 'REFUGO'), '{}'),
        'perdas', coalesce(jsonb_object_agg(tipo, quantidade) filter (where tipo not in ('PRODUZIDA', 'REFUGO')), '{}'),
        'contador', coalesce(sum(maquina), 0)
    )
    from t
$$;
comment on function interno.resumo_totais(jsonb, text) is 'Totais de uma etapa somados: produzidas, boas, refugos por código, perdas por tipo e contador.';

create function interno.totais_json(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(t)), '[]') from interno.totais_op(p_op) as t
$$;
comment on function interno.totais_json(text) is 'interno.totais_op como JSON.';

create function interno.etapa_apontada(p_produto_codigo text)
returns text
language sql
stable
set search_path = ''
as $$
    select coalesce((select e.etapa from interno.etapas(p_produto_codigo) as e where e.apontada), 'ENVASE')
$$;
comment on function interno.etapa_apontada(text) is 'Etapa cuja produção se informa ao TOTVS.';

-- Key by key, p_a less p_b; zeros left out.
create function interno.menos(p_a jsonb, p_b jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.chave, t.n) filter (where t.n <> 0), '{}')
    from (
        select coalesce(a.key, b.key) as chave, coalesce(a.value::bigint, 0) - coalesce(b.value::bigint, 0) as n
        from jsonb_each_text(p_a) as a
        full join jsonb_each_text(p_b) as b on b.key = a.key
    ) as t
$$;
comment on function interno.menos(jsonb, jsonb) is 'Diferença de dois objetos chave → quantidade.';

-- Of chave → quantidade, those on one side of zero, as a list the ERP reads; all amounts positive.
create function interno.lista(p_quantidades jsonb, p_nome text, p_sinal integer)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select coalesce(jsonb_agg(
        jsonb_build_object(p_nome, q.key, 'quantidade', q.value::bigint * p_sinal) order by q.key
    ), '[]')
    from jsonb_each_text(p_quantidades) as q
    where q.value::bigint * p_sinal > 0
$$;
comment on function interno.lista(jsonb, text, integer) is 'As quantidades de um sinal, como lista {nome, quantidade} em valores positivos.';

-- Reports ------------------------------------------------------------------------------------------------------------

create function interno.cabecalho_envio(p_op text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'numero_op', l.numero_op, 'numero_lote', l.numero_lote, 'produto_codigo', l.produto_codigo,
        'etapa', interno.etapa_apontada(l.produto_codigo)
    )
    from public.lotes_producao as l
    where l.numero_op = p_op
$$;
comment on function interno.cabecalho_envio(text) is 'O que todo envio diz da OP.';

-- What TOTVS has accepted as partial reports so far. One that is INCERTO or refused stands before the closing in the
-- queue, so whoever asks here knows how each of them ended.
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
                group by x ->> 'codigo'
            ) as r
        )
    )
    from public.envios_totvs as e
    where e.numero_op = p_op and e.tipo = 'PARCIAL' and e.situacao = 'CONFIRMADO'
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
        perform interno.criar_envio(p_op, 'ESTORNO', interno.cabecalho_envio(p_op) || jsonb_build_object(
            'boas', greatest(- v_boas, 0), 'refugos', interno.lista(v_refugos, 'codigo', -1), 'perdas', '[]'::jsonb,
            'motivo', 'Apontamentos parciais passaram do total fechado.'
        ));
    end if;
    return interno.conteudo_producao(
        p_op, v_boas, v_refugos, (v_parciais ->> 'contador')::bigint, v_f.contador_final, v_f.inicio, v_f.fim, false
    );
end $$;
comment on function interno.conteudo_fechamento(text) is
'Conteúdo do apontamento do fechamento: o congelado menos os parciais confirmados; o que sobrou a mais vira um ESTORNO.';

-- What is missing ----------------------------------------------------------------------------------------------------

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

create function interno.faltas_fechamento(p_op text, p_assinaturas bigint[])
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
    v_diario public.diarios_bordo;
    v_turno jsonb;
    v_resumo jsonb;
begin
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
            select jsonb_agg(interno.falta(m, case m ->> 'codigo' when 'EPOCA_ABERTA' then 'encerrar_epoca' else 'fechar_com_ressalva' end, v_argumentos))
            from jsonb_array_elements(interno.fontes_em_falta(v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo))) as m
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('QUARENTENA',
                format('A quarentena %s pode conter contagens da OP: %s', q.id, q.detalhe), 'Decida-a.'
            ), 'resolver_quarentena', jsonb_build_object('p_id', q.id)) order by q.id)
            from public.quarentena as q
            where q.resolvida_em is null and interno.quarentena_atinge(q, v_r.linha_id, lower(v_r.intervalo), upper(v_r.intervalo))
        ), '[]');
        v_faltas := v_faltas || coalesce((
            select jsonb_agg(interno.falta(interno.motivo_json('CONTAGEM_RETIDA',
                format('A contagem retida %s (produção %s, rejeição %s) espera decisão.', c.id, c.producao, c.rejeicao), 'Decida-a.'
            ), 'decidir_retido', jsonb_build_object('p_id', c.id)) order by c.id)
            from public.contagens_retidas as c
            where c.linha_id = v_r.linha_id and tstzrange(c.desde, c.ate, '[]') && v_r.intervalo
        ), '[]');
    end loop;
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
        if v_diario.id is null then
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
comment on function interno.faltas_fechamento(text, bigint[]) is
'Tudo que ainda falta para a OP fechar, com a função que resolve cada falta. p_assinaturas: as que valem.';

-- Closing ------------------------------------------------------------------------------------------------------------

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
    v_perdas jsonb;
begin
    select * into v_lote from public.lotes_producao where numero_op = p_op for no key update;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        coalesce(min(lower(p.intervalo)) filter (where l.etapa = v_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = v_etapa), max(upper(p.intervalo))),
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
    returning id into v_id;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    update public.lotes_producao set status = 'CONCLUIDO', atualizado_em = clock_timestamp() where numero_op = p_op;
    delete from public.fechamentos_pendentes where numero_op = p_op;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp());
    perform interno.criar_envio(p_op, 'PRODUCAO', null);
    v_perdas := interno.lista(v_resumo -> 'perdas', 'tipo', 1);
    if v_perdas <> '[]' then
        perform interno.criar_envio(p_op, 'PERDAS', interno.cabecalho_envio(p_op) || jsonb_build_object('perdas', v_perdas));
    end if;
    perform interno.criar_envio(p_op, 'STATUS', interno.cabecalho_envio(p_op) || jsonb_build_object('status', 'CONCLUIDO', 'em', clock_timestamp()));
    return v_id;
end $$;
comment on function interno.congelar(text, jsonb, text) is
'Fecha a OP com os totais deste instante e põe na caixa de saída o que o TOTVS deve saber. Exige as linhas travadas.';

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

-- One round: at most p_limite orders after p_depois that are ended on all their lines. Single flight: a second caller
-- is told so and does nothing.
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
    v_faltas jsonb;
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
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into v_ops
    from (
        select l.numero_op from public.lotes_producao as l
        where l.status = 'EM_ANDAMENTO' and l.numero_op > p_depois
          and exists (select from public.periodos_ordem as p where p.numero_op = l.numero_op)
          and not interno.op_aberta(l.numero_op)
        order by l.numero_op
        limit p_limite
    ) as t;
    -- Before it closes, the closing itself looks at everything there is.
    delete from public.apuracoes_pendentes as a
    where not exists (select from public.fechamentos_lote as f where f.numero_op = a.numero_op);
    select coalesce(array_agg(t.numero_op order by t.numero_op), '{}') into v_alteradas
    from (
        -- While it is open again it changes every few seconds: what it comes to is proposed when it ends.
        select distinct a.numero_op from public.apuracoes_pendentes as a
        where a.numero_op > p_depois and not interno.op_aberta(a.numero_op)
          and exists (select from public.fechamentos_lote as f where f.numero_op = a.numero_op)
        order by a.numero_op
        limit p_limite
    ) as t;
    if greatest(cardinality(v_ops), cardinality(v_alteradas)) = p_limite then
        v_ultima := least(v_ops[p_limite], v_alteradas[p_limite]);
    end if;
    v_linhas := array(
        select distinct x from unnest(v_ops || v_alteradas) as o (op) cross join lateral unnest(interno.linhas_da_op(o.op)) as x
    );
    perform interno.travar_linhas(v_linhas);
    -- What happened until the locks were ours: an order annulled, opened again, or on a line that is not locked, waits
    -- for the next round.
    v_ops := array(
        select o.op from unnest(v_ops) as o (op)
        where exists (select from public.periodos_ordem as p where p.numero_op = o.op)
          and not interno.op_aberta(o.op) and interno.linhas_da_op(o.op) <@ v_linhas
        order by o.op
    );
    v_alteradas := array(
        select o.op from unnest(v_alteradas) as o (op)
        where not interno.op_aberta(o.op) and interno.linhas_da_op(o.op) <@ v_linhas
        order by o.op
    );
    v_assinaturas := interno.assinaturas_validas(v_ops);
    foreach v_op in array v_ops || v_alteradas loop
        begin
            if v_op = any(v_alteradas) then
                v_ajustes := v_ajustes + interno.apurar_ajustes(v_op);
                continue;
            end if;
            v_faltas := interno.faltas_fechamento(v_op, v_assinaturas);
            if v_faltas = '[]' then
                perform interno.congelar(v_op, '[]', null);
                v_fechadas := v_fechadas || to_jsonb(v_op);
                perform interno.anotar_trilha('SISTEMA', 'fechar_lotes', 'lotes_producao:' || v_op, null, (
                    select to_jsonb(f) from public.fechamentos_lote as f where f.numero_op = v_op
                ), null);
                continue;
            end if;
            v_aguardam := v_aguardam + 1;
            insert into public.fechamentos_pendentes as f (numero_op, desde, faltas)
            values (v_op, (select max(upper(p.intervalo)) from public.periodos_ordem as p where p.numero_op = v_op), v_faltas)
            on conflict (numero_op) do update set faltas = excluded.faltas, desde = excluded.desde
            where (f.faltas, f.desde) is distinct from (excluded.faltas, excluded.desde);
        exception when others then
            get stacked diagnostics v_estado = returned_sqlstate, v_mensagem = message_text, v_detalhe = pg_exception_detail;
            v_erros := v_erros || (jsonb_build_object('numero_op', v_op) || interno.erro_json(v_estado, v_mensagem, v_detalhe));
        end;
    end loop;
    -- Opened again, or cancelled: no longer waiting.
    delete from public.fechamentos_pendentes as f
    where not exists (
        select from public.lotes_producao as l
        where l.numero_op = f.numero_op and l.status = 'EM_ANDAMENTO'
          and not interno.op_aberta(l.numero_op)
    );
    return jsonb_build_object(
        'em_andamento', false, 'fechadas', v_fechadas, 'aguardam', v_aguardam, 'ajustes', v_ajustes, 'erros', v_erros,
        'parciais', case when p_depois = '' then interno.criar_parciais() else 0 end,
        'depois', v_ultima
    );
end $$;
comment on function public.fechar_lotes(text, integer) is
'Fecha as OPs completas, anota o que falta às outras, propõe ajustes das fechadas. Devolve o que fez e, se há mais, de onde continuar (depois).';

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
        where l.status = 'EM_ANDAMENTO'
          and exists (select from public.ordens_producao_ativas as o where o.numero_op = l.numero_op and o.producao_acumulada > 0)
          and not exists (
            select from public.envios_totvs as e
            where e.numero_op = l.numero_op
              and (e.situacao not in ('CONFIRMADO', 'DESCARTADO') or e.criado_em > clock_timestamp() - make_interval(secs => v_cada))
        )
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

create function public.fechar_com_ressalva(p_numero_op text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('fechar_com_ressalva', (
        select case when count(distinct l.setor) = 1 then min(l.setor) end
        from public.linhas as l where l.linha_id = any(interno.linhas_da_op(v_op))
    ));
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_fim timestamptz;
    v_faltas jsonb;
    v_firmes jsonb;
    v_id bigint;
begin
    perform interno.travar_linhas(interno.linhas_da_op(v_op));
    select max(upper(p.intervalo)) into v_fim from public.periodos_ordem as p where p.numero_op = v_op;
    if not exists (select from public.lotes_producao where numero_op = v_op and status = 'EM_ANDAMENTO') then
        perform interno.recusar_desconhecido('NADA_A_FECHAR', format('A OP %s não espera fechamento.', v_op));
    end if;
    v_faltas := interno.faltas_fechamento(v_op, interno.assinaturas_validas(array[v_op]));
    select coalesce(jsonb_agg(f), '[]') into v_firmes
    from jsonb_array_elements(v_faltas) as f
    where f ->> 'codigo' in (
        'ORDEM_ABERTA', 'DIARIO_NAO_ASSINADO', 'DIARIO_ALTERADO', 'REFUGO_DIVERGENTE', 'BOAS_NEGATIVAS', 'TOTAIS_DIVERGEM'
    );
    if v_firmes <> '[]' then
        perform interno.recusar(
            '409', 'FALTA_OBRIGATORIA', (select string_agg(f ->> 'detalhe', ' ') from jsonb_array_elements(v_firmes) as f),
            'Resolva isto primeiro; o resto pode ficar com ressalva.'
        );
    end if;
    if v_faltas <> '[]' and v_fim > clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS')) then
        perform interno.recusar(
            '409', 'AINDA_NO_PRAZO',
            format('A OP %s espera desde %s; só depois de %s minutos se fecha com ressalva.', v_op, interno.hora_local(v_fim),
                interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS') / 60),
            'Espere, ou resolva o que falta.'
        );
    end if;
    v_id := interno.congelar(v_op, v_faltas, case when v_faltas <> '[]' then v_motivo end);
    perform interno.anotar_trilha(
        v_papel, 'fechar_com_ressalva', 'lotes_producao:' || v_op, null,
        (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id), v_motivo
    );
    return (select to_jsonb(f) from public.fechamentos_lote as f where f.id = v_id);
end $$;
comment on function public.fechar_com_ressalva(text, text) is
'Fecha uma OP a que ainda faltam contagens, depois do prazo, com motivo; o que faltava fica no fechamento. Diários assinados são obrigatórios.';

create function public.decidir_ajustes(p_numero_op text, p_decisao text, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.exigir_papel('decidir_ajustes', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_f public.fechamentos_lote;
    v_ajustes jsonb;
    v_resumo jsonb;
    v_envios jsonb := '[]';
    v_sinal integer;
    v_conteudo jsonb;
begin
    perform interno.exigir_decisao(p_decisao, 'APROVAR', 'RECUSAR');
    select * into v_f from public.fechamentos_lote where numero_op = v_op;
    perform interno.travar_linhas(interno.linhas_da_op(v_op));
    with decididos as (
        update public.ajustes_fechamento
        set situacao = case p_decisao when 'APROVAR' then 'APROVADO' else 'RECUSADO' end, decidido_em = clock_timestamp(),
            decidido_por = interno.usuario_atual(), motivo = v_motivo
        where fechamento_id = v_f.id and situacao = 'PROPOSTO'
        returning id, etapa, linha_id, tipo, codigo, diferenca as quantidade, null::bigint as maquina
    )
    select jsonb_agg(to_jsonb(d)) into v_ajustes from decididos as d;
    if v_ajustes is null then
        perform interno.recusar_desconhecido('NADA_A_DECIDIR', format('A OP %s não tem ajuste à espera.', v_op));
    end if;
    if p_decisao = 'APROVAR' then
        v_resumo := interno.resumo_totais(v_ajustes, v_f.etapa);
        -- What is more goes as an adjustment, what is less as a reversal: the ERP takes no negative amounts.
        foreach v_sinal in array array[1, -1] loop
            v_conteudo := jsonb_build_object(
                'boas', greatest((v_resumo ->> 'boas')::bigint * v_sinal, 0),
                'refugos', interno.lista(v_resumo -> 'refugos', 'codigo', v_sinal),
                'perdas', interno.lista(v_resumo -> 'perdas', 'tipo', v_sinal)
            );
            if v_conteudo <> '{"boas": 0, "refugos": [], "perdas": []}' then
                v_envios := v_envios || to_jsonb(interno.criar_envio(
                    v_op, case v_sinal when 1 then 'AJUSTE' else 'ESTORNO' end,
                    interno.cabecalho_envio(v_op) || v_conteudo || jsonb_build_object('motivo', v_motivo)
                ));
            end if;
        end loop;
    end if;
    perform interno.anotar_trilha(
        v_papel, 'decidir_ajustes', 'fechamentos_lote:' || v_f.id, null,
        jsonb_build_object('decisao', p_decisao, 'ajustes', v_ajustes, 'envios', v_envios), v_motivo
    );
    return jsonb_build_object('numero_op', v_op, 'decisao', p_decisao, 'ajustes', jsonb_array_length(v_ajustes), 'envios', v_envios);
end $$;
comment on function public.decidir_ajustes(text, text, text) is
'Aprova (e põe na caixa de saída) ou recusa o que mudou depois do fechamento da OP.';

-- Health -------------------------------------------------------------------------------------------------------------

create function public.saude_integracao()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'disjuntor_aberto', (select (d.estado <> 'FECHADO')::integer from public.disjuntores as d where d.nome = 'TOTVS'),
        'fechamentos_atrasados', (
            select count(*) from public.fechamentos_pendentes as f
            where f.desde < clock_timestamp() - make_interval(secs => interno.parametro('FECHAMENTO_LIMITE_SEGUNDOS'))
        ),
        'envios_parados', (
            select count(*) from public.envios_totvs as e
            where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null
        ),
        'linhas_em_silencio', coalesce((
            select jsonb_agg(t.linha_id order by t.linha_id)
            from (
                select f.linha_id, max(m.ate) as ate, f.de
                from public.fontes_linha as f
                left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
                where f.papel = 'contagem' and f.fonte not in ('avulso', 'manual') and tstzrange(f.de, f.ate) @> clock_timestamp()
                group by f.linha_id, f.de
            ) as t
            where coalesce(t.ate, t.de) < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]'),
        'gateways_em_silencio', coalesce((
            select jsonb_agg(t.gateway order by t.gateway)
            from (
                select g.gateway, coalesce(max(m.atualizada_em), g.criado_em) as em
                from public.gateways as g
                left join public.marcas_linha as m on m.gateway = g.gateway
                where exists (
                    select from public.fontes_linha as f
                    where f.fonte = g.gateway and f.papel = 'contagem' and tstzrange(f.de, f.ate) @> clock_timestamp()
                )
                group by g.gateway, g.criado_em
            ) as t
            where t.em < clock_timestamp() - make_interval(secs => interno.parametro('SILENCIO_SEGUNDOS'))
        ), '[]')
    )
$$;
comment on function public.saude_integracao() is
'O que os alarmes medem: disjuntor, fechamentos além do prazo, envios parados, linhas e gateways em silêncio.';

create view public.lacunas_sequencia with (security_invoker = true) as
-- Everything of an época past its gap-free prefix that is there. A declared end stands as the sequence behind the last.
with chegadas as (
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        a.seq,
        a.ingerido_em as em
    from public.epocas_gateway as e
    -- The first of them, more than a day's: with an end in sight the planner takes the index, not the whole ledger.
    cross join lateral (
        select
            x.seq,
            x.ingerido_em
        from public.arquivos_ingeridos as x
        where x.gateway = e.gateway and x.epoca = e.epoca and x.seq > e.ultima_seq_continua
        order by x.seq
        limit 20000
    ) as a
    union all
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        n.seq,
        n.em
    from public.epocas_gateway as e
    inner join public.sequencias_anuladas as n
        on e.gateway = n.gateway and e.epoca = n.epoca and e.ultima_seq_continua < n.seq
    union all
    select
        e.gateway,
        e.epoca,
        e.ultima_seq_continua,
        e.ultima_seq_declarada + 1,
        e.declarada_em
    from public.epocas_gateway as e
    where e.ultima_seq_declarada > e.ultima_seq_continua
)

-- A gap lies between a sequence and the one before it; it is as old as the earliest arrival behind it.
select
    c.gateway,
    c.epoca,
    c.seq,
    coalesce(
        lag(c.seq) over (partition by c.gateway, c.epoca order by c.seq), c.ultima_seq_continua
    ) as anterior,
    min(c.em) over (
        partition by c.gateway, c.epoca order by c.seq rows between current row and unbounded following
    ) as desde
from chegadas as c;
comment on view public.lacunas_sequencia is 'Onde as sequências de uma época podem ter faltas: entre cada uma e a anterior. Fonte: arquivos_ingeridos.';
comment on column public.lacunas_sequencia.gateway is 'Gateway.';
comment on column public.lacunas_sequencia.epoca is 'Época.';
comment on column public.lacunas_sequencia.seq is 'Sequência que chegou, ou a seguinte à última declarada.';
comment on column public.lacunas_sequencia.anterior is 'Sequência anterior que chegou; o que fica entre as duas falta.';
comment on column public.lacunas_sequencia.desde is 'Desde quando falta (UTC).';

-- Gaps: which part of the bucket may hold a missing sequence. Keys sort by sealing date, then sequence; between the
-- keys of its neighbours there is little to list.
create function public.lacunas_gateways(p_idade_s integer)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'gateway', l.gateway, 'epoca', l.epoca, 'de', l.anterior + 1, 'ate', l.seq - 1,
        'depois_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq <= l.anterior
            order by a.seq desc limit 1
        ),
        'antes_de', (
            select a.chave from public.arquivos_ingeridos as a
            where a.gateway = l.gateway and a.epoca = l.epoca and a.seq >= l.seq
            order by a.seq limit 1
        )
    )), '[]')
    from public.lacunas_sequencia as l
    where l.seq - l.anterior > 1 and l.desde < clock_timestamp() - make_interval(secs => p_idade_s)
$$;
comment on function public.lacunas_gateways(integer) is
'Sequências que faltam há mais de p_idade_s segundos, e entre que chaves do bucket procurá-las.';

-- A file found for a gap may still not become a row (a version nobody can read yet): it is announced again each hour,
-- not each minute.
create table public.lacunas_anunciadas (
    chave text primary key,
    anunciada_em timestamptz not null default clock_timestamp()
);
comment on table public.lacunas_anunciadas is 'Arquivos de sequências que faltavam, achados no bucket e anunciados de novo. Fonte: lot_closure.';
comment on column public.lacunas_anunciadas.chave is 'Chave S3. Fonte: S3.';
comment on column public.lacunas_anunciadas.anunciada_em is 'Último anúncio (UTC). Fonte: banco.';

create function public.anunciar_lacuna(p_chave text)
returns boolean
language sql
security definer
set search_path = ''
as $$
    with anunciada as (
        insert into public.lacunas_anunciadas as l (chave) values (p_chave)
        on conflict (chave) do update set anunciada_em = clock_timestamp()
        where l.anunciada_em < clock_timestamp() - interval '1 hour'
        returning chave
    )
    select exists (select from anunciada)
$$;
comment on function public.anunciar_lacuna(text) is 'Verdadeiro se o arquivo deve ser anunciado agora: não o foi na última hora.';

-- What files told of a line between two instants. No SET clause: the planner inlines it and sees the instants.
create function public.arquivos_da_linha(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns table (
    arquivo_id bigint, chave text, versao_id text, sha256 text, byte_de bigint, byte_ate bigint,
    de timestamptz, ate timestamptz, registros bigint, producao bigint, rejeicao bigint, flags jsonb,
    ingerido_em timestamptz
)
language sql
stable
as $$
    select a.id, a.chave, a.versao_id, a.sha256, l.byte_de, l.byte_ate, l.de, l.ate, l.registros, l.producao, l.rejeicao,
        coalesce(l.flags, '{}'), a.ingerido_em
    from public.arquivos_ingeridos as a
    cross join lateral jsonb_to_recordset(a.linhas) as l (
        linha_id text, registros bigint, de timestamptz, ate timestamptz, producao bigint, rejeicao bigint,
        byte_de bigint, byte_ate bigint, flags jsonb
    )
    where a.situacao = 'APLICADO' and a.de < p_ate and a.ate >= p_de
      and l.linha_id = p_linha_id and l.de < p_ate and l.ate >= p_de
$$;
comment on function public.arquivos_da_linha(text, timestamptz, timestamptz) is
'Arquivos contados que trazem registros da linha em [p_de, p_ate), com a posição dos bytes e o que somam (contagens da máquina).';

-- From a number told to TOTVS back to the bytes it came from.
create function public.rastrear(p_numero_op text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'lote', to_jsonb(l),
        'fechamento', (
            select to_jsonb(f) || jsonb_build_object('totais', (
                select jsonb_agg(to_jsonb(t) - 'fechamento_id' order by t.linha_id, t.inicio, t.tipo, t.codigo)
                from public.fechamento_totais as t where t.fechamento_id = f.id
            ))
            from public.fechamentos_lote as f where f.numero_op = l.numero_op
        ),
        'ajustes', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]')
            from public.ajustes_fechamento as a inner join public.fechamentos_lote as f on f.id = a.fechamento_id
            where f.numero_op = l.numero_op
        ),
        'envios', (
            select coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('chamadas', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]') from public.tentativas_integracao as t where t.envio_id = e.id
            )) order by e.ordem), '[]')
            from public.envios_totvs as e where e.numero_op = l.numero_op
        ),
        'diarios', (
            select coalesce(jsonb_agg(to_jsonb(d) - 'conteudo' || jsonb_build_object('vale', public.verificar_assinatura(d.id)) order by d.id), '[]')
            from interno.turnos_op(l.numero_op) as t
            inner join public.diarios_bordo as d on d.linha_id = t.linha_id and d.janela = t.janela
        ),
        'linhas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'linha_id', o.linha_id, 'total', to_jsonb(o),
                'periodos', (
                    select coalesce(jsonb_agg(interno.periodo_json(p) order by p.intervalo), '[]')
                    from public.periodos_ordem as p where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                ),
                'arquivos', (
                    select coalesce(jsonb_agg(to_jsonb(x) - 'arquivo_id' - 'flags' order by x.de, x.arquivo_id), '[]')
                    from (
                        select distinct a.*
                        from public.periodos_ordem as p
                        cross join lateral public.arquivos_da_linha(
                            p.linha_id, lower(p.intervalo), coalesce(upper(p.intervalo), 'infinity')
                        ) as a
                        where p.numero_op = l.numero_op and p.linha_id = o.linha_id
                    ) as x
                ),
                'intervalos', (
                    select coalesce(jsonb_agg(to_jsonb(i) order by i.id), '[]')
                    from public.contagens_intervalo as i where i.numero_op = l.numero_op and i.linha_id = o.linha_id
                ),
                'manuais', (
                    select coalesce(jsonb_agg(to_jsonb(m) order by m.id), '[]')
                    from public.contagens_manuais as m where m.numero_op = l.numero_op and m.linha_id = o.linha_id
                ),
                'perdas', (
                    select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
                    from public.perdas_qualidade as q where q.numero_op = l.numero_op and q.linha_id = o.linha_id
                )
            ) order by o.linha_id), '[]')
            from public.ordens_producao_ativas as o where o.numero_op = l.numero_op
        )
    )
    from public.lotes_producao as l
    where l.numero_op = public.normalizar_op(p_numero_op)
$$;
comment on function public.rastrear(text) is
'De onde vem o que o TOTVS soube de uma OP: fechamento, envios com cada chamada, assinaturas, e por linha os arquivos com seus bytes.';
