-- Nothing is open by default.
--
-- Each table, view and function of `public` says beside its definition who may use it. It first takes back everything,
-- for the hosted Supabase gives each new object of `public` to the API's roles. `interno` belongs to our own functions.
--
-- A signed-in person reads everything but other people's roles, and writes nothing: that is what functions are for. Nor
-- does the service key: it calls the integration's functions, and may call a person's, which answers readably (PT403)
-- that the key is no person.

revoke all on all functions in schema interno from public, anon, authenticated, service_role;

-- The audit's own login reads what it seals and audits each night, and nothing else.
grant usage on schema public to sicfar_auditoria;
grant select on
    public.ajustes_fechamento, public.alteracoes_op, public.apontamentos_linha, public.aprovacoes_apontamento,
    public.apuracoes_pendentes, public.conciliacoes_refugo, public.conferencia_manual, public.confirmacoes_turno,
    public.contagens_intervalo, public.contagens_manuais, public.contagens_minuto, public.decisoes_ordem,
    public.devolucoes_diario, public.diarios_bordo, public.enderecos_resumo, public.equivalencias_mes,
    public.etapas_familia, public.familias_sem_lote, public.fatores_linha, public.fechamento_totais,
    public.fechamentos_lote, public.fontes_linha, public.gateways, public.linhas, public.lotes_producao,
    public.mensagens_descartadas, public.papeis_usuario, public.parametros, public.perdas_qualidade,
    public.pedidos_papel, public.perdas_vigentes, public.periodos_ordem, public.pessoas, public.plantao,
    public.produtos,
    public.recebimentos_totvs, public.reconhecimentos_op, public.registros_selados, public.restauracoes,
    public.revisoes, public.selos,
    public.sequencias_anuladas, public.tentativas_integracao, public.tipos_insumo, public.tratamentos_mensagens,
    public.trilha_auditoria, public.turnos
to sicfar_auditoria;
