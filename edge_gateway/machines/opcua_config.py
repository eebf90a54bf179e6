"""An OPC UA server, beside what every machine has (`edge_gateway.machines.description`).

All keys are explained in docs/maquinas.md. ``security`` is required and nothing weaker than what it says is ever used:
to go without, ``{"policy": "None"}`` has to be written. With any other policy the server's certificate is given too:
without it, whoever answers would be believed. A password goes out over ``SignAndEncrypt`` only.

Only counters that run on are read: an event that happened while the gateway was down could not be known. Of a PackML
count structure AccCount is read, the one that no job resets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, field_validator, model_validator

from edge_gateway.machines.description import CounterConfig, Machine
from edge_gateway.section import Count, Located, Part, Seconds, Text
from sicfar.validation import refused, said

Policy = Literal["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"]
Mode = Literal["Sign", "SignAndEncrypt"]

_DEFAULT_PORT = 4840
_NODE = re.compile(r"(?:(?:nsu=(?P<uri>.+?)|ns=(?P<index>\d{1,5}));)?(?P<identifier>[isgb]=.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A node id whose namespace may still be a URI. `identifier` is its last part, as in ``s=Total``."""

    uri: str | None
    index: int
    identifier: str
    text: str
    """As it stands in the configuration, for messages."""


@dataclass(frozen=True, slots=True)
class OpcUaPoint:
    """Where a counter is: a node, or (with `count`) a PackML unit and the count below it. `index`: of an array."""

    node: NodeRef
    count: str | None
    index: int
    bits: int

    def __str__(self) -> str:
        return self.node.text if self.count is None else f"{self.node.text} › Admin › {self.count}[{self.index}]"


class Unsecured(Part):
    """A channel without security, where the configuration says so."""

    policy: Literal["None"]


class Security(Part):
    """A secured channel: policy, mode, our certificate and key, and the only server certificate believed."""

    policy: Policy
    mode: Mode = Field("SignAndEncrypt", description="assinar, ou assinar e cifrar")
    certificate: Annotated[Path, Located] = Field(description="o arquivo do certificado do gateway")
    private_key: Annotated[Path, Located] = Field(description="o arquivo da chave do gateway")
    server_certificate: Annotated[Path, Located] = Field(description="o arquivo do certificado da máquina")

    @field_validator("server_certificate")
    @classmethod
    def _is_the_servers(cls, path: Path, info: ValidationInfo) -> Path:
        if path in (info.data.get("certificate"), info.data.get("private_key")):
            raise refused("escreva o arquivo do certificado da máquina; este é o do gateway (certificate, private_key)")
        return path


def parse_node(value: object) -> NodeRef:
    """A node id as people write it. Raises PydanticCustomError."""
    match = _NODE.fullmatch(value) if isinstance(value, str) else None
    if match is None or re.fullmatch(r"i=(?!\d+$).*", match["identifier"], re.DOTALL):
        raise refused('escreva um node id, p. ex. "nsu=urn:fabricante;s=Total" ou "ns=3;i=1042"')
    return NodeRef(match["uri"], int(match["index"] or 0), match["identifier"], match[0])


_Node = Annotated[NodeRef, PlainValidator(parse_node, json_schema_input_type=str)]


class OpcUaCounter(CounterConfig):
    """A counter in nodes."""

    node: _Node | None = Field(None, description="o nó do contador")
    packml: _Node | None = Field(None, description="o nó do objeto PackML da máquina, acima de Admin")
    count: Literal["ProdProcessedCount", "ProdDefectiveCount"] | None = Field(None, description="o contador PackML")
    index: Count = Field(0, ge=0, le=9_999, description="a posição, se for uma lista (0: o produto principal)")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.node is None) == (self.packml is None):
            raise said(
                'diga onde está o contador, em "node" ou "packml", um dos dois: {"node": "nsu=urn:fabricante;s=Total"} '
                'ou {"packml": "<objeto>", "count": "ProdProcessedCount"}'
            )
        if (self.packml is None) != (self.count is None):
            raise said('"packml" e "count" (ProdProcessedCount ou ProdDefectiveCount) só valem juntos')
        return self


def _endpoint(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = parts.port or _DEFAULT_PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    if "@" in address:
        raise refused("tire usuário e senha do endereço; eles vão em user e password_file", hidden=True)
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise refused('escreva o endereço do servidor, p. ex. "opc.tcp://192.168.1.40:4840"')
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"opc.tcp://{host}:{port}{parts.path}"


class OpcUaConfig(Machine[OpcUaCounter, OpcUaPoint]):
    """One server."""

    protocol: Literal["opcua"]
    address: Annotated[Text, AfterValidator(_endpoint)] = Field(
        description="o endereço do servidor", examples=['"opc.tcp://192.168.1.40:4840"']
    )
    channel: Annotated[Unsecured | Security, Field(discriminator="policy")] = Field(
        alias="security",
        description="a segurança do canal",
        examples=['{"policy": "Basic256Sha256", …} ou {"policy": "None"}'],
    )
    user: Text | None = Field(None, description="o usuário, só de leitura")
    password_file: Annotated[Path, Located] | None = Field(
        None, validate_default=True, description="o arquivo com a senha do usuário"
    )
    clock_tolerance_s: Seconds = Field(300, description="segundos que o relógio da máquina pode estar errado")

    @field_validator("password_file")
    @classmethod
    def _is_the_users(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        user, security = info.data.get("user"), info.data.get("channel")
        if (user is None) != (path is None):
            raise said(f"falta {'user' if user is None else 'password_file'}; usuário e arquivo da senha vão juntos")
        if user is not None and security is not None and getattr(security, "mode", "") != "SignAndEncrypt":
            raise said('a senha iria pela rede sem cifra; em security, use "mode": "SignAndEncrypt"')
        return path

    @property
    def security(self) -> Security | None:
        """How the channel is secured; None only where the configuration says policy None."""
        return self.channel if isinstance(self.channel, Security) else None

    def _gap_ms(self) -> int:
        return max(4_000, super()._gap_ms())

    def _point(self, counter: OpcUaCounter) -> OpcUaPoint:
        node = counter.node or counter.packml
        assert node is not None  # noqa: S101 - as checked
        return OpcUaPoint(node, counter.count, counter.index, counter.bits)
