"""What a person reads when an OPC UA server, a file or the network refuses: what happened, where, what to do."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua.client.client import Client
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edge_gateway.config import parse_config
from edge_gateway.machines import opcua_client
from edge_gateway.machines.opcua import OpcUaSource
from edge_gateway.machines.opcua_config import OpcUaConfig
from edge_gateway.machines.opcua_errors import ChannelClosedError, explain
from edge_gateway.machines.opcua_identity import OpcUaRefusedError, load_identity
from edge_gateway.machines.opcua_security import OpcUaClient
from edge_gateway.source import SourceError, UnexpectedSourceError
from local.processes import free_port
from local.waiting import LAST_RESORT_S

LINE = "SPEP-ENV-A"
URI = x509.UniformResourceIdentifier("urn:sicfar:gateway:teste")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


def certificate(key: Any, *names: x509.GeneralName) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SicFar gateway")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, begins, begins + timedelta(days=3_650))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def pem(key: Any, password: bytes = b"") -> bytes:
    protection = BestAvailableEncryption(password) if password else NoEncryption()
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))


@pytest.fixture
def folder(tmp_path: Path, key: rsa.RSAPrivateKey) -> Path:
    (tmp_path / "gateway.der").write_bytes(certificate(key, URI))
    (tmp_path / "gateway.pem").write_bytes(pem(key))
    (tmp_path / "servidor.der").write_bytes(certificate(key, URI))
    return tmp_path


def machine(folder: Path | None, port: int = 4840, host: str = "127.0.0.1") -> OpcUaConfig:
    files = {"certificate": "gateway.der", "private_key": "gateway.pem", "server_certificate": "servidor.der"}
    security = {"policy": "None"}
    if folder is not None:
        security = {"policy": "Basic256Sha256"} | {name: str(folder / file) for name, file in files.items()}
    lines = {LINE: {"production": {"node": "ns=1;i=1"}, "max_per_hour": 9}}
    entry = {"protocol": "opcua", "address": f"opc.tcp://{host}:{port}", "security": security, "lines": lines}
    config = parse_config({"clps": {"vidro": entry}}).machines[0]
    assert isinstance(config, OpcUaConfig)
    return config


# -- status codes and errors of the library ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "what", "action"),
    [
        ("BadCertificateUntrusted", "ainda não confia no certificado do gateway", "mova o certificado"),
        ("BadSecurityChecksFailed", "quase sempre, ainda não confia", "mova o certificado"),
        ("BadCertificateUriInvalid", "o URI da aplicação", "docs/gateway.md"),
        ("BadCertificateTimeInvalid", "fora da validade", "acerte o relógio do servidor"),
        ("BadCertificateUseNotAllowed", "não foi feito para este uso", "keyUsage"),
        ("BadCertificateRevocationUnknown", "não consegue verificar quem emitiu", "lista de revogação"),
        ("BadCertificateHostNameInvalid", "não aceitou o certificado do gateway", "docs/gateway.md"),
    ],
)
def test_p9_a_refused_certificate_is_named_as_the_server_s_list_shows_it(
    folder: Path, status: str, what: str, action: str
) -> None:
    error = explain(UaStatusCodeError(getattr(StatusCodes, status)), machine(folder), "abrir a sessão")
    assert isinstance(error, OpcUaRefusedError)
    assert what in error.what
    assert f"({status})" in error.what
    assert load_identity(machine(folder), machine(folder).security).shown in error.what  # type: ignore[arg-type]
    assert "CN=SicFar gateway, impressão digital " in error.what
    assert "válido de 01/01/2026 a 30/12/2035" in error.what
    assert error.where == "clps.vidro.security.certificate (opc.tcp://127.0.0.1:4840)"
    assert action in error.action


@pytest.mark.parametrize(
    ("status", "what", "where", "action"),
    [
        ("BadSecurityPolicyRejected", "não aceita esta política", "clps.vidro.security", "habilite a desejada"),
        ("BadSecurityModeInsufficient", "não aceita esta política", "clps.vidro.security", "habilite a desejada"),
        ("BadIdentityTokenRejected", "recusou o usuário", "clps.vidro.user", "usuário e senha"),
        ("BadUserAccessDenied", "recusou o usuário", "clps.vidro.user", "usuário e senha"),
        ("BadNodeIdUnknown", "não existe no servidor", "clps.vidro.lines", "node ids"),
        ("BadTcpEndpointUrlInvalid", "não conhece este endereço", "clps.vidro.address", "EndpointUrl"),
    ],
)
def test_p9_a_refusal_names_the_key_and_what_to_do(status: str, what: str, where: str, action: str) -> None:
    error = explain(UaStatusCodeError(getattr(StatusCodes, status)), machine(None), "abrir a sessão")
    assert isinstance(error, OpcUaRefusedError)
    assert what in error.what
    assert error.where == f"{where} (opc.tcp://127.0.0.1:4840)"
    assert action in error.action


@pytest.mark.parametrize(
    ("raised", "what", "action"),
    [
        (
            UaStatusCodeError(StatusCodes.BadTooManySessions),
            "lugar para mais uma sessão",
            "feche outros clientes",
        ),
        (UaStatusCodeError(StatusCodes.BadServerHalted), "não pode atender agora", "espere"),
        (UaStatusCodeError(StatusCodes.BadDataLost), "respondeu BadDataLost", "tenta de novo"),
        (ConnectionRefusedError(111, "refused"), "conexão recusada", "confira a porta"),
        (ConnectionError("connection lost"), "fechou a conexão", "registro (log) do servidor"),
        (socket.gaierror(-2, "unknown"), "a rede não conhece este nome", "endereço IP"),
        (OSError(113, "No route to host"), "sem conexão com o servidor OPC UA (No route to host)", "confira a rede"),
        (TimeoutError(), "não responde", "confira a rede"),
        (UaError("half a message"), "interrompida: half a message", "tenta de novo"),
    ],
)
def test_p6_what_passes_is_a_source_away_with_what_was_being_done(raised: Exception, what: str, action: str) -> None:
    error = explain(raised, machine(None), "abrir a sessão")
    assert isinstance(error, SourceError)
    assert what in error.what
    assert error.where == "vidro (opc.tcp://127.0.0.1:4840), ao abrir a sessão"
    assert action in error.action


@pytest.mark.parametrize(
    "raised", [AssertionError(), AttributeError("'NoneType' …"), RuntimeError("?"), ValueError("x")]
)
def test_p8_an_error_of_the_library_nobody_foresaw_names_device_and_act(raised: Exception) -> None:
    error = explain(raised, machine(None), "abrir a sessão")
    assert isinstance(error, UnexpectedSourceError)
    assert error.what.startswith(f"erro inesperado ao abrir a sessão ({type(raised).__name__}")
    assert error.where == "vidro (opc.tcp://127.0.0.1:4840)"


def test_p9_a_server_whose_signature_is_not_its_certificate_s_is_named(folder: Path) -> None:
    error = explain(InvalidSignature(), machine(folder), "abrir a sessão")
    assert (type(error), error.where) == (OpcUaRefusedError, "clps.vidro.security.server_certificate")


# -- files ---------------------------------------------------------------------------------------------------------


def refusal(folder: Path) -> OpcUaRefusedError:
    config = machine(folder)
    assert config.security is not None
    with pytest.raises(OpcUaRefusedError) as caught:
        load_identity(config, config.security)
    return caught.value


@pytest.mark.parametrize("names", [(), (x509.DNSName("servidor01"),)], ids=["no SAN", "no URI"])
def test_p9_a_certificate_without_the_uri_says_how_to_make_one(
    folder: Path, key: rsa.RSAPrivateKey, names: tuple[x509.GeneralName, ...]
) -> None:
    (folder / "gateway.der").write_bytes(certificate(key, *names))
    error = refusal(folder)
    assert "subjectAltName" in error.what
    assert error.where == "clps.vidro.security.certificate"
    assert "docs/gateway.md" in error.action
    assert "subjectAltName=URI:" in error.action


@pytest.mark.parametrize("file", ["gateway.der", "servidor.der", "gateway.pem"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_p9_a_file_that_cannot_be_read_is_named(folder: Path, file: str, content: bytes | None) -> None:
    (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    assert str(folder / file) in refusal(folder).what


def test_p9_a_key_that_is_not_the_certificate_s_is_told_before_connecting(folder: Path) -> None:
    (folder / "gateway.pem").write_bytes(pem(rsa.generate_private_key(65_537, 2_048)))
    assert "não é a do certificado do gateway" in refusal(folder).what


def test_p9_a_key_with_a_password_or_of_another_kind_is_told(folder: Path, key: rsa.RSAPrivateKey) -> None:
    (folder / "gateway.pem").write_bytes(pem(key, b"segredo"))
    assert "sem senha" in refusal(folder).action
    (folder / "gateway.pem").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    assert "não é RSA de 2048 bits ou mais" in refusal(folder).what


def test_p9_pem_and_der_are_told_apart_by_content(folder: Path, key: rsa.RSAPrivateKey) -> None:
    read = x509.load_der_x509_certificate((folder / "gateway.der").read_bytes())
    (folder / "gateway.der").write_bytes(read.public_bytes(Encoding.PEM))
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    (folder / "gateway.pem").write_bytes(der)
    config = machine(folder)
    assert config.security is not None
    identity = load_identity(config, config.security)
    assert (identity.uri, identity.key_format) == (URI.value, "der")


# -- servers that refuse without a word -----------------------------------------------------------------------------


class Rude(threading.Thread):
    """A server that greets, and answers the first request for a channel with these bytes and a closed connection."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self._answer = answer
        self.requests = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        while True:
            with suppress(ConnectionError):
                try:
                    client, _ = self._listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(65_536)
                    client.sendall(b"ACKF" + struct.pack("<IIIIII", 28, 0, 65_536, 65_536, 0, 0))
                    client.recv(65_536)
                    self.requests += 1
                    client.sendall(self._answer)

    def stop(self) -> None:
        self._listener.close()


