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

create function interno.recortar(p_vetor integer[], p_minuto timestamptz, p_faixas tstzmultirange)
returns integer[]
language sql
immutable
set search_path = ''
as $$
    select case
        when tstzrange(p_minuto, p_minuto + interval '1 minute') <@ p_faixas then p_vetor
        else (
            select case when sum(u.valor) > 0 then array_agg(u.valor order by u.i) end
            from (
                select v.i,
                    case when p_minuto + (v.i - 1) * interval '1 second' <@ p_faixas then v.valor else 0 end as valor
                from unnest(p_vetor) with ordinality as v (valor, i)
            ) as u
        )
    end
$$;
comment on function interno.recortar(integer[], timestamptz, tstzmultirange) is
'Do vetor de um minuto, os segundos que caem nas faixas; zeros nos outros, nulo se nada resta.';

create function interno.soma_vetor(p_vetor integer[])
returns bigint
language sql
immutable
set search_path = ''
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
        with tirados as (
            select c.minuto, interno.recortar(c.producao, c.minuto, p_faixas) as producao,
                interno.recortar(c.rejeicao, c.minuto, p_faixas) as rejeicao,
                interno.recortar(c.producao, c.minuto, v_resto) as fica_producao,
                interno.recortar(c.rejeicao, c.minuto, v_resto) as fica_rejeicao
            from public.contagens_minuto as c
            where c.linha_id = p_linha_id and c.minuto > v_de and c.minuto < v_ate
        ),
        somados as (
            select t.*, interno.soma_vetor(t.fica_producao) as n, interno.soma_vetor(t.fica_rejeicao) as r
            from tirados as t where t.producao is not null or t.rejeicao is not null
        ),
        restam as (
            update public.contagens_minuto as c
            set producao = s.fica_producao, rejeicao = s.fica_rejeicao, total_producao = s.n, total_rejeicao = s.r,
                sem_ordem_producao = least(c.sem_ordem_producao, s.n), sem_ordem_rejeicao = least(c.sem_ordem_rejeicao, s.r),
                justificada_producao = least(c.justificada_producao, s.n),
                justificada_rejeicao = least(c.justificada_rejeicao, s.r)
            from somados as s where c.linha_id = p_linha_id and c.minuto = s.minuto and (s.n > 0 or s.r > 0)
        ),
        acabam as (
            delete from public.contagens_minuto as c using somados as s
            where c.linha_id = p_linha_id and c.minuto = s.minuto and s.n = 0 and s.r = 0
        )
        select array_agg((s.minuto, s.producao, s.rejeicao)::interno.minuto_contado) into v_minutos from somados as s;
        return v_minutos;
    end if;
    perform interno.conferir_segundos(p_linha_id, p_fonte, p_faixas);
    with tirados as (
        select c.minuto, interno.recortar(c.segundos_producao, c.minuto, p_faixas) as producao,
            interno.recortar(c.segundos_rejeicao, c.minuto, p_faixas) as rejeicao
        from public.contagens_conferencia as c
        where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > v_de and c.minuto < v_ate
    ),
    restam as (
        update public.contagens_conferencia as c
        set segundos_producao = interno.recortar(c.segundos_producao, c.minuto, v_resto),
            segundos_rejeicao = interno.recortar(c.segundos_rejeicao, c.minuto, v_resto),
            producao = c.producao - interno.soma_vetor(t.producao), rejeicao = c.rejeicao - interno.soma_vetor(t.rejeicao)
        from tirados as t
        where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto = t.minuto
          and (t.producao is not null or t.rejeicao is not null)
    )
    select array_agg((t.minuto, t.producao, t.rejeicao)::interno.minuto_contado) into v_minutos
    from tirados as t where t.producao is not null or t.rejeicao is not null;
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
    select c.minuto into v_minuto
    from public.contagens_conferencia as c
    left join lateral (
        select sum(i.producao) as producao, sum(i.rejeicao) as rejeicao
        from public.contagens_intervalo as i
        inner join public.arquivos_ingeridos as a on a.id = i.arquivo_id
        where i.linha_id = c.linha_id and i.situacao = 'CONFERENCIA' and coalesce(a.gateway, 'avulso') = c.fonte
          and i.ate >= c.minuto and i.ate < c.minuto + interval '1 minute'
    ) as i on true
    where c.linha_id = p_linha_id and c.fonte = p_fonte and c.minuto > lower(p_faixas) - interval '1 minute'
      and tstzrange(c.minuto, c.minuto + interval '1 minute') && p_faixas
      and (c.producao, c.rejeicao) <> (
          interno.soma_vetor(c.segundos_producao) + coalesce(i.producao, 0),
          interno.soma_vetor(c.segundos_rejeicao) + coalesce(i.rejeicao, 0)
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
