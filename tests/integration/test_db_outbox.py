"""The outbox: told once, in order, whatever the ERP, the database and the processes do in between."""

import contextlib

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from local.stack import migrated
from local.stack.database import Database
from sicfar.database import supabase
from sicfar.database.codes import ReportSituation
from sicfar.totvs.conclusions import Limits
from sicfar.totvs.outbox import Delivery, ReportFailedError, UnrecordedError
from tests.support.outbox import LIMITS, DatabaseGone, Office

OP = "000123"


@pytest.fixture
def office(db):
    db.lot(OP, "000124")
    return Office(db, asking=False)


@pytest.fixture
def asking(db):
    db.lot(OP, "000124")
    return Office(db, asking=True)


def test_p5_an_orders_reports_go_in_order_only_the_head_can_be_claimed(office):
    first, second = office.add(OP, "PERDAS"), office.add(OP)
    assert office.ring(second) == []
    assert office.due() == [first]
    office.ring(first)
    assert office.erp.booked == [f"SF-{OP}-PERDAS-0001", f"SF-{OP}-STATUS-0001"]
    assert office.due() == []


def test_p5_ringing_again_for_what_is_done_calls_nobody(office):
    report = office.add(OP)
    office.ring(report)
    calls = office.erp.calls
    assert office.ring(report) == []
    assert office.erp.calls == calls


def test_p5_two_at_once_claim_a_report_once(office):
    report = office.add(OP)
    claim = "select reivindicar_envio(%s, 'a', 60, true)->>'situacao'"
    assert office.db.one(claim, report) == "ENVIAR"
    assert office.db.one(claim, report) == "ESPERAR"


@pytest.mark.parametrize("mood", ["cut after", "cut before", "bare 500"])
def test_p5_without_a_query_a_doubtful_report_blocks_its_order_only(office, mood):
    report, following, other = office.add(OP), office.add(OP), office.add("000124")
    office.erp.mood = mood
    office.ring(report)
    office.erp.mood = "ok"
    for _ in range(3):
        for due in office.due():
            office.ring(due)
    assert office.row(report)["situacao"] == "INCERTO"
    assert office.row(following)["situacao"] == "PENDENTE"
    assert office.row(other)["situacao"] == "CONFIRMADO"
    (waiting,) = office.db.pending("ENVIO")
    assert waiting["funcao"] == "decidir_envio"
    boss = office.db.person("GESTOR")
    decision = "REENVIAR" if mood == "cut before" else "ENTROU"
    office.db.call(boss, "decidir_envio", p_id=report, p_decisao=decision, p_motivo="visto no TOTVS")
    for due in office.due():
        office.ring(due)
    assert sorted(office.erp.booked) == [f"SF-{OP}-STATUS-0001", f"SF-{OP}-STATUS-0002", "SF-000124-STATUS-0001"]


@pytest.mark.parametrize("mood", ["cut after", "cut before", "bare 500"])
def test_p5_with_a_query_it_is_asked_about_before_it_is_sent_again(asking, mood):
    report = asking.add(OP)
    asking.erp.mood = mood
    asking.ring(report)
    assert asking.row(report)["situacao"] == "INCERTO"
    asking.erp.mood = "ok"
    asking.ring(report)
    assert asking.erp.asked == [f"SF-{OP}-STATUS-0001"]
    assert asking.erp.booked == [f"SF-{OP}-STATUS-0001"]


def test_p5_a_query_that_does_not_filter_leaves_the_decision_to_a_person(asking):
    report = asking.add(OP)
    asking.erp.mood = "cut before"
    asking.ring(report)
    asking.erp.mood = "ok"
    asking.erp.booked.append("SF-de-outro-0001")
    original = asking.erp.__class__.__call__

    def unfiltered(erp, request):
        if request.method == "GET":
            return original(erp, request).__class__(200, json={"items": [{"id_externo": "SF-de-outro-0001"}]})
        return original(erp, request)

    asking.erp.__class__ = type("Unfiltered", (asking.erp.__class__,), {"__call__": unfiltered})
    asking.ring(report)
    row = asking.row(report)
    assert (row["situacao"], row["codigo"], row["proxima_em"]) == ("INCERTO", "query_unusable", None)


def test_p5_a_vanished_sender_leaves_a_doubtful_report_not_a_second_one(office):
    report = office.add(OP)
    office.rpc.before = lambda function: _gone(function == "concluir_envio")
    with pytest.raises(UnrecordedError) as error:
        office.ring(report)
    office.rpc.before = lambda _function: None
    assert office.ring(report) == []
    assert office.row(report)["situacao"] == "INCERTO"
    # What the message carried settles it: the ERP had answered.
    told = error.value.delivery
    supabase.concluir_envio(office.rpc, told.conclusion, told.attempts)
    assert office.row(report)["situacao"] == "CONFIRMADO"
    assert office.erp.booked == [f"SF-{OP}-STATUS-0001"]
    assert office.db.one("select count(*) from tentativas_integracao where envio_id = %s", report) == 1


