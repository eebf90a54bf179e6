"""What every function sets up from its environment when its process starts."""

from typing import TYPE_CHECKING

from sicfar import settings
from sicfar.aws.clients import sqs_when_used
from sicfar.aws.queues import Backoff, FailedMessages
from sicfar.database import supabase
from sicfar.database.breaker import Breaker
from sicfar.errors import SicfarError
from sicfar.references import resolve

if TYPE_CHECKING:
    from sicfar.database.supabase import Client


def database() -> "Client":
    """The client of the project's database. Raises SettingError."""
    secret = resolve(f"secretsmanager:{settings.text('SUPABASE_SECRET_ID')}", "SUPABASE_SECRET_ID")
    breaker = Breaker(settings.count("SUPABASE_DISJUNTOR_FALHAS"), settings.seconds("SUPABASE_DISJUNTOR_SEGUNDOS"))
    return supabase.connect(settings.text("SUPABASE_URL"), secret, breaker)


def failed_messages(client: "Client") -> FailedMessages:
    """What settles the failed messages of this function's queue. Raises SettingError."""

    def record_reason(queue: str, message_id: str, error: SicfarError) -> None:
        try:
            supabase.registrar_falha(client, queue, message_id, settings.text("POWERTOOLS_SERVICE_NAME"), error)
        except SicfarError:
            return  # the caller logs the reason either way; the message must reach the dead letters all the same

    return FailedMessages(
        sqs_when_used(),
        settings.text("QUEUE_URL"),
        Backoff(settings.seconds("RETARDO_BASE_SEGUNDOS"), settings.seconds("RETARDO_TETO_SEGUNDOS")),
        record_reason,
    )
