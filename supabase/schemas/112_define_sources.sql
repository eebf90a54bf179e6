-- What decides a line's totals, and may become known late: who counts it, and by which factor. Said for a stretch of
-- time, whenever; what was counted meanwhile is judged anew in the same transaction.

create function interno.exigir_faixa(p_de timestamptz, p_ate timestamptz)
returns tstzrange
language plpgsql
stable
set search_path = ''
as $$
begin
    if p_de is null or p_de < '2000-01-01 00:00+00' or p_de > clock_timestamp() + interval '1 year'
        or date_trunc('second', p_ate) <= date_trunc('second', p_de) or not isfinite(p_ate) then
        perform interno.recusar(
            '422', 'INTERVALO_INVALIDO',
            'O início é um instante de 2000 até daqui a um ano; o fim é posterior a ele, ou fica em branco.', 'Corrija o intervalo.'
        );
    end if;
    return tstzrange(date_trunc('second', p_de), date_trunc('second', p_ate));
end $$;
comment on function interno.exigir_faixa(timestamptz, timestamptz) is
'A faixa [p_de, p_ate) em segundos inteiros, sem fim se nulo; PT422 INTERVALO_INVALIDO.';

create function interno.exigir_inteiro(p_campo text, p_valor bigint, p_minimo bigint, p_maximo bigint)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_valor is null or p_valor not between p_minimo and p_maximo then
        perform interno.recusar(
            '422', 'NUMERO_INVALIDO', format('O campo %s é um inteiro de %s a %s.', p_campo, p_minimo, p_maximo), 'Corrija o número.'
        );
    end if;
    return p_valor;
end $$;
comment on function interno.exigir_inteiro(text, bigint, bigint, bigint) is 'Devolve o número; PT422 NUMERO_INVALIDO fora dos limites.';

create function interno.exigir_opcao(p_campo text, p_valor text, variadic p_opcoes text[])
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    if p_valor is null or p_valor <> all(p_opcoes) then
        perform interno.recusar(
            '422', 'VALOR_INVALIDO',
            format('O campo %s é um de %s, não %L.', p_campo, array_to_string(p_opcoes, ', '), left(p_valor, 40)), 'Escolha um deles.'
        );
    end if;
    return p_valor;
end $$;
comment on function interno.exigir_opcao(text, text, text[]) is 'Devolve o valor; PT422 VALOR_INVALIDO se não é uma das opções.';

-- What a person counted by hand of a shift has no seconds that could be taken out: it is corrected to zero first.
create function interno.recusar_contagem_manual(p_linha_id text, p_antes jsonb)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_m public.contagens_manuais_atuais;
begin
    select m.* into v_m
    from public.contagens_manuais_atuais as m
    where m.linha_id = p_linha_id and (m.producao > 0 or m.rejeicao > 0)
      and m.janela && interno.faixas_do_papel(p_antes, 'manual', 'contagem')
      and not m.janela && interno.faixas_do_papel(interno.faixas_das_fontes(p_linha_id), 'manual', 'contagem')
    order by m.janela
    limit 1;
    if v_m.id is not null then
        perform interno.recusar(
            '409', 'CONTAGEM_MANUAL',
            format('A OP %s tem %s unidades contadas à mão na linha %s em %s, turno %s.', v_m.numero_op, v_m.producao, p_linha_id,
                to_char(v_m.data, 'DD/MM/YYYY'), v_m.turno),
            'Corrija a contagem para zero com registrar_contagem_manual, com motivo, e repita.'
        );
    end if;
end $$;
comment on function interno.recusar_contagem_manual(text, jsonb) is
'PT409 CONTAGEM_MANUAL se um turno contado à mão deixou de ser da fonte manual.';

create function interno.recusar_relogio_em_duvida(p_linha_id text, p_faixa tstzrange)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_d public.duvidas_relogio;
begin
    select d.* into v_d
    from public.duvidas_relogio as d
    where d.aplicada_em is null and p_linha_id = any(d.linhas) and tstzrange(d.desde, d.ate, '[]') && p_faixa
    order by d.id
    limit 1;
    if v_d.id is not null then
        perform interno.recusar(
            '409', 'RELOGIO_EM_DUVIDA', v_d.descricao, case when v_d.decisao is null
                then format('Decida antes a dúvida %s com decidir_relogio: as contagens podem ser de outra hora.', v_d.id)
                else 'A decisão está sendo aplicada; repita em um minuto.'
            end
        );
    end if;
