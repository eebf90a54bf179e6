"""What TOTVS is sent fits its columns or is not sent; what it answers to a question is believed only if it is sure."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicfar.database.breaker import Breaker
from sicfar.database.codes import ReportKind, ReportSituation
from sicfar.database.requests import Doorbell, NotADoorbellError
from sicfar.totvs.answers import Answer
from sicfar.totvs.conclusions import Limits
from sicfar.totvs.config import Reports
from sicfar.totvs.rendering import ReportError
from sicfar.totvs.report_values import Report
from sicfar.totvs.reports import QueryUnusableError, report_row, require_same, written

CONTENT = {"numero_op": "000123", "numero_lote": "25F0226A", "produto_codigo": "07010012", "boas": 5, "refugos": []}


def body(reports=None, kind=ReportKind.PRODUCTION, **content):
    report = Report(kind, "SF-000123-0001", {**CONTENT, **content})
    return json.loads(written(reports or Reports(), report).body)


def test_the_report_says_who_it_is_and_what_it_is():
    told = body()
    assert (told["id_externo"], told["operacao"], told["numero_op"]) == ("SF-000123-0001", "TOTAL", "000123")


def test_reason_codes_are_the_erps_own():
    told = body(Reports(codes={"MAQUINA": "REF01"}), refugos=[{"codigo": "MAQUINA", "quantidade": 3}])
    assert told["refugos"] == [{"codigo": "REF01", "quantidade": 3}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"refugos": [{"codigo": "TAMPA AMASSADA", "quantidade": 1}]}, "'TAMPA AMASSADA' tem 14 caracteres, cabem 8"),
        ({"numero_lote": "25F0226A-LONGO"}, "numero_lote"),
        ({"numero_lote": "25F→A"}, "CP1252"),
        ({"boas": 10**12}, "mais algarismos que os 12"),
        ({"boas": Decimal("2.5")}, "mais casas que as 0"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_cut_or_rounded(content, told):
    with pytest.raises(ReportError) as error:
        body(**content)
    assert told in error.value.what


def test_every_fault_is_told_at_once():
    with pytest.raises(ReportError) as error:
        body(numero_lote="25F0226A-LONGO", boas=10**12)
    assert error.value.what.count(";") == 1


def test_a_persons_reason_may_hold_any_character():
    assert body(kind=ReportKind.ADJUSTMENT, motivo="conferido ✓")["motivo"] == "conferido ?"


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.integers(0, 6))
def test_an_amount_is_sent_exactly_or_not_at_all(amount, places):
    try:
        told = body(Reports(decimals=places), boas=amount)
    except ReportError:
        assert amount != round(amount, places)
    else:
        assert Decimal(str(told["boas"])) == amount


def answer(value):
    return Answer(200, {"content-type": "application/json"}, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"items": [], "hasNext": False}, False),
        ({"Items": []}, False),
        ([], False),
        ({"items": [{"id_externo": "SF-1-0001"}]}, True),
        ({"items": [{"OH_IDMES": "SF-1-0001", "boas": 5}]}, True),
    ],
)
def test_p5_a_list_filtered_by_the_id_says_yes_or_no(value, found):
    assert (report_row(False, "id_externo", "SF-1-0001", answer(value)) is not None) is found


@pytest.mark.parametrize("value", [{"items": [{"id_externo": "SF-2-0001"}]}, {}, None, "nada", {"items": "x"}])
def test_p5_an_answer_that_could_be_about_anything_says_nothing(value):
    with pytest.raises(QueryUnusableError):
        report_row(False, "id_externo", "SF-1-0001", answer(value))


def test_p5_a_path_of_its_own_must_show_the_id_it_was_asked_for():
    assert report_row(True, "", "SF-1-0001", answer({"id_externo": "SF-1-0001"}))
    with pytest.raises(QueryUnusableError):
        report_row(True, "", "SF-1-0001", answer({"id_externo": "SF-2-0001"}))


@pytest.mark.parametrize(
    ("row", "same"),
    [
        ({"id_externo": "x", "boas": 95, "refugo": 5, "refugos": [{"codigo": "R1", "quantidade": 5}]}, True),
        ({"ID_EXTERNO": "x", "BOAS": "95.00", "refugo": "5"}, True),
        ({"id_externo": "x", "boas": 94, "refugo": 5}, False),
        ({"id_externo": "x", "boas": 95, "refugos": [{"codigo": "R2", "quantidade": 5}]}, False),
        ({"id_externo": "x", "numero_op": "000123"}, False),
    ],
)
def test_p5_a_rebuilt_report_is_the_erps_only_with_the_same_amounts(row, same):
    content = {"boas": 95, "refugo": 5, "refugos": [{"codigo": "R1", "quantidade": 5}], "inicio": "2026-03-15"}
    body = written(Reports(), Report(ReportKind.PRODUCTION, "x", {"numero_op": "000123", **content})).body
    if same:
        require_same(Reports(), ReportKind.PRODUCTION, "x", body, row)
    else:
        with pytest.raises(QueryUnusableError):
            require_same(Reports(), ReportKind.PRODUCTION, "x", body, row)


def test_p6_waits_follow_the_ladder_with_jitter_and_stay_on_its_last_rung():
    limits = Limits((60, 300, 900), 10, 360, 120, 5, 60)
    for earlier, longest in enumerate((60, 300, 900, 900, 900)):
        waits = {limits.wait(earlier) for _ in range(200)}
        assert min(waits) >= longest * 3 // 4
        assert max(waits) <= longest
        assert len(waits) > 1


NOT_DOORBELLS = (
    "",
    "{}",
    "[]",
    '{"envio": "x"}',
    '{"envio": null}',
    '{"envio": 1, "conclusao": {}}',
    '{"envio": 1, "tentativas": []}',
)


@pytest.mark.parametrize("text", NOT_DOORBELLS)
def test_p8_a_message_that_rings_for_nothing_is_refused(text):
    with pytest.raises(NotADoorbellError):
        Doorbell.parse(text)


# As the outbox's messages have been since the first release: one may lie in the queue across a deploy.
CARRIED = {
    "envio": 7,
    "conclusao": {
        "id_externo": "SF-000123-STATUS-0001",
        "lease": "5f2b0000-0000-4000-8000-000000000000",
        "situacao": "PENDENTE",
        "conta": False,
        "espera_s": 60,
        "codigo": "erp_unreachable",
        "erro": "recusada",
        "resposta": None,
        "disjuntor": False,
        "falhas": 5,
        "aberto_s": 60,
    },
    "tentativas": [
        {
            "em": "2026-03-15T11:15:01.250Z",
            "operacao": "status",
            "metodo": "POST",
            "url": "https://totvs.test/api/apontamentos",
            "status_http": None,
            "latencia_ms": 12,
            "resultado": "TRANSITORIO",
            "codigo": "erp_unreachable",
            "erro": "recusada",
            "correlacao": "SF-000123-STATUS-0001",
            "bytes_enviados": 120,
            "bytes_recebidos": 0,
            "sistema": "TOTVS",
            "sentido": "SAIDA",
            "envio_id": 7,
            "corpo": "{}",
            "resposta": "recusada",
        }
    ],
}


def test_p7_a_message_carries_what_could_not_be_put_down():
    rung = Doorbell.parse(json.dumps(CARRIED))
    assert (rung.report_id, rung.conclusion.situation) == (7, ReportSituation.PENDING)
    assert rung.conclusion.as_json() == {**CARRIED["conclusao"], "chave_erp": None, "duvida": False}
    (attempt,) = rung.attempts
    assert attempt.as_json() == {**CARRIED["tentativas"][0], "em": "2026-03-15T11:15:01.250000Z"}
    assert Doorbell.parse(rung.text()) == rung


def test_a_message_that_carries_nothing_is_as_short_as_ever():
    assert Doorbell(report_id=7).text() == '{"envio":7}'
    assert Doorbell.parse('{"envio": 7}') == Doorbell(report_id=7)


def test_p6_a_process_leaves_a_failing_database_alone_then_tries_again():
    now = [0.0]
    breaker = Breaker(failures=3, seconds=5.0, clock=lambda: now[0])
    for _ in range(3):
        assert not breaker.is_open()
        breaker.failed()
    assert breaker.is_open()
    now[0] = 5.0
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open(), "one more failure is enough"
    now[0] = 10.0
    breaker.succeeded()
    breaker.failed()
    assert not breaker.is_open()
