-- The rest of the functions people call as data: what a shift types in, and the plant's master data.

create function interno.atos_de_turno()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select $json$[
        {"funcao": "registrar_refugo", "titulo": "Registrar refugo ou amostra", "em_lote": false,
         "explicacao": "Unidades tiradas da OP na linha.",
         "argumentos": ["p_numero_op", "p_linha_id",
             {"nome": "p_quantidade", "rotulo": "Unidades", "tipo": "inteiro"},
             {"nome": "p_tipo", "rotulo": "Tipo", "tipo": "escolha", "opcional": true, "escolhas": [
                 {"valor": "REFUGO", "rotulo": "Refugo"}, {"valor": "RETEM", "rotulo": "Retém"},
                 {"valor": "AMOSTRA_SEMIACABADO", "rotulo": "Amostra de semiacabado"}, {"valor": "AMOSTRA_ACABADO", "rotulo": "Amostra de acabado"}
             ]},
             {"nome": "p_codigo", "rotulo": "Código do motivo do refugo", "tipo": "texto", "maximo": 30, "opcional": true},
             {"nome": "p_em", "rotulo": "Quando (vazio: agora)", "tipo": "instante", "opcional": true},
             {"nome": "p_observacao", "rotulo": "Observação", "tipo": "longo", "maximo": 2000, "opcional": true}, "p_chave"]},
        {"funcao": "estornar_refugo", "titulo": "Anular um registro de refugo", "em_lote": false, "tela": "turno",
         "explicacao": "O registro deixa de valer por inteiro; o original permanece.",
         "argumentos": ["p_id", "p_motivo", "p_chave"]},
        {"funcao": "registrar_contagem_manual", "titulo": "Registrar a contagem à mão", "em_lote": false,
         "explicacao": "O que se contou à mão da OP no turno, numa linha sem contador.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_producao", "rotulo": "Produzidas", "tipo": "inteiro"},
             {"nome": "p_rejeicao", "rotulo": "Rejeitadas", "tipo": "inteiro", "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se corrige"}, "p_chave"]},
        {"funcao": "mover_contagem_manual", "titulo": "Passar a contagem à mão a outra OP", "em_lote": false,
         "explicacao": "A contagem do turno passa inteira de uma OP para a outra.",
         "argumentos": [{"nome": "p_de_numero_op", "rotulo": "Da OP", "tipo": "op", "maximo": 14}, {"nome": "p_numero_op", "rotulo": "Para a OP"},
             "p_linha_id", "p_data", "p_turno", "p_motivo", "p_chave"]},
        {"funcao": "registrar_conferencia", "titulo": "Registrar a contagem da fábrica, para comparar", "em_lote": false,
         "explicacao": "Só se compara com a nossa; não entra em total nenhum.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_produzidas", "rotulo": "Produzidas", "tipo": "inteiro"},
             {"nome": "p_refugadas", "rotulo": "Refugadas", "tipo": "inteiro", "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se corrige"}, "p_chave"]},
        {"funcao": "conciliar_refugo", "titulo": "Dizer qual refugo vale", "em_lote": false,
         "explicacao": "Vale no turno, enquanto nenhum dos dois mudar.",
         "argumentos": ["p_numero_op", "p_linha_id", "p_data", "p_turno",
             {"nome": "p_vale", "rotulo": "Vale", "tipo": "escolha", "escolhas": [
                 {"valor": "MAQUINA", "rotulo": "O da máquina", "efeito": "O refugo do turno é o que a máquina rejeitou."},
                 {"valor": "DIGITADO", "rotulo": "O digitado", "efeito": "O refugo do turno é o que se digitou."}
             ]}, "p_motivo", "p_chave"]},
        {"funcao": "confirmar_turno", "titulo": "Confirmar o turno da linha", "em_lote": false, "tela": "turno",
         "explicacao": "Confirma-se na tela do Diário, com a equipe.",
         "argumentos": ["p_linha_id", "p_data", "p_turno", {"nome": "p_equipe", "rotulo": "Equipe", "tipo": "nomes"},
             {"nome": "p_observacao", "rotulo": "Observação", "tipo": "longo", "maximo": 2000, "opcional": true}, "p_chave"]},
        {"funcao": "devolver_diario", "titulo": "Devolver o Diário ao operador", "em_lote": false, "tela": "turno",
         "explicacao": "Devolve-se na tela do Diário, com motivo; não se assina antes de nova confirmação.",
         "argumentos": ["p_linha_id", "p_data", "p_turno", "p_motivo", "p_chave"]},
        {"funcao": "assinar_diario", "titulo": "Assinar o Diário de Bordo", "em_lote": false, "tela": "turno",
         "explicacao": "Assina-se na tela do Diário, depois de conferir.",
         "argumentos": ["p_linha_id", "p_data", "p_turno",
             {"nome": "p_significado", "rotulo": "Significado", "tipo": "longo", "maximo": 500, "opcional": true},
             {"nome": "p_motivo", "opcional": true, "obrigatorio": false, "rotulo": "Motivo, se assina de novo"}, "p_visto"]}
    ]$json$::jsonb
