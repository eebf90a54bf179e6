"""A day without TOTVS: every report still waits when it is back, and is booked once, in the order of its OP."""

import contextlib
import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from moto import mock_aws

from local.simulators.totvs.moods import SUCCESS
from local.simulators.totvs.server import Simulator
from local.simulators.totvs.state import Fault
from local.stack.database import Database, Rpc
from sicfar.aws import parameters
from sicfar.totvs.conclusions import Limits
from sicfar.totvs.outbox import ReportFailedError
from tests.support.functions import Fed, load, put_config, put_secret, totvs_config, variables
from tests.support.outbox import EMPTY_PAGE, Office

PRODUCTION = Limits(
    ladder=(60, 300, 900, 1800, 3600), attempts=10, lease=360, settle=120, breaker_failures=5, breaker_seconds=60
)
"""The template's own figures."""
LOGIN = ("sicfar", "uma senha")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "sa-east-1"}
OPS = tuple(f"00040{n}" for n in range(6))
ROUND_S = 900
ROUNDS = 24 * 3600 // ROUND_S
PAGE = "<html>Manutenção</html>"
DOUBTFUL = ["bad gateway", "gateway timeout", "cut before", "cut after"]
"""What may follow work that was done."""
AWAY = ["busy", "bad gateway", "gateway timeout", "too many", "away", "cut before", "cut after"]


class Plant:
    """Orders with two reports each, and the schedule that rings for them."""

    def __init__(self, db: Database, *, asking: bool) -> None:
        db.lot(*OPS)
        self.office = Office(db, asking=asking, limits=PRODUCTION)
        self.reports = [self.office.add(op, kind) for op in OPS for kind in ("PERDAS", "STATUS")]

    def rounds(self, number: int, seconds: int) -> None:
        for _ in range(number):
            for report in self.office.due(50):
                self.office.ring(report)
            self.office.pass_time(seconds)

    def states(self) -> list[str]:
        return [self.office.row(report)["situacao"] for report in self.reports]

    def names(self) -> list[str]:
        return [self.office.row(report)["id_externo"] for report in self.reports]


@pytest.mark.parametrize("mood", AWAY)
def test_p6_a_day_without_totvs_uses_up_no_reports_attempts(db: Database, mood: str) -> None:
    plant = Plant(db, asking=True)
    plant.office.erp.mood = mood
    plant.rounds(ROUNDS, ROUND_S)
    assert set(plant.states()) <= {"PENDENTE", "INCERTO"}, "all still wait"
    assert db.pending("ENVIO") == [], "for nobody"
    assert db.one("select sum(tentativas) from envios_totvs") <= 1, "the first call may have been its report's fault"
    assert ROUNDS <= plant.office.erp.calls <= 2 * ROUNDS, "one probe a round, and nobody hammers"
    plant.office.erp.mood = "ok"
    plant.rounds(20, 60)
    assert set(plant.states()) == {"CONFIRMADO"}
    assert sorted(plant.office.erp.booked) == sorted(plant.names()), "once"
    for op in OPS:
        assert [one.split("-")[2] for one in plant.office.erp.booked if op in one] == ["PERDAS", "STATUS"], "in order"


@pytest.mark.parametrize("mood", AWAY)
def test_p6_where_it_cannot_be_asked_a_day_leaves_a_person_one_report(db: Database, mood: str) -> None:
    plant = Plant(db, asking=False)
    plant.office.erp.mood = mood
    plant.rounds(ROUNDS, ROUND_S)
    waiting = db.pending("ENVIO")
    assert len(waiting) <= (mood in DOUBTFUL), "the first call's, which may have been booked"
    assert plant.states().count("PENDENTE") == len(plant.reports) - len(waiting)
    assert db.one("select sum(tentativas) from envios_totvs") <= 1, "the first call may have been its report's fault"
    plant.office.erp.mood = "ok"
    boss = db.person("GESTOR")
    for row in waiting:
        decision = "ENTROU" if row["chave"] in plant.office.erp.booked else "REENVIAR"
        db.call(boss, "decidir_envio", p_id=row["detalhes"]["p_id"], p_decisao=decision, p_motivo="visto no TOTVS")
    plant.rounds(20, 60)
    assert set(plant.states()) == {"CONFIRMADO"}
    assert sorted(plant.office.erp.booked) == sorted(plant.names()), "once"


def opened(db: Database) -> None:
    """The call before failed, and a probe is due."""
    db.sql("update disjuntores set estado = 'ABERTO', falhas = 5, sonda_em = now() where nome = 'TOTVS'")


