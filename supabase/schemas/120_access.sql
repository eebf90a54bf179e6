-- Nothing is open by default.
--
-- Each table, view and function of `public` says beside its definition who may use it. It first takes back everything,
-- for the hosted Supabase gives each new object of `public` to the API's roles. `interno` belongs to our own functions.
--
-- A signed-in person reads everything but other people's roles, and writes nothing: that is what functions are for. Nor
-- does the service key: it calls the integration's functions, and may call a person's, which answers readably (PT403)
-- that the key is no person.

revoke all on all functions in schema interno from public, anon, authenticated, service_role;

-- The audit reads everything of ours, and of the project's other owners nothing: named one by one, for the project's
-- default privileges are not ours to change.
grant usage on schema public to sicfar_auditoria;
grant select on
    public.ajustes_fechamento, public.alteracoes_op, public.apontamentos_linha, public.aprovacoes_apontamento,
    public.apuracoes_fechamento, public.apuracoes_pendentes, public.arquivos_ingeridos, public.arquivos_linhas,
    public.auditorias, public.conciliacoes_refugo, public.conferencia_manual, public.confirmacoes_turno,
    public.conservacao_linhas, public.contagens_conferencia, public.contagens_em_duvida,
    public.contagens_intervalo, public.contagens_manuais, public.contagens_manuais_atuais,
    public.contagens_minuto, public.contagens_retidas, public.contagens_retiradas, public.decisoes_ordem,
    public.devolucoes_diario, public.diarios_bordo, public.disjuntores, public.duvidas_relogio,
    public.duvidas_relogio_lotes, public.enderecos_resumo, public.envios_parados, public.envios_totvs,
    public.epocas_gateway, public.equivalencias_mes, public.estado_totvs, public.etapas_familia,
    public.eventos_totvs, public.falhas_mensagens, public.familias_sem_lote, public.fatores_linha,
    public.fechamento_totais, public.fechamentos_lote, public.fechamentos_pendentes, public.fontes_linha,
    public.gateways, public.insumos, public.lacunas_anunciadas, public.lacunas_sequencia, public.linhas,
    public.lotes_insumo, public.lotes_producao, public.marcas_a_espera, public.marcas_linha,
    public.mensagens_descartadas, public.mes_linha_turno, public.mes_paradas_detectadas, public.mes_perdas,
    public.mes_producao_hora, public.mes_turno, public.mes_turno_lote, public.ordens_de_lado,
    public.ordens_producao_ativas, public.ordens_sem_destino, public.papeis_usuario, public.papeis_vigentes,
    public.paradas_vigentes, public.parametros, public.pedidos_papel, public.pedidos_respondidos,
    public.pendencias, public.pendencias_ordens, public.perdas_qualidade, public.perdas_vigentes,
    public.periodos_ordem, public.pessoas, public.pessoas_vigentes, public.plantao, public.produtos,
    public.quarentena, public.quarentena_assuntos, public.quarentena_somas, public.recebimentos_totvs,
    public.reconhecimentos_op, public.registros_selados, public.regras_totvs, public.restauracoes,
    public.resumos_diarios, public.revisoes, public.selos, public.sequencias_anuladas,
    public.sincronizacoes_totvs, public.tentativas_integracao, public.tipos_insumo,
    public.tratamentos_mensagens, public.trilha_auditoria, public.turnos, public.turnos_vigentes,
    public.velocidades_nominais, public.velocidades_vigentes
to sicfar_auditoria;
