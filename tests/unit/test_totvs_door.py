"""What is refused at the door: what would only fail after a person has signed."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.door import charset_misfit, read_request, read_rows
from sicfar.totvs.events import Event, PageError, Refusal, read_page
from sicfar.totvs.inbox import LARGEST_BODY, Request, reception, take_in
from sicfar.totvs.model import Kind
from sicfar.totvs.rehearsal import attempt
from sicfar.webhooks.signature import sign

NOW = datetime(2026, 3, 15, 11, tzinfo=UTC)
SECRET = "segredo-de-dezesseis"
ORDER = {"numero_op": "146734", "produto_codigo": "07010012", "quantidade": "10", "numero_lote": "25L5480A"}
ROW = {"C2_NUM": "146734", "C2_PRODUTO": "07010012", "C2_QUANT": 10, "C2_YLOTE": "25L5480A"}


def configuration(**more: Any) -> TotvsConfig:
    totvs = {
        "baseUrl": "https://totvs.exemplo/api",
        "endpoints": {"ordens": "/ordens-producao", "produtos": "/produtos", "lotes": "/lotes"},
        "auth": {"type": "bearer", "tokenUrl": "/auth/token"},
        **more,
    }
    return TotvsConfig.parse(json.dumps({"totvs": totvs}), "teste")


def read(value: object, media: str | None = "application/json", **more: Any) -> list[Event | Refusal]:
    body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return read_request(body, media, configuration(**more), NOW)


def order(**changed: Any) -> dict[str, Any]:
    return {"tipo": "ordem", "id": "SC2-1", "dados": {**ORDER, **changed}}


def refused(value: object, **more: Any) -> list[tuple[str, str]]:
    (found,) = read(value, **more)
    assert isinstance(found, Refusal), found
    return [(error.field, error.code) for error in found.errors]


# ------------------------------------------------------------------------------------------------------------ fields


@pytest.mark.parametrize("number", ["14 6734", "146734\t01", "#!?", "-46734", "14é734"])
def test_p8_an_order_number_that_is_none_is_refused(number: str) -> None:
    assert refused(order(numero_op=number)) == [("numero_op", "VALOR")]


@pytest.mark.parametrize("number", ["146.734 ", "A4673401001", "146734/01-A"])
def test_an_order_number_as_protheus_writes_it_is_good(number: str) -> None:
    assert isinstance(read(order(numero_op=number))[0], Event)


@pytest.mark.parametrize("name", ["produto_codigo", "numero_lote", "linha_id"])
def test_p8_a_key_of_an_order_with_an_inner_blank_is_refused(name: str) -> None:
    assert refused(order(**{name: "25L 480A"})) == [(name, "VALOR")]


def test_p8_a_lot_with_a_character_that_protheus_has_not_is_refused() -> None:
    assert refused(order(numero_lote="25L→80A")) == [("numero_lote", "VALOR")]


def test_an_input_lot_may_have_blanks_and_any_length_it_is_never_told_back() -> None:
    lot = {"tipo": "lote", "dados": {"produto_codigo": "01010007", "numero_lote": "LOTE 2603/A DO FORNECEDOR"}}
    assert isinstance(read(lot)[0], Event)


@pytest.mark.parametrize("day", ["02020315", "1989-12-31"])
def test_p8_a_day_no_order_can_have_is_refused(day: str) -> None:
    assert refused(order(data_validade=day)) == [("data_validade", "DATA")]
    assert isinstance(read(order(data_validade="2999-12-31", data_emissao="1990-01-01"))[0], Event)


def test_p8_a_speed_that_ends_before_it_begins_is_refused() -> None:
    speed = {"linha_id": "SPEP-ENV-A", "produto_codigo": "07010012", "velocidade": "3600"}
    backwards = {"tipo": "velocidade", "dados": {**speed, "vigente_desde": "20260302", "vigente_ate": "20260301"}}
    assert refused(backwards) == [("vigente_ate", "DATA")]
    one_day = {"tipo": "velocidade", "dados": {**speed, "vigente_desde": "20260301", "vigente_ate": "20260301"}}
    assert isinstance(read(one_day)[0], Event)


def test_p11_an_instant_far_ahead_would_beat_all_that_follows() -> None:
    ahead = {**order(), "ocorrido_em": (NOW + timedelta(days=1, seconds=1)).isoformat()}
    assert refused(ahead) == [("ocorrido_em", "DATA")]
    assert isinstance(read({**order(), "ocorrido_em": (NOW + timedelta(days=1)).isoformat()})[0], Event)


def test_p8_rows_of_a_page_are_refused_for_the_same_reasons() -> None:
    good, bad = read_rows(Kind.ORDER, [ROW, {**ROW, "C2_YLOTE": "25L 5480A"}], configuration(), NOW)
    assert isinstance(good, Event)
    assert isinstance(bad, Refusal)
    assert (bad.index, bad.kind, bad.reference) == (1, Kind.ORDER, "146734")


# ------------------------------------------------------------------------------------------- what a refusal is about


@pytest.mark.parametrize(
    ("value", "about"),
    [
        (order(quantidade="muito"), "146734"),
        (order(numero_op=146734), None),
        ({**ROW, "C2_NUM": "14673401001", "C2_QUANT": "muito"}, "14673401001"),
        ({"C2_PRODUTO": "07010012", "C2_QUANT": 10, "C2_YLOTE": "X"}, None),
        (
            {"tipo": "lote", "dados": {"produto_codigo": "01010007", "numero_lote": "L1", "quantidade": "x"}},
            "01010007/L1",
        ),
        ({"tipo": "lote", "dados": {"produto_codigo": "01010007", "quantidade": "x"}}, "01010007"),
        (
            {"tipo": "velocidade", "dados": {"linha_id": "A", "produto_codigo": "1", "velocidade": 0}},
            "A/1",
        ),
    ],
)
def test_a_refusal_names_the_order_or_the_lot_and_never_its_product(value: object, about: str | None) -> None:
    (found,) = read(value)
    assert isinstance(found, Refusal)
    assert found.reference == about


# ------------------------------------------------------------------------------------------------------ repeated keys


def test_p8_a_repeated_key_refuses_its_event_and_not_the_list() -> None:
    good = json.dumps(order(numero_op="146735"))
    twice = json.dumps(order())[:-2] + ', "quantidade": "11"}}'
    first, second, third = read(f"[{good}, {twice}, {good}]".encode())
    assert isinstance(first, Event)
    assert isinstance(third, Event)
    assert isinstance(second, Refusal)
    assert (second.index, second.kind, second.reference) == (1, Kind.ORDER, None)
    assert second.errors[0].message == "a chave 'quantidade' está repetida"


@pytest.mark.parametrize(
    "text",
    [
        '{"tipo": "ordem", "tipo": "produto", "dados": {}}',
        '{"C2_NUM": "1", "C2_NUM": "2", "C2_PRODUTO": "1", "C2_QUANT": 1, "C2_YLOTE": "X"}',
        '{"tipo": "ordem", "dados": {"numero_op": "1", "x": {"y": 1, "y": 2}}}',
    ],
)
def test_p8_a_repeated_key_is_found_at_any_depth(text: str) -> None:
    (found,) = read(text.encode())
    assert isinstance(found, Refusal)
    assert "está repetida" in found.errors[-1].message


def test_p8_a_row_of_a_page_with_a_repeated_key_hurts_only_itself() -> None:
    row = json.dumps(ROW)
    twice = row[:-1] + ', "C2_QUANT": 11}'
    page = read_page(f'{{"items": [{row}, {twice}], "hasNext": false}}'.encode(), None)
    found = read_rows(Kind.ORDER, page.rows, configuration(), NOW)
    assert [type(one) for one in found] == [Event, Refusal]
    with pytest.raises(PageError, match="repetida"):
        read_page(b'{"items": [], "hasNext": true, "hasNext": false}', None)


def test_p8_a_repeated_key_in_a_mapped_list_refuses_its_row() -> None:
    envelope = {"quando": {"T": "OPs"}, "tipo": "ordem", "itens": "Content", "id": "U"}
    row = json.dumps(ORDER)
    twice = row[:-1] + ', "quantidade": "11"}'
    body = f'{{"T": "OPs", "U": "7c9e", "Content": [{row}, {twice}]}}'.encode()
    found = read(body, mapping={"envelopes": [envelope]})
    assert [type(one) for one in found] == [Event, Refusal]
    body = f'{{"T": "OPs", "U": {{"a": 1, "a": 2}}, "Content": [{row}, {row}]}}'.encode()
    assert [type(one) for one in read(body, mapping={"envelopes": [envelope]})] == [Refusal]


def test_p8_nesting_as_deep_as_json_allows_breaks_nothing() -> None:
    for depth in (400, 900, 5_000, 60_000):
        body = ('{"tipo": "ordem", "dados": {"x": ' + "[" * depth + "]" * depth + "}}").encode()
        assert isinstance(read(body)[0], Refusal)


# ------------------------------------------------------------------------------------------------------------ charset

TEXT = '{"B1_COD": "07010012", "B1_DESC": "SOLUÇÃO"}'


@pytest.mark.parametrize(
    ("body", "media", "good"),
    [
        (TEXT.encode(), "application/json; charset=utf-8", True),
        (TEXT.encode("cp1252"), "application/json; charset=windows-1252", True),
        (TEXT.encode("cp1252"), "charset=cp1252", True),
        (TEXT.encode("cp1252"), "application/json", True),
        (TEXT.encode(), None, True),
        (TEXT.encode("ascii", "ignore"), "application/json; charset=cp1252", True),
        (TEXT.encode("cp1252"), "application/json; charset=utf-8", False),
        (TEXT.encode(), "application/json; charset=cp1252", False),
        (TEXT.encode(), "application/json; charset=iso-8859-1", False),
        (TEXT.encode(), "application/json; charset=us-ascii", False),
        (TEXT.encode("utf-16"), "application/json; charset=utf-16", False),
        (TEXT.encode(), "application/json; charset=nenhum", False),
    ],
)
def test_p8_bytes_that_are_not_of_the_declared_charset_are_refused(body: bytes, media: str, good: bool) -> None:
    assert (charset_misfit(body, media) is None) is good
    (found,) = read(body, media)
    assert isinstance(found, Event) is good
    if not good:
        assert isinstance(found, Refusal)
        assert found.errors[0].code == "CHARSET"


# ---------------------------------------------------------------------------------------------------- the whole request


def request(body: bytes, *, rehearsal: bool = False, now: float = NOW.timestamp()) -> Request:
    stamp = str(int(now))
    headers = {"X-SicFar-Timestamp": stamp, "X-SicFar-Signature": sign(SECRET, stamp, body)}
    return Request(body, headers, "pedido-1", "10.0.0.1", now, rehearsal)


def test_p8_a_422_names_what_the_queue_reader_refuses_too() -> None:
    body = json.dumps([order(numero_op="14 6734"), order()]).encode()
    reply = take_in(request(body), configuration(), [SECRET])
    assert (reply.status, reply.body["aceitos"]) == (422, 1)
    assert reply.message is not None
    kept = reception(reply.message, configuration())
    assert ["recusa" in event for event in kept.events] == [True, False]
    assert kept.raw == body


def test_a_rehearsal_keeps_only_its_attempt() -> None:
    body = json.dumps([order(), order(quantidade="muito")]).encode()
    reply = take_in(request(body, rehearsal=True), configuration(), [SECRET])
    assert (reply.status, reply.body["ensaio"], reply.body["aceitos"]) == (422, True, 1)
    assert reply.body["lidos"] == [{"indice": 0, "tipo": "ordem", "referencia": "146734", "dados": ORDER}]
    assert [error["indice"] for error in reply.body["erros"]] == [1]  # type: ignore[attr-defined]
    assert reply.message is not None
    assert "146734" not in reply.message
    made = attempt(reply.message)
    assert made is not None
    assert (made.direction, made.operation, made.status, made.result) == ("ENTRADA", "ensaio", 422, "PERMANENTE")
    assert made.bytes_received == len(body)
    good = take_in(request(json.dumps(order()).encode(), rehearsal=True), configuration(), [SECRET])
    assert (good.status, good.body["erros"]) == (200, [])


def test_a_real_request_is_no_rehearsal_and_a_rehearsal_is_no_reception() -> None:
    body = json.dumps(order()).encode()
    real = take_in(request(body), configuration(), [SECRET])
    assert real.message is not None
    assert attempt(real.message) is None
    assert attempt("{") is None
    rehearsed = take_in(request(body, rehearsal=True), configuration(), [SECRET])
    assert rehearsed.message is not None
    with pytest.raises(Exception, match="versão"):
        reception(rehearsed.message, configuration())


def test_p9_a_rehearsal_is_authenticated_like_any_request() -> None:
    body = json.dumps(order()).encode()
    reply = take_in(request(body, rehearsal=True), configuration(), ["outro segredo de dezesseis"])
    assert (reply.status, reply.body["causa"], reply.message) == (401, "SEGREDO", None)
    large = take_in(request(b"x" * (LARGEST_BODY + 1), rehearsal=True), configuration(), [SECRET])
    assert large.status == 413


def test_p8_a_request_reads_the_same_however_its_events_are_ordered() -> None:
    values = [order(numero_op=number) for number in ("146734", "14 6734", "#", "146735")]
    for seed in range(5):
        random.Random(seed).shuffle(values)
        found = read(values)
        good = {value["dados"]["numero_op"] for value, one in zip(values, found, strict=True) if isinstance(one, Event)}
        assert good == {"146734", "146735"}
