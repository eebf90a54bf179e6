"""Trust between the gateway and an OPC UA server: exactly what the configuration says, or no connection.

What the server offers is asked first, so that a refusal names the reason instead of a status code. A server that does
not offer the configured policy and mode, or answers with another certificate, is not connected to; nothing weaker is
ever tried.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from edge_gateway.machines.opcua_config import OpcUaConfig, Security
from edge_gateway.source import SourceError
from sicfar.errors import ConfigurationError, SicfarError

_POLICY_CLASSES: dict[str, type[Any]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
_PEM = b"-----"
_WRONG_USER = {"BadUserAccessDenied", "BadIdentityTokenRejected", "BadIdentityTokenInvalid"}
_NOT_TRUSTED = {"BadSecurityChecksFailed", "BadSecurityPolicyRejected", "BadSecurityModeRejected"}


class OpcUaRefusedError(ConfigurationError):
    """The server and this configuration do not fit together; somebody must change one of them."""

    def __init__(self, what: str, where: str, action: str) -> None:
        super().__init__("opcua_refused", what, where=where, action=action)


async def secure(client: Client, config: OpcUaConfig) -> None:
    """Prepare a client that is not yet connected. Raises OpcUaRefusedError, or what asking the server raises."""
    security = config.security
    wanted_mode = ua.MessageSecurityMode.None_ if security is None else ua.MessageSecurityMode[security.mode]
    wanted_uri = security_policies.SecurityPolicyNone.URI if security is None else _POLICY_CLASSES[security.policy].URI
    offered = await client.connect_and_get_server_endpoints()
    fitting = [each for each in offered if each.SecurityMode == wanted_mode and each.SecurityPolicyUri == wanted_uri]
    if not fitting:
        wanted = "sem segurança" if security is None else f"{security.policy} {security.mode}"
        choices = sorted({_described(each) for each in offered})
        raise OpcUaRefusedError(
            f"o servidor não aceita conexão {wanted}; oferece: {', '.join(choices) or 'nada'}",
            f"clps.{config.name}.security",
            "configure uma das que ele oferece, ou habilite a desejada no servidor",
        )
    if security is not None:
        await _use(client, config, security, fitting)
    if config.user is not None and config.password_file is not None:
        client.set_user(config.user)
        client.set_password(_password(config, config.password_file))


async def _use(client: Client, config: OpcUaConfig, security: Security, fitting: list[ua.EndpointDescription]) -> None:
    ours = _certificate(security.certificate, f"clps.{config.name}.security.certificate")
    theirs = _certificate(security.server_certificate, f"clps.{config.name}.security.server_certificate")
    believed = theirs.public_bytes(Encoding.DER)
    # A server may send its certificate with the chain behind it.
    if not any((each.ServerCertificate or b"").startswith(believed) for each in fitting):
        raise OpcUaRefusedError(
            "o certificado do servidor não é o da configuração",
            f"clps.{config.name}.security.server_certificate",
            "se ele foi trocado ou renovado, copie o certificado novo; se não, há outra máquina nesse endereço",
        )
    names = ours.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if not uris:
        raise OpcUaRefusedError(
            "o certificado do gateway não tem o URI da aplicação (subjectAltName URI)",
            f"clps.{config.name}.security.certificate",
            "gere o certificado como em docs/gateway.md",
        )
    client.application_uri = uris[0]
    try:
        # By content: the library would tell PEM from DER by the file's name.
        key = security.private_key.read_bytes()
        await client.set_security(
            _POLICY_CLASSES[security.policy],
            certificate=ours.public_bytes(Encoding.DER),
            private_key=CertProperties(key, "pem" if key.startswith(_PEM) else "der"),
            server_certificate=believed,
            mode=ua.MessageSecurityMode[security.mode],
        )
    except (OSError, ValueError, TypeError) as error:
        raise OpcUaRefusedError(
            f"a chave privada não pode ser usada: {error}",
            f"clps.{config.name}.security.private_key",
            "use a chave (PEM, sem senha) que pertence ao certificado do gateway",
        ) from error


def _certificate(path: Path, where: str) -> x509.Certificate:
    try:
        raw = path.read_bytes()
        load = x509.load_pem_x509_certificate if raw.startswith(_PEM) else x509.load_der_x509_certificate
        return load(raw)
    except (OSError, ValueError) as error:
        raise OpcUaRefusedError(
            f"o certificado {path} não pode ser lido: {error}", where, "confira o arquivo"
        ) from error


def _password(config: OpcUaConfig, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise OpcUaRefusedError(
            f"o arquivo da senha não pode ser lido: {error}", f"clps.{config.name}.password_file", "confira o arquivo"
        ) from error


def _described(endpoint: ua.EndpointDescription) -> str:
    policy = str(endpoint.SecurityPolicyUri).rpartition("#")[2]
    return "None (sem segurança)" if policy == "None" else f"{policy} {endpoint.SecurityMode.name}"


def told_apart(error: Exception, config: OpcUaConfig) -> SicfarError:
    """What a failed request means: somebody must mend something, or the server is away for now."""
    if isinstance(error, SicfarError):
        return error
    if isinstance(error, UaStatusCodeError):
        name = ua.StatusCode(error.code).name
        if name in _WRONG_USER:
            return OpcUaRefusedError(
                f"o servidor recusou o usuário ({name})",
                f"clps.{config.name}.user",
                "confira usuário e senha, ou peça um usuário só de leitura",
            )
        if name in _NOT_TRUSTED or name.startswith("BadCertificate"):
            return OpcUaRefusedError(
                f"o servidor não aceitou o certificado do gateway ({name})",
                f"clps.{config.name}.security.certificate",
                "na máquina, mova o certificado do gateway de rejeitados para confiáveis",
            )
        return SourceError(f"o servidor OPC UA respondeu {name}", config.address)
    if isinstance(error, InvalidSignature):
        return OpcUaRefusedError(
            "a assinatura do servidor não confere com o certificado dele",
            f"clps.{config.name}.security.server_certificate",
            "copie de novo o certificado do servidor",
        )
    if isinstance(error, TimeoutError | OSError):
        return SourceError(
            "o servidor OPC UA não responde", config.address, "confira a rede e se a máquina está ligada"
        )
    if isinstance(error, UaError):
        return SourceError(f"conversa com o servidor OPC UA interrompida: {error}", config.address)
    raise error
