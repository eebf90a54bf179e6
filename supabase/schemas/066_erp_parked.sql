-- Events that waited for a product or a line, applied when it is there: in portions, each a transaction of its own. One
-- product may have thousands of orders waiting for it, and the API ends a statement after eight seconds.

-- Applies what waited for some references that have just come, or (NULL) for every one that exists by now. Oldest
-- first, so that each event meets what was known before it; of one instant the deleted first, for the living beat them.
create function interno.reaplicar_estacionados(p_faltas text[], p_limite integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    v_evento public.eventos_totvs;
    v_resultado interno.resultado_totvs;
    v_vistos integer := 0;
    v_sairam integer := 0;
begin
    for v_evento in
        select e.* from public.eventos_totvs as e
        where e.situacao = 'ESTACIONADO' and e.resolvido_em is null and (
            e.falta = any(p_faltas) or p_faltas is null and (
                exists (select from public.produtos as p where e.falta = 'produto:' || p.produto_codigo)
                -- A speed is of a product: an input of that code does not let it apply.
                or e.tipo <> 'velocidade'
                and exists (select from public.insumos as i where e.falta = 'produto:' || i.insumo_codigo)
                or exists (select from public.linhas as l where e.falta = 'linha:' || l.linha_id)
            )
        )
        order by e.versao nulls first, e.ocorrido_em nulls first, e.recebido_em, e.excluido desc nulls last, e.id
        limit p_limite
        for update
    loop
        v_vistos := v_vistos + 1;
        -- An earlier round may have superseded it.
        continue when not exists (select from public.eventos_totvs where id = v_evento.id and situacao = 'ESTACIONADO');
        v_resultado := interno.aplicar_ou_recusar(v_evento, null);
        perform interno.registrar_situacao(v_evento.id, v_resultado);
        if v_resultado.situacao <> 'ESTACIONADO' then
            v_sairam := v_sairam + 1;
        end if;
    end loop;
    return jsonb_build_object('reaplicados', v_sairam, 'restam', v_vistos = p_limite);
end $$;
comment on function interno.reaplicar_estacionados(text[], integer) is
'Aplica até p_limite dos eventos que esperavam um cadastro que já existe; nulo = qualquer um. Devolve quantos deixaram de esperar, e se podem restar outros.';

create function public.reaplicar_eventos_totvs(p_limite integer default 200)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtext('eventos_totvs'));
    return interno.reaplicar_estacionados(null, p_limite);
end $$;
comment on function public.reaplicar_eventos_totvs(integer) is
'Aplica os próximos p_limite eventos que esperavam um cadastro que já existe; devolve reaplicados, e restam se convém chamar de novo.';
revoke all on function public.reaplicar_eventos_totvs(integer) from public, anon, authenticated, service_role;
grant execute on function public.reaplicar_eventos_totvs(integer) to service_role;
