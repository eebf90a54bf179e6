-- The signed Diário: its table, whether a signature still holds, and what forbids signing.

create table public.diarios_bordo (
    id bigint generated always as identity primary key,
    linha_id text not null references public.linhas,
    data date not null,
    turno text not null references public.turnos, -- no index: a handful of shifts, whose key never changes
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
comment on column public.diarios_bordo.data is 'Dia em que o turno começa (dia da fábrica). Fonte: pessoa.';
comment on column public.diarios_bordo.janela is 'Do início ao fim do turno (UTC). Fonte: turnos.';
comment on column public.diarios_bordo.conteudo is
'O que foi assinado, com as paradas como foram lidas; um turno sem confirmação diz confirmacao nula. Fonte: banco.';
comment on column public.diarios_bordo.usuario_id is 'Quem assinou. Fonte: Supabase Auth.';
comment on column public.diarios_bordo.nome is 'Nome de quem assinou. Fonte: pessoas.';
comment on column public.diarios_bordo.papel is 'Papel com que assinou. Fonte: papeis_usuario.';
comment on column public.diarios_bordo.significado is 'O que a assinatura quer dizer. Fonte: pessoa.';
comment on column public.diarios_bordo.autenticado_em is 'Instante do login de quem assinou (UTC). Fonte: token (amr).';
comment on column public.diarios_bordo.origem is 'Endereço e programa de onde se assinou, como o pedido os informou. Fonte: pedido HTTP.';
comment on column public.diarios_bordo.substitui is 'Assinatura anterior do mesmo turno, que não vale mais. Fonte: banco.';
comment on column public.diarios_bordo.motivo is 'Por que se assinou de novo. Fonte: pessoa.';
comment on column public.diarios_bordo.sha256 is 'SHA-256, hexadecimal, do conteúdo e de quem, como, quando e por que assinou. Fonte: banco.';
alter table public.diarios_bordo enable row level security;
revoke all on public.diarios_bordo from public, anon, authenticated, service_role;
revoke all on sequence public.diarios_bordo_id_seq from public, anon, authenticated, service_role;
grant select on public.diarios_bordo to authenticated, service_role;
create policy leitura on public.diarios_bordo for select to authenticated using (true);
create unique index diarios_bordo_primeira on public.diarios_bordo (linha_id, janela) where substitui is null;
create index diarios_bordo_linha on public.diarios_bordo (linha_id, janela, id);
create trigger somente_acrescimo before update or delete or truncate on public.diarios_bordo
for each statement execute function interno.impedir_alteracao();

create function interno.sha_conteudo(p_conteudo jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
    select encode(sha256(convert_to(p_conteudo::text, 'UTF8')), 'hex')
$$;
comment on function interno.sha_conteudo(jsonb) is
'SHA-256, hexadecimal, de um conteúdo: JSON canônico do PostgreSQL (jsonb).';

create function interno.sha_diario(p_diario public.diarios_bordo, p_conteudo jsonb)
returns text
language sql
stable
set search_path = ''
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
    select interno.sha_conteudo(
        (to_jsonb(p_diario) - 'sha256' - 'conteudo') || jsonb_build_object('conteudo', p_conteudo)
    )
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

-- What was added to the sheet later is not asked of the signatures from before; stops are signed as they were read.
create function interno.assinatura_vale(p_diario public.diarios_bordo, p_conteudo jsonb)
returns boolean
language sql
stable
set search_path = ''
as $$
    select interno.sha_diario(p_diario, p_diario.conteudo) = p_diario.sha256
        and not exists (
            select from jsonb_each(p_diario.conteudo) as s
            where s.key <> 'paradas' and p_conteudo -> s.key is distinct from s.value
        )
        and not exists (select from public.diarios_bordo as n where n.substitui = p_diario.id)
$$;
comment on function interno.assinatura_vale(public.diarios_bordo, jsonb) is
'Verdadeiro se nada do que foi assinado difere do conteúdo dado, o registro está íntegro e ninguém assinou o turno de novo.';

create function public.verificar_assinatura(p_id bigint)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((
        select interno.assinatura_vale(d, interno.conteudo_atual(d.linha_id, d.janela))
        from public.diarios_bordo as d
        where d.id = p_id
    ), false)
$$;
comment on function public.verificar_assinatura(bigint) is
'Verdadeiro se a assinatura vale: nada do que foi assinado mudou e ninguém assinou o turno de novo.';
revoke all on function public.verificar_assinatura(bigint) from public, anon, authenticated, service_role;
grant execute on function public.verificar_assinatura(bigint) to authenticated, service_role;

-- When the person typed the password: the latest method of the token. Its issue says nothing of that, for a renewal of
-- the token renews it. The local stack's server writes no methods; there, and only there, a setting of the database
-- that is no plant parameter lets the issue stand for them.
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
        case when current_setting('sicfar.login_por_iat', true) = 'sim' then (c.claims ->> 'iat')::numeric end
    )::double precision)
    from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as c
$$;
comment on function interno.autenticado_em() is 'Instante do login do usuário do pedido (amr do token); nulo se o token não diz.';

