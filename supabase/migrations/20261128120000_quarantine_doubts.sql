-- A quarantined piece carries every reason that keeps it from being counted, not only the first: what one decision does
-- not settle waits on, with what is left. And an object written over after a person gave up its batch is news.

alter table public.quarentena
add column outros_motivos text[], add column anterior_id bigint references public.quarentena;
alter table public.quarentena alter column outros_motivos set default '{}';
comment on column public.quarentena.motivo is
'Código estável do primeiro motivo (ex.: NAO_DONO, LINHA_DESCONHECIDA, COLUNAS). Fonte: txt_parser e registrar_contagens.';
comment on column public.quarentena.outros_motivos is
'Os demais motivos pelos quais o trecho não pode ser contado; nulo se entrou antes de serem guardados. Fonte: registrar_contagens.';
comment on column public.quarentena.anterior_id is
'Item lido de novo de que este é o que ficou sem contar; nulo se veio direto do arquivo. Fonte: registrar_contagens.';
create index quarentena_anterior on public.quarentena (anterior_id) where anterior_id is not null;

drop function interno.aplicar_arquivo(bigint, jsonb, text, timestamptz);

-- All that speaks against counting an increment, what a fact settles first. A line that is not registered has no owner.
-- Without a search_path of its own, for PostgreSQL expands it in place then: called for every second of a file, it
-- would be most of the time a large file takes.
create function interno.motivos_contra(p_cadastrada boolean, p_papel text, p_epoca_anterior boolean)
returns text[]
language sql
immutable
as $$
    select case
        when p_cadastrada and p_papel = 'conferencia' then '{}'
        else array_remove(array[
            case when not p_cadastrada then 'LINHA_DESCONHECIDA' when p_papel is null then 'NAO_DONO' end,
            case when p_epoca_anterior then 'EPOCA_ANTERIOR' end
        ], null)
    end
$$;
comment on function interno.motivos_contra(boolean, text, boolean) is
'Todos os motivos contra contar um incremento: linha sem cadastro, fonte que não é a dona, época anterior; vazio se nenhum.';

create function interno.detalhar_motivos(
    p_motivos text[], p_fonte text, p_linha_id text, p_marca timestamptz, p_anterior_id bigint
)
returns text
language sql
stable
set search_path = ''
as $$
    select concat_ws(
        ' ',
        case when 'LINHA_DESCONHECIDA' = any(p_motivos) then format('A linha %s não está cadastrada.', p_linha_id) end,
        case when 'NAO_DONO' = any(p_motivos)
            then format('A fonte %s não conta a linha %s neste intervalo.', p_fonte, p_linha_id)
        end,
        case
            when not 'EPOCA_ANTERIOR' = any(p_motivos) then null
            when p_marca is not null then format(
                'O gateway %s, com um spool novo, leu de novo o que é de antes de %s, até onde o anterior já tinha reportado: tudo indica que já foi contado.',
                p_fonte, interno.hora_local(p_marca)
            )
            else format(
                'O gateway %s leu, com um spool novo, o que é de antes dele e que o anterior pode não ter enviado.', p_fonte
            )
        end,
        case when p_anterior_id is not null
            then format('É o que ficou sem contar do item %s, lido de novo.', p_anterior_id)
        end
    )
$$;
comment on function interno.detalhar_motivos(text[], text, text, timestamptz, bigint) is
'Os motivos de um item de quarentena, em frases para quem decide.';

