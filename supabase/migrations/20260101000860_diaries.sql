-- The Diário de Bordo: one per line, day and shift. What it says, who signed it, and whether that still holds.

-- What orders counted on a line in [p_de, p_ate), by minute; p_op NULL = every order. Increments that span time stand
-- at their reading. Counts by hand are not in here.
create function interno.contado(p_linha_id text, p_op text, p_de timestamptz, p_ate timestamptz)
returns table (
    numero_op text, em timestamptz, producao_maquina bigint, rejeicao_maquina bigint, producao bigint, rejeicao bigint
)
language sql
stable
set search_path = ''
as $$
    select p.numero_op, m.minuto, sum(u.producao)::bigint, sum(u.rejeicao)::bigint,
        sum(u.producao * p.fator_producao)::bigint, sum(u.rejeicao * p.fator_rejeicao)::bigint
    from public.periodos_ordem as p
    inner join public.contagens_minuto as m
        on m.linha_id = p.linha_id and m.minuto > greatest(lower(p.intervalo), p_de) - interval '1 minute'
        and m.minuto < least(coalesce(upper(p.intervalo), 'infinity'), p_ate)
    cross join lateral (
        select coalesce(v.producao, 0)::bigint as producao, coalesce(v.rejeicao, 0)::bigint as rejeicao,
            m.minuto + (v.i - 1) * interval '1 second' as em
        from unnest(m.producao, m.rejeicao) with ordinality as v (producao, rejeicao, i)
        where v.producao > 0 or v.rejeicao > 0
    ) as u
    where p.linha_id = p_linha_id and (p_op is null or p.numero_op = p_op)
      and p.intervalo @> u.em and u.em >= p_de and u.em < p_ate
    group by p.numero_op, m.minuto
    union all
    select i.numero_op, i.ate, i.producao, i.rejeicao, i.producao * i.fator_producao, i.rejeicao * i.fator_rejeicao
    from public.contagens_intervalo as i
    where i.linha_id = p_linha_id and i.numero_op is not null and (p_op is null or i.numero_op = p_op)
      and i.ate >= p_de and i.ate < p_ate
$$;
comment on function interno.contado(text, text, timestamptz, timestamptz) is
'O que as OPs contaram na linha, por minuto, em contagens da máquina e em unidades; sem as contagens manuais.';