-- What speaks against signing what the sheet says (`p_conteudo`), all of it at once.
create function interno.impedimentos_diario(p_linha_id text, p_janela tstzrange, p_conteudo jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_fim constant timestamptz := least(upper(p_janela), clock_timestamp());
    v_devolucao constant public.devolucoes_diario := interno.devolucao_aberta(p_linha_id, p_janela);
    v_motivos jsonb := '[]';
    v_linha record;
begin
    if v_devolucao.id is not null then
        v_motivos := v_motivos || interno.motivo_json('DIARIO_DEVOLVIDO',
            format('%s devolveu o turno em %s: %s', v_devolucao.nome, interno.hora_local(v_devolucao.em), v_devolucao.motivo),
            'Corrija o que foi pedido e confirme o turno de novo com confirmar_turno.');
    end if;
    -- A shift that was signed and has lost its orders since can be signed again.
    if p_conteudo -> 'ordens' = '[]'
        and (interno.diario_atual(p_linha_id, p_janela)).id is null then
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
        select r.detalhe from interno.retidas_no_intervalo(p_linha_id, p_janela) as r order by r.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('CONTAGEM_RETIDA', v_linha.detalhe, 'Decida-a com decidir_retido.');
    end loop;
    for v_linha in
        select q.quais, q.detalhe from interno.quarentenas_no_intervalo(p_linha_id, lower(p_janela), v_fim) as q order by q.p_id
    loop
        v_motivos := v_motivos || interno.motivo_json('QUARENTENA',
            format('%s a decidir: %s', v_linha.quais, v_linha.detalhe),
            'Decida-a com resolver_quarentena ou reprocessar_quarentena.');
    end loop;
    select coalesce(sum(t.producao), 0) as producao, coalesce(sum(t.rejeicao), 0) as rejeicao into v_linha
    from (
        select m.sem_ordem_producao - m.justificada_producao as producao, m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.linha_id = p_linha_id and m.minuto >= lower(p_janela) and m.minuto < upper(p_janela)
          and m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
        union all
        select i.producao, i.rejeicao from public.contagens_intervalo as i
        where i.linha_id = p_linha_id and i.situacao = 'SEM_ORDEM' and not i.justificada and i.ate <@ p_janela
    ) as t;
    if v_linha.producao > 0 or v_linha.rejeicao > 0 then
        v_motivos := v_motivos || interno.motivo_json('SEM_ORDEM',
            format('A linha contou %s (rejeição %s) sem OP aberta neste turno.', v_linha.producao, v_linha.rejeicao),
            'Abra a OP com a hora em que começou, ou justifique com justificar_sem_ordem.');
    end if;
    return v_motivos || interno.impedimentos_ordens(p_linha_id, p_janela, p_conteudo -> 'ordens');
end $$;
comment on function interno.impedimentos_diario(text, tstzrange, jsonb) is 'Tudo que impede assinar o turno da linha: codigo, detalhe e acao de cada motivo.';

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

-- What waits of the line in an interval, a row for each matter with the arguments of the function that settles it.
create function interno.quarentenas_no_intervalo(p_linha_id text, p_de timestamptz, p_ate timestamptz)
returns table (p_id bigint, p_assunto text, quais text, detalhe text)
language sql
stable
set search_path = ''
as $$
    select t.ultimo, t.assunto,
        case when t.itens = 1 then 'Item não lido ' || t.ultimo else format('%s itens não lidos', t.itens) end, p.detalhe
    from (
        select q.assunto, max(q.id) as ultimo, min(q.id) as primeiro, count(*) as itens
        from public.quarentena as q
        where q.resolvida_em is null and interno.quarentena_atinge(q, p_linha_id, p_de, p_ate)
        group by q.assunto
    ) as t
    inner join public.quarentena as p on p.id = t.primeiro
$$;
comment on function interno.quarentenas_no_intervalo(text, timestamptz, timestamptz) is
'Os assuntos em quarentena que podem conter contagens da linha no intervalo.';

create function interno.retidas_no_intervalo(p_linha_id text, p_intervalo tstzrange)
returns table (p_id bigint, p_assunto text, detalhe text)
language sql
stable
set search_path = ''
as $$
    select max(c.id), c.assunto, format(
        '%s (produção %s, rejeição %s) espera decisão.',
        case when count(*) = 1 then 'A contagem duvidosa ' || max(c.id) else format('O grupo de %s contagens duvidosas', count(*)) end,
        sum(c.producao), sum(c.rejeicao)
    )
    from public.contagens_retidas as c
    where c.linha_id = p_linha_id and tstzrange(c.desde, c.ate, '[]') && p_intervalo
    group by c.assunto
$$;
comment on function interno.retidas_no_intervalo(text, tstzrange) is 'Os assuntos com contagens retidas da linha no intervalo.';

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
            'Diga com definir_fonte quem contou a linha neste tempo.');
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
                format('O gateway %s foi reinstalado e falta algo da instalação anterior.', v_fonte.fonte),
                'Diga o último envio dela com encerrar_epoca e resolva os que faltam.');
        end if;
    end loop;
    for v_fonte in
        select d.id, d.descricao, d.decisao
        from public.duvidas_relogio as d
        where d.aplicada_em is null and p_linha_id = any(d.linhas)
          and tstzrange(d.desde, d.ate, '[]') && tstzrange(p_de, greatest(p_de, p_ate), '[]')
        order by d.id
    loop
        v_faltas := v_faltas || (interno.motivo_json('RELOGIO_EM_DUVIDA',
            format('Linha %s: %s', p_linha_id, v_fonte.descricao),
            case when v_fonte.decisao is null then 'Acerte o relógio do gateway e decida com decidir_relogio.'
                else 'Aguarde: a decisão é aplicada em até um minuto.'
            end) || jsonb_build_object('p_id', v_fonte.id));
    end loop;
    return v_faltas;
end $$;
comment on function interno.fontes_em_falta(text, timestamptz, timestamptz) is
'O que as fontes de contagem da linha ainda não reportaram no intervalo, e os relógios em dúvida: codigo, detalhe e acao.';
