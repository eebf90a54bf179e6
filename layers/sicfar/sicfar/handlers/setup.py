"""What the functions make of their environment, at its first use.

Nothing is read while a function is imported: what cannot be read then would end the process, and with it every message
it is given, until they are dead letters without a reason.
"""

import logging
from typing import TYPE_CHECKING

from sicfar import settings
from sicfar.aws.clients import sqs_when_used
from sicfar.aws.queues import Backoff, FailedMessages
from sicfar.database import supabase
from sicfar.database.breaker import Breaker
from sicfar.errors import SicfarError
from sicfar.references import Latest, read_again, resolve
from sicfar.settings import SettingError

if TYPE_CHECKING:
    from sicfar.database.supabase import Client

    Database = Latest[tuple[str, str], Client]

_logger = logging.getLogger(__name__)


def database() -> "Database":
    """The client of the project's database; another one when the key is another. Its `get` raises SettingError."""
    return Latest(_address, _connected, _logger.error)


def _address() -> tuple[str, str]:
    key = resolve(_key(), "SUPABASE_SECRET_ID")
    if not key.isascii() or not key.isprintable() or " " in key:
        # It would be refused as a header, by an error that shows it.
        raise SettingError(
            "secret_invalid",
            "a chave do Supabase tem um branco, uma quebra de linha ou uma letra que não cabe num cabeçalho",
            where="SUPABASE_SECRET_ID",
            action="grave no segredo a chave sb_secret_… e mais nada",
        )
    return settings.text("SUPABASE_URL"), key


def _key() -> str:
    return f"secretsmanager:{settings.text('SUPABASE_SECRET_ID')}"


def _connected(address: tuple[str, str]) -> "Client":
    breaker = Breaker(settings.count("SUPABASE_DISJUNTOR_FALHAS"), settings.seconds("SUPABASE_DISJUNTOR_SEGUNDOS"))
    return supabase.connect(*address, breaker, key_refused=lambda: read_again(_key()))


def failed_messages(client: "Database") -> FailedMessages:
    """What settles the failed messages of a function's queue, also where its environment is wrong."""

    def record_reason(queue: str, message_id: str, error: SicfarError) -> None:
        try:
            supabase.registrar_falha(client.get(), queue, message_id, settings.text("POWERTOOLS_SERVICE_NAME"), error)
        except SicfarError:
            return  # the caller logs the reason either way; the message must reach the dead letters all the same

    return FailedMessages(sqs_when_used(), _backoff, record_reason)


def _backoff() -> Backoff:
    try:
        return Backoff(settings.seconds("RETARDO_BASE_SEGUNDOS"), settings.seconds("RETARDO_TETO_SEGUNDOS"))
    except SettingError:
        _logger.exception("sem retardo configurado, a mensagem espera um minuto ou mais")
        return Backoff(60, 300)
