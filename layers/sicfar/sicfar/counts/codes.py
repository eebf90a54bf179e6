"""Words that stand in files and tables for good: reasons of the quarantine, flags of a record."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was not counted; stable, stored in ``quarentena.motivo``.

    Its members are called what they are stored as: people look a code up by it, in the table, in logs and in the docs.
    """

    # One line of a file.
    COLUNAS = "COLUNAS"
    INSTANTE_INVALIDO = "INSTANTE_INVALIDO"
    LINHA_ID_INVALIDA = "LINHA_ID_INVALIDA"
    CONTAGEM_INVALIDA = "CONTAGEM_INVALIDA"
    CONTAGEM_NEGATIVA = "CONTAGEM_NEGATIVA"
    CONTAGEM_ABSURDA = "CONTAGEM_ABSURDA"
    INTERVALO_INVALIDO = "INTERVALO_INVALIDO"
    FLAGS_INVALIDAS = "FLAGS_INVALIDAS"
    CODIFICACAO = "CODIFICACAO"
    BYTES_NULOS = "BYTES_NULOS"
    LINHA_LONGA = "LINHA_LONGA"
    LINHA_INCOMPLETA = "LINHA_INCOMPLETA"
    FORA_DE_ORDEM = "FORA_DE_ORDEM"
    """Lines older than what was counted: their counts may be in those of the lines after them."""
    CONTEUDO_ALTERADO = "CONTEUDO_ALTERADO"
    """Lines of a file that was changed after it was read, or a loose file that does not continue what was counted
    under its name: they may have been counted already."""
    EXCESSO = "EXCESSO"
    """One production line or one span more than a file may have."""
    DEMAIS_PROBLEMAS = "DEMAIS_PROBLEMAS"

    # A whole file.
    BATCH_TORN = "BATCH_TORN"
    BATCH_KEY_INVALID = "BATCH_KEY_INVALID"
    BATCH_MISMATCH = "BATCH_MISMATCH"
    NOT_A_BATCH = "NOT_A_BATCH"
    DECOMPRESSED_TOO_LARGE = "DECOMPRESSED_TOO_LARGE"

    # What only the database can know of good records.
    LINHA_DESCONHECIDA = "LINHA_DESCONHECIDA"
    NAO_DONO = "NAO_DONO"
    EPOCA_ANTERIOR = "EPOCA_ANTERIOR"
    SEQ_DUPLICADA = "SEQ_DUPLICADA"
    GATEWAY_DESCONHECIDO = "GATEWAY_DESCONHECIDO"
    OBJETO_ALTERADO = "OBJETO_ALTERADO"
    """An object written over after it was counted or given up."""
    SEQ_ABSURDA = "SEQ_ABSURDA"
    """A sequence number far from what its epoch has received: believed, everything up to it would be missing."""


class Flag(StrEnum):
    """What the gateway judged of a record or an increment; readers accept others, of later gateways."""

    IMPLAUSIBLE = "implausivel"
    """A person has to judge the counts; they are held."""
    CLOCK = "relogio"
    """The source's clock is wrong; the record has the time it was read."""
    BASELINE = "baseline"
    """The first value of this counter: nothing was counted."""
    RESET = "reset"
    """The counter had started again; the increment is its new value."""
    WRAP = "wrap"
    """The counter had passed its modulus."""
    RETURNED = "retorno"
    """The counter came back from a zero or a garbled value; the increment counts from the value before it."""
    FALL = "queda"
    """The counter fell, and not to zero."""
    AMBIGUOUS = "ambiguo"
    """More than one history explains the value; the increment is one of them, held."""
    SATURATED = "saturado"
    """The first increment after a counter had stopped at its highest value."""
    FUTURE = "futura"
    """Given by the database: dated long after the file came; held, with `IMPLAUSIBLE`."""
