-- registrar_contagens: a batch of files becomes counts, exactly once.
--
-- Locks, always in this order and before anything is read: the `linhas` rows touched (ascending), then an advisory lock
-- per época or loose file (ascending). Every function that touches a line's counts or periods starts with the same line
-- lock, so concurrent deliveries of one file, and deliveries against openings and closings, run one after the other.
-- Each file then runs in its own subtransaction and is set-based inside. From the outside in: registrar_contagens,
-- registrar_arquivo, then reconhecer_lote or reconhecer_avulso, lancar_arquivo, conhecer_epoca, aplicar_arquivo (which
-- judges before it writes) or quarentenar_arquivo, receber_sequencia.

-- A number that cannot be checked is held against what is stored: believed, it would make everything up to it missing.
-- It neither moves nor begins an época until a person says that it is true.
create function interno.seq_absurda(p_gateway text, p_epoca text, p_seq bigint)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_maior constant bigint := (select maior_seq from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca);
    v_limite constant bigint := case
        when v_maior is null then interno.parametro('SEQ_INICIAL_MAXIMA')
        else v_maior + interno.parametro('SEQ_SALTO_MAXIMO')
    end;
begin
    return case
        when p_seq <= v_limite then null
        when v_maior is null then format(
            'O envio %s é alto demais para o primeiro recebido de uma instalação; esperado até %s.', p_seq, v_limite
        )
        else format(
            'O envio %s está longe demais do último recebido desta instalação (%s); esperado até %s.', p_seq, v_maior, v_limite
        )
    end;
end $$;
comment on function interno.seq_absurda(text, text, bigint) is
'Por que a sequência não pode ser acreditada ao lado do que a época já recebeu; nulo se pode.';

-- What speaks against a batch that has not been counted. p_pedida: a person wants it read again, whatever its number.
create function interno.motivo_contra_lote(p_arquivo jsonb, p_pedida boolean, out motivo text, out detalhe text)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_absurda constant text := interno.seq_absurda(
        p_arquivo ->> 'gateway', p_arquivo ->> 'epoca', (p_arquivo ->> 'seq')::bigint
    );
begin
    if v_absurda is not null and not p_pedida then
        motivo := 'SEQ_ABSURDA';
        detalhe := concat_ws(' ', v_absurda, p_arquivo -> 'rejeitado' ->> 'detalhe');
    elsif p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
    elsif not exists (select from public.gateways where gateway = p_arquivo ->> 'gateway') then
        motivo := 'GATEWAY_DESCONHECIDO';
        detalhe := format('O gateway %s não está cadastrado.', p_arquivo ->> 'gateway');
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_arquivo ->> 'gateway' and a.epoca = p_arquivo ->> 'epoca'
          and a.seq = (p_arquivo ->> 'seq')::bigint and a.chave <> p_arquivo ->> 'chave'
          and coalesce(a.motivo, '') not in ('SEQ_DUPLICADA', 'SEQ_ABSURDA')
    ) then
        motivo := 'SEQ_DUPLICADA';
        detalhe := format('O envio %s desta instalação já chegou com outro conteúdo.', p_arquivo ->> 'seq');
    end if;
end $$;
comment on function interno.motivo_contra_lote(jsonb, boolean) is
'Por que um lote ainda não contado não pode ser contado; nulos se nada o impede.';

