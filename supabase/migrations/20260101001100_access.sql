-- Who may read and call what. On Supabase, default privileges give new objects to the API roles: take them back first.

do $$
declare
    v_objeto record;
begin
    for v_objeto in
        select c.oid::regclass as nome, c.relkind
        from pg_catalog.pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
          and c.relname in (
            'linhas', 'fatores_linha', 'fontes_linha', 'gateways', 'produtos', 'lotes_producao', 'papeis_usuario',
            'trilha_auditoria', 'arquivos_ingeridos', 'arquivos_linhas', 'quarentena', 'epocas_gateway',
            'sequencias_anuladas', 'marcas_linha', 'marcas_a_espera', 'periodos_ordem', 'ordens_producao_ativas', 'contagens_minuto',
            'contagens_conferencia', 'contagens_intervalo', 'contagens_retidas', 'pendencias', 'conservacao_linhas',
            'velocidades_nominais', 'tipos_insumo', 'familias_sem_lote', 'insumos', 'lotes_insumo',
            'recebimentos_totvs', 'eventos_totvs', 'estado_totvs', 'alteracoes_op', 'reconhecimentos_op',
            'tentativas_integracao', 'sincronizacoes_totvs',
            'parametros', 'pessoas', 'turnos', 'etapas_familia',
            'perdas_qualidade', 'contagens_manuais', 'contagens_manuais_atuais', 'perdas_vigentes',
            'conciliacoes_refugo', 'diarios_bordo', 'disjuntores', 'envios_totvs',
            'falhas_mensagens', 'mensagens_descartadas', 'fechamentos_lote', 'fechamento_totais',
            'fechamentos_pendentes', 'ajustes_fechamento', 'apuracoes_fechamento', 'apuracoes_pendentes', 'lacunas_sequencia',
            'lacunas_anunciadas', 'restauracoes'
          )
    loop
        execute format('revoke all on %s from public, anon, authenticated, service_role', v_objeto.nome);
        execute format('grant select on %s to authenticated, service_role', v_objeto.nome);
        if v_objeto.relkind = 'r' then
            execute format('alter table %s enable row level security', v_objeto.nome);
        end if;
    end loop;
    for v_objeto in
        select p.oid::regprocedure as nome
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'interno'::regnamespace
           or (p.pronamespace = 'public'::regnamespace and p.proname in (
                'normalizar_op', 'papeis_da_funcao', 'registrar_contagens', 'abrir_ordem', 'encerrar_ordem',
                'justificar_sem_ordem', 'resolver_quarentena', 'decidir_retido', 'anular_sequencia', 'encerrar_epoca',
                'receber_eventos_totvs', 'registrar_tentativas', 'iniciar_sincronizacao_totvs',
                'concluir_sincronizacao_totvs', 'resolver_evento_totvs', 'reconhecer_alteracao_op', 'verificar_abertura',
                'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual', 'conciliar_refugo',
                'assinar_diario', 'verificar_diario', 'verificar_assinatura', 'fechar_lotes',
                'fechar_com_ressalva', 'decidir_ajustes', 'decidir_envio', 'reivindicar_envio',
                'concluir_envio', 'campainhas_totvs', 'disjuntor_aberto', 'registrar_falha',
                'motivos_falhas', 'registrar_descarte', 'saude_integracao', 'lacunas_gateways', 'anunciar_lacuna',
                'rastrear', 'arquivos_da_linha', 'reprocessar_quarentena', 'quarentenas_a_reprocessar', 'producao_janela',
                'producao_hora', 'producao_turno', 'producao_op', 'paradas_linha',
                'declarar_restauracao'
           ))
    loop
        execute format('revoke all on function %s from public, anon, authenticated, service_role', v_objeto.nome);
    end loop;
end $$;

