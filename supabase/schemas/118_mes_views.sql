-- What the MES reads of us instead of typed figures, under its column names and ids (docs/consultas.md). An id is null
-- where equivalencias_mes has none: nothing counted is left out for that. Each view is read for some days or one line:
-- the calendar comes first, so that a condition on `data` or `linhaproducao_id` is met before anything is counted.

-- Every shift of every line from the first order on. Crews that share the hours are one row: the crew that signed, else
-- the first by code; before both, one the MES knows.
create view public.mes_linha_turno with (security_invoker = true) as
with horas as (
    select
        v.inicio,
        v.fim,
        array_agg(v.turno) as turnos
    from public.turnos_vigentes as v
    group by v.inicio, v.fim
),

janelas as (
    select
        s.inicio,
        s.fim,
        s.turnos,
        d.dia::date as data,
        tstzrange(
            (d.dia::date + s.inicio) at time zone 'America/Fortaleza',
            (d.dia::date + (s.fim <= s.inicio)::integer + s.fim) at time zone 'America/Fortaleza'
        ) as janela
    from horas as s
    cross join lateral generate_series(
        (select min(lower(p.intervalo)) at time zone 'America/Fortaleza' from public.periodos_ordem as p)::date - 1,
        (now() at time zone 'America/Fortaleza')::date, interval '1 day'
    ) as d (dia)
)

select -- noqa: ST06
    w.data,
    t.mes_id as turno_id,
    t.turno,
    w.inicio as turno_hi,
    w.fim as turno_hf,
    e.mes_id as linhaproducao_id,
    l.nome as linhaproducao,
    l.linha_id,
    w.janela
from public.linhas as l
left join public.equivalencias_mes as e on l.linha_id = e.codigo and e.tipo = 'LINHA'
cross join janelas as w
cross join lateral (
    select
        c.turno,
        q.mes_id
    from unnest(w.turnos) as c (turno)
    left join public.equivalencias_mes as q on q.tipo = 'TURNO' and c.turno = q.codigo
    order by
        q.mes_id is null, c.turno is distinct from (
            select g.turno
            from public.diarios_bordo as g
            where g.linha_id = l.linha_id and g.janela = w.janela
            order by g.id desc
            limit 1
        ), c.turno
    limit 1
) as t
where lower(w.janela) <= now();
comment on view public.mes_linha_turno is
'Cada turno já começado de cada linha, desde a primeira OP, com os ids do MES. Equipes da mesma janela são uma linha: a que assinou, senão a primeira. Fonte: turnos_vigentes e equivalencias_mes.';
revoke all on public.mes_linha_turno from public, anon, authenticated, service_role;
grant select on public.mes_linha_turno to authenticated, service_role;

create view public.mes_producao_hora with (security_invoker = true) as
select -- noqa: ST06
    w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id as produto_id,
    r.descricao as produto,
    (h.de at time zone 'America/Fortaleza')::time as hora_inicio,
    (h.ate at time zone 'America/Fortaleza')::time as hora_final,
    sum(j.producao)::bigint as quantidade,
    v.velocidade,
    h.de as inicio,
    w.linha_id,
    o.produto_codigo
from public.mes_linha_turno as w
cross join lateral (
    select
        g.hora as de,
        least(g.hora + interval '1 hour', upper(w.janela)) as ate,
        false as manuais
    from generate_series(
        lower(w.janela), least(upper(w.janela), now()) - interval '1 microsecond', interval '1 hour'
    ) as g (hora)
    union all
    select
        lower(w.janela) as de,
        upper(w.janela) as ate,
        true as manuais
) as h
cross join lateral (
    select
        k.numero_op,
        k.producao
    from public.producao_janela(w.linha_id, tstzrange(h.de, h.ate), false) as k
    where k.numero_op is not null and not h.manuais
    union all
    select
        m.numero_op,
        m.producao
    from public.contagens_manuais_atuais as m
    where m.linha_id = w.linha_id and m.janela = w.janela and m.producao > 0 and h.manuais
) as j
inner join public.lotes_producao as o on j.numero_op = o.numero_op
inner join public.produtos as r on o.produto_codigo = r.produto_codigo
left join public.equivalencias_mes as e on e.tipo = 'PRODUTO' and o.produto_codigo = e.codigo
left join public.velocidades_vigentes as v
    on w.linha_id = v.linha_id and o.produto_codigo = v.produto_codigo and v.validade @> w.data
group by
    w.data, w.turno_id, w.turno, w.turno_hi, w.linhaproducao_id, w.linhaproducao, e.mes_id, r.descricao, h.de, h.ate,
    v.velocidade, w.linha_id, o.produto_codigo;