end $$;
comment on function interno.recusar_relogio_em_duvida(text, tstzrange) is
'PT409 RELOGIO_EM_DUVIDA se contagens da linha na faixa ainda podem mudar de instante.';

create function interno.fontes_com(p_antes jsonb, p_fonte text, p_papel text, p_faixa tstzrange)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'fonte', t.fonte, 'papel', t.papel, 'de', lower(u.faixa), 'ate', upper(u.faixa)
    )), '[]')
    from (
        select f.fonte, f.papel, range_agg(f.faixa) as faixas
        from (
            select a.fonte, a.papel, unnest(case
                when a.fonte = p_fonte or (a.papel = 'contagem' and p_papel = 'contagem')
                    then a.faixas - p_faixa::tstzmultirange
                else a.faixas
            end) as faixa
            from jsonb_to_recordset(p_antes) as a (fonte text, papel text, faixas tstzmultirange)
            union all
            select p_fonte, p_papel, p_faixa where p_papel <> 'nenhum'
        ) as f
        group by f.fonte, f.papel
    ) as t
    cross join lateral unnest(t.faixas) as u (faixa)
$$;
comment on function interno.fontes_com(jsonb, text, text, tstzrange) is
'As fontes da linha com mais esta: lista de {fonte, papel, de, ate}, trechos seguidos juntos.';

