-- revisoes: from the definitions in supabase/schemas, by `make migration`.

create table public.revisoes (
    id bigint generated always as identity primary key,
    tema text not null check (tema in ('ACESSO', 'TRILHA')),
    de timestamptz not null,
    ate timestamptz not null check (ate > de),
    conteudo jsonb not null,
    usuario_id uuid not null,
    nome text not null,
    papel text not null,
    significado text not null,
    observacao text not null,
    autenticado_em timestamptz not null,
    assinado_em timestamptz not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);

CREATE OR REPLACE FUNCTION public.papeis_da_funcao(p_funcao text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select case
        when p_funcao in (
            'abrir_ordem', 'encerrar_ordem', 'registrar_refugo', 'estornar_refugo', 'registrar_contagem_manual',
            'mover_contagem_manual', 'registrar_conferencia', 'confirmar_turno'
        )
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        -- A shared panel may ask what an act would do, before it asks who does it; IT may look.
        when p_funcao in ('efeito_abertura', 'efeito_encerramento', 'ordens_propostas', 'ordens_da_linha')
            then array['OPERADOR', 'ENCARREGADO', 'SUPERVISOR', 'GESTOR', 'ADMIN', 'POSTO']
        when p_funcao in (
            'justificar_sem_ordem', 'resolver_quarentena', 'reprocessar_quarentena', 'decidir_retido',
            'resolver_evento_totvs', 'reconhecer_alteracao_op', 'assinar_diario', 'devolver_diario', 'conciliar_refugo', 'decidir_relogio'
        )
            then array['ENCARREGADO', 'SUPERVISOR', 'GESTOR']
        when p_funcao in ('fechar_com_ressalva', 'por_ordem_de_lado', 'retomar_ordem')
            then array['SUPERVISOR', 'GESTOR']
        when p_funcao = 'definir_plantao'
            then array['SUPERVISOR', 'GESTOR', 'ADMIN']
        when p_funcao in (
            'anular_sequencia', 'encerrar_epoca', 'decidir_ajustes', 'decidir_envio', 'pedir_papel', 'retirar_pedido_papel'
        )
            then array['GESTOR']
        when p_funcao in (
            'definir_linha', 'definir_gateway', 'definir_fonte', 'definir_fator', 'definir_etapa', 'definir_turno',
            'definir_tipo_insumo', 'definir_familia_sem_lote', 'definir_recurso', 'definir_operacao',
            'definir_equivalencias_mes', 'definir_minutos_parada', 'integracao'
        )
            then array['GESTOR', 'ADMIN']
        when p_funcao in (
            'definir_parametro', 'conceder_papel', 'tirar_papel', 'definir_pessoa', 'definir_operador',
            'definir_endereco_resumo', 'aprovar_apontamento_ti'
        )
            then array['ADMIN']
        when p_funcao in ('aprovar_apontamento_qualidade', 'registrar_revisao')
            then array['QUALIDADE']
        when p_funcao = 'suspender_apontamento'
            then array['ADMIN', 'QUALIDADE']
        else '{}'::text[]
    end
$function$;

CREATE OR REPLACE FUNCTION interno.acessos_a_rever(p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
AS $function$
    select jsonb_build_object(
        'pessoas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'usuario_id', r.usuario_id, 'nome', p.nome, 'papeis', r.papeis,
                'ultimo_ato', (select max(t.em) from public.trilha_auditoria as t where t.usuario_id = r.usuario_id and t.em < p_ate)
            ) order by p.nome, r.usuario_id), '[]')
            from (
                select v.usuario_id, jsonb_agg(concat_ws(' ', v.papel, v.setor) order by v.papel, v.setor) as papeis
                from public.papeis_vigentes as v group by v.usuario_id
            ) as r
            left join public.pessoas_vigentes as p on p.usuario_id = r.usuario_id
        ),
        'mudancas', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'id', t.id, 'em', t.em, 'por', t.usuario_id, 'papel', t.papel, 'acao', t.acao, 'antes', t.antes,
                'depois', t.depois, 'motivo', t.motivo
            ) order by t.id), '[]')
            from public.trilha_auditoria as t
            where t.em >= p_de and t.em < p_ate and split_part(t.objeto, ':', 1) in ('papeis_usuario', 'pessoas')
        )
    )