comment on view public.mes_producao_hora is
'tboee_turno_producao do nosso lado: unidades por data, turno, linha, produto e hora com OP aberta; a contagem à mão é uma linha do turno inteiro. Fonte: contagens.';
comment on column public.mes_producao_hora.hora_inicio is 'Início da hora (Fortaleza). Fonte: turnos_vigentes.';
comment on column public.mes_producao_hora.quantidade is 'Unidades feitas, boas e rejeitadas. Fonte: contagens × fator congelado.';
comment on column public.mes_producao_hora.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_producao_hora.inicio is 'Início da hora (UTC). Fonte: turnos_vigentes.';
revoke all on public.mes_producao_hora from public, anon, authenticated, service_role;
grant select on public.mes_producao_hora to authenticated, service_role;

create view public.mes_turno_lote with (security_invoker = true) as
select -- noqa: ST06
    w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.turno_hf,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id as produto_id,
    r.descricao as produto,
    v.velocidade,
    o.numero_lote as lote,
    o.data_fabricacao as fabricacao,
    o.data_validade as validade,
    (p.de at time zone 'America/Fortaleza')::time as hora_inicio,
    (p.ate at time zone 'America/Fortaleza')::time as hora_fim,
    a.contadas as qtd_inicial,
    a.contadas + j.producao_maquina as qtd_final,
    j.producao as qtd_produzida,
    case when c.digitado then j.refugo_digitado else j.rejeicao end as perda,
    j.producao - case when c.digitado then j.refugo_digitado else j.rejeicao end as total_producao,
    j.amostras,
    case when c.digitado then 'DIGITADO' else 'MAQUINA' end as fonte_perda,
    o.numero_op,
    w.linha_id,
    o.produto_codigo,
    w.janela
from public.mes_linha_turno as w
cross join lateral public.producao_janela(w.linha_id, w.janela, true) as j
inner join public.lotes_producao as o on j.numero_op = o.numero_op
inner join public.produtos as r on o.produto_codigo = r.produto_codigo
inner join public.linhas as l on w.linha_id = l.linha_id
left join public.equivalencias_mes as e on e.tipo = 'PRODUTO' and o.produto_codigo = e.codigo
left join public.velocidades_vigentes as v
    on w.linha_id = v.linha_id and o.produto_codigo = v.produto_codigo and v.validade @> w.data
cross join lateral (
    select
        greatest(min(lower(x.intervalo)), lower(w.janela)) as de,
        case
            when max(coalesce(upper(x.intervalo), 'infinity')) < upper(w.janela) then max(upper(x.intervalo))
            when upper(w.janela) <= now() then upper(w.janela)
        end as ate
    from public.periodos_ordem as x
    where x.linha_id = w.linha_id and x.numero_op = j.numero_op and x.intervalo && w.janela
) as p
-- What the order had counted on the line before the shift: the sheet's Inicial, which restarts with each order.
cross join lateral (
    select min(lower(x.intervalo)) as de
    from public.periodos_ordem as x
    where x.linha_id = w.linha_id and x.numero_op = j.numero_op
) as f
cross join lateral (
    select coalesce(sum(k.producao_maquina), 0)::bigint as contadas
    from public.producao_janela(w.linha_id, tstzrange(f.de, greatest(f.de, lower(w.janela))), true) as k
    where f.de < lower(w.janela) and k.numero_op = j.numero_op
) as a
left join lateral (
    select q.vale
    from public.conciliacoes_refugo as q
    where q.numero_op = j.numero_op and q.linha_id = w.linha_id and q.janela = w.janela
        and q.maquina = j.rejeicao and q.digitado = j.refugo_digitado
    order by q.id desc
    limit 1
) as d on true
cross join lateral public.vale_digitado(l.regra_refugo, j.rejeicao, j.refugo_digitado, d.vale) as c (digitado);
comment on view public.mes_turno_lote is
'tboee_turno_lote do nosso lado: uma linha por data, turno, linha, produto e lote (OP), com o cabeçalho de tboee_turno. Fonte: contagens, perdas e periodos_ordem.';
comment on column public.mes_turno_lote.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_turno_lote.hora_inicio is 'Quando a OP começou no turno (Fortaleza). Fonte: periodos_ordem.';
comment on column public.mes_turno_lote.hora_fim is 'Quando a OP terminou no turno (Fortaleza); nula se está aberta agora. Fonte: periodos_ordem.';
comment on column public.mes_turno_lote.qtd_inicial is 'O que a OP já tinha contado na linha antes do turno, em contagens da máquina (ciclos). Fonte: contagens.';
comment on column public.mes_turno_lote.qtd_final is 'qtd_inicial mais o contado no turno, em contagens da máquina (ciclos). Fonte: contagens.';
comment on column public.mes_turno_lote.qtd_produzida is 'Unidades feitas no turno, boas e rejeitadas. Fonte: contagens × fator congelado.';
comment on column public.mes_turno_lote.perda is 'Refugo do turno pela regra da linha, em unidades; sem as amostras. Fonte: contagens ou perdas_vigentes.';
comment on column public.mes_turno_lote.total_producao is 'qtd_produzida menos perda, em unidades. Fonte: banco.';
comment on column public.mes_turno_lote.amostras is 'Retém e amostras, em unidades: o MES não tem coluna para elas. Fonte: perdas_vigentes.';
comment on column public.mes_turno_lote.fonte_perda is 'MAQUINA ou DIGITADO: qual refugo é a perda. Fonte: linhas.regra_refugo e conciliacoes_refugo.';
revoke all on public.mes_turno_lote from public, anon, authenticated, service_role;
grant select on public.mes_turno_lote to authenticated, service_role;