$$;
comment on function interno.atos_de_turno() is 'Atos do turno: o que se digita e o que se assina; ver atos_pessoas.';

create function interno.atos_de_cadastro()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select $json$[
        {"funcao": "definir_linha", "titulo": "Cadastrar ou mudar uma linha",
         "explicacao": "Vale o cadastro inteiro: o que ficar em branco deixa de valer.",
         "argumentos": ["p_linha_id", {"nome": "p_nome", "rotulo": "Nome", "tipo": "texto", "maximo": 80},
             {"nome": "p_setor", "rotulo": "Setor", "obrigatorio": true}, "p_etapa",
             {"nome": "p_marca_clp", "rotulo": "Marca do CLP", "tipo": "texto", "maximo": 80, "obrigatorio": false},
             {"nome": "p_ativa", "rotulo": "Em uso", "tipo": "sim_nao"},
             {"nome": "p_maximo_por_segundo", "rotulo": "Máximo possível por segundo", "tipo": "inteiro", "obrigatorio": false},
             {"nome": "p_regra_refugo", "rotulo": "Refugo que vale", "tipo": "escolha", "escolhas": [
                 {"valor": "MAQUINA", "rotulo": "O da máquina"}, {"valor": "DIGITADO", "rotulo": "O digitado"},
                 {"valor": "CONCILIAR", "rotulo": "Os dois devem concordar", "efeito": "Se divergem, alguém diz qual vale em cada turno."}
             ]}, "p_motivo"]},
        {"funcao": "definir_gateway", "titulo": "Cadastrar o gateway", "todos_setores": true,
         "explicacao": "O gateway passa a ser aceito, e o que ele já mandou é lido de novo em até um minuto; depois, diga que linhas ele conta.",
         "argumentos": [{"nome": "p_gateway", "de_detalhes": "gateway"},
             {"nome": "p_descricao", "rotulo": "Onde fica", "maximo": 200}, "p_motivo"]},
        {"funcao": "definir_fonte", "titulo": "Dizer quem conta a linha", "em_lote": true,
         "explicacao": "O já contado segue o que se disser, e o que esperava é lido de novo em até um minuto.",
         "argumentos": [{"nome": "p_linha_id", "de_detalhes": "linha"},
             {"nome": "p_fonte", "rotulo": "Fonte", "tipo": "fonte", "maximo": 63, "de_detalhes": "fonte"},
             {"nome": "p_papel", "rotulo": "Papel da fonte na linha", "tipo": "escolha", "escolhas": [
                 {"valor": "contagem", "rotulo": "Conta a linha", "efeito": "As contagens dela entram nos totais; nenhuma outra conta a linha nesse tempo."},
                 {"valor": "conferencia", "rotulo": "Só confere", "efeito": "Aparece ao lado, sem somar."},
                 {"valor": "nenhum", "rotulo": "Nada", "efeito": "O que ela contou da linha nesse tempo sai dos totais."}
             ]}, {"nome": "p_de", "sugestao": "de"}, "p_ate", "p_motivo"]},
        {"funcao": "definir_fator", "titulo": "Mudar o fator da linha",
         "explicacao": "Unidades por contagem da máquina. As OPs abertas nesse tempo mudam; das já fechadas surge um ajuste.",
         "argumentos": ["p_linha_id", {"nome": "p_contador", "rotulo": "Contador", "tipo": "escolha", "escolhas": [
             {"valor": "producao", "rotulo": "Produção"}, {"valor": "rejeicao", "rotulo": "Rejeição"}
         ]}, {"nome": "p_fator", "rotulo": "Unidades por contagem", "tipo": "inteiro"}, "p_de", "p_ate", "p_motivo"]},
        {"funcao": "definir_etapa", "titulo": "Definir uma etapa da família", "todos_setores": true,
         "explicacao": "Diz que etapas as OPs da família têm e qual delas se informa ao TOTVS.",
         "argumentos": [{"nome": "p_prefixo", "obrigatorio": false, "vazio": ""}, "p_etapa",
             {"nome": "p_apontada", "rotulo": "Informada ao TOTVS (vazio: a etapa deixa de ser obrigatória)", "tipo": "sim_nao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_turno", "titulo": "Cadastrar ou mudar um turno", "todos_setores": true,
         "explicacao": "Depois de assinado ou fechado algo, as horas não mudam mais.",
         "argumentos": ["p_turno", {"nome": "p_inicio", "rotulo": "Começa", "tipo": "hora"}, {"nome": "p_fim", "rotulo": "Termina", "tipo": "hora"}, "p_motivo"]},
        {"funcao": "definir_parametro", "titulo": "Mudar um prazo ou interruptor", "todos_setores": true,
         "explicacao": "Vale para toda a fábrica, desde já.",
         "argumentos": [{"nome": "p_nome", "rotulo": "Parâmetro", "tipo": "parametro", "maximo": 64}, {"nome": "p_valor", "rotulo": "Valor", "tipo": "inteiro"}, "p_motivo"]}
    ]$json$::jsonb
$$;
comment on function interno.atos_de_cadastro() is 'Atos sobre linhas, fontes e a fábrica; ver atos_pessoas.';

create function interno.atos_de_pessoas()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select $json$[
        {"funcao": "pedir_papel", "titulo": "Pedir um papel para alguém", "tela": "cadastros",
         "explicacao": "O pedido espera a TI, que o concede ou recusa. Quem concede papéis não tem outro papel.",
         "argumentos": ["p_usuario_id", "p_papel", "p_setor", "p_motivo"]},
        {"funcao": "conceder_papel", "titulo": "Responder ao pedido de papel", "em_lote": true, "todos_setores": true,
         "explicacao": "Concedido, o papel vale já.",
         "argumentos": ["p_id", {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
             {"valor": "CONCEDER", "rotulo": "Conceder", "efeito": "A pessoa passa a ter o papel."},
             {"valor": "RECUSAR", "rotulo": "Recusar", "efeito": "Nada muda; o gestor pode pedir outro."}
         ]}, "p_motivo"]},
        {"funcao": "retirar_pedido_papel", "titulo": "Retirar o pedido de papel", "em_lote": true,
         "explicacao": "O pedido acaba sem resposta da TI.", "argumentos": ["p_id", "p_motivo"]},
        {"funcao": "tirar_papel", "titulo": "Tirar um papel de alguém", "todos_setores": true, "tela": "cadastros",
         "explicacao": "Vale já. Quem sai da fábrica perde todos: deixe o papel em branco.",
         "argumentos": ["p_usuario_id", {"nome": "p_papel", "rotulo": "Papel (vazio: todos, em todos os setores)", "obrigatorio": false},
             {"nome": "p_setor", "rotulo": "Setor do papel (vazio: o que vale em todos)"}, "p_motivo"]},
        {"funcao": "definir_pessoa", "titulo": "Dizer o nome de uma pessoa", "todos_setores": true,
         "explicacao": "O nome sai na assinatura.",
         "argumentos": ["p_usuario_id", {"nome": "p_nome", "rotulo": "Nome por extenso", "tipo": "texto", "maximo": 80},
             {"nome": "p_login", "rotulo": "Nome com que entra (vazio: o que já tem)", "tipo": "texto", "maximo": 40, "opcional": true}, "p_motivo"]},
        {"funcao": "definir_operador", "titulo": "Dizer o código da pessoa no TOTVS", "todos_setores": true,
         "explicacao": "Vai nos apontamentos que ela assina; vazio = nenhum.",
         "argumentos": ["p_usuario_id", {"nome": "p_operador", "rotulo": "Código no TOTVS", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_tipo_insumo", "titulo": "Definir um tipo de insumo", "todos_setores": true,
         "explicacao": "Produtos deste tipo do TOTVS são insumos; sem descrição, não são mais.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "Tipo no TOTVS", "tipo": "texto", "maximo": 10}, {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_familia_sem_lote", "titulo": "Definir uma família sem lote", "todos_setores": true,
         "explicacao": "OPs destes produtos não abrem lote; sem descrição, abrem.",
         "argumentos": ["p_prefixo", {"nome": "p_descricao", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_recurso", "titulo": "Dizer o recurso da linha no TOTVS",
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": ["p_linha_id", {"nome": "p_recurso", "rotulo": "Recurso", "tipo": "texto", "maximo": 20, "obrigatorio": false},
             {"nome": "p_centro_custo", "rotulo": "Centro de custo", "tipo": "texto", "maximo": 20, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_operacao", "titulo": "Dizer a operação da etapa no TOTVS", "todos_setores": true,
         "explicacao": "Vale para o que fechar depois.",
         "argumentos": [{"nome": "p_prefixo", "obrigatorio": false, "vazio": ""}, "p_etapa",
             {"nome": "p_operacao", "rotulo": "Operação", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_armazem", "rotulo": "Armazém", "tipo": "texto", "maximo": 10, "obrigatorio": false},
             {"nome": "p_tipo_movimento", "rotulo": "Tipo de movimento", "tipo": "texto", "maximo": 10, "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_minutos_parada", "titulo": "Dizer depois de quanto tempo a linha está parada",
         "explicacao": "Vale para o que se mostra e para as paradas que o MES lê; vazio = o prazo da fábrica.",
         "argumentos": ["p_linha_id", {"nome": "p_minutos", "rotulo": "Minutos sem contagem", "tipo": "inteiro", "obrigatorio": false}, "p_motivo"]},
        {"funcao": "definir_equivalencias_mes", "titulo": "Dizer os números do MES", "todos_setores": true,
         "explicacao": "Que número o MES usa para o que aqui tem código.",
         "argumentos": [{"nome": "p_tipo", "rotulo": "De quê", "tipo": "escolha", "escolhas": [
             {"valor": "LINHA", "rotulo": "Linha"}, {"valor": "PRODUTO", "rotulo": "Produto"}, {"valor": "TURNO", "rotulo": "Turno"},
             {"valor": "PESSOA", "rotulo": "Pessoa"}, {"valor": "PARADA", "rotulo": "Código de parada"}
         ]}, {"nome": "p_ids", "rotulo": "Código = número, um por linha", "tipo": "mapa", "opcional": false, "pedir": true}, "p_motivo"]},
        {"funcao": "definir_endereco_resumo", "titulo": "Dar ou tirar um endereço do resumo diário", "todos_setores": true,
         "explicacao": "Recebe por e-mail o que espera há muito tempo no setor.",
         "argumentos": ["p_setor", {"nome": "p_endereco", "rotulo": "E-mail", "tipo": "texto", "maximo": 254}, {"nome": "p_vale", "rotulo": "Vale", "tipo": "sim_nao"}, "p_motivo"]},
        {"funcao": "definir_plantao", "titulo": "Dizer quem está de plantão",
         "explicacao": "Aparece nas Pendências para quem não pode decidir; sem nome, ninguém.",
         "argumentos": [{"nome": "p_papel", "rotulo": "De quem é o assunto", "tipo": "escolha", "escolhas": [
             {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
             {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"}, {"valor": "ADMIN", "rotulo": "TI"}
         ]}, "p_setor", {"nome": "p_nome", "rotulo": "Nome", "tipo": "texto", "maximo": 80, "obrigatorio": false},
             {"nome": "p_telefone", "rotulo": "Telefone", "tipo": "texto", "maximo": 30, "obrigatorio": false}, "p_motivo"]}
    ]$json$::jsonb
$$;
comment on function interno.atos_de_pessoas() is 'Atos sobre pessoas e o que o TOTVS chama de outra forma; ver atos_pessoas.';

create function interno.atos()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select interno.atos_de_contagem() || interno.atos_de_ordem() || interno.atos_de_turno() || interno.atos_de_cadastro()
        || interno.atos_de_pessoas()
$$;
comment on function interno.atos() is 'Todos os atos, como estão escritos; ver atos_pessoas.';

create function public.atos_pessoas()
returns table (
    funcao text, titulo text, explicacao text, papeis text[], todos_setores boolean, tela text, em_lote boolean,
    confere text[], argumentos jsonb
)
language sql
stable
security definer
set search_path = ''
as $$
    select a ->> 'funcao', a ->> 'titulo', a ->> 'explicacao', public.papeis_da_funcao(a ->> 'funcao'),
        coalesce((a ->> 'todos_setores')::boolean, false), a ->> 'tela', coalesce((a ->> 'em_lote')::boolean, false),
        array(select jsonb_array_elements_text(coalesce(a -> 'confere', '[]'))),
        (
            select jsonb_agg(
                jsonb_build_object(
                    'opcional', false, 'pedir', true,
                    'obrigatorio', not coalesce((d.atributos ->> 'opcional')::boolean, false)
                ) || d.atributos
                order by g.n
            )
            from jsonb_array_elements(a -> 'argumentos') with ordinality as g (argumento, n)
            cross join lateral (
                select coalesce(g.argumento ->> 'nome', g.argumento #>> '{}') as nome
            ) as m
            cross join lateral (
                select coalesce(c.comuns -> m.nome, '{}') || jsonb_build_object('nome', m.nome)
                    || case jsonb_typeof(g.argumento) when 'object' then g.argumento else '{}' end as atributos
            ) as d
        )
    from (select interno.argumentos_comuns() as comuns) as c
    cross join lateral jsonb_array_elements(interno.atos()) as a
$$;
comment on function public.atos_pessoas() is
'As funções de pessoas, para as telas: título e explicação na fala da fábrica, papéis (todos_setores = só de quem os tem em todos os setores), tela própria se há, se decide vários assuntos de uma vez, chaves de detalhes que devem estar como se viu, e os argumentos com rótulo, tipo e escolhas.';
revoke all on function public.atos_pessoas() from public, anon, authenticated, service_role;
grant execute on function public.atos_pessoas() to authenticated, service_role;
