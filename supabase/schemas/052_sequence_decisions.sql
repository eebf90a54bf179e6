-- A person settles what a gateway's numbering left open: a missing sequence, an epoch that ended.

create function interno.epoca_para_decisao(p_gateway text, p_epoca text)
returns public.epocas_gateway
language plpgsql
set search_path = ''
as $$
declare
    v_epoca public.epocas_gateway;
begin
    perform interno.travar_chaves(array['epoca:' || p_gateway || ':' || p_epoca]);
    select * into v_epoca from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca for update;
    if v_epoca.gateway is null then
        perform interno.recusar_desconhecido(
            'EPOCA_DESCONHECIDA', format('O gateway %s não tem a instalação %s.', p_gateway, p_epoca)
        );
    end if;
    return v_epoca;
end $$;
comment on function interno.epoca_para_decisao(text, text) is 'Trava e devolve a época; PT404 EPOCA_DESCONHECIDA.';

-- Only what has been missing for as long as a matter takes to be listed: a batch on its way is not given up.
create function interno.anular_faltas(p_gateway text, p_epoca text, p_seq bigint, p_ate_seq bigint, p_motivo text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_faixas jsonb;
begin
    with anuladas as (
        insert into public.sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)
        select p_gateway, p_epoca, greatest(l.anterior + 1, p_seq), least(l.seq - 1, p_ate_seq), p_motivo, interno.usuario_atual()
        from public.lacunas_sequencia as l
        where l.gateway = p_gateway and l.epoca = p_epoca and l.seq - l.anterior > 1
          and l.desde < now() - interval '10 minutes' and l.anterior < p_ate_seq and l.seq > p_seq
        returning seq, ate_seq
    )
    select jsonb_agg(jsonb_build_array(a.seq, a.ate_seq) order by a.seq) into v_faixas from anuladas as a;
    if v_faixas is null then
        perform interno.recusar_decidido(format('De %s a %s não falta mais nenhum envio.', p_seq, p_ate_seq));
    end if;
    return v_faixas;
end $$;
comment on function interno.anular_faltas(text, text, bigint, bigint, text) is
'Anula as faixas que faltam há mais de 10 minutos dentro de uma faixa, e as devolve. Exige a época travada.';

-- One sequence, or all from p_seq to p_ate_seq: stored and passed over as one range, however long. p_so_faltas: of that
-- range what is missing, which a gateway that loses batches now and then leaves in many pieces.
create function public.anular_sequencia(
    p_gateway text, p_epoca text, p_seq bigint, p_motivo text, p_ate_seq bigint default null,
    p_so_faltas boolean default false
)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('anular_sequencia', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_epoca constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
    v_fim constant bigint := greatest(v_epoca.maior_seq, v_epoca.ultima_seq_declarada);
    v_ate constant bigint := coalesce(p_ate_seq, p_seq);
    v_faixa constant text := case when v_ate = p_seq then format('O envio %s', p_seq) else format('De %s a %s, algum envio', p_seq, v_ate) end;
    v_faixas jsonb;
begin
    if p_seq is null or p_seq < 1 or v_ate < p_seq or v_ate > v_fim then
        perform interno.recusar(
            '422', 'SEQUENCIA_FORA',
            case
                when v_ate = p_seq then format('O envio %s não falta: a instalação vai de 1 a %s.', p_seq, v_fim)
                else format('De %s a %s não é uma faixa que falte: a instalação vai de 1 a %s.', p_seq, v_ate, v_fim)
            end,
            'Anule só o que está listado em pendências.'
        );
    end if;
    if p_so_faltas then
        v_faixas := interno.anular_faltas(p_gateway, p_epoca, p_seq, v_ate, v_motivo);
    elsif exists (
        select from public.arquivos_ingeridos as a
        where a.gateway = p_gateway and a.epoca = p_epoca and a.seq between p_seq and v_ate
          and a.motivo is distinct from 'SEQ_ABSURDA'
    ) then
        perform interno.recusar(
            '409', 'SEQUENCIA_RECEBIDA', format('%s já chegou.', v_faixa), 'Atualize a tela de pendências.'
        );
    elsif exists (
        select from public.sequencias_anuladas as n
        where n.gateway = p_gateway and n.epoca = p_epoca and n.seq <= v_ate and n.ate_seq >= p_seq
    ) then
        perform interno.recusar_decidido(format('%s já foi dado por perdido.', v_faixa));
    else
        insert into public.sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)
        values (p_gateway, p_epoca, p_seq, v_ate, v_motivo, interno.usuario_atual());
    end if;
    perform interno.avancar_epoca(p_gateway, p_epoca, null, null);
    perform interno.anotar_trilha(
        v_papel, 'anular_sequencia', format('epocas_gateway:%s:%s', p_gateway, p_epoca), null,
        jsonb_strip_nulls(jsonb_build_object('seq', p_seq, 'ate_seq', v_ate, 'faixas', v_faixas)), v_motivo
    );
    return (
        select jsonb_build_object(
            'gateway', gateway, 'epoca', epoca, 'seq', p_seq, 'ate_seq', v_ate, 'ultima_seq_continua', ultima_seq_continua
        )
        from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca
    );