create view public.mes_turno with (security_invoker = true) as
select -- noqa: ST06
    t.data,
    t.turno_id,
    t.turno,
    t.turno_hi,
    t.turno_hf,
    t.linhaproducao_id,
    t.linhaproducao,
    t.produto_id,
    t.produto,
    t.velocidade,
    sum(t.qtd_produzida)::bigint as quantidade,
    sum(t.perda)::bigint as perda,
    sum(t.amostras)::bigint as amostras,
    t.linha_id,
    t.produto_codigo
from public.mes_turno_lote as t
group by
    t.data, t.turno_id, t.turno, t.turno_hi, t.turno_hf, t.linhaproducao_id, t.linhaproducao, t.produto_id, t.produto,
    t.velocidade, t.linha_id, t.produto_codigo;
comment on view public.mes_turno is
'tboee_turno do nosso lado: exatamente uma linha por data, turno, linha e produto. Fonte: mes_turno_lote.';
comment on column public.mes_turno.velocidade is 'Velocidade nominal, unidades por hora; nula se ninguém a cadastrou. Fonte: velocidades_vigentes.';
comment on column public.mes_turno.quantidade is 'Unidades feitas no turno, boas e rejeitadas. Fonte: mes_turno_lote.';
comment on column public.mes_turno.perda is 'Refugo do turno pela regra da linha, em unidades. Fonte: mes_turno_lote.';
comment on column public.mes_turno.amostras is 'Retém e amostras, em unidades. Fonte: mes_turno_lote.';
revoke all on public.mes_turno from public, anon, authenticated, service_role;
grant select on public.mes_turno to authenticated, service_role;

create view public.mes_perdas with (security_invoker = true) as
select -- noqa: ST06
    t.data,
    t.turno_id,
    t.turno,
    t.turno_hi,
    t.linhaproducao_id,
    t.linhaproducao,
    t.produto_id,
    t.produto,
    t.lote,
    q.perda,
    q.codigo,
    t.fonte_perda,
    t.numero_op,
    t.linha_id,
    t.produto_codigo
from public.mes_turno_lote as t
cross join lateral (
    select
        'MAQUINA' as codigo,
        t.perda
    where t.fonte_perda = 'MAQUINA' and t.perda > 0
    union all
    select
        p.codigo,
        sum(p.quantidade)::bigint as perda
    from public.perdas_vigentes as p
    where t.fonte_perda = 'DIGITADO' and p.numero_op = t.numero_op and p.linha_id = t.linha_id and p.tipo = 'REFUGO'
        and p.em >= lower(t.janela) and p.em < upper(t.janela)
    group by p.codigo
) as q;
comment on view public.mes_perdas is
'tboee_turno_perda do nosso lado: o refugo que vale, por data, turno, linha, produto, lote (OP) e código. Fonte: mes_turno_lote e perdas_vigentes.';
comment on column public.mes_perdas.perda is 'Unidades recusadas. Fonte: contagens ou perdas_vigentes.';
comment on column public.mes_perdas.codigo is 'Código do motivo; MAQUINA se foi a máquina que rejeitou. Fonte: perdas_vigentes.';
comment on column public.mes_perdas.fonte_perda is 'MAQUINA ou DIGITADO: qual refugo vale. Fonte: mes_turno_lote.';
revoke all on public.mes_perdas from public, anon, authenticated, service_role;
grant select on public.mes_perdas to authenticated, service_role;

