-- At any instant one source counts a line. When it becomes known later which one, what the others had counted leaves
-- the totals, exactly, and what this one had brought enters them: the order of facts and arrivals makes no difference.
--
-- Every source's counts of a line are in one of three places, by its role (papel) at their own time:
--   contagem     contagens_minuto, contagens_intervalo
--   conferencia  contagens_conferencia, contagens_intervalo as CONFERENCIA
--   nenhum       contagens_retiradas, contagens_intervalo as RETIRADA, under a quarantine item of the source;
--                what arrived while it had no role: in its file, under a quarantine item of the file, read again
-- A second belongs to one source alone, so that all that contagens_minuto holds of a stretch is its owner's of then.

create type interno.minuto_contado as (minuto timestamptz, producao integer[], rejeicao integer[]); -- noqa: LT01

-- Called for each minute of a month; only those at an edge are looked at second by second. No SET clause: it would be
-- most of the time.
create function interno.recortar(p_vetor integer[], p_minuto timestamptz, p_faixas tstzmultirange)
returns integer[]
language plpgsql
immutable
as $$
begin
    if p_vetor is null or not tstzrange(p_minuto, p_minuto + interval '1 minute') && p_faixas then
        return null;
    elsif tstzrange(p_minuto, p_minuto + interval '1 minute') <@ p_faixas then
        return p_vetor;
    end if;
    return (
        select case when sum(u.valor) > 0 then array_agg(u.valor order by u.i) end
        from (
            select v.i, case when p_minuto + (v.i - 1) * interval '1 second' <@ p_faixas then v.valor else 0 end as valor
            from unnest(p_vetor) with ordinality as v (valor, i)
        ) as u
    );
end $$;
comment on function interno.recortar(integer[], timestamptz, tstzmultirange) is
'Do vetor de um minuto, os segundos que caem nas faixas; zeros nos outros, nulo se nada resta.';

create function interno.soma_vetor(p_vetor integer[])
returns bigint
language sql
immutable
as $$
    select coalesce(sum(v), 0)::bigint from unnest(p_vetor) as v
$$;
comment on function interno.soma_vetor(integer[]) is 'Soma de um vetor de segundos; 0 se nulo.';

create function interno.faixas_das_fontes(p_linha_id text)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(t) order by t.fonte, t.papel), '[]')
    from (
        select f.fonte, f.papel, range_agg(tstzrange(f.de, f.ate)) as faixas
        from public.fontes_linha as f
        where f.linha_id = p_linha_id
        group by f.fonte, f.papel
    ) as t
$$;
comment on function interno.faixas_das_fontes(text) is 'As fontes da linha agora: lista de {fonte, papel, faixas}.';

create function interno.faixas_do_papel(p_fontes jsonb, p_fonte text, p_papel text)
returns tstzmultirange
language sql
stable
set search_path = ''
as $$
    select coalesce((
        select f.faixas
        from jsonb_to_recordset(p_fontes) as f (fonte text, papel text, faixas tstzmultirange)
        where f.fonte = p_fonte and f.papel = p_papel
    ), '{}')
$$;
comment on function interno.faixas_do_papel(jsonb, text, text) is 'Quando a fonte tem o papel, segundo interno.faixas_das_fontes.';

-- What spans time has a role if the source has it from end to end.
create function interno.papel_da_fonte(p_fontes jsonb, p_fonte text, p_de timestamptz, p_ate timestamptz)
returns text
language sql
stable
set search_path = ''
as $$
    select case
        when tstzrange(p_de, p_ate, '[]') <@ interno.faixas_do_papel(p_fontes, p_fonte, 'contagem') then 'contagem'
        when tstzrange(p_de, p_ate, '[]') <@ interno.faixas_do_papel(p_fontes, p_fonte, 'conferencia') then 'conferencia'
        else 'nenhum'
    end
$$;
comment on function interno.papel_da_fonte(jsonb, text, timestamptz, timestamptz) is
'Papel da fonte em todo o intervalo, extremos inclusive: contagem, conferencia ou nenhum.';