-- Of a stretch of time, the line's one counting source, a second sensor, or a source that has no more to do with it.
-- Who was said to count it then does not; what the source was said to be then it is no longer.
create function public.definir_fonte(
    p_linha_id text, p_fonte text, p_papel text, p_de timestamptz, p_ate timestamptz, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('definir_fonte', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_faixa constant tstzrange := interno.exigir_faixa(p_de, p_ate);
    v_antes jsonb;
    v_ditas jsonb;
    v_feito jsonb;
begin
    perform interno.exigir_linha(p_linha_id);
    perform interno.exigir_opcao('papel', p_papel, 'contagem', 'conferencia', 'nenhum');
    if p_fonte is null or p_fonte not in ('avulso', 'manual') and not exists (select from public.gateways where gateway = p_fonte) then
        perform interno.recusar(
            '404', 'GATEWAY_DESCONHECIDO', format('O gateway %L não está cadastrado.', left(p_fonte, 64)),
            'Cadastre-o com definir_gateway, ou use avulso ou manual.'
        );
    end if;
    perform interno.recusar_relogio_em_duvida(p_linha_id, v_faixa);
    v_antes := interno.faixas_das_fontes(p_linha_id);
    perform interno.declarar_autor(v_papel, v_motivo);
    v_ditas := interno.fontes_com(v_antes, p_fonte, p_papel, v_faixa);
    delete from public.fontes_linha as f
    where f.linha_id = p_linha_id and not exists (
        select from jsonb_to_recordset(v_ditas) as d (fonte text, papel text, de timestamptz, ate timestamptz)
        where (d.fonte, d.papel, d.de) = (f.fonte, f.papel, f.de) and d.ate is not distinct from f.ate
    );
    insert into public.fontes_linha (linha_id, fonte, papel, de, ate)
    select p_linha_id, d.fonte, d.papel, d.de, d.ate
    from jsonb_to_recordset(v_ditas) as d (fonte text, papel text, de timestamptz, ate timestamptz)
    where not exists (
        select from public.fontes_linha as f
        where (f.linha_id, f.fonte, f.papel, f.de) = (p_linha_id, d.fonte, d.papel, d.de) and f.ate is not distinct from d.ate
    );
    perform interno.recusar_contagem_manual(p_linha_id, v_antes);
    v_feito := interno.rejulgar_fontes(p_linha_id, v_antes, v_motivo);
    perform interno.declarar_autor('', '');
    perform interno.anotar_trilha(
        v_papel, 'definir_fonte', format('linhas:%s', p_linha_id), jsonb_build_object('fontes', v_antes),
        v_feito || jsonb_build_object('fontes', interno.faixas_das_fontes(p_linha_id)), v_motivo
    );
    return v_feito || jsonb_build_object(
        'linha_id', p_linha_id, 'fonte', p_fonte, 'papel', p_papel, 'de', lower(v_faixa), 'ate', upper(v_faixa)
    );
end $$;
comment on function public.definir_fonte(text, text, text, timestamptz, timestamptz, text) is
'Diz que papel a fonte tem na linha de p_de (inclusive) a p_ate (exclusive; nulo = em diante): contagem (e mais nenhuma conta), conferencia ou nenhum. O já contado segue o papel; o que esperava dono é lido de novo em até um minuto. Devolve os itens de quarentena feitos (retiradas) e desfeitos (devolvidas), e quantos serão lidos.';
revoke all on function public.definir_fonte(text, text, text, timestamptz, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_fonte(text, text, text, timestamptz, timestamptz, text)
to authenticated, service_role;

-- A factor is frozen on a period when the order is opened. One that was entered wrong is corrected for the stretch in
-- which it was wrong: the orders opened in it get the right one, and their units follow.
create function interno.rejulgar_fatores(
    p_linha_id text, p_contador text, p_fator integer, p_faixa tstzrange, p_papel text, p_motivo text
)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_antes constant jsonb := (
        select jsonb_agg(to_jsonb(p) order by p.id)
        from public.periodos_ordem as p
        where p.linha_id = p_linha_id and lower(p.intervalo) <@ p_faixa
          and p_fator <> case p_contador when 'producao' then p.fator_producao else p.fator_rejeicao end
    );
    v_de timestamptz;
    v_ate timestamptz;
    v_atribuido jsonb;
begin
    if v_antes is null then
        return 0;
    end if;
    select min(lower(p.intervalo)), max(coalesce(upper(p.intervalo), 'infinity')) into v_de, v_ate
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as p;
    if (
        select count(*) from public.contagens_minuto as c
        where c.linha_id = p_linha_id and c.minuto > v_de - interval '1 minute' and c.minuto < v_ate
    ) > 45000 then
        perform interno.recusar(
            '422', 'JANELA_GRANDE',
            format('As OPs abertas no intervalo contaram mais de 45.000 minutos (um mês) na linha %s.', p_linha_id),
            'Corrija o fator por partes, um mês de cada vez.'
        );
    end if;
    v_atribuido := interno.atribuicao_json(p_linha_id, v_de, v_ate);
    update public.periodos_ordem as p
    set fator_producao = case p_contador when 'producao' then p_fator else p.fator_producao end,
        fator_rejeicao = case p_contador when 'rejeicao' then p_fator else p.fator_rejeicao end
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as a
    where p.id = a.id;
    perform interno.reatribuir(p_linha_id, v_de, v_ate, v_atribuido);
    perform interno.anotar_trilha(
        p_papel, 'definir_fator', format('periodos_ordem:%s', a.id), interno.periodo_json(a), interno.periodo_json(p), p_motivo
    )
    from jsonb_populate_recordset(null::public.periodos_ordem, v_antes) as a
    inner join public.periodos_ordem as p on p.id = a.id;
    perform interno.corrigir_decididas(p_linha_id, v_antes);
    return jsonb_array_length(v_antes);
end $$;
comment on function interno.rejulgar_fatores(text, text, integer, tstzrange, text, text) is
'Dá o fator às OPs abertas na linha dentro da faixa e reatribui o que contaram; devolve quantos períodos mudaram. Exige a linha travada.';

-- What a person gave to an order took the factors of its period; where that had a wrong one, so has this.
create function interno.corrigir_decididas(p_linha_id text, p_antes jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_i record;
begin
    for v_i in
        select i.id, i.numero_op, i.situacao, i.producao, i.rejeicao, p.fator_producao, p.fator_rejeicao,
            p.fator_producao - a.fator_producao as mais_producao, p.fator_rejeicao - a.fator_rejeicao as mais_rejeicao
        from jsonb_populate_recordset(null::public.periodos_ordem, p_antes) as a
        inner join public.periodos_ordem as p on p.id = a.id
        inner join public.contagens_intervalo as i on i.linha_id = p_linha_id
            and coalesce(i.numero_op, i.decidida_como ->> 'numero_op') = p.numero_op
            and 'DECIDIDA' in (i.situacao, i.decidida_como ->> 'situacao')
            and coalesce(i.fator_producao, (i.decidida_como ->> 'fator_producao')::integer) = a.fator_producao
            and coalesce(i.fator_rejeicao, (i.decidida_como ->> 'fator_rejeicao')::integer) = a.fator_rejeicao
        where p.id = (interno.periodo_da_decisao(p.numero_op, p_linha_id, i.ate)).id
        order by i.id
    loop
        if v_i.situacao = 'DECIDIDA' then
            update public.contagens_intervalo
            set fator_producao = v_i.fator_producao, fator_rejeicao = v_i.fator_rejeicao
            where id = v_i.id;
            perform interno.somar_ordem(
                v_i.numero_op, p_linha_id, 0, 0, v_i.producao * v_i.mais_producao, v_i.rejeicao * v_i.mais_rejeicao
            );
        else
            update public.contagens_intervalo
            set decidida_como = decidida_como || jsonb_build_object(
                'fator_producao', v_i.fator_producao, 'fator_rejeicao', v_i.fator_rejeicao
            )
            where id = v_i.id;
        end if;
    end loop;
end $$;
comment on function interno.corrigir_decididas(text, jsonb) is
'Leva o fator corrigido dos períodos ao que uma pessoa deu às OPs deles. p_antes: os períodos como eram.';

create function public.definir_fator(
    p_linha_id text, p_contador text, p_fator integer, p_de timestamptz, p_ate timestamptz, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('definir_fator', p_linha_id);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_faixa constant tstzrange := interno.exigir_faixa(p_de, p_ate);
    v_fatores jsonb;
    v_periodos bigint;
begin
    perform interno.exigir_linha(p_linha_id);
    perform interno.exigir_opcao('contador', p_contador, 'producao', 'rejeicao');
    perform interno.exigir_inteiro('fator', p_fator, 1, 1000);
    perform interno.declarar_autor(v_papel, v_motivo);
    select jsonb_agg(jsonb_build_object('fator', t.fator, 'validade', u.validade)) into v_fatores
    from (
        select x.fator, range_agg(x.validade) as validades
        from (
            select f.fator, unnest(tstzmultirange(f.validade) - tstzmultirange(v_faixa)) as validade
            from public.fatores_linha as f where f.linha_id = p_linha_id and f.contador = p_contador
            union all
            select p_fator, v_faixa
        ) as x
        group by x.fator
    ) as t
    cross join lateral unnest(t.validades) as u (validade);
    delete from public.fatores_linha as f
    where f.linha_id = p_linha_id and f.contador = p_contador and not exists (
        select from jsonb_to_recordset(v_fatores) as n (fator integer, validade tstzrange)
        where (n.fator, n.validade) = (f.fator, f.validade)
    );
    insert into public.fatores_linha (linha_id, contador, fator, validade)
    select p_linha_id, p_contador, n.fator, n.validade
    from jsonb_to_recordset(v_fatores) as n (fator integer, validade tstzrange)
    where not exists (
        select from public.fatores_linha as f
        where (f.linha_id, f.contador, f.fator, f.validade) = (p_linha_id, p_contador, n.fator, n.validade)
    );
    v_periodos := interno.rejulgar_fatores(p_linha_id, p_contador, p_fator, v_faixa, v_papel, v_motivo);
    perform interno.declarar_autor('', '');
    return jsonb_build_object(
        'linha_id', p_linha_id, 'contador', p_contador, 'fator', p_fator, 'de', lower(v_faixa), 'ate', upper(v_faixa),
        'periodos', v_periodos
    );
end $$;
comment on function public.definir_fator(text, text, integer, timestamptz, timestamptz, text) is
'Diz quantas unidades vale uma contagem da máquina (1 a 1.000) nas OPs abertas na linha de p_de (inclusive) a p_ate (exclusive; nulo = em diante). As já abertas nesse tempo são reatribuídas; das fechadas surge um ajuste. Devolve quantos períodos mudaram.';
revoke all on function public.definir_fator(text, text, integer, timestamptz, timestamptz, text)
from public, anon, authenticated, service_role;
grant execute on function public.definir_fator(text, text, integer, timestamptz, timestamptz, text)
to authenticated, service_role;
