"""The words in which the database says what became of something, and in which it is told so.

A word that is not here is an error of the call that answers it (DatabaseAccessError: the message waits). A new one is
therefore a change of what a function answers, not an addition.
"""

from enum import StrEnum


class FileSituation(StrEnum):
    """What `registrar_contagens` made of a file."""

    APPLIED = "APLICADO"
    KNOWN = "JA_APLICADO"
    QUARANTINED = "QUARENTENA"
    GROWN = "PREFIXO"
    """A loose file of which a part is counted: to be read again for the rest."""
    FAILED = "ERRO"


class EventSituation(StrEnum):
    """What `receber_eventos_totvs` made of an event."""

    APPLIED = "APLICADO"
    WITHOUT_EFFECT = "SEM_EFEITO"
    SUPERSEDED = "SUPERADO"
    PARKED = "ESTACIONADO"
    """It waits for a product or a line that is not known yet."""
    IGNORED = "IGNORADO"
    REFUSED = "RECUSADO"
    KNOWN = "JA_RECEBIDO"
    FAILED = "ERRO"


class PullSituation(StrEnum):
    """How the pull of an entity ended."""

    COMPLETE = "COMPLETA"
    INCOMPLETE = "INCOMPLETA"
    """The next one goes on where it stopped."""
    FAILED = "FALHOU"


class ClaimSituation(StrEnum):
    """What `reivindicar_envio` says to do."""

    SEND = "ENVIAR"
    WAIT = "ESPERAR"
    NOTHING = "NADA"
    FAILED = "FALHOU"


class ReportSituation(StrEnum):
    """Where a report of the outbox stands."""

    PENDING = "PENDENTE"
    SENDING = "ENVIANDO"
    CONFIRMED = "CONFIRMADO"
    REFUSED = "RECUSADO"
    IN_DOUBT = "INCERTO"
    EXHAUSTED = "ESGOTADO"
    DISCARDED = "DESCARTADO"


class ReportKind(StrEnum):
    """What a report says."""

    PARTIAL = "PARCIAL"
    PRODUCTION = "PRODUCAO"
    LOSSES = "PERDAS"
    STATUS = "STATUS"
    ADJUSTMENT = "AJUSTE"
    REVERSAL = "ESTORNO"


class CallResult(StrEnum):
    """How a call to the ERP ended: well, or with an error of this fate."""

    OK = "OK"
    TRANSIENT = "TRANSITORIO"
    PERMANENT = "PERMANENTE"
    CONFIGURATION = "CONFIGURACAO"
