"""What is asked, by whom, and how the product meets it; what it does not answer names whose it is.

The tests of a row are chosen by the promises in their names and by words, never one by one: see `collecting.chosen`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requirement:
    """A row of the matrix; ``words`` is empty if no test of the product can show it: then ``owner`` says whose it is."""

    source: str
    text: str
    met: str
    promises: str = ""
    words: str = ""
    owner: str = ""


R = Requirement

PROMISES = (
    R(
        "P1",
        "Contado exatamente uma vez",
        "Razão por arquivo e sequência, e uma soma; «já aplicado» é sucesso",
        "P1",
        ".",
    ),
    R(
        "P2",
        "Atribuído à ordem certa",
        "Pela OP aberta na linha no segundo do próprio registro; refeito a cada fato tardio",
        "P2",
        ".",
    ),
    R("P3", "Fresco", "Lotes de 5 s, uma chamada ao banco por invocação", "P3", "."),
    R(
        "P4",
        "Fecha só com contagens completas",
        "Congela quando todas as fontes da linha reportaram além do fim, sem falta de sequência",
        "P4",
        ".",
    ),
    R(
        "P5",
        "O TOTVS é informado uma vez",
        "Identificador externo estável, fila por OP, pergunta antes de repetir; na dúvida, uma pessoa",
        "P5",
        ".",
    ),
    R(
        "P6",
        "Uma parada não é um erro",
        "Espera com recuo exponencial e disjuntor; nada se perde nem vai à fila de mortos",
        "P6",
        ".",
    ),
    R(
        "P7",
        "Toda tentativa fica registrada",
        "Tabelas de somente acréscimo; do número ao arquivo e aos bytes",
        "P7",
        ".",
    ),
    R("P8", "Entrada ruim só prejudica a si", "Quarentena com motivo e bytes originais", "P8", "."),
    R(
        "P9",
        "Ninguém entra que não deva",
        "Menor privilégio por função, papel conferido no banco, segredo fora do código",
        "P9",
        ".",
    ),
    R(
        "P10",
        "Nenhum beco sem saída",
        "Tudo que espera uma pessoa é linha de `pendencias`, com a função que o resolve",
        "P10",
        ".",
    ),
    R(
        "P11",
        "Só se crê no que se pode saber",
        "Cada afirmação de fora tem uma testemunha; sem ela, é dúvida e espera",
        "P11",
        ".",
    ),
)

SPECIFICATION = (
    R(
        "CLP 1",
        "Sensores KEYENCE por arquivos TXT, 4 registros por segundo: produção, rejeição, horário",
        "`edge_gateway/folders` segue os arquivos; `ingest` os lê",
        "P1 P8",
        r"follow|folder|txt|batch",
    ),
    R(
        "CLP 1",
        "Atualiza `ordens_producao_ativas` a cada 5 segundos, acumulado",
        "Lote selado a cada 5 s; `registrar_contagens`",
        "P1 P3",
        r"txt_parser|count_path|recording|test_stack",
    ),
    R(
        "CLP 2",
        "Outros CLPs: Bottelpack, Pró Maquia, Bausch Ströbel, por OPC UA ou Modbus TCP",
        "`edge_gateway/machines`",
        "",
        r"modbus|opcua|counting",
    ),
    R(
        "TOTVS 1",
        "Dados mestres do TOTVS: produtos, lotes, velocidades, insumos",
        "`totvs_webhook`, `totvs_apply`, `totvs_sync`",
        "",
        r"db_totvs|totvs_conv|totvs_paging",
    ),
    R(
        "TOTVS 2",
        "Ao TOTVS: produção, perdas de qualidade, situação do lote",
        "`envios_totvs`, `totvs_post`",
        "P5",
        ".",
    ),
    R(
        "TOTVS 3",
        "API REST, webhooks, sincronização nos dois sentidos",
        "API Gateway autenticado antes de ler; consulta periódica do que faltou",
        "P9 P8 P6",
        r"webhook|intake|inbox|sync",
    ),
    R(
        "TOTVS 4",
        "Abertura de lote: a OP criada no TOTVS aparece para abrir",
        "`receber_eventos_totvs` → `lotes_producao`",
        "",
        r"test_db_lots|test_db_orders|totvs_parked",
    ),
    R(
        "TOTVS 5",
        "Fechamento: o supervisor assina, calculam-se totais, o TOTVS recebe",
        "`assinar_diario` → `fechar_lotes` → `envios_totvs`",
        "P4 P5",
        r"closing|outbox",
    ),
    R(
        "Config",
        "Endereços, caminhos e credenciais por configuração",
        "`config/endpoints.json`, conferida ao começar",
        "P9 P11",
        r"config|totvs_verificar|settings",
    ),
    R(
        "Erros 1",
        "Recuo exponencial",
        "Tempos de nova tentativa com acaso, em parâmetros",
        "P6",
        r"queue|retry|back|attempt|outage",
    ),
    R("Erros 2", "Fila de mortos", "Motivo legível, devolução com filtro", "P6 P8 P10", r"dlq|dead|redrive"),
    R("Erros 3", "Disjuntor", "Um por TOTVS, no banco; um por processo, para o Supabase", "P6", r"breaker|outage"),
    R(
        "Erros 4",
        "Todas as tentativas e erros registrados",
        "`tentativas_integracao`; sem banco, linhas de log e a própria mensagem",
        "P7",
        ".",
    ),
)

CFR = (
    R(
        "§11.10(a)",
        "Validação: exatidão, confiabilidade, registro alterado ou inválido é percebido",
        "Este documento; a auditoria independente recalcula tudo e nomeia cada alteração",
        "P1",
        r"audit",
    ),
    R(
        "§11.10(b)",
        "Cópias exatas e completas, legíveis e eletrônicas, para a inspeção",
        "`sicfar dossie OP`: um HTML que se imprime",
        "P7",
        r"dossier",
    ),
    R(
        "§11.10(c)",
        "Registros protegidos e recuperáveis pelo tempo de guarda",
        "Bucket com versões; `sicfar restauracao`. O prazo e as cópias são da fábrica",
        "P1 P5",
        r"restore",
        "TI: cópias do banco e prazo de guarda",
    ),
    R(
        "§11.10(d)",
        "Acesso só de pessoas autorizadas",
        "Supabase Auth e papéis; nada se lê sem entrar; revisão de acessos assinada (`registrar_revisao`)",
        "P9",
        r"access|people|session|rights|reach|review",
    ),
    R(
        "§11.10(e)",
        "Trilha de auditoria segura, com hora, que não esconde o anterior",
        "`trilha_auditoria`, somente acréscimo, com antes e depois",
        "P7 P9 P10",
        r"trail|changed|append|original|dossier",
    ),
    R(
        "§11.10(f)",
        "Conferências da sequência dos passos",
        "Tabela de estados da OP; fechamento com condições",
        "P4 P11",
        r"states|closing|orders",
    ),
    R(
        "§11.10(g)",
        "Conferência de autoridade",
        "Papel e setor conferidos em cada função do banco",
        "P9",
        r"role|sector|cannot_act",
    ),
    R(
        "§11.10(h)",
        "Conferência da origem dos dados (dispositivos)",
        "Dono de cada linha, chave por gateway, testemunhas do relógio",
        "P9 P11 P1",
        r"owner|gateway_clock|prefix|clocks",
    ),
    R(
        "§11.10(i)",
        "Instrução, treinamento e experiência",
        "Fora do produto",
        owner="Garantia da Qualidade e RH: treinamento com registro",
    ),
    R(
        "§11.10(j)",
        "Política escrita de responsabilidade por assinaturas",
        "Fora do produto",
        owner="Garantia da Qualidade: procedimento",
    ),
    R(
        "§11.10(k)",
        "Controle da documentação do sistema",
        "Documentos no mesmo repositório que o código, cada mudança com autor e motivo. A distribuição é da fábrica",
        owner="Garantia da Qualidade: distribuição controlada",
    ),
    R(
        "§11.50",
        "A assinatura mostra nome, data e hora, e significado",
        "`diarios_bordo`: nome, papel, significado, instantes; no dossiê e na tela",
        "P4 P7 P9",
        r"sign",
    ),
    R(
        "§11.70",
        "Assinatura ligada ao registro",
        "SHA-256 sobre o que se assina; qualquer mudança a desfaz",
        "P4 P7",
        r"signature|signed",
    ),
    R(
        "§11.100",
        "Assinatura de uma só pessoa, cuja identidade se conferiu; aviso à agência",
        "Uma conta, um nome próprio. Conferir a identidade e avisar a FDA é da fábrica",
        "P9",
        r"signature|name",
        "TI e Garantia da Qualidade: contas e identidade",
    ),
    R(
        "§11.200",
        "Dois componentes; senha a cada assinatura",
        "Login recente exigido para assinar",
        "P9",
        r"signature|password|signs_in|recent",
    ),
    R(
        "§11.300",
        "Controle de códigos e senhas",
        "Senhas no Supabase Auth; força, troca e bloqueio são da configuração do projeto",
        "P9",
        r"password|credential",
        "TI: política de senhas do Supabase Auth",
    ),
)

ANNEX_11 = (
    R(
        "1",
        "Gestão de risco",
        "Testemunhas e dúvidas (P11); a análise de risco da fábrica é dela",
        "P11",
        ".",
        "Garantia da Qualidade: análise de risco",
    ),
    R("2", "Pessoal", "Fora do produto", owner="Garantia da Qualidade e RH"),
    R(
        "3",
        "Fornecedores e prestadores",
        "Fora do produto: AWS, Supabase, TOTVS, quem desenvolve",
        owner="Garantia da Qualidade: qualificação de fornecedores",
    ),
    R("4", "Validação", "Este documento e [a qualificação](qualificacao/)", "", r"."),
    R(
        "5",
        "Dados: conferências na troca entre sistemas",
        "SHA-256 de cada lote, corpo conferido antes de crer, forma declarada da resposta",
        "P1 P5 P8 P9",
        r"batch|sha|shape|signature",
    ),
    R(
        "6",
        "Conferência de exatidão do que se digita",
        "Motivo, limites e visto antes de decidir; assinatura sobre o que se viu",
        "P10 P4",
        r"decision|seen|visto|bounds|sign",
    ),
    R(
        "7",
        "Guarda dos dados",
        "Bucket com versões e razão; as cópias do banco são da TI",
        "P1",
        r"restore|gone|audit",
        "TI: cópias do banco",
    ),
    R("8", "Impressões", "`sicfar dossie`, com o que mudou desde o original", "P7 P10", r"dossier"),
    R(
        "9",
        "Trilhas de auditoria",
        "`trilha_auditoria`, com motivo; revisão da trilha assinada (`registrar_revisao`). Fazê-la é da fábrica",
        "P7",
        r"trail|change|review",
        "Garantia da Qualidade: revisão da trilha",
    ),
    R(
        "10",
        "Mudanças e configuração",
        "Migrações só para a frente, versão conferida ao implantar; cadastro só por função com motivo",
        "",
        r"upgrade|migration|master_data|deployment",
    ),
    R(
        "11",
        "Avaliação periódica",
        "A auditoria, este documento e as revisões assinadas são a entrada dela",
        owner="Garantia da Qualidade",
    ),
    R("12", "Segurança", "Papéis, menor privilégio, registro de quem fez o quê", "P9", "."),
    R(
        "13",
        "Incidentes",
        "Alarmes, `pendencias`, filas de mortos com motivo; o procedimento é da fábrica",
        "P6 P8 P10",
        r"alarm|dead|pend",
        "TI e Garantia da Qualidade: procedimento de incidentes",
    ),
    R("14", "Assinatura eletrônica", "Ligada ao registro, com hora e significado", "P4 P7 P9", r"sign"),
    R(
        "15",
        "Liberação de lote",
        "O SicFar não libera lotes; congela contagens em que a liberação se apoia",
        owner="Garantia da Qualidade: liberação",
    ),
    R(
        "16",
        "Continuidade",
        "Dias sem rede sem perda; contagem à mão; restauração ensaiada",
        "P1 P6",
        r"outage|kill|hand|manual|restore",
    ),
    R(
        "17",
        "Arquivamento",
        "Nada é apagado; `sicfar arquivar` escreve um ano com seus SHA-256 e o restaura. Onde guardá-lo é da TI",
        "P7 P11",
        r"archive",
        "TI: guarda dos arquivos",
    ),
)

ALCOA = (
    R(
        "Atribuível",
        "Quem fez",
        "Pessoa, papel e setor em cada ato; gateway e linha em cada contagem",
        "P7 P9",
        r"person|role|name|trail",
    ),
    R("Legível", "Lê-se por todo o tempo de guarda", "TXT, SQL e HTML sem dependência", "P7 P8", r"dossier|txt|text"),
    R(
        "Contemporâneo",
        "Registrado na hora",
        "Instante do próprio registro; o relógio tem testemunhas",
        "P11 P2",
        r"clock",
    ),
    R(
        "Original",
        "O primeiro registro, ou cópia fiel",
        "Bytes originais no bucket; decisões guardam o valor de antes",
        "P1 P8 P10",
        r"original|kept|keeps|bytes",
    ),
    R("Exato", "Sem erro", "Inteiros e decimais; contado uma vez; auditado", "P1", r"audit|exact|once|counted"),
    R(
        "Completo",
        "Nada falta",
        "Sequências sem falta; máquina = atribuído + sem ordem + retido + quarentena",
        "P1 P4",
        r"gap|sequence|conserv|balance|propert|complete",
    ),
    R(
        "Consistente",
        "Ordem e datas coerentes",
        "Uma só ordem de travas, estados derivados de fatos",
        "P2 P11 P1",
        r"states|concurr|order_hist|late",
    ),
    R(
        "Duradouro",
        "Não se perde",
        "Disco do gateway, bucket com versões, banco reconstruível",
        "P1 P6",
        r"spool|kill|restore|disk",
    ),
    R(
        "Disponível",
        "Acha-se quando se pede",
        "Telas, consultas, dossiê",
        "P7 P3",
        r"dossier|lotes|screen|rastrear|number|stack",
    ),
)
