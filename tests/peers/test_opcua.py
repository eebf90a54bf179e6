"""The OPC UA source against node-opcua with a real trust list: first contact, refusals, and PackML counts."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_gateway.config import parse_config
from edge_gateway.machines.source import machine_source
from edge_gateway.source import SourceError
from local.processes import free_port
from local.stack.gateway import GatewayProcess
from local.waiting import LAST_RESORT_S, until
from tests.peers.peer import Peer
from tests.support.small_s3 import S3, environment, known_lines, made

LINE = "SPPV-ENV-VIDRO01"
PASSWORD = "só-leitura"
URI = "urn:fabricante:servidor"
UNIT = "nsu=urn:fabricante:envasadora;s=Envasadora"


@dataclass(frozen=True)
class Plant:
    server: Peer
    folder: Path

    def machine(self, **security: str) -> dict[str, Any]:
        """The machine in the configuration; `security`: keys that differ."""
        point = {"packml": UNIT, "count": "ProdProcessedCount"}
        return {
            "protocol": "opcua",
            "address": f"opc.tcp://127.0.0.1:{self.server.ready['port']}/planta",
            "poll_ms": 100,
            "security": {
                "policy": "Basic256Sha256",
                "certificate": str(self.folder / "gateway.der"),
                "private_key": str(self.folder / "gateway.pem"),
                "server_certificate": str(self.folder / "servidor.der"),
                **security,
            },
            "user": "sicfar",
            "password_file": str(self.folder / "senha.txt"),
            "lines": {
                LINE: {
                    "production": point,
                    "rejected": {**point, "count": "ProdDefectiveCount"},
                    "processed_includes_rejected": True,
                    "max_per_hour": 1_000_000,
                }
            },
        }

    def probe(self, **security: str) -> tuple[int, str]:
        """`check --probe`: exit code and everything it printed."""
        path = self.folder / "gateway.json"
        path.write_text(json.dumps({"clps": {"vidro": self.machine(**security)}}), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "edge_gateway", "check", "--probe", "--config", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LAST_RESORT_S,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("opcua")
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    for name, uri in (("gateway", "urn:sicfar:gateway:teste"), ("servidor", URI)):
        key, certificate = folder / f"{name}.pem", folder / f"{name}.der"
        asyncio.run(setup_self_signed_certificate(key, certificate, uri, socket.gethostname(), uses, {}))
        read = x509.load_der_x509_certificate(certificate.read_bytes())
        (folder / f"{name}.crt").write_bytes(read.public_bytes(Encoding.PEM))
    (folder / "senha.txt").write_text(f"{PASSWORD}\n", encoding="utf-8")
    server = Peer(
        "opcua.js",
        {
            "pki": str(folder / "pki"),
            "certificate": str(folder / "servidor.crt"),
            "privateKey": str(folder / "servidor.pem"),
            "uri": URI,
            "user": "sicfar",
            "password": PASSWORD,
            "sessions": 2,
        },
    )
    yield Plant(server, folder)
    server.stop()


def test_p9_first_contact_says_whom_to_trust_and_then_it_works(plant: Plant) -> None:
    code, shown = plant.probe()
    assert code == 1
    # This server keeps the reason, BadCertificateUntrusted, to its own log.
    assert "ainda não confia no certificado do gateway" in shown
    assert "mova o certificado do gateway de rejeitados (rejected) para confiáveis (trusted)" in shown
    assert "impressão digital" in shown
    assert plant.server.ask(trust=True) == {"trusted": 1}
    code, shown = plant.probe()
    assert code == 0, shown
    assert "contador de produção 1000, rejeição 10" in shown


def test_p9_a_certificate_without_san_is_named_before_connecting(plant: Plant) -> None:
    key = load_pem_private_key((plant.folder / "gateway.pem").read_bytes(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sem SAN")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())  # type: ignore[arg-type]
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )
    (plant.folder / "sem_san.der").write_bytes(certificate.public_bytes(Encoding.DER))
    code, shown = plant.probe(certificate=str(plant.folder / "sem_san.der"))
    assert code == 1
    assert "não tem subjectAltName — clps.vidro.security.certificate — gere o certificado" in shown


def test_p9_a_policy_the_server_lacks_is_answered_with_those_it_has(plant: Plant) -> None:
    code, shown = plant.probe(policy="Aes256Sha256RsaPss")
    assert code == 1
    assert "o servidor não aceita conexão Aes256Sha256RsaPss SignAndEncrypt; oferece: Basic256Sha256" in shown


def test_p9_a_wrong_password_names_the_user(plant: Plant) -> None:
    (plant.folder / "senha.txt").write_text("errada\n", encoding="utf-8")
    try:
        code, shown = plant.probe()
    finally:
        (plant.folder / "senha.txt").write_text(f"{PASSWORD}\n", encoding="utf-8")
    assert code == 1
    assert "o servidor recusou o usuário" in shown
    assert "errada" not in shown


def test_p6_a_server_without_a_free_session_says_whose_to_close(plant: Plant) -> None:
    config = parse_config({"clps": {"vidro": plant.machine()}}).machines[0]

    async def story() -> None:
        sources = [machine_source(config, {}, {}) for _ in range(3)]
        try:
            for source in sources[:2]:
                await source.connect()
            with pytest.raises(SourceError, match=r"mais uma sessão \(BadTooManySessions\)") as caught:
                await sources[2].connect()
            assert "feche outros clientes" in caught.value.action
        finally:
            for source in sources:
                await source.close()

    asyncio.run(story())


def test_p1_a_killed_gateway_counts_what_node_opcua_made_once(plant: Plant, tmp_path: Path) -> None:
    port = free_port()
    configuration = {
        "clps": {"vidro": plant.machine()},
        "gateway": {"id": "farmace-sppv", "bucket": "sicfar", "spool": str(tmp_path / "spool"), "seal_seconds": 1},
    }
    gateway = GatewayProcess(tmp_path, configuration, environment(port))
    truth = 0
    with S3(port) as s3:
        gateway.start()
        try:
            until(lambda: known_lines(tmp_path / "spool") == {LINE}, "the baseline", alive=gateway.running)
            for number in range(40):
                plant.server.ask(count=[number % 4, number % 2])
                truth += number % 4
                if number == 20:
                    gateway.kill()
                    gateway.start()
            until(lambda: made(s3.batches())[LINE] >= truth, "all of it in S3", alive=gateway.running, pause_s=0.2)
        finally:
            gateway.stop()
        assert made(s3.batches())[LINE] == truth
