"""The client and the pull against the simulated TOTVS, over real HTTP, with everything it can do wrong."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import trustme
from supabase import create_client

from local.simulators.totvs.server import Simulator
from local.simulators.totvs.state import ANSWERING, BENDING, Fault
from local.stack.stack import Stack
from local.waiting import LAST_RESORT_S, Patience
from sicfar.database import supabase
from sicfar.database.requests import Attempt
from sicfar.totvs.answers import TotvsAccessError, TotvsRefusedError, TotvsUnavailableError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.events import PageError
from sicfar.totvs.success import Expected, SuccessShape
from sicfar.totvs.sync import Sync

IMPATIENT = {"connectSeconds": 30, "readSeconds": 1}
USER, PASSWORD = "sicfar", "uma-senha-que-não-aparece"
ANY = Expected("totvs.reports.production.success", "1", SuccessShape(status=(201,), items="items"))
_numbers = count(1)


class Erp:
    """A simulator in this process, and clients for it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.server = Simulator(0, USER, PASSWORD, tls)
        self.state = self.server.state
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}/api"
        self.attempts: list[Attempt] = []
        self.pauses: list[float] = []
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def config(self, **more: Any) -> TotvsConfig:
        totvs = {
            "baseUrl": self.url,
            "endpoints": {"ordens": "/ordens-producao", "produtos": "/produtos", "lotes": "/lotes"},
            "auth": {"type": "bearer", "tokenUrl": "/auth/token"},
            "timeouts": {"connectSeconds": 30, "readSeconds": 300},
            "pageSize": 7,
            **more,
        }
        return TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")

    def client(self, password: str = PASSWORD, **more: Any) -> TotvsClient:
        return TotvsClient(self.config(**more), USER, password, record=self.attempts.append, pause=self.pauses.append)

    def fault(self, kind: str, **more: Any) -> None:
        self.state.faults.append(Fault(kind, **more))

    def asked(self, path: str) -> int:
        return sum(1 for one in self.state.received if one.path == path)


@pytest.fixture
def erp() -> Iterator[Erp]:
    made = Erp()
    yield made
    made.server.shutdown()
    made.server.server_close()


def orders(many: int, product: str) -> list[dict[str, Any]]:
    return [
        {"C2_NUM": 200_000 + next(_numbers), "C2_PRODUTO": product, "C2_QUANT": n, "C2_YLOTE": f"25L{n:05}A"}
        for n in range(many)
    ]


# -------------------------------------------------------------------------------------------------------- the token


def test_one_token_serves_many_calls_and_travels_in_the_body_only(erp):
    client = erp.client()
    for _ in range(3):
        client.get("produtos", {"page": "1"})
    assert erp.asked("/api/auth/token") == 1
    (asked,) = [one for one in erp.state.received if one.path == "/api/auth/token"]
    assert asked.query == {}


def test_a_token_is_renewed_before_it_dies_by_the_refresh_token(erp):
    erp.state.token_seconds = 0.0  # told as one second: renewed at once
    client = erp.client()
    client._token.current()
    erp.state.token_seconds = 3600.0
    client._token._renew_at = 0.0
    client.get("produtos", {"page": "1"})
    assert erp.asked("/api/auth/token") == 2
    assert [attempt.status for attempt in erp.attempts] == [200, 200, 200]


def test_a_refused_token_is_refreshed_once_and_the_call_repeated(erp):
    client = erp.client()
    client.get("produtos", {"page": "1"})
    erp.state.tokens.clear()
    assert client.get("produtos", {"page": "1"}).status == 200
    assert erp.asked("/api/auth/token") == 2


def test_a_revoked_refresh_token_gives_way_to_the_password(erp):
    client = erp.client()
    client.get("produtos", {"page": "1"})
    erp.state.tokens.clear()
    erp.state.refresh.clear()
    assert client.get("produtos", {"page": "1"}).status == 200
    assert [a.status for a in erp.attempts if a.operation == "token"] == [200, 401, 200]


