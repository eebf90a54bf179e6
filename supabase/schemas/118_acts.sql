-- The functions people call, as data: what each does in the plant's words, which arguments it takes and how a screen
-- asks for them. A form is made from this, so that a function added later is one more entry here and no new page.
--
-- Of an argument: `de_detalhes` = it comes from that key of the matter's `detalhes` and is not asked when it is there;
-- `ate_visto` = such a value grows, and what was shown is the most that is decided;
-- `sugestao` = the key whose value the field begins with; `vazio` = what an empty field means, where that is not null;
-- `opcional` = the function has a default for it, so what is left empty is not sent;
-- `obrigatorio` = a person has to fill it (if absent: what is not optional); `pedir` false = no person is asked for it.

create function interno.argumentos_comuns()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select $json${
        "p_motivo": {"rotulo": "Motivo", "tipo": "longo", "minimo": 5, "maximo": 2000, "obrigatorio": true},
        "p_chave": {"rotulo": "Chave do pedido", "tipo": "texto", "opcional": true, "pedir": false},
        "p_visto": {"rotulo": "O que se viu", "tipo": "texto", "opcional": true, "pedir": false},
        "p_ids": {"rotulo": "Itens", "tipo": "ids", "opcional": true, "pedir": false},
        "p_assunto": {"rotulo": "Assunto", "tipo": "texto", "opcional": true, "pedir": false, "de_detalhes": "p_assunto"},
        "p_id": {"rotulo": "Item", "tipo": "inteiro", "pedir": false, "de_detalhes": "p_id"},
        "p_numero_op": {"rotulo": "OP", "tipo": "op", "maximo": 14, "de_detalhes": "p_numero_op"},
        "p_linha_id": {"rotulo": "Linha", "tipo": "linha", "maximo": 32, "de_detalhes": "p_linha_id"},
        "p_gateway": {"rotulo": "Gateway", "tipo": "gateway", "maximo": 63, "de_detalhes": "p_gateway"},
        "p_epoca": {"rotulo": "Instalação", "tipo": "texto", "pedir": false, "de_detalhes": "p_epoca"},
        "p_data": {"rotulo": "Dia do turno", "tipo": "data", "de_detalhes": "p_data"},
        "p_turno": {"rotulo": "Turno", "tipo": "turno", "maximo": 8, "de_detalhes": "p_turno"},
        "p_de": {"rotulo": "A partir de", "tipo": "instante"},
        "p_ate": {"rotulo": "Até (vazio: em diante)", "tipo": "instante", "obrigatorio": false},
        "p_usuario_id": {"rotulo": "Pessoa", "tipo": "pessoa"},
        "p_prefixo": {"rotulo": "Começo do código do produto", "tipo": "texto", "maximo": 30},
        "p_descricao": {"rotulo": "Descrição", "tipo": "texto", "maximo": 80},
        "p_setor": {"rotulo": "Setor (vazio: todos)", "tipo": "escolha", "obrigatorio": false, "escolhas": [
            {"valor": "SPEP", "rotulo": "SPEP"}, {"valor": "SPPV", "rotulo": "SPPV"},
            {"valor": "LIQUIDOS", "rotulo": "Líquidos"}, {"valor": "CPHD", "rotulo": "CPHD"}
        ]},
        "p_papel": {"rotulo": "Papel", "tipo": "escolha", "escolhas": [
            {"valor": "OPERADOR", "rotulo": "Operador"}, {"valor": "ENCARREGADO", "rotulo": "Encarregado"}, {"valor": "SUPERVISOR", "rotulo": "Supervisor"},
            {"valor": "GESTOR", "rotulo": "Gestor"}, {"valor": "QUALIDADE", "rotulo": "Qualidade"},
            {"valor": "ADMIN", "rotulo": "TI", "efeito": "Concede papéis e cuida dos cadastros; não conta, não assina e não decide."},
            {"valor": "POSTO", "rotulo": "Posto", "efeito": "Só lê: é da tela de um setor, não de uma pessoa."}
        ]},
        "p_etapa": {"rotulo": "Etapa", "tipo": "escolha", "escolhas": [
            {"valor": "ENVASE", "rotulo": "Envase"}, {"valor": "EMBALAGEM", "rotulo": "Embalagem"}
        ]}
    }$json$::jsonb
$$;
comment on function interno.argumentos_comuns() is
'Argumentos que várias funções de pessoas levam: rótulo, tipo e como se pede cada um; um ato pode mudar qualquer atributo.';