create function interno.trocas_de_papel(p_antes jsonb, p_depois jsonb)
returns table (fonte text, de_papel text, para_papel text, faixas tstzmultirange)
language sql
stable
set search_path = ''
as $$
    select n.fonte, t.de_papel, t.para_papel, t.faixas
    from (select distinct x.fonte from jsonb_to_recordset(p_antes || p_depois) as x (fonte text)) as n
    cross join lateral (
        select interno.faixas_do_papel(p_antes, n.fonte, 'contagem') as contava,
            interno.faixas_do_papel(p_antes, n.fonte, 'conferencia') as conferia,
            interno.faixas_do_papel(p_depois, n.fonte, 'contagem') as conta,
            interno.faixas_do_papel(p_depois, n.fonte, 'conferencia') as confere
    ) as p
    cross join lateral (
        values ('contagem', 'nenhum', p.contava - p.conta - p.confere),
            ('contagem', 'conferencia', p.contava * p.confere),
            ('conferencia', 'nenhum', p.conferia - p.conta - p.confere),
            ('conferencia', 'contagem', p.conferia * p.conta),
            ('nenhum', 'contagem', p.conta - p.contava - p.conferia),
            ('nenhum', 'conferencia', p.confere - p.contava - p.conferia)
    ) as t (de_papel, para_papel, faixas)
    where not isempty(t.faixas)
$$;
comment on function interno.trocas_de_papel(jsonb, jsonb) is 'Onde o papel de cada fonte mudou, de qual para qual.';

-- Takes the seconds of a stretch out of where the role keeps them. What of the stretch the second sensor's minutes hold
-- and no second explains was shown before seconds were kept.
create function interno.tirar_segundos(p_linha_id text, p_fonte text, p_papel text, p_faixas tstzmultirange)
returns interno.minuto_contado[]
language plpgsql
set search_path = ''
as $$
declare
    v_resto constant tstzmultirange := '{(,)}'::tstzmultirange - p_faixas;
    v_de constant timestamptz := lower(p_faixas) - interval '1 minute';
    v_ate constant timestamptz := coalesce(upper(p_faixas), 'infinity');
    v_minutos interno.minuto_contado[];
begin
    if p_papel = 'contagem' then
        select array_agg((m.minuto, m.producao, m.rejeicao)::interno.minuto_contado) into v_minutos
        from (
            select c.minuto, interno.recortar(c.producao, c.minuto, p_faixas) as producao,
                interno.recortar(c.rejeicao, c.minuto, p_faixas) as rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto < v_ate
        ) as m
        where m.producao is not null or m.rejeicao is not null;
        update public.contagens_minuto as c
        set producao = r.producao, rejeicao = r.rejeicao, total_producao = r.n, total_rejeicao = r.r,
            sem_ordem_producao = least(c.sem_ordem_producao, r.n), sem_ordem_rejeicao = least(c.sem_ordem_rejeicao, r.r),
            justificada_producao = least(c.justificada_producao, r.n),
            justificada_rejeicao = least(c.justificada_rejeicao, r.r),
            justificada_segundos_producao = interno.recortar(c.justificada_segundos_producao, c.minuto, v_resto),
            justificada_segundos_rejeicao = interno.recortar(c.justificada_segundos_rejeicao, c.minuto, v_resto)
        from (
            select a.minuto, f.producao, f.rejeicao, interno.soma_vetor(f.producao) as n, interno.soma_vetor(f.rejeicao) as r
            from public.contagens_minuto as a
            cross join lateral (
                select interno.recortar(a.producao, a.minuto, v_resto) as producao,
                    interno.recortar(a.rejeicao, a.minuto, v_resto) as rejeicao
            ) as f
            where a.linha_id = p_linha_id and a.minuto > v_de and a.minuto < v_ate
              and tstzrange(a.minuto, a.minuto + interval '1 minute') && p_faixas
              and (f.producao is not null or f.rejeicao is not null)
        ) as r
        where c.linha_id = p_linha_id and c.minuto = r.minuto;
        delete from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto < v_ate
          and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas
          and interno.recortar(c.producao, c.minuto, v_resto) is null
          and interno.recortar(c.rejeicao, c.minuto, v_resto) is null;
        return v_minutos;
    end if;
    perform interno.conferir_segundos(p_linha_id, p_fonte, p_faixas);
    select array_agg((m.minuto, m.producao, m.rejeicao)::interno.minuto_contado) into v_minutos
    from (
        select c.minuto, interno.recortar(c.segundos_producao, c.minuto, p_faixas) as producao,
            interno.recortar(c.segundos_rejeicao, c.minuto, p_faixas) as rejeicao
        from public.contagens_conferencia as c
        where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and c.minuto < v_ate
    ) as m
    where m.producao is not null or m.rejeicao is not null;
    update public.contagens_conferencia as c
    set segundos_producao = interno.recortar(c.segundos_producao, c.minuto, v_resto),
        segundos_rejeicao = interno.recortar(c.segundos_rejeicao, c.minuto, v_resto),
        producao = c.producao - interno.soma_vetor(interno.recortar(c.segundos_producao, c.minuto, p_faixas)),
        rejeicao = c.rejeicao - interno.soma_vetor(interno.recortar(c.segundos_rejeicao, c.minuto, p_faixas))
    where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and c.minuto < v_ate
      and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas;
    return v_minutos;