$function$;

CREATE OR REPLACE FUNCTION interno.trilha_a_rever(p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
    with t as (
        select x.id, x.usuario_id, x.papel, x.acao, split_part(x.objeto, ':', 1) as tabela, x.motivo
        from public.trilha_auditoria as x
        where x.em >= p_de and x.em < p_ate
    )
    select jsonb_build_object(
        'linhas', (select count(*) from t), 'primeira', (select min(t.id) from t), 'ultima', (select max(t.id) from t),
        'sem_pessoa_nem_motivo', (
            select coalesce(jsonb_agg(distinct concat_ws(' ', t.papel, t.acao, t.tabela)), '[]')
            from t where t.usuario_id is null and t.motivo is null and t.papel <> 'SISTEMA'
        ),
        'atos', (
            select coalesce(jsonb_agg(to_jsonb(g) order by g.acao, g.tabela, g.nome, g.papel), '[]')
            from (
                select t.acao, t.tabela, p.nome, t.papel, count(*) as quantos, count(t.motivo) as com_motivo
                from t left join public.pessoas_vigentes as p on p.usuario_id = t.usuario_id
                group by t.acao, t.tabela, p.nome, t.papel
            ) as g
        )
    )
$function$;

CREATE OR REPLACE FUNCTION interno.conteudo_revisao(p_tema text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
    perform public.conferir_janela(p_de, p_ate, interval '366 days');
    if p_de >= p_ate or p_ate > clock_timestamp() then
        perform interno.recusar(
            '422', 'INTERVALO_INVALIDO', 'O período a rever termina depois de começar, e já passou.', 'Corrija os instantes.'
        );
    end if;
    return case
        when p_tema = 'ACESSO' then interno.acessos_a_rever(p_de, p_ate)
        else interno.trilha_a_rever(p_de, p_ate)
    end;
end $function$;

CREATE OR REPLACE FUNCTION public.conferir_revisao(p_tema text, p_de timestamp with time zone, p_ate timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('registrar_revisao', null);
    v_conteudo constant jsonb := interno.conteudo_revisao(p_tema, p_de, p_ate);
begin
    perform interno.exigir_opcao('tema', p_tema, 'ACESSO', 'TRILHA');
    return jsonb_build_object(
        'tema', p_tema, 'de', p_de, 'ate', p_ate, 'conteudo', v_conteudo, 'conteudo_sha256', interno.sha_conteudo(v_conteudo)
    );
end $function$;

CREATE OR REPLACE FUNCTION public.registrar_revisao(p_tema text, p_de timestamp with time zone, p_ate timestamp with time zone, p_visto text, p_significado text, p_motivo text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    v_papel constant text := interno.exigir_papel('registrar_revisao', null);
    v_login constant timestamptz := interno.exigir_login_recente();
    v_nome constant text := interno.exigir_nome_proprio();
    v_observacao constant text := interno.exigir_motivo(p_motivo);
    v_conteudo constant jsonb := interno.conteudo_revisao(p_tema, p_de, p_ate);
    v_nova public.revisoes;
begin
    perform interno.exigir_opcao('tema', p_tema, 'ACESSO', 'TRILHA');
    if coalesce(length(btrim(p_significado)), 0) < 5 then
        perform interno.recusar('422', 'SIGNIFICADO_OBRIGATORIO', 'A assinatura precisa dizer o que significa.', 'Informe o significado da assinatura.');
    end if;
    if p_visto is distinct from interno.sha_conteudo(v_conteudo) then
        perform interno.recusar(
            '409', 'REVISAO_MUDOU', 'O que há a rever não é mais o que você viu.', 'Confira de novo e assine.'
        );
    end if;
    v_nova.tema := p_tema;
    v_nova.de := p_de;
    v_nova.ate := p_ate;
    v_nova.conteudo := v_conteudo;
    v_nova.usuario_id := interno.usuario_atual();
    v_nova.nome := v_nome;
    v_nova.papel := v_papel;
    v_nova.significado := interno.exigir_texto('significado', p_significado, 500);
    v_nova.observacao := v_observacao;
    v_nova.autenticado_em := v_login;
    v_nova.assinado_em := clock_timestamp();
    v_nova.sha256 := interno.sha_revisao(v_nova);
    insert into public.revisoes (
        tema, de, ate, conteudo, usuario_id, nome, papel, significado, observacao, autenticado_em, assinado_em, sha256
    )
    values (
        v_nova.tema, v_nova.de, v_nova.ate, v_nova.conteudo, v_nova.usuario_id, v_nova.nome, v_nova.papel,
        v_nova.significado, v_nova.observacao, v_nova.autenticado_em, v_nova.assinado_em, v_nova.sha256
    )
    returning * into v_nova;
    perform interno.anotar_trilha(
        v_papel, 'registrar_revisao', format('revisoes:%s', v_nova.id), null,
        jsonb_build_object('id', v_nova.id, 'tema', p_tema, 'de', p_de, 'ate', p_ate, 'sha256', v_nova.sha256), v_observacao
    );
    return jsonb_build_object(
        'id', v_nova.id, 'nome', v_nova.nome, 'papel', v_papel, 'assinado_em', v_nova.assinado_em, 'sha256', v_nova.sha256
    );
end $function$;

CREATE OR REPLACE FUNCTION interno.sha_revisao(p_revisao public.revisoes)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
 SET "TimeZone" TO 'UTC'
 SET "DateStyle" TO 'ISO'
AS $function$
    select interno.sha_conteudo(to_jsonb(p_revisao) - 'sha256' - 'id')
$function$;

CREATE OR REPLACE FUNCTION public.verificar_revisao(p_id bigint)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select coalesce((select interno.sha_revisao(r) = r.sha256 from public.revisoes as r where r.id = p_id), false)
$function$;

CREATE OR REPLACE FUNCTION interno.atos_de_ordem()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
    select $json$[
        {"funcao": "abrir_ordem", "titulo": "Abrir a OP", "em_lote": false,
         "explicacao": "A OP conta na linha desde a hora dita: o que a linha fez sem OP passa a ser dela.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_aberta_em", "rotulo": "Aberta em (vazio: agora)", "tipo": "instante", "opcional": true, "sugestao": "p_de"},
             {"nome": "p_motivo", "opcional": true}, "p_visto"]},
        {"funcao": "encerrar_ordem", "titulo": "Encerrar a OP na linha", "em_lote": false,
         "explicacao": "O que a linha fizer depois da hora dita não é mais desta OP.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_encerrada_em", "rotulo": "Encerrada em (vazio: agora)", "tipo": "instante", "opcional": true},
             {"nome": "p_motivo", "opcional": true}, "p_visto"]},
        {"funcao": "por_ordem_de_lado", "titulo": "Pôr a OP de lado", "em_lote": false, "confere": ["producao", "rejeicao"],
         "explicacao": "A OP não fecha: as contagens ficam, o TOTVS não recebe produção dela, e o já aceito é estornado.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "retomar_ordem", "titulo": "Retomar a OP", "em_lote": false,
         "explicacao": "A OP volta a esperar o fechamento e pode ser aberta de novo.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "reconhecer_alteracao_op", "titulo": "Vi a mudança", "em_lote": true, "confere": ["alteracoes"],
         "explicacao": "Fica registrado que alguém viu o que o TOTVS mudou; as contagens ficam onde estão.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "fechar_com_ressalva", "titulo": "Fechar o lote com ressalva", "em_lote": false,
         "explicacao": "O lote fecha com o que foi contado até agora. O que faltava fica escrito no fechamento; o que chegar depois é ajuste.",
         "argumentos": ["p_numero_op", "p_motivo"]},
        {"funcao": "decidir_ajustes", "titulo": "Decidir os ajustes", "todos_setores": true, "em_lote": false, "confere": ["ajustes"],
         "explicacao": "O lote já fechado mudou; diga se a diferença vale.",
         "argumentos": ["p_numero_op", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "APROVAR", "rotulo": "Aprovar", "efeito": "A diferença vai ao TOTVS, se o lote foi informado a ele."},
             {"valor": "RECUSAR", "rotulo": "Recusar", "efeito": "O fechamento fica como está e o TOTVS não é avisado."}
         ]}, "p_motivo",
             {"nome": "p_ajustes", "rotulo": "Ajustes vistos", "tipo": "ids", "opcional": true, "pedir": false}]},
        {"funcao": "decidir_envio", "titulo": "Decidir o apontamento", "todos_setores": true, "em_lote": false, "confere": ["situacao"],
         "explicacao": "Confira no TOTVS se o apontamento está lá antes de decidir.",
         "argumentos": ["p_id", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "ENTROU", "rotulo": "Está no TOTVS", "efeito": "Fica como informado e não vai de novo."},
             {"valor": "REENVIAR", "rotulo": "Não está no TOTVS: enviar de novo", "efeito": "Vai de novo. Se já estiver lá, fica em dobro."},
             {"valor": "DESCARTAR", "rotulo": "Não enviar", "efeito": "Não vai mais; o TOTVS fica sem ele."}
         ]},
             {"nome": "p_chave_erp", "rotulo": "Número no TOTVS, se está lá", "tipo": "texto", "maximo": 100, "opcional": true}, "p_motivo"]},
        {"funcao": "resolver_evento_totvs", "titulo": "Pôr a mensagem de lado", "todos_setores": true, "em_lote": true,
         "explicacao": "A mensagem do TOTVS não é mais aplicada; se ele a mandar de novo, é outra.",
         "argumentos": ["p_id", "p_motivo"]},
        {"funcao": "aprovar_apontamento_ti", "titulo": "Aprovar, pela TI", "em_lote": false,
         "explicacao": "As OPs abertas na linha desde a hora dita passam a ser informadas ao TOTVS quando as duas áreas aprovarem.",
         "argumentos": ["p_linha_id", {"nome": "p_desde", "rotulo": "Desde (vazio: desde a segunda aprovação)", "tipo": "instante",
             "de_detalhes": "p_desde", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "aprovar_apontamento_qualidade", "titulo": "Aprovar, pela Qualidade", "em_lote": false,
         "explicacao": "As OPs abertas na linha desde a hora dita passam a ser informadas ao TOTVS quando as duas áreas aprovarem.",
         "argumentos": ["p_linha_id", {"nome": "p_desde", "rotulo": "Desde (vazio: desde a segunda aprovação)", "tipo": "instante",
             "de_detalhes": "p_desde", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "suspender_apontamento", "titulo": "Não informar a linha ao TOTVS", "em_lote": false,
         "explicacao": "A linha volta à conferência, ou a aprovação que espera a outra é retirada.",
         "argumentos": ["p_linha_id", {"nome": "p_ate", "rotulo": "A partir de (vazio: agora)"}, "p_motivo"]},
        {"funcao": "registrar_revisao", "titulo": "Assinar uma revisão de acessos ou da trilha", "todos_setores": true, "em_lote": false,
         "explicacao": "Fica registrado quem reviu que período, o que viu e o que achou.",
         "argumentos": [{"nome": "p_tema", "rotulo": "Tema", "tipo": "escolha", "escolhas": [
                 {"valor": "ACESSO", "rotulo": "Acessos"}, {"valor": "TRILHA", "rotulo": "Trilha de auditoria"}]},
             {"nome": "p_de", "rotulo": "Desde"}, {"nome": "p_ate", "rotulo": "Até", "obrigatorio": true},
             {"nome": "p_visto", "rotulo": "Código do que se viu", "opcional": false, "pedir": true},
             {"nome": "p_significado", "rotulo": "O que a assinatura significa", "tipo": "texto", "minimo": 5, "maximo": 500},
             {"nome": "p_motivo", "rotulo": "O que se achou"}]}
    ]$json$::jsonb
$function$;

alter table public.revisoes enable row level security;
CREATE TRIGGER somente_acrescimo BEFORE DELETE OR UPDATE OR TRUNCATE ON public.revisoes FOR EACH STATEMENT EXECUTE FUNCTION interno.impedir_alteracao();
create policy leitura on public.revisoes as permissive for select to authenticated using ((EXISTS ( SELECT
   FROM public.papeis_usuario p
  WHERE ((p.papel = ANY (ARRAY['ADMIN'::text, 'QUALIDADE'::text])) AND ((p.usuario_id)::text = ((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text))::jsonb ->> 'sub'::text))))));

revoke all on function interno.acessos_a_rever(timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.conteudo_revisao(text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function interno.sha_revisao(public.revisoes) from public, anon, authenticated, service_role;
revoke all on function interno.trilha_a_rever(timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
revoke all on function public.conferir_revisao(text,timestamp with time zone,timestamp with time zone) from public, anon, authenticated, service_role;
grant execute on function public.conferir_revisao(text,timestamp with time zone,timestamp with time zone) to authenticated;
grant execute on function public.conferir_revisao(text,timestamp with time zone,timestamp with time zone) to service_role;
revoke all on function public.registrar_revisao(text,timestamp with time zone,timestamp with time zone,text,text,text) from public, anon, authenticated, service_role;
grant execute on function public.registrar_revisao(text,timestamp with time zone,timestamp with time zone,text,text,text) to authenticated;
grant execute on function public.registrar_revisao(text,timestamp with time zone,timestamp with time zone,text,text,text) to service_role;
revoke all on function public.verificar_revisao(bigint) from public, anon, authenticated, service_role;
grant execute on function public.verificar_revisao(bigint) to authenticated;
grant execute on function public.verificar_revisao(bigint) to service_role;
revoke all on sequence public.revisoes_id_seq from public, anon, authenticated, service_role;
revoke all on table public.revisoes from public, anon, authenticated, service_role;
grant select on table public.revisoes to authenticated;
grant select on table public.revisoes to service_role;
comment on table public.revisoes is 'Revisões assinadas dos acessos e da trilha de auditoria, somente acréscimo. Fonte: registrar_revisao.';
comment on column public.revisoes.tema is 'ACESSO (quem pode o quê, e o que mudou nisso) ou TRILHA (o que se fez). Fonte: pessoa.';
comment on column public.revisoes.de is 'Começo do período revisto, inclusive (UTC). Fonte: pessoa.';
comment on column public.revisoes.ate is 'Fim do período revisto, exclusive (UTC). Fonte: pessoa.';
comment on column public.revisoes.conteudo is 'O que se reviu, como conferir_revisao o mostrou. Fonte: banco.';
comment on column public.revisoes.usuario_id is 'Quem assinou. Fonte: Supabase Auth.';
comment on column public.revisoes.nome is 'Nome de quem assinou. Fonte: pessoas.';
comment on column public.revisoes.papel is 'Papel com que assinou. Fonte: papeis_usuario.';
comment on column public.revisoes.significado is 'O que a assinatura quer dizer. Fonte: pessoa.';
comment on column public.revisoes.observacao is 'O que se achou, e o que se fez disso. Fonte: pessoa.';
comment on column public.revisoes.autenticado_em is 'Instante do login de quem assinou (UTC). Fonte: token.';
comment on column public.revisoes.sha256 is 'SHA-256, hexadecimal, de tudo da linha menos o id. Fonte: banco.';
comment on function interno.acessos_a_rever(timestamp with time zone,timestamp with time zone) is 'Quem tem que papéis hoje, com o último ato de cada um, e cada mudança de papel ou pessoa no período.';
comment on function interno.trilha_a_rever(timestamp with time zone,timestamp with time zone) is 'O que a trilha do período diz, contado por ato, tabela, pessoa e papel; e o que foi feito direto no banco, sem pessoa nem motivo.';
comment on function interno.conteudo_revisao(text,timestamp with time zone,timestamp with time zone) is 'O que há a rever de um tema num período que já passou, de até 366 dias.';
comment on function public.conferir_revisao(text,timestamp with time zone,timestamp with time zone) is 'O que se vai rever: ACESSO (papéis de hoje e o que mudou no período) ou TRILHA (atos do período), e o SHA-256 dele (p_visto de registrar_revisao).';
comment on function public.registrar_revisao(text,timestamp with time zone,timestamp with time zone,text,text,text) is 'Assina, com login recente, a revisão de um período que já passou: tema, significado, o que se achou (p_motivo) e o que se viu (p_visto). PT409 REVISAO_MUDOU.';
comment on function interno.sha_revisao(public.revisoes) is 'SHA-256 de uma revisão: JSON canônico do PostgreSQL (jsonb), instantes em UTC.';
comment on function public.verificar_revisao(bigint) is 'Verdadeiro se a revisão assinada está como se assinou.';