end $$;
comment on function public.anular_sequencia(text, text, bigint, text, bigint, boolean) is
'Declara perdida uma sequência que não chegou, ou todas até p_ate_seq, ou só as que faltam até lá (p_so_faltas), para que as marcas avancem. A que chegar depois é contada assim mesmo.';
revoke all on function public.anular_sequencia(text, text, bigint, text, bigint, boolean)
from public, anon, authenticated, service_role;
grant execute on function public.anular_sequencia(text, text, bigint, text, bigint, boolean)
to authenticated, service_role;

-- A wrong declaration is put right by declaring again, or withdrawn by declaring null.
create function public.encerrar_epoca(p_gateway text, p_epoca text, p_ultima_seq bigint, p_motivo text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_papel constant text := interno.exigir_papel('encerrar_epoca', null);
    v_motivo constant text := interno.exigir_motivo(p_motivo);
    v_antes constant public.epocas_gateway := interno.epoca_para_decisao(p_gateway, p_epoca);
    v_limite constant bigint := v_antes.maior_seq + interno.parametro('SEQ_SALTO_MAXIMO');
    v_depois public.epocas_gateway := v_antes;
begin
    if p_ultima_seq < v_antes.maior_seq or p_ultima_seq is null and v_antes.ultima_seq_declarada is null then
        perform interno.recusar(
            '422', 'SEQUENCIA_MENOR', format('Já chegou o envio %s desta instalação.', v_antes.maior_seq),
            'Diga o último envio que o gateway selou, nunca menor que o recebido.'
        );
    end if;
    if p_ultima_seq > v_limite then
        perform interno.recusar(
            '422', 'SEQUENCIA_IMPLAUSIVEL',
            format('O maior envio recebido é %s: %s está longe demais dele.', v_antes.maior_seq, p_ultima_seq),
            format('Confira o número; declara-se até %s (parâmetro SEQ_SALTO_MAXIMO).', v_limite)
        );
    end if;
    if v_antes.ultima_seq_declarada is distinct from p_ultima_seq then
        update public.epocas_gateway
        set ultima_seq_declarada = p_ultima_seq,
            declarada_em = case when p_ultima_seq is not null then clock_timestamp() end,
            ultima_seq_continua = least(ultima_seq_continua, greatest(maior_seq, p_ultima_seq))
        where gateway = p_gateway and epoca = p_epoca;
        perform interno.avancar_epoca(p_gateway, p_epoca, null, null);
        select * into v_depois from public.epocas_gateway where gateway = p_gateway and epoca = p_epoca;
        perform interno.anotar_trilha(
            v_papel, 'encerrar_epoca', format('epocas_gateway:%s:%s', p_gateway, p_epoca),
            jsonb_build_object('ultima_seq_declarada', v_antes.ultima_seq_declarada),
            jsonb_build_object('ultima_seq_declarada', p_ultima_seq), v_motivo
        );
    end if;
    return jsonb_build_object(
        'gateway', p_gateway, 'epoca', p_epoca, 'ultima_seq_declarada', p_ultima_seq,
        'ultima_seq_continua', v_depois.ultima_seq_continua
    );
end $$;
comment on function public.encerrar_epoca(text, text, bigint, text) is
'Declara a última sequência de uma época que não envia mais, ou corrige a declarada (nulo: a época continua); as que faltarem até ela viram pendência.';
revoke all on function public.encerrar_epoca(text, text, bigint, text) from public, anon, authenticated, service_role;
grant execute on function public.encerrar_epoca(text, text, bigint, text) to authenticated, service_role;