end $$;
comment on function interno.tirar_segundos(text, text, text, tstzmultirange) is
'Tira dos totais (contagem) ou da conferência os segundos das faixas e os devolve por minuto. Exige a linha travada.';

create function interno.conferir_segundos(p_linha_id text, p_fonte text, p_faixas tstzmultirange)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_minuto timestamptz;
begin
    with vaos as materialized (
        select date_trunc('minute', i.ate) as minuto, sum(i.producao) as producao, sum(i.rejeicao) as rejeicao
        from public.contagens_intervalo as i
        inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id and coalesce(a.gateway, 'avulso') = p_fonte
        where i.linha_id = p_linha_id and i.situacao = 'CONFERENCIA' and i.ate >= lower(p_faixas) - interval '1 minute'
        group by date_trunc('minute', i.ate)
    )
    select c.minuto into v_minuto
    from public.contagens_conferencia as c
    where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > lower(p_faixas) - interval '1 minute'
      and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas
      and (c.producao, c.rejeicao) <> (
          interno.soma_vetor(c.segundos_producao) + coalesce((select v.producao from vaos as v where v.minuto = c.minuto), 0),
          interno.soma_vetor(c.segundos_rejeicao) + coalesce((select v.rejeicao from vaos as v where v.minuto = c.minuto), 0)
      )
    order by c.minuto
    limit 1;
    if v_minuto is not null then
        perform interno.recusar(
            '409', 'CONFERENCIA_SEM_SEGUNDOS',
            format(
                'O que a fonte %s mostrou da linha %s em %s foi guardado por minuto, sem os segundos, e não pode mudar de papel.',
                p_fonte, p_linha_id, interno.hora_local(v_minuto)
            ),
            'Mude o papel da fonte a partir de um instante posterior e registre à mão o que faltar.'
        );
    end if;
end $$;
comment on function interno.conferir_segundos(text, text, tstzmultirange) is
'PT409 CONFERENCIA_SEM_SEGUNDOS se a conferência tem, nas faixas, contagens guardadas antes de os segundos o serem.';

create function interno.por_segundos(
    p_linha_id text, p_fonte text, p_papel text, p_minutos interno.minuto_contado[]
)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if p_papel = 'contagem' then
        insert into public.contagens_minuto as c (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao)
        select p_linha_id, m.minuto, m.producao, m.rejeicao, interno.soma_vetor(m.producao), interno.soma_vetor(m.rejeicao)
        from unnest(p_minutos) as m
        on conflict (linha_id, minuto) do update set
            producao = interno.somar_vetores(c.producao, excluded.producao),
            rejeicao = interno.somar_vetores(c.rejeicao, excluded.rejeicao),
            total_producao = c.total_producao + excluded.total_producao,
            total_rejeicao = c.total_rejeicao + excluded.total_rejeicao;
        return;
    end if;
    insert into public.contagens_conferencia as c
        (linha_id, fonte, minuto, producao, rejeicao, segundos_producao, segundos_rejeicao)
    select p_linha_id, p_fonte, m.minuto, interno.soma_vetor(m.producao), interno.soma_vetor(m.rejeicao), m.producao, m.rejeicao
    from unnest(p_minutos) as m
    on conflict (linha_id, fonte, minuto) do update set
        producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao,
        segundos_producao = interno.somar_vetores(c.segundos_producao, excluded.segundos_producao),
        segundos_rejeicao = interno.somar_vetores(c.segundos_rejeicao, excluded.segundos_rejeicao);
end $$;
comment on function interno.por_segundos(text, text, text, interno.minuto_contado[]) is
'Põe os segundos nos totais (contagem), ainda sem ordem, ou na conferência. Exige a linha travada e interno.reatribuir depois.';