@pytest.fixture
def rude(request: pytest.FixtureRequest) -> Iterator[Rude]:
    server = Rude(request.param)
    server.start()
    yield server
    server.stop()


def connected(config: OpcUaConfig) -> Exception:
    async def story() -> Exception:
        source = OpcUaSource(config, {}, {})
        try:
            await source.connect()
        except Exception as error:  # noqa: BLE001 - it is what is asked
            return error
        finally:
            await source.close()
        raise AssertionError

    return asyncio.run(story())


def refused_by_message(code: int, reason: str) -> bytes:
    text = reason.encode()
    body = struct.pack("<Ii", code, len(text)) + text
    return b"ERRF" + struct.pack("<I", 8 + len(body)) + body


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUEST_S", "_CONNECT_S"):
        monkeypatch.setattr(opcua_client, name, LAST_RESORT_S)


@pytest.mark.parametrize(
    ("rude", "kind", "what"),
    [
        (refused_by_message(0x80130000, "no"), OpcUaRefusedError, "BadSecurityChecksFailed"),
        (refused_by_message(0x807D0000, "busy"), SourceError, "não pode atender agora (BadTcpServerTooBusy)"),
        (b"", SourceError, "fechou a conexão"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", SourceError, "fechou a conexão"),
    ],
    indirect=["rude"],
)
def test_p8_a_server_that_answers_no_channel_is_told_in_words(rude: Rude, kind: type[Exception], what: str) -> None:
    error = connected(machine(None, rude.port))
    assert isinstance(error, kind)
    assert what in str(error)
    assert "vidro" in str(error)


@pytest.mark.parametrize("rude", [b""], indirect=True)
def test_p9_a_certificate_no_server_accepts_is_told_before_connecting(
    folder: Path, key: rsa.RSAPrivateKey, rude: Rude
) -> None:
    (folder / "gateway.der").write_bytes(certificate(key))
    assert "não tem subjectAltName" in str(connected(machine(folder, rude.port)))
    assert rude.requests == 0


def test_p9_a_secured_channel_closed_unanswered_points_at_the_trust(folder: Path) -> None:
    error = explain(ChannelClosedError("connection lost"), machine(folder), "abrir a sessão")
    assert isinstance(error, OpcUaRefusedError)
    assert "fechou a conexão ao abrir o canal seguro: quase sempre, ainda não confia" in error.what
    assert "mova o certificado do gateway de rejeitados" in error.action


@pytest.mark.parametrize("secured", [True, False])
def test_p9_only_a_secured_channel_is_taken_for_refused(monkeypatch: pytest.MonkeyPatch, secured: bool) -> None:
    async def lost(self: Client, renew: bool = False) -> None:
        raise ConnectionError("connection lost")

    async def story() -> None:
        client = OpcUaClient("opc.tcp://127.0.0.1:1", timeout=1, watchdog_intervall=1)
        if secured:
            monkeypatch.setattr(
                client.security_policy, "URI", "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"
            )
        with pytest.raises(ConnectionError) as caught:
            await client.open_secure_channel()
        assert isinstance(caught.value, ChannelClosedError) == secured

    monkeypatch.setattr(Client, "open_secure_channel", lost)
    asyncio.run(story())


def test_p6_a_port_where_nothing_listens_and_a_name_nobody_knows_are_told() -> None:
    assert "conexão recusada" in str(connected(machine(None, free_port())))
    assert "conexão recusada" in str(connected(machine(None, free_port(), "localhost")))
    assert "a rede não conhece este nome" in str(connected(machine(None, host="nao-existe.invalid")))
