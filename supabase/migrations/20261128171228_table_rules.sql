-- table_rules: from the definitions in supabase/schemas, by `make migration`.

-- Written by hand: what was installed keeps these rules already, which reading it shows; new rows are checked from here on.
alter table public.ordens_producao_ativas add constraint ordens_producao_ativas_nao_negativos
check (least(producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina) >= 0) not valid;
alter table public.ordens_producao_ativas validate constraint ordens_producao_ativas_nao_negativos;
alter table public.contagens_minuto add constraint contagens_minuto_sem_ordem_cabe
check (sem_ordem_producao between 0 and total_producao and sem_ordem_rejeicao between 0 and total_rejeicao) not valid;
alter table public.contagens_minuto validate constraint contagens_minuto_sem_ordem_cabe;
alter table public.contagens_minuto add constraint contagens_minuto_justificada_cabe
check (justificada_producao between 0 and sem_ordem_producao and justificada_rejeicao between 0 and sem_ordem_rejeicao) not valid;
alter table public.contagens_minuto validate constraint contagens_minuto_justificada_cabe;
alter table public.contagens_intervalo add constraint contagens_intervalo_ordem_com_fatores
check (num_nonnulls(numero_op, fator_producao, fator_rejeicao) in (0, 3)) not valid;
alter table public.contagens_intervalo validate constraint contagens_intervalo_ordem_com_fatores;
alter table public.envios_totvs add constraint envios_totvs_nome
check (
    starts_with(id_externo, 'SF-' || numero_op || '-' || tipo || '-')
    and substr(id_externo, length('SF-' || numero_op || '-' || tipo || '-') + 1) ~ '^[0-9]{4,}$'
) not valid;
alter table public.envios_totvs validate constraint envios_totvs_nome;