def test_p5_a_vanished_senders_late_word_undoes_nothing_learned_since(asking):
    report = asking.add(OP)
    asking.erp.mood = "away"
    asking.rpc.before = lambda function: _gone(function == "concluir_envio")
    with pytest.raises(UnrecordedError) as error:
        asking.ring(report)
    asking.rpc.before = lambda _function: None
    asking.erp.mood = "cut after"
    asking.ring(report)  # asked, which is cut off too
    asking.erp.mood = "bare 500"
    asking.ring(report)  # asked: not there; sent, booked, and answered with nothing that says so
    asking.erp.mood = "ok"
    told = error.value.delivery
    assert told.conclusion.situation is ReportSituation.PENDING
    supabase.concluir_envio(asking.process(), told.conclusion, told.attempts)
    assert asking.row(report)["situacao"] == "INCERTO"
    asking.ring(report)
    assert asking.erp.booked == [f"SF-{OP}-STATUS-0001"]


def test_p6_a_refused_report_is_one_call_per_delivery_and_per_redrive(office):
    report = office.add(OP)
    office.erp.mood = "refuses"
    for _ in range(5):
        with pytest.raises(ReportFailedError, match="Motivo não cadastrado"):
            office.ring(report, "mesma mensagem")
    assert office.erp.calls == 1
    with pytest.raises(ReportFailedError):
        office.ring(report, "reenviada")
    assert office.erp.calls == 2
    office.erp.mood = "ok"
    office.ring(report, "reenviada de novo")
    assert office.row(report)["situacao"] == "CONFIRMADO"


def test_p6_two_messages_for_a_refused_report_cost_a_call_each(office):
    report = office.add(OP)
    office.erp.mood = "refuses"
    for _ in range(5):
        for bell in ("uma mensagem", "outra mensagem"):
            with pytest.raises(ReportFailedError):
                office.ring(report, bell)
    assert office.erp.calls == 2


def test_p6_a_redriven_letter_wakes_the_report_it_failed_with(office):
    first, second = office.add(OP), office.add(OP)
    original = office.erp.__class__.__call__

    def refuses_the_second(erp, request):
        erp.mood = "refuses" if f"SF-{OP}-STATUS-0002".encode() in request.content and erp.stubborn else "ok"
        return original(erp, request)

    office.erp.__class__ = type("Stubborn", (office.erp.__class__,), {"__call__": refuses_the_second, "stubborn": True})
    for _ in range(5):
        with pytest.raises(ReportFailedError):
            office.ring(first, "mensagem do primeiro")
    assert (office.row(first)["situacao"], office.row(second)["situacao"]) == ("CONFIRMADO", "RECUSADO")
    assert office.erp.calls == 2
    office.erp.stubborn = False
    office.ring(first, "a mesma, reenviada")
    assert office.row(second)["situacao"] == "CONFIRMADO"
    assert office.erp.booked == [f"SF-{OP}-STATUS-0001", f"SF-{OP}-STATUS-0002"]


def test_p6_not_now_exhausts_a_report_only_while_others_are_booked(office):
    report = office.add(OP)
    for n in range(LIMITS.attempts - 1):
        office.erp.mood = "busy"
        for _ in range(5):
            office.ring(report)
        assert (office.row(report)["situacao"], office.row(report)["tentativas"]) == ("PENDENTE", n + 1)
        office.erp.mood = "ok"
        office.ring(office.add("000124"))
    office.erp.mood = "busy"
    with pytest.raises(ReportFailedError, match="Server Busy"):
        office.ring(report)
    assert office.row(report)["situacao"] == "ESGOTADO"


def test_p6_a_refused_connection_is_no_attempt(office):
    report = office.add(OP)
    office.erp.mood = "away"
    for _ in range(20):
        office.ring(report)
        office.db.sql("update disjuntores set falhas = 0")
    assert (office.row(report)["situacao"], office.row(report)["tentativas"]) == ("PENDENTE", 0)


def test_p6_a_wrong_password_costs_no_report_its_attempts(office):
    report = office.add(OP)
    office.erp.mood = "wrong password"
    for _ in range(20):
        office.ring(report)
    assert (office.row(report)["situacao"], office.row(report)["tentativas"]) == ("PENDENTE", 0)


def test_p6_the_breaker_opens_lets_one_probe_through_and_closes(db):
    db.lot(*(f"00020{n}" for n in range(6)))
    office = Office(db, asking=False, limits=Limits((0,), 10, 3600, 0, 3, 3600))
    reports = [office.add(f"00020{n}") for n in range(6)]
    office.erp.mood = "away"
    for report in reports:
        office.ring(report)
    assert office.erp.calls == 3
    assert office.due() == []
    db.sql("update disjuntores set sonda_em = now()")
    (probe,) = office.due()
    claimed = [db.one("select reivindicar_envio(%s, 'x', 60, false)->>'situacao'", one) for one in reports[-2:]]
    assert claimed == ["ENVIAR", "ESPERAR"], "one prober"
    db.sql("update disjuntores set sonda_em = now()")
    office.erp.mood = "ok"
    office.ring(probe)
    assert db.one("select estado from disjuntores") == "FECHADO"
    on_the_trail = "select acao from trilha_auditoria where papel = 'SISTEMA' and objeto like 'disjuntores:%%'"
    assert {row["acao"] for row in db.sql(on_the_trail)} == {"disjuntor_abriu", "disjuntor_fechou"}


