"""`sicfar totvs ensaio` and `publicar` as a person runs them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.simulators.totvs.moods import SUCCESS
from local.simulators.totvs.server import Simulator
from local.simulators.totvs.state import Fault
from local.waiting import LAST_RESORT_S
from operations import cli
from sicfar.totvs.success import SuccessShape

PASSWORD = "senha-que-nao-pode-aparecer"
PATHS = {"production": "/api/apontamentos", "losses": "/api/perdas", "status": "/api/lotes/status"}


@pytest.fixture
def erp() -> Iterator[Simulator]:
    server = Simulator(0, "sicfar", PASSWORD)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def configured(erp: Simulator, tmp_path: Path, **reports: object) -> Path:
    document = json.loads(Path("config/endpoints.json").read_text())
    document["totvs"] |= {"baseUrl": f"http://127.0.0.1:{erp.server_address[1]}/api", "reports": reports}
    config = tmp_path / "endpoints.json"
    config.write_text(json.dumps(document))
    return config


@pytest.fixture
def rehearse(erp, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TOTVS_USERNAME", "sicfar")
    monkeypatch.setenv("TOTVS_PASSWORD", PASSWORD)

    def run(kind: str = "production", host: str = "127.0.0.1", fault: str | None = None, **reports: Any):
        erp.state.faults = [Fault(fault, path=PATHS[kind])] if fault else []
        config = configured(erp, tmp_path, **reports)
        arguments = ["--config", str(config), "--homologacao", host, "--envio", kind]
        status = cli.main(["totvs", "ensaio", *arguments, "--op", "146734", "--produto", "07010011"])
        said = capsys.readouterr()
        text = said.out + said.err
        assert PASSWORD not in text
        assert not any(token in text for token in erp.state.tokens)
        return status, text

    return run


def proposal(text: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = json.loads(text[text.index('{\n  "success"') :])
    return found["success"]


@pytest.mark.parametrize("kind", PATHS)
def test_p5_a_rehearsal_sends_one_marked_report_and_proposes_the_shape(erp, rehearse, kind) -> None:
    status, text = rehearse(kind, **{kind: {"query": {}}})
    assert status == 0, text
    (sent,) = erp.state.booked
    assert sent["id_externo"].startswith("SF-ENSAIO-146734-")
    assert sent["numero_lote"] == "ENSAIO"
    assert [one.path for one in erp.state.received if one.method == "POST"] == ["/api/auth/token", PATHS[kind]]
    assert proposal(text) == SUCCESS
    assert "Authorization: ***" in text
    assert '"ident": "000001"' in text
    assert "a consulta o mostra" in text


def test_p5_what_is_proposed_takes_the_answer_it_was_made_of(erp, rehearse) -> None:
    _, text = rehearse(fault="padded")
    shape = SuccessShape.model_validate(proposal(text), by_alias=True, by_name=False)
    answer = json.loads(next(line for line in text.splitlines() if line.startswith('{"Items"')))
    assert shape.read(201, answer, erp.state.booked[0]["id_externo"], empty=False).key == "000001"


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("refused_report", 1, "HTTP 400 A1: Motivo de perda não cadastrado"),
        ("login_page", 1, "não é o serviço que responde"),
        ("nothing_201", 1, "Nada na resposta prova"),
        ("cut_json", 1, "A resposta não é JSON"),
        ("cut_after", 1, "sem conexão com o TOTVS"),
        ("bare_ok", 0, "qualquer resposta com esses campos"),
        ("ttalk_in_200", 0, "O SicFar lê essa resposta como erro"),
        ("booked_then_500", 1, "HTTP 500"),
    ],
)
def test_p5_an_answer_that_proves_nothing_is_said_to(rehearse, fault, status, said) -> None:
    done, text = rehearse(fault=fault)
    assert (done, said in text) == (status, True), text


def test_p5_a_rehearsal_is_for_the_erp_a_person_has_named(erp, rehearse) -> None:
    status, text = rehearse(host="totvs-hml.farmace.com")
    assert (status, "a homologação é totvs-hml.farmace.com" in text) == (2, True)
    assert erp.state.received == []


# Publishing -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch):
    written: list[str] = []
    monkeypatch.setattr(cli, "_publish", lambda path, name: written.append(f"{path} {name}") or 0)
    return written


def publish(config: Path, *more: str) -> int:
    return cli.main(["totvs", "publicar", "--config", str(config), "--parametro", "/sicfar/teste/totvs", *more])


def test_p5_a_configuration_without_a_shape_of_success_is_not_published(erp, tmp_path, published, capsys) -> None:
    declared = {kind: {"success": SUCCESS} for kind in ("production", "status")}
    assert publish(configured(erp, tmp_path, **declared)) == 2
    said = capsys.readouterr().err
    assert "totvs.reports.losses.success" in said
    assert "totvs.reports.status.success" not in said
    assert "sicfar totvs ensaio" in said
    assert published == []
    assert publish(configured(erp, tmp_path, **declared), "--sem-envios") == 0
    assert publish(configured(erp, tmp_path, **declared, losses={"success": SUCCESS})) == 0
    assert len(published) == 2


def test_a_shape_that_cannot_be_used_is_named_with_what_to_write(erp, tmp_path, published, capsys) -> None:
    wrong = {"status": ["201"], "must": [{"field": "x", "valores": [1]}], "chave": "x"}
    assert publish(configured(erp, tmp_path, production={"success": wrong})) == 2
    said = capsys.readouterr().err
    for place in ("success.status[0]", "success.must[0].valores", "success.chave: chave desconhecida"):
        assert f"totvs.reports.production.{place}" in said
    assert (
        publish(configured(erp, tmp_path, production={"success": {"status": [201], "mustNot": [{"field": "x"}]}})) == 2
    )
    assert "mustNot não prova nada" in capsys.readouterr().err


def test_the_command_is_there(erp) -> None:
    command = [str(Path(sys.executable).parent / "sicfar"), "totvs", "ensaio", "--help"]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=LAST_RESORT_S)
    assert "estorne lá" in done.stdout
