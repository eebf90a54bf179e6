"""`sicfar totvs verificar` as a person runs it, against a TOTVS that is right and one that is wrong."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from local.simulators.totvs.server import Simulator
from local.simulators.totvs.state import Fault
from local.waiting import LAST_RESORT_S
from operations.totvs_check import check
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig

PASSWORD = "senha-que-nao-pode-aparecer"


@pytest.fixture
def erp():
    server = Simulator(0, "sicfar", PASSWORD)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.state.store("produtos", [{"B1_COD": f"0701{n:04}", "B1_DESC": "SOLUÇÃO"} for n in range(30)])
    server.state.store(
        "ordens",
        [{"C2_NUM": 146_000 + n, "C2_PRODUTO": f"0701{n % 20:04}", "C2_QUANT": 1, "C2_YLOTE": "X"} for n in range(30)],
    )
    yield server
    server.shutdown()
    server.server_close()


def verify(erp: Simulator, tmp_path: Path, **more: object) -> subprocess.CompletedProcess[str]:
    document = json.loads(Path("config/endpoints.json").read_text())
    document["totvs"] |= {"baseUrl": f"http://127.0.0.1:{erp.server_address[1]}/api", **more}
    config = tmp_path / "endpoints.json"
    config.write_text(json.dumps(document))
    command = [str(Path(sys.executable).parent / "sicfar"), "totvs", "verificar", "--config", str(config)]
    environment = {**os.environ, "TOTVS_USERNAME": "sicfar", "TOTVS_PASSWORD": PASSWORD}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LAST_RESORT_S)
    assert PASSWORD not in done.stdout + done.stderr
    return done


def test_an_erp_that_behaves_passes_every_check(erp, tmp_path):
    done = verify(erp, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL" not in done.stdout
    for behaviour in (
        "token errado é recusado com 401",
        "hasNext",
        "pageSize",
        "charset",
        "OP inteiro",
        "ordem estável",
    ):
        assert behaviour in done.stdout
    assert "Tudo de que o SicFar depende foi confirmado." in done.stdout


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("has_next_as_string", "PASS   ordens: items e hasNext"),
        ("cp1252_broken_content_type", "AVISO  ordens: charset"),
        ("truncated_json", "FAIL   ordens: responde"),
        ("page_shift", "FAIL   ordens: ordem estável"),
        ("html_500", "FAIL   ordens: responde"),
    ],
)
def test_what_an_erp_does_wrong_is_told_with_what_to_do(erp, tmp_path, kind, told):
    erp.state.faults.append(Fault(kind, None, "/api/ordens-producao", by=-5))
    done = verify(erp, tmp_path)
    assert told in done.stdout, done.stdout
    assert done.returncode == (1 if told.startswith("FAIL") else 0)


@pytest.mark.parametrize(
    ("kinds", "verdict", "behaviour", "seen"),
    [
        (("capped_pages",), "AVISO", "páginas de 100", "limitada a 12: 12 linhas na página 1, 12 outras na 2"),
        (("capped_pages", "no_has_next"), "AVISO", "páginas de 100", "limitada a 12: "),
        (("no_has_next",), "AVISO", "items e hasNext", "sem hasNext"),
        (("no_has_next",), "PASS", "página depois da última", "vazia"),
        (("no_has_next", "last_page_again"), "PASS", "página depois da última", "30 linhas: repete uma página"),
        (("page_ignored",), "FAIL", "páginas de 100", "a página 2 repete a 1 (30 linhas): page é ignorado"),
        (("has_next_false", "capped_pages"), "FAIL", "páginas de 100", "hasNext=false, e há mais: "),
    ],
)
def test_p6_how_a_service_pages_is_probed_at_the_full_size(erp, kinds, verdict, behaviour, seen):
    document = json.loads(Path("config/endpoints.json").read_text())
    document["totvs"]["baseUrl"] = f"http://127.0.0.1:{erp.server_address[1]}/api"
    config = TotvsConfig.parse(json.dumps(document), "teste")
    client = TotvsClient(config, "sicfar", PASSWORD, record=lambda _: None)
    for kind in kinds:
        erp.state.faults.append(Fault(kind, None, "/api/ordens-producao", by=12))
    findings = [one for one in check(config, client) if one.behaviour == f"ordens: {behaviour}"]
    client.close()
    assert [one.verdict for one in findings] == [verdict]
    assert findings[0].seen.startswith(seen)


def test_rows_that_are_no_orders_are_told_with_the_first_error(erp, tmp_path):
    erp.state.store("ordens", [{"C2_NUM": 146_000, "C2_PRODUTO": "07010000", "C2_QUANT": "muito", "C2_YLOTE": "X"}])
    done = verify(erp, tmp_path)
    assert "FAIL   ordens: linhas legíveis: 1 de 20 recusadas; a primeira: C2_QUANT: 'muito'" in done.stdout
    assert done.returncode == 1


def test_a_filter_the_service_ignores_is_a_failure(erp, tmp_path):
    done = verify(erp, tmp_path, changedSince={"parameter": "parametroDesconhecido"})
    assert "FAIL   ordens: parametroDesconhecido respeitado" in done.stdout


def test_wrong_credentials_and_a_wrong_address_end_readably(erp, tmp_path):
    erp.state.password = "outra"
    done = verify(erp, tmp_path)
    assert (done.returncode, "401" in done.stdout) == (1, True)
    done = verify(erp, tmp_path, baseUrl="http://127.0.0.1:9/api")
    assert "FAIL   endereço, certificado e token: sem conexão" in done.stdout


def test_a_configuration_with_faults_names_all_of_them(erp, tmp_path):
    done = verify(erp, tmp_path, baseURL="x", pageSize=0, concurrency=9)
    assert done.returncode == 2
    for told in ("totvs.baseURL: chave desconhecida; seria `baseUrl`?", "totvs.pageSize: 0", "totvs.concurrency: 9"):
        assert told in done.stderr
