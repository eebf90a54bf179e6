"""What a person reads when `sicfar` cannot work: one sentence, exit code 2, for each command and each fault.

One command meets every kind of fault, the others one: they share the entry point that explains them. Each is a process
of its own with the environment a person could have; AWS is a server here that refuses in the words of the service it is
asked for.
"""

import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.processes import free_port
from local.waiting import LAST_RESORT_S

COMMANDS = {
    "dlq list": "dlq list --ambiente prod",
    "dlq show": "dlq mostrar --ambiente prod",
    "dlq replay": "dlq replay --ambiente prod",
    "dlq discard": "dlq descartar --ambiente prod --motivo nada-disso",
    "auditar": "auditar --bucket contagens",
    "declarar": "restauracao declarar --copia-de 2026-03-15T08:00:00-03:00 --motivo disco-perdido",
    "reanunciar": "restauracao reanunciar --bucket contagens --fila http://fila/1/x --desde 2026-03-15T08:00:00-03:00",
    "publicar": "totvs publicar --config config/endpoints.json --sem-envios --parametro /sicfar/prod/totvs",
}
REFUSALS = {
    "acesso": ("AccessDeniedException", "não tem permissão"),
    "vencida": ("ExpiredTokenException", "não aceita a credencial"),
    "inexistente": ("ResourceNotFoundException", "não existe nesta conta e região"),
}
SETTINGS = {
    "sem credencial": "não há credencial da AWS que sirva",
    "perfil": "o perfil da AWS não existe",
    "arquivo": "o perfil da AWS não existe, ou o arquivo dele não pôde ser lido",
    "porta fechada": "a AWS não respondeu",
    "sem região": "falta a região da AWS",
}
CASES = [
    *(("dlq list", fault) for fault in (*SETTINGS, *REFUSALS)),
    *((command, "acesso") for command in COMMANDS if command != "dlq list"),
]


class Refusing(http.server.BaseHTTPRequestHandler):
    """AWS, refusing with the code that the path begins with."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        code = self.server.code  # type: ignore[attr-defined]
        plain = "X-Amz-Target" in self.headers or self.path.startswith("/2015-03-31")
        if plain:
            body = f'{{"__type": "{code}", "message": "dito pela AWS"}}'
        else:  # S3, STS
            error = f"<Error><Code>{code.removesuffix('Exception')}</Code><Message>dito pela AWS</Message></Error>"
            body = error if self.command == "GET" else f"<ErrorResponse>{error}</ErrorResponse>"
        self.send_response(403)
        self.send_header("Content-Type", "application/json" if plain else "text/xml")
        self.send_header("X-Amzn-ErrorType", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def refusing() -> Iterator[dict[str, str]]:
    servers = {}
    for name, (code, _) in REFUSALS.items():
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        server.code = code  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers[name] = server
    yield {name: f"http://127.0.0.1:{server.server_port}" for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


def run(command: str, environment: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "sicfar"), *command.split(), *more],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LAST_RESORT_S,
        check=False,
    )


def environment(fault: str, refusing: dict[str, str], folder: Path, database_url: str) -> dict[str, str]:
    given = {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "só-de-teste",
        "AWS_DEFAULT_REGION": "sa-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": refusing.get(fault, f"http://127.0.0.1:{free_port()}"),
        "DATABASE_URL": database_url,
    }
    broken = folder / "config"
    broken.write_text("[perfil\nisto não é um arquivo de configuração")
    changed: dict[str, dict[str, str]] = {
        "sem credencial": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        "perfil": {"AWS_PROFILE": "nao-existe"},
        "arquivo": {"AWS_CONFIG_FILE": str(broken)},
        "sem região": {"AWS_DEFAULT_REGION": ""},
    }
    return {**given, **changed.get(fault, {})}


@pytest.fixture(scope="module")
def told(
    refusing: dict[str, str], database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], subprocess.CompletedProcess[str]]:
    """What each command said to each fault; two at a time, for most of it is the start of a process."""
    folder = tmp_path_factory.mktemp("aws")
    environments = {fault: environment(fault, refusing, folder, database_url) for _, fault in CASES}
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda case: run(COMMANDS[case[0]], environments[case[1]]), CASES)
        return dict(zip(CASES, results, strict=True))


@pytest.mark.parametrize("case", CASES, ids=" · ".join)
def test_p10_a_fault_of_aws_is_one_sentence_and_exit_code_2(case, told):
    said = told[case]
    _, fault = case
    expected = SETTINGS[fault] if fault in SETTINGS else REFUSALS[fault][1]
    lines = said.stderr.strip().splitlines()
    assert (said.returncode, len(lines)) == (2, 1), said.stderr
    assert lines[0].startswith("erro: ")
    assert expected in lines[0]
    assert lines[0].count(" — ") >= 2, "what, where, what to do next"
    assert "Traceback" not in said.stdout + said.stderr


OTHERS = {
    "config ausente": ("totvs amostra --config nao/existe.json", {}, "nao/existe.json"),
    "config que é pasta": ("totvs verificar --config docs", {}, "docs"),
    "ensaio sem config": (
        "totvs ensaio --config nao/existe.json --homologacao h --envio status --op 1 --produto p", {}, "nao/existe.json"
    ),
    "relatório ausente": ("totvs amostra --relatorio nao/existe.json", {}, "nao/existe.json"),
    "publicar sem arquivo": ("totvs publicar --config nao/existe.json --parametro /x", {}, "nao/existe.json"),
    "banco fora": (COMMANDS["auditar"], {"DATABASE_URL": "postgresql://u:segredo@127.0.0.1:1/x"}, "DATABASE_URL"),
    "banco sem endereço": (COMMANDS["auditar"], {"DATABASE_URL": ""}, "DATABASE_URL"),
    "endereço torto": (COMMANDS["auditar"], {"DATABASE_URL": "segredo sem forma"}, "DATABASE_URL"),
    "endpoint torto": (COMMANDS["dlq list"], {"AWS_ENDPOINT_URL": "torto"}, "sicfar dlq list"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_p10_a_wrong_file_or_database_is_one_sentence_and_exit_code_2(name, tmp_path):
    command, changed, expected = OTHERS[name]
    said = run(command, {**environment("porta fechada", {}, tmp_path, "x"), **changed})
    lines = said.stderr.strip().splitlines()
    assert (said.returncode, len(lines)) == (2, 1), said.stderr
    assert expected in lines[0]
    assert "segredo" not in said.stderr
    assert "Traceback" not in said.stderr


def test_p10_who_asks_for_details_sees_the_traceback(tmp_path):
    given = environment("sem credencial", {}, tmp_path, "x")
    for more, debug in (("--detalhes",), "0"), ((), "1"):
        said = run(COMMANDS["dlq list"], {**given, "SICFAR_DEBUG": debug}, *more)
        assert re.search(r"^Traceback", said.stderr, re.MULTILINE)
        assert said.stderr.splitlines()[-1].startswith("erro: não há credencial")


def test_p10_a_reader_that_leaves_is_no_fault(tmp_path):
    given = {**os.environ, **environment("porta fechada", {}, tmp_path, "x")}
    command = f"{Path(sys.executable).parent / 'sicfar'} totvs amostra | head -c 1; exit ${{PIPESTATUS[0]}}"
    said = subprocess.run(["bash", "-c", command], env=given, capture_output=True, text=True, check=False)
    assert "Traceback" not in said.stderr
    assert "Exception" not in said.stderr
