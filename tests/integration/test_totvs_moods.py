"""What the ERP really answers, over HTTP: whatever its mood, what it booked is what was to be reported, once."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgrest.exceptions import APIError

from local.simulators.totvs.moods import MOODS, SUCCESS
from local.simulators.totvs.server import Simulator
from local.simulators.totvs.state import Fault
from local.stack.database import Database
from sicfar.database import supabase
from sicfar.database.requests import Doorbell
from sicfar.errors import Fate
from sicfar.totvs.outbox import ReportFailedError, UnrecordedError
from tests.support.outbox import DatabaseGone, Office

OP = "000123"
LOGIN = ("sicfar", "uma senha")
PATH = "/api/lotes/status"


class House:
    """A simulated ERP on a port of its own, and an outbox that reports to it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.erp = Simulator(0, *LOGIN)
        self.state = self.erp.state
        self.boss = db.person("GESTOR")
        threading.Thread(target=self.erp.serve_forever, daemon=True).start()
        self.offices = {
            asking: Office(db, asking=asking, at=self.url, login=LOGIN, shape=SUCCESS) for asking in (False, True)
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.erp.server_address[1]}/api"

    def ring(self, office: Office, report: int, kind: str | None = None, bell: str | None = None) -> None:
        """One message; `kind`: how the ERP answers the next report, or the next request."""
        self.state.faults = [Fault(kind, path=PATH)] if kind else []
        with contextlib.suppress(ReportFailedError):
            office.ring(report, bell)
        self.state.faults = []

    def booked(self) -> list[str]:
        return [one["id_externo"] for one in self.state.booked]

    def waiting(self) -> list[dict[str, Any]]:
        return self.db.pending("ENVIO")

    def decide(self) -> None:
        """A person who sees the ERP, its queue too, says of everything that waits whether it is there."""
        self.state.work_off_queue()
        for row in self.waiting():
            decision = "ENTROU" if row["chave"] in self.booked() else "REENVIAR"
            arguments = {"p_id": row["detalhes"]["p_id"], "p_decisao": decision, "p_motivo": "visto no TOTVS"}
            self.db.call(self.boss, "decidir_envio", **arguments)

    def drain(self, office: Office, reports: list[int]) -> None:
        """The ERP is well, the schedule rings, and people decide, until nothing is left to do."""
        for _ in range(20):
            for report in office.due():
                self.ring(office, report)
            self.decide()
            if all(office.row(one)["situacao"] == "CONFIRMADO" for one in reports):
                return
        raise AssertionError([office.row(one) for one in reports])


@pytest.fixture
def house(db: Database) -> Iterator[House]:
    db.lot(OP)
    made = House(db)
    yield made
    made.erp.shutdown()
    made.erp.server_close()


def state(office: Office, report: int) -> tuple[str, bool]:
    row = office.row(report)
    return row["situacao"], row["pode_ter_entrado"]


REFUSED, MAYBE, DOUBT, LATER = ("RECUSADO", False), ("RECUSADO", True), ("INCERTO", False), ("PENDENTE", False)
OPEN, BOOKED = ("INCERTO", True), ("CONFIRMADO", False)
ANSWERS: dict[str, tuple[tuple[str, bool], tuple[str, bool]]] = {
    "refused_report": (REFUSED, REFUSED),
    "json_404": (REFUSED, REFUSED),
    "items_207": (MAYBE, REFUSED),
    "renamed_207": (MAYBE, REFUSED),
    "unknown_207": (OPEN, OPEN),
    "error_in_200": (MAYBE, REFUSED),
    "ttalk_in_200": (MAYBE, REFUSED),
    "failed_500": (MAYBE, REFUSED),
    "booked_then_500": (MAYBE, BOOKED),
    "booked_then_error": (MAYBE, BOOKED),
    "lock_in_200": (LATER, LATER),
    "busy_in_200": (LATER, LATER),
    "unauthorized_in_200": (BOOKED, BOOKED),
    "booked_then_page": (DOUBT, DOUBT),
    "booked_then_303": (DOUBT, DOUBT),
    "cut_json": (OPEN, OPEN),
    "bare_ok": (OPEN, OPEN),
    "nothing_201": (OPEN, OPEN),
    "another_201": (OPEN, OPEN),
    "queued_202": (OPEN, OPEN),
    "padded": (BOOKED, BOOKED),
    "login_page": (DOUBT, DOUBT),
    "page_404": (LATER, LATER),
    "cut_after": (DOUBT, DOUBT),
    "html_500": (DOUBT, DOUBT),
    "busy_503": (LATER, LATER),
    "lock_text": (LATER, LATER),
}
"""What one answer makes of a report (state, may be booked): where the ERP cannot be asked, and where it can."""