-- One file's increments, each to the one place it belongs: a minute and its order, held, quarantined, or conference.
-- p_fonte: the gateway id, or 'avulso'. p_duvida: what was made before it may have been counted by an earlier época of
-- the gateway, and goes before a person; null if it cannot. Where that época's marks end is where the person will look.
-- p_anterior_id: the quarantine item that is read again; null if the file is new.
create function interno.aplicar_arquivo(
    p_arquivo_id bigint, p_arquivo jsonb, p_fonte text, p_duvida timestamptz, p_anterior_id bigint
)
returns void
language sql
set search_path = ''
as $$
    with segundos as materialized (
        select l.linha_id, (v ->> 0)::bigint as s, to_timestamp((v ->> 0)::bigint) as em,
            sum((v ->> 1)::interno.contagem)::bigint as producao, sum((v ->> 2)::interno.contagem)::bigint as rejeicao
        from jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, segundos jsonb)
        cross join lateral jsonb_array_elements(l.segundos) as v
        group by l.linha_id, (v ->> 0)::bigint
        having sum((v ->> 1)::bigint) > 0 or sum((v ->> 2)::bigint) > 0
    ),
    intervalos as materialized (
        select i.linha_id, i.desde, i.ate, i.producao, i.rejeicao, i.byte_de, i.byte_ate,
            date_trunc('second', i.desde) as s_desde, date_trunc('second', i.ate) as s_ate,
            array(select jsonb_array_elements_text(i.flags)) as flags
        from jsonb_to_recordset(p_arquivo -> 'intervalos') as i (
            linha_id text, desde timestamptz, ate timestamptz, producao interno.contagem, rejeicao interno.contagem,
            flags jsonb, byte_de bigint, byte_ate bigint
        )
        where i.producao > 0 or i.rejeicao > 0
    ),
    -- The few rows of configuration this file can meet, read once instead of once a second.
    faixas as materialized (
        select t.linha_id, min(t.de) as de, max(t.ate) as ate
        from (
            select linha_id, min(em) as de, max(em) as ate from segundos group by linha_id
            union all
            select linha_id, min(s_desde), max(s_ate) from intervalos group by linha_id
        ) as t
        group by t.linha_id
    ),
    donos as materialized (
        select f.linha_id, f.papel, f.de, coalesce(f.ate, 'infinity') as ate
        from public.fontes_linha as f inner join faixas using (linha_id)
        where f.fonte = p_fonte and f.de <= faixas.ate and coalesce(f.ate, 'infinity') > faixas.de
    ),
    periodos as materialized (
        -- OFFSET keeps the planner from joining all periods there ever were: one look into their index a line.
        select faixas.linha_id, p.*
        from faixas
        cross join lateral (
            select o.numero_op, lower(o.intervalo) as de, coalesce(upper(o.intervalo), 'infinity') as ate,
                o.fator_producao, o.fator_rejeicao
            from public.periodos_ordem as o
            where o.linha_id = faixas.linha_id and o.intervalo && tstzrange(faixas.de, faixas.ate, '[]')
            offset 0
        ) as p
    ),
    -- Each increment's destiny, and all that speaks against counting it. The owner is judged at the increment's own time;
    -- one that spans time must have one owner from end to end.
    seg as materialized (
        select s.linha_id, s.s, s.em, s.producao, s.rejeicao, p.numero_op, p.fator_producao, p.fator_rejeicao,
            v.motivos,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                when greatest(s.producao, s.rejeicao) > coalesce(l.maximo_por_segundo, 999999999) then 'RETIDA'
                when greatest(s.producao, s.rejeicao) > 1000000
                    and interno.transbordaria(s.linha_id, s.s, s.producao, s.rejeicao) then 'RETIDA'
                else 'CONTADA'
            end as destino
        from segundos as s
        left join public.linhas as l on l.linha_id = s.linha_id
        left join donos as d on d.linha_id = s.linha_id and s.em >= d.de and s.em < d.ate
        left join periodos as p on p.linha_id = s.linha_id and s.em >= p.de and s.em < p.ate
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, s.em < p_duvida) as motivos
        ) as v
    ),
    vao as materialized (
        select i.*, t.situacao, t.motivo, t.numero_op, t.fator_producao, t.fator_rejeicao,
            v.motivos,
            case
                when v.motivos <> '{}' then 'QUARENTENA'
                when d.papel = 'conferencia' then 'CONFERENCIA'
                else 'CONTADA'
            end as destino
        from intervalos as i
        left join public.linhas as l on l.linha_id = i.linha_id
        left join donos as d on d.linha_id = i.linha_id and i.s_desde >= d.de and i.s_ate < d.ate
        cross join lateral interno.situar_intervalo(i.linha_id, i.desde, i.ate, 'implausivel' = any(i.flags)) as t
        cross join lateral (
            select interno.motivos_contra(l.linha_id is not null, d.papel, i.desde < p_duvida) as motivos
        ) as v
    ),
    minutos as (
        insert into public.contagens_minuto as c
            (linha_id, minuto, producao, rejeicao, total_producao, total_rejeicao, sem_ordem_producao, sem_ordem_rejeicao)
        select linha_id, to_timestamp(s - s % 60),
            interno.vetor((s % 60)::integer, producao::integer) filter (where producao > 0),
            interno.vetor((s % 60)::integer, rejeicao::integer) filter (where rejeicao > 0),
            sum(producao), sum(rejeicao),
            coalesce(sum(producao) filter (where numero_op is null), 0),
            coalesce(sum(rejeicao) filter (where numero_op is null), 0)
        from seg where destino = 'CONTADA'
        group by linha_id, s - s % 60
        on conflict (linha_id, minuto) do update set
            producao = interno.somar_vetores(c.producao, excluded.producao),
            rejeicao = interno.somar_vetores(c.rejeicao, excluded.rejeicao),
            total_producao = c.total_producao + excluded.total_producao,
            total_rejeicao = c.total_rejeicao + excluded.total_rejeicao,
            sem_ordem_producao = c.sem_ordem_producao + excluded.sem_ordem_producao,
            sem_ordem_rejeicao = c.sem_ordem_rejeicao + excluded.sem_ordem_rejeicao
    ),
    ordens as (
        insert into public.ordens_producao_ativas as o
            (numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,
             primeira_contagem, ultima_contagem)
        select numero_op, linha_id, sum(producao * fator_producao), sum(rejeicao * fator_rejeicao),
            sum(producao), sum(rejeicao), min(em), max(em)
        from (
            select linha_id, numero_op, em, producao, rejeicao, fator_producao, fator_rejeicao
            from seg where destino = 'CONTADA' and numero_op is not null
            union all
            select linha_id, numero_op, s_ate, producao, rejeicao, fator_producao, fator_rejeicao
            from vao where destino = 'CONTADA' and situacao = 'ATRIBUIDA'
        ) as t
        group by numero_op, linha_id
        on conflict (numero_op, linha_id) do update set
            producao_acumulada = o.producao_acumulada + excluded.producao_acumulada,
            rejeicao_acumulada = o.rejeicao_acumulada + excluded.rejeicao_acumulada,
            producao_maquina = o.producao_maquina + excluded.producao_maquina,
            rejeicao_maquina = o.rejeicao_maquina + excluded.rejeicao_maquina,
            primeira_contagem = least(o.primeira_contagem, excluded.primeira_contagem),
            ultima_contagem = greatest(o.ultima_contagem, excluded.ultima_contagem),
            atualizado_em = clock_timestamp()
    ),
    conferidas as (
        insert into public.contagens_conferencia as c (linha_id, fonte, minuto, producao, rejeicao)
        select linha_id, p_fonte, date_trunc('minute', em), sum(producao), sum(rejeicao)
        from (
            select linha_id, em, producao, rejeicao from seg where destino = 'CONFERENCIA'
            union all
            select linha_id, s_ate, producao, rejeicao from vao where destino = 'CONFERENCIA'
        ) as t
        group by linha_id, date_trunc('minute', em)
        on conflict (linha_id, fonte, minuto) do update set
            producao = c.producao + excluded.producao, rejeicao = c.rejeicao + excluded.rejeicao
    ),
    retidas as (
        insert into public.contagens_intervalo
            (linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
             arquivo_id, byte_de, byte_ate)
        select linha_id, desde, ate, producao, rejeicao, flags, situacao, motivo, numero_op, fator_producao, fator_rejeicao,
            p_arquivo_id, byte_de, byte_ate
        from vao where destino = 'CONTADA'
        union all
        select seg.linha_id, em, em, producao, rejeicao, '{implausivel}', 'RETIDA', 'IMPLAUSIVEL', null, null, null,
            p_arquivo_id, l.byte_de, l.byte_ate
        from seg
        left join jsonb_to_recordset(p_arquivo -> 'linhas') as l (linha_id text, byte_de bigint, byte_ate bigint)
            on l.linha_id = seg.linha_id
        where destino = 'RETIDA'
    )
    insert into public.quarentena
        (arquivo_id, bucket, chave, versao_id, motivo, outros_motivos, detalhe, linha_id, registros, producao, rejeicao,
         de, ate, byte_de, byte_ate, anterior_id)
    select
        p_arquivo_id, p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id',
        t.motivos[1], t.motivos[2:],
        interno.detalhar_motivos(t.motivos, p_fonte, t.linha_id, t.marca, p_anterior_id),
        t.linha_id,
        case when not exists (
            select from (select linha_id, motivos from seg union all select linha_id, motivos from vao) as o
            where o.linha_id = t.linha_id and o.motivos <> t.motivos
        ) then a.registros end,
        sum(t.producao), sum(t.rejeicao), min(t.em), max(t.em), a.byte_de, a.byte_ate, p_anterior_id
    from (
        select o.linha_id, o.motivos, o.em, o.producao, o.rejeicao,
            case when 'EPOCA_ANTERIOR' = any(o.motivos) and o.em < m.marca then m.marca end as marca
        from (
            select linha_id, motivos, em, producao, rejeicao from seg where destino = 'QUARENTENA'
            union all
            select linha_id, motivos, s_ate, producao, rejeicao from vao where destino = 'QUARENTENA'
        ) as o
        left join (
            select x.linha_id, date_trunc('second', max(x.ate)) as marca
            from public.marcas_linha as x
            where x.gateway = p_fonte and x.epoca <> p_arquivo ->> 'epoca'
            group by x.linha_id
        ) as m on m.linha_id = o.linha_id
    ) as t
    left join public.arquivos_linhas as a on a.arquivo_id = p_arquivo_id and a.linha_id = t.linha_id
    group by t.linha_id, t.motivos, t.marca, a.registros, a.byte_de, a.byte_ate