@pytest.mark.parametrize("looked", [(200, EMPTY_PAGE), (400, "{}"), (403, PAGE), (404, "{}"), (404, PAGE), (405, PAGE)])
def test_p6_a_probe_reads_before_it_sends(db: Database, looked: tuple[int, str]) -> None:
    plant = Plant(db, asking=False)
    opened(db)
    plant.office.erp.looked = looked
    plant.office.ring(plant.reports[0])
    assert (plant.office.erp.looks, plant.office.erp.booked) == (1, plant.names()[:2]), "the second needs no probe"
    assert db.one("select estado from disjuntores where nome = 'TOTVS'") == "FECHADO"
    calls = db.sql("select operacao from tentativas_integracao where envio_id = %s order by id", plant.reports[0])
    assert [one["operacao"] for one in calls] == ["sonda", "perdas"]


@pytest.mark.parametrize("status", [200, 302, 401, 407, 500, 503])
def test_p6_a_probe_that_cannot_read_sends_nothing(db: Database, status: int) -> None:
    plant = Plant(db, asking=False)
    opened(db)
    plant.office.erp.looked = (status, PAGE)
    plant.office.ring(plant.reports[0])
    assert plant.office.erp.booked == []
    row = plant.office.row(plant.reports[0])
    assert (row["situacao"], row["tentativas"], row["pode_ter_entrado"]) == ("PENDENTE", 0, False)
    assert db.one("select estado from disjuntores where nome = 'TOTVS'") == "ABERTO"


def test_p6_a_refusal_of_a_probes_report_is_final(db: Database) -> None:
    plant = Plant(db, asking=False)
    opened(db)
    plant.office.erp.mood = "refuses"
    with pytest.raises(ReportFailedError):
        plant.office.ring(plant.reports[0])
    row = plant.office.row(plant.reports[0])
    assert (row["situacao"], row["tentativas"]) == ("RECUSADO", 1)
    assert db.one("select estado from disjuntores where nome = 'TOTVS'") == "FECHADO", "it answers"


def test_p6_a_locked_record_is_a_probes_reports_own_attempt(db: Database) -> None:
    plant = Plant(db, asking=False)
    opened(db)
    plant.office.erp.mood = "locked"
    plant.office.ring(plant.reports[0])
    row = plant.office.row(plant.reports[0])
    assert (row["situacao"], row["codigo"], row["tentativas"]) == ("PENDENTE", "erp_locked", 1)
    assert db.one("select estado from disjuntores where nome = 'TOTVS'") == "FECHADO", "it answers"


@pytest.mark.parametrize("kind", ["busy_503", "html_500"])
def test_p6_a_day_without_totvs_leaves_no_dead_letter(db: Database, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The deployed function with the template's settings, its queue in memory, an ERP on a port."""
    db.lot(*OPS)
    reports: list[int] = [db.one("select interno.criar_envio(%s, 'STATUS', '{}')", op) for op in OPS[:3]]
    with simulated() as erp, mock_aws():
        for name, value in {**variables("totvs_post"), **CREDENTIALS}.items():
            monkeypatch.setenv(name, value)
        parameters.forget()
        put_secret("totvs", json.dumps({"username": LOGIN[0], "password": LOGIN[1]}))
        put_config(configured(f"http://127.0.0.1:{erp.server_address[1]}/api"))
        app = load("totvs_post")
        monkeypatch.setattr(app, "_database", SimpleNamespace(get=lambda: Rpc(db)))
        queue = Fed(app)
        office = Office(db, asking=False)

        def round_(seconds: int) -> None:
            for report in office.due(50):
                queue.send(json.dumps({"envio": report}))
                queue.feed()
            office.pass_time(seconds)

        erp.state.faults = [Fault(kind, times=None)]
        for _ in range(ROUNDS // 2):
            round_(2 * ROUND_S)
        waiting = {office.row(one)["situacao"] for one in reports}
        erp.state.faults = []
        for _ in range(20):
            round_(60)
        parameters.forget()
        assert queue.counted(queue.dlq) == 0
        assert waiting == {"PENDENTE"}
        assert sorted(one["id_externo"] for one in erp.state.booked) == [f"SF-{op}-STATUS-0001" for op in OPS[:3]]


@contextlib.contextmanager
def simulated() -> Iterator[Simulator]:
    erp = Simulator(0, *LOGIN)
    thread = threading.Thread(target=erp.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield erp
    finally:
        erp.shutdown()
        erp.server_close()
        thread.join()


def configured(url: str) -> str:
    """The ERP at an address, with the shape of the simulated one's answers."""
    config = json.loads(totvs_config(url))
    config["totvs"]["reports"] = {kind: {"success": SUCCESS} for kind in ("production", "losses", "status")}
    return json.dumps(config)