-- What one order made on one line in [p_de, p_ate), in units, with the refused units under the line's rule.
-- divergente: machine and people differ and nobody has said which holds; then the machine's figure stands in `refugo`.
create function interno.produzido(
    p_op text, p_linha_id text, p_janela tstzrange,
    out producao_maquina bigint, out producao bigint, out rejeicao bigint, out digitado bigint, out refugo jsonb,
    out outras jsonb, out divergente boolean
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_regra text;
    v_vale text;
    v_digitados jsonb;
begin
    select l.regra_refugo into v_regra from public.linhas as l where l.linha_id = p_linha_id;
    select coalesce(sum(t.maquina), 0), coalesce(sum(t.producao), 0), coalesce(sum(t.rejeicao), 0)
    into producao_maquina, producao, rejeicao
    from (
        select c.producao_maquina as maquina, c.producao, c.rejeicao
        from interno.contado(p_linha_id, p_op, lower(p_janela), coalesce(upper(p_janela), 'infinity')) as c
        union all
        select m.producao, m.producao, m.rejeicao
        from public.contagens_manuais_atuais as m
        where m.numero_op = p_op and m.linha_id = p_linha_id and m.janela && p_janela
    ) as t;
    select coalesce(sum(t.quantidade) filter (where t.tipo = 'REFUGO'), 0),
        coalesce(jsonb_object_agg(t.codigo, t.quantidade) filter (where t.tipo = 'REFUGO'), '{}'),
        coalesce(jsonb_object_agg(t.tipo, t.quantidade) filter (where t.tipo <> 'REFUGO'), '{}')
    into digitado, v_digitados, outras
    from (
        select p.tipo, p.codigo, sum(p.quantidade) as quantidade
        from public.perdas_vigentes as p
        where p.numero_op = p_op and p.linha_id = p_linha_id and p.em <@ p_janela
        group by p.tipo, p.codigo
    ) as t;
    select c.vale into v_vale
    from public.conciliacoes_refugo as c
    where c.numero_op = p_op and c.linha_id = p_linha_id and c.janela = p_janela
      and c.maquina = rejeicao and c.digitado = produzido.digitado
    order by c.id desc
    limit 1;
    divergente := v_regra = 'CONCILIAR' and rejeicao <> digitado and v_vale is null;
    refugo := case
        when v_regra = 'DIGITADO' or v_vale = 'DIGITADO' or (v_regra = 'CONCILIAR' and rejeicao = digitado)
            then v_digitados
        when rejeicao > 0 then jsonb_build_object('MAQUINA', rejeicao)
        else '{}'
    end;
end $$;
comment on function interno.produzido(text, text, tstzrange) is
'O que a OP fez na linha na janela, em unidades, com o refugo pela regra da linha (código → quantidade) e as outras perdas (tipo → quantidade).';

-- The orders a shift of a line knows: those that were open in it, and those anything was typed for.
create function interno.ops_do_turno(p_linha_id text, p_janela tstzrange)
returns setof text
language sql
stable
set search_path = ''
as $$
    select p.numero_op from public.periodos_ordem as p where p.linha_id = p_linha_id and p.intervalo && p_janela
    union
    select i.numero_op from public.contagens_intervalo as i
    where i.linha_id = p_linha_id and i.numero_op is not null and i.ate <@ p_janela
    union
    select m.numero_op from public.contagens_manuais_atuais as m where m.linha_id = p_linha_id and m.janela && p_janela
    union
    select v.numero_op from public.perdas_vigentes as v where v.linha_id = p_linha_id and v.em <@ p_janela
$$;
comment on function interno.ops_do_turno(text, tstzrange) is 'As OPs que o turno da linha conhece.';

-- What is signed: everything the shift's sheet says of the line. Nothing in it changes unless the shift itself does.
create function interno.conteudo_diario(p_linha_id text, p_janela tstzrange)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'linha_id', p_linha_id, 'de', lower(p_janela), 'ate', upper(p_janela),
        'ordens', coalesce((
            select jsonb_agg(jsonb_build_object(
                'numero_op', o.op, 'numero_lote', l.numero_lote, 'produto_codigo', l.produto_codigo,
                'periodos', (
                    select coalesce(jsonb_agg(jsonb_build_array(
                        greatest(lower(p.intervalo), lower(p_janela)), least(coalesce(upper(p.intervalo), 'infinity'), upper(p_janela))
                    ) order by p.intervalo), '[]')
                    from public.periodos_ordem as p
                    where p.linha_id = p_linha_id and p.numero_op = o.op and p.intervalo && p_janela
                ),
                'producao_maquina', f.producao_maquina, 'producao', f.producao, 'rejeicao', f.rejeicao,
                'digitado', f.digitado, 'refugo', f.refugo, 'outras', f.outras
            ) order by o.op)
            from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
            inner join public.lotes_producao as l on l.numero_op = o.op
            cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        ), '[]'),
        'sem_ordem', (
            select jsonb_build_object(
                'producao', coalesce(sum(t.producao), 0), 'rejeicao', coalesce(sum(t.rejeicao), 0)
            )
            from (
                select m.sem_ordem_producao as producao, m.sem_ordem_rejeicao as rejeicao
                from public.contagens_minuto as m
                where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
                union all
                select i.producao, i.rejeicao
                from public.contagens_intervalo as i
                where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and i.ate <@ p_janela
            ) as t
        )
    )
$$;
comment on function interno.conteudo_diario(text, tstzrange) is 'O que o Diário de Bordo de um turno da linha diz agora: o que se assina.';

