import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from sicfar.database import fates, supabase
from sicfar.database.answers import FileRecorded, Refusal
from sicfar.database.codes import FileSituation
from sicfar.errors import Fate, UnknownError


def client(handler, key_refused=lambda: None):
    """A real client whose network is the given function."""
    made = supabase.connect("http://supabase.test", "sb_secret_test", key_refused=key_refused)
    made.session = httpx.Client(transport=httpx.MockTransport(handler), event_hooks=made.session.event_hooks)
    return made


def failing(status, payload=None, text=None):
    def answer(request):
        if payload is not None:
            return httpx.Response(status, json=payload, request=request)
        return httpx.Response(status, text=text or "", request=request)

    return answer


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [
        (500, "57014", Fate.TRANSIENT),  # statement time-out
        (500, "40P01", Fate.TRANSIENT),  # deadlock
        (503, "53300", Fate.TRANSIENT),  # too many connections
        (503, "PGRST000", Fate.TRANSIENT),  # the API cannot reach the database
        (503, "PGRST002", Fate.TRANSIENT),  # the API has no schema cache yet
        (500, "0A000", Fate.TRANSIENT),  # a standby, a cached plan
        (500, "25006", Fate.TRANSIENT),  # read-only transaction
        (500, "26000", Fate.TRANSIENT),  # a statement the pooler lost
        (409, "PT409", Fate.PERMANENT),
        (400, "22P02", Fate.PERMANENT),
        (409, "23503", Fate.PERMANENT),
        (404, "PGRST202", Fate.CONFIGURATION),  # no such function
        (401, "PGRST301", Fate.CONFIGURATION),  # key refused
        (403, "42501", Fate.CONFIGURATION),  # permission denied
    ],
)
def test_p6_the_code_of_a_refusal_decides_its_fate(status, code, fate):
    answer = failing(status, {"code": code, "message": "m", "details": "d", "hint": "h"})
    with pytest.raises(supabase.SicfarError) as caught:
        supabase.registrar_contagens(client(answer), [{}])
    assert caught.value.fate is fate
    assert code in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "XX000"),  # internal error
        (500, "XX001"),  # data corrupted
        (400, "P0001"),
        (500, "54001"),
        (400, "21000"),  # pg_safeupdate
        (423, "PT423"),  # a refusal that this version's schemas do not know
        (429, "PT429"),
        (500, "PGRSTX00"),
        (400, "PGRST999"),
        (400, "weird"),
        (402, None),
        (404, None),
        (413, None),
        (418, ""),
    ],
)
def test_p6_an_unknown_code_is_tried_again_and_counted_as_unknown(status, code):
    answer = failing(status, {"code": code, "message": "m", "details": None, "hint": None})
    with pytest.raises(fates.DatabaseUnavailableError) as caught:
        supabase.registrar_contagens(client(answer), [{}])
    assert isinstance(caught.value, UnknownError)
    assert caught.value.fate is Fate.TRANSIENT


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("PT422", fates.DatabaseRefusedError),
        ("23514", fates.DatabaseRefusedError),
        ("40001", fates.DatabaseUnavailableError),
        ("42883", fates.DatabaseAccessError),  # a migration that has not come yet
        ("XX000", fates.DatabaseUnknownError),
    ],
)
def test_p6_the_refusal_of_one_file_has_the_fate_of_its_code(sqlstate, kind):
    error = supabase.error_of(Refusal(sqlstate=sqlstate, code="ERRO_DO_BANCO", message="m"), "s3://x")
    assert type(error) is kind


def test_p6_our_own_refusals_are_all_known_and_none_asks_to_wait():
    text = "".join(path.read_text(encoding="utf-8") for path in Path("supabase/schemas").glob("*.sql"))
    calls = re.findall(r"perform interno\.recusar\(\s*('\d{3}'|.)", text)
    statuses = {call.strip("'") for call in calls} | set(re.findall(r"errcode = 'PT(\d{3})'", text))
    assert len(calls) > 50
    assert {f"PT{status}" for status in statuses} == set(fates._OURS)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 544])
def test_p6_an_answer_that_is_no_answer_of_the_database_is_transient(status):
    with pytest.raises(fates.DatabaseUnavailableError):
        supabase.registrar_contagens(client(failing(status, text="<html>Bad gateway</html>")), [{}])


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_a_configuration_error_that_names_the_settings(status):
    with pytest.raises(fates.DatabaseAccessError, match="SUPABASE_SECRET_ID"):
        supabase.registrar_contagens(client(failing(status, text="no")), [{}])


