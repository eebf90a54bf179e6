"""One seal, as bytes and back: what is hashed is exactly what lies in the bucket.

The first line says where in the chain it stands, which seal is before it, when the rows were read and which columns
each table had; then a line a row. Example:

    {"anterior":"9f3c…","colunas":{"perdas_qualidade":["codigo","em",…]},"completo":true,"posicao":7,"registros":1,…}
    perdas_qualidade 12 4be1…
"""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import Field, ValidationError

from sicfar.boundary import Boundary
from sicfar.errors import PermanentError

VERSION = 1


class SealUnreadableError(PermanentError):
    """An object of the chain is no seal."""


class Header(Boundary, frozen=True):
    """What a seal says of itself.

    ``complete``: nothing that was committed when the rows were read is left for the next seal.
    """

    version: int = Field(VERSION, alias="versao")
    position: int = Field(alias="posicao", gt=0)
    previous: str | None = Field(alias="anterior")
    read_at: datetime = Field(alias="selado_em")
    complete: bool = Field(alias="completo")
    rows: int = Field(alias="registros", gt=0)
    columns: Mapping[str, tuple[str, ...]] = Field(alias="colunas")


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its table and number, and the SHA-256 of its text, hexadecimal."""

    table: str
    number: int
    sha256: str


@dataclass(frozen=True)
class Seal:
    """A seal; ``body`` is all of it, as hashed."""

    header: Header
    lines: Sequence[Line]
    body: bytes

    @cached_property
    def sha256(self) -> str:
        """Its own hash: what the next seal names as the one before it."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def packed(self) -> bytes:
        """As it lies in the bucket."""
        return gzip.compress(self.body, mtime=0)


def row_hash(text: str) -> str:
    """The SHA-256 of a row's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def compose(header: Header, lines: Sequence[Line]) -> Seal:
    """The seal of these rows."""
    first = json.dumps(header.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    body = "".join([first, "\n", *(f"{line.table} {line.number} {line.sha256}\n" for line in lines)]).encode()
    return Seal(header, lines, body)


def unpack(packed: bytes, where: str) -> Seal:
    """A seal as it lies in the bucket. Raises SealUnreadableError."""
    try:
        body = gzip.decompress(packed)
        first, *rest = body.decode().splitlines()
        header = Header.model_validate_json(first, by_alias=True, by_name=False)
        parts = [line.split(" ") for line in rest]
        lines = [Line(table, int(number), digest) for table, number, digest in parts]
    except (OSError, EOFError, ValueError, ValidationError) as cause:
        raise SealUnreadableError(
            "seal_unreadable", f"não é um selo ({type(cause).__name__})", where=where, action="avise quem desenvolve"
        ) from cause
    if header.version != VERSION or header.rows != len(lines):
        raise SealUnreadableError(
            "seal_unreadable",
            f"versão {header.version}, {len(lines)} linhas; esperadas versão {VERSION}, {header.rows} linhas",
            where=where,
            action="use o comando da versão mais nova",
        )
    return Seal(header, lines, body)