create table public.diarios_bordo (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos,
    janela tstzrange not null check (not isempty(janela)),
    conteudo jsonb not null,
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    significado text not null,
    autenticado_em timestamptz not null,
    assinado_em timestamptz not null,
    origem jsonb not null,
    substitui bigint unique references public.diarios_bordo,
    motivo text,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    check (substitui is null or motivo is not null)
);
comment on table public.diarios_bordo is 'Assinaturas do Diário de Bordo, uma por linha, dia e turno; assinar de novo mantém a anterior. Somente acréscimo. Fonte: assinar_diario.';
comment on column public.diarios_bordo.id is 'Identificador da assinatura. Fonte: banco.';
comment on column public.diarios_bordo.linha_id is 'Linha. Fonte: pessoa.';
comment on column public.diarios_bordo.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.diarios_bordo.turno is 'Turno. Fonte: pessoa.';
comment on column public.diarios_bordo.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.diarios_bordo.conteudo is 'O que foi assinado. Fonte: banco.';
comment on column public.diarios_bordo.usuario_id is 'Quem assinou. Fonte: Supabase Auth.';
comment on column public.diarios_bordo.nome is 'Nome de quem assinou. Fonte: pessoas.';
comment on column public.diarios_bordo.papel is 'Papel com que assinou. Fonte: papeis_usuario.';
comment on column public.diarios_bordo.significado is 'O que a assinatura quer dizer. Fonte: pessoa.';
comment on column public.diarios_bordo.autenticado_em is 'Instante do login de quem assinou (UTC). Fonte: token (amr, senão iat).';
comment on column public.diarios_bordo.assinado_em is 'Instante da assinatura (UTC). Fonte: banco.';
comment on column public.diarios_bordo.origem is 'Endereço e programa de onde se assinou, como o pedido os informou. Fonte: pedido HTTP.';
comment on column public.diarios_bordo.substitui is 'Assinatura anterior do mesmo turno, que não vale mais. Fonte: banco.';
comment on column public.diarios_bordo.motivo is 'Por que se assinou de novo. Fonte: pessoa.';
comment on column public.diarios_bordo.sha256 is 'SHA-256, hexadecimal, do conteúdo e de quem, como, quando e por que assinou. Fonte: banco.';
create unique index diarios_bordo_primeira on public.diarios_bordo (linha_id, janela) where substitui is null;
create index diarios_bordo_linha on public.diarios_bordo (linha_id, janela, id);
create trigger somente_acrescimo before update or delete or truncate on public.diarios_bordo
for each statement execute function interno.impedir_alteracao();

create function interno.sha_diario(p_diario public.diarios_bordo, p_conteudo jsonb)
returns text
language sql
stable
set search_path = ''
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select encode(sha256(convert_to(
        ((to_jsonb(p_diario) - 'sha256' - 'conteudo') || jsonb_build_object('conteudo', p_conteudo))::text, 'UTF8'
    )), 'hex')
$$;
comment on function interno.sha_diario(public.diarios_bordo, jsonb) is
'SHA-256 de uma assinatura sobre um conteúdo: JSON canônico do PostgreSQL (jsonb), instantes em UTC.';

-- The signature that counts for a shift: the latest.
create function interno.diario_atual(p_linha_id text, p_janela tstzrange)
returns public.diarios_bordo
language sql
stable
set search_path = ''
as $$
    select d from public.diarios_bordo as d
    where d.linha_id = p_linha_id and d.janela = p_janela
    order by d.id desc
    limit 1
$$;
comment on function interno.diario_atual(text, tstzrange) is 'Última assinatura do turno da linha; nula se não há.';

create function interno.conteudo_atual(p_linha_id text, p_janela tstzrange)
returns jsonb
language plpgsql
stable
set search_path = ''
set timezone = 'UTC'
as $$
begin
    return interno.conteudo_diario(p_linha_id, p_janela);
end $$;
comment on function interno.conteudo_atual(text, tstzrange) is 'interno.conteudo_diario com os instantes escritos em UTC, seja qual for a sessão.';

create function public.verificar_assinatura(p_id bigint)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((
        select c.conteudo = d.conteudo and interno.sha_diario(d, c.conteudo) = d.sha256
            and not exists (select from public.diarios_bordo as n where n.substitui = d.id)
        from public.diarios_bordo as d
        cross join lateral (select interno.conteudo_atual(d.linha_id, d.janela) as conteudo) as c
        where d.id = p_id
    ), false)
$$;
comment on function public.verificar_assinatura(bigint) is
'Verdadeiro se a assinatura vale: nada do que foi assinado mudou e ninguém assinou o turno de novo.';

