"""What an answer means: an error of its fate wherever the ERP says it, a success only in the declared shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sicfar.totvs.answers import (
    Answer,
    TotvsAccessError,
    TotvsRefusedError,
    TotvsUnavailableError,
    TotvsUnknownError,
    TotvsUnrecognisedError,
    judge,
)
from sicfar.totvs.config import LOCK_TEXTS
from sicfar.totvs.success import Expected, SuccessShape, follow, same

ID = "SF-146734-PRODUCAO-0001"
CANONICAL = {"status": [200, 201], "items": "items", "id": "id_externo", "key": "ident"}
ROW = {"id_externo": ID, "ident": "000123"}


def shape(**declared: Any) -> SuccessShape:
    return SuccessShape.model_validate(declared, by_alias=True, by_name=False)


def answer(status: int, body: object, media: str = "application/json; charset=utf-8") -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {"content-type": media}, data)


def judged(status: int, body: object, declared: dict[str, Any] | None = None, *, reading: bool = False) -> Any:
    expected = None
    if not reading:
        made = shape(**(CANONICAL if declared is None else declared))
        expected = Expected("totvs.reports.production.success", ID, made)
    return judge(answer(status, body), reading=reading, lock_texts=LOCK_TEXTS, where="POST x", expected=expected).error


def key(body: object, declared: dict[str, Any], status: int = 201) -> str | None:
    return shape(**declared).read(status, body, ID, empty=False).key


# The declared shape ---------------------------------------------------------------------------------------------------

FITTING = [
    ({"items": [ROW]}, CANONICAL, "000123"),
    ({"Items": [{"ID_EXTERNO": f"{ID.lower()}   ", "Ident": " 000123  "}]}, CANONICAL, "000123"),
    ({"items": [{"outro": 1}, ROW]}, CANONICAL, "000123"),
    ({"dados": {"doc": {"NUMSEQ": 77}}}, {"status": [201], "key": "dados.doc.numseq"}, "77"),
    ({"dados": [{"a/b": "X1"}]}, {"status": [201], "key": "/dados/0/a~1b"}, "X1"),
    (
        {"sucesso": True, "itens": [{"chave": "9", "codigo": "OK "}]},
        {
            "status": [201],
            "items": "itens",
            "key": "chave",
            "must": [{"field": "/sucesso", "values": [True]}, {"field": "codigo", "values": ["ok", "1"]}],
        },
        "9",
    ),
    ({"code": "201", "message": "ok", "id": ID}, {"status": [201], "id": "id"}, None),
    ({"code": "000", "message": "ok", "id": ID}, {"status": [201], "id": "id"}, None),
    ({"code": "A", "message": "ok"}, {"status": [201], "must": [{"field": "code", "values": ["A"]}]}, None),
    ({"errorCode": 0, "id": ID}, {"status": [201], "id": "id", "mustNot": [{"field": "errorCode"}]}, None),
    ({"erro": "  ", "id": ID}, {"status": [201], "id": "id", "mustNot": [{"field": "erro"}]}, None),
]


@pytest.mark.parametrize(("body", "declared", "found"), FITTING)
def test_p5_an_answer_of_the_declared_shape_is_a_success(body, declared, found) -> None:
    assert judged(201, body, declared) is None
    assert key(body, declared) == found


def test_p5_a_shape_without_a_field_is_that_of_an_empty_body() -> None:
    assert judged(204, b"", {"status": [204]}) is None
    assert judged(201, b"  \r\n", {"status": [201]}) is None
    assert isinstance(judged(201, {"ok": 1}, {"status": [201]}), TotvsUnrecognisedError)


UNFITTING = [
    (202, {"items": [ROW]}, "o HTTP 202 não está em status"),
    (201, {}, "items não é uma lista"),
    (201, {"items": []}, "items não traz este envio"),
    (201, {"items": [ROW, ROW]}, "items não traz este envio, uma vez"),
    (201, {"items": [{"id_externo": "SF-OUTRO", "ident": "1"}]}, "items não traz este envio"),
    (201, {"items": [{"outro": ID, "ident": "1"}]}, "o campo id_externo não traz o identificador"),
    (201, {"items": [{"id_externo": ID}]}, "o campo ident não traz a chave do TOTVS: ausente"),
    (201, {"items": [{"id_externo": ID, "ident": "x" * 101}]}, "o campo ident não traz a chave"),
    (201, {"items": [{"id_externo": ID, "ident": True}]}, "o campo ident não traz a chave"),
    (200, b'{"items": [{"id_externo"', "items não é uma lista"),
    (200, b"", "items não é uma lista"),
    (200, "gravado", "items não é uma lista"),
    (207, {"retorno": [{"situacao": "N"}]}, "o HTTP 207 não está em status"),
]


@pytest.mark.parametrize(("status", "body", "said"), UNFITTING)
def test_p5_another_success_is_none_and_says_what_is_missing(status, body, said) -> None:
    error = judged(status, body)
    assert isinstance(error, TotvsUnrecognisedError)
    assert said in error.what
    assert "totvs.reports.production.success" in error.what


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ({"field": "sucesso"}, {}),
        ({"field": "sucesso"}, {"sucesso": " "}),
        ({"field": "sucesso", "values": [True]}, {"sucesso": False}),
        ({"field": "sucesso", "values": [True]}, {"sucesso": 1}),
        ({"field": "a.b", "values": ["1"]}, {"a": ["1"]}),
        ({"field": "a.1", "values": ["x"]}, {"a": ["x"]}),
    ],
)
def test_p5_a_field_that_must_be_there_is_there_with_its_value(rule, body) -> None:
    assert isinstance(judged(201, body, {"status": [201], "must": [rule]}), TotvsUnrecognisedError)


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"status": []},
        {"status": [404]},
        {"status": ["201"]},
        {"status": [201], "mustNot": [{"field": "erro"}]},
        {"status": [201], "must": [{"values": ["x"]}]},
        {"status": [201], "must": [{"field": "x", "values": [1.5]}]},
        {"status": [201], "id": ""},
        {"status": [201], "chave": "x"},
    ],
)
def test_a_shape_that_proves_nothing_is_no_shape(declared) -> None:
    with pytest.raises(ValidationError):
        shape(**declared)


def test_p5_without_a_shape_nothing_is_a_success() -> None:
    expected = Expected("totvs.reports.status.success", ID, None)
    said = judge(answer(201, {"items": [ROW]}), reading=False, lock_texts=(), where="x", expected=expected)
    assert isinstance(said.error, TotvsUnrecognisedError)
    assert said.key is None


# Errors inside a success ----------------------------------------------------------------------------------------------

TTALK = {"code": "A1", "message": "Motivo de perda não cadastrado", "detailedMessage": "BC_MOTIVO"}
LEGACY = {"errorCode": 400, "errorMessage": "Parâmetro inválido"}
INSIDE: list[tuple[int, object, type[Exception], str]] = [
    (200, LEGACY, TotvsRefusedError, "HTTP 200 400: Parâmetro inválido"),
    (200, TTALK, TotvsRefusedError, "HTTP 200 A1: Motivo de perda não cadastrado — BC_MOTIVO"),
    (201, {"ERRORCODE": "X", "ErrorMessage": "não"}, TotvsRefusedError, "HTTP 201 X: não"),
    (200, {"errorMessage": "só o texto"}, TotvsRefusedError, "HTTP 200: só o texto"),
    (200, {**TTALK, "items": []}, TotvsRefusedError, "A1"),
    (207, {"items": [], "_messages": [TTALK]}, TotvsRefusedError, "A1: Motivo"),
    (207, {"aceitos": [], "rejeitados": [LEGACY, TTALK]}, TotvsRefusedError, "400: Parâmetro inválido; A1: Motivo"),
    (207, [TTALK], TotvsRefusedError, "A1: Motivo"),
    (200, {"items": [], "erros": [TTALK]}, TotvsRefusedError, "A1: Motivo"),
    (200, {"errorCode": 503, "errorMessage": "Server Busy"}, TotvsUnavailableError, "503: Server Busy"),
    (200, {"errorCode": 400, "errorMessage": "Registro BLOQUEADO"}, TotvsUnavailableError, "BLOQUEADO"),
    (200, {"errorCode": "401", "errorMessage": "sessão"}, TotvsAccessError, "401: sessão"),
    (200, b"<html><title>Login</title></html>", TotvsUnavailableError, "não é o serviço que responde: Login"),
]


@pytest.mark.parametrize(("status", "body", "kind", "said"), INSIDE)
def test_p5_an_error_inside_a_success_is_that_error(status, body, kind, said) -> None:
    error = judged(status, body)
    assert type(error) is kind
    assert said in error.what
    if kind is TotvsRefusedError:
        assert error.doubt, "the status says that it was booked"


def test_p5_a_declared_sign_of_an_error_is_one() -> None:
    declared = {**CANONICAL, "mustNot": [{"field": "/erro"}, {"field": "situacao", "values": ["R"]}]}
    for body in ({"items": [ROW], "erro": "Estoque"}, {"items": [{**ROW, "situacao": "r "}]}):
        error = judged(201, body, declared)
        assert isinstance(error, TotvsRefusedError)
        assert error.doubt
    assert judged(201, {"items": [{**ROW, "situacao": "A"}], "erro": False}, declared) is None


def test_p5_a_warning_beside_what_was_booked_is_no_error() -> None:
    assert judged(201, {"items": [ROW], "avisos": [TTALK]}) is None
    assert isinstance(judged(207, {"items": [ROW], "avisos": [TTALK]}, {**CANONICAL, "status": [207]}), Exception)


def test_p5_a_field_the_shape_decides_on_is_an_error_when_it_is_another() -> None:
    declared = {"status": [200], "must": [{"field": "code", "values": ["OK"]}]}
    assert judged(200, {"code": "ok", "message": "gravado"}, declared) is None
    assert isinstance(judged(200, TTALK, declared), TotvsRefusedError)


# Whose answer it is, and what may have been done ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "doubt"),
    [
        (404, b"<html>404</html>", TotvsUnavailableError, False),
        (404, b"", TotvsUnavailableError, False),
        (405, b"Method Not Allowed", TotvsUnavailableError, False),
        (404, TTALK, TotvsRefusedError, False),
        (400, b"<html>AJUDA:A680OP</html>", TotvsRefusedError, False),
        (400, TTALK, TotvsRefusedError, False),
        (500, LEGACY, TotvsRefusedError, True),
        (500, b"<html>erro</html>", TotvsUnavailableError, True),
        (503, b"Server Busy", TotvsUnavailableError, False),
        (423, TTALK, TotvsUnavailableError, False),
        (407, b"<html>proxy</html>", TotvsUnknownError, False),
        (402, TTALK, TotvsUnknownError, False),
        (422, TTALK, TotvsRefusedError, False),
        (504, b"", TotvsUnavailableError, True),
        (302, b"", TotvsAccessError, True),
        (308, b"", TotvsAccessError, False),
        (403, TTALK, TotvsAccessError, False),
    ],
)
def test_p5_what_may_have_been_booked_is_said_of_each_answer(status, body, kind, doubt) -> None:
    error = judged(status, body)
    assert (type(error), error.doubt) == (kind, doubt)


def test_p6_a_page_where_the_service_should_be_is_an_outage_and_no_answer() -> None:
    for status in (200, 404):
        error = judged(status, b"<html>x</html>")
        assert (error.code, error.answered) == ("erp_not_there", False)


def test_a_reading_leaves_nothing_in_doubt() -> None:
    for status in (200, 302, 404, 500, 502, 504):
        assert not judged(status, b"<html>x</html>", reading=True).doubt
    assert judged(200, {"items": [ROW], "hasNext": False}, reading=True) is None
    assert judged(200, {"code": "1", "message": "lidos", "items": [ROW]}, reading=True) is None


def test_p5_an_empty_list_with_an_error_does_not_say_that_nothing_is_there() -> None:
    assert isinstance(judged(200, {**TTALK, "items": []}, reading=True), TotvsRefusedError)


# Values ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("SF-1", " sf-1   ", True),
        ("SF-1", "SF-10", False),
        ("007", 7, True),
        (True, "TRUE", True),
        (True, 1, False),
        ("1" * 40, "1" * 39 + "2", False),
        ("NaN", "nan", True),
        (None, None, False),
        ("1E5", "100000", True),
    ],
)
def test_values_are_compared_as_an_erp_pads_and_writes_them(one, other, equal) -> None:
    assert same(one, other) is equal


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=json_values, path=st.text("ab01./~", max_size=8))
def test_p8_any_path_into_any_answer_leads_somewhere_or_nowhere(value, path) -> None:
    follow(value, path)


@given(status=st.integers(200, 299), body=json_values | st.binary(max_size=30))
def test_p5_no_answer_is_a_success_by_chance(status, body) -> None:
    assert judged(status, body) is not None