@pytest.mark.parametrize(
    ("status", "body", "times"),
    [
        (401, {"message": "Invalid API key", "hint": "Double check your Supabase key."}, 1),  # the gateway's, codeless
        (401, {"code": "PGRST301", "message": "JWT invalid"}, 1),
        (403, {"code": "42501", "message": "permission denied"}, 1),
        (404, {"code": "PGRST202", "message": "no such function"}, 0),
        (403, {"code": "PT403", "message": "SOMENTE_ACRESCIMO"}, 0),
        (500, {"code": "XX000", "message": "internal"}, 0),
    ],
)
def test_p6_a_refused_key_is_said_so_that_it_is_read_again(status, body, times):
    told = []
    with pytest.raises(supabase.SicfarError):
        supabase.registrar_contagens(client(failing(status, body), lambda: told.append(1)), [{}])
    assert len(told) == times


def test_p6_an_answer_that_cannot_be_read_is_unknown():
    def cut(request):
        raise httpx.DecodingError("not gzip", request=request)

    with pytest.raises(fates.DatabaseUnknownError, match="not gzip"):
        supabase.registrar_contagens(client(cut), [{}])


def test_p6_no_connection_and_a_time_out_are_transient_and_called_once():
    calls = []

    def unreachable(request):
        calls.append(request)
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(fates.DatabaseUnavailableError, match="refused"):
        supabase.registrar_contagens(client(unreachable), [{}])
    assert len(calls) == 1


def test_an_answer_of_another_length_than_the_question_is_refused():
    with pytest.raises(fates.DatabaseAccessError, match="migra"):
        supabase.registrar_contagens(client(failing(200, [])), [{}])


def test_p9_the_key_is_in_no_error():
    with pytest.raises(supabase.SicfarError) as caught:
        supabase.registrar_contagens(client(failing(500, text="x")), [{}])
    assert "sb_secret_test" not in str(caught.value)


class Recorder(BaseHTTPRequestHandler):
    """Answers every call with true and keeps what was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.requestline, self.headers.items()))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("end", ["", "/"])
def test_p9_the_secret_key_is_sent_as_apikey_and_nowhere_else(end):
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        made = supabase.connect(f"http://127.0.0.1:{server.server_address[1]}{end}", "sb_secret_test")
        try:
            assert supabase.disjuntor_aberto(made, "TOTVS") is True
        finally:
            made.aclose()
            server.shutdown()
    ((line, headers),) = server.asked
    assert line == "POST /rest/v1/rpc/disjuntor_aberto HTTP/1.1"
    assert [name.lower() for name, value in headers if "sb_secret_test" in value] == ["apikey"]
    assert "authorization" not in [name.lower() for name, _ in headers]


RECORDED = {"chave": "contagens/a", "versao_id": None, "situacao": "APLICADO"}


def test_what_a_newer_database_adds_to_an_answer_is_ignored():
    newer = {**RECORDED, "lido_em": "2026-03-15"}
    assert supabase.registrar_contagens(client(failing(200, [newer])), [{}]) == (
        FileRecorded(key="contagens/a", version_id=None, situation=FileSituation.APPLIED),
    )


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ([{**RECORDED, "situacao": "ADIADO"}], ("situacao", "ADIADO")),
        ([{"chave": "contagens/a", "versao_id": None}], ("situacao",)),
        ([{"versao_id": None, "situacao": "APLICADO"}], ("0.APLICADO.chave",)),
        ([{**RECORDED, "situacao": "PREFIXO", "prefixo": {"tamanho": "x"}}], ("prefixo.tamanho", "'x'")),
        ({"situacao": "APLICADO"}, ("resposta", "APLICADO")),
        ("texto", ("resposta", "'texto'")),
    ],
)
def test_p6_an_unknown_answer_names_function_field_and_value(answer, named):
    with pytest.raises(fates.DatabaseAccessError) as caught:
        supabase.registrar_contagens(client(failing(200, answer)), [{}])
    assert caught.value.fate is Fate.CONFIGURATION, "the message is good: it waits for the deploy"
    for part in ("registrar_contagens", *named):
        assert part in caught.value.what


def test_a_kind_of_report_this_version_does_not_know_is_named():
    claim = {
        "situacao": "ENVIAR", "envio": 1, "lease": "x", "id_externo": "SF-1", "tipo": "TRANSFERENCIA", "tentativas": 0,
        "conteudo": {}, "consultar": False, "conferir": False,
    }  # fmt: skip
    with pytest.raises(fates.DatabaseAccessError, match=r"reivindicar_envio.*tipo.*TRANSFERENCIA"):
        supabase.reivindicar_envio(client(failing(200, claim)), 1, "m", 60, may_ask=False)


def test_p6_a_breaker_that_cannot_be_asked_for_is_not_open():
    assert supabase.disjuntor_aberto(client(failing(503, text="away")), "TOTVS") is False
    with pytest.raises(fates.DatabaseAccessError, match="disjuntor_aberto"):
        supabase.disjuntor_aberto(client(failing(200, "sim")), "TOTVS")


def test_an_answer_is_frozen_and_passed_on_under_the_databases_names():
    (answer,) = supabase.registrar_contagens(client(failing(200, [RECORDED])), [{}])
    assert answer.as_json() == {**RECORDED, "motivo": None}
    with pytest.raises(ValidationError):
        answer.situation = FileSituation.KNOWN
