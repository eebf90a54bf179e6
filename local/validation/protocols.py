"""The steps of the qualifications: those with words run by themselves, by the tests the words choose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What is done and what is expected of it; ``promises`` and ``words`` as in a requirement."""

    done: str
    expected: str
    promises: str = ""
    words: str = ""


S = Step

INSTALLATION = (
    S(
        "Conferir o pacote da versão: `sicfar preparar --ambiente ARQUIVO --simular`",
        "Nenhum arquivo falta nem foi alterado; nada por criar",
    ),
    S("Anotar versão, conta e região da AWS, projeto do Supabase, nome do bucket", "São os do ambiente qualificado"),
    S("`sicfar migrar --ambiente ARQUIVO --simular`", "Nenhuma migração falta"),
    S(
        "Um banco de uma versão anterior, com dados, é atualizado",
        "Fica igual a um novo, com os dados",
        "",
        r"db_upgrade|db_migration",
    ),
    S(
        "Nenhum papel da API escreve numa tabela; o esquema interno é fechado",
        "Recusado",
        "P9",
        r"no_role_of_the_api|internal_schema|writes_nothing",
    ),
    S(
        "Cada função da nuvem só pode o que usa",
        "Política com o que se usou, e nada mais",
        "P9",
        r"zz_permissions|whatever_a_function_called",
    ),
    S(
        "O bucket de contagens tem versões e recusa quem não é o gateway da pasta",
        "Escrita fora do prefixo recusada",
        "P9",
        r"prefix|account_template|gateway_writes",
    ),
    S(
        "Instalar o gateway pelo guia e conferir com `python -m edge_gateway check`",
        "Saída 0; no Windows, o serviço aparece iniciado",
    ),
    S(
        "O guia de instalação do gateway, comando a comando",
        "Dez registros enviados; atualização sem perda",
        "",
        r"gateway_guide",
    ),
    S("Relógio do gateway: serviço de hora ativo (`w32tm /query /status`)", "Desvio menor que a tolerância"),
    S("`sicfar testar --ambiente … --alarme`", "Nenhuma prova falha; o e-mail do alarme chega"),
    S(
        "Contas: cada pessoa com a sua; papéis conferidos na tela Cadastros com a Garantia da Qualidade",
        "Nenhuma conta comum com papel de assinar",
    ),
    S("Cópia do banco: restaurar a última num projeto vazio e auditar", "`sicfar auditar`: vazio"),
)

OPERATION = (
    S(
        "Contar: registros repetidos, fora de ordem, com quedas",
        "Cada unidade uma vez",
        "P1",
        r"count_path|db_properties|gateway_kill",
    ),
    S("Abrir e encerrar uma OP tarde", "Contagens reatribuídas ao segundo", "P2", "."),
    S(
        "Trocar de OP numa linha que corre",
        "Cada unidade na OP aberta no seu segundo",
        "P2",
        r"boundar|edge|attribution|propert",
    ),
    S(
        "Arquivo ilegível, rasgado ou de outra linha",
        "Quarentena com motivo; o resto conta",
        "P8",
        r"quarantine|torn|garbage|damage|bad",
    ),
    S("Fechar um lote com uma fonte atrasada", "Espera, e diz por quê", "P4", r"closing"),
    S(
        "Assinar sem login recente, sem papel ou por outro setor",
        "Recusado",
        "P9",
        r"signature_needs|cannot_act|button_to_sign",
    ),
    S(
        "Mudar o que foi assinado",
        "A assinatura deixa de valer; assina-se de novo com motivo",
        "P4 P7",
        r"signature_holds|breaks_the_signature|altered",
    ),
    S("Contagem que chega depois do fechamento", "Ajuste visível; ao TOTVS só aprovado", "P4 P5", r"adjust|late"),
    S("TOTVS fora do ar, lento, ou sem responder", "Nada se perde; informado uma vez", "P5 P6", r"moods|outage|outbox"),
    S("Banco fora do ar", "Filas esperam; nada na fila de mortos", "P6", r"outage|supabase|breaker"),
    S("Banco perdido, cópia antiga", "Reconstruído do bucket; TOTVS nada recebe duas vezes", "P1 P5", r"restore"),
    S("Falsificar um total por fora das funções", "A auditoria o nomeia", "P1", r"test_audit"),
    S("Relógio do gateway adiantado", "Dúvida em pendências; nenhum lote que toca fecha", "P11", r"clock"),
    S("Dossiê de um lote fechado", "As somas conferem com o congelado", "P7", r"dossier"),
    S(
        "Na linha: produzir um lote curto com contagem à mão ao lado",
        "Máquina, SicFar e contagem à mão iguais, ou a diferença explicada",
    ),
    S("Na linha: tirar o cabo do gateway por uma hora e repor", "Total igual ao da máquina em até um minuto"),
    S("No painel: seguir uma unidade do total ao arquivo e aos bytes", "O trecho do arquivo mostra o registro"),
    S("No TOTVS da homologação: `sicfar totvs ensaio` e estorno", "O envio entra uma vez; a resposta é reconhecida"),
)
