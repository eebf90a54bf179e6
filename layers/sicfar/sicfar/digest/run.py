"""One run of the digest: what has not been sent today is sent, an e-mail a sector.

The database decides once a day what each sector receives and keeps which of it was sent, so runs may be repeated and
overlap. An e-mail is sent twice only if it was sent and that could not be written down: the answer of SES or of the
database was lost. It is never left out: what failed is sent by the next run, and the function's failure is an alarm.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from sicfar.boundary import Boundary
from sicfar.database import supabase
from sicfar.database.answers import Digest, Digests
from sicfar.digest import text
from sicfar.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

    from sicfar.database.supabase import Client

LEASE_S = 300
"""How long claimed digests are this run's; longer than the function may run."""

_PER_KIND = 20
"""Matters of a kind that are shown; the rest is a number."""


class DigestError(TransientError):
    """A digest was not sent; the next run sends it."""


class Sent(Boundary, frozen=True):
    """What one run did: how many e-mails were sent, and what went wrong, a sentence each."""

    sent: int = Field(alias="enviados")
    faults: tuple[str, ...] = Field(alias="falhas")


class Sender:
    """The run and what it needs. ``sender``: the address the e-mails come from; ``environment``: named in them."""

    def __init__(self, database: "Client", ses: "SESV2Client", *, sender: str, environment: str) -> None:
        self._database = database
        self._ses = ses
        self._sender = sender
        self._environment = environment

    def run(self) -> Sent:
        """Send what has not been sent today. Raises what the database raises; a digest that SES refuses keeps no other
        one from being sent."""
        today = supabase.reivindicar_resumos(self._database, LEASE_S, _PER_KIND)
        faults = [fault for digest in today.digests if (fault := self._send(digest, today))]
        sent = len(today.digests) - len(faults)
        if today.unaddressed:
            faults.append(
                f"{today.unaddressed} pendências sem endereço a que mandar: cadastre-o com definir_endereco_resumo"
            )
        return Sent(sent=sent, faults=tuple(faults))

    def _send(self, digest: Digest, today: Digests) -> str | None:
        """Send one and put it down; returns why it was not sent."""
        message_id = fault = None
        try:
            message_id = self._ses.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": list(digest.addresses)},
                Content={
                    "Simple": {
                        "Subject": {"Data": text.subject(digest, today.day, self._environment), "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text.body(digest, today.hours), "Charset": "UTF-8"}},
                    }
                },
            )["MessageId"]
        except (ClientError, BotoCoreError) as cause:
            fault = f"{digest.sector or 'geral'}: {type(cause).__name__}: {cause}"
        supabase.concluir_resumo(self._database, digest, message_id, fault)
        return fault