CREATE OR REPLACE FUNCTION interno.somar_ordem(p_numero_op text, p_linha_id text, p_producao_maquina bigint, p_rejeicao_maquina bigint, p_producao_unidades bigint, p_rejeicao_unidades bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_extremos record;
begin
    select * into v_extremos from interno.extremos(p_numero_op, p_linha_id);
    -- Not in one statement: a row proposed to `on conflict` is checked before, and a difference alone may be negative.
    insert into public.ordens_producao_ativas (numero_op, linha_id) values (p_numero_op, p_linha_id) on conflict do nothing;
    update public.ordens_producao_ativas as o
    set producao_acumulada = o.producao_acumulada + p_producao_unidades,
        rejeicao_acumulada = o.rejeicao_acumulada + p_rejeicao_unidades,
        producao_maquina = o.producao_maquina + p_producao_maquina,
        rejeicao_maquina = o.rejeicao_maquina + p_rejeicao_maquina,
        primeira_contagem = v_extremos.primeira,
        ultima_contagem = v_extremos.ultima,
        atualizado_em = clock_timestamp()
    where o.numero_op = p_numero_op and o.linha_id = p_linha_id and (
        (p_producao_unidades, p_rejeicao_unidades, p_producao_maquina, p_rejeicao_maquina) <> (0, 0, 0, 0)
        or (o.primeira_contagem, o.ultima_contagem) is distinct from (v_extremos.primeira, v_extremos.ultima)
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.criar_envio(p_op text, p_tipo text, p_conteudo jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_ordem integer;
    v_numero integer;
    v_id bigint;
begin
    -- The order's row serialises whoever adds to its queue.
    perform from public.lotes_producao where numero_op = p_op for no key update;
    select coalesce(max(e.ordem), 0) + 1, count(*) filter (where e.tipo = p_tipo) + 1 into v_ordem, v_numero
    from public.envios_totvs as e where e.numero_op = p_op;
    -- A database that lost its last days and closes a lot again must give each report the name it had: by order, kind
    -- and number of the kind, whatever other reports there are this time.
    insert into public.envios_totvs (numero_op, ordem, id_externo, tipo, conteudo)
    values (p_op, v_ordem, format('SF-%s-%s-%s', p_op, p_tipo, to_char(v_numero, 'FM999990000')), p_tipo, p_conteudo)
    returning id into v_id;
    perform interno.duvidar(v_id);
    return v_id;
end $function$;

CREATE OR REPLACE FUNCTION interno.conferir_congelado()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_id constant bigint := (to_jsonb(new) ->> tg_argv[0])::bigint;
    v_f record;
begin
    select f.numero_op, f.produzidas, f.refugo, f.amostras, f.contador_final,
        coalesce(sum(t.quantidade) filter (where t.tipo = 'PRODUZIDA'), 0) as soma_produzidas,
        coalesce(sum(t.quantidade) filter (where t.tipo = 'REFUGO'), 0) as soma_refugo,
        coalesce(sum(t.quantidade) filter (where t.tipo not in ('PRODUZIDA', 'REFUGO')), 0) as soma_amostras,
        coalesce(sum(t.maquina), 0) as soma_contador
    into v_f
    from public.fechamentos_lote as f
    left join public.fechamento_totais as t on t.fechamento_id = f.id and t.etapa = f.etapa
    where f.id = v_id
    group by f.id;
    if (v_f.produzidas, v_f.refugo, v_f.amostras, v_f.contador_final)
        <> (v_f.soma_produzidas, v_f.soma_refugo, v_f.soma_amostras, v_f.soma_contador) then
        perform interno.recusar(
            '409', 'CONGELADO_DIVERGE', format('O fechamento da OP %s não é a soma dos seus totais.', v_f.numero_op), 'Avise a TI: há um defeito.'
        );
    end if;
    return null;
end $function$;

CREATE OR REPLACE FUNCTION interno.congelar(p_op text, p_ressalvas jsonb, p_motivo text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
    v_lote public.lotes_producao;
    v_etapa text;
    v_totais constant jsonb := interno.totais_json(p_op);
    v_resumo jsonb;
    v_id bigint;
    v_perdas jsonb;
begin
    set constraints public.conferir_fechamento, public.conferir_totais deferred;
    select * into v_lote from public.lotes_producao where numero_op = p_op for no key update;
    v_etapa := interno.etapa_apontada(v_lote.produto_codigo);
    v_resumo := interno.resumo_totais(v_totais, v_etapa);
    insert into public.fechamentos_lote (
        numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas, contador_final, inicio, fim,
        assinaturas, ressalvas, usuario_id, motivo
    )
    select p_op, v_lote.numero_lote, v_lote.produto_codigo, v_etapa, (v_resumo ->> 'produzidas')::bigint,
        interno.soma_json(v_resumo -> 'refugos'), interno.soma_json(v_resumo -> 'perdas'), (v_resumo ->> 'boas')::bigint,
        (v_resumo ->> 'contador')::bigint,
        coalesce(min(lower(p.intervalo)) filter (where l.etapa = v_etapa), min(lower(p.intervalo))),
        coalesce(max(upper(p.intervalo)) filter (where l.etapa = v_etapa), max(upper(p.intervalo))),
        (
            select coalesce(array_agg(d.id order by d.id), '{}')
            from interno.turnos_op(p_op) as t
            cross join lateral interno.diario_atual(t.linha_id, t.janela) as d
            where d.id is not null
        ),
        p_ressalvas, case when p_ressalvas <> '[]' then interno.usuario_atual() end, p_motivo
    from public.periodos_ordem as p
    inner join public.linhas as l on l.linha_id = p.linha_id
    where p.numero_op = p_op
    returning id into v_id;
    insert into public.fechamento_totais (fechamento_id, etapa, linha_id, inicio, data, turno, tipo, codigo, quantidade, maquina)
    select v_id, t.etapa, t.linha_id, t.inicio, t.data, t.turno, t.tipo, t.codigo, t.quantidade, t.maquina
    from jsonb_to_recordset(v_totais) as t (
        etapa text, linha_id text, inicio timestamptz, data date, turno text, tipo text, codigo text, quantidade bigint, maquina bigint
    );
    -- Here, not at the end of the transaction: of a round of closings only the one that does not add up fails.
    set constraints public.conferir_fechamento, public.conferir_totais immediate;
    update public.lotes_producao set status = 'CONCLUIDO', atualizado_em = clock_timestamp() where numero_op = p_op;
    delete from public.fechamentos_pendentes where numero_op = p_op;
    insert into public.apuracoes_fechamento (numero_op, apurada_em) values (p_op, clock_timestamp());
    perform interno.criar_envio(p_op, 'PRODUCAO', null);
    v_perdas := interno.lista(v_resumo -> 'perdas', 'tipo', 1);
    if v_perdas <> '[]' then
        perform interno.criar_envio(p_op, 'PERDAS', interno.cabecalho_envio(p_op) || jsonb_build_object('perdas', v_perdas));
    end if;
    perform interno.criar_envio(p_op, 'STATUS', interno.cabecalho_envio(p_op) || jsonb_build_object('status', 'CONCLUIDO', 'em', clock_timestamp()));
    return v_id;
end $function$;

CREATE UNIQUE INDEX envios_totvs_um_fechamento ON public.envios_totvs USING btree (numero_op) WHERE ((tipo = 'PRODUCAO'::text) AND (situacao <> 'DESCARTADO'::text));
CREATE CONSTRAINT TRIGGER conferir_fechamento AFTER INSERT ON public.fechamentos_lote DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION interno.conferir_congelado('id');
CREATE CONSTRAINT TRIGGER conferir_totais AFTER INSERT ON public.fechamento_totais DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION interno.conferir_congelado('fechamento_id');
revoke all on function interno.conferir_congelado() from public, anon, authenticated, service_role;
comment on function interno.conferir_congelado() is 'Gatilho: o fechamento é a soma dos totais da sua etapa; PT409 CONGELADO_DIVERGE. Argumento: coluna com o fechamento.';
