-- pulls_at_once: from the definitions in supabase/schemas, by `make migration`.

CREATE OR REPLACE FUNCTION public.concluir_sincronizacao_totvs(p_entidade text, p_iniciada_em timestamp with time zone, p_situacao text, p_proxima_pagina integer, p_resumo jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_antes jsonb;
    v_soltos jsonb;
    v_inicio timestamptz;
    v_move boolean;
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    v_antes := public.iniciar_sincronizacao_totvs(p_entidade);
    -- A run beside which another ended began from a mark that no longer stands: it is on record and moves nothing.
    v_move := not exists (
        select from public.sincronizacoes_totvs as s
        where s.entidade = p_entidade and s.situacao <> 'FALHOU' and s.terminada_em > p_iniciada_em
    );
    v_soltos := interno.reaplicar_estacionados(null, 200);
    -- A run over several pieces is complete as of the start of its first.
    select min(s.iniciada_em) into v_inicio
    from public.sincronizacoes_totvs as s
    where s.entidade = p_entidade and s.id > coalesce((
        select max(c.id) from public.sincronizacoes_totvs as c where c.entidade = p_entidade and c.situacao = 'COMPLETA'
    ), 0) and (v_antes ->> 'proxima_pagina')::integer > 1;
    insert into public.sincronizacoes_totvs (entidade, iniciada_em, situacao, alterado_desde, proxima_pagina, resumo)
    values (
        p_entidade, p_iniciada_em, p_situacao,
        case when v_move and p_situacao = 'COMPLETA' then least(p_iniciada_em, v_inicio) else (v_antes ->> 'alterado_desde')::timestamptz end,
        case
            when v_move and p_situacao = 'COMPLETA' then 1
            when v_move and p_situacao = 'INCOMPLETA' then p_proxima_pagina
            else (v_antes ->> 'proxima_pagina')::integer
        end,
        interno.json_recebido(p_resumo) || jsonb_build_object('reaplicados', v_soltos -> 'reaplicados')
    );
    return v_soltos;
end $function$;

comment on function public.concluir_sincronizacao_totvs(text,timestamp with time zone,text,integer,jsonb) is 'Registra uma busca, que só avança a marca se nenhuma outra terminou desde o início dela, e solta os primeiros eventos que esperavam um cadastro que já existe; devolve quantos, e se restam (reaplicar_eventos_totvs).';