-- Is this batch new? situacao: APLICAR, JA_APLICADO, QUARENTENAR (now) or QUARENTENA (as before).
-- A batch quarantined before is applied when what stood in its way is gone (the gateway was registered, the object is
-- whole again) and no person has decided on it: replaying is how a quarantined batch is saved. What a person has given
-- up stays so; another version written over it is new, and goes before a person, who can have it counted.
create function interno.reconhecer_lote(
    p_arquivo jsonb, out situacao text, out motivo text, out detalhe text, out substitui bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_anterior public.arquivos_ingeridos;
    v_conhecida boolean;
    v_descartada boolean := false;
    v_pedida boolean := false;
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

    if v_anterior.id is not null then
        select coalesce(bool_or(q.decisao = 'DESCARTADO'), false),
            coalesce(bool_or(q.resolvida_em is null and q.reprocessar_em is not null), false)
        into v_descartada, v_pedida
        from public.quarentena as q
        inner join public.arquivos_ingeridos as a on a.id = q.arquivo_id
        where a.chave = p_arquivo ->> 'chave' and a.tipo = 'gateway'
          and a.motivo = q.motivo; -- an unreadable line given up is not the file
    end if;
    select * into motivo, detalhe from interno.motivo_contra_lote(p_arquivo, v_pedida);

    if v_anterior.id is null then
        situacao := case when motivo is null then 'APLICAR' else 'QUARENTENAR' end;
        return;
    end if;
    if v_descartada and not v_conhecida then
        situacao := 'QUARENTENAR';
        if motivo = 'SEQ_ABSURDA' then
            return;
        end if;
        detalhe := format(
            'O objeto foi gravado de novo depois de descartado: %s', coalesce(detalhe, 'agora está íntegro e pode ser contado.')
        );
        motivo := 'OBJETO_ALTERADO';
    elsif motivo is not null
        or (v_descartada and not (v_pedida and v_anterior.versao_id is not distinct from p_arquivo ->> 'versao_id')) then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $$;
comment on function interno.reconhecer_lote(jsonb) is 'Decide se um lote de gateway é novo, repetido ou vai para a quarentena.';

-- The longest counted prefix of a loose file's content, under whatever name. A name that has accepted another content
-- before is known by that. Nothing accepted yet = a row of NULLs.
create function interno.prefixo_avulso(p_chave text, p_inicio_sha256 text)
returns public.arquivos_ingeridos
language plpgsql
stable
set search_path = ''
as $$
declare
    v_propria public.arquivos_ingeridos;
    v_conteudo public.arquivos_ingeridos;
begin
    select * into v_propria from public.arquivos_ingeridos as a
    where a.chave = p_chave and a.tipo = 'avulso' and a.situacao <> 'QUARENTENA' and a.aceito_tamanho > 0
    order by a.id desc
    limit 1;
    if p_inicio_sha256 is null or v_propria.inicio_sha256 <> p_inicio_sha256 then
        return v_propria;
    end if;
    select * into v_conteudo from public.arquivos_ingeridos as a
    where a.inicio_sha256 = p_inicio_sha256 and a.situacao <> 'QUARENTENA'
    order by a.aceito_tamanho desc, a.id
    limit 1;
    return case when v_conteudo.id is null then v_propria else v_conteudo end;
end $$;
comment on function interno.prefixo_avulso(text, text) is 'Lançamento com o maior trecho já contado do conteúdo de um arquivo avulso.';

-- Is this loose file new? Also situacao PREFIXO (the message does not continue what was accepted) and REPETIDO (its
-- content was counted under another key; recorded, so that it is known under this one as well).
create function interno.reconhecer_avulso(
    p_arquivo jsonb, out situacao text, out motivo text, out detalhe text, out substitui bigint
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_chave constant text := p_arquivo ->> 'chave';
    v_tamanho constant bigint := (p_arquivo #>> '{aceito,tamanho}')::bigint;
    v_sha256 constant text := p_arquivo #>> '{aceito,sha256}';
    v_prefixo public.arquivos_ingeridos;
    v_anterior public.arquivos_ingeridos;
begin
    select * into v_anterior
    from public.arquivos_ingeridos as a
    where a.chave = v_chave and a.tipo = 'avulso' and a.situacao = 'QUARENTENA'
      and a.versao_id is not distinct from p_arquivo ->> 'versao_id' and a.tamanho = (p_arquivo ->> 'tamanho')::bigint
    order by a.id desc
    limit 1;
    if p_arquivo -> 'rejeitado' ->> 'motivo' is not null then
        motivo := p_arquivo -> 'rejeitado' ->> 'motivo';
        detalhe := p_arquivo -> 'rejeitado' ->> 'detalhe';
        situacao := case when v_anterior.id is null then 'QUARENTENAR' else 'QUARENTENA' end;
        return;
    end if;

    if exists (
        select from public.arquivos_ingeridos as a
        where a.chave = v_chave and a.tipo = 'avulso' and a.situacao <> 'QUARENTENA'
          and a.aceito_tamanho = v_tamanho and a.aceito_sha256 is not distinct from v_sha256
    ) then
        situacao := 'JA_APLICADO';
        return;
    end if;

    v_prefixo := interno.prefixo_avulso(v_chave, p_arquivo ->> 'inicio_sha256');
    if v_tamanho > 0 and exists (
        select from public.arquivos_ingeridos as a
        where a.tipo = 'avulso' and a.situacao = 'APLICADO' and a.aceito_tamanho = v_tamanho and a.aceito_sha256 = v_sha256
    ) then
        situacao := 'REPETIDO';
    elsif coalesce(v_prefixo.aceito_tamanho, 0) <> coalesce((p_arquivo #>> '{prefixo,tamanho}')::bigint, 0)
        or (v_prefixo.aceito_tamanho > 0 and v_prefixo.aceito_sha256 is distinct from p_arquivo #>> '{prefixo,sha256}') then
        situacao := 'PREFIXO';
    elsif exists (select from public.quarentena as q where q.arquivo_id = v_anterior.id and q.decisao = 'DESCARTADO') then
        situacao := 'QUARENTENA';
        motivo := v_anterior.motivo;
    else
        situacao := 'APLICAR';
        substitui := v_anterior.id;
    end if;
end $$;
comment on function interno.reconhecer_avulso(jsonb) is 'Decide se um arquivo avulso é novo, cresceu, é repetido ou vai para a quarentena.';