def test_p5_every_mood_of_the_simulated_erp_has_its_answer() -> None:
    assert MOODS.keys() < ANSWERS.keys()


@pytest.mark.parametrize("asking", [False, True], ids=["alone", "asking"])
def test_p5_what_each_answer_makes_of_a_report(house: House, asking: bool) -> None:
    office = house.offices[asking]
    for kind, expected in ANSWERS.items():
        op = f"9{len(house.state.booked) + len(house.waiting()):05}"
        house.db.lot(op)
        report = office.add(op)
        house.ring(office, report, kind)
        assert state(office, report) == expected[asking], kind
        house.drain(office, [report])
        assert house.booked().count(f"SF-{op}-STATUS-0001") == 1, kind


def test_p5_what_may_be_booked_is_no_dead_letters_to_repeat(house: House) -> None:
    office = house.offices[False]
    report = office.add(OP)
    house.ring(office, report, "booked_then_500")
    for bell in ("reenviada", "reenviada de novo"):
        with pytest.raises(ReportFailedError, match="decida com decidir_envio") as failed:
            office.ring(report, bell)
        assert failed.value.code == "may_be_booked"
    assert house.booked() == [f"SF-{OP}-STATUS-0001"]
    (waiting,) = house.waiting()
    assert "recusado, pode ter entrado" in waiting["descricao"]
    house.decide()
    assert state(office, report) == BOOKED


def test_p5_a_dead_letter_that_is_sent_back_is_asked_about_first(house: House) -> None:
    report = house.offices[False].add(OP)
    house.ring(house.offices[False], report, "booked_then_500")
    house.offices[True].ring(report, "reenviada, e já se pode perguntar")
    assert house.booked() == [f"SF-{OP}-STATUS-0001"]
    assert state(house.offices[True], report) == BOOKED


def test_p5_each_repeat_is_asked_about_first_also_after_a_plain_no(house: House) -> None:
    office = house.offices[True]
    report = office.add(OP)
    house.ring(office, report, "refused_report")
    house.state.booked.append({"id_externo": f"sf-{OP}-status-0001   "})  # entered there by hand, under our name
    office.ring(report, "reenviada")
    assert len(house.state.booked) == 1
    assert state(office, report) == BOOKED


def test_p5_a_report_the_erp_queued_is_never_sent_again(house: House) -> None:
    office = house.offices[True]
    report = office.add(OP)
    house.ring(office, report, "queued_202")
    for _ in range(6):
        house.ring(office, report)
    assert state(office, report) == OPEN
    assert office.row(report)["proxima_em"] is None, "a person's, in the end"
    assert house.booked() == []
    house.state.work_off_queue()
    house.ring(office, report)
    assert (state(office, report), house.booked()) == (BOOKED, [f"SF-{OP}-STATUS-0001"])


def test_p5_the_erps_own_key_is_kept_however_the_booking_was_learned(house: House) -> None:
    office = house.offices[True]
    reports = [office.add(OP) for _ in range(3)]
    for report, kind in zip(reports, ("padded", "booked_then_500", "cut_after"), strict=True):
        house.ring(office, report, kind)
        house.ring(office, report)
    assert [office.row(one)["chave_erp"] for one in reports] == ["000001", "000002", "000003"]


def test_p6_an_absent_service_opens_the_breaker(house: House) -> None:
    office = house.offices[False]
    house.state.faults = [Fault("page_404", times=None, path=PATH)]
    reports = []
    for n in range(8):
        house.db.lot(f"00030{n}")
        reports.append(office.add(f"00030{n}"))
        office.ring(reports[-1])
    assert {state(office, one) for one in reports} == {LATER}
    assert {office.row(one)["tentativas"] for one in reports} == {0}
    assert house.db.one("select estado from disjuntores") == "ABERTO"
    house.drain(office, reports)
    assert sorted(house.booked()) == [f"SF-00030{n}-STATUS-0001" for n in range(8)]