-- When the person signed in: the latest method of the token, else its issue.
create function interno.autenticado_em()
returns timestamptz
language sql
stable
set search_path = ''
as $$
    select to_timestamp(coalesce(
        (
            select max((a ->> 'timestamp')::numeric)
            from jsonb_array_elements(case when jsonb_typeof(c.claims -> 'amr') = 'array' then c.claims -> 'amr' else '[]' end) as a
            where jsonb_typeof(a) = 'object'
        ),
        (c.claims ->> 'iat')::numeric
    )::double precision)
    from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as c
$$;
comment on function interno.autenticado_em() is 'Instante do login do usuário do pedido (amr do token, senão iat); nulo se o token não diz.';

-- What speaks against signing, all of it at once.
create function interno.impedimentos_diario(p_linha_id text, p_janela tstzrange)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_fim constant timestamptz := least(upper(p_janela), clock_timestamp());
    v_motivos jsonb := '[]';
    v_linha record;
begin
    if not exists (select from interno.ops_do_turno(p_linha_id, p_janela)) then
        v_motivos := v_motivos || interno.motivo_json('NADA_A_ASSINAR',
            'Nenhuma OP esteve aberta na linha neste turno.', 'Confira a linha, o dia e o turno.');
    end if;
    for v_linha in
        select p.numero_op from public.periodos_ordem as p
        where p.linha_id = p_linha_id and upper_inf(p.intervalo) and clock_timestamp() < upper(p_janela) and p.intervalo && p_janela
    loop
        v_motivos := v_motivos || interno.motivo_json('ORDEM_ABERTA',
            format('A OP %s está aberta na linha e o turno ainda não terminou.', v_linha.numero_op),
            'Encerre a OP, ou espere o fim do turno.');
    end loop;
    for v_linha in
        select r.id, r.producao, r.rejeicao from public.contagens_retidas as r
        where r.linha_id = p_linha_id and tstzrange(r.desde, r.ate, '[]') && p_janela
        order by r.id
    loop
        v_motivos := v_motivos || interno.motivo_json('CONTAGEM_RETIDA',
            format('A contagem retida %s (produção %s, rejeição %s) espera decisão.', v_linha.id, v_linha.producao, v_linha.rejeicao),
            'Decida-a com decidir_retido.');
    end loop;
    for v_linha in
        select q.id, q.detalhe from public.quarentena as q
        where q.resolvida_em is null and interno.quarentena_atinge(q, p_linha_id, lower(p_janela), v_fim)
        order by q.id
    loop
        v_motivos := v_motivos || interno.motivo_json('QUARENTENA',
            format('A quarentena %s espera decisão: %s', v_linha.id, v_linha.detalhe),
            'Decida-a com resolver_quarentena ou reprocessar_quarentena.');
    end loop;
    select coalesce(sum(t.producao), 0) as producao, coalesce(sum(t.rejeicao), 0) as rejeicao into v_linha
    from (
        select m.sem_ordem_producao - m.justificada_producao as producao, m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
          and (m.sem_ordem_producao > m.justificada_producao or m.sem_ordem_rejeicao > m.justificada_rejeicao)
        union all
        select i.producao, i.rejeicao from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and not i.justificada and i.ate <@ p_janela
    ) as t;
    if v_linha.producao > 0 or v_linha.rejeicao > 0 then
        v_motivos := v_motivos || interno.motivo_json('SEM_ORDEM',
            format('A linha contou %s (rejeição %s) sem OP aberta neste turno.', v_linha.producao, v_linha.rejeicao),
            'Abra a OP com a hora em que começou, ou justifique com justificar_sem_ordem.');
    end if;
    for v_linha in
        select o.op, f.rejeicao, f.digitado, f.producao, f.divergente, f.refugo, f.outras
        from interno.ops_do_turno(p_linha_id, p_janela) as o (op)
        cross join lateral interno.produzido(o.op, p_linha_id, p_janela) as f
        order by o.op
    loop
        if v_linha.divergente then
            v_motivos := v_motivos || interno.motivo_json('REFUGO_DIVERGENTE',
                format('OP %s: a máquina rejeitou %s unidades, foram digitadas %s.', v_linha.op, v_linha.rejeicao, v_linha.digitado),
                'Corrija o refugo digitado, ou diga qual vale com conciliar_refugo.');
        end if;
        if v_linha.producao = 0 and exists (
            select from public.fontes_linha as f
            where f.linha_id = p_linha_id and f.fonte = 'manual' and f.papel = 'contagem' and tstzrange(f.de, f.ate) && p_janela
        ) and not exists (
            select from public.contagens_manuais_atuais as m
            where m.numero_op = v_linha.op and m.linha_id = p_linha_id and m.janela && p_janela
        ) then
            v_motivos := v_motivos || interno.motivo_json('SEM_CONTAGEM_MANUAL',
                format('Falta a contagem física da OP %s neste turno.', v_linha.op),
                'Registre-a com registrar_contagem_manual, mesmo que seja zero.');
        end if;
        if v_linha.producao < interno.soma_json(v_linha.refugo) + interno.soma_json(v_linha.outras) then
            v_motivos := v_motivos || interno.motivo_json('PERDAS_MAIORES',
                format('OP %s: refugo e amostras passam das %s unidades produzidas no turno.', v_linha.op, v_linha.producao),
                'Corrija o que foi digitado.');
        end if;
    end loop;
    return v_motivos;