def test_a_service_that_refuses_every_token_is_a_configuration_error(erp):
    erp.fault("unauthorized", times=None)
    with pytest.raises(TotvsAccessError, match="401"):
        erp.client().get("produtos", {"page": "1"})
    assert erp.asked("/api/produtos") == 3
    assert erp.asked("/api/auth/token") == 3


def test_p9_wrong_credentials_are_configuration_and_no_secret_is_written(erp):
    with pytest.raises(TotvsAccessError) as refused:
        erp.client(password="outra-senha-secreta").get("produtos", {"page": "1"})
    assert erp.asked("/api/produtos") == 0
    everything = f"{refused.value} {refused.value!r} {erp.attempts} {erp.client()._token!r}"
    assert "outra-senha-secreta" not in everything
    assert PASSWORD not in everything


def test_basic_authentication_needs_no_token_refused_it_is_configuration(erp):
    with pytest.raises(TotvsAccessError, match="401"):
        erp.client(auth={"type": "basic"}).get("produtos", {"page": "1"})
    assert erp.asked("/api/auth/token") == 0
    (asked,) = erp.state.received
    assert asked.headers["authorization"] == "***"


def test_p9_a_secret_the_erp_repeats_is_masked(erp):
    client = erp.client()
    client.get("produtos", {"page": "1"})
    (access,) = erp.state.tokens
    with pytest.raises(TotvsRefusedError) as refused:
        client.post("eco", f"/{PASSWORD}/{access}", b"{}", ANY)
    everything = f"{refused.value.what} {refused.value.args[1]} {erp.attempts[-1].error}"
    assert access not in everything
    assert PASSWORD not in everything
    assert "***" in everything