def test_p6_without_a_declared_shape_nothing_is_sent(house: House) -> None:
    office = Office(house.db, asking=False, at=house.url, login=LOGIN, shape=None)
    report = office.add(OP)
    for _ in range(5):
        office.ring(report)
    row = office.row(report)
    assert (row["situacao"], row["codigo"], row["tentativas"]) == ("PENDENTE", "no_success_shape", 0)
    assert "totvs.reports.status.success" in row["erro"]
    assert house.state.received == []
    assert house.db.one("select estado from disjuntores") == "ABERTO", "somebody is told"


# ------------------------------------------------------------------------------------------------- the database's part


def code(name: str) -> APIError:
    return APIError({"code": name, "message": "não", "details": None, "hint": None})


FAILURES = {
    "missing function": code("PGRST202"),
    "undefined function": code("42883"),
    "401": code("401"),
    "read-only": code("25006"),
    "refused": code("22003"),
    "HTML of a gateway": code("502"),
    "away": DatabaseGone("o banco não responde"),
    "anything": RuntimeError("ninguém pensou nisto"),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_p5_whatever_keeps_an_answer_from_being_put_down_it_travels_on(house: House, failure: str, after: bool) -> None:
    office = house.offices[False]
    report = office.add(OP)

    def fails(function: str) -> None:
        if function == "concluir_envio":
            raise FAILURES[failure]

    setattr(office.rpc, "after" if after else "before", fails)
    with pytest.raises(UnrecordedError) as unrecorded:
        office.ring(report)
    assert unrecorded.value.fate is Fate.TRANSIENT, "a copy of the message replaces it"
    office.rpc.before = office.rpc.after = lambda _function: None
    told = unrecorded.value.delivery
    message = Doorbell(report_id=report, conclusion=told.conclusion, attempts=told.attempts).text()
    carried = Doorbell.parse(message)
    assert carried.conclusion is not None
    supabase.concluir_envio(office.rpc, carried.conclusion, carried.attempts or ())  # type: ignore[arg-type]
    row = office.row(report)
    assert (row["situacao"], row["chave_erp"], len(house.booked())) == ("CONFIRMADO", "000001", 1)


# ------------------------------------------------------------------------------------------------- mixtures


SENT = [*ANSWERS, "cut_before", "unauthorized", "legacy_error", None]
STEPS = st.lists(
    st.tuples(st.sampled_from(SENT), st.integers(0, 3), st.sampled_from(["", "", "same bell", "person", "queue"])),
    min_size=1,
    max_size=10,
)


@pytest.mark.parametrize("asking", [False, True], ids=["alone", "asking"])
def test_p5_in_any_mixture_of_moods_each_report_is_booked_once(house: House, asking: bool) -> None:
    office = house.offices[asking]
    numbers = iter(range(10**6))

    @settings(
        max_examples=int(os.environ.get("ANSWER_EXAMPLES", "25")),
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=STEPS)
    def mixture(steps: list[tuple[str | None, int, str]]) -> None:
        house.state.booked.clear()
        reports: list[int] = []
        for _ in range(2):
            op = f"8{next(numbers):05}"
            house.db.lot(op)
            reports += [office.add(op, "PERDAS"), office.add(op)]
        for kind, which, what in steps:
            if what == "person":
                house.decide()
            if what == "queue":
                house.state.work_off_queue()
            house.state.faults = [Fault(kind)] if kind else []
            with contextlib.suppress(ReportFailedError):
                office.ring(reports[which], what or None)
            assert len(house.booked()) == len(set(house.booked())), steps
        house.state.faults = []
        house.drain(office, reports)
        names = [office.row(one)["id_externo"] for one in reports]
        assert sorted(house.booked()) == sorted(names), "never two, never none"
        for pair in (names[:2], names[2:]):
            assert [one for one in house.booked() if one in pair] == pair, "in their order"

    mixture()
