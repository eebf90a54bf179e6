"""The packaging, as `sam local invoke` runs it: the function's own container, layers and all, against the stack.

Needs a container engine and the base image; where they are missing this fails and says so.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from supabase import create_client

from local.processes import free_port, port_is_taken
from local.stack import example
from local.stack.stack import SAM_LOCAL_FILE, Stack
from local.stack.usuarios import create_login
from local.waiting import LAST_RESORT_S, until
from sicfar.webhooks.signature import sign

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
PARAMETERS = CONFIG["default"]["local_invoke"]["parameters"]["parameter_overrides"]


@pytest.fixture(scope="module")
def invoke(stack: Stack):
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.fail("no container engine answers `docker info`: start Docker, Finch or podman", pytrace=False)
    example.prepare(stack)
    environment = {**os.environ, **stack.aws.environment(), "SAM_CLI_TELEMETRY": "0"}

    def run(function: str, event: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "sam"), "local", "invoke", function, "-e", event]
        command += ["--env-vars", str(stack.run.path / SAM_LOCAL_FILE)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LAST_RESORT_S)

    return run


def test_p1_sam_local_invoke_of_the_example_event_moves_the_total_once(invoke, stack):
    assert example.total(stack) == 0
    for _ in range(2):
        done = invoke("TxtParser", "events/txt_parser.json")
        assert done.returncode == 0, done.stderr[-3000:]
        assert json.loads(done.stdout.strip().splitlines()[-1]) == {"batchItemFailures": []}, done.stdout
        assert example.total(stack) == 240


def answered(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def lots(stack: Stack) -> set[str]:
    service = create_client(stack.supabase.url, stack.supabase.secret_key)
    rows: Any = service.table("lotes_producao").select("numero_op").execute().data
    return {row["numero_op"] for row in rows}


def test_p9_the_unsigned_example_of_a_webhook_is_turned_away(invoke):
    answer = answered(invoke("TotvsWebhook", "events/totvs_webhook.json"))
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["correlacao"] == "exemplo"


def test_the_example_of_a_queued_order_becomes_a_lot(invoke, stack):
    assert "146735" not in lots(stack)
    assert answered(invoke("TotvsApply", "events/totvs_apply.json")) == {"batchItemFailures": []}
    assert "146735" in lots(stack)


def test_the_pull_brings_an_order_no_webhook_told(invoke, stack):
    stack.totvs.load(ordens=[{"C2_NUM": 146736, "C2_PRODUTO": "07010006", "C2_QUANT": 9, "C2_YLOTE": "26C5482E"}])
    answer = answered(invoke("TotvsSync", "events/totvs_sync.json"))
    assert {entity["situacao"] for entity in answer["entidades"]} == {"COMPLETA"}, answer
    assert "146736" in lots(stack)


def test_the_closing_runs_and_takes_the_alarms_figures(invoke):
    answer = answered(invoke("LotClosure", "events/lot_closure.json"))
    assert (answer["em_andamento"], answer["erros"]) == (False, [])
    assert answer["saude"]["disjuntor_aberto"] == 0


def test_a_doorbell_tells_totvs_the_report_it_rings_for(invoke, stack):
    with psycopg.connect(stack.database.url, autocommit=True) as connection:
        (op,) = connection.execute("select min(numero_op) from lotes_producao").fetchone() or ("",)
        made = connection.execute("select interno.criar_envio(%s, 'STATUS', '{}')", [op]).fetchone()
    assert made == (1,), "the event rings for the first report"
    assert answered(invoke("TotvsPost", "events/totvs_post.json")) == {"batchItemFailures": []}
    assert [one["id_externo"] for one in stack.totvs.booked()] == [f"SF-{op}-STATUS-0001"]


def test_the_dead_letters_can_be_listed(invoke):
    answer = answered(invoke("DlqRedrive", "events/dlq_redrive.json"))
    assert (answer["acao"], answer["cartas"]) == ("listar", [])


def test_sam_local_start_api_takes_a_webhook_and_shows_a_screen(invoke, stack):
    port = free_port()
    command = [str(Path(sys.executable).parent / "sam"), "local", "start-api", "--port", str(port)]
    command += ["--env-vars", str(stack.run.path / SAM_LOCAL_FILE), "--skip-pull-image"]
    command += ["--parameter-overrides", PARAMETERS, "--region", "sa-east-1"]
    environment = {**os.environ, **stack.aws.environment(), "SAM_CLI_TELEMETRY": "0"}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        try:
            until(lambda: port_is_taken(port), "the API of `sam local`", alive=lambda: server.poll() is None)
            assert httpx.get(f"{url}/saude", timeout=LAST_RESORT_S, trust_env=False).json() == {"situacao": "ok"}
            login = create_login(stack, "conteiner", "OPERADOR", "SPEP")
            with httpx.Client(base_url=f"{url}/painel/", timeout=LAST_RESORT_S, trust_env=False) as browser:
                (form,) = re.findall(r'name="forma" value="(\w+)"', browser.get("entrar").text)
                fields = {"forma": form, "login": login.name, "senha": login.password}
                assert browser.post("entrar", data=fields).headers["location"] == "agora"
                assert "SPEP01 - Linha A - Envase" in browser.get("agora").text
            body = '{"C2_NUM": 146737, "C2_PRODUTO": "07010006", "C2_QUANT": 1, "C2_YLOTE": "ção"}'.encode("cp1252")
            at = str(int(time.time()))
            headers = {"Content-Type": "application/json; charset=cp1252", "X-SicFar-Timestamp": at}
            headers["X-SicFar-Signature"] = sign(stack.totvs.webhook_secret, at, body)
            answer = httpx.post(
                f"{url}/totvs/eventos", content=body, headers=headers, timeout=LAST_RESORT_S, trust_env=False
            )
            assert (answer.status_code, answer.json()["recebido"]) == (200, True), answer.text
            assert (
                httpx.post(f"{url}/totvs/eventos", content=body, timeout=LAST_RESORT_S, trust_env=False).status_code
                == 401
            )
        finally:
            server.terminate()
    until(lambda: "146737" in lots(stack), "the order's lot", state=lambda: lots(stack))
