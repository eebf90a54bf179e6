"""What a failed OPC UA request means to the person who has to do something about it.

A status code of the server, or an error of the library or of the network, becomes a `SicfarError`: what happened, at
which key of the configuration or device, and what to do. What nobody foresaw says what was being done to which device.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

from asyncua import ua
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography.exceptions import InvalidSignature

from edge_gateway.machines.opcua_config import OpcUaConfig
from edge_gateway.machines.opcua_identity import OpcUaRefusedError, load_identity
from edge_gateway.source import SourceError, UnexpectedSourceError
from sicfar.errors import SicfarError


class ChannelClosedError(ConnectionError):
    """The server closed the connection instead of answering the request for a secured channel."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a status code means. `key`: of the machine's configuration, empty if nothing there is wrong.

    `ours`: the message names the gateway's certificate.
    """

    what: str
    action: str
    key: str = ""
    ours: bool = False


_CERTIFICATE: Final = "security.certificate"
_TRUST_US: Final = _Meaning(
    "o servidor ainda não confia no certificado do gateway",
    "é normal na primeira conexão: no servidor, mova o certificado do gateway de rejeitados (rejected) para confiáveis "
    "(trusted); o gateway tenta de novo sozinho",
    _CERTIFICATE,
    ours=True,
)
_SECURITY_CHECKS: Final = _Meaning(
    "o servidor recusou a conexão segura sem dizer por quê: quase sempre, ainda não confia no certificado do gateway",
    f"{_TRUST_US.action}. Se ele já está em confiáveis, veja o registro (log) do servidor e acerte o relógio dele",
    _CERTIFICATE,
    ours=True,
)
_CLOSED: Final = _Meaning(
    "o servidor fechou a conexão ao abrir o canal seguro: quase sempre, ainda não confia no certificado do gateway",
    _SECURITY_CHECKS.action,
    _CERTIFICATE,
    ours=True,
)
_MAKE_ANEW: Final = "gere o certificado como em docs/gateway.md, “Certificado para máquinas OPC UA”"
_USER: Final = "confira usuário e senha, ou peça no servidor um usuário só de leitura"
_POLICY: Final = _Meaning(
    "o servidor não aceita esta política ou este modo de segurança",
    "configure uma que ele oferece (check --probe as mostra), ou habilite a desejada no servidor",
    "security",
)
_REVOCATION: Final = _Meaning(
    "o servidor não consegue verificar quem emitiu o certificado do gateway",
    "no servidor, instale a autoridade que o emitiu e a lista de revogação (CRL) dela; ou use um certificado "
    "autoassinado, como em docs/gateway.md",
    _CERTIFICATE,
    ours=True,
)
_VALIDITY: Final = _Meaning(
    "para o servidor, o certificado do gateway está fora da validade",
    f"acerte o relógio do servidor; se o certificado venceu, {_MAKE_ANEW}",
    _CERTIFICATE,
    ours=True,
)
_USES: Final = _Meaning(
    "o certificado do gateway não foi feito para este uso",
    f"{_MAKE_ANEW}: com keyUsage e extendedKeyUsage",
    _CERTIFICATE,
    ours=True,
)
_TOO_MANY: Final = _Meaning(
    "o servidor não tem lugar para mais uma sessão",
    "feche outros clientes (UaExpert, outro gateway); a sessão de um gateway que caiu é liberada em um minuto",
)
_FULL: Final = _Meaning(
    "o servidor não aceita tantas assinaturas ou nós",
    "feche outros clientes, ou peça ao fabricante um limite maior",
)
_BUSY: Final = _Meaning("o servidor não pode atender agora", "espere; se não passar, reinicie o servidor da máquina")

_MEANINGS: Final[dict[str, _Meaning]] = {
    "BadCertificateUntrusted": _TRUST_US,
    "BadSecurityChecksFailed": _SECURITY_CHECKS,
    "BadCertificateUriInvalid": _Meaning(
        "o URI da aplicação no certificado do gateway não serve ao servidor", _MAKE_ANEW, _CERTIFICATE, ours=True
    ),
    "BadCertificateTimeInvalid": _VALIDITY,
    "BadCertificateIssuerTimeInvalid": _VALIDITY,
    "BadCertificateUseNotAllowed": _USES,
    "BadCertificateIssuerUseNotAllowed": _USES,
    "BadCertificateRevoked": _Meaning(
        "o servidor tem o certificado do gateway por revogado", _MAKE_ANEW, _CERTIFICATE, ours=True
    ),
    "BadCertificateIssuerRevoked": _REVOCATION,
    "BadCertificateRevocationUnknown": _REVOCATION,
    "BadCertificateIssuerRevocationUnknown": _REVOCATION,
    "BadCertificateChainIncomplete": _REVOCATION,
    "BadNoValidCertificates": _Meaning(
        "o servidor não tem certificado próprio válido", "gere ou renove o certificado do servidor na máquina"
    ),
    "BadSecurityPolicyRejected": _POLICY,
    "BadSecurityModeRejected": _POLICY,
    "BadSecurityModeInsufficient": _POLICY,
    "BadIdentityTokenRejected": _Meaning("o servidor recusou o usuário", _USER, "user"),
    "BadIdentityTokenInvalid": _Meaning("o servidor recusou o usuário", _USER, "user"),
    "BadUserSignatureInvalid": _Meaning("o servidor recusou o usuário", _USER, "user"),
    "BadUserAccessDenied": _Meaning("o servidor recusou o usuário, ou ele não pode ler", _USER, "user"),
    "BadNodeIdUnknown": _Meaning("um nó da configuração não existe no servidor", "confira os node ids", "lines"),
    "BadNodeIdInvalid": _Meaning("um nó da configuração não existe no servidor", "confira os node ids", "lines"),
    "BadTcpEndpointUrlInvalid": _Meaning(
        "o servidor não conhece este endereço",
        "copie o endereço (EndpointUrl) que o servidor mostra, com a parte depois da porta",
        "address",
    ),
    "BadTooManySessions": _TOO_MANY,
    "BadTcpNotEnoughResources": _TOO_MANY,
    "BadMaxConnectionsReached": _TOO_MANY,
    "BadTooManySubscriptions": _FULL,
    "BadTooManyMonitoredItems": _FULL,
    "BadTooManyOperations": _FULL,
    "BadServerHalted": _BUSY,
    "BadShutdown": _BUSY,
    "BadOutOfMemory": _BUSY,
    "BadResourceUnavailable": _BUSY,
    "BadTcpServerTooBusy": _BUSY,
    "BadTooManyPublishRequests": _BUSY,
}


def explain(error: Exception, config: OpcUaConfig, doing: str) -> SicfarError:
    """An error as a `SicfarError`; `doing`: what was being done, a verb phrase after "ao" (Portuguese).

    OpcUaRefusedError where the configuration or the server must be changed, else SourceError; UnexpectedSourceError for
    what is none of the known.
    """
    where = f"{config.name} ({config.address}), ao {doing}"
    if isinstance(error, SicfarError):
        return error
    if isinstance(error, UaStatusCodeError):
        return _of_status(ua.StatusCode(error.code).name, config, where)
    if isinstance(error, InvalidSignature):
        return OpcUaRefusedError(
            "a assinatura do servidor não confere com o certificado dele",
            f"clps.{config.name}.security.server_certificate",
            "copie de novo o certificado do servidor",
        )
    if isinstance(error, ChannelClosedError):
        return _of_meaning(_CLOSED, "", config, where)
    if isinstance(error, OSError):
        return _of_network(error, where)
    if isinstance(error, UaError):
        return SourceError(f"conversa com o servidor OPC UA interrompida: {error}", where, "o gateway tenta de novo")
    return UnexpectedSourceError(error, doing, f"{config.name} ({config.address})")


def _of_status(name: str, config: OpcUaConfig, where: str) -> SicfarError:
    meaning = _MEANINGS.get(name)
    if meaning is None and name.startswith("BadCertificate"):
        meaning = _Meaning("o servidor não aceitou o certificado do gateway", _MAKE_ANEW, _CERTIFICATE, ours=True)
    if meaning is None:
        return SourceError(f"o servidor OPC UA respondeu {name}", where, "o gateway tenta de novo")
    return _of_meaning(meaning, f" ({name})", config, where)


def _of_meaning(meaning: _Meaning, name: str, config: OpcUaConfig, where: str) -> SicfarError:
    what = f"{meaning.what}{name}"
    if meaning.ours and config.security is not None:
        what += f": {load_identity(config, config.security).shown}"
    if not meaning.key:
        return SourceError(what, where, meaning.action)
    return OpcUaRefusedError(what, f"clps.{config.name}.{meaning.key} ({config.address})", meaning.action)


def _of_network(error: OSError, where: str) -> SourceError:
    what, action = "o servidor OPC UA não responde", "confira a rede e se a máquina está ligada"
    if isinstance(error, ConnectionRefusedError):
        what = "conexão recusada: nada atende neste endereço e porta"
        action = "confira a porta em address e se o servidor OPC UA da máquina está em execução"
    elif isinstance(error, socket.gaierror):
        what, action = "a rede não conhece este nome", "corrija o nome em address, ou use o endereço IP"
    elif isinstance(error, ConnectionError):
        what = "o servidor OPC UA fechou a conexão"
        action = "o gateway conecta de novo; se repetir, veja o registro (log) do servidor"
    elif not isinstance(error, TimeoutError):
        what = f"sem conexão com o servidor OPC UA ({error.strerror or error})"
    return SourceError(what, where, action)