end $$;
comment on function interno.impedimentos_diario(text, tstzrange) is 'Tudo que impede assinar o turno da linha: codigo, detalhe e acao de cada motivo.';

create function interno.soma_json(p_quantidades jsonb)
returns bigint
language sql
immutable
set search_path = ''
as $$
    select coalesce(sum(q.value::bigint), 0)::bigint from jsonb_each_text(p_quantidades) as q
$$;
comment on function interno.soma_json(jsonb) is 'Soma dos valores de um objeto chave → quantidade.';

-- Whether an open quarantine could hold counts of the line in [p_de, p_ate). Where the line could not be read, it could
-- be any that its source counts; where the time could not be read, any time before it came.
create function interno.quarentena_atinge(p_q public.quarentena, p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns boolean
language sql
stable
set search_path = ''
as $$
    select coalesce(p_q.de, '-infinity') < p_ate and coalesce(p_q.ate, p_q.criada_em) >= p_de
        and (p_q.linha_id = p_linha_id or p_q.linha_id is null and exists (
            select from public.arquivos_ingeridos as a
            inner join public.fontes_linha as f
                on f.linha_id = p_linha_id and f.papel = 'contagem' and f.fonte = coalesce(a.gateway, 'avulso')
                and tstzrange(f.de, f.ate) && tstzrange(p_de, greatest(p_de, p_ate), '[]')
            where a.id = p_q.arquivo_id
        ))
$$;
comment on function interno.quarentena_atinge(public.quarentena, text, timestamptz, timestamptz) is
'Verdadeiro se o item de quarentena pode conter contagens da linha no intervalo.';

-- How far the sources that owned the line in [p_de, p_ate) have not reported: nothing, if all have.
-- avulso and manual have no mark: who signs declares them complete.
create function interno.fontes_em_falta(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_fonte record;
    v_faltas jsonb := '[]';
    v_sem_dono tstzmultirange;
begin
    select tstzmultirange(tstzrange(p_de, p_ate)) - coalesce(range_agg(tstzrange(f.de, f.ate)), '{}'::tstzmultirange)
    into v_sem_dono
    from public.fontes_linha as f
    where f.linha_id = p_linha_id and f.papel = 'contagem' and tstzrange(f.de, f.ate) && tstzrange(p_de, p_ate);
    if not isempty(v_sem_dono) then
        v_faltas := v_faltas || interno.motivo_json('SEM_FONTE',
            format('Ninguém conta a linha %s desde %s.', p_linha_id, interno.hora_local(lower(v_sem_dono))),
            'Diga em fontes_linha quem contou a linha neste tempo.');
    end if;
    for v_fonte in
        select f.fonte, least(coalesce(f.ate, 'infinity'), p_ate) as ate, max(m.ate) as marca
        from public.fontes_linha as f
        left join public.marcas_linha as m on m.linha_id = f.linha_id and m.gateway = f.fonte
        where f.linha_id = p_linha_id and f.papel = 'contagem' and f.fonte not in ('avulso', 'manual')
          and tstzrange(f.de, f.ate) && tstzrange(p_de, p_ate)
        group by f.id, f.fonte, f.ate
        order by f.id
    loop
        if coalesce(v_fonte.marca, '-infinity') < v_fonte.ate then
            v_faltas := v_faltas || interno.motivo_json('FONTE_ATRASADA',
                format('O gateway %s reportou a linha %s até %s; falta até %s.', v_fonte.fonte, p_linha_id,
                    coalesce(interno.hora_local(v_fonte.marca), '(nunca)'), interno.hora_local(v_fonte.ate)),
                'Confira na página do gateway se ele lê a linha e se envia.');
        end if;
        if exists (
            select from public.epocas_gateway as e
            where e.gateway = v_fonte.fonte and e.ultima_seq_continua < coalesce(e.ultima_seq_declarada, e.ultima_seq_continua)
               or e.gateway = v_fonte.fonte and e.ultima_seq_declarada is null and exists (
                    select from public.epocas_gateway as n
                    where n.gateway = e.gateway and (n.inicio, n.numero) > (e.inicio, e.numero)
               )
        ) then
            v_faltas := v_faltas || interno.motivo_json('EPOCA_ABERTA',
                format('O gateway %s trocou de época e a anterior não está completa.', v_fonte.fonte),
                'Declare a última sequência com encerrar_epoca e resolva as que faltam.');
        end if;
    end loop;
    return v_faltas;
end $$;
comment on function interno.fontes_em_falta(text, timestamptz, timestamptz) is
'O que as fontes de contagem da linha ainda não reportaram no intervalo: codigo, detalhe e acao.';

create function public.verificar_diario(p_linha_id text, p_data date, p_turno text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'pode_assinar', i.motivos = '[]', 'motivos', i.motivos,
        'avisos', interno.fontes_em_falta(p_linha_id, lower(j.janela), least(upper(j.janela), clock_timestamp())),
        'conteudo', interno.conteudo_atual(p_linha_id, j.janela),
        'assinatura', (
            select jsonb_build_object(
                'id', d.id, 'nome', d.nome, 'papel', d.papel, 'assinado_em', d.assinado_em, 'vale', public.verificar_assinatura(d.id)
            )
            from interno.diario_atual(p_linha_id, j.janela) as d
            where d.id is not null
        )
    )
    from (select interno.exigir_janela(p_data, p_turno) as janela) as j
    cross join lateral (select interno.impedimentos_diario((interno.exigir_linha(p_linha_id)).linha_id, j.janela) as motivos) as i
$$;
comment on function public.verificar_diario(text, date, text) is
'Para a tela, antes de assinar: pode_assinar, motivos (impedem), avisos (fontes que ainda não reportaram tudo), conteudo e assinatura atual.';

create function public.assinar_diario(
    p_linha_id text, p_data date, p_turno text, p_significado text default 'Conferi e aprovo este Diário de Bordo.',
    p_motivo text default null
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.linha_para_decisao('assinar_diario', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_login constant timestamptz := interno.autenticado_em();
    v_pedido constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
    v_motivos jsonb;
    v_anterior public.diarios_bordo;
    v_novo public.diarios_bordo;
begin
    if v_login is null or v_login < clock_timestamp() - make_interval(secs => interno.parametro('LOGIN_RECENTE_SEGUNDOS')) then
        perform interno.recusar(
            '403', 'LOGIN_ANTIGO',
            format('Assinar exige um login de até %s minutos.', interno.parametro('LOGIN_RECENTE_SEGUNDOS') / 60),
            'Entre de novo com a sua senha e assine em seguida.'
        );
    end if;
    select p.nome into v_novo.nome from public.pessoas as p where p.usuario_id = interno.usuario_atual();
    if v_novo.nome is null then
        perform interno.recusar('403', 'SEM_NOME', 'Quem assina precisa do nome no cadastro de pessoas.', 'Peça à administração do SicFar que o inclua.');
    end if;
    if coalesce(length(btrim(p_significado)), 0) < 5 then
        perform interno.recusar('422', 'SIGNIFICADO_OBRIGATORIO', 'A assinatura precisa dizer o que significa.', 'Informe o significado da assinatura.');
    end if;
    v_motivos := interno.impedimentos_diario(p_linha_id, v_janela);
    if v_motivos <> '[]' then
        perform interno.recusar(
            '409', 'DIARIO_INCOMPLETO',
            (select string_agg(m ->> 'detalhe', ' ') from jsonb_array_elements(v_motivos) as m),
            (select string_agg(distinct m ->> 'acao', ' ') from jsonb_array_elements(v_motivos) as m)
        );
    end if;

    select * into v_anterior from interno.diario_atual(p_linha_id, v_janela);
    if v_anterior.id is not null then
        if public.verificar_assinatura(v_anterior.id) then
            return jsonb_build_object(
                'id', v_anterior.id, 'sha256', v_anterior.sha256, 'assinado_em', v_anterior.assinado_em, 'nome', v_anterior.nome,
                'repetida', true, 'avisos', '[]'::jsonb
            );
        end if;
        v_novo.motivo := interno.exigir_motivo(p_motivo);
    end if;
    v_novo.id := nextval(pg_get_serial_sequence('public.diarios_bordo', 'id'));
    v_novo.linha_id := p_linha_id;
    v_novo.data := p_data;
    v_novo.turno := p_turno;
    v_novo.janela := v_janela;
    v_novo.conteudo := interno.conteudo_atual(p_linha_id, v_janela);
    v_novo.usuario_id := interno.usuario_atual();
    v_novo.papel := v_papel;
    v_novo.significado := btrim(p_significado);
    v_novo.autenticado_em := v_login;
    v_novo.assinado_em := clock_timestamp();
    v_novo.origem := jsonb_build_object(
        'endereco', coalesce(v_pedido ->> 'x-forwarded-for', v_pedido ->> 'x-real-ip'), 'programa', v_pedido ->> 'user-agent'
    );
    v_novo.substitui := v_anterior.id;
    v_novo.sha256 := interno.sha_diario(v_novo, v_novo.conteudo);
    insert into public.diarios_bordo overriding system value select v_novo.*;
    perform interno.anotar_trilha(
        v_papel, 'assinar_diario', format('diarios_bordo:%s', v_novo.id),
        case when v_anterior.id is not null then jsonb_build_object('id', v_anterior.id, 'sha256', v_anterior.sha256) end,
        jsonb_build_object('id', v_novo.id, 'sha256', v_novo.sha256, 'nome', v_novo.nome), v_novo.motivo
    );
    return jsonb_build_object(
        'id', v_novo.id, 'sha256', v_novo.sha256, 'assinado_em', v_novo.assinado_em, 'nome', v_novo.nome, 'repetida', false,
        'avisos', interno.fontes_em_falta(p_linha_id, lower(v_janela), least(upper(v_janela), clock_timestamp()))
    );
end $$;
comment on function public.assinar_diario(text, date, text, text, text) is
'Assina o Diário de Bordo de um turno da linha, com login recente. PT409 DIARIO_INCOMPLETO diz tudo que falta. Se mudou depois de assinado, assina-se de novo, com motivo.';

create function public.conciliar_refugo(
    p_numero_op text, p_linha_id text, p_data date, p_turno text, p_vale text, p_motivo text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_op constant text := public.normalizar_op(p_numero_op);
    v_papel constant text := interno.linha_para_decisao('conciliar_refugo', p_linha_id);
    v_linha constant public.linhas := interno.exigir_linha(p_linha_id);
    v_janela constant tstzrange := interno.exigir_janela(p_data, p_turno);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_feito record;
    v_nova public.conciliacoes_refugo;
begin
    perform interno.exigir_decisao(p_vale, 'MAQUINA', 'DIGITADO');
    select * into v_feito from interno.produzido(v_op, p_linha_id, v_janela);
    if not v_feito.divergente then
        perform interno.recusar_desconhecido(
            'NADA_A_CONCILIAR', format('O refugo da OP %s na linha %s não diverge neste turno.', v_op, p_linha_id)
        );
    end if;
    insert into public.conciliacoes_refugo (numero_op, linha_id, janela, maquina, digitado, vale, motivo, usuario_id)
    values (v_op, p_linha_id, v_janela, v_feito.rejeicao, v_feito.digitado, p_vale, v_motivo, interno.usuario_atual())
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'conciliar_refugo', format('conciliacoes_refugo:%s', v_nova.id), null, to_jsonb(v_nova), v_motivo
    );
    return to_jsonb(v_nova);
end $$;
comment on function public.conciliar_refugo(text, text, date, text, text, text) is
'Diz qual refugo vale num turno, MAQUINA ou DIGITADO, quando os dois divergem; vale enquanto nenhum dos dois mudar.';
