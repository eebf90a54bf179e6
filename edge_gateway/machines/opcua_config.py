"""An OPC UA server in the configuration: its security, and where each counter stands in its address space.

    "bausch_vidro01": {
      "protocol": "opcua",
      "address": "opc.tcp://192.168.1.40:4840",
      "poll_ms": 250,                            # publishing and sampling interval asked of the server
      "security": {"policy": "Basic256Sha256", "mode": "SignAndEncrypt", "certificate": "gateway.der",
                   "private_key": "gateway.pem", "server_certificate": "bausch01.der"},
      "user": "sicfar", "password_file": "bausch01.senha",
      "lines": {
        "SPPV-ENV-VIDRO01": {
          "production": {"packml": "nsu=urn:fabricante:maquina;s=Envasadora", "count": "ProdProcessedCount"},
          "rejected": {"packml": "nsu=urn:fabricante:maquina;s=Envasadora", "count": "ProdDefectiveCount"},
          "processed_includes_rejected": true,
          "max_per_hour": 24000
        },
        "SPPV-ENV-VIDRO02": {"production": {"node": "ns=3;s=\\"DB_Linha\\".\\"Total\\""}, "max_per_hour": 24000}
      }
    }

- ``security`` is required and nothing weaker than what it says is ever used. ``{"policy": "None"}`` has to be written
  to go without. With any other policy the server's certificate is given too: without it, whoever answers would be
  believed. A password goes out over ``SignAndEncrypt`` only.
- A counter is a ``node``, or a count of a ``packml`` unit (OPC 30050): the node of the machine's object below which
  ``Admin`` stands. Either may be an array: ``index`` (0, the primary product stream) says which element. Of a PackML
  count structure AccCount is read, the one that no job resets. Only counters that run on are read: an event that
  happened while the gateway was down could not be known.
- ``nsu=<URI>;…`` finds the namespace wherever the server has it today; ``ns=<index>;…`` trusts the index.
- ``bits``: the width of the value, 16, 32 (default) or 64.
- ``clock_tolerance_s`` (300): how far the machine's clock may be off and still be believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from edge_gateway.machines.description import Machine, gap_of, parse_lines
from edge_gateway.section import ConfigError, Section

Policy = Literal["Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"]
Mode = Literal["Sign", "SignAndEncrypt"]

OPCUA_KEYS: Final = ("security", "user", "password_file", "clock_tolerance_s")
_POLICIES: Final[tuple[Policy, ...]] = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
_SECURITY_KEYS = ("policy", "mode", "certificate", "private_key", "server_certificate")
_POINT_KEYS = ("node", "packml", "count", "index", "bits")
_COUNTS = ("ProdProcessedCount", "ProdDefectiveCount")
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
    """Where a counter stands: a node, or (with `count`) a PackML unit and the count below it. `index`: of an array."""

    node: NodeRef
    count: str | None
    index: int
    bits: int

    def __str__(self) -> str:
        return self.node.text if self.count is None else f"{self.node.text} › Admin › {self.count}[{self.index}]"


@dataclass(frozen=True, slots=True)
class Security:
    """A secured channel: policy, mode, our certificate and key, and the only server certificate believed."""

    policy: Policy
    mode: Mode
    certificate: Path
    private_key: Path
    server_certificate: Path


@dataclass(frozen=True, slots=True)
class OpcUaConfig(Machine[OpcUaPoint]):
    """One server. `security` is None only where the configuration says policy None."""

    security: Security | None
    user: str | None
    password_file: Path | None
    clock_tolerance_s: int


def parse_opcua(name: str, section: Section) -> OpcUaConfig:
    """The configuration of one server. Raises ConfigError."""
    poll_ms = section.whole("poll_ms", 250, 50, 60_000)
    security = _security(section.required("security", _SECURITY_KEYS, '{"policy": "Basic256Sha256", ...}'))
    user, password_file = section.optional_text("user"), section.optional_text("password_file")
    if (user is None) != (password_file is None):
        missing = "user" if user is None else "password_file"
        raise ConfigError(f"falta a chave {missing!r}", section.key(missing), "usuário e arquivo da senha vão juntos")
    if user is not None and (security is None or security.mode != "SignAndEncrypt"):
        raise ConfigError(
            "a senha iria pela rede sem cifra",
            section.key("security"),
            'com "user", use "mode": "SignAndEncrypt"; sem cifra, só acesso anônimo',
        )
    return OpcUaConfig(
        name=name,
        address=_address(section),
        poll_ms=poll_ms,
        lines=parse_lines(section, _POINT_KEYS, _point, gap_of(max(poll_ms, 1_000))),
        security=security,
        user=user,
        password_file=None if password_file is None else Path(password_file),
        clock_tolerance_s=section.whole("clock_tolerance_s", 300, 1, 86_400),
    )


def parse_node(text: str, where: str) -> NodeRef:
    """A node id as people write it. Raises ConfigError."""
    match = _NODE.fullmatch(text)
    kind, _, value = match["identifier"].partition("=") if match else ("", "", "")
    if match is None or (kind == "i" and not value.isdigit()):
        raise ConfigError(
            f"node id {text!r} inválido", where, 'use a forma "nsu=urn:fabricante;s=Total" ou "ns=3;i=1042"'
        )
    return NodeRef(match["uri"], int(match["index"] or 0), match["identifier"], text)


def _address(section: Section) -> str:
    address = section.text("address")
    try:
        parts = urlsplit(address)
        port = parts.port or _DEFAULT_PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise ConfigError(f"endereço {address!r} inválido", section.key("address"), 'use "opc.tcp://192.168.1.40:4840"')
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "o endereço contém usuário ou senha", section.key("address"), "use as chaves user e password_file"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"opc.tcp://{host}:{port}{parts.path}"


def _security(section: Section) -> Security | None:
    policy = section.choice("policy", ("None", *_POLICIES))
    if policy == "None":
        for key in _SECURITY_KEYS[1:]:
            if key in section.names():
                raise ConfigError(
                    "sem política de segurança não há certificado nem modo",
                    section.key(key),
                    f"apague esta chave, ou escolha uma política: {', '.join(_POLICIES)}",
                )
        return None
    mode = section.choice("mode", ("Sign", "SignAndEncrypt"), default="SignAndEncrypt")
    return Security(
        policy=next(known for known in _POLICIES if known == policy),
        mode="Sign" if mode == "Sign" else "SignAndEncrypt",
        certificate=Path(section.text("certificate")),
        private_key=Path(section.text("private_key")),
        server_certificate=Path(section.text("server_certificate")),
    )


def _point(section: Section) -> tuple[OpcUaPoint, int]:
    node, unit = section.optional_text("node"), section.optional_text("packml")
    if (node is None) == (unit is None):
        raise ConfigError(
            'diga onde está o contador: "node" ou "packml", um dos dois',
            section.path,
            '{"node": "nsu=urn:fabricante;s=Total"} ou {"packml": "<objeto>", "count": "ProdProcessedCount"}',
        )
    if node is not None and "count" in section.names():
        raise ConfigError('"count" só existe com "packml"', section.key("count"), "apague esta chave")
    bits = section.whole("bits", 32, 16, 64)
    if bits not in (16, 32, 64):
        raise ConfigError(f"largura {bits} desconhecida", section.key("bits"), "use 16, 32 ou 64")
    point = OpcUaPoint(
        node=parse_node(node or unit or "", section.key("node" if node else "packml")),
        count=None if unit is None else section.choice("count", _COUNTS),
        index=section.whole("index", 0, 0, 9_999),
        bits=bits,
    )
    return point, bits