def test_threads_share_one_token_and_at_most_three_calls_run(erp):
    client = erp.client()
    erp.fault("slow", times=None, seconds=0.05, path="/api/produtos")
    seen, most, lock = 0, 0, threading.Lock()
    take = erp.state.take

    def watched(kind: str, path: str):
        nonlocal seen, most
        if kind == "slow" and path == "/api/produtos":
            with lock:
                seen += 1
                most = max(most, seen)
        fault = take(kind, path)
        if kind == "cut_before" and path == "/api/produtos":
            with lock:
                seen -= 1
        return fault

    erp.state.take = watched
    threads = [threading.Thread(target=client.get, args=("produtos", {"page": "1"})) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert erp.asked("/api/produtos") == 10
    assert erp.asked("/api/auth/token") == 1
    assert most <= 3


# ----------------------------------------------------------------------------------------------- what is answered


@pytest.mark.parametrize(
    ("kind", "error", "text"),
    [
        ("busy_503", TotvsUnavailableError, "Server Busy"),
        ("html_500", TotvsUnavailableError, "Não foi possível"),
        ("login_page", TotvsUnavailableError, "não é o serviço que responde: Login Usuário Senha"),
        ("page_404", TotvsUnavailableError, "Página não encontrada"),
        ("cut_before", TotvsUnavailableError, "sem conexão"),
        ("cut_after", TotvsUnavailableError, "sem conexão"),
        ("legacy_error", TotvsRefusedError, "400: Parâmetro inválido"),
        ("lock_text", TotvsUnavailableError, "BLOQUEADO"),
    ],
)
def test_each_trouble_is_an_error_of_its_fate_that_says_what_was_told(erp, kind, error, text):
    client = erp.client()
    erp.fault(kind, path="/api/produtos")
    with pytest.raises(error, match=text):
        client.get("produtos", {"page": "1"})
    assert client.get("produtos", {"page": "1"}).status == 200


def test_a_service_that_does_not_answer_in_time_is_transient(erp):
    erp.fault("slow", seconds=LAST_RESORT_S, path="/api/produtos")
    with pytest.raises(TotvsUnavailableError, match="não respondeu a tempo"):
        erp.client(timeouts=IMPATIENT).get("produtos", {"page": "1"})
    erp.state.changed.set()


def test_p5_something_sent_is_never_sent_twice_by_the_client(erp):
    erp.fault("cut_after", path="/api/apontamentos")
    with pytest.raises(TotvsUnavailableError):
        erp.client().post("apontamento", "/apontamentos", b'{"op": "1"}', ANY)
    assert erp.asked("/api/apontamentos") == 1


def test_retry_after_is_honoured_up_to_half_a_minute(erp):
    erp.fault("busy_503", retry_after=7, path="/api/produtos")
    erp.fault("busy_503", retry_after=700, path="/api/produtos")
    list(erp.client().pages("produtos", since=None))
    assert erp.pauses == [7.0, 30.0]


def test_the_tenant_goes_with_its_inner_blanks(erp):
    erp.client(tenantId="01,D  MG 01 ").get("produtos", {"page": "1"})
    (asked,) = [one for one in erp.state.received if one.path == "/api/produtos"]
    assert asked.headers["tenantid"] == "01,D  MG 01"


def test_a_private_authority_is_trusted_if_named_else_refused_readably(tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    erp = Erp(context)
    try:
        assert erp.client(caBundle=str(bundle)).get("produtos", {"page": "1"}).status == 200
        with pytest.raises(TotvsAccessError, match="caBundle"):
            erp.client().get("produtos", {"page": "1"})
    finally:
        erp.server.shutdown()
        erp.server.server_close()


# ------------------------------------------------------------------------------------------------------------ pages


def test_pages_are_walked_to_the_end_in_a_stable_order(erp):
    erp.state.store("produtos", [{"B1_COD": f"{n:08}", "B1_DESC": "X"} for n in range(20)])
    rows = [row for page in erp.client().pages("produtos", since=None) for row in page.page.rows]
    assert [row["B1_COD"] for row in rows] == [f"{n:08}" for n in range(20)]
    asked = [one.query for one in erp.state.received if one.path == "/api/produtos"]
    assert [one["page"] for one in asked] == ["1", "2", "3"]
    assert {one["order"] for one in asked} == {"produto_codigo"}


@pytest.mark.parametrize(
    ("form", "written"),
    [("iso", "2026-03-15T11:00:00.000Z"), ("protheus", "20260315 08:00:00"), ("date", "2026-03-15")],
)
def test_changed_since_is_asked_in_the_form_the_service_reads(erp, form, written):
    client = erp.client(changedSince={"parameter": "desde", "format": form})
    list(client.pages("produtos", since=datetime(2026, 3, 15, 11, tzinfo=UTC)))
    (asked,) = [one for one in erp.state.received if one.path == "/api/produtos"]
    assert asked.query["desde"] == written


def test_a_page_that_stays_unreadable_is_told_after_three_attempts(erp):
    erp.fault("truncated_json", times=None)
    with pytest.raises(PageError):
        list(erp.client().pages("produtos", since=None))
    assert erp.asked("/api/produtos") == 3


def test_p7_every_attempt_is_recorded_with_its_outcome(erp):
    erp.fault("busy_503", path="/api/produtos")
    list(erp.client().pages("produtos", since=None))
    told = [(one.operation, one.method, one.status, one.result, one.code) for one in erp.attempts]
    assert told == [
        ("token", "POST", 200, "OK", None),
        ("produtos", "GET", 503, "TRANSITORIO", "erp_unavailable"),
        ("produtos", "GET", 200, "OK", None),
    ]
    assert len({one.correlation for one in erp.attempts}) == 1
    assert all(one.latency_ms >= 0 and one.at.utcoffset() == timedelta(0) for one in erp.attempts)


# --------------------------------------------------------------------------------------------------------- the pull


class Pull:
    """The pull into the real database, through Supabase's API."""

    def __init__(self, erp: Erp, stack: Stack) -> None:
        self.erp = erp
        self.service = create_client(stack.supabase.url, stack.supabase.secret_key)
        self.database = supabase.connect(stack.supabase.url, stack.supabase.secret_key)
        self.product = f"0701{next(_numbers):04}"
        erp.state.store("produtos", [{"B1_COD": self.product, "B1_DESC": "SOL"}])
        self.rows = orders(40, self.product)
        erp.state.store("ordens", self.rows)

    def run(self, time_left: Callable[[], float] = lambda: 600.0, **more: Any) -> dict[str, Any]:
        client = self.erp.client(**more)
        outcomes = Sync(self.erp.config(**more), client, self.database, time_left, 5.0).run()
        client.close()
        return {outcome.entity: outcome for outcome in outcomes}

    def stored(self) -> dict[str, int]:
        query = self.service.table("lotes_producao").select("numero_op,quantidade_planejada")
        rows: Any = query.eq("produto_codigo", self.product).execute().data
        return {row["numero_op"]: int(row["quantidade_planejada"]) for row in rows}

    def expected(self) -> dict[str, int]:
        return {str(row["C2_NUM"]): row["C2_QUANT"] for row in self.rows}


@pytest.fixture
def pull(erp: Erp, supabase_stack: Stack) -> Pull:
    return Pull(erp, supabase_stack)


def test_p6_a_pull_repairs_and_names_what_a_webhook_lost_only_once(pull):
    first = pull.run(changedSince=None)
    assert pull.stored() == pull.expected()
    assert first["ordens"].repaired == 40
    assert set(first["ordens"].repairs) == set(pull.expected())
    again = pull.run(changedSince=None)
    assert [outcome.repaired for outcome in again.values()] == [0, 0, 0]
    assert [outcome.situation for outcome in again.values()] == ["COMPLETA"] * 3


def test_a_pull_that_runs_out_of_time_goes_on_where_it_stopped(pull):
    left = iter([600.0] * 8 + [0.0] * 50)
    first = pull.run(time_left=lambda: next(left), changedSince=None)
    assert first["ordens"].situation == "INCOMPLETA"
    second = pull.run(changedSince=None)
    assert second["ordens"].situation == "COMPLETA"
    assert second["ordens"].pages < 6
    assert pull.stored() == pull.expected()


def test_only_what_changed_is_asked_for_with_an_overlap(pull):
    begun = datetime.now(UTC)
    pull.run()
    pull.erp.state.received.clear()
    pull.run()
    asked = [one.query.get("alteradoDesde") for one in pull.erp.state.received if one.path == "/api/ordens-producao"]
    since = datetime.fromisoformat(asked[0])
    assert timedelta(hours=23) < begun - since < timedelta(hours=25)


def test_p8_rows_that_are_no_orders_are_refused_the_others_applied(pull):
    bad = {"C2_NUM": 999_999, "C2_PRODUTO": pull.product, "C2_QUANT": "muito", "C2_YLOTE": "X"}
    pull.erp.state.store("ordens", [bad])
    outcome = pull.run(changedSince=None)["ordens"]
    assert outcome.situations["RECUSADO"] == 1
    assert pull.stored() == pull.expected()
    query = pull.service.table("eventos_totvs").select("motivo").eq("situacao", "RECUSADO").like("motivo", "%muito%")
    assert len(query.execute().data) == 1
    pull.run(changedSince=None)
    assert len(query.execute().data) == 1


FAULTS = (*BENDING, *ANSWERING)


@pytest.mark.parametrize("kind", [*FAULTS, "mixed"])
def test_p6_whatever_the_service_does_wrong_the_end_state_is_the_same(pull, kind):
    kinds = FAULTS * 2 if kind == "mixed" else (kind,)
    for one in kinds:
        for path in ("/api/ordens-producao", "/api/produtos", None):
            pull.erp.fault(one, path=path, times=2, seconds=1.3)
    runs = 0
    patience = Patience("a whole pull once the faults are over", state=lambda: (outcomes, pull.erp.state.faults))
    while True:
        runs += 1
        outcomes = pull.run(changedSince=None, timeouts=IMPATIENT)
        quiet = not any(fault.times for fault in pull.erp.state.faults)
        if quiet and all(outcome.situation == "COMPLETA" for outcome in outcomes.values()):
            break
        patience.look()
        if kind == "mixed" and runs == 3:
            pull.erp.state.tokens.clear()
    if pull.stored() != pull.expected():  # a row may have slipped between shifted pages; the next pull has it
        pull.run(changedSince=None)
    assert pull.stored() == pull.expected()