$$;
comment on function interno.aplicar_arquivo(bigint, jsonb, text, timestamptz, bigint) is
'Leva cada incremento do arquivo ao seu lugar: minuto e OP, retido, quarentena ou conferência. Exige as linhas travadas.';

-- Is this batch new? situacao: APLICAR, JA_APLICADO, QUARENTENAR (now) or QUARENTENA (as before).
-- A batch quarantined before is applied when what stood in its way is gone (the gateway was registered, the object is
-- whole again) and no person has decided on it: replaying is how a quarantined batch is saved. What a person has given
-- up stays so; another version written over it is new, and goes before a person, who can have it counted.
create or replace function interno.reconhecer_lote(
    p_arquivo jsonb, out situacao text, out motivo text, out detalhe text, out substitui bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_anterior public.arquivos_ingeridos;
    v_conhecida boolean;
    v_descartada boolean;
    v_pedida boolean;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
    order by a.situacao = 'APLICADO' desc, a.id desc
    limit 1;
    v_conhecida := exists (
        select from public.arquivos_ingeridos as a
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.versao_id is not distinct from p_arquivo ->> 'versao_id'
    );
    if v_anterior.situacao = 'APLICADO' then
        -- A key never changes its bytes. What was counted stands; that somebody wrote over it is not passed over.
        if p_arquivo -> 'rejeitado' ->> 'motivo' is null
            or v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id' then
            situacao := 'JA_APLICADO';
            return;
        end if;
        motivo := 'OBJETO_ALTERADO';
        detalhe := format(
            'O objeto foi gravado de novo depois de contado, com outro conteúdo: %s A contagem feita vale.',
            p_arquivo -> 'rejeitado' ->> 'detalhe'
        );
        situacao := case when v_conhecida then 'QUARENTENA' else 'QUARENTENAR' end;
        return;
    end if;

    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
    elsif not exists (select from public.gateways where gateway = p_arquivo ->> 'gateway') then
        motivo := 'GATEWAY_DESCONHECIDO';
        detalhe := format('O gateway %s não está cadastrado.', p_arquivo ->> 'gateway');
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_arquivo ->> 'gateway' and a.epoca = p_arquivo ->> 'epoca'
          and a.seq = (p_arquivo ->> 'seq')::bigint and a.chave <> p_arquivo ->> 'chave'
          and a.motivo is distinct from 'SEQ_DUPLICADA'
    ) then
        motivo := 'SEQ_DUPLICADA';
        detalhe := format('A sequência %s desta época já chegou com outro conteúdo.', p_arquivo ->> 'seq');
    end if;

    if v_anterior.id is null then
        situacao := case when motivo is null then 'APLICAR' else 'QUARENTENAR' end;
        return;
    end if;
    select coalesce(bool_or(q.decisao = 'DESCARTADO'), false),
        coalesce(bool_or(q.resolvida_em is null and q.reprocessar_em is not null), false)
    into v_descartada, v_pedida
    from public.quarentena as q
    inner join public.arquivos_ingeridos as a on a.id = q.arquivo_id
    where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway';
    if v_descartada and not v_conhecida then
        situacao := 'QUARENTENAR';
        detalhe := format(
            'O objeto foi gravado de novo depois de descartado: %s', coalesce(detalhe, 'agora está íntegro e pode ser contado.')
        );
        motivo := 'OBJETO_ALTERADO';
    elsif motivo is not null
        or (v_descartada and not (v_pedida and v_anterior.motivo = 'OBJETO_ALTERADO'
            and v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id')) then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $$;

create function interno.epoca_decidida(p_id bigint)
returns boolean
language sql
stable
set search_path = ''
as $$
    with recursive itens as (
        select q.motivo, q.anterior_id from public.quarentena as q where q.id = p_id
        union all
        select q.motivo, q.anterior_id
        from itens as i inner join public.quarentena as q on q.id = i.anterior_id
    )
    select exists (select from itens where motivo = 'EPOCA_ANTERIOR')
$$;
comment on function interno.epoca_decidida(bigint) is
'Se quem mandou ler de novo o item, ou um de que ele restou, tinha só a época anterior a decidir: ela não o contou.';

-- Of a file that is read again, what one quarantine item is of: its line's increments of its seconds, with what they
-- come to. p_duvida: of these only those that an earlier época may have counted, or only the others, as the item was;
-- null = all of them.
create function interno.trecho_em_quarentena(
    p_arquivo jsonb, p_item public.quarentena, p_duvida timestamptz,
    out parte jsonb, out producao bigint, out rejeicao bigint
)
language sql
stable
set search_path = ''
as $$
    with segundos as (
        select s.*
        from jsonb_array_elements(p_arquivo -> 'linhas') as l
        cross join lateral jsonb_array_elements(l -> 'segundos') as s
        cross join lateral to_timestamp((s ->> 0)::bigint) as em
        where l ->> 'linha_id' = p_item.linha_id and em between p_item.de and p_item.ate
          and (p_duvida is null or (em < p_duvida) = ('EPOCA_ANTERIOR' = any(p_item.motivo || p_item.outros_motivos)))
    ),
    intervalos as (
        select i.*
        from jsonb_array_elements(p_arquivo -> 'intervalos') as i
        where i ->> 'linha_id' = p_item.linha_id
          and date_trunc('second', (i ->> 'ate')::timestamptz) between p_item.de and p_item.ate
          and (p_duvida is null or ((i ->> 'desde')::timestamptz < p_duvida)
              = ('EPOCA_ANTERIOR' = any(p_item.motivo || p_item.outros_motivos)))
    )
    select
        jsonb_build_object(
            'bucket', p_item.bucket, 'chave', p_item.chave, 'versao_id', p_item.versao_id, 'epoca', p_arquivo ->> 'epoca',
            'linhas', coalesce((
                select jsonb_agg(l || jsonb_build_object('segundos', (select coalesce(jsonb_agg(s.value), '[]') from segundos as s)))
                from jsonb_array_elements(p_arquivo -> 'linhas') as l where l ->> 'linha_id' = p_item.linha_id
            ), '[]'),
            'intervalos', coalesce((select jsonb_agg(i.value) from intervalos as i), '[]')
        ),
        coalesce(sum(t.producao), 0)::bigint, coalesce(sum(t.rejeicao), 0)::bigint
    from (
        select (value ->> 1)::bigint as producao, (value ->> 2)::bigint as rejeicao from segundos
        union all
        select (value ->> 'producao')::bigint, (value ->> 'rejeicao')::bigint from intervalos
    ) as t
$$;
comment on function interno.trecho_em_quarentena(jsonb, public.quarentena, timestamptz) is
'O trecho do arquivo que um item de quarentena representa, com as suas somas.';

-- A part of an applied file that was nobody's, read again because somebody says it now has an owner; or that an earlier
-- época might have counted, because somebody says it has not, which can be said only of a piece that no other reason
-- keeps. Every reason is judged anew, and what is not settled goes back to quarantine with all of them. Counted only if
-- the file still says exactly what went there.
create or replace function interno.reprocessar(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_q public.quarentena;
    v_parte jsonb;
    v_gateway text;
    v_duvida timestamptz;
    v_producao bigint;
    v_rejeicao bigint;
begin
    select * into v_q from public.quarentena where id = (p_arquivo ->> 'reprocessar')::bigint for update;
    -- A message older than a restored database may name another piece by the same number.
    if v_q.id is null or v_q.chave <> p_arquivo ->> 'chave' or v_q.resolvida_em is not null or v_q.reprocessar_em is null then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    end if;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(' Não pôde ser lido de novo: %s', p_arquivo -> 'rejeitado' ->> 'detalhe')
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_ILEGIVEL');
    end if;
    select a.gateway into v_gateway from public.arquivos_ingeridos as a where a.id = v_q.arquivo_id;
    if v_gateway is not null then
        v_duvida := interno.conhecer_epoca(
            v_gateway, p_arquivo ->> 'epoca', (p_arquivo ->> 'inicio')::timestamptz,
            coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    select t.parte, t.producao, t.rejeicao into v_parte, v_producao, v_rejeicao
    from (values (1, null), (2, v_duvida)) as d (vez, duvida)
    cross join lateral interno.trecho_em_quarentena(p_arquivo, v_q, d.duvida) as t
    where d.vez = 1 or (d.duvida is not null and v_q.outros_motivos is not null)
    order by (t.producao, t.rejeicao) = (v_q.producao, v_q.rejeicao) desc, d.vez
    limit 1;
    if (v_producao, v_rejeicao) is distinct from (v_q.producao, v_q.rejeicao) then
        update public.quarentena set reprocessar_em = null,
            detalhe = detalhe || format(
                ' Lido de novo, o trecho traz %s (rejeição %s), não o que foi posto em quarentena; não foi contado.',
                v_producao, v_rejeicao
            )
        where id = v_q.id;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', 'REPROCESSO_DIVERGENTE');
    end if;
    update public.quarentena
    set resolvida_em = clock_timestamp(), decisao = 'REPROCESSADO', decisao_motivo = reprocessar_motivo,
        resolvida_por = reprocessar_por, reprocessar_em = null
    where id = v_q.id;
    v_duvida := case
        when interno.epoca_decidida(v_q.id) then null
        when 'EPOCA_ANTERIOR' = any(v_q.outros_motivos) then 'infinity'
        else v_duvida
    end;
    perform interno.aplicar_arquivo(v_q.arquivo_id, v_parte, coalesce(v_gateway, 'avulso'), v_duvida, v_q.id);
    return jsonb_build_object('situacao', 'APLICADO');
end $$;

create or replace function interno.registrar_arquivo(p_arquivo jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_lote constant boolean := p_arquivo ->> 'tipo' = 'gateway';
    v_gateway constant text := p_arquivo ->> 'gateway';
    v_epoca constant text := p_arquivo ->> 'epoca';
    v_seq constant bigint := (p_arquivo ->> 'seq')::bigint;
    v_decisao record;
    v_prefixo public.arquivos_ingeridos;
    v_linhas record;
    v_conhecido boolean;
    v_duvida timestamptz;
    v_id bigint;
begin
    if p_arquivo ->> 'reprocessar' is not null then
        return interno.reprocessar(p_arquivo);
    end if;
    if p_arquivo ->> 'tipo' = 'gateway' then
        select * into v_decisao from interno.reconhecer_lote(p_arquivo);
    elsif p_arquivo ->> 'tipo' = 'avulso' then
        select * into v_decisao from interno.reconhecer_avulso(p_arquivo);
    else
        perform interno.recusar(
            '422', 'TIPO_DESCONHECIDO', format('Tipo de arquivo %L; esperado gateway ou avulso.', p_arquivo ->> 'tipo'),
            'Corrija quem chama registrar_contagens.'
        );
    end if;
    if v_decisao.situacao = 'JA_APLICADO' then
        return jsonb_build_object('situacao', 'JA_APLICADO');
    elsif v_decisao.situacao = 'QUARENTENA' then
        update public.quarentena set reprocessar_em = null
        where chave = p_arquivo ->> 'chave' and versao_id is not distinct from p_arquivo ->> 'versao_id'
          and reprocessar_em is not null and resolvida_em is null;
        return jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo);
    elsif v_decisao.situacao = 'PREFIXO' then
        v_prefixo := interno.prefixo_avulso(p_arquivo ->> 'chave', p_arquivo ->> 'inicio_sha256');
        return jsonb_build_object('situacao', 'PREFIXO', 'prefixo', jsonb_build_object(
            'tamanho', coalesce(v_prefixo.aceito_tamanho, 0), 'sha256', v_prefixo.aceito_sha256,
            'chave', coalesce(v_prefixo.chave, p_arquivo ->> 'chave'), 'versao_id', v_prefixo.versao_id
        ));
    end if;

    if v_decisao.situacao <> 'REPETIDO' then
        select * into v_linhas from interno.somar_linhas(p_arquivo);
    else
        select '[]'::jsonb as linhas, null::timestamptz as de, null::timestamptz as ate into v_linhas;
    end if;
    insert into public.arquivos_ingeridos
        (bucket, chave, versao_id, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq, linhas, de, ate,
         aceito_tamanho, aceito_sha256, inicio_sha256, contado_antes, registros, situacao, motivo, substitui)
    values (
        p_arquivo ->> 'bucket', p_arquivo ->> 'chave', p_arquivo ->> 'versao_id', (p_arquivo ->> 'tamanho')::bigint,
        p_arquivo ->> 'sha256', (p_arquivo ->> 'gravado_em')::timestamptz, p_arquivo ->> 'tipo', v_gateway, v_epoca, v_seq,
        v_linhas.linhas, v_linhas.de, v_linhas.ate,
        (p_arquivo #>> '{aceito,tamanho}')::bigint, p_arquivo #>> '{aceito,sha256}', p_arquivo ->> 'inicio_sha256',
        (p_arquivo #>> '{prefixo,tamanho}')::bigint,
        case when v_decisao.situacao = 'REPETIDO' then 0 else coalesce((p_arquivo ->> 'registros')::bigint, 0) end,
        case v_decisao.situacao when 'QUARENTENAR' then 'QUARENTENA' when 'REPETIDO' then 'REPETIDO' else 'APLICADO' end,
        v_decisao.motivo, v_decisao.substitui
    )
    returning id into v_id;

    v_conhecido := v_lote and exists (select from public.gateways where gateway = v_gateway);
    if v_conhecido then
        v_duvida := interno.conhecer_epoca(
            v_gateway, v_epoca, (p_arquivo ->> 'inicio')::timestamptz, coalesce((p_arquivo ->> 'anterior')::boolean, false)
        );
    end if;
    if v_decisao.situacao <> 'REPETIDO' then
        perform interno.anotar_ilegiveis(v_id, p_arquivo);
    end if;
    if v_decisao.situacao = 'QUARENTENAR' then
        perform interno.quarentenar_arquivo(v_id, p_arquivo, v_decisao.motivo, coalesce(v_decisao.detalhe, v_decisao.motivo));
    else
        if v_decisao.situacao = 'APLICAR' then
            perform interno.aplicar_arquivo(v_id, p_arquivo, case when v_lote then v_gateway else 'avulso' end, v_duvida, null);
        end if;
        update public.quarentena
        set resolvida_em = clock_timestamp(), decisao = 'SUPERADO',
            decisao_motivo = 'O sistema contou uma versão posterior do mesmo arquivo.'
        where chave = p_arquivo ->> 'chave' and resolvida_em is null and arquivo_id <> v_id
          and (arquivo_id = v_decisao.substitui or (not v_lote and motivo = 'LINHA_INCOMPLETA'));
    end if;

    if v_conhecido then
        if exists (
            select from public.sequencias_anuladas where gateway = v_gateway and epoca = v_epoca and seq = v_seq
        ) then
            perform interno.anotar_trilha(
                'SISTEMA', 'sequencia_anulada_chegou', format('arquivos_ingeridos:%s', v_id), null,
                jsonb_build_object('gateway', v_gateway, 'epoca', v_epoca, 'seq', v_seq), null
            );
        end if;
        perform interno.avancar_epoca(
            v_gateway, v_epoca, v_seq,
            case when v_decisao.situacao = 'APLICAR' and jsonb_typeof(p_arquivo -> 'marcas') = 'array' then p_arquivo -> 'marcas' end
        );
    end if;

    return case v_decisao.situacao
        when 'QUARENTENAR' then jsonb_build_object('situacao', 'QUARENTENA', 'motivo', v_decisao.motivo)
        when 'REPETIDO' then jsonb_build_object('situacao', 'JA_APLICADO')
        else jsonb_build_object('situacao', 'APLICADO')
    end;
end $$;
create or replace view public.pendencias with (security_invoker = true) as
with sem_ordem as (
    select
        t.linha_id,
        (t.em at time zone 'America/Fortaleza')::date as dia,
        sum(t.producao) as producao,
        sum(t.rejeicao) as rejeicao,
        min(t.em) as de,
        max(t.ate) as ate
    from (
        select
            m.linha_id,
            m.minuto as em,
            m.minuto + interval '1 minute' as ate,
            m.sem_ordem_producao - m.justificada_producao as producao,
            m.sem_ordem_rejeicao - m.justificada_rejeicao as rejeicao
        from public.contagens_minuto as m
        where m.sem_ordem_producao - m.justificada_producao + m.sem_ordem_rejeicao - m.justificada_rejeicao > 0
        union all
        select
            i.linha_id,
            i.ate as em,
            i.ate,
            i.producao,
            i.rejeicao
        from public.contagens_intervalo as i
        where i.situacao = 'SEM_ORDEM' and not i.justificada
    ) as t
    group by t.linha_id, (t.em at time zone 'America/Fortaleza')::date
)

select
    'SEM_ORDEM' as tipo,
    s.linha_id || ':' || s.dia as chave,
    s.linha_id,
    l.setor,
    format(
        'A linha %s contou %s (rejeição %s) sem ordem aberta em %s.',
        s.linha_id, s.producao, s.rejeicao, to_char(s.dia, 'DD/MM/YYYY')
    ) as descricao,
    s.de as desde,
    array_to_string(public.papeis_da_funcao('justificar_sem_ordem'), ', ') as quem_decide,
    'justificar_sem_ordem' as funcao,
    jsonb_build_object(
        'p_linha_id', s.linha_id, 'p_de', s.de, 'p_ate', s.ate + interval '1 millisecond',
        'producao', s.producao, 'rejeicao', s.rejeicao, 'alternativa', 'abrir_ordem'
    ) as detalhes
from sem_ordem as s
inner join public.linhas as l on s.linha_id = l.linha_id
union all
select
    'RETIDA',
    r.id::text,
    r.linha_id,
    l.setor,
    case r.motivo
        when 'FRONTEIRA' then format(
            'Contagem de %s (rejeição %s) entre duas leituras, com troca de ordem no meio.', r.producao, r.rejeicao
        )
        else format('Contagem implausível de %s (rejeição %s).', r.producao, r.rejeicao)
    end,
    r.criada_em,
    array_to_string(public.papeis_da_funcao('decidir_retido'), ', '),
    'decidir_retido',
    jsonb_build_object(
        'p_id', r.id, 'motivo', r.motivo, 'desde', r.desde, 'ate', r.ate, 'producao', r.producao, 'rejeicao', r.rejeicao
    )
from public.contagens_retidas as r
inner join public.linhas as l on r.linha_id = l.linha_id
union all
select
    'QUARENTENA',
    q.id::text,
    q.linha_id,
    l.setor,
    q.detalhe,
    q.criada_em,
    array_to_string(public.papeis_da_funcao('resolver_quarentena'), ', '),
    'resolver_quarentena',
    jsonb_build_object(
        'p_id', q.id, 'motivo', q.motivo, 'outros_motivos', coalesce(q.outros_motivos, '{}'), 'arquivo', q.chave,
        'versao_id', q.versao_id, 'byte_de', q.byte_de, 'byte_ate', q.byte_ate,
        'registros', q.registros, 'producao', q.producao, 'rejeicao', q.rejeicao, 'alternativa', case
            when q.motivo in ('NAO_DONO', 'LINHA_DESCONHECIDA', 'EPOCA_ANTERIOR') or exists (
                select from public.arquivos_ingeridos as a
                where a.id = q.arquivo_id and a.situacao = 'QUARENTENA'
            ) then 'reprocessar_quarentena'
        end
    )
from public.quarentena as q
left join public.linhas as l on q.linha_id = l.linha_id
where q.resolvida_em is null
union all
select
    'SEQUENCIA_AUSENTE',
    p.gateway || ':' || p.epoca || ':' || f.seq,
    null,
    null,
    format('O lote %s do gateway %s não chegou.', f.seq, p.gateway),
    p.desde,
    array_to_string(public.papeis_da_funcao('anular_sequencia'), ', '),
    'anular_sequencia',
    jsonb_build_object('p_gateway', p.gateway, 'p_epoca', p.epoca, 'p_seq', f.seq)
from public.lacunas_sequencia as p
cross join lateral generate_series(p.anterior + 1, p.seq - 1) as f (seq)
where p.desde < now() - interval '10 minutes'
union all
select
    'EPOCA_NOVA',
    e.gateway || ':' || e.epoca,
    null,
    null,
    format(
        'O gateway %s começou uma época nova; falta declarar a última sequência da anterior (recebida até %s).',
        e.gateway, e.maior_seq
    ),
    n.em,
    array_to_string(public.papeis_da_funcao('encerrar_epoca'), ', '),
    'encerrar_epoca',
    jsonb_build_object('p_gateway', e.gateway, 'p_epoca', e.epoca, 'maior_seq', e.maior_seq)
from public.epocas_gateway as e
cross join lateral (
    select min(x.primeira_vez_em) as em
    from public.epocas_gateway as x
    where x.gateway = e.gateway and (x.inicio, x.numero) > (e.inicio, e.numero)
) as n
where e.ultima_seq_declarada is null and n.em is not null
union all
select
    case e.situacao when 'RECUSADO' then 'EVENTO_RECUSADO' else 'EVENTO_ESTACIONADO' end,
    e.id::text,
    null,
    null,
    format('Evento do TOTVS (%s): %s', concat_ws(' ', e.tipo, e.referencia), e.motivo),
    e.recebido_em,
    array_to_string(public.papeis_da_funcao('resolver_evento_totvs'), ', '),
    'resolver_evento_totvs',
    jsonb_build_object(
        'p_id', e.id, 'codigo', e.codigo, 'falta', e.falta, 'referencia', e.referencia, 'recebimento', e.recebimento_id
    )
from public.eventos_totvs as e
-- A missing reference usually comes by itself within one or two pulls.
where e.resolvido_em is null
    and (e.situacao = 'RECUSADO' or e.situacao = 'ESTACIONADO' and e.recebido_em < now() - interval '30 minutes')
union all
select
    'OP_CANCELADA',
    l.numero_op,
    c.linha_id,
    n.setor,
    format('A OP %s foi cancelada no TOTVS, mas tem contagens ou está aberta numa linha.', l.numero_op),
    l.atualizado_em,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'), ', '),
    'reconhecer_alteracao_op',
    jsonb_build_object('p_numero_op', l.numero_op, 'contagens', c.contagens, 'alternativa', 'encerrar_ordem')
from public.lotes_producao as l
cross join lateral (
    select
        min(o.linha_id) as linha_id,
        coalesce(sum(o.producao_maquina + o.rejeicao_maquina), 0)::bigint as contagens
    from public.ordens_producao_ativas as o
    where o.numero_op = l.numero_op
) as c
left join public.linhas as n on c.linha_id = n.linha_id
left join lateral (
    select max(r.contagens) as contagens
    from public.reconhecimentos_op as r
    where r.numero_op = l.numero_op
) as v on true
left join lateral (
    select bool_or(upper_inf(p.intervalo)) as aberta
    from public.periodos_ordem as p
    where p.numero_op = l.numero_op
) as p on true
where l.status = 'CANCELADO' and (c.contagens > coalesce(v.contagens, 0) or v.contagens is null and p.aberta)
union all
select
    'OP_ALTERADA',
    l.numero_op,
    l.linha_id,
    n.setor,
    format('O TOTVS mudou a OP %s depois de ela contar: %s.', l.numero_op, a.texto),
    a.em,
    array_to_string(public.papeis_da_funcao('reconhecer_alteracao_op'), ', '),
    'reconhecer_alteracao_op',
    jsonb_build_object('p_numero_op', l.numero_op, 'alteracoes', a.alteracoes)
from (
    select
        x.numero_op,
        min(x.em) as em,
        jsonb_agg(x.id order by x.id) as alteracoes,
        string_agg(
            format('%s de %s para %s', lower(replace(x.codigo, '_ALTERADO', '')), x.antes, x.depois), '; '
            order by x.id
        ) as texto
    from public.alteracoes_op as x
    left join lateral (
        select max(r.ate_alteracao) as ate_alteracao
        from public.reconhecimentos_op as r
        where r.numero_op = x.numero_op
    ) as v on true
    where x.codigo in ('PRODUTO_ALTERADO', 'LOTE_ALTERADO') and x.id > coalesce(v.ate_alteracao, 0)
    group by x.numero_op
) as a
inner join public.lotes_producao as l on a.numero_op = l.numero_op
left join public.linhas as n on l.linha_id = n.linha_id
union all
select
    'FECHAMENTO',
    f.numero_op || ':' || x.n,
    coalesce(x.falta -> 'argumentos' ->> 'p_linha_id', o.linha_id),
    n.setor,
    x.falta ->> 'detalhe',
    f.desde,
    array_to_string(public.papeis_da_funcao(x.falta ->> 'funcao'), ', '),
    x.falta ->> 'funcao',
    (x.falta -> 'argumentos') || jsonb_build_object(
        'numero_op', f.numero_op, 'codigo', x.falta ->> 'codigo', 'acao', x.falta ->> 'acao'
    )
from public.fechamentos_pendentes as f
cross join lateral jsonb_array_elements(f.faltas) with ordinality as x (falta, n)
left join lateral (
    select min(p.linha_id) as linha_id
    from public.ordens_producao_ativas as p
    where p.numero_op = f.numero_op
) as o on true
left join public.linhas as n on n.linha_id = coalesce(x.falta -> 'argumentos' ->> 'p_linha_id', o.linha_id)
union all
select
    'AJUSTE',
    f.numero_op,
    a.linha_id,
    null,
    format('A OP %s mudou depois de fechada: %s.', f.numero_op, a.texto),
    a.desde,
    array_to_string(public.papeis_da_funcao('decidir_ajustes'), ', '),
    'decidir_ajustes',
    jsonb_build_object('p_numero_op', f.numero_op, 'ajustes', a.ids)
from (
    select
        j.fechamento_id,
        min(j.linha_id) as linha_id,
        min(j.criado_em) as desde,
        jsonb_agg(j.id order by j.id) as ids,
        string_agg(
            format('%s %s %s', lower(j.tipo), to_char(j.diferenca, 'FMS999999999'), j.linha_id), '; ' order by j.id
        ) as texto
    from public.ajustes_fechamento as j
    where j.situacao = 'PROPOSTO'
    group by j.fechamento_id
) as a
inner join public.fechamentos_lote as f on a.fechamento_id = f.id
union all
select
    'ENVIO',
    e.id_externo,
    null,
    null,
    format('Envio %s ao TOTVS (%s, OP %s): %s. %s', e.id_externo, e.tipo, e.numero_op, lower(e.situacao), e.erro),
    coalesce(e.concluido_em, e.tocado_em, e.criado_em),
    array_to_string(public.papeis_da_funcao('decidir_envio'), ', '),
    'decidir_envio',
    jsonb_build_object('p_id', e.id, 'situacao', e.situacao, 'codigo', e.codigo, 'conteudo', e.conteudo)
from public.envios_totvs as e
where e.situacao in ('RECUSADO', 'ESGOTADO') or e.situacao = 'INCERTO' and e.proxima_em is null;

revoke all on function interno.aplicar_arquivo(bigint,jsonb,text,timestamptz,bigint)
from public, anon, authenticated, service_role;
revoke all on function interno.detalhar_motivos(text[],text,text,timestamptz,bigint)
from public, anon, authenticated, service_role;
revoke all on function interno.epoca_decidida(bigint)
from public, anon, authenticated, service_role;
revoke all on function interno.motivos_contra(boolean,text,boolean)
from public, anon, authenticated, service_role;
revoke all on function interno.trecho_em_quarentena(jsonb,public.quarentena,timestamptz)
from public, anon, authenticated, service_role;