create function interno.atos_de_contagem()
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select $json$[
        {"funcao": "justificar_sem_ordem", "titulo": "Justificar a contagem sem OP", "em_lote": true,
         "explicacao": "As contagens ficam registradas sem OP, com o motivo, e não entram em lote nenhum.",
         "argumentos": ["p_linha_id", {"nome": "p_de", "de_detalhes": "p_de", "pedir": false},
             {"nome": "p_ate", "de_detalhes": "p_ate", "ate_visto": true, "pedir": false, "obrigatorio": true}, "p_motivo"]},
        {"funcao": "decidir_retido", "titulo": "Decidir a contagem duvidosa", "em_lote": true,
         "explicacao": "A contagem original permanece registrada, com a decisão e o motivo.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "opcional": true, "obrigatorio": true, "escolhas": [
                 {"valor": "ATRIBUIR", "rotulo": "Contar numa OP", "efeito": "Entra no total da OP informada, que já esteve aberta na linha."},
                 {"valor": "DESCARTAR", "rotulo": "Não contar", "efeito": "Não entra em total nenhum; diga no motivo por que a máquina não fez isso."}
             ]},
             {"nome": "p_numero_op", "rotulo": "OP, se a contagem é de uma", "opcional": true, "de_detalhes": null},
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "resolver_quarentena", "titulo": "Não contar", "em_lote": true,
         "explicacao": "Nada disto entra nos totais. O arquivo original é guardado, com a decisão e o motivo.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "reprocessar_quarentena", "titulo": "Ler de novo e contar", "em_lote": true,
         "explicacao": "O arquivo é lido outra vez em alguns minutos e conta, se o que o impedia foi resolvido.",
         "argumentos": [{"nome": "p_id", "opcional": true, "obrigatorio": true, "ate_visto": true}, "p_assunto",
             {"nome": "p_motivo", "opcional": true}, "p_ids"]},
        {"funcao": "decidir_relogio", "titulo": "Decidir a hora das contagens", "todos_setores": true, "em_lote": false,
         "explicacao": "Diz em que hora contam as leituras feitas com o relógio errado; vale em até um minuto.",
         "argumentos": ["p_id",
             {"nome": "p_decisao", "rotulo": "Decisão", "tipo": "escolha", "escolhas": [
                 {"valor": "MANTER", "rotulo": "Manter a hora do gateway", "efeito": "Nada muda de lugar."},
                 {"valor": "FONTE", "rotulo": "Usar a hora das máquinas", "efeito": "Cada contagem vai para a hora que a máquina deu; a que não tem fica onde está."},
                 {"valor": "DESLOCAR", "rotulo": "Corrigir a hora", "efeito": "Todas mudam pelos segundos informados."}
             ]},
             {"nome": "p_deslocar_s", "rotulo": "Segundos que o relógio esteve adiantado (negativo: atrasado), só para corrigir",
              "tipo": "inteiro", "opcional": true}, "p_motivo"]},
        {"funcao": "anular_sequencia", "titulo": "Dar o envio por perdido", "todos_setores": true, "em_lote": true,
         "explicacao": "Os lotes deixam de esperar por ele. Se chegar depois, é contado assim mesmo.",
         "argumentos": ["p_gateway", "p_epoca", {"nome": "p_seq", "rotulo": "Envio", "tipo": "inteiro", "de_detalhes": "p_seq", "pedir": false},
             {"nome": "p_ate_seq", "rotulo": "Até o envio", "tipo": "inteiro", "opcional": true, "de_detalhes": "p_ate_seq", "ate_visto": true, "pedir": false},
             {"nome": "p_so_faltas", "rotulo": "Só os que faltam", "tipo": "sim_nao", "opcional": true, "de_detalhes": "p_so_faltas", "pedir": false}, "p_motivo"]},
        {"funcao": "encerrar_epoca", "titulo": "Dizer qual foi o último envio", "todos_setores": true, "em_lote": false,
         "explicacao": "O gateway foi reinstalado. Diga o último envio da instalação anterior: os lotes esperam até ele, e o que faltar vira pendência.",
         "argumentos": ["p_gateway", "p_epoca",
             {"nome": "p_ultima_seq", "rotulo": "Último envio da instalação anterior", "tipo": "inteiro", "sugestao": "maior_seq"}, "p_motivo"]}
    ]$json$::jsonb
$$;
comment on function interno.atos_de_contagem() is 'Atos sobre contagens que esperam uma pessoa; ver atos_pessoas.';

create function interno.atos_de_ordem()
returns jsonb
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function interno.atos_de_ordem() is 'Atos sobre OPs, fechamentos e o TOTVS; ver atos_pessoas.';
