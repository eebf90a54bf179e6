"""What `receber_eventos_totvs` takes. Standard library only: the webhook, which starts cold, imports this."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """How events came: sent to us, or fetched."""

    WEBHOOK = "webhook"
    PULL = "consulta"


@dataclass(frozen=True, slots=True)
class Reception:
    """The events of one request or page, with its bytes as they came.

    ``key`` makes it recognisable: what comes twice is received once. ``received_at`` is ISO 8601 in UTC.
    """

    key: str
    origin: Origin
    received_at: str
    correlation: str
    sender: str
    content_type: str | None
    raw: bytes
    events: Sequence[Mapping[str, object]]

    def as_json(self) -> dict[str, object]:
        """The shape the SQL function takes."""
        return {
            "chave": self.key,
            "origem": self.origin.value,
            "recebido_em": self.received_at,
            "correlacao": self.correlation,
            "remetente": self.sender,
            "tipo_conteudo": self.content_type,
            "bruto": base64.b64encode(self.raw).decode(),
            "eventos": list(self.events),
        }
