"""The certificates and the key of a secured connection, checked before anything goes over the network.

Most servers refuse for good, and without a reason, a client certificate that lacks the application's URI or comes with
another key. Here it is said which file is wrong and how to make a right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from edge_gateway.machines.opcua_config import OpcUaConfig, Security
from sicfar.errors import ConfigurationError

_PEM: Final = b"-----"
_SMALLEST_KEY: Final = 2048
"""Bits: what the three policies allow at least (OPC 10000-7)."""
_HOW: Final = (
    "gere o certificado como em docs/gateway.md, “Certificado para máquinas OPC UA”: com "
    'subjectAltName=URI:urn:sicfar:gateway:<computador>, por exemplo openssl req … -addext "subjectAltName=URI:…"'
)


class OpcUaRefusedError(ConfigurationError):
    """The server and this configuration do not fit together; somebody must change one of them."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__("opcua_refused", what, where=where, action=action)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a secured connection needs. Certificates in DER; `private_key` as in its file; `uri`: the application's."""

    certificate: bytes
    private_key: bytes
    server_certificate: bytes
    uri: str
    shown: str
    """Our certificate as a server's list shows it: name, thumbprint (SHA-1), validity."""

    @property
    def key_format(self) -> str:
        """pem or der."""
        return "pem" if self.private_key.startswith(_PEM) else "der"


def load_identity(config: OpcUaConfig, security: Security) -> Identity:
    """Read and check the files of a secured connection. Raises OpcUaRefusedError naming the configuration's key."""
    where = f"clps.{config.name}.security"
    ours = _certificate(security.certificate, f"{where}.certificate")
    theirs = _certificate(security.server_certificate, f"{where}.server_certificate")
    uri = _application_uri(ours, security.certificate, f"{where}.certificate")
    key = _private_key(security.private_key, ours, f"{where}.private_key")
    return Identity(
        certificate=ours.public_bytes(Encoding.DER),
        private_key=key,
        server_certificate=theirs.public_bytes(Encoding.DER),
        uri=uri,
        shown=describe(ours),
    )


def describe(certificate: x509.Certificate) -> str:
    """A certificate as people find it in a server's list."""
    name = certificate.subject.rfc4514_string() or "sem nome"
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    thumbprint = certificate.fingerprint(SHA1()).hex().upper()  # noqa: S303 - the name servers give it, no protection
    return f"{name}, impressão digital {thumbprint}, válido de {begins:%d/%m/%Y} a {ends:%d/%m/%Y}"


def read_password(config: OpcUaConfig, path: Path) -> str:
    """The user's password. Raises OpcUaRefusedError."""
    where = f"clps.{config.name}.password_file"
    try:
        return path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise OpcUaRefusedError(
            f"o arquivo da senha não pode ser lido: {error}", where, "confira o nome do arquivo e as permissões"
        ) from error


def _certificate(path: Path, where: str) -> x509.Certificate:
    try:
        raw = path.read_bytes()
        load = x509.load_pem_x509_certificate if raw.startswith(_PEM) else x509.load_der_x509_certificate
        return load(raw)
    except (OSError, ValueError) as error:
        raise OpcUaRefusedError(
            f"o certificado {path} não pode ser lido: {error}", where, "confira o arquivo (DER ou PEM) e as permissões"
        ) from error


def _application_uri(ours: x509.Certificate, path: Path, where: str) -> str:
    try:
        names = ours.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise OpcUaRefusedError(f"o certificado do gateway ({path}) não tem subjectAltName", where, _HOW) from None
    except ValueError as error:
        raise OpcUaRefusedError(
            f"as extensões do certificado do gateway ({path}) não podem ser lidas: {error}", where, _HOW
        ) from error
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if not uris:
        raise OpcUaRefusedError(
            f"o certificado do gateway ({path}) não tem o URI da aplicação (subjectAltName URI)", where, _HOW
        )
    return uris[0]


def _private_key(path: Path, ours: x509.Certificate, where: str) -> bytes:
    """The key's bytes, if it is the certificate's."""
    try:
        raw = path.read_bytes()
        load = load_pem_private_key if raw.startswith(_PEM) else load_der_private_key
        key = load(raw, password=None)
    except (OSError, ValueError, TypeError) as error:
        raise OpcUaRefusedError(
            f"a chave privada {path} não pode ser usada: {error}",
            where,
            "use a chave (PEM, sem senha) que pertence ao certificado do gateway",
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _SMALLEST_KEY:
        raise OpcUaRefusedError(f"a chave privada {path} não é RSA de {_SMALLEST_KEY} bits ou mais", where, _HOW)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != ours.public_key().public_bytes(*form):
        raise OpcUaRefusedError(
            f"a chave privada {path} não é a do certificado do gateway",
            where,
            "use o par de arquivos gerado junto (gateway.pem e gateway.der)",
        )
    return raw
