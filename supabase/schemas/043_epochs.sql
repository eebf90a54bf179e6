-- What a batch says of its gateway's spool and of its lines: épocas, sequences without a gap, marks.

-- A spool that replaces a lost one may read again what that one sent, so two épocas of one gateway can carry the same
-- units. The one known first counts; of any other, what may be in both goes before a person. Returns the instant before
-- which that is so: its spool's beginning; infinity if the batch says that its records were there before, or if it is
-- the older one that comes last; null if no other época was known before.
create function interno.conhecer_epoca(p_gateway text, p_epoca text, p_inicio timestamptz, p_anterior boolean)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_epoca public.epocas_gateway;
begin
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
    if v_epoca.gateway is null or p_inicio < v_epoca.inicio then
        -- A gateway whose clock is ahead began no later than it was heard of; believed, it would put all that follows in
        -- doubt.
        insert into public.epocas_gateway (gateway, epoca, inicio)
        values (p_gateway, p_epoca, least(p_inicio, clock_timestamp()))
        on conflict (gateway, epoca) do update set inicio = excluded.inicio
        returning * into v_epoca;
    end if;
    return (
        select case when p_anterior or max(o.inicio) > v_epoca.inicio then 'infinity' else v_epoca.inicio end
        from public.epocas_gateway as o
        where o.gateway = p_gateway and o.numero < v_epoca.numero
        having count(*) > 0
    );
end $$;
comment on function interno.conhecer_epoca(text, text, timestamptz, boolean) is
'Registra a época e devolve o instante até o qual outra pode ter contado o mesmo; nulo se nenhuma. Exige linhas e época travadas.';

create function interno.chegada(p_arquivo jsonb)
returns timestamptz
language sql
stable
set search_path = ''
as $$
    select coalesce((p_arquivo ->> 'chegada')::timestamptz + interval '1 second', clock_timestamp())
$$;
comment on function interno.chegada(jsonb) is
'Até quando (UTC) um arquivo chegou: a gravação que o S3 diz, que tem segundos inteiros, mais um; sem ela, o relógio do banco.';

-- A mark says up to when a gateway has reported a line. By its own clock, which may be ahead: nothing can have been
-- reported later than it arrived.
create function interno.limitar_marcas(p_marcas jsonb, p_chegada timestamptz)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
    if not exists (select from jsonb_array_elements(p_marcas) as m where ((m ->> 'ate')::timestamptz <= p_chegada) is not true) then
        return p_marcas;
    end if;
    return (
        select jsonb_agg(m || jsonb_build_object('ate', least((m ->> 'ate')::timestamptz, p_chegada)) order by n)
        from jsonb_array_elements(p_marcas) with ordinality as t (m, n)
    );
end $$;
comment on function interno.limitar_marcas(jsonb, timestamptz) is
'As marcas de um lote, nenhuma depois da chegada dele (UTC).';

-- The marks of what an época's prefix has passed come into force, of each line the one of the highest sequence. p_seq:
-- the sequence that has just come with p_marcas; null if it has been passed before.
create function interno.avancar_marcas(p_gateway text, p_epoca text, p_ate bigint, p_seq bigint, p_marcas jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
    with passadas as (
        delete from public.marcas_a_espera as e
        where e.gateway = p_gateway and e.epoca = p_epoca and e.seq <= p_ate
        returning e.seq, e.marcas
    ),
    novas as materialized (
        select distinct on (t.linha_id) t.linha_id, t.ate, t.estado, t.relogio_ms
        from (
            select seq, marcas from passadas
            union all
            select p_seq, p_marcas where p_seq <= p_ate
        ) as a
        cross join lateral jsonb_to_recordset(a.marcas) as t (linha_id text, ate timestamptz, estado text, relogio_ms bigint)
        inner join public.linhas as l on l.linha_id = t.linha_id
        order by t.linha_id, a.seq desc
    ),
    mudadas as (
        update public.marcas_linha as m
        set ate = n.ate, estado = n.estado, relogio_ms = n.relogio_ms, atualizada_em = clock_timestamp()
        from novas as n
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
          and (n.ate, n.estado, n.relogio_ms) is distinct from (m.ate, m.estado, m.relogio_ms)
    )
    insert into public.marcas_linha (linha_id, gateway, epoca, ate, estado, relogio_ms)
    select n.linha_id, p_gateway, p_epoca, n.ate, n.estado, n.relogio_ms from novas as n
    where not exists (
        select from public.marcas_linha as m
        where m.linha_id = n.linha_id and m.gateway = p_gateway and m.epoca = p_epoca
    );
end $$;
comment on function interno.avancar_marcas(text, text, bigint, bigint, jsonb) is
'Põe em vigor as marcas das sequências da época até p_ate: as que esperavam e as da que acaba de chegar. Exige a época travada.';

-- The gap-free prefix of an época moves only when its next sequence is there; then it walks as far as it can, over a
-- voided range in one step, and takes the marks of what it passed; of each line the one of the
-- highest sequence stands, which may be earlier than the one before it. It ends at the highest sequence received or
-- declared: what is voided past that may still be sent, when a wrong declaration is withdrawn. Out of order arrivals
-- cost one look-up; their marks wait. p_seq NULL: nothing arrived, something was voided or declared. p_marcas NULL: the
-- sequence brings none (its file is in quarantine).
create function interno.avancar_epoca(p_gateway text, p_epoca text, p_seq bigint, p_marcas jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_de bigint;
    v_ate bigint;
    v_maior bigint;
    v_declarada bigint;
begin
    select ultima_seq_continua, greatest(maior_seq, p_seq), ultima_seq_declarada into v_de, v_maior, v_declarada
    from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;

    with recursive caminho (seq, recebida) as (
        select v_de, null::bigint
        union all
        select coalesce(p.recebida, p.anulada), coalesce(p.recebida, c.recebida)
        from caminho as c
        cross join lateral (
            select
                (
                    select a.seq from public.arquivos_ingeridos as a
                    where a.gateway = p_gateway and a.epoca = p_epoca and a.seq = c.seq + 1
                      and a.motivo is distinct from 'SEQ_ABSURDA'
                    limit 1
                ) as recebida,
                (
                    select n.ate_seq from public.sequencias_anuladas as n
                    where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= c.seq + 1
                    order by n.seq desc
                    limit 1
                ) as anulada
        ) as p
        where p.recebida is not null or p.anulada > c.seq
    )
    select greatest(v_maior, max(recebida)), greatest(v_de, least(max(seq), greatest(v_maior, max(recebida), v_declarada)))
    into v_maior, v_ate
    from caminho;

    update public.epocas_gateway
    set ultima_seq_continua = v_ate, maior_seq = v_maior
    where gateway = p_gateway and epoca = p_epoca and (ultima_seq_continua < v_ate or maior_seq < v_maior);

    if p_seq > v_ate then
        insert into public.marcas_a_espera (gateway, epoca, seq, marcas)
        select p_gateway, p_epoca, p_seq, p_marcas where jsonb_array_length(p_marcas) > 0;
    end if;
    if v_ate = v_de then
        return;
    end if;

    perform interno.avancar_marcas(p_gateway, p_epoca, v_ate, case when p_seq > v_de then p_seq end, p_marcas);
end $$;
comment on function interno.avancar_epoca(text, text, bigint, jsonb) is
'Avança o prefixo sem falhas da época e as marcas das linhas; as de um lote adiantado esperam. Exige a época travada.';
