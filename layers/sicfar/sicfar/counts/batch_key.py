"""The name of a batch in the bucket; whoever knows it knows which batch it is and what its bytes must be."""

import re
from dataclasses import dataclass
from datetime import date

from sicfar.counts.codes import Reason
from sicfar.counts.compression import QuarantineError
from sicfar.counts.record import excerpt

GATEWAY_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_EPOCH = re.compile(r"[0-9a-f]{32}")
_DIGEST16 = re.compile(r"[0-9a-f]{16}")
_KEY = re.compile(
    r"contagens/(?P<gateway>[^/]+)/(?P<epoch>[^/]+)/(?P<day>[0-9]{4}/[0-9]{2}/[0-9]{2})/"
    r"(?P<seq>[0-9]{12})-(?P<digest16>[^/]+)\.txt\.gz"
)
_MAX_SEQ = 10**12 - 1


class BatchKeyError(QuarantineError):
    """An object key or one of its parts is not that of a batch."""

    reason = Reason.BATCH_KEY_INVALID


@dataclass(frozen=True, slots=True)
class BatchKey:
    """The object key of a batch. ``sealed_on``: UTC date; ``digest16``: first 16 hex of the object's SHA-256.

    Raises BatchKeyError if a part is malformed.
    """

    gateway: str
    epoch: str
    seq: int
    sealed_on: date
    digest16: str

    def __post_init__(self) -> None:
        """Refuse what could not be read back."""
        for fits, what in (
            (
                GATEWAY_ID.fullmatch(self.gateway),
                f"gateway {excerpt(self.gateway)}; esperado minúsculas, algarismos e -",
            ),
            (_EPOCH.fullmatch(self.epoch), f"época {excerpt(self.epoch)}; esperado 32 algarismos hexadecimais"),
            (1 <= self.seq <= _MAX_SEQ, f"sequência {self.seq}; esperado de 1 a {_MAX_SEQ}"),
            (_DIGEST16.fullmatch(self.digest16), f"{excerpt(self.digest16)}; esperado 16 algarismos hexadecimais"),
        ):
            if not fits:
                raise _invalid(what)

    def format(self) -> str:
        """Return ``contagens/<gateway>/<época>/<yyyy>/<mm>/<dd>/<seq>-<digest16>.txt.gz``."""
        day = self.sealed_on.isoformat().replace("-", "/")
        return f"contagens/{self.gateway}/{self.epoch}/{day}/{self.seq:012d}-{self.digest16}.txt.gz"

    @classmethod
    def parse(cls, key: str) -> "BatchKey":
        """Read an object key. Raises BatchKeyError."""
        match = _KEY.fullmatch(key)
        try:
            sealed_on = date.fromisoformat(match["day"].replace("/", "-")) if match else None
        except ValueError:
            sealed_on = None
        if match is None or sealed_on is None:
            shape = "contagens/<gateway>/<época>/<aaaa>/<mm>/<dd>/<sequência>-<sha256>.txt.gz"
            raise _invalid(f"{excerpt(key)}; esperado {shape}")
        return cls(match["gateway"], match["epoch"], int(match["seq"]), sealed_on, match["digest16"])


def _invalid(what: str) -> BatchKeyError:
    return BatchKeyError(
        "batch_key_invalid",
        f"chave de lote inválida: {what}",
        action="confira quem gravou o objeto; só o gateway escreve em contagens/",
    )