def test_p5_a_report_never_changes_and_a_confirmed_one_stays_confirmed(office):
    report = office.add(OP)
    office.ring(report)
    for change in ("conteudo = '{\"boas\": 1}'", "situacao = 'PENDENTE'", "id_externo = 'outro'"):
        with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
            office.db.sql(f"update envios_totvs set {change}")
    with pytest.raises(psycopg.Error, match="SOMENTE_ACRESCIMO"):
        office.db.sql("delete from envios_totvs")


def _gone(when: bool) -> None:
    if when:
        raise DatabaseGone("o banco não responde")


# The whole, against an oracle ----------------------------------------------------------------------------------------

MOODS = ["ok", "away", "busy", "refuses", "cut before", "cut after", "bare 500", "wrong password"]
MOODS += ["rule 500", "unknown 201", "error in 200", "page 404"]


class Telling(RuleBasedStateMachine):
    """Reports of two orders are told by processes that crash, to an ERP with moods, through a database that goes away
    before or after a call, on messages that are doubled, late and redriven. A person who can see the ERP decides what
    waits for one."""

    cluster: migrated.Cluster
    asking: bool
    reports = Bundle("reports")

    @initialize()
    def begin(self) -> None:
        self.stack = contextlib.ExitStack()
        self.db = Database(self.stack.enter_context(self.cluster.fresh()))
        self.stack.callback(self.db.close)
        self.db.lot("000001", "000002")
        self.boss = self.db.person("GESTOR")
        self.office = Office(self.db, asking=self.asking)
        self.carried: list[Delivery] = []
        self.ids: list[int] = []

    @rule(target=reports, op=st.sampled_from(["000001", "000002"]))
    def add(self, op):
        self.ids.append(self.office.add(op))
        return self.ids[-1]

    @rule(mood=st.sampled_from(MOODS))
    def change_mood(self, mood):
        self.office.erp.mood = mood

    @rule(
        report=reports,
        bell=st.none() | st.sampled_from(["m1", "m2"]),
        lost=st.sampled_from([None, None, ("reivindicar_envio", "before"), ("reivindicar_envio", "after"),
                              ("concluir_envio", "before"), ("concluir_envio", "after")]),
        message_survives=st.booleans(),
    )  # fmt: skip
    def ring(self, report, bell, lost, message_survives):
        if lost:
            setattr(self.office.rpc, lost[1], lambda function: _gone(function == lost[0]))
        try:
            self.office.ring(report, bell)
        except UnrecordedError as error:
            if message_survives:  # else the process was killed before it could write the message
                self.carried.append(error.delivery)
        except (ReportFailedError, supabase.DatabaseUnavailableError):
            pass
        finally:
            self.office.rpc.before = self.office.rpc.after = lambda _function: None

    @rule(twice=st.booleans())
    def deliver_carried(self, twice):
        for told in self.carried * (1 + twice):
            supabase.concluir_envio(self.office.process(), told.conclusion, told.attempts)
        self.carried = []

    @rule()
    def person_decides(self):
        for row in self.db.pending("ENVIO"):
            external, report = row["chave"], row["detalhes"]["p_id"]
            decision = "ENTROU" if external in self.office.erp.booked else "REENVIAR"
            self.db.call(self.boss, "decidir_envio", p_id=report, p_decisao=decision, p_motivo="visto no TOTVS")

    @invariant()
    def never_two(self):
        if hasattr(self, "office"):
            booked = self.office.erp.booked
            assert len(booked) == len(set(booked)), booked

    @invariant()
    def in_order(self):
        if hasattr(self, "office"):
            for op in ("000001", "000002"):
                told = [external for external in self.office.erp.booked if op in external]
                assert told == sorted(told)

    @invariant()
    def confirmed_is_booked(self):
        if hasattr(self, "office"):
            rows = self.db.sql("select id_externo from envios_totvs where situacao = 'CONFIRMADO'")
            assert {row["id_externo"] for row in rows} <= set(self.office.erp.booked)

    def teardown(self):
        if not hasattr(self, "office"):
            return
        try:
            self.office.erp.mood = "ok"
            self.deliver_carried(twice=False)
            for _ in range(2 * len(self.ids) + 4):
                self.person_decides()
                for report in self.office.due():
                    self.ring(report, None, None, True)
            self.never_two()
            self.in_order()
            rows = self.db.sql("select id_externo, situacao from envios_totvs")
            assert {row["situacao"] for row in rows} <= {"CONFIRMADO"}
            assert {row["id_externo"] for row in rows} == set(self.office.erp.booked), "never none"
        finally:
            self.stack.close()


@pytest.mark.parametrize("asking", [True, False])
def test_p5_never_two_never_none_whatever_fails_in_between(cluster, asking):
    machine = type("Telling", (Telling,), {"cluster": cluster, "asking": asking})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