-- A stop is looked for a little beyond the shift, so that one which the change of shift divides is whole when it is
-- measured. None is claimed where nobody counted by machine, nor past the last the line was heard of.
create view public.mes_paradas_detectadas with (security_invoker = true) as
select -- noqa: ST06
    w.data,
    w.turno_id,
    w.turno,
    w.turno_hi,
    w.linhaproducao_id,
    w.linhaproducao,
    e.mes_id as produto_id,
    r.descricao as produto,
    i.mes_id as oeeparada_id,
    (lower(u.trecho) at time zone 'America/Fortaleza')::time as hora_inicio,
    case
        when not u.aberta then (upper(u.trecho) at time zone 'America/Fortaleza')::time
    end as hora_fim,
    (extract(epoch from upper(u.trecho) - lower(u.trecho)) / 60)::integer as minutos,
    a.codigo,
    a.descricao as parada,
    lower(u.trecho) as inicio,
    case when not u.aberta then upper(u.trecho) end as fim,
    o.numero_op,
    w.linha_id,
    o.produto_codigo
from public.mes_linha_turno as w
inner join public.linhas as l on w.linha_id = l.linha_id
cross join lateral ( -- an aggregate, so that it is asked once a shift
    select
        range_agg(tstzrange(f.de, f.ate)) as contada,
        coalesce(
            l.parada_minutos, (
                select p.valor
                from public.parametros as p
                where p.nome = 'PARADA_MINUTOS'
            )
        ) as minimo,
        greatest(
            (
                select max(m.ate)
                from public.marcas_linha as m
                where m.linha_id = l.linha_id
            ), (
                select max(c.minuto)
                from public.contagens_minuto as c
                where c.linha_id = l.linha_id
            ) + interval '1 minute'
        ) as sabido
    from public.fontes_linha as f
    where f.linha_id = l.linha_id and f.papel = 'contagem' and f.fonte <> 'manual'
        and tstzrange(f.de, f.ate) && w.janela
) as k
cross join lateral public.paradas_linha(
    w.linha_id, lower(w.janela) - k.minimo * interval '1 minute',
    least(upper(w.janela) + k.minimo * interval '1 minute', k.sabido), k.minimo
) as s
cross join lateral (
    select
        t.trecho,
        upper(t.trecho) = s.ate and s.ate < upper(w.janela)
        and s.ate >= date_trunc('minute', least(k.sabido, now())) as aberta
    from unnest(k.contada * tstzmultirange(tstzrange(s.de, s.ate) * w.janela)) as t (trecho)
) as u
left join lateral (
    select x.numero_op
    from public.periodos_ordem as x
    where x.linha_id = w.linha_id and x.intervalo && u.trecho
    order by x.intervalo
    limit 1
) as n on true
left join public.lotes_producao as o on n.numero_op = o.numero_op
left join public.produtos as r on o.produto_codigo = r.produto_codigo
left join public.equivalencias_mes as e on e.tipo = 'PRODUTO' and o.produto_codigo = e.codigo
left join lateral (
    select
        y.codigo,
        y.descricao
    from public.paradas_vigentes as y
    where y.linha_id = w.linha_id and tstzrange(y.de, y.ate) && u.trecho
    order by upper(tstzrange(y.de, y.ate) * u.trecho) - lower(tstzrange(y.de, y.ate) * u.trecho) desc, y.de
    limit 1
) as a on true
left join public.equivalencias_mes as i on i.tipo = 'PARADA' and a.codigo = i.codigo
where k.sabido > lower(w.janela);
comment on view public.mes_paradas_detectadas is
'tboee_turno_parada do nosso lado: a linha contada por máquina ficou pelo menos N minutos inteiros sem contar (linhas.parada_minutos, senão PARADA_MINUTOS), dividida na troca de turno. Fonte: contagens e marcas.';
comment on column public.mes_paradas_detectadas.oeeparada_id is 'Código que alguém deu à parada, no MES; nulo enquanto ninguém deu. Fonte: paradas_vigentes.';
comment on column public.mes_paradas_detectadas.hora_inicio is 'Quando parou, no turno (Fortaleza). Fonte: contagens.';
comment on column public.mes_paradas_detectadas.hora_fim is 'Quando voltou, no turno (Fortaleza); nula enquanto está parada. Fonte: contagens.';
comment on column public.mes_paradas_detectadas.minutos is 'Minutos inteiros parada, no turno; até a última notícia se ainda está parada. Fonte: contagens.';
comment on column public.mes_paradas_detectadas.produto_id is 'Produto da primeira OP aberta na parada; nulo se nenhuma. Fonte: periodos_ordem.';
revoke all on public.mes_paradas_detectadas from public, anon, authenticated, service_role;
grant select on public.mes_paradas_detectadas to authenticated, service_role;
