"""Trust between the gateway and an OPC UA server: exactly what the configuration says, or no connection.

What the server offers is asked first, so that a refusal names the reason instead of a status code. A server that does
not offer the configured policy and mode, or answers with another certificate, is not connected to; nothing weaker is
ever tried.
"""

from __future__ import annotations

from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient, UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.common.shortcuts import Shortcuts
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import UaStructParsingError

from edge_gateway.machines.network import connect_to_first
from edge_gateway.machines.opcua_config import OpcUaConfig, Security
from edge_gateway.machines.opcua_errors import ChannelClosedError
from edge_gateway.machines.opcua_identity import Identity, OpcUaRefusedError, load_identity, read_password
from edge_gateway.machines.opcua_publication import read_publication

_POLICY_CLASSES: dict[str, type[Any]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}


class OpcUaClient(Client):
    """The library's client, but that it says why a server refuses a channel and never blocks on a name server."""

    def __init__(self, url: str, *, timeout: float, watchdog_intervall: float) -> None:
        super().__init__(url, timeout=timeout, watchdog_intervall=watchdog_intervall)
        ready = self.uaclient.pre_request_hook
        self.uaclient = _Transport(timeout)
        self.uaclient.pre_request_hook = ready
        # The library's own look at the server's state; the one it made belongs to a transport that is never connected.
        self.nodes = Shortcuts(self.uaclient.session)

    async def open_secure_channel(self, renew: bool = False) -> None:
        """Open or renew the channel. Raises ChannelClosedError where a secured one is refused without an answer."""
        try:
            await super().open_secure_channel(renew)
        except ConnectionError as error:
            if self.security_policy.URI == security_policies.SecurityPolicyNone.URI:
                raise
            raise ChannelClosedError(str(error)) from error

    async def connect_socket(self) -> None:
        """Connect to one of the server's addresses. Raises OSError."""
        host, port = self.server_url.hostname or "", self.server_url.port or 0
        await connect_to_first(host, port, lambda address: self.uaclient.connect_socket(address, port))


class _Session(UaSession):
    """The library's session, but that it reads a publication of plain counters in the quick way."""

    async def publish(self, acks: list[ua.SubscriptionAcknowledgement]) -> ua.PublishResponse:
        """Ask for the next publication. Raises UaStructParsingError if it cannot be read."""
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = acks
        data = await self._send_request(request, timeout=0)
        found = read_publication(bytes(data))
        if found is not None:
            return found
        try:
            return struct_from_binary(ua.PublishResponse, data)
        except Exception as error:
            raise UaStructParsingError from error


class _Transport(UaClient):
    def __init__(self, timeout: float) -> None:
        super().__init__(timeout)
        self.session = _Session(self)

    def _make_protocol(self) -> UASocketProtocol:
        self.protocol = _Protocol(self._timeout, security_policy=self.security_policy)
        self.protocol.pre_request_hook = self._pre_request_hook
        self.protocol.on_connection_lost = self._on_transport_lost
        self.protocol.is_session_closing = self._is_session_closing
        return self.protocol


class _Protocol(UASocketProtocol):
    """The library takes a refusal of the channel (a fault in place of its response) for a broken message.

    Its status code is lost then, and an assertion fails. Raised here, it reaches whoever waits for the channel.
    """

    def _process_received_message(self, msg: ua.Message | ua.Acknowledge | ua.ErrorMessage | None) -> None:
        if isinstance(msg, ua.Message) and msg._chunks[0].MessageHeader.MessageType == ua.MessageType.SecureOpen:
            self.check_answer(msg.body(), " in response to OpenSecureChannelRequest")  # type: ignore[no-untyped-call]
        super()._process_received_message(msg)


async def secure(client: Client, config: OpcUaConfig) -> None:
    """Prepare a client that is not yet connected. Raises OpcUaRefusedError, or what asking the server raises."""
    security = config.security
    identity = None if security is None else load_identity(config, security)
    if config.user is not None and config.password_file is not None:
        client.set_user(config.user)
        client.set_password(read_password(config, config.password_file))
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
    if security is not None and identity is not None:
        await _use(client, config, security, identity, fitting)


async def _use(
    client: Client,
    config: OpcUaConfig,
    security: Security,
    identity: Identity,
    fitting: list[ua.EndpointDescription],
) -> None:
    # A server may send its certificate with the chain behind it.
    if not any((each.ServerCertificate or b"").startswith(identity.server_certificate) for each in fitting):
        raise OpcUaRefusedError(
            "o certificado do servidor não é o da configuração",
            f"clps.{config.name}.security.server_certificate",
            "se ele foi trocado ou renovado, copie o certificado novo; se não, há outra máquina nesse endereço",
        )
    client.application_uri = identity.uri
    # By content: the library would tell PEM from DER by the file's name.
    await client.set_security(
        _POLICY_CLASSES[security.policy],
        certificate=identity.certificate,
        private_key=CertProperties(identity.private_key, identity.key_format),
        server_certificate=identity.server_certificate,
        mode=ua.MessageSecurityMode[security.mode],
    )


def _described(endpoint: ua.EndpointDescription) -> str:
    policy = str(endpoint.SecurityPolicyUri).rpartition("#")[2]
    return "None (sem segurança)" if policy == "None" else f"{policy} {endpoint.SecurityMode.name}"