-- Whoever signed in reads everything but other people's roles, and writes nothing: that is what functions are for.
create policy leitura on public.linhas for select to authenticated using (true);
create policy leitura on public.fatores_linha for select to authenticated using (true);
create policy leitura on public.fontes_linha for select to authenticated using (true);
create policy leitura on public.gateways for select to authenticated using (true);
create policy leitura on public.produtos for select to authenticated using (true);
create policy leitura on public.lotes_producao for select to authenticated using (true);
create policy leitura on public.trilha_auditoria for select to authenticated using (true);
create policy leitura on public.arquivos_ingeridos for select to authenticated using (true);
create policy leitura on public.quarentena for select to authenticated using (true);
create policy leitura on public.epocas_gateway for select to authenticated using (true);
create policy leitura on public.sequencias_anuladas for select to authenticated using (true);
create policy leitura on public.marcas_linha for select to authenticated using (true);
create policy leitura on public.marcas_a_espera for select to authenticated using (true);
create policy leitura on public.periodos_ordem for select to authenticated using (true);
create policy leitura on public.ordens_producao_ativas for select to authenticated using (true);
create policy leitura on public.contagens_minuto for select to authenticated using (true);
create policy leitura on public.contagens_conferencia for select to authenticated using (true);
create policy leitura on public.contagens_intervalo for select to authenticated using (true);
create policy leitura on public.velocidades_nominais for select to authenticated using (true);
create policy leitura on public.tipos_insumo for select to authenticated using (true);
create policy leitura on public.familias_sem_lote for select to authenticated using (true);
create policy leitura on public.insumos for select to authenticated using (true);
create policy leitura on public.lotes_insumo for select to authenticated using (true);
create policy leitura on public.recebimentos_totvs for select to authenticated using (true);
create policy leitura on public.eventos_totvs for select to authenticated using (true);
create policy leitura on public.estado_totvs for select to authenticated using (true);
create policy leitura on public.alteracoes_op for select to authenticated using (true);
create policy leitura on public.reconhecimentos_op for select to authenticated using (true);
create policy leitura on public.tentativas_integracao for select to authenticated using (true);
create policy leitura on public.sincronizacoes_totvs for select to authenticated using (true);
create policy leitura on public.parametros for select to authenticated using (true);
create policy leitura on public.pessoas for select to authenticated using (true);
create policy leitura on public.turnos for select to authenticated using (true);
create policy leitura on public.etapas_familia for select to authenticated using (true);
create policy leitura on public.perdas_qualidade for select to authenticated using (true);
create policy leitura on public.contagens_manuais for select to authenticated using (true);
create policy leitura on public.conciliacoes_refugo for select to authenticated using (true);
create policy leitura on public.diarios_bordo for select to authenticated using (true);
create policy leitura on public.disjuntores for select to authenticated using (true);
create policy leitura on public.envios_totvs for select to authenticated using (true);
create policy leitura on public.falhas_mensagens for select to authenticated using (true);
create policy leitura on public.mensagens_descartadas for select to authenticated using (true);
create policy leitura on public.fechamentos_lote for select to authenticated using (true);
create policy leitura on public.fechamento_totais for select to authenticated using (true);
create policy leitura on public.fechamentos_pendentes for select to authenticated using (true);
create policy leitura on public.ajustes_fechamento for select to authenticated using (true);
create policy leitura on public.lacunas_anunciadas for select to authenticated using (true);
create policy leitura on public.apuracoes_fechamento for select to authenticated using (true);
create policy leitura on public.restauracoes for select to authenticated using (true);
create policy leitura on public.apuracoes_pendentes for select to authenticated using (true);
create policy leitura_propria on public.papeis_usuario for select to authenticated
using (usuario_id::text = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub');

-- The service key keeps master data; counts, periods, the ledger and the trail change through functions only.
grant usage on schema public to authenticated, service_role;
grant insert, update, delete on
public.linhas, public.fatores_linha, public.fontes_linha, public.gateways, public.produtos, public.lotes_producao,
public.papeis_usuario, public.velocidades_nominais, public.tipos_insumo, public.familias_sem_lote, public.insumos,
public.lotes_insumo, public.parametros, public.pessoas, public.turnos, public.etapas_familia
to service_role;

grant execute on function public.normalizar_op(text), public.papeis_da_funcao(text) to authenticated, service_role;
grant execute on function
public.registrar_contagens(jsonb), public.receber_eventos_totvs(jsonb), public.registrar_tentativas(jsonb),
public.iniciar_sincronizacao_totvs(text), public.concluir_sincronizacao_totvs(text, timestamptz, text, integer, jsonb),
public.fechar_lotes(text, integer),
public.reivindicar_envio(bigint, text, integer, boolean), public.concluir_envio(jsonb, jsonb),
public.campainhas_totvs(integer, integer), public.disjuntor_aberto(text),
public.registrar_falha(text, text, text, text, text), public.motivos_falhas(jsonb),
public.registrar_descarte(text, text, text, text, text), public.saude_integracao(), public.lacunas_gateways(integer),
public.anunciar_lacuna(text),
public.quarentenas_a_reprocessar(integer),
public.declarar_restauracao(timestamptz, text, text)
to service_role;
grant execute on function
public.verificar_abertura(text, text), public.verificar_diario(text, date, text), public.verificar_assinatura(bigint),
public.rastrear(text), public.arquivos_da_linha(text, timestamptz, timestamptz),
public.producao_janela(text, tstzrange, boolean), public.producao_hora(timestamptz, timestamptz, text),
public.producao_turno(date, date, text), public.producao_op(text),
public.paradas_linha(text, timestamptz, timestamptz, integer)
to authenticated, service_role;
-- The service key may call a person's function and is told inside, readably (PT403), that it is no person.
grant execute on function
public.abrir_ordem(text, text, timestamptz, text), public.encerrar_ordem(text, text, timestamptz, text),
public.justificar_sem_ordem(text, timestamptz, timestamptz, text), public.resolver_quarentena(bigint, text),
public.decidir_retido(bigint, text, text, text), public.anular_sequencia(text, text, bigint, text),
public.encerrar_epoca(text, text, bigint, text), public.resolver_evento_totvs(bigint, text),
public.reconhecer_alteracao_op(text, text),
public.registrar_refugo(text, text, integer, text, text, timestamptz, text), public.estornar_refugo(bigint, text),
public.registrar_contagem_manual(text, text, date, text, integer, integer, text),
public.conciliar_refugo(text, text, date, text, text, text), public.assinar_diario(text, date, text, text, text),
public.fechar_com_ressalva(text, text), public.decidir_ajustes(text, text, text),
public.decidir_envio(bigint, text, text),
public.reprocessar_quarentena(bigint, text)
to authenticated, service_role;

-- Screens follow lots live; counts change every few seconds and are read by polling.
do $$
begin
    if not exists (
        select from pg_catalog.pg_publication_tables
        where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'lotes_producao'
    ) then
        alter publication supabase_realtime add table public.lotes_producao;
    end if;
end $$;
